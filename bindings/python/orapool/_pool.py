"""Pools, and gets from them."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Optional

from . import _async, _attributes, _callbacks, _errors, _stats, _text
from ._attributes import Bag, SessGet
from ._home import CLOSE_DEFAULT, CLOSE_FORCE, Home, frames, loans
from ._session import Session, raise_or_note, session_of, take_back
from ._stats import Events, Stats
from ._text import Tag
from .native import Frame, call, call_with_warning, lib, text_at

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._attributes import ChangeableAttributes, GetAttributes, PoolAttributes

_CREATE_NEW = 0
_CREATE_OR_OPEN = 1
_METRICS = {"prometheus": 0, "json": 1}


class Pool:
    """A handle of a session pool. All runtimes of the process that open a pool by its name share it.

    ``Pool.create``, ``Pool.open`` and ``Pool.create_or_open`` make one. Any thread may use it at any time. ``with``
    closes it. A handle that is forgotten is given up by the garbage collector; at the interpreter's exit all are.
    """

    __slots__ = ("_home", "_name", "warning", "__weakref__")

    warning: Optional[_errors.Error]
    """What there is to know although the creation succeeded: 24414 only a part of the minimum could be opened, a
    warning of the database's at the log-on, or a connection class that was made up. None as a rule."""

    def __init__(self, home: Home, name: Optional[str], warning: Optional[_errors.Error] = None) -> None:
        """For the package: see create, open and create_or_open."""
        self._home = home
        self._name = name
        self.warning = warning

    @classmethod
    def create(cls, name: Optional[str] = None, **attributes: Unpack[PoolAttributes]) -> Pool:
        """Creates a pool and opens ``sessions_min`` sessions.

        name: under which everybody in the process can open it; None: nobody else can.
        attributes: see docs/python.md, or the README's table of the ORAPOOL_ATTR_* in lower case.

        Blocks for as long as the sessions take to be made. Raises DatabaseError (the database's number; 24413 for sizes
        that do not go together, 24415 and 1005 without user or password, 12162 without a connect string), Conflict for a
        name that is taken, InvalidArgument, Unsupported, Forked.
        """
        return cls._make(name, _CREATE_NEW, dict(attributes))

    @classmethod
    def create_or_open(cls, name: str, **attributes: Unpack[PoolAttributes]) -> Pool:
        """Opens the pool of that name if it exists with the same attributes, password and callback among them; else
        creates it. Raises Conflict, which names the attributes that differ; else as create."""
        return cls._make(name, _CREATE_OR_OPEN, dict(attributes))

    @classmethod
    def _make(cls, name: Optional[str], mode: int, attributes: dict[str, Any]) -> Pool:
        given = None if name is None else _text.utf8(name, "the pool's name")
        handle = ctypes.c_void_p()
        has_callback = attributes.get("session_callback") is not None
        with Bag(_attributes.OF_A_POOL, attributes) as bag:
            out = ctypes.byref(handle)
            warning = call_with_warning(lib.create, given, len(given or b""), bag, mode, out)
        return cls(Home(handle.value or 0, bool(given), has_callback, has_callback), name, warning)

    @classmethod
    def open(cls, name: str) -> Pool:
        """Opens a pool that exists in this process, whichever runtime created it. Waits while another thread is creating
        it. Raises DatabaseError (24416) if there is none of that name."""
        given = _text.utf8(name, "the pool's name")
        handle = ctypes.c_void_p()
        call(lib.open, given, len(given), ctypes.byref(handle))
        # Whether it has a session callback, and whose, only its creator knows.
        return cls(Home(handle.value or 0, True, False, True), name)

    @property
    def name(self) -> Optional[str]:
        """The name under which it can be opened; None if it can not."""
        return self._name

    # Sessions

    def acquire(
        self,
        tag: Tag = None,
        *,
        match_any: bool = False,
        multi_property: bool = False,
        mode: int = 0,
        **attributes: Unpack[GetAttributes],
    ) -> Acquisition:
        """A session for the time of a block: ``with pool.acquire() as session:``, or in a coroutine ``async with
        pool.acquire() as session:``, which waits without blocking the event loop. ``await pool.acquire()`` gives the
        session itself, to be released by the caller; without asyncio that is ``pool.get()``. Parameters as of get."""
        wish = (
            dict(attributes, match_any=match_any, multi_property=multi_property, mode=mode)
            if (match_any or multi_property or mode or attributes)
            else None
        )
        return Acquisition(self, tag, wish)

    def get(
        self,
        tag: Tag = None,
        *,
        match_any: bool = False,
        multi_property: bool = False,
        mode: int = 0,
        **attributes: Unpack[GetAttributes],
    ) -> Session:
        """Gets a session, which the caller releases.

        tag: the state that it should have: a str or bytes, compared as a whole; properties as a mapping, or as
            `name=value;name=value` with multi_property, the most important first. None: an untagged session.
        match_any: a session with another tag serves as well, when there is none with this one and none without.
        multi_property: the tag is a list of properties; goes without saying for a mapping.
        mode: further SessGet bits.
        attributes: what sets this get apart; see GetAttributes.

        Blocks as the get mode says, the pool's or that of get_mode; Python's other threads run meanwhile. Ctrl-C is
        noticed when the wait is over: give wait_timeout_ms where that matters.

        Raises PoolTimeout, PoolClosed, DatabaseError (the connect for this get failed; 24487 for a tag that is no list of
        properties; 56610 the fix-up procedure failed), CallbackFailed with what the callback raised as its cause,
        InvalidArgument, InvalidHandle after close, Forked.
        """
        home = self._home
        try:
            frame = frames.pop()
        except IndexError:
            frame = Frame()
        try:
            if tag is None and not (match_any or multi_property or mode or attributes):
                status = lib.fast_session_get(
                    home.pointer, frame.session_ref, None, None, None, None, None, None, 0, frame.error_ref
                )
                if status == 0:
                    token: int = frame.session.value  # type: ignore[assignment]
                    loans[token] = frame
                    return Session(token, home)
                frame.found.value = 0
            else:
                status = _get(home, frame, _tagged(tag, match_any, multi_property, mode), dict(attributes))
            return session_of(home, frame, status)
        except BaseException:
            take_back(frame)
            raise

    async def get_async(
        self,
        tag: Tag = None,
        *,
        match_any: bool = False,
        multi_property: bool = False,
        mode: int = 0,
        **attributes: Unpack[GetAttributes],
    ) -> Session:
        """As get, for coroutines: waits without blocking the event loop, in one queue with all others. A task that is
        cancelled leaves no request behind, and a session that it had won goes back. A session callback runs in a thread
        of asyncio's default executor."""
        wanted, bits = _tagged(tag, match_any, multi_property, mode)
        return await _async.get(self._home, wanted, bits, dict(attributes))

    # The pool

    def reconfigure(self, **changes: Unpack[ChangeableAttributes]) -> None:
        """Changes sizes, times and modes of the open pool, for all its handles: all that is named, or on an error
        nothing. Raises InvalidArgument for what can not be changed, DatabaseError 24413 for sizes that do not go together.
        Blocks only for log-offs."""
        with Bag(_attributes.OF_A_POOL, dict(changes)) as bag:
            self._home.call(lib.reconfigure, bag)

    def close(self, force: bool = False, drain_ms: int = 0) -> None:
        """Gives the handle up. The last handle of a pool closes the pool.

        force: closes it now, for every handle: running calls are broken, who waits gets PoolClosed, loans are taken away.
        drain_ms: for the last handle, without force. 0: DatabaseError 24422 if sessions are on loan, and the pool stays
            open. More: gets are refused from now on, loans may come back for so many milliseconds, then as force. -1:
            waits for ever.

        When it returns, the sessions of a closed pool are logged off. Raises PoolClosed if the pool was closed through
        another handle, InvalidHandle if this one was closed before. Any thread.
        """
        self._home.close(CLOSE_FORCE if force else CLOSE_DEFAULT, _text.int64(drain_ms, "drain_ms"))
        _callbacks.sweep()

    def stats(self) -> Stats:
        """The pool's statistics. The sessions are counted at one moment; the counters of events are each exact. Never
        blocks."""
        return _stats.read(self._home)

    def metrics(self, format: Literal["prometheus", "json"] = "prometheus") -> str:
        """The statistics as text for machines: Prometheus' text format, or one JSON object. Never blocks."""
        if format not in _METRICS:
            raise _errors.InvalidArgument(f"format is 'prometheus' or 'json', not {format!r}")
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        self._home.call(lib.metrics, _METRICS[format], ctypes.byref(text), ctypes.byref(length))
        return _take_text(text, length)

    def events(self, after: int = 0) -> Events:
        """What happened of late (connects, drops, leaks, fix-up failures, ...): the events with a number greater than
        `after`, as far as the pool still has them. Never blocks."""
        text, length, last = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_uint64()
        number = _text.int64(after, "after")
        if number < 0:
            raise _errors.InvalidArgument(f"after is {number}; the first event has the number 1")
        self._home.call(lib.events, number, ctypes.byref(text), ctypes.byref(length), ctypes.byref(last))
        lines = _take_text(text, length).splitlines()
        return Events([json.loads(line) for line in lines if line], last.value)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self._home.is_closed():
            return
        try:
            self.close()
        except _errors.ClosedHandle:
            pass
        except _errors.Error as why:
            raise_or_note(why, raised, "closing the pool")

    def __repr__(self) -> str:
        return f"<orapool.Pool {self._name!r} {self._home.token:#x}>"


