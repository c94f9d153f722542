//! OCISessionGet and OCISessionRelease.

use std::ffi::c_int;
use std::sync::Arc;

use crate::auth::{self, AuthAttributes, SessionHandle};
use crate::checks;
use crate::connect::{ServerHandle, log_on};
use crate::core::{Core, Link};
use crate::database::Database;
use crate::drcp::{self, Found, Retag, Wish};
use crate::errors::{DONE, Failure, Reply, fail, words_of};
use crate::exports::handles::free_all;
use crate::exports::standalone::{CRED_EXT, CRED_RDBMS, identity};
use crate::guard::{Call, enter};
use crate::handles::{Dead, Token, look_up, register, remove, report};
use crate::interned::intern;
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

/// Nothing of the last user may be left in a session that another gets, or that ends.
pub fn check_clean(call: &str, core: &Core) {
    if core.in_transaction() {
        checks::violation(format_args!("{call}: {core:?} has an open transaction"));
    }
    let open = core.statements.lock().len();
    if open > 0 && core.link.is_up() {
        checks::violation(format_args!("{call}: {core:?} has {open} open statement(s)"));
    }
}

/// Statements go with their session.
pub fn free_statements(core: &Core) {
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
        let tag = tag.text(tag_length as usize);
        let tag = (!tag.is_empty()).then_some(tag);
        call.note("tag", tag.as_deref().unwrap_or_default());
        let attributes = match auth.is_null() {
            true => AuthAttributes::default(),
            false => call.session_handle(auth)?.attributes.lock().clone(),
        };
        let (core, attributes, origin) = match mode & GET_SPOOL != 0 {
            true => from_pool(&name, &attributes, mode)?,
            false => standalone(&name, &attributes, mode)?,
        };
        let told = match begin(&core, &attributes, tag.as_deref(), mode) {
            Ok(told) => told,
            Err(failure) => {
                give_back(&origin, core, false);
                return Err(failure);
            }
        };
        call.note_session(&core);
        call.note("line", core.line);
        call.note("attached", core.is_attached());
        if let Some(text) = told.tag {
            let text = intern(&text);
            found_tag.put(text.as_ptr() as usize);
            found_tag_length.put(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        found.put(c_int::from(told.found));
        service.put(check_out(environment, &core, attributes, origin));
        DONE
    })
}

/// Attaches the server session that is asked for, if the line comes to pooled servers.
fn begin(core: &Core, attributes: &AuthAttributes, tag: Option<&str>, mode: u32) -> Result<Found, Failure> {
    if !core.is_pooled {
        return if tag.is_some() { drcp::no_tags("OCISessionGet") } else { Ok(Found::default()) };
    }
    let is_pools = mode & GET_SPOOL != 0;
    drcp::begin(
        core,
        &Wish {
            tag,
            multiproperty: mode & GET_MULTIPROPERTY != 0,
            match_any: mode & GET_MATCHANY != 0,
            // By default what comes from a pool may have been used, and nothing else.
            is_new: match attributes.purity {
                0 => mode & GET_PURITY_NEW != 0 || !is_pools && mode & GET_PURITY_SELF == 0,
                purity => purity == PURITY_NEW,
            },
            fixup: attributes.text(auth::FIXUP_CALLBACK),
        },
    )
}

/// True: the line stays with OCI's pool.
fn give_back(origin: &Origin, core: Arc<Core>, drop_it: bool) -> bool {
    match origin {
        Origin::Pooled(pool) => pool.give_back(core, drop_it),
        Origin::Got | Origin::Allocated => {
            core.end();
            false
        }
    }
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
        let tag = tag.text(tag_length as usize);
        call.note("mode", format_args!("{mode:#x}"));
        call.note("tag", &tag);
        if mode & !RELEASE_KNOWN != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
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
        let retag = match mode & RELEASE_RETAG != 0 {
            true => Retag::Set((!tag.is_empty()).then_some(tag.as_str())),
            false => Retag::Keep,
        };
        release(call, service, &handle, mode & RELEASE_DROP != 0, &retag)
    })
}

fn release(
    call: &mut Call,
    token: Token,
    service: &ServiceContext,
    drop_it: bool,
    retag: &Retag<'_>,
) -> Reply {
    if matches!(service.origin, Origin::Allocated) {
        checks::violation("OCISessionRelease: a session that did not come from OCISessionGet");
        return fail(24421, "OCISessionRelease cannot be used to release this session.");
    }
    let Some(session) = service.session_handle() else { return Err(Failure::Handle) };
    let core = session.core.lock().clone();
    let Some(core) = core else { return fail(1012, words_of(1012)) };
    call.note_session(&core);
    call.note("line", core.line);
    if let (false, Retag::Set(Some(_))) = (core.is_pooled, retag) {
        return drcp::no_tags(call.name);
    }
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
    if core.is_pooled && drop_it {
        drcp::purge(&core);
    } else if core.is_pooled && drcp::release(&core, retag).is_err() {
        // With a transaction open it is nobody else's.
        drcp::purge(&core);
    }
    drop(alone);
    let stays = give_back(&service.origin, core, drop_it);
    call.note("line_stays", stays);
    DONE
}
