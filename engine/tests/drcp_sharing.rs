//! Pooled servers: what is shared, what is counted, and who gets which session.

mod support;

use std::sync::{Arc, Barrier};
use std::thread;

use orapool_engine::{AttachWish, Instance, LogOn, Pooled, Purity, Session};
use support::{drcp, fails, get, instance, log_on, run};

/// Requests, hits, misses of a class.
fn counts(instance: &Instance, class: &str) -> String {
    let sql = format!(
        "select num_requests, num_hits, num_misses from v$cpool_cc_stats where cclass_name = '{class}'"
    );
    get(&mut log_on(instance), &sql)
}

fn pure(instance: &Instance, user: &str, class: Option<&str>, purity: Purity) -> Session {
    let mut wish = LogOn::with_password(user, "secret");
    wish.connection_class = class;
    wish.pooled = Some(Pooled { purity, ..Pooled::default() });
    instance.log_on(&wish).expect("a pooled log-on")
}

#[test]
fn a_log_on_maps_no_server() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    assert!(session.is_pooled() && !session.is_attached());
    assert_eq!((session.sid(), session.serial(), session.attaches()), (0, 0, 0));
    session.ping(None).expect("the line lives");
    session.commit().expect("nothing to commit");
    session.rollback().expect("nothing to roll back");
    assert!(!session.is_attached());
    session.detach().expect("nothing to give back");
    assert_eq!(counts(&instance, "SCOTT.C"), "0|0|0");
    assert_eq!(
        get(&mut log_on(&instance), "select num_authentications from v$cpool_stats"),
        "1",
        "the log-on was counted"
    );
}

#[test]
fn one_thread_again_and_again() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    for _ in 0..10 {
        run(&mut session, &["begin null; end;", "begin null; end;"]);
        assert!(session.is_attached());
        session.detach().expect("detach");
        assert!(!session.is_attached());
    }
    assert_eq!(counts(&instance, "SCOTT.C"), "10|9|1");
    assert_eq!((session.attaches(), session.session_changes()), (10, 0));
}

#[test]
fn no_call_no_request() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    for _ in 0..5 {
        session.detach().expect("detach");
    }
    assert_eq!(counts(&instance, "SCOTT.C"), "0|0|0");
}

fn rounds(instance: &Instance, class: Option<&str>, purity: Purity, threads: usize, rounds: usize) {
    let together = Arc::new(Barrier::new(threads));
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let mut session = pure(instance, "pythondemo", class, purity);
            let together = Arc::clone(&together);
            thread::spawn(move || {
                for _ in 0..rounds {
                    together.wait();
                    run(&mut session, &["begin null; end;"]);
                    // All hold one at the same time.
                    together.wait();
                    session.detach().expect("detach");
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker"));
}

#[test]
fn threads_at_once() {
    let instance = instance();
    rounds(&instance, Some("C"), Purity::Reuse, 6, 5);
    assert_eq!(counts(&instance, "PYTHONDEMO.C"), "30|24|6");
}

#[test]
fn the_rows_of_the_lab() {
    let instance = instance();
    rounds(&instance, None, Purity::New, 5, 1);
    assert_eq!(counts(&instance, "PYTHONDEMO.SHARED"), "5|0|5");
    rounds(&instance, Some("PYTHONDEMO"), Purity::Reuse, 2, 1);
    assert_eq!(counts(&instance, "PYTHONDEMO.PYTHONDEMO"), "2|0|2");
    rounds(&instance, Some("PYTHONDEMO"), Purity::Reuse, 2, 1);
    assert_eq!(counts(&instance, "PYTHONDEMO.PYTHONDEMO"), "4|2|2", "the second run finds the first one's");
    rounds(&instance, Some("NEW"), Purity::New, 2, 2);
    assert_eq!(counts(&instance, "PYTHONDEMO.NEW"), "4|0|4");
    rounds(&instance, None, Purity::New, 6, 1);
    assert_eq!(counts(&instance, "PYTHONDEMO.SHARED"), "11|0|11");
    let totals = "select num_requests, num_hits + num_misses from v$cpool_stats";
    assert_eq!(get(&mut log_on(&instance), totals), "19|19");
}

#[test]
fn generated_classes_share_nothing() {
    let instance = instance();
    for class in ["one", "two"] {
        rounds(&instance, Some(class), Purity::Reuse, 3, 2);
        assert_eq!(counts(&instance, &format!("PYTHONDEMO.{class}")), "6|3|3");
    }
}

#[test]
fn state_stays_with_the_session() {
    let instance = instance();
    let (mut first, mut second) = (drcp(&instance, Some("C")), drcp(&instance, Some("C")));
    run(
        &mut first,
        &[
            "alter session set nls_date_format = 'YYYY'",
            "create package p is n number := 0; end;",
            "begin p.n := 7; end;",
        ],
    );
    let ids = (first.sid(), first.serial());
    first.detach().expect("detach");
    assert_eq!(get(&mut second, "select to_char(date '2001-02-03') from dual"), "2001");
    run(&mut second, &["begin if p.n != 7 then raise value_error; end if; end;"]);
    assert_eq!((second.sid(), second.serial()), ids);
    assert_eq!(
        get(&mut first, "select to_char(date '2001-02-03') from dual"),
        "03-FEB-01",
        "another session"
    );
    assert_eq!((first.session_changes(), first.last_attach_is_new()), (1, true));
    let mut other = pure(&instance, "scott2", Some("C"), Purity::Reuse);
    second.detach().expect("detach");
    assert_eq!(get(&mut other, "select to_char(date '2001-02-03') from dual"), "03-FEB-01");
}

#[test]
fn purity_new_carries_nothing() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    run(&mut session, &["alter session set nls_date_format = 'YYYY'"]);
    session.detach().expect("detach");
    let wish = AttachWish { purity: Some(Purity::New), ..AttachWish::default() };
    let attached = session.attach(&wish).expect("attach");
    assert!(attached.is_new && attached.changed && !attached.found);
    assert_eq!(get(&mut session, "select to_char(date '2001-02-03') from dual"), "03-FEB-01");
    session.detach().expect("detach");
    let attached = session.attach(&AttachWish::default()).expect("attach");
    assert!(!attached.is_new && !attached.changed, "what is left of NEW is as good as any");
}

#[test]
fn a_full_pool_gives_up_sessions_of_others() {
    let instance = instance();
    instance.configure_broker(&[("minsize", 1), ("maxsize", 1)]).expect("configure");
    let mut scott = drcp(&instance, Some("C"));
    run(&mut scott, &["begin null; end;"]);
    let old = scott.serial();
    scott.detach().expect("detach");
    let mut other_class = drcp(&instance, Some("D"));
    run(&mut other_class, &["begin null; end;"]);
    other_class.detach().expect("detach");
    let purged = "select num_purged, num_open_servers from v$cpool_stats";
    assert_eq!(get(&mut log_on(&instance), purged), "0|1", "one's own is given up in silence");
    let mut other_user = pure(&instance, "ann", Some("C"), Purity::Reuse);
    run(&mut other_user, &["begin null; end;"]);
    other_user.detach().expect("detach");
    assert_eq!(get(&mut log_on(&instance), purged), "1|1");
    run(&mut scott, &["begin null; end;"]);
    assert_ne!(scott.serial(), old);
    assert_eq!((scott.session_changes(), scott.last_attach_is_new()), (1, true));
    assert_eq!(counts(&instance, "SCOTT.C"), "2|0|2");
}

#[test]
fn proxy_users_share_and_are_told_apart() {
    let instance = instance();
    let proxied = |by: &'static str| {
        let mut wish = LogOn::with_password(by, "secret");
        wish.session_user = Some("app");
        wish.pooled = Some(Pooled::default());
        instance.log_on(&wish).expect("a proxy log-on")
    };
    let (mut ann, mut ben) = (proxied("ann"), proxied("ben"));
    let who = "select sys_context('userenv', 'proxy_user'), user from dual";
    assert_eq!(get(&mut ann, who), "ANN|APP");
    ann.detach().expect("detach");
    assert_eq!(get(&mut ben, who), "BEN|APP");
    assert_eq!(counts(&instance, "APP.SHARED"), "2|1|1");
}

#[test]
fn purge_ends_the_session() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    run(&mut session, &["create table t (x number)", "insert into t values (1)"]);
    session.purge();
    assert!(!session.is_attached() && !session.is_dead());
    assert_eq!(get(&mut session, "select count(*) from t"), "0", "its transaction went with it");
    assert!(session.last_attach_is_new());
    assert_eq!(get(&mut log_on(&instance), "select num_purged from v$cpool_stats"), "1");
}

