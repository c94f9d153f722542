/* What the test programs share: checks that go on after a failure, short forms of the calls, threads, and a main that
 * runs tests by name.
 *
 * A failed check is printed and counted, and the test goes on: handles are tokens, so that a call with one that a
 * failed call did not give fails cleanly. */

#ifndef ORAPOOL_TEST_HARNESS_H
#define ORAPOOL_TEST_HARNESS_H

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "orapool.h"

/* Passwords of the tests. All contain the word that no message may hold. */
#define WORD_OF_PASSWORDS "Secret9"
#define PASSWORD "tigerSecret9"
#define WRONG_PASSWORD "wrongSecret9"

/* What is put into OUT parameters before a call, to see that they are written. */
#define POISON(type) ((type *)(uintptr_t)0x5a5a)
#define POISONED_NUMBER 0x5a5a

/* How long a test waits for what must happen sooner or later, and how long a test may take. */
#define PATIENCE_MS 15000
#define TEST_LIMIT_S 120

typedef struct {
    const char *name;
    void (*run)(void);
    int is_slow;
} test_case;

#define TEST(function) {#function, function, 0}
/* Left out of a quick run, such as one under valgrind. */
#define SLOW_TEST(function) {#function, function, 1}

static const char *current_test = "?";
static int failures;

/* -- time ------------------------------------------------------------------------------------------------------- */

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void sleep_ms(int64_t ms) {
    struct timespec time;
    time.tv_sec = (time_t)(ms / 1000);
    time.tv_nsec = (long)(ms % 1000) * 1000000;
    nanosleep(&time, NULL);
}

/* -- checks ----------------------------------------------------------------------------------------------------- */

static inline void fail_at(const char *file, int line, const char *what, const char *detail) {
    const char *name = strrchr(file, '/');
    __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
    printf("FAILED %s %s:%d: %s%s%s\n", current_test, name == NULL ? file : name + 1, line, what,
           detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
}

static inline int check_at(const char *file, int line, int is_true, const char *what) {
    if (!is_true) {
        fail_at(file, line, what, NULL);
    }
    return is_true;
}

static inline int equal_at(const char *file, int line, const char *what, int64_t actual, int64_t expected) {
    char detail[80];
    if (actual == expected) {
        return 1;
    }
    snprintf(detail, sizeof detail, "is %" PRId64 ", not %" PRId64, actual, expected);
    fail_at(file, line, what, detail);
    return 0;
}

static inline int text_equal_at(const char *file, int line, const char *what, const char *actual, const char *expected) {
    char detail[400];
    if (actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0)) {
        return 1;
    }
    snprintf(detail, sizeof detail, "is `%.180s`, not `%.180s`", actual == NULL ? "(NULL)" : actual,
             expected == NULL ? "(NULL)" : expected);
    fail_at(file, line, what, detail);
    return 0;
}

static inline int contains_at(const char *file, int line, const char *what, const char *text, const char *part) {
    char detail[900];
    if (text != NULL && strstr(text, part) != NULL) {
        return 1;
    }
    snprintf(detail, sizeof detail, "`%.100s` is not in `%.700s`", part, text == NULL ? "(NULL)" : text);
    fail_at(file, line, what, detail);
    return 0;
}

#define CHECK(condition) check_at(__FILE__, __LINE__, (condition) ? 1 : 0, #condition)
#define EQUAL(actual, expected) equal_at(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
#define TEXT_EQUAL(actual, expected) text_equal_at(__FILE__, __LINE__, #actual, actual, expected)
#define CONTAINS(text, part) contains_at(__FILE__, __LINE__, #text, text, part)

