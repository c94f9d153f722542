//! Queries: SELECT, set operations, WITH, ORDER BY, row limits, FOR UPDATE.

use sqlparser::ast::{
    Distinct, GroupByExpr, OrderByExpr, OrderByKind, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, With,
};

use super::parse::{expect_end, parser, syntax_error, tokenize};
use super::scope::{Grouping, Scope, fold, parts};
use super::{Common, Translator};
use crate::datum::Type;
use crate::error::{Error, Result};
use crate::plan::Action;
use crate::scanner::{Token, TokenKind};
use crate::value::Column;
use crate::write_lock::LockWait;

/// A translated query. Its columns are named `c1`, `c2` … in SQLite; here are Oracle's names.
pub(crate) struct QuerySql {
    pub(crate) sql: String,
    pub(crate) columns: Vec<(String, Type)>,
}

/// A select list: Oracle's names and types, and SQLite's SQL.
type SelectList = (Vec<(String, Type)>, Vec<String>);

/// A translated SELECT before ORDER BY.
pub(super) struct Body {
    pub(super) sql: String,
    pub(super) columns: Vec<(String, Type)>,
    /// The select list in SQLite's SQL, to find ORDER BY expressions in it.
    pub(super) items: Vec<String>,
    /// The scope to translate ORDER BY in; `None` after a set operation, whose columns alone may be named.
    pub(super) scope: Option<Scope>,
    pub(super) distinct: bool,
}

/// Parses the text of a query, such as a view's.
pub(crate) fn parse_query(text: &str) -> Result<Box<Query>> {
    let mut parser = parser(tokenize(text)?);
    let query = parser.parse_query().map_err(syntax_error)?;
    expect_end(&parser)?;
    Ok(query)
}

