//! One session's life: every state that it can be in and every transition between them.
//!
//! The state and the number of the loan share one word, so that taking and giving back are one compare-and-set
//! each, a stale loan can never pass for the current one, and the counts of gets and loans follow from the words.
//!
//! ```text
//! VACANT → CONNECTING → IDLE ⇄ BUSY → DIRTY ⇄ IN_CALL
//!    ↑                   ↓       ↓       ↓
//!    └──── CLOSING ← CHECKING  CACHED  RETURNING      REVOKED (the pool was closed under the loan)
//!                            CACHED_TAGGED
//! ```

use crate::sync::{AtomicU64, Ordering};

/// What a slot is doing. The numbers are internal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum SlotState {
    /// No session, and no place taken.
    Vacant = 0,
    /// A place is taken; a session is being made for it.
    Connecting = 1,
    /// Idle and in the idle lists; moved under the pool's lock alone.
    Idle = 2,
    /// Idle and in no list: left where the thread that released it finds it again without the lock.
    Cached = 3,
    /// Taken out of the idle set to be pinged; on nobody's loan yet.
    Checking = 4,
    /// On loan, and nothing was done with it yet.
    Busy = 5,
    /// On loan and used: a release must look at what was left behind.
    Dirty = 6,
    /// On loan, inside a call of its holder.
    InCall = 7,
    /// Being cleaned by the release that won it.
    Returning = 8,
    /// Being logged off; the place is still taken.
    Closing = 9,
    /// The pool took the session away while it was on loan; the loan is still to be released.
    Revoked = 10,
    /// As [`SlotState::Cached`], with a tag: a get that wishes for none must not take it.
    CachedTagged = 11,
}

impl SlotState {
    fn of(word: u64) -> SlotState {
        use SlotState::*;
        const ALL: [SlotState; 12] = [
            Vacant,
            Connecting,
            Idle,
            Cached,
            Checking,
            Busy,
            Dirty,
            InCall,
            Returning,
            Closing,
            Revoked,
            CachedTagged,
        ];
        ALL.get((word & STATE_MASK) as usize).copied().unwrap_or(Vacant)
    }

    /// Whether a session in this state is on loan. The release that won it still counts until it has let go.
    pub(crate) fn is_on_loan(self) -> bool {
        matches!(self, SlotState::Busy | SlotState::Dirty | SlotState::InCall | SlotState::Returning)
    }

    /// Whether a session in this state is open and on nobody's loan.
    pub(crate) fn is_idle(self) -> bool {
        self.is_at_rest() || self == SlotState::Checking
    }

    /// Whether a session in this state is there for anybody whom it fits.
    pub(crate) fn is_at_rest(self) -> bool {
        self == SlotState::Idle || self.is_cached()
    }

    /// Whether a session in this state was left where its thread finds it again.
    pub(crate) fn is_cached(self) -> bool {
        matches!(self, SlotState::Cached | SlotState::CachedTagged)
    }
}

const STATE_BITS: u32 = 8;
const STATE_MASK: u64 = (1 << STATE_BITS) - 1;

/// How many loans the slot has seen, which is also the number of its current or last loan. It never falls.
fn loans_of(word: u64) -> u64 {
    word >> STATE_BITS
}

/// The loan number as handles carry it: its low 32 bits.
fn generation_of(word: u64) -> u32 {
    loans_of(word) as u32
}

fn with_state(word: u64, state: SlotState) -> u64 {
    word & !STATE_MASK | state as u64
}

/// The word of the next loan.
fn lent(word: u64) -> u64 {
    with_state(word.wrapping_add(1 << STATE_BITS), SlotState::Busy)
}

/// State, loan number and time stamps of one session, on cache lines of its own.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Slot {
    word: AtomicU64,
    /// When it was last given back, in nanoseconds of the pool's clock, at most one tick old.
    pub(crate) idle_since: AtomicU64,
    /// When it was last taken, likewise.
    pub(crate) loaned_at: AtomicU64,
    /// When its lifetime is over; `u64::MAX` = never.
    pub(crate) expires_at: AtomicU64,
    /// Until when it may be left [`SlotState::Cached`]; 0 = never.
    pub(crate) cache_until: AtomicU64,
    /// Until when it may be left [`SlotState::CachedTagged`]; 0 = never.
    pub(crate) cache_tagged_until: AtomicU64,
    /// Until when it may be left cached with or without a tag: as long as it lives, or 0 = never, for a session of
    /// another identity than the pool's own and for one whose loans are numbered.
    may_cache_until: AtomicU64,
    /// Loans that began without the lock because the tag was the very one asked for. Written by the holder alone.
    pub(crate) exact_loans: AtomicU64,
    /// The loan number at which it has been used often enough; `u64::MAX` = never.
    pub(crate) last_loan: AtomicU64,
    /// The loan number it had when it was connected: the next loan is its first.
    pub(crate) connected_at_loan: AtomicU64,
}

