/* Lesson 3: what can go wrong, and what a program does about it.
 *
 * Every call returns a status and, if it failed, an error. A program asks the error up to four things:
 *
 *     the status and the ORA number       What was it? orapool_error_code
 *     Shall I try again?                  orapool_error_is_transient
 *     Is my session lost?                 orapool_error_is_session_dead. Release it as usual; the pool replaces it.
 *     What do I tell a person?            orapool_error_message, and the causes with orapool_error_next
 *
 * ORAPOOL_INVALID_HANDLE and ORAPOOL_INVALID_ARGUMENT are faults of the program: no retry helps.
 *
 * Runs on any database from 18c on, see lesson 1; on another than the embedded engine it says what it leaves out. Part 6
 * takes the privilege ALTER SYSTEM. */

#include <inttypes.h>

#include "example.h"

static int surprises;

/* Prints what a call returned that was meant to fail, and frees the error. check, in example.h, is for all others. */
static void expect(orapool_status wanted, int32_t wanted_code, orapool_status status, orapool_error **error,
                   const char *what)
{
    const orapool_error *cause;
    printf("  %s\n    %s, code %d\n", what, orapool_status_name(status), orapool_error_code(*error));
    for (cause = *error; cause != NULL; cause = orapool_error_next(cause))
        printf("    %s%s\n", cause == *error ? "" : "caused by: ", orapool_error_message(cause, NULL));
    printf("    trying again may help: %s; the session is lost: %s\n",
           orapool_error_is_transient(*error) ? "yes" : "no",
           orapool_error_is_session_dead(*error) ? "yes" : "no");
    if (status != wanted || orapool_error_code(*error) != wanted_code) {
        printf("    That is a surprise: %s with code %d was to be expected.\n", orapool_status_name(wanted),
               wanted_code);
        surprises++;
    }
    orapool_error_free(*error);
    *error = NULL;
}

static orapool_attrs *sized(const char *connect_string, int64_t min, int64_t max)
{
    orapool_attrs *attrs = new_attrs(connect_string);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, min);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    return attrs;
}

static void leave_out(const char *what, const char *why)
{
    printf("  left out: %s (%s)\n", what, why);
}

static void wrong_password(void)
{
    orapool_error *error;
    orapool_attrs *attrs = sized("embedded:errors", 1, 4);
    orapool_status status;
    orapool *pool;
    orapool_session *session;

    printf("\n1. A wrong password\n");
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, "guess");
    status = orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error);
    expect(ORAPOOL_ERROR, 1017, status, &error, "create, with a minimum of 1: found when the program starts");

    /* With a minimum of 0 the pool is created without asking the server. That suits a program which must start
     * although the database does not run yet, and moves the error to the first get. */
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 0);
    pool = new_pool(attrs);
    status = orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error);
    expect(ORAPOOL_ERROR, 1017, status, &error, "get, from a pool with a minimum of 0: found by the first user");
    close_pool(pool);
}

static void no_such_table(void)
{
    orapool_error *error;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 4));
    orapool_session *session = get_session(pool, NULL);

    printf("\n2. A statement that the database refuses\n");
    status = orapool_session_execute(session, "select * from no_such_table", ORAPOOL_NTS, NULL, &error);
    expect(ORAPOOL_ERROR, 942, status, &error, "select from a table that is not there");
    /* The session is as good as before: an error of a statement is no error of the session. */
    execute(session, "select 1 from dual");
    release_session(session);
    close_pool(pool);
}

static void bad_attributes(void)
{
    orapool_error *error;
    orapool_attrs *attrs = new_attrs("embedded:errors");
    orapool_status status;
    orapool *pool;

    printf("\n3. Attributes\n");
    status = orapool_attrs_set_int(attrs, 9999, 1, &error);
    expect(ORAPOOL_UNSUPPORTED, 24315, status, &error, "an attribute that this version does not know");
    status = orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, -1, &error);
    expect(ORAPOOL_INVALID_ARGUMENT, 0, status, &error, "a number out of range");
    /* Each number is right by itself, so this shows when they meet. */
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 5);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 2);
    status = orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error);
    expect(ORAPOOL_ERROR, 24413, status, &error, "create, with a minimum above the maximum");
    orapool_attrs_free(attrs);
}

/* When a database is down, gets time out, and the time-out alone says nothing of the reason. So it carries the last
 * failure of a connect as its cause. The embedded engine is told that each connect takes 300 ms and the first one
 * fails. */
