//! Events as the subscriber of `tracing` in a Rust program gets them. A process has one such subscriber, so that these
//! tests are in a file of their own, and are one.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::time::Duration;

use orapool::error::Error;
use orapool::pool::{Attr, Attributes, CloseMode, MetricsFormat, Pool, PoolBuilder};
use support::fake_driver::World;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// How long the pool may take to answer in a subscriber. It never takes long, unless somebody holds its lock.
const LIMIT: Duration = Duration::from_secs(30);

/// The first warning makes the subscriber panic, which the pool must survive.
static HAS_PANICKED: AtomicBool = AtomicBool::new(false);
static HELD: AtomicBool = AtomicBool::new(false);
static TOLD: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());
static POOL: OnceLock<Pool> = OnceLock::new();

/// The fields of an event, in their order.
#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

/// Remembers what it is told, and uses the pool that it is told of, which must not be locked meanwhile.
struct Nosy;

impl Subscriber for Nosy {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "orapool"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        TOLD.lock().unwrap().push((*event.metadata().level(), fields.0));
        if event.metadata().level() == &Level::WARN && !HAS_PANICKED.swap(true, Ordering::SeqCst) {
            panic!("a subscriber that panics");
        }
        let Some(pool) = POOL.get().filter(|_| !HELD.load(Ordering::SeqCst)) else { return };
        let (done, is_done) = mpsc::channel();
        // On another thread, so that a lock that is held fails the test and does not hang it.
        std::thread::spawn(move || {
            pool.metrics(MetricsFormat::Prometheus);
            pool.events(0).unwrap();
            let _ = done.send(());
        });
        HELD.store(is_done.recv_timeout(LIMIT).is_err(), Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    for (attr, text) in [(Attr::ConnectString, "fake"), (Attr::User, "scott"), (Attr::Password, "tiger")] {
        attributes.set_text(attr, text).unwrap();
    }
    for (attr, number) in [(Attr::SessionsMin, 0), (Attr::SessionsMax, 1), (Attr::GetMode, 1)] {
        attributes.set_int(attr, number).unwrap();
    }
    attributes
}

fn was_told(level: Level, parts: &[&str]) -> bool {
    let told = TOLD.lock().unwrap();
    told.iter().any(|(at, text)| *at == level && parts.iter().all(|part| text.contains(part)))
}

#[test]
fn a_subscriber_is_told_with_no_lock_held() {
    tracing::subscriber::set_global_default(Nosy).unwrap();
    let world = World::new();
    let pool = PoolBuilder::new(&attributes()).name("traced").driver(world.driver()).create().unwrap().0;
    let pool = POOL.get_or_init(|| pool);
    world.failures.lock().push(Error::oracle(12541, "ORA-12541: no listener"));
    pool.get().unwrap_err();
    let loan = pool.get().unwrap();
    pool.get().unwrap_err();
    loan.drop_session().unwrap();
    pool.close(CloseMode::Force).unwrap();
    assert!(!HELD.load(Ordering::SeqCst), "a subscriber was called with the pool's lock held");
    for (level, parts) in [
        (Level::INFO, &["pool=\"traced\"", "number=1 ", "kind=\"pool_created\"", "sessions_max=1 "][..]),
        (Level::WARN, &["kind=\"connect_failed\"", "code=12541 ", "message=\"ORA-12541: no listener\""]),
        (Level::INFO, &["kind=\"connect\"", "purpose=\"get\"", "session=0 ", "took_ms="]),
        (Level::WARN, &["kind=\"timeout\"", "code=24496 "]),
        (Level::INFO, &["kind=\"session_closed\"", "reason=\"dropped\"", "loans=1 "]),
        (Level::INFO, &["kind=\"pool_closed\"", "mode=\"force\""]),
    ] {
        assert!(was_told(level, parts), "{parts:?} in {:#?}", TOLD.lock().unwrap());
    }
    // What the ring has and the subscriber was told are the same events, with the same details.
    let (text, last) = pool.events(0).unwrap();
    assert_eq!((text.lines().count() as u64, TOLD.lock().unwrap().len() as u64), (last, last));
    for line in text.lines() {
        let event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let told = TOLD.lock().unwrap();
        let number = format!(" number={} ", event["number"]);
        let (_, fields) = told.iter().find(|(_, fields)| fields.contains(&number)).unwrap();
        let details = event.keys().filter(|name| !["time_ms", "level"].contains(&name.as_str()));
        for name in details {
            assert!(
                format!(" {fields}").contains(&format!(" {name}=")),
                "{name} of {line} is not in {fields}"
            );
        }
    }
}
