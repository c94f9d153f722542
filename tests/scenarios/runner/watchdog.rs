//! A limit for each scenario: a hang is a failure that names its step, and never the end of the suite.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::errors::{Checked, Failure, failure};

/// Generous: it must never end a scenario that goes on, on however loaded a machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs `work` on a thread of its own. A thread that hangs is left behind with all that it uses.
pub fn run_within(
    limit: Duration,
    whereabouts: impl Fn() -> String,
    work: impl FnOnce() -> Checked + Send + 'static,
) -> Checked {
    let (report, reported) = channel();
    thread::spawn(move || {
        let _ = report.send(work());
    });
    match reported.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            Err(Failure(format!("hangs for {} s in:\n{}", limit.as_secs(), whereabouts())))
        }
        Err(RecvTimeoutError::Disconnected) => failure("the runner panicked; its message is above"),
    }
}
