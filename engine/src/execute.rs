//! Runs translated statements: queries, DML, DDL and the engine's own commands.

use std::sync::Arc;

use rusqlite::Connection;

use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plan::{Action, Command, Ddl, Dml, Plan, Query, UserCommand};
use crate::server_session::{RowSink, ServerSession};
use crate::sqlite_errors::{Circumstances, map};
use crate::write_lock::LockWait;

impl ServerSession {
    /// Runs a plan inside a call; the rows it changed or produced.
    pub(crate) fn run(&mut self, plan: &Plan, binds: &[Datum], rows: RowSink<'_>) -> Result<u64> {
        self.shared.control.check()?;
        match &plan.action {
            Action::Query(query) => self.run_query(query, binds, rows),
            Action::Dml(dml) => self.run_dml(dml, binds),
            Action::Ddl(ddl) => self.run_ddl(plan, ddl).map(|()| 0),
            Action::Command(command) => self.run_command(command).map(|()| 0),
            Action::Block(unit) => crate::plsql::run_block(self, unit, binds).map(|()| 0),
        }
    }

    fn run_query(&mut self, query: &Query, binds: &[Datum], rows: RowSink<'_>) -> Result<u64> {
        let began = match query.lock {
            Some(wait) => self.lock(wait)?,
            None => false,
        };
        let outcome = self.produce_rows(query, binds, rows);
        let nothing_locked = matches!(outcome, Err(_) | Ok(0));
        if began && nothing_locked {
            self.undo_begin()?;
        }
        outcome
    }

    fn produce_rows(&mut self, query: &Query, binds: &[Datum], rows: RowSink<'_>) -> Result<u64> {
        let columns = query.columns.len();
        let context = Arc::clone(&self.shared.context);
        self.with_connection(|connection| {
            let _watch = context.watch_query();
            let mut statement = connection.prepare_cached(&query.sql)?;
            let mut found = statement.query(rusqlite::params_from_iter(binds))?;
            let mut count = 0;
            while let Some(row) = found.next()? {
                let datums: Result<Vec<Datum>> =
                    (0..columns).map(|index| Datum::read(row.get_ref_unwrap(index))).collect();
                if let Err(error) = datums.and_then(&mut *rows) {
                    return Ok(Err(error));
                }
                count += 1;
            }
            Ok(Ok(count))
        })?
    }

    fn run_dml(&mut self, dml: &Dml, binds: &[Datum]) -> Result<u64> {
        let began = self.lock(LockWait::Default)?;
        let outcome = self.change_rows(dml, binds);
        // A statement that changed nothing must not keep other writers waiting.
        if began && matches!(outcome, Err(_) | Ok(0)) {
            self.undo_begin()?;
        }
        outcome
    }

    fn change_rows(&mut self, dml: &Dml, binds: &[Datum]) -> Result<u64> {
        let outcome = self.with_connection_raw(|connection| {
            let mut statement = connection.prepare_cached(&dml.sql)?;
            statement.execute(rusqlite::params_from_iter(binds))
        })?;
        match outcome {
            Ok(rows) => Ok(rows as u64),
            Err(error) => {
                self.shared.control.check()?;
                let catalogue = self.inner.catalogue();
                Err(map(error, &Circumstances { catalogue: &catalogue, dml: Some((dml.verb, &dml.table)) }))
            }
        }
    }

    fn run_ddl(&mut self, plan: &Plan, ddl: &Ddl) -> Result<()> {
        self.commit()?;
        self.lock(LockWait::Default)?;
        let outcome = self.change_dictionary(plan, ddl);
        if outcome.is_err() {
            self.rollback_transaction()?;
        }
        outcome
    }

    fn change_dictionary(&mut self, plan: &Plan, ddl: &Ddl) -> Result<()> {
        if self.is_current(plan) {
            return self.apply(ddl);
        }
        // Another session's DDL came before the lock. With the lock, none can come any more.
        match crate::translate::plan(&ddl.text, &self.shared.context)?.action {
            Action::Ddl(ddl) => self.apply(&ddl),
            _ => Err(Error::new(900, "invalid SQL statement")),
        }
    }

