/* A limit for each scenario: a hang is a failure that names its step, and never the end of the runner. */

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "actions.h"

struct watched {
    struct watched *next; /* of those that were left behind */
    watched_work work;
    void *data;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool has_ended;
    bool ok;
    struct text why;
};

/* Threads that hang use what they were given: it stays, and stays reachable. */
static struct watched *left;

unsigned limit_s(void)
{
    const char *text = getenv("ORAPOOL_TEST_LIMIT_S");
    long number = text != NULL ? strtol(text, NULL, 10) : 0;
    return number > LIMIT_S && number < 100000 ? (unsigned)number : LIMIT_S;
}

static void *run_watched(void *data)
{
    struct watched *watched = data;
    struct text why = {NULL, 0};
    bool ok = watched->work(watched->data, &why);
    pthread_mutex_lock(&watched->lock);
    watched->ok = ok;
    watched->why = why;
    watched->has_ended = true;
    pthread_cond_signal(&watched->ended);
    pthread_mutex_unlock(&watched->lock);
    return NULL;
}

static struct watched *new_watched(watched_work work, void *data)
{
    struct watched *watched = allocate(sizeof *watched);
    pthread_condattr_t clock;
    watched->work = work;
    watched->data = data;
    pthread_mutex_init(&watched->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&watched->ended, &clock);
    pthread_condattr_destroy(&clock);
    return watched;
}

static void free_watched(struct watched *watched)
{
    pthread_cond_destroy(&watched->ended);
    pthread_mutex_destroy(&watched->lock);
    text_free(&watched->why);
    free(watched);
}

static struct timespec after(unsigned limit_ms)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += limit_ms / 1000;
    time.tv_nsec += (long)(limit_ms % 1000) * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

static bool wait_for(struct watched *watched, unsigned limit_ms)
{
    struct timespec end = after(limit_ms);
    bool has_ended;
    pthread_mutex_lock(&watched->lock);
    while (!watched->has_ended && pthread_cond_timedwait(&watched->ended, &watched->lock, &end) != ETIMEDOUT)
        ;
    has_ended = watched->has_ended;
    pthread_mutex_unlock(&watched->lock);
    return has_ended;
}

bool run_within(unsigned limit_ms, watched_work work, watched_place place, void *data, struct text *why)
{
    struct watched *watched = new_watched(work, data);
    pthread_t thread;
    bool ok;
    if (pthread_create(&thread, NULL, run_watched, watched) != 0) {
        free_watched(watched);
        return failed(why, "no thread could be started");
    }
    if (!wait_for(watched, limit_ms)) {
        pthread_detach(thread);
        watched->next = left;
        left = watched;
        failed(why, "hangs for %u s in:", limit_ms / 1000);
        place(data, why);
        return false;
    }
    pthread_join(thread, NULL);
    ok = watched->ok || failed(why, "%s", text_of(&watched->why));
    free_watched(watched);
    return ok;
}

bool has_left_threads(void)
{
    return left != NULL;
}
