"""Session callbacks: Python functions that the library calls inside a get.

One C function serves all of them; what tells them apart is the ctx, under which the function is found here. The library says
when a ctx can be used no more, on whichever thread gave it up, perhaps when the interpreter has ended. That must not run
Python: the ctx is a semaphore, and what the library calls is the C library's sem_post. Python looks at it now and then.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any, Callable, Optional

from . import _errors, _text
from ._home import in_forked_child
from .native import CTX_FREE, SESSION_CALLBACK, call, lib, text_at

OK = 1
"""ORAPOOL_CALLBACK_OK."""
FAILED = 0

_lock = threading.RLock()
_registrations: dict[int, "Registration"] = {}
_libc = ctypes.CDLL(None)
_libc.malloc.restype = ctypes.c_void_p
_libc.malloc.argtypes = [ctypes.c_size_t]
_SEM_T_SIZE = 64  # More than any Linux has.
_raised = threading.local()
_make_session: Optional[Callable[[int], Any]] = None
_LAST_CALLBACKS_S = 2.0
getters: set[CodeType] = set()
"""The code of the functions that make a get and look for what its callback raised."""


class Registration:
    """A Python function and its ctx."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        # Not Python's memory: the library may have it for longer than the interpreter lives.
        self.ctx = ctypes.c_void_p(_libc.malloc(_SEM_T_SIZE))
        self.pins = 0
        if not self.ctx or _libc.sem_init(self.ctx, 0, 0):
            raise MemoryError("no memory for a session callback")

    def set(self, bag: Optional[int]) -> None:
        call(lib.attrs_set_callback, bag, _run, self.ctx, _FREE)

    def unpin(self) -> None:
        with _lock:
            self.pins -= 1

    def is_free(self) -> bool:
        """Whether the library has said that it uses the ctx no more. Pinned, a bag is being filled with it anew."""
        return not self.pins and _libc.sem_trywait(self.ctx) == 0


def register(function: object) -> Registration:
    """The function's registration, pinned. The same function has the same number again: pools that are created or
    opened with equal attributes must find the callback equal, too."""
    if not callable(function):
        raise TypeError(f"session_callback is a function of (session, wanted, actual), not {type(function).__name__}")
    sweep()
    with _lock:
        for known in list(_registrations.values()):
            if known.function == function:
                break
        else:
            known = Registration(function)
            _registrations[known.ctx.value or 0] = known
        known.pins += 1
        return known


def sweep() -> None:
    """Lets go of the functions that the library can not call any more."""
    if not _registrations:
        return
    with _lock:
        for ctx, known in list(_registrations.items()):
            if known.is_free():
                del _registrations[ctx]
                _libc.free(known.ctx)


def registered() -> int:
    """How many functions the library may still call."""
    sweep()
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


def _run_callback(
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


def end_running() -> None:
    """At the interpreter's exit: ends callbacks on daemon threads, as the interpreter is about to end those threads. It
    does that where they next take its lock, which inside a callback would unwind the library. One that is blocked outside
    of Python can not be ended; after a while it is left to sleep on."""
    end = time.monotonic() + _LAST_CALLBACKS_S
    for thread in _threads_inside():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))
    while _threads_inside() and time.monotonic() < end:
        time.sleep(0.001)


def _threads_inside() -> list[int]:
    return [thread for thread, frame in sys._current_frames().items() if _is_inside(frame)]


def _is_inside(frame: Optional[FrameType]) -> bool:
    while frame is not None and frame.f_code is not _run_callback.__code__:
        frame = frame.f_back
    return frame is not None


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


def _begin_anew() -> None:
    """The memory of a ctx stays: the child's copy of the parent's pools points to it."""
    global _lock, _registrations
    _lock = threading.RLock()
    _registrations = {}


in_forked_child.append(_begin_anew)

# For the life of the process: the library has its address.
_run = SESSION_CALLBACK(_run_callback)
_FREE = ctypes.cast(_libc.sem_post, CTX_FREE)
