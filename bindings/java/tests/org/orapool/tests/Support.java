package org.orapool.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;

/** What the tests share. */
final class Support {
    private static final AtomicInteger LAST = new AtomicInteger();

    private Support() {}

    /** Work that may throw. */
    interface Work {
        void run() throws Exception;
    }

    /** A connect string with a database of its own. */
    static String database() {
        return "embedded:java_test_" + LAST.incrementAndGet();
    }

    /** A name that no other test has. */
    static String name() {
        return "java-test-" + LAST.incrementAndGet();
    }

    static OraPoolAttributes attributes() {
        return attributes(database());
    }

    static OraPoolAttributes attributes(String database) {
        return new OraPoolAttributes().connectString(database).user("scott").password("tigerSecret9");
    }

    /** A pool of at most so many sessions. */
    static OraPool pool(int max) {
        try (OraPoolAttributes attributes = attributes().sessionsMin(0).sessionsMax(max)) {
            return OraPool.create(attributes);
        }
    }

    static void isTrue(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    static void equal(Object actual, Object expected) {
        if (actual == null ? expected != null : !actual.equals(expected)) {
            throw new AssertionError("expected " + expected + ", came " + actual);
        }
    }

    /** Runs what must fail with a status and a number; the exception, for more. */
    static OraPoolException fails(OraPoolException.Status status, int code, Work work) throws Exception {
        try {
            work.run();
        } catch (OraPoolException failure) {
            checkFailure(failure, status, code);
            return failure;
        }
        throw new AssertionError("it succeeded; expected " + status + " " + code);
    }

    static void checkFailure(OraPoolException failure, OraPoolException.Status status, int code) {
        if (failure.status() != status || failure.oraCode() != code) {
            throw new AssertionError(
                    "expected " + status + " " + code + ", came " + failure.status() + " " + failure.oraCode(), failure);
        }
        isTrue(!failure.getMessage().contains("tigerSecret9"), "the message holds a password");
    }

    /** Runs what must throw. */
    static <T extends Throwable> T throwsA(Class<T> type, Work work) throws Exception {
        try {
            work.run();
        } catch (Throwable thrown) {
            if (type.isInstance(thrown)) {
                return type.cast(thrown);
            }
            throw new AssertionError("expected " + type.getName() + ", came " + thrown, thrown);
        }
        throw new AssertionError("it succeeded; expected " + type.getName());
    }

    /** Waits for a state, collecting garbage meanwhile. So long that no loaded machine fails it. */
    static void eventually(String what, BooleanSupplier state) throws InterruptedException {
        long start = System.nanoTime();
        while (!state.getAsBoolean()) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(60)) {
                throw new AssertionError("it never came: " + what);
            }
            System.gc();
            Thread.sleep(2);
        }
    }

    /** Starts work on a thread. */
    static FutureTask<Void> start(Work work) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** Does work on many threads at once, and waits for all. */
    static void onThreads(int threads, Work work) throws Exception {
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int number = 0; number < threads; number++) {
            tasks.add(start(work));
        }
        for (FutureTask<Void> task : tasks) {
            join(task);
        }
    }

    /** The work's own exception, if it threw. */
    static void join(FutureTask<Void> task) throws Exception {
        try {
            task.get(60, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException thrown) {
            if (thrown.getCause() instanceof Exception) {
                throw (Exception) thrown.getCause();
            }
            throw thrown;
        }
    }
}
