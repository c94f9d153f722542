//! Sessions on loan.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::time::Duration;

use crate::capi::arg::{NTS, bytes, put, required, text};
use crate::capi::attrs::copy_of;
use crate::capi::error::ORAPOOL_SUCCESS;
use crate::capi::guard::{Done, enter, is_ready, read};
use crate::capi::handle::{handle_of, on_loan, session, session_token, token_of};
use crate::capi::near;
use crate::capi::pool::{find, unknown_mode};
use crate::capi::tag::{
    ORAPOOL_SESSGET_MATCHANY, ORAPOOL_SESSGET_MULTIPROPERTY_TAG, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG,
    ORAPOOL_SESSRLS_RETAG, given_tag, wanted_tag,
};
use crate::capi::{orapool, orapool_attrs, orapool_error, orapool_session, orapool_status};
use crate::driver::NativeKind;
use crate::error::Error;
use crate::pool::get::Granted;
use crate::pool::release::Release;
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
/// tag:         NULL, or the state that the session should have: any bytes, or with ORAPOOL_SESSGET_MULTIPROPERTY_TAG
///              properties name=value;name=value, the most important first: UTF-8, at most 64 and 4000 bytes, each name
///              once, nothing empty; blanks and case count.
/// tag_len:     its length in bytes, or ORAPOOL_NTS; 0 = no tag.
/// ret_tag:     out, the session's tag as orapool_session_tag gives it, NULL if it has none and on failure; may be NULL.
/// ret_tag_len: out, its length in bytes; may be NULL.
/// found:       out, 1 if the session has the state that was asked for, by its tag or after the fix-up procedure; 0
///              otherwise and if no tag was given; may be NULL.
/// mode:        ORAPOOL_SESSGET_* bits, or 0.
///
/// Without a tag an untagged session is taken: of the idle ones of that user, class and edition the one that the calling
/// thread released last, else the one that was released last. With a tag it is, in this order: one with the very tag;
/// one with the same properties in another order; with ORAPOOL_SESSGET_MATCHANY one that has all of them and others, the
/// fewest; an untagged one; with ORAPOOL_SESSGET_MATCHANY one with another tag, the one that matches furthest to the
/// left. With ORAPOOL_SESSGET_PURITY_NEW it is one that nobody has had. Under DRCP (orapool_session_drcp_state) all this is
/// the database's choice, among the free sessions of its pooled servers: tag and purity are told it when a server is
/// attached, and the deadline holds for that as well. One that was idle for
/// ORAPOOL_ATTR_PING_INTERVAL_MS is pinged first, and replaced if it does not answer. If none fits, the pool grows; if
/// it can not, the session that was idle for longest goes to make room for one that fits; else the get mode decides.
/// Waiting gets are served in the order of arrival; a get that comes later may overtake the oldest only until that has
/// waited for 100 us.
///
/// If the session has not the properties that were asked for and the pool has a fix-up procedure
/// (ORAPOOL_ATTR_FIXUP_CALLBACK), that is called, in one round trip: then found is 1 and the tag is the one asked for, and
/// behind it the former properties of other names. What it leaves uncommitted is rolled back. A session that turns out to
/// be dead is replaced once. Then the session callback runs (orapool_attrs_set_callback), for a session that nobody has had
/// and for one that is not what was asked for.
///
/// Blocks as the get mode says: in ORAPOOL_GET_WAIT for ever, for as long as a connect takes if one is made for this
/// get. A deadline (ORAPOOL_GET_TIMEDWAIT, or ORAPOOL_ATTR_WAIT_TIMEOUT_MS given to the get) covers all that the get
/// waits for, fix-up and callback apart; a connect that it does not wait for any more goes on, and its session stays in the pool.
///
/// Returns ORAPOOL_SUCCESS_WITH_INFO (24417) when ORAPOOL_GET_FORCEGET made the pool larger than its maximum, and with the
/// database's number when the log-on of this session was a success with a warning, such as 28002, the password will
/// expire: told once, to the first who has the session; with both it comes last in the chain.
/// ORAPOOL_TIMEOUT: 24457 all sessions are on loan, 24459 connects are under way, 24496 ORAPOOL_GET_NOWAIT or too many
/// wait; the message tells what the pool looks like, and the last connect error comes next in the chain. ORAPOOL_ERROR
/// with the database's number if the connect for this get failed (the pool is unharmed), 24415 and 24419 for a user or
/// password that is missing, 24487 for a tag that is no list of properties (the message tells the byte), 56612 for a tag
/// without ORAPOOL_SESSGET_MULTIPROPERTY_TAG when the pool has a fix-up procedure, 56610 if that procedure failed, with
/// its error next in the chain: the session was dropped. ORAPOOL_CALLBACK_FAILED if the session callback returned another
/// value than ORAPOOL_CALLBACK_OK, which the message tells: the session was dropped. ORAPOOL_INVALID_ARGUMENT: 24419 for a user given to a homogeneous pool, 24300 for unknown
/// mode bits or both purities. ORAPOOL_CLOSED (24461), also if the pool
/// is closed while a callback runs. Any thread. Since 0.1.
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
    if !is_plain {
        let out = Out { session, ret_tag, ret_tag_len, found };
        // SAFETY: as above.
        return unsafe { get_other(pool, &out, attrs, tag, tag_len, mode, error) };
    }
    // The short way needs no guard: it calls nothing that can panic, and is closed to a forked child.
    if !session.is_null()
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
    // SAFETY: as above. What is not passed on was NULL, or stays 0: nothing was asked for that could be found.
    unsafe { get_plain_long(pool, session, ret_tag, ret_tag_len, error) }
}

