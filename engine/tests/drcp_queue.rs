//! The queue for pooled servers: who waits, who is served, and how a wait ends.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use orapool_engine::{AttachWish, Instance, Interrupter, Session};
use support::{broken, drcp, fails, get, instance, log_on, run, wait_for};

const WAITING: &str = "select count(*) from v$cpool_conn_info where connection_status = 'WAITING'";

/// An instance with one pooled server, and who holds it.
fn busy() -> (Instance, Session) {
    let instance = instance();
    instance.configure_broker(&[("minsize", 1), ("maxsize", 1)]).expect("configure");
    let mut holder = drcp(&instance, Some("C"));
    run(&mut holder, &["begin null; end;"]);
    (instance, holder)
}

#[test]
fn first_come_first_served() {
    let (instance, mut holder) = busy();
    let order = Arc::new(Mutex::new(Vec::new()));
    let waiters: Vec<_> = (0..5)
        .map(|number| {
            let mut session = drcp(&instance, Some("C"));
            let order = Arc::clone(&order);
            let waiter = thread::spawn(move || {
                session.attach(&AttachWish::default()).expect("served");
                order.lock().expect("lock").push(number);
                session.detach().expect("detach");
            });
            wait_for(&instance, WAITING, &(number + 1).to_string());
            waiter
        })
        .collect();
    holder.detach().expect("detach");
    waiters.into_iter().for_each(|waiter| waiter.join().expect("a waiter"));
    assert_eq!(*order.lock().expect("lock"), [0, 1, 2, 3, 4]);
    let counts = "select num_requests, num_hits, num_misses, num_waits from v$cpool_cc_stats";
    assert_eq!(get(&mut log_on(&instance), counts), "6|5|1|5");
}

#[test]
fn limits_and_timeouts() {
    let (instance, holder) = busy();
    let mut session = drcp(&instance, Some("C"));
    let limited = |limit| AttachWish { limit: Some(Duration::from_millis(limit)), ..AttachWish::default() };
    for limit in [0, 20] {
        let error = session.attach(&limited(limit)).expect_err("all are busy");
        assert_eq!((error.code(), error.session_dead()), (3136, false));
    }
    session.set_call_timeout(Some(Duration::from_millis(20)));
    assert_eq!(fails(&mut session, "begin null; end;"), 3136);
    session.ping(None).expect("the line lives");
    drop(holder);
    run(&mut session, &["begin null; end;"]);
    assert!(!session.last_attach_is_new());
    let counts = "select num_requests, num_waits, num_busy_servers from v$cpool_stats";
    assert_eq!(get(&mut log_on(&instance), counts), "2|3|1");
}

#[test]
fn a_break_ends_the_wait() {
    let (instance, holder) = busy();
    let (code, mut session) = broken(drcp(&instance, Some("C")), "begin null; end;");
    assert_eq!(code, 1013);
    assert!(!session.is_attached() && !session.is_dead());
    drop(holder);
    run(&mut session, &["begin null; end;"]);
    assert_eq!(get(&mut log_on(&instance), WAITING), "0");
}

#[test]
fn a_break_reaches_the_call_behind_the_wait() {
    let instance = instance();
    assert_eq!(broken(drcp(&instance, None), "begin dbms_lock.sleep(3600); end;").0, 1013);
}

#[test]
fn an_old_handle_does_not_break_the_next_holder() {
    let (instance, mut holder) = busy();
    let old: Interrupter = holder.interrupter();
    holder.detach().expect("detach");
    let mut next = drcp(&instance, Some("C"));
    let (sender, receiver) = channel();
    let runner = thread::spawn(move || {
        for _ in 0..50 {
            run(&mut next, &["begin null; end;"]);
        }
        sender.send(()).expect("send");
    });
    while receiver.try_recv().is_err() {
        old.interrupt();
    }
    runner.join().expect("never stopped");
}

