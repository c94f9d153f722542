//! The exported functions, under OCI's names and with OCI's parameters.
//!
//! Parameters that are pointers have the type `Caller`, handles `Token`: both have the layout of a pointer.

mod datetimes;
mod environment;
mod handles;
mod memory;
mod numbers;
mod pools;
mod sessions;
mod statements;
mod threads;
mod transactions;
mod unimplemented;

pub use handles::put_text;
