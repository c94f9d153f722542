//! Pooled connections: attaching to a server session, detaching from it, and calls in between.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::broker::{LineFacts, Wish};
use crate::call::Control;
use crate::error::{Error, Result};
use crate::log_on::{Boundary, Purity};
use crate::nls::Environment;
use crate::plan::Plan;
use crate::server_session::ServerSession;
use crate::session::Session;
use crate::shared::{Identity, SessionContext};

/// What a connection wants of the server session it attaches to. The default: any session of its user and class without a tag.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttachWish<'a> {
    /// The tag that the session should have. Without one, only sessions without a tag fit.
    pub tag: Option<&'a str>,
    /// The tag is a list of properties, `name=value;name=value`, the most important first: their order does not matter to what has them all.
    pub multiproperty: bool,
    /// A session with another tag will do, if none has this one and none is without.
    pub match_any: bool,
    /// For this attach alone; `None`: the connection's own.
    pub purity: Option<Purity>,
    /// How long to wait for a server at most, beside the call timeout; `None`: as long as that allows.
    pub limit: Option<Duration>,
}

/// What an attach gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// The session has the tag that was wanted.
    pub found: bool,
    /// The session's tag.
    pub tag: Option<String>,
    /// The session was built for this attach: a miss.
    pub is_new: bool,
    /// The session is not the one that this connection had the time before.
    pub changed: bool,
}

/// The running call's control of the server session that a connection has now.
#[derive(Clone, Default)]
pub(crate) struct Mapped(Arc<Mutex<Option<Arc<Control>>>>);

impl Mapped {
    /// Stops the connection's running call. The lock keeps the session from being another connection's meanwhile, and a later call of this
    /// connection from being stopped as well.
    pub(crate) fn interrupt(&self, line: &Control) {
        let session = self.0.lock();
        line.interrupt();
        if let Some(session) = &*session {
            session.interrupt();
        }
    }

    fn begin_call(&self, line: &Control, deadline: Option<Instant>) -> Result<()> {
        let _no_break = self.0.lock();
        line.begin(deadline)
    }

    fn set(&self, control: Option<Arc<Control>>) {
        *self.0.lock() = control;
    }
}

/// A pooled connection's side of the broker.
pub(crate) struct Line {
    pub(crate) facts: Arc<LineFacts>,
    boundary: Option<Boundary>,
    /// The serial# of the session it had last.
    last: Option<u32>,
    changes: u64,
    attaches: u64,
    last_is_new: bool,
}

impl Line {
    pub(crate) fn new(facts: Arc<LineFacts>, boundary: Option<Boundary>) -> Self {
        Self { facts, boundary, last: None, changes: 0, attaches: 0, last_is_new: false }
    }
}

/// A call of the connection itself; it ends when this is dropped.
pub(crate) struct LineCall(Arc<Control>);

impl Drop for LineCall {
    fn drop(&mut self) {
        self.0.end(false);
    }
}

