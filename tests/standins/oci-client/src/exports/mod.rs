//! The exported functions, under OCI's names and with OCI's parameters.
//!
//! Parameters that are pointers have the type `Caller`, handles `Token`: both have the layout of a pointer.

mod binding;
mod calls;
mod datetimes;
mod defining;
mod descriptors;
mod environment;
mod errors;
mod handles;
mod memory;
mod numbers;
mod pools;
mod sessions;
mod standalone;
mod statements;
mod threads;
mod transactions;
mod unimplemented;

pub use errors::put_text;
