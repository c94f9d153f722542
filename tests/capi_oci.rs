//! The C tests once more, with what they assert, over the OCI driver and the stand-in for Oracle's client library. What
//! the stand-in says of them counts too: a violation of OCI's contract is a failure.

mod support;

#[path = "c/over_oci.rs"]
mod over_oci;
#[path = "c/runner.rs"]
mod runner;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

const PROGRAMS: [&str; 15] = [
    "attrs",
    "callbacks",
    "credentials",
    "drcp",
    "events",
    "fork",
    "handles",
    "pools",
    "requests",
    "sessions",
    "spec",
    "statements",
    "stats",
    "tags",
    "waiting",
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = runner::two_at_a_time(&PROGRAMS, |stem| trials_of(stem));
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}

/// The tests of a program. Those that can not hold are ignored, and their kind tells why.
fn trials_of(stem: &'static str) -> Vec<Trial> {
    let program: Arc<PathBuf> = Arc::new(runner::build(stem));
    let tests = runner::tests_of(&program);
    let unknown = over_oci::exceptions_for_nothing(stem, &tests);
    assert!(unknown.is_empty(), "tests/c/{stem}.c has no such tests, but exceptions for them: {unknown:?}");
    let trial = |test: String| {
        let program = Arc::clone(&program);
        let reason = over_oci::exception(stem, &test);
        Trial::test(format!("{stem}::{test}"), move || run(&program, &test))
            .with_kind(reason.unwrap_or_default())
            .with_ignored_flag(reason.is_some())
    };
    tests.into_iter().map(trial).collect()
}

fn run(program: &Path, test: &str) -> Result<(), Failed> {
    let mut command = Command::new(program);
    let output = over_oci::over_oci(runner::in_test_folder(command.arg(test))).output()?;
    let said = runner::report(test, &output);
    if output.status.success() && over_oci::violations(test, &said).is_empty() {
        Ok(())
    } else {
        Err(said.into())
    }
}
