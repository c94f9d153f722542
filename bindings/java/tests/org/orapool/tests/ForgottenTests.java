package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.eventually;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.join;
import static org.orapool.tests.Support.pool;
import static org.orapool.tests.Support.start;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraSession;
import org.orapool.OraStatement;
import org.orapool.SessionCallback;

/** What nobody closed. */
final class ForgottenTests {
    private ForgottenTests() {}

    static void addTo(Harness harness) {
        harness.add("forgotten::a_session_goes_back", ForgottenTests::session);
        harness.add("forgotten::a_loan_of_a_thread_that_ended", ForgottenTests::loanOfAThread);
        harness.add("forgotten::statements", ForgottenTests::statements);
        harness.add("forgotten::statements_of_a_session_in_use", ForgottenTests::statementsInUse);
        harness.add("forgotten::a_pool_is_given_up", ForgottenTests::poolIsGivenUp);
        harness.add("forgotten::a_pool_with_its_loans", ForgottenTests::poolWithItsLoans);
        harness.add("forgotten::a_pool_with_loans_of_others", ForgottenTests::poolWithLoansOfOthers);
        harness.add("forgotten::attributes_and_their_callback", ForgottenTests::attributesAndCallback);
        harness.add("forgotten::not_while_a_call_runs", ForgottenTests::notWhileACallRuns);
        harness.add("forgotten::everything_at_once", ForgottenTests::everythingAtOnce);
    }

    private static boolean isThere(String name) {
        try {
            OraPool.open(name).close();
            return true;
        } catch (OraPoolException none) {
            return false;
        }
    }

    private static void session() throws Exception {
        try (OraPool pool = pool(1)) {
            pool.acquire().execute("create table t (n number)");
            eventually("the session goes back", () -> pool.stats().busy() == 0);
            equal(pool.stats().releases(), 1L);
            pool.acquire().close();
        }
    }

    private static void loanOfAThread() throws Exception {
        try (OraPool pool = pool(1)) {
            join(start(() -> {
                ThreadLocal<OraSession> own = new ThreadLocal<>();
                own.set(pool.acquire());
                own.get().ping();
            }));
            eventually("the session goes back", () -> pool.stats().busy() == 0);
        }
    }

    private static void statements() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            for (int round = 0; round < 100; round++) {
                session.prepare("select " + round + " from dual").execute();
            }
            WeakReference<OraStatement> last = new WeakReference<>(session.prepare("select 1 from dual"));
            eventually("the statements are collected", () -> last.get() == null);
            session.ping();
        }
    }

    /** A statement is freed by the session's thread, whenever the collector finds it. */
    private static void statementsInUse() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            for (int round = 0; round < 300; round++) {
                OraStatement statement = session.prepare("select :1 from dual");
                statement.bind(1, round).execute();
                isTrue(statement.fetch(), "a row");
                equal(statement.columnLong(0), (long) round);
                if (round % 50 == 0) {
                    System.gc();
                }
            }
        }
    }

    private static void poolIsGivenUp() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes()) {
            OraPool.create(name, attributes).stats();
        }
        eventually("the pool is closed", () -> !isThere(name));
    }

    private static void poolWithItsLoans() throws Exception {
        String name = Support.name();
        try (OraPoolAttributes attributes = attributes()) {
            OraPool pool = OraPool.create(name, attributes);
            pool.acquire().prepare("select 1 from dual").execute();
            pool = null;
        }
        eventually("the pool is closed", () -> !isThere(name));
    }

    /** The handle that is forgotten is the last, but not the one that the loan came from: it ends with the loan. */
    private static void poolWithLoansOfOthers() throws Exception {
        String name = Support.name();
        OraSession loan;
        try (OraPoolAttributes attributes = attributes()) {
            OraPool other = OraPool.create(name, attributes);
            OraPool.open(name).stats();
            loan = other.acquire();
            other.close();
        }
        eventually("the pool drains", () -> {
            loan.ping();
            try {
                OraPool.open(name).close();
                return false;
            } catch (OraPoolException closing) {
                return true;
            }
        });
        loan.close();
        eventually("the pool is closed", () -> !isThere(name));
    }

    private static void attributesAndCallback() throws Exception {
        AtomicInteger released = new AtomicInteger();
        new OraPoolAttributes().sessionCallback(new SessionCallback() {
            @Override
            public void prepare(OraSession session, String wanted, String actual) {}

            @Override
            public void released() {
                released.incrementAndGet();
            }
        });
        eventually("the callback is released", () -> released.get() == 1);
    }

    /** The last use of an object is before its call has ended: it must not be collected meanwhile. */
    private static void notWhileACallRuns() throws Exception {
        try (OraPoolAttributes slow = attributes(Support.database() + "?call_delay_ms=100").sessionsMin(0);
                OraPool pool = OraPool.create(slow)) {
            var call = start(() -> pool.acquire().execute("select 1 from dual"));
            eventually("the call ends", call::isDone);
            join(call);
            eventually("the session goes back", () -> pool.stats().busy() == 0);
        }
    }

    private static void everythingAtOnce() throws Exception {
        String name = Support.name();
        for (int round = 0; round < 30; round++) {
            OraPoolAttributes attributes = attributes().sessionsMax(3);
            OraPool pool = OraPool.create(name + round, attributes);
            OraSession session = pool.acquire();
            session.prepare("select 1 from dual").execute();
            if (round % 3 == 0) {
                pool.acquire();
            }
            if (round % 5 == 0) {
                pool.close(OraPool.CloseMode.FORCE);
            }
        }
        for (int round = 0; round < 30; round++) {
            String each = name + round;
            eventually("the pools are closed", () -> !isThere(each));
        }
    }
}
