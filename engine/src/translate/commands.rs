//! Statements that the engine carries out itself: sessions, users, sequences, transactions.

use super::Translator;
use crate::catalogue::Name;
use crate::error::{Error, Result};
use crate::number::Number;
use crate::plan::{Command, UserCommand};
use crate::scanner::{Token, TokenKind};
use crate::sequences::SequenceOptions;
use crate::statement::StatementKind;
use crate::write_lock::LockWait;

/// Reads tokens one by one.
pub(super) struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
}

fn not_ended() -> Error {
    Error::new(933, "SQL command not properly ended")
}

impl<'a, 't> Reader<'a, 't> {
    pub(super) fn new(tokens: &'a [Token<'t>]) -> Self {
        Self { tokens }
    }

    pub(super) fn rest(&self) -> &'a [Token<'t>] {
        self.tokens
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.tokens = self.tokens.get(count..).unwrap_or_default();
    }

    pub(super) fn next(&mut self) -> Option<&'a Token<'t>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    pub(super) fn is_done(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Takes these words, if they come next.
    pub(super) fn accept(&mut self, words: &[&str]) -> bool {
        let fits = self.tokens.len() >= words.len()
            && words.iter().zip(self.tokens).all(|(word, token)| token.is(word) || token.is_symbol(word));
        if fits {
            self.skip(words.len());
        }
        fits
    }

    pub(super) fn expect(&mut self, word: &str, code: i32, text: &str) -> Result<()> {
        if self.accept(&[word]) { Ok(()) } else { Err(Error::new(code, text)) }
    }

    pub(super) fn identifier(&mut self) -> Result<String> {
        let name = self
            .next()
            .and_then(Token::identifier)
            .ok_or_else(|| Error::new(903, "invalid identifier or name"))?;
        if name.len() > 128 {
            return Err(Error::new(972, "identifier is too long"));
        }
        Ok(name)
    }

    /// `[schema.]name`.
    pub(super) fn name_parts(&mut self) -> Result<Vec<String>> {
        let mut parts = vec![self.identifier()?];
        while self.accept(&["."]) {
            parts.push(self.identifier()?);
        }
        Ok(parts)
    }

    fn end(&self) -> Result<()> {
        if self.is_done() { Ok(()) } else { Err(not_ended()) }
    }

    /// A whole number with an optional sign.
    fn number(&mut self) -> Result<Number> {
        let negative = self.accept(&["-"]);
        let token = self.next().filter(|token| token.kind == TokenKind::Number);
        let number = Number::parse(token.ok_or_else(|| Error::new(1722, "invalid number"))?.text)?;
        Ok(if negative { number.negate() } else { number })
    }
}

