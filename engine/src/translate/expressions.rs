//! Expressions that have a value.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, TypedString, UnaryOperator, Value, ValueWithSpan};

use super::scope::{fold, invalid_identifier};
use super::walk::{RowBound, children, has_aggregate};
use super::{Sql, Translator};
use crate::catalogue::Name;
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::number::Number;

/// Pseudocolumns and functions without parentheses.
const PLAIN_CALLS: [&str; 8] = [
    "SYSDATE",
    "SYSTIMESTAMP",
    "CURRENT_DATE",
    "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP",
    "SESSIONTIMEZONE",
    "DBTIMEZONE",
    "USER",
];

/// The type of two expressions that stand for each other; `None` if Oracle would not mix them. With a bind among them it is unknown until
/// the statement runs.
pub(crate) fn unite(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        (Type::Unknown, _) | (_, Type::Unknown) => Some(Type::Unknown),
        (Type::Text | Type::Char, Type::Text | Type::Char) => {
            Some(if left == right { left } else { Type::Text })
        }
        _ => (left == right).then_some(left),
    }
}

/// The name that Oracle gives a column without alias: the expression's text without blanks, in upper case outside quotes.
pub(crate) fn column_name(expr: &Expr) -> Result<String> {
    match expr {
        Expr::Identifier(ident) => fold(ident),
        Expr::CompoundIdentifier(parts) => {
            parts.last().map_or_else(|| Err(Error::new(936, "missing expression")), fold)
        }
        other => Ok(squeezed(&other.to_string())),
    }
}

fn squeezed(text: &str) -> String {
    let mut quote = None;
    let mut out = String::new();
    for c in text.chars() {
        match quote {
            Some(open) => {
                out.push(if open == '"' { c } else { c.to_ascii_uppercase() });
                if c == open {
                    quote = None;
                }
            }
            None if c.is_whitespace() => {}
            None => {
                out.extend(c.to_uppercase());
                if c == '\'' || c == '"' {
                    quote = Some(c);
                }
            }
        }
    }
    out
}

