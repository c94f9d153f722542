//! Breaks, call timeouts, ping limits and the call delay.

mod support;

use std::time::{Duration, Instant};

use orapool_engine::{LogOn, Session};
use support::{broken, get, instance, log_on, run, session};

fn slow_session() -> Session {
    let mut log_on = LogOn::with_password("scott", "tiger");
    log_on.call_delay = Duration::from_secs(600);
    instance().log_on(&log_on).expect("log-on")
}

/// A table of 256 rows, whose fourfold join with itself runs for hours.
fn busy_session() -> Session {
    let mut session = session();
    run(
        &mut session,
        &["create table n (x number)", "create table t (x number)", "insert into n values (1)"],
    );
    for _ in 0..8 {
        run(&mut session, &["insert into n select x from n"]);
    }
    session.commit().expect("commit");
    session
}

#[test]
fn a_break_ends_the_delay() {
    assert_eq!(broken(slow_session(), "select 1 from dual").0, 1013);
}

#[test]
fn a_break_ends_a_query() {
    let (code, mut session) = broken(busy_session(), "select count(*) from n a, n b, n c, n d");
    assert_eq!(code, 1013);
    assert_eq!(get(&mut session, "select count(*) from n"), "256");
}

#[test]
fn a_break_undoes_the_statement_alone() {
    let mut session = busy_session();
    run(&mut session, &["insert into t values (1)"]);
    let (code, mut session) = broken(session, "insert into t select a.x from n a, n b, n c, n d");
    assert_eq!(code, 1013);
    assert!(session.in_transaction());
    assert_eq!(get(&mut session, "select count(*) from t"), "1");
    let (code, mut session) = broken(session, "update t set x = (select count(*) from n a, n b, n c, n d)");
    assert_eq!(code, 1013);
    assert_eq!(get(&mut session, "select x from t"), "1");
    let (code, mut session) =
        broken(session, "delete from t where x < (select count(*) from n a, n b, n c, n d)");
    assert_eq!(code, 1013);
    session.commit().expect("commit");
    assert_eq!(get(&mut session, "select x from t"), "1");
}

#[test]
fn a_break_between_calls_leaves_no_trace() {
    let mut session = session();
    session.interrupter().interrupt();
    assert_eq!(get(&mut session, "select 1 from dual"), "1");
    session.interrupter().interrupt();
    session.ping(None).expect("ping");
}

#[test]
fn call_timeouts() {
    let mut session = busy_session();
    session.set_call_timeout(Some(Duration::from_millis(50)));
    let error = session.execute("select count(*) from n a, n b, n c, n d").expect_err("timed out");
    assert_eq!((error.code(), error.session_dead()), (3136, false));
    session.set_call_timeout(None);
    assert_eq!(get(&mut session, "select count(*) from n"), "256");
    let mut slow = slow_session();
    slow.set_call_timeout(Some(Duration::from_millis(20)));
    for outcome in [slow.commit(), slow.rollback(), slow.ping(None)] {
        assert_eq!(outcome.expect_err("timed out").code(), 3136);
    }
}

#[test]
fn ping_limits() {
    let mut slow = slow_session();
    assert_eq!(slow.ping(Some(Duration::from_millis(20))).expect_err("too slow").code(), 3136);
    session().ping(Some(Duration::from_secs(60))).expect("ping");
}

#[test]
fn the_delay_is_the_least_a_call_takes() {
    let instance = instance();
    let mut quick = LogOn::with_password("scott", "tiger");
    quick.call_delay = Duration::from_millis(30);
    let mut session = instance.log_on(&quick).expect("log-on");
    let start = Instant::now();
    let mut statement = session.prepare("select 1 from dual").expect("prepare");
    statement.execute(&mut session).expect("execute");
    assert!(statement.fetch(&mut session).expect("fetch"));
    session.commit().expect("commit");
    assert!(start.elapsed() >= Duration::from_millis(90));
    drop(log_on(&instance));
}

#[test]
fn many_idle_sessions_open_no_files() {
    let instance = instance();
    let sessions: Vec<Session> = (0..1000).map(|_| log_on(&instance)).collect();
    assert_eq!(instance.session_count(), 1000);
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    assert!(open < 500, "{open} files are open");
    drop(sessions);
    assert_eq!(instance.session_count(), 0);
}
