//! Names that stand in `tnsnames.ora`.
//!
//! The rules are those of the client library as far as they are told: an entry begins in the first column, names are of
//! any case, IFILE reads another file at its place, and of entries with the same name the last one counts. A file that
//! can not be read has no names.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::driver::connect_string::descriptor;

const FILE: &str = "tnsnames.ora";

/// How deep IFILE may lead: as deep as Oracle allows it for its other files.
const DEPTH_LIMIT: usize = 3;

/// How many files one look-up may read: files that name one another are read again and again.
const FILES_LIMIT: usize = 64;

/// The largest file that is read. No list of names is as large, and IFILE can name anything.
const SIZE_LIMIT: u64 = 16 << 20;

/// What stands behind a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The descriptor or easy connect string, with spaces where comments were.
    pub(super) value: String,
    file: PathBuf,
    /// Where in the file the value begins: the byte, and the line counted from 1.
    at: usize,
    line: usize,
}

impl Entry {
    /// Byte `at` of the value, told as a place in the file.
    pub(super) fn place(&self, at: usize) -> String {
        let lines = self.value.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let (line, at) = (self.line + lines, self.at + at);
        format!("line {line} of {}, at byte {at}, counted from 0", self.file.display())
    }
}

/// The entry of `name`; none where no file has it.
pub(super) fn find(name: &str, config_dir: Option<&Path>) -> Option<Entry> {
    let folder = folder(config_dir, |variable| env::var_os(variable))?;
    Search { name, files_left: FILES_LIMIT }.file(&folder.join(FILE), DEPTH_LIMIT)
}

/// Where `tnsnames.ora` is looked for. One place counts, whether the file is there or not.
fn folder(config_dir: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let given = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config_dir = config_dir.filter(|folder| !folder.as_os_str().is_empty());
    let below_home = || given("ORACLE_HOME").map(|home| home.join("network/admin"));
    config_dir.map(Path::to_path_buf).or_else(|| given("TNS_ADMIN")).or_else(below_home)
}

struct Search<'a> {
    name: &'a str,
    files_left: usize,
}

impl Search<'_> {
    fn file(&mut self, path: &Path, depth_left: usize) -> Option<Entry> {
        self.files_left = self.files_left.checked_sub(1)?;
        let text = without_comments(&contents(path)?);
        let entries = entries(&text);
        // From the end: the last one counts.
        entries.iter().rev().find_map(|entry| {
            if entry.names("ifile", &text) {
                let included = included(path, &text[entry.value.clone()]);
                return self.file(&included, depth_left.checked_sub(1)?);
            }
            entry.names(self.name, &text).then(|| entry.found(path, &text))
        })
    }
}

/// A path without a folder before it lies beside the file that names it.
fn included(path: &Path, value: &str) -> PathBuf {
    let quotes = ['"', '\''];
    path.with_file_name(value.trim_matches(quotes))
}

/// The text of a file. What is not UTF-8, such as old comments, becomes `?` byte by byte, so that places stay the same.
fn contents(path: &Path) -> Option<String> {
    let about = fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > SIZE_LIMIT {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Some(text)
}

/// The same text with as many spaces where comments, and the mark that some editors begin files with, were.
fn without_comments(text: &str) -> String {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut cleaned = " ".repeat(text.len() - body.len());
    for line in body.split_inclusive('\n') {
        let kept = comment_start(line).map_or(line, |start| &line[..start]);
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let kept = kept.strip_suffix('\n').unwrap_or(kept);
        cleaned.push_str(kept);
        cleaned.push_str(&" ".repeat(line.len() - kept.len() - end.len()));
        cleaned.push_str(end);
    }
    cleaned
}

/// Where a comment begins: at a `#` that can not be part of a value.
fn comment_start(line: &str) -> Option<usize> {
    let mut quote = None;
    let (mut before, mut last_mark) = (' ', ' ');
    for (at, letter) in line.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if letter == '#' && (before.is_whitespace() || "(),".contains(before)) => return Some(at),
            None if matches!(letter, '"' | '\'') && last_mark == '=' => quote = Some(letter),
            None => {}
        }
        before = letter;
        last_mark = if letter.is_whitespace() { last_mark } else { letter };
    }
    None
}

/// `names = value`, as places in the text.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    names: Range<usize>,
    value: Range<usize>,
}

impl Found {
    fn names(&self, name: &str, text: &str) -> bool {
        text[self.names.clone()].split(',').any(|alias| alias.trim().eq_ignore_ascii_case(name))
    }

    fn found(&self, path: &Path, text: &str) -> Entry {
        let at = self.value.start;
        let line = 1 + text[..at].bytes().filter(|byte| *byte == b'\n').count();
        Entry { value: text[self.value.clone()].to_owned(), file: path.to_path_buf(), at, line }
    }
}

