//! Runs the tests of a C program, each in a process of its own, so that a failure shows by name and a crash or a hang
//! takes nothing else along.

use std::path::PathBuf;
use std::process::Command;

use crate::support::c_build::{Language, build_program, output_of, repo, text_of};

/// A program of `tests/c`, compiled as C99 and linked with the shared library.
pub fn build(stem: &str) -> PathBuf {
    build_program(Language::C99, &format!("tests/c/{stem}.c"))
}

/// Runs one test of the program.
#[allow(dead_code, reason = "the run under valgrind has no single tests")]
pub fn run(program: &PathBuf, test: &str) {
    // A database whose process ends without closing it leaves its folder behind.
    let output = Command::new(program).arg(test).env("TMPDIR", env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    assert!(output.status.success(), "{test}: {}\n{}", output.status, text_of(&output));
}

/// The program must have these tests and no others, and compile as C++17 as well.
#[allow(dead_code, reason = "the run under valgrind has no single tests")]
pub fn check_program(stem: &str, program: &PathBuf, tests: &[&str]) {
    let listed = output_of(Command::new(program).arg("--list"));
    assert_eq!(listed.lines().collect::<Vec<_>>(), tests, "left: in tests/c/{stem}.c, right: here");
    output_of(
        Command::new("c++")
            .args(["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c++"])
            .arg("-D_POSIX_C_SOURCE=200809L")
            .arg("-I")
            .arg(repo().join("include"))
            .arg(repo().join(format!("tests/c/{stem}.c"))),
    );
}

/// A test for each test of a C program.
#[allow(unused_macros, reason = "the run under valgrind has no single tests")]
macro_rules! c_tests {
    ($stem:literal: $($test:ident),+ $(,)?) => {
        fn program() -> &'static std::path::PathBuf {
            static PROGRAM: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
            PROGRAM.get_or_init(|| crate::runner::build($stem))
        }

        $(
            #[test]
            fn $test() {
                crate::runner::run(program(), stringify!($test));
            }
        )+

        #[test]
        fn no_test_of_the_program_is_left_out() {
            crate::runner::check_program($stem, program(), &[$(stringify!($test)),+]);
        }
    };
}
#[allow(unused_imports, reason = "the run under valgrind has no single tests")]
pub(crate) use c_tests;
