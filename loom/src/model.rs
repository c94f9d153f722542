//! A pool of one session, made of the real slot, gate and waiters, that takes the steps of `get.rs` and
//! `release.rs` in their order.

use loom::thread;

use crate::driver::Identity;
use crate::pool::gate::{Gate, NOTIFIED, WAITERS};
use crate::pool::need::Need;
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
        if !self.slot.may_be_cached(loan) || !self.slot.put_cached(loan) {
            return false;
        }
        if self.gate.flags_after_put() & (WAITERS | NOTIFIED) == WAITERS {
            let mut waiters = self.waiters.lock();
            self.gate.raise(NOTIFIED);
            waiters.notify_front();
            self.show(&waiters);
        }
        true
    }

    /// The long way of a release, for a front that has lost patience: the first waiter gets the session.
    pub fn hand_over(&self, loan: u32) {
        assert!(self.slot.shift_loan(loan, SlotState::Busy, SlotState::Returning));
        let mut waiters = self.waiters.lock();
        let first = waiters.leave_first(|entry| entry.need.fits(&None, false));
        self.show(&waiters);
        let Some(first) = first else {
            assert!(self.slot.shift(SlotState::Returning, SlotState::Cached));
            return;
        };
        let next = self.slot.lend(SlotState::Returning).unwrap_or_default();
        first.tell(Outcome::Lent(0, next));
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
            if let Some(loan) = self.outcome(&waiter).or_else(|| self.look(id)) {
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
        let need = Arc::new(Need { key: None, identity: Arc::new(Identity), unused: false });
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

    fn look(&self, id: u64) -> Option<u32> {
        if self.gate.flags() & NOTIFIED == 0 {
            return None;
        }
        let mut waiters = self.waiters.lock();
        if !waiters.looks(id) {
            return None;
        }
        self.show(&waiters);
        let loan = self.take()?;
        waiters.leave(id);
        self.show(&waiters);
        Some(loan)
    }

    fn serve(&self, waiters: &mut Waiters) {
        if !waiters.is_empty() && self.slot.shift(SlotState::Cached, SlotState::Checking) {
            if let Some(first) = waiters.leave_first(|_| true) {
                self.show(waiters);
                first.tell(Outcome::Offered(0));
            }
        }
    }

    fn show(&self, waiters: &Waiters) {
        self.gate.set_front_since(waiters.front_since());
        if !waiters.is_somebody_notified() {
            self.gate.lower(NOTIFIED);
        }
        if waiters.is_empty() {
            self.gate.lower(WAITERS);
        } else {
            self.gate.raise(WAITERS);
        }
    }
}
