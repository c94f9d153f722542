//! The one writer of an instance: a lock that sessions get in the order in which they asked.
//!
//! It stands for Oracle's row locks: SQLite has one writer at a time. It is taken before SQLite's own lock, so that waiting happens here,
//! where a break, a timeout or a kill ends it, and never in a busy loop.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::call::Woken;
use crate::error::{Error, Result};
use crate::shared::SessionShared;

#[derive(Default)]
struct LockState {
    /// The serial# of the session that holds the lock.
    owner: Option<u32>,
    waiters: VecDeque<Arc<SessionShared>>,
}

#[derive(Default)]
pub(crate) struct WriteLock {
    state: Mutex<LockState>,
}

/// How long a statement waits for the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockWait {
    /// The session's lock timeout.
    Default,
    /// ORA-00054 at once.
    NoWait,
    Seconds(u64),
}

impl WriteLock {
    /// Takes the lock for this session, which does not hold it. ORA-00054 or ORA-30006 if others keep it for too long.
    pub(crate) fn acquire(
        &self,
        session: &Arc<SessionShared>,
        wait: LockWait,
        default: Duration,
    ) -> Result<()> {
        let limit = match wait {
            LockWait::Default => default,
            LockWait::NoWait => Duration::ZERO,
            LockWait::Seconds(seconds) => Duration::from_secs(seconds),
        };
        {
            let mut state = self.state.lock();
            if state.owner.is_none() {
                state.owner = Some(session.serial());
                return Ok(());
            }
            if wait == LockWait::NoWait {
                return Err(Error::new(
                    54,
                    "resource busy and acquire with NOWAIT specified or timeout expired",
                ));
            }
            state.waiters.push_back(Arc::clone(session));
        }
        let outcome = wait_for_grant(session, limit);
        if let Ok(Woken::Granted) = outcome {
            return Ok(());
        }
        self.withdraw(session.serial());
        outcome.and(Err(Error::new(
            30006,
            "resource busy; acquire with WAIT timeout expired: another session has an open transaction",
        )))
    }

    /// Gives the lock to the next waiter, if this session holds it.
    pub(crate) fn release(&self, serial: u32) {
        let mut state = self.state.lock();
        if state.owner == Some(serial) {
            hand_over(&mut state);
        }
    }

    /// Undoes a wait that failed: the grant may have come in the meantime.
    fn withdraw(&self, serial: u32) {
        let mut state = self.state.lock();
        state.waiters.retain(|waiter| waiter.serial() != serial);
        if state.owner == Some(serial) {
            hand_over(&mut state);
        }
    }
}

/// Waits for the lock. A holder on a pooled server may lose it by its think time, which nobody but the waiter may be there to see.
fn wait_for_grant(session: &SessionShared, limit: Duration) -> Result<Woken> {
    let end = Instant::now().checked_add(limit);
    loop {
        let instance = session.context.instance()?;
        instance.broker.sweep();
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let step = [left, instance.broker.next_change()].into_iter().flatten().min();
        let woken = session.control.wait(step)?;
        if woken == Woken::Granted || end.is_some_and(|end| Instant::now() >= end) {
            return Ok(woken);
        }
    }
}

fn hand_over(state: &mut LockState) {
    let next = state.waiters.pop_front();
    state.owner = next.as_ref().map(|waiter| waiter.serial());
    if let Some(waiter) = next {
        waiter.control.grant();
    }
}
