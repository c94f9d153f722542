//! Pooled servers (DRCP): the line stays while the server comes and goes. What the stand-in takes for granted of Oracle
//! stands in its README.

use std::env;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use orapool::driver::{
    AttachWish, Attached, Cancel, ConnectRequest, Driver, NativeKind, ServerPurity, Session, Target, Value,
    select,
};
use orapool::error::{Error, Kind};
use orapool::pool::{Attr, Attributes, CloseMode, DrcpState, GetOptions, Pool, Tag};

use super::pool::{attributes, create};
use super::{DATABASE, all_rows, code, scott, session, target, text, threads_logging_on, value, wait_until};
use crate::support::oci_standin::{folder, in_own_process};

/// Long enough for a thread to be inside the call.
const SOON: Duration = Duration::from_millis(300);
/// A call that somebody has to stop.
const FOR_EVER: &str = "begin loop null; end loop; end;";
const SET_STATE: &str = "create procedure set_state(wanted in varchar2, actual in varchar2) is begin \
     if wanted = 'F=no' then raise_application_error(-20001, 'no'); end if; \
     execute immediate 'alter session set nls_date_format = ''' || substr(wanted, 3) || ''''; end;";
const YEAR: &str = "select to_char(date '2026-01-31') from dual";

fn pooled(keys: &str) -> String {
    format!("{DATABASE}:pooled{keys}")
}

fn driver(keys: &str) -> Arc<dyn Driver> {
    select(&Target { connect_string: Some(pooled(keys)), ..target() }).unwrap()
}

/// A line of the class APP.
fn line_with(driver: &dyn Driver, fixup: Option<&str>) -> Result<Box<dyn Session>, Error> {
    let mut identity = scott();
    identity.connection_class = Some("APP".to_owned());
    let cancel = Cancel::default();
    let request = ConnectRequest {
        identity: &identity,
        timeout: None,
        statement_cache_size: 20,
        fixup,
        cancel: &cancel,
    };
    driver.connect(&request)
}

fn line(driver: &dyn Driver) -> Box<dyn Session> {
    line_with(driver, None).unwrap()
}

fn attach(line: &mut dyn Session, wish: &AttachWish<'_>) -> Result<Attached, Error> {
    line.pooled().unwrap().attach(wish)
}

fn attach_any(line: &mut dyn Session) -> Attached {
    attach(line, &AttachWish::default()).unwrap()
}

fn detach(line: &mut dyn Session, tag: Option<&str>) {
    line.pooled().unwrap().detach(tag).unwrap();
}

fn tagged(tag: &str) -> AttachWish<'_> {
    AttachWish { tag: Some(tag), is_multi_property: true, ..AttachWish::default() }
}

fn number(session: &mut dyn Session, sql: &str) -> i64 {
    let Value::Int(number) = value(session, sql) else { panic!("{sql}") };
    number
}

/// Looks at the broker through a session with a server of its own.
struct Eyes(Box<dyn Session>);

impl Eyes {
    fn open() -> Eyes {
        Eyes(session())
    }

    fn busy(&mut self) -> i64 {
        number(self.0.as_mut(), "select num_busy_servers from v$cpool_stats")
    }

    fn lines(&mut self) -> i64 {
        number(self.0.as_mut(), "select count(*) from v$cpool_conn_info")
    }

    fn hits_and_misses(&mut self) -> (i64, i64) {
        let mut of = |column: &str| number(self.0.as_mut(), &format!("select {column} from v$cpool_stats"));
        (of("num_hits"), of("num_misses"))
    }

    fn execute(&mut self, sql: &str) {
        self.0.execute(sql).unwrap();
    }

    fn close(self) {
        self.0.close();
    }
}

/// A pool of ours on pooled servers.
fn pool(keys: &str, more: &[(Attr, i64)], fixup: Option<&str>) -> Pool {
    let mut attributes: Attributes = attributes(more);
    attributes.set_text(Attr::ConnectString, &pooled(keys)).unwrap();
    attributes.set_text(Attr::ConnectionClass, "APP").unwrap();
    if let Some(fixup) = fixup {
        attributes.set_text(Attr::FixupCallback, fixup).unwrap();
    }
    create(&attributes).unwrap()
}

fn tag(text: &str) -> Arc<Tag> {
    Arc::new(Tag::multi_property(text.as_bytes()).unwrap().unwrap())
}

