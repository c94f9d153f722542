//! What each step does.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::calls::{Ran, check_calls};
use super::errors::{Checked, Failure, Findings, failure};
use super::expect::check_outcome;
use super::format::{
    Call, Callback, CloseMode, Expect, GetAttrs, GetBit, GetMode, Number, NumberedStep, ReleaseBit, Settings,
    StatusName, Step, Text, success,
};
use super::library::{CallbackHook, CallbackRun, GetCall, Got, Handle, NULL};
use super::outcome::Outcome;
use super::settings::{Bag, pool_bag};
use super::statistics::Reading;
use super::storm::storm;
use super::text::{Arguments, optional_bytes, show};
use super::watchdog::LIMIT;
use super::world::{CallbackState, Scope, World, lock};

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

// -- pools ------------------------------------------------------------------------------------------------------

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

fn take_pool(world: &World, pool: &str, handle: Handle) {
    if handle != NULL {
        world.add_pool(pool, handle);
    }
}

/// Names of pools are the process's: scenarios that run side by side must not meet.
fn full_name(world: &World, name: &str) -> String {
    format!("{}/{name}", world.scenario)
}

fn reconfigure(world: &World, pool: &str, settings: &Settings, expect: &Expect) -> Checked {
    let bag = Bag::new(&world.library)?;
    let outcome = match bag.settings(&world.target, settings) {
        Ok(()) => world.library.reconfigure(world.pool(pool)?, bag.handle),
        Err(refusal) => refusal,
    };
    check_outcome(&world.target, expect, &outcome)
}

fn close_value(mode: CloseMode) -> u32 {
    match mode {
        CloseMode::Default => 0,
        CloseMode::Force => 1,
    }
}

// -- callbacks --------------------------------------------------------------------------------------------------

