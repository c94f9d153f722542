//! What each thread used last: the short way from a handle to its pool and from a thread to its last session, with
//! no lock and no reference count that other threads touch.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use crate::capi::handle::{parse_session, session_base, split_session, token_of_loan};
use crate::pool::Pool;
use crate::pool::core::Core;
use crate::pool::near::{LeftTagged, NOWHERE, Near};
use crate::pool::place::Place;
use crate::pool::tag::Tag;

/// Pools that a thread has at hand at once.
const ENTRIES: usize = 4;

/// A pool that the thread used, and where it left its last session of it.
struct Entry {
    token: Cell<u64>,
    number: Cell<u32>,
    index: Cell<u32>,
    /// The place of that number, or NULL.
    place: Cell<*const Place>,
    /// What the session tokens of that place have in common; 0, which none has, without a place.
    base: Cell<u32>,
    /// The pool, or NULL; the entry's `Arc` in [`KEPT`] keeps it alive.
    pool: Cell<*const Pool>,
    core: Cell<*const Core>,
    /// The tag of the session in `place`, if it has one and nobody has had it since the loan `tag_loan`; or NULL. The
    /// entry's `Arc` in [`KEPT`] keeps it alive.
    tag: Cell<*const Tag>,
    tag_loan: Cell<u32>,
}

/// Nothing to be dropped in it, so that the thread's end need not be looked for at each use.
struct AtHand {
    entries: [Entry; ENTRIES],
    next: Cell<usize>,
}

/// What keeps alive what the entries point to. At the end of the thread it empties the entries first.
struct Kept {
    pools: RefCell<[Option<Arc<Pool>>; ENTRIES]>,
    tags: RefCell<[Option<Arc<Tag>>; ENTRIES]>,
}

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
                    index: Cell::new(NOWHERE),
                    place: Cell::new(ptr::null()),
                    base: Cell::new(0),
                    pool: Cell::new(ptr::null()),
                    core: Cell::new(ptr::null()),
                    tag: Cell::new(ptr::null()),
                    tag_loan: Cell::new(0),
                }
            }; ENTRIES],
            next: Cell::new(0),
        }
    };
    static KEPT: Kept = const {
        Kept { pools: RefCell::new([const { None }; ENTRIES]), tags: RefCell::new([const { None }; ENTRIES]) }
    };
}

/// Forgets what this thread, the only one of a forked child, used before the fork. What keeps the parent's pools alive is
/// left where it lies: to drop them is the parent's.
pub(crate) fn forget_all() {
    AT_HAND.with(|at_hand| at_hand.entries.iter().for_each(Entry::clear));
    KEPT.with(|kept| {
        std::mem::forget(std::mem::take(&mut *kept.pools.borrow_mut()));
        std::mem::forget(std::mem::take(&mut *kept.tags.borrow_mut()));
    });
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
        self.index.set(NOWHERE);
        self.tag.set(ptr::null());
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

    /// The tag of the session that the thread left there, as long as nobody has had it since the loan `tag_loan`.
    #[inline]
    fn tag(&self) -> Option<&Tag> {
        // SAFETY: KEPT keeps the tag alive. `leave_tag` alone puts another in its place, on this thread, and never while
        // such a reference lives.
        unsafe { self.tag.get().as_ref() }
    }

    /// Leaves the session with its tag. Apart, so that a release of one without needs no room for it.
    #[inline(never)]
    fn leave_tagged(&self, core: &Core, place: &Place, generation: u32) -> bool {
        // Of any other loan it is not known whether the tag is still the same.
        self.tag_loan.get() == generation && core.leave_tagged_at(place, generation)
    }

    /// Makes another place the one where the thread leaves sessions; without a tag until one is left.
    fn move_to(&self, core: &Core, index: u32) {
        let place = core.places.get(index);
        self.index.set(index);
        self.tag.set(ptr::null());
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

/// Gets the session that this thread left last of the pool `token`, if its tag is `wanted`, byte for byte. With where
/// the tag lies for as long as the session is on loan and keeps it. None: the long way must be gone.
#[inline]
pub(crate) fn get_tagged(token: u64, wanted: &[u8], is_multi_property: bool) -> Option<(u64, &'static [u8])> {
    let get = |at_hand: &AtHand| {
        let entry = at_hand.entries.iter().find(|entry| entry.token.get() == token)?;
        let core = entry.core()?;
        let tag = entry.tag()?;
        // A tag that is no list of properties can not be asked for as one, nor without a fix-up's properties.
        let is_allowed = if is_multi_property { tag.has_properties() } else { !core.has_fixup };
        if !is_allowed || tag.as_bytes() != wanted {
            return None;
        }
        let generation = core.take_tagged_from(entry.place()?, entry.tag_loan.get())?;
        entry.tag_loan.set(generation);
        Some((token_of_loan(entry.base.get(), generation), entry.tag.get()))
    };
    let (token, tag) = AT_HAND.with(get)?;
    // SAFETY: the session's place holds the same `Arc` for as long as it is on loan with that tag, which is how long
    // the caller may use the bytes.
    Some((token, unsafe { &*tag }.as_bytes()))
}

/// Gives an untouched session back where this thread finds it again. False: the long way must be gone.
#[inline]
pub(crate) fn release(token: u64) -> bool {
    let (base, generation) = split_session(token);
    let release = |at_hand: &AtHand| {
        let found = at_hand.entries.iter().find(|entry| entry.base.get() == base);
        let entry = found.or_else(|| move_to_place_of(at_hand, token))?;
        let (core, place) = (entry.core()?, entry.place()?);
        if entry.tag.get().is_null() {
            return Some(core.leave_at(place, generation));
        }
        Some(entry.leave_tagged(core, place, generation))
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
    if core.is_cached(entry.index.get()) {
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
        let former = kept.pools.borrow_mut().get_mut(at)?.replace(Arc::clone(pool));
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
    let index = AT_HAND.with(|at_hand| at_hand.entries.get(at).map_or(NOWHERE, |entry| entry.index.get()));
    let near = Near::with_tags(index);
    let result = body(Some(&near));
    if !near.is_changed() {
        return result;
    }
    AT_HAND.with(|at_hand| {
        if let Some(entry) = at_hand.entries.get(at).filter(|entry| entry.is_of(core)) {
            entry.move_to(core, near.index());
            leave_tag(entry, at, near.take_tagged());
        }
    });
    result
}

/// Remembers the tag of the session that was left at the entry's place. Not at the end of the thread, when nothing can
/// be kept any more.
fn leave_tag(entry: &Entry, at: usize, left: Option<LeftTagged>) {
    let Some(LeftTagged { tag, loan }) = left else { return };
    let keep = |kept: &Kept| {
        let mut tags = kept.tags.borrow_mut();
        let slot = tags.get_mut(at)?;
        entry.tag.set(Arc::as_ptr(&tag));
        entry.tag_loan.set(loan);
        slot.replace(tag)
    };
    // Dropped here, with nothing borrowed.
    drop(KEPT.try_with(keep));
}
