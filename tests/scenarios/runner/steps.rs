//! What each step does.

use std::sync::Arc;
use std::thread;

use super::callbacks::calls;
use super::errors::{Checked, Failure, Findings, failure};
use super::expect::check_outcome;
use super::format::{NumberedStep, Step};
use super::pools::{close_value, create, full_name, reconfigure, take_pool};
use super::sessions::{Wish, arguments, check_tag, get, release, release_bits};
use super::statements::{check_rows, execute, kill, query};
use super::storm::storm;
use super::text::optional_bytes;
use super::waiting::{read_stats, wait_until, wait_until_closing};
use super::world::{Scope, World};

/// Runs steps in their order, up to the first that fails.
pub fn run_steps(world: &Arc<World>, steps: &[NumberedStep], scope: &Scope) -> Checked {
    for (at, numbered) in steps.iter().enumerate() {
        let position = format!("{}step {}: {}", scope.path, at + 1, numbered.text);
        world.enter(&scope.path, position.clone());
        let here =
            Scope { path: format!("{}step {}, ", scope.path, at + 1), callback: scope.callback.clone() };
        run_step(world, &numbered.step, &here).map_err(|why| Failure(format!("{position}\n{why}")))?;
    }
    world.leave(&scope.path);
    Ok(())
}

fn run_step(world: &Arc<World>, step: &Step, scope: &Scope) -> Checked {
    match step {
        Step::Create { pool, name, settings, expect } => {
            create(world, pool, name.as_deref(), settings, expect)
        }
        Step::Open { pool, name, expect } => {
            let (outcome, handle) = world.library.open(&full_name(world, name));
            check_outcome(&world.target, expect, &outcome)?;
            take_pool(world, pool, handle);
            Ok(())
        }
        Step::Reconfigure { pool, settings, expect } => reconfigure(world, pool, settings, expect),
        Step::Close { pool, mode, drain_ms, expect } => {
            let outcome = world.library.close(world.pool(pool)?, close_value(*mode), *drain_ms);
            check_outcome(&world.target, expect, &outcome)
        }
        Step::Get { name, pool, tag, mode, attrs, expect } => {
            let wish = Wish { pool, tag: tag.as_ref(), mode, attrs };
            get(world, name, &wish, expect, scope)
        }
        Step::Release { session, tag, mode, expect } => {
            release(world, session, tag.as_ref(), mode, expect, scope)
        }
        Step::SetTag { session, tag, mode, expect } => {
            let bytes = optional_bytes(tag.as_ref(), arguments(scope))?;
            let handle = world.session(session, scope)?;
            let outcome = world.library.set_tag(handle, bytes.as_deref(), release_bits(mode));
            check_outcome(&world.target, expect, &outcome)
        }
        Step::CheckTag { session, tag } => {
            check_tag(world, world.session(session, scope)?, tag.as_ref(), scope)
        }
        Step::Execute { session, sql, binds, expect } => {
            let session = world.session(session, scope)?;
            let (outcome, rows) = execute(world, session, sql, binds)?;
            check_outcome(&world.target, expect, &outcome)?;
            check_rows(expect, rows)
        }
        Step::Query { session, sql, binds, rows } => {
            let came = query(world, world.session(session, scope)?, sql, binds)?;
            let mut findings = Findings::default();
            findings.equal("rows", &came, rows);
            findings.into_result()
        }
        Step::Commit { session, expect } => {
            check_outcome(&world.target, expect, &world.library.commit(world.session(session, scope)?))
        }
        Step::Rollback { session, expect } => {
            check_outcome(&world.target, expect, &world.library.rollback(world.session(session, scope)?))
        }
        Step::Ping { session, expect } => {
            check_outcome(&world.target, expect, &world.library.ping(world.session(session, scope)?))
        }
        Step::Kill { session } => kill(world, session),
        Step::Stats { pool, expect } => {
            let reading = read_stats(world, pool)?;
            reading.check(expect)?;
            reading.check_sums()
        }
        Step::WaitUntil { pool, stats } => wait_until(world, pool, stats),
        Step::WaitUntilClosing { pool } => wait_until_closing(world, world.pool(pool)?),
        Step::Calls { pool, native, fixup } => calls(world, pool, native.as_deref(), fixup.as_deref()),
        Step::Start { thread, steps } => start(world, thread, steps, scope),
        Step::Await { thread } => {
            let ended = world.take_thread(thread)?.join();
            ended.unwrap_or_else(|_| failure(format!("the thread `{thread}` panicked")))
        }
        Step::Storm { pool, threads, rounds, tags } => storm(world, pool, *threads, *rounds, tags),
    }
}

fn start(world: &Arc<World>, name: &str, steps: &[NumberedStep], scope: &Scope) -> Checked {
    let scope = Scope { path: format!("{}thread {name}, ", scope.path), callback: None };
    let (world_there, steps) = (Arc::clone(world), steps.to_vec());
    world.add_thread(name, thread::spawn(move || run_steps(&world_there, &steps, &scope)))
}
