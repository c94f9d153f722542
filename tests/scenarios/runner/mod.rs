//! The runner of the scenarios: what `tests/scenarios/README.md` describes, in Rust, through the C interface.

pub mod callbacks;
pub mod calls;
pub mod errors;
pub mod expect;
pub mod files;
pub mod format;
pub mod library;
pub mod needs;
pub mod outcome;
pub mod pools;
pub mod schema;
pub mod self_tests;
pub mod sessions;
pub mod settings;
pub mod statements;
pub mod statistics;
pub mod steps;
pub mod storm;
pub mod target;
pub mod text;
pub mod trials;
pub mod validate;
pub mod waiting;
pub mod watchdog;
pub mod words;
pub mod world;

use std::sync::{Arc, Mutex};

use errors::{Checked, Failure};
use files::{SetupLists, Statement};
use format::{Expect, Scenario, Setup};
use library::Library;
use pools::create;
use statements::run_owner;
use steps::run_steps;
use target::Target;
use world::{Scope, World, lock};

/// Runs a scenario in a database of its own, which is called after the test.
pub fn run_scenario(
    library: &Arc<Library>,
    target: &Target,
    setup: &SetupLists,
    name: &str,
    scenario: Scenario,
) -> Checked {
    let statements = statements(&scenario.setup, setup);
    let shown: Arc<Mutex<Option<Arc<World>>>> = Arc::default();
    let (seen, library, target, name) =
        (Arc::clone(&shown), Arc::clone(library), target.clone(), name.to_owned());
    let whereabouts = || lock(&shown).as_ref().map(|world| world.whereabouts()).unwrap_or_default();
    watchdog::run_within(watchdog::LIMIT, whereabouts, move || {
        let world = World::new(library, target, &name, &scenario.needs)?;
        *lock(&seen) = Some(Arc::clone(&world));
        let ran = run_parts(&world, &statements, &scenario);
        world.enter("", "the end of the scenario".to_owned());
        let finished = world.finish();
        *lock(&seen) = None;
        both(ran, finished)
    })
}

fn statements(scenario: &[Setup], lists: &SetupLists) -> Vec<String> {
    let of = |item: &Setup| match item {
        Setup::Sql(sql) => vec![sql.clone()],
        Setup::Include(list) => lists.get(list).into_iter().flatten().map(Statement::sql).collect(),
    };
    scenario.iter().flat_map(of).collect()
}

fn run_parts(world: &Arc<World>, statements: &[String], scenario: &Scenario) -> Checked {
    schema::take_over(world).map_err(|why| Failure(format!("the schema: {why}")))?;
    for sql in statements {
        run_owner(world, sql).map_err(|why| Failure(format!("setup: {why}")))?;
    }
    schema::share_with_second(world).map_err(|why| Failure(format!("grants: {why}")))?;
    if let Some(settings) = &scenario.pool {
        create(world, "p", None, settings, &Expect::default())
            .map_err(|why| Failure(format!("the scenario's pool: {why}")))?;
    }
    run_steps(world, &scenario.steps, &Scope::default())
}

/// What went wrong first, and what showed at the end.
fn both(first: Checked, second: Checked) -> Checked {
    match (first, second) {
        (Err(first), Err(second)) => Err(Failure(format!("{first}\n{second}"))),
        (first, second) => first.and(second),
    }
}
