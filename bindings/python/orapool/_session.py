"""Sessions on loan."""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import warnings
from collections.abc import Iterator, Sequence
from enum import IntEnum
from types import TracebackType
from typing import Any, NamedTuple, Optional

from . import _callbacks, _errors, _text
from ._attributes import SessRls
from ._home import Home, before_interpreter_ends, forget, forks, frames, inherited, loans
from ._statement import Statement
from ._text import Tag
from .native import Frame, call, lib, take_error, text_at


class DrcpState(IntEnum):
    """Whether a pooled server is attached to a session, and by what."""

    NONE = 0
    """The session has a server of its own."""
    DETACHED = 1
    """A line to the broker, and no server."""
    ATTACHED_IMPLICIT = 2
    """A call attached a server."""
    ATTACHED_EXPLICIT = 3
    """The get or ``attach`` attached a server."""


class Identity(NamedTuple):
    """A session as V$SESSION shows it."""

    sid: int
    serial: int


class _Keep:
    """The default of a tag that may be None: the session keeps the tag that it has."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = _Keep()
"""Given as the tag of a release: the session keeps the tag that it has."""


class Session:
    """A session on loan from a pool. ``with`` gives it back; so does the garbage collector, with a ResourceWarning.

    One thread at a time, whichever it is; ``cancel`` alone may come from another one. Its calls block and let other
    threads of Python run meanwhile. In asyncio run what takes long with ``asyncio.to_thread``.
    """

    __slots__ = ("_token", "_home", "_statements", "_may_have_work", "found", "warning", "__weakref__")

    found: bool
    """Whether the session had the tag that was asked for, or the fix-up procedure made it so. False without a tag."""
    warning: Optional[_errors.Error]
    """What there is to know although the get succeeded: 24417 the pool has grown beyond its maximum, or the database's
    at a log-on, such as 28002. None as a rule."""

    def __init__(
        self, token: int, home: Optional[Home], found: bool = False, warning: Optional[_errors.Error] = None
    ) -> None:
        """For the package: sessions come from a pool."""
        self._token = token
        self._home = home
        self._statements: Optional[dict[int, bool]] = None
        self._may_have_work = False
        self.found = found
        self.warning = warning

    # Giving back

    def release(
        self,
        tag: Any = KEEP,
        *,
        drop: bool = False,
        multi_property: bool = False,
        mode: Optional[int] = None,
    ) -> None:
        """Gives the session back to its pool. An open transaction is rolled back.

        tag: the tag that the session has from now on: a str, bytes, properties (a mapping), or None for none. As a rule
            it keeps the one that it has.
        drop: closes the session instead of keeping it.
        multi_property: the tag is a list of properties, `name=value;name=value`; goes without saying for a mapping.
        mode: SessRls bits as in C, in place of what the other parameters say.

        Blocks only if there is a transaction to roll back. Any thread; of two that release one session exactly one
        succeeds. Raises InvalidHandle if it was released before; PoolClosed if the pool took it away; DatabaseError if
        the rollback failed: the session was closed. With DatabaseError 24488, a tag that is no list of properties, and
        InvalidArgument the session stays on loan.
        """
        token = self._token
        # Subscript and `del`, not pop(): no signal handler runs between them, which could lose the loan by raising.
        try:
            frame = loans[token]
            del loans[token]
        except KeyError:
            # Released before, or another process's: the library knows.
            self._ask(lib.session_release, None, 0, 0)
            return
        if tag is KEEP and not drop and mode is None:
            status = lib.fast_session_release(frame.session, None, None, 0, frame.error_ref)
        else:
            try:
                status = self._release_as(frame, tag, drop, multi_property, mode)
            except BaseException:
                # An argument that never came as far as the library.
                loans[token] = frame
                raise
        if status < 0:
            self._release_failed(status, frame)
        if self._statements:
            self._free_statements()
        frames.append(frame)

    def _release_as(self, frame: Frame, tag: Any, drop: bool, multi_property: bool, mode: Optional[int]) -> int:
        given = None if tag is KEEP else _text.tag_bytes(tag)
        if mode is None:
            mode = SessRls.DROPSESS if drop else 0
            if tag is not KEEP:
                mode |= SessRls.RETAG
            if multi_property or _text.is_properties(tag):
                mode |= SessRls.MULTIPROPERTY_TAG
        bits = _text.bits(mode, "mode")
        status: int = lib.session_release(self._token, given, len(given or b""), bits, frame.error_ref)
        return status

    def _release_failed(self, status: int, frame: Frame) -> None:
        """Raises what went wrong. The loan goes on if the library says so."""
        error = take_error(status, frame.error.value)
        if status == _errors.INVALID_ARGUMENT or error.code == _errors.BAD_TAG_AT_RELEASE:
            loans[self._token] = frame
        elif self._statements:
            self._free_statements()
        raise error

    async def release_async(self, tag: Any = KEEP, *, drop: bool = False, multi_property: bool = False) -> None:
        """As release, for coroutines: runs in a thread if there may be a transaction to roll back. Once it has begun it
        is done to its end, also if the task is cancelled."""
        if not self._may_have_work:
            self.release(tag, drop=drop, multi_property=multi_property)
            return
        loop = asyncio.get_running_loop()
        work = contextvars.copy_context().run
        released = loop.run_in_executor(None, lambda: work(self.release, tag, drop=drop, multi_property=multi_property))
        try:
            await asyncio.shield(released)
        except asyncio.CancelledError:
            released.add_done_callback(_tell_loop)
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if not self.is_on_loan():
            return
        try:
            self.release()
        except _errors.Error as why:
            raise_or_note(why, raised)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if not self.is_on_loan():
            return
        try:
            await self.release_async()
        except _errors.Error as why:
            raise_or_note(why, raised)

    # The defaults are for the end of the interpreter, when the module's names may be gone before its objects.
    def __del__(self, _loans: dict[int, Frame] = loans) -> None:
        frame = _loans.pop(self._token, None)
        if frame is not None:
            status = forget(frame)
            self._free_statements()
            if self._home is not None:
                self._home.loan_ended()
            # A pool that was closed by force had taken the session away: nothing was left to forget.
            if status != _errors.CLOSED:
                warnings.warn("a session was not released: use `with`, or release()", ResourceWarning, source=self)

    def is_on_loan(self) -> bool:
        """Whether the session was not released yet. A pool that was closed by force may have taken it away all the same:
        then its next call says so."""
        return self._token in loans

    # Working

    def execute(self, sql: str, binds: Sequence[Any] = ()) -> int:
        """Runs one SQL statement and returns the rows inserted, updated or deleted; of a query, whose rows are
        discarded, their number, if it has no binds.

        sql: without a semicolon at its end; binds are written :1 or :name.
        binds: one for each placeholder, by position in the text: None, bool, int, float, Decimal, str, bytes, datetime,
            date.

        Blocks for as long as it takes. Raises DatabaseError; 1013 after cancel, 3136 after the call timeout.
        """
        if binds:
            with self.prepare(sql) as statement:
                return statement.execute(binds)
        text = _text.utf8(sql, "sql")
        rows = ctypes.c_uint64()
        self._call(lib.session_execute, text, len(text), ctypes.byref(rows))
        return rows.value

    def prepare(self, sql: str) -> Statement:
        """A statement, to be executed once or more often. It ends with the loan at the latest.

        Raises DatabaseError if the text is wrong and that can be known before it is executed. May ask the server.
        """
        text = _text.utf8(sql, "sql")
        handle = ctypes.c_void_p()
        self._call(lib.stmt_prepare, text, len(text), ctypes.byref(handle))
        assert handle.value is not None
        if self._statements is None:
            self._statements = {}
        self._statements[handle.value] = True
        return Statement(self, handle.value)

    def query(
        self, sql: str, binds: Sequence[Any] = (), *, types: Optional[Sequence[Any]] = None
    ) -> list[tuple[Any, ...]]:
        """All rows of a query. Columns are str, or what `types` names: see Statement.fetchone."""
        with self.prepare(sql) as statement:
            statement.execute(binds)
            return statement.fetchall(types)

    def query_one(
        self, sql: str, binds: Sequence[Any] = (), *, types: Optional[Sequence[Any]] = None
    ) -> Optional[tuple[Any, ...]]:
        """The first row of a query, or None if it has no rows."""
        with self.prepare(sql) as statement:
            statement.execute(binds)
            return statement.fetchone(types)

    def rows(
        self, sql: str, binds: Sequence[Any] = (), *, types: Optional[Sequence[Any]] = None
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one after the other."""
        with self.prepare(sql) as statement:
            statement.execute(binds)
            yield from statement.rows(types)

    def commit(self) -> None:
        """Commits the session's transaction; without one it does nothing. Blocks for as long as the database takes."""
        self._call(lib.session_commit)
        self._may_have_work = False

    def rollback(self) -> None:
        """Rolls the session's transaction back; without one it does nothing. A release does the same."""
        self._call(lib.session_rollback)
        self._may_have_work = False

    def ping(self) -> None:
        """Asks the server for a sign of life. Blocks until the answer comes or the call timeout is over."""
        self._call(lib.session_ping)

    def cancel(self) -> None:
        """Breaks the call that the session is in: that call raises DatabaseError with 1013. Without one it does nothing,
        and no later call and no later holder of the session is hit. Any thread; does not wait."""
        self._ask(lib.session_break)

    def set_call_timeout(self, timeout_ms: int) -> None:
        """Limits each later call of this loan, in milliseconds; 0 or -1: no limit. A call that takes longer raises
        DatabaseError with 3136, and the session stays usable."""
        self._ask(lib.session_set_call_timeout, _text.int64(timeout_ms, "timeout_ms"))

    # What it is

    @property
    def tag(self) -> Optional[str]:
        """What the session says of its state; None: untagged. Bytes that are no UTF-8 are surrogates, as in file
        names. To change it assign, which is set_tag without further arguments."""
        return _text.tag_text(self.tag_bytes)

    @tag.setter
    def tag(self, tag: Tag) -> None:
        self.set_tag(tag)

    @property
    def tag_bytes(self) -> Optional[bytes]:
        """The tag, byte by byte."""
        self._require()
        length = ctypes.c_size_t()
        return text_at(lib.session_tag(self._token, ctypes.byref(length)), length.value)

    def set_tag(self, tag: Tag, *, multi_property: bool = False, mode: int = 0) -> None:
        """Says what the session's state is from now on. Later gets find it by that.

        tag: as in release; None: untagged.
        multi_property: the tag is a list of properties; goes without saying for a mapping.
        mode: further SessRls bits.

        Raises DatabaseError with 24488 for a tag that is no list of properties. Never blocks.
        """
        given = _text.tag_bytes(tag)
        bits = _text.bits(mode, "mode")
        if multi_property or _text.is_properties(tag):
            bits |= SessRls.MULTIPROPERTY_TAG
        self._ask(lib.session_set_tag, given, len(given or b""), bits)

    @property
    def is_new(self) -> bool:
        """Whether nobody has had this session before: then its state is that of a fresh log-on. Under DRCP that of the
        attached server's session, and False while none is attached."""
        self._require()
        return bool(lib.session_is_new(self._token))

    @property
    def identity(self) -> Identity:
        """SID and serial number, as V$SESSION shows them. May ask the server."""
        sid, serial = ctypes.c_uint32(), ctypes.c_uint32()
        self._ask(lib.session_identity, ctypes.byref(sid), ctypes.byref(serial))
        return Identity(sid.value, serial.value)

    def native(self, kind: int) -> int:
        """The address of the driver's own handle, for what this package does not do: 3 the OCISvcCtx, 5 the OCIEnv, 6
        the OCIServer, 7 the OCISession. It is valid while the session is on loan. Raises Unsupported if the driver has
        no such handle."""
        handle = ctypes.c_void_p()
        self._call(lib.session_native, _text.bits(kind, "kind"), ctypes.byref(handle))
        return handle.value or 0

    # Pooled servers

    @property
    def drcp_state(self) -> DrcpState:
        """Whether a pooled server is attached, and by what."""
        self._require()
        return DrcpState(lib.session_drcp_state(self._token))

    @property
    def drcp_enabled(self) -> bool:
        """Whether the session's server comes from a pool of the database (DRCP)."""
        self._require()
        return bool(lib.session_drcp_enabled(self._token))

    @property
    def drcp_multitag_enabled(self) -> bool:
        """Whether the tags of attach and detach are lists of properties: the get said multi_property."""
        self._require()
        return bool(lib.session_drcp_multitag_enabled(self._token))

    @property
    def drcp_return_tag(self) -> Optional[str]:
        """The tag that the session of the last attached server came with; None if it had none."""
        self._require()
        length = ctypes.c_size_t()
        return _text.tag_text(text_at(lib.session_drcp_return_tag(self._token, ctypes.byref(length)), length.value))

    @property
    def need_to_purge_statement_cache(self) -> bool:
        """Whether the last attach came upon another session of the database than the one before it did: what the caller
        has cached of that session is void."""
        self._require()
        return bool(lib.session_need_to_purge_statement_cache(self._token))

    def attach(self, tag: Tag = None) -> bool:
        """Attaches a pooled server: with a tag at once, without one at the next call that needs it.

        Returns whether the server's session has the tag. Blocks until a server is free, at most for the wait limit of the
        loan's get. Raises PoolTimeout, DatabaseError (24487, 56610), InvalidArgument if a server with another tag is
        attached, Unsupported for a session with a server of its own.
        """
        given = _text.tag_bytes(tag)
        found = ctypes.c_int32()
        self._call(lib.session_attach, given, len(given or b""), ctypes.byref(found))
        return bool(found.value)

    def detach(self, tag: Tag = None) -> None:
        """Gives the pooled server back while the loan goes on.

        tag: that the server's session has from now on; None: the one that it has.

        Raises InvalidArgument, and nothing has changed, if a transaction is open or rows were not all fetched;
        Unsupported for a session with a server of its own.
        """
        given = _text.tag_bytes(tag)
        self._ask(lib.session_detach, given, len(given or b""))

    def __repr__(self) -> str:
        state = "on loan" if self._token in loans else "not on loan"
        return f"<orapool.Session {self._token:#x}, {state}>"

    # Inside the package

    def _call(self, function: Any, *arguments: Any) -> None:
        """A call that may leave work behind for the release."""
        self._may_have_work = True
        if self._statements and not all(self._statements.values()):
            self._free_forgotten()
        self._ask(function, *arguments)

    def _ask(self, function: Any, *arguments: Any) -> None:
        """A call of the session."""
        try:
            call(function, self._token, *arguments)
        except _errors.InvalidHandle:
            if self._is_inherited():
                raise inherited("session") from None
            raise

    def _is_inherited(self) -> bool:
        """Whether this is another process's session, which a fork has copied."""
        return self._home is not None and self._home.is_inherited()

    def _require(self) -> None:
        """For what has no status: a released session has no properties."""
        if self._token not in loans:
            raise self._why_not_on_loan()

    def _why_not_on_loan(self) -> _errors.Error:
        if self._is_inherited():
            return inherited("session")
        return _errors.InvalidHandle("the session was released before")

    def _free_statements(self) -> None:
        """At the end of the loan: what is left of its statements. Any thread may do that now."""
        statements, self._statements = self._statements, None
        for handle in statements or ():
            lib.stmt_free(handle)

    def _free_forgotten(self) -> None:
        """What the garbage collector found on another thread, which must not touch this session."""
        assert self._statements is not None
        for handle, is_used in list(self._statements.items()):
            if not is_used:
                lib.stmt_free(handle)
                del self._statements[handle]


