//! Log-on, log-off, transactions, break, call timeout, kill.

mod support;

use support::{at, code, connect, start};

use oracle::Connection;

#[test]
fn a_session_is_opened_and_closed() {
    let control = start();
    let session = connect("sessions-open");
    let (user, driver): (String, String) = session
        .query_row_as("select user, (select max(client_driver) from v$session_connect_info) from dual", &[])
        .unwrap();
    assert_eq!(user, "SCOTT");
    assert!(driver.contains("rust-oracle"), "{driver}");
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_wrong_password_is_refused() {
    let control = start();
    let session = connect("sessions-password");
    let error = Connection::connect("scott", "wrong", at("sessions-password")).unwrap_err();
    assert_eq!(code(&error), 1017, "{error}");
    session.close().unwrap();
    control.assert_clean();
}
