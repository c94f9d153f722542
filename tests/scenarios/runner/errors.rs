//! What went wrong in a scenario: with the library, or with the scenario itself.

use std::fmt;

/// Why a step failed.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub type Checked<T = ()> = Result<T, Failure>;

/// Several checks of one result: all of their findings show, not only the first.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    pub fn note(&mut self, finding: String) {
        self.0.push(finding);
    }

    pub fn equal<T: PartialEq + fmt::Debug>(&mut self, what: &str, actual: T, expected: T) {
        if actual != expected {
            self.note(format!("{what}: expected {expected:?}, came {actual:?}"));
        }
    }

    pub fn into_result(self) -> Checked {
        if self.0.is_empty() { Ok(()) } else { Err(Failure(self.0.join("\n"))) }
    }
}

/// A failure with this text.
pub fn failure<T>(text: impl Into<String>) -> Checked<T> {
    Err(Failure(text.into()))
}
