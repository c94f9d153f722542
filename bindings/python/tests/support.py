"""What the tests have in common."""

import gc
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
import unittest

import orapool
from orapool import native

LIMIT_S = 60
"""Ends what hangs. Nothing else here measures time."""
PASSWORD = "tigerSecret9"
_numbers = itertools.count(1)

has_requests = "request_start" not in native.lib.missing
has_events = "events" not in native.lib.missing
needs_requests = unittest.skipUnless(has_requests, "the library has no requests")


def attributes(database=None, **more):
    """A pool's attributes in a database of its own, in the engine inside the library."""
    name = database or f"python_{os.getpid()}_{next(_numbers)}"
    given = {"connect_string": f"embedded:{name}", "user": "scott", "password": PASSWORD, "sessions_min": 0}
    given.update(more)
    return given


class TestCase(unittest.TestCase):
    def pool(self, name=None, database=None, **more):
        """A pool that is closed at the end of the test, whatever is on loan."""
        pool = orapool.Pool.create(name, **attributes(database, **more))
        self.addCleanup(close, pool)
        return pool

    def name(self):
        """A name of a pool that no other test has."""
        return f"{self.id()} {next(_numbers)}"

    def fails(self, kind, code=None, **facts):
        """with self.fails(orapool.PoolTimeout, 24457) as caught: ..."""
        return _Fails(self, kind, code, facts)

    def eventually(self, look, what="it"):
        """Waits for the state itself."""
        end = time.monotonic() + LIMIT_S
        while not look():
            self.assertLess(time.monotonic(), end, f"{what} never came")
            time.sleep(0.001)

    def thread(self, work, *arguments):
        """A thread that is joined, and whose exception is the test's."""
        thread = Thread(work, arguments)
        self.addCleanup(thread.join)
        return thread

    def python(self, code, *arguments, status=0, **environment):
        """Runs a program in another interpreter; what it printed."""
        done = run_python(code, *arguments, **environment)
        story = f"\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        self.assertEqual(done.returncode, status, f"exit status {done.returncode}{story}")
        return done


class _Fails:
    def __init__(self, test, kind, code, facts):
        self._test, self._kind, self._code, self._facts = test, kind, code, facts
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._test.assertIsNotNone(error, f"{self._kind.__name__} was not raised")
        if not isinstance(error, self._kind):
            return False
        self.error = error
        if self._code is not None:
            self._test.assertEqual(error.code, self._code, str(error))
        for name, value in self._facts.items():
            self._test.assertEqual(getattr(error, name), value, name)
        return True


class Thread:
    def __init__(self, work, arguments):
        self._failure = None
        self.result = None
        self._thread = threading.Thread(target=self._run, args=(work, arguments), daemon=True)
        self._thread.start()

    def _run(self, work, arguments):
        try:
            self.result = work(*arguments)
        except BaseException as failure:
            self._failure = failure

    def join(self):
        self._thread.join(LIMIT_S)
        if self._thread.is_alive():
            raise AssertionError("a thread hangs")
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return self.result


def close(pool):
    """Closes a pool of a test that may have done so itself."""
    try:
        pool.close(force=True)
    except (orapool.InvalidHandle, orapool.PoolClosed):
        pass
    gc.collect()


PREFACE = """
import gc, os, sys, threading, time
import orapool
def attributes(**more):
    return {"connect_string": "embedded:child", "user": "scott", "password": "tigerSecret9", "sessions_min": 0, **more}
def make_pool(name=None, **more):
    return orapool.Pool.create(name, **attributes(**more))
"""


def run_python(code, *arguments, **environment):
    """Another interpreter with the same paths, in development mode. A program that hangs is an error."""
    program = PREFACE + textwrap.dedent(code)
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDEVMODE": "1", **environment}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={name: value for name, value in variables.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=LIMIT_S * 2,
    )
