//! The other functions that ODPI-C may look for: each fails with ORA-03001 and its name.
//!
//! Not here are those that return something else than a status (OCIRawPtr, OCIRawSize, OCIStringPtr, OCIStringSize and
//! OCINlsCharSetNameToId): they could only lie. ODPI-C reports a function that is missing as DPI-1049.

use std::ffi::c_int;

use crate::errors::OraError;
use crate::guard::enter;
use crate::handles::{Token, look_up};
use crate::objects::Object;

/// The error handle is told from the other parameters by what it is: a handle that never was given twice. The functions have different
/// numbers of parameters; those that a caller did not pass are whatever was in the registers, and are only compared.
fn refuse(name: &'static str, parameters: [usize; 6]) -> c_int {
    let is_error = |token: &Token| matches!(look_up(*token), Ok(Object::Error(_)));
    let error = parameters.map(Token).into_iter().find(is_error).unwrap_or(Token::NULL);
    enter(name, error, |_| Err(OraError::unimplemented(name).into()))
}

macro_rules! unimplemented_calls {
    ($($name:ident)*) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name(a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> c_int {
                refuse(stringify!($name), [a, b, c, d, e, f])
            }
        )*
    };
}

unimplemented_calls! {
    OCIAQDeq
    OCIAQDeqArray
    OCIAQEnq
    OCIAQEnqArray
    OCIBindObject
    OCICollAppend
    OCICollAssignElem
    OCICollGetElem
    OCICollSize
    OCICollTrim
    OCIDBShutdown
    OCIDBStartup
    OCIDateTimeConvert
    OCIDateTimeIntervalAdd
    OCIDateTimeSubtract
    OCIDefineObject
    OCIDescribeAny
    OCIIntervalGetDaySecond
    OCIIntervalGetYearMonth
    OCIIntervalSetDaySecond
    OCIIntervalSetYearMonth
    OCIJsonDomDocGet
    OCIJsonTextBufferParse
    OCILobClose
    OCILobCreateTemporary
    OCILobFileExists
    OCILobFileGetName
    OCILobFileSetName
    OCILobFreeTemporary
    OCILobGetChunkSize
    OCILobGetLength2
    OCILobIsOpen
    OCILobIsTemporary
    OCILobLocatorAssign
    OCILobOpen
    OCILobRead2
    OCILobTrim2
    OCILobWrite2
    OCINlsCharSetConvert
    OCINlsCharSetIdToName
    OCINlsEnvironmentVariableGet
    OCINlsNameMap
    OCIObjectCopy
    OCIObjectFree
    OCIObjectGetAttr
    OCIObjectGetInd
    OCIObjectNew
    OCIObjectPin
    OCIObjectSetAttr
    OCIPasswordChange
    OCIRawAssignBytes
    OCIRawResize
    OCIRowidToChar
    OCIShardingKeyColumnAdd
    OCISodaBulkInsert
    OCISodaBulkInsertAndGet
    OCISodaBulkInsertAndGetWithOpts
    OCISodaCollCreateWithMetadata
    OCISodaCollDrop
    OCISodaCollGetNext
    OCISodaCollList
    OCISodaCollOpen
    OCISodaCollTruncate
    OCISodaDataGuideGet
    OCISodaDocCount
    OCISodaDocGetNext
    OCISodaFind
    OCISodaFindOne
    OCISodaIndexCreate
    OCISodaIndexDrop
    OCISodaIndexList
    OCISodaInsert
    OCISodaInsertAndGet
    OCISodaInsertAndGetWithOpts
    OCISodaOperKeysSet
    OCISodaRemove
    OCISodaReplOne
    OCISodaReplOneAndGet
    OCISodaSave
    OCISodaSaveAndGet
    OCISodaSaveAndGetWithOpts
    OCIStringAssignText
    OCIStringResize
    OCISubscriptionRegister
    OCISubscriptionUnRegister
    OCITableDelete
    OCITableExists
    OCITableFirst
    OCITableLast
    OCITableNext
    OCITablePrev
    OCITableSize
    OCITransDetach
    OCITransForget
    OCITransPrepare
    OCITransStart
    OCITypeByFullName
    OCITypeByName
    OCIVectorFromArray
    OCIVectorToArray
}
