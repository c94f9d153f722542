//! Cuts a text into words, literals and symbols, with byte offsets; comments and blanks between them are passed over.
//!
//! It reads SQL and PL/SQL alike, so that a statement can be told apart before it is known which of the two it is.

use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    /// In double quotes.
    Quoted,
    Number,
    /// In single quotes, `q'[…]'` included.
    Literal,
    Symbol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

impl Token<'_> {
    /// Whether it is this keyword, which is given in upper case.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The identifier that it is, folded as Oracle folds it; `None` for what is none.
    pub(crate) fn identifier(&self) -> Option<String> {
        match self.kind {
            TokenKind::Word => Some(self.text.to_uppercase()),
            TokenKind::Quoted => {
                self.text.get(1..self.text.len() - 1).filter(|name| !name.is_empty()).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// The text that the literal stands for; `None` for what is no literal.
    pub(crate) fn literal(&self) -> Option<String> {
        if self.kind != TokenKind::Literal {
            return None;
        }
        let open = self.text.find('\'')?;
        let body = self.text.get(open + 1..self.text.len() - 1)?;
        if self.text[..open].eq_ignore_ascii_case("q") || self.text[..open].eq_ignore_ascii_case("nq") {
            let first = body.chars().next()?;
            return body.get(first.len_utf8()..body.len() - closing(first).len_utf8()).map(str::to_owned);
        }
        Some(body.replace("''", "'"))
    }
}

pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// All tokens of a text.
pub(crate) fn scan(text: &str) -> Result<Vec<Token<'_>>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next_token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

fn closing(open: char) -> char {
    match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        other => other,
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

const PAIRS: [&str; 13] = [":=", "..", "=>", "<<", ">>", "<=", ">=", "<>", "!=", "^=", "~=", "||", "**"];

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            if blanks > 0 {
                self.at += blanks;
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end =
                    rest.find("*/").ok_or_else(|| Error::new(1742, "comment not terminated properly"))?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn next_token(&mut self) -> Result<Option<Token<'a>>> {
        self.skip_blanks()?;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let (kind, length) = if let Some(open) = quote_prefix(rest) {
            (TokenKind::Literal, literal_length(rest, open)?)
        } else if first == '"' {
            let end =
                rest[1..].find('"').ok_or_else(|| Error::new(1740, "missing double quote in identifier"))?;
            (TokenKind::Quoted, end + 2)
        } else if is_word_start(first) {
            (TokenKind::Word, rest.find(|c| !is_word_part(c)).unwrap_or(rest.len()))
        } else if first.is_ascii_digit() {
            (TokenKind::Number, number_length(rest))
        } else if PAIRS.iter().any(|pair| rest.starts_with(pair)) {
            (TokenKind::Symbol, 2)
        } else {
            (TokenKind::Symbol, first.len_utf8())
        };
        let token = Token { kind, text: &rest[..length], start: self.at };
        self.at += length;
        Ok(Some(token))
    }
}

/// Where the quote of a literal opens, if the text starts with one: `'`, `N'`, `q'` or `Nq'`.
fn quote_prefix(text: &str) -> Option<usize> {
    let open = text.bytes().take(3).position(|byte| byte == b'\'')?;
    let prefix = text.get(..open)?;
    let known = ["", "n", "q", "nq"].iter().any(|known| prefix.eq_ignore_ascii_case(known));
    known.then_some(open)
}

fn literal_length(text: &str, open: usize) -> Result<usize> {
    let unterminated = || Error::new(1756, "quoted string not properly terminated");
    let body = &text[open + 1..];
    if text[..open].ends_with(['q', 'Q']) {
        let first = body.chars().next().ok_or_else(unterminated)?;
        let end: String = [closing(first), '\''].iter().collect();
        let at = body[first.len_utf8()..].find(&end).ok_or_else(unterminated)?;
        return Ok(open + 1 + first.len_utf8() + at + end.len());
    }
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\'' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'\'') {
            at += 2;
        } else {
            return Ok(open + 1 + at + 1);
        }
    }
    Err(unterminated())
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    // Two points are a range of PL/SQL, not a decimal point.
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
        at += 1;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    at
}
