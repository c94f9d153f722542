//! Values on their way out.
//!
//! DATE, TIMESTAMP and INTERVAL come as text in the shape of ISO 8601, `2026-01-31 23:59:59`, whatever NLS_DATE_FORMAT says:
//! the client turns them into text, not the server. TO_CHAR in the query gives any other shape.

use std::str;

use oracle::sql_type::InnerValue;
use oracle::{ErrorKind, Row, RowValue, SqlValue};

use crate::driver::Value;

/// The values of a row, in the order of the columns.
pub(super) struct Values(pub(super) Vec<Value>);

impl RowValue for Values {
    fn get(row: &Row) -> oracle::Result<Values> {
        row.sql_values().iter().map(value).collect::<oracle::Result<Vec<Value>>>().map(Values)
    }
}

/// A row that is counted and not looked at.
pub(super) struct Discarded;

impl RowValue for Discarded {
    fn get(_row: &Row) -> oracle::Result<Discarded> {
        Ok(Discarded)
    }
}

fn value(column: &SqlValue<'_>) -> oracle::Result<Value> {
    if column.is_null()? {
        return Ok(Value::Null);
    }
    match column.as_inner_value()? {
        InnerValue::Int64(number) => Ok(Value::Int(number)),
        InnerValue::UInt64(number) => Ok(number_of(&number.to_string())),
        InnerValue::Float(number) => Ok(Value::Double(number.into())),
        InnerValue::Double(number) => Ok(Value::Double(number)),
        InnerValue::Number(text) => Ok(number_of(text)),
        InnerValue::Char(bytes) => text_of(bytes),
        InnerValue::Raw(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        InnerValue::Boolean(truth) => Ok(Value::Int(truth.into())),
        InnerValue::Blob(_) => column.get().map(Value::Bytes),
        InnerValue::Timestamp(_)
        | InnerValue::IntervalDS(_)
        | InnerValue::IntervalYM(_)
        | InnerValue::Clob(_)
        | InnerValue::Rowid(_) => column.get().map(Value::Text),
        _ => Err(not_for_reading(column)),
    }
}

/// A NUMBER: whole where an `i64` holds it, and in its own digits otherwise.
fn number_of(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::Number(text.to_owned()), Value::Int)
}

fn text_of(bytes: &[u8]) -> oracle::Result<Value> {
    let text = str::from_utf8(bytes).map_err(|_| {
        oracle::Error::new(ErrorKind::Other, "ORA-29275: partial multibyte character: the text is not UTF-8")
    })?;
    Ok(Value::Text(text.to_owned()))
}

fn not_for_reading(column: &SqlValue<'_>) -> oracle::Error {
    let sql_type = column.oracle_type().map(ToString::to_string).unwrap_or_default();
    let text = format!(
        "ORA-00932: inconsistent datatypes: a column of type {sql_type} can not be read; convert it in the query"
    );
    oracle::Error::new(ErrorKind::Other, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_where_they_fit_and_keep_their_digits_otherwise() {
        assert_eq!(number_of("9223372036854775807"), Value::Int(i64::MAX));
        assert_eq!(number_of("9223372036854775808"), Value::Number("9223372036854775808".to_owned()));
        assert_eq!(number_of("-0.5"), Value::Number("-0.5".to_owned()));
    }

    #[test]
    fn a_text_that_is_no_text_is_an_error() {
        assert_eq!(text_of("ä".as_bytes()).unwrap(), Value::Text("ä".to_owned()));
        assert!(text_of(&[0xc3]).unwrap_err().to_string().contains("ORA-29275"));
    }
}
