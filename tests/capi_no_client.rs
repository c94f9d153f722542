//! A process without Oracle's client library, through the C API: the library loads and works, and says what is missing.
#![cfg(all(feature = "embedded", feature = "oci"))]

mod support;

#[path = "c/runner.rs"]
mod runner;

use std::process::Command;

use support::c_build::{library_dir, output_of};

runner::c_tests! {
    "no_client":
    the_embedded_engine_needs_none,
    one_that_is_nowhere,
    one_that_is_not_in_its_folder,
}

/// What every Linux has: the C library, with its loader, and the compiler's run time.
const SYSTEM: [&str; 7] =
    ["libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libgcc_s.so", "ld-linux"];

#[test]
fn the_library_is_linked_with_the_system_alone() {
    let library = library_dir().join("liborapool.so");
    let dynamic = output_of(Command::new("readelf").arg("-d").arg(library));
    let needed: Vec<&str> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(!needed.is_empty(), "{dynamic}");
    let is_system = |line: &&str| SYSTEM.iter().any(|name| line.contains(&format!("[{name}")));
    let others: Vec<_> = needed.iter().filter(|line| !is_system(line)).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// Otherwise a function that is missing shows at its first call.
#[test]
fn no_symbol_is_missing_when_all_are_looked_up_at_once() {
    output_of(Command::new(program()).arg("the_embedded_engine_needs_none").env("LD_BIND_NOW", "1"));
}
