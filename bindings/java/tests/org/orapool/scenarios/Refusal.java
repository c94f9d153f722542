package org.orapool.scenarios;

/** A scenario file that does not keep to the format. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(String why) {
        super(why);
    }
}
