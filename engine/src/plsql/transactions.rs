//! Transactions around PL/SQL: a block undoes itself when it fails, and autonomous routines have transactions of their own.

use crate::error::{Error, Result};
use crate::server_session::{ServerSession, Transaction};

/// Where the session's transaction was when a block began.
pub(super) struct Mark {
    open: bool,
    /// The transaction's number, or if none was open, how many there were.
    transaction: u64,
    savepoint: u64,
    savepoints: Vec<(String, u64)>,
}

/// The caller's transaction, while an autonomous routine runs.
pub(super) struct Caller {
    transaction: Transaction,
    /// Its connection, if it has changes: the routine must not see them.
    connection: Option<rusqlite::Connection>,
    beside: bool,
}

impl ServerSession {
    pub(super) fn mark(&mut self) -> Result<Mark> {
        let savepoints = self.transaction.savepoints.clone();
        self.transaction.savepoints_made += 1;
        let savepoint = self.transaction.savepoints_made;
        if self.transaction.open {
            self.sqlite(&format!("SAVEPOINT sp{savepoint}"))?;
            // No statement can name it: a NUL is in no name.
            self.transaction.savepoints.push((format!("\0{savepoint}"), savepoint));
        }
        let open = self.transaction.open;
        let transaction = if open { self.transaction.number } else { self.plsql.transactions };
        Ok(Mark { open, transaction, savepoint, savepoints })
    }

    /// Undoes what was done since the mark: back to it, or if transactions ended since, all of the one that is open.
    pub(super) fn back_to(&mut self, mark: Mark) -> Result<()> {
        if !self.transaction.open {
            return Ok(());
        }
        if !mark.open || self.transaction.number != mark.transaction {
            let began_after = !mark.open && self.transaction.number == mark.transaction + 1;
            self.rollback_transaction()?;
            if began_after {
                self.transaction.savepoints = mark.savepoints;
            }
            return Ok(());
        }
        // ROLLBACK TO an outer savepoint took the mark's own away: the last that is still there is as far as can be gone back.
        let is_older = |number: u64| mark.savepoints.iter().any(|(_, known)| *known == number);
        let target = self
            .transaction
            .savepoints
            .iter()
            .rev()
            .map(|(_, number)| *number)
            .find(|number| *number == mark.savepoint || is_older(*number));
        let Some(target) = target else { return self.rollback_transaction() };
        self.sqlite(&format!("ROLLBACK TO sp{target}"))?;
        if target == mark.savepoint {
            self.sqlite(&format!("RELEASE sp{target}"))?;
            self.transaction.savepoints = mark.savepoints;
        } else if let Some(position) =
            self.transaction.savepoints.iter().position(|(_, number)| *number == target)
        {
            self.transaction.savepoints.truncate(position + 1);
        }
        Ok(())
    }

    /// Forgets the mark of a block that succeeded.
    pub(super) fn forget(&mut self, mark: &Mark) -> Result<()> {
        // SQLite releases all later savepoints with it, so it stays under those that the block set.
        let is_last = self.transaction.savepoints.last().is_some_and(|(_, number)| *number == mark.savepoint);
        if self.transaction.open && mark.open && is_last {
            self.sqlite(&format!("RELEASE sp{}", mark.savepoint))?;
            self.transaction.savepoints.pop();
        }
        Ok(())
    }

    /// Puts the caller's transaction aside.
    pub(super) fn begin_autonomous(&mut self) -> Caller {
        let fresh =
            Transaction { savepoints_made: self.transaction.savepoints_made, ..Transaction::default() };
        let transaction = std::mem::replace(&mut self.transaction, fresh);
        let beside = transaction.open;
        let connection = if beside { self.shared.connection.lock().take() } else { None };
        self.plsql.beside += u32::from(beside);
        Caller { transaction, connection, beside }
    }

    /// Takes the caller's transaction up again. ORA-06519 if the routine left one open, which is rolled back.
    pub(super) fn end_autonomous(&mut self, caller: Caller) -> Result<()> {
        let left_open = self.transaction.open;
        let outcome = self.rollback_transaction();
        let savepoints_made = self.transaction.savepoints_made;
        self.transaction = Transaction { savepoints_made, ..caller.transaction };
        if caller.beside {
            *self.shared.connection.lock() = caller.connection;
            self.plsql.beside = self.plsql.beside.saturating_sub(1);
        }
        outcome?;
        if left_open {
            return Err(Error::new(6519, "active autonomous transaction detected and rolled back"));
        }
        Ok(())
    }
}
