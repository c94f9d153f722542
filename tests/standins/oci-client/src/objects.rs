//! What handles stand for.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::auth::SessionHandle;
use crate::columns::ColumnInfo;
use crate::connect::ServerHandle;
use crate::dates::DateTime;
use crate::errors::OraError;
use crate::pool::PoolHandle;
use crate::service::ServiceContext;
use crate::statement::StatementHandle;

/// An environment has nothing of its own but its handles.
#[derive(Debug, Default)]
pub struct Environment {
    pub error: Mutex<Vec<OraError>>,
}

/// An error handle: the errors of the last call that failed with it.
#[derive(Debug, Default)]
pub struct ErrorHandle {
    pub errors: Mutex<Vec<OraError>>,
    /// Of an array execute with OCI_BATCH_ERRORS: the errors by row, read by `OCIParamGet`.
    pub batch: Mutex<Vec<OraError>>,
}

/// One entry of an application context: namespace, name, value.
#[derive(Debug, Default)]
pub struct ContextEntry {
    pub texts: Mutex<[String; 3]>,
}

#[derive(Clone)]
pub enum Object {
    Environment(Arc<Environment>),
    Error(Arc<ErrorHandle>),
    Service(Arc<ServiceContext>),
    Statement(Arc<StatementHandle>),
    /// A position of a statement. It goes with the statement.
    Bind(Arc<StatementHandle>, usize),
    Define(Arc<StatementHandle>, usize),
    Server(Arc<ServerHandle>),
    Session(Arc<SessionHandle>),
    Pool(Arc<PoolHandle>),
    Column(Arc<ColumnInfo>),
    DateTime(Arc<DateTime>),
    ContextEntry(Arc<ContextEntry>),
    /// A handle of this type for calls that are refused: ODPI-C allocates it first, and shows only the error of the call.
    Inert(u32),
}

const KINDS: [&str; 13] = [
    "OCIEnv",
    "OCIError",
    "OCISvcCtx",
    "OCIStmt",
    "OCIBind",
    "OCIDefine",
    "OCIServer",
    "OCISession",
    "OCISPool",
    "OCIParam",
    "OCIDateTime",
    "OCIParam of an application context",
    "other",
];

impl Object {
    pub fn kind(&self) -> usize {
        match self {
            Self::Environment(_) => 0,
            Self::Error(_) => 1,
            Self::Service(_) => 2,
            Self::Statement(_) => 3,
            Self::Bind(..) => 4,
            Self::Define(..) => 5,
            Self::Server(_) => 6,
            Self::Session(_) => 7,
            Self::Pool(_) => 8,
            Self::Column(_) => 9,
            Self::DateTime(_) => 10,
            Self::ContextEntry(_) => 11,
            Self::Inert(_) => 12,
        }
    }

    pub fn kind_name(kind: usize) -> &'static str {
        KINDS.get(kind).copied().unwrap_or("unknown")
    }

    /// Whether a leak of it is worth a word: environments, errors, binds and defines go with others.
    pub fn must_be_freed(kind: &str) -> bool {
        !matches!(
            kind,
            "OCIEnv" | "OCIError" | "OCIBind" | "OCIDefine" | "OCIParam of an application context"
        )
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::kind_name(self.kind()))
    }
}
