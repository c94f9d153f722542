/* Lesson 4: watching a pool at work.
 *
 *     04_statistics [seconds]
 *
 * Eight threads share four sessions, in loans of about two milliseconds, and now and then one of them holds a session
 * for much too long. The main thread looks on: reading the statistics does not stop anybody.
 *
 * What to look for when a program is slow:
 *
 *     waiting, mean wait    Gets that wait for sessions. If they wait long, the pool is too small, or loans are too
 *                           long. The second is more common, and a larger pool only moves the queue to the server.
 *     connects              That rise all the time: sessions are made and closed, not kept. The pool shrinks and grows
 *                           (IDLE_TIMEOUT_MS, LIFETIME_MAX_MS), or sessions are dropped, or they die.
 *     leaks                 Loans longer than LEAK_AFTER_MS: a release that was forgotten, or a report that should not
 *                           have a session of this pool.
 *
 * Runs on any database, see lesson 1. By default on the embedded engine, told to take 2 ms for each call. */

#include <inttypes.h>
#include <unistd.h>

#include "example.h"

enum { THREADS = 8, SESSIONS_MAX = 4, TICK_MS = 200, LEAK_AFTER_MS = 50 };

struct work {
    orapool *pool;
    pthread_mutex_t lock;
    int is_over;
};

struct worker {
    struct work *work;
    int number;
    uint64_t loans;
};

static int is_over(struct work *work)
{
    int over;
    pthread_mutex_lock(&work->lock);
    over = work->is_over;
    pthread_mutex_unlock(&work->lock);
    return over;
}

static void *run(void *argument)
{
    struct worker *self = (struct worker *)argument;
    orapool_error *error;
    orapool_attrs *attrs;

    /* Costs next to nothing, and names the culprit when a loan lasts: in leak reports, metrics and time-outs. */
    check(orapool_attrs_new(&attrs, &error), &error, "make a bag of attributes");
    set_text(attrs, ORAPOOL_ATTR_CONTEXT, self->number == 0 ? "04_statistics.c, the slow one" : "04_statistics.c");
    do {
        orapool_session *session = get_session(self->work->pool, attrs);
        execute(session, "select sysdate from dual");
        if (self->number == 0 && self->loans % 8 == 0)
            sleep_ms(2 * LEAK_AFTER_MS);
        release_session(session);
        self->loans++;
        /* The session is back while this thread does what needs no database. */
        sleep_ms(self->number % 4);
    } while (!is_over(self->work));
    orapool_attrs_free(attrs);
    return NULL;
}

/* What happened between two looks. Counters only ever rise, so it is their difference that says something. */
struct look {
    double at_ms;
    orapool_stats stats;
};

static struct look take_look(orapool *pool)
{
    struct look look;
    look.at_ms = now_ms();
    look.stats = get_stats(pool);
    return look;
}

static double gets_per_second(const struct look *before, const struct look *now)
{
    double seconds = (now->at_ms - before->at_ms) / 1e3;
    return seconds > 0 ? (double)(now->stats.gets - before->stats.gets) / seconds : 0;
}

static double mean_wait_ms(const struct look *before, const struct look *now)
{
    uint64_t gets = now->stats.gets - before->stats.gets;
    return gets > 0 ? (double)(now->stats.wait_ns_total - before->stats.wait_ns_total) / 1e6 / (double)gets : 0;
}

static void print_bar(const char *what, uint64_t value, uint64_t of)
{
    uint64_t i;
    printf("  %-10s %3" PRIu64 " ", what, value);
    for (i = 0; i < of; i++)
        putchar(i < value ? '#' : '.');
    /* To the end of the line: it may hold the rest of a longer one. */
    printf("\033[K\n");
}

/* Draws the table over the one before, which has as many lines. */
static void draw(double elapsed_ms, const struct look *before, const struct look *now, int is_first)
{
    const orapool_stats *stats = &now->stats;
    if (!is_first)
        printf("\033[9A");
    printf("  after %.1f s\033[K\n", elapsed_ms / 1e3);
    print_bar("open", stats->open, SESSIONS_MAX);
    print_bar("busy", stats->busy, SESSIONS_MAX);
    print_bar("waiting", stats->waiting, THREADS);
    printf("  gets       %" PRIu64 ", %.0f a second\033[K\n", stats->gets, gets_per_second(before, now));
    printf("  mean wait  %.2f ms\033[K\n", mean_wait_ms(before, now));
    printf("  longest    %.1f ms\033[K\n", (double)stats->wait_ns_max / 1e6);
    printf("  connects   %" PRIu64 "\033[K\n", stats->connects);
    printf("  leaks      %" PRIu64 "\033[K\n", stats->leaks);
    fflush(stdout);
}

