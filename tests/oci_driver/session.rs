//! Sessions: who they are, transactions, breaks, limits, and how they end.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use orapool::driver::{Cancel, ConnectRequest, Identity, NativeKind, Target, Value, select};
use orapool::error::Kind;

use super::{DATABASE, code, connect, scott, session, target, text, value};
use crate::support::oci_standin::in_own_process;

/// Long enough for a thread to be inside the call.
const SOON: Duration = Duration::from_millis(300);
/// A call that somebody has to stop.
const FOR_EVER: &str = "begin loop null; end loop; end;";

#[test]
fn ids_are_those_of_the_session() {
    in_own_process("session::ids_are_those_of_the_session", &[], || {
        let (mut first, mut second) = (session(), session());
        let (sid, serial) = first.ids().unwrap();
        assert_ne!((sid, serial), second.ids().unwrap());
        let query = "select serial# from v$session where sid = sys_context('userenv', 'sid')";
        assert_eq!(value(first.as_mut(), query), Value::Int(i64::from(serial)));
        assert_eq!(first.ids().unwrap(), (sid, serial));
        first.close();
        second.close();
    });
}

#[test]
fn transactions_are_known_without_asking() {
    in_own_process("session::transactions_are_known_without_asking", &[], || {
        let mut session = session();
        session.execute("create table t (n number)").unwrap();
        assert!(!session.in_transaction());
        assert_eq!(session.execute("insert into t values (1)").unwrap(), 1);
        assert!(session.in_transaction());
        session.rollback().unwrap();
        assert!(!session.in_transaction());
        session.execute("insert into t values (2)").unwrap();
        session.commit().unwrap();
        assert!(!session.in_transaction());
        assert_eq!(value(session.as_mut(), "select n from t"), Value::Int(2));
        session.close();
    });
}

#[test]
fn a_break_stops_the_running_call_and_no_other() {
    in_own_process("session::a_break_stops_the_running_call_and_no_other", &[], || {
        let mut session = session();
        let breaker = session.breaker();
        breaker.break_call().unwrap();
        assert_eq!(value(session.as_mut(), "select 1 from dual"), Value::Int(1));
        let stopper = {
            let breaker = Arc::clone(&breaker);
            thread::spawn(move || {
                thread::sleep(SOON);
                breaker.break_call().unwrap();
            })
        };
        assert_eq!(code(session.execute(FOR_EVER)), 1013);
        stopper.join().unwrap();
        assert!(!session.is_dead());
        assert_eq!(value(session.as_mut(), "select 2 from dual"), Value::Int(2));
        session.close();
        breaker.break_call().unwrap();
    });
}

#[test]
fn breaks_that_come_at_any_time_stop_nothing_later() {
    in_own_process("session::breaks_that_come_at_any_time_stop_nothing_later", &[], || {
        let mut session = session();
        let breaker = session.breaker();
        for _ in 0..200 {
            thread::scope(|scope| {
                scope.spawn(|| breaker.break_call().unwrap());
                // It may be hit, or not.
                let _ = session.execute("select 1 from dual");
            });
            assert_eq!(session.execute("select 1 from dual").unwrap(), 1);
        }
        session.close();
    });
}

#[test]
fn a_break_that_comes_too_late_is_taken_out_of_the_way() {
    // The break is on its way for longer than the call lasts, and the server would tell of it in the next call.
    let late = "OCIStmtExecute:1:hang=300;OCIBreak:1:hang=600;OCIPing:1:error=1013";
    let faults = [("ORAPOOL_STANDIN_FAULTS", late)];
    in_own_process("session::a_break_that_comes_too_late_is_taken_out_of_the_way", &faults, || {
        let mut session = session();
        let breaker = session.breaker();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SOON / 3);
                breaker.break_call().unwrap();
            });
            assert_eq!(session.execute("select 1 from dual").unwrap(), 1);
        });
        session.ping(None).unwrap();
        session.close();
    });
}

