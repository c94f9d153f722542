//! Calls, returns, and packages that are used for the first time.

use std::sync::Arc;

use super::{Flow, Frame, Machine, lost, run};
use crate::catalogue::Name;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plsql::ast::Mode;
use crate::plsql::code::{Callee, Code, Unit};
use crate::plsql::packages::Builtin;
use crate::plsql::state::PackageState;
use crate::plsql::units::missing_unit;
use crate::plsql::value::Value;

/// Calls inside calls. Oracle's own limit is its memory.
const DEEPEST_CALLS: usize = 2_000;

impl Machine<'_> {
    pub(super) fn push_frame(&mut self, unit: Arc<Unit>, code: usize, parent: Option<usize>) -> Result<()> {
        if self.frames.len() >= DEEPEST_CALLS {
            return Err(Error::new(
                6500,
                format_args!("PL/SQL: storage error: more than {DEEPEST_CALLS} calls inside each other"),
            ));
        }
        let compiled = unit.codes.get(code).ok_or_else(lost)?;
        let parameters = compiled.signature.formals.len();
        let from = self.stack.len().checked_sub(parameters).ok_or_else(lost)?;
        let mut slots: Vec<Value> = self.stack.drain(from..).collect();
        slots.resize(compiled.slots, Value::NULL);
        let autonomous = compiled.autonomous;
        self.session.plsql.active.extend(unit.name.clone());
        let caller = if autonomous { Some(self.session.begin_autonomous()) } else { None };
        self.frames.push(Frame {
            unit,
            code,
            next: 0,
            slots,
            parent,
            stack_base: self.stack.len(),
            handling_base: self.handling.len(),
            caller,
        });
        Ok(())
    }

    pub(super) fn call(&mut self, callee: &Callee) -> Result<Flow> {
        self.session.shared.control.check()?;
        match callee {
            Callee::Local { code, up } => {
                let parent = self.frame_up(*up);
                let unit = Arc::clone(&self.frames.last().ok_or_else(lost)?.unit);
                self.push_frame(unit, *code, parent)?;
            }
            Callee::Stored { unit: name, member, signature } => {
                let unit = self.unit(name)?;
                if unit.initialisation.is_some() {
                    self.use_package(name)?;
                }
                let code = *unit.entries.get(member.as_ref()).ok_or_else(|| missing_unit(name))?;
                let fits = unit.codes.get(code).is_some_and(|code| code.signature == *signature);
                if !fits {
                    return Err(missing_unit(name));
                }
                self.push_frame(unit, code, None)?;
            }
        }
        Ok(Flow::Frame)
    }

    /// A stored unit, as the dictionary has it now.
    fn unit(&mut self, name: &Arc<Name>) -> Result<Arc<Unit>> {
        let catalogue = self.session.inner.catalogue();
        self.session.inner.units.get(name, &catalogue, &self.session.shared.context)
    }

    /// Makes the package's variables if the session uses it for the first time.
    pub(super) fn use_package(&mut self, name: &Arc<Name>) -> Result<()> {
        let catalogue = self.session.inner.catalogue();
        let stamp = catalogue.units.get(name.as_ref()).map(|stored| stored.stamp);
        if let Some(state) = self.session.plsql.packages.get(name.as_ref()) {
            if Some(state.stamp) == stamp {
                return Ok(());
            }
            let had_variables = !state.values.is_empty();
            self.session.plsql.packages.remove(name.as_ref());
            if had_variables {
                return Err(Error::new(
                    4068,
                    format_args!(
                        "existing state of packages has been discarded: \"{}.{}\" was replaced or dropped",
                        name.schema, name.name
                    ),
                ));
            }
        }
        let unit = self.unit(name)?;
        let (Some(initialisation), Some(stamp)) = (unit.initialisation, stamp) else {
            return Err(missing_unit(name));
        };
        let values = vec![Value::NULL; unit.globals];
        let state = PackageState { stamp, values };
        self.session.plsql.packages.insert(name.as_ref().clone(), state);
        self.session.plsql.enter()?;
        let outcome = run(self.session, &unit, initialisation, &[]);
        self.session.plsql.leave();
        if outcome.is_err() {
            self.session.plsql.packages.remove(name.as_ref());
        }
        outcome
    }

    pub(super) fn pop_frame(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.stack.truncate(frame.stack_base);
        self.handling.truncate(frame.handling_base);
        if frame.unit.name.is_some() {
            self.session.plsql.active.pop();
        }
        Some(frame)
    }

    /// Ends the topmost frame: the function's result and what OUT parameters hold go to the caller's stack.
    pub(super) fn leave(&mut self, code: &Code) -> Result<Flow> {
        let result = if code.signature.returns.is_some() { Some(self.pop()?) } else { None };
        let mut frame = self.pop_frame().ok_or_else(lost)?;
        self.stack.extend(result);
        for (formal, slot) in code.signature.formals.iter().zip(&mut frame.slots) {
            if formal.mode != Mode::In {
                self.stack.push(std::mem::replace(slot, Value::Scalar(Datum::Null)));
            }
        }
        if let Some(caller) = frame.caller {
            self.session.end_autonomous(caller)?;
        }
        Ok(if self.frames.is_empty() { Flow::Done } else { Flow::Frame })
    }

    pub(super) fn builtin(&mut self, builtin: &Builtin) -> Result<()> {
        let from = self.stack.len().checked_sub(builtin.formals.len()).ok_or_else(lost)?;
        let mut arguments: Vec<Value> = self.stack.drain(from..).collect();
        let outcome = (builtin.body)(self.session, &mut arguments);
        let result = outcome.map_err(|error| self.with_earlier(builtin, &arguments, error))?;
        if builtin.returns.is_some() {
            self.stack.push(result);
        }
        for (formal, argument) in builtin.formals.iter().zip(arguments) {
            if formal.mode != Mode::In {
                self.stack.push(argument);
            }
        }
        Ok(())
    }
}
