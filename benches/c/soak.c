/*
 * Sixteen threads on four sessions, for as long as asked, with everything at once that can go wrong with a pool:
 *
 *     soak [SECONDS [SEED]]
 *
 * Gets that wait, that wait for a few milliseconds, that do not wait, and that are requests, finished or cancelled;
 * inserts with commit, rollback or neither; selects, pings, retags, drops; call timeouts; sessions killed by other
 * sessions; calls broken by another thread. The error codes that these bring are counted; any other fails the run,
 * and so do a session in two hands, more than four of them, rows lost or left behind, a hang, and counts of the
 * pool that do not add up. Tags and requests are left out unless SOAK_TAGS and SOAK_REQUESTS are defined, as the
 * library may be a version without them; soak.sh looks into the header. Exit codes: 0 sound, 1 violations, 3 hang, 64 wrong use.
 */
#include "common.h"
#include "orapool.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 16, SESSIONS = 4, HANG_SECONDS = 30 };

/* ---- what is expected to go wrong ---- */

/* Groups of codes that a call may end with. */
enum { NO_SESSION = 1, DEAD = 2, INTERRUPTED = 4, NO_VICTIM = 8 };

typedef struct {
    int code;
    int group;
    const char *meaning;
    uint64_t count;
} expectation;

static expectation expectations[] = {
    {24457, NO_SESSION, "no session in time", 0},
    {24459, NO_SESSION, "no session in time, connects under way", 0},
    {24496, NO_SESSION, "no session free", 0},
    {28, DEAD, "session killed", 0},
    {1012, DEAD, "not logged on", 0},
    {3113, DEAD, "connection lost", 0},
    {1013, INTERRUPTED, "call broken", 0},
    {3136, INTERRUPTED, "call timeout", 0},
    {30006, INTERRUPTED, "row lock wait timed out", 0},
    {27, NO_VICTIM, "a kill of the own session", 0},
    {30, NO_VICTIM, "a kill that came too late", 0},
    {31, NO_VICTIM, "a kill of a session that works on, marked for it", 0},
};

static uint64_t violations;

