//! Puts a value into a column: converts it to the column's type, rounds it, and checks its size.

use bigdecimal::RoundingMode;

use super::Body;
use crate::catalogue::ColumnType;
use crate::convert::{to_date, to_number, to_raw, to_text, to_timestamp};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::shared::SessionContext;

pub(super) const VALUES: &[(&str, Body)] = &[("ora_store", store)];

/// The arguments of `ora_store` after the value: type, size or precision, scale or unit, and the column's name for errors.
pub(crate) fn store_arguments(kind: ColumnType, column: &str) -> String {
    let optional = |value: Option<i64>| value.map_or_else(|| "NULL".to_owned(), |value| value.to_string());
    let (letter, size, more) = match kind {
        ColumnType::Number { precision, scale } => ("N", optional(precision), optional(scale)),
        ColumnType::Varchar { size, chars } => ("V", size.to_string(), i64::from(chars).to_string()),
        ColumnType::Char { size, chars } => ("C", size.to_string(), i64::from(chars).to_string()),
        ColumnType::Clob => ("L", "NULL".to_owned(), "NULL".to_owned()),
        ColumnType::Date => ("D", "NULL".to_owned(), "NULL".to_owned()),
        ColumnType::Timestamp { digits } => ("T", digits.to_string(), "NULL".to_owned()),
        ColumnType::Raw { size } => ("R", size.to_string(), "NULL".to_owned()),
        ColumnType::Blob => ("B", "NULL".to_owned(), "NULL".to_owned()),
    };
    format!("'{letter}', {size}, {more}, '{}'", column.replace('\'', "''"))
}

fn argument(datum: &Datum) -> Option<i64> {
    match datum {
        Datum::Number(number) => number.to_i64(),
        _ => None,
    }
}

fn store(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let [value, Datum::Text(letter), size, more, Datum::Text(column)] = arguments else {
        return Err(Error::new(1722, "invalid number of arguments inside the engine"));
    };
    let (size, more) = (argument(size), argument(more));
    match letter.as_str() {
        "N" => store_number(value, size, more, column, &environment),
        "D" => Ok(to_date(value, &environment)?.map_or(Datum::Null, Datum::Date)),
        "T" => store_timestamp(value, size.unwrap_or(6), &environment),
        "R" | "B" => store_raw(value, size, column),
        _ => store_text(value, letter == "C", size, more == Some(1), column, &environment),
    }
}

fn store_number(
    value: &Datum,
    precision: Option<i64>,
    scale: Option<i64>,
    column: &str,
    environment: &Environment,
) -> Result<Datum> {
    let Some(number) = to_number(value, environment)? else { return Ok(Datum::Null) };
    if precision.is_none() && scale.is_none() {
        return Ok(Datum::Number(number));
    }
    let scale = scale.unwrap_or(0);
    let rounded = number.round(scale, RoundingMode::HalfUp)?;
    if rounded.integer_digits() > precision.unwrap_or(38) - scale {
        return Err(Error::new(
            1438,
            format_args!("value larger than specified precision allowed for this column {column}"),
        ));
    }
    Ok(Datum::Number(rounded))
}

fn store_timestamp(value: &Datum, digits: i64, environment: &Environment) -> Result<Datum> {
    let Some((seconds, nanos)) = to_timestamp(value, environment)? else { return Ok(Datum::Null) };
    let unit = 10_i64.pow(9 - digits.clamp(0, 9) as u32);
    let rounded = (i64::from(nanos) + unit / 2) / unit * unit;
    Ok(Datum::Timestamp(seconds + rounded / 1_000_000_000, (rounded % 1_000_000_000) as u32))
}

fn too_large(column: &str, actual: usize, maximum: i64) -> Error {
    Error::new(
        12899,
        format_args!("value too large for column {column} (actual: {actual}, maximum: {maximum})"),
    )
}

fn store_raw(value: &Datum, size: Option<i64>, column: &str) -> Result<Datum> {
    let Some(bytes) = to_raw(value)? else { return Ok(Datum::Null) };
    match size {
        Some(maximum) if bytes.len() as i64 > maximum => Err(too_large(column, bytes.len(), maximum)),
        _ => Ok(Datum::Raw(bytes)),
    }
}

fn store_text(
    value: &Datum,
    padded: bool,
    size: Option<i64>,
    chars: bool,
    column: &str,
    environment: &Environment,
) -> Result<Datum> {
    let Some(mut text) = to_text(value, environment)? else { return Ok(Datum::Null) };
    let Some(maximum) = size else { return Ok(Datum::Text(text)) };
    let length = |text: &str| if chars { text.chars().count() } else { text.len() };
    let actual = length(&text);
    if actual as i64 > maximum {
        return Err(too_large(column, actual, maximum));
    }
    if padded {
        text.extend(std::iter::repeat_n(' ', maximum as usize - actual));
    }
    Ok(Datum::Text(text))
}
