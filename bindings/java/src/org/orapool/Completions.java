package org.orapool;

import java.lang.ref.Reference;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests of a pool's handle: started here, found complete by a daemon thread that waits on the handle's completion
 * socket. The thread comes with the first request and ends when the handle is closed; it knows the handle alone, so that
 * a pool can be forgotten under it.
 */
final class Completions {
    /** Somebody who waits for a request. Called once, by whichever thread saw the completion; must not block. */
    interface Waiter {
        /** The request is complete, and this one's to finish or to cancel. */
        void completed(long request);
    }

    /** A request that was started. Its handle is 0 until the start has returned. */
    private static final class Started {
        final Waiter waiter;
        volatile long request;

        Started(Waiter waiter) {
            this.waiter = waiter;
        }
    }

    private final long pool;
    private final Map<Long, Started> started = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean isReading;
    private volatile boolean isOver;

    Completions(long pool) {
        this.pool = pool;
    }

    /** A request under way; what cancels it. */
    final class Request {
        private final long number;
        private final long handle;

        private Request(long number, long handle) {
            this.number = number;
            this.handle = handle;
        }

        /** Cancels it; a session that it had won goes back. Its waiter may be called all the same. */
        void cancel() {
            started.remove(number);
            Native.requestCancel(handle);
        }
    }

    /** Starts a request. The waiter may be called before this returns. */
    Request start(AcquireOptions options, Waiter waiter) {
        read();
        long number = lastNumber.incrementAndGet();
        Started entry = new Started(waiter);
        started.put(number, entry);
        try {
            long attributes = options.attributes == null ? 0 : options.attributes.handle();
            entry.request = Native.requestStart(pool, attributes, options.tag, options.mode, number);
        } catch (RuntimeException | Error refused) {
            started.remove(number);
            throw refused;
        } finally {
            Reference.reachabilityFence(options);
        }
        if (isOver) {
            endAll();
        }
        return new Request(number, entry.request);
    }

    /** Waits for a request, parked; its handle, complete. */
    long await(AcquireOptions options) {
        CompletableFuture<Long> complete = new CompletableFuture<>();
        start(options, complete::complete);
        // Most are complete already, and need not wait for the reader.
        drain();
        return complete.join();
    }

    /** Starts the reader if there is none. */
    private void read() {
        lock.lock();
        try {
            if (isReading) {
                return;
            }
            int fd = Native.completionFd(pool);
            if (fd < 0) {
                throw refused(fd);
            }
            Thread reader = new Thread(() -> readUntilClosed(fd), "orapool-completions");
            reader.setDaemon(true);
            reader.start();
            isReading = true;
        } finally {
            lock.unlock();
        }
    }

    private static OraPoolException refused(int value) {
        OraPoolException.Status status = OraPoolException.Status.of(value);
        String why = status == OraPoolException.Status.CLOSED || status == OraPoolException.Status.INVALID_HANDLE
                ? "the pool is closed"
                : "the pool has no completion socket (status " + value + ")";
        return new OraPoolException(status, why);
    }

    private void readUntilClosed(int fd) {
        try {
            while (Native.awaitCompletions(fd)) {
                drain();
            }
        } finally {
            isOver = true;
            Native.closeFd(fd);
            endAll();
        }
    }

    /** Tells the waiters of all requests that are complete. */
    private void drain() {
        long[] completion = new long[2];
        while (next(completion)) {
            Started entry = started.remove(completion[0]);
            if (entry == null) {
                Native.requestCancel(completion[1]);
            } else {
                entry.waiter.completed(completion[1]);
            }
        }
    }

    private boolean next(long[] completion) {
        try {
            return Native.nextCompletion(pool, completion);
        } catch (OraPoolException closed) {
            // The reader sees the end of the socket, and tells everybody.
            return false;
        }
    }

    /** The handle is closed: what is left ends with the pool's own error. */
    private void endAll() {
        started.forEach((number, entry) -> {
            if (entry.request != 0 && started.remove(number, entry)) {
                entry.waiter.completed(entry.request);
            }
        });
    }
}
