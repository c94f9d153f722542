//! Sessions on loan.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use crate::capi::arg::{NTS, bytes, put, required, text};
use crate::capi::attrs::copy_of;
use crate::capi::error::ORAPOOL_SUCCESS;
use crate::capi::guard::{Done, enter, is_ready, read};
use crate::capi::handle::{handle_of, session, session_token, token_of};
use crate::capi::near;
use crate::capi::pool::{find, unknown_mode};
use crate::capi::{orapool, orapool_attrs, orapool_error, orapool_session, orapool_status};
use crate::driver::NativeKind;
use crate::error::Error;
use crate::pool::core::Core;
use crate::pool::get::LoanKey;
use crate::pool::{GetOptions, Purity, get_session};

/// For orapool_session_get: a session that nobody has had, whatever the attribute says. The value is OCI's.
pub const ORAPOOL_SESSGET_PURITY_NEW: u32 = 0x0040;
/// For orapool_session_get: whatever others of the same user and class left. The value is OCI's.
pub const ORAPOOL_SESSGET_PURITY_SELF: u32 = 0x0080;
/// For orapool_session_release: closes the session instead of keeping it. The value is OCI's.
pub const ORAPOOL_SESSRLS_DROPSESS: u32 = 0x0001;

/// For orapool_session_native: OCISvcCtx *.
pub const ORAPOOL_NATIVE_OCI_SVCCTX: u32 = 3;
/// For orapool_session_native: OCIEnv *.
pub const ORAPOOL_NATIVE_OCI_ENV: u32 = 5;
/// For orapool_session_native: OCIServer *.
pub const ORAPOOL_NATIVE_OCI_SERVER: u32 = 6;
/// For orapool_session_native: OCISession *.
pub const ORAPOOL_NATIVE_OCI_SESSION: u32 = 7;

/// Gets a session from the pool.
///
/// pool:        where from.
/// session:     out, the session, the caller's to release with orapool_session_release, on any thread; NULL on failure.
/// attrs:       NULL, or what sets this get apart. Read are USER, PASSWORD, EXTERNAL_AUTH (heterogeneous pools alone),
///              CONNECTION_CLASS, PURITY, EDITION, CONTEXT, GET_MODE and WAIT_TIMEOUT_MS; the others are passed over.
/// tag:         NULL: this version has no tags.
/// tag_len:     0 or ORAPOOL_NTS.
/// ret_tag:     out, NULL; may be NULL.
/// ret_tag_len: out, 0; may be NULL.
/// found:       out, 0; may be NULL.
/// mode:        0, ORAPOOL_SESSGET_PURITY_NEW or ORAPOOL_SESSGET_PURITY_SELF.
///
/// Of the idle sessions of that user, class and edition the one that the calling thread released last is taken, else
/// the one that was released last. One that was idle for
/// ORAPOOL_ATTR_PING_INTERVAL_MS is pinged first, and replaced if it does not answer. If none fits, the pool grows; if
/// it can not, the session that was idle for longest goes to make room for one that fits; else the get mode decides.
/// Waiting gets are served in the order of arrival; a get that comes later may overtake the oldest only until that has
/// waited for 100 us.
///
/// Blocks as the get mode says: in ORAPOOL_GET_WAIT for ever, for as long as a connect takes if one is made for this
/// get. A deadline (ORAPOOL_GET_TIMEDWAIT, or ORAPOOL_ATTR_WAIT_TIMEOUT_MS given to the get) covers all that the get
/// waits for; a connect that it does not wait for any more goes on, and its session stays in the pool.
///
/// Returns ORAPOOL_SUCCESS_WITH_INFO (24417) when ORAPOOL_GET_FORCEGET made the pool larger than its maximum.
/// ORAPOOL_TIMEOUT: 24457 all sessions are on loan, 24459 connects are under way, 24496 ORAPOOL_GET_NOWAIT or too many
/// wait; the message tells what the pool looks like, and the last connect error comes next in the chain. ORAPOOL_ERROR
/// with the database's number if the connect for this get failed (the pool is unharmed), 24415 and 24419 for a user or
/// password that is missing. ORAPOOL_INVALID_ARGUMENT: 24419 for a user given to a homogeneous pool, 24300 for unknown
/// mode bits or both purities. ORAPOOL_CLOSED (24461). ORAPOOL_UNSUPPORTED for a tag. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_get(
    pool: *mut orapool,
    session: *mut *mut orapool_session,
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    ret_tag: *mut *const c_char,
    ret_tag_len: *mut usize,
    found: *mut i32,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: each NULL or a place for a result of its type.
    unsafe {
        put(ret_tag, ptr::null());
        put(ret_tag_len, 0);
        put(found, 0);
    }
    let is_plain = attrs.is_null() && tag.is_null() && (tag_len == 0 || tag_len == NTS) && mode == 0;
    // The short way needs no guard: it calls nothing that can panic, and is closed to a forked child.
    if is_plain
        && !session.is_null()
        && is_ready()
        && let Some(token) = near::get(token_of(pool))
    {
        // SAFETY: as above.
        unsafe {
            put(session, handle_of(token));
            put(error, ptr::null_mut());
        }
        return ORAPOOL_SUCCESS;
    }
    // SAFETY: as above.
    unsafe { get_long(pool, session, attrs, tag, tag_len, mode, error) }
}

