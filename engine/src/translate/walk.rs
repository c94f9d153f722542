//! Looks into the parser's tree without translating it: literals, group functions, bounds of ROWNUM.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value, ValueWithSpan,
};

/// The whole number that an expression is as a literal.
pub(crate) fn whole_number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(text, false), .. }) => text.parse().ok(),
        _ => None,
    }
}

/// The text that an expression is as a literal.
pub(crate) fn text_literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        _ => None,
    }
}

fn is_row_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("ROWNUM"))
}

/// Whether ROWNUM stands in the expression, subqueries apart.
pub(crate) fn mentions_row_number(expr: &Expr) -> bool {
    is_row_number(expr) || children(expr).into_iter().any(mentions_row_number)
}

/// Whether a group function stands in the expression, subqueries apart.
pub(crate) fn has_aggregate(expr: &Expr) -> bool {
    let is_aggregate = matches!(expr, Expr::Function(function) if is_aggregate_call(function));
    is_aggregate || children(expr).into_iter().any(has_aggregate)
}

pub(crate) fn is_aggregate_call(function: &Function) -> bool {
    let name = function.name.to_string().to_uppercase();
    function.over.is_none() && crate::functions::AGGREGATES.contains(&name.as_str())
}

/// The expressions right below one, without those of subqueries.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    match expr {
        // Left-leaning chains are walked in a loop.
        Expr::BinaryOp { .. } => {
            let mut rest = expr;
            while let Expr::BinaryOp { left, right, .. } = rest {
                found.push(right.as_ref());
                rest = left;
            }
            found.push(rest);
        }
        Expr::UnaryOp { expr, .. }
        | Expr::Nested(expr)
        | Expr::IsNull(expr)
        | Expr::IsNotNull(expr)
        | Expr::Cast { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::InSubquery { expr, .. } => found.push(expr),
        Expr::InList { expr, list, .. } => {
            found.push(expr);
            found.extend(list);
        }
        Expr::Between { expr, low, high, .. } => found.extend([expr.as_ref(), low, high]),
        Expr::Like { expr, pattern, .. } => found.extend([expr.as_ref(), pattern]),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            found.push(expr);
            found.extend(substring_from.as_deref());
            found.extend(substring_for.as_deref());
        }
        Expr::Trim { expr, trim_what, .. } => {
            found.push(expr);
            found.extend(trim_what.as_deref());
        }
        Expr::Case { operand, conditions, else_result, .. } => {
            found.extend(operand.as_deref());
            found.extend(conditions.iter().flat_map(|when| [&when.condition, &when.result]));
            found.extend(else_result.as_deref());
        }
        Expr::Function(Function { args: FunctionArguments::List(list), .. }) => {
            found.extend(list.args.iter().filter_map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            }));
        }
        Expr::Tuple(items) => found.extend(items),
        _ => {}
    }
    found
}

/// A bound of ROWNUM: `ROWNUM <= bound`, or `<` if strict.
pub(crate) struct RowBound<'e> {
    pub(crate) bound: &'e Expr,
    pub(crate) strict: bool,
    /// `ROWNUM = 1`.
    pub(crate) exact: bool,
}

/// Takes the bounds of ROWNUM out of a condition; what is left are the other conditions, which all must hold.
pub(crate) fn split_row_limit(condition: &Expr) -> (Vec<RowBound<'_>>, Vec<&Expr>) {
    let mut bounds = Vec::new();
    let mut others = Vec::new();
    for part in conjuncts(condition) {
        match row_bound(part) {
            Some(bound) => bounds.push(bound),
            None => others.push(part),
        }
    }
    (bounds, others)
}

/// The conditions that AND joins, in order.
pub(crate) fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut rest = condition;
    loop {
        match rest {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                found.push(right.as_ref());
                rest = left;
            }
            _ => {
                found.push(rest);
                found.reverse();
                return found;
            }
        }
    }
}

fn row_bound(condition: &Expr) -> Option<RowBound<'_>> {
    let Expr::BinaryOp { left, op, right } = condition else { return None };
    let (bound, op) = if is_row_number(left) {
        (right.as_ref(), op.clone())
    } else if is_row_number(right) {
        let mirrored = match op {
            BinaryOperator::Gt => BinaryOperator::Lt,
            BinaryOperator::GtEq => BinaryOperator::LtEq,
            BinaryOperator::Eq => BinaryOperator::Eq,
            _ => return None,
        };
        (left.as_ref(), mirrored)
    } else {
        return None;
    };
    if !children(bound).is_empty() || is_row_number(bound) {
        return None;
    }
    match op {
        BinaryOperator::LtEq => Some(RowBound { bound, strict: false, exact: false }),
        BinaryOperator::Lt => Some(RowBound { bound, strict: true, exact: false }),
        BinaryOperator::Eq if whole_number(bound) == Some(1) => {
            Some(RowBound { bound, strict: false, exact: true })
        }
        _ => None,
    }
}