#[test]
fn an_open_transaction_holds_the_server() {
    let instance = instance();
    let mut session = drcp(&instance, Some("C"));
    run(&mut session, &["create table t (x number)", "insert into t values (1)"]);
    let error = session.detach().expect_err("a transaction is open");
    assert_eq!((error.code(), error.session_dead()), (56601, false));
    assert!(session.is_attached() && session.in_transaction());
    session.rollback().expect("rollback");
    session.detach().expect("detach");
    run(&mut session, &["insert into t values (1)"]);
    drop(session);
    let mut next = drcp(&instance, Some("C"));
    assert_eq!(get(&mut next, "select count(*) from t"), "0", "who goes is rolled back");
    run(&mut next, &["insert into t values (2)", "commit"]);
    assert_eq!(counts(&instance, "SCOTT.C"), "3|2|1", "the session stayed");
}

#[test]
fn statements_outlive_detaches() {
    let instance = instance();
    let (mut session, mut other) = (drcp(&instance, Some("C")), drcp(&instance, Some("C")));
    let mut statement = session.prepare("select 1 from dual union all select 2 from dual").expect("prepare");
    statement.execute(&mut session).expect("execute");
    assert!(statement.fetch(&mut session).expect("fetch"));
    session.detach().expect("detach");
    assert_eq!(statement.fetch(&mut session).expect_err("its cursor is gone").code(), 1001);
    run(&mut other, &["begin null; end;"]);
    statement.execute(&mut session).expect("on another session");
    assert_eq!(session.session_changes(), 1);
    while statement.fetch(&mut session).expect("fetch") {}
    session.detach().expect("detach");
    assert!(!statement.fetch(&mut session).expect("still at the end"));
    assert!(!session.is_attached());
    assert_eq!(statement.execute(&mut other).expect_err("another connection's").code(), 1023);
}

#[test]
fn dedicated_sessions_are_always_attached() {
    let mut session = log_on(&instance());
    assert!(!session.is_pooled() && session.is_attached());
    assert!(!session.attach(&AttachWish::default()).expect("nothing to do").is_new);
    session.detach().expect("nothing to give back");
    session.purge();
    session.set_server_tag(Some("x"));
    assert_eq!((session.server_tag(), session.attaches(), session.is_attached()), (None, 0, true));
    assert_ne!(session.sid(), 0);
}

#[test]
fn the_own_password_stays() {
    let instance = instance();
    let mut session = drcp(&instance, None);
    assert_eq!(fails(&mut session, "alter user scott identified by other"), 56609);
    run(&mut log_on(&instance), &["alter user scott identified by tiger"]);
    run(&mut session, &["create user ann identified by x", "alter user ann identified by y"]);
}
