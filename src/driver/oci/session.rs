//! A session, on a server of its own or on pooled ones.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use oracle::Connection;
use oracle::oci_attr::TransactionInProgress;

use crate::driver::oci::attributes;
use crate::driver::oci::columns::Discarded;
use crate::driver::oci::errors::warning_of;
use crate::driver::oci::line::Line;
use crate::driver::oci::pooled::Servers;
use crate::driver::oci::seat::Seat;
use crate::driver::oci::statement::OciStatement;
use crate::driver::{Breaker, NativeKind, PooledSession, Session, Statement};
use crate::error::Error;

/// Ways to learn one's own SID and serial number, those that need the least rights first. The functions of
/// DBMS_DEBUG_JDWP are for everybody unless somebody has revoked that; V$SESSION has to be granted.
const WHO_AM_I: [&str; 2] = [
    "select dbms_debug_jdwp.current_session_id, dbms_debug_jdwp.current_session_serial from dual",
    "select sid, serial# from v$session where sid = sys_context('userenv', 'sid')",
];

pub(super) struct OciSession {
    seat: Arc<Seat>,
    /// With servers that come and go.
    servers: Option<Servers>,
    warning: Option<Error>,
}

/// What the log-on was warned of. Asked for at once: the first statement overwrites it.
pub(super) fn log_on_warning(line: &Line) -> Option<Error> {
    line.connection().last_warning().map(|warning| warning_of(&warning))
}

impl OciSession {
    /// A session on a server of its own.
    pub(super) fn dedicated(line: Line) -> Result<OciSession, Error> {
        let warning = log_on_warning(&line);
        let seat = Arc::new(Seat::default());
        seat.put(line)?;
        Ok(OciSession { seat, servers: None, warning })
    }

    /// A session without a server as yet.
    pub(super) fn pooled(servers: Servers, warning: Option<Error>) -> OciSession {
        OciSession { seat: Arc::clone(servers.seat()), servers: Some(servers), warning }
    }

    fn ask_ids(line: &Line) -> Result<(u32, u32), Error> {
        let mut last = None;
        for query in WHO_AM_I {
            match line.call(|connection| connection.query_row_as::<(u32, u32)>(query, &[])) {
                Ok(ids) => return Ok(ids),
                // These would meet the second question as well.
                Err(error) if error.is_session_dead() || matches!(error.code(), 1013 | 3136) => {
                    return Err(error);
                }
                Err(error) => last = Some(error),
            }
        }
        let text = "the session's SID and serial number can not be told: its user may neither execute DBMS_DEBUG_JDWP nor \
                    read V$SESSION";
        let error = Error::unsupported(text);
        Err(last.into_iter().fold(error, Error::caused_by))
    }
}

/// OCI counts whole milliseconds, of which 0 would be no limit, in 32 bits. Rounded up: what ends just before its caller's
/// deadline leaves time that is too short for anything.
pub(super) fn in_milliseconds(limit: Duration) -> Duration {
    let whole = limit.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u32::try_from(whole).unwrap_or(u32::MAX).into())
}

fn execute(connection: &Connection, sql: &str) -> oracle::Result<u64> {
    let mut statement = connection.statement(sql).build()?;
    if !statement.is_query() {
        statement.execute(&[])?;
        return if statement.is_dml() { statement.row_count() } else { Ok(0) };
    }
    let mut rows = 0;
    for row in statement.into_result_set::<Discarded>(&[])? {
        row?;
        rows += 1;
    }
    Ok(rows)
}

impl Session for OciSession {
    fn warning(&mut self) -> Option<Error> {
        self.warning.take()
    }

    fn ids(&mut self) -> Result<(u32, u32), Error> {
        let line = self.seat.line()?;
        if let Some(ids) = line.ids.get() {
            return Ok(*ids);
        }
        let ids = Self::ask_ids(&line)?;
        Ok(*line.ids.get_or_init(|| ids))
    }

    fn execute(&mut self, sql: &str) -> Result<u64, Error> {
        self.seat.line()?.call(|connection| execute(connection, sql))
    }

    fn prepare(&mut self, sql: &str) -> Result<Box<dyn Statement>, Error> {
        Ok(Box::new(OciStatement::prepare(&self.seat, sql)?))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.seat.now().map_or(Ok(()), |line| line.call(Connection::commit))
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.seat.now().map_or(Ok(()), |line| line.call(Connection::rollback))
    }

    /// OCI's ping has no limit of its own, so the call timeout lends it one. Oracle clients before 18 have none: there
    /// it takes as long as it takes. Without a pooled server there is nothing to ask: a ping would take one.
    fn ping(&mut self, limit: Option<Duration>) -> Result<(), Error> {
        let Some(line) = self.seat.now() else { return Ok(()) };
        let own = self.seat.call_timeout();
        let limit = limit.map(in_milliseconds).filter(|limit| own.is_none_or(|own| *limit < own));
        let is_limited = limit.is_some() && line.limit_calls(limit).is_ok();
        let result = line.call(Connection::ping);
        if is_limited && result.is_ok() {
            line.limit_calls(own)?;
        } else if is_limited {
            // The ping's error says more.
            let _ = line.limit_calls(own);
        }
        result
    }

    fn set_call_timeout(&mut self, limit: Option<Duration>) -> Result<(), Error> {
        self.seat.set_call_timeout(limit.map(in_milliseconds))
    }

    fn in_transaction(&mut self) -> bool {
        // Where OCI can not tell, a rollback too many does no harm.
        let is_open = |line: Arc<Line>| line.connection().oci_attr::<TransactionInProgress>().unwrap_or(true);
        self.seat.now().is_some_and(is_open)
    }

    fn is_dead(&mut self) -> bool {
        self.seat.now().is_some_and(|line| line.is_lost())
    }

    fn breaker(&self) -> Arc<dyn Breaker> {
        Arc::new(OciBreaker(Arc::clone(&self.seat)))
    }

    fn native(&mut self, kind: NativeKind) -> Result<NonZeroUsize, Error> {
        attributes::native(self.seat.line()?.connection(), kind)
    }

    fn pooled(&mut self) -> Option<&mut dyn PooledSession> {
        self.servers.as_mut().map(|servers| servers as &mut dyn PooledSession)
    }

    fn close(self: Box<Self>) {
        match self.servers {
            Some(servers) => servers.close(),
            None => self.seat.take().iter().for_each(|line| line.close()),
        }
    }
}

struct OciBreaker(Arc<Seat>);

impl Breaker for OciBreaker {
    fn break_call(&self) -> Result<(), Error> {
        self.0.now().map_or(Ok(()), |line| line.break_call())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_rounded_up_to_what_oci_counts() {
        let milliseconds = |nanoseconds| in_milliseconds(Duration::from_nanos(nanoseconds)).as_millis();
        assert_eq!([0, 1, 1_000_000, 1_000_001].map(milliseconds), [1, 1, 1, 2]);
        assert_eq!(in_milliseconds(Duration::MAX).as_millis(), u128::from(u32::MAX));
    }
}
