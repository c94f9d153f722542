//! The native session callback: code of the application that puts a session's state right before a get returns it.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::pool::core::Core;
use crate::pool::get::LoanKey;
use crate::pool::tag::Tag;
use crate::pool::tally::count;

/// Called on the thread of the get, with no lock held, for a session that nobody has had, and for one whose tag is not
/// what was asked for.
pub trait SessionCallback: Send + Sync {
    /// Puts the state right. An error has the value that says so to the caller: the session is dropped and the get
    /// fails.
    fn call(&self, session: &CallbackSession<'_>) -> Result<(), i32>;

    /// What tells this callback from others: two of the same identity are the same to a pool that is opened again.
    fn identity(&self) -> (usize, usize);
}

/// A session that is about to be handed out, and what was asked for.
pub struct CallbackSession<'a> {
    core: &'a Core,
    loan: LoanKey,
    wanted: Option<&'a Tag>,
    actual: Option<&'a Tag>,
}

impl CallbackSession<'_> {
    /// The tag that was asked for; none = none was.
    pub fn wanted(&self) -> Option<&Tag> {
        self.wanted
    }

    /// The tag that the session came with.
    pub fn actual(&self) -> Option<&Tag> {
        self.actual
    }

    /// Says what the session's state is now.
    pub fn set_tag(&self, tag: Option<Tag>) -> Result<(), Error> {
        self.core.set_tag(self.loan, tag.map(Arc::new))
    }

    /// Runs a statement. Rows affected; of a query the rows it produced, which are discarded.
    pub fn execute(&self, sql: &str) -> Result<u64, Error> {
        self.core.call(self.loan, |tenant| tenant.session()?.execute(sql))
    }

    pub(crate) fn pool_number(&self) -> u16 {
        self.core.number
    }

    pub(crate) fn loan(&self) -> LoanKey {
        self.loan
    }
}

thread_local! {
    /// The pools whose callbacks this thread is inside of.
    static INSIDE: RefCell<Vec<u16>> = const { RefCell::new(Vec::new()) };
}

/// Whether this thread is inside a session callback of that pool: then it holds a session that it can not give back
/// while it waits for another.
pub(crate) fn is_inside_callback(pool: u16) -> bool {
    INSIDE.with_borrow(|inside| inside.contains(&pool))
}

/// Notes that the thread is inside a callback, for as long as this lives.
struct Inside;

impl Inside {
    fn of(pool: u16) -> Inside {
        INSIDE.with_borrow_mut(|inside| inside.push(pool));
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(|inside| inside.pop());
    }
}

impl Core {
    /// Has the application look at the session of `loan`.
    pub(crate) fn run_callback(
        &self,
        loan: LoanKey,
        callback: &dyn SessionCallback,
        wanted: Option<&Tag>,
    ) -> Result<(), Error> {
        let place = self.check_loan(loan)?;
        let actual = place.tag.lock().clone();
        count(&self.tally.callbacks);
        let inside = Inside::of(self.number);
        let session = CallbackSession { core: self, loan, wanted, actual: actual.as_deref() };
        let result = callback.call(&session);
        drop(inside);
        result.map_err(|value| {
            count(&self.tally.callback_failures);
            let text = format!(
                "the session callback returned {value}, which is a failure: 1 is success; the session was dropped"
            );
            Error::new(Kind::CallbackFailed, 0, text)
        })
    }
}
