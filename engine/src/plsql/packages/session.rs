//! DBMS_SESSION, DBMS_APPLICATION_INFO and DBMS_LOCK.

use std::time::Duration;

use bigdecimal::ToPrimitive;

use super::{Builtin, BuiltinFormal, NUMBER, TEXT, integer, required, text, text_value};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::nls::Environment;
use crate::plan::{Action, Command};
use crate::plsql::ast::Mode;
use crate::plsql::value::Value;
use crate::server_session::ServerSession;

const SESSION: &str = "DBMS_SESSION";
const INFO: &str = "DBMS_APPLICATION_INFO";
/// Seconds that a SLEEP may take: a day.
const LONGEST_SLEEP: f64 = 86_400.0;

const fn out(name: &'static str) -> BuiltinFormal {
    BuiltinFormal { name, mode: Mode::Out, kind: TEXT, optional: false }
}

pub(super) static PACKAGES: [Builtin; 12] = [
    Builtin {
        package: SESSION,
        name: "SET_NLS",
        formals: &[required("PARAM", TEXT), required("VALUE", TEXT)],
        returns: None,
        body: set_nls,
    },
    Builtin {
        package: SESSION,
        name: "SET_IDENTIFIER",
        formals: &[required("CLIENT_ID", TEXT)],
        returns: None,
        body: |session, arguments| {
            let given = short(text(session, arguments, 0)?, 64);
            set(session, |environment| environment.client_identifier = given)
        },
    },
    Builtin {
        package: SESSION,
        name: "CLEAR_IDENTIFIER",
        formals: &[],
        returns: None,
        body: |session, _| set(session, |environment| environment.client_identifier = None),
    },
    Builtin {
        package: SESSION,
        name: "SLEEP",
        formals: &[required("SECONDS", NUMBER)],
        returns: None,
        body: sleep,
    },
    Builtin {
        package: "DBMS_LOCK",
        name: "SLEEP",
        formals: &[required("SECONDS", NUMBER)],
        returns: None,
        body: sleep,
    },
    Builtin { package: SESSION, name: "RESET_PACKAGE", formals: &[], returns: None, body: reset },
    Builtin {
        package: SESSION,
        name: "MODIFY_PACKAGE_STATE",
        formals: &[required("ACTION_FLAGS", NUMBER)],
        returns: None,
        body: |session, arguments| match integer(session, arguments, 0)? {
            Some(1) => reset(session, arguments),
            _ => Err(Error::unimplemented("DBMS_SESSION.MODIFY_PACKAGE_STATE with another flag than 1")),
        },
    },
    Builtin {
        package: INFO,
        name: "SET_MODULE",
        formals: &[required("MODULE_NAME", TEXT), required("ACTION_NAME", TEXT)],
        returns: None,
        body: |session, arguments| {
            let module = short(text(session, arguments, 0)?, 48);
            let action = short(text(session, arguments, 1)?, 32);
            set(session, |environment| {
                environment.module = module;
                environment.action = action;
            })
        },
    },
    Builtin {
        package: INFO,
        name: "SET_ACTION",
        formals: &[required("ACTION_NAME", TEXT)],
        returns: None,
        body: |session, arguments| {
            let action = short(text(session, arguments, 0)?, 32);
            set(session, |environment| environment.action = action)
        },
    },
    Builtin {
        package: INFO,
        name: "SET_CLIENT_INFO",
        formals: &[required("CLIENT_INFO", TEXT)],
        returns: None,
        body: |session, arguments| {
            let info = short(text(session, arguments, 0)?, 64);
            set(session, |environment| environment.client_info = info)
        },
    },
    Builtin {
        package: INFO,
        name: "READ_MODULE",
        formals: &[out("MODULE_NAME"), out("ACTION_NAME")],
        returns: None,
        body: |session, arguments| {
            let environment = session.shared.context.environment.lock();
            if let [module, action] = arguments {
                *module = text_value(environment.module.clone().unwrap_or_default());
                *action = text_value(environment.action.clone().unwrap_or_default());
            }
            Ok(Value::NULL)
        },
    },
    Builtin {
        package: INFO,
        name: "READ_CLIENT_INFO",
        formals: &[out("CLIENT_INFO")],
        returns: None,
        body: |session, arguments| {
            let info = session.shared.context.environment.lock().client_info.clone();
            if let [given] = arguments {
                *given = text_value(info.unwrap_or_default());
            }
            Ok(Value::NULL)
        },
    },
];

/// Oracle cuts what is longer, in bytes; whole characters are kept here.
fn short(text: Option<String>, most: usize) -> Option<String> {
    let mut text = text?;
    while text.len() > most {
        text.pop();
    }
    Some(text)
}

fn set(session: &mut ServerSession, change: impl FnOnce(&mut Environment)) -> Result<Value> {
    change(&mut session.shared.context.environment.lock());
    Ok(Value::NULL)
}

fn reset(session: &mut ServerSession, _: &mut [Value]) -> Result<Value> {
    session.plsql.reset_packages = true;
    Ok(Value::NULL)
}

/// Is ALTER SESSION SET, with the value as it would stand there: a text in quotes, or a word.
fn set_nls(session: &mut ServerSession, arguments: &mut [Value]) -> Result<Value> {
    let name = text(session, arguments, 0)?.unwrap_or_default();
    let value = text(session, arguments, 1)?.unwrap_or_default();
    // Nothing but a word: a comment behind it would hide the value.
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(invalid_option());
    }
    let plan = session.plan(&format!("ALTER SESSION SET {name} = {value}"))?;
    match &plan.action {
        Action::Command(Command::AlterSession(settings)) if settings.len() == 1 => {
            session.run(&plan, &[], &mut |_| Ok(()))?;
            Ok(Value::NULL)
        }
        _ => Err(invalid_option()),
    }
}

fn invalid_option() -> Error {
    Error::new(2248, "invalid option for ALTER SESSION")
}

/// Sleeps, unless the call is stopped.
fn sleep(session: &mut ServerSession, arguments: &mut [Value]) -> Result<Value> {
    let seconds = match arguments.first() {
        Some(Value::Scalar(Datum::Number(number))) => number.decimal().to_f64(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (0.0..=LONGEST_SLEEP).contains(seconds));
    let Some(seconds) = seconds else {
        return Err(Error::new(38148, "invalid time limit specified: SLEEP takes 0 to 86400 seconds"));
    };
    session.shared.control.pause(Duration::from_secs_f64(seconds))?;
    Ok(Value::NULL)
}