class CallbackSession(Session):
    """A session while its session callback runs. It can not be released in there, and is of no use afterwards."""

    __slots__ = ("_forks",)

    def __init__(self, token: int) -> None:
        super().__init__(token, None)
        self._forks = forks()

    def release(
        self, tag: Any = KEEP, *, drop: bool = False, multi_property: bool = False, mode: Optional[int] = None
    ) -> None:
        """Raises InvalidArgument: the session belongs to the get that called back."""
        if self._is_inherited():
            raise inherited("session")
        frame = Frame()
        status = self._release_as(frame, tag, drop, multi_property, mode)
        raise take_error(status, frame.error.value)

    def is_on_loan(self) -> bool:
        """False: it is not this object that has the loan."""
        return False

    def _is_inherited(self) -> bool:
        return self._forks != forks()

    def _require(self) -> None:
        if not self._token or self._is_inherited():
            raise self._why_not_on_loan()

    def _why_not_on_loan(self) -> _errors.Error:
        if self._is_inherited():
            return inherited("session")
        return _errors.InvalidHandle("the session belongs to a get, and its session callback has ended")

    def _end(self) -> None:
        self._token = 0
        self._free_statements()

    def __del__(self, _loans: dict[int, Frame] = loans) -> None:
        """Nothing: the loan is the get's."""


