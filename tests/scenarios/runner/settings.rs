//! From the settings of a scenario to bags of attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::errors::{Checked, failure};
use super::format::{GetAttrs, GetMode, Knob, Purity, Settings, UserName};
use super::library::{CallbackHook, Handle, Library};
use super::outcome::Outcome;
use super::target::{Target, User};

/// The numbers of the header.
mod attr {
    pub const USER: u32 = 1;
    pub const PASSWORD: u32 = 2;
    pub const CONNECT_STRING: u32 = 3;
    pub const CONNECTION_CLASS: u32 = 5;
    pub const FIXUP_CALLBACK: u32 = 10;
    pub const SESSIONS_MIN: u32 = 20;
    pub const SESSIONS_MAX: u32 = 21;
    pub const SESSIONS_INCREMENT: u32 = 22;
    pub const GET_MODE: u32 = 23;
    pub const WAIT_TIMEOUT_MS: u32 = 24;
    pub const WAITERS_MAX: u32 = 25;
    pub const HOMOGENEOUS: u32 = 26;
    pub const PURITY: u32 = 28;
    pub const IDLE_TIMEOUT_MS: u32 = 30;
    pub const LIFETIME_MAX_MS: u32 = 31;
    pub const USES_MAX: u32 = 32;
    pub const PING_INTERVAL_MS: u32 = 33;
    pub const PING_TIMEOUT_MS: u32 = 34;
    pub const CONNECTS_MAX: u32 = 38;
}

/// A bag of attributes that frees itself.
pub struct Bag<'a> {
    library: &'a Library,
    pub handle: Handle,
}

impl Drop for Bag<'_> {
    fn drop(&mut self) {
        self.library.attrs_free(self.handle);
    }
}

impl<'a> Bag<'a> {
    pub fn new(library: &'a Library) -> Checked<Self> {
        let (outcome, handle) = library.attrs_new();
        let bag = Self { library, handle };
        set(&outcome, "orapool_attrs_new")?;
        Ok(bag)
    }

    fn text(&self, attr: u32, text: Option<&str>) -> Result<(), Outcome> {
        match text {
            Some(text) => refused(self.library.attrs_set_text(self.handle, attr, text)),
            None => Ok(()),
        }
    }

    fn int(&self, attr: u32, value: Option<i64>) -> Result<(), Outcome> {
        match value {
            Some(value) => refused(self.library.attrs_set_int(self.handle, attr, value)),
            None => Ok(()),
        }
    }

    fn user(&self, target: &Target, user: UserName, password: Option<&str>) -> Result<(), Outcome> {
        let Some(user) = target.user(user) else { return Ok(()) };
        self.log_on(user, password)
    }

    fn log_on(&self, user: &User, password: Option<&str>) -> Result<(), Outcome> {
        self.text(attr::USER, Some(&user.name))?;
        self.text(attr::PASSWORD, Some(password.unwrap_or(&user.password)))
    }

    fn database(&self, target: &Target, scenario: &str, knobs: &BTreeMap<Knob, u64>) -> Result<(), Outcome> {
        self.text(attr::CONNECT_STRING, Some(&target.connect_string(scenario, knobs)))?;
        target.texts.iter().try_for_each(|(attr, text)| self.text(*attr, Some(text)))
    }

    /// One session of this user, where the scenario's database is.
    pub fn one_session(&self, target: &Target, scenario: &str, user: &User) -> Result<(), Outcome> {
        self.database(target, scenario, &BTreeMap::new())?;
        self.log_on(user, None)?;
        [attr::SESSIONS_MIN, attr::SESSIONS_MAX].into_iter().try_for_each(|attr| self.int(attr, Some(1)))
    }

    /// Who logs on, and where.
    pub fn credentials(&self, target: &Target, scenario: &str, settings: &Settings) -> Result<(), Outcome> {
        self.database(target, scenario, &settings.knobs)?;
        self.user(target, settings.user.unwrap_or(UserName::Owner), settings.password.as_deref())
    }

