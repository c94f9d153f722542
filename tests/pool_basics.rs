//! The pool through its Rust API, on a driver that does nothing.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use orapool::driver::Driver;
use orapool::error::{Error, Kind};
use orapool::pool::clock::TestClock;
use orapool::pool::{Attr, Attributes, CloseMode, GetOptions, Pool, PoolBuilder, Stats};
use support::fake_driver::World;

fn attributes(numbers: &[(Attr, i64)]) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_text(Attr::User, "scott").unwrap();
    attributes.set_text(Attr::Password, "tiger").unwrap();
    for (attr, number) in numbers {
        attributes.set_int(*attr, *number).unwrap();
    }
    attributes
}

fn pool(driver: Arc<dyn Driver>, min: i64, max: i64, increment: i64, mode: i64) -> Pool {
    let attributes = attributes(&[
        (Attr::SessionsMin, min),
        (Attr::SessionsMax, max),
        (Attr::SessionsIncrement, increment),
        (Attr::GetMode, mode),
    ]);
    PoolBuilder::new(&attributes).driver(driver).create().unwrap().0
}

/// Waits until the pool makes no more sessions.
fn settled(pool: &Pool) -> Stats {
    loop {
        let stats = pool.stats();
        if stats.connecting == 0 {
            return stats;
        }
        std::thread::yield_now();
    }
}

#[test]
fn growth_goes_by_the_increment_and_stops_at_the_maximum() {
    let world = World::new();
    let pool = pool(world.driver(), 1, 4, 2, 0);
    let mut open = Vec::new();
    let mut loans = Vec::new();
    for _ in 0..4 {
        loans.push(pool.get().unwrap());
        open.push(settled(&pool).open);
    }
    assert_eq!(open, [1, 3, 3, 4]);
    assert_eq!(pool.stats().peak_busy, 4);
    drop(loans);
    pool.close(CloseMode::Default).unwrap();
    assert_eq!(world.open(), 0);
}

#[test]
fn the_session_released_last_is_got_first() {
    let world = World::new();
    let pool = pool(world.driver(), 0, 4, 1, 0);
    let loans: Vec<_> = (0..3).map(|_| pool.get().unwrap()).collect();
    let sids: Vec<u32> = loans.iter().map(|loan| loan.ids().unwrap().0).collect();
    for loan in loans {
        loan.release().unwrap();
    }
    let again: Vec<_> = (0..3).map(|_| pool.get().unwrap()).collect();
    let got: Vec<u32> = again.iter().map(|loan| loan.ids().unwrap().0).collect();
    assert_eq!(got, sids.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn untouched_sessions_come_back_in_the_same_order() {
    let world = World::new();
    let pool = pool(world.driver(), 3, 3, 1, 1);
    for _ in 0..100 {
        let one = pool.get().unwrap();
        let two = pool.get().unwrap();
        let three = pool.get().unwrap();
        assert_eq!(pool.get().unwrap_err().code(), 24496);
        one.release().unwrap();
        three.release().unwrap();
        two.release().unwrap();
    }
    let stats = pool.stats();
    assert_eq!((stats.gets, stats.releases, stats.busy, stats.idle), (300, 300, 0, 3));
    assert_eq!((stats.gets_new, stats.gets_untagged, stats.timeouts), (3, 297, 100));
}

#[test]
fn a_failed_connect_reaches_the_get_that_asked_for_it() {
    let world = World::new();
    let pool = pool(world.driver(), 0, 2, 1, 0);
    world.failures.lock().push(Error::oracle(12541, "ORA-12541: no listener"));
    assert_eq!(pool.get().unwrap_err().code(), 12541);
    assert!(pool.get().is_ok(), "the next get is not poisoned");
}

#[test]
fn a_timed_get_says_what_it_waited_for() {
    let world = World::new();
    let attributes = attributes(&[(Attr::SessionsMax, 1), (Attr::GetMode, 3), (Attr::WaitTimeoutMs, 20)]);
    let pool = PoolBuilder::new(&attributes).driver(world.driver()).create().unwrap().0;
    let loan = pool.get().unwrap();
    let error = pool.get().unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Timeout, 24457));
    assert!(error.message().contains("busy: 1, idle: 0"), "{error}");
    drop(loan);
    pool.get().unwrap();
}

