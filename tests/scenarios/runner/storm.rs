//! Many threads that get and release with tags, and what must hold whatever they meet.

use std::sync::Arc;
use std::thread;

use super::errors::{Checked, Failure, failure};
use super::format::Text;
use super::library::{GetCall, Handle, NULL};
use super::text::show;
use super::world::World;

const GET_MULTIPROPERTY: u32 = 0x400;
const RELEASE_RETAG_MULTIPROPERTY: u32 = 0x2 | 0x4;

/// Each thread goes through the tags, each from another one on; every found session must have what was wanted.
pub fn storm(world: &Arc<World>, pool: &str, threads: usize, rounds: usize, tags: &[Text]) -> Checked {
    let tags = tags.iter().map(|tag| tag.bytes(None)).collect::<Checked<Vec<_>>>()?;
    let (pool, tags) = (world.pool(pool)?, Arc::new(tags));
    let started = (0..threads).map(|number| {
        let (world, tags) = (Arc::clone(world), Arc::clone(&tags));
        thread::spawn(move || {
            (0..rounds).try_for_each(|round| one_loan(&world, pool, &tags[(number + round) % tags.len()]))
        })
    });
    let started = started.collect::<Vec<_>>();
    // All are waited for before the first failure is told: none may run on into the end of the scenario.
    let ended = started.into_iter().map(thread::JoinHandle::join).collect::<Vec<_>>();
    ended.into_iter().try_for_each(|one| one.unwrap_or_else(|_| failure("a thread of the storm panicked")))
}

fn one_loan(world: &World, pool: Handle, wanted: &[u8]) -> Checked {
    let got = world.library.get(pool, &GetCall { attrs: NULL, tag: Some(wanted), mode: GET_MULTIPROPERTY });
    if got.outcome.status != 0 || !got.outcome.flaws.is_empty() {
        return failure(format!("a get: {} {:?}", got.outcome, got.outcome.flaws));
    }
    let checked = check_found(wanted, got.found, got.ret_tag.as_deref());
    let outcome = world.library.release(got.session, Some(wanted), RELEASE_RETAG_MULTIPROPERTY);
    checked?;
    if outcome.status == 0 { Ok(()) } else { failure(format!("a release: {outcome}")) }
}

/// Found means: all that was wanted is in the tag. Not found means, without MATCHANY and fix-up: no tag at all.
fn check_found(wanted: &[u8], found: i32, tag: Option<&[u8]>) -> Checked {
    let pairs = |tag: &[u8]| tag.split(|byte| *byte == b';').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let holds = match tag {
        Some(tag) => found == 1 && pairs(wanted).iter().all(|pair| pairs(tag).contains(pair)),
        None => found == 0,
    };
    let story = || format!("wanted {}, found {found}, tag {}", show(Some(wanted)), show(tag));
    if holds { Ok(()) } else { Err(Failure(story())) }
}
