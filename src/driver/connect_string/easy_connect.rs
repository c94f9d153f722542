//! Easy Connect: `[tcp://|tcps://|//]host[:port]{,host[:port]}/service[:server][/instance][?key=value{&key=value}]`.

use std::ops::Range;

use crate::driver::connect_string::fault::Fault;
use crate::driver::connect_string::net::Reading;
use crate::driver::connect_string::pooling::{PoolKey, Pooling, Server};

/// What `text` says of pooled servers. None: it is not an easy connect string that we understand.
pub(super) fn read(text: &str) -> Result<Option<Reading>, Fault> {
    let Some(parts) = Parts::of(text) else { return Ok(None) };
    let server = match parts.server {
        Some(range) => Server::of(&text[range.clone()]).map_err(|complaint| complaint.at(range))?,
        None => None,
    };
    let mut pooling = Pooling::default();
    for pair in &parts.pairs {
        if let Some(key) = pair.pool_key(text) {
            let value = &text[pair.value.clone()];
            pooling.say(key, value).map_err(|complaint| complaint.at(pair.value.clone()))?;
        }
    }
    Ok(Some(Reading::new(server, pooling, cuts(&parts.pairs, text))))
}

/// What goes with the pairs that are the pool's, so that what stays is written as if they had never been there.
fn cuts(pairs: &[Pair], text: &str) -> Vec<Range<usize>> {
    let goes = |pair: &Pair| pair.pool_key(text).is_some_and(PoolKey::is_for_the_pool);
    let first_kept = pairs.iter().position(|pair| !goes(pair));
    let with_separator = |(at, pair): (usize, &Pair)| match first_kept {
        // It takes its `&` along, and where no pair stays, each takes the `?` or `&` before it.
        Some(kept) if at < kept => pair.whole.start..pair.whole.end + 1,
        _ => pair.whole.start - 1..pair.whole.end,
    };
    pairs.iter().enumerate().filter(|(_, pair)| goes(pair)).map(with_separator).collect()
}

/// The parts that may speak of pooled servers.
#[derive(Debug)]
struct Parts {
    server: Option<Range<usize>>,
    pairs: Vec<Pair>,
}

/// One `key=value`; the value is without its quotes.
#[derive(Debug)]
struct Pair {
    whole: Range<usize>,
    key: Range<usize>,
    value: Range<usize>,
}

impl Pair {
    fn pool_key(&self, text: &str) -> Option<PoolKey> {
        PoolKey::of(&text[self.key.clone()])
    }
}

impl Parts {
    /// None for what follows the grammar in no part, such as other protocols, and `user/password@…`.
    fn of(text: &str) -> Option<Parts> {
        let mut cursor = Cursor::new(text);
        cursor.protocol()?;
        cursor.hosts()?;
        let server = cursor.service()?;
        let pairs = cursor.pairs()?;
        cursor.rest().is_empty().then_some(Parts { server, pairs })
    }
}

