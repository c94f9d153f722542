//! Runs compiled units: a loop over instructions, with calls and values on stacks of its own.

mod calls;
mod exceptions;
mod sql;
mod tables;

use std::sync::Arc;

use super::ast::CursorAttribute;
use super::code::{Code, Instruction, Place, Unit};
use super::transactions::Caller;
use super::types::procedural;
use super::value::Value;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::number::Number;
use crate::server_session::ServerSession;

use exceptions::Raised;

/// A run of a block, or of a package's initialisation.
struct Machine<'s> {
    session: &'s mut ServerSession,
    binds: &'s [Datum],
    stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Exceptions that are being handled, the innermost last.
    handling: Vec<Raised>,
    /// The schema that stood for the current one when the run began.
    owner: Option<Arc<str>>,
}

struct Frame {
    unit: Arc<Unit>,
    code: usize,
    /// The next instruction.
    next: usize,
    slots: Vec<Value>,
    /// The frame of the subprogram around, for local subprograms.
    parent: Option<usize>,
    stack_base: usize,
    handling_base: usize,
    /// The caller's transaction, if the routine is autonomous.
    caller: Option<Caller>,
}

/// What comes after an instruction.
enum Flow {
    Next,
    Jump(usize),
    /// Another frame is on top.
    Frame,
    Done,
}

fn lost() -> Error {
    Error::new(6501, "PL/SQL: program error")
}

/// Runs an anonymous block or CALL: all of it, or nothing.
pub(crate) fn run_block(session: &mut ServerSession, unit: &Arc<Unit>, binds: &[Datum]) -> Result<()> {
    session.plsql.enter()?;
    let outcome = run_marked(session, unit, binds);
    session.plsql.leave();
    outcome
}

fn run_marked(session: &mut ServerSession, unit: &Arc<Unit>, binds: &[Datum]) -> Result<()> {
    let mark = session.mark()?;
    match run(session, unit, 0, binds) {
        Ok(()) => session.forget(&mark),
        Err(error) => {
            session.back_to(mark)?;
            Err(error)
        }
    }
}

/// Runs a code without parameters.
fn run(session: &mut ServerSession, unit: &Arc<Unit>, code: usize, binds: &[Datum]) -> Result<()> {
    let owner = session.shared.context.definer();
    let mut machine =
        Machine { session, binds, stack: Vec::new(), frames: Vec::new(), handling: Vec::new(), owner };
    let outcome = machine.push_frame(Arc::clone(unit), code, None).and_then(|()| machine.run());
    let before = machine.owner.take();
    session.shared.context.set_definer(before);
    outcome
}

