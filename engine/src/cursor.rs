//! Prepared statements: binds in, rows out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::number::Number;
use crate::plan::{Action, Plan};
use crate::server_session::ServerSession;
use crate::session::Session;
use crate::value::{Column, Value};

/// Memory that the rows of one execute may take, by estimate.
const MOST_BYTES: usize = 256 << 20;

/// A statement that a session prepared. It may be executed again and again, on that session only, and may outlive it, to no use. On
/// a pooled connection it goes on over detaches and other server sessions, but its unfetched rows do not.
///
/// An execute of a query reads all its rows, so that they are of one moment, as Oracle promises; a result of more than about 256 MiB is
/// refused with ORA-04030.
pub struct Statement {
    session_key: u64,
    sql: Box<str>,
    plan: Arc<Plan>,
    /// The server session that the plan is of; `None`: of none yet.
    planned_by: Option<u32>,
    columns: Arc<[Column]>,
    binds: Vec<Option<Value>>,
    rows: VecDeque<Vec<Value>>,
    current: Option<Vec<Value>>,
    executed: bool,
    /// The mapping of the connection's that it was executed in: a pooled server's cursors are gone with it.
    mapping: u64,
    cursors: Arc<AtomicU32>,
    /// Rows are left to fetch.
    open: Option<OpenCursor>,
}

/// Counted among the connection's open cursors while it lives.
struct OpenCursor(Arc<AtomicU32>);

impl OpenCursor {
    fn new(cursors: &Arc<AtomicU32>) -> Self {
        cursors.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(cursors))
    }
}

impl Drop for OpenCursor {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
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
    pub(crate) fn new(session: &Session, sql: &str, plan: Arc<Plan>, planned_by: Option<u32>) -> Self {
        Self {
            session_key: session.key,
            mapping: 0,
            cursors: Arc::clone(&session.cursors),
            open: None,
            sql: sql.into(),
            columns: columns_of(&plan),
            binds: vec![None; plan.binds as usize],
            plan,
            planned_by,
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
        self.forget_rows();
        let outcome = session.call(None, |session| self.execute_in_call(session));
        self.mapping = session.attaches();
        let count = outcome?;
        self.executed = true;
        Ok(if self.is_query() { 0 } else { count })
    }

    fn execute_in_call(&mut self, session: &mut ServerSession) -> Result<u64> {
        // Another session's settings may give the text another meaning.
        if self.planned_by != Some(session.serial()) || !session.is_current(&self.plan) {
            let plan = session.plan(&self.sql)?;
            self.columns = columns_of(&plan);
            self.plan = plan;
            self.planned_by = Some(session.serial());
        }
        let binds: Result<Vec<Datum>> = self.binds.iter().map(bound).collect();
        let environment = session.shared.context.environment.lock().clone();
        let rows = &mut self.rows;
        let mut bytes = 0;
        let outcome = session.run(&self.plan, &binds?, &mut |row| {
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
        });
        match &outcome {
            Ok(_) if !self.rows.is_empty() => self.open = Some(OpenCursor::new(&self.cursors)),
            _ => self.forget_rows(),
        }
        outcome
    }

    fn forget_rows(&mut self) {
        self.rows.clear();
        self.open = None;
    }

    fn next_row(&mut self) {
        self.current = self.rows.pop_front();
        if self.rows.is_empty() {
            self.open = None;
        }
    }

    /// Moves to the next row: false when there is none, and false again after that.
    ///
    /// # Errors
    /// ORA-01002 for a statement that is no query or was not executed, ORA-01023 on another session, ORA-01001 for rows that were left when
    /// a pooled server was given back; ORA-01013, ORA-03136, ORA-00028,
    /// ORA-01012.
    pub fn fetch(&mut self, session: &mut Session) -> Result<bool> {
        self.check_session(session)?;
        if !self.is_query() {
            return Err(Error::new(1002, "fetch out of sequence: the statement is not a query"));
        }
        if !self.executed {
            return Err(Error::new(1002, "fetch out of sequence: the statement was not executed"));
        }
        if self.rows.is_empty() {
            session.call_if_attached(None, |_| Ok(()))?;
            self.current = None;
            return Ok(false);
        }
        let server_is_gone = !session.is_attached() || session.attaches() != self.mapping;
        if server_is_gone && !session.is_dead() {
            self.forget_rows();
            self.executed = false;
            return Err(Error::new(1001, "invalid cursor: it went with the server that was given back"));
        }
        session.call(None, |_| {
            self.next_row();
            Ok(())
        })?;
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