#[test]
fn waiters_are_served_in_the_order_of_arrival() {
    let world = World::new();
    let pool = pool(world.driver(), 1, 1, 1, 0);
    let order = parking_lot::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let loan = pool.get().unwrap();
        for number in 0..3 {
            let (pool, order) = (&pool, &order);
            scope.spawn(move || {
                let _loan = pool.get().unwrap();
                order.lock().push(number);
            });
            while pool.stats().waiting != number + 1 {
                std::thread::yield_now();
            }
        }
        std::thread::sleep(Duration::from_millis(1));
        loan.release().unwrap();
    });
    assert_eq!(*order.lock(), [0, 1, 2]);
    assert_eq!(world.most.load(Ordering::SeqCst), 1);
}

#[test]
fn many_threads_on_few_sessions_lose_nothing() {
    let world = World::new();
    let pool = pool(world.driver(), 1, 3, 1, 0);
    std::thread::scope(|scope| {
        for thread in 0..8u32 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..2000u32 {
                    let loan = pool.get().unwrap();
                    match (round + thread) % 7 {
                        0 => drop(loan.execute("begin")),
                        1 => drop(loan.execute("x")),
                        2 if round % 50 == 2 => {
                            loan.drop_session().unwrap();
                            continue;
                        }
                        _ => {}
                    }
                    loan.release().unwrap();
                }
            });
        }
    });
    let stats = pool.stats();
    assert_eq!((stats.gets, stats.releases, stats.busy), (16_000, 16_000, 0));
    assert!(world.most.load(Ordering::SeqCst) <= 3);
    pool.close(CloseMode::Default).unwrap();
    assert_eq!(world.open(), 0);
}

#[test]
fn a_dead_idle_session_is_replaced_when_it_is_pinged() {
    let world = World::new();
    let attributes = attributes(&[(Attr::SessionsMax, 2), (Attr::PingIntervalMs, 0)]);
    let pool = PoolBuilder::new(&attributes).driver(world.driver()).create().unwrap().0;
    let sid = pool.get().unwrap().ids().unwrap().0;
    world.kill(sid);
    let loan = pool.get().unwrap();
    assert_ne!(loan.ids().unwrap().0, sid);
    let stats = settled(&pool);
    assert_eq!((stats.open, stats.ping_failures, stats.closed_dead), (1, 1, 1));
}

#[test]
fn force_close_takes_loans_away_and_wakes_waiters() {
    let world = World::new();
    let pool = pool(world.driver(), 1, 1, 1, 0);
    std::thread::scope(|scope| {
        let loan = pool.get().unwrap();
        let waiter = scope.spawn(|| pool.get().map(drop).unwrap_err());
        while pool.stats().waiting == 0 {
            std::thread::yield_now();
        }
        assert_eq!(pool.close(CloseMode::Default).unwrap_err().code(), 24422);
        pool.close(CloseMode::Force).unwrap();
        assert_eq!(waiter.join().unwrap().kind(), Kind::Closed);
        assert_eq!(loan.execute("x").unwrap_err().kind(), Kind::Closed);
        assert_eq!(loan.release().unwrap_err().kind(), Kind::Closed);
    });
    assert_eq!(world.open(), 0);
    assert_eq!(pool.get_with(&GetOptions::default()).map(drop).unwrap_err().kind(), Kind::Closed);
}

#[test]
fn a_panicking_driver_costs_one_session() {
    let world = World::new();
    let pool = pool(world.driver(), 1, 1, 1, 0);
    let loan = pool.get().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| loan.execute("panic")));
    assert!(panicked.is_err());
    loan.release().unwrap();
    assert!(pool.get().unwrap().is_new());
    assert_eq!(pool.stats().closed_dead, 1);
}

