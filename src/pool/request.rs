//! Requests: gets that no thread waits in. A request goes the same way as a get, in steps; each is done by whoever has
//! the news that it needs (the caller of start, the attendant, or an errand where a step may block), one at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::error::{Error, Kind};
use crate::pool::GetOptions;
use crate::pool::ask::Ask;
use crate::pool::callback::is_inside_callback;
use crate::pool::clock::Nanos;
use crate::pool::completions::Completions;
use crate::pool::core::{Access, Core, Leaving};
use crate::pool::get::{Granted, Progress};
use crate::pool::place::LoanKey;
use crate::pool::ready::{Readiness, ReadySession};
use crate::pool::timeout::WaitedFor;
use crate::pool::waiters::{Outcome, Waiter};

/// What a request needs next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A session that fits, or a place in the queue.
    Seek,
    /// The session in that place is reserved for it: a look whether it is still good.
    Admit(u32),
    /// It has a loan: that its session is made what was asked for.
    MakeReady(LoanKey),
}

/// How far a request has come.
#[derive(Debug)]
enum Stage {
    /// Somebody is at work on it.
    Underway,
    /// In the queue under that number.
    Waiting(u64),
    /// To be finished.
    Complete(Result<ReadySession, Error>),
    /// Whoever is at work on it gives back what it won.
    Cancelled,
    /// Finished.
    Over,
}

/// A get that no thread waits in.
pub(crate) struct Request {
    core: Arc<Core>,
    access: Arc<Access>,
    ask: Ask,
    began: Nanos,
    /// What its starter knows it by.
    pub(crate) user_data: u64,
    /// The number of its handle.
    handle: AtomicU64,
    /// Where its completion is told.
    completions: Arc<Completions>,
    progress: Mutex<Journey>,
    /// Told when it has been completed or cancelled.
    changed: Condvar,
}

/// What changes while a request goes on.
struct Journey {
    stage: Stage,
    /// Its number among the completions.
    completion: Option<u64>,
    may_look_again: bool,
    /// ORA-24417: it made the pool larger than its maximum.
    warning: Option<Error>,
}

impl Request {
    /// A request that has not begun. An error if the pool is closed or what is asked for makes no sense.
    pub(crate) fn new(
        core: &Arc<Core>,
        options: &GetOptions<'_>,
        completions: &Arc<Completions>,
        user_data: u64,
    ) -> Result<Arc<Request>, Error> {
        let access = core.access()?;
        let settings = core.lock_open()?.settings.clone();
        let ask = Ask::of(&access, &settings, core.number, options)?.of_no_thread();
        Ok(Arc::new(Request {
            core: Arc::clone(core),
            access,
            ask,
            began: core.clock.now(),
            user_data,
            handle: AtomicU64::new(0),
            completions: Arc::clone(completions),
            progress: Mutex::new(Journey {
                stage: Stage::Underway,
                completion: None,
                may_look_again: true,
                warning: None,
            }),
            changed: Condvar::new(),
        }))
    }

    /// The number of its pool.
    pub(crate) fn pool_number(&self) -> u16 {
        self.core.number
    }

    /// The number of its handle; 0 before it has one.
    pub(crate) fn handle(&self) -> u64 {
        self.handle.load(Ordering::Relaxed)
    }

    pub(crate) fn set_handle(&self, handle: u64) {
        self.handle.store(handle, Ordering::Relaxed);
    }

    /// Begins. Never blocks; a request that is served at once is complete when this returns. An error if there is no thread
    /// that could attend to it.
    pub(crate) fn begin(self: &Arc<Self>) -> Result<(), Error> {
        self.core.start_attendant()?;
        self.core.freshen();
        self.take_steps(Step::Seek, false);
        Ok(())
    }

    /// When it gives up waiting.
    pub(crate) fn deadline(&self) -> Option<Nanos> {
        self.ask.deadline(self.began)
    }

    /// When it is not to be overtaken any more.
    pub(crate) fn patient_until(&self) -> Nanos {
        self.began.saturating_add(self.core.patience)
    }

