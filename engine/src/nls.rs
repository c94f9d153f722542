//! The parameters of a session: NLS settings, time zone, and the few others that ALTER SESSION takes.
//!
//! A value is accepted only if the engine behaves by it, or if nothing in the engine depends on it.

use crate::error::{Error, Result};

/// The NLS parameters with their values at log-on, in the order in which NLS_SESSION_PARAMETERS shows them.
const NLS_DEFAULTS: [(&str, &str); 17] = [
    ("NLS_LANGUAGE", "AMERICAN"),
    ("NLS_TERRITORY", "AMERICA"),
    ("NLS_CURRENCY", "$"),
    ("NLS_ISO_CURRENCY", "AMERICA"),
    ("NLS_NUMERIC_CHARACTERS", ".,"),
    ("NLS_CALENDAR", "GREGORIAN"),
    ("NLS_DATE_FORMAT", "DD-MON-RR"),
    ("NLS_DATE_LANGUAGE", "AMERICAN"),
    ("NLS_SORT", "BINARY"),
    ("NLS_TIME_FORMAT", "HH.MI.SSXFF AM"),
    ("NLS_TIMESTAMP_FORMAT", "DD-MON-RR HH.MI.SSXFF AM"),
    ("NLS_TIME_TZ_FORMAT", "HH.MI.SSXFF AM TZR"),
    ("NLS_TIMESTAMP_TZ_FORMAT", "DD-MON-RR HH.MI.SSXFF AM TZR"),
    ("NLS_DUAL_CURRENCY", "$"),
    ("NLS_COMP", "BINARY"),
    ("NLS_LENGTH_SEMANTICS", "BYTE"),
    ("NLS_NCHAR_CONV_EXCP", "FALSE"),
];

/// Languages whose names are taken; dates with month or day names are written in English alone, see `format_date`.
const LANGUAGES: [&str; 16] = [
    "AMERICAN",
    "BRAZILIAN PORTUGUESE",
    "CANADIAN FRENCH",
    "DANISH",
    "DUTCH",
    "ENGLISH",
    "FINNISH",
    "FRENCH",
    "GERMAN",
    "ITALIAN",
    "JAPANESE",
    "NORWEGIAN",
    "POLISH",
    "PORTUGUESE",
    "SPANISH",
    "SWEDISH",
];

struct Territory {
    name: &'static str,
    date_format: &'static str,
    timestamp_format: &'static str,
    numeric_characters: &'static str,
    currency: &'static str,
}

const TERRITORIES: [Territory; 4] = [
    Territory {
        name: "AMERICA",
        date_format: "DD-MON-RR",
        timestamp_format: "DD-MON-RR HH.MI.SSXFF AM",
        numeric_characters: ".,",
        currency: "$",
    },
    Territory {
        name: "FRANCE",
        date_format: "DD/MM/RR",
        timestamp_format: "DD/MM/RR HH24:MI:SSXFF",
        numeric_characters: ", ",
        currency: "€",
    },
    Territory {
        name: "GERMANY",
        date_format: "DD.MM.RR",
        timestamp_format: "DD.MM.RR HH24:MI:SSXFF",
        numeric_characters: ",.",
        currency: "€",
    },
    Territory {
        name: "UNITED KINGDOM",
        date_format: "DD-MON-RR",
        timestamp_format: "DD-MON-RR HH24.MI.SSXFF",
        numeric_characters: ".,",
        currency: "£",
    },
];

/// What a session may change about itself.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    nls: Vec<(&'static str, String)>,
    /// As it was set, for SESSIONTIMEZONE.
    pub(crate) time_zone: String,
    /// East of UTC, in minutes.
    pub(crate) time_zone_minutes: i16,
    pub(crate) current_schema: String,
    pub(crate) edition: String,
    pub(crate) module: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) client_info: Option<String>,
    pub(crate) client_identifier: Option<String>,
}

fn no_such_value(name: &str, value: &str) -> Error {
    Error::new(
        12705,
        format_args!("cannot access NLS data files or invalid environment specified: {name} = '{value}'"),
    )
}

/// ORA-02248.
pub(crate) fn no_such_parameter(name: &str) -> Error {
    Error::new(2248, format_args!("invalid option for ALTER SESSION: {name}"))
}

