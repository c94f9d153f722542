//! NUMBER: exact decimals of 39 to 40 digits, and their stored form.
//!
//! The stored form keeps the order under a byte-wise comparison, so that SQLite's own `=`, `<`, ORDER BY, GROUP BY and indexes are
//! right for it: an exponent byte in base 100, then the base-100 digits, complemented for negative numbers.

use std::cmp::Ordering;
use std::num::NonZeroU64;
use std::str::FromStr;

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive, Zero};

use crate::error::{Error, Result};

/// Base-100 digits that a NUMBER keeps.
const DIGITS: usize = 20;
/// Values from 1E+126 on overflow.
const MAX_INTEGER_DIGITS: i64 = 126;
/// Values below 1E-130 are zero.
const MIN_INTEGER_DIGITS: i64 = -129;
/// Digits that the text of a number shows before it turns to an exponent.
const TEXT_DIGITS: i64 = 40;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(BigDecimal);

fn overflow() -> Error {
    Error::new(1426, "numeric overflow")
}

pub(crate) fn invalid_number() -> Error {
    Error::new(1722, "invalid number")
}

impl Number {
    pub(crate) fn zero() -> Self {
        Self(BigDecimal::zero())
    }

    /// Rounds to what a NUMBER holds: 20 base-100 digits, so 39 or 40 decimal ones by where the point stands.
    pub(crate) fn new(value: BigDecimal) -> Result<Self> {
        if value.is_zero() {
            return Ok(Self::zero());
        }
        let integer_digits = integer_digits(&value);
        if integer_digits > MAX_INTEGER_DIGITS {
            return Err(overflow());
        }
        if integer_digits < MIN_INTEGER_DIGITS {
            return Ok(Self::zero());
        }
        let precision = if integer_digits.rem_euclid(2) == 0 { 2 * DIGITS } else { 2 * DIGITS - 1 } as u64;
        if value.digits() <= precision {
            return Ok(Self(value.normalized()));
        }
        let precision = NonZeroU64::new(precision).unwrap_or(NonZeroU64::MIN);
        Ok(Self(value.with_precision_round(precision, RoundingMode::HalfUp).normalized()))
    }

    pub(crate) fn decimal(&self) -> &BigDecimal {
        &self.0
    }

    pub(crate) fn from_f64(value: f64) -> Result<Self> {
        if !value.is_finite() {
            return Err(Error::new(1426, "numeric overflow: a NUMBER is never infinite or NaN"));
        }
        Self::parse(&format!("{value:e}"))
    }

    /// Text to number as Oracle's implicit conversion takes it: blanks around, sign, digits, point, exponent. ORA-01722 otherwise.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim_matches(' ');
        let body = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !is_plain_number(body) {
            return Err(invalid_number());
        }
        let exponent = body.find(['e', 'E']).map_or("0", |at| &body[at + 1..]);
        // An exponent with many digits would make the decimal itself huge before the range is looked at.
        match exponent.parse::<i32>() {
            Ok(exponent) if exponent > 10_000 => return Err(overflow()),
            Ok(exponent) if exponent < -10_000 => return Ok(Self::zero()),
            Ok(_) => {}
            Err(_) => return Err(overflow()),
        }
        let value = BigDecimal::from_str(text).map_err(|_| invalid_number())?;
        Self::new(value)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// The whole number, if it is one and fits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }

    /// The integer part, as functions with integer arguments take it; ORA-01426 beyond an `i64`.
    pub(crate) fn truncated(&self) -> Result<i64> {
        self.0.with_scale_round(0, RoundingMode::Down).to_i64().ok_or_else(overflow)
    }

    pub(crate) fn add(&self, other: &Self) -> Result<Self> {
        Self::new(&self.0 + &other.0)
    }

    pub(crate) fn subtract(&self, other: &Self) -> Result<Self> {
        Self::new(&self.0 - &other.0)
    }

    pub(crate) fn multiply(&self, other: &Self) -> Result<Self> {
        Self::new(&self.0 * &other.0)
    }

