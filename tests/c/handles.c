/* Handles that are NULL, used up, of another kind or no handles at all, in every function; OUT parameters that are not
 * there; releases that race. */

#include "calls.h"

/* A live handle of each kind, and one of each that was used up. */
typedef struct {
    orapool_attrs *attrs;
    orapool *pool;
    orapool_session *session;
    orapool_stmt *stmt;
} handles;

static handles live(void) {
    handles made;
    made.attrs = bag(NULL);
    made.pool = POOL(1, 3, 1, ORAPOOL_GET_WAIT);
    made.session = GET(made.pool);
    made.stmt = NULL;
    SUCCEEDS(orapool_stmt_prepare(made.session, "select :1 from dual", ORAPOOL_NTS, &made.stmt, &err));
    return made;
}

/* They are all still good, and the counts are right. */
static void check_live(const handles *made) {
    SET_INT(made->attrs, ORAPOOL_ATTR_SESSIONS_MAX, 3);
    SUCCEEDS(orapool_stmt_bind_int(made->stmt, 1, 5, &err));
    SUCCEEDS(orapool_stmt_execute(made->stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(made->stmt, &err));
    SUCCEEDS(orapool_session_ping(made->session, &err));
    COUNTS(made->pool, 1, 1);
}

static void end(const handles *made) {
    check_live(made);
    orapool_stmt_free(made->stmt);
    RELEASE(made->session);
    COUNTS(made->pool, 1, 0);
    CLOSE(made->pool);
    orapool_attrs_free(made->attrs);
}

/* `number` as a handle of each kind. `made` are live handles, of which the number is none. */
static void refuse_everywhere(uintptr_t number, const handles *made, refusal how) {
    refuse_attrs((orapool_attrs *)number, made->pool, how);
    refuse_pool((orapool *)number, how);
    refuse_session((orapool_session *)number, how);
    refuse_release((orapool_session *)number, how);
    refuse_stmt((orapool_stmt *)number, how);
    refuse_request((orapool_request *)number, how);
    orapool_stmt_free((orapool_stmt *)number);
}

static void null_everywhere(void) {
    handles made = live();
    refuse_everywhere(0, &made, INVALID_HANDLE);
    end(&made);
}

static void garbage_everywhere(void) {
    handles made = live();
    int on_the_stack = 0;
    const uintptr_t garbage[] = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x7fffffffu, (uintptr_t)-1, (uintptr_t)-2, (uintptr_t)-6,
        (uintptr_t)-7, (uintptr_t)-8, (uintptr_t)1 << 63, (uintptr_t)0xdeadbeefdeadbeefu, (uintptr_t)&on_the_stack,
    };
    size_t at;
    for (at = 0; at < sizeof garbage / sizeof garbage[0]; at++) {
        refuse_everywhere(garbage[at], &made, INVALID_HANDLE);
    }
    check_live(&made);
    end(&made);
}

/* Numbers that differ from a live handle by a little. */
static void nearly_right_everywhere(void) {
    handles made = live();
    const uintptr_t right[] = {
        (uintptr_t)made.attrs, (uintptr_t)made.pool, (uintptr_t)made.session, (uintptr_t)made.stmt,
    };
    size_t at;
    int bit;
    for (at = 0; at < 4; at++) {
        for (bit = 0; bit < 64; bit++) {
            uintptr_t number = right[at] ^ (uintptr_t)1 << bit;
            if (number != right[0] && number != right[1] && number != right[2] && number != right[3]) {
                refuse_everywhere(number, &made, INVALID_HANDLE);
            }
        }
    }
    check_live(&made);
    end(&made);
}

