//! Expressions: their value on top of the stack, and what is known of its type.

use std::sync::Arc;

use super::integers::stays_integer;
use super::names::idents;
use super::scope::Item;
use super::{Compiler, Result};
use crate::datum::{Datum, Type};
use crate::functions::{Body, operator};
use crate::plsql::ast::{CursorAttribute, Expr, ExprKind, Operator, Reference};
use crate::plsql::code::Instruction;
use crate::plsql::source::At;
use crate::plsql::types::{DataType, Kind};
use crate::plsql::value::Value;

pub(super) const NUMBER: Kind = Kind::Scalar(Type::Number);
pub(super) const TEXT: Kind = Kind::Scalar(Type::Text);

impl Compiler<'_> {
    pub(super) fn expression(&mut self, expr: &Expr) -> Result<Kind> {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Null => {
                self.emit(at, Instruction::Push(Value::NULL))?;
                Ok(Kind::Any)
            }
            ExprKind::Boolean(truth) => {
                self.emit(at, Instruction::Push(Value::Boolean(Some(*truth))))?;
                Ok(Kind::Boolean)
            }
            ExprKind::Literal(datum) => {
                self.emit(at, Instruction::Push(Value::Scalar(datum.clone())))?;
                Ok(if datum.is_null() { Kind::Any } else { Kind::Scalar(datum.type_of()) })
            }
            ExprKind::Bind(number) => self.bind(*number, at),
            ExprKind::Reference(reference) => self.reference(reference),
            ExprKind::Cursor(attribute) => {
                self.emit(at, Instruction::Cursor(*attribute))?;
                Ok(if *attribute == CursorAttribute::RowCount { NUMBER } else { Kind::Boolean })
            }
            ExprKind::Negate(inner) => {
                self.numeric(inner)?;
                self.operator(at, "ora_op_negate", 1)?;
                Ok(NUMBER)
            }
            ExprKind::Chain(first, rest) => self.chain(first, rest),
            ExprKind::Case(operand, whens, otherwise) => {
                self.case(at, operand.as_deref(), whens, otherwise.as_deref())
            }
            ExprKind::Cast(value, kind) => {
                let kind = Arc::new(self.type_of(kind)?);
                self.converted(value, &kind)?;
                Ok(kind.kind())
            }
            ExprKind::Extract(field, value) => {
                self.emit(at, Instruction::Push(Value::Scalar(Datum::text(field.as_str()))))?;
                self.scalar(value)?;
                let body = crate::functions::find("EXTRACT").map(|function| function.body);
                self.function(at, body, 2)?;
                Ok(NUMBER)
            }
            ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::IsNull(..)
            | ExprKind::Between(..)
            | ExprKind::In(..)
            | ExprKind::Like(..) => {
                self.condition_value(expr)?;
                Ok(Kind::Boolean)
            }
        }
    }

    pub(super) fn bind(&mut self, number: u32, at: At) -> Result<Kind> {
        // Also subprograms inside the block see its binds.
        self.emit(at, Instruction::Bind(number))?;
        Ok(Kind::Any)
    }

    /// An expression that must be a scalar.
    pub(super) fn scalar(&mut self, expr: &Expr) -> Result<Kind> {
        match self.expression(expr)? {
            Kind::Boolean | Kind::Table(_) => Err(self.wrong_type(expr.at)),
            kind => Ok(kind),
        }
    }

    /// A scalar that may become a number.
    fn numeric(&mut self, expr: &Expr) -> Result<()> {
        match self.scalar(expr)? {
            Kind::Scalar(Type::Date | Type::Timestamp | Type::TimestampTz | Type::Raw) => {
                Err(self.error(expr.at, "PLS-00306: wrong number or types of arguments in call to '-'"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn operator(&mut self, at: At, name: &str, count: usize) -> Result<()> {
        self.function(at, operator(name), count)
    }

    pub(super) fn function(&mut self, at: At, body: Option<Body>, count: usize) -> Result<()> {
        let body = body.ok_or_else(super::internal)?;
        self.emit(at, Instruction::Function(body, count, false)).map(|_| ())
    }

    fn chain(&mut self, first: &Expr, rest: &[(Operator, At, Expr)]) -> Result<Kind> {
        let is_logical =
            rest.first().is_some_and(|(operator, ..)| matches!(operator, Operator::And | Operator::Or));
        if is_logical {
            self.logical(first, rest)?;
            return Ok(Kind::Boolean);
        }
        let mut kind = self.scalar(first)?;
        let mut is_integer = self.is_integer(first)?;
        let integer = Arc::new(DataType::PLS_INTEGER);
        for (operator, at, right) in rest {
            let right_kind = self.scalar(right)?;
            kind = self.arithmetic(*operator, *at, &kind, &right_kind)?;
            is_integer = is_integer && stays_integer(*operator) && self.is_integer(right)?;
            if is_integer {
                self.emit(*at, Instruction::Convert(Arc::clone(&integer)))?;
            }
        }
        Ok(kind)
    }

    fn arithmetic(&mut self, operator: Operator, at: At, left: &Kind, right: &Kind) -> Result<Kind> {
        let is_moment =
            |kind: &Kind| matches!(kind, Kind::Scalar(Type::Date | Type::Timestamp | Type::TimestampTz));
        let (name, symbol) = match operator {
            Operator::Add => ("ora_op_add", "+"),
            Operator::Subtract => ("ora_op_subtract", "-"),
            Operator::Multiply => ("ora_op_multiply", "*"),
            Operator::Divide => ("ora_op_divide", "/"),
            Operator::Concatenate => ("ora_op_concat", "||"),
            Operator::Power => ("", "**"),
            Operator::And | Operator::Or => return Err(super::internal()),
        };
        let is_date = |kind: &Kind| *kind == Kind::Scalar(Type::Date);
        if operator == Operator::Subtract
            && is_moment(left)
            && is_moment(right)
            && !(is_date(left) && is_date(right))
        {
            return Err(
                self.unsupported(at, "intervals, which the difference of timestamps is; CAST them to DATE")
            );
        }
        let dates = is_moment(left) || is_moment(right);
        let kind = match operator {
            Operator::Concatenate => TEXT,
            Operator::Subtract if is_moment(left) && is_moment(right) => NUMBER,
            Operator::Add if is_moment(left) && is_moment(right) => return Err(self.misused(symbol, at)),
            Operator::Add if dates => Kind::Scalar(Type::Date),
            Operator::Subtract if is_moment(left) => Kind::Scalar(Type::Date),
            _ if dates => return Err(self.misused(symbol, at)),
            // A bind or NULL may be a date.
            Operator::Add | Operator::Subtract if *left == Kind::Any || *right == Kind::Any => Kind::Any,
            _ => NUMBER,
        };
        match operator {
            Operator::Power => {
                self.function(at, crate::functions::find("POWER").map(|power| power.body), 2)?;
            }
            _ => self.operator(at, name, 2)?,
        }
        if operator == Operator::Concatenate {
            self.limited(at)?;
        }
        Ok(kind)
    }

    /// What is longer than a VARCHAR2 is an error where it is made.
    pub(super) fn limited(&mut self, at: At) -> Result<()> {
        let text = Arc::new(DataType::Varchar { size: None, chars: false });
        self.emit(at, Instruction::Convert(text)).map(|_| ())
    }

    fn misused(&self, symbol: &str, at: At) -> crate::error::Error {
        self.error(at, format_args!("PLS-00306: wrong number or types of arguments in call to '{symbol}'"))
    }

    fn case(
        &mut self,
        at: At,
        operand: Option<&Expr>,
        whens: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Result<Kind> {
        let selector = match operand {
            Some(operand) => Some(self.selector(operand)?),
            None => None,
        };
        let mut ends = Vec::new();
        let mut kind = Kind::Any;
        for (when, value) in whens {
            match &selector {
                Some(selector) => self.matches_selector(selector, when)?,
                None => self.condition_value(when)?,
            }
            let next = self.emit(when.at, Instruction::JumpUnless(0))?;
            kind = self.branch(kind, value)?;
            ends.push(self.emit(at, Instruction::Jump(0))?);
            self.builder()?.aim_here(next);
        }
        match otherwise {
            Some(value) => kind = self.branch(kind, value)?,
            None => {
                self.emit(at, Instruction::Push(Value::NULL))?;
            }
        }
        self.builder()?.aim_all_here(&ends);
        if kind == Kind::Boolean {
            self.emit(at, Instruction::Convert(Arc::new(DataType::Boolean)))?;
        }
        Ok(kind)
    }

    /// A result of CASE, whose type must go with those before.
    pub(super) fn branch(&mut self, known: Kind, value: &Expr) -> Result<Kind> {
        let found = self.expression(value)?;
        Ok(match (known, found) {
            (Kind::Any, found) => found,
            (known, Kind::Any) if !matches!(known, Kind::Table(_)) => known,
            (Kind::Scalar(Type::Char), Kind::Scalar(Type::Text))
            | (Kind::Scalar(Type::Text), Kind::Scalar(Type::Char)) => TEXT,
            (known, found) if known == found => known,
            (Kind::Scalar(_), Kind::Scalar(_)) => Kind::Any,
            _ => return Err(self.wrong_type(value.at)),
        })
    }

    /// A variable, a constant, an element or a call.
    pub(super) fn reference(&mut self, reference: &Reference) -> Result<Kind> {
        let names = idents(reference);
        if self.find_declared(&names).is_none()
            && let Some(kind) = self.standard(reference)?
        {
            return Ok(kind);
        }
        match self.find(&names)? {
            Some((Item::Variable { storage, kind, .. }, used)) => {
                self.variable_value(reference, &storage, &kind, used)
            }
            Some((Item::Record(columns), used)) => {
                let column = self.record_column(reference, &columns, used)?;
                let (storage, kind) = column;
                let place = self.place(&storage);
                self.emit(reference.at(), Instruction::Load(place))?;
                Ok(kind.kind())
            }
            Some((Item::Subprogram { target, signature }, used)) => {
                match self.call(reference, used, &target, &signature)? {
                    Some(kind) => Ok(kind),
                    None => Err(self.error(
                        reference.at(),
                        format_args!(
                            "PLS-00222: no function with name '{}' exists in this scope",
                            names.last().map_or("", |name| name.text.as_str())
                        ),
                    )),
                }
            }
            Some((Item::Exception(_) | Item::Type(_), _)) => Err(self.error(
                reference.at(),
                format_args!(
                    "PLS-00330: invalid use of type name, subtype name or exception '{}'",
                    reference.shown()
                ),
            )),
            None => {
                if let Some(kind) = self.sequence(reference)? {
                    return Ok(kind);
                }
                match self.builtin_call(reference)? {
                    Some(Some(kind)) => Ok(kind),
                    Some(None) => Err(self.error(
                        reference.at(),
                        format_args!(
                            "PLS-00222: no function with name '{}' exists in this scope",
                            reference.shown()
                        ),
                    )),
                    None => Err(self.undeclared(&reference.shown(), reference.at())),
                }
            }
        }
    }
}
