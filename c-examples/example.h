/* What lessons share and are not about: settings, threads, the clock, short forms of calls, and what to do with an
 * error. */

#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "orapool.h"

/* Prints an error and its causes: the first line says what failed, the last one why. */
static inline void print_error(FILE *to, const char *what, const orapool_error *error)
{
    fprintf(to, "%s: %s\n", what, orapool_error_message(error, NULL));
    for (error = orapool_error_next(error); error != NULL; error = orapool_error_next(error))
        fprintf(to, "    caused by: %s\n", orapool_error_message(error, NULL));
}

/* For calls whose failure the program has no answer to: ends it with the reason. Written around the call,
 *
 *     check(orapool_session_commit(session, &error), &error, "commit");
 *
 * it takes the address of the error, not the error: C does not say which argument is computed first, and the error
 * that a call leaves is there only after the call.
 *
 * A status above 0 is no failure. It is handed back, because the caller of orapool_stmt_fetch must see
 * ORAPOOL_NO_DATA; a warning is printed here, because nobody reads it if that is left to every caller. */
static inline orapool_status check(orapool_status status, orapool_error **error, const char *what)
{
    if (status < 0 || *error != NULL) {
        fflush(stdout);
        print_error(stderr, what, *error);
        /* Every error is its receiver's to free, and so is a warning. */
        orapool_error_free(*error);
        *error = NULL;
    }
    if (status < 0)
        exit(EXIT_FAILURE);
    return status;
}

static inline const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

static inline void set_text(orapool_attrs *attrs, uint32_t attr, const char *text)
{
    orapool_error *error;
    check(orapool_attrs_set_text(attrs, attr, text, ORAPOOL_NTS, &error), &error, "set an attribute");
}

static inline void set_int(orapool_attrs *attrs, uint32_t attr, int64_t value)
{
    orapool_error *error;
    check(orapool_attrs_set_int(attrs, attr, value, &error), &error, "set an attribute");
}

/* Whether the lessons run on the embedded engine, whose connect string takes keys: calls that take long to order. */
static inline int is_embedded(void)
{
    return setting("ORAPOOL_EXAMPLE_DSN", NULL) == NULL;
}

/* Where the database is and who logs on, in a bag. ORAPOOL_EXAMPLE_DSN, ORAPOOL_EXAMPLE_USER and
 * ORAPOOL_EXAMPLE_PASSWORD say it, and ORAPOOL_EXAMPLE_CLIENT_LIB_DIR where Oracle's client library is, if the loader
 * does not find it by itself. Without a DSN it is the embedded engine with this connect string; it takes any user, and
 * the first log-on decides the password. */
static inline void set_database(orapool_attrs *attrs, const char *embedded)
{
    const char *client_lib_dir = setting("ORAPOOL_EXAMPLE_CLIENT_LIB_DIR", NULL);
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, setting("ORAPOOL_EXAMPLE_DSN", embedded));
    set_text(attrs, ORAPOOL_ATTR_USER, setting("ORAPOOL_EXAMPLE_USER", "scott"));
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, setting("ORAPOOL_EXAMPLE_PASSWORD", "tiger"));
    if (client_lib_dir != NULL && !is_embedded())
        set_text(attrs, ORAPOOL_ATTR_CLIENT_LIB_DIR, client_lib_dir);
}

/* The same database by way of its broker, which lends its servers to whoever works; see lesson 8. An easy connect string
 * says so behind the service: //host/service:pooled?key=value. */
static inline void set_pooled(orapool_attrs *attrs, const char *embedded)
{
    const char *dsn = setting("ORAPOOL_EXAMPLE_DSN", embedded);
    int head = (int)strcspn(dsn, "?");
    char pooled[512];
    snprintf(pooled, sizeof pooled, "%.*s:pooled%s", head, dsn, dsn + head);
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, pooled);
}

static inline orapool_attrs *new_attrs(const char *embedded)
{
    orapool_error *error;
    orapool_attrs *attrs;
    check(orapool_attrs_new(&attrs, &error), &error, "make a bag of attributes");
    set_database(attrs, embedded);
    return attrs;
}

/* A pool without a name: nobody else in the process can open it. The bag is used up. */
static inline orapool *new_pool(orapool_attrs *attrs)
{
    orapool_error *error;
    orapool *pool;
    check(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error, "create the pool");
    orapool_attrs_free(attrs);
    return pool;
}

static inline void close_pool(orapool *pool)
{
    orapool_error *error;
    check(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error), &error, "close the pool");
}

