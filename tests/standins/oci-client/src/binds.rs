//! Bind variables: from the caller's buffers to the engine.

use orapool_engine::Value;

use crate::dates::{DATE_FORMAT, Moment, TIMESTAMP_FORMAT};
use crate::errors::{CONTINUE, Failure, OraError, fail};
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::numbers::{Decimal, VNU_SIZE};
use crate::objects::Object;
use crate::scan::Placeholder;

pub const SQLT_CHR: u16 = 1;
pub const SQLT_INT: u16 = 3;
pub const SQLT_FLT: u16 = 4;
pub const SQLT_VNU: u16 = 6;
pub const SQLT_LNG: u16 = 8;
pub const SQLT_BFLOAT: u16 = 21;
pub const SQLT_BDOUBLE: u16 = 22;
pub const SQLT_BIN: u16 = 23;
pub const SQLT_LBI: u16 = 24;
pub const SQLT_UIN: u16 = 68;
pub const SQLT_AFC: u16 = 96;
pub const SQLT_ODT: u16 = 156;
pub const SQLT_TIMESTAMP: u16 = 187;
pub const SQLT_TIMESTAMP_TZ: u16 = 188;
pub const SQLT_TIMESTAMP_LTZ: u16 = 232;

/// The types that binds and defines may have here.
pub fn is_known_type(sqlt: u16) -> bool {
    matches!(
        sqlt,
        SQLT_CHR
            | SQLT_INT
            | SQLT_FLT
            | SQLT_VNU
            | SQLT_LNG
            | SQLT_BFLOAT
            | SQLT_BDOUBLE
            | SQLT_BIN
            | SQLT_LBI
            | SQLT_UIN
            | SQLT_AFC
            | SQLT_ODT
            | SQLT_TIMESTAMP
            | SQLT_TIMESTAMP_TZ
            | SQLT_TIMESTAMP_LTZ
    )
}

/// The lengths of values: of two bytes in the older calls, of four in the newer.
#[derive(Clone, Copy)]
pub enum Lengths {
    Short(Caller<u16>),
    Long(Caller<u32>),
}

impl Lengths {
    pub fn get(self, index: usize) -> Option<usize> {
        match self {
            Self::Short(lengths) => lengths.get_item(index).map(usize::from),
            Self::Long(lengths) => lengths.get_item(index).map(|length| length as usize),
        }
    }

    pub fn put(self, index: usize, length: usize) {
        match self {
            Self::Short(lengths) => lengths.put_item(index, length.min(u16::MAX.into()) as u16),
            Self::Long(lengths) => lengths.put_item(index, length.min(u32::MAX as usize) as u32),
        }
    }
}

/// `OCICallbackInBind`: context, bind, iteration, index, and out: buffer, length, piece, indicator.
pub type InCallback = unsafe extern "C" fn(
    Caller<u8>,
    Token,
    u32,
    u32,
    *mut Caller<u8>,
    *mut u32,
    *mut u8,
    *mut Caller<i16>,
) -> i32;

/// What `OCIBindByPos` and its kin were given.
#[derive(Clone, Copy)]
pub struct Bind {
    pub token: Token,
    pub sqlt: u16,
    pub buffer: Caller<u8>,
    pub size: usize,
    pub indicators: Caller<i16>,
    pub lengths: Lengths,
    /// Data comes by this callback at execute.
    pub at_execute: bool,
    pub callback: Option<(Caller<u8>, InCallback)>,
}

/// A value on its way to the engine, and what the SQL must say around it, because the engine has no values of that type.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub value: Value,
    pub cast: Cast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cast {
    None,
    Number,
    Date,
    Timestamp,
}

impl Cast {
    fn around(self, placeholder: &str) -> String {
        match self {
            Self::None => placeholder.to_owned(),
            Self::Number => format!("TO_NUMBER({placeholder})"),
            Self::Date => format!("TO_DATE({placeholder}, '{DATE_FORMAT}')"),
            Self::Timestamp => format!("TO_TIMESTAMP({placeholder}, '{TIMESTAMP_FORMAT}')"),
        }
    }
}

/// The statement with the casts that its values need. `casts` are by position; `position_of` tells the position of a placeholder.
pub fn with_casts(
    sql: &str,
    placeholders: &[Placeholder],
    casts: &[Cast],
    position_of: impl Fn(usize) -> usize,
) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut done = 0;
    for (index, placeholder) in placeholders.iter().enumerate() {
        let cast = casts.get(position_of(index)).copied().unwrap_or(Cast::None);
        text.push_str(&sql[done..placeholder.start]);
        text.push_str(&cast.around(&sql[placeholder.start..placeholder.end]));
        done = placeholder.end;
    }
    text.push_str(&sql[done..]);
    text
}

