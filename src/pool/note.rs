//! What the pool notes of its life, each kind of event with its details. The places where it happens call these in a line.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::pool::attributes::{Attributes, Settings};
use crate::pool::clock::{Nanos, nanos};
use crate::pool::close::CloseMode;
use crate::pool::connects::{Connect, Purpose};
use crate::pool::core::{Core, Leaving};
use crate::pool::events::{Detail, Details, EventKind};
use crate::pool::place::Place;
use crate::pool::slot::Slot;
use crate::pool::tag::Tag;
use crate::pool::tally::count;
use crate::pool::tell::tell;
use crate::pool::waiters::Outcome;

fn ms(time: Nanos) -> Detail {
    Detail::Number(time / 1_000_000)
}

/// Number and text of an error. Texts of errors hold no password.
fn error_details(error: &Error) -> [(&'static str, Detail); 2] {
    [("code", Detail::Code(error.code())), ("message", error.message().into())]
}

/// How many loans the session in that slot has had.
fn loans_of(slot: &Slot) -> u64 {
    let connected_at = slot.connected_at_loan.load(std::sync::atomic::Ordering::Relaxed);
    slot.count().1.saturating_sub(connected_at)
}

impl Purpose {
    fn name(self) -> Detail {
        Detail::Name(match self {
            Purpose::Waiter => "get",
            Purpose::Growth => "increment",
            Purpose::Minimum => "minimum",
        })
    }
}

impl Leaving {
    /// As metrics and events tell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Leaving::Dropped => "dropped",
            Leaving::Unready => "unready",
            Leaving::Dead => "dead",
            Leaving::Lifetime => "lifetime",
            Leaving::Uses => "uses",
            Leaving::IdleTooLong => "idle",
            Leaving::Evicted => "evicted",
            Leaving::Surplus => "surplus",
        }
    }
}

impl Core {
    /// Notes an event, under the pool's lock or without it.
    fn note(&self, kind: EventKind, details: Details) {
        let event = self.events.add(self.clock.unix_ms(), kind, details);
        tell(&event, &self.told_as);
    }

    pub(crate) fn note_created(&self, settings: &Settings) {
        let sizes = [("sessions_min", settings.sessions_min), ("sessions_max", settings.sessions_max)];
        let details = sizes.map(|(name, size)| (name, Detail::Number(size as u64)));
        self.note(EventKind::PoolCreated, details.into());
        if let Some(class) = self.drcp.as_ref().and_then(|drcp| drcp.generated_class.as_deref()) {
            self.note(EventKind::GeneratedConnectionClass, vec![("class", class.into())]);
        }
    }

    /// The attributes by their names: none of those that can be changed is a secret.
    pub(crate) fn note_reconfigured(&self, changes: &Attributes) {
        let names: Vec<String> = changes.attrs().map(|attr| attr.name()).collect();
        self.note(EventKind::Reconfigured, vec![("changed", names.join(", ").as_str().into())]);
    }

    /// How many sessions are on loan.
    pub(crate) fn count_busy(&self) -> u64 {
        self.count_sessions(&self.lock()).busy
    }

    pub(crate) fn note_draining(&self, limit: Option<Duration>) {
        let limit = limit.map(|limit| ("limit_ms", ms(nanos(limit))));
        let busy = [("busy", self.count_busy().into())];
        self.note(EventKind::PoolDraining, busy.into_iter().chain(limit).collect());
    }

    /// `busy`: the loans that the close takes away.
    pub(crate) fn note_closed(&self, mode: CloseMode, busy: u64) {
        let mode = match mode {
            CloseMode::Default => "default",
            CloseMode::Drain(_) => "drain",
            CloseMode::Force => "force",
        };
        self.note(EventKind::PoolClosed, vec![("mode", Detail::Name(mode)), ("busy", busy.into())]);
    }

    /// A session was made in `took`, and maybe with a warning.
    pub(crate) fn note_connect(&self, connect: &Connect, took: Nanos, warning: Option<&Error>) {
        self.tally.create_time.observe(took);
        let session = connect.place.map(|index| ("session", u64::from(index).into()));
        let details = [("purpose", connect.purpose.name()), ("took_ms", ms(took))];
        self.note(EventKind::Connect, session.clone().into_iter().chain(details).collect());
        if let Some(warning) = warning {
            let details = session.into_iter().chain(error_details(warning));
            self.note(EventKind::LogonWarning, details.collect());
        }
    }

