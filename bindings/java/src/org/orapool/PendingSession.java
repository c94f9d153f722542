package org.orapool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/** A session that was asked for without waiting. */
final class PendingSession extends CompletableFuture<OraSession> implements Completions.Waiter {
    private enum Stage {
        WAITING,
        FINISHING,
        DROPPED
    }

    /** Keeps the pool from being collected under its requests. */
    private final OraPool pool;
    private final Executor executor;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);

    PendingSession(OraPool pool, Executor executor) {
        this.pool = pool;
        this.executor = executor == null ? defaultExecutor() : executor;
    }

    /** Whoever completes this before the request does wants no session: so does a cancel, and so does orTimeout. */
    CompletableFuture<OraSession> cancelling(Completions.Request request) {
        whenComplete((session, failure) -> {
            if (stage.compareAndSet(Stage.WAITING, Stage.DROPPED)) {
                request.cancel();
            }
        });
        return this;
    }

    @Override
    public void completed(long request) {
        if (!stage.compareAndSet(Stage.WAITING, Stage.FINISHING)) {
            Native.requestCancel(request);
            return;
        }
        try {
            executor.execute(() -> finish(request));
        } catch (RuntimeException | Error refused) {
            Native.requestCancel(request);
            completeExceptionally(refused);
        }
    }

    private void finish(long request) {
        if (isDone()) {
            Native.requestCancel(request);
            return;
        }
        OraSession session;
        try {
            Outcome outcome = new Outcome();
            session = new OraSession(pool, Native.requestFinish(request, outcome), outcome);
        } catch (OraPoolException failure) {
            completeExceptionally(Callbacks.explain(failure));
            return;
        } catch (RuntimeException | Error failure) {
            completeExceptionally(failure);
            return;
        }
        if (!complete(session)) {
            giveBack(session);
        }
    }

    private static void giveBack(OraSession session) {
        try {
            session.close();
        } catch (OraPoolException gone) {
            // Nobody has seen it: there is no work that could be lost, and nobody to be told.
        }
    }
}
