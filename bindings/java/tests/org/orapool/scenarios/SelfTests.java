package org.orapool.scenarios;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.orapool.tests.Harness;

/** Tests of the runner itself: what it must refuse, and what it must notice. */
public final class SelfTests {
    /** A scenario that is right; each test below breaks it in one place. */
    private static final String RIGHT =
            """
            {
                "format": 1, "title": "t",
                "scenarios": [{
                    "id": "self-ID", "title": "t", "source": {"kind": "decision", "where": "w"},
                    "needs": ["callback", "threads"],
                    "setup": [{"sql": "create table t (n number)"}],
                    "pool": {"min": 1, "max": 2, "callback": {"runs": [{"steps": [
                        {"check_tag": {"session": "callback", "tag": null}}]}]}},
                    "steps": [
                        {"get": {"as": "a", "expect": {"is_new": true, "tag": null, "found": false}}},
                        {"execute": {"session": "a", "sql": "insert into t values (1)", "expect": {"rows": 1}}},
                        {"query": {"session": "a", "sql": "select n from t", "rows": [["1"]]}},
                        {"start": {"thread": "t1", "steps": [{"get": {"as": "b", "expect": {"not_same_as": ["a"]}}}]}},
                        {"await": {"thread": "t1"}},
                        {"release": {"session": "a"}},
                        {"get": {"as": "c", "expect": {"same_as": "a"}}},
                        {"release": {"session": "a", "expect": {"status": "ORAPOOL_INVALID_HANDLE", "code": 0}}},
                        {"calls": {"native": [[null, null], [null, null]]}},
                        {"get": {"as": "d", "attrs": {"get_mode": "NOWAIT"},
                            "expect": {"status": "ORAPOOL_TIMEOUT", "code": 24496, "transient": true}}},
                        {"stats": {"expect": {"open": 2, "gets": {"at_least": 3}}}}
                    ]
                }]
            }""";

    /** Typos and the like: name of the test, what is replaced, by what, and what the refusal must speak of. */
    private static final String[][] REFUSED = {
        {"a_step_with_a_typo", "{\"release\"", "{\"relaese\"", "relaese"},
        {"a_step_with_two_names", "{\"await\": {\"thread\": \"t1\"}}", "{\"await\": {\"thread\": \"t1\"}, \"x\": 1}", ""},
        {"a_field_with_a_typo", "\"expect\": {\"rows\": 1}", "\"expct\": {\"rows\": 1}", "expct"},
        {"an_expectation_with_a_typo", "\"is_new\": true", "\"is_knew\": true", "is_knew"},
        {"an_expectation_twice", "\"is_new\": true", "\"is_new\": true, \"is_new\": false", "duplicate"},
        {"an_expectation_in_a_thread", "\"not_same_as\"", "\"not_sama_as\"", "not_sama_as"},
        {"an_expectation_in_a_callback", "\"callback\", \"tag\"", "\"callback\", \"tga\"", "tga"},
        {"a_setting_with_a_typo", "\"max\": 2", "\"maxx\": 2", "maxx"},
        {"a_pool_without_sizes", "\"max\": 2", "\"increment\": 2", "min and max"},
        {"a_statistic_with_a_typo", "\"open\": 2", "\"opne\": 2", "opne"},
        {"a_bound_with_a_typo", "at_least", "at_lest", "at_lest"},
        {"no_statistic", "\"open\": 2, \"gets\": {\"at_least\": 3}", "", "names no number"},
        {"a_status_with_a_typo", "ORAPOOL_INVALID_HANDLE", "ORAPOOL_INVALID_HANDEL", "HANDEL"},
        {"a_mode_with_a_typo", "NOWAIT", "NOWIAT", "NOWIAT"},
        {"a_failure_without_a_code", ", \"code\": 0", "", "names its code"},
        {"found_of_a_release", "\"code\": 0", "\"code\": 0, \"found\": true", "only a get"},
        {"rows_of_a_get", "\"is_new\": true", "\"rows\": 1", "only an execute"},
        {"a_session_from_nowhere", "\"same_as\": \"a\"", "\"same_as\": \"z\"", "`z`"},
        {"a_need_too_many", "\"threads\"]", "\"threads\", \"kill\"]", "needs"},
        {"a_need_too_few", ", \"threads\"]", "]", "needs"},
        {"an_unknown_need", "\"threads\"]", "\"thread\"]", "thread"},
        {"a_setup_from_nowhere", "{\"sql\": \"create table t (n number)\"}", "{\"include\": \"x\"}", "`x`"},
        {"no_source", "\"where\": \"w\"", "\"where\": \"\"", "source"},
        {"an_unknown_kind_of_source", "\"decision\"", "\"guess\"", "guess"},
        {"another_format", "\"format\": 1", "\"format\": 2", "format"},
        {"an_id_of_strange_letters", "self-ID", "self ID", "an id"},
        {"a_file_that_goes_on", "{\n    \"format\"", "{} {\n    \"format\"", "behind"},
    };

