//! The few words that every get and release reads before it goes without the lock. They change rarely, so that
//! all threads keep them in their caches; a flag that is up sends the call the slow way.

use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// The pool is closed, closing or draining.
pub(crate) const CLOSED: u32 = 1;
/// Nobody keeps the ticks at the moment: the next call must start that again.
pub(crate) const STALE: u32 = 2;
/// More sessions are open than the pool may have: a release must close, not cache.
pub(crate) const OVERSIZE: u32 = 4;
/// Gets are waiting. The only flag with which the short way is still open, until the oldest has lost patience.
pub(crate) const WAITERS: u32 = 8;
/// The oldest waiter will look for an idle session by itself, at the latest when its patience ends.
pub(crate) const WATCHED: u32 = 16;
/// A get with no wishes is not served by just any session: by default it wants one that nobody has had, there is no
/// user to log on for it, or the session may have no server.
pub(crate) const NO_PLAIN_GETS: u32 = 32;

/// Flags of the pool and what goes with them.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Gate {
    flags: AtomicU32,
    front_since: AtomicU64,
    /// Idle time after which a session is pinged before it is handed out; `u64::MAX` = never.
    pub(crate) ping_interval: AtomicU64,
}

impl Gate {
    /// A gate with `flags` up.
    pub(crate) fn new(flags: u32) -> Self {
        Gate {
            flags: AtomicU32::new(flags),
            front_since: AtomicU64::new(u64::MAX),
            ping_interval: AtomicU64::new(u64::MAX),
        }
    }

    /// Says how long a session may be idle and still be handed out unpinged; none = for ever.
    pub(crate) fn set_ping_interval(&self, interval: Option<std::time::Duration>) {
        let nanos = interval.map_or(u64::MAX, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        self.ping_interval.store(nanos, Ordering::Relaxed);
    }

    /// The flags, for the decision whether the short way is open.
    #[inline]
    pub(crate) fn flags(&self) -> u32 {
        self.flags.load(Ordering::Acquire)
    }

    /// The flags, read after a slot was given back: pairs with [`Gate::raise`] before a waiter looks at the slots.
    #[inline]
    pub(crate) fn flags_after_put(&self) -> u32 {
        self.flags.load(Ordering::SeqCst)
    }

    /// Puts flags up.
    pub(crate) fn raise(&self, flags: u32) {
        self.flags.fetch_or(flags, Ordering::SeqCst);
    }

    /// Takes flags down.
    pub(crate) fn lower(&self, flags: u32) {
        self.flags.fetch_and(!flags, Ordering::SeqCst);
    }

    /// Puts `flags` up or down, and leaves the line that all threads read alone if they are already. For flags that
    /// change under the pool's lock alone.
    pub(crate) fn show(&self, flags: u32, up: bool) {
        let now = self.flags.load(Ordering::SeqCst);
        match up {
            true if now & flags != flags => self.raise(flags),
            false if now & flags != 0 => self.lower(flags),
            _ => {}
        }
    }

    /// Since when the oldest waiter waits.
    pub(crate) fn front_since(&self) -> u64 {
        self.front_since.load(Ordering::Relaxed)
    }

    /// Says since when the oldest waiter waits; called under the pool's lock.
    pub(crate) fn set_front_since(&self, since: u64) {
        if self.front_since() != since {
            self.front_since.store(since, Ordering::Relaxed);
        }
    }
}
