//! All pools of the process by number, so that a session's handle, which carries that number, finds its pool on
//! any thread.

use std::sync::Arc;

use once_cell::sync::Lazy;
use parking_lot::RwLock;

use crate::error::Error;
use crate::pool::core::Core;

/// The most pools that can be open at once: session handles leave 13 bits for their number.
pub(crate) const POOLS_LIMIT: usize = 1 << 13;

#[derive(Default)]
struct Entry {
    core: Option<Arc<Core>>,
    is_reserved: bool,
    /// Where the loan numbers of the next pool of this number begin: those of the former ones stay stale for ever.
    first_loan: u64,
}

static DIRECTORY: Lazy<RwLock<Vec<Entry>>> = Lazy::new(RwLock::default);

/// Takes a number for a pool that is to be made, and with it where its loan numbers begin.
pub(crate) fn reserve() -> Result<(u16, u64), Error> {
    let mut entries = DIRECTORY.write();
    let free = entries.iter().position(|entry| entry.core.is_none() && !entry.is_reserved);
    let number = free.unwrap_or(entries.len());
    if number >= POOLS_LIMIT {
        return Err(Error::unsupported(format!("a process can have {POOLS_LIMIT} pools open at once")));
    }
    if free.is_none() {
        entries.push(Entry::default());
    }
    let entry = &mut entries[number];
    entry.is_reserved = true;
    Ok((number as u16, entry.first_loan))
}

/// Enters a pool under the number that was reserved for it.
pub(crate) fn enter(core: &Arc<Core>) {
    if let Some(entry) = DIRECTORY.write().get_mut(usize::from(core.number)) {
        entry.core = Some(Arc::clone(core));
        entry.is_reserved = false;
    }
}

/// Gives a number back, of a pool whose highest loan number was `loans`.
pub(crate) fn forget(number: u16, loans: u64) {
    let gone = DIRECTORY.write().get_mut(usize::from(number)).and_then(|entry| {
        entry.first_loan = entry.first_loan.max(loans + 1);
        entry.is_reserved = false;
        entry.core.take()
    });
    // Dropped here, with the lock gone: what a pool still holds may take its time.
    drop(gone);
}

/// The pool of that number.
pub(crate) fn find(number: u16) -> Option<Arc<Core>> {
    DIRECTORY.read().get(usize::from(number))?.core.clone()
}
