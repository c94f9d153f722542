//! Texts that OCI hands out by pointer.
//!
//! Callers keep such pointers longer than the documentation promises (ODPI-C reads a column's name after it freed the descriptor), so a
//! text stays for ever. That costs memory once for each distinct text, which in tests are few.

use std::collections::HashSet;
use std::sync::LazyLock;

use parking_lot::Mutex;

static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The same text with a NUL behind it, for ever.
pub fn intern(text: &str) -> &'static str {
    let mut texts = TEXTS.lock();
    if let Some(known) = texts.get(text) {
        return known;
    }
    let with_nul: &'static str = Box::leak(format!("{text}\0").into_boxed_str());
    let known = &with_nul[..text.len()];
    texts.insert(known);
    known
}
