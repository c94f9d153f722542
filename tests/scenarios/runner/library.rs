//! The shared library, called as a foreign program calls it. All unsafe code of the runner is here; handles are tokens,
//! so that a call with a wrong one is an outcome like any other.

use std::ffi::c_void;
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::outcome::{ErrorRecord, Outcome};
use super::statistics::STAT_NAMES;

/// A handle; 0 is NULL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle(pub usize);

pub const NULL: Handle = Handle(0);

/// What is put into OUT parameters before a call, to see that they are written.
const POISON: usize = 0x5a5a;
const NTS: usize = usize::MAX;

type Ptr = *mut c_void;
type Text = *const u8;
type Out<T> = *mut T;
type SessionCallback = unsafe extern "C" fn(Ptr, Ptr, Text, usize, Text, usize) -> i32;
type CtxFree = unsafe extern "C" fn(Ptr);

macro_rules! functions {
    ($($name:ident($($argument:ty),*) $(-> $result:ty)?;)+) => {
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)+
        }

        impl Functions {
            fn load(library: &libloading::Library) -> Result<Self, libloading::Error> {
                // SAFETY: the types are those of include/orapool.h; the pointers are used only while `library`, which
                // `Library` keeps beside them, is loaded.
                unsafe { Ok(Self { $($name: *library.get(concat!("orapool_", stringify!($name)).as_bytes())?,)+ }) }
            }
        }
    };
}

functions! {
    attrs_new(Out<Ptr>, Out<Ptr>) -> i32;
    attrs_set_text(Ptr, u32, Text, usize, Out<Ptr>) -> i32;
    attrs_set_int(Ptr, u32, i64, Out<Ptr>) -> i32;
    attrs_set_callback(Ptr, Option<SessionCallback>, Ptr, Option<CtxFree>, Out<Ptr>) -> i32;
    attrs_free(Ptr);
    error_status(Ptr) -> i32;
    error_code(Ptr) -> i32;
    error_message(Ptr, Out<usize>) -> Text;
    error_is_transient(Ptr) -> i32;
    error_is_session_dead(Ptr) -> i32;
    error_next(Ptr) -> Ptr;
    error_free(Ptr);
    create(Text, usize, Ptr, u32, Out<Ptr>, Out<Ptr>) -> i32;
    open(Text, usize, Out<Ptr>, Out<Ptr>) -> i32;
    reconfigure(Ptr, Ptr, Out<Ptr>) -> i32;
    close(Ptr, u32, i64, Out<Ptr>) -> i32;
    get_stats(Ptr, Out<u64>, Out<Ptr>) -> i32;
    session_get(Ptr, Out<Ptr>, Ptr, Text, usize, Out<Text>, Out<usize>, Out<i32>, u32, Out<Ptr>) -> i32;
    session_release(Ptr, Text, usize, u32, Out<Ptr>) -> i32;
    session_tag(Ptr, Out<usize>) -> Text;
    session_set_tag(Ptr, Text, usize, u32, Out<Ptr>) -> i32;
    session_is_new(Ptr) -> i32;
    session_identity(Ptr, Out<u32>, Out<u32>, Out<Ptr>) -> i32;
    session_execute(Ptr, Text, usize, Out<u64>, Out<Ptr>) -> i32;
    session_commit(Ptr, Out<Ptr>) -> i32;
    session_rollback(Ptr, Out<Ptr>) -> i32;
    session_ping(Ptr, Out<Ptr>) -> i32;
    stmt_prepare(Ptr, Text, usize, Out<Ptr>, Out<Ptr>) -> i32;
    stmt_bind_text(Ptr, u32, Text, usize, Out<Ptr>) -> i32;
    stmt_execute(Ptr, Out<u64>, Out<Ptr>) -> i32;
    stmt_fetch(Ptr, Out<Ptr>) -> i32;
    stmt_column_count(Ptr) -> u32;
    stmt_column_text(Ptr, u32, Out<Text>, Out<usize>, Out<Ptr>) -> i32;
    stmt_free(Ptr);
}

pub struct Library {
    functions: Functions,
    _loaded: libloading::Library,
}

