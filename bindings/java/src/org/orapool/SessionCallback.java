package org.orapool;

/**
 * Puts a session's state right before a get returns it: {@link OraPoolAttributes#sessionCallback}. It is called for a
 * session that nobody has had, and for one whose tag is not what was asked for.
 *
 * <p>It runs on the thread of the get, inside the get, with nothing locked; from several threads at once if several
 * get. In a process with several languages that may be a thread of another one. Whatever it throws fails the get with
 * {@link OraPoolException.Status#CALLBACK_FAILED}, whose cause is what was thrown, and the session is dropped.
 */
@FunctionalInterface
public interface SessionCallback {
    /**
     * Sets the session's state, and says with {@link OraSession#setTag} or {@link OraSession#setProperties} what it is.
     *
     * @param session the session, to work with as after the get. It ends with the callback and can not be released;
     *     statements that were left open in it are closed.
     * @param wanted the tag that was asked for, or null. A tag that is no UTF-8 needs {@link #prepareBytes}.
     * @param actual the tag that the session has, or null.
     * @throws Exception if the session can not be used; {@link SessionRejectedException} to say so with a number.
     */
    void prepare(OraSession session, String wanted, String actual) throws Exception;

    /**
     * What the pool calls. Unless overridden it calls {@link #prepare} with the tags as texts.
     *
     * @param wanted the bytes of the tag that was asked for, or null.
     * @param actual the bytes of the tag that the session has, or null.
     * @throws Exception as for {@link #prepare}.
     */
    default void prepareBytes(OraSession session, byte[] wanted, byte[] actual) throws Exception {
        prepare(session, Text.of(wanted), Text.of(actual));
    }

    /**
     * Called once when no pool and no attributes have the callback any more, on whichever thread gave up the last;
     * again if it is set anew after that. What it throws goes to the thread's uncaught exception handler.
     */
    default void released() {}
}
