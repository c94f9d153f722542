//! Bags of attributes.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::capi::arg::{put, required, text};
use crate::capi::guard::{Done, enter, is_forked};
use crate::capi::handle::{Table, Use, handle_of, token_of};
use crate::capi::{orapool_attrs, orapool_error, orapool_status};
use crate::error::Error;
use crate::pool::{Attr, Attributes};

/// text: the user who logs on, or `main[proxy]` as in OCI.
pub const ORAPOOL_ATTR_USER: u32 = 1;
/// text: that user's password. Wiped from memory when the bag goes, and can not be read back.
pub const ORAPOOL_ATTR_PASSWORD: u32 = 2;
/// text: `embedded:NAME` is the embedded engine, all else an Oracle connect string.
pub const ORAPOOL_ATTR_CONNECT_STRING: u32 = 3;
/// text: `embedded` or `oci`; default: by the connect string.
pub const ORAPOOL_ATTR_DRIVER: u32 = 4;
/// text: sessions of different classes never stand in for one another. Under DRCP pools of one user and class share the
/// sessions of pooled servers; default there: POOL_CONNECTION_CLASS of the connect string, else one that is made up for the
/// pool, which no other shares.
pub const ORAPOOL_ATTR_CONNECTION_CLASS: u32 = 5;
/// text: the edition of the database that sessions work in.
pub const ORAPOOL_ATTR_EDITION: u32 = 6;
/// text: V$SESSION_CONNECT_INFO.CLIENT_DRIVER; default `orapool : <version>`.
pub const ORAPOOL_ATTR_DRIVER_NAME: u32 = 7;
/// text: the folder of `libclntsh.so`, for `oci`; default: where the system looks for libraries, and $ORACLE_HOME/lib. A
/// process loads it once, with its first such pool: another folder is an error later.
pub const ORAPOOL_ATTR_CLIENT_LIB_DIR: u32 = 8;
/// text: the folder of tnsnames.ora, for `oci`; sets TNS_ADMIN for the process, with its first such pool.
pub const ORAPOOL_ATTR_CONFIG_DIR: u32 = 9;
/// text: a PL/SQL procedure `[schema.][package.]procedure` that is called as procedure(wanted, actual) in a get whose
/// session has not the properties that were asked for, before the get returns. It sets the session's state, or raises:
/// then the session is dropped and the get fails with 56610. Other names than Oracle's stand in double quotes.
pub const ORAPOOL_ATTR_FIXUP_CALLBACK: u32 = 10;
/// text, per get: who asks (file:line, request id); shown in leak reports, metrics and time-outs.
pub const ORAPOOL_ATTR_CONTEXT: u32 = 11;
/// int, default 1: sessions that are kept open.
pub const ORAPOOL_ATTR_SESSIONS_MIN: u32 = 20;
/// int, default 4, up to 65535: sessions that are never exceeded, ORAPOOL_GET_FORCEGET apart.
pub const ORAPOOL_ATTR_SESSIONS_MAX: u32 = 21;
/// int, default 1 (0 counts as 1): sessions by which the pool grows.
pub const ORAPOOL_ATTR_SESSIONS_INCREMENT: u32 = 22;
/// int, default ORAPOOL_GET_WAIT: what a get does when no session is idle.
pub const ORAPOOL_ATTR_GET_MODE: u32 = 23;
/// int, default 5000: how long a get in ORAPOOL_GET_TIMEDWAIT waits; given to a get it is that get's deadline,
/// whatever the mode. -1 = for ever; 0 = for no loan and no connect of others.
pub const ORAPOOL_ATTR_WAIT_TIMEOUT_MS: u32 = 24;
/// int, default -1 = any number: gets that may wait for loans; one more fails at once (24496). A get that waits for a
/// connect of its own does not count.
pub const ORAPOOL_ATTR_WAITERS_MAX: u32 = 25;
/// int, default 1: all sessions are of the pool's user. 0: each get may name one.
pub const ORAPOOL_ATTR_HOMOGENEOUS: u32 = 26;
/// int, default 0. 1: log on by the operating system or a wallet, with no user and password.
pub const ORAPOOL_ATTR_EXTERNAL_AUTH: u32 = 27;
/// int, default ORAPOOL_PURITY_DEFAULT: what others may have left in the session.
pub const ORAPOOL_ATTR_PURITY: u32 = 28;
/// int, default 0 = never: idle time after which a session is closed while more than the minimum are open.
pub const ORAPOOL_ATTR_IDLE_TIMEOUT_MS: u32 = 30;
/// int, default 0 = never: age at which a session is closed as soon as it is not on loan; up to 2.5 % less, so that
/// sessions which were made together do not end together.
pub const ORAPOOL_ATTR_LIFETIME_MAX_MS: u32 = 31;
/// int, default 0 = no limit: loans after which a session is closed.
pub const ORAPOOL_ATTR_USES_MAX: u32 = 32;
/// int, default 60000: idle time after which a session is pinged before it is handed out; 0 always, -1 never.
pub const ORAPOOL_ATTR_PING_INTERVAL_MS: u32 = 33;
/// int, default 5000: how long such a ping may take, within the get's own deadline; -1 = for ever.
pub const ORAPOOL_ATTR_PING_TIMEOUT_MS: u32 = 34;
/// int, default 20000: how long a connect may take, then 12170; -1 = for ever. `oci` can not stop a log-on that hangs: it
/// is left alone, and the connect string has to limit it (TRANSPORT_CONNECT_TIMEOUT and the like). While 32 log-ons to one
/// database hang like that, the next fail with 12170 at once.
pub const ORAPOOL_ATTR_CONNECT_TIMEOUT_MS: u32 = 35;
/// int, default 20: statements that a session keeps parsed, where the driver does that (`embedded` keeps a number of
/// its own).
pub const ORAPOOL_ATTR_STATEMENT_CACHE_SIZE: u32 = 36;
/// int, default 0 = off: a loan that lasts longer is counted as a leak, and is an event (orapool_events).
pub const ORAPOOL_ATTR_LEAK_AFTER_MS: u32 = 37;
/// int, default 4, 1 to 64: connects that are made side by side.
pub const ORAPOOL_ATTR_CONNECTS_MAX: u32 = 38;
/// int, default 0 = off: a get that waits so long, or longer, is an event when its wait is over (orapool_events).
pub const ORAPOOL_ATTR_WAIT_REPORT_MS: u32 = 39;

