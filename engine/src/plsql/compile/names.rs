//! Finds what a dotted name means: first in the blocks around, then in the dictionary.

use std::collections::HashMap;
use std::sync::Arc;

use super::scope::{Item, Target, predefined};
use super::{Compiler, DEEPEST_REFERENCES, Result};
use crate::catalogue::Name;
use crate::plsql::ast::{Ident, Part, Reference, UnitContent};
use crate::plsql::source::At;
use crate::plsql::units::StoredUnit;

impl<'c> Compiler<'c> {
    pub(super) fn undeclared(&self, shown: &str, at: At) -> crate::error::Error {
        self.error(at, format_args!("PLS-00201: identifier '{shown}' must be declared"))
    }

    /// The item, and how many parts of the name it took.
    pub(super) fn find(&mut self, parts: &[&Ident]) -> Result<Option<(Item, usize)>> {
        if let Some(found) = self.find_declared(parts) {
            return Ok(Some(found));
        }
        let [first, ..] = parts else { return Ok(None) };
        if let Some(item) = predefined(&first.text) {
            return Ok(Some((item, 1)));
        }
        self.find_stored(parts)
    }

    /// What the blocks around declare.
    pub(super) fn find_declared(&self, parts: &[&Ident]) -> Option<(Item, usize)> {
        let (first, second) = (parts.first()?, parts.get(1));
        for scope in self.scopes.iter().rev() {
            if let Some(item) = scope.items.get(&first.text) {
                return Some((item.clone(), 1));
            }
            if scope.label.as_ref() == Some(&first.text)
                && let Some(item) = second.and_then(|second| scope.items.get(&second.text))
            {
                return Some((item.clone(), 2));
            }
        }
        None
    }

    fn find_stored(&mut self, parts: &[&Ident]) -> Result<Option<(Item, usize)>> {
        let [first, rest @ ..] = parts else { return Ok(None) };
        let own = Name::new(self.schema.as_str(), first.text.as_str());
        let mut found = self.find_in_unit(own, rest)?.map(|(item, used)| (item, used + 1));
        if found.is_none()
            && let [second, rest @ ..] = rest
        {
            let name = Name::new(first.text.as_str(), second.text.as_str());
            found = self.find_in_unit(name, rest)?.map(|(item, used)| (item, used + 2));
        }
        Ok(found)
    }

    /// A stored subprogram, or what a package's specification has of the next name.
    fn find_in_unit(&mut self, name: Name, rest: &[&Ident]) -> Result<Option<(Item, usize)>> {
        let catalogue = self.catalogue;
        let Some(stored) = catalogue.units.get(&name) else { return Ok(None) };
        if !stored.is_package() {
            return self.stored_subprogram(name, stored).map(|item| Some((item, 0)));
        }
        let Some(member) = rest.first() else { return Ok(None) };
        let specification = self.specification(&name, stored, member.at)?;
        match specification.get(&member.text) {
            Some(item) => Ok(Some((item.clone(), 1))),
            None => Err(self
                .error(member.at, format_args!("PLS-00302: component '{}' must be declared", member.text))),
        }
    }

    fn stored_subprogram(&mut self, name: Name, stored: &'c StoredUnit) -> Result<Item> {
        let UnitContent::Subprogram(subprogram) = &stored.source.content else {
            return Err(super::internal());
        };
        let mut other = self.other(stored, &name);
        let signature = other.signature(subprogram);
        self.specifications = other.specifications;
        let signature = Arc::new(signature?);
        let target = Target::Stored { unit: Arc::new(name), member: Arc::from("") };
        Ok(Item::Subprogram { target, signature })
    }

    /// The names that a package's specification declares.
    pub(super) fn specification(
        &mut self,
        name: &Name,
        stored: &'c StoredUnit,
        at: At,
    ) -> Result<Arc<HashMap<String, Item>>> {
        if let Some(known) = self.specifications.get(name) {
            return Ok(Arc::clone(known));
        }
        if self.references >= DEEPEST_REFERENCES {
            return Err(self.error(
                at,
                format_args!("PLS-00999: the specification of {} refers to itself, or too deep", name.name),
            ));
        }
        let UnitContent::Specification(declarations) = &stored.source.content else {
            return Err(super::internal());
        };
        let mut other = self.other(stored, name);
        let items = other.specification_items(declarations);
        self.specifications = std::mem::take(&mut other.specifications);
        let items = Arc::new(items?);
        self.specifications.insert(name.clone(), Arc::clone(&items));
        Ok(items)
    }

    /// A compiler for another unit's text, to learn what it declares. It has what is known of specifications until it gives that back.
    fn other(&mut self, stored: &'c StoredUnit, name: &Name) -> Compiler<'c> {
        let text = &stored.source.text;
        let mut other =
            Compiler::new(text, self.catalogue, self.context, &name.schema, stored.chars_by_default);
        other.unit = Some(Arc::new(name.clone()));
        other.references = self.references + 1;
        other.specifications = std::mem::take(&mut self.specifications);
        other
    }
}

/// The names of a reference's parts.
pub(super) fn idents(reference: &Reference) -> Vec<&Ident> {
    reference.parts.iter().map(|part| &part.name).collect()
}

/// Whether none of the parts has arguments.
pub(super) fn are_plain(parts: &[Part]) -> bool {
    parts.iter().all(|part| part.arguments.is_none())
}
