//! The lessons in c-examples once more, on the database that ORAPOOL_EXAMPLE_DSN and its like name: over the OCI driver
//! and the stand-in for Oracle's client library. What they say is looked at in tests/c_examples.rs; here they say that
//! they ran to their end, and the stand-in that nothing was done against OCI's contract.
#![cfg(all(feature = "embedded", feature = "oci"))]

mod support;

use std::fs;
use std::process::Command;

use support::c_build::{Language, build_program, text_of};
use support::oci_standin::{VIOLATION, client_lib_dir, folder};

/// Runs a lesson in a process of its own. `parts` are in what it prints.
fn run(lesson: &str, arguments: &[&str], parts: &[&str]) {
    run_with_faults("", lesson, arguments, parts);
}

/// The same with faults of the stand-in. Gives the log of the calls.
fn run_with_faults(faults: &str, lesson: &str, arguments: &[&str], parts: &[&str]) -> String {
    let program = build_program(Language::C99, &format!("c-examples/{lesson}.c"));
    let dir = folder(program.file_name().unwrap().to_str().unwrap());
    let log = dir.join("calls");
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .env("ORAPOOL_EXAMPLE_DSN", format!("//standin/{lesson}"))
        .env("ORAPOOL_EXAMPLE_USER", "ann")
        .env("ORAPOOL_EXAMPLE_PASSWORD", "annSecret9")
        .env("ORAPOOL_EXAMPLE_CLIENT_LIB_DIR", client_lib_dir())
        .env("ORAPOOL_STANDIN_LOG", &log)
        .env("ORAPOOL_STANDIN_FAULTS", faults);
    let output = command.output().unwrap();
    let text = text_of(&output);
    assert!(output.status.success() && !text.contains(VIOLATION), "{text}");
    for part in parts {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
    // Not by the embedded driver, with all the names for nothing.
    let calls = fs::read_to_string(&log).unwrap_or_default();
    assert!(calls.contains("OCISessionGet") || calls.contains("OCISessionBegin"), "{calls}");
    let _ = fs::remove_dir_all(dir);
    let _ = fs::remove_file(program);
    calls
}

#[test]
fn lesson_1() {
    run("01_first_query", &[], &["Neptune"]);
}

#[test]
fn lesson_2() {
    let last = "After the last: 5 open, 5 idle.";
    run("02_lab", &[], &["All done! 2 sessions are open.", "GETMODE FORCEGET", last]);
}

#[test]
fn lesson_3_tells_what_it_leaves_out() {
    run(
        "03_errors",
        &[],
        &[
            "left out: a get that times out while a connect is made",
            "ORA-12541: ",
            "closed because they were dead: 2, one of them found by a ping: 1",
            "ORA-03136: ",
            "ORA-01013: ",
            "All errors were as expected.",
        ],
    );
}

#[test]
fn lesson_3_of_a_user_who_may_not_kill() {
    let calls = run_with_faults("", "03_errors", &[], &[]);
    let mut executes = calls.lines().filter(|call| call.contains("\"OCIStmtExecute\""));
    let kill = executes.position(|call| call.contains("kill session")).unwrap() + 1;
    let denied = format!("OCIStmtExecute:{kill}:error=1031");
    let parts = ["left out: a session that dies (ORA-01031", "All errors were as expected."];
    run_with_faults(&denied, "03_errors", &[], &parts);
}

#[test]
fn lesson_4() {
    let used = "db_client_connection_count{db_client_connection_pool_name=\"shop\",db_client_connection_state=\"used\"} 0";
    run("04_statistics", &["0.5"], &["The threads had ", used]);
}

#[test]
fn lesson_5() {
    run("05_tags", &[], &["1 session, tags, MATCHANY", "Tags pay"]);
}

#[test]
fn lesson_6() {
    run("06_callback", &[], &["3 gets, 2 calls of the procedure, 1 log-on"]);
}

#[test]
fn lesson_7() {
    let refused = "caused by: ORA-20003: not a time zone: UTC' NLS_LANGUAGE='FRENCH";
    run("07_fixup", &[], &[refused, "4 fix-ups failed", "4. The log"]);
}

#[test]
fn lesson_8() {
    run("08_drcp", &[], &["ANN.PYTHONDEMO                      4        2          2", "0 busy"]);
}

#[test]
fn lesson_9() {
    run("09_park", &[], &["job 3 attaches: ", "the server can not be given back"]);
}

#[test]
fn lesson_11() {
    run("11_exporter", &[], &["HTTP/1.1 200 OK", "orapool_gets_total{"]);
}

/// Lesson 10_shared_pool runs on the embedded engine alone, and says why; tests/shared_pool.rs runs it.
#[test]
fn no_lesson_is_left_out() {
    let here = fs::read_to_string(file!()).unwrap();
    let lessons = fs::read_dir("c-examples").unwrap().flatten();
    let names = lessons.map(|entry| entry.file_name().into_string().unwrap());
    let missing: Vec<_> =
        names.filter(|name| name.ends_with(".c") && !here.contains(name.trim_end_matches(".c"))).collect();
    assert_eq!(missing, [""; 0]);
}
