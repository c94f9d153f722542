/* Every function of the header that takes a handle, called with a handle that it must refuse: each with what it writes
 * on failure. */

#ifndef ORAPOOL_TEST_CALLS_H
#define ORAPOOL_TEST_CALLS_H

#include "harness.h"

/* How a call is to be refused. */
typedef struct {
    int line;
    orapool_status status;
    int32_t code;
} refusal;

static inline refusal refused(int line, orapool_status status, int32_t code) {
    refusal how;
    how.line = line;
    how.status = status;
    how.code = code;
    return how;
}

#define INVALID_HANDLE refused(__LINE__, ORAPOOL_INVALID_HANDLE, 0)
#define TAKEN_AWAY refused(__LINE__, ORAPOOL_CLOSED, 24461)
#define OF_THE_PARENT refused(__LINE__, ORAPOOL_FORKED, 0)

#define REFUSED(call)                                                                         \
    do {                                                                                      \
        orapool_error *err = POISON(orapool_error);                                           \
        orapool_status status_ = (call);                                                      \
        failed_at(__FILE__, how.line, #call, status_, err, how.status, how.code, NULL, 0);    \
    } while (0)

#define IS(condition) check_at(__FILE__, how.line, (condition) ? 1 : 0, #condition)

/* Never called: the bag that it is for is refused. */
static inline int32_t refused_callback(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len,
                                       const char *actual, size_t actual_len) {
    (void)ctx, (void)session, (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    return ORAPOOL_CALLBACK_OK;
}

static inline void refuse_attrs(orapool_attrs *attrs, orapool *pool, refusal how) {
    orapool *created = POISON(orapool);
    get_results results;
    REFUSED(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "scott", ORAPOOL_NTS, &err));
    REFUSED(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 1, &err));
    REFUSED(orapool_attrs_set_callback(attrs, refused_callback, NULL, NULL, &err));
    if (attrs != NULL) {
        REFUSED(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &created, &err));
        IS(created == NULL);
        REFUSED(get_into(pool, &results, attrs, 0, &err));
        IS(results.session == NULL && results.ret_tag == NULL && results.ret_tag_len == 0 && results.found == 0);
        REFUSED(orapool_reconfigure(pool, attrs, &err));
    }
    orapool_attrs_free(attrs);
}

/* A pool that was closed through another handle has a socket nevertheless: what it tells is that there is no more. */
static inline void refuse_requests_of(orapool *pool, refusal how) {
    orapool_request *request = POISON(orapool_request);
    uint64_t user_data = POISONED_NUMBER;
    int32_t fd = orapool_completion_fd(pool);
    IS(how.status == ORAPOOL_CLOSED ? fd >= 0 : fd == how.status);
    if (fd >= 0) {
        close(fd);
    }
    REFUSED(orapool_request_start(pool, NULL, NULL, 0, 0, 0, &request, &err));
    IS(request == NULL);
    request = POISON(orapool_request);
    REFUSED(orapool_next_completion(pool, &user_data, &request, &err));
    IS(request == NULL && user_data == 0);
}

/* The close comes last: if the handle is good for it, it is used up. */
static inline void refuse_pool(orapool *pool, refusal how) {
    orapool_attrs *changes = NULL;
    get_results results;
    orapool_stats stats;
    char *text = POISON(char);
    size_t len = POISONED_NUMBER;
    uint64_t last = POISONED_NUMBER;
    orapool_status made = orapool_attrs_new(&changes, NULL);
    if (made == ORAPOOL_SUCCESS) {
        REFUSED(orapool_reconfigure(pool, changes, &err));
        orapool_attrs_free(changes);
    }
    REFUSED(get_into(pool, &results, NULL, 0, &err));
    IS(results.session == NULL && results.ret_tag == NULL && results.ret_tag_len == 0 && results.found == 0);
    memset(&stats, 0xa5, sizeof stats);
    stats.struct_size = sizeof stats;
    REFUSED(orapool_get_stats(pool, &stats, &err));
    /* What a child finds in them has a test of its own. */
    IS(how.status == ORAPOOL_FORKED || (stats.open == 0 && stats.gets == 0 && stats.drcp_session_changes == 0));
    REFUSED(orapool_metrics(pool, ORAPOOL_METRICS_JSON, &text, &len, &err));
    IS(text == NULL && len == 0);
    text = POISON(char), len = POISONED_NUMBER;
    if (how.status != ORAPOOL_CLOSED) {
        REFUSED(orapool_events(pool, 0, &text, &len, &last, &err));
        IS(text == NULL && len == 0 && last == 0);
    } else {
        /* How a pool ended can be read when it has. */
        IS(orapool_events(pool, 0, &text, &len, &last, NULL) == ORAPOOL_SUCCESS && len > 0 && last > 0);
        orapool_text_free(text);
    }
    refuse_requests_of(pool, how);
    REFUSED(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &err));
}

