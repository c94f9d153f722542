//! Opening the minimum: what a create waits for.

use crate::error::{Error, Kind};
use crate::pool::backoff::is_credential_error;
use crate::pool::connects::Purpose;
use crate::pool::core::Core;

impl Core {
    /// Opens the minimum and waits for it. The error is the first that a connect met, if none succeeded; the
    /// warning is ORA-24414, if some did. Refused credentials are not tried again for the rest.
    pub(crate) fn open_minimum(&self) -> Result<Option<Error>, Error> {
        let access = self.access()?;
        let mut state = self.lock();
        let wanted = state.settings.sessions_min;
        if wanted == 0 || !access.rules.keeps_minimum() {
            return Ok(None);
        }
        for _ in 0..wanted.saturating_sub(state.occupied) {
            self.begin_connect(&mut state, &access.own, Purpose::Minimum);
        }
        self.call_workers(&mut state);
        let mut first_error = None;
        while state.connects.len() > 0 {
            state.wait(&self.progress, None);
            if first_error.is_none() {
                first_error.clone_from(&state.last_connect_error);
            }
        }
        let open = self.count_sessions(&state).open;
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
}
