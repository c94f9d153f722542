//! The broker: clients' connections that wait for nothing but a pooled server, and the pools of those servers.
//!
//! One lock guards all pools. Under it nothing waits, runs SQL or closes a file: sessions that are to end are collected and end after it.
//! There is no thread. Think times and idle servers are looked at whenever the broker is used, and who waits for a server wakes for the
//! next moment at which one can become free by itself.

mod administration;
mod config;
mod facts;
mod pool;
mod tags;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::call::{Control, Ending, Woken};
use crate::error::{Error, Result};
use crate::server_session::Kept;
use crate::shared::SessionShared;

pub(crate) use administration::fold_pool;
pub(crate) use config::Config;
use config::PARAMETERS;
pub(crate) use facts::{LineStatus, PoolFacts};
pub(crate) use pool::Counts;
use pool::Pool;

/// The pool of log-ons that name none.
pub(crate) const DEFAULT_POOL: &str = "SYS_DEFAULT_CONNECTION_POOL";
/// The class of log-ons that name none.
pub(crate) const DEFAULT_CLASS: &str = "SHARED";

/// What the broker knows of a client's connection.
pub(crate) struct LineFacts {
    pub(crate) number: u64,
    pub(crate) pool: String,
    pub(crate) user: String,
    pub(crate) class: String,
    pub(crate) edition: String,
    pub(crate) purity: crate::log_on::Purity,
    pub(crate) client: Arc<crate::shared::Client>,
    pub(crate) control: Arc<Control>,
    pub(crate) mapped: crate::attach::Mapped,
}

/// What a connection wants of the session that it is to get.
pub(crate) struct Wish {
    pub(crate) new: bool,
    pub(crate) tag: Option<String>,
    pub(crate) multiproperty: bool,
    pub(crate) match_any: bool,
}

/// A pooled server for a connection: with the session it has, or none, so that one is to be built.
pub(crate) struct Grant {
    pub(crate) kept: Option<Kept>,
    /// The session has the tag that was wanted.
    pub(crate) found: bool,
}

/// Sessions that end once the broker's lock is free.
#[derive(Default)]
struct Trash {
    kept: Vec<Kept>,
    idle: Vec<Arc<SessionShared>>,
}

pub(crate) struct Broker {
    state: Mutex<State>,
}

struct State {
    pools: BTreeMap<String, Pool>,
    lines: u64,
    /// DRCP_CONNECTION_LIMIT; 0 for none.
    connection_limit: u64,
}

fn no_such_pool(name: &str) -> Error {
    Error::new(56500, format_args!("DRCP: connection pool {name} not found"))
}

fn not_started(name: &str) -> Error {
    Error::new(
        12520,
        format_args!("listener could not find available handler: the connection pool {name} is not started"),
    )
}

impl Default for Broker {
    fn default() -> Self {
        let pool = Pool::started(DEFAULT_POOL, Config::default());
        let pools = BTreeMap::from([(DEFAULT_POOL.to_owned(), pool)]);
        Self { state: Mutex::new(State { pools, lines: 0, connection_limit: 0 }) }
    }
}

impl State {
    fn pool(&mut self, name: &str) -> Result<&mut Pool> {
        self.pools.get_mut(name).ok_or_else(|| no_such_pool(name))
    }

    fn sweep(&mut self, trash: &mut Trash) {
        let now = Instant::now();
        self.pools.values_mut().for_each(|pool| pool.sweep(now, trash));
    }

    fn check_entry(&mut self, pool: &str) -> Result<()> {
        let lines: usize = self.pools.values().map(Pool::living_lines).sum();
        let full = self.connection_limit > 0 && lines as u64 >= self.connection_limit;
        self.pool(pool)?.check_started()?;
        if full {
            return Err(Error::new(56614, "DRCP: the limit of client connections is reached"));
        }
        Ok(())
    }
}

impl Broker {
    /// Runs `body` with the pools as they are now, and ends afterwards what is to end.
    fn with<T>(&self, body: impl FnOnce(&mut State, &mut Trash) -> T) -> T {
        let mut trash = Trash::default();
        let outcome = {
            let mut state = self.state.lock();
            state.sweep(&mut trash);
            body(&mut state, &mut trash)
        };
        trash.idle.iter().for_each(|session| session.log_off());
        outcome
    }

