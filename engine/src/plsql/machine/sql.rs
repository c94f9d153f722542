//! SQL that a unit runs.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Machine, lost};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plan::Action;
use crate::plsql::code::SqlResult;
use crate::plsql::value::Value;

/// Bytes that the rows of one cursor FOR loop may take, by estimate.
const MOST_BYTES: usize = 256 << 20;

/// Where a statement's rows go.
struct Rows {
    wanted: SqlResult,
    rows: VecDeque<Vec<Datum>>,
    bytes: usize,
}

impl Rows {
    fn take(&mut self, row: Vec<Datum>) -> Result<()> {
        match self.wanted {
            SqlResult::Count => return Ok(()),
            SqlResult::Row(_) if !self.rows.is_empty() => {
                return Err(Error::new(1422, "exact fetch returns more than requested number of rows"));
            }
            SqlResult::Row(_) | SqlResult::Rows => {}
        }
        self.bytes += row
            .iter()
            .map(|datum| {
                std::mem::size_of::<Datum>()
                    + match datum {
                        Datum::Text(text) => text.len(),
                        Datum::Raw(bytes) => bytes.len(),
                        _ => 0,
                    }
            })
            .sum::<usize>();
        if self.bytes > MOST_BYTES {
            return Err(Error::new(
                4030,
                "out of process memory: the rows of this query take more than 256 MiB",
            ));
        }
        self.rows.push_back(row);
        Ok(())
    }
}

impl Machine<'_> {
    /// SQL that stands in the unit's text. A block's names were looked for when it began, whatever schema became current since.
    pub(super) fn static_sql(&mut self, text: &str, binds: usize, result: SqlResult) -> Result<()> {
        let binds = self.pop_datums(binds)?;
        let unit = &self.frames.last().ok_or_else(lost)?.unit;
        let schema = if unit.name.is_none() { Some(Arc::clone(&unit.schema)) } else { self.schema() };
        let context = Arc::clone(&self.session.shared.context);
        let before = context.set_owner_schema(schema);
        let outcome = self.sql(text, &binds, result, false);
        context.set_owner_schema(before);
        outcome
    }

    pub(super) fn dynamic_sql(&mut self, binds: usize, result: SqlResult) -> Result<()> {
        let binds = self.pop_datums(binds)?;
        match self.pop()?.into_datum() {
            Datum::Text(text) => self.sql(&text, &binds, result, true),
            _ => Err(Error::new(6535, "statement string in EXECUTE IMMEDIATE is NULL or 0 length")),
        }
    }

    fn sql(&mut self, text: &str, binds: &[Datum], result: SqlResult, dynamic: bool) -> Result<()> {
        *self.session.shared.context.statement_time.lock() = crate::datetime::now();
        let plan = self.session.plan(text)?;
        let given = u32::try_from(binds.len()).unwrap_or(u32::MAX);
        if given < plan.binds {
            return Err(Error::new(1008, "not all variables bound"));
        }
        if given > plan.binds {
            return Err(Error::new(1006, "bind variable does not exist"));
        }
        if dynamic && matches!(result, SqlResult::Row(_)) && !plan.action.is_query() {
            return Err(Error::new(1007, "variable not in select list: INTO goes with a query"));
        }
        let mut rows = Rows { wanted: result, rows: VecDeque::new(), bytes: 0 };
        // Without INTO a dynamic query is parsed and not fetched from.
        let skipped = dynamic && result == SqlResult::Count && plan.action.is_query();
        let outcome = if skipped { Ok(0) } else { self.session.run(&plan, binds, &mut |row| rows.take(row)) };
        // A cursor FOR loop has a cursor of its own. What failed changed nothing, but TOO_MANY_ROWS found one row.
        if result != SqlResult::Rows && !matches!(plan.action, Action::Block(_)) {
            let failed = |error: &Error| u64::from(error.code == 1422);
            self.session.plsql.row_count = Some(outcome.as_ref().map_or_else(failed, |count| *count));
        }
        outcome?;
        match result {
            SqlResult::Count => Ok(()),
            SqlResult::Rows => {
                self.stack.push(Value::Rows(rows.rows));
                Ok(())
            }
            SqlResult::Row(columns) => {
                let row = rows.rows.pop_front().ok_or_else(|| Error::new(1403, "no data found"))?;
                if row.len() != columns {
                    return Err(Error::new(1007, "variable not in select list"));
                }
                self.stack.extend(row.into_iter().map(Value::Scalar));
                Ok(())
            }
        }
    }
}
