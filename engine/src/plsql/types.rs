//! The types that variables have, and how a value becomes one of them.

use std::sync::Arc;

use bigdecimal::RoundingMode;

use crate::catalogue::ColumnType;
use crate::convert::{to_date, to_number, to_raw, to_text, to_timestamp};
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::number::Number;

/// Bytes that a VARCHAR2 of PL/SQL has at most.
pub(crate) const LONGEST_TEXT: usize = 32_767;

/// Arrays inside arrays: types and values are dropped by recursion.
pub(crate) const DEEPEST_ARRAYS: u32 = 50;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DataType {
    Boolean,
    Number {
        precision: Option<i64>,
        scale: Option<i64>,
    },
    /// PLS_INTEGER and its subtypes, with their bounds.
    Integer {
        least: i64,
        most: i64,
    },
    Varchar {
        size: Option<usize>,
        chars: bool,
    },
    /// Without a size for parameters, results and columns of queries, whose values come padded.
    Char {
        size: Option<usize>,
        chars: bool,
    },
    Clob,
    Date,
    Timestamp {
        digits: u32,
    },
    TimestampTz,
    Raw {
        size: Option<usize>,
    },
    Blob,
    /// A query's column whose type only its values tell.
    Any,
    Table(Arc<TableType>),
    /// A subtype that takes no NULL.
    NotNull(Box<DataType>),
}

/// An associative array. Two declarations make two types, as in Oracle: the name says where it is declared.
#[derive(Debug)]
pub(crate) struct TableType {
    pub(crate) name: String,
    pub(crate) element: DataType,
    pub(crate) index: DataType,
}

impl PartialEq for TableType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What the compiler knows of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// NULL, and what is known only when it runs.
    Any,
    Boolean,
    Scalar(Type),
    Table(Arc<TableType>),
}

fn value_error(detail: &str) -> Error {
    Error::new(6502, format_args!("PL/SQL: numeric or value error{detail}"))
}

pub(crate) fn buffer_too_small() -> Error {
    value_error(": character string buffer too small")
}

/// PL/SQL's own numbers for what SQL calls otherwise: a text that is no number is a VALUE_ERROR there.
pub(crate) fn procedural(error: Error) -> Error {
    match error.code {
        1722 => value_error(": character to number conversion error"),
        1465 => value_error(": hex to raw conversion error"),
        1489 => buffer_too_small(),
        _ => error,
    }
}