/// The rest of a get, apart so that the short way needs no room for it.
///
/// # Safety
/// As the header asks of orapool_session_get.
#[cold]
#[inline(never)]
unsafe fn get_long(
    pool: *mut orapool,
    session: *mut *mut orapool_session,
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: the same promise.
    unsafe { put(session, ptr::null_mut()) };
    enter(error, || {
        required(session, "session")?;
        // SAFETY: see the header: NULL or `tag_len` readable bytes.
        refuse_tag(unsafe { bytes(tag.cast(), tag_len, "tag") }?)?;
        let (token, warning) = get(pool, attrs, mode)?;
        // SAFETY: as above.
        unsafe { put(session, handle_of(token)) };
        Ok(warning.map_or(Done::Success, Done::Info))
    })
}

fn refuse_tag(tag: Option<&[u8]>) -> Result<(), Error> {
    match tag {
        None | Some([]) => Ok(()),
        Some(_) => Err(Error::unsupported("this version of the library has no tags: pass NULL and 0")),
    }
}

fn get(pool: *mut orapool, attrs: *const orapool_attrs, mode: u32) -> Result<(u64, Option<Error>), Error> {
    let purity = purity_of(mode)?;
    let token = token_of(pool);
    let pool = find(pool)?;
    let attributes = copy_of(attrs)?;
    let granted = get_session(pool.core(), &GetOptions { attributes: attributes.as_ref(), purity })?;
    near::keep(token, &pool);
    Ok((session_token(pool.core().number, granted.loan), granted.warning))
}

fn purity_of(mode: u32) -> Result<Option<Purity>, Error> {
    match mode {
        0 => Ok(None),
        ORAPOOL_SESSGET_PURITY_NEW => Ok(Some(Purity::New)),
        ORAPOOL_SESSGET_PURITY_SELF => Ok(Some(Purity::Same)),
        _ => Err(unknown_mode(
            "orapool_session_get",
            mode,
            "0, ORAPOOL_SESSGET_PURITY_NEW or ORAPOOL_SESSGET_PURITY_SELF, not both",
        )),
    }
}

/// Gives a session back to its pool.
///
/// session: the session; used up, but for an ORAPOOL_INVALID_ARGUMENT. Of several threads that release one session
///          exactly one succeeds.
/// tag:     ignored: this version has no tags.
/// tag_len: ignored.
/// mode:    0, or ORAPOOL_SESSRLS_DROPSESS: closes the session; the pool makes another when it needs one.
///
/// An open transaction is rolled back, statements of the session are closed, a call timeout ends; what ALTER SESSION has
/// set stays. A session that is known to be dead is closed and replaced. Without a transaction to roll back this does
/// not block.
///
/// Returns ORAPOOL_ERROR if the rollback failed: the session was closed. ORAPOOL_CLOSED (24461) if the pool took the
/// session away when it was closed. ORAPOOL_INVALID_HANDLE if it was released before. ORAPOOL_INVALID_ARGUMENT (24300)
/// for unknown mode bits, and if another thread is inside a call of the session: it stays on loan. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_release(
    session: *mut orapool_session,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let _ = (tag, tag_len);
    let token = token_of(session);
    // As in orapool_session_get.
    if mode == 0 && is_ready() && near::release(token) {
        // SAFETY: see the header: NULL or a place for a pointer.
        unsafe { put(error, ptr::null_mut()) };
        return ORAPOOL_SUCCESS;
    }
    release_long(token, mode, error)
}

/// The rest of a release, apart so that the short way needs no room for it.
#[cold]
#[inline(never)]
fn release_long(token: u64, mode: u32, error: *mut *mut orapool_error) -> orapool_status {
    enter(error, || {
        if mode & !ORAPOOL_SESSRLS_DROPSESS != 0 {
            return Err(unknown_mode("orapool_session_release", mode, "0 or ORAPOOL_SESSRLS_DROPSESS"));
        }
        let (core, loan) = self::session(token)?;
        near::with_near(&core, |near| core.release(loan, mode == ORAPOOL_SESSRLS_DROPSESS, near))?;
        Ok(Done::Success)
    })
}

/// The pool and the loan behind a session handle, still on loan.
pub(crate) fn on_loan(session: *const orapool_session) -> Result<(Arc<Core>, LoanKey), Error> {
    let (core, loan) = self::session(token_of(session))?;
    core.check_loan(loan)?;
    Ok((core, loan))
}

/// 1 if nobody has had this session before, else 0: then its state is that of a fresh log-on.
///
/// session: a bad handle gives 0. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_is_new(session: *mut orapool_session) -> i32 {
    read(0, || {
        let (core, loan) = on_loan(session)?;
        Ok(i32::from(core.is_new(loan)))
    })
}