/// One run of a session callback.
pub struct CallbackRun {
    pub session: Handle,
    pub wanted: Option<Vec<u8>>,
    pub actual: Option<Vec<u8>>,
    pub flaws: Vec<String>,
}

/// A session callback of Rust behind one of C. It must outlive the pools that were created with it.
pub struct CallbackHook {
    run: Box<dyn Fn(CallbackRun) -> i32 + Send + Sync>,
    freed: AtomicU32,
}

impl CallbackHook {
    pub fn new(run: impl Fn(CallbackRun) -> i32 + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { run: Box::new(run), freed: AtomicU32::new(0) })
    }

    /// How often the library said that the context can be used no more.
    pub fn times_freed(&self) -> u32 {
        self.freed.load(Ordering::SeqCst)
    }
}

/// What a get gave.
pub struct Got {
    pub outcome: Outcome,
    pub session: Handle,
    pub ret_tag: Option<Vec<u8>>,
    pub found: i32,
}

/// The arguments of a get.
pub struct GetCall<'a> {
    pub attrs: Handle,
    pub tag: Option<&'a [u8]>,
    pub mode: u32,
}

impl Library {
    pub fn load(path: &Path) -> Result<Self, libloading::Error> {
        // SAFETY: the library's initialisation does nothing that this process must not do.
        let loaded = unsafe { libloading::Library::new(path) }?;
        Ok(Self { functions: Functions::load(&loaded)?, _loaded: loaded })
    }

    pub fn attrs_new(&self) -> (Outcome, Handle) {
        let mut attrs = poison();
        // SAFETY: the OUT parameter lives on this frame.
        let outcome = self.call(|error| unsafe { (self.functions.attrs_new)(&mut attrs, error) });
        self.with_handle(outcome, attrs)
    }

    pub fn attrs_set_text(&self, attrs: Handle, attr: u32, text: &str) -> Outcome {
        // SAFETY: pointer and length are those of a slice that outlives the call.
        self.call(|error| unsafe {
            (self.functions.attrs_set_text)(attrs.ptr(), attr, text.as_ptr(), text.len(), error)
        })
    }

