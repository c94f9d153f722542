/* Pools by name and by handle; closing, with force and while others are at work; changing an open pool. */

#include "calls.h"

static orapool *open_pool(const char *name) {
    orapool *pool = POISON(orapool);
    SUCCEEDS(orapool_open(name, ORAPOOL_NTS, &pool, &err));
    CHECK(pool != NULL && pool != POISON(orapool));
    return pool;
}

static void there_is_no(const char *name) {
    orapool *pool = POISON(orapool);
    FAILS(orapool_open(name, ORAPOOL_NTS, &pool, &err), ORAPOOL_ERROR, 24416, name);
    CHECK(pool == NULL);
}

/* -- names and handles ------------------------------------------------------------------------------------------ */

/* Each create and open gives a handle of its own; the last close closes the pool. */
static void several_handles_of_one_pool(void) {
    orapool *first = CREATE_NAMED("several", sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_NOWAIT));
    orapool *second = open_pool("several");
    orapool *third = open_pool("several");
    orapool_session *session = GET(first);
    CHECK(first != second && second != third);
    EQUAL(STATS(second).busy, 1);
    EQUAL(STATS(third).gets, 1);
    /* Not the last: a loan that was got through it does not matter, and goes on. */
    CLOSE(first);
    refuse_pool(first, INVALID_HANDLE);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    SUCCEEDS(orapool_close(second, ORAPOOL_CLOSE_DEFAULT, -1, &err));
    session = GET(third);
    FAILS(orapool_close(third, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, NULL);
    RELEASE(session);
    CLOSE(third);
    there_is_no("several");
}

/* A session of one handle's get is released all the same when that handle is gone, by the thread that got it. */
static void a_loan_outlives_its_handle(void) {
    orapool *keeper = CREATE_NAMED("outlives", sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_NOWAIT));
    int round;
    for (round = 0; round < 10; round++) {
        orapool *passing = open_pool("outlives");
        orapool_session *session = GET(passing);
        CLOSE(passing);
        COUNTS(keeper, 1, 1);
        RELEASE(session);
        COUNTS(keeper, 1, 0);
        GET_FAILS(passing, NULL, ORAPOOL_INVALID_HANDLE, 0, NULL);
    }
    CLOSE(keeper);
}

static orapool_status create_or_open(const char *name, const orapool_attrs *attrs, orapool **pool, orapool_error **error) {
    *pool = POISON(orapool);
    return orapool_create(name, ORAPOOL_NTS, attrs, ORAPOOL_CREATE_OR_OPEN, pool, error);
}

static void create_or_open_with_the_same_attributes(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 3, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *again = empty_bag();
    orapool *first, *second, *third;
    SUCCEEDS(create_or_open("same", attrs, &first, &err));
    SUCCEEDS(create_or_open("same", attrs, &second, &err));
    /* The same, in another order. */
    SET_INT(again, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_WAIT);
    set_sizes(again, 1, 3, 1);
    SET_TEXT(again, ORAPOOL_ATTR_CONNECT_STRING, database(NULL));
    SET_TEXT(again, ORAPOOL_ATTR_PASSWORD, PASSWORD);
    SET_TEXT(again, ORAPOOL_ATTR_USER, "scott");
    SUCCEEDS(create_or_open("same", again, &third, &err));
    EQUAL(STATS(third).connects, 1);
    CLOSE(first);
    CLOSE(second);
    RELEASE(GET(third));
    CLOSE(third);
    there_is_no("same");
    orapool_attrs_free(attrs);
    orapool_attrs_free(again);
}

/* A conflict names the attributes that differ, and no values of passwords. */
static void create_or_open_with_other_attributes(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 3, 1, ORAPOOL_GET_WAIT);
    orapool *first, *other;
    SUCCEEDS(create_or_open("other", attrs, &first, &err));
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 4);
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "SESSIONS_MAX");
    CHECK(other == NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, WRONG_PASSWORD);
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "SESSIONS_MAX");
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "PASSWORD");
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 3);
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "PASSWORD");
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "adams");
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "USER");
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD);
    /* Set to its default is not the same as not set. */
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 60000);
    FAILS(create_or_open("other", attrs, &other, &err), ORAPOOL_CONFLICT, 0, "PING_INTERVAL_MS");
    CHECK(other == NULL);
    orapool_attrs_free(attrs);
    COUNTS(first, 1, 0);
    CLOSE(first);
}

