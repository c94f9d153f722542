"""Sessions: got, used, given back."""

import gc
import signal
import threading
import warnings

from support import TestCase

import orapool


class Getting(TestCase):
    def test_with(self):
        pool = self.pool()
        with pool.acquire() as session:
            self.assertEqual(session.query_one("select user from dual"), ("SCOTT",))
            self.assertTrue(session.is_new)
            self.assertFalse(session.found)
            self.assertIsNone(session.warning)
            self.assertTrue(session.is_on_loan())
        self.assertFalse(session.is_on_loan())
        self.assertEqual(pool.stats().busy, 0)

    def test_a_second_loan_is_not_new(self):
        pool = self.pool()
        pool.get().release()
        with pool.get() as session:
            self.assertFalse(session.is_new)

    def test_an_acquisition_serves_again_and_one_block_at_a_time(self):
        acquisition = self.pool().acquire()
        for _ in range(2):
            with acquisition as session:
                session.ping()
                with self.fails(orapool.InvalidArgument):
                    acquisition.__enter__()

    def test_an_acquisition_is_no_session(self):
        acquisition = self.pool().acquire()
        with self.assertRaises(AttributeError) as caught:
            acquisition.execute("select 1 from dual")
        self.assertIn("pool.get()", str(caught.exception))
        with self.assertRaises(AttributeError):
            acquisition.nonesuch

    def test_nowait(self):
        pool = self.pool(sessions_max=1)
        with pool.get():
            with self.fails(orapool.PoolTimeout, 24496, transient=True):
                pool.get(get_mode=orapool.GetMode.NOWAIT)
            with self.fails(orapool.PoolTimeout, 24496):
                pool.acquire(get_mode=orapool.GetMode.NOWAIT).__enter__()

    def test_a_time_out_tells_what_the_pool_looks_like(self):
        pool = self.pool(sessions_max=1)
        with pool.get(context="invoice.py:7"):
            with self.fails(orapool.PoolTimeout, 24457) as caught:
                pool.get(wait_timeout_ms=1)
        self.assertIn("busy: 1", str(caught.error))

    def test_too_many_wait(self):
        pool = self.pool(sessions_max=1, waiters_max=0)
        with pool.get():
            with self.fails(orapool.PoolTimeout, 24496):
                pool.get()

    def test_forceget_is_a_success_with_a_warning(self):
        pool = self.pool(sessions_max=1)
        with pool.get(), pool.get(get_mode=orapool.GetMode.FORCEGET) as session:
            self.assertEqual(session.warning.code, 24417)
            self.assertEqual(session.query("select 1 from dual"), [("1",)])
        self.assertEqual(pool.stats().busy, 0)

    def test_purity(self):
        pool = self.pool()
        pool.get().release()
        with pool.get(purity=orapool.Purity.NEW) as session:
            self.assertTrue(session.is_new)
        with pool.get(mode=orapool.SessGet.PURITY_NEW) as session:
            self.assertTrue(session.is_new)

    def test_users_of_a_heterogeneous_pool(self):
        pool = self.pool(homogeneous=False, user=None, password=None)
        with pool.get(user="blake", password="lionSecret9") as session:
            self.assertEqual(session.query_one("select user from dual"), ("BLAKE",))
        with self.fails(orapool.InvalidArgument, 24419):
            self.pool().get(user="blake", password="lionSecret9")

    def test_bad_arguments(self):
        pool = self.pool()
        for given, kind in (
            ({"mode": 0x8000}, orapool.InvalidArgument),
            ({"mode": -1}, orapool.InvalidArgument),
            ({"mode": 2**32 + 0x20}, orapool.InvalidArgument),
            ({"mode": "x"}, TypeError),
            ({"tag": 7}, TypeError),
            ({"tag": {"a": 1}}, TypeError),
            ({"tag": "a\ud800"}, orapool.InvalidArgument),
            ({"sessions_max": 4}, TypeError),
            ({"wait_timeout_ms": 1.5}, TypeError),
            ({"wait_timeout_ms": -2}, orapool.InvalidArgument),
            ({"purity": 9}, orapool.InvalidArgument),
        ):
            with self.subTest(given=given), self.assertRaises(kind):
                pool.get(**given)
            with self.subTest(acquire=given), self.assertRaises(kind):
                pool.acquire(**given).__enter__()
        self.assertEqual(pool.stats().gets, 0)

    def test_a_signal_handler_that_raises_does_not_lose_the_session(self):
        pool = self.pool(sessions_max=1)
        held = [pool.get()]

        def give_back():
            self.eventually(lambda: pool.stats().waiting == 1)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
            held.pop().release()

        def raise_error(*_):
            raise InterruptedError("from the handler")

        former = signal.signal(signal.SIGUSR1, raise_error)
        self.addCleanup(signal.signal, signal.SIGUSR1, former)
        helper = self.thread(give_back)
        with self.assertRaises(InterruptedError):
            pool.get()
        helper.join()
        self.eventually(lambda: pool.stats().busy == 0, "the session's return")


