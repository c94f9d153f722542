//! The client library for the tests: where it lies, and the functions that control it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use oracle::{Connection, InitParams};

/// A folder under the target directory with `libclntsh.so` in it: a link to the library that cargo built for these tests.
pub fn client_folder() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        // …/target/PROFILE/deps/TEST: the library lies beside the test, or one folder up.
        let test = std::env::current_exe().unwrap();
        let deps = test.parent().unwrap();
        let candidates =
            [deps, deps.parent().unwrap()].map(|folder| folder.join("liborapool_oci_standin.so"));
        let library = candidates
            .into_iter()
            .find(|path| path.exists())
            .expect("cargo builds the cdylib with its tests");
        let folder = deps.parent().unwrap().join("oci-standin");
        std::fs::create_dir_all(&folder).unwrap();
        // Several test processes may do this at once: a link of its own name is moved over the one that is wanted.
        let link = folder.join(format!("libclntsh.so.{}", std::process::id()));
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&library, &link).unwrap();
        std::fs::rename(&link, folder.join("libclntsh.so")).unwrap();
        folder
    };
    FOLDER.get_or_init(make).clone()
}

/// The library as ODPI-C has it loaded, by its control functions.
pub struct Control {
    library: libloading::Library,
    /// Faults and violations belong to the whole process: one test at a time.
    _alone: MutexGuard<'static, ()>,
}

/// Loads the library into ODPI-C, once, and waits until this test is the only one.
pub fn start() -> Control {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = client_folder();
    InitParams::new().oracle_client_lib_dir(folder.to_str().unwrap()).unwrap().init().unwrap();
    // SAFETY: the library's initialisers are those of Rust; it is our own.
    let library = unsafe { libloading::Library::new(folder.join("libclntsh.so")) }.unwrap();
    let control = Control { library, _alone: alone };
    control.reset();
    control
}

impl Control {
    /// The same library once more, for calls of OCI by hand.
    pub fn library(&self) -> libloading::Library {
        // SAFETY: as in `start`; it is loaded already.
        unsafe { libloading::Library::new(client_folder().join("libclntsh.so")) }.unwrap()
    }

    pub fn fault(&self, text: &str) {
        let text = std::ffi::CString::new(text).unwrap();
        // SAFETY: the function has this type, and the text outlives the call.
        let answer = unsafe {
            let fault =
                self.library.get::<unsafe extern "C" fn(*const i8) -> i32>(b"orapool_standin_fault").unwrap();
            fault(text.as_ptr().cast())
        };
        assert_eq!(answer, 0, "{text:?}");
    }

    pub fn violations(&self) -> Vec<String> {
        let mut buffer = vec![0u8; 1 << 16];
        // SAFETY: the function has this type, and writes no more than the size.
        let count = unsafe {
            let violations = self
                .library
                .get::<unsafe extern "C" fn(*mut u8, usize) -> i32>(b"orapool_standin_violations")
                .unwrap();
            violations(buffer.as_mut_ptr(), buffer.len())
        };
        let end = buffer.iter().position(|byte| *byte == 0).unwrap();
        let lines: Vec<String> = String::from_utf8_lossy(&buffer[..end]).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), usize::try_from(count).unwrap());
        lines
    }

    pub fn reset(&self) {
        // SAFETY: the function has this type.
        unsafe { self.library.get::<unsafe extern "C" fn()>(b"orapool_standin_reset").unwrap()() };
    }

    /// At the end of a test that did nothing wrong.
    pub fn assert_clean(&self) {
        assert_eq!(self.violations(), Vec::<String>::new());
    }
}

/// A connect string for a database of this name.
pub fn at(name: &str) -> String {
    format!("//standin/{name}")
}

pub fn connect(name: &str) -> Connection {
    Connection::connect("scott", "tiger", at(name)).unwrap()
}

/// The ORA number of an error, also of one that ODPI-C wrapped.
pub fn code(error: &oracle::Error) -> i32 {
    let text = error.to_string();
    let wrapped =
        text.rsplit("ORA-").next().and_then(|rest| rest.get(..5)).and_then(|digits| digits.parse().ok());
    error.db_error().map(oracle::DbError::code).filter(|code| *code != 0).or(wrapped).unwrap_or(0)
}
