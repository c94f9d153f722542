//! All pools of the process by number, so that a session's handle, which carries that number, finds its pool on
//! any thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;

use crate::error::Error;
use crate::pool::core::Core;
use crate::process::PerProcess;

/// The most pools that can be open at once: session handles leave 13 bits for their number.
pub(crate) const POOLS_LIMIT: usize = 1 << 13;

#[derive(Default)]
struct Entry {
    core: Option<Arc<Core>>,
    is_reserved: bool,
    /// Where the loan numbers of the next pool of this number begin: those of the former ones stay stale for ever.
    first_loan: u64,
}

static DIRECTORY: PerProcess<RwLock<Directory>> = PerProcess::new();

/// The pools of a process. Its numbers come after all of the process that it was forked off: a session handle of the
/// parent means nothing here, and never something else.
struct Directory {
    first: usize,
    entries: Vec<Entry>,
}

/// The numbers that this process, and those that it was forked off, have given out.
static NUMBERS: AtomicUsize = AtomicUsize::new(0);

impl Default for Directory {
    fn default() -> Directory {
        Directory { first: NUMBERS.load(Ordering::Relaxed), entries: Vec::new() }
    }
}

impl Directory {
    fn get(&self, number: u16) -> Option<&Entry> {
        self.entries.get(usize::from(number).checked_sub(self.first)?)
    }

    fn get_mut(&mut self, number: u16) -> Option<&mut Entry> {
        self.entries.get_mut(usize::from(number).checked_sub(self.first)?)
    }
}

/// Takes a number for a pool that is to be made, and with it where its loan numbers begin.
pub(crate) fn reserve() -> Result<(u16, u64), Error> {
    let mut directory = DIRECTORY.get().write();
    let first = directory.first;
    let free = directory.entries.iter().position(|entry| entry.core.is_none() && !entry.is_reserved);
    let at = free.unwrap_or(directory.entries.len());
    if first + at >= POOLS_LIMIT {
        return Err(Error::unsupported(format!("a process can have {POOLS_LIMIT} pools open at once")));
    }
    if free.is_none() {
        directory.entries.push(Entry::default());
        NUMBERS.store(first + directory.entries.len(), Ordering::Relaxed);
    }
    let entry = &mut directory.entries[at];
    entry.is_reserved = true;
    Ok(((first + at) as u16, entry.first_loan))
}

/// Enters a pool under the number that was reserved for it.
pub(crate) fn enter(core: &Arc<Core>) {
    if let Some(entry) = DIRECTORY.get().write().get_mut(core.number) {
        entry.core = Some(Arc::clone(core));
        entry.is_reserved = false;
    }
}

/// Gives a number back, of a pool whose highest loan number was `loans`.
pub(crate) fn forget(number: u16, loans: u64) {
    let gone = DIRECTORY.get().write().get_mut(number).and_then(|entry| {
        entry.first_loan = entry.first_loan.max(loans + 1);
        entry.is_reserved = false;
        entry.core.take()
    });
    // Dropped here, with the lock gone: what a pool still holds may take its time.
    drop(gone);
}

/// The pool of that number.
pub(crate) fn find(number: u16) -> Option<Arc<Core>> {
    DIRECTORY.get().read().get(number)?.core.clone()
}
