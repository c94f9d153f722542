//! Values on their way in.

use oracle::Statement;
use oracle::sql_type::OracleType;

use crate::driver::Value;

/// Longer ones are LOBs to PL/SQL. OCI reckons with four bytes for each character.
const LONGEST_IN_PLSQL: usize = 32_767;
const BYTES_PER_CHARACTER: usize = 4;

/// Any digits that NUMBER has.
const NUMBER: OracleType = OracleType::Number(0, 0);

/// Binds `value` at `position`, from 1.
pub(super) fn bind(statement: &mut Statement, position: usize, value: &Value) -> oracle::Result<()> {
    match value {
        Value::Null => bind_null(statement, position),
        Value::Int(number) => statement.bind(position, number),
        Value::Double(number) => match as_number(*number) {
            Some(text) => statement.bind(position, &(&text, &NUMBER)),
            None => statement.bind(position, &(number, &OracleType::BinaryDouble)),
        },
        Value::Number(text) => statement.bind(position, &(text, &NUMBER)),
        Value::Text(text) if text.is_empty() => bind_null(statement, position),
        Value::Text(text) => {
            let sql_type = text_type(text, statement.is_plsql());
            statement.bind(position, &(text, &sql_type))
        }
        Value::Bytes(bytes) if bytes.is_empty() => bind_null(statement, position),
        Value::Bytes(bytes) => {
            let sql_type = bytes_type(bytes, statement.is_plsql());
            statement.bind(position, &(bytes, &sql_type))
        }
    }
}

/// A VARCHAR2, which Oracle takes for NULL of every type.
fn bind_null(statement: &mut Statement, position: usize) -> oracle::Result<()> {
    statement.bind(position, &OracleType::Varchar2(1))
}

/// Not NVARCHAR2, which the crate would choose: compared with it, a VARCHAR2 column is converted and no index serves.
fn text_type(text: &str, is_plsql: bool) -> OracleType {
    let length = text.chars().count();
    if is_plsql && length.saturating_mul(BYTES_PER_CHARACTER) > LONGEST_IN_PLSQL {
        return OracleType::CLOB;
    }
    OracleType::Varchar2(u32::try_from(length).unwrap_or(u32::MAX))
}

fn bytes_type(bytes: &[u8], is_plsql: bool) -> OracleType {
    if is_plsql && bytes.len() > LONGEST_IN_PLSQL {
        return OracleType::BLOB;
    }
    OracleType::Raw(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

/// The shortest decimal that is this number and no other. As NUMBER it compares with NUMBER columns without converting
/// them. None for what NUMBER does not have: infinite, not a number, too large or too small.
fn as_number(number: f64) -> Option<String> {
    let is_in_range = (1e-129..1e126).contains(&number.abs()) || number == 0.0;
    is_in_range.then(|| format!("{:e}", if number == 0.0 { 0.0 } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_bound_as_exact_decimals_where_number_has_them() {
        assert_eq!(as_number(0.1).as_deref(), Some("1e-1"));
        assert_eq!(as_number(-1234.5).as_deref(), Some("-1.2345e3"));
        assert_eq!(as_number(-0.0).as_deref(), Some("0e0"));
        assert_eq!(as_number(1e125).as_deref(), Some("1e125"));
        for beyond in [1e126, 1e-130, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE] {
            assert_eq!(as_number(beyond), None, "{beyond}");
        }
    }

    #[test]
    fn what_plsql_can_not_take_as_a_string_is_a_lob() {
        let long = "x".repeat(10_000);
        assert_eq!(text_type(&long, true), OracleType::CLOB);
        assert_eq!(text_type(&long, false), OracleType::Varchar2(10_000));
        assert_eq!(text_type("äö", true), OracleType::Varchar2(2));
        assert_eq!(bytes_type(&[0; 32_768], true), OracleType::BLOB);
        assert_eq!(bytes_type(&[0; 32_767], true), OracleType::Raw(32_767));
    }
}
