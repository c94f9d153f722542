//! Where a thread left its last session of a pool. A hint, checked at each use.

use std::cell::Cell;
use std::sync::Arc;

use crate::pool::tag::Tag;

/// No session was left.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The place where a thread leaves sessions and finds them again without the lock.
pub(crate) struct Near {
    index: Cell<u32>,
    /// Whether whoever keeps this can keep a tag as well.
    keeps_tags: bool,
    tagged: Cell<Option<LeftTagged>>,
    is_changed: Cell<bool>,
}

/// A session that was left with a tag.
pub(crate) struct LeftTagged {
    pub(crate) tag: Arc<Tag>,
    /// The loan after which it was left: as long as the slot says so, nobody has changed the tag.
    pub(crate) loan: u32,
}

impl Near {
    /// The place `index`, kept by somebody who has no room for a tag.
    pub(crate) fn untagged(index: u32) -> Near {
        Near {
            index: Cell::new(index),
            keeps_tags: false,
            tagged: Cell::new(None),
            is_changed: Cell::new(false),
        }
    }

    /// The place `index`, kept by somebody who keeps a tag with it.
    pub(crate) fn with_tags(index: u32) -> Near {
        Near { keeps_tags: true, ..Near::untagged(index) }
    }

    pub(crate) fn index(&self) -> u32 {
        self.index.get()
    }

    /// Whether a session with that tag can be left here.
    pub(crate) fn can_keep(&self, tag: Option<&Arc<Tag>>) -> bool {
        self.keeps_tags || tag.is_none()
    }

    /// Leaves another session here. The place of the one that was left before.
    pub(crate) fn replace(&self, index: u32, tagged: Option<LeftTagged>) -> u32 {
        self.tagged.set(tagged);
        self.is_changed.set(true);
        self.index.replace(index)
    }

    /// Whether a session was left here since this was made.
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed.get()
    }

    /// The tag that was left with the session, if it has one.
    pub(crate) fn take_tagged(&self) -> Option<LeftTagged> {
        self.tagged.take()
    }
}
