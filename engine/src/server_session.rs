//! Server sessions: what a database keeps for one session, whether a client holds it for good or a pooled server lends it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::Ending;
use crate::datum::Datum;
use crate::error::Result;
use crate::instance::Inner;
use crate::plan::Plan;
use crate::shared::SessionShared;
use crate::write_lock::LockWait;

/// Translations that a session keeps.
const PLANS: usize = 64;
/// Statements longer than this are translated anew each time.
const LONGEST_CACHED: usize = 8192;

/// A session while a client's connection has it.
pub(crate) struct ServerSession {
    pub(crate) shared: Arc<SessionShared>,
    pub(crate) transaction: Transaction,
    pub(crate) plsql: crate::plsql::State,
    /// Commits and rollbacks that the client asked for, to tell when one came.
    pub(crate) transactions_ended: u64,
    plans: HashMap<Box<str>, Arc<Plan>>,
    registration: Registration,
    /// Dropped last: the session keeps its instance alive.
    pub(crate) inner: Arc<Inner>,
}

/// A session that waits in a pooled server for the next client, as the last one left it. It does not keep its instance alive.
pub(crate) struct Kept {
    pub(crate) shared: Arc<SessionShared>,
    savepoints_made: u64,
    plsql: crate::plsql::State,
    plans: HashMap<Box<str>, Arc<Plan>>,
    registration: Registration,
}

/// The session's place in its instance; dropping it logs the session off.
struct Registration(Arc<SessionShared>);

impl Drop for Registration {
    fn drop(&mut self) {
        self.0.log_off();
    }
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

/// A row on its way out of a query.
pub(crate) type RowSink<'a> = &'a mut dyn FnMut(Vec<Datum>) -> Result<()>;

impl ServerSession {
    /// A new session; `shared` is in the instance's list already.
    pub(crate) fn new(inner: Arc<Inner>, shared: Arc<SessionShared>) -> Self {
        Self {
            transaction: Transaction::default(),
            plsql: crate::plsql::State::default(),
            transactions_ended: 0,
            plans: HashMap::new(),
            registration: Registration(Arc::clone(&shared)),
            shared,
            inner,
        }
    }

    /// Puts a session to sleep that has no open transaction.
    pub(crate) fn keep(self) -> Kept {
        Kept {
            shared: self.shared,
            savepoints_made: self.transaction.savepoints_made,
            plsql: self.plsql,
            plans: self.plans,
            registration: self.registration,
        }
    }

    pub(crate) fn wake(kept: Kept, inner: Arc<Inner>) -> Self {
        Self {
            shared: kept.shared,
            transaction: Transaction { savepoints_made: kept.savepoints_made, ..Transaction::default() },
            plsql: kept.plsql,
            transactions_ended: 0,
            plans: kept.plans,
            registration: kept.registration,
            inner,
        }
    }

    pub(crate) fn serial(&self) -> u32 {
        self.shared.serial()
    }

    /// Runs `body` as a call that ends at `deadline` at the latest and takes at least `delay`. `may_go_on` is asked once the call can be
    /// stopped: what came just before it is not lost.
    pub(crate) fn call<T>(
        &mut self,
        deadline: Option<Instant>,
        delay: Duration,
        may_go_on: impl FnOnce() -> Result<()>,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.shared.control.begin(deadline)?;
        let ending = EndOfCall { shared: Arc::clone(&self.shared), in_transaction: true, ended: false };
        *self.shared.context.statement_time.lock() = crate::datetime::now();
        let outcome = may_go_on().and_then(|()| self.shared.control.pause(delay)).and_then(|()| body(self));
        if let Some(ended) = ending.end(self.transaction.open) {
            self.transaction = Transaction::default();
            return Err(ended.error());
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
        let timeout = self.shared.context.client().lock_timeout;
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
    /// For the think time; after a panic, the longer guess is wrong more cheaply.
    in_transaction: bool,
    ended: bool,
}

impl EndOfCall {
    /// How the session was ended during the call, if it was; its transaction is then gone.
    fn end(mut self, in_transaction: bool) -> Option<Ending> {
        self.in_transaction = in_transaction;
        self.finish()
    }

    fn finish(&mut self) -> Option<Ending> {
        self.ended = true;
        let ending = self.shared.control.end(self.in_transaction);
        if ending.is_some() {
            self.shared.free_resources();
        }
        ending
    }
}

impl Drop for EndOfCall {
    fn drop(&mut self) {
        if !self.ended {
            self.finish();
        }
    }
}
