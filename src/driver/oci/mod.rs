//! The driver for Oracle Database by way of Oracle's client library (OCI), through the crate `oracle`, which brings
//! ODPI-C. The library is loaded when the first pool of this driver is made, and not before: no program that does
//! without it needs it.
//!
//! On dedicated servers a session is an `oracle::Connection` that our pool keeps while it is idle. It comes from a session
//! pool of OCI that serves as a factory alone (`log_on.rs`): OCI has no idle session of its own there, and chooses none.
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
//! **Pooled servers (DRCP),** which the connect string asks for (`:pooled`, `(SERVER=POOLED)`): OCI's session pool keeps the
//! lines of our sessions while they have no server, and each attach gets one there, with tag, class and purity
//! (`pooled.rs`). The fix-up procedure is OCI's too: the database calls it within the attach. A wait for a server is limited
//! as the get says, except that a get that waits for nothing may take half a second.

mod attributes;
mod binds;
mod columns;
mod errors;
pub(super) mod library;
mod line;
mod lines;
mod log_on;
mod patience;
mod placeholders;
mod pooled;
mod seat;
mod session;
mod statement;

use std::path::Path;
use std::sync::Arc;

use crate::driver::connect_string::NetTarget;
use crate::driver::{ConnectRequest, Driver, Pooling, Session, Target};
use crate::error::Error;

use line::Line;
use log_on::{Factory, Order};
use patience::{Errand, Patience};
use session::OciSession;

/// One pool's way to a database of Oracle.
#[derive(Debug)]
pub struct Oci {
    factory: Arc<Factory>,
    pooling: Option<Pooling>,
}

impl Oci {
    /// Loads the client library, if no other pool has, and notes where the sessions go. Connects to nothing.
    pub fn open(target: &Target) -> Result<Oci, Error> {
        library::open(target)?;
        let text = target.connect_string.as_deref().unwrap_or_default();
        let net = NetTarget::parse(text, target.config_dir.as_deref().map(Path::new))?;
        let factory = Factory::new(net.for_client().to_owned(), target.driver_name.clone());
        Ok(Oci { factory: Arc::new(factory), pooling: net.pooling().cloned() })
    }

    fn log_on(&self, request: &ConnectRequest<'_>) -> Result<OciSession, Error> {
        let (factory, order) = (Arc::clone(&self.factory), Order::of(request));
        let patience = Patience {
            errand: Errand::LogOn,
            connect_string: self.factory.connect_string(),
            limit: request.timeout,
            cancel: request.cancel,
        };
        let log_on = move || factory.source(order)?.log_on().map(Line::new);
        OciSession::dedicated(patience.wait_for(log_on, |line| line.close())?)
    }
}

impl Driver for Oci {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn pooling(&self) -> Option<&Pooling> {
        self.pooling.as_ref()
    }

    fn connect(&self, request: &ConnectRequest<'_>) -> Result<Box<dyn Session>, Error> {
        if request.cancel.is_cancelled() {
            return Err(Error::closed());
        }
        let session = match self.pooling {
            Some(_) => pooled::open(&self.factory, request)
                .map(|(servers, warning)| OciSession::pooled(servers, warning))?,
            None => self.log_on(request)?,
        };
        let session = Box::new(session);
        if request.cancel.is_cancelled() {
            session.close();
            return Err(Error::closed());
        }
        Ok(session)
    }
}