    /// Ends what time has ended.
    pub(crate) fn sweep(&self) {
        self.with(|_, _| ());
    }

    /// Ends what time has ended, if this connection's think time is over. Each call asks, so that it does not look at all the others.
    pub(crate) fn end_if_silent(&self, line: &LineFacts, session: &Control) {
        let limits = {
            let mut state = self.state.lock();
            state.pool(&line.pool).ok().map(|pool| pool.config.think_times())
        };
        let end = limits.and_then(|limits| session.silent_until(limits));
        if end.is_some_and(|end| Instant::now() >= end) {
            self.sweep();
        }
    }

    /// How long at most until time itself may end a session in any pool; `None` with nobody to lose one.
    pub(crate) fn next_change(&self) -> Option<Duration> {
        let state = self.state.lock();
        let pools = state.pools.values().filter(|pool| !pool.busy.is_empty());
        pools.filter_map(Pool::next_change).min()
    }

    /// Whether a connection may come in now: ORA-56500, ORA-12520 or ORA-56614 if not.
    pub(crate) fn check_entry(&self, pool: &str) -> Result<()> {
        self.with(|state, _| state.check_entry(pool))
    }

    /// Takes in a connection whose user was authenticated; it gets its number.
    pub(crate) fn enter(&self, mut facts: LineFacts) -> Result<Arc<LineFacts>> {
        self.with(|state, _| {
            state.check_entry(&facts.pool)?;
            state.lines += 1;
            facts.number = state.lines;
            let pool = state.pool(&facts.pool)?;
            let facts = Arc::new(facts);
            pool.enter(&facts);
            Ok(facts)
        })
    }

    /// Forgets a connection, which has given its server back.
    pub(crate) fn leave(&self, line: &LineFacts) {
        self.with(|state, trash| {
            if let Ok(pool) = state.pool(&line.pool) {
                pool.leave(line.number, trash);
            }
        });
    }

    /// Maps a pooled server to a connection in whose call this is; waits in the queue when all are busy.
    pub(crate) fn attach(&self, line: &Arc<LineFacts>, wish: Wish) -> Result<Grant> {
        let at_once = self.with(|state, trash| state.pool(&line.pool)?.ask(line, wish, trash))?;
        match at_once {
            Some(grant) => Ok(grant),
            None => self.wait(line),
        }
    }

    fn wait(&self, line: &LineFacts) -> Result<Grant> {
        loop {
            let limit = self.with(|state, _| state.pool(&line.pool).ok()?.next_change());
            match line.control.wait(limit) {
                Ok(Woken::Granted) => {
                    return self.with(|state, _| state.pool(&line.pool)?.collect(line));
                }
                // The next look sweeps.
                Ok(Woken::TimeUp) => {}
                Err(stopped) => {
                    self.with(|state, trash| {
                        if let Ok(pool) = state.pool(&line.pool) {
                            pool.withdraw(line.number, trash);
                        }
                    });
                    return Err(stopped);
                }
            }
        }
    }

    /// Says which session the connection's server now has.
    pub(crate) fn mapped(&self, line: &LineFacts, session: &Arc<SessionShared>) {
        self.with(|state, _| {
            if let Ok(pool) = state.pool(&line.pool) {
                pool.mapped(line.number, session);
            }
        });
    }

    /// Takes a server back, with its session or without one if that has ended.
    pub(crate) fn give_back(&self, line: &LineFacts, kept: Option<Kept>, purged: bool) {
        self.with(|state, trash| match state.pool(&line.pool) {
            Ok(pool) => pool.give_back(line.number, kept, purged, trash),
            Err(_) => trash.kept.extend(kept),
        });
    }

    /// Whether this session is on a server of the pool.
    pub(crate) fn has_session(&self, pool: &str, serial: u32) -> bool {
        self.with(|state, _| state.pool(pool).is_ok_and(|pool| pool.has_session(serial)))
    }

    /// Ends what a killed session has in the broker: its place among the free ones, or its holder's connection.
    pub(crate) fn session_ended(&self, serial: u32, ending: Ending) {
        self.with(|state, trash| {
            state.pools.values_mut().for_each(|pool| pool.session_ended(serial, ending, trash));
        });
    }
}
