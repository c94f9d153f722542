//! Events for those who do not read the ring: the subscriber of `tracing` in a Rust program, and a log that the C API may
//! ask for. Both are code of others that may do anything, so it is called with no lock of a pool held.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crate::pool::events::{Detail, Event, Level};

/// Where a log is to go.
struct Log {
    level: Level,
    write: fn(&str),
}

static LOG: OnceLock<Log> = OnceLock::new();

/// Has `write` called with each event of all pools that matters as much as `level`, as a line without its end. Once in a
/// process: later calls change nothing.
pub(crate) fn log_to(level: Level, write: fn(&str)) {
    // Whoever was first had its way.
    let _ = LOG.set(Log { level, write });
}

/// An event, and the name of its pool.
type Untold = (Arc<Event>, Arc<str>);

thread_local! {
    /// How many locks of pools the thread holds.
    static LOCKS: Cell<u32> = const { Cell::new(0) };
    /// Whether there is something in the list below: spares most unlocks a look.
    static HAS_UNTOLD: Cell<bool> = const { Cell::new(false) };
    /// What it has to tell when it holds none any more.
    static UNTOLD: RefCell<Vec<Untold>> = const { RefCell::new(Vec::new()) };
}

/// Notes that the thread holds a pool's lock, for as long as this lives; at the end of the last one tells what happened
/// meanwhile.
#[derive(Debug)]
pub(crate) struct Holding;

impl Holding {
    pub(crate) fn begin() -> Holding {
        LOCKS.set(LOCKS.get() + 1);
        Holding
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        LOCKS.set(LOCKS.get() - 1);
        tell_all();
    }
}

/// Whether the thread has something to tell.
pub(crate) fn has_untold() -> bool {
    HAS_UNTOLD.get()
}

/// Tells it while the lock that the thread holds is open for a moment.
pub(crate) fn tell_between() {
    LOCKS.set(LOCKS.get() - 1);
    tell_all();
    LOCKS.set(LOCKS.get() + 1);
}

fn is_heard(level: Level) -> bool {
    let is_traced = match level {
        Level::Warn => tracing::enabled!(target: "orapool", tracing::Level::WARN),
        Level::Info => tracing::enabled!(target: "orapool", tracing::Level::INFO),
    };
    is_traced || LOG.get().is_some_and(|log| level <= log.level)
}

/// Tells the event, at the latest when the thread lets go of the pool's lock.
pub(crate) fn tell(event: &Arc<Event>, pool: &Arc<str>) {
    if is_heard(event.kind.level()) {
        let untold = (Arc::clone(event), Arc::clone(pool));
        // A thread that ends, and releases a session on the way, may have no list any more.
        let is_listed = UNTOLD.try_with(|list| list.borrow_mut().push(untold)).is_ok();
        HAS_UNTOLD.set(is_listed);
        tell_all();
    }
}

fn tell_all() {
    // A thread that unwinds with a lock held does not call others' code on the way.
    if !HAS_UNTOLD.get() || LOCKS.get() > 0 || std::thread::panicking() {
        return;
    }
    HAS_UNTOLD.set(false);
    // Taken out first: whoever is told may use pools.
    for (event, pool) in UNTOLD.try_with(RefCell::take).unwrap_or_default() {
        // A subscriber that panics, which the panic hook reports, must not take a thread of the pool along.
        let _ = catch_unwind(AssertUnwindSafe(|| trace(&event, &pool)));
        if let Some(log) = LOG.get().filter(|log| event.kind.level() <= log.level) {
            (log.write)(&line_of(&event, &pool));
        }
    }
}

/// The fields of `tracing` are fixed where the event is written: those that an event has not are left out.
macro_rules! trace_at {
    ($level:ident, $event:ident, $pool:ident) => {
        tracing::event!(
            target: "orapool",
            tracing::Level::$level,
            pool = $pool,
            number = $event.number,
            kind = $event.kind.name(),
            session = $event.number_of("session"),
            code = $event.code(),
            reason = $event.text_of("reason"),
            purpose = $event.text_of("purpose"),
            outcome = $event.text_of("outcome"),
            mode = $event.text_of("mode"),
            context = $event.text_of("context"),
            wanted = $event.text_of("wanted"),
            class = $event.text_of("class"),
            changed = $event.text_of("changed"),
            took_ms = $event.number_of("took_ms"),
            waited_ms = $event.number_of("waited_ms"),
            idle_ms = $event.number_of("idle_ms"),
            age_ms = $event.number_of("age_ms"),
            limit_ms = $event.number_of("limit_ms"),
            loans = $event.number_of("loans"),
            busy = $event.number_of("busy"),
            sessions_min = $event.number_of("sessions_min"),
            sessions_max = $event.number_of("sessions_max"),
            cause = $event.text_of("cause"),
            message = $event.text_of("message").unwrap_or($event.kind.name()),
        )
    };
}

fn trace(event: &Event, pool: &str) {
    match event.kind.level() {
        Level::Warn => trace_at!(WARN, event, pool),
        Level::Info => trace_at!(INFO, event, pool),
    }
}

/// `2026-02-28T09:30:00.123Z WARN orapool pool="hr" number=7 kind=leak session=2 age_ms=61000`
fn line_of(event: &Event, pool: &str) -> String {
    let level = match event.kind.level() {
        Level::Warn => "WARN",
        Level::Info => "INFO",
    };
    let mut line = timestamp(event.time_ms);
    let _ = write!(line, " {level} orapool pool={pool:?} number={} kind={}", event.number, event.kind.name());
    for (name, detail) in &event.details {
        let _ = match detail {
            Detail::Number(number) => write!(line, " {name}={number}"),
            Detail::Code(code) => write!(line, " {name}={code}"),
            // With its escapes: a line's end in it would look like another line.
            Detail::Text(text) => write!(line, " {name}={text:?}"),
            Detail::Name(text) => write!(line, " {name}={text}"),
        };
    }
    line
}

/// A moment in milliseconds since 1970, as ISO 8601 writes it.
fn timestamp(time_ms: u64) -> String {
    let (seconds, ms) = (time_ms / 1000, time_ms % 1000);
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date_of(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day of the `days`-th day after 1970-01-01.
fn date_of(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    // The calendar repeats itself every 400 years, of 146097 days.
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::events::EventKind;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (time_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (1_772_271_000_123, "2026-02-28T09:30:00.123Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (13_574_563_200_000, "2400-02-29T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(time_ms), text);
        }
    }

    #[test]
    fn an_event_is_one_line_of_the_log() {
        let event = Event {
            number: 7,
            time_ms: 0,
            kind: EventKind::ConnectFailed,
            details: vec![
                ("purpose", Detail::Name("get")),
                ("code", Detail::Code(12541)),
                ("message", "ORA-12541: no \"listener\"\nHelp: none".into()),
            ],
        };
        assert_eq!(
            line_of(&event, "h\nr"),
            "1970-01-01T00:00:00.000Z WARN orapool pool=\"h\\nr\" number=7 kind=connect_failed purpose=get code=12541 message=\"ORA-12541: no \\\"listener\\\"\\nHelp: none\""
        );
    }
}
