/* The test cases of the pool's specification that need no tags, no callbacks and no PL/SQL. Each began as a test of one
 * of Oracle's drivers, named in brackets: ODPI = ODPI-C's test/, PY = python-oracledb's tests/, NODE = node-oracledb's
 * test/. P(min, max, increment, mode) is a pool. */

#include "harness.h"

/* T01 [ODPI 1405]: P(3,9,2,NOWAIT), create: open 3, busy 0. */
static void t01_create_opens_the_minimum(void) {
    orapool *pool = POOL(3, 9, 2, ORAPOOL_GET_NOWAIT);
    orapool_stats stats = STATS(pool);
    EQUAL(stats.open, 3);
    EQUAL(stats.busy, 0);
    EQUAL(stats.connecting, 0);
    EQUAL(stats.connects, 3);
    CLOSE(pool);
}

/* T02 [ODPI 1407]: P(3,9,2): hold 3; the 4th get grows by 2: open 5, busy 4. */
static void t02_growth_by_the_increment(void) {
    orapool *pool = POOL(3, 9, 2, ORAPOOL_GET_WAIT);
    orapool_session *sessions[4];
    int at;
    for (at = 0; at < 4; at++) {
        sessions[at] = GET(pool);
    }
    COUNTS(pool, 5, 4);
    for (at = 0; at < 4; at++) {
        RELEASE(sessions[at]);
    }
    COUNTS(pool, 5, 0);
    CLOSE(pool);
}

/* T03 [NODE pool.js 2.4.3]: P(1,4,2): four gets: open 1, 3, 3, 4. Growth never exceeds the maximum. */
static void t03_growth_ends_at_the_maximum(void) {
    static const uint64_t expected[4] = {1, 3, 3, 4};
    orapool *pool = POOL(1, 4, 2, ORAPOOL_GET_WAIT);
    orapool_session *sessions[4];
    int at;
    for (at = 0; at < 4; at++) {
        sessions[at] = GET(pool);
        COUNTS(pool, expected[at], (uint64_t)at + 1);
    }
    for (at = 0; at < 4; at++) {
        RELEASE(sessions[at]);
    }
    CLOSE(pool);
}

/* T05 [ODPI 1408]: P(0,1,1,NOWAIT): the first get connects; the second: 24496, OUT cleared, open 1. */
static void t05_nowait_fails_when_all_are_out(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = GET(pool);
    orapool_stats stats;
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, "NOWAIT");
    stats = STATS(pool);
    EQUAL(stats.open, 1);
    EQUAL(stats.busy, 1);
    EQUAL(stats.timeouts, 1);
    EQUAL(stats.rejected, 0);
    RELEASE(session);
    CLOSE(pool);
}

/* T06 [ODPI 1409]: P(0,1,1,FORCEGET): two gets; the second with warning 24417, open 2; release both: open 1. */
static void t06_forceget_goes_over_the_maximum(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_FORCEGET);
    orapool_session *first = GET(pool);
    get_results second;
    FAILS(get_into(pool, &second, NULL, 0, &err), ORAPOOL_SUCCESS_WITH_INFO, 24417, "SESSIONS_MAX");
    CHECK(second.session != NULL && second.session != first);
    EXECUTE(second.session, "select 1 from dual");
    COUNTS(pool, 2, 2);
    RELEASE(first);
    RELEASE(second.session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* T07: P(1,1,1,TIMEDWAIT 200 ms): hold 1; get: 24457 after 200 ms; nobody waits any more. */
static void t07_timedwait_gives_up(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_TIMEDWAIT);
    orapool *pool;
    orapool_session *session;
    int64_t began;
    SET_INT(attrs, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 200);
    pool = CREATE(attrs);
    session = GET(pool);
    began = now_ms();
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24457, "busy");
    /* The clocks may differ by their resolution; an upper bound would fail on a loaded machine. */
    CHECK(now_ms() - began >= 195);
    COUNTS(pool, 1, 1);
    EQUAL(STATS(pool).timeouts, 1);
    RELEASE(session);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* T09: P(1,1,1,WAIT): hold; three threads wait; each release serves the one that came first, with the same session. */