#[test]
fn a_call_timeout_stops_a_call_and_leaves_the_session() {
    in_own_process("session::a_call_timeout_stops_a_call_and_leaves_the_session", &[], || {
        let mut session = session();
        session.set_call_timeout(Some(Duration::from_millis(50))).unwrap();
        let error = session.execute(FOR_EVER).unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.is_session_dead()),
            (Kind::Oracle, 3136, false),
            "{error}"
        );
        session.set_call_timeout(None).unwrap();
        assert!(!session.is_dead());
        assert_eq!(value(session.as_mut(), "select 1 from dual"), Value::Int(1));
        // Below a millisecond there is nothing, and 0 would be no limit.
        session.set_call_timeout(Some(Duration::from_nanos(1))).unwrap();
        assert_eq!(code(session.execute(FOR_EVER)), 3136);
        session.set_call_timeout(Some(Duration::MAX)).unwrap();
        assert_eq!(value(session.as_mut(), "select 1 from dual"), Value::Int(1));
        session.close();
    });
}

#[test]
fn a_ping_keeps_its_limit_and_the_holders() {
    let hang = [("ORAPOOL_STANDIN_FAULTS", "OCIPing:2:hang=60000")];
    in_own_process("session::a_ping_keeps_its_limit_and_the_holders", &hang, || {
        let mut session = session();
        session.set_call_timeout(Some(Duration::from_millis(100))).unwrap();
        session.ping(Some(Duration::from_secs(30))).unwrap();
        assert_eq!(code(session.execute(FOR_EVER)), 3136, "the holder's limit holds again");
        session.set_call_timeout(None).unwrap();
        assert_eq!(code(session.ping(Some(Duration::from_millis(50)))), 3136);
        session.ping(None).unwrap();
        session.close();
    });
}

#[test]
fn a_killed_session_is_dead() {
    in_own_process("session::a_killed_session_is_dead", &[], || {
        let (mut victim, mut killer) = (session(), session());
        let (sid, serial) = victim.ids().unwrap();
        killer.execute(&format!("alter system kill session '{sid},{serial}'")).unwrap();
        let error = victim.execute("select 1 from dual").unwrap_err();
        assert_eq!((error.code(), error.is_session_dead()), (28, true), "{error}");
        assert!(error.message().starts_with("ORA-00028: "), "{error}");
        assert!(victim.is_dead() && !killer.is_dead());
        assert!(victim.execute("select 1 from dual").unwrap_err().is_session_dead());
        victim.close();
        killer.close();
    });
}

#[test]
fn a_line_that_breaks_ends_the_session() {
    let dead = [("ORAPOOL_STANDIN_FAULTS", "OCIStmtExecute:2:dead")];
    in_own_process("session::a_line_that_breaks_ends_the_session", &dead, || {
        let mut session = session();
        session.execute("select 1 from dual").unwrap();
        let error = session.execute("select 1 from dual").unwrap_err();
        assert!(error.is_session_dead() && error.is_transient(), "{error}");
        assert!(session.is_dead());
        session.close();
    });
}

#[test]
fn a_line_that_breaks_in_the_middle_of_the_rows_ends_the_session() {
    let dead = [("ORAPOOL_STANDIN_FAULTS", "OCIStmtFetch2:2:dead")];
    in_own_process("session::a_line_that_breaks_in_the_middle_of_the_rows_ends_the_session", &dead, || {
        let mut session = session();
        session.execute("create table t (n number)").unwrap();
        let mut insert = session.prepare("insert into t values (:1)").unwrap();
        for number in 0..250 {
            insert.bind(1, Value::Int(number)).unwrap();
            insert.execute().unwrap();
        }
        drop(insert);
        session.commit().unwrap();
        let mut query = session.prepare("select n from t").unwrap();
        query.execute().unwrap();
        let error = loop {
            match query.fetch() {
                Ok(has_row) => assert!(has_row),
                Err(error) => break error,
            }
        };
        assert!(error.is_session_dead(), "{error}");
        drop(query);
        assert!(session.is_dead());
        session.close();
    });
}

#[test]
fn statements_may_outlive_their_session() {
    in_own_process("session::statements_may_outlive_their_session", &[], || {
        let mut session = session();
        let mut statement = session.prepare("select 1 from dual").unwrap();
        statement.execute().unwrap();
        session.close();
        assert!(statement.fetch().is_err() || statement.execute().is_err());
        drop(statement);
    });
}

#[test]
fn native_handles_are_there_but_for_the_service_context() {
    in_own_process("session::native_handles_are_there_but_for_the_service_context", &[], || {
        let mut session = session();
        let mut of = |kind| session.native(kind);
        let handles =
            [NativeKind::OciEnv, NativeKind::OciServer, NativeKind::OciSession].map(|kind| of(kind).unwrap());
        assert!(handles[0] != handles[1] && handles[1] != handles[2]);
        let error = of(NativeKind::OciSvcCtx).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().contains("OCI_ATTR_SESSION"), "{error}");
        session.close();
    });
}