/* "The same attributes" are those of the creation, whatever was changed since. */
static void create_or_open_after_a_change(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 3, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *changes = empty_bag();
    orapool *first, *second;
    SUCCEEDS(create_or_open("changed", attrs, &first, &err));
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 5);
    SUCCEEDS(orapool_reconfigure(first, changes, &err));
    SUCCEEDS(create_or_open("changed", attrs, &second, &err));
    CLOSE(first);
    CLOSE(second);
    orapool_attrs_free(attrs);
    orapool_attrs_free(changes);
}

static void create_new_on_a_name_that_is_taken(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 3, 1, ORAPOOL_GET_WAIT);
    orapool *first, *other;
    other = POISON(orapool);
    SUCCEEDS(orapool_create("taken", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &first, &err));
    FAILS(orapool_create("taken", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &other, &err), ORAPOOL_CONFLICT, 0, "taken");
    CHECK(other == NULL);
    /* Names are told apart to the letter. */
    SUCCEEDS(orapool_create("Taken", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &other, &err));
    CLOSE(other);
    CLOSE(first);
    SUCCEEDS(orapool_create("taken", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &other, &err));
    CLOSE(other);
    orapool_attrs_free(attrs);
}

/* Pools without a name are nobody else's, however many there are. */
static void pools_without_a_name(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 3, 1, ORAPOOL_GET_WAIT);
    orapool *pools[4];
    orapool *opened = POISON(orapool);
    SUCCEEDS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pools[0], &err));
    SUCCEEDS(orapool_create(NULL, ORAPOOL_NTS, attrs, ORAPOOL_CREATE_OR_OPEN, &pools[1], &err));
    SUCCEEDS(orapool_create("", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pools[2], &err));
    SUCCEEDS(orapool_create("x", 0, attrs, ORAPOOL_CREATE_OR_OPEN, &pools[3], &err));
    FAILS(orapool_open(NULL, 0, &opened, &err), ORAPOOL_INVALID_ARGUMENT, 0, "name");
    FAILS(orapool_open("", ORAPOOL_NTS, &opened, &err), ORAPOOL_INVALID_ARGUMENT, 0, "name");
    FAILS(orapool_open(NULL, 3, &opened, &err), ORAPOOL_INVALID_ARGUMENT, 0, "name");
    CHECK(opened == NULL);
    RELEASE(GET(pools[1]));
    EQUAL(STATS(pools[0]).gets, 0);
    CLOSE(pools[0]);
    CLOSE(pools[1]);
    CLOSE(pools[2]);
    CLOSE(pools[3]);
    orapool_attrs_free(attrs);
}