static void t09_waiters_are_served_in_order(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    getting waiters[3];
    int at, other;
    for (at = 0; at < 3; at++) {
        start_getting(&waiters[at], pool, NULL);
        WAIT_FOR(STATS(pool).waiting == (uint64_t)at + 1);
    }
    for (at = 0; at < 3; at++) {
        /* Longer than the pool lets newcomers overtake. */
        sleep_ms(2);
        RELEASE(session);
        WAIT_FOR(IS_DONE(&waiters[at]));
        for (other = at + 1; other < 3; other++) {
            CHECK(!IS_DONE(&waiters[other]));
        }
        session = end_getting(&waiters[at]);
        EQUAL(waiters[at].status, ORAPOOL_SUCCESS);
        CHECK(IDENTITY(session) == identity);
    }
    COUNTS(pool, 1, 1);
    RELEASE(session);
    EQUAL(STATS(pool).connects, 1);
    CLOSE(pool);
}

static void refused_sizes(int64_t min, int64_t max) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = POISON(orapool);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MIN, min);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    FAILS(orapool_create("t10", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 24413, "SESSIONS_MAX");
    CHECK(pool == NULL);
    pool = POISON(orapool);
    FAILS(orapool_open("t10", ORAPOOL_NTS, &pool, &err), ORAPOOL_ERROR, 24416, "t10");
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
}

/* T10 [PY 2456, NODE pool.js 2.2.3, 2.3.2]: min > max, or max 0: 24413, and no pool. */
static void t10_sizes_that_do_not_go_together(void) {
    refused_sizes(3, 2);
    refused_sizes(0, 0);
    refused_sizes(1, 0);
}

/* [NODE pool.js 2.4.3, PY 2429, 2430]: min + increment may exceed max, and an increment of 0 counts as 1. */
static void t10_sizes_that_are_fine(void) {
    orapool *pool = POOL(2, 3, 5, ORAPOOL_GET_WAIT);
    orapool *zero;
    orapool_session *first, *second;
    CLOSE(pool);
    zero = POOL(1, 3, 0, ORAPOOL_GET_WAIT);
    first = GET(zero);
    second = GET(zero);
    COUNTS(zero, 2, 2);
    RELEASE(first);
    RELEASE(second);
    CLOSE(zero);
}

/* T28 [ODPI 3902, PY 2428]: the session released last is got first. */
static void t28_the_session_released_last_comes_first(void) {
    orapool *pool = POOL(0, 3, 1, ORAPOOL_GET_WAIT);
    orapool_session *sessions[3];
    uint64_t identities[3];
    int at;
    for (at = 0; at < 3; at++) {
        sessions[at] = GET(pool);
        identities[at] = IDENTITY(sessions[at]);
    }
    RELEASE(sessions[1]);
    RELEASE(sessions[2]);
    RELEASE(sessions[0]);
    sessions[0] = GET(pool);
    CHECK(IDENTITY(sessions[0]) == identities[0]);
    sessions[2] = GET(pool);
    CHECK(IDENTITY(sessions[2]) == identities[2]);
    sessions[1] = GET(pool);
    CHECK(IDENTITY(sessions[1]) == identities[1]);
    for (at = 0; at < 3; at++) {
        RELEASE(sessions[at]);
    }
    CLOSE(pool);
}

/* As T28, with releases on different threads: a thread finds first what it released itself, then what others did. */
static void t28_a_thread_finds_its_own_first(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *first = GET(pool);
    orapool_session *second = GET(pool);
    uint64_t own = IDENTITY(first);
    uint64_t other = IDENTITY(second);
    RELEASE(first);
    release_on_another_thread(second);
    first = GET(pool);
    CHECK(IDENTITY(first) == own);
    second = GET(pool);
    CHECK(IDENTITY(second) == other);
    RELEASE(second);
    RELEASE(first);
    CLOSE(pool);
}

