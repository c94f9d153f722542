//! Tests of the runner itself: what it must refuse, and what it must notice.

use std::sync::Arc;
use std::time::Duration;

use super::errors::{Checked, failure};
use super::files::SetupLists;
use super::format::ScenarioFile;
use super::library::Library;
use super::target::Target;
use super::validate::check_file;
use super::watchdog::run_within;

/// A scenario that is right; each test below breaks it in one place.
const RIGHT: &str = r#"{
    "format": 1, "title": "t",
    "scenarios": [{
        "id": "self-ID", "title": "t", "source": {"kind": "decision", "where": "w"}, "needs": ["threads"],
        "setup": [{"sql": "create table t (n number)"}],
        "pool": {"min": 1, "max": 2},
        "steps": [
            {"get": {"as": "a", "expect": {"is_new": true, "tag": null, "found": false}}},
            {"execute": {"session": "a", "sql": "insert into t values (1)", "expect": {"rows": 1}}},
            {"query": {"session": "a", "sql": "select n from t", "rows": [["1"]]}},
            {"start": {"thread": "t1", "steps": [{"get": {"as": "b", "expect": {"not_same_as": ["a"]}}}]}},
            {"await": {"thread": "t1"}},
            {"release": {"session": "a"}},
            {"get": {"as": "c", "expect": {"same_as": "a"}}},
            {"release": {"session": "a", "expect": {"status": "ORAPOOL_INVALID_HANDLE", "code": 0}}},
            {"stats": {"expect": {"open": 2, "gets": {"at_least": 3}}}}
        ]
    }]
}"#;

/// Typos and the like: name of the test, what is replaced, by what, and what the refusal must speak of.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("a_step_with_a_typo", "{\"release\"", "{\"relaese\"", "relaese"),
    (
        "a_step_with_two_names",
        "{\"await\": {\"thread\": \"t1\"}}",
        "{\"await\": {\"thread\": \"t1\"}, \"x\": 1}",
        "",
    ),
    ("a_field_with_a_typo", "\"expect\": {\"rows\": 1}", "\"expct\": {\"rows\": 1}", "expct"),
    ("an_expectation_with_a_typo", "\"is_new\": true", "\"is_knew\": true", "is_knew"),
    ("an_expectation_twice", "\"is_new\": true", "\"is_new\": true, \"is_new\": false", "duplicate"),
    ("an_expectation_in_a_thread", "\"not_same_as\"", "\"not_sama_as\"", "not_sama_as"),
    ("a_setting_with_a_typo", "\"max\": 2", "\"maxx\": 2", "maxx"),
    ("a_pool_without_sizes", "\"max\": 2", "\"increment\": 2", "min and max"),
    ("a_statistic_with_a_typo", "\"open\": 2", "\"opne\": 2", "opne"),
    ("a_bound_with_a_typo", "at_least", "at_lest", ""),
    ("no_statistic", "\"open\": 2, \"gets\": {\"at_least\": 3}", "", "names no number"),
    ("a_status_with_a_typo", "ORAPOOL_INVALID_HANDLE", "ORAPOOL_INVALID_HANDEL", "HANDEL"),
    ("a_failure_without_a_code", ", \"code\": 0", "", "names its code"),
    ("found_of_a_release", "\"code\": 0", "\"code\": 0, \"found\": true", "only a get"),
    ("rows_of_a_get", "\"is_new\": true", "\"rows\": 1", "only an execute"),
    ("a_session_from_nowhere", "\"same_as\": \"a\"", "\"same_as\": \"z\"", "`z`"),
    ("a_need_too_many", "[\"threads\"]", "[\"threads\", \"kill\"]", "needs"),
    ("a_need_too_few", "[\"threads\"]", "[]", "needs"),
    ("an_unknown_need", "[\"threads\"]", "[\"thread\"]", "thread"),
    ("a_setup_from_nowhere", "{\"sql\": \"create table t (n number)\"}", "{\"include\": \"x\"}", "`x`"),
    ("no_source", "\"where\": \"w\"", "\"where\": \"\"", "source"),
    ("an_unknown_kind_of_source", "\"decision\"", "\"guess\"", "guess"),
    ("another_format", "\"format\": 1", "\"format\": 2", "format"),
    ("an_id_of_strange_letters", "self-ID", "self ID", "an id"),
];

