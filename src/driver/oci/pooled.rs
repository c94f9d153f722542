//! Pooled servers (DRCP). Between the attaches a session has no connection: its line rests with OCI's session pool, from
//! which an attach gets one and to which a detach gives it back.
//!
//! Which of its lines OCI's pool gives does not matter: user and connection class are the same, and tag and state belong to
//! the server's session.
//!
//! **What the client can not tell:** whether an attach came upon another session of the database than the one before. Each
//! attach but the first counts as a change. Nor whether the server's session was built for the attach. New is one without a
//! tag for which OCI's pool made a line, or which a get with purity NEW gave, or which is the first that a line of ours meets.
//! So a session callback may miss a session that the database has just built; tags and a fix-up procedure do not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use oracle::Version;

use crate::driver::oci::line::{LOG_OFF_LIMIT, Line};
use crate::driver::oci::lines::{end_surplus, new_line};
use crate::driver::oci::log_on::{Factory, Order, Source, Wish};
use crate::driver::oci::patience::{Errand, Patience};
use crate::driver::oci::seat::Seat;
use crate::driver::oci::session::{in_milliseconds, log_on_warning};
use crate::driver::{AttachWish, Attached, Cancel, ConnectRequest, PooledSession, ServerPurity};
use crate::error::Error;

/// What an attach may take that is not to wait for a server: OCI can not be asked whether one is free, and even the
/// answer of a free one takes a round trip, in which a session may have to be built.
const AT_ONCE: Duration = Duration::from_millis(500);

/// From this release of the client on, every tag is a list of properties to the crate `oracle`.
const PROPERTIES_ONLY_SINCE: Version = Version::new(12, 2, 0, 0, 0);

/// The servers that one session has, one after the other.
pub(super) struct Servers {
    source: Arc<Source>,
    seat: Arc<Seat>,
    /// What the server's session said of its state when it was attached.
    tag: Option<String>,
    /// The line is new, and nothing was attached to it yet.
    is_fresh: bool,
    attaches: u64,
}

/// Opens a line to the pooled servers: authenticates, and gives the line to OCI's pool. Also what the log-on was warned of.
pub(super) fn open(
    factory: &Arc<Factory>,
    request: &ConnectRequest<'_>,
) -> Result<(Servers, Option<Error>), Error> {
    let order = Order::of(request);
    let patience = Patience {
        errand: Errand::LogOn,
        connect_string: factory.connect_string(),
        limit: request.timeout,
        cancel: request.cancel,
    };
    let factory = Arc::clone(factory);
    patience.wait_for(move || Servers::open(factory.source(order)?), |(servers, _)| servers.leave())
}

impl Servers {
    fn open(source: Source) -> Result<(Servers, Option<Error>), Error> {
        let line = Line::new(new_line(&source)?);
        let warning = log_on_warning(&line);
        let is_fresh = line.connection().is_new_connection();
        // Before it is idle: whoever opens the next line must see that this one is taken.
        source.lines().join();
        let servers =
            Servers { source: Arc::new(source), seat: Arc::default(), tag: None, is_fresh, attaches: 0 };
        if let Err(error) = line.give_back(None) {
            servers.leave();
            return Err(error);
        }
        Ok((servers, warning))
    }

