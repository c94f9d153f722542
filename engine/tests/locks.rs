//! The second writer waits; what ends the wait.

mod support;

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use orapool_engine::LogOn;
use support::{fails, get, instance, log_on, run};

/// Waits until a session of the instance is ACTIVE, by the view.
fn until_active(watcher: &mut orapool_engine::Session, sid: u32) {
    let sql = format!("select status from v$session where sid = {sid}");
    let deadline = Instant::now() + Duration::from_secs(30);
    while get(watcher, &sql) != "ACTIVE" {
        assert!(Instant::now() < deadline, "the session never became active");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn writers_get_the_lock_in_order() {
    let instance = instance();
    let (mut one, mut watcher) = (log_on(&instance), log_on(&instance));
    run(&mut one, &["create table t (x number)", "insert into t values (0)"]);
    let (sender, receiver) = channel();
    let mut threads = Vec::new();
    for x in 1..=3 {
        let mut session = log_on(&instance);
        let sid = session.sid();
        let sender = sender.clone();
        threads.push(thread::spawn(move || {
            session.execute(&format!("insert into t values ({x})")).expect("insert");
            sender.send(x).expect("send");
            session.commit().expect("commit");
        }));
        until_active(&mut watcher, sid);
        // Active is set before the wait begins; the next writer comes a moment later.
        thread::sleep(Duration::from_millis(50));
    }
    assert!(receiver.try_recv().is_err(), "all wait");
    one.commit().expect("commit");
    let order: Vec<i32> =
        (0..3).map(|_| receiver.recv_timeout(Duration::from_secs(30)).expect("a writer")).collect();
    assert_eq!(order, [1, 2, 3]);
    threads.into_iter().for_each(|thread| thread.join().expect("a writer ends"));
    assert_eq!(get(&mut watcher, "select count(*) from t"), "4");
}

#[test]
fn waits_end_by_time() {
    let instance = instance();
    let mut one = log_on(&instance);
    let mut log_on = LogOn::with_password("scott", "tiger");
    log_on.lock_timeout = Duration::from_millis(50);
    let mut two = instance.log_on(&log_on).expect("log-on");
    run(
        &mut one,
        &["create table t (x number)", "insert into t values (1)", "commit", "select * from t for update"],
    );
    assert!(one.in_transaction());
    assert_eq!(fails(&mut two, "insert into t values (2)"), 30006);
    assert_eq!(fails(&mut two, "select * from t for update nowait"), 54);
    assert_eq!(fails(&mut two, "select * from t for update wait 0"), 30006);
    assert_eq!(fails(&mut two, "lock table t in exclusive mode nowait"), 54);
    assert_eq!(fails(&mut two, "create table u (x number)"), 30006);
    assert_eq!(get(&mut two, "select count(*) from t"), "1", "readers do not wait");
    two.set_call_timeout(Some(Duration::from_millis(20)));
    assert_eq!(fails(&mut two, "select * from t for update wait 100"), 3136);
    two.set_call_timeout(None);
    drop(one);
    run(&mut two, &["insert into t values (2)", "lock table t in share mode", "commit"]);
}

#[test]
fn a_break_ends_a_wait() {
    let instance = instance();
    let (mut one, mut two, mut watcher) = (log_on(&instance), log_on(&instance), log_on(&instance));
    run(&mut one, &["create table t (x number)", "insert into t values (1)"]);
    let (interrupter, sid) = (two.interrupter(), two.sid());
    let waiter =
        thread::spawn(move || (two.execute("insert into t values (2)").expect_err("stopped").code(), two));
    until_active(&mut watcher, sid);
    interrupter.interrupt();
    let (code, mut two) = waiter.join().expect("the waiter ends");
    assert_eq!(code, 1013);
    one.commit().expect("commit");
    run(&mut two, &["insert into t values (2)", "commit"]);
}
