//! The statistics of a pool, by name.

use std::collections::BTreeMap;

use super::errors::{Checked, Failure, Findings};
use super::format::Number;

/// The members of `orapool_stats` behind `struct_size`, in their order.
pub const STAT_NAMES: [&str; 34] = [
    "open",
    "busy",
    "idle",
    "connecting",
    "waiting",
    "gets",
    "gets_tag_exact",
    "gets_tag_superset",
    "gets_tag_partial",
    "gets_untagged",
    "gets_new",
    "timeouts",
    "rejected",
    "releases",
    "drops",
    "connects",
    "connect_failures",
    "pings",
    "ping_failures",
    "fixups",
    "fixup_failures",
    "callbacks",
    "callback_failures",
    "closed_idle",
    "closed_lifetime",
    "closed_uses",
    "closed_dead",
    "evictions",
    "leaks",
    "wait_ns_total",
    "wait_ns_max",
    "peak_busy",
    "drcp_attaches",
    "drcp_session_changes",
];

/// One reading.
pub struct Reading(Vec<u64>);

impl Reading {
    pub fn new(numbers: Vec<u64>) -> Self {
        Self(numbers)
    }

    fn number(&self, name: &str) -> Checked<u64> {
        let at = STAT_NAMES.iter().position(|stat| *stat == name);
        at.map(|at| self.0[at])
            .ok_or_else(|| Failure(format!("there is no number `{name}` in the statistics")))
    }

    /// Compares what is named.
    pub fn check(&self, expected: &BTreeMap<String, Number>) -> Checked {
        let mut findings = Findings::default();
        for (name, number) in expected {
            let actual = self.number(name)?;
            match number {
                Number::Exactly(exactly) => findings.equal(name, actual, *exactly),
                Number::Bound(bound) if actual < bound.at_least => {
                    findings.note(format!("{name}: expected at least {}, came {actual}", bound.at_least));
                }
                Number::Bound(_) => {}
            }
        }
        findings.into_result().map_err(|why| Failure(format!("{why}\nof: {}", self.all())))
    }

    /// All numbers that are not 0.
    fn all(&self) -> String {
        let counted = STAT_NAMES.iter().zip(&self.0).filter(|(_, number)| **number != 0);
        counted.map(|(name, number)| format!("{name} {number}")).collect::<Vec<_>>().join(", ")
    }

    /// What holds in every reading in which no get or release is under way.
    pub fn check_sums(&self) -> Checked {
        let n = |name| self.number(name);
        let mut findings = Findings::default();
        findings.equal("busy + idle = open", n("busy")? + n("idle")?, n("open")?);
        findings.equal("releases + busy = gets", n("releases")? + n("busy")?, n("gets")?);
        let kinds = ["gets_tag_exact", "gets_tag_superset", "gets_tag_partial", "gets_untagged", "gets_new"];
        let sum = kinds.iter().map(|kind| n(kind)).sum::<Checked<u64>>()?;
        findings.equal(&format!("{} = gets", kinds.join(" + ")), sum, n("gets")?);
        findings.into_result()
    }
}
