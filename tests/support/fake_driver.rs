//! A database client whose sessions are nothing but switches that a test can turn.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use orapool::driver::{Breaker, ConnectRequest, Driver, Identity, NativeKind, Session, Statement, Value};
use orapool::error::Error;
use parking_lot::Mutex;

/// What a test can see and turn.
#[derive(Default)]
pub struct World {
    /// Sessions that are connected, by SID.
    pub sessions: Mutex<HashMap<u32, Arc<Switches>>>,
    /// The most that were connected or being connected at once.
    pub most: AtomicUsize,
    pub connecting: AtomicUsize,
    /// Connects that fail before the next succeeds, and with what.
    pub failures: Mutex<Vec<Error>>,
    /// What the next log-ons are warned of.
    pub warnings: Mutex<VecDeque<Error>>,
    /// Connects wait while this is set.
    pub holds_connects: AtomicBool,
    /// What the next calls of the fix-up procedure do; they work when nothing is left.
    pub fixups: Mutex<VecDeque<FixupDoes>>,
    /// The arguments of the calls that reached the fix-up procedure.
    pub fixup_calls: Mutex<Vec<FixupCall>>,
    last_sid: AtomicU32,
}

/// What a call of the fix-up procedure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixupDoes {
    Works,
    /// It works, and leaves a transaction open.
    Begins,
    /// ORA-02248, and the session is well.
    Raises,
    /// ORA-03113: the session is lost.
    Dies,
}

/// What a fix-up procedure was called with: the properties that are wanted, and those that there are.
pub type FixupCall = (Option<String>, Option<String>);

/// One session's switches.
#[derive(Default)]
pub struct Switches {
    /// Who it was made for.
    pub identity: Identity,
    pub killed: AtomicBool,
    /// A call has found out that the session is lost.
    pub dead: AtomicBool,
    pub in_transaction: AtomicBool,
    pub rollbacks: AtomicUsize,
    pub pings: AtomicUsize,
}

impl World {
    pub fn new() -> Arc<World> {
        Arc::default()
    }

    pub fn driver(self: &Arc<World>) -> Arc<dyn Driver> {
        Arc::new(Fake(Arc::clone(self)))
    }

    pub fn open(&self) -> usize {
        self.sessions.lock().len()
    }

    /// Notes how many sessions there are and are being made. Both change under the one lock.
    fn begin_connect(&self) {
        let sessions = self.sessions.lock();
        let connecting = self.connecting.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(sessions.len() + connecting, Ordering::SeqCst);
    }

    /// Kills the session `sid`: its next call finds it dead.
    pub fn kill(&self, sid: u32) {
        if let Some(switches) = self.sessions.lock().get(&sid) {
            switches.killed.store(true, Ordering::SeqCst);
        }
    }
}

struct Fake(Arc<World>);

struct FakeSession {
    world: Arc<World>,
    sid: u32,
    switches: Arc<Switches>,
    warning: Option<Error>,
}

/// A call of the fix-up procedure.
struct FixupStatement {
    world: Arc<World>,
    switches: Arc<Switches>,
    binds: [Option<String>; 2],
}

struct NothingToBreak;

impl Breaker for NothingToBreak {
    fn break_call(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl Driver for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn connect(&self, request: &ConnectRequest<'_>) -> Result<Box<dyn Session>, Error> {
        let world = &self.0;
        world.begin_connect();
        while world.holds_connects.load(Ordering::SeqCst) && !request.cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let failure = world.failures.lock().pop();
        let mut sessions = world.sessions.lock();
        world.connecting.fetch_sub(1, Ordering::SeqCst);
        if let Some(failure) = failure {
            return Err(failure);
        }
        let sid = world.last_sid.fetch_add(1, Ordering::SeqCst) + 1;
        let switches = Arc::new(Switches { identity: request.identity.clone(), ..Switches::default() });
        sessions.insert(sid, Arc::clone(&switches));
        let warning = world.warnings.lock().pop_front();
        Ok(Box::new(FakeSession { world: Arc::clone(world), sid, switches, warning }))
    }
}

impl Switches {
    /// A round trip.
    fn call(&self) -> Result<(), Error> {
        if self.killed.load(Ordering::SeqCst) {
            self.dead.store(true, Ordering::SeqCst);
            return Err(Error::oracle(28, "ORA-00028: your session has been killed"));
        }
        Ok(())
    }
}

impl FakeSession {
    fn call(&mut self) -> Result<(), Error> {
        self.switches.call()
    }
}

impl Statement for FixupStatement {
    fn bind(&mut self, position: u32, value: Value) -> Result<(), Error> {
        let bind = match position {
            1 => &mut self.binds[0],
            2 => &mut self.binds[1],
            _ => return Err(Error::oracle(1036, "ORA-01036: no such bind position")),
        };
        *bind = match value {
            Value::Null => None,
            Value::Text(text) => Some(text),
            other => panic!("the procedure takes texts, not {other:?}"),
        };
        Ok(())
    }

