//! r2d2 with its defaults, but for the check of each session at check-out: the no-op session has nothing to check.

use crate::{Contender, NoopSession};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Manager {
    next_id: AtomicU32,
}

impl r2d2::ManageConnection for Manager {
    type Connection = NoopSession;
    type Error = Infallible;

    fn connect(&self) -> Result<NoopSession, Infallible> {
        Ok(NoopSession { id: self.next_id.fetch_add(1, Ordering::Relaxed) })
    }

    fn is_valid(&self, _: &mut NoopSession) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _: &mut NoopSession) -> bool {
        false
    }
}

pub struct Pool {
    pool: r2d2::Pool<Manager>,
}

impl Contender for Pool {
    type Loan = r2d2::PooledConnection<Manager>;

    fn create(sessions: u32) -> Self {
        let manager = Manager { next_id: AtomicU32::new(0) };
        // The minimum is the maximum unless set, so all sessions are there when `build` is back.
        let pool = r2d2::Pool::builder().max_size(sessions).test_on_check_out(false).build(manager);
        Self { pool: pool.expect("a no-op connect succeeds") }
    }

    fn get(&self) -> Self::Loan {
        self.pool.get().expect("the default time-out of 30 s is longer than a cell")
    }

    fn release(&self, loan: Self::Loan) {
        drop(loan);
    }

    fn id(loan: &Self::Loan) -> u32 {
        loan.id
    }
}
