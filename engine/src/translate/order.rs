//! ORDER BY, OFFSET and FETCH FIRST.

use sqlparser::ast::{Expr, Fetch, LimitClause, OffsetRows, OrderByExpr, OrderBySort};

use super::query::Body;
use super::scope::fold;
use super::walk::whole_number;
use super::{Sql, Translator};
use crate::datum::Type;
use crate::error::{Error, Result};

impl Translator<'_> {
    /// ORDER BY, with NULLs where Oracle has them: last, and first when descending.
    pub(super) fn order_by(&mut self, order: &[OrderByExpr], body: &Body) -> Result<String> {
        if order.is_empty() {
            return Ok(String::new());
        }
        let mut items = Vec::new();
        for item in order {
            if item.with_fill.is_some() {
                return Err(Error::new(933, "SQL command not properly ended"));
            }
            let key = self.order_key(&item.expr, body)?;
            let descending = match item.options.sort {
                None | Some(OrderBySort::Asc) => false,
                Some(OrderBySort::Desc) => true,
                Some(_) => return Err(Error::new(933, "SQL command not properly ended")),
            };
            let nulls_first = item.options.nulls_first.unwrap_or(descending);
            let direction = if descending { "DESC" } else { "ASC" };
            let nulls = if nulls_first { "FIRST" } else { "LAST" };
            items.push(format!("{key} {direction} NULLS {nulls}"));
        }
        Ok(format!(" ORDER BY {}", items.join(", ")))
    }

    /// A position or a name of the select list, or an expression.
    fn order_key(&mut self, expr: &Expr, body: &Body) -> Result<String> {
        if let Some(position) = whole_number(expr) {
            let valid =
                usize::try_from(position).is_ok_and(|position| (1..=body.columns.len()).contains(&position));
            return if valid {
                Ok(position.to_string())
            } else {
                Err(Error::new(1785, "ORDER BY item must be the number of a SELECT-list expression"))
            };
        }
        if let Some(ident) = super::from::single_ident(expr) {
            let name = fold(ident)?;
            let mut named = body.columns.iter().enumerate().filter(|(_, (column, _))| *column == name);
            if let Some((index, _)) = named.next() {
                let same =
                    |other: usize| body.items.get(other) == body.items.get(index) && !body.items.is_empty();
                if named.any(|(other, _)| !same(other)) {
                    return Err(Error::new(960, "ambiguous column naming in select list"));
                }
                return Ok((index + 1).to_string());
            }
        }
        let Some(scope) = body.scope.clone() else {
            return Err(Error::new(1785, "ORDER BY item must be the number of a SELECT-list expression"));
        };
        self.scopes.push(scope);
        let allowed = std::mem::replace(&mut self.sequences_allowed, false);
        let value = self.value(expr);
        self.sequences_allowed = allowed;
        self.scopes.pop();
        let Sql { text, .. } = value?;
        if let Some(index) = body.items.iter().position(|item| *item == text) {
            return Ok((index + 1).to_string());
        }
        if body.distinct {
            return Err(Error::new(1791, "not a SELECTed expression"));
        }
        Ok(text)
    }

    /// OFFSET and FETCH FIRST.
    pub(super) fn row_limit(&mut self, limit: Option<&LimitClause>, fetch: Option<&Fetch>) -> Result<String> {
        let offset = match limit {
            None => None,
            Some(LimitClause::LimitOffset { limit: None, offset: Some(offset), limit_by })
                if limit_by.is_empty() && offset.rows != OffsetRows::None =>
            {
                Some(&offset.value)
            }
            Some(_) => {
                return Err(Error::new(
                    933,
                    "SQL command not properly ended: LIMIT is not Oracle's; FETCH FIRST n ROWS ONLY is",
                ));
            }
        };
        let offset = offset.map(|offset| self.value(offset)).transpose()?;
        let count = match fetch {
            None => None,
            Some(fetch) if fetch.percent || fetch.with_ties => {
                return Err(Error::unimplemented("FETCH with PERCENT or WITH TIES"));
            }
            Some(fetch) => Some(match &fetch.quantity {
                None => Sql::new("1", Type::Unknown),
                Some(quantity) => self.value(quantity)?,
            }),
        };
        if offset.is_none() && count.is_none() {
            return Ok(String::new());
        }
        let count = count.map_or_else(|| "-1".to_owned(), |count| format!("ora_row_count({})", count.text));
        let offset =
            offset.map_or_else(String::new, |offset| format!(" OFFSET ora_row_count({})", offset.text));
        Ok(format!(" LIMIT {count}{offset}"))
    }
}
