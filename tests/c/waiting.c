/* Gets that wait, for loans and for connects, and what they are told when they do not get one; a database that refuses
 * connects or is slow to make them. */

#include "harness.h"

/* A bag for a get with a mode and a deadline of its own. */
static orapool_attrs *within(int64_t mode, int64_t ms) {
    orapool_attrs *attrs = empty_bag();
    SET_INT(attrs, ORAPOOL_ATTR_GET_MODE, mode);
    SET_INT(attrs, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, ms);
    return attrs;
}

static orapool_attrs *in_mode(int64_t mode) {
    orapool_attrs *attrs = empty_bag();
    SET_INT(attrs, ORAPOOL_ATTR_GET_MODE, mode);
    return attrs;
}

static void set_max(orapool *pool, int64_t max) {
    orapool_attrs *changes = empty_bag();
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, max);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    orapool_attrs_free(changes);
}

/* A raised maximum is there for those who wait already. */
static void a_raised_maximum_serves_who_waits(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    getting waiter;
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 1);
    set_max(pool, 2);
    RELEASE(end_getting(&waiter));
    EQUAL(waiter.status, ORAPOOL_SUCCESS);
    RELEASE(session);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* -- a database that refuses ------------------------------------------------------------------------------------ */

/* Creates a pool of whose minimum connects fail: a warning with the cause, which does not speak of the whole. */
static orapool *create_in_part(int line, orapool_attrs *attrs, const char *whole) {
    orapool *pool = POISON(orapool);
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error);
    const char *message = orapool_error_message(error, NULL);
    if (message != NULL && strstr(message, whole) != NULL) {
        fail_at(__FILE__, line, "the warning is about a part of the minimum, and says", message);
    }
    failed_at(__FILE__, line, "orapool_create", status, error, ORAPOOL_SUCCESS_WITH_INFO, 24414, NULL, 12541);
    check_at(__FILE__, line, pool != NULL, "a pool with a part of its minimum has a handle");
    orapool_attrs_free(attrs);
    return pool;
}

/* [EH 24414]: a part of the minimum: a warning with the cause, and a pool that works and goes on trying. */
static void a_part_of_the_minimum(void) {
    orapool *pool = create_in_part(__LINE__, sized_bag("connect_failures=2", 3, 4, 1, ORAPOOL_GET_WAIT), "3 of 3");
    RELEASE(GET(pool));
    WAIT_FOR(STATS(pool).open == 3);
    EQUAL(STATS(pool).connect_failures, 2);
    EQUAL(STATS(pool).connects, 3);
    COUNTS(pool, 3, 0);
    CLOSE(pool);
}

/* However the failure and the successes fall together, it is not passed over. */
static void a_part_of_the_minimum_is_always_told(void) {
    int before = failures;
    int round;
    for (round = 0; round < 100 && failures == before; round++) {
        CLOSE(create_in_part(__LINE__, sized_bag("connect_failures=1", 4, 4, 1, ORAPOOL_GET_WAIT), "4 of 4"));
    }
}

/* Nor when the pool makes good what failed while the rest of the minimum is still being opened: then there is nothing
 * to warn of, or the warning is about what failed at first. */
static void a_part_of_the_minimum_that_is_made_good(void) {
    orapool_attrs *attrs = sized_bag("connect_failures=1&connect_delay_ms=150", 3, 4, 1, ORAPOOL_GET_WAIT);
    orapool *pool = NULL;
    orapool_error *error = NULL;
    orapool_status status;
    SET_INT(attrs, ORAPOOL_ATTR_CONNECTS_MAX, 1);
    status = orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error);
    if (status == ORAPOOL_SUCCESS_WITH_INFO) {
        EQUAL(orapool_error_code(error), 24414);
        CHECK(strstr(orapool_error_message(error, NULL), "3 of 3") == NULL);
    } else {
        EQUAL(status, ORAPOOL_SUCCESS);
        EQUAL(STATS(pool).open, 3);
    }
    orapool_error_free(error);
    WAIT_FOR(STATS(pool).open == 3);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* All of the minimum: the create fails with the first error. */
