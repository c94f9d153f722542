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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;
import org.orapool.OraSession.DRCPState;
import org.orapool.OraStatement;
import org.orapool.ReleaseOptions;
import org.orapool.SessionIdentity;

/** Sessions, their tags and their pooled servers. */
final class SessionTests {
    private SessionTests() {}

    static void addTo(Harness harness) {
        harness.add("session::transactions", SessionTests::transactions);
        harness.add("session::single_tags", SessionTests::singleTags);
        harness.add("session::tags_of_any_bytes", SessionTests::tagsOfAnyBytes);
        harness.add("session::properties_and_matchany", SessionTests::properties);
        harness.add("session::bad_properties_leave_it_on_loan", SessionTests::badProperties);
        harness.add("session::purities", SessionTests::purities);
        harness.add("session::dropped", SessionTests::dropped);
        harness.add("session::released_twice", SessionTests::releasedTwice);
        harness.add("session::released_by_many_threads", SessionTests::releasedByMany);
        harness.add("session::used_after_its_release", SessionTests::usedAfterRelease);
        harness.add("session::broken_from_another_thread", SessionTests::broken);
        harness.add("session::a_call_timeout", SessionTests::callTimeout);
        harness.add("session::a_killed_session_is_dead", SessionTests::killed);
        harness.add("session::a_fixup_that_fails_has_a_cause", SessionTests::fixupFails);
        harness.add("session::bad_arguments", SessionTests::badArguments);
        harness.add("session::no_pooled_server", SessionTests::noPooledServer);
        harness.add("session::pooled_servers", SessionTests::pooledServers);
    }

    private static void transactions() throws Exception {
        try (OraPool pool = pool(2);
                OraSession session = pool.acquire();
                OraSession other = pool.acquire()) {
            session.execute("create table t (n number)");
            equal(session.execute("insert into t values (1)"), 1L);
            session.rollback();
            equal(other.execute("select n from t"), 0L);
            session.execute("insert into t values (1)");
            session.commit();
            equal(other.execute("select n from t"), 1L);
        }
    }

