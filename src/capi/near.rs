//! What each thread used last: the short way from a handle to its pool and from a thread to its last session, with
//! no lock and no reference count that other threads touch.

use std::cell::{Cell, UnsafeCell};
use std::sync::Arc;

use crate::capi::handle::{parse_session, session_token};
use crate::pool::Pool;
use crate::pool::get::{NOWHERE, Near};

/// Pools that a thread has at hand at once.
const ENTRIES: usize = 4;

/// A pool that the thread used, and where it left its last session of it.
struct Entry {
    token: Cell<u64>,
    number: Cell<u32>,
    near: Near,
    pool: UnsafeCell<Option<Arc<Pool>>>,
}

struct AtHand {
    entries: [Entry; ENTRIES],
    next: Cell<usize>,
}

thread_local! {
    static AT_HAND: AtHand = const {
        AtHand {
            entries: [const {
                Entry {
                    token: Cell::new(0),
                    number: Cell::new(u32::MAX),
                    near: Cell::new(NOWHERE),
                    pool: UnsafeCell::new(None),
                }
            }; ENTRIES],
            next: Cell::new(0),
        }
    };
}

impl Entry {
    /// The pool, if its handle has not been given up.
    #[inline]
    fn pool(&self) -> Option<&Pool> {
        // SAFETY: `keep` alone writes it, on this thread, and never while such a reference lives: the functions of
        // this file that use one call nothing that could come back here.
        let pool = unsafe { &*self.pool.get() }.as_deref()?;
        (!pool.is_given_up()).then_some(pool)
    }
}

/// Gets the session that this thread left last of the pool `token`. None: the long way must be gone.
#[inline]
pub(crate) fn get(token: u64) -> Option<u64> {
    AT_HAND
        .try_with(|at_hand| {
            let entry = at_hand.entries.iter().find(|entry| entry.token.get() == token)?;
            let core = entry.pool()?.core();
            let loan = core.get_near(&entry.near)?;
            Some(session_token(core.number, loan))
        })
        .ok()?
}

/// Gives an untouched session back where this thread finds it again. False: the long way must be gone.
#[inline]
pub(crate) fn release(token: u64) -> bool {
    let Some((number, loan)) = parse_session(token) else { return false };
    AT_HAND
        .try_with(|at_hand| {
            let entry = at_hand.entries.iter().find(|entry| entry.number.get() == u32::from(number));
            entry.is_some_and(|entry| {
                entry.pool().is_some_and(|pool| pool.core().release_near(loan, &entry.near))
            })
        })
        .unwrap_or(false)
}

/// Keeps a pool at hand that this thread has just got a session from the long way.
pub(crate) fn keep(token: u64, pool: &Arc<Pool>) {
    let forgotten = AT_HAND.try_with(|at_hand| {
        if at_hand.entries.iter().any(|entry| entry.token.get() == token) {
            return None;
        }
        let number = u32::from(pool.core().number);
        // A handle of the same pool, or of a former one of that number, makes room first.
        let same = at_hand.entries.iter().position(|entry| entry.number.get() == number);
        let at = same.unwrap_or_else(|| at_hand.next.replace((at_hand.next.get() + 1) % ENTRIES));
        let entry = at_hand.entries.get(at)?;
        entry.token.set(token);
        entry.number.set(number);
        entry.near.set(NOWHERE);
        // SAFETY: no reference from `Entry::pool` lives here; what was in it is dropped outside.
        unsafe { (*entry.pool.get()).replace(Arc::clone(pool)) }
    });
    drop(forgotten);
}

/// Runs `body` with the place where this thread leaves sessions of the pool `number`, if it has that pool at hand.
pub(crate) fn with_near<T>(number: u16, body: impl FnOnce(Option<&Near>) -> T) -> T {
    let found = AT_HAND.try_with(|at_hand| {
        let entry = at_hand.entries.iter().position(|entry| entry.number.get() == u32::from(number));
        entry.and_then(|at| at_hand.entries.get(at)).map(|entry| (entry.number.get(), entry.near.get()))
    });
    let Ok(Some((_, last))) = found else { return body(None) };
    let near = Near::new(last);
    let result = body(Some(&near));
    let _ = AT_HAND.try_with(|at_hand| {
        if let Some(entry) = at_hand.entries.iter().find(|entry| entry.number.get() == u32::from(number)) {
            entry.near.set(near.get());
        }
    });
    result
}
