/* Numbers of a pool, and waiting for them. */

#include <time.h>

#include "actions.h"
#include "statistics.h"

typedef bool (*look)(void *data, struct text *why);

static long long now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Looks again and again; the last look tells what is missing. */
static bool look_until(look looks, void *data, struct text *why)
{
    static const struct timespec between_looks = {0, 1000000};
    long long end = now_ms() + limit_s() * 500LL;
    for (;;) {
        struct text missing = {NULL, 0};
        bool is_so = looks(data, &missing);
        if (!is_so && now_ms() > end)
            failed(why, "it never came: %s", text_of(&missing));
        text_free(&missing);
        if (is_so || now_ms() > end)
            return is_so;
        nanosleep(&between_looks, NULL);
    }
}

static bool read_statistics(orapool *pool, orapool_stats *stats, struct text *why)
{
    struct outcome outcome;
    stats->struct_size = sizeof *stats;
    CALL(&outcome, orapool_get_stats(pool, stats, &error));
    return expect_done(&outcome, "orapool_get_stats", why);
}

bool step_stats(const struct scope *scope, json_t *fields, struct text *why)
{
    orapool_stats stats;
    orapool *pool;
    bool ok;
    if (!find_pool(scope->world, pool_of(fields), &pool, why) || !read_statistics(pool, &stats, why))
        return false;
    ok = check_statistics(&stats, json_object_get(fields, "expect"), why);
    return check_sums(&stats, why) && ok;
}

struct awaited {
    orapool *pool;
    json_t *expected;
};

static bool are_numbers_so(void *data, struct text *why)
{
    struct awaited *awaited = data;
    orapool_stats stats;
    return read_statistics(awaited->pool, &stats, why) && check_statistics(&stats, awaited->expected, why);
}

bool step_wait_until(const struct scope *scope, json_t *fields, struct text *why)
{
    struct awaited awaited;
    awaited.expected = json_object_get(fields, "stats");
    return find_pool(scope->world, pool_of(fields), &awaited.pool, why) && look_until(are_numbers_so, &awaited, why);
}

struct gate {
    orapool *pool;
    orapool_attrs *nowait;
};

/* A pool that closes or drains refuses gets, and so does the handle that was closed; what a get gives before that goes
 * back. */
static bool is_refused(void *data, struct text *why)
{
    static const struct bytes no_tag = {NULL, 0};
    struct gate *gate = data;
    struct got got = get_session(gate->pool, gate->nowait, no_tag, 0);
    bool refused = got.outcome.status == ORAPOOL_CLOSED || got.outcome.status == ORAPOOL_INVALID_HANDLE;
    if (got.session != NULL)
        orapool_session_release(got.session, NULL, 0, 0, NULL);
    if (!refused) {
        failed(why, "a get: ");
        show_outcome(why, &got.outcome);
    }
    got_free(&got);
    return refused;
}

bool step_wait_until_closing(const struct scope *scope, json_t *fields, struct text *why)
{
    struct gate gate;
    struct outcome refusal;
    bool ok;
    if (!find_pool(scope->world, pool_of(fields), &gate.pool, why))
        return false;
    gate.nowait = new_bag(why);
    if (gate.nowait == NULL)
        return false;
    if (set_int(gate.nowait, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_NOWAIT, &refusal))
        ok = look_until(is_refused, &gate, why);
    else
        ok = expect_done(&refusal, "GET_MODE", why);
    orapool_attrs_free(gate.nowait);
    return ok;
}
