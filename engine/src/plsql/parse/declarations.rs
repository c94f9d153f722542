//! Declarations: variables, types, exceptions, subprograms.

use super::Parser;
use crate::error::Result;
use crate::plsql::ast::{Block, Declaration, Ident, Mode, Parameter, Subprogram, Variable};
use crate::scanner::TokenKind;

impl Parser<'_, '_> {
    /// Declarations up to BEGIN or END; in a package's specification subprograms have no bodies.
    pub(super) fn declarations(&mut self, block: &mut Block, specification: bool) -> Result<()> {
        let mut after_body = false;
        while !self.is("BEGIN") && !self.is("END") {
            if self.is("PRAGMA") {
                self.pragma(block)?;
                continue;
            }
            let at = self.at();
            let declaration = self.nested(|parser| parser.declaration(specification))?;
            let is_subprogram = matches!(declaration, Declaration::Subprogram(_));
            if after_body && !is_subprogram {
                return Err(self.error(
                    at,
                    "PLS-00103: Encountered a declaration when expecting one of the following: begin end function \
                     procedure (variables and types come before the bodies of subprograms)",
                ));
            }
            after_body |= matches!(declaration, Declaration::Subprogram(Subprogram { body: Some(_), .. }));
            block.declarations.push(declaration);
        }
        Ok(())
    }

    fn pragma(&mut self, block: &mut Block) -> Result<()> {
        let at = self.at();
        self.expect("PRAGMA")?;
        if self.accept("AUTONOMOUS_TRANSACTION") {
            block.autonomous = true;
            return self.expect(";");
        }
        if !self.accept("EXCEPTION_INIT") {
            return Err(self.unsupported(at, "this PRAGMA"));
        }
        self.expect("(")?;
        let exception = self.identifier()?;
        self.expect(",")?;
        let negative = self.accept("-");
        let digits = self.advance().filter(|token| token.kind == TokenKind::Number);
        let code: Option<i32> = digits.and_then(|token| token.text.parse().ok());
        let code = code.filter(|code| (negative && *code != 1403 && *code != 0) || *code == 100);
        let Some(code) = code else {
            return Err(self.error(at, "PLS-00701: illegal ORACLE error number for PRAGMA EXCEPTION_INIT"));
        };
        self.expect(")")?;
        self.expect(";")?;
        let code = if code == 100 { 1403 } else { code };
        block.declarations.push(Declaration::ExceptionCode { exception, code });
        Ok(())
    }

    fn declaration(&mut self, specification: bool) -> Result<Declaration> {
        if self.is("PROCEDURE") || self.is("FUNCTION") {
            let subprogram = self.subprogram(specification)?;
            return Ok(Declaration::Subprogram(subprogram));
        }
        let named = self.is_name(1);
        if self.is("TYPE") && named {
            return self.table_type();
        }
        if self.is("SUBTYPE") && named {
            self.next += 1;
            let name = self.identifier()?;
            self.expect("IS")?;
            let base = self.type_name()?;
            let not_null = self.not_null()?;
            self.expect(";")?;
            return Ok(Declaration::Subtype { name, base, not_null });
        }
        if self.is("CURSOR") && named {
            return Err(self.unsupported(self.at(), "explicit cursors; use a cursor FOR loop"));
        }
        self.variable()
    }

    fn variable(&mut self) -> Result<Declaration> {
        let name = self.identifier()?;
        if self.accept("EXCEPTION") {
            self.expect(";")?;
            return Ok(Declaration::Exception(name));
        }
        let constant = self.accept("CONSTANT");
        let kind = self.type_name()?;
        let not_null = self.not_null()?;
        let default =
            if self.accept(":=") || self.accept("DEFAULT") { Some(self.expression()?) } else { None };
        if default.is_none() && constant {
            return Err(self.error(
                name.at,
                format_args!(
                    "PLS-00322: declaration of a constant '{}' must contain an initialization assignment",
                    name.text
                ),
            ));
        }
        if default.is_none() && not_null {
            return Err(self.error(
                name.at,
                "PLS-00218: a variable declared NOT NULL must have an initialization assignment",
            ));
        }
        if !self.accept(";") {
            return Err(self.unexpected(":= ; not null default"));
        }
        Ok(Declaration::Variable(Variable { name, constant, not_null, kind, default }))
    }

