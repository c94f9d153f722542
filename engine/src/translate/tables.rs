//! Declared types of columns.

use crate::catalogue::ColumnType;
use crate::error::{Error, Result};
use crate::scanner::{Token, TokenKind, scan};

fn invalid_type() -> Error {
    Error::new(902, "invalid datatype")
}

/// Reads a type, such as `NUMBER(10, 2)`.
pub(crate) fn parse_type(text: &str, chars_by_default: bool) -> Result<ColumnType> {
    let tokens = scan(text)?;
    match column_type(&tokens, chars_by_default)? {
        (kind, used) if used == tokens.len() => Ok(kind),
        _ => Err(invalid_type()),
    }
}

/// The type at the start of the tokens, and how many of them it takes.
pub(crate) fn column_type(tokens: &[Token<'_>], chars_by_default: bool) -> Result<(ColumnType, usize)> {
    let Some(first) = tokens.first().filter(|token| token.kind == TokenKind::Word) else {
        return Err(invalid_type());
    };
    let (numbers, unit, used) = type_arguments(&tokens[1..])?;
    let used = used + 1;
    let chars = unit.unwrap_or(chars_by_default);
    let name = first.text.to_uppercase();
    let kind = match (name.as_str(), numbers.as_slice()) {
        ("NUMBER" | "NUMERIC" | "DECIMAL" | "DEC", _) => number_type(&name, &numbers)?,
        ("INTEGER" | "INT" | "SMALLINT", []) => ColumnType::Number { precision: None, scale: Some(0) },
        ("FLOAT" | "REAL" | "DOUBLE" | "BINARY_FLOAT" | "BINARY_DOUBLE", _) => {
            return Err(Error::unimplemented(format_args!("the type {name}; use NUMBER")));
        }
        ("VARCHAR2" | "VARCHAR" | "NVARCHAR2", [Some(size)]) => {
            ColumnType::Varchar { size: text_size(*size, 4000)?, chars: chars || name == "NVARCHAR2" }
        }
        ("VARCHAR2" | "VARCHAR" | "NVARCHAR2", []) => {
            return Err(Error::new(906, "missing left parenthesis: VARCHAR2 needs a size"));
        }
        ("CHAR" | "CHARACTER" | "NCHAR", []) => ColumnType::Char { size: 1, chars },
        ("CHAR" | "CHARACTER" | "NCHAR", [Some(size)]) => {
            ColumnType::Char { size: text_size(*size, 2000)?, chars: chars || name == "NCHAR" }
        }
        ("CLOB" | "NCLOB", []) => ColumnType::Clob,
        ("BLOB", []) => ColumnType::Blob,
        ("RAW", [Some(size)]) => ColumnType::Raw { size: text_size(*size, 2000)? },
        ("DATE", []) => ColumnType::Date,
        ("TIMESTAMP", arguments) => {
            let zone = tokens[used..].first().is_some_and(|token| token.is("WITH"));
            if zone {
                return Err(Error::unimplemented("columns of TIMESTAMP WITH TIME ZONE; use TIMESTAMP"));
            }
            timestamp_type(arguments)?
        }
        (
            "LONG" | "INTERVAL" | "ROWID" | "UROWID" | "BFILE" | "XMLTYPE" | "JSON" | "BOOLEAN"
            | "SDO_GEOMETRY",
            _,
        ) => {
            return Err(Error::unimplemented(format_args!("the type {name}")));
        }
        _ => return Err(invalid_type()),
    };
    Ok((kind, used))
}

fn number_type(name: &str, numbers: &[Option<i64>]) -> Result<ColumnType> {
    let (precision, scale) = match numbers {
        // NUMBER alone is any number; the ANSI names alone are whole numbers.
        [] if name == "NUMBER" => (None, None),
        [] => (None, Some(0)),
        [None] => (None, None),
        [precision] => (*precision, Some(0)),
        [precision, scale] => (*precision, *scale),
        _ => return Err(Error::new(907, "missing right parenthesis")),
    };
    if precision.is_some_and(|precision| !(1..=38).contains(&precision)) {
        return Err(Error::new(1727, "numeric precision specifier is out of range (1 to 38)"));
    }
    if scale.is_some_and(|scale| !(-84..=127).contains(&scale)) {
        return Err(Error::new(1728, "numeric scale specifier is out of range (-84 to 127)"));
    }
    Ok(ColumnType::Number { precision, scale })
}

fn timestamp_type(arguments: &[Option<i64>]) -> Result<ColumnType> {
    match arguments {
        [] => Ok(ColumnType::Timestamp { digits: 6 }),
        [Some(digits @ 0..=9)] => Ok(ColumnType::Timestamp { digits: *digits as u32 }),
        _ => Err(Error::new(30088, "datetime/interval precision is out of range")),
    }
}

fn text_size(size: i64, most: i64) -> Result<usize> {
    match size {
        0 => Err(Error::new(1723, "zero-length columns are not allowed")),
        size if (1..=most).contains(&size) => Ok(size as usize),
        _ => Err(Error::new(910, "specified length too long for its datatype")),
    }
}

/// `(10, 2)`, `(*, 0)` or `(20 CHAR)`: the numbers, whether they count characters, and how many tokens it takes.
fn type_arguments(tokens: &[Token<'_>]) -> Result<(Vec<Option<i64>>, Option<bool>, usize)> {
    if !tokens.first().is_some_and(|token| token.is_symbol("(")) {
        return Ok((Vec::new(), None, 0));
    }
    let end = tokens
        .iter()
        .position(|token| token.is_symbol(")"))
        .ok_or_else(|| Error::new(907, "missing right parenthesis"))?;
    let mut numbers = Vec::new();
    let mut unit = None;
    let mut negative = false;
    for token in &tokens[1..end] {
        match token.kind {
            TokenKind::Number => {
                let value: i64 = token.text.parse().map_err(|_| invalid_type())?;
                numbers.push(Some(if negative { -value } else { value }));
                negative = false;
            }
            TokenKind::Symbol if token.text == "*" => numbers.push(None),
            TokenKind::Symbol if token.text == "-" => negative = true,
            TokenKind::Symbol if token.text == "," => {}
            _ if token.is("CHAR") => unit = Some(true),
            _ if token.is("BYTE") => unit = Some(false),
            _ => return Err(invalid_type()),
        }
    }
    Ok((numbers, unit, end + 1))
}
