//! Stored units: as the dictionary has them, and as they were compiled last.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::ast::UnitSource;
use super::code::Unit;
use super::compile::compile_stored;
use super::parse::UnitKind;
use crate::catalogue::{Catalogue, Name};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

/// A stored procedure, function or package.
#[derive(Clone, Debug)]
pub(crate) struct StoredUnit {
    pub(crate) kind: UnitKind,
    /// Of a package, the specification.
    pub(crate) source: Arc<UnitSource>,
    pub(crate) body: Option<Arc<UnitSource>>,
    /// NLS_LENGTH_SEMANTICS when it was made.
    pub(crate) chars_by_default: bool,
    /// Goes up with each replacement, so that sessions know their state of the package is of another one.
    pub(crate) stamp: u64,
}

impl StoredUnit {
    pub(crate) fn is_package(&self) -> bool {
        self.kind == UnitKind::Package
    }
}

/// Compiled units by name, each for one state of the dictionary.
#[derive(Default)]
pub(crate) struct UnitCache(Mutex<HashMap<Name, (u64, Arc<Unit>)>>);

pub(super) fn missing_unit(name: &Name) -> Error {
    Error::new(
        6508,
        format_args!("PL/SQL: could not find program unit being called: \"{}.{}\"", name.schema, name.name),
    )
}

impl UnitCache {
    /// The unit, compiled anew if the dictionary changed since. ORA-06508 if there is none, ORA-04063 if it does not compile any more.
    pub(super) fn get(
        &self,
        name: &Name,
        catalogue: &Catalogue,
        context: &SessionContext,
    ) -> Result<Arc<Unit>> {
        if let Some((version, unit)) = self.0.lock().get(name)
            && *version == catalogue.version
        {
            return Ok(Arc::clone(unit));
        }
        let stored = catalogue.units.get(name).ok_or_else(|| missing_unit(name))?;
        let unit = compile_stored(name, stored, catalogue, context).map_err(|error| {
            let kind = if stored.body.is_some() { UnitKind::PackageBody } else { stored.kind };
            Error::new(
                4063,
                format_args!(
                    "{} \"{}.{}\" has errors\n{}",
                    kind.name().to_lowercase(),
                    name.schema,
                    name.name,
                    error.message
                ),
            )
        })?;
        let unit = Arc::new(unit);
        let mut cache = self.0.lock();
        cache.retain(|_, (version, _)| *version == catalogue.version);
        cache.insert(name.clone(), (catalogue.version, Arc::clone(&unit)));
        Ok(unit)
    }
}
