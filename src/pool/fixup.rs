//! The PL/SQL procedure that puts a session's state right when its tag is not the one that was asked for.

use crate::driver::{Session, Value};
use crate::error::Error;
use crate::pool::tag::Tag;

/// Longest identifier in bytes, as of Oracle Database 12.2.
const IDENTIFIER_LIMIT: usize = 128;

/// The ORA number of a fix-up procedure that failed.
pub(crate) const FIXUP_FAILED: i32 = 56610;

/// The call of a fix-up procedure whose name was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixup {
    name: String,
    block: String,
}

impl Fixup {
    /// The procedure `[schema.][package.]procedure`. The name becomes part of a PL/SQL block, so nothing but names gets
    /// in. Whether there is such a procedure shows at its first call.
    pub(crate) fn named(name: &str) -> Result<Fixup, Error> {
        check_name(name).map_err(|why| {
            Error::invalid_argument(format!(
                "ORAPOOL_ATTR_FIXUP_CALLBACK takes [schema.][package.]procedure; `{}` is none: {why}",
                name.escape_debug()
            ))
        })?;
        Ok(Fixup { name: name.to_owned(), block: format!("BEGIN {name}(:1, :2); END;") })
    }

    /// The procedure's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Has the procedure change the session's state from `actual` to `wanted`: one call to the database. What it leaves
    /// uncommitted is rolled back; what ALTER SESSION has set stays.
    pub(crate) fn run(
        &self,
        session: &mut dyn Session,
        wanted: &Tag,
        actual: Option<&Tag>,
    ) -> Result<(), Error> {
        let text = |tag: &Tag| Value::Text(String::from_utf8_lossy(tag.as_bytes()).into_owned());
        let mut statement = session.prepare(&self.block)?;
        statement.bind(1, text(wanted))?;
        statement.bind(2, actual.map_or(Value::Null, text))?;
        statement.execute()?;
        // The client keeps its session for as long as a statement lives.
        drop(statement);
        if session.in_transaction() { session.rollback() } else { Ok(()) }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let mut rest = name;
    for part in 1.. {
        rest = check_identifier(rest)?;
        if rest.is_empty() {
            return Ok(());
        }
        let at = name.len() - rest.len();
        match rest.strip_prefix('.') {
            Some(_) if part == 3 => return Err(format!("a fourth name begins at byte {at}")),
            Some(after) => rest = after,
            None => {
                return Err(format!(
                    "the byte at {at} belongs to no name; other names stand in double quotes"
                ));
            }
        }
    }
    Ok(())
}

/// Checks the identifier that `text` begins with. What comes behind it.
fn check_identifier(text: &str) -> Result<&str, String> {
    let (length, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (inner, rest) = quoted.split_once('"').ok_or("a double quote has no partner")?;
            if inner.contains('\0') {
                return Err("a quoted name has a NUL".to_owned());
            }
            (inner.len(), rest)
        }
        None => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '#');
            let rest = text.trim_start_matches(is_part);
            let length = text.len() - rest.len();
            if length > 0 && !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Err("a name begins with a letter".to_owned());
            }
            (length, rest)
        }
    };
    match length {
        0 => Err("a name is empty".to_owned()),
        1..=IDENTIFIER_LIMIT => Ok(rest),
        _ => Err(format!("a name is {length} bytes long; {IDENTIFIER_LIMIT} is the most")),
    }
}

/// The error of a get whose session could not be fixed up.
pub(crate) fn fixup_failed(cause: Error) -> Error {
    // Where it went wrong stands in the cause, which is next in the chain.
    let what = cause.message().lines().next().unwrap_or_default();
    let text = format!("ORA-56610: the fix-up procedure failed and the session was dropped: {what}");
    Error::oracle(FIXUP_FAILED, text).caused_by(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_up_to_three_parts_become_one_call() {
        let long = "p".repeat(128);
        for name in ["p", "P$_#9", "pkg.p", "app.pkg.p", "\"My pkg; --\".p", "\"größe\"", &long] {
            assert_eq!(Fixup::named(name).unwrap().block, format!("BEGIN {name}(:1, :2); END;"));
        }
    }

    #[test]
    fn whatever_is_no_name_is_refused() {
        let long = "p".repeat(129);
        for name in [
            "a.b.c.d",
            "p; drop table t",
            "p(1,2);--",
            "p -- x",
            "p ",
            " p",
            ".p",
            "p.",
            "a..p",
            "1p",
            "_p",
            "größe",
            "\"p",
            "\"\"",
            "\"p\"x",
            "\"p\"\"q\"",
            "p'",
            "p/**/",
            "p\n",
            "p@link",
            &long,
        ] {
            assert!(Fixup::named(name).is_err(), "{name}");
        }
    }
}
