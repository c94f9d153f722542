//! What a statement's text was understood to mean.

use std::sync::Arc;

use crate::catalogue::{Catalogue, Name};
use crate::datum::Type;
use crate::plsql::Unit;
use crate::sequences::SequenceOptions;
use crate::value::Column;
use crate::write_lock::LockWait;

/// A translated statement. It holds for one state of the dictionary and one current schema.
pub(crate) struct Plan {
    pub(crate) action: Action,
    pub(crate) binds: u32,
    pub(crate) version: u64,
    pub(crate) schema: Arc<str>,
}

pub(crate) enum Action {
    Query(Query),
    Dml(Dml),
    Ddl(Ddl),
    Command(Command),
    /// An anonymous block, or CALL.
    Block(Arc<Unit>),
}

pub(crate) struct Query {
    pub(crate) sql: String,
    pub(crate) columns: Arc<[Column]>,
    pub(crate) types: Arc<[Type]>,
    /// FOR UPDATE, and how long it waits.
    pub(crate) lock: Option<LockWait>,
}

pub(crate) struct Dml {
    pub(crate) sql: String,
    pub(crate) verb: Verb,
    pub(crate) table: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Insert,
    Update,
    Delete,
}

/// A change of the dictionary: SQLite's statements, and the catalogue as it is after them.
pub(crate) struct Ddl {
    /// Oracle's text, to understand it again if the dictionary changes before the lock is there.
    pub(crate) text: String,
    pub(crate) steps: Vec<String>,
    pub(crate) after: Box<Catalogue>,
    /// Tables that must have no rows for the change to be right, with the error otherwise.
    pub(crate) must_be_empty: Option<(Name, crate::error::Error)>,
}

/// What is done by the engine itself, with no SQL of SQLite's.
pub(crate) enum Command {
    Commit,
    Rollback,
    Savepoint(String),
    RollbackTo(String),
    /// Something valid that has no effect here, by its meaning.
    Nothing,
    /// LOCK TABLE: takes the write lock.
    Lock(LockWait),
    AlterSession(Vec<(String, String)>),
    Kill {
        sid: u32,
        serial: u32,
    },
    User(UserCommand),
    CreateSequence {
        name: Name,
        options: SequenceOptions,
    },
    AlterSequence {
        name: Name,
        options: SequenceOptions,
    },
    DropSequence(Name),
}

pub(crate) enum UserCommand {
    Create { name: String, password: Option<String>, locked: bool, expired: bool },
    Alter { name: String, password: Option<String>, locked: Option<bool>, expired: bool },
    Drop { name: String },
}

impl Action {
    /// Whether the statement runs in or begins a transaction, rather than ending one.
    pub(crate) fn is_query(&self) -> bool {
        matches!(self, Self::Query(_))
    }
}
