//! Whether a call came out as its step says.

use super::errors::{Checked, Findings};
use super::format::{Expect, StatusName};
use super::outcome::Outcome;
use super::target::Target;

impl Expect {
    pub fn expected_status(&self) -> StatusName {
        self.status.unwrap_or(StatusName::Success)
    }
}

/// Checks status, error and the rules of every call. What came stands behind the findings.
pub fn check_outcome(target: &Target, expect: &Expect, outcome: &Outcome) -> Checked {
    let mut findings = Findings::default();
    let status = expect.expected_status();
    if outcome.status != status.value() {
        findings.note(format!("status: expected {status:?} ({}), came {}", status.value(), outcome.status));
    }
    findings.equal("code", outcome.code(), expect.code.unwrap_or(0));
    check_cause(expect, outcome, &mut findings);
    check_message(expect, outcome, &mut findings);
    check_passwords(target, outcome, &mut findings);
    for flaw in &outcome.flaws {
        findings.note(format!("a rule of the interface is broken: {flaw}"));
    }
    let error = outcome.errors.first();
    if let Some(expected) = expect.session_dead {
        findings.equal("session_dead", error.is_some_and(|error| error.is_session_dead), expected);
    }
    if let Some(expected) = expect.transient {
        findings.equal("transient", error.is_some_and(|error| error.is_transient), expected);
    }
    findings.into_result().map_err(|mut failure| {
        failure.0.push_str(&format!("\ncame: {outcome}"));
        failure
    })
}

fn check_cause(expect: &Expect, outcome: &Outcome, findings: &mut Findings) {
    if let Some(expected) = expect.cause_code {
        findings.equal("cause_code", outcome.errors.get(1).map_or(0, |error| error.code), expected);
    }
}

fn check_message(expect: &Expect, outcome: &Outcome, findings: &mut Findings) {
    let message = outcome.errors.first().map_or("", |error| &error.message);
    for part in &expect.message_contains {
        if !message.contains(part.as_str()) {
            findings.note(format!("message: expected to find `{part}` in `{message}`"));
        }
    }
}

/// No message ever holds a password, whatever the step is about.
fn check_passwords(target: &Target, outcome: &Outcome, findings: &mut Findings) {
    for error in &outcome.errors {
        if target.passwords().any(|password| error.message.contains(password)) {
            findings.note("a message holds a password".to_owned());
        }
    }
}
