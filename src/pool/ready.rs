//! Between the choice of a session and its hand-over: what its tag says, the fix-up, the callback. On the thread of the
//! get, with no lock held.

use std::sync::Arc;

use crate::error::Error;
use crate::pool::ask::Ask;
use crate::pool::callback::{AtHand, CallbackSession, SessionCallback};
use crate::pool::clock::Nanos;
use crate::pool::core::{Access, Core, Phase};
use crate::pool::fixup::{Fixup, fixup_failed};
use crate::pool::place::{LoanKey, Place};
use crate::pool::release::Release;
use crate::pool::servers::has_own_fixup;
use crate::pool::slot::SlotState;
use crate::pool::tag::{Relation, Tag};
use crate::pool::tally::count;
use crate::pool::wish::Wish;

/// A session that is ready to be handed out.
pub(crate) struct ReadySession {
    /// The session has what was asked for.
    pub(crate) found: bool,
    pub(crate) tag: Option<Arc<Tag>>,
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
        Ok(Unready { core, place, loan, is_finished: false })
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
    /// Makes the session of `loan` what was asked for, as far as the pool has means to, and notes how it was found.
    pub(crate) fn make_ready(
        &self,
        loan: LoanKey,
        ask: &Ask,
        access: &Access,
        began: Nanos,
    ) -> Result<Readiness, Error> {
        let place = self.place(loan.index)?;
        let wish = ask.wish();
        let attaching = self.begin_with_server(loan, ask, access, began)?;
        let unready = match attaching {
            Attaching::Done(unready) => unready,
            Attaching::LookForAnother(error) => return Ok(Readiness::LookForAnother(error)),
        };
        let is_new = if ask.server.is_some() { self.is_new(loan) } else { place.slot.is_first_loan() };
        let tag = place.tag.lock().clone();
        let relation = wish.map_or(Relation::Untagged, |wish| wish.tag.relation(tag.as_deref()));
        let is_found = wish.is_some_and(|wish| wish.is_found(relation));
        let is_done_by_server = ask.server.is_some() && has_own_fixup(&mut place.tenant.lock());
        let fixup = wish.zip(access.fixup.as_ref()).filter(|_| !is_found && !is_done_by_server);
        let needs_callback = is_new || (fixup.is_none() && needs_callback(wish, relation));
        let callback = access.callback.as_ref().filter(|_| needs_callback);
        let mut ready = ReadySession { found: is_found || fixup.is_some(), tag };
        if fixup.is_some() || callback.is_some() || unready.is_some() {
            let unready = unready.map_or_else(|| Unready::begin(self, loan), Ok)?;
            if let Some((wish, fixup)) = fixup {
                let actual = ready.tag.as_deref();
                match self.fix_up(loan, fixup, &wish.tag, actual) {
                    Ok(()) => self.set_tag(loan, Some(wish.tag_after_fixup(actual)))?,
                    Err(error) if self.is_closed() => return Err(error),
                    Err(error) if error.is_session_dead() && !is_new => {
                        return Ok(Readiness::LookForAnother(fixup_failed(error)));
                    }
                    Err(error) => return Err(fixup_failed(error)),
                }
            }
            if let Some(callback) = callback {
                let wanted = wish.map(|wish| wish.tag.as_ref());
                let result = self.call_back(loan, callback.as_ref(), wanted);
                // Whatever it met in a pool that was closed under it: that is the news.
                result.map_err(|error| if self.is_closed() { Error::closed() } else { error })?;
            }
            unready.finish()?;
            ready.tag = place.tag.lock().clone();
        }
        self.count_get(relation, is_new);
        Ok(Readiness::Ready(ready))
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