/* Waits until the condition holds, for as long as a loaded machine may need. */
#define WAIT_FOR(condition)                                                 \
    do {                                                                    \
        int64_t wait_until_ = now_ms() + PATIENCE_MS;                       \
        int came_ = 0;                                                      \
        while (!(came_ = (condition) ? 1 : 0) && now_ms() < wait_until_) {  \
            sleep_ms(1);                                                    \
        }                                                                   \
        check_at(__FILE__, __LINE__, came_, "it never came: " #condition);  \
    } while (0)

/* -- errors ----------------------------------------------------------------------------------------------------- */

/* What holds for every error: a text of the length it says, with the number in front, and no password anywhere. */
static inline void check_error_object(const char *file, int line, const char *what, const orapool_error *error) {
    char prefix[16];
    for (; error != NULL; error = orapool_error_next(error)) {
        size_t len = POISONED_NUMBER;
        const char *message = orapool_error_message(error, &len);
        if (message == NULL || len == 0 || strlen(message) != len) {
            fail_at(file, line, what, "an error without a text, or with a text of another length than it says");
            continue;
        }
        if (strstr(message, WORD_OF_PASSWORDS) != NULL) {
            fail_at(file, line, what, "the error's text holds a password");
        }
        snprintf(prefix, sizeof prefix, "ORA-%05d", (int)orapool_error_code(error));
        if (orapool_error_code(error) != 0 && strncmp(message, prefix, strlen(prefix)) != 0) {
            contains_at(file, line, what, message, prefix);
        }
    }
}

static inline void succeeded_at(const char *file, int line, const char *what, orapool_status status,
                                orapool_error *error) {
    char detail[900];
    if (error == POISON(orapool_error)) {
        fail_at(file, line, what, "*error was not written");
        return;
    }
    if (status != ORAPOOL_SUCCESS || error != NULL) {
        snprintf(detail, sizeof detail, "gave %s: %.700s", orapool_status_name(status),
                 error == NULL ? "" : orapool_error_message(error, NULL));
        fail_at(file, line, what, detail);
    }
    orapool_error_free(error);
}

/* `cause`: the number of the error's cause; -1 = whatever it is. */
static inline void failed_at(const char *file, int line, const char *what, orapool_status status, orapool_error *error,
                             orapool_status expected, int32_t code, const char *part, int32_t cause) {
    char detail[900];
    if (error == POISON(orapool_error)) {
        fail_at(file, line, what, "*error was not written");
        return;
    }
    if (status != expected || orapool_error_code(error) != code) {
        snprintf(detail, sizeof detail, "gave %s %d, not %s %d: %.700s", orapool_status_name(status),
                 (int)orapool_error_code(error), orapool_status_name(expected), (int)code,
                 error == NULL ? "no error" : orapool_error_message(error, NULL));
        fail_at(file, line, what, detail);
    } else {
        check_at(file, line, error != NULL, "a failure has an error");
        equal_at(file, line, "orapool_error_status", orapool_error_status(error), expected);
        if (part != NULL) {
            contains_at(file, line, what, orapool_error_message(error, NULL), part);
        }
        if (cause >= 0) {
            equal_at(file, line, "the cause's number", orapool_error_code(orapool_error_next(error)), cause);
        }
    }
    check_error_object(file, line, what, error);
    orapool_error_free(error);
}

/* The call must hand its error to `&err`. */
#define SUCCEEDS(call)                                             \
    do {                                                           \
        orapool_error *err = POISON(orapool_error);                \
        orapool_status status_ = (call);                           \
        succeeded_at(__FILE__, __LINE__, #call, status_, err);     \
    } while (0)
#define FAILS_BECAUSE(call, status, code, part, cause)                                              \
    do {                                                                                            \
        orapool_error *err = POISON(orapool_error);                                                 \
        orapool_status status_ = (call);                                                            \
        failed_at(__FILE__, __LINE__, #call, status_, err, status, code, part, cause);              \
    } while (0)
#define FAILS(call, status, code, part) FAILS_BECAUSE(call, status, code, part, -1)

/* -- bags of attributes ----------------------------------------------------------------------------------------- */

static inline orapool_attrs *empty_bag(void) {
    orapool_attrs *attrs = POISON(orapool_attrs);
    SUCCEEDS(orapool_attrs_new(&attrs, &err));
    return attrs;
}

static inline void set_int_at(const char *file, int line, orapool_attrs *attrs, uint32_t attr, int64_t value) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_attrs_set_int(attrs, attr, value, &error);
    succeeded_at(file, line, "orapool_attrs_set_int", status, error);
}

static inline void set_text_at(const char *file, int line, orapool_attrs *attrs, uint32_t attr, const char *text) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_attrs_set_text(attrs, attr, text, ORAPOOL_NTS, &error);
    succeeded_at(file, line, "orapool_attrs_set_text", status, error);
}

#define SET_INT(attrs, attr, value) set_int_at(__FILE__, __LINE__, attrs, attr, value)
#define SET_TEXT(attrs, attr, text) set_text_at(__FILE__, __LINE__, attrs, attr, text)

/* What connect strings begin with, up to the name of the database: those of another driver come by the environment. */
static inline const char *databases(void) {
    const char *given = getenv("ORAPOOL_TEST_DATABASES");
    return given == NULL ? "embedded:" : given;
}

/* Whether they go to the OCI driver. */
static inline int is_over_oci(void) {
    return strncmp(databases(), "embedded:", strlen("embedded:")) != 0;
}

/* The connect string of this test's own database, with these keys; NULL = none. */
static inline const char *database(const char *keys) {
    static char text[512];
    snprintf(text, sizeof text, "%.64s%.64s%s%s", databases(), current_test, keys == NULL ? "" : "?",
             keys == NULL ? "" : keys);
    return text;
}

static inline orapool_attrs *bag_of(const char *user, const char *password, const char *keys) {
    orapool_attrs *attrs = empty_bag();
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, user);
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, password);
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, database(keys));
    return attrs;
}

