//! OCIAttrGet and OCIAttrSet: each attribute with the width that OCI gives it.

mod pool;
mod service;
mod session;
mod statement;

pub use session::context_entry;

use std::ffi::c_int;

use crate::errors::{DONE, Ending, OraError, Reply, fail};
use crate::guard::enter;
use crate::handles::{Token, resolve};
use crate::interned::intern;
use crate::memory::Caller;
use crate::objects::{Environment, ErrorHandle, Object};
use pool::{get_pool, set_pool};
use service::{get_server, get_service, set_server, set_service};
use session::{get_session, set_context_entry, set_session};
use statement::{get_column, get_statement, set_statement};

/// AL32UTF8
const CHARSET: u16 = 873;

/// Where an attribute's value goes.
struct Out {
    place: Caller<u8>,
    size: Caller<u32>,
    attribute: u32,
}

impl Out {
    fn put<T: Copy>(&self, value: T) -> Reply {
        self.place.cast::<T>().put(value);
        self.size.put(size_of::<T>() as u32);
        DONE
    }

    fn text(&self, text: &str) -> Reply {
        let text = intern(text);
        self.place.cast::<*const u8>().put(text.as_ptr());
        self.size.put(u32::try_from(text.len()).unwrap_or(u32::MAX));
        DONE
    }

    /// Text, or nothing: ODPI-C takes NO_DATA as empty.
    fn text_or_nothing(&self, text: Option<&str>) -> Reply {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.text(text),
            None => self.nothing(),
        }
    }

    fn nothing(&self) -> Reply {
        self.place.cast::<*const u8>().put(std::ptr::null());
        self.size.put(0);
        Ok(Ending::NoData)
    }

    fn unknown(&self) -> Reply {
        unknown(self.attribute)
    }
}

fn unknown(attribute: u32) -> Reply {
    fail(24315, format_args!("illegal attribute type: {attribute}"))
}

fn inert(kind: u32) -> Reply {
    Err(OraError::unimplemented(format_args!("handles of type {kind}")).into())
}

#[unsafe(no_mangle)]
extern "C" fn OCIAttrGet(
    handle: Token,
    kind: u32,
    place: Caller<u8>,
    size: Caller<u32>,
    attribute: u32,
    error: Token,
) -> c_int {
    enter("OCIAttrGet", error, |call| {
        call.note("type", kind);
        call.note("attribute", attribute);
        let out = Out { place, size, attribute };
        match resolve(call.name, handle)? {
            Object::Environment(_) => get_environment(&out),
            Object::Error(handle) => get_error(&handle, &out),
            Object::Service(service) => get_service(call, &service, &out),
            Object::Statement(statement) => get_statement(&statement, &out),
            Object::Server(server) => get_server(&server, &out),
            Object::Session(session) => get_session(call, handle, &session, &out),
            Object::Pool(pool) => get_pool(&pool, &out),
            Object::Column(column) => get_column(&column, &out),
            Object::Inert(kind) => inert(kind),
            Object::Bind(..) | Object::Define(..) | Object::DateTime(_) | Object::ContextEntry(_) => {
                out.unknown()
            }
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIAttrSet(
    handle: Token,
    kind: u32,
    value: Caller<u8>,
    size: u32,
    attribute: u32,
    error: Token,
) -> c_int {
    enter("OCIAttrSet", error, |call| {
        call.note("type", kind);
        call.note("attribute", attribute);
        let given = Given { value, size };
        match resolve(call.name, handle)? {
            Object::Environment(environment) => set_environment(&environment, attribute),
            Object::Service(service) => set_service(call, &service, &given, attribute),
            Object::Statement(statement) => set_statement(&statement, &given, attribute),
            Object::Server(server) => set_server(&server, &given, attribute),
            Object::Session(session) => set_session(call, handle, &session, &given, attribute),
            Object::Pool(pool) => set_pool(call, &pool, &given, attribute),
            Object::ContextEntry(entry) => set_context_entry(&entry, &given, attribute),
            // The form of the character set and the size that a value may reach; the first is always UTF-8's, the second is not needed.
            Object::Bind(..) | Object::Define(..) => DONE,
            Object::Error(_) | Object::Column(_) | Object::DateTime(_) => unknown(attribute),
            Object::Inert(kind) => inert(kind),
        }
    })
}

/// The value that an attribute is set to.
struct Given {
    value: Caller<u8>,
    size: u32,
}

impl Given {
    fn text(&self) -> String {
        self.value.text(self.size as usize)
    }

    fn number(&self) -> u32 {
        self.value.cast::<u32>().get().unwrap_or_default()
    }

    /// Handles are passed themselves, not by a pointer to them.
    fn handle(&self) -> Token {
        Token(self.value.address())
    }
}

fn get_environment(out: &Out) -> Reply {
    match out.attribute {
        31 | 262 => out.put(CHARSET),
        _ => out.unknown(),
    }
}

/// SODA's cache of metadata is switched on by ODPI-C; there is no SODA here that could have one.
fn set_environment(_: &Environment, attribute: u32) -> Reply {
    if attribute == 624 { DONE } else { unknown(attribute) }
}

fn get_error(handle: &ErrorHandle, out: &Out) -> Reply {
    match out.attribute {
        // OCI_ATTR_ERROR_IS_RECOVERABLE
        472 => out.put(0i32),
        // OCI_ATTR_DML_ROW_OFFSET
        74 => out.put(handle.errors.lock().first().map_or(0, |error| error.row)),
        _ => out.unknown(),
    }
}
