package org.orapool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * A bag of attributes: how a pool is created, what a reconfiguration changes, or what sets a get apart.
 *
 * <p>The setters check what they get and throw at once: {@link OraPoolException} with
 * {@link OraPoolException.Status#INVALID_ARGUMENT} for a value out of range, whose message tells the range. On an error
 * the bag is as it was. An empty or null text unsets an attribute. Times are durations, rounded up to milliseconds;
 * {@link #FOREVER} is for no limit. Any thread may use a bag; nothing here blocks.
 *
 * <p>A pool copies what it needs. {@link #close} wipes the password; a bag that was forgotten is closed when it is
 * collected.
 */
public final class OraPoolAttributes implements AutoCloseable {
    /** For ever, or never: the library's -1. */
    public static final Duration FOREVER = Duration.ofMillis(-1);

    /** What a get does when no session is idle. */
    public enum GetMode {
        /** Waits for as long as it takes. */
        WAIT,
        /** Waits for nobody else; connects for itself while there is a place. */
        NOWAIT,
        /** Connects beyond the maximum rather than wait; then {@link OraSession#warning()} tells 24417. */
        FORCEGET,
        /** Waits for {@link OraPoolAttributes#waitTimeout}. */
        TIMEDWAIT
    }

    /** What others may have left in a session. */
    public enum Purity {
        /** As {@link #SELF}. */
        DEFAULT,
        /** A session that nobody has had. */
        NEW,
        /** Whatever others of the same user and class left. */
        SELF
    }

    private static final int USER = 1;
    private static final int PASSWORD = 2;
    private static final int CONNECT_STRING = 3;
    private static final int DRIVER = 4;
    private static final int CONNECTION_CLASS = 5;
    private static final int EDITION = 6;
    private static final int DRIVER_NAME = 7;
    private static final int CLIENT_LIB_DIR = 8;
    private static final int CONFIG_DIR = 9;
    private static final int FIXUP_CALLBACK = 10;
    private static final int CONTEXT = 11;
    private static final int SESSIONS_MIN = 20;
    private static final int SESSIONS_MAX = 21;
    private static final int SESSIONS_INCREMENT = 22;
    private static final int GET_MODE = 23;
    private static final int WAIT_TIMEOUT_MS = 24;
    private static final int WAITERS_MAX = 25;
    private static final int HOMOGENEOUS = 26;
    private static final int EXTERNAL_AUTH = 27;
    private static final int PURITY = 28;
    private static final int IDLE_TIMEOUT_MS = 30;
    private static final int LIFETIME_MAX_MS = 31;
    private static final int USES_MAX = 32;
    private static final int PING_INTERVAL_MS = 33;
    private static final int PING_TIMEOUT_MS = 34;
    private static final int CONNECT_TIMEOUT_MS = 35;
    private static final int STATEMENT_CACHE_SIZE = 36;
    private static final int LEAK_AFTER_MS = 37;
    private static final int CONNECTS_MAX = 38;
    private static final int WAIT_REPORT_MS = 39;

    private final State state;
    private final Cleaner.Cleanable cleanable;

    /** What is left of a bag that was forgotten. */
    private static final class State implements Runnable {
        final long handle;
        private Callbacks.Registration registration;
        private boolean isFreed;

        State(long handle) {
            this.handle = handle;
        }

        @Override
        public void run() {
            Callbacks.Registration held;
            synchronized (this) {
                if (isFreed) {
                    return;
                }
                isFreed = true;
                held = registration;
                registration = null;
            }
            Callbacks.letGo(held);
            Native.attrsFree(handle);
        }

        /** What the bag holds, which it is about to give up. */
        synchronized Callbacks.Registration take() {
            Callbacks.Registration former = registration;
            registration = null;
            return former;
        }

        /** What the bag holds from now on; false if it was freed meanwhile. */
        synchronized boolean put(Callbacks.Registration next) {
            if (!isFreed) {
                registration = next;
            }
            return !isFreed;
        }

        /** While this bag surely holds the callback: another that does; null if there is none. */
        synchronized Callbacks.Keeper keep() {
            return registration == null ? null : new Callbacks.Keeper(registration);
        }
    }

    /**
     * An empty bag.
     *
     * @throws UnsatisfiedLinkError if liborapool.so can not be found or is of another version; the message tells where
     *     it was looked for.
     */
    public OraPoolAttributes() {
        Library.load();
        state = new State(Native.attrsNew());
        cleanable = Cleaning.register(this, state);
    }

    /** The user who logs on, or {@code main[proxy]}. */
    public OraPoolAttributes user(String user) {
        return text(USER, user);
    }

    /** That user's password. It can not be read back. Callers who want to wipe their copy take {@link #password(char[])}. */
    public OraPoolAttributes password(String password) {
        return text(PASSWORD, password);
    }

    /** That user's password, which stays the caller's to wipe; no copy of it is left in the Java heap. */
    public OraPoolAttributes password(char[] password) {
        byte[] bytes = encode(Objects.requireNonNull(password, "a password is needed"));
        try {
            setText(PASSWORD, bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
        return this;
    }

    /** {@code embedded:NAME} is the embedded engine, all else an Oracle connect string. */
    public OraPoolAttributes connectString(String connectString) {
        return text(CONNECT_STRING, connectString);
    }

    /** {@code embedded} or {@code oci}; default: by the connect string. */
    public OraPoolAttributes driver(String driver) {
        return text(DRIVER, driver);
    }

    /** Sessions of different classes never stand in for one another; under DRCP, pools of one class share servers. */
    public OraPoolAttributes connectionClass(String connectionClass) {
        return text(CONNECTION_CLASS, connectionClass);
    }

    /** The edition of the database that sessions work in. */
    public OraPoolAttributes edition(String edition) {
        return text(EDITION, edition);
    }

    /** What the database shows as the client's driver; default {@code orapool : VERSION}. */
    public OraPoolAttributes driverName(String driverName) {
        return text(DRIVER_NAME, driverName);
    }

    /** The folder of {@code libclntsh.so}, for {@code oci}. A process loads it once. */
    public OraPoolAttributes clientLibDir(String folder) {
        return text(CLIENT_LIB_DIR, folder);
    }

    /** The folder of {@code tnsnames.ora}, for {@code oci}. */
    public OraPoolAttributes configDir(String folder) {
        return text(CONFIG_DIR, folder);
    }

    /** A PL/SQL procedure {@code [schema.][package.]procedure} that puts a session's state right, with (wanted, actual). */
    public OraPoolAttributes fixupCallback(String procedure) {
        return text(FIXUP_CALLBACK, procedure);
    }

    /** For a get: who asks (file:line, request id); shown in leak reports, metrics and time-outs. */
    public OraPoolAttributes context(String context) {
        return text(CONTEXT, context);
    }

    /** Default 1: sessions that are kept open. */
    public OraPoolAttributes sessionsMin(int sessions) {
        return number(SESSIONS_MIN, sessions);
    }

    /** Default 4: sessions that are never exceeded, {@link GetMode#FORCEGET} apart. */
    public OraPoolAttributes sessionsMax(int sessions) {
        return number(SESSIONS_MAX, sessions);
    }

    /** Default 1: sessions by which the pool grows. */
    public OraPoolAttributes sessionsIncrement(int sessions) {
        return number(SESSIONS_INCREMENT, sessions);
    }

    /** Default {@link GetMode#WAIT}: what a get does when no session is idle. */
    public OraPoolAttributes getMode(GetMode mode) {
        return number(GET_MODE, mode.ordinal());
    }

    /** Default 5 s: how long a get in {@link GetMode#TIMEDWAIT} waits; given to a get its deadline, whatever the mode. */
    public OraPoolAttributes waitTimeout(Duration time) {
        return number(WAIT_TIMEOUT_MS, Times.millis(time));
    }

    /** Default -1, any number: gets that may wait for loans; one more fails at once. */
    public OraPoolAttributes waitersMax(int waiters) {
        return number(WAITERS_MAX, waiters);
    }

    /** Default true: all sessions are of the pool's user. False: each get may name one. */
    public OraPoolAttributes homogeneous(boolean isHomogeneous) {
        return number(HOMOGENEOUS, isHomogeneous ? 1 : 0);
    }

    /** Default false. True: log on by the operating system or a wallet, with no user and password. */
    public OraPoolAttributes externalAuth(boolean isExternal) {
        return number(EXTERNAL_AUTH, isExternal ? 1 : 0);
    }

    /** Default {@link Purity#DEFAULT}: what others may have left in the session. */
    public OraPoolAttributes purity(Purity purity) {
        return number(PURITY, purity.ordinal());
    }

    /** Default 0, never: idle time after which a session above the minimum is closed. */
    public OraPoolAttributes idleTimeout(Duration time) {
        return number(IDLE_TIMEOUT_MS, Times.millis(time));
    }

    /** Default 0, never: age at which a session is closed when it is not on loan. */
    public OraPoolAttributes lifetimeMax(Duration time) {
        return number(LIFETIME_MAX_MS, Times.millis(time));
    }

    /** Default 0, any number: loans after which a session is closed. */
    public OraPoolAttributes usesMax(int uses) {
        return number(USES_MAX, uses);
    }

    /** Default 60 s: idle time after which a session is pinged before it is handed out; 0 always, {@link #FOREVER} never. */
    public OraPoolAttributes pingInterval(Duration time) {
        return number(PING_INTERVAL_MS, Times.millis(time));
    }

    /** Default 5 s: how long such a ping may take. */
    public OraPoolAttributes pingTimeout(Duration time) {
        return number(PING_TIMEOUT_MS, Times.millis(time));
    }

    /** Default 20 s: how long a connect may take, then ORA-12170. */
    public OraPoolAttributes connectTimeout(Duration time) {
        return number(CONNECT_TIMEOUT_MS, Times.millis(time));
    }

    /** Default 20: statements that a session keeps parsed, if the driver does that. */
    public OraPoolAttributes statementCacheSize(int statements) {
        return number(STATEMENT_CACHE_SIZE, statements);
    }

    /** Default 0, off: loans that last longer are counted as leaks. */
    public OraPoolAttributes leakAfter(Duration time) {
        return number(LEAK_AFTER_MS, Times.millis(time));
    }

    /** Default 0, off: a get that waits so long, or longer, is an event when its wait is over; see {@link OraPool#events}. */
    public OraPoolAttributes waitReport(Duration time) {
        return number(WAIT_REPORT_MS, Times.millis(time));
    }

    /** Default 4: connects that are made side by side. */
    public OraPoolAttributes connectsMax(int connects) {
        return number(CONNECTS_MAX, connects);
    }

    /**
     * Sets the session callback of the pools that are created with this bag; null unsets it. Two bags have the same
     * callback, for {@link OraPool#createOrOpen}, if it is the same object.
     */
    public OraPoolAttributes sessionCallback(SessionCallback callback) {
        try {
            if (callback == null) {
                Callbacks.letGo(state.take());
                Native.attrsSetCallback(state.handle, 0);
            } else {
                setCallback(callback);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    private void setCallback(SessionCallback callback) {
        Callbacks.Registration registration = Callbacks.hold(callback);
        Callbacks.letGo(state.take());
        try {
            Native.attrsSetCallback(state.handle, registration.number);
        } catch (RuntimeException | Error refused) {
            Callbacks.forget(registration);
            throw refused;
        }
        if (!state.put(registration)) {
            Callbacks.letGo(registration);
        }
    }

    /**
     * Sets a text attribute by its number in {@code orapool.h}, for those that are newer than this binding.
     *
     * @throws OraPoolException UNSUPPORTED (24315) for an attribute that the library does not know.
     */
    public OraPoolAttributes text(int attribute, String value) {
        setText(attribute, Text.utf8(value));
        return this;
    }

    /**
     * Sets a number attribute by its number in {@code orapool.h}, for those that are newer than this binding. Times are
     * in milliseconds.
     *
     * @throws OraPoolException UNSUPPORTED (24315) for an attribute that the library does not know.
     */
    public OraPoolAttributes number(int attribute, long value) {
        try {
            Native.attrsSetInt(state.handle, attribute, value);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /** Frees the bag and wipes its password. Pools that were created with it are not affected. Again: nothing happens. */
    @Override
    public void close() {
        cleanable.clean();
    }

    private void setText(int attribute, byte[] value) {
        try {
            Native.attrsSetText(state.handle, attribute, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The handle; callers keep this object reachable while they use it. */
    long handle() {
        return state.handle;
    }

    /** A bag for a pool that keeps the callback of this one, or null. */
    Callbacks.Keeper keepCallback() {
        return state.keep();
    }

    private static byte[] encode(char[] password) {
        ByteBuffer encoded = null;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(password));
            return Arrays.copyOf(encoded.array(), encoded.limit());
        } catch (CharacterCodingException half) {
            throw new IllegalArgumentException("the password has half a surrogate pair, which is no character");
        } finally {
            if (encoded != null) {
                Arrays.fill(encoded.array(), (byte) 0);
            }
        }
    }
}
