"""A process that forks: the child gets clear errors, and neither hangs nor crashes; if it begins anew, it has pools of its
own."""

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

def is_forked(work, advice="orapool.after_fork()"):
    try:
        result = work()
    except orapool.Forked as error:
        assert error.status == -9, error.status
        assert advice in str(error), error
    else:
        raise AssertionError(f"no Forked, but {result!r}")

def is_the_parents(work):
    is_forked(work, "is of the parent process; make a pool of this process's own")
"""

# What a parent has when it forks, and all that can be done with it.
OF_A_PARENT = """
pool = make_pool("shared", sessions_max=2)
session = pool.get("tag")
other = pool.get()
statement = session.prepare("select 1 from dual")
statement.execute()
acquisition = pool.acquire()
uses = (
    pool.get, pool.stats, pool.metrics, pool.events, pool.close, lambda: pool.close(force=True),
    lambda: pool.get("x"), lambda: pool.get(wait_timeout_ms=1), lambda: pool.reconfigure(sessions_max=3),
    acquisition.__enter__, lambda: pool.get_async().send(None),
    session.release, lambda: session.release(drop=True), lambda: session.release("x"),
    lambda: session.execute("select 1 from dual"), lambda: session.query("select 1 from dual"),
    session.commit, session.rollback, session.ping, session.cancel, lambda: session.set_call_timeout(1),
    lambda: session.tag, lambda: session.tag_bytes, lambda: session.set_tag("x"), lambda: session.is_new,
    lambda: session.identity, lambda: session.drcp_state, lambda: session.drcp_enabled,
    lambda: session.drcp_return_tag, session.attach, session.detach, lambda: session.native(5),
    statement.execute, statement.fetch, statement.fetchone, lambda: statement.bind(1, None),
    lambda: statement.bind(1, 1), lambda: statement.bind(1, 1.5), lambda: statement.bind(1, "x"),
    lambda: statement.bind(1, b"x"), lambda: statement.column_text(0), lambda: statement.column_int(0),
    lambda: statement.column_float(0), lambda: statement.column_bytes(0), lambda: statement.column_count,
    lambda: statement.is_null(0), lambda: statement.column_names,
)

def parent_goes_on():
    assert statement.fetchone() == ("1",)
    session.release(); other.release()
    assert pool.stats().busy == 0 and pool.stats().releases == 2, pool.stats()
    pool.close()
