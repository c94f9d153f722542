//! Handles: tokens that say what they are for, which entry they mean and which of its lives; never an address.

use std::ptr::without_provenance_mut;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::capi::orapool_session;
use crate::error::Error;
use crate::pool::core::Core;
use crate::pool::directory;
use crate::pool::place::LoanKey;

/// What a token is for: its low three bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Use {
    Pool = 1,
    Session = 2,
    Attrs = 3,
    Stmt = 4,
    Request = 5,
}

const USE_BITS: u32 = 3;
const USE_MASK: u64 = (1 << USE_BITS) - 1;
const INDEX_BITS: u32 = 24;
const POOL_BITS: u32 = 13;
const PLACE_BITS: u32 = 16;
const _: () = assert!(directory::POOLS_LIMIT == 1 << POOL_BITS);
const _: () = assert!(crate::pool::attributes::SESSIONS_LIMIT < 1 << PLACE_BITS);
const _: () = assert!(USE_BITS + POOL_BITS + PLACE_BITS + 32 == 64);

/// The number behind a handle.
#[inline]
pub(crate) fn token_of<T>(handle: *const T) -> u64 {
    handle.addr() as u64
}

/// The handle for a number.
#[inline]
pub(crate) fn handle_of<T>(token: u64) -> *mut T {
    without_provenance_mut(token as usize)
}

/// The token of a loan: pool, place and loan number.
#[inline]
pub(crate) fn session_token(pool: u16, loan: LoanKey) -> u64 {
    token_of_loan(session_base(pool, loan.index), loan.generation)
}

/// What the tokens of all loans of one place have in common: their low 32 bits.
pub(crate) fn session_base(pool: u16, index: u32) -> u32 {
    index << (USE_BITS + POOL_BITS) | u32::from(pool) << USE_BITS | Use::Session as u32
}

/// The token of a loan of the place that `base` stands for.
#[inline]
pub(crate) fn token_of_loan(base: u32, generation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(base)
}

/// Base and loan number of a session token; for another token two numbers that no place has.
#[inline]
pub(crate) fn split_session(token: u64) -> (u32, u32) {
    (token as u32, (token >> 32) as u32)
}

/// Pool number and loan that a session token means; none for another token.
#[inline]
pub(crate) fn parse_session(token: u64) -> Option<(u16, LoanKey)> {
    if token & USE_MASK != Use::Session as u64 {
        return None;
    }
    let pool = (token >> USE_BITS) & ((1 << POOL_BITS) - 1);
    let index = (token >> (USE_BITS + POOL_BITS)) & ((1 << PLACE_BITS) - 1);
    Some((pool as u16, LoanKey { index: index as u32, generation: (token >> 32) as u32 }))
}

/// The loan behind a session handle and the pool that it is of. Whether it is still on, the pool knows.
pub(crate) fn session(token: u64) -> Result<(Arc<Core>, LoanKey), Error> {
    let (pool, loan) = parse_session(token).ok_or_else(|| not_a("session", token))?;
    let core = directory::find(pool).ok_or_else(|| not_a("session", token))?;
    Ok((core, loan))
}

/// The pool and the loan behind a session handle, still on loan.
pub(crate) fn on_loan(session: *const orapool_session) -> Result<(Arc<Core>, LoanKey), Error> {
    let (core, loan) = self::session(token_of(session))?;
    core.check_loan(loan)?;
    Ok((core, loan))
}

fn not_a(what: &str, token: u64) -> Error {
    let why = match token {
        0 => "it is NULL",
        _ => "it was used up, is the handle of something else, or never was one",
    };
    Error::invalid_handle(format!("this is no {what} handle: {why}"))
}

struct Entry<T> {
    life: u64,
    value: Option<Arc<T>>,
}

struct Entries<T> {
    entries: Vec<Entry<T>>,
    free: Vec<usize>,
}

/// All handles of one kind.
pub(crate) struct Table<T> {
    what: &'static str,
    kind: Use,
    entries: RwLock<Entries<T>>,
}

impl<T> Table<T> {
    /// No handles yet.
    pub(crate) const fn new(kind: Use, what: &'static str) -> Self {
        Table { what, kind, entries: RwLock::new(Entries { entries: Vec::new(), free: Vec::new() }) }
    }

    /// A token for `value`.
    pub(crate) fn add(&self, value: Arc<T>) -> Result<u64, Error> {
        let mut table = self.entries.write();
        let index = table.free.pop().unwrap_or(table.entries.len());
        if index >= 1 << INDEX_BITS {
            return Err(Error::unsupported(format!(
                "a process can have {} {}s at once",
                1 << INDEX_BITS,
                self.what
            )));
        }
        if index == table.entries.len() {
            table.entries.push(Entry { life: 0, value: None });
        }
        let Some(entry) = table.entries.get_mut(index) else { return Err(not_a(self.what, 0)) };
        entry.life += 1;
        entry.value = Some(value);
        Ok(entry.life << (USE_BITS + INDEX_BITS) | (index as u64) << USE_BITS | self.kind as u64)
    }

    fn index_of(&self, token: u64) -> Option<usize> {
        let index = (token >> USE_BITS) & ((1 << INDEX_BITS) - 1);
        (token & USE_MASK == self.kind as u64).then_some(index as usize)
    }

    /// What the token means.
    pub(crate) fn find(&self, token: u64) -> Result<Arc<T>, Error> {
        let find = || {
            let table = self.entries.read();
            let entry = table.entries.get(self.index_of(token)?)?;
            if entry.life != token >> (USE_BITS + INDEX_BITS) {
                return None;
            }
            entry.value.clone()
        };
        find().ok_or_else(|| not_a(self.what, token))
    }

    /// Ends the token's life. Of several threads that try exactly one gets the value.
    pub(crate) fn take(&self, token: u64) -> Result<Arc<T>, Error> {
        let take = || {
            let index = self.index_of(token)?;
            let mut table = self.entries.write();
            let entry = table.entries.get_mut(index)?;
            if entry.life != token >> (USE_BITS + INDEX_BITS) {
                return None;
            }
            let value = entry.value.take()?;
            table.free.push(index);
            Some(value)
        };
        take().ok_or_else(|| not_a(self.what, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_keeps_all_of_its_numbers() {
        let loan = LoanKey { index: 65_534, generation: u32::MAX };
        assert_eq!(parse_session(session_token(8191, loan)), Some((8191, loan)));
        assert_eq!(parse_session(Use::Pool as u64), None);
    }

    #[test]
    fn a_token_dies_once_and_for_all() {
        let table = Table::new(Use::Stmt, "statement");
        let first = table.add(Arc::new(1)).unwrap();
        assert_eq!(*table.find(first).unwrap(), 1);
        table.take(first).unwrap();
        let second = table.add(Arc::new(2)).unwrap();
        assert_ne!(first, second);
        assert!(table.find(first).is_err() && table.take(first).is_err());
        for garbage in [0, 1, 7, u64::MAX, second ^ 1, second + (1 << 40)] {
            assert!(table.find(garbage).is_err(), "{garbage:x}");
        }
    }
}
