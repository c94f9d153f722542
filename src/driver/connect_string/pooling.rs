//! What every form of a connect string can say of pooled servers, and which values are right.

use crate::driver::connect_string::fault::Complaint;
use crate::error::Error;

/// As many bytes as the views of DRCP have room for.
const CLASS_LIMIT: usize = 1024;

/// What a connect string says of pooled servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pooling {
    /// POOL_CONNECTION_CLASS: who may be given each other's sessions.
    pub connection_class: Option<String>,
    /// POOL_PURITY: whether a session may have been somebody's before.
    pub purity: Option<ServerPurity>,
    /// POOL_NAME: which pool of the server, where it has several.
    pub pool_name: Option<String>,
    /// POOL_BOUNDARY: when the server takes its session back by itself.
    pub boundary: Option<PoolBoundary>,
}

/// Whether a pooled server's session may have a past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServerPurity {
    /// NEW: nobody had it before.
    New,
    /// SELF: somebody of the same user and connection class may have had it.
    #[default]
    Reuse,
}

/// When a pooled server goes back to its pool although nobody released it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolBoundary {
    /// After a statement that leaves nothing open.
    Statement,
    /// With each commit and rollback.
    Transaction,
}

/// What serves a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Dedicated,
    Shared,
    Pooled,
}

impl Server {
    /// The server of that name; none where the name is left empty, which says nothing.
    pub(super) fn of(word: &str) -> Result<Option<Server>, Complaint> {
        match word.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "dedicated" => Ok(Some(Server::Dedicated)),
            "shared" => Ok(Some(Server::Shared)),
            "pooled" => Ok(Some(Server::Pooled)),
            _ => Err(Complaint::plain("a server is dedicated, shared or pooled")),
        }
    }
}

/// The keys that speak of pooled servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolKey {
    ConnectionClass,
    Purity,
    PoolName,
    Boundary,
}

impl PoolKey {
    /// The key of that name, in any case.
    pub(super) fn of(name: &str) -> Option<PoolKey> {
        match name.to_ascii_lowercase().as_str() {
            "pool_connection_class" => Some(PoolKey::ConnectionClass),
            "pool_purity" => Some(PoolKey::Purity),
            "pool_name" => Some(PoolKey::PoolName),
            "pool_boundary" => Some(PoolKey::Boundary),
            _ => None,
        }
    }

    /// Whether the pool tells the client library by another way than the connect string.
    pub(super) fn is_for_the_pool(self) -> bool {
        matches!(self, PoolKey::ConnectionClass | PoolKey::Purity)
    }
}

impl Pooling {
    /// Takes in one more key. Class and purity are one for a whole pool, so they can not be said in two ways; of the
    /// other two, which the client library reads by itself, the first is kept.
    pub(super) fn say(&mut self, key: PoolKey, value: &str) -> Result<(), Complaint> {
        match key {
            PoolKey::ConnectionClass => {
                check_class(value)?;
                let complaint =
                    "another connection class than before, and a pool has one; name the same everywhere";
                keep_one(&mut self.connection_class, value.to_owned(), complaint)
            }
            PoolKey::Purity => {
                let complaint = "another purity than before, and a pool has one; name the same everywhere";
                keep_one(&mut self.purity, purity_of(value)?, complaint)
            }
            PoolKey::PoolName => {
                let name = (!value.is_empty()).then(|| value.to_owned());
                self.pool_name = self.pool_name.take().or(name);
                Ok(())
            }
            PoolKey::Boundary => {
                let boundary = boundary_of(value)?;
                self.boundary.get_or_insert(boundary);
                Ok(())
            }
        }
    }
}

fn keep_one<T: PartialEq>(slot: &mut Option<T>, value: T, complaint: &'static str) -> Result<(), Complaint> {
    if slot.as_ref().is_some_and(|before| *before != value) {
        return Err(Complaint::plain(complaint));
    }
    *slot = Some(value);
    Ok(())
}

fn purity_of(word: &str) -> Result<ServerPurity, Complaint> {
    match word.to_ascii_lowercase().as_str() {
        "new" => Ok(ServerPurity::New),
        "self" => Ok(ServerPurity::Reuse),
        _ => Err(Complaint::plain("a purity is new or self")),
    }
}