impl Translator<'_> {
    /// The LIMIT of a bound of ROWNUM.
    pub(crate) fn row_bound(&mut self, bound: &RowBound<'_>) -> Result<String> {
        let value = self.value(bound.bound)?.text;
        Ok(if bound.exact {
            "1".to_owned()
        } else if bound.strict {
            format!("ora_rows_below({value})")
        } else {
            format!("ora_row_count({value})")
        })
    }

    /// Translates an expression that has a value. A condition is none: ORA-00923.
    pub(crate) fn value(&mut self, expr: &Expr) -> Result<Sql> {
        if let Some(key) = self.group_key(expr) {
            return Ok(key);
        }
        match expr {
            Expr::Nested(inner) => self.value(inner),
            Expr::Value(value) => self.literal(value),
            Expr::TypedString(typed) => typed_literal(typed),
            Expr::Identifier(ident) => {
                let name = fold(ident)?;
                if ident.quote_style.is_none()
                    && let Some(value) = self.pseudo_column(&name)?
                {
                    return Ok(value);
                }
                self.column(&[name])
            }
            Expr::CompoundIdentifier(parts) => {
                let parts: Result<Vec<String>> = parts.iter().map(fold).collect();
                self.compound(&parts?)
            }
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::BinaryOp { op, .. } if arithmetic(op).is_some() => self.chain(expr),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Subquery(query) => {
                let translated = self.nested_query(query)?;
                let [(_, kind)] = translated.columns.as_slice() else {
                    return Err(Error::new(913, "too many values"));
                };
                // SQLite takes the first of several rows; Oracle refuses them.
                Ok(Sql::new(format!("(SELECT ora_single(c1) FROM ({}))", translated.sql), *kind))
            }
            Expr::OuterJoin(_) => Err(Error::unimplemented("the (+) operator; write LEFT JOIN")),
            Expr::Prior(_) => Err(Error::unimplemented("CONNECT BY")),
            Expr::Interval(_) => Err(Error::unimplemented("intervals")),
            Expr::AtTimeZone { .. } => Err(Error::unimplemented("AT TIME ZONE")),
            _ => self.call_like(expr),
        }
    }

    /// In a query with groups, an expression that is one of the GROUP BY expressions is that key.
    fn group_key(&mut self, expr: &Expr) -> Option<Sql> {
        if children(expr).is_empty() {
            return None;
        }
        let scope = self.scopes.last_mut()?;
        if scope.inside_aggregate || has_aggregate(expr) {
            return None;
        }
        let grouping = scope.grouping.take()?;
        let (aliases, next_values) = (self.aliases, self.next_values.len());
        let plain = if grouping.keys.is_empty() { None } else { self.value(expr).ok() };
        let found = plain.filter(|plain| grouping.keys.contains(&plain.text));
        self.aliases = aliases;
        self.next_values.truncate(next_values);
        if let Some(scope) = self.scopes.last_mut() {
            scope.grouping = Some(grouping);
        }
        found
    }

    fn literal(&self, literal: &ValueWithSpan) -> Result<Sql> {
        let text = |text: &str| Ok(Sql { text: Datum::text(text).to_sql(), kind: Type::Text, literal: true });
        match &literal.value {
            Value::Number(digits, false) => {
                Number::parse(digits).map(|number| Sql::new(Datum::Number(number).to_sql(), Type::Number))
            }
            Value::SingleQuotedString(value) | Value::NationalStringLiteral(value) => text(value),
            Value::QuoteDelimitedStringLiteral(quoted)
            | Value::NationalQuoteDelimitedStringLiteral(quoted) => text(&quoted.value),
            Value::Null => Ok(Sql::new("NULL", Type::Unknown)),
            Value::Placeholder(_) => {
                let position = self.binds.position(literal.span.start)?;
                Ok(Sql::new(format!("?{position}"), Type::Unknown))
            }
            Value::Boolean(_) => Err(Error::new(
                904,
                format_args!("\"{}\": invalid identifier", literal.value.to_string().to_uppercase()),
            )),
            _ => Err(Error::new(911, "invalid character: this kind of literal is not Oracle's")),
        }
    }

    fn pseudo_column(&mut self, name: &str) -> Result<Option<Sql>> {
        if PLAIN_CALLS.contains(&name) {
            return self.plain_call(name).map(Some);
        }
        match name {
            "ROWNUM" => {
                let sql = self.scopes.last().and_then(|scope| scope.row_number.clone());
                let grouped = self.scopes.last().is_some_and(|scope| scope.grouping.is_some());
                match sql {
                    Some(sql) if !grouped => Ok(Some(Sql::new(sql, Type::Number))),
                    _ => Err(Error::unimplemented(
                        "ROWNUM here; it has ROWNUM <= n, ROWNUM < n and ROWNUM = 1 joined by AND, and ROWNUM as a column",
                    )),
                }
            }
            "ROWID" => Err(Error::unimplemented("ROWID")),
            "LEVEL" => Err(Error::new(1788, "CONNECT BY clause required in this query block")),
            _ => Ok(None),
        }
    }

    fn compound(&mut self, parts: &[String]) -> Result<Sql> {
        match parts {
            [.., last] if last == "NEXTVAL" || last == "CURRVAL" => self.sequence_value(parts),
            [.., last] if last == "ROWID" || last == "ROWNUM" => {
                Err(Error::unimplemented("qualified pseudocolumns"))
            }
            _ => match self.column(parts) {
                Err(error) if error.code == 904 && parts.len() > 3 => Err(invalid_identifier(parts)),
                other => other,
            },
        }
    }

    /// NEXTVAL and CURRVAL. In one row all NEXTVALs of a sequence are one value, and CURRVAL is that value: what SQLite's order of evaluation
    /// does not give by itself is refused.
    fn sequence_value(&mut self, parts: &[String]) -> Result<Sql> {
        let Some((pseudo, name)) = parts.split_last() else { return Err(invalid_identifier(parts)) };
        let name = self.object_name(name)?;
        self.context.instance()?.check_sequence(&name)?;
        if !self.sequences_allowed {
            return Err(Error::new(2287, "sequence number not allowed here"));
        }
        let used = self.next_values.contains(&name);
        let call = |function: &str, name: &Name| {
            format!(
                "{function}({}, {})",
                Datum::text(name.schema.as_str()).to_sql(),
                Datum::text(name.name.as_str()).to_sql()
            )
        };
        if pseudo == "CURRVAL" {
            self.currvals.push((name.clone(), used));
            return Ok(Sql::new(call("ora_currval", &name), Type::Number));
        }
        if used {
            return Err(Error::unimplemented(
                "two NEXTVALs of one sequence in one statement; use CURRVAL for the second",
            ));
        }
        if self.currvals.iter().any(|(known, _)| *known == name) {
            return Err(Error::unimplemented("CURRVAL before NEXTVAL of the same sequence in one statement"));
        }
        self.next_values.push(name.clone());
        Ok(Sql::new(call("ora_nextval", &name), Type::Number))
    }

    fn unary(&mut self, op: UnaryOperator, expr: &Expr) -> Result<Sql> {
        let value = match op {
            UnaryOperator::Minus | UnaryOperator::Plus => self.value(expr)?,
            _ => return Err(not_a_value()),
        };
        check_arithmetic_type(&value)?;
        let function = if op == UnaryOperator::Minus { "ora_op_negate" } else { "ora_as_number" };
        Ok(Sql::new(format!("{function}({})", value.text), Type::Number))
    }

    /// A chain of arithmetic or concatenation leans to the left: it is followed in a loop, not by recursion.
    fn chain(&mut self, expr: &Expr) -> Result<Sql> {
        let mut rest = expr;
        let mut terms = Vec::new();
        while let Expr::BinaryOp { left, op, right } = rest {
            let Some(function) = arithmetic(op) else { break };
            terms.push((function, right.as_ref()));
            rest = left;
        }
        let mut result = self.value(rest)?;
        for (function, right) in terms.into_iter().rev() {
            let right = self.value(right)?;
            let kind = arithmetic_type(function, &result, &right)?;
            result = Sql::new(format!("{function}({}, {})", result.text, right.text), kind);
        }
        Ok(result)
    }

    fn case(&mut self, operand: Option<&Expr>, whens: &[CaseWhen], otherwise: Option<&Expr>) -> Result<Sql> {
        let operand = operand.map(|operand| self.value(operand)).transpose()?;
        let mut kind = None;
        let mut sql = "CASE".to_owned();
        for when in whens {
            let condition = match &operand {
                Some(operand) => {
                    let value = self.value(&when.condition)?;
                    super::conditions::compare(operand, "=", &value)
                }
                None => self.condition(&when.condition)?,
            };
            let result = self.value(&when.result)?;
            kind = joined_type(kind, &result)?;
            sql.push_str(&format!(" WHEN {condition} THEN {}", result.text));
        }
        if let Some(otherwise) = otherwise {
            let result = self.value(otherwise)?;
            kind = joined_type(kind, &result)?;
            sql.push_str(&format!(" ELSE {}", result.text));
        }
        Ok(Sql::new(format!("{sql} END"), kind.unwrap_or(Type::Unknown)))
    }
}

