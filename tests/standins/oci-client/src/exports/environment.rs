//! The library's version and OCIEnv.

use std::ffi::c_int;
use std::sync::{Arc, LazyLock};

use crate::checks;
use crate::errors::{DONE, fail};
use crate::guard::enter;
use crate::handles::{Token, register};
use crate::memory::Caller;
use crate::objects::{Environment, Object};

/// ORAPOOL_STANDIN_VERSION, as `19.20` or `23.6.0.24.10`.
static VERSION: LazyLock<[c_int; 5]> = LazyLock::new(|| {
    let text = std::env::var("ORAPOOL_STANDIN_VERSION").unwrap_or_default();
    let mut version = [0; 5];
    for (part, number) in version.iter_mut().zip(text.split('.')) {
        *part = number.trim().parse().unwrap_or(0);
    }
    if version[0] == 0 { [23, 6, 0, 24, 10] } else { version }
});

pub fn version() -> [c_int; 5] {
    *VERSION
}

#[unsafe(no_mangle)]
extern "C" fn OCIClientVersion(
    major: Caller<c_int>,
    minor: Caller<c_int>,
    update: Caller<c_int>,
    patch: Caller<c_int>,
    port: Caller<c_int>,
) {
    checks::watch_exit();
    for (place, number) in [major, minor, update, patch, port].into_iter().zip(version()) {
        place.put(number);
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIEnvNlsCreate(
    environment: Caller<Token>,
    mode: u32,
    _context: Caller<u8>,
    _allocate: Caller<u8>,
    _reallocate: Caller<u8>,
    _free: Caller<u8>,
    _extra_size: usize,
    _extra: Caller<u8>,
    charset: u16,
    national_charset: u16,
) -> c_int {
    environment.put(Token::NULL);
    enter("OCIEnvNlsCreate", Token::NULL, |call| {
        checks::watch_exit();
        call.note("mode", format_args!("{mode:#x}"));
        call.note("charset", charset);
        // 873 is AL32UTF8, 871 UTF8, 1 US7ASCII; 0 takes the client's setting.
        if ![0, 1, 871, 873].contains(&charset) || ![0, 1, 871, 873, 2000].contains(&national_charset) {
            return fail(
                12715,
                format_args!("invalid character set specified: the stand-in has UTF-8 alone, not {charset}"),
            );
        }
        let token = register(Object::Environment(Arc::new(Environment::default())), Token::NULL);
        call.note("env", format_args!("{:#x}", token.0));
        environment.put(token);
        DONE
    })
}

/// The items that ODPI-C asks for.
const NLS_CHARSET_MAX_BYTES: u16 = 91;

#[unsafe(no_mangle)]
extern "C" fn OCINlsNumericInfoGet(environment: Token, error: Token, value: Caller<i32>, item: u16) -> c_int {
    enter("OCINlsNumericInfoGet", error, |call| {
        call.environment(environment)?;
        match item {
            // AL32UTF8
            NLS_CHARSET_MAX_BYTES => value.put(4),
            other => return fail(24300, format_args!("bad value for item: {other}")),
        }
        DONE
    })
}
