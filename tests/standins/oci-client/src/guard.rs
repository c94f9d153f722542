//! What surrounds each exported function: panics stay inside, faults are applied, errors go to the error handle, the call to the log.

use std::cell::Cell;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::checks;
use crate::core::Core;
use crate::errors::{self, Ending, Failure, OraError, Reply, words_of};
use crate::faults::{self, Fault};
use crate::handles::{Token, look_up, resolve};
use crate::log;
use crate::objects::Object;
use crate::service::ServiceContext;
use crate::statement::StatementHandle;

/// A call on its way.
pub struct Call {
    pub name: &'static str,
    /// The error handle it was given.
    pub error_handle: Token,
    arguments: Vec<(&'static str, String)>,
    session: Option<(u32, u32)>,
    fault: Option<Fault>,
}

thread_local! {
    /// Some calls have no error handle, though ODPI-C then asks its own for the error: it is the one that the thread used last.
    static LAST_ERROR_HANDLE: Cell<Token> = const { Cell::new(Token::NULL) };
}

impl Call {
    /// An argument for the log.
    pub fn note(&mut self, key: &'static str, value: impl std::fmt::Display) {
        if log::is_on() {
            self.arguments.push((key, value.to_string()));
        }
    }

    pub fn note_session(&mut self, core: &Core) {
        self.session = Some(core.ids());
    }

    /// The fault of a call that has no session to hang or lose.
    fn apply_fault(&mut self) -> Result<(), Failure> {
        match self.fault.take() {
            None => Ok(()),
            Some(Fault::Error(code)) => errors::fail(code, words_of(code)),
            Some(Fault::Dead) => errors::fail(3113, words_of(3113)),
            Some(Fault::Hang(time)) => {
                std::thread::sleep(time);
                Ok(())
            }
            info @ Some(Fault::Info(_)) => {
                self.fault = info;
                Ok(())
            }
        }
    }

    /// The fault of a call on a session. `stops` says whether break and call timeout end it, as they do where the server works.
    fn apply_session_fault(
        &mut self,
        core: &Core,
        limit: Option<std::time::Duration>,
        stops: bool,
    ) -> Result<(), Failure> {
        match self.fault {
            Some(Fault::Dead) => {
                self.fault = None;
                core.lose_line();
                errors::fail(3113, words_of(3113))
            }
            Some(Fault::Hang(time)) if stops => {
                self.fault = None;
                core.hang(time, limit)
            }
            _ => self.apply_fault(),
        }
    }

    fn finish(&mut self, reply: Reply) -> c_int {
        let (code, error) = match reply {
            Ok(Ending::Success) => match self.fault.take() {
                Some(Fault::Info(code)) => {
                    (errors::SUCCESS_WITH_INFO, Some(OraError::new(code, words_of(code))))
                }
                _ => (errors::SUCCESS, None),
            },
            Ok(Ending::NoData) => (errors::NO_DATA, None),
            Ok(Ending::NoDataWith(error)) => (errors::NO_DATA, Some(error)),
            Ok(Ending::Info(error)) => (errors::SUCCESS_WITH_INFO, Some(error)),
            Err(Failure::Handle) => (errors::INVALID_HANDLE, None),
            Err(Failure::Ora(error)) => (errors::ERROR, Some(error)),
        };
        let ora = error.as_ref().map(|error| error.code);
        if let Some(error) = error {
            self.store(error);
        }
        log::call(self.name, &self.arguments, code, ora, self.session);
        code
    }

