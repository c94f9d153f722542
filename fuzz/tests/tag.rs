//! The tag parser: bytes of anybody, from a C program.

use orapool::pool::{Relation, Tag};

/// The page's grammar once more, as short as it can be said.
fn is_valid(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let properties: Option<Vec<(&str, &str)>> =
        text.split(';').map(|property| property.split_once('=')).collect();
    let Some(properties) = properties else { return false };
    let mut names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    bytes.len() <= 4000
        && properties.len() <= 64
        && names.len() == properties.len()
        && !text.contains('\0')
        && properties.iter().all(|(name, value)| !name.is_empty() && !value.is_empty())
}

fn check(bytes: &[u8]) {
    let single = Tag::single(bytes);
    assert_eq!(single.is_none(), bytes.is_empty());
    match Tag::multi_property(bytes) {
        Ok(None) => assert!(bytes.is_empty()),
        Ok(Some(tag)) => {
            assert!(is_valid(bytes));
            assert_eq!(tag.as_bytes(), bytes);
            assert_eq!(tag.relation(single.as_ref()), Relation::Exact);
            assert_eq!(tag.relation(None), Relation::Untagged);
        }
        Err(fault) => {
            assert!(!is_valid(bytes));
            assert!(fault.at <= bytes.len(), "{fault}");
        }
    }
}

#[test]
fn bytes() {
    bolero::check!().for_each(check);
}

/// Mostly properties, so that what lies behind the first fault is reached as well.
#[test]
fn properties() {
    const PARTS: [&[u8]; 12] =
        [b"a", b"b", b"c=1", b"d=2", b"=", b";", b";", b";e=", b"x=1;", b"\xc3\xbc=y", b"\0", b"\xff"];
    bolero::check!().with_type::<Vec<u8>>().for_each(|picks| {
        let parts = picks.iter().filter_map(|pick| PARTS.get(usize::from(*pick) % PARTS.len()));
        check(&parts.flat_map(|part| part.iter().copied()).collect::<Vec<u8>>());
    });
}

/// However two tags relate, they relate in a way that their properties bear out.
#[test]
fn relations() {
    let tag = |picks: &[u8]| {
        let mut names: Vec<u8> = Vec::new();
        let mut text = String::new();
        for pick in picks.iter().take(8) {
            let name = pick % 6;
            if !names.contains(&name) {
                names.push(name);
                text += &format!(";k{name}={}", pick >> 6);
            }
        }
        Tag::multi_property(text.trim_start_matches(';').as_bytes()).unwrap()
    };
    bolero::check!().with_type::<(Vec<u8>, Vec<u8>)>().for_each(|(wanted, actual)| {
        let (Some(wanted), Some(actual)) = (tag(wanted), tag(actual)) else { return };
        let properties = |tag: &Tag| -> Vec<Vec<u8>> {
            tag.as_bytes().split(|byte| *byte == b';').map(<[u8]>::to_vec).collect()
        };
        let (asked, has) = (properties(&wanted), properties(&actual));
        let common = asked.iter().filter(|property| has.contains(property)).count();
        match wanted.relation(Some(&actual)) {
            Relation::Exact => assert_eq!(asked, has),
            Relation::SameSet => assert!(common == asked.len() && common == has.len() && asked != has),
            Relation::Superset => assert!(common == asked.len() && has.len() > common),
            Relation::Partial(bits) => {
                assert!(common > 0 && common < asked.len());
                let leftmost = asked.iter().position(|property| has.contains(property));
                assert_eq!(Some(bits.leading_zeros() as usize), leftmost);
                assert_eq!(bits.count_ones() as usize, common);
            }
            Relation::Unrelated => assert_eq!(common, 0),
            Relation::Untagged => panic!("there is a tag"),
        }
    });
}
