//! Getting a session: the short way without the lock, and the long way with everything that can happen on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::pool::GetOptions;
use crate::pool::ask::Ask;
use crate::pool::attributes::GetMode;
use crate::pool::clock::Nanos;
use crate::pool::connects::Purpose;
use crate::pool::core::{Access, Core, Leaving, Phase, State};
use crate::pool::gate::{WAITERS, WATCHED};
use crate::pool::locked::Locked;
use crate::pool::near::Near;
use crate::pool::place::{LoanKey, Place};
use crate::pool::ready::Readiness;
use crate::pool::slot::{Slot, SlotState};
use crate::pool::tag::{Tag, TagKind};
use crate::pool::tally::count;
use crate::pool::timeout::WaitedFor;
use crate::pool::waiters::{Entry, Outcome, Waiter};

/// A session that a get has got.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) loan: LoanKey,
    /// ORA-24417: the pool has more sessions now than its maximum; and what the log-on of a new session was warned of.
    pub(crate) warning: Option<Error>,
    /// Its state is what was asked for.
    pub(crate) found: bool,
    /// What it says of its state.
    pub(crate) tag: Option<Arc<Tag>>,
}

impl Granted {
    /// With what else the get is told, first.
    pub(crate) fn warned_of(self, warning: Option<Error>) -> Granted {
        let warning = warning.into_iter().chain(self.warning).reduce(Error::followed_by);
        Granted { warning, ..self }
    }
}

/// How far a get has come.
pub(crate) enum Progress {
    /// The session in that place is reserved; it must be seen whether it is still good.
    Idle(u32),
    /// In the queue; with a warning if the get made the pool larger than its maximum.
    Waiting(u64, Arc<Waiter>, Option<Error>),
}

impl Core {
    /// The short way: takes the session that this thread left last at `place`, if it is still there, needs no look and
    /// nobody has waited for too long. No lock, no system call, no clock. The loan number.
    #[inline]
    pub(crate) fn take_from(&self, place: &Place) -> Option<u32> {
        let slot = &place.slot;
        let now = self.now_if_open(slot, slot.cache_until.load(Ordering::Relaxed))?;
        let generation = slot.take_cached()?;
        slot.loaned_at.store(now, Ordering::Relaxed);
        Some(generation)
    }

    /// The time, if nothing is in the way of a get without the lock: neither the pool, nor that the session is idle for
    /// so long that it must be pinged, nor that it may be cached only until `cached_until`.
    #[inline]
    fn now_if_open(&self, slot: &Slot, cached_until: Nanos) -> Option<Nanos> {
        let flags = self.gate.flags();
        let now = if flags == 0 { self.ticks.load(Ordering::Relaxed) } else { self.may_overtake(flags)? };
        let idle = now.saturating_sub(slot.idle_since.load(Ordering::Relaxed));
        let is_fresh = idle < self.gate.ping_interval.load(Ordering::Relaxed) && now < cached_until;
        is_fresh.then_some(now)
    }

    /// The time, if nothing but waiters who have not lost patience yet is in the way of a get or release without the
    /// lock. The precise time: among waiters it is short loans that matter.
    #[cold]
    #[inline(never)]
    pub(crate) fn may_overtake(&self, flags: u32) -> Option<Nanos> {
        if flags & !(WAITERS | WATCHED) != 0 {
            return None;
        }
        let now = self.clock.now();
        (now.saturating_sub(self.gate.front_since()) < self.patience).then_some(now)
    }

    /// The same for a session whose tag the thread remembers as it was after the loan `left`.
    #[inline]
    pub(crate) fn take_tagged_from(&self, place: &Place, left: u32) -> Option<u32> {
        let slot = &place.slot;
        let now = self.now_if_open(slot, slot.cache_tagged_until.load(Ordering::Relaxed))?;
        let generation = slot.take_cached_tagged(left)?;
        slot.loaned_at.store(now, Ordering::Relaxed);
        Some(generation)
    }

