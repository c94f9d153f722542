//! ALTER SESSION, NLS_SESSION_PARAMETERS and SYS_CONTEXT.

mod support;

use orapool_engine::Session;
use support::{check, check_errors, get, instance, log_on, run, session};

fn parameter(session: &mut Session, name: &str) -> String {
    get(session, &format!("select value from nls_session_parameters where parameter = '{name}'"))
}

#[test]
fn nls_parameters_show_and_work() {
    let mut session = session();
    assert_eq!(get(&mut session, "select count(*) from nls_session_parameters"), "17");
    assert_eq!(get(&mut session, "select date '2024-02-05' from dual"), "05-FEB-24");
    run(&mut session, &["alter session set nls_date_format = 'DD/MM/YYYY' nls_numeric_characters = ',.'"]);
    assert_eq!(parameter(&mut session, "NLS_DATE_FORMAT"), "DD/MM/YYYY");
    check(
        &mut session,
        &[
            ("select date '2024-02-05' from dual", "05/02/2024"),
            ("select to_char(1.5) || 'x' from dual", "1,5x"),
            ("select '1,5' + 1 from dual", "2.5"),
            ("select to_char(1234.5, '9G999D9') from dual", " 1.234,5"),
            ("select sys_context('USERENV', 'NLS_DATE_FORMAT') from dual", "DD/MM/YYYY"),
        ],
    );
    run(
        &mut session,
        &["alter session set nls_territory = germany", "alter session set nls_language = 'GERMAN'"],
    );
    assert_eq!(get(&mut session, "select date '2024-02-05' from dual"), "05.02.24");
    assert_eq!(
        get(&mut session, "select sys_context('USERENV', 'LANGUAGE') from dual"),
        "GERMAN_GERMANY.AL32UTF8"
    );
    check_errors(
        &mut session,
        &[("select to_char(sysdate, 'MON') from dual where to_char(sysdate, 'MON') = 'X'", 3001)],
    );
    run(&mut session, &["alter session set nls_timestamp_format = 'SS.FF3'"]);
    assert_eq!(get(&mut session, "select timestamp '2024-01-01 00:00:07.25' from dual"), "07.250");
}

#[test]
fn mistakes_change_nothing() {
    let mut session = session();
    check_errors(
        &mut session,
        &[
            ("alter session set nonsense = 1", 2248),
            ("alter session set nls_nonsense = 1", 2248),
            ("alter session enable parallel dml", 2248),
            ("alter session set nls_date_format 'YYYY'", 927),
            ("alter session set nls_date_format = 'YYYY' nls_language = klingon", 12705),
            ("alter session set nls_date_format = 'NONSENSE'", 1821),
            ("alter session set nls_territory = atlantis", 12705),
            ("alter session set nls_sort = german", 2097),
            ("alter session set time_zone = 'Mars/Olympus'", 1882),
            ("alter session set time_zone = '+15:00'", 1874),
            ("alter session set current_schema = nobody", 1435),
            ("alter session set optimizer_mode = nonsense", 2097),
            ("alter session set isolation_level = serializable", 2097),
            ("alter session set edition = e2", 38802),
        ],
    );
    assert_eq!(parameter(&mut session, "NLS_DATE_FORMAT"), "DD-MON-RR");
    run(
        &mut session,
        &[
            "alter session set optimizer_mode = all_rows statistics_level = typical",
            "alter session set sql_trace = false",
        ],
    );
}

#[test]
fn time_zone() {
    let mut session = session();
    run(&mut session, &["alter session set time_zone = '+05:30'"]);
    check(
        &mut session,
        &[
            ("select sessiontimezone, dbtimezone from dual", "+05:30|+00:00"),
            ("select round((current_date - sysdate) * 24, 4) from dual", "5.5"),
            ("select to_char(current_timestamp, 'TZH:TZM') from dual", "+05:30"),
            (
                "select case when current_timestamp = systimestamp then 'same instant' end from dual",
                "same instant",
            ),
        ],
    );
}

#[test]
fn schemas() {
    let instance = instance();
    let mut scott = log_on(&instance);
    let mut ann = instance.log_on(&orapool_engine::LogOn::with_password("ann", "x")).expect("log-on");
    run(
        &mut scott,
        &["create table t (x number)", "create sequence s", "insert into t values (7)", "commit"],
    );
    check_errors(&mut ann, &[("select * from t", 942)]);
    assert_eq!(get(&mut ann, "select x from scott.t"), "7");
    run(&mut ann, &["alter session set current_schema = scott"]);
    assert_eq!(get(&mut ann, "select x, s.nextval from t"), "7|1");
    assert_eq!(get(&mut ann, "select user, sys_context('USERENV', 'CURRENT_SCHEMA') from dual"), "ANN|SCOTT");
    run(&mut ann, &["alter session set current_schema = ann"]);
    check_errors(&mut ann, &[("select * from t", 942)]);
}

#[test]
fn the_session_describes_itself() {
    let instance = instance();
    let mut session = log_on(&instance);
    let (sid, serial) = (session.sid(), session.serial());
    let facts = "select sys_context('USERENV', 'SID'), sys_context('USERENV', 'DB_NAME'), sys_context('USERENV', 'CURRENT_EDITION_NAME'), \
                 sys_context('USERENV', 'MODULE') from dual";
    assert_eq!(get(&mut session, facts), format!("{sid}|{}|ORA$BASE|NULL", instance.name()));
    let row = format!("select sid, serial#, username, status, type from v$session where sid = {sid}");
    assert_eq!(get(&mut session, &row), format!("{sid}|{serial}|SCOTT|ACTIVE|USER"));
}
