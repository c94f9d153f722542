//! Finds the bind variables of a statement, and what kind of statement it is.

/// A bind variable at its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Upper case unless quoted.
    pub name: String,
    pub start: usize,
    pub end: usize,
}

pub const STMT_SELECT: u16 = 1;
pub const STMT_UPDATE: u16 = 2;
pub const STMT_DELETE: u16 = 3;
pub const STMT_INSERT: u16 = 4;
pub const STMT_CREATE: u16 = 5;
pub const STMT_DROP: u16 = 6;
pub const STMT_ALTER: u16 = 7;
pub const STMT_BEGIN: u16 = 8;
pub const STMT_DECLARE: u16 = 9;
pub const STMT_CALL: u16 = 10;
pub const STMT_MERGE: u16 = 16;
pub const STMT_ROLLBACK: u16 = 17;
pub const STMT_COMMIT: u16 = 21;

/// OCI_ATTR_STMT_TYPE of a text; 0 is unknown.
pub fn statement_type(sql: &str) -> u16 {
    let words = first_words(sql);
    match words.first().map(String::as_str) {
        Some("SELECT" | "WITH") => STMT_SELECT,
        Some("UPDATE") => STMT_UPDATE,
        Some("DELETE") => STMT_DELETE,
        Some("INSERT") => STMT_INSERT,
        Some("CREATE") => STMT_CREATE,
        Some("DROP") => STMT_DROP,
        Some("ALTER") => STMT_ALTER,
        Some("BEGIN" | "<<") => STMT_BEGIN,
        Some("DECLARE") => STMT_DECLARE,
        Some("CALL") => STMT_CALL,
        Some("MERGE") => STMT_MERGE,
        Some("ROLLBACK") => STMT_ROLLBACK,
        Some("COMMIT") => STMT_COMMIT,
        _ => 0,
    }
}

pub fn is_plsql(statement_type: u16) -> bool {
    matches!(statement_type, STMT_BEGIN | STMT_DECLARE | STMT_CALL)
}

/// OCI_ATTR_SQLFNCODE, of the documentation's table of SQL command codes; 0 for what the engine does not have anyway.
pub fn function_code(sql: &str) -> u16 {
    let words = first_words(sql);
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("CREATE", "TABLE") => 1,
        ("INSERT", _) => 3,
        ("SELECT" | "WITH", _) => 4,
        ("UPDATE", _) => 5,
        ("DROP", "VIEW") => 7,
        ("DROP", "TABLE") => 8,
        ("DELETE", _) => 9,
        ("CREATE", "VIEW") => 10,
        ("DROP", "USER") => 11,
        ("CREATE", "SEQUENCE") => 13,
        ("ALTER", "SEQUENCE") => 14,
        ("DROP", "SEQUENCE") => 16,
        ("CREATE", "USER") => 19,
        ("CREATE", "INDEX") => 20,
        ("DROP", "INDEX") => 21,
        ("CREATE", "PROCEDURE") => 24,
        ("ALTER", "TABLE") => 26,
        ("BEGIN" | "DECLARE" | "<<", _) => 34,
        ("LOCK", _) => 35,
        ("ALTER", "SESSION") => 52,
        ("ALTER", "USER") => 53,
        ("COMMIT", _) => 54,
        ("ROLLBACK", _) => 55,
        ("SAVEPOINT", _) => 56,
        _ => 0,
    }
}

/// The first two words in upper case, past blanks, comments, opening parentheses and OR REPLACE; `<<` for a label.
fn first_words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while words.len() < 2 {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
            continue;
        }
        if rest.starts_with("<<") {
            words.push("<<".to_owned());
            break;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let word = rest[..end].to_ascii_uppercase();
        rest = &rest[end..];
        if !matches!(word.as_str(), "OR" | "REPLACE" | "UNIQUE" | "EDITIONABLE" | "NONEDITIONABLE") {
            words.push(word);
        }
    }
    words
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_$#".contains(&byte) || byte >= 0x80
}

