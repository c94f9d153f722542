/* Session callbacks where the scenarios of tests/scenarios can not look: the life of their context, and what happens in
 * other threads while one runs. */

#include "harness.h"

/* What a callback is to do, and what it saw. */
typedef struct script {
    orapool *pool;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int holds;
    int is_inside;
    int calls;
    int frees;
    int32_t returns;
    int32_t drain_code;
    int32_t close_code;
    int32_t release_code;
    orapool_session *session;
} script;

static void init_script(script *script) {
    memset(script, 0, sizeof *script);
    pthread_mutex_init(&script->lock, NULL);
    pthread_cond_init(&script->changed, NULL);
    script->returns = ORAPOOL_CALLBACK_OK;
}

static int32_t follow(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len, const char *actual,
                      size_t actual_len) {
    script *follow = (script *)ctx;
    (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    pthread_mutex_lock(&follow->lock);
    follow->calls++;
    follow->is_inside = 1;
    follow->session = session;
    pthread_cond_broadcast(&follow->changed);
    while (follow->holds) {
        pthread_cond_wait(&follow->changed, &follow->lock);
    }
    follow->is_inside = 0;
    pthread_mutex_unlock(&follow->lock);
    return follow->returns;
}

static void let_go(script *script) {
    pthread_mutex_lock(&script->lock);
    script->holds = 0;
    pthread_cond_broadcast(&script->changed);
    pthread_mutex_unlock(&script->lock);
}

static void wait_until_inside(script *script) {
    pthread_mutex_lock(&script->lock);
    while (!script->is_inside) {
        pthread_cond_wait(&script->changed, &script->lock);
    }
    pthread_mutex_unlock(&script->lock);
}

static void count_free(void *ctx) {
    ((script *)ctx)->frees++;
}

static orapool_attrs *bag_with(script *ctx, orapool_session_callback callback, int64_t min, int64_t max) {
    orapool_attrs *attrs = sized_bag(NULL, min, max, 1, ORAPOOL_GET_WAIT);
    SUCCEEDS(orapool_attrs_set_callback(attrs, callback, ctx, count_free, &err));
    return attrs;
}

/* The context is freed once, when the last bag and the last pool that have it are gone. */
static void the_context_is_freed_once(void) {
    script script;
    orapool_attrs *first;
    orapool_attrs *second;
    orapool *pool;
    orapool *same = POISON(orapool);
    init_script(&script);
    first = bag_with(&script, follow, 0, 2);
    second = bag_with(&script, follow, 0, 2);
    SUCCEEDS(orapool_attrs_set_callback(first, follow, &script, count_free, &err));
    SUCCEEDS(orapool_create("context", ORAPOOL_NTS, first, ORAPOOL_CREATE_NEW, &pool, &err));
    SUCCEEDS(orapool_create("context", ORAPOOL_NTS, second, ORAPOOL_CREATE_OR_OPEN, &same, &err));
    orapool_attrs_free(first);
    orapool_attrs_free(first);
    CLOSE(pool);
    EQUAL(script.frees, 0);
    RELEASE(GET(same));
    EQUAL(script.calls, 1);
    CLOSE(same);
    EQUAL(script.frees, 0);
    orapool_attrs_free(second);
    EQUAL(script.frees, 1);
}

/* A pool that could not be created has not kept it either, and a call that failed has not taken it. */
static void the_context_of_what_came_to_nothing(void) {
    script script;
    orapool_attrs *attrs;
    orapool *pool = POISON(orapool);
    init_script(&script);
    attrs = bag_with(&script, follow, 3, 2);
    FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 24413, NULL);
    EQUAL(script.frees, 0);
    FAILS(orapool_attrs_set_callback(attrs, NULL, &script, count_free, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ctx");
    FAILS(orapool_attrs_set_callback(attrs, NULL, NULL, count_free, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ctx_free");
    EQUAL(script.frees, 0);
    SUCCEEDS(orapool_attrs_set_callback(attrs, NULL, NULL, NULL, &err));
    EQUAL(script.frees, 1);
    SUCCEEDS(orapool_attrs_set_callback(attrs, follow, &script, count_free, &err));
    SUCCEEDS(orapool_attrs_set_callback(attrs, follow, NULL, NULL, &err));
    EQUAL(script.frees, 2);
    orapool_attrs_free(attrs);
    EQUAL(script.frees, 2);
    FAILS(orapool_attrs_set_callback(attrs, follow, &script, count_free, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    EQUAL(script.frees, 2);
}

/* Function and context are attributes: a pool of that name with others is another pool. */
static void another_callback_is_a_conflict(void) {
    script one;
    script other;
    orapool_attrs *first;
    orapool_attrs *second;
    orapool *pool;
    orapool *none = POISON(orapool);
    init_script(&one);
    init_script(&other);
    first = bag_with(&one, follow, 0, 2);
    second = bag_with(&other, follow, 0, 2);
    SUCCEEDS(orapool_create("conflict", ORAPOOL_NTS, first, ORAPOOL_CREATE_NEW, &pool, &err));
    FAILS(orapool_create("conflict", ORAPOOL_NTS, second, ORAPOOL_CREATE_OR_OPEN, &none, &err), ORAPOOL_CONFLICT, 0, "callback");
    CHECK(none == NULL);
    FAILS(orapool_reconfigure(pool, first, &err), ORAPOOL_INVALID_ARGUMENT, 0, NULL);
    CLOSE(pool);
    orapool_attrs_free(first);
    orapool_attrs_free(second);
    EQUAL(one.frees, 1);
    EQUAL(other.frees, 1);
}

typedef struct {
    orapool *pool;
    orapool_status status;
    int32_t code;
} getter;

static void *run_get(void *arg) {
    getter *get = (getter *)arg;
    get_results results;
    orapool_error *error = NULL;
    get->status = get_into(get->pool, &results, NULL, 0, &error);
    get->code = orapool_error_code(error);
    orapool_error_free(error);
    if (results.session != NULL) {
        RELEASE(results.session);
    }
    return NULL;
}

/* While a callback runs and does not come back, others get and release; its own session nobody can release. */
static void others_go_on_while_a_callback_runs(void) {
    script script;
    orapool_attrs *attrs;
    orapool *pool;
    orapool_session *first;
    getter getter;
    pthread_t thread;
    int round;
    init_script(&script);
    attrs = bag_with(&script, follow, 1, 3);
    pool = CREATE(attrs);
    first = GET(pool);
    script.holds = 1;
    getter.pool = pool;
    CHECK(pthread_create(&thread, NULL, run_get, &getter) == 0);
    wait_until_inside(&script);
    RELEASE(first);
    for (round = 0; round < 10; round++) {
        orapool_session *session = GET(pool);
        EXECUTE(session, "select 1 from dual");
        RELEASE(session);
    }
    FAILS(orapool_session_release(script.session, NULL, 0, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "callback");
    FAILS(orapool_session_release(script.session, NULL, 0, ORAPOOL_SESSRLS_DROPSESS, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "callback");
    EQUAL(STATS(pool).busy, 1);
    let_go(&script);
    pthread_join(thread, NULL);
    EQUAL(getter.status, ORAPOOL_SUCCESS);
    EQUAL(script.calls, 2);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
    orapool_attrs_free(attrs);
}

/* A pool that is closed by force while a callback runs: the get is told so when the callback is back. */
static void a_forced_close_while_a_callback_runs(void) {
    script script;
    orapool_attrs *attrs;
    orapool *pool;
    getter getter;
    pthread_t thread;
    init_script(&script);
    attrs = bag_with(&script, follow, 0, 2);
    pool = CREATE(attrs);
    orapool_attrs_free(attrs);
    script.holds = 1;
    getter.pool = pool;
    CHECK(pthread_create(&thread, NULL, run_get, &getter) == 0);
    wait_until_inside(&script);
    FORCE_CLOSE(pool);
    EQUAL(script.frees, 0);
    let_go(&script);
    pthread_join(thread, NULL);
    EQUAL(getter.status, ORAPOOL_CLOSED);
    EQUAL(getter.code, 24461);
    EQUAL(script.frees, 1);
}

/* A callback that fails in a pool that was closed under it: the close is the news. */
static void a_forced_close_while_a_failing_callback_runs(void) {
    script script;
    orapool_attrs *attrs;
    orapool *pool;
    getter getter;
    pthread_t thread;
    init_script(&script);
    attrs = bag_with(&script, follow, 0, 2);
    pool = CREATE(attrs);
    script.holds = 1;
    script.returns = 0;
    getter.pool = pool;
    CHECK(pthread_create(&thread, NULL, run_get, &getter) == 0);
    wait_until_inside(&script);
    FORCE_CLOSE(pool);
    let_go(&script);
    pthread_join(thread, NULL);
    EQUAL(getter.status, ORAPOOL_CLOSED);
    orapool_attrs_free(attrs);
    EQUAL(script.frees, 1);
}

static int32_t close_from_inside(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len,
                                 const char *actual, size_t actual_len) {
    script *script = (struct script *)ctx;
    orapool_error *error = NULL;
    (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    orapool_close(script->pool, ORAPOOL_CLOSE_DEFAULT, -1, &error);
    script->drain_code = orapool_error_code(error);
    orapool_error_free(error);
    orapool_close(script->pool, ORAPOOL_CLOSE_DEFAULT, 0, &error);
    script->close_code = orapool_error_code(error);
    orapool_error_free(error);
    script->release_code = orapool_session_release(session, NULL, 0, 0, NULL);
    if (script->holds) {
        orapool_close(script->pool, ORAPOOL_CLOSE_FORCE, 0, &error);
        orapool_error_free(error);
    }
    return ORAPOOL_CALLBACK_OK;
}

/* A callback that closes its own pool: neither a drain nor a default close can come to an end; by force it can. */
static void a_callback_that_closes_its_pool(void) {
    script script;
    orapool_attrs *attrs;
    get_results results;
    init_script(&script);
    attrs = bag_with(&script, close_from_inside, 0, 2);
    script.pool = CREATE(attrs);
    RELEASE(GET(script.pool));
    EQUAL(script.drain_code, 24422);
    EQUAL(script.close_code, 24422);
    EQUAL(script.release_code, ORAPOOL_INVALID_ARGUMENT);
    script.holds = 1;
    FAILS(get_into(script.pool, &results, NULL, ORAPOOL_SESSGET_PURITY_NEW, &err), ORAPOOL_CLOSED, 24461, NULL);
    CHECK(results.session == NULL);
    FAILS(get_into(script.pool, &results, NULL, 0, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    orapool_attrs_free(attrs);
    EQUAL(script.frees, 1);
}

/* A failure drops the session; the next get has another, and its callback runs again. Nothing counts as a get. */
static void a_failing_callback_costs_its_session(void) {
    script script;
    orapool_attrs *attrs;
    orapool *pool;
    orapool_stats stats;
    init_script(&script);
    attrs = bag_with(&script, follow, 0, 1);
    pool = CREATE(attrs);
    script.returns = 7;
    GET_FAILS(pool, NULL, ORAPOOL_CALLBACK_FAILED, 0, "7");
    script.returns = 0;
    GET_FAILS(pool, NULL, ORAPOOL_CALLBACK_FAILED, 0, "0");
    stats = SETTLED(pool);
    EQUAL(stats.gets, 0);
    EQUAL(stats.releases, 0);
    EQUAL(stats.drops, 0);
    EQUAL(stats.callbacks, 2);
    EQUAL(stats.callback_failures, 2);
    script.returns = ORAPOOL_CALLBACK_OK;
    RELEASE(GET(pool));
    RELEASE(GET(pool));
    EQUAL(script.calls, 3);
    EQUAL(STATS(pool).gets, 2);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
    orapool_attrs_free(attrs);
}

static const test_case tests[] = {
    TEST(the_context_is_freed_once),
    TEST(the_context_of_what_came_to_nothing),
    TEST(another_callback_is_a_conflict),
    TEST(others_go_on_while_a_callback_runs),
    TEST(a_forced_close_while_a_callback_runs),
    TEST(a_forced_close_while_a_failing_callback_runs),
    TEST(a_callback_that_closes_its_pool),
    TEST(a_failing_callback_costs_its_session),
};

MAIN(tests)