/// FOR UPDATE at the end of a query: where it starts, and how it waits.
fn for_update(tokens: &[Token<'_>]) -> Result<Option<(usize, LockWait)>> {
    let starts = |pair: &[Token<'_>]| pair[0].is("FOR") && pair[1].is("UPDATE");
    let Some(at) = tokens.windows(2).rposition(starts) else { return Ok(None) };
    let rest = &tokens[at + 2..];
    let wait_at = rest
        .iter()
        .position(|token| token.is("NOWAIT") || token.is("WAIT") || token.is("SKIP"))
        .unwrap_or(rest.len());
    let (of, wait) = rest.split_at(wait_at);
    let is_name_list = |tokens: &[Token<'_>]| {
        tokens.iter().all(|token| {
            token.kind == TokenKind::Word
                || token.kind == TokenKind::Quoted
                || token.is_symbol(",")
                || token.is_symbol(".")
        })
    };
    let of_is_good = of.is_empty() || (of[0].is("OF") && of.len() > 1 && is_name_list(&of[1..]));
    if !of_is_good {
        return Err(Error::new(933, "SQL command not properly ended, after FOR UPDATE"));
    }
    let wait = match wait {
        [] => LockWait::Default,
        [only] if only.is("NOWAIT") => LockWait::NoWait,
        [word, seconds] if word.is("WAIT") && seconds.kind == TokenKind::Number => LockWait::Seconds(
            seconds.text.parse().map_err(|_| Error::new(30005, "missing or invalid WAIT interval"))?,
        ),
        [skip, ..] if skip.is("SKIP") => {
            return Err(Error::unimplemented("SKIP LOCKED: it has one lock for all rows"));
        }
        _ => return Err(Error::new(30005, "missing or invalid WAIT interval")),
    };
    Ok(Some((tokens[at].start, wait)))
}

impl Translator<'_> {
    /// A query as a statement of its own.
    pub(crate) fn query_statement(&mut self, sql: &str, tokens: &[Token<'_>]) -> Result<Action> {
        let lock = for_update(tokens)?;
        let text = lock.map_or(sql, |(start, _)| &sql[..start]);
        let tokens = tokenize(text)?;
        self.binds.find(&tokens);
        let mut parser = parser(tokens);
        let query = parser.parse_query().map_err(syntax_error)?;
        expect_end(&parser)?;
        if lock.is_some() {
            check_lockable(&query)?;
        }
        self.sequences_allowed = true;
        let translated = self.query(&query)?;
        let types = translated.columns.iter().map(|(_, kind)| *kind).collect();
        let columns = translated.columns.into_iter().map(|(name, _)| Column { name }).collect();
        Ok(Action::Query(crate::plan::Query {
            sql: translated.sql,
            columns,
            types,
            lock: lock.map(|(_, wait)| wait),
        }))
    }

    /// A subquery, where no sequence may stand.
    pub(crate) fn nested_query(&mut self, query: &Query) -> Result<QuerySql> {
        let allowed = std::mem::replace(&mut self.sequences_allowed, false);
        let outcome = self.query(query);
        self.sequences_allowed = allowed;
        outcome
    }

    pub(crate) fn query(&mut self, query: &Query) -> Result<QuerySql> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let foreign = for_clause.is_some()
            || settings.is_some()
            || format_clause.is_some()
            || !pipe_operators.is_empty();
        if foreign || !locks.is_empty() {
            return Err(Error::new(933, "SQL command not properly ended"));
        }
        let commons = self.commons.len();
        let prefix = with.as_ref().map_or(Ok(String::new()), |with| self.with_clause(with))?;
        let order = match order_by.as_ref().map(|order| (&order.kind, &order.interpolate)) {
            None => &[][..],
            Some((OrderByKind::Expressions(items), None)) => items.as_slice(),
            Some(_) => return Err(Error::new(936, "missing expression after ORDER BY")),
        };
        let body = self.body(body, order)?;
        let order = self.order_by(order, &body)?;
        let limit = self.row_limit(limit_clause.as_ref(), fetch.as_ref())?;
        self.commons.truncate(commons);
        Ok(QuerySql { sql: format!("{prefix}{}{order}{limit}", body.sql), columns: body.columns })
    }

    fn with_clause(&mut self, with: &With) -> Result<String> {
        if with.recursive {
            return Err(Error::new(905, "missing keyword: WITH RECURSIVE is not Oracle's"));
        }
        let mut parts = Vec::new();
        for cte in &with.cte_tables {
            if cte.from.is_some()
                || cte.materialized.is_some()
                || cte.alias.columns.iter().any(|column| column.data_type.is_some())
            {
                return Err(Error::new(905, "missing keyword in WITH"));
            }
            let name = fold(&cte.alias.name)?;
            let sql_name = self.alias('w');
            self.commons.push(Common { name, sql_name: sql_name.clone(), columns: None });
            let translated = self.nested_query(&cte.query)?;
            let mut columns = translated.columns;
            if !cte.alias.columns.is_empty() {
                if cte.alias.columns.len() != columns.len() {
                    return Err(Error::new(
                        32038,
                        "number of WITH clause column names does not match number of elements in select list",
                    ));
                }
                for (column, alias) in columns.iter_mut().zip(&cte.alias.columns) {
                    column.0 = fold(&alias.name)?;
                }
            }
            if let Some(common) = self.commons.iter_mut().rev().find(|common| common.sql_name == sql_name) {
                common.columns = Some(columns);
            }
            parts.push(format!("{sql_name} AS ({})", translated.sql));
        }
        Ok(format!("WITH {} ", parts.join(", ")))
    }

    fn body(&mut self, body: &SetExpr, order: &[OrderByExpr]) -> Result<Body> {
        match body {
            SetExpr::Select(select) => self.select(select, order),
            SetExpr::Query(query) => {
                let inner = self.nested_query(query)?;
                let sql = format!("SELECT * FROM ({})", inner.sql);
                Ok(Body { sql, columns: inner.columns, items: Vec::new(), scope: None, distinct: false })
            }
            SetExpr::SetOperation { .. } => self.set_operation(body),
            _ => Err(Error::new(928, "missing SELECT keyword")),
        }
    }

    /// A chain of set operations leans to the left: it is followed in a loop, not by recursion.
    fn set_operation(&mut self, body: &SetExpr) -> Result<Body> {
        let mut rest = body;
        let mut terms = Vec::new();
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = rest {
            let word = match (op, set_quantifier) {
                (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => "UNION",
                (SetOperator::Union, SetQuantifier::All) => "UNION ALL",
                (SetOperator::Intersect, SetQuantifier::None) => "INTERSECT",
                (SetOperator::Minus, SetQuantifier::None) => "EXCEPT",
                _ => return Err(Error::unimplemented("this set operation")),
            };
            terms.push((word, right.as_ref()));
            rest = left;
        }
        let allowed = std::mem::replace(&mut self.sequences_allowed, false);
        let mut first = self.body(rest, &[])?;
        // All of Oracle's set operations have one precedence, from left to right, as SQLite's.
        for (word, term) in terms.into_iter().rev() {
            let next = self.body(term, &[])?;
            unite_columns(&mut first.columns, &next.columns)?;
            first.sql = format!("{} {word} {}", first.sql, next.sql);
        }
        self.sequences_allowed = allowed;
        // In a subquery of its own, so that ORDER BY and limits belong to the whole.
        let sql = format!("SELECT * FROM ({})", first.sql);
        Ok(Body { sql, columns: first.columns, items: Vec::new(), scope: None, distinct: false })
    }

    fn select(&mut self, select: &Select, order: &[OrderByExpr]) -> Result<Body> {
        check_plain(select)?;
        let distinct = match &select.distinct {
            None | Some(Distinct::All) => false,
            Some(Distinct::Distinct) => true,
            Some(_) => return Err(Error::unimplemented("DISTINCT ON")),
        };
        self.scopes.push(Scope::default());
        let outcome = self.select_in_scope(select, order, distinct);
        let scope = self.scopes.pop();
        outcome.map(|(sql, (columns, items))| Body { sql, columns, items, scope, distinct })
    }

    fn select_in_scope(
        &mut self,
        select: &Select,
        order: &[OrderByExpr],
        distinct: bool,
    ) -> Result<(String, SelectList)> {
        let allowed = std::mem::replace(&mut self.sequences_allowed, false);
        let from = self.tables_clause(&select.from)?;
        let source = self.filtered(from, select, order)?;
        let grouped = self.grouping(select, order)?;
        let group = match &self.scopes.last().and_then(|scope| scope.grouping.as_ref()) {
            Some(grouping) if grouping.explicit => format!(" GROUP BY {}", grouping.keys.join(", ")),
            _ => String::new(),
        };
        let having = match &select.having {
            Some(having) => format!(" HAVING {}", self.condition(having)?),
            None => String::new(),
        };
        self.sequences_allowed = allowed && !distinct && !grouped && order.is_empty();
        let (columns, items) = self.select_list(&select.projection)?;
        self.sequences_allowed = allowed;
        let list: Vec<String> =
            items.iter().enumerate().map(|(index, item)| format!("{item} AS c{}", index + 1)).collect();
        let word = if distinct { "SELECT DISTINCT" } else { "SELECT" };
        Ok((format!("{word} {} FROM {source}{group}{having}", list.join(", ")), (columns, items)))
    }

    /// FROM and WHERE. With ROWNUM they become a subquery of all columns, so that the limit comes before grouping and sorting, as in Oracle.
    fn filtered(&mut self, from: String, select: &Select, order: &[OrderByExpr]) -> Result<String> {
        let (limit, rest) = match &select.selection {
            Some(condition) => super::walk::split_row_limit(condition),
            None => (Vec::new(), Vec::new()),
        };
        let conditions: Result<Vec<String>> =
            rest.into_iter().map(|condition| self.condition(condition)).collect();
        let mut conditions = conditions?;
        conditions.extend(self.stop_check());
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", super::conditions::balanced(&conditions, "AND"))
        };
        let items = select.projection.iter().filter_map(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
            _ => None,
        });
        let shows_number =
            items.chain(order.iter().map(|item| &item.expr)).any(super::walk::mentions_row_number);
        if limit.is_empty() && !shows_number {
            return Ok(format!("{from}{filter}"));
        }
        let mut bounds = Vec::new();
        for bound in limit {
            bounds.push(self.row_bound(&bound)?);
        }
        let sql_alias = self.alias('t');
        let mut columns = vec!["row_number() OVER () AS k0".to_owned()];
        if let Some(scope) = self.scopes.last_mut() {
            for (index, column) in scope.all_columns().enumerate() {
                columns.push(format!("{} AS k{}", column.sql, index + 1));
                column.sql = format!("{sql_alias}.k{}", index + 1);
            }
            scope.row_number = Some(format!("ora_int({sql_alias}.k0)"));
        }
        let limit = match bounds.as_slice() {
            [] => String::new(),
            [only] => format!(" LIMIT {only}"),
            several => format!(" LIMIT min({})", several.join(", ")),
        };
        Ok(format!("(SELECT {} FROM {from}{filter}{limit}) AS {sql_alias}", columns.join(", ")))
    }

    /// Sets the scope's grouping; whether there is one.
    fn grouping(&mut self, select: &Select, order: &[OrderByExpr]) -> Result<bool> {
        let GroupByExpr::Expressions(keys, modifiers) = &select.group_by else {
            return Err(Error::new(936, "missing expression after GROUP BY"));
        };
        if !modifiers.is_empty() {
            return Err(Error::unimplemented("GROUP BY with modifiers"));
        }
        let aggregates = select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                super::walk::has_aggregate(expr)
            }
            _ => false,
        }) || order.iter().any(|item| super::walk::has_aggregate(&item.expr));
        if keys.is_empty() && select.having.is_none() && !aggregates {
            return Ok(false);
        }
        let mut translated = Vec::new();
        for key in keys {
            translated.push(self.value(key)?.text);
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.grouping = Some(Grouping { explicit: !translated.is_empty(), keys: translated });
        }
        Ok(true)
    }

    fn select_list(&mut self, projection: &[SelectItem]) -> Result<SelectList> {
        let mut columns = Vec::new();
        let mut items = Vec::new();
        for item in projection {
            let (expr, name) = match item {
                SelectItem::UnnamedExpr(expr) => (expr, super::expressions::column_name(expr)?),
                SelectItem::ExprWithAlias { expr, alias } => (expr, fold(alias)?),
                SelectItem::Wildcard(options) => {
                    check_wildcard(options, projection.len() > 1)?;
                    self.star_items(&[], &mut columns, &mut items)?;
                    continue;
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                    check_wildcard(options, false)?;
                    self.star_items(&parts(name)?, &mut columns, &mut items)?;
                    continue;
                }
                _ => return Err(Error::new(936, "missing expression")),
            };
            let value = self.value(expr)?;
            columns.push((name, value.kind));
            items.push(value.text);
        }
        Ok((columns, items))
    }

    fn star_items(
        &mut self,
        qualifier: &[String],
        columns: &mut Vec<(String, Type)>,
        items: &mut Vec<String>,
    ) -> Result<()> {
        for column in self.star(qualifier)? {
            columns.push((column.name, column.kind));
            items.push(column.sql);
        }
        Ok(())
    }
}

