//! From Oracle's SQL to a plan: SQLite's SQL for queries and DML, steps for DDL, commands for the rest.
//!
//! Whatever is not known to mean the same is refused with an ORA error.

mod alter_table;
mod calls;
mod commands;
mod conditions;
mod constraints;
mod create_table;
mod ddl;
mod dml;
mod expressions;
mod from;
mod order;
mod parse;
mod query;
mod scope;
mod tables;
mod units;
mod walk;

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::datum::Type;
use crate::error::{Error, Result};
use crate::plan::{Action, Plan};
use crate::scanner::scan;
use crate::shared::SessionContext;
use crate::statement::{StatementKind, check_single, classify_tokens};

use self::scope::Scope;

pub(crate) use self::ddl::replay;
pub(crate) use self::tables::column_type;

/// Views inside views inside views, at most.
const DEEPEST_VIEWS: usize = 16;

/// An expression in SQLite's SQL, with its type.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) kind: Type,
    /// A text literal is a CHAR in Oracle: it is padded when it meets one.
    pub(crate) literal: bool,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>, kind: Type) -> Self {
        Self { text: text.into(), kind, literal: false }
    }
}

/// A common table expression in reach.
#[derive(Clone)]
struct Common {
    name: String,
    sql_name: String,
    /// `None` while its own query is translated: a reference then would be recursive.
    columns: Option<Vec<(String, Type)>>,
}

/// The translation of one statement.
pub(crate) struct Translator<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) context: &'a SessionContext,
    pub(crate) schema: String,
    pub(crate) chars_by_default: bool,
    binds: parse::Binds,
    aliases: u32,
    scopes: Vec<Scope>,
    commons: Vec<Common>,
    view_depth: usize,
    /// Sequences whose NEXTVAL the statement has: a second one in the same row would have to give the same value.
    next_values: Vec<crate::catalogue::Name>,
    /// Sequences whose CURRVAL the statement has, and whether their NEXTVAL came before.
    currvals: Vec<(crate::catalogue::Name, bool)>,
    /// Whether NEXTVAL and CURRVAL may stand where the translation is: top-level select lists, VALUES and SET.
    sequences_allowed: bool,
    /// The statement is DML.
    changes_rows: bool,
    /// Reading a file's DDL again: what was checked then is not checked now.
    replaying: bool,
}

/// Understands a statement for a session.
pub(crate) fn plan(sql: &str, context: &SessionContext) -> Result<Plan> {
    let catalogue = context.instance()?.catalogue();
    plan_in(sql, context, &catalogue, &context.schema())
}

/// Understands a statement, with names looked for in this state of the dictionary and this schema.
pub(crate) fn plan_in(
    sql: &str,
    context: &SessionContext,
    catalogue: &Catalogue,
    schema: &str,
) -> Result<Plan> {
    let tokens = scan(sql)?;
    let kind = classify_tokens(&tokens);
    if !matches!(kind, StatementKind::Block | StatementKind::CreateUnit) {
        check_single(sql, &tokens)?;
    } else if sql.contains('\0') {
        return Err(Error::new(911, "invalid character: a NUL in the statement's text"));
    }
    let schema = schema.to_owned();
    let chars_by_default = context.environment.lock().nls("NLS_LENGTH_SEMANTICS") == "CHAR";
    let mut translator = Translator {
        catalogue,
        context,
        schema: schema.clone(),
        chars_by_default,
        binds: parse::Binds::default(),
        aliases: 0,
        scopes: Vec::new(),
        commons: Vec::new(),
        view_depth: 0,
        next_values: Vec::new(),
        currvals: Vec::new(),
        sequences_allowed: false,
        changes_rows: false,
        replaying: false,
    };
    let mut block_binds = 0;
    let action = match kind {
        StatementKind::Query => translator.query_statement(sql, &tokens)?,
        StatementKind::Dml => translator.dml_statement(sql, &tokens)?,
        StatementKind::Ddl => translator.ddl_statement(sql, &tokens)?,
        StatementKind::Empty => return Err(Error::new(900, "invalid SQL statement: it is empty")),
        StatementKind::CreateUnit => translator.create_unit(sql, &tokens)?,
        StatementKind::Block | StatementKind::Call => {
            let (unit, binds) = crate::plsql::understand(sql, &tokens, &translator)?;
            block_binds = binds;
            Action::Block(unit)
        }
        StatementKind::Unknown => return Err(Error::new(900, "invalid SQL statement")),
        kind => Action::Command(commands::command(kind, &tokens, &translator)?),
    };
    Ok(Plan {
        action,
        binds: translator.binds.count() + block_binds,
        version: catalogue.version,
        schema: Arc::from(schema),
    })
}

impl Translator<'_> {
    /// A name for SQLite that nothing else in the statement has.
    fn alias(&mut self, letter: char) -> String {
        self.aliases += 1;
        format!("{letter}{}", self.aliases)
    }
}
