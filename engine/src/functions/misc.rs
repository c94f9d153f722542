//! Functions of the session, of sequences, and those that take any type.

use std::cmp::Ordering;

use super::text::text_of;
use super::{Body, Function, Gives, function};
use crate::catalogue::Name;
use crate::convert::{compare, to_raw, to_text};
use crate::datum::{Datum, Type, hex};
use crate::error::{Error, Result};
use crate::shared::SessionContext;

const TEXT: Gives = Gives::Always(Type::Text);

pub(super) const FUNCTIONS: &[Function] = &[
    function("USER", 0, 0, TEXT, |context, _| Ok(Datum::text(context.identity.user.as_str()))),
    function("SYS_CONTEXT", 2, 3, TEXT, sys_context),
    function("SYS_GUID", 0, 0, Gives::Always(Type::Raw), |_, _| {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::unimplemented(format_args!("SYS_GUID without random numbers ({error})"))
        })?;
        Ok(Datum::Raw(bytes.to_vec()))
    }),
    function("GREATEST", 1, 100, Gives::First, |context, arguments| {
        extreme(context, arguments, Ordering::Greater)
    }),
    function("LEAST", 1, 100, Gives::First, |context, arguments| extreme(context, arguments, Ordering::Less)),
    function("HEXTORAW", 1, 1, Gives::Always(Type::Raw), |_, arguments| {
        Ok(to_raw(&arguments[0])?.map_or(Datum::Null, Datum::Raw))
    }),
    function("RAWTOHEX", 1, 1, TEXT, |_, arguments| {
        Ok(to_raw(&arguments[0])?.map_or(Datum::Null, |bytes| Datum::text(hex(&bytes))))
    }),
];

pub(super) const VALUES: &[(&str, Body)] = &[
    // SQLite's own counts are INTEGERs: `read` made the argument a NUMBER already.
    ("ora_int", |_, arguments| Ok(arguments[0].clone())),
    ("ora_nextval", |context, arguments| context.next_value(&name_of(arguments)?).map(Datum::Number)),
    ("ora_currval", |context, arguments| context.current_value(&name_of(arguments)?).map(Datum::Number)),
    ("ora_view", |context, arguments| {
        let name = text_of(context, &arguments[0])?.unwrap_or_default();
        crate::views::rows_as_json(&name, context).map(Datum::text)
    }),
    ("ora_field", |context, arguments| {
        let row = text_of(context, &arguments[0])?.unwrap_or_default();
        let index =
            text_of(context, &arguments[1])?.and_then(|index| index.parse().ok()).unwrap_or(usize::MAX);
        crate::views::field(&row, index)
    }),
];

fn name_of(arguments: &[Datum]) -> Result<Name> {
    match arguments {
        [Datum::Text(schema), Datum::Text(name)] => Ok(Name::new(schema, name)),
        _ => Err(crate::sequences::no_such_sequence()),
    }
}

/// The first argument's type is everyone's: NULL if any is NULL.
fn extreme(context: &SessionContext, arguments: &[Datum], wanted: Ordering) -> Result<Datum> {
    if arguments.iter().any(Datum::is_null) {
        return Ok(Datum::Null);
    }
    let environment = context.environment.lock();
    let mut best = arguments[0].clone();
    for next in &arguments[1..] {
        // Text after text compares as text; the result is of the first argument's type.
        let next = match (&best, next) {
            (Datum::Text(_), other) => to_text(other, &environment)?.map_or(Datum::Null, Datum::text),
            (Datum::Number(_), other) => {
                crate::convert::to_number(other, &environment)?.map_or(Datum::Null, Datum::Number)
            }
            _ => next.clone(),
        };
        if compare(&next, &best, &environment)? == Some(wanted) {
            best = next;
        }
    }
    Ok(best)
}

fn sys_context(context: &SessionContext, arguments: &[Datum]) -> Result<Datum> {
    let namespace = text_of(context, &arguments[0])?.unwrap_or_default();
    let parameter = text_of(context, &arguments[1])?.unwrap_or_default();
    let value = crate::views::userenv::sys_context(context, &namespace, &parameter)?;
    let Some(length) = arguments.get(2) else { return Ok(value) };
    let length = crate::convert::to_integer(length, &context.environment.lock())?
        .unwrap_or(256)
        .clamp(1, 4000) as usize;
    Ok(match value {
        Datum::Text(text) => Datum::text(text.chars().take(length).collect::<String>()),
        other => other,
    })
}
