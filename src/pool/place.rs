//! The places of a pool: one for each session that can be open, with the session that lives in it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::driver::{Breaker, Session, Statement};
use crate::error::Error;
use crate::pool::servers::ServerHold;
use crate::pool::slot::Slot;
use crate::pool::tag::Tag;

/// A loan, as the pool knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoanKey {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// No loan has this number: they have 32 bits.
const NO_LOAN: u64 = u64::MAX;

/// A slot, the session that lives there, and what belongs to that session's current loan.
pub(crate) struct Place {
    pub(crate) slot: Slot,
    /// Its number within the pool.
    pub(crate) index: u32,
    /// The session. Locked by whoever the slot's state makes its owner, so never contended.
    pub(crate) tenant: Mutex<Tenant>,
    /// Breaks the session's running call. Held while a break is sent, so that a release can wait until it is over.
    pub(crate) breaker: Mutex<Option<Arc<dyn Breaker>>>,
    /// What the session says of its state. Changed by its holder, and read by others only while nobody has it.
    pub(crate) tag: Mutex<Option<Arc<Tag>>>,
    /// Under DRCP: the tag that the loan's last attach came upon.
    pub(crate) return_tag: Mutex<Option<Arc<Tag>>>,
    /// The loan that its get has not handed out yet; no release ends it.
    held_back: AtomicU64,
    /// Who asked for the loan of that number, in the caller's words.
    pub(crate) context: Mutex<Option<(u32, Arc<str>)>>,
}

impl Place {
    fn new(index: u32, loans: u64) -> Place {
        Place {
            slot: Slot::new(loans),
            index,
            tenant: Mutex::default(),
            breaker: Mutex::default(),
            tag: Mutex::default(),
            return_tag: Mutex::default(),
            held_back: AtomicU64::new(NO_LOAN),
            context: Mutex::default(),
        }
    }

    /// Moves a new session in. The slot says who owns it from now on.
    pub(crate) fn move_in(&self, new: NewSession) {
        *self.breaker.lock() = Some(new.session.breaker());
        *self.tag.lock() = None;
        *self.tenant.lock() =
            Tenant { session: Some(new.session), warning: new.warning, ..Tenant::default() };
    }

    /// Ends the session, if there is one. Blocks for as long as the log-off takes.
    pub(crate) fn move_out(&self) {
        *self.breaker.lock() = None;
        let tenant = std::mem::take(&mut *self.tenant.lock());
        tenant.end();
    }

    /// Keeps that loan from being released, for as long as its get is at work on it.
    pub(crate) fn hold_back(&self, generation: u32) {
        self.held_back.store(u64::from(generation), Ordering::Release);
    }

    /// Lets the loan go.
    pub(crate) fn let_go(&self) {
        self.held_back.store(NO_LOAN, Ordering::Release);
    }

    /// Whether a get is still at work on that loan.
    pub(crate) fn is_held_back(&self, generation: u32) -> bool {
        self.held_back.load(Ordering::Acquire) == u64::from(generation)
    }

    /// The context of the current loan, if its get gave one.
    pub(crate) fn context_of(&self, generation: u32) -> Option<Arc<str>> {
        self.context.lock().as_ref().filter(|(loan, _)| *loan == generation).map(|(_, text)| Arc::clone(text))
    }
}

/// A session that has just been made.
pub(crate) struct NewSession {
    pub(crate) session: Box<dyn Session>,
    /// What its log-on was warned of.
    pub(crate) warning: Option<Error>,
    /// How long it took to make, in nanoseconds.
    pub(crate) took: u64,
}

/// A session and what its current loan has made of it.
#[derive(Default)]
pub(crate) struct Tenant {
    pub(crate) session: Option<Box<dyn Session>>,
    /// What the log-on was warned of, until its first holder is told.
    pub(crate) warning: Option<Error>,
    statements: HashMap<u32, Box<dyn Statement>>,
    last_statement: u32,
    /// The holder limited its calls: the next one must not inherit that.
    pub(crate) has_call_timeout: bool,
    /// An error or a panic showed that it is of no more use.
    pub(crate) is_doomed: bool,
    /// Under DRCP: the loan's server.
    pub(crate) server: ServerHold,
}

impl Tenant {
    /// The session; an error when the pool has taken it away.
    pub(crate) fn session(&mut self) -> Result<&mut Box<dyn Session>, Error> {
        self.session.as_mut().ok_or_else(Error::closed)
    }

