//! Pooled servers (DRCP): what the pool asks of a session that has a server only while it works.
//!
//! Such a session is a line to the database's broker. It stays open, authenticated, and costs the database next to
//! nothing; a server with a session of the database is attached for as long as it is needed. State and tag belong to
//! that session of the database, so the next attach may come upon another state.

use std::time::Duration;

use crate::driver::ServerPurity;
use crate::error::Error;

/// Which session of the database an attach would like to have.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttachWish<'a> {
    /// What the session should say of its state; none = it must have no tag.
    pub tag: Option<&'a str>,
    /// The tag is a list of properties.
    pub is_multi_property: bool,
    /// A session with another tag serves as well.
    pub match_any: bool,
    /// What it may have seen before.
    pub purity: ServerPurity,
    /// The PL/SQL procedure that puts the state right, for a driver that has the database call it.
    pub fixup: Option<&'a str>,
    /// How long the attach may wait for a server; none = for as long as it takes.
    pub limit: Option<Duration>,
}

/// The session of the database that an attach came upon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    /// What it says of its state.
    pub tag: Option<String>,
    /// It was built for this attach.
    pub is_new: bool,
}

/// A session whose server comes and goes. One thread at a time.
pub trait PooledSession {
    /// Attaches a server. Blocks until there is one, at most for the wish's limit: then the error is ORA-03136.
    fn attach(&mut self, wish: &AttachWish<'_>) -> Result<Attached, Error>;

    /// Whether the server's session can have that tag; an error that says what could be.
    fn check_tag(&self, _tag: &str) -> Result<(), Error> {
        Ok(())
    }

    /// Gives the server back; its session of the database has `tag` from then on. No transaction is open. Without a
    /// server it does nothing.
    fn detach(&mut self, tag: Option<&str>) -> Result<(), Error>;

    /// Gives the server back and has the database end the session that was on it: nobody is to meet it again.
    fn purge(&mut self);

    /// Whether a server is attached. Local knowledge, no round trip.
    fn is_attached(&self) -> bool;

    /// How many servers have been attached, those included that the database attached again by itself.
    fn attaches(&self) -> u64;

    /// How many of these came upon another session of the database than the one before. The first is none.
    fn session_changes(&self) -> u64;

    /// Whether the database calls the fix-up procedure of a wish itself, within the attach.
    fn has_own_fixup(&self) -> bool {
        false
    }
}
