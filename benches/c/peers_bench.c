/*
 * A Rust contender from ../peers. Compiled once per contender: -DPEER=r2d2, with -DPEER_CANNOT_WAIT for the
 * anchor, which panics when it has no session left and so sits out the contended cells.
 *
 * The cells without waiting call `run`, a loop inside Rust: the pool is inlined there, as in a Rust program, and
 * no C call is charged to it. The contended cells call get and release from C, as the harness needs the time
 * between the two; the call costs about 1 ns where a pair takes 5,000.
 */
#include "common.h"
#include "peers.h"

#define PEER_PASTE(name, verb) peer_##name##_##verb
#define PEER_NAMED(name, verb) PEER_PASTE(name, verb)
#define PEER_CALL(verb) PEER_NAMED(PEER, verb)
#define PEER_TEXT_OF(name) #name
#define PEER_TEXT(name) PEER_TEXT_OF(name)

#define BENCH_NAME PEER_TEXT(PEER)
#ifdef PEER_CANNOT_WAIT
#define BENCH_CAN_WAIT 0
#else
#define BENCH_CAN_WAIT 1
#endif

typedef struct {
    uint32_t id;
    peer_loan guard;
} bench_loan;

static void *bench_create(uint32_t sessions)
{
    return PEER_CALL(create)(sessions);
}

static void bench_destroy(void *pool)
{
    PEER_CALL(destroy)(pool);
}

static void bench_run(void *pool, uint64_t pairs)
{
    PEER_CALL(run)(pool, pairs);
}

static void bench_get(void *pool, bench_loan *loan)
{
    loan->id = PEER_CALL(get)(pool, &loan->guard);
}

static void bench_release(void *pool, bench_loan *loan)
{
    PEER_CALL(release)(pool, &loan->guard);
}

static uint32_t bench_id(void *pool, bench_loan *loan)
{
    (void)pool;
    return loan->id;
}

#include "harness.h"
