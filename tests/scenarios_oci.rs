//! The scenarios of `tests/scenarios` once more, over the OCI driver and the stand-in for Oracle's client library.
//!
//! They run in a child process, so that what the stand-in says of them at the very end can be read: a violation of OCI's
//! contract fails the whole. With ORAPOOL_TEST_VALGRIND=1 the child runs under valgrind (`make valgrind`).

use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::Arguments;

#[allow(dead_code, reason = "the tests of the runner itself run with the embedded engine")]
#[path = "scenarios/runner/mod.rs"]
mod runner;
mod support;

use runner::target::Target;
use runner::trials::{library, of_scenarios};
use support::oci_standin::{VIOLATION, client_lib_dir};
use support::valgrind::valgrind;

/// Set in the child.
const IS_CHILD: &str = "ORAPOOL_TEST_SCENARIOS_OCI";
/// Set by who wants to see the child under valgrind.
const UNDER_VALGRIND: &str = "ORAPOOL_TEST_VALGRIND";

fn main() -> ExitCode {
    if std::env::var_os(IS_CHILD).is_some() { run() } else { watch() }
}

fn run() -> ExitCode {
    let arguments = Arguments::from_args();
    match library().and_then(|library| of_scenarios(&library, &Target::oci(client_lib_dir()))) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the tests and reads what the stand-in says.
fn watch() -> ExitCode {
    let this = std::env::current_exe().unwrap();
    let mut child = if std::env::var_os(UNDER_VALGRIND).is_some() {
        let mut child = valgrind();
        child.arg(this);
        child
    } else {
        Command::new(this)
    };
    child.args(std::env::args_os().skip(1)).env(IS_CHILD, "1").stderr(Stdio::piped());
    let output = child.spawn().and_then(|child| child.wait_with_output()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    if !said.contains(VIOLATION) && output.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
