//! Number format models, as far as TO_CHAR and TO_NUMBER have them here: 9 0 . D , G $ L S MI PR FM and TM.

use bigdecimal::RoundingMode;

use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::number::{Number, invalid_number};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A minus, or a blank in its place.
    Leading,
    /// `S` in front: always a sign.
    ShownFirst,
    /// `S` behind.
    ShownLast,
    /// `MI`: a minus behind.
    MinusLast,
    /// `PR`: angle brackets.
    Brackets,
}

struct Model {
    /// Before the point: `9`, `0` and group separators.
    whole: Vec<char>,
    decimals: usize,
    point: Option<char>,
    sign: Sign,
    currency: Option<String>,
    fill: bool,
    /// TM or TM9: the shortest text.
    minimal: bool,
}

fn invalid_model() -> Error {
    Error::new(1481, "invalid number format model")
}

fn parse_model(model: &str, environment: &Environment) -> Result<Model> {
    let upper = model.to_uppercase();
    let mut parsed = Model {
        whole: Vec::new(),
        decimals: 0,
        point: None,
        sign: Sign::Leading,
        currency: None,
        fill: true,
        minimal: false,
    };
    let (decimal, group) = environment.numeric_characters();
    let mut rest = upper.as_str();
    if let Some(after) = rest.strip_prefix("FM") {
        parsed.fill = false;
        rest = after;
    }
    if matches!(rest, "TM" | "TM9") {
        parsed.minimal = true;
        return Ok(parsed);
    }
    rest = strip_sign(rest, &mut parsed.sign);
    for c in rest.chars() {
        match c {
            '9' | '0' if parsed.point.is_some() => parsed.decimals += 1,
            '9' | '0' => parsed.whole.push(c),
            ',' | 'G' if parsed.point.is_none() && !parsed.whole.is_empty() => {
                parsed.whole.push(if c == 'G' { group } else { ',' });
            }
            '.' | 'D' if parsed.point.is_none() => parsed.point = Some(if c == 'D' { decimal } else { '.' }),
            '$' if parsed.currency.is_none() => parsed.currency = Some("$".to_owned()),
            'L' if parsed.currency.is_none() => {
                parsed.currency = Some(environment.nls("NLS_CURRENCY").to_owned())
            }
            'B' | 'C' | 'E' | 'R' | 'U' | 'V' | 'X' => {
                return Err(Error::unimplemented(format_args!("the element {c} of number formats")));
            }
            _ => return Err(invalid_model()),
        }
    }
    if parsed.whole.is_empty() && parsed.decimals == 0 {
        return Err(invalid_model());
    }
    Ok(parsed)
}

fn strip_sign<'a>(model: &'a str, sign: &mut Sign) -> &'a str {
    let ends: [(&str, Sign); 3] = [("S", Sign::ShownLast), ("MI", Sign::MinusLast), ("PR", Sign::Brackets)];
    if let Some(rest) = model.strip_prefix('S') {
        *sign = Sign::ShownFirst;
        return rest;
    }
    for (end, kind) in ends {
        if let Some(rest) = model.strip_suffix(end) {
            *sign = kind;
            return rest;
        }
    }
    model
}

/// Writes a number by a model: TO_CHAR. A number that does not fit becomes `#`, as in Oracle.
pub(crate) fn format(number: &Number, model: &str, environment: &Environment) -> Result<String> {
    let model = parse_model(model, environment)?;
    if model.minimal {
        return Ok(crate::convert::number_text(number, environment));
    }
    let rounded = number.round(model.decimals as i64, RoundingMode::HalfUp)?;
    let plain = rounded.abs().decimal().with_scale(model.decimals as i64).to_plain_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole = if whole == "0" { "" } else { whole };
    let places = model.whole.iter().filter(|c| matches!(c, '9' | '0')).count();
    let currency_width = model.currency.as_ref().map_or(0, |text| text.chars().count());
    if whole.len() > places {
        let width =
            model.whole.len() + model.decimals + usize::from(model.point.is_some()) + 1 + currency_width;
        return Ok("#".repeat(width));
    }
    let mut body = write_whole(&model, whole, places, fraction.is_empty());
    if let Some(point) = model.point {
        body.push(point);
        body.push_str(if model.fill { fraction } else { fraction.trim_end_matches('0') });
    }
    let width = model.whole.len() + model.decimals + usize::from(model.point.is_some());
    let body = format!("{}{body}", model.currency.as_deref().unwrap_or_default());
    Ok(signed(&model, &body, rounded.is_negative(), width + currency_width))
}

