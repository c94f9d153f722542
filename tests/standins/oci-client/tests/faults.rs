//! Faults on demand, as a program behind ODPI-C sees them.

mod support;

use std::time::Duration;

use oracle::pool::{CloseMode, PoolBuilder};
use oracle::{ConnStatus, Connection, Connector};

use support::{at, code, connect, start};

const ONE: &str = "begin null; end;";

#[test]
fn the_nth_call_fails_and_no_other() {
    let control = start();
    let session = connect("fault-error");
    control.fault("OCIStmtExecute:2:error=1555; OCIPing:1:error=3135");
    session.execute(ONE, &[]).unwrap();
    assert_eq!(code(&session.execute(ONE, &[]).map(drop).unwrap_err()), 1555);
    session.execute(ONE, &[]).unwrap();
    assert_eq!(code(&session.ping().unwrap_err()), 3135);
    drop(session);
    control.assert_clean();
}

#[test]
fn a_line_that_breaks_takes_the_session_along() {
    let control = start();
    let (session, other) = (connect("fault-dead"), connect("fault-dead"));
    let count = || other.query_row_as::<i64>("select count(*) from v$session", &[]).unwrap();
    session.execute("create table t (n number)", &[]).unwrap();
    session.execute("insert into t values (1)", &[]).unwrap();
    let before = count();
    control.fault("OCIStmtExecute:1:dead");
    let error = session.execute(ONE, &[]).map(drop).unwrap_err();
    assert!(error.to_string().contains("DPI-1080") && code(&error) == 3113, "{error}");
    assert_ne!(session.status().unwrap(), ConnStatus::Normal);
    // The server has noticed: the session is gone, and its lock with it.
    assert_eq!(count(), before - 1);
    other.execute("insert into t values (2)", &[]).unwrap();
    other.rollback().unwrap();
    drop(session);
    other.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_call_that_hangs_can_be_stopped() {
    let control = start();
    let session = connect("fault-hang");
    session.set_call_timeout(Some(Duration::from_millis(20))).unwrap();
    control.fault("OCITransRollback:1:hang=600000;OCIPing:2:hang=600000");
    assert!(session.rollback().unwrap_err().to_string().contains("DPI-1067"));
    session.set_call_timeout(None).unwrap();
    session.ping().unwrap();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| session.ping().unwrap_err());
        while !call.is_finished() {
            session.break_execution().unwrap();
        }
        assert_eq!(code(&call.join().unwrap()), 1013);
    });
    control.fault("OCIPing:1:hang=1");
    session.ping().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_success_can_have_a_warning() {
    let control = start();
    control.fault("OCISessionBegin:1:info=28002");
    let session = connect("fault-info");
    assert_eq!(session.last_warning().map(|warning| code(&warning)), Some(28002));
    session.close().unwrap();
    control.fault("OCISessionGet:1:info=28002");
    let session = Connector::new("scott", "tiger", at("fault-info")).connection_class("X").connect().unwrap();
    assert_eq!(session.last_warning().map(|warning| code(&warning)), Some(28002));
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn getting_a_session_can_fail() {
    let control = start();
    control.fault("OCISessionGet:1:error=12541;OCIServerAttach:1:error=12170;OCISessionBegin:1:error=1033");
    assert_eq!(code(&Connection::connect("scott", "tiger", at("fault-get")).unwrap_err()), 12170);
    assert_eq!(code(&Connection::connect("scott", "tiger", at("fault-get")).unwrap_err()), 1033);
    let pool = PoolBuilder::new("scott", "tiger", at("fault-get")).min_connections(0).build().unwrap();
    assert_eq!(code(&pool.get().unwrap_err()), 12541);
    pool.get().unwrap().close().unwrap();
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}
