//! Log-ons that hang. OCI has no limit of its own for a log-on, and nothing can stop one. So each is made on a thread of
//! its own, and who waits for it goes when its time is over, or soon after its pool is closed. The thread is left to itself then: it
//! has all that it needs, touches no pool of ours, and logs its session off should there be one in the end.
//!
//! A thread is cheap beside a log-on. What is not cheap is a thread that hangs, and with it a connection: so many to one
//! database and no more are left alone.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};

use crate::driver::oci::line::Line;
use crate::driver::oci::log_on::Factory;
use crate::driver::{Cancel, ConnectRequest, Identity};
use crate::error::Error;

/// Log-ons to one database that hang while nobody waits for them. A database on which so many hang does not let the next
/// one in either.
const ABANDONED_MAX: usize = 32;

/// How long a log-on may still take when its pool closes. Nearly all end within that, and in good order: a thread that is
/// left alone may meet the end of the process inside the client library.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// How many there are, by connect string. For the whole process: pools come and go, and what they left hangs on.
static ABANDONED: Lazy<Mutex<HashMap<Arc<str>, usize>>> = Lazy::new(Mutex::default);

/// Makes a session within the request's time. One that comes later is logged off, and nobody hears of it.
pub(super) fn log_on(factory: &Arc<Factory>, request: &ConnectRequest<'_>) -> Result<Line, Error> {
    refuse_if_too_many(factory.connect_string())?;
    let began = Instant::now();
    let log_on = Arc::new(LogOn::begin(request.cancel));
    let thread = start(Arc::clone(factory), request, Arc::clone(&log_on))?;
    request.cancel.wait(request.timeout, || log_on.has_ended());
    if request.cancel.is_cancelled() {
        let left = request.timeout.map_or(Duration::MAX, |limit| limit.saturating_sub(began.elapsed()));
        log_on.wait(left.min(CLOSE_PATIENCE));
    }
    match log_on.take_or_abandon(factory.connect_string()) {
        Some(result) => {
            // At its very end, where it lets go of what it has of the client library. It can not have panicked.
            let _ = thread.join();
            result
        }
        None if request.cancel.is_cancelled() => Err(Error::closed()),
        None => Err(took_too_long(request.timeout)),
    }
}

/// A log-on on its way: what its thread and who waits for it share.
struct LogOn {
    stage: Mutex<Stage>,
    ended: Condvar,
    /// Wakes who waits for either, the end or the wish to give up.
    waiting: Cancel,
}

enum Stage {
    Running,
    Ended(Result<Line, Error>),
    /// Nobody waits any more, be it that the result was taken.
    Left(Option<Abandoned>),
}

impl LogOn {
    fn begin(cancel: &Cancel) -> LogOn {
        LogOn { stage: Mutex::new(Stage::Running), ended: Condvar::new(), waiting: cancel.clone() }
    }

    /// Waits for the end alone.
    fn wait(&self, limit: Duration) {
        let mut stage = self.stage.lock();
        self.ended.wait_while_for(&mut stage, |stage| matches!(stage, Stage::Running), limit);
    }

    fn has_ended(&self) -> bool {
        matches!(*self.stage.lock(), Stage::Ended(_))
    }

    /// The result; with none nobody waits for it from now on.
    fn take_or_abandon(&self, connect_string: &Arc<str>) -> Option<Result<Line, Error>> {
        let mut stage = self.stage.lock();
        match std::mem::replace(&mut *stage, Stage::Left(None)) {
            Stage::Ended(result) => Some(result),
            Stage::Running | Stage::Left(_) => {
                *stage = Stage::Left(Some(Abandoned::begin(connect_string)));
                None
            }
        }
    }

    /// Tells who waits. With nobody waiting the session is logged off, and until then the log-on counts as abandoned.
    fn end(&self, result: Result<Line, Error>) {
        let mut stage = self.stage.lock();
        if let Stage::Left(abandoned) = &mut *stage {
            let _counts = abandoned.take();
            drop(stage);
            if let Ok(line) = result {
                line.close();
            }
            return;
        }
        *stage = Stage::Ended(result);
        drop(stage);
        self.ended.notify_all();
        self.waiting.look_again();
    }
}

/// What a log-on needs that may outlive its request.
struct Order {
    identity: Identity,
    statement_cache_size: usize,
}

impl Order {
    fn make(&self, factory: &Factory) -> Result<Line, Error> {
        let request = ConnectRequest {
            identity: &self.identity,
            timeout: None,
            statement_cache_size: self.statement_cache_size,
            cancel: &Cancel::default(),
        };
        catch_unwind(AssertUnwindSafe(|| factory.connect(&request)))
            .unwrap_or_else(|_| Err(Error::oracle(0, "the driver `oci` panicked while it logged on")))
            .map(Line::new)
    }
}

fn start(
    factory: Arc<Factory>,
    request: &ConnectRequest<'_>,
    log_on: Arc<LogOn>,
) -> Result<JoinHandle<()>, Error> {
    let order =
        Order { identity: request.identity.clone(), statement_cache_size: request.statement_cache_size };
    let body = move || log_on.end(order.make(&factory));
    thread::Builder::new()
        .name("orapool-log-on".to_owned())
        .spawn(body)
        .map_err(|error| Error::oracle(0, format!("no thread could be started to log on: {error}")))
}

/// A log-on that nobody waits for; counts for as long as it lives.
struct Abandoned(Arc<str>);

impl Abandoned {
    fn begin(connect_string: &Arc<str>) -> Abandoned {
        *ABANDONED.lock().entry(Arc::clone(connect_string)).or_default() += 1;
        Abandoned(Arc::clone(connect_string))
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        let mut all = ABANDONED.lock();
        if let Some(count) = all.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.0);
            }
        }
    }
}

fn refuse_if_too_many(connect_string: &str) -> Result<(), Error> {
    if ABANDONED.lock().get(connect_string).is_none_or(|count| *count < ABANDONED_MAX) {
        return Ok(());
    }
    let text = format!(
        "ORA-12170: {ABANDONED_MAX} log-ons to this database hang in Oracle's client library and were given up; the next \
         is made when one of them has ended. Limits in the connect string end them: \
         ?transport_connect_timeout=3&connect_timeout=10, or TRANSPORT_CONNECT_TIMEOUT and CONNECT_TIMEOUT"
    );
    Err(Error::oracle(12170, text))
}

fn took_too_long(limit: Option<Duration>) -> Error {
    let limit = limit.unwrap_or_default();
    let text = format!("ORA-12170: the log-on did not come to an end within CONNECT_TIMEOUT_MS, {limit:?}");
    Error::oracle(12170, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_abandoned_counts_by_database_until_it_ends() {
        let (here, there): (Arc<str>, Arc<str>) = ("//here/x".into(), "//there/x".into());
        let mut abandoned: Vec<Abandoned> = (0..ABANDONED_MAX).map(|_| Abandoned::begin(&here)).collect();
        let error = refuse_if_too_many(&here).unwrap_err();
        assert_eq!((error.code(), error.is_transient()), (12170, true), "{error}");
        assert!(!error.message().contains("//here"), "a connect string may hold a password: {error}");
        refuse_if_too_many(&there).unwrap();
        abandoned.pop();
        refuse_if_too_many(&here).unwrap();
        abandoned.clear();
        assert!(!ABANDONED.lock().contains_key(&here));
    }
}
