//! The statistics as text for machines: Prometheus' exposition format, or JSON.

use std::fmt::Write;

use crate::pool::core::Core;
use crate::pool::stats::Stats;

/// A format of [`crate::pool::Pool::metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFormat {
    /// Prometheus' text format, version 0.0.4.
    Prometheus,
    /// One JSON object.
    Json,
}

/// Name, whether it only ever rises, what it is, and the value.
type Metric = (&'static str, bool, &'static str, u64);

fn metrics_of(stats: &Stats) -> [Metric; 34] {
    [
        ("open", false, "Sessions that are open.", stats.open),
        ("busy", false, "Sessions on loan.", stats.busy),
        ("idle", false, "Sessions open and not on loan.", stats.idle),
        ("connecting", false, "Sessions that are being made.", stats.connecting),
        ("waiting", false, "Gets that wait for a session.", stats.waiting),
        ("gets", true, "Gets that succeeded.", stats.gets),
        ("gets_tag_exact", true, "Gets that found the very tag.", stats.gets_tag_exact),
        ("gets_tag_superset", true, "Gets that found the tag with more properties.", stats.gets_tag_superset),
        ("gets_tag_partial", true, "Gets that took a session with another tag.", stats.gets_tag_partial),
        ("gets_untagged", true, "Gets that found a used session without a tag.", stats.gets_untagged),
        ("gets_new", true, "Gets that found a session nobody had had.", stats.gets_new),
        ("timeouts", true, "Gets that found no session in time.", stats.timeouts),
        ("rejected", true, "Gets that were turned away because too many were waiting.", stats.rejected),
        ("releases", true, "Loans that ended.", stats.releases),
        ("drops", true, "Releases that asked for the session to be closed.", stats.drops),
        ("connects", true, "Sessions that were made.", stats.connects),
        ("connect_failures", true, "Sessions that could not be made.", stats.connect_failures),
        ("pings", true, "Pings of idle sessions.", stats.pings),
        ("ping_failures", true, "Pings that were not answered.", stats.ping_failures),
        ("fixups", true, "Calls of the PL/SQL fix-up procedure.", stats.fixups),
        ("fixup_failures", true, "Calls of it that failed.", stats.fixup_failures),
        ("callbacks", true, "Calls of the session callback.", stats.callbacks),
        ("callback_failures", true, "Calls of it that failed.", stats.callback_failures),
        ("closed_idle", true, "Sessions closed because they were idle for too long.", stats.closed_idle),
        ("closed_lifetime", true, "Sessions closed because of their age.", stats.closed_lifetime),
        ("closed_uses", true, "Sessions closed because they had been lent often enough.", stats.closed_uses),
        ("closed_dead", true, "Sessions closed because they were dead.", stats.closed_dead),
        ("evictions", true, "Idle sessions replaced because a get needed another kind.", stats.evictions),
        ("leaks", true, "Loans that lasted longer than LEAK_AFTER_MS.", stats.leaks),
        ("wait_ns_total", true, "Nanoseconds that gets have waited, all together.", stats.wait_ns_total),
        ("wait_ns_max", false, "Nanoseconds of the longest wait.", stats.wait_ns_max),
        ("peak_busy", false, "The most sessions that were seen on loan at once.", stats.peak_busy),
        ("drcp_attaches", true, "Pooled servers that were attached.", stats.drcp_attaches),
        (
            "drcp_session_changes",
            true,
            "Attaches that came upon another session than before.",
            stats.drcp_session_changes,
        ),
    ]
}

impl Core {
    /// The statistics of this moment in `format`.
    pub(crate) fn metrics(&self, format: MetricsFormat) -> String {
        let metrics = metrics_of(&self.stats());
        match format {
            MetricsFormat::Prometheus => self.prometheus(&metrics),
            MetricsFormat::Json => self.json(&metrics),
        }
    }

    fn prometheus(&self, metrics: &[Metric]) -> String {
        let label =
            self.name.as_deref().map_or(String::new(), |name| format!("{{pool=\"{}\"}}", escape_label(name)));
        let mut text = String::new();
        for (name, rises, help, value) in metrics {
            let (kind, suffix) = if *rises { ("counter", "_total") } else { ("gauge", "") };
            let name = format!("orapool_{}{suffix}", name.trim_end_matches("_total"));
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{label} {value}");
        }
        text
    }

    fn json(&self, metrics: &[Metric]) -> String {
        let name =
            self.name.as_deref().map_or("null".to_owned(), |name| format!("\"{}\"", escape_json(name)));
        let mut text = format!("{{\"pool\":{name}");
        for (name, _, _, value) in metrics {
            let _ = write!(text, ",\"{name}\":{value}");
        }
        let age = self.clock.now().saturating_sub(self.created_at) / 1_000_000;
        let _ = write!(text, ",\"age_ms\":{age}");
        if let Some(class) = self.drcp.as_ref().and_then(|drcp| drcp.generated_class.as_deref()) {
            let _ = write!(text, ",\"generated_connection_class\":\"{}\"", escape_json(class));
        }
        if let Some((age, context)) = self.oldest_loan() {
            let context =
                context.map_or("null".to_owned(), |context| format!("\"{}\"", escape_json(&context)));
            let _ = write!(text, ",\"oldest_loan\":{{\"age_ms\":{},\"context\":{context}}}", age / 1_000_000);
        }
        text.push('}');
        text
    }
}

/// `text` for the inside of a label of Prometheus, which knows three escapes and takes all else as it is.
fn escape_label(text: &str) -> String {
    // The whole page ends with a NUL, so that there can be none inside.
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\0', "\u{fffd}")
}

/// `text` for the inside of a string of JSON.
fn escape_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(control));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_inside_its_quotes() {
        let name = "a\"b\\c\nd\u{1}";
        assert_eq!(escape_json(name), "a\\\"b\\\\c\\u000ad\\u0001");
        assert_eq!(escape_label(name), "a\\\"b\\\\c\\nd\u{1}");
    }
}
