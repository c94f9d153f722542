//! Statements: prepare, execute, fetch, release.

use std::ffi::c_int;
use std::sync::Arc;

use crate::checks;
use crate::errors::{DONE, Ending, Failure, OraError, fail};
use crate::exports::handles::free_all;
use crate::guard::{Kind, enter, enter_session, enter_statement};
use crate::handles::{Dead, Token, look_up, register, remove, report};
use crate::memory::Caller;
use crate::objects::Object;
use crate::statement::StatementHandle;

const NATIVE_SYNTAX: u32 = 1;
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