fn with_tag(tag: &Arc<Tag>) -> GetOptions<'_> {
    GetOptions { tag: Some(tag), is_multi_property: true, ..GetOptions::default() }
}

#[test]
fn the_line_stays_while_the_server_comes_and_goes() {
    let log = folder("drcp-log").join("log");
    let environment = [("ORAPOOL_STANDIN_LOG", log.to_str().unwrap())];
    in_own_process("drcp::the_line_stays_while_the_server_comes_and_goes", &environment, || {
        let mut eyes = Eyes::open();
        let mut line = line(driver("").as_ref());
        assert_eq!((eyes.busy(), eyes.lines()), (0, 1));
        assert!(!line.pooled().unwrap().is_attached() && !line.in_transaction() && !line.is_dead());
        line.ping(None).unwrap();
        line.rollback().unwrap();
        assert_eq!(code(line.execute("select 1 from dual")), 0, "no server is attached");
        for round in 0..3 {
            assert_eq!(attach_any(line.as_mut()), Attached { tag: None, is_new: round == 0 });
            assert_eq!(value(line.as_mut(), "select 1 from dual"), Value::Int(1));
            assert_eq!(eyes.busy(), 1);
            detach(line.as_mut(), None);
            assert_eq!((eyes.busy(), eyes.lines()), (0, 1));
            line.ping(None).unwrap();
        }
        let server = line.pooled().unwrap();
        assert_eq!((server.attaches(), server.session_changes()), (3, 2));
        assert_eq!(eyes.hits_and_misses(), (2, 1));
        line.close();
        assert_eq!(eyes.lines(), 0);
        eyes.close();
        let log = fs::read_to_string(env::var_os("ORAPOOL_STANDIN_LOG").unwrap()).unwrap();
        let count = |call: &str, with: &str| {
            log.lines().filter(|line| line.contains(&format!("\"{call}\"")) && line.contains(with)).count()
        };
        // The line to look on with is the first, the pooled one the second: for the log-on, three loans and the end.
        assert_eq!(count("OCISessionGet", "\"line\":\"2\""), 5, "{log}");
        assert_eq!(count("OCISessionRelease", "\"line_stays\":\"true\""), 4, "{log}");
        assert_eq!(count("OCIPing", ""), 0, "a ping would take a server");
    });
}

#[test]
fn a_transaction_is_known_while_a_server_is_there() {
    in_own_process("drcp::a_transaction_is_known_while_a_server_is_there", &[], || {
        let mut eyes = Eyes::open();
        eyes.execute("create table t (n number)");
        let mut line = line(driver("").as_ref());
        attach_any(line.as_mut());
        line.execute("insert into t values (1)").unwrap();
        assert!(line.in_transaction());
        line.commit().unwrap();
        detach(line.as_mut(), None);
        assert!(!line.in_transaction());
        line.commit().unwrap();
        assert_eq!(number(eyes.0.as_mut(), "select count(*) from t"), 1);
        line.close();
        eyes.close();
    });
}

#[test]
fn tags_are_the_server_sessions() {
    in_own_process("drcp::tags_are_the_server_sessions", &[], || {
        let driver = driver("");
        let (mut one, mut two) = (line(driver.as_ref()), line(driver.as_ref()));
        assert_eq!(attach(one.as_mut(), &tagged("LANG=de;TZ=UTC")).unwrap().tag, None);
        detach(one.as_mut(), Some("LANG=de;TZ=UTC"));
        let found = attach(two.as_mut(), &tagged("TZ=UTC;LANG=de")).unwrap();
        assert_eq!(found.tag.as_deref(), Some("LANG=de;TZ=UTC"));
        // As it was: no new tag.
        detach(two.as_mut(), Some("LANG=de;TZ=UTC"));
        assert_eq!(attach(one.as_mut(), &tagged("LANG=fr")).unwrap().tag, None);
        let any = AttachWish { match_any: true, ..tagged("LANG=de") };
        assert_eq!(attach(two.as_mut(), &any).unwrap().tag.as_deref(), Some("LANG=de;TZ=UTC"));
        detach(two.as_mut(), None);
        assert_eq!(attach(two.as_mut(), &tagged("LANG=de;TZ=UTC")).unwrap().tag, None, "it was taken off");
        one.close();
        two.close();
    });
}

