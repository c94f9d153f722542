//! The pool of ours on this driver.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use orapool::driver::Value;
use orapool::error::Error;
use orapool::pool::{Attr, Attributes, CloseMode, GetOptions, Pool, PoolBuilder, Tag};

use super::{DATABASE, PASSWORD, USER, code, wait_until};
use crate::support::oci_standin::{client_lib_dir, in_own_process};

pub(super) fn attributes(more: &[(Attr, i64)]) -> Attributes {
    let mut attributes = Attributes::new();
    let folder = client_lib_dir().to_str().unwrap();
    let texts = [
        (Attr::ConnectString, DATABASE),
        (Attr::Driver, "oci"),
        (Attr::ClientLibDir, folder),
        (Attr::User, USER),
        (Attr::Password, PASSWORD),
    ];
    for (attr, text) in texts {
        attributes.set_text(attr, text).unwrap();
    }
    for (attr, number) in more {
        attributes.set_int(*attr, *number).unwrap();
    }
    attributes
}

pub(super) fn create(attributes: &Attributes) -> Result<Pool, Error> {
    PoolBuilder::new(attributes).create().map(|(pool, _)| pool)
}

pub(super) fn pool(more: &[(Attr, i64)]) -> Pool {
    create(&attributes(more)).unwrap()
}

fn tag(text: &str) -> Arc<Tag> {
    Arc::new(Tag::multi_property(text.as_bytes()).unwrap().unwrap())
}

fn tagged(tag: &Arc<Tag>, match_any: bool) -> GetOptions<'_> {
    GetOptions { tag: Some(tag), match_any, ..GetOptions::default() }
}

