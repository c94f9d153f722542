//! Runs the tests of a C program, each in a process of its own, so that a failure shows by name and a crash or a hang
//! takes nothing else along.
#![allow(dead_code, reason = "the runs under valgrind and over OCI have lists of tests of their own")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::c_build::{Language, build_program, output_of, repo, text_of};

/// A program of `tests/c`, compiled as C99 and linked with the shared library.
pub fn build(stem: &str) -> PathBuf {
    build_program(Language::C99, &format!("tests/c/{stem}.c"))
}

/// Gives a program a folder for what it leaves behind: a database whose process ends without closing it does.
pub fn in_test_folder(command: &mut Command) -> &mut Command {
    command.env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
}

/// Runs one test of the program.
pub fn run(program: &Path, test: &str) {
    let output = in_test_folder(Command::new(program).arg(test)).output().unwrap();
    assert!(output.status.success(), "{}", report(test, &output));
}

/// How it ended and what it said.
pub fn report(what: &str, output: &Output) -> String {
    format!("{what}: {}\n{}", output.status, text_of(output))
}

/// The names of the program's tests.
pub fn tests_of(program: &Path) -> Vec<String> {
    names(Command::new(program).arg("--list"))
}

/// The names of those that are not slow.
pub fn quick_tests_of(program: &Path) -> Vec<String> {
    names(Command::new(program).args(["--list", "--quick"]))
}

fn names(list: &mut Command) -> Vec<String> {
    output_of(list).lines().map(str::to_owned).collect()
}

/// The program must have these tests and no others, and compile as C++17 as well.
pub fn check_program(stem: &str, program: &Path, tests: &[&str]) {
    assert_eq!(tests_of(program), tests, "left: in tests/c/{stem}.c, right: here");
    output_of(
        Command::new("c++")
            .args(["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c++"])
            .arg("-D_POSIX_C_SOURCE=200809L")
            .arg("-I")
            .arg(repo().join("include"))
            .arg(repo().join(format!("tests/c/{stem}.c"))),
    );
}

/// What `body` makes of each item, in their order, two at a time.
pub fn two_at_a_time<'a, T: Sync, R: Send>(items: &'a [T], body: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        std::iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, body(item)))
        })
        .collect::<Vec<_>>()
    };
    let mut made: Vec<(usize, R)> = thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(take));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

/// A test for each test of a C program.
#[allow(unused_macros, reason = "the runs under valgrind and over OCI have lists of tests of their own")]
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
#[allow(
    unused_imports,
    reason = "the runs under valgrind and over OCI have lists of tests of their own"
)]
pub(crate) use c_tests;
