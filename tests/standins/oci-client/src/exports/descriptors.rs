//! Descriptors: of dates, and of columns, which OCIParamGet gives.

use std::ffi::c_int;
use std::sync::Arc;

use crate::checks;
use crate::dates::{DTYPE_TIMESTAMP, DTYPE_TIMESTAMP_LTZ, DTYPE_TIMESTAMP_TZ, DateTime};
use crate::errors::{self, DONE, Failure, OraError, Reply};
use crate::exports::handles::free_all;
use crate::guard::enter;
use crate::handles::{Dead, Token, look_up, register, remove, report, resolve};
use crate::memory::Caller;
use crate::objects::Object;

fn descriptor(kind: u32) -> Result<Object, Failure> {
    match kind {
        DTYPE_TIMESTAMP | DTYPE_TIMESTAMP_TZ | DTYPE_TIMESTAMP_LTZ => {
            Ok(Object::DateTime(Arc::new(DateTime { descriptor_type: kind, value: Default::default() })))
        }
        other => Err(OraError::unimplemented(format_args!("descriptors of type {other}")).into()),
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIDescriptorAlloc(
    parent: Token,
    place: Caller<Token>,
    kind: u32,
    _extra_size: usize,
    _extra: Caller<u8>,
) -> c_int {
    enter("OCIDescriptorAlloc", Token::NULL, |call| {
        call.note("type", kind);
        call.environment(parent)?;
        place.put(register(descriptor(kind)?, parent));
        DONE
    })
}

/// The first descriptor of the array stands for the others, which are freed with it.
#[unsafe(no_mangle)]
extern "C" fn OCIArrayDescriptorAlloc(
    parent: Token,
    places: Caller<Token>,
    kind: u32,
    count: u32,
    _extra_size: usize,
    _extra: Caller<u8>,
) -> c_int {
    enter("OCIArrayDescriptorAlloc", Token::NULL, |call| {
        call.note("type", kind);
        call.environment(parent)?;
        let mut first = Token::NULL;
        for index in 0..count as usize {
            let owner = if first.is_null() { parent } else { first };
            let token = register(descriptor(kind)?, owner);
            if first.is_null() {
                first = token;
            }
            places.put_item(index, token);
        }
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIDescriptorFree(place: Token, kind: u32) -> c_int {
    enter("OCIDescriptorFree", Token::NULL, |call| {
        call.note("type", kind);
        free_descriptor(call.name, place)
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIArrayDescriptorFree(places: Caller<Token>, kind: u32) -> c_int {
    enter("OCIArrayDescriptorFree", Token::NULL, |call| {
        call.note("type", kind);
        free_descriptor(call.name, places.get().unwrap_or(Token::NULL))
    })
}

fn free_descriptor(call: &str, token: Token) -> Reply {
    match look_up(token) {
        Ok(Object::Column(_) | Object::DateTime(_) | Object::ContextEntry(_)) => {
            free_all(token);
            remove(token);
            DONE
        }
        Ok(other) => {
            checks::violation(format_args!("{call}: {other:?} handle freed as a descriptor"));
            Err(Failure::Handle)
        }
        Err(Dead::Freed(kind)) => {
            checks::violation(format_args!("{call}: {kind} descriptor {:#x} freed twice", token.0));
            Err(Failure::Handle)
        }
        Err(dead) => {
            report(call, token, dead);
            Err(Failure::Handle)
        }
    }
}

/// Also of error handles: the errors of an array execute.
#[unsafe(no_mangle)]
extern "C" fn OCIParamGet(
    handle: Token,
    kind: u32,
    error: Token,
    parameter: Caller<Token>,
    position: u32,
) -> c_int {
    enter("OCIParamGet", error, |call| {
        call.note("type", kind);
        call.note("position", position);
        match resolve(call.name, handle)? {
            Object::Statement(statement) => {
                let state = statement.state.lock();
                let column = (position as usize).checked_sub(1).and_then(|index| state.columns.get(index));
                let Some(column) = column else {
                    return errors::fail(24334, "no descriptor for this position");
                };
                parameter.put(register(Object::Column(Arc::clone(column)), statement.service.environment));
            }
            Object::Error(handle) => {
                let batch = handle.batch.lock();
                let Some(error) = batch.get(position as usize) else {
                    return errors::fail(24334, "no descriptor for this position");
                };
                // OCI fills the error handle that the caller gives.
                let given = parameter.get().unwrap_or(Token::NULL);
                match resolve(call.name, given)? {
                    Object::Error(given) => *given.errors.lock() = vec![error.clone()],
                    other => return call.wrong(&other, "OCIError"),
                }
            }
            Object::ContextEntry(_) | Object::Session(_) => {
                return crate::attributes::context_entry(handle, position, parameter);
            }
            other => return call.wrong(&other, "OCIStmt"),
        }
        DONE
    })
}