    pub fn attrs_set_int(&self, attrs: Handle, attr: u32, value: i64) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.attrs_set_int)(attrs.ptr(), attr, value, error) })
    }

    /// The caller keeps `hook` until every pool that was created with these attributes is closed.
    pub fn attrs_set_callback(&self, attrs: Handle, hook: &Arc<CallbackHook>) -> Outcome {
        let ctx = Arc::as_ptr(hook).cast_mut().cast();
        // SAFETY: the two functions read `ctx` as what it is, and the caller keeps it alive.
        self.call(|error| unsafe {
            (self.functions.attrs_set_callback)(attrs.ptr(), Some(run_hook), ctx, Some(free_hook), error)
        })
    }

    pub fn attrs_free(&self, attrs: Handle) {
        // SAFETY: no pointers but a handle.
        unsafe { (self.functions.attrs_free)(attrs.ptr()) }
    }

    pub fn create(&self, name: Option<&str>, attrs: Handle) -> (Outcome, Handle) {
        let mut pool = poison();
        let (text, len) = slice(name.map(str::as_bytes));
        // SAFETY: pointer and length are those of a slice that outlives the call; OUT parameters live on this frame.
        let outcome = self
            .call(|error| unsafe { (self.functions.create)(text, len, attrs.ptr(), 0, &mut pool, error) });
        self.with_handle(outcome, pool)
    }

    pub fn open(&self, name: &str) -> (Outcome, Handle) {
        let mut pool = poison();
        // SAFETY: pointer and length are those of a slice that outlives the call; OUT parameters live on this frame.
        let outcome =
            self.call(|error| unsafe { (self.functions.open)(name.as_ptr(), name.len(), &mut pool, error) });
        self.with_handle(outcome, pool)
    }

    pub fn reconfigure(&self, pool: Handle, changes: Handle) -> Outcome {
        // SAFETY: no pointers but handles.
        self.call(|error| unsafe { (self.functions.reconfigure)(pool.ptr(), changes.ptr(), error) })
    }

    pub fn close(&self, pool: Handle, mode: u32, drain_ms: i64) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.close)(pool.ptr(), mode, drain_ms, error) })
    }

    /// The numbers behind `struct_size`, in the order of `STAT_NAMES`.
    pub fn stats(&self, pool: Handle) -> (Outcome, Vec<u64>) {
        let mut numbers = vec![0u64; STAT_NAMES.len() + 1];
        numbers[0] = (numbers.len() * size_of::<u64>()) as u64;
        // SAFETY: the struct is an array of u64 of the size that its first member tells.
        let outcome =
            self.call(|error| unsafe { (self.functions.get_stats)(pool.ptr(), numbers.as_mut_ptr(), error) });
        (outcome, numbers.split_off(1))
    }

    pub fn get(&self, pool: Handle, call: &GetCall<'_>) -> Got {
        let (mut session, mut ret_tag, mut ret_len, mut found) = (poison(), poison() as Text, POISON, 0x5a5a);
        let (tag, tag_len) = slice(call.tag);
        // SAFETY: pointer and length are those of a slice that outlives the call; OUT parameters live on this frame.
        let outcome = self.call(|error| unsafe {
            let (attrs, mode) = (call.attrs.ptr(), call.mode);
            (self.functions.session_get)(
                pool.ptr(),
                &mut session,
                attrs,
                tag,
                tag_len,
                &mut ret_tag,
                &mut ret_len,
                &mut found,
                mode,
                error,
            )
        });
        let (mut outcome, session) = self.with_handle(outcome, session);
        if !outcome.is_done() && (!ret_tag.is_null() || ret_len != 0 || found != 0) {
            outcome.flaws.push("a get that failed left OUT parameters that are not NULL or 0".to_owned());
            return Got { outcome, session, ret_tag: None, found };
        }
        let ret_tag = read_text(ret_tag, ret_len, "ret_tag", &mut outcome.flaws);
        Got { outcome, session, ret_tag, found }
    }

    pub fn release(&self, session: Handle, tag: Option<&[u8]>, mode: u32) -> Outcome {
        let (tag, len) = slice(tag);
        // SAFETY: pointer and length are those of a slice that outlives the call.
        self.call(|error| unsafe { (self.functions.session_release)(session.ptr(), tag, len, mode, error) })
    }

    pub fn set_tag(&self, session: Handle, tag: Option<&[u8]>, mode: u32) -> Outcome {
        let (tag, len) = slice(tag);
        // SAFETY: pointer and length are those of a slice that outlives the call.
        self.call(|error| unsafe { (self.functions.session_set_tag)(session.ptr(), tag, len, mode, error) })
    }

    /// The session's tag, and what is wrong with how it was given.
    pub fn tag(&self, session: Handle) -> (Option<Vec<u8>>, Vec<String>) {
        let mut len = POISON;
        let mut flaws = Vec::new();
        // SAFETY: the OUT parameter lives on this frame.
        let text = unsafe { (self.functions.session_tag)(session.ptr(), &mut len) };
        (read_text(text, len, "orapool_session_tag", &mut flaws), flaws)
    }

    pub fn is_new(&self, session: Handle) -> bool {
        // SAFETY: no pointers but a handle.
        unsafe { (self.functions.session_is_new)(session.ptr()) != 0 }
    }

    pub fn identity(&self, session: Handle) -> Option<(u32, u32)> {
        let (mut sid, mut serial) = (0, 0);
        // SAFETY: the OUT parameters live on this frame.
        let outcome = self.call(|error| unsafe {
            (self.functions.session_identity)(session.ptr(), &mut sid, &mut serial, error)
        });
        outcome.is_done().then_some((sid, serial))
    }

    pub fn execute(&self, session: Handle, sql: &str) -> (Outcome, u64) {
        let mut rows = POISON as u64;
        // SAFETY: pointer and length are those of a slice that outlives the call; OUT parameters live on this frame.
        let outcome = self.call(|error| unsafe {
            (self.functions.session_execute)(session.ptr(), sql.as_ptr(), sql.len(), &mut rows, error)
        });
        (outcome, rows)
    }

    pub fn commit(&self, session: Handle) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.session_commit)(session.ptr(), error) })
    }

    pub fn rollback(&self, session: Handle) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.session_rollback)(session.ptr(), error) })
    }

    pub fn ping(&self, session: Handle) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.session_ping)(session.ptr(), error) })
    }

    pub fn prepare(&self, session: Handle, sql: &str) -> (Outcome, Handle) {
        let mut stmt = poison();
        // SAFETY: pointer and length are those of a slice that outlives the call; OUT parameters live on this frame.
        let outcome = self.call(|error| unsafe {
            (self.functions.stmt_prepare)(session.ptr(), sql.as_ptr(), sql.len(), &mut stmt, error)
        });
        self.with_handle(outcome, stmt)
    }

    pub fn bind_text(&self, stmt: Handle, position: u32, text: Option<&str>) -> Outcome {
        let (text, len) = slice(text.map(str::as_bytes));
        // SAFETY: pointer and length are those of a slice that outlives the call.
        self.call(|error| unsafe { (self.functions.stmt_bind_text)(stmt.ptr(), position, text, len, error) })
    }

    pub fn stmt_execute(&self, stmt: Handle) -> (Outcome, u64) {
        let mut rows = POISON as u64;
        // SAFETY: the OUT parameter lives on this frame.
        let outcome =
            self.call(|error| unsafe { (self.functions.stmt_execute)(stmt.ptr(), &mut rows, error) });
        (outcome, rows)
    }

    pub fn fetch(&self, stmt: Handle) -> Outcome {
        // SAFETY: no pointers but a handle.
        self.call(|error| unsafe { (self.functions.stmt_fetch)(stmt.ptr(), error) })
    }

    pub fn column_count(&self, stmt: Handle) -> u32 {
        // SAFETY: no pointers but a handle.
        unsafe { (self.functions.stmt_column_count)(stmt.ptr()) }
    }

    pub fn column_text(&self, stmt: Handle, column: u32) -> (Outcome, Option<String>) {
        let (mut text, mut len) = (ptr::null(), 0);
        // SAFETY: the OUT parameters live on this frame.
        let mut outcome = self.call(|error| unsafe {
            (self.functions.stmt_column_text)(stmt.ptr(), column, &mut text, &mut len, error)
        });
        let text = read_text(text, len, "orapool_stmt_column_text", &mut outcome.flaws);
        (outcome, text.map(|text| String::from_utf8_lossy(&text).into_owned()))
    }

    pub fn stmt_free(&self, stmt: Handle) {
        // SAFETY: no pointers but a handle.
        unsafe { (self.functions.stmt_free)(stmt.ptr()) }
    }

    /// Makes a call and takes its error over.
    fn call(&self, function: impl FnOnce(Out<Ptr>) -> i32) -> Outcome {
        let mut error = poison();
        let status = function(&mut error);
        let mut flaws = Vec::new();
        if error == poison() {
            return Outcome { status, errors: Vec::new(), flaws: vec!["*error was not written".to_owned()] };
        }
        let errors = self.read_chain(error, &mut flaws);
        // SAFETY: the error came from the call, is freed here alone, and was copied.
        unsafe { (self.functions.error_free)(error) };
        check_error_rule(status, &errors, &mut flaws);
        Outcome { status, errors, flaws }
    }

    fn read_chain(&self, first: Ptr, flaws: &mut Vec<String>) -> Vec<ErrorRecord> {
        let mut records = Vec::new();
        let mut error = first;
        while !error.is_null() {
            let mut len = 0;
            // SAFETY: `error` is the call's error or one of its causes, which live until it is freed.
            let (record, next) = unsafe {
                let functions = &self.functions;
                let message = (functions.error_message)(error, &mut len);
                let message = read_text(message, len, "an error's message", flaws).unwrap_or_default();
                let record = ErrorRecord {
                    status: (functions.error_status)(error),
                    code: (functions.error_code)(error),
                    message: String::from_utf8_lossy(&message).into_owned(),
                    is_session_dead: (functions.error_is_session_dead)(error) != 0,
                    is_transient: (functions.error_is_transient)(error) != 0,
                };
                (record, (functions.error_next)(error))
            };
            records.push(record);
            error = next;
        }
        records
    }

    /// A handle that a call gave: written on every path, NULL exactly on failure.
    fn with_handle(&self, mut outcome: Outcome, handle: Ptr) -> (Outcome, Handle) {
        if handle == poison() {
            outcome.flaws.push("the OUT handle was not written".to_owned());
            return (outcome, NULL);
        }
        if outcome.is_done() == handle.is_null() {
            outcome.flaws.push(format!("the OUT handle is {handle:?} with status {}", outcome.status));
        }
        (outcome, Handle(handle as usize))
    }
}

