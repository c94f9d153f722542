//! Gets that wait: a queue in the order of arrival, and what each is told when its waiting ends.
//!
//! The queue changes under the pool's lock alone. A waiter leaves it exactly once: whoever takes it out tells it
//! its outcome, or it takes itself out because its time is up; it can not be told anything after that.

use std::collections::VecDeque;

use crate::error::Error;
use crate::pool::need::Need;
use crate::sync::{Arc, AtomicU32, Mutex, Ordering, Thread};

/// How many sessions that do not fit a waiter may go to those behind it before one must make room for one that does:
/// to replace a session costs a connect, to replace none may cost the waiter for ever.
const PASSES_LIMIT: u32 = 8;

/// How a wait ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The session in that slot is the waiter's loan, with that loan number.
    Lent(u32, u32),
    /// The idle session in that slot is reserved for the waiter, who must see whether it is still good.
    Offered(u32),
    /// The connect that the waiter asked for failed, or nothing is left that it could wait for.
    Failed(Error),
}

/// Where one thread that waits for many gets is told which of them to look at, by their numbers in the queue.
#[derive(Debug)]
pub(crate) struct Inbox {
    told: Mutex<Vec<u64>>,
}

impl Inbox {
    pub(crate) fn new() -> Arc<Inbox> {
        Arc::new(Inbox { told: Mutex::new(Vec::new()) })
    }

    /// There is something to see for waiter `id`.
    pub(crate) fn tell(&self, id: u64) {
        self.told.lock().push(id);
    }

    /// Who was told something since this was asked last.
    pub(crate) fn take(&self) -> Vec<u64> {
        std::mem::take(&mut *self.told.lock())
    }
}

/// A get that waits, as seen by those who may end it.
#[derive(Debug)]
pub(crate) struct Waiter {
    thread: Thread,
    /// Its number, and the inbox of its thread, if that waits for others as well.
    inbox: Option<(u64, Arc<Inbox>)>,
    outcome: Mutex<Option<Outcome>>,
    /// 1 = it is to look for an idle session by itself when its patience ends.
    watches: AtomicU32,
}

impl Waiter {
    /// A get for which `thread` waits, and for nothing else.
    pub(crate) fn new(thread: Thread) -> Arc<Waiter> {
        Waiter::with_inbox(thread, None)
    }

    /// The get `id`, for which `thread` waits among others.
    pub(crate) fn among_others(thread: Thread, id: u64, inbox: Arc<Inbox>) -> Arc<Waiter> {
        Waiter::with_inbox(thread, Some((id, inbox)))
    }

    fn with_inbox(thread: Thread, inbox: Option<(u64, Arc<Inbox>)>) -> Arc<Waiter> {
        Arc::new(Waiter { thread, inbox, outcome: Mutex::new(None), watches: AtomicU32::new(0) })
    }

    /// Its thread, which is to look at it once it is woken.
    fn call(&self) -> Thread {
        if let Some((id, inbox)) = &self.inbox {
            inbox.tell(*id);
        }
        self.thread.clone()
    }

    /// What it was told, if its waiting is over.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.lock().take()
    }

    /// Whether it is to look for an idle session by itself when its patience ends.
    pub(crate) fn watches(&self) -> bool {
        self.watches.load(Ordering::Acquire) != 0
    }
}

/// A waiter's place in the queue.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) need: Arc<Need>,
    /// Since when it has waited, in nanoseconds of the pool's clock.
    pub(crate) since: u64,
    /// The connect that is being made for it.
    pub(crate) connect: Option<u64>,
    /// Whether it goes on waiting when no connect is being made for it.
    pub(crate) waits_for_loans: bool,
    /// How often one behind it was served before it.
    passes: u32,
    waiter: Arc<Waiter>,
}

impl Entry {
    pub(crate) fn new(
        id: u64,
        need: Arc<Need>,
        since: u64,
        waits_for_loans: bool,
        waiter: Arc<Waiter>,
    ) -> Entry {
        Entry { id, need, since, connect: None, waits_for_loans, passes: 0, waiter }
    }

