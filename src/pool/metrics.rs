//! The statistics as text for machines: Prometheus' exposition format, or JSON.
//!
//! What OpenTelemetry has a name for bears it, as its exporter for Prometheus would write it (`db.client.connection.*` of
//! the semantic conventions, dots as underscores, units as suffixes); everything else begins with `orapool_`.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::pool::core::{Core, Phase};
use crate::pool::histogram::Distribution;
use crate::pool::stats::Stats;

/// A format of [`crate::pool::Pool::metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFormat {
    /// Prometheus' text format, version 0.0.4.
    Prometheus,
    /// One JSON object.
    Json,
}

/// The highest that was told of numbers which are differences of others. Gets that are on their way are in the one number
/// and not yet in the other, so that the difference may fall a moment later; and to Prometheus a counter that falls has
/// begun anew.
#[derive(Debug, Default)]
pub(crate) struct Told {
    untagged: AtomicU64,
    releases: AtomicU64,
    unwaited: AtomicU64,
}

/// `now`, or what was told before if that was more.
fn never_less(told: &AtomicU64, now: u64) -> u64 {
    told.fetch_max(now, Ordering::Relaxed).max(now)
}

/// All that the texts tell of, at one moment.
struct Picture {
    stats: Stats,
    sessions_min: usize,
    sessions_max: usize,
    phase: Phase,
    closed_surplus: u64,
    closed_unready: u64,
    create_time: Distribution,
    /// Of gets that had to wait.
    wait_time: Distribution,
    /// Gets that found a used session without a tag.
    untagged: u64,
    /// Gets that had a session without waiting.
    unwaited: u64,
    events: u64,
    age: u64,
}

impl Core {
    fn picture(&self) -> Picture {
        let state = self.lock();
        let (sessions_min, sessions_max) = (self.kept_open(&state), state.settings.sessions_max);
        let phase = state.phase;
        drop(state);
        let stats = self.stats();
        // Later than the gets that they are taken from: what happens in between makes the differences too small for this
        // once, and never so large that they could not be told again.
        let told_apart = self.count_kinds().told_apart();
        let waits_granted = self.tally.waits_granted.load(Ordering::Acquire);
        Picture {
            stats,
            untagged: stats.gets.saturating_sub(told_apart),
            sessions_min,
            sessions_max,
            phase,
            closed_surplus: self.tally.closed_surplus.load(Ordering::Relaxed),
            closed_unready: self.tally.closed_unready.load(Ordering::Relaxed),
            create_time: self.tally.create_time.read(),
            wait_time: self.tally.wait_time.read(),
            unwaited: stats.gets.saturating_sub(waits_granted),
            events: self.events.last(),
            age: self.clock.now().saturating_sub(self.created_at),
        }
    }

    /// The statistics of this moment in `format`.
    pub(crate) fn metrics(&self, format: MetricsFormat) -> String {
        let picture = self.picture();
        match format {
            MetricsFormat::Prometheus => self.prometheus(&picture),
            MetricsFormat::Json => self.json(&picture),
        }
    }

    fn prometheus(&self, picture: &Picture) -> String {
        let mut page = Page::of(&self.told_as);
        self.conventional_metrics(&mut page, picture);
        self.gets(&mut page, picture);
        sessions(&mut page, picture);
        repairs(&mut page, &picture.stats);
        let oldest = self.oldest_loan().map_or(0, |(age, _)| age);
        page.gauge_of_time(
            "orapool_oldest_loan_seconds",
            "Age of the loan that has lasted longest; 0 without a loan.",
            oldest,
        );
        page.gauge_of_time("orapool_age_seconds", "Age of the pool.", picture.age);
        page.counter(
            "orapool_events_total",
            "Events of the pool, those that it has forgotten too.",
            picture.events,
        );
        page.text
    }

    /// What OpenTelemetry's semantic conventions have names for.
    fn conventional_metrics(&self, page: &mut Page, picture: &Picture) {
        let stats = &picture.stats;
        page.family(
            "db_client_connection_count",
            GAUGE,
            "Sessions that are open, by their state: idle, or used, which is on loan.",
        );
        for (state, count) in [("idle", stats.idle), ("used", stats.busy)] {
            page.sample("", &[("db_client_connection_state", state)], count);
        }
        let max = picture.sessions_max as u64;
        page.gauge("db_client_connection_max", "Sessions that may be open: SESSIONS_MAX.", max);
        page.gauge(
            "db_client_connection_idle_max",
            "Sessions that may be open and idle: as many as may be open.",
            max,
        );
        page.gauge(
            "db_client_connection_idle_min",
            "Sessions that are kept open: SESSIONS_MIN, or 0 for pools that keep none.",
            picture.sessions_min as u64,
        );
        page.gauge("db_client_connection_pending_requests", "Gets that wait for a session.", stats.waiting);
        page.counter(
            "db_client_connection_timeouts_total",
            "Gets that found no session in time.",
            stats.timeouts,
        );
        page.histogram(
            "db_client_connection_create_time_seconds",
            "How long it took to make a session.",
            &picture.create_time,
        );
        page.histogram(
            "db_client_connection_wait_time_seconds",
            "How long gets waited for a session: 0 for those that found one, and those that got none in time too.",
            &picture.wait_time.with_zeros(never_less(&self.told.unwaited, picture.unwaited)),
        );
    }

