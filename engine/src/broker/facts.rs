//! What the views show of the broker.

use std::time::Instant;

use super::pool::{Counts, Pool, Status};
use super::{Broker, Config, LineFacts};

/// A pool as the views show it.
pub(crate) struct PoolFacts {
    pub(crate) name: String,
    pub(crate) active: bool,
    pub(crate) config: Config,
    pub(crate) open: u64,
    pub(crate) busy: u64,
    pub(crate) totals: Counts,
    pub(crate) purged: u64,
    pub(crate) most_open: u64,
    /// By user and class.
    pub(crate) classes: Vec<((String, String), Counts)>,
    pub(crate) lines: Vec<LineStatus>,
}

/// A connection as the views show it.
pub(crate) struct LineStatus {
    pub(crate) facts: std::sync::Arc<LineFacts>,
    pub(crate) status: &'static str,
    /// Seconds that it has been in this state.
    pub(crate) seconds: u64,
    pub(crate) attaches: u64,
    pub(crate) serial: Option<u32>,
    pub(crate) tag: Option<String>,
}

impl Broker {
    /// All pools by name, as they are now.
    pub(crate) fn pools(&self) -> Vec<PoolFacts> {
        self.with(|state, _| state.pools.values().map(facts_of).collect())
    }
}

fn facts_of(pool: &Pool) -> PoolFacts {
    PoolFacts {
        name: pool.name.clone(),
        active: pool.status == Status::Started,
        config: pool.config.clone(),
        open: pool.open() as u64,
        busy: pool.busy.len() as u64,
        totals: pool.totals(),
        purged: pool.purged,
        most_open: pool.most_open as u64,
        classes: pool.classes.iter().map(|(key, counts)| (key.clone(), *counts)).collect(),
        lines: pool.lines.keys().filter_map(|line| line_status(pool, *line)).collect(),
    }
}

fn line_status(pool: &Pool, line: u64) -> Option<LineStatus> {
    let member = pool.lines.get(&line)?;
    let busy = pool.busy.get(&line);
    let session = busy.and_then(|busy| busy.session.as_ref());
    let status = if member.facts.control.is_ended() {
        "CLOSING"
    } else if pool.waits(line) {
        "WAITING"
    } else if busy.is_some() {
        "ACTIVE"
    } else {
        "IDLE"
    };
    Some(LineStatus {
        facts: std::sync::Arc::clone(&member.facts),
        status,
        seconds: Instant::now().saturating_duration_since(member.since).as_secs(),
        attaches: member.attaches,
        serial: session.map(|session| session.serial()),
        tag: session.and_then(|session| session.tag.lock().clone()),
    })
}
