/* What a scenario must keep to beyond its format. */

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "format.h"
#include "orapool.h"
#include "words.h"

typedef bool (*visitor)(json_t *step, void *data, struct text *why);

static bool is_step(json_t *step, const char *name)
{
    return strcmp(step_name(step), name) == 0;
}

static json_t *field(json_t *step, const char *name)
{
    return json_object_get(step_fields(step), name);
}

/* ---- Every step, those of threads and callbacks among them ---------------------------------------------------- */

static bool visit_steps(json_t *steps, visitor visit, void *data, struct text *why);

static bool visit_callback(json_t *settings, visitor visit, void *data, struct text *why)
{
    size_t i;
    json_t *run;
    json_array_foreach (json_object_get(json_object_get(settings, "callback"), "runs"), i, run) {
        if (!visit_steps(json_object_get(run, "steps"), visit, data, why))
            return false;
    }
    return true;
}

static bool visit_steps(json_t *steps, visitor visit, void *data, struct text *why)
{
    size_t i;
    json_t *step;
    json_array_foreach (steps, i, step) {
        if (!visit(step, data, why))
            return failed(why, "in a step `%s`", step_name(step));
        if (is_step(step, "start") && !visit_steps(field(step, "steps"), visit, data, why))
            return false;
        if (is_step(step, "create") && !visit_callback(field(step, "settings"), visit, data, why))
            return false;
    }
    return true;
}

static bool visit_all(json_t *scenario, visitor visit, void *data, struct text *why)
{
    return visit_callback(json_object_get(scenario, "pool"), visit, data, why)
           && visit_steps(json_object_get(scenario, "steps"), visit, data, why);
}

/* ---- Each step by itself ------------------------------------------------------------------------------------- */

/* What a pool is sized to must be seen in its scenario. */
static bool check_sizes(json_t *settings, struct text *why)
{
    return (json_object_get(settings, "min") != NULL && json_object_get(settings, "max") != NULL)
           || failed(why, "a pool names its min and max");
}

static bool names_session(json_t *expect)
{
    return json_object_get(expect, "found") != NULL || json_object_get(expect, "tag") != NULL
           || json_object_get(expect, "is_new") != NULL || json_object_get(expect, "same_as") != NULL
           || json_array_size(json_object_get(expect, "not_same_as")) > 0;
}

/* A failure names its number; what only a success has, and what only some calls have, is named nowhere else. */
static bool check_expect(json_t *step, struct text *why)
{
    json_t *expect = is_step(step, "stats") ? NULL : field(step, "expect");
    int64_t status = word_value(statuses, json_object_get(expect, "status"), ORAPOOL_SUCCESS);
    if (status != ORAPOOL_SUCCESS && json_object_get(expect, "code") == NULL)
        return failed(why, "whoever expects an error or a warning names its code");
    if (names_session(expect) && (!is_step(step, "get") || status < 0))
        return failed(why, "only a get that succeeds has found, tag, is_new, same_as and not_same_as");
    if (json_object_get(expect, "rows") != NULL && (!is_step(step, "execute") || status < 0))
        return failed(why, "only an execute that succeeds has rows");
    return true;
}

static bool check_change(json_t *settings, struct text *why)
{
    static const char *const fixed[] = {"user", "password", "callback", "knobs"};
    size_t i;
    for (i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (json_object_get(settings, fixed[i]) != NULL)
            return failed(why, "a reconfiguration changes no user, knob or callback");
    }
    return true;
}

static bool check_step(json_t *step, void *data, struct text *why)
{
    (void)data;
    if (is_step(step, "create") && !check_sizes(field(step, "settings"), why))
        return false;
    if (is_step(step, "reconfigure") && !check_change(field(step, "settings"), why))
        return false;
    if (is_step(step, "calls") && field(step, "native") == NULL && field(step, "fixup") == NULL)
        return failed(why, "the step checks nothing");
    if (is_step(step, "start") && json_array_size(field(step, "steps")) == 0)
        return failed(why, "a thread has steps");
    if (is_step(step, "storm")
        && (json_integer_value(field(step, "threads")) == 0 || json_integer_value(field(step, "rounds")) == 0))
        return failed(why, "a storm has threads and rounds");
    if (is_step(step, "storm") && json_array_size(field(step, "tags")) == 0)
        return failed(why, "a storm has tags");
    return check_expect(step, why);
}

/* ---- Sessions that are spoken of must come from somewhere ------------------------------------------------------ */

static bool note_name(json_t *step, void *data, struct text *why)
{
    static const char *const taken[] = {"owner", "callback", "null"};
    json_t *known = data;
    const char *name = json_string_value(field(step, "as"));
    size_t i;
    if (!is_step(step, "get"))
        return true;
    for (i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(name, taken[i]) == 0)
            return failed(why, "`%s` is taken", name);
    }
    json_object_set_new(known, name, json_true());
    return true;
}

static bool check_name(json_t *known, json_t *name, struct text *why)
{
    if (name == NULL || json_object_get(known, json_string_value(name)) != NULL)
        return true;
    return failed(why, "no get gives the session `%s`", json_string_value(name));
}

static bool check_names_of(json_t *step, void *data, struct text *why)
{
    json_t *known = data;
    json_t *expect = field(step, "expect");
    json_t *name;
    size_t i;
    if (!check_name(known, field(step, "session"), why))
        return false;
    if (!is_step(step, "get"))
        return true;
    json_array_foreach (json_object_get(expect, "not_same_as"), i, name) {
        if (!check_name(known, name, why))
            return false;
    }
    return check_name(known, json_object_get(expect, "same_as"), why);
}

