//! The attributes of a pool and of a get: one bag for both, as OCI's authinfo is. What each takes, its limits and
//! its default stand here, once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::pool::callback::SessionCallback;
use crate::secret::Secret;

/// An attribute; its number is the one that the C API fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
#[allow(missing_docs, reason = "ATTRIBUTES below says what each is")]
pub enum Attr {
    User = 1,
    Password = 2,
    ConnectString = 3,
    Driver = 4,
    ConnectionClass = 5,
    Edition = 6,
    DriverName = 7,
    ClientLibDir = 8,
    ConfigDir = 9,
    FixupCallback = 10,
    Context = 11,
    SessionsMin = 20,
    SessionsMax = 21,
    SessionsIncrement = 22,
    GetMode = 23,
    WaitTimeoutMs = 24,
    WaitersMax = 25,
    Homogeneous = 26,
    ExternalAuth = 27,
    Purity = 28,
    IdleTimeoutMs = 30,
    LifetimeMaxMs = 31,
    UsesMax = 32,
    PingIntervalMs = 33,
    PingTimeoutMs = 34,
    ConnectTimeoutMs = 35,
    StatementCacheSize = 36,
    LeakAfterMs = 37,
    ConnectsMax = 38,
    WaitReportMs = 39,
}

/// What an attribute takes.
#[derive(Debug, Clone, Copy)]
enum Takes {
    /// Text of at most so many bytes.
    Text(usize),
    /// A whole number from the first to the second.
    Int(i64, i64),
}

/// The most sessions that one pool can have: the session handles leave 16 bits for their number.
pub const SESSIONS_LIMIT: i64 = 65_535;
/// Longest time that an attribute takes, in milliseconds: 100 years, so that no sum of times overflows.
const TIME_LIMIT: i64 = 100 * 365 * 24 * 3600 * 1000;
/// Connect strings with several descriptions get long; no other text needs more than Oracle's 30 to 1024 bytes.
const LONG_TEXT: usize = 32 * 1024;
const TEXT: usize = 1024;