impl Handle {
    fn ptr(self) -> Ptr {
        self.0 as Ptr
    }
}

fn poison() -> Ptr {
    POISON as Ptr
}

/// NULL with ORAPOOL_NTS is as absent as NULL with 0; a runner may use either.
fn slice(bytes: Option<&[u8]>) -> (Text, usize) {
    bytes.map_or((ptr::null(), NTS), |bytes| (bytes.as_ptr(), bytes.len()))
}

/// Copies a text that the library gave, and checks that NULL has no length and that a NUL stands behind it.
fn read_text(text: Text, len: usize, what: &str, flaws: &mut Vec<String>) -> Option<Vec<u8>> {
    if text.is_null() {
        if len != 0 {
            flaws.push(format!("{what} is NULL with the length {len}"));
        }
        return None;
    }
    if text == poison() as Text || len == POISON {
        flaws.push(format!("{what} was not written"));
        return None;
    }
    // SAFETY: the library gives a pointer to `len` bytes and a NUL, which live at least until the next call.
    let (bytes, end) = unsafe { (std::slice::from_raw_parts(text, len).to_vec(), *text.add(len)) };
    if end != 0 {
        flaws.push(format!("{what} has no NUL behind it"));
    }
    Some(bytes)
}

/// A success has no error; all else has one, of the same status, and every message begins with its number.
fn check_error_rule(status: i32, errors: &[ErrorRecord], flaws: &mut Vec<String>) {
    const NO_DATA: i32 = 100;
    match (status, errors.first()) {
        (0 | NO_DATA, None) => {}
        (0 | NO_DATA, Some(_)) => flaws.push("a success has an error".to_owned()),
        (_, None) => flaws.push(format!("status {status} has no error")),
        (_, Some(error)) if error.status != status => {
            flaws.push(format!("status {status}, but that of its error is {}", error.status));
        }
        _ => {}
    }
    for error in errors {
        if error.code != 0 && !error.message.starts_with(&format!("ORA-{:05}", error.code)) {
            flaws.push(format!("a message does not begin with ORA-{:05}: {}", error.code, error.message));
        }
    }
}