    /// Its waiting in the queue has ended with `outcome`.
    pub(crate) fn go_on(self: &Arc<Self>, outcome: Outcome) {
        self.core.note_wait(self.began, self.ask.context.as_ref(), Ok(&outcome));
        {
            let mut journey = self.progress.lock();
            if let Stage::Waiting(_) = journey.stage {
                journey.stage = Stage::Underway;
            }
        }
        match outcome {
            Outcome::Lent(index, generation) => {
                self.take_steps(self.note_granted(LoanKey { index, generation }), false);
            }
            Outcome::Offered(index) => self.take_steps(Step::Admit(index), false),
            Outcome::Failed(error) => self.complete(Err(error)),
        }
    }

    /// Its time is up. False: somebody ended its waiting just before.
    pub(crate) fn expire(self: &Arc<Self>, id: u64) -> bool {
        let Some(error) = self.core.end_in_vain(id, self.began) else { return false };
        self.core.note_wait(self.began, self.ask.context.as_ref(), Err(&error));
        self.complete(Err(error));
        true
    }

    /// Looks for an idle session, because it has been overtaken for long enough. False: there is none.
    pub(crate) fn look(self: &Arc<Self>, id: u64) -> bool {
        let Some(index) = self.core.look(id, &self.ask) else { return false };
        self.go_on(Outcome::Offered(index));
        true
    }

