//! OCIServer, and log-on and log-off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32};

use orapool_engine as engine;
use parking_lot::Mutex;

use crate::auth::{self, AuthAttributes};
use crate::core::{Core, Link};
use crate::database::Database;
use crate::errors::{Failure, fail};

/// A server handle, attached or not.
#[derive(Default)]
pub struct ServerHandle {
    pub attached: Mutex<Option<Attached>>,
    /// Milliseconds for a ping; 0 is no limit.
    pub receive_timeout_ms: AtomicU32,
    pub break_on_timeout: AtomicU8,
    pub names: Mutex<[String; 2]>,
}

#[derive(Clone)]
pub struct Attached {
    pub database: Arc<Database>,
    pub link: Arc<Link>,
}

impl ServerHandle {
    pub fn of(core: &Core) -> Self {
        let attached = Attached { database: Arc::clone(&core.database), link: Arc::clone(&core.link) };
        Self { attached: Mutex::new(Some(attached)), ..Self::default() }
    }

    pub fn attached(&self) -> Option<Attached> {
        self.attached.lock().clone()
    }

    /// OCI_ATTR_SERVER_STATUS: OCI_SERVER_NORMAL is 1.
    pub fn status(&self) -> u32 {
        u32::from(self.attached().is_some_and(|attached| attached.link.is_up()))
    }
}

/// Who logs on.
#[derive(Clone, Default)]
pub struct Identity {
    pub user: String,
    pub password: String,
    /// The session's user, if another than the one with the password.
    pub session_user: Option<String>,
    pub external: bool,
}

/// `main[proxy]`: main has the password, the session is proxy's.
pub fn split_proxy(user: &str) -> (&str, Option<&str>) {
    match user.strip_suffix(']').and_then(|user| user.split_once('[')) {
        Some((main, proxy)) => (main, Some(proxy)),
        None => (user, None),
    }
}

/// As Oracle folds a name: to upper case, unless quoted.
fn fold(name: &str) -> String {
    match name.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.trim().to_uppercase(),
    }
}

impl Identity {
    pub fn with_password(user: &str, password: &str) -> Self {
        let (main, proxy) = split_proxy(user);
        Self {
            user: main.to_owned(),
            password: password.to_owned(),
            session_user: proxy.map(str::to_owned),
            external: false,
        }
    }

    /// By the operating system; `[proxy]` may name whose the session is.
    pub fn external(user: &str) -> Self {
        Self { session_user: split_proxy(user).1.map(str::to_owned), external: true, ..Self::default() }
    }

    pub fn from_attributes(attributes: &AuthAttributes) -> Self {
        let user = attributes.text(auth::USERNAME).unwrap_or_default();
        Self::with_password(user, attributes.text(auth::PASSWORD).unwrap_or_default())
    }

    /// What a pool knows its sessions by. The password is part of it: an idle session is no way in for who does not know it.
    pub fn owner(&self, attributes: &AuthAttributes) -> Owner {
        Owner {
            user: if self.external { None } else { Some(fold(&self.user)) },
            password: self.password.clone(),
            session_user: self.session_user.as_deref().map(fold),
            class: attributes.text(auth::CONNECTION_CLASS).map(str::to_owned),
        }
    }
}

/// Whose a session is, and for whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// None: known by the operating system.
    user: Option<String>,
    password: String,
    session_user: Option<String>,
    class: Option<String>,
}

/// Opens a session of the engine.
pub fn log_on(
    database: &Arc<Database>,
    link: &Arc<Link>,
    identity: &Identity,
    attributes: &AuthAttributes,
) -> Result<Arc<Core>, Failure> {
    if !identity.external && identity.user.is_empty() {
        return fail(1017, "invalid username/password; logon denied");
    }
    let credentials = match identity.external {
        true => engine::Credentials::External,
        false => engine::Credentials::Password { user: &identity.user, password: &identity.password },
    };
    let mut request = engine::LogOn::new(credentials);
    request.session_user = identity.session_user.as_deref();
    request.edition = attributes.text(auth::EDITION);
    request.connection_class = attributes.text(auth::CONNECTION_CLASS);
    request.driver_name = attributes.text(auth::DRIVER_NAME).unwrap_or("OCI");
    request.lock_timeout = database.target.lock_timeout;
    // Purity is each get's own, not the line's.
    request.pooled = database.target.pooled.as_ref().map(|pooled| engine::Pooled {
        purity: engine::Purity::Reuse,
        pool: pooled.pool.as_deref(),
        boundary: pooled.boundary,
    });
    // `call_delay` is left to `Core::round_trip`: the engine would take it for each row of an array fetch.
    let session = database.instance.log_on(&request)?;
    let core = Core::new(session, identity.owner(attributes), Arc::clone(database), Arc::clone(link));
    Ok(Arc::new(core))
}
