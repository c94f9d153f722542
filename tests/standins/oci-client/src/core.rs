//! A session of the server as the client holds it: what a log-on makes and a log-off ends, whoever has its handles meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use orapool_engine as engine;
use parking_lot::{Condvar, Mutex};

use crate::checks;
use crate::connect::Owner;
use crate::database::Database;
use crate::errors::{self, Failure, OraError, words_of};
use crate::handles::Token;
use crate::log;

/// The line to the server.
#[derive(Debug, Default)]
pub struct Link {
    broken: AtomicBool,
}

impl Link {
    pub fn is_up(&self) -> bool {
        !self.broken.load(Ordering::Acquire)
    }

    pub fn cut(&self) {
        self.broken.store(true, Ordering::Release);
    }
}

pub struct Core {
    session: Mutex<Option<engine::Session>>,
    interrupter: engine::Interrupter,
    /// Tells its line from others in the log.
    pub line: u64,
    /// It came through the broker: its server session comes and goes.
    pub is_pooled: bool,
    /// SID and serial number of the session that it had with its last call; over a broker they change.
    ids: AtomicU64,
    /// Who it belongs to: a pool gives it only to the same again.
    pub owner: Owner,
    pub database: Arc<Database>,
    pub link: Arc<Link>,
    /// As the last answer of the server told it: the client does not learn of what a kill has ended before its next call.
    in_transaction: AtomicBool,
    calls: Mutex<Calls>,
    call_ended: Condvar,
    user: Mutex<Option<User>>,
    /// Statements that were prepared and not released.
    pub statements: Mutex<HashSet<Token>>,
    /// `OCIContextSetValue`: by key, what the caller left there.
    pub context: Mutex<HashMap<Vec<u8>, usize>>,
    /// `OCIMemoryAlloc` for the session's duration, by address.
    pub memory: Mutex<HashMap<usize, Box<[u64]>>>,
    /// Blocks that tell the server of changed attributes; they travel with the next call.
    pending: Mutex<Vec<(&'static str, Vec<String>)>>,
}

#[derive(Default)]
struct Calls {
    running: bool,
    broken: bool,
}

/// The thread that is inside a call on the session.
struct User {
    thread: u64,
    call: &'static str,
    depth: u32,
}

/// While it lives, its thread uses the session.
pub struct UsedAlone<'a> {
    core: &'a Core,
    counts: bool,
}

impl Drop for UsedAlone<'_> {
    fn drop(&mut self) {
        if !self.counts {
            return;
        }
        let mut user = self.core.user.lock();
        if let Some(current) = user.as_mut() {
            current.depth -= 1;
            if current.depth == 0 {
                *user = None;
            }
        }
    }
}

impl Core {
    pub fn new(session: engine::Session, owner: Owner, database: Arc<Database>, link: Arc<Link>) -> Self {
        static LINES: AtomicU64 = AtomicU64::new(1);
        Self {
            interrupter: session.interrupter(),
            line: LINES.fetch_add(1, Ordering::Relaxed),
            is_pooled: session.is_pooled(),
            ids: AtomicU64::new(packed_ids(&session)),
            session: Mutex::new(Some(session)),
            owner,
            database,
            link,
            in_transaction: AtomicBool::new(false),
            calls: Mutex::default(),
            call_ended: Condvar::new(),
            user: Mutex::default(),
            statements: Mutex::default(),
            context: Mutex::default(),
            memory: Mutex::default(),
            pending: Mutex::default(),
        }
    }

    /// Says that this thread is inside a call. If another one is, that is a violation; the engine's lock then lets one wait.
    pub fn use_alone(&self, call: &'static str) -> UsedAlone<'_> {
        let thread = log::thread_id();
        let mut user = self.user.lock();
        let counts = match user.as_mut() {
            None => {
                *user = Some(User { thread, call, depth: 1 });
                true
            }
            Some(current) if current.thread == thread => {
                current.depth += 1;
                true
            }
            Some(current) => {
                let (other, busy) = (current.call, current.thread);
                drop(user);
                checks::violation(format_args!(
                    "{call}: {self:?} used while thread {busy} is inside {other} with it"
                ));
                false
            }
        };
        UsedAlone { core: self, counts }
    }

    /// A round trip: within `limit`, stopped by `OCIBreak`, with the delay of the test knob.
    pub fn round_trip<T>(
        &self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut engine::Session) -> Result<T, engine::Error>,
    ) -> Result<T, Failure> {
        let delay = self.database.target.call_delay;
        self.call(limit, |session, clock| {
            self.send_pending(session, clock)?;
            if !delay.is_zero() {
                sleep(session, clock, delay)?;
            }
            self.check_break()?;
            clock.arm(session)?;
            body(session).map_err(Failure::from)
        })
    }