static bool check_names(json_t *scenario, struct text *why)
{
    json_t *known = json_object();
    bool ok = visit_all(scenario, note_name, known, why);
    json_object_set_new(known, "owner", json_true());
    json_object_set_new(known, "callback", json_true());
    json_object_set_new(known, "null", json_true());
    ok = ok && visit_all(scenario, check_names_of, known, why);
    json_decref(known);
    return ok;
}

/* ---- A scenario that looks at nothing would pass with any library ---------------------------------------------- */

static bool note_look(json_t *step, void *data, struct text *why)
{
    static const char *const looking[] = {"stats", "wait_until", "calls",    "wait_until_closing",
                                          "query", "check_tag",  "storm"};
    bool *looks = data;
    json_t *expect = field(step, "expect");
    size_t i;
    (void)why;
    for (i = 0; i < sizeof looking / sizeof *looking; i++)
        *looks = *looks || is_step(step, looking[i]);
    *looks = *looks || names_session(expect) || json_object_get(expect, "status") != NULL
             || json_object_get(expect, "rows") != NULL;
    return true;
}

/* ---- Needs ----------------------------------------------------------------------------------------------------- */

static void note_settings_needs(json_t *settings, uint32_t *used)
{
    size_t i;
    json_t *run;
    json_t *user = json_object_get(settings, "user");
    json_t *callback = json_object_get(settings, "callback");
    if (json_object_get(settings, "fixup") != NULL)
        *used |= NEEDS_PLSQL;
    if (callback != NULL)
        *used |= NEEDS_CALLBACK;
    if (word_value(users, user, USER_OWNER) == USER_SECOND)
        *used |= NEEDS_TWO_USERS;
    if (json_object_size(json_object_get(settings, "knobs")) > 0)
        *used |= NEEDS_KNOBS;
    json_array_foreach (json_object_get(callback, "runs"), i, run) {
        json_t *returns = json_object_get(run, "returns");
        if (returns != NULL && json_integer_value(returns) != 0 && json_integer_value(returns) != 1)
            *used |= NEEDS_CALLBACK_VALUES;
    }
}

static void note_tag_needs(json_t *tag, uint32_t *used)
{
    size_t i;
    json_t *part;
    if (json_object_get(tag, "hex") != NULL)
        *used |= NEEDS_RAW_TAGS;
    json_array_foreach (json_object_get(tag, "join"), i, part)
        note_tag_needs(part, used);
}

static bool note_needs(json_t *step, void *data, struct text *why)
{
    uint32_t *used = data;
    json_t *attrs = field(step, "attrs");
    (void)why;
    if (is_step(step, "create"))
        note_settings_needs(field(step, "settings"), used);
    if (is_step(step, "get") || is_step(step, "release") || is_step(step, "set_tag"))
        note_tag_needs(field(step, "tag"), used);
    if (is_step(step, "get") && word_value(users, json_object_get(attrs, "user"), USER_OWNER) == USER_SECOND)
        *used |= NEEDS_TWO_USERS;
    if (is_step(step, "kill"))
        *used |= NEEDS_KILL;
    if (is_step(step, "start") || is_step(step, "storm"))
        *used |= NEEDS_THREADS;
    return true;
}

/* `needs` must be what the steps use: a runner without it would else meet a step that it can not do. */
static bool check_needs(json_t *scenario, struct text *why)
{
    json_t *named = json_object_get(scenario, "needs");
    uint32_t used = 0;
    uint32_t bits = bits_of(needs, named);
    size_t count = 0;
    uint32_t bit;
    note_settings_needs(json_object_get(scenario, "pool"), &used);
    visit_all(scenario, note_needs, &used, why);
    for (bit = bits; bit != 0; bit &= bit - 1)
        count++;
    return (bits == used && count == json_array_size(named))
           || failed(why, "needs are not what the steps use, each once: named are the bits %" PRIx32 ", used %" PRIx32,
                     bits, used);
}

/* ---- The whole ------------------------------------------------------------------------------------------------- */

static bool check_head(json_t *scenario, struct text *why)
{
    const char *id = json_string_value(json_object_get(scenario, "id"));
    json_t *place = json_object_get(json_object_get(scenario, "source"), "where");
    if (*id == '\0')
        return failed(why, "an id is of letters, digits and hyphens");
    for (; *id != '\0'; id++) {
        if (!isalnum((unsigned char)*id) && *id != '-')
            return failed(why, "an id is of letters, digits and hyphens");
    }
    if (json_string_length(json_object_get(scenario, "title")) == 0 || json_string_length(place) == 0
        || json_array_size(json_object_get(scenario, "steps")) == 0)
        return failed(why, "a scenario has a title, a source and steps");
    return true;
}

static bool check_includes(json_t *scenario, json_t *setup, struct text *why)
{
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(scenario, "setup"), i, item) {
        const char *list = json_string_value(json_object_get(item, "include"));
        if (list != NULL && json_object_get(setup, list) == NULL)
            return failed(why, "setup.json has no list `%s`", list);
    }
    return true;
}

bool check_rules(json_t *scenario, json_t *setup, struct text *why)
{
    json_t *pool = json_object_get(scenario, "pool");
    bool looks = false;
    if (!check_head(scenario, why) || !check_includes(scenario, setup, why)
        || (pool != NULL && !check_sizes(pool, why)) || !visit_all(scenario, check_step, NULL, why)
        || !check_names(scenario, why))
        return false;
    visit_all(scenario, note_look, &looks, why);
    if (!looks)
        return failed(why, "the scenario checks nothing");
    return check_needs(scenario, why);
}
