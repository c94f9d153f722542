/* Processes: what a forked child may do with the library of its parent, and how a process ends that uses it. */

#include "calls.h"

enum { CHILD_LIMIT_S = 30 };

/* What the parent has when it forks. */
typedef struct {
    orapool_attrs *attrs;
    orapool *pool;
    orapool_session *session;
    orapool_stmt *stmt;
    orapool_request *request;
    orapool_error *error;
    char *text;
} estate;

static estate acquire(const char *name) {
    estate all;
    all.attrs = bag(NULL);
    all.pool = CREATE_NAMED(name, sized_bag(NULL, 2, 4, 1, ORAPOOL_GET_WAIT));
    all.session = GET(all.pool);
    all.stmt = NULL;
    all.error = NULL;
    all.text = NULL;
    EXECUTE(all.session, "create table t (n number)");
    EXECUTE(all.session, "insert into t values (1)");
    SUCCEEDS(orapool_stmt_prepare(all.session, "select n from t", ORAPOOL_NTS, &all.stmt, &err));
    SUCCEEDS(orapool_stmt_execute(all.stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(all.stmt, &err));
    SUCCEEDS(orapool_request_start(all.pool, NULL, NULL, 0, 0, 0, &all.request, &err));
    EQUAL(orapool_session_release(NULL, NULL, 0, 0, &all.error), ORAPOOL_INVALID_HANDLE);
    SUCCEEDS(orapool_metrics(all.pool, ORAPOOL_METRICS_JSON, &all.text, NULL, &err));
    return all;
}

/* All of it is still good, the open transaction and the fetched row too. */
static void settle_up(estate *all) {
    int64_t number = 0;
    orapool_session *won = NULL;
    SUCCEEDS(orapool_stmt_column_int(all->stmt, 0, &number, &err));
    EQUAL(number, 1);
    orapool_stmt_free(all->stmt);
    SUCCEEDS(orapool_request_finish(all->request, &won, NULL, NULL, NULL, &err));
    RELEASE(won);
    SUCCEEDS(orapool_session_commit(all->session, &err));
    RELEASE(all->session);
    all->session = GET(all->pool);
    TEXT_EQUAL(QUERY(all->session, "select count(*) from t"), "1");
    RELEASE(all->session);
    COUNTS(all->pool, 2, 0);
    EQUAL(STATS(all->pool).connects, 2);
    CONTAINS(orapool_error_message(all->error, NULL), "NULL");
    orapool_error_free(all->error);
    orapool_text_free(all->text);
    orapool_attrs_free(all->attrs);
    CLOSE(all->pool);
}

/* Runs `body` in a forked child, which ends with `ends`. The child must not hang, and must have found nothing wrong. */
static void in_a_child_at(int line, void (*body)(estate *), estate *all, void (*ends)(int)) {
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        failures = 0;
        signal(SIGALRM, SIG_DFL);
        alarm(CHILD_LIMIT_S);
        body(all);
        fflush(stdout);
        ends(failures == 0 ? 0 : 1);
    }
    check_at(__FILE__, line, child > 0 && waitpid(child, &status, 0) == child, "the child is there");
    if (WIFSIGNALED(status)) {
        equal_at(__FILE__, line, "the signal that ended the child", WTERMSIG(status), 0);
    } else {
        equal_at(__FILE__, line, "the child's exit status", WEXITSTATUS(status), 0);
    }
}

#define IN_A_CHILD(body, all, ends) in_a_child_at(__LINE__, body, all, ends)

/* Everything that the header says works in a child. */
static void what_works(estate *all) {
    size_t len = 0;
    EQUAL(orapool_version(), 1 << 8);
    TEXT_EQUAL(orapool_status_name(ORAPOOL_FORKED), "ORAPOOL_FORKED");
    if (all != NULL) {
        EQUAL(orapool_error_status(all->error), ORAPOOL_INVALID_HANDLE);
        EQUAL(orapool_error_code(all->error), 0);
        CONTAINS(orapool_error_message(all->error, &len), "NULL");
        CHECK(len > 0);
        EQUAL(orapool_error_is_transient(all->error), 0);
        EQUAL(orapool_error_is_session_dead(all->error), 0);
        CHECK(orapool_error_next(all->error) == NULL);
        orapool_error_free(all->error);
        orapool_text_free(all->text);
        orapool_stmt_free(all->stmt);
        orapool_stmt_free(all->stmt);
        orapool_attrs_free(all->attrs);
        orapool_attrs_free(all->attrs);
    }
    orapool_error_free(NULL);
    orapool_text_free(NULL);
    orapool_stmt_free(NULL);
    orapool_attrs_free(NULL);
}

