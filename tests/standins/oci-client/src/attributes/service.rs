//! Attributes of OCISvcCtx and OCIServer.

use std::sync::atomic::Ordering::Relaxed;

use super::{CHARSET, Given, Out, unknown};
use crate::connect::ServerHandle;
use crate::errors::{DONE, OraError, Reply, fail};
use crate::guard::Call;
use crate::handles::{Token, resolve};
use crate::objects::Object;
use crate::service::{Origin, ServiceContext};

pub fn get_service(call: &mut Call, service: &ServiceContext, out: &Out) -> Reply {
    let core = service.session_handle().and_then(|session| session.core.lock().clone());
    let _alone = core.as_ref().map(|core| {
        call.note_session(core);
        core.use_alone(call.name)
    });
    match out.attribute {
        5 => out.put(service.environment),
        6 => out.put(service.server.lock().as_ref().map_or(Token::NULL, |(token, _)| *token)),
        7 => out.put(service.session.lock().as_ref().map_or(Token::NULL, |(token, _)| *token)),
        8 => out.put(Token::NULL),
        176 => out.put(service.statement_cache.load(Relaxed)),
        // OCI_ATTR_MAX_IDENTIFIER_LEN
        500 => out.put(128u8),
        531 => out.put(service.call_timeout_ms.load(Relaxed)),
        // OCI_ATTR_SERVER_TYPE: 1 is a dedicated server, 4 a pooled one.
        694 => out.put(if core.as_ref().is_some_and(|core| core.is_pooled) { 4u8 } else { 1 }),
        _ => out.unknown(),
    }
}

pub fn set_service(call: &mut Call, service: &ServiceContext, given: &Given, attribute: u32) -> Reply {
    let core = service.session_handle().and_then(|session| session.core.lock().clone());
    let _alone = core.as_ref().map(|core| {
        call.note_session(core);
        core.use_alone(call.name)
    });
    let is_ours = !matches!(service.origin, Origin::Allocated);
    match attribute {
        6 | 7 if is_ours => {
            return fail(24300, "bad value: the handles of a session of OCISessionGet must stay as they are");
        }
        6 => match resolve(call.name, given.handle())? {
            Object::Server(server) => *service.server.lock() = Some((given.handle(), server)),
            other => return call.wrong(&other, "OCIServer"),
        },
        7 => match resolve(call.name, given.handle())? {
            Object::Session(session) => *service.session.lock() = Some((given.handle(), session)),
            other => return call.wrong(&other, "OCISession"),
        },
        8 if given.value.is_null() => {}
        8 => return Err(OraError::unimplemented("transaction handles").into()),
        176 => service.statement_cache.store(given.number(), Relaxed),
        531 => service.call_timeout_ms.store(given.number(), Relaxed),
        _ => return unknown(attribute),
    }
    DONE
}

pub fn get_server(server: &ServerHandle, out: &Out) -> Reply {
    let database = server.attached().map(|attached| attached.database);
    let name = database.as_ref().map(|database| database.target.name.as_str());
    match out.attribute {
        25 => out.text_or_nothing(Some(&server.names.lock()[0])),
        26 => out.text_or_nothing(Some(&server.names.lock()[1])),
        31 | 262 => out.put(CHARSET),
        143 => out.put(server.status()),
        391..=393 => out.text_or_nothing(name),
        399 => out.nothing(),
        436 => out.put(server.receive_timeout_ms.load(Relaxed)),
        495 => out.put(server.break_on_timeout.load(Relaxed)),
        _ => out.unknown(),
    }
}

pub fn set_server(server: &ServerHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        25 => server.names.lock()[0] = given.text(),
        26 => server.names.lock()[1] = given.text(),
        436 => server.receive_timeout_ms.store(given.number(), Relaxed),
        495 => server.break_on_timeout.store(given.value.get().unwrap_or_default(), Relaxed),
        _ => return unknown(attribute),
    }
    DONE
}
