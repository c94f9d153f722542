//! The functions by which a test controls the library that it, or ODPI-C in it, has loaded.

use std::ffi::c_int;
use std::panic::catch_unwind;

use crate::checks;
use crate::database;
use crate::exports::put_text;
use crate::faults;
use crate::memory::Caller;

/// Adds faults, in the form of ORAPOOL_STANDIN_FAULTS; calls are counted from now. 0, or -1 for a text that is wrong, whose reason is on
/// stderr.
#[unsafe(no_mangle)]
extern "C" fn orapool_standin_fault(text: Caller<u8>) -> c_int {
    let outcome = catch_unwind(|| faults::add(&text.c_text()));
    match outcome {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => {
            eprintln!("STANDIN: {error}");
            -1
        }
        Err(_) => -1,
    }
}

/// How many violations there were, and as much of their texts as fits, one on each line.
#[unsafe(no_mangle)]
extern "C" fn orapool_standin_violations(buffer: Caller<u8>, size: usize) -> c_int {
    let outcome = catch_unwind(|| {
        let all = checks::all();
        if !buffer.is_null() {
            put_text(buffer, size, &all.join("\n"));
        }
        c_int::try_from(all.len()).unwrap_or(c_int::MAX)
    });
    outcome.unwrap_or(-1)
}

/// Forgets faults that wait, violations, and what was left of connect_failures; lets go of instances that ORAPOOL_STANDIN_KEEP kept.
#[unsafe(no_mangle)]
extern "C" fn orapool_standin_reset() {
    // Nothing is left to do if it panics; the next call shows what it left.
    let _ = catch_unwind(|| {
        faults::forget();
        checks::forget();
        database::forget();
    });
}