    /// All that `settings` names but credentials, knobs and the callback.
    pub fn settings(&self, target: &Target, settings: &Settings) -> Result<(), Outcome> {
        let numbers = [
            (attr::SESSIONS_MIN, settings.min),
            (attr::SESSIONS_MAX, settings.max),
            (attr::SESSIONS_INCREMENT, settings.increment),
            (attr::GET_MODE, settings.get_mode.map(get_mode_value)),
            (attr::WAIT_TIMEOUT_MS, settings.wait_timeout_ms),
            (attr::WAITERS_MAX, settings.waiters_max),
            (attr::CONNECTS_MAX, settings.connects_max),
            (attr::HOMOGENEOUS, settings.homogeneous.map(i64::from)),
            (attr::PURITY, settings.purity.map(purity_value)),
            (attr::IDLE_TIMEOUT_MS, settings.idle_timeout_ms),
            (attr::LIFETIME_MAX_MS, settings.lifetime_max_ms),
            (attr::USES_MAX, settings.uses_max),
            (attr::PING_INTERVAL_MS, settings.ping_interval_ms),
            (attr::PING_TIMEOUT_MS, settings.ping_timeout_ms),
        ];
        numbers.into_iter().try_for_each(|(attr, value)| self.int(attr, value))?;
        self.text(attr::CONNECTION_CLASS, settings.connection_class.as_deref())?;
        self.text(attr::FIXUP_CALLBACK, settings.fixup.as_deref().map(|name| target.fill_in(name)).as_deref())
    }

    pub fn callback(&self, hook: &Arc<CallbackHook>) -> Result<(), Outcome> {
        refused(self.library.attrs_set_callback(self.handle, hook))
    }

    /// What sets a get apart.
    pub fn get_attrs(&self, target: &Target, attrs: &GetAttrs) -> Result<(), Outcome> {
        if let Some(user) = attrs.user {
            self.user(target, user, attrs.password.as_deref())?;
        }
        self.text(attr::CONNECTION_CLASS, attrs.connection_class.as_deref())?;
        self.int(attr::PURITY, attrs.purity.map(purity_value))?;
        self.int(attr::GET_MODE, attrs.get_mode.map(get_mode_value))?;
        self.int(attr::WAIT_TIMEOUT_MS, attrs.wait_timeout_ms)
    }
}

/// A pool's settings in a bag; `Err` is what the library had against them.
pub fn pool_bag<'a>(
    library: &'a Library,
    target: &Target,
    scenario: &str,
    settings: &Settings,
) -> Checked<Result<Bag<'a>, Outcome>> {
    let bag = Bag::new(library)?;
    let filled = bag.credentials(target, scenario, settings).and_then(|()| bag.settings(target, settings));
    Ok(filled.map(|()| bag))
}

/// Whether a reconfiguration can carry these settings: who logs on and where is not for change.
pub fn is_change(settings: &Settings) -> bool {
    settings.user.is_none() && settings.password.is_none() && settings.knobs == BTreeMap::new()
}

fn refused(outcome: Outcome) -> Result<(), Outcome> {
    if outcome.status == 0 && outcome.flaws.is_empty() { Ok(()) } else { Err(outcome) }
}

fn set(outcome: &Outcome, what: &str) -> Checked {
    if outcome.status == 0 { Ok(()) } else { failure(format!("{what}: {outcome}")) }
}

fn get_mode_value(mode: GetMode) -> i64 {
    match mode {
        GetMode::Wait => 0,
        GetMode::Nowait => 1,
        GetMode::Forceget => 2,
        GetMode::Timedwait => 3,
    }
}

fn purity_value(purity: Purity) -> i64 {
    match purity {
        Purity::Default => 0,
        Purity::New => 1,
        Purity::Same => 2,
    }
}
