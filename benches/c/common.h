/* What all programs of the suite share: errors, clocks, processors, output. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#ifndef _GNU_SOURCE
#error "compile with -D_GNU_SOURCE: pinning, barriers and the timer slack are no ISO C"
#endif

#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define NS_PER_US 1000ull

/* Sessions are told apart by a number below this. */
#define BENCH_IDS 65536u

static const char *bench_name;
static const char *bench_cell;
static int quick; /* a smoke test: short windows, figures of no worth */
static cpu_set_t allowed_cpus;

/* Before any thread is pinned: what the process may use is asked once. */
static inline void bench_begin(const char *name, const char *cell, int is_quick)
{
    bench_name = name;
    bench_cell = cell;
    quick = is_quick;
    if (sched_getaffinity(0, sizeof allowed_cpus, &allowed_cpus) != 0)
        CPU_ZERO(&allowed_cpus);
}

/* A benchmark that meets an error has no figure: it says why and ends. */
__attribute__((noreturn, format(printf, 1, 2)))
static inline void bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "bench: %s %s: ", bench_name, bench_cell);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

static inline void figure(const char *name, double value)
{
    printf("%s\t%s\t%s\t%.6g\n", bench_name, bench_cell, name, value);
}

static inline uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline void sleep_ns(uint64_t ns)
{
    struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    nanosleep(&t, NULL);
}

static inline int cpu_count(void)
{
    return CPU_COUNT(&allowed_cpus);
}

/* Pins the calling thread to the n-th of the processors that the process may use. */
static inline void pin_to(int n)
{
    cpu_set_t one;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed_cpus) || n-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

#endif
