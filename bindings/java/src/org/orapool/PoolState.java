package org.orapool;

/** A handle of a pool, and what is left of it when it is forgotten. */
final class PoolState implements Runnable {
    private static final int DEFAULT = 0;
    private static final long DRAIN_FOR_EVER = -1;

    final long handle;
    final Completions completions;
    private Callbacks.Keeper callback;
    private volatile boolean isClosed;

    PoolState(long handle, Callbacks.Keeper callback) {
        this.handle = handle;
        this.callback = callback;
        this.completions = new Completions(handle);
    }

    boolean isClosed() {
        return isClosed;
    }

    void close(int mode, long drainMs) {
        try {
            Native.poolClose(handle, mode, drainMs);
            ended();
        } catch (OraPoolException failure) {
            if (failure.status() == OraPoolException.Status.INVALID_HANDLE) {
                ended();
            }
            throw failure;
        }
    }

    private void ended() {
        isClosed = true;
        Callbacks.Keeper kept;
        synchronized (this) {
            kept = callback;
            callback = null;
        }
        if (kept != null) {
            kept.free();
        }
    }

    /** The pool was forgotten. */
    @Override
    public void run() {
        if (isClosed) {
            return;
        }
        try {
            close(DEFAULT, 0);
        } catch (OraPoolException busy) {
            if (busy.status() == OraPoolException.Status.ERROR) {
                closeWhenIdle();
            } else {
                // It was closed through another handle.
                ended();
            }
        }
    }

    /**
     * Loans are out, of sessions that were forgotten as well and come next, or of other runtimes. It is the last handle:
     * the pool ends when they have come back.
     */
    private void closeWhenIdle() {
        Thread closer = new Thread(
                () -> {
                    try {
                        close(DEFAULT, DRAIN_FOR_EVER);
                    } catch (OraPoolException gone) {
                        // Somebody else closed it meanwhile.
                        ended();
                    }
                },
                "orapool-closer");
        closer.setDaemon(true);
        closer.start();
    }
}
