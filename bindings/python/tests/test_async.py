"""Gets without blocking, in asyncio."""

import asyncio
import gc
import os
import threading
import unittest
import warnings

from support import LIMIT_S, TestCase, has_requests

import orapool
from orapool import _async


def within(awaitable):
    """A hang is a failure."""
    return asyncio.wait_for(awaitable, LIMIT_S)


async def until(look):
    async def looking():
        while not look():
            await asyncio.sleep(0.001)

    await within(looking())


def open_files():
    return len(os.listdir("/proc/self/fd"))


@unittest.skipUnless(has_requests, "the library has no requests")
class Async(TestCase):
    def setUp(self):
        self.addCleanup(gc.collect)

    def run_async(self, main):
        return asyncio.run(within(main()))

    def assert_at_rest(self, pool):
        """No loan, no waiter, nothing left."""
        self.eventually(lambda: (pool.stats().busy, pool.stats().waiting) == (0, 0), "rest")
        self.assertEqual(pool._home.completions._waiting, {})


class Acquiring(Async):
    def test_async_with(self):
        pool = self.pool()

        async def main():
            async with pool.acquire("blue") as session:
                self.assertEqual(session.query_one("select 1 from dual"), ("1",))
                self.assertFalse(session.found)
                session.tag = "blue"
            async with pool.acquire("blue") as session:
                self.assertTrue(session.found)

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_await(self):
        pool = self.pool()

        async def main():
            first = await pool.acquire()
            second = await pool.get_async()
            first.release()
            async with second:
                second.ping()

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_more_tasks_than_sessions(self):
        pool = self.pool(sessions_max=3)
        most = []

        async def one():
            async with pool.acquire():
                most.append(pool.stats().busy)
                await asyncio.sleep(0)

        async def main():
            await asyncio.gather(*[one() for _ in range(200)])

        self.run_async(main)
        self.assertLessEqual(max(most), 3)
        self.assertEqual(pool.stats().gets, 200)
        self.assert_at_rest(pool)

    def test_in_one_queue_with_threads(self):
        pool = self.pool(sessions_max=1)
        order = []

        async def task(name):
            async with pool.acquire():
                order.append(name)

        def thread():
            with pool.get():
                order.append("thread")

        async def main():
            held = await pool.acquire()
            first = asyncio.create_task(task("first"))
            await until(lambda: pool.stats().waiting == 1)
            between = self.thread(thread)
            await until(lambda: pool.stats().waiting == 2)
            last = asyncio.create_task(task("last"))
            await until(lambda: pool.stats().waiting == 3)
            held.release()
            await asyncio.gather(first, last, asyncio.to_thread(between.join))

        self.run_async(main)
        self.assertEqual(order, ["first", "thread", "last"])

    def test_a_transaction_is_rolled_back_in_a_thread(self):
        pool = self.pool()

        async def main():
            async with pool.acquire() as session:
                session.execute("create table t (n number)")
                session.execute("insert into t values (1)")
            async with pool.acquire() as session:
                self.assertEqual(session.query("select n from t"), [])

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_the_loop_runs_while_a_task_waits(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire():
                waiting = asyncio.create_task(pool.get_async())
                for _ in range(10):
                    await asyncio.sleep(0)
                self.assertFalse(waiting.done())
            (await waiting).release()

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_loops_one_after_the_other(self):
        pool = self.pool()

        async def main():
            async with pool.acquire() as session:
                session.ping()

        self.run_async(main)
        gc.collect()
        before = open_files()
        for _ in range(10):
            self.run_async(main)
        gc.collect()
        self.assertLessEqual(open_files(), before)

    def test_a_forgotten_pool_leaves_no_descriptor(self):
        async def main():
            before = open_files()
            pool = orapool.Pool.create(connect_string="embedded:forgotten", user="scott", password="tigerSecret9")
            async with pool.acquire():
                pass
            del pool
            gc.collect()
            await until(lambda: open_files() == before)

        self.run_async(main)


class Failing(Async):
    def test_nowait_and_time_out(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire():
                with self.fails(orapool.PoolTimeout, 24496):
                    await pool.acquire(get_mode=orapool.GetMode.NOWAIT)
                with self.fails(orapool.PoolTimeout, 24457):
                    await pool.acquire(wait_timeout_ms=1)

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_a_connect_that_fails(self):
        pool = self.pool(database=f"{self.id().split('.')[-1]}?connect_failures=1")

        async def main():
            with self.fails(orapool.DatabaseError, 12541):
                await pool.acquire()
            async with pool.acquire():
                pass

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_bad_arguments(self):
        pool = self.pool()

        async def main():
            with self.fails(orapool.InvalidArgument, 24300):
                await pool.acquire(mode=0x8000)
            with self.fails(orapool.DatabaseError, 24487):
                await pool.acquire("=x", multi_property=True)
            with self.assertRaises(TypeError):
                await pool.acquire(7)
            with self.assertRaises(TypeError):
                await pool.acquire(nonesuch=1)

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_forceget_has_its_warning(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire(), pool.acquire(get_mode=orapool.GetMode.FORCEGET) as session:
                self.assertEqual(session.warning.code, 24417)

        self.run_async(main)

    def test_outside_of_a_loop(self):
        coroutine = self.pool().get_async()
        with self.assertRaises(RuntimeError):
            coroutine.send(None)


class Closing(Async):
    def test_close_wakes_who_waits(self):
        pool = self.pool(sessions_max=1)

        async def main():
            held = await pool.acquire()
            tasks = [asyncio.create_task(pool.get_async()) for _ in range(5)]
            await until(lambda: pool.stats().waiting == 5)
            await asyncio.to_thread(pool.close, force=True)
            for task in tasks:
                with self.fails(orapool.PoolClosed):
                    await task
            with self.fails(orapool.PoolClosed):
                held.release()
            with self.fails(orapool.ClosedHandle):
                await pool.acquire()

        self.run_async(main)

    def test_close_in_the_loops_own_thread(self):
        pool = self.pool(sessions_max=1)

        async def main():
            held = await pool.acquire()
            task = asyncio.create_task(pool.get_async())
            await until(lambda: pool.stats().waiting == 1)
            pool.close(force=True)
            with self.fails(orapool.PoolClosed):
                await task
            del held

        self.run_async(main)

    def test_closed_through_another_handle(self):
        name = self.name()
        pool = self.pool(name, sessions_max=1)
        other = orapool.Pool.open(name)

        async def main():
            held = await other.acquire()
            task = asyncio.create_task(other.get_async())
            await until(lambda: pool.stats().waiting == 1)
            await asyncio.to_thread(pool.close, force=True)
            with self.fails(orapool.PoolClosed):
                await task
            with self.fails(orapool.PoolClosed):
                await other.acquire()
            del held

        self.run_async(main)

    def test_a_closed_pool_leaves_no_descriptor(self):
        async def main():
            before = open_files()
            pool = self.pool()
            async with pool.acquire():
                pass
            pool.close()
            await until(lambda: open_files() == before)

        self.run_async(main)

    def test_closed_and_never_looked_at_again(self):
        """The loop ends before it could see the end of its descriptor."""
        before = open_files()
        pool = self.pool()

        async def main():
            async with pool.acquire():
                pass
            pool.close()

        self.run_async(main)
        self.doCleanups()
        gc.collect()
        self.assertLessEqual(open_files(), before)


class Cancelling(Async):
    def test_before_it_has_begun(self):
        pool = self.pool()

        async def main():
            task = asyncio.create_task(pool.get_async())
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(pool.stats().gets, 0)

        self.run_async(main)

    def test_while_it_waits(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire():
                task = asyncio.create_task(pool.get_async())
                await until(lambda: pool.stats().waiting == 1)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertEqual(pool.stats().waiting, 0)
            self.assert_at_rest(pool)

        self.run_async(main)

    def test_when_it_has_won_and_the_loop_does_not_know_yet(self):
        pool = self.pool(sessions_max=1)

        async def main():
            held = await pool.acquire()
            task = asyncio.create_task(pool.get_async())
            await until(lambda: pool.stats().waiting == 1)
            held.release()
            # No await up to here: the completion is in the queue, and nobody has looked.
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assert_at_rest(pool)
            async with pool.acquire(get_mode=orapool.GetMode.NOWAIT):
                pass

        self.run_async(main)

    def test_when_the_loop_knows_and_the_task_not_yet(self):
        pool = self.pool(sessions_max=1)

        async def main():
            held = await pool.acquire()
            task = asyncio.create_task(pool.get_async())
            await until(lambda: pool.stats().waiting == 1)
            held.release()
            pool._home.completions.dispatch()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assert_at_rest(pool)

        self.run_async(main)

    def test_while_the_callback_runs(self):
        entered, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def callback(session, wanted, actual):
            entered.set()
            go_on.wait(LIMIT_S)

        pool = self.pool(sessions_max=1, session_callback=callback)

        async def main():
            task = asyncio.create_task(pool.get_async())
            await until(entered.is_set)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            go_on.set()
            await until(lambda: pool.stats().busy == 0)
            async with pool.acquire():
                pass

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_when_the_callback_has_run_and_the_task_does_not_know_yet(self):
        pool = self.pool(sessions_max=1, session_callback=lambda *_: 1)

        async def main():
            task = asyncio.create_task(pool.get_async())
            await asyncio.sleep(0)
            # The loop stands still here, so that the thread ends and the task does not hear of it.
            self.eventually(lambda: pool.stats().gets == 1)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await until(lambda: pool.stats().busy == 0)

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_while_it_gives_back(self):
        """A release that has begun is done to its end."""
        pool = self.pool(sessions_max=1, database=f"{self.id().split('.')[-1]}?call_delay_ms=20")
        inside = threading.Event()

        async def one():
            async with pool.acquire() as session:
                session.execute("create table t (n number)")
                session.execute("insert into t values (1)")
                inside.set()

        async def main():
            task = asyncio.create_task(one())
            await until(inside.is_set)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await until(lambda: pool.stats().busy == 0)

        self.run_async(main)

    def test_at_any_moment(self):
        """Tasks that are cancelled after so many turns of the loop; none leaves anything behind."""
        for callback in (None, lambda *_: 1):
            pool = self.pool(sessions_max=2, session_callback=callback)

            async def one():
                async with pool.acquire():
                    await asyncio.sleep(0)

            async def main():
                for turns in range(8):
                    tasks = [asyncio.create_task(one()) for _ in range(12)]
                    for _ in range(turns):
                        await asyncio.sleep(0.0005 if turns > 4 else 0)
                    for task in tasks[::2]:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
                    await until(lambda: (pool.stats().busy, pool.stats().waiting) == (0, 0))

            self.run_async(main)
            self.assert_at_rest(pool)

    def test_wait_for(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire():
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(pool.get_async(), 0.001)

        self.run_async(main)
        self.assert_at_rest(pool)

    def test_a_coroutine_that_is_thrown_away(self):
        pool = self.pool(sessions_max=1)

        async def main():
            async with pool.acquire():
                coroutine = pool.get_async()
                coroutine.send(None)
                self.assertEqual(pool.stats().waiting, 1)
                coroutine.close()
                self.assertEqual(pool.stats().waiting, 0)

        self.run_async(main)
        self.assert_at_rest(pool)


class ManyLoops(Async):
    def test_in_many_threads(self):
        pool = self.pool(sessions_max=2)
        start = threading.Barrier(4)

        async def one():
            async with pool.acquire():
                await asyncio.sleep(0)

        async def main():
            start.wait()
            for _ in range(10):
                await asyncio.gather(*[one() for _ in range(10)])

        for thread in [self.thread(self.run_async, main) for _ in range(4)]:
            thread.join()
        self.assertEqual(pool.stats().gets, 400)
        self.assert_at_rest(pool)

    def test_a_loop_that_never_looks(self):
        """What it has won stays with it and is seen as on loan; all others go on, and force closes the pool."""
        pool = self.pool(sessions_max=2)
        has_won, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        async def stuck():
            held = await pool.acquire()
            task = asyncio.create_task(pool.get_async())
            await until(lambda: pool.stats().waiting == 1)
            has_won.set()
            go_on.wait(LIMIT_S)  # The loop stands still.
            with self.fails(orapool.PoolClosed):
                await task
            with self.fails(orapool.PoolClosed):
                held.release()

        first = pool.get()
        thread = self.thread(self.run_async, stuck)
        has_won.wait(LIMIT_S)
        first.release()
        self.assertEqual((pool.stats().busy, pool.stats().waiting), (2, 0))
        with self.fails(orapool.PoolTimeout, 24496):
            pool.get(get_mode=orapool.GetMode.NOWAIT)
        pool.reconfigure(sessions_max=3)
        with pool.get() as session:
            session.ping()

        async def other():
            async with pool.acquire() as session:
                session.ping()

        self.run_async(other)
        self.assertEqual(pool.stats().busy, 2)
        pool.close(force=True)
        go_on.set()
        thread.join()

    def test_a_loop_that_was_closed_with_a_task_waiting(self):
        pool = self.pool(sessions_max=1)
        held = pool.get()
        loop = asyncio.new_event_loop()
        coroutine = pool.get_async()
        task = loop.create_task(coroutine)
        loop.run_until_complete(asyncio.sleep(0))
        self.assertEqual(pool.stats().waiting, 1)
        loop.close()
        held.release()
        # Another loop takes the completion, finds nobody to tell, and gives the session back.
        self.run_async(lambda: self._get_one(pool))
        self.assertEqual(pool.stats().busy, 0)
        task._log_destroy_pending = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            del task, coroutine
            gc.collect()
        self.assert_at_rest(pool)

    async def _get_one(self, pool):
        async with pool.acquire():
            pass

    def test_numbers_of_requests_are_the_processes(self):
        numbers = {next(_async._numbers) for _ in range(100)}
        self.assertEqual(len(numbers), 100)
