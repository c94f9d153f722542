//! Places in a unit's text, and the errors that name them.

use std::fmt::Display;

use crate::error::Error;

/// A byte offset into the unit's text.
pub(crate) type At = usize;

/// Line and column of a place, both from 1; columns count characters.
pub(crate) fn line_and_column(text: &str, at: At) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before.get(start..).unwrap_or_default().chars().count() + 1)
}

/// ORA-06550 for a place: `message` starts with its own number, such as `PLS-00201: …`.
pub(crate) fn compile_error(text: &str, at: At, message: impl Display) -> Error {
    let (line, column) = line_and_column(text, at);
    Error::new(6550, format_args!("line {line}, column {column}:\n{message}"))
}

/// Where the lines of a text start, to find the line of an offset by a search.
pub(crate) struct Lines(Vec<At>);

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    pub(crate) fn line(&self, at: At) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }
}