impl Session {
    /// Whether it came through the broker, so that its server session is pooled.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.line.is_some()
    }

    /// Whether it has a server session now; always for a dedicated one, and no more for a pooled one that is dead. Local: no call.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.server.is_some() && (self.line.is_none() || !self.is_dead())
    }

    /// Maps a pooled server now. Waits in the broker's queue while all are busy, in the order of coming. When it is attached already, it
    /// stays with the session that it has; a dedicated one has its own for good.
    ///
    /// # Errors
    /// ORA-03136 beyond the limit or the call timeout; ORA-12520 if the pool is stopped; ORA-01013, ORA-00028, ORA-03113 and after these
    /// ORA-01012 and ORA-03114.
    pub fn attach(&mut self, wish: &AttachWish<'_>) -> Result<Attached> {
        let Some(line) = &self.line else { return Ok(Attached::default()) };
        let wanted = Wish {
            new: wish.purity.unwrap_or(line.facts.purity) == Purity::New,
            tag: wish.tag.map(str::to_owned),
            multiproperty: wish.multiproperty,
            match_any: wish.match_any,
        };
        let deadline = self.deadline(wish.limit);
        let _call = self.begin_line_call(deadline)?;
        if self.is_attached() {
            let tag = self.server_tag();
            let found = tag.is_some() && tag.as_deref() == wish.tag;
            return Ok(Attached { found, tag, ..Attached::default() });
        }
        self.map(wanted)
    }

    /// Gives the server back, with its session as it is, and its tag. Nothing while detached or dedicated. Local: no call, and no wait.
    ///
    /// # Errors
    /// ORA-56601 if a transaction is open; nothing is given back then.
    pub fn detach(&mut self) -> Result<()> {
        if self.is_pooled() && self.in_transaction() {
            return Err(Error::new(
                56601,
                "DRCP: illegal transition: the transaction must end before its server is given back",
            ));
        }
        self.give_back();
        Ok(())
    }

    /// Ends the server's session for good, rolling back, and gives back the server without it. Nothing while detached or dedicated.
    pub fn purge(&mut self) {
        if let Some((line, server)) = self.unmap() {
            drop(server);
            self.inner.broker.give_back(&line, None, true);
        }
    }

    /// The tag of the server session; `None` while detached.
    #[must_use]
    pub fn server_tag(&self) -> Option<String> {
        self.server.as_ref()?.shared.tag.lock().clone()
    }

    /// Sets the tag of the server session, for who attaches to it next. Nothing while detached or dedicated. Local: no call.
    pub fn set_server_tag(&mut self, tag: Option<&str>) {
        if let (Some(server), Some(_)) = (&self.server, &self.line) {
            *server.shared.tag.lock() = tag.filter(|tag| !tag.is_empty()).map(str::to_owned);
        }
    }

    /// How often this connection has been mapped to a server session other than the one it had the time before. The first is no change.
    #[must_use]
    pub fn session_changes(&self) -> u64 {
        self.line.as_ref().map_or(0, |line| line.changes)
    }

    /// How often a pooled server was mapped to this connection so far, by itself or by `attach`.
    #[must_use]
    pub fn attaches(&self) -> u64 {
        self.line.as_ref().map_or(0, |line| line.attaches)
    }

    /// Whether the session that was mapped last was built for that: a miss.
    #[must_use]
    pub fn last_attach_is_new(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.last_is_new)
    }

    /// Starts a call of the connection, before it is known whether it needs a server.
    pub(crate) fn begin_line_call(&self, deadline: Option<Instant>) -> Result<LineCall> {
        match &self.line {
            None => self.control.begin(deadline)?,
            Some(line) => {
                // Nobody may have looked at the time since the last call.
                if let Some(server) = &self.server {
                    self.inner.broker.end_if_silent(&line.facts, &server.shared.control);
                }
                line.facts.mapped.begin_call(&self.control, deadline)?;
            }
        }
        Ok(LineCall(Arc::clone(&self.control)))
    }

    /// What a statement means to a session of this user that nothing was changed in: enough to describe it. `None` while attached, and
    /// where only a server session can tell.
    pub(crate) fn plan_without_server(&self, sql: &str) -> Result<Option<Arc<Plan>>> {
        let Some(line) = self.line.as_ref().filter(|_| !self.is_attached()) else { return Ok(None) };
        let _call = self.begin_line_call(self.deadline(None))?;
        let identity = Identity::detached(&self.user);
        let environment = Environment::new(&self.user, &line.facts.edition);
        let instance = Arc::downgrade(&self.inner);
        let context = SessionContext::new(identity, Arc::clone(&self.client), environment, instance);
        Ok(crate::translate::plan(sql, &context).ok().map(Arc::new))
    }

    /// Runs a call on the server session, attaching to one first if there is none.
    pub(crate) fn pooled_call<T>(
        &mut self,
        deadline: Option<Instant>,
        delay: Duration,
        body: impl FnOnce(&mut ServerSession) -> Result<T>,
    ) -> Result<T> {
        let _call = self.begin_line_call(deadline)?;
        if !self.is_attached() {
            self.map_by_itself()?;
        }
        let control = Arc::clone(&self.control);
        let server = self.server.as_mut().ok_or_else(|| Error::new(1012, "not logged on"))?;
        let ended_before = server.transactions_ended;
        let outcome = server.call(deadline, delay, || control.check(), body);
        let transaction_ended = server.transactions_ended != ended_before;
        self.after_call(transaction_ended);
        outcome
    }

    fn map_by_itself(&mut self) -> Result<Attached> {
        let new = self.line.as_ref().is_some_and(|line| line.facts.purity == Purity::New);
        self.map(Wish { new, tag: None, multiproperty: false, match_any: false })
    }

    fn map(&mut self, wish: Wish) -> Result<Attached> {
        let line = self.line.as_mut().ok_or_else(|| Error::new(1012, "not logged on"))?;
        let grant = self.inner.broker.attach(&line.facts, wish)?;
        let is_new = grant.kept.is_none();
        let server = match grant.kept {
            Some(kept) => ServerSession::wake(kept, Arc::clone(&self.inner)),
            None => self.inner.pooled_session(&line.facts),
        };
        server.shared.context.set_client(Arc::clone(&line.facts.client));
        self.inner.broker.mapped(&line.facts, &server.shared);
        line.facts.mapped.set(Some(Arc::clone(&server.shared.control)));
        let changed = line.last.replace(server.serial()).is_some_and(|last| last != server.serial());
        line.changes += u64::from(changed);
        line.attaches += 1;
        line.last_is_new = is_new;
        let tag = server.shared.tag.lock().clone();
        self.server = Some(Box::new(server));
        Ok(Attached { found: grant.found, tag, is_new, changed })
    }

    /// Lets go of a session that was ended during the call, and of the server at a boundary.
    fn after_call(&mut self, transaction_ended: bool) {
        let Some(server) = &self.server else { return };
        if let Some(ending) = server.shared.control.ending() {
            self.control.finish(ending);
            self.give_back();
            return;
        }
        let reached = match self.line.as_ref().and_then(|line| line.boundary) {
            None => false,
            Some(Boundary::Statement) => self.cursors.load(Ordering::Relaxed) == 0,
            Some(Boundary::Transaction) => transaction_ended,
        };
        if reached && !server.transaction.open {
            self.give_back();
        }
    }

    /// Takes the server session out of a pooled connection; from then on a break can not reach it.
    fn unmap(&mut self) -> Option<(Arc<LineFacts>, Box<ServerSession>)> {
        let facts = Arc::clone(&self.line.as_ref()?.facts);
        let server = self.server.take()?;
        facts.mapped.set(None);
        Some((facts, server))
    }

    fn give_back(&mut self) {
        let Some((line, server)) = self.unmap() else { return };
        let kept = if server.shared.control.is_ended() { None } else { Some(server.keep()) };
        self.inner.broker.give_back(&line, kept, false);
    }

    /// Rolls back and gives the server back for good, as the client goes.
    pub(crate) fn leave_broker(&mut self) {
        let Some(facts) = self.line.as_ref().map(|line| Arc::clone(&line.facts)) else { return };
        if let Some(server) = &mut self.server
            && server.transaction.open
        {
            let rolled_back =
                server.call(None, Duration::ZERO, || Ok(()), ServerSession::rollback_transaction);
            if rolled_back.is_err() {
                self.purge();
            }
        }
        self.give_back();
        self.inner.broker.leave(&facts);
    }
}
