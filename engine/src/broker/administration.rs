//! What DBMS_CONNECTION_POOL does.

use std::time::{Duration, Instant};

use super::config::{Config, Refused};
use super::pool::Pool;
use super::{Broker, DEFAULT_POOL, State, Trash};
use crate::error::{Error, Result};

fn bad_name(name: &str) -> Error {
    Error::new(56504, format_args!("DRCP: invalid parameter name {name}"))
}

fn bad_value(name: &str) -> Error {
    Error::new(56505, format_args!("DRCP: invalid value for parameter {name}"))
}

fn not_altered(pool: &str) -> Error {
    Error::new(56507, format_args!("DRCP: failed to alter the configuration of connection pool {pool}"))
}

/// The name as the broker has it; without one, the default pool.
pub(crate) fn fold_pool(name: Option<&str>) -> String {
    let name = name.map(|name| name.trim().trim_matches('"').to_uppercase());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| DEFAULT_POOL.to_owned())
}

impl State {
    fn configure(&mut self, pool: &str, config: Config, trash: &mut Trash) -> Result<()> {
        let pool = self.pool(pool)?;
        if !config.is_sound() {
            return Err(not_altered(&pool.name));
        }
        pool.config = config;
        pool.configured(trash);
        Ok(())
    }
}

impl Broker {
    /// START_POOL; nothing for a pool that is started.
    pub(crate) fn start(&self, pool: &str) -> Result<()> {
        self.with(|state, _| {
            state.pool(pool)?.start();
            Ok(())
        })
    }

    /// STOP_POOL: connections that have a server keep it for `drain` at most.
    pub(crate) fn stop(&self, pool: &str, drain: Duration) -> Result<()> {
        self.with(|state, trash| {
            let pool = state.pool(pool)?;
            match Instant::now().checked_add(drain) {
                Some(end) if !drain.is_zero() => pool.drain(end, trash),
                _ => pool.stop(trash),
            }
            Ok(())
        })
    }

    /// CONFIGURE_POOL and RESTORE_DEFAULTS: `None` is a parameter's default.
    pub(crate) fn configure(&self, pool: &str, values: &[Option<i64>]) -> Result<()> {
        let config = config_of(pool, values)?;
        self.with(|state, trash| state.configure(pool, config, trash))
    }

    /// ALTER_PARAM.
    pub(crate) fn alter(&self, pool: &str, name: &str, value: &str) -> Result<()> {
        self.with(|state, trash| {
            let mut config = state.pool(pool)?.config.clone();
            let number = value.trim().parse().ok();
            match config.set(name, number.unwrap_or(-1)) {
                Err(Refused::Name) => Err(bad_name(name)),
                Err(Refused::Value) => Err(bad_value(name)),
                Ok(()) if !config.is_sound() => Err(bad_value(name)),
                Ok(()) => state.configure(pool, config, trash),
            }
        })
    }

    /// Changes several parameters of the default pool, all or none, and the limit of connections.
    pub(crate) fn alter_all(&self, params: &[(&str, i64)]) -> Result<()> {
        self.with(|state, trash| {
            let mut config = state.pool(DEFAULT_POOL)?.config.clone();
            let mut limit = state.connection_limit;
            for (name, value) in params {
                if name.eq_ignore_ascii_case("connection_limit") {
                    limit = u64::try_from(*value).map_err(|_| bad_value(name))?;
                    continue;
                }
                config.set(name, *value).map_err(|refused| match refused {
                    Refused::Name => bad_name(name),
                    Refused::Value => bad_value(name),
                })?;
            }
            state.configure(DEFAULT_POOL, config, trash)?;
            state.connection_limit = limit;
            Ok(())
        })
    }

    /// ADD_POOL: the pool is not started.
    pub(crate) fn add(&self, pool: &str, values: &[Option<i64>]) -> Result<()> {
        let config = config_of(pool, values)?;
        self.with(|state, _| {
            if pool.is_empty() || state.pools.contains_key(pool) || !config.is_sound() {
                return Err(not_altered(pool));
            }
            state.pools.insert(pool.to_owned(), Pool::stopped(pool, config));
            Ok(())
        })
    }

    /// REMOVE_POOL: stops it as well. The default pool stays.
    pub(crate) fn remove(&self, pool: &str) -> Result<()> {
        self.with(|state, trash| {
            if pool == DEFAULT_POOL {
                return Err(not_altered(pool));
            }
            let found = state.pool(pool)?;
            found.stop(trash);
            // Waiters that are told so take it from the pool.
            if found.lines.is_empty() {
                state.pools.remove(pool);
                return Ok(());
            }
            Err(Error::new(
                56506,
                format_args!(
                    "DRCP: failed to remove connection pool {pool}: it has connections; it is stopped now"
                ),
            ))
        })
    }
}

fn config_of(pool: &str, values: &[Option<i64>]) -> Result<Config> {
    let mut config = Config::default();
    for (parameter, value) in super::PARAMETERS.iter().zip(values) {
        if let Some(value) = value {
            config.set(parameter.name, *value).map_err(|_| not_altered(pool))?;
        }
    }
    Ok(config)
}