#[test]
fn a_tag_of_one_word_is_refused_with_advice() {
    in_own_process("drcp::a_tag_of_one_word_is_refused_with_advice", &[], || {
        let mut line = line(driver("").as_ref());
        let wish = AttachWish { tag: Some("word"), ..AttachWish::default() };
        let error = attach(line.as_mut(), &wish).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().contains("NAME=VALUE"), "{error}");
        assert!(!line.pooled().unwrap().is_attached());
        attach_any(line.as_mut());
        let error = line.pooled().unwrap().detach(Some("word")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(line.pooled().unwrap().is_attached(), "nothing was given back");
        line.close();
    });
}

#[test]
fn an_old_client_has_tags_of_one_word() {
    let old = [("ORAPOOL_STANDIN_VERSION", "12.1")];
    in_own_process("drcp::an_old_client_has_tags_of_one_word", &old, || {
        let mut line = line(driver("").as_ref());
        let wish =
            AttachWish { tag: Some("word"), limit: Some(Duration::from_secs(60)), ..AttachWish::default() };
        assert_eq!(attach(line.as_mut(), &wish).unwrap().tag, None);
        detach(line.as_mut(), Some("word"));
        assert_eq!(attach(line.as_mut(), &wish).unwrap().tag.as_deref(), Some("word"));
        detach(line.as_mut(), Some("word"));
        // It has no call timeout, so that the first call waits.
        attach(line.as_mut(), &AttachWish { tag: None, ..wish }).unwrap();
        line.close();
    });
}

#[test]
fn purity_and_class_go_through_the_api() {
    in_own_process("drcp::purity_and_class_go_through_the_api", &[], || {
        let mut eyes = Eyes::open();
        // The stand-in refuses both keys in a connect string.
        let driver = driver("?pool_purity=new&pool_connection_class=APP");
        let pooling = driver.pooling().unwrap();
        assert_eq!(
            (pooling.purity, pooling.connection_class.as_deref()),
            (Some(ServerPurity::New), Some("APP"))
        );
        let mut line = line(driver.as_ref());
        for _ in 0..2 {
            let wish = AttachWish { purity: ServerPurity::New, ..AttachWish::default() };
            assert!(attach(line.as_mut(), &wish).unwrap().is_new);
            assert_eq!(eyes.busy(), 1);
            detach(line.as_mut(), None);
        }
        assert_eq!(eyes.hits_and_misses(), (0, 2));
        let class = "select count(*) from v$cpool_cc_stats where cclass_name = 'SCOTT.APP'";
        assert_eq!(number(eyes.0.as_mut(), class), 1);
        line.close();
        eyes.close();
    });
}

#[test]
fn a_dedicated_server_is_none_of_this() {
    in_own_process("drcp::a_dedicated_server_is_none_of_this", &[], || {
        let driver = select(&target()).unwrap();
        assert!(driver.pooling().is_none());
        let mut session = session();
        assert!(session.pooled().is_none());
        session.close();
        let wrong = Target { connect_string: Some(pooled("?pool_boundary=x")), ..target() };
        assert_eq!(select(&wrong).err().unwrap().code(), 24545);
    });
}

#[test]
fn a_statement_goes_on_with_the_next_server() {
    in_own_process("drcp::a_statement_goes_on_with_the_next_server", &[], || {
        let mut line = line(driver("").as_ref());
        attach_any(line.as_mut());
        line.execute("create table t (n number)").unwrap();
        let mut insert = line.prepare("insert into t values (:1)").unwrap();
        let mut query = line.prepare("select n + :1 from t").unwrap();
        insert.bind(1, Value::Int(7)).unwrap();
        insert.execute().unwrap();
        line.commit().unwrap();
        query.bind(1, Value::Int(1)).unwrap();
        query.execute().unwrap();
        assert!(query.is_open() && !insert.is_open());
        assert_eq!(all_rows(query.as_mut()), [[Value::Int(8)]]);
        assert!(!query.is_open());
        query.execute().unwrap();
        let ids = line.ids().unwrap();
        detach(line.as_mut(), None);
        assert!(!query.is_open());
        assert!(query.execute().is_err(), "there is no server");
        // A purity of NEW makes it another session.
        let fresh = AttachWish { purity: ServerPurity::New, ..AttachWish::default() };
        attach(line.as_mut(), &fresh).unwrap();
        assert_eq!(code(query.fetch()), 1002, "its rows are gone");
        query.execute().unwrap();
        assert_eq!(all_rows(query.as_mut()), [[Value::Int(8)]]);
        insert.execute().unwrap();
        line.commit().unwrap();
        assert_eq!(number(line.as_mut(), "select count(*) from t"), 2);
        assert_ne!(line.ids().unwrap(), ids);
        drop((insert, query));
        line.close();
    });
}

