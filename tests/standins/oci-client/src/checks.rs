//! What the program under test did against the contract of OCI.

use std::sync::Once;

use parking_lot::Mutex;

use crate::database;
use crate::handles;
use crate::log;
use crate::objects::Object;

static VIOLATIONS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes a violation: in the list, in the log, and on stderr under a prefix that a test can look for.
pub fn violation(text: impl std::fmt::Display) {
    let text = text.to_string();
    eprintln!("STANDIN VIOLATION: {text}");
    log::violation(&text);
    VIOLATIONS.lock().push(text);
}

pub fn all() -> Vec<String> {
    VIOLATIONS.lock().clone()
}

pub fn forget() {
    VIOLATIONS.lock().clear();
}

/// Asks to be told of leaks when the process ends or the library is unloaded.
pub fn watch_exit() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        // SAFETY: the function takes nothing, lives as long as this library, and lets no panic out.
        unsafe { libc::atexit(at_exit) };
    });
}

extern "C" fn at_exit() {
    // A panic must not cross into the C library; there is nobody left to tell of it.
    let _ = std::panic::catch_unwind(|| {
        for (kind, count) in handles::census() {
            if Object::must_be_freed(kind) {
                violation(format_args!("exit: {count} {kind} handle(s) were never freed or released"));
            }
        }
        // What is left logs off, and the temporary files of its instances go.
        handles::remove_leaks();
        database::forget();
    });
}