/* Everything else, with the parent's handles and with none. */
static void what_does_not(estate *all) {
    refusal how = OF_THE_PARENT;
    orapool_attrs *attrs = POISON(orapool_attrs);
    orapool *pool = POISON(orapool);
    int round;
    EQUAL(orapool_instance_id(), 0);
    REFUSED(orapool_attrs_new(&attrs, &err));
    CHECK(attrs == NULL);
    REFUSED(orapool_create(NULL, 0, NULL, ORAPOOL_CREATE_NEW, &pool, &err));
    CHECK(pool == NULL);
    pool = POISON(orapool);
    REFUSED(orapool_open("forks", ORAPOOL_NTS, &pool, &err));
    CHECK(pool == NULL);
    for (round = 0; round < 2; round++) {
        refuse_attrs(all->attrs, all->pool, how);
        refuse_pool(all->pool, how);
        REFUSED(orapool_reconfigure(all->pool, all->attrs, &err));
        refuse_session(all->session, how);
        refuse_release(all->session, how);
        refuse_stmt(all->stmt, how);
        refuse_request(all->request, how);
    }
    refuse_attrs(NULL, NULL, how);
    refuse_pool(NULL, how);
    refuse_session(NULL, how);
    refuse_release(NULL, how);
    refuse_stmt(NULL, how);
    refuse_request(NULL, how);
    EQUAL(orapool_session_ping(all->session, NULL), ORAPOOL_FORKED);
}

static void everything(estate *all) {
    what_does_not(all);
    what_works(all);
    what_works(NULL);
}

static void a_child(void) {
    estate all = acquire("forks");
    IN_A_CHILD(everything, &all, _exit);
    IN_A_CHILD(everything, &all, exit);
    settle_up(&all);
}

/* OUT parameters are written on every path: the statistics are all 0 on failure, in a child as well. */
static void read_statistics(estate *all) {
    orapool_stats stats;
    memset(&stats, 0xa5, sizeof stats);
    stats.struct_size = sizeof stats;
    FAILS(orapool_get_stats(all->pool, &stats, &err), ORAPOOL_FORKED, 0, NULL);
    EQUAL(stats.open, 0);
    EQUAL(stats.gets, 0);
    EQUAL(stats.drcp_session_changes, 0);
}

static void the_statistics_of_a_child(void) {
    estate all = acquire("forks");
    IN_A_CHILD(read_statistics, &all, exit);
    settle_up(&all);
}

/* A child's own child is no better off. */
static void fork_once_more(estate *all) {
    everything(all);
    all->error = NULL;
    all->text = NULL;
    IN_A_CHILD(what_does_not, all, exit);
}

static void a_grandchild(void) {
    estate all = acquire("forks");
    IN_A_CHILD(fork_once_more, &all, exit);
    settle_up(&all);
}

/* -- children that begin anew ----------------------------------------------------------------------------------- */

/* A child of a process that has loaded Oracle's client library can not begin anew, and is told why. */
static int may_begin_anew(void) {
    if (is_over_oci()) {
        FAILS(orapool_after_fork(&err), ORAPOOL_UNSUPPORTED, 0, "client library");
        return 0;
    }
    SUCCEEDS(orapool_after_fork(&err));
    return 1;
}

/* A pool of its own, under the name that the parent's has; the parent's handles are nothing to it. */
static void begin_anew(estate *parents) {
    estate own;
    orapool *pool = POISON(orapool);
    everything(parents);
    if (!may_begin_anew()) {
        what_does_not(parents);
        return;
    }
    CHECK(orapool_instance_id() != 0);
    FAILS(orapool_open("forks", ORAPOOL_NTS, &pool, &err), ORAPOOL_ERROR, 24416, NULL);
    own = acquire("forks");
    CHECK(own.pool != parents->pool && own.session != parents->session && own.stmt != parents->stmt);
    refuse_attrs(parents->attrs, own.pool, INVALID_HANDLE);
    refuse_pool(parents->pool, INVALID_HANDLE);
    refuse_session(parents->session, INVALID_HANDLE);
    refuse_release(parents->session, INVALID_HANDLE);
    refuse_stmt(parents->stmt, INVALID_HANDLE);
    refuse_request(parents->request, INVALID_HANDLE);
    /* Again it does nothing. */
    SUCCEEDS(orapool_after_fork(&err));
    settle_up(&own);
}

