//! A small Oracle-flavoured database inside the process, for the examples and tests of a session pool.
//!
//! It is SQLite under an Oracle session layer: instances by name, log-on, sessions with SID and serial#, transactions with one writer at
//! a time, `ALTER SESSION`, `V$SESSION`, killing, breaking and time limits, and subsets of Oracle's SQL and PL/SQL. What it does, it does as
//! Oracle; what it does not have is an ORA error that says so, never a wrong answer and never passed over.
//!
//! # What to know
//! * There are no privileges: each user may use every schema's objects, by `SCHEMA.NAME` or `CURRENT_SCHEMA`.
//! * One session writes at a time: the lock stands for Oracle's row locks, and for LOCK TABLE. Readers never wait.
//! * NUMBER is exact, with 39 to 40 digits. DATE and TIMESTAMP reach from 1583 to 9999. The host's clock is UTC.
//! * Sorting and comparing text is binary; month and day names are English.
//! * PL/SQL has blocks with IN binds, CALL, stored procedures, functions and packages with their state, exceptions, arrays INDEX BY,
//!   SQL with variables, cursor FOR loops, EXECUTE IMMEDIATE, autonomous transactions, and parts of DBMS_ASSERT, DBMS_OUTPUT, DBMS_SESSION,
//!   DBMS_APPLICATION_INFO, DBMS_LOCK and DBMS_CONNECTION_POOL. It has no OUT binds, records, explicit cursors, bulk operations, RETURNING, overloading,
//!   triggers or object types, and SQL cannot call stored functions but in VALUES.
//! * CREATE of a unit with errors fails with ORA-06550 and creates nothing; Oracle would create it and warn. An autonomous routine cannot
//!   write while its caller's transaction has changes: ORA-00060. What stops a call, a break too, is never caught by WHEN OTHERS.
//!
//! # Pooled servers
//! [`LogOn::pooled`] gives a connection that comes through a broker, as Database Resident Connection Pooling: it is authenticated and has
//! no session until [`Session::attach`] or the first call that needs one, and none again after [`Session::detach`].
//! * Sessions are shared within a pool by user and connection class, as they were left, tag included; see [`AttachWish`].
//! * The default pool is started from the beginning, other than Oracle's. `DBMS_CONNECTION_POOL` administers pools, as does
//!   [`Instance::configure_broker`]; changes take effect at once.
//! * A request is one mapping. It is a hit if a session of the class was free and fitted, else a miss. `NUM_WAITS` counts those who had to
//!   wait, also in vain. NUM_AUTH_SERVERS is 0: a log-on is authenticated in its own thread.
//! * Who holds a server and sends nothing for the think time is cut off with ORA-03113. No thread looks for that: it is seen when the
//!   broker is used, when a view or a session's call looks, and by whoever waits for a server or a lock.
//! * Stopping a pool cuts off who has a server, at once or after the drain time. Who has none stays, and gets ORA-12520 until it is started.
//!
//! # Example
//! ```
//! use orapool_engine::{Instance, InstanceOptions, LogOn, Value};
//!
//! # fn main() -> Result<(), orapool_engine::Error> {
//! let instance = Instance::open("example", &InstanceOptions::default())?;
//! let mut session = instance.log_on(&LogOn::with_password("scott", "tiger"))?;
//! session.execute("create table t (id number primary key, name varchar2(20))")?;
//! let mut insert = session.prepare("insert into t values (:1, :2)")?;
//! insert.bind(1, Value::Integer(1))?;
//! insert.bind(2, Value::Text("one".into()))?;
//! insert.execute(&mut session)?;
//! session.commit()?;
//! let mut query = session.prepare("select name from t where id = 1")?;
//! query.execute(&mut session)?;
//! assert!(query.fetch(&mut session)?);
//! assert_eq!(query.value(0), Some(&Value::Text("one".into())));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod administration;
mod attach;
mod broker;
mod call;
mod catalogue;
mod connection;
mod convert;
mod cursor;
mod datetime;
mod datum;
mod dictionary;
mod error;
mod execute;
mod format_date;
mod format_number;
mod functions;
mod instance;
mod log_on;
mod nls;
mod number;
mod plan;
mod plsql;
mod scanner;
mod sequences;
mod server_session;
mod session;
mod shared;
mod sqlite_errors;
mod statement;
mod store;
mod translate;
mod users;
mod value;
mod views;
mod write_lock;

pub use attach::{AttachWish, Attached};
pub use cursor::Statement;
pub use error::Error;
pub use instance::{Instance, InstanceOptions, begin_anew};
pub use log_on::{Boundary, Credentials, LogOn, Pooled, Purity};
pub use plsql::check_plsql;
pub use session::{Interrupter, Session};
pub use statement::{StatementKind, classify, split_script};
pub use value::{Column, Value};
