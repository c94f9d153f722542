//! Commit and rollback.

use std::ffi::c_int;

use crate::errors::{DONE, OraError};
use crate::guard::{Kind, enter_session};
use crate::handles::Token;

const TWO_PHASE: u32 = 0x0100_0000;

#[unsafe(no_mangle)]
extern "C" fn OCITransCommit(service: Token, error: Token, flags: u32) -> c_int {
    enter_session("OCITransCommit", service, error, Kind::RoundTrip, |call, on| {
        call.note("flags", format_args!("{flags:#x}"));
        if flags & TWO_PHASE != 0 {
            return Err(OraError::unimplemented("OCITransCommit in two phases").into());
        }
        on.core.round_trip(on.service.call_timeout(), |session| session.commit())?;
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCITransRollback(service: Token, error: Token, _flags: u32) -> c_int {
    enter_session("OCITransRollback", service, error, Kind::RoundTrip, |_, on| {
        on.core.round_trip(on.service.call_timeout(), |session| session.rollback())?;
        DONE
    })
}
