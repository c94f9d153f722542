package org.orapool.scenarios;

import org.orapool.OraSession;

/**
 * Where a step runs.
 *
 * @param path such as "step 3, thread t1, ".
 * @param callback inside a callback its session, else null.
 * @param tags inside a callback what it was called with, else null.
 */
record Scope(String path, OraSession callback, Bytes.Tags tags) {
    static final Scope TOP = new Scope("", null, null);

    Scope step(int number) {
        return new Scope(path + "step " + number + ", ", callback, tags);
    }

    Scope thread(String name) {
        return new Scope(path + "thread " + name + ", ", null, null);
    }
}
