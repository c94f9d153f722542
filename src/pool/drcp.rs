//! What a pool knows of the database's pooled servers (DRCP): class and purity, from the connect string and the attributes
//! together, and what a get may ask of them.

use crate::driver::{Pooling, ServerPurity, check_connection_class};
use crate::error::{Error, Kind};
use crate::pool::GetOptions;
use crate::pool::ask::ServerAsk;
use crate::pool::attributes::{Attr, Attributes, Purity};
use crate::pool::tag::{Tag, TagKind};
use crate::pool::wish::Wish;

/// What a pool knows of its pooled servers.
#[derive(Debug, Clone)]
pub(crate) struct Drcp {
    /// Of a get that names none.
    purity: ServerPurity,
    /// The database takes servers back between calls.
    has_boundary: bool,
    /// The connection class that was made up for a pool without one.
    pub(crate) generated_class: Option<String>,
}

impl Drcp {
    /// What connect string and `attributes` say together, and the connection class of the pool's own sessions.
    pub(crate) fn of(pooling: &Pooling, attributes: &Attributes) -> Result<(Drcp, String), Error> {
        check_class(attributes)?;
        if pooling.boundary.is_some() {
            check_keeps_no_state(attributes)?;
        }
        let given = attributes.text(Attr::ConnectionClass);
        let named = pooling.connection_class.as_deref();
        if let Some((given, named)) = differing(given, named) {
            return Err(contradiction(
                "POOL_CONNECTION_CLASS",
                named,
                "ORAPOOL_ATTR_CONNECTION_CLASS",
                given,
            ));
        }
        let purity = attributes.int(Attr::Purity).map(Purity::from_number).and_then(server_purity);
        if let Some((given, named)) = differing(purity, pooling.purity) {
            let word = |purity| if purity == ServerPurity::New { "NEW" } else { "SELF" };
            return Err(contradiction("POOL_PURITY", word(named), "ORAPOOL_ATTR_PURITY", word(given)));
        }
        let class = given.or(named).map(str::to_owned);
        // A class that nobody else has keeps the pool's sessions apart from those of others.
        let generated_class = class.is_none().then(|| format!("ORAPOOL:{:032x}", fastrand::u128(..)));
        let class = class.or_else(|| generated_class.clone()).unwrap_or_default();
        let purity = pooling.purity.unwrap_or_default();
        Ok((Drcp { purity, has_boundary: pooling.boundary.is_some(), generated_class }, class))
    }

    /// What a get asks of its pooled server.
    pub(crate) fn ask(
        &self,
        purity: Purity,
        wish: Option<Wish>,
        options: &GetOptions<'_>,
    ) -> Result<ServerAsk, Error> {
        if let Some(wish) = &wish {
            self.check_tag(&wish.tag)?;
        }
        options.attributes.map_or(Ok(()), check_class)?;
        Ok(ServerAsk {
            wish,
            purity: server_purity(purity).unwrap_or(self.purity),
            is_multi_property: options.is_multi_property
                || options.tag.is_some_and(|tag| tag.kind() == TagKind::MultiProperty),
        })
    }

    /// Whether a pooled server's session can have the tag.
    pub(crate) fn check_tag(&self, tag: &Tag) -> Result<(), Error> {
        if self.has_boundary {
            return Err(Error::unsupported(
                "with POOL_BOUNDARY in the connect string the database changes sessions between the calls of one loan: no tag \
                 can tell of their state; leave out the boundary or the tag",
            ));
        }
        text_of(tag).map(drop)
    }

    /// What a create says about a class that it had to make up.
    pub(crate) fn warning(&self) -> Option<Error> {
        let class = self.generated_class.as_deref()?;
        let text = format!(
            "the pool uses pooled servers and has no connection class, so it was given `{class}`: it shares no session with \
             other pools and processes; set ORAPOOL_ATTR_CONNECTION_CLASS to share"
        );
        Some(Error::new(Kind::Warning, 0, text))
    }
}

/// Both, if both are there and differ.
fn differing<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<(T, T)> {
    one.zip(other).filter(|(one, other)| one != other)
}

/// A class goes into the names that the database's views show, and has rules there.
fn check_class(attributes: &Attributes) -> Result<(), Error> {
    let class = attributes.text(Attr::ConnectionClass);
    class.map_or(Ok(()), |class| check_connection_class(class, "ORAPOOL_ATTR_CONNECTION_CLASS"))
}

/// Where the database changes sessions between the calls of one loan, what was set before the first call is lost.
fn check_keeps_no_state(attributes: &Attributes) -> Result<(), Error> {
    if attributes.callback().is_none() && attributes.text(Attr::FixupCallback).is_none() {
        return Ok(());
    }
    Err(Error::unsupported(
        "a session callback or a fix-up procedure sets the state of a session, and with POOL_BOUNDARY in the connect string \
         the database changes sessions between the calls of one loan; leave out one of them",
    ))
}

fn contradiction(key: &str, named: &str, attr: &str, given: &str) -> Error {
    Error::invalid_argument(format!(
        "the connect string has {key}={named} and {attr} is {given}: give one of them, or the same"
    ))
}

fn server_purity(purity: Purity) -> Option<ServerPurity> {
    match purity {
        Purity::Default => None,
        Purity::New => Some(ServerPurity::New),
        Purity::Same => Some(ServerPurity::Reuse),
    }
}

/// The tag as the database has it.
pub(crate) fn text_of(tag: &Tag) -> Result<&str, Error> {
    std::str::from_utf8(tag.as_bytes())
        .map_err(|_| Error::unsupported("the tag of a pooled server's session is text: this one is no UTF-8"))
}