__attribute__((format(printf, 1, 2)))
static void violation(const char *format, ...)
{
    va_list args;
    /* The first few tell the story; a broken pool would tell it a million times. */
    if (__atomic_add_fetch(&violations, 1, __ATOMIC_SEQ_CST) > 20)
        return;
    flockfile(stderr);
    fputs("VIOLATION: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    funlockfile(stderr);
}

static expectation *expected(int code, int groups)
{
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (expectations[i].code == code && (expectations[i].group & groups))
            return &expectations[i];
    return NULL;
}

/*
 * Judges an outcome; true if the call did what it was asked. Frees the error. Takes the error's address, for the call
 * may stand in the same argument list: C does not say which argument is evaluated first.
 */
static int succeeded(const char *what, orapool_status status, orapool_error **errors, int groups)
{
    orapool_error *error = *errors;
    int code = error ? orapool_error_code(error) : 0;
    const char *message = error ? orapool_error_message(error, NULL) : NULL;
    expectation *known = status == ORAPOOL_SUCCESS ? NULL : expected(code, groups);
    if (status == ORAPOOL_SUCCESS && error)
        violation("%s: success with an error object: %s", what, message ? message : "");
    else if (known)
        __atomic_fetch_add(&known->count, 1, __ATOMIC_RELAXED);
    else if (status != ORAPOOL_SUCCESS)
        violation("%s: %s, code %d: %s", what, orapool_status_name(status), code, message ? message : "no message");
    if (known && (known->group == DEAD) != (orapool_error_is_session_dead(error) == 1))
        violation("%s: code %d is wrong about whether the session is dead", what, code);
    if (known && (known->group == NO_SESSION) != (status == ORAPOOL_TIMEOUT))
        violation("%s: code %d with %s", what, code, orapool_status_name(status));
    orapool_error_free(error);
    *errors = NULL;
    return status == ORAPOOL_SUCCESS;
}

/* ---- the threads ---- */

typedef struct {
    pthread_t thread;
    uint64_t random;
    uint64_t number;          /* of the rows it wrote */
    uint64_t progress;        /* atomic, for the watchdog */
    uint64_t identity;        /* atomic: SID and serial number of its loan, 0 if it has none */
    orapool_session *session; /* atomic, for the breaker */
} worker;

static orapool *pool;
static orapool_attrs *nowait;
static worker workers[WORKERS + 1]; /* the last one is the main thread */
static int stopping;                /* atomic */
static uint32_t holders;            /* atomic */

/* All atomic. */
static struct {
    uint64_t gets, drops, timeouts, cancels, kills, breaks;
    uint64_t committed, uncertain; /* rows: a commit that failed may have happened */
} done;

static void add(uint64_t *counter, uint64_t value)
{
    __atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
}

static int is_stopping(void)
{
    return __atomic_load_n(&stopping, __ATOMIC_RELAXED);
}

/* xorshift: good enough to mix the work, and each thread's is its own. */
static uint64_t draw(worker *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (w->random >> 16) % below;
}

static int one_in(worker *w, uint64_t n)
{
    return draw(w, n) == 0;
}

/* ---- gets ---- */

static void set_int(orapool_attrs *attrs, uint32_t attr, int64_t value)
{
    orapool_error *error = NULL;
    succeeded("attrs_set_int", orapool_attrs_set_int(attrs, attr, value, &error), &error, 0);
}

static void set_text(orapool_attrs *attrs, uint32_t attr, const char *value)
{
    orapool_error *error = NULL;
    succeeded("attrs_set_text", orapool_attrs_set_text(attrs, attr, value, ORAPOOL_NTS, &error), &error, 0);
}

static orapool_attrs *new_attrs(int64_t get_mode)
{
    orapool_attrs *attrs = NULL;
    orapool_error *error = NULL;
    succeeded("attrs_new", orapool_attrs_new(&attrs, &error), &error, 0);
    set_int(attrs, ORAPOOL_ATTR_GET_MODE, get_mode);
    return attrs;
}

static orapool_session *got(const char *what, orapool_session *session, orapool_status status, orapool_error *error)
{
    if (status == ORAPOOL_TIMEOUT)
        add(&done.timeouts, 1);
    if (succeeded(what, status, &error, NO_SESSION)) {
        add(&done.gets, 1);
        if (!session)
            violation("%s: success without a session", what);
    } else if (session) {
        violation("%s: a session with %s", what, orapool_status_name(status));
    }
    return session;
}

static orapool_session *get_tagged(const orapool_attrs *attrs, const char *tag, uint32_t mode)
{
    orapool_session *session = NULL;
    orapool_error *error = NULL;
    orapool_status status =
        orapool_session_get(pool, &session, attrs, tag, ORAPOOL_NTS, NULL, NULL, NULL, mode, &error);
    return got("session_get", session, status, error);
}

static orapool_session *get(const orapool_attrs *attrs)
{
    return get_tagged(attrs, NULL, 0);
}

/* A deadline of 0 is no wait at all. */
static orapool_session *get_within_ms(int64_t deadline)
{
    orapool_attrs *attrs = new_attrs(ORAPOOL_GET_TIMEDWAIT);
    set_int(attrs, ORAPOOL_ATTR_WAIT_TIMEOUT_MS, deadline);
    orapool_session *session = get(attrs);
    orapool_attrs_free(attrs);
    return session;
}

#ifdef SOAK_TAGS
static const char *any_tag(worker *w)
{
    static const char *const tags[] = {"RED", "GREEN", "BLUE"};
    return tags[draw(w, 3)];
}

static orapool_session *get_with_any_tag(worker *w)
{
    return get_tagged(NULL, any_tag(w), ORAPOOL_SESSGET_MATCHANY);
}
#else
static orapool_session *get_with_any_tag(worker *w)
{
    (void)w;
    return get(NULL);
}
#endif

#ifdef SOAK_REQUESTS
static orapool_session *get_by_request(worker *w)
{
    orapool_request *request = NULL;
    orapool_session *session = NULL;
    orapool_error *error = NULL;
    orapool_status status = orapool_request_start(pool, NULL, NULL, 0, 0, 0, &request, &error);
    if (!succeeded("request_start", status, &error, 0))
        return NULL;
    if (one_in(w, 3)) {
        if (one_in(w, 2))
            sleep_ns(draw(w, 200) * NS_PER_US);
        orapool_request_cancel(request);
        add(&done.cancels, 1);
        return NULL;
    }
    status = orapool_request_finish(request, &session, NULL, NULL, NULL, &error);
    return got("request_finish", session, status, error);
}
#else
static orapool_session *get_by_request(worker *w)
{
    (void)w;
    return get(NULL);
}
#endif

static orapool_session *get_somehow(worker *w)
{
    uint64_t way = draw(w, 100);
    if (way < 45)
        return get(NULL);
    if (way < 65)
        return get_within_ms((int64_t)draw(w, 6));
    if (way < 80)
        return get(nowait);
    if (way < 90)
        return get_with_any_tag(w);
    return get_by_request(w);
}

/* ---- a loan ---- */

static void check_alone(const worker *w, uint64_t identity)
{
    for (int i = 0; i <= WORKERS; i++)
        if (&workers[i] != w && __atomic_load_n(&workers[i].identity, __ATOMIC_SEQ_CST) == identity)
            violation("session %" PRIu64 ",%" PRIu64 " is in two hands", identity >> 32, identity & UINT32_MAX);
}

/* Each writes its own entry before it reads the others', so of two holders of one session at least one sees it. */
static void begin_loan(worker *w, orapool_session *session)
{
    uint32_t sid = 0, serial = 0;
    orapool_error *error = NULL;
    if (__atomic_add_fetch(&holders, 1, __ATOMIC_SEQ_CST) > SESSIONS)
        violation("more than %d sessions on loan", SESSIONS);
    if (succeeded("session_identity", orapool_session_identity(session, &sid, &serial, &error), &error, DEAD)) {
        uint64_t identity = (uint64_t)sid << 32 | serial;
        __atomic_store_n(&w->identity, identity, __ATOMIC_SEQ_CST);
        check_alone(w, identity);
    }
    __atomic_store_n(&w->session, session, __ATOMIC_SEQ_CST);
}

static void end_loan(worker *w, orapool_session *session)
{
    uint32_t mode = 0;
    const char *tag = NULL;
    orapool_error *error = NULL;
    if (one_in(w, 25)) {
        mode = ORAPOOL_SESSRLS_DROPSESS;
        add(&done.drops, 1);
    }
#ifdef SOAK_TAGS
    if (!mode && one_in(w, 4)) {
        mode = ORAPOOL_SESSRLS_RETAG;
        tag = any_tag(w);
    }
#endif
    __atomic_store_n(&w->session, NULL, __ATOMIC_SEQ_CST);
    __atomic_store_n(&w->identity, 0, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&holders, 1, __ATOMIC_SEQ_CST);
    orapool_status status = orapool_session_release(session, tag, ORAPOOL_NTS, mode, &error);
    succeeded("session_release", status, &error, DEAD | INTERRUPTED);
}

/* ---- work ---- */

static int bind_row(worker *w, orapool_stmt *stmt)
{
    orapool_error *error = NULL;
    if (!succeeded("bind 1", orapool_stmt_bind_int(stmt, 1, w - workers, &error), &error, 0))
        return 0;
    return succeeded("bind 2", orapool_stmt_bind_int(stmt, 2, (int64_t)w->number++, &error), &error, 0);
}

static int insert(worker *w, orapool_session *session)
{
    static const char sql[] = "INSERT INTO soak (worker, number_) VALUES (:1, :2)";
    orapool_stmt *stmt = NULL;
    orapool_error *error = NULL;
    uint64_t rows = 0;
    int worked = 0;
    orapool_status status = orapool_stmt_prepare(session, sql, ORAPOOL_NTS, &stmt, &error);
    if (!succeeded("prepare insert", status, &error, DEAD | INTERRUPTED))
        return 0;
    if (bind_row(w, stmt)) {
            status = orapool_stmt_execute(stmt, &rows, &error);
        worked = succeeded("insert", status, &error, DEAD | INTERRUPTED);
    }
    if (worked && rows != 1)
        violation("insert: %" PRIu64 " rows", rows);
    orapool_stmt_free(stmt);
    return worked;
}

static void commit(orapool_session *session, uint64_t rows)
{
    orapool_error *error = NULL;
    orapool_status status = orapool_session_commit(session, &error);
    if (succeeded("commit", status, &error, DEAD | INTERRUPTED))
        add(&done.committed, rows);
    else
        add(&done.uncertain, rows);
}

/* Rows that are neither committed nor rolled back are left to the release, which has to roll them back. */
static void write_rows(worker *w, orapool_session *session)
{
    uint64_t rows = 1 + draw(w, 3);
    for (uint64_t i = 0; i < rows; i++)
        if (!insert(w, session))
            return;
    if (one_in(w, 10)) /* hold the lock: others run into their timeouts */
        sleep_ns(draw(w, 4000) * NS_PER_US);
    uint64_t end = draw(w, 4);
    if (end < 2) {
        commit(session, rows);
    } else if (end == 2) {
        orapool_error *error = NULL;
        orapool_status status = orapool_session_rollback(session, &error);
        succeeded("rollback", status, &error, DEAD | INTERRUPTED);
    }
}

/* The number of rows, or -1. */
static int64_t fetch_count(orapool_stmt *stmt)
{
    int64_t count = -1;
    orapool_error *error = NULL;
    if (!succeeded("select", orapool_stmt_execute(stmt, NULL, &error), &error, DEAD | INTERRUPTED))
        return -1;
    if (!succeeded("fetch", orapool_stmt_fetch(stmt, &error), &error, DEAD | INTERRUPTED))
        return -1;
    return succeeded("column_int", orapool_stmt_column_int(stmt, 0, &count, &error), &error, 0) ? count : -1;
}

static int64_t count_rows(orapool_session *session)
{
    orapool_stmt *stmt = NULL;
    orapool_error *error = NULL;
    orapool_status status = orapool_stmt_prepare(session, "SELECT COUNT(*) FROM soak", ORAPOOL_NTS, &stmt, &error);
    if (!succeeded("prepare select", status, &error, DEAD | INTERRUPTED))
        return -1;
    int64_t count = fetch_count(stmt);
    orapool_stmt_free(stmt);
    return count;
}

static void ping(orapool_session *session)
{
    orapool_error *error = NULL;
    succeeded("ping", orapool_session_ping(session, &error), &error, DEAD | INTERRUPTED);
}

static void execute(orapool_session *session, const char *sql, int groups)
{
    orapool_error *error = NULL;
    succeeded(sql, orapool_session_execute(session, sql, ORAPOOL_NTS, NULL, &error), &error, groups);
}

static void kill_another(worker *w, orapool_session *session)
{
    char sql[80];
    uint64_t victim = __atomic_load_n(&workers[draw(w, WORKERS)].identity, __ATOMIC_SEQ_CST);
    if (!victim || victim == w->identity)
        return;
    snprintf(sql, sizeof sql, "ALTER SYSTEM KILL SESSION '%" PRIu64 ",%" PRIu64 "'", victim >> 32, victim & UINT32_MAX);
    execute(session, sql, DEAD | INTERRUPTED | NO_VICTIM);
    add(&done.kills, 1);
}

static void work(worker *w, orapool_session *session)
{
    orapool_error *error = NULL;
    if (one_in(w, 5)) {
        int64_t timeout = 1 + (int64_t)draw(w, 10);
        succeeded("set_call_timeout", orapool_session_set_call_timeout(session, timeout, &error), &error, DEAD);
    }
    uint64_t kind = draw(w, 100);
    if (kind < 40)
        write_rows(w, session);
    else if (kind < 60)
        count_rows(session);
    else if (kind < 70)
        ping(session);
    else if (kind < 72)
        kill_another(w, session);
    /* else a loan that does nothing */
}

static void *work_on(void *argument)
{
    worker *w = argument;
    while (!is_stopping()) {
        orapool_session *session = get_somehow(w);
        if (session) {
            begin_loan(w, session);
            work(w, session);
            end_loan(w, session);
        }
        __atomic_add_fetch(&w->progress, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* ---- the two that disturb and watch ---- */

/* The handle may be stale by the time of the call: that must be noticed, and nothing more. */
static void break_one(worker *self)
{
    orapool_error *error = NULL;
    orapool_session *victim = __atomic_load_n(&workers[draw(self, WORKERS)].session, __ATOMIC_SEQ_CST);
    if (!victim)
        return;
    orapool_status status = orapool_session_break(victim, &error);
    if (status == ORAPOOL_INVALID_HANDLE)
        orapool_error_free(error);
    else if (succeeded("session_break", status, &error, DEAD))
        add(&done.breaks, 1);
}

static void *break_calls(void *argument)
{
    while (!is_stopping()) {
        break_one(argument);
        sleep_ns(2 * NS_PER_MS);
    }
    return NULL;
}

static orapool_stats stats_now(void)
{
    orapool_stats stats;
    orapool_error *error = NULL;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    succeeded("get_stats", orapool_get_stats(pool, &stats, &error), &error, 0);
    return stats;
}

static void print_stats(FILE *out, const orapool_stats *s)
{
    fprintf(out,
            "pool: open %" PRIu64 ", busy %" PRIu64 ", idle %" PRIu64 ", connecting %" PRIu64 ", waiting %" PRIu64
            "; gets %" PRIu64 ", releases %" PRIu64 ", drops %" PRIu64 ", timeouts %" PRIu64 ", connects %" PRIu64
            ", found dead %" PRIu64 "\n",
            s->open, s->busy, s->idle, s->connecting, s->waiting, s->gets, s->releases, s->drops, s->timeouts,
            s->connects, s->closed_dead);
}

__attribute__((noreturn))
static void die_of_hang(int stuck)
{
    fprintf(stderr, "HANG: thread %d made no progress for %d s (SID,serial %" PRIu64 ",%" PRIu64 ")\n", stuck,
            HANG_SECONDS, workers[stuck].identity >> 32, workers[stuck].identity & UINT32_MAX);
    fflush(NULL);
    orapool_stats stats = stats_now(); /* last: it may hang as well */
    print_stats(stderr, &stats);
    fflush(NULL);
    _exit(3);
}

/* Watches the main thread too: its last get, its close. */
static void *watch(void *unused)
{
    uint64_t seen[WORKERS + 1] = {0};
    int quiet_seconds[WORKERS + 1] = {0};
    for (;;) {
        sleep_ns(NS_PER_S);
        for (int i = 0; i <= WORKERS; i++) {
            uint64_t progress = __atomic_load_n(&workers[i].progress, __ATOMIC_RELAXED);
            quiet_seconds[i] = progress == seen[i] ? quiet_seconds[i] + 1 : 0;
            seen[i] = progress;
            /* Workers that have ended stand still, while main is in its last steps and moves on. */
            if (quiet_seconds[i] >= HANG_SECONDS && (i == WORKERS || !is_stopping()))
                die_of_hang(i);
        }
    }
    return unused;
}

/* ---- beginning and end ---- */

static worker *const me = &workers[WORKERS];

static void step(void)
{
    __atomic_add_fetch(&me->progress, 1, __ATOMIC_RELAXED);
}

static void create_pool(void)
{
    orapool_error *error = NULL;
    orapool_attrs *attrs = new_attrs(ORAPOOL_GET_WAIT);
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:soak?lock_timeout_ms=200");
    set_text(attrs, ORAPOOL_ATTR_USER, "soak");
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, "soak");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, 1);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, SESSIONS);
    if (!succeeded("create", orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error, 0))
        exit(1);
    orapool_attrs_free(attrs);
    nowait = new_attrs(ORAPOOL_GET_NOWAIT);
}

static orapool_session *get_as_main(void)
{
    orapool_session *session = get(NULL);
    if (!session)
        exit(1); /* told already */
    begin_loan(me, session);
    return session;
}

static void create_table(void)
{
    orapool_session *session = get_as_main();
    execute(session, "CREATE TABLE soak (worker NUMBER, number_ NUMBER)", 0);
    end_loan(me, session);
}

static void start_thread(pthread_t *thread, void *(*body)(void *), void *argument)
{
    if (pthread_create(thread, NULL, body, argument) != 0)
        bench_fail("no thread");
}

static void run_for(uint64_t seconds)
{
    static worker breaker;
    breaker.random = me->random ^ 0x5bf03635;
    for (int i = 0; i < WORKERS; i++) {
        workers[i].random = me->random + 0x9e3779b97f4a7c15 * (uint64_t)(i + 1);
        start_thread(&workers[i].thread, work_on, &workers[i]);
    }
    start_thread(&breaker.thread, break_calls, &breaker);
    for (uint64_t i = 0; i < seconds; i++) {
        sleep_ns(NS_PER_S);
        step();
    }
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    pthread_join(breaker.thread, NULL);
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        step();
    }
}

