//! What units are compiled to: instructions of a machine with a stack of values.
//!
//! A stack of the machine's own, not Rust's, holds calls and values, so that recursion in PL/SQL is bounded by a count.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{CursorAttribute, Mode};
use super::packages::Builtin;
use super::types::DataType;
use super::value::Value;
use crate::catalogue::Name;
use crate::functions::{Body, Test};

/// A unit, ready to run.
pub(crate) struct Unit {
    /// `None` for an anonymous block.
    pub(crate) name: Option<Arc<Name>>,
    /// The schema in which names of its SQL are looked for.
    pub(crate) schema: Arc<str>,
    /// Its SQL is looked at in the schema of who calls it.
    pub(crate) invoker: bool,
    pub(crate) codes: Vec<Code>,
    /// The subprograms that others may call, by name; a subprogram by itself has the empty name.
    pub(crate) entries: HashMap<String, usize>,
    /// What fills the variables of a package.
    pub(crate) initialisation: Option<usize>,
    /// How many variables a package has.
    pub(crate) globals: usize,
}

pub(crate) struct Code {
    pub(crate) signature: Arc<Signature>,
    pub(crate) slots: usize,
    pub(crate) instructions: Vec<Instruction>,
    /// The line of each instruction.
    pub(crate) lines: Vec<u32>,
    /// Inner blocks come first.
    pub(crate) handlers: Vec<HandlerRange>,
    pub(crate) autonomous: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Signature {
    pub(crate) formals: Vec<Formal>,
    pub(crate) returns: Option<Arc<DataType>>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Formal {
    pub(crate) name: String,
    pub(crate) mode: Mode,
    pub(crate) kind: Arc<DataType>,
    pub(crate) has_default: bool,
}

/// The handlers of a block: for which instructions, and what they take.
pub(crate) struct HandlerRange {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// How many handlers run around this one, in the same subprogram.
    pub(crate) depth: usize,
    pub(crate) choices: Vec<(Vec<ExceptionId>, usize)>,
}

/// An exception: by its ORA number, or one without number by where it is declared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExceptionId {
    Number(i32),
    Declared(Arc<str>),
}

/// Where a variable is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the frame of the subprogram `up` levels out.
    Local { up: u16, slot: u16 },
    Package {
        package: Arc<Name>,
        slot: u16,
        /// Of the package that the slot was counted in.
        stamp: u64,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Callee {
    /// In the same unit; its frame's parent is `up` levels out.
    Local {
        code: usize,
        up: u16,
    },
    Stored {
        unit: Arc<Name>,
        member: Arc<str>,
        signature: Arc<Signature>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableMethod {
    Exists,
    First,
    Last,
    Next,
    Prior,
    Count,
    /// DELETE with as many keys: none, one, or a range.
    Delete(u8),
}

/// What a SQL statement gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqlResult {
    /// The rows changed; a query's rows are left alone.
    Count,
    /// One row of as many values, which go to the stack.
    Row(usize),
    /// All rows, as one value.
    Rows,
}

pub(crate) enum Instruction {
    Push(Value),
    Pop,
    Duplicate,
    Load(Place),
    Store(Place),
    /// Converts the top of the stack.
    Convert(Arc<DataType>),
    /// A value that a bind has.
    Bind(u32),
    /// A function of so many arguments. The flag: it reads the clock.
    Function(Body, usize, bool),
    Test(Test, usize),
    /// A function of one argument, for each of the two values on top.
    OnBoth(Body),
    CompareBooleans {
        equal: bool,
    },
    IsNull,
    Not,
    And,
    Or,
    Jump(usize),
    /// Takes a condition, and jumps if it is not true.
    JumpUnless(usize),
    /// Jumps if the condition is known to be this, and leaves it there.
    JumpIf(bool, usize),
    /// Jumps if the value is not NULL, and leaves it there.
    JumpIfSet(usize),
    /// Jumps if the caller gave the parameter.
    JumpIfGiven(u16, usize),
    /// Takes a key.
    Element(Place),
    /// Takes a key, and below it a value.
    StoreElement(Place, Arc<DataType>),
    Table(Place, TableMethod),
    Call(Callee),
    Builtin(&'static Builtin),
    Return,
    /// The end of a function without RETURN.
    NoReturn,
    Raise(ExceptionId),
    Reraise,
    /// Handlers that are left by EXIT or by their end.
    LeaveHandlers(usize),
    /// Ends a loop, or puts the next number into the slot: current, limit.
    Range {
        index: u16,
        limit: u16,
        reverse: bool,
        done: usize,
    },
    Step {
        index: u16,
        reverse: bool,
    },
    /// Puts the next row's columns into slots, or ends the loop.
    NextRow {
        rows: u16,
        first: u16,
        columns: u16,
        done: usize,
    },
    Sql {
        text: Arc<str>,
        binds: usize,
        result: SqlResult,
    },
    /// The binds, and below them the text.
    ExecuteImmediate {
        binds: usize,
        result: SqlResult,
    },
    Sequence {
        name: Arc<Name>,
        next: bool,
    },
    Cursor(CursorAttribute),
    SqlCode,
    /// The flag: with a code as argument.
    SqlErrm(bool),
}
