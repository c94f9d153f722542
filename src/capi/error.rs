//! Statuses, and errors as objects that the caller owns.

use std::ffi::c_char;
use std::ptr;

use crate::capi::arg::put;
use crate::capi::{orapool_error, orapool_status};
use crate::error::{Error, Kind};

/// Done.
pub const ORAPOOL_SUCCESS: i32 = 0;
/// Done; *error holds a warning (24414, 24417, or the database's at a log-on, such as 28002).
pub const ORAPOOL_SUCCESS_WITH_INFO: i32 = 1;
/// Not yet complete.
pub const ORAPOOL_PENDING: i32 = 2;
/// No more rows.
pub const ORAPOOL_NO_DATA: i32 = 100;
/// The database refused or the pool's state does: orapool_error_code gives the ORA number.
pub const ORAPOOL_ERROR: i32 = -1;
/// A handle that is NULL, used up, of another kind, or never was one.
pub const ORAPOOL_INVALID_HANDLE: i32 = -2;
/// An argument that can not be used; the message says what would be right.
pub const ORAPOOL_INVALID_ARGUMENT: i32 = -3;
/// No session in time: 24457, 24459 and 24496 tell why.
pub const ORAPOOL_TIMEOUT: i32 = -4;
/// The pool is closed or closing (24461).
pub const ORAPOOL_CLOSED: i32 = -5;
/// An attribute or struct size that is unknown here, or something that the driver can not do.
pub const ORAPOOL_UNSUPPORTED: i32 = -6;
/// A pool of that name exists, with other attributes.
pub const ORAPOOL_CONFLICT: i32 = -7;
/// A session callback failed.
pub const ORAPOOL_CALLBACK_FAILED: i32 = -8;
/// This process was forked off one that used the library; the pools are the parent's.
pub const ORAPOOL_FORKED: i32 = -9;
/// The request was cancelled.
pub const ORAPOOL_CANCELLED: i32 = -10;
/// A bug of the library, caught; the pool stays usable.
pub const ORAPOOL_PANIC: i32 = -99;

/// What an `orapool_error *` points to.
struct ErrorObject {
    status: orapool_status,
    code: i32,
    is_transient: bool,
    is_session_dead: bool,
    /// With a NUL behind it.
    message: Box<[u8]>,
    next: Option<Box<ErrorObject>>,
}

impl ErrorObject {
    fn new(status: orapool_status, error: &Error) -> Box<ErrorObject> {
        // A NUL inside would hide the rest from those who do not look at the length.
        let mut message = error.message().replace('\0', "\u{fffd}").into_bytes();
        message.push(0);
        Box::new(ErrorObject {
            status,
            code: error.code(),
            is_transient: error.is_transient(),
            is_session_dead: error.is_session_dead(),
            message: message.into_boxed_slice(),
            next: error.cause().map(|cause| ErrorObject::new(status_of(cause.kind()), cause)),
        })
    }
}

/// The status that goes with a kind of error.
pub(crate) fn status_of(kind: Kind) -> orapool_status {
    match kind {
        Kind::Oracle => ORAPOOL_ERROR,
        Kind::Warning => ORAPOOL_SUCCESS_WITH_INFO,
        Kind::InvalidArgument => ORAPOOL_INVALID_ARGUMENT,
        Kind::InvalidHandle => ORAPOOL_INVALID_HANDLE,
        Kind::Timeout => ORAPOOL_TIMEOUT,
        Kind::Closed => ORAPOOL_CLOSED,
        Kind::Unsupported => ORAPOOL_UNSUPPORTED,
        Kind::Conflict => ORAPOOL_CONFLICT,
        Kind::CallbackFailed => ORAPOOL_CALLBACK_FAILED,
        Kind::Cancelled => ORAPOOL_CANCELLED,
    }
}

