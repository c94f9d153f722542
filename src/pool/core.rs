//! The pool's state and the steps that every get, release, connect and close is made of.
//!
//! Steps that take `&mut State` run under the pool's lock: they decide and mark, and never block. What blocks
//! (connect, ping, rollback, log-off) is done by the caller of a step, after the lock is gone.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};

use parking_lot::{Condvar, Mutex};

use crate::driver::{Cancel, Driver};
use crate::error::Error;
use crate::pool::attributes::{Attributes, Purity, Settings};
use crate::pool::backoff::Backoff;
use crate::pool::clock::{Clock, Nanos, Ticks};
use crate::pool::connects::{Connect, Connects, Purpose};
use crate::pool::gate::{CLOSED, Gate, NO_PLAIN_GETS, OVERSIZE, STALE, WAITERS, WATCHED};
use crate::pool::identity::{IdentityKey, LogOnRules};
use crate::pool::idle::Idle;
use crate::pool::locked::Locked;
use crate::pool::need::Need;
use crate::pool::place::{Place, Places};
use crate::pool::slot::SlotState;
use crate::pool::tally::{Tally, count};
use crate::pool::timeout::WaitedFor;
use crate::pool::waiters::{Entry, Outcome, Waiters};
use crate::pool::workers::Staff;

/// How far a pool has come in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// No more gets; loans may come back.
    Draining,
    Closed,
}

/// How a session leaves the pool, for the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    Dropped,
    Dead,
    Lifetime,
    Uses,
    IdleTooLong,
    /// The pool became smaller or is closing.
    Surplus,
}

/// All that changes under the pool's lock.
pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) settings: Settings,
    /// As created and changed since, the password as a fingerprint.
    pub(crate) attributes: Attributes,
    pub(crate) idle: Idle,
    pub(crate) waiters: Waiters,
    pub(crate) connects: Connects,
    /// Places whose sessions a worker is to log off.
    pub(crate) closings: VecDeque<u32>,
    /// The identity of each place's session; none = the pool's own.
    pub(crate) keys: Vec<Option<Arc<IdentityKey>>>,
    /// Vacant places.
    free: Vec<u32>,
    /// Places that are not vacant: open, being made or being closed.
    pub(crate) occupied: usize,
    /// Why the last connect failed; none after one that did not.
    pub(crate) last_connect_error: Option<Error>,
    pub(crate) backoff: Backoff,
    /// While the minimum is being opened for the first time: the first error that a connect met.
    pub(crate) startup: Option<Option<Error>>,
    /// Loans that were reported as leaks, by place and loan number.
    pub(crate) reported: HashSet<(u32, u32)>,
    last_id: u64,
    /// What it takes to make sessions; none once the pool is closed.
    pub(crate) access: Option<Arc<Access>>,
    /// A session may lie idle beside waiters. Spares most releases among waiters a look at all places.
    pub(crate) is_idle_unattended: bool,
    /// Threads whose waiting has ended, to be woken as soon as the lock is gone.
    pub(crate) to_wake: Vec<Thread>,
    pub(crate) staff: Staff,
    pub(crate) keeper: Option<JoinHandle<()>>,
    /// Something changed that the keeper has to look at.
    pub(crate) calls_keeper: bool,
    /// The thread that waits in a close for loans to come back.
    pub(crate) closer: Option<Thread>,
}

/// What a pool needs to make sessions; gone when it is closed, passwords and all.
pub(crate) struct Access {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) rules: LogOnRules,
    pub(crate) own_key: IdentityKey,
    /// The need of a get with no attributes.
    pub(crate) own: Arc<Need>,
}

