//! The report: cases × languages × drivers, from what has come of the work.

use std::path::PathBuf;

use crate::catalogue::Catalogue;
use crate::html;
use crate::jobs::{NotBuilt, Station, Work};
use crate::language::Driver;
use crate::protocol::{Run, Verdict};
use crate::support::c_build::library_dir;
use crate::text;

/// A language over a driver.
pub struct Column<'a> {
    pub language: &'static str,
    pub driver: Driver,
    pub run: Option<&'a Run>,
    /// Why there is no run.
    pub reason: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    pub not_run: usize,
}

impl Counts {
    pub fn of<'a>(verdicts: impl Iterator<Item = Option<&'a Verdict>>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            let count = match verdict {
                Some(Verdict::Passed) => &mut counts.passed,
                Some(Verdict::Failed(_)) => &mut counts.failed,
                Some(Verdict::Skipped(_)) => &mut counts.skipped,
                None => &mut counts.not_run,
            };
            *count += 1;
        }
        counts
    }
}

/// What a language did besides the scenarios.
pub struct Besides<'a> {
    pub language: &'static str,
    pub tests: Counts,
    /// What is wrong with the whole of them, such as a process that did not end.
    pub problems: usize,
    /// Nanoseconds of a get and a release.
    pub ns_per_pair: Option<f64>,
    /// Why it was not run, if it was not.
    pub reason: &'a str,
}

/// Something to read first.
pub struct Finding<'a> {
    /// `java/oci`, or `java` for its own tests.
    pub place: String,
    pub name: &'a str,
    pub detail: &'a str,
}

pub struct Report<'a> {
    pub work: &'a Work,
    pub catalogue: &'a Catalogue,
    pub columns: Vec<Column<'a>>,
}

impl Column<'_> {
    pub fn name(&self) -> String {
        format!("{}/{}", self.language, self.driver.name())
    }

    pub fn verdict(&self, scenario: &str) -> Option<&Verdict> {
        self.run.and_then(|run| run.verdicts.get(scenario))
    }

    /// What is wrong with the runner itself.
    pub fn problems(&self) -> usize {
        self.run.map_or(0, |run| run.problems.len())
    }

    pub fn counts(&self, catalogue: &Catalogue) -> Counts {
        Counts::of(catalogue.cases.iter().map(|case| self.verdict(&case.name)))
    }
}

/// Why nothing of a language was run; empty if it was, or if nobody asked for it.
fn reason_of(station: &Station) -> &str {
    match (&station.language.missing, station.build.get()) {
        (Some(why), _) => why,
        (None, Some(Err(NotBuilt::Lacks(why)))) => why,
        (None, Some(Err(NotBuilt::Failed(_)))) => "its build failed",
        (None, Some(Ok(()))) => "",
        (None, None) => "it was filtered out",
    }
}

impl<'a> Report<'a> {
    pub fn new(work: &'a Work, catalogue: &'a Catalogue) -> Self {
        let columns = work.stations.iter().flat_map(|station| {
            Driver::ALL.map(|driver| Column {
                language: station.language.name,
                driver,
                run: station.run(driver).get().and_then(Option::as_ref),
                reason: reason_of(station).to_owned(),
            })
        });
        Self { work, catalogue, columns: columns.collect() }
    }

    pub fn besides(&self) -> Vec<Besides<'_>> {
        let of = |station: &'a Station| {
            let tests = station.tests.get().and_then(Option::as_ref);
            let verdicts = tests.into_iter().flat_map(|tests| tests.verdicts.values());
            let measured = station.bench.get().and_then(Option::as_ref);
            Besides {
                language: station.language.name,
                tests: Counts::of(verdicts.map(Some)),
                problems: tests.map_or(0, |tests| tests.problems.len()),
                ns_per_pair: measured.and_then(|measured| measured.as_ref().ok().copied()),
                reason: reason_of(station),
            }
        };
        self.work.stations.iter().map(of).collect()
    }

    /// What has failed: builds, runners, scenarios, the languages' own tests, measurements.
    pub fn failed(&self) -> Vec<Finding<'_>> {
        let mut findings = Vec::new();
        for station in &self.work.stations {
            let language = station.language.name;
            let mut note = |name, detail| findings.push(Finding { place: language.to_owned(), name, detail });
            if let Some(Err(NotBuilt::Failed(why))) = station.build.get() {
                note("build", why);
            }
            if let Some(Some(tests)) = station.tests.get() {
                tests.problems.iter().for_each(|problem| note("tests", problem));
            }
            if let Some(Some(Err(why))) = station.bench.get() {
                note("bench", why);
            }
        }
        for column in &self.columns {
            let problems = column.run.iter().flat_map(|run| &run.problems);
            findings.extend(problems.map(|why| Finding {
                place: column.name(),
                name: "runner",
                detail: why,
            }));
        }
        findings.extend(self.verdicts().filter_map(|(place, name, verdict)| match verdict {
            Verdict::Failed(detail) => Some(Finding { place, name, detail }),
            _ => None,
        }));
        findings
    }

    pub fn skipped(&self) -> Vec<Finding<'_>> {
        let of = |(place, name, verdict): (String, &'a str, &'a Verdict)| match verdict {
            Verdict::Skipped(detail) => Some(Finding { place, name, detail: detail.as_str() }),
            _ => None,
        };
        self.verdicts().filter_map(of).collect()
    }

    /// Of all scenarios, and of the languages' own tests.
    fn verdicts(&self) -> impl Iterator<Item = (String, &'a str, &'a Verdict)> {
        let runs = self.columns.iter().filter_map(|column| Some((column.name(), column.run?)));
        let scenarios = runs.flat_map(|(place, run)| {
            run.verdicts.iter().map(move |(name, verdict)| (place.clone(), name.as_str(), verdict))
        });
        let stations = self.work.stations.iter();
        let tests =
            stations.filter_map(|station| Some((station.language.name, station.tests.get()?.as_ref()?)));
        let own = tests.flat_map(|(language, tests)| {
            tests.verdicts.iter().map(move |(name, verdict)| (language.to_owned(), name.as_str(), verdict))
        });
        scenarios.chain(own)
    }

    /// The files of the catalogue, in their order.
    pub fn files(&self) -> Vec<&str> {
        let mut files = self.catalogue.cases.iter().map(|case| case.file.as_str()).collect::<Vec<_>>();
        files.dedup();
        files
    }

    pub fn profile(&self) -> &'static str {
        if library_dir().ends_with("release") { "release" } else { "debug" }
    }

    /// Writes it in both forms, and says where.
    pub fn write(&self) {
        let folder = folder();
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("report.txt"), text::page(self)))
            .and_then(|()| std::fs::write(folder.join("report.html"), html::page(self)));
        match written {
            Ok(()) => {
                print!("{}", text::counts(self));
                println!("\nthe report: {}, and report.html beside it", folder.join("report.txt").display());
            }
            Err(why) => eprintln!("the report was not written: {}: {why}", folder.display()),
        }
    }
}

/// target/<profile> → target/languages
pub fn folder() -> PathBuf {
    library_dir().parent().unwrap_or(library_dir()).join("languages")
}
