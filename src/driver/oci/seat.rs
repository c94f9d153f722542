//! The connection that a session has at the moment: what the session, its statements and its breaker share.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::driver::oci::line::Line;
use crate::error::Error;

/// On a dedicated server always the same connection; over pooled servers one from each attach to its detach.
#[derive(Debug, Default)]
pub(super) struct Seat {
    line: Mutex<Option<Arc<Line>>>,
    /// The holder's limit of calls, which outlives a connection.
    call_timeout: Mutex<Option<Duration>>,
}

impl Seat {
    /// The connection; an error while there is none.
    pub(super) fn line(&self) -> Result<Arc<Line>, Error> {
        self.now().ok_or_else(|| {
            Error::invalid_argument("no pooled server is attached: attach one before a call that needs it")
        })
    }

    /// The connection, if there is one.
    pub(super) fn now(&self) -> Option<Arc<Line>> {
        self.line.lock().clone()
    }

    /// Whether this is the connection.
    pub(super) fn has(&self, line: &Arc<Line>) -> bool {
        self.line.lock().as_ref().is_some_and(|now| Arc::ptr_eq(now, line))
    }

    /// From now on this is the connection. The holder's limit holds on it.
    pub(super) fn put(&self, line: Line) -> Result<(), Error> {
        let result = match *self.call_timeout.lock() {
            Some(limit) => line.limit_calls(Some(limit)),
            None => Ok(()),
        };
        *self.line.lock() = Some(Arc::new(line));
        result
    }

    /// From now on there is no connection. What limits its calls is taken off: OCI's pool gives it to others.
    pub(super) fn take(&self) -> Option<Arc<Line>> {
        let line = self.line.lock().take()?;
        if self.call_timeout.lock().is_some() {
            // Should it fail, closing the connection will as well.
            let _ = line.limit_calls(None);
        }
        Some(line)
    }

    /// The holder's limit of calls.
    pub(super) fn call_timeout(&self) -> Option<Duration> {
        *self.call_timeout.lock()
    }

    /// Limits the calls on this connection and on those to come.
    pub(super) fn set_call_timeout(&self, limit: Option<Duration>) -> Result<(), Error> {
        if let Some(line) = self.now() {
            line.limit_calls(limit)?;
        }
        *self.call_timeout.lock() = limit;
        Ok(())
    }
}
