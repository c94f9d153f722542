//! PL/SQL: blocks, stored procedures, functions and packages.
//!
//! `parse` makes a tree of a text, `compile` checks it against the dictionary and makes it instructions, `machine` runs them. What is not
//! known is an error where it stands in the text, when the unit is made or the block is parsed.

mod ast;
mod code;
mod compile;
mod machine;
mod packages;
mod parse;
mod source;
mod state;
mod transactions;
mod types;
mod units;
mod value;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::scanner::{Token, scan};
use crate::statement::{StatementKind, classify_tokens};
use crate::translate::Translator;

pub(crate) use code::Unit;
pub(crate) use compile::compile_stored;
pub(crate) use machine::run_block;
pub(crate) use parse::{Parsed, UnitKind, parse_drop, parse_unit};
pub(crate) use source::compile_error;
pub(crate) use state::State;
pub(crate) use units::{StoredUnit, UnitCache};

/// Understands an anonymous block or CALL; also how many binds it has.
pub(crate) fn understand(
    text: &str,
    tokens: &[Token<'_>],
    translator: &Translator<'_>,
) -> Result<(Arc<Unit>, u32)> {
    let is_call = classify_tokens(tokens) == StatementKind::Call;
    let (source, binds) =
        if is_call { parse::parse_call(text, tokens)? } else { parse::parse_block(text, tokens)? };
    let unit = compile::compile_block(
        &source,
        binds.names(),
        translator.catalogue,
        translator.context,
        &translator.schema,
        translator.chars_by_default,
    )?;
    Ok((Arc::new(unit), binds.count()))
}

/// Reads the text of a block, a CALL or a CREATE of a stored unit, and runs nothing. Names are not looked up: what they mean is known only
/// to a session.
///
/// # Errors
/// ORA-06550 with line and column for what is no PL/SQL that the engine has, ORA-00900 for text that is none of these; ORA-01756, ORA-01740
/// or ORA-01742 for a literal, a quoted name or a comment without end.
pub fn check_plsql(text: &str) -> std::result::Result<(), Error> {
    let tokens = scan(text)?;
    match classify_tokens(&tokens) {
        StatementKind::Block => parse::parse_block(text, &tokens).map(|_| ()),
        StatementKind::Call => parse::parse_call(text, &tokens).map(|_| ()),
        StatementKind::CreateUnit => parse_unit(text, &tokens).map(|_| ()),
        _ => Err(Error::new(900, "invalid SQL statement: the text is no PL/SQL")),
    }
}
