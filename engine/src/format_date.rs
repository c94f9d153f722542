//! Date format models: the elements of TO_CHAR, TO_DATE and the NLS formats.

use crate::datetime::{Civil, now};
use crate::error::{Error, Result};

pub(crate) const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
pub(crate) const DAYS: [&str; 7] =
    ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];
const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// The elements, longest first where one starts another.
const ELEMENTS: [&str; 42] = [
    "SYYYY", "YYYY", "RRRR", "IYYY", "Y,YYY", "YYY", "YY", "RR", "IY", "Y", "MONTH", "MON", "MM", "MI",
    "DDD", "DD", "DAY", "DY", "D", "HH24", "HH12", "HH", "SSSSS", "SS", "FF", "AM", "PM", "A.M.", "P.M.",
    "AD", "A.D.", "Q", "WW", "W", "IW", "J", "RM", "CC", "TZH", "TZM", "TZR", "X",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// An element by its upper-case name, and as it was written, for the case of names.
    Element(&'static str, String),
    /// FF1 to FF9.
    Fraction(Option<usize>),
    /// FM switches padding off and on.
    Fill,
    /// Punctuation, or quoted text.
    Text(String),
}

fn unknown_format() -> Error {
    Error::new(1821, "date format not recognized")
}

/// Reads a format model; ORA-01821 for an element that is not known here.
pub(crate) fn parse_model(model: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = model;
    while let Some(first) = rest.chars().next() {
        let (part, length) = if first == '"' {
            let end = rest[1..].find('"').ok_or_else(unknown_format)?;
            (Part::Text(rest[1..=end].to_owned()), end + 2)
        } else if first.is_ascii_alphabetic() {
            parse_element(rest)?
        } else if first.is_ascii_digit() || !first.is_ascii() {
            return Err(unknown_format());
        } else {
            (Part::Text(first.to_string()), first.len_utf8())
        };
        parts.push(part);
        rest = &rest[length..];
    }
    Ok(parts)
}

fn starts_with(text: &str, element: &str) -> bool {
    text.get(..element.len()).is_some_and(|head| head.eq_ignore_ascii_case(element))
}

fn parse_element(text: &str) -> Result<(Part, usize)> {
    if starts_with(text, "FM") {
        return Ok((Part::Fill, 2));
    }
    let element = ELEMENTS.iter().find(|element| starts_with(text, element)).ok_or_else(unknown_format)?;
    let after = &text[element.len()..];
    // TH and SP change what the element before writes, and the engine does not write ordinals or words.
    if (starts_with(after, "TH") || starts_with(after, "SP")) && *element != "X" {
        return Err(Error::unimplemented("the suffixes TH and SP of date formats"));
    }
    if *element == "FF" {
        let digit = after.bytes().next().filter(|byte| (b'1'..=b'9').contains(byte));
        let digits = digit.map(|byte| usize::from(byte - b'0'));
        return Ok((Part::Fraction(digits), 2 + usize::from(digits.is_some())));
    }
    Ok((Part::Element(element, text[..element.len()].to_owned()), element.len()))
}

/// Checks a model for ALTER SESSION.
pub(crate) fn check_model(model: &str) -> Result<()> {
    if model.is_empty() {
        return Err(unknown_format());
    }
    parse_model(model).map(|_| ())
}

/// A moment to write: local fields, nanoseconds if the type has them, offset in minutes if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) seconds: i64,
    pub(crate) nanos: Option<u32>,
    pub(crate) offset: Option<i16>,
    pub(crate) english: bool,
    pub(crate) decimal: char,
}

fn cased(written: &str, name: &str) -> String {
    let mut letters = written.chars().filter(|c| c.is_ascii_alphabetic());
    let first_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    let second_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    match (first_upper, second_upper) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{}{}", &name[..1], name[1..].to_ascii_lowercase()),
        _ => name.to_ascii_lowercase(),
    }
}

/// Writes a moment by a model: TO_CHAR.
pub(crate) fn format(moment: &Moment, model: &str) -> Result<String> {
    let civil = Civil::from_seconds(moment.seconds);
    let mut padded = true;
    let mut out = String::new();
    for part in parse_model(model)? {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Fill => padded = !padded,
            Part::Fraction(digits) => {
                let nanos = moment.nanos.ok_or_else(unknown_format)?;
                out.push_str(&format!("{nanos:09}")[..digits.unwrap_or(6)]);
            }
            Part::Element(element, written) => {
                out.push_str(&write_element(moment, civil, element, &written, padded)?)
            }
        }
    }
    Ok(out)
}

