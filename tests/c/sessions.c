/* What a holder does with a session, what becomes of it between loans, and when a session ends. */

#include "harness.h"

/* An administrator's session on the test's database, with none of the delays of the pool under test. */
typedef struct {
    orapool *pool;
    orapool_session *session;
} administrator;

static administrator hire(void) {
    administrator admin;
    admin.pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    admin.session = GET(admin.pool);
    return admin;
}

static void dismiss(administrator *admin) {
    RELEASE(admin->session);
    CLOSE(admin->pool);
}

static void execute_fails_at(int line, orapool_session *session, const char *sql, int32_t code, int is_dead) {
    uint64_t rows = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_execute(session, sql, ORAPOOL_NTS, &rows, &error);
    equal_at(__FILE__, line, "is_session_dead", orapool_error_is_session_dead(error), is_dead);
    equal_at(__FILE__, line, "rows", (int64_t)rows, 0);
    failed_at(__FILE__, line, sql, status, error, ORAPOOL_ERROR, code, NULL, -1);
}

#define EXECUTE_FAILS(session, sql, code) execute_fails_at(__LINE__, session, sql, code, 0)
#define EXECUTE_FINDS_IT_DEAD(session, sql, code) execute_fails_at(__LINE__, session, sql, code, 1)

/* -- a loan ----------------------------------------------------------------------------------------------------- */

static void identity_and_newness(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *other;
    uint64_t identity = IDENTITY(session);
    char expected[40];
    snprintf(expected, sizeof expected, "%" PRIu64, identity >> 32);
    TEXT_EQUAL(QUERY(session, "select sys_context('USERENV', 'SID') from dual"), expected);
    EQUAL(orapool_session_is_new(session), 1);
    EQUAL(orapool_session_is_new(session), 1);
    other = GET(pool);
    EQUAL(orapool_session_is_new(other), 1);
    CHECK(IDENTITY(other) != identity);
    RELEASE(other);
    RELEASE(session);
    session = GET(pool);
    EQUAL(orapool_session_is_new(session), 0);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    EQUAL(STATS(pool).gets_new, 2);
    EQUAL(STATS(pool).gets_untagged, 1);
    CLOSE(pool);
}

