//! The atomics and locks that the pool is built from, in one place: the loom models compile the same files
//! (`slot.rs`, `gate.rs`, `waiters.rs`) against loom's.

pub(crate) use parking_lot::Mutex;
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(crate) use std::thread::Thread;
