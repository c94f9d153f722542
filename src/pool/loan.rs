//! Working with a session on loan. Each call owns the session while it lasts; a second thread is turned away, and a
//! stale loan reaches nothing.

use std::sync::Arc;

use crate::driver::{NativeKind, Session, Statement};
use crate::error::Error;
use crate::pool::core::{Core, Leaving};
use crate::pool::place::LoanKey;
use crate::pool::place::{Place, Tenant};
use crate::pool::release::{in_call, stale_session};
use crate::pool::servers::{check_has_server, is_without_server};
use crate::pool::slot::SlotState;
use crate::pool::tag::Tag;

/// Leaves the call on every path out of it, a panic of the driver included.
struct Call<'a> {
    core: &'a Core,
    place: &'a Place,
    loan: LoanKey,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.place.tenant.lock().is_doomed = true;
        }
        let slot = &self.place.slot;
        if self.core.is_closed() {
            if slot.shift_loan(self.loan.generation, SlotState::InCall, SlotState::Revoked) {
                self.core.note_leaving(self.loan.index, Leaving::Surplus);
                self.place.move_out();
            }
            return;
        }
        slot.shift_loan(self.loan.generation, SlotState::InCall, SlotState::Dirty);
    }
}

impl Core {
    /// Runs `body` on the session of `loan`, on the calling thread, and attaches a server for it where there is none. An
    /// error that kills the session is remembered: its release closes it.
    pub(crate) fn call<T>(
        &self,
        loan: LoanKey,
        body: impl FnOnce(&mut Tenant) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let place = self.place(loan.index)?;
        self.call_line(loan, |tenant| {
            self.hold_server(place, tenant)?;
            let result = body(tenant);
            self.note_attaches(tenant);
            result
        })
    }

    /// The same for what needs no server.
    pub(crate) fn call_line<T>(
        &self,
        loan: LoanKey,
        body: impl FnOnce(&mut Tenant) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let place = self.enter_call(loan)?;
        let call = Call { core: self, place, loan };
        let mut tenant = place.tenant.lock();
        let result = body(&mut tenant);
        if let Err(error) = &result {
            tenant.is_doomed |= error.is_session_dead();
        }
        drop(tenant);
        drop(call);
        match result {
            // A forced close breaks running calls: what they failed with is not the news.
            Err(_) if self.is_closed() => Err(Error::closed()),
            result => result,
        }
    }

    fn enter_call(&self, loan: LoanKey) -> Result<&Place, Error> {
        let place = self.place(loan.index)?;
        loop {
            let (state, generation) = place.slot.look();
            if generation != loan.generation {
                return Err(stale_session());
            }
            match state {
                SlotState::Busy | SlotState::Dirty => {
                    if place.slot.shift_loan(generation, state, SlotState::InCall) {
                        return Ok(place);
                    }
                }
                SlotState::InCall => return Err(in_call()),
                SlotState::Revoked => return Err(Error::closed()),
                _ => return Err(stale_session()),
            }
        }
    }

    /// Whether the loan is still on: an error that says why not.
    pub(crate) fn check_loan(&self, loan: LoanKey) -> Result<&Place, Error> {
        let place = self.place(loan.index)?;
        match place.slot.look() {
            (SlotState::Revoked, generation) if generation == loan.generation => Err(Error::closed()),
            (state, generation)
                if generation == loan.generation && state.is_on_loan() && state != SlotState::Returning =>
            {
                Ok(place)
            }
            _ => Err(stale_session()),
        }
    }

    /// Breaks the running call of the loan, from any thread. With none running it does nothing.
    pub(crate) fn break_call(&self, loan: LoanKey) -> Result<(), Error> {
        let place = self.check_loan(loan)?;
        let breaker = place.breaker.lock();
        // Once more, with the lock that a release waits for: from here on the loan can not end under the break.
        // One that was not used yet is marked, so that its release goes the way on which it waits.
        let slot = &place.slot;
        slot.shift_loan(loan.generation, SlotState::Busy, SlotState::Dirty);
        self.check_loan(loan)?;
        match breaker.as_ref() {
            Some(breaker) => breaker.break_call(),
            None => Ok(()),
        }
    }

