/* The callback of a pool: what its runs do, and what both kinds of callbacks were called with. */

#include <string.h>

#include "actions.h"

static void note_flaw(struct callback *callback, const char *flaw)
{
    struct text problem = {NULL, 0};
    text_add(&problem, "the callback of `%s`: %s", callback->pool, flaw);
    add_problem(callback->world, text_of(&problem));
    text_free(&problem);
}

/* An absent tag may come as NULL or as an empty text. */
static struct bytes argument_of(struct callback *callback, const char *what, const char *at, size_t len)
{
    struct text flaws = {NULL, 0};
    struct bytes argument = read_text(at, len, what, &flaws);
    if (flaws.len > 0)
        note_flaw(callback, text_of(&flaws));
    text_free(&flaws);
    if (argument.at != NULL && argument.len == 0)
        bytes_free(&argument);
    return argument;
}

static int32_t do_run(struct callback *callback, const struct callback_run *run)
{
    size_t number = note_run(callback, run);
    json_t *plan = json_array_get(callback->runs, number);
    json_t *returns = json_object_get(plan, "returns");
    struct text path = {NULL, 0};
    struct text why = {NULL, 0};
    struct scope scope;
    text_add(&path, "callback of %s, run %zu, ", callback->pool, number + 1);
    scope.world = callback->world;
    scope.path = text_of(&path);
    scope.run = run;
    if (!run_steps(&scope, json_object_get(plan, "steps"), &why))
        add_problem(callback->world, text_of(&why));
    text_free(&path);
    text_free(&why);
    return returns != NULL ? (int32_t)json_integer_value(returns) : ORAPOOL_CALLBACK_OK;
}

static int32_t run_callback(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len,
                            const char *actual, size_t actual_len)
{
    struct callback *callback = ctx;
    struct callback_run run;
    int32_t returned;
    if (is_freed(callback))
        note_flaw(callback, "it was called after its context had been freed");
    run.session = session;
    run.wanted = argument_of(callback, "wanted", wanted, wanted_len);
    run.actual = argument_of(callback, "actual", actual, actual_len);
    returned = do_run(callback, &run);
    bytes_free(&run.wanted);
    bytes_free(&run.actual);
    return returned;
}

static void free_context(void *ctx)
{
    note_freed(ctx);
}

bool hook_up(struct world *world, const char *pool, json_t *callback, orapool_attrs *bag, struct outcome *refusal)
{
    struct callback *context = add_callback(world, pool, json_object_get(callback, "runs"));
    CALL(refusal, orapool_attrs_set_callback(bag, run_callback, context, free_context, &error));
    if (refusal->status != ORAPOOL_SUCCESS || refusal->flaws.len > 0)
        return false;
    outcome_free(refusal);
    return true;
}

/* ---- What ran ------------------------------------------------------------------------------------------------------ */

static void show_runs(struct text *to, const struct ran_list *list)
{
    size_t i;
    text_add(to, "[");
    for (i = 0; i < list->len; i++) {
        text_add(to, i == 0 ? "(" : ", (");
        show_bytes(to, list->at[i].wanted);
        text_add(to, ", ");
        show_bytes(to, list->at[i].actual);
        text_add(to, ")");
    }
    text_add(to, "]");
}

static bool are_equal(const struct ran_list *one, const struct ran_list *other)
{
    size_t i;
    if (one->len != other->len)
        return false;
    for (i = 0; i < one->len; i++) {
        if (!bytes_equal(one->at[i].wanted, other->at[i].wanted)
            || !bytes_equal(one->at[i].actual, other->at[i].actual))
            return false;
    }
    return true;
}

static bool read_expected(json_t *calls, struct ran_list *list, struct text *why)
{
    size_t i;
    json_t *pair;
    json_array_foreach (calls, i, pair) {
        struct bytes wanted;
        struct bytes actual;
        if (!tag_bytes(json_array_get(pair, 0), NULL, &wanted, why))
            return false;
        if (!tag_bytes(json_array_get(pair, 1), NULL, &actual, why)) {
            bytes_free(&wanted);
            return false;
        }
        ran_add(list, wanted, actual);
    }
    return true;
}

static bool check_calls(const char *what, const struct ran_list *ran, json_t *calls, struct text *why)
{
    struct ran_list expected = {NULL, 0};
    bool ok = read_expected(calls, &expected, why);
    if (ok && !are_equal(&expected, ran)) {
        ok = failed(why, "%s (wanted, actual): expected ", what);
        show_runs(why, &expected);
        text_add(why, ", came ");
        show_runs(why, ran);
    }
    ran_free(&expected);
    return ok;
}

static bool check_native(struct world *world, const char *pool, json_t *calls, struct text *why)
{
    struct ran_list log;
    bool ok;
    if (!take_log(world, pool, &log))
        return failed(why, "the pool `%s` has no callback", pool);
    ok = check_calls("native callback", &log, calls, why);
    ran_free(&log);
    return ok;
}

static struct bytes cell(json_t *row, size_t column)
{
    static const struct bytes absent = {NULL, 0};
    json_t *text = json_array_get(row, column);
    return json_is_string(text) ? bytes_copy(json_string_value(text), json_string_length(text)) : absent;
}

/* The rows that the fix-up procedures of setup.json wrote; they are removed. */
static bool take_fixup_log(struct world *world, struct ran_list *log, struct text *why)
{
    json_t *rows = query_rows(world_owner(world), "select desired, actual from fixup_log order by id", NULL, why);
    size_t i;
    json_t *row;
    if (rows == NULL)
        return false;
    json_array_foreach (rows, i, row)
        ran_add(log, cell(row, 0), cell(row, 1));
    json_decref(rows);
    return run_owner(world, "delete from fixup_log", why) && run_owner(world, "commit", why);
}

static bool check_fixups(struct world *world, json_t *calls, struct text *why)
{
    struct ran_list log = {NULL, 0};
    bool ok = take_fixup_log(world, &log, why) && check_calls("PL/SQL fix-up", &log, calls, why);
    ran_free(&log);
    return ok;
}

bool step_calls(const struct scope *scope, json_t *fields, struct text *why)
{
    json_t *native = json_object_get(fields, "native");
    json_t *fixup = json_object_get(fields, "fixup");
    return (native == NULL || check_native(scope->world, pool_of(fields), native, why))
           && (fixup == NULL || check_fixups(scope->world, fixup, why));
}