/* A live handle of another kind. */
static void foreign_everywhere(void) {
    handles made = live();
    handles other = live();
    refusal how = INVALID_HANDLE;
    refuse_attrs((orapool_attrs *)(uintptr_t)other.pool, made.pool, how);
    refuse_attrs((orapool_attrs *)(uintptr_t)other.session, made.pool, how);
    refuse_attrs((orapool_attrs *)(uintptr_t)other.stmt, made.pool, how);
    refuse_pool((orapool *)(uintptr_t)other.attrs, how);
    refuse_pool((orapool *)(uintptr_t)other.session, how);
    refuse_pool((orapool *)(uintptr_t)other.stmt, how);
    refuse_session((orapool_session *)(uintptr_t)other.attrs, how);
    refuse_session((orapool_session *)(uintptr_t)other.pool, how);
    refuse_session((orapool_session *)(uintptr_t)other.stmt, how);
    refuse_release((orapool_session *)(uintptr_t)other.attrs, how);
    refuse_release((orapool_session *)(uintptr_t)other.pool, how);
    refuse_release((orapool_session *)(uintptr_t)other.stmt, how);
    refuse_stmt((orapool_stmt *)(uintptr_t)other.attrs, how);
    refuse_stmt((orapool_stmt *)(uintptr_t)other.pool, how);
    refuse_stmt((orapool_stmt *)(uintptr_t)other.session, how);
    refuse_request((orapool_request *)(uintptr_t)other.attrs, how);
    refuse_request((orapool_request *)(uintptr_t)other.pool, how);
    refuse_request((orapool_request *)(uintptr_t)other.session, how);
    refuse_request((orapool_request *)(uintptr_t)other.stmt, how);
    orapool_stmt_free((orapool_stmt *)(uintptr_t)other.attrs);
    orapool_stmt_free((orapool_stmt *)(uintptr_t)other.session);
    end(&other);
    end(&made);
}

static void refuse_used_up(const handles *gone, const handles *made, refusal how) {
    refuse_attrs(gone->attrs, made->pool, how);
    refuse_pool(gone->pool, how);
    refuse_session(gone->session, how);
    refuse_release(gone->session, how);
    refuse_stmt(gone->stmt, how);
    orapool_stmt_free(gone->stmt);
}

/* Handles that were used up, also once others stand in their places. */
static void stale_everywhere(void) {
    handles gone = live();
    handles made, more;
    int round;
    end(&gone);
    made = live();
    refuse_used_up(&gone, &made, INVALID_HANDLE);
    for (round = 0; round < 20; round++) {
        more = live();
        refuse_used_up(&gone, &made, INVALID_HANDLE);
        end(&more);
        refuse_used_up(&more, &made, INVALID_HANDLE);
    }
    end(&made);
}

/* A session handle of an earlier loan of the same session. */
static void a_former_loan(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *former = GET(pool);
    orapool_stmt *stmt = NULL;
    orapool_session *session;
    uint64_t identity = IDENTITY(former);
    SUCCEEDS(orapool_stmt_prepare(former, "select 1 from dual", ORAPOOL_NTS, &stmt, &err));
    RELEASE(former);
    session = GET(pool);
    CHECK(session != former);
    CHECK(IDENTITY(session) == identity);
    refuse_session(former, INVALID_HANDLE);
    refuse_release(former, INVALID_HANDLE);
    refuse_stmt(stmt, INVALID_HANDLE);
    orapool_stmt_free(stmt);
    refuse_stmt(stmt, INVALID_HANDLE);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    CLOSE(pool);
}

