//! The driver for Oracle Database by way of Oracle's client library (OCI), through the crate `oracle`, which brings
//! ODPI-C. The library is loaded when the first pool of this driver is made, and not before: no program that does
//! without it needs it.
//!
//! A session is an `oracle::Connection` that our pool keeps while it is idle. It comes from a session pool of OCI that
//! serves as a factory alone (`log_on.rs`): OCI never has an idle session of its own, and never chooses one.
//!
//! **What a release resets:** the call timeout, and the open transaction is rolled back. What ALTER SESSION, a package
//! or a native call through [`NativeKind`](crate::driver::NativeKind) handles has set (NLS, CURRENT_SCHEMA, module,
//! action, client identifier, package variables, temporary tables) stays with the session, as in every session pool:
//! tags are there to tell of it.
//!
//! **A connect's time limit** is kept, and a pool that closes waits for no log-on for long, although OCI can neither limit nor stop
//! one: each is made on a thread of its own that is left alone if need be (`patience.rs`). Such a thread goes on until
//! OCI gives up by itself, which limits in the connect string bring about (`TRANSPORT_CONNECT_TIMEOUT`,
//! `CONNECT_TIMEOUT`, `?connect_timeout=15` in an easy connect string). A log-on whose get has given up, and whose own
//! time is not over, goes on as well, and its session is for the next.
//!
//! **Warnings of the log-on,** such as ORA-28002 (the password will expire), are told by
//! [`Session::warning`].
//!
//! **DRCP** comes later: a release would give the pooled server back (a line closed with the default mode
//! instead of being dropped), and the next get would take one from the same factory, with tag, class and purity.

mod attributes;
mod binds;
mod columns;
mod errors;
mod library;
mod line;
mod log_on;
mod patience;
mod placeholders;
mod session;
mod statement;

use std::sync::Arc;

use crate::driver::{ConnectRequest, Driver, Session, Target};
use crate::error::Error;

use log_on::Factory;
use session::OciSession;

/// One pool's way to a database of Oracle.
#[derive(Debug)]
pub struct Oci {
    factory: Arc<Factory>,
}

impl Oci {
    /// Loads the client library, if no other pool has, and notes where the sessions go. Connects to nothing.
    pub fn open(target: &Target) -> Result<Oci, Error> {
        library::open(target)?;
        let connect_string = target.connect_string.clone().unwrap_or_default();
        Ok(Oci { factory: Arc::new(Factory::new(connect_string, target.driver_name.clone())) })
    }
}

impl Driver for Oci {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn connect(&self, request: &ConnectRequest<'_>) -> Result<Box<dyn Session>, Error> {
        if request.cancel.is_cancelled() {
            return Err(Error::closed());
        }
        let line = patience::log_on(&self.factory, request)?;
        if request.cancel.is_cancelled() {
            line.close();
            return Err(Error::closed());
        }
        Ok(Box::new(OciSession::new(line)))
    }
}