/* It is used up if it is one. */
static inline void refuse_request(orapool_request *request, refusal how) {
    get_results results = poisoned_results();
    REFUSED(orapool_request_finish(request, &results.session, &results.ret_tag, &results.ret_tag_len, &results.found, &err));
    IS(results.session == NULL && results.ret_tag == NULL && results.ret_tag_len == 0 && results.found == 0);
    orapool_request_cancel(request);
}

/* All but the release. */
static inline void refuse_session(orapool_session *session, refusal how) {
    uint32_t sid = POISONED_NUMBER;
    uint32_t serial = POISONED_NUMBER;
    uint64_t rows = POISONED_NUMBER;
    void *native = POISON(void);
    orapool_stmt *stmt = POISON(orapool_stmt);
    size_t len = POISONED_NUMBER;
    IS(orapool_session_is_new(session) == 0);
    IS(orapool_session_tag(session, &len) == NULL && len == 0);
    REFUSED(orapool_session_set_tag(session, "A=1", ORAPOOL_NTS, 0, &err));
    REFUSED(orapool_session_identity(session, &sid, &serial, &err));
    IS(sid == 0 && serial == 0);
    REFUSED(orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, &rows, &err));
    IS(rows == 0);
    REFUSED(orapool_session_commit(session, &err));
    REFUSED(orapool_session_rollback(session, &err));
    REFUSED(orapool_session_ping(session, &err));
    REFUSED(orapool_session_break(session, &err));
    REFUSED(orapool_session_set_call_timeout(session, 1000, &err));
    REFUSED(orapool_session_native(session, ORAPOOL_NATIVE_OCI_ENV, &native, &err));
    IS(native == NULL);
    REFUSED(orapool_stmt_prepare(session, "select 1 from dual", ORAPOOL_NTS, &stmt, &err));
    IS(stmt == NULL);
}

static inline void refuse_release(orapool_session *session, refusal how) {
    REFUSED(orapool_session_release(session, NULL, 0, 0, &err));
}

/* All but the free. */
static inline void refuse_stmt(orapool_stmt *stmt, refusal how) {
    uint64_t rows = POISONED_NUMBER;
    size_t len = POISONED_NUMBER;
    int64_t number = POISONED_NUMBER;
    double real = POISONED_NUMBER;
    const char *text = POISON(const char);
    const void *bytes = POISON(const void);
    REFUSED(orapool_stmt_bind_null(stmt, 1, &err));
    REFUSED(orapool_stmt_bind_int(stmt, 1, 1, &err));
    REFUSED(orapool_stmt_bind_double(stmt, 1, 1.5, &err));
    REFUSED(orapool_stmt_bind_text(stmt, 1, "x", 1, &err));
    REFUSED(orapool_stmt_bind_bytes(stmt, 1, "x", 1, &err));
    REFUSED(orapool_stmt_execute(stmt, &rows, &err));
    IS(rows == 0);
    REFUSED(orapool_stmt_fetch(stmt, &err));
    IS(orapool_stmt_column_count(stmt) == 0);
    IS(orapool_stmt_column_name(stmt, 0, &len) == NULL && len == 0);
    IS(orapool_stmt_column_is_null(stmt, 0) == 0);
    REFUSED(orapool_stmt_column_int(stmt, 0, &number, &err));
    IS(number == 0);
    REFUSED(orapool_stmt_column_double(stmt, 0, &real, &err));
    IS(real <= 0 && real >= 0);
    len = POISONED_NUMBER;
    REFUSED(orapool_stmt_column_text(stmt, 0, &text, &len, &err));
    IS(text == NULL && len == 0);
    len = POISONED_NUMBER;
    REFUSED(orapool_stmt_column_bytes(stmt, 0, &bytes, &len, &err));
    IS(bytes == NULL && len == 0);
}

#endif
