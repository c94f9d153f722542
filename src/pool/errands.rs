//! Threads for those steps of requests that wait for the database: the ping of an idle session, an attach, a fix-up. There
//! is one for each step under way, and never more than there are sessions, because each step has one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::pool::core::Core;
use crate::pool::request::{Request, Step};

/// How long a thread without an errand stays.
const IDLE_LIMIT: Duration = Duration::from_secs(5);

/// A request and the step that it needs.
type Errand = (Arc<Request>, Step);

/// The errands of a pool.
#[derive(Default)]
pub(crate) struct Errands {
    list: Mutex<List>,
    work: Condvar,
    /// Told when a thread ends.
    ended: Condvar,
}

#[derive(Default)]
struct List {
    waiting: VecDeque<Errand>,
    /// Threads that have not ended.
    living: usize,
    resting: usize,
    threads: Vec<JoinHandle<()>>,
    is_dismissed: bool,
}

impl Errands {
    /// The next errand; none when the thread is to end.
    fn next(&self) -> Option<Errand> {
        let mut list = self.list.lock();
        loop {
            if let Some(errand) = list.waiting.pop_front() {
                return Some(errand);
            }
            if list.is_dismissed {
                return None;
            }
            list.resting += 1;
            let timed_out = self.work.wait_for(&mut list, IDLE_LIMIT).timed_out();
            list.resting -= 1;
            if timed_out && list.waiting.is_empty() {
                return None;
            }
        }
    }

    fn run(&self) {
        while let Some((request, step)) = self.next() {
            request.take_steps(step, true);
        }
        self.list.lock().living -= 1;
        self.ended.notify_all();
    }

    /// No thread is to stay. Waits for them, for at most `limit`: one that is still in a call of a driver which does not
    /// obey its break is left to end by itself.
    pub(crate) fn end(&self, limit: Duration) {
        let mut list = self.list.lock();
        list.is_dismissed = true;
        self.work.notify_all();
        self.ended.wait_while_for(&mut list, |list| list.living > 0, limit);
        let threads = std::mem::take(&mut list.threads);
        let is_over = list.living == 0;
        drop(list);
        for thread in threads.into_iter().filter(|thread| is_over || thread.is_finished()) {
            // A panic of a driver has been caught and told; nothing else in there panics.
            let _ = thread.join();
        }
    }
}

impl Core {
    /// Has a step of a request done that may block. With no thread to be had for it, here: late is better than never.
    pub(crate) fn send_on_errand(self: &Arc<Self>, request: Arc<Request>, step: Step) {
        let mut list = self.errands.list.lock();
        if list.resting <= list.waiting.len() && !self.hire_for_errands(&mut list) {
            drop(list);
            return request.take_steps(step, true);
        }
        list.waiting.push_back((request, step));
        drop(list);
        self.errands.work.notify_one();
    }

    fn hire_for_errands(self: &Arc<Self>, list: &mut List) -> bool {
        if list.is_dismissed {
            return false;
        }
        list.threads.retain(|thread| !thread.is_finished());
        let core = Arc::clone(self);
        let thread =
            std::thread::Builder::new().name("orapool-errand".to_owned()).spawn(move || core.errands.run());
        let Ok(thread) = thread else { return false };
        list.threads.push(thread);
        list.living += 1;
        true
    }
}
