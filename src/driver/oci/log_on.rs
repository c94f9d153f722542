//! Logging on: which session pool of OCI makes a session for whom.
//!
//! OCI can log on in more ways through a session pool than without, and only so will it give DRCP servers back. Such a
//! pool is homogeneous, and then has one user, or heterogeneous. The first user with a password is taken for the one that
//! all sessions are for, and has a homogeneous pool; everybody else who comes with a password shares a heterogeneous one.
//! Who logs on for others, and who logs on externally, needs a pool that was made for it. An edition belongs to a pool, so
//! each has its own. Each pool is one OCI environment, made when it is first needed.
//!
//! Passwords: OCI keeps the one that a pool was made with, for as long as the pool lives. The crate's copies for a
//! log-on are freed after it, but can not be wiped.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use oracle::Connection;
use oracle::conn::Purity;
use oracle::pool::{GetMode, Pool, PoolBuilder, PoolOptions, PoolType};
use parking_lot::Mutex;

use crate::driver::oci::errors::translate;
use crate::driver::{ConnectRequest, Identity};
use crate::error::Error;

/// More than a pool of ours can ever want: it is ours that counts.
const NO_LIMIT: u32 = 1 << 17;

/// A user with a password, of which only what tells it from others is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Account {
    user: String,
    password: Option<u64>,
}

impl Account {
    fn of(identity: &Identity) -> Account {
        Account {
            user: identity.user.clone().unwrap_or_default(),
            password: identity.password.as_ref().map(|password| password.fingerprint()),
        }
    }
}

/// A way to log on that takes a pool of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Way {
    /// Always as this user.
    As(Account),
    /// As whoever is named with a password.
    AsAnybody,
    /// This user logs on, and the session is somebody else's.
    For(Account),
    /// By the operating system or a wallet.
    External,
}

/// What sets a pool of OCI apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    way: Way,
    edition: Option<String>,
}

/// Makes the sessions of one pool of ours.
pub(super) struct Factory {
    connect_string: Arc<str>,
    driver_name: String,
    first: OnceCell<Account>,
    pools: Mutex<HashMap<Key, Arc<OnceCell<Pool>>>>,
}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the connect string: some have a password in them.
        f.debug_struct("Factory").field("driver_name", &self.driver_name).finish_non_exhaustive()
    }
}

impl Factory {
    pub(super) fn new(connect_string: String, driver_name: String) -> Factory {
        Factory {
            connect_string: connect_string.into(),
            driver_name,
            first: OnceCell::new(),
            pools: Mutex::default(),
        }
    }

    /// Where the sessions go. It may hold a password.
    pub(super) fn connect_string(&self) -> &Arc<str> {
        &self.connect_string
    }

    /// Makes a session. Blocks for as long as the log-on takes, whatever the request says.
    pub(super) fn connect(&self, request: &ConnectRequest<'_>) -> Result<Connection, Error> {
        let identity = request.identity;
        let way = self.way(identity);
        let options = options(&way, identity);
        let key = Key { way, edition: identity.edition.clone() };
        let pool = Arc::clone(self.pools.lock().entry(key.clone()).or_default());
        let pool = pool
            .get_or_try_init(|| self.make_pool(&key, request))
            .map_err(|error: oracle::Error| translate(&error))?;
        let connection = pool.get_with_options(&options).map_err(|error| translate(&error))?;
        set_statement_cache(&connection, request).map_err(|error| translate(&error))?;
        Ok(connection)
    }

    fn way(&self, identity: &Identity) -> Way {
        if identity.external {
            return Way::External;
        }
        let account = Account::of(identity);
        if identity.session_user.is_some() {
            return Way::For(account);
        }
        if *self.first.get_or_init(|| account.clone()) == account { Way::As(account) } else { Way::AsAnybody }
    }

