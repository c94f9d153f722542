//! What each thread used last: the short way from a handle to its pool and from a thread to its last session, with
//! no lock and no reference count that other threads touch.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use crate::capi::handle::{parse_session, session_base, split_session, token_of_loan};
use crate::pool::Pool;
use crate::pool::core::Core;
use crate::pool::get::{NOWHERE, Near};
use crate::pool::place::Place;

/// Pools that a thread has at hand at once.
const ENTRIES: usize = 4;

/// A pool that the thread used, and where it left its last session of it.
struct Entry {
    token: Cell<u64>,
    number: Cell<u32>,
    near: Near,
    /// The place of `near`, or NULL.
    place: Cell<*const Place>,
    /// What the session tokens of that place have in common; 0, which none has, without a place.
    base: Cell<u32>,
    /// The pool, or NULL; the entry's `Arc` in [`KEPT`] keeps it alive.
    pool: Cell<*const Pool>,
    core: Cell<*const Core>,
}

/// Nothing to be dropped in it, so that the thread's end need not be looked for at each use.
struct AtHand {
    entries: [Entry; ENTRIES],
    next: Cell<usize>,
}

/// What keeps the pools alive that the entries point to. At the end of the thread it empties the entries first.
struct Kept(RefCell<[Option<Arc<Pool>>; ENTRIES]>);

impl Drop for Kept {
    fn drop(&mut self) {
        AT_HAND.with(|at_hand| at_hand.entries.iter().for_each(Entry::clear));
    }
}

thread_local! {
    static AT_HAND: AtHand = const {
        AtHand {
            entries: [const {
                Entry {
                    token: Cell::new(0),
                    number: Cell::new(u32::MAX),
                    near: Cell::new(NOWHERE),
                    place: Cell::new(ptr::null()),
                    base: Cell::new(0),
                    pool: Cell::new(ptr::null()),
                    core: Cell::new(ptr::null()),
                }
            }; ENTRIES],
            next: Cell::new(0),
        }
    };
    static KEPT: Kept = const { Kept(RefCell::new([const { None }; ENTRIES])) };
}

impl Entry {
    /// The pool, if its handle has not been given up.
    #[inline]
    fn core(&self) -> Option<&Core> {
        // SAFETY: KEPT keeps the pool alive. `keep` alone puts another in its place, on this thread, and never while
        // such a reference lives: the functions of this file that use one call nothing that could come back here.
        let pool = unsafe { self.pool.get().as_ref() }?;
        if pool.is_given_up() {
            return None;
        }
        // SAFETY: the same; the pool keeps its core alive.
        unsafe { self.core.get().as_ref() }
    }

    /// Forgets the pool and the place in it.
    fn clear(&self) {
        self.token.set(0);
        self.number.set(u32::MAX);
        self.near.set(NOWHERE);
        self.place.set(ptr::null());
        self.base.set(0);
        self.pool.set(ptr::null());
        self.core.set(ptr::null());
    }

    /// Whether it is the entry of this very pool, not of a former one of the same number.
    fn is_of(&self, core: &Core) -> bool {
        self.core().is_some_and(|own| ptr::eq(own, core))
    }

    /// The place where the thread left its last session.
    #[inline]
    fn place(&self) -> Option<&Place> {
        // SAFETY: places stay where they are for as long as their pool, which `pool` keeps alive; `keep` forgets the
        // one together with the other.
        unsafe { self.place.get().as_ref() }
    }

    /// Makes another place the one where the thread leaves sessions.
    fn move_to(&self, core: &Core, index: u32) {
        let place = core.places.get(index);
        self.near.set(index);
        self.place.set(place.map_or(ptr::null(), ptr::from_ref));
        self.base.set(place.map_or(0, |place| session_base(core.number, place.index)));
    }
}

/// Gets the session that this thread left last of the pool `token`. None: the long way must be gone.
#[inline]
pub(crate) fn get(token: u64) -> Option<u64> {
    let get = |at_hand: &AtHand| {
        let entry = at_hand.entries.iter().find(|entry| entry.token.get() == token)?;
        let core = entry.core()?;
        let generation = core.take_from(entry.place()?)?;
        Some(token_of_loan(entry.base.get(), generation))
    };
    AT_HAND.with(get)
}

/// Gives an untouched session back where this thread finds it again. False: the long way must be gone.
#[inline]
pub(crate) fn release(token: u64) -> bool {
    let (base, generation) = split_session(token);
    let release = |at_hand: &AtHand| {
        let found = at_hand.entries.iter().find(|entry| entry.base.get() == base);
        let entry = found.or_else(|| move_to_place_of(at_hand, token))?;
        Some(entry.core()?.leave_at(entry.place()?, generation))
    };
    AT_HAND.with(release) == Some(true)
}

/// Makes the place of the session `token` the one where this thread leaves sessions of that pool, unless what it left
/// last would be forgotten for it.
#[cold]
#[inline(never)]
fn move_to_place_of(at_hand: &AtHand, token: u64) -> Option<&Entry> {
    let (number, loan) = parse_session(token)?;
    let entry = at_hand.entries.iter().find(|entry| entry.number.get() == u32::from(number))?;
    let core = entry.core()?;
    if core.is_cached(entry.near.get()) {
        return None;
    }
    entry.move_to(core, loan.index);
    (entry.base.get() == split_session(token).0).then_some(entry)
}

/// Keeps a pool at hand that this thread has just got a session from the long way. Not at the end of the thread, when
/// nothing can be kept any more.
pub(crate) fn keep(token: u64, pool: &Arc<Pool>) {
    let keep = |at_hand: &AtHand, kept: &Kept| {
        if at_hand.entries.iter().any(|entry| entry.token.get() == token) {
            return None;
        }
        let number = u32::from(pool.core().number);
        // A handle of the same pool, or of a former one of that number, makes room first.
        let same = at_hand.entries.iter().position(|entry| entry.number.get() == number);
        let at = same.unwrap_or_else(|| at_hand.next.replace((at_hand.next.get() + 1) % ENTRIES));
        let entry = at_hand.entries.get(at)?;
        entry.clear();
        let former = kept.0.borrow_mut().get_mut(at)?.replace(Arc::clone(pool));
        entry.token.set(token);
        entry.number.set(number);
        entry.pool.set(Arc::as_ptr(pool));
        entry.core.set(Arc::as_ptr(pool.core()));
        former
    };
    // Dropped here, with nothing borrowed.
    drop(AT_HAND.with(|at_hand| KEPT.try_with(|kept| keep(at_hand, kept))));
}

/// Runs `body` with the place where this thread leaves sessions of the pool `core`, if it has that pool at hand.
pub(crate) fn with_near<T>(core: &Core, body: impl FnOnce(Option<&Near>) -> T) -> T {
    let number = u32::from(core.number);
    let find = |at_hand: &AtHand| {
        at_hand.entries.iter().position(|entry| entry.number.get() == number && entry.is_of(core))
    };
    let Some(at) = AT_HAND.with(find) else { return body(None) };
    let near =
        Near::new(AT_HAND.with(|at_hand| at_hand.entries.get(at).map_or(NOWHERE, |entry| entry.near.get())));
    let result = body(Some(&near));
    AT_HAND.with(|at_hand| {
        if let Some(entry) = at_hand.entries.get(at).filter(|entry| entry.is_of(core)) {
            entry.move_to(core, near.get());
        }
    });
    result
}
