//! Statements: prepare, bind, execute, fetch, read columns; SQLite's shape.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::capi::arg::{bytes, put, required, text};
use crate::capi::guard::{Done, enter, is_forked, read};
use crate::capi::handle::{Table, Use, handle_of, session, token_of};
use crate::capi::session::sql_text;
use crate::capi::{orapool_error, orapool_session, orapool_status, orapool_stmt};
use crate::driver::Statement;
use crate::driver::value::{self as convert, Value};
use crate::error::Error;
use crate::pool::core::Core;
use crate::pool::place::LoanKey;

/// A statement, as C has it: where it lives, and the texts that were read off its columns.
struct Stmt {
    core: Arc<Core>,
    loan: LoanKey,
    number: u32,
    texts: Mutex<Texts>,
}

/// Bytes that the caller may still be looking at, by column. Each has a NUL behind it.
#[derive(Default)]
struct Texts {
    names: Vec<Option<Box<[u8]>>>,
    values: Vec<Option<Box<[u8]>>>,
}

static STMTS: Table<Stmt> = Table::new(Use::Stmt, "statement");

impl Stmt {
    /// Runs `body` on the driver's statement.
    fn with<T>(&self, body: impl FnOnce(&mut dyn Statement) -> Result<T, Error>) -> Result<T, Error> {
        self.core.with_statement(self.loan, self.number, body)
    }

    /// Runs `body`, which makes a call to the server, on the driver's statement.
    fn run<T>(&self, body: impl FnOnce(&mut dyn Statement) -> Result<T, Error>) -> Result<T, Error> {
        self.core.run_statement(self.loan, self.number, body)
    }

    /// The value in `column` of the row last fetched.
    fn value(&self, column: u32) -> Result<Value, Error> {
        self.with(|statement| convert::value_at(statement, column))
    }
}

impl Drop for Stmt {
    fn drop(&mut self) {
        // If the session has been released, the statement went with it.
        let _ = self.core.close_statement(self.loan, self.number);
    }
}

fn find(stmt: *const orapool_stmt) -> Result<Arc<Stmt>, Error> {
    STMTS.find(token_of(stmt))
}

/// Keeps `bytes` in `slots` at `column` and gives their address and length. They stay until the next call that clears
/// the slots, so that two reads of one column give the same address.
fn keep(
    slots: &mut Vec<Option<Box<[u8]>>>,
    column: u32,
    make: impl FnOnce() -> Vec<u8>,
) -> (*const u8, usize) {
    let column = column as usize;
    if slots.len() <= column {
        slots.resize_with(column + 1, || None);
    }
    let Some(slot) = slots.get_mut(column) else { return (ptr::null(), 0) };
    let kept = slot.get_or_insert_with(|| {
        let mut bytes = make();
        bytes.push(0);
        bytes.into_boxed_slice()
    });
    (kept.as_ptr(), kept.len() - 1)
}

/// Prepares a statement.
///
/// session: where it will run. The statement ends with the loan: after the release only orapool_stmt_free is of use.
/// sql:     UTF-8, without a semicolon at its end; binds are written :1 or :name; not NULL.
/// len:     its length in bytes, or ORAPOOL_NTS.
/// stmt:    out, the statement, the caller's to free with orapool_stmt_free; NULL on failure.
///
/// Returns ORAPOOL_ERROR with the database's number if the text is wrong and that can be known before it is executed. The
/// session's thread; may ask the server. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_prepare(
    session: *mut orapool_session,
    sql: *const c_char,
    len: usize,
    stmt: *mut *mut orapool_stmt,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a handle.
    unsafe { put(stmt, ptr::null_mut()) };
    enter(error, || {
        required(stmt, "stmt")?;
        let (core, loan) = self::session(token_of(session))?;
        // SAFETY: see the header: NULL or `len` readable bytes.
        let sql = unsafe { sql_text(sql, len) }?;
        let number = core.prepare(loan, sql)?;
        let token = STMTS.add(Arc::new(Stmt { core, loan, number, texts: Mutex::default() }))?;
        // SAFETY: as above.
        unsafe { put(stmt, handle_of(token)) };
        Ok(Done::Success)
    })
}

fn bind(stmt: *mut orapool_stmt, position: u32, value: Value) -> Result<Done, Error> {
    find(stmt)?.with(|statement| statement.bind(position, value))?;
    Ok(Done::Success)
}

/// Binds NULL.
///
/// position: of the placeholder, counted from 1 in the order of the text.
///
/// Returns ORAPOOL_ERROR (1036) for a position that the statement does not have. The bind stays for all executions until
/// it is bound anew. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_bind_null(
    stmt: *mut orapool_stmt,
    position: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || bind(stmt, position, Value::Null))
}

/// Binds a whole number. For the rest see orapool_stmt_bind_null. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_bind_int(
    stmt: *mut orapool_stmt,
    position: u32,
    value: i64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || bind(stmt, position, Value::Int(value)))
}