/* A session, with the wishes in `attrs` or, for NULL, as the pool's attributes say. */
static inline orapool_session *get_session(orapool *pool, const orapool_attrs *attrs)
{
    orapool_error *error;
    orapool_session *session;
    check(orapool_session_get(pool, &session, attrs, NULL, 0, NULL, NULL, NULL, 0, &error), &error,
          "get a session");
    return session;
}

static inline void release_session(orapool_session *session)
{
    orapool_error *error;
    check(orapool_session_release(session, NULL, 0, 0, &error), &error, "release the session");
}

static inline void execute(orapool_session *session, const char *sql)
{
    orapool_error *error;
    check(orapool_session_execute(session, sql, ORAPOOL_NTS, NULL, &error), &error, sql);
}

static inline orapool_stmt *prepare(orapool_session *session, const char *sql)
{
    orapool_error *error;
    orapool_stmt *stmt;
    check(orapool_stmt_prepare(session, sql, ORAPOOL_NTS, &stmt, &error), &error, sql);
    return stmt;
}

/* The first column of a query's only row, "(null)" for SQL's NULL. */
static inline void query_text(orapool_session *session, const char *sql, char *text, size_t size)
{
    orapool_error *error;
    orapool_stmt *stmt = prepare(session, sql);
    const char *value;
    check(orapool_stmt_execute(stmt, NULL, &error), &error, sql);
    check(orapool_stmt_fetch(stmt, &error), &error, "fetch");
    check(orapool_stmt_column_text(stmt, 0, &value, NULL, &error), &error, "read the column");
    snprintf(text, size, "%s", value != NULL ? value : "(null)");
    orapool_stmt_free(stmt);
}

/* A loan for which a tag was asked: the tag that the session has, and whether that is what was asked for; see lesson 5.
 * The text is the session's: it is there until the tag changes or the session is released. */
struct tagged {
    orapool_session *session;
    const char *tag;
    int32_t found;
};

static inline struct tagged get_tagged(orapool *pool, const char *tag, uint32_t mode)
{
    orapool_error *error;
    struct tagged got;
    check(orapool_session_get(pool, &got.session, NULL, tag, ORAPOOL_NTS, &got.tag, NULL, &got.found, mode, &error),
          &error, "get a session");
    return got;
}

/* Gives a session back with a list of properties as its tag. */
static inline void release_tagged(orapool_session *session, const char *tag)
{
    orapool_error *error;
    check(orapool_session_release(session, tag, ORAPOOL_NTS,
                                  ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &error),
          &error, "release the session with a tag");
}

static inline const char *shown(const char *tag)
{
    return tag != NULL ? tag : "(none)";
}

/* For calls that a lesson means to fail: prints what they say, of each message the first line. Behind an error of
 * PL/SQL come more, which tell where it was raised. Another outcome ends the program. */
static inline void expect_error(orapool_status wanted, int32_t wanted_code, orapool_status status,
                                orapool_error **error)
{
    const orapool_error *cause;
    if (status != wanted || orapool_error_code(*error) != wanted_code) {
        fflush(stdout);
        fprintf(stderr, "not %s with code %d, as was to be expected, but ", orapool_status_name(wanted), wanted_code);
        if (*error != NULL)
            print_error(stderr, orapool_status_name(status), *error);
        else
            fprintf(stderr, "%s\n", orapool_status_name(status));
        exit(EXIT_FAILURE);
    }
    for (cause = *error; cause != NULL; cause = orapool_error_next(cause)) {
        const char *message = orapool_error_message(cause, NULL);
        printf("    %s: %.*s\n", cause == *error ? orapool_status_name(status) : "    caused by",
               (int)strcspn(message, "\n"), message);
    }
    orapool_error_free(*error);
    *error = NULL;
}

static inline orapool_stats get_stats(orapool *pool)
{
    orapool_error *error;
    orapool_stats stats;
    /* The size tells the library which fields this program knows: a newer library may have more, and writes none
     * of them past the end. */
    stats.struct_size = sizeof stats;
    check(orapool_get_stats(pool, &stats, &error), &error, "read the statistics");
    return stats;
}

static inline void start_thread(pthread_t *thread, void *(*body)(void *), void *argument)
{
    if (pthread_create(thread, NULL, body, argument) != 0) {
        fprintf(stderr, "no thread could be started\n");
        exit(EXIT_FAILURE);
    }
}

static inline void sleep_ms(long milliseconds)
{
    struct timespec time;
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&time, NULL);
}

/* Milliseconds since some moment. Not the time of day, which somebody may set back. */
static inline double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

#endif
