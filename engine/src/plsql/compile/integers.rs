//! Which expressions are PLS_INTEGERs: their sums, differences and products overflow beyond 32 bits, whatever they are assigned to.

use super::names::idents;
use super::scope::Item;
use super::{Compiler, Result};
use crate::datum::Datum;
use crate::plsql::ast::{Expr, ExprKind, Operator, Reference};
use crate::plsql::types::DataType;

impl Compiler<'_> {
    pub(super) fn is_integer(&mut self, expr: &Expr) -> Result<bool> {
        match &expr.kind {
            ExprKind::Literal(Datum::Number(number)) => {
                let small = number.to_i64().is_some_and(|value| i32::try_from(value).is_ok());
                Ok(small && self.is_plain_number(expr))
            }
            ExprKind::Negate(inner) => self.is_integer(inner),
            ExprKind::Chain(first, rest) => {
                let mut is_integer = self.is_integer(first)?;
                for (operator, _, right) in rest {
                    is_integer = is_integer && stays_integer(*operator) && self.is_integer(right)?;
                }
                Ok(is_integer)
            }
            ExprKind::Reference(reference) => self.is_integer_reference(reference),
            _ => Ok(false),
        }
    }

    /// `1.0` and `1e0` are NUMBERs.
    fn is_plain_number(&self, literal: &Expr) -> bool {
        let text = self.text.get(literal.at..).unwrap_or_default();
        let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
        !behind.starts_with(['e', 'E']) && (!behind.starts_with('.') || behind.starts_with(".."))
    }

    fn is_integer_reference(&mut self, reference: &Reference) -> Result<bool> {
        Ok(match self.find(&idents(reference))? {
            Some((Item::Variable { kind, .. }, used)) => {
                let Some(table) = Self::table_of(&kind.kind()) else { return Ok(is_integer_type(&kind)) };
                match reference.parts.get(used) {
                    None => is_integer_type(&table.element),
                    Some(method) => method.name.text == "COUNT" || is_integer_type(&table.index),
                }
            }
            Some((Item::Subprogram { signature, .. }, _)) => {
                signature.returns.as_deref().is_some_and(is_integer_type)
            }
            _ => false,
        })
    }
}

pub(super) fn stays_integer(operator: Operator) -> bool {
    matches!(operator, Operator::Add | Operator::Subtract | Operator::Multiply)
}

fn is_integer_type(kind: &DataType) -> bool {
    match kind {
        DataType::Integer { .. } => true,
        DataType::NotNull(base) => is_integer_type(base),
        _ => false,
    }
}