impl DataType {
    pub(crate) const PLS_INTEGER: Self = Self::Integer { least: -2_147_483_648, most: 2_147_483_647 };

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Boolean => Kind::Boolean,
            Self::Number { .. } | Self::Integer { .. } => Kind::Scalar(Type::Number),
            Self::Varchar { .. } | Self::Clob => Kind::Scalar(Type::Text),
            Self::Char { .. } => Kind::Scalar(Type::Char),
            Self::Date => Kind::Scalar(Type::Date),
            Self::Timestamp { .. } => Kind::Scalar(Type::Timestamp),
            Self::TimestampTz => Kind::Scalar(Type::TimestampTz),
            Self::Raw { .. } | Self::Blob => Kind::Scalar(Type::Raw),
            Self::Any => Kind::Any,
            Self::Table(table) => Kind::Table(Arc::clone(table)),
            Self::NotNull(base) => base.kind(),
        }
    }

    pub(crate) fn of_column(column: ColumnType) -> Self {
        match column {
            ColumnType::Number { precision, scale } => Self::Number { precision, scale },
            ColumnType::Varchar { size, chars } => Self::Varchar { size: Some(size), chars },
            ColumnType::Char { size, chars } => Self::Char { size: Some(size), chars },
            ColumnType::Clob => Self::Clob,
            ColumnType::Date => Self::Date,
            ColumnType::Timestamp { digits } => Self::Timestamp { digits },
            ColumnType::Raw { size } => Self::Raw { size: Some(size) },
            ColumnType::Blob => Self::Blob,
        }
    }

    /// The type for a query's column, whose size is that of its values.
    pub(crate) fn of_values(kind: Type) -> Self {
        match kind {
            Type::Number => Self::Number { precision: None, scale: None },
            Type::Date => Self::Date,
            Type::Timestamp => Self::Timestamp { digits: 9 },
            Type::TimestampTz => Self::TimestampTz,
            Type::Raw => Self::Blob,
            Type::Text => Self::Clob,
            Type::Char => Self::Char { size: None, chars: false },
            Type::Unknown => Self::Any,
        }
    }

    /// Without its size: parameters and results take any.
    pub(crate) fn unconstrained(self) -> Self {
        match self {
            Self::Number { .. } => Self::Number { precision: None, scale: None },
            Self::Varchar { .. } => Self::Varchar { size: None, chars: false },
            Self::Char { .. } => Self::Char { size: None, chars: false },
            Self::Raw { .. } => Self::Raw { size: None },
            Self::Timestamp { .. } => Self::Timestamp { digits: 9 },
            other => other,
        }
    }

    /// The same without NULL.
    pub(crate) fn not_null(self) -> Self {
        if self.takes_null() { Self::NotNull(Box::new(self)) } else { self }
    }

    /// How many arrays are inside each other.
    pub(crate) fn depth(&self) -> u32 {
        match self {
            Self::Table(table) => 1 + table.element.depth(),
            Self::NotNull(base) => base.depth(),
            _ => 0,
        }
    }

    pub(crate) fn takes_null(&self) -> bool {
        !matches!(self, Self::NotNull(_))
    }

    /// A scalar as a value of this type: ORA-06502 if it is none or does not fit.
    pub(crate) fn convert(&self, datum: Datum, environment: &Environment) -> Result<Datum> {
        if datum.is_null() {
            return if self.takes_null() { Ok(datum) } else { Err(value_error("")) };
        }
        match self {
            Self::NotNull(base) => base.convert(datum, environment),
            Self::Any => Ok(datum),
            Self::Number { precision: None, scale: None } if matches!(datum, Datum::Number(_)) => Ok(datum),
            Self::Number { precision, scale } => number(&datum, *precision, *scale, environment),
            Self::Integer { least, most } => integer(&datum, *least, *most, environment),
            Self::Varchar { size, chars } => {
                let text = text(datum, environment)?;
                check_size(&text, size.unwrap_or(LONGEST_TEXT), *chars).map(|_| Datum::Text(text))
            }
            Self::Char { size, chars } => {
                let mut text = text(datum, environment)?;
                let free = check_size(&text, size.unwrap_or(LONGEST_TEXT), *chars)?;
                if size.is_some() {
                    text.extend(std::iter::repeat_n(' ', free));
                }
                Ok(Datum::Text(text))
            }
            Self::Clob => text(datum, environment).map(Datum::Text),
            Self::Date => Ok(to_date(&datum, environment)?.map_or(Datum::Null, Datum::Date)),
            Self::Timestamp { digits } => {
                let moment = to_timestamp(&datum, environment)?;
                Ok(moment.map_or(Datum::Null, |moment| rounded(moment, *digits)))
            }
            Self::TimestampTz => match datum {
                Datum::TimestampTz(..) => Ok(datum),
                other => Err(value_error(&format!(
                    ": TIMESTAMP WITH TIME ZONE takes no {}",
                    crate::convert::type_name(other.type_of())
                ))),
            },
            Self::Raw { size } => {
                let bytes = to_raw(&datum).map_err(procedural)?.unwrap_or_default();
                if bytes.len() > size.unwrap_or(LONGEST_TEXT) {
                    return Err(value_error(": raw variable length too long"));
                }
                Ok(Datum::Raw(bytes))
            }
            Self::Blob => Ok(to_raw(&datum).map_err(procedural)?.map_or(Datum::Null, Datum::Raw)),
            // The compiler lets no scalar come here.
            Self::Boolean | Self::Table(_) => Err(value_error("")),
        }
    }
}

fn text(datum: Datum, environment: &Environment) -> Result<String> {
    match datum {
        Datum::Text(text) => Ok(text),
        other => Ok(to_text(&other, environment)?.unwrap_or_default()),
    }
}

/// How much room is left.
fn check_size(text: &str, size: usize, chars: bool) -> Result<usize> {
    let length = if chars { text.chars().count() } else { text.len() };
    size.checked_sub(length).ok_or_else(buffer_too_small)
}

fn number(
    datum: &Datum,
    precision: Option<i64>,
    scale: Option<i64>,
    environment: &Environment,
) -> Result<Datum> {
    let number = to_number(datum, environment).map_err(procedural)?.unwrap_or_else(Number::zero);
    if precision.is_none() && scale.is_none() {
        return Ok(Datum::Number(number));
    }
    let scale = scale.unwrap_or(0);
    let rounded = number.round(scale, RoundingMode::HalfUp)?;
    if rounded.integer_digits() > precision.unwrap_or(38) - scale {
        return Err(value_error(": number precision too large"));
    }
    Ok(Datum::Number(rounded))
}

fn integer(datum: &Datum, least: i64, most: i64, environment: &Environment) -> Result<Datum> {
    let number = to_number(datum, environment).map_err(procedural)?.unwrap_or_else(Number::zero);
    let rounded = number.round(0, RoundingMode::HalfUp)?;
    match rounded.to_i64() {
        Some(value) if (least..=most).contains(&value) => Ok(Datum::Number(rounded)),
        Some(value) if i32::try_from(value).is_ok() => Err(value_error("")),
        _ => Err(Error::new(1426, "numeric overflow")),
    }
}

fn rounded((seconds, nanos): (i64, u32), digits: u32) -> Datum {
    let unit = 10_i64.pow(9 - digits.min(9));
    let rounded = (i64::from(nanos) + unit / 2) / unit * unit;
    Datum::Timestamp(seconds + rounded / 1_000_000_000, (rounded % 1_000_000_000) as u32)
}
