//! The C programs under valgrind: no wrong access to memory and nothing leaked. What takes long, and forks, is left out.
//! `make valgrind` runs those that are ignored too.

mod support;

#[cfg(feature = "oci")]
#[path = "c/over_oci.rs"]
mod over_oci;
#[path = "c/runner.rs"]
mod runner;

use std::process::Command;

use support::valgrind::{is_installed, valgrind};

/// Those that take longest first, so that no processor is left with a long one at the end.
const PROGRAMS: [&str; 14] = [
    "pools",
    "requests",
    "sessions",
    "handles",
    "statements",
    "spec",
    "waiting",
    "credentials",
    "attrs",
    "stats",
    "tags",
    "drcp",
    "events",
    "callbacks",
];

/// Two that between them connect, query, fail, break and close.
#[cfg(feature = "oci")]
const SOME_PROGRAMS: [&str; 2] = ["statements", "callbacks"];

/// Runs the tests of the program that are not slow and that `may_run` lets through. Failed checks are for the other
/// tests to tell; here it is valgrind's own errors that count.
fn run(
    stem: &str,
    may_run: impl Fn(&str) -> bool,
    prepare: impl Fn(&mut Command) -> &mut Command,
) -> Result<(), String> {
    let program = runner::build(stem);
    let tests: Vec<String> =
        runner::quick_tests_of(&program).into_iter().filter(|test| may_run(test)).collect();
    let output = prepare(runner::in_test_folder(valgrind().arg(&program).args(&tests))).output().unwrap();
    let what = format!("{stem}, {} tests", tests.len());
    match output.status.code() {
        Some(0 | 1) => {
            println!("valgrind found nothing: {what}");
            Ok(())
        }
        _ => Err(runner::report(&what, &output)),
    }
}

fn must_find_nothing(programs: &[&'static str], run: impl Fn(&str) -> Result<(), String> + Sync) {
    if !is_installed() {
        return;
    }
    let results = runner::two_at_a_time(programs, |stem| run(stem));
    let failed: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[cfg(feature = "oci")]
#[test]
fn valgrind_finds_nothing_without_a_client_library() {
    must_find_nothing(&["no_client"], |stem| run(stem, |_| true, |command| command));
}

#[test]
fn valgrind_finds_nothing() {
    must_find_nothing(&PROGRAMS, |stem| run(stem, |_| true, |command| command));
}

#[cfg(feature = "oci")]
fn run_over_oci(stem: &str) -> Result<(), String> {
    // A log-on that hangs when its process ends leaks what it has, and can not do otherwise.
    let is_clean = |test: &str| !over_oci::ends_amid_log_on(test);
    let may_run = |test: &str| over_oci::exception(stem, test).is_none() && is_clean(test);
    run(stem, may_run, over_oci::over_oci)
}

#[cfg(feature = "oci")]
#[test]
fn valgrind_finds_nothing_over_oci_in_some_programs() {
    must_find_nothing(&SOME_PROGRAMS, run_over_oci);
}

#[cfg(feature = "oci")]
#[test]
#[ignore = "takes minutes; make valgrind runs it"]
fn valgrind_finds_nothing_over_oci_in_all_programs() {
    must_find_nothing(&PROGRAMS, run_over_oci);
}