    /// Whether nobody wants it any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self.progress.lock().stage, Stage::Cancelled)
    }

    /// Goes on from `step`, until it is complete, waits, or would block although it must not.
    pub(crate) fn take_steps(self: &Arc<Self>, mut step: Step, may_block: bool) {
        while !self.is_cancelled() {
            if !may_block && self.may_block(&step) {
                return self.core.send_on_errand(Arc::clone(self), step);
            }
            match catch_unwind(AssertUnwindSafe(|| self.take(step))) {
                Ok(Ok(Some(next))) => step = next,
                Ok(Ok(None)) => return,
                Ok(Err(error)) => return self.complete(Err(error)),
                Err(_) => return self.fail(step),
            }
        }
        self.give_back(step);
    }

    /// Whether a step may have to wait for the database.
    fn may_block(&self, step: &Step) -> bool {
        match step {
            Step::Seek => false,
            Step::Admit(index) => {
                let slot = self.core.places.get(*index).map(|place| &place.slot);
                slot.is_none_or(|slot| self.core.needs_a_look(slot, self.core.clock.now()))
            }
            Step::MakeReady(loan) => self.core.must_wait_to_make_ready(*loan, &self.ask, &self.access),
        }
    }

    /// Takes one step. The next one; none if it waits or is complete.
    fn take(self: &Arc<Self>, step: Step) -> Result<Option<Step>, Error> {
        match step {
            Step::Seek => self.seek(),
            Step::Admit(index) => match self.core.admit(index, self.began, self.deadline())? {
                Some(loan) => Ok(Some(self.note_granted(loan))),
                None => Ok(Some(Step::Seek)),
            },
            Step::MakeReady(loan) => {
                match self.core.make_ready(loan, &self.ask, &self.access, self.began)? {
                    Readiness::Ready(ready) => {
                        self.complete(Ok(ready));
                        Ok(None)
                    }
                    Readiness::LookForAnother(error) => {
                        let may_look_again =
                            std::mem::replace(&mut self.progress.lock().may_look_again, false);
                        if may_look_again { Ok(Some(Step::Seek)) } else { Err(error) }
                    }
                }
            }
        }
    }

    /// It has a loan, whose session is to be made ready next.
    fn note_granted(&self, loan: LoanKey) -> Step {
        self.core.note_grant(loan, &self.ask);
        Step::MakeReady(loan)
    }

    fn seek(self: &Arc<Self>) -> Result<Option<Step>, Error> {
        let state = self.core.lock_open()?;
        match self.core.claim(state, &self.ask, self.began, |id, warning| self.wait_as(id, warning))? {
            Progress::Idle(index) => Ok(Some(Step::Admit(index))),
            Progress::Waiting(id, ..) => {
                self.core.attendant.mind(id);
                if self.is_cancelled() {
                    self.core.leave_queue(id);
                }
                Ok(None)
            }
        }
    }

    /// It is about to enter the queue. All is noted before anybody can tell it anything.
    fn wait_as(self: &Arc<Self>, id: u64, warning: Option<&Error>) -> Arc<Waiter> {
        let mut journey = self.progress.lock();
        journey.warning = warning.cloned().or(journey.warning.take());
        if let Stage::Underway = journey.stage {
            journey.stage = Stage::Waiting(id);
        }
        drop(journey);
        self.core.attendant.seat(id, self)
    }

    /// The request has come to its end, but for what its starter does with it.
    pub(crate) fn complete(self: &Arc<Self>, result: Result<ReadySession, Error>) {
        let unwanted = {
            let mut journey = self.progress.lock();
            match journey.stage {
                Stage::Underway | Stage::Waiting(_) => {
                    journey.stage = Stage::Complete(result);
                    journey.completion = Some(self.completions.add(Arc::clone(self)));
                    None
                }
                Stage::Cancelled | Stage::Complete(_) | Stage::Over => result.ok(),
            }
        };
        self.changed.notify_all();
        if let Some(ready) = unwanted {
            self.core.put_back(&ready);
        }
    }

    /// Gives back what a cancelled request holds.
    fn give_back(&self, step: Step) {
        match step {
            Step::Seek => {}
            Step::Admit(index) => self.core.withdraw_offer(index),
            Step::MakeReady(loan) => self.core.take_back(loan),
        }
    }

    /// Ends a request in whose step the driver panicked: its session is of no more use.
    fn fail(self: &Arc<Self>, step: Step) {
        match step {
            Step::Seek => {}
            Step::Admit(index) => drop(self.core.reject(index, Leaving::Dead)),
            Step::MakeReady(loan) => self.core.take_back(loan),
        }
        self.complete(Err(Error::oracle(0, "the database driver panicked while it looked after a session")));
    }

    /// Waits until the request is complete, runs the session callback and hands the session out. Uses the request up,
    /// whatever it returns. ORAPOOL_CANCELLED if it is cancelled meanwhile.
    pub(crate) fn finish(&self) -> Result<Granted, Error> {
        let (result, warning) = self.take_result()?;
        let ready = result?;
        if self.core.is_closing() {
            self.core.put_back(&ready);
            return Err(Error::closed());
        }
        Ok(self.core.deliver(ready, &self.ask, &self.access)?.warned_of(warning))
    }

    fn take_result(&self) -> Result<(Result<ReadySession, Error>, Option<Error>), Error> {
        let mut journey = self.progress.lock();
        loop {
            match std::mem::replace(&mut journey.stage, Stage::Over) {
                Stage::Complete(result) => {
                    self.forget_completion(&mut journey);
                    return Ok((result, journey.warning.take()));
                }
                Stage::Cancelled => {
                    journey.stage = Stage::Cancelled;
                    return Err(cancelled());
                }
                Stage::Over => return Err(used_up()),
                stage => {
                    journey.stage = stage;
                    self.refuse_to_wait_for_itself(&mut journey)?;
                    self.changed.wait(&mut journey);
                }
            }
        }
    }

    /// A session callback that waits for another session of its pool may wait for the one that it was called for.
    fn refuse_to_wait_for_itself(&self, journey: &mut MutexGuard<'_, Journey>) -> Result<(), Error> {
        if self.ask.limit().is_some() || !is_inside_callback(self.core.number) {
            return Ok(());
        }
        MutexGuard::unlocked(journey, || {
            self.cancel();
            Err(self.core.timeout_error(&self.core.lock(), WaitedFor::Itself, self.began))
        })
    }

    /// Calls the request off. What it has won goes back.
    pub(crate) fn cancel(&self) {
        let stage = {
            let mut journey = self.progress.lock();
            let next = match journey.stage {
                Stage::Underway | Stage::Waiting(_) => Stage::Cancelled,
                Stage::Complete(_) => Stage::Over,
                Stage::Cancelled | Stage::Over => return,
            };
            self.forget_completion(&mut journey);
            std::mem::replace(&mut journey.stage, next)
        };
        self.changed.notify_all();
        match stage {
            Stage::Waiting(id) => self.core.leave_queue(id),
            Stage::Complete(Ok(ready)) => self.core.put_back(&ready),
            _ => {}
        }
    }

    /// Takes its waiter out of the queue.
    pub(crate) fn leave_queue(&self, id: u64) {
        self.core.leave_queue(id);
    }

    fn forget_completion(&self, journey: &mut Journey) {
        if let Some(number) = journey.completion.take() {
            self.completions.remove(number);
        }
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Cancelled, 0, "the request was cancelled")
}

fn used_up() -> Error {
    Error::invalid_handle("the request was finished or cancelled already")
}
