//! Connect strings: `//standin/NAME[?key=value{&key=value}]`, and the engine's instances behind them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use orapool_engine as engine;
use parking_lot::Mutex;

use crate::errors::{Failure, OraError, fail};

/// What a connect string says. The keys are those of the embedded driver.
#[derive(Clone, Debug)]
pub struct Target {
    pub name: String,
    pub file: Option<PathBuf>,
    pub connect_delay: Duration,
    pub call_delay: Duration,
    pub connect_failures: u32,
    pub lock_timeout: Duration,
}

impl Target {
    pub fn parse(text: &str) -> Result<Target, OraError> {
        let Some(rest) = text.strip_prefix("//") else {
            return Err(OraError::new(
                12154,
                format_args!("TNS:could not resolve the connect identifier specified: `{text}`"),
            ));
        };
        let Some(rest) = rest.strip_prefix("standin/") else {
            return Err(OraError::new(
                12541,
                format_args!("TNS:no listener: the stand-in answers for //standin alone, not for `{text}`"),
            ));
        };
        let (name, keys) = rest.split_once('?').map_or((rest, None), |(name, keys)| (name, Some(keys)));
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$#".contains(&byte);
        if name.is_empty() || !name.bytes().all(fine) {
            return Err(OraError::new(12514, format_args!("TNS:listener does not know of service `{name}`")));
        }
        let mut target = Target {
            name: name.to_owned(),
            file: None,
            connect_delay: Duration::ZERO,
            call_delay: Duration::ZERO,
            connect_failures: 0,
            lock_timeout: Duration::from_secs(10),
        };
        for pair in keys.into_iter().flat_map(|keys| keys.split('&')) {
            target.set(pair)?;
        }
        Ok(target)
    }

    fn set(&mut self, pair: &str) -> Result<(), OraError> {
        let wrong = || {
            OraError::new(
                12533,
                format_args!("TNS:illegal ADDRESS parameters: `{pair}` in the connect string"),
            )
        };
        let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
        let number = || value.parse::<u32>().map_err(|_| wrong());
        let milliseconds = || number().map(|number| Duration::from_millis(number.into()));
        match key {
            "file" if !value.is_empty() => self.file = Some(PathBuf::from(value)),
            "connect_delay_ms" => self.connect_delay = milliseconds()?,
            "call_delay_ms" => self.call_delay = milliseconds()?,
            "connect_failures" => self.connect_failures = number()?,
            "lock_timeout_ms" => self.lock_timeout = milliseconds()?,
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

/// An instance, kept alive by each pool and each attached server handle.
#[derive(Debug)]
pub struct Database {
    pub instance: engine::Instance,
    pub target: Target,
    /// How many connects still fail.
    failures_left: Arc<AtomicU32>,
}

/// By connect string: how many standalone connects still fail. For the whole process, because one that fails leaves nothing that could
/// remember it.
static FAILURES_LEFT: LazyLock<Mutex<HashMap<String, Arc<AtomicU32>>>> = LazyLock::new(Mutex::default);

/// Instances that outlive their handles, with ORAPOOL_STANDIN_KEEP: as a server does not end with its last connection.
static KEPT: Mutex<Vec<engine::Instance>> = Mutex::new(Vec::new());

pub fn forget() {
    FAILURES_LEFT.lock().clear();
    KEPT.lock().clear();
}

impl Database {
    /// For a standalone connection.
    pub fn open(connect_string: &str) -> Result<Arc<Database>, Failure> {
        let target = Target::parse(connect_string)?;
        let new = || Arc::new(AtomicU32::new(target.connect_failures));
        let failures = Arc::clone(FAILURES_LEFT.lock().entry(connect_string.to_owned()).or_insert_with(new));
        Self::open_with(target, failures)
    }

    /// For a pool, which counts the failures of its connects by itself.
    pub fn open_for_pool(connect_string: &str) -> Result<Arc<Database>, Failure> {
        let target = Target::parse(connect_string)?;
        let failures = Arc::new(AtomicU32::new(target.connect_failures));
        Self::open_with(target, failures)
    }

    fn open_with(target: Target, failures_left: Arc<AtomicU32>) -> Result<Arc<Database>, Failure> {
        let options = engine::InstanceOptions { file: target.file.clone() };
        let instance = engine::Instance::open(&target.name, &options)?;
        if std::env::var_os("ORAPOOL_STANDIN_KEEP").is_some() {
            let mut kept = KEPT.lock();
            if !kept.iter().any(|known| known.name() == instance.name()) {
                kept.push(instance.clone());
            }
        }
        Ok(Arc::new(Database { instance, target, failures_left }))
    }

    /// What reaching the server costs: the knobs `connect_delay_ms` and `connect_failures`.
    pub fn reach(&self) -> Result<(), Failure> {
        std::thread::sleep(self.target.connect_delay);
        let less = |left: u32| left.checked_sub(1);
        if self.failures_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err() {
            return Ok(());
        }
        fail(12541, "TNS:no listener: the stand-in was told by connect_failures to refuse this connect")
    }
}
