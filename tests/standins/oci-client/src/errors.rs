//! What a call can end with, and OCI's numbers for it.

use std::ffi::c_int;

pub const SUCCESS: c_int = 0;
pub const SUCCESS_WITH_INFO: c_int = 1;
pub const NO_DATA: c_int = 100;
pub const ERROR: c_int = -1;
pub const INVALID_HANDLE: c_int = -2;
/// What a bind callback returns when it has given its value.
pub const CONTINUE: i32 = -24200;

/// An error as `OCIErrorGet` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OraError {
    pub code: i32,
    /// Begins with the number.
    pub message: String,
    /// Of an array execute: the row it belongs to.
    pub row: u32,
}

impl OraError {
    pub fn new(code: i32, text: impl std::fmt::Display) -> Self {
        Self { code, message: format!("ORA-{code:05}: {text}"), row: 0 }
    }

    pub fn unimplemented(what: impl std::fmt::Display) -> Self {
        Self::new(3001, format_args!("not implemented in the stand-in: {what}"))
    }

    /// Whether the session is gone after this error.
    pub fn ends_session(&self) -> bool {
        matches!(self.code, 28 | 1012 | 2396 | 3113 | 3114 | 3135)
    }
}

impl From<orapool_engine::Error> for OraError {
    fn from(error: orapool_engine::Error) -> Self {
        Self { code: error.code(), message: error.message().to_owned(), row: 0 }
    }
}

/// Why a call failed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// OCI_INVALID_HANDLE: no error is stored, for there may be no error handle.
    Handle,
    Ora(OraError),
}

impl From<OraError> for Failure {
    fn from(error: OraError) -> Self {
        Self::Ora(error)
    }
}

impl From<orapool_engine::Error> for Failure {
    fn from(error: orapool_engine::Error) -> Self {
        Self::Ora(error.into())
    }
}

/// How a call ended that did not fail.
#[derive(Clone, Debug)]
pub enum Ending {
    Success,
    NoData,
    Info(OraError),
    /// NO_DATA with an error text behind it, as a fetch beyond the last row has.
    NoDataWith(OraError),
}

pub type Reply = Result<Ending, Failure>;

pub const DONE: Reply = Ok(Ending::Success);

pub fn fail<T>(code: i32, text: impl std::fmt::Display) -> Result<T, Failure> {
    Err(Failure::Ora(OraError::new(code, text)))
}

/// The words of the ORA numbers that faults are told by.
pub fn words_of(code: i32) -> &'static str {
    match code {
        28 => "your session has been killed",
        1012 => "not logged on",
        1013 => "user requested cancel of current operation",
        1017 => "invalid username/password; logon denied",
        1089 => "immediate shutdown or close in progress - no operations are permitted",
        2396 => "exceeded maximum idle time, please connect again",
        3113 => "end-of-file on communication channel",
        3114 => "not connected to ORACLE",
        3135 => "connection lost contact",
        3136 => "inbound connection timed out",
        3156 => "OCI call timed out",
        12154 => "TNS:could not resolve the connect identifier specified",
        12170 => "TNS:Connect timeout occurred",
        12514 => "TNS:listener does not currently know of service requested in connect descriptor",
        12537 => "TNS:connection closed",
        12541 => "TNS:no listener",
        24344 => "success with compilation error",
        28001 => "the password has expired",
        28002 => "the password will expire within 7 days",
        _ => "told by a fault of the stand-in",
    }
}
