package org.orapool.tests;

import static org.orapool.tests.Support.attributes;
import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.throwsA;

import java.time.Duration;
import java.util.Arrays;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;

/** Bags of attributes. */
final class AttributeTests {
    private AttributeTests() {}

    static void addTo(Harness harness) {
        harness.add("attributes::every_setter_is_taken", AttributeTests::everySetterIsTaken);
        harness.add("attributes::bad_values_are_refused_at_once", AttributeTests::badValuesAreRefused);
        harness.add("attributes::half_a_character_is_refused", AttributeTests::halfACharacter);
        harness.add("attributes::a_password_as_characters", AttributeTests::passwordAsCharacters);
        harness.add("attributes::closed_twice_and_used_after", AttributeTests::closedTwice);
        harness.add("attributes::short_times_are_not_none", AttributeTests::shortTimes);
        harness.add("attributes::one_bag_serves_many_gets", AttributeTests::oneBagServesManyGets);
    }

    private static void everySetterIsTaken() throws Exception {
        try (OraPoolAttributes attributes = attributes()
                        .driver("embedded")
                        .connectionClass("APP")
                        .driverName("java tests")
                        .context("AttributeTests")
                        .sessionsMin(1)
                        .sessionsMax(3)
                        .sessionsIncrement(2)
                        .getMode(OraPoolAttributes.GetMode.TIMEDWAIT)
                        .waitTimeout(Duration.ofSeconds(3))
                        .waitersMax(10)
                        .homogeneous(true)
                        .externalAuth(false)
                        .purity(OraPoolAttributes.Purity.SELF)
                        .idleTimeout(Duration.ofHours(1))
                        .lifetimeMax(Duration.ofHours(2))
                        .usesMax(1000)
                        .pingInterval(OraPoolAttributes.FOREVER)
                        .pingTimeout(Duration.ofSeconds(1))
                        .connectTimeout(Duration.ofSeconds(5))
                        .statementCacheSize(30)
                        .leakAfter(Duration.ofMinutes(5))
                        .waitReport(Duration.ofSeconds(1))
                        .connectsMax(2)
                        .number(21, 3)
                        .text(5, "APP");
                OraPool pool = OraPool.create(attributes);
                OraSession session = pool.acquire()) {
            session.ping();
        }
        try (OraPoolAttributes others = new OraPoolAttributes()) {
            others.edition("ORA$BASE").clientLibDir("lib").configDir("etc").fixupCallback("p").sessionCallback(null);
        }
    }

    private static void badValuesAreRefused() throws Exception {
        try (OraPoolAttributes attributes = new OraPoolAttributes()) {
            OraPoolException range =
                    fails(Status.INVALID_ARGUMENT, 0, () -> attributes.sessionsMax(1 << 20));
            isTrue(range.getMessage().contains("65535"), "the message tells the range: " + range.getMessage());
            fails(Status.UNSUPPORTED, 24315, () -> attributes.number(9999, 1));
            fails(Status.UNSUPPORTED, 24315, () -> attributes.text(9999, "x"));
            fails(Status.INVALID_ARGUMENT, 0, () -> attributes.text(20, "a number is wanted"));
            fails(Status.INVALID_ARGUMENT, 0, () -> attributes.user("a\0b"));
            fails(Status.INVALID_ARGUMENT, 0, () -> attributes.user("u".repeat(2000)));
            fails(Status.INVALID_ARGUMENT, 0, () -> attributes.waitTimeout(Duration.ofMillis(-2)));
            throwsA(NullPointerException.class, () -> attributes.waitTimeout(null));
            throwsA(NullPointerException.class, () -> attributes.getMode(null));
            throwsA(IllegalArgumentException.class, () -> attributes.idleTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        }
    }

    private static void halfACharacter() throws Exception {
        try (OraPoolAttributes attributes = new OraPoolAttributes()) {
            IllegalArgumentException half =
                    throwsA(IllegalArgumentException.class, () -> attributes.user("ab\uD83C"));
            isTrue(half.getMessage().contains("index 2"), half.getMessage());
            throwsA(IllegalArgumentException.class, () -> attributes.user("\uDF0D\uD83C"));
            throwsA(IllegalArgumentException.class, () -> attributes.password(new char[] {'\uD83C'}));
        }
    }

    private static void passwordAsCharacters() throws Exception {
        String database = Support.database();
        char[] password = "gr\u00fcn\uD83C\uDF0D".toCharArray();
        try (OraPoolAttributes attributes =
                        new OraPoolAttributes().connectString(database).user("scott").password(password);
                OraPool pool = OraPool.create(attributes)) {
            isTrue(Arrays.equals(password, "gr\u00fcn\uD83C\uDF0D".toCharArray()), "the caller's array is his own");
            attributes.password("gr\u00fcn\uD83C\uDF0D");
            OraPool.create(attributes).close();
            attributes.password("another");
            fails(Status.ERROR, 1017, () -> OraPool.create(attributes));
            pool.acquire().close();
        }
    }

    private static void closedTwice() throws Exception {
        OraPoolAttributes attributes = attributes();
        attributes.close();
        attributes.close();
        fails(Status.INVALID_HANDLE, 0, () -> attributes.user("scott"));
        fails(Status.INVALID_HANDLE, 0, () -> attributes.sessionsMax(1));
        fails(Status.INVALID_HANDLE, 0, () -> attributes.sessionCallback((session, wanted, actual) -> {}));
        fails(Status.INVALID_HANDLE, 0, () -> attributes.sessionCallback(null));
        fails(Status.INVALID_HANDLE, 0, () -> OraPool.create(attributes));
        try (OraPool pool = Support.pool(1)) {
            fails(Status.INVALID_HANDLE, 0, () -> pool.acquire(AcquireOptions.NONE.attributes(attributes)));
            fails(Status.INVALID_HANDLE, 0, () -> pool.reconfigure(attributes));
        }
    }

    /** A wait of a nanosecond is rounded up: with 0 a get would not wait even for its own turn. */
    private static void shortTimes() throws Exception {
        try (OraPoolAttributes attributes = new OraPoolAttributes().waitTimeout(Duration.ofNanos(1));
                OraPool pool = Support.pool(1);
                OraSession held = pool.acquire()) {
            OraPoolException failure =
                    fails(Status.TIMEOUT, 24457, () -> pool.acquire(AcquireOptions.NONE.attributes(attributes)));
            isTrue(failure.isTransient(), "a time-out is transient");
            held.ping();
        }
    }

    private static void oneBagServesManyGets() throws Exception {
        try (OraPoolAttributes nowait = new OraPoolAttributes().getMode(OraPoolAttributes.GetMode.NOWAIT);
                OraPool pool = Support.pool(2)) {
            AcquireOptions options = AcquireOptions.NONE.attributes(nowait);
            try (OraSession first = pool.acquire(options);
                    OraSession second = pool.acquire(options)) {
                fails(Status.TIMEOUT, 24496, () -> pool.acquire(options));
                isTrue(!first.identity().equals(second.identity()), "two sessions");
            }
            equal(pool.stats().busy(), 0L);
        }
    }
}
