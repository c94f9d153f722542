//! Every scenario in every language over every driver, and the languages' own tests: `cargo test --test languages`.
//!
//! Each language has a script `run-tests.sh`, whose subcommands `build`, `test`, `scenarios` and `bench` are alike; it
//! runs in processes of its own, on the library that is built here. What came of it is in `target/languages/report.txt` and
//! `report.html`, and each case is a test: `python/oci::tags::T11`. A language whose tools are missing is ignored, with the
//! reason; with ORAPOOL_TEST_REQUIRE_ALL=1 it fails.

use std::process::ExitCode;

use libtest_mimic::Arguments;

#[path = "languages/catalogue.rs"]
mod catalogue;
#[path = "languages/html.rs"]
mod html;
#[path = "languages/jobs.rs"]
mod jobs;
#[path = "languages/language.rs"]
mod language;
#[path = "languages/process.rs"]
mod process;
#[path = "languages/protocol.rs"]
mod protocol;
#[path = "languages/report.rs"]
mod report;
#[allow(dead_code, reason = "the format of the scenario files is checked here, and none is run")]
#[path = "scenarios/runner/mod.rs"]
mod runner;
#[path = "languages/self_tests.rs"]
mod self_tests;
mod support;
#[path = "languages/text.rs"]
mod text;
#[path = "languages/trials.rs"]
mod trials;

use catalogue::Catalogue;
use jobs::Work;
use language::Language;
use report::Report;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let catalogue = match Catalogue::read() {
        Ok(catalogue) => catalogue,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let work = Work::new(Language::all());
    let (mut trials, wanted) = trials::of_languages(&work, &catalogue, &arguments);
    trials.extend(self_tests::trials());
    if arguments.list {
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    let workers = jobs::start(&work, &wanted, &catalogue);
    let conclusion = libtest_mimic::run(&arguments, trials);
    workers.join();
    if !wanted.is_empty() {
        Report::new(&work, &catalogue).write();
    }
    conclusion.exit_code()
}
