//! The placeholders of a SQL text. Each occurrence is a bind position of its own, but the crate `oracle` reaches but one
//! of those that share a name. So where a name stands twice, all are given names of their own.

/// `sql` with its placeholders named `:b1`, `:b2` and so on, in the order of the text.
pub(super) fn with_own_names(sql: &str) -> String {
    let mut renamed = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    let mut count = 0;
    while let Some(first) = rest.chars().next() {
        let is_new_word = !renamed.ends_with(is_name_part);
        let length = match first {
            ':' => {
                let name = placeholder(rest);
                if name > 0 {
                    count += 1;
                    renamed.push_str(&format!(":b{count}"));
                    rest = &rest[1 + name..];
                    continue;
                }
                1
            }
            '\'' => through(rest, 1, "'"),
            '"' => through(rest, 1, "\""),
            '-' if rest.starts_with("--") => through(rest, 2, "\n"),
            '/' if rest.starts_with("/*") => through(rest, 2, "*/"),
            'q' | 'Q' | 'n' | 'N' if is_new_word => quoted(rest),
            other => other.len_utf8(),
        };
        let (taken, behind) = rest.split_at(length);
        renamed.push_str(taken);
        rest = behind;
    }
    renamed
}

fn is_name_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '#')
}

/// How long the name behind the colon is that `text` begins with; 0: it is no placeholder's colon.
fn placeholder(text: &str) -> usize {
    let name = &text[1..];
    if name.starts_with('"') {
        return through(name, 1, "\"");
    }
    name.find(|letter| !is_name_part(letter)).unwrap_or(name.len())
}

/// How long `text` is up to and with `end`, which is looked for from byte `from`. A text that does not end is all of it.
fn through(text: &str, from: usize, end: &str) -> usize {
    text[from..].find(end).map_or(text.len(), |at| from + at + end.len())
}

/// How long a literal such as `q'[it's]'` or `nq'!x!'` is, or else the letter that it would begin with.
fn quoted(text: &str) -> usize {
    let without_n = text.strip_prefix(['n', 'N']).unwrap_or(text);
    let opened = without_n.strip_prefix(['q', 'Q']).and_then(|text| text.strip_prefix('\''));
    let Some(opening) = opened.and_then(|opened| opened.chars().next()) else { return 1 };
    let closing = match opening {
        '[' => ']',
        '{' => '}',
        '(' => ')',
        '<' => '>',
        same => same,
    };
    let from = text.len() - opened.map_or(0, str::len) + opening.len_utf8();
    through(text, from, &format!("{closing}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_renamed_and_nothing_else() {
        for (sql, expected) in [
            ("select :x, :x, :1 from dual", "select :b1, :b2, :b3 from dual"),
            ("select ':x', \":x\", :x -- :x\n, :x", "select ':x', \":x\", :b1 -- :x\n, :b2"),
            ("select 'it''s :x' || :x /* :x */", "select 'it''s :x' || :b1 /* :x */"),
            ("select q'[it's :x]', nq'!:x'!!', :x", "select q'[it's :x]', nq'!:x'!!', :b1"),
            ("select seq':x' || :\"Ä b\"", "select seq':x' || :b1"),
            ("begin a := :a; end;", "begin a := :b1; end;"),
            ("select n, :größe", "select n, :b1"),
            ("select ':", "select ':"),
            ("q", "q"),
            ("select q'", "select q'"),
            ("", ""),
        ] {
            assert_eq!(with_own_names(sql), expected, "{sql}");
        }
    }
}
