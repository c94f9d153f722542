//! Opening the minimum: what a create waits for.

use crate::error::{Error, Kind};
use crate::pool::backoff::is_credential_error;
use crate::pool::connects::Purpose;
use crate::pool::core::{Access, Core};
use crate::pool::locked::Locked;

impl Core {
    /// Opens the minimum and waits for it; each session is tried for once. The error is the first that a connect met,
    /// if none succeeded or the credentials were refused; the warning is ORA-24414, if some did.
    pub(crate) fn open_minimum(&self) -> Result<Option<Error>, Error> {
        let access = self.access()?;
        let mut state = self.lock();
        let wanted = self.kept_open(&state);
        self.make_minimum(&mut state, &access, wanted);
        let first_error = state.startup.take().flatten();
        let open = self.count_sessions(&state).open;
        // From now on the keeper tries to reach the minimum.
        self.wake_keeper(&mut state);
        match first_error {
            None => Ok(None),
            Some(error) if open == 0 || is_credential_error(&error) => Err(error),
            Some(error) => {
                let text = format!(
                    "ORA-24414: {open} of {wanted} sessions could be opened; the others are tried again"
                );
                Ok(Some(Error::new(Kind::Warning, 24414, text).caused_by(error)))
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
