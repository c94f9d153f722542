//! What the callbacks were called with.

use super::errors::{Checked, Findings};
use super::format::Call;
use super::text::{optional_bytes, show};

/// One run as it was: the tag that was wanted and the one that the session had.
pub type Ran = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Compares the runs, in their order, with what was expected.
pub fn check_calls(what: &str, ran: &[Ran], expected: &[Call]) -> Checked {
    let expected = expected
        .iter()
        .map(|Call(wanted, actual)| {
            Ok((optional_bytes(wanted.as_ref(), None)?, optional_bytes(actual.as_ref(), None)?))
        })
        .collect::<Checked<Vec<Ran>>>()?;
    let mut findings = Findings::default();
    if ran != expected {
        findings.note(format!("{what} (wanted, actual): expected {}, came {}", list(&expected), list(ran)));
    }
    findings.into_result()
}

fn list(runs: &[Ran]) -> String {
    let runs = runs
        .iter()
        .map(|(wanted, actual)| format!("({}, {})", show(wanted.as_deref()), show(actual.as_deref())));
    format!("[{}]", runs.collect::<Vec<_>>().join(", "))
}
