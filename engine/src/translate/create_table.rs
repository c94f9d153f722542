//! CREATE TABLE: columns, constraints, and AS SELECT.

use super::commands::Reader;
use super::ddl::{Change, check_distinct, index_step, name_list, parse_expression};
use super::from::no_such_table;
use super::scope::{Scope, Source, SourceColumn};
use super::tables::column_type;
use super::Translator;
use crate::catalogue::{ColumnType, Constraint, ConstraintKind, Name, Object, Table, TableColumn, quote};
use crate::datum::Type;
use crate::error::{Error, Result};
use crate::scanner::{Token, TokenKind};

/// Oracle's reserved words: no names unless quoted.
const RESERVED: [&str; 81] = [
    "ACCESS", "ADD", "ALL", "ALTER", "AND", "ANY", "AS", "ASC", "AUDIT", "BETWEEN", "BY", "CHAR", "CHECK", "CLUSTER", "COLUMN", "COMMENT",
    "COMPRESS", "CONNECT", "CREATE", "CURRENT", "DATE", "DECIMAL", "DEFAULT", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE", "EXCLUSIVE",
    "EXISTS", "FILE", "FLOAT", "FOR", "FROM", "GRANT", "GROUP", "HAVING", "IDENTIFIED", "IMMEDIATE", "IN", "INCREMENT", "INDEX", "INITIAL",
    "INSERT", "INTEGER", "INTERSECT", "INTO", "IS", "LEVEL", "LIKE", "LOCK", "LONG", "MINUS", "MODE", "NOT", "NULL", "NUMBER", "OF", "ON",
    "OPTION", "OR", "ORDER", "PRIOR", "PUBLIC", "RAW", "RENAME", "ROW", "ROWID", "ROWNUM", "SELECT", "SESSION", "SET", "SHARE", "SYSDATE",
    "TABLE", "UID", "UNION", "UNIQUE", "USER", "VARCHAR2", "WHERE",
];

/// A constraint with the SQL that it is in SQLite's CREATE TABLE, or a step of its own.
struct Piece {
    constraint: Constraint,
    inline: Option<String>,
    step: Option<String>,
}

/// A table as it is read.
#[derive(Default)]
struct Draft {
    columns: Vec<TableColumn>,
    pieces: Vec<Piece>,
    /// Constraints wait until all columns are known.
    pending: Vec<Pending>,
}

struct Pending {
    name: Option<String>,
    body: PendingBody,
}

enum PendingBody {
    Primary(Vec<String>),
    Unique(Vec<String>),
    Check(String),
    Foreign { columns: Vec<String>, parent: Name, parent_columns: Vec<String>, on_delete: &'static str },
}

/// Checks an unquoted name against the reserved words.
pub(super) fn check_reserved(token: Option<&Token<'_>>, code: i32) -> Result<()> {
    match token {
        Some(token) if token.kind == TokenKind::Word && RESERVED.contains(&token.text.to_uppercase().as_str()) => {
            Err(Error::new(code, format_args!("{}: invalid identifier: a reserved word", token.text.to_uppercase())))
        }
        _ => Ok(()),
    }
}

/// Where a table lies has no meaning here, so these clauses are obeyed by doing nothing.
pub(super) fn physical_options(reader: &mut Reader<'_, '_>) -> Result<()> {
    loop {
        if reader.accept(&["TABLESPACE"]) || reader.accept(&["PCTFREE"]) || reader.accept(&["INITRANS"]) {
            reader.skip(1);
        } else if !(reader.accept(&["LOGGING"]) || reader.accept(&["NOLOGGING"]) || reader.accept(&["NOPARALLEL"]) || reader.accept(&["ONLINE"])) {
            break;
        }
    }
    if reader.is_done() { Ok(()) } else { Err(Error::new(922, "missing or invalid option")) }
}

/// The text between parentheses, of which the first was taken.
fn parenthesized<'s>(sql: &'s str, reader: &mut Reader<'_, '_>) -> Result<&'s str> {
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

/// The text of a DEFAULT: up to a comma, a closing parenthesis or a word that starts a constraint.
fn default_text<'s>(sql: &'s str, reader: &mut Reader<'_, '_>) -> Result<&'s str> {
    const ENDS: [&str; 8] = ["NOT", "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "ENABLE", "DISABLE"];
    let first = reader.rest().first().ok_or_else(|| Error::new(936, "missing expression"))?;
    let (mut depth, mut count) = (0, 0_usize);
    for token in reader.rest() {
        let ends = token.is_symbol(",") || token.is_symbol(")") || ENDS.iter().any(|word| token.is(word)) || (count > 0 && token.is("NULL"));
        if depth == 0 && ends {
            break;
        }
        depth += i32::from(token.is_symbol("(")) - i32::from(token.is_symbol(")"));
        count += 1;
    }
    let last = count.checked_sub(1).and_then(|index: usize| reader.rest().get(index)).ok_or_else(|| Error::new(936, "missing expression"))?;
    let text = &sql[first.start..last.end()];
    reader.skip(count);
    Ok(text)
}