static void nothing_of_the_minimum(void) {
    orapool_attrs *attrs = sized_bag("connect_failures=1000", 3, 4, 1, ORAPOOL_GET_WAIT);
    orapool *pool = POISON(orapool);
    FAILS(orapool_create("refused", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 12541, NULL);
    CHECK(pool == NULL);
    pool = POISON(orapool);
    FAILS(orapool_open("refused", ORAPOOL_NTS, &pool, &err), ORAPOOL_ERROR, 24416, NULL);
    orapool_attrs_free(attrs);
}

/* A connect that fails is told to the get that asked for it, which may try again, and to no other. */
static void a_failed_connect_is_told_once(void) {
    orapool *pool = CREATE(sized_bag("connect_failures=1", 0, 2, 1, ORAPOOL_GET_WAIT));
    orapool_error *error = NULL;
    orapool_session *session = POISON(orapool_session);
    EQUAL(orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error), ORAPOOL_ERROR);
    CHECK(session == NULL);
    EQUAL(orapool_error_code(error), 12541);
    EQUAL(orapool_error_is_transient(error), 1);
    EQUAL(orapool_error_is_session_dead(error), 0);
    orapool_error_free(error);
    COUNTS(pool, 0, 0);
    EQUAL(STATS(pool).connect_failures, 1);
    RELEASE(GET(pool));
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* Several gets that wait while connects fail: each is told, each may try again, and in the end all have one. */
static void failed_connects_reach_those_who_asked(void) {
    orapool *pool = CREATE(sized_bag("connect_failures=3&connect_delay_ms=50", 0, 3, 1, ORAPOOL_GET_WAIT));
    getting gets[3];
    int at;
    for (at = 0; at < 3; at++) {
        start_getting(&gets[at], pool, NULL);
    }
    for (at = 0; at < 3; at++) {
        CHECK(end_getting(&gets[at]) == NULL);
        EQUAL(gets[at].status, ORAPOOL_ERROR);
        EQUAL(gets[at].code, 12541);
    }
    COUNTS(pool, 0, 0);
    EQUAL(STATS(pool).connect_failures, 3);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* A connect error that a success came after is no cause of a time-out. */
static void a_timeout_tells_no_old_connect_error(void) {
    orapool *pool = CREATE(sized_bag("connect_failures=1", 0, 1, 1, ORAPOOL_GET_NOWAIT));
    orapool_attrs *attrs = within(ORAPOOL_GET_TIMEDWAIT, 50);
    orapool_session *session;
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 12541, NULL);
    session = GET(pool);
    get_fails_at(__FILE__, __LINE__, pool, attrs, 0, ORAPOOL_TIMEOUT, 24457, NULL, 0);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* A time-out while the database refuses says so: the last connect error is its cause. */
static void a_timeout_tells_the_last_connect_error(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *attrs = within(ORAPOOL_GET_TIMEDWAIT, 50);
    orapool_session *session = GET(pool);
    orapool_session *other;
    EXECUTE(session, "alter user scott identified by \"otherSecret9\"");
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    EXECUTE(session, "alter user scott identified by \"" PASSWORD "\"");
    other = GET(pool);
    EXECUTE(session, "alter user scott identified by \"otherSecret9\"");
    DROP(other);
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    set_max(pool, 1);
    get_fails_at(__FILE__, __LINE__, pool, attrs, 0, ORAPOOL_TIMEOUT, 24457, NULL, 1017);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* -- slow connects ---------------------------------------------------------------------------------------------- */

/* TIMEDWAIT: the deadline covers the get's own connect (24459). That goes on, and its session stays in the pool. */
static void a_deadline_before_the_connect(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=2000", 0, 2, 1, ORAPOOL_GET_WAIT));
    orapool_attrs *attrs = within(ORAPOOL_GET_TIMEDWAIT, 300);
    orapool_session *session;
    orapool_stats stats;
    GET_FAILS(pool, attrs, ORAPOOL_TIMEOUT, 24459, "connect");
    stats = STATS(pool);
    EQUAL(stats.connecting, 1);
    EQUAL(stats.waiting, 0);
    EQUAL(stats.open, 0);
    EQUAL(stats.timeouts, 1);
    WAIT_FOR(STATS(pool).open == 1);
    COUNTS(pool, 1, 0);
    session = GET_WITH(pool, attrs);
    EQUAL(orapool_session_is_new(session), 1);
    EQUAL(STATS(pool).connects, 1);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* A connect that is under way when its get gives up serves the next get, in whichever mode. */
static void a_connect_left_behind_serves_the_next(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=1000", 0, 2, 1, ORAPOOL_GET_WAIT));
    orapool_attrs *attrs = within(ORAPOOL_GET_TIMEDWAIT, 300);
    orapool_attrs *nowait = in_mode(ORAPOOL_GET_NOWAIT);
    orapool_session *session;
    GET_FAILS(pool, attrs, ORAPOOL_TIMEOUT, 24459, NULL);
    session = GET_WITH(pool, nowait);
    EQUAL(STATS(pool).connects, 1);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    orapool_attrs_free(attrs);
    orapool_attrs_free(nowait);
    CLOSE(pool);
}

/* NOWAIT, and a deadline of 0, do not wait for the connects of others: 24459. */
static void nobody_waits_for_the_connects_of_others(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=600000", 0, 1, 1, ORAPOOL_GET_WAIT));
    orapool_attrs *nowait = in_mode(ORAPOOL_GET_NOWAIT);
    orapool_attrs *at_once = within(ORAPOOL_GET_WAIT, 0);
    getting first;
    start_getting(&first, pool, NULL);
    WAIT_FOR(STATS(pool).connecting == 1);
    GET_FAILS(pool, nowait, ORAPOOL_TIMEOUT, 24459, NULL);
    GET_FAILS(pool, at_once, ORAPOOL_TIMEOUT, 24459, NULL);
    CHECK(!IS_DONE(&first));
    EQUAL(STATS(pool).timeouts, 2);
    EQUAL(STATS(pool).waiting, 1);
    FORCE_CLOSE(pool);
    CHECK(end_getting(&first) == NULL);
    orapool_attrs_free(nowait);
    orapool_attrs_free(at_once);
}

/* NOWAIT takes over a connect that nobody waits for, such as the rest of an increment. */
static void nowait_claims_a_connect_that_nobody_waits_for(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=2000", 0, 3, 3, ORAPOOL_GET_WAIT));
    orapool_attrs *nowait = in_mode(ORAPOOL_GET_NOWAIT);
    orapool_session *session;
    getting first;
    start_getting(&first, pool, NULL);
    WAIT_FOR(STATS(pool).connecting == 3);
    session = GET_WITH(pool, nowait);
    RELEASE(end_getting(&first));
    RELEASE(session);
    COUNTS(pool, 3, 0);
    EQUAL(STATS(pool).connects, 3);
    orapool_attrs_free(nowait);
    CLOSE(pool);
}

/* NOWAIT and a deadline of 0 wait for a connect of their own. */
static void everybody_waits_for_its_own_connect(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=100", 0, 2, 1, ORAPOOL_GET_NOWAIT));
    orapool_attrs *at_once = within(ORAPOOL_GET_TIMEDWAIT, 0);
    orapool_session *first = GET(pool);
    orapool_session *second = GET_WITH(pool, at_once);
    COUNTS(pool, 2, 2);
    RELEASE(first);
    RELEASE(second);
    orapool_attrs_free(at_once);
    CLOSE(pool);
}

/* Deadline 0 with all sessions on loan: 24457, in TIMEDWAIT as in WAIT. */
static void a_deadline_of_0_waits_for_no_loan(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *timed = within(ORAPOOL_GET_TIMEDWAIT, 0);
    orapool_attrs *at_once = within(ORAPOOL_GET_WAIT, 0);
    orapool_session *session = GET(pool);
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, "busy");
    GET_FAILS(pool, at_once, ORAPOOL_TIMEOUT, 24457, NULL);
    EQUAL(STATS(pool).timeouts, 2);
    RELEASE(session);
    RELEASE(GET_WITH(pool, timed));
    orapool_attrs_free(timed);
    orapool_attrs_free(at_once);
    CLOSE(pool);
}

/* A connect that takes longer than CONNECT_TIMEOUT_MS fails with 12170. */
static void a_connect_has_a_limit(void) {
    orapool_attrs *attrs = sized_bag("connect_delay_ms=60000", 0, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_CONNECT_TIMEOUT_MS, 100);
    pool = CREATE(attrs);
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 12170, NULL);
    COUNTS(pool, 0, 0);
    EQUAL(STATS(pool).connect_failures, 1);
    CLOSE(pool);
}

/* Closing does not wait for a slow connect, and the get that waits for it is told. */
static void a_close_calls_off_connects(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=600000", 0, 1, 1, ORAPOOL_GET_WAIT));
    getting waiter;
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).connecting == 1);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, NULL);
    FORCE_CLOSE(pool);
    CHECK(end_getting(&waiter) == NULL);
    EQUAL(waiter.status, ORAPOOL_CLOSED);
    EQUAL(waiter.code, 24461);
}

