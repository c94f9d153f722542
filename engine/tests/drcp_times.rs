//! What time does to pooled servers: think times, idle servers, worn servers, and stopping the pool.

mod support;

use std::thread;

use orapool_engine::{AttachWish, Instance, LogOn, Session};
use support::{drcp, fails, get, instance, log_on, run, wait_for};

const BUSY: &str = "select num_busy_servers from v$cpool_stats";

fn with(params: &[(&str, i64)]) -> (Instance, Session) {
    let instance = instance();
    run(&mut log_on(&instance), &["create table t (x number)"]);
    let mut session = drcp(&instance, Some("C"));
    run(&mut session, &["begin null; end;"]);
    instance.configure_broker(params).expect("configure");
    (instance, session)
}

fn is_cut(session: &mut Session) {
    assert!(session.is_dead() && !session.in_transaction() && !session.is_attached());
    let error = session.execute("begin null; end;").expect_err("the line is cut");
    assert_eq!((error.code(), error.session_dead()), (3113, true));
    assert_eq!(fails(session, "begin null; end;"), 3114);
    assert_eq!(session.ping(None).expect_err("dead").code(), 3114);
}

#[test]
fn who_thinks_too_long_is_cut() {
    let (instance, mut session) = with(&[("max_think_time_ms", 1)]);
    wait_for(&instance, BUSY, "0");
    is_cut(&mut session);
    instance.configure_broker(&[("connection_limit", 1)]).expect("configure");
    let mut next = drcp(&instance, Some("C"));
    assert!(next.attach(&AttachWish::default()).expect("attach").is_new);
}

#[test]
fn the_next_call_finds_out_by_itself() {
    let (_instance, mut session) = with(&[("max_think_time_ms", 1)]);
    while !matches!(session.execute("begin null; end;"), Err(error) if error.code() == 3113) {
        assert!(!session.is_dead(), "3113 comes first");
        thread::yield_now();
    }
    assert!(session.is_dead());
}

#[test]
fn a_detached_connection_may_think_for_ever() {
    let (instance, mut session) = with(&[]);
    session.detach().expect("detach");
    let mut other = drcp(&instance, Some("D"));
    run(&mut other, &["begin null; end;"]);
    instance.configure_broker(&[("max_think_time_ms", 1)]).expect("configure");
    wait_for(&instance, BUSY, "0");
    session.ping(None).expect("it holds nothing");
    is_cut(&mut other);
}

#[test]
fn a_transaction_is_rolled_back() {
    let (instance, mut session) = with(&[("max_txn_think_time_ms", 1)]);
    run(&mut session, &["begin null; end;"]);
    assert_eq!(get(&mut log_on(&instance), BUSY), "1", "outside a transaction the time is another");
    run(&mut session, &["insert into t values (1)"]);
    wait_for(&instance, BUSY, "0");
    is_cut(&mut session);
    let mut writer = log_on(&instance);
    run(&mut writer, &["insert into t values (2)", "commit"]);
    assert_eq!(get(&mut writer, "select x from t"), "2");
}

#[test]
fn a_writer_does_not_wait_for_a_silent_transaction() {
    let (instance, mut session) = with(&[]);
    run(&mut session, &["insert into t values (1)"]);
    instance.configure_broker(&[("max_think_time_ms", 200)]).expect("configure");
    let mut patient = LogOn::with_password("scott", "tiger");
    patient.lock_timeout = std::time::Duration::from_secs(600);
    let mut writer = instance.log_on(&patient).expect("log-on");
    run(&mut writer, &["insert into t values (2)", "commit"]);
    is_cut(&mut session);
}

#[test]
fn a_waiter_is_served_when_a_think_time_ends() {
    let (instance, mut session) = with(&[("minsize", 1), ("maxsize", 1), ("max_think_time_ms", 200)]);
    let mut waiter = drcp(&instance, Some("C"));
    // Nobody else touches the broker.
    run(&mut waiter, &["begin null; end;"]);
    is_cut(&mut session);
}