/// A pool. Shared by its handles, its threads and the directory.
pub(crate) struct Core {
    pub(crate) gate: Gate,
    pub(crate) ticks: Ticks,
    pub(crate) places: Places,
    pub(crate) number: u16,
    pub(crate) name: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long the oldest waiter may be overtaken.
    pub(crate) patience: Nanos,
    pub(crate) tally: Tally,
    pub(crate) state: Mutex<State>,
    /// Told to workers when there is work and to a close when a thread of the pool has done its last.
    pub(crate) work: Condvar,
    /// Told when a connect has ended.
    pub(crate) progress: Condvar,
    pub(crate) cancel: Cancel,
    pub(crate) created_at: Nanos,
    /// The attributes that it was created with, to tell whether another create means the same pool.
    pub(crate) created_with: Attributes,
    /// Handles that were given out and not given up; changed under the registry's lock.
    handles: AtomicUsize,
}

/// What a new [`Core`] is made of.
pub(crate) struct Parts {
    pub(crate) number: u16,
    pub(crate) first_loan: u64,
    pub(crate) name: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) patience: Nanos,
    pub(crate) settings: Settings,
    pub(crate) attributes: Attributes,
    pub(crate) access: Access,
}

impl Access {
    /// Whether the pool's own identity can log on.
    pub(crate) fn own_serves(&self) -> bool {
        self.own.identity.user.is_some() || self.own.identity.external
    }
}

impl Core {
    pub(crate) fn new(parts: Parts) -> Arc<Core> {
        let gate = Gate::new(if parts.clock.keeps_ticks() { 0 } else { STALE });
        gate.set_ping_interval(parts.settings.ping_interval);
        let core = Arc::new(Core {
            gate,
            ticks: parts.clock.ticks(),
            places: Places::new(parts.first_loan),
            number: parts.number,
            name: parts.name,
            created_at: parts.clock.now(),
            created_with: parts.attributes.without_secrets(),
            handles: AtomicUsize::new(1),
            clock: parts.clock,
            patience: parts.patience,
            tally: Tally::default(),
            state: Mutex::new(State {
                phase: Phase::Open,
                settings: parts.settings,
                attributes: parts.attributes.without_secrets(),
                idle: Idle::default(),
                waiters: Waiters::default(),
                connects: Connects::default(),
                closings: VecDeque::new(),
                keys: Vec::new(),
                free: Vec::new(),
                occupied: 0,
                last_connect_error: None,
                backoff: Backoff::default(),
                startup: Some(None),
                reported: HashSet::new(),
                last_id: 0,
                access: Some(Arc::new(parts.access)),
                is_idle_unattended: false,
                to_wake: Vec::new(),
                staff: Staff::default(),
                keeper: None,
                calls_keeper: true,
                closer: None,
            }),
            work: Condvar::new(),
            progress: Condvar::new(),
            cancel: Cancel::default(),
        });
        core.show_plain_gets(&core.lock());
        core
    }

    /// What it takes to make sessions; an error once the pool is closed.
    pub(crate) fn access(&self) -> Result<Arc<Access>, Error> {
        self.lock().access.clone().ok_or_else(Error::closed)
    }

