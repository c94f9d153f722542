//! Which names in a SQL statement are its own, and where an operand may stand.

use std::collections::HashSet;

use super::Compiler;
use crate::catalogue::{Name, Object};
use crate::plsql::ast::Ident;
use crate::plsql::source::At;
use crate::scanner::{Token, TokenKind};

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

/// Columns that a list behind WITH may have.
const LONGEST_LIST: usize = 2000;
/// Parts of a name that are looked at: none that means something has more.
const LONGEST_NAME: usize = 5;

/// What the statement's own names are: they win over variables.
#[derive(Default)]
pub(super) struct OwnNames {
    pub(super) columns: HashSet<String>,
    pub(super) tables: HashSet<String>,
    /// Names that the select list gives, which ORDER BY knows.
    pub(super) aliases: HashSet<String>,
}

/// Whether a place in the statement takes tables, for each open parenthesis.
pub(super) struct Places {
    /// In a list of tables; and whether FROM belongs to a function there, as in `TRIM(x FROM y)`.
    pub(super) open: Vec<(bool, bool)>,
}

impl Places {
    pub(super) fn enter(&mut self, token: &Token<'_>, before: Option<&Token<'_>>) {
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

    pub(super) fn takes_tables(&self) -> bool {
        self.open.last().is_some_and(|(tables, _)| *tables)
    }
}

fn ident(token: &Token<'_>, base: At) -> Option<Ident> {
    token.identifier().map(|text| Ident { text, at: base + token.start })
}

/// `a`, `a.b` or `a.b.c` from here on, and how many tokens it takes.
pub(super) fn dotted(tokens: &[Token<'_>], base: At) -> Vec<Ident> {
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

pub(super) fn is_operand_place(before: Option<&Token<'_>>) -> bool {
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
    let end = rest
        .iter()
        .take(LONGEST_LIST)
        .position(|token| token.identifier().is_none() && !token.is_symbol(","));
    end.and_then(|end| rest.get(end..)).is_some_and(|end| {
        end.first().is_some_and(|token| token.is_symbol(")"))
            && end.get(1).is_some_and(|token| token.is("AS"))
    })
}

impl Compiler<'_> {
    /// The names of the statement's tables, and of their columns.
    pub(super) fn own_names(&self, tokens: &[Token<'_>]) -> OwnNames {
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
}
