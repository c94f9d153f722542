//! Variables with keys and methods, and calls of subprograms.

use std::sync::Arc;

use super::names::are_plain;
use super::scope::{Item, Storage, Target};
use super::{Compiler, Result, assignable};
use crate::error::Error;
use crate::plsql::ast::{Argument, Expr, ExprKind, Mode, Reference};
use crate::plsql::code::{Callee, Instruction, Signature, TableMethod};
use crate::plsql::source::At;
use crate::plsql::types::{DataType, Kind, TableType};
use crate::plsql::value::Value;

use super::names::idents;

/// Something that can be assigned to.
pub(super) enum TargetPlace<'r> {
    Variable(Storage, Arc<DataType>),
    Element(Storage, Arc<TableType>, &'r Expr),
}

impl TargetPlace<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Variable(_, kind) => kind.kind(),
            Self::Element(_, table, _) => table.element.kind(),
        }
    }
}

impl Compiler<'_> {
    /// A variable as a value: whole, an element, or an array's method.
    pub(super) fn variable_value(
        &mut self,
        reference: &Reference,
        storage: &Storage,
        kind: &DataType,
        used: usize,
    ) -> Result<Kind> {
        let at = reference.at();
        let Some(table) = Self::table_of(&kind.kind()) else {
            if let Some(part) = reference.parts.get(used) {
                return Err(self.error(
                    part.name.at,
                    format_args!("PLS-00487: Invalid reference to variable '{}'", reference.shown()),
                ));
            }
            if !are_plain(&reference.parts) {
                return Err(self.error(
                    at,
                    format_args!(
                        "PLS-00224: object '{}' must be of type function or array to be used this way",
                        reference.shown()
                    ),
                ));
            }
            let place = self.place(storage);
            self.emit(at, Instruction::Load(place))?;
            return Ok(kind.kind());
        };
        if let Some(method) = reference.parts.get(used) {
            return self.table_method(reference, storage, &table, used).and_then(|kind| {
                kind.ok_or_else(|| {
                    self.error(method.name.at, "PLS-00306: DELETE is a procedure and has no value")
                })
            });
        }
        let arguments = reference.parts.get(used.wrapping_sub(1)).and_then(|part| part.arguments.as_ref());
        let place = self.place(storage);
        match arguments {
            None => {
                self.emit(at, Instruction::Load(place))?;
                Ok(Kind::Table(table))
            }
            Some(arguments) => {
                self.key(reference, arguments, &table)?;
                self.emit(at, Instruction::Element(place))?;
                Ok(table.element.kind())
            }
        }
    }

    /// An array's key, on top of the stack.
    fn key(&mut self, reference: &Reference, arguments: &[Argument], table: &TableType) -> Result<()> {
        let [Argument { name: None, value }] = arguments else {
            return Err(self.wrong_arguments(reference));
        };
        self.converted(value, &Arc::new(table.index.clone()))
    }

    fn wrong_arguments(&self, reference: &Reference) -> Error {
        let name = reference.parts.last().map_or("", |part| part.name.text.as_str());
        self.error(
            reference.at(),
            format_args!("PLS-00306: wrong number or types of arguments in call to '{name}'"),
        )
    }

    /// `t.FIRST` and its kin; no kind for DELETE.
    pub(super) fn table_method(
        &mut self,
        reference: &Reference,
        storage: &Storage,
        table: &Arc<TableType>,
        used: usize,
    ) -> Result<Option<Kind>> {
        let Some(part) = reference.parts.get(used) else { return Err(super::internal()) };
        if reference.parts.len() > used + 1 || !are_plain(reference.parts.get(..used).unwrap_or_default()) {
            return Err(self.wrong_arguments(reference));
        }
        let arguments = part.arguments.as_deref().unwrap_or_default();
        for argument in arguments {
            self.key(reference, std::slice::from_ref(argument), table)?;
        }
        let key = Some(table.index.kind());
        let (method, kind) = match (part.name.text.as_str(), arguments.len()) {
            ("EXISTS", 1) => (TableMethod::Exists, Some(Kind::Boolean)),
            ("FIRST", 0) => (TableMethod::First, key),
            ("LAST", 0) => (TableMethod::Last, key),
            ("NEXT", 1) => (TableMethod::Next, key),
            ("PRIOR", 1) => (TableMethod::Prior, key),
            ("COUNT", 0) => (TableMethod::Count, Some(super::expressions::NUMBER)),
            ("DELETE", count @ 0..=2) => (TableMethod::Delete(count as u8), None),
            ("EXISTS" | "FIRST" | "LAST" | "NEXT" | "PRIOR" | "COUNT" | "DELETE", _) => {
                return Err(self.wrong_arguments(reference));
            }
            (name, _) => {
                return Err(
                    self.error(part.name.at, format_args!("PLS-00302: component '{name}' must be declared"))
                );
            }
        };
        let place = self.place(storage);
        self.emit(reference.at(), Instruction::Table(place, method))?;
        Ok(kind)
    }

    /// A column of a cursor FOR loop's record.
    pub(super) fn record_column(
        &mut self,
        reference: &Reference,
        columns: &[(String, Storage, Arc<DataType>)],
        used: usize,
    ) -> Result<(Storage, Arc<DataType>)> {
        if !are_plain(&reference.parts) {
            return Err(self.wrong_arguments(reference));
        }
        match reference.parts.get(used..) {
            Some([column]) => match columns.iter().find(|(name, ..)| *name == column.name.text) {
                Some((_, storage, kind)) => Ok((storage.clone(), Arc::clone(kind))),
                None => Err(self.error(
                    column.name.at,
                    format_args!("PLS-00302: component '{}' must be declared", column.name.text),
                )),
            },
            Some([]) => Err(self.unsupported(reference.at(), "a record as a whole; name its columns")),
            _ => Err(self.undeclared(&reference.shown(), reference.at())),
        }
    }

    /// What stands to the left of `:=`, or behind INTO.
    pub(super) fn target<'r>(&mut self, reference: &'r Reference) -> Result<TargetPlace<'r>> {
        let at = reference.at();
        let Some((item, used)) = self.find(&idents(reference))? else {
            return Err(self.undeclared(&reference.shown(), at));
        };
        let not_assignable =
            format!("PLS-00363: expression '{}' cannot be used as an assignment target", reference.shown());
        let Item::Variable { storage, kind, writable: true } = item else {
            return Err(self.error(at, not_assignable));
        };
        let before = reference.parts.get(..used.saturating_sub(1)).unwrap_or_default();
        if reference.parts.len() != used || !are_plain(before) {
            return Err(self.error(at, not_assignable));
        }
        let arguments = reference.parts.last().and_then(|part| part.arguments.as_ref());
        match (arguments, Self::table_of(&kind.kind())) {
            (None, _) => Ok(TargetPlace::Variable(storage, kind)),
            (Some(arguments), Some(table)) => match arguments.as_slice() {
                [Argument { name: None, value }] => Ok(TargetPlace::Element(storage, table, value)),
                _ => Err(self.wrong_arguments(reference)),
            },
            (Some(_), None) => Err(self.error(at, not_assignable)),
        }
    }

    /// Takes the top of the stack into the target.
    pub(super) fn store(&mut self, at: At, found: &Kind, target: &TargetPlace<'_>) -> Result<()> {
        match target {
            TargetPlace::Variable(storage, kind) => {
                self.convert(at, found, kind)?;
                let place = self.place(storage);
                self.emit(at, Instruction::Store(place))?;
            }
            TargetPlace::Element(storage, table, key) => {
                if !assignable(found, &table.element.kind()) {
                    return Err(self.wrong_type(at));
                }
                self.converted(key, &Arc::new(table.index.clone()))?;
                let place = self.place(storage);
                let element = Arc::new(table.element.clone());
                self.emit(at, Instruction::StoreElement(place, element))?;
            }
        }
        Ok(())
    }

    /// A call; the result's kind for a function.
    pub(super) fn call(
        &mut self,
        reference: &Reference,
        used: usize,
        target: &Target,
        signature: &Arc<Signature>,
    ) -> Result<Option<Kind>> {
        let before = reference.parts.get(..used.saturating_sub(1)).unwrap_or_default();
        if reference.parts.len() > used || !are_plain(before) {
            return Err(self.undeclared(&reference.shown(), reference.at()));
        }
        let arguments = reference.parts.get(used.wrapping_sub(1)).and_then(|part| part.arguments.as_deref());
        let outs = self.arguments(reference, arguments.unwrap_or_default(), signature)?;
        let callee = match target {
            Target::Local { code, level } => {
                Callee::Local { code: *code, up: self.level().saturating_sub(*level) }
            }
            Target::Stored { unit, member } => Callee::Stored {
                unit: Arc::clone(unit),
                member: Arc::clone(member),
                signature: Arc::clone(signature),
            },
        };
        self.emit(reference.at(), Instruction::Call(callee))?;
        self.take_outs(outs)?;
        Ok(signature.returns.as_ref().map(|kind| kind.kind()))
    }

    /// Puts the arguments on the stack in the order of the formals; what the OUT ones go to, in that order too.
    pub(super) fn arguments<'r>(
        &mut self,
        reference: &'r Reference,
        given: &'r [Argument],
        signature: &Signature,
    ) -> Result<Vec<(At, Kind, TargetPlace<'r>)>> {
        let positional = given.iter().take_while(|argument| argument.name.is_none()).count();
        let mut taken = 0;
        let mut outs = Vec::new();
        for (index, formal) in signature.formals.iter().enumerate() {
            let argument = if index < positional {
                given.get(index)
            } else {
                let mut named = given
                    .iter()
                    .skip(positional)
                    .filter(|argument| argument.name.as_ref().is_some_and(|name| name.text == formal.name));
                let found = named.next();
                if named.next().is_some() {
                    return Err(self.wrong_arguments(reference));
                }
                found
            };
            let Some(argument) = argument else {
                if !formal.has_default {
                    return Err(self.wrong_arguments(reference));
                }
                self.emit(reference.at(), Instruction::Push(Value::Missing))?;
                continue;
            };
            taken += 1;
            let at = argument.value.at;
            if formal.mode == Mode::In {
                let found = self.expression(&argument.value)?;
                if !assignable(&found, &formal.kind.kind()) {
                    return Err(self.wrong_arguments(reference));
                }
                self.emit(at, Instruction::Convert(Arc::clone(&formal.kind)))?;
                continue;
            }
            let ExprKind::Reference(actual) = &argument.value.kind else {
                let shown = if let ExprKind::Bind(_) = argument.value.kind {
                    return Err(
                        self.unsupported(at, "OUT binds; a bind variable cannot be an assignment target")
                    );
                } else {
                    self.text
                        .get(at..)
                        .and_then(|rest| rest.split([',', ')', ';']).next())
                        .unwrap_or_default()
                };
                return Err(self.error(
                    at,
                    format_args!(
                        "PLS-00363: expression '{}' cannot be used as an assignment target",
                        shown.trim()
                    ),
                ));
            };
            let place = self.target(actual)?;
            if !assignable(&formal.kind.kind(), &place.kind()) {
                return Err(self.wrong_arguments(reference));
            }
            if formal.mode == Mode::InOut {
                self.converted(&argument.value, &formal.kind)?;
            } else {
                self.emit(at, Instruction::Push(Value::initial(&formal.kind)))?;
            }
            outs.push((at, formal.kind.kind(), place));
        }
        if taken != given.len() {
            return Err(self.wrong_arguments(reference));
        }
        Ok(outs)
    }

    /// Stores what the OUT parameters brought, which lies on the stack in their order.
    pub(super) fn take_outs(&mut self, outs: Vec<(At, Kind, TargetPlace<'_>)>) -> Result<()> {
        outs.iter().rev().try_for_each(|(at, kind, place)| self.store(*at, kind, place))
    }
}
