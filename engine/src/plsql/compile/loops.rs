//! Loops, EXIT and CONTINUE.

use std::collections::HashMap;
use std::sync::Arc;

use super::builder::Loop;
use super::scope::{Item, Scope, Storage};
use super::{Compiler, Result};
use crate::plsql::ast::{Expr, Ident, LoopKind, SqlText, Statement};
use crate::plsql::code::{Instruction, SqlResult};
use crate::plsql::source::At;
use crate::plsql::types::DataType;

impl Compiler<'_> {
    pub(super) fn any_loop(
        &mut self,
        at: At,
        label: Option<&Ident>,
        kind: &LoopKind,
        body: &[Statement],
    ) -> Result<()> {
        let label = label.map(|label| label.text.clone());
        self.scopes.push(Scope { label: label.clone(), items: HashMap::new() });
        match kind {
            LoopKind::Forever => {
                let top = self.builder()?.here();
                self.turn(at, label, body, top, None, None)?;
            }
            LoopKind::While(condition) => {
                let top = self.builder()?.here();
                self.condition_value(condition)?;
                let done = self.emit(condition.at, Instruction::JumpUnless(0))?;
                self.turn(at, label, body, top, Some(done), None)?;
            }
            LoopKind::Range { index, reverse, low, high } => {
                self.range(at, label, (index, *reverse, low, high), body)?;
            }
            LoopKind::Query { record, query } => self.query_loop(at, label, record, query, body)?,
        }
        self.scopes.pop();
        Ok(())
    }

    /// The body and the jump back; `done` is the jump that ends the loop, `step` what comes between two turns.
    fn turn(
        &mut self,
        at: At,
        label: Option<String>,
        body: &[Statement],
        top: usize,
        done: Option<usize>,
        step: Option<Instruction>,
    ) -> Result<()> {
        let builder = self.builder()?;
        let handler_depth = builder.handler_depth;
        builder.loops.push(Loop { label, handler_depth, exits: Vec::new(), continues: Vec::new() });
        self.statements(body)?;
        let ended = self.builder()?.loops.pop().ok_or_else(super::internal)?;
        let builder = self.builder()?;
        builder.aim_all_here(&ended.continues);
        if let Some(step) = step {
            self.emit(at, step)?;
        }
        self.emit(at, Instruction::Jump(top))?;
        let builder = self.builder()?;
        builder.aim_all_here(&ended.exits);
        done.into_iter().for_each(|done| builder.aim_here(done));
        Ok(())
    }

    fn range(
        &mut self,
        at: At,
        label: Option<String>,
        (index, reverse, low, high): (&Ident, bool, &Expr, &Expr),
        body: &[Statement],
    ) -> Result<()> {
        let kind = Arc::new(DataType::NotNull(Box::new(DataType::PLS_INTEGER)));
        let (index_slot, limit) = (self.new_slot(at)?, self.new_slot(at)?);
        let level = self.level();
        let (first, last) = if reverse { (high, low) } else { (low, high) };
        // Oracle evaluates the lower bound first, whichever way the loop runs.
        let slots =
            if reverse { [(low, limit), (high, index_slot)] } else { [(first, index_slot), (last, limit)] };
        for (bound, slot) in slots {
            self.converted(bound, &kind)?;
            let place = self.place(&Storage::Local { level, slot });
            self.emit(at, Instruction::Store(place))?;
        }
        let item = Item::Variable {
            storage: Storage::Local { level, slot: index_slot },
            kind: Arc::new(DataType::PLS_INTEGER),
            writable: false,
        };
        self.declare(&index.text, index.at, item)?;
        let top = self.emit(at, Instruction::Range { index: index_slot, limit, reverse, done: 0 })?;
        self.turn(at, label, body, top, Some(top), Some(Instruction::Step { index: index_slot, reverse }))
    }

    fn query_loop(
        &mut self,
        at: At,
        label: Option<String>,
        record: &Ident,
        query: &SqlText,
        body: &[Statement],
    ) -> Result<()> {
        let columns = self.query(query, SqlResult::Rows)?;
        let level = self.level();
        let rows = self.new_slot(at)?;
        let place = self.place(&Storage::Local { level, slot: rows });
        self.emit(at, Instruction::Store(place))?;
        let mut fields = Vec::new();
        let mut first = 0;
        for (index, (name, kind)) in columns.into_iter().enumerate() {
            let slot = self.new_slot(at)?;
            if index == 0 {
                first = slot;
            }
            fields.push((name, Storage::Local { level, slot }, Arc::new(DataType::of_values(kind))));
        }
        let count = u16::try_from(fields.len()).map_err(|_| super::internal())?;
        self.declare(&record.text, record.at, Item::Record(fields))?;
        let top = self.emit(at, Instruction::NextRow { rows, first, columns: count, done: 0 })?;
        self.turn(at, label, body, top, Some(top), None)
    }

    /// EXIT or CONTINUE.
    pub(super) fn leave(
        &mut self,
        at: At,
        next_turn: bool,
        label: Option<&Ident>,
        when: Option<&Expr>,
    ) -> Result<()> {
        let stay = match when {
            Some(condition) => {
                self.condition_value(condition)?;
                Some(self.emit(at, Instruction::JumpUnless(0))?)
            }
            None => None,
        };
        let builder = self.builder()?;
        let found = match label {
            None => builder.loops.len().checked_sub(1),
            Some(label) => builder.loops.iter().rposition(|known| known.label.as_ref() == Some(&label.text)),
        };
        let handlers = builder.handler_depth;
        let left =
            found.and_then(|index| builder.loops.get(index)).map(|around| handlers - around.handler_depth);
        let (Some(index), Some(left)) = (found, left) else {
            return Err(match label {
                Some(label) => self.error(
                    label.at,
                    format_args!(
                        "PLS-00201: identifier '{}' must be declared: no loop around has this label",
                        label.text
                    ),
                ),
                None => self.error(
                    at,
                    if next_turn {
                        "PLS-00376: illegal EXIT/CONTINUE statement; CONTINUE must appear inside a loop"
                    } else {
                        "PLS-00376: illegal EXIT/CONTINUE statement; it must appear inside a loop"
                    },
                ),
            });
        };
        if left > 0 {
            self.emit(at, Instruction::LeaveHandlers(left))?;
        }
        let jump = self.emit(at, Instruction::Jump(0))?;
        let builder = self.builder()?;
        if let Some(around) = builder.loops.get_mut(index) {
            if next_turn { around.continues.push(jump) } else { around.exits.push(jump) }
        }
        stay.into_iter().for_each(|stay| builder.aim_here(stay));
        Ok(())
    }
}
