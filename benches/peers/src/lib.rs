//! The Rust contenders of the benchmark suite, with a small C interface for the one harness that measures all.
//!
//! Every contender lends out the same no-op session, so that nothing but the pool is measured. `run` does its pairs
//! in a loop on this side, monomorphic and inlined: a Rust pool is timed as its Rust user calls it, with no C call
//! in between, while the library is timed through its C interface. The comparison is thus on the safe side.

mod deadpool_managed;
mod fifo;
mod odpic_pool;
mod pl_mutex_vec;
mod r2d2_default;

use std::ffi::c_void;
use std::hint::black_box;
use std::mem::{align_of, size_of};

/// The no-op session: all that it has is a number, by which the harness tells sessions apart.
#[derive(Debug)]
pub struct NoopSession {
    id: u32,
}

/// A pool under test.
trait Contender: Sync + Sized {
    /// What a get hands out, and a release takes back.
    type Loan;

    /// A pool that has made all its `sessions` already.
    fn create(sessions: u32) -> Self;

    fn get(&self) -> Self::Loan;

    fn release(&self, loan: Self::Loan);

    fn id(loan: &Self::Loan) -> u32;
}

/// Bytes and alignment of the storage that the harness has for a loan, `peer_loan` in `peers.h`.
const LOAN_SIZE: usize = 256;
const LOAN_ALIGN: usize = 8;

fn create<C: Contender>(sessions: u32) -> *mut c_void {
    Box::into_raw(Box::new(C::create(sessions))).cast()
}

/// # Safety
/// `pool` is from `create::<C>`, and no other thread uses it any more.
unsafe fn destroy<C: Contender>(pool: *mut c_void) {
    // SAFETY: the caller's promise; `create` made it with Box::into_raw.
    drop(unsafe { Box::from_raw(pool.cast::<C>()) });
}

/// # Safety
/// `pool` is from `create::<C>`.
unsafe fn run<C: Contender>(pool: *const c_void, pairs: u64) {
    // SAFETY: the caller's promise.
    let pool = unsafe { &*pool.cast::<C>() };
    for _ in 0..pairs {
        // The black box keeps the optimiser from joining release and next get.
        pool.release(black_box(pool.get()));
    }
}

/// # Safety
/// `pool` is from `create::<C>`; `loan` is storage of `LOAN_SIZE` and `LOAN_ALIGN` that holds no loan.
unsafe fn get<C: Contender>(pool: *const c_void, loan: *mut c_void) -> u32 {
    const { assert!(size_of::<C::Loan>() <= LOAN_SIZE && align_of::<C::Loan>() <= LOAN_ALIGN) };
    // SAFETY: the caller's promise.
    let pool = unsafe { &*pool.cast::<C>() };
    let got = pool.get();
    let id = C::id(&got);
    // SAFETY: the storage is large enough, see above.
    unsafe { loan.cast::<C::Loan>().write(got) };
    id
}

/// # Safety
/// `pool` is from `create::<C>`; `loan` was filled by `get::<C>` of that pool and not released since.
unsafe fn release<C: Contender>(pool: *const c_void, loan: *mut c_void) {
    // SAFETY: the caller's promise; the storage counts as empty from here on.
    let (pool, loan) = unsafe { (&*pool.cast::<C>(), loan.cast::<C::Loan>().read()) };
    pool.release(loan);
}

/// The five C functions of one contender.
macro_rules! export {
    ($contender:ty, $create:ident, $destroy:ident, $run:ident, $get:ident, $release:ident) => {
        #[unsafe(no_mangle)]
        extern "C" fn $create(sessions: u32) -> *mut c_void {
            create::<$contender>(sessions)
        }
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $destroy(pool: *mut c_void) {
            // SAFETY: the harness keeps to the rules of `destroy`.
            unsafe { destroy::<$contender>(pool) }
        }
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $run(pool: *mut c_void, pairs: u64) {
            // SAFETY: the harness keeps to the rules of `run`.
            unsafe { run::<$contender>(pool, pairs) }
        }
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $get(pool: *mut c_void, loan: *mut c_void) -> u32 {
            // SAFETY: the harness keeps to the rules of `get`.
            unsafe { get::<$contender>(pool, loan) }
        }
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $release(pool: *mut c_void, loan: *mut c_void) {
            // SAFETY: the harness keeps to the rules of `release`.
            unsafe { release::<$contender>(pool, loan) }
        }
    };
}

export!(
    pl_mutex_vec::Pool,
    peer_pl_mutex_vec_create,
    peer_pl_mutex_vec_destroy,
    peer_pl_mutex_vec_run,
    peer_pl_mutex_vec_get,
    peer_pl_mutex_vec_release
);
export!(fifo::Pool, peer_fifo_create, peer_fifo_destroy, peer_fifo_run, peer_fifo_get, peer_fifo_release);
export!(
    odpic_pool::Pool,
    peer_odpic_create,
    peer_odpic_destroy,
    peer_odpic_run,
    peer_odpic_get,
    peer_odpic_release
);
export!(
    r2d2_default::Pool,
    peer_r2d2_create,
    peer_r2d2_destroy,
    peer_r2d2_run,
    peer_r2d2_get,
    peer_r2d2_release
);
export!(
    deadpool_managed::Pool,
    peer_deadpool_create,
    peer_deadpool_destroy,
    peer_deadpool_run,
    peer_deadpool_get,
    peer_deadpool_release
);
