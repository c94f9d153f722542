package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.eventually;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.join;
import static org.orapool.tests.Support.onThreads;
import static org.orapool.tests.Support.pool;
import static org.orapool.tests.Support.start;
import static org.orapool.tests.Support.throwsA;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolEvents;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraPoolStats;
import org.orapool.OraSession;
import org.orapool.OraStatement;

/** Pools: made, shared, looked at, closed. */
final class PoolTests {
    private PoolTests() {}

    static void addTo(Harness harness) {
        harness.add("pool::the_library_tells_who_it_is", PoolTests::library);
        harness.add("pool::two_handles_share_a_pool", PoolTests::twoHandles);
        harness.add("pool::a_name_is_taken", PoolTests::nameIsTaken);
        harness.add("pool::names_beyond_the_first_plane", PoolTests::strangeNames);
        harness.add("pool::creations_that_fail", PoolTests::creationsThatFail);
        harness.add("pool::a_warning_of_the_creation", PoolTests::warningOfTheCreation);
        harness.add("pool::forceget_warns", PoolTests::forcegetWarns);
        harness.add("pool::reconfigured", PoolTests::reconfigured);
        harness.add("pool::statistics_and_metrics", PoolTests::statistics);
        harness.add("pool::events", PoolTests::events);
        harness.add("pool::closed_with_loans_out", PoolTests::closedWithLoansOut);
        harness.add("pool::closed_by_force_under_its_loans", PoolTests::closedByForce);
        harness.add("pool::closed_while_another_thread_waits", PoolTests::closedWhileAnotherWaits);
        harness.add("pool::drained", PoolTests::drained);
        harness.add("pool::used_after_its_close", PoolTests::usedAfterClose);
        harness.add("pool::closed_through_another_handle", PoolTests::closedThroughAnotherHandle);
        harness.add("pool::many_threads", PoolTests::manyThreads);
        harness.add("pool::many_threads_close_one_handle", PoolTests::manyThreadsClose);
    }

    private static void library() {
        isTrue(OraPool.instanceId() != 0, "an instance has a number");
        equal(OraPool.instanceId(), OraPool.instanceId());
        isTrue(OraPool.libraryVersion().matches("0\\.1\\.\\d+"), OraPool.libraryVersion());
        isTrue(OraPool.libraryPath().contains("liborapool"), OraPool.libraryPath());
        for (Status status : Status.values()) {
            isTrue(Status.valueOf(status.name()) == status && (status.value() < 0 || status.ordinal() < 4), "a status");
        }
    }

