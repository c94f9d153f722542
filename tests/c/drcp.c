/* Pooled servers (DRCP): when a session has one, what it finds on it, and that it goes back.
 *
 * Oracle's client library does not tell whose session an attach came upon, nor when the database takes a server back by
 * itself, and knows of tags lists of properties alone. What rests on that is looked at on the embedded engine only. */

#include "harness.h"

#define MULTI ORAPOOL_SESSGET_MULTIPROPERTY_TAG
#define RETAG_MULTI (ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG)

/* The connect string of this test's own database by way of its broker. */
static const char *broker(const char *keys) {
    static char text[512];
    snprintf(text, sizeof text, "%.64s%.64s:pooled%s%s", databases(), current_test, keys == NULL ? "" : "?",
             keys == NULL ? "" : keys);
    return text;
}

static orapool_attrs *pooled_bag(const char *connection_class, const char *keys, int64_t max) {
    orapool_attrs *attrs = bag(NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, broker(keys));
    set_sizes(attrs, 1, max, 1);
    if (connection_class != NULL) {
        SET_TEXT(attrs, ORAPOOL_ATTR_CONNECTION_CLASS, connection_class);
    }
    return attrs;
}

#define POOLED(keys, max) CREATE(pooled_bag("APP", keys, max))

/* The only value of a query, as a number. */
static int64_t number_at(int line, orapool_session *session, const char *sql) {
    orapool_stmt *stmt = NULL;
    int64_t value = POISONED_NUMBER;
    orapool_error *error = NULL;
    int is_done = orapool_stmt_prepare(session, sql, ORAPOOL_NTS, &stmt, &error) == ORAPOOL_SUCCESS &&
                  orapool_stmt_execute(stmt, NULL, &error) == ORAPOOL_SUCCESS &&
                  orapool_stmt_fetch(stmt, &error) == ORAPOOL_SUCCESS &&
                  orapool_stmt_column_int(stmt, 0, &value, &error) == ORAPOOL_SUCCESS;
    if (!is_done) {
        fail_at(__FILE__, line, sql, error == NULL ? "no row" : orapool_error_message(error, NULL));
    }
    orapool_error_free(error);
    orapool_stmt_free(stmt);
    return value;
}

/* A dedicated session to look on with. */
typedef struct {
    orapool *pool;
    orapool_session *session;
} onlooker;

static onlooker look_on(void) {
    onlooker eyes;
    eyes.pool = POOL(0, 1, 1, ORAPOOL_GET_NOWAIT);
    eyes.session = GET(eyes.pool);
    return eyes;
}

static void look_away(onlooker eyes) {
    RELEASE(eyes.session);
    CLOSE(eyes.pool);
}

#define NUMBER(session, sql) number_at(__LINE__, session, sql)
#define ATTACHED(eyes) NUMBER((eyes).session, "select num_busy_servers from v$cpool_stats")

static void class_counts_at(int line, onlooker eyes, const char *class_name, int64_t requests, int64_t hits,
                            int64_t misses) {
    char sql[256];
    const char *columns[] = {"num_requests", "num_hits", "num_misses"};
    int64_t expected[3];
    int i;
    expected[0] = requests;
    expected[1] = hits;
    expected[2] = misses;
    for (i = 0; i < 3; i++) {
        snprintf(sql, sizeof sql, "select %s from v$cpool_cc_stats where cclass_name = '%s'", columns[i], class_name);
        equal_at(__FILE__, line, columns[i], number_at(line, eyes.session, sql), expected[i]);
    }
}

#define CLASS_COUNTS(eyes, name, requests, hits, misses) class_counts_at(__LINE__, eyes, name, requests, hits, misses)

static void is_in_state_at(int line, orapool_session *session, int32_t state) {
    equal_at(__FILE__, line, "orapool_session_drcp_state", orapool_session_drcp_state(session), state);
}

#define IS(session, state) is_in_state_at(__LINE__, session, ORAPOOL_DRCP_##state)

static orapool_session *get_tagged_at(int line, orapool *pool, const char *tag, uint32_t mode, int32_t expected_found) {
    orapool_session *session = NULL;
    int32_t found = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status =
        orapool_session_get(pool, &session, NULL, tag, ORAPOOL_NTS, NULL, NULL, &found, mode, &error);
    succeeded_at(__FILE__, line, "orapool_session_get", status, error);
    equal_at(__FILE__, line, "found", found, expected_found);
    return session;
}

