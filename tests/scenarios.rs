//! The scenarios of `tests/scenarios`, each a test of its own name, through the C interface of the built library.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

mod support;

#[path = "scenarios/runner/mod.rs"]
mod runner;

use runner::errors::Checked;
use runner::files::{Found, SetupLists, read_scenarios, read_setup};
use runner::library::Library;
use runner::target::Target;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(&Target::embedded()) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn trials(target: &Target) -> Checked<Vec<Trial>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let setup = Arc::new(read_setup(&folder)?);
    let scenarios = read_scenarios(&folder, &setup)?;
    let library = support::c_build::library_dir().join("liborapool.so");
    let library = Arc::new(Library::load(&library).map_err(|why| runner::errors::Failure(why.to_string()))?);
    let mut trials = runner::self_tests::trials(&library);
    trials.extend(scenarios.into_iter().map(|found| trial(&library, target, &setup, found)));
    Ok(trials)
}

/// A scenario that the target can not run is ignored, and its kind tells what is missing.
fn trial(library: &Arc<Library>, target: &Target, setup: &Arc<SetupLists>, found: Found) -> Trial {
    let name = found.name();
    let lacks = target.lacks(&found.scenario.needs);
    let kind = lacks.map(|need| format!("{} lacks {need:?}", target.name)).unwrap_or_default();
    let (library, target, setup) = (Arc::clone(library), target.clone(), Arc::clone(setup));
    let source = &found.scenario.source;
    let title = format!("{} ({:?}: {})", found.scenario.title, source.kind, source.place);
    let test = move || {
        runner::run_scenario(&library, &target, &setup, &found.name(), found.scenario)
            .map_err(|why| Failed::from(format!("{title}\n{why}")))
    };
    Trial::test(name, test).with_kind(kind).with_ignored_flag(lacks.is_some())
}
