//! The running call of a session: what may stop it, and how it waits.
//!
//! A call is stopped by a break, by the session's call timeout, or by a kill. Whatever waits or runs inside a call asks `check`, or
//! sleeps in `wait`, which a stop wakes at once. Outside a call a break does nothing, so that it can not hit a later call.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Result};

struct CallState {
    running: bool,
    interrupted: bool,
    ended: Option<Ending>,
    /// The end was reported to the session's owner, so from now on the session is not logged on.
    end_reported: bool,
    granted: bool,
    deadline: Option<Instant>,
    /// When the last call ended.
    idle_since: Instant,
    /// Whether the last call left a transaction open.
    idle_in_transaction: bool,
}

/// How a session or a client's connection came to its end before its owner wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// ALTER SYSTEM KILL SESSION.
    Killed,
    /// The broker cut the line: after the think time, or because its pool was stopped.
    Cut,
}

impl Ending {
    /// What the owner's first call gets.
    pub(crate) fn error(self) -> Error {
        match self {
            Self::Killed => Error::new(28, "your session has been killed"),
            Self::Cut => Error::new(3113, "end-of-file on communication channel"),
        }
    }

    /// What all later calls get.
    fn later_error(self) -> Error {
        match self {
            Self::Killed => Error::new(1012, "not logged on: the session was killed or disconnected before"),
            Self::Cut => Error::new(3114, "not connected to ORACLE"),
        }
    }
}

/// How long a client may hold a pooled server and send nothing; `None`: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThinkTimes {
    pub(crate) outside: Option<Duration>,
    pub(crate) in_transaction: Option<Duration>,
}

/// Why a wait ended, when it was not stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    Granted,
    TimeUp,
}

pub(crate) struct Control {
    state: Mutex<CallState>,
    changed: Condvar,
    /// Set with `interrupted` or `killed` during a call: the cheap test for code that runs once per row.
    stop: AtomicBool,
    /// The call's deadline in nanoseconds after `born`; 0 for none.
    deadline_nanos: AtomicU64,
    born: Instant,
}

fn interrupted() -> Error {
    Error::new(1013, "user requested cancel of current operation")
}

pub(crate) fn timed_out() -> Error {
    Error::new(3136, "call timeout exceeded; the call was stopped and the session stays usable")
}

impl Control {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(CallState {
                running: false,
                interrupted: false,
                ended: None,
                end_reported: false,
                granted: false,
                deadline: None,
                idle_since: Instant::now(),
                idle_in_transaction: false,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            deadline_nanos: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// Starts a call that ends at `deadline` at the latest; the error of an ended session.
    pub(crate) fn begin(&self, deadline: Option<Instant>) -> Result<()> {
        let mut state = self.state.lock();
        if let Some(ending) = state.ended {
            let first = !std::mem::replace(&mut state.end_reported, true);
            return Err(if first { ending.error() } else { ending.later_error() });
        }
        state.running = true;
        state.interrupted = false;
        state.granted = false;
        state.deadline = deadline;
        self.stop.store(false, Ordering::Release);
        let nanos =
            deadline.map_or(0, |at| at.duration_since(self.born).as_nanos().min(u128::from(u64::MAX)) as u64);
        self.deadline_nanos.store(nanos, Ordering::Release);
        Ok(())
    }

    /// Ends the call, and says how the session was ended meanwhile, if it was, which the caller then reports and cleans up after.
    pub(crate) fn end(&self, in_transaction: bool) -> Option<Ending> {
        let mut state = self.state.lock();
        state.running = false;
        state.interrupted = false;
        state.granted = false;
        state.deadline = None;
        state.idle_since = Instant::now();
        state.idle_in_transaction = in_transaction;
        self.deadline_nanos.store(0, Ordering::Release);
        self.stop.store(state.ended.is_some(), Ordering::Release);
        state.end_reported |= state.ended.is_some();
        state.ended
    }

    /// The error of whatever stops the running call, if anything does.
    pub(crate) fn check(&self) -> Result<()> {
        if self.stop.load(Ordering::Acquire) {
            let state = self.state.lock();
            return Err(state.ended.map_or_else(interrupted, Ending::error));
        }
        let deadline = self.deadline_nanos.load(Ordering::Acquire);
        if deadline != 0 && self.born.elapsed().as_nanos() >= u128::from(deadline) {
            return Err(timed_out());
        }
        Ok(())
    }

    /// Sleeps for `time`, or less if the call is stopped, which is then the error.
    pub(crate) fn pause(&self, time: Duration) -> Result<()> {
        if time.is_zero() {
            return Ok(());
        }
        self.wait(Some(time)).map(|_| ())
    }

    /// Waits until granted, until `limit` is over (`None`: no limit), or until the call is stopped.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> Result<Woken> {
        let time_up = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut state = self.state.lock();
        loop {
            if let Some(ending) = state.ended {
                return Err(ending.error());
            }
            if state.interrupted {
                return Err(interrupted());
            }
            if state.granted {
                state.granted = false;
                return Ok(Woken::Granted);
            }
            let now = Instant::now();
            if state.deadline.is_some_and(|at| now >= at) {
                return Err(timed_out());
            }
            if time_up.is_some_and(|at| now >= at) {
                return Ok(Woken::TimeUp);
            }
            match [state.deadline, time_up].into_iter().flatten().min() {
                Some(next) => {
                    self.changed.wait_until(&mut state, next);
                }
                None => self.changed.wait(&mut state),
            }
        }
    }

    /// Wakes the wait with what it waits for.
    pub(crate) fn grant(&self) {
        self.state.lock().granted = true;
        self.changed.notify_all();
    }

    /// Stops the running call with ORA-01013; nothing if none runs.
    pub(crate) fn interrupt(&self) {
        let mut state = self.state.lock();
        if state.running && state.ended.is_none() {
            state.interrupted = true;
            self.stop.store(true, Ordering::Release);
            self.changed.notify_all();
        }
    }

    /// Ends the session; true if no call runs, so that who ends it has to clean up in its stead.
    pub(crate) fn finish(&self, ending: Ending) -> bool {
        let mut state = self.state.lock();
        let first = state.ended.is_none();
        state.ended = state.ended.or(Some(ending));
        self.stop.store(true, Ordering::Release);
        self.changed.notify_all();
        !state.running && first
    }

    /// Cuts the line if its owner has sent nothing for the think time; true if it did, so that the caller has to clean up.
    pub(crate) fn cut_if_silent(&self, limits: ThinkTimes, now: Instant) -> bool {
        let mut state = self.state.lock();
        let silent = state.silent_until(limits).is_some_and(|end| now >= end);
        if silent {
            state.ended = Some(Ending::Cut);
            self.stop.store(true, Ordering::Release);
        }
        silent
    }

    /// When the think time ends; `None` while a call runs.
    pub(crate) fn silent_until(&self, limits: ThinkTimes) -> Option<Instant> {
        self.state.lock().silent_until(limits)
    }

    /// Starts the think time anew, for another owner.
    pub(crate) fn touch(&self) {
        let mut state = self.state.lock();
        state.idle_since = Instant::now();
        state.idle_in_transaction = false;
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.state.lock().ended
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ending().is_some()
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state.lock().running
    }
}

impl CallState {
    fn silent_until(&self, limits: ThinkTimes) -> Option<Instant> {
        if self.running || self.ended.is_some() {
            return None;
        }
        let limit = if self.idle_in_transaction { limits.in_transaction } else { limits.outside };
        self.idle_since.checked_add(limit?)
    }
}
