//! Calls on a session as such: ping, break, reset, the server's version.

use std::ffi::c_int;

use crate::checks;
use crate::core::Core;
use crate::errors::{DONE, Failure, OraError, Reply};
use crate::exports::errors::put_text;
use crate::guard::{Kind, enter, enter_session};
use crate::handles::{Dead, Token, look_up, report};
use crate::memory::Caller;
use crate::objects::Object;

#[unsafe(no_mangle)]
extern "C" fn OCIPing(service: Token, error: Token, _mode: u32) -> c_int {
    enter_session("OCIPing", service, error, Kind::RoundTrip, |_, on| {
        let receive = on
            .service
            .server_handle()
            .map(|server| server.receive_timeout_ms.load(std::sync::atomic::Ordering::Relaxed));
        let receive =
            receive.filter(|limit| *limit > 0).map(|limit| std::time::Duration::from_millis(limit.into()));
        let limit = on.service.call_timeout().into_iter().chain(receive).min();
        on.core.round_trip(limit, |session| session.ping(None))?;
        DONE
    })
}

/// From any thread, while another is inside a call.
#[unsafe(no_mangle)]
extern "C" fn OCIBreak(handle: Token, error: Token) -> c_int {
    enter("OCIBreak", error, |call| {
        let service = match look_up(handle) {
            Ok(Object::Service(service)) => service,
            Ok(Object::Server(_)) => {
                return Err(OraError::unimplemented("OCIBreak of a server handle").into());
            }
            Ok(other) => return call.wrong(&other, "OCISvcCtx"),
            Err(Dead::Freed(_)) => {
                checks::violation(format_args!("OCIBreak: service context {:#x} was released", handle.0));
                return Err(Failure::Handle);
            }
            Err(dead) => {
                report(call.name, handle, dead);
                return Err(Failure::Handle);
            }
        };
        let core = service.core(call.name)?;
        call.note_session(&core);
        core.break_call();
        DONE
    })
}

/// After a break the engine has nothing left to clear.
#[unsafe(no_mangle)]
extern "C" fn OCIReset(handle: Token, error: Token) -> c_int {
    enter_session("OCIReset", handle, error, Kind::Local, |_, _| DONE)
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerRelease2(
    handle: Token,
    error: Token,
    buffer: Caller<u8>,
    size: u32,
    _kind: u8,
    version: Caller<u32>,
    _mode: u32,
) -> c_int {
    enter_session("OCIServerRelease2", handle, error, Kind::RoundTrip, |_, on| {
        server_release(on.core.as_ref(), buffer, size, version)
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIServerRelease(
    handle: Token,
    error: Token,
    buffer: Caller<u8>,
    size: u32,
    _kind: u8,
    version: Caller<u32>,
) -> c_int {
    enter_session("OCIServerRelease", handle, error, Kind::RoundTrip, |_, on| {
        server_release(on.core.as_ref(), buffer, size, version)
    })
}

fn server_release(core: &Core, buffer: Caller<u8>, size: u32, version: Caller<u32>) -> Reply {
    let banner = core.quietly(|session| {
        let mut statement = session.prepare("select banner from v$version")?;
        statement.execute(session)?;
        statement.fetch(session)?;
        Ok(statement.value(0).cloned())
    })?;
    let banner = match banner {
        Some(orapool_engine::Value::Text(banner)) => banner,
        _ => "orapool embedded engine - not an Oracle database".to_owned(),
    };
    put_text(buffer, size as usize, &banner);
    // 23.6.0.24.10, as it is packed since version 18.
    let [major, minor, update, patch, port] = super::environment::version();
    version.put((major << 24 | minor << 16 | update << 12 | patch << 4 | port) as u32);
    DONE
}