/// The digits before the point in their places, without the blanks in front.
fn write_whole(model: &Model, digits: &str, places: usize, alone: bool) -> String {
    let first_zero = model.whole.iter().filter(|c| matches!(c, '9' | '0')).position(|c| *c == '0');
    let padded = format!("{digits:>places$}");
    let mut digits = padded.chars();
    let mut out = String::new();
    let mut place = 0;
    for &c in &model.whole {
        if !matches!(c, '9' | '0') {
            if !out.is_empty() {
                out.push(c);
            }
            continue;
        }
        let digit = digits.next().unwrap_or(' ');
        let zero_here = first_zero.is_some_and(|from| place >= from) || (alone && place + 1 == places);
        place += 1;
        match digit {
            ' ' if zero_here => out.push('0'),
            ' ' => {}
            digit => out.push(digit),
        }
    }
    out
}

fn signed(model: &Model, body: &str, negative: bool, width: usize) -> String {
    let text = match (model.sign, negative) {
        (Sign::Leading | Sign::ShownFirst, true) => format!("-{body}"),
        (Sign::Leading, false) if model.fill => format!(" {body}"),
        (Sign::Leading, false) => body.to_owned(),
        (Sign::ShownFirst, false) => format!("+{body}"),
        (Sign::ShownLast, _) => format!("{body}{}", if negative { '-' } else { '+' }),
        (Sign::MinusLast, true) => format!("{body}-"),
        (Sign::MinusLast, false) if model.fill => format!("{body} "),
        (Sign::MinusLast, false) => body.to_owned(),
        (Sign::Brackets, true) => format!("<{body}>"),
        (Sign::Brackets, false) if model.fill => format!(" {body} "),
        (Sign::Brackets, false) => body.to_owned(),
    };
    if !model.fill {
        return text;
    }
    let full = width + if model.sign == Sign::Brackets { 2 } else { 1 };
    format!("{text:>full$}")
}

/// Reads a number by a model: TO_NUMBER. ORA-01722 for text that does not fit.
pub(crate) fn parse(text: &str, model: &str, environment: &Environment) -> Result<Number> {
    let model = parse_model(model, environment)?;
    let mut plain = String::new();
    let mut rest = text.trim_matches(' ');
    let mut negative = false;
    if let Some(inner) = rest
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .filter(|_| model.sign == Sign::Brackets)
    {
        (rest, negative) = (inner, true);
    } else if matches!(model.sign, Sign::ShownLast | Sign::MinusLast) {
        negative = rest.ends_with('-');
        rest = rest.trim_end_matches(['-', '+']);
    } else {
        negative |= rest.starts_with('-');
        rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    }
    if let Some(currency) = &model.currency {
        rest = rest.strip_prefix(currency.as_str()).unwrap_or(rest);
    }
    for c in rest.chars() {
        if Some(c) == model.point {
            plain.push('.');
        } else if c.is_ascii_digit() {
            plain.push(c);
        } else if !model.whole.contains(&c) {
            return Err(invalid_number());
        }
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let places = model.whole.iter().filter(|c| matches!(c, '9' | '0')).count();
    if whole.len() > places || fraction.len() > model.decimals {
        return Err(invalid_number());
    }
    let number = Number::parse(&plain)?;
    Ok(if negative { number.negate() } else { number })
}
