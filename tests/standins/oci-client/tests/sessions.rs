//! Log-on, log-off, transactions, break, call timeout, kill.

mod support;

use std::thread;
use std::time::Duration;

use oracle::{ConnStatus, Connection, Connector};

use support::{at, code, connect, start};

/// A call that somebody has to stop.
const FOR_EVER: &str = "begin dbms_session.sleep(600); end;";

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let patience = std::time::Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(std::time::Instant::now() < patience, "it has not come about");
        thread::yield_now();
    }
}

fn ids(session: &Connection) -> (u32, u32) {
    session
        .query_row_as("select sid, serial# from v$session where sid = sys_context('userenv', 'sid')", &[])
        .unwrap()
}

/// Whether that session is inside a call, as another one sees it.
fn is_active(watcher: &Connection, sid: u32) -> bool {
    let status: String =
        watcher.query_row_as("select status from v$session where sid = :1", &[&sid]).unwrap();
    status == "ACTIVE"
}

#[test]
fn a_session_is_opened_and_closed() {
    let control = start();
    let session = connect("open");
    let (user, driver): (String, String) = session
        .query_row_as("select user, (select max(client_driver) from v$session_connect_info) from dual", &[])
        .unwrap();
    assert_eq!(user, "SCOTT");
    assert!(driver.contains("rust-oracle"), "{driver}");
    assert!(session.server_version().unwrap().1.contains("engine"));
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn what_can_not_be_reached_is_told() {
    let control = start();
    for (place, expected) in
        [("nowhere", 12154), ("//elsewhere/x", 12541), ("//standin/", 12514), ("//standin/x?y=1", 12533)]
    {
        let error = Connection::connect("scott", "tiger", place).unwrap_err();
        assert_eq!(code(&error), expected, "{place}: {error}");
    }
    let place = at("refused?connect_failures=2");
    for _ in 0..2 {
        assert_eq!(code(&Connection::connect("scott", "tiger", &place).unwrap_err()), 12541);
    }
    Connection::connect("scott", "tiger", &place).unwrap().close().unwrap();
    control.assert_clean();
}

#[test]
fn a_wrong_password_is_refused() {
    let control = start();
    let session = connect("password");
    let error = Connection::connect("scott", "wrong", at("password")).unwrap_err();
    assert_eq!(code(&error), 1017, "{error}");
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn users_come_by_proxy_and_from_outside() {
    let control = start();
    let user = |connector: &mut Connector| {
        let session = connector.connect().unwrap();
        let user: String = session.query_row_as("select user from dual", &[]).unwrap();
        session.close().unwrap();
        user
    };
    let place = at("proxy");
    let keep = connect("proxy");
    Connection::connect("blake", "secret", &place).unwrap().close().unwrap();
    assert_eq!(user(&mut Connector::new("scott[blake]", "tiger", &place)), "BLAKE");
    assert!(user(Connector::new("", "", &place).external_auth(true)).starts_with("OPS$"));
    assert_eq!(user(Connector::new("scott", "tiger", &place).connection_class("WEB")), "SCOTT");
    keep.close().unwrap();
    control.assert_clean();
}

#[test]
fn transactions_are_kept_apart() {
    let control = start();
    let (writer, reader) = (connect("transactions"), connect("transactions"));
    writer.execute("create table t (n number)", &[]).unwrap();
    let count = |session: &Connection| session.query_row_as::<i64>("select count(*) from t", &[]).unwrap();
    writer.execute("insert into t values (1)", &[]).unwrap();
    assert_eq!((count(&writer), count(&reader)), (1, 0));
    writer.rollback().unwrap();
    assert_eq!(count(&writer), 0);
    writer.execute("insert into t values (2)", &[]).unwrap();
    writer.commit().unwrap();
    assert_eq!(count(&reader), 1);
    // Closing rolls back: ODPI-C sees the transaction by its attribute.
    writer.execute("insert into t values (3)", &[]).unwrap();
    writer.close().unwrap();
    assert_eq!(count(&reader), 1);
    reader.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_break_from_another_thread_stops_the_call() {
    let control = start();
    let (session, watcher) = (connect("break"), connect("break"));
    let (sid, _) = ids(&session);
    session.break_execution().unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| session.execute(FOR_EVER, &[]).unwrap_err());
        wait_until(|| is_active(&watcher, sid));
        session.break_execution().unwrap();
        assert_eq!(code(&call.join().unwrap()), 1013);
    });
    // It stopped that call, and no other.
    assert_eq!(session.query_row_as::<i64>("select 1 from dual", &[]).unwrap(), 1);
    session.close().unwrap();
    watcher.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_break_reaches_a_call_that_is_only_delayed() {
    let control = start();
    let place = at("delay?call_delay_ms=600000");
    let session = Connection::connect("scott", "tiger", &place).unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| session.ping().unwrap_err());
        while !call.is_finished() {
            session.break_execution().unwrap();
        }
        assert_eq!(code(&call.join().unwrap()), 1013);
    });
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_call_timeout_stops_the_call_and_leaves_the_session() {
    let control = start();
    let session = connect("timeout");
    session.set_call_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(session.call_timeout().unwrap(), Some(Duration::from_millis(50)));
    let error = session.execute(FOR_EVER, &[]).unwrap_err();
    assert!(error.to_string().contains("DPI-1067"), "{error}");
    session.set_call_timeout(None).unwrap();
    assert_eq!(session.query_row_as::<i64>("select 1 from dual", &[]).unwrap(), 1);
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_killed_session_is_dead() {
    let control = start();
    let (victim, killer) = (connect("kill"), connect("kill"));
    let (sid, serial) = ids(&victim);
    assert_eq!(victim.status().unwrap(), ConnStatus::Normal);
    killer.execute(&format!("alter system kill session '{sid},{serial}'"), &[]).unwrap();
    let error = victim.execute("begin null; end;", &[]).unwrap_err();
    assert!(error.to_string().contains("DPI-1080") && code(&error) == 28, "{error}");
    assert_ne!(victim.status().unwrap(), ConnStatus::Normal);
    assert!(victim.ping().is_err());
    drop(victim);
    killer.close().unwrap();
    control.assert_clean();
}

#[test]
fn attributes_of_the_session_reach_the_server() {
    let control = start();
    let session = connect("attributes");
    Connection::connect("blake", "secret", at("attributes")).unwrap().close().unwrap();
    session.set_module("module").unwrap();
    session.set_action("action").unwrap();
    session.set_client_info("info").unwrap();
    session.set_client_identifier("identifier").unwrap();
    session.set_current_schema("blake").unwrap();
    let (module, action, info, identifier): (String, String, String, String) = session
        .query_row_as(
            "select module, action, client_info, client_identifier from v$session where sid = sys_context('userenv', 'sid')",
            &[],
        )
        .unwrap();
    assert_eq!(
        (module.as_str(), action.as_str(), info.as_str(), identifier.as_str()),
        ("module", "action", "info", "identifier")
    );
    assert_eq!(session.current_schema().unwrap(), "BLAKE");
    session.close().unwrap();
    control.assert_clean();
}
