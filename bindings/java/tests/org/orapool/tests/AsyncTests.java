package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.eventually;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.onThreads;
import static org.orapool.tests.Support.pool;
import static org.orapool.tests.Support.throwsA;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;

/** Gets that do not block. */
final class AsyncTests {
    private AsyncTests() {}

    static void addTo(Harness harness) {
        add(harness, "async::a_get", AsyncTests::aGet);
        add(harness, "async::a_get_that_waits", AsyncTests::aGetThatWaits);
        add(harness, "async::first_come_first_served", AsyncTests::inOrder);
        add(harness, "async::a_time_out", AsyncTests::aTimeOut);
        add(harness, "async::bad_arguments", AsyncTests::badArguments);
        add(harness, "async::cancelled_while_it_waits", AsyncTests::cancelled);
        add(harness, "async::or_timeout_cancels", AsyncTests::orTimeout);
        add(harness, "async::cancelled_at_any_moment", AsyncTests::cancelledAtAnyMoment);
        add(harness, "async::a_callback_that_throws", AsyncTests::callbackThrows);
        add(harness, "async::tags_and_found", AsyncTests::tags);
        add(harness, "async::closed_by_force_while_requests_wait", AsyncTests::closedByForce);
        add(harness, "async::closed_through_another_handle", AsyncTests::closedElsewhere);
        add(harness, "async::a_handle_closed_while_its_requests_wait", AsyncTests::handleClosed);
        add(harness, "async::an_executor_that_refuses", AsyncTests::executorRefuses);
        add(harness, "async::the_reader_ends_with_the_handle", AsyncTests::readerEnds);
        add(harness, "async::forgotten_futures_and_pools", AsyncTests::forgotten);
        add(harness, "async::many_threads", AsyncTests::manyThreads);
    }

    /** A library without requests says so, and then these tests have nothing to test. */
    private static void add(Harness harness, String name, Harness.Test test) {
        harness.add(name, () -> {
            try (OraPool pool = pool(1)) {
                pool.acquireAsync().get(60, TimeUnit.SECONDS).close();
            } catch (OraPoolException missing) {
                Support.checkFailure(missing, Status.UNSUPPORTED, 0);
                throw new Harness.Skip(missing.getMessage());
            }
            test.run();
        });
    }

