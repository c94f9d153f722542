//! OCIAttrGet and OCIAttrSet: each attribute with the width that OCI gives it.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::auth::{self, SessionHandle};
use crate::binds::{SQLT_BIN, SQLT_CHR, SQLT_TIMESTAMP, SQLT_TIMESTAMP_TZ};
use crate::columns::{ColumnInfo, ColumnKind};
use crate::connect::ServerHandle;
use crate::errors::{DONE, Ending, Failure, OraError, Reply, fail};
use crate::guard::{Call, enter};
use crate::handles::{Token, register, resolve};
use crate::interned::intern;
use crate::memory::Caller;
use crate::objects::{ContextEntry, Environment, ErrorHandle, Object};
use crate::pool::PoolHandle;
use crate::scan;
use crate::service::{Origin, ServiceContext};
use crate::statement::StatementHandle;

/// AL32UTF8
const CHARSET: u16 = 873;

/// Where an attribute's value goes.
struct Out {
    place: Caller<u8>,
    size: Caller<u32>,
    attribute: u32,
}

impl Out {
    fn put<T: Copy>(&self, value: T) -> Reply {
        self.place.cast::<T>().put(value);
        self.size.put(size_of::<T>() as u32);
        DONE
    }

    fn text(&self, text: &str) -> Reply {
        let text = intern(text);
        self.place.cast::<*const u8>().put(text.as_ptr());
        self.size.put(u32::try_from(text.len()).unwrap_or(u32::MAX));
        DONE
    }

    /// Text, or nothing: ODPI-C takes NO_DATA as empty.
    fn text_or_nothing(&self, text: Option<&str>) -> Reply {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.text(text),
            None => self.nothing(),
        }
    }

    fn nothing(&self) -> Reply {
        self.place.cast::<*const u8>().put(std::ptr::null());
        self.size.put(0);
        Ok(Ending::NoData)
    }

    fn unknown(&self) -> Reply {
        unknown(self.attribute)
    }
}

fn unknown(attribute: u32) -> Reply {
    fail(24315, format_args!("illegal attribute type: {attribute}"))
}

fn inert(kind: u32) -> Reply {
    Err(OraError::unimplemented(format_args!("handles of type {kind}")).into())
}

