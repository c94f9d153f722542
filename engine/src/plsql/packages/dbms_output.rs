//! DBMS_OUTPUT: lines that a session keeps until they are read.

use std::collections::VecDeque;

use super::{Builtin, BuiltinFormal, NUMBER, TEXT, integer, optional, required, text, text_value};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::plsql::ast::Mode;
use crate::plsql::value::Value;
use crate::server_session::ServerSession;

const PACKAGE_NAME: &str = "DBMS_OUTPUT";
const LONGEST_LINE: usize = 32_767;
/// The buffer of ENABLE without a size.
const DEFAULT_SIZE: i64 = 20_000;
/// The buffer of ENABLE(NULL), which in Oracle is without limit.
const LARGEST_SIZE: i64 = 64 << 20;

/// The session's buffer. It takes nothing before ENABLE.
#[derive(Default)]
pub(crate) struct Output {
    enabled: bool,
    size: usize,
    used: usize,
    lines: VecDeque<String>,
    unfinished: String,
}

pub(super) static PACKAGE: [Builtin; 6] = [
    Builtin {
        package: PACKAGE_NAME,
        name: "ENABLE",
        formals: &[optional("BUFFER_SIZE", NUMBER)],
        returns: None,
        body: |session, arguments| {
            let size = match arguments.first() {
                Some(Value::Missing) | None => DEFAULT_SIZE,
                _ => integer(session, arguments, 0)?.unwrap_or(LARGEST_SIZE).clamp(2000, LARGEST_SIZE),
            };
            session.plsql.output.enabled = true;
            session.plsql.output.size = usize::try_from(size).unwrap_or(usize::MAX);
            Ok(Value::NULL)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "DISABLE",
        formals: &[],
        returns: None,
        body: |session, _| {
            session.plsql.output = Output::default();
            Ok(Value::NULL)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "PUT",
        formals: &[required("A", TEXT)],
        returns: None,
        body: |session, arguments| {
            let text = text(session, arguments, 0)?.unwrap_or_default();
            session.plsql.output.put(&text).map(|()| Value::NULL)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "PUT_LINE",
        formals: &[required("A", TEXT)],
        returns: None,
        body: |session, arguments| {
            let text = text(session, arguments, 0)?.unwrap_or_default();
            session.plsql.output.put(&text)?;
            session.plsql.output.end_line().map(|()| Value::NULL)
        },
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "NEW_LINE",
        formals: &[],
        returns: None,
        body: |session, _| session.plsql.output.end_line().map(|()| Value::NULL),
    },
    Builtin {
        package: PACKAGE_NAME,
        name: "GET_LINE",
        formals: &[
            BuiltinFormal { name: "LINE", mode: Mode::Out, kind: TEXT, optional: false },
            BuiltinFormal { name: "STATUS", mode: Mode::Out, kind: NUMBER, optional: false },
        ],
        returns: None,
        body: get_line,
    },
];

fn get_line(session: &mut ServerSession, arguments: &mut [Value]) -> Result<Value> {
    let line = session.plsql.output.lines.pop_front();
    if let Some(line) = &line {
        session.plsql.output.used = session.plsql.output.used.saturating_sub(line.len().max(1));
    }
    if let [text, status] = arguments {
        *status = Value::Scalar(Datum::integer(i64::from(line.is_none())));
        *text = text_value(line.unwrap_or_default());
    }
    Ok(Value::NULL)
}

impl Output {
    fn put(&mut self, text: &str) -> Result<()> {
        if !self.enabled {
            return Ok(());
        }
        if self.unfinished.len() + text.len() > LONGEST_LINE {
            return Err(Error::new(
                20000,
                format_args!("ORU-10028: line length overflow, limit of {LONGEST_LINE} bytes per line"),
            ));
        }
        self.take(text.len())?;
        self.unfinished.push_str(text);
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        if !self.enabled {
            return Ok(());
        }
        // An empty line takes a byte too, or a loop could fill the memory with them.
        self.take(usize::from(self.unfinished.is_empty()))?;
        self.lines.push_back(std::mem::take(&mut self.unfinished));
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        if self.used + bytes > self.size {
            return Err(Error::new(
                20000,
                format_args!("ORU-10027: buffer overflow, limit of {} bytes", self.size),
            ));
        }
        self.used += bytes;
        Ok(())
    }
}
