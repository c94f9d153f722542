//! The reference for contended cells: strict first come, first served, by direct hand-over.
//!
//! No get ever overtakes another, and no wake-up is wasted; what that costs is a thread switch per pair under load.
//! A sketch: no deadlines, no tags, no checks.

use crate::{Contender, NoopSession};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

pub struct Pool {
    state: Mutex<State>,
}

struct State {
    idle: Vec<NoopSession>,
    /// Not empty only while `idle` is: a release hands over to the first of them.
    waiters: VecDeque<Arc<Waiter>>,
}

/// Where a thread waits, one per thread and used again, so that a wait allocates nothing.
struct Waiter {
    thread: Thread,
    handed: Mutex<Option<NoopSession>>,
    /// Lets the waiter look without the lock: it wakes up for other reasons too.
    ready: AtomicBool,
}

thread_local! {
    static WAITER: Arc<Waiter> = Arc::new(Waiter {
        thread: thread::current(),
        handed: Mutex::new(None),
        ready: AtomicBool::new(false),
    });
}

impl Waiter {
    fn wait(&self) -> NoopSession {
        while !self.ready.swap(false, Ordering::Acquire) {
            thread::park();
        }
        self.handed.lock().take().expect("ready is set after the hand-over")
    }

    fn hand_over(&self, session: NoopSession) {
        *self.handed.lock() = Some(session);
        self.ready.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Contender for Pool {
    type Loan = NoopSession;

    fn create(sessions: u32) -> Self {
        let idle = (0..sessions).map(|id| NoopSession { id }).collect();
        Self { state: Mutex::new(State { idle, waiters: VecDeque::new() }) }
    }

    fn get(&self) -> Self::Loan {
        let mut state = self.state.lock();
        if let Some(session) = state.idle.pop() {
            return session;
        }
        WAITER.with(|waiter| {
            state.waiters.push_back(Arc::clone(waiter));
            drop(state);
            waiter.wait()
        })
    }

    fn release(&self, loan: Self::Loan) {
        let mut state = self.state.lock();
        match state.waiters.pop_front() {
            None => state.idle.push(loan),
            Some(waiter) => {
                drop(state); // the wake-up is a system call: never under the lock
                waiter.hand_over(loan);
            }
        }
    }

    fn id(loan: &Self::Loan) -> u32 {
        loan.id
    }
}
