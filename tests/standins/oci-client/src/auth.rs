//! OCISession, which is OCIAuthInfo too: what a log-on is told, and the session that came of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::core::Core;
use crate::handles::Token;

pub const USERNAME: u32 = 22;
pub const PASSWORD: u32 = 23;
pub const CURRENT_SCHEMA: u32 = 224;
pub const CLIENT_IDENTIFIER: u32 = 278;
pub const EDITION: u32 = 288;
pub const MODULE: u32 = 366;
pub const ACTION: u32 = 367;
pub const CLIENT_INFO: u32 = 368;
pub const ECONTEXT_ID: u32 = 371;
pub const DRIVER_NAME: u32 = 424;
pub const CONNECTION_CLASS: u32 = 425;
pub const PURITY: u32 = 426;
pub const DBOP: u32 = 485;
pub const FIXUP_CALLBACK: u32 = 501;

/// Attributes of a log-on. Those that the stand-in has no use for are kept all the same, to be read back.
#[derive(Clone, Default)]
pub struct AuthAttributes {
    pub texts: BTreeMap<u32, String>,
    pub purity: u32,
}

impl AuthAttributes {
    pub fn text(&self, attribute: u32) -> Option<&str> {
        self.texts.get(&attribute).map(String::as_str)
    }
}

#[derive(Default)]
pub struct SessionHandle {
    pub attributes: Mutex<AuthAttributes>,
    pub core: Mutex<Option<Arc<Core>>>,
    /// It was a checked-out session and was given back.
    pub released: AtomicBool,
    /// A pool has it as its OCI_ATTR_SPOOL_AUTH: ODPI-C leaves such a handle to its environment.
    pub belongs_to_pool: AtomicBool,
    /// The entries of its application context, as handles.
    pub context: Mutex<Vec<Token>>,
}

impl SessionHandle {
    pub fn of(core: &Arc<Core>) -> Self {
        Self { core: Mutex::new(Some(Arc::clone(core))), ..Self::default() }
    }

    pub fn was_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    /// Takes the session out of the handle, so that a copy of the handle in another service context reaches it no more.
    pub fn release(&self) {
        self.released.store(true, Ordering::Release);
        *self.core.lock() = None;
    }
}