static void print_line(double elapsed_ms, const struct look *before, const struct look *now)
{
    const orapool_stats *stats = &now->stats;
    printf("%5.1f s  open %" PRIu64 "  busy %" PRIu64 "  waiting %" PRIu64 "  gets %" PRIu64
           "  a second %.0f  mean wait %.2f ms  longest %.1f ms  leaks %" PRIu64 "\n",
           elapsed_ms / 1e3, stats->open, stats->busy, stats->waiting, stats->gets, gets_per_second(before, now),
           mean_wait_ms(before, now), (double)stats->wait_ns_max / 1e6, stats->leaks);
}

static void watch(orapool *pool, double milliseconds)
{
    /* Escape sequences are for people at a terminal. In a file or a pipe they would be noise. */
    int is_terminal = isatty(STDOUT_FILENO);
    struct look first = take_look(pool);
    struct look before = first;
    int is_first = 1;

    do {
        struct look now;
        sleep_ms(TICK_MS);
        now = take_look(pool);
        if (is_terminal)
            draw(now.at_ms - first.at_ms, &before, &now, is_first);
        else
            print_line(now.at_ms - first.at_ms, &before, &now);
        before = now;
        is_first = 0;
    } while (before.at_ms - first.at_ms < milliseconds);
}

/* For machines there are two formats. Serve the first one under /metrics and Prometheus reads it. */
static void print_metrics(orapool *pool)
{
    orapool_error *error;
    char *text;
    const char *line;
    size_t length;
    int lines = 0;

    check(orapool_metrics(pool, ORAPOOL_METRICS_PROMETHEUS, &text, &length, &error), &error, "read the metrics");
    printf("\nThe first lines of %lu bytes for Prometheus:\n\n", (unsigned long)length);
    for (line = text; line != NULL && lines < 6; lines++) {
        const char *end = strchr(line, '\n');
        printf("  %.*s\n", (int)(end != NULL ? (size_t)(end - line) : strlen(line)), line);
        line = end != NULL ? end + 1 : NULL;
    }
    /* The library made it, so the library frees it: free() may be that of another allocator. */
    orapool_text_free(text);

    check(orapool_metrics(pool, ORAPOOL_METRICS_JSON, &text, NULL, &error), &error, "read the metrics");
    printf("\nAll of it as JSON:\n\n  %s\n", text);
    orapool_text_free(text);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    struct work work;
    orapool_error *error;
    orapool_attrs *attrs;
    orapool_stats stats;
    uint64_t loans = 0;
    int i;

    attrs = new_attrs("embedded:statistics?call_delay_ms=2");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, SESSIONS_MAX);
    set_int(attrs, ORAPOOL_ATTR_LEAK_AFTER_MS, LEAK_AFTER_MS);
    /* A pool with a name can be opened by every part of the process, in whatever language, with orapool_open. The
     * metrics carry the name. */
    check(orapool_create("shop", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &work.pool, &error), &error,
          "create the pool");
    orapool_attrs_free(attrs);

    work.is_over = 0;
    pthread_mutex_init(&work.lock, NULL);
    printf("%d threads on at most %d sessions, for %.1f seconds:\n\n", THREADS, SESSIONS_MAX, seconds);
    for (i = 0; i < THREADS; i++) {
        workers[i].work = &work;
        workers[i].number = i;
        workers[i].loans = 0;
        start_thread(&threads[i], run, &workers[i]);
    }
    watch(work.pool, seconds * 1e3);
    pthread_mutex_lock(&work.lock);
    work.is_over = 1;
    pthread_mutex_unlock(&work.lock);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        loans += workers[i].loans;
    }
    pthread_mutex_destroy(&work.lock);

    stats = get_stats(work.pool);
    printf("\nThe threads had %" PRIu64 " loans. The pool counted %" PRIu64 " gets and %" PRIu64
           " releases; %" PRIu64 " sessions were made.\n",
           loans, stats.gets, stats.releases, stats.connects);
    print_metrics(work.pool);
    close_pool(work.pool);
    return EXIT_SUCCESS;
}
