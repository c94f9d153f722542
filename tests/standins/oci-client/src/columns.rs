//! What columns a query has.
//!
//! The engine tells the names of columns and gives values, but not types, and it gives dates as text in the session's format. The types
//! are found out by questions to its parser (a UNION ALL with an expression of another type is refused), and dates are fetched once more
//! through TO_CHAR with a format that keeps all of them.

use orapool_engine::{Error, Session, Statement, Value};

use crate::dates::{DATE_FORMAT, TIMESTAMP_FORMAT, TIMESTAMP_TZ_FORMAT};
use crate::scan;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Number,
    Text,
    Date,
    Timestamp,
    TimestampTz,
    Raw,
}

const KINDS: [ColumnKind; 6] = [
    ColumnKind::Number,
    ColumnKind::Text,
    ColumnKind::Date,
    ColumnKind::Timestamp,
    ColumnKind::TimestampTz,
    ColumnKind::Raw,
];

/// A column as `OCIParamGet` describes it.
#[derive(Clone, Debug)]
pub struct ColumnInfo {
    pub name: &'static str,
    pub kind: ColumnKind,
    /// Bytes that a value may take, for text and RAW.
    pub size: u16,
}

impl ColumnKind {
    /// An expression of this type.
    fn example(self) -> &'static str {
        match self {
            Self::Number => "0",
            Self::Text => "'a'",
            Self::Date => "SYSDATE",
            Self::Timestamp => "LOCALTIMESTAMP",
            Self::TimestampTz => "SYSTIMESTAMP",
            Self::Raw => "HEXTORAW('00')",
        }
    }

    /// How a value is fetched so that nothing of it is lost.
    fn format(self) -> Option<&'static str> {
        match self {
            Self::Date => Some(DATE_FORMAT),
            Self::Timestamp => Some(TIMESTAMP_FORMAT),
            Self::TimestampTz => Some(TIMESTAMP_TZ_FORMAT),
            Self::Number | Self::Text | Self::Raw => None,
        }
    }

    pub fn is_time(self) -> bool {
        self.format().is_some()
    }

    /// What the values alone tell.
    fn guess<'a>(mut values: impl Iterator<Item = &'a Value>) -> Self {
        match values.find(|value| **value != Value::Null) {
            Some(Value::Integer(_) | Value::Double(_)) => Self::Number,
            Some(Value::Bytes(_)) => Self::Raw,
            Some(Value::Text(_) | Value::Null) | None => Self::Text,
        }
    }
}

/// The kinds of a query's columns. `rows` are its values, for what the parser does not know: binds and NULLs.
pub fn kinds(
    session: &mut Session,
    sql: &str,
    count: usize,
    rows: &[Vec<Value>],
) -> Result<Vec<ColumnKind>, Error> {
    let column = |index: usize| rows.iter().filter_map(move |row| row.get(index));
    let mut kinds: Vec<ColumnKind> = (0..count).map(|index| ColumnKind::guess(column(index))).collect();
    let sql = scan::without_for_update(sql).unwrap_or(sql);
    let examples: Vec<&str> = kinds.iter().map(|kind| kind.example()).collect();
    if fits(session, sql, &examples)? {
        return Ok(kinds);
    }
    for (index, kind) in kinds.iter_mut().enumerate() {
        let mut fitting = Vec::new();
        for candidate in KINDS {
            let mut examples = vec!["NULL"; count];
            examples[index] = candidate.example();
            if fits(session, sql, &examples)? {
                fitting.push(candidate);
            }
        }
        // All fit a bind or a NULL, none fits where the query can not stand in a UNION: then the guess holds.
        if let [only] = fitting[..] {
            *kind = only;
        }
    }
    Ok(kinds)
}

fn fits(session: &mut Session, sql: &str, examples: &[&str]) -> Result<bool, Error> {
    let probe = format!("SELECT * FROM ({sql}) UNION ALL SELECT {} FROM dual", examples.join(", "));
    match session.prepare(&probe) {
        Ok(_) => Ok(true),
        Err(error) if ends_call(&error) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Whether an error says nothing of the statement: the call was stopped, or the session is gone.
pub fn ends_call(error: &Error) -> bool {
    error.session_dead() || matches!(error.code(), 1013 | 3136)
}

/// The query that gives dates as text which keeps all of them; `None` if it has none.
pub fn exact_query(sql: &str, names: &[&str], kinds: &[ColumnKind]) -> Option<String> {
    if !kinds.iter().any(|kind| kind.is_time()) {
        return None;
    }
    let columns = names.iter().zip(kinds).map(|(name, kind)| match kind.format() {
        Some(format) => format!("TO_CHAR(\"{name}\", '{format}')"),
        None => format!("\"{name}\""),
    });
    let columns: Vec<String> = columns.collect();
    let inner = scan::without_for_update(sql).unwrap_or(sql);
    Some(format!("SELECT {} FROM ({inner})", columns.join(", ")))
}

/// All rows that an execute has left in the engine.
pub fn drain(statement: &mut Statement, session: &mut Session) -> Result<Vec<Vec<Value>>, Error> {
    let mut rows = Vec::new();
    let count = statement.columns().len();
    while statement.fetch(session)? {
        let row = (0..count).map(|index| statement.value(index).cloned().unwrap_or(Value::Null));
        rows.push(row.collect());
    }
    Ok(rows)
}
