//! Events and the log of them, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

use std::process::Command;

runner::c_tests! {
    "events":
    a_life,
    null_and_garbage,
    what_was_lost,
    readers_beside_a_load,
    failed_connects,
    a_timeout_after_a_failed_connect,
    refused_credentials,
    leaks,
    a_ping_that_fails,
    a_fixup_that_fails,
    a_callback_that_fails,
    long_waits,
    long_waits_of_requests,
    timeouts_and_refusals,
    reasons,
    the_end,
    a_generated_class,
    a_forked_child,
}

/// The event's number in a line of the log; 0 in other lines.
fn number_of(line: &str) -> u64 {
    let rest = line.split_once(" number=").map_or("", |(_, rest)| rest);
    rest.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// What a C program says on stderr with ORAPOOL_LOG as `log` says; none = not set. In the order of the events: threads
/// write when they are ready to.
fn logged(test: &str, log: Option<&str>) -> Vec<String> {
    let mut command = Command::new(program());
    command.arg(test).env_remove("ORAPOOL_LOG");
    if let Some(log) = log {
        command.env("ORAPOOL_LOG", log);
    }
    let output = runner::in_test_folder(&mut command).output().unwrap();
    assert!(output.status.success(), "{}", runner::report(test, &output));
    let mut lines: Vec<String> =
        String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect();
    lines.sort_by_key(|line| number_of(line));
    lines
}

/// Year to milliseconds, and a Z.
fn is_timestamp(text: &str) -> bool {
    let digits: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    digits == "0000-00-00T00:00:00.000Z" && text.starts_with("20")
}

#[test]
fn a_program_without_the_variable_is_silent() {
    for log in [None, Some(""), Some("off")] {
        assert_eq!(logged("a_life", log), [""; 0], "{log:?}");
    }
}

#[test]
fn the_log_tells_the_events() {
    let lines = logged("a_life", Some("info"));
    let told: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    let expected = [
        "INFO orapool pool=\"a life\" number=1 kind=pool_created sessions_min=1 sessions_max=2",
        "INFO orapool pool=\"a life\" number=2 kind=connect session=0 purpose=minimum took_ms=",
        "INFO orapool pool=\"a life\" number=3 kind=session_closed session=0 reason=dropped loans=2",
    ];
    for (line, expected) in told.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\nis not\n{expected}");
    }
    assert!(told.last().unwrap().ends_with("kind=pool_closed mode=force busy=0"), "{lines:#?}");
    for line in &lines {
        assert!(is_timestamp(line.split(' ').next().unwrap()), "{line}");
    }
    assert_eq!(logged("a_life", Some(" INFO ")).len(), lines.len());
}

#[test]
fn the_level_warn_tells_what_went_wrong_alone() {
    assert_eq!(logged("a_life", Some("warn")), [""; 0]);
    let lines = logged("failed_connects", Some("warn"));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(
        lines[0].contains(" WARN orapool pool=\"unnamed-0\" number=2 kind=connect_failed "),
        "{lines:#?}"
    );
    assert!(lines[0].contains(" code=12541 message=\"ORA-12541: "), "{lines:#?}");
}

#[test]
fn no_password_is_logged() {
    let lines = logged("refused_credentials", Some("info"));
    assert!(lines.iter().any(|line| line.contains("code=1017")), "{lines:#?}");
    assert!(!lines.concat().contains("Secret9"), "{lines:#?}");
}

#[test]
fn what_the_variable_can_not_be_is_said_once() {
    let lines = logged("a_life", Some("loud"));
    assert_eq!(lines, ["orapool: ORAPOOL_LOG is \"loud\"; it takes warn, info or off"]);
}
