//! The languages, and what each needs on this machine.

use std::path::PathBuf;
use std::process::Command;

use crate::support::c_build::repo;

/// The drivers that scenarios run over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driver {
    Embedded,
    /// On the stand-in for Oracle's client library.
    Oci,
}

impl Driver {
    pub const ALL: [Driver; 2] = [Driver::Embedded, Driver::Oci];

    pub fn name(self) -> &'static str {
        match self {
            Driver::Embedded => "embedded",
            Driver::Oci => "oci",
        }
    }
}

/// A language with its script, and why it can not be run here, if it can not.
pub struct Language {
    pub name: &'static str,
    pub script: PathBuf,
    pub missing: Option<String>,
}

impl Language {
    pub fn all() -> Vec<Language> {
        vec![
            Self::new("c", "tests/languages/c", c_is_missing()),
            Self::new("java", "bindings/java", java_is_missing()),
            Self::new("python", "bindings/python", python_is_missing()),
            Self::new("node", "bindings/node", node_is_missing()),
        ]
    }

    fn new(name: &'static str, folder: &str, missing: Option<String>) -> Self {
        Self { name, script: repo().join(folder).join("run-tests.sh"), missing }
    }
}

/// Whether a missing language is a failure: so on the machines that must have all.
pub fn all_are_required() -> bool {
    std::env::var("ORAPOOL_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1")
}

fn c_is_missing() -> Option<String> {
    lacks("cc", &["--version"], "gcc")
        .or_else(|| lacks("make", &["--version"], "make"))
        .or_else(|| lacks("pkg-config", &["--version"], "pkg-config"))
        .or_else(|| lacks("pkg-config", &["--exists", "jansson"], "libjansson-dev"))
}

fn java_is_missing() -> Option<String> {
    const NEEDED: u32 = 17;
    lacks("java", &["-version"], "openjdk-17-jdk-headless")
        .or_else(|| too_old("javac", &["-version"], NEEDED, "openjdk-17-jdk-headless"))
        .or_else(|| lacks("cc", &["--version"], "gcc"))
}

fn python_is_missing() -> Option<String> {
    let is_new_enough = "import sys, ctypes; sys.exit(sys.version_info < (3, 9))";
    lacks("python3", &["-c", is_new_enough], "python3 (3.9 or later)")
}

fn node_is_missing() -> Option<String> {
    const NEEDED: u32 = 18;
    too_old("node", &["--version"], NEEDED, "nodejs").or_else(|| lacks("npm", &["--version"], "npm"))
}

/// What a command prints, on whichever stream; None if it fails.
fn answer_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    output.status.success().then(|| String::from_utf8_lossy(&said).into_owned())
}

fn lacks(program: &str, arguments: &[&str], package: &str) -> Option<String> {
    match answer_of(program, arguments) {
        Some(_) => None,
        None => Some(format!("`{program} {}` fails; Debian's package is {package}", arguments.join(" "))),
    }
}

fn too_old(program: &str, arguments: &[&str], needed: u32, package: &str) -> Option<String> {
    let Some(answer) = answer_of(program, arguments) else { return lacks(program, arguments, package) };
    match major_version(&answer) {
        Some(major) if major >= needed => None,
        _ => Some(format!("{program} {needed} or later is needed; this one says {}", answer.trim())),
    }
}

/// The first number of `javac 17.0.15` or `v20.20.2`.
pub fn major_version(answer: &str) -> Option<u32> {
    let digits = answer.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}
