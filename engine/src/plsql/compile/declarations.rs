//! Declarations, and the bodies of subprograms.

use std::collections::HashMap;
use std::sync::Arc;

use super::builder::Builder;
use super::scope::{Item, Scope, Storage, Target};
use super::{Compiler, Result};
use crate::plsql::ast::{Block, Declaration, Ident, Mode, Subprogram, TypeName, Variable};
use crate::plsql::code::{Code, ExceptionId, Formal, Instruction, Signature};
use crate::plsql::parse::check_distinct;
use crate::plsql::types::{DEEPEST_ARRAYS, DataType, Kind, TableType};
use crate::plsql::value::Value;

impl Compiler<'_> {
    /// Declares in the innermost scope, and makes the instructions that give variables their first values.
    pub(super) fn declarations(&mut self, declarations: &[Declaration]) -> Result<()> {
        check_distinct(self.text, declarations)?;
        for declaration in declarations {
            match declaration {
                Declaration::Variable(variable) => self.variable(variable)?,
                Declaration::Exception(name) => {
                    let id = ExceptionId::Declared(self.path(name).into());
                    self.declare(&name.text, name.at, Item::Exception(id))?;
                }
                Declaration::ExceptionCode { exception, code } => self.exception_code(exception, *code)?,
                Declaration::Table { name, element, not_null, index } => {
                    self.table_type(name, element, *not_null, index)?;
                }
                Declaration::Subtype { name, base, not_null } => {
                    let base = self.type_of(base)?;
                    let kind = if *not_null { base.not_null() } else { base };
                    self.declare(&name.text, name.at, Item::Type(kind))?;
                }
                Declaration::Subprogram(subprogram) => self.subprogram(subprogram)?,
            }
        }
        self.check_defined(declarations)
    }

    /// A name for what is declared here that no other declaration has.
    fn path(&self, name: &Ident) -> String {
        let unit =
            self.unit.as_ref().map_or_else(String::new, |unit| format!("{}.{}", unit.schema, unit.name));
        // A package's specification and its body are two texts, in which two names may stand at the same place.
        let text = self.scopes.len().min(2);
        format!("{unit}.{}@{text}.{}", name.text, name.at)
    }

    fn variable(&mut self, variable: &Variable) -> Result<()> {
        let mut kind = self.type_of(&variable.kind)?;
        if variable.not_null {
            kind = kind.not_null();
        }
        let kind = Arc::new(kind);
        if let (None, DataType::NotNull(_)) = (&variable.default, kind.as_ref()) {
            return Err(self.error(
                variable.name.at,
                "PLS-00218: a variable declared NOT NULL must have an initialization assignment",
            ));
        }
        match &variable.default {
            Some(default) => self.converted(default, &kind)?,
            None => {
                self.emit(variable.name.at, Instruction::Push(Value::initial(&kind)))?;
            }
        }
        let storage = self.new_storage(variable.name.at)?;
        let place = self.place(&storage);
        self.emit(variable.name.at, Instruction::Store(place))?;
        let item = Item::Variable { storage, kind, writable: !variable.constant };
        self.declare(&variable.name.text, variable.name.at, item)
    }

    fn exception_code(&mut self, exception: &Ident, code: i32) -> Result<()> {
        let known = self.scopes.last_mut().and_then(|scope| scope.items.get_mut(&exception.text));
        match known {
            Some(Item::Exception(id)) => {
                *id = ExceptionId::Number(code);
                Ok(())
            }
            _ => Err(self.error(exception.at, "PLS-00109: unknown exception name in PRAGMA EXCEPTION_INIT")),
        }
    }

    fn table_type(
        &mut self,
        name: &Ident,
        element: &TypeName,
        not_null: bool,
        index: &TypeName,
    ) -> Result<()> {
        let element = self.type_of(element)?;
        if element.depth() >= DEEPEST_ARRAYS {
            return Err(self.error(
                name.at,
                format_args!(
                    "PLS-00123: program too large: more than {DEEPEST_ARRAYS} arrays inside each other"
                ),
            ));
        }
        let element = if not_null { element.not_null() } else { element };
        let index = self.type_of(index)?;
        let index = match index {
            DataType::Varchar { .. } | DataType::Integer { .. } => index,
            _ => {
                return Err(self.error(
                    name.at,
                    "PLS-00315: PL/SQL TABLE declarations must use BINARY_INTEGER, PLS_INTEGER or VARCHAR2 indexes",
                ));
            }
        };
        let table = TableType { name: self.path(name), element, index };
        self.declare(&name.text, name.at, Item::Type(DataType::Table(Arc::new(table))))
    }

    pub(super) fn signature(&mut self, subprogram: &Subprogram) -> Result<Signature> {
        let mut formals: Vec<Formal> = Vec::new();
        for parameter in &subprogram.parameters {
            if formals.iter().any(|known| known.name == parameter.name.text) {
                return Err(self.error(
                    parameter.name.at,
                    format_args!(
                        "PLS-00410: duplicate fields in RECORD, TABLE or argument list are not permitted: {}",
                        parameter.name.text
                    ),
                ));
            }
            formals.push(Formal {
                name: parameter.name.text.clone(),
                mode: parameter.mode,
                kind: Arc::new(self.type_of(&parameter.kind)?.unconstrained()),
                has_default: parameter.default.is_some(),
            });
        }
        let returns = match &subprogram.returns {
            Some(kind) => Some(Arc::new(self.type_of(kind)?)),
            None => None,
        };
        if let (Some(_), Some(out)) =
            (&returns, subprogram.parameters.iter().find(|parameter| parameter.mode != Mode::In))
        {
            return Err(self.unsupported(out.name.at, "OUT parameters of functions"));
        }
        Ok(Signature { formals, returns })
    }

    fn subprogram(&mut self, subprogram: &Subprogram) -> Result<()> {
        let name = &subprogram.name;
        let signature = Arc::new(self.signature(subprogram)?);
        let declared = self.declared_before(&name.text);
        let code = match declared {
            Some((code, known)) => {
                if !agrees(&known, &signature) {
                    return Err(self.error(
                        name.at,
                        format_args!(
                            "PLS-00323: subprogram or cursor '{}' is declared in a package specification and must be \
                             defined in the package body with the same parameters",
                            name.text
                        ),
                    ));
                }
                // Defaults may stand at the declaration alone.
                if subprogram
                    .parameters
                    .iter()
                    .zip(&known.formals)
                    .any(|(parameter, formal)| parameter.default.is_none() && formal.has_default)
                {
                    return Err(self
                        .unsupported(name.at, "defaults at the declaration alone; repeat them at the body"));
                }
                code
            }
            None => {
                let code = self.codes.len();
                self.codes.push(None);
                let level = if self.is_outermost() { 0 } else { self.level() };
                let target = match &self.unit {
                    // A specification that others read.
                    Some(unit) if self.references > 0 => {
                        Target::Stored { unit: Arc::clone(unit), member: Arc::from(name.text.as_str()) }
                    }
                    _ => Target::Local { code, level },
                };
                let item = Item::Subprogram { target, signature: Arc::clone(&signature) };
                self.declare(&name.text, name.at, item)?;
                code
            }
        };
        match &subprogram.body {
            Some(body) => {
                let compiled = self.subprogram_body(subprogram, body, signature)?;
                if let Some(slot) = self.codes.get_mut(code) {
                    *slot = Some(compiled);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A subprogram that was declared before, in this scope or in the specification, and has no body yet.
    fn declared_before(&self, name: &str) -> Option<(usize, Arc<Signature>)> {
        let scopes = if self.is_outermost() { 2 } else { 1 };
        let found = self.scopes.iter().rev().take(scopes).find_map(|scope| scope.items.get(name))?;
        match found {
            Item::Subprogram { target: Target::Local { code, .. }, signature }
                if matches!(self.codes.get(*code), Some(None)) =>
            {
                Some((*code, Arc::clone(signature)))
            }
            _ => None,
        }
    }

    fn subprogram_body(
        &mut self,
        subprogram: &Subprogram,
        body: &Block,
        signature: Arc<Signature>,
    ) -> Result<Code> {
        self.builders.push(Builder { returns: signature.returns.clone(), ..Builder::default() });
        self.scopes.push(Scope { label: Some(subprogram.name.text.clone()), items: HashMap::new() });
        let level = self.level();
        for (parameter, formal) in subprogram.parameters.iter().zip(&signature.formals) {
            let slot = self.new_slot(parameter.name.at)?;
            let storage = Storage::Local { level, slot };
            if let Some(default) = &parameter.default {
                let given = self.emit(parameter.name.at, Instruction::JumpIfGiven(slot, 0))?;
                self.converted(default, &formal.kind)?;
                let place = self.place(&storage);
                self.emit(parameter.name.at, Instruction::Store(place))?;
                self.builder()?.aim_here(given);
            }
            let item = Item::Variable {
                storage,
                kind: Arc::clone(&formal.kind),
                writable: parameter.mode != Mode::In,
            };
            self.declare(&parameter.name.text, parameter.name.at, item)?;
        }
        // Declarations are not in the reach of the handlers, but share the parameters' scope.
        self.declarations(&body.declarations)?;
        self.body(body)?;
        let end = if signature.returns.is_some() { Instruction::NoReturn } else { Instruction::Return };
        self.emit(subprogram.name.at, end)?;
        self.scopes.pop();
        self.finish(signature, body.autonomous)
    }

    /// Takes the innermost builder's instructions.
    pub(super) fn finish(&mut self, signature: Arc<Signature>, autonomous: bool) -> Result<Code> {
        let builder = self.builders.pop().ok_or_else(super::internal)?;
        Ok(Code {
            signature,
            slots: usize::from(builder.slots),
            instructions: builder.instructions,
            lines: builder.lines,
            handlers: builder.handlers,
            autonomous,
        })
    }

    /// Forward declarations need their bodies in the same list.
    fn check_defined(&self, declarations: &[Declaration]) -> Result<()> {
        let at_package_level = self.builders.last().is_some_and(|last| last.is_package);
        if at_package_level && self.scopes.len() == 1 {
            return Ok(());
        }
        for declaration in declarations {
            let Declaration::Subprogram(Subprogram { name, body: None, .. }) = declaration else { continue };
            let item = self.scopes.last().and_then(|scope| scope.items.get(&name.text));
            if let Some(Item::Subprogram { target: Target::Local { code, .. }, .. }) = item
                && matches!(self.codes.get(*code), Some(None))
            {
                return Err(self.error(
                    name.at,
                    format_args!(
                        "PLS-00328: A subprogram body must be defined for the forward declaration of {}.",
                        name.text
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Whether a value of this kind is an array.
    pub(super) fn table_of(kind: &Kind) -> Option<Arc<TableType>> {
        match kind {
            Kind::Table(table) => Some(Arc::clone(table)),
            _ => None,
        }
    }
}

fn agrees(declared: &Signature, defined: &Signature) -> bool {
    declared.returns == defined.returns
        && declared.formals.len() == defined.formals.len()
        && declared.formals.iter().zip(&defined.formals).all(|(declared, defined)| {
            (&declared.name, declared.mode, &declared.kind) == (&defined.name, defined.mode, &defined.kind)
        })
}
