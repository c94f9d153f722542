//! Raising, handling and reporting exceptions.

use std::sync::Arc;

use super::{Flow, Machine, lost};
use crate::convert::to_integer;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plsql::code::{ExceptionId, Instruction};
use crate::plsql::packages::{Builtin, RAISE_APPLICATION_ERROR};
use crate::plsql::value::Value;

/// Lines of `ORA-06512: at …` that an error tells.
const LONGEST_TRACE: usize = 30;

/// Characters of earlier errors that RAISE_APPLICATION_ERROR keeps: in a recursion each handler keeps those of all around it.
const LONGEST_KEPT: usize = 8192;

/// An exception on its way, or in the hands of a handler.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    error: Error,
    /// Which one, if it was declared and has no number.
    declared: Option<Arc<str>>,
    /// Where it came through.
    trace: Vec<String>,
}

impl Raised {
    pub(super) fn new(error: Error) -> Self {
        Self { error, declared: None, trace: Vec::new() }
    }

    fn of(id: &ExceptionId) -> Self {
        match id {
            ExceptionId::Number(code) => Self::new(numbered(*code)),
            ExceptionId::Declared(name) => Self {
                error: Error::new(6510, "PL/SQL: unhandled user-defined exception"),
                declared: Some(Arc::clone(name)),
                trace: Vec::new(),
            },
        }
    }

    fn is(&self, id: &ExceptionId) -> bool {
        match (id, &self.declared) {
            (ExceptionId::Declared(wanted), Some(declared)) => wanted == declared,
            (ExceptionId::Number(code), None) => code.abs() == self.error.code,
            _ => false,
        }
    }

    /// SQLCODE: negative, but for NO_DATA_FOUND, which is 100, and user-defined exceptions, which are 1.
    fn sql_code(&self) -> i64 {
        match (&self.declared, self.error.code) {
            (Some(_), _) => 1,
            (None, 1403) => 100,
            (None, code) => -i64::from(code),
        }
    }

    fn text(&self) -> &str {
        if self.declared.is_some() { "User-Defined Exception" } else { &self.error.message }
    }

    /// As the caller of the block gets it.
    fn into_error(self) -> Error {
        let mut message = self.error.message;
        for line in self.trace {
            message.push('\n');
            message.push_str(&line);
        }
        Error { code: self.error.code, message }
    }
}

/// The error of a number that nothing but its number is known of.
fn numbered(code: i32) -> Error {
    let text = match code.abs() {
        1 => "unique constraint violated",
        51 => "timeout occurred while waiting for a resource",
        1001 => "invalid cursor",
        1012 => "not logged on",
        1017 => "invalid username/password; logon denied",
        1403 => "no data found",
        1422 => "exact fetch returns more than requested number of rows",
        1476 => "divisor is equal to zero",
        1722 => "invalid number",
        6500 => "PL/SQL: storage error",
        6501 => "PL/SQL: program error",
        6502 => "PL/SQL: numeric or value error",
        6504 => "PL/SQL: Return types of Result Set variables or query do not match",
        6511 => "PL/SQL: cursor already open",
        6530 => "Reference to uninitialized composite",
        6531 => "Reference to uninitialized collection",
        6532 => "Subscript outside of limit",
        6533 => "Subscript beyond count",
        6592 => "CASE not found while executing CASE statement",
        _ => "",
    };
    Error::new(code.abs(), text)
}

