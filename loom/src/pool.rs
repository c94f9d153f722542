//! The files under test.

pub mod identity {
    /// All sessions of a model are of the pool's own identity.
    #[derive(Debug, PartialEq, Eq)]
    pub struct IdentityKey;
}

#[path = "../../src/pool/gate.rs"]
pub(crate) mod gate;
#[path = "../../src/pool/need.rs"]
pub(crate) mod need;
#[path = "../../src/pool/slot.rs"]
pub(crate) mod slot;
#[path = "../../src/pool/waiters.rs"]
pub(crate) mod waiters;
