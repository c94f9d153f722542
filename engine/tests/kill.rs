//! ALTER SYSTEM KILL SESSION: idle victims, running ones, waiting ones.

mod support;

use std::thread;
use std::time::{Duration, Instant};

use orapool_engine::Session;
use support::{fails, get, instance, log_on, run};

fn kill(by: &mut Session, sid: u32, serial: u32) {
    by.execute(&format!("alter system kill session '{sid},{serial}' immediate")).expect("kill");
}

#[test]
fn an_idle_victim() {
    let instance = instance();
    let (mut victim, mut killer) = (log_on(&instance), log_on(&instance));
    run(&mut victim, &["create table t (x number)", "insert into t values (1)"]);
    assert_eq!(instance.session_count(), 2);
    kill(&mut killer, victim.sid(), victim.serial());
    assert_eq!(instance.session_count(), 1);
    assert!(victim.is_dead() && !victim.in_transaction());
    run(&mut killer, &["insert into t values (2)", "commit"]);
    assert_eq!(
        get(&mut killer, "select x from t"),
        "2",
        "the victim's work is gone and its lock free, without a call of its own"
    );
    assert_eq!(
        get(&mut killer, &format!("select status from v$session where sid = {}", victim.sid())),
        "KILLED"
    );
    let error = victim.execute("select 1 from dual").expect_err("killed");
    assert_eq!((error.code(), error.session_dead()), (28, true));
    assert_eq!(victim.ping(None).expect_err("dead").code(), 1012);
    assert_eq!(victim.commit().expect_err("dead").code(), 1012);
    let sid = victim.sid();
    victim.log_off();
    let next = log_on(&instance);
    assert_eq!(next.sid(), sid, "a SID is used again");
}

#[test]
fn mistakes() {
    let mut session = log_on(&instance());
    let own = format!("alter system kill session '{},{}'", session.sid(), session.serial());
    assert_eq!(fails(&mut session, &own), 27);
    assert_eq!(fails(&mut session, "alter system kill session '999,1'"), 30);
    assert_eq!(fails(&mut session, "alter system kill session 'x'"), 26);
    assert_eq!(fails(&mut session, "alter system disconnect session '999,1' immediate"), 30);
    assert_eq!(fails(&mut session, "alter system flush shared_pool"), 2065);
}

fn kill_while(work: &'static str) {
    let instance = instance();
    let (mut holder, mut victim, mut killer) = (log_on(&instance), log_on(&instance), log_on(&instance));
    run(&mut killer, &["create table n (x number)", "insert into n values (1)"]);
    for _ in 0..8 {
        run(&mut killer, &["insert into n select x from n"]);
    }
    run(&mut killer, &["commit"]);
    run(&mut holder, &["create table t (x number)", "insert into t values (1)"]);
    let (sid, serial) = (victim.sid(), victim.serial());
    let runner = thread::spawn(move || (victim.execute(work).expect_err("killed").code(), victim));
    let deadline = Instant::now() + Duration::from_secs(30);
    while get(&mut killer, &format!("select status from v$session where sid = {sid}")) != "ACTIVE" {
        assert!(Instant::now() < deadline, "the victim never became active");
        thread::sleep(Duration::from_millis(5));
    }
    kill(&mut killer, sid, serial);
    let (code, mut victim) = runner.join().expect("the victim's thread ends");
    assert_eq!(code, 28);
    assert_eq!(victim.rollback().expect_err("dead").code(), 1012);
    holder.commit().expect("commit");
    run(&mut killer, &["insert into t values (2)", "commit"]);
}

#[test]
fn a_waiting_victim() {
    kill_while("insert into t values (3)");
}

#[test]
fn a_running_victim() {
    kill_while("select count(*) from n a, n b, n c, n d");
}
