//! Types by their names: declared ones, and those of columns and variables.

use super::scope::Item;
use super::{Compiler, Result};
use crate::catalogue::{Name, Object};
use crate::plsql::ast::{Ident, TypeName};
use crate::plsql::source::At;
use crate::plsql::types::DataType;

impl Compiler<'_> {
    pub(super) fn type_of(&mut self, name: &TypeName) -> Result<DataType> {
        match name {
            TypeName::Known(kind) => Ok(self.with_session_length(kind)),
            TypeName::Named(parts) => {
                let idents: Vec<&Ident> = parts.iter().collect();
                match self.find(&idents)? {
                    Some((Item::Type(kind), used)) if used == parts.len() => Ok(kind),
                    Some(_) => Err(self
                        .error(at_of(parts), format_args!("PLS-00488: '{}' must be a type", shown(parts)))),
                    None => Err(self.undeclared(&shown(parts), at_of(parts))),
                }
            }
            TypeName::Anchored(parts) => self.anchored(parts),
        }
    }

    /// NLS_LENGTH_SEMANTICS decides what a size without BYTE or CHAR counts; the parser does not know it.
    fn with_session_length(&self, kind: &DataType) -> DataType {
        match kind {
            DataType::Varchar { size, chars } => {
                DataType::Varchar { size: *size, chars: *chars || self.chars_by_default }
            }
            DataType::Char { size, chars } => {
                DataType::Char { size: *size, chars: *chars || self.chars_by_default }
            }
            other => other.clone(),
        }
    }

    fn anchored(&mut self, parts: &[Ident]) -> Result<DataType> {
        let idents: Vec<&Ident> = parts.iter().collect();
        if let Some((Item::Variable { kind, .. }, used)) = self.find(&idents)?
            && used == parts.len()
        {
            return Ok(match kind.as_ref() {
                DataType::NotNull(base) => base.as_ref().clone(),
                other => other.clone(),
            });
        }
        let (table, column) = match parts {
            [table, column] => (Name::new(self.schema.as_str(), table.text.as_str()), column),
            [schema, table, column] => (Name::new(schema.text.as_str(), table.text.as_str()), column),
            _ => return Err(self.undeclared(&shown(parts), at_of(parts))),
        };
        let kind = match self.catalogue.objects.get(&table) {
            Some(Object::Table(table)) => table
                .columns
                .iter()
                .find(|known| known.name == column.text)
                .map(|known| DataType::of_column(known.kind)),
            Some(Object::View(view)) => view
                .columns
                .iter()
                .find(|(known, _)| *known == column.text)
                .map(|(_, kind)| DataType::of_values(*kind)),
            None => return Err(self.undeclared(&shown(parts), at_of(parts))),
        };
        kind.ok_or_else(|| {
            self.error(column.at, format_args!("PLS-00302: component '{}' must be declared", column.text))
        })
    }
}

fn at_of(parts: &[Ident]) -> At {
    parts.first().map_or(0, |part| part.at)
}

pub(super) fn shown(parts: &[Ident]) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    names.join(".")
}
