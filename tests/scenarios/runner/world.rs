//! All that a running scenario has: its pools, sessions, threads and what its callbacks saw.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::calls::Ran;
use super::errors::{Checked, Failure, failure};
use super::format::Capability;
use super::library::{CallbackHook, GetCall, Handle, Library, NULL};
use super::schema;
use super::settings::Bag;
use super::target::{Target, User};
use super::text::Arguments;

/// A session under its name in the scenario. It stays here after its release, so that what is said of it later finds
/// the used-up handle and the identity.
#[derive(Clone, Copy)]
pub struct Loan {
    pub handle: Handle,
    pub identity: Option<(u32, u32)>,
    pub is_out: bool,
}

/// The callback of a pool: its C side, what it was called with, and what went wrong inside.
#[derive(Default)]
pub struct CallbackState {
    pub hook: Option<Arc<CallbackHook>>,
    pub runs: usize,
    pub log: Vec<Ran>,
}

/// Where a step runs.
#[derive(Clone, Default)]
pub struct Scope {
    /// Such as "step 3, thread t1, ".
    pub path: String,
    /// Inside a callback: its session and tags.
    pub callback: Option<(Handle, Arguments)>,
}

/// A session of the runner's own, in a pool that counts nowhere.
#[derive(Clone, Copy)]
struct Aside {
    pool: Handle,
    session: Handle,
}

pub struct World {
    pub library: Arc<Library>,
    pub target: Target,
    pub scenario: String,
    /// What the scenario needs.
    pub needs: Vec<Capability>,
    owner: Aside,
    administrator: Option<Aside>,
    pools: Mutex<BTreeMap<String, Handle>>,
    sessions: Mutex<HashMap<String, Loan>>,
    pub callbacks: Mutex<HashMap<String, CallbackState>>,
    threads: Mutex<BTreeMap<String, JoinHandle<Checked>>>,
    /// Failures inside callbacks, which the callback's caller can not see.
    problems: Mutex<Vec<String>>,
    /// The step that each thread is in, for the report of a hang.
    positions: Mutex<BTreeMap<String, String>>,
}

