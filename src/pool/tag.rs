//! Tags: what a session remembers of its state, what makes one valid, and how a requested tag and a session's relate.
//!
//! The rules are those of Oracle's session pools as far as they are published; where its documents are silent the
//! comment at the rule says so.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use once_cell::sync::Lazy;

/// Longest multi-property tag in bytes. Nothing is published; so many fit a VARCHAR2 bind of every server.
pub(crate) const TAG_BYTES_LIMIT: usize = 4000;
/// Most properties of a tag. Nothing is published; one bit each fits a word.
pub(crate) const TAG_PROPERTIES_LIMIT: usize = 64;

/// A tag. It keeps its bytes as they were given, and what it says as properties, if it reads as such.
#[derive(Clone)]
pub struct Tag {
    /// The tag with a NUL behind it, for those who read C text.
    text: Box<[u8]>,
    /// In the order given; none if the bytes are no list of properties.
    pairs: Box<[Pair]>,
    kind: TagKind,
    hash: u64,
}

/// How a tag was given, which decides how a requested one is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// Any bytes; compared as a whole.
    Single,
    /// `name=value` pairs with `;` between them; compared property by property.
    MultiProperty,
}

/// One property: where it lies in the text.
#[derive(Debug, Clone, Copy)]
struct Pair {
    start: u16,
    equals: u16,
    end: u16,
}

/// Why bytes are no multi-property tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFault {
    /// The byte at which it went wrong, counted from 0.
    pub at: usize,
    /// What is wrong there, and what would be right.
    pub what: &'static str,
}

impl fmt::Display for TagFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {}, counted from 0)", self.what, self.at)
    }
}

/// How a session's tag relates to the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same bytes.
    Exact,
    /// The same properties in another order.
    SameSet,
    /// All properties that were asked for, and others.
    Superset,
    /// Some of the properties that were asked for: the leftmost in the highest bit.
    Partial(u64),
    /// A tag that shares nothing with the one asked for.
    Unrelated,
    /// No tag.
    Untagged,
}

impl Tag {
    /// A single tag: any bytes. None for no bytes, which mean no tag.
    pub fn single(bytes: &[u8]) -> Option<Tag> {
        // A request may ask for its properties all the same, so they are kept if it has any.
        (!bytes.is_empty()).then(|| Tag::new(bytes, parse(bytes).unwrap_or_default(), TagKind::Single))
    }

    /// A multi-property tag: `name=value` pairs, the most important first, with `;` between them. None for no bytes.
    ///
    /// Names and values are UTF-8 and not empty, a name has no `=` and stands once, neither has a `;` or a NUL.
    /// Blanks and case count. At most 64 properties and 4000 bytes.
    pub fn multi_property(bytes: &[u8]) -> Result<Option<Tag>, TagFault> {
        if bytes.is_empty() {
            return Ok(None);
        }
        Ok(Some(Tag::new(bytes, parse(bytes)?, TagKind::MultiProperty)))
    }

    fn new(bytes: &[u8], pairs: Vec<Pair>, kind: TagKind) -> Tag {
        let mut text = Vec::with_capacity(bytes.len() + 1);
        text.extend_from_slice(bytes);
        text.push(0);
        Tag { text: text.into_boxed_slice(), pairs: pairs.into_boxed_slice(), kind, hash: hash_of(bytes) }
    }

