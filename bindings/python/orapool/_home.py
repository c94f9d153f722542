"""Handles of pools and the loans from them, and what becomes of both at a fork and at the interpreter's exit."""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
import weakref
from typing import Any, Callable, Optional

from . import _errors
from .native import Frame, call, lib

CLOSE_DEFAULT = 0
CLOSE_FORCE = 1

loans: dict[int, Frame] = {}
"""The sessions on loan to this package by their handles, each with the frame of its get. Whoever removes an entry has the
right to release that session, so of several threads one does. Removing is one step of the interpreter."""

frames: list[Frame] = []
"""Frames for the next gets."""

before_interpreter_ends: list[Callable[[], None]] = []
"""What other parts of the package do at the interpreter's exit, once what calls Python is closed."""

in_forked_child: list[Callable[[], None]] = []
"""What other parts of the package do in a child: what they have is the parent's, and a thread of the parent may have held
any of their locks at the fork."""

_forks = 0
"""How many forks lie between this process and the one that imported the package."""

_pid = os.getpid()

_homes: "weakref.WeakSet[Home]" = weakref.WeakSet()
_homes_lock = threading.Lock()


def forks() -> int:
    return _forks


def after_fork() -> None:
    """Lets a forked child use orapool: what its parent had is left to the parent, and the child makes pools of its own, of
    the same names if it likes. To be called first thing in the child: by the initializer of multiprocessing's pools, by the
    post-fork hook of a pre-fork server.

    The parent's pools, sessions and statements go on raising Forked in the child. In a process that was not forked, and in
    a child whose parent had not used orapool before the fork, it does nothing, nor when it is called again. One thread,
    before others use orapool; never blocks. No other thread of the parent should have been inside a call of orapool at the
    fork.

    Raises Unsupported if the parent has loaded Oracle's client library, which can not begin anew; for the eighth child of
    a child; and if the loaded library is older than this function. The child then goes on getting Forked.
    """
    if os.getpid() != _pid:
        # Forked by code in C that has not told the interpreter.
        _after_fork_in_child()
    if not may_be_used():
        call(lib.after_fork)


def may_be_used() -> bool:
    """Whether the library works in this process: it does not in a forked child that has not begun anew."""
    return bool(lib.instance_id())


def inherited(what: str) -> _errors.Forked:
    """What the use of the parent's objects in a forked child raises."""
    advice = "make a pool of this process's own" if may_be_used() else _errors.FORK_ADVICE
    return _errors.Forked(f"this {what} is of the parent process; {advice}")


class Home:
    """One handle of a pool. Its Pool and the sessions from it keep it; when none is left it is given up."""

    __slots__ = (
        "token",
        "pointer",
        "is_shared",
        "calls_python",
        "may_call_back",
        "completions",
        "_forks",
        "_gone",
        "_is_given_up",
        "__weakref__",
    )

    def __init__(self, token: int, is_shared: bool, calls_python: bool, may_call_back: bool) -> None:
        self.token = token
        self.pointer = ctypes.c_void_p(token)
        self.is_shared = is_shared
        """Whether others of the process may have a handle of the pool."""
        self.calls_python = calls_python
        """Whether the pool's session callback is Python code."""
        self.may_call_back = may_call_back
        """Whether the pool has a session callback, or may have one."""
        self.completions: Optional[Any] = None
        self._forks = _forks
        self._gone = False
        self._is_given_up = False
        with _homes_lock:
            _homes.add(self)

    def is_inherited(self) -> bool:
        """Whether this is another process's handle, which a fork has copied."""
        return self._forks != _forks

    def is_closed(self) -> bool:
        """Whether this handle was closed, or is none of this process's."""
        return self._gone or self.is_inherited()

    def close(self, mode: int, drain_ms: int) -> None:
        self.call(lib.close, mode, drain_ms)
        self._gone = True

    def call(self, function: Any, *arguments: Any) -> int:
        """A call of the pool."""
        try:
            return call(function, self.token, *arguments)
        except _errors.InvalidHandle:
            raise self.why_unknown() from None

    def why_unknown(self) -> _errors.Error:
        """Why the library does not know the handle."""
        return inherited("pool") if self.is_inherited() else _errors.ClosedHandle()

    def give_up(self) -> None:
        """Closes the handle as far as that can be done without harm to others. What is still on loan keeps it open:
        who returns the last loan tries again."""
        if self._gone or self.is_inherited():
            return
        self._is_given_up = True
        try:
            self.close(CLOSE_DEFAULT, 0)
        except _errors.Error as why:
            # Otherwise something is on loan.
            self._gone = isinstance(why, _errors.PoolClosed)

    def loan_ended(self) -> None:
        """The garbage collector finalizes a pool and its sessions in any order: after the pool, a session is why the
        handle is still there."""
        if self._is_given_up:
            self.give_up()

    def __del__(self) -> None:
        self.give_up()


def forget(frame: Frame) -> int:
    """Gives a session back that nobody has any more. There is nobody to tell what went wrong, either. The status."""
    status: int = lib.fast_session_release(frame.session, None, None, 0, frame.error_ref)
    if frame.error.value:
        lib.error_free(frame.error.value)
    if status >= 0:
        frames.append(frame)
    return status


def _forget_all() -> None:
    for token in list(loans):
        frame = loans.pop(token, None)
        if frame is not None:
            forget(frame)


@atexit.register
def _at_exit() -> None:
    """Ends what would outlive the interpreter. A pool that is nobody else's, and one whose callback is Python code and
    could not be called any more, are closed for good; of the others loans and handles are given back. Of a forked child's
    only its own are known here."""
    with _homes_lock:
        open_homes = [home for home in _homes if not home._gone]
    for home in open_homes:
        if home.calls_python or not home.is_shared:
            try:
                home.close(CLOSE_FORCE, 0)
            except _errors.Error:
                pass  # Closed meanwhile, by whoever else has it.
    for work in before_interpreter_ends:
        work()
    _forget_all()
    for home in open_homes:
        home.give_up()
        home._gone = True


def _after_fork_in_child() -> None:
    """What there is becomes the parent's."""
    global _forks, _pid, _homes, _homes_lock
    _forks += 1
    _pid = os.getpid()
    _homes = weakref.WeakSet()
    _homes_lock = threading.Lock()
    loans.clear()
    frames.clear()
    for work in in_forked_child:
        work()


os.register_at_fork(after_in_child=_after_fork_in_child)
