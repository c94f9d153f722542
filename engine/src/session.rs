//! Sessions as clients have them: calls, transactions and statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::attach::Line;
use crate::call::Control;
use crate::cursor::Statement;
use crate::error::{Error, Result};
use crate::instance::Inner;
use crate::server_session::ServerSession;
use crate::shared::Client;

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

/// A client's connection to an instance, dedicated or pooled. It may move between threads; one at a time uses it. Dropping it logs off.
///
/// A dedicated one has its server session for good. A pooled one ([`crate::LogOn::pooled`]) has one from an attach to a detach; each call
/// that needs a server attaches by itself, and may wait for one. Then `ALTER SESSION` settings, package state and SID belong to the server
/// session, which the next client of the same user and class finds as it was left.
pub struct Session {
    /// Unique in the process, to tell a statement of another session.
    pub(crate) key: u64,
    pub(crate) client: Arc<Client>,
    pub(crate) user: String,
    class: Option<String>,
    /// What stops the running call. A dedicated session's own; a pooled connection has one beside those of its server sessions.
    pub(crate) control: Arc<Control>,
    pub(crate) server: Option<Box<ServerSession>>,
    /// A pooled connection's place in the broker.
    pub(crate) line: Option<Box<Line>>,
    /// Queries with rows that were not fetched yet.
    pub(crate) cursors: Arc<AtomicU32>,
    timeout: Option<Duration>,
    /// Dropped last: the session keeps its instance alive.
    pub(crate) inner: Arc<Inner>,
}

/// Stops the running call of its session, from any thread.
#[derive(Clone)]
pub struct Interrupter {
    pub(crate) control: Arc<Control>,
    pub(crate) mapped: Option<crate::attach::Mapped>,
}

impl Interrupter {
    /// Makes the running call fail with ORA-01013, also while it waits for a pooled server. With no call running it does nothing, and no
    /// later call feels it. Does not block.
    pub fn interrupt(&self) {
        match &self.mapped {
            None => self.control.interrupt(),
            Some(mapped) => mapped.interrupt(&self.control),
        }
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interrupter").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("sid", &self.sid())
            .field("serial", &self.serial())
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn dedicated(server: ServerSession, class: Option<String>) -> Self {
        Self {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            client: server.shared.context.client(),
            user: server.shared.context.identity.user.clone(),
            class,
            control: Arc::clone(&server.shared.control),
            inner: Arc::clone(&server.inner),
            server: Some(Box::new(server)),
            line: None,
            cursors: Arc::default(),
            timeout: None,
        }
    }

    pub(crate) fn pooled(inner: Arc<Inner>, line: Line, class: Option<String>) -> Self {
        Self {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            client: Arc::clone(&line.facts.client),
            user: line.facts.user.clone(),
            class,
            control: Arc::clone(&line.facts.control),
            server: None,
            line: Some(Box::new(line)),
            cursors: Arc::default(),
            timeout: None,
            inner,
        }
    }

    /// The session's SID: unique among the live sessions of the instance, used again afterwards. That of the mapped server session over a
    /// broker, and 0 while detached.
    #[must_use]
    pub fn sid(&self) -> u32 {
        self.server.as_ref().map_or(0, |server| server.shared.sid())
    }

    /// The session's serial#: never used again in the instance. That of the mapped server session over a broker, and 0 while detached.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.server.as_ref().map_or(0, |server| server.serial())
    }

    /// The user whose session it is, folded.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The connection class of its log-on.
    #[must_use]
    pub fn connection_class(&self) -> Option<&str> {
        self.class.as_deref()
    }

    /// Runs one statement without binds: the rows it changed, or for a query the rows it produced, which are discarded. Waits for another
    /// session's transaction if it writes.
    ///
    /// # Errors
    /// ORA-01008 if it has binds; ORA-01013, ORA-03136, ORA-30006, ORA-00028, ORA-01012 when stopped, timed out or killed; over a broker
    /// also ORA-03113, ORA-03114 and ORA-12520; else the statement's own error.
    pub fn execute(&mut self, sql: &str) -> Result<u64> {
        self.call(None, |session| {
            let plan = session.plan(sql)?;
            if plan.binds > 0 {
                return Err(Error::new(1008, "not all variables bound"));
            }
            session.run(&plan, &[], &mut |_| Ok(()))
        })
    }

