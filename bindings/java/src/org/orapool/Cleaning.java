package org.orapool;

import java.lang.ref.Cleaner;

/** Gives back what was forgotten, on a thread of its own: a rollback may take its time. */
final class Cleaning {
    private static final Cleaner CLEANER = Cleaner.create();

    private Cleaning() {}

    static Cleaner.Cleanable register(Object forgotten, Runnable giveBack) {
        return CLEANER.register(forgotten, giveBack);
    }
}
