//! Pooled servers (DRCP): when a session has one, whose state it has then, and when it is given back.
//!
//! Here a session of the pool is a line to the database's broker. Which line a get has does not matter; tag and state
//! belong to the session of the database that an attach comes upon. An attach happens in the get, if that wishes for
//! something, or else with the first call that needs a server. Every release gives the server back.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::{AttachWish, Attached, PooledSession, ServerPurity};
use crate::error::{Error, Kind};
use crate::pool::ask::{Ask, ServerAsk};
use crate::pool::clock::Nanos;
use crate::pool::core::{Access, Core};
use crate::pool::drcp::text_of;
use crate::pool::fixup::{FIXUP_FAILED, fixup_failed};
use crate::pool::place::{LoanKey, Place, Tenant};
use crate::pool::tag::Tag;
use crate::pool::tally::{add, count};
use crate::pool::wish::Wish;

/// Where a session is with its pooled server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrcpState {
    /// It has a server of its own.
    None,
    /// No server is attached.
    Detached,
    /// A call attached the server.
    Implicit,
    /// A get with wishes or an attach with a tag did.
    Explicit,
}

/// What a loan has to do with its session's pooled server.
#[derive(Default)]
pub(crate) struct ServerHold {
    /// How long a later attach may wait.
    limit: Option<Duration>,
    /// Of the loan's get, and of its later attaches.
    purity: ServerPurity,
    is_explicit: bool,
    pub(crate) is_multi_property: bool,
    /// The session of the database was built for the last attach.
    is_new: bool,
    /// The last attach came upon another session of the database than the one before.
    is_changed: bool,
    /// What of the session's own counts is in the statistics.
    attaches_counted: u64,
    changes_counted: u64,
}

impl ServerHold {
    /// Forgets the last loan.
    fn begin(&mut self, ask: &ServerAsk, limit: Option<Duration>) {
        let counted = (self.attaches_counted, self.changes_counted);
        let (purity, is_multi_property) = (ask.purity, ask.is_multi_property);
        *self = ServerHold { limit, purity, is_multi_property, ..ServerHold::default() };
        (self.attaches_counted, self.changes_counted) = counted;
    }
}

/// A tag as the database told it.
fn tag_of(text: Option<String>, is_multi_property: bool) -> Option<Arc<Tag>> {
    let text = text?;
    let as_properties = if is_multi_property { Tag::multi_property(text.as_bytes()).ok() } else { None };
    as_properties.flatten().or_else(|| Tag::single(text.as_bytes())).map(Arc::new)
}

/// The error where a session has a server of its own.
fn not_pooled() -> Error {
    Error::unsupported(
        "the session has a server of its own: there is nothing to attach or detach without DRCP (`:pooled` or \
         (SERVER=POOLED) in the connect string)",
    )
}

fn pooled(tenant: &mut Tenant) -> Result<&mut dyn PooledSession, Error> {
    tenant.session()?.pooled().ok_or_else(not_pooled)
}

fn is_attached(tenant: &mut Tenant) -> bool {
    pooled(tenant).is_ok_and(|session| session.is_attached())
}

/// Whether the database itself calls the fix-up procedure, in the attach: then what the attach told is what counts.
pub(crate) fn has_own_fixup(tenant: &mut Tenant) -> bool {
    pooled(tenant).is_ok_and(|session| session.has_own_fixup())
}

/// Whether the session is a line without a server.
pub(crate) fn is_without_server(tenant: &mut Tenant) -> bool {
    pooled(tenant).is_ok_and(|session| !session.is_attached())
}

/// A tag says something of a session of the database: an error without one.
pub(crate) fn check_has_server(tenant: &mut Tenant) -> Result<(), Error> {
    if !is_without_server(tenant) {
        return Ok(());
    }
    Err(Error::invalid_argument(
        "no pooled server is attached whose session could have the tag: the first call attaches one, and so does \
         orapool_session_attach with a tag",
    ))
}

impl Place {
    /// Whether the line of an idle session is up, as far as is known here: a ping would take a server.
    pub(crate) fn is_line_up(&self) -> bool {
        self.tenant.lock().session().is_ok_and(|session| !session.is_dead())
    }
}

impl Tenant {
    /// Gives the pooled server back, if there is one; its session has `tag` then.
    pub(crate) fn give_server_back(&mut self, tag: Option<&Tag>) -> Result<(), Error> {
        match self.session()?.pooled() {
            Some(session) if session.is_attached() => session.detach(tag.map(text_of).transpose()?),
            _ => Ok(()),
        }
    }
}

impl Core {
    /// Whether its sessions are lines to a broker.
    pub(crate) fn is_pooled(&self) -> bool {
        self.drcp.is_some()
    }