    /// Understands a statement; its column names and its binds are known from then on. Runs nothing, and takes no `call_delay`. A detached
    /// connection stays so, unless the statement's names are known to a server session alone.
    ///
    /// # Errors
    /// The statement's own syntax and name errors; ORA-00028 or ORA-01012 for a killed session.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement> {
        if let Some(plan) = self.plan_without_server(sql)? {
            return Ok(Statement::new(self, sql, plan, None));
        }
        let plan_on_server = |server: &mut ServerSession| Ok((server.plan(sql)?, server.serial()));
        let (plan, serial) = self.guarded(None, Duration::ZERO, plan_on_server)?;
        Ok(Statement::new(self, sql, plan, Some(serial)))
    }

    /// Commits the transaction, if one is open.
    ///
    /// # Errors
    /// ORA-01013, ORA-03136, ORA-00028, ORA-01012 when stopped or killed before it began; ORA-01115 if the disk fails.
    pub fn commit(&mut self) -> Result<()> {
        self.call_if_attached(None, ServerSession::commit)
    }

    /// Rolls the transaction back, if one is open.
    ///
    /// # Errors
    /// As `commit`.
    pub fn rollback(&mut self) -> Result<()> {
        self.call_if_attached(None, ServerSession::rollback)
    }

    /// A call that does nothing but show that the session lives; it may take `limit` at most. It attaches no pooled server.
    ///
    /// # Errors
    /// ORA-03136 beyond `limit` or the call timeout; ORA-01013, ORA-00028, ORA-01012.
    pub fn ping(&mut self, limit: Option<Duration>) -> Result<()> {
        self.call_if_attached(limit, |_| Ok(()))
    }

    /// Whether a transaction is open. Local: no call.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.server.as_ref().is_some_and(|server| server.transaction.open) && !self.is_dead()
    }

    /// Whether the session was killed or disconnected. Local: no call.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.control.is_ended()
    }

    /// Limits each later call, `call_delay` and waiting for locks and pooled servers included; `None`: no limit. A call beyond it fails
    /// with ORA-03136, and the session stays usable.
    pub fn set_call_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// A handle that stops this session's running call from another thread.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        let mapped = self.line.as_ref().map(|line| line.facts.mapped.clone());
        Interrupter { control: Arc::clone(&self.control), mapped }
    }

    /// Logs off: rolls back and closes. Dropping the session does the same.
    pub fn log_off(self) {
        drop(self);
    }

    /// A call with the delay of the test knob.
    pub(crate) fn call<T>(
        &mut self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut ServerSession) -> Result<T>,
    ) -> Result<T> {
        self.guarded(limit, self.client.call_delay, body)
    }

    /// A call that a connection without a server has no need of one for.
    pub(crate) fn call_if_attached(
        &mut self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut ServerSession) -> Result<()>,
    ) -> Result<()> {
        if self.is_attached() {
            return self.call(limit, body);
        }
        let deadline = self.deadline(limit);
        let _call = self.begin_line_call(deadline)?;
        self.control.pause(self.client.call_delay)
    }

    /// A call without the delay, which does not count for what never leaves the client in Oracle.
    pub(crate) fn guarded<T>(
        &mut self,
        limit: Option<Duration>,
        delay: Duration,
        body: impl FnOnce(&mut ServerSession) -> Result<T>,
    ) -> Result<T> {
        let deadline = self.deadline(limit);
        if self.line.is_some() {
            return self.pooled_call(deadline, delay, body);
        }
        match &mut self.server {
            Some(server) => server.call(deadline, delay, || Ok(()), body),
            None => Err(Error::new(1012, "not logged on")),
        }
    }

    /// When a call that begins now has to end.
    pub(crate) fn deadline(&self, limit: Option<Duration>) -> Option<Instant> {
        let limit = match (self.timeout, limit) {
            (Some(timeout), Some(limit)) => Some(timeout.min(limit)),
            (timeout, limit) => timeout.or(limit),
        };
        limit.and_then(|limit| Instant::now().checked_add(limit))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave_broker();
    }
}
