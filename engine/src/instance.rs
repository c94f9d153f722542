//! Instances: databases by name, shared by the whole process.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tempfile::TempDir;

use crate::attach::{Line, Mapped};
use crate::broker::{Broker, DEFAULT_CLASS, LineFacts, fold_pool};
use crate::call::{Control, Ending};
use crate::catalogue::{Catalogue, Name};
use crate::dictionary::Dictionary;
use crate::error::{Error, Result};
use crate::log_on::{Admission, LogOn, Pooled, admit};
use crate::nls::Environment;
use crate::number::Number;
use crate::server_session::ServerSession;
use crate::session::Session;
use crate::shared::{Client, Identity, SessionContext, SessionShared};
use crate::write_lock::WriteLock;

/// Bytes of a user and a connection class with a point between them: what the views of the broker have room for.
const LONGEST_CLASS: usize = 1024;

/// How to open an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceOptions {
    /// Where the tables are kept. `None`: in a temporary directory that goes with the instance. The file's directory must exist; beside
    /// the file lie SQLite's `-wal` and `-shm` files, and `-dictionary`, with the users and sequences. One process at a time
    /// should have it open: another process's DDL is not seen.
    pub file: Option<PathBuf>,
}

/// A database inside the process. Cloning gives another handle of the same one.
#[derive(Clone)]
pub struct Instance {
    inner: Arc<Inner>,
}

/// What all handles and sessions of an instance share.
pub(crate) struct Inner {
    pub(crate) name: String,
    file: Option<PathBuf>,
    pub(crate) path: PathBuf,
    sessions: Mutex<Sessions>,
    pub(crate) dictionary: Mutex<Dictionary>,
    catalogue: Mutex<Arc<Catalogue>>,
    pub(crate) write_lock: WriteLock,
    /// Stored units as they were compiled last.
    pub(crate) units: crate::plsql::UnitCache,
    pub(crate) broker: Broker,
    /// Held while a connection is opened: two that switch a fresh file to WAL at once lock each other out.
    pub(crate) opening: Mutex<()>,
    /// Last, so that the directory goes after all that lies in it.
    _directory: Option<TempDir>,
}

#[derive(Default)]
struct Sessions {
    by_sid: BTreeMap<u32, Arc<SessionShared>>,
    serials: u32,
}

/// How many processes of one line, each forked off the one before, have instances of their own.
const GENERATIONS: usize = 8;

static INSTANCES: [Mutex<BTreeMap<String, Weak<Inner>>>; GENERATIONS] =
    [const { Mutex::new(BTreeMap::new()) }; GENERATIONS];

static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// For a forked child: leaves the instances of the parent process alone, locked or not, and begins with none. At most seven
/// times in a line of children.
pub fn begin_anew() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

impl Instance {
    /// Opens the instance of this name, making it if the process has none. May wait for the disk.
    ///
    /// # Errors
    /// ORA-01100 if it is open with another file, ORA-01157 if the file can not be opened or was not made by this engine, ORA-12514 for an
    /// empty name.
    pub fn open(name: &str, options: &InstanceOptions) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::new(12514, "the name of an embedded instance must not be empty"));
        }
        // Held while the instance is made: a second opener of the name must find this one.
        let mut instances = INSTANCES[GENERATION.load(Ordering::Relaxed) % GENERATIONS].lock();
        if let Some(inner) = instances.get(name).and_then(Weak::upgrade) {
            inner.check_file(options.file.as_deref())?;
            return Ok(Self { inner });
        }
        instances.retain(|_, inner| inner.strong_count() > 0);
        check_other_instances(&instances, options.file.as_deref())?;
        let inner = Arc::new(Inner::create(name, options)?);
        instances.insert(name.to_owned(), Arc::downgrade(&inner));
        Ok(Self { inner })
    }

    /// Logs a user on. The first log-on of a user registers the password. Opens no file: that is left to the first SQL.
    ///
    /// # Errors
    /// ORA-01005 for an empty password, ORA-01017 for an empty user or a wrong password, ORA-28000 for a locked account, ORA-28001
    /// for an expired password, ORA-38802 for an unknown edition, ORA-00972 for a user name of more than 128 bytes. Through the broker
    /// also ORA-12520 for a pool that is not started, ORA-56500 for one that there is not, ORA-56604 for a class of more than 1024 bytes
    /// with its user, and ORA-56614 for one connection too many.
    pub fn log_on(&self, log_on: &LogOn<'_>) -> Result<Session> {
        let class = log_on.connection_class.map(str::to_owned);
        if let Some(pooled) = &log_on.pooled {
            let line = self.inner.enter_broker(log_on, pooled)?;
            return Ok(Session::pooled(Arc::clone(&self.inner), line, class));
        }
        let admission = self.inner.admit(log_on)?;
        let client = Arc::new(client_of(log_on, &admission));
        let server = self.inner.server_session(&admission.user, &admission.edition, client, None);
        Ok(Session::dedicated(server, class))
    }

    /// Configures the broker's default pool as DBMS_CONNECTION_POOL.ALTER_PARAM does, but all or none of the parameters, which take effect
    /// at once: `minsize`, `maxsize`, `incrsize`, `session_cached_cursors`, `max_use_session`, `num_cbrok`, `maxconn_cbrok`; in seconds
    /// `inactivity_timeout`, `max_think_time`, `max_txn_think_time`, `max_lifetime_session`, and in milliseconds the same names with `_ms`
    /// behind them; and for all pools `connection_limit`, which is DRCP_CONNECTION_LIMIT. A limit of 0 is none.
    ///
    /// # Errors
    /// ORA-56504 for an unknown name, ORA-56505 for a value that can not be, ORA-56507 if `minsize` would be larger than `maxsize`.
    pub fn configure_broker(&self, params: &[(&str, i64)]) -> Result<()> {
        self.inner.broker.alter_all(params)
    }

    /// The name it was opened by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// How many sessions are logged on and not killed. Pooled servers count by the sessions they have, whoever has them or not.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.inner.sessions().iter().filter(|session| !session.control.is_ended()).count()
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("name", &self.inner.name)
            .field("file", &self.inner.file)
            .finish_non_exhaustive()
    }
}

