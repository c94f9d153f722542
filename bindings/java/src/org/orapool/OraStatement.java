package org.orapool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * A prepared statement of a session. It belongs to the session's thread and ends with the loan: after the release only
 * {@link #close} is of use. Binds are counted from 1 in the order of the text, columns from 0, as in the library.
 */
public final class OraStatement implements AutoCloseable {
    private final State state;
    private final Cleaner.Cleanable cleanable;
    /** Keeps the session from being collected under its statements. */
    private final OraSession session;

    /** What is left of a statement that was forgotten. */
    private static final class State implements Runnable {
        final long handle;
        private final OraSession.State session;
        private boolean isFreed;

        State(long handle, OraSession.State session) {
            this.handle = handle;
            this.session = session;
        }

        /** The statement's thread: true for the first. */
        boolean free() {
            boolean isFirst = !isFreed;
            isFreed = true;
            return isFirst;
        }

        @Override
        public void run() {
            if (free()) {
                session.freeLater(handle);
            }
        }
    }

    OraStatement(OraSession session, OraSession.State sessionState, long handle) {
        this.session = session;
        this.state = new State(handle, sessionState);
        this.cleanable = Cleaning.register(this, state);
    }

    /** The session that it runs in. */
    public OraSession session() {
        return session;
    }

    /**
     * Binds NULL. A bind stays for all executions until it is bound anew.
     *
     * @param position of the placeholder, from 1.
     * @throws OraPoolException ERROR (1036) for a position that the statement does not have.
     */
    public OraStatement bindNull(int position) {
        try {
            Native.stmtBindNull(state.handle, position);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /** Binds a whole number. */
    public OraStatement bind(int position, long value) {
        try {
            Native.stmtBindInt(state.handle, position, value);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /** Binds a floating-point number; INVALID_ARGUMENT for what is not finite. */
    public OraStatement bind(int position, double value) {
        try {
            Native.stmtBindDouble(state.handle, position, value);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /** Binds a text; null and an empty one bind NULL, as everywhere in Oracle. */
    public OraStatement bind(int position, String text) {
        byte[] bytes = Text.utf8(text);
        try {
            Native.stmtBindText(state.handle, position, bytes);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /** Binds bytes (RAW, BLOB); null and none bind NULL. */
    public OraStatement bind(int position, byte[] bytes) {
        try {
            Native.stmtBindBytes(state.handle, position, bytes);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Executes the statement; may be repeated, with other binds. Rows of a former execution that were not fetched are
     * gone. Blocks for as long as it takes.
     *
     * @return rows inserted, updated or deleted; 0 for all else.
     * @throws OraPoolException ERROR with the database's number: 1008 if a placeholder is not bound, 1013 after a
     *     break, 3136 after the call timeout.
     */
    public long execute() {
        try {
            return Native.stmtExecute(state.handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Moves to the next row of an executed query; false after the last. */
    public boolean fetch() {
        try {
            return Native.stmtFetch(state.handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** How many columns the query has; 0 for what is no query, and with {@code oci} before the execute. */
    public int columnCount() {
        try {
            return Native.stmtColumnCount(state.handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The name of a column, from 0, in upper case unless the query quoted it; null for one that there is not. */
    public String columnName(int column) {
        try {
            return Text.of(Native.stmtColumnName(state.handle, column));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether the column of the row last fetched is NULL; false as well for one that there is not. */
    public boolean columnIsNull(int column) {
        try {
            return Native.stmtColumnIsNull(state.handle, column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * A column of the row last fetched as a whole number; NULL reads as 0.
     *
     * @throws OraPoolException ERROR: 1455 for a number that a long does not hold exactly, 1722 for a text that is no
     *     number, 1007 for a column that there is not, 1002 without a row.
     */
    public long columnLong(int column) {
        try {
            return Native.stmtColumnInt(state.handle, column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** A column of the row last fetched as the nearest floating-point number; NULL reads as 0. */
    public double columnDouble(int column) {
        try {
            return Native.stmtColumnDouble(state.handle, column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** A column of the row last fetched as text: numbers in all their digits, bytes in hexadecimal; null for NULL. */
    public String columnText(int column) {
        try {
            return Text.of(Native.stmtColumnText(state.handle, column));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** A column of the row last fetched as bytes: of RAW and BLOB themselves, of all else the text's; null for NULL. */
    public byte[] columnBytes(int column) {
        try {
            return Native.stmtColumnBytes(state.handle, column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Frees the statement and what was read off its columns. The session's thread; again: nothing happens. */
    @Override
    public void close() {
        if (state.free()) {
            Native.stmtFree(state.handle);
        }
        cleanable.clean();
    }
}