static void a_child_begins_anew(void) {
    estate all = acquire("forks");
    uint64_t id = orapool_instance_id();
    SUCCEEDS(orapool_after_fork(&err));
    EQUAL(orapool_instance_id(), id);
    IN_A_CHILD(begin_anew, &all, exit);
    IN_A_CHILD(begin_anew, &all, _exit);
    settle_up(&all);
}

/* Its child is forked off a process that uses the library, as any other, and may begin anew in its turn. */
static void begin_anew_and_fork(estate *all) {
    if (may_begin_anew()) {
        estate own = acquire("forks");
        IN_A_CHILD(begin_anew, &own, exit);
        settle_up(&own);
    }
    all->error = NULL;
    all->text = NULL;
}

static void a_grandchild_begins_anew(void) {
    estate all = acquire("forks");
    IN_A_CHILD(begin_anew_and_fork, &all, exit);
    settle_up(&all);
}

/* A line of children has an end, and that is told. */
static void begin_anew_once_more(estate *all) {
    orapool_error *error = NULL;
    if (orapool_after_fork(&error) == ORAPOOL_SUCCESS) {
        estate own = acquire("forks");
        IN_A_CHILD(begin_anew_once_more, &own, exit);
        settle_up(&own);
        return;
    }
    EQUAL(orapool_error_status(error), ORAPOOL_UNSUPPORTED);
    if (!is_over_oci()) {
        CONTAINS(orapool_error_message(error, NULL), "exec");
    }
    orapool_error_free(error);
    what_does_not(all);
}

static void a_line_of_children_has_an_end(void) {
    estate all = acquire("forks");
    IN_A_CHILD(begin_anew_once_more, &all, exit);
    settle_up(&all);
}