#[test]
fn a_kill_frees_the_server() {
    let (instance, mut holder) = busy();
    let mut query = holder.prepare("select 1 from dual").expect("prepare");
    query.execute(&mut holder).expect("execute");
    let mut waiter = drcp(&instance, Some("C"));
    let runner = thread::spawn(move || {
        let attached = waiter.attach(&AttachWish::default()).expect("served");
        (attached.is_new, waiter)
    });
    wait_for(&instance, WAITING, "1");
    let kill = format!("alter system kill session '{},{}'", holder.sid(), holder.serial());
    run(&mut log_on(&instance), &[&kill]);
    let (is_new, mut waiter) = runner.join().expect("the waiter ends");
    assert!(is_new, "a killed session is nobody's");
    assert!(holder.is_dead() && !holder.is_attached());
    assert_eq!(query.fetch(&mut holder).expect_err("killed").code(), 28);
    assert_eq!(fails(&mut holder, "begin null; end;"), 1012);
    assert_eq!(holder.ping(None).expect_err("dead").code(), 1012);
    assert_eq!(holder.attach(&AttachWish::default()).expect_err("dead").code(), 1012);
    drop(holder);
    run(&mut waiter, &["begin null; end;"]);
    let (sid, serial) = (waiter.sid(), waiter.serial());
    waiter.detach().expect("detach");
    run(&mut log_on(&instance), &[&format!("alter system kill session '{sid},{serial}'")]);
    waiter.attach(&AttachWish::default()).expect("attach");
    assert!(waiter.last_attach_is_new(), "nor is a free one that was killed");
}

#[test]
fn a_kill_ends_the_running_call() {
    let (instance, mut holder) = busy();
    let (sid, serial) = (holder.sid(), holder.serial());
    let runner = thread::spawn(move || (fails(&mut holder, "begin dbms_lock.sleep(3600); end;"), holder));
    wait_for(&instance, &format!("select status, server from v$session where sid = {sid}"), "ACTIVE|POOLED");
    run(&mut log_on(&instance), &[&format!("alter system kill session '{sid},{serial}'")]);
    let (code, mut holder) = runner.join().expect("the holder ends");
    assert_eq!(code, 28);
    assert_eq!(fails(&mut holder, "begin null; end;"), 1012);
    run(&mut drcp(&instance, None), &["begin null; end;"]);
}

#[test]
fn many_threads_on_few_servers() {
    let instance = instance();
    instance.configure_broker(&[("minsize", 1), ("maxsize", 4), ("incrsize", 2)]).expect("configure");
    run(&mut log_on(&instance), &["create table t (x number)"]);
    let (holders, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let workers: Vec<_> = (0..16)
        .map(|number| {
            let class = ["A", "B"][number % 2];
            let mut session = drcp(&instance, Some(class));
            let (holders, most) = (Arc::clone(&holders), Arc::clone(&most));
            thread::spawn(move || {
                for round in 0..20 {
                    session.attach(&AttachWish::default()).expect("attach");
                    most.fetch_max(holders.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    run(&mut session, &["insert into t values (1)"]);
                    if round % 5 == 4 { session.rollback() } else { session.commit() }.expect("end");
                    holders.fetch_sub(1, Ordering::SeqCst);
                    if round % 7 == 6 { session.purge() } else { session.detach().expect("detach") }
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker"));
    assert!(most.load(Ordering::SeqCst) <= 4);
    let mut watcher = log_on(&instance);
    assert_eq!(get(&mut watcher, "select count(*) from t"), (16 * 16).to_string());
    let stats = "select num_requests, num_hits + num_misses, num_busy_servers, num_purged from v$cpool_stats";
    let purged = 16 * 2;
    assert_eq!(get(&mut watcher, stats), format!("320|320|0|{purged}"));
    assert_eq!(get(&mut watcher, "select count(*) from v$cpool_conn_info"), "0", "all lines are closed");
}