    fn gets(&self, page: &mut Page, picture: &Picture) {
        let stats = &picture.stats;
        page.family("orapool_gets_total", COUNTER, "Gets that succeeded, by the session that they found.");
        for (found, count) in [
            ("exact", stats.gets_tag_exact),
            ("superset", stats.gets_tag_superset),
            ("partial", stats.gets_tag_partial),
            ("untagged", never_less(&self.told.untagged, picture.untagged)),
            ("new", stats.gets_new),
        ] {
            page.sample("", &[("found", found)], count);
        }
        page.counter(
            "orapool_rejected_total",
            "Gets that were turned away because as many were waiting as WAITERS_MAX allows.",
            stats.rejected,
        );
        page.counter(
            "orapool_releases_total",
            "Loans that ended.",
            never_less(&self.told.releases, stats.releases),
        );
        page.gauge_of_time(
            "orapool_wait_max_seconds",
            "The longest wait of a get so far.",
            stats.wait_ns_max,
        );
        page.gauge("orapool_peak_busy", "The most sessions that were seen on loan at once.", stats.peak_busy);
        page.counter("orapool_leaks_total", "Loans that lasted longer than LEAK_AFTER_MS.", stats.leaks);
    }

    fn json(&self, picture: &Picture) -> String {
        let quoted = |text: &str| format!("\"{}\"", escape_json(text));
        let name = self.name.as_deref().map_or("null".to_owned(), quoted);
        let mut text = format!("{{\"pool\":{name}");
        for (name, value) in numbers_of(&picture.stats) {
            let _ = write!(text, ",\"{name}\":{value}");
        }
        for (name, value) in [
            ("age_ms", picture.age / 1_000_000),
            ("sessions_min", picture.sessions_min as u64),
            ("sessions_max", picture.sessions_max as u64),
            ("closed_surplus", picture.closed_surplus),
            ("closed_unready", picture.closed_unready),
            ("waits", picture.wait_time.count()),
            ("events", picture.events),
        ] {
            let _ = write!(text, ",\"{name}\":{value}");
        }
        let phase = match picture.phase {
            Phase::Open => "open",
            Phase::Draining => "draining",
            Phase::Closed => "closed",
        };
        let _ = write!(text, ",\"phase\":\"{phase}\"");
        write_json_histogram(&mut text, "create_time", &picture.create_time);
        write_json_histogram(&mut text, "wait_time", &picture.wait_time);
        if let Some(class) = self.drcp.as_ref().and_then(|drcp| drcp.generated_class.as_deref()) {
            let _ = write!(text, ",\"generated_connection_class\":{}", quoted(class));
        }
        if let Some((age, context)) = self.oldest_loan() {
            let context = context.map_or("null".to_owned(), |context| quoted(&context));
            let _ = write!(text, ",\"oldest_loan\":{{\"age_ms\":{},\"context\":{context}}}", age / 1_000_000);
        }
        text.push('}');
        text
    }
}

fn sessions(page: &mut Page, picture: &Picture) {
    let stats = &picture.stats;
    page.gauge("orapool_connecting", "Sessions that are being made, or are about to be.", stats.connecting);
    page.counter(
        "orapool_connect_failures_total",
        "Sessions that could not be made.",
        stats.connect_failures,
    );
    page.family("orapool_sessions_closed_total", COUNTER, "Sessions that were closed, by the reason.");
    for (reason, count) in [
        ("idle", stats.closed_idle),
        ("lifetime", stats.closed_lifetime),
        ("uses", stats.closed_uses),
        ("dead", stats.closed_dead),
        ("dropped", stats.drops),
        ("evicted", stats.evictions),
        ("surplus", picture.closed_surplus),
        ("unready", picture.closed_unready),
    ] {
        page.sample("", &[("reason", reason)], count);
    }
}

fn repairs(page: &mut Page, stats: &Stats) {
    for (name, help, value) in [
        ("orapool_pings_total", "Pings of idle sessions.", stats.pings),
        ("orapool_ping_failures_total", "Pings that were not answered.", stats.ping_failures),
        ("orapool_fixups_total", "Calls of the PL/SQL fix-up procedure.", stats.fixups),
        ("orapool_fixup_failures_total", "Calls of it that failed.", stats.fixup_failures),
        ("orapool_callbacks_total", "Calls of the session callback.", stats.callbacks),
        ("orapool_callback_failures_total", "Calls of it that failed.", stats.callback_failures),
        ("orapool_drcp_attaches_total", "Pooled servers that were attached.", stats.drcp_attaches),
        (
            "orapool_drcp_session_changes_total",
            "Attaches that came upon another session than before.",
            stats.drcp_session_changes,
        ),
    ] {
        page.counter(name, help, value);
    }
}

