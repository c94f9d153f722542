//! Tests of this program: that it says what it does not run and why, and that the way to a database holds, which the
//! stand-in for Oracle's client library stands in for. Each runs the program once more, as a child.

use std::path::PathBuf;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use crate::runner::errors::{Checked, failure};
use crate::runner::library::{GetCall, Handle, Library, NULL};
use crate::runner::statements::done;
use crate::runner::trials::{library, names};
use crate::settings::{CLIENT_LIB_DIR, DSN, PASSWORD, SYSDBA_PASSWORD, SYSDBA_USER, USER};
use crate::support::c_build::text_of;
use crate::support::oci_standin::{VIOLATION, client_lib_dir, folder};

/// Set in the child, which has none of these tests.
const IS_CHILD: &str = "ORAPOOL_TEST_REAL_ORACLE_CHILD";

pub fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

type Test = fn() -> Checked;

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, Test); 6] = [
        ("without_variables_all_are_ignored_by_name", without_variables),
        ("a_part_of_the_variables_is_refused", a_part_of_the_variables),
        ("they_run_over_the_stand_in", over_the_stand_in),
        ("without_sysdba_some_are_ignored", without_sysdba),
        ("what_a_broken_run_left_is_cleaned_up", cleans_up),
        ("a_schema_of_somebody_elses_is_let_alone", lets_alone),
    ];
    let trial = |(name, test): (&str, Test)| {
        Trial::test(format!("program::{name}"), move || test().map_err(Failed::from))
    };
    tests.into_iter().map(trial).collect()
}

const OWNER: (&str, &str) = ("orapool_test", "tigerSecret9");
const SYSDBA: [(&str, &str); 2] = [(SYSDBA_USER, "system"), (SYSDBA_PASSWORD, "managerSecret9")];

fn child(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in [DSN, USER, PASSWORD, SYSDBA_USER, SYSDBA_PASSWORD, CLIENT_LIB_DIR] {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables.iter().copied()).env(IS_CHILD, "1").output().unwrap()
}

/// The variables for the stand-in, whose database has this name.
fn over_standin(arguments: &[&str], database: &str, more: &[(&str, &str)]) -> Output {
    let dsn = format!("//standin/{database}");
    let dir = client_lib_dir().to_str().unwrap();
    let variables = [(DSN, dsn.as_str()), (USER, OWNER.0), (PASSWORD, OWNER.1), (CLIENT_LIB_DIR, dir)];
    child(arguments, &[&variables, more].concat())
}

fn without_variables() -> Checked {
    let output = child(&[], &[]);
    let text = text_of(&output);
    expect(output.status.success(), "it fails", &text)?;
    let names = names()?;
    names.iter().try_for_each(|name| shows_ignored(&text, name))?;
    let result = format!("0 passed; 0 failed; {} ignored;", names.len());
    [result.as_str(), DSN, USER, PASSWORD].into_iter().try_for_each(|part| contains(&text, part))
}

/// What is set, and what is then missing.
const PARTS: &[(&[(&str, &str)], &str)] = &[
    (&[(DSN, "x")], USER),
    (&[(DSN, "x"), (USER, "x")], PASSWORD),
    (&[(USER, "x"), (PASSWORD, "x")], DSN),
    (&[(DSN, "x"), (USER, ""), (PASSWORD, "x")], USER),
    (&SYSDBA, DSN),
    (&[(DSN, "x"), (USER, "x"), (PASSWORD, "x"), (SYSDBA_USER, "x")], SYSDBA_PASSWORD),
];

fn a_part_of_the_variables() -> Checked {
    PARTS.iter().try_for_each(|(set, missing)| {
        let output = child(&[], set);
        let text = text_of(&output);
        expect(!output.status.success(), "it succeeds", &text)?;
        contains(&text, &format!("{missing} is not set, but "))
    })
}

/// The file that uses most of a database: procedures, users, killed sessions.
fn over_the_stand_in() -> Checked {
    let output = over_standin(&["fixup::"], "real_fixup", &SYSDBA);
    let text = text_of(&output);
    expect(output.status.success() && !text.contains(VIOLATION), "it fails", &text)?;
    contains(&text, " 0 failed; 1 ignored;")?;
    contains(&text, "[a database has no knobs] fixup::deadline")?;
    ["fixup::users-apart", "fixup::killed-twice", "fixup::name-quoted-part"]
        .into_iter()
        .try_for_each(|name| shows(&text, name, "ok"))
}

