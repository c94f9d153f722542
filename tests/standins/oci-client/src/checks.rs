//! What the program under test did against the contract of OCI.

use std::process;
use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::database;
use crate::handles;
use crate::log;
use crate::objects::Object;

/// The process that is watched.
static WATCHED: OnceLock<u32> = OnceLock::new();

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
    WATCHED.get_or_init(|| {
        // SAFETY: the function takes nothing, lives as long as this library, and lets no panic out.
        unsafe { libc::atexit(at_exit) };
        process::id()
    });
}

extern "C" fn at_exit() {
    // The handles that a forked child finds are its parent's, and so are the files of the instances.
    if WATCHED.get() != Some(&process::id()) {
        return;
    }
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
