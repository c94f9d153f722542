//! What a call returned: its status, its errors, and whether it kept the rules that hold for every call.

use std::fmt;

/// One error of a chain.
#[derive(Debug, Clone)]
pub struct ErrorRecord {
    pub status: i32,
    pub code: i32,
    pub message: String,
    pub is_session_dead: bool,
    pub is_transient: bool,
}

/// The status and the chain of errors of a call.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub status: i32,
    pub errors: Vec<ErrorRecord>,
    /// Rules of the interface that the call broke.
    pub flaws: Vec<String>,
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        self.status >= 0
    }

    pub fn code(&self) -> i32 {
        self.errors.first().map_or(0, |error| error.code)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        for error in &self.errors {
            write!(f, "\n      [{} / {}] {}", error.status, error.code, error.message)?;
        }
        Ok(())
    }
}
