//! A connection, and whether a call runs on it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oracle::conn::CloseMode;
use oracle::{ConnStatus, Connection};
use parking_lot::Mutex;

use crate::driver::oci::errors::translate;
use crate::error::Error;

/// What a log-off may take. It has to end although the server may be gone without a word.
pub(super) const LOG_OFF_LIMIT: Duration = Duration::from_secs(10);

/// ORA-01013: the call was broken.
const CANCELLED: i32 = 1013;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    None,
    Running,
    /// Running, and a break was sent after it.
    Broken,
}

/// A connection that is used by one thread at a time, and broken by any.
#[derive(Debug)]
pub(super) struct Line {
    connection: Connection,
    call: Mutex<Call>,
    is_lost: AtomicBool,
    /// SID and serial number, once they were asked for.
    pub(super) ids: OnceLock<(u32, u32)>,
}

impl Line {
    pub(super) fn new(connection: Connection) -> Line {
        Line {
            connection,
            call: Mutex::new(Call::None),
            is_lost: AtomicBool::new(false),
            ids: OnceLock::new(),
        }
    }

    /// The connection, for what makes no call to the server.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Makes a call that a break stops.
    pub(super) fn call<T>(&self, body: impl FnOnce(&Connection) -> oracle::Result<T>) -> Result<T, Error> {
        let running = Running::begin(self);
        let result = body(&self.connection);
        let was_broken = running.end();
        let result = result.map_err(|error| self.note(translate(&error)));
        let was_told = result.as_ref().err().is_some_and(|error| error.code() == CANCELLED);
        if was_broken && !was_told {
            self.absorb_break();
        }
        result
    }

    /// Does what stays within the client: nothing to break.
    pub(super) fn local<T>(&self, body: impl FnOnce(&Connection) -> oracle::Result<T>) -> Result<T, Error> {
        body(&self.connection).map_err(|error| self.note(translate(&error)))
    }

    /// Makes `limit` hold for the calls to come. OCI counts whole milliseconds.
    pub(super) fn limit_calls(&self, limit: Option<Duration>) -> Result<(), Error> {
        self.local(|connection| connection.set_call_timeout(limit))
    }

    /// Breaks the running call. Nothing is sent while none runs: it would hit the next.
    pub(super) fn break_call(&self) -> Result<(), Error> {
        let mut call = self.call.lock();
        if *call != Call::Running {
            return Ok(());
        }
        self.connection.break_execution().map_err(|error| translate(&error))?;
        *call = Call::Broken;
        Ok(())
    }

    /// A break came so late that its call had ended: the next one to the server meets it. This is the next one.
    fn absorb_break(&self) {
        if let Err(error) = self.connection.ping() {
            self.note(translate(&error));
        }
    }

    fn note(&self, error: Error) -> Error {
        if error.is_session_dead() {
            self.is_lost.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Whether the client knows that the session is gone. No round trip.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed) || !matches!(self.connection.status(), Ok(ConnStatus::Normal))
    }

    /// Gives the connection back to OCI's pool, which keeps the line; the server's session has the tag from then on that
    /// `retag` says, if it says one, and none if it is empty.
    pub(super) fn give_back(&self, retag: Option<&str>) -> Result<(), Error> {
        let mode = retag.map_or(CloseMode::Default, CloseMode::Retag);
        self.local(|connection| connection.close_with_mode(mode))
    }

    /// Logs off, and has OCI's pool forget the session. What goes wrong is not told.
    pub(super) fn close(&self) {
        // An old client has no call timeout; it waits for as long as it takes.
        let _ = self.connection.set_call_timeout(Some(LOG_OFF_LIMIT));
        let _ = self.connection.close_with_mode(CloseMode::Drop);
    }
}

/// A call that runs. It ends on every path, a panic included.
struct Running<'a>(&'a Line);

impl<'a> Running<'a> {
    fn begin(line: &'a Line) -> Running<'a> {
        *line.call.lock() = Call::Running;
        Running(line)
    }

    /// True: a break was sent meanwhile. One that is on its way is waited for.
    fn end(self) -> bool {
        std::mem::replace(&mut *self.0.call.lock(), Call::None) == Call::Broken
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.call.lock() = Call::None;
    }
}
