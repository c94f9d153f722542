"""The functions of the C interface, as ctypes has them.

``lib.session_get`` is ``orapool_session_get``, and so on: names, parameters and rules are those of ``orapool.h``. This is
what the rest of the package stands on, and a way to what it does not offer. The functions release Python's global lock.
A function that the loaded library does not have is in ``lib.missing``.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Optional

from . import _errors
from ._find import open_library

SESSION_CALLBACK = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t)
CTX_FREE = ctypes.CFUNCTYPE(None, c_void_p)

_HANDLE = c_void_p
_OUT = POINTER(c_void_p)
_SIZE_OUT = POINTER(c_size_t)
_INT_OUT = POINTER(c_int32)
# Texts are read with their length: c_char_p as a result would stop at the first NUL.
_TEXT_OUT = c_void_p

_STATUS_FUNCTIONS: dict[str, list[Any]] = {
    "after_fork": [_OUT],
    "attrs_new": [_OUT, _OUT],
    "attrs_set_text": [_HANDLE, c_uint32, c_char_p, c_size_t, _OUT],
    "attrs_set_int": [_HANDLE, c_uint32, c_int64, _OUT],
    "attrs_set_callback": [_HANDLE, SESSION_CALLBACK, c_void_p, CTX_FREE, _OUT],
    "create": [c_char_p, c_size_t, _HANDLE, c_uint32, _OUT, _OUT],
    "open": [c_char_p, c_size_t, _OUT, _OUT],
    "reconfigure": [_HANDLE, _HANDLE, _OUT],
    "close": [_HANDLE, c_uint32, c_int64, _OUT],
    "get_stats": [_HANDLE, c_void_p, _OUT],
    "metrics": [_HANDLE, c_uint32, _OUT, _SIZE_OUT, _OUT],
    "events": [_HANDLE, c_uint64, _OUT, _SIZE_OUT, POINTER(c_uint64), _OUT],
    "session_get": [_HANDLE, _OUT, _HANDLE, c_char_p, c_size_t, _OUT, _SIZE_OUT, _INT_OUT, c_uint32, _OUT],
    "session_release": [_HANDLE, c_char_p, c_size_t, c_uint32, _OUT],
    "session_set_tag": [_HANDLE, c_char_p, c_size_t, c_uint32, _OUT],
    "session_identity": [_HANDLE, POINTER(c_uint32), POINTER(c_uint32), _OUT],
    "session_execute": [_HANDLE, c_char_p, c_size_t, POINTER(c_uint64), _OUT],
    "session_commit": [_HANDLE, _OUT],
    "session_rollback": [_HANDLE, _OUT],
    "session_ping": [_HANDLE, _OUT],
    "session_break": [_HANDLE, _OUT],
    "session_set_call_timeout": [_HANDLE, c_int64, _OUT],
    "session_native": [_HANDLE, c_uint32, _OUT, _OUT],
    "session_attach": [_HANDLE, c_char_p, c_size_t, _INT_OUT, _OUT],
    "session_detach": [_HANDLE, c_char_p, c_size_t, _OUT],
    "stmt_prepare": [_HANDLE, c_char_p, c_size_t, _OUT, _OUT],
    "stmt_bind_null": [_HANDLE, c_uint32, _OUT],
    "stmt_bind_int": [_HANDLE, c_uint32, c_int64, _OUT],
    "stmt_bind_double": [_HANDLE, c_uint32, c_double, _OUT],
    "stmt_bind_text": [_HANDLE, c_uint32, c_char_p, c_size_t, _OUT],
    "stmt_bind_bytes": [_HANDLE, c_uint32, c_char_p, c_size_t, _OUT],
    "stmt_execute": [_HANDLE, POINTER(c_uint64), _OUT],
    "stmt_fetch": [_HANDLE, _OUT],
    "stmt_column_int": [_HANDLE, c_uint32, POINTER(c_int64), _OUT],
    "stmt_column_double": [_HANDLE, c_uint32, POINTER(c_double), _OUT],
    "stmt_column_text": [_HANDLE, c_uint32, _OUT, _SIZE_OUT, _OUT],
    "stmt_column_bytes": [_HANDLE, c_uint32, _OUT, _SIZE_OUT, _OUT],
    "request_start": [_HANDLE, _HANDLE, c_char_p, c_size_t, c_uint32, c_uint64, _OUT, _OUT],
    "next_completion": [_HANDLE, POINTER(c_uint64), _OUT, _OUT],
    "request_finish": [_HANDLE, _OUT, _OUT, _SIZE_OUT, _INT_OUT, _OUT],
}
_OTHER_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "attrs_free": (None, [_HANDLE]),
    "error_status": (c_int32, [c_void_p]),
    "error_code": (c_int32, [c_void_p]),
    "error_message": (_TEXT_OUT, [c_void_p, _SIZE_OUT]),
    "error_is_transient": (c_int32, [c_void_p]),
    "error_is_session_dead": (c_int32, [c_void_p]),
    "error_next": (c_void_p, [c_void_p]),
    "error_free": (None, [c_void_p]),
    "version": (c_uint32, []),
    "instance_id": (c_uint64, []),
    "status_name": (c_char_p, [c_int32]),
    "text_free": (None, [c_void_p]),
    "session_tag": (_TEXT_OUT, [_HANDLE, _SIZE_OUT]),
    "session_is_new": (c_int32, [_HANDLE]),
    "session_drcp_state": (c_int32, [_HANDLE]),
    "session_drcp_enabled": (c_int32, [_HANDLE]),
    "session_drcp_multitag_enabled": (c_int32, [_HANDLE]),
    "session_drcp_return_tag": (_TEXT_OUT, [_HANDLE, _SIZE_OUT]),
    "session_need_to_purge_statement_cache": (c_int32, [_HANDLE]),
    "stmt_column_count": (c_uint32, [_HANDLE]),
    "stmt_column_name": (_TEXT_OUT, [_HANDLE, c_uint32, _SIZE_OUT]),
    "stmt_column_is_null": (c_int32, [_HANDLE, c_uint32]),
    "stmt_free": (None, [_HANDLE]),
    "completion_fd": (c_int32, [_HANDLE]),
    "request_cancel": (None, [_HANDLE]),
}


class Library:
    """The loaded library; its functions are the attributes."""

    # No __getattr__ for functions that are missing: a class that has one makes every other attribute slow.
    path: str
    """What it was opened as."""
    missing: set[str]
    """The functions that it does not have, because it is older than this package. Calling them raises Unsupported."""

    def __init__(self) -> None:
        loaded, self.path = open_library()
        self.missing = set()
        for name, parameters in _STATUS_FUNCTIONS.items():
            self._take(loaded, name, c_int32, parameters)
        for name, (result, parameters) in _OTHER_FUNCTIONS.items():
            self._take(loaded, name, result, parameters)
        # The two calls of every loan once more, without declared types: the conversion of ten arguments costs more than
        # the call. Whoever calls them passes handles and sizes as ctypes objects or None, and mode bits as int.
        for name in ("session_get", "session_release"):
            self._take(loaded, name, c_int32, None, f"fast_{name}")

    def _take(
        self, loaded: ctypes.CDLL, name: str, result: Any, parameters: Optional[list[Any]], known_as: str = ""
    ) -> None:
        try:
            # The index, unlike the attribute, gives a function object of our own.
            function = loaded[f"orapool_{name}"]
        except AttributeError:
            self.missing.add(name)
            setattr(self, name, _missing(self.path, name))
            return
        function.restype = result
        if parameters is not None:
            function.argtypes = parameters
        setattr(self, known_as or name, function)


def _missing(path: str, name: str) -> Any:
    def function(*_: Any) -> Any:
        raise _errors.Unsupported(f"{path} has no function orapool_{name}: it is older than this package")

    return function


lib: Any = Library()


class Frame:
    """The OUT parameters of one call: whoever took it has it for itself, so that no other thread, signal handler or
    finalizer can write into it."""

    __slots__ = ("session", "session_ref", "found", "found_ref", "error", "error_ref")

    def __init__(self) -> None:
        self.session = c_void_p()
        self.session_ref = ctypes.byref(self.session)
        self.found = c_int32()
        self.found_ref = ctypes.byref(self.found)
        self.error = c_void_p()
        self.error_ref = ctypes.byref(self.error)


def text_at(address: Optional[int], length: int) -> Optional[bytes]:
    """A copy of a text that the library owns; None for NULL."""
    return ctypes.string_at(address, length) if address else None


def take_error(status: int, pointer: Optional[int]) -> _errors.Error:
    """The exception for a call's error, with its causes. Frees the error."""
    if not pointer:
        return _errors.make(lib.status_name(status).decode(), status, 0, False, False)
    try:
        return _read_chain(pointer)
    finally:
        lib.error_free(pointer)