class GivingBack(TestCase):
    def test_twice(self):
        session = self.pool().get()
        session.release()
        with self.fails(orapool.InvalidHandle, 0, status=-2):
            session.release()

    def test_a_released_session(self):
        session = self.pool().get()
        session.release()
        for work in (
            lambda: session.execute("select 1 from dual"),
            lambda: session.query("select 1 from dual"),
            lambda: session.prepare("select 1 from dual"),
            session.commit,
            session.rollback,
            session.ping,
            session.cancel,
            session.attach,
            session.detach,
            lambda: session.set_call_timeout(1),
            lambda: session.set_tag("x"),
            lambda: session.tag,
            lambda: session.tag_bytes,
            lambda: session.is_new,
            lambda: session.identity,
            lambda: session.drcp_state,
            lambda: session.drcp_enabled,
            lambda: session.drcp_multitag_enabled,
            lambda: session.drcp_return_tag,
            lambda: session.need_to_purge_statement_cache,
            lambda: session.native(5),
        ):
            with self.fails(orapool.InvalidHandle, status=-2):
                work()
        self.assertIn("not on loan", repr(session))

    def test_drop(self):
        pool = self.pool()
        pool.get().release(drop=True)
        self.assertEqual((pool.stats().open, pool.stats().drops), (0, 1))

    def test_unknown_mode_bits_leave_it_on_loan(self):
        session = self.pool().get()
        for mode in (0x100, -1, 2**32):
            with self.fails(orapool.InvalidArgument):
                session.release(mode=mode)
        with self.assertRaises(TypeError):
            session.release(tag=7)
        self.assertTrue(session.is_on_loan())
        session.ping()
        session.release()

    def test_a_release_rolls_back(self):
        pool = self.pool()
        with pool.get() as session:
            session.execute("create table t (n number)")
            session.execute("insert into t values (1)")
        with pool.get() as session:
            self.assertEqual(session.query("select n from t"), [])
            session.execute("insert into t values (2)")
            session.commit()
        with pool.get() as session:
            session.execute("insert into t values (3)")
            session.rollback()
            self.assertEqual(session.query("select n from t"), [("2",)])

    def test_released_inside_the_block(self):
        pool = self.pool()
        with pool.get() as session:
            session.release(drop=True)
        self.assertEqual(pool.stats().releases, 1)

    def test_the_blocks_own_exception_goes_through(self):
        pool = self.pool()
        with self.assertRaises(KeyError) as caught:
            with pool.get():
                pool.close(force=True)
                raise KeyError("mine")
        self.assertIn("24461", str(getattr(caught.exception, "__notes__", caught.exception.__context__)))

    def test_a_failing_release_ends_the_block(self):
        pool = self.pool()
        with self.fails(orapool.PoolClosed, 24461):
            with pool.get():
                pool.close(force=True)

    def test_of_many_threads_one_releases(self):
        pool = self.pool()
        for _ in range(50):
            session, start = pool.get(), threading.Barrier(4)

            def release():
                start.wait()
                try:
                    session.release()
                except orapool.InvalidHandle:
                    return 0
                return 1

            threads = [self.thread(release) for _ in range(4)]
            self.assertEqual(sum(thread.join() for thread in threads), 1)
        stats = pool.stats()
        self.assertEqual((stats.busy, stats.releases), (0, 50))

    def test_another_thread_may_release(self):
        pool = self.pool()
        session = pool.get()
        self.thread(session.release).join()
        self.assertEqual(pool.stats().busy, 0)


