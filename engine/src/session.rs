//! Sessions: calls, transactions and statements.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::call::{self, Control};
use crate::cursor::Statement;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::instance::Inner;
use crate::plan::Plan;
use crate::shared::SessionShared;
use crate::write_lock::LockWait;

/// Translations that a session keeps.
const PLANS: usize = 64;
/// Statements longer than this are translated anew each time.
const LONGEST_CACHED: usize = 8192;

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

/// A session of an instance. It may move between threads; one at a time uses it. Dropping it logs off.
pub struct Session {
    /// Unique in the process, to tell a statement of another session.
    pub(crate) key: u64,
    pub(crate) shared: Arc<SessionShared>,
    pub(crate) transaction: Transaction,
    pub(crate) plsql: crate::plsql::State,
    timeout: Option<Duration>,
    plans: HashMap<Box<str>, Arc<Plan>>,
    /// Dropped last: the session keeps its instance alive.
    pub(crate) inner: Arc<Inner>,
}

/// The session's open transaction, as far as it knows itself.
#[derive(Default)]
pub(crate) struct Transaction {
    pub(crate) open: bool,
    /// Tells the session's transactions apart.
    pub(crate) number: u64,
    /// Savepoints in order: the name, and the number that SQLite's savepoint has as its name.
    pub(crate) savepoints: Vec<(String, u64)>,
    pub(crate) savepoints_made: u64,
}

/// Stops the running call of its session, from any thread.
#[derive(Clone)]
pub struct Interrupter {
    control: Arc<Control>,
}

impl Interrupter {
    /// Makes the running call fail with ORA-01013. With no call running it does nothing, and no later call feels it. Does not block.
    pub fn interrupt(&self) {
        self.control.interrupt();
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
    pub(crate) fn new(inner: Arc<Inner>, shared: Arc<SessionShared>) -> Self {
        Self {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            shared,
            transaction: Transaction::default(),
            plsql: crate::plsql::State::default(),
            timeout: None,
            plans: HashMap::new(),
            inner,
        }
    }

    /// The session's SID: unique among the live sessions of the instance, used again afterwards.
    #[must_use]
    pub fn sid(&self) -> u32 {
        self.shared.sid()
    }

    /// The session's serial#: never used again in the instance.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.shared.serial()
    }

