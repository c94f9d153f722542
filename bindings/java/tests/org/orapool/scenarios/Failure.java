package org.orapool.scenarios;

/** A check that failed, or a step that could not be done. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String why) {
        super(why);
    }

    Failure(String why, Throwable cause) {
        super(why, cause);
    }
}
