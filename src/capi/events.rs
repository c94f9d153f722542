//! The events of a pool, for those who ask.

use std::ffi::{CString, c_char};
use std::ptr;

use crate::capi::arg::{put, required};
use crate::capi::guard::{Done, enter};
use crate::capi::pool::find;
use crate::capi::{orapool, orapool_error, orapool_status};
use crate::error::Error;

/// What has happened in a pool: its latest events, at most 1024, each as one line of JSON. The library never calls the
/// application to tell of them: ask now and then, and pass what `last` was.
///
/// pool:  a handle of the pool, also of one that was closed through another handle.
/// after: 0, or `last` of the call before: events with higher numbers are told.
/// text:  out, the events, oldest first, each ending with a line feed, in UTF-8 with a NUL behind it; empty if there are
///        none. The caller's to free with orapool_text_free; NULL on failure.
/// len:   out, its length in bytes without the NUL; may be NULL.
/// last:  out, the number of the pool's newest event, for the next call's `after`; 0 on failure; may be NULL.
///
/// Each line is an object with `number`, counted from 1 in each pool; `time_ms`, milliseconds since 1970, UTC; `kind`;
/// `level`, `warn` or `info`; and details by kind, which docs/operating.md lists. Others may be added. If events were
/// overwritten before they were read, the first line is {"kind":"lost","count":n}. No password is ever in one.
///
/// Returns ORAPOOL_INVALID_ARGUMENT if `after` is higher than the newest event's number, as it is when it comes from a
/// former pool of that name: begin again with 0. Once the handle itself was closed: ORAPOOL_INVALID_HANDLE. Any thread;
/// never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_events(
    pool: *mut orapool,
    after: u64,
    text: *mut *mut c_char,
    len: *mut usize,
    last: *mut u64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a pointer.
    unsafe { put(text, ptr::null_mut()) };
    // SAFETY: see the header: NULL or a place for a size.
    unsafe { put(len, 0) };
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(last, 0) };
    enter(error, || {
        required(text, "text")?;
        let (lines, newest) = find(pool)?.events(after)?;
        let lines =
            CString::new(lines).map_err(|_| Error::invalid_argument("the events hold a NUL character"))?;
        // SAFETY: as above.
        unsafe { put(len, lines.as_bytes().len()) };
        // SAFETY: as above.
        unsafe { put(last, newest) };
        // SAFETY: as above.
        unsafe { put(text, lines.into_raw()) };
        Ok(Done::Success)
    })
}
