//! FROM: tables, views, subqueries and joins.

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, ObjectName, Query, TableAlias, TableFactor, TableWithJoins,
};

use super::scope::{Scope, Source, SourceColumn, fold, parts};
use super::{DEEPEST_VIEWS, Translator};
use crate::catalogue::{Name, Object, View, quote};
use crate::datum::Type;
use crate::error::{Error, Result};
use crate::views::DictionaryView;

pub(crate) fn no_such_table(name: &Name) -> Error {
    Error::new(942, format_args!("table or view does not exist: {}.{}", name.schema, name.name))
}

impl Translator<'_> {
    /// Translates FROM into the scope on top of the stack; SQLite's SQL for it.
    pub(crate) fn tables_clause(&mut self, from: &[TableWithJoins]) -> Result<String> {
        let mut items = Vec::new();
        for item in from {
            let mut sql = self.factor(&item.relation)?;
            for join in &item.joins {
                if join.global {
                    return Err(Error::new(933, "SQL command not properly ended: GLOBAL JOIN"));
                }
                sql = self.join(sql, &join.relation, &join.join_operator)?;
            }
            items.push(sql);
        }
        if items.is_empty() {
            return Err(Error::new(923, "FROM keyword not found where expected"));
        }
        // CROSS JOIN keeps the order that was written: SQLite's planner does not reorder it, and Oracle's rules do not depend on it.
        Ok(items.join(", "))
    }

    fn join(&mut self, left: String, right: &TableFactor, operator: &JoinOperator) -> Result<String> {
        let (word, constraint) = match operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => ("JOIN", constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("LEFT JOIN", constraint),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                ("RIGHT JOIN", constraint)
            }
            JoinOperator::FullOuter(constraint) => ("FULL JOIN", constraint),
            JoinOperator::CrossJoin(JoinConstraint::None) => {
                let right = self.factor(right)?;
                return Ok(format!("{left} CROSS JOIN {right}"));
            }
            _ => return Err(Error::unimplemented("this kind of join")),
        };
        let right = self.factor(right)?;
        let condition = match constraint {
            JoinConstraint::On(condition) => self.condition(condition)?,
            JoinConstraint::Using(columns) => self.using(columns, word)?,
            JoinConstraint::Natural => return Err(Error::unimplemented("NATURAL JOIN")),
            JoinConstraint::None => return Err(Error::new(905, "missing keyword: a join needs ON or USING")),
        };
        Ok(format!("{left} {word} {right} ON {condition}"))
    }

    /// USING: the columns are equal, and the left one stands for both.
    fn using(&mut self, columns: &[ObjectName], word: &str) -> Result<String> {
        if word.starts_with("RIGHT") || word.starts_with("FULL") {
            return Err(Error::unimplemented("USING in RIGHT and FULL joins; write ON"));
        }
        let mut conditions = Vec::new();
        for column in columns {
            let name = parts(column)?;
            let left = {
                let right = self.scopes.last_mut().and_then(|scope| scope.sources.pop());
                let left = self.column(&name);
                if let (Some(scope), Some(right)) = (self.scopes.last_mut(), right) {
                    scope.sources.push(right);
                }
                left?
            };
            let source = self.scopes.last_mut().and_then(|scope| scope.sources.last_mut());
            let right = source
                .and_then(|source| source.columns.iter_mut().find(|found| Some(&found.name) == name.last()));
            let Some(right) = right else { return Err(super::scope::invalid_identifier(&name)) };
            right.merged = true;
            let right = super::Sql::new(right.sql.clone(), right.kind);
            conditions.push(super::conditions::compare(&left, "=", &right));
        }
        Ok(conditions.join(" AND "))
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<String> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                self.named(name, alias.as_ref())
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let alias = alias_of(alias.as_ref())?;
                self.derived(subquery, alias)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let sql = self.tables_clause(std::slice::from_ref(table_with_joins))?;
                Ok(format!("({sql})"))
            }
            _ => Err(Error::unimplemented("this kind of table expression")),
        }
    }

    fn derived(&mut self, query: &Query, alias: Option<String>) -> Result<String> {
        // A subquery in FROM does not see its neighbours, only the queries around.
        let scope = self.scopes.pop();
        let translated = self.nested_query(query);
        self.scopes.extend(scope);
        let translated = translated?;
        let sql_alias = self.alias('t');
        let columns = translated
            .columns
            .iter()
            .enumerate()
            .map(|(index, (name, kind))| (name.clone(), *kind, format!("c{}", index + 1)));
        let columns: Vec<_> = columns.collect();
        self.add_source(alias, None, &sql_alias, columns.into_iter());
        Ok(format!("({}) AS {sql_alias}", translated.sql))
    }

    fn add_source(
        &mut self,
        name: Option<String>,
        schema: Option<String>,
        sql_alias: &str,
        columns: impl Iterator<Item = (String, Type, String)>,
    ) {
        let columns = columns
            .map(|(name, kind, sql)| SourceColumn {
                name,
                kind,
                sql: format!("{sql_alias}.{}", quote(&sql)),
                merged: false,
            })
            .collect();
        if let Some(scope) = self.scopes.last_mut() {
            scope.sources.push(Source { name, schema, columns });
        }
    }

    fn named(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Result<String> {
        let alias = alias_of(alias)?;
        let parts = parts(name)?;
        if let [single] = parts.as_slice()
            && let Some(common) = self.commons.iter().rev().find(|common| common.name == *single).cloned()
        {
            return self.common(common, alias);
        }
        let name = self.object_name(&parts)?;
        let shown = alias.clone().unwrap_or_else(|| name.name.clone());
        let schema = alias.is_none().then(|| name.schema.clone());
        let catalogue = self.catalogue;
        match catalogue.objects.get(&name) {
            Some(Object::Table(table)) => {
                let sql_alias = self.alias('t');
                let columns = table
                    .columns
                    .iter()
                    .map(|column| (column.name.clone(), column.kind.type_of(), column.name.clone()));
                self.add_source(Some(shown), schema, &sql_alias, columns);
                Ok(format!("{} AS {sql_alias}", name.sql()))
            }
            Some(Object::View(view)) => self.view(&name, view, shown, schema),
            None => self.public(&parts, &name, shown),
        }
    }

    fn common(&mut self, common: super::Common, alias: Option<String>) -> Result<String> {
        let Some(columns) = common.columns else { return Err(Error::unimplemented("recursive WITH")) };
        let sql_alias = self.alias('t');
        let columns = columns
            .into_iter()
            .enumerate()
            .map(|(index, (name, kind))| (name, kind, format!("c{}", index + 1)));
        self.add_source(Some(alias.unwrap_or(common.name)), None, &sql_alias, columns);
        Ok(format!("{} AS {sql_alias}", common.sql_name))
    }

    /// A view's query is translated in its place, with the names of the view's own schema.
    fn view(&mut self, name: &Name, view: &View, shown: String, schema: Option<String>) -> Result<String> {
        if self.view_depth >= DEEPEST_VIEWS {
            return Err(Error::new(1731, "circular view definition encountered"));
        }
        self.view_depth += 1;
        let own_schema = std::mem::replace(&mut self.schema, name.schema.clone());
        let scopes = std::mem::take(&mut self.scopes);
        let commons = std::mem::take(&mut self.commons);
        let translated = super::query::parse_query(&view.text).and_then(|query| self.nested_query(&query));
        self.schema = own_schema;
        self.scopes = scopes;
        self.commons = commons;
        self.view_depth -= 1;
        let translated = translated.map_err(|error| match error.code {
            942 | 904 => {
                Error::new(4063, format_args!("view \"{}.{}\" has errors ({error})", name.schema, name.name))
            }
            _ => error,
        })?;
        let sql_alias = self.alias('t');
        let columns = view
            .columns
            .iter()
            .enumerate()
            .map(|(index, (name, kind))| (name.clone(), *kind, format!("c{}", index + 1)));
        self.add_source(Some(shown), schema, &sql_alias, columns);
        Ok(format!("({}) AS {sql_alias}", translated.sql))
    }

    /// What every schema sees without a prefix, or with `SYS.`: DUAL and the dictionary views.
    fn public(&mut self, parts: &[String], name: &Name, shown: String) -> Result<String> {
        let plain = match parts {
            [only] => only,
            [schema, object] if schema == "SYS" => object,
            _ => return Err(no_such_table(name)),
        };
        let sql_alias = self.alias('t');
        if plain == "DUAL" {
            let columns = [("DUMMY".to_owned(), Type::Text, "DUMMY".to_owned())];
            self.add_source(Some(shown), None, &sql_alias, columns.into_iter());
            return Ok(format!("(SELECT 'X' AS \"DUMMY\") AS {sql_alias}"));
        }
        // V_$SESSION is the view under its own name, V$SESSION the synonym.
        let found = crate::views::find(&plain.replacen("V_$", "V$", 1)).ok_or_else(|| no_such_table(name))?;
        let columns =
            found.columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind, (*name).to_owned()));
        self.add_source(Some(shown), None, &sql_alias, columns);
        Ok(format!("{} AS {sql_alias}", dictionary_view(found)))
    }

    /// In DML, a condition that asks for each row whether the call is to stop. It names a column of every source, so that SQLite asks in the
    /// innermost loop; queries are watched by SQLite's progress handler instead.
    pub(crate) fn stop_check(&self) -> Option<String> {
        let scope = self.scopes.last().filter(|_| self.changes_rows)?;
        let columns: Vec<&str> =
            scope.sources.iter().filter_map(|source| Some(source.columns.first()?.sql.as_str())).collect();
        Some(format!("ora_alive({})", columns.join(", ")))
    }

    /// The full name of an object: without a schema, the current one.
    pub(crate) fn object_name(&self, parts: &[String]) -> Result<Name> {
        match parts {
            [name] => Ok(Name::new(self.schema.as_str(), name.as_str())),
            [schema, name] => Ok(Name::new(schema.as_str(), name.as_str())),
            _ => Err(Error::new(903, "invalid table name")),
        }
    }
}

fn dictionary_view(view: &DictionaryView) -> String {
    let columns: Vec<String> = view
        .columns
        .iter()
        .enumerate()
        .map(|(index, (name, _))| format!("ora_field(value, {index}) AS {}", quote(name)))
        .collect();
    format!("(SELECT {} FROM json_each(ora_view('{}')))", columns.join(", "), view.name)
}

/// An alias without a list of columns, which Oracle does not have here.
fn alias_of(alias: Option<&TableAlias>) -> Result<Option<String>> {
    let Some(alias) = alias else { return Ok(None) };
    if !alias.columns.is_empty() || alias.explicit {
        return Err(Error::new(
            933,
            "SQL command not properly ended: a table's alias takes no AS and no columns",
        ));
    }
    fold(&alias.name).map(Some)
}

/// For parts of the tree that hold an identifier alone.
pub(crate) fn single_ident(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::Nested(inner) => single_ident(inner),
        _ => None,
    }
}

impl Scope {
    /// Every column of every source, for a subquery that stands for all of them.
    pub(crate) fn all_columns(&mut self) -> impl Iterator<Item = &mut SourceColumn> {
        self.sources.iter_mut().flat_map(|source| &mut source.columns)
    }
}