fn entries(text: &str) -> Vec<Found> {
    let mut entries = Vec::new();
    for chunk in chunks(text) {
        let mut at = chunk.start;
        // Mostly one: the others are indented, which some readers let pass.
        while let Some(equals) = text[at..chunk.end].find('=') {
            let equals = at + equals;
            if let Some(open) = text[at..equals].find('(') {
                // A list that belongs to no name.
                at = value(text, at + open..chunk.end).end;
                continue;
            }
            let names = names(text, at..equals);
            let value = value(text, equals + 1..chunk.end);
            at = value.end;
            entries.push(Found { names, value });
        }
    }
    entries
}

/// The text divided where lines begin entries. A list of names may take several lines.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let (mut at, mut has_equals) = (0, true);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match chunks.last_mut() {
            Some(last) if !(has_equals && begins_entry(line)) => last.end = end,
            _ => {
                chunks.push(at..end);
                has_equals = false;
            }
        }
        has_equals |= line.contains('=');
        at = end;
    }
    chunks
}

/// Whether a line begins with a name in its first column, which what continues an entry does not.
fn begins_entry(line: &str) -> bool {
    if line.starts_with(|letter: char| letter.is_whitespace() || ",=()".contains(letter)) {
        return false;
    }
    match line.find(['=', '(', ')']) {
        Some(at) => line[at..].starts_with('='),
        None => line.trim_end().ends_with(','),
    }
}

/// The names at the end of `range`, without what lies between them and the value before.
fn names(text: &str, range: Range<usize>) -> Range<usize> {
    let head = text[range.clone()].trim_end();
    let mut start = head.rfind(')').map_or(0, |at| at + 1);
    while let Some(line_end) = head[start..].find('\n') {
        let (line, rest) = (&head[start..start + line_end], &head[start + line_end..]);
        if line.trim_end().ends_with(',') || rest.trim_start().starts_with(',') {
            break;
        }
        start += line_end + 1;
    }
    range.start + start..range.start + head.len()
}