/// A session that is left idle beside two waiters, of whom the one who watches is then served by another session, is
/// not forgotten: the second waiter gets it when its patience ends.
#[test]
fn a_waiter_takes_over_the_watch_of_one_who_was_served() {
    let patience = Duration::from_secs(1);
    let clock = TestClock::new();
    let world = World::new();
    let attributes = attributes(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 2)]);
    let builder = PoolBuilder::new(&attributes).driver(world.driver()).clock(clock.clone());
    let pool = &builder.patience(patience).create().unwrap().0;
    let long = pool.get().unwrap();
    clock.advance(2 * patience);
    let short = pool.get().unwrap();
    std::thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::channel();
        for number in 1..=2 {
            let tell = tell.clone();
            scope.spawn(move || tell.send((number, pool.get().unwrap())).unwrap());
            while pool.stats().waiting != number {
                std::thread::yield_now();
            }
        }
        short.release().unwrap();
        assert_eq!(pool.stats().idle, 1, "a short loan may be overtaken and is not handed over");
        long.release().unwrap();
        let (first, _loan) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        clock.advance(patience);
        let (second, _other) = told.recv_timeout(Duration::from_secs(60)).expect("the idle session is found");
        assert_eq!((first, second), (1, 2));
    });
}

/// A session that is left idle beside a watcher whom it does not fit is not forgotten either: the waiter behind gets
/// it, and when it comes back it makes room for one that fits the first.
#[test]
fn a_watcher_leaves_what_does_not_fit_to_those_behind() {
    let patience = Duration::from_secs(1);
    let clock = TestClock::new();
    let world = World::new();
    let attributes = attributes(&[(Attr::SessionsMax, 1), (Attr::Homogeneous, 0)]);
    let builder = PoolBuilder::new(&attributes).driver(world.driver()).clock(clock.clone());
    let pool = &builder.patience(patience).create().unwrap().0;
    let short = pool.get().unwrap();
    std::thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::channel();
        for number in 1..=2 {
            let tell = tell.clone();
            scope.spawn(move || {
                let mut adams = Attributes::new();
                adams.set_text(Attr::User, "adams").unwrap();
                adams.set_text(Attr::Password, "wood").unwrap();
                let attributes = (number == 1).then_some(&adams);
                let loan = pool.get_with(&GetOptions { attributes, ..GetOptions::default() }).unwrap().0;
                tell.send((number, loan)).unwrap();
            });
            while pool.stats().waiting != number {
                std::thread::yield_now();
            }
        }
        short.release().unwrap();
        clock.advance(patience);
        let (first, loan) = told.recv_timeout(Duration::from_secs(60)).expect("the one behind gets it");
        assert_eq!(first, 2);
        loan.release().unwrap();
        let (second, loan) = told.recv_timeout(Duration::from_secs(60)).expect("room is made");
        assert!(second == 1 && loan.is_new());
    });
    assert_eq!(pool.stats().evictions, 1);
}

/// Who moves up to the front and was asleep by then does not count as watching only because somebody else joins.
#[test]
fn a_waiter_who_joins_does_not_make_a_sleeper_the_watcher() {
    let patience = Duration::from_millis(200);
    let world = World::new();
    let attributes = attributes(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 2)]);
    let pool = &PoolBuilder::new(&attributes).driver(world.driver()).patience(patience).create().unwrap().0;
    let long = pool.get().unwrap();
    std::thread::sleep(patience);
    std::thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::channel();
        let wait = |number: u64, waiting: u64| {
            let tell = tell.clone();
            scope.spawn(move || tell.send((number, pool.get().unwrap())).unwrap());
            while pool.stats().waiting != waiting {
                std::thread::yield_now();
            }
        };
        let short = pool.get().unwrap();
        wait(1, 1);
        wait(2, 2);
        long.release().unwrap();
        let (first, held) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        wait(3, 2);
        short.release().unwrap();
        let (second, loan) = told.recv_timeout(Duration::from_secs(20)).expect("the front finds the session");
        assert_eq!((first, second), (1, 2));
        loan.release().unwrap();
        held.release().unwrap();
        told.recv_timeout(Duration::from_secs(60)).expect("the last is served as well");
    });
}

