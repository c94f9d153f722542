"""The end of the interpreter, and of threads, with things left open: no hang and no crash."""

import itertools
import unittest

from support import TestCase, has_requests


class Exiting(TestCase):
    def test_in_any_order(self):
        """Whatever the interpreter finalizes first."""
        names = ("pool", "session", "statement", "acquisition")
        for order in itertools.permutations(names, 3):
            with self.subTest(order=order):
                done = self.python(
                    """
                    made = {}
                    made["pool"] = make_pool("left")
                    made["acquisition"] = made["pool"].acquire()
                    made["session"] = made["pool"].get()
                    made["statement"] = made["session"].prepare("select 1 from dual")
                    made["statement"].execute()
                    for name in sys.argv[1:]:
                        globals()[name] = made.pop(name)
                    cycle = [made]
                    cycle.append(cycle)
                    """,
                    *order,
                )
                self.assertNotIn("Traceback", done.stderr)
                self.assertNotIn("Exception ignored", done.stderr)

    def test_with_loans_out(self):
        done = self.python(
            """
            pools = [make_pool(), make_pool("named"), orapool.Pool.open("named")]
            sessions = [pool.get() for pool in pools]
            sessions[0].execute("create table t (n number)")
            sessions[0].execute("insert into t values (1)")
            """
        )
        self.assertEqual(done.stderr, "")

    def test_without_any_finalizer(self):
        self.python("pool = make_pool(); session = pool.get(); os._exit(3)", status=3)

    def test_with_an_exception(self):
        done = self.python("pool = make_pool(); session = pool.get(); raise KeyError('mine')", status=1)
        self.assertIn("KeyError: 'mine'", done.stderr)
        self.assertNotIn("Exception ignored", done.stderr)

    def test_sys_exit_in_threads(self):
        self.python(
            """
            pool = make_pool(sessions_max=4)
            def work():
                session = pool.get()
                sys.exit(5)
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            gc.collect()
            assert pool.stats().busy == 0, pool.stats()
            sys.exit(7)
            """,
            status=7,
        )

    def test_a_daemon_thread_that_waits(self):
        for name in ("None", "'shared'"):
            with self.subTest(name=name):
                self.python(
                    f"""
                    pool = make_pool({name}, sessions_max=1)
                    held = pool.get()
                    def wait():
                        try:
                            pool.get()
                        except orapool.PoolClosed:
                            pass
                    threading.Thread(target=wait, daemon=True).start()
                    while not pool.stats().waiting:
                        time.sleep(0.001)
                    """
                )

    def test_a_daemon_thread_in_a_call(self):
        self.python(
            """
            pool = orapool.Pool.create("slow", **attributes(connect_string="embedded:x?call_delay_ms=600000"))
            other = orapool.Pool.open("slow")
            session = pool.get()
            entered = threading.Event()
            def call():
                entered.set()
                session.query("select 1 from dual")
            threading.Thread(target=call, daemon=True).start()
            entered.wait()
            time.sleep(0.05)
            """
        )

    def test_a_daemon_thread_in_its_session_callback(self):
        for rest in ("threading.Event().wait()", "time.sleep(0.3)", "while True: pass"):
            with self.subTest(rest=rest):
                self.python(
                    f"""
                    entered = threading.Event()
                    def callback(session, wanted, actual):
                        entered.set()
                        {rest}
                    pool = make_pool(session_callback=callback)
                    threading.Thread(target=pool.get, daemon=True).start()
                    entered.wait()
                    """
                )

    def test_a_handler_of_atexit_that_uses_the_pool(self):
        """Handlers run in the opposite order of their registration, so this one comes before the package's."""
        done = self.python(
            """
            import atexit
            pool = make_pool()
            @atexit.register
            def last_words():
                with pool.get() as session:
                    print(session.query_one("select 'bye' from dual"))
            """
        )
        self.assertIn("bye", done.stdout)

    def test_a_handler_that_comes_after_the_packages(self):
        done = self.python(
            """
            import atexit
            atexit.unregister(orapool._home._at_exit)
            def last_words():
                for work in (pool.get, session.ping, session.release):
                    try:
                        print("not closed:", work())
                    except orapool.Error as error:
                        print(type(error).__name__)
            atexit.register(last_words)
            atexit.register(orapool._home._at_exit)
            pool = make_pool()
            session = pool.get()
            """
        )
        self.assertEqual(done.stdout.split(), ["ClosedHandle", "InvalidHandle", "InvalidHandle"])

    def test_the_callback_of_a_pool_goes_with_the_interpreter(self):
        """Another runtime may have a handle: its gets must not call code that is gone."""
        done = self.python(
            """
            import atexit
            def check():
                try:
                    other.get()
                except orapool.PoolClosed:
                    print("closed")
            atexit.unregister(orapool._home._at_exit)
            atexit.register(check)
            atexit.register(orapool._home._at_exit)
            pool = make_pool("shared", session_callback=lambda *_: 1)
            other = orapool.Pool.open("shared")
            """
        )
        self.assertEqual(done.stdout.strip(), "closed")

    def test_a_pool_of_others_lives_on(self):
        """Such as one that a host program keeps, when only the interpreter ends."""
        done = self.python(
            """
            import atexit, ctypes
            from orapool import native
            pool = make_pool("host")
            foreign = ctypes.c_void_p()
            native.call(native.lib.open, b"host", 4, ctypes.byref(foreign))
            session = pool.get()
            def check():
                numbers = (ctypes.c_uint64 * 35)(35 * 8)
                native.call(native.lib.get_stats, foreign, numbers)
                print("busy", numbers[2], "releases", numbers[14])
            atexit.unregister(orapool._home._at_exit)
            atexit.register(check)
            atexit.register(orapool._home._at_exit)
            """
        )
        self.assertEqual(done.stdout.strip(), "busy 0 releases 1")

    @unittest.skipUnless(has_requests, "the library has no requests")
    def test_in_asyncio(self):
        for end in ("sys.exit(4)", "return 4", "os._exit(4)"):
            with self.subTest(end=end):
                self.python(
                    f"""
                    import asyncio, warnings
                    async def main():
                        pool = make_pool(sessions_max=1)
                        held = await pool.acquire()
                        waiting = [asyncio.create_task(pool.get_async()) for _ in range(3)]
                        while pool.stats().waiting < 3:
                            await asyncio.sleep(0.001)
                        {end}
                    sys.exit(asyncio.run(main()))
                    """,
                    status=4,
                )

    @unittest.skipUnless(has_requests, "the library has no requests")
    def test_a_loop_in_a_daemon_thread(self):
        self.python(
            """
            import asyncio
            pool = make_pool(sessions_max=1)
            ready = threading.Event()
            async def main():
                held = await pool.acquire()
                waiting = asyncio.create_task(pool.get_async())
                await asyncio.sleep(0.01)
                ready.set()
                await asyncio.sleep(3600)
            threading.Thread(target=asyncio.run, args=(main(),), daemon=True).start()
            ready.wait()
            """
        )

    def test_collected_while_others_work(self):
        """Sessions that the collector gives back, on whichever thread it runs."""
        self.python(
            """
            import warnings
            warnings.simplefilter("ignore")
            pool = make_pool(sessions_max=8)
            def work():
                for turn in range(300):
                    session = pool.get()
                    if turn % 3:
                        cycle = [session]
                        cycle.append(cycle)
                        del session, cycle
                    else:
                        session.release()
                    if turn % 50 == 0:
                        gc.collect()
            def collect():
                while any(thread.is_alive() for thread in threads):
                    gc.collect()
                    time.sleep(0.001)
            threads = [threading.Thread(target=work) for _ in range(4)]
            collecting = threading.Thread(target=collect)
            for thread in threads: thread.start()
            collecting.start()
            for thread in (*threads, collecting): thread.join()
            gc.collect()
            assert pool.stats().busy == 0, pool.stats()
            assert pool.stats().gets == 1200, pool.stats()
            """
        )
