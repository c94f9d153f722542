//! What the scripts print, and what it comes to. Nothing is taken for passed that was not said to be, once and by a process
//! that ended as it should.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::process::{Ending, Said};
use crate::support::oci_standin::VIOLATION;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

/// A line of the subcommand `scenarios`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    scenario: String,
    status: Status,
    #[serde(rename = "ms")]
    _ms: u64,
    detail: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Passed,
    Failed,
    Skipped,
}

/// One language over one driver.
#[derive(Default)]
pub struct Run {
    /// By the name of the scenario; all that were wanted.
    pub verdicts: BTreeMap<String, Verdict>,
    /// What is wrong with the runner itself.
    pub problems: Vec<String>,
}

/// Reads what a runner said. `known` are all scenarios, `wanted` those that it was asked for.
pub fn read_run(said: &Said, known: &[String], wanted: &[String]) -> Run {
    let mut run = Run::default();
    let known = known.iter().map(String::as_str).collect::<BTreeSet<_>>();
    for line in &said.lines {
        match serde_json::from_str::<Line>(line) {
            Ok(line) if known.contains(line.scenario.as_str()) => run.note(line),
            Ok(line) => {
                run.problems.push(format!("it reports a scenario that there is not: {}", line.scenario))
            }
            Err(why) => run.problems.push(format!("it prints what is no report ({why}): {}", cut(line))),
        }
    }
    run.check_ending(said);
    let ending = said.ending.tell();
    for name in wanted {
        let missing = || Verdict::Failed(format!("the runner did not report it; {ending}"));
        run.verdicts.entry(name.clone()).or_insert_with(missing);
    }
    let left = wanted.iter().filter(|name| run.is_missing(name)).count();
    if left > 0 {
        run.problems.push(format!("it left out {left} of {} scenarios", wanted.len()));
    }
    run
}

impl Run {
    fn note(&mut self, line: Line) {
        let verdict = match (line.status, line.detail) {
            (Status::Passed, _) => Verdict::Passed,
            (Status::Failed, detail) => Verdict::Failed(detail),
            (Status::Skipped, reason) if reason.trim().is_empty() => {
                Verdict::Failed("skipped without a reason".to_owned())
            }
            (Status::Skipped, reason) => Verdict::Skipped(reason),
        };
        if self.verdicts.insert(line.scenario.clone(), verdict).is_some() {
            self.problems.push(format!("it reports {} twice", line.scenario));
            self.verdicts.insert(line.scenario, Verdict::Failed("the runner reported it twice".to_owned()));
        }
    }

    fn is_missing(&self, name: &str) -> bool {
        matches!(self.verdicts.get(name), Some(Verdict::Failed(why)) if why.starts_with("the runner did not report"))
    }

    fn failures(&self) -> usize {
        self.verdicts.values().filter(|verdict| matches!(verdict, Verdict::Failed(_))).count()
    }

    fn check_ending(&mut self, said: &Said) {
        let is_right = match (&said.ending, self.failures()) {
            (Ending::Exit(0), failures) => failures == 0,
            (Ending::Exit(1), failures) => failures > 0,
            _ => false,
        };
        if !is_right {
            let failures = self.failures();
            let ending = said.ending.tell();
            self.problems.push(format!("{ending}, with {failures} failed scenarios\n{}", cut_tail(said)));
        }
        for line in said.stderr.lines().filter(|line| line.contains(VIOLATION)) {
            self.problems.push(line.to_owned());
        }
    }
}

/// The tests of a language besides the scenarios.
#[derive(Default)]
pub struct OwnTests {
    pub verdicts: BTreeMap<String, Verdict>,
    pub problems: Vec<String>,
}

/// Reads `ok NAME`, `not ok NAME: why` and `skip NAME: why`; other lines are for people.
pub fn read_own_tests(said: &Said) -> OwnTests {
    let mut tests = OwnTests::default();
    for line in &said.lines {
        let Some((name, verdict)) = own_test(line) else { continue };
        if tests.verdicts.insert(name.clone(), verdict).is_some() {
            tests.problems.push(format!("the test {name} is reported twice"));
        }
    }
    let has_failed = tests.verdicts.values().any(|verdict| matches!(verdict, Verdict::Failed(_)));
    if tests.verdicts.is_empty() {
        tests.problems.push("no test was reported".to_owned());
    }
    if said.is_success() == has_failed || !matches!(said.ending, Ending::Exit(_)) || tests.verdicts.is_empty()
    {
        tests.problems.push(format!("{}\n{}", said.ending.tell(), said.tail()));
    }
    tests
}

fn own_test(line: &str) -> Option<(String, Verdict)> {
    let named = |rest: &str| match rest.split_once(": ") {
        Some((name, why)) => (name.to_owned(), why.to_owned()),
        None => (rest.trim_end_matches(':').to_owned(), "(it does not say why)".to_owned()),
    };
    if let Some(rest) = line.strip_prefix("not ok ") {
        let (name, why) = named(rest);
        return Some((name, Verdict::Failed(why)));
    }
    if let Some(rest) = line.strip_prefix("skip ") {
        let (name, why) = named(rest);
        return Some((name, Verdict::Skipped(why)));
    }
    line.strip_prefix("ok ").map(|name| (name.trim_end().to_owned(), Verdict::Passed))
}

#[derive(Deserialize)]
struct Bench {
    language: String,
    ns_per_pair: f64,
}

/// Nanoseconds of a get and a release.
pub fn read_bench(said: &Said, language: &str) -> Result<f64, String> {
    let wrong = |why: String| Err(format!("{why}; {}\n{}", said.ending.tell(), said.tail()));
    let [line] = said.lines.as_slice() else { return wrong("it does not print one line".to_owned()) };
    match serde_json::from_str::<Bench>(line) {
        Ok(bench) if !said.is_success() => wrong(format!("it says {} ns", bench.ns_per_pair)),
        Ok(bench) if bench.language != language => wrong(format!("it says it is {}", bench.language)),
        Ok(bench) if bench.ns_per_pair > 0.0 => Ok(bench.ns_per_pair),
        Ok(bench) => wrong(format!("{} ns can not be", bench.ns_per_pair)),
        Err(why) => wrong(why.to_string()),
    }
}

fn cut(line: &str) -> String {
    const LONGEST: usize = 200;
    if line.chars().count() <= LONGEST {
        line.to_owned()
    } else {
        line.chars().take(LONGEST).chain(['…']).collect()
    }
}

/// The end of stderr: stdout is reports, which stand elsewhere.
fn cut_tail(said: &Said) -> String {
    const LINES: usize = 30;
    let all = said.stderr.lines().collect::<Vec<_>>();
    all[all.len().saturating_sub(LINES)..].join("\n")
}
