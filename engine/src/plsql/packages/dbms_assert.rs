//! DBMS_ASSERT: checks of what is put into SQL text.

use super::{Builtin, TEXT, optional, required, text, text_value};
use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::plsql::types::DataType;
use crate::plsql::value::Value;
use crate::server_session::ServerSession;

const PACKAGE_NAME: &str = "DBMS_ASSERT";

pub(super) static PACKAGE: [Builtin; 7] = [
    Builtin {
        package: PACKAGE_NAME,
        name: "NOOP",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| Ok(text_value(text(session, arguments, 0)?.unwrap_or_default())),
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "ENQUOTE_LITERAL",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| {
            enquote_literal(&text(session, arguments, 0)?.unwrap_or_default()).map(text_value)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "ENQUOTE_NAME",
        formals: &[required("STR", TEXT), optional("CAPITALIZE", DataType::Boolean)],
        returns: Some(TEXT),
        body: |session, arguments| {
            let capitalize = !matches!(arguments.get(1), Some(Value::Boolean(Some(false))));
            enquote_name(&text(session, arguments, 0)?.unwrap_or_default(), capitalize).map(text_value)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "SIMPLE_SQL_NAME",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| {
            let given = text(session, arguments, 0)?.unwrap_or_default();
            match simple_name(given.trim_matches(' ')) {
                Some((_, "")) => Ok(text_value(given.trim_matches(' '))),
                _ => Err(Error::new(44003, "invalid SQL name")),
            }
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "QUALIFIED_SQL_NAME",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| {
            let given = text(session, arguments, 0)?.unwrap_or_default();
            match qualified_name(given.trim_matches(' ')) {
                Some(_) => Ok(text_value(given.trim_matches(' '))),
                None => Err(Error::new(44004, "invalid qualified SQL name")),
            }
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "SCHEMA_NAME",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| {
            let given = text(session, arguments, 0)?.unwrap_or_default();
            session.inner.check_schema(&given).map_err(|_| Error::new(44001, "invalid schema"))?;
            Ok(text_value(given))
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "SQL_OBJECT_NAME",
        formals: &[required("STR", TEXT)],
        returns: Some(TEXT),
        body: |session, arguments| {
            let given = text(session, arguments, 0)?.unwrap_or_default();
            let exists =
                qualified_name(given.trim_matches(' ')).is_some_and(|parts| is_object(session, &parts));
            if exists { Ok(text_value(given)) } else { Err(Error::new(44002, "invalid object name")) }
        },
    },
];

/// Quotes around the text; quotes inside must be doubled.
fn enquote_literal(given: &str) -> Result<String> {
    let inside = given.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(given);
    if inside.replace("''", "").contains('\'') {
        return Err(Error::new(6502, "PL/SQL: numeric or value error"));
    }
    Ok(format!("'{inside}'"))
}

fn enquote_name(given: &str, capitalize: bool) -> Result<String> {
    let quoted = given.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inside = quoted.unwrap_or(given);
    if inside.is_empty() || inside.contains('"') {
        return Err(Error::new(44003, "invalid SQL name"));
    }
    let name = if capitalize && quoted.is_none() { inside.to_uppercase() } else { inside.to_owned() };
    Ok(format!("\"{name}\""))
}

/// A name at the start of the text, folded, and what is behind it.
fn simple_name(text: &str) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        let (name, rest) = rest.split_once('"')?;
        return (!name.is_empty()).then(|| (name.to_owned(), rest));
    }
    let end =
        text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '#')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    name.starts_with(char::is_alphabetic).then(|| (name.to_uppercase(), rest))
}

fn qualified_name(text: &str) -> Option<Vec<String>> {
    let (first, mut rest) = simple_name(text)?;
    let mut parts = vec![first];
    while let Some(behind) = rest.strip_prefix('.') {
        let (name, behind) = simple_name(behind)?;
        parts.push(name);
        rest = behind;
    }
    rest.is_empty().then_some(parts)
}

fn is_object(session: &ServerSession, parts: &[String]) -> bool {
    let schema = session.shared.context.schema();
    let name = match parts {
        [name] => Name::new(schema, name.as_str()),
        [schema, name] => Name::new(schema.as_str(), name.as_str()),
        _ => return false,
    };
    let catalogue = session.inner.catalogue();
    catalogue.objects.contains_key(&name)
        || catalogue.units.contains_key(&name)
        || session.inner.dictionary.lock().sequences.contains(&name)
}
