//! What a get wishes of a session's tag.

use std::sync::Arc;

use crate::pool::policy::TagPolicy;
use crate::pool::tag::{Relation, Tag};

/// A requested tag and how much it matters.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) tag: Arc<Tag>,
    /// A session with another tag serves as well.
    pub(crate) match_any: bool,
    pub(crate) policy: TagPolicy,
}

impl Wish {
    pub(crate) fn new(tag: &Arc<Tag>, match_any: bool, policy: TagPolicy) -> Wish {
        Wish { tag: tag.as_wanted(), match_any, policy }
    }

    /// Whether a session with that tag serves.
    pub(crate) fn accepts(&self, session: Option<&Tag>) -> bool {
        self.policy.accepts(self.tag.relation(session), self.match_any)
    }

    /// Whether that tag is what was asked for.
    pub(crate) fn is_found(&self, relation: Relation) -> bool {
        self.policy.is_found(relation)
    }

    /// What a session says of its state after it was changed from `old` to what was asked for.
    pub(crate) fn tag_after_fixup(&self, old: Option<&Tag>) -> Arc<Tag> {
        match old.filter(|_| self.policy.fixup_keeps_others) {
            Some(old) => self.tag.merged_with(old),
            None => Arc::clone(&self.tag),
        }
    }

    /// Whether sessions with more properties than were asked for serve.
    pub(crate) fn takes_supersets(&self) -> bool {
        self.policy.accepts(Relation::Superset, self.match_any)
    }
}
