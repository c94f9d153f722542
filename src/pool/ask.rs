//! What a get asks for, put together of the call's options, its attributes and the pool's settings. Checked before
//! anything is chosen.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::ServerPurity;
use crate::error::Error;
use crate::pool::GetOptions;
use crate::pool::attributes::{Attr, Attributes, GetMode, Purity, Settings, forever_below_zero};
use crate::pool::callback::is_inside_callback;
use crate::pool::clock::{Nanos, nanos};
use crate::pool::core::Access;
use crate::pool::identity::{IdentityKey, LogOnRules};
use crate::pool::need::Need;
use crate::pool::tag::TagKind;
use crate::pool::wish::Wish;

/// What a get asks for.
pub(crate) struct Ask {
    pub(crate) need: Arc<Need>,
    pub(crate) mode: GetMode,
    /// How long it waits; none = for as long as it takes.
    limit: Option<Duration>,
    /// The thread holds a session of the pool that it can not give back while it waits.
    is_inside_callback: bool,
    pub(crate) context: Option<Arc<str>>,
    /// Under DRCP: what is asked of the pooled server. Then the need is of the line alone.
    pub(crate) server: Option<ServerAsk>,
}

/// What a get asks of a pooled server.
pub(crate) struct ServerAsk {
    pub(crate) wish: Option<Wish>,
    pub(crate) purity: ServerPurity,
    pub(crate) is_multi_property: bool,
}

impl Ask {
    /// What a get with `options` asks of the pool `number`.
    pub(crate) fn of(
        access: &Access,
        settings: &Settings,
        number: u16,
        options: &GetOptions<'_>,
    ) -> Result<Ask, Error> {
        let attributes = options.attributes;
        let int = |attr| attributes.and_then(|attributes| attributes.int(attr));
        let mode = int(Attr::GetMode).map_or(settings.get_mode, GetMode::from_number);
        let limit = match int(Attr::WaitTimeoutMs) {
            Some(time) => forever_below_zero(time),
            None if mode == GetMode::TimedWait => settings.wait_timeout,
            None => None,
        };
        let purity =
            options.purity.or_else(|| int(Attr::Purity).map(Purity::from_number)).unwrap_or(settings.purity);
        let wish = wish(access, options)?;
        // A line to the broker has no state: purity and tag are asked of the server.
        let (unused, wish, server) = match &access.drcp {
            None => (purity == Purity::New, wish, None),
            Some(drcp) => (false, None, Some(drcp.ask(purity, wish, options)?)),
        };
        Ok(Ask {
            need: Ask::need(access, attributes, unused, wish)?,
            server,
            mode,
            limit,
            is_inside_callback: is_inside_callback(number),
            context: attributes.and_then(|attributes| attributes.text(Attr::Context)).map(Arc::from),
        })
    }

    fn need(
        access: &Access,
        attributes: Option<&Attributes>,
        unused: bool,
        wish: Option<Wish>,
    ) -> Result<Arc<Need>, Error> {
        let attributes = attributes.filter(|attributes| !LogOnRules::is_own(attributes));
        if attributes.is_none() && access.own_serves() {
            if !unused && wish.is_none() {
                return Ok(Arc::clone(&access.own));
            }
            let identity = Arc::clone(&access.own.identity);
            return Ok(Arc::new(Need { key: None, identity, unused, wish }));
        }
        let identity = match attributes {
            Some(attributes) => access.rules.wanted(attributes)?,
            None => access.rules.wanted(&Attributes::new())?,
        };
        let key = Some(IdentityKey::of(&identity)).filter(|key| *key != access.own_key);
        Ok(Arc::new(Need { key: key.map(Arc::new), identity: Arc::new(identity), unused, wish }))
    }

    /// The same of a request: no thread waits in it, and so none for itself.
    pub(crate) fn of_no_thread(self) -> Ask {
        Ask { is_inside_callback: false, ..self }
    }

    /// What is wished of the session's tag.
    pub(crate) fn wish(&self) -> Option<&Wish> {
        match &self.server {
            Some(server) => server.wish.as_ref(),
            None => self.need.wish.as_ref(),
        }
    }

    /// How long it may wait in all; none = for as long as it takes.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// Whether it may wait for loans of others.
    pub(crate) fn waits_for_loans(&self) -> bool {
        self.mode != GetMode::NoWait && self.limit != Some(Duration::ZERO) && !self.could_wait_for_itself()
    }

    /// Whether it might wait for ever for the session that its own thread holds.
    pub(crate) fn could_wait_for_itself(&self) -> bool {
        self.is_inside_callback && self.limit.is_none()
    }

    /// When it gives up. With a limit of 0 it waits for nothing but its own connect, which has a limit of its own.
    pub(crate) fn deadline(&self, began: Nanos) -> Option<Nanos> {
        self.limit.filter(|limit| !limit.is_zero()).map(|limit| began.saturating_add(nanos(limit)))
    }
}

/// What a get with `options` wishes of a session's tag. Checked before anything is chosen.
fn wish(access: &Access, options: &GetOptions<'_>) -> Result<Option<Wish>, Error> {
    let Some(tag) = &options.tag else { return Ok(None) };
    if access.fixup.is_some() && tag.kind() == TagKind::Single {
        let text = "ORA-56612: the pool has a fix-up procedure, which reads properties: ask for name=value pairs, with ORAPOOL_SESSGET_MULTIPROPERTY_TAG";
        return Err(Error::oracle(56612, text));
    }
    Ok(Some(Wish::new(tag, options.match_any, access.tag_policy)))
}
