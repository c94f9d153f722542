//! Statements: prepare, bind, define, execute, fetch, release.

use std::ffi::c_int;
use std::sync::Arc;

use crate::binds::{Bind, InCallback, Lengths, is_known_type};
use crate::checks;
use crate::defines::{Define, DefineCallback};
use crate::errors::{DONE, Ending, Failure, OraError, Reply, fail};
use crate::exports::handles::free_all;
use crate::guard::{Call, Kind, enter, enter_session, enter_statement};
use crate::handles::{Dead, Token, look_up, register, remove, report, resolve};
use crate::interned::intern;
use crate::memory::Caller;
use crate::objects::Object;
use crate::scan;
use crate::statement::StatementHandle;

const NATIVE_SYNTAX: u32 = 1;
const DATA_AT_EXEC: u32 = 2;
const DYNAMIC_FETCH: u32 = 2;
/// OCI_BIND_DEDICATED_REF_CURSOR says how cursors are bound, which are refused anyway.
const BIND_KNOWN: u32 = DATA_AT_EXEC | 0x400;
const FETCH_NEXT: u16 = 2;
const CACHE_DELETE: u32 = 0x10;

#[unsafe(no_mangle)]
extern "C" fn OCIStmtPrepare2(
    service: Token,
    statement: Caller<Token>,
    error: Token,
    sql: Caller<u8>,
    length: u32,
    _key: Caller<u8>,
    key_length: u32,
    language: u32,
    mode: u32,
) -> c_int {
    statement.put(Token::NULL);
    enter_session("OCIStmtPrepare2", service, error, Kind::Local, |call, on| {
        let sql = sql.text(length as usize);
        call.note("sql", &sql);
        if language != NATIVE_SYNTAX || mode != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        if key_length > 0 {
            return Err(OraError::unimplemented("keys of the statement cache").into());
        }
        let handle = StatementHandle::new(Arc::clone(&on.service), Arc::clone(&on.core), sql);
        let token = register(Object::Statement(Arc::new(handle)), on.service.environment);
        on.core.statements.lock().insert(token);
        statement.put(token);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIStmtRelease(
    statement: Token,
    error: Token,
    _key: Caller<u8>,
    key_length: u32,
    mode: u32,
) -> c_int {
    if let Err(dead @ Dead::Freed(_)) = look_up(statement) {
        return enter("OCIStmtRelease", error, |call| {
            report(call.name, statement, dead);
            Err(Failure::Handle)
        });
    }
    enter_statement("OCIStmtRelease", statement, error, Kind::Local, |_, on, _| {
        if key_length > 0 {
            return Err(OraError::unimplemented("keys of the statement cache").into());
        }
        let caches = on.service.statement_cache.load(std::sync::atomic::Ordering::Relaxed) > 0;
        if mode & !CACHE_DELETE != 0 || (mode & CACHE_DELETE != 0 && !caches) {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        on.core.statements.lock().remove(&statement);
        free_all(statement);
        remove(statement);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIStmtExecute(
    service: Token,
    statement: Token,
    error: Token,
    iterations: u32,
    row_offset: u32,
    _snapshot_in: Token,
    _snapshot_out: Token,
    mode: u32,
) -> c_int {
    enter_session("OCIStmtExecute", service, error, Kind::RoundTrip, |call, on| {
        let handle = call.statement(statement)?;
        call.note("sql", &handle.sql);
        call.note("iterations", iterations);
        call.note("mode", format_args!("{mode:#x}"));
        if !Arc::ptr_eq(&handle.core, &on.core) {
            checks::violation("OCIStmtExecute: the statement was prepared on another session");
            return fail(1023, "Cursor context not found");
        }
        if row_offset != 0 {
            return Err(OraError::unimplemented("OCIStmtExecute from another row than the first").into());
        }
        let reply = handle.execute(iterations, mode)?;
        if let Ok(Object::Error(errors)) = look_up(error) {
            *errors.batch.lock() = handle.state.lock().batch_errors.clone();
        }
        Ok(reply)
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIStmtFetch2(
    statement: Token,
    error: Token,
    rows: u32,
    orientation: u16,
    _offset: i32,
    _mode: u32,
) -> c_int {
    enter_statement("OCIStmtFetch2", statement, error, Kind::RoundTrip, |call, _, handle| {
        call.note("rows", rows);
        if orientation != FETCH_NEXT && orientation != 0 {
            return Err(OraError::unimplemented("scrollable cursors").into());
        }
        handle.fetch(rows)
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIStmtGetNextResult(
    statement: Token,
    error: Token,
    result: Caller<Token>,
    _kind: Caller<u32>,
    _mode: u32,
) -> c_int {
    result.put(Token::NULL);
    // The engine has no implicit results, so that there never is a next one.
    enter_statement("OCIStmtGetNextResult", statement, error, Kind::Local, |_, _, _| Ok(Ending::NoData))
}

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
    enter_statement("OCIBindByPos2", statement, error, Kind::Local, |call, _, found| {
        call.note("position", position);
        request.bind(call, statement, &found, &position_list(position))
    })
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
    enter_statement("OCIBindByPos", statement, error, Kind::Local, |call, _, found| {
        call.note("position", position);
        request.bind(call, statement, &found, &position_list(position))
    })
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
    enter_statement("OCIBindByName2", statement, error, Kind::Local, |call, _, found| {
        let name = name_of(name, name_length);
        call.note("name", &name);
        request.bind(call, statement, &found, &found.positions_of_name(&name))
    })
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
    enter_statement("OCIBindByName", statement, error, Kind::Local, |call, _, found| {
        let name = name_of(name, name_length);
        call.note("name", &name);
        request.bind(call, statement, &found, &found.positions_of_name(&name))
    })
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
    let at_fetch = mode & DYNAMIC_FETCH != 0;
    let define = Define {
        token: Token::NULL,
        at_fetch,
        callback: None,
        sqlt,
        buffer,
        size,
        indicators,
        lengths,
        return_codes,
    };
    enter_statement("OCIDefineByPos2", statement, error, Kind::Local, |call, _, found| {
        call.note("position", position);
        put_define(call, statement, handle, &found, position, define, mode)
    })
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
    let at_fetch = mode & DYNAMIC_FETCH != 0;
    let define = Define {
        token: Token::NULL,
        at_fetch,
        callback: None,
        sqlt,
        buffer,
        size,
        indicators,
        lengths,
        return_codes,
    };
    enter_statement("OCIDefineByPos", statement, error, Kind::Local, |call, _, found| {
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