    /// The tag as it was given.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.split_last().map_or(&[], |(_, bytes)| bytes)
    }

    /// How it was given.
    pub fn kind(&self) -> TagKind {
        self.kind
    }

    /// The same tag to be looked for: a single one is looked for as a whole, whatever its bytes look like.
    pub(crate) fn as_wanted(self: &Arc<Tag>) -> Arc<Tag> {
        match self.kind {
            TagKind::Single if self.has_properties() => {
                Arc::new(Tag { pairs: Box::default(), ..Tag::clone(self) })
            }
            _ => Arc::clone(self),
        }
    }

    /// Whether its bytes are a list of properties, however it was given.
    #[inline]
    pub(crate) fn has_properties(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// How many properties it has; 0 for bytes that are no list of properties.
    pub(crate) fn property_count(&self) -> usize {
        self.pairs.len()
    }

    /// Its properties as `name=value`, in the order given.
    pub(crate) fn properties(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.pairs.iter().map(|pair| self.slice(pair.start, pair.end))
    }

    fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.pairs.iter().map(|pair| self.slice(pair.start, pair.equals))
    }

    fn slice(&self, start: u16, end: u16) -> &[u8] {
        self.text.get(usize::from(start)..usize::from(end)).unwrap_or_default()
    }

    /// How the tag of a session relates to this one, which was asked for.
    pub fn relation(&self, session: Option<&Tag>) -> Relation {
        let Some(session) = session else { return Relation::Untagged };
        if self.as_bytes() == session.as_bytes() {
            return Relation::Exact;
        }
        if self.kind == TagKind::Single {
            return Relation::Unrelated;
        }
        let matched = self.matches_in(session);
        let all = u64::MAX << (TAG_PROPERTIES_LIMIT - self.pairs.len());
        match matched {
            0 => Relation::Unrelated,
            _ if matched != all => Relation::Partial(matched),
            _ if session.pairs.len() == self.pairs.len() => Relation::SameSet,
            _ => Relation::Superset,
        }
    }

    /// Which of this tag's properties `session` has: the leftmost in the highest bit.
    fn matches_in(&self, session: &Tag) -> u64 {
        let has = |wanted: &[u8]| session.properties().any(|property| property == wanted);
        self.properties().enumerate().filter(|(_, wanted)| has(wanted)).map(|(at, _)| 1 << (63 - at)).sum()
    }

    /// This tag, and behind it what `old` says of other properties: the tag of a session after its state was fixed up
    /// from `old` to this one. What would make it longer than a tag may be is left out.
    ///
    /// Published fix-up procedures touch only the properties that are asked for: the others still hold.
    #[must_use]
    pub(crate) fn merged_with(self: &Arc<Tag>, old: &Tag) -> Arc<Tag> {
        let is_kept = |name: &[u8]| !self.names().any(|own| own == name);
        let kept = old.properties().zip(old.names()).filter(|(_, name)| is_kept(name));
        let mut text = self.as_bytes().to_vec();
        let room = TAG_PROPERTIES_LIMIT.saturating_sub(self.pairs.len());
        for (property, _) in kept.take(room) {
            if text.len() + 1 + property.len() > TAG_BYTES_LIMIT {
                break;
            }
            text.push(b';');
            text.extend_from_slice(property);
        }
        if text.len() == self.as_bytes().len() {
            return Arc::clone(self);
        }
        let pairs = parse(&text).unwrap_or_default();
        Arc::new(Tag::new(&text, pairs, TagKind::MultiProperty))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Tag) -> bool {
        self.hash == other.hash && self.text == other.text
    }
}

impl Eq for Tag {}

impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// The hash of a tag's bytes, made before the pool's lock is taken. Keyed, so that nobody can make many tags that
/// collide.
fn hash_of(bytes: &[u8]) -> u64 {
    static KEY: Lazy<RandomState> = Lazy::new(RandomState::new);
    KEY.hash_one(bytes)
}

/// Hashes what brings its hash along.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Prehashed(u64);

