//! Opening the minimum: what a create waits for.

use crate::error::{Error, Kind};
use crate::pool::backoff::is_credential_error;
use crate::pool::connects::Purpose;
use crate::pool::core::{Access, Core};
use crate::pool::locked::Locked;

/// What the connects of the minimum met.
#[derive(Debug, Default)]
pub(crate) struct Startup {
    /// The first error.
    pub(crate) error: Option<Error>,
    /// The first warning. They are all of one user, so that it stands for the others.
    pub(crate) warning: Option<Error>,
}

impl Core {
    /// Opens the minimum and waits for it; each session is tried for once. The error is the first that a connect met,
    /// if none succeeded or the credentials were refused; the warning is ORA-24414, if some did, and what a log-on was
    /// warned of.
    pub(crate) fn open_minimum(&self) -> Result<Option<Error>, Error> {
        let access = self.access()?;
        let mut state = self.lock();
        let wanted = self.kept_open(&state);
        self.make_minimum(&mut state, &access, wanted);
        let Startup { error, warning } = state.startup.take().unwrap_or_default();
        let open = self.count_sessions(&state).open;
        // From now on the keeper tries to reach the minimum.
        self.wake_keeper(&mut state);
        match error {
            None => Ok(warning),
            Some(error) if open == 0 || is_credential_error(&error) => Err(error),
            Some(error) => {
                let text = format!(
                    "ORA-24414: {open} of {wanted} sessions could be opened; the others are tried again"
                );
                let incomplete = Error::new(Kind::Warning, 24414, text).caused_by(error);
                Ok(Some(warning.into_iter().fold(incomplete, Error::followed_by)))
            }
        }
    }

    fn make_minimum(&self, state: &mut Locked<'_>, access: &Access, wanted: usize) {
        for _ in 0..wanted {
            self.begin_connect(state, &access.own, Purpose::Minimum);
        }
        self.call_workers(state);
        while state.connects.len() > 0 {
            state.wait(&self.progress, None);
        }
    }
}
