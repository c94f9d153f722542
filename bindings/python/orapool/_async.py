"""Gets without blocking: requests of the C interface, and asyncio event loops that wait for them.

A pool handle has one queue of completions. Every loop that waits for some watches a file descriptor of that queue, and
whichever loop looks first takes all completions there are and passes each to the loop that it belongs to.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import itertools
import os
import threading
import weakref
from typing import Any, Optional

from . import _callbacks, _errors
from ._attributes import OF_A_GET, Bag
from ._home import Home, forks, in_forked_child, inherited
from ._session import Session, session_of, take_back
from .native import Frame, lib

_numbers = itertools.count(1)
_lock = threading.Lock()


async def get(home: Home, wanted: Optional[bytes], bits: int, attributes: dict[str, Any]) -> Session:
    """A session, as Pool.get_async describes."""
    if home.is_inherited():
        # Before any lock: a thread of the parent may have held it at the fork.
        raise inherited("pool")
    completions = _completions_of(home)
    request = completions.start(home, wanted, bits, attributes)
    try:
        completions.dispatch()
        await request.is_complete
    except BaseException:
        # A task that was cancelled, or a coroutine that is thrown away: the session, won or not, is the pool's. In a forked
        # child the request is the parent's, and so is the lock.
        if not home.is_inherited():
            completions.cancel(request)
        raise
    if request.is_known_complete and not home.may_call_back:
        return _finish(home, request.handle)
    return await _Handover(home, request.handle).session()


class _Request:
    """A request under way, and the future of the task that waits for it."""

    __slots__ = ("number", "loop", "is_complete", "handle", "is_known_complete")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.number = next(_numbers)
        self.loop = loop
        self.is_complete: asyncio.Future[None] = loop.create_future()
        self.handle: Optional[int] = None
        self.is_known_complete = False
        """Whether the library has said so: then finishing it does not wait."""

    def tell(self) -> None:
        """In the request's loop."""
        if not self.is_complete.done():
            self.is_complete.set_result(None)


class _Completions:
    """The requests of one pool handle."""

    def __init__(self, home: Home) -> None:
        # The home has this object: a reference back would keep a forgotten pool open until the next collection.
        self._token = home.token
        self._lock = threading.Lock()
        self._waiting: dict[int, _Request] = {}
        self._watchers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Watcher] = weakref.WeakKeyDictionary()

    def start(self, home: Home, wanted: Optional[bytes], bits: int, attributes: dict[str, Any]) -> _Request:
        loop = asyncio.get_running_loop()
        self._watch(loop)
        request = _Request(loop)
        # Before the start: another loop may take the completion before the start has returned.
        with self._lock:
            self._waiting[request.number] = request
        try:
            request.handle = _start(home, request.number, wanted, bits, attributes)
        except BaseException:
            self._forget(request)
            raise
        return request

    def dispatch(self) -> bool:
        """Takes all completions and tells who waits for them. False: the pool handle was closed."""
        number, handle, error = ctypes.c_uint64(), ctypes.c_void_p(), ctypes.c_void_p()
        arguments = (ctypes.byref(number), ctypes.byref(handle), ctypes.byref(error))
        while True:
            status = lib.next_completion(self._token, *arguments)
            if status == _errors.PENDING:
                return True
            if status < 0:
                lib.error_free(error.value)
                return False
            self._complete(number.value, handle.value)

    def _complete(self, number: int, handle: Optional[int]) -> None:
        with self._lock:
            request = self._waiting.pop(number, None)
        if request is None:
            # Cancelled at this moment: the cancel returns the session, and a second one does nothing.
            lib.request_cancel(handle)
            return
        request.handle = handle
        request.is_known_complete = True
        _tell(request)

    def closed(self) -> None:
        """The handle was closed: no completion will come any more, and finishing tells why."""
        with self._lock:
            left, self._waiting = list(self._waiting.values()), {}
        for request in left:
            _tell(request)

    def cancel(self, request: _Request) -> None:
        self._forget(request)
        lib.request_cancel(request.handle)

    def _forget(self, request: _Request) -> None:
        with self._lock:
            self._waiting.pop(request.number, None)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if loop in self._watchers:
                return
        fd = int(lib.completion_fd(self._token))
        if fd == _errors.ERROR:
            raise _errors.Error("the pool's completions need a file descriptor, but this process can have no more")
        if fd < 0:
            return  # The start says why.
        watcher = _Watcher(self, fd)
        with self._lock:
            self._watchers[loop] = watcher
        loop.add_reader(fd, watcher.readable, weakref.ref(loop))


