//! A text that is wiped from memory when it goes, and that no message can show.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use once_cell::sync::Lazy;
use zeroize::Zeroizing;

/// A password. Its bytes are overwritten when it is dropped; `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a copy of `text`; the caller wipes its own.
    pub fn new(text: &str) -> Self {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// The text itself, for the call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A number that tells passwords apart within this process and gives none of them away: sessions stay
    /// comparable by password after the password itself is gone from memory.
    pub fn fingerprint(&self) -> u64 {
        static KEY: Lazy<RandomState> = Lazy::new(RandomState::new);
        KEY.hash_one(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
