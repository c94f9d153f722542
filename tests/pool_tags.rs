//! Tags and the queue of waiters, through the Rust API, on a driver that does nothing.

mod support;

use std::sync::Arc;
use std::time::Duration;

use orapool::pool::{Attr, Attributes, GetOptions, Loan, Pool, PoolBuilder, Tag};
use support::fake_driver::World;

fn pool(world: &Arc<World>, max: i64) -> Pool {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::User, "scott").unwrap();
    attributes.set_text(Attr::Password, "tiger").unwrap();
    for (attr, number) in [(Attr::SessionsMin, 0), (Attr::SessionsMax, max)] {
        attributes.set_int(attr, number).unwrap();
    }
    let builder = PoolBuilder::new(&attributes).driver(world.driver()).patience(Duration::ZERO);
    builder.create().unwrap().0
}

fn tag(text: &str) -> Tag {
    Tag::multi_property(text.as_bytes()).unwrap().unwrap()
}

fn get<'a>(pool: &'a Pool, text: &str) -> Loan<'a> {
    let tag = Arc::new(tag(text));
    pool.get_with(&GetOptions { tag: Some(&tag), ..GetOptions::default() }).unwrap().0
}

fn until_waiting(pool: &Pool, count: u64) {
    while pool.stats().waiting != count {
        std::thread::yield_now();
    }
}

/// A waiter whom no session fits must not wait for as long as there are others whom they fit.
#[test]
fn a_waiter_is_not_passed_over_for_ever() {
    const OTHERS: u64 = 40;
    let world = World::new();
    let pool = pool(&world, 1);
    let order = parking_lot::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let loan = get(&pool, "A=1");
        let (pool, order) = (&pool, &order);
        let wait = |text: &'static str, number: u64| {
            scope.spawn(move || {
                let loan = get(pool, text);
                order.lock().push(text);
                loan.release_as(Some(tag(text))).unwrap();
            });
            until_waiting(pool, number + 1);
        };
        wait("B=1", 0);
        for number in 1..=OTHERS {
            wait("A=1", number);
        }
        loan.release_as(Some(tag("A=1"))).unwrap();
    });
    let order = order.lock();
    let served = order.iter().position(|text| *text == "B=1").unwrap();
    assert!(served <= 16, "served after {served} others");
    assert_eq!(order.len() as u64, OTHERS + 1);
}

/// The other waiters go on getting what fits them while a session is made for the one whom nothing fits.
#[test]
fn a_session_that_fits_nobody_is_replaced_for_the_first_waiter() {
    let world = World::new();
    let pool = pool(&world, 1);
    std::thread::scope(|scope| {
        let loan = get(&pool, "A=1");
        let pool = &pool;
        let waiters: Vec<_> = (0..2)
            .map(|number| {
                let waiter = scope.spawn(move || {
                    let loan = get(pool, "B=1");
                    let found = loan.found();
                    loan.release_as(Some(tag("B=1"))).unwrap();
                    found
                });
                until_waiting(pool, number + 1);
                waiter
            })
            .collect();
        loan.release_as(Some(tag("A=1"))).unwrap();
        let found: Vec<bool> = waiters.into_iter().map(|waiter| waiter.join().unwrap()).collect();
        assert_eq!(
            found.iter().filter(|found| **found).count(),
            1,
            "one got a new session, the other its tag"
        );
    });
    assert_eq!(pool.stats().evictions, 1);
}