    pub(crate) fn note_connect_failed(&self, connect: &Connect, error: &Error) {
        let took = connect.started.map(|started| self.clock.now().saturating_sub(started));
        let details = [("purpose", connect.purpose.name())].into_iter();
        let took = took.map(|took| ("took_ms", ms(took)));
        self.note(EventKind::ConnectFailed, details.chain(took).chain(error_details(error)).collect());
    }

    /// Notes that the session of a place leaves, which still has its slot.
    pub(crate) fn note_session_closed(&self, index: u32, why: Leaving) {
        let loans = self.places.get(index).map_or(0, |place| loans_of(&place.slot));
        // Whatever else could be said of it: the pool takes all of its sessions with it.
        let is_pools_end = why == Leaving::Surplus && self.is_closing();
        let reason = if is_pools_end { "pool_closed" } else { why.name() };
        let details = vec![
            ("session", u64::from(index).into()),
            ("reason", Detail::Name(reason)),
            ("loans", loans.into()),
        ];
        self.note(EventKind::SessionClosed, details);
    }

    /// Notes what came of a ping of an idle session. True: it was answered.
    pub(crate) fn note_ping(&self, place: &Place, result: Result<(), Error>) -> bool {
        let Err(error) = result else { return true };
        let since = place.slot.idle_since.load(std::sync::atomic::Ordering::Relaxed);
        let idle = self.clock.now().saturating_sub(since);
        let details = [("session", u64::from(place.index).into()), ("idle_ms", ms(idle))];
        self.note(EventKind::PingFailed, details.into_iter().chain(error_details(&error)).collect());
        false
    }

    /// `wanted`: the tag that the session was to have.
    pub(crate) fn note_fixup_failed(&self, index: u32, wanted: Option<&Tag>, error: &Error) {
        count(&self.tally.fixup_failures);
        let wanted = wanted.map(|tag| ("wanted", String::from_utf8_lossy(tag.as_bytes()).as_ref().into()));
        let session = [("session", u64::from(index).into())].into_iter();
        self.note(EventKind::FixupFailed, session.chain(wanted).chain(error_details(error)).collect());
    }

    pub(crate) fn note_callback_failed(&self, index: u32, error: &Error) {
        count(&self.tally.callback_failures);
        let session = [("session", u64::from(index).into())].into_iter();
        self.note(EventKind::CallbackFailed, session.chain(error_details(error)).collect());
    }

    /// A loan of that place has lasted too long by `now`.
    pub(crate) fn note_leak(&self, place: &Place, generation: u32, now: Nanos) {
        let since = place.slot.loaned_at.load(std::sync::atomic::Ordering::Relaxed);
        let details = [("session", u64::from(place.index).into()), ("age_ms", ms(now.saturating_sub(since)))];
        let context = place.context_of(generation).map(|context| ("context", context.as_ref().into()));
        self.note(EventKind::Leak, details.into_iter().chain(context).collect());
    }

    /// A get that began at `began` has waited, and how that ended.
    pub(crate) fn note_wait(
        &self,
        began: Nanos,
        context: Option<&Arc<str>>,
        outcome: Result<&Outcome, &Error>,
    ) {
        let waited = self.clock.now().saturating_sub(began);
        let is_granted = matches!(outcome, Ok(Outcome::Lent(..) | Outcome::Offered(_)));
        self.tally.waited(waited, is_granted);
        let limit = self.events.wait_limit();
        if waited < limit {
            return;
        }
        let outcome = Detail::Name(if is_granted { "session" } else { "error" });
        let details = [("waited_ms", ms(waited)), ("limit_ms", ms(limit)), ("outcome", outcome)];
        let context = context.map(|context| ("context", context.as_ref().into()));
        self.note(EventKind::WaitOverLimit, details.into_iter().chain(context).collect());
    }

    /// A get failed with a time-out, or was turned away.
    pub(crate) fn note_timeout(&self, is_rejected: bool, error: &Error) {
        let kind = if is_rejected { EventKind::Rejected } else { EventKind::Timeout };
        let cause = error.cause().map(|cause| ("cause", cause.message().into()));
        self.note(kind, error_details(error).into_iter().chain(cause).collect());
    }

    /// The name under which metrics and logs tell of the pool: its own, or one made of its number.
    pub(crate) fn told_as(name: Option<&str>, number: u16) -> Arc<str> {
        name.map_or_else(|| Arc::from(format!("unnamed-{number}")), Arc::from)
    }
}