#[test]
fn sessions_come_go_and_stay() {
    in_own_process("pool::sessions_come_go_and_stay", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 3)]);
        let loan = pool.get().unwrap();
        let ids = loan.ids().unwrap();
        assert_eq!(
            loan.query_value("select 'hello' from dual").unwrap(),
            Some(Value::Text("hello".to_owned()))
        );
        loan.release().unwrap();
        assert_eq!(pool.get().unwrap().ids().unwrap(), ids, "the connection was kept");
        assert_eq!(pool.stats().connects, 2);
        pool.get().unwrap().drop_session().unwrap();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_release_cleans() {
    in_own_process("pool::a_release_cleans", &[], || {
        let pool = pool(&[(Attr::SessionsMax, 1)]);
        let loan = pool.get().unwrap();
        loan.execute("create table t (n number)").unwrap();
        loan.execute("insert into t values (1)").unwrap();
        loan.release().unwrap();
        let loan = pool.get().unwrap();
        assert_eq!(loan.query_value("select count(*) from t").unwrap(), Some(Value::Int(0)));
        loan.release().unwrap();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_wrong_password_fails_the_create() {
    in_own_process("pool::a_wrong_password_fails_the_create", &[], || {
        let first = pool(&[]);
        let mut wrong = attributes(&[]);
        wrong.set_text(Attr::Password, "lionSecret9").unwrap();
        assert_eq!(code(create(&wrong)), 1017);
        first.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn tags_belong_to_the_sessions() {
    in_own_process("pool::tags_belong_to_the_sessions", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 0), (Attr::SessionsMax, 3)]);
        let german = tag("LANG=de");
        let (loan, _) = pool.get_with(&tagged(&german, false)).unwrap();
        assert!(!loan.found());
        let ids = loan.ids().unwrap();
        loan.release_as(Some(german.as_ref().clone())).unwrap();
        let other = pool.get().unwrap();
        assert_ne!(other.ids().unwrap(), ids, "a session with a tag is not for those who asked for none");
        let (loan, _) = pool.get_with(&tagged(&german, false)).unwrap();
        assert!(loan.found() && loan.ids().unwrap() == ids);
        drop((loan, other));
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn the_fixup_procedure_is_called_with_what_is_wanted_and_what_is() {
    in_own_process("pool::the_fixup_procedure_is_called_with_what_is_wanted_and_what_is", &[], || {
        let setup = pool(&[]);
        let loan = setup.get().unwrap();
        loan.execute("create table seen (wanted varchar2(100), actual varchar2(100))").unwrap();
        let procedure = "create or replace procedure fix(wanted varchar2, actual varchar2) is begin \
            insert into seen values (wanted, nvl(actual, 'nothing')); commit; end;";
        loan.execute(procedure).unwrap();
        let mut attributes = attributes(&[(Attr::SessionsMin, 0), (Attr::SessionsMax, 1)]);
        attributes.set_text(Attr::FixupCallback, "fix").unwrap();
        let pool = create(&attributes).unwrap();
        for (language, expected) in [("LANG=de", "nothing"), ("LANG=en", "LANG=de")] {
            let tag = tag(language);
            let (fixed, _) = pool.get_with(&tagged(&tag, true)).unwrap();
            assert!(fixed.found());
            let query = format!("select actual from seen where wanted = '{language}'");
            assert_eq!(fixed.query_value(&query).unwrap(), Some(Value::Text(expected.to_owned())));
        }
        loan.execute("drop procedure fix").unwrap();
        let tag = tag("LANG=fr");
        let error = pool.get_with(&tagged(&tag, true)).unwrap_err();
        assert_eq!(error.code(), 56610, "{error}");
        assert!(error.cause().is_some_and(|cause| cause.code() == 6550), "{error:?}");
        pool.close(CloseMode::Default).unwrap();
        drop(loan);
        setup.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_killed_session_is_replaced() {
    in_own_process("pool::a_killed_session_is_replaced", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 2)]);
        let (victim, killer) = (pool.get().unwrap(), pool.get().unwrap());
        let (sid, serial) = victim.ids().unwrap();
        killer.execute(&format!("alter system kill session '{sid},{serial}'")).unwrap();
        assert_eq!(code(victim.execute("select 1 from dual")), 28);
        victim.release().unwrap();
        assert_eq!(pool.stats().closed_dead, 1);
        let replaced = pool.get().unwrap();
        assert_ne!(replaced.ids().unwrap(), (sid, serial));
        replaced.execute("select 1 from dual").unwrap();
        drop((replaced, killer));
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_session_killed_while_idle_is_found_by_the_ping() {
    in_own_process("pool::a_session_killed_while_idle_is_found_by_the_ping", &[], || {
        let numbers = [(Attr::SessionsMin, 1), (Attr::SessionsMax, 1), (Attr::PingIntervalMs, 0)];
        let (pool, other) = (pool(&numbers), pool(&[]));
        let (sid, serial) = pool.get().unwrap().ids().unwrap();
        other.get().unwrap().execute(&format!("alter system kill session '{sid},{serial}'")).unwrap();
        let loan = pool.get().unwrap();
        assert_ne!(loan.ids().unwrap(), (sid, serial));
        loan.execute("select 1 from dual").unwrap();
        loan.release().unwrap();
        assert!(pool.stats().ping_failures >= 1);
        pool.close(CloseMode::Default).unwrap();
        other.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_line_that_breaks_at_the_release_costs_one_session() {
    let dead = [("ORAPOOL_STANDIN_FAULTS", "OCITransRollback:1:dead")];
    in_own_process("pool::a_line_that_breaks_at_the_release_costs_one_session", &dead, || {
        let pool = pool(&[(Attr::SessionsMax, 1)]);
        let loan = pool.get().unwrap();
        let ids = loan.ids().unwrap();
        loan.execute("create table t (n number)").unwrap();
        loan.execute("insert into t values (1)").unwrap();
        assert!(loan.release().unwrap_err().is_session_dead());
        let loan = pool.get().unwrap();
        assert_ne!(loan.ids().unwrap(), ids);
        assert_eq!(loan.query_value("select count(*) from t").unwrap(), Some(Value::Int(0)));
        loan.release().unwrap();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_ping_that_hangs_costs_its_limit_and_the_session() {
    let hang = [("ORAPOOL_STANDIN_FAULTS", "OCIPing:1:hang=60000")];
    in_own_process("pool::a_ping_that_hangs_costs_its_limit_and_the_session", &hang, || {
        let numbers = [(Attr::SessionsMax, 1), (Attr::PingIntervalMs, 0), (Attr::PingTimeoutMs, 50)];
        let pool = pool(&numbers);
        // The session that the create has made was never used: the get pings it all the same.
        let loan = pool.get().unwrap();
        loan.execute("select 1 from dual").unwrap();
        loan.release().unwrap();
        assert_eq!(pool.stats().ping_failures, 1);
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_listener_that_is_not_there_is_told_and_tried_again() {
    let refused = [("ORAPOOL_STANDIN_FAULTS", "OCISessionGet:1:error=12541")];
    in_own_process("pool::a_listener_that_is_not_there_is_told_and_tried_again", &refused, || {
        assert_eq!(code(create(&attributes(&[]))), 12541);
        let pool = pool(&[]);
        pool.get().unwrap().execute("select 1 from dual").unwrap();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn users_of_a_heterogeneous_pool_do_not_meet() {
    in_own_process("pool::users_of_a_heterogeneous_pool_do_not_meet", &[], || {
        let pool = pool(&[(Attr::Homogeneous, 0), (Attr::SessionsMax, 4)]);
        let who = "select sys_context('userenv', 'session_user') from dual";
        let user_of = |user: Option<&str>, password: Option<&str>| {
            let mut wanted = Attributes::new();
            user.into_iter().for_each(|user| wanted.set_text(Attr::User, user).unwrap());
            password.into_iter().for_each(|password| wanted.set_text(Attr::Password, password).unwrap());
            let options = GetOptions { attributes: Some(&wanted), ..GetOptions::default() };
            pool.get_with(&options).and_then(|(loan, _)| loan.query_value(who))
        };
        let is = |user: &str| Some(Value::Text(user.to_owned()));
        for _ in 0..2 {
            assert_eq!(user_of(None, None).unwrap(), is("SCOTT"));
            assert_eq!(user_of(Some("blake"), Some("lionSecret9")).unwrap(), is("BLAKE"));
            assert_eq!(user_of(Some("ford"), None).unwrap(), is("FORD"));
        }
        assert_eq!(code(user_of(Some("blake"), Some("wrong"))), 1017);
        assert_eq!(pool.stats().connects, 3);
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn closing_by_force_breaks_what_runs() {
    in_own_process("pool::closing_by_force_breaks_what_runs", &[], || {
        let pool = Arc::new(pool(&[]));
        let inside = Arc::new(AtomicUsize::new(0));
        let worker = {
            let (pool, inside) = (Arc::clone(&pool), Arc::clone(&inside));
            thread::spawn(move || {
                let loan = pool.get().unwrap();
                inside.store(1, Ordering::Release);
                let result = loan.execute("begin loop null; end loop; end;");
                // The loan goes with its pool.
                code(result)
            })
        };
        wait_until(|| inside.load(Ordering::Acquire) == 1);
        thread::sleep(std::time::Duration::from_millis(200));
        pool.close(CloseMode::Force).unwrap();
        assert_eq!(worker.join().unwrap(), 24461);
    });
}

#[test]
fn many_threads_share_a_few_sessions() {
    in_own_process("pool::many_threads_share_a_few_sessions", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 0), (Attr::SessionsMax, 3)]);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let loan = pool.get().unwrap();
                        assert_eq!(loan.query_value("select 1 from dual").unwrap(), Some(Value::Int(1)));
                        loan.release().unwrap();
                    }
                });
            }
        });
        let stats = pool.stats();
        assert_eq!((stats.gets, stats.busy), (300, 0));
        assert!(stats.open <= 3);
        pool.close(CloseMode::Default).unwrap();
    });
}
