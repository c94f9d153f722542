//! Arithmetic, concatenation, comparison and LIKE.

use std::cmp::Ordering;

use bigdecimal::RoundingMode;

use super::{Body, Count, Test, made_text};
use crate::convert::{
    compare, days_to_seconds, inconsistent, move_date, to_date, to_number, to_text, to_timestamp,
};
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::shared::SessionContext;

pub(super) const VALUES: &[(&str, Body)] = &[
    ("ora_op_add", add),
    ("ora_op_subtract", subtract),
    ("ora_op_multiply", |context, arguments| numbers(context, arguments, Number::multiply)),
    ("ora_op_divide", |context, arguments| numbers(context, arguments, Number::divide)),
    ("ora_op_negate", negate),
    ("ora_op_concat", concat),
    ("ora_as_number", |context, arguments| {
        Ok(to_number(&arguments[0], &context.environment.lock())?.map_or(Datum::Null, Datum::Number))
    }),
    ("ora_as_text", |context, arguments| {
        Ok(to_text(&arguments[0], &context.environment.lock())?.map_or(Datum::Null, Datum::text))
    }),
    ("ora_as_date", |context, arguments| {
        Ok(to_date(&arguments[0], &context.environment.lock())?.map_or(Datum::Null, Datum::Date))
    }),
    ("ora_as_timestamp", |context, arguments| {
        let moment = to_timestamp(&arguments[0], &context.environment.lock())?;
        Ok(moment.map_or(Datum::Null, |(seconds, nanos)| Datum::Timestamp(seconds, nanos)))
    }),
    ("ora_blank_trimmed", |_, arguments| Ok(trimmed(&arguments[0]))),
];

pub(super) const COUNTS: &[(&str, Count)] = &[
    // ROWNUM <= n, FETCH FIRST n and OFFSET n: a fraction counts no row more, and NULL or less than nothing is no row.
    ("ora_row_count", |context, arguments| rows(context, arguments, RoundingMode::Floor, 0)),
    ("ora_rows_below", |context, arguments| rows(context, arguments, RoundingMode::Ceiling, 1)),
];

pub(super) const TESTS: &[(&str, Test)] = &[
    ("ora_eq", |context, arguments| test(context, arguments, Ordering::is_eq)),
    ("ora_ne", |context, arguments| test(context, arguments, Ordering::is_ne)),
    ("ora_lt", |context, arguments| test(context, arguments, Ordering::is_lt)),
    ("ora_le", |context, arguments| test(context, arguments, Ordering::is_le)),
    ("ora_gt", |context, arguments| test(context, arguments, Ordering::is_gt)),
    ("ora_ge", |context, arguments| test(context, arguments, Ordering::is_ge)),
    ("ora_same", same),
    ("ora_like", like),
    ("ora_in_set", in_set),
];

fn rows(context: &SessionContext, arguments: &[Datum], mode: RoundingMode, less: i64) -> Result<i64> {
    let Some(number) = to_number(&arguments[0], &context.environment.lock())? else { return Ok(0) };
    // More rows than an i64 counts are all rows.
    let whole = number.round(0, mode)?.to_i64().unwrap_or(if number.is_negative() { 0 } else { i64::MAX });
    Ok((whole - less).max(0))
}

fn test(context: &SessionContext, arguments: &[Datum], accept: fn(Ordering) -> bool) -> Result<Option<bool>> {
    let order = compare(&arguments[0], &arguments[1], &context.environment.lock())?;
    Ok(order.map(accept))
}

/// DECODE's comparison, for which NULL equals NULL.
fn same(context: &SessionContext, arguments: &[Datum]) -> Result<Option<bool>> {
    if arguments[0].is_null() || arguments[1].is_null() {
        return Ok(Some(arguments[0].is_null() && arguments[1].is_null()));
    }
    test(context, arguments, Ordering::is_eq)
}