    private static void twoHandles() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes().sessionsMax(2);
                OraPool first = OraPool.create(name, attributes);
                OraPool second = OraPool.open(name);
                OraPool third = OraPool.createOrOpen(name, attributes);
                OraSession session = second.acquire()) {
            equal(first.stats().busy(), 1L);
            equal(third.stats().gets(), 1L);
            isTrue(session.pool() == second, "a session knows its pool");
        }
        fails(Status.ERROR, 24416, () -> OraPool.open(name));
    }

    private static void nameIsTaken() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes();
                OraPool pool = OraPool.create(name, attributes)) {
            fails(Status.CONFLICT, 0, () -> OraPool.create(name, attributes));
            attributes.sessionsMax(9);
            OraPoolException conflict = fails(Status.CONFLICT, 0, () -> OraPool.createOrOpen(name, attributes));
            isTrue(conflict.getMessage().contains("SESSIONS_MAX"), conflict.getMessage());
            equal(pool.stats().open(), 1L);
        }
    }

    private static void strangeNames() throws Exception {
        String name = "pool \uD83C\uDF0D \u00fc " + Support.name();
        try (OraPoolAttributes attributes = attributes();
                OraPool pool = OraPool.create(name, attributes);
                OraPool again = OraPool.open(name)) {
            pool.acquire().close();
            equal(again.stats().gets(), 1L);
        }
        throwsA(IllegalArgumentException.class, () -> OraPool.open("\uD83C"));
        throwsA(NullPointerException.class, () -> OraPool.open(null));
        throwsA(NullPointerException.class, () -> OraPool.create(null));
    }

    private static void creationsThatFail() throws Exception {
        try (OraPoolAttributes empty = new OraPoolAttributes()) {
            fails(Status.ERROR, 24415, () -> OraPool.create(empty));
            empty.user("scott").password("tigerSecret9");
            fails(Status.ERROR, 12162, () -> OraPool.create(empty));
        }
        try (OraPoolAttributes attributes = attributes().sessionsMin(5).sessionsMax(2)) {
            fails(Status.ERROR, 24413, () -> OraPool.create(attributes));
        }
        try (OraPoolAttributes attributes = attributes(Support.database() + "?connect_failures=100")) {
            OraPoolException refused = fails(Status.ERROR, 12541, () -> OraPool.create(attributes));
            isTrue(refused.isTransient(), "a listener may come back");
        }
        try (OraPoolAttributes attributes = attributes().driver("thick")) {
            fails(Status.UNSUPPORTED, 0, () -> OraPool.create(attributes));
        }
    }

    private static void warningOfTheCreation() throws Exception {
        try (OraPoolAttributes attributes =
                        attributes(Support.database() + "?connect_failures=1").sessionsMin(2).sessionsMax(2);
                OraPool pool = OraPool.create(attributes)) {
            Support.checkFailure(pool.warning(), Status.SUCCESS_WITH_INFO, 24414);
            OraPoolException cause = (OraPoolException) pool.warning().getCause();
            equal(cause.oraCode(), 12541);
        }
    }

    private static void forcegetWarns() throws Exception {
        try (OraPoolAttributes attributes = attributes()
                        .sessionsMin(1)
                        .sessionsMax(1)
                        .getMode(OraPoolAttributes.GetMode.FORCEGET);
                OraPool pool = OraPool.create(attributes);
                OraSession first = pool.acquire();
                OraSession second = pool.acquire()) {
            isTrue(pool.warning() == null && first.warning() == null, "nothing to warn of");
            Support.checkFailure(second.warning(), Status.SUCCESS_WITH_INFO, 24417);
            equal(pool.stats().open(), 2L);
        }
    }

    private static void reconfigured() throws Exception {
        try (OraPoolAttributes changes = new OraPoolAttributes().sessionsMax(2);
                OraPool pool = pool(1)) {
            pool.reconfigure(changes);
            try (OraSession first = pool.acquire();
                    OraSession second = pool.acquire()) {
                isTrue(first != second, "two sessions");
            }
            fails(Status.INVALID_ARGUMENT, 0, () -> pool.reconfigure(changes.user("blake")));
            throwsA(NullPointerException.class, () -> pool.reconfigure(null));
        }
    }

    private static void statistics() throws Exception {
        try (OraPool pool = pool(2)) {
            pool.acquire().close();
            OraSession held = pool.acquire();
            OraPoolStats stats = pool.stats();
            equal(stats.open(), 1L);
            equal(stats.gets(), 2L);
            equal(stats.getsNew(), 1L);
            equal(stats.asMap().get("gets_new"), 1L);
            equal(stats.asMap().size(), 34);
            equal(stats.asMap().values().iterator().next(), stats.open());
            equal(stats.asMap().get("drcp_session_changes"), stats.drcpSessionChanges());
            isTrue(stats.toString().contains("releases=1"), stats.toString());
            isTrue(pool.metricsPrometheus().contains("# TYPE"), "Prometheus' text");
            isTrue(pool.metricsJson().startsWith("{"), "a JSON object");
            held.close();
        }
    }

    private static void events() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession session = pool.acquire();
            session.drop();
            OraPoolEvents events;
            try {
                events = pool.events(0);
            } catch (OraPoolException missing) {
                Support.checkFailure(missing, Status.UNSUPPORTED, 0);
                throw new Harness.Skip(missing.getMessage());
            }
            isTrue(!events.lines().isEmpty(), "a connect and a drop are events");
            isTrue(events.lines().get(0).startsWith("{"), events.text());
            OraPoolEvents later = pool.events(events.last());
            equal(later.lines().size(), 0);
            equal(later.last(), events.last());
        }
    }

    private static void closedWithLoansOut() throws Exception {
        OraPool pool = pool(1);
        OraSession session = pool.acquire();
        fails(Status.ERROR, 24422, pool::close);
        session.ping();
        session.close();
        pool.close();
        pool.close();
    }

    private static void closedByForce() throws Exception {
        OraPool pool = pool(1);
        OraSession session = pool.acquire();
        OraStatement statement = session.prepare("select 1 from dual");
        statement.execute();
        pool.close(OraPool.CloseMode.FORCE);
        fails(Status.CLOSED, 24461, session::ping);
        fails(Status.CLOSED, 24461, statement::fetch);
        fails(Status.CLOSED, 24461, session::close);
        // In the wrong order, and more than once.
        statement.close();
        session.close();
        pool.close();
        statement.close();
    }

    private static void closedWhileAnotherWaits() throws Exception {
        OraPool pool = pool(1);
        OraSession held = pool.acquire();
        FutureTask<Void> waiting = start(() -> fails(Status.CLOSED, 24461, pool::acquire));
        eventually("a get waits", () -> pool.stats().waiting() == 1);
        fails(Status.ERROR, 24422, pool::close);
        pool.close(OraPool.CloseMode.FORCE);
        join(waiting);
        fails(Status.CLOSED, 24461, held::close);
    }

    private static void drained() throws Exception {
        OraPool pool = pool(1);
        OraSession held = pool.acquire();
        FutureTask<Void> closing = start(() -> pool.close(OraPool.CloseMode.DEFAULT, OraPoolAttributes.FOREVER));
        try (OraPoolAttributes nowait = new OraPoolAttributes().getMode(OraPoolAttributes.GetMode.NOWAIT)) {
            eventually("gets are refused", () -> {
                try {
                    pool.acquire(AcquireOptions.NONE.attributes(nowait)).close();
                    return false;
                } catch (OraPoolException refused) {
                    return refused.status() == Status.CLOSED;
                }
            });
        }
        held.close();
        join(closing);
        fails(Status.INVALID_ARGUMENT, 0, () -> {
            try (OraPool other = pool(1)) {
                other.close(OraPool.CloseMode.DEFAULT, Duration.ofMillis(-2));
            }
        });
    }

    private static void usedAfterClose() throws Exception {
        OraPool pool = pool(1);
        pool.close();
        try (OraPoolAttributes changes = new OraPoolAttributes().sessionsMax(2)) {
            fails(Status.INVALID_HANDLE, 0, pool::acquire);
            fails(Status.INVALID_HANDLE, 0, pool::stats);
            fails(Status.INVALID_HANDLE, 0, pool::metricsJson);
            fails(Status.INVALID_HANDLE, 0, () -> pool.reconfigure(changes));
            fails(Status.INVALID_HANDLE, 0, () -> pool.close(OraPool.CloseMode.DEFAULT));
            throwsA(NullPointerException.class, () -> pool.acquire(null));
            throwsA(NullPointerException.class, () -> pool.close(null, Duration.ZERO));
        }
        pool.close();
    }

    private static void closedThroughAnotherHandle() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes()) {
            OraPool first = OraPool.create(name, attributes);
            OraPool second = OraPool.open(name);
            second.close(OraPool.CloseMode.FORCE);
            fails(Status.CLOSED, 24461, first::acquire);
            fails(Status.CLOSED, 24461, first::close);
            first.close();
        }
    }

    private static void manyThreads() throws Exception {
        try (OraPool pool = pool(3)) {
            onThreads(8, () -> {
                for (int round = 0; round < 200; round++) {
                    try (OraSession session = pool.acquire()) {
                        if (round % 50 == 0) {
                            session.execute("select 1 from dual");
                        }
                    }
                }
            });
            OraPoolStats stats = pool.stats();
            equal(stats.gets(), 1600L);
            equal(stats.releases(), 1600L);
            isTrue(stats.open() <= 3, "no more than the maximum");
        }
    }

    private static void manyThreadsClose() throws Exception {
        OraPool pool = pool(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger closed = new AtomicInteger();
        FutureTask<Void> all = start(() -> onThreads(8, () -> {
            go.await();
            try {
                pool.close(OraPool.CloseMode.FORCE);
                closed.incrementAndGet();
            } catch (OraPoolException second) {
                isTrue(second.status() == Status.INVALID_HANDLE || second.status() == Status.CLOSED, second.toString());
            }
        }));
        go.countDown();
        join(all);
        equal(closed.get(), 1);
    }
}
