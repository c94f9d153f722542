"""The Oracle session pool that every runtime in a process shares.

    import orapool

    with orapool.Pool.create(connect_string="embedded:demo", user="scott", password="tiger") as pool:
        with pool.acquire() as session:
            print(session.query_one("select 'Hello, ' || user from dual"))

A Python face of liborapool, on ctypes: docs/python.md tells all of it.
"""

from ._attributes import GetMode, Purity, SessGet, SessRls
from ._errors import (
    CallbackFailed,
    Cancelled,
    ClosedHandle,
    Conflict,
    DatabaseError,
    Error,
    Forked,
    InternalError,
    InvalidArgument,
    InvalidHandle,
    LibraryError,
    PoolClosed,
    PoolTimeout,
    PoolWarning,
    Unsupported,
)
from ._home import after_fork
from ._pool import Acquisition, Pool
from ._session import KEEP, DrcpState, Identity, Session
from ._statement import NUMBER, Statement
from ._stats import Events, Stats
from ._text import Tag
from .native import lib as _lib

__version__ = "0.1.0"

__all__ = [
    "KEEP",
    "NUMBER",
    "Acquisition",
    "CallbackFailed",
    "Cancelled",
    "ClosedHandle",
    "Conflict",
    "DatabaseError",
    "DrcpState",
    "Error",
    "Events",
    "Forked",
    "GetMode",
    "Identity",
    "InternalError",
    "InvalidArgument",
    "InvalidHandle",
    "LibraryError",
    "Pool",
    "PoolClosed",
    "PoolTimeout",
    "PoolWarning",
    "Purity",
    "SessGet",
    "SessRls",
    "Session",
    "Statement",
    "Stats",
    "Tag",
    "Unsupported",
    "after_fork",
    "instance_id",
    "library_path",
    "library_version",
]


def library_version() -> tuple[int, int, int]:
    """The version of the loaded library: major, minor, patch."""
    number = int(_lib.version())
    return number >> 16, number >> 8 & 0xFF, number & 0xFF


def library_path() -> str:
    """What the library was loaded as."""
    return str(_lib.path)


def instance_id() -> int:
    """A number that the loaded copy of the library has to itself. Runtimes of a process that see the same number share
    its pools; different numbers mean that two copies were loaded. 0 in a child that was forked after a use, until it
    calls ``after_fork``."""
    return int(_lib.instance_id())