/* SCOTT at this test's database. */
static inline orapool_attrs *bag(const char *keys) {
    return bag_of("scott", PASSWORD, keys);
}

static inline void set_sizes(orapool_attrs *attrs, int64_t min, int64_t max, int64_t increment) {
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MIN, min);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_INCREMENT, increment);
}

/* -- pools ------------------------------------------------------------------------------------------------------ */

/* Creates a pool and frees the bag. */
static inline orapool *create_at(const char *file, int line, const char *name, orapool_attrs *attrs) {
    orapool *pool = POISON(orapool);
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_create(name, ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &error);
    succeeded_at(file, line, "orapool_create", status, error);
    check_at(file, line, pool != NULL && pool != POISON(orapool), "a created pool has a handle");
    orapool_attrs_free(attrs);
    return pool;
}

#define CREATE(attrs) create_at(__FILE__, __LINE__, NULL, attrs)
#define CREATE_NAMED(name, attrs) create_at(__FILE__, __LINE__, name, attrs)

static inline orapool_attrs *sized_bag(const char *keys, int64_t min, int64_t max, int64_t increment, int64_t mode) {
    orapool_attrs *attrs = bag(keys);
    set_sizes(attrs, min, max, increment);
    SET_INT(attrs, ORAPOOL_ATTR_GET_MODE, mode);
    return attrs;
}

/* A pool of SCOTT: the P(min,max,increment,mode) of the specification. */
#define POOL(min, max, increment, mode) CREATE(sized_bag(NULL, min, max, increment, mode))

static inline void close_at(const char *file, int line, orapool *pool) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error);
    succeeded_at(file, line, "orapool_close", status, error);
}

#define CLOSE(pool) close_at(__FILE__, __LINE__, pool)

static inline void force_close_at(const char *file, int line, orapool *pool) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_close(pool, ORAPOOL_CLOSE_FORCE, 0, &error);
    succeeded_at(file, line, "orapool_close with FORCE", status, error);
}

#define FORCE_CLOSE(pool) force_close_at(__FILE__, __LINE__, pool)

/* The statistics, after a look at what always holds of them. */
static inline orapool_stats stats_at(const char *file, int line, orapool *pool) {
    orapool_stats stats;
    orapool_error *error = POISON(orapool_error);
    orapool_status status;
    memset(&stats, 0xa5, sizeof stats);
    stats.struct_size = sizeof stats;
    status = orapool_get_stats(pool, &stats, &error);
    succeeded_at(file, line, "orapool_get_stats", status, error);
    equal_at(file, line, "struct_size", (int64_t)stats.struct_size, (int64_t)sizeof stats);
    equal_at(file, line, "gets = releases + busy", (int64_t)stats.gets, (int64_t)(stats.releases + stats.busy));
    equal_at(file, line, "open = busy + idle", (int64_t)stats.open, (int64_t)(stats.busy + stats.idle));
    equal_at(file, line, "gets = gets_tag_exact + _superset + _partial + gets_untagged + gets_new", (int64_t)stats.gets,
             (int64_t)(stats.gets_tag_exact + stats.gets_tag_superset + stats.gets_tag_partial + stats.gets_untagged +
                       stats.gets_new));
    check_at(file, line, stats.peak_busy >= stats.busy, "peak_busy >= busy");
    check_at(file, line, stats.wait_ns_total >= stats.wait_ns_max, "wait_ns_total >= wait_ns_max");
    return stats;
}

#define STATS(pool) stats_at(__FILE__, __LINE__, pool)

