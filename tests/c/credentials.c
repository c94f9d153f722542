/* Who logs on: wrong passwords, homogeneous and heterogeneous pools, proxies. The table of OCI's behaviour that these
 * follow is the one that ODPI-C's tests 1404 to 1421 and python-oracledb's 2427 and 2458 pin. */

#include "harness.h"

/* A pool whose log-on registers SCOTT's password and keeps the database alive. */
static orapool *first_pool(void) {
    return POOL(1, 2, 1, ORAPOOL_GET_WAIT);
}

/* A bag for a get: a user, and a password unless it is NULL. */
static orapool_attrs *as_user(const char *user, const char *password) {
    orapool_attrs *attrs = empty_bag();
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, user);
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, password);
    return attrs;
}

/* A heterogeneous pool of SCOTT, or of nobody. */
static orapool *mixed_pool(int has_user, int64_t max) {
    orapool_attrs *attrs = has_user ? bag(NULL) : bag_of(NULL, NULL, NULL);
    SET_INT(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    return CREATE(attrs);
}

static orapool_session *get_as(orapool *pool, const char *user, const char *password) {
    orapool_attrs *attrs = as_user(user, password);
    orapool_session *session = GET_WITH(pool, attrs);
    orapool_attrs_free(attrs);
    return session;
}

static void get_as_fails(int line, orapool *pool, const char *user, const char *password, orapool_status status,
                         int32_t code) {
    orapool_attrs *attrs = as_user(user, password);
    get_fails_at(__FILE__, line, pool, attrs, 0, status, code, NULL, -1);
    orapool_attrs_free(attrs);
}

#define GET_AS_FAILS(pool, user, password, status, code) get_as_fails(__LINE__, pool, user, password, status, code)

/* [ODPI 1404]: with a minimum, a wrong password surfaces from create. */
static void a_wrong_password_at_create(void) {
    orapool *first = first_pool();
    orapool_attrs *attrs = bag_of("scott", WRONG_PASSWORD, NULL);
    orapool *pool = POISON(orapool);
    set_sizes(attrs, 3, 5, 1);
    FAILS(orapool_create("wrong", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 1017, NULL);
    CHECK(pool == NULL);
    /* The name is free, and the first pool unharmed. */
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD);
    SUCCEEDS(orapool_create("wrong", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    COUNTS(pool, 3, 0);
    CLOSE(pool);
    orapool_attrs_free(attrs);
    RELEASE(GET(first));
    CLOSE(first);
}

/* [PY 2458]: without a minimum it surfaces at the first get, and again at the next. The pool is unharmed: once the
 * password is right it works. */
static void a_wrong_password_at_get(void) {
    orapool *first = first_pool();
    orapool_session *admin = GET(first);
    orapool_attrs *attrs = bag_of("scott", WRONG_PASSWORD, NULL);
    orapool *pool;
    orapool_stats stats;
    orapool_session *session;
    set_sizes(attrs, 0, 2, 1);
    pool = CREATE(attrs);
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    COUNTS(pool, 0, 0);
    stats = STATS(pool);
    EQUAL(stats.connect_failures, 2);
    EQUAL(stats.connects, 0);
    EQUAL(stats.gets, 0);
    EQUAL(stats.timeouts, 0);
    EXECUTE(admin, "alter user scott identified by \"" WRONG_PASSWORD "\"");
    session = GET(pool);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    CLOSE(pool);
    RELEASE(admin);
    CLOSE(first);
}

/* A password that is changed while the pool is open: sessions go on, and only a new connect fails. */
static void a_password_that_changes(void) {
    orapool *pool = first_pool();
    orapool_session *session = GET(pool);
    EXECUTE(session, "alter user scott identified by \"otherSecret9\"");
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 1017, NULL);
    COUNTS(pool, 1, 1);
    EXECUTE(session, "select 1 from dual");
    EXECUTE(session, "alter user scott identified by \"" PASSWORD "\"");
    RELEASE(GET(pool));
    RELEASE(session);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* 28000 is refused like a wrong password. */
static void a_locked_account(void) {
    orapool *first = first_pool();
    orapool_session *admin = GET(first);
    orapool_attrs *attrs = bag_of("adams", PASSWORD, NULL);
    orapool *pool = POISON(orapool);
    EXECUTE(admin, "create user adams identified by \"" PASSWORD "\" account lock");
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 28000, NULL);
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
    RELEASE(admin);
    CLOSE(first);
}

/* [ODPI 1417]: a homogeneous pool with no user: 24415; with no password: 1005. */
static void a_homogeneous_pool_needs_credentials(void) {
    orapool_attrs *attrs = bag_of(NULL, NULL, NULL);
    orapool *pool = POISON(orapool);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 24415, "USER");
    CHECK(pool == NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    pool = POISON(orapool);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 1005, "PASSWORD");
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
    pool = POISON(orapool);
    FAILS(orapool_create(NULL, 0, NULL, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 24415, "USER");
    CHECK(pool == NULL);
}

/* No connect string: 12162; a user to log on is not enough. */
static void a_pool_needs_a_connect_string(void) {
    orapool_attrs *attrs = empty_bag();
    orapool *pool = POISON(orapool);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 12162, NULL);
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
}

/* [PY 2427]: a homogeneous pool created as main[proxy]: all sessions are the proxy's. */
static void a_homogeneous_pool_with_a_proxy(void) {
    orapool_attrs *attrs = bag_of("scott[adams]", PASSWORD, NULL);
    orapool *pool;
    orapool_session *session;
    set_sizes(attrs, 1, 2, 1);
    pool = CREATE(attrs);
    session = GET(pool);
    TEXT_EQUAL(USER_OF(session), "ADAMS");
    TEXT_EQUAL(PROXY_OF(session), "SCOTT");
    RELEASE(session);
    CLOSE(pool);
}

/* [D: OCCI, ODPI]: minimum and increment mean nothing in a heterogeneous pool: it starts empty and grows by one. */
static void a_mixed_pool_starts_empty_and_grows_by_one(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool;
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    set_sizes(attrs, 3, 6, 3);
    pool = CREATE(attrs);
    COUNTS(pool, 0, 0);
    session = GET(pool);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* The same for what idle time leaves open: the minimum that means nothing does not keep a session. */
static void a_mixed_pool_shrinks_to_nothing(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool;
    SET_INT(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    SET_INT(attrs, ORAPOOL_ATTR_IDLE_TIMEOUT_MS, 50);
    set_sizes(attrs, 1, 6, 1);
    pool = CREATE(attrs);
    RELEASE(GET(pool));
    WAIT_FOR(STATS(pool).open == 0);
    CLOSE(pool);
}

/* [ODPI 1419]: no credentials in the get: the pool's own user. */
static void a_mixed_pool_of_somebody(void) {
    orapool *pool = mixed_pool(1, 4);
    orapool_session *own = GET(pool);
    orapool_session *other;
    TEXT_EQUAL(USER_OF(own), "SCOTT");
    TEXT_EQUAL(PROXY_OF(own), NULL);
    /* [ODPI 1419, 1420]: user and password: that user. */
    other = get_as(pool, "adams", "adamsSecret9");
    TEXT_EQUAL(USER_OF(other), "ADAMS");
    TEXT_EQUAL(PROXY_OF(other), NULL);
    COUNTS(pool, 2, 2);
    RELEASE(own);
    RELEASE(other);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* [ODPI 1414]: a user without a password: the session is the user's, and the pool's user logs on for it. */
static void a_mixed_pool_logs_on_for_others(void) {
    orapool *pool = mixed_pool(1, 4);
    orapool_session *session = get_as(pool, "adams", NULL);
    TEXT_EQUAL(USER_OF(session), "ADAMS");
    TEXT_EQUAL(PROXY_OF(session), "SCOTT");
    RELEASE(session);
    CLOSE(pool);
}

/* [ODPI 1419]: main[proxy] with main's password. */
static void a_mixed_pool_takes_the_proxy_syntax(void) {
    orapool *pool = mixed_pool(1, 4);
    orapool_session *session = get_as(pool, "adams[blake]", "adamsSecret9");
    TEXT_EQUAL(USER_OF(session), "BLAKE");
    TEXT_EQUAL(PROXY_OF(session), "ADAMS");
    RELEASE(session);
    GET_AS_FAILS(pool, "adams[blake]", WRONG_PASSWORD, ORAPOOL_ERROR, 1017);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* [ODPI 1421]: no credentials at all: 24415; a user without a password and nobody to log on for it: 24419; a password
 * without a user is of no use either. */
static void a_mixed_pool_of_nobody(void) {
    orapool *pool = mixed_pool(0, 4);
    orapool_session *session;
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 24415, NULL);
    GET_AS_FAILS(pool, "adams", NULL, ORAPOOL_ERROR, 24419);
    GET_AS_FAILS(pool, NULL, PASSWORD, ORAPOOL_ERROR, 24415);
    COUNTS(pool, 0, 0);
    session = get_as(pool, "adams", PASSWORD);
    TEXT_EQUAL(USER_OF(session), "ADAMS");
    RELEASE(session);
    /* An idle session of somebody is nobody's. */
    GET_FAILS(pool, NULL, ORAPOOL_ERROR, 24415, NULL);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* [ODPI 1421]: a wrong password: 1017, even while the user's own session lies idle; it is still there afterwards. */
static void a_wrong_password_never_gets_an_idle_session(void) {
    orapool *pool = mixed_pool(1, 2);
    orapool_session *session = get_as(pool, "adams", PASSWORD);
    uint64_t identity = IDENTITY(session);
    RELEASE(session);
    GET_AS_FAILS(pool, "adams", WRONG_PASSWORD, ORAPOOL_ERROR, 1017);
    GET_AS_FAILS(pool, "ADAMS", WRONG_PASSWORD, ORAPOOL_ERROR, 1017);
    COUNTS(pool, 1, 0);
    session = get_as(pool, "adams", PASSWORD);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    /* Nor the session of the pool's own user. */
    session = GET(pool);
    RELEASE(session);
    GET_AS_FAILS(pool, "scott", WRONG_PASSWORD, ORAPOOL_ERROR, 1017);
    CLOSE(pool);
}

/* At the maximum a wrong password must make room for its connect, and still not get what lies idle. */
static void a_wrong_password_at_the_maximum(void) {
    orapool *pool = mixed_pool(1, 1);
    orapool_session *session = get_as(pool, "adams", PASSWORD);
    RELEASE(session);
    GET_AS_FAILS(pool, "adams", WRONG_PASSWORD, ORAPOOL_ERROR, 1017);
    session = get_as(pool, "adams", PASSWORD);
    TEXT_EQUAL(USER_OF(session), "ADAMS");
    COUNTS(pool, 1, 1);
    RELEASE(session);
    CLOSE(pool);
}

/* Idle sessions serve their own user alone, however its name is written. */
static void idle_sessions_are_their_users(void) {
    orapool *pool = mixed_pool(1, 8);
    orapool_session *session = get_as(pool, "adams", PASSWORD);
    uint64_t identity = IDENTITY(session);
    RELEASE(session);
    session = get_as(pool, "ADAMS", PASSWORD);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    session = get_as(pool, "\"ADAMS\"", PASSWORD);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    session = get_as(pool, "\"adams\"", "lowerSecret9");
    CHECK(IDENTITY(session) != identity);
    TEXT_EQUAL(USER_OF(session), "adams");
    RELEASE(session);
    session = get_as(pool, "adams", NULL);
    CHECK(IDENTITY(session) != identity);
    TEXT_EQUAL(PROXY_OF(session), "SCOTT");
    RELEASE(session);
    session = GET(pool);
    TEXT_EQUAL(USER_OF(session), "SCOTT");
    RELEASE(session);
    COUNTS(pool, 4, 0);
    EQUAL(STATS(pool).evictions, 0);
    CLOSE(pool);
}

/* The pool's own user named in a get, with its password: the pool's sessions serve it. */
static void the_pools_own_user_by_name(void) {
    orapool *pool = mixed_pool(1, 4);
    orapool_session *session = GET(pool);
    uint64_t identity = IDENTITY(session);
    RELEASE(session);
    session = get_as(pool, "Scott", PASSWORD);
    CHECK(IDENTITY(session) == identity);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* At the maximum the idle session of another user makes room; the one idle for longest goes. */
static void an_idle_session_of_another_makes_room(void) {
    orapool *pool = mixed_pool(0, 2);
    orapool_session *session = get_as(pool, "adams", PASSWORD);
    orapool_session *other = get_as(pool, "blake", PASSWORD);
    uint64_t identity = IDENTITY(session);
    RELEASE(other);
    /* Longer than the resolution of the pool's time stamps. */
    sleep_ms(200);
    RELEASE(session);
    session = get_as(pool, "clark", PASSWORD);
    TEXT_EQUAL(USER_OF(session), "CLARK");
    COUNTS(pool, 2, 1);
    EQUAL(STATS(pool).evictions, 1);
    other = get_as(pool, "adams", PASSWORD);
    CHECK(IDENTITY(other) == identity);
    RELEASE(session);
    RELEASE(other);
    CLOSE(pool);
}

/* A waiter for one user is not served by the session of another: at its release that makes room. */
static void a_released_session_of_another_makes_room(void) {
    orapool *pool = mixed_pool(0, 1);
    orapool_session *session = get_as(pool, "adams", PASSWORD);
    orapool_attrs *attrs = as_user("blake", PASSWORD);
    getting waiter;
    start_getting(&waiter, pool, attrs);
    WAIT_FOR(STATS(pool).waiting == 1);
    RELEASE(session);
    session = end_getting(&waiter);
    EQUAL(waiter.status, ORAPOOL_SUCCESS);
    TEXT_EQUAL(USER_OF(session), "BLAKE");
    COUNTS(pool, 1, 1);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* EXTERNAL_AUTH takes no user and no password, and starts with no session. */
static void a_pool_with_external_authentication(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = POISON(orapool);
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_EXTERNAL_AUTH, 1);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 0, "EXTERNAL_AUTH");
    CHECK(pool == NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, NULL);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 2);
    pool = CREATE(attrs);
    COUNTS(pool, 0, 0);
    session = GET(pool);
    CONTAINS(USER_OF(session), "OPS$");
    RELEASE(session);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(a_wrong_password_at_create),
    TEST(a_wrong_password_at_get),
    TEST(a_password_that_changes),
    TEST(a_locked_account),
    TEST(a_homogeneous_pool_needs_credentials),
    TEST(a_pool_needs_a_connect_string),
    TEST(a_homogeneous_pool_with_a_proxy),
    TEST(a_mixed_pool_starts_empty_and_grows_by_one),
    SLOW_TEST(a_mixed_pool_shrinks_to_nothing),
    TEST(a_mixed_pool_of_somebody),
    TEST(a_mixed_pool_logs_on_for_others),
    TEST(a_mixed_pool_takes_the_proxy_syntax),
    TEST(a_mixed_pool_of_nobody),
    TEST(a_wrong_password_never_gets_an_idle_session),
    TEST(a_wrong_password_at_the_maximum),
    TEST(idle_sessions_are_their_users),
    TEST(the_pools_own_user_by_name),
    TEST(an_idle_session_of_another_makes_room),
    TEST(a_released_session_of_another_makes_room),
    TEST(a_pool_with_external_authentication),
};

MAIN(tests)
