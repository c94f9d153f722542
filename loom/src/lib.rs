//! The pool's slots, gate and waiters, compiled from the pool's own files against loom's atomics.
//!
//! What the files need from the rest of the pool stands here as the least that serves.

#![allow(missing_docs, dead_code, reason = "the files' own documentation stands in the pool")]

/// Loom's atomics and locks under the names that the pool's files use.
///
/// Loom takes a sequentially consistent access for an acquire-release one and knows sequential consistency of
/// fences alone, so that each such access stands between two fences here.
pub mod sync {
    pub use loom::sync::atomic::Ordering;
    use loom::sync::atomic::fence;
    pub use loom::thread::Thread;
    pub use std::sync::Arc;

    fn around<T>(order: Ordering, access: impl FnOnce() -> T) -> T {
        if order != Ordering::SeqCst {
            return access();
        }
        fence(Ordering::SeqCst);
        let result = access();
        fence(Ordering::SeqCst);
        result
    }

    macro_rules! atomic {
        ($name:ident, $number:ty) => {
            #[derive(Debug)]
            pub struct $name(loom::sync::atomic::$name);

            impl $name {
                pub fn new(value: $number) -> Self {
                    $name(loom::sync::atomic::$name::new(value))
                }
                pub fn load(&self, order: Ordering) -> $number {
                    around(order, || self.0.load(weaker(order)))
                }
                pub fn store(&self, value: $number, order: Ordering) {
                    around(order, || self.0.store(value, order));
                }
                pub fn fetch_or(&self, value: $number, order: Ordering) -> $number {
                    around(order, || self.0.fetch_or(value, order))
                }
                pub fn fetch_and(&self, value: $number, order: Ordering) -> $number {
                    around(order, || self.0.fetch_and(value, order))
                }
                pub fn compare_exchange(
                    &self,
                    from: $number,
                    to: $number,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$number, $number> {
                    around(success, || self.0.compare_exchange(from, to, success, failure))
                }
            }
        };
    }

    fn weaker(order: Ordering) -> Ordering {
        if order == Ordering::SeqCst { Ordering::Acquire } else { order }
    }

    atomic!(AtomicU32, u32);
    atomic!(AtomicU64, u64);

    #[derive(Debug)]
    pub struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Mutex(loom::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
            match self.0.lock() {
                Ok(guard) => guard,
                Err(poisoned) => poisoned.into_inner(),
            }
        }
    }
}

#[path = "../../src/error.rs"]
pub mod error;

pub mod driver {
    /// Nobody logs on in a model.
    #[derive(Debug, Default)]
    pub struct Identity;
}

pub mod model;
pub mod pool;
