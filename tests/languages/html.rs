//! The report as one page of HTML that needs nothing else.
//!
//! Each verdict is a word and a colour. The colours are blue, vermilion and a grey, which people who do not tell red from
//! green tell apart.

use std::fmt::Write as _;

use crate::language::Driver;
use crate::protocol::Verdict;
use crate::report::{Column, Counts, Finding, Report};

const STYLE: &str = r#"
:root { color-scheme: light dark; --fg: #1b1f24; --bg: #ffffff; --line: #d5dae0; --soft: #f5f7f9; --faint: #5c6670;
  --ok-bg: #dcebf7; --ok-fg: #00486f; --bad-bg: #d55e00; --bad-fg: #ffffff; --skip-bg: #ece7d3; --skip-fg: #5b4a00; }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e9ec; --bg: #15181c; --line: #353c44; --soft: #1d2228;
  --faint: #9aa5b0; --ok-bg: #12354d; --ok-fg: #a9d5f2; --skip-bg: #40391d; --skip-fg: #eadf9f; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--fg); background: var(--bg); margin: 2rem auto; max-width: 76rem;
  padding: 0 1.2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
p.sub { color: var(--faint); margin: 0 0 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .28rem .55rem; text-align: left; vertical-align: top; }
th { background: var(--soft); font-weight: 600; }
thead th { position: sticky; top: 0; }
table.counts td { padding: .5rem .55rem; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
th.n { text-align: right; }
td.id { font-family: ui-monospace, monospace; white-space: nowrap; }
td.title { color: var(--faint); width: 45%; }
td.v { text-align: center; white-space: nowrap; } th.v { text-align: center; font-weight: 500; }
.ok, .bad, .skip, .none { display: inline-block; min-width: 3.2em; padding: 0 .35em; border-radius: 3px; text-align: center; }
.ok { background: var(--ok-bg); color: var(--ok-fg); }
.bad { background: var(--bad-bg); color: var(--bad-fg); font-weight: 700; }
.skip { background: var(--skip-bg); color: var(--skip-fg); font-style: italic; }
.none { color: var(--faint); }
.bad a { color: inherit; }
.finding { border: 1px solid var(--line); border-left: 5px solid var(--bad-bg); padding: .5rem .8rem; margin: .6rem 0;
  border-radius: 4px; }
.finding.skipped { border-left-color: #b39a2b; }
.finding b { font-family: ui-monospace, monospace; } .finding span { color: var(--faint); }
pre { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.4 ui-monospace, monospace; }
.all-well { background: var(--ok-bg); color: var(--ok-fg); padding: .5rem .8rem; border-radius: 4px; }
"#;

pub fn page(report: &Report<'_>) -> String {
    let failed = report.failed();
    let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    let _ = write!(page, "<title>orapool: {}</title>\n<style>{STYLE}</style>\n", title(failed.len()));
    page.push_str("<h1>Every scenario in every language over every driver</h1>\n");
    let _ = writeln!(
        page,
        "<p class=\"sub\">orapool {}, {} build; {} scenarios of tests/scenarios</p>",
        env!("CARGO_PKG_VERSION"),
        report.profile(),
        report.catalogue.cases.len()
    );
    page.push_str(&counts(report));
    page.push_str(&failures(&failed));
    page.push_str(&skips(&report.skipped()));
    page.push_str("<h2>All scenarios</h2>\n");
    for file in report.files() {
        page.push_str(&table(report, file));
    }
    page.push_str("</html>\n");
    page
}

fn title(failed: usize) -> String {
    if failed == 0 { "all passed".to_owned() } else { format!("{failed} failed") }
}

/// Languages × drivers.
fn counts(report: &Report<'_>) -> String {
    let mut text = String::from("<table class=counts><thead><tr><th>language");
    for driver in Driver::ALL {
        let _ = write!(text, "<th>{}", driver.name());
    }
    text.push_str("<th>its own tests<th class=n>a get and a release</thead>\n<tbody>\n");
    for besides in report.besides() {
        let _ = write!(text, "<tr><td>{}", escape(besides.language));
        if !besides.reason.is_empty() {
            let _ = writeln!(text, "<td colspan=4>not run: {}", escape(besides.reason));
            continue;
        }
        for column in report.columns.iter().filter(|column| column.language == besides.language) {
            let _ = write!(
                text,
                "<td>{}",
                summary(column.counts(report.catalogue), column.problems(), "the runner failed")
            );
        }
        let measured = besides.ns_per_pair.map_or_else(|| "–".to_owned(), |ns| format!("{ns:.0} ns"));
        let _ = writeln!(
            text,
            "<td>{}<td class=n>{measured}",
            summary(besides.tests, besides.problems, "the whole failed")
        );
    }
    text.push_str("</tbody></table>\n");
    text
}

/// What is not 0, the worst first: `problems` are of the process that ran them.
fn summary(counts: Counts, problems: usize, is_broken: &str) -> String {
    let parts = [
        (counts.failed, "bad", "✗", "failed"),
        (counts.skipped, "skip", "", "skipped"),
        (counts.passed, "ok", "✓", "passed"),
        (counts.not_run, "none", "", "not run"),
    ];
    let broken = (problems > 0).then(|| format!("<span class=bad>✗ {is_broken}</span>"));
    let shown = parts.iter().filter(|(number, ..)| *number > 0);
    let shown =
        shown.map(|(number, class, mark, what)| format!("<span class={class}>{mark} {number} {what}</span>"));
    broken.into_iter().chain(shown).collect::<Vec<_>>().join(" ")
}

fn failures(findings: &[Finding<'_>]) -> String {
    if findings.is_empty() {
        return "<h2>Failed</h2>\n<p class=all-well>None.</p>\n".to_owned();
    }
    format!("<h2>Failed: {}</h2>\n{}", findings.len(), list(findings, "finding"))
}

fn skips(findings: &[Finding<'_>]) -> String {
    if findings.is_empty() {
        return "<h2>Skipped</h2>\n<p class=all-well>None.</p>\n".to_owned();
    }
    format!("<h2>Skipped: {}</h2>\n{}", findings.len(), list(findings, "finding skipped"))
}

fn list(findings: &[Finding<'_>], class: &str) -> String {
    let one = |finding: &Finding<'_>| {
        format!(
            "<div class=\"{class}\" id=\"{}\"><b>{}</b> <span>{}</span><pre>{}</pre></div>\n",
            anchor(&finding.place, finding.name),
            escape(finding.name),
            escape(&finding.place),
            escape(finding.detail)
        )
    };
    findings.iter().map(one).collect()
}

fn anchor(place: &str, name: &str) -> String {
    escape(&format!("{place}-{name}").replace(' ', "_"))
}

fn table(report: &Report<'_>, file: &str) -> String {
    let mut text = format!("<h2>{}.json</h2>\n<table><thead><tr><th>id<th>what holds", escape(file));
    for column in &report.columns {
        let _ = write!(text, "<th class=v>{}<br>{}", escape(column.language), column.driver.name());
    }
    text.push_str("</thead>\n<tbody>\n");
    for case in report.catalogue.cases.iter().filter(|case| case.file == file) {
        let id = case.name.rsplit("::").next().unwrap_or_default();
        let _ = write!(text, "<tr><td class=id>{}<td class=title>{}", escape(id), escape(&case.title));
        for column in &report.columns {
            let _ = write!(text, "<td class=v>{}", mark(column, &case.name));
        }
        text.push('\n');
    }
    text.push_str("</tbody></table>\n");
    text
}

fn mark(column: &Column<'_>, name: &str) -> String {
    match column.verdict(name) {
        Some(Verdict::Passed) => "<span class=ok>✓ ok</span>".to_owned(),
        Some(Verdict::Failed(_)) => {
            format!("<span class=bad><a href=\"#{}\">✗ FAIL</a></span>", anchor(&column.name(), name))
        }
        Some(Verdict::Skipped(_)) => {
            format!("<span class=skip><a href=\"#{}\">skip</a></span>", anchor(&column.name(), name))
        }
        None => "<span class=none>–</span>".to_owned(),
    }
}

/// Text of strangers: a detail may hold anything.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
