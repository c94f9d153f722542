//! Functions on text. Positions and lengths count characters.

use std::collections::HashMap;

use super::{Body, Function, Gives, function, made_text};
use crate::convert::{to_integer, to_text};
use crate::datum::{Datum, Type};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

const TEXT: Gives = Gives::Always(Type::Text);
const NUMBER: Gives = Gives::Always(Type::Number);
/// What LPAD and RPAD cut their result to in SQL, in characters.
const LONGEST_PADDED: i64 = 4000;
/// In PL/SQL one more than a VARCHAR2 takes, so that what is too long is an error there.
const LONGEST_VARIABLE: i64 = 32_768;

pub(super) const FUNCTIONS: &[Function] = &[
    function("UPPER", 1, 1, TEXT, |context, arguments| {
        on_text(context, arguments, |text| text.to_uppercase())
    }),
    function("LOWER", 1, 1, TEXT, |context, arguments| {
        on_text(context, arguments, |text| text.to_lowercase())
    }),
    function("INITCAP", 1, 1, TEXT, |context, arguments| on_text(context, arguments, |text| initcap(&text))),
    function("REVERSE", 1, 1, TEXT, |context, arguments| {
        on_text(context, arguments, |text| text.chars().rev().collect())
    }),
    function("LENGTH", 1, 1, NUMBER, |context, arguments| {
        measure(context, arguments, |text| text.chars().count())
    }),
    function("LENGTHB", 1, 1, NUMBER, |context, arguments| measure(context, arguments, |text| text.len())),
    function("CONCAT", 2, 2, TEXT, |context, arguments| {
        let left = text_of(context, &arguments[0])?.unwrap_or_default();
        let right = text_of(context, &arguments[1])?.unwrap_or_default();
        made_text(left + &right)
    }),
    function("SUBSTR", 2, 3, TEXT, substr),
    function("INSTR", 2, 4, NUMBER, instr),
    function("REPLACE", 2, 3, TEXT, replace),
    function("TRANSLATE", 3, 3, TEXT, translate),
    function("LPAD", 2, 3, TEXT, |context, arguments| pad(context, arguments, true, LONGEST_PADDED)),
    function("RPAD", 2, 3, TEXT, |context, arguments| pad(context, arguments, false, LONGEST_PADDED)),
    function("LTRIM", 1, 2, TEXT, |context, arguments| trim(context, arguments, true, false)),
    function("RTRIM", 1, 2, TEXT, |context, arguments| trim(context, arguments, false, true)),
    function("TRIM", 1, 2, TEXT, |context, arguments| trim(context, arguments, true, true)),
    function("ASCII", 1, 1, NUMBER, |context, arguments| {
        let first = text_of(context, &arguments[0])?.and_then(|text| text.chars().next());
        Ok(first.map_or(Datum::Null, |c| Datum::integer(i64::from(u32::from(c)))))
    }),
    function("CHR", 1, 1, TEXT, chr),
];

/// Functions that PL/SQL has with other limits than SQL.
pub(super) const OF_VARIABLES: &[(&str, Body)] = &[
    ("LPAD", |context, arguments| pad(context, arguments, true, LONGEST_VARIABLE)),
    ("RPAD", |context, arguments| pad(context, arguments, false, LONGEST_VARIABLE)),
];

pub(super) fn text_of(context: &SessionContext, datum: &Datum) -> Result<Option<String>> {
    to_text(datum, &context.environment.lock())
}

fn integer_of(context: &SessionContext, datum: &Datum) -> Result<Option<i64>> {
    to_integer(datum, &context.environment.lock())
}

fn on_text(
    context: &SessionContext,
    arguments: &[Datum],
    change: impl FnOnce(String) -> String,
) -> Result<Datum> {
    text_of(context, &arguments[0])?.map_or(Ok(Datum::Null), |text| made_text(change(text)))
}

fn measure(context: &SessionContext, arguments: &[Datum], length: fn(&str) -> usize) -> Result<Datum> {
    Ok(text_of(context, &arguments[0])?.map_or(Datum::Null, |text| Datum::integer(length(&text) as i64)))
}

fn initcap(text: &str) -> String {
    let mut inside_word = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if inside_word {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside_word = c.is_alphanumeric();
    }
    out
}

fn substr(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let text = text_of(context, &arguments[0])?;
    let start = integer_of(context, &arguments[1])?;
    let length = match arguments.get(2) {
        None => Some(i64::MAX),
        Some(length) => integer_of(context, length)?,
    };
    let (Some(text), Some(start), Some(length)) = (text, start, length) else { return Ok(Datum::Null) };
    let count = text.chars().count() as i64;
    let first = match start {
        0 => 0,
        start if start > 0 => start - 1,
        start => count.saturating_add(start),
    };
    if length < 1 || first < 0 || first >= count {
        return Ok(Datum::Null);
    }
    Ok(Datum::text(text.chars().skip(first as usize).take(length as usize).collect::<String>()))
}

