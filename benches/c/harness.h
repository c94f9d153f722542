/*
 * The one harness: measures whichever contender includes it, in one cell per process.
 *
 *     CONTENDER_bench CELL [quick]
 *
 * prints one line per figure: contender, cell, figure and value, with tabs between. A contender defines, before it
 * includes this file: BENCH_NAME, BENCH_CAN_WAIT, bench_loan, bench_create, bench_destroy, bench_run, bench_get,
 * bench_release and bench_id. All are static functions, so no call goes through a pointer.
 *
 * Exit codes: 0 done, 2 error of the contender, 3 hang, 4 a rule of pools broken, 64 wrong use, 77 does not apply here.
 */
#include "common.h"
#include "histogram.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_BROKEN_RULE = 4, EXIT_HANG = 3, EXIT_USAGE = 64, EXIT_NOT_HERE = 77 };

/* ---- what ends a process early ---- */

__attribute__((noreturn))
static void broken_rule(const char *what)
{
    fprintf(stderr, "bench: %s %s: %s\n", BENCH_NAME, bench_cell, what);
    _exit(EXIT_BROKEN_RULE);
}

/* A lost wake-up would hang the whole suite. */
static void on_alarm(int signal)
{
    static const char message[] = "bench: " BENCH_NAME " hangs\n";
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)signal;
    (void)written;
    _exit(EXIT_HANG);
}

/* ---- what else ran on the machine meanwhile ---- */

typedef struct {
    uint64_t wall_ns;
    double machine_s; /* processor time that all processes used */
    double own_s;     /* of it, ours */
    double switches;  /* context switches, ours */
} usage;

