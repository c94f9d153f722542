//! OCIDateTime descriptors.

use std::ffi::c_int;
use std::sync::Arc;

use crate::dates::{DateTime, Moment};
use crate::errors::{DONE, Failure, fail};
use crate::guard::{Call, enter};
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::objects::Object;

impl Call {
    fn date_time(&self, token: Token) -> Result<Arc<DateTime>, Failure> {
        match resolve(self.name, token)? {
            Object::DateTime(descriptor) => Ok(descriptor),
            other => self.wrong(&other, "OCIDateTime"),
        }
    }
}

/// `+hh:mm` or `-hh:mm`.
fn zone(text: &str) -> Option<(i8, i8)> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some((sign * hours.parse::<i8>().ok()?, sign * minutes.parse::<i8>().ok()?))
}

#[unsafe(no_mangle)]
extern "C" fn OCIDateTimeConstruct(
    _environment: Token,
    error: Token,
    descriptor: Token,
    year: i16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanoseconds: u32,
    zone_text: Caller<u8>,
    zone_length: usize,
) -> c_int {
    enter("OCIDateTimeConstruct", error, |call| {
        let descriptor = call.date_time(descriptor)?;
        let days = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let is_fine = (1..=12).contains(&month) && (1..=days).contains(&day);
        if !is_fine || hour > 23 || minute > 59 || second > 59 || nanoseconds > 999_999_999 {
            return fail(1841, "the date or time does not exist");
        }
        let text = zone_text.text(zone_length);
        let (zone_hour, zone_minute) = zone(&text).unwrap_or((0, 0));
        *descriptor.value.lock() =
            Moment { year, month, day, hour, minute, second, nanoseconds, zone_hour, zone_minute };
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIDateTimeGetDate(
    _environment: Token,
    error: Token,
    descriptor: Token,
    year: Caller<i16>,
    month: Caller<u8>,
    day: Caller<u8>,
) -> c_int {
    enter("OCIDateTimeGetDate", error, |call| {
        let moment = *call.date_time(descriptor)?.value.lock();
        year.put(moment.year);
        month.put(moment.month);
        day.put(moment.day);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIDateTimeGetTime(
    _environment: Token,
    error: Token,
    descriptor: Token,
    hour: Caller<u8>,
    minute: Caller<u8>,
    second: Caller<u8>,
    nanoseconds: Caller<u32>,
) -> c_int {
    enter("OCIDateTimeGetTime", error, |call| {
        let moment = *call.date_time(descriptor)?.value.lock();
        hour.put(moment.hour);
        minute.put(moment.minute);
        second.put(moment.second);
        nanoseconds.put(moment.nanoseconds);
        DONE
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIDateTimeGetTimeZoneOffset(
    _environment: Token,
    error: Token,
    descriptor: Token,
    hour: Caller<i8>,
    minute: Caller<i8>,
) -> c_int {
    enter("OCIDateTimeGetTimeZoneOffset", error, |call| {
        let moment = *call.date_time(descriptor)?.value.lock();
        hour.put(moment.zone_hour);
        minute.put(moment.zone_minute);
        DONE
    })
}
