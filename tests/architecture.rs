//! The three floors: `capi` → `pool` → `driver`, and nothing points back up.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has no Rust files");
    files
}

/// The code of a file without its comments.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

fn refuse(folder: &str, words: &[&str]) {
    for path in rust_files(folder) {
        let code = code_of(&path);
        for word in words {
            assert!(!code.contains(word), "{} has `{word}`, which its floor must not know", path.display());
        }
    }
}

#[test]
fn the_pool_names_no_driver_and_no_c() {
    refuse(
        "src/pool",
        &["crate::capi", "driver::embedded", "driver::oci", "driver::thin", "orapool_engine", "libc"],
    );
}

#[test]
fn the_pool_is_safe_rust_without_raw_pointers() {
    refuse("src/pool", &["unsafe", "*mut ", "*const ", "extern \"C\""]);
}

#[test]
fn drivers_know_no_pool_and_no_c() {
    refuse("src/driver", &["crate::capi", "crate::pool"]);
}

#[test]
fn what_all_floors_share_knows_none_of_them() {
    for file in ["src/error.rs", "src/process.rs", "src/secret.rs", "src/sync.rs"] {
        let code = code_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        for word in ["crate::capi", "crate::pool", "crate::driver"] {
            assert!(!code.contains(word), "{file} has `{word}`");
        }
    }
}

#[test]
fn the_engine_knows_nothing_of_pools() {
    refuse("engine/src", &["orapool::", "unsafe {"]);
}

#[test]
fn exports_stand_in_the_c_floor_alone() {
    refuse("src/driver", &["no_mangle", "extern \"C\""]);
    refuse("src/pool", &["no_mangle"]);
}

#[test]
fn a_driver_has_unsafe_code_only_where_it_reads_handles_of_oci() {
    for path in rust_files("src/driver") {
        let is_allowed = path.ends_with("src/driver/oci/attributes.rs");
        assert_eq!(code_of(&path).contains("unsafe"), is_allowed, "{}", path.display());
    }
}
