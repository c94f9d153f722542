/* Lesson 2: a pool under more threads than it has sessions.
 *
 *     02_lab [threads]
 *
 * The first part is the classic lab: two threads share a pool of 2 to 5 sessions, and each takes four numbers from a
 * sequence. The second part is its experiment: more threads than sessions (8, or as many as you say). What happens
 * then is the get mode's choice, and each of the four modes is right for some program:
 *
 *     WAIT       work that must be done, however long it takes. The default.
 *     TIMEDWAIT  work that somebody waits for: a request that comes too late is better refused.
 *     NOWAIT     work that can be left undone, or done without the database.
 *     FORCEGET   work that must not wait. The maximum is then only a wish, and the server pays for it.
 *
 * Runs on any database, see lesson 1. By default on the embedded engine, told to take 5 ms for each call as a server
 * on a network would. Without that one thread would be done before the other starts. */

#include <inttypes.h>

#include "example.h"

enum { SESSIONS_MIN = 2, SESSIONS_MAX = 5, SESSIONS_INCREMENT = 1, THREADS_MAX = 99 };

/* ---- The lab ------------------------------------------------------------------------------------------------- */

struct worker {
    orapool *pool;
    int number;
};

static void *query(void *argument)
{
    const struct worker *self = (const struct worker *)argument;
    orapool_error *error;
    orapool_session *session = get_session(self->pool, NULL);
    orapool_stmt *stmt = prepare(session, "select myseq.nextval from dual");
    int i;

    for (i = 0; i < 4; i++) {
        int64_t value;
        check(orapool_stmt_execute(stmt, NULL, &error), &error, "take a number");
        check(orapool_stmt_fetch(stmt, &error), &error, "fetch");
        check(orapool_stmt_column_int(stmt, 0, &value, &error), &error, "read the number");
        printf("Thread #%d fetched sequence = %" PRId64 "\n", self->number, value);
    }
    /* Other languages do these two when the variables go out of scope. C does not, and a session that is not
     * released is on loan for ever. */
    orapool_stmt_free(stmt);
    release_session(session);
    return NULL;
}

static void run_lab(orapool *pool)
{
    pthread_t threads[2];
    struct worker workers[2];
    int i;

    printf("Two threads, %d to %d sessions:\n\n", SESSIONS_MIN, SESSIONS_MAX);
    for (i = 0; i < 2; i++) {
        workers[i].pool = pool;
        workers[i].number = i + 1;
        start_thread(&threads[i], query, &workers[i]);
    }
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    /* Two sessions were open before the first get, so nobody had to wait for a log-on. */
    printf("\nAll done! %" PRIu64 " sessions are open.\n", get_stats(pool).open);
}

/* ---- The experiment ------------------------------------------------------------------------------------------ */

/* Those who have a session hold it until the gate opens, so that what the others meet does not depend on who is
 * quicker. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int answered;
    int is_open;
};

struct guest {
    struct gate *gate;
    orapool *pool;
    const orapool_attrs *wishes;
    orapool_status status;
    int32_t code;
    uint32_t sid;
    double waited_ms;
    char message[400];
};

static void *visit(void *argument)
{
    struct guest *self = (struct guest *)argument;
    orapool_error *error;
    orapool_session *session;
    double began = now_ms();

    self->status = orapool_session_get(self->pool, &session, self->wishes, NULL, 0, NULL, NULL, NULL, 0, &error);
    self->waited_ms = now_ms() - began;
    /* No session in time is an answer that a program must expect, so it is not check's. ORAPOOL_SUCCESS_WITH_INFO
     * has a session and an error, which is then a warning. */
    self->code = orapool_error_code(error);
    if (error != NULL)
        snprintf(self->message, sizeof self->message, "%s", orapool_error_message(error, NULL));
    orapool_error_free(error);
    if (self->status != ORAPOOL_TIMEOUT && self->status < 0) {
        fprintf(stderr, "get a session: %s\n", self->message);
        exit(EXIT_FAILURE);
    }
    if (session != NULL)
        check(orapool_session_identity(session, &self->sid, NULL, &error), &error, "ask for the SID");

    pthread_mutex_lock(&self->gate->lock);
    self->gate->answered++;
    while (!self->gate->is_open)
        pthread_cond_wait(&self->gate->changed, &self->gate->lock);
    pthread_mutex_unlock(&self->gate->lock);

    if (session != NULL)
        release_session(session);
    return NULL;
}

static int answered(struct gate *gate)
{
    int number;
    pthread_mutex_lock(&gate->lock);
    number = gate->answered;
    pthread_mutex_unlock(&gate->lock);
    return number;
}

static void print_guest(int number, const struct guest *guest)
{
    printf("  Thread #%-2d ", number);
    if (guest->status < 0)
        printf("no session: ORA-%d", guest->code);
    else
        printf("session %u", guest->sid);
    printf(", after %.1f ms", guest->waited_ms);
    if (guest->status == ORAPOOL_SUCCESS_WITH_INFO)
        printf(", with warning %d", guest->code);
    printf("\n");
}

