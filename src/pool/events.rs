//! What has happened in a pool: a ring of its latest events, which its users read when they like. The pool calls nobody.
//!
//! Nothing is noted on the short way of a get or release. Everything else notes under a lock of the ring's own, which is
//! held for a push or for the copying of pointers, and never while anything is written or called.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::error::Error;
use crate::pool::clock::nanos;
use crate::pool::metrics::escape_json;

/// How many events a pool remembers: minutes of a pool in trouble, hours of one that is well.
pub const EVENTS_KEPT: usize = 1024;
/// The longest text in an event, in bytes: what an event takes of the memory has a limit.
const TEXT_LIMIT: usize = 1024;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Somebody should look at it.
    Warn,
    /// Part of a pool's life.
    Info,
}

impl Level {
    /// As logs write it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Warn => "warn",
            Level::Info => "info",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The pool was created.
    PoolCreated,
    /// Attributes of the pool were changed.
    Reconfigured,
    /// The pool takes no more gets and waits for its loans.
    PoolDraining,
    /// The pool was closed.
    PoolClosed,
    /// A session was made.
    Connect,
    /// A session could not be made.
    ConnectFailed,
    /// A log-on was a success with a warning.
    LogonWarning,
    /// A session was closed.
    SessionClosed,
    /// A ping was not answered.
    PingFailed,
    /// The PL/SQL fix-up procedure failed.
    FixupFailed,
    /// The session callback failed.
    CallbackFailed,
    /// A loan lasts longer than LEAK_AFTER_MS.
    Leak,
    /// A get waited for longer than WAIT_REPORT_MS.
    WaitOverLimit,
    /// A get found no session in time.
    Timeout,
    /// A get was turned away because too many were waiting.
    Rejected,
    /// Pooled servers were asked for without a connection class: one was made up.
    GeneratedConnectionClass,
}

/// Every kind with its name and level.
const KINDS: [(EventKind, &str, Level); 16] = [
    (EventKind::PoolCreated, "pool_created", Level::Info),
    (EventKind::Reconfigured, "reconfigured", Level::Info),
    (EventKind::PoolDraining, "pool_draining", Level::Info),
    (EventKind::PoolClosed, "pool_closed", Level::Info),
    (EventKind::Connect, "connect", Level::Info),
    (EventKind::ConnectFailed, "connect_failed", Level::Warn),
    (EventKind::LogonWarning, "logon_warning", Level::Warn),
    (EventKind::SessionClosed, "session_closed", Level::Info),
    (EventKind::PingFailed, "ping_failed", Level::Warn),
    (EventKind::FixupFailed, "fixup_failed", Level::Warn),
    (EventKind::CallbackFailed, "callback_failed", Level::Warn),
    (EventKind::Leak, "leak", Level::Warn),
    (EventKind::WaitOverLimit, "wait_over_limit", Level::Warn),
    (EventKind::Timeout, "timeout", Level::Warn),
    (EventKind::Rejected, "rejected", Level::Warn),
    (EventKind::GeneratedConnectionClass, "generated_connection_class", Level::Warn),
];

impl EventKind {
    /// Every kind there is.
    pub fn all() -> impl Iterator<Item = EventKind> {
        KINDS.into_iter().map(|(kind, ..)| kind)
    }

    fn entry(self) -> (&'static str, Level) {
        let found = KINDS.iter().find(|(kind, ..)| *kind == self);
        found.map_or(("?", Level::Warn), |(_, name, level)| (name, *level))
    }

    /// Its name as events tell it.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// How much it matters.
    pub fn level(self) -> Level {
        self.entry().1
    }
}

/// A detail of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detail {
    Number(u64),
    /// The ORA number of an error; 0 = none.
    Code(i32),
    Text(Box<str>),
    /// A text of the library's own.
    Name(&'static str),
}

