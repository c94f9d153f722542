//! What a get needs of a session.

use std::sync::Arc;

use crate::driver::Identity;
use crate::pool::identity::IdentityKey;

/// What a session must be to serve a get.
#[derive(Debug)]
pub(crate) struct Need {
    /// Whose session it must be; none = of the pool's own identity, the common case.
    pub(crate) key: Option<Arc<IdentityKey>>,
    /// Who logs on if one must be made.
    pub(crate) identity: Arc<Identity>,
    /// Purity NEW: it must never have been on loan.
    pub(crate) unused: bool,
}

impl Need {
    /// Whether a session of identity `key` serves, that has been on loan or not.
    pub(crate) fn fits(&self, key: &Option<Arc<IdentityKey>>, is_unused: bool) -> bool {
        (is_unused || !self.unused) && self.key == *key
    }
}
