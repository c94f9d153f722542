//! Names of types.

use super::Parser;
use crate::error::Result;
use crate::plsql::ast::TypeName;
use crate::plsql::types::DataType;
use crate::scanner::{Token, TokenKind};

impl Parser<'_, '_> {
    /// A type without a size: `VARCHAR2(10)` is an error there.
    pub(super) fn parameter_type(&mut self) -> Result<TypeName> {
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
                let kind = DataType::PLS_INTEGER;
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
            ("CHAR" | "CHARACTER" | "NCHAR", size) => {
                Ok(DataType::Char { size: Some(size.unwrap_or(1)), chars })
            }
            (_, None) if !sizeless => {
                Err(self
                    .error(token.start, "PLS-00215: String length constraints must be in range (1 .. 32767)"))
            }
            ("RAW", size) => Ok(DataType::Raw { size }),
            (_, size) => Ok(DataType::Varchar { size, chars }),
        }
    }
}