impl Hasher for Prehashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The properties in `bytes`. Published descriptions name pairs, `=` and `;`, and that neither half may be empty; that
/// blanks and case count, that a name stands once and that nothing can be escaped are decisions of this library.
fn parse(bytes: &[u8]) -> Result<Vec<Pair>, TagFault> {
    let fault = |at, what| Err(TagFault { at, what });
    if bytes.len() > TAG_BYTES_LIMIT {
        return fault(TAG_BYTES_LIMIT, "a tag has at most 4000 bytes");
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return fault(error.valid_up_to(), "a tag is UTF-8");
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return fault(at, "a tag has no NUL");
    }
    let most = bytes.iter().filter(|byte| **byte == b';').count() + 1;
    let mut pairs: Vec<Pair> = Vec::with_capacity(most.min(TAG_PROPERTIES_LIMIT));
    let mut start = 0;
    for property in bytes.split(|byte| *byte == b';') {
        let end = start + property.len();
        if property.is_empty() {
            return fault(start, "a property is missing: `;` stands between two of them");
        }
        let Some(name_length) = property.iter().position(|byte| *byte == b'=') else {
            return fault(start, "a property is written name=value");
        };
        let equals = start + name_length;
        if name_length == 0 {
            return fault(start, "a property has no name");
        }
        if equals + 1 == end {
            return fault(end, "a property has no value");
        }
        if pairs.len() == TAG_PROPERTIES_LIMIT {
            return fault(start, "a tag has at most 64 properties");
        }
        let name = bytes.get(start..equals);
        let has_name = |pair: &Pair| bytes.get(usize::from(pair.start)..usize::from(pair.equals)) == name;
        if pairs.iter().any(has_name) {
            return fault(start, "the name of a property stands twice");
        }
        // All below 4000.
        pairs.push(Pair { start: start as u16, equals: equals as u16, end: end as u16 });
        start = end + 1;
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn multi(text: &str) -> Tag {
        Tag::multi_property(text.as_bytes()).unwrap().unwrap()
    }

    fn single(text: &str) -> Tag {
        Tag::single(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_no_list_of_properties_is_refused_at_the_byte_where_it_goes_wrong() {
        let long = format!("a={}", "x".repeat(4000));
        let many: Vec<String> = (10..75).map(|n| format!("k{n}=1")).collect();
        for (text, at) in [
            ("k", 0),
            ("k=", 2),
            ("=v", 0),
            ("a=1;;b=2", 4),
            ("a=1;", 4),
            (";a=1", 0),
            ("a=1;a=2", 4),
            ("a=1;b", 4),
            ("a=1\0", 3),
            (&long, 4000),
            (&many.join(";"), 64 * 6),
        ] {
            assert_eq!(Tag::multi_property(text.as_bytes()).unwrap_err().at, at, "{text}");
        }
        assert_eq!(Tag::multi_property(b"a=\xff").unwrap_err().at, 2);
    }

    #[test]
    fn what_is_a_list_of_properties_is_kept_as_it_is() {
        let many: Vec<String> = (10..74).map(|n| format!("k{n}=1")).collect();
        for text in ["a=1", " a = 1 ", "a=b=c", "größe=ü;A=1;a=1", &many.join(";")] {
            assert_eq!(multi(text).as_bytes(), text.as_bytes());
        }
        assert_eq!(multi("a=b=c").names().next(), Some(&b"a"[..]));
        assert_eq!(Tag::multi_property(b""), Ok(None));
    }

    #[test]
    fn a_single_tag_is_any_bytes() {
        for bytes in [&b"CUSTOM"[..], b"\0", b"a\xffb", b"a=1;"] {
            assert_eq!(Tag::single(bytes).unwrap().as_bytes(), bytes);
        }
        assert!(Tag::single(b"").is_none());
    }

    #[test]
    fn relations_are_told_apart() {
        let asked = multi("A=1;B=2;C=3");
        let relation = |text: &str| asked.relation(Some(&single(text)));
        assert_eq!(asked.relation(None), Relation::Untagged);
        assert_eq!(relation("A=1;B=2;C=3"), Relation::Exact);
        assert_eq!(relation("C=3;A=1;B=2"), Relation::SameSet);
        assert_eq!(relation("C=3;X=9;A=1;B=2"), Relation::Superset);
        assert_eq!(relation("A=1;B=9"), Relation::Partial(1 << 63));
        assert_eq!(relation("B=2;C=3"), Relation::Partial(3 << 61));
        assert_eq!(relation("A=2"), Relation::Unrelated);
        assert_eq!(relation("a=1"), Relation::Unrelated);
        assert_eq!(relation("CUSTOM"), Relation::Unrelated);
    }

    #[test]
    fn a_single_tag_asks_for_the_very_bytes() {
        assert_eq!(single("A=1;B=2").relation(Some(&multi("A=1;B=2"))), Relation::Exact);
        assert_eq!(single("A=1;B=2").relation(Some(&multi("B=2;A=1"))), Relation::Unrelated);
    }

    #[test]
    fn sixty_four_properties_fill_the_word() {
        let all: Vec<String> = (0..64).map(|n| format!("k{n}=v")).collect();
        let mut turned = all.clone();
        turned.reverse();
        let asked = multi(&all.join(";"));
        assert_eq!(asked.relation(Some(&multi(&turned.join(";")))), Relation::SameSet);
        assert_eq!(asked.relation(Some(&multi("k63=v"))), Relation::Partial(1));
    }

    #[test]
    fn a_merged_tag_keeps_what_was_not_asked_for() {
        let merged = |asked: &str, old: &str| {
            let tag = Arc::new(multi(asked)).merged_with(&single(old));
            String::from_utf8(tag.as_bytes().to_vec()).unwrap()
        };
        assert_eq!(merged("A=2", "A=1"), "A=2");
        assert_eq!(merged("A=2;B=1", "X=1;A=1;Y=2"), "A=2;B=1;X=1;Y=2");
        assert_eq!(merged("A=2", "CUSTOM"), "A=2");
        let many: Vec<String> = (0..64).map(|n| format!("k{n}=1")).collect();
        assert_eq!(merged(&many.join(";"), "X=1"), many.join(";"), "no more than 64");
        let long = format!("L={}", "x".repeat(3992));
        assert_eq!(merged(&long, "X=1;Y=2;Z=3"), format!("{long};X=1"), "no more than 4000 bytes");
    }
}
