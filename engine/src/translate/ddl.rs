//! DDL but CREATE TABLE and ALTER TABLE: views, indexes, DROP, TRUNCATE, RENAME; and the replay of a file's DDL.

use std::sync::{Arc, Weak};

use sqlparser::ast::Expr;

use super::commands::{Reader, free_name};
use super::from::no_such_table;
use super::parse::{expect_end, parser, syntax_error, tokenize};
use super::{Translator, parse};
use crate::catalogue::{Catalogue, ConstraintKind, Index, Name, Object, View, quote};
use crate::error::{Error, Result};
use crate::plan::{Action, Ddl};
use crate::scanner::{Token, scan};
use crate::shared::SessionContext;

/// A change of the dictionary in the making.
pub(super) struct Change {
    pub(super) steps: Vec<String>,
    pub(super) after: Catalogue,
    pub(super) must_be_empty: Option<(Name, Error)>,
}

impl Change {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        Self { steps: Vec::new(), after: catalogue.clone(), must_be_empty: None }
    }
}

/// Parses the text of an expression, such as a DEFAULT.
pub(super) fn parse_expression(text: &str) -> Result<Expr> {
    let mut parser = parser(tokenize(text)?);
    let expr = parser.parse_expr().map_err(syntax_error)?;
    expect_end(&parser)?;
    Ok(expr)
}

