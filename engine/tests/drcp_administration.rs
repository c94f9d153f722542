//! DBMS_CONNECTION_POOL, the configuration, and the views of the broker.

mod support;

use orapool_engine::{Error, Instance, LogOn, Pooled, Session};
use support::{check_errors, drcp, get, instance, log_on, run};

const CONFIGURATION: &str = "select status, minsize, maxsize, incrsize, session_cached_cursors, inactivity_timeout, max_think_time, \
     max_use_session, max_lifetime_session, num_cbrok, maxconn_cbrok, max_txn_think_time from dba_cpool_info \
     where connection_pool = 'SYS_DEFAULT_CONNECTION_POOL'";
const DEFAULTS: &str = "ACTIVE|4|40|2|20|300|120|500000|86400|1|40000|0";

fn through(instance: &Instance, pool: &str) -> Result<Session, Error> {
    let mut wish = LogOn::with_password("scott", "tiger");
    wish.pooled = Some(Pooled { pool: Some(pool), ..Pooled::default() });
    instance.log_on(&wish)
}

#[test]
fn the_default_pool_is_started() {
    let instance = instance();
    let mut session = log_on(&instance);
    assert_eq!(get(&mut session, CONFIGURATION), DEFAULTS);
    let stats = "select pool_name, num_open_servers, num_busy_servers, num_auth_servers, num_requests, historic_max from v$cpool_stats";
    assert_eq!(get(&mut session, stats), "SYS_DEFAULT_CONNECTION_POOL|4|0|0|0|4");
}

#[test]
fn configuring() {
    let instance = instance();
    let mut session = log_on(&instance);
    run(&mut session, &["begin dbms_connection_pool.alter_param('', 'MAX_THINK_TIME', '1200'); end;"]);
    assert_eq!(get(&mut session, "select max_think_time from dba_cpool_info"), "1200");
    run(
        &mut session,
        &["begin dbms_connection_pool.alter_param(param_name => 'minsize', param_value => '10'); end;"],
    );
    assert_eq!(get(&mut session, "select minsize, max_think_time from dba_cpool_info"), "10|1200");
    assert_eq!(get(&mut session, "select num_open_servers from v$cpool_stats"), "10");
    run(&mut session, &["begin dbms_connection_pool.configure_pool(maxsize => 7, minsize => 3); end;"]);
    assert_eq!(
        get(&mut session, CONFIGURATION),
        "ACTIVE|3|7|2|20|300|120|500000|86400|1|40000|0",
        "the others are set to their defaults"
    );
    run(
        &mut session,
        &[
            "call dbms_connection_pool.configure_pool('sys_default_connection_pool', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)",
        ],
    );
    assert_eq!(get(&mut session, CONFIGURATION), "ACTIVE|1|2|3|4|5|6|7|8|10|11|9");
    run(&mut session, &["call dbms_connection_pool.restore_defaults()"]);
    assert_eq!(get(&mut session, CONFIGURATION), DEFAULTS);
    check_errors(
        &mut session,
        &[
            ("begin dbms_connection_pool.start_pool('nowhere'); end;", 56500),
            ("begin dbms_connection_pool.stop_pool('nowhere'); end;", 56500),
            ("begin dbms_connection_pool.configure_pool('nowhere'); end;", 56500),
            ("begin dbms_connection_pool.alter_param('nowhere', 'MINSIZE', '1'); end;", 56500),
            ("begin dbms_connection_pool.alter_param('', 'SIZE', '1'); end;", 56504),
            ("begin dbms_connection_pool.alter_param('', 'MINSIZE', 'x'); end;", 56505),
            ("begin dbms_connection_pool.alter_param('', 'MINSIZE', '-1'); end;", 56505),
            ("begin dbms_connection_pool.alter_param('', 'MINSIZE', '41'); end;", 56505),
            ("begin dbms_connection_pool.alter_param('', 'MAXSIZE', '0'); end;", 56505),
            ("begin dbms_connection_pool.configure_pool(minsize => 5, maxsize => 4); end;", 56507),
            ("begin dbms_connection_pool.configure_pool(num_cbrok => 2147483647); end;", 56507),
            ("begin dbms_connection_pool.stop_pool(draintime => -1); end;", 56506),
            ("begin dbms_connection_pool.remove_pool('sys_default_connection_pool'); end;", 56507),
        ],
    );
    assert_eq!(get(&mut session, CONFIGURATION), DEFAULTS);
    let mut pooled = drcp(&instance, None);
    check_errors(&mut pooled, &[("begin dbms_connection_pool.stop_pool(); end;", 56506)]);
}

