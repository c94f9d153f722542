//! Sessions of pooled servers (DRCP).

use std::ffi::c_char;

use crate::capi::arg::put;
use crate::capi::guard::{Done, enter, read};
use crate::capi::handle::{on_loan, session, token_of};
use crate::capi::tag::{given_tag, text_of, wanted_tag};
use crate::capi::{orapool_error, orapool_session, orapool_status};
use crate::pool::DrcpState;
use crate::pool::core::Core;

/// From orapool_session_drcp_state: the session has a server of its own, or the handle is bad.
pub const ORAPOOL_DRCP_NONE: i32 = 0;
/// From orapool_session_drcp_state: a line to the broker, and no server.
pub const ORAPOOL_DRCP_DETACHED: i32 = 1;
/// From orapool_session_drcp_state: a call attached a server.
pub const ORAPOOL_DRCP_ATTACHED_IMPLICIT: i32 = 2;
/// From orapool_session_drcp_state: the get or orapool_session_attach attached a server.
pub const ORAPOOL_DRCP_ATTACHED_EXPLICIT: i32 = 3;

/// Whether a pooled server is attached to the session, and by what: an ORAPOOL_DRCP_*.
///
/// Under DRCP (`:pooled` or (SERVER=POOLED) in the connect string) a session on loan is a line to the database's broker.
/// A get without a tag takes a line alone, and its first call that needs a server attaches one
/// (ORAPOOL_DRCP_ATTACHED_IMPLICIT). A get with a tag, with ORAPOOL_SESSGET_PURITY_NEW, or of a pool with a session
/// callback attaches it at once (ORAPOOL_DRCP_ATTACHED_EXPLICIT). Every release gives it back.
///
/// session: a bad handle gives ORAPOOL_DRCP_NONE. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_drcp_state(session: *mut orapool_session) -> i32 {
    read(ORAPOOL_DRCP_NONE, || {
        let (core, loan) = on_loan(session)?;
        Ok(match core.drcp_state(loan)? {
            DrcpState::None => ORAPOOL_DRCP_NONE,
            DrcpState::Detached => ORAPOOL_DRCP_DETACHED,
            DrcpState::Implicit => ORAPOOL_DRCP_ATTACHED_IMPLICIT,
            DrcpState::Explicit => ORAPOOL_DRCP_ATTACHED_EXPLICIT,
        })
    })
}

/// 1 if the session's server comes from a pool of the database (DRCP), else 0. JDBC's isDRCPEnabled.
///
/// session: a bad handle gives 0. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_drcp_enabled(session: *mut orapool_session) -> i32 {
    read(0, || {
        let (core, loan) = on_loan(session)?;
        Ok(i32::from(core.drcp_state(loan)? != DrcpState::None))
    })
}

/// 1 if the tags that orapool_session_attach and orapool_session_detach take are lists of properties: the session came
/// from a get with ORAPOOL_SESSGET_MULTIPROPERTY_TAG, which may have had no tag. Else 0, and they are single tags. JDBC's
/// isDRCPMultitagEnabled, where a connection property says it.
///
/// session: a bad handle gives 0, and so does a session with a server of its own. The session's thread; never blocks.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_drcp_multitag_enabled(session: *mut orapool_session) -> i32 {
    read(0, || {
        let (core, loan) = on_loan(session)?;
        Ok(i32::from(core.is_multitag(loan)?))
    })
}

/// The tag that the session of the last attached server came with, whatever it was changed to since. JDBC's
/// getDRCPReturnTag.
///
/// len: out, its length in bytes; may be NULL.
///
/// Returns NULL, and 0 in len, if it had none, if none was attached during this loan, for a session with a server of its
/// own, for a bad handle and in a forked child. The text belongs to the session: it is there until the next server is
/// attached or the session is released. A NUL stands behind it. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_drcp_return_tag(
    session: *mut orapool_session,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: see the header: NULL or a place for a length.
    unsafe { text_of(session, len, Core::return_tag) }
}

/// 1 if the last attach came upon another session of the database than the one before it did: what the caller has cached
/// of that session (its SID, cursors, settings) is void. The library's own statements go on as they are. JDBC's
/// needToPurgeStatementCache.
///
/// session: a bad handle gives 0, and so does a session with a server of its own. The session's thread; never blocks.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_need_to_purge_statement_cache(session: *mut orapool_session) -> i32 {
    read(0, || {
        let (core, loan) = on_loan(session)?;
        Ok(i32::from(core.is_session_changed(loan)?))
    })
}

/// Attaches a pooled server. JDBC's attachServerConnection.
///
/// tag:     NULL, or the tag that the server's session should have, as orapool_session_drcp_multitag_enabled says.
/// tag_len: its length in bytes, or ORAPOOL_NTS; 0 = no tag.
/// found:   out, 1 if the session has the tag or the fix-up procedure made it so; may be NULL.
///
/// Without a tag nothing happens now: the next call that needs a server attaches one. With a tag it is attached at once:
/// one with that tag, else one without a tag, and then the fix-up procedure is called if the pool has one. If a server is
/// attached already it serves if it has the tag.
///
/// Blocks until a server is free, at most for the wait limit of the loan's get.
///
/// Returns ORAPOOL_TIMEOUT (24457) if none was free in time, ORAPOOL_ERROR with 24487 for a tag that is no list of
/// properties, 56610 if the fix-up procedure failed (the loan goes on without a server), or the database's number.
/// ORAPOOL_INVALID_ARGUMENT if a server is attached that has another tag. ORAPOOL_UNSUPPORTED for a session with a server
/// of its own, and for a tag when the connect string has a POOL_BOUNDARY. The session's thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_attach(
    session: *mut orapool_session,
    tag: *const c_char,
    tag_len: usize,
    found: *mut i32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a number.
    unsafe { put(found, 0) };
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.check_loan(loan)?;
        // SAFETY: see the header: NULL or `tag_len` readable bytes.
        let tag = unsafe { wanted_tag(tag, tag_len, core.is_multitag(loan)?) }?;
        let is_found = core.attach(loan, tag.as_ref())?;
        // SAFETY: as above.
        unsafe { put(found, i32::from(is_found)) };
        Ok(Done::Success)
    })
}

/// Gives the pooled server back while the loan goes on, so that others can work while this session waits for something.
/// JDBC's detachServerConnection.
///
/// tag:     the tag that the server's session has from now on; NULL or empty = the one that it has.
/// tag_len: its length in bytes, or ORAPOOL_NTS.
///
/// Without a server, and without a tag, it does nothing. Statements of the session stay: the next execute attaches a
/// server, whose session may be another.
///
/// Returns ORAPOOL_INVALID_ARGUMENT, and nothing has changed, if a transaction is open, if rows of a query were not all
/// fetched, or if there is a tag and no server. ORAPOOL_ERROR with 24488 for a tag that is no list of properties, where
/// orapool_session_drcp_multitag_enabled is 1. ORAPOOL_UNSUPPORTED for a session with a server of its own. The session's
/// thread; blocks for as long as the database takes. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_detach(
    session: *mut orapool_session,
    tag: *const c_char,
    tag_len: usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let (core, loan) = self::session(token_of(session))?;
        core.check_loan(loan)?;
        // SAFETY: see the header: NULL or `tag_len` readable bytes.
        let tag = unsafe { given_tag(tag, tag_len, core.is_multitag(loan)?) }?;
        core.detach(loan, tag)?;
        Ok(Done::Success)
    })
}
