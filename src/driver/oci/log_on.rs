//! Logging on: which session pool of OCI makes a session for whom.
//!
//! OCI can log on in more ways through a session pool than without, and only so will it give DRCP servers back. Such a
//! pool is homogeneous, and then has one user, or heterogeneous. The first user with a password is taken for the one that
//! all sessions are for, and has a homogeneous pool; everybody else who comes with a password shares a heterogeneous one.
//! Who logs on for others, and who logs on externally, needs a pool that was made for it. An edition belongs to a pool, so
//! each has its own, and so does the fix-up procedure that the database calls under DRCP. Each pool is one OCI environment,
//! made when it is first needed.
//!
//! Passwords: OCI keeps the one that a pool was made with, for as long as the pool lives. The crate's copies for a
//! log-on are freed after it, but can not be wiped. A line to pooled servers keeps the password of a user who shares a
//! heterogeneous pool: each get of OCI's takes it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use oracle::Connection;
use oracle::conn::Purity;
use oracle::pool::{GetMode, PoolBuilder, PoolOptions, PoolType};
use parking_lot::Mutex;

use crate::driver::oci::errors::translate;
use crate::driver::oci::lines::Lines;
use crate::driver::{AttachWish, ConnectRequest, Identity, ServerPurity};
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
    fixup: Option<String>,
}

/// What a log-on needs that may outlive its request.
pub(super) struct Order {
    identity: Identity,
    statement_cache_size: u32,
    fixup: Option<String>,
}

impl Order {
    pub(super) fn of(request: &ConnectRequest<'_>) -> Order {
        Order {
            identity: request.identity.clone(),
            statement_cache_size: u32::try_from(request.statement_cache_size).unwrap_or(u32::MAX),
            fixup: request.fixup.map(str::to_owned),
        }
    }
}

/// Where the sessions of one identity come from.
pub(super) struct Source {
    pool: Arc<Lines>,
    way: Way,
    /// Without the password where OCI's pool has it.
    identity: Identity,
    statement_cache_size: u32,
    fixup: Option<String>,
    connect_string: Arc<str>,
}

impl Source {
    /// OCI's pool, and how many lines we have in it.
    pub(super) fn lines(&self) -> &Lines {
        &self.pool
    }

    /// Where the sessions go. It may hold a password.
    pub(super) fn connect_string(&self) -> &Arc<str> {
        &self.connect_string
    }

    /// The procedure that the database calls when a session has not the tag that was wished for.
    pub(super) fn fixup(&self) -> Option<&str> {
        self.fixup.as_deref()
    }

    /// A session that nobody had before. Blocks for as long as the log-on takes.
    pub(super) fn log_on(&self) -> Result<Connection, Error> {
        // NEW: on a pooled server of the connection class neither.
        self.get(self.options(Purity::New))
    }

    /// An idle line if OCI's pool has one, or a new one. No server is asked for.
    pub(super) fn line(&self) -> Result<Connection, Error> {
        self.get(self.options(Purity::Self_))
    }

    /// A line with a server of that kind. Blocks for as long as there is none.
    pub(super) fn attach(&self, wish: &Wish) -> Result<Connection, Error> {
        let purity = match wish.purity {
            ServerPurity::New => Purity::New,
            ServerPurity::Reuse => Purity::Self_,
        };
        let options = self.options(purity).match_any_tag(wish.match_any);
        self.get(match &wish.tag {
            Some(tag) => options.tag(tag.as_str()),
            None => options,
        })
    }

    fn get(&self, options: PoolOptions) -> Result<Connection, Error> {
        let get = || {
            let connection = self.pool.get(&options)?;
            set_statement_cache(&connection, self.statement_cache_size)?;
            Ok(connection)
        };
        get().map_err(|error| translate(&error))
    }

    /// What a get tells OCI's pool beyond what that knows already.
    fn options(&self, purity: Purity) -> PoolOptions {
        let identity = &self.identity;
        let mut options = PoolOptions::new().purity(purity);
        if let Some(class) = &identity.connection_class {
            options = options.connection_class(class.as_str());
        }
        match self.way {
            Way::As(_) => options,
            Way::AsAnybody => options.username(user(identity)).password(password(identity)),
            Way::For(_) => options.username(identity.session_user.as_deref().unwrap_or_default()),
            Way::External => options.username(user(identity)),
        }
    }
}

/// A wish for a server that may outlive whoever has it.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    tag: Option<String>,
    match_any: bool,
    purity: ServerPurity,
}

impl Wish {
    pub(super) fn of(wish: &AttachWish<'_>) -> Wish {
        Wish { tag: wish.tag.map(str::to_owned), match_any: wish.match_any, purity: wish.purity }
    }
}

/// Makes the sessions of one pool of ours.
pub(super) struct Factory {
    connect_string: Arc<str>,
    driver_name: String,
    first: OnceCell<Account>,
    pools: Mutex<HashMap<Key, Arc<OnceCell<Arc<Lines>>>>>,
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

    /// Where the sessions come from that are made to this order.
    pub(super) fn source(&self, order: Order) -> Result<Source, Error> {
        let Order { mut identity, statement_cache_size, fixup } = order;
        let way = self.way(&identity);
        let key = Key { way, edition: identity.edition.clone(), fixup };
        let pool = Arc::clone(self.pools.lock().entry(key.clone()).or_default());
        let pool = pool
            .get_or_try_init(|| self.make_pool(&key, &identity, statement_cache_size))
            .map_err(|error: oracle::Error| translate(&error))?;
        if key.way != Way::AsAnybody {
            identity.password = None;
        }
        Ok(Source {
            pool: Arc::clone(pool),
            way: key.way,
            identity,
            statement_cache_size,
            fixup: key.fixup,
            connect_string: Arc::clone(&self.connect_string),
        })
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
    fn make_pool(&self, key: &Key, identity: &Identity, cache_size: u32) -> oracle::Result<Arc<Lines>> {
        let (user, password) = match key.way {
            Way::As(_) | Way::For(_) => (user(identity), password(identity)),
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
        builder.stmt_cache_size(cache_size);
        if let Some(edition) = &key.edition {
            builder.edition(edition.as_str());
        }
        if let Some(fixup) = &key.fixup {
            builder.plsql_fixup_callback(fixup.as_str());
        }
        builder.build().map(|pool| Arc::new(Lines::new(pool)))
    }
}

fn user(identity: &Identity) -> &str {
    identity.user.as_deref().unwrap_or_default()
}

fn password(identity: &Identity) -> &str {
    identity.password.as_ref().map_or("", |password| password.expose())
}

/// The size may have changed since the pool of OCI was made.
fn set_statement_cache(connection: &Connection, size: u32) -> oracle::Result<()> {
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
