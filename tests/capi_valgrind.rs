//! The C programs under valgrind: no wrong access to memory and nothing leaked. What takes long, and forks, is left out.

mod support;

#[path = "c/runner.rs"]
mod runner;

use std::process::Command;

use support::c_build::{repo, text_of};

/// As many as there are processors to run them at once.
const PROGRAMS: [&[&str]; 2] = [
    &["spec", "credentials", "attrs", "handles", "stats"],
    &["waiting", "pools", "sessions", "statements", "fork"],
];

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Failed checks are for the other tests to tell; here it is valgrind's own errors that count.
fn run(stem: &str) -> Result<(), String> {
    let output = Command::new("valgrind")
        .args([
            "--quiet",
            "--error-exitcode=99",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect,possible",
        ])
        .args(["--show-leak-kinds=definite,indirect,possible", "--fair-sched=yes"])
        .arg(format!("--suppressions={}", repo().join("tests/c/valgrind.supp").display()))
        .arg(runner::build(stem))
        .arg("--quick")
        .output()
        .unwrap();
    match output.status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!("{stem}: {}\n{}", output.status, text_of(&output))),
    }
}

#[test]
fn valgrind_finds_nothing() {
    if !is_installed() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads = PROGRAMS.map(|stems| {
            scope.spawn(move || stems.iter().filter_map(|stem| run(stem).err()).collect::<Vec<_>>())
        });
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
