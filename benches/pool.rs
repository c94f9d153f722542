//! The pool through its Rust API, on a driver that does nothing: what the pool itself costs.
//!
//! `cargo bench --bench pool`. The C API, other pools and the contended cells are measured by `benches/run.sh`.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/support/fake_driver.rs"]
mod fake_driver;

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use orapool::pool::{Attr, Attributes, Pool, PoolBuilder};

fn pool(sessions: i64) -> Pool {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::User, "bench").expect("a user");
    attributes.set_text(Attr::Password, "bench").expect("a password");
    attributes.set_int(Attr::SessionsMin, sessions).expect("a minimum");
    attributes.set_int(Attr::SessionsMax, sessions).expect("a maximum");
    let driver = fake_driver::World::new().driver();
    PoolBuilder::new(&attributes).driver(driver).create().expect("a pool").0
}

fn pair(criterion: &mut Criterion) {
    // With one thread the C library leaves the lock prefix of its own atomics out; a second one keeps it honest.
    let stop = Arc::new(std::sync::Barrier::new(2));
    let waiting = Arc::clone(&stop);
    let second = std::thread::spawn(move || waiting.wait());
    let mut group = criterion.benchmark_group("get+release");
    for sessions in [10, 1000] {
        let pool = pool(sessions);
        group.bench_function(format!("{sessions} idle"), |bencher| {
            bencher.iter(|| drop(pool.get().expect("a session")));
        });
        group.bench_function(format!("{sessions} idle, two held at once"), |bencher| {
            bencher.iter(|| {
                let first = pool.get().expect("a session");
                let second = pool.get().expect("a session");
                drop(second);
                drop(first);
            });
        });
    }
    let idle = parking_lot::Mutex::new((0..10).collect::<Vec<u64>>());
    group.bench_function("anchor: parking_lot Mutex<Vec>", |bencher| {
        bencher.iter(|| {
            let session = idle.lock().pop().expect("a session");
            idle.lock().push(std::hint::black_box(session));
        });
    });
    group.finish();
    stop.wait();
    let _ = second.join();
}

criterion_group!(benches, pair);
criterion_main!(benches);