/* T39 [PY 2457, NODE sessionTag.js 184.4.4]: ping interval 0, kill the idle session: get gives another, open unchanged. */
static void t39_a_ping_finds_the_killed_session(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *killers = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *killer = GET(killers);
    orapool *pool;
    orapool_session *session;
    orapool_stats stats;
    uint64_t identity;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = CREATE(attrs);
    session = GET(pool);
    identity = IDENTITY(session);
    RELEASE(session);
    KILL(killer, identity);
    EQUAL(STATS(pool).open, 1);
    session = GET(pool);
    CHECK(IDENTITY(session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    EXECUTE(session, "select 1 from dual");
    stats = SETTLED(pool);
    EQUAL(stats.open, 1);
    EQUAL(stats.ping_failures, 1);
    EQUAL(stats.closed_dead, 1);
    RELEASE(session);
    CLOSE(pool);
    RELEASE(killer);
    CLOSE(killers);
}

/* T40 [PY 2424]: ping interval -1, kill the idle session: get gives it; its first call fails with 28 and shows it dead;
 * the release drops it, and the pool makes another to have its minimum. */
static void t40_without_pings_the_holder_finds_it(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *killers = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *killer = GET(killers);
    orapool *pool;
    orapool_session *session;
    orapool_error *error = NULL;
    uint64_t identity;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, -1);
    pool = CREATE(attrs);
    session = GET(pool);
    identity = IDENTITY(session);
    RELEASE(session);
    KILL(killer, identity);
    session = GET(pool);
    CHECK(IDENTITY(session) == identity);
    EQUAL(orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &error), ORAPOOL_ERROR);
    EQUAL(orapool_error_code(error), 28);
    EQUAL(orapool_error_is_session_dead(error), 1);
    orapool_error_free(error);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    WAIT_FOR(STATS(pool).open == 1 && STATS(pool).connects == 2);
    EQUAL(STATS(pool).closed_dead, 1);
    EQUAL(STATS(pool).pings, 0);
    session = GET(pool);
    CHECK(IDENTITY(session) != identity);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CLOSE(pool);
    RELEASE(killer);
    CLOSE(killers);
}

/* T41 [ODPI 1423]: P(3,9,2,NOWAIT): hold 3; get and release a 4th; reconfigure to (1,3,1); get: 24496 although sessions
 * were idle; release one of those held; get: fine. */