/// The type of one more expression beside those that gave `known`; NULL goes with every type.
pub(crate) fn joined_type(known: Option<Type>, next: &Sql) -> Result<Option<Type>> {
    match known {
        _ if next.text == "NULL" => Ok(known),
        None => Ok(Some(next.kind)),
        Some(known) => united(known, next.kind).map(Some),
    }
}

/// ORA-00932 for types that Oracle would not mix.
pub(crate) fn united(left: Type, right: Type) -> Result<Type> {
    unite(left, right).ok_or_else(|| crate::convert::inconsistent(crate::convert::type_name(left), right))
}

pub(crate) fn not_a_value() -> Error {
    Error::new(923, "FROM keyword not found where expected: a condition is no value in this SQL; use CASE")
}

fn arithmetic(op: &BinaryOperator) -> Option<&'static str> {
    match op {
        BinaryOperator::Plus => Some("ora_op_add"),
        BinaryOperator::Minus => Some("ora_op_subtract"),
        BinaryOperator::Multiply => Some("ora_op_multiply"),
        BinaryOperator::Divide => Some("ora_op_divide"),
        BinaryOperator::StringConcat => Some("ora_op_concat"),
        _ => None,
    }
}

fn check_arithmetic_type(value: &Sql) -> Result<()> {
    match value.kind {
        Type::Date | Type::Timestamp | Type::TimestampTz | Type::Raw => {
            Err(crate::convert::inconsistent("NUMBER", value.kind))
        }
        _ => Ok(()),
    }
}

/// What an operator gives; with a bind in it, what it gives for numbers, unless the other side is a date.
fn arithmetic_type(function: &str, left: &Sql, right: &Sql) -> Result<Type> {
    let is_date = |sql: &Sql| matches!(sql.kind, Type::Date | Type::Timestamp | Type::TimestampTz);
    match function {
        "ora_op_concat" => Ok(Type::Text),
        "ora_op_add" if is_date(left) || is_date(right) => Ok(Type::Date),
        "ora_op_subtract" if is_date(left) && is_date(right) => Ok(Type::Number),
        "ora_op_subtract" if is_date(left) && right.kind == Type::Unknown => Ok(Type::Unknown),
        "ora_op_subtract" if is_date(left) => Ok(Type::Date),
        _ => {
            check_arithmetic_type(left)?;
            check_arithmetic_type(right)?;
            Ok(if left.kind == Type::Unknown || right.kind == Type::Unknown {
                Type::Unknown
            } else {
                Type::Number
            })
        }
    }
}

fn typed_literal(typed: &TypedString) -> Result<Sql> {
    let Value::SingleQuotedString(text) = &typed.value.value else {
        return Err(Error::new(911, "invalid character"));
    };
    let kind = typed.data_type.to_string().to_uppercase();
    let (model, kind) = match kind.as_str() {
        "DATE" => ("YYYY-MM-DD", Type::Date),
        "TIMESTAMP" => ("YYYY-MM-DD HH24:MI:SS.FF", Type::Timestamp),
        _ => return Err(Error::unimplemented(format_args!("literals of type {kind}"))),
    };
    if typed.uses_odbc_syntax {
        return Err(Error::new(911, "invalid character"));
    }
    let parsed = crate::format_date::parse(text, model, true)?;
    let datum = if kind == Type::Date {
        Datum::Date(parsed.seconds)
    } else {
        Datum::Timestamp(parsed.seconds, parsed.nanos)
    };
    Ok(Sql::new(datum.to_sql(), kind))
}
