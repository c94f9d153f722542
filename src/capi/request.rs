//! Requests: gets that no thread waits in, and the queue and socket that tell of those which are complete.

use std::ffi::c_char;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::sync::Arc;

use crate::capi::arg::{put, required};
use crate::capi::error::{ORAPOOL_ERROR, ORAPOOL_FORKED, status_of};
use crate::capi::guard::{Done, enter, is_forked, read};
use crate::capi::handle::{Table, Use, handle_of, token_of};
use crate::capi::pool::find;
use crate::capi::session::{Out, with_options};
use crate::capi::{orapool, orapool_attrs, orapool_error, orapool_request, orapool_session, orapool_status};
use crate::error::Error;
use crate::pool::GetOptions;
use crate::pool::completions::Bell;
use crate::pool::request::Request;

static REQUESTS: Table<Request> = Table::new(Use::Request, "request");

/// A pair of connected sockets. What is written into the one makes the other readable, and all its duplicates.
struct SocketBell {
    near: UnixStream,
    far: UnixStream,
}

impl SocketBell {
    fn make() -> io::Result<Box<dyn Bell>> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        Ok(Box::new(SocketBell { near, far }))
    }
}

impl Bell for SocketBell {
    fn ring(&self) {
        // Full, it is readable all the same, and that is all that a byte says.
        let _ = (&self.near).write(&[1]);
    }

    fn hush(&self) {
        let mut bytes = [0; 512];
        while matches!((&self.far).read(&mut bytes), Ok(read) if read == bytes.len()) {}
    }

    fn hang_up(&self) {
        // Of a socket that nobody has closed yet this can not fail.
        let _ = self.near.shutdown(Shutdown::Both);
    }

    fn listener(&self) -> io::Result<OwnedFd> {
        Ok(self.far.try_clone()?.into())
    }
}

/// Asks for a session without waiting for it.
///
/// pool, attrs, tag, tag_len, mode: as for orapool_session_get; attrs stays the caller's and may be freed at once.
/// user_data: what orapool_next_completion is to tell the request by; the library does not look at it.
/// request:   out, the request, the caller's to end with orapool_request_finish or orapool_request_cancel, on any thread;
///            NULL on failure. The request may be complete, and have been told, before this returns.
///
/// Never blocks. The request waits in one queue with the gets, first come, first served, and its deadline, its get mode and
/// all else mean what they mean for a get. What may have to wait for the database, a connect, a ping, an attach or a
/// fix-up, is done by threads of the pool; the session callback runs in orapool_request_finish.
///
/// Fails as orapool_session_get does for arguments that make no sense, and with ORAPOOL_CLOSED (24461). What else becomes of
/// the get, a time-out, a refusal under ORAPOOL_GET_NOWAIT, a connect that fails, is for orapool_request_finish to tell. Any
/// thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_request_start(
    pool: *mut orapool,
    attrs: *const orapool_attrs,
    tag: *const c_char,
    tag_len: usize,
    mode: u32,
    user_data: u64,
    request: *mut *mut orapool_request,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a handle.
    unsafe { put(request, ptr::null_mut()) };
    enter(error, || {
        required(request, "request")?;
        let pool = find(pool)?;
        let make =
            |options: &GetOptions<'_>| Request::new(pool.core(), options, pool.completions(), user_data);
        // SAFETY: see the header: NULL or `tag_len` readable bytes.
        let made = unsafe { with_options(attrs, tag, tag_len, mode, make) }?;
        let token = REQUESTS.add(Arc::clone(&made))?;
        made.set_handle(token);
        if let Err(error) = made.begin() {
            // Nobody knows the handle yet.
            let _ = REQUESTS.take(token);
            return Err(error);
        }
        // SAFETY: as above.
        unsafe { put(request, handle_of(token)) };
        Ok(Done::Success)
    })
}

