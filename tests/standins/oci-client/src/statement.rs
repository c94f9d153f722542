//! OCIStmt: a statement with its binds, its defines and the rows of its last execute.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use orapool_engine as engine;
use orapool_engine::Value;
use parking_lot::Mutex;

use crate::binds::{Bind, Bound, Cast, with_casts};
use crate::columns::{self, ColumnInfo, ColumnKind};
use crate::core::Core;
use crate::defines::Define;
use crate::errors::{Ending, Failure, OraError, Reply, fail};
use crate::interned::intern;
use crate::scan::{self, Placeholder, STMT_SELECT};
use crate::service::ServiceContext;

pub const MODE_BATCH_ERRORS: u32 = 0x80;
pub const MODE_COMMIT_ON_SUCCESS: u32 = 0x20;
pub const MODE_DESCRIBE_ONLY: u32 = 0x10;
pub const MODE_PARSE_ONLY: u32 = 0x100;
pub const MODE_ROW_COUNTS: u32 = 0x0010_0000;
const KNOWN_MODES: u32 =
    MODE_BATCH_ERRORS | MODE_COMMIT_ON_SUCCESS | MODE_DESCRIBE_ONLY | MODE_PARSE_ONLY | MODE_ROW_COUNTS;

pub struct StatementHandle {
    pub service: Arc<ServiceContext>,
    pub core: Arc<Core>,
    pub sql: String,
    pub statement_type: u16,
    /// In the order of the text.
    pub placeholders: Vec<Placeholder>,
    /// The names, each once.
    pub names: Vec<String>,
    pub state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    /// By position, from 0.
    pub binds: BTreeMap<usize, Bind>,
    pub defines: BTreeMap<usize, Define>,
    prepared: Option<Prepared>,
    pub columns: Vec<Arc<ColumnInfo>>,
    rows: VecDeque<Vec<Value>>,
    pub row_count: u64,
    pub rows_fetched: u32,
    /// OCI_ATTR_PREFETCH_ROWS; OCI's default is one.
    pub prefetch: Option<u32>,
    /// The server has said that there are no more rows than those already here.
    all_here: bool,
    executed: bool,
    pub batch_errors: Vec<OraError>,
    pub row_counts: Vec<u64>,
}

/// The engine's statement, and the casts that it was prepared with.
struct Prepared {
    statement: engine::Statement,
    casts: Vec<Cast>,
}

impl StatementHandle {
    pub fn new(service: Arc<ServiceContext>, core: Arc<Core>, sql: String) -> Self {
        let placeholders = scan::placeholders(&sql);
        let mut names: Vec<String> = Vec::new();
        for placeholder in &placeholders {
            if !names.contains(&placeholder.name) {
                names.push(placeholder.name.clone());
            }
        }
        let statement_type = scan::statement_type(&sql);
        Self { service, core, sql, statement_type, placeholders, names, state: Mutex::default() }
    }

    pub fn is_query(&self) -> bool {
        self.statement_type == STMT_SELECT
    }

    /// How many positions binds have: in SQL each occurrence is one, in PL/SQL each name.
    pub fn positions(&self) -> usize {
        if scan::is_plsql(self.statement_type) { self.names.len() } else { self.placeholders.len() }
    }

    /// The position of a placeholder of the text.
    fn position_of(&self, index: usize) -> usize {
        if !scan::is_plsql(self.statement_type) {
            return index;
        }
        let name = &self.placeholders[index].name;
        self.names.iter().position(|known| known == name).unwrap_or(0)
    }

    /// The positions that a name stands at.
    pub fn positions_of_name(&self, name: &str) -> Vec<usize> {
        let name = name.strip_prefix(':').unwrap_or(name).trim();
        let folded = name.to_uppercase();
        let is_it = |placeholder: &Placeholder| placeholder.name == folded || placeholder.name == name;
        let found = self.placeholders.iter().enumerate().filter(|(_, placeholder)| is_it(placeholder));
        let mut positions: Vec<usize> = found.map(|(index, _)| self.position_of(index)).collect();
        positions.dedup();
        positions
    }

