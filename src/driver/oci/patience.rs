//! Log-ons and attaches that hang. OCI has no limit of its own for them, and nothing can stop one. So each is made on a thread of
//! its own, and who waits for it goes when its time is over, or soon after its pool is closed. The thread is left to itself then: it
//! has all that it needs, touches no pool of ours, and gives back what it comes by in the end.
//!
//! A thread is cheap beside a log-on. What is not cheap is a thread that hangs, and with it a connection: so many to one
//! database and no more are left alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};

use crate::driver::Cancel;
use crate::error::Error;

/// Errands to one database that hang while nobody waits for them. A database on which so many hang does not let the next
/// one in either.
const ABANDONED_MAX: usize = 32;

/// How long a log-on may still take when its pool closes. Nearly all end within that, and in good order: a thread that is
/// left alone may meet the end of the process inside the client library.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// How many there are, by kind and connect string. For the whole process: pools come and go, and what they left hangs on.
/// A tree: what it keeps is reachable by pointers to its beginning, which a memory checker asks for at exit.
static ABANDONED: Lazy<Mutex<BTreeMap<Hanging, usize>>> = Lazy::new(Mutex::default);

/// What the client library is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Errand {
    LogOn,
    /// A pooled server.
    Attach,
}

/// What may hang, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hanging(Errand, Arc<str>);

/// How long to wait for an errand, and where it goes.
pub(super) struct Patience<'a> {
    pub(super) errand: Errand,
    pub(super) connect_string: &'a Arc<str>,
    /// None = as long as it takes.
    pub(super) limit: Option<Duration>,
    pub(super) cancel: &'a Cancel,
}

impl Patience<'_> {
    /// What `work` comes by within the time. What comes later goes to `too_late`, and nobody hears of it.
    pub(super) fn wait_for<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
        too_late: impl FnOnce(T) + Send + 'static,
    ) -> Result<T, Error> {
        let hanging = Hanging(self.errand, Arc::clone(self.connect_string));
        refuse_if_too_many(&hanging)?;
        let began = Instant::now();
        let under_way = Arc::new(UnderWay::begin(self.cancel));
        let thread = start(Arc::clone(&under_way), work, too_late)?;
        self.cancel.wait(self.limit, || under_way.has_ended());
        if self.cancel.is_cancelled() {
            let left = self.limit.map_or(Duration::MAX, |limit| limit.saturating_sub(began.elapsed()));
            under_way.wait(left.min(CLOSE_PATIENCE));
        }
        match under_way.take_or_abandon(hanging) {
            Some(result) => {
                // At its very end, where it lets go of what it has of the client library. It can not have panicked.
                let _ = thread.join();
                result
            }
            None if self.cancel.is_cancelled() => Err(Error::closed()),
            None => Err(self.errand.took_too_long(self.limit)),
        }
    }
}

/// An errand under way: what its thread and who waits for it share.
struct UnderWay<T> {
    stage: Mutex<Stage<T>>,
    ended: Condvar,
    /// Wakes who waits for either, the end or the wish to give up.
    waiting: Cancel,
}

enum Stage<T> {
    Running,
    Ended(Result<T, Error>),
    /// Nobody waits any more, be it that the result was taken.
    Left(Option<Abandoned>),
}

impl<T> UnderWay<T> {
    fn begin(cancel: &Cancel) -> UnderWay<T> {
        UnderWay { stage: Mutex::new(Stage::Running), ended: Condvar::new(), waiting: cancel.clone() }
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
    fn take_or_abandon(&self, hanging: Hanging) -> Option<Result<T, Error>> {
        let mut stage = self.stage.lock();
        match std::mem::replace(&mut *stage, Stage::Left(None)) {
            Stage::Ended(result) => Some(result),
            Stage::Running | Stage::Left(_) => {
                *stage = Stage::Left(Some(Abandoned::begin(hanging)));
                None
            }
        }
    }

    /// Tells who waits. With nobody waiting the result is too late, and until it is put away the errand counts as abandoned.
    fn end(&self, result: Result<T, Error>, too_late: impl FnOnce(T)) {
        let mut stage = self.stage.lock();
        if let Stage::Left(abandoned) = &mut *stage {
            let _counts = abandoned.take();
            drop(stage);
            if let Ok(late) = result {
                too_late(late);
            }
            return;
        }
        *stage = Stage::Ended(result);
        drop(stage);
        self.ended.notify_all();
        self.waiting.look_again();
    }
}

fn start<T: Send + 'static>(
    under_way: Arc<UnderWay<T>>,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    too_late: impl FnOnce(T) + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let body = move || {
        let result = catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(Error::oracle(0, "the driver `oci` panicked while it logged on")));
        under_way.end(result, too_late);
    };
    thread::Builder::new()
        .name("orapool-log-on".to_owned())
        .spawn(body)
        .map_err(|error| Error::oracle(0, format!("no thread could be started to log on: {error}")))
}

/// An errand that nobody waits for; counts for as long as it lives.
struct Abandoned(Hanging);

impl Abandoned {
    fn begin(hanging: Hanging) -> Abandoned {
        *ABANDONED.lock().entry(hanging.clone()).or_default() += 1;
        Abandoned(hanging)
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

fn refuse_if_too_many(hanging: &Hanging) -> Result<(), Error> {
    let is_too_many = ABANDONED.lock().get(hanging).is_some_and(|count| *count >= ABANDONED_MAX);
    if is_too_many { Err(hanging.0.too_many()) } else { Ok(()) }
}

impl Errand {
    fn too_many(self) -> Error {
        match self {
            Errand::LogOn => {
                let text = format!(
                    "ORA-12170: {ABANDONED_MAX} log-ons to this database hang in Oracle's client library and were given up; the next \
                     is made when one of them has ended. Limits in the connect string end them: \
                     ?transport_connect_timeout=3&connect_timeout=10, or TRANSPORT_CONNECT_TIMEOUT and CONNECT_TIMEOUT"
                );
                Error::oracle(12170, text)
            }
            // They wait for servers, as this one would.
            Errand::Attach => {
                let text = format!(
                    "ORA-03136: {ABANDONED_MAX} attaches to this database's pooled servers were given up and still wait in Oracle's \
                     client library; the next is made when one of them has ended"
                );
                Error::oracle(3136, text)
            }
        }
    }

    fn took_too_long(self, limit: Option<Duration>) -> Error {
        let limit = limit.unwrap_or_default();
        match self {
            Errand::LogOn => {
                let text = format!(
                    "ORA-12170: the log-on did not come to an end within CONNECT_TIMEOUT_MS, {limit:?}"
                );
                Error::oracle(12170, text)
            }
            Errand::Attach => {
                Error::oracle(3136, format!("ORA-03136: no pooled server was attached within {limit:?}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_abandoned_counts_by_database_until_it_ends() {
        let (here, there) =
            (Hanging(Errand::LogOn, "//here/x".into()), Hanging(Errand::LogOn, "//there/x".into()));
        let mut abandoned: Vec<Abandoned> =
            (0..ABANDONED_MAX).map(|_| Abandoned::begin(here.clone())).collect();
        let error = refuse_if_too_many(&here).unwrap_err();
        assert_eq!((error.code(), error.is_transient()), (12170, true), "{error}");
        assert!(!error.message().contains("//here"), "a connect string may hold a password: {error}");
        refuse_if_too_many(&there).unwrap();
        refuse_if_too_many(&Hanging(Errand::Attach, Arc::clone(&here.1))).unwrap();
        abandoned.pop();
        refuse_if_too_many(&here).unwrap();
        abandoned.clear();
        assert!(!ABANDONED.lock().contains_key(&here));
    }
}