#[test]
fn limits_and_breaks_follow_the_session() {
    in_own_process("drcp::limits_and_breaks_follow_the_session", &[], || {
        let mut line = line(driver("").as_ref());
        let breaker = line.breaker();
        breaker.break_call().unwrap();
        line.set_call_timeout(Some(Duration::from_millis(50))).unwrap();
        for _ in 0..2 {
            attach_any(line.as_mut());
            assert_eq!(code(line.execute(FOR_EVER)), 3136);
            detach(line.as_mut(), None);
        }
        line.set_call_timeout(None).unwrap();
        attach_any(line.as_mut());
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SOON);
                breaker.break_call().unwrap();
            });
            assert_eq!(code(line.execute(FOR_EVER)), 1013);
        });
        detach(line.as_mut(), None);
        breaker.break_call().unwrap();
        attach_any(line.as_mut());
        assert_eq!(value(line.as_mut(), "select 1 from dual"), Value::Int(1));
        line.close();
    });
}

#[test]
fn native_handles_are_those_of_the_moment() {
    in_own_process("drcp::native_handles_are_those_of_the_moment", &[], || {
        let mut line = line(driver("").as_ref());
        assert!(line.native(NativeKind::OciSession).is_err());
        attach_any(line.as_mut());
        let first = line.native(NativeKind::OciSession).unwrap();
        detach(line.as_mut(), None);
        attach_any(line.as_mut());
        assert_ne!(line.native(NativeKind::OciSession).unwrap(), first);
        line.close();
    });
}

#[test]
fn the_number_of_lines_follows_that_of_the_sessions() {
    in_own_process("drcp::the_number_of_lines_follows_that_of_the_sessions", &[], || {
        let mut eyes = Eyes::open();
        let driver = driver("");
        let mut lines: Vec<_> = (0..4).map(|_| line(driver.as_ref())).collect();
        assert_eq!(eyes.lines(), 4, "each connect authenticates");
        attach_any(lines[0].as_mut());
        lines[0].execute("select 1 from dual").unwrap();
        lines.pop().unwrap().close();
        assert_eq!(eyes.lines(), 3);
        // With a server attached the line goes, and nobody meets the session.
        lines.remove(0).close();
        assert_eq!((eyes.lines(), eyes.busy()), (2, 0));
        attach_any(lines[0].as_mut());
        lines[0].execute("select 1 from dual").unwrap();
        lines[0].pooled().unwrap().purge();
        assert_eq!(eyes.hits_and_misses(), (0, 2));
        lines.into_iter().for_each(|line| line.close());
        assert_eq!(eyes.lines(), 0);
        eyes.close();
    });
}

#[test]
fn everybody_has_lines_of_his_own() {
    in_own_process("drcp::everybody_has_lines_of_his_own", &[], || {
        let driver = driver("");
        let who = "select sys_context('userenv', 'session_user') from dual";
        let mut others = scott();
        others.user = Some("blake".to_owned());
        let mut proxied = scott();
        proxied.session_user = Some("clark".to_owned());
        for (identity, user) in [(scott(), "SCOTT"), (others, "BLAKE"), (proxied, "CLARK")] {
            let mut line = super::connect(driver.as_ref(), &identity).unwrap();
            for _ in 0..2 {
                attach_any(line.as_mut());
                assert_eq!(value(line.as_mut(), who), text(user));
                detach(line.as_mut(), None);
            }
            line.close();
        }
        let mut eyes = Eyes::open();
        assert_eq!(eyes.lines(), 0);
        eyes.close();
    });
}