/* A connect whose place was made by a release is not needed any more: the released session serves first. */
static void a_release_serves_who_waits_for_a_connect(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=2000", 1, 2, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    getting waiter;
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 1);
    RELEASE(session);
    WAIT_FOR(IS_DONE(&waiter));
    session = end_getting(&waiter);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    SETTLED(pool);
    CLOSE(pool);
}

/* -- the queue -------------------------------------------------------------------------------------------------- */

/* WAITERS_MAX: one more than may wait is turned away at once; it counts as rejected and not as a time-out. */
static void too_many_waiters(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session;
    getting waiter;
    SET_INT(attrs, ORAPOOL_ATTR_WAITERS_MAX, 1);
    pool = CREATE(attrs);
    session = GET(pool);
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 1);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, "WAITERS_MAX");
    EQUAL(STATS(pool).rejected, 1);
    EQUAL(STATS(pool).timeouts, 0);
    EQUAL(STATS(pool).waiting, 1);
    RELEASE(session);
    RELEASE(end_getting(&waiter));
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* [node-oracledb queueMax 0]: nobody may wait for a loan; whoever connects for itself does not count. */
static void no_waiters_at_all(void) {
    orapool_attrs *attrs = sized_bag("connect_delay_ms=20", 0, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_WAITERS_MAX, 0);
    pool = CREATE(attrs);
    session = GET(pool);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, "WAITERS_MAX");
    EQUAL(STATS(pool).rejected, 1);
    RELEASE(session);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* The mode of a get is stronger than the pool's, for that get. */
