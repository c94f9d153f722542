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
    catalogue: &'a Catalogue,
    context: &'a SessionContext,
    schema: String,
    chars_by_default: bool,
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
    let tokens = scan(sql)?;
    check_single(sql, &tokens)?;
    let instance = context.instance()?;
    let catalogue = instance.catalogue();
    let (schema, chars_by_default) = {
        let environment = context.environment.lock();
        (environment.current_schema.clone(), environment.nls("NLS_LENGTH_SEMANTICS") == "CHAR")
    };
    let mut translator = Translator {
        catalogue: &catalogue,
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
    let action = match classify_tokens(&tokens) {
        StatementKind::Query => translator.query_statement(sql, &tokens)?,
        StatementKind::Dml => translator.dml_statement(sql, &tokens)?,
        StatementKind::Ddl => translator.ddl_statement(sql, &tokens)?,
        StatementKind::Empty => return Err(Error::new(900, "invalid SQL statement: it is empty")),
        StatementKind::Block | StatementKind::Call | StatementKind::CreateUnit => {
            return Err(Error::new(
                900,
                "invalid SQL statement: PL/SQL is not available in this version of the embedded engine",
            ));
        }
        StatementKind::Unknown => return Err(Error::new(900, "invalid SQL statement")),
        kind => Action::Command(commands::command(kind, &tokens, &translator)?),
    };
    Ok(Plan {
        action,
        binds: translator.binds.count(),
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
