//! Connect strings of Oracle, in whichever of their forms.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::driver::connect_string::fault::Fault;
use crate::driver::connect_string::pooling::{Pooling, Server};
use crate::driver::connect_string::tns_names::{self, Entry};
use crate::driver::connect_string::{descriptor, easy_connect};
use crate::error::Error;

/// An Oracle connect string: what it says of pooled servers, and what the client library is given.
///
/// What we do not understand is not wrong: it goes to the client library as it is, which knows more ways to name a
/// database than this (LDAP, configuration stores, `sqlnet.ora`).
#[derive(Clone, PartialEq, Eq)]
pub struct NetTarget {
    for_client: String,
    pooling: Option<Pooling>,
}

impl NetTarget {
    /// Reads a connect string: an easy connect string, a descriptor, or a name that stands in `tnsnames.ora`.
    ///
    /// `config_dir` is where `tnsnames.ora` lies, if the caller said so; else it is looked for in `TNS_ADMIN`, or else in
    /// `network/admin` below `ORACLE_HOME`. Without the file, or the name in it, the name is left to the client library.
    ///
    /// An error says at which byte, counted from 0, and what would be right.
    pub fn parse(text: &str, config_dir: Option<&Path>) -> Result<NetTarget, Error> {
        let name = text.trim();
        if is_name(name) {
            return match tns_names::find(name, config_dir) {
                Some(entry) => NetTarget::of_entry(text, name, &entry),
                None => Ok(NetTarget::untouched(text, None)),
            };
        }
        let place = |at| format!("the connect string can not be used, at byte {at}, counted from 0");
        let read = read(text).map_err(|fault| told(fault, text, place))?;
        Ok(match read {
            Some(reading) => NetTarget { for_client: reading.applied_to(text), pooling: reading.pooling },
            None => NetTarget::untouched(text, None),
        })
    }

    /// What it says of pooled servers; none = it asks for no pooled server, or does not let us see.
    pub fn pooling(&self) -> Option<&Pooling> {
        self.pooling.as_ref()
    }

    /// What the client library is given: the text as it was, byte for byte, but for POOL_PURITY and
    /// POOL_CONNECTION_CLASS of a pooled target. Those go through the client's API: a purity in the string keeps a session
    /// pool of the client from letting go of dead sessions.
    ///
    /// A name stays a name, unless one of the two stands in its descriptor; then the descriptor without them takes its
    /// place.
    pub fn for_client(&self) -> &str {
        &self.for_client
    }

    fn untouched(text: &str, pooling: Option<Pooling>) -> NetTarget {
        NetTarget { for_client: text.to_owned(), pooling }
    }

    fn of_entry(text: &str, name: &str, entry: &Entry) -> Result<NetTarget, Error> {
        let place = |at| format!("`{name}` can not be used, {}", entry.place(at));
        let reading = read(&entry.value).map_err(|fault| told(fault, &entry.value, place))?;
        Ok(match reading {
            Some(reading) if !reading.cuts.is_empty() => {
                NetTarget { for_client: reading.applied_to(&entry.value), pooling: reading.pooling }
            }
            Some(reading) => NetTarget::untouched(text, reading.pooling),
            None => NetTarget::untouched(text, None),
        })
    }
}

impl fmt::Debug for NetTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the connect string: some have a password in them.
        f.debug_struct("NetTarget").field("pooling", &self.pooling).finish_non_exhaustive()
    }
}

/// What a text says of pooled servers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) pooling: Option<Pooling>,
    /// What the client library is not given, in the order of the text.
    pub(super) cuts: Vec<Range<usize>>,
}

impl Reading {
    /// Keys of pooled servers have no effect without one, and then stay where they are.
    pub(super) fn new(server: Option<Server>, pooling: Pooling, cuts: Vec<Range<usize>>) -> Reading {
        match server {
            Some(Server::Pooled) => Reading { pooling: Some(pooling), cuts },
            _ => Reading { pooling: None, cuts: Vec::new() },
        }
    }