/// Whether the first argument is among the values that the aggregate `ora_set` packed into the second.
fn in_set(context: &SessionContext, arguments: &[Datum]) -> Result<Option<bool>> {
    let values = super::aggregates::unpack(&arguments[1])?;
    if values.is_empty() {
        return Ok(Some(false));
    }
    if arguments[0].is_null() {
        return Ok(None);
    }
    let environment = context.environment.lock();
    let mut unknown = false;
    for value in &values {
        match compare(&arguments[0], value, &environment)? {
            Some(Ordering::Equal) => return Ok(Some(true)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(false) })
}

fn trimmed(datum: &Datum) -> Datum {
    match datum {
        Datum::Text(text) => match text.trim_end_matches(' ') {
            // A CHAR of blanks alone is a value: as the empty text it would be NULL and equal nothing.
            "" => Datum::text(" "),
            trimmed => Datum::text(trimmed),
        },
        other => other.clone(),
    }
}

fn numbers(
    context: &SessionContext,
    arguments: &[Datum],
    operation: fn(&Number, &Number) -> Result<Number>,
) -> Result<Datum> {
    let environment = context.environment.lock();
    let left = to_number(&arguments[0], &environment)?;
    let right = to_number(&arguments[1], &environment)?;
    match (left, right) {
        (Some(left), Some(right)) => operation(&left, &right).map(Datum::Number),
        _ => Ok(Datum::Null),
    }
}

fn is_date(datum: &Datum) -> bool {
    matches!(datum.type_of(), Type::Date | Type::Timestamp | Type::TimestampTz)
}

/// A date plus or minus a number of days; a timestamp becomes a DATE by it, as in Oracle.
fn shift(context: &SessionContext, date: &Datum, days: &Datum, sign: i64) -> Result<Datum> {
    let environment = context.environment.lock();
    let (Some(seconds), Some(days)) = (to_date(date, &environment)?, to_number(days, &environment)?) else {
        return Ok(Datum::Null);
    };
    move_date(seconds, sign * days_to_seconds(&days)?)
}

fn add(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    match (is_date(&arguments[0]), is_date(&arguments[1])) {
        (false, false) => numbers(context, arguments, Number::add),
        (true, false) => shift(context, &arguments[0], &arguments[1], 1),
        (false, true) => shift(context, &arguments[1], &arguments[0], 1),
        (true, true) => Err(Error::new(975, "date + date not allowed")),
    }
}

fn subtract(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    match (&arguments[0], &arguments[1]) {
        (Datum::Date(left), Datum::Date(right)) => {
            Number::from(left - right).divide(&Number::from(86_400)).map(Datum::Number)
        }
        (left, right) if is_date(left) && is_date(right) => Err(Error::unimplemented(
            "intervals, so that two timestamps cannot be subtracted; CAST them to DATE",
        )),
        (left, right) if is_date(left) => shift(context, left, right, -1),
        (left, right) if is_date(right) => {
            Err(inconsistent("NUMBER", if left.is_null() { Type::Unknown } else { right.type_of() }))
        }
        _ => numbers(context, arguments, Number::subtract),
    }
}

fn negate(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let number = to_number(&arguments[0], &context.environment.lock())?;
    Ok(number.map_or(Datum::Null, |number| Datum::Number(number.negate())))
}

fn concat(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let mut out = String::new();
    for argument in arguments {
        out.push_str(&to_text(argument, &environment)?.unwrap_or_default());
    }
    made_text(out)
}

/// LIKE: case-sensitive, `%` and `_`, with an optional escape character as the third argument.
fn like(context: &SessionContext, arguments: &[Datum]) -> Result<Option<bool>> {
    let environment = context.environment.lock();
    let text = to_text(&arguments[0], &environment)?;
    let pattern = to_text(&arguments[1], &environment)?;
    let escape = match arguments.get(2) {
        None => None,
        Some(escape) => {
            let escape = to_text(escape, &environment)?.unwrap_or_default();
            let mut characters = escape.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => Some(only),
                _ => return Err(Error::new(1425, "escape character must be character string of length 1")),
            }
        }
    };
    match (text, pattern) {
        (Some(text), Some(pattern)) => Ok(Some(matches_pattern(&text, &parse_pattern(&pattern, escape)?))),
        _ => Ok(None),
    }
}

#[derive(PartialEq)]
enum Piece {
    Many,
    One,
    Character(char),
}

fn parse_pattern(pattern: &str, escape: Option<char>) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        pieces.push(if Some(c) == escape {
            match characters.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => Piece::Character(next),
                _ => {
                    return Err(Error::new(
                        1424,
                        "missing or illegal character following the escape character",
                    ));
                }
            }
        } else {
            match c {
                '%' => Piece::Many,
                '_' => Piece::One,
                other => Piece::Character(other),
            }
        });
    }
    Ok(pieces)
}

/// Goes back to the last `%` on a mismatch: linear in memory, at worst the product of the lengths in time.
fn matches_pattern(text: &str, pieces: &[Piece]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut piece) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        let fits = match pieces.get(piece) {
            Some(Piece::Many) => {
                retry = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) => true,
            Some(Piece::Character(c)) => *c == text[at],
            None => false,
        };
        if fits {
            at += 1;
            piece += 1;
        } else if let Some((after, from)) = retry {
            retry = Some((after, from + 1));
            piece = after;
            at = from + 1;
        } else {
            return false;
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Many)
}
