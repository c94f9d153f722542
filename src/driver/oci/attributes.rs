//! Handles of OCI that the crate `oracle` has no function for, read as attributes of a connection. This file and no
//! other of the driver has `unsafe`.

use std::ffi::c_void;
use std::num::NonZeroUsize;

use oracle::Connection;
use oracle::oci_attr::OciAttr;
use oracle::oci_attr::handle::SvcCtx;
use oracle::oci_attr::mode::Read;

use crate::driver::NativeKind;
use crate::driver::oci::errors::translate;
use crate::error::Error;

/// OCI_ATTR_ENV
struct Env;
/// OCI_ATTR_SERVER
struct Server;
/// OCI_ATTR_SESSION
struct UserSession;

// SAFETY: of a service context OCI gives this attribute, OCI_ATTR_ENV, as one pointer.
unsafe impl OciAttr for Env {
    type HandleType = SvcCtx;
    type Mode = Read;
    type DataType = *mut c_void;
    const ATTR_NUM: u32 = 5;
}

// SAFETY: of a service context OCI gives this attribute, OCI_ATTR_SERVER, as one pointer.
unsafe impl OciAttr for Server {
    type HandleType = SvcCtx;
    type Mode = Read;
    type DataType = *mut c_void;
    const ATTR_NUM: u32 = 6;
}

// SAFETY: of a service context OCI gives this attribute, OCI_ATTR_SESSION, as one pointer.
unsafe impl OciAttr for UserSession {
    type HandleType = SvcCtx;
    type Mode = Read;
    type DataType = *mut c_void;
    const ATTR_NUM: u32 = 7;
}

/// The address of the connection's own handle of that kind.
pub(super) fn native(connection: &Connection, kind: NativeKind) -> Result<NonZeroUsize, Error> {
    let handle = match kind {
        NativeKind::OciEnv => connection.oci_attr::<Env>(),
        NativeKind::OciServer => connection.oci_attr::<Server>(),
        NativeKind::OciSession => connection.oci_attr::<UserSession>(),
        NativeKind::OciSvcCtx => return Err(no_service_context()),
    };
    let handle = handle.map_err(|error| translate(&error))?;
    NonZeroUsize::new(handle.addr())
        .ok_or_else(|| Error::unsupported("the client library has no such handle"))
}

/// The crate keeps it to itself. What it would be good for can be had with one of the caller's own.
fn no_service_context() -> Error {
    Error::unsupported(
        "this driver can not hand out its OCISvcCtx; make one: OCIHandleAlloc(env, &svc, OCI_HTYPE_SVCCTX, 0, NULL) with \
         the OCIEnv of this session, then OCIAttrSet its OCI_ATTR_SERVER and OCI_ATTR_SESSION to the OCIServer and \
         OCISession of this session; OCIHandleFree it before the release",
    )
}
