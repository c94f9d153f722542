//! Sessions by hand: attaching to a server, logging on, logging off, detaching.

use std::ffi::c_int;
use std::sync::Arc;

use crate::auth::{AuthAttributes, SessionHandle};
use crate::checks;
use crate::connect::{Attached, Identity, ServerHandle, log_on};
use crate::core::Link;
use crate::database::Database;
use crate::errors::{DONE, Failure, OraError, fail, words_of};
use crate::exports::sessions::{check_clean, free_statements};
use crate::guard::{Call, enter};
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::objects::Object;
use crate::service::Origin;

pub const CRED_RDBMS: u32 = 1;
pub const CRED_EXT: u32 = 2;
const STMT_CACHE: u32 = 0x40;

impl Call {
    fn server(&self, token: Token) -> Result<Arc<ServerHandle>, Failure> {
        match resolve(self.name, token)? {
            Object::Server(server) => Ok(server),
            other => self.wrong(&other, "OCIServer"),
        }
    }

    pub fn session_handle(&self, token: Token) -> Result<Arc<SessionHandle>, Failure> {
        match resolve(self.name, token)? {
            Object::Session(session) => Ok(session),
            other => self.wrong(&other, "OCISession"),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerAttach(
    server: Token,
    error: Token,
    connect_string: Caller<u8>,
    length: i32,
    mode: u32,
) -> c_int {
    enter("OCIServerAttach", error, |call| {
        let server = call.server(server)?;
        let connect_string = connect_string.text(length.max(0) as usize);
        call.note("connect", &connect_string);
        call.note("mode", format_args!("{mode:#x}"));
        if mode != 0 {
            return Err(OraError::unimplemented(format_args!("OCIServerAttach with mode {mode:#x}")).into());
        }
        if server.attached().is_some() {
            return fail(24309, "already connected to a server");
        }
        let database = Database::open(&connect_string)?;
        database.reach()?;
        *server.attached.lock() = Some(Attached { database, link: Arc::new(Link::default()) });
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerDetach(server: Token, error: Token, _mode: u32) -> c_int {
    enter("OCIServerDetach", error, |call| {
        let server = call.server(server)?;
        let attached = server.attached.lock().take();
        match attached {
            Some(_) => DONE,
            None => fail(24327, "need explicit attach before authenticating a user"),
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionBegin(
    service: Token,
    error: Token,
    session: Token,
    credentials: u32,
    mode: u32,
) -> c_int {
    enter("OCISessionBegin", error, |call| {
        let service = call.service(service)?;
        let handle = call.session_handle(session)?;
        call.note("credentials", credentials);
        call.note("mode", format_args!("{mode:#x}"));
        if mode & !STMT_CACHE != 0 {
            return Err(OraError::unimplemented(format_args!("OCISessionBegin with mode {mode:#x}")).into());
        }
        let Some(attached) = service.server_handle().and_then(|server| server.attached()) else {
            return fail(24327, "need explicit attach before authenticating a user");
        };
        if !attached.link.is_up() {
            return fail(3114, words_of(3114));
        }
        if handle.core.lock().is_some() {
            return fail(
                24310,
                "length specified for null connect string: the session handle is logged on already",
            );
        }
        let attributes = handle.attributes.lock().clone();
        let identity = identity(&attributes, credentials)?;
        call.note("user", &identity.user);
        let core = log_on(&attached.database, &attached.link, &identity, &attributes)?;
        call.note_session(&core);
        *handle.core.lock() = Some(core);
        DONE
    })
}

pub fn identity(attributes: &AuthAttributes, credentials: u32) -> Result<Identity, Failure> {
    match credentials {
        CRED_RDBMS => Ok(Identity::from_attributes(attributes)),
        CRED_EXT => Ok(Identity::external(attributes.text(crate::auth::USERNAME).unwrap_or_default())),
        other => fail(24300, format_args!("bad value for mode: credentials {other}")),
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionEnd(service: Token, error: Token, session: Token, _mode: u32) -> c_int {
    enter("OCISessionEnd", error, |call| {
        let service = call.service(service)?;
        if !matches!(service.origin, Origin::Allocated) {
            checks::violation("OCISessionEnd: a session of OCISessionGet; OCISessionRelease ends it");
            return fail(24420, "OCISessionRelease must be used to release this session.");
        }
        let handle = call.session_handle(session)?;
        let core = handle.core.lock().clone();
        let Some(core) = core else { return fail(1012, words_of(1012)) };
        call.note_session(&core);
        let _alone = core.use_alone(call.name);
        check_clean(call.name, &core);
        handle.release();
        free_statements(&core);
        if !core.link.is_up() {
            core.end();
            return fail(3114, words_of(3114));
        }
        core.end();
        DONE
    })
}
