//! Values, and reading one as the type that the caller wants: exactly, or with an error.

use crate::driver::Statement;
use crate::error::Error;

/// A value on its way in (a bind) or out (a column).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A binary floating-point number.
    Double(f64),
    /// A NUMBER that neither of them holds exactly, in its decimal text.
    Number(String),
    /// Characters, dates and all else that has a text.
    Text(String),
    /// RAW, BLOB.
    Bytes(Vec<u8>),
}

/// The value in `column` of the row last fetched. ORA-01007 where there is no such column, ORA-01002 without a row.
pub(crate) fn value_at(statement: &mut dyn Statement, column: u32) -> Result<Value, Error> {
    let count = statement.columns().len();
    if column as usize >= count {
        let text = format!("ORA-01007: there is no column {column}; the query has {count}, counted from 0");
        return Err(Error::oracle(1007, text));
    }
    statement.value(column as usize).cloned().ok_or_else(|| {
        Error::oracle(
            1002,
            "ORA-01002: fetch out of sequence: a column is read without a row that was fetched",
        )
    })
}

fn invalid_number(text: &str) -> Error {
    Error::oracle(1722, format!("ORA-01722: invalid number: `{text}`"))
}

fn inexact(number: &str) -> Error {
    Error::oracle(
        1455,
        format!("ORA-01455: {number} is not a whole number that an int64_t holds; read it as text"),
    )
}

/// As a whole number, never rounded. NULL is 0.
pub(crate) fn to_int(value: &Value) -> Result<i64, Error> {
    match value {
        Value::Null => Ok(0),
        Value::Int(number) => Ok(*number),
        Value::Double(number) => double_to_int(*number),
        Value::Number(text) => text_to_int(text).ok_or_else(|| inexact(text)),
        Value::Text(text) => {
            let trimmed = text.trim();
            trimmed.parse::<f64>().map_err(|_| invalid_number(text))?;
            text_to_int(trimmed).ok_or_else(|| inexact(trimmed))
        }
        Value::Bytes(_) => Err(Error::oracle(932, "ORA-00932: bytes can not be read as a number")),
    }
}

fn double_to_int(number: f64) -> Result<i64, Error> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number) {
        return Ok(number as i64);
    }
    Err(inexact(&number.to_string()))
}

/// A decimal text whose fraction, if it has one, is zero.
fn text_to_int(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit == b'0') {
        return None;
    }
    whole.parse().ok()
}

/// As the nearest floating-point number. NULL is 0.
pub(crate) fn to_double(value: &Value) -> Result<f64, Error> {
    match value {
        Value::Null => Ok(0.0),
        Value::Int(number) => Ok(*number as f64),
        Value::Double(number) => Ok(*number),
        Value::Number(text) | Value::Text(text) => text.trim().parse().map_err(|_| invalid_number(text)),
        Value::Bytes(_) => Err(Error::oracle(932, "ORA-00932: bytes can not be read as a number")),
    }
}

/// As text; bytes in hexadecimal, as Oracle converts RAW. None for NULL.
pub(crate) fn to_text(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(number.to_string().into_bytes()),
        Value::Double(number) => Some(number.to_string().into_bytes()),
        Value::Number(text) | Value::Text(text) => Some(text.into_bytes()),
        Value::Bytes(bytes) => {
            Some(bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect())
        }
    }
}

/// As bytes; all but bytes themselves by way of their text. None for NULL.
pub(crate) fn to_bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        other => to_text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_exactly_or_not_at_all() {
        let int = |value| to_int(&value).map_err(|error| error.code());
        assert_eq!(int(Value::Double(3.0)), Ok(3));
        assert_eq!(int(Value::Double(3.5)), Err(1455));
        assert_eq!(int(Value::Double(9.3e18)), Err(1455));
        assert_eq!(int(Value::Double(f64::NAN)), Err(1455));
        assert_eq!(int(Value::Number("123456789012345678901".into())), Err(1455));
        assert_eq!(int(Value::Number("7.000".into())), Ok(7));
        assert_eq!(int(Value::Text(" 42 ".into())), Ok(42));
        assert_eq!(int(Value::Text("x".into())), Err(1722));
        assert_eq!(int(Value::Null), Ok(0));
    }

    #[test]
    fn bytes_read_as_hexadecimal_text() {
        assert_eq!(to_text(Value::Bytes(vec![0, 255])), Some(b"00FF".to_vec()));
        assert_eq!(to_bytes(Value::Bytes(vec![0, 255])), Some(vec![0, 255]));
    }
}
