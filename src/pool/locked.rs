//! The pool's lock. Whoever was told something under it is woken when it is gone, so that nobody wakes up only to
//! wait for the lock.

use std::ops::{Deref, DerefMut};
use std::thread::Thread;
use std::time::Duration;

use parking_lot::MutexGuard;

use crate::pool::core::State;
use crate::pool::signal::Signal;
use crate::pool::tell::{Holding, has_untold, tell_between};

/// Wakes its threads when it is dropped.
struct ToWake(Vec<Thread>);

impl Drop for ToWake {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            thread.unpark();
        }
    }
}

/// The pool's state, for the one who has the lock.
pub(crate) struct Locked<'a> {
    // The order of the fields is the order in which they go: first the lock, then the wake-ups, then events are told.
    guard: MutexGuard<'a, State>,
    to_wake: ToWake,
    _holding: Holding,
}

impl<'a> Locked<'a> {
    pub(crate) fn new(guard: MutexGuard<'a, State>) -> Self {
        Locked { guard, to_wake: ToWake(Vec::new()), _holding: Holding::begin() }
    }

    /// Lets go of the lock until `condition` is told, for at most `limit`. True: the time is up. May return early.
    pub(crate) fn wait(&mut self, condition: &Signal, limit: Option<Duration>) -> bool {
        let told = ToWake(std::mem::take(&mut self.guard.to_wake));
        if !told.0.is_empty() || has_untold() {
            MutexGuard::unlocked(&mut self.guard, || {
                drop(told);
                tell_between();
            });
            // Something may have changed meanwhile: the caller looks again.
            return false;
        }
        condition.wait(&mut self.guard, limit)
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.guard
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.guard
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if !self.guard.to_wake.is_empty() {
            self.to_wake = ToWake(std::mem::take(&mut self.guard.to_wake));
        }
    }
}
