//! What an instance with a file keeps beside its tables: the DDL in the file itself, users and sequences in `FILE-dictionary`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::catalogue::{Catalogue, Name};
use crate::datum::Datum;
use crate::dictionary::Dictionary;
use crate::error::{Error, Result};
use crate::number::Number;
use crate::sequences::Sequence;
use crate::users::{PasswordHash, User};

/// The form of the file. Another engine's file, or one of another form, is refused.
const FORM: i64 = 1;
const DDL_TABLE: &str = "orapool$ddl";

/// The connection to the dictionary's own file: it is written outside the sessions' transactions.
pub(crate) struct Store {
    file: PathBuf,
    connection: Connection,
}

fn failed(error: &rusqlite::Error) -> Error {
    Error::new(1157, format_args!("cannot open or write the instance's file: {error}"))
}

/// The step that writes a DDL statement into the file, inside the DDL's own transaction.
pub(crate) fn log_step(schema: &str, chars_by_default: bool, sql: &str) -> String {
    format!(
        "INSERT INTO \"{DDL_TABLE}\" (schema, chars, text) VALUES ({}, {}, {})",
        Datum::text(schema).to_sql(),
        i64::from(chars_by_default),
        Datum::text(sql).to_sql()
    )
}

impl Store {
    /// Opens or makes the file and its dictionary; ORA-01157 for a file that is not this engine's.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        Self::open_both(file).map_err(|error| failed(&error)).and_then(|store| {
            let form: i64 = store
                .connection
                .query_row("SELECT form FROM about", [], |row| row.get(0))
                .map_err(|error| failed(&error))?;
            if form == FORM {
                Ok(store)
            } else {
                Err(Error::new(1157, format_args!("the instance's file has form {form}, not {FORM}")))
            }
        })
    }

    fn open_both(file: &Path) -> rusqlite::Result<Self> {
        let tables = crate::connection::open_file(file, true)?;
        tables.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS \"{DDL_TABLE}\" (id INTEGER PRIMARY KEY, schema TEXT NOT NULL, chars INTEGER NOT NULL, text TEXT NOT NULL)"
        ))?;
        let mut beside = OsString::from(file.as_os_str());
        beside.push("-dictionary");
        let connection = crate::connection::open_file(Path::new(&beside), true)?;
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS about (only INTEGER PRIMARY KEY CHECK (only = 1), form INTEGER NOT NULL);
             INSERT OR IGNORE INTO about VALUES (1, {FORM});
             CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, salt BLOB, digest BLOB, locked INTEGER, expired INTEGER);
             CREATE TABLE IF NOT EXISTS sequences (schema TEXT, name TEXT, increment INTEGER, minimum BLOB, maximum BLOB, cycle INTEGER,
                 ordered INTEGER, cache INTEGER, next BLOB, PRIMARY KEY (schema, name));"
        ))?;
        Ok(Self { file: file.to_owned(), connection })
    }

    /// Reads users and sequences into the dictionary; the catalogue.
    pub(crate) fn load(&self, dictionary: &mut Dictionary) -> Result<Catalogue> {
        self.load_users(dictionary)
            .and_then(|()| self.load_sequences(dictionary))
            .map_err(|error| failed(&error))?;
        let statements = self.statements().map_err(|error| failed(&error))?;
        crate::translate::replay(&statements)
    }

    fn statements(&self) -> rusqlite::Result<Vec<(String, bool, String)>> {
        let tables = crate::connection::open_file(&self.file, true)?;
        let mut query =
            tables.prepare(&format!("SELECT schema, chars, text FROM \"{DDL_TABLE}\" ORDER BY id"))?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    }

    fn load_users(&self, dictionary: &mut Dictionary) -> rusqlite::Result<()> {
        let mut query = self.connection.prepare("SELECT name, salt, digest, locked, expired FROM users")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let (salt, digest): (Option<[u8; 16]>, Option<[u8; 32]>) = (row.get(1)?, row.get(2)?);
            let password = salt.zip(digest).map(|(salt, digest)| PasswordHash { salt, digest });
            dictionary.users.put(&name, User { password, locked: row.get(3)?, expired: row.get(4)? });
        }
        Ok(())
    }

    fn load_sequences(&self, dictionary: &mut Dictionary) -> rusqlite::Result<()> {
        let mut query = self.connection.prepare(
            "SELECT schema, name, increment, minimum, maximum, cycle, ordered, cache, next FROM sequences",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let number = |index: usize| -> rusqlite::Result<Number> {
                let bytes: Vec<u8> = row.get(index)?;
                Ok(Number::decode(&bytes).unwrap_or_else(Number::zero))
            };
            let sequence = Sequence {
                increment: row.get(2)?,
                minimum: number(3)?,
                maximum: number(4)?,
                cycle: row.get(5)?,
                ordered: row.get(6)?,
                cache: row.get(7)?,
                next: number(8)?,
            };
            dictionary.sequences.put(Name::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?), sequence);
        }
        Ok(())
    }

    /// Writes a user's present state, or that there is none.
    pub(crate) fn save_user(&self, name: &str, user: Option<&User>) -> Result<()> {
        let outcome = match user {
            None => self.connection.execute("DELETE FROM users WHERE name = ?1", params![name]),
            Some(user) => {
                let password = user.password.as_ref();
                let (salt, digest) = (password.map(|hash| hash.salt), password.map(|hash| hash.digest));
                self.connection.execute(
                    "INSERT OR REPLACE INTO users VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![name, salt, digest, user.locked, user.expired],
                )
            }
        };
        outcome.map(|_| ()).map_err(|error| failed(&error))
    }

    /// Writes a sequence's present state, or that there is none.
    pub(crate) fn save_sequence(&self, name: &Name, sequence: Option<&Sequence>) -> Result<()> {
        let bytes = |number: &Number| {
            let mut out = Vec::new();
            number.encode(&mut out);
            out
        };
        let outcome = match sequence {
            None => self.connection.execute(
                "DELETE FROM sequences WHERE schema = ?1 AND name = ?2",
                params![name.schema, name.name],
            ),
            Some(sequence) => self.connection.execute(
                "INSERT OR REPLACE INTO sequences VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    name.schema,
                    name.name,
                    sequence.increment,
                    bytes(&sequence.minimum),
                    bytes(&sequence.maximum),
                    sequence.cycle,
                    sequence.ordered,
                    sequence.cache,
                    bytes(&sequence.next)
                ],
            ),
        };
        outcome.map(|_| ()).map_err(|error| failed(&error))
    }
}