    /// The short way, by the number of the place.
    pub(crate) fn get_near(&self, near: &Near) -> Option<LoanKey> {
        let index = near.index();
        let generation = self.take_from(self.places.get(index)?)?;
        Some(LoanKey { index, generation })
    }

    /// A get with no wishes that did not go the short way. Blocks as the pool's get mode says.
    pub(crate) fn get_plain(&self, near: Option<&Near>) -> Result<Granted, Error> {
        self.freshen();
        let mut state = self.lock_open()?;
        self.list_near(&mut state, near);
        if state.waiters.is_empty()
            && !self.has_callback
            && let Some(loan) = self.lend_listed(&mut state)
        {
            drop(state);
            return Ok(Granted { loan, warning: self.log_on_warning(loan), found: false, tag: None });
        }
        let access = state.access.clone().ok_or_else(Error::closed)?;
        let ask = Ask::of(&access, &state.settings, self.number, &GetOptions::default())?;
        drop(state);
        self.get(&access, &ask, None)
    }

    /// A get with wishes. Blocks as its mode and limit say, and for as long as a fix-up and a callback take.
    pub(crate) fn get(&self, access: &Access, ask: &Ask, near: Option<&Near>) -> Result<Granted, Error> {
        self.freshen();
        if near.is_some() {
            self.list_near(&mut self.lock(), near);
        }
        let began = self.clock.now();
        let mut warning = None;
        let mut may_look_again = true;
        loop {
            let loan = self.find_session(ask, began, &mut warning)?;
            match self.make_ready(loan, ask, access, began)? {
                Readiness::Ready(ready) => {
                    return Ok(self.deliver(ready, ask, access)?.warned_of(warning));
                }
                Readiness::LookForAnother(_) if may_look_again => may_look_again = false,
                Readiness::LookForAnother(error) => return Err(error),
            }
        }
    }

    /// What the log-on of the loan's session was warned of: for the first who has it.
    pub(crate) fn log_on_warning(&self, loan: LoanKey) -> Option<Error> {
        let place = self.places.get(loan.index).filter(|place| place.slot.is_first_loan())?;
        place.tenant.lock().warning.take()
    }

    /// Lists what the thread left last, which makes it the first choice of its kind.
    fn list_near(&self, state: &mut State, near: Option<&Near>) {
        if let Some(place) = near.and_then(|near| self.places.get(near.index())) {
            self.uncache(state, place);
        }
    }

    /// Lends the idle session without a tag that was used last, if it needs no look.
    fn lend_listed(&self, state: &mut State) -> Option<LoanKey> {
        let index = state.idle.take_untagged(&None, |_| true)?;
        let loan = self.lend_unseen(state, index)?;
        if self.places.get(index).is_some_and(|place| place.slot.is_first_loan()) {
            count(&self.tally.gets_new);
        }
        Some(loan)
    }

    /// A get that wishes for nothing but `tag`: the idle session with that very tag that was used last, if it needs no
    /// look. With the tag as the session has it.
    pub(crate) fn get_exact(&self, tag: &Tag) -> Result<Option<Granted>, Error> {
        if !self.takes_plain_gets() || (self.has_fixup && tag.kind() == TagKind::Single) {
            return Ok(None);
        }
        self.freshen();
        let mut state = self.lock_open()?;
        if !state.waiters.is_empty() {
            return Ok(None);
        }
        let Some(index) = state.idle.take_exact(&None, tag) else { return Ok(None) };
        let Some(loan) = self.lend_unseen(&mut state, index) else { return Ok(None) };
        drop(state);
        count(&self.tally.gets_tag_exact);
        let tag = self.place(index)?.tag.lock().clone();
        Ok(Some(Granted { loan, warning: None, found: true, tag }))
    }

