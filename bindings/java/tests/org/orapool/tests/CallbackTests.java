package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.eventually;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.onThreads;
import static org.orapool.tests.Support.throwsA;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;
import org.orapool.OraStatement;
import org.orapool.SessionCallback;
import org.orapool.SessionRejectedException;

/** Session callbacks. */
final class CallbackTests {
    private CallbackTests() {}

    static void addTo(Harness harness) {
        harness.add("callback::sets_the_state", CallbackTests::setsTheState);
        harness.add("callback::what_it_throws_is_the_cause", CallbackTests::throwsIt);
        harness.add("callback::an_error_is_the_cause", CallbackTests::throwsAnError);
        harness.add("callback::refuses_with_a_number", CallbackTests::refusesWithANumber);
        harness.add("callback::a_failed_call_is_the_cause", CallbackTests::aFailedCall);
        harness.add("callback::gets_another_session", CallbackTests::getsAnother);
        harness.add("callback::its_session_is_the_gets", CallbackTests::itsSession);
        harness.add("callback::released_once", CallbackTests::releasedOnce);
        harness.add("callback::what_released_throws_is_told", CallbackTests::releasedThrows);
        harness.add("callback::the_same_object_is_the_same", CallbackTests::theSameObject);
        harness.add("callback::the_same_object_after_a_forced_close", CallbackTests::afterAForcedClose);
        harness.add("callback::replaced_and_unset", CallbackTests::replaced);
        harness.add("callback::from_many_threads", CallbackTests::fromManyThreads);
        harness.add("callback::closed_meanwhile", CallbackTests::closedMeanwhile);
    }

    private static OraPool pool(SessionCallback callback) {
        try (OraPoolAttributes attributes = attributes().sessionsMin(0).sessionsMax(2).sessionCallback(callback)) {
            return OraPool.create(attributes);
        }
    }

    private static void setsTheState() throws Exception {
        AtomicReference<String> called = new AtomicReference<>();
        try (OraPool pool = pool((session, wanted, actual) -> {
            called.set(wanted + " " + actual);
            session.execute("alter session set nls_date_format = 'YYYY'");
            session.setProperties(wanted);
        })) {
            AcquireOptions options = AcquireOptions.NONE.properties("FORMAT=\uD83C\uDF0D");
            try (OraSession session = pool.acquire(options)) {
                equal(session.tag(), "FORMAT=\uD83C\uDF0D");
                equal(called.getAndSet(null), "FORMAT=\uD83C\uDF0D null");
            }
            try (OraSession session = pool.acquire(options)) {
                isTrue(session.isFound() && called.get() == null, "found as it was");
            }
        }
    }

    private static void throwsIt() throws Exception {
        IOException thrown = new IOException("no state to be had");
        try (OraPool pool = pool((session, wanted, actual) -> {
            throw thrown;
        })) {
            OraPoolException failure = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            isTrue(failure.getCause() == thrown, "the very exception is the cause");
            equal(pool.stats().callbackFailures(), 1L);
            equal(pool.stats().open(), 0L);
            OraPoolException again = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            isTrue(again != failure && again.getSuppressed().length == 0, "each get has its own");
        }
    }

    private static void throwsAnError() throws Exception {
        try (OraPool pool = pool(new SessionCallback() {
            @Override
            public void prepare(OraSession session, String wanted, String actual) throws Exception {
                prepare(session, wanted, actual);
            }
        })) {
            OraPoolException failure = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            isTrue(failure.getCause() instanceof StackOverflowError, "came " + failure.getCause());
        }
    }

    private static void refusesWithANumber() throws Exception {
        try (OraPool pool = pool((session, wanted, actual) -> {
            throw new SessionRejectedException(-4711, "not this one");
        })) {
            OraPoolException failure = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            isTrue(failure.getMessage().contains("-4711"), failure.getMessage());
            equal(((SessionRejectedException) failure.getCause()).value(), -4711);
        }
        throwsA(IllegalArgumentException.class, () -> {
            throw new SessionRejectedException(1, "1 is a success");
        });
    }

    private static void aFailedCall() throws Exception {
        try (OraPool pool = pool((session, wanted, actual) -> session.execute("select 1 from nowhere"))) {
            OraPoolException failure = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            equal(((OraPoolException) failure.getCause()).oraCode(), 942);
        }
    }

    private static void getsAnother() throws Exception {
        AtomicReference<OraPool> self = new AtomicReference<>();
        AtomicInteger depth = new AtomicInteger();
        try (OraPool pool = pool((session, wanted, actual) -> {
            if (depth.incrementAndGet() == 1) {
                self.get().acquire().close();
            } else {
                throw new IllegalStateException("the inner one");
            }
        })) {
            self.set(pool);
            OraPoolException outer = fails(Status.CALLBACK_FAILED, 0, pool::acquire);
            OraPoolException inner = (OraPoolException) outer.getCause();
            equal(inner.status(), Status.CALLBACK_FAILED);
            equal(inner.getCause().getMessage(), "the inner one");
            equal(outer.getSuppressed().length, 0);
        }
    }

    private static void itsSession() throws Exception {
        AtomicReference<OraSession> kept = new AtomicReference<>();
        AtomicReference<OraStatement> keptStatement = new AtomicReference<>();
        try (OraPool pool = pool((session, wanted, actual) -> {
            fails(Status.INVALID_ARGUMENT, 0, session::release);
            fails(Status.INVALID_ARGUMENT, 0, session::close);
            isTrue(session.pool() == null && session.warning() == null && !session.isFound(), "none of the get's");
            kept.set(session);
            keptStatement.set(session.prepare("select 1 from dual"));
            keptStatement.get().execute();
        })) {
            try (OraSession session = pool.acquire()) {
                fails(Status.INVALID_HANDLE, 0, () -> kept.get().ping());
                fails(Status.INVALID_HANDLE, 0, () -> kept.get().breakCall());
                fails(Status.INVALID_HANDLE, 0, () -> keptStatement.get().fetch());
                kept.get().close();
                session.ping();
            }
        }
    }