static void t41_a_lowered_maximum_counts_at_once(void) {
    orapool *pool = POOL(3, 9, 2, ORAPOOL_GET_NOWAIT);
    orapool_session *sessions[3];
    orapool_attrs *changes = empty_bag();
    int at;
    for (at = 0; at < 3; at++) {
        sessions[at] = GET(pool);
    }
    RELEASE(GET(pool));
    COUNTS(pool, 5, 3);
    set_sizes(changes, 1, 3, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    COUNTS(pool, 3, 3);
    RELEASE(sessions[2]);
    sessions[2] = GET(pool);
    for (at = 0; at < 3; at++) {
        RELEASE(sessions[at]);
    }
    COUNTS(pool, 3, 0);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* T44 [NODE poolMaxLifetimeSession.js 315.1, 315.2]: min 4, 8 open and over their lifetime; release them: all are closed,
 * and the pool is back at 4. The lifetime ends with a reconfigure, so that the new sessions stay. */
static void t44_aged_sessions_are_closed_and_the_minimum_refilled(void) {
    orapool_attrs *attrs = sized_bag(NULL, 4, 8, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *changes = empty_bag();
    orapool *pool;
    orapool_session *sessions[8];
    int at;
    SET_INT(attrs, ORAPOOL_ATTR_LIFETIME_MAX_MS, 1500);
    pool = CREATE(attrs);
    for (at = 0; at < 8; at++) {
        sessions[at] = GET(pool);
    }
    SET_INT(changes, ORAPOOL_ATTR_LIFETIME_MAX_MS, 0);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    sleep_ms(1550);
    /* Busy sessions are never cut. */
    for (at = 0; at < 8; at++) {
        EXECUTE(sessions[at], "select 1 from dual");
    }
    COUNTS(pool, 8, 8);
    for (at = 0; at < 8; at++) {
        RELEASE(sessions[at]);
    }
    WAIT_FOR(STATS(pool).open == 4 && STATS(pool).connecting == 0);
    EQUAL(STATS(pool).closed_lifetime, 8);
    EQUAL(STATS(pool).connects, 12);
    sessions[0] = GET(pool);
    EQUAL(orapool_session_is_new(sessions[0]), 1);
    RELEASE(sessions[0]);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* T45 [PY 2419, NODE pool.js 51.4]: close with 1 busy: 24422; get works; release; close. */
static void t45_a_busy_pool_stays_open(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *other;
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, "busy");
    other = GET(pool);
    EXECUTE(session, "select 1 from dual");
    COUNTS(pool, 2, 2);
    RELEASE(other);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, "busy");
    RELEASE(session);
    CLOSE(pool);
}

typedef struct {
    pthread_t thread;
    orapool *pool;
    int64_t drain_ms;
    orapool_status status;
    int64_t took_ms;
    int is_done;
} draining;

static void *run_draining(void *argument) {
    draining *self = (draining *)argument;
    int64_t began = now_ms();
    self->status = orapool_close(self->pool, ORAPOOL_CLOSE_DEFAULT, self->drain_ms, NULL);
    self->took_ms = now_ms() - began;
    __atomic_store_n(&self->is_done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void start_draining(draining *self, orapool *pool, int64_t drain_ms) {
    memset(self, 0, sizeof *self);
    self->pool = pool;
    self->drain_ms = drain_ms;
    CHECK(pthread_create(&self->thread, NULL, run_draining, self) == 0);
}

/* T47a [NODE poolDrain 170.x]: drain with 1 busy that comes back: the close ends early, with no force. Gets fail with
 * 24461 meanwhile, and the loan goes on working. */
static void t47_a_drain_ends_with_the_last_loan(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    draining closer;
    start_draining(&closer, pool, 600000);
    WAIT_FOR(is_closing(pool));
    GET_FAILS(pool, NULL, ORAPOOL_CLOSED, 24461, NULL);
    EXECUTE(session, "select 1 from dual");
    EQUAL(STATS(pool).busy, 1);
    CHECK(!IS_DONE(&closer));
    RELEASE(session);
    pthread_join(closer.thread, NULL);
    EQUAL(closer.status, ORAPOOL_SUCCESS);
    CHECK(closer.took_ms < 500000);
    GET_FAILS(pool, NULL, ORAPOOL_INVALID_HANDLE, 0, NULL);
}

/* T47b: drain with a loan that never comes back: after the time it is taken away. */
static void t47_a_drain_ends_with_its_time(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    int64_t began = now_ms();
    SUCCEEDS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 300, &err));
    CHECK(now_ms() - began >= 295);
    FAILS(orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &err), ORAPOOL_CLOSED, 24461, NULL);
    FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
    FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
}

/* drain_ms -1 waits for ever. */
static void t47_a_drain_for_ever_waits(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    draining closer;
    start_draining(&closer, pool, -1);
    WAIT_FOR(is_closing(pool));
    sleep_ms(100);
    CHECK(!IS_DONE(&closer));
    release_on_another_thread(session);
    pthread_join(closer.thread, NULL);
    EQUAL(closer.status, ORAPOOL_SUCCESS);
}

/* T49 [ODPI 1415]: homogeneous pool, get with a user: refused, as by ODPI-C (DPI-1012). */
static void t49_a_homogeneous_pool_takes_no_user(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *attrs = empty_bag();
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "adams");
    GET_FAILS(pool, attrs, ORAPOOL_INVALID_ARGUMENT, 24419, "homogeneous");
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD);
    GET_FAILS(pool, attrs, ORAPOOL_INVALID_ARGUMENT, 24419, "homogeneous");
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, NULL);
    GET_FAILS(pool, attrs, ORAPOOL_INVALID_ARGUMENT, 24419, "homogeneous");
    COUNTS(pool, 1, 0);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* T50 [PY 2403]: insert without commit; release; whoever gets a session next does not see the row. */