fn boundary_of(word: &str) -> Result<PoolBoundary, Complaint> {
    match word.to_ascii_lowercase().as_str() {
        "statement" => Ok(PoolBoundary::Statement),
        "transaction" => Ok(PoolBoundary::Transaction),
        _ => Err(Complaint::oracle(24545, "a boundary is statement or transaction")),
    }
}

/// Whether a connection class that stands elsewhere than in a connect string can be one. `place` says where, for the error.
pub fn check_connection_class(class: &str, place: &str) -> Result<(), Error> {
    check_class(class).map_err(|complaint| complaint.into_error(place))
}

fn check_class(class: &str) -> Result<(), Complaint> {
    if class.is_empty() {
        return Err(Complaint::plain("a connection class has at least one character"));
    }
    if class.len() > CLASS_LIMIT {
        return Err(Complaint::oracle(56604, "a connection class has at most 1024 bytes"));
    }
    if class.chars().any(|letter| letter.is_control() || matches!(letter, '=' | '*')) {
        return Err(Complaint::plain("a connection class has no =, no * and no control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(PoolKey, &str)]) -> Result<Pooling, Complaint> {
        let mut pooling = Pooling::default();
        pairs.iter().try_for_each(|(key, value)| pooling.say(*key, value))?;
        Ok(pooling)
    }

    #[test]
    fn values_are_read_in_any_case() {
        for (word, purity) in
            [("new", ServerPurity::New), ("NEW", ServerPurity::New), ("Self", ServerPurity::Reuse)]
        {
            assert_eq!(said(&[(PoolKey::Purity, word)]).unwrap().purity, Some(purity));
        }
        for (word, boundary) in
            [("statement", PoolBoundary::Statement), ("Transaction", PoolBoundary::Transaction)]
        {
            assert_eq!(said(&[(PoolKey::Boundary, word)]).unwrap().boundary, Some(boundary));
        }
        for (word, server) in
            [("Dedicated", Server::Dedicated), ("SHARED", Server::Shared), ("pooled", Server::Pooled)]
        {
            assert_eq!(Server::of(word).unwrap(), Some(server));
        }
        assert_eq!(Server::of("").unwrap(), None);
    }

    #[test]
    fn a_class_keeps_its_case_and_has_limits() {
        let longest = "x".repeat(CLASS_LIMIT);
        for class in ["A", "app", "Über", "OCI:SP:abc+/", "a b", longest.as_str()] {
            let pooling = said(&[(PoolKey::ConnectionClass, class)]).unwrap();
            assert_eq!(pooling.connection_class.as_deref(), Some(class));
        }
        let too_long = "x".repeat(CLASS_LIMIT + 1);
        for (class, code) in [("", 0), ("a=b", 0), ("*", 0), ("a\tb", 0), ("\0", 0), (&too_long, 56604)] {
            let complaint = said(&[(PoolKey::ConnectionClass, class)]).unwrap_err();
            assert_eq!(complaint.code, code, "{class:.10}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for (key, value, code) in [
            (PoolKey::Purity, "", 0),
            (PoolKey::Purity, "default", 0),
            (PoolKey::Boundary, "", 24545),
            (PoolKey::Boundary, "call", 24545),
        ] {
            assert_eq!(said(&[(key, value)]).unwrap_err().code, code, "{value}");
        }
        assert!(Server::of("pool").is_err());
    }

    #[test]
    fn class_and_purity_are_said_in_one_way() {
        let twice = |key, first, second| said(&[(key, first), (key, second)]);
        assert!(twice(PoolKey::ConnectionClass, "A", "A").is_ok());
        assert!(twice(PoolKey::ConnectionClass, "A", "a").is_err());
        assert!(twice(PoolKey::Purity, "self", "SELF").is_ok());
        assert!(twice(PoolKey::Purity, "self", "new").is_err());
        assert_eq!(twice(PoolKey::PoolName, "P", "Q").unwrap().pool_name.as_deref(), Some("P"));
        let boundary = twice(PoolKey::Boundary, "statement", "transaction").unwrap().boundary;
        assert_eq!(boundary, Some(PoolBoundary::Statement));
    }
}
