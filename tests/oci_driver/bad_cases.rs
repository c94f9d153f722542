//! What goes wrong: log-ons that are refused, warned or hang, old clients, lines that break, calls that do not end.

use std::collections::HashSet;
use std::fs;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use libloading::Library;
use orapool::capi::attrs::*;
use orapool::capi::error::*;
use orapool::capi::pool::*;
use orapool::capi::session::*;
use orapool::capi::{orapool as pool_handle, orapool_error, orapool_session, orapool_status};
use orapool::driver::{Cancel, ConnectRequest, Driver, Target, Value, select};
use orapool::error::{Error, Kind};
use orapool::pool::clock::TestClock;
use orapool::pool::{Attr, CloseMode, GetOptions, Pool, PoolBuilder};

use super::pool::{attributes, create, pool};
use super::{
    DATABASE, PASSWORD, USER, code, connect, scott, session, target, threads_logging_on, value, wait_until,
};
use crate::support::oci_standin::{client_lib_dir, folder, in_own_process};

/// A call that is stopped or goes on for ever.
const FOR_EVER: &str = "begin loop null; end loop; end;";
/// A time that is over when everything else is.
const LATE: i64 = 600_000;

/// Gives the stand-in faults; calls are counted from now. The driver has to have loaded it.
fn fault(text: &str) {
    // SAFETY: the library is the stand-in, whose functions these are; it stays loaded.
    unsafe {
        let library = Library::new(client_lib_dir().join("libclntsh.so")).unwrap();
        let set = library.get::<unsafe extern "C" fn(*const u8) -> i32>(b"orapool_standin_fault").unwrap();
        let text = format!("{text}\0");
        assert_eq!(set(text.as_ptr()), 0, "{text}");
    }
}

/// Sessions of the database, without the one that is asked.
fn other_sessions() -> i64 {
    let mut session = session();
    let Value::Int(count) = value(session.as_mut(), "select count(*) from v$session") else { panic!() };
    session.close();
    count - 1
}

fn limited(driver: &dyn Driver, milliseconds: u64) -> Result<(), Error> {
    let identity = scott();
    let (timeout, cancel) = (Some(Duration::from_millis(milliseconds)), Cancel::default());
    let request = ConnectRequest {
        identity: &identity,
        timeout,
        statement_cache_size: 20,
        fixup: None,
        cancel: &cancel,
    };
    driver.connect(&request).map(|session| session.close())
}

fn select_one(pool: &Pool) {
    let loan = pool.get().unwrap();
    assert_eq!(loan.query_value("select 1 from dual").unwrap(), Some(Value::Int(1)));
    loan.release().unwrap();
}

#[test]
fn a_log_on_that_is_refused_says_by_whom_and_whether_to_try_again() {
    in_own_process("bad_cases::a_log_on_that_is_refused_says_by_whom_and_whether_to_try_again", &[], || {
        let driver = select(&target()).unwrap();
        connect(driver.as_ref(), &scott()).unwrap().close();
        for (code, is_transient) in [
            (1017, false),
            (28000, false),
            (28001, false),
            (1033, true),
            (12514, true),
            (12541, true),
            (12170, true),
            (3113, true),
            // The client itself says that it was asked for something that it does not do.
            (24300, false),
            (24315, false),
            (24327, false),
        ] {
            fault(&format!("OCISessionGet:1:error={code}"));
            let error = connect(driver.as_ref(), &scott()).err().unwrap();
            assert_eq!((error.kind(), error.code()), (Kind::Oracle, code), "{error}");
            assert_eq!(error.is_transient(), is_transient, "{error}");
            assert!(error.message().starts_with(&format!("ORA-{code:05}: ")), "{error}");
            assert!(!error.message().contains(PASSWORD), "{error}");
        }
        connect(driver.as_ref(), &scott()).unwrap().close();
    });
}