    /// Whether the session of the loan can have that tag. For a loan that is over it is not looked at.
    pub(crate) fn check_tag(&self, loan: LoanKey, tag: Option<&Tag>) -> Result<(), Error> {
        let Some((drcp, tag)) = self.drcp.as_ref().zip(tag) else { return Ok(()) };
        drcp.check_tag(tag)?;
        let tenant = self.check_loan(loan).ok().and_then(|place| place.tenant.try_lock());
        // Locked, it is in a call of another thread: then this call is turned away in any case.
        let Some(mut tenant) = tenant else { return Ok(()) };
        pooled(&mut tenant)?.check_tag(text_of(tag)?)
    }

    /// Begins the loan of a line: attaches a server if the get wishes for something that only one can have. True: it did.
    pub(crate) fn begin_server_loan(
        &self,
        loan: LoanKey,
        ask: &Ask,
        access: &Access,
        began: Nanos,
    ) -> Result<bool, Error> {
        let Some(server) = &ask.server else { return Ok(false) };
        let place = self.place(loan.index)?;
        *place.return_tag.lock() = None;
        let limit = ask.limit().filter(|limit| !limit.is_zero());
        place.tenant.lock().server.begin(server, limit);
        let is_wanted =
            server.wish.is_some() || server.purity == ServerPurity::New || access.callback.is_some();
        if !is_wanted {
            return Ok(false);
        }
        let tag = server.wish.as_ref().map(|wish| text_of(&wish.tag)).transpose()?;
        let wish = AttachWish {
            tag,
            is_multi_property: server.is_multi_property,
            match_any: server.wish.as_ref().is_some_and(|wish| wish.match_any),
            purity: server.purity,
            fixup: access.fixup.as_ref().filter(|_| tag.is_some()).map(|fixup| fixup.name()),
            limit: self.time_left(ask, began),
        };
        let result = self.call_line(loan, |tenant| self.attach_server(place, tenant, &wish, true));
        result.inspect_err(|error| {
            if error.kind() == Kind::Timeout {
                count(&self.tally.timeouts);
                self.note_timeout(false, error);
            }
        })?;
        Ok(true)
    }

    /// What is left of a get's time; zero for one that waits for nobody.
    fn time_left(&self, ask: &Ask, began: Nanos) -> Option<Duration> {
        if !ask.waits_for_loans() {
            return Some(Duration::ZERO);
        }
        ask.deadline(began).map(|deadline| Duration::from_nanos(deadline.saturating_sub(self.clock.now())))
    }

    /// Sees to it that the session has a server, for a call that needs one.
    pub(crate) fn hold_server(&self, place: &Place, tenant: &mut Tenant) -> Result<(), Error> {
        if !self.is_pooled() || is_attached(tenant) {
            return Ok(());
        }
        let ServerHold { limit, purity, .. } = tenant.server;
        self.attach_server(place, tenant, &AttachWish { limit, purity, ..AttachWish::default() }, false)
    }

    fn attach_server(
        &self,
        place: &Place,
        tenant: &mut Tenant,
        wish: &AttachWish<'_>,
        is_explicit: bool,
    ) -> Result<(), Error> {
        let attached = pooled(tenant)?.attach(wish).inspect_err(|error| {
            if error.code() == FIXUP_FAILED {
                // The database called it; of those that went well it tells nothing.
                count(&self.tally.fixups);
                self.note_fixup_failed(place.index, None, error);
            }
        });
        let Attached { tag, is_new } = attached.map_err(no_server_in_time)?;
        let tag = tag_of(tag, tenant.server.is_multi_property);
        place.return_tag.lock().clone_from(&tag);
        *place.tag.lock() = tag;
        tenant.server.is_explicit = is_explicit;
        tenant.server.is_new = is_new;
        self.note_attaches(tenant);
        Ok(())
    }

    /// Brings the statistics in line with what the session has counted: the database may have attached by itself.
    pub(crate) fn note_attaches(&self, tenant: &mut Tenant) {
        if !self.is_pooled() {
            return;
        }
        let Ok(session) = pooled(tenant) else { return };
        let (attaches, changes) = (session.attaches(), session.session_changes());
        let hold = &mut tenant.server;
        if attaches != hold.attaches_counted {
            hold.is_changed = changes != hold.changes_counted;
            add(&self.tally.drcp_attaches, attaches - hold.attaches_counted);
            add(&self.tally.drcp_session_changes, changes - hold.changes_counted);
            (hold.attaches_counted, hold.changes_counted) = (attaches, changes);
        }
    }