/// A socket that is readable while there are completions for orapool_next_completion.
///
/// pool: a handle of the pool; each handle has completions of its own.
///
/// Returns a file descriptor, or less than 0: a status (ORAPOOL_INVALID_HANDLE, ORAPOOL_FORKED, or ORAPOOL_ERROR if the
/// process can have no more descriptors). It is a stream socket, non-blocking, closed on exec, and the caller's to close;
/// further calls give duplicates of it. Wait for it to become readable, read what is in it and throw that away,
/// then call orapool_next_completion until that returns ORAPOOL_PENDING. (Who does not read it finds it readable for as
/// long as there are completions, and silent after that.)
/// When the pool handle is closed, it reads as ended: then the requests that are left are to be finished or cancelled by
/// their own handles. Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_completion_fd(pool: *mut orapool) -> i32 {
    if is_forked() {
        return ORAPOOL_FORKED;
    }
    read(ORAPOOL_ERROR, || match find(pool) {
        Ok(pool) => {
            Ok(pool.completions().listener(SocketBell::make).map_or(ORAPOOL_ERROR, |fd| fd.into_raw_fd()))
        }
        Err(error) => Ok(status_of(error.kind())),
    })
}

/// Tells of a request that is complete: finishing it does not wait any more, but for a session callback.
///
/// pool:      the handle with which the request was started.
/// user_data: out, what the request was started with; 0 if there is none; may be NULL.
/// request:   out, the handle that orapool_request_start gave; not NULL.
///
/// Each request is told once, in the order in which they completed; one that was finished or cancelled is not told any more.
///
/// Returns ORAPOOL_PENDING if no request is complete, ORAPOOL_CLOSED (24461) if none is and the pool is closed. Any thread;
/// never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_next_completion(
    pool: *mut orapool,
    user_data: *mut u64,
    request: *mut *mut orapool_request,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: each NULL or a place for a result of its type.
    unsafe {
        put(user_data, 0);
        put(request, ptr::null_mut());
    }
    enter(error, || {
        required(request, "request")?;
        let pool = find(pool)?;
        let Some(complete) = pool.completions().next() else {
            return if pool.core().is_closed() { Err(Error::closed()) } else { Ok(Done::Pending) };
        };
        // SAFETY: as above.
        unsafe {
            put(user_data, complete.user_data);
            put(request, handle_of(complete.handle()));
        }
        Ok(Done::Success)
    })
}

/// Ends a request and hands out the session that it has won. Waits for it if it is not complete.
///
/// request:     the request; used up, whatever this returns, but for an ORAPOOL_INVALID_ARGUMENT.
/// session, ret_tag, ret_tag_len, found: as for orapool_session_get.
///
/// The session callback, if it is due, runs in here. Returns what orapool_session_get returns, ORAPOOL_SUCCESS_WITH_INFO
/// among it; ORAPOOL_CANCELLED if another thread cancels the request meanwhile; ORAPOOL_CLOSED (24461) if the pool was closed:
/// then the session is gone. ORAPOOL_INVALID_HANDLE if it was finished or cancelled before; of several threads that finish it
/// exactly one gets the session. In a session callback of the same pool it does not wait without a deadline: ORAPOOL_TIMEOUT
/// with 24496. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_request_finish(
    request: *mut orapool_request,
    session: *mut *mut orapool_session,
    ret_tag: *mut *const c_char,
    ret_tag_len: *mut usize,
    found: *mut i32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: each NULL or a place for a result of its type.
    unsafe {
        put(session, ptr::null_mut());
        put(ret_tag, ptr::null());
        put(ret_tag_len, 0);
        put(found, 0);
    }
    enter(error, || {
        required(session, "session")?;
        let token = token_of(request);
        let request = REQUESTS.find(token)?;
        let result = request.finish();
        // A cancel, or another finish, may have been faster.
        let _ = REQUESTS.take(token);
        let out = Out { session, ret_tag, ret_tag_len, found };
        // SAFETY: as above.
        Ok(unsafe { out.fill(request.pool_number(), result?) })
    })
}

/// Calls a request off, wherever it has come to. A session that it had won goes back; a connect under way serves others.
///
/// request: the request; used up. NULL, and one that was finished or cancelled: nothing happens. A finish of it that waits in
///          another thread returns ORAPOOL_CANCELLED.
///
/// Any thread; blocks only for the rollback of what a fix-up left open. In a forked child nothing happens. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_request_cancel(request: *mut orapool_request) {
    read((), || {
        REQUESTS.take(token_of(request))?.cancel();
        Ok(())
    })
}
