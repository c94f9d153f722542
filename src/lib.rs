//! The Oracle session pool that every runtime in a process shares.
//!
//! Three floors, and nothing points back up:
//!
//! * `capi`, the C API of `include/orapool.h`: translates and decides nothing;
//! * [`pool`], the machine: policy and state, safe Rust that names no driver;
//! * [`driver`], the outside world: what a database client can do.
//!
//! Programs in C and other languages use the header; this documentation is for those who use the crate from Rust,
//! which is what its tests and benches do.

pub mod capi;
pub mod driver;
pub mod error;
pub mod pool;
pub mod secret;

mod process;
mod sync;
