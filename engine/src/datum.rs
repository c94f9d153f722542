//! A value inside a statement, and how SQLite holds it.
//!
//! TEXT is VARCHAR2. All else is a BLOB whose first byte is the type and whose rest keeps the order of the type under a byte-wise
//! comparison. SQLite's INTEGER appears only as the result of SQLite's own COUNT and the like, and is read as a NUMBER.

use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};

use crate::error::{Error, Result};
use crate::number::Number;

const NUMBER: u8 = 0x10;
const DATE: u8 = 0x20;
const TIMESTAMP: u8 = 0x21;
const TIMESTAMP_TZ: u8 = 0x22;
const RAW: u8 = 0x30;

/// The type of an expression, as far as the text of the statement tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Number,
    Text,
    /// CHAR of more than one character: compared with blank padding.
    Char,
    Date,
    Timestamp,
    TimestampTz,
    Raw,
    /// A bind or NULL: known only when the statement runs.
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    Null,
    Number(Number),
    Text(String),
    /// Seconds since 1970, no time zone.
    Date(i64),
    /// Seconds since 1970 and nanoseconds, no time zone.
    Timestamp(i64, u32),
    /// The instant in UTC (seconds, nanoseconds) and the offset in minutes it is shown with.
    TimestampTz(i64, u32, i16),
    Raw(Vec<u8>),
}

fn damaged() -> Error {
    Error::new(1410, "a stored value can not be read: the file was not written by this engine")
}

fn ordered(seconds: i64) -> [u8; 8] {
    (seconds as u64 ^ (1 << 63)).to_be_bytes()
}

fn read_ordered(bytes: &[u8]) -> Option<i64> {
    let bytes: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
    Some((u64::from_be_bytes(bytes) ^ (1 << 63)) as i64)
}

impl Datum {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    pub(crate) fn integer(value: i64) -> Self {
        Self::Number(Number::from(value))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Unknown,
            Self::Number(_) => Type::Number,
            Self::Text(_) => Type::Text,
            Self::Date(_) => Type::Date,
            Self::Timestamp(..) => Type::Timestamp,
            Self::TimestampTz(..) => Type::TimestampTz,
            Self::Raw(_) => Type::Raw,
        }
    }

    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self> {
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(value) => Ok(Self::integer(value)),
            ValueRef::Real(value) => Number::from_f64(value).map(Self::Number),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map(Self::text).map_err(|_| damaged()),
            ValueRef::Blob(bytes) => Self::decode(bytes).ok_or_else(damaged),
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        Some(match tag {
            NUMBER => Self::Number(Number::decode(rest)?),
            DATE => Self::Date(read_ordered(rest)?),
            TIMESTAMP => Self::Timestamp(read_ordered(rest)?, read_u32(rest.get(8..)?)?),
            TIMESTAMP_TZ => {
                let offset: [u8; 2] = rest.get(12..14)?.try_into().ok()?;
                Self::TimestampTz(read_ordered(rest)?, read_u32(rest.get(8..)?)?, i16::from_be_bytes(offset))
            }
            RAW => Self::Raw(rest.to_vec()),
            _ => return None,
        })
    }

    /// The stored form of what is not text; `None` for NULL and text, which SQLite holds as they are.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(12);
        match self {
            Self::Null | Self::Text(_) => return None,
            Self::Number(number) => {
                out.push(NUMBER);
                number.encode(&mut out);
            }
            Self::Date(seconds) => {
                out.push(DATE);
                out.extend(ordered(*seconds));
            }
            Self::Timestamp(seconds, nanos) => {
                out.push(TIMESTAMP);
                out.extend(ordered(*seconds));
                out.extend(nanos.to_be_bytes());
            }
            Self::TimestampTz(seconds, nanos, offset) => {
                out.push(TIMESTAMP_TZ);
                out.extend(ordered(*seconds));
                out.extend(nanos.to_be_bytes());
                out.extend(offset.to_be_bytes());
            }
            Self::Raw(bytes) => {
                out.push(RAW);
                out.extend(bytes);
            }
        }
        Some(out)
    }

    pub(crate) fn into_sqlite(self) -> SqliteValue {
        match (self.encode(), self) {
            (Some(bytes), _) => SqliteValue::Blob(bytes),
            (None, Self::Text(text)) => SqliteValue::Text(text),
            (None, _) => SqliteValue::Null,
        }
    }

    /// The value as a constant of SQLite's SQL. The engine never puts user text into SQL unescaped.
    pub(crate) fn to_sql(&self) -> String {
        match (self.encode(), self) {
            (Some(bytes), _) => format!("x'{}'", hex(&bytes)),
            (None, Self::Text(text)) => format!("'{}'", text.replace('\'', "''")),
            (None, _) => "NULL".to_owned(),
        }
    }
}

impl rusqlite::ToSql for Datum {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(self.clone().into_sqlite()))
    }
}

fn read_u32(bytes: &[u8]) -> Option<u32> {
    let bytes: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
    out
}

/// Reads hex digits; `None` for an odd count or another character.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
