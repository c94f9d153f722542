package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Several checks of one result: all that is wrong shows, not only the first. */
final class Findings {
    private final List<String> all = new ArrayList<>();

    void note(String finding) {
        all.add(finding);
    }

    void equal(String what, Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) {
            note(what + ": expected " + expected + ", came " + actual);
        }
    }

    void fail(String rest) throws Failure {
        if (!all.isEmpty()) {
            throw new Failure(String.join("\n", all) + rest);
        }
    }
}
