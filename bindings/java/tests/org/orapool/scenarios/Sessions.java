package org.orapool.scenarios;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraSession;
import org.orapool.ReleaseOptions;

/** Sessions: got, released, tagged, and what must be true of them. */
final class Sessions {
    private static final int BAD_TAG = 24488;
    private static final int MULTIPROPERTY_TAG = 4;

    private Sessions() {}

    static void get(World world, Step.Get step, Scope scope) throws Failure {
        OraPool pool = world.pool(step.pool());
        byte[] tag = Bytes.orNull(step.tag(), scope.tags());
        OraSession[] got = new OraSession[1];
        Outcome outcome;
        // Most programs give no attributes; the library must not treat them worse.
        try (OraPoolAttributes attributes =
                step.attrs().equals(Format.GetAttrs.NONE) ? null : new OraPoolAttributes()) {
            outcome = Outcome.of(() -> {
                set(attributes, world.target, step.attrs());
                got[0] = pool.acquire(options(tag, step.mode()).attributes(attributes));
                return got[0].warning();
            });
        }
        // Before the checks: after a failed one the scenario still has to give the session back.
        if (got[0] != null) {
            world.addSession(step.as(), got[0]);
        }
        String came = got[0] == null ? "nothing" : "found " + got[0].isFound() + ", tag " + Bytes.show(got[0].tagBytes());
        try {
            step.expect().check(world.target, outcome);
            checkCallbackFailure(outcome);
            if (got[0] != null) {
                checkGot(world, step, got[0], scope);
            }
        } catch (Failure why) {
            throw new Failure(why.getMessage() + "\ngot: " + came, why);
        }
    }

    private static AcquireOptions options(byte[] tag, List<Format.GetBit> mode) {
        AcquireOptions options = mode.contains(Format.GetBit.MULTIPROPERTY_TAG)
                ? AcquireOptions.NONE.properties(tag)
                : AcquireOptions.NONE.tag(tag);
        if (mode.contains(Format.GetBit.MATCHANY)) {
            options = options.matchAny();
        }
        if (mode.contains(Format.GetBit.PURITY_NEW)) {
            options = options.purityNew();
        }
        return mode.contains(Format.GetBit.PURITY_SELF) ? options.puritySelf() : options;
    }

    private static void set(OraPoolAttributes attributes, Target target, Format.GetAttrs named) {
        if (named.user() != null) {
            Pools.logOn(attributes, target.person(named.user()), named.password());
        }
        Pools.whenNamed(named.connectionClass(), name -> attributes.connectionClass(name));
        Pools.whenNamed(named.purity(), purity -> attributes.purity(Pools.purity(purity)));
        Pools.whenNamed(named.getMode(), mode -> attributes.getMode(Pools.getMode(mode)));
        Pools.whenNamed(named.waitTimeoutMs(), ms -> attributes.waitTimeout(Duration.ofMillis(ms)));
    }

    /** What a callback threw is the cause of the failure: every failed run of a scenario's callback throws. */
    private static void checkCallbackFailure(Outcome outcome) throws Failure {
        if (outcome.error() != null
                && outcome.error().status() == OraPoolException.Status.CALLBACK_FAILED
                && outcome.thrownByCallback() == null) {
            throw new Failure("what the callback threw is no cause of: " + outcome);
        }
    }

    private static void checkGot(World world, Step.Get step, OraSession session, Scope scope) throws Failure {
        Expect expect = step.expect();
        Findings findings = new Findings();
        if (expect.namesTag()) {
            findings.equal(
                    "tag", Bytes.show(session.tagBytes()), Bytes.show(Bytes.orNull(expect.tag(), scope.tags())));
        }
        if (expect.found() != null) {
            findings.equal("found", session.isFound(), expect.found());
        }
        if (expect.isNew() != null) {
            findings.equal("is_new", session.isNew(), expect.isNew());
        }
        if (expect.sameAs() != null) {
            findings.equal(
                    "same_as " + expect.sameAs() + ": SID and serial#",
                    world.identity(step.as()),
                    world.identity(expect.sameAs()));
        }
        for (String other : expect.notSameAs()) {
            if (world.identity(step.as()).equals(world.identity(other))) {
                findings.note("not_same_as " + other + ": it is the very session");
            }
        }
        findings.fail("");
    }