/// Every attribute: its name after `ORAPOOL_ATTR_` and what it takes.
const ATTRIBUTES: [(Attr, &str, Takes); 30] = [
    (Attr::User, "USER", Takes::Text(TEXT)),
    (Attr::Password, "PASSWORD", Takes::Text(TEXT)),
    (Attr::ConnectString, "CONNECT_STRING", Takes::Text(LONG_TEXT)),
    (Attr::Driver, "DRIVER", Takes::Text(TEXT)),
    (Attr::ConnectionClass, "CONNECTION_CLASS", Takes::Text(TEXT)),
    (Attr::Edition, "EDITION", Takes::Text(TEXT)),
    (Attr::DriverName, "DRIVER_NAME", Takes::Text(TEXT)),
    (Attr::ClientLibDir, "CLIENT_LIB_DIR", Takes::Text(LONG_TEXT)),
    (Attr::ConfigDir, "CONFIG_DIR", Takes::Text(LONG_TEXT)),
    (Attr::FixupCallback, "FIXUP_CALLBACK", Takes::Text(TEXT)),
    (Attr::Context, "CONTEXT", Takes::Text(LONG_TEXT)),
    (Attr::SessionsMin, "SESSIONS_MIN", Takes::Int(0, SESSIONS_LIMIT)),
    (Attr::SessionsMax, "SESSIONS_MAX", Takes::Int(0, SESSIONS_LIMIT)),
    (Attr::SessionsIncrement, "SESSIONS_INCREMENT", Takes::Int(0, SESSIONS_LIMIT)),
    (Attr::GetMode, "GET_MODE", Takes::Int(0, 3)),
    (Attr::WaitTimeoutMs, "WAIT_TIMEOUT_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::WaitersMax, "WAITERS_MAX", Takes::Int(-1, i32::MAX as i64)),
    (Attr::Homogeneous, "HOMOGENEOUS", Takes::Int(0, 1)),
    (Attr::ExternalAuth, "EXTERNAL_AUTH", Takes::Int(0, 1)),
    (Attr::Purity, "PURITY", Takes::Int(0, 2)),
    (Attr::IdleTimeoutMs, "IDLE_TIMEOUT_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::LifetimeMaxMs, "LIFETIME_MAX_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::UsesMax, "USES_MAX", Takes::Int(0, u32::MAX as i64)),
    (Attr::PingIntervalMs, "PING_INTERVAL_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::PingTimeoutMs, "PING_TIMEOUT_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::ConnectTimeoutMs, "CONNECT_TIMEOUT_MS", Takes::Int(-1, TIME_LIMIT)),
    (Attr::StatementCacheSize, "STATEMENT_CACHE_SIZE", Takes::Int(0, 65_535)),
    (Attr::LeakAfterMs, "LEAK_AFTER_MS", Takes::Int(0, TIME_LIMIT)),
    (Attr::ConnectsMax, "CONNECTS_MAX", Takes::Int(1, 64)),
    (Attr::WaitReportMs, "WAIT_REPORT_MS", Takes::Int(0, TIME_LIMIT)),
];

impl Attr {
    /// The attribute with that number; ORA-24315 if there is none.
    pub fn from_number(number: u32) -> Result<Attr, Error> {
        ATTRIBUTES.iter().map(|(attr, ..)| *attr).find(|attr| *attr as u32 == number).ok_or_else(|| {
            let text = format!("ORA-24315: attribute {number} is not known to this version of the library");
            Error::new(Kind::Unsupported, 24315, text)
        })
    }

    fn entry(self) -> (&'static str, Takes) {
        let found = ATTRIBUTES.iter().find(|(attr, ..)| *attr == self);
        found.map_or(("?", Takes::Text(0)), |(_, name, takes)| (name, *takes))
    }

    /// Its name as C programs write it.
    pub fn name(self) -> String {
        format!("ORAPOOL_ATTR_{}", self.entry().0)
    }
}

/// What an attribute was set to.
#[derive(Clone, PartialEq, Eq)]
enum Setting {
    Text(String),
    Int(i64),
    /// A password; after the pool is made its fingerprint alone is kept.
    Secret(Secret),
    Fingerprint(u64),
}

/// A bag of attributes. Empty text unsets; each attribute is checked when it is set.
#[derive(Clone, Default)]
pub struct Attributes {
    set: BTreeMap<Attr, Setting>,
    callback: Option<CallbackSetting>,
}

/// The session callback, or what tells it from others.
#[derive(Clone)]
enum CallbackSetting {
    Callback(Arc<dyn SessionCallback>),
    Identity((usize, usize)),
}

impl CallbackSetting {
    fn identity(&self) -> (usize, usize) {
        match self {
            CallbackSetting::Callback(callback) => callback.identity(),
            CallbackSetting::Identity(identity) => *identity,
        }
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (attr, setting) in &self.set {
            match setting {
                Setting::Text(text) => map.entry(attr, text),
                Setting::Int(number) => map.entry(attr, number),
                Setting::Secret(_) | Setting::Fingerprint(_) => map.entry(attr, &"***"),
            };
        }
        if let Some(callback) = &self.callback {
            map.entry(&"callback", &callback.identity());
        }
        map.finish()
    }
}

impl Attributes {
    /// An empty bag.
    pub fn new() -> Self {
        Attributes::default()
    }

    /// Sets a text attribute, or unsets it with an empty text. Refuses a number attribute, a text that is too long
    /// and one with a NUL character, which no database client could take.
    pub fn set_text(&mut self, attr: Attr, text: &str) -> Result<(), Error> {
        let name = attr.name();
        let Takes::Text(limit) = attr.entry().1 else {
            return Err(Error::invalid_argument(format!("{name} takes a number: use orapool_attrs_set_int")));
        };
        if text.len() > limit {
            let text = format!("{name} takes at most {limit} bytes of text, not {}", text.len());
            return Err(Error::invalid_argument(text));
        }
        if let Some(at) = text.bytes().position(|byte| byte == 0) {
            return Err(Error::invalid_argument(format!("{name} has a NUL character at byte {at}")));
        }
        match (attr, text) {
            (_, "") => drop(self.set.remove(&attr)),
            (Attr::Password, _) => drop(self.set.insert(attr, Setting::Secret(Secret::new(text)))),
            _ => drop(self.set.insert(attr, Setting::Text(text.to_owned()))),
        }
        Ok(())
    }

    /// Sets a number attribute. Refuses a text attribute and a number out of range.
    pub fn set_int(&mut self, attr: Attr, value: i64) -> Result<(), Error> {
        let name = attr.name();
        let Takes::Int(least, most) = attr.entry().1 else {
            return Err(Error::invalid_argument(format!("{name} takes a text: use orapool_attrs_set_text")));
        };
        if !(least..=most).contains(&value) {
            let text = format!("{name} takes a number from {least} to {most}, not {value}");
            return Err(Error::invalid_argument(text));
        }
        self.set.insert(attr, Setting::Int(value));
        Ok(())
    }

    /// The text that was set; never a password.
    pub fn text(&self, attr: Attr) -> Option<&str> {
        match self.set.get(&attr) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number that was set.
    pub fn int(&self, attr: Attr) -> Option<i64> {
        match self.set.get(&attr) {
            Some(Setting::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// The password that was set.
    pub fn password(&self) -> Option<&Secret> {
        match self.set.get(&Attr::Password) {
            Some(Setting::Secret(secret)) => Some(secret),
            _ => None,
        }
    }

    /// Sets the session callback, or unsets it. The one that was set before.
    pub fn set_callback(
        &mut self,
        callback: Option<Arc<dyn SessionCallback>>,
    ) -> Option<Arc<dyn SessionCallback>> {
        match std::mem::replace(&mut self.callback, callback.map(CallbackSetting::Callback)) {
            Some(CallbackSetting::Callback(former)) => Some(former),
            _ => None,
        }
    }

    /// The session callback that was set.
    pub fn callback(&self) -> Option<&Arc<dyn SessionCallback>> {
        match &self.callback {
            Some(CallbackSetting::Callback(callback)) => Some(callback),
            _ => None,
        }
    }

    /// The attributes that were set.
    pub(crate) fn attrs(&self) -> impl Iterator<Item = Attr> + '_ {
        self.set.keys().copied()
    }

    /// The same bag with password and callback replaced by what tells them from others.
    pub(crate) fn without_secrets(&self) -> Attributes {
        let strip = |setting: &Setting| match setting {
            Setting::Secret(secret) => Setting::Fingerprint(secret.fingerprint()),
            other => other.clone(),
        };
        Attributes {
            set: self.set.iter().map(|(attr, setting)| (*attr, strip(setting))).collect(),
            callback: self.callback.as_ref().map(|callback| CallbackSetting::Identity(callback.identity())),
        }
    }

    /// Takes over what `changes` sets.
    pub(crate) fn merge(&mut self, changes: &Attributes) {
        self.set.extend(changes.set.iter().map(|(attr, setting)| (*attr, setting.clone())));
    }

    /// The names of what two bags without secrets differ in: a value that is set in one only counts as well.
    pub(crate) fn differences(&self, other: &Attributes) -> Vec<String> {
        let mut attrs: Vec<Attr> = self.attrs().chain(other.attrs()).collect();
        attrs.sort_unstable();
        attrs.dedup();
        attrs.retain(|attr| self.set.get(attr) != other.set.get(attr));
        let callbacks = [self, other].map(|bag| bag.callback.as_ref().map(CallbackSetting::identity));
        let callback = (callbacks[0] != callbacks[1]).then(|| "the session callback".to_owned());
        attrs.into_iter().map(Attr::name).chain(callback).collect()
    }
}

/// What a get does when no session that fits is idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GetMode {
    /// Waits for as long as it takes.
    Wait,
    /// Waits for nobody else; connects for itself while there is a place.
    NoWait,
    /// Connects beyond the maximum rather than wait.
    ForceGet,
    /// Waits for WAIT_TIMEOUT_MS.
    TimedWait,
}

impl GetMode {
    pub(crate) fn from_number(number: i64) -> GetMode {
        match number {
            1 => GetMode::NoWait,
            2 => GetMode::ForceGet,
            3 => GetMode::TimedWait,
            _ => GetMode::Wait,
        }
    }
}

/// What may be left in a session by those who had it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purity {
    /// SELF, for a get from a pool.
    Default,
    /// Nothing: a session that nobody has had.
    New,
    /// Whatever others of the same identity and class left.
    Same,
}

impl Purity {
    pub(crate) fn from_number(number: i64) -> Purity {
        match number {
            1 => Purity::New,
            2 => Purity::Same,
            _ => Purity::Default,
        }
    }
}

/// The numbers that govern a pool, with every default filled in and every combination checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Sessions that are kept open.
    pub sessions_min: usize,
    /// Sessions that are never exceeded, FORCEGET apart.
    pub sessions_max: usize,
    /// Sessions by which the pool grows.
    pub increment: usize,
    /// What a get does by default when nothing is idle.
    pub get_mode: GetMode,
    /// How long a TIMEDWAIT get waits; none = for ever.
    pub wait_timeout: Option<Duration>,
    /// How many gets may wait for loans; none = any number.
    pub waiters_max: Option<usize>,
    /// Idle time after which a session is closed while more than the minimum are open.
    pub idle_timeout: Option<Duration>,
    /// Age at which a session is closed when it is not on loan.
    pub lifetime_max: Option<Duration>,
    /// Loans after which a session is closed.
    pub uses_max: Option<u32>,
    /// Idle time after which a session is pinged before it is handed out; none = never.
    pub ping_interval: Option<Duration>,
    /// How long a ping may take; none = as long as it takes.
    pub ping_timeout: Option<Duration>,
    /// How long a connect may take; none = as long as it takes.
    pub connect_timeout: Option<Duration>,
    /// Statements that each new session keeps parsed.
    pub statement_cache_size: usize,
    /// Loan time after which a loan is reported as a leak.
    pub leak_after: Option<Duration>,
    /// Connects made side by side.
    pub connects_max: usize,
    /// From which wait of a get on it is reported as an event.
    pub wait_report: Option<Duration>,
    /// Purity of a get that asks for none.
    pub purity: Purity,
}

impl Settings {
    /// What `attributes` come to. ORA-24413 for sizes that do not go together.
    pub fn resolve(attributes: &Attributes) -> Result<Settings, Error> {
        let int = |attr, default| attributes.int(attr).unwrap_or(default);
        let size = |attr, default| usize::try_from(int(attr, default)).unwrap_or(0);
        let settings = Settings {
            sessions_min: size(Attr::SessionsMin, 1),
            sessions_max: size(Attr::SessionsMax, 4),
            // OCI allows 0, and a pool that may grow must then grow by one.
            increment: size(Attr::SessionsIncrement, 1).max(1),
            get_mode: GetMode::from_number(int(Attr::GetMode, 0)),
            // OCI's own default, which its documentation does not tell.
            wait_timeout: forever_below_zero(int(Attr::WaitTimeoutMs, 5000)),
            waiters_max: usize::try_from(int(Attr::WaitersMax, -1)).ok(),
            idle_timeout: never_up_to_zero(int(Attr::IdleTimeoutMs, 0)),
            lifetime_max: never_up_to_zero(int(Attr::LifetimeMaxMs, 0)),
            uses_max: u32::try_from(int(Attr::UsesMax, 0)).ok().filter(|uses| *uses > 0),
            // Both from ODPI-C: often enough to find a session that a firewall cut, too seldom to be felt.
            ping_interval: forever_below_zero(int(Attr::PingIntervalMs, 60_000)),
            ping_timeout: forever_below_zero(int(Attr::PingTimeoutMs, 5000)),
            connect_timeout: forever_below_zero(int(Attr::ConnectTimeoutMs, 20_000)),
            // ODPI-C's default.
            statement_cache_size: size(Attr::StatementCacheSize, 20),
            leak_after: never_up_to_zero(int(Attr::LeakAfterMs, 0)),
            // A log-on costs the server a process: a few at a time fill a pool fast enough and start no storm.
            connects_max: size(Attr::ConnectsMax, 4).max(1),
            wait_report: never_up_to_zero(int(Attr::WaitReportMs, 0)),
            purity: Purity::from_number(int(Attr::Purity, 0)),
        };
        settings.check_sizes()?;
        Ok(settings)
    }

    fn check_sizes(&self) -> Result<(), Error> {
        let (min, max) = (self.sessions_min, self.sessions_max);
        if max >= 1 && min <= max {
            return Ok(());
        }
        let text = format!(
            "ORA-24413: SESSIONS_MIN is {min} and SESSIONS_MAX is {max}; the maximum must be at least 1 and at least the minimum"
        );
        Err(Error::new(Kind::Oracle, 24413, text))
    }
}

fn milliseconds(value: i64) -> Option<Duration> {
    u64::try_from(value).ok().map(Duration::from_millis)
}

/// -1 = for ever, 0 = at once.
pub(crate) fn forever_below_zero(value: i64) -> Option<Duration> {
    milliseconds(value)
}

/// 0 and -1 = never.
fn never_up_to_zero(value: i64) -> Option<Duration> {
    milliseconds(value).filter(|time| !time.is_zero())
}

/// The attributes that a pool can change while it is open: all that say how much and how long, none that say who
/// and where.
pub(crate) const CHANGEABLE: [Attr; 17] = [
    Attr::SessionsMin,
    Attr::SessionsMax,
    Attr::SessionsIncrement,
    Attr::GetMode,
    Attr::WaitTimeoutMs,
    Attr::WaitersMax,
    Attr::Purity,
    Attr::IdleTimeoutMs,
    Attr::LifetimeMaxMs,
    Attr::UsesMax,
    Attr::PingIntervalMs,
    Attr::PingTimeoutMs,
    Attr::ConnectTimeoutMs,
    Attr::StatementCacheSize,
    Attr::LeakAfterMs,
    Attr::ConnectsMax,
    Attr::WaitReportMs,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_contract() {
        let settings = Settings::resolve(&Attributes::new()).unwrap();
        assert_eq!((settings.sessions_min, settings.sessions_max, settings.increment), (1, 4, 1));
        assert_eq!(settings.get_mode, GetMode::Wait);
        assert_eq!(settings.wait_timeout, Some(Duration::from_secs(5)));
        assert_eq!(settings.waiters_max, None);
        assert_eq!(settings.ping_interval, Some(Duration::from_secs(60)));
        assert_eq!((settings.idle_timeout, settings.lifetime_max, settings.uses_max), (None, None, None));
    }

    #[test]
    fn sizes_that_do_not_go_together_are_24413() {
        for (min, max) in [(3, 2), (0, 0), (1, 0)] {
            let mut attributes = Attributes::new();
            attributes.set_int(Attr::SessionsMin, min).unwrap();
            attributes.set_int(Attr::SessionsMax, max).unwrap();
            assert_eq!(Settings::resolve(&attributes).unwrap_err().code(), 24413, "{min} {max}");
        }
    }

    #[test]
    fn no_password_shows() {
        let mut attributes = Attributes::new();
        attributes.set_text(Attr::Password, "tiger").unwrap();
        assert!(!format!("{attributes:?} {:?}", attributes.without_secrets()).contains("tiger"));
        let mut other = Attributes::new();
        other.set_text(Attr::Password, "lion").unwrap();
        let difference = attributes.without_secrets().differences(&other.without_secrets());
        assert_eq!(difference, ["ORAPOOL_ATTR_PASSWORD"]);
    }
}
