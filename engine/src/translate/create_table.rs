//! CREATE TABLE: columns, constraints, and AS SELECT.

use super::Translator;
use super::commands::Reader;
use super::constraints::{Pending, PendingBody, Piece, constraint_state, parenthesized};
use super::ddl::{Change, check_distinct, parse_expression};
use super::tables::column_type;
use crate::catalogue::{ColumnType, Constraint, Name, Object, Table, TableColumn, quote};
use crate::datum::Type;
use crate::error::{Error, Result};
use crate::scanner::{Token, TokenKind};

/// Oracle's reserved words: no names unless quoted.
const RESERVED: [&str; 81] = [
    "ACCESS",
    "ADD",
    "ALL",
    "ALTER",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "AUDIT",
    "BETWEEN",
    "BY",
    "CHAR",
    "CHECK",
    "CLUSTER",
    "COLUMN",
    "COMMENT",
    "COMPRESS",
    "CONNECT",
    "CREATE",
    "CURRENT",
    "DATE",
    "DECIMAL",
    "DEFAULT",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "EXCLUSIVE",
    "EXISTS",
    "FILE",
    "FLOAT",
    "FOR",
    "FROM",
    "GRANT",
    "GROUP",
    "HAVING",
    "IDENTIFIED",
    "IMMEDIATE",
    "IN",
    "INCREMENT",
    "INDEX",
    "INITIAL",
    "INSERT",
    "INTEGER",
    "INTERSECT",
    "INTO",
    "IS",
    "LEVEL",
    "LIKE",
    "LOCK",
    "LONG",
    "MINUS",
    "MODE",
    "NOT",
    "NULL",
    "NUMBER",
    "OF",
    "ON",
    "OPTION",
    "OR",
    "ORDER",
    "PRIOR",
    "PUBLIC",
    "RAW",
    "RENAME",
    "ROW",
    "ROWID",
    "ROWNUM",
    "SELECT",
    "SESSION",
    "SET",
    "SHARE",
    "SYSDATE",
    "TABLE",
    "UID",
    "UNION",
    "UNIQUE",
    "USER",
    "VARCHAR2",
    "WHERE",
];

/// A table as it is read.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) columns: Vec<TableColumn>,
    pub(super) pieces: Vec<Piece>,
    /// Constraints wait until all columns are known.
    pub(super) pending: Vec<Pending>,
}

/// Checks an unquoted name against the reserved words.
pub(super) fn check_reserved(token: Option<&Token<'_>>, code: i32) -> Result<()> {
    match token {
        Some(token)
            if token.kind == TokenKind::Word && RESERVED.contains(&token.text.to_uppercase().as_str()) =>
        {
            Err(Error::new(
                code,
                format_args!("{}: invalid identifier: a reserved word", token.text.to_uppercase()),
            ))
        }
        _ => Ok(()),
    }
}

/// Where a table lies has no meaning here, so these clauses are obeyed by doing nothing.
pub(super) fn physical_options(reader: &mut Reader<'_, '_>) -> Result<()> {
    loop {
        if reader.accept(&["TABLESPACE"]) || reader.accept(&["PCTFREE"]) || reader.accept(&["INITRANS"]) {
            reader.skip(1);
        } else if !(reader.accept(&["LOGGING"])
            || reader.accept(&["NOLOGGING"])
            || reader.accept(&["NOPARALLEL"])
            || reader.accept(&["ONLINE"]))
        {
            break;
        }
    }
    if reader.is_done() { Ok(()) } else { Err(Error::new(922, "missing or invalid option")) }
}

/// The text of a DEFAULT: up to a comma, a closing parenthesis or a word that starts a constraint.
fn default_text<'s>(sql: &'s str, reader: &mut Reader<'_, '_>) -> Result<&'s str> {
    const ENDS: [&str; 8] =
        ["NOT", "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "ENABLE", "DISABLE"];
    let first = reader.rest().first().ok_or_else(|| Error::new(936, "missing expression"))?;
    let (mut depth, mut count) = (0, 0_usize);
    for token in reader.rest() {
        let ends = token.is_symbol(",")
            || token.is_symbol(")")
            || ENDS.iter().any(|word| token.is(word))
            || (count > 0 && token.is("NULL"));
        if depth == 0 && ends {
            break;
        }
        depth += i32::from(token.is_symbol("(")) - i32::from(token.is_symbol(")"));
        count += 1;
    }
    let last = count
        .checked_sub(1)
        .and_then(|index: usize| reader.rest().get(index))
        .ok_or_else(|| Error::new(936, "missing expression"))?;
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
            columns.push(TableColumn {
                name: column.clone(),
                kind: column_for(*kind)?,
                nullable: true,
                default: None,
            });
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
        let column = self.column_options(
            sql,
            reader,
            draft,
            TableColumn { name, kind, nullable: true, default: None },
        )?;
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
                return if name.is_some() {
                    Err(Error::new(904, "invalid identifier: a constraint expected"))
                } else {
                    Ok(column)
                };
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
        outcome.map(|_| ()).map_err(|error| {
            if error.code == 904 { Error::new(984, "column not allowed here") } else { error }
        })
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
        Type::Unknown => {
            return Err(Error::new(
                1723,
                "zero-length columns are not allowed: CAST the expression to a type",
            ));
        }
    })
}

/// For ALTER TABLE: the definition of one column with DEFAULT and NOT NULL, but no other constraints.
pub(super) fn single_column(
    translator: &mut Translator<'_>,
    sql: &str,
    reader: &mut Reader<'_, '_>,
) -> Result<TableColumn> {
    let mut draft = Draft::default();
    translator.table_element(sql, reader, &mut draft)?;
    match (draft.columns.pop(), draft.pending.is_empty()) {
        (Some(column), true) => Ok(column),
        _ => {
            Err(Error::unimplemented("ALTER TABLE … ADD of constraints, or of a column with keys or checks"))
        }
    }
}
