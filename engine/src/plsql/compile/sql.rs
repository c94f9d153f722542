//! SQL inside a unit: variables become binds, and the rest is what the engine's translator understands.

use std::collections::HashSet;
use std::sync::Arc;

use super::scope::Item;
use super::{Compiler, Result};
use crate::catalogue::{Name, Object};
use crate::datum::Type;
use crate::error::Error;
use crate::plan::Action;
use crate::plsql::ast::{Expr, ExprKind, Ident, SqlText};
use crate::plsql::code::{Instruction, SqlResult};
use crate::plsql::parse::reference_at;
use crate::plsql::source::At;
use crate::plsql::types::Kind;
use crate::scanner::{Token, TokenKind, scan};

/// Words that an operand follows. Behind another word an identifier is an alias, or part of the statement's syntax.
const BEFORE_OPERANDS: [&str; 30] = [
    "ALL", "AND", "BETWEEN", "BOTH", "BY", "CASE", "DISTINCT", "ELSE", "ESCAPE", "FIRST", "FROM", "HAVING",
    "IN", "LEADING", "LIKE", "LIMIT", "NEXT", "NOT", "OFFSET", "ON", "OR", "PRIOR", "SELECT", "THEN",
    "TRAILING", "UNIQUE", "VALUES", "WHEN", "WHERE", "WITH",
];
const BEFORE_TABLES: [&str; 8] = ["FROM", "JOIN", "INTO", "UPDATE", "DELETE", "USING", "TABLE", "MERGE"];
const AFTER_TABLES: [&str; 16] = [
    "WHERE",
    "SET",
    "VALUES",
    "SELECT",
    "GROUP",
    "ORDER",
    "HAVING",
    "ON",
    "START",
    "CONNECT",
    "UNION",
    "MINUS",
    "INTERSECT",
    "WHEN",
    "FETCH",
    "OFFSET",
];

/// Parts of a name that are looked at: none that means something has more.
const LONGEST_NAME: usize = 5;

/// What the statement's own names are: they win over variables.
#[derive(Default)]
struct OwnNames {
    columns: HashSet<String>,
    tables: HashSet<String>,
    /// Names that the select list gives, which ORDER BY knows.
    aliases: HashSet<String>,
}

/// Whether a place in the statement takes tables, for each open parenthesis.
struct Places {
    /// In a list of tables; and whether FROM belongs to a function there, as in `TRIM(x FROM y)`.
    open: Vec<(bool, bool)>,
}

impl Places {
    fn enter(&mut self, token: &Token<'_>, before: Option<&Token<'_>>) {
        if token.is_symbol("(") {
            let function = before.is_some_and(|word| word.is("TRIM") || word.is("EXTRACT"));
            self.open.push((false, function));
        } else if token.is_symbol(")") {
            if self.open.len() > 1 {
                self.open.pop();
            }
        } else if let Some((tables, function)) = self.open.last_mut()
            && token.kind == TokenKind::Word
        {
            if BEFORE_TABLES.iter().any(|word| token.is(word)) && !*function {
                *tables = true;
            } else if AFTER_TABLES.iter().any(|word| token.is(word)) {
                *tables = false;
            }
        }
    }

    fn takes_tables(&self) -> bool {
        self.open.last().is_some_and(|(tables, _)| *tables)
    }
}

fn ident(token: &Token<'_>, base: At) -> Option<Ident> {
    token.identifier().map(|text| Ident { text, at: base + token.start })
}

/// `a`, `a.b` or `a.b.c` from here on, and how many tokens it takes.
fn dotted(tokens: &[Token<'_>], base: At) -> Vec<Ident> {
    let mut parts = Vec::new();
    let mut rest = tokens;
    while parts.len() < LONGEST_NAME
        && let Some(part) = rest.first().and_then(|token| ident(token, base))
    {
        parts.push(part);
        match rest {
            [_, dot, after @ ..] if dot.is_symbol(".") => rest = after,
            _ => break,
        }
    }
    parts
}

fn is_operand_place(before: Option<&Token<'_>>) -> bool {
    match before {
        None => false,
        Some(token) if token.kind == TokenKind::Symbol => !matches!(token.text, ")" | "." | ":" | ";"),
        Some(token) => BEFORE_OPERANDS.iter().any(|word| token.is(word)),
    }
}

/// Words of SQL that are no operands, so that what follows them is no alias.
const NO_OPERANDS: [&str; 12] =
    ["AS", "ASC", "DESC", "IS", "ORDER", "GROUP", "SET", "SIBLINGS", "CROSS", "INNER", "LEFT", "RIGHT"];

/// Whether an operand ends here, so that a name right behind it is its alias.
fn ends_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Symbol => token.text == ")",
        TokenKind::Word => {
            let lists = [&BEFORE_OPERANDS[..], &BEFORE_TABLES, &AFTER_TABLES, &NO_OPERANDS];
            !lists.iter().any(|words| words.iter().any(|word| token.is(word)))
        }
        _ => true,
    }
}

