//! The page for Prometheus, read strictly, and docs/operating.md, which tells of every number and event there is.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use orapool::error::Error;
use orapool::pool::clock::TestClock;
use orapool::pool::{Attr, Attributes, CloseMode, EventKind, MetricsFormat, Pool, PoolBuilder, Stats, Tag};
use support::c_build::repo;
use support::fake_driver::{FixupDoes, World};

/// A page: the type of each family, and the value of each sample by all that stands in front of it.
#[derive(Debug, Default)]
struct Page {
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The labels between the braces, taken apart. Backslashes stand before a backslash, a quote or an n alone.
fn labels_of(mut text: &str) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"").unwrap_or_else(|| panic!("no label: {text}"));
        assert!(is_name(name), "{name}");
        let mut value = String::new();
        let mut chars = rest.char_indices();
        let end = loop {
            match chars.next().unwrap_or_else(|| panic!("no end: {text}")) {
                (at, '"') => break at,
                (_, '\\') => match chars.next().unwrap().1 {
                    'n' => value.push('\n'),
                    c @ ('\\' | '"') => value.push(c),
                    c => panic!("no escape: {c}"),
                },
                (_, '\n') => panic!("a line's end in a label: {text}"),
                (_, c) => value.push(c),
            }
        };
        labels.push((name.to_owned(), value));
        text = &rest[end + 1..];
        text = text.strip_prefix(',').unwrap_or_else(|| {
            assert!(text.is_empty(), "{text}");
            text
        });
    }
    labels
}

impl Page {
    /// Reads the exposition format as its definition has it, and knows no mercy.
    fn parse(text: &str) -> Page {
        assert!(text.ends_with('\n') && !text.contains('\0') && !text.contains('\r'));
        let mut page = Page::default();
        let mut family = String::new();
        let mut help = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, said) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && said.ends_with('.') && !said.contains('\\'), "{line}");
                name.clone_into(&mut help);
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(name, help, "the help stands right before the type");
                assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
                let before = page.types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "{name} stands in one place");
                name.clone_into(&mut family);
            } else {
                page.sample(&family, line);
            }
        }
        page.check_histograms();
        page
    }

    fn sample(&mut self, family: &str, line: &str) {
        let (key, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = key.strip_suffix('}').and_then(|key| key.split_once('{')).unwrap();
        let suffix = name.strip_prefix(family).unwrap_or_else(|| panic!("{line} is not of {family}"));
        let kind = self.types[family].as_str();
        match kind {
            "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix), "{line}"),
            _ => assert_eq!(suffix, "", "{line}"),
        }
        assert_eq!(kind == "counter", family.ends_with("_total"), "{line}");
        let labels = labels_of(labels);
        assert_eq!(labels[0].0, "db_client_connection_pool_name", "{line}");
        assert_eq!(labels.iter().any(|(name, _)| name == "le"), suffix == "_bucket", "{line}");
        let names: BTreeSet<_> = labels.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), labels.len(), "{line}");
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite() && value >= 0.0, "{line}");
        let rest: Vec<_> = labels[1..].iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = if rest.is_empty() { name.to_owned() } else { format!("{name} {}", rest.join(" ")) };
        assert_eq!(self.samples.insert(key, value), None, "{line}");
    }

    /// The samples of a family, in the order of their labels' values.
    fn of(&self, name: &str) -> Vec<f64> {
        let is_of = |key: &str| key.split(' ').next() == Some(name);
        self.samples.iter().filter(|(key, _)| is_of(key)).map(|(_, value)| *value).collect()
    }

    fn sum(&self, name: &str) -> f64 {
        self.of(name).iter().sum()
    }

    /// Buckets rise with their bounds, and the last is the count.
    fn check_histograms(&self) {
        for (name, _) in self.types.iter().filter(|(_, kind)| *kind == "histogram") {
            let bucket = format!("{name}_bucket le=");
            let mut buckets: Vec<(f64, f64)> = self
                .samples
                .iter()
                .filter_map(|(key, count)| Some((key.strip_prefix(&bucket)?.parse().unwrap(), *count)))
                .collect();
            buckets.sort_by(|a, b| a.partial_cmp(b).unwrap());
            assert!(buckets.iter().map(|(_, count)| *count).is_sorted(), "{name}: {buckets:?}");
            let (last, count) = buckets.last().unwrap();
            assert_eq!((*last, *count), (f64::INFINITY, self.sum(&format!("{name}_count"))), "{name}");
            assert_eq!(self.of(&format!("{name}_sum")).len(), 1);
        }
    }
}

