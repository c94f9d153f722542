//! Pools: created or opened by name, reconfigured, closed.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use crate::capi::arg::{put, required, text};
use crate::capi::attrs::copy_of;
use crate::capi::copies;
use crate::capi::guard::{Done, enter};
use crate::capi::handle::{Table, Use, handle_of, token_of};
use crate::capi::{orapool, orapool_attrs, orapool_error, orapool_status};
use crate::error::{Error, Kind};
use crate::pool::{Attributes, CloseMode, Pool, PoolBuilder};

/// For orapool_create: a pool of that name must not exist.
pub const ORAPOOL_CREATE_NEW: u32 = 0;
/// For orapool_create: open the pool if it exists with the same attributes.
pub const ORAPOOL_CREATE_OR_OPEN: u32 = 1;
/// For orapool_close: only if no session is on loan and no get waits.
pub const ORAPOOL_CLOSE_DEFAULT: u32 = 0;
/// For orapool_close: now, for every handle of the pool.
pub const ORAPOOL_CLOSE_FORCE: u32 = 1;

static POOLS: Table<Pool> = Table::new(Use::Pool, "pool");

/// The pool behind a handle.
pub(crate) fn find(pool: *const orapool) -> Result<Arc<Pool>, Error> {
    POOLS.find(token_of(pool))
}

/// The error of a mode that has bits or a value that mean nothing.
pub(crate) fn unknown_mode(what: &str, mode: u32, known: &str) -> Error {
    let text = format!("ORA-24300: {what} does not know the mode 0x{mode:x}; it takes {known}");
    Error::new(Kind::InvalidArgument, 24300, text)
}

/// Gives the caller a handle of `pool`.
///
/// # Safety
/// `to` can be written.
unsafe fn hand_out(pool: Pool, to: *mut *mut orapool) -> Result<(), Error> {
    let token = POOLS.add(Arc::new(pool))?;
    // SAFETY: the same promise.
    unsafe { put(to, handle_of(token)) };
    Ok(())
}

/// Creates a pool and opens ORAPOOL_ATTR_SESSIONS_MIN sessions, or opens a pool that exists.
///
/// name:  the name under which everybody in the process can open it, in UTF-8; NULL: nobody else can.
/// attrs: what to connect to, who logs on, sizes and times; copied, stays the caller's. NULL is an empty bag.
/// mode:  ORAPOOL_CREATE_NEW or ORAPOOL_CREATE_OR_OPEN. "The same attributes" means all that were set at the creation,
///        the password included.
/// pool:  out, a handle that is the caller's alone, to be closed with orapool_close; NULL on failure.
///
/// Blocks for as long as the sessions take to be made, at most ORAPOOL_ATTR_CONNECTS_MAX at a time and
/// ORAPOOL_ATTR_CONNECT_TIMEOUT_MS each. Heterogeneous pools, those with ORAPOOL_ATTR_EXTERNAL_AUTH and those of pooled
/// servers (DRCP, orapool_session_drcp_state) start with none.
///
/// Returns ORAPOOL_SUCCESS_WITH_INFO (24414) if only a part of the minimum could be opened: the pool is usable, goes on
/// trying, and the cause comes next in the chain; and with the database's number when a log-on was a success with a
/// warning, such as 28002, the password will expire; with both it comes last in the chain; and with code 0 if a pool of
/// pooled servers has no connection class, so that one was made up for it; and with code 0 if a pool with a name is made
/// while another copy of this library is loaded, which does not share it (orapool_instance_id). ORAPOOL_ERROR with the
/// database's number if none could be opened, or if the credentials were refused (1017, 28000, 28001), which is not tried
/// again; 24413 for sizes that do not go together, 24415 for a homogeneous pool without a user, 1005 without a password,
/// 12162 without a connect string.
/// ORAPOOL_CONFLICT for a name that is taken; under ORAPOOL_CREATE_OR_OPEN the message names the attributes that differ.
/// ORAPOOL_UNSUPPORTED for a driver that this library does not have. ORAPOOL_INVALID_ARGUMENT (24300) for another mode.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_create(
    name: *const c_char,
    name_len: usize,
    attrs: *const orapool_attrs,
    mode: u32,
    pool: *mut *mut orapool,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a handle.
    unsafe { put(pool, ptr::null_mut()) };
    enter(error, || {
        required(pool, "pool")?;
        // SAFETY: see the header: NULL or `name_len` readable bytes.
        let name = unsafe { text(name, name_len, "name") }?;
        let attributes = copy_of(attrs)?.unwrap_or_default();
        let (created, warning) = create(name, &attributes, mode)?;
        let of_copies = name.and_then(|_| copies::warning());
        let warning = warning.into_iter().chain(of_copies).reduce(Error::followed_by);
        // SAFETY: as above.
        unsafe { hand_out(created, pool) }?;
        Ok(warning.map_or(Done::Success, Done::Info))
    })
}

fn create(name: Option<&str>, attributes: &Attributes, mode: u32) -> Result<(Pool, Option<Error>), Error> {
    let mut builder = PoolBuilder::new(attributes);
    if let Some(name) = name {
        builder = builder.name(name);
    }
    match mode {
        ORAPOOL_CREATE_NEW => builder.create(),
        ORAPOOL_CREATE_OR_OPEN => builder.or_open().create(),
        _ => Err(unknown_mode("orapool_create", mode, "ORAPOOL_CREATE_NEW or ORAPOOL_CREATE_OR_OPEN")),
    }
}

