"""One scenario from its beginning to its end, within a limit of time."""

from . import audit
from .findings import Failure
from .steps import LIMIT_S, create_pool, run_owner, run_steps
from .world import Scope, Work, World


def run_scenario(target, setup, name, scenario, limit_s=LIMIT_S):
    """Runs it in a database of its own, which is called after it. Raises Failure."""
    shown = []
    work = Work(lambda: _run(target, setup, name, scenario, shown))
    try:
        has_ended = work.join(limit_s)
    except Failure:
        raise
    except Exception as why:
        # Such as the owner's pool that could not be made.
        raise Failure(f"{type(why).__name__}: {why}") from why
    if not has_ended:
        where = shown[0].whereabouts() if shown else "its beginning"
        raise Failure(f"hangs for {limit_s} s in:\n{where}")


def _run(target, setup, name, scenario, shown):
    audit.take_flaws()
    audit.take_contexts()
    world = World(target, name)
    shown.append(world)
    found = []
    for part in (lambda: _run_parts(world, setup, scenario), lambda: _finish(world)):
        try:
            part()
        except Failure as why:
            found.append(str(why))
        except Exception as why:
            # Such as a TypeError of the binding: no outcome that a step could expect.
            found.append(f"{type(why).__name__}: {why}")
    found += [f"a rule of the interface is broken: {flaw}" for flaw in audit.take_flaws()]
    if found:
        raise Failure("\n".join(found))


def _finish(world):
    world.enter("", "the end of the scenario")
    world.finish()


def _run_parts(world, setup, scenario):
    for item in scenario.get("setup") or ():
        for sql in [item["sql"]] if "sql" in item else setup[item["include"]]:
            try:
                run_owner(world, sql)
            except Failure as why:
                raise Failure(f"setup: {why}") from None
    if scenario.get("pool") is not None:
        create_pool(world, {"settings": scenario["pool"]}, Scope())
    run_steps(world, scenario["steps"], Scope())