#define GET_TAGGED(pool, tag, mode, found) get_tagged_at(__LINE__, pool, tag, mode, found)

/* A get without wishes takes a line; the first call takes a server; the release gives it back and the line stays. */
static void a_server_for_as_long_as_it_is_needed(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED(NULL, 4);
    orapool_session *session;
    COUNTS(pool, 0, 0);
    session = GET(pool);
    IS(session, DETACHED);
    EQUAL(orapool_session_drcp_enabled(session), 1);
    EQUAL(ATTACHED(eyes), 0);
    SUCCEEDS(orapool_session_ping(session, &err));
    SUCCEEDS(orapool_session_commit(session, &err));
    SUCCEEDS(orapool_session_rollback(session, &err));
    SUCCEEDS(orapool_session_set_call_timeout(session, 5000, &err));
    IS(session, DETACHED);
    EXECUTE(session, "select 1 from dual");
    IS(session, ATTACHED_IMPLICIT);
    EQUAL(ATTACHED(eyes), 1);
    EQUAL(orapool_session_is_new(session), 1);
    EQUAL(orapool_session_need_to_purge_statement_cache(session), 0);
    RELEASE(session);
    EQUAL(ATTACHED(eyes), 0);
    COUNTS(pool, 1, 0);
    session = GET(pool);
    RELEASE(session);
    EQUAL(STATS(pool).drcp_attaches, 1);
    session = GET(pool);
    EXECUTE(session, "select 1 from dual");
    EQUAL(orapool_session_is_new(session), 0);
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.APP", 2, 1, 1);
    EQUAL(STATS(pool).drcp_attaches, 2);
    EQUAL(STATS(pool).connects, 1);
    if (!is_over_oci()) {
        EQUAL(STATS(pool).drcp_session_changes, 0);
    }
    CLOSE(pool);
    look_away(eyes);
}

/* A transaction that the holder left open is rolled back before the server goes to others. */
static void a_release_rolls_back_first(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED(NULL, 2);
    orapool_session *session;
    EXECUTE(eyes.session, "create table t (n number)");
    session = GET(pool);
    EXECUTE(session, "insert into t values (1)");
    RELEASE(session);
    EQUAL(ATTACHED(eyes), 0);
    EQUAL(NUMBER(eyes.session, "select count(*) from t"), 0);
    CLOSE(pool);
    look_away(eyes);
}

/* Two pools with one class share sessions, state and all; pools with classes that were made up never do. */
static void pools_share_by_class(void) {
    onlooker eyes = look_on();
    orapool *one = POOLED(NULL, 2);
    orapool *two = POOLED(NULL, 2);
    orapool *apart[2];
    orapool_session *session = GET(one);
    int i;
    EXECUTE(session, "alter session set nls_date_format = 'YYYY'");
    RELEASE(session);
    session = GET(two);
    EQUAL(NUMBER(session, "select length(to_char(sysdate)) from dual"), 4);
    EQUAL(orapool_session_is_new(session), is_over_oci());
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.APP", 2, 1, 1);
    for (i = 0; i < 2; i++) {
        orapool_attrs *attrs = pooled_bag(NULL, NULL, 2);
        orapool_error *error = NULL;
        char *metrics = NULL;
        EQUAL(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &apart[i], &error), ORAPOOL_SUCCESS_WITH_INFO);
        CONTAINS(orapool_error_message(error, NULL), "ORAPOOL_ATTR_CONNECTION_CLASS");
        EQUAL(orapool_error_code(error), 0);
        orapool_error_free(error);
        orapool_attrs_free(attrs);
        SUCCEEDS(orapool_metrics(apart[i], ORAPOOL_METRICS_JSON, &metrics, NULL, &err));
        CONTAINS(metrics, "\"generated_connection_class\":\"ORAPOOL:");
        orapool_text_free(metrics);
        session = GET(apart[i]);
        EXECUTE(session, "select 1 from dual");
        EQUAL(orapool_session_is_new(session), 1);
        RELEASE(session);
    }
    EQUAL(NUMBER(eyes.session, "select count(*) from v$cpool_cc_stats where cclass_name like 'SCOTT.ORAPOOL:%'"), 2);
    CLOSE(apart[0]);
    CLOSE(apart[1]);
    CLOSE(two);
    CLOSE(one);
    look_away(eyes);
}

