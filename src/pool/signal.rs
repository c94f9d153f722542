//! A condition that threads of the pool rest on. They park as the standard library does it: a parked thread is known to
//! nobody but those that have its handle. `parking_lot`'s own condition keeps those who wait in a table of the process, and
//! a forked child would inherit that with threads in it that it has not.

use std::thread::Thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

/// Something that threads wait for, each with a lock that whoever tells it holds or has held.
#[derive(Default)]
pub(crate) struct Signal {
    waiting: Mutex<Vec<Thread>>,
}

impl Signal {
    /// Lets go of the lock until it is told, for at most `limit`. True: the time is up. May return early.
    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>, limit: Option<Duration>) -> bool {
        let began = Instant::now();
        let me = std::thread::current();
        // Before the lock goes: who tells it from then on finds the thread here, and a thread that is told first does not
        // park.
        self.waiting.lock().push(me.clone());
        MutexGuard::unlocked(guard, || match limit {
            Some(limit) => std::thread::park_timeout(limit),
            None => std::thread::park(),
        });
        let mut waiting = self.waiting.lock();
        if let Some(at) = waiting.iter().position(|thread| thread.id() == me.id()) {
            waiting.swap_remove(at);
        }
        limit.is_some_and(|limit| began.elapsed() >= limit)
    }

    /// Wakes all that wait.
    pub(crate) fn tell_all(&self) {
        for thread in self.waiting.lock().iter() {
            thread.unpark();
        }
    }
}
