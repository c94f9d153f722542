//! The report as text.

use std::fmt::Write as _;

use crate::protocol::Verdict;
use crate::report::{Besides, Finding, Report};

pub fn page(report: &Report<'_>) -> String {
    let mut page = String::from("orapool: every scenario in every language over every driver\n\n");
    page.push_str(&counts(report));
    page.push_str(&findings("FAILED", &report.failed()));
    page.push_str(&findings("SKIPPED", &report.skipped()));
    for file in report.files() {
        page.push_str(&table(report, file));
    }
    page
}

/// What a person reads first.
pub fn counts(report: &Report<'_>) -> String {
    let mut text =
        format!("{:<18}{:>8}{:>8}{:>9}{:>9}\n", "scenarios", "passed", "failed", "skipped", "not run");
    for column in &report.columns {
        let counts = column.counts(report.catalogue);
        let _ = writeln!(
            text,
            "{:<18}{:>8}{:>8}{:>9}{:>9}{}{}",
            column.name(),
            counts.passed,
            counts.failed,
            counts.skipped,
            counts.not_run,
            if column.reason.is_empty() { "" } else { "   " },
            if column.problems() > 0 { "   THE RUNNER FAILED" } else { first_line(&column.reason) }
        );
    }
    let _ = writeln!(
        text,
        "\nown tests, and ns of a get and a release ({} build of the library)",
        report.profile()
    );
    for besides in report.besides() {
        let _ = writeln!(text, "{:<10}{}", besides.language, tell(&besides));
    }
    text
}

fn tell(besides: &Besides<'_>) -> String {
    if !besides.reason.is_empty() {
        return format!("not run: {}", first_line(besides.reason));
    }
    let counts = besides.tests;
    let measured = besides.ns_per_pair.map_or_else(|| "not measured".to_owned(), |ns| format!("{ns:.0} ns"));
    let whole = if besides.problems > 0 { ", THE WHOLE FAILED" } else { "" };
    format!(
        "{} passed, {} failed, {} skipped{whole}; {measured}",
        counts.passed, counts.failed, counts.skipped
    )
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn findings(title: &str, findings: &[Finding<'_>]) -> String {
    if findings.is_empty() {
        return format!("\n{title}: none\n");
    }
    let mut text = format!("\n{title}: {}\n", findings.len());
    for finding in findings {
        let _ = writeln!(text, "\n  {}  {}", finding.place, finding.name);
        finding.detail.lines().for_each(|line| {
            let _ = writeln!(text, "      {line}");
        });
    }
    text
}

/// One word of the same width for each verdict.
fn mark(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Passed) => "ok",
        Some(Verdict::Failed(_)) => "FAIL",
        Some(Verdict::Skipped(_)) => "skip",
        None => "-",
    }
}

fn table(report: &Report<'_>, file: &str) -> String {
    let cases = report.catalogue.cases.iter().filter(|case| case.file == file).collect::<Vec<_>>();
    let id = |name: &str| name.rsplit("::").next().unwrap_or_default().to_owned();
    let width = cases.iter().map(|case| id(&case.name).len()).max().unwrap_or(0).max(12);
    let names = report.columns.iter().map(|column| format!("{:<17}", column.name())).collect::<String>();
    let mut text = format!("\n{:<width$}  {}\n", format!("{file}.json"), names.trim_end());
    for case in cases {
        let marks = report
            .columns
            .iter()
            .map(|column| format!("{:<17}", mark(column.verdict(&case.name))))
            .collect::<String>();
        let _ = writeln!(text, "{:<width$}  {}", id(&case.name), marks.trim_end());
    }
    text
}
