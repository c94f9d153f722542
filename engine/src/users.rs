//! The users of an instance: who they are and whether a password is theirs.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Rounds of the password hash: enough to be no plain digest, few enough for a pool that logs on a thousand times.
const ROUNDS: u32 = 64;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash {
    pub(crate) salt: [u8; 16],
    pub(crate) digest: [u8; 32],
}

impl PasswordHash {
    /// Salted SHA-256, applied 64 times.
    fn new(password: &str, salt: [u8; 16]) -> Self {
        let mut digest = Sha256::new().chain_update(salt).chain_update(password.as_bytes()).finalize();
        for _ in 1..ROUNDS {
            digest = Sha256::new().chain_update(salt).chain_update(digest).finalize();
        }
        Self { salt, digest: digest.into() }
    }

    pub(crate) fn fresh(password: &str) -> Result<Self> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt)
            .map_err(|error| Error::new(28000, format_args!("no random salt to be had: {error}")))?;
        Ok(Self::new(password, salt))
    }

    /// Compares without ending early at the first byte that differs.
    fn accepts(&self, password: &str) -> bool {
        let other = Self::new(password, self.salt);
        self.digest.iter().zip(other.digest).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

#[derive(Clone, Default)]
pub(crate) struct User {
    /// `None`: the user exists by CREATE USER or by external or proxy log-on only, and no password was registered yet.
    pub(crate) password: Option<PasswordHash>,
    pub(crate) locked: bool,
    pub(crate) expired: bool,
}

#[derive(Default)]
pub(crate) struct Users {
    by_name: HashMap<String, User>,
}

/// ORA-01017, the same for a wrong user and a wrong password.
pub(crate) fn invalid_credentials() -> Error {
    Error::new(1017, "invalid username/password; logon denied")
}

pub(crate) fn no_such_user(name: &str) -> Error {
    Error::new(1918, format_args!("user '{name}' does not exist"))
}

impl Users {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.by_name.keys().cloned().collect();
        names.sort();
        names
    }

    pub(crate) fn get(&self, name: &str) -> Option<&User> {
        self.by_name.get(name)
    }

    pub(crate) fn put(&mut self, name: &str, user: User) {
        self.by_name.insert(name.to_owned(), user);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<User> {
        self.by_name.remove(name)
    }

    /// Lets a user in who has no password to show: external log-on, or the session user of a proxy. True if it is new.
    pub(crate) fn admit(&mut self, name: &str) -> Result<bool> {
        let known = self.by_name.get(name);
        if known.is_some_and(|user| user.locked) {
            return Err(Error::new(28000, "the account is locked"));
        }
        let new = known.is_none();
        self.by_name.entry(name.to_owned()).or_default();
        Ok(new)
    }

    /// Checks the password; the first one ever shown is registered. True if something changed.
    pub(crate) fn log_on(&mut self, name: &str, password: &str) -> Result<bool> {
        let user = self.by_name.get(name);
        let wrong = user.and_then(|user| user.password.as_ref()).is_some_and(|hash| !hash.accepts(password));
        if wrong {
            return Err(invalid_credentials());
        }
        if user.is_some_and(|user| user.locked) {
            return Err(Error::new(28000, "the account is locked"));
        }
        if user.is_some_and(|user| user.expired) {
            return Err(Error::new(28001, "the password has expired"));
        }
        if user.is_some_and(|user| user.password.is_some()) {
            return Ok(false);
        }
        let hash = PasswordHash::fresh(password)?;
        self.by_name.entry(name.to_owned()).or_default().password = Some(hash);
        Ok(true)
    }
}
