//! Conditions: what WHERE, HAVING, ON and CASE WHEN take. Oracle keeps them apart from values.

use sqlparser::ast::{BinaryOperator, Expr, Query, UnaryOperator};

use super::{Sql, Translator};
use crate::datum::Type;
use crate::error::{Error, Result};

/// Values that an IN list may have in Oracle.
const LONGEST_LIST: usize = 1000;

/// A comparison as Oracle means it. SQLite's own operator serves where both sides are known to be of one type; it can use indexes.
pub(crate) fn compare(left: &Sql, op: &str, right: &Sql) -> String {
    let padded = |a: &Sql, b: &Sql| a.kind == Type::Char && (b.kind == Type::Char || b.literal);
    if padded(left, right) || padded(right, left) {
        return format!("(ora_blank_trimmed({}) {op} ora_blank_trimmed({}))", left.text, right.text);
    }
    let plain =
        |kind: Type| matches!(kind, Type::Number | Type::Text | Type::Date | Type::Timestamp | Type::Raw);
    if left.kind == right.kind && plain(left.kind) {
        return format!("({} {op} {})", left.text, right.text);
    }
    // Whatever meets a number is converted to one, so a bind needs no look at its type.
    match (left.kind, right.kind) {
        (Type::Number, Type::Unknown) => {
            return format!("({} {op} ora_as_number({}))", left.text, right.text);
        }
        (Type::Unknown, Type::Number) => {
            return format!("(ora_as_number({}) {op} {})", left.text, right.text);
        }
        _ => {}
    }
    let function = match op {
        "=" => "ora_eq",
        "<>" => "ora_ne",
        "<" => "ora_lt",
        "<=" => "ora_le",
        ">" => "ora_gt",
        _ => "ora_ge",
    };
    format!("{function}({}, {})", left.text, right.text)
}

/// Joins conditions in a balanced tree, as SQLite limits the depth of expressions.
pub(crate) fn balanced(conditions: &[String], word: &str) -> String {
    match conditions {
        [] => "1".to_owned(),
        [only] => only.clone(),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            format!("({} {word} {})", balanced(left, word), balanced(right, word))
        }
    }
}

fn negated(negated: bool, condition: String) -> String {
    if negated { format!("(NOT {condition})") } else { condition }
}

fn operator(op: &BinaryOperator) -> Option<&'static str> {
    match op {
        BinaryOperator::Eq => Some("="),
        BinaryOperator::NotEq => Some("<>"),
        BinaryOperator::Lt => Some("<"),
        BinaryOperator::LtEq => Some("<="),
        BinaryOperator::Gt => Some(">"),
        BinaryOperator::GtEq => Some(">="),
        _ => None,
    }
}

impl Translator<'_> {
    /// Translates a condition. A value alone is none: ORA-00920.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::Nested(inner) => self.condition(inner),
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                self.joined(expr, op)
            }
            Expr::BinaryOp { left, op, right } => match operator(op) {
                Some(operator) => self.comparison(left, operator, right),
                None => Err(Error::new(920, "invalid relational operator")),
            },
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(format!("(NOT {})", self.condition(expr)?)),
            Expr::IsNull(inner) => Ok(format!("({} IS NULL)", self.value(inner)?.text)),
            Expr::IsNotNull(inner) => Ok(format!("({} IS NOT NULL)", self.value(inner)?.text)),
            Expr::Between { expr, negated: not, low, high } => self.between(expr, low, high, *not),
            Expr::InList { expr, list, negated: not } => self.in_list(expr, list, *not),
            Expr::InSubquery { expr, subquery, negated: not } => self.in_query(expr, subquery, *not),
            Expr::Exists { subquery, negated: not } => {
                let query = self.nested_query(subquery)?;
                Ok(negated(*not, format!("EXISTS ({})", query.sql)))
            }
            Expr::Like { negated: not, any: false, expr, pattern, escape_char } => {
                let mut arguments = vec![self.value(expr)?.text, self.value(pattern)?.text];
                if let Some(escape) = escape_char {
                    arguments.push(self.value(escape)?.text);
                }
                Ok(negated(*not, format!("ora_like({})", arguments.join(", "))))
            }
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => match right.as_ref() {
                Expr::Subquery(query) => self.in_query(left, query, false),
                _ => Err(Error::unimplemented("ANY and SOME with a list; write IN")),
            },
            Expr::AnyOp { .. } | Expr::AllOp { .. } => Err(Error::unimplemented("ANY, SOME and ALL")),
            Expr::OuterJoin(_) => Err(Error::unimplemented("the (+) operator; write LEFT JOIN")),
            Expr::Function(function) if function.name.to_string().to_uppercase().starts_with("REGEXP_") => {
                Err(Error::unimplemented("regular expressions"))
            }
            _ => Err(Error::new(920, "invalid relational operator")),
        }
    }

    fn comparison(&mut self, left: &Expr, op: &str, right: &Expr) -> Result<String> {
        if matches!(left, Expr::Tuple(_)) || matches!(right, Expr::Tuple(_)) {
            return Err(Error::unimplemented("comparisons of lists; compare the values one by one"));
        }
        let left = self.value(left)?;
        let right = self.value(right)?;
        Ok(compare(&left, op, &right))
    }

    /// Conditions joined by the same word, followed to the left in a loop.
    fn joined(&mut self, expr: &Expr, word: &BinaryOperator) -> Result<String> {
        let mut parts = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp { left, op, right } = rest {
            if op != word {
                break;
            }
            parts.push(right.as_ref());
            rest = left;
        }
        parts.push(rest);
        let parts: Result<Vec<String>> = parts.into_iter().rev().map(|part| self.condition(part)).collect();
        Ok(balanced(&parts?, if *word == BinaryOperator::And { "AND" } else { "OR" }))
    }

    fn between(&mut self, expr: &Expr, low: &Expr, high: &Expr, not: bool) -> Result<String> {
        let value = self.value(expr)?;
        let low = self.value(low)?;
        let high = self.value(high)?;
        Ok(negated(not, format!("({} AND {})", compare(&value, ">=", &low), compare(&value, "<=", &high))))
    }

    fn in_list(&mut self, expr: &Expr, list: &[Expr], not: bool) -> Result<String> {
        if list.len() > LONGEST_LIST {
            return Err(Error::new(1795, "maximum number of expressions in a list is 1000"));
        }
        if matches!(expr, Expr::Tuple(_)) {
            return Err(Error::unimplemented("IN with lists of lists"));
        }
        let value = self.value(expr)?;
        let mut parts = Vec::new();
        for item in list {
            let item = self.value(item)?;
            parts.push(compare(&value, "=", &item));
        }
        Ok(negated(not, balanced(&parts, "OR")))
    }

    /// SQLite's IN would compare across types by its own order, so the values are gathered and compared by the engine.
    fn in_query(&mut self, expr: &Expr, query: &Query, not: bool) -> Result<String> {
        if matches!(expr, Expr::Tuple(_)) {
            return Err(Error::unimplemented("IN with lists of columns; write EXISTS"));
        }
        let value = self.value(expr)?;
        let translated = self.nested_query(query)?;
        let [(_, kind)] = translated.columns.as_slice() else {
            return Err(Error::new(913, "too many values"));
        };
        let padded = value.kind == Type::Char || *kind == Type::Char;
        let (left, item) = if padded {
            (format!("ora_blank_trimmed({})", value.text), "ora_blank_trimmed(c1)")
        } else {
            (value.text, "c1")
        };
        Ok(negated(not, format!("ora_in_set({left}, (SELECT ora_set({item}) FROM ({})))", translated.sql)))
    }
}
