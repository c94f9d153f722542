/* Steps in their order, and which function does which. */

#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "format.h"

static bool step_start(const struct scope *scope, json_t *fields, struct text *why)
{
    const char *name = json_string_value(json_object_get(fields, "thread"));
    return start_thread(scope, name, json_object_get(fields, "steps"), why);
}

static bool step_await(const struct scope *scope, json_t *fields, struct text *why)
{
    return await_thread(scope->world, json_string_value(json_object_get(fields, "thread")), why);
}

static const struct {
    const char *name;
    bool (*run)(const struct scope *scope, json_t *fields, struct text *why);
} actions[] = {
    {"create", step_create},         {"open", step_open},
    {"reconfigure", step_reconfigure}, {"close", step_close},
    {"get", step_get},               {"release", step_release},
    {"set_tag", step_set_tag},       {"check_tag", step_check_tag},
    {"execute", step_execute},       {"query", step_query},
    {"commit", step_commit},         {"rollback", step_rollback},
    {"ping", step_ping},             {"kill", step_kill},
    {"stats", step_stats},           {"wait_until", step_wait_until},
    {"wait_until_closing", step_wait_until_closing}, {"calls", step_calls},
    {"start", step_start},           {"await", step_await},
    {"storm", step_storm},
};

static bool run_step(const struct scope *scope, json_t *step, struct text *why)
{
    size_t i;
    for (i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, step_name(step)) == 0)
            return actions[i].run(scope, step_fields(step), why);
    }
    return failed(why, "nothing does a step `%s`", step_name(step));
}

/* Runs the step at `number`, counted from 1, and tells in front of a failure which it was. */
static bool run_numbered(const struct scope *scope, size_t number, json_t *step, struct text *why)
{
    char *text = json_dumps(step, JSON_COMPACT);
    struct text path = {NULL, 0};
    struct text position = {NULL, 0};
    struct text here = {NULL, 0};
    struct scope inner = *scope;
    bool ok;
    text_add(&path, "%sstep %zu, ", scope->path, number);
    text_add(&position, "%sstep %zu: %s", scope->path, number, text);
    inner.path = text_of(&path);
    enter_step(scope->world, scope->path, text_of(&position));
    ok = run_step(&inner, step, &here);
    if (!ok)
        failed(why, "%s\n%s", text_of(&position), text_of(&here));
    free(text);
    text_free(&path);
    text_free(&position);
    text_free(&here);
    return ok;
}

bool run_steps(const struct scope *scope, json_t *steps, struct text *why)
{
    size_t i;
    json_t *step;
    json_array_foreach (steps, i, step) {
        if (!run_numbered(scope, i + 1, step, why))
            return false;
    }
    leave_steps(scope->world, scope->path);
    return true;
}
