//! Attributes of OCISession, and the application context that is set through it.

use std::sync::Arc;

use super::{Given, Out, unknown};
use crate::auth::{self, SessionHandle};
use crate::errors::{DONE, Failure, Reply, fail};
use crate::guard::Call;
use crate::handles::{Token, register, resolve};
use crate::memory::Caller;
use crate::objects::{ContextEntry, Object};

pub fn get_session(call: &mut Call, token: Token, session: &SessionHandle, out: &Out) -> Reply {
    let core = session.core.lock().clone();
    if let Some(core) = &core {
        call.note_session(core);
    }
    match out.attribute {
        // OCI_ATTR_TRANSACTION_IN_PROGRESS: a boolean of four bytes.
        484 => {
            let _alone = core.as_ref().map(|core| core.use_alone(call.name));
            out.put(u32::from(core.as_ref().is_some_and(|core| core.in_transaction())))
        }
        // OCI_ATTR_MAX_OPEN_CURSORS, as a server has it by default.
        471 => out.put(300u32),
        auth::PURITY => out.put(session.attributes.lock().purity),
        // OCI_ATTR_APPCTX_LIST: ODPI-C asks it for its entries by OCIParamGet; the session stands for its list.
        274 => out.put(token),
        auth::CURRENT_SCHEMA => match core {
            Some(core) => {
                let sql = "select sys_context('USERENV', 'CURRENT_SCHEMA') from dual";
                let schema = core.quietly(|session| {
                    let mut statement = session.prepare(sql)?;
                    statement.execute(session)?;
                    statement.fetch(session)?;
                    Ok(statement.value(0).cloned())
                })?;
                match schema {
                    Some(orapool_engine::Value::Text(schema)) => out.text(&schema),
                    _ => out.nothing(),
                }
            }
            None => out.nothing(),
        },
        attribute if is_auth_text(attribute) => {
            out.text_or_nothing(session.attributes.lock().text(attribute))
        }
        _ => out.unknown(),
    }
}

fn is_auth_text(attribute: u32) -> bool {
    matches!(
        attribute,
        auth::USERNAME
            | auth::PASSWORD
            | auth::CURRENT_SCHEMA
            | auth::CLIENT_IDENTIFIER
            | auth::EDITION
            | auth::MODULE
            | auth::ACTION
            | auth::CLIENT_INFO
            | auth::ECONTEXT_ID
            | auth::DRIVER_NAME
            | auth::CONNECTION_CLASS
            | auth::DBOP
            | auth::FIXUP_CALLBACK
    )
}

pub fn set_session(
    call: &mut Call,
    token: Token,
    session: &Arc<SessionHandle>,
    given: &Given,
    attribute: u32,
) -> Reply {
    if attribute == 273 {
        return make_context(token, session, given.number());
    }
    if attribute == auth::PURITY {
        let purity = given.number();
        if purity > 2 {
            return fail(24300, format_args!("bad value for mode: purity {purity}"));
        }
        session.attributes.lock().purity = purity;
        return DONE;
    }
    if !is_auth_text(attribute) {
        return unknown(attribute);
    }
    let text = given.text();
    if attribute != auth::PASSWORD {
        call.note("value", &text);
    }
    let core = session.core.lock().clone();
    if let Some(core) = core {
        call.note_session(&core);
        let _alone = core.use_alone(call.name);
        let block = match attribute {
            auth::MODULE => "begin dbms_application_info.set_module(:1, :2); end;",
            auth::ACTION => "begin dbms_application_info.set_action(:1); end;",
            auth::CLIENT_INFO => "begin dbms_application_info.set_client_info(:1); end;",
            auth::CLIENT_IDENTIFIER => "begin dbms_session.set_identifier(:1); end;",
            auth::CURRENT_SCHEMA => "alter session set current_schema = {}",
            // Kept, and read back; the engine shows none of them.
            _ => "",
        };
        let mut values = vec![text.clone()];
        if attribute == auth::MODULE {
            // The procedure sets both; the attribute sets one.
            values.push(session.attributes.lock().text(auth::ACTION).unwrap_or_default().to_owned());
        }
        if !block.is_empty() {
            core.send_later(block, values);
        }
    }
    session.attributes.lock().texts.insert(attribute, text);
    DONE
}

fn make_context(token: Token, session: &SessionHandle, count: u32) -> Reply {
    let entries =
        (0..count).map(|_| register(Object::ContextEntry(Arc::new(ContextEntry::default())), token));
    *session.context.lock() = entries.collect();
    DONE
}

/// `OCIParamGet` of an application context: its entry at a position, from 1.
pub fn context_entry(handle: Token, position: u32, parameter: Caller<Token>) -> Reply {
    let Object::Session(session) = resolve("OCIParamGet", handle)? else { return Err(Failure::Handle) };
    let entry =
        (position as usize).checked_sub(1).and_then(|index| session.context.lock().get(index).copied());
    match entry {
        Some(entry) => parameter.put(entry),
        None => return fail(24334, "no descriptor for this position"),
    }
    DONE
}

/// OCI_ATTR_APPCTX_NAME, _ATTR and _VALUE.
pub fn set_context_entry(entry: &ContextEntry, given: &Given, attribute: u32) -> Reply {
    match attribute {
        275..=277 => entry.texts.lock()[attribute as usize - 275] = given.text(),
        _ => return unknown(attribute),
    }
    DONE
}
