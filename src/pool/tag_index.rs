//! Idle sessions by their tags: the very tag in one step, and all that share a property without a look at the rest.
//!
//! A tag stays known for a while after its last session was taken, because it will most likely come back.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::pool::policy::Score;
use crate::pool::tag::{Prehashed, Tag};

/// Known tags without sessions are forgotten when they outnumber those with sessions and this many.
const SPARE_TAGS: usize = 64;

/// An idle session.
#[derive(Debug, Clone, Copy)]
struct Listed {
    place: u32,
    /// How many were listed before it.
    stamp: u64,
}

/// How many properties a tag has, in the highest byte, and then how long ago a session with it was listed last: the
/// lowest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u64);

const STAMP_BITS: u32 = 56;

impl Rank {
    /// Of a tag without sessions, whatever its properties.
    const SOLD_OUT: Rank = Rank(u64::MAX);

    fn of(properties: u8, stamp: u64) -> Rank {
        // At most 64 properties; as many stamps as in 56 bits no process gives out.
        Rank(u64::from(properties) << STAMP_BITS | (!stamp & (u64::MAX >> (64 - STAMP_BITS))))
    }
}

/// Idle sessions that have a tag.
#[derive(Debug, Default)]
pub(crate) struct TagIndex {
    /// The places of each tag's idle sessions, the one released last at the back, by the number of the tag. The numbers
    /// of forgotten tags are used again.
    places: Vec<VecDeque<Listed>>,
    /// What ranks the tags among others that match alike, by number. There may be thousands: they lie side by side.
    ranks: Vec<Rank>,
    /// How many properties each tag has, by number.
    properties: Vec<u8>,
    numbers: HashMap<Arc<Tag>, u32, BuildHasherDefault<Prehashed>>,
    /// The tags that have a property.
    by_property: HashMap<Box<[u8]>, RoaringBitmap>,
    /// The tags that have idle sessions.
    stocked: RoaringBitmap,
    free: Vec<u32>,
}

impl TagIndex {
    /// Adds a session as the one released last: `stamp` is higher than that of any before.
    pub(crate) fn push(&mut self, tag: &Arc<Tag>, place: u32, stamp: u64) {
        let number = self.number_of(tag);
        if let Some(places) = self.places.get_mut(number as usize) {
            if places.is_empty() {
                self.stocked.insert(number);
            }
            places.push_back(Listed { place, stamp });
        }
        self.rank_anew(number);
    }

    /// Takes the session with this very tag that was released last.
    pub(crate) fn take_exact(&mut self, tag: &Tag) -> Option<u32> {
        let number = *self.numbers.get(tag)?;
        self.take(number)
    }

    /// Takes the session with the same properties in another order that was released last.
    pub(crate) fn take_same_set(&mut self, wanted: &Tag) -> Option<u32> {
        let covering = self.covering(wanted)?;
        let number =
            self.best(&covering).filter(|number| self.count_of(*number) == wanted.property_count())?;
        self.take(number)
    }

    /// Takes a session that has all properties of `wanted` and the fewest others.
    pub(crate) fn take_superset(&mut self, wanted: &Tag) -> Option<u32> {
        let covering = self.covering(wanted)?;
        let number = self.best(&covering)?;
        self.take(number)
    }

    /// Takes the session that has most of `wanted` as `score` counts, or, if none has anything of it, any.
    pub(crate) fn take_nearest(&mut self, wanted: &Tag, score: Score) -> Option<u32> {
        let nearest = match score {
            Score::Leftmost => self.nearest_from_left(wanted),
            Score::Count => self.nearest_by_count(wanted),
        };
        let number = self.best(&nearest)?;
        self.take(number)
    }

    /// Takes a certain session out. False: it was not in.
    pub(crate) fn remove(&mut self, tag: &Tag, place: u32) -> bool {
        let Some(number) = self.numbers.get(tag).copied() else { return false };
        let Some(places) = self.places.get_mut(number as usize) else { return false };
        let Some(at) = places.iter().rposition(|other| other.place == place) else { return false };
        places.remove(at);
        self.note_taken(number);
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stocked.is_empty()
    }

