package org.orapool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The session callbacks that the library has, under the numbers that it knows them by.
 *
 * <p>The library takes a callback for the same one if its number is the same, and tells once when it has a number no
 * more. So a callback keeps its number for as long as a bag of this binding surely holds it; a bag is counted out before
 * it gives the callback up, so that no number is used again which the library may be about to end. A pool is no such
 * holder, because others can close it by force; each handle that was created with a callback has a bag beside it.
 */
final class Callbacks {
    private static final int OK = 1;
    private static final int FAILED = 0;

    private static final ReentrantLock LOCK = new ReentrantLock();
    /** All that the library has not ended. Keeps them reachable. */
    private static final Map<Long, Registration> BY_NUMBER = new HashMap<>();
    /** Those whose number may be used again. */
    private static final Map<SessionCallback, Registration> HELD = new IdentityHashMap<>();
    private static long lastNumber;

    /** What callbacks of the get that this thread is in have thrown. */
    private static final ThreadLocal<List<Throwable>> THROWN = new ThreadLocal<>();

    private Callbacks() {}

    /** A callback and its number. */
    static final class Registration {
        final long number;
        final SessionCallback callback;
        private int holders;

        private Registration(long number, SessionCallback callback) {
            this.number = number;
            this.callback = callback;
        }
    }

    /** The number of a callback, for a bag that is about to hold it. */
    static Registration hold(SessionCallback callback) {
        LOCK.lock();
        try {
            Registration registration = HELD.get(callback);
            if (registration == null) {
                registration = new Registration(++lastNumber, callback);
                HELD.put(callback, registration);
                BY_NUMBER.put(registration.number, registration);
            }
            registration.holders++;
            return registration;
        } finally {
            LOCK.unlock();
        }
    }

    /** A bag that holds a callback for a pool's handle. */
    static final class Keeper {
        private final Registration registration;
        private final long bag;

        /** For a registration that a bag surely holds during this call. */
        Keeper(Registration registration) {
            this.registration = registration;
            this.bag = Native.attrsNew();
            try {
                Native.attrsSetCallback(bag, registration.number);
            } catch (RuntimeException | Error refused) {
                Native.attrsFree(bag);
                throw refused;
            }
            LOCK.lock();
            try {
                registration.holders++;
            } finally {
                LOCK.unlock();
            }
        }

        void free() {
            letGo(registration);
            Native.attrsFree(bag);
        }
    }

    /** Before a bag gives its callback up; null is fine. */
    static void letGo(Registration registration) {
        if (registration == null) {
            return;
        }
        LOCK.lock();
        try {
            if (--registration.holders == 0) {
                HELD.remove(registration.callback, registration);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** For a number that the library did not take after all. */
    static void forget(Registration registration) {
        letGo(registration);
        LOCK.lock();
        try {
            if (registration.holders == 0) {
                BY_NUMBER.remove(registration.number);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** Called by the glue: runs a callback; all that it throws becomes a failure. */
    private static int run(long number, long session, byte[] wanted, byte[] actual) {
        try {
            SessionCallback callback = find(number);
            if (callback == null) {
                throw new IllegalStateException("the library called a callback that it has given up");
            }
            OraSession borrowed = OraSession.borrowed(session);
            try {
                callback.prepareBytes(borrowed, wanted, actual);
            } finally {
                borrowed.endLoan();
            }
            return OK;
        } catch (SessionRejectedException rejected) {
            note(rejected);
            return rejected.value();
        } catch (Throwable thrown) {
            note(thrown);
            return FAILED;
        }
    }

    /** Called by the glue: the library has this number no more. */
    private static void released(long number) {
        Registration ended;
        LOCK.lock();
        try {
            ended = BY_NUMBER.remove(number);
            if (ended != null) {
                HELD.remove(ended.callback, ended);
            }
        } finally {
            LOCK.unlock();
        }
        if (ended == null) {
            return;
        }
        try {
            ended.callback.released();
        } catch (Throwable thrown) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        }
    }

    private static SessionCallback find(long number) {
        LOCK.lock();
        try {
            Registration registration = BY_NUMBER.get(number);
            return registration == null ? null : registration.callback;
        } finally {
            LOCK.unlock();
        }
    }

    private static void note(Throwable thrown) {
        List<Throwable> all = THROWN.get();
        if (all == null) {
            all = new ArrayList<>(1);
            THROWN.set(all);
        }
        all.add(thrown);
    }

    /** The failure of a get, with what its callback threw as the cause. To be called once for each get that fails. */
    static OraPoolException explain(OraPoolException failure) {
        List<Throwable> all = THROWN.get();
        if (all == null) {
            return failure;
        }
        THROWN.remove();
        boolean isCause = failure.status() == OraPoolException.Status.CALLBACK_FAILED;
        for (Throwable thrown : all) {
            if (isCause) {
                failure.becauseOf(thrown);
                isCause = false;
            } else {
                failure.addSuppressed(thrown);
            }
        }
        return failure;
    }
}
