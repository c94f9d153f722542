//! Log-on: who may come in, and as whom.

use std::time::Duration;

use crate::dictionary::Dictionary;
use crate::error::{Error, Result};
use crate::nls::{DEFAULT_EDITION, check_edition};
use crate::users::{invalid_credentials, no_such_user};

/// How a user shows who they are.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// By a password, which is case-sensitive. The name folds to upper case unless it is in double quotes.
    Password {
        /// The user's name.
        user: &'a str,
        /// The password; it is kept only as a salted hash.
        password: &'a str,
    },
    /// By the operating system: the user is `OPS$` and the value of USER or LOGNAME in upper case, or `OPS$ORAPOOL` if neither is set.
    External,
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Password { user, .. } => {
                f.debug_struct("Password").field("user", user).finish_non_exhaustive()
            }
            Self::External => f.write_str("External"),
        }
    }
}

/// How a connection uses the broker's pooled servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pooled<'a> {
    /// What the sessions of this connection's attaches may carry.
    pub purity: Purity,
    /// The pool; `None`: `SYS_DEFAULT_CONNECTION_POOL`.
    pub pool: Option<&'a str>,
    /// When the server is given back by itself; `None`: only by `Session::detach`.
    pub boundary: Option<Boundary>,
}

/// Whether a server session may carry state of those who had it before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purity {
    /// It must be new.
    New,
    /// Oracle's SELF: it may have been used by the same user in the same class.
    #[default]
    Reuse,
}

/// After what a connection gives its server back by itself: implicit connection pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A call that leaves no transaction open and no row unfetched.
    Statement,
    /// A commit or rollback, which also ends the fetching of rows.
    Transaction,
}

/// A log-on: credentials and what the session is told of its client.
#[derive(Clone, Debug)]
pub struct LogOn<'a> {
    /// Who logs on.
    pub credentials: Credentials<'a>,
    /// For a proxy log-on: the session belongs to this user, and the authenticated one is the proxy user.
    pub session_user: Option<&'a str>,
    /// The edition; the engine has `ORA$BASE` alone.
    pub edition: Option<&'a str>,
    /// CLIENT_DRIVER of V$SESSION_CONNECT_INFO.
    pub driver_name: &'a str,
    /// The connection class: pooled connections share server sessions within one; `None` is the class `SHARED`. A dedicated session only
    /// remembers it.
    pub connection_class: Option<&'a str>,
    /// To come through the broker and use its pooled servers; `None`: a dedicated session.
    pub pooled: Option<Pooled<'a>>,
    /// How long a statement waits for another session's transaction before ORA-30006.
    pub lock_timeout: Duration,
    /// For tests: each execute, fetch, commit, rollback and ping takes at least this long. The sleep obeys break, call timeout, kill and
    /// the limit of a ping.
    pub call_delay: Duration,
}

impl<'a> LogOn<'a> {
    /// A log-on with these credentials and the defaults: lock timeout 10 s, no delay, driver `orapool-engine`.
    #[must_use]
    pub fn new(credentials: Credentials<'a>) -> Self {
        Self {
            credentials,
            session_user: None,
            edition: None,
            driver_name: "orapool-engine",
            connection_class: None,
            pooled: None,
            // Long enough for another session's short transaction, short enough that a forgotten one shows in a test.
            lock_timeout: Duration::from_secs(10),
            call_delay: Duration::ZERO,
        }
    }

    /// A log-on with user and password.
    #[must_use]
    pub fn with_password(user: &'a str, password: &'a str) -> Self {
        Self::new(Credentials::Password { user, password })
    }
}

/// Who a log-on turned out to be.
pub(crate) struct Admission {
    pub(crate) user: String,
    pub(crate) proxy_user: Option<String>,
    pub(crate) external: bool,
    pub(crate) edition: String,
}

/// The name as the dictionary has it: upper case, or as it stands between double quotes.
pub(crate) fn fold_user(name: &str) -> Result<String> {
    let trimmed = name.trim();
    let folded = match trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => trimmed.to_uppercase(),
    };
    if folded.is_empty() {
        return Err(invalid_credentials());
    }
    if folded.len() > 128 {
        return Err(Error::new(972, "identifier is too long"));
    }
    if folded.contains(['\0', '"']) {
        return Err(invalid_credentials());
    }
    Ok(folded)
}

/// The user of the operating system, as the environment tells it.
pub(crate) fn os_user() -> Option<String> {
    ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok()).find(|user| !user.is_empty())
}

fn external_user() -> String {
    format!("OPS${}", os_user().unwrap_or_else(|| "ORAPOOL".to_owned()).to_uppercase())
}

pub(crate) fn admit(dictionary: &mut Dictionary, log_on: &LogOn<'_>) -> Result<Admission> {
    let edition = log_on.edition.unwrap_or(DEFAULT_EDITION).to_uppercase();
    check_edition(&edition)?;
    let (authenticated, external) = match log_on.credentials {
        Credentials::Password { user, password } => {
            let user = fold_user(user)?;
            if password.is_empty() {
                return Err(Error::new(1005, "null password given; logon denied"));
            }
            dictionary.log_on(&user, password)?;
            (user, false)
        }
        Credentials::External => {
            let user = external_user();
            dictionary.admit(&user)?;
            (user, true)
        }
    };
    let Some(session_user) = log_on.session_user else {
        return Ok(Admission { user: authenticated, proxy_user: None, external, edition });
    };
    let user = fold_user(session_user)?;
    dictionary.admit(&user)?;
    Ok(Admission { user, proxy_user: Some(authenticated), external, edition })
}

/// ORA-01918 and its kin are for administration; a log-on never says which of user and password was wrong.
pub(crate) fn find_user<'d>(dictionary: &'d Dictionary, name: &str) -> Result<&'d crate::users::User> {
    dictionary.users.get(name).ok_or_else(|| no_such_user(name))
}
