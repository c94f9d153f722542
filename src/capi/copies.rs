//! Other copies of this library in the process. Each has pools of its own: two runtimes that load one each look for the
//! other's pools in vain, and nothing else would tell them why.

use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;

use crate::error::{Error, Kind};

/// What every version of the library exports, and nothing else does.
const MARK: &CStr = c"orapool_instance_id";

/// Where other copies were loaded from, each once.
pub(crate) fn others() -> Vec<String> {
    // A function that is not exported: the address of one that is may be another copy's.
    let own = origin_of(others as *const () as *const c_void);
    let marks = loaded_objects().into_iter().filter_map(|object| find_mark(&object));
    let mut origins: Vec<Origin> = Vec::new();
    for origin in marks.filter_map(origin_of) {
        if Some(&origin) != own.as_ref() && !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins.into_iter().map(|origin| origin.path).collect()
}

/// The warning of a create under a name, with which somebody else is to open the pool.
pub(crate) fn warning() -> Option<Error> {
    let others = others();
    (!others.is_empty()).then(|| {
        Error::new(Kind::Warning, 0, format!("another copy of this library is loaded, from {}: it does not share the pools of this one; have all parts of the process load the same file", others.join(" and ")))
    })
}

/// The error of an open that found no pool, with what may be the reason.
pub(crate) fn explain(error: Error) -> Error {
    // Only then is it worth a look at all that is loaded.
    let others = if error.code() == 24416 { others() } else { Vec::new() };
    if others.is_empty() {
        return error;
    }
    let text = format!(
        "{}; another copy of the library is loaded, from {}, which may have it: copies share no pools",
        error.message(),
        others.join(" and ")
    );
    Error::new(error.kind(), error.code(), text)
}

/// The names of all objects that the process has loaded, as the loader knows them; "" is the program itself.
fn loaded_objects() -> Vec<CString> {
    unsafe extern "C" fn note(info: *mut libc::dl_phdr_info, _size: usize, names: *mut c_void) -> c_int {
        // SAFETY: the loader calls back with a valid entry, and with what `dl_iterate_phdr` was given, on this thread.
        let (names, name) = unsafe { (&mut *names.cast::<Vec<CString>>(), (*info).dlpi_name) };
        if !name.is_null() {
            // SAFETY: the loader's own text, which ends with a NUL.
            names.push(unsafe { CStr::from_ptr(name) }.to_owned());
        }
        0
    }
    let mut names: Vec<CString> = Vec::new();
    // SAFETY: `note` gets the address of `names`, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(note), ptr::from_mut(&mut names).cast()) };
    names
}

/// The address of the mark that the object, or what it was linked with, has.
fn find_mark(object: &CStr) -> Option<*const c_void> {
    let name = if object.is_empty() { ptr::null() } else { object.as_ptr() };
    // SAFETY: a name that ends with a NUL, or NULL for the program. NOLOAD: nothing is loaded or run.
    let handle = unsafe { libc::dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: a handle that has just been given, and a text that ends with a NUL.
    let mark = unsafe { libc::dlsym(handle, MARK.as_ptr()) };
    // SAFETY: the same handle, once. Whoever loaded the object still holds it.
    unsafe { libc::dlclose(handle) };
    (!mark.is_null()).then_some(mark.cast_const())
}

/// An object that code was loaded from.
#[derive(PartialEq, Eq)]
struct Origin {
    /// Where it begins, as a number: two objects may have one path.
    base: usize,
    path: String,
}

fn origin_of(address: *const c_void) -> Option<Origin> {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked for; the result is written into `info`.
    if unsafe { libc::dladdr(address, info.as_mut_ptr()) } == 0 {
        return None;
    }
    // SAFETY: written by dladdr.
    let info = unsafe { info.assume_init() };
    if info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: the loader's own text, which ends with a NUL, of an object that is loaded.
    let path = unsafe { CStr::from_ptr(info.dli_fname) }.to_string_lossy().into_owned();
    Some(Origin { base: info.dli_fbase.addr(), path })
}
