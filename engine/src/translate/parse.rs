//! Calls the parser, numbers the binds, and gives the parser's errors Oracle's numbers.

use sqlparser::dialect::OracleDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::error::{Error, Result};

static DIALECT: OracleDialect = OracleDialect {};

/// Levels of parentheses, CASEs and subqueries.
const DEEPEST_NESTING: usize = 50;
/// Operators in a row, `a + b + c`, and conditions joined by AND and OR.
const LONGEST_CHAIN: usize = 600;

/// The bind positions of a statement: each occurrence is one, in the order of the text.
#[derive(Default)]
pub(crate) struct Binds {
    places: Vec<Location>,
}

impl Binds {
    pub(crate) fn count(&self) -> u32 {
        self.places.len() as u32
    }

    /// The position, from 1, of the bind that the parser found at this place.
    pub(crate) fn position(&self, place: Location) -> Result<usize> {
        self.places
            .iter()
            .position(|known| *known == place)
            .map(|index| index + 1)
            .ok_or_else(|| Error::new(1036, "illegal variable name/number"))
    }

    /// Finds the binds: a colon with a word or number behind it.
    pub(crate) fn find(&mut self, tokens: &[TokenWithSpan]) {
        for (index, token) in tokens.iter().enumerate() {
            let place = match (&token.token, tokens.get(index + 1)) {
                (Token::Placeholder(_), _) => Some(token.span.start),
                (Token::Colon, Some(next)) if matches!(next.token, Token::Word(_) | Token::Number(..)) => {
                    Some(token.span.start)
                }
                _ => None,
            };
            self.places.extend(place);
        }
    }
}

/// The parser's tokens of a text.
pub(crate) fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(&DIALECT, sql)
        .tokenize_with_location()
        .map_err(|error| Error::new(911, format_args!("invalid character ({error})")))?;
    check_chains(&tokens)?;
    Ok(tokens)
}

pub(crate) fn parser(tokens: Vec<TokenWithSpan>) -> Parser<'static> {
    Parser::new(&DIALECT).with_recursion_limit(DEEPEST_NESTING).with_tokens_with_locations(tokens)
}

/// Checks that the parser has read all there is; ORA-00933 otherwise.
pub(crate) fn expect_end(parser: &Parser<'_>) -> Result<()> {
    let next = parser.peek_token();
    if next.token == Token::EOF {
        return Ok(());
    }
    Err(Error::new(933, format_args!("SQL command not properly ended, at '{}'", next.token)))
}

/// A long chain is a deep tree, whose recursion would overrun the stack. Counted are, for each level of parentheses that is open, the
/// words that join conditions and queries, and the operators since the last of them.
fn check_chains(tokens: &[TokenWithSpan]) -> Result<()> {
    let mut outer: Vec<(usize, usize)> = Vec::new();
    let mut outer_depth = 0;
    let (mut joined, mut operators) = (0, 0);
    for token in tokens {
        if outer_depth + joined + operators > LONGEST_CHAIN || outer.len() > LONGEST_CHAIN {
            return Err(Error::new(
                913,
                format_args!("too many values: more than {LONGEST_CHAIN} operators in one expression"),
            ));
        }
        match &token.token {
            Token::LParen => {
                outer.push((joined, operators));
                outer_depth += joined + operators;
                (joined, operators) = (0, 0);
            }
            Token::RParen => {
                (joined, operators) = outer.pop().unwrap_or((0, 0));
                outer_depth = outer_depth.saturating_sub(joined + operators);
            }
            Token::Comma => (joined, operators) = (0, 0),
            // The parser takes it for `=`.
            Token::DoubleEq => return Err(Error::new(936, "missing expression: '==' is not Oracle's")),
            Token::Word(word) if word.quote_style.is_none() => match word.value.to_ascii_uppercase().as_str()
            {
                "AND" | "OR" | "UNION" | "MINUS" | "INTERSECT" => (joined, operators) = (joined + 1, 0),
                "IS" | "LIKE" | "IN" | "BETWEEN" | "NOT" | "PRIOR" => operators += 1,
                _ => {}
            },
            Token::Word(_)
            | Token::Number(..)
            | Token::Whitespace(_)
            | Token::SingleQuotedString(_)
            | Token::Period => {}
            _ => operators += 1,
        }
    }
    Ok(())
}

/// The ORA number that fits what the parser missed.
pub(crate) fn syntax_error(error: ParserError) -> Error {
    let text = match error {
        ParserError::RecursionLimitExceeded => {
            return Error::new(
                913,
                format_args!("too many values: nested more than {DEEPEST_NESTING} levels deep"),
            );
        }
        ParserError::TokenizerError(text) => {
            return Error::new(911, format_args!("invalid character ({text})"));
        }
        ParserError::ParserError(text) => text,
    };
    let (code, meaning) = match () {
        () if text.contains("Expected: )") => (907, "missing right parenthesis"),
        () if text.contains("Expected: (") => (906, "missing left parenthesis"),
        () if text.contains("Expected: an expression") => (936, "missing expression"),
        () if text.contains("Expected: identifier") => (903, "invalid identifier or table name"),
        () if text.contains("Expected: SELECT") => (928, "missing SELECT keyword"),
        () if text.contains("Expected: SET") => (971, "missing SET keyword"),
        () if text.contains("Expected: end of statement") => (933, "SQL command not properly ended"),
        () => (900, "invalid SQL statement"),
    };
    Error::new(code, format_args!("{meaning} ({text})"))
}
