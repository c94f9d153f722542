//! `make install`: what lands where, and whether programs find it, with the shared and with the static library.
#![cfg(feature = "embedded")]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::c_build::{library_dir, output_of, repo, text_of};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Tells the version of the library and whether it can query.
const PROGRAM: &str = r#"
#include <orapool.h>
#include <stdio.h>

int main(void)
{
    orapool_attrs *attrs = NULL;
    orapool *pool = NULL;
    orapool_session *session = NULL;
    orapool_error *error = NULL;
    uint64_t rows = 0;
    uint32_t version = orapool_version();

    orapool_attrs_new(&attrs, NULL);
    orapool_attrs_set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:install", ORAPOOL_NTS, NULL);
    orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "scott", ORAPOOL_NTS, NULL);
    orapool_attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, "tiger", ORAPOOL_NTS, NULL);
    if (orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error) < 0
        || orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error) < 0
        || orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, &rows, &error) < 0)
        printf("%s\n", orapool_error_message(error, NULL));
    orapool_error_free(error);
    orapool_session_release(session, NULL, 0, 0, NULL);
    orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, NULL);
    orapool_attrs_free(attrs);
    printf("%u.%u.%u, rows: %u\n", (unsigned)(version >> 16), (unsigned)(version >> 8 & 255),
           (unsigned)(version & 255), (unsigned)rows);
    return 0;
}
"#;

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Folder(dir)
    }

    fn join(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs make in the root, on the library that the tests run on.
fn make(target: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new("make");
    command.arg("-C").arg(repo()).arg(target).arg(format!("LIBRARY_DIR={}", library_dir().display()));
    command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
    // What `make check` was given is not meant for this make.
    command.env_remove("MAKEFLAGS").env_remove("MAKEOVERRIDES");
    output_of(&mut command);
}

/// All files and links below `dir`, relative to it.
fn files(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// A field of a pkg-config file with its variables filled in.
fn field(file: &Path, name: &str) -> String {
    let mut variables: HashMap<String, String> = HashMap::new();
    let fill_in = |text: &str, variables: &HashMap<String, String>| {
        variables
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    };
    for line in fs::read_to_string(file).unwrap().lines() {
        if let Some(value) = line.strip_prefix(&format!("{name}: ")) {
            return fill_in(value, &variables);
        }
        if let Some((variable, value)) =
            line.split_once('=').filter(|(variable, _)| !variable.contains([' ', ':']))
        {
            let value = fill_in(value, &variables);
            variables.insert(variable.to_owned(), value);
        }
    }
    panic!("{} has no {name}", file.display());
}

/// The flags for the compiler, as pkg-config gives them; without pkg-config they are read off the file.
fn flags(file: &Path, is_static: bool) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.args(is_static.then_some("--static")).args(["--cflags", "--libs", "orapool"]);
    command.env("PKG_CONFIG_PATH", file.parent().unwrap()).env_remove("PKG_CONFIG_SYSROOT_DIR");
    let flags = match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{command:?}:\n{}", text_of(&output));
            String::from_utf8(output.stdout).unwrap()
        }
        Err(error) => {
            println!("skipped: pkg-config ({error}); its file is read without it");
            let names: &[&str] =
                if is_static { &["Cflags", "Libs", "Libs.private"] } else { &["Cflags", "Libs"] };
            names.iter().map(|name| field(file, name)).collect::<Vec<_>>().join(" ")
        }
    };
    flags.split_whitespace().map(str::to_owned).collect()
}

fn compile(source: &Path, program: &Path, flags: &[String]) {
    let warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    output_of(Command::new("cc").args(warnings).arg("-o").arg(program).arg(source).args(flags));
}

fn needed(program: &Path) -> String {
    output_of(Command::new("readelf").arg("-d").arg(program))
}

#[test]
fn programs_find_what_was_installed() {
    let folder = Folder::new("install");
    let prefix = folder.join("prefix");
    make("install", &[("PREFIX", prefix.to_str().unwrap())]);
    let pc = prefix.join("lib/pkgconfig/orapool.pc");
    let source = folder.join("program.c");
    fs::write(&source, PROGRAM).unwrap();
    let expected = format!("{VERSION}, rows: 1\n");

    let shared = folder.join("shared");
    compile(&source, &shared, &flags(&pc, false));
    assert!(needed(&shared).contains("[liborapool.so.0]"), "{}", needed(&shared));
    assert_eq!(output_of(Command::new(&shared).env("LD_LIBRARY_PATH", prefix.join("lib"))), expected);

    // As README.md says it: the linker would rather take the shared library if it is not told by name.
    let with_archive = flags(&pc, true).into_iter().map(|flag| flag.replace("-lorapool", "-l:liborapool.a"));
    let static_ = folder.join("static");
    compile(&source, &static_, &with_archive.collect::<Vec<_>>());
    assert!(!needed(&static_).contains("liborapool"), "{}", needed(&static_));
    assert_eq!(output_of(Command::new(&static_).env_remove("LD_LIBRARY_PATH")), expected);
}

#[test]
fn a_staged_install_lands_where_it_is_told_and_can_be_undone() {
    let folder = Folder::new("stage");
    let stage = folder.0.to_str().unwrap();
    let variables = [
        ("DESTDIR", stage),
        ("PREFIX", "/opt/orapool"),
        ("LIBDIR", "/opt/orapool/lib64"),
        ("INCLUDEDIR", "/elsewhere/include"),
    ];
    make("install", &variables);
    // A second time, over the first one.
    make("install-strip", &variables);
    let file = format!("liborapool.so.{VERSION}");
    let lib = folder.join("opt/orapool/lib64");
    let in_lib = ["liborapool.a", "liborapool.so", "liborapool.so.0", &file, "pkgconfig/orapool.pc"];
    let mut expected: BTreeSet<String> = in_lib.map(|name| format!("opt/orapool/lib64/{name}")).into();
    expected.insert("elsewhere/include/orapool.h".to_owned());
    assert_eq!(files(&folder.0), expected);
    assert_eq!(fs::read_link(lib.join("liborapool.so.0")).unwrap(), Path::new(&file));
    assert_eq!(fs::read_link(lib.join("liborapool.so")).unwrap(), Path::new("liborapool.so.0"));
    assert!(!lib.join(&file).is_symlink());

    let pc = lib.join("pkgconfig/orapool.pc");
    assert_eq!(field(&pc, "Version"), VERSION);
    assert_eq!(field(&pc, "Cflags"), "-I/elsewhere/include");
    assert_eq!(field(&pc, "Libs"), "-L/opt/orapool/lib64 -lorapool");
    let text = fs::read_to_string(&pc).unwrap();
    assert!(!text.contains(stage) && !text.contains('@'), "{text}");

    make("uninstall", &variables);
    assert_eq!(files(&folder.0), BTreeSet::new());
}

#[test]
fn the_static_libraries_are_those_that_the_compiler_names() {
    let folder = Folder::new("native-libs");
    let source = folder.join("empty.rs");
    fs::write(&source, "").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--crate-type", "staticlib", "--print", "native-static-libs", "-o"]);
    let output = command.arg(folder.join("empty.a")).arg(&source).output().unwrap();
    let text = text_of(&output);
    let (_, libraries) = text.split_once("native-static-libs: ").unwrap_or_else(|| panic!("{text}"));
    let libraries = libraries.lines().next().unwrap().trim();
    assert_eq!(field(&repo().join("orapool.pc.in"), "Libs.private"), libraries);
}