    /// The state, alone.
    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked::new(self.state.lock())
    }

    /// One more handle was given out.
    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives a handle up, if it is not the last. True: it was not.
    pub(crate) fn give_up_handle_unless_last(&self) -> bool {
        let not_last = self.handles.load(Ordering::Relaxed) > 1;
        if not_last {
            self.handles.fetch_sub(1, Ordering::Relaxed);
        }
        not_last
    }

    /// The place of a session that exists. Its number comes from the pool itself, so it is there.
    pub(crate) fn place(&self, index: u32) -> Result<&Place, Error> {
        self.places
            .get(index)
            .ok_or_else(|| Error::invalid_handle("the session does not belong to this pool"))
    }

    /// Whether the oldest waiter must not be overtaken any more.
    #[inline(never)]
    pub(crate) fn is_front_impatient(&self) -> bool {
        self.clock.now().saturating_sub(self.gate.front_since()) >= self.patience
    }

    /// Puts the ticks right and has them kept again, if the keeper had gone to rest.
    pub(crate) fn freshen(&self) {
        if self.gate.flags() & STALE != 0 {
            let mut state = self.lock();
            self.ticks.fetch_max(self.clock.now(), Ordering::Relaxed);
            self.gate.lower(STALE);
            self.wake_keeper(&mut state);
        }
    }

    /// Lets the keeper look at what is due.
    pub(crate) fn wake_keeper(&self, state: &mut State) {
        state.calls_keeper = true;
        if let Some(keeper) = &state.keeper {
            keeper.thread().unpark();
        }
    }

    /// Brings the gate in line with what a get without wishes means.
    pub(crate) fn show_plain_gets(&self, state: &State) {
        let has_user = state.access.as_ref().is_some_and(|access| access.own_serves());
        self.gate.show(NO_PLAIN_GETS, !has_user || state.settings.purity == Purity::New);
    }

    /// Whether any session of the pool's own identity serves a get without wishes.
    pub(crate) fn takes_plain_gets(&self) -> bool {
        self.gate.flags() & NO_PLAIN_GETS == 0
    }

    // -- sessions that are idle ------------------------------------------------------------------------------

    /// Takes the idle session that fits `need` best and reserves it ([`SlotState::Checking`]).
    pub(crate) fn take_idle(&self, state: &mut State, need: &Need) -> Option<u32> {
        let fits = |index| self.places.get(index).is_some_and(|place| !need.unused || place.slot.is_unused());
        while let Some(index) = state.idle.pop(&need.key, fits) {
            if self
                .places
                .get(index)
                .is_some_and(|place| place.slot.shift(SlotState::Idle, SlotState::Checking))
            {
                return Some(index);
            }
        }
        // Cached sessions were on loan before and are of the pool's own identity.
        if need.key.is_some() || need.unused { None } else { self.take_cached(state) }
    }

    /// Takes the cached session that was used last, whichever thread left it.
    fn take_cached(&self, state: &State) -> Option<u32> {
        loop {
            let places = self.places.iter().take(state.keys.len());
            let cached = places.filter(|(_, place)| place.slot.look().0 == SlotState::Cached);
            let (index, place) =
                cached.max_by_key(|(_, place)| place.slot.idle_since.load(Ordering::Relaxed))?;
            if place.slot.shift(SlotState::Cached, SlotState::Checking) {
                return Some(index);
            }
        }
    }

    /// Takes the least recently used idle session that serves nobody with `need`, to be logged off; with none, of all.
    pub(crate) fn take_oldest_idle(&self, state: &mut State, need: Option<&Need>) -> Option<u32> {
        loop {
            let serves = |place: &Place| {
                let key = state.keys.get(place.index as usize).cloned().flatten();
                need.is_some_and(|need| need.fits(&key, place.slot.is_unused()))
            };
            let idle = self.places.iter().take(state.keys.len()).filter(|(_, place)| {
                matches!(place.slot.look().0, SlotState::Idle | SlotState::Cached) && !serves(place)
            });
            let (index, _) = idle.min_by_key(|(_, place)| place.slot.idle_since.load(Ordering::Relaxed))?;
            if self.retire_idle(state, index) {
                return Some(index);
            }
        }
    }

    /// Marks an idle session as leaving. False: somebody was faster.
    pub(crate) fn retire_idle(&self, state: &mut State, index: u32) -> bool {
        let Some(place) = self.places.get(index) else { return false };
        if place.slot.shift(SlotState::Cached, SlotState::Closing) {
            return true;
        }
        let key = state.keys.get(index as usize).cloned().flatten();
        state.idle.remove(&key, index) && place.slot.shift(SlotState::Idle, SlotState::Closing)
    }

    /// Hands idle sessions to the waiters that they fit, in the order of arrival.
    pub(crate) fn serve(&self, state: &mut State) {
        if state.waiters.is_empty() || !self.has_idle(state) {
            return;
        }
        let mut own_exhausted = false;
        let waiting: Vec<(u64, Arc<Need>)> =
            state.waiters.iter().map(|entry| (entry.id, Arc::clone(&entry.need))).collect();
        for (id, need) in waiting {
            let is_plain = need.key.is_none() && !need.unused;
            if is_plain && own_exhausted {
                continue;
            }
            match self.take_idle(state, &need) {
                Some(index) => self.end_wait(state, id, Outcome::Offered(index)),
                None => own_exhausted |= is_plain,
            }
        }
    }

    fn has_idle(&self, state: &State) -> bool {
        let mut places = self.places.iter().take(state.keys.len());
        state.idle.len() > 0 || places.any(|(_, place)| place.slot.look().0 == SlotState::Cached)
    }

    // -- waiters ---------------------------------------------------------------------------------------------

    /// Ends the wait of `id` with `outcome`.
    pub(crate) fn end_wait(&self, state: &mut State, id: u64, outcome: Outcome) {
        if let Some(entry) = self.take_waiter(state, id) {
            state.to_wake.push(entry.tell(outcome));
        }
    }

    /// Takes a waiter out of the queue; its connect, if any, is free for others.
    pub(crate) fn take_waiter(&self, state: &mut State, id: u64) -> Option<Entry> {
        let entry = state.waiters.leave(id)?;
        self.show_waiters(state);
        if let Some(connect) = entry.connect {
            self.offer_connect(state, connect);
        }
        Some(entry)
    }

    /// Brings the gate in line with the queue.
    pub(crate) fn show_waiters(&self, state: &State) {
        self.gate.set_front_since(state.waiters.front_since());
        self.gate.show(WATCHED, state.waiters.is_watched());
        self.gate.show(WAITERS, !state.waiters.is_empty());
    }

    /// Sees to it that no waiter sleeps beside an idle session for longer than its patience: hands it one at once if
    /// it has waited for so long, and else has it look by itself when it has.
    pub(crate) fn care_for_front(&self, state: &mut State) {
        if state.waiters.is_empty() || !state.is_idle_unattended {
            return;
        }
        if !self.has_idle(state) {
            state.is_idle_unattended = false;
            return;
        }
        if self.is_front_impatient() {
            return self.serve(state);
        }
        if let Some(thread) = state.waiters.watch_front() {
            state.to_wake.push(thread);
        }
        self.show_waiters(state);
    }

    /// Lets the first waiter that has no connect, and that it would serve, claim this one.
    fn offer_connect(&self, state: &mut State, id: u64) {
        let Some(connect) = state.connects.find_mut(id) else { return };
        connect.requester = None;
        let key = connect.need.key.clone();
        let claimant = state.waiters.iter().find(|entry| entry.connect.is_none() && entry.need.key == key);
        if let Some(waiter) = claimant.map(|entry| entry.id) {
            self.link(state, waiter, id);
        }
    }

    /// Notes that `waiter` waits for `connect`.
    pub(crate) fn link(&self, state: &mut State, waiter: u64, connect: u64) {
        if let Some(entry) = state.waiters.find_mut(waiter) {
            entry.connect = Some(connect);
        }
        if let Some(connect) = state.connects.find_mut(connect) {
            connect.requester = Some(waiter);
        }
    }

    // -- growth ----------------------------------------------------------------------------------------------

    /// How many more sessions may be made.
    pub(crate) fn room(&self, state: &State) -> usize {
        state.settings.sessions_max.saturating_sub(state.occupied)
    }

    /// Gives each waiter that waits for no connect one, as far as there are places or sessions to evict.
    pub(crate) fn plan(&self, state: &mut State) {
        if state.phase != Phase::Open {
            return;
        }
        self.serve(state);
        let waiting = state.waiters.iter().filter(|entry| entry.connect.is_none());
        let waiting: Vec<(u64, Arc<Need>)> =
            waiting.map(|entry| (entry.id, Arc::clone(&entry.need))).collect();
        for (id, need) in waiting {
            match self.find_connect(state, &need) {
                Some(connect) => self.link(state, id, connect),
                None => break,
            }
        }
        self.call_workers(state);
    }

    /// A connect that serves `need` and that nobody waits for: one that is under way, one in a vacant place, or one
    /// in the place of an idle session that fits nobody.
    pub(crate) fn find_connect(&self, state: &mut State, need: &Arc<Need>) -> Option<u64> {
        if let Some(connect) = state.connects.unclaimed(need) {
            return Some(connect.id);
        }
        if self.room(state) > 0 {
            return self.begin_connect(state, need, Purpose::Waiter);
        }
        if let Some(index) = self.take_oldest_idle(state, Some(need)) {
            count(&self.tally.evictions);
            return Some(self.add_connect(state, Some(index), need, Purpose::Waiter, true));
        }
        (self.places_to_come(state) > 0).then(|| self.add_connect(state, None, need, Purpose::Waiter, false))
    }

    /// Whether more sessions are open or being made than there may be; those that are leaving do not count.
    pub(crate) fn is_too_large(&self, state: &State) -> bool {
        let max = state.settings.sessions_max;
        state.occupied > max && state.occupied - self.places_given_up(state) > max
    }

    /// How many sessions are being logged off and leave their places to nobody in particular.
    fn places_given_up(&self, state: &State) -> usize {
        let is_closing = |index: u32| {
            self.places.get(index).is_some_and(|place| place.slot.look().0 == SlotState::Closing)
        };
        let closing = (0..).take(state.keys.len()).filter(|index| is_closing(*index)).count();
        let evicted =
            state.connects.iter().filter(|connect| connect.evicts && connect.place.is_some_and(is_closing));
        closing.saturating_sub(evicted.count())
    }

    /// How many places will be free once the sessions that are being logged off are gone, and are promised to nobody.
    fn places_to_come(&self, state: &State) -> usize {
        let promised = state.connects.iter().filter(|connect| connect.place.is_none()).count();
        let leaving = self.places_given_up(state);
        let staying = state.occupied - leaving;
        state.settings.sessions_max.saturating_sub(staying).min(leaving).saturating_sub(promised)
    }

    /// Gives free places to connects that wait for one; those for which none will come are called off.
    fn keep_promises(&self, state: &mut State) {
        while self.room(state) > 0 && state.connects.without_place().is_some() {
            let Some(index) = self.take_place(state) else { break };
            if let Some(connect) = state.connects.without_place() {
                connect.place = Some(index);
                let key = connect.need.key.clone();
                if let Some(slot) = state.keys.get_mut(index as usize) {
                    *slot = key;
                }
            }
        }
        // The pool was made smaller meanwhile: whoever waits for such a connect is to go on without.
        if self.room(state) == 0 && self.places_given_up(state) == 0 {
            while let Some(id) = state.connects.without_place().map(|connect| connect.id) {
                let requester = state.connects.remove(id).and_then(|connect| connect.requester);
                if let Some(requester) = requester {
                    self.go_on_without(state, requester);
                }
            }
        }
    }

    /// The connect of `waiter` came to nothing through no fault of its own: it waits for a loan, if it may.
    pub(crate) fn go_on_without(&self, state: &mut State, waiter: u64) {
        let Some(entry) = state.waiters.find_mut(waiter) else { return };
        entry.connect = None;
        if !entry.waits_for_loans {
            let began = entry.since;
            let error = self.timeout_error(state, WaitedFor::NothingAllowed, began);
            self.end_wait(state, waiter, Outcome::Failed(error));
        }
    }

    /// Takes a vacant place and lists a connect for it. None when there can be no more places.
    pub(crate) fn begin_connect(&self, state: &mut State, need: &Arc<Need>, purpose: Purpose) -> Option<u64> {
        let index = self.take_place(state)?;
        Some(self.add_connect(state, Some(index), need, purpose, false))
    }

    fn take_place(&self, state: &mut State) -> Option<u32> {
        let index = state.free.pop().or_else(|| self.new_place(state))?;
        let place = self.places.get(index)?;
        place.slot.shift(SlotState::Vacant, SlotState::Connecting);
        state.occupied += 1;
        self.show_size(state);
        Some(index)
    }

    fn new_place(&self, state: &mut State) -> Option<u32> {
        let index = u32::try_from(state.keys.len()).ok()?;
        if i64::from(index) >= crate::pool::attributes::SESSIONS_LIMIT {
            return None;
        }
        self.places.get_or_make(index)?;
        state.keys.push(None);
        count(&self.tally.most_places);
        Some(index)
    }

    fn add_connect(
        &self,
        state: &mut State,
        place: Option<u32>,
        need: &Arc<Need>,
        purpose: Purpose,
        evicts: bool,
    ) -> u64 {
        let id = self.next_id(state);
        let need = Arc::clone(need);
        if let Some(key) = place.and_then(|index| state.keys.get_mut(index as usize)) {
            key.clone_from(&need.key);
        }
        state.connects.add(Connect { id, place, need, purpose, requester: None, evicts, started: None });
        id
    }

    /// A number that no waiter and no connect of this pool has had.
    pub(crate) fn next_id(&self, state: &mut State) -> u64 {
        state.last_id += 1;
        state.last_id
    }

    /// Gives a place back. The session that lived there is gone, or never came.
    pub(crate) fn vacate(&self, state: &mut State, index: u32) {
        let Some(place) = self.places.get(index) else { return };
        let was_taken = place.slot.shift(SlotState::Closing, SlotState::Vacant)
            || place.slot.shift(SlotState::Connecting, SlotState::Vacant)
            || place.slot.shift(SlotState::Revoked, SlotState::Vacant);
        debug_assert!(was_taken, "place {index} was {:?}", place.slot.look());
        state.free.push(index);
        state.occupied -= 1;
        self.keep_promises(state);
        self.show_size(state);
        self.work.notify_all();
        if let Some(closer) = &state.closer {
            closer.unpark();
        }
        self.wake_keeper(state);
    }

    /// Brings the gate in line with the number of sessions.
    pub(crate) fn show_size(&self, state: &State) {
        self.gate.show(OVERSIZE, state.occupied > state.settings.sessions_max);
    }

    // -- leaving ---------------------------------------------------------------------------------------------

    /// Notes why a session leaves.
    pub(crate) fn note_leaving(&self, why: Leaving) {
        match why {
            Leaving::Dropped => count(&self.tally.drops),
            Leaving::Dead => count(&self.tally.closed_dead),
            Leaving::Lifetime => count(&self.tally.closed_lifetime),
            Leaving::Uses => count(&self.tally.closed_uses),
            Leaving::IdleTooLong => count(&self.tally.closed_idle),
            Leaving::Surplus => {}
        }
    }

    /// Logs a session off whose slot is [`SlotState::Closing`], on the calling thread, and gives its place back.
    pub(crate) fn log_off(&self, index: u32, why: Leaving) {
        self.note_leaving(why);
        if let Some(place) = self.places.get(index) {
            place.move_out();
        }
        let mut state = self.lock();
        self.vacate(&mut state, index);
        self.plan(&mut state);
    }

    /// The state, for as long as the pool is open.
    pub(crate) fn lock_open(&self) -> Result<Locked<'_>, Error> {
        let state = self.lock();
        match state.phase {
            Phase::Open => Ok(state),
            Phase::Draining | Phase::Closed => Err(Error::closed()),
        }
    }

    /// Whether the pool is closed for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closing() && self.lock().phase == Phase::Closed
    }

    /// Whether the pool takes no more gets. No lock: the answer may be old by the time it is used.
    pub(crate) fn is_closing(&self) -> bool {
        self.gate.flags() & CLOSED != 0
    }
}
