//! Which database: what the environment says.

use std::env::VarError;

use crate::runner::errors::{Checked, failure};
use crate::runner::target::{RealDatabase, User};

pub const DSN: &str = "ORAPOOL_TEST_DSN";
pub const USER: &str = "ORAPOOL_TEST_USER";
pub const PASSWORD: &str = "ORAPOOL_TEST_PASSWORD";
pub const SYSDBA_USER: &str = "ORAPOOL_TEST_SYSDBA_USER";
pub const SYSDBA_PASSWORD: &str = "ORAPOOL_TEST_SYSDBA_PASSWORD";
pub const CLIENT_LIB_DIR: &str = "ORAPOOL_TEST_CLIENT_LIB_DIR";

/// The value of a variable; an empty one is not set.
pub fn from_environment(name: &str) -> Checked<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => failure(format!("{name} is not UTF-8")),
    }
}

/// The database, or `None` if nothing names one. The client library's folder alone names none: it may be set for other
/// programs, and for good.
pub fn read(variable: impl Fn(&str) -> Checked<Option<String>>) -> Checked<Option<RealDatabase>> {
    let present = all_set(&variable, &[DSN, USER, PASSWORD, SYSDBA_USER, SYSDBA_PASSWORD])?;
    if present.is_empty() {
        return Ok(None);
    }
    let needed = |name: &str| match variable(name)? {
        Some(value) => Ok(value),
        None => failure(format!("{name} is not set, but {} is", present.join(", "))),
    };
    let has_administrator = present.iter().any(|name| [SYSDBA_USER, SYSDBA_PASSWORD].contains(name));
    let administrator = || Ok(User::new(needed(SYSDBA_USER)?, needed(SYSDBA_PASSWORD)?));
    Ok(Some(RealDatabase {
        connect_string: needed(DSN)?,
        owner: User::new(plain_name(USER, needed(USER)?)?, needed(PASSWORD)?),
        administrator: has_administrator.then(administrator).transpose()?,
        administrator_is_missing: format!("{SYSDBA_USER} is not set"),
        client_lib_dir: variable(CLIENT_LIB_DIR)?,
    }))
}

fn all_set<'a>(
    variable: impl Fn(&str) -> Checked<Option<String>>,
    names: &[&'a str],
) -> Checked<Vec<&'a str>> {
    let mut set = Vec::new();
    for name in names {
        if variable(name)?.is_some() {
            set.push(*name);
        }
    }
    Ok(set)
}

/// The owner's name becomes part of statements and of a fix-up's name.
fn plain_name(variable: &str, name: String) -> Checked<String> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$#".contains(&byte));
    if is_plain {
        Ok(name)
    } else {
        failure(format!("{variable} must be a name of letters, digits, _, $ and #"))
    }
}
