//! Implicit pooling: servers that are given back by themselves.

mod support;

use orapool_engine::{Boundary, Instance, LogOn, Pooled, Session};
use support::{get, instance, log_on, run};

fn bounded(instance: &Instance, boundary: Boundary) -> Session {
    let mut wish = LogOn::with_password("scott", "tiger");
    wish.pooled = Some(Pooled { boundary: Some(boundary), ..Pooled::default() });
    instance.log_on(&wish).expect("log-on")
}

#[test]
fn statements() {
    let instance = instance();
    let mut session = bounded(&instance, Boundary::Statement);
    run(&mut session, &["create table t (x number)"]);
    assert!(!session.is_attached());
    run(&mut session, &["insert into t values (1)"]);
    assert!(session.is_attached(), "a transaction is open");
    run(&mut session, &["insert into t values (2)"]);
    session.commit().expect("commit");
    assert!(!session.is_attached());
    run(&mut session, &["insert into t values (3)", "rollback"]);
    assert!(!session.is_attached());
    let attaches = session.attaches();
    let mut query = session.prepare("select x from t order by x").expect("prepare");
    assert_eq!(session.attaches(), attaches, "a prepare needs no server");
    query.execute(&mut session).expect("execute");
    assert!(query.fetch(&mut session).expect("fetch") && session.is_attached(), "a row is left");
    assert!(query.fetch(&mut session).expect("fetch") && !session.is_attached(), "none is left");
    assert!(!query.fetch(&mut session).expect("the end") && !session.is_attached());
    query.execute(&mut session).expect("execute");
    drop(query);
    assert!(session.is_attached(), "the server does not know yet");
    run(&mut session, &["begin null; end;"]);
    assert!(!session.is_attached());
    assert!(session.execute("select nonsense").is_err());
    assert!(!session.is_attached(), "after a failure too");
    let stats = "select num_requests, num_hits, num_misses, num_busy_servers from v$cpool_stats";
    assert_eq!(get(&mut log_on(&instance), stats), format!("{0}|{1}|1|0", attaches + 3, attaches + 2));
}

#[test]
fn transactions() {
    let instance = instance();
    let mut session = bounded(&instance, Boundary::Transaction);
    run(&mut session, &["create table t (x number)"]);
    assert!(!session.is_attached(), "DDL commits");
    run(&mut session, &["begin null; end;"]);
    assert!(session.is_attached());
    let mut query = session.prepare("select 1 from dual union all select 2 from dual").expect("prepare");
    query.execute(&mut session).expect("execute");
    run(&mut session, &["insert into t values (1)"]);
    session.commit().expect("commit");
    assert!(!session.is_attached());
    assert_eq!(query.fetch(&mut session).expect_err("its cursor is gone").code(), 1001);
    for end in ["begin insert into t values (2); commit; end;", "rollback", "commit"] {
        run(&mut session, &["select 1 from dual"]);
        assert!(session.is_attached(), "{end}");
        run(&mut session, &[end]);
        assert!(!session.is_attached(), "{end}");
    }
    run(&mut session, &["insert into t values (3)"]);
    assert!(session.execute("insert into t values ('x')").is_err());
    assert!(session.is_attached() && session.in_transaction(), "a failed statement ends nothing");
    run(&mut session, &["begin commit; insert into t values (4); end;"]);
    assert!(session.is_attached(), "another transaction is open");
}
