//! Connect strings: texts of anybody, from attributes and from `tnsnames.ora`.

use std::fs;
use std::path::{Path, PathBuf};

use orapool::driver::connect_string::{EmbeddedTarget, NetTarget, Pooling};
use orapool::error::Error;

/// A folder without a `tnsnames.ora`: what this machine has does not count.
const NOWHERE: &str = "/nonexistent/orapool";

/// What connect strings are made of, and what breaks them.
const PARTS: &[&str] = &[
    "(",
    ")",
    "=",
    "(",
    ")",
    "(DESCRIPTION=",
    "(DESCRIPTION=(CONNECT_DATA=",
    "(CONNECT_DATA=(SERVER=POOLED)",
    "(DESCRIPTION_LIST=",
    "(ADDRESS=(HOST=h)(PORT=1))",
    "(SERVER=POOLED)",
    "(server = dedicated)",
    "(POOL_PURITY=SELF)",
    "(POOL_CONNECTION_CLASS=A)",
    "(POOL_NAME=N)",
    "(POOL_BOUNDARY=STATEMENT)",
    "))",
    ")))",
    "\"",
    "'",
    "\\",
    "#",
    ",",
    ";",
    ":",
    "/",
    "//",
    "?",
    "&",
    "@",
    " ",
    "\n",
    "\r\n",
    "\0",
    "ü",
    "\u{feff}",
    "\u{2003}",
    "tcp://",
    "tcps://",
    "[::1]",
    "host",
    "host/s:pooled?",
    "host:1521/service",
    ":pooled",
    ":dedicated",
    ":pooled?",
    "pool_purity=new",
    "&pool_purity=self",
    "pool_connection_class=App",
    "pool_connection_class=\"A&B\"",
    "&pool_name=N",
    "&pool_boundary=transaction",
    "pool_boundary=call",
    "sdu=1&",
    "embedded:a",
    "drcp_maxsize=4&",
    "drcp_minsize=x",
    "call_delay_ms=1&",
    "a",
    "a=",
    "a, b =",
    "\na =\n ",
    "\nifile=tnsnames.ora\n",
];

fn text_of(picks: &[u16]) -> String {
    let part = |pick: &u16| match PARTS.get(usize::from(*pick) % (PARTS.len() + 8)) {
        Some(part) => (*part).to_owned(),
        None => char::from((*pick >> 8) as u8).to_string(),
    };
    picks.iter().map(part).collect()
}

/// The byte that a message names.
fn position(error: &Error) -> usize {
    let message = error.message();
    let behind = message.rsplit_once("at byte ").map(|(_, behind)| behind);
    let digits = behind.and_then(|behind| behind.split_once(", counted from 0"));
    digits.and_then(|(digits, _)| digits.parse().ok()).unwrap_or_else(|| panic!("no byte in {message}"))
}

fn without_what_is_the_pools(pooling: Option<&Pooling>) -> Option<Pooling> {
    pooling.map(|pooling| Pooling { connection_class: None, purity: None, ..pooling.clone() })
}

fn has_pool_keys(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("pool_purity") || text.contains("pool_connection_class")
}

fn check_target(target: &NetTarget, text: &str) {
    let left = target.for_client();
    assert!(left == text || has_pool_keys(text) && target.pooling().is_some(), "{text:?} became {left:?}");
    let again = NetTarget::parse(left, Some(Path::new(NOWHERE))).unwrap();
    assert_eq!(again.for_client(), left);
    assert_eq!(again.pooling(), without_what_is_the_pools(target.pooling()).as_ref(), "{text:?}");
}

fn check(text: &str) {
    match NetTarget::parse(text, Some(Path::new(NOWHERE))) {
        Ok(target) => check_target(&target, text),
        Err(error) => assert!(position(&error) <= text.len(), "{text:?}: {error}"),
    }
    if let Ok(target) = EmbeddedTarget::parse(text) {
        assert!(target.pooling.is_some() || target.broker.is_empty());
    }
}

/// A folder of our own for `tnsnames.ora`, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let path = std::env::temp_dir().join(format!("orapool-fuzz-names-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn check(&self, file: &[u8]) {
        fs::write(self.0.join("tnsnames.ora"), file).unwrap();
        match NetTarget::parse("a", Some(&self.0)) {
            // The name is all that it may have been, unless its descriptor took its place.
            Ok(target) if target.for_client() == "a" => {}
            Ok(target) => check_target(&target, &String::from_utf8_lossy(file)),
            Err(error) => assert!(position(&error) <= file.len(), "{error}"),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn bytes() {
    bolero::check!().for_each(|bytes: &[u8]| check(&String::from_utf8_lossy(bytes)));
}

#[test]
fn parts() {
    bolero::check!().with_type::<Vec<u16>>().for_each(|picks| {
        let text = text_of(picks);
        check(&text);
        check(&format!("host/s:pooled?{text}"));
        check(&format!("embedded:a:pooled?{text}"));
        check(&format!("(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED){text}))"));
    });
}

#[test]
fn names() {
    let folder = Folder::new();
    bolero::check!().with_type::<Vec<u16>>().for_each(|picks| {
        let text = text_of(picks);
        folder.check(text.as_bytes());
        folder.check(format!("a={text}").as_bytes());
        folder.check(format!("a=(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED){text}))").as_bytes());
    });
}