    fn store(&self, error: OraError) {
        let known = if self.error_handle.is_null() { LAST_ERROR_HANDLE.get() } else { self.error_handle };
        match look_up(known) {
            Ok(Object::Error(handle)) => *handle.errors.lock() = vec![error],
            Ok(Object::Environment(environment)) => *environment.error.lock() = vec![error],
            _ => {}
        }
    }
}

/// Runs the body of an exported function.
pub fn enter(name: &'static str, error_handle: Token, body: impl FnOnce(&mut Call) -> Reply) -> c_int {
    let mut call =
        Call { name, error_handle, arguments: Vec::new(), session: None, fault: faults::due(name) };
    run(&mut call, |call| {
        call.check_error_handle()?;
        call.apply_fault()?;
        body(call)
    })
}

fn run(call: &mut Call, body: impl FnOnce(&mut Call) -> Reply) -> c_int {
    if !call.error_handle.is_null() {
        LAST_ERROR_HANDLE.set(call.error_handle);
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| body(call)));
    let reply = outcome.unwrap_or_else(|_| {
        checks::violation(format_args!("{}: the stand-in itself panicked", call.name));
        errors::fail(600, "internal error code: the stand-in panicked")
    });
    call.finish(reply)
}

impl Call {
    fn check_error_handle(&self) -> Result<(), Failure> {
        if self.error_handle.is_null() {
            return Ok(());
        }
        match resolve(self.name, self.error_handle)? {
            Object::Error(_) | Object::Environment(_) => Ok(()),
            other => {
                checks::violation(format_args!("{}: {other:?} handle given as error handle", self.name));
                Err(Failure::Handle)
            }
        }
    }
}

/// A call on a session: its service context, and the session if it is logged on.
pub struct OnSession {
    pub service: Arc<ServiceContext>,
    pub core: Arc<Core>,
}

/// How a call on a session behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It goes to the server and can be stopped.
    RoundTrip,
    /// It stays on the client.
    Local,
}

/// Runs the body of a function whose handle is a service context with a session, alone on that session.
pub fn enter_session(
    name: &'static str,
    service: Token,
    error_handle: Token,
    kind: Kind,
    body: impl FnOnce(&mut Call, &OnSession) -> Reply,
) -> c_int {
    let find = |call: &mut Call| Ok((call.on_session(service)?, ()));
    enter_found(name, error_handle, kind, find, |call, on, ()| body(call, on))
}

/// The same for a function whose handle is a statement.
pub fn enter_statement(
    name: &'static str,
    statement: Token,
    error_handle: Token,
    kind: Kind,
    body: impl FnOnce(&mut Call, &OnSession, Arc<StatementHandle>) -> Reply,
) -> c_int {
    let find = |call: &mut Call| {
        let handle = call.statement(statement)?;
        let on = OnSession { service: Arc::clone(&handle.service), core: Arc::clone(&handle.core) };
        Ok((on, handle))
    };
    enter_found(name, error_handle, kind, find, body)
}

fn enter_found<T>(
    name: &'static str,
    error_handle: Token,
    kind: Kind,
    find: impl FnOnce(&mut Call) -> Result<(OnSession, T), Failure>,
    body: impl FnOnce(&mut Call, &OnSession, T) -> Reply,
) -> c_int {
    let mut call =
        Call { name, error_handle, arguments: Vec::new(), session: None, fault: faults::due(name) };
    run(&mut call, |call| {
        call.check_error_handle()?;
        let (on, found) = find(call)?;
        call.note_session(&on.core);
        let _alone = on.core.use_alone(name);
        call.apply_session_fault(&on.core, on.service.call_timeout(), kind == Kind::RoundTrip)?;
        body(call, &on, found)
    })
}

impl Call {
    pub fn service(&self, token: Token) -> Result<Arc<ServiceContext>, Failure> {
        match resolve(self.name, token)? {
            Object::Service(service) => Ok(service),
            other => self.wrong(&other, "OCISvcCtx"),
        }
    }

    pub fn statement(&self, token: Token) -> Result<Arc<StatementHandle>, Failure> {
        match resolve(self.name, token)? {
            Object::Statement(statement) => Ok(statement),
            other => self.wrong(&other, "OCIStmt"),
        }
    }

    pub fn wrong<T>(&self, got: &Object, expected: &str) -> Result<T, Failure> {
        checks::violation(format_args!("{}: {got:?} handle given where {expected} is wanted", self.name));
        Err(Failure::Handle)
    }

    fn on_session(&self, token: Token) -> Result<OnSession, Failure> {
        let service = self.service(token)?;
        let core = service.core(self.name)?;
        Ok(OnSession { service, core })
    }
}