/* The statistics once no session is being made any more. */
static inline orapool_stats settled_at(const char *file, int line, orapool *pool) {
    int64_t until = now_ms() + PATIENCE_MS;
    orapool_stats stats = stats_at(file, line, pool);
    while (stats.connecting > 0 && now_ms() < until) {
        sleep_ms(1);
        stats = stats_at(file, line, pool);
    }
    equal_at(file, line, "connecting", (int64_t)stats.connecting, 0);
    return stats;
}

#define SETTLED(pool) settled_at(__FILE__, __LINE__, pool)

static inline void counts_at(const char *file, int line, orapool *pool, uint64_t open, uint64_t busy) {
    orapool_stats stats = settled_at(file, line, pool);
    equal_at(file, line, "open", (int64_t)stats.open, (int64_t)open);
    equal_at(file, line, "busy", (int64_t)stats.busy, (int64_t)busy);
    equal_at(file, line, "waiting", (int64_t)stats.waiting, 0);
}

/* Once it makes no more sessions, the pool has so many open, so many of them on loan, and nobody waits. */
#define COUNTS(pool, open, busy) counts_at(__FILE__, __LINE__, pool, open, busy)

/* -- sessions --------------------------------------------------------------------------------------------------- */

typedef struct {
    orapool_session *session;
    const char *ret_tag;
    size_t ret_tag_len;
    int32_t found;
} get_results;

static inline get_results poisoned_results(void) {
    get_results results;
    results.session = POISON(orapool_session);
    results.ret_tag = POISON(const char);
    results.ret_tag_len = POISONED_NUMBER;
    results.found = POISONED_NUMBER;
    return results;
}

static inline orapool_status get_into(orapool *pool, get_results *results, const orapool_attrs *attrs, uint32_t mode,
                                      orapool_error **error) {
    *results = poisoned_results();
    return orapool_session_get(pool, &results->session, attrs, NULL, 0, &results->ret_tag, &results->ret_tag_len,
                               &results->found, mode, error);
}

static inline void untagged_at(const char *file, int line, const get_results *results) {
    check_at(file, line, results->ret_tag == NULL, "ret_tag is NULL");
    equal_at(file, line, "ret_tag_len", (int64_t)results->ret_tag_len, 0);
    equal_at(file, line, "found", results->found, 0);
}

static inline orapool_session *get_at(const char *file, int line, orapool *pool, const orapool_attrs *attrs,
                                      uint32_t mode) {
    get_results results;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = get_into(pool, &results, attrs, mode, &error);
    succeeded_at(file, line, "orapool_session_get", status, error);
    untagged_at(file, line, &results);
    check_at(file, line, results.session != NULL && results.session != POISON(orapool_session), "a get gives a session");
    return results.session;
}

#define GET(pool) get_at(__FILE__, __LINE__, pool, NULL, 0)
#define GET_WITH(pool, attrs) get_at(__FILE__, __LINE__, pool, attrs, 0)
#define GET_NEW(pool) get_at(__FILE__, __LINE__, pool, NULL, ORAPOOL_SESSGET_PURITY_NEW)

static inline void get_fails_at(const char *file, int line, orapool *pool, const orapool_attrs *attrs, uint32_t mode,
                                orapool_status expected, int32_t code, const char *part, int32_t cause) {
    get_results results;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = get_into(pool, &results, attrs, mode, &error);
    failed_at(file, line, "orapool_session_get", status, error, expected, code, part, cause);
    untagged_at(file, line, &results);
    check_at(file, line, results.session == NULL, "a failed get gives NULL");
}

#define GET_FAILS(pool, attrs, status, code, part) \
    get_fails_at(__FILE__, __LINE__, pool, attrs, 0, status, code, part, -1)

static inline void release_at(const char *file, int line, orapool_session *session, uint32_t mode) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_release(session, NULL, 0, mode, &error);
    succeeded_at(file, line, "orapool_session_release", status, error);
}

#define RELEASE(session) release_at(__FILE__, __LINE__, session, 0)
#define DROP(session) release_at(__FILE__, __LINE__, session, ORAPOOL_SESSRLS_DROPSESS)

static inline uint64_t execute_at(const char *file, int line, orapool_session *session, const char *sql) {
    uint64_t rows = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_execute(session, sql, ORAPOOL_NTS, &rows, &error);
    succeeded_at(file, line, sql, status, error);
    return rows;
}