    fn execute(&mut self) -> Result<u64, Error> {
        self.switches.call()?;
        let [wanted, actual] = &self.binds;
        self.world.fixup_calls.lock().push((wanted.clone(), actual.clone()));
        match self.world.fixups.lock().pop_front().unwrap_or(FixupDoes::Works) {
            FixupDoes::Works => {}
            FixupDoes::Begins => self.switches.in_transaction.store(true, Ordering::SeqCst),
            FixupDoes::Raises => {
                return Err(Error::oracle(2248, "ORA-02248: invalid option for ALTER SESSION"));
            }
            FixupDoes::Dies => {
                self.switches.killed.store(true, Ordering::SeqCst);
                self.switches.dead.store(true, Ordering::SeqCst);
                return Err(Error::oracle(3113, "ORA-03113: end-of-file on communication channel"));
            }
        }
        Ok(0)
    }

    fn fetch(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    fn columns(&self) -> &[String] {
        &[]
    }

    fn value(&self, _column: usize) -> Option<&Value> {
        None
    }
}

impl Session for FakeSession {
    fn warning(&mut self) -> Option<Error> {
        self.warning.take()
    }

    fn ids(&mut self) -> Result<(u32, u32), Error> {
        Ok((self.sid, 1))
    }

    /// `begin` opens a transaction, `panic` panics; all else does nothing.
    fn execute(&mut self, sql: &str) -> Result<u64, Error> {
        self.call()?;
        match sql {
            "begin" => self.switches.in_transaction.store(true, Ordering::SeqCst),
            "panic" => panic!("asked for"),
            _ => {}
        }
        Ok(0)
    }

    /// A block is a call of the fix-up procedure; there are no other statements. No round trip.
    fn prepare(&mut self, sql: &str) -> Result<Box<dyn Statement>, Error> {
        if !sql.starts_with("BEGIN ") {
            return Err(Error::unsupported("the fake has no statements"));
        }
        let (world, switches) = (Arc::clone(&self.world), Arc::clone(&self.switches));
        Ok(Box::new(FixupStatement { world, switches, binds: [None, None] }))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.call()?;
        self.switches.in_transaction.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.call()?;
        self.switches.in_transaction.store(false, Ordering::SeqCst);
        self.switches.rollbacks.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn ping(&mut self, _limit: Option<Duration>) -> Result<(), Error> {
        self.switches.pings.fetch_add(1, Ordering::SeqCst);
        self.call()
    }

    fn set_call_timeout(&mut self, _limit: Option<Duration>) -> Result<(), Error> {
        Ok(())
    }

    fn in_transaction(&mut self) -> bool {
        self.switches.in_transaction.load(Ordering::SeqCst)
    }

    fn is_dead(&mut self) -> bool {
        self.switches.dead.load(Ordering::SeqCst)
    }

    fn breaker(&self) -> Arc<dyn Breaker> {
        Arc::new(NothingToBreak)
    }

    fn native(&mut self, _kind: NativeKind) -> Result<NonZeroUsize, Error> {
        Err(Error::unsupported("the fake has no handles"))
    }

    fn close(self: Box<Self>) {
        self.world.sessions.lock().remove(&self.sid);
    }
}