    static void release(World world, Step.TagStep step, Scope scope) throws Failure {
        OraSession session = world.session(step.session(), scope);
        byte[] tag = Bytes.orNull(step.tag(), scope.tags());
        int bits = Format.ReleaseBit.bits(step.mode());
        Outcome outcome = Outcome.ofPlain(() -> session.release(ReleaseOptions.ofBits(tag, bits)));
        boolean leavesOnLoan = outcome.status() == OraPoolException.Status.INVALID_ARGUMENT.value()
                || outcome.code() == BAD_TAG;
        if (!leavesOnLoan) {
            world.markReleased(step.session());
        }
        step.expect().check(world.target, outcome);
    }

    static void setTag(World world, Step.TagStep step, Scope scope) throws Failure {
        OraSession session = world.session(step.session(), scope);
        byte[] tag = Bytes.orNull(step.tag(), scope.tags());
        int bits = Format.ReleaseBit.bits(step.mode());
        if ((bits & ~MULTIPROPERTY_TAG) != 0) {
            throw new Failure("a tag is set as a single one or as properties, not with " + step.mode());
        }
        step.expect().check(world.target, Outcome.ofPlain(() -> {
            if (bits == 0) {
                session.setTag(tag);
            } else {
                session.setProperties(tag);
            }
        }));
    }

    static void checkTag(World world, String name, Bytes expected, Scope scope) throws Failure {
        Findings findings = new Findings();
        findings.equal(
                "tag",
                Bytes.show(world.session(name, scope).tagBytes()),
                Bytes.show(Bytes.orNull(expected, scope.tags())));
        findings.fail("");
    }

    /** Each thread goes through the tags, each from another one on; every found session must have what was wanted. */
    static void storm(World world, Step.Storm storm) throws Failure {
        OraPool pool = world.pool(storm.pool());
        List<byte[]> tags = new ArrayList<>();
        for (Bytes tag : storm.tags()) {
            tags.add(tag.of(null));
        }
        List<FutureTask<Failure>> started = new ArrayList<>();
        for (int number = 0; number < storm.threads(); number++) {
            int first = number;
            FutureTask<Failure> task = World.task(() -> {
                for (int round = 0; round < storm.rounds(); round++) {
                    oneLoan(world, pool, tags.get((first + round) % tags.size()));
                }
            });
            started.add(task);
            World.daemon("storm " + number, task);
        }
        joinAll(started);
    }

    /** All are waited for before the first failure is told: none may run on into the end of the scenario. */
    private static void joinAll(List<FutureTask<Failure>> started) throws Failure {
        Failure first = null;
        for (FutureTask<Failure> task : started) {
            try {
                World.join(task);
            } catch (Failure why) {
                first = first == null ? why : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private static void oneLoan(World world, OraPool pool, byte[] wanted) throws Failure {
        Outcome.of(() -> {
            OraSession session = pool.acquire(AcquireOptions.NONE.properties(wanted));
            byte[] tag = session.tagBytes();
            boolean isFound = session.isFound();
            OraPoolException warning = session.warning();
            session.release(ReleaseOptions.NONE.properties(wanted));
            checkFound(wanted, isFound, tag);
            return warning;
        }).done(world.target, "a loan");
    }

    /** Found means: all that was wanted is in the tag. Not found means, without MATCHANY and fix-up: no tag at all. */
    private static void checkFound(byte[] wanted, boolean isFound, byte[] tag) throws Failure {
        boolean holds = tag == null ? !isFound : isFound && pairs(tag).containsAll(pairs(wanted));
        if (!holds) {
            throw new Failure("wanted " + Bytes.show(wanted) + ", found " + isFound + ", tag " + Bytes.show(tag));
        }
    }

    private static Set<String> pairs(byte[] tag) {
        return Set.copyOf(List.of(new String(tag, StandardCharsets.UTF_8).split(";")));
    }
}
