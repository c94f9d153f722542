//! Group functions: SUM, AVG and LISTAGG, and the engine's own packing of a subquery's values for IN. COUNT, MIN and MAX are SQLite's.

use std::sync::{Arc, Weak};

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::Value as SqliteValue;

use super::{LONGEST_TEXT, to_sqlite};
use crate::convert::{to_number, to_text};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::number::Number;
use crate::shared::SessionContext;

/// Oracle's group functions that the engine has.
pub(crate) const NAMES: [&str; 6] = ["COUNT", "MIN", "MAX", "SUM", "AVG", "LISTAGG"];

pub(super) fn register(connection: &Connection, context: &Arc<SessionContext>) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8;
    let context = || Arc::downgrade(context);
    connection.create_aggregate_function(
        "ora_sum",
        1,
        flags,
        Total { context: context(), average: false },
    )?;
    connection.create_aggregate_function("ora_avg", 1, flags, Total { context: context(), average: true })?;
    connection.create_aggregate_function("ora_listagg", 2, flags, List { context: context() })?;
    connection.create_aggregate_function("ora_single", 1, flags, Single)?;
    connection.create_aggregate_function("ora_set", 1, flags, Set { context: context() })
}

fn enter(context: &Weak<SessionContext>) -> Result<Arc<SessionContext>> {
    let context = context.upgrade().ok_or_else(|| Error::new(1012, "not logged on"))?;
    context.control.check()?;
    Ok(context)
}

struct Total {
    context: Weak<SessionContext>,
    average: bool,
}

impl Aggregate<(Option<Number>, i64), SqliteValue> for Total {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<(Option<Number>, i64)> {
        Ok((None, 0))
    }

    fn step(&self, call: &mut Context<'_>, state: &mut (Option<Number>, i64)) -> rusqlite::Result<()> {
        let mut add = || -> Result<()> {
            let context = enter(&self.context)?;
            let Some(number) = to_number(&Datum::read(call.get_raw(0))?, &context.environment.lock())? else {
                return Ok(());
            };
            let sum = match &state.0 {
                Some(sum) => sum.add(&number)?,
                None => number,
            };
            *state = (Some(sum), state.1 + 1);
            Ok(())
        };
        add().map_err(to_sqlite)
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        state: Option<(Option<Number>, i64)>,
    ) -> rusqlite::Result<SqliteValue> {
        let Some((Some(sum), count)) = state else { return Ok(SqliteValue::Null) };
        let total = if self.average { sum.divide(&Number::from(count)) } else { Ok(sum) };
        total.map(|total| Datum::Number(total).into_sqlite()).map_err(to_sqlite)
    }
}

struct List {
    context: Weak<SessionContext>,
}

impl Aggregate<Option<String>, SqliteValue> for List {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Option<String>> {
        Ok(None)
    }

    fn step(&self, call: &mut Context<'_>, state: &mut Option<String>) -> rusqlite::Result<()> {
        let mut add = || -> Result<()> {
            let context = enter(&self.context)?;
            let environment = context.environment.lock();
            let Some(text) = to_text(&Datum::read(call.get_raw(0))?, &environment)? else { return Ok(()) };
            let separator = to_text(&Datum::read(call.get_raw(1))?, &environment)?.unwrap_or_default();
            let list = match state.take() {
                Some(list) => list + &separator + &text,
                None => text,
            };
            if list.len() > LONGEST_TEXT {
                return Err(Error::new(1489, "result of string concatenation is too long"));
            }
            *state = Some(list);
            Ok(())
        };
        add().map_err(to_sqlite)
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<Option<String>>) -> rusqlite::Result<SqliteValue> {
        Ok(state.flatten().map_or(SqliteValue::Null, SqliteValue::Text))
    }
}

/// The one value of a scalar subquery; ORA-01427 at the second row.
struct Single;

impl Aggregate<Option<SqliteValue>, SqliteValue> for Single {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Option<SqliteValue>> {
        Ok(None)
    }

    fn step(&self, call: &mut Context<'_>, state: &mut Option<SqliteValue>) -> rusqlite::Result<()> {
        let first = state.replace(call.get_raw(0).try_into()?).is_none();
        if first {
            Ok(())
        } else {
            Err(to_sqlite(Error::new(1427, "single-row subquery returns more than one row")))
        }
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        state: Option<Option<SqliteValue>>,
    ) -> rusqlite::Result<SqliteValue> {
        Ok(state.flatten().unwrap_or(SqliteValue::Null))
    }
}

/// Packs values for `ora_in_set`: for each its length and its bytes, where text has the tag 0 and NULL nothing at all.
struct Set {
    context: Weak<SessionContext>,
}

impl Aggregate<Vec<u8>, SqliteValue> for Set {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn step(&self, call: &mut Context<'_>, state: &mut Vec<u8>) -> rusqlite::Result<()> {
        enter(&self.context).map_err(to_sqlite)?;
        let datum = Datum::read(call.get_raw(0)).map_err(to_sqlite)?;
        let bytes = match &datum {
            Datum::Text(text) => [&[0], text.as_bytes()].concat(),
            other => other.encode().unwrap_or_default(),
        };
        state.extend((bytes.len() as u64).to_be_bytes());
        state.extend(bytes);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<Vec<u8>>) -> rusqlite::Result<SqliteValue> {
        Ok(Datum::Raw(state.unwrap_or_default()).into_sqlite())
    }
}

/// The values of a packed set.
pub(super) fn unpack(set: &Datum) -> Result<Vec<Datum>> {
    let Datum::Raw(bytes) = set else { return Ok(Vec::new()) };
    let mut rest = bytes.as_slice();
    let mut values = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<8>() {
        let length = u64::from_be_bytes(*length) as usize;
        let (value, after) = after.split_at_checked(length).unwrap_or((after, &[]));
        values.push(match value {
            [] => Datum::Null,
            [0, text @ ..] => Datum::text(String::from_utf8_lossy(text)),
            stored => Datum::read(rusqlite::types::ValueRef::Blob(stored))?,
        });
        rest = after;
    }
    Ok(values)
}