impl Machine<'_> {
    fn run(&mut self) -> Result<()> {
        loop {
            match self.run_frame() {
                Ok(Flow::Done) => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    let raised = Raised::new(error);
                    self.unwind(raised)?;
                }
            }
        }
    }

    /// Runs the topmost frame until another one is on top.
    fn run_frame(&mut self) -> Result<Flow> {
        let frame = self.frames.last().ok_or_else(lost)?;
        let (unit, index, mut next) = (Arc::clone(&frame.unit), frame.code, frame.next);
        self.session.shared.context.set_definer(self.schema());
        let code: &Code = unit.codes.get(index).ok_or_else(lost)?;
        loop {
            let instruction = code.instructions.get(next).ok_or_else(lost)?;
            // An error is looked up by the instruction before the next one.
            self.frames.last_mut().ok_or_else(lost)?.next = next + 1;
            match self.step(instruction, code)? {
                Flow::Next => next += 1,
                Flow::Jump(target) => {
                    if target <= next {
                        self.session.shared.control.check()?;
                    }
                    next = target;
                }
                other => return Ok(other),
            }
        }
    }

    /// The schema that stands for the current one: the owner's of the innermost unit that does not take its caller's. `None`: the
    /// session's own.
    fn schema(&self) -> Option<Arc<str>> {
        let unit = self.frames.iter().rev().map(|frame| &frame.unit).find(|unit| !unit.invoker);
        match unit {
            Some(unit) if unit.name.is_some() => Some(Arc::clone(&unit.schema)),
            _ => self.owner.clone(),
        }
    }

    fn step(&mut self, instruction: &Instruction, code: &Code) -> Result<Flow> {
        match instruction {
            Instruction::Push(value) => self.stack.push(value.clone()),
            Instruction::Pop => {
                self.pop()?;
            }
            Instruction::Duplicate => {
                let top = self.stack.last().ok_or_else(lost)?.clone();
                self.stack.push(top);
            }
            Instruction::Load(place) => {
                let value = self.variable(place)?.clone();
                self.stack.push(value);
            }
            Instruction::Store(place) => {
                let value = self.pop()?;
                *self.variable(place)? = value;
            }
            Instruction::Convert(kind) => {
                let value = self.pop()?;
                let converted = value.convert(kind, &self.session.shared.context.environment.lock())?;
                self.stack.push(converted);
            }
            Instruction::Bind(number) => {
                let bind = self.binds.get(*number as usize).cloned();
                let bind = bind.ok_or_else(|| Error::new(1008, "not all variables bound"))?;
                self.stack.push(Value::Scalar(bind));
            }
            Instruction::JumpIfGiven(slot, target) => {
                let frame = self.frames.last().ok_or_else(lost)?;
                if !matches!(frame.slots.get(usize::from(*slot)), Some(Value::Missing)) {
                    return Ok(Flow::Jump(*target));
                }
            }
            Instruction::Jump(target) => return Ok(Flow::Jump(*target)),
            Instruction::JumpUnless(target) => {
                if self.pop()?.truth() != Some(true) {
                    return Ok(Flow::Jump(*target));
                }
            }
            Instruction::JumpIf(truth, target) => {
                if self.stack.last().ok_or_else(lost)?.truth() == Some(*truth) {
                    return Ok(Flow::Jump(*target));
                }
            }
            Instruction::JumpIfSet(target) => {
                if !self.stack.last().ok_or_else(lost)?.is_null() {
                    return Ok(Flow::Jump(*target));
                }
            }
            Instruction::Range { index, limit, reverse, done } => {
                return self.range(*index, *limit, *reverse, *done);
            }
            Instruction::Step { index, reverse } => self.count(*index, *reverse)?,
            Instruction::NextRow { rows, first, columns, done } => {
                return self.next_row(*rows, *first, *columns, *done);
            }
            Instruction::Element(place) => self.element(place)?,
            Instruction::StoreElement(place, kind) => self.store_element(place, kind)?,
            Instruction::Table(place, method) => self.table(place, *method)?,
            Instruction::Call(callee) => return self.call(callee),
            Instruction::Builtin(builtin) => self.builtin(builtin)?,
            Instruction::Return => return self.leave(code),
            Instruction::NoReturn => {
                return Err(Error::new(6503, "PL/SQL: Function returned without value"));
            }
            Instruction::Sql { text, binds, result } => self.static_sql(text, *binds, *result)?,
            Instruction::ExecuteImmediate { binds, result } => self.dynamic_sql(*binds, *result)?,
            Instruction::Raise(_)
            | Instruction::Reraise
            | Instruction::LeaveHandlers(_)
            | Instruction::SqlCode
            | Instruction::SqlErrm(_) => return self.exceptional(instruction),
            other => self.compute(other)?,
        }
        Ok(Flow::Next)
    }

    /// Instructions that take values and give one.
    fn compute(&mut self, instruction: &Instruction) -> Result<()> {
        let value = match instruction {
            Instruction::Function(body, count, clock) => {
                if *clock {
                    *self.session.shared.context.statement_time.lock() = crate::datetime::now();
                }
                let arguments = self.pop_datums(*count)?;
                Value::Scalar(body(&self.session.shared.context, &arguments).map_err(procedural)?)
            }
            Instruction::Test(test, count) => {
                let arguments = self.pop_datums(*count)?;
                Value::Boolean(test(&self.session.shared.context, &arguments).map_err(procedural)?)
            }
            Instruction::OnBoth(body) => {
                let arguments = self.pop_datums(2)?;
                for argument in arguments {
                    let changed = body(&self.session.shared.context, &[argument])?;
                    self.stack.push(Value::Scalar(changed));
                }
                return Ok(());
            }
            Instruction::CompareBooleans { equal } => {
                let (right, left) = (self.pop()?.truth(), self.pop()?.truth());
                Value::Boolean(left.zip(right).map(|(left, right)| (left == right) == *equal))
            }
            Instruction::IsNull => Value::Boolean(Some(self.pop()?.is_null())),
            Instruction::Not => Value::Boolean(self.pop()?.truth().map(|truth| !truth)),
            Instruction::And | Instruction::Or => {
                let (right, left) = (self.pop()?.truth(), self.pop()?.truth());
                // FALSE decides AND, TRUE decides OR; NULL comes second.
                let decisive = matches!(instruction, Instruction::Or);
                Value::Boolean(if left == Some(decisive) || right == Some(decisive) {
                    Some(decisive)
                } else {
                    left.and(right)
                })
            }
            Instruction::Sequence { name, next } => {
                let context = &self.session.shared.context;
                let number = if *next { context.next_value(name)? } else { context.current_value(name)? };
                Value::Scalar(Datum::Number(number))
            }
            Instruction::Cursor(attribute) => {
                let count = self.session.plsql.row_count;
                match attribute {
                    CursorAttribute::RowCount => {
                        Value::Scalar(count.map_or(Datum::Null, |count| {
                            Datum::integer(count.try_into().unwrap_or(i64::MAX))
                        }))
                    }
                    CursorAttribute::Found => Value::Boolean(count.map(|count| count > 0)),
                    CursorAttribute::NotFound => Value::Boolean(count.map(|count| count == 0)),
                    CursorAttribute::IsOpen => Value::Boolean(Some(false)),
                }
            }
            _ => return Err(lost()),
        };
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value> {
        self.stack.pop().ok_or_else(lost)
    }

    fn pop_datums(&mut self, count: usize) -> Result<Vec<Datum>> {
        let from = self.stack.len().checked_sub(count).ok_or_else(lost)?;
        Ok(self.stack.drain(from..).map(Value::into_datum).collect())
    }

    fn variable(&mut self, place: &Place) -> Result<&mut Value> {
        match place {
            Place::Local { up, slot } => {
                let index = self.frame_up(*up).ok_or_else(lost)?;
                let frame = self.frames.get_mut(index).ok_or_else(lost)?;
                frame.slots.get_mut(usize::from(*slot)).ok_or_else(lost)
            }
            Place::Package { package, slot, stamp } => {
                self.use_package(package)?;
                let state = self.session.plsql.packages.get_mut(package.as_ref()).ok_or_else(lost)?;
                // The unit runs as it was before the package was replaced: the slot may be another variable's now.
                if state.stamp != *stamp {
                    return Err(Error::new(
                        4065,
                        format_args!(
                            "not executed, altered or dropped package \"{}.{}\"",
                            package.schema, package.name
                        ),
                    ));
                }
                state.values.get_mut(usize::from(*slot)).ok_or_else(lost)
            }
        }
    }

    /// The frame so many levels out from the topmost; `None` outside all.
    fn frame_up(&self, up: u16) -> Option<usize> {
        let mut index = self.frames.len().checked_sub(1);
        for _ in 0..up {
            index = index.and_then(|index| self.frames.get(index)).and_then(|frame| frame.parent);
        }
        index
    }

    fn slot(&mut self, slot: u16) -> Result<&mut Value> {
        let frame = self.frames.last_mut().ok_or_else(lost)?;
        frame.slots.get_mut(usize::from(slot)).ok_or_else(lost)
    }

    fn whole(&mut self, slot: u16) -> Result<i64> {
        match self.slot(slot)? {
            Value::Scalar(Datum::Number(number)) => number.truncated(),
            _ => Err(lost()),
        }
    }

    fn range(&mut self, index: u16, limit: u16, reverse: bool, done: usize) -> Result<Flow> {
        let (index, limit) = (self.whole(index)?, self.whole(limit)?);
        let over = if reverse { index < limit } else { index > limit };
        Ok(if over { Flow::Jump(done) } else { Flow::Next })
    }

    fn count(&mut self, index: u16, reverse: bool) -> Result<()> {
        let next = self.whole(index)? + if reverse { -1 } else { 1 };
        *self.slot(index)? = Value::Scalar(Datum::Number(Number::from(next)));
        Ok(())
    }

    fn next_row(&mut self, rows: u16, first: u16, columns: u16, done: usize) -> Result<Flow> {
        let row = match self.slot(rows)? {
            Value::Rows(rows) => rows.pop_front(),
            _ => return Err(lost()),
        };
        let Some(row) = row else { return Ok(Flow::Jump(done)) };
        for (slot, datum) in (first..first.saturating_add(columns)).zip(row) {
            *self.slot(slot)? = Value::Scalar(datum);
        }
        Ok(Flow::Next)
    }
}
