/* Events: what a pool tells of its life to those who ask. */

#include "calls.h"

/* All events of the pool behind `after`, the caller's to free, and in *last the newest's number. */
static char *events_at(int line, orapool *pool, uint64_t after, uint64_t *last) {
    char *text = POISON(char);
    size_t len = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_events(pool, after, &text, &len, last, &error);
    succeeded_at(__FILE__, line, "orapool_events", status, error);
    check_at(__FILE__, line, text != NULL && strlen(text) == len, "the length of the events is that of their text");
    check_at(__FILE__, line, text == NULL || strstr(text, WORD_OF_PASSWORDS) == NULL, "no password in the events");
    return text;
}

/* The first event of that kind whose line has `part`, in a buffer that the next call overwrites; NULL if there is none. */
static const char *find_event_at(int line, orapool *pool, const char *kind, const char *part) {
    static char found[3000];
    char wanted[60];
    uint64_t last = POISONED_NUMBER;
    char *text = events_at(line, pool, 0, &last);
    char *at;
    int is_there = 0;
    snprintf(wanted, sizeof wanted, "\"kind\":\"%s\"", kind);
    for (at = strtok(text, "\n"); at != NULL && !is_there; at = strtok(NULL, "\n")) {
        is_there = strstr(at, wanted) != NULL && strstr(at, part) != NULL;
        if (is_there) {
            snprintf(found, sizeof found, "%s", at);
        }
    }
    orapool_text_free(text);
    return is_there ? found : NULL;
}

static void has_event_at(int line, orapool *pool, const char *kind, const char *part) {
    uint64_t last = 0;
    if (find_event_at(line, pool, kind, part) == NULL) {
        char *text = events_at(line, pool, 0, &last);
        fail_at(__FILE__, line, kind, part);
        printf("%s", text);
        orapool_text_free(text);
    }
}

#define EVENTS(pool, after, last) events_at(__LINE__, pool, after, last)
#define FIND_EVENT(pool, kind, part) find_event_at(__LINE__, pool, kind, part)
#define HAS_EVENT(pool, kind, part) has_event_at(__LINE__, pool, kind, part)

static uint64_t last_of(orapool *pool) {
    uint64_t last = POISONED_NUMBER;
    orapool_text_free(EVENTS(pool, 0, &last));
    return last;
}

