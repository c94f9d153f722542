//! The SQLite connection of a session.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::instance::Inner;
use crate::shared::SessionContext;

/// Virtual machine steps between two looks at whether a query should stop: about 50 µs of work.
const STEPS_PER_CHECK: i32 = 1000;
/// Translated statements that SQLite keeps prepared per session.
const PREPARED_STATEMENTS: usize = 32;
/// Only another process on the same file, or the last connection's checkpoint, ever makes SQLite itself wait.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

fn failed(error: &rusqlite::Error) -> Error {
    Error::new(1115, format_args!("IO error: the session's storage cannot be opened ({error})"))
}

/// Opens a session's connection with the engine's functions in it.
pub(crate) fn open(instance: &Inner, context: &Arc<SessionContext>) -> Result<Connection> {
    let opening = instance.opening.lock();
    let mut connection = open_file(&instance.path, instance.is_kept()).map_err(|error| failed(&error))?;
    drop(opening);
    crate::functions::register(&connection, context).map_err(|error| failed(&error))?;
    let watched = Arc::downgrade(context);
    connection
        .progress_handler(
            STEPS_PER_CHECK,
            Some(move || watched.upgrade().is_some_and(|context| context.query_should_stop())),
        )
        .map_err(|error| failed(&error))?;
    Ok(connection)
}

/// Opens the file in the mode in which readers and the writer do not block each other.
pub(crate) fn open_file(path: &std::path::Path, kept: bool) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A quoted name that is no column must be an error, never a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    let synchronous = if kept { "NORMAL" } else { "OFF" };
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -1000;"
    ))?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    Ok(connection)
}