    fn apply(&mut self, ddl: &Ddl) -> Result<()> {
        self.plsql.check_not_running(&self.inner.catalogue(), &ddl.after)?;
        if let Some((table, error)) = &ddl.must_be_empty {
            let has_rows = self.with_connection(|connection| {
                connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {})", table.sql()), [], |row| {
                    row.get::<_, bool>(0)
                })
            })?;
            if has_rows {
                return Err(error.clone());
            }
        }
        for step in &ddl.steps {
            self.sqlite(step)?;
        }
        self.sqlite("COMMIT")?;
        self.inner.replace_catalogue((*ddl.after).clone());
        self.plsql.forget_replaced(&self.inner.catalogue());
        self.end_transaction();
        Ok(())
    }

    fn run_command(&mut self, command: &Command) -> Result<()> {
        match command {
            Command::Commit => self.commit(),
            Command::Rollback => self.rollback(),
            Command::Savepoint(name) => self.savepoint(name),
            Command::RollbackTo(name) => self.rollback_to(name),
            Command::Nothing => Ok(()),
            Command::Lock(wait) => self.lock(*wait).map(|_| ()),
            Command::AlterSession(settings) => self.alter_session(settings),
            Command::Kill { sid, serial } => self.inner.kill(*sid, *serial, self.serial()),
            Command::User(command) => {
                self.check_may_change(command)?;
                self.commit()?;
                self.inner.change_user(command)
            }
            Command::CreateSequence { name, options } => {
                self.commit()?;
                self.inner.create_sequence(name, options)
            }
            Command::AlterSequence { name, options } => {
                self.commit()?;
                self.inner.alter_sequence(name, options)
            }
            Command::DropSequence(name) => {
                self.commit()?;
                self.inner.drop_sequence(name)
            }
        }
    }

    /// A password is agreed on with the client's own connection, which a pooled server is not.
    fn check_may_change(&self, command: &UserCommand) -> Result<()> {
        let identity = &self.shared.context.identity;
        match command {
            UserCommand::Alter { name, password: Some(_), .. }
                if identity.class.is_some() && *name == identity.user =>
            {
                Err(Error::new(56609, "DRCP: a pooled server cannot change the password of its own user"))
            }
            _ => Ok(()),
        }
    }

    fn alter_session(&mut self, settings: &[(String, String)]) -> Result<()> {
        let mut environment = self.shared.context.environment.lock();
        // All or nothing: a bad value later in the list undoes the earlier ones.
        let mut changed = environment.clone();
        for (name, value) in settings {
            if name == "CURRENT_SCHEMA" {
                self.inner.check_schema(value)?;
                changed.current_schema.clone_from(value);
            } else {
                changed.set(name, value)?;
            }
        }
        *environment = changed;
        drop(environment);
        // A block that was kept has the sizes of its variables counted as they were.
        if settings.iter().any(|(name, _)| name == "NLS_LENGTH_SEMANTICS") {
            self.forget_plans();
        }
        Ok(())
    }

    /// COMMIT, as the client or its block says it.
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.transactions_ended += 1;
        self.commit_transaction()
    }

    /// ROLLBACK, as the client or its block says it.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        self.transactions_ended += 1;
        self.rollback_transaction()
    }

    pub(crate) fn commit_transaction(&mut self) -> Result<()> {
        if !self.transaction.open {
            self.transaction.savepoints.clear();
            return Ok(());
        }
        self.shared.control.check()?;
        self.sqlite("COMMIT")?;
        self.end_transaction();
        Ok(())
    }

    pub(crate) fn rollback_transaction(&mut self) -> Result<()> {
        if !self.transaction.open {
            self.transaction.savepoints.clear();
            return Ok(());
        }
        let outcome = self.sqlite("ROLLBACK");
        if outcome.is_err() {
            // A connection that can not roll back is closed, which does.
            *self.shared.connection.lock() = None;
        }
        self.end_transaction();
        Ok(())
    }

    /// Ends a transaction that a statement began and did nothing in; savepoints set before it stay valid.
    fn undo_begin(&mut self) -> Result<()> {
        let savepoints = std::mem::take(&mut self.transaction.savepoints);
        let outcome = self.rollback_transaction();
        self.transaction.savepoints = savepoints;
        // It never was: for a block that fails later, the next one is the first that began in it.
        self.plsql.transactions = self.plsql.transactions.saturating_sub(1);
        outcome
    }

    fn savepoint(&mut self, name: &str) -> Result<()> {
        self.transaction.savepoints_made += 1;
        let number = self.transaction.savepoints_made;
        if self.transaction.open {
            self.sqlite(&format!("SAVEPOINT sp{number}"))?;
        }
        self.transaction.savepoints.retain(|(known, _)| known != name);
        self.transaction.savepoints.push((name.to_owned(), number));
        Ok(())
    }

    /// Makes in SQLite the savepoints that were set before the transaction began.
    pub(crate) fn establish_early_savepoints(&mut self) -> Result<()> {
        let numbers: Vec<u64> = self.transaction.savepoints.iter().map(|(_, number)| *number).collect();
        numbers.into_iter().try_for_each(|number| self.sqlite(&format!("SAVEPOINT sp{number}")))
    }

    fn rollback_to(&mut self, name: &str) -> Result<()> {
        let position = self.transaction.savepoints.iter().position(|(known, _)| known == name);
        let Some(position) = position else {
            return Err(Error::new(
                1086,
                format_args!("savepoint '{name}' never established in this session or is invalid"),
            ));
        };
        if self.transaction.open {
            let number = self.transaction.savepoints[position].1;
            self.sqlite(&format!("ROLLBACK TO sp{number}"))?;
        }
        self.transaction.savepoints.truncate(position + 1);
        Ok(())
    }

    /// Runs one of SQLite's own statements.
    pub(crate) fn sqlite(&mut self, sql: &str) -> Result<()> {
        self.with_connection(|connection| connection.prepare(sql)?.execute([]).map(|_| ()))
    }

    /// Runs `body` on the connection, which is opened if this is the first SQL; SQLite's errors become ORA errors.
    fn with_connection<T>(&mut self, body: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        let outcome = self.with_connection_raw(body)?;
        outcome.map_err(|error| {
            if let Err(stopped) = self.shared.control.check() {
                return stopped;
            }
            let catalogue = self.inner.catalogue();
            map(error, &Circumstances { catalogue: &catalogue, dml: None })
        })
    }

    fn with_connection_raw<T>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<rusqlite::Result<T>> {
        let mut slot = self.shared.connection.lock();
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(crate::connection::open(&self.inner, &self.shared.context)?),
        };
        Ok(body(connection))
    }
}
