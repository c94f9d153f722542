//! Instances and log-on: names, passwords, accounts, proxies.

mod support;

use std::path::PathBuf;

use orapool_engine::{Credentials, Error, Instance, InstanceOptions, LogOn, Session};
use support::{fails, get, instance, log_on, run};

fn password(instance: &Instance, user: &str, password: &str) -> Result<Session, Error> {
    instance.log_on(&LogOn::with_password(user, password))
}

fn code(outcome: Result<Session, Error>) -> i32 {
    outcome.expect_err("no log-on").code()
}

#[test]
fn the_first_log_on_registers_the_password() {
    let instance = instance();
    assert_eq!(password(&instance, "Scott", "Tiger").expect("log-on").user(), "SCOTT");
    assert_eq!(code(password(&instance, "SCOTT", "tiger")), 1017, "passwords are case-sensitive");
    assert!(password(&instance, "scott", "Tiger").is_ok());
    assert_eq!(password(&instance, "\"scott\"", "other").expect("another user").user(), "scott");
    assert_eq!(code(password(&instance, "", "x")), 1017);
    assert_eq!(code(password(&instance, "\"\"", "x")), 1017);
    assert_eq!(code(password(&instance, "x", "")), 1005);
    assert_eq!(code(password(&instance, &"x".repeat(200), "x")), 972);
    assert_eq!(instance.session_count(), 0, "dropped sessions are gone");
}

#[test]
fn accounts() {
    let instance = instance();
    let mut session = log_on(&instance);
    run(&mut session, &["create user ann identified by Secret", "alter user ANN identified by \"new one\""]);
    assert_eq!(code(password(&instance, "ann", "Secret")), 1017);
    assert!(password(&instance, "ann", "new one").is_ok());
    run(&mut session, &["alter user ann account lock"]);
    assert_eq!(code(password(&instance, "ann", "new one")), 28000);
    assert_eq!(code(password(&instance, "ann", "wrong")), 1017);
    run(&mut session, &["alter user ann account unlock password expire"]);
    assert_eq!(code(password(&instance, "ann", "new one")), 28001);
    run(&mut session, &["alter user ann identified by again"]);
    assert!(password(&instance, "ann", "again").is_ok());
    let error = session.execute("alter user nobody identified by HushHush").expect_err("no such user");
    assert_eq!(error.code(), 1918);
    assert!(!error.message().contains("HushHush"));
    let error = session.execute("alter user ann identified by HushHush nonsense").expect_err("nonsense");
    assert!(!error.message().contains("HushHush"), "{error}");
    run(&mut session, &["drop user ann"]);
    assert_eq!(fails(&mut session, "alter session set current_schema = ann"), 1435);
}

#[test]
fn proxies_and_external_users() {
    let instance = instance();
    let mut proxy = LogOn::with_password("app", "secret");
    proxy.session_user = Some("ann");
    proxy.driver_name = "test : 1";
    let mut session = instance.log_on(&proxy).expect("proxy log-on");
    assert_eq!(session.user(), "ANN");
    let facts =
        "select user, sys_context('USERENV', 'PROXY_USER'), sys_context('userenv', 'session_user') from dual";
    assert_eq!(get(&mut session, facts), "ANN|APP|ANN");
    let driver = format!(
        "select client_driver, authentication_type from v$session_connect_info where sid = {}",
        session.sid()
    );
    assert_eq!(get(&mut session, &driver), "test : 1|PROXY");
    let external = instance.log_on(&LogOn::new(Credentials::External)).expect("external log-on");
    assert!(external.user().starts_with("OPS$"), "{}", external.user());
    let mut edition = LogOn::with_password("app", "secret");
    edition.edition = Some("e2");
    assert_eq!(code(instance.log_on(&edition)), 38802);
    let shown = format!("{:?}", LogOn::with_password("app", "HushHush"));
    assert!(!shown.contains("HushHush"));
}

#[test]
fn instances_go_by_name() {
    let name = format!("by-name-{}", std::process::id());
    let one = Instance::open(&name, &InstanceOptions::default()).expect("open");
    run(&mut log_on(&one), &["create table t (x number)"]);
    let two = Instance::open(&name, &InstanceOptions::default()).expect("open again");
    assert_eq!(get(&mut log_on(&two), "select count(*) from t"), "0");
    let other = InstanceOptions { file: Some(PathBuf::from("elsewhere.db")) };
    let error = Instance::open(&name, &other).expect_err("another file");
    assert!(error.message().contains("elsewhere.db") && error.message().contains(&name), "{error}");
    drop((one, two));
    let three = Instance::open(&name, &InstanceOptions::default()).expect("open anew");
    assert_eq!(fails(&mut log_on(&three), "select * from t"), 942, "gone with its last handle");
    assert!(Instance::open("", &InstanceOptions::default()).is_err());
}

#[test]
fn a_file_keeps_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = InstanceOptions { file: Some(directory.path().join("kept.db")) };
    let name = format!("kept-{}", std::process::id());
    {
        let instance = Instance::open(&name, &options).expect("open");
        assert_eq!(
            Instance::open("another name", &options).expect_err("one file, one instance").code(),
            1100
        );
        let mut session = log_on(&instance);
        run(
            &mut session,
            &[
                "create table t (id number primary key, name varchar2(5) default 'x' not null, d date)",
                "create sequence s start with 5",
                "create view v as select id, name from t",
                "create index i on t (name)",
                "insert into t (id, d) values (s.nextval, date '2020-02-03')",
                "commit",
                "alter table t rename column d to day",
            ],
        );
    }
    let instance = Instance::open(&name, &options).expect("open again");
    assert_eq!(code(password(&instance, "scott", "wrong")), 1017);
    let mut session = log_on(&instance);
    assert_eq!(get(&mut session, "select id, name, to_char(day, 'YYYYMMDD') from t"), "5|x|20200203");
    assert_eq!(get(&mut session, "select * from v"), "5|x");
    assert_eq!(get(&mut session, "select s.nextval from dual"), "6");
    assert_eq!(fails(&mut session, "insert into t (id) values (5)"), 1);
    assert_eq!(fails(&mut session, "insert into t (id, name) values (6, 'toolong')"), 12899);
}
