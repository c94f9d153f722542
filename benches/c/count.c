/*
 * A library to preload that counts what a program asks of libc, between bench_count_start and bench_count_stop:
 * allocations, clock reads, locks, sleeps and system calls. Calls are passed on as they are. Needs glibc.
 *
 * The thread that started the count is counted apart from all others, in which a pool may do its house-keeping.
 *
 * What it cannot see: instructions (rdtsc, a system call without libc), the system calls that libc makes of its own
 * accord inside other functions (hence the locks and sleeps are counted by name; Rust's locks and park come through
 * syscall()), and calls that were bound inside a library and not through the dynamic linker.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum kind { ALLOCATION, FREE, CLOCK_PRECISE, CLOCK_COARSE, LOCK, SLEEP, SYSTEM_CALL, KINDS };

static const char *const names[KINDS] = {
    "allocations", "frees", "clock_precise", "clock_coarse", "pthread_locks", "pthread_waits", "syscalls",
};

static int counting;
static uint64_t by_caller[KINDS];
static uint64_t by_others[KINDS];

/* initial-exec: the general model may allocate at the first use, which would count itself. */
static __thread int is_caller __attribute__((tls_model("initial-exec")));

static void count(enum kind kind)
{
    if (!__atomic_load_n(&counting, __ATOMIC_RELAXED))
        return;
    __atomic_fetch_add(is_caller ? &by_caller[kind] : &by_others[kind], 1, __ATOMIC_RELAXED);
}

void bench_count_start(void);
void bench_count_stop(void);
void bench_count_report(uint64_t pairs, void (*report)(const char *name, double per_pair));

void bench_count_start(void)
{
    is_caller = 1;
    __atomic_store_n(&counting, 1, __ATOMIC_SEQ_CST);
}

void bench_count_stop(void)
{
    __atomic_store_n(&counting, 0, __ATOMIC_SEQ_CST);
}

void bench_count_report(uint64_t pairs, void (*report)(const char *name, double per_pair))
{
    double others = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        report(names[kind], (double)by_caller[kind] / (double)pairs);
        others += (double)by_others[kind];
    }
    report("by_other_threads", others / (double)pairs);
}

/* ---- allocations: glibc has its own names for them, so no look-up is needed that would allocate itself ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size)
{
    count(ALLOCATION);
    return __libc_malloc(size);
}

void *calloc(size_t members, size_t size)
{
    count(ALLOCATION);
    return __libc_calloc(members, size);
}

void *realloc(void *old, size_t size)
{
    count(ALLOCATION);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(ALLOCATION);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    count(ALLOCATION);
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12; /* ENOMEM; errno.h would declare more than is needed here */
}

void free(void *memory)
{
    if (memory)
        count(FREE);
    __libc_free(memory);
}

/* ---- the rest: found behind this library, at the first call ---- */

/* POSIX lets a function's address be an object pointer; ISO C does not let it be converted. */
#define NEXT(result, name, ...)                                 \
    static result (*next_##name)(__VA_ARGS__);                  \
    static void find_##name(void)                               \
    {                                                           \
        union {                                                 \
            void *object;                                       \
            result (*function)(__VA_ARGS__);                    \
        } symbol = {dlsym(RTLD_NEXT, #name)};                   \
        next_##name = symbol.function;                          \
    }

/* Two threads may both look: they find the same. */
#define FOUND(name) (next_##name ? (void)0 : find_##name())

NEXT(int, clock_gettime, clockid_t, struct timespec *)
NEXT(int, gettimeofday, struct timeval *restrict, void *restrict)
NEXT(int, pthread_mutex_lock, pthread_mutex_t *)
NEXT(int, pthread_mutex_trylock, pthread_mutex_t *)
NEXT(int, pthread_rwlock_rdlock, pthread_rwlock_t *)
NEXT(int, pthread_rwlock_wrlock, pthread_rwlock_t *)
NEXT(int, pthread_cond_signal, pthread_cond_t *)
NEXT(int, pthread_cond_broadcast, pthread_cond_t *)
NEXT(int, nanosleep, const struct timespec *, struct timespec *)
NEXT(int, sched_yield, void)
NEXT(ssize_t, write, int, const void *, size_t)
NEXT(ssize_t, read, int, void *, size_t)
NEXT(long, syscall, long, ...)

int clock_gettime(clockid_t clock, struct timespec *time)
{
    count(clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_REALTIME_COARSE ? CLOCK_COARSE : CLOCK_PRECISE);
    FOUND(clock_gettime);
    return next_clock_gettime(clock, time);
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    count(CLOCK_PRECISE);
    FOUND(gettimeofday);
    return next_gettimeofday(time, zone);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    count(LOCK);
    FOUND(pthread_mutex_lock);
    return next_pthread_mutex_lock(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    count(LOCK);
    FOUND(pthread_mutex_trylock);
    return next_pthread_mutex_trylock(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    count(LOCK);
    FOUND(pthread_rwlock_rdlock);
    return next_pthread_rwlock_rdlock(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    count(LOCK);
    FOUND(pthread_rwlock_wrlock);
    return next_pthread_rwlock_wrlock(lock);
}

int pthread_cond_signal(pthread_cond_t *condition)
{
    count(SLEEP);
    FOUND(pthread_cond_signal);
    return next_pthread_cond_signal(condition);
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    count(SLEEP);
    FOUND(pthread_cond_broadcast);
    return next_pthread_cond_broadcast(condition);
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    count(SLEEP);
    FOUND(nanosleep);
    return next_nanosleep(wanted, left);
}

int sched_yield(void)
{
    count(SYSTEM_CALL);
    FOUND(sched_yield);
    return next_sched_yield();
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    count(SYSTEM_CALL);
    FOUND(write);
    return next_write(fd, bytes, length);
}

ssize_t read(int fd, void *bytes, size_t length)
{
    count(SYSTEM_CALL);
    FOUND(read);
    return next_read(fd, bytes, length);
}

/* Six arguments are the most that a system call has; reading those that were not given is harmless in these ABIs. */
long syscall(long number, ...)
{
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    count(SYSTEM_CALL);
    FOUND(syscall);
    return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
