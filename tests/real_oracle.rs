//! The scenarios of `tests/scenarios` once more, against the Oracle Database that the environment names, as
//! `docs/real-database.md` tells. Without one each of them is ignored, by name.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

#[allow(dead_code, reason = "the tests of the runner itself run with the embedded engine")]
#[path = "scenarios/runner/mod.rs"]
mod runner;
#[path = "real_oracle/self_tests.rs"]
mod self_tests;
#[path = "real_oracle/settings.rs"]
mod settings;
mod support;

use runner::errors::Checked;
use runner::target::Target;
use runner::trials::{library, names, of_scenarios};

/// What would run them.
const HOW: &str = "The scenarios are ignored: set ORAPOOL_TEST_DSN, ORAPOOL_TEST_USER and ORAPOOL_TEST_PASSWORD to run \
                   them against an Oracle Database; docs/real-database.md tells more.";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They share one schema.
    arguments.test_threads = Some(1);
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Checked<Vec<Trial>> {
    let mut trials = match settings::read(settings::from_environment)? {
        Some(database) => of_scenarios(&library()?, &Target::real(database))?,
        None => ignored_scenarios()?,
    };
    if !self_tests::is_child() {
        trials.extend(self_tests::trials());
    }
    Ok(trials)
}

fn ignored_scenarios() -> Checked<Vec<Trial>> {
    // Not on stdout: there a list of tests is read by programs.
    eprintln!("{HOW}");
    let ignored = |name| Trial::test(name, || Err(Failed::from(HOW))).with_ignored_flag(true);
    Ok(names()?.into_iter().map(ignored).collect())
}