/// Where the n-th occurrence starts, from 1; 0 if there is none. A negative position searches backwards.
fn instr(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let (text, wanted) = (text_of(context, &arguments[0])?, text_of(context, &arguments[1])?);
    let or_one = |index: usize| arguments.get(index).map_or(Ok(Some(1)), |datum| integer_of(context, datum));
    let (Some(text), Some(wanted), Some(from), Some(occurrence)) = (text, wanted, or_one(2)?, or_one(3)?)
    else {
        return Ok(Datum::Null);
    };
    if occurrence < 1 {
        return Err(Error::new(1428, format_args!("argument '{occurrence}' is out of range")));
    }
    let text: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = wanted.chars().collect();
    let last = text.len() as i64 - wanted.len() as i64;
    let fits = |at: &i64| text[*at as usize..].starts_with(&wanted);
    let skip = (occurrence - 1) as usize;
    let found = match from {
        0 => None,
        from if from > 0 => (from - 1..=last).filter(fits).nth(skip),
        from => (0..=last.min((text.len() as i64).saturating_add(from))).rev().filter(fits).nth(skip),
    };
    Ok(Datum::integer(found.map_or(0, |at| at + 1)))
}

fn replace(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let Some(text) = text_of(context, &arguments[0])? else { return Ok(Datum::Null) };
    let Some(wanted) = text_of(context, &arguments[1])? else { return Ok(Datum::text(text)) };
    let with = arguments.get(2).map_or(Ok(None), |datum| text_of(context, datum))?.unwrap_or_default();
    let count = text.matches(&wanted).count();
    if text.len().saturating_add(count.saturating_mul(with.len())) > super::LONGEST_TEXT {
        return Err(Error::new(1489, "result of REPLACE is too long"));
    }
    made_text(text.replace(&wanted, &with))
}

fn translate(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let texts: Result<Vec<_>> = arguments.iter().map(|datum| text_of(context, datum)).collect();
    let [Some(text), Some(from), Some(to)] = &texts?[..] else { return Ok(Datum::Null) };
    // The first of two alike counts. A search for each character would take the product of the lengths, in which nothing stops a call.
    let mut known = HashMap::new();
    let mut to = to.chars();
    for c in from.chars() {
        let replacement = to.next();
        known.entry(c).or_insert(replacement);
    }
    let translated = text.chars().filter_map(|c| known.get(&c).copied().unwrap_or(Some(c)));
    made_text(translated.collect())
}

fn pad(context: &SessionContext, arguments: &[Datum], left: bool, most: i64) -> Result<Datum> {
    let text = text_of(context, &arguments[0])?;
    let width = integer_of(context, &arguments[1])?;
    let fill = arguments.get(2).map_or(Ok(Some(" ".to_owned())), |datum| text_of(context, datum))?;
    let (Some(text), Some(width), Some(fill)) = (text, width, fill) else { return Ok(Datum::Null) };
    let width = width.clamp(0, most) as usize;
    let count = text.chars().count();
    if count >= width {
        return Ok(Datum::text(text.chars().take(width).collect::<String>()));
    }
    let padding: String = fill.chars().cycle().take(width - count).collect();
    made_text(if left { padding + &text } else { text + &padding })
}

fn trim(context: &SessionContext, arguments: &[Datum], left: bool, right: bool) -> Result<Datum> {
    let text = text_of(context, &arguments[0])?;
    let set = arguments.get(1).map_or(Ok(Some(" ".to_owned())), |datum| text_of(context, datum))?;
    let (Some(text), Some(set)) = (text, set) else { return Ok(Datum::Null) };
    let in_set = |c: char| set.contains(c);
    let mut rest = text.as_str();
    if left {
        rest = rest.trim_start_matches(in_set);
    }
    if right {
        rest = rest.trim_end_matches(in_set);
    }
    Ok(Datum::text(rest))
}

fn chr(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let Some(code) = integer_of(context, &arguments[0])? else { return Ok(Datum::Null) };
    // Beyond ASCII, CHR takes the bytes of the character set, which is left out rather than guessed.
    match u8::try_from(code).ok().filter(u8::is_ascii) {
        Some(byte) => Ok(Datum::text(char::from(byte).to_string())),
        None => Err(Error::new(
            1428,
            format_args!("argument '{code}' is out of range: CHR takes 0 to 127 in the embedded engine"),
        )),
    }
}