/// A get with no wishes that found nothing on the short way.
///
/// # Safety
/// As the header asks of orapool_session_get.
#[cold]
#[inline(never)]
unsafe fn get_plain_long(
    pool: *mut orapool,
    session: *mut *mut orapool_session,
    ret_tag: *mut *const c_char,
    ret_tag_len: *mut usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let out = Out { session, ret_tag, ret_tag_len, found: ptr::null_mut() };
    // SAFETY: the same promise.
    unsafe { get_long(pool, &out, ptr::null(), ptr::null(), 0, 0, error) }
}

/// Where a get puts what it has got.
pub(crate) struct Out {
    pub(crate) session: *mut *mut orapool_session,
    pub(crate) ret_tag: *mut *const c_char,
    pub(crate) ret_tag_len: *mut usize,
    pub(crate) found: *mut i32,
}

impl Out {
    /// Hands out what was granted of the pool of that number.
    ///
    /// # Safety
    /// Each is NULL or a place for a result of its type.
    pub(crate) unsafe fn fill(&self, pool: u16, granted: Granted) -> Done {
        // SAFETY: the same promise.
        unsafe {
            put(self.session, handle_of(session_token(pool, granted.loan)));
            if let Some(tag) = &granted.tag {
                // The session's place keeps the tag alive.
                put(self.ret_tag, tag.as_bytes().as_ptr().cast());
                put(self.ret_tag_len, tag.as_bytes().len());
            }
            put(self.found, i32::from(granted.found));
        }
        granted.warning.map_or(Done::Success, Done::Info)
    }
}

