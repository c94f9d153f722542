//! What the parser makes of a text: names are still names.

use super::source::At;
use super::types::DataType;
use crate::datum::Datum;

/// A name, folded as Oracle folds it, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) text: String,
    pub(crate) at: At,
}

/// A dotted name, with arguments behind any of its parts: `a.b(1).c`.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: Ident,
    /// `None` without parentheses.
    pub(crate) arguments: Option<Vec<Argument>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// `name => value`.
    pub(crate) name: Option<Ident>,
    pub(crate) value: Expr,
}

impl Reference {
    pub(crate) fn at(&self) -> At {
        self.parts.first().map_or(0, |part| part.name.at)
    }

    pub(crate) fn shown(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name.text.as_str()).collect();
        names.join(".")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) at: At,
    pub(crate) kind: ExprKind,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Null,
    Boolean(bool),
    Literal(Datum),
    Bind(u32),
    Reference(Reference),
    /// `SQL%ROWCOUNT` and its kin.
    Cursor(CursorAttribute),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    /// Operators of one precedence in a row. A list, so that a long chain is no deep tree.
    Chain(Box<Expr>, Vec<(Operator, At, Expr)>),
    Compare(Box<Expr>, Comparison, Box<Expr>),
    IsNull(Box<Expr>, bool),
    /// The value, the bounds, and whether it is NOT BETWEEN.
    Between(Box<[Expr; 3]>, bool),
    In(Box<Expr>, Vec<Expr>, bool),
    Like(Box<Expr>, Box<Expr>, Option<Box<Expr>>, bool),
    Case(Option<Box<Expr>>, Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Cast(Box<Expr>, TypeName),
    Extract(String, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Add,
    Subtract,
    Concatenate,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorAttribute {
    RowCount,
    Found,
    NotFound,
    IsOpen,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeName {
    Known(DataType),
    /// `name%TYPE`.
    Anchored(Vec<Ident>),
    Named(Vec<Ident>),
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) at: At,
    pub(crate) kind: StatementKind,
}

#[derive(Clone, Debug)]
pub(crate) enum StatementKind {
    Null,
    Assign(Reference, Expr),
    Call(Reference),
    If(Vec<(Expr, Vec<Statement>)>, Option<Vec<Statement>>),
    Case(Option<Expr>, Vec<(Expr, Vec<Statement>)>, Option<Vec<Statement>>),
    Loop(Option<Ident>, LoopKind, Vec<Statement>),
    /// EXIT or CONTINUE, of the loop of this label, when the condition is true.
    Leave {
        next_turn: bool,
        label: Option<Ident>,
        when: Option<Expr>,
    },
    Block(Option<Ident>, Block),
    Return(Option<Expr>),
    Raise(Option<Vec<Ident>>),
    Sql(SqlText),
    ExecuteImmediate {
        text: Expr,
        into: Vec<Reference>,
        using: Vec<Expr>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum LoopKind {
    Forever,
    While(Expr),
    Range { index: Ident, reverse: bool, low: Expr, high: Expr },
    Query { record: Ident, query: SqlText },
}

/// SQL inside a unit: where it stands in the unit's text, and its INTO clause, which is no part of what SQL sees.
#[derive(Clone, Debug)]
pub(crate) struct SqlText {
    pub(crate) start: At,
    pub(crate) end: At,
    pub(crate) into: Option<Into>,
}

#[derive(Clone, Debug)]
pub(crate) struct Into {
    pub(crate) start: At,
    pub(crate) end: At,
    pub(crate) targets: Vec<Reference>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) autonomous: bool,
    pub(crate) body: Vec<Statement>,
    pub(crate) handlers: Vec<Handler>,
}

#[derive(Clone, Debug)]
pub(crate) struct Handler {
    pub(crate) at: At,
    /// Empty for OTHERS.
    pub(crate) exceptions: Vec<Vec<Ident>>,
    pub(crate) body: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(crate) enum Declaration {
    Variable(Variable),
    Exception(Ident),
    /// PRAGMA EXCEPTION_INIT.
    ExceptionCode {
        exception: Ident,
        code: i32,
    },
    /// TYPE … IS TABLE OF … INDEX BY ….
    Table {
        name: Ident,
        element: TypeName,
        not_null: bool,
        index: TypeName,
    },
    Subtype {
        name: Ident,
        base: TypeName,
        not_null: bool,
    },
    Subprogram(Subprogram),
}

#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: Ident,
    pub(crate) constant: bool,
    pub(crate) not_null: bool,
    pub(crate) kind: TypeName,
    pub(crate) default: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Subprogram {
    pub(crate) name: Ident,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Option<TypeName>,
    /// `None` for a declaration alone: forward, or in a package's specification.
    pub(crate) body: Option<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    In,
    Out,
    InOut,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) mode: Mode,
    pub(crate) kind: TypeName,
    pub(crate) default: Option<Expr>,
}

/// The text of a unit, as USER_SOURCE shows it, and what it was parsed to.
#[derive(Debug)]
pub(crate) struct UnitSource {
    pub(crate) text: String,
    pub(crate) content: UnitContent,
    /// AUTHID CURRENT_USER: names in its SQL are looked for in the schema of who calls it.
    pub(crate) invoker: bool,
}

#[derive(Debug)]
pub(crate) enum UnitContent {
    Subprogram(Subprogram),
    Specification(Vec<Declaration>),
    /// The declarations, and the initialisation part as statements and handlers.
    Body(Block),
    /// An anonymous block.
    Block(Block, Option<Ident>),
    /// What CALL calls.
    Call(Reference),
}
