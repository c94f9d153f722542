"""Pools: made, opened, changed, read, closed."""

import gc
import json
import time
import unittest

from support import PASSWORD, TestCase, attributes, close, has_events

import orapool


class Creating(TestCase):
    def test_a_pool_opens_its_minimum(self):
        pool = self.pool(sessions_min=2, sessions_max=3)
        self.assertEqual((pool.stats().open, pool.stats().idle), (2, 2))
        self.assertIsNone(pool.warning)
        self.assertIsNone(pool.name)

    def test_a_name_is_for_all(self):
        name = self.name()
        first = self.pool(name)
        second = orapool.Pool.open(name)
        with first.get():
            self.assertEqual(second.stats().busy, 1)
        self.assertEqual(second.name, name)
        second.close()
        self.assertEqual(first.stats().busy, 0)

    def test_a_name_may_be_any_text(self):
        name = self.name() + " \U0001f600 käse"
        self.pool(name)
        orapool.Pool.open(name).close()

    def test_a_taken_name(self):
        name = self.name()
        self.pool(name)
        with self.fails(orapool.Conflict, 0):
            orapool.Pool.create(name, **attributes())

    def test_an_unknown_name(self):
        with self.fails(orapool.DatabaseError, 24416):
            orapool.Pool.open(self.name())

    def test_create_or_open_opens_with_equal_attributes(self):
        name, given = self.name(), attributes()
        first = orapool.Pool.create_or_open(name, **given)
        self.addCleanup(close, first)
        second = orapool.Pool.create_or_open(name, **given)
        with first.get():
            self.assertEqual(second.stats().busy, 1)
        second.close()

    def test_create_or_open_names_what_differs(self):
        name, given = self.name(), attributes()
        self.addCleanup(close, orapool.Pool.create_or_open(name, **given))
        with self.fails(orapool.Conflict) as caught:
            orapool.Pool.create_or_open(name, **{**given, "sessions_max": 9, "password": "otherSecret9"})
        self.assertIn("SESSIONS_MAX", str(caught.error).upper())
        self.assertNotIn("otherSecret9", str(caught.error))
        self.assertNotIn(PASSWORD, str(caught.error))

    def test_the_databases_refusal(self):
        given = attributes()
        self.addCleanup(close, orapool.Pool.create(**{**given, "sessions_min": 1}))
        with self.fails(orapool.DatabaseError, 1017, transient=False):
            orapool.Pool.create(**{**given, "password": "wrong", "sessions_min": 1})

    def test_a_warning(self):
        pool = self.pool(database=f"{self.id().split('.')[-1]}:pooled")
        self.assertIsInstance(pool.warning, orapool.PoolWarning)
        self.assertIn("class", str(pool.warning))

    def test_sizes_that_do_not_go_together(self):
        with self.fails(orapool.DatabaseError, 24413):
            orapool.Pool.create(**attributes(sessions_min=5, sessions_max=2))

    def test_bad_arguments(self):
        for given, kind, part in (
            ({"sessions_max": 2.0}, TypeError, "sessions_max"),
            ({"sessions_max": "2"}, TypeError, "sessions_max"),
            ({"user": b"scott"}, TypeError, "user"),
            ({"nonesuch": 1}, TypeError, "nonesuch"),
            ({"sessions_max": 2**63}, orapool.InvalidArgument, "64 bits"),
            ({"sessions_max": -(2**64) + 3}, orapool.InvalidArgument, "64 bits"),
            ({"sessions_max": -1}, orapool.InvalidArgument, "SESSIONS_MAX"),
            ({"get_mode": 17}, orapool.InvalidArgument, "GET_MODE"),
            ({"user": "a\0b"}, orapool.InvalidArgument, "NUL"),
            ({"user": "a\ud800b"}, orapool.InvalidArgument, "surrogate"),
            ({"session_callback": 7}, TypeError, "session_callback"),
            ({"driver": "nonesuch"}, orapool.Unsupported, "nonesuch"),
        ):
            with self.subTest(given=given):
                with self.assertRaises(kind) as caught:
                    orapool.Pool.create(**attributes(**given))
                self.assertIn(part, str(caught.exception))
        with self.assertRaises(TypeError):
            orapool.Pool.create(7, **attributes())
        with self.assertRaises(TypeError):
            orapool.Pool.open(None)

    def test_attributes_that_are_none_are_not_set(self):
        self.pool(sessions_max=None, session_callback=None, edition=None)

    def test_invalid_arguments_are_value_errors_and_time_outs_timeout_errors(self):
        self.assertTrue(issubclass(orapool.InvalidArgument, ValueError))
        self.assertTrue(issubclass(orapool.PoolTimeout, TimeoutError))


class Changing(TestCase):
    def test_reconfigure(self):
        pool = self.pool(sessions_max=1)
        pool.reconfigure(sessions_max=2, get_mode=orapool.GetMode.NOWAIT)
        with pool.get(), pool.get():
            with self.fails(orapool.PoolTimeout, 24496):
                pool.get()

    def test_what_can_not_be_changed(self):
        pool = self.pool()
        with self.fails(orapool.InvalidArgument):
            pool.reconfigure(user="blake")
        with self.assertRaises(TypeError):
            pool.reconfigure(nonesuch=1)