#[test]
fn the_database_runs_the_fixup() {
    in_own_process("drcp::the_database_runs_the_fixup", &[], || {
        let mut eyes = Eyes::open();
        eyes.execute(SET_STATE);
        let driver = driver("");
        let mut line = line_with(driver.as_ref(), Some("set_state")).unwrap();
        assert!(line.pooled().unwrap().has_own_fixup());
        let wish = AttachWish { fixup: Some("set_state"), ..tagged("F=YYYY") };
        assert_eq!(attach(line.as_mut(), &wish).unwrap().tag.as_deref(), Some("F=YYYY"));
        assert_eq!(value(line.as_mut(), YEAR), text("2026"));
        detach(line.as_mut(), Some("F=YYYY"));
        let error = attach(line.as_mut(), &AttachWish { tag: Some("F=no"), ..wish }).unwrap_err();
        assert_eq!((error.code(), error.is_session_dead()), (56610, false), "{error}");
        assert!(!line.pooled().unwrap().is_attached() && eyes.busy() == 0);
        let other = AttachWish { fixup: Some("another"), ..wish };
        assert_eq!(attach(line.as_mut(), &other).unwrap_err().kind(), Kind::Unsupported);
        line.close();
        eyes.close();
    });
}

#[test]
fn a_wait_for_a_server_has_a_limit() {
    in_own_process("drcp::a_wait_for_a_server_has_a_limit", &[], || {
        let mut eyes = Eyes::open();
        let driver = driver("?drcp_maxsize=1");
        let (mut holder, mut waiter) = (line(driver.as_ref()), line(driver.as_ref()));
        attach_any(holder.as_mut());
        holder.execute("select 1 from dual").unwrap();
        let limit = Some(Duration::from_millis(50));
        for wish in [AttachWish { limit, ..AttachWish::default() }, AttachWish { limit, ..tagged("A=1") }] {
            let error = attach(waiter.as_mut(), &wish).unwrap_err();
            assert_eq!((error.code(), error.is_session_dead()), (3136, false), "{error}");
            assert!(!waiter.pooled().unwrap().is_attached());
        }
        detach(holder.as_mut(), None);
        // The attach that nobody waits for any more comes by a server, and gives it back.
        wait_until(|| eyes.hits_and_misses() == (1, 1) && eyes.busy() == 0);
        let at_once = AttachWish { limit: Some(Duration::ZERO), ..tagged("A=1") };
        attach(waiter.as_mut(), &at_once).unwrap();
        detach(waiter.as_mut(), Some("A=1"));
        holder.close();
        waiter.close();
        wait_until(|| eyes.lines() == 0);
        eyes.close();
    });
}

#[test]
fn a_server_that_is_dead_at_the_attach_costs_a_line() {
    let dead = [("ORAPOOL_STANDIN_FAULTS", "OCISessionGet:2:dead")];
    in_own_process("drcp::a_server_that_is_dead_at_the_attach_costs_a_line", &dead, || {
        let pool = pool("", &[(Attr::SessionsMin, 0), (Attr::SessionsMax, 2)], None);
        let wanted = tag("A=1");
        let (loan, _) = pool.get_with(&with_tag(&wanted)).unwrap();
        assert_eq!(loan.drcp_state().unwrap(), DrcpState::Explicit);
        assert_eq!((pool.stats().closed_dead, pool.stats().connects), (1, 2));
        loan.release().unwrap();
        pool.close(CloseMode::Default).unwrap();
    });
}

#[test]
fn a_broker_that_stops_refuses_the_next_attach() {
    in_own_process("drcp::a_broker_that_stops_refuses_the_next_attach", &[], || {
        let mut eyes = Eyes::open();
        let pool = pool("", &[(Attr::SessionsMin, 0), (Attr::SessionsMax, 2)], None);
        let loan = pool.get().unwrap();
        loan.execute("select 1 from dual").unwrap();
        eyes.execute("begin dbms_connection_pool.stop_pool; end;");
        assert!(loan.execute("select 1 from dual").unwrap_err().is_session_dead());
        loan.release().unwrap();
        assert_eq!(code(pool.get()), 12520);
        eyes.execute("begin dbms_connection_pool.start_pool; end;");
        let loan = pool.get().unwrap();
        loan.execute("select 1 from dual").unwrap();
        loan.release().unwrap();
        // A line that was cut while it was idle shows at the attach: OCI's pool makes another.
        eyes.execute("begin dbms_connection_pool.stop_pool; end;");
        let loan = pool.get().unwrap();
        assert_eq!(code(loan.execute("select 1 from dual")), 12520);
        eyes.execute("begin dbms_connection_pool.start_pool; end;");
        loan.execute("select 1 from dual").unwrap();
        loan.release().unwrap();
        pool.close(CloseMode::Default).unwrap();
        assert_eq!(eyes.lines(), 0);
        eyes.close();
    });
}

