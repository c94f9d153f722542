//! Sequences.

mod support;

use support::{check_errors, fails, get, instance, log_on, run};

#[test]
fn values() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    run(&mut one, &["create sequence s", "create table t (x number, y number)"]);
    assert_eq!(fails(&mut one, "select s.currval from dual"), 8002);
    assert_eq!(get(&mut one, "select s.nextval from dual"), "1");
    assert_eq!(get(&mut two, "select scott.s.nextval from dual"), "2");
    assert_eq!(get(&mut one, "select s.currval from dual"), "1");
    run(&mut one, &["insert into t values (s.nextval, s.currval)", "rollback"]);
    assert_eq!(get(&mut one, "select s.nextval from dual"), "4", "a rollback gives nothing back");
    run(&mut one, &["insert into t values (s.nextval, s.currval)", "update t set y = s.nextval"]);
    assert_eq!(get(&mut one, "select x, y from t"), "5|6");
    run(&mut one, &["insert into t (x) select s.nextval from t", "alter sequence s increment by 10"]);
    assert_eq!(get(&mut one, "select s.nextval from dual"), "17");
    assert_eq!(
        get(&mut one, "select increment_by, last_number from user_sequences where sequence_name = 'S'"),
        "10|27"
    );
}

#[test]
fn bounds() {
    let mut session = log_on(&instance());
    run(
        &mut session,
        &[
            "create sequence up start with 2 maxvalue 3 nocache",
            "create sequence round increment by 2 minvalue 1 maxvalue 4 cycle cache 2 order",
            "create sequence down increment by -1 maxvalue 1 minvalue 0 nocycle",
        ],
    );
    let next = |session: &mut orapool_engine::Session, name: &str| {
        get(session, &format!("select {name}.nextval from dual"))
    };
    assert_eq!([next(&mut session, "up"), next(&mut session, "up")], ["2", "3"]);
    assert_eq!(fails(&mut session, "select up.nextval from dual"), 8004);
    assert_eq!(
        [next(&mut session, "round"), next(&mut session, "round"), next(&mut session, "round")],
        ["1", "3", "1"]
    );
    assert_eq!([next(&mut session, "down"), next(&mut session, "down")], ["1", "0"]);
    assert_eq!(fails(&mut session, "select down.nextval from dual"), 8004);
    run(&mut session, &["drop sequence up"]);
    assert_eq!(fails(&mut session, "select up.nextval from dual"), 2289);
}

#[test]
fn mistakes() {
    let mut session = log_on(&instance());
    run(&mut session, &["create sequence s", "create table t (x number)"]);
    check_errors(
        &mut session,
        &[
            ("create sequence s", 955),
            ("create sequence t", 955),
            ("create table s (x number)", 955),
            ("create sequence q increment by 0", 4002),
            ("create sequence q minvalue 5 maxvalue 4", 4004),
            ("create sequence q start with 0", 4006),
            ("create sequence q nonsense", 922),
            ("alter sequence s start with 4", 2283),
            ("drop sequence q", 2289),
            ("select q.nextval from dual", 2289),
            ("select 1 from dual where s.nextval = 1", 2287),
            ("select s.nextval from dual order by 1", 2287),
            ("select distinct s.nextval from dual", 2287),
            ("select (select s.nextval from dual) from dual", 2287),
            ("select s.nextval from dual group by 1", 2287),
            ("select s.nextval, s.nextval from dual", 3001),
            ("select s.currval, s.nextval from dual", 3001),
        ],
    );
}
