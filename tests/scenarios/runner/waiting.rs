//! Numbers of a pool, and waiting for them.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::errors::{Checked, Failure, failure};
use super::format::{GetAttrs, GetMode, Number, StatusName};
use super::library::{GetCall, Handle, NULL};
use super::settings::Bag;
use super::statements::done;
use super::statistics::Reading;
use super::watchdog::LIMIT;
use super::world::World;

pub fn read_stats(world: &World, pool: &str) -> Checked<Reading> {
    let (outcome, numbers) = world.library.stats(world.pool(pool)?);
    done(outcome, "orapool_get_stats").map(|()| Reading::new(numbers))
}

/// Looks again and again, for about half of the time that the watchdog gives; the last look tells what is missing.
pub fn look_until(mut look: impl FnMut() -> Checked) -> Checked {
    const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
    let start = Instant::now();
    loop {
        match look() {
            Err(why) if start.elapsed() > LIMIT / 2 => return failure(format!("it never came: {why}")),
            Err(_) => thread::sleep(BETWEEN_LOOKS),
            Ok(()) => return Ok(()),
        }
    }
}

pub fn wait_until(world: &World, pool: &str, expected: &BTreeMap<String, Number>) -> Checked {
    look_until(|| read_stats(world, pool)?.check(expected))
}

/// A pool that closes or drains refuses gets, and so does the handle that was closed; what a get gives before that goes
/// back.
pub fn wait_until_closing(world: &World, pool: Handle) -> Checked {
    let refusals = [StatusName::Closed.value(), StatusName::InvalidHandle.value()];
    let bag = Bag::new(&world.library)?;
    let nowait = GetAttrs { get_mode: Some(GetMode::Nowait), ..GetAttrs::default() };
    bag.get_attrs(&world.target, &nowait).map_err(|refusal| Failure(refusal.to_string()))?;
    look_until(|| {
        let got = world.library.get(pool, &GetCall { attrs: bag.handle, tag: None, mode: 0 });
        if got.session != NULL {
            world.library.release(got.session, None, 0);
        }
        if refusals.contains(&got.outcome.status) {
            Ok(())
        } else {
            failure(format!("a get: {}", got.outcome))
        }
    })
}