/* Names in UTF-8 and by their length; what stands behind a NUL belongs to the name, or the name is refused. */
static void names_of_all_kinds(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 3, 1, ORAPOOL_GET_WAIT);
    orapool *pool = NULL;
    orapool *other = POISON(orapool);
    orapool_status status;
    SUCCEEDS(orapool_create("p\303\266\303\266l \342\202\254XXX", 10, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    CLOSE(open_pool("p\303\266\303\266l \342\202\254"));
    FAILS(orapool_open("p\377", ORAPOOL_NTS, &other, &err), ORAPOOL_INVALID_ARGUMENT, 0, "UTF-8");
    FAILS(orapool_create("p\377", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &other, &err), ORAPOOL_INVALID_ARGUMENT, 0, "UTF-8");
    CHECK(other == NULL);
    CLOSE(pool);
    SUCCEEDS(orapool_create("abc", 3, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    status = orapool_open("abc\0def", 7, &other, NULL);
    CHECK(status == ORAPOOL_ERROR || status == ORAPOOL_INVALID_ARGUMENT);
    CHECK(other == NULL);
    CLOSE(pool);
    orapool_attrs_free(attrs);
}

typedef struct {
    pthread_t thread;
    const orapool_attrs *attrs;
    orapool *pool;
    orapool_status status;
} creating;

static void *run_creating(void *argument) {
    creating *self = (creating *)argument;
    self->status = orapool_create("raced", ORAPOOL_NTS, self->attrs, ORAPOOL_CREATE_OR_OPEN, &self->pool, NULL);
    return NULL;
}

/* Several threads that create one pool: one makes it, the others wait and open it. */
static void creates_that_race(void) {
    orapool_attrs *attrs = sized_bag("connect_delay_ms=100", 2, 3, 1, ORAPOOL_GET_WAIT);
    creating threads[6];
    int at;
    for (at = 0; at < 6; at++) {
        threads[at].attrs = attrs;
        CHECK(pthread_create(&threads[at].thread, NULL, run_creating, &threads[at]) == 0);
    }
    for (at = 0; at < 6; at++) {
        pthread_join(threads[at].thread, NULL);
        EQUAL(threads[at].status, ORAPOOL_SUCCESS);
    }
    EQUAL(STATS(threads[0].pool).connects, 2);
    for (at = 0; at < 6; at++) {
        CLOSE(threads[at].pool);
    }
    there_is_no("raced");
    orapool_attrs_free(attrs);
}

/* The database goes with the last pool on it. */
static void the_database_goes_with_its_last_pool(void) {
    orapool *first = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *second = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(first);
    EXECUTE(session, "create table t (n number)");
    RELEASE(session);
    CLOSE(first);
    session = GET(second);
    TEXT_EQUAL(QUERY(session, "select count(*) from t"), "0");
    RELEASE(session);
    CLOSE(second);
    first = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    session = GET(first);
    FAILS(orapool_session_execute(session, "select count(*) from t", ORAPOOL_NTS, NULL, &err), ORAPOOL_ERROR, 942, NULL);
    RELEASE(session);
    CLOSE(first);
}

/* -- closing ---------------------------------------------------------------------------------------------------- */

/* With force a pool is closed for every handle: handles, loans and statements say so, until they are given up. */
static void a_forced_close_is_for_all(void) {
    orapool *first = CREATE_NAMED("forced", sized_bag(NULL, 1, 3, 1, ORAPOOL_GET_WAIT));
    orapool *second = open_pool("forced");
    orapool_session *session = GET(second);
    orapool_session *idle = GET(second);
    orapool_stmt *stmt = NULL;
    SUCCEEDS(orapool_stmt_prepare(session, "select 1 from dual", ORAPOOL_NTS, &stmt, &err));
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    RELEASE(idle);
    FORCE_CLOSE(first);
    refuse_pool(first, INVALID_HANDLE);
    /* The name is free, whatever is left of the old pool. */
    there_is_no("forced");
    CLOSE(CREATE_NAMED("forced", bag(NULL)));
    refuse_session(session, TAKEN_AWAY);
    refuse_stmt(stmt, TAKEN_AWAY);
    refuse_session(idle, INVALID_HANDLE);
    refuse_pool(second, TAKEN_AWAY);
    refuse_pool(second, INVALID_HANDLE);
    refuse_session(session, TAKEN_AWAY);
    refuse_release(session, TAKEN_AWAY);
    refuse_release(session, INVALID_HANDLE);
    refuse_session(session, INVALID_HANDLE);
    orapool_stmt_free(stmt);
    refuse_stmt(stmt, INVALID_HANDLE);
}

/* The statement of a loan that was taken away is freed before or after the loan is released. */
static void what_a_forced_close_left_in_any_order(void) {
    int statement_first;
    for (statement_first = 0; statement_first < 2; statement_first++) {
        orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
        orapool_session *session = GET(pool);
        orapool_stmt *stmt = NULL;
        SUCCEEDS(orapool_stmt_prepare(session, "select 1 from dual", ORAPOOL_NTS, &stmt, &err));
        FORCE_CLOSE(pool);
        if (statement_first) {
            orapool_stmt_free(stmt);
        }
        refuse_release(session, TAKEN_AWAY);
        orapool_stmt_free(stmt);
        refuse_release(session, INVALID_HANDLE);
    }
}

/* [PY 2464]: those who wait are woken, and told. Without force it fails, because somebody waits. */
static void a_forced_close_wakes_who_waits(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    getting waiters[3];
    int at;
    for (at = 0; at < 3; at++) {
        start_getting(&waiters[at], pool, NULL);
    }
    WAIT_FOR(STATS(pool).waiting == 3);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, "waiting");
    EQUAL(STATS(pool).waiting, 3);
    FORCE_CLOSE(pool);
    for (at = 0; at < 3; at++) {
        CHECK(end_getting(&waiters[at]) == NULL);
        EQUAL(waiters[at].status, ORAPOOL_CLOSED);
        EQUAL(waiters[at].code, 24461);
    }
    refuse_release(session, TAKEN_AWAY);
    refuse_release(session, INVALID_HANDLE);
}

/* A running call is broken, and says that the pool is closed. */
static void a_forced_close_breaks_calls(void) {
    orapool *witnesses = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool = CREATE(sized_bag("call_delay_ms=600000", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *witness = GET(witnesses);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY_BESIDES(witness);
    executing call;
    start_executing(&call, session, "select 1 from dual");
    WAIT_FOR(is_active(witness, identity));
    FORCE_CLOSE(pool);
    pthread_join(call.thread, NULL);
    EQUAL(call.status, ORAPOOL_CLOSED);
    EQUAL(call.code, 24461);
    refuse_release(session, TAKEN_AWAY);
    refuse_release(session, INVALID_HANDLE);
    TEXT_EQUAL(QUERY(witness, "select count(*) from v$session"), "1");
    RELEASE(witness);
    CLOSE(witnesses);
}

/* What a loan that was taken away had not committed is gone, and its lock with it. */
static void a_forced_close_rolls_back(void) {
    orapool *witnesses = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *witness = GET(witnesses);
    orapool_session *session = GET(pool);
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    FORCE_CLOSE(pool);
    EXECUTE(witness, "insert into t values (2)");
    TEXT_EQUAL(QUERY(witness, "select sum(n) from t"), "2");
    refuse_release(session, TAKEN_AWAY);
    RELEASE(witness);
    CLOSE(witnesses);
}

enum { BUSY_THREADS = 6 };

static void *work_until_closed(void *argument) {
    orapool *pool = (orapool *)argument;
    for (;;) {
        orapool_session *session = NULL;
        orapool_status status = orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);
        orapool_status released;
        if (status != ORAPOOL_SUCCESS) {
            return status == ORAPOOL_CLOSED || status == ORAPOOL_INVALID_HANDLE ? NULL : argument;
        }
        status = orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, NULL);
        released = orapool_session_release(session, NULL, 0, 0, NULL);
        if (released != ORAPOOL_SUCCESS && released != ORAPOOL_CLOSED) {
            return argument;
        }
        if (status != ORAPOOL_SUCCESS && status != ORAPOOL_CLOSED) {
            return argument;
        }
    }
}

/* A forced close while threads get, use and release. */
static void a_forced_close_amid_work(void) {
    int round;
    for (round = 0; round < 10; round++) {
        orapool *pool = POOL(1, 3, 1, ORAPOOL_GET_WAIT);
        pthread_t threads[BUSY_THREADS];
        void *failed;
        int at;
        for (at = 0; at < BUSY_THREADS; at++) {
            CHECK(pthread_create(&threads[at], NULL, work_until_closed, pool) == 0);
        }
        sleep_ms(round * 2);
        FORCE_CLOSE(pool);
        for (at = 0; at < BUSY_THREADS; at++) {
            pthread_join(threads[at], &failed);
            CHECK(failed == NULL);
        }
    }
}

static void *run_force_close(void *argument) {
    return orapool_close((orapool *)argument, ORAPOOL_CLOSE_FORCE, 0, NULL) == ORAPOOL_SUCCESS ? argument : NULL;
}

/* Of several threads that close one handle one succeeds; the others find it closing, or gone. */
static void closes_that_race(void) {
    int round;
    for (round = 0; round < 12; round++) {
        orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
        pthread_t threads[3];
        int wins = 0;
        int at;
        for (at = 0; at < 3; at++) {
            CHECK(pthread_create(&threads[at], NULL, run_force_close, pool) == 0);
        }
        for (at = 0; at < 3; at++) {
            void *won;
            pthread_join(threads[at], &won);
            wins += won != NULL;
        }
        EQUAL(wins, 1);
        refuse_pool(pool, INVALID_HANDLE);
    }
}

static void *run_drain(void *argument) {
    return orapool_close((orapool *)argument, ORAPOOL_CLOSE_DEFAULT, -1, NULL) == ORAPOOL_SUCCESS ? NULL : argument;
}

/* While a pool drains its name is taken and nobody can open it; statistics can still be read. */
static void a_pool_that_drains(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool = NULL;
    orapool *other = POISON(orapool);
    orapool_session *session;
    pthread_t thread;
    void *failed;
    SUCCEEDS(orapool_create("drains", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    session = GET(pool);
    CHECK(pthread_create(&thread, NULL, run_drain, pool) == 0);
    WAIT_FOR(is_closing(pool));
    FAILS(orapool_open("drains", ORAPOOL_NTS, &other, &err), ORAPOOL_CLOSED, 24461, NULL);
    CHECK(other == NULL);
    FAILS(create_or_open("drains", attrs, &other, &err), ORAPOOL_CLOSED, 24461, NULL);
    CHECK(other == NULL);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_FORCE, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
    FAILS(orapool_reconfigure(pool, attrs, &err), ORAPOOL_INVALID_ARGUMENT, 0, NULL);
    EQUAL(STATS(pool).busy, 1);
    RELEASE(session);
    pthread_join(thread, &failed);
    CHECK(failed == NULL);
    there_is_no("drains");
    orapool_attrs_free(attrs);
}

/* drain_ms means nothing on a handle that is not the last. */
static void a_drain_of_a_handle_that_is_not_the_last(void) {
    orapool *first = CREATE_NAMED("notlast", sized_bag(NULL, 0, 2, 1, ORAPOOL_GET_WAIT));
    orapool *second = open_pool("notlast");
    orapool_session *session = GET(first);
    SUCCEEDS(orapool_close(first, ORAPOOL_CLOSE_DEFAULT, -1, &err));
    RELEASE(GET(second));
    RELEASE(session);
    CLOSE(second);
}

/* -- changing a pool -------------------------------------------------------------------------------------------- */

static void a_change_of_sizes(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *sessions[4];
    int at;
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    set_sizes(changes, 3, 4, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    /* A raised minimum is filled in the background. */
    WAIT_FOR(STATS(pool).open == 3);
    for (at = 0; at < 4; at++) {
        sessions[at] = GET(pool);
    }
    COUNTS(pool, 4, 4);
    /* A lowered maximum: those on loan are closed when they come back. */
    set_sizes(changes, 1, 2, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    COUNTS(pool, 4, 4);
    RELEASE(sessions[0]);
    COUNTS(pool, 3, 3);
    EXECUTE(sessions[1], "select 1 from dual");
    RELEASE(sessions[1]);
    COUNTS(pool, 2, 2);
    RELEASE(sessions[2]);
    RELEASE(sessions[3]);
    COUNTS(pool, 2, 0);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* What is idle above a lowered maximum is closed at once. */
static void a_lowered_maximum_closes_what_is_idle(void) {
    orapool *pool = POOL(5, 8, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *session = GET(pool);
    set_sizes(changes, 0, 2, 1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    COUNTS(pool, 2, 1);
    RELEASE(session);
    COUNTS(pool, 2, 0);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

/* All or nothing: a size that does not go with the others, or an attribute that can not change, changes none. */
static void a_change_that_is_refused(void) {
    static const uint32_t fixed[] = {ORAPOOL_ATTR_USER,       ORAPOOL_ATTR_PASSWORD,       ORAPOOL_ATTR_CONNECT_STRING,
                                     ORAPOOL_ATTR_DRIVER,     ORAPOOL_ATTR_CONNECTION_CLASS, ORAPOOL_ATTR_EDITION,
                                     ORAPOOL_ATTR_DRIVER_NAME};
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *first, *second;
    size_t at;
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MIN, 3);
    SET_INT(changes, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_FORCEGET);
    FAILS(orapool_reconfigure(pool, changes, &err), ORAPOOL_ERROR, 24413, "SESSIONS_MAX");
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MIN, 0);
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 0);
    FAILS(orapool_reconfigure(pool, changes, &err), ORAPOOL_ERROR, 24413, NULL);
    orapool_attrs_free(changes);
    for (at = 0; at < sizeof fixed / sizeof fixed[0]; at++) {
        changes = empty_bag();
        SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 5);
        SET_TEXT(changes, fixed[at], PASSWORD);
        FAILS(orapool_reconfigure(pool, changes, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_ATTR_");
        orapool_attrs_free(changes);
    }
    changes = empty_bag();
    SET_INT(changes, ORAPOOL_ATTR_SESSIONS_MAX, 5);
    SET_INT(changes, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    FAILS(orapool_reconfigure(pool, changes, &err), ORAPOOL_INVALID_ARGUMENT, 0, "HOMOGENEOUS");
    orapool_attrs_free(changes);
    /* Still P(1,2,1,NOWAIT). */
    first = GET(pool);
    second = GET(pool);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24496, "at most 2");
    RELEASE(first);
    RELEASE(second);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* Everything that the header says can be changed can be. */
static void what_can_be_changed(void) {
    static const uint32_t changeable[] = {
        ORAPOOL_ATTR_SESSIONS_MIN,     ORAPOOL_ATTR_SESSIONS_MAX,       ORAPOOL_ATTR_SESSIONS_INCREMENT,
        ORAPOOL_ATTR_GET_MODE,         ORAPOOL_ATTR_WAIT_TIMEOUT_MS,    ORAPOOL_ATTR_WAITERS_MAX,
        ORAPOOL_ATTR_PURITY,           ORAPOOL_ATTR_CONNECTS_MAX,       ORAPOOL_ATTR_USES_MAX,
        ORAPOOL_ATTR_LIFETIME_MAX_MS,  ORAPOOL_ATTR_STATEMENT_CACHE_SIZE, ORAPOOL_ATTR_IDLE_TIMEOUT_MS,
        ORAPOOL_ATTR_PING_INTERVAL_MS, ORAPOOL_ATTR_PING_TIMEOUT_MS,    ORAPOOL_ATTR_CONNECT_TIMEOUT_MS,
        ORAPOOL_ATTR_LEAK_AFTER_MS,
    };
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_NOWAIT);
    size_t at;
    for (at = 0; at < sizeof changeable / sizeof changeable[0]; at++) {
        orapool_attrs *changes = empty_bag();
        SET_INT(changes, changeable[at], 1);
        SUCCEEDS(orapool_reconfigure(pool, changes, &err));
        orapool_attrs_free(changes);
    }
    CLOSE(pool);
}

/* The mode, the time-outs and the ping interval of an open pool take effect at the next get. */
static void a_change_of_modes_and_times(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *changes = empty_bag();
    orapool_session *session;
    uint64_t pings;
    RELEASE(GET(pool));
    EQUAL(STATS(pool).pings, 0);
    SET_INT(changes, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    SET_INT(changes, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_TIMEDWAIT);
    SET_INT(changes, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 20);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    session = GET(pool);
    pings = STATS(pool).pings;
    EQUAL(pings, 1);
    GET_FAILS(pool, NULL, ORAPOOL_TIMEOUT, 24457, NULL);
    RELEASE(session);
    SET_INT(changes, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    SET_INT(changes, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, -1);
    SUCCEEDS(orapool_reconfigure(pool, changes, &err));
    session = GET(pool);
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    orapool_attrs_free(changes);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(several_handles_of_one_pool),
    TEST(a_loan_outlives_its_handle),
    TEST(create_or_open_with_the_same_attributes),
    TEST(create_or_open_with_other_attributes),
    TEST(create_or_open_after_a_change),
    TEST(create_new_on_a_name_that_is_taken),
    TEST(pools_without_a_name),
    TEST(names_of_all_kinds),
    SLOW_TEST(creates_that_race),
    TEST(the_database_goes_with_its_last_pool),
    TEST(a_forced_close_is_for_all),
    TEST(what_a_forced_close_left_in_any_order),
    TEST(a_forced_close_wakes_who_waits),
    TEST(a_forced_close_breaks_calls),
    TEST(a_forced_close_rolls_back),
    TEST(a_forced_close_amid_work),
    TEST(closes_that_race),
    TEST(a_pool_that_drains),
    TEST(a_drain_of_a_handle_that_is_not_the_last),
    TEST(a_change_of_sizes),
    TEST(a_lowered_maximum_closes_what_is_idle),
    TEST(a_change_that_is_refused),
    TEST(what_can_be_changed),
    TEST(a_change_of_modes_and_times),
};

MAIN(tests)
