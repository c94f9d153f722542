//! Bringing idle sessions and waiters together: which idle session is taken, who is handed one, and that nobody
//! sleeps beside one for too long. Steps under the lock.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::gate::{WAITERS, WATCHED};
use crate::pool::need::Need;
use crate::pool::place::Place;
use crate::pool::slot::SlotState;
use crate::pool::waiters::{Entry, Outcome};

impl Core {
    /// Takes the idle session that fits `need` best and reserves it ([`SlotState::Checking`]).
    pub(crate) fn take_idle(&self, state: &mut State, need: &Need) -> Option<u32> {
        while let Some(index) = self.choose_idle(state, need) {
            if self
                .places
                .get(index)
                .is_some_and(|place| place.slot.shift(SlotState::Idle, SlotState::Checking))
            {
                return Some(index);
            }
        }
        // Cached sessions were on loan before and are of the pool's own identity.
        if need.is_plain() { self.take_cached(state) } else { None }
    }

    fn choose_idle(&self, state: &mut State, need: &Need) -> Option<u32> {
        let Some(wish) = need.wish.as_ref().filter(|_| !need.unused) else {
            let fits =
                |index| self.places.get(index).is_some_and(|place| !need.unused || place.slot.is_unused());
            return state.idle.take_untagged(&need.key, fits);
        };
        if let Some(index) = state.idle.take_exact(&need.key, &wish.tag) {
            return Some(index);
        }
        if need.key.is_none() {
            self.recall_cached(state);
        }
        state.idle.take_tagged(&need.key, wish)
    }

    /// Lists every session that a thread left cached, so that the choice is among all there are.
    fn recall_cached(&self, state: &mut State) {
        let unlisted = state.idle.unlisted().iter().filter_map(|index| self.places.get(*index));
        let mut cached: Vec<&Place> = unlisted.filter(|place| place.slot.look().0.is_cached()).collect();
        cached.sort_unstable_by_key(|place| place.slot.idle_since.load(Ordering::Relaxed));
        for place in cached {
            self.uncache(state, place);
        }
    }

    /// Lists a session that a thread left cached, unless somebody was faster.
    pub(crate) fn uncache(&self, state: &mut State, place: &Place) {
        if place.slot.shift_cached(SlotState::Idle) {
            let label = self.label(state, place);
            state.idle.push(&label, place.index);
        }
    }

    /// Takes the cached session without a tag that was used last, whichever thread left it.
    fn take_cached(&self, state: &State) -> Option<u32> {
        loop {
            let unlisted = state.idle.unlisted().iter().filter_map(|index| self.places.get(*index));
            let cached = unlisted.filter(|place| place.slot.look().0 == SlotState::Cached);
            let place = cached.max_by_key(|place| place.slot.idle_since.load(Ordering::Relaxed))?;
            if place.slot.shift(SlotState::Cached, SlotState::Checking) {
                return Some(place.index);
            }
        }
    }

    /// Takes the least recently used idle session that serves nobody with `need`, to be logged off; with none, of all.
    pub(crate) fn take_oldest_idle(&self, state: &mut State, need: Option<&Need>) -> Option<u32> {
        loop {
            let index = self.oldest_idle(state, need)?;
            if self.retire_idle(state, index) {
                return Some(index);
            }
        }
    }

    /// Time stamps tell the age up to a tick; within that the order in which sessions came into the lists does.
    fn oldest_idle(&self, state: &State, need: Option<&Need>) -> Option<u32> {
        let serves = |place: &Place| {
            need.is_some_and(|need| need.fits(&self.label(state, place), place.slot.is_unused()))
        };
        let places = self.places.iter().take(state.keys.len());
        let idle: Vec<(u64, u32)> = places
            .filter(|(_, place)| place.slot.look().0.is_at_rest() && !serves(place))
            .map(|(index, place)| (place.slot.idle_since.load(Ordering::Relaxed), index))
            .collect();
        let (oldest, _) = idle.iter().min()?;
        let as_old = oldest.saturating_add(self.stamp_error());
        let oldest = idle.iter().filter(|(since, _)| *since <= as_old).map(|(_, index)| *index);
        oldest.min_by_key(|index| state.idle.listed_at(*index))
    }

