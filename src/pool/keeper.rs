//! The pool's caretaker, one thread: keeps the ticks while the pool is in use, closes what is idle or old for too
//! long, reports leaks, ends waits for hung connects, and sees to the minimum.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::error::Error;
use crate::pool::clock::{Nanos, nanos};
use crate::pool::connects::Purpose;
use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::gate::STALE;
use crate::pool::tally::count;
use crate::pool::waiters::Outcome;

/// How far the ticks may be behind: the error of every time stamp that a get or release leaves.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Ticks without a get or release after which the keeper goes to rest.
const QUIET_TICKS: u32 = 50;
/// A connect that takes longer than its limit by this is not waited for any more, whatever its driver does.
const CONNECT_GRACE: Duration = Duration::from_secs(1);

/// What the keeper remembers from round to round.
struct Watch {
    ticks: u32,
    loans: u64,
    due: Nanos,
}

impl Core {
    /// Starts the keeper's thread.
    pub(crate) fn start_keeper(self: &Arc<Self>) -> Result<(), Error> {
        let core = Arc::clone(self);
        let thread = std::thread::Builder::new()
            .name("orapool-keeper".to_owned())
            .spawn(move || core.keep())
            .map_err(|error| Error::oracle(0, format!("no thread could be started for the pool: {error}")))?;
        self.lock().keeper = Some(thread);
        Ok(())
    }

    fn keep(&self) {
        let mut watch = Watch { ticks: 0, loans: 0, due: 0 };
        loop {
            let now = self.clock.now();
            self.ticks.fetch_max(now, Ordering::Relaxed);
            let mut state = self.lock();
            if state.staff.dismissed {
                return;
            }
            let is_called = std::mem::take(&mut state.calls_keeper);
            if state.phase == Phase::Open && (is_called || now >= watch.due) {
                watch.due = self.do_round(&mut state, now);
            }
            drop(state);
            let next_tick = self.next_tick(&mut watch, now);
            let until =
                [next_tick, Some(watch.due).filter(|due| *due != Nanos::MAX)].into_iter().flatten().min();
            self.clock.park(until);
        }
    }

    /// When the next tick is to be kept; none when the pool is quiet or its clock does that itself.
    fn next_tick(&self, watch: &mut Watch, now: Nanos) -> Option<Nanos> {
        if self.clock.keeps_ticks() || self.gate.flags() & STALE != 0 {
            return None;
        }
        watch.ticks += 1;
        if watch.ticks >= QUIET_TICKS {
            watch.ticks = 0;
            let loans = self.places.iter().map(|(_, place)| place.slot.count().1).sum();
            if std::mem::replace(&mut watch.loans, loans) == loans {
                self.gate.raise(STALE);
                return None;
            }
        }
        Some(now + nanos(TICK))
    }

    /// Does all that is due at `now`. When the next thing may be due.
    fn do_round(&self, state: &mut State, now: Nanos) -> Nanos {
        let due = [
            self.close_expired(state, now),
            self.report_leaks(state, now),
            self.end_hung_connects(state, now),
            self.refill(state, now),
        ];
        self.call_workers(state);
        due.into_iter().min().unwrap_or(Nanos::MAX)
    }

    /// Closes idle sessions that are too old, and while more than the minimum are open those that were idle for too
    /// long, longest first.
    fn close_expired(&self, state: &mut State, now: Nanos) -> Nanos {
        let mut due = Nanos::MAX;
        let idle_limit = state.settings.idle_timeout.map(|limit| nanos(limit) + self.stamp_error());
        let mut idle: Vec<(Nanos, u32, Nanos)> = self
            .places
            .iter()
            .filter(|(_, place)| place.slot.look().0.is_at_rest())
            .map(|(index, place)| {
                let slot = &place.slot;
                (slot.idle_since.load(Ordering::Relaxed), index, slot.expires_at.load(Ordering::Relaxed))
            })
            .collect();
        idle.sort_unstable();
        for (since, index, expires_at) in idle {
            let idle_until = idle_limit.map_or(Nanos::MAX, |limit| since.saturating_add(limit));
            let is_spare = state.occupied - state.closings.len() > self.kept_open(state);
            if now >= expires_at {
                self.list_closing(state, index, Leaving::Lifetime);
            } else if now >= idle_until && is_spare {
                self.list_closing(state, index, Leaving::IdleTooLong);
            } else {
                due = due.min(expires_at).min(if is_spare { idle_until } else { Nanos::MAX });
            }
        }
        // Sessions that come back later are due later than a whole limit from now.
        let later = [idle_limit, state.settings.lifetime_max.map(nanos)];
        later.into_iter().flatten().map(|limit| now.saturating_add(limit)).fold(due, Nanos::min)
    }

    fn list_closing(&self, state: &mut State, index: u32, why: Leaving) {
        if self.retire_idle(state, index) {
            self.note_leaving(index, why);
            state.closings.push_back(index);
        }
    }

    /// How much older than true a time stamp may look.
    pub(crate) fn stamp_error(&self) -> Nanos {
        if self.clock.keeps_ticks() { 0 } else { nanos(TICK) }
    }

    /// Counts each loan that has lasted for too long, once.
    fn report_leaks(&self, state: &mut State, now: Nanos) -> Nanos {
        let Some(limit) = state.settings.leak_after.map(nanos) else { return Nanos::MAX };
        let mut due = now.saturating_add(limit);
        let mut on_loan = std::collections::HashSet::new();
        for (index, place) in self.places.iter() {
            let (slot_state, generation) = place.slot.look();
            if !slot_state.is_on_loan() {
                continue;
            }
            on_loan.insert((index, generation));
            let late_at =
                place.slot.loaned_at.load(Ordering::Relaxed).saturating_add(limit + self.stamp_error());
            if now < late_at {
                due = due.min(late_at);
            } else if state.reported.insert((index, generation)) {
                count(&self.tally.leaks);
                self.note_leak(place, generation, now);
            }
        }
        state.reported.retain(|loan| on_loan.contains(loan));
        due
    }

    /// Frees the gets that wait for connects whose driver does not keep its limit.
    fn end_hung_connects(&self, state: &mut State, now: Nanos) -> Nanos {
        let Some(limit) = state.settings.connect_timeout.map(|limit| nanos(limit + CONNECT_GRACE)) else {
            return Nanos::MAX;
        };
        let mut due = Nanos::MAX;
        let mut hung = Vec::new();
        for connect in state.connects.iter() {
            let (Some(started), Some(requester)) = (connect.started, connect.requester) else { continue };
            let late_at = started.saturating_add(limit);
            if now >= late_at { hung.push(requester) } else { due = due.min(late_at) }
        }
        for requester in hung {
            let text = "ORA-12170: the connect did not come to an end within CONNECT_TIMEOUT_MS";
            self.end_wait(state, requester, Outcome::Failed(Error::oracle(12170, text)));
            self.care_for_front(state);
        }
        due
    }

    /// Lists connects up to the minimum, unless the last ones failed and it is too early for the next.
    fn refill(&self, state: &mut State, now: Nanos) -> Nanos {
        let missing = self.kept_open(state).saturating_sub(state.occupied);
        let Some(access) = state.access.clone() else { return Nanos::MAX };
        if missing == 0 || state.startup.is_some() {
            return Nanos::MAX;
        }
        match state.backoff.next_attempt() {
            None => Nanos::MAX,
            Some(attempt) if attempt > now => attempt,
            Some(_) => {
                for _ in 0..missing {
                    self.begin_connect(state, &access.own, Purpose::Minimum);
                }
                Nanos::MAX
            }
        }
    }
}