#[derive(Debug)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Cursor<'a> {
        let at = text.len() - text.trim_start().len();
        Cursor { text: text.trim_end(), at: at.min(text.trim_end().len()) }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat(&mut self, what: char) -> bool {
        let is_there = self.rest().starts_with(what);
        self.at += if is_there { what.len_utf8() } else { 0 };
        is_there
    }

    /// Steps over what `belongs`, and says where that was.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.rest().find(|letter| !belongs(letter)).unwrap_or(self.rest().len());
        start..self.at
    }

    fn protocol(&mut self) -> Option<()> {
        let (protocol, rest) = self.rest().split_once("//").unwrap_or(("", self.rest()));
        // Two slashes may also stand between host and instance, for want of a service.
        let is_word = |word: &str| word.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
        let is_prefix = protocol.is_empty() || protocol.strip_suffix(':').is_some_and(is_word);
        if is_prefix {
            self.at = self.text.len() - rest.len();
        }
        let is_known = ["", "tcp:", "tcps:"].iter().any(|known| protocol.eq_ignore_ascii_case(known));
        (is_known || !is_prefix).then_some(())
    }

    fn hosts(&mut self) -> Option<()> {
        loop {
            let host = if self.eat('[') { self.bracketed()? } else { self.take(is_host_part) };
            if host.is_empty() {
                return None;
            }
            if self.eat(':') && self.take(|letter| letter.is_ascii_digit()).is_empty() {
                return None;
            }
            if !self.eat(',') && !self.eat(';') {
                return Some(());
            }
        }
    }

    fn bracketed(&mut self) -> Option<Range<usize>> {
        let inside = self.take(|letter| is_host_part(letter) || matches!(letter, ':' | '%'));
        self.eat(']').then_some(inside)
    }

    /// Service, server and instance; where the server stands.
    fn service(&mut self) -> Option<Option<Range<usize>>> {
        if !self.eat('/') {
            return Some(None);
        }
        self.take(is_service_part);
        let server = self.eat(':').then(|| self.take(is_service_part));
        if self.eat('/') {
            self.take(is_service_part);
        }
        Some(server)
    }

    fn pairs(&mut self) -> Option<Vec<Pair>> {
        let mut pairs = Vec::new();
        let mut has_more = self.eat('?');
        while has_more {
            pairs.push(self.pair()?);
            has_more = self.eat('&');
        }
        Some(pairs)
    }

    /// None where a quote does not end.
    fn pair(&mut self) -> Option<Pair> {
        let start = self.at;
        let key = self.take(|letter| !matches!(letter, '=' | '&'));
        let key = trimmed(self.text, key);
        self.eat('=');
        let spaces = self.take(char::is_whitespace);
        if !self.eat('"') {
            let value = self.take(|letter| letter != '&');
            return Some(Pair { whole: start..self.at, key, value: trimmed(self.text, value) });
        }
        let value = self.take(|letter| letter != '"');
        self.eat('"').then_some(())?;
        let behind = self.take(|letter| letter != '&');
        // Text behind the quotes: then they are part of the value.
        let is_quoted = self.text[behind].trim().is_empty();
        let value = if is_quoted { value } else { trimmed(self.text, spaces.end..self.at) };
        Some(Pair { whole: start..self.at, key, value })
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

fn is_host_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

fn is_service_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '$' | '#' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::connect_string::{PoolBoundary, ServerPurity};

    fn reading(text: &str) -> Reading {
        read(text).unwrap().unwrap_or_else(|| panic!("{text} is not understood"))
    }

    #[test]
    fn pooled_is_found_behind_every_kind_of_address() {
        for text in [
            "host/service:pooled",
            "host:1521/service:POOLED",
            "//host/service:Pooled",
            "tcp://host/service:pooled",
            "TCPS://host:2484/service:pooled",
            "a,b:1521,c:1522/service:pooled",
            "a,b;c:1/service:pooled",
            "[::1]:1521/service:pooled",
            "//[fe80::1%eth0],[::2]:1/service.example.com:pooled",
            "host/service:pooled/instance",
            "host/:pooled",
            "host/service:pooled?",
            "host/service:pooled?connect_timeout=5&x",
            "host/service:pooled?wallet_location=file://wallet",
            "  host/service:pooled\n",
        ] {
            assert_eq!(reading(text).pooling, Some(Pooling::default()), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_pooled() {
        for text in [
            "orcl",
            "host:1521",
            "host/service",
            "host/service:dedicated",
            "host/service:shared/instance",
            "host//instance",
            "host/service:/instance",
            "host/pooled",
            "host/service/pooled",
            "host/service?pool_purity=self&pool_connection_class=A",
        ] {
            let Reading { pooling, cuts } = reading(text);
            assert_eq!((pooling, cuts), (None, vec![]), "{text}");
        }
    }

    #[test]
    fn each_key_is_read() {
        let text = "host/s:pooled?Pool_Connection_Class=App&POOL_PURITY= self &pool_name=\"P&1\"&pool_boundary=Statement";
        let pooling = Pooling {
            connection_class: Some("App".into()),
            purity: Some(ServerPurity::Reuse),
            pool_name: Some("P&1".into()),
            boundary: Some(PoolBoundary::Statement),
        };
        assert_eq!(reading(text).pooling, Some(pooling));
    }

    #[test]
    fn what_is_cut_leaves_no_trace() {
        for (query, left) in [
            ("?pool_purity=new", ""),
            ("?pool_purity=new&pool_connection_class=A", ""),
            ("?pool_purity=new&sdu=1", "?sdu=1"),
            ("?sdu=1&pool_purity=new", "?sdu=1"),
            ("?sdu=1&pool_purity=new&x=\"a&b\"&pool_connection_class=A&y", "?sdu=1&x=\"a&b\"&y"),
            ("?pool_connection_class=A&sdu=1&pool_purity=new", "?sdu=1"),
            ("?pool_connection_class=A&&pool_purity=new", "?"),
            ("?pool_name=N&pool_boundary=statement", "?pool_name=N&pool_boundary=statement"),
        ] {
            let text = format!("host/s:pooled{query}");
            assert_eq!(reading(&text).applied_to(&text), format!("host/s:pooled{left}"));
        }
    }

    #[test]
    fn what_is_surely_wrong_is_found_where_it_stands() {
        let long = "x".repeat(1025);
        for (text, part, code) in [
            ("host/s:poold", "poold", 0),
            ("host/s:1521/i", "1521", 0),
            ("host/s:pooled?pool_purity=old", "old", 0),
            ("host/s:pooled?pool_purity=&x=1", "", 0),
            ("host/s:pooled?pool_purity", "", 0),
            ("host/s:pooled?pool_purity=new&pool_purity=self", "self", 0),
            ("host/s:pooled?pool_connection_class=", "", 0),
            ("host/s:pooled?pool_connection_class=a*", "a*", 0),
            ("host/s:pooled?pool_connection_class=a=b", "a=b", 0),
            ("host/s:pooled?pool_boundary=call", "call", 24545),
            (&format!("host/s:pooled?pool_connection_class={long}"), &long, 56604),
        ] {
            let fault = read(text).unwrap_err();
            assert_eq!((&text[fault.at], fault.complaint.code), (part, code), "{text}");
        }
    }

    #[test]
    fn what_follows_another_grammar_is_left_alone() {
        for text in [
            "",
            " ",
            "/",
            "//",
            "/service:pooled",
            "scott/tiger@host/service:pooled",
            "scott/tiger:x@host/service:pooled",
            "@host/service:pooled",
            "host:1521:orcl",
            "host:x/service:pooled",
            "host name/service:pooled",
            "[::1/service:pooled",
            "host/service:pooled/instance/more",
            "host/service:pooled:more",
            "host/service:pooled?x=\"y",
            "ldap://host/cn=x:pooled",
            "config-file:///tmp/x",
            "host/service:pooled)",
        ] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }
}
