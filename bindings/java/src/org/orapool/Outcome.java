package org.orapool;

/** What a create, a get or a finished request gives besides its handle. Written by the glue. */
final class Outcome {
    /** The session has the state that was asked for. */
    boolean found;
    /** The warning of {@link OraPoolException.Status#SUCCESS_WITH_INFO}, or null. */
    OraPoolException warning;
}
