//! Views of sessions and of the instance.

use super::{DictionaryView, Rows, number, optional, text};
use crate::datum::{Datum, Type};
use crate::error::Result;
use crate::shared::{SessionContext, SessionShared};

pub(super) const VIEWS: &[DictionaryView] = &[
    DictionaryView {
        name: "V$SESSION",
        columns: &[
            ("SID", Type::Number),
            ("SERIAL#", Type::Number),
            ("USERNAME", Type::Text),
            ("STATUS", Type::Text),
            ("SCHEMANAME", Type::Text),
            ("OSUSER", Type::Text),
            ("PROCESS", Type::Text),
            ("PROGRAM", Type::Text),
            ("TYPE", Type::Text),
            ("MODULE", Type::Text),
            ("ACTION", Type::Text),
            ("CLIENT_INFO", Type::Text),
            ("CLIENT_IDENTIFIER", Type::Text),
            ("LOGON_TIME", Type::Date),
            ("SERVER", Type::Text),
            ("SERVICE_NAME", Type::Text),
        ],
        rows: sessions,
    },
    DictionaryView {
        name: "V$SESSION_CONNECT_INFO",
        columns: &[
            ("SID", Type::Number),
            ("SERIAL#", Type::Number),
            ("AUTHENTICATION_TYPE", Type::Text),
            ("OSUSER", Type::Text),
            ("NETWORK_SERVICE_BANNER", Type::Text),
            ("CLIENT_CHARSET", Type::Text),
            ("CLIENT_DRIVER", Type::Text),
        ],
        rows: connect_info,
    },
    DictionaryView {
        name: "V$INSTANCE",
        columns: &[
            ("INSTANCE_NUMBER", Type::Number),
            ("INSTANCE_NAME", Type::Text),
            ("VERSION", Type::Text),
            ("STATUS", Type::Text),
        ],
        rows: |context| {
            let name = context.instance()?.name.clone();
            Ok(vec![vec![number(1), Datum::text(name), text(VERSION), text("OPEN")]])
        },
    },
    DictionaryView {
        name: "V$VERSION",
        columns: &[("BANNER", Type::Text), ("BANNER_FULL", Type::Text), ("CON_ID", Type::Number)],
        rows: |_| {
            let banner = format!("orapool embedded engine {VERSION} - not an Oracle database");
            Ok(vec![vec![text(&banner), text(&banner), number(0)]])
        },
    },
    DictionaryView {
        name: "PRODUCT_COMPONENT_VERSION",
        columns: &[
            ("PRODUCT", Type::Text),
            ("VERSION", Type::Text),
            ("VERSION_FULL", Type::Text),
            ("STATUS", Type::Text),
        ],
        rows: |_| {
            let product = text("orapool embedded engine (not an Oracle database)");
            Ok(vec![vec![product, text(VERSION), text(VERSION), text("Test")]])
        },
    },
    DictionaryView {
        name: "NLS_SESSION_PARAMETERS",
        columns: &[("PARAMETER", Type::Text), ("VALUE", Type::Text)],
        rows: parameters,
    },
];

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn status(session: &SessionShared) -> &'static str {
    if session.control.is_ended() {
        "KILLED"
    } else if session.control.is_running() {
        "ACTIVE"
    } else {
        "INACTIVE"
    }
}

/// The environment of a session is copied out, so that no two sessions' locks are held at once.
fn each_session(
    context: &SessionContext,
    row: impl Fn(&SessionShared, &crate::nls::Environment) -> Vec<Datum>,
) -> Result<Rows> {
    let sessions = context.instance()?.sessions();
    Ok(sessions
        .iter()
        .map(|session| {
            let environment = session.context.environment.lock().clone();
            row(session, &environment)
        })
        .collect())
}

fn sessions(context: &SessionContext) -> Result<Rows> {
    let service = context.instance()?.name.clone();
    let process = std::process::id().to_string();
    let program =
        std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    each_session(context, |session, environment| {
        let identity = &session.context.identity;
        let client = session.context.client();
        vec![
            number(identity.sid),
            number(identity.serial),
            text(&identity.user),
            text(status(session)),
            text(&environment.current_schema),
            text(&client.os_user),
            text(&process),
            optional(program.as_deref()),
            text("USER"),
            optional(environment.module.as_deref()),
            optional(environment.action.as_deref()),
            optional(environment.client_info.as_deref()),
            optional(environment.client_identifier.as_deref()),
            Datum::Date(identity.logon_time),
            text(if identity.class.is_some() { "POOLED" } else { "DEDICATED" }),
            text(&service),
        ]
    })
}

fn connect_info(context: &SessionContext) -> Result<Rows> {
    each_session(context, |session, _| {
        let identity = &session.context.identity;
        let client = session.context.client();
        vec![
            number(identity.sid),
            number(identity.serial),
            text(if client.proxy_user.is_some() {
                "PROXY"
            } else if client.external {
                "OS"
            } else {
                "DATABASE"
            }),
            text(&client.os_user),
            text("orapool embedded engine: no network"),
            text("AL32UTF8"),
            text(&client.driver_name),
        ]
    })
}

fn parameters(context: &SessionContext) -> Result<Rows> {
    let environment = context.environment.lock();
    Ok(environment.nls_parameters().map(|(name, value)| vec![text(name), text(value)]).collect())
}
