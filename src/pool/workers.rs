//! The threads that make sessions and log them off, so that no get hangs on a connect for longer than it wants to.
//!
//! They are started when there is work, at most CONNECTS_MAX of them, and end when there has been none for a while.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::driver::{ConnectRequest, Driver};
use crate::error::Error;
use crate::pool::backoff::is_credential_error;
use crate::pool::clock::nanos;
use crate::pool::connects::{Connect, Purpose};
use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::directory;
use crate::pool::need::{Label, Need};
use crate::pool::place::{NewSession, Place};
use crate::pool::slot::SlotState;
use crate::pool::tally::count;
use crate::pool::waiters::Outcome;

/// How long a thread without work stays: long enough to outlive the pauses of a growing pool.
const IDLE_LIMIT: Duration = Duration::from_secs(5);

/// The worker threads of a pool.
#[derive(Debug, Default)]
pub(crate) struct Staff {
    threads: Vec<JoinHandle<()>>,
    /// Threads that have not decided to end.
    living: usize,
    /// Those of them that wait for work.
    resting: usize,
    /// No thread is to stay.
    pub(crate) dismissed: bool,
}

impl Staff {
    /// The threads, to be waited for.
    pub(crate) fn take_threads(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.threads)
    }
}

/// What a worker is to do next.
enum Work {
    Connect { id: u64, index: u32, need: Arc<Need>, evicts: bool, timeout: Option<Duration> },
    LogOff(u32),
}

fn connect(driver: &dyn Driver, request: &ConnectRequest<'_>) -> Result<NewSession, Error> {
    let mut session = driver.connect(request)?;
    let warning = session.warning();
    Ok(NewSession { session, warning, took: 0 })
}

impl Core {
    /// Sees to it that there are threads for the work that is listed.
    pub(crate) fn call_workers(&self, state: &mut State) {
        let wanted = state.connects.not_taken_up() + state.closings.len();
        let places = state.settings.connects_max.saturating_sub(state.staff.living);
        for _ in 0..wanted.saturating_sub(state.staff.resting).min(places) {
            if let Err(error) = self.hire(state) {
                if state.staff.living == 0 {
                    self.fail_all_connects(state, &error);
                }
                break;
            }
        }
        if wanted > 0 {
            self.work.tell_all();
        }
    }

    fn hire(&self, state: &mut State) -> Result<(), Error> {
        let core = directory::find(self.number).ok_or_else(Error::closed)?;
        state.staff.threads.retain(|thread| !thread.is_finished());
        let thread = std::thread::Builder::new()
            .name("orapool-connect".to_owned())
            .spawn(move || core.run_worker())
            .map_err(|error| {
                Error::oracle(0, format!("no thread could be started to make a session: {error}"))
            })?;
        state.staff.threads.push(thread);
        state.staff.living += 1;
        Ok(())
    }

    /// With no thread to make them, connects fail at once rather than never.
    fn fail_all_connects(&self, state: &mut State, error: &Error) {
        for connect in state.connects.remove_waiting(|_| true) {
            self.give_up(state, connect, error);
        }
    }

    fn run_worker(&self) {
        while let Some(work) = self.next_work() {
            match work {
                Work::Connect { id, index, need, evicts, timeout } => {
                    let result = self.make_session(index, &need, evicts, timeout);
                    self.finish_connect(id, result);
                }
                Work::LogOff(index) => {
                    if let Some(place) = self.places.get(index) {
                        place.move_out();
                    }
                    let mut state = self.lock();
                    self.vacate(&mut state, index);
                    self.plan(&mut state);
                }
            }
        }
    }

