//! Views of tables, columns, sequences and users.

use super::{DictionaryView, Rows, number, text};
use crate::catalogue::{Name, Object};
use crate::datum::{Datum, Type};
use crate::error::Result;
use crate::plsql::UnitKind;
use crate::shared::SessionContext;

const USER_COLUMNS: &[(&str, Type)] = &[
    ("TABLE_NAME", Type::Text),
    ("COLUMN_NAME", Type::Text),
    ("DATA_TYPE", Type::Text),
    ("DATA_LENGTH", Type::Number),
    ("DATA_PRECISION", Type::Number),
    ("DATA_SCALE", Type::Number),
    ("NULLABLE", Type::Text),
    ("COLUMN_ID", Type::Number),
];

const SEQUENCE_COLUMNS: &[(&str, Type)] = &[
    ("SEQUENCE_NAME", Type::Text),
    ("MIN_VALUE", Type::Number),
    ("MAX_VALUE", Type::Number),
    ("INCREMENT_BY", Type::Number),
    ("CYCLE_FLAG", Type::Text),
    ("ORDER_FLAG", Type::Text),
    ("CACHE_SIZE", Type::Number),
    ("LAST_NUMBER", Type::Number),
];

pub(super) const VIEWS: &[DictionaryView] = &[
    DictionaryView {
        name: "USER_TABLES",
        columns: &[("TABLE_NAME", Type::Text)],
        rows: |context| named_objects(context, true, "TABLE"),
    },
    DictionaryView {
        name: "ALL_TABLES",
        columns: &[("OWNER", Type::Text), ("TABLE_NAME", Type::Text)],
        rows: |context| named_objects(context, false, "TABLE"),
    },
    DictionaryView {
        name: "USER_VIEWS",
        columns: &[("VIEW_NAME", Type::Text), ("TEXT", Type::Text)],
        rows: user_views,
    },
    DictionaryView {
        name: "USER_OBJECTS",
        columns: &[("OBJECT_NAME", Type::Text), ("OBJECT_TYPE", Type::Text)],
        rows: |context| {
            let user = context.identity.user.clone();
            let mine = objects(context)?.into_iter().filter(|(name, _)| name.schema == user);
            Ok(mine.map(|(name, kind)| vec![Datum::text(name.name), text(kind)]).collect())
        },
    },
    DictionaryView {
        name: "ALL_OBJECTS",
        columns: &[("OWNER", Type::Text), ("OBJECT_NAME", Type::Text), ("OBJECT_TYPE", Type::Text)],
        rows: |context| {
            let all = objects(context)?.into_iter();
            Ok(all
                .map(|(name, kind)| vec![Datum::text(name.schema), Datum::text(name.name), text(kind)])
                .collect())
        },
    },
    DictionaryView {
        name: "USER_SOURCE",
        columns: &[("NAME", Type::Text), ("TYPE", Type::Text), ("LINE", Type::Number), ("TEXT", Type::Text)],
        rows: user_source,
    },
    // A unit with errors is not created at all.
    DictionaryView {
        name: "USER_ERRORS",
        columns: &[
            ("NAME", Type::Text),
            ("TYPE", Type::Text),
            ("LINE", Type::Number),
            ("POSITION", Type::Number),
            ("TEXT", Type::Text),
        ],
        rows: |_| Ok(Rows::new()),
    },
    DictionaryView { name: "USER_TAB_COLUMNS", columns: USER_COLUMNS, rows: user_columns },
    DictionaryView { name: "USER_SEQUENCES", columns: SEQUENCE_COLUMNS, rows: user_sequences },
    DictionaryView {
        name: "ALL_USERS",
        columns: &[("USERNAME", Type::Text)],
        rows: |context| {
            let names = context.instance()?.dictionary.lock().users.names();
            Ok(names.into_iter().map(|name| vec![Datum::text(name)]).collect())
        },
    },
];