"""

# A child that works with a pool of its own.
SERVING = """
def serve(name="shared"):
    with make_pool(name, sessions_max=2) as own:
        with own.acquire() as session:
            assert session.query_one("select user from dual") == ("SCOTT",)
        threads = [threading.Thread(target=lambda: own.get().release()) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert own.stats().gets == 5
    assert orapool.instance_id() != 0
"""


# Leaves a pool of its own and one that another part of the process has as well, with loans out, and looks at them when the
# package's work at the exit is done.
AFTER_THE_PACKAGES_EXIT = """
import atexit, ctypes
from orapool import native

foreign = None

def look():
    if foreign is None:
        return
    try:
        own.get()
    except orapool.PoolClosed:
        print("closed")
    numbers = (ctypes.c_uint64 * 35)(35 * 8)
    native.call(native.lib.get_stats, foreign, numbers)
    print("busy", numbers[2], "releases", numbers[14], flush=True)

# Handlers run in the opposite order of their registration.
atexit.unregister(orapool._home._at_exit)
atexit.register(look)
atexit.register(orapool._home._at_exit)

def leave_things_behind():
    global own, named, loans
    own, named = make_pool(), make_pool("shared", sessions_max=2)
    loans = own.get(), named.get()
    handle = ctypes.c_void_p()
    native.call(native.lib.open, b"shared", 6, ctypes.byref(handle))
    return handle
"""


class Forking(TestCase):
    def fork(self, code):
        return self.python(IN_CHILD + code)

    def test_every_use_in_the_child(self):
        self.fork(
            OF_A_PARENT
            + """
def child():
    others = (
        make_pool, lambda: make_pool("mine"), lambda: orapool.Pool.open("shared"),
        lambda: orapool.Pool.create_or_open("shared", **attributes()),
    )
    for work in (*uses, *others):
        is_forked(work)
    assert orapool.instance_id() == 0
    assert orapool.library_version()[:2] == (0, 1)
    statement.close()

in_child(child)
parent_goes_on()
"""
        )

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
        self.assertIn("multiprocessing: initializer", done.stdout)

    def test_a_pre_fork_server(self):
        """The parent imports the package and uses nothing of it: each child has a pool of its own."""
        self.fork(
            SERVING
            + """
for _ in range(3):
    in_child(serve)
# The parent may follow.
serve()
in_child(lambda: is_forked(make_pool))
"""
        )

    def test_a_child_of_a_parent_that_only_asked_for_versions(self):
        self.fork("""
orapool.library_version(); orapool.library_path()
in_child(lambda: make_pool().get().release())
""")

    def test_a_child_that_began_before_the_parent_exits_as_any_program(self):
        done = self.fork(
            AFTER_THE_PACKAGES_EXIT
            + """
pid = os.fork()
if pid == 0:
    foreign = leave_things_behind()
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
"""
        )
        self.assertEqual(done.stdout.split("\n"), ["closed", "busy 0 releases 1", ""])

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


class BeginningAnew(TestCase):
    """orapool.after_fork()"""

    def fork(self, code):
        return self.python(IN_CHILD + SERVING + code)

    def test_what_the_parent_has_stays_the_parents(self):
        self.fork(
            OF_A_PARENT
            + """
def child():
    for work in uses:
        is_forked(work)
    orapool.after_fork()
    for work in uses:
        is_the_parents(work)
    with make_pool("shared", sessions_max=2) as own:
        mine, mine_too = own.get("tag"), own.get()
        rows = mine.prepare("select 1 from dual")
        rows.execute()
        for work in uses:
            is_the_parents(work)
        statement.close()
        assert rows.fetchone() == ("1",)
        assert (own.stats().gets, own.stats().busy) == (2, 2), own.stats()
        mine.release(); mine_too.release()
    serve()

in_child(child)
in_child(child)
parent_goes_on()
"""
        )

    def test_finalizers_leave_both_alone(self):
        self.fork("""
import warnings
warnings.simplefilter("error")
pool = make_pool("shared", sessions_max=1)
session = pool.get()
statement = session.prepare("select 1 from dual")
statement.execute()

def child():
    global pool, session, statement
    orapool.after_fork()
    own = make_pool("shared", sessions_max=1)
    mine = own.get()
    rows = mine.prepare("select 1 from dual")
    rows.execute()
    with session:
        pass
    with pool:
        pass
    del session, statement, pool
    gc.collect()
    assert rows.fetchone() == ("1",)
    assert own.stats().busy == 1
    mine.release()
    own.close()

in_child(child)
assert statement.fetchone() == ("1",)
session.release()
pool.close()
""")

    def test_in_a_process_that_was_not_forked_it_does_nothing(self):
        self.fork("""
orapool.after_fork()
# Not even a use of the library, which a child would be hindered by.
in_child(serve)
pool = make_pool("shared")
session = pool.get()
number = orapool.instance_id()
orapool.after_fork()
assert orapool.instance_id() == number
session.ping()
session.release()

def child():
    orapool.after_fork()
    own = make_pool("shared")
    session = own.get()
    orapool.after_fork()
    session.ping()
    session.release()

in_child(child)
""")

    def test_a_grandchild(self):
        self.fork("""
def family(pools):
    orapool.after_fork()
    for pool in pools:
        is_the_parents(pool.get)
    pool = make_pool("shared")
    held = pool.get()
    if len(pools) < 3:
        in_child(lambda: [is_forked(each.get) for each in (*pools, pool)])
        in_child(lambda: family([*pools, pool]))
    held.ping()
    held.release()
    pool.close()

pool = make_pool("shared")
held = pool.get()
in_child(lambda: family([pool]))
held.ping()
held.release()
""")

    def test_a_line_of_children_has_an_end(self):
        self.fork("""
def generation(number):
    try:
        orapool.after_fork()
    except orapool.Unsupported as error:
        assert number == 8 and "exec" in str(error), (number, error)
        is_forked(make_pool)
        return
    serve()
    in_child(lambda: generation(number + 1))

serve()
in_child(lambda: generation(1))
""")

    def test_a_library_that_does_not_have_it(self):
        self.fork("""
from orapool import native
native.lib.after_fork = native._missing("liborapool.so", "after_fork")
orapool.after_fork()
pool = make_pool()

def child():
    try:
        orapool.after_fork()
    except orapool.Unsupported as error:
        assert "orapool_after_fork" in str(error), error
    else:
        raise AssertionError("no Unsupported")
    is_forked(pool.get)

in_child(child)
""")

    def test_multiprocessing(self):
        self.fork("""
import multiprocessing

def begin():
    global own
    orapool.after_fork()
    own = make_pool("shared", sessions_max=2)

def work(number):
    is_the_parents(pool.get)
    is_the_parents(session.ping)
    with own.acquire() as mine:
        return int(mine.query_one("select :1 from dual", [number])[0]), os.getpid()

pool = make_pool("shared", sessions_max=1)
session = pool.get()
with multiprocessing.get_context("fork").Pool(2, initializer=begin) as workers:
    done = workers.map(work, range(20), chunksize=1)
    workers.close()
    workers.join()
assert [number for number, _ in done] == list(range(20)), done
assert os.getpid() not in {pid for _, pid in done}
session.ping()
session.release()
pool.get().release()
assert (pool.stats().gets, pool.stats().busy) == (2, 0), pool.stats()
""")

    def test_callbacks(self):
        """A function that both have serves each in its own process."""
        self.fork("""
from orapool import _callbacks
called = []
def callback(session, wanted, actual):
    called.append(os.getpid())
    if wanted == "bad":
        raise ValueError("not this one")
    session.set_tag(wanted)

pool = make_pool("shared", sessions_max=3, session_callback=callback)
held = pool.get("of the parent")

def child():
    orapool.after_fork()
    assert _callbacks.registered() == 0
    called.clear()
    own = make_pool("shared", session_callback=callback)
    own.get("x").release()
    try:
        own.get("bad")
    except orapool.CallbackFailed as error:
        assert isinstance(error.__cause__, ValueError), error.__cause__
    else:
        raise AssertionError("no CallbackFailed")
    assert called == [os.getpid()] * 2, called
    assert _callbacks.registered() == 1
    own.close()
    assert _callbacks.registered() == 0

in_child(child)
assert _callbacks.registered() == 1
pool.get("y").release()
assert called == [os.getpid()] * 2, called
held.release()
pool.close()
assert _callbacks.registered() == 0
""")

    def test_locks_that_another_thread_held_at_the_fork(self):
        self.fork("""
import asyncio
from orapool import _async, _callbacks, _home
pool = make_pool("shared")
may_end = threading.Event()
holding = threading.Event()
def hold():
    with _async._lock, _callbacks._lock, _home._homes_lock:
        holding.set()
        may_end.wait()
holder = threading.Thread(target=hold)
holder.start()
holding.wait()

def child():
    orapool.after_fork()
    own = make_pool("shared", session_callback=lambda *_: None)
    own.get("x").release()
    async def use():
        (await own.acquire("x")).release()
    asyncio.run(use())
    own.close()
    orapool._home._at_exit()

in_child(child)
may_end.set()
holder.join()
""")

    def test_a_fork_in_a_session_callback(self):
        self.fork("""
def callback(session, wanted, actual):
    def child():
        uses = (session.ping, session.release, lambda: session.tag, lambda: session.is_new)
        for work in uses:
            is_forked(work)
        orapool.after_fork()
        for work in uses:
            is_the_parents(work)
        serve()
    in_child(child)
    session.set_tag("forked")

with make_pool("shared", session_callback=callback) as pool:
    with pool.acquire() as session:
        assert session.tag == "forked"
""")

    def test_a_fork_that_the_interpreter_did_not_see(self):
        self.fork("""
import ctypes
os.fork = ctypes.PyDLL(None).fork
pool = make_pool("shared")
session = pool.get()

def child():
    is_forked(pool.get)
    orapool.after_fork()
    is_the_parents(pool.get)
    is_the_parents(session.ping)
    serve()

in_child(child)
session.ping()
session.release()
""")

    def test_exit_with_loans_out(self):
        """The child's pools are closed, and what other parts of the child have goes on; the parent's are as they were."""
        done = self.fork(
            AFTER_THE_PACKAGES_EXIT
            + """
pool, mine = make_pool("shared"), make_pool()
held = pool.get(), mine.get()
pid = os.fork()
if pid == 0:
    orapool.after_fork()
    foreign = leave_things_behind()
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
assert (pool.stats().busy, mine.stats().busy, pool.stats().releases) == (1, 1, 0)
for session in held:
    session.ping()
    session.release()
"""
        )
        self.assertEqual(done.stdout.split("\n"), ["closed", "busy 0 releases 1", ""])
        self.assertNotIn("Traceback", done.stderr)
        self.assertNotIn("Exception ignored", done.stderr)

    def test_exit_without_any_hook(self):
        self.fork("""
pool = make_pool("shared")
session = pool.get()
pid = os.fork()
if pid == 0:
    orapool.after_fork()
    own = make_pool("shared", sessions_max=2)
    loans = own.get(), own.get()
    os._exit(3)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
session.ping()
session.release()
""")

    @unittest.skipUnless(has_requests, "the library has no requests")
    def test_in_asyncio(self):
        """Parent and child wait in a loop of their own each, and neither takes what the other's database gave."""
        self.fork("""
import asyncio

async def wait_for_one(pool, held):
    waiting = [asyncio.create_task(pool.get_async()) for _ in range(5)]
    while pool.stats().waiting < 5:
        await asyncio.sleep(0.001)
    held.release()
    for task in asyncio.as_completed(waiting, timeout=60):
        (await task).release()
    assert (pool.stats().gets, pool.stats().busy) == (6, 0), pool.stats()

async def use_own(parents):
    own = make_pool("shared", sessions_max=1)
    await wait_for_one(own, await own.acquire())
    try:
        await parents.acquire()
    except orapool.Forked:
        pass
    else:
        raise AssertionError("no Forked")
    async with own.acquire() as session:
        assert session.query_one("select user from dual") == ("SCOTT",)
    own.close()

async def main():
    pool = make_pool("shared", sessions_max=1)
    held = await pool.acquire()
    tasks = asyncio.create_task(wait_for_one(pool, held))
    while not pool.stats().waiting:
        await asyncio.sleep(0.001)
    in_child(lambda: child(pool))
    await asyncio.wait_for(tasks, 60)
    pool.close()

def child(parents):
    asyncio._set_running_loop(None)
    asyncio.set_event_loop(None)
    orapool.after_fork()
    asyncio.run(use_own(parents))
    gc.collect()

asyncio.run(main())
""")

    @unittest.skipUnless(has_requests, "the library has no requests")
    def test_a_loop_that_the_child_goes_on_with(self):
        """It polls the set of descriptors that the parent polls: nothing of the parent's may be taken out of it."""
        self.fork("""
import asyncio
loop = asyncio.new_event_loop()
pool = make_pool("shared", sessions_max=1)
held = loop.run_until_complete(pool.get_async())
waiting = loop.create_task(pool.get_async())
while not pool.stats().waiting:
    loop.run_until_complete(asyncio.sleep(0.001))
# The completion is there, and the loop has not looked yet.
held.release()

def child():
    orapool.after_fork()
    loop.run_until_complete(asyncio.sleep(0.05))

in_child(child)
loop.run_until_complete(asyncio.wait_for(waiting, 60)).release()
loop.close()
""")
