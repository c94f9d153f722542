//! The library as a whole: its version and whether two runtimes share it.

use std::ffi::c_char;
use std::hash::{BuildHasher, RandomState};

use once_cell::sync::Lazy;

use crate::capi::error::*;
use crate::capi::orapool_status;

/// Major version of this header.
pub const ORAPOOL_VERSION_MAJOR: u32 = 0;
/// Minor version of this header.
pub const ORAPOOL_VERSION_MINOR: u32 = 1;
/// Patch level of this header.
pub const ORAPOOL_VERSION_PATCH: u32 = 0;

const fn is(text: &str, number: u32) -> bool {
    matches!(u32::from_str_radix(text, 10), Ok(parsed) if parsed == number)
}
const _: () = assert!(
    is(env!("CARGO_PKG_VERSION_MAJOR"), ORAPOOL_VERSION_MAJOR)
        && is(env!("CARGO_PKG_VERSION_MINOR"), ORAPOOL_VERSION_MINOR)
        && is(env!("CARGO_PKG_VERSION_PATCH"), ORAPOOL_VERSION_PATCH)
);

/// The version of the library that is loaded: major << 16 | minor << 8 | patch. Compare it with the
/// ORAPOOL_VERSION_* of the header that you compiled against.
///
/// Any thread; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn orapool_version() -> u32 {
    ORAPOOL_VERSION_MAJOR << 16 | ORAPOOL_VERSION_MINOR << 8 | ORAPOOL_VERSION_PATCH
}

/// A number that this loaded copy of the library has to itself. Two runtimes of a process that see the same number
/// share its pools; different numbers mean that two copies of the library were loaded. A create under a name warns of that,
/// as far as it shows: a copy in a program that was linked with the archive and exports no symbols can not be seen.
///
/// Never 0, but in a forked child, where it is 0. Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn orapool_instance_id() -> u64 {
    static ID: Lazy<u64> = Lazy::new(|| RandomState::new().hash_one(std::process::id()) | 1);
    crate::capi::guard::read(0, || Ok(*ID))
}

/// The name of a status, such as "ORAPOOL_TIMEOUT"; "ORAPOOL_?" for a number that is none.
///
/// Never NULL; static, NUL-terminated, not to be freed. Any thread; never blocks; works in a forked child. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn orapool_status_name(status: orapool_status) -> *const c_char {
    let name = match status {
        ORAPOOL_SUCCESS => c"ORAPOOL_SUCCESS",
        ORAPOOL_SUCCESS_WITH_INFO => c"ORAPOOL_SUCCESS_WITH_INFO",
        ORAPOOL_PENDING => c"ORAPOOL_PENDING",
        ORAPOOL_NO_DATA => c"ORAPOOL_NO_DATA",
        ORAPOOL_ERROR => c"ORAPOOL_ERROR",
        ORAPOOL_INVALID_HANDLE => c"ORAPOOL_INVALID_HANDLE",
        ORAPOOL_INVALID_ARGUMENT => c"ORAPOOL_INVALID_ARGUMENT",
        ORAPOOL_TIMEOUT => c"ORAPOOL_TIMEOUT",
        ORAPOOL_CLOSED => c"ORAPOOL_CLOSED",
        ORAPOOL_UNSUPPORTED => c"ORAPOOL_UNSUPPORTED",
        ORAPOOL_CONFLICT => c"ORAPOOL_CONFLICT",
        ORAPOOL_CALLBACK_FAILED => c"ORAPOOL_CALLBACK_FAILED",
        ORAPOOL_FORKED => c"ORAPOOL_FORKED",
        ORAPOOL_CANCELLED => c"ORAPOOL_CANCELLED",
        ORAPOOL_PANIC => c"ORAPOOL_PANIC",
        _ => c"ORAPOOL_?",
    };
    name.as_ptr()
}