class Reading(TestCase):
    def test_statistics(self):
        pool = self.pool(sessions_max=2)
        with pool.get():
            stats = pool.stats()
        self.assertEqual((stats.open, stats.busy, stats.gets, stats.gets_new), (1, 1, 1, 1))
        self.assertIsInstance(stats._asdict()["wait_ns_total"], int)

    def test_statistics_have_the_headers_order(self):
        pool = self.pool()
        with self.assertRaises(orapool.CallbackFailed):
            with self.pool(session_callback=lambda *_: 0) as other:
                other.get()
        pool.get().release(drop=True)
        stats = pool.stats()
        self.assertEqual((stats.releases, stats.drops, stats.connects, stats.callbacks), (1, 1, 1, 0))

    def test_metrics(self):
        pool = self.pool()
        self.assertIn("# TYPE", pool.metrics())
        self.assertIsInstance(json.loads(pool.metrics("json")), dict)
        with self.fails(orapool.InvalidArgument):
            pool.metrics("xml")

    @unittest.skipUnless(has_events, "the library has no events")
    def test_events(self):
        pool = self.pool(sessions_max=1, wait_report_ms=1)
        session = pool.get()
        waiting = self.thread(lambda: pool.get(context="who waited").release(drop=True))
        self.eventually(lambda: pool.stats().waiting)
        time.sleep(0.01)
        session.release()
        waiting.join()
        self.eventually(lambda: pool.events().events[-1]["kind"] == "session_closed", "the event of the session's end")
        events, last = pool.events()
        self.assertEqual([event["number"] for event in events], list(range(1, last + 1)))
        # The first get may have waited so long for its connect.
        waits = [event for event in events if event["kind"] == "wait_over_limit"]
        others = [event["kind"] for event in events if event not in waits]
        self.assertEqual(others, ["pool_created", "connect", "session_closed"])
        self.assertEqual((waits[-1]["context"], waits[-1]["level"], waits[-1]["limit_ms"]), ("who waited", "warn", 1))
        self.assertEqual(pool.events(last - 1).events, events[-1:])
        self.assertEqual(pool.events(last), ([], last))
        with self.fails(orapool.InvalidArgument):
            pool.events(last + 1)

    def test_events_from_before_the_first(self):
        with self.fails(orapool.InvalidArgument):
            self.pool().events(-1)


class Closing(TestCase):
    def test_a_closed_pool(self):
        pool = self.pool()
        pool.close()
        for work in (pool.close, pool.get, pool.stats, pool.metrics, lambda: pool.reconfigure(sessions_max=2)):
            with self.fails(orapool.InvalidHandle):
                work()
            with self.fails(orapool.PoolClosed, status=-2):
                work()

    def test_a_loan_keeps_it_open(self):
        pool = self.pool()
        session = pool.get()
        with self.fails(orapool.DatabaseError, 24422):
            pool.close()
        session.release()
        pool.close()

    def test_force_takes_loans_away(self):
        pool = self.pool()
        session = pool.get()
        pool.close(force=True)
        with self.fails(orapool.PoolClosed, 24461):
            session.execute("select 1 from dual")
        with self.fails(orapool.PoolClosed, 24461):
            session.release()
        with self.fails(orapool.InvalidHandle):
            session.release()

    def test_drain(self):
        pool = self.pool()
        session = pool.get()
        closing = self.thread(pool.close, False, -1)
        self.eventually(lambda: refuses(pool), "the refusal of gets")
        session.release()
        closing.join()

    def test_bad_drain(self):
        pool = self.pool()
        with self.fails(orapool.InvalidArgument):
            pool.close(drain_ms=-2)
        with self.assertRaises(TypeError):
            pool.close(drain_ms=0.5)

    def test_with_closes(self):
        with orapool.Pool.create(**attributes()) as pool:
            pool.get().release()
        with self.fails(orapool.InvalidHandle):
            pool.get()

    def test_with_accepts_a_pool_that_was_closed_inside(self):
        with orapool.Pool.create(**attributes()) as pool:
            pool.close()

    def test_with_tells_of_loans(self):
        held = []
        with self.fails(orapool.DatabaseError, 24422):
            with self.pool() as pool:
                held.append(pool.get())
        held.pop().release()

    def test_with_lets_the_blocks_own_exception_through(self):
        held = []
        with self.assertRaises(KeyError) as caught:
            with self.pool() as pool:
                held.append(pool.get())
                raise KeyError("mine")
        self.assertIn("24422", str(getattr(caught.exception, "__notes__", caught.exception.__context__)))

    def test_another_handle_that_was_closed_by_force(self):
        name = self.name()
        first, second = self.pool(name), orapool.Pool.open(name)
        first.close(force=True)
        with self.fails(orapool.PoolClosed, 24461):
            second.get()
        with self.fails(orapool.PoolClosed, 24461):
            second.close()
        with self.fails(orapool.InvalidHandle):
            second.close()

    def test_close_wakes_who_waits(self):
        pool = self.pool(sessions_max=1)
        session = pool.get()
        waiting = self.thread(self._get_refused, pool)
        self.eventually(lambda: pool.stats().waiting == 1, "the waiter")
        pool.close(force=True)
        waiting.join()
        del session

    def _get_refused(self, pool):
        with self.fails(orapool.PoolClosed, 24461):
            pool.get()

    def test_a_forgotten_pool_is_given_up(self):
        name = self.name()
        orapool.Pool.create(name, **attributes())
        gc.collect()
        with self.fails(orapool.DatabaseError, 24416):
            orapool.Pool.open(name)

    def test_a_forgotten_pool_lives_as_long_as_its_sessions(self):
        name = self.name()
        session = orapool.Pool.create(name, **attributes()).get()
        self.assertEqual(session.query("select 1 from dual"), [("1",)])
        orapool.Pool.open(name).close()
        session.release()
        del session
        gc.collect()
        with self.fails(orapool.DatabaseError, 24416):
            orapool.Pool.open(name)


def refuses(pool):
    try:
        pool.get(get_mode=orapool.GetMode.NOWAIT).release()
    except orapool.PoolClosed:
        return True
    except orapool.PoolTimeout:
        pass
    return False
