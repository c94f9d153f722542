//! The stand-in for Oracle's client library, and test cases in processes of their own: a process loads a client library
//! once, and its faults and its log are told by the environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::c_build::{output_of, repo, text_of};

/// Says in a child process which case it is there for.
const CASE: &str = "ORAPOOL_TEST_OCI_CASE";
const CLIENT: &str = "ORAPOOL_TEST_OCI_CLIENT";
/// What the stand-in begins a line on stderr with when OCI's contract was broken.
pub const VIOLATION: &str = "STANDIN VIOLATION:";

/// The folder with the stand-in as `libclntsh.so`: what CLIENT_LIB_DIR is set to. Built if need be.
pub fn client_lib_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| std::env::var_os(CLIENT).map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    // target/<profile>/deps/<test> → target/<profile>
    let profile_dir = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let profile = if profile_dir.ends_with("release") { &["--release"][..] } else { &[] };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    output_of(
        Command::new(cargo)
            .args(["build", "--quiet", "--package", "orapool-oci-standin"])
            .args(profile)
            .arg("--target-dir")
            .arg(profile_dir.parent().unwrap())
            .current_dir(repo()),
    );
    let dir = folder("oci-client");
    link(&profile_dir.join("liborapool_oci_standin.so"), &dir.join("libclntsh.so"));
    dir
}

/// An empty folder for this process.
pub fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn link(from: &Path, to: &Path) {
    assert!(from.exists(), "{} was not built", from.display());
    std::os::unix::fs::symlink(from, to).unwrap();
}

/// Runs `body` in a process of its own, which is this test program with the same test. `environment` is set in it. The
/// process must end well, and the stand-in must have found nothing wrong.
pub fn in_own_process(case: &str, environment: &[(&str, &str)], body: impl FnOnce()) {
    if std::env::var(CASE).is_ok_and(|running| running == case) {
        return body();
    }
    let output = child(case, environment, true);
    let said = check(case, &output);
    assert!(!said.contains(VIOLATION), "{case}:\n{said}");
}

/// The same without a stand-in, for what is about the library itself.
pub fn without_client(case: &str, environment: &[(&str, &str)], body: impl FnOnce()) {
    if std::env::var(CASE).is_ok_and(|running| running == case) {
        return body();
    }
    check(case, &child(case, environment, false));
}

/// What the child said. It must have run the one test: a name that is wrong runs none, and all is well.
fn check(case: &str, output: &Output) -> String {
    let said = text_of(output);
    assert!(output.status.success() && said.contains(" 1 passed"), "{case} failed:\n{said}");
    said
}

fn child(case: &str, environment: &[(&str, &str)], has_client: bool) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([case, "--exact", "--nocapture", "--test-threads=1", "--include-ignored"])
        .stdin(Stdio::null());
    // ODPI-C looks there by itself.
    command.env_remove("ORACLE_HOME").env(CASE, case);
    if has_client {
        command.env(CLIENT, client_lib_dir());
    }
    command.envs(environment.iter().copied()).output().unwrap()
}
