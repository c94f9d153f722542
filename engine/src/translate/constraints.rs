//! Constraints of tables: read, checked, and put into SQLite's words.

use super::Translator;
use super::commands::Reader;
use super::create_table::Draft;
use super::ddl::{Change, check_distinct, index_step, name_list, parse_expression};
use super::from::no_such_table;
use super::scope::{Scope, Source, SourceColumn};
use crate::catalogue::{Constraint, ConstraintKind, Name, Object, TableColumn, quote};
use crate::error::{Error, Result};

/// A constraint with the SQL that it is in SQLite's CREATE TABLE, or a step of its own.
pub(super) struct Piece {
    pub(super) constraint: Constraint,
    pub(super) inline: Option<String>,
    pub(super) step: Option<String>,
}

/// A constraint that waits until all columns are known.
pub(super) struct Pending {
    pub(super) name: Option<String>,
    pub(super) body: PendingBody,
}

pub(super) enum PendingBody {
    Primary(Vec<String>),
    Unique(Vec<String>),
    Check(String),
    Foreign { columns: Vec<String>, parent: Name, parent_columns: Vec<String>, on_delete: &'static str },
}

/// The text between parentheses, of which the first was taken.
pub(super) fn parenthesized<'s>(sql: &'s str, reader: &mut Reader<'_, '_>) -> Result<&'s str> {
    let start = reader.rest().first().map_or(sql.len(), |token| token.start);
    let mut depth = 1;
    while let Some(token) = reader.next() {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
            if depth == 0 {
                return Ok(&sql[start..token.start]);
            }
        }
    }
    Err(Error::new(907, "missing right parenthesis"))
}

/// ENABLE is how constraints are; nothing else is.
pub(super) fn constraint_state(reader: &mut Reader<'_, '_>) -> Result<()> {
    while reader.accept(&["ENABLE"]) || reader.accept(&["VALIDATE"]) || reader.accept(&["NOT", "DEFERRABLE"])
    {
    }
    let other = ["DISABLE", "NOVALIDATE", "DEFERRABLE", "INITIALLY", "RELY", "USING"];
    if reader.rest().first().is_some_and(|token| other.iter().any(|word| token.is(word))) {
        return Err(Error::unimplemented("disabled and deferred constraints, and USING INDEX"));
    }
    Ok(())
}

