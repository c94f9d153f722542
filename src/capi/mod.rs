//! The C API: the only `extern "C"` of the project. It translates and decides nothing.
//!
//! The doc texts in here are the texts of `include/orapool.h` and therefore C texts. What holds for every function
//! is said once, on top of the header (`header_preamble.h`).

#![allow(
    non_camel_case_types,
    clippy::missing_safety_doc,
    reason = "the names and the documentation are those of the C header, which is the contract"
)]
#![deny(improper_ctypes_definitions)]
// Bad input is answered with a status, never with a panic.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

#[cfg(not(panic = "unwind"))]
compile_error!("the C API turns panics into ORAPOOL_PANIC, which needs panic = \"unwind\"");
#[cfg(not(target_pointer_width = "64"))]
compile_error!("session handles need 64 bits: pool, session and loan number");

mod arg;
mod copies;
mod guard;
mod handle;
mod log;
mod near;

// The order of the header.
pub mod attrs;
pub mod callback;
pub mod drcp;
pub mod error;
pub mod events;
pub mod library;
pub mod pool;
pub mod request;
pub mod session;
pub mod stats;
pub mod stmt;
pub mod tag;

/// What a call returns: 0 or more is not an error.
pub type orapool_status = i32;

/// A pool, as one of its users sees it. Any thread may use it at any time. Freed by orapool_close.
pub struct orapool {
    _private: [u8; 0],
}

/// A bag of attributes, for the creation of a pool and for gets. Freed by orapool_attrs_free.
pub struct orapool_attrs {
    _private: [u8; 0],
}

/// A session on loan. One thread at a time; orapool_session_break alone may come from another. Freed by
/// orapool_session_release.
pub struct orapool_session {
    _private: [u8; 0],
}

/// A get that no thread waits in. Any thread may use it at any time. Freed by orapool_request_finish and by
/// orapool_request_cancel.
pub struct orapool_request {
    _private: [u8; 0],
}

/// A statement of a session on loan, with the session's thread rule. Freed by orapool_stmt_free.
pub struct orapool_stmt {
    _private: [u8; 0],
}

/// An error or a warning, with its causes behind it. A plain object: one thread at a time, freed once, by
/// orapool_error_free.
pub struct orapool_error {
    _private: [u8; 0],
}
