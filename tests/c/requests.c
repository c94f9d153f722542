/* Requests: gets that no thread waits in, the queue and socket that tell of them, and their end at every point. */

#include <fcntl.h>
#include <poll.h>

#include "harness.h"

#define MULTI ORAPOOL_SESSGET_MULTIPROPERTY_TAG
#define RETAG_MULTI (ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG)

static orapool_request *start_at(int line, orapool *pool, const orapool_attrs *attrs, const char *tag, uint32_t mode,
                                 uint64_t user_data) {
    orapool_request *request = POISON(orapool_request);
    orapool_error *error = POISON(orapool_error);
    orapool_status status =
        orapool_request_start(pool, attrs, tag, ORAPOOL_NTS, mode, user_data, &request, &error);
    succeeded_at(__FILE__, line, "orapool_request_start", status, error);
    check_at(__FILE__, line, request != NULL && request != POISON(orapool_request), "a request has a handle");
    return request;
}

#define START(pool, user_data) start_at(__LINE__, pool, NULL, NULL, 0, user_data)
#define START_WITH(pool, attrs, user_data) start_at(__LINE__, pool, attrs, NULL, 0, user_data)
#define START_TAGGED(pool, tag, mode) start_at(__LINE__, pool, NULL, tag, mode, 0)

static orapool_status finish_into(orapool_request *request, get_results *results, orapool_error **error) {
    *results = poisoned_results();
    return orapool_request_finish(request, &results->session, &results->ret_tag, &results->ret_tag_len, &results->found,
                                  error);
}

static orapool_session *finish_at(int line, orapool_request *request) {
    get_results results;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = finish_into(request, &results, &error);
    succeeded_at(__FILE__, line, "orapool_request_finish", status, error);
    untagged_at(__FILE__, line, &results);
    check_at(__FILE__, line, results.session != NULL, "a request gives a session");
    return results.session;
}

#define FINISH(request) finish_at(__LINE__, request)

static void finish_fails_at(int line, orapool_request *request, orapool_status expected, int32_t code, const char *part) {
    get_results results;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = finish_into(request, &results, &error);
    failed_at(__FILE__, line, "orapool_request_finish", status, error, expected, code, part, -1);
    untagged_at(__FILE__, line, &results);
    check_at(__FILE__, line, results.session == NULL, "a failed request gives NULL");
}

#define FINISH_FAILS(request, status, code, part) finish_fails_at(__LINE__, request, status, code, part)

/* The next completion; NULL if there is none. */
static orapool_request *next_at(int line, orapool *pool, uint64_t *user_data) {
    orapool_request *request = POISON(orapool_request);
    orapool_error *error = POISON(orapool_error);
    orapool_status status;
    *user_data = POISONED_NUMBER;
    status = orapool_next_completion(pool, user_data, &request, &error);
    check_at(__FILE__, line, error == NULL, "neither a completion nor its absence is an error");
    if (status == ORAPOOL_PENDING) {
        check_at(__FILE__, line, request == NULL && *user_data == 0, "without a completion the results are 0");
    } else {
        equal_at(__FILE__, line, "orapool_next_completion", status, ORAPOOL_SUCCESS);
    }
    return request;
}

static void completes_at(int line, orapool *pool, orapool_request *expected, uint64_t user_data) {
    int64_t until = now_ms() + PATIENCE_MS;
    uint64_t told = 0;
    orapool_request *request = next_at(line, pool, &told);
    while (request == NULL && now_ms() < until) {
        sleep_ms(1);
        request = next_at(line, pool, &told);
    }
    check_at(__FILE__, line, request == expected, "the completion is of that request");
    equal_at(__FILE__, line, "user_data", (int64_t)told, (int64_t)user_data);
}

#define COMPLETES(pool, request, user_data) completes_at(__LINE__, pool, request, user_data)

static void none_complete_at(int line, orapool *pool) {
    uint64_t told;
    check_at(__FILE__, line, next_at(line, pool, &told) == NULL, "no request is complete");
}

#define NONE_COMPLETE(pool) none_complete_at(__LINE__, pool)

static int is_readable(int fd, int timeout_ms) {
    struct pollfd waits;
    waits.fd = fd;
    waits.events = POLLIN;
    waits.revents = 0;
    return poll(&waits, 1, timeout_ms) == 1;
}

/* Reads what is there, as the header says. 0: the socket has ended. */
static int empty_socket(int fd) {
    char bytes[64];
    ssize_t len;
    do {
        len = read(fd, bytes, sizeof bytes);
    } while (len > 0);
    return len != 0;
}

static orapool_attrs *within(int64_t mode, int64_t ms) {
    orapool_attrs *attrs = empty_bag();
    SET_INT(attrs, ORAPOOL_ATTR_GET_MODE, mode);
    SET_INT(attrs, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, ms);
    return attrs;
}

/* -- what a request gives --------------------------------------------------------------------------------------- */