impl Slot {
    /// A vacant slot whose loans are numbered from `loans` + 1.
    pub(crate) fn new(loans: u64) -> Self {
        Slot {
            word: AtomicU64::new(loans << STATE_BITS),
            idle_since: AtomicU64::new(0),
            loaned_at: AtomicU64::new(0),
            expires_at: AtomicU64::new(u64::MAX),
            last_loan: AtomicU64::new(u64::MAX),
            connected_at_loan: AtomicU64::new(loans),
            cache_until: AtomicU64::new(0),
            cache_tagged_until: AtomicU64::new(0),
            may_cache_until: AtomicU64::new(0),
            exact_loans: AtomicU64::new(0),
        }
    }

    /// State and loan number, as one consistent pair. Sequentially consistent for the waiter of
    /// [`Slot::put_cached`]; on x86 that costs a load nothing.
    pub(crate) fn look(&self) -> (SlotState, u32) {
        let word = self.word.load(Ordering::SeqCst);
        (SlotState::of(word), generation_of(word))
    }

    /// State and number of loans so far, as one consistent pair.
    pub(crate) fn count(&self) -> (SlotState, u64) {
        let word = self.word.load(Ordering::Acquire);
        (SlotState::of(word), loans_of(word))
    }

    /// Takes a cached session without the lock. The new loan number; none if it is not cached (any more).
    #[inline]
    pub(crate) fn take_cached(&self) -> Option<u32> {
        self.lend(SlotState::Cached)
    }

    /// Takes a session that was left cached with its tag after the loan `left`, without the lock. The new loan number;
    /// none if anybody has had it since, who may have changed its tag.
    #[inline]
    pub(crate) fn take_cached_tagged(&self, left: u32) -> Option<u32> {
        let word = self.word.load(Ordering::Acquire);
        let next = lent(word);
        let is_untouched = is_loan(word, left, SlotState::CachedTagged) && self.swap_word(word, next);
        is_untouched.then(|| {
            let loans = self.exact_loans.load(Ordering::Relaxed);
            // After the loan began, for whoever counts both: never more of these than of all.
            self.exact_loans.store(loans + 1, Ordering::Release);
            generation_of(next)
        })
    }

    /// Gives an untouched loan back at `now` without the lock, as `cached`. False: it is another loan by now, or it was
    /// used.
    ///
    /// Sequentially consistent, because the release then looks for waiters, while a waiter announces itself and
    /// then looks for cached sessions: one of the two must see the other.
    #[inline]
    pub(crate) fn put_cached(&self, generation: u32, now: u64, cached: SlotState) -> bool {
        let word = self.word.load(Ordering::Relaxed);
        if !is_loan(word, generation, SlotState::Busy) {
            return false;
        }
        // Before the session is anybody's. If another release of this loan is faster, it has noted the same time.
        self.idle_since.store(now, Ordering::Relaxed);
        self.swap_word(word, with_state(word, cached))
    }

    /// Moves from one state to another and keeps the loan number. False: it was not in `from`.
    #[inline]
    pub(crate) fn shift(&self, from: SlotState, to: SlotState) -> bool {
        let word = self.word.load(Ordering::Acquire);
        word & STATE_MASK == from as u64 && self.swap_word(word, with_state(word, to))
    }

    /// Moves from either cached state to another. False: it was in none of them.
    pub(crate) fn shift_cached(&self, to: SlotState) -> bool {
        self.shift(SlotState::Cached, to) || self.shift(SlotState::CachedTagged, to)
    }

    /// Moves the loan `generation` from one state to another. False: it is in another state or another loan.
    #[inline]
    pub(crate) fn shift_loan(&self, generation: u32, from: SlotState, to: SlotState) -> bool {
        let word = self.word.load(Ordering::Acquire);
        is_loan(word, generation, from) && self.swap_word(word, with_state(word, to))
    }