/// Binds a floating-point number. Returns ORAPOOL_INVALID_ARGUMENT for what is not finite, which no NUMBER holds. For the
/// rest see orapool_stmt_bind_null. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_bind_double(
    stmt: *mut orapool_stmt,
    position: u32,
    value: f64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        if !value.is_finite() {
            return Err(Error::invalid_argument(format!("value is {value}; a NUMBER must be finite")));
        }
        bind(stmt, position, Value::Double(value))
    })
}

/// Binds a text, which is copied. NULL and an empty text bind NULL, as everywhere in Oracle.
///
/// text: UTF-8.
/// len:  its length in bytes, or ORAPOOL_NTS.
///
/// Returns ORAPOOL_INVALID_ARGUMENT for what is not UTF-8. For the rest see orapool_stmt_bind_null. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_bind_text(
    stmt: *mut orapool_stmt,
    position: u32,
    text: *const c_char,
    len: usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        // SAFETY: see the header: NULL or `len` readable bytes.
        let text = unsafe { self::text(text, len, "text") }?;
        bind(stmt, position, text.map_or(Value::Null, |text| Value::Text(text.to_owned())))
    })
}

/// Binds bytes (RAW, BLOB), which are copied. NULL and no bytes bind NULL.
///
/// bytes: any bytes.
/// len:   how many; not ORAPOOL_NTS.
///
/// For the rest see orapool_stmt_bind_null. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_bind_bytes(
    stmt: *mut orapool_stmt,
    position: u32,
    bytes: *const c_void,
    len: usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        if len == crate::capi::arg::NTS {
            return Err(Error::invalid_argument("bytes need their length: ORAPOOL_NTS is for text"));
        }
        // SAFETY: see the header: NULL or `len` readable bytes.
        let bytes = unsafe { self::bytes(bytes, len, "bytes") }?.filter(|bytes| !bytes.is_empty());
        bind(stmt, position, bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes.to_owned())))
    })
}

/// Executes the statement; may be repeated, with other binds. Rows of a former execution that were not fetched are gone.
///
/// rows: out, rows inserted, updated or deleted; 0 for all else and on failure; may be NULL.
///
/// Returns ORAPOOL_ERROR with the database's number: 1008 if a placeholder is not bound, 1013 after a break, 3136 after
/// the call timeout. The session's thread; blocks for as long as the statement takes. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_execute(
    stmt: *mut orapool_stmt,
    rows: *mut u64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(rows, 0) };
    enter(error, || {
        let stmt = find(stmt)?;
        *stmt.texts.lock() = Texts::default();
        let count = stmt.run(|statement| statement.execute())?;
        // SAFETY: as above.
        unsafe { put(rows, count) };
        Ok(Done::Success)
    })
}

/// Moves to the next row of an executed query.
///
/// Returns ORAPOOL_NO_DATA after the last row. Texts and bytes of the row before are gone. The session's thread; blocks
/// for as long as the database takes. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_fetch(
    stmt: *mut orapool_stmt,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let stmt = find(stmt)?;
        stmt.texts.lock().values.clear();
        let has_row = stmt.run(|statement| statement.fetch())?;
        Ok(if has_row { Done::Success } else { Done::NoData })
    })
}

/// How many columns the query has; 0 for what is not a query and for a bad handle, and with `oci` before the execute.
///
/// The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_count(stmt: *mut orapool_stmt) -> u32 {
    read(0, || find(stmt)?.with(|statement| Ok(u32::try_from(statement.columns().len()).unwrap_or(u32::MAX))))
}

/// The name of a column, as the database gives it: in upper case, unless the query quoted it.
///
/// column: counted from 0.
/// len:    out, its length in bytes without the NUL; may be NULL.
///
/// NULL for a column that there is not and for a bad handle. The name ends with a NUL, belongs to the statement and lives
/// until the next execution. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_name(
    stmt: *mut orapool_stmt,
    column: u32,
    len: *mut usize,
) -> *const c_char {
    let (name, length) = read((ptr::null(), 0), || {
        let stmt = find(stmt)?;
        let name = stmt.with(|statement| Ok(statement.columns().get(column as usize).cloned()))?;
        let Some(name) = name else { return Ok((ptr::null(), 0)) };
        Ok(keep(&mut stmt.texts.lock().names, column, || name.into_bytes()))
    });
    // SAFETY: see the header: NULL or a place for a size.
    unsafe { put(len, length) };
    name.cast::<c_char>()
}

/// 1 if the column of the row last fetched is NULL, else 0; 0 as well for a column that there is not, without a row, and
/// for a bad handle.
///
/// column: counted from 0. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_is_null(stmt: *mut orapool_stmt, column: u32) -> i32 {
    read(0, || Ok(i32::from(find(stmt)?.value(column)? == Value::Null)))
}

