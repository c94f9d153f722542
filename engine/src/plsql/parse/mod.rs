//! Reads PL/SQL by recursive descent over the scanner's tokens. Every recursion is counted, so that no text overruns the stack.

mod declarations;
mod expressions;
mod primaries;
mod sql;
mod statements;
mod types;
mod units;

use std::collections::HashMap;
use std::fmt::Display;

use super::ast::Ident;
use super::source::{At, compile_error};
use crate::error::{Error, Result};
use crate::scanner::{Token, TokenKind};

pub(crate) use units::{
    Parsed, UnitKind, check_distinct, parse_block, parse_call, parse_drop, parse_unit, reference_at,
};

/// Levels of blocks, statements, parentheses and CASEs.
const DEEPEST_NESTING: u32 = 100;
const LONGEST_NAME: usize = 128;

/// Words that are no names, so that a missing name is found where it is missing.
const RESERVED: [&str; 52] = [
    "ALL",
    "AND",
    "AS",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASE",
    "CHECK",
    "CREATE",
    "DECLARE",
    "DEFAULT",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "ELSIF",
    "END",
    "EXCEPTION",
    "EXIT",
    "FOR",
    "FROM",
    "FUNCTION",
    "GOTO",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "IN",
    "INSERT",
    "INTO",
    "IS",
    "LIKE",
    "LOOP",
    "NOT",
    "NULL",
    "OF",
    "ON",
    "OR",
    "ORDER",
    "PRAGMA",
    "PROCEDURE",
    "RETURN",
    "REVOKE",
    "SELECT",
    "THEN",
    "TO",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHILE",
];

/// How a text names its binds.
pub(crate) enum Binds {
    /// Stored units have none.
    None,
    /// In a block a name is one bind, however often it stands there.
    ByName(BindNames),
    /// In CALL, as in SQL, each occurrence is a bind.
    ByOccurrence(u32),
}

/// Names of binds, found in either direction.
#[derive(Default)]
pub(crate) struct BindNames {
    in_order: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl BindNames {
    fn add(&mut self, name: &str) -> usize {
        let number = self.in_order.len();
        self.in_order.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

pub(super) struct Parser<'a, 't> {
    text: &'t str,
    tokens: &'a [Token<'t>],
    next: usize,
    depth: u32,
    binds: Binds,
    /// AUTHID CURRENT_USER was said.
    invoker: bool,
}

impl<'a, 't> Parser<'a, 't> {
    fn new(text: &'t str, tokens: &'a [Token<'t>], binds: Binds) -> Self {
        Self { text, tokens, next: 0, depth: 0, binds, invoker: false }
    }

    fn peek(&self) -> Option<&'a Token<'t>> {
        self.tokens.get(self.next)
    }

    fn peek_at(&self, ahead: usize) -> Option<&'a Token<'t>> {
        self.tokens.get(self.next + ahead)
    }

    fn advance(&mut self) -> Option<&'a Token<'t>> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    /// Where the next token starts; for the end of the text, where that is.
    fn at(&self) -> At {
        self.peek().map_or(self.text.len(), |token| token.start)
    }

    /// Where the last token that was taken ends.
    fn last_end(&self) -> At {
        self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, Token::end)
    }

    fn is(&self, word: &str) -> bool {
        self.is_ahead(0, word)
    }

    fn is_ahead(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).is_some_and(|token| token.is(word) || token.is_symbol(word))
    }

    fn accept(&mut self, word: &str) -> bool {
        let fits = self.is(word);
        self.next += usize::from(fits);
        fits
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(word) { Ok(()) } else { Err(self.unexpected(word)) }
    }

    /// PLS-00103 for the next token.
    fn unexpected(&self, wanted: impl Display) -> Error {
        let symbol = self.peek().map_or("end-of-file", |token| token.text);
        let shown: String = symbol.chars().take(60).collect();
        let shown = if self.peek().is_some_and(|token| token.kind == TokenKind::Word) {
            shown.to_uppercase()
        } else {
            shown
        };
        self.error(
            self.at(),
            format_args!(
                "PLS-00103: Encountered the symbol \"{shown}\" when expecting one of the following: {wanted}"
            ),
        )
    }

    fn error(&self, at: At, message: impl Display) -> Error {
        compile_error(self.text, at, message)
    }

    /// What Oracle has and this engine has not.
    fn unsupported(&self, at: At, what: impl Display) -> Error {
        self.error(
            at,
            format_args!(
                "PLS-00999: implementation restriction (may be temporary): the embedded engine does not have {what}"
            ),
        )
    }

    /// Runs `body` one level deeper; PLS-00123 when that is too deep.
    fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST_NESTING {
            return Err(self.error(
                self.at(),
                format_args!("PLS-00123: program too large: nested more than {DEEPEST_NESTING} levels deep"),
            ));
        }
        self.depth += 1;
        let outcome = body(self);
        self.depth -= 1;
        outcome
    }