/// The names that the statement gives: of subqueries they are columns, as those of WITH, and of the statement itself aliases.
fn given_names(tokens: &[Token<'_>], own: &mut OwnNames) {
    let mut open = 0_u32;
    let is_with = tokens.first().is_some_and(|token| token.is("WITH"));
    for (index, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            open += 1;
        } else if token.is_symbol(")") {
            open = open.saturating_sub(1);
        }
        let Some(name) = token.identifier() else { continue };
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let is_given = before.is_some_and(|before| before.is("AS") || ends_operand(before));
        // `WITH q (a, b) AS`: a name alone between parenthesis and comma.
        let after = tokens.get(index + 1);
        let in_list = is_with
            && before.is_some_and(|before| before.is_symbol("(") || before.is_symbol(","))
            && after.is_some_and(|after| after.is_symbol(")") || after.is_symbol(","))
            && is_column_list(tokens.get(index..).unwrap_or_default());
        if (is_given && open > 0) || in_list {
            own.columns.insert(name);
        } else if is_given {
            own.aliases.insert(name);
        }
    }
}

/// Whether the rest is `a, b) AS`.
fn is_column_list(rest: &[Token<'_>]) -> bool {
    let end = rest.iter().position(|token| token.identifier().is_none() && !token.is_symbol(","));
    end.and_then(|end| rest.get(end..)).is_some_and(|end| {
        end.first().is_some_and(|token| token.is_symbol(")"))
            && end.get(1).is_some_and(|token| token.is("AS"))
    })
}

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
                if sorted { 0 } else { self.variable_in_sql(rest, sql.start, known)? }
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

    /// The names of the statement's tables, and of their columns.
    fn own_names(&self, tokens: &[Token<'_>]) -> OwnNames {
        let mut own = OwnNames::default();
        given_names(tokens, &mut own);
        let mut index = 0;
        while let Some(rest) = tokens.get(index..).filter(|rest| !rest.is_empty()) {
            let parts = dotted(rest, 0);
            let name = match parts.as_slice() {
                [name] => Name::new(self.schema.as_str(), name.text.as_str()),
                [schema, name] => Name::new(schema.text.as_str(), name.text.as_str()),
                _ => {
                    index += 1;
                    continue;
                }
            };
            let used = parts.len() * 2 - 1;
            let columns: Option<Vec<String>> = match self.catalogue.objects.get(&name) {
                Some(Object::Table(table)) => {
                    Some(table.columns.iter().map(|column| column.name.clone()).collect())
                }
                Some(Object::View(view)) => Some(view.columns.iter().map(|(name, _)| name.clone()).collect()),
                None => crate::views::find(&name.name)
                    .map(|view| view.columns.iter().map(|(name, _)| (*name).to_owned()).collect()),
            };
            if let Some(columns) = columns {
                own.columns.extend(columns);
                own.tables.insert(name.name);
                if let Some(alias) = rest.get(used).and_then(Token::identifier) {
                    own.tables.insert(alias);
                }
            }
            index += used;
        }
        own
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
    fn variable_in_sql(&mut self, rest: &[Token<'_>], base: At, own: &OwnNames) -> Result<usize> {
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
            None if parts.len() > 1 => self.find(&names)?.map(|(item, _)| item),
            None => None,
        };
        if !matches!(found, Some(Item::Variable { .. } | Item::Record(_))) {
            return Ok(0);
        }
        let (reference, used) = reference_at(self.text, rest, base)?;
        let at = reference.at();
        let kind = self.expression(&Expr { at, kind: ExprKind::Reference(reference) })?;
        if let Kind::Boolean | Kind::Table(_) = kind {
            return Err(self.error(at, "PLS-00457: expressions have to be of SQL types"));
        }
        Ok(used)
    }
}
