//! Getting a session and giving it back, by either way.

use std::ffi::c_int;
use std::sync::Arc;

use crate::auth::{AuthAttributes, SessionHandle};
use crate::checks;
use crate::connect::{Attached, Identity, ServerHandle, log_on};
use crate::core::{Core, Link};
use crate::database::Database;
use crate::errors::{DONE, Failure, OraError, Reply, fail, words_of};
use crate::exports::handles::{free_all, put_text};
use crate::guard::{Call, Kind, enter, enter_session};
use crate::handles::{Dead, Token, look_up, register, remove, report, resolve};
use crate::memory::Caller;
use crate::objects::Object;
use crate::pool::{self, Request};
use crate::service::{Origin, ServiceContext};

const GET_SPOOL: u32 = 0x1;
const GET_STMTCACHE: u32 = 0x4;
const GET_CREDPROXY: u32 = 0x8;
const GET_CREDEXT: u32 = 0x10;
const GET_MATCHANY: u32 = 0x20;
const GET_PURITY_NEW: u32 = 0x40;
const GET_PURITY_SELF: u32 = 0x80;
const GET_SYSDBA: u32 = 0x100;
const GET_MULTIPROPERTY: u32 = 0x400;
const GET_KNOWN: u32 = GET_SPOOL
    | GET_STMTCACHE
    | GET_CREDPROXY
    | GET_CREDEXT
    | GET_MATCHANY
    | GET_PURITY_NEW
    | GET_PURITY_SELF
    | GET_SYSDBA
    | GET_MULTIPROPERTY;
const RELEASE_DROP: u32 = 1;
const RELEASE_RETAG: u32 = 2;
const RELEASE_KNOWN: u32 = 7;
const PURITY_NEW: u32 = 1;
const CRED_RDBMS: u32 = 1;
const CRED_EXT: u32 = 2;
const STMT_CACHE: u32 = 0x40;

impl Call {
    fn server(&self, token: Token) -> Result<Arc<ServerHandle>, Failure> {
        match resolve(self.name, token)? {
            Object::Server(server) => Ok(server),
            other => self.wrong(&other, "OCIServer"),
        }
    }

