//! Allocating and freeing handles.

use std::ffi::c_int;
use std::sync::Arc;

use crate::auth::SessionHandle;
use crate::checks;
use crate::connect::ServerHandle;
use crate::errors::{DONE, Failure, OraError, Reply};
use crate::guard::{Call, enter};
use crate::handles::{Dead, Token, children, look_up, register, remove, report, resolve};
use crate::memory::Caller;
use crate::objects::{ErrorHandle, Object};
use crate::pool::PoolHandle;
use crate::service::{Origin, ServiceContext};

const HTYPE_ENV: u32 = 1;
const HTYPE_ERROR: u32 = 2;
const HTYPE_SVCCTX: u32 = 3;
const HTYPE_STMT: u32 = 4;
const HTYPE_SERVER: u32 = 8;
const HTYPE_SESSION: u32 = 9;
const HTYPE_SPOOL: u32 = 27;
const HTYPE_DESCRIBE: u32 = 7;
const HTYPE_TRANS: u32 = 10;
const HTYPE_SUBSCRIPTION: u32 = 13;
const HTYPE_ADMIN: u32 = 28;
const DTYPE_PARAM: u32 = 53;

impl Call {
    pub fn environment(&self, token: Token) -> Result<(), Failure> {
        match resolve(self.name, token)? {
            Object::Environment(_) => Ok(()),
            other => self.wrong(&other, "OCIEnv"),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIHandleAlloc(
    parent: Token,
    handle: Caller<Token>,
    kind: u32,
    _extra_size: usize,
    _extra: Caller<u8>,
) -> c_int {
    handle.put(Token::NULL);
    enter("OCIHandleAlloc", Token::NULL, |call| {
        call.note("type", kind);
        call.environment(parent)?;
        let object = match kind {
            HTYPE_ERROR => Object::Error(Arc::new(ErrorHandle::default())),
            HTYPE_SVCCTX => Object::Service(Arc::new(ServiceContext::new(parent, Origin::Allocated))),
            HTYPE_SERVER => Object::Server(Arc::new(ServerHandle::default())),
            HTYPE_SESSION => Object::Session(Arc::new(SessionHandle::default())),
            HTYPE_SPOOL => Object::Pool(Arc::new(PoolHandle::default())),
            HTYPE_DESCRIBE | HTYPE_TRANS | HTYPE_SUBSCRIPTION | HTYPE_ADMIN => Object::Inert(kind),
            other => {
                return Err(OraError::unimplemented(format_args!("OCIHandleAlloc of type {other}")).into());
            }
        };
        let token = register(object, parent);
        call.note("handle", format_args!("{:#x}", token.0));
        handle.put(token);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIHandleFree(handle: Token, kind: u32) -> c_int {
    enter("OCIHandleFree", Token::NULL, |call| {
        call.note("handle", format_args!("{:#x}", handle.0));
        call.note("type", kind);
        free_handle(handle, kind)
    })
}

fn free_handle(handle: Token, kind: u32) -> Reply {
    let object = match look_up(handle) {
        Ok(object) => object,
        Err(Dead::Freed(name)) => {
            checks::violation(format_args!("OCIHandleFree: {name} handle {:#x} freed twice", handle.0));
            return Err(Failure::Handle);
        }
        Err(dead) => {
            report("OCIHandleFree", handle, dead);
            return Err(Failure::Handle);
        }
    };
    if type_of(&object) != kind {
        checks::violation(format_args!("OCIHandleFree: {object:?} handle freed as type {kind}"));
        return Err(Failure::Handle);
    }
    check_unused(&object);
    if matches!(object, Object::Environment(_)) {
        free_children(handle);
    }
    remove(handle);
    if let Object::Statement(statement) = &object {
        statement.core.statements.lock().remove(&handle);
        free_all(handle);
    }
    DONE
}

/// OCI's number for the type of an object.
fn type_of(object: &Object) -> u32 {
    match object {
        Object::Environment(_) => HTYPE_ENV,
        Object::Error(_) => HTYPE_ERROR,
        Object::Service(_) => HTYPE_SVCCTX,
        Object::Statement(_) => HTYPE_STMT,
        Object::Bind(..) => 5,
        Object::Define(..) => 6,
        Object::Server(_) => HTYPE_SERVER,
        Object::Session(_) => HTYPE_SESSION,
        Object::Pool(_) => HTYPE_SPOOL,
        Object::Column(_) | Object::ContextEntry(_) => DTYPE_PARAM,
        Object::DateTime(descriptor) => descriptor.descriptor_type,
        Object::Inert(kind) => *kind,
    }
}

/// A handle is freed only after what it stands for has ended.
fn check_unused(object: &Object) {
    match object {
        Object::Session(session) if session.core.lock().is_some() => {
            checks::violation("OCIHandleFree: OCISession handle freed while its session is logged on");
        }
        Object::Server(server) if server.attached().is_some() => {
            checks::violation("OCIHandleFree: OCIServer handle freed while it is attached");
        }
        Object::Service(service) if !matches!(service.origin, Origin::Allocated) => {
            checks::violation(
                "OCIHandleFree: service context of OCISessionGet freed; OCISessionRelease ends it",
            );
        }
        Object::Pool(pool) if pool.is_open() => {
            checks::violation("OCIHandleFree: OCISPool handle freed while its pool is open");
        }
        _ => {}
    }
}

/// With an environment go its handles. Those that somebody should have freed are leaks.
fn free_children(environment: Token) {
    for (token, object) in children(environment) {
        // ODPI-C leaves to the environment what a pool's log-ons are told, and the server handle of a connect that failed.
        let is_excused = match &object {
            Object::Session(session) => session.belongs_to_pool.load(std::sync::atomic::Ordering::Relaxed),
            Object::Server(server) => server.attached().is_none(),
            _ => false,
        };
        if Object::must_be_freed(Object::kind_name(object.kind())) && !is_excused {
            checks::violation(format_args!(
                "OCIHandleFree: environment freed while its {object:?} handle {:#x} is not",
                token.0
            ));
        }
        free_all(token);
        remove(token);
    }
}

/// Takes away what hangs under a handle.
pub fn free_all(parent: Token) {
    for (token, _) in children(parent) {
        remove(token);
    }
}
