//! What came of the languages, as tests by name: `java::build`, `java::tests`, `java::bench`, `java/oci::runner` for what is
//! wrong with the runner itself, and `java/oci::tags::T11` for each scenario.

use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::catalogue::Catalogue;
use crate::jobs::{NotBuilt, Station, Task, Wanted, Work};
use crate::language::{Driver, all_are_required};
use crate::protocol::{OwnTests, Run, Verdict};

type Ended = Result<Completion, Failed>;

/// A test, and what has to be done for it.
struct Planned {
    trial: Trial,
    task: Task,
    /// Of the scenarios which.
    scenario: Option<(Driver, String)>,
}

/// The tests, and what is wanted for those of them that will run.
pub fn of_languages(work: &Arc<Work>, catalogue: &Catalogue, arguments: &Arguments) -> (Vec<Trial>, Wanted) {
    let mut trials = Vec::new();
    let mut wanted = Wanted::default();
    let stations = 0..work.stations.len();
    let all = stations.flat_map(|number| {
        of_language(work, number, catalogue).into_iter().map(move |planned| (number, planned))
    });
    let mut all = all.collect::<Vec<_>>();
    // In the order in which they come to their end: a test that waits keeps those behind it from being told.
    all.sort_by_key(|(_, planned)| match planned.task {
        Task::Build | Task::Scenarios(_) => 0,
        Task::Tests => 1,
        Task::Bench => 2,
    });
    for (number, planned) in all {
        if is_to_run(work, number, arguments, &planned.trial) {
            want(&mut wanted, number, &planned);
        }
        trials.push(planned.trial);
    }
    (trials, wanted)
}

fn is_to_run(work: &Work, number: usize, arguments: &Arguments, trial: &Trial) -> bool {
    work.stations[number].language.missing.is_none() && !arguments.is_filtered_out(trial)
}

fn want(wanted: &mut Wanted, number: usize, planned: &Planned) {
    match &planned.scenario {
        Some((driver, name)) => wanted.add_scenario(number, *driver, name),
        None => wanted.add(number, planned.task.clone()),
    }
}

fn of_language(work: &Arc<Work>, number: usize, catalogue: &Catalogue) -> Vec<Planned> {
    let language = work.stations[number].language.name;
    let mut all = vec![
        planned(work, number, format!("{language}::build"), Task::Build, build),
        planned(work, number, format!("{language}::tests"), Task::Tests, tests),
        planned(work, number, format!("{language}::bench"), Task::Bench, bench),
    ];
    for driver in Driver::ALL {
        let group = format!("{language}/{}", driver.name());
        let task = Task::Scenarios(driver.name());
        all.push(planned(work, number, format!("{group}::runner"), task.clone(), move |s| runner(s, driver)));
        for case in &catalogue.cases {
            let name = case.name.clone();
            let test = move |station: &Station| scenario(station, driver, &name);
            let mut planned = planned(work, number, format!("{group}::{}", case.name), task.clone(), test);
            planned.scenario = Some((driver, case.name.clone()));
            all.push(planned);
        }
    }
    all
}

fn planned(
    work: &Arc<Work>,
    number: usize,
    name: String,
    task: Task,
    test: impl FnOnce(&Station) -> Ended + Send + 'static,
) -> Planned {
    let work = Arc::clone(work);
    let trial = Trial::ignorable_test(name, move || {
        let station = &work.stations[number];
        match &station.language.missing {
            Some(why) => missing(why),
            None => test(station),
        }
    });
    Planned { trial, task, scenario: None }
}

fn missing(why: &str) -> Ended {
    if all_are_required() { Err(Failed::from(why)) } else { Ok(Completion::ignored_with(why)) }
}

/// Why there is nothing behind a build that did not succeed.
fn not_built(station: &Station) -> Ended {
    match station.build.wait() {
        Err(NotBuilt::Lacks(why)) => missing(why),
        _ => Ok(Completion::ignored_with("it was not built")),
    }
}

fn build(station: &Station) -> Ended {
    match station.build.wait() {
        Ok(()) => Ok(Completion::Completed),
        Err(NotBuilt::Lacks(why)) => missing(why),
        Err(NotBuilt::Failed(why)) => Err(Failed::from(why)),
    }
}

fn tests(station: &Station) -> Ended {
    match station.tests.wait() {
        Some(tests) => failures_of(tests),
        None => not_built(station),
    }
}

fn failures_of(tests: &OwnTests) -> Ended {
    let failed = tests.verdicts.iter().filter_map(|(name, verdict)| match verdict {
        Verdict::Failed(why) => Some(format!("{name}: {why}")),
        _ => None,
    });
    let all = tests.problems.iter().cloned().chain(failed).collect::<Vec<_>>();
    if all.is_empty() { Ok(Completion::Completed) } else { Err(Failed::from(all.join("\n"))) }
}

fn bench(station: &Station) -> Ended {
    match station.bench.wait() {
        Some(Ok(_)) => Ok(Completion::Completed),
        Some(Err(why)) => Err(Failed::from(why)),
        None => not_built(station),
    }
}

fn runner(station: &Station, driver: Driver) -> Ended {
    match station.run(driver).wait() {
        Some(Run { problems, .. }) if problems.is_empty() => Ok(Completion::Completed),
        Some(run) => Err(Failed::from(run.problems.join("\n"))),
        None => not_built(station),
    }
}

fn scenario(station: &Station, driver: Driver, name: &str) -> Ended {
    let Some(run) = station.run(driver).wait() else { return not_built(station) };
    match run.verdicts.get(name) {
        Some(Verdict::Passed) => Ok(Completion::Completed),
        Some(Verdict::Skipped(reason)) => Ok(Completion::ignored_with(reason)),
        Some(Verdict::Failed(why)) => Err(Failed::from(why)),
        None => Err(Failed::from("it was not run")),
    }
}
