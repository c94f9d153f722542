//! The driver for the embedded engine: the same traits, a database inside the process.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use orapool_engine as engine;
use parking_lot::Mutex;

use crate::driver::connect_string::EmbeddedTarget;
use crate::driver::{
    AttachWish, Attached, Breaker, ConnectRequest, Driver, NativeKind, PoolBoundary, PooledSession, Pooling,
    ServerPurity, Session, Statement, Target, Value,
};
use crate::error::Error;

/// One pool's way to a database of the embedded engine. The database lives at least as long.
#[derive(Debug)]
pub struct Embedded {
    instance: engine::Instance,
    target: EmbeddedTarget,
    driver_name: String,
    failures_left: AtomicU32,
}

impl Embedded {
    /// Opens the database that the connect string names, or makes it.
    pub fn open(target: &Target) -> Result<Embedded, Error> {
        let parsed = EmbeddedTarget::parse(target.connect_string.as_deref().unwrap_or(""))?;
        let options = engine::InstanceOptions { file: parsed.file.clone() };
        let instance = engine::Instance::open(&parsed.name, &options).map_err(ora)?;
        if !parsed.broker.is_empty() {
            instance.configure_broker(&broker_settings(&parsed.broker)).map_err(ora)?;
        }
        Ok(Embedded {
            instance,
            failures_left: AtomicU32::new(parsed.connect_failures),
            target: parsed,
            driver_name: target.driver_name.clone(),
        })
    }

    /// The test knob `connect_failures`: true for the pool's first connects.
    fn shall_fail(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.failures_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// The test knob `connect_delay_ms`, within the connect's limit.
    fn delay(&self, request: &ConnectRequest<'_>) -> Result<(), Error> {
        let delay = self.target.connect_delay;
        let limit = request.timeout.unwrap_or(Duration::MAX);
        if !delay.is_zero() && request.cancel.sleep(delay.min(limit)) {
            return Err(Error::closed());
        }
        if delay > limit {
            let text = format!("ORA-12170: the connect took longer than its limit of {limit:?}");
            return Err(Error::oracle(12170, text));
        }
        Ok(())
    }
}

/// Who names a maximum alone wants no more servers than that from the start either.
fn broker_settings(given: &[(&'static str, i64)]) -> Vec<(&'static str, i64)> {
    let is_given = |name| given.iter().any(|(given, _)| *given == name);
    let least = (is_given("maxsize") && !is_given("minsize")).then_some(("minsize", 0));
    least.into_iter().chain(given.iter().copied()).collect()
}

fn to_pooled(pooling: &Pooling) -> engine::Pooled<'_> {
    engine::Pooled {
        purity: to_purity(pooling.purity.unwrap_or_default()),
        pool: pooling.pool_name.as_deref(),
        boundary: pooling.boundary.map(|boundary| match boundary {
            PoolBoundary::Statement => engine::Boundary::Statement,
            PoolBoundary::Transaction => engine::Boundary::Transaction,
        }),
    }
}

fn to_purity(purity: ServerPurity) -> engine::Purity {
    match purity {
        ServerPurity::New => engine::Purity::New,
        ServerPurity::Reuse => engine::Purity::Reuse,
    }
}

fn ora(error: engine::Error) -> Error {
    Error::oracle(error.code(), error.message())
}

impl Driver for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn pooling(&self) -> Option<&Pooling> {
        self.target.pooling.as_ref()
    }

    fn connect(&self, request: &ConnectRequest<'_>) -> Result<Box<dyn Session>, Error> {
        self.delay(request)?;
        if self.shall_fail() {
            let text = "ORA-12541: no listener: the embedded engine was told by connect_failures to refuse this connect";
            return Err(Error::oracle(12541, text));
        }
        let identity = request.identity;
        // `main[proxy]`: main logs on, and the session is proxy's.
        let given = identity.user.as_deref().unwrap_or("");
        let (user, proxy) = match given.strip_suffix(']').and_then(|given| given.split_once('[')) {
            Some((main, proxy)) => (main, Some(proxy)),
            None => (given, None),
        };
        let password = identity.password.as_ref().map_or("", |password| password.expose());
        let credentials = match identity.external {
            true => engine::Credentials::External,
            false => engine::Credentials::Password { user, password },
        };
        let mut log_on = engine::LogOn::new(credentials);
        log_on.session_user = identity.session_user.as_deref().or(proxy);
        log_on.edition = identity.edition.as_deref();
        log_on.connection_class = identity.connection_class.as_deref();
        log_on.driver_name = &self.driver_name;
        log_on.lock_timeout = self.target.lock_timeout;
        log_on.call_delay = self.target.call_delay;
        log_on.pooled = self.target.pooling.as_ref().map(to_pooled);
        let session = self.instance.log_on(&log_on).map_err(ora)?;
        let is_pooled = session.is_pooled();
        Ok(Box::new(EmbeddedSession { inner: Arc::new(Mutex::new(session)), is_pooled }))
    }
}

/// A session. Its statements share it: the pool sees to it that one thread at a time is at work.
struct EmbeddedSession {
    inner: Arc<Mutex<engine::Session>>,
    is_pooled: bool,
}

impl Session for EmbeddedSession {
    fn ids(&mut self) -> Result<(u32, u32), Error> {
        let session = self.inner.lock();
        Ok((session.sid(), session.serial()))
    }

    fn execute(&mut self, sql: &str) -> Result<u64, Error> {
        self.inner.lock().execute(sql).map_err(ora)
    }

