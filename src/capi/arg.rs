//! All reads and writes of the caller's memory.

use std::ffi::{CStr, c_char, c_void};

use crate::error::Error;

/// `ORAPOOL_NTS`: the text ends with a NUL character.
pub(crate) const NTS: usize = usize::MAX;

/// The bytes that the caller passed; none if absent. `what` names the argument in an error.
///
/// # Safety
/// `bytes` is NULL or `len` bytes can be read from it, or, with [`NTS`], all up to a NUL; for as long as `'a`.
pub(crate) unsafe fn bytes<'a>(
    bytes: *const c_void,
    len: usize,
    what: &str,
) -> Result<Option<&'a [u8]>, Error> {
    if bytes.is_null() {
        return match len {
            0 | NTS => Ok(None),
            _ => Err(Error::invalid_argument(format!(
                "{what} is NULL but its length is {len}; NULL goes with 0"
            ))),
        };
    }
    if len == NTS {
        // SAFETY: the caller promises a NUL-terminated text.
        let text = unsafe { CStr::from_ptr(bytes.cast::<c_char>()) };
        return Ok(Some(text.to_bytes()));
    }
    if isize::try_from(len).is_err() {
        let text =
            format!("{what} can not be {len} bytes long; for text that ends with a NUL pass ORAPOOL_NTS");
        return Err(Error::invalid_argument(text));
    }
    // SAFETY: the caller promises that so many bytes can be read.
    Ok(Some(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) }))
}

/// The text that the caller passed; none if absent or empty.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(text: *const c_char, len: usize, what: &str) -> Result<Option<&'a str>, Error> {
    // SAFETY: the same promise.
    let Some(bytes) = unsafe { bytes(text.cast(), len, what) }? else { return Ok(None) };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::invalid_argument(format!(
            "{what} is not UTF-8: the byte at offset {} is wrong",
            error.valid_up_to()
        ))
    })?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Writes an OUT parameter, unless the caller passed NULL for it.
///
/// # Safety
/// `to` is NULL or can be written.
#[inline]
pub(crate) unsafe fn put<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: the caller promises a writable place of that type.
        unsafe { to.write(value) };
    }
}

/// An OUT parameter that a call can not do without.
pub(crate) fn required<T>(to: *mut T, what: &str) -> Result<(), Error> {
    if to.is_null() {
        return Err(Error::invalid_argument(format!("{what} must not be NULL: the result goes there")));
    }
    Ok(())
}

/// How many words the caller has room for in a struct of `uint64_t` whose first word tells its size in bytes.
///
/// # Safety
/// `from` is NULL or its first word can be read.
pub(crate) unsafe fn room_for_words(from: *const u64, least: usize) -> Result<usize, Error> {
    required(from.cast_mut(), "stats")?;
    // SAFETY: the caller promises that the first word can be read.
    let size = unsafe { from.read() };
    if size < least as u64 {
        let text = format!(
            "struct_size is {size}; it must be sizeof(orapool_stats), which was {least} in the first release"
        );
        return Err(Error::unsupported(text));
    }
    Ok(usize::try_from(size / 8).unwrap_or(usize::MAX))
}

/// Writes `words` as far as there is room, and into the first how many bytes that were.
///
/// # Safety
/// `room` words can be written to `to`, and `room` is not 0.
pub(crate) unsafe fn put_words(to: *mut u64, room: usize, words: &[u64]) {
    let count = words.len().min(room);
    // SAFETY: the caller promises room for so many.
    unsafe { std::ptr::copy_nonoverlapping(words.as_ptr(), to, count) };
    // SAFETY: there is room for at least one.
    unsafe { to.write(count as u64 * 8) };
}
