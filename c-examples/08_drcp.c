/* Lesson 8: pooled servers (DRCP), and the table that tells whether they pay.
 *
 * A dedicated session keeps a process and memory of the database for as long as it is open. With `:pooled` behind the
 * connect string a session of the pool is only a line to the database's broker. A server is attached to it when it
 * works, and every release gives the server back, so that a few servers do for many lines, pools and processes.
 *
 * What others left in a server's session is there for whoever comes next, and that saves work: a *hit*. It is kept apart
 * by user and by connection class. Without a class the pool makes one up that nobody else has.
 *
 * This is the laboratory that Oracle's drivers have for it: two threads, two runs, and V$CPOOL_CC_STATS before and
 * after. Runs on the embedded engine, whose broker counts as Oracle's does, and on any database whose pool is started, for
 * a user who may read the V$CPOOL views. */

#include <inttypes.h>

#include "example.h"

#define DATABASE "embedded:lesson8"

static orapool *pooled(const char *connection_class, int64_t purity)
{
    orapool_attrs *attrs = new_attrs(DATABASE);
    set_pooled(attrs, DATABASE);
    set_text(attrs, ORAPOOL_ATTR_CONNECTION_CLASS, connection_class);
    set_int(attrs, ORAPOOL_ATTR_PURITY, purity);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 2);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 5);
    return new_pool(attrs);
}

/* ---- The table ----------------------------------------------------------------------------------------------- */

static void print_table(orapool_session *watcher)
{
    orapool_error *error;
    orapool_stmt *stmt = prepare(watcher, "select cclass_name, num_requests, num_hits, num_misses from v$cpool_cc_stats "
                                          "order by cclass_name");
    check(orapool_stmt_execute(stmt, NULL, &error), &error, "ask for the table");
    printf("    %-24s %12s %8s %10s\n", "CCLASS_NAME", "NUM_REQUESTS", "NUM_HITS", "NUM_MISSES");
    while (check(orapool_stmt_fetch(stmt, &error), &error, "fetch") == ORAPOOL_SUCCESS) {
        const char *name;
        int64_t numbers[3];
        uint32_t i;
        check(orapool_stmt_column_text(stmt, 0, &name, NULL, &error), &error, "read the class");
        for (i = 0; i < 3; i++)
            check(orapool_stmt_column_int(stmt, i + 1, &numbers[i], &error), &error, "read a number");
        printf("    %-24s %12" PRId64 " %8" PRId64 " %10" PRId64 "\n", name, numbers[0], numbers[1], numbers[2]);
    }
    orapool_stmt_free(stmt);
}

/* ---- The laboratory ------------------------------------------------------------------------------------------ */

/* Both threads have a session before either gives one back: so two servers are needed, however quick a thread is. */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int arrived;
};

struct worker {
    orapool *pool;
    struct meeting *meeting;
    long think_ms;
};

static void meet(struct meeting *meeting)
{
    pthread_mutex_lock(&meeting->lock);
    meeting->arrived++;
    pthread_cond_broadcast(&meeting->changed);
    while (meeting->arrived < 2)
        pthread_cond_wait(&meeting->changed, &meeting->lock);
    pthread_mutex_unlock(&meeting->lock);
}

static void *query(void *argument)
{
    const struct worker *self = (const struct worker *)argument;
    orapool_session *session = get_session(self->pool, NULL);
    char number[32];
    int i;
    for (i = 0; i < 4; i++) {
        query_text(session, "select myseq.nextval from dual", number, sizeof number);
        if (i == 0)
            meet(self->meeting);
        sleep_ms(self->think_ms);
    }
    release_session(session);
    return NULL;
}

static void run(orapool *pool, long think_ms)
{
    struct meeting meeting;
    struct worker worker;
    pthread_t threads[2];
    int i;
    pthread_mutex_init(&meeting.lock, NULL);
    pthread_cond_init(&meeting.changed, NULL);
    meeting.arrived = 0;
    worker.pool = pool;
    worker.meeting = &meeting;
    worker.think_ms = think_ms;
    for (i = 0; i < 2; i++)
        start_thread(&threads[i], query, &worker);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&meeting.changed);
    pthread_mutex_destroy(&meeting.lock);
}

static void lab(orapool_session *watcher, const char *connection_class, int64_t purity, const char *what)
{
    orapool *pool = pooled(connection_class, purity);
    printf("\n%s\n", what);
    run(pool, 0);
    run(pool, 0);
    print_table(watcher);
    close_pool(pool);
}

/* ---- What a line costs --------------------------------------------------------------------------------------- */

static void servers(orapool_session *watcher, const char *when)
{
    char busy[32];
    query_text(watcher, "select num_busy_servers from v$cpool_stats", busy, sizeof busy);
    printf("    %-44s %s busy\n", when, busy);
}

static void show_states(orapool_session *watcher)
{
    static const char *const names[] = {"NONE", "DETACHED", "ATTACHED_IMPLICIT", "ATTACHED_EXPLICIT"};
    orapool *pool = pooled("PYTHONDEMO", ORAPOOL_PURITY_SELF);
    orapool_session *session = get_session(pool, NULL);
    printf("\nWhen a session has a server:\n");
    servers(watcher, names[orapool_session_drcp_state(session)]);
    execute(session, "select 1 from dual");
    servers(watcher, names[orapool_session_drcp_state(session)]);
    release_session(session);
    servers(watcher, "released; the line stays open");
    close_pool(pool);
}

int main(void)
{
    /* It looks on through a server of its own, which is in no row of the table. */
    orapool *watching = new_pool(new_attrs(DATABASE));
    orapool_session *watcher = get_session(watching, NULL);
    execute(watcher, "create sequence myseq");

    printf("Before:\n");
    print_table(watcher);
    lab(watcher, "PYTHONDEMO", ORAPOOL_PURITY_SELF,
        "Two threads, two runs, PURITY SELF: the second run finds what the first has left.");
    lab(watcher, "NEWDEMO", ORAPOOL_PURITY_NEW, "The same with PURITY NEW: nobody finds anything.");
    lab(watcher, "SHARED", ORAPOOL_PURITY_NEW,
        "SHARED and NEW are what a connection has that asks for nothing: all misses.");
    show_states(watcher);

    execute(watcher, "drop sequence myseq");
    release_session(watcher);
    close_pool(watching);
    return 0;
}
