//! The thread that waits for the requests of a pool: it is the thread of all of their waiters, and does for each what a
//! blocking get does for itself. It never waits for the database.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, Thread};

use parking_lot::Mutex;

use crate::error::Error;
use crate::pool::clock::Nanos;
use crate::pool::core::Core;
use crate::pool::request::Request;
use crate::pool::waiters::{Inbox, Waiter};

/// A request that waits in the queue.
#[derive(Clone)]
struct Seat {
    request: Arc<Request>,
    waiter: Arc<Waiter>,
}

/// The attendant of a pool. Its thread is started with the first request and stays until the pool is closed.
pub(crate) struct Attendant {
    inbox: Arc<Inbox>,
    thread: OnceLock<Thread>,
    desk: Mutex<Desk>,
}

/// What it has before it.
#[derive(Default)]
struct Desk {
    join: Option<JoinHandle<()>>,
    /// By their numbers in the queue.
    seats: HashMap<u64, Seat>,
    deadlines: BTreeSet<(Nanos, u64)>,
    /// Who is to look for an idle session when its patience ends.
    watchers: BTreeSet<u64>,
    is_dismissed: bool,
    /// The thread has ended, or is about to without another look.
    is_gone: bool,
}

impl Attendant {
    pub(crate) fn new() -> Attendant {
        Attendant { inbox: Inbox::new(), thread: OnceLock::new(), desk: Mutex::default() }
    }

    /// A seat for a request that is about to enter the queue under that number, and what it is to wait there as. From then on
    /// it is the attendant that sees to it. Under the pool's lock.
    pub(crate) fn seat(&self, id: u64, request: &Arc<Request>) -> Arc<Waiter> {
        let waiter = match self.thread.get() {
            Some(thread) => Waiter::among_others(thread.clone(), id, Arc::clone(&self.inbox)),
            None => Waiter::new(std::thread::current()),
        };
        let mut desk = self.desk.lock();
        if let Some(deadline) = request.deadline() {
            desk.deadlines.insert((deadline, id));
        }
        desk.seats.insert(id, Seat { request: Arc::clone(request), waiter: Arc::clone(&waiter) });
        waiter
    }

    /// A request has entered the queue: the attendant is to mind its deadline. What it was told meanwhile, it knows.
    pub(crate) fn mind(&self, id: u64) {
        if self.desk.lock().is_gone {
            // The pool is closed, and that is what the request has been told.
            return self.see(id);
        }
        self.wake();
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Has the attendant look at a waiter.
    fn nudge(&self, id: u64) {
        self.inbox.tell(id);
        self.wake();
    }

    fn find(&self, id: u64) -> Option<Seat> {
        self.desk.lock().seats.get(&id).cloned()
    }

    fn clear(&self, id: u64) {
        let mut desk = self.desk.lock();
        let seat = desk.seats.remove(&id);
        desk.watchers.remove(&id);
        if let Some(deadline) = seat.as_ref().and_then(|seat| seat.request.deadline()) {
            desk.deadlines.remove(&(deadline, id));
        }
        drop(desk);
        // With the lock gone: it may be the last that holds the request.
        drop(seat);
    }

    /// Looks whether a waiter was told something.
    fn see(&self, id: u64) {
        let Some(Seat { request, waiter }) = self.find(id) else { return };
        if request.is_cancelled() {
            request.leave_queue(id);
        } else if waiter.watches() {
            self.desk.lock().watchers.insert(id);
        }
        // After a cancelled request has left the queue nobody tells it anything any more: what there is now is all.
        let outcome = waiter.outcome();
        if outcome.is_some() || request.is_cancelled() {
            self.clear(id);
        }
        if let Some(outcome) = outcome {
            request.go_on(outcome);
        }
    }

    fn end_what_is_due(&self, now: Nanos) {
        loop {
            let Some((deadline, id)) = self.desk.lock().deadlines.first().copied() else { return };
            if deadline > now {
                return;
            }
            self.desk.lock().deadlines.remove(&(deadline, id));
            match self.find(id) {
                Some(seat) if seat.request.expire(id) => self.clear(id),
                // Its waiting ended just before, and it has been told how.
                _ => self.see(id),
            }
        }
    }

    /// Has those look for an idle session whose patience has ended.
    fn look_for_watchers(&self, now: Nanos) {
        let watchers: Vec<u64> = self.desk.lock().watchers.iter().copied().collect();
        for id in watchers {
            let Some(seat) = self.find(id) else { continue };
            if seat.waiter.watches() && now < seat.request.patient_until() {
                continue;
            }
            self.desk.lock().watchers.remove(&id);
            if seat.waiter.watches() && seat.request.look(id) {
                self.clear(id);
            }
        }
    }

    /// When there is something to do again, if nothing is told before. None: never again, the attendant may go.
    fn next_alarm(&self) -> Option<Option<Nanos>> {
        let mut desk = self.desk.lock();
        if desk.is_dismissed && desk.seats.is_empty() {
            desk.is_gone = true;
            return None;
        }
        let patience = desk.watchers.iter().filter_map(|id| desk.seats.get(id));
        let patience = patience.map(|seat| seat.request.patient_until()).min();
        Some(desk.deadlines.first().map(|(deadline, _)| *deadline).into_iter().chain(patience).min())
    }

    /// No thread is to stay: it ends as soon as nobody waits. To be waited for.
    pub(crate) fn dismiss(&self) -> Option<JoinHandle<()>> {
        let mut desk = self.desk.lock();
        desk.is_dismissed = true;
        let join = desk.join.take();
        // Without a thread, whoever comes later sees to its request itself.
        desk.is_gone |= join.is_none();
        drop(desk);
        self.wake();
        join
    }
}

impl Core {
    /// Starts the attendant's thread, if there is none yet.
    pub(crate) fn start_attendant(self: &Arc<Self>) -> Result<(), Error> {
        if self.attendant.thread.get().is_some() {
            return Ok(());
        }
        let mut desk = self.attendant.desk.lock();
        if desk.is_dismissed {
            return Err(Error::closed());
        }
        if desk.join.is_some() {
            return Ok(());
        }
        let core = Arc::clone(self);
        let join = std::thread::Builder::new()
            .name("orapool-requests".to_owned())
            .spawn(move || core.attend_to_requests())
            .map_err(|error| {
                Error::oracle(0, format!("no thread could be started to attend to requests: {error}"))
            })?;
        // Only ever set here, under the lock.
        let _ = self.attendant.thread.set(join.thread().clone());
        desk.join = Some(join);
        Ok(())
    }

    fn attend_to_requests(&self) {
        loop {
            for id in self.attendant.inbox.take() {
                self.attendant.see(id);
            }
            let now = self.clock.now();
            self.attendant.end_what_is_due(now);
            self.attendant.look_for_watchers(now);
            match self.attendant.next_alarm() {
                Some(alarm) => self.clock.park(alarm),
                None => return,
            }
        }
    }

    /// Takes a waiter out whom nobody wants served any more.
    pub(crate) fn leave_queue(&self, id: u64) {
        let mut state = self.lock();
        if self.take_waiter(&mut state, id).is_some() {
            self.care_for_front(&mut state);
        }
        drop(state);
        self.attendant.nudge(id);
    }
}