    /// Keeps a statement until it is closed or the loan ends. Its number within the session.
    pub(crate) fn keep_statement(&mut self, statement: Box<dyn Statement>) -> u32 {
        self.last_statement = self.last_statement.wrapping_add(1);
        self.statements.insert(self.last_statement, statement);
        self.last_statement
    }

    pub(crate) fn statement(&mut self, number: u32) -> Result<&mut Box<dyn Statement>, Error> {
        self.statements
            .get_mut(&number)
            .ok_or_else(|| Error::invalid_handle("the statement's session was released"))
    }

    /// Whether rows of a query were left unfetched.
    pub(crate) fn has_open_statement(&self) -> bool {
        self.statements.values().any(|statement| statement.is_open())
    }

    pub(crate) fn close_statement(&mut self, number: u32) {
        self.statements.remove(&number);
    }

    /// Makes the session fit for its next holder: no statement, no transaction, no call timeout. False: it is dead
    /// and must be closed. An error: it is dead because cleaning it failed.
    pub(crate) fn clean(&mut self) -> Result<bool, Error> {
        self.statements.clear();
        let Some(session) = self.session.as_mut() else { return Ok(false) };
        if self.is_doomed || session.is_dead() {
            return Ok(false);
        }
        // First the holder's limit, which is not meant for the rollback.
        if std::mem::take(&mut self.has_call_timeout) {
            session.set_call_timeout(None)?;
        }
        if session.in_transaction() {
            session.rollback()?;
        }
        Ok(!session.is_dead())
    }

    /// Statements first: a client may keep its session for as long as one of them lives.
    fn end(mut self) {
        self.statements.clear();
        if let Some(session) = self.session.take() {
            session.close();
        }
    }
}

const CHUNKS: usize = 13;
const FIRST_CHUNK: usize = 16;

/// All places of a pool. They are made in chunks when they are first needed and stay where they are, so that the
/// hot path finds one by its number without a lock.
pub(crate) struct Places {
    chunks: [OnceLock<Box<[Place]>>; CHUNKS],
    first_loan: u64,
}

impl Places {
    /// No places yet; the loans of each will be numbered from `first_loan` + 1.
    pub(crate) fn new(first_loan: u64) -> Places {
        Places { chunks: [const { OnceLock::new() }; CHUNKS], first_loan }
    }

    /// The loan number before the first.
    pub(crate) fn first_loan(&self) -> u64 {
        self.first_loan
    }

    /// The place of that number, if it was ever made.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&Place> {
        let (chunk, offset, _) = locate(index);
        self.chunks.get(chunk)?.get()?.get(offset)
    }

    /// The place of that number, made if need be. None beyond the last possible one.
    pub(crate) fn get_or_make(&self, index: u32) -> Option<&Place> {
        let (chunk, offset, size) = locate(index);
        let first = index - offset as u32;
        let make = || (first..).take(size).map(|index| Place::new(index, self.first_loan)).collect();
        self.chunks.get(chunk)?.get_or_init(make).get(offset)
    }

    /// Every place there is, with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Place)> {
        (0u32..).zip(self.chunks.iter().map_while(|chunk| chunk.get()).flat_map(|chunk| chunk.iter()))
    }
}

/// Chunk, offset in it and its size: each chunk is twice as large as the one before.
#[inline]
fn locate(index: u32) -> (usize, usize, usize) {
    let shifted = index as usize + FIRST_CHUNK;
    let chunk = (shifted.ilog2() - FIRST_CHUNK.ilog2()) as usize;
    let size = FIRST_CHUNK << chunk;
    (chunk, shifted - size, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_without_gaps() {
        let mut next = (0, 0);
        for index in 0..100_000 {
            let (chunk, offset, size) = locate(index);
            assert_eq!((chunk, offset), next);
            next = if offset + 1 == size { (chunk + 1, 0) } else { (chunk, offset + 1) };
        }
        assert!(locate(crate::pool::attributes::SESSIONS_LIMIT as u32).0 < CHUNKS);
    }

    #[test]
    fn a_place_is_the_same_one_by_number_and_in_the_row() {
        let places = Places::new(3);
        for index in 0..50 {
            places.get_or_make(index).unwrap();
        }
        assert!(places.iter().count() >= 50);
        let (_, by_row) = places.iter().nth(40).unwrap();
        assert!(std::ptr::eq(by_row, places.get(40).unwrap()));
        assert_eq!(by_row.slot.count().1, 3);
    }
}
