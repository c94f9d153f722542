//! Changing an open pool: everything is checked before anything is changed.

use crate::error::Error;
use crate::pool::attributes::{Attributes, CHANGEABLE, Settings};
use crate::pool::core::{Core, Leaving};

impl Core {
    /// Takes over what `changes` sets. Sessions above a lowered maximum are closed at once while they are idle, and
    /// else when they come back; a raised minimum is filled in the background. An error changes nothing.
    pub(crate) fn reconfigure(&self, changes: &Attributes) -> Result<(), Error> {
        if let Some(attr) = changes.attrs().find(|attr| !CHANGEABLE.contains(attr)) {
            let text = format!(
                "{} can not be changed once the pool is created; close it and create another",
                attr.name()
            );
            return Err(Error::invalid_argument(text));
        }
        if changes.callback().is_some() {
            let text = "the session callback can not be changed once the pool is created";
            return Err(Error::invalid_argument(text));
        }
        let mut state = self.lock_open()?;
        let mut attributes = state.attributes.clone();
        attributes.merge(changes);
        state.settings = Settings::resolve(&attributes)?;
        state.attributes = attributes;
        self.events.set_wait_limit(state.settings.wait_report);
        self.note_reconfigured(changes);
        self.gate.set_ping_interval(state.settings.ping_interval);
        self.show_plain_gets(&state);
        self.show_size(&state);
        let mut surplus = Vec::new();
        while state.occupied - surplus.len() > state.settings.sessions_max {
            let Some(index) = self.take_oldest_idle(&mut state, None) else { break };
            surplus.push(index);
        }
        self.plan(&mut state);
        self.wake_keeper(&mut state);
        drop(state);
        for index in surplus {
            self.log_off(index, Leaving::Surplus);
        }
        Ok(())
    }
}
