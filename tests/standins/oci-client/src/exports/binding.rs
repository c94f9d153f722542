//! Bind variables: OCIBind and what a statement tells of its own.

use std::ffi::c_int;
use std::sync::Arc;

use crate::binds::{Bind, InCallback, Lengths, is_known_type};
use crate::errors::{DONE, Ending, OraError, Reply, fail};
use crate::guard::{Call, Kind, enter, enter_statement};
use crate::handles::{Token, register, resolve};
use crate::interned::intern;
use crate::memory::Caller;
use crate::objects::Object;
use crate::scan;
use crate::statement::StatementHandle;

const DATA_AT_EXEC: u32 = 2;
/// OCI_BIND_DEDICATED_REF_CURSOR says how cursors are bound, which are refused anyway.
const BIND_KNOWN: u32 = DATA_AT_EXEC | 0x400;

#[unsafe(no_mangle)]
extern "C" fn OCIStmtGetBindInfo(
    statement: Token,
    error: Token,
    size: u32,
    start: u32,
    found: Caller<i32>,
    names: Caller<*const u8>,
    name_lengths: Caller<u8>,
    indicator_names: Caller<*const u8>,
    indicator_lengths: Caller<u8>,
    duplicates: Caller<u8>,
    binds: Caller<Token>,
) -> c_int {
    found.put(0);
    enter_statement("OCIStmtGetBindInfo", statement, error, Kind::Local, |_, _, handle| {
        let is_plsql = scan::is_plsql(handle.statement_type);
        let all: Vec<&str> = match is_plsql {
            true => handle.names.iter().map(String::as_str).collect(),
            false => handle.placeholders.iter().map(|placeholder| placeholder.name.as_str()).collect(),
        };
        if all.is_empty() {
            return Ok(Ending::NoData);
        }
        let first = (start as usize).saturating_sub(1);
        let shown = all.iter().enumerate().skip(first).take(size as usize);
        for (slot, (index, name)) in shown.enumerate() {
            let text = intern(name);
            names.put_item(slot, text.as_ptr());
            name_lengths.put_item(slot, text.len().min(255) as u8);
            indicator_names.put_item(slot, std::ptr::null());
            indicator_lengths.put_item(slot, 0);
            duplicates.put_item(slot, u8::from(all[..index].contains(name)));
            let bind = handle.state.lock().binds.get(&index).map_or(Token::NULL, |bind| bind.token);
            binds.put_item(slot, bind);
        }
        let count = i32::try_from(all.len()).unwrap_or(i32::MAX);
        // A negative count says that there are more than the caller has room for.
        found.put(if all.len() > size as usize { -count } else { count });
        DONE
    })
}

/// What the four calls that bind have in common.
struct BindRequest {
    handle: Caller<Token>,
    buffer: Caller<u8>,
    size: i64,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Lengths,
    array_length: u32,
    mode: u32,
}

impl BindRequest {
    fn bind_position(&self, call: &'static str, statement: Token, error: Token, position: u32) -> c_int {
        enter_statement(call, statement, error, Kind::Local, |call, _, found| {
            call.note("position", position);
            self.bind(call, statement, &found, &position_list(position))
        })
    }

    fn bind_name(
        &self,
        call: &'static str,
        statement: Token,
        error: Token,
        (name, length): (Caller<u8>, i32),
    ) -> c_int {
        enter_statement(call, statement, error, Kind::Local, |call, _, found| {
            let name = name_of(name, length);
            call.note("name", &name);
            self.bind(call, statement, &found, &found.positions_of_name(&name))
        })
    }