    private static OraSession get(CompletableFuture<OraSession> future) throws Exception {
        try {
            return future.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof OraPoolException) {
                throw (OraPoolException) failed.getCause();
            }
            throw failed;
        }
    }

    private static void aGet() throws Exception {
        try (OraPool pool = pool(1)) {
            try (OraSession session = get(pool.acquireAsync())) {
                session.ping();
                isTrue(session.pool() == pool, "a session knows its pool");
            }
            long rows = pool.acquireAsync()
                    .thenApply(session -> {
                        try (session) {
                            return session.execute("select 1 from dual");
                        }
                    })
                    .get(60, TimeUnit.SECONDS);
            equal(rows, 1L);
            equal(pool.stats().gets(), 2L);
            equal(pool.stats().releases(), 2L);
        }
    }

    private static void aGetThatWaits() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession held = pool.acquire();
            CompletableFuture<OraSession> future = pool.acquireAsync();
            eventually("the request waits", () -> pool.stats().waiting() == 1);
            isTrue(!future.isDone(), "not yet");
            held.close();
            get(future).close();
        }
    }

    private static void inOrder() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession held = pool.acquire();
            List<Integer> order = new ArrayList<>();
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int number = 0; number < 5; number++) {
                int mine = number;
                all.add(pool.acquireAsync().thenAccept(session -> {
                    try (session) {
                        synchronized (order) {
                            order.add(mine);
                        }
                    }
                }));
                long waiting = number + 1;
                eventually("the request waits", () -> pool.stats().waiting() == waiting);
            }
            held.close();
            CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
            equal(order, List.of(0, 1, 2, 3, 4));
        }
    }

    private static void aTimeOut() throws Exception {
        try (OraPool pool = pool(1);
                OraPoolAttributes soon = new OraPoolAttributes().waitTimeout(Duration.ofMillis(10));
                OraPoolAttributes nowait = new OraPoolAttributes().getMode(OraPoolAttributes.GetMode.NOWAIT);
                OraSession held = pool.acquire()) {
            fails(Status.TIMEOUT, 24457, () -> get(pool.acquireAsync(AcquireOptions.NONE.attributes(soon))));
            fails(Status.TIMEOUT, 24496, () -> get(pool.acquireAsync(AcquireOptions.NONE.attributes(nowait))));
            held.ping();
        }
    }

    private static void badArguments() throws Exception {
        OraPool pool = pool(1);
        throwsA(NullPointerException.class, () -> pool.acquireAsync(null));
        fails(Status.INVALID_ARGUMENT, 24300, () -> get(pool.acquireAsync(AcquireOptions.NONE.modeBits(0x4000))));
        fails(Status.ERROR, 24487, () -> get(pool.acquireAsync(AcquireOptions.NONE.properties("nonsense"))));
        pool.close();
        fails(Status.INVALID_HANDLE, 0, pool::acquireAsync);
    }

    private static void cancelled() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession held = pool.acquire();
            CompletableFuture<OraSession> future = pool.acquireAsync();
            eventually("the request waits", () -> pool.stats().waiting() == 1);
            isTrue(future.cancel(true) && future.isCancelled(), "cancelled");
            eventually("it waits no more", () -> pool.stats().waiting() == 0);
            held.close();
            pool.acquire().close();
        }
    }

    private static void orTimeout() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession held = pool.acquire();
            CompletableFuture<OraSession> future = pool.acquireAsync().orTimeout(5, TimeUnit.MILLISECONDS);
            ExecutionException failed = throwsA(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS));
            isTrue(failed.getCause() instanceof TimeoutException, "came " + failed.getCause());
            eventually("the request waits no more", () -> pool.stats().waiting() == 0);
            held.close();
            equal(pool.stats().gets(), 1L);
        }
    }

    /** Whatever moment it is, no session is lost and none is held by nobody. */
    private static void cancelledAtAnyMoment() throws Exception {
        try (OraPool pool = pool(2)) {
            onThreads(4, () -> {
                for (int round = 0; round < 300; round++) {
                    CompletableFuture<OraSession> future = pool.acquireAsync();
                    for (int spin = ThreadLocalRandom.current().nextInt(2000); spin > 0; spin--) {
                        Thread.onSpinWait();
                    }
                    if (!future.cancel(false)) {
                        future.get().close();
                    }
                }
            });
            // Without the collector's help.
            while (pool.stats().busy() != 0 || pool.stats().waiting() != 0) {
                Thread.sleep(1);
            }
            try (OraSession first = pool.acquire();
                    OraSession second = pool.acquire()) {
                isTrue(first != second, "both are to be had");
            }
        }
    }

    private static void callbackThrows() throws Exception {
        try (OraPoolAttributes attributes = attributes().sessionsMin(0).sessionCallback((session, wanted, actual) -> {
                    throw new IllegalStateException("no");
                });
                OraPool pool = OraPool.create(attributes)) {
            OraPoolException failure = fails(Status.CALLBACK_FAILED, 0, () -> get(pool.acquireAsync()));
            equal(failure.getCause().getMessage(), "no");
        }
    }

    private static void tags() throws Exception {
        AcquireOptions blue = AcquireOptions.NONE.tag("blue");
        try (OraPool pool = pool(1)) {
            try (OraSession session = get(pool.acquireAsync(blue))) {
                isTrue(!session.isFound(), "there is none yet");
                session.setTag("blue");
            }
            try (OraSession session = get(pool.acquireAsync(blue, Runnable::run))) {
                isTrue(session.isFound(), "found");
                equal(session.tag(), "blue");
            }
        }
    }

    private static void closedByForce() throws Exception {
        OraPool pool = pool(1);
        OraSession held = pool.acquire();
        List<CompletableFuture<OraSession>> futures = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            futures.add(pool.acquireAsync());
        }
        eventually("the requests wait", () -> pool.stats().waiting() == 3);
        fails(Status.ERROR, 24422, pool::close);
        pool.close(OraPool.CloseMode.FORCE);
        for (CompletableFuture<OraSession> future : futures) {
            fails(Status.CLOSED, 24461, () -> get(future));
        }
        fails(Status.CLOSED, 24461, held::close);
    }

    private static void closedElsewhere() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes().sessionsMax(1)) {
            OraPool pool = OraPool.create(name, attributes);
            OraPool other = OraPool.open(name);
            OraSession held = pool.acquire();
            CompletableFuture<OraSession> future = pool.acquireAsync();
            eventually("the request waits", () -> pool.stats().waiting() == 1);
            other.close(OraPool.CloseMode.FORCE);
            fails(Status.CLOSED, 24461, () -> get(future));
            fails(Status.CLOSED, 24461, held::close);
            fails(Status.CLOSED, 24461, pool::acquireAsync);
            fails(Status.CLOSED, 24461, pool::close);
        }
    }

    /** Another handle keeps the pool open; the request of the closed one still comes to an end. */
    private static void handleClosed() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes().sessionsMax(1);
                OraPool other = OraPool.create(name, attributes)) {
            OraPool pool = OraPool.open(name);
            OraSession held = other.acquire();
            CompletableFuture<OraSession> future = pool.acquireAsync();
            eventually("the request waits", () -> other.stats().waiting() == 1);
            pool.close();
            held.close();
            try {
                get(future).close();
            } catch (OraPoolException ended) {
                isTrue(
                        ended.status() == Status.CLOSED || ended.status() == Status.INVALID_HANDLE,
                        "came " + ended.status());
            }
            eventually("no loan is left", () -> other.stats().busy() == 0 && other.stats().waiting() == 0);
        }
    }

    private static void executorRefuses() throws Exception {
        try (OraPool pool = pool(1)) {
            CompletableFuture<OraSession> future = pool.acquireAsync(AcquireOptions.NONE, task -> {
                throw new RejectedExecutionException("no more");
            });
            ExecutionException failed = throwsA(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS));
            isTrue(failed.getCause() instanceof RejectedExecutionException, "came " + failed.getCause());
            eventually("the session went back", () -> pool.stats().busy() == 0);
            get(pool.acquireAsync()).close();
        }
    }

    private static long readers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("orapool-completions"))
                .count();
    }

    private static void readerEnds() throws Exception {
        eventually("the readers of former tests are gone", () -> readers() == 0);
        OraPool pool = pool(1);
        pool.acquire().close();
        equal(readers(), 0L);
        get(pool.acquireAsync()).close();
        get(pool.acquireAsync()).close();
        equal(readers(), 1L);
        pool.close();
        eventually("the reader ends", () -> readers() == 0);
    }

    private static void forgotten() throws Exception {
        String name = Support.name();
        forgetOnePool(name);
        eventually("the pool is closed", () -> {
            try {
                OraPool.open(name).close();
                return false;
            } catch (OraPoolException none) {
                return true;
            }
        });
        eventually("its reader ends", () -> readers() == 0);
    }

    /** A method of its own: what a frame once held it may hold for as long as it lasts. */
    private static void forgetOnePool(String name) throws Exception {
        try (OraPoolAttributes attributes = attributes().sessionsMax(1)) {
            OraPool pool = OraPool.create(name, attributes);
            AtomicInteger done = new AtomicInteger();
            pool.acquireAsync().thenRun(done::incrementAndGet);
            pool.acquireAsync().thenRun(done::incrementAndGet);
            eventually("nobody reads the sessions; they go back", () -> done.get() == 2 && pool.stats().busy() == 0);
        }
    }

    private static void manyThreads() throws Exception {
        try (OraPool pool = pool(3)) {
            onThreads(4, () -> {
                for (int round = 0; round < 100; round++) {
                    if (round % 2 == 0) {
                        get(pool.acquireAsync()).close();
                    } else {
                        pool.acquire().close();
                    }
                }
            });
            equal(pool.stats().gets(), 400L);
            equal(pool.stats().releases(), 400L);
        }
    }
}
