//! What is wrong with a connect string: where, and what would be right.

use std::ops::Range;

use crate::error::{Error, Kind};

/// Enough of a wrong value to know it by.
const SHOWN_LIMIT: usize = 40;

/// What is wrong with a value, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The number that Oracle has for it; 0 = none.
    pub(super) code: i32,
    /// What would be right. It has nothing of the value, which may be a secret.
    pub(super) what: &'static str,
}

impl Complaint {
    pub(super) fn plain(what: &'static str) -> Complaint {
        Complaint { code: 0, what }
    }

    pub(super) fn oracle(code: i32, what: &'static str) -> Complaint {
        Complaint { code, what }
    }

    /// The error; `where_` says in which text and where in it.
    pub(super) fn into_error(self, where_: &str) -> Error {
        let number = if self.code == 0 { String::new() } else { format!("ORA-{:05}: ", self.code) };
        let text = format!("{number}{where_}: {}", self.what);
        Error::new(Kind::InvalidArgument, self.code, text)
    }

    pub(super) fn at(self, at: Range<usize>) -> Fault {
        Fault { at, complaint: self }
    }
}

/// A complaint and the bytes that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) complaint: Complaint,
}

impl Fault {
    /// The error; `place` names the text and the byte. The bytes are shown, unless `text` may have a password in it.
    pub(super) fn into_error(self, text: &str, place: &str) -> Error {
        let part = text.get(self.at).unwrap_or("");
        let shown = match part {
            "" => String::new(),
            _ if text.contains('@') => String::new(),
            part => format!(" (`{}`)", shortened(part)),
        };
        self.complaint.into_error(&format!("{place}{shown}"))
    }
}

fn shortened(part: &str) -> String {
    let dots = if part.chars().nth(SHOWN_LIMIT).is_some() { "…" } else { "" };
    let shown: String = part.chars().take(SHOWN_LIMIT).flat_map(char::escape_debug).collect();
    shown + dots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, at: Range<usize>) -> String {
        Complaint::plain("what is right").at(at).into_error(text, "here").message().to_owned()
    }

    #[test]
    fn the_wrong_part_is_shown_and_no_more() {
        assert_eq!(message("abcdef", 2..4), "here (`cd`): what is right");
        assert_eq!(message("abcdef", 2..2), "here: what is right");
        assert_eq!(message("a\nb", 0..3), "here (`a\\nb`): what is right");
        let long = "x".repeat(50);
        assert_eq!(message(&long, 0..50), format!("here (`{}…`): what is right", &long[..40]));
    }

    #[test]
    fn nothing_is_shown_of_a_text_with_a_password() {
        assert_eq!(message("u/p@abcdef", 2..4), "here: what is right");
    }

    #[test]
    fn a_number_stands_in_front() {
        let error = Complaint::oracle(24545, "what is right").at(0..1).into_error("x", "here");
        assert_eq!(error.message(), "ORA-24545: here (`x`): what is right");
        assert_eq!((error.kind(), error.code()), (Kind::InvalidArgument, 24545));
    }
}