    /// Begins a loan from `from`. The new loan number; none if it was not in `from`.
    #[inline]
    pub(crate) fn lend(&self, from: SlotState) -> Option<u32> {
        let word = self.word.load(Ordering::Acquire);
        let next = lent(word);
        (word & STATE_MASK == from as u64 && self.swap_word(word, next)).then_some(generation_of(next))
    }

    /// Notes that a new session was connected: its first loan is the next one, its last the `uses`-th. `is_own`: it is
    /// of the pool's own identity.
    pub(crate) fn begin_session(&self, is_own: bool, expires_at: u64, uses: Option<u32>) {
        let loans = self.count().1;
        self.connected_at_loan.store(loans, Ordering::Relaxed);
        self.expires_at.store(expires_at, Ordering::Relaxed);
        self.last_loan.store(uses.map_or(u64::MAX, |uses| loans + u64::from(uses)), Ordering::Relaxed);
        let may_be_cached = is_own && uses.is_none();
        self.may_cache_until.store(if may_be_cached { expires_at } else { 0 }, Ordering::Relaxed);
        self.note_tag(false);
    }

    /// Notes whether the session has a tag, which decides who may find it cached.
    pub(crate) fn note_tag(&self, is_tagged: bool) {
        let until = self.may_cache_until.load(Ordering::Relaxed);
        self.cache_until.store(if is_tagged { 0 } else { until }, Ordering::Relaxed);
        self.cache_tagged_until.store(if is_tagged { until } else { 0 }, Ordering::Relaxed);
    }

    /// Whether it may be left cached at all.
    pub(crate) fn may_be_cached(&self) -> bool {
        self.may_cache_until.load(Ordering::Relaxed) != 0
    }

    /// Whether the session has been lent as often as it may be.
    pub(crate) fn is_used_up(&self) -> bool {
        self.count().1 >= self.last_loan.load(Ordering::Relaxed)
    }

    /// Whether the current loan is the first of its session.
    pub(crate) fn is_first_loan(&self) -> bool {
        self.count().1 == self.connected_at_loan.load(Ordering::Relaxed) + 1
    }

    /// Whether the session has never been on loan.
    pub(crate) fn is_unused(&self) -> bool {
        self.count().1 == self.connected_at_loan.load(Ordering::Relaxed)
    }

    #[inline]
    fn swap_word(&self, from: u64, to: u64) -> bool {
        self.word.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }
}

#[inline]
fn is_loan(word: u64, generation: u32, state: SlotState) -> bool {
    word & STATE_MASK == state as u64 && generation_of(word) == generation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_loan_never_passes_for_the_current_one() {
        let slot = Slot::new(7);
        assert!(slot.shift(SlotState::Vacant, SlotState::Connecting));
        let first = slot.lend(SlotState::Connecting).unwrap();
        assert!(slot.is_first_loan());
        assert!(slot.put_cached(first, 0, SlotState::Cached));
        assert!(!slot.put_cached(first, 0, SlotState::Cached), "a second release must lose");
        let second = slot.take_cached().unwrap();
        assert_eq!((first, second), (8, 9));
        assert!(!slot.is_first_loan() && !slot.put_cached(first, 0, SlotState::Cached));
        assert!(slot.shift_loan(second, SlotState::Busy, SlotState::InCall));
        let put = slot.put_cached(second, 0, SlotState::Cached);
        assert!(!put, "a session inside a call stays where it is");
    }

    #[test]
    fn a_cached_tag_is_only_for_the_one_who_left_it() {
        let slot = Slot::new(0);
        assert!(slot.shift(SlotState::Vacant, SlotState::Connecting));
        let first = slot.lend(SlotState::Connecting).unwrap();
        assert!(slot.put_cached(first, 0, SlotState::CachedTagged));
        assert_eq!(slot.take_cached(), None, "a get without a wish passes it over");
        let second = slot.take_cached_tagged(first).unwrap();
        assert!(slot.put_cached(second, 0, SlotState::CachedTagged));
        assert_eq!(slot.take_cached_tagged(first), None, "somebody has had it since");
        assert_eq!(slot.take_cached_tagged(second), Some(second + 1));
    }

    #[test]
    fn every_state_survives_the_word() {
        for number in 0..=11u64 {
            assert_eq!(SlotState::of(number | 5 << STATE_BITS) as u64, number);
        }
    }
}