/* Each idle session may have been killed at the last moment; its end makes room for a live one. */
static int64_t rows_at_the_end(void)
{
    int64_t rows = -1;
    for (int i = 0; rows < 0 && i <= SESSIONS; i++) {
        orapool_session *session = get_as_main();
        rows = count_rows(session);
        end_loan(me, session);
    }
    return rows;
}

static void check_rows(void)
{
    int64_t rows = rows_at_the_end();
    printf("rows: %" PRId64 ", committed %" PRIu64 ", commits of unknown end %" PRIu64 "\n", rows, done.committed,
           done.uncertain);
    if (rows < (int64_t)done.committed || rows > (int64_t)(done.committed + done.uncertain))
        violation("rows were lost, or outlived a rollback");
}

static void between(const char *what, uint64_t value, uint64_t low, uint64_t high)
{
    if (value < low || value > high)
        violation("%s: %" PRIu64 ", not %" PRIu64 " to %" PRIu64, what, value, low, high);
}

/* The pool may still be refilling its minimum. */
static orapool_stats settled_stats(void)
{
    orapool_stats stats = stats_now();
    for (int i = 0; i < 100 && (stats.connecting || stats.busy || stats.open < 1); i++) {
        sleep_ns(50 * NS_PER_MS);
        stats = stats_now();
    }
    return stats;
}

