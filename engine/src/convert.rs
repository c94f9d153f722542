//! Oracle's implicit conversions, which follow the session's NLS parameters.

use std::cmp::Ordering;

use crate::datetime::check_seconds;
use crate::datum::{Datum, Type, hex, unhex};
use crate::error::{Error, Result};
use crate::format_date::{self, Moment};
use crate::nls::Environment;
use crate::number::{Number, invalid_number};

/// ORA-00932.
pub(crate) fn inconsistent(expected: &str, got: Type) -> Error {
    Error::new(932, format_args!("inconsistent datatypes: expected {expected} got {}", type_name(got)))
}

pub(crate) fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Number => "NUMBER",
        Type::Text | Type::Char => "CHAR",
        Type::Date => "DATE",
        Type::Timestamp => "TIMESTAMP",
        Type::TimestampTz => "TIMESTAMP WITH TIME ZONE",
        Type::Raw => "BINARY",
        Type::Unknown => "an unknown type",
    }
}

/// The moment that a date or timestamp is, as formats write it.
pub(crate) fn moment(datum: &Datum, environment: &Environment) -> Option<Moment> {
    let (seconds, nanos, offset) = match *datum {
        Datum::Date(seconds) => (seconds, None, None),
        Datum::Timestamp(seconds, nanos) => (seconds, Some(nanos), None),
        Datum::TimestampTz(seconds, nanos, offset) => {
            (seconds + i64::from(offset) * 60, Some(nanos), Some(offset))
        }
        _ => return None,
    };
    let decimal = environment.numeric_characters().0;
    Some(Moment { seconds, nanos, offset, english: environment.has_english_dates(), decimal })
}

/// The text that a value becomes by itself; `None` for NULL.
pub(crate) fn to_text(datum: &Datum, environment: &Environment) -> Result<Option<String>> {
    let format = match datum {
        Datum::Null => return Ok(None),
        Datum::Text(text) => return Ok(Some(text.clone())),
        Datum::Number(number) => return Ok(Some(number_text(number, environment))),
        Datum::Raw(bytes) => return Ok(Some(hex(bytes))),
        Datum::Date(_) => "NLS_DATE_FORMAT",
        Datum::Timestamp(..) => "NLS_TIMESTAMP_FORMAT",
        Datum::TimestampTz(..) => "NLS_TIMESTAMP_TZ_FORMAT",
    };
    let model = environment.nls(format);
    moment(datum, environment).map(|moment| format_date::format(&moment, model)).transpose()
}

/// A number with the session's decimal character.
pub(crate) fn number_text(number: &Number, environment: &Environment) -> String {
    let (decimal, _) = environment.numeric_characters();
    let text = number.to_text();
    if decimal == '.' { text } else { text.replace('.', &decimal.to_string()) }
}

/// The number that a value becomes by itself; `None` for NULL, ORA-01722 for text that is none.
pub(crate) fn to_number(datum: &Datum, environment: &Environment) -> Result<Option<Number>> {
    match datum {
        Datum::Null => Ok(None),
        Datum::Number(number) => Ok(Some(number.clone())),
        Datum::Text(text) => {
            let (decimal, _) = environment.numeric_characters();
            if decimal == '.' {
                return Number::parse(text).map(Some);
            }
            if text.contains('.') {
                return Err(invalid_number());
            }
            Number::parse(&text.replace(decimal, ".")).map(Some)
        }
        other => Err(inconsistent("NUMBER", other.type_of())),
    }
}

/// An integer argument: the integer part of a number.
pub(crate) fn to_integer(datum: &Datum, environment: &Environment) -> Result<Option<i64>> {
    to_number(datum, environment)?.map(|number| number.truncated()).transpose()
}

/// The date that a value becomes by itself: text by NLS_DATE_FORMAT; a timestamp loses its fraction.
pub(crate) fn to_date(datum: &Datum, environment: &Environment) -> Result<Option<i64>> {
    match datum {
        Datum::Null => Ok(None),
        Datum::Date(seconds) | Datum::Timestamp(seconds, _) => Ok(Some(*seconds)),
        Datum::TimestampTz(seconds, _, offset) => Ok(Some(seconds + i64::from(*offset) * 60)),
        Datum::Text(text) => {
            let parsed = format_date::parse(
                text,
                environment.nls("NLS_DATE_FORMAT"),
                environment.has_english_dates(),
            )?;
            Ok(Some(parsed.seconds))
        }
        other => Err(inconsistent("DATE", other.type_of())),
    }
}

