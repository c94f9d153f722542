//! OCISPool: a small session pool. It gives an idle session of the same user and class, or logs on. On dedicated servers it knows no tags.
//! Its sessions on pooled servers are lines: which of them a get has does not matter, and tags are the server session's (`drcp.rs`).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::auth::{self, AuthAttributes};
use crate::connect::{Identity, log_on};
use crate::core::{Core, Link};
use crate::database::Database;
use crate::errors::{Failure, fail};

pub const GETMODE_NOWAIT: u8 = 1;
pub const GETMODE_FORCEGET: u8 = 2;
pub const GETMODE_TIMEDWAIT: u8 = 3;

#[derive(Default)]
pub struct PoolHandle {
    pub settings: Mutex<Settings>,
    state: Mutex<State>,
    changed: Condvar,
}

/// What can be set on the handle, before the pool is made and after.
#[derive(Clone, Default)]
pub struct Settings {
    pub get_mode: u8,
    pub wait_timeout_ms: u32,
    /// Attributes that the stand-in keeps and does not act on: idle timeout, lifetime, statement cache, and so on.
    pub numbers: HashMap<u32, u32>,
    pub auth: AuthAttributes,
}

#[derive(Default)]
struct State {
    open: Option<Open>,
    idle: Vec<Arc<Core>>,
    /// Handed out or being logged on.
    busy: u32,
}

#[derive(Clone)]
struct Open {
    name: String,
    database: Arc<Database>,
    homogeneous: bool,
    identity: Option<Identity>,
    limits: Limits,
}

#[derive(Clone, Copy, Default)]
pub struct Limits {
    pub min: u32,
    pub max: u32,
    pub increment: u32,
}

/// Pools by the name that creating them gave.
static POOLS: LazyLock<Mutex<HashMap<String, Weak<PoolHandle>>>> = LazyLock::new(Mutex::default);

pub fn find(name: &str) -> Option<Arc<PoolHandle>> {
    POOLS.lock().get(name).and_then(Weak::upgrade)
}

/// How a session is asked for.
pub struct Request<'a> {
    pub attributes: &'a AuthAttributes,
    pub proxy_credentials: bool,
    pub external: bool,
    pub new_session: bool,
}

impl PoolHandle {
    pub fn create(
        self: &Arc<Self>,
        connect_string: &str,
        credentials: Option<(String, String)>,
        homogeneous: bool,
        limits: Limits,
    ) -> Result<String, Failure> {
        check_limits(limits)?;
        if self.state.lock().open.is_some() {
            return fail(24411, "Session pool already exists.");
        }
        let database = Database::open_for_pool(connect_string)?;
        let identity = credentials.map(|(user, password)| Identity::with_password(&user, &password));
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("OCI:SP:standin{number}");
        let open = Open { name: name.clone(), database, homogeneous, identity, limits };
        let attributes = self.settings.lock().auth.clone();
        let mut idle = Vec::new();
        // A heterogeneous pool does not know yet whose its sessions will be.
        if let (true, Some(identity)) = (homogeneous, open.identity.clone()) {
            for _ in 0..limits.min {
                idle.push(open.connect(&identity, &attributes)?);
            }
        }
        *self.state.lock() = State { open: Some(open), idle, busy: 0 };
        POOLS.lock().insert(name.clone(), Arc::downgrade(self));
        Ok(name)
    }

    pub fn reinitialize(&self, limits: Limits) -> Result<String, Failure> {
        check_limits(limits)?;
        let mut state = self.state.lock();
        let Some(open) = state.open.as_mut() else {
            return fail(24412, "Cannot reinitialize non-existent pool");
        };
        open.limits = limits;
        let name = open.name.clone();
        self.changed.notify_all();
        Ok(name)
    }

    pub fn destroy(&self, force: bool) -> Result<(), Failure> {
        let mut state = self.state.lock();
        if state.open.is_none() {
            return fail(24416, "Invalid session Poolname was specified.");
        }
        if state.busy > 0 && !force {
            return fail(24422, "error occurred while trying to destroy the Session Pool: sessions are busy");
        }
        let open = state.open.take();
        let idle = std::mem::take(&mut state.idle);
        self.changed.notify_all();
        drop(state);
        if let Some(open) = &open {
            POOLS.lock().remove(&open.name);
        }
        for core in idle {
            core.end();
        }
        Ok(())
    }

    pub fn is_open(&self) -> bool {
        self.state.lock().open.is_some()
    }

    /// Open and busy sessions, and the limits.
    pub fn counts(&self) -> (u32, u32, Limits) {
        let state = self.state.lock();
        let idle = u32::try_from(state.idle.len()).unwrap_or(u32::MAX);
        let limits = state.open.as_ref().map(|open| open.limits).unwrap_or_default();
        (idle + state.busy, state.busy, limits)
    }