#[test]
fn refused_credentials_are_tried_once() {
    let log = folder("calls").join("log");
    let log = [("ORAPOOL_STANDIN_LOG", log.to_str().unwrap())];
    in_own_process("bad_cases::refused_credentials_are_tried_once", &log, || {
        let clock = TestClock::new();
        let attributes = attributes(&[(Attr::SessionsMin, 2), (Attr::SessionsMax, 2)]);
        let (pool, _) = PoolBuilder::new(&attributes).clock(clock.clone()).create().unwrap();
        for (failures, refused) in [(1, 1017), (2, 28000)] {
            let calls = log_ons();
            fault(&format!("OCISessionGet:1:error={refused}"));
            pool.get().unwrap().drop_session().unwrap();
            wait_until(|| pool.stats().connect_failures == failures && pool.stats().connecting == 0);
            clock.advance(Duration::from_secs(3600));
            // One that somebody asks for is made: the account may be in order again.
            let loans = [pool.get().unwrap(), pool.get().unwrap()];
            drop(loans);
            assert_eq!(log_ons() - calls, 2, "the one that was refused, and the one that was asked for");
        }
        assert_eq!(pool.stats().connect_failures, 2);
        pool.close(CloseMode::Default).unwrap();
    });
}

/// Log-ons that the stand-in has seen so far.
fn log_ons() -> usize {
    let log = std::env::var("ORAPOOL_STANDIN_LOG").unwrap();
    fs::read_to_string(log).unwrap().matches("\"call\":\"OCISessionGet\"").count()
}

#[test]
fn what_a_log_on_is_warned_of_is_told_by_the_driver_once() {
    let warning = [("ORAPOOL_STANDIN_FAULTS", "OCISessionGet:1:info=28002")];
    in_own_process("bad_cases::what_a_log_on_is_warned_of_is_told_by_the_driver_once", &warning, || {
        let mut warned = session();
        let warning = warned.warning().expect("it is told");
        assert_eq!((warning.kind(), warning.code()), (Kind::Warning, 28002), "{warning}");
        assert_eq!(warning.message(), "ORA-28002: the password will expire within 7 days");
        assert!(!warning.is_session_dead() && !warning.is_transient());
        assert!(warned.warning().is_none(), "once");
        assert_eq!(value(warned.as_mut(), "select 1 from dual"), Value::Int(1));
        let mut other = session();
        assert!(other.warning().is_none());
        warned.close();
        other.close();
    });
}

