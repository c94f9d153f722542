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
        Value::Number(text) => {
            Decimal::parse(text).and_then(|number| number.to_int()).ok_or_else(|| inexact(text))
        }
        Value::Text(text) => {
            let decimal = Decimal::parse(text.trim()).ok_or_else(|| invalid_number(text))?;
            decimal.to_int().ok_or_else(|| inexact(text.trim()))
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

/// A number as people write it: `-12.50`, `.5`, `1.5e3`.
struct Decimal<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a str) -> Option<Decimal<'a>> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
        let has_digits = !(whole.is_empty() && fraction.is_empty());
        (has_digits && is_number(whole) && is_number(fraction)).then(|| Decimal {
            is_negative: mantissa.starts_with('-'),
            whole,
            fraction,
            exponent,
        })
    }

    /// The number, if it is whole and an `i64` holds it.
    fn to_int(&self) -> Option<i64> {
        let digits = format!("{}{}", self.whole, self.fraction);
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(0);
        }
        // Zeros that the last significant digit is followed by, before the decimal point.
        let point = i64::try_from(self.whole.len()).ok()? + i64::from(self.exponent);
        let zeros = usize::try_from(point - i64::try_from(significant.len()).ok()?).ok()?;
        const MOST_DIGITS: usize = 19;
        if zeros > MOST_DIGITS {
            return None;
        }
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{significant}{}", "0".repeat(zeros)).parse().ok()
    }
}

/// As the nearest floating-point number. NULL is 0.
pub(crate) fn to_double(value: &Value) -> Result<f64, Error> {
    match value {
        Value::Null => Ok(0.0),
        Value::Int(number) => Ok(*number as f64),
        Value::Double(number) => Ok(*number),
        Value::Number(text) | Value::Text(text) => {
            // What Rust takes for a number besides, such as `nan` and `inf`, is none in Oracle.
            Decimal::parse(text.trim()).ok_or_else(|| invalid_number(text))?;
            text.trim().parse().map_err(|_| invalid_number(text))
        }
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
        for (text, expected) in [
            ("1e3", Ok(1000)),
            (".0", Ok(0)),
            ("5.", Ok(5)),
            ("15e-1", Err(1455)),
            ("-1.5E1", Ok(-15)),
            ("0e999999999", Ok(0)),
            ("1e999999999", Err(1455)),
            ("9223372036854775808", Err(1455)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("", Err(1722)),
            (".", Err(1722)),
            ("--1", Err(1722)),
            ("nan", Err(1722)),
            ("1e", Err(1722)),
        ] {
            assert_eq!(int(Value::Text(text.into())), expected, "{text}");
        }
    }

    #[test]
    fn bytes_read_as_hexadecimal_text() {
        assert_eq!(to_text(Value::Bytes(vec![0, 255])), Some(b"00FF".to_vec()));
        assert_eq!(to_bytes(Value::Bytes(vec![0, 255])), Some(vec![0, 255]));
    }
}
