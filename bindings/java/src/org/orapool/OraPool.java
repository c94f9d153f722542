package org.orapool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A session pool for Oracle Database, which every runtime of the process can share by its name. This is one handle of
 * it; others in the process, of Java or another language, may have theirs.
 *
 * <p>Any thread may use a pool at any time. The library is loaded by the first use of this class or of {@link
 * OraPoolAttributes}: the file that the environment variable ORAPOOL_LIBRARY names, else one that is loaded in the
 * process already, else the copy that the jar carries, else the system's liborapool.so.0. If none can be used, an {@link
 * UnsatisfiedLinkError} tells what was tried.
 */
public final class OraPool implements AutoCloseable {
    /** How a handle is closed. */
    public enum CloseMode {
        /** Only if no session is on loan and no get waits. */
        DEFAULT,
        /** Now, for every handle of the pool: running calls are broken, waiting gets fail, loans are taken away. */
        FORCE
    }

    private static final int CREATE_NEW = 0;
    private static final int CREATE_OR_OPEN = 1;
    private static final int PROMETHEUS = 0;
    private static final int JSON = 1;

    private final PoolState state;
    private final Cleaner.Cleanable cleanable;
    private final OraPoolException warning;

    private OraPool(long handle, Callbacks.Keeper callback, OraPoolException warning) {
        this.state = new PoolState(handle, callback);
        this.cleanable = Cleaning.register(this, state);
        this.warning = warning;
    }

    /** As {@link #create(String, OraPoolAttributes)}; a pool without a name, which nobody else can open. */
    public static OraPool create(OraPoolAttributes attributes) {
        return create(null, attributes, CREATE_NEW);
    }

    /**
     * Creates a pool and opens its minimum of sessions. Blocks for as long as they take to be made.
     *
     * @param name under which everybody in the process can open it.
     * @param attributes what to connect to, who logs on, sizes and times; copied.
     * @throws OraPoolException CONFLICT for a name that is taken; ERROR with the database's number if no session could
     *     be opened, 24413 for sizes that do not go together, 24415 without a user, 1005 without a password, 12162
     *     without a connect string; UNSUPPORTED for a driver that the library does not have.
     */
    public static OraPool create(String name, OraPoolAttributes attributes) {
        return create(Objects.requireNonNull(name, "a name is needed; create(attributes) needs none"), attributes,
                CREATE_NEW);
    }

    /** As {@link #create(String, OraPoolAttributes)}; opens the pool if it exists with the same attributes. */
    public static OraPool createOrOpen(String name, OraPoolAttributes attributes) {
        return create(Objects.requireNonNull(name, "a name is needed"), attributes, CREATE_OR_OPEN);
    }

    private static OraPool create(String name, OraPoolAttributes attributes, int mode) {
        Objects.requireNonNull(attributes, "attributes are needed");
        Library.load();
        Callbacks.Keeper callback = attributes.keepCallback();
        Outcome outcome = new Outcome();
        try {
            long handle = Native.poolCreate(Text.utf8(name), attributes.handle(), mode, outcome);
            return new OraPool(handle, callback, outcome.warning);
        } catch (RuntimeException | Error refused) {
            if (callback != null) {
                callback.free();
            }
            throw refused;
        } finally {
            Reference.reachabilityFence(attributes);
        }
    }

    /**
     * Opens a pool that exists in this process, whichever runtime created it. Waits while another thread is creating it.
     *
     * @throws OraPoolException ERROR (24416) if there is no pool of that name.
     */
    public static OraPool open(String name) {
        Library.load();
        byte[] bytes = Text.utf8(Objects.requireNonNull(name, "a name is needed"));
        return new OraPool(Native.poolOpen(bytes), null, null);
    }

    /**
     * A number that the loaded copy of the library has to itself. Runtimes of a process that see the same number share
     * its pools; different numbers mean that two copies were loaded.
     */
    public static long instanceId() {
        Library.load();
        return Native.instanceId();
    }

    /** The version of the library that is loaded, such as {@code 0.1.0}. */
    public static String libraryVersion() {
        Library.load();
        int version = Native.version();
        return (version >>> 16) + "." + (version >>> 8 & 0xff) + "." + (version & 0xff);
    }

    /** The file that the library was loaded from. The jar's own copy was unpacked there, and is deleted by now. */
    public static String libraryPath() {
        Library.load();
        return Text.of(Native.libraryPath());
    }

    /**
     * The warning of the creation, or null: 24414, only a part of the minimum could be opened, with the cause behind it;
     * the database's at a log-on, such as 28002; code 0 for a pool of pooled servers without a connection class.
     */
    public OraPoolException warning() {
        return warning;
    }

    /** Gets a session, any untagged one. Blocks as the pool's get mode says; see {@link #acquire(AcquireOptions)}. */
    public OraSession acquire() {
        return acquire(AcquireOptions.NONE);
    }

    /**
     * Gets a session. Blocks as the get mode says; a virtual thread that waits for a session leaves its carrier to
     * others.
     *
     * @throws OraPoolException TIMEOUT: 24457 all sessions are on loan, 24459 connects are under way, 24496 NOWAIT or
     *     too many wait; the message tells what the pool looks like. ERROR with the database's number if a connect
     *     failed, 24487 for properties that are none, 56610 if the fix-up procedure failed, with its error as the cause.
     *     CALLBACK_FAILED, with what the callback threw as the cause. CLOSED (24461).
     */
    public OraSession acquire(AcquireOptions options) {
        Objects.requireNonNull(options, "options are needed; AcquireOptions.NONE asks for nothing");
        try {
            return VirtualThreads.isVirtual() && Native.hasRequests() ? acquireParked(options) : acquireHere(options);
        } catch (OraPoolException failure) {
            throw Callbacks.explain(failure);
        } finally {
            Reference.reachabilityFence(options);
            Reference.reachabilityFence(this);
        }
    }

