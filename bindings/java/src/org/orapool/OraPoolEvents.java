package org.orapool;

import java.util.List;

/**
 * Events of a pool.
 *
 * @param text JSON lines, one event each, such as {@code {"number":7,"time_ms":...,"kind":"connect_failed",...}}.
 * @param last what to give to {@link OraPool#events} next time.
 */
public record OraPoolEvents(String text, long last) {
    /** The events one by one, each a JSON object. */
    public List<String> lines() {
        return text.lines().filter(line -> !line.isBlank()).toList();
    }
}