impl Translator<'_> {
    pub(super) fn create_table(&mut self, sql: &str, reader: &mut Reader<'_, '_>) -> Result<Change> {
        check_reserved(reader.rest().first(), 903)?;
        let name = self.object_name(&reader.name_parts()?)?;
        self.check_new(&name)?;
        if reader.accept(&["AS"]) {
            return self.create_table_as(sql, name, reader);
        }
        reader.expect("(", 906, "missing left parenthesis")?;
        let mut draft = Draft::default();
        loop {
            self.table_element(sql, reader, &mut draft)?;
            if !reader.accept(&[","]) {
                break;
            }
        }
        reader.expect(")", 907, "missing right parenthesis")?;
        physical_options(reader)?;
        self.finish_table(name, draft)
    }

    fn create_table_as(&mut self, sql: &str, name: Name, reader: &Reader<'_, '_>) -> Result<Change> {
        let start = reader.rest().first().map_or(sql.len(), |token| token.start);
        let query = super::query::parse_query(&sql[start..])?;
        let translated = self.nested_query(&query)?;
        check_distinct(translated.columns.iter().map(|(name, _)| name.as_str()))?;
        let mut columns = Vec::new();
        for (column, kind) in &translated.columns {
            let plain = column.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#'));
            if !plain {
                return Err(Error::new(998, "must name this expression with a column alias"));
            }
            columns.push(TableColumn { name: column.clone(), kind: column_for(*kind)?, nullable: true, default: None });
        }
        let mut change = self.finish_table(name.clone(), Draft { columns, ..Draft::default() })?;
        if !self.replaying {
            change.steps.push(format!("INSERT INTO {} {}", name.sql(), translated.sql));
        }
        Ok(change)
    }

    fn table_element(&mut self, sql: &str, reader: &mut Reader<'_, '_>, draft: &mut Draft) -> Result<()> {
        let name = if reader.accept(&["CONSTRAINT"]) { Some(reader.identifier()?) } else { None };
        if let Some(body) = self.table_constraint(sql, reader)? {
            draft.pending.push(Pending { name, body });
            return constraint_state(reader);
        }
        if name.is_some() {
            return Err(Error::new(904, "invalid identifier: a constraint expected"));
        }
        check_reserved(reader.rest().first(), 904)?;
        let name = reader.identifier()?;
        if matches!(name.as_str(), "ROWID" | "OID" | "_ROWID_") {
            return Err(Error::unimplemented(format_args!("a column named {name}")));
        }
        let (kind, used) = column_type(reader.rest(), self.chars_by_default)?;
        reader.skip(used);
        let column = self.column_options(sql, reader, draft, TableColumn { name, kind, nullable: true, default: None })?;
        draft.columns.push(column);
        Ok(())
    }

    /// DEFAULT and the constraints of one column.
    fn column_options(
        &mut self,
        sql: &str,
        reader: &mut Reader<'_, '_>,
        draft: &mut Draft,
        mut column: TableColumn,
    ) -> Result<TableColumn> {
        loop {
            if reader.accept(&["DEFAULT"]) {
                if reader.rest().first().is_some_and(|token| token.is("ON")) {
                    return Err(Error::unimplemented("DEFAULT ON NULL"));
                }
                let text = default_text(sql, reader)?;
                self.check_default(text)?;
                column.default = Some(text.to_owned());
                continue;
            }
            if reader.accept(&["GENERATED"]) || reader.accept(&["AS"]) || reader.accept(&["INVISIBLE"]) {
                return Err(Error::unimplemented("identity, virtual and invisible columns"));
            }
            let name = if reader.accept(&["CONSTRAINT"]) { Some(reader.identifier()?) } else { None };
            let own = vec![column.name.clone()];
            if reader.accept(&["NOT", "NULL"]) {
                column.nullable = false;
            } else if reader.accept(&["NULL"]) {
                column.nullable = true;
            } else if reader.accept(&["PRIMARY", "KEY"]) {
                draft.pending.push(Pending { name, body: PendingBody::Primary(own) });
            } else if reader.accept(&["UNIQUE"]) {
                draft.pending.push(Pending { name, body: PendingBody::Unique(own) });
            } else if reader.accept(&["CHECK", "("]) {
                let text = parenthesized(sql, reader)?.to_owned();
                draft.pending.push(Pending { name, body: PendingBody::Check(text) });
            } else if reader.accept(&["REFERENCES"]) {
                let body = self.references(reader, own)?;
                draft.pending.push(Pending { name, body });
            } else {
                return if name.is_some() { Err(Error::new(904, "invalid identifier: a constraint expected")) } else { Ok(column) };
            }
            constraint_state(reader)?;
        }
    }

    /// A default may use what a row of its own has: no columns, no binds.
    fn check_default(&mut self, text: &str) -> Result<()> {
        if self.replaying {
            return Ok(());
        }
        let scopes = std::mem::take(&mut self.scopes);
        let allowed = std::mem::replace(&mut self.sequences_allowed, true);
        let outcome = parse_expression(text).and_then(|expr| self.value(&expr));
        self.sequences_allowed = allowed;
        self.scopes = scopes;
        self.next_values.clear();
        outcome.map(|_| ()).map_err(|error| if error.code == 904 { Error::new(984, "column not allowed here") } else { error })
    }

    fn table_constraint(&mut self, sql: &str, reader: &mut Reader<'_, '_>) -> Result<Option<PendingBody>> {
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

    fn references(&mut self, reader: &mut Reader<'_, '_>, columns: Vec<String>) -> Result<PendingBody> {
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

    fn finish_table(&mut self, name: Name, mut draft: Draft) -> Result<Change> {
        check_distinct(draft.columns.iter().map(|column| column.name.as_str()))?;
        let mut change = Change::new(self.catalogue);
        let pending = std::mem::take(&mut draft.pending);
        if pending.iter().filter(|one| matches!(one.body, PendingBody::Primary(_))).count() > 1 {
            return Err(Error::new(2260, "table can have only one primary key"));
        }
        // The primary key comes first, as it makes its columns NOT NULL, which unique keys look at.
        for one in &pending {
            if let PendingBody::Primary(columns) = &one.body {
                for column in draft.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
                    column.nullable = false;
                }
            }
        }
        for one in pending {
            let constraint = self.constraint_name(&mut change, &name, one.name)?;
            let piece = self.piece(&name, &draft, constraint, one.body)?;
            draft.pieces.push(piece);
        }
        let mut parts: Vec<String> = draft.columns.iter().map(column_sql).collect();
        parts.extend(draft.pieces.iter().filter_map(|piece| piece.inline.clone()));
        change.steps.push(format!("CREATE TABLE {} ({})", name.sql(), parts.join(", ")));
        let (constraints, steps): (Vec<Constraint>, Vec<Option<String>>) =
            draft.pieces.into_iter().map(|piece| (piece.constraint, piece.step)).unzip();
        change.steps.extend(steps.into_iter().flatten());
        change.after.objects.insert(name, Object::Table(Table { columns: draft.columns, constraints }));
        Ok(change)
    }

    /// The given name, if no constraint of the schema has it, or the next `SYS_C` name.
    fn constraint_name(&self, change: &mut Change, table: &Name, given: Option<String>) -> Result<String> {
        let Some(given) = given else {
            change.after.constraints_named += 1;
            return Ok(format!("SYS_C{:07}", change.after.constraints_named));
        };
        let taken = change.after.objects.iter().any(|(name, object)| match object {
            Object::Table(other) => name.schema == table.schema && other.constraints.iter().any(|known| known.name == given),
            Object::View(_) => false,
        });
        if taken { Err(Error::new(2264, "name already used by an existing constraint")) } else { Ok(given) }
    }

    fn piece(&mut self, table: &Name, draft: &Draft, name: String, body: PendingBody) -> Result<Piece> {
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
                (ConstraintKind::Primary(columns), Some(format!("CONSTRAINT {sql_name} PRIMARY KEY ({list})")), None)
            }
            PendingBody::Unique(columns) => {
                let list = known(&columns)?;
                let nullable = draft.columns.iter().any(|column| columns.contains(&column.name) && column.nullable);
                if columns.len() > 1 && nullable {
                    let step = index_step(&Name::new(table.schema.as_str(), name.as_str()), table, &columns, true);
                    (ConstraintKind::Unique(columns), None, Some(step))
                } else {
                    (ConstraintKind::Unique(columns), Some(format!("CONSTRAINT {sql_name} UNIQUE ({list})")), None)
                }
            }
            PendingBody::Check(text) => {
                let condition = self.check_condition(&text, &draft.columns)?;
                (ConstraintKind::Check, Some(format!("CONSTRAINT {sql_name} CHECK ({condition})")), None)
            }
            PendingBody::Foreign { columns, parent, parent_columns, on_delete } => {
                let list = known(&columns)?;
                let parent_list = self.parent_key(table, draft, &columns, &parent, parent_columns)?;
                let inline =
                    format!("CONSTRAINT {sql_name} FOREIGN KEY ({list}) REFERENCES {} ({parent_list}){on_delete}", parent.sql());
                (ConstraintKind::Foreign { columns, parent }, Some(inline), None)
            }
        };
        Ok(Piece { constraint: Constraint { name, kind }, inline, step })
    }

    /// Finds the key that a foreign key points to: ORA-02270 if there is none, ORA-02267 if types differ.
    fn parent_key(&self, table: &Name, draft: &Draft, columns: &[String], parent: &Name, given: Vec<String>) -> Result<String> {
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
        let kind = |list: &[TableColumn], name: &String| list.iter().find(|column| column.name == *name).map(|column| column.kind.type_of());
        if key.len() > 1 && parent_columns.iter().any(|column| key.contains(&column.name) && column.nullable) {
            return Err(Error::unimplemented("foreign keys to a unique key of several columns that may be NULL"));
        }
        let differs = columns.iter().zip(key).any(|(own, other)| kind(&draft.columns, own) != kind(parent_columns, other));
        if differs {
            return Err(Error::new(2267, "column type incompatible with referenced column type"));
        }
        Ok(key.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", "))
    }

    /// A CHECK looks at its own row alone.
    fn check_condition(&mut self, text: &str, columns: &[TableColumn]) -> Result<String> {
        const CHANGING: [&str; 7] = ["ora_sysdate", "ora_systimestamp", "ora_current_", "ora_localtimestamp", "ora_user(", "ora_sys_", "SELECT "];
        let sources = columns
            .iter()
            .map(|column| SourceColumn { name: column.name.clone(), kind: column.kind.type_of(), sql: quote(&column.name), merged: false })
            .collect();
        self.scopes.push(Scope { sources: vec![Source { name: None, schema: None, columns: sources }], ..Scope::default() });
        let condition = parse_expression(text).and_then(|expr| self.condition(&expr));
        self.scopes.pop();
        let condition = condition?;
        if CHANGING.iter().any(|part| condition.contains(part)) {
            return Err(Error::new(2436, "date or system variable wrongly specified in CHECK constraint"));
        }
        Ok(condition)
    }
}

