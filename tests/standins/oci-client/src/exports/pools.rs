//! OCISessionPoolCreate and OCISessionPoolDestroy.

use std::ffi::c_int;
use std::sync::Arc;

use crate::errors::{DONE, Failure, fail};
use crate::guard::{Call, enter};
use crate::handles::{Token, resolve};
use crate::interned::intern;
use crate::memory::Caller;
use crate::objects::Object;
use crate::pool::{Limits, PoolHandle};

const REINITIALIZE: u32 = 1;
const HOMOGENEOUS: u32 = 2;
const KNOWN_MODES: u32 = 0xF;
const FORCE: u32 = 1;

impl Call {
    fn pool(&self, token: Token) -> Result<Arc<PoolHandle>, Failure> {
        match resolve(self.name, token)? {
            Object::Pool(pool) => Ok(pool),
            other => self.wrong(&other, "OCISPool"),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionPoolCreate(
    environment: Token,
    error: Token,
    pool: Token,
    name: Caller<Caller<u8>>,
    name_length: Caller<u32>,
    connect_string: Caller<u8>,
    connect_string_length: u32,
    min: u32,
    max: u32,
    increment: u32,
    user: Caller<u8>,
    user_length: u32,
    password: Caller<u8>,
    password_length: u32,
    mode: u32,
) -> c_int {
    name_length.put(0);
    enter("OCISessionPoolCreate", error, |call| {
        call.environment(environment)?;
        let pool = call.pool(pool)?;
        let connect_string = connect_string.text(connect_string_length as usize);
        call.note("connect", &connect_string);
        call.note("mode", format_args!("{mode:#x}"));
        call.note("max", max);
        if mode & !KNOWN_MODES != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        let limits = Limits { min, max, increment };
        let made = if mode & REINITIALIZE != 0 {
            pool.reinitialize(limits)?
        } else {
            let user = user.text(user_length as usize);
            let password = password.text(password_length as usize);
            let is_known = !user.is_empty() || !password.is_empty();
            let homogeneous = mode & HOMOGENEOUS != 0;
            pool.create(&connect_string, is_known.then_some((user, password)), homogeneous, limits)?
        };
        let made = intern(&made);
        name.cast::<&'static u8>().put(&made.as_bytes()[0]);
        name_length.put(made.len() as u32);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCISessionPoolDestroy(pool: Token, error: Token, mode: u32) -> c_int {
    enter("OCISessionPoolDestroy", error, |call| {
        call.note("mode", format_args!("{mode:#x}"));
        if mode & !FORCE != 0 {
            return fail(24300, format_args!("bad value for mode: {mode:#x}"));
        }
        call.pool(pool)?.destroy(mode & FORCE != 0)?;
        DONE
    })
}
