"""All that a running scenario has: its pools, sessions, threads and what its callbacks saw."""

import gc
import threading

import orapool

from . import audit
from .findings import Failure
from .outcome import attempt


class Loan:
    """A session under its name in the scenario. It stays here after its release, so that what is said of it later finds
    the used-up handle and the identity."""

    def __init__(self, session):
        self.session = session
        self.is_out = True
        outcome, self.identity = attempt(lambda: session.identity)


class Callback:
    """The callback of a pool: what its runs do, what it was called with."""

    def __init__(self, runs):
        self.runs = runs
        self.count = 0
        self.log = []


class Scope:
    """Where a step runs: such as "step 3, thread t1, ", and inside a callback its session and tags."""

    def __init__(self, path="", session=None, arguments=None):
        self.path = path
        self.session = session
        self.arguments = arguments

    def at(self, path):
        return Scope(self.path + path, self.session, self.arguments)


class World:
    def __init__(self, target, name):
        self.target = target
        self.name = name
        self.pools = {}
        self.callbacks = {}
        self._sessions = {}
        self._threads = {}
        self._problems = []
        self._positions = {}
        self._lock = threading.Lock()
        user = target.owner
        # In a pool of its own, which counts nowhere and keeps the database alive.
        self._owner_pool = orapool.Pool.create(
            **target.database(name, {}), user=user.name, password=user.password, sessions_min=1, sessions_max=1
        )
        self.owner = self._owner_pool.get()

    def pool(self, name):
        if name not in self.pools:
            raise Failure(f"the scenario has no pool `{name}`")
        return self.pools[name]

    def add_session(self, name, session):
        """Takes a session over under its name. A name that still has a loan must not lose it."""
        loan = Loan(session)
        with self._lock:
            former = self._sessions.get(name)
            self._sessions[name] = loan
        if former is not None and former.is_out:
            # It is kept: a scenario that goes wrong must not have its sessions collected.
            self._sessions[f"{name}, before"] = former
            raise Failure(f"the session `{name}` is still on loan")
        return loan

    def loan(self, name):
        if name not in self._sessions:
            raise Failure(f"the scenario has no session `{name}`")
        return self._sessions[name]

    def mark_released(self, name):
        loan = self._sessions.get(name)
        if loan is not None:
            loan.is_out = False

    def session(self, name, scope):
        """The session behind a name, `owner`, `callback` and `null` among them."""
        if name == "null":
            return orapool.Session(0, None)
        if name == "owner":
            return self.owner
        if name == "callback":
            if scope.session is None:
                raise Failure("there is a session `callback` inside a callback alone")
            return scope.session
        return self.loan(name).session

    def start(self, name, work):
        if name in self._threads:
            raise Failure(f"the thread `{name}` was started before and not awaited")
        self._threads[name] = Work(work)

    def join(self, name):
        if name not in self._threads:
            raise Failure(f"there is no thread `{name}`")
        self._threads.pop(name).join()

    def problem(self, text):
        """A failure inside a callback, which the callback's caller can not see."""
        self._problems.append(text)

    def enter(self, path, position):
        self._positions[path] = position

    def leave(self, path):
        self._positions.pop(path, None)

    def whereabouts(self):
        """What every thread of the scenario is doing."""
        return "\n".join(position for _, position in sorted(self._positions.items()))

    def finish(self):
        """Closes everything and reports what shows only at the end."""
        problems = []
        if self._threads:
            problems.append(f"the scenario does not await its threads {', '.join(sorted(self._threads))}")
        for pool in [*self.pools.values(), self._owner_pool]:
            # A pool that the scenario has closed says so; all others must close.
            attempt(pool.close, force=True)
        problems += self._problems
        gc.collect()
        for lives, times in audit.take_contexts().values():
            if times != lives:
                problems.append(f"a callback's context was handed over {lives} times and freed {times} times")
        if problems:
            raise Failure("\n".join(problems))


class Work:
    """A thread whose failure is its waiter's."""

    def __init__(self, work):
        self._failure = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work):
        try:
            work()
        except BaseException as failure:
            self._failure = failure

    def join(self, timeout=None):
        """False: it is still at work."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            return False
        if self._failure is not None:
            raise self._failure
        return True