    fn prepare(&mut self, sql: &str) -> Result<Box<dyn Statement>, Error> {
        let statement = self.inner.lock().prepare(sql).map_err(ora)?;
        let session = Arc::clone(&self.inner);
        let mut prepared =
            EmbeddedStatement { session, statement, columns: Vec::new(), row: Vec::new(), has_rows: false };
        prepared.read_columns();
        Ok(Box::new(prepared))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.inner.lock().commit().map_err(ora)
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.inner.lock().rollback().map_err(ora)
    }

    fn ping(&mut self, limit: Option<Duration>) -> Result<(), Error> {
        self.inner.lock().ping(limit).map_err(ora)
    }

    fn set_call_timeout(&mut self, limit: Option<Duration>) -> Result<(), Error> {
        self.inner.lock().set_call_timeout(limit);
        Ok(())
    }

    fn in_transaction(&mut self) -> bool {
        self.inner.lock().in_transaction()
    }

    fn is_dead(&mut self) -> bool {
        self.inner.lock().is_dead()
    }

    fn breaker(&self) -> Arc<dyn Breaker> {
        Arc::new(EmbeddedBreaker(self.inner.lock().interrupter()))
    }

    fn native(&mut self, _kind: NativeKind) -> Result<NonZeroUsize, Error> {
        Err(Error::unsupported("the embedded engine has no OCI handles"))
    }

    fn pooled(&mut self) -> Option<&mut dyn PooledSession> {
        if self.is_pooled { Some(self) } else { None }
    }

    fn close(self: Box<Self>) {
        // Whoever closes a session that has a server wants nobody to meet its state again.
        self.inner.lock().purge();
        // The statements are gone by now, so this is the last reference, and dropping the session logs it off.
        drop(self);
    }
}

impl PooledSession for EmbeddedSession {
    fn attach(&mut self, wish: &AttachWish<'_>) -> Result<Attached, Error> {
        let wish = engine::AttachWish {
            tag: wish.tag,
            multiproperty: wish.is_multi_property,
            match_any: wish.match_any,
            purity: Some(to_purity(wish.purity)),
            limit: wish.limit,
        };
        let attached = self.inner.lock().attach(&wish).map_err(ora)?;
        Ok(Attached { tag: attached.tag, is_new: attached.is_new })
    }

    fn detach(&mut self, tag: Option<&str>) -> Result<(), Error> {
        let mut session = self.inner.lock();
        session.set_server_tag(tag);
        session.detach().map_err(ora)
    }

    fn purge(&mut self) {
        self.inner.lock().purge();
    }

    fn is_attached(&self) -> bool {
        self.inner.lock().is_attached()
    }

    fn attaches(&self) -> u64 {
        self.inner.lock().attaches()
    }

    fn session_changes(&self) -> u64 {
        self.inner.lock().session_changes()
    }
}

struct EmbeddedBreaker(engine::Interrupter);

impl Breaker for EmbeddedBreaker {
    fn break_call(&self) -> Result<(), Error> {
        self.0.interrupt();
        Ok(())
    }
}

struct EmbeddedStatement {
    session: Arc<Mutex<engine::Session>>,
    statement: engine::Statement,
    columns: Vec<String>,
    row: Vec<Value>,
    /// The last row has not been asked for yet.
    has_rows: bool,
}

impl EmbeddedStatement {
    fn read_columns(&mut self) {
        self.columns = self.statement.columns().iter().map(|column| column.name.clone()).collect();
    }

    fn read_row(&mut self) {
        let values = (0..self.columns.len()).map_while(|column| self.statement.value(column));
        self.row = values.map(from_engine).collect();
    }
}

impl Statement for EmbeddedStatement {
    fn bind(&mut self, position: u32, value: Value) -> Result<(), Error> {
        self.statement.bind(position, to_engine(value)).map_err(ora)
    }

    fn execute(&mut self) -> Result<u64, Error> {
        self.row.clear();
        self.has_rows = false;
        let rows = self.statement.execute(&mut self.session.lock()).map_err(ora)?;
        self.has_rows = self.statement.is_query();
        self.read_columns();
        // Of a query the engine tells how many rows there are; nobody has fetched them yet.
        Ok(if self.statement.is_query() { 0 } else { rows })
    }

    fn fetch(&mut self) -> Result<bool, Error> {
        self.row.clear();
        let has_row = self.statement.fetch(&mut self.session.lock()).map_err(ora)?;
        self.has_rows = has_row;
        if has_row {
            self.read_row();
        }
        Ok(has_row)
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn value(&self, column: usize) -> Option<&Value> {
        self.row.get(column)
    }

    fn is_open(&self) -> bool {
        self.has_rows
    }
}

fn to_engine(value: Value) -> engine::Value {
    match value {
        Value::Null => engine::Value::Null,
        Value::Int(number) => engine::Value::Integer(number),
        Value::Double(number) => engine::Value::Double(number),
        Value::Number(text) | Value::Text(text) => engine::Value::Text(text),
        Value::Bytes(bytes) => engine::Value::Bytes(bytes),
    }
}

fn from_engine(value: &engine::Value) -> Value {
    match value {
        engine::Value::Null => Value::Null,
        engine::Value::Integer(number) => Value::Int(*number),
        engine::Value::Double(number) => Value::Double(*number),
        engine::Value::Text(text) => Value::Text(text.clone()),
        engine::Value::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}