/// What sqlparser reads for other databases must be absent.
fn check_plain(select: &Select) -> Result<()> {
    let foreign = select.select_modifiers.is_some()
        || select.top.is_some()
        || select.exclude.is_some()
        || select.into.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || !select.named_window.is_empty()
        || select.qualify.is_some()
        || select.value_table_mode.is_some()
        || select.flavor != SelectFlavor::Standard;
    if foreign {
        return Err(Error::new(933, "SQL command not properly ended"));
    }
    if !select.connect_by.is_empty() {
        return Err(Error::unimplemented("CONNECT BY"));
    }
    Ok(())
}

fn check_wildcard(options: &sqlparser::ast::WildcardAdditionalOptions, beside_others: bool) -> Result<()> {
    let foreign = options.opt_ilike.is_some()
        || options.opt_exclude.is_some()
        || options.opt_except.is_some()
        || options.opt_replace.is_some()
        || options.opt_rename.is_some()
        || options.opt_alias.is_some();
    if foreign || beside_others {
        return Err(Error::new(923, "FROM keyword not found where expected: '*' stands alone, or write T.*"));
    }
    Ok(())
}

/// FOR UPDATE needs rows of tables: no DISTINCT, no groups, no set operations.
fn check_lockable(query: &Query) -> Result<()> {
    let not_allowed = Error::new(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.");
    let SetExpr::Select(select) = query.body.as_ref() else { return Err(not_allowed) };
    let groups = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    if select.distinct.is_some() || groups || query.fetch.is_some() { Err(not_allowed) } else { Ok(()) }
}

/// Set operations need the same number of columns (ORA-01789) of the same types (ORA-01790).
fn unite_columns(first: &mut [(String, Type)], next: &[(String, Type)]) -> Result<()> {
    if first.len() != next.len() {
        return Err(Error::new(1789, "query block has incorrect number of result columns"));
    }
    for (column, (_, kind)) in first.iter_mut().zip(next) {
        column.1 = super::expressions::unite(column.1, *kind).ok_or_else(|| {
            Error::new(1790, "expression must have same datatype as corresponding expression")
        })?;
    }
    Ok(())
}
