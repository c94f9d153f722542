//! The scenarios of `tests/scenarios`, each a test of its own name, through the C interface of the built library.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

mod support;

#[path = "scenarios/runner/mod.rs"]
mod runner;

use runner::errors::Checked;
use runner::target::Target;
use runner::trials::{library, of_scenarios};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Checked<Vec<Trial>> {
    let library = library()?;
    let mut trials = runner::self_tests::trials(&library);
    trials.extend(of_scenarios(&library, &Target::embedded())?);
    Ok(trials)
}
