package org.orapool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a pool looks like and what has happened in it, at the time of {@link OraPool#stats()}. The sessions are counted
 * at one moment; the counters of events are each exact.
 */
public final class OraPoolStats {
    private static final String[] NAMES = {
        "open",
        "busy",
        "idle",
        "connecting",
        "waiting",
        "gets",
        "gets_tag_exact",
        "gets_tag_superset",
        "gets_tag_partial",
        "gets_untagged",
        "gets_new",
        "timeouts",
        "rejected",
        "releases",
        "drops",
        "connects",
        "connect_failures",
        "pings",
        "ping_failures",
        "fixups",
        "fixup_failures",
        "callbacks",
        "callback_failures",
        "closed_idle",
        "closed_lifetime",
        "closed_uses",
        "closed_dead",
        "evictions",
        "leaks",
        "wait_ns_total",
        "wait_ns_max",
        "peak_busy",
        "drcp_attaches",
        "drcp_session_changes"
    };

    private final long[] numbers;

    OraPoolStats(long[] numbers) {
        this.numbers = numbers;
    }

    /** Sessions that are open: busy and idle together. */
    public long open() {
        return numbers[0];
    }

    /** Sessions on loan. */
    public long busy() {
        return numbers[1];
    }

    /** Sessions open and not on loan. */
    public long idle() {
        return numbers[2];
    }

    /** Sessions that are being made, or are about to be. */
    public long connecting() {
        return numbers[3];
    }

    /** Gets that wait for a session. */
    public long waiting() {
        return numbers[4];
    }

    /** Gets that succeeded: always releases + busy. */
    public long gets() {
        return numbers[5];
    }

    /** Of these, gets that found the very tag, its properties in whichever order. */
    public long getsTagExact() {
        return numbers[6];
    }

    /** Of these, gets that found the tag with more properties. */
    public long getsTagSuperset() {
        return numbers[7];
    }

    /** Of these, gets that took a session with another tag. */
    public long getsTagPartial() {
        return numbers[8];
    }

    /** Of these, gets that found a session without a tag which had been on loan before. */
    public long getsUntagged() {
        return numbers[9];
    }

    /** Of these, gets that found a session nobody had had. */
    public long getsNew() {
        return numbers[10];
    }

    /** Gets that failed with {@link OraPoolException.Status#TIMEOUT}, but for those in {@link #rejected()}. */
    public long timeouts() {
        return numbers[11];
    }

    /** Gets that were turned away because as many were waiting as {@link OraPoolAttributes#waitersMax} allows. */
    public long rejected() {
        return numbers[12];
    }

    /** Loans that ended, drops among them. */
    public long releases() {
        return numbers[13];
    }

    /** Releases that asked for the session to be closed. */
    public long drops() {
        return numbers[14];
    }

    /** Sessions that were made. */
    public long connects() {
        return numbers[15];
    }

    /** Sessions that could not be made. */
    public long connectFailures() {
        return numbers[16];
    }

    /** Pings of idle sessions before they were handed out. */
    public long pings() {
        return numbers[17];
    }

    /** Pings that were not answered in time. */
    public long pingFailures() {
        return numbers[18];
    }

    /** PL/SQL fix-ups that ran. */
    public long fixups() {
        return numbers[19];
    }

    /** PL/SQL fix-ups that failed; no gets. */
    public long fixupFailures() {
        return numbers[20];
    }

    /** Session callbacks that ran. */
    public long callbacks() {
        return numbers[21];
    }

    /** Session callbacks that failed; no gets. */
    public long callbackFailures() {
        return numbers[22];
    }

    /** Sessions closed because they were idle for too long. */
    public long closedIdle() {
        return numbers[23];
    }

    /** Sessions closed because of their age. */
    public long closedLifetime() {
        return numbers[24];
    }

    /** Sessions closed because they had been lent often enough. */
    public long closedUses() {
        return numbers[25];
    }

    /** Sessions closed because they were found dead. */
    public long closedDead() {
        return numbers[26];
    }

    /** Idle sessions that were replaced because a get needed another kind. */
    public long evictions() {
        return numbers[27];
    }

    /** Loans that lasted longer than {@link OraPoolAttributes#leakAfter}. */
    public long leaks() {
        return numbers[28];
    }

    /** Nanoseconds that gets have waited, all together. */
    public long waitNsTotal() {
        return numbers[29];
    }

    /** Nanoseconds of the longest wait. */
    public long waitNsMax() {
        return numbers[30];
    }

    /**
     * The most sessions that were seen on loan at once. Looked at when statistics are read and by each get that does
     * not find the session that its thread released last; a peak made of such short gets alone can go unseen.
     */
    public long peakBusy() {
        return numbers[31];
    }

    /** Pooled servers that were attached. */
    public long drcpAttaches() {
        return numbers[32];
    }

    /** Attaches that came upon another session than before. */
    public long drcpSessionChanges() {
        return numbers[33];
    }

    /** All numbers by their names in {@code orapool_stats}, in its order. */
    public Map<String, Long> asMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (int at = 0; at < NAMES.length; at++) {
            map.put(NAMES[at], numbers[at]);
        }
        return Collections.unmodifiableMap(map);
    }

    /** All numbers by their names. */
    @Override
    public String toString() {
        return asMap().toString();
    }
}
