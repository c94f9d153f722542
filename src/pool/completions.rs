//! The completions of one pool handle: requests that can be finished, in the order in which they came, and the bell that
//! tells of them.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::pool::request::Request;

/// Something that shows from outside whether there are completions.
pub(crate) trait Bell: Send + Sync {
    /// There is one more completion.
    fn ring(&self);
    /// There are none.
    fn hush(&self);
    /// Nobody will ask for any more.
    fn hang_up(&self);
    /// Something to hear it by, its holder's own.
    fn listener(&self) -> io::Result<OwnedFd>;
}

/// The queue of completions of a pool handle.
#[derive(Default)]
pub(crate) struct Completions {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    complete: BTreeMap<u64, Arc<Request>>,
    last: u64,
    bell: Option<Box<dyn Bell>>,
    is_hung_up: bool,
}

impl Queue {
    fn hush_if_empty(&self) {
        if let Some(bell) = self.bell.as_ref().filter(|_| self.complete.is_empty()) {
            bell.hush();
        }
    }
}

impl std::fmt::Debug for Completions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completions").finish_non_exhaustive()
    }
}

impl Completions {
    /// One more. Its number.
    pub(crate) fn add(&self, request: Arc<Request>) -> u64 {
        let mut queue = self.queue.lock();
        queue.last += 1;
        let number = queue.last;
        queue.complete.insert(number, request);
        // Under the lock, as all of the bell: else what is rung now could be hushed for what was before.
        if let Some(bell) = &queue.bell {
            bell.ring();
        }
        number
    }

    /// It was finished or cancelled before it was asked for.
    pub(crate) fn remove(&self, number: u64) {
        let mut queue = self.queue.lock();
        queue.complete.remove(&number);
        queue.hush_if_empty();
    }

    /// The one that came first, taken out.
    pub(crate) fn next(&self) -> Option<Arc<Request>> {
        let mut queue = self.queue.lock();
        let next = queue.complete.pop_first();
        queue.hush_if_empty();
        next.map(|(_, request)| request)
    }

    /// Something to hear the bell by; `make` makes the bell if there is none.
    pub(crate) fn listener(&self, make: fn() -> io::Result<Box<dyn Bell>>) -> io::Result<OwnedFd> {
        let mut queue = self.queue.lock();
        if let Some(bell) = &queue.bell {
            return bell.listener();
        }
        let bell = make()?;
        for _ in &queue.complete {
            bell.ring();
        }
        if queue.is_hung_up {
            bell.hang_up();
        }
        queue.bell.insert(bell).listener()
    }

    /// The handle was given up.
    pub(crate) fn hang_up(&self) {
        let mut queue = self.queue.lock();
        queue.is_hung_up = true;
        if let Some(bell) = &queue.bell {
            bell.hang_up();
        }
    }
}