#[test]
fn what_a_log_on_is_warned_of_reaches_the_user() {
    let warnings = [("ORAPOOL_STANDIN_FAULTS", "OCISessionGet:1:info=28002;OCISessionGet:2:info=28002")];
    in_own_process("bad_cases::what_a_log_on_is_warned_of_reaches_the_user", &warnings, || {
        let attributes = attributes(&[(Attr::SessionsMin, 1), (Attr::SessionsMax, 3)]);
        let (pool, warning) = PoolBuilder::new(&attributes).create().unwrap();
        assert_eq!(warning.map(|warning| warning.code()), Some(28002));
        let get = || {
            let (loan, warning) = pool.get_with(&GetOptions::default()).unwrap();
            (loan, warning.map(|warning| warning.code()))
        };
        let (first, of_the_minimum) = get();
        let (second, of_a_new_one) = get();
        assert_eq!((of_the_minimum, of_a_new_one), (None, Some(28002)));
        drop((first, second));
        assert_eq!(get().1, None);
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_c_program_is_warned() {
    let warnings = [("ORAPOOL_STANDIN_FAULTS", "OCISessionGet:1:info=28002;OCISessionGet:2:info=28002")];
    in_own_process("bad_cases::a_c_program_is_warned", &warnings, || {
        let folder = client_lib_dir().to_str().unwrap();
        let texts = [
            (ORAPOOL_ATTR_CONNECT_STRING, DATABASE),
            (ORAPOOL_ATTR_CLIENT_LIB_DIR, folder),
            (ORAPOOL_ATTR_USER, USER),
            (ORAPOOL_ATTR_PASSWORD, PASSWORD),
        ];
        let (mut attrs, mut error) = (ptr::null_mut(), ptr::null_mut());
        let (mut pool, mut sessions) = (ptr::null_mut(), [ptr::null_mut(); 2]);
        // SAFETY: the pointers are to results of their types, the texts have the lengths that are given, and what is
        // freed is not used again.
        unsafe {
            orapool_attrs_new(&mut attrs, ptr::null_mut());
            for (attr, text) in texts {
                orapool_attrs_set_text(attrs, attr, text.as_ptr().cast(), text.len(), ptr::null_mut());
            }
            let status = orapool_create(ptr::null(), 0, attrs, ORAPOOL_CREATE_NEW, &mut pool, &mut error);
            assert_eq!((status, orapool_error_code(error)), (ORAPOOL_SUCCESS_WITH_INFO, 28002));
            orapool_error_free(error);
            let [of_the_minimum, new] = &mut sessions;
            assert_eq!(plain_get(pool, of_the_minimum, &mut error), ORAPOOL_SUCCESS);
            assert!(error.is_null());
            assert_eq!(plain_get(pool, new, &mut error), ORAPOOL_SUCCESS_WITH_INFO);
            assert_eq!(
                (orapool_error_status(error), orapool_error_code(error)),
                (ORAPOOL_SUCCESS_WITH_INFO, 28002)
            );
            orapool_error_free(error);
            for session in sessions {
                assert_eq!(
                    orapool_session_release(session, ptr::null(), 0, 0, ptr::null_mut()),
                    ORAPOOL_SUCCESS
                );
            }
            assert_eq!(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, ptr::null_mut()), ORAPOOL_SUCCESS);
            orapool_attrs_free(attrs);
        }
    });
}

/// # Safety
/// As orapool_session_get.
unsafe fn plain_get(
    pool: *mut pool_handle,
    session: *mut *mut orapool_session,
    error: *mut *mut orapool_error,
) -> orapool_status {
    let none: *mut *const std::ffi::c_char = ptr::null_mut();
    // SAFETY: the same promise.
    unsafe {
        orapool_session_get(
            pool,
            session,
            ptr::null(),
            ptr::null(),
            0,
            none,
            ptr::null_mut(),
            ptr::null_mut(),
            0,
            error,
        )
    }
}

#[test]
fn the_oldest_client_works_and_says_what_it_can_not_do() {
    let version = [("ORAPOOL_STANDIN_VERSION", "11.2")];
    in_own_process("bad_cases::the_oldest_client_works_and_says_what_it_can_not_do", &version, || {
        let numbers = [(Attr::SessionsMax, 1), (Attr::PingIntervalMs, 0)];
        let pool = pool(&numbers);
        select_one(&pool);
        assert!(pool.stats().pings >= 1, "it pings, though with no limit");
        let mut session = session();
        let error = session.set_call_timeout(Some(Duration::from_secs(1))).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported, "{error}");
        assert!(error.message().contains("18.1"), "{error}");
        session.execute("select 1 from dual").unwrap();
        session.close();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_line_that_breaks_costs_one_session_wherever_that_is() {
    in_own_process("bad_cases::a_line_that_breaks_costs_one_session_wherever_that_is", &[], || {
        let numbers = [(Attr::SessionsMin, 0), (Attr::SessionsMax, 1), (Attr::PingIntervalMs, 0)];
        let pool = pool(&numbers);

        fault("OCISessionGet:1:dead");
        assert_eq!(code(pool.get()), 3113);
        assert_eq!(pool.stats().open, 0);
        select_one(&pool);

        let loan = pool.get().unwrap();
        fault("OCIStmtExecute:1:dead");
        let error = loan.execute("select 1 from dual").unwrap_err();
        assert_eq!((error.code(), error.is_session_dead(), error.is_transient()), (3113, true, true));
        loan.release().unwrap();
        assert_eq!((pool.stats().closed_dead, pool.stats().open), (1, 0));
        select_one(&pool);

        fault("OCIPing:1:dead");
        select_one(&pool);
        assert_eq!((pool.stats().ping_failures, pool.stats().closed_dead), (1, 2));

        let loan = pool.get().unwrap();
        loan.execute("create table t (n number)").unwrap();
        loan.execute("insert into t values (1)").unwrap();
        fault("OCITransRollback:1:dead");
        assert!(loan.release().unwrap_err().is_session_dead());
        select_one(&pool);

        let stats = pool.stats();
        assert_eq!((stats.closed_dead, stats.connect_failures, stats.busy), (3, 1, 0));
        assert_eq!((stats.connects, stats.open), (4, 1));
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn of_what_odpi_c_wraps_no_garbage_reaches_the_message() {
    in_own_process("bad_cases::of_what_odpi_c_wraps_no_garbage_reaches_the_message", &[], || {
        let mut messages = HashSet::new();
        for _ in 0..50 {
            let mut lost = session();
            // What is freed is what ODPI-C reads beyond the end of its copy.
            drop(vec![0xFE_u8; 48]);
            fault("OCIStmtExecute:1:error=28");
            messages.insert(lost.execute("select 1 from dual").unwrap_err().message().to_owned());
            lost.close();
            let mut slow = session();
            slow.set_call_timeout(Some(Duration::from_millis(1))).unwrap();
            messages.insert(slow.execute(FOR_EVER).unwrap_err().message().to_owned());
            slow.close();
        }
        let expected = [
            "ORA-00028: your session has been killed; the session is lost",
            "ORA-03136: call timeout exceeded; the call was stopped and the session stays usable",
        ];
        assert_eq!(messages, expected.map(str::to_owned).into());
    });
}

#[test]
fn errors_of_the_client_itself_leave_the_session_as_it_is() {
    in_own_process("bad_cases::errors_of_the_client_itself_leave_the_session_as_it_is", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 0), (Attr::SessionsMax, 1)]);
        let loan = pool.get().unwrap();
        let ids = loan.ids().unwrap();
        for number in [24300, 24315, 24316, 24323] {
            fault(&format!("OCIStmtExecute:1:error={number}"));
            let error = loan.execute("select 1 from dual").unwrap_err();
            assert_eq!((error.kind(), error.code()), (Kind::Oracle, number), "{error}");
            assert!(!error.is_session_dead() && !error.is_transient(), "{error}");
        }
        loan.release().unwrap();
        assert_eq!(pool.get().unwrap().ids().unwrap(), ids);
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_get_keeps_its_deadline_while_a_call_hangs() {
    in_own_process("bad_cases::a_get_keeps_its_deadline_while_a_call_hangs", &[], || {
        let numbers =
            [(Attr::SessionsMin, 0), (Attr::SessionsMax, 1), (Attr::GetMode, 3), (Attr::WaitTimeoutMs, 50)];
        let pool = pool(&numbers);
        let mut session = session();
        let breaker = session.breaker();
        thread::scope(|scope| {
            let loan = pool.get().unwrap();
            fault("OCIStmtExecute:1:hang=600000");
            let hanging = scope.spawn(|| {
                let result = session.execute("select 1 from dual");
                code(result)
            });
            assert_eq!(code(pool.get()), 24457);
            wait_until(|| {
                breaker.break_call().unwrap();
                hanging.is_finished()
            });
            assert_eq!(hanging.join().unwrap(), 1013);
            loan.release().unwrap();
        });
        session.close();
        select_one(&pool);
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_forced_close_does_not_wait_for_a_call_that_nothing_stops() {
    in_own_process("bad_cases::a_forced_close_does_not_wait_for_a_call_that_nothing_stops", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 0), (Attr::SessionsMax, 1)]);
        let (inside, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let loan = pool.get().unwrap();
                // A prepare stays in the client, where no break reaches it. It outlasts the close's patience by far.
                fault("OCIStmtPrepare2:1:hang=12000");
                inside.store(true, Ordering::Release);
                let result = loan.execute("select 1 from dual");
                ended.store(true, Ordering::Release);
                drop(loan);
                result
            });
            wait_until(|| inside.load(Ordering::Acquire));
            thread::sleep(Duration::from_millis(300));
            pool.close(CloseMode::Force).unwrap();
            assert!(!ended.load(Ordering::Acquire), "the close came back first");
            // What comes of the call does not matter: its session is closed when it ends.
            let _ = holder.join().unwrap();
        });
        assert_eq!(other_sessions(), 0);
    });
}

#[test]
fn a_log_on_that_hangs_fails_when_its_time_is_over() {
    in_own_process("bad_cases::a_log_on_that_hangs_fails_when_its_time_is_over", &[], || {
        let driver = select(&target()).unwrap();
        limited(driver.as_ref(), 60_000).unwrap();
        assert_eq!(threads_logging_on(), 0);
        fault("OCISessionGet:1:hang=2000");
        let error = limited(driver.as_ref(), 50).unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.is_transient()),
            (Kind::Oracle, 12170, true),
            "{error}"
        );
        assert_eq!(threads_logging_on(), 1, "it goes on by itself");
        limited(driver.as_ref(), 60_000).unwrap();
        wait_until(|| threads_logging_on() == 0);
        assert_eq!(other_sessions(), 0, "what came late was logged off");
    });
}