    private static void singleTags() throws Exception {
        try (OraPool pool = pool(2)) {
            try (OraSession session = pool.acquire(AcquireOptions.NONE.tag("blue"))) {
                isTrue(session.isNew() && !session.isFound() && session.tag() == null, "a new session is untagged");
                session.setTag("gr\u00fcn \uD83C\uDF0D");
                equal(session.tag(), "gr\u00fcn \uD83C\uDF0D");
                session.setTag("blue");
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.tag("blue"))) {
                isTrue(session.isFound() && !session.isNew(), "found");
                equal(session.tag(), "blue");
                session.release(ReleaseOptions.NONE.tag("red"));
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.tag("red"))) {
                isTrue(session.isFound(), "found under its new tag");
                session.release(ReleaseOptions.NONE.tag((String) null));
            }
            try (OraSession session = pool.acquire()) {
                isTrue(session.tag() == null && !session.isFound(), "untagged again");
                session.setTag((String) null);
            }
            equal(pool.stats().open(), 1L);
        }
    }

    private static void tagsOfAnyBytes() throws Exception {
        byte[] tag = {0, (byte) 0xff, 'x', 0};
        try (OraPool pool = pool(1)) {
            try (OraSession session = pool.acquire(AcquireOptions.NONE.tag(tag))) {
                session.release(ReleaseOptions.NONE.tag(tag));
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.tag(tag))) {
                isTrue(session.isFound() && Arrays.equals(session.tagBytes(), tag), "found by its bytes");
                equal(session.tag(), "\0\uFFFDx\0");
                session.setTag("a\0b");
                isTrue(Arrays.equals(session.tagBytes(), "a\0b".getBytes(StandardCharsets.UTF_8)), "NUL is a byte");
            }
            byte[] mine = {'a'};
            AcquireOptions options = AcquireOptions.NONE.tag(mine);
            mine[0] = 'b';
            try (OraSession session = pool.acquire(options)) {
                session.setTag(new byte[] {'a'});
            }
            try (OraSession session = pool.acquire(options)) {
                isTrue(session.isFound(), "the options have a copy of the tag");
            }
        }
    }

    private static void properties() throws Exception {
        try (OraPool pool = pool(1)) {
            try (OraSession session = pool.acquire(AcquireOptions.NONE.properties("A=1;B=2"))) {
                session.setProperties("A=1;B=2");
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.properties("B=2;A=1"))) {
                isTrue(session.isFound(), "in whichever order");
                session.release(ReleaseOptions.NONE.properties("A=1;B=9"));
            }
            AcquireOptions any = AcquireOptions.NONE.properties("A=1;B=2").matchAny();
            try (OraSession session = pool.acquire(any)) {
                isTrue(!session.isFound(), "a part was taken");
                equal(session.tag(), "A=1;B=9");
                session.setProperties("A=1;B=2;C=3".getBytes(StandardCharsets.UTF_8));
            }
            try (OraSession session = pool.acquire(any)) {
                isTrue(session.isFound(), "all of it, and more");
            }
            equal(pool.stats().getsTagPartial(), 1L);
            equal(pool.stats().getsTagSuperset(), 1L);
            equal(pool.stats().connects(), 1L);
        }
    }

    private static void badProperties() throws Exception {
        try (OraPool pool = pool(1)) {
            OraPoolException bad =
                    fails(Status.ERROR, 24487, () -> pool.acquire(AcquireOptions.NONE.properties("A=1;A=2")));
            isTrue(bad.getMessage().contains("24487"), bad.getMessage());
            OraSession session = pool.acquire();
            fails(Status.ERROR, 24488, () -> session.setProperties("nonsense"));
            fails(Status.ERROR, 24488, () -> session.release(ReleaseOptions.NONE.properties("nonsense")));
            fails(Status.INVALID_ARGUMENT, 24300, () -> session.release(ReleaseOptions.ofBits(null, 0x4000)));
            session.ping();
            session.close();
            fails(Status.INVALID_ARGUMENT, 24300, () -> pool.acquire(AcquireOptions.NONE.modeBits(0x4000)));
            fails(Status.INVALID_ARGUMENT, 24300, () -> pool.acquire(AcquireOptions.NONE.purityNew().puritySelf()));
        }
    }

    private static void purities() throws Exception {
        try (OraPool pool = pool(2)) {
            SessionIdentity first;
            try (OraSession session = pool.acquire()) {
                first = session.identity();
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.puritySelf())) {
                equal(session.identity(), first);
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.purityNew())) {
                isTrue(session.isNew() && !session.identity().equals(first), "one that nobody has had");
            }
        }
    }

    private static void dropped() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession session = pool.acquire();
            session.drop();
            session.close();
            equal(pool.stats().drops(), 1L);
            equal(pool.stats().open(), 0L);
        }
    }

    private static void releasedTwice() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession session = pool.acquire();
            session.release();
            session.close();
            fails(Status.INVALID_HANDLE, 0, session::release);
            fails(Status.INVALID_HANDLE, 0, session::drop);
            OraSession next = pool.acquire();
            session.close();
            next.ping();
            next.close();
        }
    }

    private static void releasedByMany() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession session = pool.acquire();
            AtomicInteger released = new AtomicInteger();
            onThreads(8, () -> {
                try {
                    session.release();
                    released.incrementAndGet();
                } catch (OraPoolException second) {
                    isTrue(
                            second.status() == Status.INVALID_HANDLE || second.status() == Status.INVALID_ARGUMENT,
                            second.toString());
                }
            });
            equal(released.get(), 1);
            equal(pool.stats().releases(), 1L);
        }
    }

    private static void usedAfterRelease() throws Exception {
        try (OraPool pool = pool(1)) {
            OraSession session = pool.acquire();
            OraStatement statement = session.prepare("select 1 from dual");
            session.close();
            fails(Status.INVALID_HANDLE, 0, session::ping);
            fails(Status.INVALID_HANDLE, 0, session::commit);
            fails(Status.INVALID_HANDLE, 0, session::rollback);
            fails(Status.INVALID_HANDLE, 0, session::identity);
            fails(Status.INVALID_HANDLE, 0, session::breakCall);
            fails(Status.INVALID_HANDLE, 0, () -> session.execute("select 1 from dual"));
            fails(Status.INVALID_HANDLE, 0, () -> session.prepare("select 1 from dual"));
            fails(Status.INVALID_HANDLE, 0, () -> session.setTag("x"));
            fails(Status.INVALID_HANDLE, 0, () -> session.setCallTimeout(Duration.ofSeconds(1)));
            fails(Status.INVALID_HANDLE, 0, session::attachServerConnection);
            fails(Status.INVALID_HANDLE, 0, session::detachServerConnection);
            fails(Status.INVALID_HANDLE, 0, statement::execute);
            isTrue(session.tag() == null && !session.isNew() && !session.isDRCPEnabled(), "nothing to tell");
            isTrue(session.getDRCPReturnTag() == null && !session.needToPurgeStatementCache(), "nothing to tell");
            equal(session.getDRCPState(), DRCPState.NONE);
            statement.close();
        }
    }

    private static void broken() throws Exception {
        try (OraPoolAttributes attributes = attributes().sessionsMin(0).sessionsMax(2);
                OraPool pool = OraPool.create(attributes);
                OraSession writer = pool.acquire();
                OraSession waiter = pool.acquire()) {
            writer.execute("create table t (n number)");
            writer.execute("insert into t values (1)");
            FutureTask<Void> waiting = start(() -> fails(Status.ERROR, 1013, () -> {
                // The break may come before the call: then nothing happens, and it is made again.
                waiter.execute("insert into t values (2)");
            }));
            eventually("the call is broken", () -> {
                waiter.breakCall();
                return waiting.isDone();
            });
            join(waiting);
            waiter.ping();
        }
    }

    private static void callTimeout() throws Exception {
        try (OraPool pool = pool(2);
                OraSession writer = pool.acquire();
                OraSession waiter = pool.acquire()) {
            writer.execute("create table t (n number)");
            writer.execute("insert into t values (1)");
            waiter.setCallTimeout(Duration.ofMillis(20));
            OraPoolException late = fails(Status.ERROR, 3136, () -> waiter.execute("insert into t values (2)"));
            isTrue(!late.isSessionDead() && !late.isTransient(), "the session is usable");
            waiter.setCallTimeout(OraPoolAttributes.FOREVER);
            waiter.ping();
            fails(Status.INVALID_ARGUMENT, 0, () -> waiter.setCallTimeout(Duration.ofMillis(-2)));
        }
    }

    private static void killed() throws Exception {
        try (OraPool pool = pool(2)) {
            OraSession victim = pool.acquire();
            SessionIdentity identity = victim.identity();
            try (OraSession killer = pool.acquire()) {
                killer.execute("alter system kill session '" + identity.sid() + "," + identity.serial() + "'");
            }
            OraPoolException dead = fails(Status.ERROR, 28, () -> victim.execute("select 1 from dual"));
            isTrue(dead.isSessionDead(), "the session is lost");
            victim.close();
            equal(pool.stats().closedDead(), 1L);
        }
    }

    private static void fixupFails() throws Exception {
        try (OraPoolAttributes attributes = attributes().fixupCallback("fix");
                OraPool pool = OraPool.create(attributes)) {
            try (OraSession session = pool.acquire()) {
                session.execute("create procedure fix(wanted in varchar2, actual in varchar2) is begin "
                        + "raise_application_error(-20001, 'refused: ' || wanted); end;");
            }
            OraPoolException failure =
                    fails(Status.ERROR, 56610, () -> pool.acquire(AcquireOptions.NONE.properties("A=1")));
            OraPoolException cause = (OraPoolException) failure.getCause();
            equal(cause.oraCode(), 20001);
            isTrue(cause.getMessage().contains("refused: A=1"), cause.getMessage());
            fails(Status.ERROR, 56612, () -> pool.acquire(AcquireOptions.NONE.tag("single")));
        }
    }

    private static void badArguments() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            throwsA(NullPointerException.class, () -> session.execute(null));
            throwsA(NullPointerException.class, () -> session.prepare(null));
            throwsA(NullPointerException.class, () -> session.release(null));
            throwsA(NullPointerException.class, () -> session.setCallTimeout(null));
            throwsA(IllegalArgumentException.class, () -> session.execute("select '\uD83C' from dual"));
            OraPoolException unknown = fails(Status.ERROR, 942, () -> session.execute("select 1 from nowhere"));
            isTrue(unknown.getMessage().startsWith("ORA-00942"), unknown.getMessage());
            fails(Status.INVALID_ARGUMENT, 0, () -> session.execute(""));
            session.ping();
        }
    }

    private static void noPooledServer() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            equal(session.getDRCPState(), DRCPState.NONE);
            isTrue(!session.isDRCPEnabled() && !session.isDRCPMultitagEnabled(), "a server of its own");
            fails(Status.UNSUPPORTED, 0, session::attachServerConnection);
            fails(Status.UNSUPPORTED, 0, session::detachServerConnection);
        }
    }

    private static void pooledServers() throws Exception {
        try (OraPoolAttributes attributes = attributes(Support.database() + ":pooled").connectionClass("APP");
                OraPool pool = OraPool.create(attributes)) {
            try (OraSession session = pool.acquire()) {
                isTrue(session.isDRCPEnabled() && !session.isDRCPMultitagEnabled(), "a pooled server, single tags");
                equal(session.getDRCPState(), DRCPState.DETACHED);
                session.execute("select 1 from dual");
                equal(session.getDRCPState(), DRCPState.ATTACHED_IMPLICIT);
                session.detachServerConnection("parked");
                equal(session.getDRCPState(), DRCPState.DETACHED);
                isTrue(session.attachServerConnection("parked"), "its own server has the tag");
                equal(session.getDRCPState(), DRCPState.ATTACHED_EXPLICIT);
                equal(session.getDRCPReturnTag(), "parked");
                equal(new String(session.getDRCPReturnTagBytes(), StandardCharsets.UTF_8), "parked");
                isTrue(!session.needToPurgeStatementCache(), "the same session");
                session.detachServerConnection();
                session.attachServerConnection();
                equal(session.getDRCPState(), DRCPState.DETACHED);
                session.execute("create table t (n number)");
                session.execute("insert into t values (1)");
                fails(Status.INVALID_ARGUMENT, 0, session::detachServerConnection);
            }
            try (OraSession session = pool.acquire(AcquireOptions.NONE.properties("A=1"))) {
                isTrue(session.isDRCPMultitagEnabled(), "properties were asked for");
                equal(session.getDRCPState(), DRCPState.ATTACHED_EXPLICIT);
            }
            isTrue(pool.stats().drcpAttaches() >= 3, "attaches are counted");
        }
    }
}
