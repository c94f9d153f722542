//! Values of variables: scalars, BOOLEANs and associative arrays.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::types::DataType;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::nls::Environment;

/// Elements that an array may have: a run-away loop then fails instead of taking all memory.
const MOST_ELEMENTS: usize = 100_000;
/// Bytes that an array may take, with the arrays in it, by estimate.
const MOST_BYTES: usize = 256 << 20;
/// What an element takes beside its text.
const ELEMENT_BYTES: usize = 100;

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Datum),
    Boolean(Option<bool>),
    Table(Table),
    /// The rows that a cursor FOR loop has before it.
    Rows(VecDeque<Vec<Datum>>),
    /// A parameter that the caller left to its default.
    Missing,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Copied when it is written, as an assignment copies it.
    elements: Arc<BTreeMap<Key, Value>>,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Integer(i64),
    Text(String),
}

impl Value {
    pub(crate) const NULL: Self = Self::Scalar(Datum::Null);

    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => *truth,
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(Datum::Null) | Self::Boolean(None) | Self::Missing)
    }

    /// The scalar; NULL for what is none.
    pub(crate) fn into_datum(self) -> Datum {
        match self {
            Self::Scalar(datum) => datum,
            _ => Datum::Null,
        }
    }

    /// The value as one of this type.
    pub(crate) fn convert(self, kind: &DataType, environment: &Environment) -> Result<Self> {
        let mismatch = || Error::new(6502, "PL/SQL: numeric or value error");
        let base = if let DataType::NotNull(base) = kind { base } else { kind };
        match (base, self) {
            (DataType::Boolean, value @ (Self::Boolean(_) | Self::Scalar(Datum::Null))) => {
                let truth = value.truth();
                if truth.is_none() && !kind.takes_null() { Err(mismatch()) } else { Ok(Self::Boolean(truth)) }
            }
            (DataType::Table(_), table @ Self::Table(_)) => Ok(table),
            (DataType::Boolean | DataType::Table(_), _) => Err(mismatch()),
            (_, Self::Scalar(datum)) => kind.convert(datum, environment).map(Self::Scalar),
            _ => Err(mismatch()),
        }
    }

    /// What a variable of this type is before it gets a value.
    pub(crate) fn initial(kind: &DataType) -> Self {
        match kind {
            DataType::Boolean => Self::Boolean(None),
            DataType::Table(_) => Self::Table(Table::default()),
            DataType::NotNull(base) => Self::initial(base),
            _ => Self::NULL,
        }
    }
}

impl Key {
    /// A key for an array; ORA-06502 for NULL.
    pub(crate) fn new(datum: Datum) -> Result<Self> {
        match datum {
            Datum::Text(text) => Ok(Self::Text(text)),
            Datum::Number(number) => number.truncated().map(Self::Integer),
            _ => Err(Error::new(6502, "PL/SQL: numeric or value error: NULL index table key value")),
        }
    }

    pub(crate) fn datum(&self) -> Datum {
        match self {
            Self::Integer(integer) => Datum::integer(*integer),
            Self::Text(text) => Datum::text(text.as_str()),
        }
    }
}

impl Table {
    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        self.elements.get(key)
    }

    pub(crate) fn put(&mut self, key: Key, value: Value) -> Result<()> {
        let before = self.elements.get(&key);
        let is_new = before.is_none();
        let bytes = self.bytes - before.map_or(0, |before| size(&key, before)) + size(&key, &value);
        if (is_new && self.elements.len() >= MOST_ELEMENTS) || bytes > MOST_BYTES {
            return Err(Error::new(
                6500,
                format_args!(
                    "PL/SQL: storage error: more than {MOST_ELEMENTS} elements or {} MiB in an array",
                    MOST_BYTES >> 20
                ),
            ));
        }
        self.bytes = bytes;
        Arc::make_mut(&mut self.elements).insert(key, value);
        Ok(())
    }

    pub(crate) fn count(&self) -> usize {
        self.elements.len()
    }

    pub(crate) fn first(&self) -> Option<&Key> {
        self.elements.keys().next()
    }

    pub(crate) fn last(&self) -> Option<&Key> {
        self.elements.keys().next_back()
    }

    pub(crate) fn next(&self, key: &Key) -> Option<&Key> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.elements.range((Excluded(key), Unbounded)).next().map(|(key, _)| key)
    }

    pub(crate) fn prior(&self, key: &Key) -> Option<&Key> {
        self.elements.range(..key).next_back().map(|(key, _)| key)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        if let Some(value) = Arc::make_mut(&mut self.elements).remove(key) {
            self.bytes -= size(key, &value);
        }
    }

    pub(crate) fn remove_range(&mut self, from: &Key, to: &Key) {
        let bytes = &mut self.bytes;
        Arc::make_mut(&mut self.elements).retain(|key, value| {
            let stays = key < from || key > to;
            *bytes -= if stays { 0 } else { size(key, value) };
            stays
        });
    }
}

fn size(key: &Key, value: &Value) -> usize {
    let key = if let Key::Text(text) = key { text.len() } else { 0 };
    ELEMENT_BYTES
        + key
        + match value {
            Value::Scalar(Datum::Text(text)) => text.len(),
            Value::Scalar(Datum::Raw(bytes)) => bytes.len(),
            Value::Table(table) => table.bytes,
            _ => 0,
        }
}
