//! Tags of sessions.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use crate::capi::arg::{bytes, put};
use crate::capi::guard::{Done, enter, read};
use crate::capi::handle::{on_loan, session, token_of};
use crate::capi::pool::unknown_mode;
use crate::capi::{orapool_error, orapool_session, orapool_status};
use crate::error::Error;
use crate::pool::core::Core;
use crate::pool::place::LoanKey;
use crate::pool::tag::Tag;

/// For orapool_session_get: a session with another tag serves as well, when there is none with the one asked for and none
/// without. The value is OCI's.
pub const ORAPOOL_SESSGET_MATCHANY: u32 = 0x0020;
/// For orapool_session_get: the tag is a list of properties, name=value;name=value. The value is OCI's.
pub const ORAPOOL_SESSGET_MULTIPROPERTY_TAG: u32 = 0x0400;
/// For orapool_session_release: the session has the tag that is given from now on, or none. The value is OCI's.
pub const ORAPOOL_SESSRLS_RETAG: u32 = 0x0002;
/// For orapool_session_release with ORAPOOL_SESSRLS_RETAG, and for orapool_session_set_tag: the tag is a list of
/// properties, name=value;name=value. The value is OCI's.
pub const ORAPOOL_SESSRLS_MULTIPROPERTY_TAG: u32 = 0x0004;

/// What a session says of its state: the tag that it came with, was given by a fix-up, or was set.
///
/// len: out, its length in bytes; may be NULL.
///
/// Returns NULL, and 0 in len, for an untagged session, for a bad handle and in a forked child. The text belongs to the
/// session: it is there until the tag changes or the session is released. A NUL stands behind it, and a single tag may
/// have some in it. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_tag(
    session: *mut orapool_session,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the same promise.
    unsafe { text_of(session, len, Core::tag) }
}

/// The text of the tag that `which` finds with the session, which keeps it alive.
///
/// # Safety
/// `len` is NULL or a place for a length.
pub(crate) unsafe fn text_of(
    session: *mut orapool_session,
    len: *mut usize,
    which: impl FnOnce(&Core, LoanKey) -> Result<Option<Arc<Tag>>, Error>,
) -> *const c_char {
    // SAFETY: the same promise.
    unsafe { put(len, 0) };
    read(ptr::null(), || {
        let (core, loan) = on_loan(session)?;
        let Some(tag) = which(&core, loan)? else { return Ok(ptr::null()) };
        // SAFETY: as above.
        unsafe { put(len, tag.as_bytes().len()) };
        Ok(tag.as_bytes().as_ptr().cast())
    })
}

/// Says what the state of a session is from now on. It is what later gets find it by, also after a release without
/// ORAPOOL_SESSRLS_RETAG. In a session callback this is how the callback says what it has set.
///
/// tag:  the tag; NULL or empty = untagged.
/// len:  its length in bytes, or ORAPOOL_NTS.
/// mode: 0 = a single tag: any bytes; ORAPOOL_SESSRLS_MULTIPROPERTY_TAG = `name=value` pairs with `;` between them.
///
/// Returns ORAPOOL_ERROR with 24488 for a tag that is no list of properties: the message tells the byte where it goes
/// wrong, and the tag is as it was. ORAPOOL_INVALID_ARGUMENT: 24300 for unknown mode bits, 0 under DRCP with no server
/// attached. The session's thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_session_set_tag(
    session: *mut orapool_session,
    tag: *const c_char,
    len: usize,
    mode: u32,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        if mode & !ORAPOOL_SESSRLS_MULTIPROPERTY_TAG != 0 {
            let right = "0 or ORAPOOL_SESSRLS_MULTIPROPERTY_TAG";
            return Err(unknown_mode("orapool_session_set_tag", mode, right));
        }
        let (core, loan) = self::session(token_of(session))?;
        core.check_loan(loan)?;
        // SAFETY: see the header: NULL or `len` readable bytes.
        let tag = unsafe { given_tag(tag, len, mode & ORAPOOL_SESSRLS_MULTIPROPERTY_TAG != 0) }?;
        core.set_tag(loan, tag)?;
        Ok(Done::Success)
    })
}

/// The tag that a get asks for; none if absent. ORA-24487 if it is no list of properties and should be.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn wanted_tag(
    tag: *const c_char,
    len: usize,
    is_multi_property: bool,
) -> Result<Option<Arc<Tag>>, Error> {
    // SAFETY: the same promise.
    unsafe { tag_of(tag, len, is_multi_property, 24487) }
}

/// The tag that a session is to have; none if absent. ORA-24488 if it is no list of properties and should be.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn given_tag(
    tag: *const c_char,
    len: usize,
    is_multi_property: bool,
) -> Result<Option<Arc<Tag>>, Error> {
    // SAFETY: the same promise.
    unsafe { tag_of(tag, len, is_multi_property, 24488) }
}

/// # Safety
/// As for [`bytes`].
unsafe fn tag_of(
    tag: *const c_char,
    len: usize,
    is_multi_property: bool,
    code: i32,
) -> Result<Option<Arc<Tag>>, Error> {
    // SAFETY: the same promise.
    let Some(tag) = unsafe { bytes(tag.cast(), len, "tag") }? else { return Ok(None) };
    if !is_multi_property {
        return Ok(Tag::single(tag).map(Arc::new));
    }
    match Tag::multi_property(tag) {
        Ok(tag) => Ok(tag.map(Arc::new)),
        Err(fault) => {
            let text =
                format!("ORA-{code}: the tag is no list of name=value pairs with `;` between them: {fault}");
            Err(Error::oracle(code, text))
        }
    }
}
