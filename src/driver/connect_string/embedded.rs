//! Connect strings of the embedded engine: `embedded:NAME[:pooled][?key=value{&key=value}]`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::driver::connect_string::fault::Complaint;
use crate::driver::connect_string::pooling::{PoolKey, Pooling};
use crate::error::Error;

/// What a connect string of the embedded engine says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedTarget {
    /// The database; pools that give the same name share it.
    pub name: String,
    /// Where its tables are kept; none = nowhere, they go with the last pool.
    pub file: Option<PathBuf>,
    /// How long each connect takes, at least.
    pub connect_delay: Duration,
    /// How long each call takes, at least.
    pub call_delay: Duration,
    /// How many of the pool's first connects fail.
    pub connect_failures: u32,
    /// How long a statement waits for another session's transaction.
    pub lock_timeout: Duration,
    /// What it says of pooled servers; none = sessions have servers of their own.
    pub pooling: Option<Pooling>,
    /// What the broker of the pooled servers is told, in the order of the text: the name of a setting and its value.
    pub broker: Vec<(&'static str, i64)>,
}

const PREFIX: &str = "embedded:";
const KEYS: &str = "file, connect_delay_ms, call_delay_ms, connect_failures, lock_timeout_ms";
const POOLED_KEYS: &str = "pool_connection_class, pool_purity, pool_name, pool_boundary";
const NAME_LIMIT: usize = 64;

const BROKER_PREFIX: &str = "drcp_";
const BROKER_SETTINGS: [&str; 9] = [
    "minsize",
    "maxsize",
    "incrsize",
    "inactivity_timeout_ms",
    "max_think_time_ms",
    "max_txn_think_time_ms",
    "max_use_session",
    "max_lifetime_session_ms",
    "connection_limit",
];

impl EmbeddedTarget {
    /// Reads a connect string. An error says what is wrong with which part of it.
    pub fn parse(text: &str) -> Result<EmbeddedTarget, Error> {
        let rest = text.strip_prefix(PREFIX).ok_or_else(|| wrong(text, "it must begin with `embedded:`"))?;
        let (head, keys) = match rest.split_once('?') {
            Some((head, keys)) => (head, Some(keys)),
            None => (rest, None),
        };
        let (name, server) = match head.split_once(':') {
            Some((name, server)) => (name, Some(server)),
            None => (head, None),
        };
        check_name(text, name)?;
        let is_pooled = server.map_or(Ok(false), |server| is_pooled(text, server))?;
        let mut target = EmbeddedTarget {
            name: name.to_owned(),
            file: None,
            connect_delay: Duration::ZERO,
            call_delay: Duration::ZERO,
            connect_failures: 0,
            lock_timeout: Duration::from_secs(10),
            pooling: is_pooled.then(Pooling::default),
            broker: Vec::new(),
        };
        for pair in keys.into_iter().flat_map(|keys| keys.split('&')) {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| wrong(text, &format!("`{pair}` is not of the form key=value")))?;
            target.set(text, key, value)?;
        }
        Ok(target)
    }

    fn set(&mut self, text: &str, key: &str, value: &str) -> Result<(), Error> {
        let number = || whole_number::<u32>(text, key, value);
        let milliseconds = || number().map(|number| Duration::from_millis(number.into()));
        match key {
            "file" if value.is_empty() => return Err(wrong(text, "file takes a path")),
            "file" => self.file = Some(PathBuf::from(value)),
            "connect_delay_ms" => self.connect_delay = milliseconds()?,
            "call_delay_ms" => self.call_delay = milliseconds()?,
            "connect_failures" => self.connect_failures = number()?,
            "lock_timeout_ms" => self.lock_timeout = milliseconds()?,
            _ => return self.set_pooled(text, key, value),
        }
        Ok(())
    }

    /// The keys that there are with pooled servers only.
    fn set_pooled(&mut self, text: &str, key: &str, value: &str) -> Result<(), Error> {
        let pool_key = PoolKey::of(key);
        let setting = broker_setting(key);
        if pool_key.is_none() && setting.is_none() {
            return Err(wrong(text, &no_such_key(key)));
        }
        let Some(pooling) = &mut self.pooling else {
            let what = format!("{key} needs pooled servers; ask for them with `:pooled` behind the name");
            return Err(wrong(text, &what));
        };
        if let Some(pool_key) = pool_key {
            let complained = |complaint: Complaint| {
                complaint.into_error(&format!("{}: {key} is `{value}`", can_not_be_used(text)))
            };
            pooling.say(pool_key, value).map_err(complained)?;
        }
        if let Some(setting) = setting {
            self.broker.push((setting, whole_number(text, key, value)?));
        }
        Ok(())
    }
}

fn broker_setting(key: &str) -> Option<&'static str> {
    let name = key.strip_prefix(BROKER_PREFIX)?;
    BROKER_SETTINGS.into_iter().find(|setting| *setting == name)
}

fn no_such_key(key: &str) -> String {
    let settings = BROKER_SETTINGS.map(|setting| format!("{BROKER_PREFIX}{setting}")).join(", ");
    format!("there is no key `{key}`; there are {KEYS}, and with `:pooled` also {POOLED_KEYS}, {settings}")
}