/* A cancelled request may or may not have had its session, or its time-out, before. */
static void check_stats(void)
{
    orapool_stats s = settled_stats();
    print_stats(stdout, &s);
    between("busy", s.busy, 0, 0);
    between("waiting", s.waiting, 0, 0);
    between("connecting", s.connecting, 0, 0);
    between("open", s.open, 1, SESSIONS);
    between("open - idle", s.open - s.idle, 0, 0);
    between("releases", s.releases, s.gets, s.gets);
    between("gets", s.gets, done.gets, done.gets + done.cancels);
    between("timeouts", s.timeouts, done.timeouts, done.timeouts + done.cancels);
    between("peak_busy", s.peak_busy, 1, SESSIONS);
    /* Without a sweep of all idle sessions, the dead among them are found when they are lent. */
    between("drops", s.drops, done.drops, s.gets);
}

static int threads_now(void)
{
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return 0;
    for (struct dirent *entry; (entry = readdir(tasks));)
        threads += entry->d_name[0] != '.';
    closedir(tasks);
    return threads;
}

static void close_pool(int threads_before)
{
    orapool_session *session = NULL;
    orapool_error *error = NULL;
    if (!succeeded("close", orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error), &error, 0))
        return;
    orapool_status status = orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error);
    if (status != ORAPOOL_INVALID_HANDLE)
        violation("a get after the close: %s", orapool_status_name(status));
    orapool_error_free(error);
    /* A thread that was joined may stay listed for a moment. */
    for (int i = 0; i < 100 && threads_now() > threads_before; i++)
        sleep_ns(10 * NS_PER_MS);
    if (threads_now() > threads_before)
        violation("%d threads are left after the close", threads_now() - threads_before);
}

