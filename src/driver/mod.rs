//! The outside world: what the pool asks of a database client. One folder or file per client.
//!
//! The pool knows these traits alone; it never names a driver.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::secret::Secret;

pub mod connect_string;
#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "oci")]
pub mod oci;
pub mod pooled;
pub(crate) mod value;

pub use connect_string::{PoolBoundary, Pooling, ServerPurity, check_connection_class};
pub use pooled::{AttachWish, Attached, PooledSession};
pub use value::Value;

/// Who a session belongs to and what it was made for. Sessions of equal identity stand in for one another.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The user who logs on, or `main[proxy]` as in OCI.
    pub user: Option<String>,
    /// That user's password; in memory only as long as a connect may need it.
    pub password: Option<Secret>,
    /// The user the session belongs to when `user` logs on for somebody else (a heterogeneous pool's get with a
    /// user and no password).
    pub session_user: Option<String>,
    /// Log on by the operating system or a wallet, with no user and password.
    pub external: bool,
    /// The connection class; sessions of different classes are never mixed.
    pub connection_class: Option<String>,
    /// The edition the session works in.
    pub edition: Option<String>,
}

/// What a connect may take and who may call it off.
#[derive(Debug)]
pub struct ConnectRequest<'a> {
    /// Who logs on.
    pub identity: &'a Identity,
    /// How long the connect may take; none = as long as it takes.
    pub timeout: Option<Duration>,
    /// Statements that the session keeps parsed, where the client does that.
    pub statement_cache_size: usize,
    /// The PL/SQL procedure that puts the state of a pooled server's session right, for a driver that has the database call
    /// it.
    pub fixup: Option<&'a str>,
    /// Set when the pool closes: a driver that can gives up then.
    pub cancel: &'a Cancel,
}

/// Where a pool's sessions go and by which client: what a driver is made from.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// `embedded:…` or an Oracle connect string.
    pub connect_string: Option<String>,
    /// The driver by name; none = by the connect string.
    pub driver: Option<String>,
    /// What V$SESSION_CONNECT_INFO shows as client driver.
    pub driver_name: String,
    /// Where the native client library lies.
    pub client_lib_dir: Option<String>,
    /// Where tnsnames.ora lies.
    pub config_dir: Option<String>,
}

/// Whether a forked child can do without what its parent had: an error if a client is in use that can not begin anew.
pub(crate) fn may_begin_anew() -> Result<(), Error> {
    #[cfg(feature = "oci")]
    oci::library::may_begin_anew()?;
    Ok(())
}

/// A forked child leaves the databases of its parent alone and begins with none of its own.
pub(crate) fn begin_anew() {
    #[cfg(feature = "embedded")]
    orapool_engine::begin_anew();
}

/// The driver for `target`.
pub fn select(target: &Target) -> Result<Arc<dyn Driver>, Error> {
    let connect_string = target.connect_string.as_deref().unwrap_or("");
    let is_embedded = connect_string.starts_with("embedded:");
    match target.driver.as_deref() {
        None if connect_string.is_empty() => Err(Error::oracle(
            12162,
            "ORA-12162: no CONNECT_STRING is set; `embedded:demo` is one that needs no server",
        )),
        None if is_embedded => select_embedded(target),
        None => select_oci(target),
        Some("embedded") if is_embedded => select_embedded(target),
        Some("embedded") => Err(Error::invalid_argument(
            "the driver `embedded` needs a connect string that begins with `embedded:`, such as `embedded:demo`",
        )),
        Some("oci") if is_embedded => Err(Error::invalid_argument(
            "the driver `oci` needs an Oracle connect string, such as `//host/service`; one that begins with `embedded:` is \
             for the driver `embedded`",
        )),
        // With no connect string the client library goes by TWO_TASK or ORACLE_SID.
        Some("oci") => select_oci(target),
        Some(other) => {
            let text = format!("there is no driver `{other}`; this version has `embedded` and `oci`");
            Err(Error::unsupported(text))
        }
    }
}

#[cfg(feature = "embedded")]
fn select_embedded(target: &Target) -> Result<Arc<dyn Driver>, Error> {
    Ok(Arc::new(embedded::Embedded::open(target)?))
}

#[cfg(not(feature = "embedded"))]
fn select_embedded(_target: &Target) -> Result<Arc<dyn Driver>, Error> {
    Err(Error::unsupported("this library was built without the driver `embedded`"))
}

#[cfg(feature = "oci")]
fn select_oci(target: &Target) -> Result<Arc<dyn Driver>, Error> {
    Ok(Arc::new(oci::Oci::open(target)?))
}

#[cfg(not(feature = "oci"))]
fn select_oci(_target: &Target) -> Result<Arc<dyn Driver>, Error> {
    Err(Error::unsupported(
        "this library was built without the driver `oci`: use a connect string that begins with `embedded:`",
    ))
}

/// A database client, configured for one pool.
pub trait Driver: Send + Sync {
    /// `embedded`, `oci`, …: the name that the attribute DRIVER takes.
    fn name(&self) -> &'static str;

    /// What the connect string says of pooled servers (DRCP); none = each session has a server of its own.
    fn pooling(&self) -> Option<&Pooling> {
        None
    }