static double machine_busy_s(void)
{
    unsigned long long user, nice, sys, idle, iowait, irq, softirq, steal;
    FILE *stat = fopen("/proc/stat", "r");
    if (!stat)
        return 0;
    int fields = fscanf(stat, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &sys, &idle, &iowait, &irq,
                        &softirq, &steal);
    fclose(stat);
    if (fields != 8)
        return 0;
    return (double)(user + nice + sys + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
}

static usage usage_now(void)
{
    struct rusage r;
    usage u = {now_ns(), machine_busy_s(), 0, 0};
    getrusage(RUSAGE_SELF, &r);
    u.own_s = (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
    u.switches = (double)(r.ru_nvcsw + r.ru_nivcsw);
    return u;
}

/* `foreign` is the share of the machine that others took; the driver repeats a sample that was disturbed. */
static void report_usage(const usage *start, const usage *end, double pairs)
{
    double wall = (double)(end->wall_ns - start->wall_ns) / 1e9;
    double own = end->own_s - start->own_s;
    double foreign = (end->machine_s - start->machine_s - own) / (wall * (double)sysconf(_SC_NPROCESSORS_ONLN));
    figure("foreign", foreign > 0 ? foreign : 0);
    figure("cpu_us_per_pair", own * 1e6 / pairs);
    figure("switches_per_pair", (end->switches - start->switches) / pairs);
}

/* ---- one thread ---- */

static void *sleep_for_ever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

/* glibc leaves out the lock prefix while a process has one thread, which no user of a pool has. */
static void start_sleeper(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0)
        bench_fail("no second thread");
}

static double time_batch(void *pool, uint64_t pairs)
{
    uint64_t start = now_ns();
    bench_run(pool, pairs);
    return (double)(now_ns() - start);
}

/* As many pairs as take `ns`; finding out warms up as well. */
static uint64_t pairs_lasting(void *pool, double ns)
{
    uint64_t pairs = 1000;
    double took = time_batch(pool, pairs);
    while (took < ns / 2) {
        pairs *= 2;
        took = time_batch(pool, pairs);
    }
    return (uint64_t)((double)pairs * ns / took) + 1;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ns per pair: the median of some batches, each timed as a whole, so that the clock's price disappears. */
static void cell_one_thread(uint32_t sessions)
{
    enum { BATCHES = 25 };
    double ns[BATCHES];
    int batches = quick ? 5 : BATCHES;
    start_sleeper();
    void *pool = bench_create(sessions);
    pin_to(cpu_count() - 1); /* the first processor has most of the interrupts */
    uint64_t pairs = pairs_lasting(pool, quick ? 2e6 : 2e7);
    usage start = usage_now();
    for (int i = 0; i < batches; i++)
        ns[i] = time_batch(pool, pairs) / (double)pairs;
    usage end = usage_now();
    qsort(ns, (size_t)batches, sizeof *ns, compare_doubles);
    figure("ns_per_pair", ns[batches / 2]);
    figure("ns_per_pair_best", ns[0]);
    report_usage(&start, &end, (double)pairs * batches);
    bench_destroy(pool);
}

/* ---- several threads ---- */

enum phase { WARM_UP, MEASURE, STOP };

#define MAX_THREADS 64

/* A line of its own for what threads write: two lines, as processors fetch them in pairs. */
#define OWN_LINE __attribute__((aligned(128)))

typedef struct {
    void *pool;
    int threads;
    int pinned;
    uint64_t hold_ns;
    int hold_sleeps;
    uint32_t sessions;
    pthread_barrier_t ready;
    OWN_LINE int phase;             /* the rest is atomic too */
    OWN_LINE uint32_t holders;
    OWN_LINE char taken[BENCH_IDS]; /* 1 while that session is on loan */
} contest;

typedef struct {
    OWN_LINE contest *contest;
    pthread_t thread;
    int index;
    uint64_t pairs; /* finished in the window */
    histogram waits;
} worker;

static contest the_contest;
static worker workers[MAX_THREADS];

static int phase_of(contest *c)
{
    return __atomic_load_n(&c->phase, __ATOMIC_RELAXED);
}

static void worker_ready(worker *w)
{
    if (w->contest->pinned)
        pin_to(w->index);
    pthread_barrier_wait(&w->contest->ready);
}

/* Pairs without hold. A batch that the window's ends cut counts in full; it lasts microseconds of a second. */
static void *parallel_worker(void *argument)
{
    enum { BATCH = 100 };
    worker *w = argument;
    uint64_t pairs = 0;
    int phase;
    worker_ready(w);
    while ((phase = phase_of(w->contest)) != STOP) {
        bench_run(w->contest->pool, BATCH);
        if (phase == MEASURE)
            pairs += BATCH;
    }
    w->pairs = pairs;
    return NULL;
}

static void check_taken(contest *c, uint32_t id)
{
    if (id >= BENCH_IDS)
        broken_rule("a session's number is too large for the harness");
    if (__atomic_exchange_n(&c->taken[id], 1, __ATOMIC_SEQ_CST) != 0)
        broken_rule("a session was handed out twice");
    if (__atomic_fetch_add(&c->holders, 1, __ATOMIC_SEQ_CST) >= c->sessions)
        broken_rule("more holders than sessions");
}

static void check_returned(contest *c, uint32_t id)
{
    __atomic_fetch_sub(&c->holders, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&c->taken[id], 0, __ATOMIC_SEQ_CST);
}

/* Both kinds of hold begin when the get was back, so that the checks are part of the hold. */
static void hold(const contest *c, uint64_t since)
{
    if (c->hold_sleeps) {
        sleep_ns(c->hold_ns);
        return;
    }
    while (now_ns() - since < c->hold_ns)
        ;
}

/*
 * Get, hold, release, without pause between. A wait that ends after the window is counted too, or a thread that
 * starved through all of it would leave no trace; what ends in the warm-up is not.
 */
static void *waiting_worker(void *argument)
{
    worker *w = argument;
    contest *c = w->contest;
    bench_loan loan;
    worker_ready(w);
    while (phase_of(c) != STOP) {
        uint64_t asked = now_ns();
        bench_get(c->pool, &loan);
        uint64_t got = now_ns();
        uint32_t id = bench_id(c->pool, &loan);
        check_taken(c, id);
        hold(c, got);
        check_returned(c, id);
        bench_release(c->pool, &loan);
        int phase = phase_of(c);
        if (phase != WARM_UP)
            histogram_add(&w->waits, got - asked);
        if (phase == MEASURE)
            w->pairs++;
    }
    return NULL;
}

static void start_workers(contest *c, void *(*body)(void *))
{
    pthread_barrier_init(&c->ready, NULL, (unsigned)c->threads + 1);
    for (int i = 0; i < c->threads; i++) {
        workers[i].contest = c;
        workers[i].index = i;
        if (pthread_create(&workers[i].thread, NULL, body, &workers[i]) != 0)
            bench_fail("no thread %d", i);
    }
    pthread_barrier_wait(&c->ready);
}

/* Lets the threads run: warm-up, window, end. Gives the window's true length in seconds. */
static double run_contest(contest *c, void *(*body)(void *), usage *start, usage *end)
{
    start_workers(c, body);
    sleep_ns((quick ? 20 : 100) * NS_PER_MS);
    *start = usage_now();
    __atomic_store_n(&c->phase, MEASURE, __ATOMIC_SEQ_CST);
    sleep_ns((quick ? 200 : 800) * NS_PER_MS);
    __atomic_store_n(&c->phase, STOP, __ATOMIC_SEQ_CST);
    *end = usage_now();
    for (int i = 0; i < c->threads; i++)
        pthread_join(workers[i].thread, NULL);
    return (double)(end->wall_ns - start->wall_ns) / 1e9;
}

static uint64_t pairs_of_all(const contest *c, uint64_t *fewest, uint64_t *most)
{
    uint64_t sum = 0;
    *fewest = UINT64_MAX;
    *most = 0;
    for (int i = 0; i < c->threads; i++) {
        uint64_t pairs = workers[i].pairs;
        sum += pairs;
        *fewest = pairs < *fewest ? pairs : *fewest;
        *most = pairs > *most ? pairs : *most;
    }
    return sum;
}

static void report_waits(const contest *c)
{
    static histogram all;
    for (int i = 0; i < c->threads; i++)
        histogram_merge(&all, &workers[i].waits);
    double median = histogram_quantile(&all, 0.5);
    figure("wait_p50_ns", median);
    figure("wait_p99_ns", histogram_quantile(&all, 0.99));
    figure("wait_p999_ns", histogram_quantile(&all, 0.999));
    figure("wait_max_ns", (double)all.max);
    figure("wait_max_over_p50", (double)all.max / (median > 1 ? median : 1));
}

static void report_contest(const contest *c, double seconds, const usage *start, const usage *end)
{
    uint64_t fewest, most;
    uint64_t pairs = pairs_of_all(c, &fewest, &most);
    figure("pairs_per_s", (double)pairs / seconds);
    /* A thread that got nothing at all counts as one pair: no division by 0, and still off the scale. */
    figure("fairness", (double)most / (double)(fewest ? fewest : 1));
    report_usage(start, end, (double)(pairs ? pairs : 1));
}

static void cell_contest(uint32_t sessions, int threads, void *(*body)(void *))
{
    usage start, end;
    contest *c = &the_contest;
    c->sessions = sessions;
    c->threads = threads;
    c->pool = bench_create(sessions);
    double seconds = run_contest(c, body, &start, &end);
    report_contest(c, seconds, &start, &end);
    if (c->hold_ns)
        report_waits(c);
    bench_destroy(c->pool);
}

static void cell_parallel(int threads, int pinned)
{
    if (pinned && cpu_count() < threads)
        exit(EXIT_NOT_HERE);
    the_contest.pinned = pinned;
    cell_contest(10, threads, parallel_worker);
}

static void cell_waiting(int threads, uint32_t sessions, uint64_t hold_ns, int hold_sleeps)
{
    if (!BENCH_CAN_WAIT)
        exit(EXIT_NOT_HERE);
    /* The default slack of 50 us would double a sleep of 50 us. Threads inherit it. */
    prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
    the_contest.hold_ns = hold_ns;
    the_contest.hold_sleeps = hold_sleeps;
    cell_contest(sessions, threads, waiting_worker);
}

/* ---- what a pair asks of libc and the kernel ---- */

/* A function of count.so, which has to be preloaded; not linked, so that the other cells run without it. */
static void call_counter(const char *name)
{
    union {
        void *object;
        void (*function)(void);
    } symbol = {dlsym(RTLD_DEFAULT, name)};
    if (!symbol.object)
        bench_fail("%s: run the counts cell with LD_PRELOAD=count.so", name);
    symbol.function();
}

static void cell_counts(void)
{
    union {
        void *object;
        void (*function)(uint64_t pairs, void (*report)(const char *, double));
    } report;
    uint64_t pairs = quick ? 10000 : 100000;
    start_sleeper();
    void *pool = bench_create(10);
    bench_run(pool, 1000); /* what the first pairs set up is not the price of a pair */
    call_counter("bench_count_start");
    bench_run(pool, pairs);
    call_counter("bench_count_stop");
    report.object = dlsym(RTLD_DEFAULT, "bench_count_report");
    if (!report.object)
        bench_fail("count.so has no bench_count_report");
    report.function(pairs, figure);
    bench_destroy(pool);
}

/* ---- the cells ---- */

static void run_cell(void)
{
    if (strcmp(bench_cell, "u1") == 0)
        cell_one_thread(10);
    else if (strcmp(bench_cell, "big") == 0)
        cell_one_thread(1000);
    else if (strcmp(bench_cell, "c2") == 0)
        cell_parallel(2, 1);
    else if (strcmp(bench_cell, "c8") == 0)
        cell_parallel(8, 0);
    else if (strcmp(bench_cell, "w16x4") == 0)
        cell_waiting(16, 4, 5 * NS_PER_US, 0);
    else if (strcmp(bench_cell, "w64x2") == 0)
        cell_waiting(64, 2, 50 * NS_PER_US, 1);
    else if (strcmp(bench_cell, "counts") == 0)
        cell_counts();
    else
        exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s u1|big|c2|c8|w16x4|w64x2|counts [quick]\n", argv[0]);
        return EXIT_USAGE;
    }
    bench_begin(BENCH_NAME, argv[1], argc > 2 && strcmp(argv[2], "quick") == 0);
    signal(SIGALRM, on_alarm);
    alarm(60);
    run_cell();
    return 0;
}