/// A failed check must not hide behind the panic of another thread.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A world with a session of the owner, in a pool of its own, which keeps the database alive.
    pub fn new(
        library: Arc<Library>,
        target: Target,
        scenario: &str,
        needs: &[Capability],
    ) -> Checked<Arc<Self>> {
        let open = |who, user| open_aside(&library, &target, scenario, who, user);
        let owner = open("owner", &target.owner)?;
        let administrator = target.administrator.as_ref().filter(|_| needs.iter().any(is_for_administrators));
        let administrator = administrator.map(|user| open("administrator", user)).transpose()?;
        Ok(Arc::new(Self {
            library,
            target,
            scenario: scenario.to_owned(),
            needs: needs.to_vec(),
            owner,
            administrator,
            pools: Mutex::default(),
            sessions: Mutex::default(),
            callbacks: Mutex::default(),
            threads: Mutex::default(),
            problems: Mutex::default(),
            positions: Mutex::default(),
        }))
    }

    pub fn owner(&self) -> Handle {
        self.owner.session
    }

    /// Who may do anything: the owner, where there are no privileges.
    pub fn administrator(&self) -> Handle {
        self.administrator.as_ref().unwrap_or(&self.owner).session
    }

    pub fn add_pool(&self, name: &str, handle: Handle) {
        lock(&self.pools).insert(name.to_owned(), handle);
    }

    pub fn has_pool(&self, name: &str) -> bool {
        lock(&self.pools).contains_key(name)
    }

    pub fn pool(&self, name: &str) -> Checked<Handle> {
        let pools = lock(&self.pools);
        pools.get(name).copied().ok_or_else(|| Failure(format!("the scenario has no pool `{name}`")))
    }

    /// Takes a session over under its name. A name that still has a loan must not lose it.
    pub fn add_session(&self, name: &str, handle: Handle) -> Checked<Loan> {
        let identity = self.library.identity(handle);
        let loan = Loan { handle, identity, is_out: true };
        match lock(&self.sessions).insert(name.to_owned(), loan) {
            Some(former) if former.is_out => failure(format!("the session `{name}` is still on loan")),
            _ => Ok(loan),
        }
    }

    pub fn loan(&self, name: &str) -> Checked<Loan> {
        let sessions = lock(&self.sessions);
        sessions.get(name).copied().ok_or_else(|| Failure(format!("the scenario has no session `{name}`")))
    }

    pub fn mark_released(&self, name: &str) {
        if let Some(loan) = lock(&self.sessions).get_mut(name) {
            loan.is_out = false;
        }
    }

    /// The handle behind a name, `owner`, `callback` and `null` among them.
    pub fn session(&self, name: &str, scope: &Scope) -> Checked<Handle> {
        match (name, &scope.callback) {
            ("null", _) => Ok(NULL),
            ("owner", _) => Ok(self.owner()),
            ("callback", Some((handle, _))) => Ok(*handle),
            ("callback", None) => failure("there is a session `callback` inside a callback alone"),
            _ => self.loan(name).map(|loan| loan.handle),
        }
    }

    pub fn add_thread(&self, name: &str, thread: JoinHandle<Checked>) -> Checked {
        match lock(&self.threads).insert(name.to_owned(), thread) {
            Some(_) => failure(format!("the thread `{name}` was started before and not awaited")),
            None => Ok(()),
        }
    }

    pub fn take_thread(&self, name: &str) -> Checked<JoinHandle<Checked>> {
        lock(&self.threads).remove(name).ok_or_else(|| Failure(format!("there is no thread `{name}`")))
    }

    pub fn problem(&self, text: String) {
        lock(&self.problems).push(text);
    }

    pub fn enter(&self, thread: &str, position: String) {
        lock(&self.positions).insert(thread.to_owned(), position);
    }

    pub fn leave(&self, thread: &str) {
        lock(&self.positions).remove(thread);
    }

    /// What every thread of the scenario is doing.
    pub fn whereabouts(&self) -> String {
        lock(&self.positions).values().cloned().collect::<Vec<_>>().join("\n")
    }

    /// Closes everything and reports what shows only at the end.
    pub fn finish(&self) -> Checked {
        let mut problems = Vec::new();
        let left = lock(&self.threads).keys().cloned().collect::<Vec<_>>();
        if !left.is_empty() {
            problems.push(format!("the scenario does not await its threads {}", left.join(", ")));
        }
        let pools = std::mem::take(&mut *lock(&self.pools));
        for pool in pools.into_values() {
            self.library.close(pool, CLOSE_FORCE, 0);
        }
        if let Err(why) = schema::give_back(self) {
            problems.push(why.to_string());
        }
        for aside in self.administrator.iter().chain([&self.owner]) {
            self.library.close(aside.pool, CLOSE_FORCE, 0);
        }
        problems.append(&mut lock(&self.problems));
        for (pool, state) in &*lock(&self.callbacks) {
            let freed = state.hook.as_ref().map_or(1, |hook| hook.times_freed());
            if freed != 1 {
                problems.push(format!("the callback's context of the pool `{pool}` was freed {freed} times"));
            }
        }
        if problems.is_empty() { Ok(()) } else { failure(problems.join("\n")) }
    }
}

const CLOSE_FORCE: u32 = 1;

fn is_for_administrators(need: &Capability) -> bool {
    matches!(need, Capability::Kill | Capability::TwoUsers)
}

fn open_aside(library: &Library, target: &Target, scenario: &str, who: &str, user: &User) -> Checked<Aside> {
    let bag = Bag::new(library)?;
    bag.one_session(target, scenario, user).map_err(|outcome| Failure(outcome.to_string()))?;
    let (outcome, pool) = library.create(None, bag.handle);
    if outcome.status != 0 {
        return failure(format!("the {who}'s pool: {outcome}"));
    }
    let got = library.get(pool, &GetCall { attrs: NULL, tag: None, mode: 0 });
    if got.outcome.status != 0 {
        return failure(format!("the {who}'s session: {}", got.outcome));
    }
    Ok(Aside { pool, session: got.session })
}
