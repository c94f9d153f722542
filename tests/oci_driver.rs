//! The OCI driver: against the stand-in for Oracle's client library (`tests/standins/oci-client`), and without any.
//!
//! Each test runs in a process of its own, and none may leave a violation of OCI's contract behind.
#![cfg(feature = "oci")]

mod support;

#[path = "oci_driver/bad_cases.rs"]
mod bad_cases;
#[path = "oci_driver/drcp.rs"]
mod drcp;
#[path = "oci_driver/library.rs"]
mod library;
#[path = "oci_driver/pool.rs"]
mod pool;
#[path = "oci_driver/session.rs"]
mod session;
#[path = "oci_driver/values.rs"]
mod values;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use orapool::driver::{Cancel, ConnectRequest, Driver, Identity, Session, Statement, Target, Value, select};
use orapool::error::Error;
use orapool::secret::Secret;
use support::oci_standin::client_lib_dir;

/// Where all tests connect to. Each has a process of its own, so that the database is its own too.
const DATABASE: &str = "//standin/oci_driver";
const USER: &str = "scott";
const PASSWORD: &str = "tigerSecret9";

/// A target on the stand-in.
fn target() -> Target {
    Target {
        connect_string: Some(DATABASE.to_owned()),
        driver_name: "orapool : test".to_owned(),
        client_lib_dir: Some(client_lib_dir().to_str().unwrap().to_owned()),
        ..Target::default()
    }
}

fn scott() -> Identity {
    let password = Some(Secret::new(PASSWORD));
    Identity { user: Some(USER.to_owned()), password, ..Identity::default() }
}

/// A session of `identity`, by itself.
fn connect(driver: &dyn Driver, identity: &Identity) -> Result<Box<dyn Session>, Error> {
    let cancel = Cancel::default();
    driver.connect(&ConnectRequest {
        identity,
        timeout: None,
        statement_cache_size: 20,
        fixup: None,
        cancel: &cancel,
    })
}

/// A session of `scott` and no pool of ours around it.
fn session() -> Box<dyn Session> {
    connect(select(&target()).unwrap().as_ref(), &scott()).unwrap()
}

/// Executes a query with `binds` and fetches all of it.
fn rows(session: &mut dyn Session, sql: &str, binds: &[Value]) -> Vec<Vec<Value>> {
    let mut statement = session.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    for (position, value) in (1..).zip(binds) {
        statement.bind(position, value.clone()).unwrap();
    }
    statement.execute().unwrap_or_else(|error| panic!("{sql}: {error}"));
    all_rows(statement.as_mut())
}

fn all_rows(statement: &mut dyn Statement) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    while statement.fetch().unwrap() {
        let values = (0..statement.columns().len()).map(|column| statement.value(column).unwrap().clone());
        rows.push(values.collect());
    }
    rows
}

/// The one value that a query gives.
fn value(session: &mut dyn Session, sql: &str) -> Value {
    rows(session, sql, &[]).pop().and_then(|mut row| row.pop()).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn code<T>(result: Result<T, Error>) -> i32 {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.code(),
    }
}

/// How many threads this process has that make log-ons.
fn threads_logging_on() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "orapool-log-on").count()
}

/// Waits until `is_so`, which another thread brings about.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < patience, "it has not come about");
        thread::yield_now();
    }
}