fn without_sysdba() -> Checked {
    let output = over_standin(&["users-apart"], "real_users", &[]);
    let text = text_of(&output);
    expect(output.status.success(), "it fails", &text)?;
    contains(&text, "[ORAPOOL_TEST_SYSDBA_USER is not set] fixup::users-apart")?;
    ["fixup::users-apart", "tags::users-apart", "tags::users-apart-at-max"]
        .into_iter()
        .try_for_each(|name| shows_ignored(&text, name))
}

/// The mark, and what the scenario would create as well.
const LEFT: [&str; 2] = ["create table orapool_test_schema (n number)", "create table effects (n number)"];

/// The marked schema of a run that was cut off is emptied, before a scenario and after it.
fn cleans_up() -> Checked {
    let database = Database::new("real_broken");
    database.execute(&LEFT)?;
    let output = database.run_scenario();
    let text = text_of(&output);
    expect(output.status.success(), "it fails", &text)?;
    // They could not be created, were they there still.
    database.execute(&LEFT)
}

fn lets_alone() -> Checked {
    let database = Database::new("real_own");
    database.execute(&["create table orders (n number)"])?;
    let output = database.run_scenario();
    let text = text_of(&output);
    expect(!output.status.success(), "it succeeds", &text)?;
    contains(&text, "orapool_test has objects that no scenario made, ORDERS among them")?;
    database.execute(&["insert into orders (n) values (1)"])
}

/// A database in a file, which this process reaches through the embedded driver and the child through the stand-in.
struct Database {
    name: &'static str,
    dir: PathBuf,
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Database {
    fn new(name: &'static str) -> Self {
        Self { name, dir: folder(name) }
    }

    fn full_name(&self) -> String {
        format!("{}?file={}", self.name, self.dir.join("database").display())
    }

    /// Runs one of the scenarios that create a table.
    fn run_scenario(&self) -> Output {
        over_standin(&["fixup::leaving-open", "--exact"], &self.full_name(), &[])
    }

    fn execute(&self, statements: &[&str]) -> Checked {
        let library = library()?;
        let (pool, session) = self.open(&library)?;
        let ran = statements.iter().try_for_each(|sql| done(library.execute(session, sql).0, sql));
        let committed = done(library.commit(session), "commit");
        ran.and(committed).and(done(library.close(pool, CLOSE_FORCE, 0), "close"))
    }

    fn open(&self, library: &Library) -> Checked<(Handle, Handle)> {
        let (_, attrs) = library.attrs_new();
        for (attr, text) in [(1, OWNER.0), (2, OWNER.1), (3, &format!("embedded:{}", self.full_name()))] {
            done(library.attrs_set_text(attrs, attr, text), "an attribute")?;
        }
        let (outcome, pool) = library.create(None, attrs);
        library.attrs_free(attrs);
        done(outcome, "create")?;
        let got = library.get(pool, &GetCall { attrs: NULL, tag: None, mode: 0 });
        done(got.outcome, "get").map(|()| (pool, got.session))
    }
}

const CLOSE_FORCE: u32 = 1;

fn expect(holds: bool, otherwise: &str, text: &str) -> Checked {
    if holds { Ok(()) } else { failure(format!("{otherwise}:\n{text}")) }
}

fn contains(text: &str, part: &str) -> Checked {
    expect(text.contains(part), &format!("no `{part}` in"), text)
}

/// A line of libtest: the test, perhaps the reason before it, blanks, and how it ended.
fn shows(text: &str, test: &str, how: &str) -> Checked {
    let is_line = |line: &str| {
        line.split_whitespace().any(|word| word == test) && line.ends_with(&format!("... {how}"))
    };
    expect(text.lines().any(is_line), &format!("no `{test} ... {how}` in"), text)
}

fn shows_ignored(text: &str, test: &str) -> Checked {
    shows(text, test, "ignored")
}
