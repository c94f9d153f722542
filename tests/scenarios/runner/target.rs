//! What the scenarios run against.
#![allow(dead_code, reason = "each test program has one of the targets")]

use std::collections::BTreeMap;
use std::path::Path;

use super::format::{Capability, Knob, UserName};

#[derive(Clone)]
pub struct User {
    pub name: String,
    pub password: String,
}

impl User {
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self { name: name.into(), password: password.into() }
    }
}

/// A driver and a database. Another one needs another constructor, and nothing else of the runner.
#[derive(Clone)]
pub struct Target {
    place: Place,
    /// Attributes of its pools besides, by number.
    pub texts: Vec<(u32, String)>,
    pub owner: User,
    pub second: User,
    /// Who does what the owner may not: ends sessions, creates users.
    pub administrator: Option<User>,
    /// What can not be done here, and why.
    lacks: Vec<(Capability, String)>,
}

/// Where a scenario's database is.
#[derive(Clone)]
enum Place {
    /// It has one of its own, whose connect string is this and its name. Knobs are set in it.
    Own(&'static str),
    /// All have one schema, which is emptied for each of them.
    Shared(String),
}

/// A database that was there before the scenarios.
pub struct RealDatabase {
    pub connect_string: String,
    pub owner: User,
    pub administrator: Option<User>,
    pub client_lib_dir: Option<String>,
    /// Why there is no administrator, if there is none.
    pub administrator_is_missing: String,
}

/// Told apart from every user that people have made: it is dropped and created.
const SECOND: &str = "ORAPOOL_TEST_SECOND";

impl Target {
    /// The engine inside the library: each scenario has a database of its own, which goes with its last pool.
    pub fn embedded() -> Self {
        Self {
            place: Place::Own("embedded:"),
            texts: Vec::new(),
            owner: User::new("scott", "tigerSecret9"),
            second: User::new("blake", "lionSecret9"),
            administrator: None,
            lacks: Vec::new(),
        }
    }

    /// The same engine behind the stand-in for Oracle's client library, through the OCI driver.
    pub fn oci(client_lib_dir: &Path) -> Self {
        Self {
            place: Place::Own("//standin/"),
            texts: oci_texts(Some(client_lib_dir.to_string_lossy().into_owned())),
            ..Self::embedded()
        }
    }

    /// A database behind a client library, through the OCI driver.
    pub fn real(database: RealDatabase) -> Self {
        // The owner's password has passed the database's rules for passwords, so it does for the second as well.
        let second = User::new(SECOND, &database.owner.password);
        let mut lacks = vec![(Capability::Knobs, "a database has no knobs".to_owned())];
        if database.administrator.is_none() {
            let missing = database.administrator_is_missing;
            lacks.push((Capability::Kill, missing.clone()));
            lacks.push((Capability::TwoUsers, missing));
        }
        Self {
            place: Place::Shared(database.connect_string),
            texts: oci_texts(database.client_lib_dir),
            owner: database.owner,
            second,
            administrator: database.administrator,
            lacks,
        }
    }

    pub fn connect_string(&self, scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String {
        match &self.place {
            Place::Own(before) => format!("{before}{}", database(scenario, knobs)),
            Place::Shared(connect_string) => connect_string.clone(),
        }
    }

    /// Whether scenarios find in their schema what the one before has left.
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    pub fn passwords(&self) -> impl Iterator<Item = &str> {
        let users = [&self.owner, &self.second].into_iter().chain(&self.administrator);
        users.map(|user| user.password.as_str())
    }

    pub fn user(&self, name: UserName) -> Option<&User> {
        match name {
            UserName::None => None,
            UserName::Owner => Some(&self.owner),
            UserName::Second => Some(&self.second),
        }
    }

    /// Why a scenario with these needs can not run here.
    pub fn hindrance(&self, needs: &[Capability]) -> Option<&str> {
        let lacked = self.lacks.iter().find(|(capability, _)| needs.contains(capability));
        lacked.map(|(_, why)| why.as_str())
    }

    /// A text of a scenario with the target's names in it.
    pub fn fill_in(&self, text: &str) -> String {
        text.replace("${owner}", &self.owner.name).replace("${second}", &self.second.name)
    }
}

/// The numbers of the header.
mod attr {
    pub const DRIVER: u32 = 4;
    pub const CLIENT_LIB_DIR: u32 = 8;
}

fn oci_texts(client_lib_dir: Option<String>) -> Vec<(u32, String)> {
    let mut texts = vec![(attr::DRIVER, "oci".to_owned())];
    texts.extend(client_lib_dir.map(|dir| (attr::CLIENT_LIB_DIR, dir)));
    texts
}

fn database(scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String {
    let keys = knobs.iter().map(|(knob, value)| format!("{}={value}", knob_key(*knob))).collect::<Vec<_>>();
    let keys = if keys.is_empty() { String::new() } else { format!("?{}", keys.join("&")) };
    let name = scenario.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    format!("scenario_{name}{keys}")
}

fn knob_key(knob: Knob) -> &'static str {
    match knob {
        Knob::ConnectDelayMs => "connect_delay_ms",
        Knob::CallDelayMs => "call_delay_ms",
        Knob::ConnectFailures => "connect_failures",
    }
}