/// A get with wishes, apart so that one without needs no room for it. The short way for the tag that the thread had last
/// comes first.
///
/// # Safety
/// As the header asks of orapool_session_get.
#[inline(never)]
unsafe fn get_other(
    pool: *mut orapool,
    out: &Out,
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let is_tagged =
        attrs.is_null() && mode & !(ORAPOOL_SESSGET_MATCHANY | ORAPOOL_SESSGET_MULTIPROPERTY_TAG) == 0;
    if is_tagged
        && !out.session.is_null()
        && is_ready()
        // SAFETY: see the header: NULL or `tag_len` readable bytes.
        && let Ok(Some(wanted)) = unsafe { bytes(tag.cast(), tag_len, "tag") }
        && let Some((token, tag)) =
            near::get_tagged(token_of(pool), wanted, mode & ORAPOOL_SESSGET_MULTIPROPERTY_TAG != 0)
    {
        // SAFETY: see the header: each NULL or a place for a result of its type.
        unsafe {
            put(out.session, handle_of(token));
            put(out.ret_tag, tag.as_ptr().cast());
            put(out.ret_tag_len, tag.len());
            put(out.found, 1);
            put(error, ptr::null_mut());
        }
        return ORAPOOL_SUCCESS;
    }
    // SAFETY: the same promise.
    unsafe { get_long(pool, out, attrs, tag, tag_len, mode, error) }
}

/// The rest of a get.
///
/// # Safety
/// As the header asks of orapool_session_get.
#[cold]
#[inline(never)]
unsafe fn get_long(
    pool: *mut orapool,
    out: &Out,
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: the same promise.
    unsafe { put(out.session, ptr::null_mut()) };
    enter(error, || {
        required(out.session, "session")?;
        let token = token_of(pool);
        let pool = find(pool)?;
        let core = pool.core();
        let get = |options: &GetOptions<'_>| near::with_near(core, |near| get_session(core, options, near));
        // SAFETY: the same promise.
        let granted = unsafe { with_options(attrs, tag, tag_len, mode, get) }?;
        near::keep(token, &pool);
        // SAFETY: as above.
        Ok(unsafe { out.fill(core.number, granted) })
    })
}

/// Does `body` with what a get is given.
///
/// # Safety
/// `tag` is NULL or `tag_len` readable bytes.
pub(crate) unsafe fn with_options<T>(
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    body: impl FnOnce(&GetOptions<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let purity = purity_of(mode)?;
    let attributes = copy_of(attrs)?;
    // SAFETY: the same promise.
    let tag = unsafe { wanted_tag(tag, tag_len, mode & ORAPOOL_SESSGET_MULTIPROPERTY_TAG != 0) }?;
    body(&GetOptions {
        attributes: attributes.as_ref(),
        purity,
        tag: tag.as_ref(),
        match_any: mode & ORAPOOL_SESSGET_MATCHANY != 0,
        is_multi_property: mode & ORAPOOL_SESSGET_MULTIPROPERTY_TAG != 0,
    })
}

const PURITIES: u32 = ORAPOOL_SESSGET_PURITY_NEW | ORAPOOL_SESSGET_PURITY_SELF;

fn purity_of(mode: u32) -> Result<Option<Purity>, Error> {
    let unknown = mode & !(PURITIES | ORAPOOL_SESSGET_MATCHANY | ORAPOOL_SESSGET_MULTIPROPERTY_TAG);
    match mode & PURITIES {
        _ if unknown != 0 => {
            Err(unknown_mode("orapool_session_get", mode, "a set of ORAPOOL_SESSGET_* bits"))
        }
        0 => Ok(None),
        ORAPOOL_SESSGET_PURITY_NEW => Ok(Some(Purity::New)),
        ORAPOOL_SESSGET_PURITY_SELF => Ok(Some(Purity::Same)),
        _ => Err(unknown_mode("orapool_session_get", mode, "one purity, not both")),
    }
}

/// Gives a session back to its pool.
///
/// session: the session; used up, but for an ORAPOOL_INVALID_ARGUMENT. Of several threads that release one session
///          exactly one succeeds.
/// tag:     with ORAPOOL_SESSRLS_RETAG the tag that the session has from now on, in place of the former; NULL or empty =
///          none. Else ignored.
/// tag_len: its length in bytes, or ORAPOOL_NTS.
/// mode:    0, or of these bits: ORAPOOL_SESSRLS_DROPSESS closes the session, whatever else is asked for; the pool makes
///          another when it needs one. ORAPOOL_SESSRLS_RETAG. ORAPOOL_SESSRLS_MULTIPROPERTY_TAG: the tag is properties
///          as in orapool_session_get; without RETAG it means nothing.
///
/// Under DRCP the pooled server is given back, and a tag is its session's: without an attached server it means nothing.
///
/// An open transaction is rolled back, statements of the session are closed, a call timeout ends; what ALTER SESSION has
/// set stays, and the tag that says so. A session that is known to be dead is closed and replaced. Without a transaction
/// to roll back this does not block.
///
/// Returns ORAPOOL_ERROR with 24488 for a tag that is no list of properties: the message tells the byte where it goes
/// wrong, and the session stays on loan as it was. ORAPOOL_ERROR with another number if the rollback failed: the session
/// was closed. ORAPOOL_CLOSED (24461) if the pool took the session away when it was closed. ORAPOOL_INVALID_HANDLE if it
/// was released before. ORAPOOL_INVALID_ARGUMENT, and it stays on loan: 24300 for unknown mode bits; if another thread is
/// inside a call of the session; in its own session callback. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_release(
    session: *mut orapool_session,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let token = token_of(session);
    if mode != 0 {
        // SAFETY: the same promise.
        return unsafe { release_long(token, tag, tag_len, mode, error) };
    }
    // As in orapool_session_get.
    if is_ready() && near::release(token) {
        // SAFETY: see the header: NULL or a place for a pointer.
        unsafe { put(error, ptr::null_mut()) };
        return ORAPOOL_SUCCESS;
    }
    // SAFETY: the same promise. Without RETAG the tag means nothing.
    unsafe { release_long(token, ptr::null(), 0, 0, error) }
}

