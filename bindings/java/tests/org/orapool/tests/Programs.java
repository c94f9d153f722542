package org.orapool.tests;

import java.util.concurrent.CountDownLatch;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraSession;

/** Programs that end in some way, each a process of its own: {@code Programs NAME}. */
public final class Programs {
    private static OraPool kept;
    private static OraSession keptSession;

    private Programs() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "main_returns_with_loans":
                loans();
                break;
            case "exit_with_loans":
                loans();
                System.exit(0);
                break;
            case "exit_while_threads_wait":
                loans();
                waiters();
                System.exit(0);
                break;
            case "exit_in_a_callback":
                exitInACallback();
                break;
            case "exit_while_threads_work":
                workers();
                System.exit(0);
                break;
            case "garbage_in_any_order":
                garbage();
                break;
            case "exit_with_requests":
                loans();
                kept.acquireAsync();
                kept.acquireAsync();
                System.exit(0);
                break;
            case "an_uncaught_exception":
                loans();
                Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
                throw new IllegalStateException("uncaught");
            case "where":
                System.out.println(OraPool.libraryPath());
                break;
            case "where_after_another":
                System.load(arguments[1]);
                System.out.println(OraPool.libraryPath());
                break;
            case "twice_not_found":
                twiceNotFound();
                break;
            default:
                throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void loans() {
        try (OraPoolAttributes attributes = Support.attributes().sessionsMin(0).sessionsMax(2)) {
            kept = OraPool.create(attributes);
        }
        keptSession = kept.acquire();
        keptSession.execute("create table t (n number)");
        keptSession.execute("insert into t values (1)");
        kept.acquire().prepare("select 1 from dual").execute();
    }

    private static void waiters() throws InterruptedException {
        OraSession first = keptSession;
        try (OraPoolAttributes one = new OraPoolAttributes().sessionsMax(1)) {
            kept.reconfigure(one);
        }
        for (int number = 0; number < 3; number++) {
            Support.start(() -> kept.acquire());
        }
        Support.eventually("they wait", () -> kept.stats().waiting() >= 1 || kept.stats().busy() < 1);
        first.ping();
    }

    private static void exitInACallback() {
        try (OraPoolAttributes attributes = Support.attributes()
                .sessionsMin(0)
                .sessionCallback((session, wanted, actual) -> System.exit(0))) {
            kept = OraPool.create(attributes);
        }
        kept.acquire();
    }

    private static void workers() throws InterruptedException {
        try (OraPoolAttributes attributes = Support.attributes().sessionsMax(3)) {
            kept = OraPool.create(attributes);
        }
        CountDownLatch working = new CountDownLatch(4);
        for (int number = 0; number < 4; number++) {
            Support.start(() -> {
                while (true) {
                    try (OraSession session = kept.acquire()) {
                        session.execute("select 1 from dual");
                    }
                    working.countDown();
                }
            });
        }
        working.await();
    }

    private static void garbage() {
        for (int round = 0; round < 20; round++) {
            OraPoolAttributes attributes = Support.attributes();
            attributes.sessionCallback((session, wanted, actual) -> session.prepare("select 1 from dual"));
            OraPool pool = OraPool.create(attributes);
            pool.acquire().prepare("select 1 from dual").execute();
            if (round % 4 == 0) {
                System.gc();
            }
        }
        System.gc();
    }

    private static void twiceNotFound() {
        for (int round = 0; round < 2; round++) {
            try {
                OraPool.instanceId();
                System.out.println("found");
            } catch (UnsatisfiedLinkError why) {
                System.out.println(why.getMessage());
            }
        }
    }
}