/* Every thread gets one session, holds it until all have been answered, and gives it back. In ORAPOOL_GET_WAIT not
 * all can be answered before somebody gives a session back: there the gate opens when the rest is waiting. */
static void experiment(orapool *pool, int threads, int64_t get_mode, const char *what)
{
    static struct guest guests[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    struct gate gate;
    orapool_error *error;
    orapool_attrs *wishes;
    orapool_stats stats;
    const char *message = NULL;
    int waiting = get_mode == ORAPOOL_GET_WAIT && threads > SESSIONS_MAX ? threads - SESSIONS_MAX : 0;
    int i;

    printf("\n%s\n\n", what);
    /* The pool has a get mode for all, and each get may bring its own. */
    check(orapool_attrs_new(&wishes, &error), &error, "make a bag of attributes");
    set_int(wishes, ORAPOOL_ATTR_GET_MODE, get_mode);
    if (get_mode == ORAPOOL_GET_TIMEDWAIT)
        set_int(wishes, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, 50);

    memset(guests, 0, sizeof guests);
    memset(&gate, 0, sizeof gate);
    pthread_mutex_init(&gate.lock, NULL);
    pthread_cond_init(&gate.changed, NULL);
    for (i = 0; i < threads; i++) {
        guests[i].gate = &gate;
        guests[i].pool = pool;
        guests[i].wishes = wishes;
        start_thread(&ids[i], visit, &guests[i]);
    }
    for (;;) {
        stats = get_stats(pool);
        if (answered(&gate) == threads - waiting && stats.waiting == (uint64_t)waiting)
            break;
        sleep_ms(1);
    }
    pthread_mutex_lock(&gate.lock);
    gate.is_open = 1;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    for (i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_cond_destroy(&gate.changed);
    pthread_mutex_destroy(&gate.lock);
    orapool_attrs_free(wishes);

    for (i = 0; i < threads; i++) {
        print_guest(i + 1, &guests[i]);
        if (guests[i].message[0] != '\0')
            message = guests[i].message;
    }
    if (message != NULL)
        printf("  %s\n", message);
    printf("  Before the first release: %" PRIu64 " open, %" PRIu64 " busy, %" PRIu64 " waiting. After the last: ",
           stats.open, stats.busy, stats.waiting);
    stats = get_stats(pool);
    printf("%" PRIu64 " open, %" PRIu64 " idle.\n", stats.open, stats.idle);
}

/* ---- Both ---------------------------------------------------------------------------------------------------- */

/* The lab finds a sequence in its schema; a fresh database has none. 1 = it was created. */
static int create_sequence(orapool *pool)
{
    orapool_error *error;
    orapool_session *session = get_session(pool, NULL);
    orapool_status status =
        orapool_session_execute(session, "create sequence myseq", ORAPOOL_NTS, NULL, &error);
    /* ORA-00955: the name is taken. */
    int is_there = status == ORAPOOL_ERROR && orapool_error_code(error) == 955;
    if (is_there)
        orapool_error_free(error);
    else
        check(status, &error, "create the sequence");
    release_session(session);
    return !is_there;
}

static void drop_sequence(orapool *pool)
{
    orapool_session *session = get_session(pool, NULL);
    execute(session, "drop sequence myseq");
    release_session(session);
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : SESSIONS_MAX + 3;
    orapool_attrs *attrs;
    orapool *pool;
    int is_created;

    if (threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: %s [threads], from 1 to %d\n", argv[0], THREADS_MAX);
        return EXIT_FAILURE;
    }
    attrs = new_attrs("embedded:lab?call_delay_ms=5");
    /* A larger minimum makes the start slower and the first gets quicker. Where the load is known, a minimum equal
     * to the maximum is best: the server never has to log many on at the moment when it has most to do. */
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, SESSIONS_MIN);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, SESSIONS_MAX);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_INCREMENT, SESSIONS_INCREMENT);
    set_int(attrs, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_WAIT);
    pool = new_pool(attrs);

    is_created = create_sequence(pool);
    run_lab(pool);

    printf("\nThe same pool, %d threads that each want a session and hold it:\n", threads);
    experiment(pool, threads, ORAPOOL_GET_WAIT, "GETMODE WAIT: the pool grows to its maximum, then gets wait.");
    experiment(pool, threads, ORAPOOL_GET_NOWAIT, "GETMODE NOWAIT: who finds no session is told so at once.");
    experiment(pool, threads, ORAPOOL_GET_TIMEDWAIT, "GETMODE TIMEDWAIT: gets wait for 50 ms.");
    experiment(pool, threads, ORAPOOL_GET_FORCEGET,
               "GETMODE FORCEGET: the pool grows beyond its maximum, and shrinks as sessions come back.");

    if (is_created)
        drop_sequence(pool);
    close_pool(pool);
    return EXIT_SUCCESS;
}
