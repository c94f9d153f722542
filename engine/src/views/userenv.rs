//! SYS_CONTEXT ('USERENV', …).

use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::shared::SessionContext;

/// The value of a parameter of a namespace; ORA-02003 for a USERENV parameter that the engine does not have, NULL for an unknown namespace.
pub(crate) fn sys_context(context: &SessionContext, namespace: &str, parameter: &str) -> Result<Datum> {
    if !namespace.eq_ignore_ascii_case("USERENV") {
        return Ok(Datum::Null);
    }
    let parameter = parameter.to_uppercase();
    let identity = &context.identity;
    let client = context.client();
    let environment = context.environment.lock();
    let text = |text: &str| Datum::text(text);
    let optional = |value: &Option<String>| value.as_deref().map_or(Datum::Null, text);
    Ok(match parameter.as_str() {
        "SID" => text(&identity.sid.to_string()),
        // The engine has no auditing session id of its own; serial# is as unique in the instance.
        "SESSIONID" => text(&identity.serial.to_string()),
        "SESSION_USER" => text(&identity.user),
        "CURRENT_USER" => text(context.definer().as_deref().unwrap_or(&identity.user)),
        "CURRENT_SCHEMA" => {
            let owner = context.owner_schema();
            text(owner.as_deref().unwrap_or(&environment.current_schema))
        }
        "PROXY_USER" => optional(&client.proxy_user),
        "AUTHENTICATED_IDENTITY" => text(client.proxy_user.as_ref().unwrap_or(&identity.user)),
        "AUTHENTICATION_METHOD" => text(if client.external { "OS" } else { "PASSWORD" }),
        "DB_NAME" | "DB_UNIQUE_NAME" | "INSTANCE_NAME" | "SERVICE_NAME" => text(&context.instance()?.name),
        "INSTANCE" => text("1"),
        "CLIENT_IDENTIFIER" => optional(&environment.client_identifier),
        "CLIENT_INFO" => optional(&environment.client_info),
        "MODULE" => optional(&environment.module),
        "ACTION" => optional(&environment.action),
        "CURRENT_EDITION_NAME" | "SESSION_EDITION_NAME" => text(&environment.edition),
        "OS_USER" => text(&client.os_user),
        "HOST" | "SERVER_HOST" | "TERMINAL" => {
            Datum::text(std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned()))
        }
        "ISDBA" => text("FALSE"),
        "LANGUAGE" => Datum::text(format!(
            "{}_{}.AL32UTF8",
            environment.nls("NLS_LANGUAGE"),
            environment.nls("NLS_TERRITORY")
        )),
        "LANG" => language_code(environment.nls("NLS_LANGUAGE"))?,
        "NLS_DATE_FORMAT" | "NLS_DATE_LANGUAGE" | "NLS_SORT" | "NLS_TERRITORY" | "NLS_CURRENCY"
        | "NLS_CALENDAR" => text(environment.nls(&parameter)),
        _ => return Err(Error::new(2003, "invalid USERENV parameter")),
    })
}

fn language_code(language: &str) -> Result<Datum> {
    let code = match language {
        "AMERICAN" => "US",
        "ENGLISH" => "GB",
        "FRENCH" => "F",
        "GERMAN" => "D",
        _ => return Err(Error::unimplemented(format_args!("the abbreviation LANG of {language}"))),
    };
    Ok(Datum::text(code))
}