pub(super) fn command(
    kind: StatementKind,
    tokens: &[Token<'_>],
    translator: &Translator<'_>,
) -> Result<Command> {
    let mut reader = Reader::new(tokens);
    match kind {
        StatementKind::Transaction => transaction(&mut reader),
        StatementKind::Lock => lock_table(&mut reader, translator),
        StatementKind::AlterSession => alter_session(&mut reader),
        StatementKind::AlterSystem => alter_system(&mut reader),
        StatementKind::User => user(&mut reader),
        StatementKind::Sequence => sequence(&mut reader, translator),
        _ => Err(Error::new(900, "invalid SQL statement")),
    }
}

fn transaction(reader: &mut Reader<'_, '_>) -> Result<Command> {
    let command = if reader.accept(&["COMMIT"]) {
        reader.accept(&["WORK"]);
        if reader.accept(&["COMMENT"]) {
            reader.skip(1);
        }
        // How the log is written is no matter of meaning: each commit is written before the next transaction.
        if reader.accept(&["WRITE"]) {
            while reader.accept(&["WAIT"])
                || reader.accept(&["NOWAIT"])
                || reader.accept(&["IMMEDIATE"])
                || reader.accept(&["BATCH"])
            {}
        }
        Command::Commit
    } else if reader.accept(&["ROLLBACK"]) {
        reader.accept(&["WORK"]);
        if reader.accept(&["TO"]) {
            reader.accept(&["SAVEPOINT"]);
            Command::RollbackTo(reader.identifier()?)
        } else {
            Command::Rollback
        }
    } else if reader.accept(&["SAVEPOINT"]) {
        Command::Savepoint(reader.identifier()?)
    } else {
        return set_transaction(reader);
    };
    reader.end()?;
    Ok(command)
}

fn set_transaction(reader: &mut Reader<'_, '_>) -> Result<Command> {
    reader.skip(2);
    let valid = reader.accept(&["READ", "WRITE"])
        || reader.accept(&["ISOLATION", "LEVEL", "READ", "COMMITTED"])
        || reader.accept(&["NAME"]);
    if !valid {
        return Err(Error::unimplemented(
            "this SET TRANSACTION; it has READ WRITE and ISOLATION LEVEL READ COMMITTED",
        ));
    }
    if reader.rest().first().is_some_and(|token| token.kind == TokenKind::Literal) {
        reader.skip(1);
    }
    reader.end()?;
    Ok(Command::Nothing)
}

/// LOCK TABLE takes the one lock of the instance, which is more than was asked for.
fn lock_table(reader: &mut Reader<'_, '_>, translator: &Translator<'_>) -> Result<Command> {
    reader.skip(1);
    reader.expect("TABLE", 956, "missing or invalid lock: LOCK TABLE expected")?;
    loop {
        let name = translator.object_name(&reader.name_parts()?)?;
        if !translator.catalogue.objects.contains_key(&name) {
            return Err(super::from::no_such_table(&name));
        }
        if !reader.accept(&[","]) {
            break;
        }
    }
    reader.expect(
        "IN",
        1737,
        "valid modes: ROW SHARE, ROW EXCLUSIVE, SHARE, SHARE ROW EXCLUSIVE, EXCLUSIVE",
    )?;
    while reader.accept(&["ROW"])
        || reader.accept(&["SHARE"])
        || reader.accept(&["EXCLUSIVE"])
        || reader.accept(&["UPDATE"])
    {}
    reader.expect(
        "MODE",
        1737,
        "valid modes: ROW SHARE, ROW EXCLUSIVE, SHARE, SHARE ROW EXCLUSIVE, EXCLUSIVE",
    )?;
    let wait = if reader.accept(&["NOWAIT"]) {
        LockWait::NoWait
    } else if reader.accept(&["WAIT"]) {
        let seconds = reader.number()?.truncated()?;
        LockWait::Seconds(
            u64::try_from(seconds).map_err(|_| Error::new(30005, "missing or invalid WAIT interval"))?,
        )
    } else {
        LockWait::Default
    };
    reader.end()?;
    Ok(Command::Lock(wait))
}

fn alter_session(reader: &mut Reader<'_, '_>) -> Result<Command> {
    reader.skip(2);
    if !reader.accept(&["SET"]) {
        return Err(Error::new(
            2248,
            "invalid option for ALTER SESSION: the embedded engine has ALTER SESSION SET",
        ));
    }
    let mut settings = Vec::new();
    while !reader.is_done() {
        let name = reader.identifier()?;
        reader.expect("=", 927, "missing equal sign")?;
        let token = reader
            .next()
            .ok_or_else(|| Error::new(2248, "invalid option for ALTER SESSION: a value is missing"))?;
        let value = match (token.literal(), token.identifier()) {
            (Some(literal), _) => literal,
            (None, Some(identifier)) => identifier,
            (None, None) => token.text.to_owned(),
        };
        // READ COMMITTED is the one value of two words.
        let value = if name == "ISOLATION_LEVEL" && reader.accept(&["COMMITTED"]) {
            format!("{value} COMMITTED")
        } else {
            value
        };
        let value = if name == "CURRENT_SCHEMA" && token.literal().is_some() {
            return Err(Error::new(
                2421,
                format_args!("missing or invalid schema authorization identifier '{value}'"),
            ));
        } else {
            value
        };
        settings.push((name, value));
    }
    if settings.is_empty() {
        return Err(Error::new(2248, "invalid option for ALTER SESSION: nothing is set"));
    }
    Ok(Command::AlterSession(settings))
}

fn alter_system(reader: &mut Reader<'_, '_>) -> Result<Command> {
    reader.skip(2);
    let disconnect = reader.accept(&["DISCONNECT", "SESSION"]);
    if !disconnect && !reader.accept(&["KILL", "SESSION"]) {
        return Err(Error::new(
            2065,
            "illegal option for ALTER SYSTEM: the embedded engine has KILL SESSION and DISCONNECT SESSION",
        ));
    }
    let which = reader
        .next()
        .and_then(Token::literal)
        .ok_or_else(|| Error::new(26, "missing or invalid session ID"))?;
    let mut parts = which.split(',').map(str::trim);
    let mut number = || -> Result<u32> {
        parts
            .next()
            .and_then(|part| part.parse().ok())
            .ok_or_else(|| Error::new(26, "missing or invalid session ID"))
    };
    let (sid, serial) = (number()?, number()?);
    // '@1' is the instance; there is one.
    if parts.next().is_some_and(|instance| instance != "@1") {
        return Err(Error::new(26, "missing or invalid session ID"));
    }
    if disconnect && reader.accept(&["POST_TRANSACTION"]) {
        return Err(Error::unimplemented("DISCONNECT SESSION … POST_TRANSACTION; use IMMEDIATE"));
    }
    if disconnect {
        reader.expect("IMMEDIATE", 2000, "missing IMMEDIATE keyword")?;
    } else {
        reader.accept(&["IMMEDIATE"]);
    }
    reader.end()?;
    Ok(Command::Kill { sid, serial })
}

fn user(reader: &mut Reader<'_, '_>) -> Result<Command> {
    let create = reader.accept(&["CREATE"]);
    let drop = !create && reader.accept(&["DROP"]);
    if !create && !drop {
        reader.skip(1);
    }
    reader.skip(1);
    let name = reader.identifier()?;
    if drop {
        if reader.accept(&["CASCADE"]) {
            return Err(Error::unimplemented("DROP USER … CASCADE; drop the user's objects first"));
        }
        reader.end()?;
        return Ok(Command::User(UserCommand::Drop { name }));
    }
    let (mut password, mut locked, mut expired) = (None, None, false);
    while !reader.is_done() {
        if reader.accept(&["IDENTIFIED", "BY"]) {
            password = Some(read_password(reader)?);
        } else if reader.accept(&["IDENTIFIED", "EXTERNALLY"]) && create {
        } else if reader.accept(&["ACCOUNT", "LOCK"]) {
            locked = Some(true);
        } else if reader.accept(&["ACCOUNT", "UNLOCK"]) {
            locked = Some(false);
        } else if reader.accept(&["PASSWORD", "EXPIRE"]) {
            expired = true;
        } else {
            return Err(Error::new(
                922,
                "missing or invalid option: IDENTIFIED BY, ACCOUNT LOCK or UNLOCK, PASSWORD EXPIRE",
            ));
        }
    }
    let command = if create {
        UserCommand::Create { name, password, locked: locked.unwrap_or(false), expired }
    } else {
        UserCommand::Alter { name, password, locked, expired }
    };
    Ok(Command::User(command))
}

/// A password is taken as it is written, a quoted one without its quotes.
fn read_password(reader: &mut Reader<'_, '_>) -> Result<String> {
    let missing = || Error::new(988, "missing or invalid password(s)");
    let token = reader.next().ok_or_else(missing)?;
    match token.kind {
        TokenKind::Word => Ok(token.text.to_owned()),
        TokenKind::Quoted => token.identifier().ok_or_else(missing),
        _ => Err(missing()),
    }
}

fn sequence(reader: &mut Reader<'_, '_>, translator: &Translator<'_>) -> Result<Command> {
    if reader.accept(&["DROP", "SEQUENCE"]) {
        let name = translator.object_name(&reader.name_parts()?)?;
        reader.end()?;
        return Ok(Command::DropSequence(name));
    }
    let create = reader.accept(&["CREATE", "SEQUENCE"]);
    reader.accept(&["ALTER", "SEQUENCE"]);
    if !create && reader.rest().first().is_some_and(|token| token.is("CREATE")) {
        return Err(Error::new(922, "missing or invalid option: CREATE SEQUENCE goes without OR REPLACE"));
    }
    let name = translator.object_name(&reader.name_parts()?)?;
    let options = sequence_options(reader)?;
    Ok(if create {
        Command::CreateSequence { name, options }
    } else {
        Command::AlterSequence { name, options }
    })
}

fn sequence_options(reader: &mut Reader<'_, '_>) -> Result<SequenceOptions> {
    let mut options = SequenceOptions::default();
    while !reader.is_done() {
        if reader.accept(&["START", "WITH"]) {
            options.start = Some(reader.number()?);
        } else if reader.accept(&["INCREMENT", "BY"]) {
            options.increment = Some(reader.number()?.truncated()?);
        } else if reader.accept(&["MINVALUE"]) {
            options.minimum = Some(Some(reader.number()?));
        } else if reader.accept(&["MAXVALUE"]) {
            options.maximum = Some(Some(reader.number()?));
        } else if reader.accept(&["CACHE"]) {
            options.cache = Some(reader.number()?.truncated()?);
        } else {
            sequence_word(&mut options, reader)?;
        }
    }
    Ok(options)
}

fn sequence_word(options: &mut SequenceOptions, reader: &mut Reader<'_, '_>) -> Result<()> {
    let word = reader.next().map(|token| token.text.to_uppercase()).unwrap_or_default();
    match word.as_str() {
        "NOMINVALUE" => options.minimum = Some(None),
        "NOMAXVALUE" => options.maximum = Some(None),
        "CYCLE" => options.cycle = Some(true),
        "NOCYCLE" => options.cycle = Some(false),
        "NOCACHE" => options.cache = Some(0),
        "ORDER" => options.ordered = Some(true),
        "NOORDER" => options.ordered = Some(false),
        _ => return Err(Error::new(922, format_args!("missing or invalid option: {word}"))),
    }
    Ok(())
}

/// The name of a new object of this schema, which no table, view or sequence may have.
pub(super) fn free_name(translator: &Translator<'_>, name: &Name) -> Result<()> {
    let taken = translator.catalogue.objects.contains_key(name)
        || translator.catalogue.units.contains_key(name)
        || translator.context.instance()?.dictionary.lock().sequences.contains(name);
    if taken { Err(Error::new(955, "name is already used by an existing object")) } else { Ok(()) }
}
