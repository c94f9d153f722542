"""The format of the scenario files. It is closed: a name that is not here is refused, so that no typo makes a check
vanish."""

import json

from .findings import Failure
from .words import (
    CAPABILITIES,
    CLOSE_MODES,
    GET_BITS,
    GET_MODES,
    KNOBS,
    PURITIES,
    RELEASE_BITS,
    SOURCES,
    STATUSES,
    USERS,
)


def parse(text):
    """JSON in which no key stands twice."""
    return json.loads(text, object_pairs_hook=_object, parse_float=_refuse_number, parse_constant=_refuse_number)


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise Failure(f"duplicate field {', '.join(twice)}")
    return members


def _refuse_number(text):
    raise Failure(f"{text} is no whole number")


def expect_that(holds, text):
    if not holds:
        raise Failure(text)


# A shape is a function of a value and the place where it stands, which raises Failure for a value that is none.


def text(value, where):
    expect_that(isinstance(value, str), f"{where} is a text, not {value!r}")


def number(value, where):
    expect_that(type(value) is int and -(2**63) <= value < 2**63, f"{where} is a whole number, not {value!r}")


def count(value, where):
    expect_that(type(value) is int and 0 <= value < 2**64, f"{where} is a number from 0 on, not {value!r}")


def flag(value, where):
    expect_that(isinstance(value, bool), f"{where} is true or false, not {value!r}")


def one_of(words):
    def shape(value, where):
        known = isinstance(value, str) and value in words
        expect_that(known, f"{where} is one of {', '.join(words)}, not {value!r}")

    return shape


def null_or(inner):
    return lambda value, where: None if value is None else inner(value, where)


def each(inner):
    def shape(value, where):
        expect_that(isinstance(value, list), f"{where} is a list, not {value!r}")
        for at, item in enumerate(value):
            inner(item, f"{where}[{at}]")

    return shape


def pair(inner):
    def shape(value, where):
        expect_that(isinstance(value, list) and len(value) == 2, f"{where} is a pair, not {value!r}")
        for item in value:
            inner(item, where)

    return shape


def members(required, optional=None):
    """An object with these fields and no others. An optional field that is null counts as left out."""
    optional = optional or {}

    def shape(value, where):
        expect_that(isinstance(value, dict), f"{where} is an object, not {value!r}")
        for name, item in value.items():
            expect_that(name in required or name in optional, f"{where} has an unknown field `{name}`")
            (required.get(name) or null_or(optional[name]))(item, f"{where}.{name}")
        for name in required:
            expect_that(name in value, f"{where} lacks the field `{name}`")

    return shape


def map_of(names, inner):
    def shape(value, where):
        expect_that(isinstance(value, dict), f"{where} is an object, not {value!r}")
        for name, item in value.items():
            expect_that(names is None or name in names, f"{where} has an unknown name `{name}`")
            inner(item, f"{where}.{name}")

    return shape


def variants(kinds):
    """An object with one key, which says what the rest is."""

    def shape(value, where):
        expect_that(isinstance(value, dict) and len(value) == 1, f"{where} is an object with one key, not {value!r}")
        for kind, inner in value.items():
            expect_that(kind in kinds, f"{where} is one of {', '.join(kinds)}, not `{kind}`")
            kinds[kind](inner, f"{where}.{kind}")

    return shape


def made_text(value, where):
    if not isinstance(value, str):
        _MADE(value, where)


def _repeat(value, where):
    expect_that(isinstance(value, list) and len(value) == 2, f"{where} is a text and a number, not {value!r}")
    text(value[0], where)
    count(value[1], where)


_MADE = variants({"hex": text, "repeat": _repeat, "join": each(made_text), "argument": one_of(("wanted", "actual"))})


def statistic(value, where):
    if isinstance(value, dict):
        members({"at_least": count})(value, where)
    else:
        count(value, where)


def steps(value, where):
    each(step)(value, where)