    /// A session for the caller, and whether it was there before.
    pub fn get(&self, request: &Request<'_>) -> Result<(Arc<Core>, AuthAttributes), Failure> {
        let settings = self.settings.lock().clone();
        let end = Instant::now() + Duration::from_millis(settings.wait_timeout_ms.into());
        let mut state = self.state.lock();
        loop {
            let Some(open) = state.open.clone() else {
                return fail(24416, "Invalid session Poolname was specified.");
            };
            let gone: Vec<Arc<Core>> = state.idle.extract_if(.., |core| !core.is_usable()).collect();
            if !gone.is_empty() {
                drop(state);
                gone.iter().for_each(|core| core.end());
                state = self.state.lock();
                continue;
            }
            let identity = open.identity_for(request)?;
            let attributes = merge(&settings.auth, request.attributes);
            let owner = identity.owner(&attributes);
            // The one that was given back last, as OCI does to let the others grow old.
            let known = state.idle.iter().rposition(|core| core.owner == owner && core.is_usable());
            // A line has no past that it could show.
            let is_line = open.database.target.pooled.is_some();
            if let (Some(index), true) = (known, is_line || !request.new_session) {
                let core = state.idle.remove(index);
                state.busy += 1;
                return Ok((core, attributes));
            }
            let idle = u32::try_from(state.idle.len()).unwrap_or(u32::MAX);
            let is_full = idle + state.busy >= open.limits.max;
            let may_grow = !is_full || idle > 0 || settings.get_mode == GETMODE_FORCEGET;
            if may_grow {
                // At the maximum an idle session of another user makes room.
                let evicted = (is_full && idle > 0).then(|| state.idle.remove(0));
                state.busy += 1;
                drop(state);
                if let Some(core) = evicted {
                    core.end();
                }
                let made = open.connect(&identity, &attributes);
                if made.is_err() {
                    self.forget_busy();
                }
                return made.map(|core| (core, attributes));
            }
            match settings.get_mode {
                GETMODE_NOWAIT => {
                    return fail(24496, "OCISessionGet() timed out waiting for a free connection.");
                }
                GETMODE_TIMEDWAIT => {
                    if self.changed.wait_until(&mut state, end).timed_out() {
                        return fail(
                            24457,
                            "OCISessionGet() could not find a free session in the specified timeout period",
                        );
                    }
                }
                _ => self.changed.wait(&mut state),
            }
        }
    }

    /// Takes a session back, or lets it go. True: it stays.
    pub fn give_back(&self, core: Arc<Core>, drop_it: bool) -> bool {
        let mut state = self.state.lock();
        state.busy = state.busy.saturating_sub(1);
        let (open, busy, limits) =
            (state.open.is_some(), state.busy, state.open.as_ref().map(|open| open.limits));
        let has_room = limits.is_some_and(|limits| (state.idle.len() as u32 + busy) < limits.max);
        let keep = open && !drop_it && has_room && core.is_usable();
        if keep {
            state.idle.push(core);
            self.changed.notify_all();
            return true;
        }
        self.changed.notify_all();
        drop(state);
        core.end();
        false
    }

    fn forget_busy(&self) {
        let mut state = self.state.lock();
        state.busy = state.busy.saturating_sub(1);
        self.changed.notify_all();
    }
}

impl Open {
    fn connect(&self, identity: &Identity, attributes: &AuthAttributes) -> Result<Arc<Core>, Failure> {
        self.database.reach()?;
        log_on(&self.database, &Arc::new(Link::default()), identity, attributes)
    }

    fn identity_for(&self, request: &Request<'_>) -> Result<Identity, Failure> {
        let given = request.attributes.text(auth::USERNAME).unwrap_or_default();
        if request.external {
            return Ok(Identity::external(given));
        }
        let pool = || match &self.identity {
            Some(identity) => Ok(identity.clone()),
            None => fail(24415, "Missing or null username."),
        };
        // A homogeneous pool passes over the credentials of a get.
        if self.homogeneous || given.is_empty() {
            return pool();
        }
        if request.proxy_credentials {
            if self.identity.is_none() {
                return fail(24419, "Proxy sessions are not supported in this mode.");
            }
            return Ok(Identity { session_user: Some(given.to_owned()), ..pool()? });
        }
        Ok(Identity::from_attributes(request.attributes))
    }
}

fn check_limits(limits: Limits) -> Result<(), Failure> {
    if limits.max == 0 || limits.min > limits.max {
        return fail(24413, "Invalid number of sessions specified");
    }
    Ok(())
}

/// The pool's attributes with those of one get over them.
fn merge(pool: &AuthAttributes, get: &AuthAttributes) -> AuthAttributes {
    let mut merged = pool.clone();
    merged.texts.extend(get.texts.iter().map(|(attribute, text)| (*attribute, text.clone())));
    if get.purity != 0 {
        merged.purity = get.purity;
    }
    merged
}
