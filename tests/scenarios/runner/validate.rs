//! What a scenario file must keep to beyond its format.

use std::collections::BTreeSet;

use super::errors::{Checked, Failure, failure};
use super::files::SetupLists;
use super::format::{Expect, FORMAT, NumberedStep, Scenario, ScenarioFile, Settings, Setup, Step};
use super::needs::check_needs;
use super::settings::is_change;
use super::statistics::STAT_NAMES;

pub fn check_file(file: &ScenarioFile, setup: &SetupLists) -> Checked {
    if file.format != FORMAT {
        return failure(format!("the format is {}, this runner reads {FORMAT}", file.format));
    }
    if file.title.is_empty() || file.scenarios.is_empty() {
        return failure("a file has a title and scenarios");
    }
    file.scenarios.iter().try_for_each(|scenario| {
        check_scenario(scenario, setup).map_err(|why| Failure(format!("{}: {why}", scenario.id)))
    })
}

fn check_scenario(scenario: &Scenario, setup: &SetupLists) -> Checked {
    let is_plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if scenario.id.is_empty() || !is_plain(&scenario.id) {
        return failure("an id is of letters, digits and hyphens");
    }
    if scenario.title.is_empty() || scenario.source.place.is_empty() || scenario.steps.is_empty() {
        return failure("a scenario has a title, a source and steps");
    }
    for item in &scenario.setup {
        if let Setup::Include(list) = item
            && !setup.contains_key(list)
        {
            return failure(format!("setup.json has no list `{list}`"));
        }
    }
    let all = all_steps(scenario);
    scenario.pool.iter().try_for_each(check_sizes)?;
    all.iter().try_for_each(|step| {
        check_step(&step.step).map_err(|why| Failure(format!("{why} in {}", step.text)))
    })?;
    check_names(&all)?;
    check_checks(&all)?;
    check_needs(scenario, &all)
}

/// The steps with those of threads and callbacks, before they are sorted by kind.
fn all_steps(scenario: &Scenario) -> Vec<&NumberedStep> {
    let mut all = Vec::new();
    scenario.pool.iter().for_each(|pool| collect_callback(pool, &mut all));
    collect(&scenario.steps, &mut all);
    all
}

fn collect<'a>(steps: &'a [NumberedStep], all: &mut Vec<&'a NumberedStep>) {
    for step in steps {
        all.push(step);
        match &step.step {
            Step::Start { steps, .. } => collect(steps, all),
            Step::Create { settings, .. } => collect_callback(settings, all),
            _ => {}
        }
    }
}

fn collect_callback<'a>(settings: &'a Settings, all: &mut Vec<&'a NumberedStep>) {
    let runs = settings.callback.iter().flat_map(|callback| &callback.runs);
    runs.for_each(|run| collect(&run.steps, all));
}

/// What a pool is sized to must be seen in its scenario.
fn check_sizes(settings: &Settings) -> Checked {
    if settings.min.is_none() || settings.max.is_none() {
        return failure("a pool names its min and max");
    }
    Ok(())
}

fn check_step(step: &Step) -> Checked {
    match step {
        Step::Create { settings, expect, .. } => {
            check_sizes(settings)?;
            check_expect(expect, Kind::Plain)
        }
        Step::Reconfigure { settings, expect, .. } => {
            if !is_change(settings) || settings.callback.is_some() {
                return failure("a reconfiguration changes no user, knob or callback");
            }
            check_expect(expect, Kind::Plain)
        }
        Step::Get { expect, .. } => check_expect(expect, Kind::Get),
        Step::Execute { expect, .. } => check_expect(expect, Kind::Execute),
        Step::Open { expect, .. }
        | Step::Close { expect, .. }
        | Step::Release { expect, .. }
        | Step::SetTag { expect, .. }
        | Step::Commit { expect, .. }
        | Step::Rollback { expect, .. }
        | Step::Ping { expect, .. } => check_expect(expect, Kind::Plain),
        Step::Stats { expect: numbers, .. } | Step::WaitUntil { stats: numbers, .. } => {
            check_stat_names(numbers.keys())
        }
        Step::Calls { native: None, fixup: None, .. } => failure("the step checks nothing"),
        Step::Start { steps, .. } if steps.is_empty() => failure("a thread has steps"),
        Step::Storm { threads: 0, .. } | Step::Storm { rounds: 0, .. } => {
            failure("a storm has threads and rounds")
        }
        Step::Storm { tags, .. } if tags.is_empty() => failure("a storm has tags"),
        _ => Ok(()),
    }
}

