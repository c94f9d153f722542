//! OCISvcCtx: a server handle and a session handle together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::auth::SessionHandle;
use crate::checks;
use crate::connect::ServerHandle;
use crate::core::Core;
use crate::errors::{Failure, fail, words_of};
use crate::handles::Token;
use crate::pool::PoolHandle;

/// Where a service context comes from, and so how it is given back.
pub enum Origin {
    /// `OCIHandleAlloc`.
    Allocated,
    /// `OCISessionGet` without a pool.
    Got,
    /// `OCISessionGet` from this pool.
    Pooled(Arc<PoolHandle>),
}

pub struct ServiceContext {
    pub environment: Token,
    pub origin: Origin,
    pub server: Mutex<Option<(Token, Arc<ServerHandle>)>>,
    pub session: Mutex<Option<(Token, Arc<SessionHandle>)>>,
    /// Milliseconds; 0 is no limit.
    pub call_timeout_ms: AtomicU32,
    pub statement_cache: AtomicU32,
}

impl ServiceContext {
    pub fn new(environment: Token, origin: Origin) -> Self {
        Self {
            environment,
            origin,
            server: Mutex::default(),
            session: Mutex::default(),
            call_timeout_ms: AtomicU32::new(0),
            // OCI's own default.
            statement_cache: AtomicU32::new(20),
        }
    }

    pub fn call_timeout(&self) -> Option<Duration> {
        match self.call_timeout_ms.load(Ordering::Relaxed) {
            0 => None,
            milliseconds => Some(Duration::from_millis(milliseconds.into())),
        }
    }

    pub fn server_handle(&self) -> Option<Arc<ServerHandle>> {
        self.server.lock().as_ref().map(|(_, server)| Arc::clone(server))
    }

    pub fn session_handle(&self) -> Option<Arc<SessionHandle>> {
        self.session.lock().as_ref().map(|(_, session)| Arc::clone(session))
    }

    /// The session, if the context has one that is logged on.
    pub fn core(&self, call: &str) -> Result<Arc<Core>, Failure> {
        let Some(session) = self.session_handle() else { return fail(1012, words_of(1012)) };
        if let Some(core) = session.core.lock().as_ref() {
            return Ok(Arc::clone(core));
        }
        if session.was_released() {
            checks::violation(format_args!("{call}: a service context used after its session was released"));
        }
        fail(1012, words_of(1012))
    }
}
