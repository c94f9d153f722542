//! Commit, rollback, savepoints, what others see, and what a failing statement undoes.

mod support;

use orapool_engine::Value;
use support::{fails, get, instance, log_on, run};

#[test]
fn others_see_what_is_committed() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    run(&mut one, &["create table t (x number)"]);
    assert!(!one.in_transaction());
    run(&mut one, &["insert into t values (1)"]);
    assert!(one.in_transaction());
    assert_eq!(get(&mut one, "select count(*) from t"), "1");
    assert_eq!(get(&mut two, "select count(*) from t"), "0");
    assert!(!two.in_transaction());
    one.commit().expect("commit");
    assert!(!one.in_transaction());
    assert_eq!(get(&mut two, "select count(*) from t"), "1");
    run(&mut one, &["delete from t", "ROLLBACK"]);
    assert_eq!(get(&mut one, "select count(*) from t"), "1");
}

#[test]
fn a_failing_statement_undoes_itself_alone() {
    let instance = instance();
    let mut session = log_on(&instance);
    run(&mut session, &["create table t (x number primary key)", "insert into t values (1)"]);
    assert_eq!(
        fails(
            &mut session,
            "insert into t select 3 - level_ from (select 1 level_ from dual union all select 2 from dual)"
        ),
        1
    );
    assert!(session.in_transaction());
    assert_eq!(get(&mut session, "select x from t"), "1");
    session.commit().expect("commit");
    assert_eq!(fails(&mut session, "insert into t values (1)"), 1);
    assert!(!session.in_transaction(), "a first statement that fails leaves no transaction");
    assert_eq!(session.execute("delete from t where x = 5").expect("delete"), 0);
    assert!(!session.in_transaction(), "nor does one that changes nothing");
}

#[test]
fn savepoints() {
    let instance = instance();
    let mut session = log_on(&instance);
    run(
        &mut session,
        &[
            "create table t (x number)",
            "savepoint before",
            "insert into t values (1)",
            "savepoint a",
            "insert into t values (2)",
            "savepoint b",
            "insert into t values (3)",
            "savepoint a",
            "insert into t values (4)",
            "rollback to savepoint a",
        ],
    );
    assert_eq!(get(&mut session, "select x from t order by 1"), "1;2;3");
    run(&mut session, &["rollback to b"]);
    assert_eq!(get(&mut session, "select x from t order by 1"), "1;2");
    assert_eq!(fails(&mut session, "rollback to a"), 1086);
    run(&mut session, &["rollback to before"]);
    assert_eq!(get(&mut session, "select count(*) from t"), "0");
    run(&mut session, &["commit"]);
    assert_eq!(fails(&mut session, "rollback to before"), 1086);
}

#[test]
fn ddl_commits() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    run(
        &mut one,
        &["create table t (x number)", "insert into t values (1)", "create table u (x number)", "rollback"],
    );
    assert_eq!(get(&mut two, "select count(*) from t"), "1");
}

#[test]
fn statements_follow_the_dictionary() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    run(&mut one, &["create table t (x number)", "insert into t values (1)", "commit"]);
    let mut statement = two.prepare("select * from t").expect("prepare");
    statement.execute(&mut two).expect("execute");
    run(&mut one, &["alter table t add (y varchar2(3) default 'new')"]);
    statement.execute(&mut two).expect("execute");
    assert!(statement.fetch(&mut two).expect("fetch"));
    assert_eq!(statement.value(1), Some(&Value::Text("new".into())));
    assert!(!statement.fetch(&mut two).expect("fetch"));
    assert!(!statement.fetch(&mut two).expect("fetch after the end"));
    run(&mut one, &["drop table t"]);
    assert_eq!(statement.execute(&mut two).expect_err("gone").code(), 942);
}

#[test]
fn statements_and_sessions() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    run(&mut one, &["create table t (x number)"]);
    let mut insert = one.prepare("insert into t values (:1)").expect("prepare");
    assert_eq!((insert.bind_count(), insert.is_query(), insert.columns().len()), (1, false, 0));
    assert_eq!(insert.bind(0, Value::Null).expect_err("no position 0").code(), 1036);
    assert_eq!(insert.bind(2, Value::Null).expect_err("no position 2").code(), 1036);
    assert_eq!(insert.execute(&mut one).expect_err("unbound").code(), 1008);
    for x in 1..=3 {
        insert.bind(1, Value::Integer(x)).expect("bind");
        assert_eq!(insert.execute(&mut one).expect("insert"), 1);
    }
    assert_eq!(insert.fetch(&mut one).expect_err("no query").code(), 1002);
    assert_eq!(insert.execute(&mut two).expect_err("of another session").code(), 1023);
    let mut query = one.prepare("select x from t").expect("prepare");
    assert_eq!(query.fetch(&mut one).expect_err("not executed").code(), 1002);
    assert_eq!(one.execute("select x from t").expect("query"), 3);
    drop(one);
    assert_eq!(get(&mut two, "select count(*) from t"), "0", "log-off rolls back");
}
