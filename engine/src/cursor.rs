//! Prepared statements: binds in, rows out.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::number::Number;
use crate::plan::{Action, Plan};
use crate::session::Session;
use crate::value::{Column, Value};

/// Memory that the rows of one execute may take, by estimate.
const MOST_BYTES: usize = 256 << 20;

/// A statement that a session prepared. It may be executed again and again, on that session only, and may outlive it, to no use.
///
/// An execute of a query reads all its rows, so that they are of one moment, as Oracle promises; a result of more than about 256 MiB is
/// refused with ORA-04030.
pub struct Statement {
    session_key: u64,
    sql: Box<str>,
    plan: Arc<Plan>,
    columns: Arc<[Column]>,
    binds: Vec<Option<Value>>,
    rows: VecDeque<Vec<Value>>,
    current: Option<Vec<Value>>,
    executed: bool,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statement").field("sql", &self.sql).finish_non_exhaustive()
    }
}

fn columns_of(plan: &Plan) -> Arc<[Column]> {
    match &plan.action {
        Action::Query(query) => Arc::clone(&query.columns),
        _ => Arc::from([]),
    }
}

impl Statement {
    pub(crate) fn new(session_key: u64, sql: &str, plan: Arc<Plan>) -> Self {
        Self {
            session_key,
            sql: sql.into(),
            columns: columns_of(&plan),
            binds: vec![None; plan.binds as usize],
            plan,
            rows: VecDeque::new(),
            current: None,
            executed: false,
        }
    }

    /// How many bind positions the statement has, in the order of the text: each occurrence of a bind is one, but in a PL/SQL block each
    /// name.
    #[must_use]
    pub fn bind_count(&self) -> u32 {
        self.plan.binds
    }

    /// Sets a bind, counted from 1, for all later executes. Local: no call.
    ///
    /// # Errors
    /// ORA-01036 for a position that the statement does not have; ORA-01426 for a double that is infinite or NaN.
    pub fn bind(&mut self, position: u32, value: Value) -> Result<()> {
        if let Value::Double(double) = value {
            Number::from_f64(double)?;
        }
        let slot = (position as usize).checked_sub(1).and_then(|index| self.binds.get_mut(index));
        let slot = slot.ok_or_else(|| {
            Error::new(
                1036,
                format_args!("illegal variable name/number: there is no bind position {position}"),
            )
        })?;
        *slot = Some(value);
        Ok(())
    }

    /// Executes with the binds as they are; the rows changed, or 0 for a query, whose rows `fetch` then gives. Waits for another session's
    /// transaction if it writes.
    ///
    /// # Errors
    /// ORA-01008 for a position without a value, ORA-01023 on a session that did not prepare it; else as `Session::execute`.
    pub fn execute(&mut self, session: &mut Session) -> Result<u64> {
        self.check_session(session)?;
        self.executed = false;
        self.current = None;
        self.rows.clear();
        let count = session.call(None, |session| self.execute_in_call(session))?;
        self.executed = true;
        Ok(if self.is_query() { 0 } else { count })
    }

    fn execute_in_call(&mut self, session: &mut Session) -> Result<u64> {
        if !session.is_current(&self.plan) {
            let plan = session.plan(&self.sql)?;
            self.columns = columns_of(&plan);
            self.plan = plan;
        }
        let binds: Result<Vec<Datum>> = self.binds.iter().map(bound).collect();
        let environment = session.shared.context.environment.lock().clone();
        let rows = &mut self.rows;
        let mut bytes = 0;
        session.run(&self.plan, &binds?, &mut |row| {
            let row: Result<Vec<Value>> =
                row.into_iter().map(|datum| to_value(datum, &environment)).collect();
            let row = row?;
            bytes += row.iter().map(size_of_value).sum::<usize>();
            if bytes > MOST_BYTES {
                return Err(Error::new(
                    4030,
                    "out of process memory: the result of this query is larger than 256 MiB",
                ));
            }
            rows.push_back(row);
            Ok(())
        })
    }

    /// Moves to the next row: false when there is none, and false again after that.
    ///
    /// # Errors
    /// ORA-01002 for a statement that is no query or was not executed, ORA-01023 on another session; ORA-01013, ORA-03136, ORA-00028,
    /// ORA-01012.
    pub fn fetch(&mut self, session: &mut Session) -> Result<bool> {
        self.check_session(session)?;
        if !self.is_query() {
            return Err(Error::new(1002, "fetch out of sequence: the statement is not a query"));
        }
        if !self.executed {
            return Err(Error::new(1002, "fetch out of sequence: the statement was not executed"));
        }
        session.call(None, |_| Ok(()))?;
        self.current = self.rows.pop_front();
        Ok(self.current.is_some())
    }

    /// The columns of a query; none for other statements. Known without an execute.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column of the current row, counted from 0; `None` without a current row or such a column.
    #[must_use]
    pub fn value(&self, index: usize) -> Option<&Value> {
        self.current.as_ref()?.get(index)
    }

    /// Whether it is a query, so that it has rows to fetch.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.plan.action.is_query()
    }

    fn check_session(&self, session: &Session) -> Result<()> {
        if session.key == self.session_key {
            return Ok(());
        }
        Err(Error::new(1023, "Cursor context not found: the statement was prepared on another session"))
    }
}

fn bound(value: &Option<Value>) -> Result<Datum> {
    match value {
        None => Err(Error::new(1008, "not all variables bound")),
        Some(Value::Null) => Ok(Datum::Null),
        Some(Value::Integer(value)) => Ok(Datum::integer(*value)),
        Some(Value::Double(value)) => Number::from_f64(*value).map(Datum::Number),
        Some(Value::Text(text)) => Ok(Datum::text(text.as_str())),
        Some(Value::Bytes(bytes)) if bytes.is_empty() => Ok(Datum::Null),
        Some(Value::Bytes(bytes)) => Ok(Datum::Raw(bytes.clone())),
    }
}

fn to_value(datum: Datum, environment: &Environment) -> Result<Value> {
    Ok(match datum {
        Datum::Null => Value::Null,
        Datum::Text(text) => Value::Text(text),
        Datum::Raw(bytes) => Value::Bytes(bytes),
        Datum::Number(number) => match (number.to_i64(), number.to_exact_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, Some(double)) => Value::Double(double),
            (None, None) => Value::Text(number.to_text()),
        },
        date => crate::convert::to_text(&date, environment)?.map_or(Value::Null, Value::Text),
    })
}

fn size_of_value(value: &Value) -> usize {
    let data = match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    data + std::mem::size_of::<Value>()
}