impl Translator<'_> {
    pub(super) fn ddl_statement(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Action> {
        let change = self.change(sql, tokens)?;
        self.ddl_action(sql, change)
    }

    /// The action of a change, which a file remembers.
    pub(super) fn ddl_action(&self, sql: &str, mut change: Change) -> Result<Action> {
        if self.context.instance()?.is_kept() {
            change.steps.push(crate::store::log_step(&self.schema, self.chars_by_default, sql));
        }
        Ok(Action::Ddl(Ddl {
            text: sql.to_owned(),
            steps: change.steps,
            after: Box::new(change.after),
            must_be_empty: change.must_be_empty,
        }))
    }

    fn change(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Change> {
        let mut reader = Reader::new(tokens);
        if reader.accept(&["CREATE", "TABLE"]) {
            return self.create_table(sql, &mut reader);
        }
        if reader.accept(&["CREATE", "UNIQUE", "INDEX"]) {
            return self.create_index(&mut reader, true);
        }
        if reader.accept(&["CREATE", "INDEX"]) {
            return self.create_index(&mut reader, false);
        }
        if reader.accept(&["ALTER", "TABLE"]) {
            return self.alter_table(sql, &mut reader);
        }
        if reader.accept(&["DROP", "TABLE"]) {
            return self.drop_table(&mut reader);
        }
        if let Some(change) = self.unit_change(sql, tokens)? {
            return Ok(change);
        }
        if reader.accept(&["DROP", "VIEW"]) {
            return self.drop_view(&mut reader);
        }
        if reader.accept(&["DROP", "INDEX"]) {
            return self.drop_index(&mut reader);
        }
        if reader.accept(&["TRUNCATE", "TABLE"]) {
            return self.truncate(&mut reader);
        }
        if reader.accept(&["RENAME"]) {
            return self.rename(&mut reader);
        }
        self.create_view(sql, tokens)
    }

    fn create_view(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Change> {
        let mut reader = Reader::new(tokens);
        let mut replace = false;
        if reader.accept(&["CREATE"]) {
            replace = reader.accept(&["OR", "REPLACE"]);
            while reader.accept(&["EDITIONABLE"])
                || reader.accept(&["NONEDITIONABLE"])
                || reader.accept(&["NO", "FORCE"])
            {}
        }
        if !reader.accept(&["VIEW"]) {
            let words: Vec<&str> = tokens.iter().take(3).map(|token| token.text).collect();
            return Err(Error::unimplemented(format_args!(
                "the statement {} …",
                words.join(" ").to_uppercase()
            )));
        }
        let name = self.object_name(&reader.name_parts()?)?;
        let names = if reader.accept(&["("]) { Some(name_list(&mut reader)?) } else { None };
        reader.expect("AS", 905, "missing keyword: AS")?;
        let Some(first) = reader.rest().first() else {
            return Err(Error::new(928, "missing SELECT keyword"));
        };
        let mut end = sql.len();
        // A view can not be changed here at all, so READ ONLY holds by itself.
        if let [.., with, read, only] = reader.rest()
            && with.is("WITH")
            && read.is("READ")
            && only.is("ONLY")
        {
            end = with.start;
        }
        if reader.rest().windows(2).any(|pair| pair[0].is("CHECK") && pair[1].is("OPTION")) {
            return Err(Error::unimplemented("WITH CHECK OPTION"));
        }
        let text = sql[first.start..end].trim_end().to_owned();
        let query = super::query::parse_query(&text)?;
        let translated = self.nested_query(&query)?;
        if self.binds.count() > 0 || text.contains(':') && !scan_binds(&text)?.is_empty() {
            return Err(Error::new(1027, "bind variables not allowed for data definition operations"));
        }
        let mut columns = translated.columns;
        if let Some(names) = names {
            if names.len() != columns.len() {
                return Err(Error::new(1730, "invalid number of column names specified"));
            }
            for (column, name) in columns.iter_mut().zip(names) {
                column.0 = name;
            }
        }
        check_distinct(columns.iter().map(|(name, _)| name.as_str()))?;
        let replaced = replace && matches!(self.catalogue.objects.get(&name), Some(Object::View(_)));
        if !replaced {
            self.check_new(&name)?;
        }
        let mut change = Change::new(self.catalogue);
        change.after.objects.insert(name, Object::View(View { columns, text }));
        Ok(change)
    }

    /// Checks the name of a new object: free, and in the schema of a user.
    pub(super) fn check_new(&self, name: &Name) -> Result<()> {
        if self.replaying {
            return Ok(());
        }
        self.context
            .instance()?
            .check_schema(&name.schema)
            .map_err(|_| Error::new(1918, format_args!("user '{}' does not exist", name.schema)))?;
        free_name(self, name)
    }

    fn create_index(&mut self, reader: &mut Reader<'_, '_>, unique: bool) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        reader.expect("ON", 969, "missing ON keyword")?;
        let table = self.object_name(&reader.name_parts()?)?;
        let Some(definition) = self.catalogue.table(&table) else { return Err(no_such_table(&table)) };
        reader.expect("(", 906, "missing left parenthesis")?;
        let mut columns = Vec::new();
        loop {
            let column = reader.identifier()?;
            if reader.rest().first().is_some_and(|token| token.is_symbol("(") || token.is_symbol("+")) {
                return Err(Error::unimplemented("indexes on expressions"));
            }
            while reader.accept(&["ASC"]) || reader.accept(&["DESC"]) {}
            columns.push(column);
            if !reader.accept(&[","]) {
                break;
            }
        }
        reader.expect(")", 907, "missing right parenthesis")?;
        super::create_table::physical_options(reader)?;
        for column in &columns {
            if !definition.columns.iter().any(|known| known.name == *column) {
                return Err(super::scope::invalid_identifier(std::slice::from_ref(column)));
            }
        }
        if self.catalogue.indexes.contains_key(&name) {
            return Err(Error::new(955, "name is already used by an existing object"));
        }
        let mut change = Change::new(self.catalogue);
        change.steps.push(index_step(&name, &table, &columns, unique));
        change.after.indexes.insert(name, Index { table, columns, unique });
        Ok(change)
    }

    fn drop_table(&mut self, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        if reader.accept(&["CASCADE", "CONSTRAINTS"])
            && self.catalogue.children(&name).any(|(child, _)| *child != name)
        {
            return Err(Error::unimplemented(
                "CASCADE CONSTRAINTS where foreign keys point to the table; drop their tables first",
            ));
        }
        reader.accept(&["PURGE"]);
        end(reader)?;
        if self.catalogue.table(&name).is_none() {
            return Err(no_such_table(&name));
        }
        if self.catalogue.children(&name).any(|(child, _)| *child != name) {
            return Err(Error::new(2449, "unique/primary keys in table referenced by foreign keys"));
        }
        let mut change = Change::new(self.catalogue);
        change.steps.push(format!("DROP TABLE {}", name.sql()));
        change.after.objects.remove(&name);
        change.after.indexes.retain(|_, index| index.table != name);
        Ok(change)
    }

    fn drop_view(&mut self, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        end(reader)?;
        let mut change = Change::new(self.catalogue);
        match self.catalogue.objects.get(&name) {
            Some(Object::View(_)) => {
                change.after.objects.remove(&name);
                Ok(change)
            }
            _ => Err(no_such_table(&name)),
        }
    }

    fn drop_index(&mut self, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        end(reader)?;
        let mut change = Change::new(self.catalogue);
        if change.after.indexes.remove(&name).is_none() {
            return Err(Error::new(1418, "specified index does not exist"));
        }
        change.steps.push(format!("DROP INDEX {}", name.index_sql()));
        Ok(change)
    }

    fn truncate(&mut self, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        while reader.accept(&["DROP", "STORAGE"]) || reader.accept(&["REUSE", "STORAGE"]) {}
        end(reader)?;
        if self.catalogue.table(&name).is_none() {
            return Err(no_such_table(&name));
        }
        if self.catalogue.children(&name).any(|(child, _)| *child != name) {
            return Err(Error::new(2266, "unique/primary keys in table referenced by enabled foreign keys"));
        }
        let mut change = Change::new(self.catalogue);
        change.steps.push(format!("DELETE FROM {}", name.sql()));
        Ok(change)
    }

    fn rename(&mut self, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let old = self.object_name(&[reader.identifier()?])?;
        reader.expect("TO", 905, "missing keyword: TO")?;
        let new = Name::new(old.schema.as_str(), reader.identifier()?);
        end(reader)?;
        self.renamed(&old, new)
    }

    /// A table or view under a new name; foreign keys and indexes follow.
    pub(super) fn renamed(&mut self, old: &Name, new: Name) -> Result<Change> {
        let Some(object) = self.catalogue.objects.get(old).cloned() else {
            return Err(Error::new(4043, format_args!("object {} does not exist", old.name)));
        };
        self.check_new(&new)?;
        let mut change = Change::new(self.catalogue);
        if matches!(object, Object::Table(_)) {
            change.steps.push(format!("ALTER TABLE {} RENAME TO {}", old.sql(), new.sql()));
        }
        change.after.objects.remove(old);
        change.after.objects.insert(new.clone(), object);
        for index in change.after.indexes.values_mut().filter(|index| index.table == *old) {
            index.table = new.clone();
        }
        for object in change.after.objects.values_mut() {
            let Object::Table(table) = object else { continue };
            for constraint in &mut table.constraints {
                match &mut constraint.kind {
                    ConstraintKind::Foreign { parent, .. } if parent == old => *parent = new.clone(),
                    _ => {}
                }
            }
        }
        Ok(change)
    }
}

/// Oracle's unique keys let rows with nothing but NULLs repeat; rows with some NULLs must differ, which SQLite's do not check.
pub(super) fn index_step(name: &Name, table: &Name, columns: &[String], unique: bool) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| quote(column)).collect();
    if !unique || columns.len() == 1 {
        let word = if unique { "UNIQUE INDEX" } else { "INDEX" };
        return format!("CREATE {word} {} ON {} ({})", name.index_sql(), table.sql(), quoted.join(", "));
    }
    // x'00' is no stored value of any type.
    let keys: Vec<String> = quoted.iter().map(|column| format!("COALESCE({column}, x'00')")).collect();
    let some: Vec<String> = quoted.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    format!(
        "CREATE UNIQUE INDEX {} ON {} ({}) WHERE {}",
        name.index_sql(),
        table.sql(),
        keys.join(", "),
        some.join(" OR ")
    )
}