static void each_get_may_have_its_mode(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *force = in_mode(ORAPOOL_GET_FORCEGET);
    orapool_attrs *timed = within(ORAPOOL_GET_TIMEDWAIT, 30);
    orapool_session *session = GET(pool);
    get_results extra;
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, NULL);
    FAILS(get_into(pool, &extra, force, 0, &err), ORAPOOL_SUCCESS_WITH_INFO, 24417, NULL);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, NULL);
    COUNTS(pool, 2, 2);
    RELEASE(extra.session);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    /* Below the maximum FORCEGET has nothing to warn of. */
    RELEASE(GET_WITH(pool, force));
    orapool_attrs_free(force);
    orapool_attrs_free(timed);
    CLOSE(pool);
}

/* A deadline of a get in WAIT is kept; -1 waits for ever. */
static void a_deadline_whatever_the_mode(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *short_wait = within(ORAPOOL_GET_WAIT, 100);
    orapool_attrs *for_ever = within(ORAPOOL_GET_TIMEDWAIT, -1);
    orapool_session *session = GET(pool);
    getting waiter;
    int64_t began = now_ms();
    GET_FAILS(pool, short_wait, ORAPOOL_TIMEOUT, 24457, NULL);
    CHECK(now_ms() - began >= 95);
    start_getting(&waiter, pool, for_ever);
    WAIT_FOR(STATS(pool).waiting == 1);
    sleep_ms(200);
    CHECK(!IS_DONE(&waiter));
    RELEASE(session);
    RELEASE(end_getting(&waiter));
    EQUAL(waiter.status, ORAPOOL_SUCCESS);
    orapool_attrs_free(short_wait);
    orapool_attrs_free(for_ever);
    CLOSE(pool);
}