static void print_summary(void)
{
    printf("gets %" PRIu64 ", without a session %" PRIu64 ", cancelled %" PRIu64 ", drops %" PRIu64 ", kills %" PRIu64
           ", breaks %" PRIu64 "\n",
           done.gets, done.timeouts, done.cancels, done.drops, done.kills, done.breaks);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        printf("  ORA-%05d %-50s %8" PRIu64 "\n", expectations[i].code, expectations[i].meaning,
               expectations[i].count);
}

static uint64_t number_in(int argc, char **argv, int index, uint64_t otherwise)
{
    if (argc <= index)
        return otherwise;
    char *end = NULL;
    errno = 0;
    uint64_t number = strtoull(argv[index], &end, 10);
    if (errno || *end || end == argv[index] || number == 0) {
        fprintf(stderr, "usage: %s [SECONDS [SEED]]\n", argv[0]);
        exit(64);
    }
    return number;
}

int main(int argc, char **argv)
{
    pthread_t watchdog;
    uint64_t seconds = number_in(argc, argv, 1, 60);
    me->random = number_in(argc, argv, 2, now_ns() % 1000000 + 1);
    bench_begin("soak", "soak", 0);
    printf("soak: %d threads on %d sessions for %" PRIu64 " s, seed %" PRIu64 "\n", WORKERS, SESSIONS, seconds,
           me->random);
    fflush(stdout);
    start_thread(&watchdog, watch, NULL);
    int threads_before = threads_now();
    create_pool();
    create_table();
    run_for(seconds);
    check_rows();
    check_stats();
    step();
    close_pool(threads_before);
    orapool_attrs_free(nowait);
    print_summary();
    if (violations)
        printf("soak: %" PRIu64 " violations\n", violations);
    else
        puts("soak: sound");
    return violations ? 1 : 0;
}