/// Reads a column of the row last fetched as a whole number. NULL reads as 0.
///
/// column: counted from 0.
/// value:  out; 0 on failure.
///
/// Returns ORAPOOL_ERROR: 1455 for a number that an int64_t does not hold exactly (it is never rounded), 1722 for a text
/// that is no number, 1007 for a column that there is not, 1002 without a row. The session's thread; never blocks.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_int(
    stmt: *mut orapool_stmt,
    column: u32,
    value: *mut i64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(value, 0) };
    enter(error, || {
        required(value, "value")?;
        let number = convert::to_int(&find(stmt)?.value(column)?)?;
        // SAFETY: as above.
        unsafe { put(value, number) };
        Ok(Done::Success)
    })
}

/// Reads a column of the row last fetched as a floating-point number, the nearest to its value. NULL reads as 0.
///
/// column: counted from 0.
/// value:  out; 0 on failure.
///
/// Returns ORAPOOL_ERROR: 1722 for a text that is no number, 1007 for a column that there is not, 1002 without a row. The
/// session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_double(
    stmt: *mut orapool_stmt,
    column: u32,
    value: *mut f64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(value, 0.0) };
    enter(error, || {
        required(value, "value")?;
        let number = convert::to_double(&find(stmt)?.value(column)?)?;
        // SAFETY: as above.
        unsafe { put(value, number) };
        Ok(Done::Success)
    })
}

/// Reads a column of the row last fetched as text: numbers in all their digits, bytes in hexadecimal.
///
/// column: counted from 0.
/// text:   out, UTF-8 with a NUL behind it; NULL for SQL NULL and on failure.
/// len:    out, its length in bytes without the NUL; may be NULL.
///
/// The text belongs to the statement and lives until its next fetch, execution or free. Returns ORAPOOL_ERROR: 1007 for a
/// column that there is not, 1002 without a row. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_text(
    stmt: *mut orapool_stmt,
    column: u32,
    text: *mut *const c_char,
    len: *mut usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header, as in `column_of_bytes`.
    unsafe { column_of_bytes(stmt, column, text.cast(), len, error, convert::to_text) }
}

/// Reads a column of the row last fetched as bytes: of RAW and BLOB the bytes themselves, of all else its text.
///
/// column: counted from 0.
/// bytes:  out; NULL for SQL NULL and on failure.
/// len:    out, how many; may be NULL.
///
/// The bytes belong to the statement and live until its next fetch, execution or free. Returns ORAPOOL_ERROR: 1007 for a
/// column that there is not, 1002 without a row. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_column_bytes(
    stmt: *mut orapool_stmt,
    column: u32,
    bytes: *mut *const c_void,
    len: *mut usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header, as in `column_of_bytes`.
    unsafe { column_of_bytes(stmt, column, bytes.cast(), len, error, convert::to_bytes) }
}

/// Gives a column in the bytes that `convert` makes of it.
///
/// # Safety
/// `to` is NULL or a place for a pointer, `len` NULL or a place for a size.
unsafe fn column_of_bytes(
    stmt: *mut orapool_stmt,
    column: u32,
    to: *mut *const u8,
    len: *mut usize,
    error: *mut *mut orapool_error,
    convert: fn(Value) -> Option<Vec<u8>>,
) -> orapool_status {
    // SAFETY: the same promise.
    unsafe {
        put(to, ptr::null());
        put(len, 0);
    }
    enter(error, || {
        required(to, "the pointer to the result")?;
        let stmt = find(stmt)?;
        let Some(bytes) = convert(stmt.value(column)?) else { return Ok(Done::Success) };
        let (kept, length) = stmt.texts.lock().keep_value(column, bytes);
        // SAFETY: the same promise.
        unsafe {
            put(to, kept);
            put(len, length);
        }
        Ok(Done::Success)
    })
}

impl Texts {
    /// Keeps the bytes of a column. Text and raw bytes of one column differ, so that each kind is kept apart.
    fn keep_value(&mut self, column: u32, bytes: Vec<u8>) -> (*const u8, usize) {
        let is_same = |kept: &Option<Box<[u8]>>| {
            kept.as_ref().is_none_or(|kept| kept.strip_suffix(&[0]) == Some(bytes.as_slice()))
        };
        let first = (column as usize) * 2;
        let at = if self.values.get(first).is_none_or(is_same) { first } else { first + 1 };
        keep(&mut self.values, u32::try_from(at).unwrap_or(u32::MAX), || bytes)
    }
}

/// Frees a statement and what was read off its columns.
///
/// stmt: NULL, a stale or a foreign handle is fine and does nothing; so does every call in a forked child.
///
/// The session's thread, or, after the session's release, any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_stmt_free(stmt: *mut orapool_stmt) {
    // The session is the parent's; and a lock of the table may have been held when the process forked.
    if !is_forked() {
        let _ = STMTS.take(token_of(stmt));
    }
}
