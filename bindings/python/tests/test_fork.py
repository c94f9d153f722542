"""A process that forks: the child gets clear errors, and neither hangs nor crashes."""

import unittest

from support import TestCase, has_requests

# What a child does ends it: nothing of the parent's program runs on in there.
IN_CHILD = """
def in_child(work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "the child failed"

def is_forked(work):
    try:
        result = work()
    except orapool.Forked as error:
        assert error.status == -9, error.status
        assert "child processes only" in str(error), error
    else:
        raise AssertionError(f"no Forked, but {result!r}")
"""


class Forking(TestCase):
    def fork(self, code):
        return self.python(IN_CHILD + code)

    def test_every_use_in_the_child(self):
        self.fork("""
pool = make_pool("shared", sessions_max=2)
session = pool.get("tag")
other = pool.get()
statement = session.prepare("select 1 from dual")
statement.execute()
acquisition = pool.acquire()

def child():
    for work in (
        pool.get, pool.stats, pool.metrics, pool.close, lambda: pool.close(force=True),
        lambda: pool.get("x"), lambda: pool.get(wait_timeout_ms=1), lambda: pool.reconfigure(sessions_max=3),
        acquisition.__enter__,
        make_pool, lambda: make_pool("mine"), lambda: orapool.Pool.open("shared"),
        lambda: orapool.Pool.create_or_open("shared", **attributes()),
        session.release, lambda: session.release(drop=True), lambda: session.release("x"),
        lambda: session.execute("select 1 from dual"), lambda: session.query("select 1 from dual"),
        session.commit, session.rollback, session.ping, session.cancel, lambda: session.set_call_timeout(1),
        lambda: session.tag, lambda: session.tag_bytes, lambda: session.set_tag("x"), lambda: session.is_new,
        lambda: session.identity, lambda: session.drcp_state, lambda: session.drcp_enabled,
        lambda: session.drcp_return_tag, session.attach, session.detach, lambda: session.native(5),
        statement.execute, statement.fetch, statement.fetchone, lambda: statement.bind(1, 1),
        lambda: statement.column_text(0), lambda: statement.column_count, lambda: statement.is_null(0),
        lambda: statement.column_names,
    ):
        is_forked(work)
    assert orapool.instance_id() == 0
    assert orapool.library_version()[:2] == (0, 1)
    statement.close()

in_child(child)
# The parent goes on as if nothing had been.
assert statement.fetchone() == ("1",)
session.release(); other.release()
assert pool.stats().busy == 0 and pool.stats().releases == 2
pool.close()
""")

    def test_finalizers_do_nothing_in_the_child(self):
        self.fork("""
import warnings
warnings.simplefilter("error")
pool = make_pool(sessions_max=1)
session = pool.get()
session.execute("create table t (n number)")
session.execute("insert into t values (1)")
statement = session.prepare("select 1 from dual")

def child():
    global pool, session, statement
    with session:
        pass
    with pool:
        pass
    del session, statement, pool
    gc.collect()

in_child(child)
assert session.query("select n from t") == [("1",)]
assert pool.stats().busy == 1
session.release()
pool.close()
""")

    def test_a_child_that_exits_as_programs_do(self):
        self.fork("""
pool = make_pool("kept")
session = pool.get()
pid = os.fork()
if pid == 0:
    sys.exit(7)  # With atexit and the finalizers of all that is left.
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
session.ping()
session.release()
""")

    def test_a_fork_while_another_thread_waits(self):
        self.fork("""
pool = make_pool(sessions_max=1)
held = pool.get()
waiting = threading.Thread(target=lambda: pool.get().release())
waiting.start()
while not pool.stats().waiting:
    time.sleep(0.001)
in_child(lambda: is_forked(pool.get))
held.release()
waiting.join()
""")

    def test_multiprocessing(self):
        done = self.fork("""
import multiprocessing
def work(queue):
    try:
        pool.get()
    except orapool.Forked as error:
        queue.put(str(error))
pool = make_pool()
fork = multiprocessing.get_context("fork")
queue = fork.Queue()
child = fork.Process(target=work, args=(queue,))
child.start()
print(queue.get(timeout=60))
child.join(60)
assert child.exitcode == 0, child.exitcode
""")
        self.assertIn("spawn", done.stdout)

    def test_a_pre_fork_server(self):
        """The parent imports the package and uses nothing of it: each child has a pool of its own."""
        self.fork("""
def serve():
    with make_pool("hr", sessions_max=2) as pool:
        with pool.acquire() as session:
            assert session.query_one("select user from dual") == ("SCOTT",)
        threads = [threading.Thread(target=lambda: pool.get().release()) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert pool.stats().gets == 5
    assert orapool.instance_id() != 0
for _ in range(3):
    in_child(serve)
# The parent may follow.
serve()
in_child(lambda: is_forked(make_pool))
""")

    def test_a_child_of_a_parent_that_only_asked_for_versions(self):
        self.fork("""
orapool.library_version(); orapool.library_path()
in_child(lambda: make_pool().get().release())
""")

    @unittest.skipUnless(has_requests, "the library has no requests")
    def test_in_asyncio(self):
        self.fork("""
import asyncio
pool = make_pool(sessions_max=1)
async def main():
    held = await pool.acquire()
    waiting = asyncio.create_task(pool.get_async())
    while not pool.stats().waiting:
        await asyncio.sleep(0.001)
    def child():
        async def use():
            try:
                await pool.acquire()
            except orapool.Forked:
                return
            raise AssertionError("no Forked")
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(None)
        asyncio.run(use())
        gc.collect()
    in_child(child)
    held.release()
    (await asyncio.wait_for(waiting, 60)).release()
asyncio.run(main())
""")