    pub fn execute(&self, iterations: u32, mode: u32) -> Reply {
        if mode & !KNOWN_MODES != 0 {
            return Err(OraError::unimplemented(format_args!("OCIStmtExecute with mode {mode:#x}")).into());
        }
        let mut state = self.state.lock();
        let state = &mut *state;
        state.forget_results();
        let limit = self.service.call_timeout();
        if mode & (MODE_DESCRIBE_ONLY | MODE_PARSE_ONLY) != 0 {
            return self
                .core
                .round_trip(limit, |session| self.describe(state, session))
                .map(|()| Ending::Success);
        }
        if self.is_query() {
            let binds = self.bound(state, 0)?;
            self.core.round_trip(limit, |session| self.run_query(state, session, &binds))?;
            return state.fetch(iterations, false);
        }
        let rows: Result<Vec<Vec<Bound>>, Failure> =
            (0..iterations as usize).map(|row| self.bound(state, row)).collect();
        let rows = rows?;
        self.core.round_trip(limit, |session| {
            self.run_rows(state, session, &rows, mode)?;
            if mode & MODE_COMMIT_ON_SUCCESS != 0 && state.batch_errors.is_empty() {
                session.commit()?;
            }
            Ok(())
        })?;
        state.executed = true;
        match state.batch_errors.is_empty() {
            true => Ok(Ending::Success),
            false => Ok(Ending::Info(OraError::new(24381, "error(s) in array DML"))),
        }
    }

    /// The values of one row of binds.
    fn bound(&self, state: &State, row: usize) -> Result<Vec<Bound>, Failure> {
        let one = |position| match state.binds.get(&position) {
            Some(bind) => bind.value(row),
            None => fail(1008, "not all variables bound"),
        };
        (0..self.positions()).map(one).collect()
    }

