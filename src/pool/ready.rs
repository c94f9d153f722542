//! Between the choice of a session and its hand-over: what its tag says, the fix-up, the callback. With no lock held, and
//! in two steps, because a request has the first one done elsewhere and the second where it is finished.

use std::sync::Arc;

use crate::error::Error;
use crate::pool::ask::Ask;
use crate::pool::callback::{AtHand, CallbackSession, SessionCallback};
use crate::pool::clock::Nanos;
use crate::pool::core::{Access, Core, Phase};
use crate::pool::fixup::{Fixup, fixup_failed};
use crate::pool::get::Granted;
use crate::pool::place::{LoanKey, Place};
use crate::pool::release::Release;
use crate::pool::servers::has_own_fixup;
use crate::pool::slot::SlotState;
use crate::pool::tag::{Relation, Tag};
use crate::pool::tally::count;
use crate::pool::wish::Wish;

/// A session that has all that the pool and the database can do for it: the application's callback is still to come.
/// It must be delivered or put back.
#[derive(Debug)]
#[must_use]
pub(crate) struct ReadySession {
    loan: LoanKey,
    /// The session has what was asked for.
    found: bool,
    relation: Relation,
    is_new: bool,
    needs_callback: bool,
    /// Its loan is held back.
    is_held: bool,
}

/// What came of making a session ready.
pub(crate) enum Readiness {
    Ready(ReadySession),
    /// It was dead, which was nobody's fault: another may do.
    LookForAnother(Error),
}

/// A loan that nobody has been given yet. Dropped without [`Unready::finish`], its session is dropped.
struct Unready<'a> {
    core: &'a Core,
    place: &'a Place,
    loan: LoanKey,
    is_finished: bool,
}

impl<'a> Unready<'a> {
    /// From here on the loan can not be released by anybody else.
    fn begin(core: &'a Core, loan: LoanKey) -> Result<Unready<'a>, Error> {
        let place = core.place(loan.index)?;
        // The short release is for untouched loans: this one must go the way on which the hold is seen.
        place.slot.shift_loan(loan.generation, SlotState::Busy, SlotState::Dirty);
        place.hold_back(loan.generation);
        Unready::resume(core, loan)
    }

    /// Goes on with a loan that is held back already.
    fn resume(core: &'a Core, loan: LoanKey) -> Result<Unready<'a>, Error> {
        Ok(Unready { core, place: core.place(loan.index)?, loan, is_finished: false })
    }

    /// Leaves it held back, for somebody who goes on with it later.
    fn pause(mut self) {
        self.is_finished = true;
    }

    /// Lets go of it, to be handed out. An error if the pool was closed meanwhile.
    fn finish(mut self) -> Result<(), Error> {
        if self.core.is_closing() && self.core.lock().phase != Phase::Open {
            return Err(Error::closed());
        }
        self.core.check_loan(self.loan)?;
        self.place.let_go();
        self.is_finished = true;
        Ok(())
    }
}

/// What came of attaching the server that a get asks for.
enum Attaching<'a> {
    /// With the loan that it was attached for; none if the get asks for none.
    Done(Option<Unready<'a>>),
    /// The line was dead, which was nobody's fault: another may do.
    LookForAnother(Error),
}

impl Drop for Unready<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            let is_dead = self.place.tenant.lock().is_doomed;
            self.undo(if is_dead { Release::DEAD } else { Release::UNREADY });
        }
    }
}

impl Unready<'_> {
    /// Gives it back as good as it was.
    fn put_back(mut self) {
        self.undo(Release::default());
    }

    fn undo(&mut self, release: Release) {
        self.is_finished = true;
        self.place.let_go();
        // The get fails for a better reason than what this may meet.
        let _ = self.core.release(self.loan, release, None);
        count(&self.core.tally.undone);
    }
}

/// The session of a loan that nobody has been given yet, as its callback sees it.
struct UnreadySession<'a> {
    core: &'a Core,
    loan: LoanKey,
}

impl AtHand for UnreadySession<'_> {
    fn set_tag(&self, tag: Option<Arc<Tag>>) -> Result<(), Error> {
        self.core.set_tag(self.loan, tag)
    }

    fn execute(&self, sql: &str) -> Result<u64, Error> {
        self.core.call(self.loan, |tenant| tenant.session()?.execute(sql))
    }
}

impl Core {
    /// Makes the session of `loan` what was asked for, as far as the pool and the database have means to. Blocks for an
    /// attach and for the fix-up.
    pub(crate) fn make_ready(
        &self,
        loan: LoanKey,
        ask: &Ask,
        access: &Access,
        began: Nanos,
    ) -> Result<Readiness, Error> {
        let place = self.place(loan.index)?;
        let wish = ask.wish();
        let mut unready = match self.begin_with_server(loan, ask, access, began)? {
            Attaching::Done(unready) => unready,
            Attaching::LookForAnother(error) => return Ok(Readiness::LookForAnother(error)),
        };
        let is_new = if ask.server.is_some() { self.is_new(loan) } else { place.slot.is_first_loan() };
        let actual = place.tag.lock().clone();
        let relation = wish.map_or(Relation::Untagged, |wish| wish.tag.relation(actual.as_deref()));
        let is_found = wish.is_some_and(|wish| wish.is_found(relation));
        let is_done_by_server = ask.server.is_some() && has_own_fixup(&mut place.tenant.lock());
        let fixup = wish.zip(access.fixup.as_ref()).filter(|_| !is_found && !is_done_by_server);
        if let Some((wish, fixup)) = fixup {
            let held = unready.take().map_or_else(|| Unready::begin(self, loan), Ok)?;
            match self.fix_up(loan, fixup, &wish.tag, actual.as_deref()) {
                Ok(()) => self.set_tag(loan, Some(wish.tag_after_fixup(actual.as_deref())))?,
                Err(error) if self.is_closed() => return Err(error),
                Err(error) if error.is_session_dead() && !is_new => {
                    return Ok(Readiness::LookForAnother(fixup_failed(error)));
                }
                Err(error) => return Err(fixup_failed(error)),
            }
            unready = Some(held);
        }
        let wants_callback = is_new || (fixup.is_none() && needs_callback(wish, relation));
        Ok(Readiness::Ready(ReadySession {
            loan,
            found: is_found || fixup.is_some(),
            relation,
            is_new,
            needs_callback: access.callback.is_some() && wants_callback,
            is_held: unready.map(Unready::pause).is_some(),
        }))
    }

