//! What a pool is configured to do.

use std::time::{Duration, Instant};

use crate::call::ThinkTimes;

/// The largest value that a parameter has.
const LARGEST: i64 = 2_147_483_646;

/// The configuration of a pool. Times are in milliseconds; where 0 is no minimum it is for ever, or no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) minsize: u64,
    pub(crate) maxsize: u64,
    pub(crate) incrsize: u64,
    pub(crate) session_cached_cursors: u64,
    pub(crate) inactivity_timeout: u64,
    pub(crate) max_think_time: u64,
    pub(crate) max_use_session: u64,
    pub(crate) max_lifetime_session: u64,
    pub(crate) max_txn_think_time: u64,
    pub(crate) num_cbrok: u64,
    pub(crate) maxconn_cbrok: u64,
}

impl Default for Config {
    /// Oracle's own.
    fn default() -> Self {
        Self {
            minsize: 4,
            maxsize: 40,
            incrsize: 2,
            session_cached_cursors: 20,
            inactivity_timeout: 300_000,
            max_think_time: 120_000,
            max_use_session: 500_000,
            max_lifetime_session: 86_400_000,
            max_txn_think_time: 0,
            num_cbrok: 1,
            maxconn_cbrok: 40_000,
        }
    }
}

/// A parameter: its name, its least value, what one of it is in the unit of the field, and the field.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    least: i64,
    scale: u64,
    field: fn(&mut Config) -> &mut u64,
}

const fn parameter(
    name: &'static str,
    least: i64,
    scale: u64,
    field: fn(&mut Config) -> &mut u64,
) -> Parameter {
    Parameter { name, least, scale, field }
}

/// The parameters, in the order of CONFIGURE_POOL.
pub(crate) static PARAMETERS: [Parameter; 11] = [
    parameter("MINSIZE", 0, 1, |config| &mut config.minsize),
    parameter("MAXSIZE", 1, 1, |config| &mut config.maxsize),
    parameter("INCRSIZE", 1, 1, |config| &mut config.incrsize),
    parameter("SESSION_CACHED_CURSORS", 0, 1, |config| &mut config.session_cached_cursors),
    parameter("INACTIVITY_TIMEOUT", 0, 1000, |config| &mut config.inactivity_timeout),
    parameter("MAX_THINK_TIME", 0, 1000, |config| &mut config.max_think_time),
    parameter("MAX_USE_SESSION", 0, 1, |config| &mut config.max_use_session),
    parameter("MAX_LIFETIME_SESSION", 0, 1000, |config| &mut config.max_lifetime_session),
    parameter("MAX_TXN_THINK_TIME", 0, 1000, |config| &mut config.max_txn_think_time),
    parameter("NUM_CBROK", 0, 1, |config| &mut config.num_cbrok),
    parameter("MAXCONN_CBROK", 0, 1, |config| &mut config.maxconn_cbrok),
];

/// Why a parameter was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Name,
    Value,
}

impl Config {
    /// Sets a parameter by its name in whatever case; a time also by its name with `_MS` behind it.
    pub(crate) fn set(&mut self, name: &str, value: i64) -> Result<(), Refused> {
        let name = name.trim().to_uppercase();
        let plain = name.strip_suffix("_MS");
        let find = |name: &str| PARAMETERS.iter().find(|parameter| parameter.name == name);
        let in_milliseconds = plain.and_then(find).filter(|parameter| parameter.scale != 1);
        let parameter = find(&name).or(in_milliseconds).ok_or(Refused::Name)?;
        if !(parameter.least..=LARGEST).contains(&value) {
            return Err(Refused::Value);
        }
        let scale = if in_milliseconds.is_some() { 1 } else { parameter.scale };
        *(parameter.field)(self) = value.unsigned_abs() * scale;
        Ok(())
    }

    /// Whether its values go together.
    pub(crate) fn is_sound(&self) -> bool {
        self.minsize <= self.maxsize
    }

    pub(super) fn think_times(&self) -> ThinkTimes {
        let outside = limit(self.max_think_time);
        ThinkTimes { outside, in_transaction: limit(self.max_txn_think_time).or(outside) }
    }

    pub(super) fn inactivity_timeout(&self) -> Option<Duration> {
        limit(self.inactivity_timeout)
    }

    /// Whether a server was used often or long enough.
    pub(super) fn is_worn(&self, uses: u64, born: Instant) -> bool {
        let used_up = self.max_use_session > 0 && uses >= self.max_use_session;
        used_up || limit(self.max_lifetime_session).is_some_and(|life| born.elapsed() >= life)
    }
}

fn limit(milliseconds: u64) -> Option<Duration> {
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}
