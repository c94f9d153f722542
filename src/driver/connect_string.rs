//! Connect strings of the embedded engine: `embedded:NAME[?key=value{&key=value}]`.

use std::path::PathBuf;
use std::time::Duration;

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
}

const PREFIX: &str = "embedded:";
const KEYS: &str = "file, connect_delay_ms, call_delay_ms, connect_failures, lock_timeout_ms";
const NAME_LIMIT: usize = 64;

impl EmbeddedTarget {
    /// Reads a connect string. An error says what is wrong with which part of it.
    pub fn parse(text: &str) -> Result<EmbeddedTarget, Error> {
        let rest = text.strip_prefix(PREFIX).ok_or_else(|| wrong(text, "it must begin with `embedded:`"))?;
        let (name, keys) = match rest.split_once('?') {
            Some((name, keys)) => (name, Some(keys)),
            None => (rest, None),
        };
        check_name(text, name)?;
        let mut target = EmbeddedTarget {
            name: name.to_owned(),
            file: None,
            connect_delay: Duration::ZERO,
            call_delay: Duration::ZERO,
            connect_failures: 0,
            lock_timeout: Duration::from_secs(10),
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
        let number = || {
            let number = value.parse::<u32>();
            number.map_err(|_| wrong(text, &format!("{key} takes a whole number, not `{value}`")))
        };
        let milliseconds = || number().map(|number| Duration::from_millis(number.into()));
        match key {
            "file" if value.is_empty() => return Err(wrong(text, "file takes a path")),
            "file" => self.file = Some(PathBuf::from(value)),
            "connect_delay_ms" => self.connect_delay = milliseconds()?,
            "call_delay_ms" => self.call_delay = milliseconds()?,
            "connect_failures" => self.connect_failures = number()?,
            "lock_timeout_ms" => self.lock_timeout = milliseconds()?,
            _ => return Err(wrong(text, &format!("there is no key `{key}`; there are {KEYS}"))),
        }
        Ok(())
    }
}

fn check_name(text: &str, name: &str) -> Result<(), Error> {
    if let Some((_, rest)) = name.split_once(':') {
        let what = match rest {
            "pooled" => "this version of the embedded engine has no pooled servers (DRCP)".to_owned(),
            _ => format!("`:{rest}` means nothing behind the name"),
        };
        return Err(Error::unsupported(wrong(text, &what).message()));
    }
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$#".contains(&byte);
    if name.is_empty() || name.len() > NAME_LIMIT || !name.bytes().all(is_fine) {
        let what = format!("the name must have 1 to {NAME_LIMIT} characters of a-z, A-Z, 0-9, _ - . $ #");
        return Err(wrong(text, &what));
    }
    Ok(())
}

fn wrong(text: &str, what: &str) -> Error {
    Error::invalid_argument(format!("the connect string `{text}` can not be used: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            }
        );
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
            ("embedded:a:pooled", "no pooled servers"),
            ("embedded:a:b", "means nothing"),
        ] {
            let error = EmbeddedTarget::parse(text).unwrap_err();
            assert!(error.message().contains(what), "{text}: {error}");
        }
    }
}
