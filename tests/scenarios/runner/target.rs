//! What the scenarios run against.

use std::collections::BTreeMap;

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
            owner: User { name: "scott", password: "tigerSecret9" },
            second: User { name: "blake", password: "lionSecret9" },
            capabilities: &[
                Capability::Plsql,
                Capability::Callback,
                Capability::CallbackValues,
                Capability::Kill,
                Capability::TwoUsers,
                Capability::RawTags,
                Capability::Knobs,
                Capability::Threads,
            ],
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

fn embedded_connect_string(scenario: &str, knobs: &BTreeMap<Knob, u64>) -> String {
    let keys = knobs.iter().map(|(knob, value)| format!("{}={value}", knob_key(*knob))).collect::<Vec<_>>();
    let keys = if keys.is_empty() { String::new() } else { format!("?{}", keys.join("&")) };
    let name = scenario.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    format!("embedded:scenario_{name}{keys}")
}

fn knob_key(knob: Knob) -> &'static str {
    match knob {
        Knob::ConnectDelayMs => "connect_delay_ms",
        Knob::CallDelayMs => "call_delay_ms",
        Knob::ConnectFailures => "connect_failures",
    }
}