#[test]
fn configuring_from_outside() {
    let instance = instance();
    let code = |params: &[(&str, i64)]| instance.configure_broker(params).expect_err("refused").code();
    assert_eq!(code(&[("minsize", 1), ("size", 1)]), 56504);
    assert_eq!(code(&[("minsize_ms", 1)]), 56504);
    assert_eq!(code(&[("minsize", 1), ("incrsize", 0)]), 56505);
    assert_eq!(code(&[("maxsize", 3)]), 56507);
    assert_eq!(get(&mut log_on(&instance), CONFIGURATION), DEFAULTS, "all or nothing");
    instance.configure_broker(&[("inactivity_timeout", 7), ("max_think_time_ms", 2500)]).expect("configure");
    let times = "select inactivity_timeout, max_think_time from dba_cpool_info";
    assert_eq!(get(&mut log_on(&instance), times), "7|2");
}

#[test]
fn the_limit_of_connections() {
    let instance = instance();
    instance.configure_broker(&[("connection_limit", 2)]).expect("configure");
    let first = drcp(&instance, None);
    let _second = drcp(&instance, None);
    assert_eq!(through(&instance, "sys_default_connection_pool").expect_err("one too many").code(), 56614);
    drop(log_on(&instance));
    drop(first);
    assert!(through(&instance, "sys_default_connection_pool").is_ok());
}

#[test]
fn other_pools() {
    let instance = instance();
    let mut session = log_on(&instance);
    assert_eq!(through(&instance, "p1").expect_err("no such pool").code(), 56500);
    run(&mut session, &["begin dbms_connection_pool.add_pool('P1', minsize => 1, maxsize => 2); end;"]);
    check_errors(&mut session, &[("begin dbms_connection_pool.add_pool('p1'); end;", 56507)]);
    assert_eq!(through(&instance, "p1").expect_err("not started").code(), 12520);
    run(&mut session, &["begin dbms_connection_pool.start_pool('p1'); end;"]);
    let (mut one, mut other) = (through(&instance, "p1").expect("log-on"), drcp(&instance, None));
    run(&mut one, &["begin null; end;"]);
    one.detach().expect("detach");
    run(&mut other, &["begin null; end;"]);
    assert!(other.last_attach_is_new(), "pools share nothing");
    assert_eq!(
        get(&mut session, "select pool_name, cclass_name from v$cpool_cc_info order by 1"),
        "P1|SCOTT.SHARED;SYS_DEFAULT_CONNECTION_POOL|SCOTT.SHARED"
    );
    assert_eq!(
        get(&mut session, "select pool_name, num_requests, num_open_servers from v$cpool_stats order by 1"),
        "P1|1|1;SYS_DEFAULT_CONNECTION_POOL|1|4"
    );
    check_errors(&mut session, &[("begin dbms_connection_pool.remove_pool('p1'); end;", 56506)]);
    drop(one);
    run(&mut session, &["begin dbms_connection_pool.remove_pool('p1'); end;"]);
    assert_eq!(get(&mut session, "select count(*) from dba_cpool_info"), "1");
}

#[test]
fn connections_and_sessions() {
    let instance = instance();
    let mut watcher = log_on(&instance);
    let mut session = drcp(&instance, Some("C"));
    let shown =
        "select username, cclass_name, purity, tag, connection_status, numgets from v$cpool_conn_info";
    assert_eq!(get(&mut watcher, shown), "SCOTT|SCOTT.C|SELF|NULL|IDLE|0");
    session.attach(&Default::default()).expect("attach");
    session.set_server_tag(Some("t"));
    assert_eq!(get(&mut watcher, shown), "SCOTT|SCOTT.C|SELF|t|ACTIVE|1");
    let servers = "select server, status from v$session order by server";
    assert_eq!(get(&mut watcher, servers), "DEDICATED|ACTIVE;POOLED|INACTIVE");
    session.detach().expect("detach");
    assert_eq!(get(&mut watcher, shown), "SCOTT|SCOTT.C|SELF|NULL|IDLE|1");
    assert_eq!(get(&mut watcher, servers), "DEDICATED|ACTIVE;POOLED|INACTIVE", "the session stays");
    drop(session);
    assert_eq!(get(&mut watcher, shown), "");
}

#[test]
fn a_class_has_its_limit() {
    let mut wish = LogOn::with_password("scott", "tiger");
    let class = "x".repeat(1019);
    wish.connection_class = Some(&class);
    wish.pooled = Some(Pooled::default());
    assert_eq!(instance().log_on(&wish).expect_err("too long").code(), 56604);
    wish.connection_class = Some(&class[1..]);
    assert_eq!(instance().log_on(&wish).expect("log-on").connection_class().map(str::len), Some(1018));
}
