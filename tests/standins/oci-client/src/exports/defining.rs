//! Output variables: OCIDefine.

use std::ffi::c_int;
use std::sync::Arc;

use crate::binds::{Lengths, is_known_type};
use crate::defines::{Define, DefineCallback};
use crate::errors::{DONE, OraError, Reply, fail};
use crate::guard::{Call, Kind, enter, enter_statement};
use crate::handles::{Token, register, resolve};
use crate::memory::Caller;
use crate::objects::Object;
use crate::statement::StatementHandle;

const DYNAMIC_FETCH: u32 = 2;

#[unsafe(no_mangle)]
extern "C" fn OCIDefineDynamic(
    define: Token,
    error: Token,
    context: Caller<u8>,
    callback: Option<DefineCallback>,
) -> c_int {
    enter("OCIDefineDynamic", error, |call| {
        let (statement, position) = match resolve(call.name, define)? {
            Object::Define(statement, position) => (statement, position),
            other => return call.wrong(&other, "OCIDefine"),
        };
        if let Some(define) = statement.state.lock().defines.get_mut(&position) {
            define.callback = callback.map(|callback| (context, callback));
        }
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIDefineByPos2(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    position: u32,
    buffer: Caller<u8>,
    size: u64,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u32>,
    return_codes: Caller<u16>,
    mode: u32,
) -> c_int {
    let lengths = Lengths::Long(lengths);
    let size = usize::try_from(size).unwrap_or(0);
    let define = define_of(sqlt, buffer, size, indicators, lengths, return_codes, mode);
    define_by_position("OCIDefineByPos2", (statement, error), handle, position, define, mode)
}

#[unsafe(no_mangle)]
extern "C" fn OCIDefineByPos(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    position: u32,
    buffer: Caller<u8>,
    size: i32,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u16>,
    return_codes: Caller<u16>,
    mode: u32,
) -> c_int {
    let lengths = Lengths::Short(lengths);
    let size = usize::try_from(size).unwrap_or(0);
    let define = define_of(sqlt, buffer, size, indicators, lengths, return_codes, mode);
    define_by_position("OCIDefineByPos", (statement, error), handle, position, define, mode)
}

fn define_of(
    sqlt: u16,
    buffer: Caller<u8>,
    size: usize,
    indicators: Caller<i16>,
    lengths: Lengths,
    return_codes: Caller<u16>,
    mode: u32,
) -> Define {
    let at_fetch = mode & DYNAMIC_FETCH != 0;
    Define {
        token: Token::NULL,
        at_fetch,
        callback: None,
        sqlt,
        buffer,
        size,
        indicators,
        lengths,
        return_codes,
    }
}

fn define_by_position(
    name: &'static str,
    (statement, error): (Token, Token),
    handle: Caller<Token>,
    position: u32,
    define: Define,
    mode: u32,
) -> c_int {
    enter_statement(name, statement, error, Kind::Local, |call, _, found| {
        call.note("position", position);
        put_define(call, statement, handle, &found, position, define, mode)
    })
}

fn put_define(
    call: &mut Call,
    owner: Token,
    handle: Caller<Token>,
    statement: &Arc<StatementHandle>,
    position: u32,
    define: Define,
    mode: u32,
) -> Reply {
    call.note("sqlt", define.sqlt);
    let Some(position) = (position as usize).checked_sub(1) else {
        return fail(1007, "variable not in select list");
    };
    if mode & !DYNAMIC_FETCH != 0 || !is_known_type(define.sqlt) {
        return Err(OraError::unimplemented(format_args!(
            "defines of SQLT {} with mode {mode:#x}",
            define.sqlt
        ))
        .into());
    }
    let mut state = statement.state.lock();
    let token = match state.defines.get(&position) {
        Some(known) => known.token,
        None => register(Object::Define(Arc::clone(statement), position), owner),
    };
    state.defines.insert(position, Define { token, ..define });
    handle.put(token);
    DONE
}