/// The column's definition in SQLite: text for text, and no affinity for the rest.
pub(super) fn column_sql(column: &TableColumn) -> String {
    let kind = match column.kind.type_of() {
        Type::Text | Type::Char => "TEXT",
        _ => "BLOB",
    };
    format!("{} {kind}{}", quote(&column.name), if column.nullable { "" } else { " NOT NULL" })
}

fn column_for(kind: Type) -> Result<ColumnType> {
    Ok(match kind {
        Type::Number => ColumnType::Number { precision: None, scale: None },
        Type::Text | Type::Char => ColumnType::Varchar { size: 4000, chars: false },
        Type::Date => ColumnType::Date,
        Type::Timestamp => ColumnType::Timestamp { digits: 9 },
        Type::Raw => ColumnType::Raw { size: 2000 },
        Type::TimestampTz => return Err(Error::unimplemented("columns of TIMESTAMP WITH TIME ZONE")),
        Type::Unknown => return Err(Error::new(1723, "zero-length columns are not allowed: CAST the expression to a type")),
    })
}

/// ENABLE is how constraints are; nothing else is.
fn constraint_state(reader: &mut Reader<'_, '_>) -> Result<()> {
    while reader.accept(&["ENABLE"]) || reader.accept(&["VALIDATE"]) || reader.accept(&["NOT", "DEFERRABLE"]) {}
    let other = ["DISABLE", "NOVALIDATE", "DEFERRABLE", "INITIALLY", "RELY", "USING"];
    if reader.rest().first().is_some_and(|token| other.iter().any(|word| token.is(word))) {
        return Err(Error::unimplemented("disabled and deferred constraints, and USING INDEX"));
    }
    Ok(())
}

/// For ALTER TABLE: the definition of one column with DEFAULT and NOT NULL, but no other constraints.
pub(super) fn single_column(translator: &mut Translator<'_>, sql: &str, reader: &mut Reader<'_, '_>) -> Result<TableColumn> {
    let mut draft = Draft::default();
    translator.table_element(sql, reader, &mut draft)?;
    match (draft.columns.pop(), draft.pending.is_empty()) {
        (Some(column), true) => Ok(column),
        _ => Err(Error::unimplemented("ALTER TABLE … ADD of constraints, or of a column with keys or checks")),
    }
}
