package org.orapool;

/** The native methods: each is one function of {@code orapool.h}. Handles are tokens; a bad one is an error. */
final class Native {
    private Native() {}

    static native byte[] load(byte[] path, boolean onlyIfLoaded);

    static native byte[] libraryPath();

    static native int version();

    static native long instanceId();

    static native byte[] statusName(int status);

    static native boolean hasRequests();

    static native boolean hasEvents();

    static native long attrsNew();

    static native void attrsSetText(long attrs, int attr, byte[] text);

    static native void attrsSetInt(long attrs, int attr, long value);

    static native void attrsSetCallback(long attrs, long ctx);

    static native void attrsFree(long attrs);

    static native long poolCreate(byte[] name, long attrs, int mode, Outcome outcome);

    static native long poolOpen(byte[] name);

    static native void poolReconfigure(long pool, long changes);

    static native void poolClose(long pool, int mode, long drainMs);

    static native long[] poolStats(long pool);

    static native byte[] poolMetrics(long pool, int format);

    static native byte[] poolEvents(long pool, long after, long[] last);

    static native long requestStart(long pool, long attrs, byte[] tag, int mode, long userData);

    static native int completionFd(long pool);

    static native boolean awaitCompletions(int fd);

    static native void closeFd(int fd);

    static native boolean nextCompletion(long pool, long[] completion);

    static native long requestFinish(long request, Outcome outcome);

    static native void requestCancel(long request);

    static native long sessionGet(long pool, long attrs, byte[] tag, int mode, Outcome outcome);

    static native void sessionRelease(long session, byte[] tag, int mode);

    static native boolean sessionIsNew(long session);

    static native long sessionIdentity(long session);

    static native long sessionExecute(long session, byte[] sql);

    static native void sessionCommit(long session);

    static native void sessionRollback(long session);

    static native void sessionPing(long session);

    static native void sessionBreak(long session);

    static native void sessionSetCallTimeout(long session, long timeoutMs);

    static native byte[] sessionTag(long session);

    static native void sessionSetTag(long session, byte[] tag, int mode);

    static native int sessionDrcpState(long session);

    static native boolean sessionDrcpEnabled(long session);

    static native boolean sessionDrcpMultitagEnabled(long session);

    static native byte[] sessionDrcpReturnTag(long session);

    static native boolean sessionNeedToPurge(long session);

    static native boolean sessionAttach(long session, byte[] tag);

    static native void sessionDetach(long session, byte[] tag);

    static native long stmtPrepare(long session, byte[] sql);

    static native void stmtBindNull(long stmt, int position);

    static native void stmtBindInt(long stmt, int position, long value);

    static native void stmtBindDouble(long stmt, int position, double value);

    static native void stmtBindText(long stmt, int position, byte[] text);

    static native void stmtBindBytes(long stmt, int position, byte[] bytes);

    static native long stmtExecute(long stmt);

    static native boolean stmtFetch(long stmt);

    static native int stmtColumnCount(long stmt);

    static native byte[] stmtColumnName(long stmt, int column);

    static native boolean stmtColumnIsNull(long stmt, int column);

    static native long stmtColumnInt(long stmt, int column);

    static native double stmtColumnDouble(long stmt, int column);

    static native byte[] stmtColumnText(long stmt, int column);

    static native byte[] stmtColumnBytes(long stmt, int column);

    static native void stmtFree(long stmt);
}