static void rows_of_a_statement(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    EQUAL(EXECUTE(session, "create table t (n number)"), 0);
    EQUAL(EXECUTE(session, "insert into t values (1)"), 1);
    EQUAL(EXECUTE(session, "insert into t select n + 1 from t"), 1);
    EQUAL(EXECUTE(session, "update t set n = n + 1"), 2);
    EQUAL(EXECUTE(session, "select * from t"), 2);
    EQUAL(EXECUTE(session, "select * from t where 1 = 0"), 0);
    EQUAL(EXECUTE(session, "delete from t where n = 2"), 1);
    EXECUTE_FAILS(session, "select * from nonesuch", 942);
    EXECUTE_FAILS(session, "select :1 from dual", 1008);
    EXECUTE_FAILS(session, "select 1 from dual;", 933);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

static void commit_and_rollback(void) {
    orapool *pool = POOL(2, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *other = GET(pool);
    SUCCEEDS(orapool_session_commit(session, &err));
    SUCCEEDS(orapool_session_rollback(session, &err));
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    SUCCEEDS(orapool_session_rollback(session, &err));
    TEXT_EQUAL(QUERY(session, "select count(*) from t"), "0");
    EXECUTE(session, "insert into t values (2)");
    TEXT_EQUAL(QUERY(other, "select count(*) from t"), "0");
    SUCCEEDS(orapool_session_commit(session, &err));
    TEXT_EQUAL(QUERY(other, "select count(*) from t"), "1");
    RELEASE(session);
    RELEASE(other);
    CLOSE(pool);
}

/* What ALTER SESSION has set stays with the session. */
static void alter_session_outlives_the_loan(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    EXECUTE(session, "alter session set nls_date_format = 'YYYY'");
    RELEASE(session);
    session = GET(pool);
    TEXT_EQUAL(QUERY(session, "select value from nls_session_parameters where parameter = 'NLS_DATE_FORMAT'"), "YYYY");
    RELEASE(session);
    CLOSE(pool);
}

/* A dropped session is closed; the next get makes another, below the minimum at once. */
static void a_drop_closes_the_session(void) {
    administrator admin = hire();
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    orapool_stats stats;
    DROP(session);
    COUNTS(pool, 0, 0);
    TEXT_EQUAL(QUERY(admin.session, "select count(*) from v$session"), "1");
    session = GET(pool);
    CHECK(IDENTITY(session) != identity);
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    DROP(session);
    EQUAL(EXECUTE(admin.session, "insert into t values (2)"), 1);
    stats = STATS(pool);
    EQUAL(stats.drops, 2);
    EQUAL(stats.releases, 2);
    EQUAL(stats.closed_dead, 0);
    CLOSE(pool);
    dismiss(&admin);
}

static void a_drop_is_made_good_to_the_minimum(void) {
    orapool *pool = POOL(2, 3, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    DROP(session);
    WAIT_FOR(STATS(pool).open == 2);
    EQUAL(STATS(pool).connects, 3);
    CLOSE(pool);
}

/* A call that takes longer than the limit fails with 3136 and leaves the session usable; the limit ends with the loan. */
static void a_call_timeout_ends_with_the_loan(void) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=400", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    SUCCEEDS(orapool_session_set_call_timeout(session, 50, &err));
    EXECUTE_FAILS(session, "select 1 from dual", 3136);
    FAILS(orapool_session_ping(session, &err), ORAPOOL_ERROR, 3136, NULL);
    SUCCEEDS(orapool_session_set_call_timeout(session, 0, &err));
    EXECUTE(session, "select 1 from dual");
    SUCCEEDS(orapool_session_set_call_timeout(session, 50, &err));
    SUCCEEDS(orapool_session_set_call_timeout(session, -1, &err));
    EXECUTE(session, "select 1 from dual");
    SUCCEEDS(orapool_session_set_call_timeout(session, 50, &err));
    RELEASE(session);
    session = GET(pool);
    CHECK(IDENTITY(session) == identity);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    COUNTS(pool, 1, 0);
    EQUAL(STATS(pool).closed_dead, 0);
    CLOSE(pool);
}

/* A rollback at the release is not cut short by the holder's limit. */
static void a_call_timeout_does_not_hurt_the_release(void) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=150", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    uint64_t identity;
    EXECUTE(session, "create table t (n number)");
    identity = IDENTITY(session);
    EXECUTE(session, "insert into t values (1)");
    SUCCEEDS(orapool_session_set_call_timeout(session, 10, &err));
    RELEASE(session);
    session = GET(pool);
    CHECK(IDENTITY(session) == identity);
    TEXT_EQUAL(QUERY(session, "select count(*) from t"), "0");
    RELEASE(session);
    CLOSE(pool);
}

/* A limit for waiting on another's lock, and the database's own limit. */
static void waiting_for_a_lock(void) {
    orapool *pool = CREATE(sized_bag("lock_timeout_ms=200", 2, 2, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    orapool_session *other = GET(pool);
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    SUCCEEDS(orapool_session_set_call_timeout(other, 20, &err));
    EXECUTE_FAILS(other, "insert into t values (2)", 3136);
    SUCCEEDS(orapool_session_set_call_timeout(other, 0, &err));
    EXECUTE_FAILS(other, "insert into t values (2)", 30006);
    SUCCEEDS(orapool_session_commit(session, &err));
    EQUAL(EXECUTE(other, "insert into t values (2)"), 1);
    RELEASE(session);
    RELEASE(other);
    CLOSE(pool);
}

/* A break breaks the call that is running: 1013, and the session goes on. */
static void a_break_of_a_running_call(void) {
    administrator admin = hire();
    orapool *pool = CREATE(sized_bag("call_delay_ms=600000", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY_BESIDES(admin.session);
    executing call;
    start_executing(&call, session, "select 1 from dual");
    WAIT_FOR(is_active(admin.session, identity));
    SUCCEEDS(orapool_session_break(session, &err));
    pthread_join(call.thread, NULL);
    EQUAL(call.status, ORAPOOL_ERROR);
    EQUAL(call.code, 1013);
    EQUAL(call.is_dead, 0);
    /* The next call is not hit: it runs until its own limit. */
    SUCCEEDS(orapool_session_set_call_timeout(session, 20, &err));
    EXECUTE_FAILS(session, "select 1 from dual", 3136);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
    dismiss(&admin);
}

/* A break of a wait for another's lock. */
static void a_break_of_a_waiting_call(void) {
    orapool *pool = CREATE(sized_bag("lock_timeout_ms=60000", 2, 2, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    orapool_session *other = GET(pool);
    executing call;
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    start_executing(&call, other, "insert into t values (2)");
    while (!IS_DONE(&call)) {
        /* One that comes before the call has nothing to break. */
        SUCCEEDS(orapool_session_break(other, &err));
        sleep_ms(5);
    }
    pthread_join(call.thread, NULL);
    EQUAL(call.code, 1013);
    RELEASE(session);
    EQUAL(EXECUTE(other, "insert into t values (3)"), 1);
    RELEASE(other);
    CLOSE(pool);
}

/* With no call running a break leaves no trace: not on the next call, not on the next holder. */
static void a_break_with_no_call_running(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    int round;
    for (round = 0; round < 20; round++) {
        SUCCEEDS(orapool_session_break(session, &err));
        SUCCEEDS(orapool_session_break(session, &err));
        if (round % 2 == 0) {
            EXECUTE(session, "select 1 from dual");
        }
        SUCCEEDS(orapool_session_break(session, &err));
        RELEASE(session);
        session = GET(pool);
        EXECUTE(session, "select 1 from dual");
    }
    SUCCEEDS(orapool_session_break(session, &err));
    RELEASE(session);
    EQUAL(STATS(pool).connects, 1);
    FAILS(orapool_session_break(session, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CLOSE(pool);
}

typedef struct {
    pthread_t thread;
    orapool_session *volatile session;
    int ends;
} breaker;

/* Breaks whatever loan it was told of last, without knowing whether that is still on. */
static void *run_breaker(void *argument) {
    breaker *self = (breaker *)argument;
    while (!__atomic_load_n(&self->ends, __ATOMIC_SEQ_CST)) {
        orapool_status status = orapool_session_break(self->session, NULL);
        if (status != ORAPOOL_SUCCESS && status != ORAPOOL_INVALID_HANDLE) {
            return argument;
        }
    }
    return NULL;
}

/* Breaks that come at the end of a loan never hit the next holder, although the session is the same. */
static void breaks_do_not_reach_the_next_holder(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    breaker other;
    void *failed;
    int before = failures;
    int round;
    memset(&other, 0, sizeof other);
    other.session = session;
    CHECK(pthread_create(&other.thread, NULL, run_breaker, &other) == 0);
    for (round = 0; round < 300 && failures == before; round++) {
        orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, NULL);
        RELEASE(session);
        /* The breaker still aims at the former loan. */
        session = GET(pool);
        EXECUTE(session, "select 1 from dual");
        other.session = session;
    }
    __atomic_store_n(&other.ends, 1, __ATOMIC_SEQ_CST);
    pthread_join(other.thread, &failed);
    CHECK(failed == NULL);
    RELEASE(session);
    EQUAL(STATS(pool).connects, 1);
    CLOSE(pool);
}

/* -- sessions that die ------------------------------------------------------------------------------------------ */

/* The error of the calls that come after the one that found the session dead. ODPI-C makes none of them, and tells of the
 * line instead. */
static int32_t code_of_a_former_session(void) {
    return is_over_oci() ? 3114 : 1012;
}

static void a_session_killed_while_idle(void) {
    administrator admin = hire();
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    RELEASE(session);
    KILL(admin.session, identity);
    /* Within the ping interval nobody looks at it: the holder finds out. */
    session = GET(pool);
    EXECUTE_FINDS_IT_DEAD(session, "select 1 from dual", 28);
    EXECUTE_FINDS_IT_DEAD(session, "select 1 from dual", code_of_a_former_session());
    FAILS(orapool_session_ping(session, &err), ORAPOOL_ERROR, code_of_a_former_session(), NULL);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    WAIT_FOR(STATS(pool).open == 1 && STATS(pool).connects == 2);
    EQUAL(STATS(pool).closed_dead, 1);
    session = GET(pool);
    CHECK(IDENTITY(session) != identity);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CLOSE(pool);
    dismiss(&admin);
}

/* Killed with an open transaction, between two calls: even a release with nothing called in between notices. */
static void a_session_killed_while_busy(void) {
    administrator admin = hire();
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (1)");
    KILL(admin.session, IDENTITY(session));
    if (is_over_oci()) {
        /* The client learns of it by the rollback, which fails; the session is gone all the same. */
        FAILS(orapool_session_release(session, NULL, 0, 0, &err), ORAPOOL_ERROR, 28, NULL);
    } else {
        RELEASE(session);
    }
    WAIT_FOR(STATS(pool).open == 0);
    EQUAL(STATS(pool).closed_dead, 1);
    EQUAL(STATS(pool).releases, 1);
    session = GET(pool);
    TEXT_EQUAL(QUERY(session, "select count(*) from t"), "0");
    RELEASE(session);
    CLOSE(pool);
    dismiss(&admin);
}

static void a_session_killed_inside_a_call(void) {
    administrator admin = hire();
    orapool *pool = CREATE(sized_bag("call_delay_ms=600000", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY_BESIDES(admin.session);
    executing call;
    start_executing(&call, session, "select 1 from dual");
    WAIT_FOR(is_active(admin.session, identity));
    KILL(admin.session, identity);
    pthread_join(call.thread, NULL);
    EQUAL(call.status, ORAPOOL_ERROR);
    EQUAL(call.code, 28);
    EQUAL(call.is_dead, 1);
    RELEASE(session);
    WAIT_FOR(STATS(pool).open == 1 && STATS(pool).connects == 2);
    EQUAL(STATS(pool).closed_dead, 1);
    CLOSE(pool);
    dismiss(&admin);
}

/* All idle sessions dead, ping always: the pool drains itself of them and gives a good one. */
static void all_idle_sessions_dead(void) {
    administrator admin = hire();
    orapool_attrs *attrs = sized_bag(NULL, 3, 4, 1, ORAPOOL_GET_WAIT);
    orapool_session *sessions[3];
    orapool *pool;
    int at;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = CREATE(attrs);
    for (at = 0; at < 3; at++) {
        sessions[at] = GET(pool);
    }
    for (at = 0; at < 3; at++) {
        KILL(admin.session, IDENTITY(sessions[at]));
        FAILS(orapool_session_ping(sessions[at], &err), ORAPOOL_ERROR, 28, NULL);
    }
    for (at = 0; at < 3; at++) {
        RELEASE(sessions[at]);
    }
    WAIT_FOR(STATS(pool).open == 3 && STATS(pool).connecting == 0);
    for (at = 0; at < 3; at++) {
        sessions[at] = GET(pool);
        RELEASE(sessions[at]);
    }
    sessions[0] = GET(pool);
    sessions[1] = GET(pool);
    KILL(admin.session, IDENTITY(sessions[0]));
    KILL(admin.session, IDENTITY(sessions[1]));
    RELEASE(sessions[0]);
    RELEASE(sessions[1]);
    sessions[0] = GET(pool);
    EXECUTE(sessions[0], "select 1 from dual");
    RELEASE(sessions[0]);
    WAIT_FOR(STATS(pool).open >= 3);
    CLOSE(pool);
    dismiss(&admin);
}

/* A ping takes no longer than PING_TIMEOUT_MS; a session that does not answer is replaced. */
static void a_ping_has_a_limit(void) {
    administrator admin = hire();
    orapool_attrs *attrs = sized_bag("call_delay_ms=60000", 1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session;
    uint64_t identity;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    SET_INT(attrs, ORAPOOL_ATTR_PING_TIMEOUT_MS, 50);
    pool = CREATE(attrs);
    /* One that was never on loan is pinged as well; whichever comes, it is a session that nobody has had. */
    session = GET(pool);
    identity = IDENTITY_BESIDES(admin.session);
    RELEASE(session);
    session = GET(pool);
    CHECK(IDENTITY_BESIDES(admin.session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    CHECK(STATS(pool).ping_failures >= 1);
    RELEASE(session);
    FORCE_CLOSE(pool);
    dismiss(&admin);
}

/* [PY: wait_timeout covers pings]: nor longer than the get's own deadline. */
static void a_ping_ends_with_the_deadline(void) {
    orapool_attrs *attrs = sized_bag("call_delay_ms=60000", 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *timed = empty_bag();
    orapool *pool;
    int64_t began;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, -1);
    SET_INT(attrs, ORAPOOL_ATTR_PING_TIMEOUT_MS, -1);
    pool = CREATE(attrs);
    RELEASE(GET(pool));
    SET_INT(timed, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    SUCCEEDS(orapool_reconfigure(pool, timed, &err));
    orapool_attrs_free(timed);
    timed = empty_bag();
    SET_INT(timed, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 100);
    began = now_ms();
    GET_FAILS(pool, timed, ORAPOOL_TIMEOUT, 24457, "ping");
    CHECK(now_ms() - began >= 95 && now_ms() - began < 30000);
    EQUAL(STATS(pool).timeouts, 1);
    EQUAL(STATS(pool).busy, 0);
    orapool_attrs_free(timed);
    FORCE_CLOSE(pool);
}

/* -- purity and class ------------------------------------------------------------------------------------------- */

/* [PY 2406, 2414]: PURITY_NEW below the maximum grows; at the maximum it replaces an idle session. */
static void purity_new(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_session *other;
    uint64_t identity = IDENTITY(session);
    RELEASE(session);
    session = GET_NEW(pool);
    CHECK(IDENTITY(session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    COUNTS(pool, 2, 1);
    other = GET(pool);
    CHECK(IDENTITY(other) == identity);
    RELEASE(other);
    other = GET_NEW(pool);
    CHECK(IDENTITY(other) != identity);
    EQUAL(orapool_session_is_new(other), 1);
    COUNTS(pool, 2, 2);
    EQUAL(STATS(pool).evictions, 1);
    RELEASE(session);
    RELEASE(other);
    CLOSE(pool);
}

/* [thin python]: an idle session that nobody has had is as good as a fresh one. */
static void purity_new_takes_a_session_that_nobody_had(void) {
    orapool *pool = POOL(2, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    RELEASE(session);
    session = GET_NEW(pool);
    EQUAL(orapool_session_is_new(session), 1);
    EQUAL(STATS(pool).connects, 2);
    EQUAL(STATS(pool).evictions, 0);
    RELEASE(session);
    CLOSE(pool);
}

/* The mode bit is stronger than the attribute of the get, and that is stronger than the pool's. */
static void purity_by_bit_and_attribute(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 4, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *new_one = empty_bag();
    orapool_attrs *any_one = empty_bag();
    orapool *pool;
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    SET_INT(new_one, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    SET_INT(any_one, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_SELF);
    pool = CREATE(attrs);
    RELEASE(GET(pool));
    session = GET_WITH(pool, any_one);
    EQUAL(orapool_session_is_new(session), 0);
    RELEASE(session);
    session = get_at(__FILE__, __LINE__, pool, NULL, ORAPOOL_SESSGET_PURITY_SELF);
    EQUAL(orapool_session_is_new(session), 0);
    RELEASE(session);
    session = get_at(__FILE__, __LINE__, pool, new_one, ORAPOOL_SESSGET_PURITY_SELF);
    EQUAL(orapool_session_is_new(session), 0);
    RELEASE(session);
    session = get_at(__FILE__, __LINE__, pool, any_one, ORAPOOL_SESSGET_PURITY_NEW);
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    session = GET(pool);
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    COUNTS(pool, 3, 0);
    orapool_attrs_free(new_one);
    orapool_attrs_free(any_one);
    CLOSE(pool);
}

/* PURITY_NEW with all sessions on loan waits like any other, and what comes back is replaced. */
static void purity_new_waits(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *attrs = empty_bag();
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    getting waiter;
    SET_INT(attrs, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    start_getting(&waiter, pool, attrs);
    WAIT_FOR(STATS(pool).waiting == 1);
    RELEASE(session);
    session = end_getting(&waiter);
    EQUAL(waiter.status, ORAPOOL_SUCCESS);
    CHECK(IDENTITY(session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

static orapool_attrs *of_class(const char *name) {
    orapool_attrs *attrs = empty_bag();
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECTION_CLASS, name);
    return attrs;
}

/* [PY 2431, 2462]: sessions of another class do not serve; at the maximum the one idle for longest makes room. */
static void connection_classes(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *first = of_class("first");
    orapool_attrs *second = of_class("second");
    orapool_attrs *third = of_class("third");
    orapool_session *session = GET_WITH(pool, first);
    uint64_t of_second;
    RELEASE(session);
    sleep_ms(50);
    session = GET_WITH(pool, second);
    EQUAL(orapool_session_is_new(session), 1);
    of_second = IDENTITY(session);
    RELEASE(session);
    COUNTS(pool, 2, 0);
    EQUAL(STATS(pool).evictions, 0);
    session = GET_WITH(pool, third);
    EQUAL(orapool_session_is_new(session), 1);
    COUNTS(pool, 2, 1);
    EQUAL(STATS(pool).evictions, 1);
    RELEASE(session);
    session = GET_WITH(pool, second);
    CHECK(IDENTITY(session) == of_second);
    RELEASE(session);
    /* Nor does any of them serve a get without a class. */
    session = GET(pool);
    EQUAL(orapool_session_is_new(session), 1);
    COUNTS(pool, 2, 1);
    RELEASE(session);
    orapool_attrs_free(first);
    orapool_attrs_free(second);
    orapool_attrs_free(third);
    CLOSE(pool);
}

/* A get that names the pool's own class is like one that names none. */
static void the_pools_own_class(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_attrs *same = of_class("own");
    orapool *pool;
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECTION_CLASS, "own");
    pool = CREATE(attrs);
    RELEASE(GET_WITH(pool, same));
    RELEASE(GET(pool));
    COUNTS(pool, 1, 0);
    EQUAL(STATS(pool).connects, 1);
    orapool_attrs_free(same);
    CLOSE(pool);
}

/* -- ends ------------------------------------------------------------------------------------------------------- */

/* Idle sessions above the minimum are closed after their time, whichever way they were left idle; busy ones are not. */
static void the_idle_timeout(void) {
    orapool_attrs *attrs = sized_bag(NULL, 2, 6, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *sessions[6];
    int at;
    SET_INT(attrs, ORAPOOL_ATTR_IDLE_TIMEOUT_MS, 100);
    pool = CREATE(attrs);
    for (at = 0; at < 6; at++) {
        sessions[at] = GET(pool);
    }
    sleep_ms(300);
    COUNTS(pool, 6, 6);
    for (at = 0; at < 3; at++) {
        RELEASE(sessions[at]);
    }
    WAIT_FOR(STATS(pool).open == 3);
    EQUAL(STATS(pool).idle, 0);
    for (at = 3; at < 6; at++) {
        RELEASE(sessions[at]);
    }
    WAIT_FOR(STATS(pool).open == 2);
    EQUAL(STATS(pool).closed_idle, 4);
    sleep_ms(300);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* Loans after which a session ends; the last of them is as good as the first. */
static void the_last_use(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    uint64_t identities[9];
    int at;
    SET_INT(attrs, ORAPOOL_ATTR_USES_MAX, 3);
    pool = CREATE(attrs);
    for (at = 0; at < 9; at++) {
        orapool_session *session = GET(pool);
        identities[at] = IDENTITY(session);
        EQUAL(orapool_session_is_new(session), at % 3 == 0);
        RELEASE(session);
    }
    CHECK(identities[0] == identities[2] && identities[3] == identities[5] && identities[6] == identities[8]);
    CHECK(identities[2] != identities[3] && identities[5] != identities[6]);
    WAIT_FOR(STATS(pool).open == 1 && STATS(pool).connecting == 0);
    EQUAL(STATS(pool).closed_uses, 3);
    CLOSE(pool);
}

/* The same when nothing is done with the session, which is the short way of a release. */
static void the_last_use_of_an_untouched_session(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    int at;
    SET_INT(attrs, ORAPOOL_ATTR_USES_MAX, 3);
    pool = CREATE(attrs);
    for (at = 0; at < 9; at++) {
        orapool_session *session = GET(pool);
        EQUAL(orapool_session_is_new(session), at % 3 == 0);
        RELEASE(session);
    }
    WAIT_FOR(STATS(pool).connects == 4);
    EQUAL(STATS(pool).closed_uses, 3);
    CLOSE(pool);
}

/* An idle session whose lifetime is over is replaced, without anybody asking for it. */
static void the_lifetime_of_idle_sessions(void) {
    orapool_attrs *attrs = sized_bag(NULL, 2, 4, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session;
    uint64_t identity;
    SET_INT(attrs, ORAPOOL_ATTR_LIFETIME_MAX_MS, 400);
    pool = CREATE(attrs);
    session = GET(pool);
    identity = IDENTITY(session);
    RELEASE(session);
    WAIT_FOR(STATS(pool).closed_lifetime >= 2 && STATS(pool).open == 2);
    session = GET(pool);
    CHECK(IDENTITY(session) != identity);
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    CLOSE(pool);
}

/* A loan that lasts too long is counted once, and not again when it goes on. */
static void a_leak_is_counted_once(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session, *other;
    SET_INT(attrs, ORAPOOL_ATTR_LEAK_AFTER_MS, 500);
    pool = CREATE(attrs);
    session = GET(pool);
    EQUAL(STATS(pool).leaks, 0);
    WAIT_FOR(STATS(pool).leaks == 1);
    sleep_ms(800);
    EQUAL(STATS(pool).leaks, 1);
    EXECUTE(session, "select 1 from dual");
    other = GET(pool);
    WAIT_FOR(STATS(pool).leaks == 2);
    RELEASE(session);
    RELEASE(other);
    session = GET(pool);
    WAIT_FOR(STATS(pool).leaks == 3);
    RELEASE(session);
    EQUAL(STATS(pool).leaks, 3);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(identity_and_newness),
    TEST(rows_of_a_statement),
    TEST(commit_and_rollback),
    TEST(alter_session_outlives_the_loan),
    TEST(a_drop_closes_the_session),
    TEST(a_drop_is_made_good_to_the_minimum),
    SLOW_TEST(a_call_timeout_ends_with_the_loan),
    SLOW_TEST(a_call_timeout_does_not_hurt_the_release),
    TEST(waiting_for_a_lock),
    TEST(a_break_of_a_running_call),
    TEST(a_break_of_a_waiting_call),
    TEST(a_break_with_no_call_running),
    TEST(breaks_do_not_reach_the_next_holder),
    TEST(a_session_killed_while_idle),
    TEST(a_session_killed_while_busy),
    TEST(a_session_killed_inside_a_call),
    TEST(all_idle_sessions_dead),
    SLOW_TEST(a_ping_has_a_limit),
    TEST(a_ping_ends_with_the_deadline),
    TEST(purity_new),
    TEST(purity_new_takes_a_session_that_nobody_had),
    TEST(purity_by_bit_and_attribute),
    TEST(purity_new_waits),
    TEST(connection_classes),
    TEST(the_pools_own_class),
    TEST(the_idle_timeout),
    TEST(the_last_use),
    TEST(the_last_use_of_an_untouched_session),
    TEST(the_lifetime_of_idle_sessions),
    SLOW_TEST(a_leak_is_counted_once),
};

MAIN(tests)
