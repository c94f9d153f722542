//! A service context of one's own on the session of a connection of ODPI-C: how a program reaches it with OCI.

mod support;

#[path = "support/raw.rs"]
mod raw;

use std::ffi::c_void;

use oracle::ConnStatus;
use oracle::oci_attr::handle::SvcCtx;
use oracle::oci_attr::mode::Read;
use oracle::oci_attr::{OciAttr, TransactionInProgress};

use support::{connect, start};

use raw::{Handle, Raw, oci};

const HTYPE_SVCCTX: u32 = 3;

macro_rules! handle_attribute {
    ($name:ident, $number:literal) => {
        struct $name;

        // SAFETY: the attribute of a service context is one pointer.
        unsafe impl OciAttr for $name {
            type HandleType = SvcCtx;
            type Mode = Read;
            type DataType = *mut c_void;
            const ATTR_NUM: u32 = $number;
        }
    };
}

handle_attribute!(Environment, 5);
handle_attribute!(Server, 6);
handle_attribute!(Session, 7);

#[test]
fn a_second_service_context_shares_the_session() {
    let control = start();
    let connection = connect("native");
    connection.execute("create table t (n number)", &[]).unwrap();
    let environment = connection.oci_attr::<Environment>().unwrap().addr();
    let server = connection.oci_attr::<Server>().unwrap().addr();
    let session = connection.oci_attr::<Session>().unwrap().addr();
    assert!(environment != 0 && server != session);

    let raw = Raw::new(control.library());
    let mut service: Handle = 0;
    let made = oci!(raw, b"OCIHandleAlloc",
        environment => Handle, &mut service => *mut Handle, HTYPE_SVCCTX => u32, 0 => usize, 0 => Handle);
    assert_eq!(made, 0);
    for (attribute, handle) in [(6u32, server), (7, session)] {
        let set = oci!(raw, b"OCIAttrSet",
            service => Handle, HTYPE_SVCCTX => u32, handle => Handle, 0 => u32, attribute => u32, raw.error => Handle);
        assert_eq!(set, 0);
    }
    let statement = raw.prepare(service, "insert into t values (1)");
    assert_eq!(raw.execute(service, statement), 0);
    assert_eq!(raw.release_statement(statement), 0);
    assert!(connection.oci_attr::<TransactionInProgress>().unwrap());
    assert_eq!(connection.query_row_as::<i64>("select count(*) from t", &[]).unwrap(), 1);
    connection.rollback().unwrap();
    assert_eq!(connection.status().unwrap(), ConnStatus::Normal);

    // Once the connection is closed, its handles mean nothing.
    connection.close().unwrap();
    control.assert_clean();
    assert_eq!((raw.on_service(b"OCIPing", service), raw.code()), (-1, 1012));
    let violations = control.violations();
    assert!(
        violations.len() == 1 && violations[0].contains("after its session was released"),
        "{violations:?}"
    );
    control.reset();
    assert_eq!(raw.free(service, HTYPE_SVCCTX), 0);
    assert_eq!(raw.end(), 0);
    drop(connection);
    control.assert_clean();
}
