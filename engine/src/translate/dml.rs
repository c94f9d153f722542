//! INSERT, UPDATE and DELETE.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Insert, ObjectName, Query, SetExpr, Statement,
    TableFactor, TableObject, TableWithJoins, Update,
};

use super::from::no_such_table;
use super::parse::{expect_end, parser, syntax_error, tokenize};
use super::scope::{Scope, Source, SourceColumn, fold, parts};
use super::{Sql, Translator};
use crate::catalogue::{Name, Object, Table, TableColumn, quote};
use crate::error::{Error, Result};
use crate::functions::store::store_arguments;
use crate::plan::{Action, Dml, Verb};
use crate::scanner::Token;

/// The table that DML changes, and its alias.
struct Target<'c> {
    name: Name,
    table: &'c Table,
    alias: Option<String>,
}

impl Target<'_> {
    fn column(&self, name: &str) -> Result<&TableColumn> {
        let found = self.table.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| super::scope::invalid_identifier(&[name.to_owned()]))
    }

    /// SQLite's SQL that puts a value into the column.
    fn stored(&self, column: &TableColumn, value: &str) -> String {
        let shown = format!("\"{}\".\"{}\".\"{}\"", self.name.schema, self.name.name, column.name);
        format!("ora_store({value}, {})", store_arguments(column.kind, &shown))
    }
}

fn is_default(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("DEFAULT"))
}

impl<'c> Translator<'c> {
    pub(crate) fn dml_statement(&mut self, sql: &str, words: &[Token<'_>]) -> Result<Action> {
        if words.iter().any(|word| word.is("RETURNING")) {
            return Err(Error::unimplemented("RETURNING"));
        }
        self.changes_rows = true;
        let tokens = tokenize(sql)?;
        self.binds.find(&tokens);
        let mut parser = parser(tokens);
        let statement = parser.parse_statement().map_err(syntax_error)?;
        expect_end(&parser)?;
        let dml = match &statement {
            Statement::Insert(insert) => self.insert(insert)?,
            Statement::Update(update) => self.update(update)?,
            Statement::Delete(delete) => self.delete(delete)?,
            Statement::Merge(_) => return Err(Error::unimplemented("MERGE")),
            _ => return Err(Error::new(900, "invalid SQL statement")),
        };
        Ok(Action::Dml(dml))
    }

    fn target(&self, name: &ObjectName, alias: Option<String>) -> Result<Target<'c>> {
        let parts = parts(name)?;
        let name = self.object_name(&parts)?;
        match self.catalogue.objects.get(&name) {
            Some(Object::Table(table)) => Ok(Target { name, table, alias }),
            Some(Object::View(_)) => Err(Error::unimplemented("DML on views")),
            None if crate::views::find(&parts[parts.len() - 1]).is_some() || parts == ["DUAL"] => {
                Err(Error::new(1031, "insufficient privileges: the dictionary is read-only"))
            }
            None => Err(no_such_table(&name)),
        }
    }

