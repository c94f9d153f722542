//! The dictionary views, made when a query reads them.
//!
//! A view's rows go to SQLite as a JSON array of texts, one per row, which `json_each` turns into rows and `ora_field` into columns.

mod broker;
mod dictionary;
mod sessions;
pub(crate) mod userenv;

use crate::datum::{Datum, Type, hex, unhex};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

type Rows = Vec<Vec<Datum>>;

/// A dictionary view.
pub(crate) struct DictionaryView {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Type)],
    rows: fn(&SessionContext) -> Result<Rows>,
}

fn views() -> impl Iterator<Item = &'static DictionaryView> {
    sessions::VIEWS.iter().chain(dictionary::VIEWS).chain(broker::VIEWS)
}

/// The view of this upper-case name. Synonyms like ALL_TABLES have entries of their own.
pub(crate) fn find(name: &str) -> Option<&'static DictionaryView> {
    views().find(|view| view.name == name)
}

/// The rows of a view as `json_each` takes them.
pub(crate) fn rows_as_json(name: &str, context: &SessionContext) -> Result<String> {
    let view = find(name).ok_or_else(|| Error::new(942, "table or view does not exist"))?;
    let rows: Vec<String> = (view.rows)(context)?.iter().map(|row| format!("\"{}\"", pack(row))).collect();
    Ok(format!("[{}]", rows.join(",")))
}

fn pack(row: &[Datum]) -> String {
    let fields: Vec<String> = row
        .iter()
        .map(|datum| match datum {
            Datum::Text(text) => format!("T{}", hex(text.as_bytes())),
            other => other.encode().map_or_else(|| "N".to_owned(), |bytes| format!("B{}", hex(&bytes))),
        })
        .collect();
    fields.join(".")
}

/// A column of a packed row.
pub(crate) fn field(row: &str, index: usize) -> Result<Datum> {
    let field = row.split('.').nth(index).unwrap_or("N");
    let bytes = field.get(1..).and_then(unhex).unwrap_or_default();
    if field.starts_with('T') {
        return Ok(Datum::text(String::from_utf8_lossy(&bytes)));
    }
    if field.starts_with('B') {
        Datum::read(rusqlite::types::ValueRef::Blob(&bytes))
    } else {
        Ok(Datum::Null)
    }
}

fn text(text: &str) -> Datum {
    Datum::text(text)
}

fn optional(value: Option<&str>) -> Datum {
    value.map_or(Datum::Null, text)
}

fn number(value: impl Into<i64>) -> Datum {
    Datum::integer(value.into())
}
