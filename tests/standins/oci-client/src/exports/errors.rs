//! Errors, told by OCIErrorGet.

use std::ffi::c_int;

use crate::errors::{DONE, Ending};
use crate::guard::enter;
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::objects::Object;

#[unsafe(no_mangle)]
extern "C" fn OCIErrorGet(
    handle: Token,
    record: u32,
    _sql_state: Caller<u8>,
    code: Caller<i32>,
    buffer: Caller<u8>,
    size: u32,
    kind: u32,
) -> c_int {
    enter("OCIErrorGet", Token::NULL, |call| {
        call.note("type", kind);
        let errors = match resolve(call.name, handle)? {
            Object::Error(handle) => handle.errors.lock().clone(),
            Object::Environment(environment) => environment.error.lock().clone(),
            other => return call.wrong(&other, "OCIError"),
        };
        let index = (record as usize).checked_sub(1);
        let Some(error) = index.and_then(|index| errors.get(index)) else { return Ok(Ending::NoData) };
        code.put(error.code);
        put_text(buffer, size as usize, &error.message);
        DONE
    })
}

/// Text with a NUL, cut at the size, though not inside a character.
pub fn put_text(buffer: Caller<u8>, size: usize, text: &str) {
    let Some(room) = size.checked_sub(1) else { return };
    let mut length = text.len().min(room);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    buffer.put_bytes(&text.as_bytes()[..length]);
    buffer.at(length).put(0);
}