    fn take(&mut self, number: u32) -> Option<u32> {
        let places = self.places.get_mut(number as usize)?;
        let listed = places.pop_back()?;
        self.note_taken(number);
        Some(listed.place)
    }

    /// The tag ranks by the session of it that was listed last.
    fn rank_anew(&mut self, number: u32) {
        let newest = self.places.get(number as usize).and_then(|places| places.back());
        let rank = match (newest, self.properties.get(number as usize)) {
            (Some(newest), Some(properties)) => Rank::of(*properties, newest.stamp),
            _ => Rank::SOLD_OUT,
        };
        if let Some(former) = self.ranks.get_mut(number as usize) {
            *former = rank;
        }
    }

    fn note_taken(&mut self, number: u32) {
        self.rank_anew(number);
        if self.places.get(number as usize).is_some_and(|places| !places.is_empty()) {
            return;
        }
        self.stocked.remove(number);
        let known = self.numbers.len();
        if known > 2 * self.stocked.len() as usize + SPARE_TAGS {
            self.forget_spare_tags();
        }
    }

    /// The tags that have all properties of `wanted`. None: no tag has.
    fn covering(&self, wanted: &Tag) -> Option<RoaringBitmap> {
        let sets: Option<Vec<&RoaringBitmap>> =
            wanted.properties().map(|property| self.by_property.get(property)).collect();
        let mut sets = sets.filter(|sets| !sets.is_empty())?;
        sets.sort_unstable_by_key(|set| set.len());
        let mut covering = self.stocked.clone();
        for set in sets {
            covering &= set;
        }
        Some(covering).filter(|covering| !covering.is_empty())
    }

    /// Those that match furthest to the left: each property narrows the field if anybody has it.
    fn nearest_from_left(&self, wanted: &Tag) -> RoaringBitmap {
        let mut field = self.stocked.clone();
        for set in wanted.properties().filter_map(|property| self.by_property.get(property)) {
            let narrowed = &field & set;
            if !narrowed.is_empty() {
                field = narrowed;
            }
        }
        field
    }

    fn nearest_by_count(&self, wanted: &Tag) -> RoaringBitmap {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for set in wanted.properties().filter_map(|property| self.by_property.get(property)) {
            for number in &self.stocked & set {
                *counts.entry(number).or_default() += 1;
            }
        }
        let Some(most) = counts.values().copied().max() else { return self.stocked.clone() };
        counts.into_iter().filter(|(_, count)| *count == most).map(|(number, _)| number).collect()
    }

    /// Of tags that match alike: the one with the fewest properties, then the one released last.
    fn best(&self, field: &RoaringBitmap) -> Option<u32> {
        if field.len() == self.stocked.len() {
            let best = self.ranks.iter().enumerate().min_by_key(|(_, rank)| **rank);
            return best.filter(|(_, rank)| **rank != Rank::SOLD_OUT).map(|(number, _)| number as u32);
        }
        let rank = |number: u32| self.ranks.get(number as usize).copied().unwrap_or(Rank::SOLD_OUT);
        // A fold, which the set does block by block.
        let better = |best: (Rank, u32), number: u32| {
            let rank = rank(number);
            if rank < best.0 { (rank, number) } else { best }
        };
        let (rank, number) = field.iter().fold((Rank::SOLD_OUT, 0), better);
        (rank != Rank::SOLD_OUT).then_some(number)
    }

    fn count_of(&self, number: u32) -> usize {
        self.properties.get(number as usize).copied().map_or(0, usize::from)
    }

    fn number_of(&mut self, tag: &Arc<Tag>) -> u32 {
        if let Some(number) = self.numbers.get(tag) {
            return *number;
        }
        let number = self.free.pop().unwrap_or(self.ranks.len() as u32);
        // At most 64.
        let properties = tag.property_count() as u8;
        match self.properties.get_mut(number as usize) {
            // A forgotten tag is sold out.
            Some(former) => *former = properties,
            None => {
                self.places.push(VecDeque::new());
                self.ranks.push(Rank::SOLD_OUT);
                self.properties.push(properties);
            }
        }
        for property in tag.properties() {
            match self.by_property.get_mut(property) {
                Some(set) => drop(set.insert(number)),
                None => drop(self.by_property.insert(property.into(), RoaringBitmap::from([number]))),
            }
        }
        self.numbers.insert(Arc::clone(tag), number);
        number
    }