impl Machine<'_> {
    pub(super) fn exceptional(&mut self, instruction: &Instruction) -> Result<Flow> {
        match instruction {
            Instruction::Raise(id) => self.unwind(Raised::of(id)).map(|()| Flow::Frame),
            Instruction::Reraise => {
                let raised = self.handling.last().cloned().ok_or_else(lost)?;
                self.unwind(raised).map(|()| Flow::Frame)
            }
            Instruction::LeaveHandlers(count) => {
                self.handling.truncate(self.handling.len().saturating_sub(*count));
                Ok(Flow::Next)
            }
            Instruction::SqlCode => {
                let code = self.handling.last().map_or(0, Raised::sql_code);
                self.stack.push(Value::Scalar(Datum::integer(code)));
                Ok(Flow::Next)
            }
            Instruction::SqlErrm(given) => {
                let text = if *given { self.text_of_code()? } else { self.current_text() };
                self.stack.push(Value::Scalar(Datum::text(text)));
                Ok(Flow::Next)
            }
            _ => Err(lost()),
        }
    }

    fn current_text(&self) -> String {
        self.handling.last().map_or_else(
            || "ORA-0000: normal, successful completion".to_owned(),
            |raised| raised.text().chars().take(512).collect(),
        )
    }

    fn text_of_code(&mut self) -> Result<String> {
        let datum = self.pop()?.into_datum();
        let code = to_integer(&datum, &self.session.shared.context.environment.lock())?.unwrap_or(0);
        Ok(match code {
            0 => "ORA-0000: normal, successful completion".to_owned(),
            1 => "User-Defined Exception".to_owned(),
            100 => numbered(1403).message,
            code if code > 0 => format!(" -{code}: non-ORACLE exception"),
            code => numbered(i32::try_from(code).unwrap_or(i32::MAX)).message,
        })
    }

    /// Goes to the handler that takes the exception; `Err` if no frame has one.
    ///
    /// What stops the call is never handled: a killed session, a timeout and a break always get out.
    pub(super) fn unwind(&mut self, mut raised: Raised) -> Result<()> {
        let stopped = self.session.shared.control.check().err();
        let is_stopped = stopped.is_some();
        if let Some(stopped) = stopped {
            raised = Raised { trace: raised.trace, ..Raised::new(stopped) };
        }
        while let Some(frame) = self.frames.last() {
            let at = frame.next.saturating_sub(1);
            let code = frame.unit.codes.get(frame.code);
            let line = code.and_then(|code| code.lines.get(at)).copied().unwrap_or(0);
            let place = frame.unit.name.as_ref();
            let place = place.map_or_else(String::new, |name| format!("\"{}.{}\", ", name.schema, name.name));
            if raised.trace.len() < LONGEST_TRACE {
                raised.trace.push(format!("ORA-06512: at {place}line {line}"));
            }
            let target = code.filter(|_| !is_stopped).and_then(|code| {
                code.handlers.iter().filter(|range| (range.from..range.to).contains(&at)).find_map(|range| {
                    let chosen = range
                        .choices
                        .iter()
                        .find(|(ids, _)| ids.is_empty() || ids.iter().any(|id| raised.is(id)));
                    chosen.map(|(_, target)| (*target, range.depth))
                })
            });
            if let Some((target, depth)) = target {
                return self.handle(raised, target, depth);
            }
            self.abandon();
        }
        Err(raised.into_error())
    }

    fn handle(&mut self, raised: Raised, target: usize, depth: usize) -> Result<()> {
        let frame = self.frames.last_mut().ok_or_else(lost)?;
        frame.next = target;
        let (stack_base, handling_base) = (frame.stack_base, frame.handling_base);
        self.stack.truncate(stack_base);
        self.handling.truncate(handling_base + depth);
        self.handling.push(raised);
        Ok(())
    }

    /// Takes the topmost frame away, with what its autonomous transaction did.
    fn abandon(&mut self) {
        let Some(frame) = self.pop_frame() else { return };
        if let Some(caller) = frame.caller {
            // The exception tells more than ORA-06519 would.
            drop(self.session.end_autonomous(caller));
        }
    }

    /// RAISE_APPLICATION_ERROR with TRUE puts its error before those that are being handled.
    pub(super) fn with_earlier(&self, builtin: &Builtin, arguments: &[Value], error: Error) -> Error {
        let keep = builtin.name == RAISE_APPLICATION_ERROR
            && matches!(arguments.get(2), Some(Value::Boolean(Some(true))));
        match self.handling.last().filter(|_| keep) {
            Some(earlier) => {
                let kept: String = earlier.error.message.chars().take(LONGEST_KEPT).collect();
                Error { code: error.code, message: format!("{}\n{kept}", error.message) }
            }
            None => error,
        }
    }
}
