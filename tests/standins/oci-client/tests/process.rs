//! What belongs to a whole process: the environment's settings, the log, and leaks at exit. Each case is a child of this program.

mod support;

use std::process::{Command, Output};

use support::{code, connect, start};

const CASE: &str = "ORAPOOL_STANDIN_TEST_CASE";

/// Runs the test `name` in a process of its own with these settings; in that process, `body`.
fn child(name: &str, settings: &[(&str, &str)], body: impl FnOnce()) -> Option<Output> {
    if std::env::var(CASE).is_ok_and(|case| case == name) {
        body();
        return None;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]).env(CASE, name);
    Some(command.envs(settings.iter().copied()).output().unwrap())
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn what_is_never_freed_is_told_at_exit() {
    let output = child("what_is_never_freed_is_told_at_exit", &[], || {
        let _control = start();
        std::mem::forget(connect("leak"));
    });
    let Some(output) = output else { return };
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for kind in ["OCISvcCtx", "OCIServer", "OCISession"] {
        assert!(said.contains(&format!("STANDIN VIOLATION: exit: 1 {kind} handle(s)")), "{said}");
    }
}

#[test]
fn a_clean_process_says_nothing() {
    let output = child("a_clean_process_says_nothing", &[], || {
        let _control = start();
        connect("clean").close().unwrap();
        // ODPI-C and the thread's own error handle go at exit.
        std::thread::spawn(|| drop(connect("clean"))).join().unwrap();
    });
    let Some(output) = output else { return };
    let said = said(&output);
    assert!(output.status.success() && !said.contains("STANDIN"), "{said}");
}

#[test]
fn the_log_has_each_call_and_faults_come_from_the_environment() {
    let log = std::env::temp_dir().join(format!("orapool-standin-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&log);
    let settings =
        [("ORAPOOL_STANDIN_LOG", log.to_str().unwrap()), ("ORAPOOL_STANDIN_FAULTS", "OCIPing:1:error=3135")];
    let output = child("the_log_has_each_call_and_faults_come_from_the_environment", &settings, || {
        // `start` would forget the faults.
        let folder = support::client_folder();
        oracle::InitParams::new().oracle_client_lib_dir(folder.to_str().unwrap()).unwrap().init().unwrap();
        let session = connect("log");
        session.execute("begin /* \"quoted\"\n */ null; end;", &[]).unwrap();
        assert_eq!(code(&session.ping().unwrap_err()), 3135);
    });
    let Some(output) = output else { return };
    assert!(output.status.success(), "{}", said(&output));
    let text = std::fs::read_to_string(&log).unwrap();
    let _ = std::fs::remove_file(&log);
    let line = |part: &str| {
        text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {text}"))
    };
    let execute = line("\"OCIStmtExecute\"");
    assert!(execute.contains(r#""sql":"begin /* \"quoted\"\n */ null; end;""#), "{execute}");
    assert!(execute.contains("\"rc\":0") && execute.contains("\"sid\":1"), "{execute}");
    assert!(line("\"OCIPing\"").contains("\"rc\":-1,\"ora\":3135"), "{text}");
    assert!(!text.contains("tiger"), "passwords have no place in a log");
    assert!(!text.contains("violation"), "{text}");
}

#[test]
fn the_version_is_what_it_is_told_to_be() {
    for (told, expected) in [("", "23.6.0"), ("19.20", "19.20.0"), ("12.2.0.1.0", "12.2.0")] {
        let settings = [("ORAPOOL_STANDIN_VERSION", told)];
        let output = child("the_version_is_what_it_is_told_to_be", &settings, || {
            let folder = support::client_folder();
            oracle::InitParams::new()
                .oracle_client_lib_dir(folder.to_str().unwrap())
                .unwrap()
                .init()
                .unwrap();
            println!("version {}", oracle::Version::client().unwrap());
            // Older clients are called by other names.
            let session = connect("version");
            session.query_row_as::<(i64, String)>("select :1, 'x' from dual", &[&1]).unwrap();
            session.server_version().unwrap();
            session.close().unwrap();
        });
        let Some(output) = output else { return };
        let said = said(&output);
        assert!(output.status.success() && !said.contains("STANDIN"), "{said}");
        assert!(said.contains(&format!("version {expected}")), "{said}");
    }
}

#[test]
fn an_instance_is_kept_if_so_told() {
    for (settings, expected) in [(&[][..], 942), (&[("ORAPOOL_STANDIN_KEEP", "1")][..], 0)] {
        let output = child("an_instance_is_kept_if_so_told", settings, || {
            let _control = start();
            let session = connect("kept");
            session.execute("create table t (n number)", &[]).unwrap();
            session.close().unwrap();
            let session = connect("kept");
            let outcome = session.query_row_as::<i64>("select count(*) from t", &[]);
            println!("outcome {}", outcome.err().map_or(0, |error| code(&error)));
            session.close().unwrap();
        });
        let Some(output) = output else { return };
        let said = said(&output);
        assert!(said.contains(&format!("outcome {expected}\n")), "{said}");
    }
}