fn whole_number<T: FromStr>(text: &str, key: &str, value: &str) -> Result<T, Error> {
    value.parse().map_err(|_| wrong(text, &format!("{key} takes a whole number, not `{value}`")))
}

fn is_pooled(text: &str, server: &str) -> Result<bool, Error> {
    match server.to_ascii_lowercase().as_str() {
        "pooled" => Ok(true),
        "dedicated" => Ok(false),
        _ => {
            let what =
                format!("`:{server}` means nothing behind the name; there are `:pooled` and `:dedicated`");
            Err(Error::unsupported(wrong(text, &what).message()))
        }
    }
}

fn check_name(text: &str, name: &str) -> Result<(), Error> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$#".contains(&byte);
    if name.is_empty() || name.len() > NAME_LIMIT || !name.bytes().all(is_fine) {
        let what = format!("the name must have 1 to {NAME_LIMIT} characters of a-z, A-Z, 0-9, _ - . $ #");
        return Err(wrong(text, &what));
    }
    Ok(())
}

fn can_not_be_used(text: &str) -> String {
    format!("the connect string `{text}` can not be used")
}

fn wrong(text: &str, what: &str) -> Error {
    Error::invalid_argument(format!("{}: {what}", can_not_be_used(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::connect_string::{PoolBoundary, ServerPurity};

    #[test]
    fn a_full_connect_string_is_read() {
        let target = EmbeddedTarget::parse(
            "embedded:demo?file=/data/a.db&connect_delay_ms=5&call_delay_ms=6&connect_failures=7&lock_timeout_ms=8",
        )
        .unwrap();
        assert_eq!(
            target,
            EmbeddedTarget {
                name: "demo".into(),
                file: Some("/data/a.db".into()),
                connect_delay: Duration::from_millis(5),
                call_delay: Duration::from_millis(6),
                connect_failures: 7,
                lock_timeout: Duration::from_millis(8),
                pooling: None,
                broker: vec![],
            }
        );
    }

    #[test]
    fn pooled_servers_are_asked_for_behind_the_name() {
        for (text, is_pooled) in [
            ("embedded:a", false),
            ("embedded:a:dedicated", false),
            ("embedded:a:DEDICATED?call_delay_ms=1", false),
            ("embedded:a:pooled", true),
            ("embedded:a:Pooled?call_delay_ms=1", true),
        ] {
            let target = EmbeddedTarget::parse(text).unwrap();
            assert_eq!(target.name, "a");
            assert_eq!(target.pooling, is_pooled.then(Pooling::default), "{text}");
        }
    }

    #[test]
    fn what_is_said_of_pooled_servers_is_read() {
        let target = EmbeddedTarget::parse(
            "embedded:a:pooled?pool_connection_class=App&POOL_PURITY=SELF&file=x&pool_name=N&pool_boundary=statement",
        )
        .unwrap();
        let pooling = Pooling {
            connection_class: Some("App".into()),
            purity: Some(ServerPurity::Reuse),
            pool_name: Some("N".into()),
            boundary: Some(PoolBoundary::Statement),
        };
        assert_eq!(target.pooling, Some(pooling));
        assert_eq!(target.file, Some("x".into()));
    }

    #[test]
    fn the_broker_is_told_each_setting() {
        for (at, setting) in BROKER_SETTINGS.into_iter().enumerate() {
            let text = format!("embedded:a:pooled?drcp_{setting}={at}");
            let number = i64::try_from(at).unwrap();
            assert_eq!(EmbeddedTarget::parse(&text).unwrap().broker, [(setting, number)]);
        }
        let several = EmbeddedTarget::parse("embedded:a:pooled?drcp_maxsize=4&drcp_minsize=2").unwrap();
        assert_eq!(several.broker, [("maxsize", 4), ("minsize", 2)]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, what) in [
            ("embedded:", "the name must have"),
            ("embedded:a b", "the name must have"),
            ("embedded:a?x=1", "there is no key `x`"),
            ("embedded:a?call_delay_ms", "not of the form"),
            ("embedded:a?call_delay_ms=-1", "takes a whole number"),
            ("embedded:a?file=", "takes a path"),
            ("embedded:a:b", "means nothing"),
            ("embedded:a:", "means nothing"),
            ("embedded:a:pooled:b", "means nothing"),
            ("embedded:a?pool_purity=new", "pool_purity needs pooled servers"),
            ("embedded:a:dedicated?drcp_maxsize=1", "drcp_maxsize needs pooled servers"),
            ("embedded:a:pooled?drcp_x=1", "there is no key `drcp_x`"),
            ("embedded:a:pooled?drcp_maxsize=many", "takes a whole number"),
            ("embedded:a:pooled?pool_purity=old", "pool_purity is `old`: a purity is new or self"),
            ("embedded:a:pooled?pool_connection_class=", "at least one character"),
            ("embedded:a:pooled?pool_boundary=call", "ORA-24545: the connect string"),
        ] {
            let error = EmbeddedTarget::parse(text).unwrap_err();
            assert!(error.message().contains(what), "{text}: {error}");
        }
    }
}