impl From<u64> for Detail {
    fn from(number: u64) -> Detail {
        Detail::Number(number)
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Detail {
        Detail::Text(shortened(text))
    }
}

/// The beginning of `text`, up to the limit.
fn shortened(text: &str) -> Box<str> {
    if text.len() <= TEXT_LIMIT {
        return text.into();
    }
    let end = (0..=TEXT_LIMIT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default()).into()
}

/// The details of an event, by name, in the order in which they are told.
pub(crate) type Details = Vec<(&'static str, Detail)>;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Counted from 1 in each pool.
    pub(crate) number: u64,
    /// Milliseconds since 1970, UTC.
    pub(crate) time_ms: u64,
    pub(crate) kind: EventKind,
    pub(crate) details: Details,
}

impl Event {
    fn find(&self, name: &str) -> Option<&Detail> {
        self.details.iter().find(|(own, _)| *own == name).map(|(_, detail)| detail)
    }

    /// The detail of that name, if it is a number.
    pub(crate) fn number_of(&self, name: &str) -> Option<u64> {
        match self.find(name)? {
            Detail::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The error's ORA number.
    pub(crate) fn code(&self) -> Option<i32> {
        match self.find("code")? {
            Detail::Code(code) => Some(*code),
            _ => None,
        }
    }

    /// The detail of that name, if it is a text.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            Detail::Text(text) => Some(text),
            Detail::Name(name) => Some(name),
            _ => None,
        }
    }

    /// As a JSON object, without a line's end.
    pub(crate) fn write_json(&self, to: &mut String) {
        let Event { number, time_ms, kind, .. } = self;
        let (name, level) = (kind.name(), kind.level().name());
        let _ = write!(
            to,
            "{{\"number\":{number},\"time_ms\":{time_ms},\"kind\":\"{name}\",\"level\":\"{level}\""
        );
        for (name, detail) in &self.details {
            let _ = match detail {
                Detail::Number(number) => write!(to, ",\"{name}\":{number}"),
                Detail::Code(code) => write!(to, ",\"{name}\":{code}"),
                Detail::Text(text) => write!(to, ",\"{name}\":\"{}\"", escape_json(text)),
                Detail::Name(text) => write!(to, ",\"{name}\":\"{text}\""),
            };
        }
        to.push('}');
    }
}

/// The latest events of a pool.
#[derive(Debug)]
pub(crate) struct Events {
    ring: Mutex<Ring>,
    /// Waits from which on one is an event, in nanoseconds; `u64::MAX` = none. Here, because a wait is over when the lock
    /// that the settings are under is not held any more.
    wait_limit: AtomicU64,
}

#[derive(Debug, Default)]
struct Ring {
    /// The number of the newest.
    last: u64,
    kept: VecDeque<Arc<Event>>,
}

impl Events {
    pub(crate) fn new(wait_limit: Option<std::time::Duration>) -> Events {
        let events = Events { ring: Mutex::default(), wait_limit: AtomicU64::new(u64::MAX) };
        events.set_wait_limit(wait_limit);
        events
    }

    /// Says from which wait on one is an event; none = never.
    pub(crate) fn set_wait_limit(&self, limit: Option<std::time::Duration>) {
        self.wait_limit.store(limit.map_or(u64::MAX, nanos), Ordering::Relaxed);
    }

    /// From which wait on one is an event, in nanoseconds.
    pub(crate) fn wait_limit(&self) -> u64 {
        self.wait_limit.load(Ordering::Relaxed)
    }

    /// Adds an event, in the place of the oldest if there are many.
    pub(crate) fn add(&self, time_ms: u64, kind: EventKind, details: Details) -> Arc<Event> {
        let mut ring = self.ring.lock();
        ring.last += 1;
        let event = Arc::new(Event { number: ring.last, time_ms, kind, details });
        let overwritten = if ring.kept.len() == EVENTS_KEPT { ring.kept.pop_front() } else { None };
        ring.kept.push_back(Arc::clone(&event));
        drop(ring);
        // Freed with the lock gone.
        drop(overwritten);
        event
    }

    /// The number of the newest event; 0 = there was none.
    pub(crate) fn last(&self) -> u64 {
        self.ring.lock().last
    }