    /// Lends a session that was just taken from the lists, or, if it needs a look, puts it back.
    fn lend_unseen(&self, state: &mut State, index: u32) -> Option<LoanKey> {
        let place = self.places.get(index)?;
        let slot = &place.slot;
        let now = self.ticks.load(Ordering::Relaxed);
        if self.needs_a_look(slot, now) {
            let label = self.label(state, place);
            state.idle.push(&label, index);
            return None;
        }
        let generation = slot.lend(SlotState::Idle)?;
        slot.loaned_at.store(now, Ordering::Relaxed);
        self.note_peak(state);
        Some(LoanKey { index, generation })
    }

    /// Whether an idle session must be pinged or closed before it can be lent.
    pub(crate) fn needs_a_look(&self, slot: &Slot, now: Nanos) -> bool {
        let idle = now.saturating_sub(slot.idle_since.load(Ordering::Relaxed));
        idle >= self.gate.ping_interval.load(Ordering::Relaxed)
            || now >= slot.expires_at.load(Ordering::Relaxed)
            || slot.is_used_up()
    }

    /// The long way to a session that fits.
    fn find_session(&self, ask: &Ask, began: Nanos, warning: &mut Option<Error>) -> Result<LoanKey, Error> {
        let deadline = ask.deadline(began);
        loop {
            let waiter = |_, _: Option<&Error>| Waiter::new(std::thread::current());
            let granted = match self.claim(self.lock_open()?, ask, began, waiter)? {
                Progress::Idle(index) => self.admit(index, began, deadline)?,
                Progress::Waiting(id, waiter, oversize) => {
                    *warning = oversize.or(warning.take());
                    let outcome = self.wait(id, &waiter, ask, began, deadline);
                    self.note_wait(began, ask.context.as_ref(), outcome.as_ref());
                    match outcome? {
                        Outcome::Lent(index, generation) => Some(LoanKey { index, generation }),
                        Outcome::Offered(index) => self.admit(index, began, deadline)?,
                        Outcome::Failed(error) => return Err(error),
                    }
                }
            };
            if let Some(loan) = granted {
                self.note_grant(loan, ask);
                return Ok(loan);
            }
        }
    }

    /// Takes an idle session or a place in the queue, with a connect where there may be one. `waiter` makes the waiter of
    /// that number, whose thread looks at it next, and hears of the warning before anybody can end the waiting.
    pub(crate) fn claim(
        &self,
        mut state: Locked<'_>,
        ask: &Ask,
        began: Nanos,
        waiter: impl FnOnce(u64, Option<&Error>) -> Arc<Waiter>,
    ) -> Result<Progress, Error> {
        if !state.waiters.is_empty() && self.is_front_impatient() {
            self.serve(&mut state);
        }
        if let Some(index) = self.take_idle(&mut state, &ask.need) {
            return Ok(Progress::Idle(index));
        }
        let mut warning = None;
        let mut connect = self.connect_for(&mut state, ask);
        if connect.is_none() && ask.mode == GetMode::ForceGet {
            connect = self.begin_connect(&mut state, &ask.need, Purpose::Waiter);
            warning = connect.map(|_| oversize_warning(&state));
        }
        if connect.is_none() {
            self.refuse_to_wait(&state, ask, began)?;
        }
        let id = self.next_id(&mut state);
        let waiter = waiter(id, warning.as_ref());
        let entry = Entry::new(id, Arc::clone(&ask.need), began, ask.waits_for_loans(), Arc::clone(&waiter));
        state.waiters.join(entry);
        if let Some(connect) = connect {
            self.link(&mut state, id, connect);
        }
        if state.waiters.front().is_some_and(|front| front.id == id) {
            // Who comes first watches from the start, and need not be woken for it: its thread looks at it next.
            let _ = state.waiters.watch_front();
        }
        // The flag first, then a last look: a release that did not see the flag has put its session back before.
        self.show_waiters(&state);
        self.serve(&mut state);
        self.call_workers(&mut state);
        Ok(Progress::Waiting(id, waiter, warning))
    }