/* The table of the laboratory: two threads, two runs; then with NEW. */
static void run_the_lab(orapool *pool, uint32_t purity) {
    orapool_session *one = POISON(orapool_session);
    orapool_session *two = POISON(orapool_session);
    SUCCEEDS(orapool_session_get(pool, &one, NULL, NULL, 0, NULL, NULL, NULL, purity, &err));
    SUCCEEDS(orapool_session_get(pool, &two, NULL, NULL, 0, NULL, NULL, NULL, purity, &err));
    EXECUTE(one, "select myseq.nextval from dual");
    EXECUTE(two, "select myseq.nextval from dual");
    RELEASE(one);
    RELEASE(two);
}

static void the_laboratory(void) {
    onlooker eyes = look_on();
    orapool *self = CREATE(pooled_bag("PYTHONDEMO", NULL, 5));
    orapool_attrs *attrs = pooled_bag("NEWDEMO", NULL, 5);
    orapool *fresh;
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    fresh = CREATE(attrs);
    EXECUTE(eyes.session, "create sequence myseq");
    run_the_lab(self, 0);
    run_the_lab(self, 0);
    CLASS_COUNTS(eyes, "SCOTT.PYTHONDEMO", 4, 2, 2);
    run_the_lab(fresh, 0);
    run_the_lab(fresh, 0);
    CLASS_COUNTS(eyes, "SCOTT.NEWDEMO", 4, 0, 4);
    run_the_lab(self, ORAPOOL_SESSGET_PURITY_NEW);
    CLASS_COUNTS(eyes, "SCOTT.PYTHONDEMO", 6, 2, 4);
    run_the_lab(fresh, ORAPOOL_SESSGET_PURITY_SELF);
    CLASS_COUNTS(eyes, "SCOTT.NEWDEMO", 6, 2, 4);
    /* The purity is the loan's, also after a pause. */
    session = GET_NEW(self);
    EXECUTE(session, "select 1 from dual");
    SUCCEEDS(orapool_session_detach(session, NULL, 0, &err));
    EXECUTE(session, "select 1 from dual");
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.PYTHONDEMO", 8, 2, 6);
    CLOSE(fresh);
    CLOSE(self);
    look_away(eyes);
}

/* A class of a get's own, and what contradicts itself. */
static void classes_and_purities(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED(NULL, 4);
    orapool_attrs *wishes = empty_bag();
    orapool_attrs *attrs;
    orapool *none = POISON(orapool);
    orapool_session *session;
    SET_TEXT(wishes, ORAPOOL_ATTR_CONNECTION_CLASS, "tab\tulator");
    GET_FAILS(pool, wishes, ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_ATTR_CONNECTION_CLASS");
    SET_TEXT(wishes, ORAPOOL_ATTR_CONNECTION_CLASS, "REPORTS");
    session = GET_WITH(pool, wishes);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.REPORTS", 1, 0, 1);
    orapool_attrs_free(wishes);
    CLOSE(pool);
    pool = CREATE(pooled_bag(NULL, "pool_connection_class=WEB&pool_purity=new", 4));
    session = GET(pool);
    IS(session, ATTACHED_EXPLICIT);
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.WEB", 1, 0, 1);
    CLOSE(pool);
    attrs = pooled_bag("A=B", NULL, 4);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &none, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "ORAPOOL_ATTR_CONNECTION_CLASS");
    orapool_attrs_free(attrs);
    attrs = pooled_bag("APP", "pool_connection_class=WEB", 4);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &none, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "POOL_CONNECTION_CLASS=WEB");
    orapool_attrs_free(attrs);
    attrs = pooled_bag("APP", "pool_purity=self", 4);
    SET_INT(attrs, ORAPOOL_ATTR_PURITY, ORAPOOL_PURITY_NEW);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &none, &err), ORAPOOL_INVALID_ARGUMENT, 0, "POOL_PURITY=SELF");
    orapool_attrs_free(attrs);
    look_away(eyes);
}

