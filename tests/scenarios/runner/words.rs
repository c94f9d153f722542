//! The words that a scenario chooses from.

use serde::Deserialize;

/// What a driver or a language may lack.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Fix-up procedures of PL/SQL.
    Plsql,
    /// A native session callback.
    Callback,
    /// A callback that can return any number, where others can only succeed or raise.
    CallbackValues,
    /// Ending a session from another one.
    Kill,
    /// A second user of the database.
    TwoUsers,
    /// Tags that are no UTF-8 or hold a NUL.
    RawTags,
    /// Connects and calls that are slow or fail on demand.
    Knobs,
    /// Several threads.
    Threads,
}

/// Whose credentials are used. `None` sets no user at all.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum UserName {
    None,
    Owner,
    Second,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Knob {
    ConnectDelayMs,
    CallDelayMs,
    ConnectFailures,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
pub enum GetMode {
    Wait,
    Nowait,
    Forceget,
    Timedwait,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purity {
    Default,
    New,
    #[serde(rename = "SELF")]
    Same,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum CloseMode {
    #[default]
    Default,
    Force,
}

/// The names of the mode bits, as in the header after `ORAPOOL_SESSGET_`.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GetBit {
    Matchany,
    PurityNew,
    PuritySelf,
    MultipropertyTag,
}

/// The names of the mode bits, as in the header after `ORAPOOL_SESSRLS_`.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseBit {
    Dropsess,
    Retag,
    MultipropertyTag,
}

/// The names that the header gives.
#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum StatusName {
    #[serde(rename = "ORAPOOL_SUCCESS")]
    Success,
    #[serde(rename = "ORAPOOL_SUCCESS_WITH_INFO")]
    SuccessWithInfo,
    #[serde(rename = "ORAPOOL_ERROR")]
    Error,
    #[serde(rename = "ORAPOOL_INVALID_HANDLE")]
    InvalidHandle,
    #[serde(rename = "ORAPOOL_INVALID_ARGUMENT")]
    InvalidArgument,
    #[serde(rename = "ORAPOOL_TIMEOUT")]
    Timeout,
    #[serde(rename = "ORAPOOL_CLOSED")]
    Closed,
    #[serde(rename = "ORAPOOL_UNSUPPORTED")]
    Unsupported,
    #[serde(rename = "ORAPOOL_CONFLICT")]
    Conflict,
    #[serde(rename = "ORAPOOL_CALLBACK_FAILED")]
    CallbackFailed,
}

impl StatusName {
    pub fn value(self) -> i32 {
        match self {
            StatusName::Success => 0,
            StatusName::SuccessWithInfo => 1,
            StatusName::Error => -1,
            StatusName::InvalidHandle => -2,
            StatusName::InvalidArgument => -3,
            StatusName::Timeout => -4,
            StatusName::Closed => -5,
            StatusName::Unsupported => -6,
            StatusName::Conflict => -7,
            StatusName::CallbackFailed => -8,
        }
    }
}