    fn insert(&mut self, insert: &Insert) -> Result<Dml> {
        let name = check_insert(insert)?;
        let alias = insert.table_alias.as_ref().map(|alias| fold(&alias.alias)).transpose()?;
        let target = self.target(name, alias)?;
        let columns = self.insert_columns(insert, &target)?;
        let Some(source) = &insert.source else { return Err(Error::new(926, "missing VALUES keyword")) };
        self.sequences_allowed = true;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let missing: Vec<&TableColumn> = target
            .table
            .columns
            .iter()
            .filter(|column| !names.contains(&column.name.as_str()) && column.default.is_some())
            .collect();
        let (values, from) = match source.body.as_ref() {
            SetExpr::Values(values) => {
                check_values_only(source)?;
                let [row] = values.rows.as_slice() else {
                    return Err(Error::new(933, "SQL command not properly ended: VALUES takes one row"));
                };
                (self.values(&row.content, &columns, &target)?, String::new())
            }
            _ => self.values_from_query(source, &columns, &target)?,
        };
        let mut values = values;
        for column in &missing {
            let value = self.default_value(column)?;
            values.push(target.stored(column, &value.text));
        }
        let all: Vec<String> = names
            .iter()
            .copied()
            .chain(missing.iter().map(|column| column.name.as_str()))
            .map(quote)
            .collect();
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {}{from}",
            target.name.sql(),
            all.join(", "),
            values.join(", ")
        );
        Ok(Dml { sql, verb: Verb::Insert, table: target.name })
    }

    fn insert_columns<'t>(&self, insert: &Insert, target: &Target<'t>) -> Result<Vec<&'t TableColumn>> {
        if insert.columns.is_empty() {
            return Ok(target.table.columns.iter().collect());
        }
        let mut found: Vec<&TableColumn> = Vec::new();
        for name in &insert.columns {
            let parts = parts(name)?;
            let Some(column) = parts.last() else { return Err(Error::new(928, "missing SELECT keyword")) };
            let column = target.table.columns.iter().find(|known| known.name == *column);
            let column = column.ok_or_else(|| super::scope::invalid_identifier(&parts))?;
            if found.iter().any(|known| known.name == column.name) {
                return Err(Error::new(957, "duplicate column name"));
            }
            found.push(column);
        }
        Ok(found)
    }

    fn values(&mut self, row: &[Expr], columns: &[&TableColumn], target: &Target<'_>) -> Result<Vec<String>> {
        check_count(row.len(), columns.len())?;
        let mut values = Vec::new();
        for (expr, column) in row.iter().zip(columns) {
            let value = if is_default(expr) { self.default_value(column)? } else { self.value(expr)? };
            values.push(target.stored(column, &value.text));
        }
        Ok(values)
    }

    fn values_from_query(
        &mut self,
        query: &Query,
        columns: &[&TableColumn],
        target: &Target<'_>,
    ) -> Result<(Vec<String>, String)> {
        let translated = self.query(query)?;
        check_count(translated.columns.len(), columns.len())?;
        let values = columns
            .iter()
            .enumerate()
            .map(|(index, column)| target.stored(column, &format!("q.c{}", index + 1)))
            .collect();
        Ok((values, format!(" FROM ({}) AS q WHERE ora_alive()", translated.sql)))
    }

    /// A column's DEFAULT, or NULL.
    fn default_value(&mut self, column: &TableColumn) -> Result<Sql> {
        match &column.default {
            None => Ok(Sql::new("NULL", column.kind.type_of())),
            Some(text) => self.value(&super::ddl::parse_expression(text)?),
        }
    }

    /// All new values are computed before the first row changes, as subqueries must see the table as it was: SQLite's UPDATE … FROM gathers
    /// its rows first.
    fn update(&mut self, update: &Update) -> Result<Dml> {
        let Update {
            update_token: _,
            optimizer_hints: _,
            table,
            assignments,
            from,
            selection,
            returning,
            output,
            or,
            order_by,
            limit,
        } = update;
        let foreign =
            from.is_some() || output.is_some() || or.is_some() || !order_by.is_empty() || limit.is_some();
        if foreign {
            return Err(Error::new(933, "SQL command not properly ended"));
        }
        if returning.is_some() {
            return Err(Error::unimplemented("RETURNING"));
        }
        let target = self.single_target(std::slice::from_ref(table))?;
        let rows = self.enter_target(&target);
        self.sequences_allowed = true;
        let (mut new, mut sets): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut seen: Vec<String> = Vec::new();
        for Assignment { target: place, value } in assignments {
            let AssignmentTarget::ColumnName(name) = place else {
                return Err(Error::unimplemented("SET of several columns from one subquery"));
            };
            let parts = parts(name)?;
            let column = target.column(parts.last().map_or("", String::as_str))?;
            if seen.contains(&column.name) {
                return Err(Error::new(957, "duplicate column name"));
            }
            seen.push(column.name.clone());
            let value = if is_default(value) { self.default_value(column)? } else { self.value(value)? };
            new.push(format!("{} AS v{}", target.stored(column, &value.text), new.len() + 1));
            sets.push(format!("{} = q.v{}", quote(&column.name), new.len()));
        }
        self.sequences_allowed = false;
        let filter = self.row_filter(selection.as_ref())?;
        self.scopes.pop();
        let table = target.name.sql();
        let sql = format!(
            "UPDATE {table} SET {} FROM (SELECT {rows}.rowid AS r, {} FROM {table} AS {rows} WHERE {filter}) AS q WHERE {table}.rowid = q.r",
            sets.join(", "),
            new.join(", ")
        );
        Ok(Dml { sql, verb: Verb::Update, table: target.name })
    }

    fn delete(&mut self, delete: &Delete) -> Result<Dml> {
        let Delete {
            delete_token: _,
            optimizer_hints: _,
            tables,
            from,
            using,
            selection,
            returning,
            output,
            order_by,
            limit,
        } = delete;
        let foreign = !tables.is_empty()
            || using.is_some()
            || output.is_some()
            || !order_by.is_empty()
            || limit.is_some();
        if foreign {
            return Err(Error::new(933, "SQL command not properly ended"));
        }
        if returning.is_some() {
            return Err(Error::unimplemented("RETURNING"));
        }
        let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = from;
        let target = self.single_target(tables)?;
        let rows = self.enter_target(&target);
        let filter = self.row_filter(selection.as_ref())?;
        self.scopes.pop();
        let table = target.name.sql();
        let sql = format!(
            "DELETE FROM {table} WHERE rowid IN (SELECT {rows}.rowid FROM {table} AS {rows} WHERE {filter})"
        );
        Ok(Dml { sql, verb: Verb::Delete, table: target.name })
    }

    /// The one table of UPDATE or DELETE.
    fn single_target(&self, tables: &[TableWithJoins]) -> Result<Target<'c>> {
        let [TableWithJoins { relation: TableFactor::Table { name, alias, args: None, .. }, joins }] = tables
        else {
            return Err(Error::unimplemented("DML on anything but one table"));
        };
        if !joins.is_empty() {
            return Err(Error::new(971, "missing SET keyword: DML takes one table"));
        }
        let alias = alias.as_ref().map(|alias| fold(&alias.name)).transpose()?;
        self.target(name, alias)
    }

    /// Puts the target's columns in reach, under a new SQLite alias, which it gives.
    fn enter_target(&mut self, target: &Target<'_>) -> String {
        let sql_alias = self.alias('t');
        let columns = target
            .table
            .columns
            .iter()
            .map(|column| SourceColumn {
                name: column.name.clone(),
                kind: column.kind.type_of(),
                sql: format!("{sql_alias}.{}", quote(&column.name)),
                merged: false,
            })
            .collect();
        let shown = target.alias.clone().unwrap_or_else(|| target.name.name.clone());
        let schema = target.alias.is_none().then(|| target.name.schema.clone());
        self.scopes
            .push(Scope { sources: vec![Source { name: Some(shown), schema, columns }], ..Scope::default() });
        sql_alias
    }

    /// WHERE, with ROWNUM as a limit; every row asks whether the call is to stop.
    fn row_filter(&mut self, selection: Option<&Expr>) -> Result<String> {
        let mut conditions: Vec<String> = self.stop_check().into_iter().collect();
        let mut limit = String::new();
        if let Some(selection) = selection {
            let (bounds, rest) = super::walk::split_row_limit(selection);
            for condition in rest {
                conditions.push(self.condition(condition)?);
            }
            let bounds: Result<Vec<String>> = bounds.iter().map(|bound| self.row_bound(bound)).collect();
            match bounds?.as_slice() {
                [] => {}
                [only] => limit = format!(" LIMIT {only}"),
                several => limit = format!(" LIMIT min({})", several.join(", ")),
            }
        }
        Ok(format!("{}{limit}", super::conditions::balanced(&conditions, "AND")))
    }
}

