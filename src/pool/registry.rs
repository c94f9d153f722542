//! Pools by name: one per name and process, whichever runtime made it.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Kind};
use crate::pool::attributes::Attributes;
use crate::pool::core::Core;
use crate::process::PerProcess;

/// What stands under a name.
enum Named {
    /// Somebody is creating it; the lock is not held meanwhile.
    BeingCreated,
    Pool(Arc<Core>),
}

#[derive(Default)]
struct Registry {
    names: Mutex<BTreeMap<String, Named>>,
    changed: Condvar,
}

static REGISTRY: PerProcess<Registry> = PerProcess::new();

/// The right to create the pool of a name. Given up when it is dropped without [`Claim::fulfil`].
pub(crate) struct Claim {
    name: Option<String>,
}

/// What a create finds.
pub(crate) enum Found {
    /// The name is free, and the caller's to fill.
    Free(Claim),
    /// A pool of that name with the same attributes.
    Existing(Arc<Core>),
}

impl Claim {
    /// Enters the pool that was created.
    pub(crate) fn fulfil(mut self, core: &Arc<Core>) {
        if let Some(name) = self.name.take() {
            REGISTRY.get().names.lock().insert(name, Named::Pool(Arc::clone(core)));
            REGISTRY.get().changed.notify_all();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            REGISTRY.get().names.lock().remove(&name);
            REGISTRY.get().changed.notify_all();
        }
    }
}

/// Claims `name` for a new pool, or finds the one that has it. Waits while another thread is creating it.
pub(crate) fn claim(name: Option<&str>, attributes: &Attributes, opens: bool) -> Result<Found, Error> {
    let Some(name) = name else { return Ok(Found::Free(Claim { name: None })) };
    let mut names = REGISTRY.get().names.lock();
    loop {
        match names.get(name) {
            None => {
                names.insert(name.to_owned(), Named::BeingCreated);
                return Ok(Found::Free(Claim { name: Some(name.to_owned()) }));
            }
            Some(Named::BeingCreated) => REGISTRY.get().changed.wait(&mut names),
            Some(Named::Pool(_)) if !opens => {
                return Err(Error::new(Kind::Conflict, 0, format!("a pool named `{name}` exists already")));
            }
            Some(Named::Pool(core)) if core.is_closing() => return Err(Error::closed()),
            Some(Named::Pool(core)) => return same_attributes(core, name, attributes).map(Found::Existing),
        }
    }
}

fn same_attributes(core: &Arc<Core>, name: &str, attributes: &Attributes) -> Result<Arc<Core>, Error> {
    let differing = core.created_with.differences(&attributes.without_secrets());
    if differing.is_empty() {
        core.add_handle();
        return Ok(Arc::clone(core));
    }
    let text = format!("a pool named `{name}` exists with other values of {}", differing.join(", "));
    Err(Error::new(Kind::Conflict, 0, text))
}

/// Finds an open pool by name, for one more handle. ORA-24416 if there is none.
pub(crate) fn open(name: &str) -> Result<Arc<Core>, Error> {
    let mut names = REGISTRY.get().names.lock();
    loop {
        match names.get(name) {
            Some(Named::Pool(core)) if core.is_closing() => return Err(Error::closed()),
            Some(Named::Pool(core)) => {
                core.add_handle();
                return Ok(Arc::clone(core));
            }
            Some(Named::BeingCreated) => REGISTRY.get().changed.wait(&mut names),
            None => {
                return Err(Error::oracle(
                    24416,
                    format!("ORA-24416: no pool named `{name}` is open in this process"),
                ));
            }
        }
    }
}

/// Gives one handle of a pool up. True: it was not the last. The last is given up by [`remove`] once the pool is
/// closed, because a close may be refused.
pub(crate) fn give_up_handle(core: &Core) -> bool {
    let _names = REGISTRY.get().names.lock();
    core.give_up_handle_unless_last()
}

/// Frees the name of a pool that no one is to find any more.
pub(crate) fn remove(core: &Arc<Core>) {
    let Some(name) = &core.name else { return };
    let mut names = REGISTRY.get().names.lock();
    if matches!(names.get(name), Some(Named::Pool(found)) if Arc::ptr_eq(found, core)) {
        names.remove(name);
    }
}
