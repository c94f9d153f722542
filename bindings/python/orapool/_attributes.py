"""Attributes: how a pool is created, changed, and what sets a get apart."""

from __future__ import annotations

import ctypes
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import _callbacks, _text
from .native import call, lib

if TYPE_CHECKING:
    from typing import TypedDict

    from ._session import Session

    class GetAttributes(TypedDict, total=False):
        """What sets a get apart. What is not named, or None, is as the pool has it."""

        user: Optional[str]
        """Who logs on, in a pool that is not homogeneous; `main[proxy]` as in OCI."""
        password: Optional[str]
        external_auth: Optional[bool]
        connection_class: Optional[str]
        purity: Optional[int]
        """A Purity."""
        edition: Optional[str]
        context: Optional[str]
        """Who asks (file:line, request id); shown in leak reports, metrics and time-outs."""
        get_mode: Optional[int]
        """A GetMode."""
        wait_timeout_ms: Optional[int]
        """The deadline of this get, whatever its mode. -1: for ever; 0: no waiting for loans and others' connects."""

    class ChangeableAttributes(TypedDict, total=False):
        """What an open pool can change. What is not named, or None, stays. The units of ``_ms`` are milliseconds."""

        sessions_min: Optional[int]
        """Default 1: sessions that are kept open."""
        sessions_max: Optional[int]
        """Default 4: sessions that are never exceeded, GetMode.FORCEGET apart."""
        sessions_increment: Optional[int]
        """Default 1: sessions by which the pool grows."""
        get_mode: Optional[int]
        """Default GetMode.WAIT: what a get does when no session is idle."""
        wait_timeout_ms: Optional[int]
        """Default 5000: how long a get in GetMode.TIMEDWAIT waits."""
        waiters_max: Optional[int]
        """Default -1, any number: gets that may wait; one more fails at once."""
        purity: Optional[int]
        """Default Purity.DEFAULT, which is SELF."""
        idle_timeout_ms: Optional[int]
        """Default 0, never: idle time after which a session above the minimum is closed."""
        lifetime_max_ms: Optional[int]
        """Default 0, never: age at which a session is closed when it is not on loan."""
        uses_max: Optional[int]
        """Default 0, any number: loans after which a session is closed."""
        ping_interval_ms: Optional[int]
        """Default 60000: idle time after which a get pings the session first; 0 always, -1 never."""
        ping_timeout_ms: Optional[int]
        """Default 5000: how long such a ping may take."""
        connect_timeout_ms: Optional[int]
        """Default 20000: how long a connect may take, then ORA-12170."""
        connects_max: Optional[int]
        """Default 4: connects that are made side by side."""
        statement_cache_size: Optional[int]
        """Default 20: statements that a session keeps parsed, if the driver does that."""
        leak_after_ms: Optional[int]
        """Default 0, off: loans that last longer are counted as leaks."""
        wait_report_ms: Optional[int]
        """Default 0, off: a get that waits so long, or longer, is an event when its wait is over."""

    class PoolAttributes(ChangeableAttributes, total=False):
        """What a pool is created with. What is not named, or None, has the library's default."""

        user: Optional[str]
        """Who logs on; `main[proxy]` as in OCI."""
        password: Optional[str]
        connect_string: Optional[str]
        """Of an Oracle Database, or `embedded:NAME` for the engine inside the library."""
        driver: Optional[str]
        """`oci` or `embedded`; default: by the connect string."""
        connection_class: Optional[str]
        """Sessions of different classes never stand in for one another; under DRCP, who shares servers."""
        edition: Optional[str]
        driver_name: Optional[str]
        """What the database shows as the client's driver."""
        client_lib_dir: Optional[str]
        """The folder of Oracle's client library, `libclntsh.so`."""
        config_dir: Optional[str]
        """The folder of tnsnames.ora."""
        fixup_callback: Optional[str]
        """A PL/SQL procedure, `[schema.][package.]procedure`, that puts a session's state right."""
        context: Optional[str]
        homogeneous: Optional[bool]
        """Default true: all sessions are of the pool's user. False: each get may name one."""
        external_auth: Optional[bool]
        """Default false. True: log on by the operating system or a wallet."""
        session_callback: Optional[Callable[["Session", Optional[str], Optional[str]], Any]]
        """Puts a session's state right before a get returns it; see docs/python.md."""


