//! Statements and blocks.

use super::Parser;
use crate::error::{Error, Result};
use crate::plsql::ast::{Block, Handler, Ident, LoopKind, Statement, StatementKind};

/// What starts a SQL statement inside PL/SQL.
const SQL: [&str; 10] =
    ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "COMMIT", "ROLLBACK", "SAVEPOINT", "LOCK"];
const ABSENT: [(&str, &str); 8] = [
    ("GOTO", "GOTO"),
    ("FORALL", "FORALL"),
    ("OPEN", "explicit cursors; use a cursor FOR loop"),
    ("FETCH", "explicit cursors; use a cursor FOR loop"),
    ("CLOSE", "explicit cursors; use a cursor FOR loop"),
    ("PIPE", "pipelined functions"),
    ("PRAGMA", "this PRAGMA"),
    ("PURGE", "PURGE"),
];

impl Parser<'_, '_> {
    /// What no bind may be here: the engine's binds are IN binds.
    pub(super) fn bind_as_target(&self) -> Error {
        self.unsupported(self.at(), "OUT binds; a bind variable cannot be an assignment target")
    }

    /// Statements up to one of these words; at least one.
    pub(super) fn statements(&mut self, ends: &[&str]) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        while !ends.iter().any(|end| self.is(end)) {
            statements.push(self.nested(Self::statement)?);
        }
        if statements.is_empty() {
            return Err(self.unexpected("a statement, such as NULL;"));
        }
        Ok(statements)
    }

    fn label(&mut self) -> Result<Option<Ident>> {
        if !self.accept("<<") {
            return Ok(None);
        }
        let label = self.identifier()?;
        self.expect(">>")?;
        if self.is("<<") {
            return Err(self.unsupported(self.at(), "several labels of one statement"));
        }
        Ok(Some(label))
    }

    fn statement(&mut self) -> Result<Statement> {
        let label = self.label()?;
        let at = self.at();
        let kind = if self.is("LOOP") || self.is("WHILE") || self.is("FOR") {
            self.any_loop(label)?
        } else if self.is("DECLARE") || self.is("BEGIN") {
            let block = self.block(label.as_ref())?;
            StatementKind::Block(label, block)
        } else if label.is_some() {
            return Err(self.unexpected("a loop or a block behind the label"));
        } else {
            self.plain_statement()?
        };
        Ok(Statement { at, kind })
    }

    fn plain_statement(&mut self) -> Result<StatementKind> {
        if self.accept("NULL") {
            self.expect(";")?;
            return Ok(StatementKind::Null);
        }
        if self.is("IF") {
            return self.if_statement();
        }
        if self.is("CASE") {
            return self.case_statement();
        }
        // What follows the word tells a statement from a variable of that name.
        let is_name = self.is_ahead(1, ":=") || self.is_ahead(1, "(") || self.is_ahead(1, ".");
        if (self.is("EXIT") || self.is("CONTINUE")) && !is_name {
            return self.leave();
        }
        if self.accept("RETURN") {
            let value = if self.is(";") { None } else { Some(self.expression()?) };
            self.expect(";")?;
            return Ok(StatementKind::Return(value));
        }
        if self.is("RAISE") && !is_name {
            self.next += 1;
            let exception = if self.is(";") { None } else { Some(self.dotted_name()?) };
            self.expect(";")?;
            return Ok(StatementKind::Raise(exception));
        }
        if self.is("EXECUTE") && self.is_ahead(1, "IMMEDIATE") {
            return self.execute_immediate();
        }
        let is_set = self.is("SET") && self.is_ahead(1, "TRANSACTION");
        if is_set || (!is_name && SQL.iter().any(|word| self.is(word))) || self.is("SELECT") {
            return self.sql_statement().map(StatementKind::Sql);
        }
        if let Some((_, what)) = ABSENT.iter().find(|(word, _)| !is_name && self.is(word)) {
            return Err(self.unsupported(self.at(), what));
        }
        if self.is(":") {
            return Err(self.bind_as_target());
        }
        self.assignment_or_call()
    }

    fn assignment_or_call(&mut self) -> Result<StatementKind> {
        if !self.is_name(0) {
            return Err(self.unexpected("a statement"));
        }
        let reference = self.reference()?;
        if self.accept(":=") {
            let value = self.expression()?;
            self.expect(";")?;
            return Ok(StatementKind::Assign(reference, value));
        }
        if !self.accept(";") {
            return Err(self.unexpected(":= . ( ;"));
        }
        Ok(StatementKind::Call(reference))
    }

    fn if_statement(&mut self) -> Result<StatementKind> {
        let mut branches = Vec::new();
        self.expect("IF")?;
        loop {
            let condition = self.expression()?;
            self.expect("THEN")?;
            branches.push((condition, self.statements(&["ELSIF", "ELSE", "END"])?));
            if !self.accept("ELSIF") {
                break;
            }
        }
        let otherwise = if self.accept("ELSE") { Some(self.statements(&["END"])?) } else { None };
        self.expect("END")?;
        self.expect("IF")?;
        self.expect(";")?;
        Ok(StatementKind::If(branches, otherwise))
    }

    fn case_statement(&mut self) -> Result<StatementKind> {
        self.expect("CASE")?;
        let operand = if self.is("WHEN") { None } else { Some(self.expression()?) };
        let mut whens = Vec::new();
        while self.accept("WHEN") {
            let when = self.expression()?;
            self.expect("THEN")?;
            whens.push((when, self.statements(&["WHEN", "ELSE", "END"])?));
        }
        if whens.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let otherwise = if self.accept("ELSE") { Some(self.statements(&["END"])?) } else { None };
        self.expect("END")?;
        self.expect("CASE")?;
        self.expect(";")?;
        Ok(StatementKind::Case(operand, whens, otherwise))
    }

    fn any_loop(&mut self, label: Option<Ident>) -> Result<StatementKind> {
        let kind = if self.accept("WHILE") {
            LoopKind::While(self.expression()?)
        } else if self.accept("FOR") {
            let index = self.identifier()?;
            self.expect("IN")?;
            let is_query = self.is("(") && (self.is_ahead(1, "SELECT") || self.is_ahead(1, "WITH"));
            if is_query { self.query_range(index)? } else { self.number_range(index)? }
        } else {
            LoopKind::Forever
        };
        self.expect("LOOP")?;
        let body = self.statements(&["END"])?;
        self.expect("END")?;
        self.expect("LOOP")?;
        if self.is_name(0) {
            self.end_name(label.as_ref())?;
        }
        self.expect(";")?;
        Ok(StatementKind::Loop(label, kind, body))
    }

    fn query_range(&mut self, record: Ident) -> Result<LoopKind> {
        self.expect("(")?;
        let query = self.sql_until(")", false)?;
        self.expect(")")?;
        Ok(LoopKind::Query { record, query })
    }

    fn number_range(&mut self, index: Ident) -> Result<LoopKind> {
        let reverse = self.accept("REVERSE");
        let low = self.expression()?;
        if self.is("LOOP") {
            return Err(self.unsupported(low.at, "explicit cursors; use FOR … IN (SELECT …)"));
        }
        self.expect("..")?;
        let high = self.expression()?;
        Ok(LoopKind::Range { index, reverse, low, high })
    }

    fn leave(&mut self) -> Result<StatementKind> {
        let next_turn = self.accept("CONTINUE");
        if !next_turn {
            self.expect("EXIT")?;
        }
        let label = if self.is_name(0) { Some(self.identifier()?) } else { None };
        let when = if self.accept("WHEN") { Some(self.expression()?) } else { None };
        self.expect(";")?;
        Ok(StatementKind::Leave { next_turn, label, when })
    }

    fn execute_immediate(&mut self) -> Result<StatementKind> {
        self.next += 2;
        let text = self.expression()?;
        if self.is("BULK") {
            return Err(self.unsupported(self.at(), "BULK COLLECT"));
        }
        let into = if self.is("INTO") { self.targets()? } else { Vec::new() };
        let mut using = Vec::new();
        if self.accept("USING") {
            loop {
                if self.is("OUT") || (self.is("IN") && self.is_ahead(1, "OUT")) {
                    return Err(self.unsupported(self.at(), "OUT binds of EXECUTE IMMEDIATE"));
                }
                self.accept("IN");
                using.push(self.expression()?);
                if !self.accept(",") {
                    break;
                }
            }
        }
        if self.is("RETURNING") || self.is("RETURN") {
            return Err(self.unsupported(self.at(), "RETURNING … INTO"));
        }
        self.expect(";")?;
        Ok(StatementKind::ExecuteImmediate { text, into, using })
    }

    /// `[DECLARE …] BEGIN … END [label];`
    pub(super) fn block(&mut self, label: Option<&Ident>) -> Result<Block> {
        let mut block = Block::default();
        if self.accept("DECLARE") {
            self.declarations(&mut block, false)?;
        }
        self.block_body(&mut block, label)?;
        Ok(block)
    }

    /// From BEGIN on.
    pub(super) fn block_body(&mut self, block: &mut Block, name: Option<&Ident>) -> Result<()> {
        self.expect("BEGIN")?;
        block.body = self.statements(&["EXCEPTION", "END"])?;
        if self.accept("EXCEPTION") {
            self.handlers(block)?;
        }
        self.block_end(name)
    }

    pub(super) fn block_end(&mut self, name: Option<&Ident>) -> Result<()> {
        self.expect("END")?;
        if self.is_name(0) {
            self.end_name(name)?;
        }
        self.expect(";")
    }

    fn end_name(&mut self, name: Option<&Ident>) -> Result<()> {
        let given = self.identifier()?;
        if name.is_some_and(|name| name.text == given.text) {
            return Ok(());
        }
        let wanted = name.map_or_else(|| "; (there is no label)".to_owned(), |name| name.text.clone());
        Err(self.error(
            given.at,
            format_args!("PLS-00113: END identifier '{}' must match '{wanted}'", given.text),
        ))
    }

    fn handlers(&mut self, block: &mut Block) -> Result<()> {
        while self.is("WHEN") {
            let at = self.at();
            self.next += 1;
            let mut exceptions = Vec::new();
            if !self.accept("OTHERS") {
                loop {
                    exceptions.push(self.dotted_name()?);
                    if !self.accept("OR") {
                        break;
                    }
                }
                if self.is("OTHERS") {
                    return Err(self.unexpected("an exception's name: OTHERS stands alone"));
                }
            }
            self.expect("THEN")?;
            let body = self.statements(&["WHEN", "END"])?;
            if block.handlers.last().is_some_and(|last: &Handler| last.exceptions.is_empty()) {
                return Err(self.error(
                    at,
                    "PLS-00370: OTHERS handler must be last among the exception handlers of a block",
                ));
            }
            block.handlers.push(Handler { at, exceptions, body });
        }
        if block.handlers.is_empty() { Err(self.unexpected("WHEN")) } else { Ok(()) }
    }
}
