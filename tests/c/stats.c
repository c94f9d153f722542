/* Statistics and metrics, errors as objects, and the library as a whole. */

#include "harness.h"

/* Room for more than the library knows of. */
typedef struct {
    orapool_stats stats;
    uint64_t more[8];
} roomy;

static orapool_status stats_of_size(orapool *pool, roomy *room, uint64_t size, orapool_error **error) {
    memset(room, 0xa5, sizeof *room);
    room->stats.struct_size = size;
    return orapool_get_stats(pool, &room->stats, error);
}

static int is_untouched(const void *memory, size_t size) {
    const unsigned char *bytes = (const unsigned char *)memory;
    size_t at;
    for (at = 0; at < size; at++) {
        if (bytes[at] != 0xa5) {
            return 0;
        }
    }
    return 1;
}

static void too_small_a_struct(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    static const uint64_t sizes[] = {0, 1, 7, 8, 48, sizeof(orapool_stats) - 8, sizeof(orapool_stats) - 1};
    roomy room;
    size_t at;
    for (at = 0; at < sizeof sizes / sizeof sizes[0]; at++) {
        FAILS(stats_of_size(pool, &room, sizes[at], &err), ORAPOOL_UNSUPPORTED, 0, "struct_size");
        /* Nobody knows how much room there is. */
        CHECK(is_untouched((unsigned char *)&room + 8, sizeof room - 8));
        CHECK(room.stats.struct_size == sizes[at] || room.stats.struct_size == 0);
    }
    CLOSE(pool);
}

static void a_struct_of_the_right_size(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    roomy room;
    SUCCEEDS(stats_of_size(pool, &room, sizeof(orapool_stats), &err));
    EQUAL(room.stats.struct_size, sizeof(orapool_stats));
    EQUAL(room.stats.open, 1);
    EQUAL(room.stats.drcp_session_changes, 0);
    CHECK(is_untouched(room.more, sizeof room.more));
    CLOSE(pool);
}

