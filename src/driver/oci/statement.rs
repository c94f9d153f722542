//! A prepared statement and its rows.

use std::borrow::Cow;
use std::sync::Arc;

use oracle::{ResultSet, Statement as Prepared};

use crate::driver::oci::binds::bind;
use crate::driver::oci::columns::Values;
use crate::driver::oci::line::Line;
use crate::driver::oci::placeholders::with_own_names;
use crate::driver::oci::seat::Seat;
use crate::driver::{Statement, Value};
use crate::error::Error;

/// The crate turns a query into its rows, and then it is no statement any more: to be executed again it is prepared
/// again, which OCI's statement cache answers. The same goes for a statement whose pooled server was given back: it is
/// prepared on the connection that its session has by then.
pub(super) struct OciStatement {
    // In the order in which they have to go.
    rows: Option<ResultSet<'static, Values>>,
    prepared: Option<Prepared>,
    /// The connection it was prepared on.
    line: Arc<Line>,
    seat: Arc<Seat>,
    sql: String,
    is_query: bool,
    was_executed: bool,
    binds: Vec<Option<Value>>,
    columns: Vec<String>,
    row: Vec<Value>,
}

impl OciStatement {
    /// Local: OCI parses at the execute, and its errors come there.
    pub(super) fn prepare(seat: &Arc<Seat>, sql: &str) -> Result<OciStatement, Error> {
        let line = seat.line()?;
        let mut sql = Cow::Borrowed(sql);
        let mut prepared = line.local(|connection| connection.statement(&sql).build())?;
        if !has_own_names(&prepared) {
            sql = Cow::Owned(with_own_names(&sql));
            prepared = line.local(|connection| connection.statement(&sql).build())?;
        }
        if !has_own_names(&prepared) {
            let text =
                "a name stands for several bind positions of the statement: give each a name of its own";
            return Err(Error::unsupported(text));
        }
        Ok(OciStatement {
            rows: None,
            is_query: prepared.is_query(),
            binds: vec![None; prepared.bind_names().len()],
            prepared: Some(prepared),
            line,
            seat: Arc::clone(seat),
            sql: sql.into_owned(),
            was_executed: false,
            columns: Vec::new(),
            row: Vec::new(),
        })
    }

    fn reset(&mut self) {
        self.row.clear();
        self.rows = None;
        self.was_executed = false;
    }

    /// Sees to it that the statement goes to the connection that its session has now.
    fn follow(&mut self) -> Result<(), Error> {
        if !self.seat.has(&self.line) {
            let line = self.seat.line()?;
            self.reset();
            self.prepared = None;
            self.line = line;
        }
        Ok(())
    }

    fn query(&mut self, statement: Prepared) -> Result<u64, Error> {
        let binds = &self.binds;
        let rows = self.line.call(|_| {
            let mut statement = statement;
            bind_all(&mut statement, binds)?;
            statement.into_result_set::<Values>(&[])
        })?;
        self.columns = rows.column_info().iter().map(|column| column.name().to_owned()).collect();
        self.rows = Some(rows);
        Ok(0)
    }

    fn change(&mut self, mut statement: Prepared) -> Result<u64, Error> {
        let binds = &self.binds;
        let rows = self.line.call(|_| {
            bind_all(&mut statement, binds)?;
            statement.execute(&[])?;
            if statement.is_dml() { statement.row_count() } else { Ok(0) }
        });
        self.prepared = Some(statement);
        rows
    }
}

/// Whether the crate reaches every bind position. In SQL each occurrence of a name is one; in PL/SQL each name is, and in
/// DDL a name behind a colon, such as a trigger's `:new`, is none.
fn has_own_names(prepared: &Prepared) -> bool {
    let counts_occurrences = prepared.is_query() || prepared.is_dml();
    !counts_occurrences || prepared.bind_count() == prepared.bind_names().len()
}

fn bind_all(statement: &mut Prepared, binds: &[Option<Value>]) -> oracle::Result<()> {
    for (position, value) in (1..).zip(binds) {
        if let Some(value) = value {
            bind(statement, position, value)?;
        }
    }
    Ok(())
}

impl Statement for OciStatement {
    fn bind(&mut self, position: u32, value: Value) -> Result<(), Error> {
        let slot = (position as usize).checked_sub(1).and_then(|index| self.binds.get_mut(index));
        let slot = slot.ok_or_else(|| {
            let text =
                format!("ORA-01036: illegal variable name/number: there is no bind position {position}");
            Error::oracle(1036, text)
        })?;
        *slot = Some(value);
        Ok(())
    }

    fn execute(&mut self) -> Result<u64, Error> {
        self.follow()?;
        self.reset();
        let statement = match self.prepared.take() {
            Some(statement) => statement,
            None => self.line.local(|connection| connection.statement(&self.sql).build())?,
        };
        let rows = if self.is_query { self.query(statement) } else { self.change(statement) }?;
        self.was_executed = true;
        Ok(rows)
    }

    fn fetch(&mut self) -> Result<bool, Error> {
        self.row.clear();
        if !self.is_query || !self.was_executed {
            let why = if self.is_query { "was not executed" } else { "is not a query" };
            let text = format!("ORA-01002: fetch out of sequence: the statement {why}");
            return Err(Error::oracle(1002, text));
        }
        if self.rows.is_some() && !self.is_open() {
            self.reset();
            let text = "ORA-01002: fetch out of sequence: the server that had the rows was given back";
            return Err(Error::oracle(1002, text));
        }
        let Some(rows) = self.rows.as_mut() else { return Ok(false) };
        match self.line.call(|_| rows.next().transpose())? {
            Some(Values(row)) => self.row = row,
            // The cursor goes with its last row.
            None => self.rows = None,
        }
        Ok(self.rows.is_some())
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn value(&self, column: usize) -> Option<&Value> {
        self.row.get(column)
    }

    fn is_open(&self) -> bool {
        self.rows.is_some() && self.seat.has(&self.line)
    }
}