/* The short way of a get and of a release, which looks at no table, must see that a handle was given up. */
static void a_pool_that_was_just_closed(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = NULL;
    int round;
    for (round = 0; round < 10; round++) {
        session = GET(pool);
        RELEASE(session);
    }
    CLOSE(pool);
    GET_FAILS(pool, NULL, ORAPOOL_INVALID_HANDLE, 0, NULL);
    refuse_release(session, INVALID_HANDLE);
    refuse_pool(pool, INVALID_HANDLE);
    pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    refuse_release(session, INVALID_HANDLE);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* OUT parameters that a call can not do without. */
static void results_with_nowhere_to_go(void) {
    handles made = live();
    FAILS(orapool_attrs_new(NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_create(NULL, 0, made.attrs, 0, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_open("x", ORAPOOL_NTS, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_session_get(made.pool, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "NULL");
    FAILS(orapool_session_native(made.session, ORAPOOL_NATIVE_OCI_ENV, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_prepare(made.session, "select 1 from dual", ORAPOOL_NTS, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "NULL");
    FAILS(orapool_get_stats(made.pool, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_metrics(made.pool, 0, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_events(made.pool, 0, NULL, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    SUCCEEDS(orapool_stmt_bind_int(made.stmt, 1, 5, &err));
    SUCCEEDS(orapool_stmt_execute(made.stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(made.stmt, &err));
    FAILS(orapool_stmt_column_int(made.stmt, 0, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_column_double(made.stmt, 0, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_column_text(made.stmt, 0, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_column_bytes(made.stmt, 0, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_reconfigure(made.pool, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_session_execute(made.session, NULL, 0, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "sql");
    FAILS(orapool_session_execute(made.session, "", ORAPOOL_NTS, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "sql");
    end(&made);
}

/* OUT parameters that may be NULL, and the error, which always may. */
static void results_that_nobody_wants(void) {
    handles made = live();
    orapool_session *session = NULL;
    const char *text = NULL;
    const void *bytes = NULL;
    char *metrics = NULL;
    EQUAL(orapool_session_identity(made.session, NULL, NULL, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_session_execute(made.session, "select 1 from dual", ORAPOOL_NTS, NULL, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_session_get(made.pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_session_release(session, NULL, 0, 0, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_session_release(session, NULL, 0, 0, NULL), ORAPOOL_INVALID_HANDLE);
    EQUAL(orapool_stmt_bind_text(made.stmt, 1, "x", ORAPOOL_NTS, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_stmt_execute(made.stmt, NULL, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_stmt_fetch(made.stmt, NULL), ORAPOOL_SUCCESS);
    EQUAL(orapool_stmt_column_text(made.stmt, 0, &text, NULL, NULL), ORAPOOL_SUCCESS);
    TEXT_EQUAL(text, "x");
    EQUAL(orapool_stmt_column_bytes(made.stmt, 0, &bytes, NULL, NULL), ORAPOOL_SUCCESS);
    CHECK(orapool_stmt_column_name(made.stmt, 0, NULL) != NULL);
    EQUAL(orapool_metrics(made.pool, ORAPOOL_METRICS_JSON, &metrics, NULL, NULL), ORAPOOL_SUCCESS);
    orapool_text_free(metrics);
    EQUAL(orapool_close(made.pool, ORAPOOL_CLOSE_DEFAULT, 0, NULL), ORAPOOL_ERROR);
    orapool_stmt_free(made.stmt);
    RELEASE(made.session);
    CLOSE(made.pool);
    orapool_attrs_free(made.attrs);
}

/* Mode bits, formats and kinds that there are not: 24300, and nothing happens. */
static void unknown_bits_everywhere(void) {
    const uint32_t known_get_bits = ORAPOOL_SESSGET_MATCHANY | ORAPOOL_SESSGET_PURITY_NEW | ORAPOOL_SESSGET_PURITY_SELF |
                                    ORAPOOL_SESSGET_MULTIPROPERTY_TAG;
    const uint32_t known_release_bits =
        ORAPOOL_SESSRLS_DROPSESS | ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG;
    handles made = live();
    orapool *pool = POISON(orapool);
    get_results results;
    void *native = POISON(void);
    char *text = POISON(char);
    int bit;
    for (bit = 0; bit < 32; bit++) {
        uint32_t mode = (uint32_t)1 << bit;
        if (mode != ORAPOOL_CREATE_OR_OPEN) {
            FAILS(orapool_create("bits", ORAPOOL_NTS, made.attrs, mode, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 24300, "mode");
            CHECK(pool == NULL);
        }
        if (mode != ORAPOOL_CLOSE_FORCE) {
            FAILS(orapool_close(made.pool, mode, 0, &err), ORAPOOL_INVALID_ARGUMENT, 24300, "mode");
        }
        if ((mode & known_get_bits) == 0) {
            FAILS(get_into(made.pool, &results, NULL, mode, &err), ORAPOOL_INVALID_ARGUMENT, 24300, "mode");
            CHECK(results.session == NULL);
        }
        if ((mode & known_release_bits) == 0) {
            FAILS(orapool_session_set_tag(made.session, "A=1", ORAPOOL_NTS, mode, &err), ORAPOOL_INVALID_ARGUMENT, 24300,
                  "mode");
            FAILS(orapool_session_release(made.session, NULL, 0, mode, &err), ORAPOOL_INVALID_ARGUMENT, 24300, "mode");
            FAILS(orapool_session_release(made.session, NULL, 0, mode | ORAPOOL_SESSRLS_DROPSESS, &err),
                  ORAPOOL_INVALID_ARGUMENT, 24300, "mode");
        }
        if (mode != ORAPOOL_METRICS_JSON) {
            FAILS(orapool_metrics(made.pool, mode, &text, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 24300, NULL);
            CHECK(text == NULL);
        }
        FAILS(orapool_session_native(made.session, mode, &native, &err), ORAPOOL_INVALID_ARGUMENT, 24300, NULL);
        CHECK(native == NULL);
    }
    FAILS(get_into(made.pool, &results, NULL, ORAPOOL_SESSGET_PURITY_NEW | ORAPOOL_SESSGET_PURITY_SELF, &err),
          ORAPOOL_INVALID_ARGUMENT, 24300, NULL);
    FAILS(get_into(made.pool, &results, NULL, ORAPOOL_SESSGET_PURITY_NEW | 0x2, &err), ORAPOOL_INVALID_ARGUMENT, 24300,
          NULL);
    FAILS(orapool_session_set_tag(made.session, "A=1", ORAPOOL_NTS, ORAPOOL_SESSRLS_RETAG, &err), ORAPOOL_INVALID_ARGUMENT,
          24300, "mode");
    FAILS(orapool_close(made.pool, ORAPOOL_CLOSE_DEFAULT, -2, &err), ORAPOOL_INVALID_ARGUMENT, 0, "drain_ms");
    FAILS(orapool_close(made.pool, ORAPOOL_CLOSE_DEFAULT, INT64_MIN, &err), ORAPOOL_INVALID_ARGUMENT, 0, "drain_ms");
    FAILS(orapool_session_set_call_timeout(made.session, -2, &err), ORAPOOL_INVALID_ARGUMENT, 0, "timeout_ms");
    FAILS(orapool_open("bits", ORAPOOL_NTS, &pool, &err), ORAPOOL_ERROR, 24416, NULL);
    end(&made);
}

/* The embedded engine has no handles of OCI's; of the OCI driver's, one can not be had. */
static void native_handles(void) {
    static const uint32_t kinds[] = {ORAPOOL_NATIVE_OCI_SVCCTX, ORAPOOL_NATIVE_OCI_ENV, ORAPOOL_NATIVE_OCI_SERVER,
                                     ORAPOOL_NATIVE_OCI_SESSION};
    handles made = live();
    size_t at;
    for (at = 0; at < 4; at++) {
        void *native = POISON(void);
        if (is_over_oci() && kinds[at] != ORAPOOL_NATIVE_OCI_SVCCTX) {
            SUCCEEDS(orapool_session_native(made.session, kinds[at], &native, &err));
            CHECK(native != NULL && native != POISON(void));
            continue;
        }
        FAILS(orapool_session_native(made.session, kinds[at], &native, &err), ORAPOOL_UNSUPPORTED, 0, NULL);
        CHECK(native == NULL);
    }
    end(&made);
}

/* A session may be released on any thread, used or not. */
static void a_release_on_another_thread(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    int round;
    for (round = 0; round < 20; round++) {
        orapool_session *session = GET(pool);
        if (round % 2 == 0) {
            EXECUTE(session, "select 1 from dual");
        }
        release_on_another_thread(session);
        refuse_release(session, INVALID_HANDLE);
        COUNTS(pool, 1, 0);
    }
    EQUAL(STATS(pool).connects, 1);
    CLOSE(pool);
}

enum { RACERS = 4, RACES = 500 };

typedef struct {
    pthread_t thread;
    pthread_barrier_t *start;
    orapool_session **session;
    int wins;
    int losses;
} racer;

/* Two threads meet at the start, release the one session, and meet again before the next is got. */
static void *run_racer(void *argument) {
    racer *self = (racer *)argument;
    int race;
    for (race = 0; race < RACES; race++) {
        orapool_status status;
        pthread_barrier_wait(self->start);
        status = orapool_session_release(*self->session, NULL, 0, 0, NULL);
        self->wins += status == ORAPOOL_SUCCESS;
        self->losses += status == ORAPOOL_INVALID_HANDLE;
        pthread_barrier_wait(self->start);
    }
    return NULL;
}

/* Of several threads that release one session exactly one succeeds. Every other session was used before. */
static void releases_that_race(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = NULL;
    pthread_barrier_t start;
    racer racers[RACERS];
    int at, race;
    int wins = 0;
    int losses = 0;
    pthread_barrier_init(&start, NULL, RACERS + 1);
    for (at = 0; at < RACERS; at++) {
        racer fresh = {0, NULL, NULL, 0, 0};
        racers[at] = fresh;
        racers[at].start = &start;
        racers[at].session = &session;
        CHECK(pthread_create(&racers[at].thread, NULL, run_racer, &racers[at]) == 0);
    }
    for (race = 0; race < RACES; race++) {
        session = GET(pool);
        if (race % 2 == 0) {
            SUCCEEDS(orapool_session_ping(session, &err));
        }
        pthread_barrier_wait(&start);
        pthread_barrier_wait(&start);
    }
    for (at = 0; at < RACERS; at++) {
        pthread_join(racers[at].thread, NULL);
        wins += racers[at].wins;
        losses += racers[at].losses;
    }
    EQUAL(wins, RACES);
    EQUAL(losses, RACES * (RACERS - 1));
    EQUAL(STATS(pool).gets, RACES);
    EQUAL(STATS(pool).connects, 1);
    COUNTS(pool, 1, 0);
    pthread_barrier_destroy(&start);
    CLOSE(pool);
}

/* While one thread is inside a call of a session, the others are turned away, and the session stays on loan. */
static void a_session_inside_a_call(void) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=600000", 1, 2, 1, ORAPOOL_GET_WAIT));
    orapool *witnesses = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *witness = GET(witnesses);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY_BESIDES(witness);
    executing call;
    start_executing(&call, session, "select 1 from dual");
    WAIT_FOR(is_active(witness, identity));
    FAILS(orapool_session_set_call_timeout(session, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "thread");
    FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "thread");
    FAILS(orapool_session_release(session, NULL, 0, ORAPOOL_SESSRLS_DROPSESS, &err), ORAPOOL_INVALID_ARGUMENT, 0, "thread");
    FAILS(orapool_session_ping(session, &err), ORAPOOL_INVALID_ARGUMENT, 0, "thread");
    EQUAL(STATS(pool).busy, 1);
    SUCCEEDS(orapool_session_break(session, &err));
    pthread_join(call.thread, NULL);
    EQUAL(call.code, 1013);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
    RELEASE(witness);
    CLOSE(witnesses);
}

static const test_case tests[] = {
    TEST(null_everywhere),
    TEST(garbage_everywhere),
    TEST(nearly_right_everywhere),
    TEST(foreign_everywhere),
    TEST(stale_everywhere),
    TEST(a_former_loan),
    TEST(a_pool_that_was_just_closed),
    TEST(results_with_nowhere_to_go),
    TEST(results_that_nobody_wants),
    TEST(unknown_bits_everywhere),
    TEST(native_handles),
    TEST(a_release_on_another_thread),
    TEST(releases_that_race),
    TEST(a_session_inside_a_call),
};

MAIN(tests)