/* A caller that was compiled with a later header: what the library does not know it leaves alone, and says so. */
static void a_struct_of_a_later_release(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    static const uint64_t sizes[] = {sizeof(orapool_stats) + 1, sizeof(orapool_stats) + 8, sizeof(roomy)};
    roomy room;
    size_t at;
    for (at = 0; at < sizeof sizes / sizeof sizes[0]; at++) {
        SUCCEEDS(stats_of_size(pool, &room, sizes[at], &err));
        EQUAL(room.stats.struct_size, sizeof(orapool_stats));
        EQUAL(room.stats.connects, 1);
        CHECK(is_untouched(room.more, sizeof room.more));
    }
    CLOSE(pool);
    FAILS(stats_of_size(pool, &room, sizeof room, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    EQUAL(room.stats.open, 0);
    EQUAL(room.stats.connects, 0);
    CHECK(is_untouched(room.more, sizeof room.more));
}

/* A little story, and what each counter says at its end. */
static void the_counters(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *first = GET(pool);
    orapool_session *second = GET(pool);
    orapool_stats stats;
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    RELEASE(second);
    second = GET(pool);
    DROP(second);
    FAILS(orapool_session_release(second, NULL, 0, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    stats = SETTLED(pool);
    EQUAL(stats.open, 1);
    EQUAL(stats.busy, 1);
    EQUAL(stats.idle, 0);
    EQUAL(stats.waiting, 0);
    EQUAL(stats.gets, 3);
    EQUAL(stats.gets_new, 2);
    EQUAL(stats.gets_untagged, 1);
    EQUAL(stats.gets_tag_exact + stats.gets_tag_superset + stats.gets_tag_partial, 0);
    EQUAL(stats.timeouts, 1);
    EQUAL(stats.rejected, 0);
    EQUAL(stats.releases, 2);
    EQUAL(stats.drops, 1);
    EQUAL(stats.connects, 2);
    EQUAL(stats.connect_failures, 0);
    EQUAL(stats.pings + stats.ping_failures, 0);
    EQUAL(stats.fixups + stats.fixup_failures + stats.callbacks + stats.callback_failures, 0);
    EQUAL(stats.closed_idle + stats.closed_lifetime + stats.closed_uses + stats.closed_dead, 0);
    EQUAL(stats.evictions, 0);
    EQUAL(stats.leaks, 0);
    EQUAL(stats.peak_busy, 2);
    EQUAL(stats.drcp_attaches + stats.drcp_session_changes, 0);
    RELEASE(first);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* Gets that fail for a wrong argument are no gets, no time-outs, and leave nothing behind. */
static void what_does_not_count(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *attrs = empty_bag();
    orapool_stats stats;
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "adams");
    GET_FAILS(pool, attrs, ORAPOOL_INVALID_ARGUMENT, 24419, NULL);
    get_fails_at(__FILE__, __LINE__, pool, NULL, 0x8000, ORAPOOL_INVALID_ARGUMENT, 24300, NULL, -1);
    stats = STATS(pool);
    EQUAL(stats.gets, 0);
    EQUAL(stats.timeouts, 0);
    EQUAL(stats.wait_ns_total, 0);
    orapool_attrs_free(attrs);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

enum { WORKERS = 4, ROUNDS = 3000 };

static void *get_and_release(void *argument) {
    int round;
    for (round = 0; round < ROUNDS; round++) {
        orapool_session *session = NULL;
        if (orapool_session_get((orapool *)argument, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL) != ORAPOOL_SUCCESS) {
            return argument;
        }
        orapool_session_release(session, NULL, 0, round % 500 == 499 ? ORAPOOL_SESSRLS_DROPSESS : 0, NULL);
    }
    return NULL;
}

/* At every moment the numbers go together. STATS looks at that. */
static void counters_under_load(void) {
    orapool *pool = POOL(1, 3, 1, ORAPOOL_GET_WAIT);
    pthread_t threads[WORKERS];
    uint64_t last = 0;
    orapool_stats stats;
    void *failed;
    int before = failures;
    int at;
    for (at = 0; at < WORKERS; at++) {
        CHECK(pthread_create(&threads[at], NULL, get_and_release, pool) == 0);
    }
    do {
        stats = STATS(pool);
        CHECK(stats.gets >= last);
        CHECK(stats.open + stats.connecting <= 3);
        last = stats.gets;
    } while (stats.gets < WORKERS * ROUNDS && failures == before);
    for (at = 0; at < WORKERS; at++) {
        pthread_join(threads[at], &failed);
        CHECK(failed == NULL);
    }
    stats = SETTLED(pool);
    EQUAL(stats.gets, WORKERS * ROUNDS);
    EQUAL(stats.drops, WORKERS * ROUNDS / 500);
    CLOSE(pool);
}

/* -- metrics ---------------------------------------------------------------------------------------------------- */

static char *metrics_at(int line, orapool *pool, uint32_t format) {
    char *text = POISON(char);
    size_t len = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_metrics(pool, format, &text, &len, &error);
    succeeded_at(__FILE__, line, "orapool_metrics", status, error);
    check_at(__FILE__, line, text != NULL && strlen(text) == len, "the length of the metrics is that of their text");
    return text;
}

#define METRICS(pool, format) metrics_at(__LINE__, pool, format)

/* Feeds a text to a program. Its exit code; 127 if there is no such program. */
static int feed(const char *command, const char *text) {
    FILE *pipe = popen(command, "w");
    int status;
    if (pipe == NULL) {
        return 127;
    }
    fputs(text, pipe);
    status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int has_python(void) {
    return feed("python3 -c 'pass' 2>/dev/null", "") == 0;
}

/* A name that both formats must escape. */
#define HOSTILE_NAME "quote\" back\\slash\nline\ttab \303\251"

static orapool *hostile_pool(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT);
    return CREATE_NAMED(HOSTILE_NAME, attrs);
}

static void json(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    char *text = METRICS(pool, ORAPOOL_METRICS_JSON);
    CONTAINS(text, "\"open\":1");
    CONTAINS(text, "\"busy\":0");
    CONTAINS(text, "\"pool\":null");
    orapool_text_free(text);
    orapool_text_free(NULL);
    CLOSE(pool);
}

static void json_is_one_object(void) {
    static const char check[] =
        "python3 -c 'import json, sys\n"
        "m = json.loads(sys.stdin.buffer.read().decode(\"utf-8\"))\n"
        "assert isinstance(m, dict)\n"
        "assert m[\"open\"] == 1 and m[\"busy\"] == 1 and m[\"gets\"] == 1, m\n"
        "assert m[\"pool\"] == \"quote\\\" back\\\\slash\\nline\\ttab \\u00e9\", m\n"
        "context = json.dumps(\"here: \\\"x\\\" \\\\ \\u0001\\n\")\n"
        "assert context in json.dumps(m), m\n"
        "'";
    orapool *pool = hostile_pool();
    orapool_attrs *attrs = empty_bag();
    orapool_session *session;
    char *text;
    SET_TEXT(attrs, ORAPOOL_ATTR_CONTEXT, "here: \"x\" \\ \001\n");
    session = GET_WITH(pool, attrs);
    text = METRICS(pool, ORAPOOL_METRICS_JSON);
    if (has_python()) {
        EQUAL(feed(check, text), 0);
    }
    orapool_text_free(text);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* The value of a sample, by everything in front of it; -1 if the page does not have it, or has it twice. */
static double sample_of(const char *page, const char *sample) {
    char line[300];
    const char *at;
    snprintf(line, sizeof line, "\n%s ", sample);
    at = page == NULL ? NULL : strstr(page, line);
    if (at == NULL || strstr(at + 1, line) != NULL) {
        return -1;
    }
    return strtod(at + strlen(line), NULL);
}

#define POOL_LABEL "db_client_connection_pool_name=\"prometheus\""
#define SAMPLE(page, name) ((int64_t)sample_of(page, name "{" POOL_LABEL "}"))
#define LABELLED(page, name, label) ((int64_t)sample_of(page, name "{" POOL_LABEL "," label "}"))

/* Each line of Prometheus' text format is a comment or `name{labels} number`. */
static void prometheus(void) {
    orapool *pool = CREATE_NAMED("prometheus", sized_bag(NULL, 2, 3, 1, ORAPOOL_GET_NOWAIT));
    orapool_session *session = GET(pool);
    char *text = METRICS(pool, ORAPOOL_METRICS_PROMETHEUS);
    char *line;
    CONTAINS(text, "# TYPE db_client_connection_count gauge\n");
    EQUAL(LABELLED(text, "db_client_connection_count", "db_client_connection_state=\"idle\""), 1);
    EQUAL(LABELLED(text, "db_client_connection_count", "db_client_connection_state=\"used\""), 1);
    EQUAL(SAMPLE(text, "db_client_connection_max"), 3);
    EQUAL(SAMPLE(text, "db_client_connection_idle_max"), 3);
    EQUAL(SAMPLE(text, "db_client_connection_idle_min"), 2);
    EQUAL(SAMPLE(text, "db_client_connection_pending_requests"), 0);
    EQUAL(SAMPLE(text, "db_client_connection_timeouts_total"), 0);
    CONTAINS(text, "# TYPE db_client_connection_create_time_seconds histogram\n");
    EQUAL(SAMPLE(text, "db_client_connection_create_time_seconds_count"), 2);
    EQUAL(LABELLED(text, "db_client_connection_create_time_seconds_bucket", "le=\"+Inf\""), 2);
    EQUAL(SAMPLE(text, "db_client_connection_wait_time_seconds_count"), 1);
    EQUAL(LABELLED(text, "db_client_connection_wait_time_seconds_bucket", "le=\"0.001\""), 1);
    CONTAINS(text, "# TYPE orapool_gets_total counter\n");
    EQUAL(LABELLED(text, "orapool_gets_total", "found=\"new\""), 1);
    EQUAL(LABELLED(text, "orapool_sessions_closed_total", "reason=\"dropped\""), 0);
    CHECK(text != NULL && text[strlen(text) - 1] == '\n');
    for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char name[100] = "";
        char labels[200] = "";
        char number[40] = "";
        int end = 0;
        int is_sample = sscanf(line, "%90[a-z_]{%190[^}]} %30[0-9.]%n", name, labels, number, &end) == 3 && line[end] == '\0';
        const char *named = is_sample ? name : line + strlen("# HELP ");
        check_at(__FILE__, __LINE__,
                 strncmp(named, "orapool_", 8) == 0 || strncmp(named, "db_client_connection_", 21) == 0, line);
        check_at(__FILE__, __LINE__,
                 is_sample ? strncmp(labels, POOL_LABEL, strlen(POOL_LABEL)) == 0
                           : strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0,
                 line);
    }
    orapool_text_free(text);
    RELEASE(session);
    CLOSE(pool);
}

/* In a label value a backslash stands before a backslash, a quote or an n, and before nothing else: Prometheus refuses
 * the whole page otherwise. */
static void prometheus_labels(void) {
    orapool *pool = hostile_pool();
    char *text = METRICS(pool, ORAPOOL_METRICS_PROMETHEUS);
    const char *at;
    CONTAINS(text, "pool_name=\"quote\\\" back\\\\slash\\nline");
    CONTAINS(text, "\303\251\"}");
    for (at = text == NULL ? NULL : strchr(text, '\\'); at != NULL; at = strchr(at + 2, '\\')) {
        if (at[1] != '\\' && at[1] != '"' && at[1] != 'n') {
            fail_at(__FILE__, __LINE__, "an escape that Prometheus does not know", "");
            break;
        }
    }
    orapool_text_free(text);
    CLOSE(pool);
}

/* What the page for Prometheus has beside orapool_stats' numbers in the JSON object. */
static void metrics_tell_all_counters(void) {
    static const char *const names[] = {"open", "busy", "idle", "connecting", "waiting", "gets", "gets_untagged", "gets_new",
                                        "timeouts", "rejected", "releases", "drops", "connects", "connect_failures", "pings",
                                        "ping_failures", "closed_idle", "closed_lifetime", "closed_uses", "closed_dead",
                                        "evictions", "leaks", "wait_ns_total", "wait_ns_max", "peak_busy", "gets_tag_exact",
                                        "gets_tag_superset", "gets_tag_partial", "fixups", "fixup_failures", "callbacks",
                                        "callback_failures", "drcp_attaches", "drcp_session_changes", "age_ms",
                                        "sessions_min", "sessions_max", "closed_surplus", "closed_unready", "waits", "events"};
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    char *json_text = METRICS(pool, ORAPOOL_METRICS_JSON);
    char *page = METRICS(pool, ORAPOOL_METRICS_PROMETHEUS);
    char part[60];
    size_t at;
    for (at = 0; at < sizeof names / sizeof names[0]; at++) {
        snprintf(part, sizeof part, ",\"%s\":", names[at]);
        CONTAINS(json_text, part);
    }
    CONTAINS(json_text, ",\"phase\":\"open\",\"create_time\":{\"count\":1,\"sum_ns\":");
    CONTAINS(json_text, ",\"wait_time\":{\"count\":0,\"sum_ns\":0,\"buckets\":[{\"le_ns\":1000000,\"count\":0},");
    /* A pool without a name is told apart by a number. */
    CONTAINS(page, "{db_client_connection_pool_name=\"unnamed-");
    orapool_text_free(json_text);
    orapool_text_free(page);
    CLOSE(pool);
}

/* -- errors ----------------------------------------------------------------------------------------------------- */

static void no_error(void) {
    size_t len = POISONED_NUMBER;
    EQUAL(orapool_error_status(NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_error_code(NULL), 0);
    CHECK(orapool_error_message(NULL, &len) == NULL);
    EQUAL(len, 0);
    CHECK(orapool_error_message(NULL, NULL) == NULL);
    EQUAL(orapool_error_is_transient(NULL), 0);
    EQUAL(orapool_error_is_session_dead(NULL), 0);
    CHECK(orapool_error_next(NULL) == NULL);
    orapool_error_free(NULL);
}

/* An error and its cause outlive everything that they came from. */
static void errors_outlive_their_pool(void) {
    orapool_attrs *attrs = sized_bag("connect_failures=1", 0, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool = CREATE(attrs);
    orapool_error *error = NULL;
    orapool_session *session = NULL;
    EQUAL(orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error), ORAPOOL_ERROR);
    CLOSE(pool);
    EQUAL(orapool_error_status(error), ORAPOOL_ERROR);
    EQUAL(orapool_error_code(error), 12541);
    CONTAINS(orapool_error_message(error, NULL), "ORA-12541");
    CHECK(orapool_error_next(error) == NULL);
    orapool_error_free(error);
}

static void *free_error(void *argument) {
    orapool_error_free((orapool_error *)argument);
    return NULL;
}

static void an_error_of_another_thread(void) {
    orapool_error *error = NULL;
    pthread_t thread;
    EQUAL(orapool_session_release(NULL, NULL, 0, 0, &error), ORAPOOL_INVALID_HANDLE);
    CHECK(pthread_create(&thread, NULL, free_error, error) == 0);
    pthread_join(thread, NULL);
}

/* -- the library ------------------------------------------------------------------------------------------------ */

static void version_and_instance(void) {
    uint32_t expected =
        (uint32_t)(ORAPOOL_VERSION_MAJOR << 16 | ORAPOOL_VERSION_MINOR << 8 | ORAPOOL_VERSION_PATCH);
    EQUAL(orapool_version(), expected);
    CHECK(orapool_instance_id() != 0);
    CHECK(orapool_instance_id() == orapool_instance_id());
}

static void names_of_statuses(void) {
    TEXT_EQUAL(orapool_status_name(ORAPOOL_SUCCESS), "ORAPOOL_SUCCESS");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_SUCCESS_WITH_INFO), "ORAPOOL_SUCCESS_WITH_INFO");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_PENDING), "ORAPOOL_PENDING");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_NO_DATA), "ORAPOOL_NO_DATA");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_ERROR), "ORAPOOL_ERROR");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_INVALID_HANDLE), "ORAPOOL_INVALID_HANDLE");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_INVALID_ARGUMENT), "ORAPOOL_INVALID_ARGUMENT");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_TIMEOUT), "ORAPOOL_TIMEOUT");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_CLOSED), "ORAPOOL_CLOSED");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_UNSUPPORTED), "ORAPOOL_UNSUPPORTED");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_CONFLICT), "ORAPOOL_CONFLICT");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_CALLBACK_FAILED), "ORAPOOL_CALLBACK_FAILED");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_FORKED), "ORAPOOL_FORKED");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_CANCELLED), "ORAPOOL_CANCELLED");
    TEXT_EQUAL(orapool_status_name(ORAPOOL_PANIC), "ORAPOOL_PANIC");
    TEXT_EQUAL(orapool_status_name(12345), "ORAPOOL_?");
    TEXT_EQUAL(orapool_status_name(INT32_MIN), "ORAPOOL_?");
}

static const test_case tests[] = {
    TEST(too_small_a_struct),
    TEST(a_struct_of_the_right_size),
    TEST(a_struct_of_a_later_release),
    TEST(the_counters),
    TEST(what_does_not_count),
    SLOW_TEST(counters_under_load),
    TEST(json),
    SLOW_TEST(json_is_one_object),
    TEST(prometheus),
    TEST(prometheus_labels),
    TEST(metrics_tell_all_counters),
    TEST(no_error),
    TEST(errors_outlive_their_pool),
    TEST(an_error_of_another_thread),
    TEST(version_and_instance),
    TEST(names_of_statuses),
};

MAIN(tests)
