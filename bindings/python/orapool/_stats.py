"""What a pool looks like and what has happened in it."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

from ._home import Home
from .native import lib


class Stats(NamedTuple):
    """The statistics of a pool at one moment; sums since its creation, times in nanoseconds."""

    open: int
    """Sessions that are open: busy and idle together."""
    busy: int
    """Sessions on loan."""
    idle: int
    """Sessions open and not on loan."""
    connecting: int
    """Sessions that are being made, or are about to be."""
    waiting: int
    """Gets that wait for a session."""
    gets: int
    """Gets that succeeded: always releases + busy."""
    gets_tag_exact: int
    """Of these, gets that found the very tag, its properties in whichever order."""
    gets_tag_superset: int
    """Of these, gets that found the tag with more properties."""
    gets_tag_partial: int
    """Of these, gets that took a session with another tag."""
    gets_untagged: int
    """Of these, gets that found a session without a tag which had been on loan before."""
    gets_new: int
    """Of these, gets that found a session nobody had had."""
    timeouts: int
    """Gets that failed with PoolTimeout, but for those in rejected."""
    rejected: int
    """Gets that were turned away because as many were waiting as waiters_max allows."""
    releases: int
    """Loans that ended, drops among them."""
    drops: int
    """Releases that asked for the session to be closed."""
    connects: int
    """Sessions that were made."""
    connect_failures: int
    """Sessions that could not be made."""
    pings: int
    """Pings of idle sessions before they were handed out."""
    ping_failures: int
    """Pings that were not answered in time."""
    fixups: int
    """PL/SQL fix-ups that ran."""
    fixup_failures: int
    """PL/SQL fix-ups that failed; no gets."""
    callbacks: int
    """Session callbacks that ran."""
    callback_failures: int
    """Session callbacks that failed; no gets."""
    closed_idle: int
    """Sessions closed because they were idle for too long."""
    closed_lifetime: int
    """Sessions closed because of their age."""
    closed_uses: int
    """Sessions closed because they had been lent often enough."""
    closed_dead: int
    """Sessions closed because they were found dead."""
    evictions: int
    """Idle sessions that were replaced because a get needed another kind."""
    leaks: int
    """Loans that lasted longer than leak_after_ms."""
    wait_ns_total: int
    """Nanoseconds that gets have waited, all together."""
    wait_ns_max: int
    """Nanoseconds of the longest wait."""
    peak_busy: int
    """The most sessions that were seen on loan at once."""
    drcp_attaches: int
    """Pooled servers that were attached."""
    drcp_session_changes: int
    """Attaches that came upon another session than before."""


class Events(NamedTuple):
    """What happened in a pool of late."""

    events: list[dict[str, Any]]
    """The events, oldest first; each has a ``number``, a ``kind`` and what belongs to it."""
    last: int
    """What to give as ``after`` the next time."""


_NUMBERS = ctypes.c_uint64 * (len(Stats._fields) + 1)


def read(home: Home) -> Stats:
    numbers = _NUMBERS(ctypes.sizeof(_NUMBERS))
    home.call(lib.get_stats, numbers)
    return Stats(*numbers[1:])
