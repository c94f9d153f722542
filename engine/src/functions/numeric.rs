//! Functions on numbers.

use bigdecimal::RoundingMode;

use super::{Function, Gives, function};
use crate::convert::{move_date, to_date, to_integer, to_number, to_text};
use crate::datetime::Civil;
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::shared::SessionContext;

const NUMBER: Gives = Gives::Always(Type::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    function("ABS", 1, 1, NUMBER, |context, arguments| {
        on_number(context, arguments, |number| Ok(number.abs()))
    }),
    function("SIGN", 1, 1, NUMBER, |context, arguments| {
        on_number(context, arguments, |number| Ok(sign(&number)))
    }),
    function("CEIL", 1, 1, NUMBER, |context, arguments| {
        on_number(context, arguments, |number| number.round(0, RoundingMode::Ceiling))
    }),
    function("FLOOR", 1, 1, NUMBER, |context, arguments| {
        on_number(context, arguments, |number| number.round(0, RoundingMode::Floor))
    }),
    function("MOD", 2, 2, NUMBER, modulo),
    function("POWER", 2, 2, NUMBER, power),
    function("SQRT", 1, 1, NUMBER, |context, arguments| {
        on_number(context, arguments, |number| square_root(&number))
    }),
    function("ROUND", 1, 2, Gives::DateOrNumber, |context, arguments| {
        round(context, arguments, RoundingMode::HalfUp)
    }),
    function("TRUNC", 1, 2, Gives::DateOrNumber, |context, arguments| {
        round(context, arguments, RoundingMode::Down)
    }),
    function("TO_NUMBER", 1, 2, NUMBER, to_number_function),
    function("BITAND", 2, 2, NUMBER, bit_and),
];

fn on_number(
    context: &SessionContext,
    arguments: &[Datum],
    operation: impl FnOnce(Number) -> Result<Number>,
) -> Result<Datum> {
    let number = to_number(&arguments[0], &context.environment.lock())?;
    number.map_or(Ok(Datum::Null), |number| operation(number).map(Datum::Number))
}

fn two(context: &SessionContext, arguments: &[Datum]) -> Result<Option<(Number, Number)>> {
    let environment = context.environment.lock();
    Ok(to_number(&arguments[0], &environment)?.zip(to_number(&arguments[1], &environment)?))
}

fn sign(number: &Number) -> Number {
    Number::from(match (number.is_zero(), number.is_negative()) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    })
}

fn modulo(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    two(context, arguments)?
        .map_or(Ok(Datum::Null), |(left, right)| left.remainder(&right).map(Datum::Number))
}

fn power(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let Some((base, exponent)) = two(context, arguments)? else { return Ok(Datum::Null) };
    if base.is_negative() && !exponent.is_integer() {
        return Err(Error::new(1428, format_args!("argument '{}' is out of range", base.to_text())));
    }
    match exponent.to_i64() {
        Some(whole) if whole.abs() <= 10_000 => base.power(whole).map(Datum::Number),
        Some(_) => Err(Error::new(1426, "numeric overflow")),
        None => Err(Error::unimplemented("POWER with an exponent that is no whole number")),
    }
}

fn square_root(number: &Number) -> Result<Number> {
    let root = number.decimal().sqrt();
    let problem = || Error::new(1428, format_args!("argument '{}' is out of range", number.to_text()));
    root.ok_or_else(problem).and_then(Number::new)
}

/// ROUND and TRUNC: of a date if the first argument is one, to the unit that the second names.
fn round(context: &SessionContext, arguments: &[Datum], mode: RoundingMode) -> Result<Datum> {
    let environment = context.environment.lock();
    let is_date = matches!(arguments[0].type_of(), Type::Date | Type::Timestamp | Type::TimestampTz);
    if is_date {
        let unit = arguments.get(1).map_or(Ok(Some("DD".to_owned())), |unit| to_text(unit, &environment))?;
        let (Some(seconds), Some(unit)) = (to_date(&arguments[0], &environment)?, unit) else {
            return Ok(Datum::Null);
        };
        return round_date(seconds, &unit.to_uppercase(), mode == RoundingMode::HalfUp);
    }
    let scale = arguments.get(1).map_or(Ok(Some(0)), |scale| to_integer(scale, &environment))?;
    match (to_number(&arguments[0], &environment)?, scale) {
        (Some(number), Some(scale)) => number.round(scale, mode).map(Datum::Number),
        _ => Ok(Datum::Null),
    }
}

fn round_date(seconds: i64, unit: &str, nearest: bool) -> Result<Datum> {
    const DAY: i64 = 86_400;
    let civil = Civil::from_seconds(seconds);
    let midnight = Civil { hour: 0, minute: 0, second: 0, ..civil };
    let stepped =
        |step: i64| Ok(Datum::Date((seconds + if nearest { step / 2 } else { 0 }).div_euclid(step) * step));
    match unit {
        "DD" | "DDD" | "J" => stepped(DAY),
        "HH" | "HH12" | "HH24" => stepped(3600),
        "MI" => stepped(60),
        "MM" | "MON" | "MONTH" | "RM" => {
            let later = i64::from(nearest && civil.day >= 16);
            crate::datetime::add_months(Civil { day: 1, ..midnight }.to_seconds()?, later).map(Datum::Date)
        }
        "Q" => {
            let first = (civil.month - 1) / 3 * 3 + 1;
            let in_second_half = civil.month > first + 1 || (civil.month == first + 1 && civil.day >= 16);
            let start = Civil { day: 1, month: first, ..midnight }.to_seconds()?;
            crate::datetime::add_months(start, if nearest && in_second_half { 3 } else { 0 }).map(Datum::Date)
        }
        "YEAR" | "YYYY" | "YYY" | "YY" | "Y" | "SYYYY" | "SYEAR" => {
            let year = civil.year + i64::from(nearest && civil.month >= 7);
            Civil { year, month: 1, day: 1, ..midnight }.to_seconds().map(Datum::Date)
        }
        "IW" | "D" | "DAY" | "DY" => {
            let past = if unit == "IW" { (civil.weekday() + 5) % 7 } else { civil.weekday() - 1 };
            let start = midnight.to_seconds()? - past * DAY;
            let later = nearest && seconds - start >= 7 * DAY / 2;
            move_date(start, if later { 7 * DAY } else { 0 })
        }
        _ => Err(Error::new(1898, "too many precision specifiers")),
    }
}

fn to_number_function(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let Some(format) = arguments.get(1) else {
        return Ok(to_number(&arguments[0], &environment)?.map_or(Datum::Null, Datum::Number));
    };
    match (to_text(&arguments[0], &environment)?, to_text(format, &environment)?) {
        (Some(text), Some(format)) => {
            crate::format_number::parse(&text, &format, &environment).map(Datum::Number)
        }
        _ => Ok(Datum::Null),
    }
}

fn bit_and(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let Some((left, right)) = two(context, arguments)? else { return Ok(Datum::Null) };
    Ok(Datum::integer(left.truncated()? & right.truncated()?))
}