    pub(super) fn applied_to(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut at = 0;
        for cut in &self.cuts {
            kept.push_str(&text[at..cut.start]);
            at = cut.end;
        }
        kept + &text[at..]
    }
}

fn read(text: &str) -> Result<Option<Reading>, Fault> {
    if text.trim_start().starts_with('(') { descriptor::read(text) } else { easy_connect::read(text) }
}

fn told(fault: Fault, text: &str, place: impl Fn(usize) -> String) -> Error {
    let place = place(fault.at.start);
    fault.into_error(text, &place)
}

/// Whether it may be a name in `tnsnames.ora`: it has nothing that only the other forms have.
fn is_name(text: &str) -> bool {
    let tells = |letter: char| letter.is_whitespace() || "()[]=,;:/?&@\"'#".contains(letter);
    !text.is_empty() && !text.contains(tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder without a `tnsnames.ora`, so that no test depends on where it runs.
    const NOWHERE: &str = "/nonexistent/orapool";

    fn target(text: &str) -> NetTarget {
        NetTarget::parse(text, Some(Path::new(NOWHERE))).unwrap()
    }

    fn message(text: &str) -> String {
        NetTarget::parse(text, Some(Path::new(NOWHERE))).unwrap_err().message().to_owned()
    }

    #[test]
    fn what_is_no_business_of_ours_is_left_alone() {
        for text in [
            "",
            "orcl",
            " orcl ",
            "sales.example.com",
            "host/service",
            "host/service:dedicated?pool_purity=self",
            "scott/tiger@host/service:pooled?pool_purity=self",
            "scott/tiger@(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(POOL_PURITY=SELF)))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=s)(POOL_PURITY=SELF)))",
            "ldaps://host/cn=x",
        ] {
            let target = target(text);
            assert_eq!((target.pooling(), target.for_client()), (None, text));
        }
    }

    #[test]
    fn class_and_purity_do_not_reach_the_client() {
        for (text, left) in [
            ("host/s:pooled", "host/s:pooled"),
            (" host/s:pooled?pool_purity=self ", " host/s:pooled "),
            ("host/s:pooled?pool_connection_class=A&pool_name=N", "host/s:pooled?pool_name=N"),
            (
                "(DESCRIPTION=(CONNECT_DATA=(POOL_PURITY=NEW)\n (SERVER=POOLED)(POOL_CONNECTION_CLASS=A)(POOL_NAME=N)))",
                "(DESCRIPTION=(CONNECT_DATA=\n (SERVER=POOLED)(POOL_NAME=N)))",
            ),
        ] {
            let target = target(text);
            assert!(target.pooling().is_some());
            assert_eq!(target.for_client(), left);
        }
    }

    #[test]
    fn an_error_says_where_what_and_what_would_be_right() {
        for (text, expected) in [
            (
                "host/s:pool",
                "the connect string can not be used, at byte 7, counted from 0 (`pool`): a server is dedicated, \
                 shared or pooled",
            ),
            (
                "host/s:pooled?pool_boundary=x",
                "ORA-24545: the connect string can not be used, at byte 28, counted from 0 (`x`): a boundary is \
                 statement or transaction",
            ),
            (
                "(DESCRIPTION=",
                "the connect string can not be used, at byte 0, counted from 0 (`(`): this parenthesis is not closed",
            ),
        ] {
            assert_eq!(message(text), expected);
        }
    }

    #[test]
    fn no_error_shows_a_text_that_may_have_a_password() {
        for text in [
            "host/s:pooled?pool_connection_class=secret*&user=scott/secret@x",
            "(DESCRIPTION=(PASSWORD=secret@x)(CONNECT_DATA=(SERVER=secret)))",
        ] {
            let message = message(text);
            assert!(message.contains("at byte") && !message.contains("secret"), "{message}");
        }
        assert!(!format!("{:?}", target("scott/secret@db")).contains("secret"));
    }
}
