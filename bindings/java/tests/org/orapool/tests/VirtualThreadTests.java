package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;

/** Virtual threads, of Java 21 and later. The process is to have one carrier, so that a pinned one is a dead end. */
final class VirtualThreadTests {
    private VirtualThreadTests() {}

    static void addTo(Harness harness) {
        harness.add("virtual::waiting_gets_hold_no_carrier", VirtualThreadTests::waitingGets);
        harness.add("virtual::failures_are_those_of_a_get", VirtualThreadTests::failures);
        harness.add("virtual::closed_while_they_wait", VirtualThreadTests::closed);
    }

    private static ExecutorService executor() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void needRequests() throws Exception {
        try (OraPool pool = pool(1)) {
            pool.acquireAsync().get(60, TimeUnit.SECONDS).close();
        } catch (OraPoolException missing) {
            throw new Harness.Skip(missing.getMessage());
        }
    }

    /** Who has the session sleeps, without a carrier, while all others wait; then it needs a carrier to give it back. */
    private static void waitingGets() throws Exception {
        ExecutorService executor = executor();
        needRequests();
        try (OraPool pool = pool(1)) {
            List<Future<?>> all = new ArrayList<>();
            for (int number = 0; number < 50; number++) {
                all.add(executor.submit(() -> {
                    try (OraSession session = pool.acquire()) {
                        Thread.sleep(1);
                        session.ping();
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
            equal(pool.stats().gets(), 50L);
            equal(pool.stats().releases(), 50L);
        } finally {
            executor.shutdown();
        }
    }

    private static void failures() throws Exception {
        ExecutorService executor = executor();
        try (OraPoolAttributes soon = new OraPoolAttributes().waitTimeout(Duration.ofMillis(5));
                OraPoolAttributes throwing = attributes().sessionsMin(0).sessionCallback((session, wanted, actual) -> {
                    throw new IllegalStateException("no");
                });
                OraPool pool = pool(1);
                OraPool refusing = OraPool.create(throwing);
                OraSession held = pool.acquire()) {
            executor.submit(() -> {
                fails(Status.TIMEOUT, 24457, () -> pool.acquire(AcquireOptions.NONE.attributes(soon)));
                fails(Status.INVALID_ARGUMENT, 24300, () -> pool.acquire(AcquireOptions.NONE.modeBits(0x4000)));
                OraPoolException refused = fails(Status.CALLBACK_FAILED, 0, refusing::acquire);
                equal(refused.getCause().getMessage(), "no");
                return null;
            }).get(60, TimeUnit.SECONDS);
            held.ping();
        } finally {
            executor.shutdown();
        }
    }

    private static void closed() throws Exception {
        ExecutorService executor = executor();
        needRequests();
        OraPool pool = pool(1);
        OraSession held = pool.acquire();
        List<Future<?>> all = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            all.add(executor.submit(() -> fails(Status.CLOSED, 24461, pool::acquire)));
        }
        Support.eventually("all wait", () -> pool.stats().waiting() == 20);
        pool.close(OraPool.CloseMode.FORCE);
        for (Future<?> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
        fails(Status.CLOSED, 24461, held::close);
        isTrue(executor.shutdownNow().isEmpty(), "all are done");
    }
}
