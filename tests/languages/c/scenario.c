/* A scenario from its setup to its end. */

#include <stdlib.h>

#include "actions.h"

/* What the thread of a scenario works with. The world is there while it runs. */
struct play {
    const struct target *target;
    json_t *setup;
    const char *name;
    json_t *scenario;
    pthread_mutex_t lock;
    struct world *world;
};

/* A statement, in one line or in several. */
static bool run_statement(struct world *world, json_t *statement, struct text *why)
{
    struct text sql = {NULL, 0};
    size_t i;
    json_t *line;
    bool ok;
    if (json_is_string(statement))
        return run_owner(world, json_string_value(statement), why);
    json_array_foreach (statement, i, line)
        text_add(&sql, i == 0 ? "%s" : "\n%s", json_string_value(line));
    ok = run_owner(world, text_of(&sql), why);
    text_free(&sql);
    return ok;
}

static bool run_setup_item(struct world *world, json_t *setup, json_t *item, struct text *why)
{
    json_t *include = json_object_get(item, "include");
    size_t i;
    json_t *statement;
    if (include == NULL)
        return run_statement(world, json_object_get(item, "sql"), why);
    json_array_foreach (json_object_get(setup, json_string_value(include)), i, statement) {
        if (!run_statement(world, statement, why))
            return false;
    }
    return true;
}

static bool run_setup(struct world *world, const struct play *play, struct text *why)
{
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(play->scenario, "setup"), i, item) {
        if (!run_setup_item(world, play->setup, item, why))
            return failed(why, "in the setup");
    }
    return true;
}

static bool run_parts(struct world *world, const struct play *play, struct text *why)
{
    json_t *pool = json_object_get(play->scenario, "pool");
    struct scope scope;
    scope.world = world;
    scope.path = "";
    scope.run = NULL;
    if (!run_setup(world, play, why))
        return false;
    if (pool != NULL && !create_pool(world, "p", NULL, pool, NULL, why))
        return failed(why, "in the creation of the scenario's pool");
    return run_steps(&scope, json_object_get(play->scenario, "steps"), why);
}

static void show_world(struct play *play, struct world *world)
{
    pthread_mutex_lock(&play->lock);
    play->world = world;
    pthread_mutex_unlock(&play->lock);
}

static bool run_play(void *data, struct text *why)
{
    struct play *play = data;
    struct world *world = world_new(play->target, play->name, why);
    bool ok;
    if (world == NULL)
        return false;
    show_world(play, world);
    ok = run_parts(world, play, why);
    enter_step(world, "", "the end of the scenario");
    ok = world_finish(world, why) && ok;
    show_world(play, NULL);
    world_free(world);
    return ok;
}

static void show_place(void *data, struct text *to)
{
    struct play *play = data;
    pthread_mutex_lock(&play->lock);
    if (play->world != NULL)
        show_whereabouts(to, play->world);
    else
        failed(to, "the log-on of the owner");
    pthread_mutex_unlock(&play->lock);
}

bool run_scenario(const struct target *target, json_t *setup, const char *name, json_t *scenario, struct text *why)
{
    struct play *play = allocate(sizeof *play);
    bool ok;
    play->target = target;
    play->setup = setup;
    play->name = copy_of(name);
    play->scenario = scenario;
    pthread_mutex_init(&play->lock, NULL);
    ok = run_within(limit_s() * 1000, run_play, show_place, play, why);
    /* A thread that hangs goes on using it; the watchdog has said so. */
    if (!has_left_threads()) {
        pthread_mutex_destroy(&play->lock);
        free((char *)play->name);
        free(play);
    }
    return ok;
}