#[test]
fn a_log_on_outlives_its_driver() {
    in_own_process("bad_cases::a_log_on_outlives_its_driver", &[], || {
        let driver = select(&target()).unwrap();
        limited(driver.as_ref(), 60_000).unwrap();
        fault("OCISessionGet:1:hang=1000");
        assert_eq!(code(limited(driver.as_ref(), 10)), 12170);
        drop(driver);
        wait_until(|| threads_logging_on() == 0);
        assert_eq!(other_sessions(), 0);
    });
}

#[test]
fn a_log_on_that_fails_late_is_forgotten() {
    in_own_process("bad_cases::a_log_on_that_fails_late_is_forgotten", &[], || {
        let slow = format!("{DATABASE}?connect_delay_ms=1000&connect_failures=1");
        let driver = select(&Target { connect_string: Some(slow), ..target() }).unwrap();
        assert_eq!(code(limited(driver.as_ref(), 10)), 12170);
        wait_until(|| threads_logging_on() == 0);
        limited(driver.as_ref(), 60_000).unwrap();
    });
}

#[test]
fn a_pool_heals_after_a_log_on_that_hung() {
    in_own_process("bad_cases::a_pool_heals_after_a_log_on_that_hung", &[], || {
        let numbers = [(Attr::SessionsMin, 0), (Attr::SessionsMax, 1), (Attr::ConnectTimeoutMs, 100)];
        let pool = pool(&numbers);
        // The client library takes its time the first time that it is used.
        wait_until(|| pool.get().is_ok());
        pool.get().unwrap().drop_session().unwrap();
        let failures = pool.stats().connect_failures;
        fault("OCISessionGet:1:hang=3000");
        let error = pool.get().unwrap_err();
        assert_eq!(error.code(), 12170, "{error}");
        let stats = pool.stats();
        assert_eq!((stats.connect_failures - failures, stats.open, stats.connecting), (1, 0, 0));
        wait_until(|| pool.get().is_ok());
        assert_eq!(pool.stats().open, 1, "what hangs does not count");
        wait_until(|| threads_logging_on() == 0);
        assert_eq!((pool.stats().open, other_sessions()), (1, 1));
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_create_whose_log_ons_hang_fails() {
    in_own_process("bad_cases::a_create_whose_log_ons_hang_fails", &[], || {
        session().close();
        fault("OCISessionGet:1:hang=1500;OCISessionGet:2:hang=1500");
        let numbers = [(Attr::SessionsMin, 2), (Attr::SessionsMax, 2), (Attr::ConnectTimeoutMs, 100)];
        assert_eq!(code(create(&attributes(&numbers))), 12170);
        wait_until(|| threads_logging_on() == 0);
        assert_eq!(other_sessions(), 0);
    });
}

#[test]
fn a_close_does_not_wait_for_a_log_on_that_hangs() {
    in_own_process("bad_cases::a_close_does_not_wait_for_a_log_on_that_hangs", &[], || {
        for (mode, force) in [(CloseMode::Default, false), (CloseMode::Force, true)] {
            let numbers = [
                (Attr::SessionsMin, 0),
                (Attr::SessionsMax, 2),
                (Attr::GetMode, 3),
                (Attr::WaitTimeoutMs, 100),
                (Attr::ConnectTimeoutMs, if force { -1 } else { LATE }),
            ];
            let pool = pool(&numbers);
            fault("OCISessionGet:1:hang=12000");
            assert_eq!(code(pool.get()), 24459, "the get goes by its own deadline");
            assert_eq!(pool.stats().connecting, 1);
            pool.close(mode).unwrap();
            assert_eq!(threads_logging_on(), 1, "the close came back first");
            wait_until(|| threads_logging_on() == 0);
            assert_eq!(other_sessions(), 0);
        }
    });
}

#[test]
fn a_close_sees_to_the_end_of_a_log_on_that_does_not_hang() {
    in_own_process("bad_cases::a_close_sees_to_the_end_of_a_log_on_that_does_not_hang", &[], || {
        let numbers = [
            (Attr::SessionsMin, 0),
            (Attr::GetMode, 3),
            (Attr::WaitTimeoutMs, 10),
            (Attr::ConnectTimeoutMs, -1),
        ];
        let pool = pool(&numbers);
        fault("OCISessionGet:1:hang=1000");
        assert_eq!(code(pool.get()), 24459);
        pool.close(CloseMode::Default).unwrap();
        assert_eq!(threads_logging_on(), 0);
        assert_eq!(other_sessions(), 0);
    });
}

#[test]
fn a_close_wakes_the_get_whose_log_on_hangs() {
    in_own_process("bad_cases::a_close_wakes_the_get_whose_log_on_hangs", &[], || {
        let pool = pool(&[(Attr::SessionsMin, 0), (Attr::ConnectTimeoutMs, -1)]);
        fault("OCISessionGet:1:hang=12000");
        thread::scope(|scope| {
            let waiter = scope.spawn(|| code(pool.get()));
            wait_until(|| threads_logging_on() == 1);
            pool.close(CloseMode::Force).unwrap();
            assert_eq!(waiter.join().unwrap(), 24461);
        });
        wait_until(|| threads_logging_on() == 0);
        assert_eq!(other_sessions(), 0);
    });
}

#[test]
fn no_more_than_so_many_log_ons_are_left_hanging() {
    in_own_process("bad_cases::no_more_than_so_many_log_ons_are_left_hanging", &[], || {
        session().close();
        let hang: Vec<String> = (1..=32).map(|number| format!("OCISessionGet:{number}:hang=6000")).collect();
        fault(&hang.join(";"));
        // Pools come and go, and what they left counts all the same.
        for _ in 0..4 {
            let driver = select(&target()).unwrap();
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| assert_eq!(code(limited(driver.as_ref(), 10)), 12170));
                }
            });
        }
        let driver = select(&target()).unwrap();
        let error = limited(driver.as_ref(), 60_000).unwrap_err();
        assert_eq!((error.code(), error.is_transient()), (12170, true));
        assert!(
            error.message().contains("32 log-ons") && error.message().contains("connect_timeout"),
            "{error}"
        );
        assert_eq!(threads_logging_on(), 32, "none was begun");
        let elsewhere = Target { connect_string: Some("//standin/elsewhere".to_owned()), ..target() };
        limited(select(&elsewhere).unwrap().as_ref(), 60_000).unwrap();
        wait_until(|| threads_logging_on() == 0);
        limited(driver.as_ref(), 60_000).unwrap();
        assert_eq!(other_sessions(), 0);
    });
}
