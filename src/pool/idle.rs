//! Idle sessions that any thread may take: which of them fits a get, the one used last first.
//!
//! Changed under the pool's lock alone. Sessions that a thread left cached are not in here; see `slot.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::pool::identity::IdentityKey;

type Key = Option<Arc<IdentityKey>>;

/// The numbers of idle places by identity, least recently used first.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    /// Of the pool's own identity: nearly all sessions of nearly all pools.
    own: VecDeque<u32>,
    others: HashMap<Arc<IdentityKey>, VecDeque<u32>>,
    count: usize,
}

impl Idle {
    fn list(&mut self, key: &Key) -> Option<&mut VecDeque<u32>> {
        match key {
            None => Some(&mut self.own),
            Some(key) => self.others.get_mut(key),
        }
    }

    /// Adds a place as the most recently used of its identity.
    pub(crate) fn push(&mut self, key: &Key, index: u32) {
        self.count += 1;
        match key {
            None => self.own.push_back(index),
            Some(key) => self.others.entry(Arc::clone(key)).or_default().push_back(index),
        }
    }

    /// Takes the most recently used place of that identity that `accept` says yes to.
    pub(crate) fn pop(&mut self, key: &Key, accept: impl Fn(u32) -> bool) -> Option<u32> {
        let list = self.list(key)?;
        let at = list.iter().rposition(|index| accept(*index))?;
        let index = list.remove(at)?;
        self.note_removal(key);
        Some(index)
    }

    /// Takes a certain place out. False: it was not in.
    pub(crate) fn remove(&mut self, key: &Key, index: u32) -> bool {
        let Some(list) = self.list(key) else { return false };
        let Some(at) = list.iter().position(|other| *other == index) else { return false };
        list.remove(at);
        self.note_removal(key);
        true
    }

    /// A heterogeneous pool may see any number of users: a list that is empty goes.
    fn note_removal(&mut self, key: &Key) {
        self.count -= 1;
        if let Some(key) = key
            && self.others.get(key).is_some_and(VecDeque::is_empty)
        {
            self.others.remove(key);
        }
    }

    /// How many places are in.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Everything out.
    pub(crate) fn clear(&mut self) {
        *self = Idle::default();
    }
}
