//! What has happened in a pool since it was created. Events alone: how many sessions are open, busy or idle is
//! read off the slots (`snapshot.rs`), and so are the gets and releases.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::pool::histogram::Histogram;

/// Counters of events off the hot path. Each is exact; two of them read together need not agree.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "each is named as in the statistics, which describe it")]
pub(crate) struct Tally {
    pub(crate) gets_new: AtomicU64,
    pub(crate) gets_tag_exact: AtomicU64,
    pub(crate) gets_tag_superset: AtomicU64,
    pub(crate) gets_tag_partial: AtomicU64,
    /// Loans that ended before anybody was given the session: a fix-up or a callback failed.
    pub(crate) undone: AtomicU64,
    pub(crate) fixups: AtomicU64,
    pub(crate) fixup_failures: AtomicU64,
    pub(crate) callbacks: AtomicU64,
    pub(crate) callback_failures: AtomicU64,
    pub(crate) timeouts: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) drops: AtomicU64,
    pub(crate) connects: AtomicU64,
    pub(crate) connect_failures: AtomicU64,
    pub(crate) pings: AtomicU64,
    pub(crate) ping_failures: AtomicU64,
    pub(crate) closed_idle: AtomicU64,
    pub(crate) closed_lifetime: AtomicU64,
    pub(crate) closed_uses: AtomicU64,
    pub(crate) closed_dead: AtomicU64,
    /// Sessions closed because the pool became smaller or was closed.
    pub(crate) closed_surplus: AtomicU64,
    /// Sessions closed because their fix-up or callback failed.
    pub(crate) closed_unready: AtomicU64,
    pub(crate) evictions: AtomicU64,
    pub(crate) leaks: AtomicU64,
    /// How long gets that had to wait have waited; the sum is wait_ns_total.
    pub(crate) wait_time: Histogram,
    /// Waits that ended with a session.
    pub(crate) waits_granted: AtomicU64,
    pub(crate) wait_ns_max: AtomicU64,
    /// How long connects took that made a session; without those that failed.
    pub(crate) create_time: Histogram,
    pub(crate) peak_busy: AtomicU64,
    pub(crate) drcp_attaches: AtomicU64,
    pub(crate) drcp_session_changes: AtomicU64,
    /// The most places that were ever taken at once: no more sessions can have been on loan.
    pub(crate) most_places: AtomicU64,
}

/// One more of them, seen by nobody before what is counted.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Release);
}

/// `more` of them.
pub(crate) fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

impl Tally {
    /// A get has waited for `time` nanoseconds, whatever came of it.
    pub(crate) fn waited(&self, time: u64, is_granted: bool) {
        self.wait_time.observe(time);
        self.wait_ns_max.fetch_max(time, Ordering::Relaxed);
        if is_granted {
            count(&self.waits_granted);
        }
    }
}
