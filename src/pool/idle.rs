//! Idle sessions that any thread may take: which of them fits a get best, the one used last first.
//!
//! Changed under the pool's lock alone. Sessions that a thread left cached are not in here; see `slot.rs`. What is
//! taken out is remembered as possibly cached, until it comes back or its place is given up.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::pool::identity::IdentityKey;
use crate::pool::need::Label;
use crate::pool::tag::Tag;
use crate::pool::tag_index::TagIndex;
use crate::pool::wish::Wish;

type Key = Option<Arc<IdentityKey>>;

/// A place that is in the lists.
const LISTED: u32 = u32::MAX;

/// The numbers of idle places by identity, and within it by tag.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    /// Of the pool's own identity: nearly all sessions of nearly all pools.
    own: Shelf,
    others: HashMap<Arc<IdentityKey>, Shelf>,
    count: usize,
    unlisted: Unlisted,
    /// The number of the push that brought each place in.
    pushes: Vec<u64>,
    last_push: u64,
}

/// Idle sessions of one identity.
#[derive(Debug, Default)]
struct Shelf {
    /// The one used last at the back.
    untagged: VecDeque<u32>,
    tagged: TagIndex,
}

impl Shelf {
    fn push(&mut self, tag: Option<&Arc<Tag>>, place: u32, push: u64) {
        match tag {
            None => self.untagged.push_back(place),
            Some(tag) => self.tagged.push(tag, place, push),
        }
    }

    fn remove(&mut self, tag: Option<&Arc<Tag>>, place: u32) -> bool {
        let Some(tag) = tag else {
            let at = self.untagged.iter().rposition(|other| *other == place);
            return at.and_then(|at| self.untagged.remove(at)).is_some();
        };
        self.tagged.remove(tag, place)
    }

    fn take_untagged(&mut self, accept: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.untagged.iter().rposition(|place| accept(*place))?;
        self.untagged.remove(at)
    }

    /// The order of choice: what was asked for, what needs nothing done, a clean one, one that is near.
    fn take_tagged(&mut self, wish: &Wish) -> Option<u32> {
        let superset_first = wish.policy.superset_before_untagged;
        let superset = |shelf: &mut Shelf| {
            wish.takes_supersets().then(|| shelf.tagged.take_superset(&wish.tag)).flatten()
        };
        self.tagged
            .take_exact(&wish.tag)
            .or_else(|| self.tagged.take_same_set(&wish.tag))
            .or_else(|| if superset_first { superset(self) } else { None })
            .or_else(|| self.untagged.pop_back())
            .or_else(|| if superset_first { None } else { superset(self) })
            .or_else(|| {
                wish.match_any.then(|| self.tagged.take_nearest(&wish.tag, wish.policy.score)).flatten()
            })
    }

    fn is_empty(&self) -> bool {
        self.untagged.is_empty() && self.tagged.is_empty()
    }
}

/// Places that are not in the lists, for a quick look at those that may be cached.
#[derive(Debug, Default)]
struct Unlisted {
    places: Vec<u32>,
    /// Where in `places` each place is.
    positions: Vec<u32>,
}

impl Unlisted {
    fn add(&mut self, place: u32) {
        let at = place as usize;
        if self.positions.len() <= at {
            self.positions.resize(at + 1, LISTED);
        }
        if let Some(position) = self.positions.get_mut(at)
            && *position == LISTED
        {
            *position = self.places.len() as u32;
            self.places.push(place);
        }
    }

    fn has(&self, place: u32) -> bool {
        self.positions.get(place as usize).is_some_and(|position| *position != LISTED)
    }

    fn remove(&mut self, place: u32) {
        let Some(position) = self.positions.get_mut(place as usize) else { return };
        let at = std::mem::replace(position, LISTED);
        if at == LISTED {
            return;
        }
        self.places.swap_remove(at as usize);
        let moved = self.places.get(at as usize).copied();
        if let Some(position) = moved.and_then(|moved| self.positions.get_mut(moved as usize)) {
            *position = at;
        }
    }
}

impl Idle {
    fn shelf(&mut self, key: &Key) -> Option<&mut Shelf> {
        match key {
            None => Some(&mut self.own),
            Some(key) => self.others.get_mut(key),
        }
    }

    /// Adds a place as the most recently used of its kind.
    pub(crate) fn push(&mut self, label: &Label, place: u32) {
        self.count += 1;
        self.unlisted.remove(place);
        self.last_push += 1;
        if self.pushes.len() <= place as usize {
            self.pushes.resize(place as usize + 1, 0);
        }
        if let Some(push) = self.pushes.get_mut(place as usize) {
            *push = self.last_push;
        }
        let shelf = match &label.key {
            None => &mut self.own,
            Some(key) => self.others.entry(Arc::clone(key)).or_default(),
        };
        shelf.push(label.tag.as_ref(), place, self.last_push);
    }

    /// Takes the most recently used place without a tag that `accept` says yes to.
    pub(crate) fn take_untagged(&mut self, key: &Key, accept: impl Fn(u32) -> bool) -> Option<u32> {
        let place = self.shelf(key)?.take_untagged(accept)?;
        self.note_removal(key, place);
        Some(place)
    }

    /// Takes the place with this very tag that was used last.
    pub(crate) fn take_exact(&mut self, key: &Key, tag: &Tag) -> Option<u32> {
        let place = self.shelf(key)?.tagged.take_exact(tag)?;
        self.note_removal(key, place);
        Some(place)
    }

    /// Takes the place that fits `wish` best.
    pub(crate) fn take_tagged(&mut self, key: &Key, wish: &Wish) -> Option<u32> {
        let place = self.shelf(key)?.take_tagged(wish)?;
        self.note_removal(key, place);
        Some(place)
    }

    /// Takes a certain place out. False: it was not in.
    pub(crate) fn remove(&mut self, label: &Label, place: u32) -> bool {
        let was_in = self.shelf(&label.key).is_some_and(|shelf| shelf.remove(label.tag.as_ref(), place));
        if was_in {
            self.note_removal(&label.key, place);
        }
        was_in
    }

    /// A heterogeneous pool may see any number of users: a shelf that is empty goes.
    fn note_removal(&mut self, key: &Key, place: u32) {
        self.count -= 1;
        self.unlisted.add(place);
        if let Some(key) = key
            && self.others.get(key).is_some_and(Shelf::is_empty)
        {
            self.others.remove(key);
        }
    }

    /// A place was taken for a session that is being made.
    pub(crate) fn note_taken(&mut self, place: u32) {
        self.unlisted.add(place);
    }

    /// A place was given up.
    pub(crate) fn note_vacant(&mut self, place: u32) {
        self.unlisted.remove(place);
    }

    /// A number that is the higher the later a place came into the lists; the highest for one that is not in.
    pub(crate) fn listed_at(&self, place: u32) -> u64 {
        let push = self.pushes.get(place as usize).filter(|_| !self.unlisted.has(place));
        push.copied().unwrap_or(u64::MAX)
    }

    /// The places that may have a cached session.
    pub(crate) fn unlisted(&self) -> &[u32] {
        &self.unlisted.places
    }

    /// How many places are in the lists.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Everything out.
    pub(crate) fn clear(&mut self) {
        *self = Idle::default();
    }
}