fn sized(min: i64, max: i64) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::ConnectString, "fake").unwrap();
    attributes.set_text(Attr::User, "scott").unwrap();
    attributes.set_text(Attr::Password, "tiger").unwrap();
    attributes.set_int(Attr::SessionsMin, min).unwrap();
    attributes.set_int(Attr::SessionsMax, max).unwrap();
    attributes
}

fn create(attributes: &Attributes, name: &str, world: &Arc<World>, clock: &Arc<TestClock>) -> Pool {
    let clock = Arc::clone(clock);
    PoolBuilder::new(attributes).name(name).driver(world.driver()).clock(clock).create().unwrap().0
}

fn page_of(pool: &Pool) -> Page {
    Page::parse(&pool.metrics(MetricsFormat::Prometheus))
}

/// Where the page tells each number of the statistics: families that have it as their sum, or one sample.
fn told(page: &Page, stat: &str) -> f64 {
    let sample = |key: &str| *page.samples.get(key).unwrap_or_else(|| panic!("no {key}"));
    match stat {
        "open" => page.sum("db_client_connection_count"),
        "busy" => sample("db_client_connection_count db_client_connection_state=used"),
        "idle" => sample("db_client_connection_count db_client_connection_state=idle"),
        "connecting" | "peak_busy" => sample(&format!("orapool_{stat}")),
        "waiting" => sample("db_client_connection_pending_requests"),
        "gets" => page.sum("orapool_gets_total"),
        "gets_tag_exact" => sample("orapool_gets_total found=exact"),
        "gets_tag_superset" => sample("orapool_gets_total found=superset"),
        "gets_tag_partial" => sample("orapool_gets_total found=partial"),
        "gets_untagged" => sample("orapool_gets_total found=untagged"),
        "gets_new" => sample("orapool_gets_total found=new"),
        "timeouts" => sample("db_client_connection_timeouts_total"),
        "drops" => sample("orapool_sessions_closed_total reason=dropped"),
        "connects" => sample("db_client_connection_create_time_seconds_count"),
        "closed_idle" => sample("orapool_sessions_closed_total reason=idle"),
        "closed_lifetime" => sample("orapool_sessions_closed_total reason=lifetime"),
        "closed_uses" => sample("orapool_sessions_closed_total reason=uses"),
        "closed_dead" => sample("orapool_sessions_closed_total reason=dead"),
        "evictions" => sample("orapool_sessions_closed_total reason=evicted"),
        "wait_ns_total" => sample("db_client_connection_wait_time_seconds_sum") * 1e9,
        "wait_ns_max" => sample("orapool_wait_max_seconds") * 1e9,
        other => sample(&format!("orapool_{other}_total")),
    }
}