    /// The next work; none when the thread is to end.
    fn next_work(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            let now = self.clock.now();
            if let Some(index) = state.closings.pop_front() {
                return Some(Work::LogOff(index));
            }
            self.drop_unwanted(&mut state);
            let timeout = state.settings.connect_timeout;
            if let Some((connect, index)) = state.connects.take_up(now) {
                let (id, evicts) = (connect.id, connect.evicts);
                return Some(Work::Connect { id, index, need: Arc::clone(&connect.need), evicts, timeout });
            }
            if state.staff.dismissed {
                state.staff.living -= 1;
                return None;
            }
            state.staff.resting += 1;
            let timed_out = state.wait(&self.work, Some(IDLE_LIMIT));
            state.staff.resting -= 1;
            let is_idle = state.closings.is_empty() && state.connects.not_taken_up() == 0;
            if timed_out && is_idle {
                state.staff.living -= 1;
                return None;
            }
        }
    }

    /// Calls off connects that were for gets which have gone: a server that is slow must not be sent more of them.
    fn drop_unwanted(&self, state: &mut State) {
        let surplus = state.occupied.saturating_sub(self.kept_open(state));
        let mut spare = surplus;
        let unwanted = |connect: &Connect| {
            connect.purpose == Purpose::Waiter && connect.requester.is_none() && !connect.evicts
        };
        for connect in state.connects.remove_waiting(unwanted) {
            match connect.place {
                None => {}
                Some(index) if spare > 0 => {
                    spare -= 1;
                    self.vacate(state, index);
                }
                Some(_) => state.connects.add(Connect { purpose: Purpose::Minimum, ..connect }),
            }
        }
    }

    /// Makes a session. Blocks; no lock is held. A panic of the driver is an error like any other.
    fn make_session(
        &self,
        index: u32,
        need: &Need,
        evicts: bool,
        timeout: Option<Duration>,
    ) -> Result<NewSession, Error> {
        if evicts {
            let place = self.place(index)?;
            place.move_out();
            place.slot.shift(SlotState::Closing, SlotState::Connecting);
        }
        let access = self.access()?;
        let statement_cache_size = self.lock().settings.statement_cache_size;
        let request = ConnectRequest {
            identity: &need.identity,
            timeout,
            statement_cache_size,
            fixup: access.fixup.as_ref().filter(|_| self.is_pooled()).map(|fixup| fixup.name()),
            cancel: &self.cancel,
        };
        let began = self.clock.now();
        catch_unwind(AssertUnwindSafe(|| connect(access.driver.as_ref(), &request)))
            .unwrap_or_else(|_| Err(Error::oracle(0, "the database driver panicked while it made a session")))
            .map(|new| NewSession { took: self.clock.now().saturating_sub(began), ..new })
    }

    /// Hands a new session to the first waiter that it fits, or notes why there is none.
    fn finish_connect(&self, id: u64, result: Result<NewSession, Error>) {
        let mut state = self.lock();
        let Some(connect) = state.connects.remove(id) else { return };
        match result {
            Ok(new) => self.welcome(&mut state, &connect, new),
            Err(error) => self.give_up(&mut state, connect, &error),
        }
        self.plan(&mut state);
        self.progress.tell_all();
    }

    fn welcome(&self, state: &mut State, connect: &Connect, mut new: NewSession) {
        count(&self.tally.connects);
        self.note_connect(connect, new.took, new.warning.as_ref());
        let Some(place) = connect.place.and_then(|index| self.places.get(index)) else { return };
        if let (Some(startup), true) = (state.startup.as_mut(), new.warning.is_some()) {
            // Who creates the pool is told; the first holder need not be told again.
            startup.warning = startup.warning.take().or(new.warning.take());
        }
        place.move_in(new);
        if state.phase != Phase::Open {
            place.slot.shift(SlotState::Connecting, SlotState::Closing);
            self.note_leaving(place.index, Leaving::Surplus);
            state.closings.push_back(place.index);
            return self.call_workers(state);
        }
        state.last_connect_error = None;
        state.backoff.reset();
        let now = self.clock.now();
        let expires_at = state.settings.lifetime_max.map_or(u64::MAX, |lifetime| {
            // Up to 2.5 % less, so that sessions that were made together do not all end together.
            now.saturating_add(nanos(lifetime.mul_f64(1.0 - fastrand::f64() * 0.025)))
        });
        // A line is no use on the short way, which attaches no server.
        let is_own = connect.need.key.is_none() && !self.is_pooled();
        place.slot.begin_session(is_own, expires_at, state.settings.uses_max);
        place.slot.idle_since.store(now, std::sync::atomic::Ordering::Relaxed);
        self.hand_out_new(state, connect, place);
        self.wake_keeper(state);
    }

    /// The first waiter that the session fits gets it, although another may have asked for this connect: that one
    /// takes over the connect that the first was waiting for.
    fn hand_out_new(&self, state: &mut State, connect: &Connect, place: &Place) {
        let label = Label { key: connect.need.key.clone(), tag: None };
        let Some(first) = state.waiters.leave_first(|entry| entry.need.fits(&label, true)) else {
            if self.is_too_large(state) {
                // The pool was made smaller while the session was being made.
                place.slot.shift(SlotState::Connecting, SlotState::Closing);
                self.note_leaving(place.index, Leaving::Surplus);
                state.closings.push_back(place.index);
                return;
            }
            place.slot.shift(SlotState::Connecting, SlotState::Idle);
            state.idle.push(&label, place.index);
            return;
        };
        self.show_waiters(state);
        match connect.requester.filter(|other| *other != first.id) {
            Some(other) => self.take_over(state, other, first.connect),
            None => {
                if let Some(connect) = first.connect {
                    self.offer_connect(state, connect);
                }
            }
        }
        if let Some(generation) = place.slot.lend(SlotState::Connecting) {
            place.slot.loaned_at.store(self.clock.now(), std::sync::atomic::Ordering::Relaxed);
            state.to_wake.push(first.tell(Outcome::Lent(place.index, generation)));
        }
    }

    /// `waiter`'s connect served somebody else: from now on it waits for `connect`.
    fn take_over(&self, state: &mut State, waiter: u64, connect: Option<u64>) {
        if let Some(connect) = connect {
            return self.link(state, waiter, connect);
        }
        self.go_on_without(state, waiter);
    }

    /// A connect came to nothing: its place is free, and the get that asked for it is told why.
    fn give_up(&self, state: &mut State, connect: Connect, error: &Error) {
        count(&self.tally.connect_failures);
        self.note_connect_failed(&connect, error);
        if let Some(startup) = state.startup.as_mut() {
            startup.error.get_or_insert_with(|| error.clone());
        }
        if let Some(index) = connect.place {
            self.vacate(state, index);
        }
        state.last_connect_error = Some(error.clone());
        state.backoff.failed(error, self.clock.now());
        if is_credential_error(error) && connect.need.key.is_none() {
            let same = |other: &Connect| other.requester.is_none() && other.need.key.is_none();
            for index in state.connects.remove_waiting(same).into_iter().filter_map(|other| other.place) {
                self.vacate(state, index);
            }
        }
        if let Some(requester) = connect.requester {
            self.end_wait(state, requester, Outcome::Failed(error.clone()));
        }
    }
}
