package org.orapool;

/**
 * A session of the database, as V$SESSION shows it.
 *
 * @param sid its SID.
 * @param serial its serial number.
 */
public record SessionIdentity(long sid, long serial) {}
