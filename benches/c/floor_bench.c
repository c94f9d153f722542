/*
 * What the machine itself charges: the unit prices that every pool's figures are made of. Without them the ratios of
 * two machines cannot be compared: where a cache line crosses cores in 170 ns, two threads on one mutex fall to a
 * sixth of one thread's rate; where both processors are threads of one core, they do not.
 */
#include "common.h"

#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int rounds(int full)
{
    return quick ? full / 10 : full;
}

static double clock_read_ns(void)
{
    int n = rounds(1000000);
    uint64_t start = now_ns();
    for (int i = 0; i < n; i++)
        now_ns();
    return (double)(now_ns() - start) / n;
}

static double locked_add_ns(void)
{
    static uint64_t counter;
    int n = rounds(10000000);
    uint64_t start = now_ns();
    for (int i = 0; i < n; i++)
        __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    return (double)(now_ns() - start) / n;
}

static double sleep_50us_ns(void)
{
    int n = rounds(2000);
    uint64_t start = now_ns();
    for (int i = 0; i < n; i++)
        sleep_ns(50 * NS_PER_US);
    return (double)(now_ns() - start) / n;
}

/* ---- two threads that throw a ball to each other, by a store or by a futex ---- */

typedef struct {
    uint32_t ball; /* odd: at the partner's */
    int throws;
    int by_futex;
} game;

static void futex(uint32_t *word, int operation, uint32_t value)
{
    syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void await(game *g, uint32_t ball)
{
    uint32_t seen;
    while ((seen = __atomic_load_n(&g->ball, __ATOMIC_ACQUIRE)) != ball)
        if (g->by_futex)
            futex(&g->ball, FUTEX_WAIT_PRIVATE, seen);
}

static void throw_ball(game *g, uint32_t ball)
{
    __atomic_store_n(&g->ball, ball, __ATOMIC_RELEASE);
    if (g->by_futex)
        futex(&g->ball, FUTEX_WAKE_PRIVATE, 1);
}

static void *partner(void *argument)
{
    game *g = argument;
    pin_to(1);
    for (int i = 0; i < g->throws; i++) {
        await(g, 2 * (uint32_t)i + 1);
        throw_ball(g, 2 * (uint32_t)i + 2);
    }
    return NULL;
}

/* One way, from the first processor to the second. */
static double throw_ns(int throws, int by_futex)
{
    static game games[2];
    game *g = &games[by_futex];
    pthread_t thread;
    g->throws = throws;
    g->by_futex = by_futex;
    if (pthread_create(&thread, NULL, partner, g) != 0)
        bench_fail("no partner");
    uint64_t start = now_ns();
    for (int i = 0; i < throws; i++) {
        throw_ball(g, 2 * (uint32_t)i + 1);
        await(g, 2 * (uint32_t)i + 2);
    }
    double ns = (double)(now_ns() - start) / (2.0 * throws);
    pthread_join(thread, NULL);
    return ns;
}

int main(int argc, char **argv)
{
    bench_begin("machine", "floor", argc > 1 && strcmp(argv[argc - 1], "quick") == 0);
    prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
    figure("clock_read_ns", clock_read_ns());
    figure("locked_add_ns", locked_add_ns());
    figure("sleep_50us_ns", sleep_50us_ns());
    if (cpu_count() < 2)
        return 0;
    pin_to(0);
    figure("line_crossing_ns", throw_ns(rounds(1000000), 0));
    figure("futex_crossing_ns", throw_ns(rounds(50000), 1));
    return 0;
}
