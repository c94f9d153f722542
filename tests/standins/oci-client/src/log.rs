//! The call log: a JSON object for each call, in the file that ORAPOOL_STANDIN_LOG names.

use std::fs::File;
use std::io::Write;
use std::sync::LazyLock;

use parking_lot::Mutex;

static FILE: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
    let path = std::env::var_os("ORAPOOL_STANDIN_LOG").filter(|path| !path.is_empty())?;
    let file = File::options().create(true).append(true).open(&path);
    match file {
        Ok(file) => Some(Mutex::new(file)),
        Err(error) => {
            eprintln!("STANDIN: the log {} can not be written: {error}", path.display());
            None
        }
    }
});

pub fn is_on() -> bool {
    FILE.is_some()
}

/// The number that the system gives the running thread.
pub fn thread_id() -> u64 {
    thread_local! {
        // SAFETY: gettid takes nothing and cannot fail.
        static ID: u64 = u64::from(unsafe { libc::gettid() }.unsigned_abs());
    }
    // At the very end of a thread its locals are gone; its calls then share a number that no thread has.
    ID.try_with(|id| *id).unwrap_or(0)
}

fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            other if u32::from(other) < 0x20 => json.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// Writes one line. One write for each line, so that two processes with one log do not mix.
fn write(line: &str) {
    if let Some(file) = FILE.as_ref() {
        // A full disk must not change what the program under test sees.
        let _ = file.lock().write_all(line.as_bytes());
    }
}

pub fn call(
    name: &str,
    arguments: &[(&str, String)],
    result: i32,
    error: Option<i32>,
    session: Option<(u32, u32)>,
) {
    if !is_on() {
        return;
    }
    let mut line = format!("{{\"thread\":{},\"call\":{}", thread_id(), quoted(name));
    for (key, value) in arguments {
        line.push_str(&format!(",{}:{}", quoted(key), quoted(value)));
    }
    line.push_str(&format!(",\"rc\":{result}"));
    if let Some(code) = error {
        line.push_str(&format!(",\"ora\":{code}"));
    }
    if let Some((sid, serial)) = session {
        line.push_str(&format!(",\"sid\":{sid},\"serial\":{serial}"));
    }
    line.push_str("}\n");
    write(&line);
}

pub fn violation(text: &str) {
    write(&format!("{{\"thread\":{},\"violation\":{}}}\n", thread_id(), quoted(text)));
}