/// Waits for as long as it takes.
pub const ORAPOOL_GET_WAIT: i64 = 0;
/// Waits for nobody else; connects for itself while there is a place.
pub const ORAPOOL_GET_NOWAIT: i64 = 1;
/// Connects beyond the maximum rather than wait; then ORAPOOL_SUCCESS_WITH_INFO, 24417.
pub const ORAPOOL_GET_FORCEGET: i64 = 2;
/// Waits for ORAPOOL_ATTR_WAIT_TIMEOUT_MS.
pub const ORAPOOL_GET_TIMEDWAIT: i64 = 3;

/// As ORAPOOL_PURITY_SELF.
pub const ORAPOOL_PURITY_DEFAULT: i64 = 0;
/// A session that nobody has had.
pub const ORAPOOL_PURITY_NEW: i64 = 1;
/// Whatever others of the same user and class left.
pub const ORAPOOL_PURITY_SELF: i64 = 2;

static ATTRS: Table<Mutex<Attributes>> = Table::new(Use::Attrs, "attributes");

/// A copy of the attributes behind a handle; none for NULL.
pub(crate) fn copy_of(attrs: *const orapool_attrs) -> Result<Option<Attributes>, Error> {
    if attrs.is_null() {
        return Ok(None);
    }
    Ok(Some(ATTRS.find(token_of(attrs))?.lock().clone()))
}

/// The bag behind a handle.
pub(crate) fn bag_of(attrs: *mut orapool_attrs) -> Result<Arc<Mutex<Attributes>>, Error> {
    ATTRS.find(token_of(attrs))
}

/// Makes an empty bag of attributes.
///
/// attrs: out, the bag, the caller's to free with orapool_attrs_free; NULL on failure.
///
/// Returns ORAPOOL_INVALID_ARGUMENT if attrs is NULL. Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_attrs_new(
    attrs: *mut *mut orapool_attrs,
    error: *mut *mut orapool_error,
) -> orapool_status {
    // SAFETY: see the header: NULL or a place for a handle.
    unsafe { put(attrs, ptr::null_mut()) };
    enter(error, || {
        required(attrs, "attrs")?;
        let token = ATTRS.add(Arc::default())?;
        // SAFETY: as above.
        unsafe { put(attrs, handle_of(token)) };
        Ok(Done::Success)
    })
}

/// Sets a text attribute; NULL or an empty text unsets it. The text is copied.
///
/// attr: an ORAPOOL_ATTR_* of kind text.
/// text: UTF-8, without NUL characters; NULL with len 0 or ORAPOOL_NTS.
/// len:  its length in bytes, or ORAPOOL_NTS.
///
/// Returns ORAPOOL_UNSUPPORTED (24315) for an attribute that this library does not know, ORAPOOL_INVALID_ARGUMENT for
/// one that takes a number and for a text that is not UTF-8, has a NUL, or is too long (1024 bytes; connect string,
/// directories and context 32768). On an error the bag is as it was. Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_attrs_set_text(
    attrs: *mut orapool_attrs,
    attr: u32,
    text: *const c_char,
    len: usize,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let bag = bag_of(attrs)?;
        let attr = Attr::from_number(attr)?;
        // SAFETY: see the header: NULL or `len` readable bytes.
        let text = unsafe { self::text(text, len, "text") }?;
        bag.lock().set_text(attr, text.unwrap_or(""))?;
        Ok(Done::Success)
    })
}

/// Sets a number attribute.
///
/// attr:  an ORAPOOL_ATTR_* of kind int.
/// value: in the attribute's range; times in milliseconds.
///
/// Returns ORAPOOL_UNSUPPORTED (24315) for an attribute that this library does not know, ORAPOOL_INVALID_ARGUMENT for
/// one that takes a text and for a value out of range; the message tells the range. On an error the bag is as it was.
/// Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_attrs_set_int(
    attrs: *mut orapool_attrs,
    attr: u32,
    value: i64,
    error: *mut *mut orapool_error,
) -> orapool_status {
    enter(error, || {
        let bag = bag_of(attrs)?;
        bag.lock().set_int(Attr::from_number(attr)?, value)?;
        Ok(Done::Success)
    })
}

/// Frees a bag and wipes its password. Pools that were created with it are not affected.
///
/// attrs: NULL, a stale or a foreign handle is fine and does nothing; so does every call in a forked child.
///
/// Any thread; never blocks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn orapool_attrs_free(attrs: *mut orapool_attrs) {
    // A lock of the table may have been held when the process forked; the memory goes with the child.
    if !is_forked() {
        let _ = ATTRS.take(token_of(attrs));
    }
}
