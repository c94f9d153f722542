//! Pooled servers (DRCP): what a get attaches and what a release gives back. The line itself stays with OCI's pool.
//!
//! What Oracle's client and server do there is assumed: a get with a tag or with purity NEW maps a server at once, any other leaves that to
//! the first call; after a fix-up the session has the tag that was wanted and counts as found.

use orapool_engine as engine;

use crate::core::Core;
use crate::errors::{Failure, OraError, fail};

/// How a get wants its server session.
pub struct Wish<'a> {
    pub tag: Option<&'a str>,
    pub multiproperty: bool,
    pub match_any: bool,
    pub is_new: bool,
    /// The procedure that the server calls if the session has another tag.
    pub fixup: Option<&'a str>,
}

/// What a get tells of the session's tag.
#[derive(Default)]
pub struct Found {
    pub found: bool,
    pub tag: Option<String>,
}

/// What a release does with the tag.
pub enum Retag<'a> {
    Keep,
    Set(Option<&'a str>),
}

/// Maps a server if the get can not be answered without one.
pub fn begin(core: &Core, wish: &Wish<'_>) -> Result<Found, Failure> {
    if wish.tag.is_none() && !wish.is_new {
        return Ok(Found::default());
    }
    let wanted = engine::AttachWish {
        tag: wish.tag,
        multiproperty: wish.multiproperty,
        match_any: wish.match_any,
        purity: Some(if wish.is_new { engine::Purity::New } else { engine::Purity::Reuse }),
        limit: None,
    };
    let attached = core.quietly(|session| session.attach(&wanted))?;
    match (wish.tag, wish.fixup) {
        (Some(tag), Some(procedure)) if !attached.found => {
            fix_up(core, procedure, tag, attached.tag.as_deref())?;
            Ok(Found { found: true, tag: Some(tag.to_owned()) })
        }
        _ => Ok(Found { found: attached.found, tag: attached.tag }),
    }
}

fn fix_up(core: &Core, procedure: &str, wanted: &str, actual: Option<&str>) -> Result<(), Failure> {
    let run = |session: &mut engine::Session| {
        let mut statement = session.prepare(&format!("BEGIN {procedure}(:1, :2); END;"))?;
        statement.bind(1, engine::Value::Text(wanted.to_owned()))?;
        statement.bind(2, actual.map_or(engine::Value::Null, |tag| engine::Value::Text(tag.to_owned())))?;
        statement.execute(session)?;
        drop(statement);
        session.rollback()?;
        session.set_server_tag(Some(wanted));
        Ok(())
    };
    core.quietly(run).map_err(|failure| {
        purge(core);
        match failure {
            Failure::Ora(error) if !error.ends_session() => {
                OraError::new(56610, format_args!("the fix-up procedure failed\n{}", error.message)).into()
            }
            other => other,
        }
    })
}

/// Gives the server back.
pub fn release(core: &Core, retag: &Retag<'_>) -> Result<(), Failure> {
    core.quietly(|session| {
        if let Retag::Set(tag) = retag {
            session.set_server_tag(*tag);
        }
        session.detach()
    })
}

/// Gives the server back without its session.
pub fn purge(core: &Core) {
    // Without a line there is nothing to end.
    let _ = core.quietly(|session| {
        session.purge();
        Ok(())
    });
}

/// A dedicated session has no tags here.
pub fn no_tags<T>(function: &str) -> Result<T, Failure> {
    fail(3001, format_args!("not implemented in the stand-in: tags in {function} without pooled servers"))
}
