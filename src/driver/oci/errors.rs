//! The errors of OCI, ODPI-C and the crate `oracle`, as errors of this library.

use oracle::ErrorKind;

use crate::error::{Error, Kind};

/// The numbers of ODPI-C's own errors that mean something to a pool.
mod dpi {
    pub(super) const NOT_CONNECTED: i32 = 1010;
    pub(super) const CALL_TIMEOUT: i32 = 1067;
    pub(super) const CONNECTION_CLOSED: i32 = 1080;
    /// A feature that this client library is too old for.
    pub(super) const CLIENT_TOO_OLD: i32 = 1050;
}

/// Why a call to the database failed.
pub(super) fn translate(error: &oracle::Error) -> Error {
    let Some(told) = error.db_error() else { return of_crate(error) };
    match error.dpi_code() {
        Some(code) => of_odpi(code, told.message()),
        None => Error::oracle(told.code(), told.message().trim_end()),
    }
}

/// What a call that succeeded was warned of.
pub(super) fn warning_of(warning: &oracle::Error) -> Error {
    let told = translate(warning);
    Error::new(Kind::Warning, told.code(), told.message())
}

/// ODPI-C wraps the error that lost a session or timed out. Of what it wraps only the number is sound: ODPI-C 5.4 reads
/// beyond the end of the text, so that garbage may stand there.
fn of_odpi(code: i32, message: &str) -> Error {
    match code {
        dpi::NOT_CONNECTED => {
            Error::oracle(3114, "ORA-03114: not connected to ORACLE: the session was lost or closed before")
        }
        dpi::CONNECTION_CLOSED => {
            let code = ora_number(message).unwrap_or(3114);
            Error::oracle(code, format!("ORA-{code:05}: {}; the session is lost", what_ended(code)))
        }
        dpi::CALL_TIMEOUT => Error::oracle(
            3136,
            "ORA-03136: call timeout exceeded; the call was stopped and the session stays usable",
        ),
        dpi::CLIENT_TOO_OLD => Error::unsupported(message.trim_end()),
        _ => Error::oracle(0, message.trim_end()),
    }
}

/// Oracle's words for what ends sessions most often.
fn what_ended(code: i32) -> &'static str {
    match code {
        28 => "your session has been killed",
        1012 => "not logged on",
        1089 => "immediate shutdown or close in progress",
        2396 => "exceeded maximum idle time",
        3113 => "end-of-file on communication channel",
        3114 => "not connected to ORACLE",
        3135 => "connection lost contact",
        12537 => "connection closed",
        _ => "the connection was closed",
    }
}

/// The first `ORA-NNNNN` in a text.
fn ora_number(text: &str) -> Option<i32> {
    let (_, rest) = text.split_once("ORA-")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}

/// What the crate finds wrong by itself, before or after OCI.
fn of_crate(error: &oracle::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidBindIndex | ErrorKind::InvalidBindName => {
            Error::oracle(1036, format!("ORA-01036: illegal variable name/number: {error}"))
        }
        ErrorKind::InvalidTypeConversion => {
            Error::oracle(932, format!("ORA-00932: inconsistent datatypes: {error}"))
        }
        ErrorKind::InvalidArgument | ErrorKind::OutOfRange => Error::invalid_argument(error.to_string()),
        // Its text begins with its number; see `columns`.
        _ => Error::oracle(ora_number(&error.to_string()).unwrap_or(0), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_lost_session_the_number_counts_and_not_the_garbage() {
        let error =
            of_odpi(1080, "DPI-1080: connection was closed by ORA-00028\nORA-00028: your\u{fffd}\u{1}");
        assert_eq!((error.code(), error.is_session_dead()), (28, true));
        assert!(error.message().starts_with("ORA-00028: ") && !error.message().contains('\u{fffd}'));
        let unknown = of_odpi(1080, "DPI-1080: connection was closed");
        assert_eq!((unknown.code(), unknown.is_session_dead()), (3114, true));
    }

    #[test]
    fn a_timed_out_call_leaves_the_session_alive() {
        let error = of_odpi(1067, "DPI-1067: call timeout of 50 ms exceeded with ORA-03156\nORA-03156: x");
        assert_eq!((error.code(), error.is_session_dead()), (3136, false));
    }

    #[test]
    fn numbers_are_found_where_they_are() {
        assert_eq!(ora_number("ORA-01013: user requested"), Some(1013));
        assert_eq!(ora_number("closed by ORA-00028\nORA-1"), Some(28));
        assert_eq!(ora_number("ORA-"), None);
        assert_eq!(ora_number("ORA-é"), None);
        assert_eq!(ora_number("nothing"), None);
    }
}