fn check_stat_names<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> Checked {
    if names.len() == 0 {
        return failure("the step names no number");
    }
    for name in names {
        if !STAT_NAMES.contains(&name.as_str()) {
            return failure(format!("there is no number `{name}` in the statistics"));
        }
    }
    Ok(())
}

#[derive(PartialEq)]
enum Kind {
    Plain,
    Get,
    Execute,
}

/// A failure names its number; what only a success has, and what only some calls have, is named nowhere else.
fn check_expect(expect: &Expect, kind: Kind) -> Checked {
    let is_failure = expect.expected_status().value() < 0;
    if expect.expected_status().value() != 0 && expect.code.is_none() {
        return failure("whoever expects an error or a warning names its code");
    }
    let names_session = expect.found.is_some()
        || expect.tag.is_some()
        || expect.is_new.is_some()
        || expect.same_as.is_some()
        || !expect.not_same_as.is_empty();
    if names_session && (kind != Kind::Get || is_failure) {
        return failure("only a get that succeeds has found, tag, is_new, same_as and not_same_as");
    }
    if expect.rows.is_some() && (kind != Kind::Execute || is_failure) {
        return failure("only an execute that succeeds has rows");
    }
    Ok(())
}

/// Sessions that are spoken of must come from somewhere.
fn check_names(all: &[&NumberedStep]) -> Checked {
    let mut known = BTreeSet::from(["owner", "callback", "null"]);
    for step in all {
        if let Step::Get { name, .. } = &step.step
            && !known.insert(name)
            && ["owner", "callback", "null"].contains(&name.as_str())
        {
            return failure(format!("`{name}` is taken"));
        }
    }
    for step in all {
        for name in names_of(&step.step) {
            if !known.contains(name) {
                return failure(format!("no get gives the session `{name}` of {}", step.text));
            }
        }
    }
    Ok(())
}

fn names_of(step: &Step) -> Vec<&str> {
    match step {
        Step::Release { session, .. }
        | Step::SetTag { session, .. }
        | Step::CheckTag { session, .. }
        | Step::Execute { session, .. }
        | Step::Query { session, .. }
        | Step::Commit { session, .. }
        | Step::Rollback { session, .. }
        | Step::Ping { session, .. }
        | Step::Kill { session } => vec![session],
        Step::Get { expect, .. } => {
            expect.same_as.iter().chain(&expect.not_same_as).map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

/// A scenario that only does things and looks at nothing would pass with any library.
fn check_checks(all: &[&NumberedStep]) -> Checked {
    let looks = |step: &Step| match step {
        Step::Get { expect, .. } | Step::Execute { expect, .. } => says_something(expect),
        Step::Create { expect, .. } | Step::Release { expect, .. } => says_something(expect),
        Step::Open { expect, .. } | Step::Close { expect, .. } => says_something(expect),
        Step::SetTag { expect, .. } | Step::Reconfigure { expect, .. } => says_something(expect),
        Step::Stats { .. } | Step::WaitUntil { .. } | Step::Calls { .. } => true,
        Step::WaitUntilClosing { .. } => true,
        Step::Query { .. } | Step::CheckTag { .. } | Step::Storm { .. } => true,
        _ => false,
    };
    if all.iter().any(|step| looks(&step.step)) { Ok(()) } else { failure("the scenario checks nothing") }
}

fn says_something(expect: &Expect) -> bool {
    expect.status.is_some()
        || expect.found.is_some()
        || expect.tag.is_some()
        || expect.is_new.is_some()
        || expect.same_as.is_some()
        || !expect.not_same_as.is_empty()
        || expect.rows.is_some()
}