/// The statistics by name.
fn numbers_of(stats: &Stats) -> Vec<(String, u64)> {
    let text = format!("{stats:?}");
    let inside = text.split_once("{ ").unwrap().1.trim_end_matches(" }");
    let pairs = inside.split(", ").map(|field| field.split_once(": ").unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// Each number of the statistics stands on the page, after a life in which most of them differ.
#[test]
fn the_page_tells_the_statistics() {
    let (world, clock) = (World::new(), TestClock::new());
    world.failures.lock().push(Error::oracle(12541, "ORA-12541: no listener"));
    let mut attributes = sized(0, 2);
    attributes.set_int(Attr::GetMode, 1).unwrap();
    attributes.set_int(Attr::UsesMax, 7).unwrap();
    attributes.set_int(Attr::LeakAfterMs, 5000).unwrap();
    attributes.set_text(Attr::FixupCallback, "fix").unwrap();
    let pool = create(&attributes, "a \"story\"\\\n", &world, &clock);
    pool.get().unwrap_err();
    let first = pool.get().unwrap();
    let second = pool.get().unwrap();
    clock.advance(Duration::from_secs(6));
    while pool.stats().leaks < 2 {
        std::thread::yield_now();
    }
    for _ in 0..3 {
        pool.get().unwrap_err();
    }
    first.release().unwrap();
    second.drop_session().unwrap();
    let tag = Arc::new(Tag::multi_property(b"A=1").unwrap().unwrap());
    let options = orapool::pool::GetOptions {
        tag: Some(&tag),
        is_multi_property: true,
        ..orapool::pool::GetOptions::default()
    };
    world.fixups.lock().push_back(FixupDoes::Raises);
    pool.get_with(&options).unwrap_err();
    for _ in 0..2 {
        pool.get_with(&options).unwrap().0.release().unwrap();
    }
    let stats = pool.stats();
    let page = page_of(&pool);
    for (name, value) in numbers_of(&stats) {
        assert_eq!(told(&page, &name).round() as u64, value, "{name}");
    }
    assert_eq!((stats.timeouts, stats.leaks, stats.fixup_failures, stats.drops), (3, 2, 1, 1));
    assert_eq!(page.samples["orapool_sessions_closed_total reason=unready"] as u64, 1);
    assert_eq!(page.samples["orapool_age_seconds"] as u64, 6);
    assert!(page.samples["orapool_events_total"] >= 10.0);
    let conventional = page.types.keys().filter(|name| name.starts_with("db_client_connection_"));
    assert_eq!(conventional.count(), 8, "all of OpenTelemetry's but use_time");
    pool.close(CloseMode::Force).unwrap();
}

/// Gets that found a session at once count as waits of no length; those that waited have their time.
#[test]
fn waits_are_in_their_buckets() {
    let (world, clock) = (World::new(), TestClock::new());
    let pool = create(&sized(1, 1), "waits", &world, &clock);
    let before = page_of(&pool);
    assert_eq!(before.sum("db_client_connection_wait_time_seconds_count"), 0.0);
    for _ in 0..5 {
        pool.get().unwrap().release().unwrap();
    }
    let held = pool.get().unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| pool.get().unwrap().release().unwrap());
        while pool.stats().waiting == 0 {
            std::thread::yield_now();
        }
        clock.advance(Duration::from_millis(700));
        held.release().unwrap();
        waiter.join().unwrap();
    });
    let page = page_of(&pool);
    let bucket = |le: &str| page.samples[&format!("db_client_connection_wait_time_seconds_bucket le={le}")];
    assert_eq!([bucket("0.001"), bucket("0.5"), bucket("1"), bucket("+Inf")], [6.0, 6.0, 7.0, 7.0]);
    assert_eq!(page.sum("db_client_connection_wait_time_seconds_sum"), 0.7);
    assert_eq!(page.sum("orapool_gets_total"), 7.0);
    pool.close(CloseMode::Force).unwrap();
}

/// To Prometheus a counter that falls has begun anew, and a rate over it becomes absurd.
#[test]
fn no_counter_ever_falls() {
    let (world, clock) = (World::new(), TestClock::new());
    let pool = create(&sized(0, 4), "counters", &world, &clock);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for round in 0..400 {
                    let loan = pool.get().unwrap();
                    if round % 3 == 0 { loan.drop_session().unwrap() } else { loan.release().unwrap() }
                }
                is_over.store(true, std::sync::atomic::Ordering::SeqCst);
            });
        }
        let mut last = page_of(&pool);
        while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
            let now = page_of(&pool);
            for (key, value) in &now.samples {
                let name = key.split(' ').next().unwrap();
                let rises = ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end));
                let rises = rises && name != "db_client_connection_count";
                assert!(!rises || *value >= last.samples[key], "{key}: {value} after {}", last.samples[key]);
            }
            last = now;
        }
    });
    pool.close(CloseMode::Force).unwrap();
}

#[test]
fn a_log_on_warning_is_an_event() {
    let (world, clock) = (World::new(), TestClock::new());
    world.warnings.lock().push_back(Error::oracle(28002, "ORA-28002: the password will expire"));
    let (pool, _) = {
        let attributes = sized(1, 1);
        let clock = Arc::clone(&clock);
        PoolBuilder::new(&attributes).driver(world.driver()).clock(clock).create().unwrap()
    };
    let (text, last) = pool.events(0).unwrap();
    assert!(
        text.contains("\"kind\":\"logon_warning\",\"level\":\"warn\",\"session\":0,\"code\":28002,"),
        "{text}"
    );
    assert_eq!(last, 3);
    pool.close(CloseMode::Force).unwrap();
}

fn page_of_docs() -> String {
    std::fs::read_to_string(repo().join("docs/operating.md")).unwrap()
}