const GAUGE: &str = "gauge";
const COUNTER: &str = "counter";
const HISTOGRAM: &str = "histogram";

/// A page of Prometheus' text format. Each family of samples stands together, with its help and its type in front.
struct Page {
    text: String,
    /// The label that every sample has, ready to be written.
    pool: String,
    family: &'static str,
}

impl Page {
    fn of(pool: &str) -> Page {
        let pool = format!("db_client_connection_pool_name=\"{}\"", escape_label(pool));
        Page { text: String::new(), pool, family: "" }
    }

    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let Page { text, pool, family } = self;
        let _ = write!(text, "{family}{suffix}{{{pool}");
        for (name, label) in labels {
            let _ = write!(text, ",{name}=\"{label}\"");
        }
        let _ = writeln!(text, "}} {value}");
    }

    fn gauge(&mut self, name: &'static str, help: &str, value: u64) {
        self.family(name, GAUGE, help);
        self.sample("", &[], value);
    }

    fn gauge_of_time(&mut self, name: &'static str, help: &str, nanos: u64) {
        self.family(name, GAUGE, help);
        self.sample("", &[], Seconds(nanos));
    }

    fn counter(&mut self, name: &'static str, help: &str, value: u64) {
        self.family(name, COUNTER, help);
        self.sample("", &[], value);
    }

    fn histogram(&mut self, name: &'static str, help: &str, times: &Distribution) {
        self.family(name, HISTOGRAM, help);
        for (bound, count) in times.cumulative() {
            self.sample("_bucket", &[("le", &Seconds(bound).to_string())], count);
        }
        self.sample("_bucket", &[("le", "+Inf")], times.count());
        self.sample("_sum", &[], Seconds(times.sum));
        self.sample("_count", &[], times.count());
    }
}

/// Nanoseconds that are shown as seconds, to the last digit.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// `"name":{"count":3,"sum_ns":17,"buckets":[{"le_ns":1000000,"count":2},…]}`: what is in no bucket is longer.
fn write_json_histogram(to: &mut String, name: &str, times: &Distribution) {
    let _ = write!(to, ",\"{name}\":{{\"count\":{},\"sum_ns\":{},\"buckets\":[", times.count(), times.sum);
    for (at, (bound, count)) in times.cumulative().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(to, "{comma}{{\"le_ns\":{bound},\"count\":{count}}}");
    }
    to.push_str("]}");
}

/// The statistics by their names in the C API.
fn numbers_of(stats: &Stats) -> [(&'static str, u64); 34] {
    [
        ("open", stats.open),
        ("busy", stats.busy),
        ("idle", stats.idle),
        ("connecting", stats.connecting),
        ("waiting", stats.waiting),
        ("gets", stats.gets),
        ("gets_tag_exact", stats.gets_tag_exact),
        ("gets_tag_superset", stats.gets_tag_superset),
        ("gets_tag_partial", stats.gets_tag_partial),
        ("gets_untagged", stats.gets_untagged),
        ("gets_new", stats.gets_new),
        ("timeouts", stats.timeouts),
        ("rejected", stats.rejected),
        ("releases", stats.releases),
        ("drops", stats.drops),
        ("connects", stats.connects),
        ("connect_failures", stats.connect_failures),
        ("pings", stats.pings),
        ("ping_failures", stats.ping_failures),
        ("fixups", stats.fixups),
        ("fixup_failures", stats.fixup_failures),
        ("callbacks", stats.callbacks),
        ("callback_failures", stats.callback_failures),
        ("closed_idle", stats.closed_idle),
        ("closed_lifetime", stats.closed_lifetime),
        ("closed_uses", stats.closed_uses),
        ("closed_dead", stats.closed_dead),
        ("evictions", stats.evictions),
        ("leaks", stats.leaks),
        ("wait_ns_total", stats.wait_ns_total),
        ("wait_ns_max", stats.wait_ns_max),
        ("peak_busy", stats.peak_busy),
        ("drcp_attaches", stats.drcp_attaches),
        ("drcp_session_changes", stats.drcp_session_changes),
    ]
}

/// `text` for the inside of a label of Prometheus, which knows three escapes and takes all else as it is.
fn escape_label(text: &str) -> String {
    // The whole page ends with a NUL, so that there can be none inside.
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\0', "\u{fffd}")
}

/// `text` for the inside of a string of JSON.
pub(crate) fn escape_json(text: &str) -> String {
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

    #[test]
    fn seconds_lose_nothing() {
        for (nanos, text) in [
            (0, "0"),
            (1, "0.000000001"),
            (1_000_000, "0.001"),
            (1_500_000_000, "1.5"),
            (10_000_000_000, "10"),
            (u64::MAX, "18446744073.709551615"),
        ] {
            assert_eq!(Seconds(nanos).to_string(), text);
        }
    }

    #[test]
    fn a_counter_never_falls() {
        let told = AtomicU64::new(0);
        assert_eq!([3, 2, 3, 4].map(|now| never_less(&told, now)), [3, 3, 3, 4]);
    }
}