fn expires_soon() -> Error {
    Error::new(Kind::Warning, 28002, "ORA-28002: the password will expire within 7 days")
}

/// The numbers of a warning and of what comes behind it.
fn codes(warning: Option<&Error>) -> Vec<i32> {
    std::iter::successors(warning, |error| error.cause()).map(Error::code).collect()
}

fn get_with_warning(pool: &Pool) -> (orapool::pool::Loan<'_>, Vec<i32>) {
    let (loan, warning) = pool.get_with(&GetOptions::default()).unwrap();
    (loan, codes(warning.as_ref()))
}

#[test]
fn the_warning_of_a_log_on_is_told_once_to_the_get_that_has_the_new_session() {
    let world = World::new();
    let pool = pool(world.driver(), 0, 2, 1, 0);
    world.warnings.lock().push_back(expires_soon());
    let (loan, warned) = get_with_warning(&pool);
    assert_eq!(warned, [28002]);
    loan.release().unwrap();
    let (loan, warned) = get_with_warning(&pool);
    assert!(warned.is_empty() && !loan.is_new());
    let (other, warned) = get_with_warning(&pool);
    assert!(warned.is_empty() && other.is_new(), "that log-on had no warning");
}

#[test]
fn a_session_that_was_made_in_the_background_keeps_its_warning_for_its_first_holder() {
    let world = World::new();
    let pool = pool(world.driver(), 0, 2, 2, 0);
    world.warnings.lock().extend([expires_soon(), expires_soon()]);
    let (first, warned) = get_with_warning(&pool);
    assert_eq!(warned, [28002]);
    assert_eq!(settled(&pool).idle, 1);
    let (second, warned) = get_with_warning(&pool);
    assert_eq!(warned, [28002]);
    drop((first, second));
    assert!(get_with_warning(&pool).1.is_empty());
}

#[test]
fn a_warning_of_the_minimum_is_told_by_the_create() {
    let world = World::new();
    world.warnings.lock().extend([expires_soon(), expires_soon()]);
    let attributes = attributes(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 3)]);
    let (pool, warning) = PoolBuilder::new(&attributes).driver(world.driver()).create().unwrap();
    let warning = warning.expect("it is told");
    assert_eq!((warning.kind(), warning.code()), (Kind::Warning, 28002));
    let loans = [get_with_warning(&pool), get_with_warning(&pool)];
    assert!(loans.iter().all(|(_, warned)| warned.is_empty()), "and not again");
    world.warnings.lock().push_back(expires_soon());
    assert_eq!(get_with_warning(&pool).1, [28002]);
}

#[test]
fn warnings_that_come_together_are_one_chain() {
    let world = World::new();
    world.warnings.lock().push_back(expires_soon());
    world.failures.lock().push(Error::oracle(12541, "ORA-12541: no listener"));
    let attributes = attributes(&[
        (Attr::SessionsMin, 2),
        (Attr::SessionsMax, 2),
        (Attr::ConnectsMax, 1),
        (Attr::GetMode, 2),
    ]);
    let (pool, warning) = PoolBuilder::new(&attributes).driver(world.driver()).create().unwrap();
    assert_eq!(codes(warning.as_ref()), [24414, 12541, 28002]);
    let _loans = [pool.get().unwrap(), pool.get().unwrap()];
    world.warnings.lock().push_back(expires_soon());
    assert_eq!(get_with_warning(&pool).1, [24417, 28002]);
}