fn check_count(given: usize, wanted: usize) -> Result<()> {
    match given.cmp(&wanted) {
        std::cmp::Ordering::Less => Err(Error::new(947, "not enough values")),
        std::cmp::Ordering::Greater => Err(Error::new(913, "too many values")),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

fn check_values_only(query: &Query) -> Result<()> {
    let plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty();
    if plain { Ok(()) } else { Err(Error::new(933, "SQL command not properly ended")) }
}

/// What sqlparser reads for other databases must be absent.
fn check_insert(insert: &Insert) -> Result<&ObjectName> {
    let foreign = insert.or.is_some()
        || insert.ignore
        || !insert.into
        || insert.overwrite
        || !insert.assignments.is_empty()
        || insert.partitioned.is_some()
        || !insert.after_columns.is_empty()
        || insert.has_table_keyword
        || insert.on.is_some()
        || insert.output.is_some()
        || insert.replace_into
        || insert.priority.is_some()
        || insert.insert_alias.is_some()
        || insert.settings.is_some()
        || insert.format_clause.is_some();
    if foreign {
        return Err(Error::new(933, "SQL command not properly ended"));
    }
    if insert.returning.is_some() {
        return Err(Error::unimplemented("RETURNING"));
    }
    if insert.multi_table_insert_type.is_some() {
        return Err(Error::unimplemented("INSERT into several tables"));
    }
    match &insert.table {
        TableObject::TableName(name) => Ok(name),
        _ => Err(Error::unimplemented("INSERT into a subquery")),
    }
}