fn hook_up(world: &Arc<World>, pool: &str, callback: &Callback, bag: &Bag<'_>) -> Result<(), Outcome> {
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
fn calls(world: &World, pool: &str, native: Option<&[Call]>, fixup: Option<&[Call]>) -> Checked {
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

// -- sessions ---------------------------------------------------------------------------------------------------

/// What a get asks for.
struct Wish<'a> {
    pool: &'a str,
    tag: Option<&'a Text>,
    mode: &'a [GetBit],
    attrs: &'a GetAttrs,
}

fn get(world: &Arc<World>, name: &str, wish: &Wish<'_>, expect: &Expect, scope: &Scope) -> Checked {
    let bag = Bag::new(&world.library)?;
    if let Err(refusal) = bag.get_attrs(&world.target, wish.attrs) {
        return check_outcome(&world.target, expect, &refusal);
    }
    let tag = optional_bytes(wish.tag, arguments(scope))?;
    // Most programs give none; the library must not treat them worse.
    let attrs = if wish.attrs.is_empty() { NULL } else { bag.handle };
    let call = GetCall { attrs, tag: tag.as_deref(), mode: get_bits(wish.mode) };
    let got = world.library.get(world.pool(wish.pool)?, &call);
    // Before the checks: after a failed one the scenario still has to give the session back.
    let loan = if got.session == NULL { None } else { Some(world.add_session(name, got.session)?) };
    let came = describe(&got);
    let checked = check_outcome(&world.target, expect, &got.outcome).and_then(|()| match loan {
        Some(_) => check_got(world, name, &got, expect, scope),
        None => Ok(()),
    });
    checked.map_err(|why| Failure(format!("{why}\ngot: {came}")))
}

fn describe(got: &Got) -> String {
    format!("status {}, found {}, tag {}", got.outcome.status, got.found, show(got.ret_tag.as_deref()))
}

fn check_got(world: &World, name: &str, got: &Got, expect: &Expect, scope: &Scope) -> Checked {
    let mut findings = Findings::default();
    let (tag, flaws) = world.library.tag(got.session);
    flaws.into_iter().for_each(|flaw| findings.note(flaw));
    if tag != got.ret_tag {
        findings.note(format!(
            "the get returned the tag {}, but the session's is {}",
            show(got.ret_tag.as_deref()),
            show(tag.as_deref())
        ));
    }
    if let Some(expected) = &expect.tag {
        findings.equal(
            "tag",
            show(tag.as_deref()),
            show(optional_bytes(expected.as_ref(), arguments(scope))?.as_deref()),
        );
    }
    if let Some(expected) = expect.found {
        findings.equal("found", got.found, i32::from(expected));
    }
    if let Some(expected) = expect.is_new {
        findings.equal("is_new", world.library.is_new(got.session), expected);
    }
    check_identity(world, name, expect, &mut findings)?;
    findings.into_result()
}

/// Compares the session of the database behind the loan with those behind other names.
fn check_identity(world: &World, name: &str, expect: &Expect, findings: &mut Findings) -> Checked {
    if let Some(other) = &expect.same_as {
        findings.equal(
            &format!("same_as {other}: SID and serial#"),
            identity(world, name)?,
            identity(world, other)?,
        );
    }
    for other in &expect.not_same_as {
        if identity(world, name)? == identity(world, other)? {
            findings.note(format!("not_same_as {other}: it is the very session"));
        }
    }
    Ok(())
}

fn identity(world: &World, name: &str) -> Checked<(u32, u32)> {
    world
        .loan(name)?
        .identity
        .ok_or_else(|| Failure(format!("the session `{name}` did not tell its identity")))
}

fn release(
    world: &World,
    session: &str,
    tag: Option<&Text>,
    mode: &[ReleaseBit],
    expect: &Expect,
    scope: &Scope,
) -> Checked {
    let bytes = optional_bytes(tag, arguments(scope))?;
    let outcome = world.library.release(world.session(session, scope)?, bytes.as_deref(), release_bits(mode));
    if !leaves_on_loan(&outcome) {
        world.mark_released(session);
    }
    check_outcome(&world.target, expect, &outcome)
}

/// A release consumes the session, unless an argument or the tag was bad.
fn leaves_on_loan(outcome: &Outcome) -> bool {
    const INVALID_ARGUMENT: i32 = -3;
    const BAD_TAG: i32 = 24488;
    outcome.status == INVALID_ARGUMENT || outcome.code() == BAD_TAG
}

fn check_tag(world: &World, session: Handle, expected: Option<&Text>, scope: &Scope) -> Checked {
    let (tag, flaws) = world.library.tag(session);
    let mut findings = Findings::default();
    flaws.into_iter().for_each(|flaw| findings.note(flaw));
    findings.equal("tag", show(tag.as_deref()), show(optional_bytes(expected, arguments(scope))?.as_deref()));
    findings.into_result()
}

fn arguments(scope: &Scope) -> Option<&Arguments> {
    scope.callback.as_ref().map(|(_, arguments)| arguments)
}

fn get_bits(mode: &[GetBit]) -> u32 {
    let value = |bit: &GetBit| match bit {
        GetBit::Matchany => 0x20,
        GetBit::PurityNew => 0x40,
        GetBit::PuritySelf => 0x80,
        GetBit::MultipropertyTag => 0x400,
    };
    mode.iter().map(value).fold(0, |bits, bit| bits | bit)
}

fn release_bits(mode: &[ReleaseBit]) -> u32 {
    let value = |bit: &ReleaseBit| match bit {
        ReleaseBit::Dropsess => 1,
        ReleaseBit::Retag => 2,
        ReleaseBit::MultipropertyTag => 4,
    };
    mode.iter().map(value).fold(0, |bits, bit| bits | bit)
}

// -- statements -------------------------------------------------------------------------------------------------

fn execute(world: &World, session: Handle, sql: &str, binds: &[Option<String>]) -> Checked<(Outcome, u64)> {
    let sql = world.target.fill_in(sql);
    if binds.is_empty() {
        return Ok(world.library.execute(session, &sql));
    }
    let (outcome, stmt) = prepare(world, session, &sql, binds);
    let ran = if outcome.is_done() { world.library.stmt_execute(stmt) } else { (outcome, 0) };
    world.library.stmt_free(stmt);
    Ok(ran)
}

fn prepare(world: &World, session: Handle, sql: &str, binds: &[Option<String>]) -> (Outcome, Handle) {
    let (mut outcome, stmt) = world.library.prepare(session, sql);
    for (position, bind) in (1..).zip(binds) {
        if outcome.is_done() {
            outcome = world.library.bind_text(stmt, position, bind.as_deref());
        }
    }
    (outcome, stmt)
}

fn query(
    world: &World,
    session: Handle,
    sql: &str,
    binds: &[Option<String>],
) -> Checked<Vec<Vec<Option<String>>>> {
    let sql = world.target.fill_in(sql);
    let (prepared, stmt) = prepare(world, session, &sql, binds);
    let rows = done(prepared, &sql).and_then(|()| {
        done(world.library.stmt_execute(stmt).0, &sql)?;
        fetch_all(world, stmt, &sql)
    });
    world.library.stmt_free(stmt);
    rows
}

fn fetch_all(world: &World, stmt: Handle, sql: &str) -> Checked<Vec<Vec<Option<String>>>> {
    const NO_DATA: i32 = 100;
    let mut rows = Vec::new();
    loop {
        let fetched = world.library.fetch(stmt);
        if fetched.status == NO_DATA {
            return Ok(rows);
        }
        done(fetched, sql)?;
        let columns = 0..world.library.column_count(stmt);
        let row = columns.map(|column| {
            let (outcome, text) = world.library.column_text(stmt, column);
            done(outcome, sql).map(|()| text)
        });
        rows.push(row.collect::<Checked<Vec<_>>>()?);
    }
}

fn done(outcome: Outcome, sql: &str) -> Checked {
    if outcome.is_done() && outcome.flaws.is_empty() { Ok(()) } else { failure(format!("{sql}: {outcome}")) }
}

fn check_rows(expect: &Expect, rows: u64) -> Checked {
    let mut findings = Findings::default();
    if let Some(expected) = expect.rows {
        findings.equal("rows", rows, expected);
    }
    findings.into_result()
}

/// Runs a statement of the scenario's own doing.
pub fn run_owner(world: &World, sql: &str) -> Checked {
    done(execute(world, world.owner(), sql, &[])?.0, sql)
}

fn kill(world: &World, session: &str) -> Checked {
    let (sid, serial) = identity(world, session)?;
    run_owner(world, &format!("alter system kill session '{sid},{serial}'"))
}

// -- waiting ----------------------------------------------------------------------------------------------------

fn read_stats(world: &World, pool: &str) -> Checked<Reading> {
    let (outcome, numbers) = world.library.stats(world.pool(pool)?);
    done(outcome, "orapool_get_stats").map(|()| Reading::new(numbers))
}

/// Looks again and again, for about half of the time that the watchdog gives; the last look tells what is missing.
fn look_until(mut look: impl FnMut() -> Checked) -> Checked {
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

fn wait_until(world: &World, pool: &str, expected: &BTreeMap<String, Number>) -> Checked {
    look_until(|| read_stats(world, pool)?.check(expected))
}

/// A pool that closes or drains refuses gets, and so does the handle that was closed; what a get gives before that goes
/// back.
fn wait_until_closing(world: &World, pool: Handle) -> Checked {
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

fn start(world: &Arc<World>, name: &str, steps: &[NumberedStep], scope: &Scope) -> Checked {
    let scope = Scope { path: format!("{}thread {name}, ", scope.path), callback: None };
    let (world_there, steps) = (Arc::clone(world), steps.to_vec());
    world.add_thread(name, thread::spawn(move || run_steps(&world_there, &steps, &scope)))
}