    /// The place of the connection that the session has now.
    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }

    /// Ends the line. A server that is attached goes with it, and nobody meets its session again.
    pub(super) fn close(self) {
        if let Some(line) = self.seat.take() {
            line.close();
        }
        self.source.lines().leave();
        self.end_surplus();
    }

    /// The same for a session that never was anybody's.
    fn leave(self) {
        self.source.lines().leave();
        end_surplus(&self.source);
    }

    /// Has OCI's pool end the lines that are nobody's, and does not wait for long: one that broke is made anew for it.
    fn end_surplus(&self) {
        if !self.source.lines().has_surplus() {
            return;
        }
        let patience = Patience {
            errand: Errand::LogOn,
            connect_string: self.source.connect_string(),
            limit: Some(LOG_OFF_LIMIT),
            cancel: &Cancel::default(),
        };
        let source = Arc::clone(&self.source);
        let end = move || {
            end_surplus(&source);
            Ok(())
        };
        // What goes wrong at a log-off is not told.
        let _ = patience.wait_for(end, drop);
    }

    /// A connection of OCI's pool, within the wish's limit. One that comes later goes back.
    fn get(&self, wish: &AttachWish<'_>, limit: Option<Duration>) -> Result<Line, Error> {
        let (source, wish) = (Arc::clone(&self.source), Wish::of(wish));
        let get = move || source.attach(&wish).map(Line::new);
        // Nobody's time runs out, so no thread is needed.
        let Some(limit) = limit else { return get() };
        let patience = Patience {
            errand: Errand::Attach,
            connect_string: self.source.connect_string(),
            limit: Some(limit),
            cancel: &Cancel::default(),
        };
        let source = Arc::clone(&self.source);
        patience.wait_for(get, move |line| {
            // Nobody is there to be told.
            let _ = line.give_back(None);
            end_surplus(&source);
        })
    }

    /// OCI leaves it to the first call to map a server when the get wished for no tag. That call has a limit of its own, so
    /// who may wait for a server only so long has it mapped at once, which costs a round trip.
    fn map_within(&self, limit: Duration) -> Result<(), Error> {
        let line = self.seat.line()?;
        if line.limit_calls(Some(in_milliseconds(limit))).is_err() {
            // A client before 18 has no call timeout, and waits in the first call for as long as that takes.
            return Ok(());
        }
        line.call(|connection| connection.execute("begin null; end;", &[]).map(drop))?;
        line.limit_calls(self.seat.call_timeout())
    }

    fn sit_down(&mut self, line: Line, wish: &AttachWish<'_>) -> Result<Attached, Error> {
        let connection = line.connection();
        let tag = Some(connection.tag()).filter(|tag| !tag.is_empty()).map(str::to_owned);
        let may_be_new = connection.is_new_connection() || self.is_fresh || wish.purity == ServerPurity::New;
        let is_new = may_be_new && tag.is_none();
        self.seat.put(line)?;
        self.tag.clone_from(&tag);
        self.is_fresh = false;
        self.attaches += 1;
        Ok(Attached { tag, is_new })
    }

    fn check_fixup(&self, wish: &AttachWish<'_>) -> Result<(), Error> {
        if wish.fixup.is_none() || wish.fixup == self.source.fixup() {
            return Ok(());
        }
        Err(Error::unsupported("the fix-up procedure of a line is the one that it was opened with"))
    }
}

impl PooledSession for Servers {
    fn attach(&mut self, wish: &AttachWish<'_>) -> Result<Attached, Error> {
        if self.is_attached() {
            return Ok(Attached { tag: self.tag.clone(), is_new: false });
        }
        self.check_fixup(wish)?;
        wish.tag.map_or(Ok(()), check_tag)?;
        let limit = wish.limit.map(|limit| if limit.is_zero() { AT_ONCE } else { limit });
        let began = Instant::now();
        let line = self.get(wish, limit)?;
        let mut result = self.sit_down(line, wish);
        if let (Ok(_), None, Some(limit)) = (&result, wish.tag, limit) {
            let mapped = self.map_within(limit.saturating_sub(began.elapsed()));
            result = mapped.and(result);
        }
        if result.is_err()
            && let Some(line) = self.seat.take()
        {
            // The attach's error says more.
            let _ = line.give_back(None);
        }
        result
    }

    fn detach(&mut self, tag: Option<&str>) -> Result<(), Error> {
        let retag = (tag != self.tag.as_deref()).then(|| tag.unwrap_or_default());
        if self.is_attached() {
            retag.map_or(Ok(()), check_tag)?;
        }
        let Some(line) = self.seat.take() else { return Ok(()) };
        self.tag = None;
        line.give_back(retag)?;
        self.end_surplus();
        Ok(())
    }

    fn check_tag(&self, tag: &str) -> Result<(), Error> {
        check_tag(tag)
    }

    fn purge(&mut self) {
        self.tag = None;
        if let Some(line) = self.seat.take() {
            line.close();
        }
    }

    fn is_attached(&self) -> bool {
        self.seat.now().is_some()
    }

    fn attaches(&self) -> u64 {
        self.attaches
    }

    fn session_changes(&self) -> u64 {
        self.attaches.saturating_sub(1)
    }

    fn has_own_fixup(&self) -> bool {
        true
    }
}

/// The client would take a tag without properties for a list of them, and match it otherwise than it was meant.
fn check_tag(tag: &str) -> Result<(), Error> {
    static IS_OLD: Lazy<bool> =
        Lazy::new(|| Version::client().is_ok_and(|version| version < PROPERTIES_ONLY_SINCE));
    if is_property_list(tag) || *IS_OLD {
        return Ok(());
    }
    Err(Error::unsupported(
        "over Oracle's client library the tag of a pooled server's session is a list of properties, NAME=VALUE;NAME=VALUE: \
         write a tag of one word as one, such as STATE=word, and ask for it with ORAPOOL_SESSGET_MULTIPROPERTY_TAG",
    ))
}

fn is_property_list(tag: &str) -> bool {
    let is_property = |text: &str| text.split_once('=').is_some_and(|(name, _)| !name.trim().is_empty());
    tag.split(';').map(str::trim).filter(|part| !part.is_empty()).all(is_property)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_properties_are_told_from_words() {
        for tag in ["A=1", "A=1;B=2", " A = 1 ; B= ;", ""] {
            assert!(is_property_list(tag), "{tag}");
        }
        for tag in ["a", "A=1;b", "=1", "A;B=2"] {
            assert!(!is_property_list(tag), "{tag}");
        }
    }
}