/* A server that forks its workers: each has a pool of its own, whatever the master had and has. */
static void work_as_one_of_many(estate *masters) {
    orapool *pool;
    int at;
    (void)masters;
    if (!may_begin_anew()) {
        return;
    }
    pool = CREATE_NAMED("workers", sized_bag(NULL, 1, 4, 1, ORAPOOL_GET_WAIT));
    for (at = 0; at < 20; at++) {
        orapool_session *session = GET(pool);
        orapool_request *request = NULL;
        orapool_session *other = NULL;
        SUCCEEDS(orapool_request_start(pool, NULL, NULL, 0, 0, 0, &request, &err));
        TEXT_EQUAL(QUERY(session, "select count(*) from dual"), "1");
        SUCCEEDS(orapool_request_finish(request, &other, NULL, NULL, NULL, &err));
        RELEASE(session);
        RELEASE(other);
    }
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

static void a_server_that_forks_its_workers(void) {
    orapool *pool = CREATE_NAMED("workers", sized_bag(NULL, 2, 4, 1, ORAPOOL_GET_WAIT));
    int at;
    RELEASE(GET(pool));
    for (at = 0; at < 4; at++) {
        IN_A_CHILD(work_as_one_of_many, NULL, exit);
    }
    RELEASE(GET(pool));
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* A process that was forked before the library was used is as good as any other, and so is its parent. */
static void use_it_afresh(estate *all) {
    estate own;
    (void)all;
    SUCCEEDS(orapool_after_fork(&err));
    CHECK(orapool_instance_id() != 0);
    own = acquire("afresh");
    settle_up(&own);
}

static void use_it_and_fork(estate *all) {
    estate own;
    (void)all;
    own = acquire("forks");
    IN_A_CHILD(everything, &own, exit);
    settle_up(&own);
}

static void a_child_before_the_first_use(void) {
    /* Nothing of the library was called yet, if this test has a process of its own; and this is no use of it. */
    EQUAL(orapool_after_fork(NULL), ORAPOOL_SUCCESS);
    IN_A_CHILD(use_it_afresh, NULL, exit);
    IN_A_CHILD(use_it_and_fork, NULL, exit);
    use_it_afresh(NULL);
}

enum { WORKERS = 6, FORKS = 25 };

typedef struct {
    orapool *pool;
    int ends;
    int failed;
} work;

/* Gets, works, fails and releases, so that a fork finds every lock taken at some time. */
static void *run_work(void *argument) {
    work *self = (work *)argument;
    while (!__atomic_load_n(&self->ends, __ATOMIC_SEQ_CST)) {
        orapool_session *session = NULL;
        orapool_attrs *attrs = NULL;
        orapool_stmt *stmt = NULL;
        char *text = NULL;
        int is_fine =
            orapool_attrs_new(&attrs, NULL) == ORAPOOL_SUCCESS &&
            orapool_session_get(self->pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL) == ORAPOOL_SUCCESS &&
            orapool_stmt_prepare(session, "select 1 from dual", ORAPOOL_NTS, &stmt, NULL) == ORAPOOL_SUCCESS &&
            orapool_stmt_execute(stmt, NULL, NULL) == ORAPOOL_SUCCESS &&
            orapool_metrics(self->pool, ORAPOOL_METRICS_JSON, &text, NULL, NULL) == ORAPOOL_SUCCESS;
        orapool_text_free(text);
        orapool_stmt_free(stmt);
        orapool_attrs_free(attrs);
        if (orapool_session_release(session, NULL, 0, 0, NULL) != ORAPOOL_SUCCESS || !is_fine) {
            __atomic_store_n(&self->failed, 1, __ATOMIC_SEQ_CST);
            return NULL;
        }
    }
    return NULL;
}

static void forks_amid_work(void) {
    estate all = acquire("forks");
    orapool *pool = POOL(1, 3, 1, ORAPOOL_GET_WAIT);
    work shared = {NULL, 0, 0};
    pthread_t threads[WORKERS];
    int at;
    shared.pool = pool;
    for (at = 0; at < WORKERS; at++) {
        CHECK(pthread_create(&threads[at], NULL, run_work, &shared) == 0);
    }
    for (at = 0; at < FORKS; at++) {
        IN_A_CHILD(everything, &all, at % 2 == 0 ? exit : _exit);
    }
    __atomic_store_n(&shared.ends, 1, __ATOMIC_SEQ_CST);
    for (at = 0; at < WORKERS; at++) {
        pthread_join(threads[at], NULL);
    }
    EQUAL(shared.failed, 0);
    CHECK(SETTLED(pool).busy == 0);
    CLOSE(pool);
    settle_up(&all);
}

/* -- ends of processes ------------------------------------------------------------------------------------------ */

static void leave_loans_out(estate *all) {
    (void)all;
    (void)acquire("left");
}

static void *wait_for_a_session(void *argument) {
    orapool_session *session;
    orapool_session_get((orapool *)argument, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);
    return NULL;
}

static void leave_work_behind(estate *all) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=60000&connect_delay_ms=20", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool *slow = CREATE(sized_bag("connect_delay_ms=60000", 0, 1, 1, ORAPOOL_GET_WAIT));
    static executing call;
    pthread_t waiter, connecting;
    (void)all;
    start_executing(&call, GET(pool), "select 1 from dual");
    CHECK(pthread_create(&waiter, NULL, wait_for_a_session, pool) == 0);
    CHECK(pthread_create(&connecting, NULL, wait_for_a_session, slow) == 0);
    WAIT_FOR(STATS(pool).waiting == 1 && STATS(slow).connecting == 1);
}

static void close_at_exit(void) {
    /* From an atexit handler the library still works. */
    estate all = acquire("atexit");
    settle_up(&all);
    if (failures > 0) {
        fflush(stdout);
        _exit(1);
    }
}

static void work_at_exit(estate *all) {
    (void)all;
    CHECK(atexit(close_at_exit) == 0);
    RELEASE(GET(POOL(1, 1, 1, ORAPOOL_GET_WAIT)));
}

/* A process that exits with loans out, threads inside calls and others waiting ends at once. */
static void exits_with_loans_out(void) {
    IN_A_CHILD(leave_loans_out, NULL, exit);
    IN_A_CHILD(leave_work_behind, NULL, exit);
    IN_A_CHILD(work_at_exit, NULL, exit);
}

/* A thread that ends with loans out and with pools at hand leaves both to the others. */
static void *get_and_end(void *argument) {
    orapool *pool = (orapool *)argument;
    RELEASE(GET(pool));
    return GET(pool);
}

static void threads_that_end(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    int round;
    for (round = 0; round < 30; round++) {
        pthread_t thread;
        void *session = NULL;
        CHECK(pthread_create(&thread, NULL, get_and_end, pool) == 0);
        pthread_join(thread, &session);
        COUNTS(pool, 1, 1);
        RELEASE((orapool_session *)session);
    }
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

static const test_case tests[] = {
    /* The first, because it must come before the first use. */
    SLOW_TEST(a_child_before_the_first_use),
    SLOW_TEST(exits_with_loans_out),
    SLOW_TEST(a_child),
    SLOW_TEST(the_statistics_of_a_child),
    SLOW_TEST(a_grandchild),
    SLOW_TEST(a_child_begins_anew),
    SLOW_TEST(a_grandchild_begins_anew),
    SLOW_TEST(a_line_of_children_has_an_end),
    SLOW_TEST(a_server_that_forks_its_workers),
    SLOW_TEST(forks_amid_work),
    TEST(threads_that_end),
};

MAIN(tests)
