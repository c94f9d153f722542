/* How long a get and a release take: one thread, one session, warmed up. One line of JSON on stdout. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "orapool.h"

enum { WARM_UP = 20000, PAIRS = 100000, BATCHES = 5 };

/* Takes the address of the error: C does not say which argument is computed first. */
static void check(orapool_status status, orapool_error **error)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s\n", orapool_error_message(*error, NULL));
    exit(2);
}

static orapool *new_pool(void)
{
    orapool_error *error;
    orapool_attrs *attrs;
    orapool *pool;
    check(orapool_attrs_new(&attrs, &error), &error);
    check(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:bench", ORAPOOL_NTS, &error), &error);
    check(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "scott", ORAPOOL_NTS, &error), &error);
    check(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, "tiger", ORAPOOL_NTS, &error), &error);
    check(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error);
    orapool_attrs_free(attrs);
    return pool;
}

static double ns_per_pair(orapool *pool, int pairs)
{
    struct timespec began;
    struct timespec ended;
    int i;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (i = 0; i < pairs; i++) {
        orapool_error *error;
        orapool_session *session;
        check(orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error), &error);
        check(orapool_session_release(session, NULL, 0, 0, &error), &error);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return ((double)(ended.tv_sec - began.tv_sec) * 1e9 + (double)(ended.tv_nsec - began.tv_nsec)) / pairs;
}

static int compare(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

/* The median of some batches: another program's turn on the processor shows in one of them alone. */
int main(void)
{
    orapool *pool = new_pool();
    orapool_error *error;
    double batches[BATCHES];
    int i;
    ns_per_pair(pool, WARM_UP);
    for (i = 0; i < BATCHES; i++)
        batches[i] = ns_per_pair(pool, PAIRS);
    check(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error), &error);
    qsort(batches, BATCHES, sizeof *batches, compare);
    printf("{\"language\":\"c\",\"ns_per_pair\":%.1f}\n", batches[BATCHES / 2]);
    return 0;
}
