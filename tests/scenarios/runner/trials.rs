//! The scenarios as tests.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};

use super::errors::{Checked, Failure};
use super::files::{Found, SetupLists, read_scenarios, read_setup};
use super::library::Library;
use super::target::Target;

/// The library that is built, as a program would load it.
pub fn library() -> Checked<Arc<Library>> {
    let library = crate::support::c_build::library_dir().join("liborapool.so");
    Library::load(&library).map(Arc::new).map_err(|why| Failure(why.to_string()))
}

/// Every scenario there is, against `target`.
pub fn of_scenarios(library: &Arc<Library>, target: &Target) -> Checked<Vec<Trial>> {
    let (setup, scenarios) = read_all()?;
    let setup = Arc::new(setup);
    Ok(scenarios.into_iter().map(|found| trial(library, target, &setup, found)).collect())
}

fn read_all() -> Checked<(SetupLists, Vec<Found>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let setup = read_setup(&folder)?;
    let scenarios = read_scenarios(&folder, &setup)?;
    Ok((setup, scenarios))
}

/// The names of all scenarios.
#[allow(dead_code, reason = "for the test program that may have nothing to run them against")]
pub fn names() -> Checked<Vec<String>> {
    Ok(read_all()?.1.iter().map(Found::name).collect())
}

/// A scenario that the target can not run is ignored, and its kind tells what is missing.
fn trial(library: &Arc<Library>, target: &Target, setup: &Arc<SetupLists>, found: Found) -> Trial {
    let name = found.name();
    let hindrance = target.hindrance(&found.scenario.needs).map(str::to_owned);
    let (library, target, setup) = (Arc::clone(library), target.clone(), Arc::clone(setup));
    let source = &found.scenario.source;
    let title = format!("{} ({:?}: {})", found.scenario.title, source.kind, source.place);
    let test = move || {
        super::run_scenario(&library, &target, &setup, &found.name(), found.scenario)
            .map_err(|why| Failed::from(format!("{title}\n{why}")))
    };
    let is_hindered = hindrance.is_some();
    Trial::test(name, test).with_kind(hindrance.unwrap_or_default()).with_ignored_flag(is_hindered)
}