    /// Connects to nothing: OCI opens no session before one is asked for.
    fn make_pool(&self, key: &Key, request: &ConnectRequest<'_>) -> oracle::Result<Pool> {
        let (user, password) = match key.way {
            Way::As(_) | Way::For(_) => (user(request.identity), password(request.identity)),
            Way::AsAnybody | Way::External => ("", ""),
        };
        let pool_type = match key.way {
            Way::As(_) => PoolType::Homogeneous,
            _ => PoolType::Heterogeneous,
        };
        let mut builder = PoolBuilder::new(user, password, &*self.connect_string);
        builder.pool_type(pool_type).external_auth(key.way == Way::External);
        // Who waits, who pings and how many there may be is our pool's business.
        builder.min_connections(0).max_connections(NO_LIMIT).connection_increment(1);
        builder.get_mode(GetMode::NoWait).ping_interval(None)?;
        builder.driver_name(self.driver_name.as_str());
        builder.stmt_cache_size(cache_size(request));
        if let Some(edition) = &key.edition {
            builder.edition(edition.as_str());
        }
        builder.build()
    }
}

/// What a get tells OCI's pool beyond what that knows already. NEW: nobody had the session before, on a pooled server
/// of the connection class neither.
fn options(way: &Way, identity: &Identity) -> PoolOptions {
    let mut options = PoolOptions::new().purity(Purity::New);
    if let Some(class) = &identity.connection_class {
        options = options.connection_class(class.as_str());
    }
    match way {
        Way::As(_) => options,
        Way::AsAnybody => options.username(user(identity)).password(password(identity)),
        Way::For(_) => options.username(identity.session_user.as_deref().unwrap_or_default()),
        Way::External => options.username(user(identity)),
    }
}

fn user(identity: &Identity) -> &str {
    identity.user.as_deref().unwrap_or_default()
}

fn password(identity: &Identity) -> &str {
    identity.password.as_ref().map_or("", |password| password.expose())
}

fn cache_size(request: &ConnectRequest<'_>) -> u32 {
    u32::try_from(request.statement_cache_size).unwrap_or(u32::MAX)
}

/// The size may have changed since the pool of OCI was made.
fn set_statement_cache(connection: &Connection, request: &ConnectRequest<'_>) -> oracle::Result<()> {
    let size = cache_size(request);
    if connection.stmt_cache_size()? == size { Ok(()) } else { connection.set_stmt_cache_size(size) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn identity(user: &str, password: &str) -> Identity {
        let password = Some(Secret::new(password));
        Identity { user: Some(user.to_owned()), password, ..Identity::default() }
    }

    #[test]
    fn the_first_user_has_a_pool_and_the_others_share_one() {
        let factory = Factory::new("db".to_owned(), "test".to_owned());
        let first = factory.way(&identity("scott", "tiger"));
        assert_eq!(first, Way::As(Account::of(&identity("scott", "tiger"))));
        assert_eq!(factory.way(&identity("scott", "tiger")), first);
        assert_eq!(factory.way(&identity("scott", "lion")), Way::AsAnybody);
        assert_eq!(factory.way(&identity("blake", "tiger")), Way::AsAnybody);
    }

    #[test]
    fn who_logs_on_for_others_or_externally_has_a_pool_for_it() {
        let factory = Factory::new("db".to_owned(), "test".to_owned());
        let main = identity("main", "secret");
        let proxied = Identity { session_user: Some("blake".to_owned()), ..main.clone() };
        assert_eq!(factory.way(&proxied), Way::For(Account::of(&main)));
        assert_eq!(factory.way(&Identity { external: true, ..Identity::default() }), Way::External);
    }

    #[test]
    fn nothing_shows_a_password() {
        let factory = Factory::new("scott/tigerSecret9@db".to_owned(), "test".to_owned());
        assert!(!format!("{factory:?}").contains("tigerSecret9"));
        assert!(!format!("{:?}", Account::of(&identity("scott", "tigerSecret9"))).contains("tigerSecret9"));
    }
}
