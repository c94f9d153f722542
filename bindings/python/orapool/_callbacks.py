"""Session callbacks: Python functions that the library calls inside a get.

One C function serves all of them; what tells them apart is the ctx, a number under which the function is found here. The
library says when a ctx can be used no more.
"""

from __future__ import annotations

import itertools
import sys
import threading
from types import CodeType
from typing import Any, Callable, Optional

from . import _errors, _text
from .native import CTX_FREE, SESSION_CALLBACK, call, lib, text_at

OK = 1
"""ORAPOOL_CALLBACK_OK."""
FAILED = 0

_lock = threading.RLock()
_registrations: dict[int, "Registration"] = {}
_numbers = itertools.count(1)
_raised = threading.local()
_make_session: Optional[Callable[[int], Any]] = None
getters: set[CodeType] = set()
"""The code of the functions that make a get and look for what its callback raised."""


class Registration:
    """A Python function under its number."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.number = next(_numbers)
        self.pins = 0

    def set(self, bag: Optional[int]) -> None:
        call(lib.attrs_set_callback, bag, _run, self.number, _free)

    def unpin(self) -> None:
        with _lock:
            self.pins -= 1


def register(function: object) -> Registration:
    """The function's registration, pinned. The same function has the same number again: pools that are created or
    opened with equal attributes must find the callback equal, too."""
    if not callable(function):
        raise TypeError(f"session_callback is a function of (session, wanted, actual), not {type(function).__name__}")
    with _lock:
        for known in list(_registrations.values()):
            if known.function == function:
                break
        else:
            known = Registration(function)
            _registrations[known.number] = known
        known.pins += 1
        return known


def registered() -> int:
    """How many functions the library may still call."""
    return len(_registrations)


def take_raised() -> Optional[BaseException]:
    """What a callback on this thread raised since the last look."""
    raised: Optional[BaseException] = getattr(_raised, "exception", None)
    if raised is not None:
        _raised.exception = None
    return raised


def because_of_callback(error: _errors.Error) -> BaseException:
    """The error of a get, with what its session callback raised as the cause. Exits and Ctrl-C are not for catching with
    errors: they come as they are."""
    raised = take_raised()
    if raised is None:
        return error
    if not isinstance(raised, Exception):
        return raised
    end = _errors.last_of(error)
    assert end is not None
    if end is not raised:
        end.__cause__ = raised
    return error


@CTX_FREE  # type: ignore[untyped-decorator, unused-ignore]
def _free(ctx: int) -> None:
    with _lock:
        known = _registrations.get(ctx)
        # Pinned: a bag has been filled with it anew since the library decided this. It stays until that one's end.
        if known is not None and not known.pins:
            del _registrations[ctx]


@SESSION_CALLBACK  # type: ignore[untyped-decorator, unused-ignore]
def _run(
    ctx: int, session: int, wanted: Optional[int], wanted_len: int, actual: Optional[int], actual_len: int
) -> int:
    try:
        wanted_tag = _text.tag_text(text_at(wanted, wanted_len) or None)
        actual_tag = _text.tag_text(text_at(actual, actual_len) or None)
        return _call(_registrations[ctx].function, session, wanted_tag, actual_tag)
    except BaseException as raised:
        if not _is_inside_own_get():
            # Another runtime made the get: no caller in Python can have the exception. ctypes reports it.
            raise
        _raised.exception = raised
        return FAILED


def _call(function: Callable[..., Any], handle: int, wanted: Optional[str], actual: Optional[str]) -> int:
    assert _make_session is not None
    session = _make_session(handle)
    try:
        result = function(session, wanted, actual)
    finally:
        session._end()
    if result is None:
        return OK
    if not isinstance(result, int):
        raise TypeError(
            f"a session callback returns None or 1 when the session is right, another int if not, or raises;"
            f" this one returned {type(result).__name__}"
        )
    if not -(2**31) <= result < 2**31:
        raise ValueError(f"a session callback returned {result}, which does not fit into 32 bits")
    return int(result)


def _is_inside_own_get() -> bool:
    """Whether the get that called back is one of this package's: then its frame is the one below the callback's."""
    try:
        below = sys._getframe(2)
    except ValueError:
        return False
    return below.f_code in getters