class _Watcher:
    """One loop's descriptor of the completions. The loop has it until the pool handle is closed or the loop is gone."""

    def __init__(self, completions: _Completions, fd: int) -> None:
        self._completions = weakref.ref(completions)
        self._forks = forks()
        self._fd = fd

    def readable(self, of_loop: "weakref.ref[asyncio.AbstractEventLoop]") -> None:
        if self._forks != forks():
            # A loop that a child goes on with. What is in the socket is the parent's, and so is the set of descriptors that
            # the loop polls: what the child took out of it the parent would never hear of again.
            return
        is_open = _drain(self._fd)
        completions = self._completions()
        if completions is not None and completions.dispatch() and is_open:
            return
        self._stop(of_loop())
        if completions is not None:
            completions.closed()

    def _stop(self, loop: Optional[asyncio.AbstractEventLoop]) -> None:
        if loop is not None:
            loop.remove_reader(self._fd)
        self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self._close()


class _Handover:
    """A finish on a thread, because it may block, and a task that may be cancelled meanwhile: whoever comes second
    knows what the first has done, so that the session goes to the task or back to the pool."""

    def __init__(self, home: Home, request: Optional[int]) -> None:
        self._home = home
        self._request = request
        self._lock = threading.Lock()
        self._is_abandoned = False
        self._session: Optional[Session] = None

    async def session(self) -> Session:
        loop = asyncio.get_running_loop()
        work = contextvars.copy_context().run
        try:
            finished = loop.run_in_executor(None, work, self._finish)
        except BaseException:
            lib.request_cancel(self._request)
            raise
        try:
            return await asyncio.shield(finished)
        except BaseException as raised:
            if not finished.done() or isinstance(raised, (asyncio.CancelledError, GeneratorExit)):
                if not self._home.is_inherited():
                    self._abandon()
                finished.add_done_callback(_look_at_exception)
            raise

    def _finish(self) -> Session:
        session = _finish(self._home, self._request)
        with self._lock:
            self._session = session
            is_abandoned = self._is_abandoned
        if is_abandoned:
            session.release()
            raise _errors.Cancelled("the task that asked for the session was cancelled")
        return session

    def _abandon(self) -> None:
        with self._lock:
            self._is_abandoned = True
            session = self._session
        if session is not None:
            session.release()
        else:
            lib.request_cancel(self._request)


def _completions_of(home: Home) -> _Completions:
    completions = home.completions
    if completions is None:
        with _lock:
            completions = home.completions
            if completions is None:
                completions = home.completions = _Completions(home)
    assert isinstance(completions, _Completions)
    return completions


def _start(home: Home, number: int, wanted: Optional[bytes], bits: int, attributes: dict[str, Any]) -> Optional[int]:
    handle = ctypes.c_void_p()
    length, out = len(wanted or b""), ctypes.byref(handle)
    if attributes:
        with Bag(OF_A_GET, attributes) as bag:
            home.call(lib.request_start, bag, wanted, length, bits, number, out)
    else:
        home.call(lib.request_start, None, wanted, length, bits, number, out)
    return handle.value


def _tell(request: _Request) -> None:
    """Wakes the task, in its own loop. A loop that was closed wakes nobody: what was won goes back."""
    try:
        is_here = asyncio.get_running_loop() is request.loop
    except RuntimeError:
        is_here = False
    if is_here:
        request.tell()
        return
    try:
        request.loop.call_soon_threadsafe(request.tell)
    except RuntimeError:
        lib.request_cancel(request.handle)


def _finish(home: Home, request: Optional[int]) -> Session:
    """Waits for a request that is not complete, and runs the session callback: see _callbacks.getters."""
    frame = Frame()
    try:
        status = lib.request_finish(request, frame.session_ref, None, None, frame.found_ref, frame.error_ref)
        return session_of(home, frame, status)
    except BaseException:
        take_back(frame)
        raise


def _drain(fd: int) -> bool:
    """Reads what is in the socket; False at its end."""
    try:
        while True:
            some = os.read(fd, 4096)
            if not some:
                return False
            if len(some) < 4096:
                return True
    except BlockingIOError:
        return True


def _look_at_exception(finished: "asyncio.Future[Session]") -> None:
    """Marks it as seen: the task that it was for is gone."""
    if not finished.cancelled():
        finished.exception()


def _begin_anew() -> None:
    global _lock
    _lock = threading.Lock()


in_forked_child.append(_begin_anew)
_callbacks.getters.add(_finish.__code__)
