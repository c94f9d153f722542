//! Compiling and running C programs against the header and the library, as a user would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The languages that the header must be right for.
#[derive(Clone, Copy)]
pub enum Language {
    C99,
    Cpp17,
}

impl Language {
    fn compiler(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Language::C99 => ("cc", "-std=c99", "c"),
            Language::Cpp17 => ("c++", "-std=c++17", "cpp"),
        }
    }
}

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The root of the repository.
pub fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of a freshly built shared and static library, of the profile that the tests run in.
pub fn library_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        // target/<profile>/deps/<test> → target/<profile>
        let profile_dir = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
        let profile = if profile_dir.ends_with("release") { &["--release"][..] } else { &[] };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        output_of(
            Command::new(cargo)
                .args(["build", "--quiet", "--lib", "--package", "orapool"])
                .args(profile)
                .arg("--target-dir")
                .arg(profile_dir.parent().unwrap())
                .current_dir(repo()),
        );
        // Programs look for the library by its SONAME.
        let link = profile_dir.join("liborapool.so.0");
        if !link.exists() {
            let _ = std::os::unix::fs::symlink("liborapool.so", &link);
        }
        profile_dir
    })
}

/// What a command prints. Panics with all of it if the command fails.
pub fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", text_of(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Both outputs of a command, for a report.
pub fn text_of(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn scratch(stem: &str) -> PathBuf {
    static LAST: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = LAST.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&dir).unwrap();
    dir.join(format!("{stem}-{}-{number}", std::process::id()))
}

/// Compiles `source` and nothing more; every warning is an error.
pub fn compile_only(language: Language, source: &str) {
    let (compiler, standard, ending) = language.compiler();
    let file = scratch("header").with_extension(ending);
    fs::write(&file, source).unwrap();
    output_of(
        Command::new(compiler)
            .arg(standard)
            .args(WARNINGS)
            .arg("-I")
            .arg(repo().join("include"))
            .args(["-fsyntax-only"])
            .arg(&file),
    );
    let _ = fs::remove_file(file);
}

/// Compiles the C program at `source`, below the repository's root, and links it with the shared library.
pub fn build_program(language: Language, source: &str) -> PathBuf {
    let (compiler, standard, _) = language.compiler();
    let source = repo().join(source);
    let program = scratch(source.file_stem().unwrap().to_str().unwrap());
    let forced: &[&str] = if matches!(language, Language::Cpp17) { &["-x", "c++"] } else { &[] };
    output_of(
        Command::new(compiler)
            .arg(standard)
            .args(WARNINGS)
            .args(["-g", "-O1", "-D_POSIX_C_SOURCE=200809L", "-I"])
            .arg(repo().join("include"))
            .arg("-I")
            .arg(repo().join("tests/c"))
            .args(forced)
            .arg(&source)
            .args(["-x", "none", "-L"])
            .arg(library_dir())
            .args(["-lorapool", "-lpthread", "-lm", "-o"])
            .arg(&program)
            .arg(format!("-Wl,-rpath,{}", library_dir().display())),
    );
    program
}