    /// SID and serial number.
    pub fn ids(&self) -> (u32, u32) {
        let ids = self.ids.load(Ordering::Acquire);
        ((ids >> 32) as u32, ids as u32)
    }

    /// Whether it can still be used, as far as the client can see: it looks at the line without a call.
    pub fn is_usable(&self) -> bool {
        self.link.is_up() && self.session.lock().as_ref().is_some_and(|session| !session.is_dead())
    }

    /// Whether it has a server session now.
    pub fn is_attached(&self) -> bool {
        self.session.lock().as_ref().is_some_and(engine::Session::is_attached)
    }

    /// Something that a client does by itself or on the back of another call: no delay, and no error of a break.
    pub fn quietly<T>(
        &self,
        body: impl FnOnce(&mut engine::Session) -> Result<T, engine::Error>,
    ) -> Result<T, Failure> {
        self.call(None, |session, _| {
            session.set_call_timeout(None);
            body(session).map_err(Failure::from)
        })
    }

    /// Takes time as a server does that is busy: break, call timeout and kill end it.
    pub fn hang(&self, time: Duration, limit: Option<Duration>) -> Result<(), Failure> {
        self.call(limit, |session, clock| sleep(session, clock, time))
    }

    fn call<T>(
        &self,
        limit: Option<Duration>,
        body: impl FnOnce(&mut engine::Session, &Clock) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if !self.link.is_up() {
            return errors::fail(3114, words_of(3114));
        }
        let clock = Clock { end: limit.map(|limit| Instant::now() + limit) };
        let mut held = self.session.lock();
        let Some(session) = held.as_mut() else { return errors::fail(1012, words_of(1012)) };
        *self.calls.lock() = Calls { running: true, broken: false };
        let outcome = body(session, &clock);
        self.in_transaction.store(session.in_transaction(), Ordering::Release);
        self.ids.store(packed_ids(session), Ordering::Release);
        *self.calls.lock() = Calls::default();
        self.call_ended.notify_all();
        if let Err(Failure::Ora(error)) = &outcome
            && error.ends_session()
        {
            self.link.cut();
        }
        outcome
    }

    fn check_break(&self) -> Result<(), Failure> {
        if self.calls.lock().broken { errors::fail(1013, words_of(1013)) } else { Ok(()) }
    }

    /// Stops the running call; without one it does nothing.
    ///
    /// The engine is asked again until the call has ended, for it does not feel a break that comes between two of its own calls.
    pub fn break_call(&self) {
        let give_up = Instant::now() + Duration::from_secs(1);
        let mut calls = self.calls.lock();
        while calls.running && Instant::now() < give_up {
            calls.broken = true;
            self.interrupter.interrupt();
            self.call_ended.wait_for(&mut calls, Duration::from_millis(2));
        }
    }

    /// The line is gone, and with it the session: the server rolls back and logs off.
    pub fn lose_line(&self) {
        self.link.cut();
        self.end();
    }

    /// Logs off. Waits for a running call.
    pub fn end(&self) {
        let session = self.session.lock().take();
        // Logging off rolls back, which takes the engine's locks: not under ours.
        drop(session);
    }

    pub fn in_transaction(&self) -> bool {
        self.link.is_up() && self.in_transaction.load(Ordering::Acquire)
    }

    /// Sends this block with the next round trip.
    pub fn send_later(&self, block: &'static str, values: Vec<String>) {
        self.pending.lock().push((block, values));
    }

    fn send_pending(&self, session: &mut engine::Session, clock: &Clock) -> Result<(), Failure> {
        let pending = std::mem::take(&mut *self.pending.lock());
        for (sql, values) in pending {
            clock.arm(session)?;
            if sql.contains('{') {
                session.execute(&sql.replace("{}", &values.join("")))?;
                continue;
            }
            let mut statement = session.prepare(sql)?;
            for (position, value) in (1..).zip(values) {
                statement.bind(position, engine::Value::Text(value))?;
            }
            statement.execute(session)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sid, serial) = self.ids();
        write!(f, "session {sid},{serial}")
    }
}

fn packed_ids(session: &engine::Session) -> u64 {
    u64::from(session.sid()) << 32 | u64::from(session.serial())
}

/// When the call must have ended.
pub struct Clock {
    end: Option<Instant>,
}

impl Clock {
    /// Gives the engine what is left of the call's time.
    fn arm(&self, session: &mut engine::Session) -> Result<(), Failure> {
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(OraError::new(3136, words_of(3136)).into());
        }
        session.set_call_timeout(left);
        Ok(())
    }
}

/// The engine itself sleeps, so that break, kill and time limit work as in any call, and V$SESSION shows the session at work.
fn sleep(session: &mut engine::Session, clock: &Clock, time: Duration) -> Result<(), Failure> {
    clock.arm(session)?;
    session.execute(&format!("begin dbms_session.sleep({}); end;", time.as_secs_f64()))?;
    Ok(())
}
