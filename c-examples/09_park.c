/* Lesson 9: attaching and detaching by hand, for a program that has its own idea of a pool.
 *
 * A worker that waits for something else in the middle of its work (another service, a user, a slow file) keeps a server
 * of the database waiting with it. orapool_session_detach gives the server back while the loan goes on, and tells with a
 * tag in which state its session is; orapool_session_attach with that tag looks for it again. JDBC has the same two as
 * detachServerConnection and attachServerConnection.
 *
 * On the embedded engine one pooled server does for three jobs that are all under way at once; see lesson 8 for other
 * databases. */

#include "example.h"

#define DATABASE "embedded:lesson9"
enum { JOBS = 3 };

static const char *const zones[JOBS] = {"ZONE=UTC", "ZONE=+09:00", "ZONE=UTC"};

/* Puts the session into the state that its tag will tell of. */
static void set_zone(orapool_session *session, const char *zone)
{
    char sql[80];
    snprintf(sql, sizeof sql, "alter session set time_zone = '%s'", strchr(zone, '=') + 1);
    execute(session, sql);
}

/* Takes the server that the job's next step needs; a session in another state is put right. */
static void attach(orapool_session *session, int job)
{
    orapool_error *error;
    int32_t found;
    check(orapool_session_attach(session, zones[job], ORAPOOL_NTS, &found, &error), &error, "attach a server");
    printf("    job %d attaches: %s%s\n", job + 1,
           found ? "found a session in " : "had to set a session to ", zones[job]);
    if (!found)
        set_zone(session, zones[job]);
}

static void detach(orapool_session *session, int job)
{
    orapool_error *error;
    check(orapool_session_detach(session, zones[job], ORAPOOL_NTS, &error), &error, "give the server back");
}

int main(void)
{
    orapool_attrs *attrs = new_attrs(DATABASE);
    orapool_session *sessions[JOBS];
    orapool_error *error;
    orapool *pool;
    orapool_stats stats;
    int step;
    int job;

    set_pooled(attrs, DATABASE "?drcp_maxsize=1");
    set_text(attrs, ORAPOOL_ATTR_CONNECTION_CLASS, "JOBS");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, JOBS);
    pool = new_pool(attrs);

    /* The bit says that the tags of attach and detach are properties; there is none to ask for yet. */
    for (job = 0; job < JOBS; job++)
        check(orapool_session_get(pool, &sessions[job], NULL, NULL, 0, NULL, NULL, NULL, ORAPOOL_SESSGET_MULTIPROPERTY_TAG,
                                  &error),
              &error, "get a session");

    printf("Three jobs, two steps each, one server:\n");
    for (step = 0; step < 2; step++) {
        for (job = 0; job < JOBS; job++) {
            attach(sessions[job], job);
            execute(sessions[job], "select sysdate from dual");
            /* Here it would wait for something, and needs no server for that. */
            detach(sessions[job], job);
        }
    }

    /* A server with work on it can not be given back, and nothing changes when that is tried. */
    execute(sessions[0], "create table orders (id number)");
    execute(sessions[0], "insert into orders values (1)");
    printf("\nIn the middle of a transaction:\n");
    expect_error(ORAPOOL_INVALID_ARGUMENT, 0, orapool_session_detach(sessions[0], NULL, 0, &error), &error);
    check(orapool_session_commit(sessions[0], &error), &error, "commit");
    execute(sessions[0], "drop table orders");

    for (job = 0; job < JOBS; job++)
        release_session(sessions[job]);
    stats = get_stats(pool);
    printf("\n%d lines, %d servers attached, %d times with another session than before.\n", (int)stats.open,
           (int)stats.drcp_attaches, (int)stats.drcp_session_changes);
    close_pool(pool);
    return 0;
}