fn bad_value(name: &str, value: &str) -> Error {
    Error::new(
        2097,
        format_args!(
            "parameter cannot be modified because specified value is invalid: {name} = '{value}' is not in the embedded engine"
        ),
    )
}

impl Environment {
    pub(crate) fn new(schema: &str, edition: &str) -> Self {
        Self {
            nls: NLS_DEFAULTS.iter().map(|&(name, value)| (name, value.to_owned())).collect(),
            time_zone: "+00:00".to_owned(),
            time_zone_minutes: 0,
            current_schema: schema.to_owned(),
            edition: edition.to_owned(),
            module: None,
            action: None,
            client_info: None,
            client_identifier: None,
        }
    }

    pub(crate) fn nls_parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.nls.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of an NLS parameter; empty for a name that is none.
    pub(crate) fn nls(&self, name: &str) -> &str {
        self.nls.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    fn put(&mut self, name: &str, value: &str) {
        if let Some(entry) = self.nls.iter_mut().find(|(known, _)| *known == name) {
            entry.1 = value.to_owned();
        }
    }

    /// The decimal character and the group separator.
    pub(crate) fn numeric_characters(&self) -> (char, char) {
        let mut characters = self.nls("NLS_NUMERIC_CHARACTERS").chars();
        (characters.next().unwrap_or('.'), characters.next().unwrap_or(','))
    }

    /// Whether month and day names are English.
    pub(crate) fn has_english_dates(&self) -> bool {
        matches!(self.nls("NLS_DATE_LANGUAGE"), "AMERICAN" | "ENGLISH")
    }

    /// Sets one parameter but CURRENT_SCHEMA, which needs the list of users. ORA-02248, ORA-02097, ORA-12705 and ORA-01882 as Oracle.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let upper = value.to_uppercase();
        match name {
            "TIME_ZONE" => self.set_time_zone(value),
            "EDITION" => self.set_edition(&upper),
            "NLS_LANGUAGE" => self.set_language(&upper),
            "NLS_TERRITORY" => self.set_territory(&upper),
            _ if name.starts_with("NLS_") => self.set_nls(name, value, &upper),
            _ => accept_without_effect(name, value, &upper),
        }
    }

    fn set_edition(&mut self, edition: &str) -> Result<()> {
        check_edition(edition)?;
        self.edition = edition.to_owned();
        Ok(())
    }

    fn set_language(&mut self, language: &str) -> Result<()> {
        if !LANGUAGES.contains(&language) {
            return Err(no_such_value("NLS_LANGUAGE", language));
        }
        self.put("NLS_LANGUAGE", language);
        self.put("NLS_DATE_LANGUAGE", language);
        Ok(())
    }

    fn set_territory(&mut self, name: &str) -> Result<()> {
        let territory = TERRITORIES
            .iter()
            .find(|territory| territory.name == name)
            .ok_or_else(|| no_such_value("NLS_TERRITORY", name))?;
        self.put("NLS_TERRITORY", name);
        self.put("NLS_ISO_CURRENCY", name);
        self.put("NLS_CURRENCY", territory.currency);
        self.put("NLS_NUMERIC_CHARACTERS", territory.numeric_characters);
        self.put("NLS_DATE_FORMAT", territory.date_format);
        self.put("NLS_TIMESTAMP_FORMAT", territory.timestamp_format);
        self.put("NLS_TIMESTAMP_TZ_FORMAT", &format!("{} TZR", territory.timestamp_format));
        Ok(())
    }

