//! What the data dictionary knows of tables, views and indexes. It changes only inside DDL, which holds the write lock.

use std::collections::BTreeMap;

use crate::datum::Type;
use crate::plsql::StoredUnit;

/// The name of an object with its schema, folded as Oracle folds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) schema: String,
    pub(crate) name: String,
}

impl Name {
    pub(crate) fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// The name under which SQLite holds the object, quoted.
    pub(crate) fn sql(&self) -> String {
        quote(&format!("{}.{}", self.schema, self.name))
    }

    /// Indexes have a name space of their own in Oracle, and share the tables' in SQLite.
    pub(crate) fn index_sql(&self) -> String {
        quote(&format!("{}.{}#I", self.schema, self.name))
    }
}

/// Quotes an identifier for SQLite.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A column's declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Number { precision: Option<i64>, scale: Option<i64> },
    Varchar { size: usize, chars: bool },
    Char { size: usize, chars: bool },
    Clob,
    Date,
    Timestamp { digits: u32 },
    Raw { size: usize },
    Blob,
}

impl ColumnType {
    pub(crate) fn type_of(self) -> Type {
        match self {
            Self::Number { .. } => Type::Number,
            Self::Char { size, .. } if size > 1 => Type::Char,
            Self::Varchar { .. } | Self::Char { .. } | Self::Clob => Type::Text,
            Self::Date => Type::Date,
            Self::Timestamp { .. } => Type::Timestamp,
            Self::Raw { .. } | Self::Blob => Type::Raw,
        }
    }

    /// DATA_TYPE, DATA_LENGTH, DATA_PRECISION and DATA_SCALE as USER_TAB_COLUMNS shows them.
    pub(crate) fn describe(self) -> (String, usize, Option<i64>, Option<i64>) {
        match self {
            Self::Number { precision, scale } => {
                let scale = if precision.is_some() { Some(scale.unwrap_or(0)) } else { scale };
                ("NUMBER".to_owned(), 22, precision, scale)
            }
            Self::Varchar { size, .. } => ("VARCHAR2".to_owned(), size, None, None),
            Self::Char { size, .. } => ("CHAR".to_owned(), size, None, None),
            Self::Clob => ("CLOB".to_owned(), 4000, None, None),
            Self::Date => ("DATE".to_owned(), 7, None, None),
            Self::Timestamp { digits } => (format!("TIMESTAMP({digits})"), 11, None, Some(i64::from(digits))),
            Self::Raw { size } => ("RAW".to_owned(), size, None, None),
            Self::Blob => ("BLOB".to_owned(), 4000, None, None),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TableColumn {
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    pub(crate) nullable: bool,
    /// The DEFAULT expression as Oracle text.
    pub(crate) default: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    Primary(Vec<String>),
    Unique(Vec<String>),
    Check,
    Foreign { columns: Vec<String>, parent: Name },
}

#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) name: String,
    pub(crate) kind: ConstraintKind,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) constraints: Vec<Constraint>,
}

#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) columns: Vec<(String, Type)>,
    /// The query, as Oracle text.
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Object {
    Table(Table),
    View(View),
}

#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) table: Name,
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
}

/// One state of the dictionary; DDL replaces it as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    /// Goes up with each DDL, so that translations made before are made again.
    pub(crate) version: u64,
    pub(crate) objects: BTreeMap<Name, Object>,
    pub(crate) indexes: BTreeMap<Name, Index>,
    /// Stored procedures, functions and packages. They share the tables' name space.
    pub(crate) units: BTreeMap<Name, StoredUnit>,
    /// For the names of constraints that got none.
    pub(crate) constraints_named: u64,
}

impl Catalogue {
    pub(crate) fn table(&self, name: &Name) -> Option<&Table> {
        match self.objects.get(name) {
            Some(Object::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// The foreign keys that point to this table: the child and the constraint's name.
    pub(crate) fn children<'a>(&'a self, parent: &'a Name) -> impl Iterator<Item = (&'a Name, &'a str)> {
        self.objects.iter().flat_map(move |(child, object)| {
            let constraints =
                if let Object::Table(table) = object { table.constraints.as_slice() } else { &[] };
            constraints.iter().filter_map(move |constraint| match &constraint.kind {
                ConstraintKind::Foreign { parent: named, .. } if named == parent => {
                    Some((child, constraint.name.as_str()))
                }
                _ => None,
            })
        })
    }
}
