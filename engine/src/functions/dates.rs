//! Functions on dates and timestamps, and the clock.

use super::text::text_of;
use super::{Function, Gives, function};
use crate::convert::{moment, move_date, to_date, to_integer, to_number, to_text, to_timestamp};
use crate::datetime::{Civil, add_months, days_in_month};
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::format_date::{self, DAYS};
use crate::number::Number;
use crate::shared::SessionContext;

const DATE: Gives = Gives::Always(Type::Date);
const NUMBER: Gives = Gives::Always(Type::Number);
const TEXT: Gives = Gives::Always(Type::Text);
const DAY: i64 = 86_400;

/// The engine's host clock is UTC, which is also DBTIMEZONE.
pub(super) const FUNCTIONS: &[Function] = &[
    function("SYSDATE", 0, 0, DATE, |context, _| Ok(Datum::Date(context.statement_time.lock().0))),
    function("SYSTIMESTAMP", 0, 0, Gives::Always(Type::TimestampTz), |context, _| {
        let (seconds, nanos) = *context.statement_time.lock();
        Ok(Datum::TimestampTz(seconds, nanos, 0))
    }),
    function("CURRENT_DATE", 0, 0, DATE, |context, _| Ok(Datum::Date(local_time(context).0))),
    function("CURRENT_TIMESTAMP", 0, 0, Gives::Always(Type::TimestampTz), |context, _| {
        let (seconds, nanos) = *context.statement_time.lock();
        Ok(Datum::TimestampTz(seconds, nanos, context.environment.lock().time_zone_minutes))
    }),
    function("LOCALTIMESTAMP", 0, 0, Gives::Always(Type::Timestamp), |context, _| {
        let (seconds, nanos) = local_time(context);
        Ok(Datum::Timestamp(seconds, nanos))
    }),
    function("SESSIONTIMEZONE", 0, 0, TEXT, |context, _| {
        Ok(Datum::text(context.environment.lock().time_zone.as_str()))
    }),
    function("DBTIMEZONE", 0, 0, TEXT, |_, _| Ok(Datum::text("+00:00"))),
    function("TO_CHAR", 1, 2, TEXT, to_char),
    function("TO_DATE", 1, 2, DATE, |context, arguments| {
        Ok(parsed(context, arguments, "NLS_DATE_FORMAT")?.map_or(Datum::Null, |parsed| Datum::Date(parsed.0)))
    }),
    function("TO_TIMESTAMP", 1, 2, Gives::Always(Type::Timestamp), |context, arguments| {
        let parsed = parsed(context, arguments, "NLS_TIMESTAMP_FORMAT")?;
        Ok(parsed.map_or(Datum::Null, |(seconds, nanos)| Datum::Timestamp(seconds, nanos)))
    }),
    function("ADD_MONTHS", 2, 2, DATE, |context, arguments| {
        let environment = context.environment.lock();
        let date = to_date(&arguments[0], &environment)?.zip(to_integer(&arguments[1], &environment)?);
        date.map_or(Ok(Datum::Null), |(date, months)| add_months(date, months).map(Datum::Date))
    }),
    function("MONTHS_BETWEEN", 2, 2, NUMBER, months_between),
    function("LAST_DAY", 1, 1, DATE, |context, arguments| {
        let Some(date) = to_date(&arguments[0], &context.environment.lock())? else { return Ok(Datum::Null) };
        let civil = Civil::from_seconds(date);
        Civil { day: days_in_month(civil.year, civil.month), ..civil }.to_seconds().map(Datum::Date)
    }),
    function("NEXT_DAY", 2, 2, DATE, next_day),
    function("EXTRACT", 2, 2, NUMBER, extract),
];

fn local_time(context: &SessionContext) -> (i64, u32) {
    let (seconds, nanos) = *context.statement_time.lock();
    (seconds + i64::from(context.environment.lock().time_zone_minutes) * 60, nanos)
}

