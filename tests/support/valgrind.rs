//! Programs under valgrind.

use std::process::Command;

use super::c_build::repo;

/// What it exits with when it has found something, and the program under it does not.
pub const FOUND: i32 = 99;

/// False, with a word about it, where it is not installed.
pub fn is_installed() -> bool {
    let is_there =
        Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        println!("skipped: valgrind is not installed");
    }
    is_there
}

/// valgrind with what it looks for; the program and its arguments are still to come.
pub fn valgrind() -> Command {
    let suppressions = repo().join("tests/c/valgrind.supp");
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect,possible"])
        .args(["--show-leak-kinds=definite,indirect,possible", "--fair-sched=yes"])
        .arg(format!("--error-exitcode={FOUND}"))
        .arg(format!("--suppressions={}", suppressions.display()));
    command
}