    fn not_null(&mut self) -> Result<bool> {
        if !self.accept("NOT") {
            return Ok(false);
        }
        self.expect("NULL").map(|()| true)
    }

    fn table_type(&mut self) -> Result<Declaration> {
        self.next += 1;
        let name = self.identifier()?;
        self.expect("IS")?;
        let at = self.at();
        if !self.accept("TABLE") {
            return Err(self.unsupported(at, "types other than TABLE OF … INDEX BY …"));
        }
        self.expect("OF")?;
        let element = self.type_name()?;
        let not_null = self.not_null()?;
        if !self.accept("INDEX") {
            return Err(self.unsupported(at, "nested tables; say INDEX BY"));
        }
        self.expect("BY")?;
        let index = self.type_name()?;
        self.expect(";")?;
        Ok(Declaration::Table { name, element, not_null, index })
    }

    /// From PROCEDURE or FUNCTION on; what follows the header is a body, or `;` for a declaration alone.
    pub(super) fn subprogram(&mut self, specification: bool) -> Result<Subprogram> {
        let is_function = self.accept("FUNCTION");
        if !is_function {
            self.expect("PROCEDURE")?;
        }
        let name = self.identifier()?;
        self.subprogram_of(name, is_function, specification, false)
    }

    pub(super) fn subprogram_of(
        &mut self,
        name: Ident,
        is_function: bool,
        specification: bool,
        schema_level: bool,
    ) -> Result<Subprogram> {
        let parameters = if self.accept("(") { self.parameters()? } else { Vec::new() };
        let returns = if is_function {
            self.expect("RETURN")?;
            Some(self.parameter_type()?)
        } else {
            None
        };
        self.options(schema_level)?;
        if self.accept(";") {
            return Ok(Subprogram { name, parameters, returns, body: None });
        }
        if specification {
            return Err(self.unexpected(";"));
        }
        if !self.accept("IS") && !self.accept("AS") {
            return Err(self.unexpected("; is as"));
        }
        if self.is("LANGUAGE") || self.is("EXTERNAL") {
            return Err(self.unsupported(self.at(), "call specifications"));
        }
        let mut body = Block::default();
        self.declarations(&mut body, false)?;
        self.block_body(&mut body, Some(&name))?;
        Ok(Subprogram { name, parameters, returns, body: Some(body) })
    }

    /// AUTHID, and options that change nothing here.
    pub(super) fn options(&mut self, schema_level: bool) -> Result<()> {
        loop {
            if self.is("AUTHID") {
                if !schema_level {
                    return Err(
                        self.error(self.at(), "PLS-00157: AUTHID only allowed on schema-level programs")
                    );
                }
                self.next += 1;
                if self.accept("CURRENT_USER") {
                    self.invoker = true;
                } else if !self.accept("DEFINER") {
                    return Err(self.unexpected("current_user definer"));
                }
            } else if !self.accept("DETERMINISTIC") && !self.accept("PARALLEL_ENABLE") {
                break;
            }
        }
        if self.is("PIPELINED") || self.is("RESULT_CACHE") || self.is("ACCESSIBLE") || self.is("AGGREGATE") {
            return Err(self.unsupported(self.at(), "this option of a subprogram"));
        }
        Ok(())
    }

    fn parameters(&mut self) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        loop {
            let name = self.identifier()?;
            let is_in = self.accept("IN");
            let mode = match (is_in, self.accept("OUT")) {
                (true, true) => Mode::InOut,
                (false, true) => Mode::Out,
                _ => Mode::In,
            };
            if mode != Mode::In {
                self.accept("NOCOPY");
            }
            let kind = self.parameter_type()?;
            let default =
                if self.accept(":=") || self.accept("DEFAULT") { Some(self.expression()?) } else { None };
            if let Some(default) = default.as_ref().filter(|_| mode != Mode::In) {
                return Err(self.error(
                    default.at,
                    "PLS-00230: OUT and IN OUT formal parameters may not have default expressions",
                ));
            }
            parameters.push(Parameter { name, mode, kind, default });
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(parameters)
    }
}