def session_of(home: Home, frame: Frame, status: int) -> Session:
    """The end of a get: its session, or its error."""
    pointer, frame.error.value = frame.error.value, None
    error = take_error(status, pointer) if status else None
    if status == _errors.INVALID_HANDLE:
        raise home.why_unknown()
    if error is not None and status < 0:
        raise _callbacks.because_of_callback(error)
    token = frame.session.value
    assert token is not None
    loans[token] = frame
    return Session(token, home, frame.found.value == 1, error)


def take_back(frame: Frame) -> None:
    """After an exception in a get, which may have come from a signal handler when the session was there already."""
    token = frame.session.value
    if token and loans.pop(token, frame) is frame:
        forget(frame)


def _session_of_callback(token: int) -> CallbackSession:
    return CallbackSession(token)


_callbacks._make_session = _session_of_callback
before_interpreter_ends.append(_callbacks.end_running)


def raise_or_note(why: _errors.Error, raised: Optional[BaseException], what: str = "the session's release") -> None:
    """What the end of a block met must not hide what the block raised."""
    if raised is None:
        raise why
    note = f"{what} failed as well: {why}"
    if hasattr(raised, "add_note"):
        raised.add_note(note)
    elif raised.__context__ is None and raised is not why:
        raised.__context__ = why


def _tell_loop(released: "asyncio.Future[None]") -> None:
    """A release whose task was cancelled: its failure has nobody else to go to."""
    if not released.cancelled() and released.exception() is not None:
        released.get_loop().call_exception_handler(
            {"message": "a session's release failed after its task was cancelled", "exception": released.exception()}
        )