    fn forget_spare_tags(&mut self) {
        let stocked = &self.stocked;
        let spare: Vec<(Arc<Tag>, u32)> =
            self.numbers.extract_if(|_, number| !stocked.contains(*number)).collect();
        for (tag, number) in spare {
            for property in tag.properties() {
                let Some(set) = self.by_property.get_mut(property) else { continue };
                set.remove(number);
                if set.is_empty() {
                    self.by_property.remove(property);
                }
            }
            self.free.push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Arc<Tag> {
        Arc::new(Tag::multi_property(text.as_bytes()).unwrap().unwrap())
    }

    fn index(tags: &[&str]) -> TagIndex {
        let mut index = TagIndex::default();
        for (place, text) in (0..).zip(tags) {
            index.push(&tag(text), place, u64::from(place) + 1);
        }
        index
    }

    #[test]
    fn the_session_released_last_comes_first() {
        let mut index = index(&["A=1", "B=1", "A=1"]);
        assert_eq!(index.take_exact(&tag("A=1")), Some(2));
        assert_eq!(index.take_exact(&tag("A=1")), Some(0));
        assert_eq!(index.take_exact(&tag("A=1")), None);
        assert!(index.remove(&tag("B=1"), 1) && !index.remove(&tag("B=1"), 1) && index.is_empty());
    }

    #[test]
    fn sets_and_supersets_are_found_by_their_properties() {
        let mut index = index(&["C=1;A=1;B=1", "A=1;B=1;D=1", "B=1;A=1", "A=1"]);
        assert_eq!(index.take_same_set(&tag("A=1;B=1")), Some(2));
        assert_eq!(index.take_same_set(&tag("A=1;B=1")), None);
        assert_eq!(index.take_superset(&tag("A=1;B=1")), Some(1), "released last of two alike");
        assert_eq!(index.take_superset(&tag("A=1;B=1;Z=1")), None);
    }

    #[test]
    fn nearest_is_leftmost_then_smallest_then_latest() {
        let tags = ["B=1;C=1", "A=1;X=1", "A=1;Y=1", "A=1;B=1;X=1", "Z=1"];
        assert_eq!(index(&tags).take_nearest(&tag("A=1;B=1;C=1"), Score::Leftmost), Some(3));
        assert_eq!(index(&tags).take_nearest(&tag("A=1;B=2;C=1"), Score::Leftmost), Some(2));
        assert_eq!(index(&tags).take_nearest(&tag("A=2;B=1;C=1"), Score::Count), Some(0));
        assert_eq!(
            index(&tags).take_nearest(&tag("Q=1"), Score::Leftmost),
            Some(4),
            "nothing shared: smallest"
        );
    }

    #[test]
    fn a_tag_ranks_by_the_sessions_that_are_left_of_it() {
        let mut index = index(&["A=1", "B=1", "A=1"]);
        assert_eq!(index.take_nearest(&tag("Q=1"), Score::Leftmost), Some(2));
        assert_eq!(
            index.take_nearest(&tag("Q=1"), Score::Leftmost),
            Some(1),
            "the other A=1 was released before"
        );
        assert_eq!(index.take_nearest(&tag("Q=1"), Score::Leftmost), Some(0));
    }

    #[test]
    fn tags_that_were_sold_out_are_forgotten_in_the_end() {
        let mut index = TagIndex::default();
        for round in 0..10_000 {
            let tag = tag(&format!("A={round};B=1"));
            index.push(&tag, 1, round + 1);
            assert_eq!(index.take_exact(&tag), Some(1));
        }
        assert!(index.numbers.len() <= SPARE_TAGS + 1 && index.places.len() <= SPARE_TAGS + 2);
        assert!(index.by_property.len() <= SPARE_TAGS + 2);
    }
}