class Forgetting(TestCase):
    def test_a_forgotten_session_goes_back(self):
        pool = self.pool(sessions_max=1)
        with self.assertWarns(ResourceWarning):
            session = pool.get()
            session.execute("create table t (n number)")
            session.execute("insert into t values (1)")
            del session
            gc.collect()
        with pool.get() as session:
            self.assertEqual(session.query("select n from t"), [])

    def test_a_released_one_is_no_leak(self):
        pool = self.pool()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session = pool.get()
            session.release()
            del session
            gc.collect()

    def test_a_thread_that_ends_with_a_loan(self):
        pool = self.pool(sessions_max=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The thread's local variable is all that has the session.
            self.thread(lambda: pool.get().ping()).join()
            gc.collect()
        self.assertEqual(pool.stats().busy, 0)
        kept = []
        self.thread(lambda: kept.append(pool.get())).join()
        self.assertEqual(kept[0].query_one("select 1 from dual"), ("1",))
        kept[0].release()

    def test_in_a_cycle_with_its_pool(self):
        """The collector finalizes in any order; the handle is given up all the same."""
        name = self.name()
        for first in ("pool", "session"):
            pool = orapool.Pool.create(
                name, connect_string=f"embedded:{id(self)}", user="scott", password="tigerSecret9"
            )
            session = pool.get()
            statement = session.prepare("select 1 from dual")
            cycle = [pool, session, statement] if first == "pool" else [statement, session, pool]
            cycle.append(cycle)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                del pool, session, statement, cycle
                gc.collect()
            with self.fails(orapool.DatabaseError, 24416):
                orapool.Pool.open(name)


class Calls(TestCase):
    def test_execute_counts_rows(self):
        with self.pool().get() as session:
            session.execute("create table t (n number)")
            self.assertEqual(session.execute("insert into t values (1)"), 1)
            self.assertEqual(session.execute("insert into t values (:1)", [2]), 1)
            self.assertEqual(session.execute("delete from t"), 2)

    def test_the_databases_error(self):
        with self.pool().get() as session:
            with self.fails(orapool.DatabaseError, 942, session_dead=False, status=-1) as caught:
                session.execute("select * from nonesuch")
        self.assertTrue(str(caught.error).startswith("ORA-00942"))

    def test_a_killed_session(self):
        pool = self.pool()
        with pool.get() as owner, pool.get() as session:
            sid, serial = session.identity
            owner.execute(f"alter system kill session '{sid},{serial}'")
            with self.fails(orapool.DatabaseError, 28, session_dead=True):
                session.execute("select 1 from dual")

    def test_cancel(self):
        pool = self.pool(database=f"{self.id().split('.')[-1]}?call_delay_ms=30000")
        session = pool.get()
        running = self.thread(self._is_cancelled, session)
        ended = threading.Event()

        def cancel():
            # A break that comes before the call does nothing, so there is more than one.
            while not ended.wait(0.01):
                session.cancel()

        cancelling = self.thread(cancel)
        running.join()
        ended.set()
        cancelling.join()
        session.release()

    def _is_cancelled(self, session):
        with self.fails(orapool.DatabaseError, 1013):
            session.execute("select 1 from dual")

    def test_call_timeout(self):
        pool = self.pool(database=f"{self.id().split('.')[-1]}?call_delay_ms=30000")
        with pool.get() as session:
            session.set_call_timeout(1)
            with self.fails(orapool.DatabaseError, 3136):
                session.execute("select 1 from dual")
            with self.fails(orapool.InvalidArgument):
                session.set_call_timeout(-2)
            with self.assertRaises(TypeError):
                session.set_call_timeout(1.5)

    def test_bad_statements(self):
        with self.pool().get() as session:
            with self.assertRaises(TypeError):
                session.execute(b"select 1 from dual")
            with self.assertRaises(TypeError):
                session.query(None)
            with self.fails(orapool.InvalidArgument):
                session.execute("select '\ud800' from dual")

    def test_other_threads_run_while_a_call_blocks(self):
        pool = self.pool(sessions_max=1)
        session = pool.get()
        waiting = self.thread(lambda: pool.get().release())
        self.eventually(lambda: pool.stats().waiting == 1, "the waiter")
        # This thread runs while that one is inside the library.
        session.release()
        waiting.join()

    def test_native_handles_are_not_the_embedded_engines(self):
        with self.pool().get() as session:
            with self.fails(orapool.Unsupported):
                session.native(5)
            with self.fails(orapool.InvalidArgument, 24300):
                session.native(99)


class PooledServers(TestCase):
    def pooled(self, **more):
        name = f"{self.id().split('.')[-1]}:pooled"
        return self.pool(database=name, connection_class="TESTS", **more)

    def test_a_server_is_attached_by_the_first_call(self):
        with self.pooled().get() as session:
            self.assertEqual(session.drcp_state, orapool.DrcpState.DETACHED)
            self.assertTrue(session.drcp_enabled)
            session.query("select 1 from dual")
            self.assertEqual(session.drcp_state, orapool.DrcpState.ATTACHED_IMPLICIT)
            session.detach()
            self.assertEqual(session.drcp_state, orapool.DrcpState.DETACHED)

    def test_attach_with_a_tag(self):
        pool = self.pooled()
        with pool.get() as session:
            self.assertFalse(session.attach("blue"))
            self.assertEqual(session.drcp_state, orapool.DrcpState.ATTACHED_EXPLICIT)
            session.detach("blue")
            self.assertTrue(session.attach("blue"))
            self.assertEqual(session.drcp_return_tag, "blue")
            self.assertFalse(session.drcp_multitag_enabled)
            self.assertIsInstance(session.need_to_purge_statement_cache, bool)
        with pool.get({"color": "red"}) as session:
            self.assertTrue(session.drcp_multitag_enabled)

    def test_detach_is_refused_in_a_transaction(self):
        with self.pooled().get() as session:
            session.execute("create table t (n number)")
            session.execute("insert into t values (1)")
            with self.fails(orapool.InvalidArgument):
                session.detach()

    def test_a_server_of_its_own(self):
        with self.pool().get() as session:
            self.assertEqual(session.drcp_state, orapool.DrcpState.NONE)
            self.assertFalse(session.drcp_enabled)
            self.assertIsNone(session.drcp_return_tag)
            with self.fails(orapool.Unsupported):
                session.attach()
            with self.fails(orapool.Unsupported):
                session.detach()
