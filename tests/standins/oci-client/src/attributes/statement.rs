//! Attributes of OCIStmt and of its columns.

use super::{CHARSET, Given, Out, unknown};
use crate::binds::{SQLT_BIN, SQLT_CHR, SQLT_TIMESTAMP, SQLT_TIMESTAMP_TZ};
use crate::columns::{ColumnInfo, ColumnKind};
use crate::errors::{DONE, Reply};
use crate::scan;
use crate::statement::StatementHandle;

pub fn get_statement(statement: &StatementHandle, out: &Out) -> Reply {
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

pub fn set_statement(statement: &StatementHandle, given: &Given, attribute: u32) -> Reply {
    match attribute {
        11 => statement.state.lock().prefetch = Some(given.number()),
        // OCI_ATTR_PREFETCH_MEMORY limits nothing here.
        13 => {}
        _ => return unknown(attribute),
    }
    DONE
}

pub fn get_column(column: &ColumnInfo, out: &Out) -> Reply {
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