/// The part of the page under that headline.
fn section<'a>(docs: &'a str, headline: &str) -> &'a str {
    let (_, rest) = docs.split_once(&format!("\n## {headline}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The names in the first cells of the rows of tables, in backticks.
fn names_in_tables(docs: &str) -> BTreeSet<String> {
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').filter(|name| is_name(name)).map(str::to_owned));
    names.collect()
}

#[test]
fn the_docs_tell_of_every_metric_and_every_event() {
    let (world, clock) = (World::new(), TestClock::new());
    let pool = create(&sized(1, 1), "docs", &world, &clock);
    let docs = page_of_docs();
    let metrics: BTreeSet<String> = page_of(&pool).types.into_keys().collect();
    assert_eq!(names_in_tables(section(&docs, "Metrics")), metrics, "left: in docs/operating.md");
    let events: BTreeSet<String> = EventKind::all().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(names_in_tables(section(&docs, "Events")), events, "left: in docs/operating.md");
    for kind in EventKind::all() {
        let row = format!("\n| `{}` | {} | ", kind.name(), kind.level().name());
        assert!(docs.contains(&row), "no row{row}");
    }
    pool.close(CloseMode::Force).unwrap();
}

/// What subscribers of `tracing` get as fields is what the page tells of.
#[test]
fn the_docs_tell_of_every_detail() {
    let source = std::fs::read_to_string(repo().join("src/pool/tell.rs")).unwrap();
    let docs = page_of_docs();
    let events = section(&docs, "Events");
    let fields = source.lines().filter(|line| line.contains(" = $event."));
    let names: Vec<_> = fields.map(|line| line.trim().split(' ').next().unwrap()).collect();
    assert!(names.len() > 15, "{names:?}");
    let notes = std::fs::read_to_string(repo().join("src/pool/note.rs")).unwrap();
    let noted = notes.split("(\"").skip(1).filter_map(|rest| rest.split_once("\", ")).map(|(name, _)| name);
    let untold: Vec<_> = noted.filter(|name| is_name(name) && !names.contains(name)).collect();
    assert!(untold.is_empty(), "details that tracing is not told: {untold:?}");
    for name in names {
        let is_told = events.contains(&format!("`{name}`")) || events.contains(&format!("\"{name}\""));
        assert!(is_told, "docs/operating.md does not tell of the detail {name}");
    }
}

/// The function in the docs reads events on from where it ended.
#[cfg(feature = "embedded")]
#[test]
fn the_function_in_the_docs_works() {
    use support::c_build::{Language, build_program, output_of};
    let docs = page_of_docs();
    let function = docs.split("```c\n").nth(1).unwrap().split("```").next().unwrap();
    let program = format!(
        "#include <orapool.h>\n#include <stdio.h>\n{function}int main(void)\n{{\n\
         orapool *pool; orapool_attrs *attrs; orapool_session *session = NULL; uint64_t last;\n\
         orapool_attrs_new(&attrs, NULL);\n\
         orapool_attrs_set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, \"embedded:docs\", ORAPOOL_NTS, NULL);\n\
         orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, \"scott\", ORAPOOL_NTS, NULL);\n\
         orapool_attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, \"tiger\", ORAPOOL_NTS, NULL);\n\
         orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 0, NULL);\n\
         orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, NULL);\n\
         orapool_attrs_free(attrs);\n\
         last = print_events(pool, 0);\n\
         orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);\n\
         orapool_session_release(session, NULL, 0, 0, NULL);\n\
         print_events(pool, last);\n\
         orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, NULL);\n\
         return 0;\n}}\n"
    );
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("docs-events.c");
    std::fs::write(&file, program).unwrap();
    let program = build_program(Language::C99, file.to_str().unwrap());
    let said = output_of(&mut std::process::Command::new(&program));
    let kinds: Vec<_> = said.lines().map(|line| line.split('"').nth(7).unwrap()).collect();
    assert_eq!(kinds, ["pool_created", "connect"], "{said}");
    for path in [file, program] {
        std::fs::remove_file(path).unwrap();
    }
}

/// The alerts in the docs name metrics that there are.
#[test]
fn the_alerts_in_the_docs_use_metrics_that_there_are() {
    let (world, clock) = (World::new(), TestClock::new());
    let pool = create(&sized(1, 1), "alerts", &world, &clock);
    let types = page_of(&pool).types;
    let docs = page_of_docs();
    let rules = docs.split("```yaml\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let is_part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut used = 0;
    for word in rules
        .flat_map(|rule| rule.lines())
        .filter(|line| line.contains("expr:") || line.starts_with("         "))
        .flat_map(|line| line.split(is_part))
    {
        if word.starts_with("orapool_") || word.starts_with("db_client_") {
            let base =
                ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
            let is_label = ["db_client_connection_pool_name", "db_client_connection_state"].contains(&word);
            assert!(is_label || types.contains_key(word) || types.contains_key(base), "{word}");
            used += 1;
        }
    }
    assert!(used >= 5, "{used}");
    pool.close(CloseMode::Force).unwrap();
}
