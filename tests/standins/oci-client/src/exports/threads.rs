//! OCIThread: keys of thread-local values. ODPI-C calls these before it has an error handle, and with each call; they are not logged.

use std::ffi::{c_int, c_void};

use crate::errors::{ERROR, SUCCESS};
use crate::handles::Token;
use crate::memory::Caller;

type Destructor = Option<unsafe extern "C" fn(*mut c_void)>;

#[unsafe(no_mangle)]
extern "C" fn OCIThreadProcessInit() {}

/// The key is passed as a number, one more than the system's, so that it is never NULL.
#[unsafe(no_mangle)]
extern "C" fn OCIThreadKeyInit(
    _handle: Token,
    _error: Token,
    key: Caller<usize>,
    destructor: Destructor,
) -> c_int {
    let mut number: libc::pthread_key_t = 0;
    // SAFETY: the place is a live local; the destructor is the caller's, made for this very use.
    let failed = unsafe { libc::pthread_key_create(&mut number, destructor) };
    key.put(number as usize + 1);
    if failed == 0 { SUCCESS } else { ERROR }
}

fn number(key: usize) -> Option<libc::pthread_key_t> {
    key.checked_sub(1).and_then(|number| number.try_into().ok())
}

#[unsafe(no_mangle)]
extern "C" fn OCIThreadKeyDestroy(_handle: Token, _error: Token, key: Caller<usize>) -> c_int {
    let Some(number) = key.get().and_then(number) else { return ERROR };
    key.put(0);
    // SAFETY: a number that is no key is an error of the call, not undefined.
    let failed = unsafe { libc::pthread_key_delete(number) };
    if failed == 0 { SUCCESS } else { ERROR }
}

#[unsafe(no_mangle)]
extern "C" fn OCIThreadKeyGet(
    _handle: Token,
    _error: Token,
    key: usize,
    value: Caller<*mut c_void>,
) -> c_int {
    let Some(number) = number(key) else { return ERROR };
    // SAFETY: the number came from OCIThreadKeyInit; a key that is gone gives NULL.
    value.put(unsafe { libc::pthread_getspecific(number) });
    SUCCESS
}

#[unsafe(no_mangle)]
extern "C" fn OCIThreadKeySet(_handle: Token, _error: Token, key: usize, value: *mut c_void) -> c_int {
    let Some(number) = number(key) else { return ERROR };
    // SAFETY: the number came from OCIThreadKeyInit; the value is only kept.
    let failed = unsafe { libc::pthread_setspecific(number, value) };
    if failed == 0 { SUCCESS } else { ERROR }
}
