//! DBMS_CONNECTION_POOL: the broker's pools.

use std::time::Duration;

use super::{Builtin, BuiltinFormal, NUMBER, TEXT, integer, optional, required, text};
use crate::broker::fold_pool;
use crate::error::{Error, Result};
use crate::plsql::value::Value;
use crate::server_session::ServerSession;

const PACKAGE_NAME: &str = "DBMS_CONNECTION_POOL";

/// The parameters of CONFIGURE_POOL behind the pool's name, in the order of the broker's table.
const fn configuration(pool: BuiltinFormal) -> [BuiltinFormal; 12] {
    [
        pool,
        optional("MINSIZE", NUMBER),
        optional("MAXSIZE", NUMBER),
        optional("INCRSIZE", NUMBER),
        optional("SESSION_CACHED_CURSORS", NUMBER),
        optional("INACTIVITY_TIMEOUT", NUMBER),
        optional("MAX_THINK_TIME", NUMBER),
        optional("MAX_USE_SESSION", NUMBER),
        optional("MAX_LIFETIME_SESSION", NUMBER),
        optional("MAX_TXN_THINK_TIME", NUMBER),
        optional("NUM_CBROK", NUMBER),
        optional("MAXCONN_CBROK", NUMBER),
    ]
}

static CONFIGURE: [BuiltinFormal; 12] = configuration(optional("POOL_NAME", TEXT));
static ADD: [BuiltinFormal; 12] = configuration(required("POOL_NAME", TEXT));

pub(super) static PACKAGE: [Builtin; 7] = [
    Builtin {
        package: PACKAGE_NAME,
        name: "START_POOL",
        formals: &[optional("POOL_NAME", TEXT)],
        returns: None,
        body: |session, arguments| done(session.inner.broker.start(&pool(session, arguments)?)),
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "STOP_POOL",
        formals: &[optional("POOL_NAME", TEXT), optional("DRAINTIME", NUMBER)],
        returns: None,
        body: stop,
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "CONFIGURE_POOL",
        formals: &CONFIGURE,
        returns: None,
        body: |session, arguments| {
            let values = values(session, arguments)?;
            done(session.inner.broker.configure(&pool(session, arguments)?, &values))
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "ALTER_PARAM",
        formals: &[optional("POOL_NAME", TEXT), required("PARAM_NAME", TEXT), required("PARAM_VALUE", TEXT)],
        returns: None,
        body: |session, arguments| {
            let name = text(session, arguments, 1)?.unwrap_or_default();
            let value = text(session, arguments, 2)?.unwrap_or_default();
            done(session.inner.broker.alter(&pool(session, arguments)?, &name, &value))
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "RESTORE_DEFAULTS",
        formals: &[optional("POOL_NAME", TEXT)],
        returns: None,
        body: |session, arguments| done(session.inner.broker.configure(&pool(session, arguments)?, &[])),
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "ADD_POOL",
        formals: &ADD,
        returns: None,
        body: |session, arguments| {
            let values = values(session, arguments)?;
            done(session.inner.broker.add(&pool(session, arguments)?, &values))
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "REMOVE_POOL",
        formals: &[required("POOL_NAME", TEXT)],
        returns: None,
        body: |session, arguments| {
            let pool = pool(session, arguments)?;
            check_not_own(session, &pool)?;
            done(session.inner.broker.remove(&pool))
        },
    },
];

fn done(outcome: Result<()>) -> Result<Value> {
    outcome.map(|()| Value::NULL)
}

fn pool(session: &ServerSession, arguments: &[Value]) -> Result<String> {
    Ok(fold_pool(text(session, arguments, 0)?.as_deref()))
}

fn values(session: &ServerSession, arguments: &[Value]) -> Result<Vec<Option<i64>>> {
    (1..arguments.len()).map(|index| integer(session, arguments, index)).collect()
}

fn stop(session: &mut ServerSession, arguments: &mut [Value]) -> Result<Value> {
    let pool = pool(session, arguments)?;
    check_not_own(session, &pool)?;
    let seconds = integer(session, arguments, 1)?.unwrap_or(0);
    let drain = u64::try_from(seconds).map_err(|_| not_stopped(&pool, "the drain time is negative"))?;
    done(session.inner.broker.stop(&pool, Duration::from_secs(drain)))
}

/// A session can not end itself in the middle of its own call.
fn check_not_own(session: &ServerSession, pool: &str) -> Result<()> {
    if session.inner.broker.has_session(pool, session.serial()) {
        return Err(not_stopped(pool, "it is asked over one of its own servers"));
    }
    Ok(())
}

fn not_stopped(pool: &str, why: &str) -> Error {
    Error::new(56506, format_args!("DRCP: failed to stop connection pool {pool}: {why}"))
}
