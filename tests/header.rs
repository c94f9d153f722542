//! The header, the source and the library must tell the same: what is declared is exported, what is exported is
//! declared, and C and C++ compilers take it without a word.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::c_build::{Language, compile_only, library_dir, output_of, repo};

fn generated() -> String {
    let config = cbindgen::Config::from_file(repo().join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_crate(repo())
        .generate()
        .expect("cbindgen reads the source");
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap()
}

fn committed() -> String {
    fs::read_to_string(repo().join("include/orapool.h")).unwrap_or_default()
}

/// The names of the functions that the header declares, as the C preprocessor leaves it.
fn declared() -> BTreeSet<String> {
    let text = output_of(Command::new("cc").args(["-E", "-P"]).arg(repo().join("include/orapool.h")));
    let names = text.split('(').filter_map(|before| {
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
        name.starts_with("orapool_").then(|| name.to_owned())
    });
    names.collect()
}

fn symbols(library: &Path, nm_arguments: &[&str]) -> BTreeSet<String> {
    let text = output_of(Command::new("nm").args(nm_arguments).arg(library));
    let defined = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().rev();
        let (name, kind) = (words.next()?, words.next()?);
        (kind == "T").then(|| name.to_owned())
    });
    defined.collect()
}

#[test]
fn the_committed_header_is_what_the_source_makes() {
    let generated = generated();
    if std::env::var_os("ORAPOOL_BLESS").is_some() {
        fs::write(repo().join("include/orapool.h"), &generated).unwrap();
    }
    let committed = committed();
    let differing = generated.lines().zip(committed.lines()).find(|(new, old)| new != old);
    assert!(
        generated == committed,
        "include/orapool.h is not what src/capi makes; write it anew with ORAPOOL_BLESS=1 cargo test --test header; first difference: {differing:?}"
    );
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let declared = declared();
    for name in &declared {
        assert_eq!(committed().matches(&format!("{name}(")).count(), 1, "{name} is declared more than once");
    }
    assert!(declared.len() > 40, "the header was not understood: {declared:?}");
    let exported = symbols(&library_dir().join("liborapool.so"), &["-D", "--defined-only"]);
    assert_eq!(exported, declared, "left: exported by liborapool.so, right: declared in orapool.h");
    let of_archive = symbols(&library_dir().join("liborapool.a"), &["--defined-only"]);
    let missing: Vec<_> = declared.difference(&of_archive).collect();
    assert!(missing.is_empty(), "liborapool.a lacks {missing:?}");
}

#[test]
fn the_library_has_a_soname() {
    let dynamic = output_of(Command::new("readelf").arg("-d").arg(library_dir().join("liborapool.so")));
    assert!(dynamic.contains("[liborapool.so.0]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

#[test]
fn c99_and_cpp17_compile_the_header_alone_and_twice() {
    let source =
        "#include \"orapool.h\"\n#include \"orapool.h\"\nint main(void) { return orapool_version() == 0; }\n";
    compile_only(Language::C99, source);
    compile_only(Language::Cpp17, source);
}

#[test]
fn the_header_speaks_plain_c() {
    let text = committed();
    let without_comments = output_of(
        Command::new("cc").args(["-E", "-P", "-fpreprocessed"]).arg(repo().join("include/orapool.h")),
    );
    for word in ["enum", "bool", "union"] {
        let is_there =
            without_comments.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|w| w == word);
        assert!(!is_there, "the header uses `{word}`, which languages read differently");
    }
    for line in text.lines().filter_map(|line| line.strip_prefix("#define ")) {
        assert!(line.starts_with("ORAPOOL_"), "`#define {line}` is a name of everybody's");
    }
    for word in ["Result<", "Option<", "```", "[`", "unsafe"] {
        assert!(!text.contains(word), "the header's texts are for C: `{word}`");
    }
}

#[test]
fn constants_have_the_values_that_others_were_compiled_with() {
    let asserts = [
        ("ORAPOOL_SUCCESS_WITH_INFO", "1"),
        ("ORAPOOL_PENDING", "2"),
        ("ORAPOOL_NO_DATA", "100"),
        ("ORAPOOL_ERROR", "-1"),
        ("ORAPOOL_INVALID_HANDLE", "-2"),
        ("ORAPOOL_INVALID_ARGUMENT", "-3"),
        ("ORAPOOL_TIMEOUT", "-4"),
        ("ORAPOOL_CLOSED", "-5"),
        ("ORAPOOL_UNSUPPORTED", "-6"),
        ("ORAPOOL_CONFLICT", "-7"),
        ("ORAPOOL_CALLBACK_FAILED", "-8"),
        ("ORAPOOL_FORKED", "-9"),
        ("ORAPOOL_CANCELLED", "-10"),
        ("ORAPOOL_PANIC", "-99"),
        ("ORAPOOL_ATTR_USER", "1"),
        ("ORAPOOL_ATTR_CONTEXT", "11"),
        ("ORAPOOL_ATTR_SESSIONS_MIN", "20"),
        ("ORAPOOL_ATTR_WAIT_TIMEOUT_MS", "24"),
        ("ORAPOOL_ATTR_PURITY", "28"),
        ("ORAPOOL_ATTR_IDLE_TIMEOUT_MS", "30"),
        ("ORAPOOL_ATTR_CONNECTS_MAX", "38"),
        ("ORAPOOL_ATTR_WAIT_REPORT_MS", "39"),
        ("ORAPOOL_GET_TIMEDWAIT", "3"),
        ("ORAPOOL_SESSGET_PURITY_NEW", "0x40"),
        ("ORAPOOL_SESSGET_PURITY_SELF", "0x80"),
        ("ORAPOOL_SESSRLS_DROPSESS", "1"),
        ("ORAPOOL_NATIVE_OCI_SVCCTX", "3"),
        ("ORAPOOL_NATIVE_OCI_SESSION", "7"),
        ("sizeof(orapool_stats)", "35 * 8"),
        ("offsetof(orapool_stats, waiting)", "5 * 8"),
        ("offsetof(orapool_stats, drcp_session_changes)", "34 * 8"),
        ("(ORAPOOL_NTS == (size_t)-1)", "1"),
    ];
    let mut source = "#include \"orapool.h\"\n".to_owned();
    for (number, (name, value)) in asserts.iter().enumerate() {
        source.push_str(&format!(
            "typedef char assert_{number}[((long){name} == (long)({value})) ? 1 : -1];\n"
        ));
    }
    compile_only(Language::C99, &source);
}
