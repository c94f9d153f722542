"""The words that a scenario chooses from, with the numbers of the header."""

from orapool import GetMode, Purity, SessGet, SessRls, Stats

CAPABILITIES = ("plsql", "callback", "callback_values", "kill", "two_users", "raw_tags", "knobs", "threads")
SOURCES = ("vendor test", "document", "decision")
USERS = ("none", "owner", "second")
KNOBS = ("connect_delay_ms", "call_delay_ms", "connect_failures")
GET_MODES = {mode.name: mode for mode in GetMode}
PURITIES = {purity.name: purity for purity in Purity}
CLOSE_MODES = ("DEFAULT", "FORCE")
GET_BITS = {bit.name: int(bit) for bit in SessGet}
RELEASE_BITS = {bit.name: int(bit) for bit in SessRls}
STAT_NAMES = Stats._fields
STATUSES = {
    "ORAPOOL_SUCCESS": 0,
    "ORAPOOL_SUCCESS_WITH_INFO": 1,
    "ORAPOOL_ERROR": -1,
    "ORAPOOL_INVALID_HANDLE": -2,
    "ORAPOOL_INVALID_ARGUMENT": -3,
    "ORAPOOL_TIMEOUT": -4,
    "ORAPOOL_CLOSED": -5,
    "ORAPOOL_UNSUPPORTED": -6,
    "ORAPOOL_CONFLICT": -7,
    "ORAPOOL_CALLBACK_FAILED": -8,
}
SUCCESS_WITH_INFO = 1
INVALID_HANDLE = -2
INVALID_ARGUMENT = -3
CLOSED = -5
BAD_TAG_AT_RELEASE = 24488