#define EXECUTE(session, sql) execute_at(__FILE__, __LINE__, session, sql)

/* SID and serial number in one, which tells a session from all others that the database has had. */
static inline uint64_t identity_at(const char *file, int line, orapool_session *session) {
    uint32_t sid = POISONED_NUMBER;
    uint32_t serial = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_identity(session, &sid, &serial, &error);
    succeeded_at(file, line, "orapool_session_identity", status, error);
    return (uint64_t)sid << 32 | serial;
}

#define IDENTITY(session) identity_at(__FILE__, __LINE__, session)

/* Ends the session of that identity from another one, as an administrator would. */
static inline void kill_at(const char *file, int line, orapool_session *killer, uint64_t identity) {
    char sql[100];
    snprintf(sql, sizeof sql, "alter system kill session '%" PRIu64 ",%" PRIu64 "'", identity >> 32,
             identity & 0xffffffffu);
    execute_at(file, line, killer, sql);
}

#define KILL(killer, identity) kill_at(__FILE__, __LINE__, killer, identity)

/* The first column of the first row, as text, in a buffer that the next query overwrites; NULL for NULL or no row. */
static inline const char *query_at(const char *file, int line, orapool_session *session, const char *sql) {
    static char buffer[1000];
    orapool_stmt *stmt = NULL;
    orapool_error *error = POISON(orapool_error);
    const char *text = NULL;
    size_t len = 0;
    orapool_status status = orapool_stmt_prepare(session, sql, ORAPOOL_NTS, &stmt, &error);
    succeeded_at(file, line, sql, status, error);
    error = POISON(orapool_error);
    status = orapool_stmt_execute(stmt, NULL, &error);
    succeeded_at(file, line, sql, status, error);
    if (status == ORAPOOL_SUCCESS && orapool_stmt_fetch(stmt, NULL) == ORAPOOL_SUCCESS) {
        error = POISON(orapool_error);
        status = orapool_stmt_column_text(stmt, 0, &text, &len, &error);
        succeeded_at(file, line, sql, status, error);
    }
    if (text != NULL) {
        snprintf(buffer, sizeof buffer, "%.*s", (int)len, text);
    }
    orapool_stmt_free(stmt);
    return text == NULL ? NULL : buffer;
}

#define QUERY(session, sql) query_at(__FILE__, __LINE__, session, sql)
#define USER_OF(session) QUERY(session, "select sys_context('USERENV', 'SESSION_USER') from dual")
#define PROXY_OF(session) QUERY(session, "select sys_context('USERENV', 'PROXY_USER') from dual")

/* Whether a get finds the pool draining; until then it gives back what it got. */
static inline int is_closing(orapool *pool) {
    orapool_session *session = NULL;
    orapool_status status = orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);
    if (status == ORAPOOL_SUCCESS) {
        RELEASE(session);
    }
    return status == ORAPOOL_CLOSED;
}

/* -- threads ---------------------------------------------------------------------------------------------------- */

/* A get on a thread of its own. */
typedef struct {
    pthread_t thread;
    orapool *pool;
    const orapool_attrs *attrs;
    get_results results;
    orapool_status status;
    int32_t code;
    int32_t cause;
    int64_t took_ms;
    int is_done;
} getting;