/// Opens a pool that exists in this process, whichever runtime created it.
///
/// name: its name, in UTF-8; not NULL.
/// pool: out, a handle that is the caller's alone, to be closed with orapool_close; NULL on failure.
///
/// Waits while another thread is creating that pool. Returns ORAPOOL_ERROR (24416) if there is no pool of that name; the
/// message tells if another copy of this library is loaded, which may have it. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_open(
    name: *const c_char,
    name_len: usize,
    pool: *mut *mut orapool,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a handle.
    unsafe { put(pool, ptr::null_mut()) };
    enter(error, || {
        required(pool, "pool")?;
        // SAFETY: see the header: NULL or `name_len` readable bytes.
        let name = unsafe { text(name, name_len, "name") }?.ok_or_else(|| {
            Error::invalid_argument("name must not be empty: a pool without a name can not be opened")
        })?;
        // SAFETY: as above.
        unsafe { hand_out(Pool::open(name).map_err(copies::explain)?, pool) }?;
        Ok(Done::Success)
    })
}

/// Changes sizes, times and modes of an open pool: all of what `changes` sets, or on an error nothing.
///
/// pool:    the pool; the change is for all of its handles.
/// changes: the attributes to change; stays the caller's; not NULL.
///
/// Can be changed: SESSIONS_MIN, SESSIONS_MAX, SESSIONS_INCREMENT, GET_MODE, WAIT_TIMEOUT_MS, WAITERS_MAX, PURITY,
/// CONNECTS_MAX and USES_MAX, LIFETIME_MAX_MS, STATEMENT_CACHE_SIZE (for sessions made from now on), IDLE_TIMEOUT_MS,
/// PING_INTERVAL_MS, PING_TIMEOUT_MS, CONNECT_TIMEOUT_MS, LEAK_AFTER_MS, WAIT_REPORT_MS. Sessions above a lowered maximum
/// are closed at once while they are idle, else when they are released; a raised minimum is filled in the background.
///
/// Returns ORAPOOL_INVALID_ARGUMENT for any other attribute, ORAPOOL_ERROR (24413) for sizes that do not go together,
/// ORAPOOL_CLOSED (24461). Blocks only for log-offs. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_reconfigure(
    pool: *mut orapool,
    changes: *const orapool_attrs,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let pool = find(pool)?;
        let changes = copy_of(changes)?.ok_or_else(|| Error::invalid_argument("changes must not be NULL"))?;
        pool.reconfigure(&changes)?;
        Ok(Done::Success)
    })
}

/// Gives a handle up. The last handle of a pool closes the pool; ORAPOOL_CLOSE_FORCE closes it for every handle.
///
/// pool:     the handle; used up unless an error says otherwise.
/// mode:     ORAPOOL_CLOSE_DEFAULT or ORAPOOL_CLOSE_FORCE.
/// drain_ms: for the last handle, with ORAPOOL_CLOSE_DEFAULT. 0: fail if sessions are on loan. More: gets fail with
///           24461 from now on, loans may come back for so many milliseconds, then as ORAPOOL_CLOSE_FORCE. -1: waits for
///           ever. On a handle that is not the last, and with ORAPOOL_CLOSE_FORCE, it means nothing.
///
/// When it returns, the sessions are logged off and no thread of the pool is left. FORCE breaks running calls, wakes
/// waiting gets with ORAPOOL_CLOSED and takes loans away; a call whose driver does not obey a break for 5 s is left to
/// close its session when it ends. A log-on that hangs in Oracle's client library for 5 s more is left alone as well: its
/// thread outlasts the close, touches nothing of the pool, and logs off what it gets in the end. Other handles of the pool,
/// loans, statements and requests then give ORAPOOL_CLOSED, and closing, releasing, finishing or freeing them still frees
/// what they hold. A handle that is given up while the pool stays open takes its queue of completions along; its requests
/// go on, to be finished or cancelled by their own handles.
///
/// Returns ORAPOOL_ERROR (24422) if sessions are on loan or gets wait: the pool stays open and the handle valid.
/// ORAPOOL_CLOSED (24461) if the pool was closed through another handle (this one is used up), or is being closed
/// (it is not). ORAPOOL_INVALID_ARGUMENT for another mode (24300) or a drain_ms below -1: nothing happened. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_close(
    pool: *mut orapool,
    mode: u32,
    drain_ms: i64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let token = token_of(pool);
        let pool = POOLS.find(token)?;
        let result = pool.close(close_mode(mode, drain_ms)?);
        if pool.is_gone() {
            // Whoever else closes this handle finds it gone.
            let _ = POOLS.take(token);
        }
        result?;
        Ok(Done::Success)
    })
}

fn close_mode(mode: u32, drain_ms: i64) -> Result<CloseMode, Error> {
    match (mode, drain_ms) {
        (_, ..=-2) => Err(Error::invalid_argument(format!(
            "drain_ms is {drain_ms}; it takes -1 (for ever) or a number of milliseconds"
        ))),
        (ORAPOOL_CLOSE_FORCE, _) => Ok(CloseMode::Force),
        (ORAPOOL_CLOSE_DEFAULT, 0) => Ok(CloseMode::Default),
        (ORAPOOL_CLOSE_DEFAULT, -1) => Ok(CloseMode::Drain(None)),
        (ORAPOOL_CLOSE_DEFAULT, _) => {
            Ok(CloseMode::Drain(Some(Duration::from_millis(drain_ms.unsigned_abs()))))
        }
        _ => Err(unknown_mode("orapool_close", mode, "ORAPOOL_CLOSE_DEFAULT or ORAPOOL_CLOSE_FORCE")),
    }
}