    /// Makes a session. Blocks; called with no lock held, from several threads at once.
    fn connect(&self, request: &ConnectRequest<'_>) -> Result<Box<dyn Session>, Error>;
}

/// One session with the database. Its methods block for as long as the database takes; one thread at a time.
pub trait Session: Send {
    /// What the log-on was warned of, such as ORA-28002: the password will expire. Told once; asked for before anything
    /// else. An error of kind [`Kind::Warning`](crate::error::Kind::Warning).
    fn warning(&mut self) -> Option<Error> {
        None
    }

    /// SID and serial number as V$SESSION shows them.
    fn ids(&mut self) -> Result<(u32, u32), Error>;

    /// Runs one statement. Rows affected; of a query the rows it produced, which are discarded.
    fn execute(&mut self, sql: &str) -> Result<u64, Error>;

    /// Makes a statement, which must be dropped before the session is closed or handed on.
    fn prepare(&mut self, sql: &str) -> Result<Box<dyn Statement>, Error>;

    /// Commits the open transaction, if there is one.
    fn commit(&mut self) -> Result<(), Error>;

    /// Rolls the open transaction back, if there is one.
    fn rollback(&mut self) -> Result<(), Error>;

    /// Asks the server for a sign of life, for at most `limit`.
    fn ping(&mut self, limit: Option<Duration>) -> Result<(), Error>;

    /// Limits each later call; none = no limit.
    fn set_call_timeout(&mut self, limit: Option<Duration>) -> Result<(), Error>;

    /// Whether a transaction is open. Local knowledge, no round trip.
    fn in_transaction(&mut self) -> bool;

    /// Whether the client already knows that the session is lost. Local knowledge, no round trip.
    fn is_dead(&mut self) -> bool;

    /// What breaks this session's running call from another thread.
    fn breaker(&self) -> Arc<dyn Breaker>;

    /// The driver's own handle of that kind, as an address; an error when it has none.
    fn native(&mut self, kind: NativeKind) -> Result<NonZeroUsize, Error>;

    /// The session as one whose server comes and goes; none if it has a server of its own.
    fn pooled(&mut self) -> Option<&mut dyn PooledSession> {
        None
    }

    /// Logs off, swallowing what goes wrong: a session that can not say good-bye is gone as well.
    fn close(self: Box<Self>);
}

/// Breaks the running call of one session.
pub trait Breaker: Send + Sync {
    /// Makes the running call fail with ORA-01013. With no call running it must leave no trace.
    fn break_call(&self) -> Result<(), Error>;
}

/// The handles of a native client that a caller may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NativeKind {
    /// `OCIEnv *`
    OciEnv,
    /// `OCIServer *`
    OciServer,
    /// `OCISession *`
    OciSession,
    /// `OCISvcCtx *`
    OciSvcCtx,
}

/// A prepared statement. It may be executed again and again, with other binds.
pub trait Statement: Send {
    /// Binds `value` at `position`, counted from 1. ORA-01036 for a position that the statement does not have.
    fn bind(&mut self, position: u32, value: Value) -> Result<(), Error>;

    /// Runs it. Rows affected; 0 for a query, whose rows are fetched.
    fn execute(&mut self) -> Result<u64, Error>;

    /// Moves to the next row; false after the last one.
    fn fetch(&mut self) -> Result<bool, Error>;

    /// The names of the columns; empty for what is not a query.
    fn columns(&self) -> &[String];

    /// The value in `column`, counted from 0, of the row last fetched; none where there is no such column or row.
    fn value(&self, column: usize) -> Option<&Value>;

    /// Whether it is a query that was executed and whose rows have not all been fetched.
    fn is_open(&self) -> bool {
        false
    }
}

/// A wish to give up, seen by whoever blocks in a driver. Once set it stays set, and all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    wished: parking_lot::Mutex<bool>,
    changed: parking_lot::Condvar,
}

impl Cancel {
    /// Asks everybody who waits on it to give up.
    pub fn cancel(&self) {
        *self.0.wished.lock() = true;
        self.0.changed.notify_all();
    }

    /// Whether giving up was asked for.
    pub fn is_cancelled(&self) -> bool {
        *self.0.wished.lock()
    }

    /// Sleeps for `duration` of real time or until giving up is asked for. True: it was asked for.
    pub fn sleep(&self, duration: Duration) -> bool {
        self.wait(Some(duration), || false);
        self.is_cancelled()
    }

    /// Blocks until `is_over`, until giving up is asked for, or for `limit` of real time; none = for as long as it takes.
    /// Whoever brings about that it is over says so by [`Cancel::look_again`].
    pub fn wait(&self, limit: Option<Duration>, mut is_over: impl FnMut() -> bool) {
        // A time beyond what can be counted is no limit.
        let end = limit.and_then(|limit| std::time::Instant::now().checked_add(limit));
        let mut wished = self.0.wished.lock();
        while !*wished && !is_over() {
            match end {
                None => self.0.changed.wait(&mut wished),
                Some(end) if self.0.changed.wait_until(&mut wished, end).timed_out() => return,
                Some(_) => {}
            }
        }
    }

    /// Has those who wait see whether what they wait for is there.
    pub fn look_again(&self) {
        // With the lock, so that it does not come between somebody's look and sleep.
        let _looking = self.0.wished.lock();
        self.0.changed.notify_all();
    }
}