/// The bind variables in the order of the text. CREATE has none: what looks like one there belongs to a trigger.
pub fn placeholders(sql: &str) -> Vec<Placeholder> {
    if statement_type(sql) == STMT_CREATE {
        return Vec::new();
    }
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'\'' => after_literal(sql, at),
            b'"' => after(sql, at + 1, "\""),
            b'-' if sql[at..].starts_with("--") => after(sql, at, "\n"),
            b'/' if sql[at..].starts_with("/*") => after(sql, at + 2, "*/"),
            b':' => match placeholder_at(sql, at) {
                Some(placeholder) => {
                    let end = placeholder.end;
                    found.push(placeholder);
                    end
                }
                None => at + 1,
            },
            _ => at + 1,
        };
    }
    found
}

fn after(sql: &str, from: usize, ending: &str) -> usize {
    let from = from.min(sql.len());
    sql.as_bytes()[from..]
        .windows(ending.len())
        .position(|window| window == ending.as_bytes())
        .map_or(sql.len(), |at| from + at + ending.len())
}

/// Behind the literal whose opening quote is at `at`; `q'[…]'` is told by the letter before it.
fn after_literal(sql: &str, at: usize) -> usize {
    let bytes = sql.as_bytes();
    let is_letter_q = at > 0 && bytes[at - 1].eq_ignore_ascii_case(&b'q');
    let starts_word = at < 2 || !is_name(bytes[at - 2]) || bytes[at - 2].eq_ignore_ascii_case(&b'n');
    if !(is_letter_q && starts_word) {
        // A doubled quote ends one literal and begins the next, which comes to the same.
        return after(sql, at + 1, "'");
    }
    let close = match bytes.get(at + 1) {
        Some(b'[') => "]'".to_owned(),
        Some(b'(') => ")'".to_owned(),
        Some(b'{') => "}'".to_owned(),
        Some(b'<') => ">'".to_owned(),
        Some(&other) => format!("{}'", char::from(other)),
        None => return sql.len(),
    };
    after(sql, at + 2, &close)
}

fn placeholder_at(sql: &str, colon: usize) -> Option<Placeholder> {
    let bytes = sql.as_bytes();
    let blanks = bytes[colon + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = colon + 1 + blanks;
    if bytes.get(start) == Some(&b'"') {
        let end = after(sql, start + 1, "\"");
        let name = sql.get(start + 1..end - 1)?.to_owned();
        return Some(Placeholder { name, start: colon, end });
    }
    let length = bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
    let name = sql.get(start..start + length)?.to_uppercase();
    (length > 0).then_some(Placeholder { name, start: colon, end: start + length })
}

/// The text without the FOR UPDATE at its end, if it has one.
pub fn without_for_update(sql: &str) -> Option<&str> {
    let upper = sql.to_ascii_uppercase();
    let at = upper.rfind("FOR UPDATE")?;
    // Inside a literal or a name it ends nothing.
    let quotes = sql[..at].matches('\'').count() + sql[..at].matches('"').count();
    quotes.is_multiple_of(2).then(|| sql[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        placeholders(sql).into_iter().map(|placeholder| placeholder.name).collect()
    }

    #[test]
    fn binds_are_found_and_nothing_else() {
        assert_eq!(
            names("select :1, : b, ':x', q'[:y'']', \":z\" /* :c */ from t -- :d\n where e = :\"eF\""),
            ["1", "B", "eF"]
        );
        assert_eq!(names("begin x := :a; y := 'it''s :b'; end;"), ["A"]);
        assert!(names("create trigger t before insert on x begin :new.a := 1; end;").is_empty());
    }

    #[test]
    fn kinds_are_told() {
        assert_eq!(statement_type("-- x\n /* y */ (select 1 from dual)"), STMT_SELECT);
        assert_eq!(statement_type("<<l>> begin null; end;"), STMT_BEGIN);
        assert_eq!(statement_type("  Merge into t"), STMT_MERGE);
        assert_eq!(statement_type(""), 0);
        assert_eq!(function_code("create or replace /* x */ procedure p is"), 24);
        assert_eq!(function_code("create unique index i on t (n)"), 20);
    }
}
