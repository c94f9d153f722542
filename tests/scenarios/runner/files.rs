//! Reading the scenario files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::errors::{Checked, Failure, failure};
use super::format::{Scenario, ScenarioFile};
use super::validate::check_file;

/// The lists of statements that scenarios include by name.
pub type SetupLists = BTreeMap<String, Vec<Statement>>;

/// A statement, in one line or in several.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Statement {
    Line(String),
    Lines(Vec<String>),
}

impl Statement {
    pub fn sql(&self) -> String {
        match self {
            Statement::Line(line) => line.clone(),
            Statement::Lines(lines) => lines.join("\n"),
        }
    }
}

/// The file of those lists, which is no scenario file.
const SETUP_FILE: &str = "setup.json";

/// A scenario and the name of its file, without the ending.
pub struct Found {
    pub group: String,
    pub scenario: Scenario,
}

impl Found {
    /// The name of the test.
    pub fn name(&self) -> String {
        format!("{}::{}", self.group, self.scenario.id)
    }
}

pub fn read_setup(folder: &Path) -> Checked<SetupLists> {
    parse(&folder.join(SETUP_FILE))
}

/// Every scenario of the folder, checked.
pub fn read_scenarios(folder: &Path, setup: &SetupLists) -> Checked<Vec<Found>> {
    let mut all = Vec::new();
    for path in scenario_paths(folder)? {
        let file: ScenarioFile = parse(&path)?;
        let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        check_file(&file, setup).map_err(|why| Failure(format!("{}: {why}", path.display())))?;
        all.extend(file.scenarios.into_iter().map(|scenario| Found { group: group.clone(), scenario }));
    }
    check_ids(&all)?;
    Ok(all)
}

fn scenario_paths(folder: &Path) -> Checked<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|why| Failure(format!("{}: {why}", folder.display())))?;
    let mut paths = entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.retain(|path| path.file_name().is_some_and(|name| name != SETUP_FILE));
    paths.sort();
    if paths.is_empty() { failure(format!("{} has no scenarios", folder.display())) } else { Ok(paths) }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Checked<T> {
    let text = std::fs::read_to_string(path).map_err(|why| Failure(format!("{}: {why}", path.display())))?;
    serde_json::from_str(&text).map_err(|why| Failure(format!("{}: {why}", path.display())))
}

/// Names of tests, and of databases, must be told apart without case.
fn check_ids(all: &[Found]) -> Checked {
    let mut seen = BTreeSet::new();
    for found in all {
        if !seen.insert(found.name().to_lowercase()) {
            return failure(format!("{} is there twice", found.name()));
        }
    }
    Ok(())
}