static inline void *run_getting(void *argument) {
    getting *self = (getting *)argument;
    int64_t began = now_ms();
    orapool_error *error = POISON(orapool_error);
    self->status = get_into(self->pool, &self->results, self->attrs, 0, &error);
    self->code = orapool_error_code(error);
    self->cause = orapool_error_code(orapool_error_next(error));
    orapool_error_free(error);
    self->took_ms = now_ms() - began;
    __atomic_store_n(&self->is_done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static inline void start_getting(getting *self, orapool *pool, const orapool_attrs *attrs) {
    memset(self, 0, sizeof *self);
    self->pool = pool;
    self->attrs = attrs;
    CHECK(pthread_create(&self->thread, NULL, run_getting, self) == 0);
}

/* Waits for the get's end. Its session, or NULL. */
static inline orapool_session *end_getting(getting *self) {
    pthread_join(self->thread, NULL);
    return self->results.session;
}

/* A statement on a thread of its own. */
typedef struct {
    pthread_t thread;
    orapool_session *session;
    const char *sql;
    orapool_status status;
    int32_t code;
    int is_dead;
    int is_done;
} executing;

static inline void *run_executing(void *argument) {
    executing *self = (executing *)argument;
    orapool_error *error = POISON(orapool_error);
    self->status = orapool_session_execute(self->session, self->sql, ORAPOOL_NTS, NULL, &error);
    self->code = orapool_error_code(error);
    self->is_dead = orapool_error_is_session_dead(error);
    orapool_error_free(error);
    __atomic_store_n(&self->is_done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static inline void start_executing(executing *self, orapool_session *session, const char *sql) {
    memset(self, 0, sizeof *self);
    self->session = session;
    self->sql = sql;
    CHECK(pthread_create(&self->thread, NULL, run_executing, self) == 0);
}

#define IS_DONE(started) __atomic_load_n(&(started)->is_done, __ATOMIC_SEQ_CST)

/* A thread that does one thing to a session and is waited for. */
static inline void *run_release(void *argument) {
    RELEASE((orapool_session *)argument);
    return NULL;
}

static inline void release_on_another_thread(orapool_session *session) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run_release, session) == 0);
    pthread_join(thread, NULL);
}

/* The identity of the one session that the database has besides `witness`, as V$SESSION shows it once there is but that
 * one. To ask the session itself may take a call, with all the delays of its pool. */
static inline uint64_t identity_besides_at(const char *file, int line, orapool_session *witness) {
    static const char others[] = "select min(sid || ',' || serial#) from v$session where sid <> %" PRIu64
                                 " having count(*) = 1";
    char sql[200];
    const char *told = NULL;
    uint64_t sid = 0;
    uint64_t serial = 0;
    int64_t until = now_ms() + PATIENCE_MS;
    snprintf(sql, sizeof sql, others, identity_at(file, line, witness) >> 32);
    while (told == NULL && now_ms() < until) {
        told = query_at(file, line, witness, sql);
    }
    check_at(file, line, told != NULL && sscanf(told, "%" SCNu64 ",%" SCNu64, &sid, &serial) == 2,
             "there is one session besides the witness");
    return sid << 32 | serial;
}

#define IDENTITY_BESIDES(witness) identity_besides_at(__FILE__, __LINE__, witness)

/* Waits until the session is inside a call, as V$SESSION shows it to `witness`. */
static inline int is_active(orapool_session *witness, uint64_t identity) {
    char sql[160];
    const char *status;
    snprintf(sql, sizeof sql, "select status from v$session where sid = %" PRIu64 " and serial# = %" PRIu64,
             identity >> 32, identity & 0xffffffffu);
    status = QUERY(witness, sql);
    return status != NULL && strcmp(status, "ACTIVE") == 0;
}

/* -- main ------------------------------------------------------------------------------------------------------- */

static inline void give_up(int signal_number) {
    static const char text[] = "FAILED: the test did not come to an end\n";
    (void)signal_number;
    if (write(1, text, sizeof text - 1) < 0) {
        _exit(4);
    }
    _exit(3);
}

static inline void run_test(const test_case *test) {
    int before = failures;
    current_test = test->name;
    alarm(TEST_LIMIT_S);
    test->run();
    alarm(0);
    if (failures == before) {
        printf("ok %s\n", test->name);
    }
}

static inline int is_named(const char *name, int argc, char **argv) {
    int at;
    for (at = 1; at < argc; at++) {
        if (strcmp(argv[at], name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* No arguments: all tests; `--quick`: those that are not slow; `--list`, alone or with that: their names; else the tests
 * so named. */
static inline int run_tests(const test_case *tests, size_t count, int argc, char **argv) {
    size_t at;
    int found = 0;
    int quick = is_named("--quick", argc, argv);
    int lists = is_named("--list", argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGALRM, give_up);
    for (at = 0; at < count; at++) {
        if (lists) {
            if (!quick || !tests[at].is_slow) {
                printf("%s\n", tests[at].name);
            }
        } else if (argc == 1 || (quick && !tests[at].is_slow) || is_named(tests[at].name, argc, argv)) {
            found = 1;
            run_test(&tests[at]);
        }
    }
    if (!found && !lists) {
        printf("FAILED: there is no such test\n");
        return 2;
    }
    return failures == 0 ? 0 : 1;
}

#define MAIN(tests)                                                         \
    int main(int argc, char **argv) {                                       \
        return run_tests(tests, sizeof tests / sizeof tests[0], argc, argv); \
    }

#endif
