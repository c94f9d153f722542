//! SQLite's errors as ORA numbers.

use rusqlite::ErrorCode;
use rusqlite::ffi::Error as Code;

use crate::catalogue::{Catalogue, ConstraintKind, Name};
use crate::error::Error;
use crate::plan::Verb;

/// What was going on, for errors whose number depends on it.
pub(crate) struct Circumstances<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) dml: Option<(Verb, &'a Name)>,
}

/// The Oracle error for one of SQLite's. Errors of the engine's own functions come back as they were.
pub(crate) fn map(error: rusqlite::Error, around: &Circumstances<'_>) -> Error {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(text))
        | rusqlite::Error::SqlInputError { error: code, msg: text, .. } => map_failure(code, &text, around),
        rusqlite::Error::SqliteFailure(code, None) => map_failure(code, &code.to_string(), around),
        other => Error::unimplemented(format_args!("this statement ({other})")),
    }
}

fn map_failure(code: Code, text: &str, around: &Circumstances<'_>) -> Error {
    if let Some(error) = Error::from_text(text) {
        return error;
    }
    match code.code {
        ErrorCode::ConstraintViolation => map_constraint(text, around),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::new(
            30006,
            format_args!(
                "resource busy; acquire with WAIT timeout expired: the file is in use by another process ({text})"
            ),
        ),
        ErrorCode::DiskFull => {
            Error::new(1653, format_args!("unable to extend table: the disk is full ({text})"))
        }
        ErrorCode::TooBig => Error::new(1489, format_args!("result is too long ({text})")),
        ErrorCode::OutOfMemory => Error::new(4030, format_args!("out of process memory ({text})")),
        ErrorCode::ReadOnly => Error::new(16000, format_args!("database open for read-only access ({text})")),
        ErrorCode::CannotOpen
        | ErrorCode::NotADatabase
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::SystemIoFailure => {
            Error::new(1115, format_args!("IO error reading block from file ({text})"))
        }
        ErrorCode::OperationInterrupted => Error::new(1013, "user requested cancel of current operation"),
        _ => map_text(text),
    }
}

fn map_text(text: &str) -> Error {
    if text.starts_with("no such table") || text.starts_with("no such view") {
        return Error::new(942, "table or view does not exist");
    }
    if let Some(name) = text.strip_prefix("no such column: ") {
        return Error::new(904, format_args!("{name}: invalid identifier"));
    }
    if text.contains("sub-select returns") {
        return Error::new(913, "too many values");
    }
    Error::unimplemented(format_args!("this statement ({text})"))
}

fn map_constraint(text: &str, around: &Circumstances<'_>) -> Error {
    let detail = text.split_once(": ").map_or("", |(_, detail)| detail);
    if text.starts_with("NOT NULL") {
        return null_violation(detail, around);
    }
    if text.starts_with("UNIQUE") {
        return Error::new(
            1,
            format_args!("unique constraint ({}) violated", unique_name(detail, around.catalogue)),
        );
    }
    if text.starts_with("CHECK") {
        let schema = around.dml.map_or("", |(_, table)| table.schema.as_str());
        return Error::new(2290, format_args!("check constraint ({schema}.{detail}) violated"));
    }
    if text.starts_with("FOREIGN KEY") {
        return foreign_key_violation(around);
    }
    Error::unimplemented(format_args!("this statement ({text})"))
}

fn null_violation(detail: &str, around: &Circumstances<'_>) -> Error {
    let Some((verb, table)) = around.dml else {
        return Error::new(1400, format_args!("cannot insert NULL into ({detail})"));
    };
    let column = detail.strip_prefix(&format!("{}.{}.", table.schema, table.name)).unwrap_or(detail);
    let place = format!("\"{}\".\"{}\".\"{column}\"", table.schema, table.name);
    match verb {
        Verb::Update => Error::new(1407, format_args!("cannot update ({place}) to NULL")),
        Verb::Insert | Verb::Delete => Error::new(1400, format_args!("cannot insert NULL into ({place})")),
    }
}

/// SQLite names the columns, or the index; the dictionary knows the constraint.
fn unique_name(detail: &str, catalogue: &Catalogue) -> String {
    if let Some(index) = detail.strip_prefix("index '").and_then(|rest| rest.strip_suffix("#I'")) {
        return index.to_owned();
    }
    for (name, object) in &catalogue.objects {
        let crate::catalogue::Object::Table(table) = object else { continue };
        for constraint in &table.constraints {
            let (ConstraintKind::Primary(columns) | ConstraintKind::Unique(columns)) = &constraint.kind
            else {
                continue;
            };
            if joined(name, columns) == detail {
                return format!("{}.{}", name.schema, constraint.name);
            }
        }
    }
    let of_index = catalogue
        .indexes
        .iter()
        .find(|(_, index)| index.unique && joined(&index.table, &index.columns) == detail);
    of_index.map_or_else(|| detail.to_owned(), |(name, _)| format!("{}.{}", name.schema, name.name))
}

fn joined(table: &Name, columns: &[String]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|column| format!("{}.{}.{column}", table.schema, table.name)).collect();
    columns.join(", ")
}

/// SQLite tells neither the constraint nor the side. What writes to a child misses its parent; what takes from a parent has children.
fn foreign_key_violation(around: &Circumstances<'_>) -> Error {
    let Some((verb, table)) = around.dml else {
        return Error::new(2291, "integrity constraint violated - parent key not found");
    };
    let constraints = around.catalogue.table(table).map_or(&[][..], |found| &found.constraints);
    let own: Vec<&str> = constraints
        .iter()
        .filter(|constraint| matches!(constraint.kind, ConstraintKind::Foreign { .. }))
        .map(|constraint| constraint.name.as_str())
        .collect();
    let children: Vec<String> =
        around.catalogue.children(table).map(|(child, name)| format!("{}.{name}", child.schema)).collect();
    if verb == Verb::Insert || (verb == Verb::Update && !own.is_empty() && children.is_empty()) {
        let name = if let [only] = own.as_slice() { *only } else { "one of several" };
        return Error::new(
            2291,
            format_args!("integrity constraint ({}.{name}) violated - parent key not found", table.schema),
        );
    }
    let name = if let [only] = children.as_slice() { only.as_str() } else { "one of several" };
    Error::new(2292, format_args!("integrity constraint ({name}) violated - child record found"))
}
