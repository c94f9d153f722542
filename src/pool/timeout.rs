//! The error of a get that got no session in time: which of Oracle's numbers it is, what it waited for, and what
//! the pool looked like, so that the most common support question answers itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::pool::clock::Nanos;
use crate::pool::core::{Core, State};
use crate::pool::tally::count;

/// What a get waited for, or would have had to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitedFor {
    /// A loan to come back or a connect to be made.
    Session,
    /// A ping of the session that it had found.
    Ping,
    /// Nothing: the get mode is NOWAIT.
    NothingAllowed,
    /// Nothing: too many wait already.
    PlaceInQueue,
    /// Nothing: it might be the session that the get's own thread holds, because a session callback runs on it.
    Itself,
}

impl Core {
    /// Counts and makes the error of a get that began at `began` and gives up now.
    ///
    /// ORA-24459 where connects are under way, ORA-24457 where all that could be had is on loan, ORA-24496 where
    /// the get was not allowed to wait at all. Source: Oracle's error messages for the three numbers.
    pub(crate) fn timeout_error(&self, state: &State, waited_for: WaitedFor, began: Nanos) -> Error {
        count(if waited_for == WaitedFor::PlaceInQueue {
            &self.tally.rejected
        } else {
            &self.tally.timeouts
        });
        let connecting = state.connects.len();
        let waited = Duration::from_nanos(self.clock.now().saturating_sub(began));
        let (code, what) = match waited_for {
            WaitedFor::PlaceInQueue => {
                (24496, "as many gets as WAITERS_MAX allows are waiting already".to_owned())
            }
            WaitedFor::Ping => {
                (24457, format!("waited {waited:.1?} for a session, at last for the ping of an idle one"))
            }
            WaitedFor::Itself => (
                24496,
                "a get inside a session callback of the same pool, which waits for a loan only with a deadline".to_owned(),
            ),
            WaitedFor::NothingAllowed if connecting > 0 => {
                (24459, "NOWAIT: sessions are being made, for other gets".to_owned())
            }
            WaitedFor::NothingAllowed => (24496, "NOWAIT: all sessions are on loan".to_owned()),
            WaitedFor::Session if connecting > 0 => (24459, format!("waited {waited:.1?} for a connect")),
            WaitedFor::Session => (24457, format!("waited {waited:.1?} for a session to be released")),
        };
        let text = format!("ORA-{code:05}: no session in time: {what}; {}", self.describe(state));
        let error = Error::new(Kind::Timeout, code, text);
        let error = match &state.last_connect_error {
            Some(cause) => error.caused_by(cause.clone()),
            None => error,
        };
        self.note_timeout(waited_for == WaitedFor::PlaceInQueue, &error);
        error
    }

    /// How many sessions are in which state, and how long the oldest loan has lasted.
    pub(crate) fn describe(&self, state: &State) -> String {
        let counts = self.count_sessions(state);
        let mut text = format!(
            "sessions open: {} of at most {} (busy: {}, idle: {}), being made: {}, gets waiting: {}",
            counts.open,
            state.settings.sessions_max,
            counts.busy,
            counts.idle,
            counts.connecting,
            counts.waiting
        );
        if let Some((age, context)) = self.oldest_loan() {
            text.push_str(&format!(", oldest loan: {:.1?}", Duration::from_nanos(age)));
            if let Some(context) = context {
                text.push_str(&format!(" (by {context})"));
            }
        }
        text
    }

    /// Age and context of the loan that has lasted longest.
    pub(crate) fn oldest_loan(&self) -> Option<(Nanos, Option<std::sync::Arc<str>>)> {
        let on_loan = self.places.iter().filter(|(_, place)| place.slot.look().0.is_on_loan());
        let (_, place) = on_loan.min_by_key(|(_, place)| place.slot.loaned_at.load(Ordering::Relaxed))?;
        let age = self.clock.now().saturating_sub(place.slot.loaned_at.load(Ordering::Relaxed));
        Some((age, place.context_of(place.slot.look().1)))
    }
}