    fn is_name(&self, ahead: usize) -> bool {
        self.peek_at(ahead).is_some_and(|token| match token.kind {
            TokenKind::Quoted => true,
            TokenKind::Word => !RESERVED.iter().any(|word| token.is(word)),
            _ => false,
        })
    }

    fn identifier(&mut self) -> Result<Ident> {
        if !self.is_name(0) {
            return Err(self.unexpected("an identifier"));
        }
        self.any_word()
    }

    /// As `identifier`, but words that are reserved otherwise are names here.
    fn any_word(&mut self) -> Result<Ident> {
        let at = self.at();
        let name = self.peek().and_then(Token::identifier).ok_or_else(|| self.unexpected("an identifier"))?;
        if name.len() > LONGEST_NAME {
            return Err(self.error(at, "PLS-00114: identifier is too long"));
        }
        self.next += 1;
        Ok(Ident { text: name, at })
    }

    fn dotted_name(&mut self) -> Result<Vec<Ident>> {
        let mut parts = vec![self.identifier()?];
        while self.accept(".") {
            parts.push(self.any_word()?);
        }
        Ok(parts)
    }

    /// Takes `:name` or `:1`; the number of the bind, from 0.
    fn bind(&mut self) -> Result<u32> {
        let at = self.at();
        self.expect(":")?;
        let name = match self.peek() {
            Some(token) if matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::Quoted) => {
                token.identifier().unwrap_or_else(|| token.text.to_owned())
            }
            _ => return Err(self.unexpected("a bind variable's name")),
        };
        self.next += 1;
        self.binds
            .number(&name)
            .ok_or_else(|| self.error(at, format_args!("PLS-00049: bad bind variable '{name}'")))
    }
}

impl Binds {
    pub(crate) fn number(&mut self, name: &str) -> Option<u32> {
        let index = match self {
            Self::None => return None,
            Self::ByOccurrence(count) => {
                *count += 1;
                return Some(*count - 1);
            }
            Self::ByName(names) => match names.numbers.get(name) {
                Some(number) => *number,
                None => names.add(name),
            },
        };
        u32::try_from(index).ok()
    }

    pub(crate) fn count(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::ByOccurrence(count) => *count,
            Self::ByName(names) => u32::try_from(names.in_order.len()).unwrap_or(u32::MAX),
        }
    }

    /// The binds of a block whose names are known; none for a stored unit.
    fn known(names: &[String]) -> Self {
        if names.is_empty() {
            return Self::None;
        }
        let mut known = BindNames::default();
        for name in names {
            known.add(name);
        }
        Self::ByName(known)
    }

    /// The names, in the order of their numbers.
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::ByName(names) => &names.in_order,
            Self::None | Self::ByOccurrence(_) => &[],
        }
    }

    /// Binds inside SQL are not parsed, so all are numbered beforehand, in the order of the text.
    fn by_name(tokens: &[Token<'_>]) -> Self {
        let mut binds = Self::ByName(BindNames::default());
        for pair in tokens.windows(2) {
            let [colon, name] = pair else { continue };
            if colon.is_symbol(":")
                && matches!(name.kind, TokenKind::Word | TokenKind::Number | TokenKind::Quoted)
            {
                let name = name.identifier().unwrap_or_else(|| name.text.to_owned());
                binds.number(&name);
            }
        }
        binds
    }
}