    /// The connect that a get which found no idle session waits for, if there can be one.
    fn connect_for(&self, state: &mut State, ask: &Ask) -> Option<u64> {
        let grows = state.connects.unclaimed(&ask.need).is_none() && self.room(state) > 0;
        let connect = self.find_connect(state, &ask.need);
        // A pool whose sessions are all alike grows by its increment; the get waits for the first one alone.
        if grows
            && ask.need.key.is_none()
            && state.access.as_ref().is_some_and(|access| access.keeps_minimum())
        {
            for _ in 1..state.settings.increment.min(self.room(state) + 1) {
                self.begin_connect(state, &ask.need, Purpose::Growth);
            }
        }
        connect
    }

    /// The error of a get that may not join the queue.
    fn refuse_to_wait(&self, state: &State, ask: &Ask, began: Nanos) -> Result<(), Error> {
        if !ask.waits_for_loans() {
            let waited_for = match ask.mode {
                GetMode::NoWait => WaitedFor::NothingAllowed,
                _ if ask.could_wait_for_itself() => WaitedFor::Itself,
                _ => WaitedFor::Session,
            };
            return Err(self.timeout_error(state, waited_for, began));
        }
        let waiting = state.waiters.iter().filter(|entry| entry.connect.is_none()).count();
        if state.settings.waiters_max.is_some_and(|most| waiting >= most) {
            return Err(self.timeout_error(state, WaitedFor::PlaceInQueue, began));
        }
        Ok(())
    }

