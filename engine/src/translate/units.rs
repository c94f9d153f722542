//! CREATE and DROP of stored units.

use std::sync::Arc;

use super::Translator;
use super::ddl::Change;
use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::plan::Action;
use crate::plsql::{Parsed, StoredUnit, UnitKind, compile_stored, parse_drop, parse_unit};
use crate::scanner::Token;

impl Translator<'_> {
    pub(super) fn create_unit(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Action> {
        let (kind, name, change) = self.created(sql, tokens)?;
        // Oracle would keep a unit with errors and warn; the engine has no warnings.
        if let Some(stored) = change.after.units.get(&name) {
            // The body that fits a new specification may come after it.
            let body = if kind == UnitKind::PackageBody { stored.body.clone() } else { None };
            let made = StoredUnit { body, ..stored.clone() };
            compile_stored(&name, &made, &change.after, self.context)?;
        }
        self.ddl_action(sql, change)
    }

    /// As part of reading a file's DDL again, or as DROP; `None` for other DDL.
    pub(super) fn unit_change(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Option<Change>> {
        let kind = crate::statement::classify_tokens(tokens);
        if kind == crate::statement::StatementKind::CreateUnit {
            return self.created(sql, tokens).map(|(_, _, change)| Some(change));
        }
        if !tokens.first().is_some_and(|token| token.is("DROP")) {
            return Ok(None);
        }
        let Some((kind, parts)) = parse_drop(sql, tokens)? else { return Ok(None) };
        let name = self.object_name(&parts)?;
        let missing = || Error::new(4043, format_args!("object {} does not exist", name.name));
        let mut change = Change::new(self.catalogue);
        let stored = change.after.units.get_mut(&name).ok_or_else(missing)?;
        match kind {
            UnitKind::PackageBody if stored.body.is_some() => {
                stored.body = None;
                stored.stamp = self.catalogue.version + 1;
            }
            kind if stored.kind == kind => {
                change.after.units.remove(&name);
            }
            _ => return Err(missing()),
        }
        Ok(Some(change))
    }

    fn created(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<(UnitKind, Name, Change)> {
        let Parsed { kind, replace, name, source } = parse_unit(sql, tokens)?;
        let name = self.object_name(&name)?;
        let mut change = Change::new(self.catalogue);
        let stamp = self.catalogue.version + 1;
        let known = change.after.units.get_mut(&name);
        let taken = || Error::new(955, "name is already used by an existing object");
        match (kind, known) {
            (UnitKind::PackageBody, Some(package)) if package.kind == UnitKind::Package => {
                if package.body.is_some() && !replace {
                    return Err(taken());
                }
                package.body = Some(Arc::new(source));
                package.stamp = stamp;
            }
            (UnitKind::PackageBody, _) => {
                return Err(crate::plsql::compile_error(
                    &source.text,
                    0,
                    format_args!(
                        "PLS-00304: cannot compile body of '{}' without its specification",
                        name.name
                    ),
                ));
            }
            (kind, Some(unit)) => {
                if !replace || unit.kind != kind {
                    return Err(taken());
                }
                // A new specification keeps the body, which may then not fit any more.
                unit.source = Arc::new(source);
                unit.stamp = stamp;
                unit.chars_by_default = self.chars_by_default;
            }
            (kind, None) => {
                self.check_new(&name)?;
                let unit = StoredUnit {
                    kind,
                    source: Arc::new(source),
                    body: None,
                    chars_by_default: self.chars_by_default,
                    stamp,
                };
                change.after.units.insert(name.clone(), unit);
            }
        }
        Ok((kind, name, change))
    }
}