#[test]
fn everybody_logs_on_in_his_own_way() {
    in_own_process("session::everybody_logs_on_in_his_own_way", &[], || {
        let driver = select(&target()).unwrap();
        let who = "select sys_context('userenv', 'session_user') from dual";
        let user_of = |identity: &Identity| {
            let mut session = connect(driver.as_ref(), identity).unwrap();
            let user = value(session.as_mut(), who);
            session.close();
            user
        };
        let named = |user: &str| Identity { user: Some(user.to_owned()), ..scott() };
        assert_eq!(user_of(&scott()), text("SCOTT"));
        assert_eq!(user_of(&named("blake")), text("BLAKE"));
        assert_eq!(user_of(&named("scott")), text("SCOTT"));
        assert_eq!(user_of(&named("scott[blake]")), text("BLAKE"));
        assert_eq!(user_of(&Identity { session_user: Some("blake".to_owned()), ..scott() }), text("BLAKE"));
        let external = Identity { external: true, ..Identity::default() };
        let Value::Text(user) = user_of(&external) else { panic!("nobody") };
        assert!(user != "SCOTT" && user != "BLAKE", "{user}");
    });
}

#[test]
fn a_session_that_is_closed_is_logged_off() {
    in_own_process("session::a_session_that_is_closed_is_logged_off", &[], || {
        let driver = select(&target()).unwrap();
        let connect = || connect(driver.as_ref(), &scott()).unwrap();
        let (mut first, mut second) = (connect(), connect());
        let ids = first.ids().unwrap();
        let count = "select count(*) from v$session";
        assert_eq!(value(second.as_mut(), count), Value::Int(2));
        first.close();
        assert_eq!(value(second.as_mut(), count), Value::Int(1), "OCI's pool has not kept it");
        let mut third = connect();
        assert_ne!(third.ids().unwrap(), ids);
        third.close();
        second.close();
    });
}

#[test]
fn a_connect_that_is_called_off_leaves_no_session() {
    in_own_process("session::a_connect_that_is_called_off_leaves_no_session", &[], || {
        let slow = format!("{DATABASE}?connect_delay_ms=500");
        let driver = select(&Target { connect_string: Some(slow), ..target() }).unwrap();
        let identity = scott();
        let cancel = Cancel::default();
        let request = ConnectRequest {
            identity: &identity,
            timeout: None,
            statement_cache_size: 20,
            fixup: None,
            cancel: &cancel,
        };
        let late = thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SOON / 3);
                cancel.cancel();
            });
            driver.connect(&request)
        });
        assert_eq!(late.err().map(|error| error.kind()), Some(Kind::Closed));
        assert_eq!(driver.connect(&request).err().map(|error| error.kind()), Some(Kind::Closed));
        let mut other = session();
        assert_eq!(value(other.as_mut(), "select count(*) from v$session"), Value::Int(1));
        other.close();
    });
}

#[test]
fn the_driver_and_the_class_and_the_edition_are_told_to_the_server() {
    in_own_process("session::the_driver_and_the_class_and_the_edition_are_told_to_the_server", &[], || {
        let driver = select(&target()).unwrap();
        let edition = Some("ora$base".to_owned());
        let classed = Identity { connection_class: Some("WEB".to_owned()), edition, ..scott() };
        connect(driver.as_ref(), &classed).unwrap().close();
        let wrong = Identity { edition: Some("nonesuch".to_owned()), ..scott() };
        assert_eq!(connect(driver.as_ref(), &wrong).err().map(|error| error.code()), Some(38802));
    });
}

#[test]
fn a_wrong_password_is_1017_and_nowhere_in_the_text() {
    in_own_process("session::a_wrong_password_is_1017_and_nowhere_in_the_text", &[], || {
        let driver = select(&target()).unwrap();
        connect(driver.as_ref(), &scott()).unwrap().close();
        let password = Some(orapool::secret::Secret::new("lionSecret9"));
        let error = connect(driver.as_ref(), &Identity { password, ..scott() }).err().unwrap();
        assert_eq!(error.code(), 1017);
        assert!(!error.message().contains("lionSecret9"), "{error}");
    });
}