#[unsafe(no_mangle)]
extern "C" fn OCIAttrGet(
    handle: Token,
    kind: u32,
    place: Caller<u8>,
    size: Caller<u32>,
    attribute: u32,
    error: Token,
) -> c_int {
    enter("OCIAttrGet", error, |call| {
        call.note("type", kind);
        call.note("attribute", attribute);
        let out = Out { place, size, attribute };
        match resolve(call.name, handle)? {
            Object::Environment(_) => get_environment(&out),
            Object::Error(handle) => get_error(&handle, &out),
            Object::Service(service) => get_service(call, &service, &out),
            Object::Statement(statement) => get_statement(&statement, &out),
            Object::Server(server) => get_server(&server, &out),
            Object::Session(session) => get_session(call, handle, &session, &out),
            Object::Pool(pool) => get_pool(&pool, &out),
            Object::Column(column) => get_column(&column, &out),
            Object::Inert(kind) => inert(kind),
            Object::Bind(..) | Object::Define(..) | Object::DateTime(_) | Object::ContextEntry(_) => {
                out.unknown()
            }
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn OCIAttrSet(
    handle: Token,
    kind: u32,
    value: Caller<u8>,
    size: u32,
    attribute: u32,
    error: Token,
) -> c_int {
    enter("OCIAttrSet", error, |call| {
        call.note("type", kind);
        call.note("attribute", attribute);
        let given = Given { value, size };
        match resolve(call.name, handle)? {
            Object::Environment(environment) => set_environment(&environment, attribute),
            Object::Service(service) => set_service(call, &service, &given, attribute),
            Object::Statement(statement) => set_statement(&statement, &given, attribute),
            Object::Server(server) => set_server(&server, &given, attribute),
            Object::Session(session) => set_session(call, handle, &session, &given, attribute),
            Object::Pool(pool) => set_pool(call, &pool, &given, attribute),
            Object::ContextEntry(entry) => set_context_entry(&entry, &given, attribute),
            // The form of the character set and the size that a value may reach; the first is always UTF-8's, the second is not needed.
            Object::Bind(..) | Object::Define(..) => DONE,
            Object::Error(_) | Object::Column(_) | Object::DateTime(_) => unknown(attribute),
            Object::Inert(kind) => inert(kind),
        }
    })
}

/// The value that an attribute is set to.
struct Given {
    value: Caller<u8>,
    size: u32,
}

impl Given {
    fn text(&self) -> String {
        self.value.text(self.size as usize)
    }

    fn number(&self) -> u32 {
        self.value.cast::<u32>().get().unwrap_or_default()
    }

    /// Handles are passed themselves, not by a pointer to them.
    fn handle(&self) -> Token {
        Token(self.value.address())
    }
}

fn get_environment(out: &Out) -> Reply {
    match out.attribute {
        31 | 262 => out.put(CHARSET),
        _ => out.unknown(),
    }
}

/// SODA's cache of metadata is switched on by ODPI-C; there is no SODA here that could have one.
fn set_environment(_: &Environment, attribute: u32) -> Reply {
    if attribute == 624 { DONE } else { unknown(attribute) }
}

fn get_error(handle: &ErrorHandle, out: &Out) -> Reply {
    match out.attribute {
        // OCI_ATTR_ERROR_IS_RECOVERABLE
        472 => out.put(0i32),
        // OCI_ATTR_DML_ROW_OFFSET
        74 => out.put(handle.errors.lock().first().map_or(0, |error| error.row)),
        _ => out.unknown(),
    }
}

fn get_service(call: &mut Call, service: &ServiceContext, out: &Out) -> Reply {
    let core = service.session_handle().and_then(|session| session.core.lock().clone());
    let _alone = core.as_ref().map(|core| {
        call.note_session(core);
        core.use_alone(call.name)
    });
    match out.attribute {
        5 => out.put(service.environment),
        6 => out.put(service.server.lock().as_ref().map_or(Token::NULL, |(token, _)| *token)),
        7 => out.put(service.session.lock().as_ref().map_or(Token::NULL, |(token, _)| *token)),
        8 => out.put(Token::NULL),
        176 => out.put(service.statement_cache.load(Relaxed)),
        // OCI_ATTR_MAX_IDENTIFIER_LEN
        500 => out.put(128u8),
        531 => out.put(service.call_timeout_ms.load(Relaxed)),
        // OCI_ATTR_SERVER_TYPE: 1 is a dedicated server.
        694 => out.put(1u8),
        _ => out.unknown(),
    }
}

fn set_service(call: &mut Call, service: &ServiceContext, given: &Given, attribute: u32) -> Reply {
    let core = service.session_handle().and_then(|session| session.core.lock().clone());
    let _alone = core.as_ref().map(|core| {
        call.note_session(core);
        core.use_alone(call.name)
    });
    let is_ours = !matches!(service.origin, Origin::Allocated);
    match attribute {
        6 | 7 if is_ours => {
            return fail(24300, "bad value: the handles of a session of OCISessionGet must stay as they are");
        }
        6 => match resolve(call.name, given.handle())? {
            Object::Server(server) => *service.server.lock() = Some((given.handle(), server)),
            other => return call.wrong(&other, "OCIServer"),
        },
        7 => match resolve(call.name, given.handle())? {
            Object::Session(session) => *service.session.lock() = Some((given.handle(), session)),
            other => return call.wrong(&other, "OCISession"),
        },
        8 if given.value.is_null() => {}
        8 => return Err(OraError::unimplemented("transaction handles").into()),
        176 => service.statement_cache.store(given.number(), Relaxed),
        531 => service.call_timeout_ms.store(given.number(), Relaxed),
        _ => return unknown(attribute),
    }
    DONE
}

fn get_server(server: &ServerHandle, out: &Out) -> Reply {
    let database = server.attached().map(|attached| attached.database);
    let name = database.as_ref().map(|database| database.target.name.as_str());
    match out.attribute {
        25 => out.text_or_nothing(Some(&server.names.lock()[0])),
        26 => out.text_or_nothing(Some(&server.names.lock()[1])),
        31 | 262 => out.put(CHARSET),
        143 => out.put(server.status()),
        391..=393 => out.text_or_nothing(name),
        399 => out.nothing(),
        436 => out.put(server.receive_timeout_ms.load(Relaxed)),
        495 => out.put(server.break_on_timeout.load(Relaxed)),
        _ => out.unknown(),
    }
}

fn set_server(server: &ServerHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        25 => server.names.lock()[0] = given.text(),
        26 => server.names.lock()[1] = given.text(),
        436 => server.receive_timeout_ms.store(given.number(), Relaxed),
        495 => server.break_on_timeout.store(given.value.get().unwrap_or_default(), Relaxed),
        _ => return unknown(attribute),
    }
    DONE
}

fn get_session(call: &mut Call, token: Token, session: &SessionHandle, out: &Out) -> Reply {
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

fn set_session(
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
fn set_context_entry(entry: &ContextEntry, given: &Given, attribute: u32) -> Reply {
    match attribute {
        275..=277 => entry.texts.lock()[attribute as usize - 275] = given.text(),
        _ => return unknown(attribute),
    }
    DONE
}

fn get_pool(pool: &PoolHandle, out: &Out) -> Reply {
    let (open, busy, limits) = pool.counts();
    let settings = pool.settings.lock();
    match out.attribute {
        309 => out.put(settings.get_mode),
        310 => out.put(busy),
        311 => out.put(open),
        312 => out.put(limits.min),
        313 => out.put(limits.max),
        314 => out.put(limits.increment),
        506 => out.put(settings.wait_timeout_ms),
        208 | 308 | 490 | 580 | 602 | 655 => {
            out.put(settings.numbers.get(&out.attribute).copied().unwrap_or(0))
        }
        _ => out.unknown(),
    }
}

fn set_pool(call: &mut Call, pool: &PoolHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        309 => {
            let mode = given.value.get().unwrap_or_default();
            call.note("value", mode);
            if mode > 3 {
                return fail(24300, format_args!("bad value for mode: get mode {mode}"));
            }
            pool.settings.lock().get_mode = mode;
        }
        460 => match resolve(call.name, given.handle())? {
            Object::Session(session) => {
                session.belongs_to_pool.store(true, Relaxed);
                pool.settings.lock().auth = session.attributes.lock().clone();
            }
            other => return call.wrong(&other, "OCIAuthInfo"),
        },
        506 => pool.settings.lock().wait_timeout_ms = given.number(),
        208 | 308 | 490 | 580 | 602 | 655 => {
            pool.settings.lock().numbers.insert(attribute, given.number());
        }
        _ => return unknown(attribute),
    }
    DONE
}

fn get_statement(statement: &StatementHandle, out: &Out) -> Reply {
    let state = statement.state.lock();
    match out.attribute {
        9 => out.put(u32::try_from(state.row_count).unwrap_or(u32::MAX)),
        // OCI_ATTR_SQLFNCODE
        10 => out.put(scan::function_code(&statement.sql)),
        11 => out.put(state.prefetch.unwrap_or(1)),
        18 => out.put(state.columns.len() as u32),
        24 => out.put(statement.statement_type),
        // OCI_ATTR_NUM_DML_ERRORS
        73 => out.put(state.batch_errors.len() as u32),
        // OCI_ATTR_PARSE_ERROR_OFFSET: the engine does not tell where.
        129 => out.put(0u16),
        144 => out.text(&statement.sql),
        190 => out.put(statement.positions() as u32),
        197 => out.put(state.rows_fetched),
        // OCI_ATTR_STMT_IS_RETURNING: the engine has no RETURNING and says so at execute.
        218 => out.put(0u8),
        457 => out.put(state.row_count),
        // OCI_ATTR_DML_ROW_COUNT_ARRAY: valid until the next execute.
        469 => {
            out.place.cast::<*const u64>().put(state.row_counts.as_ptr());
            out.size.put(state.row_counts.len() as u32);
            DONE
        }
        _ => out.unknown(),
    }
}

fn set_statement(statement: &StatementHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        11 => statement.state.lock().prefetch = Some(given.number()),
        // OCI_ATTR_PREFETCH_MEMORY limits nothing here.
        13 => {}
        _ => return unknown(attribute),
    }
    DONE
}

fn get_column(column: &ColumnInfo, out: &Out) -> Reply {
    let is_text = column.kind == ColumnKind::Text;
    match out.attribute {
        1 => out.put(column.size),
        2 => out.put(data_type(column.kind)),
        4 => out.text(column.name),
        // Precision and scale: of a NUMBER without either, and of a TIMESTAMP its fractional digits as scale.
        5 => out.put(0i16),
        6 => match column.kind {
            ColumnKind::Number => out.put(-127i8),
            ColumnKind::Timestamp | ColumnKind::TimestampTz => out.put(9i8),
            _ => out.put(0i8),
        },
        // OCI_ATTR_IS_NULL: it may be.
        7 => out.put(1u8),
        31 => out.put(CHARSET),
        32 => out.put(u8::from(is_text)),
        286 => out.put(if is_text { column.size } else { 0 }),
        // JSON, OSON
        534 | 623 => out.put(0u8),
        // The domain's schema and name
        659 | 660 => out.nothing(),
        // The number of annotations
        687 => out.put(0u32),
        _ => out.unknown(),
    }
}

fn data_type(kind: ColumnKind) -> u16 {
    match kind {
        ColumnKind::Number => 2,
        ColumnKind::Text => SQLT_CHR,
        ColumnKind::Date => 12,
        ColumnKind::Timestamp => SQLT_TIMESTAMP,
        ColumnKind::TimestampTz => SQLT_TIMESTAMP_TZ,
        ColumnKind::Raw => SQLT_BIN,
    }
}
