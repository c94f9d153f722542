//! The anchor: a vector under a parking_lot mutex. The least that a shared pool can be; it cannot wait.

use crate::{Contender, NoopSession};
use parking_lot::Mutex;

pub struct Pool {
    idle: Mutex<Vec<NoopSession>>,
}

impl Contender for Pool {
    type Loan = NoopSession;

    fn create(sessions: u32) -> Self {
        Self { idle: Mutex::new((0..sessions).map(|id| NoopSession { id }).collect()) }
    }

    fn get(&self) -> Self::Loan {
        self.idle.lock().pop().expect("the anchor is never run with more threads than sessions")
    }

    fn release(&self, loan: Self::Loan) {
        self.idle.lock().push(loan);
    }

    fn id(loan: &Self::Loan) -> u32 {
        loan.id
    }
}