/// SID and serial number of the session, as V$SESSION shows them.
///
/// sid:    out, 0 on failure; may be NULL.
/// serial: out, 0 on failure; may be NULL.
///
/// The session's thread; may ask the server. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_identity(
    session: *mut orapool_session,
    sid: *mut u32,
    serial: *mut u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: each NULL or a place for a number.
    unsafe {
        put(sid, 0);
        put(serial, 0);
    }
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        let ids = core.call(loan, |tenant| tenant.session()?.ids())?;
        // SAFETY: as above.
        unsafe {
            put(sid, ids.0);
            put(serial, ids.1);
        }
        Ok(Done::Success)
    })
}

/// Runs one SQL statement without binds.
///
/// sql:  UTF-8, without a semicolon at its end; not NULL.
/// len:  its length in bytes, or ORAPOOL_NTS.
/// rows: out, rows inserted, updated or deleted; of a query, which is run and its rows discarded, the number of rows; 0
///       for all else and on failure; may be NULL.
///
/// Returns ORAPOOL_ERROR with the database's number; orapool_error_is_session_dead tells whether the session is lost.
/// 1013 after a break, 3136 after the call timeout. The session's thread; blocks for as long as the statement takes.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_execute(
    session: *mut orapool_session,
    sql: *const c_char,
    len: usize,
    rows: *mut u64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(rows, 0) };
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        // SAFETY: see the header: NULL or `len` readable bytes.
        let sql = unsafe { sql_text(sql, len) }?;
        let count = core.call(loan, |tenant| tenant.session()?.execute(sql))?;
        // SAFETY: as above.
        unsafe { put(rows, count) };
        Ok(Done::Success)
    })
}

/// The SQL that the caller passed, which must be there.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn sql_text<'a>(sql: *const c_char, len: usize) -> Result<&'a str, Error> {
    // SAFETY: the same promise.
    unsafe { text(sql, len, "sql") }?.ok_or_else(|| Error::invalid_argument("sql must not be empty"))
}

/// Commits the session's transaction; without one it does nothing.
///
/// The session's thread; blocks for as long as the database takes. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_commit(
    session: *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.call(loan, |tenant| tenant.session()?.commit())?;
        Ok(Done::Success)
    })
}

/// Rolls the session's transaction back; without one it does nothing. A release does the same.
///
/// The session's thread; blocks for as long as the database takes. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_rollback(
    session: *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.call(loan, |tenant| tenant.session()?.rollback())?;
        Ok(Done::Success)
    })
}

/// Asks the server for a sign of life.
///
/// The session's thread; blocks until the answer comes or the call timeout is over. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_ping(
    session: *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.call(loan, |tenant| tenant.session()?.ping(None))?;
        Ok(Done::Success)
    })
}

/// Breaks the call that the session is in: that call fails with 1013. With no call running it does nothing, and no
/// later call and no later holder of the session is hit.
///
/// Any thread; does not wait for the call to end. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_break(
    session: *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.break_call(loan)?;
        Ok(Done::Success)
    })
}

/// Limits each later call of this loan; a call that takes longer fails with 3136 and leaves the session usable. The
/// limit ends with the loan.
///
/// timeout_ms: milliseconds; 0 or -1 = no limit.
///
/// Returns ORAPOOL_INVALID_ARGUMENT for a number below -1. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_set_call_timeout(
    session: *mut orapool_session,
    timeout_ms: i64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        let limit = match timeout_ms {
            ..=-2 => {
                let text = format!(
                    "timeout_ms is {timeout_ms}; it takes 0 or -1 (no limit) or a number of milliseconds"
                );
                return Err(Error::invalid_argument(text));
            }
            -1 | 0 => None,
            _ => Some(Duration::from_millis(timeout_ms.unsigned_abs())),
        };
        core.set_call_timeout(loan, limit)?;
        Ok(Done::Success)
    })
}

/// The driver's own handle, for what this library does not do. It is valid while the session is on loan, and the pool
/// does not learn what was done through it.
///
/// kind:   an ORAPOOL_NATIVE_*.
/// handle: out, the driver's handle; NULL on failure.
///
/// Returns ORAPOOL_UNSUPPORTED if the driver has no such handle (`embedded` has none), ORAPOOL_INVALID_ARGUMENT (24300)
/// for another kind. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_native(
    session: *mut orapool_session,
    kind: u32,
    handle: *mut *mut c_void,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a pointer.
    unsafe { put(handle, ptr::null_mut()) };
    enter(error, || {
        required(handle, "handle")?;
        let (core, loan) = self::session(token_of(session))?;
        let kind = match kind {
            ORAPOOL_NATIVE_OCI_SVCCTX => NativeKind::OciSvcCtx,
            ORAPOOL_NATIVE_OCI_ENV => NativeKind::OciEnv,
            ORAPOOL_NATIVE_OCI_SERVER => NativeKind::OciServer,
            ORAPOOL_NATIVE_OCI_SESSION => NativeKind::OciSession,
            _ => return Err(unknown_mode("orapool_session_native", kind, "an ORAPOOL_NATIVE_*")),
        };
        let address = core.native(loan, kind)?;
        // SAFETY: as above.
        unsafe { put(handle, ptr::with_exposed_provenance_mut(address.get())) };
        Ok(Done::Success)
    })
}
