//! Whole texts: anonymous blocks, CALL, CREATE and DROP of units.

use super::{Binds, Parser};
use crate::error::{Error, Result};
use crate::plsql::ast::{Block, Declaration, Ident, Reference, UnitContent, UnitSource};
use crate::plsql::source::{At, compile_error};
use crate::scanner::{Token, scan};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnitKind {
    Procedure,
    Function,
    Package,
    PackageBody,
}

impl UnitKind {
    /// As OBJECT_TYPE shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Procedure => "PROCEDURE",
            Self::Function => "FUNCTION",
            Self::Package => "PACKAGE",
            Self::PackageBody => "PACKAGE BODY",
        }
    }
}

/// A CREATE of a unit.
pub(crate) struct Parsed {
    pub(crate) kind: UnitKind,
    pub(crate) replace: bool,
    /// `[schema.]name`.
    pub(crate) name: Vec<String>,
    pub(crate) source: UnitSource,
}

/// An anonymous block, and its binds.
pub(crate) fn parse_block(text: &str, tokens: &[Token<'_>]) -> Result<(UnitSource, Binds)> {
    let mut parser = Parser::new(text, tokens, Binds::by_name(tokens));
    let label = if parser.accept("<<") {
        let label = parser.identifier()?;
        parser.expect(">>")?;
        Some(label)
    } else {
        None
    };
    let block = parser.nested(|parser| parser.block(label.as_ref()))?;
    parser.end()?;
    let content = UnitContent::Block(block, label);
    Ok((UnitSource { text: text.to_owned(), content, invoker: false }, parser.binds))
}

/// CALL, and its binds.
pub(crate) fn parse_call(text: &str, tokens: &[Token<'_>]) -> Result<(UnitSource, Binds)> {
    let mut parser = Parser::new(text, tokens, Binds::ByOccurrence(0));
    parser.expect("CALL")?;
    let reference = parser.reference()?;
    if parser.is("INTO") {
        return Err(parser.unsupported(parser.at(), "CALL … INTO"));
    }
    if reference.parts.last().is_some_and(|last| last.arguments.is_none()) {
        return Err(Error::new(6576, "not a valid function or procedure name: CALL takes parentheses"));
    }
    parser.end()?;
    Ok((
        UnitSource { text: text.to_owned(), content: UnitContent::Call(reference), invoker: false },
        parser.binds,
    ))
}

/// CREATE of a procedure, function, package or package body.
pub(crate) fn parse_unit(text: &str, tokens: &[Token<'_>]) -> Result<Parsed> {
    let mut parser = Parser::new(text, tokens, Binds::None);
    parser.expect("CREATE")?;
    let replace = parser.accept("OR");
    if replace {
        parser.expect("REPLACE")?;
    }
    while parser.accept("EDITIONABLE") || parser.accept("NONEDITIONABLE") {}
    let start = parser.at();
    // Oracle keeps the text from here on, and its places count from here.
    let source = text.get(start..).unwrap_or_default().trim_end();
    let tokens = scan(source)?;
    let mut parser = Parser::new(source, &tokens, Binds::None);
    let kind = parser.unit_kind()?;
    let mut parts = parser.dotted_name()?;
    let name: Vec<String> = parts.iter().map(|part| part.text.clone()).collect();
    let Some(last) = parts.pop().filter(|_| parts.is_empty() || name.len() == 2) else {
        return Err(Error::new(4050, "invalid or missing procedure, function, or package name"));
    };
    let content = parser.unit_content(kind, last)?;
    parser.end()?;
    Ok(Parsed {
        kind,
        replace,
        name,
        source: UnitSource { text: source.to_owned(), content, invoker: parser.invoker },
    })
}

/// `DROP PROCEDURE | FUNCTION | PACKAGE [BODY] name`; `None` for another DROP.
pub(crate) fn parse_drop(text: &str, tokens: &[Token<'_>]) -> Result<Option<(UnitKind, Vec<String>)>> {
    let mut parser = Parser::new(text, tokens, Binds::None);
    parser.expect("DROP")?;
    if !["PROCEDURE", "FUNCTION", "PACKAGE"].iter().any(|word| parser.is(word)) {
        return Ok(None);
    }
    let kind = parser.unit_kind()?;
    let name = parser.dotted_name()?.into_iter().map(|part| part.text).collect();
    if parser.peek().is_some() {
        return Err(Error::new(933, "SQL command not properly ended"));
    }
    Ok(Some((kind, name)))
}

/// A reference inside SQL, whose tokens start at `base` in the unit's text; how many tokens it takes.
pub(crate) fn reference_at(
    text: &str,
    tokens: &[Token<'_>],
    base: At,
    binds: &[String],
) -> Result<(Reference, usize)> {
    let near = tokens.get(..reference_extent(tokens)).unwrap_or(tokens);
    let tokens: Vec<Token<'_>> =
        near.iter().map(|token| Token { start: token.start + base, ..*token }).collect();
    let binds = Binds::known(binds);
    let mut parser = Parser::new(text, &tokens, binds);
    let reference = parser.reference()?;
    Ok((reference, parser.next))
}

/// How many tokens a reference can take, and one more: to copy all that follow would cost their square for a list of variables.
fn reference_extent(tokens: &[Token<'_>]) -> usize {
    let mut open = 0_usize;
    let mut after_name = false;
    for (index, token) in tokens.iter().enumerate() {
        let is_name = token.identifier().is_some();
        let ends = match token.text {
            "(" => {
                open += 1;
                false
            }
            ")" => {
                open = open.saturating_sub(1);
                false
            }
            "." => false,
            _ => open == 0 && (!is_name || after_name),
        };
        if ends {
            return index + 1;
        }
        after_name = is_name;
    }
    tokens.len()
}

impl Parser<'_, '_> {
    fn unit_kind(&mut self) -> Result<UnitKind> {
        if self.accept("PROCEDURE") {
            return Ok(UnitKind::Procedure);
        }
        if self.accept("FUNCTION") {
            return Ok(UnitKind::Function);
        }
        if self.accept("PACKAGE") {
            return Ok(if self.accept("BODY") { UnitKind::PackageBody } else { UnitKind::Package });
        }
        Err(Error::unimplemented(
            "this CREATE of a stored unit; it has PROCEDURE, FUNCTION, PACKAGE and PACKAGE BODY",
        ))
    }

    fn unit_content(&mut self, kind: UnitKind, name: Ident) -> Result<UnitContent> {
        if let UnitKind::Procedure | UnitKind::Function = kind {
            let subprogram = self.subprogram_of(name, kind == UnitKind::Function, false, true)?;
            if subprogram.body.is_none() {
                return Err(self.error(
                    self.last_end(),
                    "PLS-00103: Encountered the symbol \";\" when expecting one of the following: is as",
                ));
            }
            return Ok(UnitContent::Subprogram(subprogram));
        }
        self.options(kind == UnitKind::Package)?;
        if !self.accept("IS") && !self.accept("AS") {
            return Err(self.unexpected("is as"));
        }
        let mut block = Block::default();
        self.declarations(&mut block, kind == UnitKind::Package)?;
        if block.autonomous {
            return Err(
                self.error(name.at, "PLS-00710: Pragma AUTONOMOUS_TRANSACTION cannot be specified here")
            );
        }
        if kind == UnitKind::Package {
            self.block_end(Some(&name))?;
            return Ok(UnitContent::Specification(block.declarations));
        }
        if self.is("BEGIN") {
            self.block_body(&mut block, Some(&name))?;
        } else {
            self.block_end(Some(&name))?;
        }
        Ok(UnitContent::Body(block))
    }

    /// Nothing may follow.
    fn end(&self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected("end-of-file")) }
    }
}

/// Names that are declared twice in one list: PLS-00371, and overloading, which the engine does not have.
pub(crate) fn check_distinct(text: &str, declarations: &[Declaration]) -> Result<()> {
    let mut seen: std::collections::HashMap<&str, bool> = std::collections::HashMap::new();
    for declaration in declarations {
        let (name, is_forward) = match declaration {
            Declaration::Variable(variable) => (&variable.name, false),
            Declaration::Exception(name)
            | Declaration::Table { name, .. }
            | Declaration::Subtype { name, .. } => (name, false),
            Declaration::Subprogram(subprogram) => (&subprogram.name, subprogram.body.is_none()),
            Declaration::ExceptionCode { .. } => continue,
        };
        let is_subprogram = matches!(declaration, Declaration::Subprogram(_));
        match seen.insert(&name.text, is_forward) {
            Some(true) if is_subprogram && !is_forward => {}
            None => {}
            Some(_) if is_subprogram => {
                return Err(compile_error(
                    text,
                    name.at,
                    format_args!(
                        "PLS-00999: implementation restriction (may be temporary): the embedded engine does not have \
                         overloading; '{}' is declared twice",
                        name.text
                    ),
                ));
            }
            Some(_) => {
                return Err(compile_error(
                    text,
                    name.at,
                    format_args!("PLS-00371: at most one declaration for '{}' is permitted", name.text),
                ));
            }
        }
    }
    Ok(())
}