/// What a callback returns when its own code panicked; any number but 1 would do.
const PANICKED: i32 = -99;

unsafe extern "C" fn run_hook(
    ctx: Ptr,
    session: Ptr,
    wanted: Text,
    wanted_len: usize,
    actual: Text,
    actual_len: usize,
) -> i32 {
    // SAFETY: `ctx` is the hook that `attrs_set_callback` was given, and its caller keeps it.
    let hook = unsafe { &*ctx.cast::<CallbackHook>() };
    let mut flaws = Vec::new();
    if hook.times_freed() != 0 {
        flaws.push("the callback was called after its context had been freed".to_owned());
    }
    // An absent tag may come as NULL or as an empty text.
    let wanted = read_text(wanted, wanted_len, "wanted", &mut flaws).filter(|tag| !tag.is_empty());
    let actual = read_text(actual, actual_len, "actual", &mut flaws).filter(|tag| !tag.is_empty());
    let run = CallbackRun { session: Handle(session as usize), wanted, actual, flaws };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (hook.run)(run))).unwrap_or(PANICKED)
}

unsafe extern "C" fn free_hook(ctx: Ptr) {
    // SAFETY: as in `run_hook`; the hook itself is freed by Rust.
    let hook = unsafe { &*ctx.cast::<CallbackHook>() };
    hook.freed.fetch_add(1, Ordering::SeqCst);
}