    /// Blocks until the waiter is told its outcome, finds an idle session itself, or its time is up.
    fn wait(
        &self,
        id: u64,
        waiter: &Waiter,
        ask: &Ask,
        began: Nanos,
        deadline: Option<Nanos>,
    ) -> Result<Outcome, Error> {
        let patient_until = began.saturating_add(self.patience);
        loop {
            if let Some(outcome) = waiter.outcome() {
                return Ok(outcome);
            }
            if waiter.watches()
                && self.clock.now() >= patient_until
                && let Some(index) = self.look(id, ask)
            {
                return Ok(Outcome::Offered(index));
            }
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                match self.end_in_vain(id, began) {
                    Some(error) => return Err(error),
                    // Somebody took it out first, and tells it the outcome before letting go of the lock.
                    None => continue,
                }
            }
            let alarm = waiter.watches().then_some(patient_until);
            self.clock.park(deadline.into_iter().chain(alarm).min());
        }
    }

    /// Takes a waiter out whose time is up. None: somebody did before.
    pub(crate) fn end_in_vain(&self, id: u64, began: Nanos) -> Option<Error> {
        let mut state = self.lock();
        self.take_waiter(&mut state, id)?;
        let error = self.timeout_error(&state, WaitedFor::Session, began);
        self.care_for_front(&mut state);
        Some(error)
    }

    /// A waiter whose patience has ended takes an idle session, if there is one. From now on releases hand over.
    pub(crate) fn look(&self, id: u64, ask: &Ask) -> Option<u32> {
        let mut state = self.lock();
        state.waiters.stop_watching(id);
        // Down before the look: who puts a session back from now on takes care of the front.
        self.show_waiters(&state);
        state.waiters.find_mut(id)?;
        let index = self.take_idle(&mut state, &ask.need);
        if index.is_some() {
            self.take_waiter(&mut state, id);
            self.care_for_front(&mut state);
        } else {
            // What does not fit here may fit those behind, or make room for one that does.
            self.plan(&mut state);
        }
        index
    }

    /// Lends the reserved session if it is still good; otherwise closes it, and the caller looks for another.
    pub(crate) fn admit(
        &self,
        index: u32,
        began: Nanos,
        deadline: Option<Nanos>,
    ) -> Result<Option<LoanKey>, Error> {
        let place = self.place(index)?;
        let now = self.clock.now();
        let slot = &place.slot;
        if now >= slot.expires_at.load(Ordering::Relaxed) {
            return Ok(self.reject(index, Leaving::Lifetime));
        }
        if slot.is_used_up() {
            return Ok(self.reject(index, Leaving::Uses));
        }
        let idle = now.saturating_sub(slot.idle_since.load(Ordering::Relaxed));
        let is_due = idle >= self.gate.ping_interval.load(Ordering::Relaxed);
        let is_well =
            if self.is_pooled() { place.is_line_up() } else { !is_due || self.ping(place, deadline) };
        if !is_well {
            self.reject(index, Leaving::Dead);
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                return Err(self.timeout_error(&self.lock(), WaitedFor::Ping, began));
            }
            return Ok(None);
        }
        let generation = slot.lend(SlotState::Checking);
        // A close that found the session reserved waits for this moment: it must not be lent any more.
        if self.is_closing() && self.lock().phase != Phase::Open {
            if let Some(generation) = generation {
                slot.shift_loan(generation, SlotState::Busy, SlotState::Checking);
            }
            self.reject(index, Leaving::Surplus);
            return Err(Error::closed());
        }
        Ok(generation.map(|generation| LoanKey { index, generation }))
    }

    pub(crate) fn reject(&self, index: u32, why: Leaving) -> Option<LoanKey> {
        if self
            .places
            .get(index)
            .is_some_and(|place| place.slot.shift(SlotState::Checking, SlotState::Closing))
        {
            self.log_off(index, why);
        }
        None
    }

    /// Whether the session answers within the ping limit and what is left of the caller's time.
    fn ping(&self, place: &Place, deadline: Option<Nanos>) -> bool {
        let own_limit = self.lock().settings.ping_timeout;
        let left = deadline.map(|deadline| Duration::from_nanos(deadline.saturating_sub(self.clock.now())));
        let limit = match (own_limit, left) {
            (Some(own), Some(left)) => Some(own.min(left)),
            (own, left) => own.or(left),
        };
        count(&self.tally.pings);
        let answered = match place.tenant.lock().session() {
            Ok(session) => self.note_ping(place, session.ping(limit)) && !session.is_dead(),
            Err(_) => false,
        };
        if !answered {
            count(&self.tally.ping_failures);
        }
        answered
    }

    /// Notes what belongs to a loan that has just begun.
    pub(crate) fn note_grant(&self, loan: LoanKey, ask: &Ask) {
        let Some(place) = self.places.get(loan.index) else { return };
        place.slot.loaned_at.store(self.clock.now(), Ordering::Relaxed);
        if let Some(context) = &ask.context {
            *place.context.lock() = Some((loan.generation, Arc::clone(context)));
        }
        self.note_peak_of_grant();
    }

    /// As [`Core::note_peak`], and takes the lock only if there may be something to note.
    fn note_peak_of_grant(&self) {
        let made = self.tally.most_places.load(Ordering::Relaxed);
        if made > self.tally.peak_busy.load(Ordering::Relaxed) {
            self.note_peak(&self.lock());
        }
    }

    /// Keeps the highest number of sessions on loan. Counts them only if there can be more than ever before.
    pub(crate) fn note_peak(&self, state: &State) {
        let at_most = state.occupied.saturating_sub(state.idle.len()) as u64;
        if at_most > self.tally.peak_busy.load(Ordering::Relaxed) {
            let busy = self.places.iter().filter(|(_, place)| place.slot.look().0.is_on_loan()).count();
            self.tally.peak_busy.fetch_max(busy as u64, Ordering::Relaxed);
        }
    }
}

/// What a get is told that made the pool larger than its maximum.
fn oversize_warning(state: &State) -> Error {
    let text = format!(
        "ORA-24417: {} sessions are open or being made and SESSIONS_MAX is {}; those beyond it are closed when they are released",
        state.occupied, state.settings.sessions_max
    );
    Error::new(Kind::Warning, 24417, text)
}
