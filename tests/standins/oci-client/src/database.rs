//! Connect strings: `//standin/NAME[:pooled][?key=value{&key=value}]`, and the engine's instances behind them.

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
    /// It asks for pooled servers.
    pub pooled: Option<PooledTarget>,
}

/// What a connect string says of pooled servers. POOL_CONNECTION_CLASS and POOL_PURITY are no keys of it: with a session pool of OCI those
/// go through the API.
#[derive(Clone, Debug, Default)]
pub struct PooledTarget {
    pub pool: Option<String>,
    pub boundary: Option<engine::Boundary>,
    /// What the engine's broker is told.
    pub settings: Vec<(String, i64)>,
}

impl PooledTarget {
    /// Whether there is such a key, and what it says is right.
    fn set(&mut self, key: &str, value: &str) -> bool {
        match (key, value.to_ascii_lowercase().as_str()) {
            ("pool_name", name) if !name.is_empty() => self.pool = Some(value.to_owned()),
            ("pool_boundary", "statement") => self.boundary = Some(engine::Boundary::Statement),
            ("pool_boundary", "transaction") => self.boundary = Some(engine::Boundary::Transaction),
            _ => {
                let setting = key.strip_prefix("drcp_").zip(value.parse().ok());
                self.settings.extend(setting.map(|(name, number)| (name.to_owned(), number)));
                return setting.is_some();
            }
        }
        true
    }

    fn configure(&self, instance: &engine::Instance) -> Result<(), engine::Error> {
        let mut settings: Vec<(&str, i64)> =
            self.settings.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let is_given = |name| settings.iter().any(|(given, _)| *given == name);
        // Who names a maximum alone wants no more servers than that from the start either.
        if is_given("maxsize") && !is_given("minsize") {
            settings.insert(0, ("minsize", 0));
        }
        if settings.is_empty() { Ok(()) } else { instance.configure_broker(&settings) }
    }
}

/// The name, and whether it is followed by `:pooled`.
fn split_server(text: &str) -> Option<(&str, bool)> {
    match text.split_once(':') {
        None => Some((text, false)),
        Some((name, server)) if server.eq_ignore_ascii_case("pooled") => Some((name, true)),
        Some((name, server)) if server.eq_ignore_ascii_case("dedicated") => Some((name, false)),
        Some(_) => None,
    }
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
        let (name, is_pooled) = split_server(name).unwrap_or((name, false));
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
            pooled: is_pooled.then(PooledTarget::default),
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
            _ => {
                if !self.pooled.as_mut().is_some_and(|pooled| pooled.set(key, value)) {
                    return Err(wrong());
                }
            }
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
        if let Some(pooled) = &target.pooled {
            pooled.configure(&instance)?;
        }
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
