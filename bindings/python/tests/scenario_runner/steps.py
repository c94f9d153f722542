"""What each step does."""

import functools
import json
import time

import orapool

from .findings import Failure, Findings, show
from .outcome import attempt, check_outcome
from .texts import bytes_of
from .words import (
    BAD_TAG_AT_RELEASE,
    CLOSED,
    GET_BITS,
    GET_MODES,
    INVALID_ARGUMENT,
    INVALID_HANDLE,
    PURITIES,
    RELEASE_BITS,
)
from .world import Callback, Scope, Work

LIMIT_S = 60
"""Generous: it must never end a scenario that goes on, on however loaded a machine."""

_NAMES = {"min": "sessions_min", "max": "sessions_max", "increment": "sessions_increment", "fixup": "fixup_callback"}
_KINDS_OF_GETS = ("gets_tag_exact", "gets_tag_superset", "gets_tag_partial", "gets_untagged", "gets_new")


def run_steps(world, steps, scope):
    """Runs steps in their order, up to the first that fails."""
    for number, step in enumerate(steps, 1):
        ((kind, fields),) = step.items()
        position = f"{scope.path}step {number}: {json.dumps(step)}"
        world.enter(scope.path, position)
        try:
            _STEPS[kind](world, fields, scope.at(f"step {number}, "))
        except Failure as why:
            raise Failure(f"{position}\n{why}") from None
    world.leave(scope.path)


# Pools


def create_pool(world, fields, scope):
    """Creates a pool. Settings that are refused before it is made are refusals of the creation."""
    name = _pool_name(fields)
    if name in world.pools:
        raise Failure(f"the scenario has a pool `{name}` already")
    settings = fields["settings"]
    attributes = {
        **world.target.database(world.name, settings.get("knobs") or {}),
        **_log_on(world, settings.get("user") or "owner", settings.get("password")),
        **_attributes(world, settings),
    }
    if settings.get("callback") is not None:
        callback = world.callbacks[name] = Callback(settings["callback"]["runs"])
        attributes["session_callback"] = functools.partial(_run_callback, world, name, callback)
    shared = None if fields.get("name") is None else _full_name(world, fields["name"])
    outcome, pool = attempt(orapool.Pool.create, shared, **attributes)
    if pool is not None:
        world.pools[name] = pool
    check_outcome(world.target, fields.get("expect"), outcome)


def _open(world, fields, scope):
    outcome, pool = attempt(orapool.Pool.open, _full_name(world, fields["name"]))
    if pool is not None:
        world.pools[fields["pool"]] = pool
    check_outcome(world.target, fields.get("expect"), outcome)


def _reconfigure(world, fields, scope):
    outcome, _ = attempt(world.pool(_pool_name(fields)).reconfigure, **_attributes(world, fields["settings"]))
    check_outcome(world.target, fields.get("expect"), outcome)


def _close(world, fields, scope):
    pool = world.pool(_pool_name(fields))
    is_forced = fields.get("mode") == "FORCE"
    outcome, _ = attempt(pool.close, force=is_forced, drain_ms=fields.get("drain_ms") or 0)
    check_outcome(world.target, fields.get("expect"), outcome)


def _pool_name(fields):
    return fields.get("pool") or "p"


def _full_name(world, name):
    """Names of pools are the process's: scenarios must not meet."""
    return f"{world.name}/{name}"


def _log_on(world, name, password):
    user = world.target.user(name)
    return {} if user is None else {"user": user.name, "password": user.password if password is None else password}


def _attributes(world, settings):
    """All that settings name but credentials, knobs and the callback, as the binding calls it."""
    given = {_NAMES.get(name, name): value for name, value in settings.items() if value is not None}
    for name in ("user", "password", "knobs", "callback"):
        given.pop(name, None)
    return _with_numbers(world, given)


def _with_numbers(world, given):
    if "get_mode" in given:
        given["get_mode"] = GET_MODES[given["get_mode"]]
    if "purity" in given:
        given["purity"] = PURITIES[given["purity"]]
    if "fixup_callback" in given:
        given["fixup_callback"] = world.target.fill_in(given["fixup_callback"])
    return given


# Callbacks


def _run_callback(world, pool, callback, session, wanted, actual):
    arguments = {"wanted": _encoded(wanted), "actual": _encoded(actual)}
    callback.log.append((arguments["wanted"], arguments["actual"]))
    callback.count += 1
    if callback.count > len(callback.runs):
        return 1
    run = callback.runs[callback.count - 1]
    scope = Scope(f"callback of {pool}, run {callback.count}, ", session, arguments)
    try:
        run_steps(world, run.get("steps") or (), scope)
    except Exception as why:
        world.problem(str(why))
    return run.get("returns", 1) if run.get("returns") is not None else 1


def _encoded(tag):
    return None if tag is None else tag.encode("utf-8", "surrogateescape")


def _calls(world, fields, scope):
    if fields.get("native") is not None:
        callback = world.callbacks.get(_pool_name(fields))
        if callback is None:
            raise Failure(f"the pool `{_pool_name(fields)}` has no callback")
        ran, callback.log = callback.log, []
        _check_calls("native callback", ran, fields["native"])
    if fields.get("fixup") is not None:
        _check_calls("PL/SQL fix-up", _take_fixup_log(world), fields["fixup"])


