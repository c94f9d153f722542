//! OCI called by hand: what ODPI-C would never do.
#![allow(dead_code, reason = "each test file uses its own part")]

use libloading::Library;

/// Handles and pointers that are NULL: their class is that of a pointer, and the library reads no handle as memory.
pub type Handle = usize;

/// The calls that the tests of misuse make, with the library that ODPI-C has loaded.
pub struct Raw {
    library: Library,
    pub environment: Handle,
    pub error: Handle,
}

const HTYPE_ENV: u32 = 1;
const HTYPE_ERROR: u32 = 2;
pub const HTYPE_SESSION: u32 = 9;
pub const HTYPE_SPOOL: u32 = 27;

/// Calls a function of the library whose parameters are the given ones and whose result is an `int`.
macro_rules! oci {
    ($raw:expr, $name:literal, $($value:expr => $kind:ty),* $(,)?) => {{
        // SAFETY: the function has these parameters; pointers among them are to live memory or to handles, which the library
        // never reads as memory.
        unsafe {
            let function = $raw.library().get::<unsafe extern "C" fn($($kind),*) -> i32>($name).unwrap();
            function($($value),*)
        }
    }};
}
pub(crate) use oci;

impl Raw {
    pub fn new(library: Library) -> Raw {
        let mut raw = Raw { library, environment: 0, error: 0 };
        let mut environment: Handle = 0;
        let made = oci!(raw, b"OCIEnvNlsCreate",
            &mut environment => *mut Handle, 3 => u32, 0 => Handle, 0 => Handle, 0 => Handle,
            0 => Handle, 0 => usize, 0 => Handle, 873 => u16, 873 => u16);
        assert_eq!(made, 0);
        raw.environment = environment;
        raw.error = raw.allocate(HTYPE_ERROR);
        raw
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn allocate(&self, kind: u32) -> Handle {
        let mut handle: Handle = 0;
        let made = oci!(self, b"OCIHandleAlloc",
            self.environment => Handle, &mut handle => *mut Handle, kind => u32, 0 => usize, 0 => Handle);
        assert_eq!(made, 0);
        handle
    }

    pub fn free(&self, handle: Handle, kind: u32) -> i32 {
        oci!(self, b"OCIHandleFree", handle => Handle, kind => u32)
    }

    /// The ORA number of the last error.
    pub fn code(&self) -> i32 {
        let (mut code, mut buffer) = (0i32, [0u8; 512]);
        oci!(self, b"OCIErrorGet",
            self.error => Handle, 1 => u32, 0 => Handle, &mut code => *mut i32, buffer.as_mut_ptr() => *mut u8,
            512 => u32, HTYPE_ERROR => u32);
        code
    }

    fn set_text(&self, handle: Handle, attribute: u32, text: &str) {
        let set = oci!(self, b"OCIAttrSet",
            handle => Handle, HTYPE_SESSION => u32, text.as_ptr() => *const u8, text.len() as u32 => u32, attribute => u32,
            self.error => Handle);
        assert_eq!(set, 0);
    }

    /// A session of scott, with `OCISessionGet` and no pool.
    pub fn session(&self, place: &str) -> Handle {
        let auth = self.allocate(HTYPE_SESSION);
        self.set_text(auth, 22, "scott");
        self.set_text(auth, 23, "tiger");
        let mut service: Handle = 0;
        let got = oci!(self, b"OCISessionGet",
            self.environment => Handle, self.error => Handle, &mut service => *mut Handle, auth => Handle,
            place.as_ptr() => *const u8, place.len() as u32 => u32, 0 => Handle, 0 => u32, 0 => Handle,
            0 => Handle, 0 => Handle, 4 => u32);
        assert_eq!(got, 0);
        assert_eq!(self.free(auth, HTYPE_SESSION), 0);
        service
    }

    pub fn release(&self, service: Handle) -> i32 {
        oci!(self, b"OCISessionRelease",
            service => Handle, self.error => Handle, 0 => Handle, 0 => u32, 0 => u32)
    }

    pub fn prepare(&self, service: Handle, sql: &str) -> Handle {
        let mut statement: Handle = 0;
        let prepared = oci!(self, b"OCIStmtPrepare2",
            service => Handle, &mut statement => *mut Handle, self.error => Handle, sql.as_ptr() => *const u8,
            sql.len() as u32 => u32, 0 => Handle, 0 => u32, 1 => u32, 0 => u32);
        assert_eq!(prepared, 0);
        statement
    }

    pub fn execute(&self, service: Handle, statement: Handle) -> i32 {
        oci!(self, b"OCIStmtExecute",
            service => Handle, statement => Handle, self.error => Handle, 1 => u32, 0 => u32, 0 => Handle,
            0 => Handle, 0 => u32)
    }

    pub fn release_statement(&self, statement: Handle) -> i32 {
        oci!(self, b"OCIStmtRelease",
            statement => Handle, self.error => Handle, 0 => Handle, 0 => u32, 0 => u32)
    }

    pub fn on_service(&self, name: &[u8], service: Handle) -> i32 {
        // SAFETY: the functions that the tests name have these three parameters, or fewer.
        unsafe {
            let function =
                self.library.get::<unsafe extern "C" fn(Handle, Handle, u32) -> i32>(name).unwrap();
            function(service, self.error, 0)
        }
    }

    /// Frees the environment, and with it the error handle.
    pub fn end(&self) -> i32 {
        self.free(self.environment, HTYPE_ENV)
    }
}