/// All objects of the instance with their types.
fn objects(context: &SessionContext) -> Result<Vec<(Name, &'static str)>> {
    let instance = context.instance()?;
    let catalogue = instance.catalogue();
    let tables = catalogue.objects.iter().map(|(name, object)| {
        let kind = if matches!(object, Object::Table(_)) { "TABLE" } else { "VIEW" };
        (name.clone(), kind)
    });
    let indexes = catalogue.indexes.keys().map(|name| (name.clone(), "INDEX"));
    let mut all: Vec<_> = tables.chain(indexes).collect();
    for (name, unit) in &catalogue.units {
        all.push((name.clone(), unit.kind.name()));
        if unit.body.is_some() {
            all.push((name.clone(), UnitKind::PackageBody.name()));
        }
    }
    all.extend(instance.dictionary.lock().sequences.iter().map(|(name, _)| (name.clone(), "SEQUENCE")));
    all.sort();
    Ok(all)
}

fn named_objects(context: &SessionContext, mine: bool, wanted: &str) -> Result<Rows> {
    let user = &context.identity.user;
    let found = objects(context)?
        .into_iter()
        .filter(|(name, kind)| *kind == wanted && (!mine || name.schema == *user));
    Ok(found
        .map(|(name, _)| {
            let table = Datum::text(name.name);
            if mine { vec![table] } else { vec![Datum::text(name.schema), table] }
        })
        .collect())
}

fn user_views(context: &SessionContext) -> Result<Rows> {
    let catalogue = context.instance()?.catalogue();
    let mine = catalogue.objects.iter().filter(|(name, _)| name.schema == context.identity.user);
    Ok(mine
        .filter_map(|(name, object)| match object {
            Object::View(view) => Some(vec![text(&name.name), text(&view.text)]),
            Object::Table(_) => None,
        })
        .collect())
}

fn user_columns(context: &SessionContext) -> Result<Rows> {
    let catalogue = context.instance()?.catalogue();
    let optional = |value: Option<i64>| value.map_or(Datum::Null, Datum::integer);
    let mut rows = Rows::new();
    for (name, object) in &catalogue.objects {
        let Object::Table(table) = object else { continue };
        if name.schema != context.identity.user {
            continue;
        }
        for (index, column) in table.columns.iter().enumerate() {
            let (kind, length, precision, scale) = column.kind.describe();
            rows.push(vec![
                text(&name.name),
                text(&column.name),
                Datum::text(kind),
                number(length as i64),
                optional(precision),
                optional(scale),
                text(if column.nullable { "Y" } else { "N" }),
                number(index as i64 + 1),
            ]);
        }
    }
    Ok(rows)
}

/// The text of stored units, line by line.
fn user_source(context: &SessionContext) -> Result<Rows> {
    let catalogue = context.instance()?.catalogue();
    let mine = catalogue.units.iter().filter(|(name, _)| name.schema == context.identity.user);
    let mut rows = Rows::new();
    for (name, unit) in mine {
        let body = unit.body.as_ref().map(|body| (UnitKind::PackageBody, body));
        for (kind, source) in std::iter::once((unit.kind, &unit.source)).chain(body) {
            for (index, line) in source.text.split_inclusive('\n').enumerate() {
                rows.push(vec![text(&name.name), text(kind.name()), number(index as i64 + 1), text(line)]);
            }
        }
    }
    Ok(rows)
}

fn user_sequences(context: &SessionContext) -> Result<Rows> {
    let instance = context.instance()?;
    let dictionary = instance.dictionary.lock();
    let mine = dictionary.sequences.iter().filter(|(name, _)| name.schema == context.identity.user);
    let flag = |set: bool| text(if set { "Y" } else { "N" });
    Ok(mine
        .map(|(name, sequence)| {
            vec![
                text(&name.name),
                Datum::Number(sequence.minimum.clone()),
                Datum::Number(sequence.maximum.clone()),
                number(sequence.increment),
                flag(sequence.cycle),
                flag(sequence.ordered),
                number(sequence.cache),
                Datum::Number(sequence.next.clone()),
            ]
        })
        .collect())
}
