package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.orapool.OraSession;
import org.orapool.SessionCallback;
import org.orapool.SessionRejectedException;

/** The session callback of a pool: notes what it was called with, and does the steps of its runs. */
final class CallbackHook implements SessionCallback {
    /** What a run throws to return 0. */
    static final class Raised extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final World world;
    private final String pool;
    private final List<Format.Run> runs;
    private final AtomicInteger released = new AtomicInteger();
    private final List<Bytes.Tags> calls = new ArrayList<>();
    private int ran;

    CallbackHook(World world, String pool, List<Format.Run> runs) {
        this.world = world;
        this.pool = pool;
        this.runs = runs;
    }

    @Override
    public void prepare(OraSession session, String wanted, String actual) {
        throw new AssertionError("the bytes are taken");
    }

    @Override
    public void prepareBytes(OraSession session, byte[] wanted, byte[] actual) {
        if (released.get() != 0) {
            world.problem("the callback of `" + pool + "` was called after its release");
        }
        Bytes.Tags tags = new Bytes.Tags(absentIfEmpty(wanted), absentIfEmpty(actual));
        int number = note(tags);
        if (number > runs.size()) {
            return;
        }
        Format.Run run = runs.get(number - 1);
        try {
            Runner.runSteps(
                    world, run.steps(), new Scope("callback of " + pool + ", run " + number + ", ", session, tags));
        } catch (Failure why) {
            world.problem(why.getMessage());
        }
        returnValue(run.returns());
    }

    private static void returnValue(int value) {
        if (value == 0) {
            throw new Raised();
        }
        if (value != 1) {
            throw new SessionRejectedException(value, "the scenario returns " + value);
        }
    }

    private static byte[] absentIfEmpty(byte[] tag) {
        return tag == null || tag.length == 0 ? null : tag;
    }

    @Override
    public void released() {
        released.incrementAndGet();
    }

    int timesReleased() {
        return released.get();
    }

    private synchronized int note(Bytes.Tags tags) {
        calls.add(tags);
        return ++ran;
    }

    /** The calls since the last time. */
    synchronized List<Bytes.Tags> takeCalls() {
        List<Bytes.Tags> taken = new ArrayList<>(calls);
        calls.clear();
        return taken;
    }

    /** Compares the runs, in their order, with what was expected. */
    static void check(String what, List<Bytes.Tags> ran, List<Format.Call> expected) throws Failure {
        List<Bytes.Tags> wanted = new ArrayList<>();
        for (Format.Call call : expected) {
            wanted.add(new Bytes.Tags(Bytes.orNull(call.wanted(), null), Bytes.orNull(call.actual(), null)));
        }
        boolean isEqual = ran.size() == wanted.size();
        for (int at = 0; isEqual && at < ran.size(); at++) {
            isEqual = Arrays.equals(ran.get(at).wanted(), wanted.get(at).wanted())
                    && Arrays.equals(ran.get(at).actual(), wanted.get(at).actual());
        }
        if (!isEqual) {
            throw new Failure(what + " (wanted, actual): expected " + list(wanted) + ", came " + list(ran));
        }
    }

    private static String list(List<Bytes.Tags> runs) {
        return runs.stream()
                .map(run -> "(" + Bytes.show(run.wanted()) + ", " + Bytes.show(run.actual()) + ")")
                .toList()
                .toString();
    }
}