pub(super) fn end(reader: &Reader<'_, '_>) -> Result<()> {
    if reader.is_done() { Ok(()) } else { Err(Error::new(933, "SQL command not properly ended")) }
}

/// Names up to the closing parenthesis; the opening one was taken.
pub(super) fn name_list(reader: &mut Reader<'_, '_>) -> Result<Vec<String>> {
    let mut names = vec![reader.identifier()?];
    while reader.accept(&[","]) {
        names.push(reader.identifier()?);
    }
    reader.expect(")", 907, "missing right parenthesis")?;
    Ok(names)
}

pub(super) fn check_distinct<'n>(names: impl Iterator<Item = &'n str>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::new(957, "duplicate column name"));
        }
    }
    Ok(())
}

fn scan_binds(text: &str) -> Result<Vec<Token<'_>>> {
    Ok(scan(text)?.into_iter().filter(|token| token.is_symbol(":")).collect())
}

/// Makes the catalogue again from the DDL that a file remembers: schema, NLS_LENGTH_SEMANTICS = CHAR, text.
pub(crate) fn replay(statements: &[(String, bool, String)]) -> Result<Catalogue> {
    let mut catalogue = Catalogue::default();
    for (schema, chars_by_default, text) in statements {
        let context = detached_context(schema);
        let tokens = scan(text)?;
        let mut translator = Translator {
            catalogue: &catalogue,
            context: &context,
            schema: schema.clone(),
            chars_by_default: *chars_by_default,
            binds: parse::Binds::default(),
            aliases: 0,
            scopes: Vec::new(),
            commons: Vec::new(),
            view_depth: 0,
            next_values: Vec::new(),
            currvals: Vec::new(),
            sequences_allowed: false,
            changes_rows: false,
            replaying: true,
        };
        let after = translator.change(text, &tokens)?.after;
        catalogue = after;
    }
    Ok(catalogue)
}

/// A context of no session, for text that was checked when a session ran it.
fn detached_context(schema: &str) -> Arc<SessionContext> {
    let identity = crate::shared::Identity::detached(schema);
    let environment = crate::nls::Environment::new(schema, crate::nls::DEFAULT_EDITION);
    Arc::new(SessionContext::new(identity, Arc::default(), environment, Weak::new()))
}