    /// Puts a session back that was reserved for somebody who does not want it any more. Nobody has looked at it.
    pub(crate) fn withdraw_offer(&self, index: u32) {
        let Some(place) = self.places.get(index) else { return };
        let mut state = self.lock();
        if state.phase != Phase::Open {
            drop(state);
            self.reject(index, Leaving::Surplus);
            return;
        }
        let label = self.label(&state, place);
        if place.slot.shift(SlotState::Checking, SlotState::Idle) {
            state.idle.push(&label, index);
            state.is_idle_unattended = true;
            self.care_for_front(&mut state);
        }
    }

    /// Marks an idle session as leaving. False: somebody was faster.
    pub(crate) fn retire_idle(&self, state: &mut State, index: u32) -> bool {
        let Some(place) = self.places.get(index) else { return false };
        if place.slot.shift_cached(SlotState::Closing) {
            return true;
        }
        let label = self.label(state, place);
        state.idle.remove(&label, index) && place.slot.shift(SlotState::Idle, SlotState::Closing)
    }

    /// Hands idle sessions to the waiters that they fit, in the order of arrival. False: it stopped at one who is
    /// overdue, and whom nothing fits.
    pub(crate) fn serve(&self, state: &mut State) -> bool {
        if state.waiters.is_empty() || !self.has_idle(state) {
            return true;
        }
        let mut own_exhausted = false;
        let waiting: Vec<(u64, Arc<Need>, bool)> = state
            .waiters
            .iter()
            .map(|entry| (entry.id, Arc::clone(&entry.need), entry.is_overdue()))
            .collect();
        for (id, need, is_overdue) in waiting {
            let is_plain = need.is_plain();
            let found = if is_plain && own_exhausted { None } else { self.take_idle(state, &need) };
            match found {
                Some(index) => {
                    state.waiters.note_passes(id);
                    self.end_wait(state, id, Outcome::Offered(index));
                }
                // Those behind it must leave what there is to be replaced for it.
                None if is_overdue => return false,
                None => own_exhausted |= is_plain,
            }
        }
        true
    }

    fn has_idle(&self, state: &State) -> bool {
        let mut unlisted = state.idle.unlisted().iter().filter_map(|index| self.places.get(*index));
        state.idle.len() > 0 || unlisted.any(|place| place.slot.look().0.is_cached())
    }

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
        state.is_idle_unattended |= state.waiters.was_watch_over();
        if state.waiters.is_empty() || !state.is_idle_unattended {
            return;
        }
        if !self.has_idle(state) {
            state.is_idle_unattended = false;
            return;
        }
        if self.is_front_impatient() {
            self.serve(state);
            if !state.waiters.is_empty() && self.has_idle(state) {
                // What fits nobody makes room for a session that does.
                self.plan(state);
            }
            return;
        }
        if let Some(thread) = state.waiters.watch_front() {
            state.to_wake.push(thread);
        }
        self.show_waiters(state);
    }

    /// Lets the first waiter that has no connect, and that it would serve, claim this one. One without a place is called
    /// off if there is none: whoever needs it later asks again.
    pub(crate) fn offer_connect(&self, state: &mut State, id: u64) {
        let Some(connect) = state.connects.find_mut(id) else { return };
        connect.requester = None;
        let has_place = connect.place.is_some();
        let key = connect.need.key.clone();
        let claimant = state.waiters.iter().find(|entry| entry.connect.is_none() && entry.need.key == key);
        match claimant.map(|entry| entry.id) {
            Some(waiter) => self.link(state, waiter, id),
            None if has_place => {}
            None => drop(state.connects.remove(id)),
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
}