    /** Counts its releases. */
    private static class Counted implements SessionCallback {
        final AtomicInteger released = new AtomicInteger();

        @Override
        public void prepare(OraSession session, String wanted, String actual) {}

        @Override
        public void released() {
            released.incrementAndGet();
        }
    }

    private static void releasedOnce() throws Exception {
        Counted callback = new Counted();
        OraPool pool = pool(callback);
        OraSession session = pool.acquire();
        equal(callback.released.get(), 0);
        session.close();
        pool.close();
        eventually("the release", () -> callback.released.get() == 1);
        OraPool another = pool(callback);
        another.acquire().close();
        equal(callback.released.get(), 1);
        another.close();
        eventually("the second release", () -> callback.released.get() == 2);
    }

    private static void releasedThrows() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        Thread closing = new Thread(() -> pool(new Counted() {
            @Override
            public void released() {
                throw new IllegalStateException("released");
            }
        }).close());
        closing.setUncaughtExceptionHandler((thread, thrown) -> told.set(thrown));
        closing.start();
        closing.join();
        equal(told.get().getMessage(), "released");
    }

    private static void theSameObject() throws Exception {
        String name = Support.name();
        String database = Support.database();
        Counted callback = new Counted();
        try (OraPoolAttributes first = attributes(database).sessionCallback(callback);
                OraPoolAttributes second = attributes(database).sessionCallback(callback);
                OraPoolAttributes other = attributes(database).sessionCallback(new Counted());
                OraPool pool = OraPool.createOrOpen(name, first)) {
            OraPool.createOrOpen(name, second).close();
            OraPoolException conflict = fails(Status.CONFLICT, 0, () -> OraPool.createOrOpen(name, other));
            isTrue(conflict.getMessage().toLowerCase().contains("callback"), conflict.getMessage());
            first.close();
            second.close();
            try (OraPoolAttributes third = attributes(database).sessionCallback(callback)) {
                OraPool.createOrOpen(name, third).close();
            }
            pool.acquire().close();
            equal(callback.released.get(), 0);
        }
        eventually("the release", () -> callback.released.get() == 1);
    }

    /** The pool is gone, and its handle is not closed yet: the callback still serves the next pool. */
    private static void afterAForcedClose() throws Exception {
        String name = Support.name();
        AtomicInteger runs = new AtomicInteger();
        SessionCallback callback = (session, wanted, actual) -> runs.incrementAndGet();
        try (OraPoolAttributes first = attributes().sessionsMin(0).sessionCallback(callback)) {
            OraPool pool = OraPool.create(name, first);
            first.close();
            OraPool.open(name).close(OraPool.CloseMode.FORCE);
            try (OraPoolAttributes second = attributes().sessionsMin(0).sessionCallback(callback);
                    OraPool next = OraPool.create(name, second)) {
                fails(Status.CLOSED, 24461, pool::close);
                next.acquire().close();
                equal(runs.get(), 1);
            }
        }
    }

    private static void replaced() throws Exception {
        Counted first = new Counted();
        Counted second = new Counted();
        try (OraPoolAttributes attributes = attributes().sessionCallback(first)) {
            attributes.sessionCallback(first);
            equal(first.released.get(), 0);
            attributes.sessionCallback(second);
            equal(first.released.get(), 1);
            attributes.sessionCallback(null);
            equal(second.released.get(), 1);
            attributes.sessionCallback(first);
        }
        equal(first.released.get(), 2);
    }

    private static void fromManyThreads() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (OraPoolAttributes attributes = attributes()
                        .sessionsMin(0)
                        .sessionsMax(4)
                        .sessionCallback((session, wanted, actual) -> {
                            if (runs.incrementAndGet() % 3 == 0) {
                                throw new IllegalStateException(wanted);
                            }
                            session.setProperties(wanted);
                        });
                OraPool pool = OraPool.create(attributes)) {
            AtomicInteger next = new AtomicInteger();
            onThreads(6, () -> {
                for (int round = 0; round < 60; round++) {
                    String tag = "N=" + next.incrementAndGet() % 9;
                    try (OraSession session = pool.acquire(AcquireOptions.NONE.properties(tag))) {
                        equal(session.tag(), tag);
                    } catch (OraPoolException failure) {
                        Support.checkFailure(failure, Status.CALLBACK_FAILED, 0);
                        equal(failure.getCause().getMessage(), tag);
                    }
                }
            });
            equal(pool.stats().callbacks(), (long) runs.get());
        }
    }

    /** The pool is gone when the callback is back: that is told, and what it threw is not lost. */
    private static void closedMeanwhile() throws Exception {
        AtomicReference<OraPool> self = new AtomicReference<>();
        OraPool pool = pool((session, wanted, actual) -> {
            self.get().close(OraPool.CloseMode.FORCE);
            throw new IllegalStateException("too late");
        });
        self.set(pool);
        try {
            pool.acquire();
            throw new AssertionError("the pool is closed");
        } catch (OraPoolException failure) {
            isTrue(failure.status() == Status.CLOSED || failure.status() == Status.CALLBACK_FAILED, failure.toString());
            Throwable told = failure.getCause() != null ? failure.getCause() : failure.getSuppressed()[0];
            equal(told.getMessage(), "too late");
        }
    }
}