    /// The events behind number `after`, oldest first, and the number of the newest. An error if there was none of that
    /// number.
    fn behind(&self, after: u64) -> Result<(Vec<Arc<Event>>, u64), Error> {
        let ring = self.ring.lock();
        let last = ring.last;
        let wanted = last.checked_sub(after).ok_or_else(|| not_yet(after, last))?;
        let skipped = ring.kept.len().saturating_sub(usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok((ring.kept.iter().skip(skipped).cloned().collect(), last))
    }

    /// The events behind number `after` as lines of JSON, oldest first, and the number of the newest. Events that were
    /// overwritten before they were read are counted in a line of their own in front.
    pub(crate) fn read(&self, after: u64) -> Result<(String, u64), Error> {
        let (events, last) = self.behind(after)?;
        let lost = (last - after).saturating_sub(events.len() as u64);
        let mut text = String::new();
        if lost > 0 {
            let _ = writeln!(text, "{{\"kind\":\"lost\",\"count\":{lost}}}");
        }
        for event in events {
            event.write_json(&mut text);
            text.push('\n');
        }
        Ok((text, last))
    }
}

fn not_yet(after: u64, last: u64) -> Error {
    Error::invalid_argument(format!(
        "after is {after}, and the newest event of this pool has the number {last}: numbers begin anew with each pool; \
         pass 0 to begin with the oldest event"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<&str> {
        text.lines().map(|line| line.split([':', ',']).nth(1).unwrap()).collect()
    }

    #[test]
    fn a_reader_gets_what_it_has_not_read_yet() {
        let events = Events::new(None);
        assert_eq!(events.read(0).unwrap(), (String::new(), 0));
        for _ in 0..3 {
            events.add(5, EventKind::Connect, vec![("session", 4.into())]);
        }
        let (text, last) = events.read(1).unwrap();
        assert_eq!((numbers(&text), last), (vec!["2", "3"], 3));
        assert_eq!(
            text.lines().next(),
            Some("{\"number\":2,\"time_ms\":5,\"kind\":\"connect\",\"level\":\"info\",\"session\":4}")
        );
        assert_eq!(events.read(3).unwrap(), (String::new(), 3));
        assert!(events.read(4).unwrap_err().message().contains("number 3"));
        assert!(events.read(u64::MAX).is_err());
    }

    #[test]
    fn what_was_overwritten_is_counted() {
        let events = Events::new(None);
        for _ in 0..EVENTS_KEPT + 10 {
            events.add(0, EventKind::Leak, Vec::new());
        }
        let (text, last) = events.read(4).unwrap();
        assert_eq!(last, EVENTS_KEPT as u64 + 10);
        assert_eq!(text.lines().next(), Some("{\"kind\":\"lost\",\"count\":6}"));
        assert_eq!(text.lines().count(), EVENTS_KEPT + 1);
        assert!(text.lines().nth(1).unwrap().contains("\"number\":11,"));
        assert_eq!(numbers(&events.read(10).unwrap().0).len(), EVENTS_KEPT, "nothing of these is lost");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let Detail::Text(text) = Detail::from("ä".repeat(2000).as_str()) else { panic!("no text") };
        assert_eq!(text.chars().count(), 513);
        assert!(text.ends_with("ä…"));
        let hostile = Event {
            number: 1,
            time_ms: 2,
            kind: EventKind::Timeout,
            details: vec![("code", Detail::Code(-7)), ("message", "a\"b\\c\n\0".into())],
        };
        let mut line = String::new();
        hostile.write_json(&mut line);
        assert!(line.ends_with("\"code\":-7,\"message\":\"a\\\"b\\\\c\\u000a\\u0000\"}"), "{line}");
        assert_eq!(hostile.code(), Some(-7));
    }

    #[test]
    fn every_kind_has_an_entry_of_its_own() {
        let mut names: Vec<_> = EventKind::all().map(EventKind::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
    }
}
