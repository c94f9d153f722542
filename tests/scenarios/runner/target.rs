//! What the scenarios run against.
#![allow(dead_code, reason = "each test program has one of the targets")]

use std::collections::BTreeMap;
use std::path::Path;

use super::format::{Capability, Knob, UserName};

#[derive(Clone)]
pub struct User {
    pub name: &'static str,
    pub password: &'static str,
}

/// A driver and a database. A second one needs another constructor, and nothing else of the runner.
#[derive(Clone)]
pub struct Target {
    pub name: &'static str,
    /// The connect string of a scenario's own database. Knobs are set in it.
    pub connect_string: fn(scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String,
    /// Attributes of its pools besides, by number.
    pub texts: Vec<(u32, String)>,
    pub owner: User,
    pub second: User,
    pub capabilities: &'static [Capability],
}

impl Target {
    /// The engine inside the library: each scenario has a database of its own, which goes with its last pool.
    pub fn embedded() -> Self {
        Self {
            name: "embedded",
            connect_string: embedded_connect_string,
            texts: Vec::new(),
            owner: User { name: "scott", password: "tigerSecret9" },
            second: User { name: "blake", password: "lionSecret9" },
            capabilities: ENGINE,
        }
    }

    /// The same engine behind the stand-in for Oracle's client library, through the OCI driver.
    pub fn oci(client_lib_dir: &Path) -> Self {
        Self {
            name: "oci",
            connect_string: oci_connect_string,
            texts: vec![
                (attr::DRIVER, "oci".to_owned()),
                (attr::CLIENT_LIB_DIR, client_lib_dir.to_string_lossy().into_owned()),
            ],
            ..Self::embedded()
        }
    }

    pub fn user(&self, name: UserName) -> Option<&User> {
        match name {
            UserName::None => None,
            UserName::Owner => Some(&self.owner),
            UserName::Second => Some(&self.second),
        }
    }

    /// The first capability that the scenario needs and this target lacks.
    pub fn lacks(&self, needs: &[Capability]) -> Option<Capability> {
        needs.iter().copied().find(|need| !self.capabilities.contains(need))
    }

    /// A text of a scenario with the target's names in it.
    pub fn fill_in(&self, text: &str) -> String {
        text.replace("${owner}", self.owner.name).replace("${second}", self.second.name)
    }
}

/// What the embedded engine can do.
const ENGINE: &[Capability] = &[
    Capability::Plsql,
    Capability::Callback,
    Capability::CallbackValues,
    Capability::Kill,
    Capability::TwoUsers,
    Capability::RawTags,
    Capability::Knobs,
    Capability::Threads,
];

/// The numbers of the header.
mod attr {
    pub const DRIVER: u32 = 4;
    pub const CLIENT_LIB_DIR: u32 = 8;
}

fn embedded_connect_string(scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String {
    format!("embedded:{}", database(scenario, knobs))
}

fn oci_connect_string(scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String {
    format!("//standin/{}", database(scenario, knobs))
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
