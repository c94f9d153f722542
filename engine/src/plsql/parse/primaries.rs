//! Operands with a syntax of their own: numbers, dates, CASE, TRIM and `SQL%…`.

use super::Parser;
use crate::datum::Datum;
use crate::error::Result;
use crate::number::Number;
use crate::plsql::ast::{Argument, CursorAttribute, ExprKind, Ident, Part, Reference};
use crate::scanner::{Token, TokenKind};

impl Parser<'_, '_> {
    /// The scanner gives digits; the exponent and a leading point are put to them here.
    pub(super) fn number(&mut self) -> Result<ExprKind> {
        let start = self.at();
        if self.accept(".") && self.at() != start + 1 {
            return Err(self.unexpected("a number"));
        }
        if self.peek().is_none_or(|token| token.kind != TokenKind::Number) {
            return Err(self.unexpected("an expression"));
        }
        self.next += 1;
        let mut end = self.last_end();
        if let Some(word) = self.peek().filter(|token| token.start == end && token.kind == TokenKind::Word) {
            let digits = word.text.strip_prefix(['e', 'E']);
            match digits {
                Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    self.next += 1;
                }
                Some("")
                    if (self.is_ahead(1, "-") || self.is_ahead(1, "+"))
                        && self.peek_at(1).is_some_and(|sign| sign.start == end + 1)
                        && self.peek_at(2).is_some_and(|digits| {
                            digits.kind == TokenKind::Number
                                && digits.start == end + 2
                                && !digits.text.contains('.')
                        }) =>
                {
                    self.next += 3;
                }
                _ => return Err(self.unsupported(word.start, "literals of BINARY_FLOAT and BINARY_DOUBLE")),
            }
            end = self.last_end();
        }
        let text = self.text.get(start..end).unwrap_or_default();
        let number = Number::parse(text).map_err(|_| {
            self.error(start, format_args!("PLS-00491: numeric literal required, not {text}"))
        })?;
        Ok(ExprKind::Literal(Datum::Number(number)))
    }

    pub(super) fn moment(&mut self) -> Result<ExprKind> {
        let at = self.at();
        let is_date = self.is("DATE");
        let model = if is_date { "YYYY-MM-DD" } else { "YYYY-MM-DD HH24:MI:SS.FF" };
        self.next += 1;
        let text = self.advance().and_then(Token::literal).unwrap_or_default();
        let parsed = crate::format_date::parse(&text, model, true)
            .map_err(|error| self.error(at, format_args!("PL/SQL: {}", error.message)))?;
        Ok(ExprKind::Literal(if is_date {
            Datum::Date(parsed.seconds)
        } else {
            Datum::Timestamp(parsed.seconds, parsed.nanos)
        }))
    }

    pub(super) fn cursor_attribute(&mut self) -> Result<ExprKind> {
        self.next += 2;
        let known = [
            ("ROWCOUNT", CursorAttribute::RowCount),
            ("FOUND", CursorAttribute::Found),
            ("NOTFOUND", CursorAttribute::NotFound),
            ("ISOPEN", CursorAttribute::IsOpen),
        ];
        match known.into_iter().find(|(word, _)| self.is(word)) {
            Some((_, attribute)) => {
                self.next += 1;
                Ok(ExprKind::Cursor(attribute))
            }
            None => Err(self.unexpected("ROWCOUNT FOUND NOTFOUND ISOPEN")),
        }
    }

    pub(super) fn case(&mut self) -> Result<ExprKind> {
        let operand = if self.is("WHEN") { None } else { Some(Box::new(self.expression()?)) };
        let mut whens = Vec::new();
        while self.accept("WHEN") {
            let when = self.expression()?;
            self.expect("THEN")?;
            whens.push((when, self.expression()?));
        }
        if whens.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let otherwise = if self.accept("ELSE") { Some(Box::new(self.expression()?)) } else { None };
        self.expect("END")?;
        Ok(ExprKind::Case(operand, whens, otherwise))
    }

    /// `TRIM([LEADING | TRAILING | BOTH] [set FROM] text)` as a call of LTRIM, RTRIM or TRIM.
    pub(super) fn trim(&mut self) -> Result<Reference> {
        let at = self.at();
        self.next += 2;
        let sides = [("LEADING", "LTRIM"), ("TRAILING", "RTRIM"), ("BOTH", "TRIM")];
        let side = sides.into_iter().find(|(word, _)| self.accept(word)).map(|(_, function)| function);
        let mut values = Vec::new();
        if side.is_none() || !self.is("FROM") {
            values.push(self.expression()?);
        }
        let takes_text = side.is_some() || self.is("FROM");
        if takes_text {
            self.expect("FROM")?;
            values.push(self.expression()?);
        }
        self.expect(")")?;
        values.reverse();
        let arguments = values.into_iter().map(|value| Argument { name: None, value }).collect();
        let name = Ident { text: side.unwrap_or("TRIM").to_owned(), at };
        Ok(Reference { parts: vec![Part { name, arguments: Some(arguments) }] })
    }
}
