//! When the pool may try again to reach its minimum after a connect has failed.

use std::time::Duration;

use crate::error::Error;
use crate::pool::clock::{Nanos, nanos};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(30);

/// The pause between attempts that nobody asked for. It doubles with each failure, with some chance in it so that
/// many pools do not come back to a server all at once.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    pause: Duration,
    not_before: Nanos,
    /// The server refused the credentials: each further attempt would bring the account closer to being locked.
    gave_up: bool,
}

impl Backoff {
    /// A connect succeeded.
    pub(crate) fn reset(&mut self) {
        *self = Backoff::default();
    }

    /// A connect failed at `now`.
    pub(crate) fn failed(&mut self, error: &Error, now: Nanos) {
        self.gave_up = is_credential_error(error);
        self.pause = (self.pause * 2).clamp(FIRST, LONGEST);
        let spread = fastrand::f64() * 0.25;
        self.not_before = now.saturating_add(nanos(self.pause.mul_f64(1.0 + spread)));
    }

    /// When the next attempt may be made; none = not before somebody's get succeeds.
    pub(crate) fn next_attempt(&self) -> Option<Nanos> {
        (!self.gave_up).then_some(self.not_before)
    }
}

/// Whether the server refused who asked rather than the connection: ORA-01017, 28000 (locked), 28001 (expired).
pub(crate) fn is_credential_error(error: &Error) -> bool {
    matches!(error.code(), 1017 | 28000 | 28001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_a_limit_and_starts_over_after_a_success() {
        let error = Error::oracle(12541, "ORA-12541");
        let mut backoff = Backoff::default();
        let mut last = 0;
        for _ in 0..12 {
            backoff.failed(&error, 0);
            let next = backoff.next_attempt().unwrap();
            assert!(next >= last.min(nanos(LONGEST)) && next <= nanos(LONGEST.mul_f64(1.25)));
            last = next;
        }
        backoff.reset();
        assert_eq!(backoff.next_attempt(), Some(0));
    }

    #[test]
    fn refused_credentials_are_not_tried_again() {
        let mut backoff = Backoff::default();
        backoff.failed(&Error::oracle(1017, "ORA-01017"), 0);
        assert_eq!(backoff.next_attempt(), None);
    }
}
