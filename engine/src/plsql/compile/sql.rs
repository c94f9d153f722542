//! SQL inside a unit: variables become binds, and the rest is what the engine's translator understands.

use std::sync::Arc;

use super::scope::Item;
use super::sql_names::{OwnNames, Places, dotted, is_operand_place};
use super::{Compiler, Result};
use crate::datum::Type;
use crate::error::Error;
use crate::plan::Action;
use crate::plsql::ast::{Expr, ExprKind, Ident, SqlText};
use crate::plsql::code::{Instruction, SqlResult};
use crate::plsql::parse::reference_at;
use crate::plsql::source::At;
use crate::plsql::types::Kind;
use crate::scanner::{Token, TokenKind, scan};

impl Compiler<'_> {
    pub(super) fn sql_statement(&mut self, at: At, text: &SqlText) -> Result<()> {
        match &text.into {
            None => {
                self.query(text, SqlResult::Count)?;
                Ok(())
            }
            Some(into) => {
                let columns = self.query(text, SqlResult::Row(into.targets.len()))?;
                if columns.len() != into.targets.len() {
                    let (code, meaning) = if columns.len() > into.targets.len() {
                        (947, "not enough values")
                    } else {
                        (913, "too many values")
                    };
                    return Err(self.error(at, format_args!("PL/SQL: ORA-{code:05}: {meaning}")));
                }
                for (reference, (_, kind)) in into.targets.iter().zip(&columns).rev() {
                    let place = self.target(reference)?;
                    let kind = if *kind == Type::Unknown { Kind::Any } else { Kind::Scalar(*kind) };
                    self.store(reference.at(), &kind, &place)?;
                }
                Ok(())
            }
        }
    }

    /// The instruction that runs the statement, after its binds; a query's columns.
    pub(super) fn query(&mut self, text: &SqlText, result: SqlResult) -> Result<Vec<(String, Type)>> {
        let (sql, binds) = self.with_binds(text)?;
        let refused = |error: Error| self.error(text.start, format_args!("PL/SQL: {}", error.message));
        let plan =
            crate::translate::plan_in(&sql, self.context, self.catalogue, &self.schema).map_err(refused)?;
        let columns = match &plan.action {
            Action::Query(query) => query
                .columns
                .iter()
                .map(|column| column.name.clone())
                .zip(query.types.iter().copied())
                .collect(),
            _ => Vec::new(),
        };
        self.emit(text.start, Instruction::Sql { text: Arc::from(sql), binds, result })?;
        Ok(columns)
    }

    /// The statement with a bind for each variable, whose values come to the stack in order.
    fn with_binds(&mut self, sql: &SqlText) -> Result<(String, usize)> {
        let text = self.text;
        let slice = text.get(sql.start..sql.end).ok_or_else(super::internal)?;
        let tokens = scan(slice)?;
        let own = self.own_names(&tokens);
        let into = sql.into.as_ref().map(|into| (into.start - sql.start, into.end - sql.start));
        let mut out = String::new();
        let mut copied = 0;
        let mut binds = 0;
        let mut places = Places { open: vec![(false, false)] };
        // Before VALUES an INSERT has columns, and in VALUES none is in sight: there a name is a variable.
        let mut insert_head = tokens.first().is_some_and(|token| token.is("INSERT"));
        let mut in_values = false;
        let mut ordering = false;
        let none = OwnNames::default();
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            if insert_head && token.is("VALUES") {
                (insert_head, in_values) = (false, true);
            } else if token.is("SELECT") || token.is("WITH") {
                (insert_head, in_values) = (false, false);
            }
            ordering |= token.is("ORDER");
            if let Some((_, end)) = into.filter(|(start, end)| (*start..*end).contains(&token.start)) {
                out.push_str(slice.get(copied..token.start.max(copied)).unwrap_or_default());
                copied = copied.max(end);
                index += 1;
                continue;
            }
            let before = index.checked_sub(1).and_then(|before| tokens.get(before));
            places.enter(token, before);
            let rest = tokens.get(index..).unwrap_or_default();
            let used = if token.is_symbol(":") && rest.len() > 1 {
                self.sql_bind(rest, sql.start)?
            } else if !insert_head && is_operand_place(before) && !places.takes_tables() {
                let sorted = ordering && token.identifier().is_some_and(|name| own.aliases.contains(&name));
                let known = if in_values { &none } else { &own };
                if sorted { 0 } else { self.variable_in_sql(rest, sql.start, known, in_values)? }
            } else {
                0
            };
            if used == 0 {
                index += 1;
                continue;
            }
            binds += 1;
            out.push_str(slice.get(copied..token.start).unwrap_or_default());
            out.push_str(&format!(":B{binds} "));
            copied = tokens.get(index + used - 1).map_or(slice.len(), Token::end);
            index += used;
        }
        out.push_str(slice.get(copied..).unwrap_or_default());
        Ok((out, binds))
    }

    /// A bind of the block inside its SQL.
    fn sql_bind(&mut self, rest: &[Token<'_>], base: At) -> Result<usize> {
        let Some(first) = rest.first() else { return Ok(0) };
        let Some(name) = rest.get(1).filter(|token| token.kind != TokenKind::Symbol) else { return Ok(0) };
        let name_text = name.identifier().unwrap_or_else(|| name.text.to_owned());
        let number = self.bind_names.iter().position(|known| *known == name_text);
        let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
            return Err(
                self.error(base + first.start, format_args!("PLS-00049: bad bind variable '{name_text}'"))
            );
        };
        self.bind(number, base + first.start)?;
        Ok(2)
    }

    /// Puts the value of the variable that is named here on the stack; how many tokens it took, 0 if there is none.
    ///
    /// In VALUES, where there is one row and no column, a stored function is called beforehand too. Elsewhere SQL would call it for each
    /// row, which the engine does not have.
    fn variable_in_sql(
        &mut self,
        rest: &[Token<'_>],
        base: At,
        own: &OwnNames,
        in_values: bool,
    ) -> Result<usize> {
        let parts = dotted(rest, base);
        let Some(first) = parts.first() else { return Ok(0) };
        let is_own = if parts.len() == 1 {
            own.columns.contains(&first.text)
        } else {
            own.tables.contains(&first.text)
        };
        if is_own {
            return Ok(0);
        }
        let names: Vec<&Ident> = parts.iter().collect();
        let found = match self.find_declared(&names) {
            Some((item, _)) => Some(item),
            None if parts.len() > 1 || in_values => self.find(&names)?.map(|(item, _)| item),
            None => None,
        };
        let has_value = match &found {
            Some(Item::Variable { .. } | Item::Record(_)) => true,
            Some(Item::Subprogram { signature, .. }) => in_values && signature.returns.is_some(),
            _ => false,
        };
        if !has_value {
            return Ok(0);
        }
        let (reference, used) = reference_at(self.text, rest, base, self.bind_names)?;
        let at = reference.at();
        let kind = self.expression(&Expr { at, kind: ExprKind::Reference(reference) })?;
        if let Kind::Boolean | Kind::Table(_) = kind {
            return Err(self.error(at, "PLS-00457: expressions have to be of SQL types"));
        }
        Ok(used)
    }
}
