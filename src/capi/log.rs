//! The log of events that the environment may ask for.

use std::io::Write;

use crate::pool::Level;
use crate::pool::tell::log_to;

/// The environment variable that has events written to stderr.
const VARIABLE: &str = "ORAPOOL_LOG";

/// Looks once, when the library is first used, whether events are to be written to stderr.
pub(crate) fn begin() {
    let Some(wanted) = std::env::var_os(VARIABLE) else { return };
    match wanted.to_string_lossy().trim().to_ascii_lowercase().as_str() {
        "" | "off" => {}
        "warn" => log_to(Level::Warn, write_line),
        "info" => log_to(Level::Info, write_line),
        _ => write_line(&format!("orapool: {VARIABLE} is {wanted:?}; it takes warn, info or off")),
    }
}

/// One write a line, so that lines of several threads do not mix.
fn write_line(line: &str) {
    // There is nobody to tell that the log can not be written.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
