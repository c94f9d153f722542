//! Statistics: one consistent look at the slots, and the counters of events.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::pool::core::{Core, State};

/// Sessions by what they are doing, at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) open: u64,
    pub(crate) busy: u64,
    pub(crate) idle: u64,
    pub(crate) connecting: u64,
    pub(crate) waiting: u64,
    pub(crate) gets: u64,
}

/// What a pool looks like and what has happened in it. The fields and their order are those of the C API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Stats {
    /// Sessions that are open: `busy` and `idle` together.
    pub open: u64,
    /// Sessions on loan.
    pub busy: u64,
    /// Sessions open and not on loan.
    pub idle: u64,
    /// Sessions that are being made or are about to be.
    pub connecting: u64,
    /// Gets that wait for a session.
    pub waiting: u64,
    /// Gets that succeeded: always `releases + busy`.
    pub gets: u64,
    /// Of these, gets that found the very tag, its properties in whichever order.
    pub gets_tag_exact: u64,
    /// Of these, gets that found the tag with more properties.
    pub gets_tag_superset: u64,
    /// Of these, gets that took a session with another tag.
    pub gets_tag_partial: u64,
    /// Of these, gets that found an untagged session which had been on loan before.
    pub gets_untagged: u64,
    /// Of these, gets that found a session nobody had had.
    pub gets_new: u64,
    /// Gets that failed because there was no session in time.
    pub timeouts: u64,
    /// Gets that failed at once because too many were waiting.
    pub rejected: u64,
    /// Loans that ended, those that were dropped or whose session was dead among them.
    pub releases: u64,
    /// Releases that asked for the session to be closed.
    pub drops: u64,
    /// Sessions that were made.
    pub connects: u64,
    /// Sessions that could not be made.
    pub connect_failures: u64,
    /// Pings of idle sessions before they were handed out.
    pub pings: u64,
    /// Pings that were not answered.
    pub ping_failures: u64,
    /// PL/SQL fix-ups that ran.
    pub fixups: u64,
    /// PL/SQL fix-ups that failed; no gets.
    pub fixup_failures: u64,
    /// Session callbacks that ran.
    pub callbacks: u64,
    /// Session callbacks that failed; no gets.
    pub callback_failures: u64,
    /// Sessions closed because they were idle for too long.
    pub closed_idle: u64,
    /// Sessions closed because of their age.
    pub closed_lifetime: u64,
    /// Sessions closed because they had been lent often enough.
    pub closed_uses: u64,
    /// Sessions closed because they were dead.
    pub closed_dead: u64,
    /// Idle sessions that were replaced because a get needed another kind.
    pub evictions: u64,
    /// Loans that lasted longer than LEAK_AFTER_MS.
    pub leaks: u64,
    /// Time that gets have waited, in nanoseconds, all together.
    pub wait_ns_total: u64,
    /// The longest of these waits.
    pub wait_ns_max: u64,
    /// The most sessions that were on loan at once, as seen by gets that found their thread's last session taken.
    pub peak_busy: u64,
    /// Pooled servers that were attached.
    pub drcp_attaches: u64,
    /// Attaches that came upon another session than before.
    pub drcp_session_changes: u64,
}

/// Gets by what they found.
pub(crate) struct Kinds {
    undone: u64,
    new: u64,
    exact: u64,
    superset: u64,
    partial: u64,
}

impl Kinds {
    /// Gets that found something else than a used session without a tag.
    pub(crate) fn told_apart(&self) -> u64 {
        self.new + self.exact + self.superset + self.partial
    }
}

impl Core {
    /// Counts the sessions. Under the lock, so that only gets and releases that go the short way can change
    /// anything meanwhile; each slot's state and loan number are one word and never disagree.
    pub(crate) fn count_sessions(&self, state: &State) -> Counts {
        let mut counts = Counts {
            connecting: state.connects.len() as u64,
            waiting: state.waiters.len() as u64,
            ..Counts::default()
        };
        for (_, place) in self.places.iter() {
            let (slot_state, loans) = place.slot.count();
            counts.gets += loans - self.places.first_loan();
            counts.busy += u64::from(slot_state.is_on_loan());
            counts.idle += u64::from(slot_state.is_idle());
        }
        counts.open = counts.busy + counts.idle;
        counts
    }

    /// Gets by what they found, those that found no tag left out. Read before the loans are counted, of which each is
    /// one: so there are never more of them than gets.
    pub(crate) fn count_kinds(&self) -> Kinds {
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let tally = &self.tally;
        // Each slot's own, for gets that went the short way.
        let near: u64 = self.places.iter().map(|(_, place)| read(&place.slot.exact_loans)).sum();
        Kinds {
            undone: read(&tally.undone),
            new: read(&tally.gets_new),
            exact: read(&tally.gets_tag_exact) + near,
            superset: read(&tally.gets_tag_superset),
            partial: read(&tally.gets_tag_partial),
        }
    }

    /// The statistics of this moment.
    pub(crate) fn stats(&self) -> Stats {
        let state = self.lock();
        self.note_peak(&state);
        let kinds = self.count_kinds();
        let counts = self.count_sessions(&state);
        drop(state);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let tally = &self.tally;
        // A loan whose session was never handed out was no get.
        let gets = counts.gets.saturating_sub(kinds.undone);
        Stats {
            open: counts.open,
            busy: counts.busy,
            idle: counts.idle,
            connecting: counts.connecting,
            waiting: counts.waiting,
            gets,
            gets_tag_exact: kinds.exact,
            gets_tag_superset: kinds.superset,
            gets_tag_partial: kinds.partial,
            gets_untagged: gets.saturating_sub(kinds.told_apart()),
            gets_new: kinds.new,
            timeouts: read(&tally.timeouts),
            rejected: read(&tally.rejected),
            releases: gets.saturating_sub(counts.busy),
            drops: read(&tally.drops),
            connects: read(&tally.connects),
            connect_failures: read(&tally.connect_failures),
            pings: read(&tally.pings),
            ping_failures: read(&tally.ping_failures),
            fixups: read(&tally.fixups),
            fixup_failures: read(&tally.fixup_failures),
            callbacks: read(&tally.callbacks),
            callback_failures: read(&tally.callback_failures),
            closed_idle: read(&tally.closed_idle),
            closed_lifetime: read(&tally.closed_lifetime),
            closed_uses: read(&tally.closed_uses),
            closed_dead: read(&tally.closed_dead),
            evictions: read(&tally.evictions),
            leaks: read(&tally.leaks),
            wait_ns_total: tally.wait_time.read().sum,
            wait_ns_max: read(&tally.wait_ns_max),
            peak_busy: read(&tally.peak_busy),
            drcp_attaches: read(&tally.drcp_attaches),
            drcp_session_changes: read(&tally.drcp_session_changes),
        }
    }
}
