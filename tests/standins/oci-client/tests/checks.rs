//! Misuse is found: each of these does one thing wrong.

mod support;

#[path = "support/raw.rs"]
mod raw;

use support::{Control, at, connect, start};

use raw::{HTYPE_SESSION, HTYPE_SPOOL, Raw};

const INVALID_HANDLE: i32 = -2;

fn raw(control: &Control) -> Raw {
    Raw::new(control.library())
}

/// Exactly these violations were found, by a part of their texts.
#[track_caller]
fn found(control: &Control, expected: &[&str]) {
    let violations = control.violations();
    assert_eq!(violations.len(), expected.len(), "{violations:?}");
    for (violation, part) in violations.iter().zip(expected) {
        assert!(violation.contains(part), "{violation}");
    }
    control.reset();
}

#[test]
fn doing_it_right_is_no_violation() {
    let control = start();
    let raw = raw(&control);
    let service = raw.session(&at("checks-right"));
    let statement = raw.prepare(service, "begin null; end;");
    assert_eq!(raw.execute(service, statement), 0);
    assert_eq!(raw.release_statement(statement), 0);
    assert_eq!(raw.release(service), 0);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn a_handle_used_after_it_was_freed() {
    let control = start();
    let raw = raw(&control);
    let auth = raw.allocate(HTYPE_SESSION);
    assert_eq!(raw.free(auth, HTYPE_SESSION), 0);
    assert_eq!(raw.free(auth, HTYPE_SESSION), INVALID_HANDLE);
    found(&control, &["OCISession handle 0x"]);
    let service = raw.session(&at("checks-freed"));
    let statement = raw.prepare(service, "begin null; end;");
    assert_eq!(raw.release_statement(statement), 0);
    assert_eq!(raw.execute(service, statement), INVALID_HANDLE);
    assert_eq!(raw.release_statement(statement), INVALID_HANDLE);
    found(&control, &["OCIStmtExecute: OCIStmt handle", "OCIStmtRelease: OCIStmt handle"]);
    assert_eq!(raw.release(service), 0);
    assert_eq!(raw.on_service(b"OCIPing", service), INVALID_HANDLE);
    found(&control, &["OCIPing: OCISvcCtx handle"]);
    assert_eq!(raw.on_service(b"OCIPing", 0x1234_5678), INVALID_HANDLE);
    found(&control, &["was never a handle"]);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn a_handle_of_another_kind() {
    let control = start();
    let raw = raw(&control);
    assert_eq!(raw.on_service(b"OCIPing", raw.error), INVALID_HANDLE);
    found(&control, &["OCIPing: OCIError handle given where OCISvcCtx is wanted"]);
    assert_eq!(raw.free(raw.error, HTYPE_SPOOL), INVALID_HANDLE);
    found(&control, &["freed as type 27"]);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn a_session_released_twice_and_broken_afterwards() {
    let control = start();
    let raw = raw(&control);
    let service = raw.session(&at("checks-twice"));
    assert_eq!(raw.release(service), 0);
    assert_eq!(raw.release(service), INVALID_HANDLE);
    assert_eq!(raw.on_service(b"OCIBreak", service), INVALID_HANDLE);
    found(&control, &["released twice", "OCIBreak: service context"]);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn a_session_given_back_with_a_transaction_and_a_statement() {
    let control = start();
    let raw = raw(&control);
    let keep = connect("checks-dirty");
    keep.execute("create table t (n number)", &[]).unwrap();
    let service = raw.session(&at("checks-dirty"));
    let statement = raw.prepare(service, "insert into t values (1)");
    assert_eq!(raw.execute(service, statement), 0);
    assert_eq!(raw.release(service), 0);
    found(&control, &["has an open transaction", "has 1 open statement(s)"]);
    // The statement went with its session.
    assert_eq!(raw.release_statement(statement), INVALID_HANDLE);
    found(&control, &["OCIStmtRelease"]);
    keep.close().unwrap();
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn one_session_in_two_threads() {
    let control = start();
    let raw = raw(&control);
    let service = raw.session(&at("checks-threads"));
    let statement = raw.prepare(service, "begin dbms_session.sleep(600); end;");
    std::thread::scope(|scope| {
        let raw = &raw;
        let other = Raw::new(control.library());
        let worker = scope.spawn(move || {
            assert_eq!(raw.execute(service, statement), -1);
            assert_eq!(raw.code(), 1013);
        });
        // A break is allowed from anywhere. A local call is not; it goes on until it meets the worker inside its call.
        while control.violations().is_empty() && !worker.is_finished() {
            other.on_service(b"OCIReset", service);
        }
        other.on_service(b"OCIBreak", service);
        worker.join().unwrap();
        assert_eq!(other.end(), 0);
    });
    let violations = control.violations();
    assert!(
        violations[0].contains("OCIReset: session") && violations[0].contains("inside OCIStmtExecute"),
        "{violations:?}"
    );
    control.reset();
    assert_eq!(raw.release_statement(statement), 0);
    assert_eq!(raw.release(service), 0);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn the_two_ways_of_ending_a_session_mixed_up() {
    let control = start();
    let raw = raw(&control);
    let service = raw.session(&at("checks-mixed"));
    let session = raw.allocate(HTYPE_SESSION);
    let ended = raw::oci!(raw, b"OCISessionEnd",
        service => raw::Handle, raw.error => raw::Handle, session => raw::Handle, 0 => u32);
    assert_eq!((ended, raw.code()), (-1, 24420));
    let allocated = raw.allocate(3);
    assert_eq!((raw.release(allocated), raw.code()), (-1, 24421));
    found(&control, &["OCISessionRelease ends it", "did not come from OCISessionGet"]);
    assert_eq!((raw.free(allocated, 3), raw.free(session, HTYPE_SESSION)), (0, 0));
    assert_eq!(raw.release(service), 0);
    assert_eq!(raw.end(), 0);
    control.assert_clean();
}

#[test]
fn an_environment_freed_too_early() {
    let control = start();
    let raw = raw(&control);
    let _leaked = raw.allocate(HTYPE_SESSION);
    let service = raw.session(&at("checks-env"));
    assert_eq!(raw.end(), 0);
    let violations = control.violations();
    let about = |what: &str| violations.iter().filter(|violation| violation.contains(what)).count();
    // The session of the service context has a session handle of its own.
    assert_eq!((about("its OCISession handle"), about("its OCISvcCtx handle")), (2, 1), "{violations:?}");
    control.reset();
    assert_eq!(raw.on_service(b"OCIPing", service), INVALID_HANDLE);
    control.reset();
}
