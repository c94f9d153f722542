//! Attributes of OCISPool.

use std::sync::atomic::Ordering::Relaxed;

use super::{Given, Out, unknown};
use crate::errors::{DONE, Reply, fail};
use crate::guard::Call;
use crate::handles::resolve;
use crate::objects::Object;
use crate::pool::PoolHandle;

pub fn get_pool(pool: &PoolHandle, out: &Out) -> Reply {
    let (open, busy, limits) = pool.counts();
    let settings = pool.settings.lock();
    match out.attribute {
        309 => out.put(settings.get_mode),
        310 => out.put(busy),
        311 => out.put(open),
        312 => out.put(limits.min),
        313 => out.put(limits.max),
        314 => out.put(limits.increment),
        506 => out.put(settings.wait_timeout_ms),
        208 | 308 | 490 | 580 | 602 | 655 => {
            out.put(settings.numbers.get(&out.attribute).copied().unwrap_or(0))
        }
        _ => out.unknown(),
    }
}

pub fn set_pool(call: &mut Call, pool: &PoolHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        309 => {
            let mode = given.value.get().unwrap_or_default();
            call.note("value", mode);
            if mode > 3 {
                return fail(24300, format_args!("bad value for mode: get mode {mode}"));
            }
            pool.settings.lock().get_mode = mode;
        }
        460 => match resolve(call.name, given.handle())? {
            Object::Session(session) => {
                session.belongs_to_pool.store(true, Relaxed);
                pool.settings.lock().auth = session.attributes.lock().clone();
            }
            other => return call.wrong(&other, "OCIAuthInfo"),
        },
        506 => pool.settings.lock().wait_timeout_ms = given.number(),
        208 | 308 | 490 | 580 | 602 | 655 => {
            pool.settings.lock().numbers.insert(attribute, given.number());
        }
        _ => return unknown(attribute),
    }
    DONE
}
