//! SQL statements inside PL/SQL: where they end, and the INTO of a query.

use super::Parser;
use crate::error::Result;
use crate::plsql::ast::{Into, Reference, SqlText};

impl Parser<'_, '_> {
    /// A SQL statement up to its semicolon, which is taken too.
    pub(super) fn sql_statement(&mut self) -> Result<SqlText> {
        let is_query = self.is("SELECT") || self.is("WITH");
        let text = self.sql_until(";", is_query)?;
        self.expect(";")?;
        if is_query && text.into.is_none() {
            return Err(
                self.error(text.start, "PLS-00428: an INTO clause is expected in this SELECT statement")
            );
        }
        Ok(text)
    }

    /// SQL up to `end` outside of parentheses, which is not taken.
    pub(super) fn sql_until(&mut self, end: &str, may_have_into: bool) -> Result<SqlText> {
        let start = self.at();
        let mut open = 0_u32;
        let mut into = None;
        loop {
            let Some(token) = self.peek() else { return Err(self.unexpected(end)) };
            if open == 0 && token.is_symbol(end) {
                break;
            }
            if token.is_symbol(";") {
                return Err(self.unexpected(end));
            }
            if token.is("RETURNING") {
                return Err(self.unsupported(token.start, "RETURNING … INTO"));
            }
            if token.is("BULK") && self.is_ahead(1, "COLLECT") {
                return Err(self.unsupported(token.start, "BULK COLLECT"));
            }
            if may_have_into && open == 0 && token.is("INTO") && into.is_none() {
                into = Some(self.into()?);
                continue;
            }
            open = if token.is_symbol("(") {
                open + 1
            } else if token.is_symbol(")") {
                open.checked_sub(1).ok_or_else(|| self.unexpected(end))?
            } else {
                open
            };
            self.next += 1;
        }
        Ok(SqlText { start, end: self.last_end().max(start), into })
    }

    fn into(&mut self) -> Result<Into> {
        let start = self.at();
        let targets = self.targets()?;
        Ok(Into { start, end: self.last_end(), targets })
    }

    /// `INTO a, b`.
    pub(super) fn targets(&mut self) -> Result<Vec<Reference>> {
        self.expect("INTO")?;
        let mut targets = Vec::new();
        loop {
            if self.is(":") {
                return Err(self.bind_as_target());
            }
            targets.push(self.reference()?);
            if !self.accept(",") {
                return Ok(targets);
            }
        }
    }
}
