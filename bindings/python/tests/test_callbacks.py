"""Session callbacks in Python."""

import asyncio
import gc
import sys
import threading
import weakref

from support import TestCase, attributes, close, needs_requests

import orapool
from orapool import _callbacks


class Calls(TestCase):
    def test_it_gets_session_and_tags(self):
        seen = []

        def callback(session, wanted, actual):
            seen.append((session.is_new, wanted, actual))
            session.execute("alter session set time_zone = 'UTC'")
            session.set_tag(wanted)

        pool = self.pool(session_callback=callback)
        pool.get("a").release()
        with pool.get("a") as session:
            self.assertEqual(session.tag, "a")
        with pool.get("b", match_any=True) as session:
            self.assertEqual(session.tag, "b")
        self.assertEqual(seen, [(True, "a", None), (False, "b", "a")])

    def test_tags_that_are_no_text(self):
        seen = []
        pool = self.pool(session_callback=lambda session, wanted, actual: seen.append((wanted, actual)))
        pool.get(b"\xff\x00").release()
        self.assertEqual(seen, [("\udcff\x00", None)])

    def test_none_and_one_are_success(self):
        for value in (None, 1, True):
            with self.subTest(value=value):
                self.pool(session_callback=lambda *_: value).get().release()

    def test_other_numbers_are_failures(self):
        for value in (0, False, 2, -1):
            with self.subTest(value=value):
                with self.fails(orapool.CallbackFailed, 0, status=-8) as caught:
                    self.pool(session_callback=lambda *_: value).get()
                self.assertIn(str(int(value)), str(caught.error))
                self.assertIsNone(caught.error.__cause__)

    def test_other_values_are_failures_that_say_so(self):
        for value, kind in (("ok", TypeError), (2**40, ValueError), (1.0, TypeError)):
            with self.subTest(value=value):
                with self.fails(orapool.CallbackFailed) as caught:
                    self.pool(session_callback=lambda *_: value).get()
                self.assertIsInstance(caught.error.__cause__, kind)


class Raising(TestCase):
    def test_the_exception_is_the_cause(self):
        def callback(session, wanted, actual):
            raise KeyError(wanted)

        pool = self.pool(session_callback=callback)
        for work in (lambda: pool.get("x"), lambda: pool.acquire("x").__enter__()):
            with self.fails(orapool.CallbackFailed) as caught:
                work()
            self.assertEqual(caught.error.__cause__.args, ("x",))
        self.assertEqual((pool.stats().busy, pool.stats().callback_failures), (0, 2))

    def test_the_databases_error_is_the_cause(self):
        pool = self.pool(session_callback=lambda session, *_: session.execute("nonsense"))
        with self.fails(orapool.CallbackFailed) as caught:
            pool.get()
        self.assertIsInstance(caught.error.__cause__, orapool.DatabaseError)

    def test_exits_come_as_they_are(self):
        for kind in (KeyboardInterrupt, SystemExit):

            def callback(*_, kind=kind):
                raise kind

            pool = self.pool(session_callback=callback)
            with self.assertRaises(kind):
                pool.get()
            self.assertEqual(pool.stats().busy, 0)

    def test_each_thread_has_its_own(self):
        def callback(session, wanted, actual):
            raise KeyError(wanted)

        pool, start = self.pool(session_callback=callback, sessions_max=8), threading.Barrier(8)

        def get(number):
            start.wait()
            for turn in range(20):
                with self.fails(orapool.CallbackFailed) as caught:
                    pool.get(f"{number} {turn}")
                self.assertEqual(caught.error.__cause__.args, (f"{number} {turn}",))

        for thread in [self.thread(get, number) for number in range(8)]:
            thread.join()

    def test_a_callback_inside_a_callback(self):
        inner = self.pool(session_callback=lambda *_: {}["inner"])

        def callback(*_):
            with self.fails(orapool.CallbackFailed) as caught:
                inner.get()
            self.assertEqual(caught.error.__cause__.args, ("inner",))
            raise KeyError("outer")

        with self.fails(orapool.CallbackFailed) as caught:
            self.pool(session_callback=callback).get()
        self.assertEqual(caught.error.__cause__.args, ("outer",))

    def test_a_get_of_another_runtime(self):
        """Nobody in Python can catch what it raises: it is reported, and the get fails."""
        import ctypes

        from orapool import native

        pool = self.pool(session_callback=lambda *_: {}["lost"])
        reported = []
        former, sys.unraisablehook = sys.unraisablehook, lambda report: reported.append(report.exc_value)
        try:
            session, error = ctypes.c_void_p(), ctypes.c_void_p()
            status = native.lib.session_get(
                pool._home.token, ctypes.byref(session), None, None, 0, None, None, None, 0, ctypes.byref(error)
            )
        finally:
            sys.unraisablehook = former
        self.assertEqual(status, -8)
        native.lib.error_free(error)
        self.assertEqual([error.args for error in reported], [("lost",)])
        # And no later get on this thread finds it.
        pool.reconfigure(sessions_max=2)
        with self.fails(orapool.CallbackFailed) as caught:
            pool.get()
        self.assertEqual(caught.error.__cause__.args, ("lost",))
        self.assertIsNone(_callbacks.take_raised())


