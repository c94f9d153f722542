//! deadpool's managed pool, each get driven to its end on the calling thread.

use crate::{Contender, NoopSession};
use deadpool::managed::{self, Metrics, RecycleResult};
use futures_executor::block_on;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Manager {
    next_id: AtomicU32,
}

impl managed::Manager for Manager {
    type Type = NoopSession;
    type Error = Infallible;

    async fn create(&self) -> Result<NoopSession, Infallible> {
        Ok(NoopSession { id: self.next_id.fetch_add(1, Ordering::Relaxed) })
    }

    async fn recycle(&self, _: &mut NoopSession, _: &Metrics) -> RecycleResult<Infallible> {
        Ok(())
    }
}

pub struct Pool {
    pool: managed::Pool<Manager>,
}

impl Contender for Pool {
    type Loan = managed::Object<Manager>;

    fn create(sessions: u32) -> Self {
        let manager = Manager { next_id: AtomicU32::new(0) };
        let pool = managed::Pool::builder(manager).max_size(sessions as usize).build();
        let pool = Self { pool: pool.expect("no time-out is set, so no runtime is needed") };
        // It makes sessions when asked only: lend out all of them once.
        drop((0..sessions).map(|_| pool.get()).collect::<Vec<_>>());
        pool
    }

    fn get(&self) -> Self::Loan {
        block_on(self.pool.get()).expect("a no-op connect succeeds")
    }

    fn release(&self, loan: Self::Loan) {
        drop(loan);
    }

    fn id(loan: &Self::Loan) -> u32 {
        loan.id
    }
}
