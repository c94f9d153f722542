//! Output variables: from the engine's values to the caller's buffers.

use orapool_engine::Value;

use crate::binds::{
    Lengths, SQLT_AFC, SQLT_BDOUBLE, SQLT_BFLOAT, SQLT_BIN, SQLT_CHR, SQLT_FLT, SQLT_INT, SQLT_LBI, SQLT_LNG,
    SQLT_ODT, SQLT_TIMESTAMP, SQLT_TIMESTAMP_LTZ, SQLT_TIMESTAMP_TZ, SQLT_UIN, SQLT_VNU,
};
use crate::columns::ColumnKind;
use crate::dates::Moment;
use crate::errors::{CONTINUE, Failure, OraError, fail};
use crate::handles::{Token, resolve};
use crate::memory::Caller;
use crate::numbers::Decimal;
use crate::objects::Object;

/// `OCICallbackDefine`: context, define, iteration, and out: buffer, length, piece, indicator, return code.
pub type DefineCallback = unsafe extern "C" fn(
    Caller<u8>,
    Token,
    u32,
    *mut Caller<u8>,
    *mut Caller<u32>,
    *mut u8,
    *mut Caller<i16>,
    *mut Caller<u16>,
) -> i32;

/// What `OCIDefineByPos` was given.
#[derive(Clone, Copy)]
pub struct Define {
    pub token: Token,
    /// The buffers come by this callback at fetch.
    pub at_fetch: bool,
    pub callback: Option<(Caller<u8>, DefineCallback)>,
    pub sqlt: u16,
    pub buffer: Caller<u8>,
    pub size: usize,
    pub indicators: Caller<i16>,
    pub lengths: Lengths,
    pub return_codes: Caller<u16>,
}

/// One buffer of many for a long value.
struct Piece {
    buffer: Caller<u8>,
    length: Caller<u32>,
    indicator: Caller<i16>,
}

const FETCHED_NULL: u16 = 1405;
const TRUNCATED: u16 = 1406;

impl Define {
    /// Puts one value where the caller wants it. ODPI-C does not clear its arrays: each of them is written for each row.
    pub fn put(&self, row: usize, value: &Value, kind: ColumnKind) -> Result<(), Failure> {
        if self.at_fetch {
            return self.put_pieces(row, value, kind);
        }
        if *value == Value::Null {
            if self.indicators.is_null() {
                return fail(1405, "fetched column value is NULL");
            }
            self.indicators.put_item(row, -1);
            self.lengths.put(row, 0);
            self.return_codes.put_item(row, FETCHED_NULL);
            return Ok(());
        }
        self.indicators.put_item(row, 0);
        self.return_codes.put_item(row, 0);
        let place = self.buffer.at(row * self.size);
        match self.sqlt {
            SQLT_CHR | SQLT_LNG | SQLT_AFC => self.put_bytes(row, place, text_of(value, kind)?.as_bytes()),
            SQLT_BIN | SQLT_LBI => match value {
                Value::Bytes(bytes) => self.put_bytes(row, place, bytes),
                _ => return inconsistent("BINARY"),
            },
            SQLT_ODT => place.cast::<[u8; 7]>().put(moment_of(value, kind)?.to_oci_date()),
            SQLT_TIMESTAMP | SQLT_TIMESTAMP_TZ | SQLT_TIMESTAMP_LTZ => {
                put_descriptor(place, moment_of(value, kind)?)?
            }
            _ => self.put_number(place, &number_of(value, kind)?)?,
        }
        Ok(())
    }

    /// A value of any length, into the buffers that the caller gives one by one.
    fn put_pieces(&self, row: usize, value: &Value, kind: ColumnKind) -> Result<(), Failure> {
        let bytes = match value {
            Value::Null => Vec::new(),
            Value::Bytes(bytes) => bytes.clone(),
            other => text_of(other, kind)?.into_bytes(),
        };
        let mut rest = bytes.as_slice();
        loop {
            let piece = self.next_piece(row)?;
            piece.indicator.put(if *value == Value::Null { -1 } else { 0 });
            let room = piece.length.get().unwrap_or(0) as usize;
            let (now, later) = rest.split_at(rest.len().min(room));
            piece.buffer.put_bytes(now);
            piece.length.put(now.len() as u32);
            rest = later;
            if rest.is_empty() {
                return Ok(());
            }
            if room == 0 {
                return fail(24343, "user-defined callback error: a buffer without room");
            }
        }
    }