fn write_element(
    moment: &Moment,
    civil: Civil,
    element: &'static str,
    written: &str,
    padded: bool,
) -> Result<String> {
    let number =
        |value: i64, width: usize| if padded { format!("{value:0width$}") } else { value.to_string() };
    let half_day = if civil.hour < 12 { "AM" } else { "PM" };
    let named = |names: &[&str], index: i64, width: usize| -> Result<String> {
        if !moment.english {
            return Err(Error::unimplemented(
                "month and day names in other languages than English (NLS_DATE_LANGUAGE)",
            ));
        }
        let name = cased(written, names[index as usize]);
        Ok(if padded { format!("{name:<width$}") } else { name })
    };
    Ok(match element {
        "SYYYY" if padded => format!(" {:04}", civil.year),
        "SYYYY" | "YYYY" | "RRRR" => number(civil.year, 4),
        "Y,YYY" => format!("{},{:03}", civil.year / 1000, civil.year % 1000),
        "YYY" => number(civil.year % 1000, 3),
        "YY" | "RR" => number(civil.year % 100, 2),
        "Y" => (civil.year % 10).to_string(),
        "IYYY" => number(civil.iso_week().0, 4),
        "IY" => number(civil.iso_week().0 % 100, 2),
        "CC" => number((civil.year + 99) / 100, 2),
        "Q" => ((civil.month + 2) / 3).to_string(),
        "MM" => number(civil.month, 2),
        "MONTH" => named(&MONTHS, civil.month - 1, 9)?,
        "MON" => named(&MONTHS.map(|name| &name[..3]), civil.month - 1, 3)?,
        "RM" if padded => format!("{:<4}", cased(written, ROMAN[(civil.month - 1) as usize])),
        "RM" => cased(written, ROMAN[(civil.month - 1) as usize]),
        "WW" => number((civil.day_of_year() + 6) / 7, 2),
        "W" => ((civil.day + 6) / 7).to_string(),
        "IW" => number(civil.iso_week().1, 2),
        "DDD" => number(civil.day_of_year(), 3),
        "DD" => number(civil.day, 2),
        "D" => civil.weekday().to_string(),
        "DAY" => named(&DAYS, civil.weekday() - 1, 9)?,
        "DY" => named(&DAYS.map(|name| &name[..3]), civil.weekday() - 1, 3)?,
        "J" => number(civil.julian_day(), 7),
        "HH" | "HH12" => number((civil.hour + 11) % 12 + 1, 2),
        "HH24" => number(civil.hour, 2),
        "MI" => number(civil.minute, 2),
        "SS" => number(civil.second, 2),
        "SSSSS" => number(civil.hour * 3600 + civil.minute * 60 + civil.second, 5),
        "AM" | "PM" => cased(written, half_day),
        "A.M." | "P.M." => cased(written, if civil.hour < 12 { "A.M." } else { "P.M." }),
        "AD" => cased(written, "AD"),
        "A.D." => cased(written, "A.D."),
        "X" => moment.decimal.to_string(),
        "TZH" | "TZM" | "TZR" => write_zone(moment, element)?,
        _ => return Err(unknown_format()),
    })
}

fn write_zone(moment: &Moment, element: &str) -> Result<String> {
    let offset = moment.offset.ok_or_else(unknown_format)?;
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    Ok(match element {
        "TZH" => format!("{sign}{hours:02}"),
        "TZM" => format!("{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}"),
    })
}

/// What TO_DATE and TO_TIMESTAMP read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

#[derive(Default)]
struct Fields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: Option<i64>,
    hour12: Option<i64>,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    seconds_of_day: Option<i64>,
    nanos: u32,
}

/// Reads text by a model: TO_DATE. What the model does not name is the first day of the current month, at midnight.
pub(crate) fn parse(text: &str, model: &str, english: bool) -> Result<Parsed> {
    let mut fields = Fields::default();
    let mut rest = text.trim_matches(' ');
    for part in parse_model(model)? {
        match part {
            Part::Fill => {}
            Part::Text(expected) => rest = skip_punctuation(rest, &expected)?,
            Part::Fraction(digits) => {
                let count = rest.bytes().take(digits.unwrap_or(9)).take_while(u8::is_ascii_digit).count();
                let padded = format!("{:0<9}", &rest[..count]);
                fields.nanos = padded.parse().map_err(|_| {
                    Error::new(1880, "the fractional seconds must be between 0 and 999999999")
                })?;
                rest = &rest[count..];
            }
            Part::Element(element, _) => rest = read_element(&mut fields, element, rest, english)?,
        }
    }
    if !rest.trim_matches(' ').is_empty() {
        return Err(Error::new(1830, "date format picture ends before converting entire input string"));
    }
    assemble(&fields)
}

/// Punctuation in the text may be any other punctuation, or absent at the end.
fn skip_punctuation<'a>(text: &'a str, expected: &str) -> Result<&'a str> {
    if let Some(rest) = text.strip_prefix(expected) {
        return Ok(rest);
    }
    match text.chars().next() {
        None => Ok(text),
        Some(first) if first.is_ascii_punctuation() || first == ' ' => Ok(&text[first.len_utf8()..]),
        Some(first) if first.is_ascii_digit() && expected.chars().all(|c| !c.is_ascii_alphanumeric()) => {
            Ok(text)
        }
        Some(_) => Err(Error::new(1861, "literal does not match format string")),
    }
}

fn read_number(text: &str, width: usize) -> Result<(i64, &str)> {
    let count = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let problem = if text.is_empty() {
        Error::new(1840, "input value not long enough for date format")
    } else {
        Error::new(1858, "a non-numeric character was found where a numeric was expected")
    };
    let value = text[..count].parse().map_err(|_| problem)?;
    Ok((value, &text[count..]))
}

