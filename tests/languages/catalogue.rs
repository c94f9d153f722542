//! The scenarios that there are, as the files tell.

use std::path::{Path, PathBuf};

use crate::runner::errors::Checked;
use crate::runner::files::{read_scenarios, read_setup};

/// One scenario.
pub struct Case {
    /// As runners report it, `file::id`.
    pub name: String,
    pub file: String,
    pub title: String,
}

/// All of them, in the order of the files.
pub struct Catalogue {
    pub folder: PathBuf,
    pub cases: Vec<Case>,
}

impl Catalogue {
    pub fn read() -> Checked<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
        let setup = read_setup(&folder)?;
        let case = |found: crate::runner::files::Found| Case {
            name: found.name(),
            title: found.scenario.title,
            file: found.group,
        };
        let cases = read_scenarios(&folder, &setup)?.into_iter().map(case).collect();
        Ok(Self { folder, cases })
    }

    pub fn names(&self) -> Vec<String> {
        self.cases.iter().map(|case| case.name.clone()).collect()
    }
}
