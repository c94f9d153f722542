//! What stands between C and every body: the fork check, the catching of panics, the handing over of errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::capi::error::{
    ORAPOOL_FORKED, ORAPOOL_NO_DATA, ORAPOOL_PANIC, ORAPOOL_PENDING, ORAPOOL_SUCCESS,
    ORAPOOL_SUCCESS_WITH_INFO, hand_over, status_of,
};
use crate::capi::{orapool_error, orapool_status};
use crate::error::{Error, Kind};

const UNUSED: u8 = 0;
const READY: u8 = 1;
const FORKED: u8 = 2;

/// Whether the library may work in this process.
static PROCESS: AtomicU8 = AtomicU8::new(UNUSED);

/// How a call that did not fail ended.
pub(crate) enum Done {
    Success,
    /// With a warning.
    Info(Error),
    NoData,
    Pending,
}

/// Whether the library is in use and this process is the one that began to use it.
#[inline]
pub(crate) fn is_ready() -> bool {
    PROCESS.load(Ordering::Relaxed) == READY
}

/// Whether this process was forked off one that used the library.
pub(crate) fn is_forked() -> bool {
    PROCESS.load(Ordering::Relaxed) == FORKED
}

extern "C" fn after_fork_in_child() {
    // A child that was forked before the first use starts with nothing to protect.
    if is_ready() {
        PROCESS.store(FORKED, Ordering::Relaxed);
    }
}

#[cold]
fn begin_use() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler only stores an atomic, which is async-signal-safe, and lives as long as the library,
        // which is linked with `nodelete`.
        let failed = unsafe { libc::pthread_atfork(None, None, Some(after_fork_in_child)) };
        // Without memory for the handler fork goes unnoticed; nothing else is affected.
        debug_assert_eq!(failed, 0);
        crate::capi::log::begin();
        PROCESS.store(READY, Ordering::Relaxed);
    });
}

/// Runs the body of an exported function and hands its error to the caller.
///
/// A panic becomes `ORAPOOL_PANIC`. Unwinding past the pool is safe: its locks are released by guards, and a
/// session that was at work is closed at its release.
pub(crate) fn enter(
    error: *mut *mut orapool_error,
    body: impl FnOnce() -> Result<Done, Error>,
) -> orapool_status {
    if is_forked() {
        let text = "this process was forked after the library was used, and what there is belongs to the parent process; with \
             orapool_after_fork it can begin anew, with pools of its own";
        return hand_over(error, ORAPOOL_FORKED, Some(&Error::new(Kind::InvalidHandle, 0, text)));
    }
    if !is_ready() {
        begin_use();
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(Done::Success)) => hand_over(error, ORAPOOL_SUCCESS, None),
        Ok(Ok(Done::Pending)) => hand_over(error, ORAPOOL_PENDING, None),
        Ok(Ok(Done::NoData)) => hand_over(error, ORAPOOL_NO_DATA, None),
        Ok(Ok(Done::Info(warning))) => hand_over(error, ORAPOOL_SUCCESS_WITH_INFO, Some(&warning)),
        Ok(Err(failure)) => hand_over(error, status_of(failure.kind()), Some(&failure)),
        Err(payload) => {
            let text =
                format!("a bug in the library: {}; the pool stays usable", panic_text(payload.as_ref()));
            // Dropping a foreign payload may panic again.
            std::mem::forget(payload);
            hand_over(error, ORAPOOL_PANIC, Some(&Error::new(Kind::Unsupported, 0, text)))
        }
    }
}

/// Runs `body`, which makes a forked child independent of its parent, if this is one. From then on it may use the library.
pub(crate) fn leave_parent(
    error: *mut *mut orapool_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> orapool_status {
    if !is_forked() {
        // Not a use of the library either: a process that has not used it yet can still fork.
        return hand_over(error, ORAPOOL_SUCCESS, None);
    }
    match body() {
        Ok(()) => {
            PROCESS.store(READY, Ordering::Relaxed);
            hand_over(error, ORAPOOL_SUCCESS, None)
        }
        Err(failure) => hand_over(error, status_of(failure.kind()), Some(&failure)),
    }
}

/// Runs the body of an accessor that has no status: `nothing` in a forked child, for a bad handle and on a panic.
pub(crate) fn read<T>(nothing: T, body: impl FnOnce() -> Result<T, Error>) -> T {
    if is_forked() {
        return nothing;
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(_)) => nothing,
        Err(payload) => {
            std::mem::forget(payload);
            nothing
        }
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text")
}
