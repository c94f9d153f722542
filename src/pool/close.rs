//! Closing: gets are turned away, waiters woken, loans waited for or taken away, and every session and thread of
//! the pool is gone when it returns.

use std::time::{Duration, Instant};

use crate::error::{Error, Kind};
use crate::pool::callback::is_inside_callback;
use crate::pool::clock::nanos;
use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::directory;
use crate::pool::gate::CLOSED;
use crate::pool::place::Place;
use crate::pool::slot::SlotState;
use crate::pool::waiters::Outcome;

/// How a pool is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseMode {
    /// Only if nobody uses it: otherwise ORA-24422, and it stays open.
    Default,
    /// No more gets; loans may come back for so long, none = for ever; then as [`CloseMode::Force`].
    Drain(Option<Duration>),
    /// Now: running calls are broken, loans taken away.
    Force,
}

/// How long a forced close goes on breaking a call whose driver does not obey. The session is then closed by the
/// call itself when it returns.
const BREAK_LIMIT: Duration = Duration::from_secs(5);
/// How often a break is sent again: one that arrives between two calls has nothing to break.
const BREAK_AGAIN: Duration = Duration::from_millis(2);

impl Core {
    /// Closes the pool. Blocks until its sessions are logged off and its threads have ended.
    pub(crate) fn close(&self, mode: CloseMode) -> Result<(), Error> {
        match mode {
            CloseMode::Default => self.begin_default()?,
            CloseMode::Drain(limit) => {
                self.refuse_to_wait_for_itself()?;
                self.begin(Phase::Draining)?;
                self.note_draining(limit);
                self.wait_for_loans(limit);
                self.lock().phase = Phase::Closed;
            }
            CloseMode::Force => self.begin(Phase::Closed)?,
        }
        let busy = self.count_busy();
        self.finish();
        self.note_closed(mode, busy);
        Ok(())
    }

    /// Turns gets away, if nobody has a session or waits for one.
    fn begin_default(&self) -> Result<(), Error> {
        let mut state = self.lock_open()?;
        self.gate.raise(CLOSED);
        let busy = self.places.iter().filter(|(_, place)| place.slot.look().0.is_on_loan()).count();
        let checked = self.places.iter().any(|(_, place)| place.slot.look().0 == SlotState::Checking);
        if busy == 0 && !checked && state.waiters.is_empty() {
            state.phase = Phase::Closed;
            return Ok(());
        }
        self.gate.lower(CLOSED);
        let text = format!(
            "ORA-24422: the pool is in use and stays open: {}; release the sessions, drain, or close with ORAPOOL_CLOSE_FORCE",
            self.describe(&state)
        );
        Err(Error::new(Kind::Oracle, 24422, text))
    }

    /// A session callback that drains its own pool would wait for the session that it was called for.
    fn refuse_to_wait_for_itself(&self) -> Result<(), Error> {
        if !is_inside_callback(self.number) {
            return Ok(());
        }
        let text = "ORA-24422: a session callback of this pool is running on this thread, and its session can not come back while it drains the pool; close with ORAPOOL_CLOSE_FORCE, or elsewhere";
        Err(Error::new(Kind::Oracle, 24422, text))
    }

    fn begin(&self, phase: Phase) -> Result<(), Error> {
        let mut state = self.lock_open()?;
        state.phase = phase;
        self.gate.raise(CLOSED);
        for entry in state.waiters.leave_all() {
            let thread = entry.tell(Outcome::Failed(Error::closed()));
            state.to_wake.push(thread);
        }
        self.show_waiters(&state);
        Ok(())
    }

    /// Waits until no session is on loan, for at most `limit`.
    fn wait_for_loans(&self, limit: Option<Duration>) {
        let deadline = limit.map(|limit| self.clock.now().saturating_add(nanos(limit)));
        self.lock().closer = Some(std::thread::current());
        loop {
            let busy = self.places.iter().any(|(_, place)| {
                place.slot.look().0.is_on_loan() || place.slot.look().0 == SlotState::Checking
            });
            if !busy || deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break;
            }
            self.clock.park(deadline);
        }
        self.lock().closer = None;
    }

    /// Nobody gets anything any more: takes all sessions away and lets all threads go.
    fn finish(&self) {
        self.cancel.cancel();
        self.call_off_connects(&mut self.lock());
        for (index, place) in self.places.iter() {
            self.empty(index, place);
        }
        self.dismiss_threads();
        let mut state = self.lock();
        state.idle.clear();
        let access = state.access.take();
        drop(state);
        // With the lock gone: the last pool of an embedded database takes that with it.
        drop(access);
        self.forget_if_done();
    }

    fn call_off_connects(&self, state: &mut State) {
        for connect in state.connects.remove_waiting(|_| true) {
            match connect.place {
                Some(index) if connect.evicts => state.closings.push_back(index),
                Some(index) => self.vacate(state, index),
                None => {}
            }
        }
        self.call_workers(state);
    }

    /// Takes the session of one place away, whatever it is doing. What workers have in hand they finish themselves.
    fn empty(&self, index: u32, place: &Place) {
        let slot = &place.slot;
        let give_up_at = Instant::now() + BREAK_LIMIT;
        loop {
            let (state, generation) = slot.look();
            match state {
                SlotState::Idle | SlotState::Cached | SlotState::CachedTagged => {
                    if slot.shift(state, SlotState::Closing) {
                        return self.log_off(index, Leaving::Surplus);
                    }
                }
                SlotState::Busy | SlotState::Dirty => {
                    if slot.shift_loan(generation, state, SlotState::Revoked) {
                        self.note_leaving(index, Leaving::Surplus);
                        return place.move_out();
                    }
                }
                SlotState::InCall | SlotState::Checking | SlotState::Returning
                    if Instant::now() < give_up_at =>
                {
                    if let Some(breaker) = place.breaker.lock().as_ref() {
                        // Nobody is left to tell; the next round breaks again.
                        let _ = breaker.break_call();
                    }
                    std::thread::sleep(BREAK_AGAIN);
                }
                _ => return,
            }
        }
    }

    /// Waits for the pool's threads: none is left when this returns.
    fn dismiss_threads(&self) {
        let (workers, keeper) = {
            let mut state = self.lock();
            state.staff.dismissed = true;
            self.work.tell_all();
            self.progress.tell_all();
            self.wake_keeper(&mut state);
            (state.staff.take_threads(), state.keeper.take())
        };
        // In this order: the attendant has errands done.
        let attendant = self.attendant.dismiss();
        for thread in workers.into_iter().chain(keeper).chain(attendant) {
            // A panic of such a thread has been reported by the panic hook; the pool is closing all the same.
            let _ = thread.join();
        }
        self.errands.end(BREAK_LIMIT);
    }

    /// A closed pool with no loan left is forgotten; until then its loans must find it, to be told that it is closed.
    pub(crate) fn forget_if_done(&self) {
        let is_done = self.lock().phase == Phase::Closed
            && self.places.iter().all(|(_, place)| {
                matches!(place.slot.look().0, SlotState::Vacant | SlotState::Closing | SlotState::Connecting)
            });
        if is_done {
            let loans = self.places.iter().map(|(_, place)| place.slot.count().1).max().unwrap_or(0);
            directory::forget(self.number, loans);
        }
    }
}