fn client_of(log_on: &LogOn<'_>, admission: &Admission) -> Client {
    Client {
        proxy_user: admission.proxy_user.clone(),
        external: admission.external,
        driver_name: log_on.driver_name.to_owned(),
        os_user: crate::log_on::os_user().unwrap_or_else(|| "unknown".to_owned()),
        lock_timeout: log_on.lock_timeout,
        call_delay: log_on.call_delay,
    }
}

fn file_text(file: Option<&Path>) -> String {
    file.map_or_else(|| "no file".to_owned(), |path| format!("file '{}'", path.display()))
}

/// Two instances on one file would not see each other's dictionary.
fn check_other_instances(instances: &BTreeMap<String, Weak<Inner>>, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    let other =
        instances.values().filter_map(Weak::upgrade).find(|inner| inner.file.as_deref() == Some(file));
    match other {
        Some(inner) => Err(Error::new(
            1100,
            format_args!(
                "database already mounted: {} is open as instance '{}'",
                file_text(Some(file)),
                inner.name
            ),
        )),
        None => Ok(()),
    }
}

impl Inner {
    fn create(name: &str, options: &InstanceOptions) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::new(1157, format_args!("cannot open the instance's storage: {error}"))
        };
        let directory = match options.file {
            Some(_) => None,
            None => Some(TempDir::with_prefix("orapool-engine-").map_err(|error| failed(&error))?),
        };
        let path = match (&options.file, &directory) {
            (Some(file), _) => file.clone(),
            (None, Some(directory)) => directory.path().join("instance.db"),
            (None, None) => return Err(failed(&"no place for it")),
        };
        let (dictionary, catalogue) = crate::dictionary::open(options.file.as_deref())?;
        Ok(Self {
            name: name.to_owned(),
            file: options.file.clone(),
            path,
            sessions: Mutex::default(),
            dictionary: Mutex::new(dictionary),
            catalogue: Mutex::new(Arc::new(catalogue)),
            write_lock: WriteLock::default(),
            units: crate::plsql::UnitCache::default(),
            broker: Broker::default(),
            opening: Mutex::default(),
            _directory: directory,
        })
    }

    fn check_file(&self, file: Option<&Path>) -> Result<()> {
        if self.file.as_deref() == file {
            return Ok(());
        }
        let text = format!(
            "instance '{}' is open with {}, not with {}",
            self.name,
            file_text(self.file.as_deref()),
            file_text(file)
        );
        Err(Error::new(1100, text))
    }

    /// Whether the tables outlive the instance.
    pub(crate) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    fn admit(&self, log_on: &LogOn<'_>) -> Result<Admission> {
        let mut dictionary = self.dictionary.lock();
        admit(&mut dictionary, log_on)
    }

    /// Makes a session and puts it on the list.
    fn server_session(
        self: &Arc<Self>,
        user: &str,
        edition: &str,
        client: Arc<Client>,
        class: Option<String>,
    ) -> ServerSession {
        let mut sessions = self.sessions.lock();
        let sid = (1..).find(|sid| !sessions.by_sid.contains_key(sid)).unwrap_or(u32::MAX);
        sessions.serials += 1;
        let environment = Environment::new(user, edition);
        let identity = Identity {
            sid,
            serial: sessions.serials,
            user: user.to_owned(),
            logon_time: crate::datetime::now().0,
            class,
        };
        let context = SessionContext::new(identity, client, environment, Arc::downgrade(self));
        let shared = Arc::new(SessionShared::new(Arc::new(context)));
        sessions.by_sid.insert(sid, Arc::clone(&shared));
        drop(sessions);
        ServerSession::new(Arc::clone(self), shared)
    }

    /// A session on a pooled server, for the connection that it is mapped to first.
    pub(crate) fn pooled_session(self: &Arc<Self>, line: &LineFacts) -> ServerSession {
        self.server_session(&line.user, &line.edition, Arc::clone(&line.client), Some(line.class.clone()))
    }

    /// Authenticates a connection through the broker. It gets no session yet.
    fn enter_broker(&self, log_on: &LogOn<'_>, pooled: &Pooled<'_>) -> Result<Line> {
        let pool = fold_pool(pooled.pool);
        // Nobody is there to authenticate for a pool that is not started.
        self.broker.check_entry(&pool)?;
        let admission = self.admit(log_on)?;
        let class = log_on.connection_class.unwrap_or(DEFAULT_CLASS).to_owned();
        if admission.user.len() + 1 + class.len() > LONGEST_CLASS {
            return Err(Error::new(56604, "DRCP: the connection class is longer than allowed"));
        }
        let facts = LineFacts {
            number: 0,
            pool,
            class,
            purity: pooled.purity,
            client: Arc::new(client_of(log_on, &admission)),
            control: Arc::new(Control::new()),
            mapped: Mapped::default(),
            user: admission.user,
            edition: admission.edition,
        };
        Ok(Line::new(self.broker.enter(facts)?, pooled.boundary))
    }

    /// Takes a session off the list, unless its SID is another's by now.
    pub(crate) fn remove_session(&self, sid: u32, serial: u32) {
        let mut sessions = self.sessions.lock();
        let removed = match sessions.by_sid.entry(sid) {
            Entry::Occupied(entry) if entry.get().serial() == serial => Some(entry.remove()),
            _ => None,
        };
        drop(sessions);
        drop(removed);
    }

    /// The sessions by SID, as they are now.
    pub(crate) fn sessions(&self) -> Vec<Arc<SessionShared>> {
        self.broker.sweep();
        self.sessions.lock().by_sid.values().cloned().collect()
    }

    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.lock())
    }

    /// Puts the new state of the dictionary in place; the caller holds the write lock.
    pub(crate) fn replace_catalogue(&self, mut catalogue: Catalogue) {
        let mut current = self.catalogue.lock();
        catalogue.version = current.version + 1;
        *current = Arc::new(catalogue);
    }

    pub(crate) fn next_value(&self, name: &Name) -> Result<Number> {
        self.dictionary.lock().next_value(name)
    }

    pub(crate) fn check_sequence(&self, name: &Name) -> Result<()> {
        if self.dictionary.lock().sequences.contains(name) {
            Ok(())
        } else {
            Err(crate::sequences::no_such_sequence())
        }
    }

    /// Whether `schema` is a user; ORA-01435 otherwise.
    pub(crate) fn check_schema(&self, schema: &str) -> Result<()> {
        if self.dictionary.lock().users.contains(schema) {
            Ok(())
        } else {
            Err(Error::new(1435, "user does not exist"))
        }
    }

    /// Kills a session; `by` is the serial# of who does it.
    pub(crate) fn kill(&self, sid: u32, serial: u32, by: u32) -> Result<()> {
        let victim =
            self.sessions.lock().by_sid.get(&sid).filter(|session| session.serial() == serial).cloned();
        let victim = victim.ok_or_else(|| Error::new(30, "User session ID does not exist."))?;
        if serial == by {
            return Err(Error::new(27, "cannot kill current session"));
        }
        if victim.control.finish(Ending::Killed) {
            victim.free_resources();
        }
        if victim.context.identity.class.is_some() {
            self.broker.session_ended(serial, Ending::Killed);
        }
        Ok(())
    }
}