static void refused_connects(const orapool_attrs *patience)
{
    orapool_error *error;
    orapool_attrs *attrs = sized("embedded:errors?connect_delay_ms=300&connect_failures=1", 0, 1);
    orapool_status status;
    orapool *pool;
    orapool_session *session;

    if (!is_embedded())
        set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "//127.0.0.1:1/nobody_listens_there");
    pool = new_pool(attrs);
    status = orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error);
    expect(ORAPOOL_ERROR, 12541, status, &error, "get, whose connect is refused");
    if (is_embedded()) {
        status = orapool_session_get(pool, &session, patience, NULL, 0, NULL, NULL, NULL, 0, &error);
        expect(ORAPOOL_TIMEOUT, 24459, status, &error, "get, that does not wait until the next connect is made");
    } else {
        leave_out("a get that times out while a connect is made", "only the embedded engine connects slowly to order");
    }
    close_pool(pool);
}

static void time_outs(void)
{
    orapool_error *error;
    orapool_attrs *report;
    orapool_attrs *patience;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 1));
    orapool_session *session;
    orapool_session *second;

    printf("\n4. No session in time\n");
    check(orapool_attrs_new(&report, &error), &error, "make a bag of attributes");
    check(orapool_attrs_new(&patience, &error), &error, "make a bag of attributes");
    /* "Who has all the sessions?" is what one wants to know then. CONTEXT answers it: say who asks. */
    set_text(report, ORAPOOL_ATTR_CONTEXT, "03_errors.c, the nightly report");
    /* A time given to a get is its deadline, whatever the get mode. */
    set_int(patience, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 30);

    session = get_session(pool, report);
    status = orapool_session_get(pool, &second, patience, NULL, 0, NULL, NULL, NULL, 0, &error);
    expect(ORAPOOL_TIMEOUT, 24457, status, &error, "get, while somebody has the only session");
    release_session(session);
    close_pool(pool);

    refused_connects(patience);
    orapool_attrs_free(patience);
    orapool_attrs_free(report);
}

static void more_than_the_maximum(void)
{
    orapool_error *error;
    orapool_attrs *attrs = sized("embedded:errors", 1, 1);
    orapool_status status;
    orapool *pool;
    orapool_session *first;
    orapool_session *second;

    printf("\n5. A warning\n");
    set_int(attrs, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_FORCEGET);
    pool = new_pool(attrs);
    first = get_session(pool, NULL);
    status = orapool_session_get(pool, &second, NULL, NULL, 0, NULL, NULL, NULL, 0, &error);
    /* The get has succeeded: there is a session to release, and an error to free as well. */
    expect(ORAPOOL_SUCCESS_WITH_INFO, 24417, status, &error, "get, beyond the maximum");
    release_session(second);
    release_session(first);
    close_pool(pool);
}

struct session_id {
    uint32_t sid;
    uint32_t serial;
};

static struct session_id identify(orapool_session *session)
{
    orapool_error *error;
    struct session_id id;
    check(orapool_session_identity(session, &id.sid, &id.serial, &error), &error, "ask for SID and serial number");
    return id;
}

/* 0 = the user may not. */
static int kill_session(orapool_session *administrator, struct session_id victim)
{
    orapool_error *error;
    orapool_status status;
    char sql[80];
    snprintf(sql, sizeof sql, "alter system kill session '%u,%u'", victim.sid, victim.serial);
    printf("  %s\n", sql);
    status = orapool_session_execute(administrator, sql, ORAPOOL_NTS, NULL, &error);
    if (status == ORAPOOL_ERROR && orapool_error_code(error) == 1031) {
        orapool_error_free(error);
        leave_out("a session that dies", "ORA-01031: the user lacks the privilege ALTER SYSTEM");
        return 0;
    }
    check(status, &error, sql);
    return 1;
}

static void killed_sessions(void)
{
    orapool_error *error;
    orapool_attrs *attrs = sized("embedded:errors", 2, 2);
    orapool_status status;
    orapool *pool;
    orapool_session *administrator;
    orapool_session *session;
    struct session_id id;

    printf("\n6. A session that dies\n");
    /* 0: ping each session before it is handed out, even if it was used a moment ago. That costs each get a round
     * trip. The default, after a minute of idleness, finds sessions that a firewall has forgotten. */
    set_int(attrs, ORAPOOL_ATTR_PING_INTERVAL_MS, 0);
    pool = new_pool(attrs);
    administrator = get_session(pool, NULL);

    /* While it is on loan. Its user learns of it from the next call, and has lost the transaction. */
    session = get_session(pool, NULL);
    if (!kill_session(administrator, identify(session))) {
        release_session(session);
        release_session(administrator);
        close_pool(pool);
        return;
    }
    status = orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &error);
    expect(ORAPOOL_ERROR, 28, status, &error, "the next statement of that session");
    release_session(session);
    session = get_session(pool, NULL);
    id = identify(session);
    printf("  the next get finds another in its place: '%u,%u'\n", id.sid, id.serial);

    /* While it is idle. That need be nobody's error: the ping finds it, and the get makes another. */
    release_session(session);
    kill_session(administrator, id);
    session = get_session(pool, NULL);
    id = identify(session);
    execute(session, "select 1 from dual");
    printf("  the next get has noticed: '%u,%u'\n", id.sid, id.serial);
    release_session(session);
    release_session(administrator);
    printf("  closed because they were dead: %" PRIu64 ", one of them found by a ping: %" PRIu64 "\n",
           get_stats(pool).closed_dead, get_stats(pool).ping_failures);
    close_pool(pool);
}

