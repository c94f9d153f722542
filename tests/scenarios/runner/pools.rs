//! Pools: made, opened, changed, closed.

use std::sync::Arc;

use super::callbacks::hook_up;
use super::errors::{Checked, failure};
use super::expect::check_outcome;
use super::format::{CloseMode, Expect, Settings};
use super::library::{Handle, NULL};
use super::settings::{Bag, pool_bag};
use super::world::World;

/// Creates a pool. Settings that the bag refuses are refusals of the creation: other languages know no bags.
pub fn create(
    world: &Arc<World>,
    pool: &str,
    name: Option<&str>,
    settings: &Settings,
    expect: &Expect,
) -> Checked {
    if world.has_pool(pool) {
        return failure(format!("the scenario has a pool `{pool}` already"));
    }
    let bag = match pool_bag(&world.library, &world.target, &world.scenario, settings)? {
        Ok(bag) => bag,
        Err(refusal) => return check_outcome(&world.target, expect, &refusal),
    };
    if let Some(callback) = &settings.callback
        && let Err(refusal) = hook_up(world, pool, callback, &bag)
    {
        return check_outcome(&world.target, expect, &refusal);
    }
    let name = name.map(|name| full_name(world, name));
    let (outcome, handle) = world.library.create(name.as_deref(), bag.handle);
    take_pool(world, pool, handle);
    check_outcome(&world.target, expect, &outcome)
}

pub fn take_pool(world: &World, pool: &str, handle: Handle) {
    if handle != NULL {
        world.add_pool(pool, handle);
    }
}

/// Names of pools are the process's: scenarios that run side by side must not meet.
pub fn full_name(world: &World, name: &str) -> String {
    format!("{}/{name}", world.scenario)
}

pub fn reconfigure(world: &World, pool: &str, settings: &Settings, expect: &Expect) -> Checked {
    let bag = Bag::new(&world.library)?;
    let outcome = match bag.settings(&world.target, settings) {
        Ok(()) => world.library.reconfigure(world.pool(pool)?, bag.handle),
        Err(refusal) => refusal,
    };
    check_outcome(&world.target, expect, &outcome)
}

pub fn close_value(mode: CloseMode) -> u32 {
    match mode {
        CloseMode::Default => 0,
        CloseMode::Force => 1,
    }
}