/// The rest of a release, apart so that the short way needs no room for it.
///
/// # Safety
/// As the header asks of orapool_session_release.
#[cold]
#[inline(never)]
unsafe fn release_long(
    token: u64,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        const KNOWN: u32 =
            ORAPOOL_SESSRLS_DROPSESS | ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG;
        if mode & !KNOWN != 0 {
            return Err(unknown_mode("orapool_session_release", mode, "a set of ORAPOOL_SESSRLS_* bits"));
        }
        let (core, loan) = self::session(token)?;
        let drops = mode & ORAPOOL_SESSRLS_DROPSESS != 0;
        let mut release = if drops { Release::DROP } else { Release::default() };
        // A loan that is over is told so, whatever the tag.
        if !drops && mode & ORAPOOL_SESSRLS_RETAG != 0 && core.check_loan(loan).is_ok() {
            let is_multi_property = mode & ORAPOOL_SESSRLS_MULTIPROPERTY_TAG != 0;
            // SAFETY: see the header: NULL or `tag_len` readable bytes.
            release.retag = Some(unsafe { given_tag(tag, tag_len, is_multi_property) }?);
        }
        near::with_near(&core, |near| core.release(loan, release, near))?;
        Ok(Done::Success)
    })
}

/// 1 if nobody has had this session before: then its state is that of a fresh log-on. Else 0. Under DRCP it is the session
/// of the attached server that counts, and 0 as long as none is attached.
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
        core.end_transaction(loan, |session| session.commit())?;
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
        core.end_transaction(loan, |session| session.rollback())?;
        Ok(Done::Success)
    })
}

/// Asks the server for a sign of life. Under DRCP, with no server attached, it looks whether the line is up: a ping would
/// take a server.
///
/// The session's thread; blocks until the answer comes or the call timeout is over. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_ping(
    session: *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.ping_loan(loan)?;
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
/// Returns ORAPOOL_UNSUPPORTED if the driver has no such handle (`embedded` has none; `oci` has all but the OCISvcCtx, and
/// its message says how to make one of the others), ORAPOOL_INVALID_ARGUMENT (24300) for another kind. The session's
/// thread; never blocks. Since 0.1.
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