/// Wrong expectations, which must fail when they are run.
const NOTICED: &[(&str, &str, &str, &str)] = &[
    ("is-new", "\"is_new\": true", "\"is_new\": false", "is_new"),
    ("tag", "\"tag\": null", "\"tag\": \"A=1\"", "tag"),
    ("found", "\"found\": false", "\"found\": true", "found"),
    (
        "status",
        "\"is_new\": true, \"tag\": null, \"found\": false",
        "\"status\": \"ORAPOOL_TIMEOUT\", \"code\": 24496",
        "status",
    ),
    ("code", "\"code\": 0", "\"code\": 24461", "code"),
    ("message", "\"code\": 0", "\"code\": 0, \"message_contains\": [\"no such words\"]", "no such words"),
    ("rows-of-execute", "{\"rows\": 1}", "{\"rows\": 2}", "rows"),
    ("rows-of-query", "[[\"1\"]]", "[[\"2\"]]", "rows"),
    ("not-same-as", "{\"same_as\": \"a\"}", "{\"not_same_as\": [\"a\"]}", "not_same_as"),
    ("same-as", "{\"same_as\": \"a\"}", "{\"same_as\": \"b\"}", "same_as"),
    ("in-a-thread", "{\"not_same_as\": [\"a\"]}", "{\"is_new\": false}", "is_new"),
    ("statistics", "\"open\": 2", "\"open\": 3", "open"),
    ("bound", "\"at_least\": 3", "\"at_least\": 4", "at least"),
    ("a-thread-not-awaited", "{\"await\": {\"thread\": \"t1\"}},", "", "await"),
    ("setup", "create table t (n number)", "create table", "setup"),
    ("a-loan-renamed", "\"as\": \"c\"", "\"as\": \"b\"", "still on loan"),
];

/// The tests by name.
pub fn trials(library: &Arc<Library>) -> Vec<libtest_mimic::Trial> {
    let mut trials = vec![trial("runner::accepts_what_is_right", || parse(RIGHT).map(drop))];
    let run_right = Arc::clone(library);
    trials.push(trial("runner::passes_what_is_right", move || {
        run(&run_right, &RIGHT.replace("self-ID", "self-right"))
    }));
    trials.push(trial("runner::a_hang_names_its_step", a_hang_names_its_step));
    for (name, from, to, part) in REFUSED {
        trials.push(trial(&format!("runner::refuses::{name}"), move || {
            expect_refusal(parse(&broken(from, to)).map(drop), part)
        }));
    }
    for (name, from, to, part) in NOTICED {
        let library = Arc::clone(library);
        let text = broken(from, to).replace("self-ID", &format!("self-{name}"));
        trials.push(trial(&format!("runner::notices::{name}"), move || {
            expect_refusal(run(&library, &text), part)
        }));
    }
    trials
}

fn trial(name: &str, test: impl FnOnce() -> Checked + Send + 'static) -> libtest_mimic::Trial {
    libtest_mimic::Trial::test(name, move || test().map_err(libtest_mimic::Failed::from))
}

fn broken(from: &str, to: &str) -> String {
    let text = RIGHT.replacen(from, to, 1);
    assert_ne!(text, RIGHT, "`{from}` is in the scenario");
    text
}

fn parse(text: &str) -> Checked<ScenarioFile> {
    let file: ScenarioFile =
        serde_json::from_str(text).map_err(|why| super::errors::Failure(why.to_string()))?;
    check_file(&file, &SetupLists::new())?;
    Ok(file)
}

fn run(library: &Arc<Library>, text: &str) -> Checked {
    let mut file = parse(text)?;
    let scenario = file.scenarios.remove(0);
    let name = scenario.id.clone();
    super::run_scenario(library, &Target::embedded(), &SetupLists::new(), &name, scenario)
}

fn expect_refusal(result: Checked, part: &str) -> Checked {
    match result {
        Ok(()) => failure("it was accepted"),
        Err(why) if !why.0.contains(part) => failure(format!("`{part}` is not in: {why}")),
        Err(_) => Ok(()),
    }
}

/// The work ends with the test: it waits for a channel whose other side the test holds.
fn a_hang_names_its_step() -> Checked {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let limit = Duration::from_millis(1);
    let hang = move || held.recv().map_err(|_| super::errors::Failure("released".to_owned()));
    let result = run_within(limit, || "step 7: {\"await\"}".to_owned(), hang);
    drop(hold);
    expect_refusal(result, "step 7")
}
