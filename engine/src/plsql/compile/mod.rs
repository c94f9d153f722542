//! From names to places: checks a parsed unit against the dictionary and makes it instructions.

mod builder;
mod calls;
mod conditions;
mod declarations;
mod expressions;
mod functions;
mod integers;
mod loops;
mod names;
mod scope;
mod sql;
mod sql_names;
mod statements;
mod types;
mod units;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;

use super::ast::Expr;
use super::code::{Code, Instruction};
use super::source::{At, Lines, compile_error};
use super::types::{DataType, Kind};
use crate::catalogue::{Catalogue, Name};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

use builder::Builder;
use scope::{Item, Scope};

pub(crate) use units::{compile_block, compile_stored};

/// Specifications that refer to specifications, at most.
const DEEPEST_REFERENCES: u32 = 20;

/// The compilation of one unit.
pub(super) struct Compiler<'c> {
    text: &'c str,
    lines: Lines,
    catalogue: &'c Catalogue,
    context: &'c SessionContext,
    /// Where names are looked for: the owner's schema, or for a block the session's.
    schema: String,
    chars_by_default: bool,
    /// The stored unit that this is; `None` for a block.
    unit: Option<Arc<Name>>,
    scopes: Vec<Scope>,
    builders: Vec<Builder>,
    codes: Vec<Option<Code>>,
    /// Specifications of other packages, as far as they were needed.
    specifications: HashMap<Name, Arc<HashMap<String, Item>>>,
    references: u32,
    /// Variables that the package has.
    globals: u16,
    /// The names of a block's binds, in the order of their numbers.
    bind_names: &'c [String],
    /// AUTHID CURRENT_USER.
    invoker: bool,
}

fn internal() -> Error {
    Error::new(6541, "PL/SQL: compilation error: the compiler lost its place")
}

impl Compiler<'_> {
    fn error(&self, at: At, message: impl Display) -> Error {
        compile_error(self.text, at, message)
    }

    fn unsupported(&self, at: At, what: impl Display) -> Error {
        self.error(
            at,
            format_args!(
                "PLS-00999: implementation restriction (may be temporary): the embedded engine does not have {what}"
            ),
        )
    }

    fn wrong_type(&self, at: At) -> Error {
        self.error(at, "PLS-00382: expression is of wrong type")
    }

    fn builder(&mut self) -> Result<&mut Builder> {
        self.builders.last_mut().ok_or_else(internal)
    }

    /// The level of the subprogram that is being compiled, from 1.
    fn level(&self) -> u16 {
        u16::try_from(self.builders.len()).unwrap_or(u16::MAX)
    }

    fn emit(&mut self, at: At, instruction: Instruction) -> Result<usize> {
        let line = self.lines.line(at);
        Ok(self.builder()?.emit(line, instruction))
    }

    /// An expression that becomes a value of this type.
    fn converted(&mut self, expr: &Expr, kind: &Arc<DataType>) -> Result<()> {
        let found = self.expression(expr)?;
        self.convert(expr.at, &found, kind)
    }

    /// Converts the top of the stack; PLS-00382 if the types do not go together.
    fn convert(&mut self, at: At, found: &Kind, kind: &Arc<DataType>) -> Result<()> {
        if !assignable(found, &kind.kind()) {
            return Err(self.wrong_type(at));
        }
        self.emit(at, Instruction::Convert(Arc::clone(kind))).map(|_| ())
    }
}

/// Whether a value of one type may become one of another when it runs.
fn assignable(from: &Kind, to: &Kind) -> bool {
    use crate::datum::Type;
    let text = |kind: &Type| matches!(kind, Type::Text | Type::Char | Type::Unknown);
    let moment = |kind: &Type| matches!(kind, Type::Date | Type::Timestamp | Type::TimestampTz);
    match (from, to) {
        (Kind::Any, Kind::Table(_)) => false,
        (Kind::Any, _) | (Kind::Boolean, Kind::Boolean) => true,
        (Kind::Table(from), Kind::Table(to)) => from == to,
        (Kind::Scalar(from), Kind::Scalar(to)) => {
            from == to || text(from) || text(to) || (moment(from) && moment(to))
        }
        _ => false,
    }
}
