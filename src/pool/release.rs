//! Giving a session back: the short way for one that nothing was done with, and the long way, which cleans it and
//! decides who has it next.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::pool::core::{Core, Leaving, Phase, State};
use crate::pool::gate::{WAITERS, WATCHED};
use crate::pool::near::{LeftTagged, NOWHERE, Near};
use crate::pool::need::Label;
use crate::pool::place::LoanKey;
use crate::pool::place::Place;
use crate::pool::slot::SlotState;
use crate::pool::tag::Tag;
use crate::pool::waiters::Outcome;

/// What a release asks for.
#[derive(Debug, Default)]
pub(crate) struct Release {
    /// The session is to be closed, and why.
    pub(crate) drops: Option<Leaving>,
    /// The session is to have this tag, or none; without it the tag stays.
    pub(crate) retag: Option<Option<Arc<Tag>>>,
}

impl Release {
    /// Closes the session.
    pub(crate) const DROP: Release = Release { drops: Some(Leaving::Dropped), retag: None };
    /// Closes a session that turned out to be dead before it was handed out.
    pub(crate) const DEAD: Release = Release { drops: Some(Leaving::Dead), retag: None };
    /// Closes a session that was never handed out.
    pub(crate) const UNREADY: Release = Release { drops: Some(Leaving::Unready), retag: None };

    /// Whether nothing is to be done to the session.
    pub(crate) fn is_plain(&self) -> bool {
        self.drops.is_none() && self.retag.is_none()
    }
}

impl Core {
    /// The short way: leaves an untouched session at `place` for whom it may concern. False: the long way must be
    /// gone.
    #[inline]
    pub(crate) fn leave_at(&self, place: &Place, generation: u32) -> bool {
        self.leave_as(place, generation, SlotState::Cached, place.slot.cache_until.load(Ordering::Relaxed))
    }

    /// The same for a session whose tag the thread remembers.
    #[inline]
    pub(crate) fn leave_tagged_at(&self, place: &Place, generation: u32) -> bool {
        let until = place.slot.cache_tagged_until.load(Ordering::Relaxed);
        self.leave_as(place, generation, SlotState::CachedTagged, until)
    }

    #[inline]
    fn leave_as(&self, place: &Place, generation: u32, cached: SlotState, until: u64) -> bool {
        let slot = &place.slot;
        let flags = self.gate.flags();
        let now = match flags {
            0 => self.ticks.load(Ordering::Relaxed),
            _ => match self.may_overtake(flags) {
                Some(now) if !self.was_long(place, now) => now,
                _ => return false,
            },
        };
        if now >= until || !slot.put_cached(generation, now, cached) {
            return false;
        }
        if self.gate.flags_after_put() != 0 {
            self.look_after(place);
        }
        true
    }

    /// The short way, by the number of the place; what this thread left last must not be forgotten for it.
    pub(crate) fn release_near(&self, loan: LoanKey, near: &Near) -> bool {
        let last = near.index();
        if last != loan.index && last != NOWHERE && self.is_cached(last) {
            return false;
        }
        let Some(place) = self.places.get(loan.index) else { return false };
        near.replace(loan.index, None);
        self.leave_at(place, loan.generation)
    }

    pub(crate) fn is_cached(&self, index: u32) -> bool {
        self.places.get(index).is_some_and(|place| place.slot.look().0.is_cached())
    }

    /// Something came up while a session was being put back: somebody waits, or the pool closes or shrinks.
    #[cold]
    #[inline(never)]
    fn look_after(&self, place: &Place) {
        self.freshen();
        if self.gate.flags() == WAITERS | WATCHED {
            // The front looks by itself.
            return;
        }
        let mut state = self.lock();
        state.is_idle_unattended = true;
        self.care_for_front(&mut state);
        let is_surplus = state.phase != Phase::Open || self.is_too_large(&state);
        if is_surplus && self.retire_idle(&mut state, place.index) {
            drop(state);
            self.log_off(place.index, Leaving::Surplus);
        }
    }

    /// The long way. Whatever it returns, the loan is over, but for a session that is inside a call, and for a tag that it
    /// can not have.
    pub(crate) fn release(&self, loan: LoanKey, how: Release, near: Option<&Near>) -> Result<(), Error> {
        let place = self.place(loan.index)?;
        self.check_tag(loan, how.retag.as_ref().and_then(Option::as_deref))?;
        let was_used = self.win(place, loan)?;
        self.freshen();
        if let Some(tag) = how.retag {
            *place.tag.lock() = tag;
        }
        if !was_used && how.drops.is_none() {
            if self.is_pooled() {
                // It never had a server: there is nothing that a tag could tell of.
                *place.tag.lock() = None;
            }
            self.settle(place, loan.index, near);
            return Ok(());
        }
        // A break that is on its way must have arrived before the next holder makes a call.
        drop(place.breaker.lock());
        if let Some(why) = how.drops {
            place.slot.shift(SlotState::Returning, SlotState::Closing);
            self.log_off(loan.index, why);
            return Ok(());
        }
        match self.clean(place) {
            Ok(true) => {
                self.settle(place, loan.index, near);
                Ok(())
            }
            Ok(false) => {
                self.leave(place, loan.index, Leaving::Dead);
                Ok(())
            }
            Err(error) => {
                self.leave(place, loan.index, Leaving::Dead);
                Err(error)
            }
        }
    }