    /// Attaches a server whose session has `tag`, at once; without a tag the next call that needs a server attaches one.
    /// True: the session has the tag.
    pub(crate) fn attach(&self, loan: LoanKey, tag: Option<&Arc<Tag>>) -> Result<bool, Error> {
        let place = self.place(loan.index)?;
        let access = self.access()?;
        let Some(tag) = tag else { return self.call_line(loan, |tenant| pooled(tenant).map(|_| false)) };
        if !self.is_pooled() {
            return Err(not_pooled());
        }
        self.check_tag(loan, Some(tag))?;
        let wish = Wish::new(tag, false, access.tag_policy);
        let is_found = |place: &Place| wish.is_found(wish.tag.relation(place.tag.lock().as_deref()));
        let fixup = access.fixup.as_ref();
        self.call_line(loan, |tenant| {
            if is_attached(tenant) {
                return accept_attached(tenant, is_found(place));
            }
            let attach = AttachWish {
                tag: Some(text_of(tag)?),
                is_multi_property: tenant.server.is_multi_property,
                fixup: fixup.map(|fixup| fixup.name()),
                purity: tenant.server.purity,
                limit: tenant.server.limit,
                ..AttachWish::default()
            };
            self.attach_server(place, tenant, &attach, true)?;
            let is_left_to_us = !is_found(place) && !has_own_fixup(tenant);
            let Some(fixup) = fixup.filter(|_| is_left_to_us) else { return Ok(is_found(place)) };
            let actual = place.tag.lock().clone();
            count(&self.tally.fixups);
            match fixup.run(tenant.session()?.as_mut(), &wish.tag, actual.as_deref()) {
                Ok(()) => *place.tag.lock() = Some(wish.tag_after_fixup(actual.as_deref())),
                Err(error) => {
                    self.note_fixup_failed(place.index, Some(&wish.tag), &error);
                    pooled(tenant)?.purge();
                    *place.tag.lock() = None;
                    return Err(fixup_failed(error));
                }
            }
            Ok(true)
        })
    }

    /// Gives the server back while the loan goes on; its session has `tag` then, or the one it had.
    pub(crate) fn detach(&self, loan: LoanKey, tag: Option<Arc<Tag>>) -> Result<(), Error> {
        let place = self.place(loan.index)?;
        if !self.is_pooled() {
            return Err(not_pooled());
        }
        self.check_tag(loan, tag.as_deref())?;
        self.call_line(loan, |tenant| {
            if !is_attached(tenant) {
                return match tag {
                    None => Ok(()),
                    Some(_) => {
                        Err(Error::invalid_argument("no server is attached whose session could have the tag"))
                    }
                };
            }
            if tenant.session()?.in_transaction() {
                return Err(still_open("a transaction is open: commit it or roll it back"));
            }
            if tenant.has_open_statement() {
                return Err(still_open(
                    "a query has rows that were not fetched: fetch them or free the statement",
                ));
            }
            let tag = tag.or_else(|| place.tag.lock().clone());
            tenant.give_server_back(tag.as_deref())?;
            *place.tag.lock() = None;
            tenant.server.is_explicit = false;
            Ok(())
        })
    }

    /// Where the loan's session is with its server.
    pub(crate) fn drcp_state(&self, loan: LoanKey) -> Result<DrcpState, Error> {
        if !self.is_pooled() {
            return self.check_loan(loan).map(|_| DrcpState::None);
        }
        self.call_line(loan, |tenant| {
            Ok(match (is_attached(tenant), tenant.server.is_explicit) {
                (false, _) => DrcpState::Detached,
                (true, false) => DrcpState::Implicit,
                (true, true) => DrcpState::Explicit,
            })
        })
    }

    /// Whether the session's tags, as attach and detach take them, are lists of properties.
    pub(crate) fn is_multitag(&self, loan: LoanKey) -> Result<bool, Error> {
        Ok(self.is_pooled() && self.call_line(loan, |tenant| Ok(tenant.server.is_multi_property))?)
    }

    /// The tag that the last attach of the loan came upon.
    pub(crate) fn return_tag(&self, loan: LoanKey) -> Result<Option<Arc<Tag>>, Error> {
        Ok(self.check_loan(loan)?.return_tag.lock().clone())
    }

    /// Whether the last attach came upon another session than the one before: what was cached of it is void.
    pub(crate) fn is_session_changed(&self, loan: LoanKey) -> Result<bool, Error> {
        Ok(self.is_pooled() && self.call_line(loan, |tenant| Ok(tenant.server.is_changed))?)
    }

    /// Whether the session of the database is as fresh as after a log-on.
    pub(crate) fn is_server_new(&self, loan: LoanKey) -> Result<bool, Error> {
        self.call_line(loan, |tenant| Ok(tenant.server.is_new && is_attached(tenant)))
    }
}

/// An attach finds a server attached: it serves if its session has the tag.
fn accept_attached(tenant: &mut Tenant, is_found: bool) -> Result<bool, Error> {
    if !is_found {
        return Err(Error::invalid_argument(
            "a server is attached already, and its session has another tag: detach it first",
        ));
    }
    tenant.server.is_explicit = true;
    Ok(true)
}

fn still_open(what: &str) -> Error {
    Error::invalid_argument(format!("the server can not be given back: {what}"))
}

/// ORA-03136 of an attach says that all servers were busy for too long.
fn no_server_in_time(error: Error) -> Error {
    if error.code() != 3136 {
        return error;
    }
    let text = "ORA-24457: the database had no pooled server free in time; more servers (MAXSIZE of its pool), shorter \
                loans, or a longer wait would help";
    Error::new(Kind::Timeout, 24457, text).caused_by(error)
}