    /// The user whose session it is, folded.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.shared.context.identity.user
    }

    /// The connection class of its log-on.
    #[must_use]
    pub fn connection_class(&self) -> Option<&str> {
        self.shared.context.identity.connection_class.as_deref()
    }

    /// Runs one statement without binds: the rows it changed, or for a query the rows it produced, which are discarded. Waits for another
    /// session's transaction if it writes.
    ///
    /// # Errors
    /// ORA-01008 if it has binds; ORA-01013, ORA-03136, ORA-30006, ORA-00028, ORA-01012 when stopped, timed out or killed; else the
    /// statement's own error.
    pub fn execute(&mut self, sql: &str) -> Result<u64> {
        self.call(None, |session| {
            let plan = session.plan(sql)?;
            if plan.binds > 0 {
                return Err(Error::new(1008, "not all variables bound"));
            }
            session.run(&plan, &[], &mut |_| Ok(()))
        })
    }

    /// Understands a statement; its column names and its binds are known from then on. Runs nothing, and takes no `call_delay`.
    ///
    /// # Errors
    /// The statement's own syntax and name errors; ORA-00028 or ORA-01012 for a killed session.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement> {
        self.short_call(|session| {
            let plan = session.plan(sql)?;
            Ok(Statement::new(session.key, sql, plan))
        })
    }

    /// Commits the transaction, if one is open.
    ///
    /// # Errors
    /// ORA-01013, ORA-03136, ORA-00028, ORA-01012 when stopped or killed before it began; ORA-01115 if the disk fails.
    pub fn commit(&mut self) -> Result<()> {
        self.call(None, Self::commit_transaction)
    }

    /// Rolls the transaction back, if one is open.
    ///
    /// # Errors
    /// As `commit`.
    pub fn rollback(&mut self) -> Result<()> {
        self.call(None, Self::rollback_transaction)
    }

    /// A call that does nothing but show that the session lives; it may take `limit` at most.
    ///
    /// # Errors
    /// ORA-03136 beyond `limit` or the call timeout; ORA-01013, ORA-00028, ORA-01012.
    pub fn ping(&mut self, limit: Option<Duration>) -> Result<()> {
        self.call(limit, |_| Ok(()))
    }

    /// Whether a transaction is open. Local: no call.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.transaction.open && !self.is_dead()
    }

    /// Whether the session was killed or disconnected. Local: no call.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.shared.control.is_killed()
    }

    /// Limits each later call, `call_delay` and waiting for locks included; `None`: no limit. A call beyond it fails with ORA-03136, and the
    /// session stays usable.
    pub fn set_call_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// A handle that stops this session's running call from another thread.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        Interrupter { control: Arc::clone(&self.shared.control) }
    }

    /// Logs off: rolls back and closes. Dropping the session does the same.
    pub fn log_off(self) {
        drop(self);
    }

    /// A call with the delay of the test knob.
    pub(crate) fn call<T>(
        &mut self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let delay = self.shared.context.identity.call_delay;
        self.guarded(limit, |session| {
            session.shared.control.pause(delay)?;
            body(session)
        })
    }

    /// A call that never left the client in Oracle, so that the delay does not count for it.
    pub(crate) fn short_call<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.guarded(None, body)
    }

    fn guarded<T>(
        &mut self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let limit = match (self.timeout, limit) {
            (Some(timeout), Some(limit)) => Some(timeout.min(limit)),
            (timeout, limit) => timeout.or(limit),
        };
        self.shared.control.begin(limit)?;
        let ending = EndOfCall { shared: Arc::clone(&self.shared), ended: false };
        *self.shared.context.statement_time.lock() = crate::datetime::now();
        let outcome = body(self);
        if ending.end() {
            self.transaction = Transaction::default();
            return Err(call::killed());
        }
        outcome
    }

    /// The translation of a statement, from the cache if it still holds.
    pub(crate) fn plan(&mut self, sql: &str) -> Result<Arc<Plan>> {
        if let Some(plan) = self.plans.get(sql)
            && self.is_current(plan)
        {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(crate::translate::plan(sql, &self.shared.context)?);
        let keep = sql.len() <= LONGEST_CACHED
            && !matches!(plan.action, crate::plan::Action::Command(_) | crate::plan::Action::Ddl(_));
        if keep {
            if self.plans.len() >= PLANS {
                self.plans.clear();
            }
            self.plans.insert(sql.into(), Arc::clone(&plan));
        }
        Ok(plan)
    }

    pub(crate) fn forget_plans(&mut self) {
        self.plans.clear();
    }

    /// Whether a translation still holds: the dictionary and the current schema are those that it was made for.
    pub(crate) fn is_current(&self, plan: &Plan) -> bool {
        let schema_is_same = *self.shared.context.schema() == *plan.schema;
        schema_is_same && plan.version == self.inner.catalogue().version
    }

    /// Takes the write lock, unless the session's transaction has it.
    pub(crate) fn lock(&mut self, wait: LockWait) -> Result<bool> {
        if self.transaction.open {
            return Ok(false);
        }
        self.plsql.check_may_write()?;
        let timeout = self.shared.context.identity.lock_timeout;
        self.inner.write_lock.acquire(&self.shared, wait, timeout)?;
        match self.sqlite("BEGIN IMMEDIATE") {
            Ok(()) => {
                self.transaction.open = true;
                self.plsql.transactions += 1;
                self.transaction.number = self.plsql.transactions;
                self.establish_early_savepoints()?;
                Ok(true)
            }
            Err(error) => {
                self.inner.write_lock.release(self.serial());
                Err(error)
            }
        }
    }

    /// Frees the write lock and forgets the transaction, after SQLite ended its own.
    pub(crate) fn end_transaction(&mut self) {
        self.transaction =
            Transaction { savepoints_made: self.transaction.savepoints_made, ..Transaction::default() };
        self.inner.write_lock.release(self.serial());
    }
}

/// Ends the call, whatever way it ends: also by a panic, after which the session is still consistent.
struct EndOfCall {
    shared: Arc<SessionShared>,
    ended: bool,
}

impl EndOfCall {
    /// True if the session was killed during the call; its transaction is then gone.
    fn end(mut self) -> bool {
        self.finish()
    }

    fn finish(&mut self) -> bool {
        self.ended = true;
        let killed = self.shared.control.end();
        if killed {
            self.shared.free_resources();
        }
        killed
    }
}

impl Drop for EndOfCall {
    fn drop(&mut self) {
        if !self.ended {
            self.finish();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.free_resources();
        self.inner.remove_session(self.sid());
    }
}

/// A row on its way out of a query.
pub(crate) type RowSink<'a> = &'a mut dyn FnMut(Vec<Datum>) -> Result<()>;
