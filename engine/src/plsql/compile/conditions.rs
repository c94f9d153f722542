//! Conditions: comparisons, and AND, OR and NOT with Oracle's three truth values.

use std::sync::Arc;

use super::scope::Storage;
use super::{Compiler, Result};
use crate::datum::Type;
use crate::functions::{comparison, operator};
use crate::plsql::ast::{Comparison, Expr, ExprKind, Operator};
use crate::plsql::code::Instruction;
use crate::plsql::source::At;
use crate::plsql::types::{DataType, Kind};

/// What CASE compares its branches with: kept in a slot, and evaluated once.
pub(super) struct Selector {
    slot: u16,
    kind: Kind,
    padded: bool,
}

/// Whether trailing blanks count for nothing when it meets another of these: CHARs, and literals, which are CHARs.
fn is_padded(expr: &Expr, kind: &Kind) -> bool {
    let is_literal = matches!(&expr.kind, ExprKind::Literal(datum) if datum.type_of() == Type::Text);
    is_literal || *kind == Kind::Scalar(Type::Char)
}

fn test_name(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "ora_eq",
        Comparison::NotEqual => "ora_ne",
        Comparison::Less => "ora_lt",
        Comparison::LessOrEqual => "ora_le",
        Comparison::Greater => "ora_gt",
        Comparison::GreaterOrEqual => "ora_ge",
    }
}

impl Compiler<'_> {
    /// An expression that must be a condition.
    pub(super) fn condition_value(&mut self, expr: &Expr) -> Result<()> {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Not(inner) => {
                self.condition_value(inner)?;
                self.emit(at, Instruction::Not)?;
            }
            ExprKind::Compare(left, comparison, right) => self.comparison(left, *comparison, right)?,
            ExprKind::IsNull(inner, not) => {
                if let Kind::Table(_) = self.expression(inner)? {
                    return Err(self.wrong_type(inner.at));
                }
                self.emit(at, Instruction::IsNull)?;
                self.negated(at, *not)?;
            }
            ExprKind::Between(operands, not) => {
                let [value, low, high] = operands.as_ref();
                let selector = self.selector(value)?;
                self.compared(&selector, Comparison::GreaterOrEqual, low)?;
                self.compared(&selector, Comparison::LessOrEqual, high)?;
                self.emit(at, Instruction::And)?;
                self.negated(at, *not)?;
            }
            ExprKind::In(value, list, not) => {
                let selector = self.selector(value)?;
                let mut found = Vec::new();
                for (index, item) in list.iter().enumerate() {
                    self.compared(&selector, Comparison::Equal, item)?;
                    if index > 0 {
                        self.emit(item.at, Instruction::Or)?;
                    }
                    found.push(self.emit(item.at, Instruction::JumpIf(true, 0))?);
                }
                self.builder()?.aim_all_here(&found);
                self.negated(at, *not)?;
            }
            ExprKind::Like(text, pattern, escape, not) => {
                self.scalar(text)?;
                self.scalar(pattern)?;
                let mut count = 2;
                if let Some(escape) = escape {
                    self.scalar(escape)?;
                    count = 3;
                }
                self.test(at, "ora_like", count)?;
                self.negated(at, *not)?;
            }
            _ => {
                let found = self.expression(expr)?;
                let boolean = Arc::new(DataType::Boolean);
                self.convert(at, &found, &boolean)?;
            }
        }
        Ok(())
    }

    fn negated(&mut self, at: At, not: bool) -> Result<()> {
        if not { self.emit(at, Instruction::Not).map(|_| ()) } else { Ok(()) }
    }

    fn test(&mut self, at: At, name: &str, count: usize) -> Result<()> {
        let test = comparison(name).ok_or_else(super::internal)?;
        self.emit(at, Instruction::Test(test, count)).map(|_| ())
    }

    pub(super) fn logical(&mut self, first: &Expr, rest: &[(Operator, At, Expr)]) -> Result<()> {
        self.condition_value(first)?;
        let mut decided = Vec::new();
        for (operator, at, right) in rest {
            let is_or = *operator == Operator::Or;
            decided.push(self.emit(*at, Instruction::JumpIf(is_or, 0))?);
            self.condition_value(right)?;
            self.emit(*at, if is_or { Instruction::Or } else { Instruction::And })?;
        }
        self.builder()?.aim_all_here(&decided);
        Ok(())
    }

    fn comparison(&mut self, left: &Expr, comparison: Comparison, right: &Expr) -> Result<()> {
        let left_kind = self.expression(left)?;
        // Whether blanks count is known when both sides are; the left one is on the stack by then.
        let right_kind = self.expression(right)?;
        let padded = is_padded(left, &left_kind) && is_padded(right, &right_kind);
        self.compare(right.at, &left_kind, comparison, &right_kind, padded)
    }

    /// Compares the two values on top of the stack.
    fn compare(
        &mut self,
        at: At,
        left: &Kind,
        comparison: Comparison,
        right: &Kind,
        padded: bool,
    ) -> Result<()> {
        match (left, right) {
            (Kind::Boolean, Kind::Boolean | Kind::Any) | (Kind::Any, Kind::Boolean) => {
                let equal = match comparison {
                    Comparison::Equal => true,
                    Comparison::NotEqual => false,
                    _ => return Err(self.wrong_type(at)),
                };
                self.emit(at, Instruction::CompareBooleans { equal }).map(|_| ())
            }
            (Kind::Scalar(_) | Kind::Any, Kind::Scalar(_) | Kind::Any) => {
                if !super::assignable(left, right) && !super::assignable(right, left) {
                    return Err(self
                        .error(at, "PLS-00306: wrong number or types of arguments in call to a comparison"));
                }
                if padded {
                    let trim = operator("ora_blank_trimmed").ok_or_else(super::internal)?;
                    self.emit(at, Instruction::OnBoth(trim))?;
                }
                self.test(at, test_name(comparison), 2)
            }
            _ => Err(self.error(at, "PLS-00306: wrong number or types of arguments in call to '='")),
        }
    }

    /// Evaluates what several comparisons share.
    pub(super) fn selector(&mut self, expr: &Expr) -> Result<Selector> {
        let kind = self.expression(expr)?;
        let slot = self.new_slot(expr.at)?;
        let place = self.place(&Storage::Local { level: self.level(), slot });
        self.emit(expr.at, Instruction::Store(place))?;
        let padded = is_padded(expr, &kind);
        Ok(Selector { slot, kind, padded })
    }

    pub(super) fn matches_selector(&mut self, selector: &Selector, value: &Expr) -> Result<()> {
        self.compared(selector, Comparison::Equal, value)
    }

    fn compared(&mut self, selector: &Selector, comparison: Comparison, value: &Expr) -> Result<()> {
        let place = self.place(&Storage::Local { level: self.level(), slot: selector.slot });
        self.emit(value.at, Instruction::Load(place))?;
        let kind = self.expression(value)?;
        let padded = selector.padded && is_padded(value, &kind);
        self.compare(value.at, &selector.kind, comparison, &kind, padded)
    }
}
