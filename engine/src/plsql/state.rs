//! What PL/SQL keeps for a session between calls.

use std::collections::HashMap;
use std::sync::Arc;

use super::packages::Output;
use super::value::Value;
use crate::catalogue::{Catalogue, Name};
use crate::error::{Error, Result};

/// Blocks that run blocks, at most: Oracle's own limit.
const DEEPEST_BLOCKS: u32 = 50;

#[derive(Default)]
pub(crate) struct State {
    pub(super) packages: HashMap<Name, PackageState>,
    pub(super) output: Output,
    /// SQL%ROWCOUNT: of the last SQL statement of the session's PL/SQL.
    pub(super) row_count: Option<u64>,
    /// DBMS_SESSION.RESET_PACKAGE was called: the packages are new after this call.
    pub(super) reset_packages: bool,
    /// Transactions that the session began.
    pub(crate) transactions: u64,
    /// Autonomous routines that run beside an open transaction of their callers, which holds the write lock.
    pub(super) beside: u32,
    /// Stored units that run now, as often as they do.
    pub(super) active: Vec<Arc<Name>>,
    running: u32,
}

/// A package that the session uses: its variables.
pub(super) struct PackageState {
    pub(super) stamp: u64,
    pub(super) values: Vec<Value>,
}

impl State {
    /// Forgets the packages that the session itself replaced or dropped. Other sessions are told by ORA-04068.
    pub(crate) fn forget_replaced(&mut self, catalogue: &Catalogue) {
        self.packages.retain(|name, state| {
            catalogue.units.get(name).is_some_and(|stored| stored.stamp == state.stamp)
        });
    }

    /// ORA-04020 for a change of a unit that this session is running: its variables would be another unit's.
    pub(crate) fn check_not_running(&self, before: &Catalogue, after: &Catalogue) -> Result<()> {
        let stamp = |catalogue: &Catalogue, name: &Name| catalogue.units.get(name).map(|unit| unit.stamp);
        match self.active.iter().find(|name| stamp(before, name) != stamp(after, name)) {
            None => Ok(()),
            Some(name) => Err(Error::new(
                4020,
                format_args!("deadlock detected while trying to lock object {}.{}", name.schema, name.name),
            )),
        }
    }

    /// ORA-00060 where an autonomous routine would wait for its own caller.
    pub(crate) fn check_may_write(&self) -> Result<()> {
        if self.beside == 0 {
            return Ok(());
        }
        Err(Error::new(
            60,
            "deadlock detected while waiting for resource: an autonomous transaction cannot write while the transaction that \
             called it has changes; the embedded engine has one writer at a time",
        ))
    }

    pub(super) fn enter(&mut self) -> Result<()> {
        if self.running >= DEEPEST_BLOCKS {
            return Err(Error::new(
                36,
                format_args!("maximum number of recursive SQL levels ({DEEPEST_BLOCKS}) exceeded"),
            ));
        }
        self.running += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.running = self.running.saturating_sub(1);
        if self.running == 0 && std::mem::take(&mut self.reset_packages) {
            self.packages.clear();
            self.output = Output::default();
        }
    }
}
