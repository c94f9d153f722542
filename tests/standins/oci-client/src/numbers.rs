//! NUMBER: its form on the line (SQLT_VNU: a length, an exponent in base 100, up to 20 digits in base 100) and as decimal text, both exact.

use orapool_engine::Value;

use crate::errors::OraError;

/// A length byte and at most 21 more.
pub const VNU_SIZE: usize = 22;
const MOST_PAIRS: usize = 20;
/// Beyond so many places from the point, text has an exponent.
const PLAIN: i32 = 60;

/// A decimal: `0.d1d2d3… × 10^point`, without zeros at either end of the digits. No digits: zero.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i32,
}

fn invalid() -> OraError {
    OraError::new(1722, "invalid number")
}

impl Decimal {
    pub fn parse(text: &str) -> Result<Decimal, OraError> {
        let text = text.trim();
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match body.find(['e', 'E']) {
            Some(at) => (&body[..at], body[at + 1..].parse::<i32>().map_err(|_| invalid())?),
            None => (body, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = whole.len() + fraction.len() > 0;
        if !is_number || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let places = i32::try_from(whole.len()).map_err(|_| invalid())?;
        Ok(Decimal { negative, digits, point: places.saturating_add(exponent) }.trimmed())
    }

    pub fn from_f64(value: f64) -> Result<Decimal, OraError> {
        if !value.is_finite() {
            return Err(OraError::new(1426, "numeric overflow"));
        }
        Decimal::parse(&format!("{value:e}"))
    }

    fn trimmed(mut self) -> Self {
        let zeros = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..zeros);
        self.point -= i32::try_from(zeros).unwrap_or(0);
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            return Decimal::default();
        }
        self
    }

    /// Plain digits as far as that is readable; never rounded.
    pub fn to_text(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        if self.point > PLAIN || self.point < -PLAIN {
            return format!("{sign}{}.{}E{}", &digits[..1], &digits[1..], self.point - 1).replace(".E", "E");
        }
        if self.point <= 0 {
            return format!("{sign}0.{}{digits}", "0".repeat(self.point.unsigned_abs() as usize));
        }
        if self.point >= count {
            return format!("{sign}{digits}{}", "0".repeat((self.point - count).unsigned_abs() as usize));
        }
        let (whole, fraction) = digits.split_at(self.point.unsigned_abs() as usize);
        format!("{sign}{whole}.{fraction}")
    }

    /// As SQLT_VNU; ORA-01426 beyond what a NUMBER holds. Digits past the twentieth pair do not fit and are an error too, never rounded.
    pub fn encode(&self) -> Result<[u8; VNU_SIZE], OraError> {
        let mut out = [0; VNU_SIZE];
        if self.digits.is_empty() {
            out[..2].copy_from_slice(&[1, 0x80]);
            return Ok(out);
        }
        let overflow = || OraError::new(1426, "numeric overflow");
        let mut digits = self.digits.clone();
        let mut point = self.point;
        if point.rem_euclid(2) == 1 {
            digits.insert(0, 0);
            point += 1;
        }
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        let pairs: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] * 10 + pair[1]).collect();
        let exponent = point / 2;
        if pairs.len() > MOST_PAIRS || !(-64..=63).contains(&exponent) {
            return Err(overflow());
        }
        let mut bytes = vec![if self.negative { 0x3F - exponent } else { 0xC0 + exponent } as u8];
        if self.negative {
            bytes.extend(pairs.iter().map(|pair| 101 - pair));
            if pairs.len() < MOST_PAIRS {
                bytes.push(102);
            }
        } else {
            bytes.extend(pairs.iter().map(|pair| pair + 1));
        }
        out[0] = bytes.len() as u8;
        out[1..=bytes.len()].copy_from_slice(&bytes);
        Ok(out)
    }

    /// From SQLT_VNU.
    pub fn decode(vnu: &[u8]) -> Result<Decimal, OraError> {
        let length = usize::from(*vnu.first().ok_or_else(invalid)?);
        let bytes = vnu.get(1..=length).ok_or_else(invalid)?;
        let (&first, rest) = bytes.split_first().ok_or_else(invalid)?;
        if first == 0x80 && rest.is_empty() {
            return Ok(Decimal::default());
        }
        let negative = first < 0x80;
        let exponent = if negative { 0x3F - i32::from(first) } else { i32::from(first) - 0xC0 };
        let rest = if negative { rest.strip_suffix(&[102]).unwrap_or(rest) } else { rest };
        let mut digits = Vec::with_capacity(rest.len() * 2);
        for &byte in rest {
            let pair = if negative { 101u8.checked_sub(byte) } else { byte.checked_sub(1) };
            let pair = pair.filter(|pair| *pair < 100).ok_or_else(invalid)?;
            digits.extend([pair / 10, pair % 10]);
        }
        Ok(Decimal { negative, digits, point: exponent * 2 }.trimmed())
    }

    /// The number in a value of the engine, whichever of its three forms it has.
    pub fn from_value(value: &Value) -> Result<Decimal, OraError> {
        match value {
            Value::Integer(number) => Decimal::parse(&number.to_string()),
            Value::Double(number) => Decimal::from_f64(*number),
            Value::Text(text) => Decimal::parse(text),
            Value::Null | Value::Bytes(_) => Err(invalid()),
        }
    }

    /// As the engine takes it: `Text` only if no other form is exact, and then the SQL must say that it is a number.
    pub fn to_value(&self) -> Value {
        let text = self.to_text();
        if let Ok(integer) = text.parse::<i64>() {
            return Value::Integer(integer);
        }
        match text.parse::<f64>() {
            Ok(double) if Decimal::from_f64(double).is_ok_and(|back| back == *self) => Value::Double(double),
            _ => Value::Text(text),
        }
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        // The text of a decimal always parses.
        self.to_text().parse().unwrap_or(f64::NAN)
    }

    /// The whole part, if it fits.
    pub fn to_i128(&self) -> Option<i128> {
        let text = self.to_text();
        text.split_once('.').map_or(text.as_str(), |(whole, _)| whole).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bytes() {
        for (text, bytes) in [
            ("0", &[1, 0x80][..]),
            ("1", &[2, 0xC1, 2]),
            ("100", &[2, 0xC2, 2]),
            ("-1", &[3, 0x3E, 100, 102]),
            ("123.45", &[4, 0xC2, 2, 24, 46]),
            ("0.01", &[2, 0xC0, 2]),
        ] {
            let encoded = Decimal::parse(text).unwrap().encode().unwrap();
            assert_eq!(&encoded[..bytes.len()], bytes, "{text}");
        }
    }

    #[test]
    fn every_form_comes_back() {
        for text in [
            "0",
            "5",
            "-5",
            "99",
            "100",
            "1234567",
            "-0.5",
            "0.001",
            "-1000000",
            "3.14159",
            "12345678901234567890123456789012345678",
            "-99999999999999999999999999999999999999",
            "0.00000000000000000000001",
        ] {
            let decimal = Decimal::parse(text).unwrap();
            let back = Decimal::decode(&decimal.encode().unwrap()).unwrap();
            assert_eq!(back.to_text(), text);
            assert_eq!(Decimal::from_value(&decimal.to_value()).unwrap(), decimal, "{text}");
        }
    }
}
