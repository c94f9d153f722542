//! Random histories of a pool on a clock of the test's own, each step compared with a model of a few lines. After
//! every step the pool's invariants must hold; a message of the test begins with the number of the one that broke:
//!
//! 1. No more sessions than places.
//! 2. Every session has one owner, and the counts agree.
//! 3. Nothing blocks under a lock: a hang fails the test.
//! 4. Waiters are served in the order of arrival.
//! 5. Nobody waits beyond his deadline, or gives up before it.
//! 6. No holder meets another's transaction.
//! 7. What failed is gone, and its place is free.
//! 8. A close leaves no session and no thread.
//! 9. No message holds the password.

mod support;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

use orapool::error::Error;
use orapool::pool::clock::TestClock;
use orapool::pool::{Attr, Attributes, CloseMode, GetOptions, Loan, Pool, PoolBuilder, Stats};
use proptest::prelude::*;
use support::fake_driver::World;

const PASSWORD: &str = "a-password-that-must-not-show";
const IDLE_TIMEOUT: u64 = 1000;
const LIFETIME: u64 = 20_000;
/// Far more than any step takes, so that a loaded machine fails nothing and a hang fails all the same.
const PATIENCE_OF_THE_TEST: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
enum Step {
    Get,
    Wait { timeout_ms: u64 },
    Use { loan: usize },
    Release { loan: usize, drops: bool },
    KillBusy { loan: usize },
    KillIdle,
    RefuseConnects { count: usize },
    Advance { ms: u64 },
    Resize { min: i64, more: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Get),
        3 => (1u64..3000).prop_map(|timeout_ms| Step::Wait { timeout_ms }),
        2 => any::<usize>().prop_map(|loan| Step::Use { loan }),
        5 => (any::<usize>(), prop::bool::weighted(0.2)).prop_map(|(loan, drops)| Step::Release { loan, drops }),
        1 => any::<usize>().prop_map(|loan| Step::KillBusy { loan }),
        1 => Just(Step::KillIdle),
        1 => (1usize..3).prop_map(|count| Step::RefuseConnects { count }),
        2 => (1u64..2500).prop_map(|ms| Step::Advance { ms }),
        1 => (0i64..3, 0i64..4).prop_map(|(min, more)| Step::Resize { min, more }),
    ]
}

/// A get that waits in a thread of its own.
struct Waiter {
    id: usize,
    deadline: u64,
}

type Told<'scope> = (usize, Result<Loan<'scope>, Error>);

struct History<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    pool: &'scope Pool,
    world: Arc<World>,
    clock: Arc<TestClock>,
    now: u64,
    max: usize,
    loans: Vec<Loan<'scope>>,
    waiters: VecDeque<Waiter>,
    last_id: usize,
    told: Receiver<Told<'scope>>,
    tell: Sender<Told<'scope>>,
}

fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::User, "scott").unwrap();
    attributes.set_text(Attr::Password, PASSWORD).unwrap();
    for (attr, value) in [
        (Attr::SessionsMin, 1),
        (Attr::SessionsMax, 3),
        (Attr::IdleTimeoutMs, IDLE_TIMEOUT as i64),
        (Attr::LifetimeMaxMs, LIFETIME as i64),
        (Attr::PingIntervalMs, 0),
    ] {
        attributes.set_int(attr, value).unwrap();
    }
    attributes
}

fn mode(mode: i64, timeout_ms: Option<u64>) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_int(Attr::GetMode, mode).unwrap();
    if let Some(timeout) = timeout_ms {
        attributes.set_int(Attr::WaitTimeoutMs, timeout as i64).unwrap();
    }
    attributes
}

fn check_message(error: &Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        assert!(!error.message().contains(PASSWORD), "9: {error}");
        next = error.cause();
    }
}