static int count_lines(const char *text) {
    int lines = 0;
    for (; text != NULL && *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

/* Each line is numbered, one higher than the line before. The number of the last; 0 for no lines. */
static uint64_t check_numbers_at(int line, const char *text, uint64_t after) {
    uint64_t number = after;
    while (text != NULL && *text != '\0') {
        uint64_t told = 0;
        number++;
        check_at(__FILE__, line, sscanf(text, "{\"number\":%" SCNu64 ",", &told) == 1 && told == number, text);
        text = strchr(text, '\n');
        text = text == NULL ? NULL : text + 1;
    }
    return number;
}

#define CHECK_NUMBERS(text, after) check_numbers_at(__LINE__, text, after)

/* -- reading ---------------------------------------------------------------------------------------------------- */

static void a_life(void) {
    orapool *pool = CREATE_NAMED("a life", sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_NOWAIT));
    orapool *other = NULL;
    orapool_session *first;
    uint64_t last = POISONED_NUMBER;
    uint64_t before;
    char *text = EVENTS(pool, 0, &last);
    SUCCEEDS(orapool_open("a life", ORAPOOL_NTS, &other, &err));
    EQUAL(CHECK_NUMBERS(text, 0), last);
    EQUAL(count_lines(text), 2);
    CONTAINS(text, "\"kind\":\"pool_created\",\"level\":\"info\",\"sessions_min\":1,\"sessions_max\":2}\n");
    CONTAINS(text, "\"kind\":\"connect\",\"level\":\"info\",\"session\":0,\"purpose\":\"minimum\",\"took_ms\":");
    orapool_text_free(text);
    before = last;
    text = EVENTS(pool, before, &last);
    TEXT_EQUAL(text, "");
    EQUAL(last, before);
    orapool_text_free(text);
    /* Gets and releases that nothing happens in are no events. */
    RELEASE(GET(pool));
    first = GET(pool);
    EQUAL(last_of(pool), before);
    DROP(first);
    text = EVENTS(other, before, &last);
    CONTAINS(text, "\"kind\":\"session_closed\",\"level\":\"info\",\"session\":0,\"reason\":\"dropped\",\"loans\":2}\n");
    CHECK(CHECK_NUMBERS(text, before) == last);
    orapool_text_free(text);
    FORCE_CLOSE(pool);
    HAS_EVENT(other, "pool_closed", "\"mode\":\"force\",\"busy\":0}");
    FAILS(orapool_close(other, 0, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
}

static void null_and_garbage(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    char *text = POISON(char);
    size_t len = POISONED_NUMBER;
    uint64_t last = POISONED_NUMBER;
    FAILS(orapool_events(pool, 0, NULL, &len, &last, &err), ORAPOOL_INVALID_ARGUMENT, 0, "text must not be NULL");
    EQUAL(len, 0);
    EQUAL(last, 0);
    EQUAL(orapool_events(pool, 0, &text, NULL, NULL, NULL), ORAPOOL_SUCCESS);
    CHECK(text != NULL && strlen(text) > 0);
    orapool_text_free(text);
    text = POISON(char), len = last = POISONED_NUMBER;
    FAILS(orapool_events(pool, 1000, &text, &len, &last, &err), ORAPOOL_INVALID_ARGUMENT, 0, "has the number 2");
    CHECK(text == NULL && len == 0 && last == 0);
    EQUAL(orapool_events(pool, UINT64_MAX, &text, NULL, NULL, NULL), ORAPOOL_INVALID_ARGUMENT);
    text = POISON(char), len = last = POISONED_NUMBER;
    FAILS(orapool_events(NULL, 0, &text, &len, &last, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CHECK(text == NULL && len == 0 && last == 0);
    FAILS(orapool_events(POISON(orapool), 0, &text, &len, &last, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CLOSE(pool);
    text = POISON(char), len = last = POISONED_NUMBER;
    FAILS(orapool_events(pool, 0, &text, &len, &last, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CHECK(text == NULL && len == 0 && last == 0);
}

/* A ring of 1024: what was overwritten before it was read is counted. */
static void what_was_lost(void) {
    enum { GETS = 1100 };
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = GET(pool);
    orapool_session *none = NULL;
    uint64_t last = 0;
    char *text;
    char *second;
    int at;
    for (at = 0; at < GETS; at++) {
        EQUAL(orapool_session_get(pool, &none, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL), ORAPOOL_TIMEOUT);
    }
    text = EVENTS(pool, 1, &last);
    EQUAL(last, 2 + GETS);
    EQUAL(count_lines(text), 1025);
    CHECK(text != NULL && strncmp(text, "{\"kind\":\"lost\",\"count\":77}\n", 27) == 0);
    second = text == NULL ? NULL : strchr(text, '\n');
    CHECK(second != NULL && CHECK_NUMBERS(second + 1, 78) == last);
    orapool_text_free(text);
    text = EVENTS(pool, last - 1, &last);
    EQUAL(count_lines(text), 1);
    orapool_text_free(text);
    RELEASE(session);
    CLOSE(pool);
}

typedef struct {
    orapool *pool;
    uint64_t read;
    uint64_t last;
} reader;

static int is_over;

static void *read_on(void *argument) {
    reader *self = (reader *)argument;
    int is_last_round = 0;
    while (!is_last_round) {
        uint64_t last = 0;
        char *text;
        is_last_round = __atomic_load_n(&is_over, __ATOMIC_SEQ_CST);
        text = EVENTS(self->pool, self->last, &last);
        EQUAL(CHECK_NUMBERS(text, self->last), last);
        self->read += (uint64_t)count_lines(text);
        self->last = last;
        orapool_text_free(text);
    }
    return NULL;
}

static void *drop_sessions(void *argument) {
    int at;
    for (at = 0; at < 100; at++) {
        DROP(GET((orapool *)argument));
    }
    return NULL;
}

/* Readers that keep up miss nothing, whoever else reads and whatever happens meanwhile. */
static void readers_beside_a_load(void) {
    enum { READERS = 3, WORKERS = 3 };
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    pthread_t reading[READERS];
    pthread_t working[WORKERS];
    reader readers[READERS];
    uint64_t all;
    int at;
    memset(readers, 0, sizeof readers);
    for (at = 0; at < READERS; at++) {
        readers[at].pool = pool;
        CHECK(pthread_create(&reading[at], NULL, read_on, &readers[at]) == 0);
    }
    for (at = 0; at < WORKERS; at++) {
        CHECK(pthread_create(&working[at], NULL, drop_sessions, pool) == 0);
    }
    for (at = 0; at < WORKERS; at++) {
        pthread_join(working[at], NULL);
    }
    SETTLED(pool);
    all = last_of(pool);
    __atomic_store_n(&is_over, 1, __ATOMIC_SEQ_CST);
    for (at = 0; at < READERS; at++) {
        pthread_join(reading[at], NULL);
        EQUAL(readers[at].read, all);
    }
    CHECK(all >= 2 * 100 * WORKERS);
    CLOSE(pool);
}

/* -- kinds ------------------------------------------------------------------------------------------------------ */

static void failed_connects(void) {
    orapool *pool = CREATE(sized_bag("connect_failures=1", 0, 1, 1, ORAPOOL_GET_WAIT));
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 12541, NULL);
    HAS_EVENT(pool, "connect_failed", "\"level\":\"warn\",\"purpose\":\"get\",\"took_ms\":");
    HAS_EVENT(pool, "connect_failed", "\"code\":12541,\"message\":\"ORA-12541: ");
    RELEASE(GET(pool));
    HAS_EVENT(pool, "connect", "\"purpose\":\"get\"");
    CLOSE(pool);
}

/* A pool that can not log on runs dry: its time-outs tell why. */
static void a_timeout_after_a_failed_connect(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *session = GET(pool);
    EXECUTE(session, "alter user scott identified by \"other" WORD_OF_PASSWORDS "\"");
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 1);
    SET_INT(changes, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_NOWAIT);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    HAS_EVENT(pool, "timeout", "\"code\":24496,");
    HAS_EVENT(pool, "timeout", ",\"cause\":\"ORA-01017: ");
    RELEASE(session);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* Whoever logs on with a wrong password finds a number in the events, and no password. */
static void refused_credentials(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *other = empty_bag();
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    pool = CREATE(attrs);
    RELEASE(GET(pool));
    SET_TEXT(other, ORAPOOL_ATTR_USER, "scott");
    SET_TEXT(other, ORAPOOL_ATTR_PASSWORD, WRONG_PASSWORD);
    GET_FAILS(pool, other, ORAPOOL_ERROR, 1017, NULL);
    HAS_EVENT(pool, "connect_failed", "\"code\":1017");
    orapool_attrs_free(other);
    CLOSE(pool);
}

static void leaks(void) {
    orapool_attrs *attrs = sized_bag(NULL, 2, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *context = empty_bag();
    orapool *pool;
    orapool_session *session;
    orapool_session *nameless;
    SET_INT(attrs, ORAPOOL_ATTR_LEAK_AFTER_MS, 20);
    pool = CREATE(attrs);
    SET_TEXT(context, ORAPOOL_ATTR_CONTEXT, "report.c:7 \"night\"\nly");
    session = GET_WITH(pool, context);
    nameless = GET(pool);
    WAIT_FOR(STATS(pool).leaks == 2);
    HAS_EVENT(pool, "leak", "\"context\":\"report.c:7 \\\"night\\\"\\u000aly\"}");
    HAS_EVENT(pool, "leak", "\"level\":\"warn\",\"session\":");
    RELEASE(session);
    RELEASE(nameless);
    orapool_attrs_free(context);
    CLOSE(pool);
}

static void a_ping_that_fails(void) {
    orapool *eyes = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *killer = GET(eyes);
    orapool_session *session;
    uint64_t identity;
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = CREATE(attrs);
    session = GET(pool);
    identity = IDENTITY(session);
    RELEASE(session);
    KILL(killer, identity);
    RELEASE(GET(pool));
    HAS_EVENT(pool, "ping_failed", "\"session\":0,\"idle_ms\":");
    HAS_EVENT(pool, "ping_failed", "\"message\":\"ORA-");
    HAS_EVENT(pool, "session_closed", "\"reason\":\"dead\"");
    EQUAL(STATS(pool).ping_failures, 1);
    RELEASE(killer);
    CLOSE(eyes);
    CLOSE(pool);
}

static void a_fixup_that_fails(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = NULL;
    orapool *pool;
    SET_TEXT(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, "no_such_procedure");
    pool = CREATE(attrs);
    FAILS(orapool_session_get(pool, &session, NULL, "A=1;B=\"2\"", ORAPOOL_NTS, NULL, NULL, NULL,
                              ORAPOOL_SESSGET_MULTIPROPERTY_TAG, &err),
          ORAPOOL_ERROR, 56610, NULL);
    HAS_EVENT(pool, "fixup_failed", "\"session\":0,\"wanted\":\"A=1;B=\\\"2\\\"\",\"code\":6550,");
    HAS_EVENT(pool, "session_closed", "\"reason\":\"unready\"");
    EQUAL(STATS(pool).fixup_failures, 1);
    CLOSE(pool);
}

static int32_t fails(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len, const char *actual,
                     size_t actual_len) {
    (void)ctx, (void)session, (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    return -42;
}

static void a_callback_that_fails(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    SUCCEEDS(orapool_attrs_set_callback(attrs, fails, NULL, NULL, &err));
    pool = CREATE(attrs);
    GET_FAILS(pool, NULL, ORAPOOL_CALLBACK_FAILED, 0, NULL);
    HAS_EVENT(pool, "callback_failed", "\"session\":0,\"code\":0,\"message\":\"the session callback returned -42");
    EQUAL(STATS(pool).callback_failures, 1);
    CLOSE(pool);
}

/* WAIT_REPORT_MS: off by default, and an open pool can change it. */
static void long_waits(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_TIMEDWAIT);
    orapool_attrs *changes = empty_bag();
    orapool_attrs *timed = empty_bag();
    orapool_session *session = GET(pool);
    getting waiter;
    SET_INT(timed, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 30);
    SET_TEXT(timed, ORAPOOL_ATTR_CONTEXT, "the patient one");
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, NULL);
    CHECK(FIND_EVENT(pool, "wait_over_limit", "") == NULL);
    SET_INT(changes, ORAPOOL_ATTR_WAIT_REPORT_MS, 20);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    HAS_EVENT(pool, "reconfigured", "\"changed\":\"ORAPOOL_ATTR_WAIT_REPORT_MS\"}");
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, NULL);
    HAS_EVENT(pool, "wait_over_limit", "\"limit_ms\":20,\"outcome\":\"error\",\"context\":\"the patient one\"}");
    SET_INT(changes, ORAPOOL_ATTR_WAIT_REPORT_MS, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 1);
    sleep_ms(5);
    RELEASE(session);
    RELEASE(end_getting(&waiter));
    HAS_EVENT(pool, "wait_over_limit", "\"limit_ms\":1,\"outcome\":\"session\"}");
    FAILS(orapool_attrs_set_int(changes, ORAPOOL_ATTR_WAIT_REPORT_MS, -1, &err), ORAPOOL_INVALID_ARGUMENT, 0, "from 0");
    orapool_attrs_free(changes);
    orapool_attrs_free(timed);
    CLOSE(pool);
}

/* A request waits as a get does. */
static void long_waits_of_requests(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *timed = empty_bag();
    orapool_request *first = NULL;
    orapool_request *second = NULL;
    orapool_session *session;
    orapool_session *won = NULL;
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_WAIT_REPORT_MS, 1);
    pool = CREATE(attrs);
    session = GET(pool);
    SET_INT(timed, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 20);
    SET_TEXT(timed, ORAPOOL_ATTR_CONTEXT, "a request");
    SUCCEEDS(orapool_request_start(pool, timed, NULL, 0, 0, 1, &first, &err));
    FAILS(orapool_request_finish(first, &won, NULL, NULL, NULL, &err), ORAPOOL_TIMEOUT, 24457, NULL);
    HAS_EVENT(pool, "wait_over_limit", "\"limit_ms\":1,\"outcome\":\"error\",\"context\":\"a request\"}");
    HAS_EVENT(pool, "timeout", "\"code\":24457,");
    SUCCEEDS(orapool_request_start(pool, NULL, NULL, 0, 0, 2, &second, &err));
    sleep_ms(5);
    RELEASE(session);
    SUCCEEDS(orapool_request_finish(second, &won, NULL, NULL, NULL, &err));
    RELEASE(won);
    HAS_EVENT(pool, "wait_over_limit", "\"limit_ms\":1,\"outcome\":\"session\"}");
    orapool_attrs_free(timed);
    CLOSE(pool);
}

static void timeouts_and_refusals(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_TIMEDWAIT);
    orapool_session *session;
    orapool *pool;
    orapool_attrs *changes = empty_bag();
    SET_INT(attrs, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 10);
    pool = CREATE(attrs);
    session = GET(pool);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24457, NULL);
    HAS_EVENT(pool, "timeout", "\"code\":24457,\"message\":\"ORA-24457: no session in time: ");
    SET_INT(changes, ORAPOOL_ATTR_WAITERS_MAX, 0);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    HAS_EVENT(pool, "rejected", "\"code\":24496,");
    RELEASE(session);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* Why sessions are closed. */
static void reasons(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 3, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *first;
    orapool_session *second;
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_USES_MAX, 1);
    pool = CREATE(attrs);
    RELEASE(GET(pool));
    HAS_EVENT(pool, "session_closed", "\"reason\":\"uses\",\"loans\":1}");
    SET_INT(changes, ORAPOOL_ATTR_USES_MAX, 0);
    SET_INT(changes, ORAPOOL_ATTR_IDLE_TIMEOUT_MS, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    RELEASE(GET(pool));
    WAIT_FOR(STATS(pool).closed_idle == 1);
    HAS_EVENT(pool, "session_closed", "\"reason\":\"idle\"");
    SET_INT(changes, ORAPOOL_ATTR_IDLE_TIMEOUT_MS, 0);
    SET_INT(changes, ORAPOOL_ATTR_LIFETIME_MAX_MS, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    RELEASE(GET(pool));
    WAIT_FOR(STATS(pool).closed_lifetime == 1);
    HAS_EVENT(pool, "session_closed", "\"reason\":\"lifetime\"");
    SET_INT(changes, ORAPOOL_ATTR_LIFETIME_MAX_MS, 0);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    COUNTS(pool, 0, 0);
    first = GET(pool);
    second = GET(pool);
    RELEASE(first);
    RELEASE(second);
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    HAS_EVENT(pool, "session_closed", "\"reason\":\"surplus\"");
    first = GET(pool);
    SUCCEEDS(orapool_session_release(first, "TAG", ORAPOOL_NTS, ORAPOOL_SESSRLS_RETAG, &err));
    RELEASE(GET(pool));
    HAS_EVENT(pool, "session_closed", "\"reason\":\"evicted\"");
    EQUAL(STATS(pool).evictions, 1);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

static void *drain(void *pool) {
    SUCCEEDS(orapool_close((orapool *)pool, ORAPOOL_CLOSE_DEFAULT, 600000, &err));
    return NULL;
}

/* Draining can be watched with the handle that drains, and the end is told to whoever has another one. */
static void the_end(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *named = CREATE_NAMED("the end", sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT));
    orapool *other = NULL;
    orapool_session *session = GET(pool);
    pthread_t closer;
    uint64_t last = 0;
    char *text;
    CHECK(pthread_create(&closer, NULL, drain, pool) == 0);
    WAIT_FOR(FIND_EVENT(pool, "pool_draining", "\"busy\":1,\"limit_ms\":600000}") != NULL);
    RELEASE(session);
    pthread_join(closer, NULL);
    FAILS(orapool_events(pool, 0, &text, NULL, &last, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);

    SUCCEEDS(orapool_open("the end", ORAPOOL_NTS, &other, &err));
    session = GET(other);
    EXECUTE(session, "select 1 from dual");
    last = last_of(other);
    FORCE_CLOSE(named);
    text = EVENTS(other, last, &last);
    CONTAINS(text, "\"reason\":\"pool_closed\"");
    CONTAINS(text, "\"kind\":\"pool_closed\",\"level\":\"info\",\"mode\":\"force\",\"busy\":1}\n");
    orapool_text_free(text);
    FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
    HAS_EVENT(other, "pool_closed", "");
    FAILS(orapool_close(other, 0, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
    FAILS(orapool_events(other, 0, &text, NULL, &last, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
}

static void a_generated_class(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = NULL;
    orapool_error *warning = NULL;
    char text[200];
    snprintf(text, sizeof text, "%.64s%.64s:pooled", databases(), current_test);
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, text);
    EQUAL(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &warning), ORAPOOL_SUCCESS_WITH_INFO);
    orapool_error_free(warning);
    HAS_EVENT(pool, "generated_connection_class", "\"level\":\"warn\",\"class\":\"ORAPOOL:");
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* -- processes -------------------------------------------------------------------------------------------------- */

static void a_forked_child(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    uint64_t last = 0;
    char *kept = EVENTS(pool, 0, &last);
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        char *text = POISON(char);
        size_t len = POISONED_NUMBER;
        failures = 0;
        last = POISONED_NUMBER;
        FAILS(orapool_events(pool, 0, &text, &len, &last, &err), ORAPOOL_FORKED, 0, NULL);
        CHECK(text == NULL && len == 0 && last == 0);
        orapool_text_free(kept);
        fflush(stdout);
        _exit(failures == 0 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    orapool_text_free(kept);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(a_life),
    TEST(null_and_garbage),
    TEST(what_was_lost),
    SLOW_TEST(readers_beside_a_load),
    TEST(failed_connects),
    TEST(a_timeout_after_a_failed_connect),
    TEST(refused_credentials),
    TEST(leaks),
    TEST(a_ping_that_fails),
    TEST(a_fixup_that_fails),
    TEST(a_callback_that_fails),
    TEST(long_waits),
    TEST(long_waits_of_requests),
    TEST(timeouts_and_refusals),
    TEST(reasons),
    TEST(the_end),
    TEST(a_generated_class),
    SLOW_TEST(a_forked_child),
};

MAIN(tests)