    /// Makes the session fit for its next holder. False, or an error: it is dead and must be closed.
    fn clean(&self, place: &Place) -> Result<bool, Error> {
        let mut tenant = place.tenant.lock();
        let is_well = tenant.clean()?;
        if is_well && self.is_pooled() {
            // What the tag says is the database's from here on.
            let tag = place.tag.lock().take();
            tenant.give_server_back(tag.as_deref())?;
        }
        Ok(is_well)
    }

    fn leave(&self, place: &Place, index: u32, why: Leaving) {
        place.slot.shift(SlotState::Returning, SlotState::Closing);
        self.log_off(index, why);
    }

    /// Of all that release one loan exactly one gets past here. True: the session was used.
    fn win(&self, place: &Place, loan: LoanKey) -> Result<bool, Error> {
        let slot = &place.slot;
        if place.is_held_back(loan.generation) {
            return Err(in_callback());
        }
        loop {
            let (state, generation) = slot.look();
            if generation != loan.generation {
                return Err(stale_session());
            }
            match state {
                SlotState::Busy | SlotState::Dirty => {
                    if slot.shift_loan(generation, state, SlotState::Returning) {
                        return Ok(state == SlotState::Dirty);
                    }
                }
                SlotState::InCall => return Err(in_call()),
                SlotState::Revoked => {
                    if slot.shift_loan(generation, SlotState::Revoked, SlotState::Vacant) {
                        self.forget_if_done();
                        return Err(Error::closed());
                    }
                }
                _ => return Err(stale_session()),
            }
        }
    }

    /// Decides where a clean session goes: to a waiter, to rest, or out.
    fn settle(&self, place: &Place, index: u32, near: Option<&Near>) {
        let mut state = self.lock();
        let now = self.ticks.load(Ordering::Relaxed);
        if let Some(why) = self.reason_to_close(&state, place, now) {
            // Marked under the lock, so that of several releases above the maximum no more close than must.
            place.slot.shift(SlotState::Returning, SlotState::Closing);
            drop(state);
            return self.log_off(index, why);
        }
        place.slot.idle_since.store(now, Ordering::Relaxed);
        let label = self.label(&state, place);
        place.slot.note_tag(label.tag.is_some());
        if !state.waiters.is_empty()
            && (self.is_front_impatient() || self.was_long(place, self.clock.now()))
            && self.hand_over(&mut state, place, &label)
        {
            return;
        }
        self.rest(&mut state, place, &label, near);
        state.is_idle_unattended = true;
        match state.waiters.front() {
            // It may be overtaken for a while yet.
            Some(front) if front.need.fits(&label, false) => self.care_for_front(&mut state),
            // Whoever the session does not fit may have a connect in its stead.
            Some(_) => self.plan(&mut state),
            None => {}
        }
    }

    /// Whether the loan that ends at `now` lasted so long that a hand-over costs little in comparison. Overtaking is
    /// for short loans: they would spend more time on changing threads than on their work.
    fn was_long(&self, place: &Place, now: u64) -> bool {
        now.saturating_sub(place.slot.loaned_at.load(Ordering::Relaxed)) >= self.patience
    }

    fn reason_to_close(&self, state: &State, place: &Place, now: u64) -> Option<Leaving> {
        if state.phase != Phase::Open || self.is_too_large(state) {
            return Some(Leaving::Surplus);
        }
        if now >= place.slot.expires_at.load(Ordering::Relaxed) {
            return Some(Leaving::Lifetime);
        }
        place.slot.is_used_up().then_some(Leaving::Uses)
    }

    /// Makes the session the loan of the first waiter that it fits. False: it fits none.
    fn hand_over(&self, state: &mut State, place: &Place, label: &Label) -> bool {
        let Some(first) = state.waiters.first_fitting(|entry| entry.need.fits(label, false)) else {
            return false;
        };
        state.waiters.note_passes(first);
        let Some(entry) = self.take_waiter(state, first) else { return false };
        let Some(generation) = place.slot.lend(SlotState::Returning) else { return false };
        place.slot.loaned_at.store(self.clock.now(), Ordering::Relaxed);
        state.to_wake.push(entry.tell(Outcome::Lent(place.index, generation)));
        self.care_for_front(state);
        true
    }

    /// Leaves the session idle: near the thread if it may be, and what was near it goes to the lists.
    fn rest(&self, state: &mut State, place: &Place, label: &Label, near: Option<&Near>) {
        let slot = &place.slot;
        let near = near.filter(|near| slot.may_be_cached() && near.can_keep(label.tag.as_ref()));
        let Some(near) = near else {
            slot.shift(SlotState::Returning, SlotState::Idle);
            return state.idle.push(label, place.index);
        };
        let loan = slot.look().1;
        let tagged = label.tag.clone().map(|tag| LeftTagged { tag, loan });
        let cached = if tagged.is_some() { SlotState::CachedTagged } else { SlotState::Cached };
        let last = near.replace(place.index, tagged);
        if let Some(last) = self.places.get(last).filter(|last| last.index != place.index) {
            self.uncache(state, last);
        }
        slot.shift(SlotState::Returning, cached);
    }
}

pub(crate) fn stale_session() -> Error {
    Error::invalid_handle("the session was released already, or this handle never was one")
}

pub(crate) fn in_call() -> Error {
    Error::invalid_argument(
        "the session is inside a call of another thread; a session belongs to one thread at a time",
    )
}

fn in_callback() -> Error {
    Error::invalid_argument(
        "the session is inside its session callback and belongs to the get that runs it; a failure of the callback drops it",
    )
}