/* Tags are the database session's: another pool of the class finds what one has left. */
static void tags_live_on_the_server(void) {
    onlooker eyes = look_on();
    orapool *one = POOLED(NULL, 2);
    orapool *two = POOLED(NULL, 2);
    orapool_session *session = GET_TAGGED(one, "LANG=de;TZ=UTC", MULTI, 0);
    size_t len = POISONED_NUMBER;
    IS(session, ATTACHED_EXPLICIT);
    CHECK(orapool_session_drcp_return_tag(session, &len) == NULL && len == 0);
    EQUAL(orapool_session_drcp_multitag_enabled(session), 1);
    SUCCEEDS(orapool_session_release(session, "LANG=de;TZ=UTC", ORAPOOL_NTS, RETAG_MULTI, &err));
    session = GET_TAGGED(two, "TZ=UTC;LANG=de", MULTI, 1);
    TEXT_EQUAL(orapool_session_tag(session, NULL), "LANG=de;TZ=UTC");
    TEXT_EQUAL(orapool_session_drcp_return_tag(session, &len), "LANG=de;TZ=UTC");
    EQUAL(len, 14);
    SUCCEEDS(orapool_session_set_tag(session, "LANG=fr", ORAPOOL_NTS, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &err));
    TEXT_EQUAL(orapool_session_tag(session, NULL), "LANG=fr");
    TEXT_EQUAL(orapool_session_drcp_return_tag(session, NULL), "LANG=de;TZ=UTC");
    RELEASE(session);
    session = GET_TAGGED(one, "LANG=fr", MULTI, 1);
    RELEASE(session);
    /* A get without a tag has a session without one. */
    session = GET(one);
    EXECUTE(session, "select 1 from dual");
    CHECK(orapool_session_tag(session, NULL) == NULL);
    RELEASE(session);
    CLASS_COUNTS(eyes, "SCOTT.APP", 4, 2, 2);
    EQUAL(STATS(one).gets_tag_exact, 1);
    EQUAL(STATS(two).gets_tag_exact + STATS(two).gets_new, 1);
    CLOSE(two);
    CLOSE(one);
    look_away(eyes);
}