_KNOB_VALUES = map_of(KNOBS, count)
_RUN = members({}, {"steps": steps, "returns": number})
_GET_ATTRS = members(
    {},
    {
        "user": one_of(USERS),
        "password": text,
        "connection_class": text,
        "purity": one_of(PURITIES),
        "get_mode": one_of(GET_MODES),
        "wait_timeout_ms": number,
    },
)
settings = members(
    {},
    {
        "min": number,
        "max": number,
        "increment": number,
        "get_mode": one_of(GET_MODES),
        "wait_timeout_ms": number,
        "waiters_max": number,
        "connects_max": number,
        "homogeneous": flag,
        "user": one_of(USERS),
        "password": text,
        "connection_class": text,
        "purity": one_of(PURITIES),
        "idle_timeout_ms": number,
        "lifetime_max_ms": number,
        "uses_max": number,
        "ping_interval_ms": number,
        "ping_timeout_ms": number,
        "fixup": text,
        "callback": members({"runs": each(_RUN)}),
        "knobs": _KNOB_VALUES,
    },
)
_EXPECT = members(
    # `tag` says something even when it is null.
    {},
    {
        "status": one_of(STATUSES),
        "code": number,
        "cause_code": number,
        "message_contains": each(text),
        "session_dead": flag,
        "transient": flag,
        "found": flag,
        "tag": made_text,
        "is_new": flag,
        "same_as": text,
        "not_same_as": each(text),
        "rows": count,
    },
)
_BINDS = each(null_or(text))
_ROWS = each(each(null_or(text)))
_OF_SESSION = members({"session": text}, {"expect": _EXPECT})
_STATISTICS = map_of(None, statistic)
_CALLS = each(pair(null_or(made_text)))
STEPS = {
    "create": members({"settings": settings}, {"pool": text, "name": text, "expect": _EXPECT}),
    "open": members({"pool": text, "name": text}, {"expect": _EXPECT}),
    "reconfigure": members({"settings": settings}, {"pool": text, "expect": _EXPECT}),
    "close": members({}, {"pool": text, "mode": one_of(CLOSE_MODES), "drain_ms": number, "expect": _EXPECT}),
    "get": members(
        {"as": text},
        {"pool": text, "tag": made_text, "mode": each(one_of(GET_BITS)), "attrs": _GET_ATTRS, "expect": _EXPECT},
    ),
    "release": members({"session": text}, {"tag": made_text, "mode": each(one_of(RELEASE_BITS)), "expect": _EXPECT}),
    "set_tag": members({"session": text}, {"tag": made_text, "mode": each(one_of(RELEASE_BITS)), "expect": _EXPECT}),
    "check_tag": members({"session": text, "tag": null_or(made_text)}),
    "execute": members({"session": text, "sql": text}, {"binds": _BINDS, "expect": _EXPECT}),
    "query": members({"session": text, "sql": text, "rows": _ROWS}, {"binds": _BINDS}),
    "commit": _OF_SESSION,
    "rollback": _OF_SESSION,
    "ping": _OF_SESSION,
    "kill": members({"session": text}),
    "stats": members({"expect": _STATISTICS}, {"pool": text}),
    "wait_until": members({"stats": _STATISTICS}, {"pool": text}),
    "wait_until_closing": members({}, {"pool": text}),
    "calls": members({}, {"pool": text, "native": _CALLS, "fixup": _CALLS}),
    "start": members({"thread": text, "steps": steps}),
    "await": members({"thread": text}),
    "storm": members({"threads": count, "rounds": count, "tags": each(made_text)}, {"pool": text}),
}
step = variants(STEPS)
scenario = members(
    {"id": text, "title": text, "source": members({"kind": one_of(SOURCES), "where": text}), "steps": steps},
    {"needs": each(one_of(CAPABILITIES)), "setup": each(variants({"sql": text, "include": text})), "pool": settings},
)
scenario_file = members({"format": count, "title": text, "scenarios": each(scenario)})
