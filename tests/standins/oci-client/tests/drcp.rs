//! Pooled servers: the line stays with OCI's pool while its server comes and goes.

mod support;

use oracle::Connection;
use oracle::conn::{CloseMode, Purity};
use oracle::pool::{GetMode, Pool, PoolBuilder, PoolOptions};

use support::{at, code, connect, start};

fn pool(name: &str, keys: &str, fixup: Option<&str>) -> Pool {
    let mut builder = PoolBuilder::new("scott", "tiger", at(&format!("{name}:pooled{keys}")));
    builder.min_connections(0).max_connections(8).connection_increment(1).get_mode(GetMode::NoWait);
    if let Some(fixup) = fixup {
        builder.plsql_fixup_callback(fixup);
    }
    builder.build().unwrap()
}

fn app() -> PoolOptions {
    PoolOptions::new().connection_class("APP")
}

fn number(session: &Connection, sql: &str) -> i64 {
    session.query_row_as(sql, &[]).unwrap()
}

fn busy(eyes: &Connection) -> i64 {
    number(eyes, "select num_busy_servers from v$cpool_stats")
}

#[test]
fn the_first_call_maps_a_server_and_the_release_gives_it_back() {
    let control = start();
    let eyes = connect("drcp-first");
    let pool = pool("drcp-first", "", None);
    let session = pool.get_with_options(&app()).unwrap();
    assert_eq!((busy(&eyes), number(&eyes, "select count(*) from v$cpool_conn_info")), (0, 1));
    assert_eq!(number(&session, "select 1 from dual"), 1);
    assert_eq!(busy(&eyes), 1);
    session.close().unwrap();
    assert_eq!((busy(&eyes), pool.open_count().unwrap()), (0, 1));
    assert_eq!(number(&eyes, "select count(*) from v$cpool_conn_info"), 1, "the line stays");
    let session = pool.get_with_options(&app()).unwrap();
    assert_eq!(number(&session, "select 2 from dual"), 2);
    session.close_with_mode(CloseMode::Drop).unwrap();
    assert_eq!(number(&eyes, "select count(*) from v$cpool_conn_info"), 0);
    assert_eq!(number(&eyes, "select num_hits from v$cpool_stats"), 1);
    drop(pool);
    eyes.close().unwrap();
    control.assert_clean();
}

#[test]
fn tags_and_purity_are_the_server_sessions() {
    let control = start();
    let pool = pool("drcp-tags", "", None);
    let german = || app().tag("LANG=de;TZ=UTC");
    let session = pool.get_with_options(&german()).unwrap();
    assert_eq!((session.tag(), session.tag_found()), ("", false));
    session.close_with_mode(CloseMode::Retag("LANG=de;TZ=UTC")).unwrap();
    // Another line would do as well: the one that there is has no server yet.
    let untagged = pool.get_with_options(&app()).unwrap();
    number(&untagged, "select 1 from dual");
    let session = pool.get_with_options(&app().tag("TZ=UTC;LANG=de")).unwrap();
    assert_eq!((session.tag(), session.tag_found()), ("LANG=de;TZ=UTC", true));
    session.close().unwrap();
    let fresh = pool.get_with_options(&german().purity(Purity::New)).unwrap();
    assert!(!fresh.tag_found());
    fresh.close().unwrap();
    let session = pool.get_with_options(&app().tag("LANG=de").match_any_tag(true)).unwrap();
    assert_eq!((session.tag(), session.tag_found()), ("LANG=de;TZ=UTC", true));
    session.close_with_mode(CloseMode::Retag("")).unwrap();
    assert!(!pool.get_with_options(&german()).unwrap().tag_found());
    untagged.close().unwrap();
    drop(pool);
    control.assert_clean();
}

#[test]
fn the_server_runs_the_fixup_when_the_tag_is_not_found() {
    let control = start();
    let eyes = connect("drcp-fixup");
    eyes.execute(
        "create procedure set_state(wanted in varchar2, actual in varchar2) is begin \
         if wanted = 'F=no' then raise_application_error(-20001, 'no'); end if; \
         execute immediate 'alter session set nls_date_format = ''' || substr(wanted, 3) || ''''; end;",
        &[],
    )
    .unwrap();
    let pool = pool("drcp-fixup", "", Some("set_state"));
    let session = pool.get_with_options(&app().tag("F=YYYY")).unwrap();
    assert_eq!((session.tag(), session.tag_found()), ("F=YYYY", true));
    assert_eq!(number(&session, "select length(to_char(sysdate)) from dual"), 4);
    session.close().unwrap();
    let error = pool.get_with_options(&app().tag("F=no")).unwrap_err();
    assert_eq!(error.db_error().unwrap().code(), 56610, "{error}");
    assert_eq!((busy(&eyes), pool.busy_count().unwrap()), (0, 0));
    drop(pool);
    eyes.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_line_that_the_broker_has_cut_is_no_longer_handed_out() {
    let control = start();
    let eyes = connect("drcp-cut");
    let pool = pool("drcp-cut", "", None);
    pool.get_with_options(&app()).unwrap().close().unwrap();
    eyes.execute("begin dbms_connection_pool.stop_pool; end;", &[]).unwrap();
    let error = pool.get_with_options(&app()).unwrap_err();
    assert_eq!(code(&error), 12520, "{error}");
    eyes.execute("begin dbms_connection_pool.start_pool; end;", &[]).unwrap();
    let session = pool.get_with_options(&app()).unwrap();
    assert_eq!(number(&session, "select 1 from dual"), 1);
    session.close().unwrap();
    drop(pool);
    eyes.close().unwrap();
    control.assert_clean();
}

#[test]
fn keys_are_those_of_the_engine_and_no_others() {
    let control = start();
    let pool = pool("drcp-keys", "?drcp_maxsize=1&pool_boundary=statement&call_delay_ms=1", None);
    let session = pool.get_with_options(&app()).unwrap();
    assert_eq!(number(&session, "select maximum from (select maxsize maximum from dba_cpool_info)"), 1);
    session.close().unwrap();
    drop(pool);
    for keys in ["?pool_purity=self", "?pool_connection_class=A", "?drcp_maxsize=x"] {
        let error = PoolBuilder::new("scott", "tiger", at(&format!("drcp-keys:pooled{keys}"))).build();
        assert_eq!(code(&error.map(drop).unwrap_err()), 12533, "{keys}");
    }
    control.assert_clean();
}