/// The value that `range` begins with: a list as far as it goes, or else a line. A list that does not end is all of it.
fn value(text: &str, range: Range<usize>) -> Range<usize> {
    let rest = &text[range.clone()];
    let start = range.end - rest.trim_start().len();
    let rest = &text[start..range.end];
    let length = match rest.starts_with('(') {
        true => descriptor::list_length(rest).unwrap_or(rest.trim_end().len()),
        false => rest.lines().next().unwrap_or("").trim_end().len(),
    };
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::connect_string::NetTarget;

    /// A folder of files that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Folder {
            let path = env::temp_dir().join(format!("orapool-names-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            for (file, text) in files {
                fs::write(path.join(file), text).unwrap();
            }
            Folder(path)
        }

        fn value(&self, name: &str) -> Option<String> {
            find(name, Some(&self.0)).map(|entry| entry.value)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// `NAMES -> VALUE` of each entry.
    fn told(text: &str) -> Vec<String> {
        let text = without_comments(text);
        let one =
            |found: &Found| format!("{} -> {}", text[found.names.clone()].trim(), &text[found.value.clone()]);
        entries(&text).iter().map(one).collect()
    }

    #[test]
    fn entries_are_read_however_they_are_laid_out() {
        for (text, expected) in [
            ("", vec![]),
            ("a=(A=1)", vec!["a -> (A=1)"]),
            ("a = host/service", vec!["a -> host/service"]),
            ("a =\n  (A =\n    (B = 1)\n  )\n\nb=(B=2)\n", vec!["a -> (A =\n    (B = 1)\n  )", "b -> (B=2)"]),
            ("a =\n(A =\n(B = 1)\n)\nb=(B=2)\n", vec!["a -> (A =\n(B = 1)\n)", "b -> (B=2)"]),
            ("a, b = (A=1)", vec!["a, b -> (A=1)"]),
            ("a,\nb,\n  c = (A=1)\n", vec!["a,\nb,\n  c -> (A=1)"]),
            ("a\n, b = (A=1)\n", vec!["a\n, b -> (A=1)"]),
            ("a=(A=1)\n  b=(B=2)", vec!["a -> (A=1)", "b -> (B=2)"]),
            ("a=(A=1)\nb\n=\n(B=2)", vec!["a -> (A=1)", "b -> (B=2)"]),
            ("a=(A=1))\nb=(B=2)", vec!["a -> (A=1)", "b -> (B=2)"]),
            ("a=(A=(X=1)\nb=(B=2)", vec!["a -> (A=(X=1)", "b -> (B=2)"]),
            ("what is this\na=(A=1)\n", vec!["a -> (A=1)"]),
            ("a=\nb=(B=2)", vec!["a -> ", "b -> (B=2)"]),
            ("a=(A=x\nhost)(B=1)\n", vec!["a -> (A=x\nhost)"]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_are_spaces() {
        for (text, expected) in [
            ("# a=(A=1)\nb=(B=2)", vec!["b -> (B=2)"]),
            ("a=(A=1) # don't\nb=(B=2)#b", vec!["a -> (A=1)", "b -> (B=2)"]),
            ("a=(A=\n# (\n  1)", vec!["a -> (A=\n   \n  1)"]),
            ("a=(A=x#y)", vec!["a -> (A=x#y)"]),
            ("a=(A=\"x #y\")", vec!["a -> (A=\"x #y\")"]),
            ("\u{feff}a=(A=1)", vec!["a -> (A=1)"]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn where_the_file_is_looked_for() {
        let variables = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        let both = variables(&[("TNS_ADMIN", "/t"), ("ORACLE_HOME", "/o")]);
        assert_eq!(folder(Some(Path::new("/c")), both), Some("/c".into()));
        assert_eq!(folder(None, both), Some("/t".into()));
        assert_eq!(folder(Some(Path::new("")), both), Some("/t".into()));
        let home = variables(&[("TNS_ADMIN", ""), ("ORACLE_HOME", "/o")]);
        assert_eq!(folder(None, home), Some("/o/network/admin".into()));
        assert_eq!(folder(None, variables(&[])), None);
    }

    #[test]
    fn names_are_of_any_case_and_the_last_one_counts() {
        let names = b"a, Sales.World = (A=1)\nb = (B=1)\nB = (B=2)\n";
        let folder = Folder::new("case", &[("tnsnames.ora", names)]);
        assert_eq!(folder.value("sales.WORLD").as_deref(), Some("(A=1)"));
        assert_eq!(folder.value("b").as_deref(), Some("(B=2)"));
        assert_eq!(folder.value("sales"), None, "no domain is added");
        assert_eq!(find("a", Some(&folder.0.join("nowhere"))), None);
    }

    #[test]
    fn ifile_is_read_at_its_place() {
        let folder = Folder::new(
            "ifile",
            &[
                ("tnsnames.ora", b"a=(A=1)\nIFILE = \"more.ora\"\nb=(B=1)\nifile=nowhere.ora\n"),
                ("more.ora", b"a=(A=2)\nb=(B=2)\nc=(C=2)\n"),
            ],
        );
        assert_eq!(folder.value("a").as_deref(), Some("(A=2)"));
        assert_eq!(folder.value("b").as_deref(), Some("(B=1)"));
        assert_eq!(folder.value("c").as_deref(), Some("(C=2)"));
    }

    #[test]
    fn ifile_ends_somewhere() {
        let itself = b"ifile=tnsnames.ora\n".repeat(100);
        let folder = Folder::new("itself", &[("tnsnames.ora", &itself)]);
        assert_eq!(folder.value("a"), None);
        let files: [(&str, &[u8]); 5] = [
            ("tnsnames.ora", b"ifile=1"),
            ("1", b"ifile=2"),
            ("2", b"ifile=3"),
            ("3", b"ifile=4\na=(A=3)"),
            ("4", b"b=(B=4)"),
        ];
        let folder = Folder::new("deep", &files);
        assert_eq!(folder.value("a").as_deref(), Some("(A=3)"));
        assert_eq!(folder.value("b"), None);
    }

    #[test]
    fn a_name_stays_a_name_unless_class_or_purity_is_the_pools() {
        let names = b"plain = (DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=s)))\n\
            pooled = (DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(POOL_NAME=N)))\n\
            classy = (DESCRIPTION= # a comment\n\
            \x20 (CONNECT_DATA=(SERVER=POOLED)\n\
            \x20   (POOL_CONNECTION_CLASS=A)\n\
            \x20   (SERVICE_NAME=s)))\n\
            easy = host/s:pooled?pool_purity=new&sdu=1\n";
        let folder = Folder::new("target", &[("tnsnames.ora", names)]);
        let classy =
            "(DESCRIPTION=            \n  (CONNECT_DATA=(SERVER=POOLED)\n    \n    (SERVICE_NAME=s)))";
        for (name, is_pooled, for_client) in [
            ("plain", false, "plain"),
            (" POOLED", true, " POOLED"),
            ("classy", true, classy),
            ("easy", true, "host/s:pooled?sdu=1"),
            ("other", false, "other"),
        ] {
            let target = NetTarget::parse(name, Some(&folder.0)).unwrap();
            assert_eq!((target.pooling().is_some(), target.for_client()), (is_pooled, for_client));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_in_the_file() {
        let names =
            b"# caf\xe9\nold =\n  (DESCRIPTION=\n    (CONNECT_DATA=(SERVER=POOL)))\nopen=(DESCRIPTION=\n\
            secret=(DESCRIPTION=(PASSWORD=x@y)(CONNECT_DATA=(SERVER=POOL)))\n";
        let folder = Folder::new("place", &[("tnsnames.ora", names)]);
        let message = |name: &str| NetTarget::parse(name, Some(&folder.0)).unwrap_err().message().to_owned();
        let at = names.windows(5).position(|part| part == b"POOL)").unwrap();
        let file = folder.0.join("tnsnames.ora");
        let expected = format!(
            "`old` can not be used, line 4 of {}, at byte {at}, counted from 0 (`POOL`): a server is dedicated, shared \
             or pooled",
            file.display()
        );
        assert_eq!(message("old"), expected);
        assert!(message("open").contains("line 5 of"));
        assert!(!message("secret").contains("POOL"));
    }
}
