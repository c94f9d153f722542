//! What a get needs of a session, and what tells one idle session from another.

use std::sync::Arc;

use crate::driver::Identity;
use crate::pool::identity::IdentityKey;
use crate::pool::tag::Tag;
use crate::pool::wish::Wish;

/// What a session must be to serve a get.
#[derive(Debug)]
pub(crate) struct Need {
    /// Whose session it must be; none = of the pool's own identity, the common case.
    pub(crate) key: Option<Arc<IdentityKey>>,
    /// Who logs on if one must be made.
    pub(crate) identity: Arc<Identity>,
    /// Purity NEW: it must never have been on loan.
    pub(crate) unused: bool,
    /// What its tag should be; none = it must have none.
    pub(crate) wish: Option<Wish>,
}

/// Whose a session is and what it says of its state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Label {
    pub(crate) key: Option<Arc<IdentityKey>>,
    pub(crate) tag: Option<Arc<Tag>>,
}

impl Need {
    /// Whether any session of the pool's own identity without a tag serves.
    pub(crate) fn is_plain(&self) -> bool {
        self.key.is_none() && !self.unused && self.wish.is_none()
    }

    /// Whether a session with that label serves, that has been on loan or not.
    pub(crate) fn fits(&self, label: &Label, is_unused: bool) -> bool {
        let tag = label.tag.as_deref();
        (is_unused || !self.unused)
            && self.key == label.key
            && self.wish.as_ref().map_or(tag.is_none(), |wish| wish.accepts(tag))
    }
}