    /** Wrong expectations, which must fail when they are run. */
    private static final String[][] NOTICED = {
        {"is-new", "\"is_new\": true", "\"is_new\": false", "is_new"},
        {"tag", "\"tag\": null, \"found\"", "\"tag\": \"A=1\", \"found\"", "tag"},
        {"tag-in-a-callback", "\"callback\", \"tag\": null", "\"callback\", \"tag\": \"A=1\"", "callback of p, run 1"},
        {"calls", "[[null, null], [null, null]]", "[[null, null]]", "native callback"},
        {"arguments", "[null, null]]", "[\"A=1\", null]]", "native callback"},
        {"found", "\"found\": false", "\"found\": true", "found"},
        {"status", "\"is_new\": true, \"tag\": null, \"found\": false",
            "\"status\": \"ORAPOOL_TIMEOUT\", \"code\": 24496", "status"},
        {"code", "\"code\": 0", "\"code\": 24461", "code"},
        {"cause-code", "\"code\": 0", "\"code\": 0, \"cause_code\": 1", "cause_code"},
        {"transient", "\"transient\": true", "\"transient\": false", "transient"},
        {"session-dead", "\"transient\": true", "\"session_dead\": true", "session_dead"},
        {"message", "\"code\": 0", "\"code\": 0, \"message_contains\": [\"no such words\"]", "no such words"},
        {"rows-of-execute", "{\"rows\": 1}", "{\"rows\": 2}", "rows"},
        {"rows-of-query", "[[\"1\"]]", "[[\"2\"]]", "rows"},
        {"not-same-as", "{\"same_as\": \"a\"}", "{\"not_same_as\": [\"a\"]}", "not_same_as"},
        {"same-as", "{\"same_as\": \"a\"}", "{\"same_as\": \"b\"}", "same_as"},
        {"in-a-thread", "{\"not_same_as\": [\"a\"]}", "{\"is_new\": false}", "is_new"},
        {"statistics", "\"open\": 2", "\"open\": 3", "open"},
        {"bound", "\"at_least\": 3", "\"at_least\": 4", "at least"},
        {"a-thread-not-awaited", "{\"await\": {\"thread\": \"t1\"}},", "", "await"},
        {"setup", "create table t (n number)", "create table", "setup"},
        {"a-loan-renamed", "\"as\": \"c\"", "\"as\": \"b\"", "still on loan"},
    };

    private SelfTests() {}

    /** Runs those whose name begins with one of the arguments. */
    public static void main(String[] filters) {
        Harness harness = new Harness();
        harness.add("runner::accepts_what_is_right", () -> parse(RIGHT));
        harness.add("runner::passes_what_is_right", () -> run(RIGHT.replace("self-ID", "self-right")));
        harness.add("runner::a_hang_names_its_step", SelfTests::aHangNamesItsStep);
        for (String[] broken : REFUSED) {
            harness.add("runner::refuses::" + broken[0], () -> expectRefusal(breakIn(broken), broken[3]));
        }
        for (String[] wrong : NOTICED) {
            String text = breakIn(wrong).replace("self-ID", "self-" + wrong[0]);
            harness.add("runner::notices::" + wrong[0], () -> expectFailure(() -> run(text), wrong[3]));
        }
        System.exit(harness.run(filters) ? 0 : 1);
    }

    private static String breakIn(String[] place) {
        int at = RIGHT.indexOf(place[1]);
        if (at < 0) {
            throw new AssertionError("`" + place[1] + "` is not in the scenario");
        }
        return RIGHT.substring(0, at) + place[2] + RIGHT.substring(at + place[1].length());
    }

    private static Format.Scenario parse(String text) throws Refusal {
        return Files.readFile(text, Map.of()).scenarios().get(0);
    }

    private static void run(String text) throws Failure {
        Format.Scenario scenario;
        try {
            scenario = parse(text);
        } catch (Refusal why) {
            throw new AssertionError(why);
        }
        Runner.runScenario(Target.embedded(), Map.of(), scenario.id(), scenario);
    }

    private static void expectRefusal(String text, String part) {
        try {
            parse(text);
        } catch (Refusal why) {
            expectPart(why.getMessage(), part);
            return;
        }
        throw new AssertionError("it was accepted");
    }

    private static void expectFailure(World.Work work, String part) {
        try {
            work.run();
        } catch (Failure why) {
            expectPart(why.getMessage(), part);
            return;
        }
        throw new AssertionError("it was accepted");
    }

    private static void expectPart(String message, String part) {
        if (!message.contains(part)) {
            throw new AssertionError("`" + part + "` is not in: " + message);
        }
    }

    /** The work ends with the test. */
    private static void aHangNamesItsStep() {
        CountDownLatch held = new CountDownLatch(1);
        World.Work hang = () -> {
            try {
                held.await();
            } catch (InterruptedException stopped) {
                throw new Failure("stopped", stopped);
            }
        };
        expectFailure(
                () -> Runner.runWithin(Duration.ofMillis(1), () -> "step 7: {\"await\"}", hang), "step 7");
        held.countDown();
    }
}
