//! The files under test.

pub mod identity {
    /// All sessions of a model are of the pool's own identity.
    #[derive(Debug, PartialEq, Eq)]
    pub struct IdentityKey;
}

pub mod tag {
    /// No session of a model has a tag.
    #[derive(Debug)]
    pub struct Tag;
}

pub mod wish {
    use super::tag::Tag;

    /// No get of a model wishes for one.
    #[derive(Debug)]
    pub struct Wish;

    impl Wish {
        pub fn accepts(&self, _session: Option<&Tag>) -> bool {
            false
        }
    }
}

#[path = "../../src/pool/gate.rs"]
pub(crate) mod gate;
#[path = "../../src/pool/need.rs"]
pub(crate) mod need;
#[path = "../../src/pool/slot.rs"]
pub(crate) mod slot;
#[path = "../../src/pool/waiters.rs"]
pub(crate) mod waiters;
