//! Whole units: blocks, subprograms and packages.

use std::collections::HashMap;
use std::sync::Arc;

use super::builder::Builder;
use super::scope::{Item, Scope};
use super::{Compiler, Result};
use crate::catalogue::{Catalogue, Name};
use crate::error::Error;
use crate::plsql::ast::{Block, Declaration, Ident, Reference, UnitContent, UnitSource};
use crate::plsql::code::{Code, Instruction, Signature, Unit};
use crate::plsql::source::Lines;
use crate::plsql::units::StoredUnit;
use crate::shared::SessionContext;

fn no_parameters() -> Arc<Signature> {
    Arc::new(Signature { formals: Vec::new(), returns: None })
}

/// Compiles an anonymous block, or a CALL.
pub(crate) fn compile_block(
    source: &UnitSource,
    bind_names: &[String],
    catalogue: &Catalogue,
    context: &SessionContext,
    schema: &str,
    chars_by_default: bool,
) -> Result<Unit> {
    let mut compiler = Compiler::new(&source.text, catalogue, context, schema, chars_by_default);
    compiler.bind_names = bind_names;
    let main = match &source.content {
        UnitContent::Block(block, label) => compiler.anonymous(block, label.as_ref())?,
        UnitContent::Call(reference) => compiler.call_statement(reference)?,
        _ => return Err(super::internal()),
    };
    if let Some(first) = compiler.codes.first_mut() {
        *first = Some(main);
    }
    compiler.unit(None, HashMap::from([(String::new(), 0)]), None)
}

/// Compiles a stored unit; of a package, specification and body together.
pub(crate) fn compile_stored(
    name: &Name,
    stored: &StoredUnit,
    catalogue: &Catalogue,
    context: &SessionContext,
) -> Result<Unit> {
    let text = stored.body.as_ref().map_or(&stored.source.text, |body| &body.text);
    let mut compiler = Compiler::new(text, catalogue, context, &name.schema, stored.chars_by_default);
    let own = Arc::new(name.clone());
    compiler.unit = Some(Arc::clone(&own));
    compiler.invoker = stored.source.invoker;
    match &stored.source.content {
        UnitContent::Subprogram(subprogram) => {
            compiler.declarations(std::slice::from_ref(&Declaration::Subprogram(subprogram.clone())))?;
            compiler.unit(Some(name.clone()), HashMap::from([(String::new(), 0)]), None)
        }
        UnitContent::Specification(declarations) => {
            compiler.package(name, &stored.source, declarations, stored.body.as_deref())
        }
        _ => Err(super::internal()),
    }
}

impl<'c> Compiler<'c> {
    pub(super) fn new(
        text: &'c str,
        catalogue: &'c Catalogue,
        context: &'c SessionContext,
        schema: &str,
        chars_by_default: bool,
    ) -> Self {
        Self {
            text,
            lines: Lines::new(text),
            catalogue,
            context,
            schema: schema.to_owned(),
            chars_by_default,
            unit: None,
            scopes: vec![Scope::default()],
            builders: Vec::new(),
            codes: Vec::new(),
            specifications: HashMap::new(),
            references: 0,
            globals: 0,
            bind_names: &[],
            invoker: false,
        }
    }

    fn anonymous(&mut self, block: &Block, label: Option<&Ident>) -> Result<Code> {
        self.codes.push(None);
        self.builders.push(Builder::default());
        self.scopes.push(Scope { label: label.map(|label| label.text.clone()), items: HashMap::new() });
        self.declarations(&block.declarations)?;
        self.body(block)?;
        self.emit(self.text.len(), Instruction::Return)?;
        self.finish(no_parameters(), block.autonomous)
    }

    fn call_statement(&mut self, reference: &Reference) -> Result<Code> {
        self.codes.push(None);
        self.builders.push(Builder::default());
        self.procedure_call(reference).map_err(|error| {
            if error.message.contains("PLS-00201") || error.message.contains("PLS-00221") {
                Error::new(6576, "not a valid function or procedure name")
            } else {
                error
            }
        })?;
        self.emit(self.text.len(), Instruction::Return)?;
        self.finish(no_parameters(), false)
    }

    /// What a specification declares, for other units.
    pub(super) fn specification_items(
        &mut self,
        declarations: &[Declaration],
    ) -> Result<HashMap<String, Item>> {
        self.builders.push(Builder { is_package: true, ..Builder::default() });
        self.declarations(declarations)?;
        Ok(self.scopes.pop().map(|scope| scope.items).unwrap_or_default())
    }

    fn package(
        mut self,
        name: &Name,
        specification: &'c UnitSource,
        declarations: &[Declaration],
        body: Option<&'c UnitSource>,
    ) -> Result<Unit> {
        let (text, lines) = (self.text, std::mem::replace(&mut self.lines, Lines::new(&specification.text)));
        self.text = &specification.text;
        self.builders.push(Builder { is_package: true, ..Builder::default() });
        if let Some(scope) = self.scopes.last_mut() {
            scope.label = Some(name.name.clone());
        }
        self.declarations(declarations)?;
        (self.text, self.lines) = (text, lines);
        if let Some(UnitContent::Body(block)) = body.map(|body| &body.content) {
            self.scopes.push(Scope { label: Some(name.name.clone()), items: HashMap::new() });
            self.declarations(&block.declarations)?;
            self.body(block)?;
        }
        self.emit(0, Instruction::Return)?;
        let initialisation = self.finish(no_parameters(), false)?;
        let entries = self.entries(declarations, body.is_some())?;
        let at = self.codes.len();
        self.codes.push(Some(initialisation));
        self.unit(Some(name.clone()), entries, Some(at))
    }

    /// The subprograms of the specification, which the body must have.
    fn entries(&self, declarations: &[Declaration], has_body: bool) -> Result<HashMap<String, usize>> {
        use super::scope::Target;
        let mut entries = HashMap::new();
        for declaration in declarations {
            let Declaration::Subprogram(subprogram) = declaration else { continue };
            let name = &subprogram.name;
            let item = self.scopes.first().and_then(|scope| scope.items.get(&name.text));
            let Some(Item::Subprogram { target: Target::Local { code, .. }, .. }) = item else { continue };
            if matches!(self.codes.get(*code), Some(Some(_))) {
                entries.insert(name.text.clone(), *code);
            } else if has_body {
                return Err(self.error(
                    0,
                    format_args!(
                        "PLS-00323: subprogram or cursor '{}' is declared in a package specification and must be defined \
                         in the package body",
                        name.text
                    ),
                ));
            }
        }
        Ok(entries)
    }

    fn unit(
        self,
        name: Option<Name>,
        entries: HashMap<String, usize>,
        initialisation: Option<usize>,
    ) -> Result<Unit> {
        // A subprogram that a specification declares and no body defines: calls of it find no entry.
        let missing = || Code {
            signature: no_parameters(),
            slots: 0,
            instructions: vec![Instruction::NoReturn],
            lines: vec![1],
            handlers: Vec::new(),
            autonomous: false,
        };
        let codes = self.codes.into_iter().map(|code| code.unwrap_or_else(missing)).collect();
        Ok(Unit {
            name: name.map(Arc::new),
            schema: Arc::from(self.schema),
            invoker: self.invoker,
            codes,
            entries,
            initialisation,
            globals: usize::from(self.globals),
        })
    }
}
