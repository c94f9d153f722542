//! The C programs over the OCI driver and the stand-in for Oracle's client library, and what can not hold there.
#![allow(dead_code, reason = "the run under valgrind does not look for violations")]

use std::process::Command;

use crate::support::oci_standin::{VIOLATION, client_lib_dir};

/// A test that can not hold over OCI, and why.
struct Exception {
    program: &'static str,
    test: &'static str,
    reason: &'static str,
}

const EXCEPTIONS: [Exception; 4] = [
    Exception {
        program: "statements",
        test: "errors_of_a_prepare",
        reason: "OCI's prepare asks no server: errors of the text come with the execute",
    },
    Exception {
        program: "statements",
        test: "columns_of_a_prepare",
        reason: "OCI's prepare asks no server: the columns come with the execute",
    },
    Exception {
        program: "statements",
        test: "a_call_timeout_of_a_fetch",
        reason: "the first rows come with OCI's execute: no fetch asks the server",
    },
    Exception {
        program: "fork",
        test: "forks_amid_work",
        reason: "a child that ends with exit can meet locks of ODPI-C that a thread of the parent held",
    },
];

/// A process that ends with loans out: of what it did not give back the stand-in may tell.
const ENDS_WITH_LOANS_OUT: &str = "exits_with_loans_out";

/// Processes that end amid a log-on that hangs: the same holds for them.
const END_AMID_LOG_ONS: [&str; 3] =
    ["a_connect_has_a_limit", "nobody_waits_for_the_connects_of_others", "a_close_calls_off_connects"];

/// Whether a log-on hangs when the test's process ends.
pub fn ends_amid_log_on(test: &str) -> bool {
    END_AMID_LOG_ONS.contains(&test)
}

/// Why the test can not hold over OCI; none: it must.
pub fn exception(program: &str, test: &str) -> Option<&'static str> {
    let is_it = |known: &&Exception| (known.program, known.test) == (program, test);
    EXCEPTIONS.iter().find(is_it).map(|known| known.reason)
}

/// Exceptions of the program for tests that it does not have.
pub fn exceptions_for_nothing(program: &str, tests: &[String]) -> Vec<&'static str> {
    let of_program = EXCEPTIONS.iter().filter(|known| known.program == program).map(|known| known.test);
    of_program.filter(|name| !tests.iter().any(|test| test == name)).collect()
}

/// Has the programs that `command` runs make their pools over OCI. Through LD_LIBRARY_PATH, so that no attribute of a
/// pool is another than on the embedded engine.
pub fn over_oci(command: &mut Command) -> &mut Command {
    command
        .env("ORAPOOL_TEST_DATABASES", "//standin/")
        .env("LD_LIBRARY_PATH", client_lib_dir())
        // ODPI-C looks there by itself.
        .env_remove("ORACLE_HOME")
}

/// What the stand-in says against the test.
pub fn violations<'a>(test: &str, said: &'a str) -> Vec<&'a str> {
    let told = said.lines().filter(|line| line.contains(VIOLATION));
    let may_keep = test == ENDS_WITH_LOANS_OUT || ends_amid_log_on(test);
    let is_meant = |line: &&str| may_keep && line.contains(": exit: ");
    told.filter(|line| !is_meant(line)).collect()
}
