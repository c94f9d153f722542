//! OCI's session pool: get, give back, drop, limits, credentials.

mod support;

use oracle::pool::{CloseMode, GetMode, Pool, PoolBuilder, PoolOptions, PoolType};
use oracle::{Connection, conn};

use support::{at, code, start};

fn sid(session: &Connection) -> u32 {
    session.query_row_as("select sys_context('userenv', 'sid') from dual", &[]).unwrap()
}

fn pool(name: &str, max: u32, get_mode: GetMode) -> Pool {
    PoolBuilder::new("scott", "tiger", at(name))
        .min_connections(0)
        .max_connections(max)
        .connection_increment(1)
        .get_mode(get_mode)
        .build()
        .unwrap()
}

#[test]
fn a_session_is_kept_when_given_back_and_gone_when_dropped() {
    let control = start();
    let pool = pool("pool-keep", 2, GetMode::NoWait);
    assert_eq!(pool.open_count().unwrap(), 0);
    let first = pool.get().unwrap();
    let first_sid = sid(&first);
    assert_eq!((pool.open_count().unwrap(), pool.busy_count().unwrap()), (1, 1));
    first.close().unwrap();
    assert_eq!((pool.open_count().unwrap(), pool.busy_count().unwrap()), (1, 0));
    let again = pool.get().unwrap();
    assert_eq!(sid(&again), first_sid);
    again.close_with_mode(conn::CloseMode::Drop).unwrap();
    assert_eq!(pool.open_count().unwrap(), 0);
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}

#[test]
fn a_full_pool_refuses_or_waits_or_grows() {
    let control = start();
    for (mode, expected) in
        [(GetMode::NoWait, 24496), (GetMode::TimedWait(std::time::Duration::from_millis(5)), 24457)]
    {
        let pool = pool("pool-full", 1, mode);
        let only = pool.get().unwrap();
        assert_eq!(code(&pool.get().unwrap_err()), expected);
        only.close().unwrap();
        pool.get().unwrap().close().unwrap();
        pool.close(&CloseMode::Default).unwrap();
    }
    let pool = pool("pool-full", 1, GetMode::Wait);
    let only = pool.get().unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| pool.get().unwrap().close().unwrap());
        only.close().unwrap();
        waiter.join().unwrap();
    });
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}

#[test]
fn a_pool_that_is_busy_closes_only_by_force() {
    let control = start();
    let pool = pool("pool-busy", 1, GetMode::NoWait);
    let session = pool.get().unwrap();
    assert_eq!(code(&pool.close(&CloseMode::Default).unwrap_err()), 24422);
    session.execute("begin null; end;", &[]).unwrap();
    pool.close(&CloseMode::Force).unwrap();
    drop(session);
    control.assert_clean();
}

#[test]
fn a_heterogeneous_pool_has_sessions_of_many() {
    let control = start();
    let pool = PoolBuilder::new("scott", "tiger", at("pool-many"))
        .max_connections(3)
        .pool_type(PoolType::Heterogeneous)
        .build()
        .unwrap();
    let user = |options: &PoolOptions| {
        let session = pool.get_with_options(options).unwrap();
        let user: String = session.query_row_as("select user from dual", &[]).unwrap();
        let sid = sid(&session);
        session.close().unwrap();
        (user, sid)
    };
    let (scott, first) = user(&PoolOptions::new());
    let (blake, other) = user(&PoolOptions::new().username("blake").password("secret"));
    assert_eq!((scott.as_str(), blake.as_str()), ("SCOTT", "BLAKE"));
    assert_ne!(first, other);
    assert_eq!(user(&PoolOptions::new().username("Blake").password("secret")), (blake, other));
    // Without a password the pool's own user is the proxy.
    let (proxied, third) = user(&PoolOptions::new().username("blake"));
    assert!(proxied == "BLAKE" && third != other);
    let wrong = PoolOptions::new().username("blake").password("wrong");
    assert_eq!(user(&PoolOptions::new()), (scott, first));
    // The idle session of another session's user is no way in.
    let error = pool.get_with_options(&wrong).map(|session| sid(&session));
    assert!(matches!(&error, Err(error) if code(error) == 1017), "{error:?}");
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}

#[test]
fn tags_are_refused_by_name() {
    let control = start();
    let pool = pool("pool-tags", 1, GetMode::NoWait);
    let error = pool.get_with_options(&PoolOptions::new().tag("A=B")).unwrap_err();
    assert_eq!(code(&error), 3001, "{error}");
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}

#[test]
fn many_threads_share_a_few_sessions() {
    let control = start();
    let pool = pool("pool-threads", 3, GetMode::Wait);
    pool.get().unwrap().execute("create table t (n number)", &[]).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8i64 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..25i64 {
                    let session = pool.get().unwrap();
                    session.execute("insert into t values (:1)", &[&(thread * 100 + round)]).unwrap();
                    if round % 5 == 0 {
                        session.commit().unwrap();
                    }
                    match round % 4 {
                        0 => session.close_with_mode(conn::CloseMode::Drop).unwrap(),
                        1 => drop(session),
                        _ => session.close().unwrap(),
                    }
                }
            });
        }
    });
    let session = pool.get().unwrap();
    assert_eq!(session.query_row_as::<i64>("select count(*) from t", &[]).unwrap(), 8 * 5);
    session.close().unwrap();
    assert_eq!(pool.busy_count().unwrap(), 0);
    assert!(pool.open_count().unwrap() <= 3);
    pool.close(&CloseMode::Default).unwrap();
    control.assert_clean();
}
