//! What outlives transactions: users and sequences; and, for instances with a file, where all of it is kept.

use std::path::Path;

use crate::catalogue::{Catalogue, Name};
use crate::error::Result;
use crate::number::Number;
use crate::sequences::{Sequence, Sequences};
use crate::users::{User, Users};

/// Users and sequences, changed outside every transaction.
#[derive(Default)]
pub(crate) struct Dictionary {
    pub(crate) users: Users,
    pub(crate) sequences: Sequences,
    store: Option<crate::store::Store>,
}

/// The dictionary and catalogue of an instance: empty, or as its file has them.
pub(crate) fn open(file: Option<&Path>) -> Result<(Dictionary, Catalogue)> {
    let mut dictionary = Dictionary::default();
    let Some(file) = file else { return Ok((dictionary, Catalogue::default())) };
    let store = crate::store::Store::open(file)?;
    let catalogue = store.load(&mut dictionary)?;
    dictionary.store = Some(store);
    Ok((dictionary, catalogue))
}

impl Dictionary {
    pub(crate) fn log_on(&mut self, name: &str, password: &str) -> Result<()> {
        if self.users.log_on(name, password)? { self.save_user(name) } else { Ok(()) }
    }

    pub(crate) fn admit(&mut self, name: &str) -> Result<()> {
        if self.users.admit(name)? { self.save_user(name) } else { Ok(()) }
    }

    pub(crate) fn put_user(&mut self, name: &str, user: User) -> Result<()> {
        self.users.put(name, user);
        self.save_user(name)
    }

    pub(crate) fn remove_user(&mut self, name: &str) -> Result<()> {
        self.users.remove(name);
        self.save_user(name)
    }

    pub(crate) fn put_sequence(&mut self, name: &Name, sequence: Sequence) -> Result<()> {
        self.sequences.put(name.clone(), sequence);
        self.save_sequence(name)
    }

    pub(crate) fn remove_sequence(&mut self, name: &Name) -> Result<()> {
        self.sequences.remove(name);
        self.save_sequence(name)
    }

    pub(crate) fn next_value(&mut self, name: &Name) -> Result<Number> {
        let value = self.sequences.next_value(name)?;
        self.save_sequence(name)?;
        Ok(value)
    }

    fn save_user(&self, name: &str) -> Result<()> {
        self.store.as_ref().map_or(Ok(()), |store| store.save_user(name, self.users.get(name)))
    }

    fn save_sequence(&self, name: &Name) -> Result<()> {
        self.store.as_ref().map_or(Ok(()), |store| store.save_sequence(name, self.sequences.get(name)))
    }
}