fn read_name<'a>(text: &'a str, names: &[&str]) -> Option<(i64, &'a str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let length = if starts_with(text, name) { name.len() } else { 3 };
        starts_with(text, &name[..length]).then(|| (index as i64, &text[length..]))
    })
}

fn read_element<'a>(fields: &mut Fields, element: &str, text: &'a str, english: bool) -> Result<&'a str> {
    let width = match element {
        "YYYY" | "RRRR" | "SYYYY" => 4,
        "YYY" | "DDD" => 3,
        "Y" => 1,
        "SSSSS" => 5,
        _ => 2,
    };
    if matches!(element, "MON" | "MONTH" | "AM" | "PM" | "A.M." | "P.M." | "X") {
        return read_word(fields, element, text, english);
    }
    // Where the model asks for a month number, Oracle also takes its name.
    if element == "MM" && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return read_word(fields, "MON", text, english);
    }
    let (value, rest) = read_number(text, width)?;
    let written = text.len() - rest.len();
    let current = Civil::from_seconds(now().0);
    match element {
        "YYYY" | "SYYYY" => fields.year = Some(value),
        "RRRR" | "RR" if written <= 2 => fields.year = Some(nearest_century(value, current.year)),
        "RRRR" => fields.year = Some(value),
        "YYY" => fields.year = Some(current.year / 1000 * 1000 + value),
        "YY" => fields.year = Some(current.year / 100 * 100 + value),
        "Y" => fields.year = Some(current.year / 10 * 10 + value),
        "MM" => fields.month = Some(value),
        "DD" => fields.day = Some(value),
        "DDD" => fields.day_of_year = Some(value),
        "HH24" => fields.hour = Some(value),
        "HH" | "HH12" if !(1..=12).contains(&value) => {
            return Err(Error::new(1849, "hour must be between 1 and 12"));
        }
        "HH" | "HH12" => fields.hour12 = Some(value),
        "MI" => fields.minute = value,
        "SS" => fields.second = value,
        "SSSSS" => fields.seconds_of_day = Some(value),
        _ => return Err(Error::new(1820, "format code cannot appear in date input format")),
    }
    Ok(rest)
}

fn read_word<'a>(fields: &mut Fields, element: &str, text: &'a str, english: bool) -> Result<&'a str> {
    match element {
        "MON" | "MONTH" => {
            if !english {
                return Err(Error::unimplemented(
                    "month names in other languages than English (NLS_DATE_LANGUAGE)",
                ));
            }
            let (index, rest) =
                read_name(text, &MONTHS).ok_or_else(|| Error::new(1843, "not a valid month"))?;
            fields.month = Some(index + 1);
            Ok(rest)
        }
        "X" => Ok(text.strip_prefix(['.', ',']).unwrap_or(text)),
        _ => {
            let width = element.len();
            let word = text.get(..width).unwrap_or(text).to_ascii_uppercase().replace('.', "");
            match word.as_str() {
                "AM" => fields.afternoon = Some(false),
                "PM" => fields.afternoon = Some(true),
                _ => return Err(Error::new(1855, "AM/A.M. or PM/P.M. required")),
            }
            Ok(text.get(width..).unwrap_or_default())
        }
    }
}

/// RR: two digits mean the century that brings them nearest.
fn nearest_century(value: i64, current: i64) -> i64 {
    let century = current / 100 * 100;
    match (value < 50, current % 100 < 50) {
        (true, false) => century + 100 + value,
        (false, true) => century - 100 + value,
        _ => century + value,
    }
}

fn assemble(fields: &Fields) -> Result<Parsed> {
    let current = Civil::from_seconds(now().0);
    let year = fields.year.unwrap_or(current.year);
    let hour = match (fields.hour, fields.hour12) {
        (Some(hour), None) => hour,
        (None, Some(hour)) => hour % 12 + if fields.afternoon == Some(true) { 12 } else { 0 },
        (None, None) => 0,
        _ => return Err(Error::new(1818, "'HH24' precludes use of meridian indicator")),
    };
    let mut civil = Civil {
        year,
        month: fields.month.unwrap_or(if fields.day_of_year.is_some() { 1 } else { current.month }),
        day: fields.day.unwrap_or(1),
        hour,
        minute: fields.minute,
        second: fields.second,
    };
    if let Some(time) = fields.seconds_of_day {
        civil = Civil { hour: time / 3600, minute: time / 60 % 60, second: time % 60, ..civil };
    }
    let mut seconds = civil.to_seconds()?;
    if let Some(day) = fields.day_of_year {
        let of_year = Civil::from_seconds(seconds + (day - 1) * 86_400);
        let disagrees =
            fields.month.is_some_and(|month| month != of_year.month) || of_year.year != year || day < 1;
        if disagrees {
            return Err(Error::new(1834, "day of month conflicts with Julian date"));
        }
        seconds += (day - 1) * 86_400;
    }
    Ok(Parsed { seconds, nanos: fields.nanos })
}
