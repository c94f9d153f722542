//! The supplied packages, as far as the engine has them.

mod connection_pool;
mod dbms_assert;
mod dbms_output;
mod session;

use super::ast::Mode;
use super::types::DataType;
use super::value::Value;
use crate::convert::{to_integer, to_text};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::server_session::ServerSession;

pub(super) use dbms_output::Output;

pub(super) const RAISE_APPLICATION_ERROR: &str = "RAISE_APPLICATION_ERROR";

/// A subprogram of a supplied package. OUT arguments are changed in place.
pub(crate) struct Builtin {
    package: &'static str,
    pub(super) name: &'static str,
    pub(super) formals: &'static [BuiltinFormal],
    pub(super) returns: Option<DataType>,
    pub(super) body: fn(&mut ServerSession, &mut [Value]) -> Result<Value>,
}

pub(super) struct BuiltinFormal {
    pub(super) name: &'static str,
    pub(super) mode: Mode,
    pub(super) kind: DataType,
    pub(super) optional: bool,
}

const TEXT: DataType = DataType::Varchar { size: None, chars: false };
const NUMBER: DataType = DataType::Number { precision: None, scale: None };

const fn required(name: &'static str, kind: DataType) -> BuiltinFormal {
    BuiltinFormal { name, mode: Mode::In, kind, optional: false }
}

const fn optional(name: &'static str, kind: DataType) -> BuiltinFormal {
    BuiltinFormal { name, mode: Mode::In, kind, optional: true }
}

static STANDARD: [Builtin; 1] = [Builtin {
    package: "DBMS_STANDARD",
    name: RAISE_APPLICATION_ERROR,
    formals: &[required("NUM", NUMBER), required("MSG", TEXT), optional("KEEPERRORSTACK", DataType::Boolean)],
    returns: None,
    body: raise_application_error,
}];

fn builtins() -> impl Iterator<Item = &'static Builtin> {
    let of_sessions = dbms_output::PACKAGE.iter().chain(&session::PACKAGES);
    STANDARD.iter().chain(&dbms_assert::PACKAGE).chain(of_sessions).chain(&connection_pool::PACKAGE)
}

pub(super) fn has_package(name: &str) -> bool {
    builtins().any(|builtin| builtin.package == name)
}

pub(super) fn find(package: &str, name: &str) -> Option<&'static Builtin> {
    builtins().find(|builtin| builtin.package == package && builtin.name == name)
}

/// An argument as text; `None` for NULL and for one that was left out.
fn text(session: &ServerSession, arguments: &[Value], index: usize) -> Result<Option<String>> {
    match arguments.get(index) {
        Some(Value::Scalar(datum)) => to_text(datum, &session.shared.context.environment.lock()),
        _ => Ok(None),
    }
}

fn integer(session: &ServerSession, arguments: &[Value], index: usize) -> Result<Option<i64>> {
    match arguments.get(index) {
        Some(Value::Scalar(datum)) => to_integer(datum, &session.shared.context.environment.lock()),
        _ => Ok(None),
    }
}

fn text_value(text: impl Into<String>) -> Value {
    Value::Scalar(Datum::text(text))
}

fn raise_application_error(session: &mut ServerSession, arguments: &mut [Value]) -> Result<Value> {
    let code = integer(session, arguments, 0)?.unwrap_or(0);
    if !(-20_999..=-20_000).contains(&code) {
        return Err(Error::new(
            21000,
            format_args!("error number argument to raise_application_error of {code} is out of range"),
        ));
    }
    let message: String = text(session, arguments, 1)?.unwrap_or_default().chars().take(2048).collect();
    Err(Error::new(i32::try_from(-code).unwrap_or(20_000), message))
}