/* Without a server a tag would tell of nothing. */
static void a_tag_needs_a_server(void) {
    orapool *pool = POOLED(NULL, 2);
    orapool_session *session = GET(pool);
    FAILS(orapool_session_set_tag(session, "A=1", ORAPOOL_NTS, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "server");
    FAILS(orapool_session_detach(session, "A=1", ORAPOOL_NTS, &err), ORAPOOL_INVALID_ARGUMENT, 0, "server");
    FAILS(orapool_session_release(session, "\xff", 1, ORAPOOL_SESSRLS_RETAG, &err), ORAPOOL_UNSUPPORTED, 0, "UTF-8");
    FAILS(orapool_session_set_tag(session, "\xff", 1, 0, &err), ORAPOOL_UNSUPPORTED, 0, "UTF-8");
    SUCCEEDS(orapool_session_release(session, "A=1", ORAPOOL_NTS, RETAG_MULTI, &err));
    session = GET_TAGGED(pool, "A=1", MULTI, 0);
    if (is_over_oci()) {
        FAILS(orapool_session_set_tag(session, "word", ORAPOOL_NTS, 0, &err), ORAPOOL_UNSUPPORTED, 0, "NAME=VALUE");
        FAILS(orapool_session_release(session, "word", ORAPOOL_NTS, ORAPOOL_SESSRLS_RETAG, &err), ORAPOOL_UNSUPPORTED, 0,
              "NAME=VALUE");
    }
    RELEASE(session);
    CLOSE(pool);
}

/* A holder gives its server to others while it waits for something, and takes another. */
static void a_loan_parks_its_session(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED(NULL, 2);
    orapool_session *session = GET(pool);
    orapool_session *other;
    orapool_stmt *stmt = POISON(orapool_stmt);
    int32_t found = POISONED_NUMBER;
    int64_t value = 0;
    SUCCEEDS(orapool_session_detach(session, NULL, 0, &err));
    EXECUTE(session, "create table t (n number)");
    EXECUTE(session, "insert into t values (7)");
    FAILS(orapool_session_detach(session, NULL, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "transaction");
    IS(session, ATTACHED_IMPLICIT);
    SUCCEEDS(orapool_session_commit(session, &err));
    SUCCEEDS(orapool_stmt_prepare(session, "select n from t", ORAPOOL_NTS, &stmt, &err));
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    FAILS(orapool_session_detach(session, NULL, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "rows");
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    EQUAL(orapool_stmt_fetch(stmt, NULL), ORAPOOL_NO_DATA);
    SUCCEEDS(orapool_session_detach(session, "S=1", ORAPOOL_NTS, &err));
    IS(session, DETACHED);
    CHECK(orapool_session_tag(session, NULL) == NULL);
    EQUAL(ATTACHED(eyes), 0);
    other = GET_TAGGED(pool, "S=1", MULTI, 1);
    IS(other, ATTACHED_EXPLICIT);
    /* Its former session is another's now, so this is a new one; the statement goes on. */
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    SUCCEEDS(orapool_stmt_column_int(stmt, 0, &value, &err));
    EQUAL(value, 7);
    EQUAL(orapool_session_need_to_purge_statement_cache(session), 1);
    EQUAL(orapool_session_is_new(session), !is_over_oci());
    orapool_stmt_free(stmt);
    FAILS(orapool_session_attach(session, "S=1", ORAPOOL_NTS, &found, &err), ORAPOOL_INVALID_ARGUMENT, 0, "detach");
    SUCCEEDS(orapool_session_detach(session, NULL, 0, &err));
    RELEASE(other);
    SUCCEEDS(orapool_session_attach(session, NULL, 0, &found, &err));
    EQUAL(found, 0);
    IS(session, DETACHED);
    SUCCEEDS(orapool_session_attach(session, "S=1", ORAPOOL_NTS, &found, &err));
    EQUAL(found, 1);
    IS(session, ATTACHED_EXPLICIT);
    TEXT_EQUAL(orapool_session_drcp_return_tag(session, NULL), "S=1");
    RELEASE(session);
    if (!is_over_oci()) {
        EQUAL(STATS(pool).drcp_session_changes, 2);
    }
    CLOSE(pool);
    look_away(eyes);
}

/* What there is to say of a session with a server of its own. */
static void a_dedicated_session(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = GET(pool);
    size_t len = POISONED_NUMBER;
    int32_t found = POISONED_NUMBER;
    IS(session, NONE);
    IS(NULL, NONE);
    EQUAL(orapool_session_drcp_enabled(session), 0);
    EQUAL(orapool_session_drcp_multitag_enabled(session), 0);
    EQUAL(orapool_session_need_to_purge_statement_cache(session), 0);
    CHECK(orapool_session_drcp_return_tag(session, &len) == NULL && len == 0);
    FAILS(orapool_session_attach(session, NULL, 0, &found, &err), ORAPOOL_UNSUPPORTED, 0, ":pooled");
    EQUAL(found, 0);
    FAILS(orapool_session_detach(session, NULL, 0, &err), ORAPOOL_UNSUPPORTED, 0, ":pooled");
    RELEASE(session);
    FAILS(orapool_session_attach(session, NULL, 0, &found, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    FAILS(orapool_session_detach(session, NULL, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    IS(session, NONE);
    CLOSE(pool);
}

/* A get's own deadline holds in the broker's queue as well. */
static void all_servers_are_busy(void) {
    orapool *pool = POOLED("drcp_maxsize=1", 3);
    orapool_attrs *wishes = empty_bag();
    orapool_attrs *at_once = empty_bag();
    orapool_session *holder = GET(pool);
    orapool_session *session = POISON(orapool_session);
    SET_INT(wishes, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 20);
    SET_INT(at_once, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_NOWAIT);
    SUCCEEDS(orapool_session_get(pool, &session, at_once, "A=1", 3, NULL, NULL, NULL, MULTI, &err));
    RELEASE(session);
    EXECUTE(holder, "select 1 from dual");
    FAILS(orapool_session_get(pool, &session, at_once, "A=1", 3, NULL, NULL, NULL, MULTI, &err), ORAPOOL_TIMEOUT, 24457, "MAXSIZE");
    FAILS(orapool_session_get(pool, &session, wishes, "A=1", 3, NULL, NULL, NULL, MULTI, &err), ORAPOOL_TIMEOUT, 24457, "MAXSIZE");
    COUNTS(pool, 2, 1);
    EQUAL(STATS(pool).timeouts, 2);
    SUCCEEDS(orapool_session_get(pool, &session, wishes, NULL, 0, NULL, NULL, NULL, 0, &err));
    FAILS(orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &err), ORAPOOL_TIMEOUT, 24457, "MAXSIZE");
    IS(session, DETACHED);
    RELEASE(holder);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    orapool_attrs_free(at_once);
    orapool_attrs_free(wishes);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* A loan that sleeps for longer than MAX_THINK_TIME has lost its line; the pool makes another. */
static void a_loan_that_thinks_for_too_long(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED("drcp_max_think_time_ms=20", 2);
    orapool_session *session = GET(pool);
    orapool_error *error = NULL;
    EXECUTE(session, "select 1 from dual");
    WAIT_FOR(ATTACHED(eyes) == 0);
    CHECK(orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &error) == ORAPOOL_ERROR);
    CHECK(orapool_error_is_session_dead(error));
    orapool_error_free(error);
    RELEASE(session);
    EQUAL(STATS(pool).closed_dead, 1);
    session = GET(pool);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CLOSE(pool);
    look_away(eyes);
}

/* The database's pool stops under load: lines die and are replaced when it has started again. */
static void the_broker_stops(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED(NULL, 2);
    orapool_session *busy = GET(pool);
    orapool_session *session = GET(pool);
    orapool_error *error = NULL;
    EXECUTE(busy, "select 1 from dual");
    RELEASE(session);
    EXECUTE(eyes.session, "begin dbms_connection_pool.stop_pool; end;");
    CHECK(orapool_session_execute(busy, "select 1 from dual", ORAPOOL_NTS, NULL, &error) == ORAPOOL_ERROR);
    CHECK(orapool_error_is_session_dead(error));
    orapool_error_free(error);
    RELEASE(busy);
    if (!is_over_oci()) {
        GET_FAILS(pool, NULL, ORAPOOL_ERROR, 12520, NULL);
    }
    EXECUTE(eyes.session, "begin dbms_connection_pool.start_pool; end;");
    session = GET(pool);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CLOSE(pool);
    look_away(eyes);
}

/* With a boundary the database takes the server back between the calls, and tags have nothing to hold on to. */
static void implicit_release(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED("pool_boundary=statement", 2);
    orapool *none = POISON(orapool);
    orapool_attrs *attrs = pooled_bag("APP", "pool_boundary=statement", 2);
    orapool_session *session = GET(pool);
    EXECUTE(session, "select 1 from dual");
    if (!is_over_oci()) {
        IS(session, DETACHED);
    }
    EXECUTE(session, "select 1 from dual");
    EQUAL(ATTACHED(eyes), 0);
    FAILS(orapool_session_attach(session, "A", 1, NULL, &err), ORAPOOL_UNSUPPORTED, 0, "POOL_BOUNDARY");
    RELEASE(session);
    FAILS(orapool_session_get(pool, &session, NULL, "A", 1, NULL, NULL, NULL, 0, &err), ORAPOOL_UNSUPPORTED, 0,
          "POOL_BOUNDARY");
    if (!is_over_oci()) {
        EQUAL(STATS(pool).drcp_attaches, 2);
    }
    SET_TEXT(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, "set_state");
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &none, &err), ORAPOOL_UNSUPPORTED, 0, "POOL_BOUNDARY");
    orapool_attrs_free(attrs);
    CLOSE(pool);
    look_away(eyes);
}

/* The fix-up procedure runs on what an attach came upon. */
static void a_fixup_after_the_attach(void) {
    orapool_attrs *attrs = pooled_bag("APP", NULL, 2);
    orapool *pool;
    orapool_session *session;
    orapool_error *error = NULL;
    int32_t found = POISONED_NUMBER;
    SET_TEXT(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, "set_state");
    pool = CREATE(attrs);
    session = GET(pool);
    EXECUTE(session,
            "create procedure set_state(wanted in varchar2, actual in varchar2) is begin "
            "if wanted = 'F=no' then raise_application_error(-20001, 'no'); end if; "
            "execute immediate 'alter session set nls_date_format = ''' || substr(wanted, 3) || ''''; end;");
    RELEASE(session);
    session = GET_TAGGED(pool, "F=YYYY", MULTI, 1);
    TEXT_EQUAL(orapool_session_tag(session, NULL), "F=YYYY");
    EQUAL(NUMBER(session, "select length(to_char(sysdate)) from dual"), 4);
    RELEASE(session);
    session = GET_TAGGED(pool, "F=YYYY", MULTI, 1);
    if (!is_over_oci()) {
        EQUAL(STATS(pool).fixups, 1);
    }
    SUCCEEDS(orapool_session_detach(session, NULL, 0, &err));
    SUCCEEDS(orapool_session_attach(session, "F=YYYY-MM", ORAPOOL_NTS, &found, &err));
    EQUAL(found, 1);
    EQUAL(NUMBER(session, "select length(to_char(sysdate)) from dual"), 7);
    SUCCEEDS(orapool_session_detach(session, NULL, 0, &err));
    FAILS(orapool_session_attach(session, "F=no", ORAPOOL_NTS, &found, &err), ORAPOOL_ERROR, 56610, NULL);
    IS(session, DETACHED);
    EXECUTE(session, "select 1 from dual");
    RELEASE(session);
    CHECK(orapool_session_get(pool, &session, NULL, "F=no", ORAPOOL_NTS, NULL, NULL, NULL, MULTI, &error) == ORAPOOL_ERROR);
    EQUAL(orapool_error_code(error), 56610);
    orapool_error_free(error);
    EQUAL(STATS(pool).fixup_failures, 2);
    CLOSE(pool);
}

typedef struct {
    orapool *pool;
    int rounds;
} worker_task;

static void *work(void *argument) {
    const worker_task *task = (const worker_task *)argument;
    int i;
    for (i = 0; i < task->rounds; i++) {
        orapool_session *session = NULL;
        orapool_error *error = NULL;
        if (orapool_session_get(task->pool, &session, NULL, i % 3 == 0 ? "A=1" : NULL, ORAPOOL_NTS, NULL, NULL, NULL,
                                i % 3 == 0 ? MULTI : 0, &error) < 0 ||
            orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &error) < 0) {
            fail_at(__FILE__, __LINE__, "work", orapool_error_message(error, NULL));
        }
        orapool_error_free(error);
        error = NULL;
        if (orapool_session_release(session, NULL, 0, 0, &error) < 0) {
            fail_at(__FILE__, __LINE__, "release", orapool_error_message(error, NULL));
        }
        orapool_error_free(error);
    }
    return NULL;
}

/* Sixteen threads with a line each get along with two servers. */
static void many_lines_and_few_servers(void) {
    onlooker eyes = look_on();
    orapool *pool = POOLED("drcp_minsize=0&drcp_maxsize=2", 16);
    pthread_t threads[16];
    worker_task task;
    int i;
    task.pool = pool;
    task.rounds = 20;
    for (i = 0; i < 16; i++) {
        pthread_create(&threads[i], NULL, work, &task);
    }
    for (i = 0; i < 16; i++) {
        pthread_join(threads[i], NULL);
    }
    EQUAL(STATS(pool).gets, 320);
    EQUAL(STATS(pool).drcp_attaches, 320);
    EQUAL(ATTACHED(eyes), 0);
    EQUAL(NUMBER(eyes.session, "select num_requests from v$cpool_stats"), 320);
    CHECK(NUMBER(eyes.session, "select num_hits from v$cpool_stats") > 0);
    CLOSE(pool);
    look_away(eyes);
}

static const test_case tests[] = {
    TEST(a_server_for_as_long_as_it_is_needed),
    TEST(a_release_rolls_back_first),
    TEST(pools_share_by_class),
    TEST(the_laboratory),
    TEST(classes_and_purities),
    TEST(tags_live_on_the_server),
    TEST(a_tag_needs_a_server),
    TEST(a_loan_parks_its_session),
    TEST(a_dedicated_session),
    TEST(all_servers_are_busy),
    TEST(a_loan_that_thinks_for_too_long),
    TEST(the_broker_stops),
    TEST(implicit_release),
    TEST(a_fixup_after_the_attach),
    SLOW_TEST(many_lines_and_few_servers),
};

MAIN(tests)
