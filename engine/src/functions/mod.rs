//! The functions that translated SQL calls: Oracle's by their names, and the engine's own operators.

mod aggregates;
mod dates;
mod misc;
mod numeric;
mod operators;
pub(crate) mod store;
mod text;

use std::ops::RangeInclusive;
use std::sync::{Arc, Weak};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as SqliteValue;
use rusqlite::{Connection, Error as SqliteError};

use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

pub(crate) use aggregates::NAMES as AGGREGATES;

/// Text that a function may make: beyond it, ORA-01489.
const LONGEST_TEXT: usize = 1 << 20;

/// What type a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    Always(Type),
    /// The type of its first argument.
    First,
    /// The type of its first argument if that is a date, else NUMBER.
    DateOrNumber,
}

pub(crate) type Body = fn(&SessionContext, &[Datum]) -> Result<Datum>;
/// A number of rows, for LIMIT.
type Count = fn(&SessionContext, &[Datum]) -> Result<i64>;
/// A condition: true, false, or `None` for unknown.
pub(crate) type Test = fn(&SessionContext, &[Datum]) -> Result<Option<bool>>;

/// A function of Oracle's that is a function of SQLite's under `ora_` and its name in lower case.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) arguments: RangeInclusive<usize>,
    pub(crate) gives: Gives,
    pub(crate) body: Body,
}

const fn function(name: &'static str, least: usize, most: usize, gives: Gives, body: Body) -> Function {
    Function { name, arguments: least..=most, gives, body }
}

/// The function of this upper-case name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    tables().flatten().find(|function| function.name == name)
}

/// What PL/SQL runs instead of the function of this name, where its limits are other than SQL's.
pub(crate) fn of_variables(name: &str) -> Option<Body> {
    text::OF_VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, body)| *body)
}

/// The operator or conversion of this name, such as `ora_op_add`.
pub(crate) fn operator(name: &str) -> Option<Body> {
    operators::VALUES.iter().find(|(known, _)| *known == name).map(|(_, body)| *body)
}

/// The comparison of this name, such as `ora_eq`.
pub(crate) fn comparison(name: &str) -> Option<Test> {
    operators::TESTS.iter().find(|(known, _)| *known == name).map(|(_, test)| *test)
}

fn tables() -> impl Iterator<Item = &'static [Function]> {
    [text::FUNCTIONS, numeric::FUNCTIONS, dates::FUNCTIONS, misc::FUNCTIONS].into_iter()
}

/// Puts all functions into a session's connection.
pub(crate) fn register(connection: &Connection, context: &Arc<SessionContext>) -> rusqlite::Result<()> {
    for function in tables().flatten() {
        add(connection, &format!("ora_{}", function.name.to_lowercase()), context, function.body)?;
    }
    for (name, body) in operators::VALUES.iter().chain(store::VALUES).chain(misc::VALUES) {
        add(connection, name, context, *body)?;
    }
    for (name, test) in operators::TESTS {
        add_test(connection, name, context, *test)?;
    }
    for (name, count) in operators::COUNTS {
        add_count(connection, name, context, *count)?;
    }
    add_stop_check(connection, context)?;
    aggregates::register(connection, context)
}

/// `ora_alive`: true, or the error of what stops the call. Its arguments only say how often SQLite asks.
fn add_stop_check(connection: &Connection, context: &Arc<SessionContext>) -> rusqlite::Result<()> {
    let context = Arc::downgrade(context);
    connection.create_scalar_function("ora_alive", -1, FunctionFlags::SQLITE_UTF8, move |_| {
        if let Some(context) = context.upgrade() {
            context.control.check().map_err(to_sqlite)?;
        }
        Ok(true)
    })
}

fn add(
    connection: &Connection,
    name: &str,
    context: &Arc<SessionContext>,
    body: Body,
) -> rusqlite::Result<()> {
    let context = Arc::downgrade(context);
    connection.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, move |call| {
        let datum = enter(&context, call, body).map_err(to_sqlite)?;
        Ok(datum.into_sqlite())
    })
}

fn add_test(
    connection: &Connection,
    name: &str,
    context: &Arc<SessionContext>,
    test: Test,
) -> rusqlite::Result<()> {
    let context = Arc::downgrade(context);
    connection.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, move |call| {
        let truth = enter(&context, call, test).map_err(to_sqlite)?;
        Ok(truth.map_or(SqliteValue::Null, |truth| SqliteValue::Integer(i64::from(truth))))
    })
}

fn add_count(
    connection: &Connection,
    name: &str,
    context: &Arc<SessionContext>,
    count: Count,
) -> rusqlite::Result<()> {
    let context = Arc::downgrade(context);
    connection.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, move |call| {
        enter(&context, call, count).map(SqliteValue::Integer).map_err(to_sqlite)
    })
}

/// Reads the arguments and runs the body, unless the call is to stop: the functions are where DML is stopped.
fn enter<T>(
    context: &Weak<SessionContext>,
    call: &Context<'_>,
    body: impl FnOnce(&SessionContext, &[Datum]) -> Result<T>,
) -> Result<T> {
    let context = context.upgrade().ok_or_else(|| Error::new(1012, "not logged on"))?;
    context.control.check()?;
    let arguments: Result<Vec<Datum>> =
        (0..call.len()).map(|index| Datum::read(call.get_raw(index))).collect();
    body(&context, &arguments?)
}

fn to_sqlite(error: Error) -> SqliteError {
    SqliteError::UserFunctionError(Box::new(error))
}

/// Checks the length of a text that a function made.
fn made_text(text: String) -> Result<Datum> {
    if text.len() > LONGEST_TEXT {
        return Err(Error::new(1489, "result of string concatenation is too long"));
    }
    Ok(Datum::text(text))
}