def _check_calls(what, ran, expected):
    expected = [(bytes_of(wanted), bytes_of(actual)) for wanted, actual in expected]
    if ran != expected:
        raise Failure(f"{what} (wanted, actual): expected {_list(expected)}, came {_list(ran)}")


def _list(runs):
    return ", ".join(f"({show(wanted)}, {show(actual)})" for wanted, actual in runs) or "none"


def _take_fixup_log(world):
    """The rows that the fix-up procedures of setup.json wrote."""
    rows = query(world, world.owner, "select desired, actual from fixup_log order by id", ())
    run_owner(world, "delete from fixup_log")
    run_owner(world, "commit")
    return [(_encoded(wanted), _encoded(actual)) for wanted, actual in rows]


# Sessions


def _get(world, fields, scope):
    attributes = {name: value for name, value in (fields.get("attrs") or {}).items() if value is not None}
    if "user" in attributes:
        password = attributes.pop("password", None)
        attributes.update(_log_on(world, attributes.pop("user"), password))
    else:
        attributes.pop("password", None)
    tag = bytes_of(fields.get("tag"), scope.arguments)
    mode = sum(GET_BITS[bit] for bit in set(fields.get("mode") or ()))
    pool = world.pool(_pool_name(fields))
    outcome, session = attempt(pool.get, tag, mode=mode, **_with_numbers(world, attributes))
    # Before the checks: after a failed one the scenario still has to give the session back.
    if session is not None:
        world.add_session(fields["as"], session)
    expect = fields.get("expect") or {}
    try:
        check_outcome(world.target, expect, outcome)
        if session is not None:
            _check_got(world, fields["as"], session, expect, scope)
    except Failure as why:
        came = f"found {session.found}, tag {show(session.tag_bytes)}" if session is not None else "no session"
        raise Failure(f"{why}\ngot: {outcome}, {came}") from None


def _check_got(world, name, session, expect, scope):
    findings = Findings()
    if "tag" in expect:
        findings.equal("tag", show(session.tag_bytes), show(bytes_of(expect["tag"], scope.arguments)))
    if expect.get("found") is not None:
        findings.equal("found", session.found, expect["found"])
    if expect.get("is_new") is not None:
        findings.equal("is_new", session.is_new, expect["is_new"])
    if expect.get("same_as") is not None:
        other = expect["same_as"]
        findings.equal(f"same_as {other}: SID and serial#", _identity(world, name), _identity(world, other))
    for other in expect.get("not_same_as") or ():
        if _identity(world, name) == _identity(world, other):
            findings.note(f"not_same_as {other}: it is the very session")
    findings.finish()


def _identity(world, name):
    identity = world.loan(name).identity
    if identity is None:
        raise Failure(f"the session `{name}` did not tell its identity")
    return identity


def _release(world, fields, scope):
    session = world.session(fields["session"], scope)
    tag = bytes_of(fields.get("tag"), scope.arguments)
    # The bits as they stand there: the binding's own would make every tag a new one.
    outcome, _ = attempt(session.release, tag, mode=_release_bits(fields))
    if outcome.status != INVALID_ARGUMENT and outcome.code != BAD_TAG_AT_RELEASE:
        world.mark_released(fields["session"])
    check_outcome(world.target, fields.get("expect"), outcome)


def _release_bits(fields):
    return sum(RELEASE_BITS[bit] for bit in set(fields.get("mode") or ()))


def _set_tag(world, fields, scope):
    session = world.session(fields["session"], scope)
    tag = bytes_of(fields.get("tag"), scope.arguments)
    outcome, _ = attempt(session.set_tag, tag, mode=_release_bits(fields))
    check_outcome(world.target, fields.get("expect"), outcome)


def _check_tag(world, fields, scope):
    findings = Findings()
    try:
        tag = world.session(fields["session"], scope).tag_bytes
    except orapool.InvalidHandle:
        # What in C has no status and gives NULL: the binding tells it from a session without a tag.
        tag = None
    findings.equal("tag", show(tag), show(bytes_of(fields["tag"], scope.arguments)))
    findings.finish()


def _kill(world, fields, scope):
    sid, serial = _identity(world, fields["session"])
    run_owner(world, f"alter system kill session '{sid},{serial}'")


# Statements


def _execute(world, fields, scope):
    session = world.session(fields["session"], scope)
    outcome, rows = attempt(session.execute, world.target.fill_in(fields["sql"]), fields.get("binds") or ())
    expect = fields.get("expect") or {}
    check_outcome(world.target, expect, outcome)
    if expect.get("rows") is not None:
        findings = Findings()
        findings.equal("rows", rows, expect["rows"])
        findings.finish()


def query(world, session, sql, binds):
    """The rows, all columns as text."""
    sql = world.target.fill_in(sql)
    outcome, rows = attempt(session.query, sql, binds)
    _done(outcome, sql)
    return rows