    fn set_nls(&mut self, name: &str, value: &str, upper: &str) -> Result<()> {
        let stored = match name {
            "NLS_DATE_FORMAT"
            | "NLS_TIMESTAMP_FORMAT"
            | "NLS_TIMESTAMP_TZ_FORMAT"
            | "NLS_TIME_FORMAT"
            | "NLS_TIME_TZ_FORMAT" => {
                crate::format_date::check_model(value)?;
                value
            }
            "NLS_NUMERIC_CHARACTERS" => checked_numeric_characters(value)?,
            "NLS_CURRENCY" | "NLS_DUAL_CURRENCY" => value,
            "NLS_ISO_CURRENCY" if TERRITORIES.iter().any(|territory| territory.name == upper) => upper,
            "NLS_DATE_LANGUAGE" if LANGUAGES.contains(&upper) => upper,
            "NLS_CALENDAR" if upper == "GREGORIAN" => upper,
            // With binary sorting, binary and linguistic comparisons are the same.
            "NLS_COMP" if matches!(upper, "BINARY" | "LINGUISTIC" | "ANSI") => upper,
            "NLS_SORT" if upper == "BINARY" => upper,
            "NLS_LENGTH_SEMANTICS" if matches!(upper, "BYTE" | "CHAR") => upper,
            "NLS_NCHAR_CONV_EXCP" if matches!(upper, "TRUE" | "FALSE") => upper,
            "NLS_SORT" => return Err(bad_value(name, value)),
            _ if NLS_DEFAULTS.iter().any(|(known, _)| *known == name) => {
                return Err(no_such_value(name, value));
            }
            _ => return Err(no_such_parameter(name)),
        };
        self.put(name, stored);
        Ok(())
    }

    fn set_time_zone(&mut self, value: &str) -> Result<()> {
        let (text, minutes) =
            if value.eq_ignore_ascii_case("DBTIMEZONE") || value.eq_ignore_ascii_case("LOCAL") {
                ("+00:00".to_owned(), 0)
            } else {
                (value.to_owned(), parse_time_zone(value)?)
            };
        self.time_zone = text;
        self.time_zone_minutes = minutes;
        Ok(())
    }
}

/// ORA-38802 for an edition that is not there: the engine has the default one alone.
pub(crate) fn check_edition(edition: &str) -> Result<()> {
    if edition == DEFAULT_EDITION { Ok(()) } else { Err(Error::new(38802, "edition does not exist")) }
}

pub(crate) const DEFAULT_EDITION: &str = "ORA$BASE";

/// `+hh:mm`, `-hh:mm`, `UTC` or `GMT`, in minutes east of UTC; the engine has no table of regions.
pub(crate) fn parse_time_zone(text: &str) -> Result<i16> {
    let trimmed = text.trim();
    if matches!(trimmed.to_uppercase().as_str(), "UTC" | "GMT") {
        return Ok(0);
    }
    let unknown = || {
        Error::new(
            1882,
            format_args!("timezone region {text} not found; the embedded engine takes offsets, UTC and GMT"),
        )
    };
    let (sign, digits) = match trimmed.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => (1, trimmed),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(unknown)?;
    let number = |part: &str| -> Result<i16> {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse().map_err(|_| unknown()) } else { Err(unknown()) }
    };
    let total = sign * (number(hours)? * 60 + number(minutes)?);
    if number(minutes)? > 59 || !(-12 * 60..=14 * 60).contains(&total) {
        return Err(Error::new(1874, "time zone hour must be between -12 and 14"));
    }
    Ok(total)
}

fn checked_numeric_characters(value: &str) -> Result<&str> {
    let characters: Vec<char> = value.chars().collect();
    let good = |c: &char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '<' | '>');
    match characters.as_slice() {
        [decimal, group] if decimal != group && good(decimal) && good(group) => Ok(value),
        _ => Err(no_such_value("NLS_NUMERIC_CHARACTERS", value)),
    }
}

/// Parameters that steer what the engine has not (an optimizer, traces), so that any valid value is obeyed by doing nothing.
fn accept_without_effect(name: &str, value: &str, upper: &str) -> Result<()> {
    let good = match name {
        "OPTIMIZER_MODE" => {
            matches!(upper, "ALL_ROWS" | "FIRST_ROWS" | "FIRST_ROWS_1" | "FIRST_ROWS_10" | "FIRST_ROWS_100")
        }
        "STATISTICS_LEVEL" => matches!(upper, "ALL" | "TYPICAL" | "BASIC"),
        "SQL_TRACE" | "TIMED_STATISTICS" => matches!(upper, "TRUE" | "FALSE"),
        "CURSOR_SHARING" => matches!(upper, "EXACT" | "FORCE"),
        "TRACEFILE_IDENTIFIER" => true,
        "DDL_LOCK_TIMEOUT" => return Err(bad_value(name, value)),
        "ISOLATION_LEVEL" => upper == "READ COMMITTED" || upper == "READ_COMMITTED",
        _ => return Err(no_such_parameter(name)),
    };
    if good { Ok(()) } else { Err(bad_value(name, value)) }
}
