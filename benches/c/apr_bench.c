/*
 * Apache Portable Runtime's resource list, the pool below Apache httpd's database connections: the C peer.
 * All its sessions are made at the start and none expires; a get on an empty list waits for ever (its default).
 * Timed by direct calls from C, in every cell.
 */
#include "common.h"

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_reslist.h>

#define BENCH_NAME "apr_reslist"
#define BENCH_CAN_WAIT 1

typedef struct {
    void *session;
} bench_loan;

/* The no-op session: its number, as in the other contenders. */
static uint32_t session_ids[BENCH_IDS];
static uint32_t sessions_made;

static apr_pool_t *memory;

static apr_status_t session_open(void **session, void *params, apr_pool_t *pool)
{
    (void)params;
    (void)pool;
    if (sessions_made == BENCH_IDS)
        return APR_ENOMEM;
    session_ids[sessions_made] = sessions_made;
    *session = &session_ids[sessions_made++];
    return APR_SUCCESS;
}

static apr_status_t session_close(void *session, void *params, apr_pool_t *pool)
{
    (void)session;
    (void)params;
    (void)pool;
    return APR_SUCCESS;
}

static void *bench_create(uint32_t sessions)
{
    apr_reslist_t *list = NULL;
    int count = (int)sessions;
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&memory, NULL) != APR_SUCCESS)
        bench_fail("apr does not start");
    if (apr_reslist_create(&list, count, count, count, 0, session_open, session_close, NULL, memory) != APR_SUCCESS)
        bench_fail("apr_reslist_create failed");
    return list;
}

static void bench_destroy(void *pool)
{
    apr_reslist_destroy(pool);
    apr_terminate();
}

static inline void bench_get(void *pool, bench_loan *loan)
{
    if (apr_reslist_acquire(pool, &loan->session) != APR_SUCCESS)
        bench_fail("apr_reslist_acquire failed");
}

static inline void bench_release(void *pool, bench_loan *loan)
{
    if (apr_reslist_release(pool, loan->session) != APR_SUCCESS)
        bench_fail("apr_reslist_release failed");
}

static void bench_run(void *pool, uint64_t pairs)
{
    bench_loan loan;
    for (uint64_t i = 0; i < pairs; i++) {
        bench_get(pool, &loan);
        bench_release(pool, &loan);
    }
}

static uint32_t bench_id(void *pool, bench_loan *loan)
{
    (void)pool;
    return *(uint32_t *)loan->session;
}

#include "harness.h"