impl Bind {
    /// The value for one row of an execute.
    pub fn value(&self, row: usize) -> Result<Bound, Failure> {
        if self.at_execute {
            return self.called_back(row);
        }
        if self.indicators.get_item(row) == Some(-1) {
            return Ok(Bound { value: Value::Null, cast: Cast::None });
        }
        let length = self.lengths.get(row).unwrap_or(self.size).min(self.size);
        self.read(self.buffer.at(row * self.size), length)
    }

    fn called_back(&self, row: usize) -> Result<Bound, Failure> {
        let Some((context, callback)) = self.callback else {
            return fail(24334, "no descriptor for this position: OCI_DATA_AT_EXEC without OCIBindDynamic");
        };
        let iteration = u32::try_from(row).unwrap_or(u32::MAX);
        let (mut buffer, mut length, mut piece) = (self.buffer, 0, 0);
        let mut indicator = self.indicators;
        // SAFETY: the caller gave the function for this very call, with these parameters; all pointers are to live locals.
        let answer = unsafe {
            callback(context, self.token, iteration, 0, &mut buffer, &mut length, &mut piece, &mut indicator)
        };
        if answer != CONTINUE {
            return fail(24343, "user-defined callback error");
        }
        if indicator.get() == Some(-1) || buffer.is_null() {
            return Ok(Bound { value: Value::Null, cast: Cast::None });
        }
        self.read(buffer, length as usize)
    }

    fn read(&self, place: Caller<u8>, length: usize) -> Result<Bound, Failure> {
        let mut cast = Cast::None;
        let value = match self.sqlt {
            SQLT_CHR | SQLT_LNG | SQLT_AFC => Value::Text(place.text(length)),
            SQLT_BIN | SQLT_LBI => Value::Bytes(place.bytes(length)),
            SQLT_INT => Value::Integer(read_integer(place, self.size)?),
            SQLT_UIN => {
                let number = place.cast::<u64>().get().unwrap_or_default();
                with_cast(Decimal::parse(&number.to_string())?.to_value(), &mut cast)
            }
            SQLT_VNU => with_cast(Decimal::decode(&place.bytes(VNU_SIZE))?.to_value(), &mut cast),
            SQLT_FLT | SQLT_BDOUBLE | SQLT_BFLOAT => Value::Double(read_real(place, self.size)),
            SQLT_ODT => {
                cast = Cast::Date;
                Value::Text(read_date(place).to_date_text())
            }
            SQLT_TIMESTAMP => {
                cast = Cast::Timestamp;
                Value::Text(read_descriptor(place)?.to_timestamp_text())
            }
            SQLT_TIMESTAMP_TZ | SQLT_TIMESTAMP_LTZ => {
                return Err(OraError::unimplemented("binds of TIMESTAMP WITH TIME ZONE").into());
            }
            other => return Err(OraError::unimplemented(format_args!("binds of SQLT {other}")).into()),
        };
        Ok(Bound { value, cast })
    }
}

/// A number that is exact only as text needs a word in the SQL.
fn with_cast(value: Value, cast: &mut Cast) -> Value {
    if matches!(value, Value::Text(_)) {
        *cast = Cast::Number;
    }
    value
}

fn read_integer(place: Caller<u8>, size: usize) -> Result<i64, Failure> {
    let number = match size {
        8 => place.cast::<i64>().get(),
        4 => place.cast::<i32>().get().map(i64::from),
        2 => place.cast::<i16>().get().map(i64::from),
        1 => place.cast::<i8>().get().map(i64::from),
        _ => return fail(1460, "unimplemented or unreasonable conversion requested"),
    };
    Ok(number.unwrap_or_default())
}

fn read_real(place: Caller<u8>, size: usize) -> f64 {
    let number = match size {
        4 => place.cast::<f32>().get().map(|number| number.to_string().parse().unwrap_or(f64::from(number))),
        _ => place.cast::<f64>().get(),
    };
    number.unwrap_or_default()
}

pub fn read_date(place: Caller<u8>) -> Moment {
    Moment::from_oci_date(place.cast::<[u8; 7]>().get().unwrap_or_default())
}

fn read_descriptor(place: Caller<u8>) -> Result<Moment, Failure> {
    let token = place.cast::<Token>().get().unwrap_or(Token::NULL);
    match resolve("OCIStmtExecute", token)? {
        Object::DateTime(descriptor) => Ok(*descriptor.value.lock()),
        _ => Err(Failure::Handle),
    }
}