    fn next_piece(&self, row: usize) -> Result<Piece, Failure> {
        let Some((context, callback)) = self.callback else {
            return fail(
                24334,
                "no descriptor for this position: OCI_DYNAMIC_FETCH without OCIDefineDynamic",
            );
        };
        let nothing = self.buffer;
        let mut piece = Piece { buffer: nothing, length: nothing.cast(), indicator: nothing.cast() };
        let (mut kind, mut return_code) = (0, nothing.cast());
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        // SAFETY: the caller gave the function for this very call, with these parameters; all pointers are to live locals.
        let answer = unsafe {
            callback(
                context,
                self.token,
                row,
                &mut piece.buffer,
                &mut piece.length,
                &mut kind,
                &mut piece.indicator,
                &mut return_code,
            )
        };
        if answer == CONTINUE { Ok(piece) } else { fail(24343, "user-defined callback error") }
    }

    fn put_number(&self, place: Caller<u8>, number: &Decimal) -> Result<(), Failure> {
        let overflow = || OraError::new(1426, "numeric overflow");
        match self.sqlt {
            SQLT_VNU => place.put_bytes(&number.encode()?),
            SQLT_INT => {
                let whole = number.to_i128().ok_or_else(overflow)?;
                match self.size {
                    8 => place.cast::<i64>().put(whole.try_into().map_err(|_| overflow())?),
                    4 => place.cast::<i32>().put(whole.try_into().map_err(|_| overflow())?),
                    2 => place.cast::<i16>().put(whole.try_into().map_err(|_| overflow())?),
                    _ => return fail(1460, "unimplemented or unreasonable conversion requested"),
                }
            }
            SQLT_UIN => {
                let whole = number.to_i128().ok_or_else(overflow)?;
                place.cast::<u64>().put(whole.try_into().map_err(|_| overflow())?);
            }
            SQLT_FLT | SQLT_BDOUBLE | SQLT_BFLOAT if self.size == 4 => {
                place.cast::<f32>().put(number.to_f64() as f32)
            }
            SQLT_FLT | SQLT_BDOUBLE => place.cast::<f64>().put(number.to_f64()),
            other => return Err(OraError::unimplemented(format_args!("defines of SQLT {other}")).into()),
        }
        Ok(())
    }

    /// What does not fit is cut, and said so as Oracle does: the length it would have had is in the indicator.
    fn put_bytes(&self, row: usize, place: Caller<u8>, bytes: &[u8]) {
        let shown = bytes.len().min(self.size);
        place.put_bytes(&bytes[..shown]);
        self.lengths.put(row, shown);
        if shown < bytes.len() {
            self.indicators.put_item(row, i16::try_from(bytes.len()).unwrap_or(-2));
            self.return_codes.put_item(row, TRUNCATED);
        }
    }
}

fn inconsistent<T>(expected: &str) -> Result<T, Failure> {
    fail(932, format_args!("inconsistent datatypes: expected {expected}"))
}

fn text_of(value: &Value, kind: ColumnKind) -> Result<String, Failure> {
    if kind.is_time() {
        return Err(OraError::unimplemented("dates defined as text; use TO_CHAR").into());
    }
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Bytes(bytes) => Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
        number => Ok(Decimal::from_value(number)?.to_text()),
    }
}

fn number_of(value: &Value, kind: ColumnKind) -> Result<Decimal, Failure> {
    match kind {
        ColumnKind::Number | ColumnKind::Text => Ok(Decimal::from_value(value)?),
        _ => inconsistent("NUMBER"),
    }
}

fn moment_of(value: &Value, kind: ColumnKind) -> Result<Moment, Failure> {
    match value {
        Value::Text(text) if kind.is_time() => Ok(Moment::parse(text)?),
        _ => inconsistent("DATE"),
    }
}

fn put_descriptor(place: Caller<u8>, moment: Moment) -> Result<(), Failure> {
    let token = place.cast::<Token>().get().unwrap_or(Token::NULL);
    match resolve("OCIStmtFetch2", token)? {
        Object::DateTime(descriptor) => {
            *descriptor.value.lock() = moment;
            Ok(())
        }
        _ => Err(Failure::Handle),
    }
}
