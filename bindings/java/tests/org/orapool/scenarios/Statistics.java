package org.orapool.scenarios;

import java.util.List;
import java.util.Map;

/** The statistics of a pool, by name. */
final class Statistics {
    static final List<String> NAMES = List.of(
            "open", "busy", "idle", "connecting", "waiting", "gets", "gets_tag_exact", "gets_tag_superset",
            "gets_tag_partial", "gets_untagged", "gets_new", "timeouts", "rejected", "releases", "drops", "connects",
            "connect_failures", "pings", "ping_failures", "fixups", "fixup_failures", "callbacks", "callback_failures",
            "closed_idle", "closed_lifetime", "closed_uses", "closed_dead", "evictions", "leaks", "wait_ns_total",
            "wait_ns_max", "peak_busy", "drcp_attaches", "drcp_session_changes");
    private static final List<String> KINDS =
            List.of("gets_tag_exact", "gets_tag_superset", "gets_tag_partial", "gets_untagged", "gets_new");

    private final Map<String, Long> numbers;

    Statistics(Map<String, Long> numbers) {
        this.numbers = numbers;
    }

    /** Compares what is named. */
    void check(Map<String, Format.Bound> expected) throws Failure {
        Findings findings = new Findings();
        expected.forEach((name, bound) -> {
            long actual = numbers.get(name);
            if (!bound.isAtLeast()) {
                findings.equal(name, actual, bound.number());
            } else if (actual < bound.number()) {
                findings.note(name + ": expected at least " + bound.number() + ", came " + actual);
            }
        });
        findings.fail("\nof: " + numbers);
    }

    /** What holds in every reading in which no get or release is under way. */
    void checkSums() throws Failure {
        Findings findings = new Findings();
        findings.equal("busy + idle = open", numbers.get("busy") + numbers.get("idle"), numbers.get("open"));
        findings.equal("releases + busy = gets", numbers.get("releases") + numbers.get("busy"), numbers.get("gets"));
        long kinds = KINDS.stream().mapToLong(numbers::get).sum();
        findings.equal(String.join(" + ", KINDS) + " = gets", kinds, numbers.get("gets"));
        findings.fail("\nof: " + numbers);
    }
}
