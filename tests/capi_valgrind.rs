//! The C programs under valgrind: no wrong access to memory and nothing leaked. What takes long, and forks, is left out.

mod support;

#[path = "c/runner.rs"]
mod runner;

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::c_build::{repo, text_of};

/// Those that take longest first, so that no processor is left with a long one at the end.
const PROGRAMS: [&str; 11] = [
    "pools",
    "sessions",
    "handles",
    "statements",
    "spec",
    "waiting",
    "credentials",
    "attrs",
    "stats",
    "tags",
    "callbacks",
];

/// Runs at once; one is busy with one processor.
const RUNS: usize = 2;

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
    let next = AtomicUsize::new(0);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads = [(); RUNS].map(|()| {
            scope.spawn(|| {
                let stems = std::iter::from_fn(|| PROGRAMS.get(next.fetch_add(1, Ordering::Relaxed)));
                stems.filter_map(|stem| run(stem).err()).collect::<Vec<_>>()
            })
        });
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
