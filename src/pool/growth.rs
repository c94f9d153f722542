//! Places and connects: how far the pool may grow, what is made for whom, and who gets a place that is being left.
//! Steps under the lock.

use std::sync::Arc;

use crate::pool::attributes::SESSIONS_LIMIT;
use crate::pool::connects::{Connect, Purpose};
use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::gate::OVERSIZE;
use crate::pool::need::Need;
use crate::pool::slot::SlotState;
use crate::pool::tally::count;
use crate::pool::timeout::WaitedFor;
use crate::pool::waiters::Outcome;

impl Core {
    /// How many more sessions may be made.
    pub(crate) fn room(&self, state: &State) -> usize {
        state.settings.sessions_max.saturating_sub(state.occupied)
    }

    /// Gives each waiter that waits for no connect one, as far as there are places or sessions to evict.
    pub(crate) fn plan(&self, state: &mut State) {
        if state.phase != Phase::Open {
            return;
        }
        let is_served = self.serve(state);
        let waiting = state.waiters.iter().filter(|entry| entry.connect.is_none());
        let waiting: Vec<(u64, Arc<Need>)> =
            waiting.map(|entry| (entry.id, Arc::clone(&entry.need))).collect();
        for (id, need) in waiting {
            match self.find_connect(state, &need) {
                Some(connect) => self.link(state, id, connect),
                None => break,
            }
        }
        if !is_served {
            // The one who was overdue has a session on its way: those behind it may have what is left.
            self.serve(state);
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
            self.note_leaving(index, Leaving::Evicted);
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
        if state.connects.without_place().is_none() {
            return;
        }
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
        state.idle.note_taken(index);
        state.occupied += 1;
        self.show_size(state);
        Some(index)
    }

    fn new_place(&self, state: &mut State) -> Option<u32> {
        let index = u32::try_from(state.keys.len()).ok()?;
        if i64::from(index) >= SESSIONS_LIMIT {
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
        state.idle.note_vacant(index);
        state.free.push(index);
        state.occupied -= 1;
        self.keep_promises(state);
        self.show_size(state);
        self.work.tell_all();
        if let Some(closer) = &state.closer {
            closer.unpark();
        }
        self.wake_keeper(state);
    }

    /// Brings the gate in line with the number of sessions.
    pub(crate) fn show_size(&self, state: &State) {
        self.gate.show(OVERSIZE, state.occupied > state.settings.sessions_max);
    }
}