static void an_idle_session_serves_at_once(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    orapool_request *request = START(pool, 7);
    orapool_session *session;
    COMPLETES(pool, request, 7);
    NONE_COMPLETE(pool);
    EQUAL(STATS(pool).busy, 1);
    session = FINISH(request);
    EXECUTE(session, "create table t (n number)");
    FINISH_FAILS(request, ORAPOOL_INVALID_HANDLE, 0, "request");
    RELEASE(session);
    COUNTS(pool, 1, 0);
    EQUAL(STATS(pool).gets, 1);
    CLOSE(pool);
}

static void a_session_is_made_for_it(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=50", 0, 1, 1, ORAPOOL_GET_WAIT));
    orapool_request *request = START(pool, UINT64_MAX);
    orapool_session *session;
    COMPLETES(pool, request, UINT64_MAX);
    session = FINISH(request);
    EQUAL(orapool_session_is_new(session), 1);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* Who asks for no completions just finishes, and is told of nothing later. */
static void finish_waits(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=100", 0, 1, 1, ORAPOOL_GET_WAIT));
    RELEASE(FINISH(START(pool, 1)));
    NONE_COMPLETE(pool);
    RELEASE(FINISH(START(pool, 1)));
    NONE_COMPLETE(pool);
    CLOSE(pool);
}

static void tags_and_how_they_were_found(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    get_results results;
    SUCCEEDS(orapool_session_release(session, "A=1;B=2", ORAPOOL_NTS, RETAG_MULTI, &err));
    SUCCEEDS(finish_into(START_TAGGED(pool, "B=2;A=1", MULTI), &results, &err));
    EQUAL(results.found, 1);
    TEXT_EQUAL(results.ret_tag, "A=1;B=2");
    EQUAL(results.ret_tag_len, 7);
    TEXT_EQUAL(orapool_session_tag(results.session, NULL), "A=1;B=2");
    RELEASE(results.session);
    SUCCEEDS(finish_into(START_TAGGED(pool, "A=1;C=3", MULTI | ORAPOOL_SESSGET_MATCHANY), &results, &err));
    EQUAL(results.found, 0);
    TEXT_EQUAL(results.ret_tag, "A=1;B=2");
    RELEASE(results.session);
    EQUAL(STATS(pool).gets_tag_exact, 1);
    EQUAL(STATS(pool).gets_tag_partial, 1);
    CLOSE(pool);
}

/* The bag is read before start returns. */
static void the_bag_may_go(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_attrs *attrs = within(ORAPOOL_GET_WAIT, -1);
    orapool_request *request = START_WITH(pool, attrs, 0);
    orapool_attrs_free(attrs);
    RELEASE(session);
    RELEASE(FINISH(request));
    CLOSE(pool);
}

static void a_dead_session_is_replaced(void) {
    orapool_attrs *attrs = sized_bag(NULL, 2, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *victim;
    orapool_session *killer;
    orapool_session *session;
    uint64_t identity;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = CREATE(attrs);
    killer = GET(pool);
    victim = GET(pool);
    identity = IDENTITY(victim);
    RELEASE(victim);
    KILL(killer, identity);
    session = FINISH(START(pool, 0));
    CHECK(IDENTITY(session) != identity);
    EQUAL(STATS(pool).ping_failures, 1);
    EQUAL(STATS(pool).closed_dead, 1);
    RELEASE(session);
    RELEASE(killer);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

/* FORCEGET's warning is the finish's to tell. */
static void more_than_the_maximum(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_FORCEGET);
    orapool_session *session = GET(pool);
    orapool_request *request = START(pool, 0);
    get_results results;
    orapool_error *error = NULL;
    EQUAL(finish_into(request, &results, &error), ORAPOOL_SUCCESS_WITH_INFO);
    EQUAL(orapool_error_code(error), 24417);
    orapool_error_free(error);
    RELEASE(results.session);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* -- in one queue with the gets --------------------------------------------------------------------------------- */

static void first_come_first_served(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_request *first = START(pool, 1);
    orapool_request *third;
    getting second;
    WAIT_FOR(STATS(pool).waiting == 1);
    start_getting(&second, pool, NULL);
    WAIT_FOR(STATS(pool).waiting == 2);
    third = START(pool, 3);
    EQUAL(STATS(pool).waiting, 3);
    NONE_COMPLETE(pool);
    RELEASE(session);
    COMPLETES(pool, first, 1);
    EQUAL(STATS(pool).waiting, 2);
    session = FINISH(first);
    CHECK(!IS_DONE(&second));
    RELEASE(session);
    session = end_getting(&second);
    EQUAL(second.status, ORAPOOL_SUCCESS);
    NONE_COMPLETE(pool);
    RELEASE(session);
    COMPLETES(pool, third, 3);
    RELEASE(FINISH(third));
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* A release by the thread that holds the session leaves it with that thread; the waiting request comes for it. */
static void nobody_sleeps_beside_an_idle_session(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    int round;
    for (round = 0; round < 300; round++) {
        orapool_session *session = GET(pool);
        orapool_request *request = START(pool, 0);
        RELEASE(session);
        RELEASE(FINISH(request));
    }
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

static void each_has_its_deadline(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_attrs *soon = within(ORAPOOL_GET_WAIT, 30);
    orapool_attrs *later = within(ORAPOOL_GET_TIMEDWAIT, 60);
    orapool_attrs *nowait = empty_bag();
    orapool_request *second = START_WITH(pool, later, 2);
    orapool_request *first = START_WITH(pool, soon, 1);
    orapool_request *patient = START(pool, 3);
    orapool_request *refused;
    SET_INT(nowait, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_NOWAIT);
    refused = START_WITH(pool, nowait, 4);
    COMPLETES(pool, refused, 4);
    FINISH_FAILS(refused, ORAPOOL_TIMEOUT, 24496, "NOWAIT");
    COMPLETES(pool, first, 1);
    FINISH_FAILS(first, ORAPOOL_TIMEOUT, 24457, "oldest loan");
    COMPLETES(pool, second, 2);
    FINISH_FAILS(second, ORAPOOL_TIMEOUT, 24457, NULL);
    EQUAL(STATS(pool).waiting, 1);
    EQUAL(STATS(pool).timeouts, 3);
    RELEASE(session);
    RELEASE(FINISH(patient));
    orapool_attrs_free(soon);
    orapool_attrs_free(later);
    orapool_attrs_free(nowait);
    CLOSE(pool);
}

static void too_many_waiters(void) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_session *session;
    orapool_request *waits;
    SET_INT(attrs, ORAPOOL_ATTR_WAITERS_MAX, 1);
    pool = CREATE(attrs);
    session = GET(pool);
    waits = START(pool, 1);
    FINISH_FAILS(START(pool, 2), ORAPOOL_TIMEOUT, 24496, "WAITERS_MAX");
    EQUAL(STATS(pool).rejected, 1);
    RELEASE(session);
    RELEASE(FINISH(waits));
    CLOSE(pool);
}

static void a_failed_connect_is_told(void) {
    orapool *pool = CREATE(sized_bag("connect_failures=1", 0, 1, 1, ORAPOOL_GET_WAIT));
    FINISH_FAILS(START(pool, 0), ORAPOOL_ERROR, 12541, NULL);
    RELEASE(FINISH(START(pool, 0)));
    CLOSE(pool);
}

/* -- cancel ----------------------------------------------------------------------------------------------------- */

static void cancelled_in_the_queue(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_request *first = START(pool, 1);
    orapool_request *second = START(pool, 2);
    orapool_request_cancel(first);
    EQUAL(STATS(pool).waiting, 1);
    orapool_request_cancel(first);
    FINISH_FAILS(first, ORAPOOL_INVALID_HANDLE, 0, NULL);
    RELEASE(session);
    COMPLETES(pool, second, 2);
    NONE_COMPLETE(pool);
    RELEASE(FINISH(second));
    COUNTS(pool, 1, 0);
    EQUAL(STATS(pool).gets, 2);
    CLOSE(pool);
}

static void cancelled_after_it_has_won(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *untold = START(pool, 1);
    orapool_request *told;
    EQUAL(STATS(pool).busy, 1);
    orapool_request_cancel(untold);
    NONE_COMPLETE(pool);
    COUNTS(pool, 1, 0);
    told = START(pool, 2);
    COMPLETES(pool, told, 2);
    orapool_request_cancel(told);
    COUNTS(pool, 1, 0);
    EQUAL(STATS(pool).gets, 0);
    EQUAL(STATS(pool).connects, 1);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* What one that is cancelled had won serves the next. */
static void what_a_cancelled_one_had_won_serves_who_waits(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *first = START(pool, 1);
    orapool_request *second = START(pool, 2);
    COMPLETES(pool, first, 1);
    NONE_COMPLETE(pool);
    orapool_request_cancel(first);
    COMPLETES(pool, second, 2);
    RELEASE(FINISH(second));
    CLOSE(pool);
}

/* The connect that was made for it stays. */
static void cancelled_while_a_session_is_made(void) {
    orapool *pool = CREATE(sized_bag("connect_delay_ms=100", 0, 1, 1, ORAPOOL_GET_WAIT));
    orapool_request *request = START(pool, 1);
    WAIT_FOR(STATS(pool).connecting == 1);
    orapool_request_cancel(request);
    EQUAL(STATS(pool).waiting, 0);
    RELEASE(GET(pool));
    EQUAL(STATS(pool).connects, 1);
    NONE_COMPLETE(pool);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

static void cancelled_during_the_ping(void) {
    orapool_attrs *attrs = sized_bag("call_delay_ms=150", 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_request *request;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = CREATE(attrs);
    request = START(pool, 1);
    WAIT_FOR(STATS(pool).pings == 1);
    NONE_COMPLETE(pool);
    orapool_request_cancel(request);
    WAIT_FOR(STATS(pool).busy == 0 && STATS(pool).idle == 1);
    NONE_COMPLETE(pool);
    RELEASE(GET(pool));
    EQUAL(STATS(pool).gets, 1);
    CLOSE(pool);
}

typedef struct {
    pthread_t thread;
    orapool_request *request;
    get_results results;
    orapool_status status;
    int32_t code;
    int is_done;
} finishing;

static void *run_finishing(void *argument) {
    finishing *self = (finishing *)argument;
    orapool_error *error = NULL;
    self->status = finish_into(self->request, &self->results, &error);
    self->code = orapool_error_code(error);
    orapool_error_free(error);
    __atomic_store_n(&self->is_done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void start_finishing(finishing *self, orapool_request *request) {
    memset(self, 0, sizeof *self);
    self->request = request;
    CHECK(pthread_create(&self->thread, NULL, run_finishing, self) == 0);
}

/* A finish that had not begun to wait finds the request gone: then once more, with more time for it to begin. */
static void a_cancel_wakes_the_finish(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    finishing finish;
    int64_t head_start = 1;
    do {
        orapool_request *request = START(pool, 1);
        start_finishing(&finish, request);
        sleep_ms(head_start);
        CHECK(!IS_DONE(&finish));
        orapool_request_cancel(request);
        pthread_join(finish.thread, NULL);
        head_start *= 2;
    } while (finish.status == ORAPOOL_INVALID_HANDLE && head_start < PATIENCE_MS);
    EQUAL(finish.status, ORAPOOL_CANCELLED);
    EQUAL(finish.code, 0);
    CHECK(finish.results.session == NULL);
    EQUAL(STATS(pool).waiting, 0);
    RELEASE(session);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* Of two threads that finish one request one gets the session. */
static void one_finish_wins(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    int round;
    for (round = 0; round < 50; round++) {
        orapool_session *session = GET(pool);
        orapool_request *request = START(pool, 1);
        finishing one;
        finishing other;
        finishing *winner;
        finishing *loser;
        start_finishing(&one, request);
        start_finishing(&other, request);
        RELEASE(session);
        pthread_join(one.thread, NULL);
        pthread_join(other.thread, NULL);
        winner = one.status == ORAPOOL_SUCCESS ? &one : &other;
        loser = winner == &one ? &other : &one;
        EQUAL(winner->status, ORAPOOL_SUCCESS);
        EQUAL(loser->status, ORAPOOL_INVALID_HANDLE);
        RELEASE(winner->results.session);
    }
    CLOSE(pool);
}

/* -- what comes before and in the finish ------------------------------------------------------------------------ */

typedef struct {
    pthread_t thread;
    int calls;
    int32_t returns;
    orapool *pool;
    int32_t inner_code;
} seen;

static int32_t see(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len, const char *actual,
                   size_t actual_len) {
    seen *saw = (seen *)ctx;
    (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    saw->thread = pthread_self();
    saw->calls++;
    if (saw->pool != NULL) {
        orapool_request *inner = START(saw->pool, 0);
        get_results results;
        orapool_error *error = NULL;
        finish_into(inner, &results, &error);
        saw->inner_code = orapool_error_code(error);
        orapool_error_free(error);
    }
    SUCCEEDS(orapool_session_set_tag(session, "SEEN=1", ORAPOOL_NTS, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &err));
    return saw->returns;
}

static orapool *create_with(seen *saw) {
    orapool_attrs *attrs = sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT);
    memset(saw, 0, sizeof *saw);
    saw->returns = ORAPOOL_CALLBACK_OK;
    SUCCEEDS(orapool_attrs_set_callback(attrs, see, saw, NULL, &err));
    return CREATE(attrs);
}

static void the_callback_runs_in_the_finish(void) {
    seen saw;
    orapool *pool = create_with(&saw);
    orapool_request *request = START_TAGGED(pool, "SEEN=1", MULTI);
    get_results results;
    COMPLETES(pool, request, 0);
    EQUAL(saw.calls, 0);
    SUCCEEDS(finish_into(request, &results, &err));
    EQUAL(saw.calls, 1);
    CHECK(pthread_equal(saw.thread, pthread_self()));
    TEXT_EQUAL(results.ret_tag, "SEEN=1");
    EQUAL(results.found, 0);
    RELEASE(results.session);
    EQUAL(STATS(pool).callbacks, 1);
    CLOSE(pool);
}

static void a_callback_that_fails(void) {
    seen saw;
    orapool *pool = create_with(&saw);
    saw.returns = 0;
    FINISH_FAILS(START(pool, 0), ORAPOOL_CALLBACK_FAILED, 0, "returned 0");
    EQUAL(STATS(pool).gets, 0);
    EQUAL(STATS(pool).callback_failures, 1);
    saw.returns = ORAPOOL_CALLBACK_OK;
    {
        get_results results;
        SUCCEEDS(finish_into(START(pool, 0), &results, &err));
        RELEASE(results.session);
    }
    CLOSE(pool);
}

/* Nobody sees the session of a request that is cancelled, and the next one finds it as new as it was. */
static void a_cancelled_request_is_not_called_back(void) {
    seen saw;
    orapool *pool = create_with(&saw);
    orapool_request *request = START(pool, 1);
    COMPLETES(pool, request, 1);
    orapool_request_cancel(request);
    EQUAL(saw.calls, 0);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* A callback that waits for another session of its pool would wait for its own. */
static void a_callback_does_not_wait_for_itself(void) {
    seen saw;
    orapool *pool = create_with(&saw);
    get_results results;
    saw.pool = pool;
    SUCCEEDS(finish_into(START(pool, 0), &results, &err));
    EQUAL(saw.inner_code, 24496);
    EQUAL(STATS(pool).waiting, 0);
    RELEASE(results.session);
    CLOSE(pool);
}

static const char fixup_package[] =
    "create or replace procedure fix_it(wanted varchar2, actual varchar2) is begin "
    "if wanted = 'BAD=1' then raise_application_error(-20001, 'no'); end if; "
    "insert into fixed values (wanted); commit; end;";

static orapool *create_with_fixup(void) {
    orapool *plain = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(plain);
    orapool_attrs *attrs = sized_bag(NULL, 1, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    EXECUTE(session, "create table fixed (wanted varchar2(100))");
    EXECUTE(session, fixup_package);
    SET_TEXT(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, "fix_it");
    pool = CREATE(attrs);
    RELEASE(session);
    CLOSE(plain);
    return pool;
}

static void the_fixup_comes_before_the_completion(void) {
    orapool *pool = create_with_fixup();
    orapool_request *request = START_TAGGED(pool, "A=1", MULTI);
    get_results results;
    COMPLETES(pool, request, 0);
    EQUAL(STATS(pool).fixups, 1);
    SUCCEEDS(finish_into(request, &results, &err));
    EQUAL(results.found, 1);
    TEXT_EQUAL(results.ret_tag, "A=1");
    TEXT_EQUAL(QUERY(results.session, "select wanted from fixed"), "A=1");
    RELEASE(results.session);
    CLOSE(pool);
}

static void a_fixup_that_fails(void) {
    orapool *pool = create_with_fixup();
    get_results results;
    FAILS_BECAUSE(finish_into(START_TAGGED(pool, "BAD=1", MULTI), &results, &err), ORAPOOL_ERROR, 56610, NULL, 20001);
    CHECK(results.session == NULL);
    EQUAL(STATS(pool).fixup_failures, 1);
    EQUAL(STATS(pool).gets, 0);
    WAIT_FOR(STATS(pool).idle == 1);
    CLOSE(pool);
}

/* A cancelled request whose fix-up has run gives back a session that says what it is. */
static void cancelled_after_the_fixup(void) {
    orapool *pool = create_with_fixup();
    orapool_request *request = START_TAGGED(pool, "A=1", MULTI);
    get_results results;
    COMPLETES(pool, request, 0);
    orapool_request_cancel(request);
    SUCCEEDS(finish_into(START_TAGGED(pool, "A=1", MULTI), &results, &err));
    EQUAL(results.found, 1);
    EQUAL(STATS(pool).fixups, 1);
    RELEASE(results.session);
    CLOSE(pool);
}

/* -- the socket ------------------------------------------------------------------------------------------------- */

static void the_socket_tells(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    int fd = orapool_completion_fd(pool);
    orapool_session *session;
    orapool_request *request;
    CHECK(fd >= 0);
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(!is_readable(fd, 0));
    session = GET(pool);
    request = START(pool, 1);
    CHECK(!is_readable(fd, 20));
    RELEASE(session);
    CHECK(is_readable(fd, PATIENCE_MS));
    CHECK(empty_socket(fd));
    COMPLETES(pool, request, 1);
    NONE_COMPLETE(pool);
    CHECK(!is_readable(fd, 0));
    RELEASE(FINISH(request));
    close(fd);
    CLOSE(pool);
}

/* Who does not read from it finds it silent all the same once there is nothing more to be told. */
static void the_socket_need_not_be_read(void) {
    orapool *pool = POOL(2, 2, 1, ORAPOOL_GET_WAIT);
    int fd = orapool_completion_fd(pool);
    int other = orapool_completion_fd(pool);
    orapool_request *first = START(pool, 1);
    orapool_request *second = START(pool, 2);
    CHECK(other >= 0 && other != fd);
    CHECK(is_readable(fd, PATIENCE_MS) && is_readable(other, PATIENCE_MS));
    COMPLETES(pool, first, 1);
    CHECK(is_readable(fd, 0));
    COMPLETES(pool, second, 2);
    NONE_COMPLETE(pool);
    CHECK(!is_readable(fd, 0) && !is_readable(other, 0));
    close(other);
    RELEASE(FINISH(first));
    RELEASE(FINISH(second));
    first = START(pool, 3);
    CHECK(is_readable(fd, PATIENCE_MS));
    orapool_request_cancel(first);
    NONE_COMPLETE(pool);
    close(fd);
    CLOSE(pool);
}

/* The socket may be asked for when there are completions already. */
static void a_socket_that_comes_late(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *request = START(pool, 1);
    int fd = orapool_completion_fd(pool);
    CHECK(is_readable(fd, PATIENCE_MS));
    COMPLETES(pool, request, 1);
    RELEASE(FINISH(request));
    close(fd);
    CLOSE(pool);
}

/* More completions than the socket holds bytes: none is lost, and nothing blocks. */
static void a_loop_that_never_drains(void) {
    enum { REQUESTS = 5000 };
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = GET(pool);
    int fd = orapool_completion_fd(pool);
    int at;
    uint64_t told;
    int64_t sum = 0;
    orapool_request *request;
    for (at = 1; at <= REQUESTS; at++) {
        START(pool, (uint64_t)at);
    }
    RELEASE(session);
    RELEASE(GET(pool));
    CHECK(is_readable(fd, PATIENCE_MS));
    at = 0;
    while ((request = next_at(__LINE__, pool, &told)) != NULL) {
        FINISH_FAILS(request, ORAPOOL_TIMEOUT, 24496, NULL);
        sum += (int64_t)told;
        at++;
    }
    EQUAL(at, REQUESTS);
    EQUAL(sum, (int64_t)REQUESTS * (REQUESTS + 1) / 2);
    CHECK(!is_readable(fd, 0));
    close(fd);
    CLOSE(pool);
}

/* Runtimes that share a pool do not take each other's completions. */
static void each_handle_has_its_own(void) {
    orapool *pool = CREATE_NAMED("two_handles", sized_bag(NULL, 2, 2, 1, ORAPOOL_GET_WAIT));
    orapool *other = NULL;
    orapool_request *mine;
    orapool_request *theirs;
    int fd = orapool_completion_fd(pool);
    int their_fd;
    SUCCEEDS(orapool_open("two_handles", ORAPOOL_NTS, &other, &err));
    their_fd = orapool_completion_fd(other);
    theirs = START(other, 1);
    CHECK(is_readable(their_fd, PATIENCE_MS));
    CHECK(!is_readable(fd, 0));
    NONE_COMPLETE(pool);
    mine = START(pool, 2);
    COMPLETES(pool, mine, 2);
    COMPLETES(other, theirs, 1);
    RELEASE(FINISH(mine));
    /* A handle that is given up takes its socket along; its requests go on. */
    CLOSE(other);
    CHECK(is_readable(their_fd, PATIENCE_MS));
    CHECK(!empty_socket(their_fd));
    CHECK(!is_readable(fd, 0));
    RELEASE(FINISH(theirs));
    close(fd);
    close(their_fd);
    CLOSE(pool);
}

/* -- close ------------------------------------------------------------------------------------------------------ */

static void a_pool_with_requests_is_in_use(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *won = START(pool, 1);
    orapool_request *waits = START(pool, 2);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, NULL);
    orapool_request_cancel(waits);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err), ORAPOOL_ERROR, 24422, NULL);
    orapool_request_cancel(won);
    CLOSE(pool);
}

static void a_forced_close_completes_all(void) {
    orapool *pool = CREATE_NAMED("forced", sized_bag(NULL, 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool *closer = NULL;
    orapool_request *won = START(pool, 1);
    orapool_request *waits = START(pool, 2);
    orapool_request *request = NULL;
    uint64_t told = 0;
    int fd = orapool_completion_fd(pool);
    finishing finish;
    orapool_request *finished = START(pool, 3);
    start_finishing(&finish, finished);
    SUCCEEDS(orapool_open("forced", ORAPOOL_NTS, &closer, &err));
    FORCE_CLOSE(closer);
    pthread_join(finish.thread, NULL);
    EQUAL(finish.status, ORAPOOL_CLOSED);
    CHECK(is_readable(fd, PATIENCE_MS));
    COMPLETES(pool, won, 1);
    COMPLETES(pool, waits, 2);
    FAILS(orapool_next_completion(pool, &told, &request, &err), ORAPOOL_CLOSED, 24461, NULL);
    FINISH_FAILS(won, ORAPOOL_CLOSED, 24461, NULL);
    FINISH_FAILS(waits, ORAPOOL_CLOSED, 24461, NULL);
    FINISH_FAILS(waits, ORAPOOL_INVALID_HANDLE, 0, NULL);
    FAILS(orapool_request_start(pool, NULL, NULL, 0, 0, 0, &request, &err), ORAPOOL_CLOSED, 24461, NULL);
    CHECK(request == NULL);
    FAILS(orapool_close(pool, ORAPOOL_CLOSE_FORCE, 0, &err), ORAPOOL_CLOSED, 24461, NULL);
    CHECK(is_readable(fd, 0) && !empty_socket(fd));
    close(fd);
}

/* The handle that closes the pool is gone; its requests are finished or cancelled all the same. */
static void requests_outlive_their_handle(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *won = START(pool, 1);
    orapool_request *cancelled = START(pool, 2);
    orapool_request *waits = START(pool, 3);
    orapool_request *request = NULL;
    FORCE_CLOSE(pool);
    FAILS(orapool_next_completion(pool, NULL, &request, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    orapool_request_cancel(cancelled);
    FINISH_FAILS(waits, ORAPOOL_CLOSED, 24461, NULL);
    orapool_request_cancel(won);
    FINISH_FAILS(won, ORAPOOL_INVALID_HANDLE, 0, NULL);
}

/* A drain that runs out takes back what was won and not finished. */
static void a_drain_takes_back_what_was_won(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *won = START(pool, 1);
    COMPLETES(pool, won, 1);
    SUCCEEDS(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 50, &err));
    FINISH_FAILS(won, ORAPOOL_CLOSED, 24461, NULL);
}

static void closed_during_the_ping(void) {
    orapool_attrs *attrs = sized_bag("call_delay_ms=20000", 1, 1, 1, ORAPOOL_GET_WAIT);
    orapool *pool;
    orapool_request *request;
    SET_INT(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    SET_INT(attrs, ORAPOOL_ATTR_PING_TIMEOUT_MS, -1);
    pool = CREATE(attrs);
    request = START(pool, 1);
    WAIT_FOR(STATS(pool).pings == 1);
    FORCE_CLOSE(pool);
    FINISH_FAILS(request, ORAPOOL_CLOSED, 24461, NULL);
}

/* -- bad calls -------------------------------------------------------------------------------------------------- */

static void arguments_that_make_no_sense(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_request *request = POISON(orapool_request);
    orapool_attrs *attrs = empty_bag();
    FAILS(orapool_request_start(pool, NULL, NULL, 0, 0x8000, 0, &request, &err), ORAPOOL_INVALID_ARGUMENT, 24300,
          "0x8000");
    CHECK(request == NULL);
    FAILS(orapool_request_start(pool, NULL, NULL, 0, 0, 0, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "request");
    FAILS(orapool_request_start(pool, NULL, "A;B", ORAPOOL_NTS, MULTI, 0, &request, &err), ORAPOOL_ERROR, 24487, NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "other");
    FAILS(orapool_request_start(pool, attrs, NULL, 0, 0, 0, &request, &err), ORAPOOL_INVALID_ARGUMENT, 24419, NULL);
    FAILS(orapool_next_completion(pool, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "request");
    request = START(pool, 0);
    FAILS(orapool_request_finish(request, NULL, NULL, NULL, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "session");
    {
        orapool_session *session = NULL;
        SUCCEEDS(orapool_request_finish(request, &session, NULL, NULL, NULL, &err));
        RELEASE(session);
    }
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

static void handles_that_are_none(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_request *request = POISON(orapool_request);
    uint64_t told = POISONED_NUMBER;
    FINISH_FAILS(NULL, ORAPOOL_INVALID_HANDLE, 0, "NULL");
    FINISH_FAILS((orapool_request *)session, ORAPOOL_INVALID_HANDLE, 0, NULL);
    FINISH_FAILS((orapool_request *)pool, ORAPOOL_INVALID_HANDLE, 0, NULL);
    orapool_request_cancel(NULL);
    orapool_request_cancel(POISON(orapool_request));
    orapool_request_cancel((orapool_request *)session);
    EQUAL(orapool_completion_fd(NULL), ORAPOOL_INVALID_HANDLE);
    EQUAL(orapool_completion_fd((orapool *)session), ORAPOOL_INVALID_HANDLE);
    FAILS(orapool_request_start(NULL, NULL, NULL, 0, 0, 0, &request, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CHECK(request == NULL);
    request = POISON(orapool_request);
    FAILS(orapool_next_completion(NULL, &told, &request, &err), ORAPOOL_INVALID_HANDLE, 0, NULL);
    CHECK(request == NULL && told == 0);
    RELEASE(session);
    CLOSE(pool);
    EQUAL(orapool_completion_fd(pool), ORAPOOL_INVALID_HANDLE);
}

/* -- a storm ---------------------------------------------------------------------------------------------------- */

typedef struct {
    pthread_t thread;
    orapool *pool;
    unsigned seed;
    int got;
} storming;

/* Starts requests, finishes some, cancels others, at any moment, with gets in between. */
static void *run_storm(void *argument) {
    storming *self = (storming *)argument;
    orapool_attrs *attrs = within(ORAPOOL_GET_WAIT, 20);
    int round;
    for (round = 0; round < 150; round++) {
        orapool_request *requests[3];
        get_results results;
        int at;
        for (at = 0; at < 3; at++) {
            requests[at] = START_WITH(self->pool, at == 1 ? attrs : NULL, 0);
        }
        if (rand_r(&self->seed) % 2 == 0) {
            sleep_ms(rand_r(&self->seed) % 2);
        }
        for (at = 0; at < 3; at++) {
            orapool_error *error = NULL;
            if (rand_r(&self->seed) % 2 == 0) {
                orapool_request_cancel(requests[at]);
                continue;
            }
            if (at != 1) {
                /* Who waits for ever while holding could wait for itself. */
                orapool_request_cancel(requests[at]);
                continue;
            }
            if (finish_into(requests[at], &results, &error) == ORAPOOL_SUCCESS) {
                RELEASE(results.session);
                self->got++;
            } else {
                EQUAL(orapool_error_status(error), ORAPOOL_TIMEOUT);
            }
            orapool_error_free(error);
        }
        if (rand_r(&self->seed) % 4 == 0) {
            RELEASE(GET(self->pool));
            self->got++;
        }
    }
    orapool_attrs_free(attrs);
    return NULL;
}

static void a_storm(void) {
    storming threads[8];
    orapool *pool = POOL(2, 3, 1, ORAPOOL_GET_WAIT);
    uint64_t told;
    int got = 0;
    int at;
    for (at = 0; at < 8; at++) {
        memset(&threads[at], 0, sizeof threads[at]);
        threads[at].pool = pool;
        threads[at].seed = (unsigned)at;
        CHECK(pthread_create(&threads[at].thread, NULL, run_storm, &threads[at]) == 0);
    }
    for (at = 0; at < 8; at++) {
        pthread_join(threads[at].thread, NULL);
        got += threads[at].got;
    }
    WAIT_FOR(STATS(pool).busy == 0 && STATS(pool).waiting == 0);
    CHECK(next_at(__LINE__, pool, &told) == NULL);
    EQUAL(STATS(pool).gets, got);
    CHECK(SETTLED(pool).open <= 3);
    CLOSE(pool);
}

/* Many more requests than sessions, each served in its turn by the event loop that started it. */
static void an_event_loop(void) {
    enum { REQUESTS = 2000 };
    orapool *pool = POOL(4, 4, 1, ORAPOOL_GET_WAIT);
    int fd = orapool_completion_fd(pool);
    int served = 0;
    int at;
    for (at = 1; at <= REQUESTS; at++) {
        START(pool, (uint64_t)at);
    }
    while (served < REQUESTS && CHECK(is_readable(fd, PATIENCE_MS))) {
        orapool_request *request;
        uint64_t told;
        CHECK(empty_socket(fd));
        while ((request = next_at(__LINE__, pool, &told)) != NULL) {
            served++;
            EQUAL(told, served);
            RELEASE(FINISH(request));
        }
    }
    EQUAL(served, REQUESTS);
    COUNTS(pool, 4, 0);
    EQUAL(STATS(pool).gets, REQUESTS);
    close(fd);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(an_idle_session_serves_at_once),
    TEST(a_session_is_made_for_it),
    TEST(finish_waits),
    TEST(tags_and_how_they_were_found),
    TEST(the_bag_may_go),
    TEST(a_dead_session_is_replaced),
    TEST(more_than_the_maximum),
    TEST(first_come_first_served),
    TEST(nobody_sleeps_beside_an_idle_session),
    TEST(each_has_its_deadline),
    TEST(too_many_waiters),
    TEST(a_failed_connect_is_told),
    TEST(cancelled_in_the_queue),
    TEST(cancelled_after_it_has_won),
    TEST(what_a_cancelled_one_had_won_serves_who_waits),
    TEST(cancelled_while_a_session_is_made),
    TEST(cancelled_during_the_ping),
    TEST(a_cancel_wakes_the_finish),
    TEST(one_finish_wins),
    TEST(the_callback_runs_in_the_finish),
    TEST(a_callback_that_fails),
    TEST(a_cancelled_request_is_not_called_back),
    TEST(a_callback_does_not_wait_for_itself),
    TEST(the_fixup_comes_before_the_completion),
    TEST(a_fixup_that_fails),
    TEST(cancelled_after_the_fixup),
    TEST(the_socket_tells),
    TEST(the_socket_need_not_be_read),
    TEST(a_socket_that_comes_late),
    SLOW_TEST(a_loop_that_never_drains),
    TEST(each_handle_has_its_own),
    TEST(a_pool_with_requests_is_in_use),
    TEST(a_forced_close_completes_all),
    TEST(requests_outlive_their_handle),
    TEST(a_drain_takes_back_what_was_won),
    TEST(closed_during_the_ping),
    TEST(arguments_that_make_no_sense),
    TEST(handles_that_are_none),
    SLOW_TEST(a_storm),
    SLOW_TEST(an_event_loop),
};

MAIN(tests)
