//! Statements and blocks.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::idents;
use super::scope::{Item, Scope};
use super::{Compiler, Result};
use crate::plsql::ast::{Block, Expr, Handler, Ident, Reference, Statement, StatementKind};
use crate::plsql::code::{ExceptionId, HandlerRange, Instruction, SqlResult};
use crate::plsql::source::At;
use crate::plsql::types::{DataType, Kind};

impl Compiler<'_> {
    pub(super) fn statements(&mut self, statements: &[Statement]) -> Result<()> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Result<()> {
        let at = statement.at;
        match &statement.kind {
            StatementKind::Null => Ok(()),
            StatementKind::Assign(target, value) => {
                let place = self.target(target)?;
                let found = self.expression(value)?;
                self.store(value.at, &found, &place)
            }
            StatementKind::Call(reference) => self.procedure_call(reference),
            StatementKind::If(branches, otherwise) => self.if_statement(at, branches, otherwise.as_deref()),
            StatementKind::Case(operand, whens, otherwise) => {
                self.case_statement(at, operand.as_ref(), whens, otherwise.as_deref())
            }
            StatementKind::Loop(label, kind, body) => self.any_loop(at, label.as_ref(), kind, body),
            StatementKind::Leave { next_turn, label, when } => {
                self.leave(at, *next_turn, label.as_ref(), when.as_ref())
            }
            StatementKind::Block(label, block) => self.nested_block(at, label.as_ref(), block),
            StatementKind::Return(value) => self.return_statement(at, value.as_ref()),
            StatementKind::Raise(None) => {
                if self.builder()?.handler_depth == 0 {
                    return Err(self.error(
                        at,
                        "PLS-00367: a RAISE statement with no exception name must be inside an exception handler",
                    ));
                }
                self.emit(at, Instruction::Reraise).map(|_| ())
            }
            StatementKind::Raise(Some(name)) => {
                let id = self.exception(name)?;
                self.emit(at, Instruction::Raise(id)).map(|_| ())
            }
            StatementKind::Sql(text) => self.sql_statement(at, text),
            StatementKind::ExecuteImmediate { text, into, using } => {
                self.execute_immediate(at, text, into, using)
            }
        }
    }

    pub(super) fn procedure_call(&mut self, reference: &Reference) -> Result<()> {
        let names = idents(reference);
        let kind = match self.find(&names)? {
            Some((Item::Subprogram { target, signature }, used)) => {
                self.call(reference, used, &target, &signature)?
            }
            Some((Item::Variable { storage, kind, writable }, used)) if reference.parts.len() == used + 1 => {
                let Some(table) = Self::table_of(&kind.kind()) else {
                    return Err(self.not_a_procedure(reference));
                };
                let found = self.table_method(reference, &storage, &table, used)?;
                if found.is_none() && !writable {
                    return Err(self.error(
                        reference.at(),
                        format_args!(
                            "PLS-00363: expression '{}' cannot be used as an assignment target",
                            reference.shown()
                        ),
                    ));
                }
                found
            }
            Some(_) => return Err(self.not_a_procedure(reference)),
            None => match self.builtin_call(reference)? {
                Some(kind) => kind,
                None if self.is_standard(reference) => return Err(self.not_a_procedure(reference)),
                None => return Err(self.undeclared(&reference.shown(), reference.at())),
            },
        };
        match kind {
            None => Ok(()),
            Some(_) => Err(self.not_a_procedure(reference)),
        }
    }

    fn is_standard(&self, reference: &Reference) -> bool {
        matches!(reference.parts.as_slice(), [part] if crate::functions::find(&part.name.text).is_some())
    }

    fn not_a_procedure(&self, reference: &Reference) -> crate::error::Error {
        self.error(
            reference.at(),
            format_args!("PLS-00221: '{}' is not a procedure or is undefined", reference.shown()),
        )
    }

    fn if_statement(
        &mut self,
        at: At,
        branches: &[(Expr, Vec<Statement>)],
        otherwise: Option<&[Statement]>,
    ) -> Result<()> {
        let mut ends = Vec::new();
        for (condition, body) in branches {
            self.condition_value(condition)?;
            let next = self.emit(condition.at, Instruction::JumpUnless(0))?;
            self.statements(body)?;
            ends.push(self.emit(at, Instruction::Jump(0))?);
            self.builder()?.aim_here(next);
        }
        self.statements(otherwise.unwrap_or_default())?;
        self.builder()?.aim_all_here(&ends);
        Ok(())
    }

    fn case_statement(
        &mut self,
        at: At,
        operand: Option<&Expr>,
        whens: &[(Expr, Vec<Statement>)],
        otherwise: Option<&[Statement]>,
    ) -> Result<()> {
        let selector = match operand {
            Some(operand) => Some(self.selector(operand)?),
            None => None,
        };
        let mut ends = Vec::new();
        for (when, body) in whens {
            match &selector {
                Some(selector) => self.matches_selector(selector, when)?,
                None => self.condition_value(when)?,
            }
            let next = self.emit(when.at, Instruction::JumpUnless(0))?;
            self.statements(body)?;
            ends.push(self.emit(at, Instruction::Jump(0))?);
            self.builder()?.aim_here(next);
        }
        match otherwise {
            Some(body) => self.statements(body)?,
            None => {
                self.emit(at, Instruction::Raise(ExceptionId::Number(6592)))?;
            }
        }
        self.builder()?.aim_all_here(&ends);
        Ok(())
    }

    fn return_statement(&mut self, at: At, value: Option<&Expr>) -> Result<()> {
        let returns = self.builder()?.returns.clone();
        match (returns, value) {
            (Some(kind), Some(value)) => {
                self.converted(value, &Arc::new(kind.as_ref().clone().unconstrained()))?
            }
            (None, None) => {}
            (Some(_), None) => {
                return Err(self.error(
                    at,
                    "PLS-00503: RETURN <value> statement is required for this return from function",
                ));
            }
            (None, Some(value)) => {
                return Err(self.error(
                    value.at,
                    "PLS-00372: In a procedure, RETURN statement cannot contain an expression",
                ));
            }
        }
        self.emit(at, Instruction::Return).map(|_| ())
    }

    fn exception(&mut self, name: &[Ident]) -> Result<ExceptionId> {
        let idents: Vec<&Ident> = name.iter().collect();
        let at = name.first().map_or(0, |name| name.at);
        let shown = super::types::shown(name);
        match self.find(&idents)? {
            Some((Item::Exception(id), used)) if used == name.len() => Ok(id),
            Some(_) => Err(self.error(at, format_args!("PLS-00485: '{shown}' must be an exception"))),
            None => Err(self.undeclared(&shown, at)),
        }
    }

    fn nested_block(&mut self, at: At, label: Option<&Ident>, block: &Block) -> Result<()> {
        if block.autonomous {
            return Err(self.error(at, "PLS-00710: Pragma AUTONOMOUS_TRANSACTION cannot be specified here"));
        }
        self.scopes.push(Scope { label: label.map(|label| label.text.clone()), items: HashMap::new() });
        self.declarations(&block.declarations)?;
        self.body(block)?;
        self.scopes.pop();
        Ok(())
    }

    /// The statements of a block and its handlers.
    pub(super) fn body(&mut self, block: &Block) -> Result<()> {
        let from = self.builder()?.here();
        self.statements(&block.body)?;
        if block.handlers.is_empty() {
            return Ok(());
        }
        let to = self.builder()?.here();
        let end_at = block.handlers.first().map_or(0, |handler| handler.at);
        let mut ends = vec![self.emit(end_at, Instruction::Jump(0))?];
        let depth = self.builder()?.handler_depth;
        let mut choices = Vec::new();
        let mut taken = Vec::new();
        for handler in &block.handlers {
            choices.push((self.handled(handler, &mut taken)?, self.builder()?.here()));
            self.builder()?.handler_depth += 1;
            self.statements(&handler.body)?;
            self.builder()?.handler_depth -= 1;
            self.emit(handler.at, Instruction::LeaveHandlers(1))?;
            ends.push(self.emit(handler.at, Instruction::Jump(0))?);
        }
        let builder = self.builder()?;
        builder.aim_all_here(&ends);
        builder.handlers.push(HandlerRange { from, to, depth, choices });
        Ok(())
    }

    /// What a handler takes; `taken` is what those before it in the block take, under what names.
    fn handled(
        &mut self,
        handler: &Handler,
        taken: &mut Vec<(ExceptionId, String)>,
    ) -> Result<Vec<ExceptionId>> {
        let before = taken.len();
        let mut ids = Vec::new();
        for name in &handler.exceptions {
            let id = self.exception(name)?;
            let shown = super::types::shown(name);
            let at = name.first().map_or(0, |name| name.at);
            if taken.iter().any(|(_, known)| *known == shown) {
                return Err(self.error(
                    at,
                    format_args!(
                        "PLS-00483: exception '{shown}' may appear in at most one exception handler in this block"
                    ),
                ));
            }
            if let Some((_, known)) = taken.iter().take(before).find(|(known, _)| *known == id) {
                return Err(self.error(
                    at,
                    format_args!(
                        "PLS-00484: redundant exceptions '{known}' and '{shown}' must appear in same exception handler"
                    ),
                ));
            }
            taken.push((id.clone(), shown));
            ids.push(id);
        }
        Ok(ids)
    }

    fn execute_immediate(&mut self, at: At, text: &Expr, into: &[Reference], using: &[Expr]) -> Result<()> {
        self.converted(text, &Arc::new(DataType::Clob))?;
        for value in using {
            if let Kind::Boolean | Kind::Table(_) = self.expression(value)? {
                return Err(self.error(value.at, "PLS-00457: expressions have to be of SQL types"));
            }
        }
        let result = if into.is_empty() { SqlResult::Count } else { SqlResult::Row(into.len()) };
        self.emit(at, Instruction::ExecuteImmediate { binds: using.len(), result })?;
        self.take_into(into)
    }

    /// Stores the values of a row, which lie on the stack in order.
    pub(super) fn take_into(&mut self, targets: &[Reference]) -> Result<()> {
        for reference in targets.iter().rev() {
            let place = self.target(reference)?;
            if place.kind() == Kind::Boolean {
                return Err(self.error(reference.at(), "PLS-00457: expressions have to be of SQL types"));
            }
            self.store(reference.at(), &Kind::Any, &place)?;
        }
        Ok(())
    }
}
