//! Session callbacks: code of the application that the library calls.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::capi::attrs::bag_of;
use crate::capi::guard::{Done, enter};
use crate::capi::handle::{handle_of, session_token};
use crate::capi::{orapool_attrs, orapool_error, orapool_session, orapool_status};
use crate::error::Error;
use crate::pool::tag::Tag;
use crate::pool::{CallbackSession, SessionCallback};
use crate::process::PerProcess;

/// What a session callback returns when the session is as it should be. Every other value is a failure; 0 among them,
/// because it is what many bindings return for code that raised.
pub const ORAPOOL_CALLBACK_OK: i32 = 1;

/// Puts a session's state right before orapool_session_get returns it. It is called for a session that nobody has had,
/// and for one whose tag is not what was asked for, after the fix-up procedure if the pool has one.
///
/// ctx:        what was given with the callback.
/// session:    the session, to work with as after the get. It can not be released in here; the callback says with
///             orapool_session_set_tag what the state is now.
/// wanted:     the tag that was asked for; NULL = none.
/// wanted_len: its length in bytes.
/// actual:     the tag that the session has; NULL = none.
/// actual_len: its length in bytes.
///
/// Returns ORAPOOL_CALLBACK_OK; with any other value the session is dropped and the get fails with
/// ORAPOOL_CALLBACK_FAILED. It runs on the thread of the get, or of orapool_request_finish, with no lock held, from several threads at once if several
/// get. It may get other sessions of the same pool; where that would have to wait for a loan without a deadline it
/// fails with 24496. A transaction that it leaves open goes on in the loan. Nothing may unwind or jump out of it, nor may the
/// thread be ended in it, as pthread_exit does: that ends the process. wanted and actual are there until it returns.
pub type orapool_session_callback = Option<
    unsafe extern "C" fn(
        ctx: *mut c_void,
        session: *mut orapool_session,
        wanted: *const c_char,
        wanted_len: usize,
        actual: *const c_char,
        actual_len: usize,
    ) -> i32,
>;

/// Called once with ctx when no bag and no pool has the callback any more, on whichever thread gave up the last. Who sets the
/// same callback and ctx after that begins a new registration, with a call of its own.
pub type orapool_ctx_free = Option<unsafe extern "C" fn(ctx: *mut c_void)>;

type Callback = unsafe extern "C" fn(
    *mut c_void,
    *mut orapool_session,
    *const c_char,
    usize,
    *const c_char,
    usize,
) -> i32;

/// A callback with its context, once in the process however often it was set.
struct Registration {
    callback: Callback,
    ctx: *mut c_void,
    ctx_free: orapool_ctx_free,
}

// SAFETY: the header asks for a callback and a context that any thread may use.
unsafe impl Send for Registration {}
// SAFETY: the same, from several threads at once.
unsafe impl Sync for Registration {}

impl Registration {
    fn is(&self, callback: Callback, ctx: *mut c_void, ctx_free: orapool_ctx_free) -> bool {
        let address = |ctx_free: orapool_ctx_free| ctx_free.map(|ctx_free| ctx_free as usize);
        self.identity() == (callback as usize, ctx.addr()) && address(self.ctx_free) == address(ctx_free)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(ctx_free) = self.ctx_free {
            // SAFETY: the header promises that it may be called with the context, once, on any thread.
            unsafe { ctx_free(self.ctx) };
        }
    }
}

impl SessionCallback for Registration {
    fn call(&self, session: &CallbackSession<'_>) -> Result<(), i32> {
        let text = |tag: Option<&Tag>| {
            tag.map_or((ptr::null(), 0), |tag| (tag.as_bytes().as_ptr().cast(), tag.as_bytes().len()))
        };
        let (wanted, wanted_len) = text(session.wanted());
        let (actual, actual_len) = text(session.actual());
        let handle = handle_of(session_token(session.pool, session.loan));
        // SAFETY: the function that was set, with the context that was set with it, which lives as long as `self`.
        let value = unsafe { (self.callback)(self.ctx, handle, wanted, wanted_len, actual, actual_len) };
        if value == ORAPOOL_CALLBACK_OK { Ok(()) } else { Err(value) }
    }

    fn identity(&self) -> (usize, usize) {
        (self.callback as usize, self.ctx.addr())
    }
}

/// All that live. A context is freed once, so setting the same twice must come to the same registration.
static REGISTRATIONS: PerProcess<Mutex<Vec<Weak<Registration>>>> = PerProcess::new();

fn register(callback: Callback, ctx: *mut c_void, ctx_free: orapool_ctx_free) -> Arc<Registration> {
    let mut registrations = REGISTRATIONS.get().lock();
    registrations.retain(|registration| registration.strong_count() > 0);
    for registration in registrations.iter().filter_map(Weak::upgrade) {
        if registration.is(callback, ctx, ctx_free) {
            return registration;
        }
    }
    let registration = Arc::new(Registration { callback, ctx, ctx_free });
    registrations.push(Arc::downgrade(&registration));
    registration
}

/// Sets the session callback of the pools that are created with this bag.
///
/// callback: the callback; NULL unsets it, and then ctx and ctx_free are NULL.
/// ctx:      handed to each call; may be NULL. The library never looks at what it points to.
/// ctx_free: called once with ctx when it can be used no more: when the last bag and the last pool with it are gone, and
///           no call of it runs. May be NULL. Setting the same callback, ctx and ctx_free again, here or in another bag,
///           is the same registration and makes no second call.
///
/// On an error the bag is as it was and ctx is the caller's still. Returns ORAPOOL_INVALID_ARGUMENT if callback is NULL
/// and another is not. Any thread; never blocks, but ctx_free of a callback that is replaced runs in here. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_attrs_set_callback(
    attrs: *mut orapool_attrs,
    callback: orapool_session_callback,
    ctx: *mut c_void,
    ctx_free: orapool_ctx_free,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let bag = bag_of(attrs)?;
        let registration: Option<Arc<dyn SessionCallback>> = match callback {
            Some(callback) => Some(register(callback, ctx, ctx_free)),
            None if ctx.is_null() && ctx_free.is_none() => None,
            None => {
                let text = "callback is NULL, which unsets it; then ctx and ctx_free must be NULL";
                return Err(Error::invalid_argument(text));
            }
        };
        // Dropped with nothing locked: it may call the application.
        let former = bag.lock().set_callback(registration);
        drop(former);
        Ok(Done::Success)
    })
}