    fn session_handle(&self, token: Token) -> Result<Arc<SessionHandle>, Failure> {
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

fn identity(attributes: &AuthAttributes, credentials: u32) -> Result<Identity, Failure> {
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

/// Nothing of the last user may be left in a session that another gets, or that ends.
fn check_clean(call: &str, core: &Core) {
    if core.in_transaction() {
        checks::violation(format_args!(
            "{call}: session {},{} has an open transaction",
            core.sid, core.serial
        ));
    }
    let open = core.statements.lock().len();
    if open > 0 && core.link.is_up() {
        checks::violation(format_args!(
            "{call}: session {},{} has {open} open statement(s)",
            core.sid, core.serial
        ));
    }
}

/// Statements go with their session.
fn free_statements(core: &Core) {
    for statement in core.statements.lock().drain() {
        free_all(statement);
        remove(statement);
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionGet(
    environment: Token,
    error: Token,
    service: Caller<Token>,
    auth: Token,
    name: Caller<u8>,
    name_length: u32,
    tag: Caller<u8>,
    tag_length: u32,
    found_tag: Caller<usize>,
    found_tag_length: Caller<u32>,
    found: Caller<c_int>,
    mode: u32,
) -> c_int {
    service.put(Token::NULL);
    found_tag.put(0);
    found_tag_length.put(0);
    found.put(0);
    enter("OCISessionGet", error, |call| {
        call.environment(environment)?;
        let name = name.text(name_length as usize);
        call.note("name", &name);
        call.note("mode", format_args!("{mode:#x}"));
        if mode & !GET_KNOWN != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        if mode & GET_SYSDBA != 0 {
            return fail(24428, "Sessions as SYSDBA are not supported in this mode.");
        }
        if !tag.is_null() && tag_length > 0 {
            return Err(OraError::unimplemented("tags in OCISessionGet").into());
        }
        let attributes = match auth.is_null() {
            true => AuthAttributes::default(),
            false => call.session_handle(auth)?.attributes.lock().clone(),
        };
        let (core, attributes, origin) = match mode & GET_SPOOL != 0 {
            true => from_pool(&name, &attributes, mode)?,
            false => standalone(&name, &attributes, mode)?,
        };
        call.note_session(&core);
        service.put(check_out(environment, &core, attributes, origin));
        DONE
    })
}

type Got = (Arc<Core>, AuthAttributes, Origin);

fn from_pool(name: &str, attributes: &AuthAttributes, mode: u32) -> Result<Got, Failure> {
    let Some(pool) = pool::find(name) else { return fail(24416, "Invalid session Poolname was specified.") };
    let request = Request {
        attributes,
        proxy_credentials: mode & GET_CREDPROXY != 0,
        external: mode & GET_CREDEXT != 0,
        new_session: mode & GET_PURITY_NEW != 0 || attributes.purity == PURITY_NEW,
    };
    let (core, attributes) = pool.get(&request)?;
    Ok((core, attributes, Origin::Pooled(pool)))
}

fn standalone(connect_string: &str, attributes: &AuthAttributes, mode: u32) -> Result<Got, Failure> {
    let database = Database::open(connect_string)?;
    database.reach()?;
    let credentials = if mode & GET_CREDEXT != 0 { CRED_EXT } else { CRED_RDBMS };
    let identity = identity(attributes, credentials)?;
    let core = log_on(&database, &Arc::new(Link::default()), &identity, attributes)?;
    Ok((core, attributes.clone(), Origin::Got))
}

/// New handles for each check-out, so that an old one is told from the new ones of the same session.
fn check_out(environment: Token, core: &Arc<Core>, attributes: AuthAttributes, origin: Origin) -> Token {
    let server = Arc::new(ServerHandle::of(core));
    let session = Arc::new(SessionHandle::of(core));
    *session.attributes.lock() = attributes;
    let service = ServiceContext::new(environment, origin);
    let server_token = register(Object::Server(Arc::clone(&server)), environment);
    let session_token = register(Object::Session(Arc::clone(&session)), environment);
    *service.server.lock() = Some((server_token, server));
    *service.session.lock() = Some((session_token, session));
    register(Object::Service(Arc::new(service)), environment)
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionRelease(
    service: Token,
    error: Token,
    tag: Caller<u8>,
    tag_length: u32,
    mode: u32,
) -> c_int {
    enter("OCISessionRelease", error, |call| {
        call.note("mode", format_args!("{mode:#x}"));
        if mode & !RELEASE_KNOWN != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        if mode & RELEASE_RETAG != 0 && !tag.is_null() && tag_length > 0 {
            return Err(OraError::unimplemented("tags in OCISessionRelease").into());
        }
        let handle = match look_up(service) {
            Ok(Object::Service(handle)) => handle,
            Ok(other) => return call.wrong(&other, "OCISvcCtx"),
            Err(Dead::Freed(_)) => {
                checks::violation(format_args!(
                    "OCISessionRelease: service context {:#x} released twice",
                    service.0
                ));
                return Err(Failure::Handle);
            }
            Err(dead) => {
                report(call.name, service, dead);
                return Err(Failure::Handle);
            }
        };
        release(call, service, &handle, mode & RELEASE_DROP != 0)
    })
}

fn release(call: &mut Call, token: Token, service: &ServiceContext, drop_it: bool) -> Reply {
    if matches!(service.origin, Origin::Allocated) {
        checks::violation("OCISessionRelease: a session that did not come from OCISessionGet");
        return fail(24421, "OCISessionRelease cannot be used to release this session.");
    }
    let Some(session) = service.session_handle() else { return Err(Failure::Handle) };
    let core = session.core.lock().clone();
    let Some(core) = core else { return fail(1012, words_of(1012)) };
    call.note_session(&core);
    let alone = core.use_alone(call.name);
    if !drop_it {
        check_clean(call.name, &core);
    }
    session.release();
    for (token, _) in service.session.lock().iter() {
        remove(*token);
    }
    for (token, _) in service.server.lock().iter() {
        remove(*token);
    }
    remove(token);
    free_statements(&core);
    drop(alone);
    match &service.origin {
        Origin::Pooled(pool) => pool.give_back(core, drop_it),
        Origin::Got | Origin::Allocated => core.end(),
    }
    DONE
}

#[unsafe(no_mangle)]
extern "C" fn OCIPing(service: Token, error: Token, _mode: u32) -> c_int {
    enter_session("OCIPing", service, error, Kind::RoundTrip, |_, on| {
        let receive = on
            .service
            .server_handle()
            .map(|server| server.receive_timeout_ms.load(std::sync::atomic::Ordering::Relaxed));
        let receive =
            receive.filter(|limit| *limit > 0).map(|limit| std::time::Duration::from_millis(limit.into()));
        let limit = on.service.call_timeout().into_iter().chain(receive).min();
        on.core.round_trip(limit, |session| session.ping(None))?;
        DONE
    })
}

/// From any thread, while another is inside a call.
#[unsafe(no_mangle)]
extern "C" fn OCIBreak(handle: Token, error: Token) -> c_int {
    enter("OCIBreak", error, |call| {
        let service = match look_up(handle) {
            Ok(Object::Service(service)) => service,
            Ok(Object::Server(_)) => {
                return Err(OraError::unimplemented("OCIBreak of a server handle").into());
            }
            Ok(other) => return call.wrong(&other, "OCISvcCtx"),
            Err(Dead::Freed(_)) => {
                checks::violation(format_args!("OCIBreak: service context {:#x} was released", handle.0));
                return Err(Failure::Handle);
            }
            Err(dead) => {
                report(call.name, handle, dead);
                return Err(Failure::Handle);
            }
        };
        let core = service.core(call.name)?;
        call.note_session(&core);
        core.break_call();
        DONE
    })
}

/// After a break the engine has nothing left to clear.
#[unsafe(no_mangle)]
extern "C" fn OCIReset(handle: Token, error: Token) -> c_int {
    enter_session("OCIReset", handle, error, Kind::Local, |_, _| DONE)
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerRelease2(
    handle: Token,
    error: Token,
    buffer: Caller<u8>,
    size: u32,
    _kind: u8,
    version: Caller<u32>,
    _mode: u32,
) -> c_int {
    enter_session("OCIServerRelease2", handle, error, Kind::RoundTrip, |_, on| {
        server_release(on.core.as_ref(), buffer, size, version)
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerRelease(
    handle: Token,
    error: Token,
    buffer: Caller<u8>,
    size: u32,
    _kind: u8,
    version: Caller<u32>,
) -> c_int {
    enter_session("OCIServerRelease", handle, error, Kind::RoundTrip, |_, on| {
        server_release(on.core.as_ref(), buffer, size, version)
    })
}

fn server_release(core: &Core, buffer: Caller<u8>, size: u32, version: Caller<u32>) -> Reply {
    let banner = core.quietly(|session| {
        let mut statement = session.prepare("select banner from v$version")?;
        statement.execute(session)?;
        statement.fetch(session)?;
        Ok(statement.value(0).cloned())
    })?;
    let banner = match banner {
        Some(orapool_engine::Value::Text(banner)) => banner,
        _ => "orapool embedded engine - not an Oracle database".to_owned(),
    };
    put_text(buffer, size as usize, &banner);
    // 23.6.0.24.10, as it is packed since version 18.
    let [major, minor, update, patch, port] = super::environment::version();
    version.put((major << 24 | minor << 16 | update << 12 | patch << 4 | port) as u32);
    DONE
}
