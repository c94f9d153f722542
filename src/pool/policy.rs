//! The rules of tags that neither Oracle's documents nor its drivers' tests settle, in one place, so that a rule that
//! turns out otherwise is changed here and not where sessions are chosen.

use crate::pool::tag::Relation;

/// How candidates that share some of the requested properties are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// One match further left beats all matches to its right.
    Leftmost,
    /// The more matches the better, wherever they stand.
    Count,
}

/// The free rules. [`TagPolicy::default`] has what this library does, and the reason for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagPolicy {
    /// A session with more properties than were asked for is taken only by a get that accepts any tag.
    pub superset_needs_match_any: bool,
    /// Such a session is taken before an untagged one.
    pub superset_before_untagged: bool,
    /// Such a session is what was asked for: found, and with nothing to fix up.
    pub superset_is_found: bool,
    /// How partial matches are ranked.
    pub score: Score,
    /// After a fix-up the properties that were not asked for stay in the tag.
    pub fixup_keeps_others: bool,
    /// A session whose properties stand in another order, or are more, is for the native callback to look at.
    pub callback_when_bytes_differ: bool,
}

impl Default for TagPolicy {
    fn default() -> Self {
        TagPolicy {
            // What the drivers' documents say: without the flag one gets that tag or none.
            superset_needs_match_any: true,
            // Nothing has to be done to it.
            superset_before_untagged: true,
            // All that was asked for holds.
            superset_is_found: true,
            // "The leftmost has the highest priority", in the only text there is.
            score: Score::Leftmost,
            // Published procedures set the requested properties alone; the others still hold.
            fixup_keeps_others: true,
            // The drivers compare bytes and call it in vain.
            callback_when_bytes_differ: false,
        }
    }
}

impl TagPolicy {
    /// Whether a session of this relation is what was asked for.
    pub(crate) fn is_found(&self, relation: Relation) -> bool {
        match relation {
            Relation::Exact | Relation::SameSet => true,
            Relation::Superset => self.superset_is_found,
            Relation::Partial(_) | Relation::Unrelated | Relation::Untagged => false,
        }
    }

    /// Whether a get takes a session of this relation at all.
    pub(crate) fn accepts(&self, relation: Relation, match_any: bool) -> bool {
        match relation {
            Relation::Exact | Relation::SameSet | Relation::Untagged => true,
            Relation::Superset => match_any || !self.superset_needs_match_any,
            Relation::Partial(_) | Relation::Unrelated => match_any,
        }
    }

    /// Whether the native callback has nothing to do for a session of this relation that was on loan before.
    pub(crate) fn satisfies_callback(&self, relation: Relation) -> bool {
        match relation {
            Relation::SameSet | Relation::Superset if self.callback_when_bytes_differ => false,
            relation => self.is_found(relation),
        }
    }
}
