"""The exceptions, and how an error of the C interface becomes one."""

from __future__ import annotations

from typing import Any, Optional

# The numbers of the header, ORAPOOL_*.
SUCCESS = 0
SUCCESS_WITH_INFO = 1
PENDING = 2
NO_DATA = 100
ERROR = -1
INVALID_HANDLE = -2
INVALID_ARGUMENT = -3
TIMEOUT = -4
CLOSED = -5
UNSUPPORTED = -6
CONFLICT = -7
CALLBACK_FAILED = -8
FORKED = -9
CANCELLED = -10
PANIC = -99

# A release that fails with this ORA number, or with INVALID_ARGUMENT, leaves the session on loan.
BAD_TAG_AT_RELEASE = 24488

FORK_ADVICE = (
    "call orapool.after_fork() first thing in the child (multiprocessing: initializer; pre-fork servers: post-fork hook),"
    " or fork before the first use (importing orapool is no use), or start processes with multiprocessing's `spawn` or"
    " `forkserver` method"
)


class Error(Exception):
    """Base class of all errors of this package.

    The error of the database or of the pool that led to it is its ``__cause__``.
    """

    status: int
    """The ORAPOOL_* status of the C interface, below 0."""
    code: int
    """The ORA number, 24496 for ORA-24496; 0 where there is none."""
    transient: bool
    """Whether the same call may succeed when it is made again later or on another session."""
    session_dead: bool
    """Whether the session that met this error is of no more use. Release it as any other."""

    _status = ERROR

    def __init__(
        self,
        message: str,
        *,
        status: Optional[int] = None,
        code: int = 0,
        transient: bool = False,
        session_dead: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = self._status if status is None else status
        self.code = code
        self.transient = transient
        self.session_dead = session_dead


class DatabaseError(Error):
    """The database refused, or the pool's state does: ``code`` is the ORA number."""


class InvalidHandle(Error):
    """A pool, session or statement that was closed or released, or that never was one."""

    _status = INVALID_HANDLE


class InvalidArgument(Error, ValueError):
    """An argument that can not be used; the message says what would be right."""

    _status = INVALID_ARGUMENT


class PoolTimeout(Error, TimeoutError):
    """No session in time. ``code`` tells why: 24457 all are on loan, 24459 connects are under way, 24496 the get was
    not to wait or too many wait. The message tells what the pool looks like."""

    _status = TIMEOUT


class PoolClosed(Error):
    """The pool is closed or closing (24461)."""

    _status = CLOSED


class ClosedHandle(InvalidHandle, PoolClosed):
    """This Pool object was closed. ``status`` is that of an invalid handle."""

    _status = INVALID_HANDLE

    def __init__(self, message: str = "this Pool was closed: create or open another", **facts: Any) -> None:
        super().__init__(message, **facts)


class Unsupported(Error):
    """Something that this version of the library or this driver can not do."""

    _status = UNSUPPORTED


class Conflict(Error):
    """A pool of that name exists, with other attributes."""

    _status = CONFLICT


class CallbackFailed(Error):
    """A session callback failed. What it raised, if it is Python's, is the ``__cause__``."""

    _status = CALLBACK_FAILED


class Forked(Error):
    """This process was forked off one that had used orapool, and has not called ``after_fork``; or what was used is the
    parent's. The message says what to do."""

    _status = FORKED


class Cancelled(Error):
    """The request was cancelled."""

    _status = CANCELLED


class InternalError(Error):
    """A bug of the library, caught; the pool stays usable."""

    _status = PANIC


class LibraryError(Error, ImportError):
    """liborapool.so was not found or is of another version. The message tells where it was looked for."""

    _status = UNSUPPORTED


class PoolWarning(Error):
    """Not raised: the ``warning`` of a pool or session whose making was a success with information."""

    _status = SUCCESS_WITH_INFO


CLASSES = {
    SUCCESS_WITH_INFO: PoolWarning,
    ERROR: DatabaseError,
    INVALID_HANDLE: InvalidHandle,
    INVALID_ARGUMENT: InvalidArgument,
    TIMEOUT: PoolTimeout,
    CLOSED: PoolClosed,
    UNSUPPORTED: Unsupported,
    CONFLICT: Conflict,
    CALLBACK_FAILED: CallbackFailed,
    FORKED: Forked,
    CANCELLED: Cancelled,
    PANIC: InternalError,
}


def make(message: str, status: int, code: int, transient: bool, session_dead: bool) -> Error:
    """An exception of the class that belongs to the status."""
    if status == FORKED:
        message = f"{message}; {FORK_ADVICE}"
    kind = CLASSES.get(status, Error)
    return kind(message, status=status, code=code, transient=transient, session_dead=session_dead)


def last_of(error: Optional[BaseException]) -> Optional[BaseException]:
    """The end of a chain of causes."""
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    return error
