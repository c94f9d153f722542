//! Tells what kind of statement a text is, and splits a script into its statements.

use crate::error::{Error, Result};
use crate::scanner::{Token, TokenKind, scan};

/// What kind of statement a text is, told by its first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// SELECT or WITH.
    Query,
    /// INSERT, UPDATE, DELETE or MERGE.
    Dml,
    /// LOCK TABLE.
    Lock,
    /// CREATE, ALTER, DROP, TRUNCATE and the like, which commit before and after.
    Ddl,
    /// CREATE USER, ALTER USER, DROP USER.
    User,
    /// CREATE SEQUENCE, ALTER SEQUENCE, DROP SEQUENCE.
    Sequence,
    /// ALTER SESSION.
    AlterSession,
    /// ALTER SYSTEM.
    AlterSystem,
    /// COMMIT, ROLLBACK, SAVEPOINT or SET TRANSACTION.
    Transaction,
    /// A PL/SQL block: BEGIN, DECLARE or a label.
    Block,
    /// CALL.
    Call,
    /// CREATE of a procedure, function, package, trigger or type.
    CreateUnit,
    /// Nothing but blanks and comments.
    Empty,
    /// Starts with nothing that is known.
    Unknown,
}

impl StatementKind {
    /// Whether the text is PL/SQL, whose inner semicolons belong to it.
    #[must_use]
    pub fn is_plsql(self) -> bool {
        matches!(self, Self::Block | Self::CreateUnit)
    }
}

/// The kind of this statement. Comments and hints before its first word are passed over.
///
/// # Errors
/// ORA-01756, ORA-01740 or ORA-01742 for a literal, a quoted name or a comment without end.
pub fn classify(sql: &str) -> Result<StatementKind> {
    scan(sql).map(|tokens| classify_tokens(&tokens))
}

const UNITS: [&str; 6] = ["PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "TYPE", "LIBRARY"];
const DDL: [&str; 14] = [
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "COMMENT",
    "RENAME",
    "GRANT",
    "REVOKE",
    "ANALYZE",
    "AUDIT",
    "NOAUDIT",
    "PURGE",
    "FLASHBACK",
    "ASSOCIATE",
];

pub(crate) fn classify_tokens(tokens: &[Token<'_>]) -> StatementKind {
    let Some(first) = tokens.first() else { return StatementKind::Empty };
    if first.is_symbol("<<") {
        return StatementKind::Block;
    }
    if first.is_symbol("(") {
        let inner = tokens.iter().find(|token| !token.is_symbol("("));
        let is_query = inner.is_some_and(|token| token.is("SELECT") || token.is("WITH"));
        return if is_query { StatementKind::Query } else { StatementKind::Unknown };
    }
    if first.kind != TokenKind::Word {
        return StatementKind::Unknown;
    }
    let first_word = first.text.to_uppercase();
    match first_word.as_str() {
        "SELECT" | "WITH" => StatementKind::Query,
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => StatementKind::Dml,
        "LOCK" => StatementKind::Lock,
        "COMMIT" | "ROLLBACK" | "SAVEPOINT" => StatementKind::Transaction,
        "SET" if tokens.get(1).is_some_and(|token| token.is("TRANSACTION")) => StatementKind::Transaction,
        "BEGIN" | "DECLARE" => StatementKind::Block,
        "CALL" => StatementKind::Call,
        word if DDL.contains(&word) => classify_ddl(word, tokens),
        _ => StatementKind::Unknown,
    }
}

fn classify_ddl(first: &str, tokens: &[Token<'_>]) -> StatementKind {
    let noise = ["OR", "REPLACE", "EDITIONABLE", "NONEDITIONABLE", "FORCE", "NO"];
    let skipped = |token: &&Token<'_>| first != "CREATE" || !noise.iter().any(|word| token.is(word));
    let Some(object) = tokens[1..].iter().find(skipped) else { return StatementKind::Ddl };
    let is = |word: &str| object.is(word);
    match first {
        "CREATE" if UNITS.iter().any(|unit| is(unit)) => StatementKind::CreateUnit,
        "ALTER" if is("SESSION") => StatementKind::AlterSession,
        "ALTER" if is("SYSTEM") => StatementKind::AlterSystem,
        "CREATE" | "ALTER" | "DROP" if is("USER") => StatementKind::User,
        "CREATE" | "ALTER" | "DROP" if is("SEQUENCE") => StatementKind::Sequence,
        _ => StatementKind::Ddl,
    }
}

/// Splits a script into statements, without the semicolons that end SQL and the `/` lines that end either.
///
/// A SQL statement ends at `;`, at a line with nothing but `/`, or at the end. A PL/SQL unit keeps its semicolons and ends at such a line
/// or at the end. Empty statements are left out.
///
/// # Errors
/// ORA-01756, ORA-01740 or ORA-01742 for a literal, a quoted name or a comment without end.
pub fn split_script(script: &str) -> Result<Vec<&str>> {
    let tokens = scan(script)?;
    let mut statements = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        let kind = classify_tokens(rest);
        let ends =
            |token: &Token<'_>| (!kind.is_plsql() && token.is_symbol(";")) || is_slash_line(script, token);
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        if let Some(last) = length.checked_sub(1).and_then(|index| rest.get(index)) {
            statements.push(&script[first.start..last.end()]);
        }
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    Ok(statements)
}

fn is_slash_line(script: &str, token: &Token<'_>) -> bool {
    // Looked at first: on one long line the rest would be read again for each token.
    if !token.is_symbol("/") {
        return false;
    }
    let before = &script[..token.start];
    let after = &script[token.end()..];
    let line_start = before.rsplit('\n').next().unwrap_or_default();
    let line_end = after.split('\n').next().unwrap_or_default();
    line_start.trim().is_empty() && line_end.trim().is_empty()
}

/// Refuses what can not be a single SQL statement: NULs, and a trailing semicolon.
pub(crate) fn check_single(sql: &str, tokens: &[Token<'_>]) -> Result<()> {
    if sql.contains('\0') {
        return Err(Error::new(911, "invalid character: a NUL in the statement's text"));
    }
    if tokens.iter().any(|token| token.is_symbol(";")) {
        return Err(Error::new(
            933,
            "SQL command not properly ended: a call takes one statement, without the ';' that ends it in a script",
        ));
    }
    if tokens.windows(2).any(is_binary_number) {
        return Err(Error::unimplemented("literals of BINARY_FLOAT and BINARY_DOUBLE"));
    }
    Ok(())
}

/// `1.5f`, `2e3d`: the parser would take the letter for an alias.
fn is_binary_number(pair: &[Token<'_>]) -> bool {
    let [number, word] = pair else { return false };
    let touches =
        number.kind == TokenKind::Number && word.kind == TokenKind::Word && number.end() == word.start;
    let letters = word.text.trim_start_matches(['e', 'E']).trim_start_matches(|c: char| c.is_ascii_digit());
    touches && (letters.eq_ignore_ascii_case("f") || letters.eq_ignore_ascii_case("d"))
}
