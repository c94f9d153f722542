//! A pool of one session, made of the real slot, gate and waiters, that takes the steps of `get.rs` and
//! `release.rs` in their order.

use loom::thread;

use crate::driver::Identity;
use crate::pool::gate::{Gate, WAITERS, WATCHED};
use crate::pool::need::{Label, Need};
use crate::pool::slot::{Slot, SlotState};
use crate::pool::waiters::{Entry, Outcome, Waiter, Waiters};
use crate::sync::{Arc, Mutex};

/// One session, one queue.
pub struct Model {
    slot: Slot,
    gate: Gate,
    waiters: Mutex<Waiters>,
}

impl Model {
    /// A pool whose session is on loan; the loan's number.
    pub fn with_loan() -> (Arc<Model>, u32) {
        let model = Model { slot: Slot::new(0), gate: Gate::new(0), waiters: Mutex::new(Waiters::default()) };
        assert!(model.slot.shift(SlotState::Vacant, SlotState::Connecting));
        model.slot.begin_session(true, u64::MAX, None);
        let loan = model.slot.lend(SlotState::Connecting).unwrap_or_default();
        (Arc::new(model), loan)
    }

    /// The short way of a release. False: another release of that loan was faster.
    pub fn put(&self, loan: u32) -> bool {
        if !self.slot.put_cached(loan, 0, SlotState::Cached) {
            return false;
        }
        if self.gate.flags_after_put() & (WAITERS | WATCHED) == WAITERS {
            let mut waiters = self.waiters.lock();
            let woken = waiters.watch_front();
            self.show(&waiters);
            drop(waiters);
            if let Some(thread) = woken {
                thread.unpark();
            }
        }
        true
    }

    /// The long way of a release, for a front that has lost patience: the first waiter gets the session.
    pub fn hand_over(&self, loan: u32) {
        assert!(self.slot.shift_loan(loan, SlotState::Busy, SlotState::Returning));
        let mut waiters = self.waiters.lock();
        let first = waiters.leave_first(|entry| entry.need.fits(&Label::default(), false));
        self.show(&waiters);
        let Some(first) = first else {
            assert!(self.slot.shift(SlotState::Returning, SlotState::Cached));
            return;
        };
        let next = self.slot.lend(SlotState::Returning).unwrap_or_default();
        let thread = first.tell(Outcome::Lent(0, next));
        drop(waiters);
        thread.unpark();
    }

    /// The short way of a get.
    pub fn take(&self) -> Option<u32> {
        self.slot.take_cached()
    }

    /// The long way of a get that waits for ever.
    pub fn wait(&self, id: u64) -> u32 {
        let waiter = match self.join(id) {
            Ok(loan) => return loan,
            Err(waiter) => waiter,
        };
        loop {
            if let Some(loan) = self.outcome(&waiter).or_else(|| self.look(id, &waiter)) {
                return loan;
            }
            thread::park();
        }
    }

    /// The long way of a get whose time is up as soon as it has joined the queue.
    pub fn wait_in_vain(&self, id: u64) -> Option<u32> {
        let waiter = match self.join(id) {
            Ok(loan) => return Some(loan),
            Err(waiter) => waiter,
        };
        let mut waiters = self.waiters.lock();
        if waiters.leave(id).is_some() {
            self.show(&waiters);
            self.serve(&mut waiters);
            return None;
        }
        drop(waiters);
        let loan = self.outcome(&waiter);
        assert!(loan.is_some(), "who is out of the queue was told why");
        loan
    }

    /// Whether the session lies idle.
    pub fn is_idle(&self) -> bool {
        self.slot.look().0.is_idle()
    }

    fn join(&self, id: u64) -> Result<u32, Arc<Waiter>> {
        let mut waiters = self.waiters.lock();
        if let Some(loan) = self.take() {
            return Ok(loan);
        }
        let need = Arc::new(Need { key: None, identity: Arc::new(Identity), unused: false, wish: None });
        let waiter = Waiter::new(thread::current());
        waiters.join(Entry::new(id, need, id, true, Arc::clone(&waiter)));
        self.show(&waiters);
        self.serve(&mut waiters);
        Err(waiter)
    }

    fn outcome(&self, waiter: &Waiter) -> Option<u32> {
        match waiter.outcome() {
            Some(Outcome::Lent(_, loan)) => Some(loan),
            Some(Outcome::Offered(_)) => self.slot.lend(SlotState::Checking),
            Some(Outcome::Failed(_)) | None => None,
        }
    }

    fn look(&self, id: u64, waiter: &Waiter) -> Option<u32> {
        if !waiter.watches() {
            return None;
        }
        let mut waiters = self.waiters.lock();
        waiters.stop_watching(id);
        self.show(&waiters);
        let loan = self.take()?;
        let left = waiters.leave(id);
        self.show(&waiters);
        if left.is_none() {
            // Told something in the meantime: the outcome counts, and what was taken goes back.
            drop(waiters);
            self.put(loan);
            return None;
        }
        Some(loan)
    }

    fn serve(&self, waiters: &mut Waiters) {
        if !waiters.is_empty()
            && self.slot.shift(SlotState::Cached, SlotState::Checking)
            && let Some(first) = waiters.leave_first(|_| true)
        {
            self.show(waiters);
            // The real pool wakes when the lock is gone, too; here the lock is the caller's.
            first.tell(Outcome::Offered(0)).unpark();
        }
    }

    fn show(&self, waiters: &Waiters) {
        self.gate.set_front_since(waiters.front_since());
        self.gate.show(WATCHED, waiters.is_watched());
        self.gate.show(WAITERS, !waiters.is_empty());
    }
}
