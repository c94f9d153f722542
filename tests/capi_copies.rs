//! Two copies of the library in one process, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use support::c_build::library_dir;

const STEM: &str = "copies";

/// The program, and a copy of the library in another folder.
fn program() -> &'static (PathBuf, PathBuf) {
    static PROGRAM: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("a-second-copy-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let copy = folder.join("liborapool.so.0");
        std::fs::copy(library_dir().join("liborapool.so"), &copy).unwrap();
        (runner::build(STEM), copy)
    })
}

fn run(test: &str) {
    let (program, copy) = program();
    let output = runner::in_test_folder(Command::new(program).arg(test).env("ORAPOOL_TEST_COPY", copy))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", runner::report(test, &output));
}

#[test]
fn a_second_copy_is_told() {
    run("a_second_copy_is_told");
}

#[test]
fn a_copy_is_let_go_of_while_it_works() {
    run("a_copy_is_let_go_of_while_it_works");
}

#[test]
fn a_copy_is_let_go_of_with_loans_out() {
    run("a_copy_is_let_go_of_with_loans_out");
}

#[test]
fn no_test_of_the_program_is_left_out() {
    let (program, _) = program();
    let tests =
        ["a_second_copy_is_told", "a_copy_is_let_go_of_while_it_works", "a_copy_is_let_go_of_with_loans_out"];
    runner::check_program(STEM, program, &tests);
}