class Acquisition:
    """What ``Pool.acquire`` gives: a session for the time of a ``with`` or an ``async with``, or to be awaited. It can be
    used again, but not while it has a session."""

    __slots__ = ("_pool", "_tag", "_wish", "_session")

    def __init__(self, pool: Pool, tag: Tag, wish: Optional[dict[str, Any]]) -> None:
        self._pool = pool
        self._tag = tag
        self._wish = wish
        self._session: Optional[Session] = None

    def __enter__(self) -> Session:
        if self._session is not None:
            self._is_in_use()
        if self._wish is None:
            session = self._session = self._pool.get(self._tag)
        else:
            session = self._session = self._pool.get(self._tag, **self._wish)
        return session

    def __exit__(
        self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        session, self._session = self._session, None
        if session is None or session._token not in loans:
            return
        try:
            session.release()
        except _errors.Error as why:
            raise_or_note(why, raised)

    async def __aenter__(self) -> Session:
        if self._session is not None:
            self._is_in_use()
        session = self._session = await self._pool.get_async(self._tag, **(self._wish or {}))
        return session

    async def __aexit__(
        self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.__aexit__(kind, raised, trace)

    def __await__(self) -> Generator[Any, Any, Session]:
        return self._pool.get_async(self._tag, **(self._wish or {})).__await__()

    def _is_in_use(self) -> None:
        raise _errors.InvalidArgument("this acquisition has a session already: call pool.acquire() for each block")

    def __getattr__(self, name: str) -> Any:
        if hasattr(Session, name):
            raise AttributeError(
                f"pool.acquire() has no {name}: it is for `with`, `async with` and `await`;"
                " pool.get() gives a session at once"
            )
        raise AttributeError(f"'Acquisition' object has no attribute {name!r}")


def _tagged(tag: Tag, match_any: bool, multi_property: bool, mode: int) -> tuple[Optional[bytes], int]:
    """A tag's bytes and the mode bits."""
    bits = _text.bits(mode, "mode")
    if match_any:
        bits |= SessGet.MATCHANY
    if multi_property or _text.is_properties(tag):
        bits |= SessGet.MULTIPROPERTY_TAG
    return _text.tag_bytes(tag), int(bits)


def _get(home: Home, frame: Frame, tagged: tuple[Optional[bytes], int], attributes: dict[str, Any]) -> int:
    """A get that asks for something."""
    wanted, bits = tagged
    if not attributes:
        return _get_with(home, frame, None, wanted, bits)
    with Bag(_attributes.OF_A_GET, attributes) as bag:
        return _get_with(home, frame, bag, wanted, bits)


def _get_with(home: Home, frame: Frame, bag: Optional[int], wanted: Optional[bytes], bits: int) -> int:
    length = len(wanted or b"")
    status: int = lib.session_get(
        home.token, frame.session_ref, bag, wanted, length, None, None, frame.found_ref, bits, frame.error_ref
    )
    return status


def _take_text(text: ctypes.c_void_p, length: ctypes.c_size_t) -> str:
    try:
        return (text_at(text.value, length.value) or b"").decode()
    finally:
        lib.text_free(text)


_callbacks.getters.update((Pool.get.__code__, _get_with.__code__))