    /// Whether [`Core::make_ready`] may have to wait for the database.
    pub(crate) fn must_wait_to_make_ready(&self, loan: LoanKey, ask: &Ask, access: &Access) -> bool {
        let needs_fixup = |wish: &Wish| {
            let tag = self.places.get(loan.index).and_then(|place| place.tag.lock().clone());
            !wish.is_found(wish.tag.relation(tag.as_deref()))
        };
        ask.server.is_some() || (access.fixup.is_some() && ask.wish().is_some_and(needs_fixup))
    }

    /// Hands a session out that was made ready. Blocks for as long as the application's callback takes.
    pub(crate) fn deliver(&self, ready: ReadySession, ask: &Ask, access: &Access) -> Result<Granted, Error> {
        let loan = ready.loan;
        let callback = access.callback.as_ref().filter(|_| ready.needs_callback);
        let unready = match ready.is_held {
            true => Some(Unready::resume(self, loan)?),
            false => callback.map(|_| Unready::begin(self, loan)).transpose()?,
        };
        if let Some(callback) = callback {
            let wanted = ask.wish().map(|wish| wish.tag.as_ref());
            let result = self.call_back(loan, callback.as_ref(), wanted);
            // Whatever it met in a pool that was closed under it: that is the news.
            result.map_err(|error| if self.is_closed() { Error::closed() } else { error })?;
        }
        unready.map_or(Ok(()), Unready::finish)?;
        self.count_get(ready.relation, ready.is_new);
        let tag = self.place(loan.index)?.tag.lock().clone();
        Ok(Granted { loan, warning: self.log_on_warning(loan), found: ready.found, tag })
    }

    /// Gives a session back that was made ready and nobody wants any more.
    pub(crate) fn put_back(&self, ready: &ReadySession) {
        self.take_back(ready.loan);
    }

    /// Ends a loan that nobody was given.
    pub(crate) fn take_back(&self, loan: LoanKey) {
        let is_over = self.place(loan.index).is_ok_and(|place| place.slot.look().1 != loan.generation);
        if let (Ok(unready), false) = (Unready::resume(self, loan), is_over) {
            unready.put_back();
        }
    }

    /// Under DRCP, attaches the server that the get asks for.
    fn begin_with_server(
        &self,
        loan: LoanKey,
        ask: &Ask,
        access: &Access,
        began: Nanos,
    ) -> Result<Attaching<'_>, Error> {
        if ask.server.is_none() {
            return Ok(Attaching::Done(None));
        }
        let unready = Unready::begin(self, loan)?;
        match self.begin_server_loan(loan, ask, access, began) {
            Ok(true) => Ok(Attaching::Done(Some(unready))),
            Ok(false) => unready.finish().map(|()| Attaching::Done(None)),
            Err(error) if self.is_closed() => Err(error),
            Err(error) if error.is_session_dead() => Ok(Attaching::LookForAnother(error)),
            Err(error) => {
                unready.put_back();
                Err(error)
            }
        }
    }

    fn fix_up(&self, loan: LoanKey, fixup: &Fixup, wanted: &Tag, actual: Option<&Tag>) -> Result<(), Error> {
        count(&self.tally.fixups);
        let result = self.call(loan, |tenant| fixup.run(tenant.session()?.as_mut(), wanted, actual));
        result.inspect_err(|error| self.note_fixup_failed(loan.index, Some(wanted), error))
    }

    /// Has the application look at the session of `loan`.
    fn call_back(
        &self,
        loan: LoanKey,
        callback: &dyn SessionCallback,
        wanted: Option<&Tag>,
    ) -> Result<(), Error> {
        let actual = self.tag(loan)?;
        count(&self.tally.callbacks);
        let session = UnreadySession { core: self, loan };
        let actual = actual.as_deref();
        let session = CallbackSession { session: &session, pool: self.number, loan, wanted, actual };
        session.show_to(callback).inspect_err(|error| self.note_callback_failed(loan.index, error))
    }

    fn count_get(&self, relation: Relation, is_new: bool) {
        let tally = &self.tally;
        match relation {
            _ if is_new => count(&tally.gets_new),
            Relation::Exact | Relation::SameSet => count(&tally.gets_tag_exact),
            Relation::Superset => count(&tally.gets_tag_superset),
            Relation::Partial(_) | Relation::Unrelated => count(&tally.gets_tag_partial),
            // What is left of all gets when the others are taken off.
            Relation::Untagged => {}
        }
    }
}

/// Whether the native callback has something to do for a session that was on loan before and was not fixed up.
fn needs_callback(wish: Option<&Wish>, relation: Relation) -> bool {
    wish.is_some_and(|wish| !wish.policy.satisfies_callback(relation))
}
