package org.orapool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A session on loan. Give it back as soon as the work is done, best by try-with-resources; one that is forgotten goes
 * back when it is collected.
 *
 * <p>It may move between threads, but belongs to one at a time, with its statements; {@link #breakCall} alone may come
 * from another. After its release every method throws {@link OraPoolException.Status#INVALID_HANDLE}, but for {@link
 * #close}, and for the getters that do not ask the library whether there is a session: they give null, false or {@link
 * DRCPState#NONE}.
 */
public final class OraSession implements AutoCloseable {
    /** Whether a pooled server (DRCP) is attached to a session, and by what. */
    public enum DRCPState {
        /** The session has a server of its own. */
        NONE,
        /** A line to the broker, and no server. */
        DETACHED,
        /** A call attached a server. */
        ATTACHED_IMPLICIT,
        /** The get or {@link OraSession#attachServerConnection} attached a server. */
        ATTACHED_EXPLICIT
    }

    private static final int MULTIPROPERTY_TAG = 4;

    private final State state;
    private final Cleaner.Cleanable cleanable;
    /** Keeps the pool from being collected under its loans. Null in a callback. */
    private final OraPool pool;
    private final boolean isFound;
    private final OraPoolException warning;
    /** In a callback: its statements, which end with it. */
    private final List<OraStatement> borrowed;

    /** What is left of a session that was forgotten. */
    static final class State implements Runnable {
        final long handle;
        private volatile boolean isEnded;
        /** Statements that were forgotten: to be freed by the session's own thread, or after its release. Mostly null. */
        private volatile ConcurrentLinkedQueue<Long> forgotten;

        State(long handle) {
            this.handle = handle;
        }

        /** The handle for a call; frees what was forgotten. The session's thread. */
        long use() {
            freeForgotten();
            return handle;
        }

        /** The loan is over. */
        void end() {
            isEnded = true;
            freeForgotten();
        }

        /** Any thread: frees a statement as soon as that may be done. */
        void freeLater(long statement) {
            queue().add(statement);
            if (isEnded) {
                freeForgotten();
            }
        }

        private synchronized ConcurrentLinkedQueue<Long> queue() {
            if (forgotten == null) {
                forgotten = new ConcurrentLinkedQueue<>();
            }
            return forgotten;
        }

        private void freeForgotten() {
            ConcurrentLinkedQueue<Long> queue = forgotten;
            if (queue == null) {
                return;
            }
            for (Long statement = queue.poll(); statement != null; statement = queue.poll()) {
                Native.stmtFree(statement);
            }
        }

        @Override
        public void run() {
            if (isEnded) {
                return;
            }
            try {
                Native.sessionRelease(handle, null, 0);
            } catch (OraPoolException gone) {
                // Nobody is left to be told; the session is closed, or its pool is.
            } finally {
                end();
            }
        }
    }

    /** A session that a get gave. */
    OraSession(OraPool pool, long handle, Outcome outcome) {
        this.pool = pool;
        this.isFound = outcome.found;
        this.warning = outcome.warning;
        this.borrowed = null;
        this.state = new State(handle);
        this.cleanable = Cleaning.register(this, state);
    }

    /** The session of a callback, which is the get's and not to be released. */
    private OraSession(long handle) {
        this.pool = null;
        this.isFound = false;
        this.warning = null;
        this.borrowed = new ArrayList<>();
        this.state = new State(handle);
        this.cleanable = null;
    }

    static OraSession borrowed(long handle) {
        return new OraSession(handle);
    }

    /** The callback is over: nobody works with its session through this object any more. */
    void endLoan() {
        for (OraStatement statement : borrowed) {
            statement.close();
        }
        state.end();
    }

    private long handle() {
        // The token of a callback's session is the get's, and would work on.
        return borrowed != null && state.isEnded ? 0 : state.use();
    }

    /**
     * The pool that the session came from; null for the session of a callback.
     */
    public OraPool pool() {
        return pool;
    }

    /** Whether the session had the state that was asked for, by its tag or after the fix-up procedure. */
    public boolean isFound() {
        return isFound;
    }

    /**
     * The warning of the get, or null: 24417, the pool is larger than its maximum ({@link
     * OraPoolAttributes.GetMode#FORCEGET}), or the database's at the log-on, such as 28002, the password will expire.
     */
    public OraPoolException warning() {
        return warning;
    }

    /** Whether nobody has had this session before: then its state is that of a fresh log-on. */
    public boolean isNew() {
        try {
            return Native.sessionIsNew(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The session's tag, or null: the one that it came with, was given by a fix-up, or was set. */
    public String tag() {
        return Text.of(tagBytes());
    }

    /** As {@link #tag}, in its bytes: a single tag may be no UTF-8. */
    public byte[] tagBytes() {
        try {
            return Native.sessionTag(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Says what the state of the session is from now on, as a single tag; null or empty: untagged. */
    public void setTag(String tag) {
        setTag(Text.utf8(tag));
    }

    /** As {@link #setTag(String)}, in any bytes. */
    public void setTag(byte[] tag) {
        setTag(tag, 0);
    }

    /**
     * Says what the state of the session is from now on, as properties {@code name=value;name=value}; null or empty:
     * untagged.
     *
     * @throws OraPoolException ERROR with 24488 for what is no list of properties: the message tells the byte.
     */
    public void setProperties(String properties) {
        setProperties(Text.utf8(properties));
    }

    /** As {@link #setProperties(String)}, in UTF-8. */
    public void setProperties(byte[] properties) {
        setTag(properties, MULTIPROPERTY_TAG);
    }

    private void setTag(byte[] tag, int mode) {
        try {
            Native.sessionSetTag(handle(), tag, mode);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** SID and serial number. May ask the server. */
    public SessionIdentity identity() {
        try {
            long both = Native.sessionIdentity(handle());
            return new SessionIdentity(both >>> 32, both & 0xffffffffL);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Runs one SQL statement without binds. Blocks for as long as it takes.
     *
     * @param sql without a semicolon at its end.
     * @return rows inserted, updated or deleted; of a query, which is run and its rows discarded, the number of rows.
     * @throws OraPoolException ERROR with the database's number; 1013 after {@link #breakCall}, 3136 after the call
     *     timeout. {@link OraPoolException#isSessionDead} tells whether the session is lost.
     */
    public long execute(String sql) {
        byte[] bytes = Text.utf8(Objects.requireNonNull(sql, "a statement is needed"));
        try {
            return Native.sessionExecute(handle(), bytes);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Prepares a statement; binds are written {@code :1} or {@code :name}. */
    public OraStatement prepare(String sql) {
        byte[] bytes = Text.utf8(Objects.requireNonNull(sql, "a statement is needed"));
        try {
            OraStatement statement = new OraStatement(this, state, Native.stmtPrepare(handle(), bytes));
            if (borrowed != null) {
                borrowed.add(statement);
            }
            return statement;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Commits the transaction; without one it does nothing. */
    public void commit() {
        try {
            Native.sessionCommit(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Rolls the transaction back; without one it does nothing. A release does the same. */
    public void rollback() {
        try {
            Native.sessionRollback(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Asks the server for a sign of life; under DRCP, with no server attached, it looks whether the line is up. */
    public void ping() {
        try {
            Native.sessionPing(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Breaks the call that the session is in: that call fails with 1013. With no call running it does nothing. Any
     * thread; does not wait for the call to end.
     */
    public void breakCall() {
        try {
            // Not handle(): this thread is not the session's.
            Native.sessionBreak(borrowed != null && state.isEnded ? 0 : state.handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Limits each later call of this loan; a call that takes longer fails with 3136 and leaves the session usable.
     *
     * @param time zero or {@link OraPoolAttributes#FOREVER}: no limit.
     */
    public void setCallTimeout(Duration time) {
        long millis = Times.millis(time);
        try {
            Native.sessionSetCallTimeout(handle(), millis);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether a pooled server is attached, and by what. */
    public DRCPState getDRCPState() {
        try {
            return DRCPState.values()[Native.sessionDrcpState(handle())];
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether the session's server comes from a pool of the database (DRCP). */
    public boolean isDRCPEnabled() {
        try {
            return Native.sessionDrcpEnabled(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether the tags of attach and detach are properties: so it is if the get was made with them. */
    public boolean isDRCPMultitagEnabled() {
        try {
            return Native.sessionDrcpMultitagEnabled(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The tag that the session of the last attached server came with, or null. */
    public String getDRCPReturnTag() {
        return Text.of(getDRCPReturnTagBytes());
    }

    /** As {@link #getDRCPReturnTag}, in its bytes. */
    public byte[] getDRCPReturnTagBytes() {
        try {
            return Native.sessionDrcpReturnTag(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether the last attach came upon another session of the database: what was cached of the former is void. */
    public boolean needToPurgeStatementCache() {
        try {
            return Native.sessionNeedToPurge(handle());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Has the next call that needs a server attach one. */
    public void attachServerConnection() {
        attachServerConnection((byte[]) null);
    }

    /**
     * Attaches a pooled server at once, one with this tag if there is one. Blocks until one is free, at most for the
     * wait limit of the loan's get.
     *
     * @param tag a single tag or properties, as {@link #isDRCPMultitagEnabled} says; null: as without.
     * @return whether the server's session has the tag, or the fix-up procedure made it so.
     */
    public boolean attachServerConnection(String tag) {
        return attachServerConnection(Text.utf8(tag));
    }

    /** As {@link #attachServerConnection(String)}, in bytes. */
    public boolean attachServerConnection(byte[] tag) {
        try {
            return Native.sessionAttach(handle(), tag);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Gives the pooled server back while the loan goes on; the server's session keeps its tag. */
    public void detachServerConnection() {
        detachServerConnection((byte[]) null);
    }

    /**
     * Gives the pooled server back while the loan goes on.
     *
     * @param tag the tag that the server's session has from now on; null or empty: the one that it has.
     * @throws OraPoolException INVALID_ARGUMENT if a transaction is open, or rows of a query were not all fetched.
     */
    public void detachServerConnection(String tag) {
        detachServerConnection(Text.utf8(tag));
    }

    /** As {@link #detachServerConnection(String)}, in bytes. */
    public void detachServerConnection(byte[] tag) {
        try {
            Native.sessionDetach(handle(), tag);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Gives the session back; it keeps its tag. An open transaction is rolled back, statements are closed.
     *
     * @throws OraPoolException INVALID_HANDLE if it was released before; CLOSED if the pool took it away when it was
     *     closed; ERROR if the rollback failed: the session was closed. In its own callback: INVALID_ARGUMENT.
     */
    public void release() {
        release(ReleaseOptions.NONE);
    }

    /**
     * Gives the session back, with another tag, or to be closed.
     *
     * @throws OraPoolException as {@link #release()}, and ERROR with 24488 for a tag that is no list of properties: then
     *     the session is still on loan.
     */
    public void release(ReleaseOptions options) {
        try {
            Native.sessionRelease(handle(), options.tag, options.mode);
            ended();
        } catch (OraPoolException failure) {
            if (!failure.leavesOnLoan()) {
                ended();
            }
            throw failure;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Gives the session back to be closed instead of kept. */
    public void drop() {
        release(ReleaseOptions.NONE.drop());
    }

    /** As {@link #release()}; nothing happens if the session was released before. */
    @Override
    public void close() {
        if (!state.isEnded) {
            release();
        }
    }

    private void ended() {
        state.end();
        if (cleanable != null) {
            cleanable.clean();
        }
    }
}