/// The timestamp that a value becomes by itself: text by NLS_TIMESTAMP_FORMAT; one with time zone, its own local time.
pub(crate) fn to_timestamp(datum: &Datum, environment: &Environment) -> Result<Option<(i64, u32)>> {
    match datum {
        Datum::Null => Ok(None),
        Datum::Date(seconds) => Ok(Some((*seconds, 0))),
        Datum::Timestamp(seconds, nanos) => Ok(Some((*seconds, *nanos))),
        Datum::TimestampTz(seconds, nanos, offset) => Ok(Some((seconds + i64::from(*offset) * 60, *nanos))),
        Datum::Text(text) => {
            let parsed = format_date::parse(
                text,
                environment.nls("NLS_TIMESTAMP_FORMAT"),
                environment.has_english_dates(),
            )?;
            Ok(Some((parsed.seconds, parsed.nanos)))
        }
        other => Err(inconsistent("TIMESTAMP", other.type_of())),
    }
}

/// The bytes that a value becomes by itself: text as hexadecimal digits.
pub(crate) fn to_raw(datum: &Datum) -> Result<Option<Vec<u8>>> {
    match datum {
        Datum::Null => Ok(None),
        Datum::Raw(bytes) => Ok(Some(bytes.clone())),
        Datum::Text(text) => unhex(text).map(Some).ok_or_else(|| Error::new(1465, "invalid hex number")),
        other => Err(inconsistent("BINARY", other.type_of())),
    }
}

/// Seconds that a number of days is, rounded.
pub(crate) fn days_to_seconds(days: &Number) -> Result<i64> {
    let seconds = days.multiply(&Number::from(86_400))?;
    seconds.round(0, bigdecimal::RoundingMode::HalfUp)?.truncated()
}

/// A date moved by days.
pub(crate) fn move_date(seconds: i64, by: i64) -> Result<Datum> {
    let moved = seconds
        .checked_add(by)
        .map_or_else(|| Err(Error::new(1841, "(full) year out of range")), check_seconds)?;
    Ok(Datum::Date(moved))
}

/// The instant in UTC, for comparisons with what has a time zone.
fn instant(datum: &Datum, environment: &Environment) -> Option<(i64, u32)> {
    let offset = i64::from(environment.time_zone_minutes) * 60;
    match *datum {
        Datum::Date(seconds) => Some((seconds - offset, 0)),
        Datum::Timestamp(seconds, nanos) => Some((seconds - offset, nanos)),
        Datum::TimestampTz(seconds, nanos, _) => Some((seconds, nanos)),
        _ => None,
    }
}

/// Compares as Oracle does: text with a number as numbers, text with a date as dates. `None` if either is NULL.
pub(crate) fn compare(left: &Datum, right: &Datum, environment: &Environment) -> Result<Option<Ordering>> {
    use Datum::{Date, Null, Number, Raw, Text, Timestamp, TimestampTz};
    let order = match (left, right) {
        (Null, _) | (_, Null) => return Ok(None),
        (Number(a), Number(b)) => a.cmp(b),
        (Text(a), Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Raw(a), Raw(b)) => a.cmp(b),
        (Number(a), Text(_)) => return Ok(to_number(right, environment)?.map(|b| a.cmp(&b))),
        (Text(_), Number(b)) => return Ok(to_number(left, environment)?.map(|a| a.cmp(b))),
        (Raw(a), Text(_)) => return Ok(to_raw(right)?.map(|b| a.cmp(&b))),
        (Text(_), Raw(b)) => return Ok(to_raw(left)?.map(|a| a.cmp(b))),
        (Date(a), Text(_)) => return Ok(to_date(right, environment)?.map(|b| a.cmp(&b))),
        (Text(_), Date(b)) => return Ok(to_date(left, environment)?.map(|a| a.cmp(b))),
        (Timestamp(a, an), Text(_)) => {
            return Ok(to_timestamp(right, environment)?.map(|b| (*a, *an).cmp(&b)));
        }
        (Text(_), Timestamp(b, bn)) => return Ok(to_timestamp(left, environment)?.map(|a| a.cmp(&(*b, *bn)))),
        (Date(_) | Timestamp(..) | TimestampTz(..), Date(_) | Timestamp(..) | TimestampTz(..)) => {
            instant(left, environment).cmp(&instant(right, environment))
        }
        _ => return Err(inconsistent(type_name(left.type_of()), right.type_of())),
    };
    Ok(Some(order))
}
