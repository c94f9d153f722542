//! How well the tag of a free session fits the one that is wanted.

use super::Wish;

/// How well a session fits: the greater the better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Which of the wanted properties the session has, the most important first.
    Partial(Vec<bool>),
    Untagged,
    Superset,
    SameProperties,
    SameText,
}

impl Rank {
    /// Whether the session has what was wanted.
    pub(super) fn found(&self) -> bool {
        matches!(self, Self::Superset | Self::SameProperties | Self::SameText)
    }
}

/// The rank of a session with this tag; `None` if it is not to be had.
pub(super) fn rank(wish: &Wish, tag: Option<&str>) -> Option<Rank> {
    let Some(tag) = tag else { return Some(Rank::Untagged) };
    // A session with a tag is in a state that nobody without a tag expects.
    let wanted = wish.tag.as_deref()?;
    if wanted == tag {
        return Some(Rank::SameText);
    }
    if !wish.multiproperty {
        return wish.match_any.then(|| Rank::Partial(Vec::new()));
    }
    let (wanted, has) = (properties(wanted), properties(tag));
    let matches: Vec<bool> = wanted.iter().map(|property| has.contains(property)).collect();
    let all = matches.iter().all(|matches| *matches);
    if all && has.iter().all(|property| wanted.contains(property)) {
        return Some(Rank::SameProperties);
    }
    match (wish.match_any, all) {
        (false, _) => None,
        (true, true) => Some(Rank::Superset),
        (true, false) => Some(Rank::Partial(matches)),
    }
}

fn properties(tag: &str) -> Vec<&str> {
    tag.split(';').map(str::trim).filter(|property| !property.is_empty()).collect()
}
