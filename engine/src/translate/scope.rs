//! Names in reach: the tables of FROM and their columns.

use sqlparser::ast::{Ident, ObjectName};

use super::{Sql, Translator};
use crate::datum::Type;
use crate::error::{Error, Result};

/// A column of a source: its name, type, and SQLite's SQL for it.
#[derive(Clone, Debug)]
pub(crate) struct SourceColumn {
    pub(crate) name: String,
    pub(crate) kind: Type,
    pub(crate) sql: String,
    /// The right side of JOIN … USING: the left side's column stands for both.
    pub(crate) merged: bool,
}

/// Something in FROM.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) columns: Vec<SourceColumn>,
}

/// How a query groups.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grouping {
    /// SQLite's SQL of the GROUP BY expressions.
    pub(crate) keys: Vec<String>,
    pub(crate) explicit: bool,
}

/// The names of one query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) sources: Vec<Source>,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) inside_aggregate: bool,
    /// SQLite's SQL for ROWNUM, where it has one.
    pub(crate) row_number: Option<String>,
}

/// Folds an identifier as Oracle does; ORA-00972 beyond 128 bytes.
pub(crate) fn fold(ident: &Ident) -> Result<String> {
    let folded = match ident.quote_style {
        None => ident.value.to_uppercase(),
        Some('"') => ident.value.clone(),
        Some(quote) => return Err(Error::new(911, format_args!("invalid character {quote}"))),
    };
    if folded.len() > 128 {
        return Err(Error::new(972, "identifier is too long"));
    }
    if folded.is_empty() {
        return Err(Error::new(1741, "illegal zero-length identifier"));
    }
    Ok(folded)
}

/// The parts of a name, folded.
pub(crate) fn parts(name: &ObjectName) -> Result<Vec<String>> {
    name.0
        .iter()
        .map(|part| part.as_ident().ok_or_else(|| Error::new(903, "invalid table name")).and_then(fold))
        .collect()
}

impl Source {
    /// Whether `qualifier`, `T` or `S.T`, means this source.
    fn answers_to(&self, qualifier: &[String]) -> bool {
        match qualifier {
            [name] => self.name.as_ref() == Some(name),
            [schema, name] => self.name.as_ref() == Some(name) && self.schema.as_ref() == Some(schema),
            _ => false,
        }
    }
}

pub(crate) fn invalid_identifier(parts: &[String]) -> Error {
    let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
    Error::new(904, format_args!("{}: invalid identifier", quoted.join(".")))
}

impl Translator<'_> {
    /// Finds a column, from the innermost query outwards. ORA-00904, ORA-00918, and ORA-00979 or ORA-00937 where the query groups.
    pub(crate) fn column(&self, name: &[String]) -> Result<Sql> {
        let Some((column, qualifier)) = name.split_last() else { return Err(invalid_identifier(name)) };
        for scope in self.scopes.iter().rev() {
            let mut found = scope
                .sources
                .iter()
                .filter(|source| qualifier.is_empty() || source.answers_to(qualifier))
                .flat_map(|source| &source.columns)
                .filter(|candidate| candidate.name == *column && !(candidate.merged && qualifier.is_empty()));
            let Some(first) = found.next() else { continue };
            if found.next().is_some() {
                return Err(Error::new(918, format_args!("{column}: column ambiguously defined")));
            }
            check_grouping(scope, &first.sql, name)?;
            return Ok(Sql::new(first.sql.clone(), first.kind));
        }
        Err(invalid_identifier(name))
    }

    /// The columns that `*`, or `T.*`, stands for.
    pub(crate) fn star(&self, qualifier: &[String]) -> Result<Vec<SourceColumn>> {
        let Some(scope) = self.scopes.last() else { return Ok(Vec::new()) };
        let mut sources = scope
            .sources
            .iter()
            .filter(|source| qualifier.is_empty() || source.answers_to(qualifier))
            .peekable();
        if sources.peek().is_none() {
            return Err(invalid_identifier(qualifier));
        }
        let columns: Vec<SourceColumn> = sources
            .flat_map(|source| &source.columns)
            .filter(|column| !column.merged || !qualifier.is_empty())
            .cloned()
            .collect();
        columns
            .iter()
            .try_for_each(|column| check_grouping(scope, &column.sql, std::slice::from_ref(&column.name)))?;
        Ok(columns)
    }
}

fn check_grouping(scope: &Scope, sql: &str, name: &[String]) -> Result<()> {
    let Some(grouping) = &scope.grouping else { return Ok(()) };
    if scope.inside_aggregate || grouping.keys.iter().any(|key| key == sql) {
        return Ok(());
    }
    let name = name.join(".");
    Err(if grouping.explicit {
        Error::new(979, format_args!("{name}: not a GROUP BY expression"))
    } else {
        Error::new(937, format_args!("{name}: not a single-group group function"))
    })
}