/// Ends a call: writes the caller's error, NULL where there is none, and returns the status.
pub(crate) fn hand_over(
    to: *mut *mut orapool_error,
    status: orapool_status,
    error: Option<&Error>,
) -> orapool_status {
    if !to.is_null() {
        let object = error.map_or(ptr::null_mut(), |error| Box::into_raw(ErrorObject::new(status, error)));
        // SAFETY: the header asks for NULL or a place for a pointer.
        unsafe { put(to, object.cast::<orapool_error>()) };
    }
    status
}

/// The object behind a pointer that the caller owns.
///
/// # Safety
/// `error` is NULL or came from this library and was not freed.
unsafe fn object<'a>(error: *const orapool_error) -> Option<&'a ErrorObject> {
    // SAFETY: the caller promises a live object, which `hand_over` made.
    unsafe { error.cast::<ErrorObject>().as_ref() }
}

/// The status that the call returned which gave this error, or, of a cause, the status that fits it.
///
/// error: NULL gives ORAPOOL_SUCCESS. The thread that has the error; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_status(error: *const orapool_error) -> orapool_status {
    // SAFETY: see the header: NULL or an error that was not freed.
    unsafe { object(error) }.map_or(ORAPOOL_SUCCESS, |object| object.status)
}

/// The ORA number, 24496 for ORA-24496; 0 where there is none.
///
/// error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_code(error: *const orapool_error) -> i32 {
    // SAFETY: see the header: NULL or an error that was not freed.
    unsafe { object(error) }.map_or(0, |object| object.code)
}

/// The text for people, in UTF-8, with its ORA number in front where it has one. It never holds a password.
///
/// error: NULL gives NULL.
/// len:   out, the length in bytes without the NUL; may be NULL.
///
/// The text ends with a NUL, belongs to the error and lives as long. The thread that has the error; never blocks;
/// works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_message(
    error: *const orapool_error,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: see the header: NULL or an error that was not freed.
    let message = unsafe { object(error) }.map(|object| &object.message);
    // SAFETY: see the header: NULL or a place for a size.
    unsafe { put(len, message.map_or(0, |message| message.len() - 1)) };
    message.map_or(ptr::null(), |message| message.as_ptr().cast::<c_char>())
}

/// 1 if the same call may succeed when it is made again later or on another session, else 0: a get that found no
/// session in time, a lost line, a server that is starting. A call timeout (3136) is not among them: the same call on
/// the same data takes as long again.
///
/// error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_is_transient(error: *const orapool_error) -> i32 {
    // SAFETY: see the header: NULL or an error that was not freed.
    unsafe { object(error) }.map_or(0, |object| i32::from(object.is_transient))
}

/// 1 if the session that met this error is of no more use, else 0. Its release closes it; the pool makes another.
///
/// error: NULL gives 0. The thread that has the error; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_is_session_dead(error: *const orapool_error) -> i32 {
    // SAFETY: see the header: NULL or an error that was not freed.
    unsafe { object(error) }.map_or(0, |object| i32::from(object.is_session_dead))
}

/// The cause of this error; NULL at the end of the chain.
///
/// error: NULL gives NULL.
///
/// The cause belongs to the error that it was got from and lives as long; do not free it. The thread that has the
/// error; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_next(error: *const orapool_error) -> *const orapool_error {
    // SAFETY: see the header: NULL or an error that was not freed.
    let next = unsafe { object(error) }.and_then(|object| object.next.as_deref());
    next.map_or(ptr::null(), |next| ptr::from_ref(next).cast::<orapool_error>())
}

/// Frees an error and its causes.
///
/// error: NULL is fine. Not a cause that came from orapool_error_next, and none twice: errors are plain objects.
///
/// Any thread, but no two at once; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_error_free(error: *mut orapool_error) {
    if !error.is_null() {
        // SAFETY: see the header: an error that `hand_over` made and that was not freed.
        drop(unsafe { Box::from_raw(error.cast::<ErrorObject>()) });
    }
}
