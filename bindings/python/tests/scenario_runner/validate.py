"""What a scenario file must keep to beyond its shape."""

import re

from . import shape
from .findings import Failure
from .shape import expect_that
from .words import STAT_NAMES, STATUSES

FORMAT = 1
_RESERVED = ("owner", "callback", "null")
_OF_A_GET = ("found", "tag", "is_new", "same_as", "not_same_as")


def check_file(contents, setup):
    shape.scenario_file(contents, "the file")
    expect_that(contents["format"] == FORMAT, f"the format is {contents['format']}, this runner reads {FORMAT}")
    expect_that(contents["title"] and contents["scenarios"], "a file has a title and scenarios")
    for scenario in contents["scenarios"]:
        try:
            _check_scenario(scenario, setup)
        except Failure as why:
            raise Failure(f"{scenario['id']}: {why}") from None


def _check_scenario(scenario, setup):
    is_plain = re.fullmatch("[A-Za-z0-9-]+", scenario["id"])
    expect_that(is_plain, "an id is of letters, digits and hyphens")
    is_whole = scenario["title"] and scenario["source"]["where"] and scenario["steps"]
    expect_that(is_whole, "a scenario has a title, a source and steps")
    for item in scenario.get("setup") or ():
        if "include" in item:
            expect_that(item["include"] in setup, f"setup.json has no list `{item['include']}`")
    steps = list(all_steps(scenario))
    if scenario.get("pool") is not None:
        _check_sizes(scenario["pool"])
    for kind, fields in steps:
        try:
            _check_step(kind, fields)
        except Failure as why:
            raise Failure(f"{why} in {kind}: {fields}") from None
    _check_names(steps)
    expect_that(any(_looks(kind, fields) for kind, fields in steps), "the scenario checks nothing")
    _check_needs(scenario, steps)


def all_steps(scenario):
    """The steps as (kind, fields), with those of threads and callbacks."""
    yield from _of_callback(scenario.get("pool"))
    yield from _of_steps(scenario["steps"])


def _of_steps(steps):
    for step in steps:
        for kind, fields in step.items():
            yield kind, fields
            if kind == "start":
                yield from _of_steps(fields["steps"])
            elif kind == "create":
                yield from _of_callback(fields["settings"])


def _of_callback(settings):
    for run in ((settings or {}).get("callback") or {}).get("runs", ()):
        yield from _of_steps(run.get("steps") or ())


def _check_sizes(settings):
    expect_that(settings.get("min") is not None and settings.get("max") is not None, "a pool names its min and max")


def _check_step(kind, fields):
    if kind == "create":
        _check_sizes(fields["settings"])
    if kind == "reconfigure":
        unchangeable = [name for name in ("user", "password", "knobs", "callback") if fields["settings"].get(name)]
        expect_that(not unchangeable, "a reconfiguration changes no user, knob or callback")
    if kind in ("stats", "wait_until"):
        _check_statistics(fields["expect" if kind == "stats" else "stats"])
    elif fields.get("expect") is not None:
        _check_expect(kind, fields["expect"])
    if kind == "calls":
        checks = fields.get("native") is not None or fields.get("fixup") is not None
        expect_that(checks, "the step checks nothing")
    if kind == "start":
        expect_that(fields["steps"], "a thread has steps")
    if kind == "storm":
        expect_that(fields["threads"] and fields["rounds"], "a storm has threads and rounds")
        expect_that(fields["tags"], "a storm has tags")


def _check_statistics(numbers):
    expect_that(numbers, "the step names no number")
    for name in numbers:
        expect_that(name in STAT_NAMES, f"there is no number `{name}` in the statistics")


def _check_expect(kind, expect):
    """A failure names its number; what only a success has, and what only some calls have, is named nowhere else."""
    status = STATUSES[expect.get("status") or "ORAPOOL_SUCCESS"]
    names_code = status == 0 or expect.get("code") is not None
    expect_that(names_code, "whoever expects an error or a warning names its code")
    if any(name in expect for name in _OF_A_GET):
        only = "only a get that succeeds has found, tag, is_new, same_as and not_same_as"
        expect_that(kind == "get" and status >= 0, only)
    if expect.get("rows") is not None:
        expect_that(kind == "execute" and status >= 0, "only an execute that succeeds has rows")


def _check_names(steps):
    """Sessions that are spoken of must come from somewhere."""
    names = [fields["as"] for kind, fields in steps if kind == "get"]
    for name in names:
        expect_that(name not in _RESERVED, f"`{name}` is taken")
    known = {*names, *_RESERVED}
    for kind, fields in steps:
        for name in _names_of(kind, fields):
            expect_that(name in known, f"no get gives the session `{name}` of {kind}: {fields}")


def _names_of(kind, fields):
    if kind == "get":
        expect = fields.get("expect") or {}
        return [*filter(None, [expect.get("same_as")]), *(expect.get("not_same_as") or ())]
    return [fields["session"]] if "session" in fields else []


def _looks(kind, fields):
    if kind in ("stats", "wait_until", "calls", "wait_until_closing", "query", "check_tag", "storm"):
        return True
    if kind not in ("get", "execute", "create", "release", "open", "close", "set_tag", "reconfigure"):
        return False
    says = ("status", "rows", *_OF_A_GET)
    return any(name in (fields.get("expect") or {}) for name in says)


def _check_needs(scenario, steps):
    """`needs` must be what the steps use: a runner without it would else meet a step that it can not do."""
    used = set(_settings_need(scenario.get("pool")))
    for kind, fields in steps:
        used.update(_step_needs(kind, fields))
    named = scenario.get("needs") or []
    is_right = set(named) == used and len(named) == len(used)
    expect_that(is_right, f"needs {sorted(named)}, but the steps use {sorted(used)}")


def _settings_need(settings):
    settings = settings or {}
    if settings.get("fixup") is not None:
        yield "plsql"
    if settings.get("callback") is not None:
        yield "callback"
        if any(run.get("returns", 1) not in (0, 1) for run in settings["callback"]["runs"]):
            yield "callback_values"
    if settings.get("user") == "second":
        yield "two_users"
    if settings.get("knobs"):
        yield "knobs"


def _step_needs(kind, fields):
    if kind == "create":
        yield from _settings_need(fields["settings"])
    if kind in ("get", "release", "set_tag"):
        yield from _text_needs(fields.get("tag"))
    if kind == "get" and (fields.get("attrs") or {}).get("user") == "second":
        yield "two_users"
    if kind == "kill":
        yield "kill"
    if kind in ("start", "storm"):
        yield "threads"


def _text_needs(text):
    if isinstance(text, dict):
        if "hex" in text:
            yield "raw_tags"
        for part in text.get("join") or ():
            yield from _text_needs(part)
