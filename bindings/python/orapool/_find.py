"""Where liborapool.so is, and whether it is the one that this package was written for."""

from __future__ import annotations

import ctypes
import os
from typing import Optional

from ._errors import LibraryError

# The version of the C interface that this package speaks: major and minor.
WANTED = (0, 1)
VARIABLE = "ORAPOOL_LIBRARY"
SYSTEM_NAME = "liborapool.so.0"
CARRIED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "liborapool.so")


def open_library() -> tuple[ctypes.CDLL, str]:
    """The library and what it was opened as. CDLL, never PyDLL: calls block, and callbacks come from them."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        # A library that somebody named is never silently replaced by another one.
        library, why = _try(chosen)
        return _checked(library, chosen) if library else _fail(f"{VARIABLE}: {why}", "not looked at", "not looked at")
    carried, why_not_carried = _try(CARRIED) if os.path.exists(CARRIED) else (None, f"there is no {CARRIED}")
    if carried:
        return _checked(carried, CARRIED)
    system, why_not_system = _try(SYSTEM_NAME)
    if system:
        return _checked(system, SYSTEM_NAME)
    return _fail(f"{VARIABLE} is not set", why_not_carried, why_not_system)


def _try(path: str) -> tuple[Optional[ctypes.CDLL], str]:
    try:
        return ctypes.CDLL(path), ""
    except OSError as why:
        return None, str(why)


def _fail(variable: str, carried: str, system: str) -> tuple[ctypes.CDLL, str]:
    raise LibraryError(
        "liborapool.so was not found.\n"
        f"  1. the environment variable {VARIABLE}, a full path: {variable}\n"
        f"  2. the copy that this package carries: {carried}\n"
        f"  3. the system's {SYSTEM_NAME}: {system}\n"
        f"Install the library (make install, ldconfig), or set {VARIABLE}."
    )


def _checked(library: ctypes.CDLL, path: str) -> tuple[ctypes.CDLL, str]:
    try:
        version = library.orapool_version
    except AttributeError:
        raise LibraryError(f"{path} is not liborapool: it has no orapool_version") from None
    version.restype = ctypes.c_uint32
    number = version()
    found = (number >> 16, number >> 8 & 0xFF)
    if found != WANTED:
        raise LibraryError(
            f"{path} is orapool {found[0]}.{found[1]}, but this package was written for {WANTED[0]}.{WANTED[1]};"
            " install the two in one version"
        )
    return library, path