    fn bind(
        &self,
        call: &mut Call,
        owner: Token,
        statement: &Arc<StatementHandle>,
        positions: &[usize],
    ) -> Reply {
        call.note("sqlt", self.sqlt);
        let known = positions.first().filter(|first| **first < statement.positions());
        let Some(&first) = known else { return fail(1036, "illegal variable name/number") };
        if self.array_length > 0 {
            return Err(OraError::unimplemented("arrays as PL/SQL arguments").into());
        }
        if self.mode & !BIND_KNOWN != 0 || !is_known_type(self.sqlt) {
            return Err(OraError::unimplemented(format_args!(
                "binds of SQLT {} with mode {:#x}",
                self.sqlt, self.mode
            ))
            .into());
        }
        let mut state = statement.state.lock();
        let token = match state.binds.get(&first) {
            Some(bind) => bind.token,
            None => register(Object::Bind(Arc::clone(statement), first), owner),
        };
        let bind = Bind {
            token,
            sqlt: self.sqlt,
            buffer: self.buffer,
            size: usize::try_from(self.size).unwrap_or(0),
            indicators: self.indicators,
            lengths: self.lengths,
            at_execute: self.mode & DATA_AT_EXEC != 0,
            callback: None,
        };
        for position in positions {
            state.binds.insert(*position, bind);
        }
        self.handle.put(token);
        DONE
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIBindByPos2(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    position: u32,
    buffer: Caller<u8>,
    size: i64,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u32>,
    _return_codes: Caller<u16>,
    array_length: u32,
    _array_count: Caller<u32>,
    mode: u32,
) -> c_int {
    let lengths = Lengths::Long(lengths);
    let request = BindRequest { handle, buffer, size, sqlt, indicators, lengths, array_length, mode };
    request.bind_position("OCIBindByPos2", statement, error, position)
}

#[unsafe(no_mangle)]
extern "C" fn OCIBindByPos(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    position: u32,
    buffer: Caller<u8>,
    size: i32,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u16>,
    _return_codes: Caller<u16>,
    array_length: u32,
    _array_count: Caller<u32>,
    mode: u32,
) -> c_int {
    let (lengths, size) = (Lengths::Short(lengths), size.into());
    let request = BindRequest { handle, buffer, size, sqlt, indicators, lengths, array_length, mode };
    request.bind_position("OCIBindByPos", statement, error, position)
}

fn position_list(position: u32) -> Vec<usize> {
    (position as usize).checked_sub(1).into_iter().collect()
}

#[unsafe(no_mangle)]
extern "C" fn OCIBindByName2(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    name: Caller<u8>,
    name_length: i32,
    buffer: Caller<u8>,
    size: i64,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u32>,
    _return_codes: Caller<u16>,
    array_length: u32,
    _array_count: Caller<u32>,
    mode: u32,
) -> c_int {
    let lengths = Lengths::Long(lengths);
    let request = BindRequest { handle, buffer, size, sqlt, indicators, lengths, array_length, mode };
    request.bind_name("OCIBindByName2", statement, error, (name, name_length))
}

#[unsafe(no_mangle)]
extern "C" fn OCIBindByName(
    statement: Token,
    handle: Caller<Token>,
    error: Token,
    name: Caller<u8>,
    name_length: i32,
    buffer: Caller<u8>,
    size: i32,
    sqlt: u16,
    indicators: Caller<i16>,
    lengths: Caller<u16>,
    _return_codes: Caller<u16>,
    array_length: u32,
    _array_count: Caller<u32>,
    mode: u32,
) -> c_int {
    let (lengths, size) = (Lengths::Short(lengths), size.into());
    let request = BindRequest { handle, buffer, size, sqlt, indicators, lengths, array_length, mode };
    request.bind_name("OCIBindByName", statement, error, (name, name_length))
}

/// A negative length says that the name ends at a NUL.
fn name_of(name: Caller<u8>, length: i32) -> String {
    usize::try_from(length).map_or_else(|_| name.c_text(), |length| name.text(length))
}

#[unsafe(no_mangle)]
extern "C" fn OCIBindDynamic(
    bind: Token,
    error: Token,
    in_context: Caller<u8>,
    in_callback: Option<InCallback>,
    _out_context: Caller<u8>,
    _out_callback: Caller<u8>,
) -> c_int {
    enter("OCIBindDynamic", error, |call| {
        let (statement, position) = match resolve(call.name, bind)? {
            Object::Bind(statement, position) => (statement, position),
            other => return call.wrong(&other, "OCIBind"),
        };
        let mut state = statement.state.lock();
        let token = state.binds.get(&position).map(|bind| bind.token);
        // One name may stand at several positions.
        for bind in state.binds.values_mut().filter(|bind| Some(bind.token) == token) {
            bind.callback = in_callback.map(|callback| (in_context, callback));
        }
        DONE
    })
}
