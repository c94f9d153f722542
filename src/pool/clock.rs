//! The pool's clock. Tests drive their own, so that no test has to wait for real time to pass.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use parking_lot::Mutex;

/// A moment, in nanoseconds since the clock began.
pub type Nanos = u64;

/// `duration` in nanoseconds; what does not fit is as good as for ever.
pub(crate) fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The time a clock showed last, cheap enough to be read at every get and release.
pub type Ticks = Arc<AtomicU64>;

/// Where the pool gets the time from, and how its threads wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Nanos;

    /// The last tick. A clock of real time lets the pools' keepers keep it; one that a test drives keeps it itself.
    fn ticks(&self) -> Ticks;

    /// Whether [`Clock::ticks`] is always right, without anybody keeping it.
    fn keeps_ticks(&self) -> bool;

    /// The time of day, in milliseconds since 1970, UTC: for people, and never to measure with.
    fn unix_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// Blocks the calling thread until it is unparked or `until` has come; it may return early. None = no limit.
    fn park(&self, until: Option<Nanos>);
}

/// Real, monotonic time.
#[derive(Debug)]
pub struct SystemClock {
    ticks: Ticks,
    began: Instant,
}

impl SystemClock {
    /// The clock that all pools of the process share.
    pub fn shared() -> Arc<SystemClock> {
        static SHARED: Lazy<Arc<SystemClock>> =
            Lazy::new(|| Arc::new(SystemClock { ticks: Arc::default(), began: Instant::now() }));
        Arc::clone(&SHARED)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Nanos {
        nanos(self.began.elapsed())
    }

    fn ticks(&self) -> Ticks {
        Arc::clone(&self.ticks)
    }

    fn keeps_ticks(&self) -> bool {
        false
    }

    fn park(&self, until: Option<Nanos>) {
        match until {
            None => std::thread::park(),
            Some(until) => {
                let now = self.now();
                if now < until {
                    std::thread::park_timeout(Duration::from_nanos(until - now));
                }
            }
        }
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Default)]
pub struct TestClock {
    ticks: Ticks,
    parked: Mutex<Vec<Thread>>,
}

impl TestClock {
    /// A clock at time 0.
    pub fn new() -> Arc<TestClock> {
        Arc::default()
    }

    /// Moves the time on by `by` and wakes everybody who waits for it.
    pub fn advance(&self, by: Duration) {
        self.ticks.fetch_add(nanos(by), Ordering::SeqCst);
        for thread in self.parked.lock().iter() {
            thread.unpark();
        }
    }

    /// How many threads wait at the moment, with or without a time limit.
    pub fn parked(&self) -> usize {
        self.parked.lock().len()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Nanos {
        self.ticks.load(Ordering::SeqCst)
    }

    fn ticks(&self) -> Ticks {
        Arc::clone(&self.ticks)
    }

    fn keeps_ticks(&self) -> bool {
        true
    }

    fn park(&self, until: Option<Nanos>) {
        let me = std::thread::current();
        self.parked.lock().push(me.clone());
        // Looked at after joining the list: an advance in between finds the thread there and unparks it.
        if until.is_none_or(|until| self.now() < until) {
            std::thread::park();
        }
        let mut parked = self.parked.lock();
        if let Some(at) = parked.iter().position(|thread| thread.id() == me.id()) {
            parked.swap_remove(at);
        }
    }
}