def _query(world, fields, scope):
    session = world.session(fields["session"], scope)
    rows = [list(row) for row in query(world, session, fields["sql"], fields.get("binds") or ())]
    findings = Findings()
    findings.equal("rows", rows, fields["rows"])
    findings.finish()


def run_owner(world, sql):
    """A statement of the scenario's own doing."""
    sql = world.target.fill_in(sql)
    outcome, _ = attempt(world.owner.execute, sql)
    _done(outcome, sql)


def _done(outcome, sql):
    if outcome.status < 0:
        raise Failure(f"{sql}: {outcome}")


def _plain(name):
    def step(world, fields, scope):
        outcome, _ = attempt(getattr(world.session(fields["session"], scope), name))
        check_outcome(world.target, fields.get("expect"), outcome)

    return step


# Statistics and waiting


def _stats(world, fields, scope):
    stats = _read_stats(world, fields)
    _check_stats(stats, fields["expect"])
    findings = Findings()
    findings.equal("busy + idle = open", stats.busy + stats.idle, stats.open)
    findings.equal("releases + busy = gets", stats.releases + stats.busy, stats.gets)
    kinds = sum(getattr(stats, kind) for kind in _KINDS_OF_GETS)
    findings.equal(f"{' + '.join(_KINDS_OF_GETS)} = gets", kinds, stats.gets)
    findings.finish()


def _read_stats(world, fields):
    outcome, stats = attempt(world.pool(_pool_name(fields)).stats)
    _done(outcome, "stats")
    return stats


def _check_stats(stats, expected):
    findings = Findings()
    for name, number in expected.items():
        actual = getattr(stats, name)
        if isinstance(number, dict):
            if actual < number["at_least"]:
                findings.note(f"{name}: expected at least {number['at_least']}, came {actual}")
        else:
            findings.equal(name, actual, number)
    counted = ", ".join(f"{name} {value}" for name, value in stats._asdict().items() if value)
    findings.finish(f"\nof: {counted}")


def look_until(look):
    """Looks again and again, for about half of the time that the watchdog gives; the last look tells what is missing."""
    end = time.monotonic() + LIMIT_S / 2
    while True:
        try:
            return look()
        except Failure as why:
            if time.monotonic() > end:
                raise Failure(f"it never came: {why}") from None
        time.sleep(0.001)


def _wait_until(world, fields, scope):
    look_until(lambda: _check_stats(_read_stats(world, fields), fields["stats"]))


def _wait_until_closing(world, fields, scope):
    """A pool that closes or drains refuses gets, and so does the handle that was closed; what a get gives before that
    goes back."""
    pool = world.pool(_pool_name(fields))

    def look():
        outcome, session = attempt(pool.get, get_mode=orapool.GetMode.NOWAIT)
        if session is not None:
            attempt(session.release)
        if outcome.status not in (CLOSED, INVALID_HANDLE):
            raise Failure(f"a get: {outcome}")

    look_until(look)


# Threads


def _start(world, fields, scope):
    there = Scope(f"{scope.path}thread {fields['thread']}, ")
    world.start(fields["thread"], lambda: run_steps(world, fields["steps"], there))


def _await(world, fields, scope):
    world.join(fields["thread"])


def _storm(world, fields, scope):
    """Each thread goes through the tags, each from another one on; every found session must have what was wanted."""
    pool = world.pool(_pool_name(fields))
    tags = [bytes_of(tag) for tag in fields["tags"]]

    def loans(first):
        for turn in range(fields["rounds"]):
            _one_loan(pool, tags[(first + turn) % len(tags)])

    started = [Work(functools.partial(loans, number)) for number in range(fields["threads"])]
    failures = []
    # All are waited for before the first failure is told: none may run on into the end of the scenario.
    for work in started:
        try:
            work.join()
        except Exception as why:
            failures.append(why)
    if failures:
        raise failures[0]


def _one_loan(pool, wanted):
    outcome, session = attempt(pool.get, wanted, multi_property=True)
    if outcome.status != 0:
        raise Failure(f"a get: {outcome}")
    found, tag = session.found, session.tag_bytes
    released, _ = attempt(session.release, wanted, multi_property=True)
    pairs = None if tag is None else tag.split(b";")
    holds = not found if tag is None else found and all(pair in pairs for pair in wanted.split(b";"))
    if not holds:
        raise Failure(f"wanted {show(wanted)}, found {found}, tag {show(tag)}")
    if released.status != 0:
        raise Failure(f"a release: {released}")


_STEPS = {
    "create": create_pool,
    "open": _open,
    "reconfigure": _reconfigure,
    "close": _close,
    "get": _get,
    "release": _release,
    "set_tag": _set_tag,
    "check_tag": _check_tag,
    "execute": _execute,
    "query": _query,
    "commit": _plain("commit"),
    "rollback": _plain("rollback"),
    "ping": _plain("ping"),
    "kill": _kill,
    "stats": _stats,
    "wait_until": _wait_until,
    "wait_until_closing": _wait_until_closing,
    "calls": _calls,
    "start": _start,
    "await": _await,
    "storm": _storm,
}