class TheSession(TestCase):
    def test_it_can_not_be_released(self):
        def callback(session, wanted, actual):
            with self.fails(orapool.InvalidArgument):
                session.release()
            with self.fails(orapool.InvalidArgument):
                session.release(drop=True)
            self.assertIn("CallbackSession", type(session).__name__)

        with self.pool(session_callback=callback).get() as session:
            session.ping()

    def test_it_is_of_no_use_afterwards(self):
        kept = []

        def callback(session, wanted, actual):
            kept.extend((session, session.prepare("select 1 from dual")))

        with self.pool(session_callback=callback).get() as session:
            for work in (kept[0].ping, lambda: kept[0].tag, kept[1].execute, lambda: kept[1].column_count):
                with self.fails(orapool.InvalidHandle):
                    work()
            del kept[:]
            gc.collect()
            session.ping()

    def test_what_it_leaves_open_goes_on_in_the_loan(self):
        def callback(session, wanted, actual):
            session.execute("create table t (n number)")
            session.execute("insert into t values (1)")

        pool = self.pool(session_callback=callback)
        with pool.get() as session:
            self.assertEqual(session.query("select n from t"), [("1",)])
        with pool.get() as session:
            self.assertEqual(session.query("select n from t"), [])

    def test_it_may_get_others(self):
        depth = []

        def callback(session, wanted, actual):
            if len(depth) < 2:
                depth.append(wanted)
                with pool.get(f"inner {len(depth)}") as other:
                    other.ping()

        pool = self.pool(session_callback=callback, sessions_max=4)
        pool.get("outer").release()
        self.assertEqual(depth, ["outer", "inner 1"])

    def test_waiting_for_a_loan_in_there_would_be_for_ever(self):
        pool = self.pool(session_callback=lambda *_: pool.get().release(), sessions_max=1)
        with self.fails(orapool.CallbackFailed) as caught:
            pool.get()
        self.assertEqual(caught.error.__cause__.code, 24496)


class Lives(TestCase):
    def test_the_function_goes_with_its_pool(self):
        class Callback:
            def __call__(self, session, wanted, actual):
                return 1

        before = _callbacks.registered()
        callback = Callback()
        watched = weakref.ref(callback)
        pool = self.pool(session_callback=callback)
        del callback
        gc.collect()
        pool.get().release()
        self.assertIsNotNone(watched())
        pool.close()
        gc.collect()
        self.assertIsNone(watched())
        self.assertEqual(_callbacks.registered(), before)

    def test_the_function_of_a_pool_that_was_not_made(self):
        class Callback:
            def __call__(self, session, wanted, actual):
                return 1

        callback = Callback()
        watched = weakref.ref(callback)
        with self.fails(orapool.DatabaseError, 24413):
            orapool.Pool.create(**attributes(sessions_min=5, sessions_max=2, session_callback=callback))
        del callback
        gc.collect()
        self.assertIsNone(watched())

    def test_the_same_function_is_the_same_attribute(self):
        class Owner:
            def callback(self, session, wanted, actual):
                return 1

        name, owner = self.name(), Owner()
        given = attributes()
        first = orapool.Pool.create_or_open(name, **given, session_callback=owner.callback)
        self.addCleanup(close, first)
        # A bound method is another object each time, but equal.
        orapool.Pool.create_or_open(name, **given, session_callback=owner.callback).close()
        with self.fails(orapool.Conflict):
            orapool.Pool.create_or_open(name, **given, session_callback=Owner().callback)

    @needs_requests
    def test_in_asyncio_it_runs_in_a_thread(self):
        import contextvars

        who = contextvars.ContextVar("who")
        threads = []

        def callback(session, wanted, actual):
            threads.append((threading.get_ident(), who.get()))
            if wanted == "bad":
                raise KeyError(wanted)

        async def main():
            who.set("main")
            async with pool.acquire() as session:
                session.ping()
            with self.fails(orapool.CallbackFailed) as caught:
                await pool.acquire("bad")
            self.assertEqual(caught.error.__cause__.args, ("bad",))

        pool = self.pool(session_callback=callback)
        asyncio.run(main())
        self.assertEqual([name for _, name in threads], ["main", "main"])
        self.assertNotIn(threading.get_ident(), [thread for thread, _ in threads])