static void double_release(void)
{
    orapool_error *error;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 1));
    orapool_session *first = get_session(pool, NULL);
    orapool_session *second;

    printf("\n7. A session that is released twice\n");
    release_session(first);
    second = get_session(pool, NULL);
    /* It is the very same session, lent to somebody else. The handle is of the first loan, and with a pointer this
     * would pull the session away from its new user. */
    status = orapool_session_release(first, NULL, 0, 0, &error);
    expect(ORAPOOL_INVALID_HANDLE, 0, status, &error, "the second release");
    execute(second, "select 1 from dual");
    release_session(second);
    close_pool(pool);
}

static void close_too_early(void)
{
    orapool_error *error;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 1));
    orapool_session *session = get_session(pool, NULL);

    printf("\n8. A close while sessions are on loan\n");
    status = orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error);
    expect(ORAPOOL_ERROR, 24422, status, &error, "close: refused, and the pool is as before");
    execute(session, "select 1 from dual");

    /* Gets are refused from now on; loans have 20 ms to come back, then they are taken away. */
    check(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 20, &error), &error, "close with a drain");
    status = orapool_session_execute(session, "select 1 from dual", ORAPOOL_NTS, NULL, &error);
    expect(ORAPOOL_CLOSED, 24461, status, &error, "a statement of a session that was taken away");
    /* A release is right even so. */
    status = orapool_session_release(session, NULL, 0, 0, &error);
    expect(ORAPOOL_CLOSED, 24461, status, &error, "its release");
}

static void call_timeout(void)
{
    orapool_error *error;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 1));
    orapool_session *session = get_session(pool, NULL);

    printf("\n9. A call that takes too long\n");
    check(orapool_session_set_call_timeout(session, 20, &error), &error, "set the call timeout");
    status = orapool_session_execute(session, "begin dbms_session.sleep(60); end;", ORAPOOL_NTS, NULL, &error);
    expect(ORAPOOL_ERROR, 3136, status, &error, "a call of a minute with a limit of 20 ms");
    /* The session is not lost. The limit ends with the loan, or so: */
    check(orapool_session_set_call_timeout(session, -1, &error), &error, "lift the call timeout");
    execute(session, "select 1 from dual");
    release_session(session);
    close_pool(pool);
}

struct call {
    orapool_session *session;
    pthread_mutex_t lock;
    int has_ended;
};

/* orapool_session_break is the one call that another thread may make for a session. When no call runs it does
 * nothing and leaves nothing behind, so it is repeated until the call has ended: it can not hit a later one. */
static void *lose_patience(void *argument)
{
    struct call *call = (struct call *)argument;
    int has_ended = 0;
    while (!has_ended) {
        orapool_error *error;
        sleep_ms(20);
        check(orapool_session_break(call->session, &error), &error, "break");
        pthread_mutex_lock(&call->lock);
        has_ended = call->has_ended;
        pthread_mutex_unlock(&call->lock);
    }
    return NULL;
}

static void break_from_another_thread(void)
{
    orapool_error *error;
    orapool_status status;
    orapool *pool = new_pool(sized("embedded:errors", 1, 1));
    pthread_t thread;
    struct call call;

    printf("\n10. A call that somebody breaks\n");
    call.session = get_session(pool, NULL);
    call.has_ended = 0;
    pthread_mutex_init(&call.lock, NULL);
    start_thread(&thread, lose_patience, &call);
    status =
        orapool_session_execute(call.session, "begin dbms_session.sleep(60); end;", ORAPOOL_NTS, NULL, &error);
    pthread_mutex_lock(&call.lock);
    call.has_ended = 1;
    pthread_mutex_unlock(&call.lock);
    /* Before the release: afterwards the handle that the other thread has would be stale. */
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&call.lock);
    expect(ORAPOOL_ERROR, 1013, status, &error, "a call of a minute, broken by another thread");
    release_session(call.session);
    close_pool(pool);
}

int main(void)
{
    /* The embedded engine keeps a database, and the password of its first log-on, while a pool on it is open. */
    orapool *keep = new_pool(sized("embedded:errors", 1, 1));
    wrong_password();
    no_such_table();
    bad_attributes();
    time_outs();
    more_than_the_maximum();
    killed_sessions();
    double_release();
    close_too_early();
    call_timeout();
    break_from_another_thread();
    close_pool(keep);
    if (surprises > 0) {
        printf("\n%d of the errors were not as expected.\n", surprises);
        return EXIT_FAILURE;
    }
    printf("\nAll errors were as expected.\n");
    return EXIT_SUCCESS;
}