    private OraSession acquireHere(AcquireOptions options) {
        Outcome outcome = new Outcome();
        long attributes = options.attributes == null ? 0 : options.attributes.handle();
        long session = Native.sessionGet(state.handle, attributes, options.tag, options.mode, outcome);
        return new OraSession(this, session, outcome);
    }

    /** A thread that waits inside the library holds its carrier; enough of them, and nobody could give a session back. */
    private OraSession acquireParked(AcquireOptions options) {
        long request = state.completions.await(options);
        Outcome outcome = new Outcome();
        return new OraSession(this, Native.requestFinish(request, outcome), outcome);
    }

    /** As {@link #acquireAsync(AcquireOptions)}, for any untagged session. */
    public CompletableFuture<OraSession> acquireAsync() {
        return acquireAsync(AcquireOptions.NONE);
    }

    /** As {@link #acquireAsync(AcquireOptions, Executor)}, on the executor that futures use by default. */
    public CompletableFuture<OraSession> acquireAsync(AcquireOptions options) {
        return acquireAsync(options, null);
    }

    /**
     * Gets a session without blocking. The future completes with the session, or with the {@link OraPoolException} that
     * {@link #acquire(AcquireOptions)} would throw. Requests and blocking gets wait in one queue, first come, first
     * served.
     *
     * <p>Cancelling the future, or completing it in another way ({@code orTimeout}), cancels the request; a session that
     * it had won goes back. A future that nobody reads gives its session back when it is collected.
     *
     * @param executor where session callbacks run and the future is completed; null: the one that futures use by
     *     default.
     * @throws OraPoolException INVALID_ARGUMENT and the like for bad arguments, CLOSED for a closed pool, UNSUPPORTED if
     *     the library has no requests.
     */
    public CompletableFuture<OraSession> acquireAsync(AcquireOptions options, Executor executor) {
        Objects.requireNonNull(options, "options are needed; AcquireOptions.NONE asks for nothing");
        PendingSession pending = new PendingSession(this, executor);
        try {
            return pending.cancelling(state.completions.start(options, pending));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Changes sizes, times and modes of the open pool, for all of its handles: all of what is set, or on an error
     * nothing. Blocks only for log-offs.
     *
     * @throws OraPoolException INVALID_ARGUMENT for an attribute that can not be changed; ERROR (24413) for sizes that
     *     do not go together; CLOSED.
     */
    public void reconfigure(OraPoolAttributes changes) {
        Objects.requireNonNull(changes, "changes are needed");
        try {
            Native.poolReconfigure(state.handle, changes.handle());
        } finally {
            Reference.reachabilityFence(changes);
            Reference.reachabilityFence(this);
        }
    }

    /** What the pool looks like, and what has happened in it. Never blocks. */
    public OraPoolStats stats() {
        try {
            return new OraPoolStats(Native.poolStats(state.handle));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The statistics in Prometheus' text format. Never blocks. */
    public String metricsPrometheus() {
        return metrics(PROMETHEUS);
    }

    /** The statistics as one JSON object. Never blocks. */
    public String metricsJson() {
        return metrics(JSON);
    }

    private String metrics(int format) {
        try {
            return Text.of(Native.poolMetrics(state.handle, format));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The latest events of the pool: connects, drops, leaks, fix-up failures, long waits. Never blocks.
     *
     * @param after those with a greater number; 0 for all that are still there, then {@link OraPoolEvents#last()}.
     * @throws OraPoolException UNSUPPORTED if the library has no events.
     */
    public OraPoolEvents events(long after) {
        long[] last = new long[1];
        try {
            String text = Text.of(Native.poolEvents(state.handle, after, last));
            return new OraPoolEvents(text, last[0]);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Gives this handle up; the last one closes the pool, if no session is on loan and no get waits.
     *
     * @throws OraPoolException ERROR (24422) if sessions are on loan or gets wait: the pool stays open. CLOSED if it was
     *     closed through another handle, or is being closed. Nothing happens if this handle was closed before.
     */
    @Override
    public void close() {
        if (state.isClosed()) {
            return;
        }
        try {
            close(CloseMode.DEFAULT, Duration.ZERO);
        } catch (OraPoolException failure) {
            // The pool was closed through another handle, which an earlier close of this one has told.
            if (failure.status() != OraPoolException.Status.INVALID_HANDLE) {
                throw failure;
            }
        }
    }

    /** As {@link #close(CloseMode, Duration)}, without a drain. */
    public void close(CloseMode mode) {
        close(mode, Duration.ZERO);
    }

    /**
     * Gives this handle up; the last one closes the pool. When it returns the sessions are logged off.
     *
     * @param drain for the last handle, with {@link CloseMode#DEFAULT}: how long loans may come back, then as {@link
     *     CloseMode#FORCE}; {@link OraPoolAttributes#FOREVER} waits for ever.
     * @throws OraPoolException as {@link #close()}; INVALID_HANDLE if this handle was closed before.
     */
    public void close(CloseMode mode, Duration drain) {
        long millis = Times.millis(drain);
        try {
            state.close(mode.ordinal(), millis);
            cleanable.clean();
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