fn to_char(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let Some(format) = arguments.get(1) else {
        return Ok(to_text(&arguments[0], &environment)?.map_or(Datum::Null, Datum::text));
    };
    let Some(format) = to_text(format, &environment)? else { return Ok(Datum::Null) };
    if let Some(moment) = moment(&arguments[0], &environment) {
        return format_date::format(&moment, &format).map(Datum::text);
    }
    let number = to_number(&arguments[0], &environment)?;
    number.map_or(Ok(Datum::Null), |number| {
        crate::format_number::format(&number, &format, &environment).map(Datum::text)
    })
}

fn parsed(context: &SessionContext, arguments: &[Datum], default: &str) -> Result<Option<(i64, u32)>> {
    let environment = context.environment.lock();
    let is_date = matches!(arguments[0].type_of(), Type::Date | Type::Timestamp | Type::TimestampTz);
    if is_date && arguments.len() == 1 {
        return to_timestamp(&arguments[0], &environment);
    }
    let text = to_text(&arguments[0], &environment)?;
    let format = match arguments.get(1) {
        None => Some(environment.nls(default).to_owned()),
        Some(format) => to_text(format, &environment)?,
    };
    let (Some(text), Some(format)) = (text, format) else { return Ok(None) };
    let parsed = format_date::parse(&text, &format, environment.has_english_dates())?;
    Ok(Some((parsed.seconds, parsed.nanos)))
}

fn months_between(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let (Some(later), Some(earlier)) =
        (to_date(&arguments[0], &environment)?, to_date(&arguments[1], &environment)?)
    else {
        return Ok(Datum::Null);
    };
    let (a, b) = (Civil::from_seconds(later), Civil::from_seconds(earlier));
    let months = (a.year - b.year) * 12 + a.month - b.month;
    let is_last = |civil: &Civil| civil.day == days_in_month(civil.year, civil.month);
    if a.day == b.day || (is_last(&a) && is_last(&b)) {
        return Ok(Datum::integer(months));
    }
    let seconds = (a.day - b.day) * DAY + later.rem_euclid(DAY) - earlier.rem_euclid(DAY);
    let part = Number::from(seconds).divide(&Number::from(31 * DAY))?;
    Number::from(months).add(&part).map(Datum::Number)
}

fn next_day(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let name = text_of(context, &arguments[1])?;
    let (Some(date), Some(name)) = (to_date(&arguments[0], &context.environment.lock())?, name) else {
        return Ok(Datum::Null);
    };
    let name = name.trim().to_uppercase();
    let wanted = DAYS.iter().position(|day| name.len() >= 3 && day.starts_with(&name));
    let wanted = wanted.ok_or_else(|| Error::new(1846, "not a valid day of the week"))? as i64 + 1;
    let ahead = (wanted - Civil::from_seconds(date).weekday() + 6).rem_euclid(7) + 1;
    move_date(date, ahead * DAY)
}

/// EXTRACT (field FROM date); the translation gives the field's name as the first argument.
fn extract(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let environment = context.environment.lock();
    let Some(field) = to_text(&arguments[0], &environment)? else { return Ok(Datum::Null) };
    let (seconds, nanos, has_time) = match &arguments[1] {
        Datum::Null => return Ok(Datum::Null),
        Datum::Date(seconds) => (*seconds, 0, false),
        // EXTRACT of a time zone gives its UTC fields.
        Datum::Timestamp(seconds, nanos) | Datum::TimestampTz(seconds, nanos, _) => (*seconds, *nanos, true),
        _ => return Err(Error::new(30076, "invalid extract field for extract source")),
    };
    let civil = Civil::from_seconds(seconds);
    let value = match field.as_str() {
        "YEAR" => civil.year,
        "MONTH" => civil.month,
        "DAY" => civil.day,
        "HOUR" if has_time => civil.hour,
        "MINUTE" if has_time => civil.minute,
        "SECOND" if has_time => {
            let fraction = Number::from(i64::from(nanos)).divide(&Number::from(1_000_000_000))?;
            return Number::from(civil.second).add(&fraction).map(Datum::Number);
        }
        _ => return Err(Error::new(30076, "invalid extract field for extract source")),
    };
    Ok(Datum::integer(value))
}
