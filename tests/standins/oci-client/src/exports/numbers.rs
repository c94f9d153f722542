//! OCINumber: here always in the form of SQLT_VNU.

use std::ffi::{c_int, c_uint};

use crate::errors::{DONE, Failure, OraError, fail};
use crate::guard::enter;
use crate::handles::Token;
use crate::memory::Caller;
use crate::numbers::{Decimal, VNU_SIZE};

const SIGNED: c_uint = 2;

fn read(number: Caller<u8>) -> Result<Decimal, Failure> {
    Ok(Decimal::decode(&number.bytes(VNU_SIZE))?)
}

#[unsafe(no_mangle)]
extern "C" fn OCINumberFromInt(
    error: Token,
    value: Caller<u8>,
    length: c_uint,
    flags: c_uint,
    number: Caller<u8>,
) -> c_int {
    enter("OCINumberFromInt", error, |_| {
        let text = match (length, flags) {
            (8, SIGNED) => value.cast::<i64>().get().unwrap_or_default().to_string(),
            (8, _) => value.cast::<u64>().get().unwrap_or_default().to_string(),
            (4, SIGNED) => value.cast::<i32>().get().unwrap_or_default().to_string(),
            (4, _) => value.cast::<u32>().get().unwrap_or_default().to_string(),
            _ => return Err(OraError::unimplemented("OCINumberFromInt of 1 or 2 bytes").into()),
        };
        number.put_bytes(&Decimal::parse(&text)?.encode()?);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCINumberFromReal(
    error: Token,
    value: Caller<f64>,
    length: c_uint,
    number: Caller<u8>,
) -> c_int {
    enter("OCINumberFromReal", error, |_| {
        if length != 8 {
            return Err(OraError::unimplemented("OCINumberFromReal of other than a double").into());
        }
        number.put_bytes(&Decimal::from_f64(value.get().unwrap_or_default())?.encode()?);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCINumberToInt(
    error: Token,
    number: Caller<u8>,
    length: c_uint,
    flags: c_uint,
    value: Caller<u8>,
) -> c_int {
    enter("OCINumberToInt", error, |_| {
        let overflow = || OraError::new(1426, "numeric overflow");
        let whole = read(number)?.to_i128().ok_or_else(overflow)?;
        match (length, flags) {
            (8, SIGNED) => value.cast::<i64>().put(whole.try_into().map_err(|_| overflow())?),
            (8, _) => value.cast::<u64>().put(whole.try_into().map_err(|_| overflow())?),
            (4, SIGNED) => value.cast::<i32>().put(whole.try_into().map_err(|_| overflow())?),
            (4, _) => value.cast::<u32>().put(whole.try_into().map_err(|_| overflow())?),
            _ => return fail(22053, "overflow error"),
        }
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCINumberToReal(error: Token, number: Caller<u8>, length: c_uint, value: Caller<f64>) -> c_int {
    enter("OCINumberToReal", error, |_| {
        if length != 8 {
            return Err(OraError::unimplemented("OCINumberToReal of other than a double").into());
        }
        value.put(read(number)?.to_f64());
        DONE
    })
}
