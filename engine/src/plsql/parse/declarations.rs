//! Declarations: variables, types, exceptions, subprograms.

use super::Parser;
use crate::error::Result;
use crate::plsql::ast::{Block, Declaration, Ident, Mode, Parameter, Subprogram, TypeName, Variable};
use crate::plsql::types::DataType;
use crate::scanner::{Token, TokenKind};

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

    /// A type without a size: `VARCHAR2(10)` is an error there.
    fn parameter_type(&mut self) -> Result<TypeName> {
        let has_size = self.is_name(0) && self.is_ahead(1, "(");
        if has_size {
            self.next += 1;
            return Err(self.unexpected(":= . ) , @ % default character (a parameter's type has no size)"));
        }
        Ok(match self.type_name_of(true)? {
            TypeName::Known(kind) => TypeName::Known(kind.unconstrained()),
            other => other,
        })
    }

    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        self.type_name_of(false)
    }

    fn type_name_of(&mut self, sizeless: bool) -> Result<TypeName> {
        let at = self.at();
        if self.peek().is_some_and(|token| token.kind == TokenKind::Word)
            && !self.is_ahead(1, ".")
            && !self.is_ahead(1, "%")
            && let Some(kind) = self.known_type(sizeless)?
        {
            return Ok(TypeName::Known(kind));
        }
        if self.is("REF") && self.is_ahead(1, "CURSOR") {
            return Err(self.unsupported(at, "REF CURSOR"));
        }
        let name = self.dotted_name()?;
        if !self.accept("%") {
            return Ok(TypeName::Named(name));
        }
        if self.accept("TYPE") {
            return Ok(TypeName::Anchored(name));
        }
        if self.is("ROWTYPE") {
            return Err(self.unsupported(at, "%ROWTYPE"));
        }
        Err(self.unexpected("TYPE ROWTYPE"))
    }

    fn known_type(&mut self, sizeless: bool) -> Result<Option<DataType>> {
        let Some(token) = self.peek() else { return Ok(None) };
        let int = i64::from(i32::MAX);
        let integer = |least: i64| DataType::Integer { least, most: int };
        let word = token.text.to_uppercase();
        let kind = match word.as_str() {
            "BOOLEAN" => DataType::Boolean,
            "PLS_INTEGER" | "BINARY_INTEGER" | "SIMPLE_INTEGER" => {
                let kind = integer(i64::from(i32::MIN));
                if word == "SIMPLE_INTEGER" { DataType::NotNull(Box::new(kind)) } else { kind }
            }
            "NATURAL" => integer(0),
            "POSITIVE" => integer(1),
            "NATURALN" => DataType::NotNull(Box::new(integer(0))),
            "POSITIVEN" => DataType::NotNull(Box::new(integer(1))),
            "SIGNTYPE" => DataType::Integer { least: -1, most: 1 },
            "VARCHAR2" | "VARCHAR" | "NVARCHAR2" | "STRING" | "CHAR" | "CHARACTER" | "NCHAR" | "RAW" => {
                self.next += 1;
                return self.sized_type(&word, token, sizeless).map(Some);
            }
            "FLOAT" | "REAL" | "BINARY_FLOAT" | "BINARY_DOUBLE" | "LONG" | "ROWID" | "UROWID"
            | "INTERVAL" | "SYS_REFCURSOR" | "XMLTYPE" | "DOUBLE" => {
                return Err(self.unsupported(token.start, format_args!("the type {word}")));
            }
            "TIMESTAMP" => return self.timestamp_type().map(Some),
            "NUMBER" | "NUMERIC" | "DECIMAL" | "DEC" | "INTEGER" | "INT" | "SMALLINT" | "DATE" | "CLOB"
            | "NCLOB" | "BLOB" => {
                let rest = self.tokens.get(self.next..).unwrap_or_default();
                let (column, used) = crate::translate::column_type(rest, false)
                    .map_err(|error| self.error(token.start, format_args!("PL/SQL: {}", error.message)))?;
                self.next += used;
                return Ok(Some(DataType::of_column(column)));
            }
            _ => return Ok(None),
        };
        self.next += 1;
        if self.is("(") || self.is("RANGE") {
            return Err(self.unexpected(":= ; not null default"));
        }
        Ok(Some(kind))
    }

    fn timestamp_type(&mut self) -> Result<DataType> {
        self.next += 1;
        let mut digits = 6;
        if self.accept("(") {
            let number = self.size()?;
            digits = u32::try_from(number).ok().filter(|digits| *digits <= 9).ok_or_else(|| {
                self.error(self.at(), "PLS-00216: TIMESTAMP precision constraint must be in range (0 .. 9)")
            })?;
            self.expect(")")?;
        }
        if self.accept("WITH") {
            let at = self.at();
            if self.accept("LOCAL") {
                return Err(self.unsupported(at, "TIMESTAMP WITH LOCAL TIME ZONE"));
            }
            self.expect("TIME")?;
            self.expect("ZONE")?;
            return Ok(DataType::TimestampTz);
        }
        Ok(DataType::Timestamp { digits })
    }

    fn size(&mut self) -> Result<usize> {
        let number = self.peek().filter(|token| token.kind == TokenKind::Number);
        let size = number.and_then(|token| token.text.parse().ok());
        let size = size.ok_or_else(|| self.unexpected("a number"))?;
        self.next += 1;
        Ok(size)
    }

    /// A type of text or bytes; the word was taken.
    fn sized_type(&mut self, word: &str, token: &Token<'_>, sizeless: bool) -> Result<DataType> {
        let mut size = None;
        let mut chars = word.starts_with('N');
        if self.accept("(") {
            let at = self.at();
            let given = self.size()?;
            if !(1..=32_767).contains(&given) {
                return Err(
                    self.error(at, "PLS-00215: String length constraints must be in range (1 .. 32767)")
                );
            }
            size = Some(given);
            if self.accept("CHAR") {
                chars = true;
            } else {
                self.accept("BYTE");
            }
            self.expect(")")?;
        }
        match (word, size) {
            ("CHAR" | "CHARACTER" | "NCHAR", size) => Ok(DataType::Char { size: size.unwrap_or(1), chars }),
            (_, None) if !sizeless => {
                Err(self
                    .error(token.start, "PLS-00215: String length constraints must be in range (1 .. 32767)"))
            }
            ("RAW", size) => Ok(DataType::Raw { size }),
            (_, size) => Ok(DataType::Varchar { size, chars }),
        }
    }
}