    pub(crate) fn divide(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(Error::new(1476, "divisor is equal to zero"));
        }
        Self::new(&self.0 / &other.0)
    }

    pub(crate) fn negate(&self) -> Self {
        Self(-self.0.clone())
    }

    pub(crate) fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    /// The remainder with the sign of the dividend; by zero, the dividend itself, as Oracle's MOD.
    pub(crate) fn remainder(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        Self::new(&self.0 % &other.0)
    }

    /// Rounds to `scale` digits after the point (before it, if negative).
    pub(crate) fn round(&self, scale: i64, mode: RoundingMode) -> Result<Self> {
        let scale = scale.clamp(-200, 200);
        Self::new(self.0.with_scale_round(scale, mode))
    }

    /// Digits before the point; zero or negative for fractions that start with zeros.
    pub(crate) fn integer_digits(&self) -> i64 {
        if self.0.is_zero() { 0 } else { integer_digits(&self.0) }
    }

    /// A whole power by repeated squaring; ORA-01426 beyond the range.
    pub(crate) fn power(&self, exponent: i64) -> Result<Self> {
        let mut result = Self(BigDecimal::from(1));
        let mut base = self.clone();
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left & 1 == 1 {
                result = result.multiply(&base)?;
            }
            left >>= 1;
            if left > 0 {
                base = base.multiply(&base)?;
            }
        }
        if exponent < 0 { Self(BigDecimal::from(1)).divide(&result) } else { Ok(result) }
    }

    /// The stored form, without a type tag.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if self.0.is_zero() {
            out.push(0x80);
            return;
        }
        let (mantissa, scale) = self.0.normalized().into_bigint_and_exponent();
        let mut digits = mantissa.abs().to_string().into_bytes();
        let before_point = digits.len() as i64 - scale;
        if before_point.rem_euclid(2) == 1 {
            digits.insert(0, b'0');
        }
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        let exponent = (before_point + 1).div_euclid(2);
        let pairs = digits.chunks_exact(2).map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0'));
        if mantissa.is_negative() {
            out.push((0x3F - exponent) as u8);
            let start = out.len();
            out.extend(pairs.map(|pair| 101 - pair));
            if out.len() - start < DIGITS {
                out.push(102);
            }
        } else {
            out.push((0xC0 + exponent) as u8);
            out.extend(pairs.map(|pair| pair + 1));
        }
    }

    /// Reads the stored form back; `None` for bytes that no `encode` wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        if first == 0x80 {
            return rest.is_empty().then(Self::zero);
        }
        let negative = first < 0x80;
        let exponent = if negative { 0x3F - i64::from(first) } else { i64::from(first) - 0xC0 };
        let rest = if negative { rest.strip_suffix(&[102]).unwrap_or(rest) } else { rest };
        let mut digits = Vec::with_capacity(rest.len() * 2);
        for &byte in rest {
            let pair = if negative { 101u8.checked_sub(byte)? } else { byte.checked_sub(1)? };
            digits.extend([pair / 10, pair % 10]);
        }
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        let mantissa = BigInt::from_radix_be(sign, &digits, 10)?;
        let scale = digits.len() as i64 - exponent * 2;
        Some(Self(BigDecimal::new(mantissa, scale).normalized()))
    }

    /// The text as Oracle converts it by itself: no zero before the point, an exponent only where 40 digits are not enough.
    pub(crate) fn to_text(&self) -> String {
        if self.0.is_zero() {
            return "0".to_owned();
        }
        let before_point = integer_digits(&self.0);
        if before_point > TEXT_DIGITS || before_point <= -TEXT_DIGITS {
            return self.scientific(before_point);
        }
        let scale = TEXT_DIGITS - before_point.max(0);
        let shown = if self.0.normalized().as_bigint_and_exponent().1 > scale {
            self.0.with_scale_round(scale, RoundingMode::HalfUp)
        } else {
            self.0.clone()
        };
        let text = shown.normalized().to_plain_string();
        match text.strip_prefix("0.") {
            Some(fraction) => format!(".{fraction}"),
            None => text.strip_prefix("-0.").map_or(text.clone(), |fraction| format!("-.{fraction}")),
        }
    }

    fn scientific(&self, before_point: i64) -> String {
        let precision = NonZeroU64::new(35).unwrap_or(NonZeroU64::MIN);
        let rounded = self.0.with_precision_round(precision, RoundingMode::HalfUp);
        let mut digits = rounded.as_bigint_and_exponent().0.abs().to_string();
        while digits.len() < 35 {
            digits.push('0');
        }
        let exponent = before_point - 1;
        let sign = if self.0.is_negative() { "-" } else { "" };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{}.{}E{exponent_sign}{:02}", &digits[..1], &digits[1..35], exponent.abs())
    }

    /// The double whose shortest decimal is exactly this number, if there is one.
    pub(crate) fn to_exact_f64(&self) -> Option<f64> {
        let double: f64 = self.0.to_scientific_notation().parse().ok()?;
        let back = Self::from_f64(double).ok()?;
        (back.0.cmp(&self.0) == Ordering::Equal).then_some(double)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(BigDecimal::from(value).normalized())
    }
}

fn integer_digits(value: &BigDecimal) -> i64 {
    let scale = value.as_bigint_and_exponent().1;
    value.digits() as i64 - scale
}

fn is_plain_number(body: &str) -> bool {
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let points = mantissa.bytes().filter(|&byte| byte == b'.').count();
    let exponent_is_good = exponent.is_none_or(|text| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    digits > 0 && points <= 1 && digits + points == mantissa.len() && exponent_is_good
}
