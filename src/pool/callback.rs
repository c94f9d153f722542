//! The native session callback: code of the application that puts a session's state right before a get returns it.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::pool::place::LoanKey;
use crate::pool::tag::Tag;

/// Called on the thread of the get, with no lock held, for a session that nobody has had, and for one whose tag is not
/// what was asked for.
pub trait SessionCallback: Send + Sync {
    /// Puts the state right. An error has the value that says so to the caller: the session is dropped and the get
    /// fails.
    fn call(&self, session: &CallbackSession<'_>) -> Result<(), i32>;

    /// What tells this callback from others: two of the same identity are the same to a pool that is opened again.
    fn identity(&self) -> (usize, usize);
}

/// What a callback can do with its session.
pub(crate) trait AtHand {
    fn set_tag(&self, tag: Option<Arc<Tag>>) -> Result<(), Error>;
    fn execute(&self, sql: &str) -> Result<u64, Error>;
}

/// A session that is about to be handed out, and what was asked for.
pub struct CallbackSession<'a> {
    pub(crate) session: &'a dyn AtHand,
    pub(crate) pool: u16,
    pub(crate) loan: LoanKey,
    pub(crate) wanted: Option<&'a Tag>,
    pub(crate) actual: Option<&'a Tag>,
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
        self.session.set_tag(tag.map(Arc::new))
    }

    /// Runs a statement. Rows affected; of a query the rows it produced, which are discarded.
    pub fn execute(&self, sql: &str) -> Result<u64, Error> {
        self.session.execute(sql)
    }

    /// Calls `callback` with this session. A failure is the error of the get that it was called in.
    pub(crate) fn show_to(&self, callback: &dyn SessionCallback) -> Result<(), Error> {
        let inside = Inside::of(self.pool);
        let result = callback.call(self);
        drop(inside);
        result.map_err(|value| {
            let text = format!(
                "the session callback returned {value}, which is a failure: 1 is success; the session was dropped"
            );
            Error::new(Kind::CallbackFailed, 0, text)
        })
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
