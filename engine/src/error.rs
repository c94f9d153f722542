//! The error of every engine call: an ORA number and a text that starts with it.

use std::fmt;

/// An error of the engine, with an Oracle error number. Its text never holds a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The ORA number, for instance 1017 for ORA-01017.
    pub code: i32,
    /// The text; it starts with the number, as in `ORA-01017: …`.
    pub message: String,
}

impl Error {
    /// An error with this number; `text` is what follows `ORA-nnnnn: `.
    #[must_use]
    pub fn new(code: i32, text: impl fmt::Display) -> Self {
        Self { code, message: format!("ORA-{code:05}: {text}") }
    }

    /// What Oracle has and this engine has not: ORA-03001, naming it.
    pub(crate) fn unimplemented(what: impl fmt::Display) -> Self {
        Self::new(3001, format_args!("unimplemented feature: the embedded engine does not have {what}"))
    }

    /// Reads an error back from the text that a SQL function handed to SQLite.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("ORA-")?.get(..5)?;
        let code = digits.parse().ok()?;
        Some(Self { code, message: text.to_owned() })
    }

    /// The ORA number.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The whole text, number first.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the session that got this error can be used no more: killed, disconnected or not logged on.
    #[must_use]
    pub fn session_dead(&self) -> bool {
        matches!(self.code, 28 | 1012 | 2396 | 3113 | 3114)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What the engine's own calls return.
pub(crate) type Result<T> = std::result::Result<T, Error>;