    /// Prepares a statement that lives until it is closed or the loan ends. Its number within the session.
    pub(crate) fn prepare(&self, loan: LoanKey, sql: &str) -> Result<u32, Error> {
        self.call(loan, |tenant| {
            let statement = tenant.session()?.prepare(sql)?;
            Ok(tenant.keep_statement(statement))
        })
    }

    /// Executes a statement of the loan, or fetches from it.
    pub(crate) fn run_statement<T>(
        &self,
        loan: LoanKey,
        number: u32,
        body: impl FnOnce(&mut dyn Statement) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.call(loan, |tenant| body(tenant.statement(number)?.as_mut()))
    }

    /// Runs `body` on a statement of the loan, which makes no call to the server.
    pub(crate) fn with_statement<T>(
        &self,
        loan: LoanKey,
        number: u32,
        body: impl FnOnce(&mut dyn Statement) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.call_line(loan, |tenant| body(tenant.statement(number)?.as_mut()))
    }

    /// Closes a statement of the loan. One that went with its loan is closed already.
    pub(crate) fn close_statement(&self, loan: LoanKey, number: u32) -> Result<(), Error> {
        self.call_line(loan, |tenant| {
            tenant.close_statement(number);
            Ok(())
        })
    }

    /// What the loan's session says of its state.
    pub(crate) fn tag(&self, loan: LoanKey) -> Result<Option<Arc<Tag>>, Error> {
        Ok(self.check_loan(loan)?.tag.lock().clone())
    }

    /// Says what the state of the loan's session is; none = nothing that others could rely on.
    pub(crate) fn set_tag(&self, loan: LoanKey, tag: Option<Arc<Tag>>) -> Result<(), Error> {
        let place = self.place(loan.index)?;
        self.check_tag(loan, tag.as_deref())?;
        // As a call, so that a tag that changes under another thread's call or after a release is an error.
        self.call_line(loan, |tenant| {
            if self.is_pooled() {
                check_has_server(tenant)?;
            }
            *place.tag.lock() = tag;
            Ok(())
        })
    }

    /// Whether nobody has had the session of the loan before.
    pub(crate) fn is_new(&self, loan: LoanKey) -> bool {
        if self.is_pooled() {
            return self.is_server_new(loan).unwrap_or(false);
        }
        self.check_loan(loan).is_ok_and(|place| place.slot.is_first_loan())
    }

    /// Ends the loan's transaction with `body`. A session without a server has none.
    pub(crate) fn end_transaction(
        &self,
        loan: LoanKey,
        body: impl FnOnce(&mut dyn Session) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.call_line(loan, |tenant| match is_without_server(tenant) {
            true => Ok(()),
            false => body(tenant.session()?.as_mut()),
        })
    }

    /// Asks the server for a sign of life. Without a server it is the line that is looked at: a ping would take one.
    pub(crate) fn ping_loan(&self, loan: LoanKey) -> Result<(), Error> {
        self.call_line(loan, |tenant| tenant.session()?.ping(None))
    }

    /// Limits the loan's later calls; none = no limit. Ends with the loan.
    pub(crate) fn set_call_timeout(
        &self,
        loan: LoanKey,
        limit: Option<std::time::Duration>,
    ) -> Result<(), Error> {
        self.call_line(loan, |tenant| {
            tenant.session()?.set_call_timeout(limit)?;
            tenant.has_call_timeout = limit.is_some();
            Ok(())
        })
    }

    /// The client's own handle of that kind, as an address.
    pub(crate) fn native(&self, loan: LoanKey, kind: NativeKind) -> Result<std::num::NonZeroUsize, Error> {
        self.call(loan, |tenant| tenant.session()?.native(kind))
    }
}
