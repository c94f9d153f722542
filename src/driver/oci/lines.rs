//! A session pool of OCI, and how many of our sessions have a line in it.
//!
//! Over pooled servers OCI's pool keeps the lines of our sessions while they have no server. Which line is whose does not
//! matter, but there shall be no more of them than sessions. There can be for a while: an attach that finds none idle, because
//! a connect looks at them or an attach that was given up has one, makes OCI open another.

use oracle::Connection;
use oracle::conn::CloseMode;
use oracle::pool::{Pool, PoolOptions};
use parking_lot::Mutex;

use crate::driver::oci::log_on::Source;
use crate::error::Error;

pub(super) struct Lines {
    pool: Pool,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// Sessions over pooled servers alone: OCI's pool never has a dedicated one that is idle.
    sessions: u32,
    /// Lines that somebody is about to end.
    ending: u32,
}

impl Lines {
    pub(super) fn new(pool: Pool) -> Lines {
        Lines { pool, counts: Mutex::default() }
    }

    pub(super) fn get(&self, options: &PoolOptions) -> oracle::Result<Connection> {
        self.pool.get_with_options(options)
    }

    /// One more session has a line.
    pub(super) fn join(&self) {
        self.counts.lock().sessions += 1;
    }

    /// One session fewer has.
    pub(super) fn leave(&self) {
        let mut counts = self.counts.lock();
        counts.sessions = counts.sessions.saturating_sub(1);
    }

    /// How many lines OCI's pool has, and how many of these are idle. What it can not tell it does not have.
    fn open_and_idle(&self) -> (u32, u32) {
        let open = self.pool.open_count().unwrap_or(0);
        (open, open.saturating_sub(self.pool.busy_count().unwrap_or(open)))
    }

    /// Whether every line is some session's.
    fn are_all_taken(&self) -> bool {
        self.open_and_idle().0 <= self.counts.lock().sessions
    }

    /// Whether the caller is to end an idle line, which is nobody's.
    fn begin_end(&self) -> bool {
        let mut counts = self.counts.lock();
        let is_one_too_many = self.is_one_too_many(&counts);
        counts.ending += u32::from(is_one_too_many);
        is_one_too_many
    }

    /// Whether there is an idle line to be ended.
    pub(super) fn has_surplus(&self) -> bool {
        self.is_one_too_many(&self.counts.lock())
    }

    fn is_one_too_many(&self, counts: &Counts) -> bool {
        let (open, idle) = self.open_and_idle();
        idle > 0 && open > counts.sessions + counts.ending
    }

    fn finish_end(&self) {
        self.counts.lock().ending -= 1;
    }
}

/// A line for one session more. It authenticates, for the idle lines are those of other sessions.
pub(super) fn new_line(source: &Source) -> Result<Connection, Error> {
    // Held until there is a new one; then they go back.
    let mut others = Vec::new();
    loop {
        let connection = source.line()?;
        if connection.is_new_connection() || !source.lines().are_all_taken() {
            return Ok(connection);
        }
        others.push(connection);
    }
}

/// Ends the idle lines that are nobody's. What goes wrong is not told.
pub(super) fn end_surplus(source: &Source) {
    while source.lines().begin_end() {
        let connection = source.line();
        let was_idle = connection.as_ref().is_ok_and(|connection| !connection.is_new_connection());
        if let Ok(connection) = connection {
            let _ = connection.close_with_mode(CloseMode::Drop);
        }
        source.lines().finish_end();
        if !was_idle {
            // Those that are idle are for other users and classes, whose sessions will see to them.
            return;
        }
    }
}
