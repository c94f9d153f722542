//! The callback of a pool: what its runs do, and what both kinds of callbacks were called with.

use std::sync::{Arc, Weak};

use super::calls::{Ran, check_calls};
use super::errors::{Checked, failure};
use super::format::{Call, Callback, success};
use super::library::{CallbackHook, CallbackRun};
use super::outcome::Outcome;
use super::settings::Bag;
use super::statements::{query, run_owner};
use super::steps::run_steps;
use super::text::Arguments;
use super::world::{CallbackState, Scope, World, lock};

pub fn hook_up(world: &Arc<World>, pool: &str, callback: &Callback, bag: &Bag<'_>) -> Result<(), Outcome> {
    let (weak, name, callback) = (Arc::downgrade(world), pool.to_owned(), callback.clone());
    let hook = CallbackHook::new(move |run| run_callback(&weak, &name, &callback, run));
    bag.callback(&hook)?;
    lock(&world.callbacks)
        .insert(pool.to_owned(), CallbackState { hook: Some(hook), ..CallbackState::default() });
    Ok(())
}

/// What a callback returns when the scenario that it belongs to is gone.
const NO_WORLD: i32 = -98;

fn run_callback(world: &Weak<World>, pool: &str, callback: &Callback, run: CallbackRun) -> i32 {
    let Some(world) = world.upgrade() else { return NO_WORLD };
    let number = note_run(&world, pool, &run);
    for flaw in run.flaws {
        world.problem(format!("the callback of `{pool}`: {flaw}"));
    }
    let arguments = Arguments { wanted: run.wanted, actual: run.actual };
    let path = format!("callback of {pool}, run {number}, ");
    let scope = Scope { path, callback: Some((run.session, arguments)) };
    let Some(plan) = callback.runs.get(number - 1) else { return success() };
    if let Err(why) = run_steps(&world, &plan.steps, &scope) {
        world.problem(why.to_string());
    }
    plan.returns
}

/// Writes the run down; its number, from 1.
fn note_run(world: &World, pool: &str, run: &CallbackRun) -> usize {
    let mut callbacks = lock(&world.callbacks);
    let state = callbacks.entry(pool.to_owned()).or_default();
    state.log.push((run.wanted.clone(), run.actual.clone()));
    state.runs += 1;
    state.runs
}

/// Compares what ran since the last look, and forgets it.
pub fn calls(world: &World, pool: &str, native: Option<&[Call]>, fixup: Option<&[Call]>) -> Checked {
    if let Some(expected) = native {
        let log = lock(&world.callbacks).get_mut(pool).map(|state| std::mem::take(&mut state.log));
        let Some(log) = log else { return failure(format!("the pool `{pool}` has no callback")) };
        check_calls("native callback", &log, expected)?;
    }
    match fixup {
        Some(expected) => check_calls("PL/SQL fix-up", &take_fixup_log(world)?, expected),
        None => Ok(()),
    }
}

/// The rows that the fix-up procedures of `setup.json` wrote.
fn take_fixup_log(world: &World) -> Checked<Vec<Ran>> {
    let rows = query(world, world.owner(), "select desired, actual from fixup_log order by id", &[])?;
    run_owner(world, "delete from fixup_log")?;
    run_owner(world, "commit")?;
    let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
    Ok(rows.iter().map(|row| (bytes(&row[0]), bytes(&row[1]))).collect())
}
