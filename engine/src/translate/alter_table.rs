//! ALTER TABLE: columns added, dropped, renamed and widened, and the table renamed.

use super::Translator;
use super::commands::Reader;
use super::create_table::{check_reserved, column_sql, single_column};
use super::ddl::{Change, end};
use super::from::no_such_table;
use super::tables::column_type;
use crate::catalogue::{ColumnType, ConstraintKind, Name, Object, Table, quote};
use crate::error::{Error, Result};
use crate::functions::store::store_arguments;

impl Translator<'_> {
    pub(super) fn alter_table(&mut self, sql: &str, reader: &mut Reader<'_, '_>) -> Result<Change> {
        let name = self.object_name(&reader.name_parts()?)?;
        let catalogue = self.catalogue;
        let Some(table) = catalogue.table(&name) else { return Err(no_such_table(&name)) };
        if reader.accept(&["ADD"]) {
            return self.add_columns(sql, reader, &name, table);
        }
        if reader.accept(&["RENAME", "TO"]) {
            let new = Name::new(name.schema.as_str(), reader.identifier()?);
            end(reader)?;
            return self.renamed(&name, new);
        }
        if reader.accept(&["RENAME", "COLUMN"]) {
            return self.rename_column(reader, &name, table);
        }
        if reader.accept(&["DROP", "COLUMN"]) {
            let column = reader.identifier()?;
            end(reader)?;
            return self.drop_column(&name, table, &column);
        }
        if reader.accept(&["MODIFY"]) {
            return self.modify(reader, &name, table);
        }
        Err(Error::unimplemented(
            "this ALTER TABLE; it has ADD, MODIFY, DROP COLUMN, RENAME COLUMN and RENAME TO",
        ))
    }

    fn add_columns(
        &mut self,
        sql: &str,
        reader: &mut Reader<'_, '_>,
        name: &Name,
        table: &Table,
    ) -> Result<Change> {
        let listed = reader.accept(&["("]);
        let mut change = Change::new(self.catalogue);
        let mut columns = table.columns.clone();
        loop {
            let column = single_column(self, sql, reader)?;
            if columns.iter().any(|known| known.name == column.name) {
                return Err(Error::new(1430, "column being added already exists in table"));
            }
            if !column.nullable {
                change.must_be_empty = Some((
                    name.clone(),
                    Error::new(
                        1758,
                        "table must be empty to add mandatory (NOT NULL) column; the embedded engine fills no defaults in",
                    ),
                ));
            }
            change.steps.push(format!("ALTER TABLE {} ADD COLUMN {}", name.sql(), column_sql(&column)));
            if let Some(default) = column.default.as_ref().filter(|_| column.nullable && !self.replaying) {
                let value = self.value(&super::ddl::parse_expression(default)?)?;
                let shown = format!("\"{}\".\"{}\".\"{}\"", name.schema, name.name, column.name);
                let stored = format!("ora_store({}, {})", value.text, store_arguments(column.kind, &shown));
                change.steps.push(format!("UPDATE {} SET {} = {stored}", name.sql(), quote(&column.name)));
            }
            columns.push(column);
            if !(listed && reader.accept(&[","])) {
                break;
            }
        }
        if listed {
            reader.expect(")", 907, "missing right parenthesis")?;
        }
        end(reader)?;
        put_columns(&mut change, name, |table| table.columns = columns);
        Ok(change)
    }

    fn rename_column(&mut self, reader: &mut Reader<'_, '_>, name: &Name, table: &Table) -> Result<Change> {
        let old = reader.identifier()?;
        reader.expect("TO", 905, "missing keyword: TO")?;
        check_reserved(reader.rest().first(), 904)?;
        let new = reader.identifier()?;
        end(reader)?;
        if !table.columns.iter().any(|column| column.name == old) {
            return Err(super::scope::invalid_identifier(&[old]));
        }
        if table.columns.iter().any(|column| column.name == new)
            || matches!(new.as_str(), "ROWID" | "OID" | "_ROWID_")
        {
            return Err(Error::new(957, "duplicate column name"));
        }
        let mut change = Change::new(self.catalogue);
        change.steps.push(format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            name.sql(),
            quote(&old),
            quote(&new)
        ));
        let rename = |column: &mut String| {
            if *column == old {
                column.clone_from(&new);
            }
        };
        put_columns(&mut change, name, |table| {
            table.columns.iter_mut().for_each(|column| rename(&mut column.name));
            for constraint in &mut table.constraints {
                match &mut constraint.kind {
                    ConstraintKind::Primary(columns)
                    | ConstraintKind::Unique(columns)
                    | ConstraintKind::Foreign { columns, .. } => {
                        columns.iter_mut().for_each(rename);
                    }
                    ConstraintKind::Check => {}
                }
            }
        });
        for index in change.after.indexes.values_mut().filter(|index| index.table == *name) {
            index.columns.iter_mut().for_each(rename);
        }
        Ok(change)
    }

    fn drop_column(&mut self, name: &Name, table: &Table, column: &str) -> Result<Change> {
        if !table.columns.iter().any(|known| known.name == column) {
            return Err(super::scope::invalid_identifier(&[column.to_owned()]));
        }
        if table.columns.len() == 1 {
            return Err(Error::new(12983, "cannot drop all columns in a table"));
        }
        // A CHECK may read any column; which, the dictionary does not say.
        let used = table.constraints.iter().any(|constraint| match &constraint.kind {
            ConstraintKind::Primary(columns)
            | ConstraintKind::Unique(columns)
            | ConstraintKind::Foreign { columns, .. } => columns.iter().any(|known| known == column),
            ConstraintKind::Check => true,
        });
        let indexed = self
            .catalogue
            .indexes
            .values()
            .any(|index| index.table == *name && index.columns.iter().any(|known| known == column));
        if used || indexed {
            return Err(Error::unimplemented(
                "DROP COLUMN where an index uses the column, or the table has keys on it or checks",
            ));
        }
        let mut change = Change::new(self.catalogue);
        change.steps.push(format!("ALTER TABLE {} DROP COLUMN {}", name.sql(), quote(column)));
        put_columns(&mut change, name, |table| table.columns.retain(|known| known.name != column));
        Ok(change)
    }

    /// MODIFY to a wider type of the same kind, which no stored value contradicts.
    fn modify(&mut self, reader: &mut Reader<'_, '_>, name: &Name, table: &Table) -> Result<Change> {
        let listed = reader.accept(&["("]);
        let column = reader.identifier()?;
        let Some(known) = table.columns.iter().find(|known| known.name == column) else {
            return Err(super::scope::invalid_identifier(&[column]));
        };
        let (kind, used) = column_type(reader.rest(), self.chars_by_default)
            .map_err(|_| Error::unimplemented("MODIFY of anything but a column's type, to a wider one"))?;
        reader.skip(used);
        if listed {
            reader.expect(")", 907, "missing right parenthesis; MODIFY takes one column")?;
        }
        end(reader)?;
        if !is_wider(known.kind, kind) {
            return Err(Error::unimplemented("MODIFY to another or a narrower type"));
        }
        let mut change = Change::new(self.catalogue);
        put_columns(&mut change, name, |table| {
            if let Some(known) = table.columns.iter_mut().find(|known| known.name == column) {
                known.kind = kind;
            }
        });
        Ok(change)
    }
}

fn put_columns(change: &mut Change, name: &Name, edit: impl FnOnce(&mut Table)) {
    if let Some(Object::Table(table)) = change.after.objects.get_mut(name) {
        edit(table);
    }
}

fn is_wider(old: ColumnType, new: ColumnType) -> bool {
    match (old, new) {
        (ColumnType::Varchar { size, chars }, ColumnType::Varchar { size: new_size, chars: new_chars }) => {
            new_size >= size && (new_chars || !chars)
        }
        (ColumnType::Number { .. }, ColumnType::Number { precision: None, scale: None }) => true,
        (
            ColumnType::Number { precision: Some(p), scale },
            ColumnType::Number { precision: Some(new_p), scale: new_scale },
        ) => {
            let (scale, new_scale) = (scale.unwrap_or(0), new_scale.unwrap_or(0));
            new_scale >= scale && new_p - new_scale >= p - scale
        }
        (ColumnType::Raw { size }, ColumnType::Raw { size: new_size }) => new_size >= size,
        _ => old == new,
    }
}