class GetMode(IntEnum):
    """What a get does when no session is idle and the pool has its maximum."""

    WAIT = 0
    """Waits for as long as it takes."""
    NOWAIT = 1
    """Waits for nobody else; connects for itself while there is a place."""
    FORCEGET = 2
    """Connects beyond the maximum; then ``session.warning`` is 24417."""
    TIMEDWAIT = 3
    """Waits for ``wait_timeout_ms``."""


class Purity(IntEnum):
    """What others may have left in a session."""

    DEFAULT = 0
    """As SELF."""
    NEW = 1
    """A session that nobody has had."""
    SELF = 2
    """Whatever others of the same user and class left."""


class SessGet(IntFlag):
    """Mode bits of a get; the values are OCI's."""

    MATCHANY = 0x20
    PURITY_NEW = 0x40
    PURITY_SELF = 0x80
    MULTIPROPERTY_TAG = 0x400


class SessRls(IntFlag):
    """Mode bits of a release; the values are OCI's."""

    DROPSESS = 1
    RETAG = 2
    MULTIPROPERTY_TAG = 4


_TEXTS = {
    "user": 1,
    "password": 2,
    "connect_string": 3,
    "driver": 4,
    "connection_class": 5,
    "edition": 6,
    "driver_name": 7,
    "client_lib_dir": 8,
    "config_dir": 9,
    "fixup_callback": 10,
    "context": 11,
}
_NUMBERS = {
    "sessions_min": 20,
    "sessions_max": 21,
    "sessions_increment": 22,
    "get_mode": 23,
    "wait_timeout_ms": 24,
    "waiters_max": 25,
    "homogeneous": 26,
    "external_auth": 27,
    "purity": 28,
    "idle_timeout_ms": 30,
    "lifetime_max_ms": 31,
    "uses_max": 32,
    "ping_interval_ms": 33,
    "ping_timeout_ms": 34,
    "connect_timeout_ms": 35,
    "statement_cache_size": 36,
    "leak_after_ms": 37,
    "connects_max": 38,
    "wait_report_ms": 39,
}
_CALLBACK = "session_callback"

OF_A_GET = frozenset(
    (
        "user",
        "password",
        "external_auth",
        "connection_class",
        "purity",
        "edition",
        "context",
        "get_mode",
        "wait_timeout_ms",
    )
)
OF_A_POOL = frozenset((*_TEXTS, *_NUMBERS, _CALLBACK))


class Bag:
    """An orapool_attrs, for the time of a `with`."""

    __slots__ = ("handle", "_callback")

    def __init__(self, known: frozenset[str], attributes: dict[str, Any]) -> None:
        self.handle: Optional[int] = None
        self._callback: Optional[_callbacks.Registration] = None
        unknown = attributes.keys() - known
        if unknown:
            raise TypeError(f"no such attribute: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        handle = ctypes.c_void_p()
        call(lib.attrs_new, ctypes.byref(handle))
        self.handle = handle.value
        try:
            for name, value in attributes.items():
                if value is not None:
                    self._set(name, value)
        except BaseException:
            self.free()
            raise

    def __enter__(self) -> Optional[int]:
        return self.handle

    def __exit__(self, *_: object) -> None:
        self.free()

    def free(self) -> None:
        lib.attrs_free(self.handle)
        if self._callback is not None:
            self._callback.unpin()
            _callbacks.sweep()

    def _set(self, name: str, value: Any) -> None:
        if name in _TEXTS:
            text = _text.utf8(value, name)
            call(lib.attrs_set_text, self.handle, _TEXTS[name], text, len(text))
        elif name in _NUMBERS:
            call(lib.attrs_set_int, self.handle, _NUMBERS[name], _text.int64(value, name))
        else:
            self._callback = _callbacks.register(value)
            self._callback.set(self.handle)
