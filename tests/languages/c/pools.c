/* Pools: made, opened, changed, closed. */

#include <string.h>

#include "actions.h"
#include "words.h"

const char *pool_of(json_t *fields)
{
    json_t *pool = json_object_get(fields, "pool");
    return pool != NULL ? json_string_value(pool) : "p";
}

/* Names of pools are the process's. */
static void add_full_name(struct text *to, const struct world *world, const char *name)
{
    text_add(to, "%s/%s", world_scenario(world), name);
}

static void take_pool(struct world *world, const char *pool, struct outcome *outcome, orapool *handle)
{
    handle = checked_handle(outcome, handle);
    if (handle != NULL)
        add_pool(world, pool, handle);
}

static struct outcome create_with(struct world *world, const char *pool, const char *name, const orapool_attrs *bag)
{
    struct outcome outcome;
    orapool *handle = POISONED(orapool);
    struct text full = {NULL, 0};
    if (name != NULL)
        add_full_name(&full, world, name);
    /* NULL with ORAPOOL_NTS is as absent as NULL with 0. */
    CALL(&outcome, orapool_create(full.at, full.at != NULL ? full.len : ORAPOOL_NTS, bag, ORAPOOL_CREATE_NEW,
                                  &handle, &error));
    take_pool(world, pool, &outcome, handle);
    text_free(&full);
    return outcome;
}

/* Settings that the bag refuses are refusals of the creation: other languages know no bags. */
bool create_pool(struct world *world, const char *pool, const char *name, json_t *settings, json_t *expect,
                 struct text *why)
{
    json_t *callback = json_object_get(settings, "callback");
    struct outcome outcome;
    orapool_attrs *bag;
    if (has_pool(world, pool))
        return failed(why, "the scenario has a pool `%s` already", pool);
    bag = new_bag(why);
    if (bag == NULL)
        return false;
    if (fill_pool_bag(bag, world, settings, &outcome)
        && (callback == NULL || hook_up(world, pool, callback, bag, &outcome)))
        outcome = create_with(world, pool, name, bag);
    orapool_attrs_free(bag);
    return check_and_free(&outcome, expect, why);
}

bool step_create(const struct scope *scope, json_t *fields, struct text *why)
{
    return create_pool(scope->world, pool_of(fields), json_string_value(json_object_get(fields, "name")),
                       json_object_get(fields, "settings"), json_object_get(fields, "expect"), why);
}

bool step_open(const struct scope *scope, json_t *fields, struct text *why)
{
    struct text full = {NULL, 0};
    struct outcome outcome;
    orapool *handle = POISONED(orapool);
    add_full_name(&full, scope->world, json_string_value(json_object_get(fields, "name")));
    CALL(&outcome, orapool_open(full.at, full.len, &handle, &error));
    take_pool(scope->world, pool_of(fields), &outcome, handle);
    text_free(&full);
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}

bool step_reconfigure(const struct scope *scope, json_t *fields, struct text *why)
{
    struct outcome outcome;
    orapool *pool;
    orapool_attrs *bag;
    if (!find_pool(scope->world, pool_of(fields), &pool, why))
        return false;
    bag = new_bag(why);
    if (bag == NULL)
        return false;
    if (fill_change_bag(bag, json_object_get(fields, "settings"), &outcome))
        CALL(&outcome, orapool_reconfigure(pool, bag, &error));
    orapool_attrs_free(bag);
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}

bool step_close(const struct scope *scope, json_t *fields, struct text *why)
{
    int64_t mode = word_value(close_modes, json_object_get(fields, "mode"), ORAPOOL_CLOSE_DEFAULT);
    int64_t drain_ms = json_integer_value(json_object_get(fields, "drain_ms"));
    struct outcome outcome;
    orapool *pool;
    if (!find_pool(scope->world, pool_of(fields), &pool, why))
        return false;
    CALL(&outcome, orapool_close(pool, (uint32_t)mode, drain_ms, &error));
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}
