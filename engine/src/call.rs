//! The running call of a session: what may stop it, and how it waits.
//!
//! A call is stopped by a break, by the session's call timeout, or by a kill. Whatever waits or runs inside a call asks `check`, or
//! sleeps in `wait`, which a stop wakes at once. Outside a call a break does nothing, so that it can not hit a later call.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Result};

#[derive(Default)]
struct CallState {
    running: bool,
    interrupted: bool,
    killed: bool,
    /// The kill was reported to the session's owner, so from now on the session is not logged on.
    kill_reported: bool,
    granted: bool,
    deadline: Option<Instant>,
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

fn timed_out() -> Error {
    Error::new(3136, "call timeout exceeded; the call was stopped and the session stays usable")
}

pub(crate) fn killed() -> Error {
    Error::new(28, "your session has been killed")
}

fn not_logged_on() -> Error {
    Error::new(1012, "not logged on: the session was killed or disconnected before")
}

impl Control {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            deadline_nanos: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// Starts a call that may take `limit`; ORA-00028 or ORA-01012 for a killed session.
    pub(crate) fn begin(&self, limit: Option<Duration>) -> Result<()> {
        let mut state = self.state.lock();
        if state.killed {
            let first = !std::mem::replace(&mut state.kill_reported, true);
            return Err(if first { killed() } else { not_logged_on() });
        }
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        *state = CallState { running: true, deadline, ..CallState::default() };
        self.stop.store(false, Ordering::Release);
        let nanos =
            deadline.map_or(0, |at| at.duration_since(self.born).as_nanos().min(u128::from(u64::MAX)) as u64);
        self.deadline_nanos.store(nanos, Ordering::Release);
        Ok(())
    }

    /// Ends the call; true if the session was killed meanwhile, which the caller then reports and cleans up after.
    pub(crate) fn end(&self) -> bool {
        let mut state = self.state.lock();
        state.running = false;
        state.interrupted = false;
        state.granted = false;
        state.deadline = None;
        self.deadline_nanos.store(0, Ordering::Release);
        self.stop.store(state.killed, Ordering::Release);
        state.kill_reported |= state.killed;
        state.killed
    }

    /// The error of whatever stops the running call, if anything does.
    pub(crate) fn check(&self) -> Result<()> {
        if self.stop.load(Ordering::Acquire) {
            let state = self.state.lock();
            return Err(if state.killed { killed() } else { interrupted() });
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
            if state.killed {
                return Err(killed());
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
        if state.running && !state.killed {
            state.interrupted = true;
            self.stop.store(true, Ordering::Release);
            self.changed.notify_all();
        }
    }

    /// Kills the session; true if no call runs, so that the killer has to clean up in its stead.
    pub(crate) fn kill(&self) -> bool {
        let mut state = self.state.lock();
        let already = std::mem::replace(&mut state.killed, true);
        self.stop.store(true, Ordering::Release);
        self.changed.notify_all();
        !state.running && !already
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.state.lock().killed
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state.lock().running
    }
}