static void t50_a_release_rolls_back(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *other;
    EXECUTE(session, "create table t (n number)");
    EQUAL(EXECUTE(session, "insert into t values (1)"), 1);
    other = GET(pool);
    TEXT_EQUAL(QUERY(other, "select count(*) from t"), "0");
    RELEASE(session);
    TEXT_EQUAL(QUERY(other, "select count(*) from t"), "0");
    /* The lock is gone as well. */
    EQUAL(EXECUTE(other, "insert into t values (2)"), 1);
    SUCCEEDS(orapool_session_commit(other, &err));
    RELEASE(other);
    session = GET(pool);
    TEXT_EQUAL(QUERY(session, "select max(n) from t"), "2");
    RELEASE(session);
    CLOSE(pool);
}

/* T51: the same handle released twice, the handle of another pool's session, NULL: an error each, counts unchanged. */
static void t51_a_release_of_what_is_not_on_loan(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *other = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *others = GET(other);
    RELEASE(session);
    FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    FAILS(orapool_session_release(NULL, NULL, 0, 0, &err), ORAPOOL_INVALID_HANDLE, 0, "NULL");
    COUNTS(pool, 1, 0);
    /* Any pool's session goes back to its own pool. */
    RELEASE(others);
    FAILS(orapool_session_release(others, NULL, 0, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    COUNTS(other, 1, 0);
    CLOSE(pool);
    CLOSE(other);
}

enum { THREADS = 32, ROUNDS = 1000 };

static void *get_and_release(void *argument) {
    orapool *pool = (orapool *)argument;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        orapool_session *session = NULL;
        if (orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL) != ORAPOOL_SUCCESS) {
            return argument;
        }
        if (round % 100 == 0 && orapool_session_ping(session, NULL) != ORAPOOL_SUCCESS) {
            return argument;
        }
        if (orapool_session_release(session, NULL, 0, 0, NULL) != ORAPOOL_SUCCESS) {
            return argument;
        }
    }
    return NULL;
}

/* T53: 32 threads, 1000 rounds each, P(4,16,2,WAIT): no deadlock; at the end nothing is busy and at most 16 are open. */
static void t53_many_threads(void) {
    orapool *pool = POOL(4, 16, 2, ORAPOOL_GET_WAIT);
    pthread_t threads[THREADS];
    orapool_stats stats;
    void *failed;
    int at;
    for (at = 0; at < THREADS; at++) {
        CHECK(pthread_create(&threads[at], NULL, get_and_release, pool) == 0);
    }
    for (at = 0; at < THREADS; at++) {
        pthread_join(threads[at], &failed);
        CHECK(failed == NULL);
    }
    stats = SETTLED(pool);
    EQUAL(stats.busy, 0);
    EQUAL(stats.waiting, 0);
    CHECK(stats.open <= 16 && stats.open >= 4);
    CHECK(stats.peak_busy <= 16);
    EQUAL(stats.gets, THREADS * ROUNDS);
    EQUAL(stats.releases, THREADS * ROUNDS);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(t01_create_opens_the_minimum),
    TEST(t02_growth_by_the_increment),
    TEST(t03_growth_ends_at_the_maximum),
    TEST(t05_nowait_fails_when_all_are_out),
    TEST(t06_forceget_goes_over_the_maximum),
    TEST(t07_timedwait_gives_up),
    TEST(t09_waiters_are_served_in_order),
    TEST(t10_sizes_that_do_not_go_together),
    TEST(t10_sizes_that_are_fine),
    TEST(t28_the_session_released_last_comes_first),
    TEST(t28_a_thread_finds_its_own_first),
    TEST(t39_a_ping_finds_the_killed_session),
    TEST(t40_without_pings_the_holder_finds_it),
    TEST(t41_a_lowered_maximum_counts_at_once),
    SLOW_TEST(t44_aged_sessions_are_closed_and_the_minimum_refilled),
    TEST(t45_a_busy_pool_stays_open),
    TEST(t47_a_drain_ends_with_the_last_loan),
    TEST(t47_a_drain_ends_with_its_time),
    TEST(t47_a_drain_for_ever_waits),
    TEST(t49_a_homogeneous_pool_takes_no_user),
    TEST(t50_a_release_rolls_back),
    TEST(t51_a_release_of_what_is_not_on_loan),
    SLOW_TEST(t53_many_threads),
};

MAIN(tests)
