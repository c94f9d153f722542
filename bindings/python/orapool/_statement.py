"""Statements and their rows."""

from __future__ import annotations

import ctypes
import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _errors, _text
from ._home import forks, inherited
from .native import call, lib, text_at

if TYPE_CHECKING:
    from ._session import Session

_NOT_AN_INT64 = 1455


class _Number:
    def __repr__(self) -> str:
        return "NUMBER"


NUMBER = _Number()
"""The type of a column of numbers: int where it is whole, else Decimal in all its digits."""

Type = Union[type, _Number]
"""What a column is read as: str, bytes, int, float, Decimal, datetime.datetime, datetime.date or NUMBER."""


class Statement:
    """A prepared statement of a session, with the session's thread rule. ``with`` frees it, and so does the end of the
    loan; after that it raises InvalidHandle."""

    __slots__ = ("_session", "_handle", "_forks", "__weakref__")

    def __init__(self, session: Session, handle: int) -> None:
        """For the package: statements come from Session.prepare."""
        self._session = session
        self._handle = handle
        self._forks = forks()

    def bind(self, position: int, value: Any) -> None:
        """Binds a value for all executions until the position is bound anew.

        position: of the placeholder, counted from 1 in the order of the text.
        value: None, bool (1 or 0), int, float, Decimal, str, bytes; a datetime as the text `2026-01-31 23:59:59`, with
            its fraction and offset if it has them, a date with `00:00:00`: wrap these in to_date(:1, ...) or
            to_timestamp. An empty str and empty bytes are NULL, as everywhere in Oracle.

        Raises DatabaseError (1036) for a position that the statement does not have, InvalidArgument for numbers that are
        not finite, TypeError for other types. Never blocks.
        """
        at = _text.bits(position, "position")
        if value is None:
            self._ask(lib.stmt_bind_null, at)
        elif isinstance(value, int):
            self._bind_int(at, value)
        elif isinstance(value, float):
            self._ask(lib.stmt_bind_double, at, value)
        elif isinstance(value, str):
            self._bind_text(at, value)
        elif isinstance(value, (bytes, bytearray, memoryview)):
            given = bytes(value)
            self._ask(lib.stmt_bind_bytes, at, given, len(given))
        elif isinstance(value, Decimal):
            self._bind_decimal(at, value)
        elif isinstance(value, datetime.datetime):
            self._bind_text(at, value.isoformat(" "))
        elif isinstance(value, datetime.date):
            self._bind_text(at, f"{value.isoformat()} 00:00:00")
        else:
            raise TypeError(
                "a bind is None, bool, int, float, Decimal, str, bytes, datetime or date, not"
                f" {type(value).__name__} (position {position})"
            )

    def _bind_int(self, at: int, value: int) -> None:
        if -(2**63) <= value < 2**63:
            self._ask(lib.stmt_bind_int, at, int(value))
        else:
            self._bind_text(at, str(int(value)))

    def _bind_text(self, at: int, value: str) -> None:
        given = _text.utf8(value, f"the bind at position {at}")
        self._ask(lib.stmt_bind_text, at, given, len(given))

    def _bind_decimal(self, at: int, value: Decimal) -> None:
        """As a number where that is exact: a text with a fraction depends on the session's decimal character."""
        if not value.is_finite():
            raise _errors.InvalidArgument(f"the bind at position {at} is {value}, which no NUMBER holds")
        if value == value.to_integral_value():
            self._bind_int(at, int(value))
        elif Decimal(float(value)) == value:
            self._ask(lib.stmt_bind_double, at, float(value))
        else:
            self._bind_text(at, format(value, "f"))

    def execute(self, binds: Sequence[Any] = ()) -> int:
        """Executes the statement; may be repeated, with other binds. Returns the rows inserted, updated or deleted; 0 for
        all else.

        binds: by position, the first for the first placeholder; those that are not given stay as they were bound.

        Rows of a former execution that were not fetched are gone. Blocks for as long as it takes. Raises DatabaseError:
        1008 if a placeholder is not bound, 1013 after cancel, 3136 after the call timeout.
        """
        if isinstance(binds, (str, bytes, Mapping)) or not isinstance(binds, Sequence):
            raise TypeError(f"binds are a list or tuple, by position, not {type(binds).__name__}")
        for position, value in enumerate(binds, 1):
            self.bind(position, value)
        rows = ctypes.c_uint64()
        self._session._may_have_work = True
        self._ask(lib.stmt_execute, ctypes.byref(rows))
        return rows.value

    def fetchone(self, types: Optional[Sequence[Any]] = None) -> Optional[tuple[Any, ...]]:
        """The next row, or None after the last.

        types: what each column is read as: str, bytes, int, float, Decimal, datetime.datetime, datetime.date, NUMBER (int
            where it is whole, else Decimal). Without it all are str: numbers in all their digits, bytes in hexadecimal.
            NULL is None always.

        Blocks for as long as the database takes. Raises DatabaseError, 1722 for a text that is no number, 1455 for a
        number with a fraction as int.
        """
        if not self.fetch():
            return None
        count = self.column_count
        if types is None:
            return tuple([self.column_text(column) for column in range(count)])
        if len(types) != count:
            raise _errors.InvalidArgument(f"the query has {count} columns, but there are {len(types)} types")
        return tuple([self.column(column, kind) for column, kind in enumerate(types)])

    def fetchall(self, types: Optional[Sequence[Any]] = None) -> list[tuple[Any, ...]]:
        """All rows that are left; see fetchone."""
        return list(self.rows(types))

    def rows(self, types: Optional[Sequence[Any]] = None) -> Iterator[tuple[Any, ...]]:
        """The rows that are left, one after the other; see fetchone."""
        row = self.fetchone(types)
        while row is not None:
            yield row
            row = self.fetchone(types)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self.rows()

    def fetch(self) -> bool:
        """Moves to the next row; False after the last."""
        return self._ask(lib.stmt_fetch) != _errors.NO_DATA

    @property
    def column_count(self) -> int:
        """How many columns the query has; 0 for what is not a query, and over OCI before the execute."""
        self._require()
        return int(lib.stmt_column_count(self._handle))

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, as the database gives them: in upper case, unless the query quoted them."""
        length = ctypes.c_size_t()
        names = []
        for column in range(self.column_count):
            name = text_at(lib.stmt_column_name(self._handle, column, ctypes.byref(length)), length.value)
            names.append((name or b"").decode())
        return names

    def column(self, column: int, kind: Any = str) -> Any:
        """A column of the row last fetched, counted from 0, as fetchone reads it."""
        reader = _READERS.get(kind)
        if reader is None:
            raise TypeError(
                f"a column is read as str, bytes, int, float, Decimal, datetime, date or NUMBER, not {kind!r}"
            )
        at = _text.bits(column, "column")
        if kind is not str and self.is_null(at):
            return None
        return reader(self, at)

    def is_null(self, column: int) -> bool:
        """Whether a column of the row last fetched is NULL."""
        self._require()
        return bool(lib.stmt_column_is_null(self._handle, _text.bits(column, "column")))

    def column_text(self, column: int) -> Optional[str]:
        """A column of the row last fetched as text; None: NULL."""
        text = self._bytes_of(lib.stmt_column_text, column)
        return None if text is None else text.decode()

    def column_bytes(self, column: int) -> Optional[bytes]:
        """A column of the row last fetched as bytes: of RAW and BLOB the bytes themselves, of all else its text."""
        return self._bytes_of(lib.stmt_column_bytes, column)

    def column_int(self, column: int) -> int:
        """A column of the row last fetched as int; NULL as 0. A whole number of any size; DatabaseError 1455 for one with
        a fraction, 1722 for what is no number."""
        value = ctypes.c_int64()
        try:
            self._ask(lib.stmt_column_int, _text.bits(column, "column"), ctypes.byref(value))
        except _errors.DatabaseError as why:
            if why.code != _NOT_AN_INT64:
                raise
            exact = self._decimal(column)
            if exact != exact.to_integral_value():
                raise
            return int(exact)
        return value.value

    def column_float(self, column: int) -> float:
        """A column of the row last fetched as float, the nearest to its value; NULL as 0."""
        value = ctypes.c_double()
        self._ask(lib.stmt_column_double, _text.bits(column, "column"), ctypes.byref(value))
        return value.value

    def close(self) -> None:
        """Frees the statement and what was not fetched. A second close does nothing. Never blocks."""
        statements = self._session._statements
        if statements is not None and statements.pop(self._handle, None) is not None:
            lib.stmt_free(self._handle)

    def __enter__(self) -> Statement:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # The collector may be on another thread than the session: the session's next call, or its release, frees it.
        statements = self._session._statements
        if statements is not None and self._handle in statements:
            statements[self._handle] = False

    def _ask(self, function: Any, *arguments: Any) -> int:
        """A call of the statement."""
        try:
            return call(function, self._handle, *arguments)
        except _errors.InvalidHandle:
            if self._is_inherited():
                raise inherited("statement") from None
            raise

    def _is_inherited(self) -> bool:
        """Whether this is another process's statement, which a fork has copied."""
        return self._forks != forks()

    def _require(self) -> None:
        if self._is_inherited():
            raise inherited("statement")
        statements = self._session._statements
        if statements is None or self._handle not in statements:
            raise _errors.InvalidHandle("the statement was closed, or the loan of its session has ended")

    def _bytes_of(self, function: Any, column: int) -> Optional[bytes]:
        address, length = ctypes.c_void_p(), ctypes.c_size_t()
        self._ask(function, _text.bits(column, "column"), ctypes.byref(address), ctypes.byref(length))
        return text_at(address.value, length.value)

    def _text(self, column: int) -> str:
        return self.column_text(column) or ""

    def _decimal(self, column: int) -> Decimal:
        text = self._text(column)
        try:
            return Decimal(text)
        except InvalidOperation:
            raise _errors.DatabaseError(f"ORA-01722: invalid number {text!r}", code=1722) from None

    def _number(self, column: int) -> Union[int, Decimal]:
        try:
            return self.column_int(column)
        except _errors.DatabaseError as why:
            if why.code != _NOT_AN_INT64:
                raise
        return self._decimal(column)

    def _datetime(self, column: int) -> datetime.datetime:
        text = self._text(column)
        try:
            return _parse_datetime(text)
        except ValueError:
            raise _errors.InvalidArgument(
                f"{text!r} is no date and time as `2026-01-31 23:59:59`: select it with to_char(..., 'YYYY-MM-DD HH24:MI:SS')"
            ) from None


def _parse_datetime(text: str) -> datetime.datetime:
    """ISO, as the drivers give it. Fractions have up to nine digits; a datetime holds six of them."""
    whole, dot, rest = text.strip().partition(".")
    if not dot:
        return datetime.datetime.fromisoformat(whole.replace(" +", "+").replace(" -", "-"))
    digits = len(rest) - len(rest.lstrip("0123456789"))
    fraction, zone = rest[:digits], rest[digits:].strip()
    return datetime.datetime.fromisoformat(f"{whole}.{fraction[:6].ljust(6, '0')}{zone}")


_READERS: dict[Any, Any] = {
    str: Statement.column_text,
    bytes: Statement.column_bytes,
    int: Statement.column_int,
    float: Statement.column_float,
    Decimal: Statement._decimal,
    NUMBER: Statement._number,
    datetime.datetime: Statement._datetime,
    datetime.date: lambda statement, column: statement._datetime(column).date(),
}