/* The wait is counted, the longest one and all together; so is the highest number on loan. */
static void waits_are_measured(void) {
    orapool *pool = POOL(2, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *timed = within(ORAPOOL_GET_TIMEDWAIT, 100);
    orapool_session *first = GET(pool);
    orapool_session *second = GET(pool);
    orapool_stats stats;
    EQUAL(STATS(pool).wait_ns_total, 0);
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, NULL);
    stats = STATS(pool);
    CHECK(stats.wait_ns_max >= 95000000u);
    CHECK(stats.wait_ns_total >= stats.wait_ns_max);
    EQUAL(stats.peak_busy, 2);
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, NULL);
    CHECK(STATS(pool).wait_ns_total >= stats.wait_ns_total + 95000000u);
    RELEASE(first);
    RELEASE(second);
    EQUAL(STATS(pool).peak_busy, 2);
    orapool_attrs_free(timed);
    CLOSE(pool);
}

/* A time-out says who has the oldest loan, if that get gave its context. */
static void a_timeout_tells_who_has_the_session(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *attrs = empty_bag();
    orapool_session *session;
    orapool_error *error = NULL;
    SET_TEXT(attrs, ORAPOOL_ATTR_CONTEXT, "billing.c:42");
    session = GET_WITH(pool, attrs);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, "billing.c:42");
    RELEASE(session);
    /* The context belongs to the loan and not to the session. */
    session = GET(pool);
    EQUAL(orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error), ORAPOOL_TIMEOUT);
    CHECK(error != NULL && strstr(orapool_error_message(error, NULL), "billing") == NULL);
    EQUAL(orapool_error_is_transient(error), 1);
    orapool_error_free(error);
    FORCE_CLOSE(pool);
    orapool_attrs_free(attrs);
}

/* A session that was released on one thread serves a get that waits on another, with or without use in between. */
static void a_release_wakes_a_waiter(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    int round;
    for (round = 0; round < 30; round++) {
        getting waiter;
        orapool_session *session = GET(pool);
        start_getting(&waiter, pool, NULL);
        if (round % 3 != 0) {
            WAIT_FOR(STATS(pool).waiting == 1);
        }
        if (round % 2 == 0) {
            SUCCEEDS(orapool_session_ping(session, &err));
        }
        RELEASE(session);
        WAIT_FOR(IS_DONE(&waiter));
        release_on_another_thread(end_getting(&waiter));
    }
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* A dropped session makes room for a waiter, for which another is made. */
static void a_drop_serves_a_waiter(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    getting waiter;
    start_getting(&waiter, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 1);
    DROP(session);
    session = end_getting(&waiter);
    EQUAL(waiter.status, ORAPOOL_SUCCESS);
    CHECK(IDENTITY(session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    COUNTS(pool, 1, 1);
    EQUAL(STATS(pool).drops, 1);
    RELEASE(session);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(a_raised_maximum_serves_who_waits),
    TEST(a_part_of_the_minimum),
    SLOW_TEST(a_part_of_the_minimum_is_always_told),
    TEST(a_part_of_the_minimum_that_is_made_good),
    TEST(nothing_of_the_minimum),
    TEST(a_failed_connect_is_told_once),
    TEST(failed_connects_reach_those_who_asked),
    TEST(a_timeout_tells_no_old_connect_error),
    TEST(a_timeout_tells_the_last_connect_error),
    SLOW_TEST(a_deadline_before_the_connect),
    SLOW_TEST(a_connect_left_behind_serves_the_next),
    TEST(nobody_waits_for_the_connects_of_others),
    SLOW_TEST(nowait_claims_a_connect_that_nobody_waits_for),
    TEST(everybody_waits_for_its_own_connect),
    TEST(a_deadline_of_0_waits_for_no_loan),
    TEST(a_connect_has_a_limit),
    TEST(a_close_calls_off_connects),
    SLOW_TEST(a_release_serves_who_waits_for_a_connect),
    TEST(too_many_waiters),
    TEST(no_waiters_at_all),
    TEST(each_get_may_have_its_mode),
    TEST(a_deadline_whatever_the_mode),
    TEST(waits_are_measured),
    TEST(a_timeout_tells_who_has_the_session),
    TEST(a_release_wakes_a_waiter),
    TEST(a_drop_serves_a_waiter),
};

MAIN(tests)