    fn prepare<'s>(
        &self,
        state: &'s mut State,
        session: &mut engine::Session,
        casts: &[Cast],
    ) -> Result<&'s mut engine::Statement, engine::Error> {
        let is_fit = state.prepared.as_ref().is_some_and(|prepared| prepared.casts == casts);
        if !is_fit {
            let statement = session.prepare(&self.text(casts))?;
            state.prepared = Some(Prepared { statement, casts: casts.to_vec() });
        }
        match state.prepared.as_mut() {
            Some(prepared) => Ok(&mut prepared.statement),
            None => Err(engine::Error::new(600, "internal error code: no statement")),
        }
    }

    fn text(&self, casts: &[Cast]) -> String {
        with_casts(&self.sql, &self.placeholders, casts, |index| self.position_of(index))
    }

    fn run_rows(
        &self,
        state: &mut State,
        session: &mut engine::Session,
        rows: &[Vec<Bound>],
        mode: u32,
    ) -> Result<(), engine::Error> {
        for (index, row) in (0..).zip(rows) {
            match self.run_row(state, session, row) {
                Ok(count) => {
                    state.row_count += count;
                    state.row_counts.push(count);
                }
                Err(error) if mode & MODE_BATCH_ERRORS != 0 && !columns::ends_call(&error) => {
                    state.row_counts.push(0);
                    state.batch_errors.push(OraError { row: index, ..error.into() });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn run_row(
        &self,
        state: &mut State,
        session: &mut engine::Session,
        row: &[Bound],
    ) -> Result<u64, engine::Error> {
        let casts: Vec<Cast> = row.iter().map(|bound| bound.cast).collect();
        let statement = self.prepare(state, session, &casts)?;
        bind_all(statement, row)?;
        statement.execute(session)
    }

    fn run_query(
        &self,
        state: &mut State,
        session: &mut engine::Session,
        binds: &[Bound],
    ) -> Result<(), engine::Error> {
        let casts: Vec<Cast> = binds.iter().map(|bound| bound.cast).collect();
        let statement = self.prepare(state, session, &casts)?;
        bind_all(statement, binds)?;
        statement.execute(session)?;
        let mut rows = columns::drain(statement, session)?;
        let names: Vec<&'static str> =
            statement.columns().iter().map(|column| intern(&column.name)).collect();
        let sql = self.text(&casts);
        let kinds = columns::kinds(session, &sql, names.len(), &rows)?;
        let mut shown = kinds.clone();
        if let Some(exact) = columns::exact_query(&sql, &names, &kinds) {
            match session.prepare(&exact) {
                Ok(mut statement) => {
                    bind_all(&mut statement, binds)?;
                    statement.execute(session)?;
                    rows = columns::drain(&mut statement, session)?;
                }
                Err(error) if columns::ends_call(&error) => return Err(error),
                // A query that can not be an inline view, as one with NEXTVAL: its dates are text in the session's format.
                Err(_) => {
                    shown.iter_mut().filter(|kind| kind.is_time()).for_each(|kind| *kind = ColumnKind::Text)
                }
            }
        }
        state.columns = describe(&names, &shown, &rows);
        state.all_here = rows.len() < state.prefetch.unwrap_or(1) as usize;
        state.rows = rows.into();
        state.executed = true;
        Ok(())
    }

    /// Without executing: names, and types as far as the parser knows them.
    fn describe(&self, state: &mut State, session: &mut engine::Session) -> Result<(), engine::Error> {
        let statement = session.prepare(&self.sql)?;
        let names: Vec<&'static str> =
            statement.columns().iter().map(|column| intern(&column.name)).collect();
        if self.is_query() {
            let kinds = columns::kinds(session, &self.sql, names.len(), &[])?;
            state.columns = describe(&names, &kinds, &[]);
        }
        Ok(())
    }

    /// Puts the next rows into the defines.
    pub fn fetch(&self, count: u32) -> Reply {
        let mut state = self.state.lock();
        if !self.is_query() || !state.executed {
            return fail(1002, "fetch out of sequence");
        }
        if !state.all_here {
            self.core.round_trip(self.service.call_timeout(), |_| Ok(()))?;
        } else if !self.core.link.is_up() {
            return fail(3114, crate::errors::words_of(3114));
        }
        state.fetch(count, true)
    }
}

impl State {
    fn forget_results(&mut self) {
        self.rows.clear();
        self.row_count = 0;
        self.rows_fetched = 0;
        self.all_here = false;
        self.executed = false;
        self.batch_errors.clear();
        self.row_counts.clear();
    }

    fn fetch(&mut self, count: u32, tell_end: bool) -> Reply {
        self.rows_fetched = 0;
        for row in 0..count as usize {
            let Some(values) = self.rows.pop_front() else { break };
            for (position, define) in &self.defines {
                let (Some(value), Some(column)) = (values.get(*position), self.columns.get(*position)) else {
                    return fail(1007, "variable not in select list");
                };
                define.put(row, value, column.kind)?;
            }
            self.rows_fetched += 1;
            self.row_count += 1;
        }
        let is_end = tell_end && self.rows_fetched < count;
        if is_end {
            Ok(Ending::NoDataWith(OraError::new(1403, "no data found")))
        } else {
            Ok(Ending::Success)
        }
    }
}

fn bind_all(statement: &mut engine::Statement, binds: &[Bound]) -> Result<(), engine::Error> {
    for (position, bound) in (1..).zip(binds) {
        statement.bind(position, bound.value.clone())?;
    }
    Ok(())
}

/// Sizes are the most that a column may have, so that ODPI-C's buffers, which it keeps for later executes, fit those too.
fn describe(names: &[&'static str], kinds: &[ColumnKind], rows: &[Vec<Value>]) -> Vec<Arc<ColumnInfo>> {
    let longest = |index: usize| {
        let lengths = rows.iter().filter_map(|row| match row.get(index) {
            Some(Value::Text(text)) => Some(text.len()),
            Some(Value::Bytes(bytes)) => Some(bytes.len()),
            _ => None,
        });
        lengths.max().unwrap_or(0)
    };
    let column = |(index, (name, kind)): (usize, (&&'static str, &ColumnKind))| {
        let least = if *kind == ColumnKind::Raw { 2000 } else { 4000 };
        let size = u16::try_from(longest(index).max(least)).unwrap_or(u16::MAX);
        Arc::new(ColumnInfo { name, kind: *kind, size })
    };
    names.iter().zip(kinds).enumerate().map(column).collect()
}
