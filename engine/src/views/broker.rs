//! Views of the broker: its pools, their classes and the connections that came through it.

use super::{DictionaryView, Rows, number, optional, text};
use crate::broker::{Counts, LineStatus, PoolFacts};
use crate::datum::{Datum, Type};
use crate::error::Result;
use crate::log_on::Purity;
use crate::shared::SessionContext;

pub(super) const VIEWS: &[DictionaryView] = &[
    DictionaryView {
        name: "V$CPOOL_STATS",
        columns: &[
            ("POOL_NAME", Type::Text),
            ("NUM_OPEN_SERVERS", Type::Number),
            ("NUM_BUSY_SERVERS", Type::Number),
            ("NUM_AUTH_SERVERS", Type::Number),
            ("NUM_REQUESTS", Type::Number),
            ("NUM_HITS", Type::Number),
            ("NUM_MISSES", Type::Number),
            ("NUM_WAITS", Type::Number),
            ("WAIT_TIME", Type::Number),
            ("CLIENT_REQ_TIMEOUTS", Type::Number),
            ("NUM_AUTHENTICATIONS", Type::Number),
            ("NUM_PURGED", Type::Number),
            ("HISTORIC_MAX", Type::Number),
            ("CON_ID", Type::Number),
        ],
        rows: |context| Ok(pools(context)?.iter().map(pool_row).collect()),
    },
    DictionaryView {
        name: "V$CPOOL_CC_STATS",
        columns: &[
            ("CCLASS_NAME", Type::Text),
            ("NUM_REQUESTS", Type::Number),
            ("NUM_HITS", Type::Number),
            ("NUM_MISSES", Type::Number),
            ("NUM_WAITS", Type::Number),
            ("WAIT_TIME", Type::Number),
            ("CLIENT_REQ_TIMEOUTS", Type::Number),
            ("NUM_AUTHENTICATIONS", Type::Number),
            ("CON_ID", Type::Number),
        ],
        rows: |context| {
            each_class(context, |_, class, counts| {
                let mut row = vec![text(class)];
                row.extend(counters(counts));
                row.extend([number(0), number(0), count(counts.authentications), number(0)]);
                row
            })
        },
    },
    DictionaryView {
        name: "V$CPOOL_CC_INFO",
        columns: &[("POOL_NAME", Type::Text), ("CCLASS_NAME", Type::Text), ("CON_ID", Type::Number)],
        rows: |context| each_class(context, |pool, class, _| vec![text(&pool.name), text(class), number(0)]),
    },
    DictionaryView {
        name: "V$CPOOL_CONN_INFO",
        columns: &[
            ("CMON_ADDR", Type::Text),
            ("SESSION_ADDR", Type::Text),
            ("CONNECTION_ADDR", Type::Text),
            ("USERNAME", Type::Text),
            ("PROXY_USER", Type::Text),
            ("CCLASS_NAME", Type::Text),
            ("PURITY", Type::Text),
            ("TAG", Type::Text),
            ("SERVICE", Type::Text),
            ("PROCESS_ID", Type::Text),
            ("PROGRAM", Type::Text),
            ("MACHINE", Type::Text),
            ("TERMINAL", Type::Text),
            ("CONNECTION_MODE", Type::Number),
            ("CONNECTION_STATUS", Type::Text),
            ("CLIENT_REGID", Type::Number),
            ("CURSTATUS_TIME", Type::Number),
            ("NUMGETS", Type::Number),
            ("POOL_NAME", Type::Text),
            ("CON_ID", Type::Number),
        ],
        rows: connections,
    },
    DictionaryView {
        name: "DBA_CPOOL_INFO",
        columns: &[
            ("CONNECTION_POOL", Type::Text),
            ("STATUS", Type::Text),
            ("MINSIZE", Type::Number),
            ("MAXSIZE", Type::Number),
            ("INCRSIZE", Type::Number),
            ("SESSION_CACHED_CURSORS", Type::Number),
            ("INACTIVITY_TIMEOUT", Type::Number),
            ("MAX_THINK_TIME", Type::Number),
            ("MAX_USE_SESSION", Type::Number),
            ("MAX_LIFETIME_SESSION", Type::Number),
            ("NUM_CBROK", Type::Number),
            ("MAXCONN_CBROK", Type::Number),
            ("MAX_TXN_THINK_TIME", Type::Number),
            ("CON_ID", Type::Number),
        ],
        rows: |context| Ok(pools(context)?.iter().map(configuration).collect()),
    },
];

fn pools(context: &SessionContext) -> Result<Vec<PoolFacts>> {
    Ok(context.instance()?.broker.pools())
}

fn count(value: u64) -> Datum {
    number(i64::try_from(value).unwrap_or(i64::MAX))
}

/// Requests, hits, misses and waits.
fn counters(counts: &Counts) -> [Datum; 4] {
    [count(counts.hits + counts.misses), count(counts.hits), count(counts.misses), count(counts.waits)]
}

fn pool_row(pool: &PoolFacts) -> Vec<Datum> {
    // Whoever logs on is authenticated in the caller's own thread: there are no servers for that.
    let mut row = vec![text(&pool.name), count(pool.open), count(pool.busy), number(0)];
    row.extend(counters(&pool.totals));
    row.extend([number(0), number(0), count(pool.totals.authentications)]);
    row.extend([count(pool.purged), count(pool.most_open), number(0)]);
    row
}

fn each_class(
    context: &SessionContext,
    row: impl Fn(&PoolFacts, &str, &Counts) -> Vec<Datum>,
) -> Result<Rows> {
    let mut rows = Vec::new();
    for pool in pools(context)? {
        for ((user, class), counts) in &pool.classes {
            rows.push(row(&pool, &format!("{user}.{class}"), counts));
        }
    }
    Ok(rows)
}

fn connections(context: &SessionContext) -> Result<Rows> {
    let service = context.instance()?.name.clone();
    let process = std::process::id().to_string();
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned());
    let mut rows = Vec::new();
    for pool in pools(context)? {
        for line in &pool.lines {
            let mut row = connection(line);
            row.extend([text(&service), text(&process), text(&line.facts.client.driver_name)]);
            row.extend([text(&host), text(&host), number(0), text(line.status), number(0)]);
            row.extend([count(line.seconds), count(line.attaches), text(&pool.name), number(0)]);
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The columns that tell who it is and what it has. Serial# and numbers stand for addresses.
fn connection(line: &LineStatus) -> Vec<Datum> {
    let facts = &line.facts;
    let session = line.serial.map(|serial| format!("{serial:016X}"));
    vec![
        text("00"),
        optional(session.as_deref()),
        Datum::text(format!("{:016X}", facts.number)),
        text(&facts.user),
        optional(facts.client.proxy_user.as_deref()),
        Datum::text(format!("{}.{}", facts.user, facts.class)),
        text(if facts.purity == Purity::New { "NEW" } else { "SELF" }),
        optional(line.tag.as_deref()),
    ]
}

fn configuration(pool: &PoolFacts) -> Vec<Datum> {
    let config = &pool.config;
    let seconds = |milliseconds: u64| count(milliseconds / 1000);
    vec![
        text(&pool.name),
        text(if pool.active { "ACTIVE" } else { "INACTIVE" }),
        count(config.minsize),
        count(config.maxsize),
        count(config.incrsize),
        count(config.session_cached_cursors),
        seconds(config.inactivity_timeout),
        seconds(config.max_think_time),
        count(config.max_use_session),
        seconds(config.max_lifetime_session),
        count(config.num_cbrok),
        count(config.maxconn_cbrok),
        seconds(config.max_txn_think_time),
        number(0),
    ]
}
