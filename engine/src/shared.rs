//! What a session shares: with the functions that SQLite calls, and with whoever looks at it or kills it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::call::Control;
use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::instance::Inner;
use crate::nls::Environment;
use crate::number::Number;

/// Facts of the session that never change.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) sid: u32,
    pub(crate) serial: u32,
    pub(crate) user: String,
    /// Seconds since 1970.
    pub(crate) logon_time: i64,
    /// The class of a pooled server's session, which clients come and go on.
    pub(crate) class: Option<String>,
}

/// Facts of the client's connection, which a pooled session has until the next client comes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    /// The user who authenticated, when the session belongs to another.
    pub(crate) proxy_user: Option<String>,
    pub(crate) external: bool,
    pub(crate) driver_name: String,
    pub(crate) os_user: String,
    pub(crate) lock_timeout: Duration,
    pub(crate) call_delay: Duration,
}

impl Identity {
    /// The identity of no session, for text that is read and not run.
    pub(crate) fn detached(user: &str) -> Self {
        Self { sid: 0, serial: 0, user: user.to_owned(), logon_time: 0, class: None }
    }
}

/// What the SQL functions of a session see. It holds no connection, so that a connection may hold it.
pub(crate) struct SessionContext {
    pub(crate) identity: Identity,
    client: Mutex<Arc<Client>>,
    pub(crate) environment: Mutex<Environment>,
    pub(crate) control: Arc<Control>,
    currvals: Mutex<HashMap<Name, Number>>,
    pub(crate) instance: Weak<Inner>,
    /// The clock of the running statement: all SYSDATEs of one statement are the same.
    pub(crate) statement_time: Mutex<(i64, u32)>,
    query_running: AtomicBool,
    /// The schema that stands for the current one while a stored unit runs SQL: its owner's.
    owner_schema: Mutex<Option<Arc<str>>>,
    /// The owner of the stored unit that runs with its owner's rights: CURRENT_USER.
    definer: Mutex<Option<Arc<str>>>,
}

impl SessionContext {
    pub(crate) fn new(
        identity: Identity,
        client: Arc<Client>,
        environment: Environment,
        instance: Weak<Inner>,
    ) -> Self {
        Self {
            identity,
            client: Mutex::new(client),
            environment: Mutex::new(environment),
            control: Arc::new(Control::new()),
            currvals: Mutex::default(),
            instance,
            statement_time: Mutex::new(crate::datetime::now()),
            query_running: AtomicBool::new(false),
            owner_schema: Mutex::default(),
            definer: Mutex::default(),
        }
    }

    pub(crate) fn client(&self) -> Arc<Client> {
        Arc::clone(&self.client.lock())
    }

    pub(crate) fn set_client(&self, client: Arc<Client>) {
        *self.client.lock() = client;
    }

    pub(crate) fn instance(&self) -> Result<Arc<Inner>> {
        self.instance.upgrade().ok_or_else(|| Error::new(1012, "not logged on: the instance is gone"))
    }

    /// The schema in which names are looked for.
    pub(crate) fn schema(&self) -> String {
        if let Some(owner) = &*self.owner_schema.lock() {
            return owner.to_string();
        }
        self.environment.lock().current_schema.clone()
    }

    /// Puts the schema of a stored unit in place of the current one; the one that was there before.
    pub(crate) fn set_owner_schema(&self, schema: Option<Arc<str>>) -> Option<Arc<str>> {
        std::mem::replace(&mut *self.owner_schema.lock(), schema)
    }

    /// Says whose unit runs: names are looked for in its schema, and CURRENT_USER is its owner.
    pub(crate) fn set_definer(&self, definer: Option<Arc<str>>) {
        self.set_owner_schema(definer.clone());
        *self.definer.lock() = definer;
    }

    pub(crate) fn definer(&self) -> Option<Arc<str>> {
        self.definer.lock().clone()
    }

    pub(crate) fn owner_schema(&self) -> Option<Arc<str>> {
        self.owner_schema.lock().clone()
    }

    pub(crate) fn next_value(&self, name: &Name) -> Result<Number> {
        let value = self.instance()?.next_value(name)?;
        self.currvals.lock().insert(name.clone(), value.clone());
        Ok(value)
    }

    /// ORA-08002 before the session's first NEXTVAL of the sequence.
    pub(crate) fn current_value(&self, name: &Name) -> Result<Number> {
        self.instance()?.check_sequence(name)?;
        self.currvals.lock().get(name).cloned().ok_or_else(|| {
            Error::new(
                8002,
                format_args!("sequence {}.CURRVAL is not yet defined in this session", name.name),
            )
        })
    }
}

/// A session as the instance holds it.
pub(crate) struct SessionShared {
    pub(crate) context: Arc<SessionContext>,
    pub(crate) control: Arc<Control>,
    /// Opened by the first SQL that needs it. Whoever takes it out ends the transaction by that.
    pub(crate) connection: Mutex<Option<rusqlite::Connection>>,
    /// What the clients of a pooled server say the session's state is.
    pub(crate) tag: Mutex<Option<String>>,
}

impl SessionShared {
    pub(crate) fn new(context: Arc<SessionContext>) -> Self {
        let control = Arc::clone(&context.control);
        Self { context, control, connection: Mutex::default(), tag: Mutex::default() }
    }

    pub(crate) fn sid(&self) -> u32 {
        self.context.identity.sid
    }

    pub(crate) fn serial(&self) -> u32 {
        self.context.identity.serial
    }

    /// Rolls back, closes the connection and frees the locks. Only with no call running in the session.
    pub(crate) fn free_resources(&self) {
        let connection = self.connection.lock().take();
        // Closing rolls the transaction back, so it comes before another session may write.
        drop(connection);
        if let Ok(instance) = self.context.instance() {
            instance.write_lock.release(self.serial());
        }
    }

    /// Frees what the session has and takes it off the instance's list. Again does nothing.
    pub(crate) fn log_off(&self) {
        self.free_resources();
        if let Ok(instance) = self.context.instance() {
            instance.remove_session(self.sid(), self.serial());
        }
    }
}

/// While it lives, a query of the session runs, which the progress handler may stop.
pub(crate) struct QueryWatch<'a>(&'a SessionContext);

impl Drop for QueryWatch<'_> {
    fn drop(&mut self) {
        self.0.query_running.store(false, Ordering::Release);
    }
}

impl SessionContext {
    pub(crate) fn watch_query(&self) -> QueryWatch<'_> {
        self.query_running.store(true, Ordering::Release);
        QueryWatch(self)
    }

    /// For the progress handler. SQLite undoes the whole transaction when it stops DML, where Oracle undoes the statement alone, so DML
    /// is stopped by an error from the functions inside it instead.
    pub(crate) fn query_should_stop(&self) -> bool {
        self.query_running.load(Ordering::Acquire) && self.control.check().is_err()
    }
}
