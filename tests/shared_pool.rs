//! Lesson 10: a C program, a JVM and a Python in one process, and Node.js with C in another, share the pool `hr`. What this
//! machine does not have is left out, and the lesson says so; with ORAPOOL_TEST_REQUIRE_ALL=1 that is a failure.
#![cfg(feature = "embedded")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::c_build::{library_dir, repo, text_of};

/// A folder to build in, which goes with the test.
struct Build(PathBuf);

impl Build {
    fn new(name: &str) -> Self {
        Self(
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shared-pool-{name}-{}", std::process::id())),
        )
    }

    /// Makes and runs the lesson. Variables of 10_shared_pool/runtimes.mk say what is there.
    fn run(&self, variables: &[&str]) -> Output {
        let mut command = Command::new("make");
        command
            .arg("-C")
            .arg(repo().join("c-examples"))
            .arg("run-10_shared_pool")
            .arg(format!("LIBRARY_DIR={}", library_dir().display()))
            .arg(format!("BUILD={}", self.0.display()))
            .args(variables)
            .env_remove("ORAPOOL_LIBRARY");
        command.output().unwrap()
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn succeeds(output: &Output) -> String {
    let text = text_of(output);
    assert!(output.status.success(), "{text}");
    text
}

fn fails(output: &Output, part: &str) {
    let text = text_of(output);
    assert!(!output.status.success() && text.contains(part), "no failure with `{part}`:\n{text}");
}

/// The lines that a runtime has printed about its loans: the language before the colon, then what it says.
fn lines_of<'a>(text: &'a str, runtime: &str) -> Vec<&'a str> {
    let begins = format!("{runtime}:");
    text.lines().filter_map(|line| line.trim().strip_prefix(begins.as_str())).map(str::trim).collect()
}

fn instances(text: &str) -> BTreeSet<&str> {
    text.split("instance ").skip(1).map(|rest| rest.split_once(',').unwrap().0).collect()
}

/// The part of the C host, and that of the Node host.
fn parts(text: &str) -> (&str, &str) {
    text.split_once("\n5. ").unwrap_or_else(|| panic!("there is no part 5 in:\n{text}"))
}

fn must_be_here(text: &str, runtime: &str) -> bool {
    let Some(line) = text.lines().find(|line| line.contains(&format!("{runtime} is left out: "))) else {
        return true;
    };
    assert!(std::env::var("ORAPOOL_TEST_REQUIRE_ALL").is_err(), "{line}");
    println!("skipped: {}", line.trim());
    false
}

fn is_found(line: &str, wanted: &str) -> bool {
    line.contains(&format!("wanted LANGUAGE={wanted}, found 1"))
}

#[test]
fn all_that_are_here_share_one_pool() {
    let text = succeeds(&Build::new("all").run(&[]));
    let (embedding, node) = parts(&text);
    assert_eq!(instances(embedding).len(), 1, "{text}");

    let mut left = "FRENCH";
    let mut runtimes = 0;
    for (runtime, language) in [("Python", "GERMAN"), ("Java", "ENGLISH")] {
        if must_be_here(embedding, runtime) {
            let lines = lines_of(embedding, runtime);
            assert!(lines.len() == 2 && is_found(lines[0], left), "{text}");
            assert!(lines[1].starts_with("ORA-24496"), "{text}");
            left = language;
            runtimes += 1;
        }
    }
    let c = lines_of(embedding, "C");
    assert!(c.len() == 2 && is_found(c[1], left), "{text}");
    let account = format!(
        "{} gets, {} of them found their tag; {runtimes} refused; 1 session open, 0 on loan.",
        3 + runtimes,
        1 + runtimes
    );
    assert!(embedding.contains(&account), "no `{account}` in:\n{text}");

    if must_be_here(node, "Node.js") {
        assert_eq!(instances(node).len(), 1, "{text}");
        assert!(
            is_found(lines_of(node, "C")[0], "FRENCH") && is_found(lines_of(node, "Node")[1], "GERMAN"),
            "{text}"
        );
        assert!(node.contains("3 gets, 2 of them found their tag; 1 session open, 0 on loan."), "{text}");
    }
}

/// The lesson is a C program first.
#[test]
fn it_works_where_there_is_no_other_runtime() {
    let text = succeeds(&Build::new("alone").run(&["jvm=", "libpython=", "node="]));
    for runtime in ["Java", "Python", "Node.js"] {
        assert!(text.contains(&format!("{runtime} is left out: ")), "{text}");
    }
    assert!(
        text.contains("3 gets, 1 of them found their tag; 0 refused; 1 session open, 0 on loan."),
        "{text}"
    );
}

#[test]
fn a_runtime_that_does_not_start_is_a_failure() {
    let output = Build::new("broken").run(&["jvm=", "libpython=/there/is/no/libpython.so", "node="]);
    fails(&output, "Python could not be started");
}

/// Python's part in the place of the lesson's own; `node=` and `jvm=` leave the others out.
fn with_python_part(name: &str, text: &str) -> Output {
    let build = Build::new(name);
    let folder = build.0.join("part");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("shared_pool.py"), text).unwrap();
    build.run(&["jvm=", "node=", &format!("shared_pool_dir={}", folder.display())])
}

#[test]
fn whatever_goes_wrong_in_a_runtime_is_a_failure() {
    let raises = with_python_part("raises", "def work(*_): raise ValueError('what went wrong')\n");
    if text_of(&raises).contains("Python is left out: ") {
        println!("skipped: there is no Python to go wrong");
        return;
    }
    fails(&raises, "ValueError: what went wrong");
    fails(&raises, "Python could not work with the pool");

    let idle = with_python_part("idle", "def work(*_): pass\n");
    fails(&idle, "the last did not find what was left");

    let elsewhere = "import orapool\ndef work(*_): orapool.Pool.open('another')\n";
    fails(&with_python_part("elsewhere", elsewhere), "ORA-24416");
}
