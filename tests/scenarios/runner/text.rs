//! Bytes that a scenario describes, and how reports show bytes.

use super::errors::{Checked, failure};
use super::format::{Argument, Made, Text};

/// The tags that a callback was called with.
#[derive(Clone, Default)]
pub struct Arguments {
    pub wanted: Option<Vec<u8>>,
    pub actual: Option<Vec<u8>>,
}

impl Text {
    /// The bytes. `arguments` are there inside a callback alone.
    pub fn bytes(&self, arguments: Option<&Arguments>) -> Checked<Vec<u8>> {
        match self {
            Text::Plain(text) => Ok(text.clone().into_bytes()),
            Text::Made(Made::Repeat(text, count)) => Ok(text.repeat(*count).into_bytes()),
            Text::Made(Made::Hex(digits)) => hex_bytes(digits),
            Text::Made(Made::Join(parts)) => parts
                .iter()
                .map(|part| part.bytes(arguments))
                .collect::<Checked<Vec<_>>>()
                .map(|all| all.concat()),
            Text::Made(Made::Argument(which)) => argument_bytes(*which, arguments),
        }
    }
}

/// The bytes of a text that may be absent.
pub fn optional_bytes(text: Option<&Text>, arguments: Option<&Arguments>) -> Checked<Option<Vec<u8>>> {
    text.map(|text| text.bytes(arguments)).transpose()
}

fn argument_bytes(which: Argument, arguments: Option<&Arguments>) -> Checked<Vec<u8>> {
    let Some(arguments) = arguments else {
        return failure("the scenario uses an argument of a callback outside of one");
    };
    let bytes = match which {
        Argument::Wanted => &arguments.wanted,
        Argument::Actual => &arguments.actual,
    };
    Ok(bytes.clone().unwrap_or_default())
}

fn hex_bytes(digits: &str) -> Checked<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return failure(format!("`{digits}` is not hexadecimal"));
    }
    let pairs = digits.as_bytes().chunks(2);
    Ok(pairs.map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).unwrap_or_default()).collect())
}

/// For reports: NULL, or the text with its strange bytes escaped and, if it is long, cut.
pub fn show(bytes: Option<&[u8]>) -> String {
    const LONGEST: usize = 120;
    let Some(bytes) = bytes else { return "NULL".to_owned() };
    let cut = &bytes[..bytes.len().min(LONGEST)];
    let rest = if cut.len() < bytes.len() { format!("… ({} bytes)", bytes.len()) } else { String::new() };
    format!("`{}`{rest}", cut.escape_ascii())
}
