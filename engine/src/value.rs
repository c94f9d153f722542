//! Values as they go in by binds and come out by fetches.

/// A value of a bind or of a fetched column.
///
/// A NUMBER comes out as `Integer` when it is a whole number that fits, as `Double` when the shortest decimal of that double is
/// exactly the number, and as `Text` with all its digits otherwise; never rounded. Dates and timestamps come out as `Text` in the
/// session's NLS format, RAW as `Bytes`. In a bind, `Double` stands for the shortest decimal that gives it, and the empty text is
/// NULL, as everywhere in Oracle.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, or beyond an `i64`, that a double holds exactly as printed.
    Double(f64),
    /// Text, a date, or a number that neither an `i64` nor a double holds.
    Text(String),
    /// A RAW.
    Bytes(Vec<u8>),
}

/// A column of a query's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name as Oracle reports it: upper case unless it was quoted.
    pub name: String,
}