#[test]
fn a_pool_leaves_the_fixup_to_the_database() {
    in_own_process("drcp::a_pool_leaves_the_fixup_to_the_database", &[], || {
        let mut eyes = Eyes::open();
        eyes.execute(SET_STATE);
        let pool = pool("", &[(Attr::SessionsMin, 1), (Attr::SessionsMax, 2)], Some("set_state"));
        let (years, months, no) = (tag("F=YYYY"), tag("F=YYYY-MM"), tag("F=no"));
        let (loan, _) = pool.get_with(&with_tag(&years)).unwrap();
        assert!(loan.found());
        assert_eq!(loan.tag().unwrap(), Some(Arc::clone(&years)));
        assert_eq!(loan.query_value(YEAR).unwrap(), Some(text("2026")));
        loan.detach(None).unwrap();
        assert!(loan.attach(Some(&months)).unwrap());
        assert_eq!(loan.query_value(YEAR).unwrap(), Some(text("2026-01")));
        loan.detach(None).unwrap();
        assert_eq!(code(loan.attach(Some(&no))), 56610);
        assert_eq!(loan.drcp_state().unwrap(), DrcpState::Detached);
        loan.release().unwrap();
        assert_eq!(code(pool.get_with(&with_tag(&no))), 56610);
        let stats = pool.stats();
        // Of those that went well the database tells nothing.
        assert_eq!((stats.fixups, stats.fixup_failures), (2, 2));
        assert_eq!(eyes.lines(), 1);
        pool.close(CloseMode::Default).unwrap();
        assert_eq!(eyes.lines(), 0);
        eyes.close();
    });
}

#[test]
fn many_lines_get_along_with_two_servers() {
    in_own_process("drcp::many_lines_get_along_with_two_servers", &[], || {
        let mut eyes = Eyes::open();
        let pool = pool("?drcp_maxsize=2", &[(Attr::SessionsMin, 0), (Attr::SessionsMax, 16)], None);
        let wanted = tag("A=1");
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for round in 0..10 {
                        let loan = match round % 3 {
                            0 => pool.get_with(&with_tag(&wanted)).unwrap().0,
                            _ => pool.get().unwrap(),
                        };
                        loan.execute("select 1 from dual").unwrap();
                        loan.release().unwrap();
                    }
                });
            }
        });
        let stats = pool.stats();
        assert_eq!((stats.gets, stats.drcp_attaches), (160, 160));
        assert_eq!(eyes.busy(), 0);
        assert!(eyes.lines() <= 16);
        pool.close(CloseMode::Default).unwrap();
        wait_until(|| eyes.lines() == 0);
        eyes.close();
    });
}

#[test]
fn a_line_that_comes_too_late_is_ended() {
    in_own_process("drcp::a_line_that_comes_too_late_is_ended", &[], || {
        let driver = driver("?connect_delay_ms=300");
        let identity = scott();
        let request = ConnectRequest {
            identity: &identity,
            timeout: Some(Duration::from_millis(50)),
            statement_cache_size: 20,
            fixup: None,
            cancel: &Cancel::default(),
        };
        assert_eq!(driver.connect(&request).err().map(|error| error.code()), Some(12170));
        wait_until(|| threads_logging_on() == 0);
        let mut eyes = Eyes::open();
        assert_eq!(eyes.lines(), 0);
        eyes.close();
    });
}

#[test]
fn a_boundary_is_the_databases_and_refuses_tags() {
    in_own_process("drcp::a_boundary_is_the_databases_and_refuses_tags", &[], || {
        let mut eyes = Eyes::open();
        let pool = pool("?pool_boundary=statement", &[(Attr::SessionsMin, 0)], None);
        let wanted = tag("A=1");
        assert_eq!(
            pool.get_with(&with_tag(&wanted)).err().map(|error| error.kind()),
            Some(Kind::Unsupported)
        );
        let loan = pool.get().unwrap();
        for _ in 0..2 {
            loan.execute("select 1 from dual").unwrap();
            assert_eq!(eyes.busy(), 0, "the database took the server back");
        }
        loan.release().unwrap();
        pool.close(CloseMode::Default).unwrap();
        eyes.close();
    });
}
