//! Values and memory that a caller leaves with a session: OCIContext and OCIMemory.

use std::ffi::c_int;
use std::sync::Arc;

use crate::core::Core;
use crate::errors::{DONE, Failure, fail};
use crate::guard::{Call, enter};
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::objects::Object;

impl Call {
    fn core_of_session(&mut self, token: Token) -> Result<Arc<Core>, Failure> {
        let session = match resolve(self.name, token)? {
            Object::Session(session) => session,
            other => return self.wrong(&other, "OCISession"),
        };
        let core = session.core.lock().clone();
        let Some(core) = core else { return fail(1012, "not logged on") };
        self.note_session(&core);
        Ok(core)
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCIContextGetValue(
    session: Token,
    error: Token,
    key: Caller<u8>,
    length: u8,
    value: Caller<usize>,
) -> c_int {
    value.put(0);
    enter("OCIContextGetValue", error, |call| {
        let core = call.core_of_session(session)?;
        let found = core.context.lock().get(&key.bytes(length.into())).copied();
        value.put(found.unwrap_or(0));
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIContextSetValue(
    session: Token,
    error: Token,
    _duration: u16,
    key: Caller<u8>,
    length: u8,
    value: usize,
) -> c_int {
    enter("OCIContextSetValue", error, |call| {
        let core = call.core_of_session(session)?;
        let key = key.bytes(length.into());
        if value == 0 {
            core.context.lock().remove(&key);
        } else {
            core.context.lock().insert(key, value);
        }
        DONE
    })
}

/// The memory goes with the session at the latest.
#[unsafe(no_mangle)]
extern "C" fn OCIMemoryAlloc(
    session: Token,
    error: Token,
    memory: Caller<usize>,
    _duration: u16,
    size: u32,
    _flags: u32,
) -> c_int {
    memory.put(0);
    enter("OCIMemoryAlloc", error, |call| {
        let core = call.core_of_session(session)?;
        // In words, so that it is aligned for whatever lies in it.
        let mut block = vec![0u64; (size as usize).div_ceil(8).max(1)].into_boxed_slice();
        let address = block.as_mut_ptr().expose_provenance();
        core.memory.lock().insert(address, block);
        memory.put(address);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIMemoryFree(session: Token, error: Token, memory: usize) -> c_int {
    enter("OCIMemoryFree", error, |call| {
        let core = call.core_of_session(session)?;
        if core.memory.lock().remove(&memory).is_none() {
            crate::checks::violation(
                "OCIMemoryFree: memory that this session did not give, or has taken back",
            );
        }
        DONE
    })
}