#[test]
fn idle_servers_are_closed_down_to_the_least() {
    let (instance, session) = with(&[("minsize", 0), ("incrsize", 3)]);
    let mut more: Vec<Session> = (0..6).map(|_| drcp(&instance, Some("C"))).collect();
    more.iter_mut().for_each(|session| run(session, &["begin null; end;"]));
    let open = "select num_open_servers from v$cpool_stats";
    assert_eq!(get(&mut log_on(&instance), open), "7");
    more.clear();
    drop(session);
    assert_eq!(instance.session_count(), 7, "free servers have sessions");
    instance.configure_broker(&[("minsize", 2), ("inactivity_timeout_ms", 1)]).expect("configure");
    wait_for(&instance, open, "2");
    assert_eq!(instance.session_count(), 2);
    assert_eq!(get(&mut log_on(&instance), "select historic_max from v$cpool_stats"), "7");
}

#[test]
fn worn_servers_are_replaced() {
    for params in [("max_use_session", 1), ("max_lifetime_session_ms", 1)] {
        let (_instance, mut session) = with(&[params]);
        let before = session.serial();
        std::thread::sleep(std::time::Duration::from_millis(2));
        session.detach().expect("detach");
        assert!(session.attach(&AttachWish::default()).expect("attach").changed);
        assert_ne!(session.serial(), before);
    }
}

fn sys(instance: &Instance, call: &str) {
    run(&mut log_on(instance), &[&format!("begin dbms_connection_pool.{call}; end;")]);
}

fn refused(instance: &Instance) -> i32 {
    let mut wish = LogOn::with_password("scott", "tiger");
    wish.pooled = Some(Default::default());
    instance.log_on(&wish).expect_err("the pool is stopped").code()
}

#[test]
fn stopping_cuts_every_connection() {
    let (instance, mut holder) = with(&[]);
    run(&mut holder, &["insert into t values (1)"]);
    let mut idle = drcp(&instance, Some("C"));
    sys(&instance, "stop_pool()");
    assert_eq!(refused(&instance), 12520);
    is_cut(&mut holder);
    assert!(idle.is_dead());
    assert_eq!(idle.attach(&AttachWish::default()).expect_err("stopped").code(), 3113);
    assert_eq!(instance.session_count(), 0);
    sys(&instance, "start_pool()");
    let mut next = drcp(&instance, Some("C"));
    assert_eq!(get(&mut next, "select count(*) from t"), "0");
    assert!(next.last_attach_is_new());
}

#[test]
fn stopping_ends_calls_and_waits() {
    let (instance, mut holder) = with(&[("minsize", 1), ("maxsize", 1)]);
    let mut waiter = drcp(&instance, Some("C"));
    let held = thread::spawn(move || (fails(&mut holder, "begin dbms_lock.sleep(3600); end;"), holder));
    let waited = thread::spawn(move || fails(&mut waiter, "begin null; end;"));
    wait_for(&instance, "select count(*) from v$session where server = 'POOLED' and status = 'ACTIVE'", "1");
    wait_for(
        &instance,
        "select connection_status from v$cpool_conn_info order by connection_status",
        "ACTIVE;WAITING",
    );
    sys(&instance, "stop_pool()");
    let (code, mut holder) = held.join().expect("the holder ends");
    assert_eq!((code, holder.is_dead()), (3113, true));
    assert_eq!(fails(&mut holder, "begin null; end;"), 3114);
    assert_eq!(waited.join().expect("the waiter ends"), 12520);
}

#[test]
fn draining_lets_holders_finish() {
    let (instance, mut holder) = with(&[]);
    run(&mut holder, &["insert into t values (1)"]);
    sys(&instance, "stop_pool(draintime => 86400)");
    let status = "select status from dba_cpool_info";
    assert_eq!((refused(&instance), get(&mut log_on(&instance), status)), (12520, "INACTIVE".to_owned()));
    run(&mut holder, &["insert into t values (2)", "commit"]);
    holder.detach().expect("detach");
    assert_eq!(fails(&mut holder, "begin null; end;"), 12520);
    sys(&instance, "start_pool");
    assert_eq!(get(&mut holder, "select count(*) from t"), "2");
    sys(&instance, "stop_pool(null, 1)");
    wait_for(&instance, BUSY, "0");
    is_cut(&mut holder);
}
