//! Expressions and names with arguments.

use super::Parser;
use crate::datum::Datum;
use crate::error::Result;
use crate::plsql::ast::{Argument, Comparison, Expr, ExprKind, Operator, Part, Reference};
use crate::scanner::{Token, TokenKind};

/// How tight an operator binds; comparisons and NOT lie between AND and `+`.
const CONDITION: u8 = 2;

fn binary(token: &Token<'_>) -> Option<(Operator, u8)> {
    Some(match token.text {
        "+" => (Operator::Add, 4),
        "-" => (Operator::Subtract, 4),
        "||" => (Operator::Concatenate, 4),
        "*" => (Operator::Multiply, 5),
        "/" => (Operator::Divide, 5),
        "**" => (Operator::Power, 6),
        _ if token.is("OR") => (Operator::Or, 0),
        _ if token.is("AND") => (Operator::And, 1),
        _ => return None,
    })
}

fn comparison(token: &Token<'_>) -> Option<Comparison> {
    Some(match token.text {
        "=" => Comparison::Equal,
        "<>" | "!=" | "^=" | "~=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(|parser| parser.operators(0))
    }

    /// An operand and the operators behind it that bind at least as tight as `least`.
    fn operators(&mut self, least: u8) -> Result<Expr> {
        let mut left =
            if least <= CONDITION && self.is("NOT") { self.negation()? } else { self.operand(least)? };
        let mut compared = false;
        loop {
            let Some(token) = self.peek() else { return Ok(left) };
            if let Some((operator, tightness)) = binary(token).filter(|(_, tightness)| *tightness >= least) {
                let at = self.at();
                self.next += 1;
                let right = self.operators(tightness + 1)?;
                left = chain(left, operator, at, right, tightness);
            } else if least <= CONDITION && !compared {
                (left, compared) = self.condition(left)?;
                if !compared {
                    return Ok(left);
                }
            } else {
                return Ok(left);
            }
        }
    }

    fn negation(&mut self) -> Result<Expr> {
        let at = self.at();
        self.expect("NOT")?;
        let inner = self.nested(|parser| parser.operators(CONDITION))?;
        Ok(Expr { at, kind: ExprKind::Not(Box::new(inner)) })
    }

    fn operand(&mut self, least: u8) -> Result<Expr> {
        let at = self.at();
        if self.accept("-") {
            // A sign binds tighter than `*`, and `**` tighter than a sign.
            let inner = self.nested(|parser| parser.operators(6.max(least)))?;
            return Ok(Expr { at, kind: ExprKind::Negate(Box::new(inner)) });
        }
        if self.accept("+") {
            return self.nested(|parser| parser.operators(6.max(least)));
        }
        self.primary()
    }

    /// A comparison behind `left`, if there is one: the flag says so.
    fn condition(&mut self, left: Expr) -> Result<(Expr, bool)> {
        let at = left.at;
        let make = |kind| Ok((Expr { at, kind }, true));
        if let Some(comparison) = self.peek().and_then(comparison) {
            self.next += 1;
            let right = self.operators(CONDITION + 1)?;
            return make(ExprKind::Compare(Box::new(left), comparison, Box::new(right)));
        }
        if self.accept("IS") {
            let not = self.accept("NOT");
            self.expect("NULL")?;
            return make(ExprKind::IsNull(Box::new(left), not));
        }
        let not = self.is("NOT") && ["BETWEEN", "IN", "LIKE"].iter().any(|word| self.is_ahead(1, word));
        self.next += usize::from(not);
        if self.accept("BETWEEN") {
            let low = self.operators(CONDITION + 1)?;
            self.expect("AND")?;
            let high = self.operators(CONDITION + 1)?;
            return make(ExprKind::Between(Box::new([left, low, high]), not));
        }
        if self.accept("IN") {
            self.expect("(")?;
            if self.is("SELECT") {
                return Err(self.error(self.at(), "PLS-00405: subquery not allowed in this context"));
            }
            let mut list = vec![self.expression()?];
            while self.accept(",") {
                list.push(self.expression()?);
            }
            self.expect(")")?;
            return make(ExprKind::In(Box::new(left), list, not));
        }
        if self.accept("LIKE") {
            let pattern = self.operators(CONDITION + 1)?;
            let escape =
                if self.accept("ESCAPE") { Some(Box::new(self.operators(CONDITION + 1)?)) } else { None };
            return make(ExprKind::Like(Box::new(left), Box::new(pattern), escape, not));
        }
        Ok((left, false))
    }

    fn primary(&mut self) -> Result<Expr> {
        let at = self.at();
        let Some(token) = self.peek() else { return Err(self.unexpected("an expression")) };
        let kind = match token.kind {
            TokenKind::Number => self.number()?,
            TokenKind::Literal => {
                self.next += 1;
                ExprKind::Literal(Datum::text(token.literal().unwrap_or_default()))
            }
            TokenKind::Symbol if token.text == "(" => {
                self.next += 1;
                if self.is("SELECT") {
                    return Err(self.error(self.at(), "PLS-00405: subquery not allowed in this context"));
                }
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            TokenKind::Symbol if token.text == ":" => ExprKind::Bind(self.bind()?),
            TokenKind::Symbol if token.text == "." => self.number()?,
            TokenKind::Symbol => return Err(self.unexpected("an expression")),
            TokenKind::Word | TokenKind::Quoted => return self.worded(),
        };
        Ok(Expr { at, kind })
    }

    /// What starts with a word: constants, CASE, calls with a syntax of their own, and names.
    fn worded(&mut self) -> Result<Expr> {
        let at = self.at();
        let opens = self.is_ahead(1, "(");
        let kind = if self.accept("NULL") {
            ExprKind::Null
        } else if self.accept("TRUE") {
            ExprKind::Boolean(true)
        } else if self.accept("FALSE") {
            ExprKind::Boolean(false)
        } else if self.accept("CASE") {
            self.nested(Self::case)?
        } else if self.is("SQL") && self.is_ahead(1, "%") {
            self.cursor_attribute()?
        } else if (self.is("DATE") || self.is("TIMESTAMP"))
            && self.peek_at(1).is_some_and(|token| token.kind == TokenKind::Literal)
        {
            self.moment()?
        } else if opens && self.is("TRIM") {
            ExprKind::Reference(self.trim()?)
        } else if opens && self.is("CAST") {
            self.next += 2;
            let value = self.expression()?;
            self.expect("AS")?;
            let kind = self.type_name()?;
            self.expect(")")?;
            ExprKind::Cast(Box::new(value), kind)
        } else if opens && self.is("EXTRACT") {
            self.next += 2;
            let field = self.any_word()?.text;
            self.expect("FROM")?;
            let value = self.expression()?;
            self.expect(")")?;
            ExprKind::Extract(field, Box::new(value))
        } else if self.is("PRIOR") || self.is("EXISTS") {
            return Err(self.unexpected("an expression"));
        } else {
            let reference = self.reference()?;
            if self.is("%") {
                return Err(self.unsupported(self.at(), "attributes of explicit cursors"));
            }
            ExprKind::Reference(reference)
        };
        Ok(Expr { at, kind })
    }

    pub(super) fn reference(&mut self) -> Result<Reference> {
        let mut parts = vec![self.part(false)?];
        while self.is(".") {
            self.next += 1;
            parts.push(self.part(true)?);
        }
        Ok(Reference { parts })
    }

    fn part(&mut self, qualified: bool) -> Result<Part> {
        let name = if qualified { self.any_word()? } else { self.identifier()? };
        if self.is("@") {
            return Err(self.unsupported(self.at(), "database links"));
        }
        let arguments = if self.accept("(") { Some(self.nested(Self::arguments)?) } else { None };
        if self.is("(") {
            return Err(self.unsupported(self.at(), "a second list of arguments behind a call"));
        }
        Ok(Part { name, arguments })
    }

    fn arguments(&mut self) -> Result<Vec<Argument>> {
        let mut arguments = Vec::new();
        if self.accept(")") {
            return Ok(arguments);
        }
        loop {
            let name = if self.is_name(0) && self.is_ahead(1, "=>") {
                let name = self.identifier()?;
                self.next += 1;
                Some(name)
            } else {
                None
            };
            arguments.push(Argument { name, value: self.expression()? });
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }
}

fn tightness_of(operator: Operator) -> u8 {
    match operator {
        Operator::Or => 0,
        Operator::And => 1,
        Operator::Add | Operator::Subtract | Operator::Concatenate => 4,
        Operator::Multiply | Operator::Divide => 5,
        Operator::Power => 6,
    }
}

/// `left operator right`; put to the chain that `left` is, if it is one of the same operators. What stood in parentheses may be joined too:
/// only the left end of a chain can be such, where they change nothing.
fn chain(left: Expr, operator: Operator, at: usize, right: Expr, tightness: u8) -> Expr {
    match left {
        Expr { at: start, kind: ExprKind::Chain(first, mut rest) }
            if rest.first().is_some_and(|(known, ..)| tightness_of(*known) == tightness) =>
        {
            rest.push((operator, at, right));
            Expr { at: start, kind: ExprKind::Chain(first, rest) }
        }
        left => Expr { at: left.at, kind: ExprKind::Chain(Box::new(left), vec![(operator, at, right)]) },
    }
}
