//! What names mean, block by block.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Compiler, Result};
use crate::catalogue::Name;
use crate::plsql::code::{ExceptionId, Place, Signature};
use crate::plsql::source::At;
use crate::plsql::types::DataType;

/// Where a variable is kept, seen from nowhere in particular.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    Local { level: u16, slot: u16 },
    Package { package: Arc<Name>, slot: u16 },
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// In this unit: the number of its code, and the level of the subprogram around it.
    Local {
        code: usize,
        level: u16,
    },
    Stored {
        unit: Arc<Name>,
        member: Arc<str>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Variable {
        storage: Storage,
        kind: Arc<DataType>,
        writable: bool,
    },
    Exception(ExceptionId),
    Type(DataType),
    Subprogram {
        target: Target,
        signature: Arc<Signature>,
    },
    /// The record of a cursor FOR loop: its columns are variables of their own.
    Record(Vec<(String, Storage, Arc<DataType>)>),
}

#[derive(Default)]
pub(super) struct Scope {
    /// A block's label, or the name of the subprogram or package.
    pub(super) label: Option<String>,
    pub(super) items: HashMap<String, Item>,
}

/// Exceptions that Oracle declares in STANDARD.
const PREDEFINED: [(&str, i32); 20] = [
    ("ACCESS_INTO_NULL", -6530),
    ("CASE_NOT_FOUND", -6592),
    ("COLLECTION_IS_NULL", -6531),
    ("CURSOR_ALREADY_OPEN", -6511),
    ("DUP_VAL_ON_INDEX", -1),
    ("INVALID_CURSOR", -1001),
    ("INVALID_NUMBER", -1722),
    ("LOGIN_DENIED", -1017),
    ("NO_DATA_FOUND", -1403),
    ("NOT_LOGGED_ON", -1012),
    ("PROGRAM_ERROR", -6501),
    ("ROWTYPE_MISMATCH", -6504),
    ("STORAGE_ERROR", -6500),
    ("SUBSCRIPT_BEYOND_COUNT", -6533),
    ("SUBSCRIPT_OUTSIDE_LIMIT", -6532),
    ("SYS_INVALID_ROWID", -1410),
    ("TIMEOUT_ON_RESOURCE", -51),
    ("TOO_MANY_ROWS", -1422),
    ("VALUE_ERROR", -6502),
    ("ZERO_DIVIDE", -1476),
];

pub(super) fn predefined(name: &str) -> Option<Item> {
    let found = PREDEFINED.iter().find(|(known, _)| *known == name);
    found.map(|(_, code)| Item::Exception(ExceptionId::Number(code.abs())))
}

impl Compiler<'_> {
    /// Puts a name into the innermost scope; PLS-00371 if it is there.
    pub(super) fn declare(&mut self, name: &str, at: At, item: Item) -> Result<()> {
        let taken = match self.scopes.last_mut() {
            Some(scope) => scope.items.insert(name.to_owned(), item).is_some(),
            None => false,
        };
        if taken {
            return Err(
                self.error(at, format_args!("PLS-00371: at most one declaration for '{name}' is permitted"))
            );
        }
        Ok(())
    }

    /// Where a variable is from the subprogram that is being compiled.
    pub(super) fn place(&self, storage: &Storage) -> Place {
        match storage {
            Storage::Local { level, slot } => {
                Place::Local { up: self.level().saturating_sub(*level), slot: *slot }
            }
            Storage::Package { package, slot } => {
                let stamp = self.catalogue.units.get(package.as_ref()).map_or(0, |stored| stored.stamp);
                Place::Package { package: Arc::clone(package), slot: *slot, stamp }
            }
        }
    }

    /// A slot in the frame of the subprogram that is being compiled.
    pub(super) fn new_slot(&mut self, at: At) -> Result<u16> {
        let slot = self.builder()?.slots;
        match slot.checked_add(1) {
            Some(next) => {
                self.builder()?.slots = next;
                Ok(slot)
            }
            None => Err(self.error(at, "PLS-00123: program too large: too many variables")),
        }
    }

    /// Whether what is declared here is the unit's own: not in a subprogram, nor in a block of a package's initialisation.
    pub(super) fn is_outermost(&self) -> bool {
        self.scopes.len() <= 2 && self.builders.last().is_none_or(|last| last.is_package)
    }

    /// A place for a variable that is declared here: in the package's state, or in a frame.
    pub(super) fn new_storage(&mut self, at: At) -> Result<Storage> {
        let package = self.unit.clone().filter(|_| self.is_outermost());
        let level = self.level();
        match package {
            Some(package) => {
                let slot = self.globals;
                self.globals = slot.checked_add(1).ok_or_else(super::internal)?;
                Ok(Storage::Package { package, slot })
            }
            _ => Ok(Storage::Local { level, slot: self.new_slot(at)? }),
        }
    }
}
