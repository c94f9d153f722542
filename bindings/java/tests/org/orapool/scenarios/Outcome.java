package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.List;
import org.orapool.OraPoolException;

/** How a call ended: without anything, with a warning, or with an exception. */
record Outcome(OraPoolException error) {
    static final Outcome DONE = new Outcome(null);

    /** A call, which returns its warning or null. */
    interface Call {
        OraPoolException run() throws Failure;
    }

    /** A call without a warning. */
    interface PlainCall {
        void run() throws Failure;
    }

    static Outcome of(Call call) throws Failure {
        try {
            return new Outcome(call.run());
        } catch (OraPoolException failure) {
            return new Outcome(failure);
        }
    }

    static Outcome ofPlain(PlainCall call) throws Failure {
        return of(() -> {
            call.run();
            return null;
        });
    }

    int status() {
        return error == null ? 0 : error.statusValue();
    }

    boolean isDone() {
        return status() >= 0;
    }

    int code() {
        return error == null ? 0 : error.oraCode();
    }

    int causeCode() {
        List<OraPoolException> chain = chain();
        return chain.size() < 2 ? 0 : chain.get(1).oraCode();
    }

    String message() {
        return error == null ? "" : error.getMessage();
    }

    boolean isSessionDead() {
        return error != null && error.isSessionDead();
    }

    boolean isTransient() {
        return error != null && error.isTransient();
    }

    /** What a callback threw, if it is at the end of the chain. */
    Throwable thrownByCallback() {
        Throwable last = error;
        while (last != null && last.getCause() != null) {
            last = last.getCause();
        }
        return last instanceof OraPoolException ? null : last;
    }

    private List<OraPoolException> chain() {
        List<OraPoolException> chain = new ArrayList<>();
        for (Throwable next = error; next instanceof OraPoolException; next = next.getCause()) {
            chain.add((OraPoolException) next);
        }
        return chain;
    }

    /** Rules that hold for every call, and that this one broke. */
    List<String> flaws(Target target) {
        List<String> flaws = new ArrayList<>();
        if (error != null && (status() == 0 || error.status() == OraPoolException.Status.UNKNOWN)) {
            flaws.add("an error has the status " + status());
        }
        for (OraPoolException each : chain()) {
            if (each.oraCode() != 0 && !each.getMessage().startsWith(String.format("ORA-%05d", each.oraCode()))) {
                flaws.add("a message does not begin with its number: " + each.getMessage());
            }
            if (target.passwords().stream().anyMatch(each.getMessage()::contains)) {
                flaws.add("a message holds a password");
            }
        }
        return flaws;
    }

    /** Of a call of the runner's own doing. */
    void done(Target target, String what) throws Failure {
        List<String> flaws = flaws(target);
        if (!isDone() || !flaws.isEmpty()) {
            throw new Failure(what + ": " + this + " " + flaws);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("status ").append(status());
        for (OraPoolException each : chain()) {
            text.append("\n      [").append(each.statusValue()).append(" / ").append(each.oraCode()).append("] ")
                    .append(each.getMessage());
        }
        return text.toString();
    }
}
