package org.orapool;

import java.util.Objects;

/**
 * A call of the library that failed, or a warning. Its {@linkplain #getCause() cause} is what the library gave as the
 * cause, an {@code OraPoolException} as well; the last of them may have the exception of a {@link SessionCallback}
 * behind it.
 */
public final class OraPoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** How a call ended: the statuses of {@code orapool.h}, without their prefix. */
    public enum Status {
        /** Done. */
        SUCCESS(0),
        /** Done, with a warning: see {@link OraSession#warning()} and {@link OraPool#warning()}. */
        SUCCESS_WITH_INFO(1),
        /** Not yet complete. */
        PENDING(2),
        /** No more rows. */
        NO_DATA(100),
        /** The database refused, or the pool's state does: {@link #oraCode()} tells. */
        ERROR(-1),
        /** A session, statement, pool or bag of attributes that was released or closed before. */
        INVALID_HANDLE(-2),
        /** An argument that can not be used; the message says what would be right. */
        INVALID_ARGUMENT(-3),
        /** No session in time: 24457, 24459 and 24496 tell why. */
        TIMEOUT(-4),
        /** The pool is closed or closing (24461). */
        CLOSED(-5),
        /** Something that this library or this driver can not do. */
        UNSUPPORTED(-6),
        /** A pool of that name exists, with other attributes. */
        CONFLICT(-7),
        /** The session callback failed; if it threw, that is the cause. */
        CALLBACK_FAILED(-8),
        /** This process was forked off one that used the library. */
        FORKED(-9),
        /** The request was cancelled. */
        CANCELLED(-10),
        /** A bug of the library, caught; the pool stays usable. */
        PANIC(-99),
        /** A status that this binding does not know: {@link #statusValue()} has its number. */
        UNKNOWN(Integer.MIN_VALUE);

        private final int value;

        Status(int value) {
            this.value = value;
        }

        /** The number of the header. */
        public int value() {
            return value;
        }

        static Status of(int value) {
            for (Status status : values()) {
                if (status.value == value) {
                    return status;
                }
            }
            return UNKNOWN;
        }
    }

    private static final int BAD_TAG = 24488;

    private final int status;
    private final int oraCode;
    private final boolean isTransient;
    private final boolean isSessionDead;

    /** For the glue. */
    private OraPoolException(
            int status,
            int oraCode,
            byte[] message,
            boolean isTransient,
            boolean isSessionDead,
            OraPoolException cause) {
        super(Objects.requireNonNullElseGet(Text.of(message), () -> Status.of(status).name()));
        this.status = status;
        this.oraCode = oraCode;
        this.isTransient = isTransient;
        this.isSessionDead = isSessionDead;
        // Without a cause none is set: the exception of a callback may still become it.
        if (cause != null) {
            initCause(cause);
        }
    }

    /** For what the binding itself has to say. */
    OraPoolException(Status status, String message) {
        this(status.value, 0, Text.utf8(message), false, false, null);
    }

    /** The status of the call; of a cause, the one that fits it. */
    public Status status() {
        return Status.of(status);
    }

    /** The number of the status in the header. */
    public int statusValue() {
        return status;
    }

    /** The ORA number, 24496 for ORA-24496; 0 if there is none. */
    public int oraCode() {
        return oraCode;
    }

    /** Whether the same call may succeed when it is made again later, or on another session. */
    public boolean isTransient() {
        return isTransient;
    }

    /** Whether the session is lost. It is released as any other; the pool replaces it. */
    public boolean isSessionDead() {
        return isSessionDead;
    }

    /** Whether a release that failed so has left the session on loan. */
    boolean leavesOnLoan() {
        return status == Status.INVALID_ARGUMENT.value || oraCode == BAD_TAG;
    }

    /** Puts what a callback threw at the end of the causes. */
    void becauseOf(Throwable thrown) {
        Throwable last = this;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        last.initCause(thrown);
    }
}
