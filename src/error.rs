//! What went wrong, told once and carried through every floor: a kind, an ORA number, a text and the cause.
//!
//! This file knows nothing of C; `capi` turns a [`Kind`] into a status.

use std::fmt;
use std::sync::Arc;

/// What sort of failure an [`Error`] is. A caller decides on the kind what to do; the text is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The database or its client refused; [`Error::code`] is the ORA number.
    Oracle,
    /// The work was done, and something about it should be known (ORA-24414, ORA-24417, and what a log-on is warned of).
    Warning,
    /// An argument, an attribute value or a combination of them is not allowed.
    InvalidArgument,
    /// A handle that was never ours, or is used up.
    InvalidHandle,
    /// No session in time (ORA-24457, ORA-24459, ORA-24496).
    Timeout,
    /// The pool is closed or closing (ORA-24461).
    Closed,
    /// Not known to this library, or not possible with this driver.
    Unsupported,
    /// A pool of that name exists with other attributes.
    Conflict,
    /// The application's session callback said that it failed.
    CallbackFailed,
    /// The request was called off.
    Cancelled,
}

/// The ORA numbers after which a session is of no more use, whatever the server thinks of it.
///
/// Source: the list that ODPI-C keeps in `dpiError.c` (26 numbers), and 600, which the drivers for Python and
/// Node.js add to it.
pub const DEAD_SESSION_CODES: [i32; 27] = [
    22, 28, 31, 45, 378, 600, 602, 603, 609, 1012, 1041, 1043, 1089, 1092, 2396, 3113, 3114, 3122, 3135,
    12153, 12537, 12547, 12570, 12583, 27146, 28511, 56600,
];

/// ORA numbers after which a retry may help although the session may live: a server that starts, stops or is
/// full. Source: the list of recoverable errors in Oracle's driver for Python.
const RECOVERABLE_CODES: [i32; 9] = [376, 1033, 1034, 1090, 1115, 12514, 12571, 12757, 16456];

/// A failure or a warning. Cheap to clone: the cause is shared.
#[derive(Debug, Clone)]
pub struct Error {
    kind: Kind,
    code: i32,
    message: String,
    cause: Option<Arc<Error>>,
}

impl Error {
    /// An error of `kind` with ORA number `code` (0 = none) and a text for people, which must hold no password.
    pub fn new(kind: Kind, code: i32, message: impl Into<String>) -> Self {
        Error { kind, code, message: message.into(), cause: None }
    }

    /// An error of the database: `message` begins with its ORA number, as Oracle's own texts do.
    pub fn oracle(code: i32, message: impl Into<String>) -> Self {
        Error::new(Kind::Oracle, code, message)
    }

    /// An argument that can not be used; `message` says what would be right.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Error::new(Kind::InvalidArgument, 0, message)
    }

    /// A wish that this build or this driver can not fulfil.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Error::new(Kind::Unsupported, 0, message)
    }

    /// The pool is closed or closing: ORA-24461.
    pub fn closed() -> Self {
        Error::new(Kind::Closed, 24461, "ORA-24461: the session pool is closed or is being closed")
    }

    /// The handle is stale: never ours, already released, or closed.
    pub fn invalid_handle(message: impl Into<String>) -> Self {
        Error::new(Kind::InvalidHandle, 0, message)
    }

    /// The same error with `cause` chained behind it.
    #[must_use]
    pub fn caused_by(mut self, cause: Error) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// The same error with `last` at the end of its chain, behind its own causes.
    #[must_use]
    pub fn followed_by(mut self, last: Error) -> Self {
        let rest = match self.cause.take() {
            Some(cause) => Arc::unwrap_or_clone(cause).followed_by(last),
            None => last,
        };
        self.caused_by(rest)
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The ORA number, 24496 for ORA-24496; 0 = none.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The text for people. Never holds a password.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What led to it, if that is known.
    pub fn cause(&self) -> Option<&Error> {
        self.cause.as_deref()
    }

    /// Whether the session that met this error can be of no more use.
    pub fn is_session_dead(&self) -> bool {
        matches!(self.kind, Kind::Oracle) && DEAD_SESSION_CODES.contains(&self.code)
            || self.cause().is_some_and(|cause| self.kind == Kind::Oracle && cause.is_session_dead())
    }

    /// Whether the same call may succeed when it is made again later, on another session.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            Kind::Timeout => true,
            Kind::Oracle => {
                self.is_session_dead()
                    || RECOVERABLE_CODES.contains(&self.code)
                    || matches!(self.code, 12541 | 12170 | 30006)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_session_list_is_sorted_and_complete() {
        assert!(DEAD_SESSION_CODES.is_sorted());
        for code in DEAD_SESSION_CODES {
            assert!(Error::oracle(code, "").is_session_dead(), "ORA-{code:05}");
        }
        assert!(!Error::oracle(1013, "").is_session_dead());
        assert!(!Error::new(Kind::Timeout, 3113, "").is_session_dead());
    }

    #[test]
    fn what_follows_comes_last_in_the_chain() {
        let error = Error::oracle(1, "").caused_by(Error::oracle(2, "")).followed_by(Error::oracle(3, ""));
        let codes = std::iter::successors(Some(&error), |error| error.cause()).map(Error::code);
        assert_eq!(codes.collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn an_error_whose_cause_killed_the_session_killed_it_too() {
        let error = Error::oracle(56610, "fix-up").caused_by(Error::oracle(28, "killed"));
        assert!(error.is_session_dead() && error.is_transient());
        let timeout = Error::new(Kind::Timeout, 24457, "").caused_by(Error::oracle(28, "killed"));
        assert!(!timeout.is_session_dead(), "no session was met");
    }
}