impl<'scope> History<'scope, '_> {
    /// Reads the statistics until they are as they must become.
    fn until(&self, what: &str, is_so: impl Fn(&Stats) -> bool) -> Stats {
        let give_up = Instant::now() + PATIENCE_OF_THE_TEST;
        loop {
            let stats = self.pool.stats();
            if is_so(&stats) {
                return stats;
            }
            assert!(Instant::now() < give_up, "{what} never came about: {stats:?}");
            std::thread::yield_now();
        }
    }

    fn take(&self, step: Step) -> bool {
        !matches!(step, Step::Use { .. } | Step::Release { .. } | Step::KillBusy { .. })
            || !self.loans.is_empty()
    }

    fn run(&mut self, step: Step) {
        if !self.take(step.clone()) {
            return;
        }
        match step {
            Step::Get => self.get(),
            Step::Wait { timeout_ms } => self.start_waiting(timeout_ms),
            Step::Use { loan } => {
                // It fails on a session that was killed, which is then known to be dead.
                let loan = &self.loans[loan % self.loans.len()];
                drop(loan.execute("begin"));
            }
            Step::Release { loan, drops } => self.release(loan, drops),
            Step::KillBusy { loan } => {
                if let Ok((sid, _)) = self.loans[loan % self.loans.len()].ids() {
                    self.world.kill(sid);
                }
            }
            Step::KillIdle => {
                let busy: Vec<u32> =
                    self.loans.iter().filter_map(|loan| loan.ids().ok()).map(|ids| ids.0).collect();
                let idle = self.world.sessions.lock().keys().copied().find(|sid| !busy.contains(sid));
                idle.into_iter().for_each(|sid| self.world.kill(sid));
            }
            Step::RefuseConnects { count } => {
                let refusal = Error::oracle(12541, "ORA-12541: no listener");
                self.world.failures.lock().extend(std::iter::repeat_n(refusal, count));
            }
            Step::Advance { ms } => self.advance(ms),
            Step::Resize { min, more } => self.resize(min, min + more),
        }
        self.check();
    }

    /// A get that waits for nobody: it fails only if all that may be open is on loan, or a connect was refused.
    fn get(&mut self) {
        let attributes = mode(1, None);
        match self.pool.get_with(&GetOptions { attributes: Some(&attributes), ..GetOptions::default() }) {
            Ok((loan, _)) => self.receive(loan),
            Err(error) => {
                check_message(&error);
                match error.code() {
                    24496 | 24459 => assert!(
                        self.loans.len() + self.waiters.len() >= self.max.min(self.loans.len() + 1),
                        "{error}"
                    ),
                    12541 => {}
                    _ => panic!("unexpected: {error}"),
                }
            }
        }
    }

    fn receive(&mut self, loan: Loan<'scope>) {
        let sid = loan.ids().expect("a session that was just handed out answers").0;
        let sessions = self.world.sessions.lock();
        let switches = sessions.get(&sid).expect("2: the session is open");
        assert!(
            !switches.in_transaction.load(std::sync::atomic::Ordering::SeqCst),
            "6: another's transaction"
        );
        drop(sessions);
        assert!(!self.loans.iter().any(|other| other.ids().is_ok_and(|ids| ids.0 == sid)), "2: two owners");
        self.loans.push(loan);
    }

    fn start_waiting(&mut self, timeout_ms: u64) {
        self.last_id += 1;
        let (id, pool, tell) = (self.last_id, self.pool, self.tell.clone());
        self.waiters.push_back(Waiter { id, deadline: self.now + timeout_ms });
        self.scope.spawn(move || {
            let attributes = mode(3, Some(timeout_ms));
            let result =
                pool.get_with(&GetOptions { attributes: Some(&attributes), ..GetOptions::default() });
            let _ = tell.send((id, result.map(|(loan, _)| loan)));
        });
        self.settle();
    }

    /// Waits until every waiter either was told something or is in the queue with nothing to be had.
    fn settle(&mut self) {
        let give_up = Instant::now() + PATIENCE_OF_THE_TEST;
        loop {
            while let Ok(told) = self.told.try_recv() {
                self.hear(told);
            }
            let stats = self.pool.stats();
            let all_queued = stats.waiting as usize == self.waiters.len();
            let nothing_to_be_had = stats.idle == 0 && stats.open as usize >= self.max;
            if stats.connecting == 0 && all_queued && (self.waiters.is_empty() || nothing_to_be_had) {
                return;
            }
            assert!(Instant::now() < give_up, "a waiter sleeps beside a session or a place: {stats:?}");
            std::thread::yield_now();
        }
    }

    fn hear(&mut self, (id, result): Told<'scope>) {
        let at = self.waiters.iter().position(|waiter| waiter.id == id).expect("told once");
        let waiter = self.waiters.remove(at).expect("just found");
        match result {
            Ok(loan) => self.receive(loan),
            Err(error) => {
                check_message(&error);
                match error.code() {
                    24457 | 24459 => assert!(self.now >= waiter.deadline, "5: too early: {error}"),
                    12541 => {}
                    _ => panic!("unexpected: {error}"),
                }
            }
        }
    }

    fn release(&mut self, loan: usize, drops: bool) {
        let loan = self.loans.swap_remove(loan % self.loans.len());
        // Who waits first is served first, unless a connect of somebody's own makes another session meanwhile.
        let first = self.waiters.front().map(|waiter| waiter.id);
        let is_healthy = loan.execute("x").is_ok();
        let result = if drops { loan.drop_session() } else { loan.release() };
        result.expect("nothing can fail: a dead session is not rolled back");
        let oversize = self.loans.len() >= self.max;
        if let Some(first) = first.filter(|_| is_healthy && !drops && !oversize) {
            let told = self.told.recv_timeout(PATIENCE_OF_THE_TEST).expect("4: the first waiter is told");
            assert_eq!(told.0, first, "4: served in the order of arrival");
            self.hear(told);
        }
        self.settle();
    }

    fn advance(&mut self, ms: u64) {
        self.now += ms;
        self.clock.advance(Duration::from_millis(ms));
        while self.waiters.iter().any(|waiter| waiter.deadline <= self.now) {
            let told = self.told.recv_timeout(PATIENCE_OF_THE_TEST).expect("5: who is late is told");
            self.hear(told);
        }
        self.settle();
    }

    fn resize(&mut self, min: i64, max: i64) {
        let mut changes = Attributes::new();
        changes.set_int(Attr::SessionsMin, min).unwrap();
        changes.set_int(Attr::SessionsMax, max).unwrap();
        match self.pool.reconfigure(&changes) {
            Ok(()) => self.max = max as usize,
            Err(error) => assert_eq!((error.code(), max), (24413, 0)),
        }
        self.settle();
    }

    fn check(&mut self) {
        let busy = self.loans.len();
        let max = self.max;
        let waiting = self.waiters.len();
        let stats = self.until("a pool at rest", |stats| {
            stats.connecting == 0 && stats.open as usize <= max.max(busy) && stats.waiting as usize == waiting
        });
        assert_eq!(stats.busy as usize, busy, "2: {stats:?}");
        assert_eq!(stats.open, stats.busy + stats.idle, "2: {stats:?}");
        assert_eq!(stats.gets, stats.releases + stats.busy, "2: {stats:?}");
        assert_eq!(stats.gets, stats.gets_new + stats.gets_untagged, "2: {stats:?}");
        let world = Arc::clone(&self.world);
        self.until("7: sessions that the pool has let go of are gone", |stats| {
            stats.connecting == 0 && world.open() == stats.open as usize
        });
    }
}

fn run(steps: Vec<Step>) {
    let world = World::new();
    let clock = TestClock::new();
    let attributes = attributes();
    let builder = PoolBuilder::new(&attributes).driver(world.driver()).clock(clock.clone());
    let pool = builder.patience(Duration::ZERO).create().unwrap().0;
    std::thread::scope(|scope| {
        let (tell, told) = channel();
        let mut history = History {
            scope,
            pool: &pool,
            world: world.clone(),
            clock: clock.clone(),
            now: 0,
            max: 3,
            loans: Vec::new(),
            waiters: VecDeque::new(),
            last_id: 0,
            told,
            tell,
        };
        for step in steps {
            history.run(step);
        }
        world.failures.lock().clear();
        history.advance(1_000_000);
        history.loans.clear();
        history.check();
    });
    assert!(
        world.most.load(std::sync::atomic::Ordering::SeqCst) <= 5,
        "1: more sessions than ever were allowed"
    );
    pool.close(CloseMode::Default).unwrap();
    assert_eq!(world.open(), 0, "8: sessions are left");
    assert_eq!(clock.parked(), 0, "8: a thread of the pool waits for the clock still");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_pool_behaves_as_its_model(steps in prop::collection::vec(step(), 1..60)) {
        run(steps);
    }
}