def _read_chain(pointer: int) -> _errors.Error:
    first = error = _read_error(pointer)
    cause = lib.error_next(pointer)
    while cause:
        behind = _read_error(cause)
        error.__cause__ = behind
        error = behind
        cause = lib.error_next(cause)
    return first


def _read_error(pointer: int) -> _errors.Error:
    length = c_size_t()
    message = text_at(lib.error_message(pointer, ctypes.byref(length)), length.value) or b""
    return _errors.make(
        message.decode("utf-8", "replace"),
        lib.error_status(pointer),
        lib.error_code(pointer),
        bool(lib.error_is_transient(pointer)),
        bool(lib.error_is_session_dead(pointer)),
    )


def call(function: Any, *arguments: Any) -> int:
    """Makes a call whose last parameter is the error. Returns its status, or raises its error; a warning is dropped."""
    error = c_void_p()
    status: int = function(*arguments, ctypes.byref(error))
    if status < 0:
        raise take_error(status, error.value)
    if error.value:
        lib.error_free(error.value)
    return status


def call_with_warning(function: Any, *arguments: Any) -> Optional[_errors.Error]:
    """As call; returns the warning of a success with information."""
    error = c_void_p()
    status: int = function(*arguments, ctypes.byref(error))
    if status < 0:
        raise take_error(status, error.value)
    return take_error(status, error.value) if error.value else None