impl Translator<'_> {
    pub(super) fn table_constraint(
        &mut self,
        sql: &str,
        reader: &mut Reader<'_, '_>,
    ) -> Result<Option<PendingBody>> {
        if reader.accept(&["PRIMARY", "KEY", "("]) {
            return name_list(reader).map(|columns| Some(PendingBody::Primary(columns)));
        }
        if reader.accept(&["UNIQUE", "("]) {
            return name_list(reader).map(|columns| Some(PendingBody::Unique(columns)));
        }
        if reader.accept(&["CHECK", "("]) {
            return parenthesized(sql, reader).map(|text| Some(PendingBody::Check(text.to_owned())));
        }
        if reader.accept(&["FOREIGN", "KEY", "("]) {
            let columns = name_list(reader)?;
            reader.expect("REFERENCES", 905, "missing keyword: REFERENCES")?;
            return self.references(reader, columns).map(Some);
        }
        Ok(None)
    }

    pub(super) fn references(
        &mut self,
        reader: &mut Reader<'_, '_>,
        columns: Vec<String>,
    ) -> Result<PendingBody> {
        let parent = self.object_name(&reader.name_parts()?)?;
        let parent_columns = if reader.accept(&["("]) { name_list(reader)? } else { Vec::new() };
        let on_delete = if reader.accept(&["ON", "DELETE", "CASCADE"]) {
            " ON DELETE CASCADE"
        } else if reader.accept(&["ON", "DELETE", "SET", "NULL"]) {
            " ON DELETE SET NULL"
        } else {
            ""
        };
        Ok(PendingBody::Foreign { columns, parent, parent_columns, on_delete })
    }

    /// The given name, if no constraint of the schema has it, or the next `SYS_C` name.
    pub(super) fn constraint_name(
        &self,
        change: &mut Change,
        table: &Name,
        given: Option<String>,
    ) -> Result<String> {
        let Some(given) = given else {
            change.after.constraints_named += 1;
            return Ok(format!("SYS_C{:07}", change.after.constraints_named));
        };
        let taken = change.after.objects.iter().any(|(name, object)| match object {
            Object::Table(other) => {
                name.schema == table.schema && other.constraints.iter().any(|known| known.name == given)
            }
            Object::View(_) => false,
        });
        if taken { Err(Error::new(2264, "name already used by an existing constraint")) } else { Ok(given) }
    }

    pub(super) fn piece(
        &mut self,
        table: &Name,
        draft: &Draft,
        name: String,
        body: PendingBody,
    ) -> Result<Piece> {
        if draft.pieces.iter().any(|piece| piece.constraint.name == name) {
            return Err(Error::new(2264, "name already used by an existing constraint"));
        }
        let known = |columns: &[String]| -> Result<String> {
            check_distinct(columns.iter().map(String::as_str))?;
            for column in columns {
                if !draft.columns.iter().any(|known| known.name == *column) {
                    return Err(super::scope::invalid_identifier(std::slice::from_ref(column)));
                }
            }
            Ok(columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", "))
        };
        let sql_name = quote(&name);
        let (kind, inline, step) = match body {
            PendingBody::Primary(columns) => {
                let list = known(&columns)?;
                (
                    ConstraintKind::Primary(columns),
                    Some(format!("CONSTRAINT {sql_name} PRIMARY KEY ({list})")),
                    None,
                )
            }
            PendingBody::Unique(columns) => {
                let list = known(&columns)?;
                let nullable =
                    draft.columns.iter().any(|column| columns.contains(&column.name) && column.nullable);
                if columns.len() > 1 && nullable {
                    let step =
                        index_step(&Name::new(table.schema.as_str(), name.as_str()), table, &columns, true);
                    (ConstraintKind::Unique(columns), None, Some(step))
                } else {
                    (
                        ConstraintKind::Unique(columns),
                        Some(format!("CONSTRAINT {sql_name} UNIQUE ({list})")),
                        None,
                    )
                }
            }
            PendingBody::Check(text) => {
                let condition = self.check_condition(&text, &draft.columns)?;
                (ConstraintKind::Check, Some(format!("CONSTRAINT {sql_name} CHECK ({condition})")), None)
            }
            PendingBody::Foreign { columns, parent, parent_columns, on_delete } => {
                let list = known(&columns)?;
                let parent_list = self.parent_key(table, draft, &columns, &parent, parent_columns)?;
                let inline = format!(
                    "CONSTRAINT {sql_name} FOREIGN KEY ({list}) REFERENCES {} ({parent_list}){on_delete}",
                    parent.sql()
                );
                (ConstraintKind::Foreign { columns, parent }, Some(inline), None)
            }
        };
        Ok(Piece { constraint: Constraint { name, kind }, inline, step })
    }

    /// Finds the key that a foreign key points to: ORA-02270 if there is none, ORA-02267 if types differ.
    pub(super) fn parent_key(
        &self,
        table: &Name,
        draft: &Draft,
        columns: &[String],
        parent: &Name,
        given: Vec<String>,
    ) -> Result<String> {
        let own: Vec<Constraint> = draft.pieces.iter().map(|piece| piece.constraint.clone()).collect();
        let (parent_columns, constraints) = if parent == table {
            (&draft.columns, &own)
        } else {
            let found = self.catalogue.table(parent).ok_or_else(|| no_such_table(parent))?;
            (&found.columns, &found.constraints)
        };
        let key = constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::Primary(key) if given.is_empty() || *key == given => Some(key),
            ConstraintKind::Unique(key) if *key == given => Some(key),
            _ => None,
        });
        let Some(key) = key else {
            return Err(if given.is_empty() {
                Error::new(2268, "referenced table does not have a primary key")
            } else {
                Error::new(2270, "no matching unique or primary key for this column-list")
            });
        };
        if key.len() != columns.len() {
            return Err(Error::new(2256, "number of referencing columns must match referenced columns"));
        }
        let kind = |list: &[TableColumn], name: &String| {
            list.iter().find(|column| column.name == *name).map(|column| column.kind.type_of())
        };
        if key.len() > 1 && parent_columns.iter().any(|column| key.contains(&column.name) && column.nullable)
        {
            return Err(Error::unimplemented(
                "foreign keys to a unique key of several columns that may be NULL",
            ));
        }
        let differs = columns
            .iter()
            .zip(key)
            .any(|(own, other)| kind(&draft.columns, own) != kind(parent_columns, other));
        if differs {
            return Err(Error::new(2267, "column type incompatible with referenced column type"));
        }
        Ok(key.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", "))
    }

    /// A CHECK looks at its own row alone.
    pub(super) fn check_condition(&mut self, text: &str, columns: &[TableColumn]) -> Result<String> {
        const CHANGING: [&str; 7] = [
            "ora_sysdate",
            "ora_systimestamp",
            "ora_current_",
            "ora_localtimestamp",
            "ora_user(",
            "ora_sys_",
            "SELECT ",
        ];
        let sources = columns
            .iter()
            .map(|column| SourceColumn {
                name: column.name.clone(),
                kind: column.kind.type_of(),
                sql: quote(&column.name),
                merged: false,
            })
            .collect();
        self.scopes.push(Scope {
            sources: vec![Source { name: None, schema: None, columns: sources }],
            ..Scope::default()
        });
        let condition = parse_expression(text).and_then(|expr| self.condition(&expr));
        self.scopes.pop();
        let condition = condition?;
        if CHANGING.iter().any(|part| condition.contains(part)) {
            return Err(Error::new(2436, "date or system variable wrongly specified in CHECK constraint"));
        }
        Ok(condition)
    }
}