    /// Whether nobody behind it may be served before a session is on its way for it.
    pub(crate) fn is_overdue(&self) -> bool {
        self.connect.is_none() && self.passes >= PASSES_LIMIT
    }

    /// Ends the wait; the entry is out of the queue already. The thread is to be woken once the lock is gone.
    #[must_use]
    pub(crate) fn tell(self, outcome: Outcome) -> Thread {
        *self.waiter.outcome.lock() = Some(outcome);
        self.waiter.call()
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    queue: VecDeque<Entry>,
    /// The waiter that looks for an idle session by itself.
    watcher: Option<u64>,
    /// The watcher is gone, and nobody has looked since: while there was one, sessions were left idle without a word.
    is_watch_over: bool,
}

impl Waiters {
    /// Takes its place by the time it began to wait, so that one who comes back after a failed ping loses nothing.
    pub(crate) fn join(&mut self, entry: Entry) {
        let after = self.queue.iter().rposition(|other| other.since <= entry.since);
        self.queue.insert(after.map_or(0, |at| at + 1), entry);
    }

    /// Takes a waiter out.
    pub(crate) fn leave(&mut self, id: u64) -> Option<Entry> {
        let at = self.queue.iter().position(|entry| entry.id == id)?;
        self.end_watch_of(id);
        self.queue.remove(at)
    }

    /// The first waiter that `fits` says yes to. None as well if somebody before it has been passed over too often.
    pub(crate) fn first_fitting(&self, fits: impl Fn(&Entry) -> bool) -> Option<u64> {
        let first = self.queue.iter().find(|entry| entry.is_overdue() || fits(entry))?;
        fits(first).then_some(first.id)
    }

    /// Notes that `id` is served before those that stand before it.
    pub(crate) fn note_passes(&mut self, id: u64) {
        for entry in self.queue.iter_mut().take_while(|entry| entry.id != id) {
            entry.passes += 1;
        }
    }

    /// Takes the first waiter out that `fits` says yes to.
    pub(crate) fn leave_first(&mut self, fits: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let id = self.queue.iter().find(|entry| fits(entry))?.id;
        self.leave(id)
    }

    /// Everybody out.
    pub(crate) fn leave_all(&mut self) -> VecDeque<Entry> {
        self.watcher = None;
        std::mem::take(&mut self.queue)
    }

    /// Makes the front look for an idle session by itself when its patience ends, unless somebody does. The thread is
    /// to be woken once the lock is gone, so that it sets its alarm.
    pub(crate) fn watch_front(&mut self) -> Option<Thread> {
        let front = self.queue.front()?;
        if self.watcher.is_some() {
            return None;
        }
        self.watcher = Some(front.id);
        front.waiter.watches.store(1, Ordering::Release);
        Some(front.waiter.call())
    }

    /// Notes that the waiter is looking now, and will not do so again by itself.
    pub(crate) fn stop_watching(&mut self, id: u64) {
        if !self.end_watch_of(id) {
            return;
        }
        if let Some(entry) = self.queue.iter().find(|entry| entry.id == id) {
            entry.waiter.watches.store(0, Ordering::Relaxed);
        }
    }

    fn end_watch_of(&mut self, id: u64) -> bool {
        let is_watcher = self.watcher == Some(id);
        if is_watcher {
            self.watcher = None;
            self.is_watch_over = true;
        }
        is_watcher
    }

    /// Whether a watch has ended since this was asked last.
    pub(crate) fn was_watch_over(&mut self) -> bool {
        std::mem::take(&mut self.is_watch_over)
    }

    /// Whether a waiter looks for idle sessions by itself.
    pub(crate) fn is_watched(&self) -> bool {
        self.watcher.is_some()
    }

    /// Since when the front waits; `u64::MAX` if nobody does.
    pub(crate) fn front_since(&self) -> u64 {
        self.queue.front().map_or(u64::MAX, |entry| entry.since)
    }

    /// Who has waited longest.
    pub(crate) fn front(&self) -> Option<&Entry> {
        self.queue.front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// In the order of arrival.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.queue.iter()
    }

    pub(crate) fn find_mut(&mut self, id: u64) -> Option<&mut Entry> {
        self.queue.iter_mut().find(|entry| entry.id == id)
    }
}
