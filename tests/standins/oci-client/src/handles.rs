//! Handles: numbers that stand for objects.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;

use crate::checks;
use crate::errors::Failure;
use crate::objects::Object;

/// A handle as the caller passes it. It has the size and the class of a pointer, and is none.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Token(pub usize);

/// No address of a process: whoever reads a handle as memory faults at once.
const BASE: usize = 0x0ACE_0000_0000_0000;
const PREFIX: usize = 0xFFFF_0000_0000_0000;
const STEP: usize = 0x100;

struct Entry {
    object: Object,
    parent: Token,
}

#[derive(Default)]
struct Live {
    entries: HashMap<Token, Entry>,
    /// By parent: with thousands of handles, looking through all of them for each statement would take the time of a test.
    children: HashMap<Token, HashSet<Token>>,
}

static NEXT: AtomicUsize = AtomicUsize::new(1);
static LIVE: LazyLock<RwLock<Live>> = LazyLock::new(RwLock::default);

/// What a handle is that can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    Null,
    /// It was a handle of this kind once.
    Freed(&'static str),
    /// It never was a handle.
    Foreign,
}

impl Token {
    pub const NULL: Token = Token(0);

    pub fn is_null(self) -> bool {
        self.0 == 0
    }

    fn was_given(self) -> bool {
        let number = (self.0 & !PREFIX) / STEP;
        self.0 & PREFIX == BASE && number > 0 && number < NEXT.load(Ordering::Relaxed)
    }
}

/// A new handle for the object. Its number tells what kind it is, also when it is gone.
pub fn register(object: Object, parent: Token) -> Token {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // The kind stands in the low bits, eight apart: handles look aligned.
    let token = Token(BASE + number * STEP + object.kind() * 8);
    let mut live = LIVE.write();
    live.entries.insert(token, Entry { object, parent });
    live.children.entry(parent).or_default().insert(token);
    token
}

pub fn look_up(token: Token) -> Result<Object, Dead> {
    if token.is_null() {
        return Err(Dead::Null);
    }
    if let Some(entry) = LIVE.read().entries.get(&token) {
        return Ok(entry.object.clone());
    }
    if token.was_given() {
        return Err(Dead::Freed(Object::kind_name((token.0 % STEP) / 8)));
    }
    Err(Dead::Foreign)
}

/// The object of a handle that a call was given; a use after free is a violation.
pub fn resolve(call: &str, token: Token) -> Result<Object, Failure> {
    look_up(token).map_err(|dead| {
        report(call, token, dead);
        Failure::Handle
    })
}

pub fn report(call: &str, token: Token, dead: Dead) {
    match dead {
        Dead::Null => {}
        Dead::Freed(kind) => {
            checks::violation(format_args!(
                "{call}: {kind} handle {:#x} used after it was freed or released",
                token.0
            ));
        }
        Dead::Foreign => checks::violation(format_args!("{call}: {:#x} was never a handle", token.0)),
    }
}

/// Takes a handle away; `None` if it was not live.
pub fn remove(token: Token) -> Option<Object> {
    let mut live = LIVE.write();
    let entry = live.entries.remove(&token)?;
    if let Some(siblings) = live.children.get_mut(&entry.parent) {
        siblings.remove(&token);
        if siblings.is_empty() {
            live.children.remove(&entry.parent);
        }
    }
    Some(entry.object)
}

/// Takes away the handles that somebody should have freed. Environments and error handles stay: ODPI-C ends after this library.
pub fn remove_leaks() {
    let is_leak = |entry: &Entry| Object::must_be_freed(Object::kind_name(entry.object.kind()));
    let live = LIVE.read();
    let leaks = live.entries.iter().filter(|(_, entry)| is_leak(entry)).map(|(token, _)| *token);
    let leaks: Vec<Token> = leaks.collect();
    drop(live);
    for token in leaks {
        remove(token);
    }
}

/// The live handles whose parent this is, the oldest first.
pub fn children(parent: Token) -> Vec<(Token, Object)> {
    let live = LIVE.read();
    let tokens = live.children.get(&parent).into_iter().flatten();
    let found = tokens.filter_map(|token| Some((*token, live.entries.get(token)?.object.clone())));
    let mut found: Vec<_> = found.collect();
    found.sort_unstable_by_key(|(token, _)| *token);
    found
}

/// How many handles of each kind are live.
pub fn census() -> Vec<(&'static str, usize)> {
    let mut counts: HashMap<&'static str, usize> = HashMap::new();
    for entry in LIVE.read().entries.values() {
        *counts.entry(Object::kind_name(entry.object.kind())).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}
