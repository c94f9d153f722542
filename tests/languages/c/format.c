#include "format.h"

#include <ctype.h>
#include <string.h>

#include "statistics.h"
#include "words.h"

typedef bool (*value_check)(json_t *value, struct text *why);

enum presence { REQUIRED, OPTIONAL, OPTIONAL_OR_NULL, REQUIRED_OR_NULL };

struct field {
    const char *name;
    enum presence presence;
    value_check check;
};

static bool is_required(const struct field *field)
{
    return field->presence == REQUIRED || field->presence == REQUIRED_OR_NULL;
}

static bool may_be_null(const struct field *field)
{
    return field->presence == OPTIONAL_OR_NULL || field->presence == REQUIRED_OR_NULL;
}

static bool check_field(const struct field *fields, const char *name, json_t *value, struct text *why)
{
    while (fields->name != NULL && strcmp(fields->name, name) != 0)
        fields++;
    if (fields->name == NULL)
        return failed(why, "there is no field `%s`", name);
    if (json_is_null(value) && may_be_null(fields))
        return true;
    return fields->check(value, why) || failed(why, "in `%s`", name);
}

/* An object with these fields and no others. */
static bool check_object(json_t *object, const struct field *fields, struct text *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return failed(why, "it is no object");
    json_object_foreach (object, name, value) {
        if (!check_field(fields, name, value, why))
            return false;
    }
    for (; fields->name != NULL; fields++) {
        if (is_required(fields) && json_object_get(object, fields->name) == NULL)
            return failed(why, "the field `%s` is missing", fields->name);
    }
    return true;
}

static bool check_array(json_t *array, value_check check, struct text *why)
{
    size_t i;
    json_t *item;
    if (!json_is_array(array))
        return failed(why, "it is no list");
    json_array_foreach (array, i, item) {
        if (!check(item, why))
            return failed(why, "in its item %zu", i + 1);
    }
    return true;
}

/* ---- Values -------------------------------------------------------------------------------------------------- */

static bool a_text(json_t *value, struct text *why)
{
    return json_is_string(value) || failed(why, "it is no text");
}

static bool a_text_or_null(json_t *value, struct text *why)
{
    return json_is_null(value) || a_text(value, why);
}

static bool a_number(json_t *value, struct text *why)
{
    return json_is_integer(value) || failed(why, "it is no whole number");
}

static bool a_count(json_t *value, struct text *why)
{
    return (json_is_integer(value) && json_integer_value(value) >= 0)
           || failed(why, "it is no whole number of 0 or more");
}

static bool a_bool(json_t *value, struct text *why)
{
    return json_is_boolean(value) || failed(why, "it is neither true nor false");
}

static bool texts(json_t *value, struct text *why)
{
    return check_array(value, a_text, why);
}

static bool texts_or_nulls(json_t *value, struct text *why)
{
    return check_array(value, a_text_or_null, why);
}

static bool rows(json_t *value, struct text *why)
{
    return check_array(value, texts_or_nulls, why);
}

static bool one_of(const struct word *list, json_t *value, struct text *why)
{
    if (find_word(list, value) != NULL)
        return true;
    return failed(why, "`%s` is not a word that can stand here",
                  json_is_string(value) ? json_string_value(value) : "what is no text");
}

static bool a_get_mode(json_t *value, struct text *why)
{
    return one_of(get_modes, value, why);
}

static bool a_purity(json_t *value, struct text *why)
{
    return one_of(purities, value, why);
}

static bool a_close_mode(json_t *value, struct text *why)
{
    return one_of(close_modes, value, why);
}

static bool a_status(json_t *value, struct text *why)
{
    return one_of(statuses, value, why);
}

static bool a_user(json_t *value, struct text *why)
{
    return one_of(users, value, why);
}

static bool a_kind_of_source(json_t *value, struct text *why)
{
    return one_of(kinds_of_source, value, why);
}

static bool an_argument(json_t *value, struct text *why)
{
    return one_of(arguments, value, why);
}

static bool a_get_bit(json_t *value, struct text *why)
{
    return one_of(get_bits, value, why);
}

static bool a_release_bit(json_t *value, struct text *why)
{
    return one_of(release_bits, value, why);
}

static bool a_need(json_t *value, struct text *why)
{
    return one_of(needs, value, why);
}

static bool list_of_needs(json_t *value, struct text *why)
{
    return check_array(value, a_need, why);
}

static bool get_mode_bits(json_t *value, struct text *why)
{
    return check_array(value, a_get_bit, why);
}

static bool release_mode_bits(json_t *value, struct text *why)
{
    return check_array(value, a_release_bit, why);
}

/* ---- Tags: a text, or bytes that are made -------------------------------------------------------------------- */

static bool a_tag(json_t *value, struct text *why);

static bool hex_digits(json_t *value, struct text *why)
{
    const char *digit = json_string_value(value);
    if (digit == NULL || strlen(digit) % 2 != 0)
        return failed(why, "it is not hexadecimal, two digits a byte");
    for (; *digit != '\0'; digit++) {
        if (!isxdigit((unsigned char)*digit))
            return failed(why, "it is not hexadecimal, two digits a byte");
    }
    return true;
}

static bool a_repetition(json_t *value, struct text *why)
{
    if (!json_is_array(value) || json_array_size(value) != 2)
        return failed(why, "it is not a text and how often");
    return a_text(json_array_get(value, 0), why) && a_count(json_array_get(value, 1), why);
}

static bool tags(json_t *value, struct text *why)
{
    return check_array(value, a_tag, why);
}

static const struct field made_bytes[] = {
    {"hex", OPTIONAL, hex_digits},
    {"repeat", OPTIONAL, a_repetition},
    {"join", OPTIONAL, tags},
    {"argument", OPTIONAL, an_argument},
    {NULL, OPTIONAL, NULL},
};

static bool a_tag(json_t *value, struct text *why)
{
    if (json_is_string(value))
        return true;
    if (json_is_object(value) && json_object_size(value) != 1)
        return failed(why, "bytes are made in one way");
    return check_object(value, made_bytes, why);
}

static bool a_tag_or_null(json_t *value, struct text *why)
{
    return json_is_null(value) || a_tag(value, why);
}

static bool a_pair_of_tags(json_t *value, struct text *why)
{
    if (json_is_array(value) && json_array_size(value) != 2)
        return failed(why, "a call is a pair: wanted, actual");
    return check_array(value, a_tag_or_null, why);
}

static bool pairs_of_tags(json_t *value, struct text *why)
{
    return check_array(value, a_pair_of_tags, why);
}

/* ---- Statistics ---------------------------------------------------------------------------------------------- */

static const struct field bound[] = {
    {"at_least", REQUIRED, a_count},
    {NULL, OPTIONAL, NULL},
};

static bool statistics(json_t *value, struct text *why)
{
    const char *name;
    json_t *number;
    if (!json_is_object(value) || json_object_size(value) == 0)
        return failed(why, "the step names no number");
    json_object_foreach (value, name, number) {
        if (!is_statistic(name))
            return failed(why, "there is no number `%s` in the statistics", name);
        if (!(json_is_object(number) ? check_object(number, bound, why) : a_count(number, why)))
            return failed(why, "in `%s`", name);
    }
    return true;
}

/* ---- Pools --------------------------------------------------------------------------------------------------- */

static bool steps(json_t *value, struct text *why)
{
    return check_array(value, check_step_format, why);
}

static bool knob_settings(json_t *value, struct text *why)
{
    const char *name;
    json_t *number;
    if (!json_is_object(value))
        return failed(why, "it is no object");
    json_object_foreach (value, name, number) {
        json_t *word = json_string(name);
        bool is_known = find_word(knobs, word) != NULL;
        json_decref(word);
        if (!is_known)
            return failed(why, "there is no knob `%s`", name);
        if (!a_count(number, why))
            return failed(why, "in `%s`", name);
    }
    return true;
}

static const struct field run_fields[] = {
    {"steps", OPTIONAL, steps},
    {"returns", OPTIONAL, a_number},
    {NULL, OPTIONAL, NULL},
};

static bool a_run(json_t *value, struct text *why)
{
    return check_object(value, run_fields, why);
}

static bool runs(json_t *value, struct text *why)
{
    return check_array(value, a_run, why);
}

static const struct field callback_fields[] = {
    {"runs", REQUIRED, runs},
    {NULL, OPTIONAL, NULL},
};

static bool a_callback(json_t *value, struct text *why)
{
    return check_object(value, callback_fields, why);
}

static const struct field settings_fields[] = {
    {"min", OPTIONAL, a_number},
    {"max", OPTIONAL, a_number},
    {"increment", OPTIONAL, a_number},
    {"get_mode", OPTIONAL, a_get_mode},
    {"wait_timeout_ms", OPTIONAL, a_number},
    {"waiters_max", OPTIONAL, a_number},
    {"connects_max", OPTIONAL, a_number},
    {"homogeneous", OPTIONAL, a_bool},
    {"user", OPTIONAL, a_user},
    {"password", OPTIONAL, a_text},
    {"connection_class", OPTIONAL, a_text},
    {"purity", OPTIONAL, a_purity},
    {"idle_timeout_ms", OPTIONAL, a_number},
    {"lifetime_max_ms", OPTIONAL, a_number},
    {"uses_max", OPTIONAL, a_number},
    {"ping_interval_ms", OPTIONAL, a_number},
    {"ping_timeout_ms", OPTIONAL, a_number},
    {"fixup", OPTIONAL, a_text},
    {"callback", OPTIONAL, a_callback},
    {"knobs", OPTIONAL, knob_settings},
    {NULL, OPTIONAL, NULL},
};

static bool settings(json_t *value, struct text *why)
{
    return check_object(value, settings_fields, why);
}

static const struct field attrs_fields[] = {
    {"user", OPTIONAL, a_user},
    {"password", OPTIONAL, a_text},
    {"connection_class", OPTIONAL, a_text},
    {"purity", OPTIONAL, a_purity},
    {"get_mode", OPTIONAL, a_get_mode},
    {"wait_timeout_ms", OPTIONAL, a_number},
    {NULL, OPTIONAL, NULL},
};

static bool get_attrs(json_t *value, struct text *why)
{
    return check_object(value, attrs_fields, why);
}

/* ---- Steps --------------------------------------------------------------------------------------------------- */

static const struct field expect_fields[] = {
    {"status", OPTIONAL, a_status},
    {"code", OPTIONAL, a_count},
    {"cause_code", OPTIONAL, a_count},
    {"message_contains", OPTIONAL, texts},
    {"session_dead", OPTIONAL, a_bool},
    {"transient", OPTIONAL, a_bool},
    {"found", OPTIONAL, a_bool},
    {"tag", OPTIONAL_OR_NULL, a_tag},
    {"is_new", OPTIONAL, a_bool},
    {"same_as", OPTIONAL, a_text},
    {"not_same_as", OPTIONAL, texts},
    {"rows", OPTIONAL, a_count},
    {NULL, OPTIONAL, NULL},
};

static bool expectations(json_t *value, struct text *why)
{
    return check_object(value, expect_fields, why);
}

#define END_OF_FIELDS {NULL, OPTIONAL, NULL}

static const struct field create_fields[] = {{"pool", OPTIONAL, a_text},
                                             {"name", OPTIONAL, a_text},
                                             {"settings", REQUIRED, settings},
                                             {"expect", OPTIONAL, expectations},
                                             END_OF_FIELDS};
static const struct field open_fields[] = {
    {"pool", REQUIRED, a_text}, {"name", REQUIRED, a_text}, {"expect", OPTIONAL, expectations}, END_OF_FIELDS};
static const struct field reconfigure_fields[] = {
    {"pool", OPTIONAL, a_text}, {"settings", REQUIRED, settings}, {"expect", OPTIONAL, expectations}, END_OF_FIELDS};
static const struct field close_fields[] = {{"pool", OPTIONAL, a_text},
                                            {"mode", OPTIONAL, a_close_mode},
                                            {"drain_ms", OPTIONAL, a_number},
                                            {"expect", OPTIONAL, expectations},
                                            END_OF_FIELDS};
static const struct field get_fields[] = {
    {"as", REQUIRED, a_text},        {"pool", OPTIONAL, a_text},       {"tag", OPTIONAL_OR_NULL, a_tag},
    {"mode", OPTIONAL, get_mode_bits}, {"attrs", OPTIONAL, get_attrs}, {"expect", OPTIONAL, expectations},
    END_OF_FIELDS};
static const struct field release_fields[] = {{"session", REQUIRED, a_text},
                                              {"tag", OPTIONAL_OR_NULL, a_tag},
                                              {"mode", OPTIONAL, release_mode_bits},
                                              {"expect", OPTIONAL, expectations},
                                              END_OF_FIELDS};
static const struct field check_tag_fields[] = {
    {"session", REQUIRED, a_text}, {"tag", REQUIRED_OR_NULL, a_tag}, END_OF_FIELDS};
static const struct field execute_fields[] = {{"session", REQUIRED, a_text},
                                              {"sql", REQUIRED, a_text},
                                              {"binds", OPTIONAL, texts_or_nulls},
                                              {"expect", OPTIONAL, expectations},
                                              END_OF_FIELDS};
static const struct field query_fields[] = {{"session", REQUIRED, a_text},
                                            {"sql", REQUIRED, a_text},
                                            {"binds", OPTIONAL, texts_or_nulls},
                                            {"rows", REQUIRED, rows},
                                            END_OF_FIELDS};
static const struct field session_call_fields[] = {
    {"session", REQUIRED, a_text}, {"expect", OPTIONAL, expectations}, END_OF_FIELDS};
static const struct field kill_fields[] = {{"session", REQUIRED, a_text}, END_OF_FIELDS};
static const struct field stats_fields[] = {
    {"pool", OPTIONAL, a_text}, {"expect", REQUIRED, statistics}, END_OF_FIELDS};
static const struct field wait_until_fields[] = {
    {"pool", OPTIONAL, a_text}, {"stats", REQUIRED, statistics}, END_OF_FIELDS};
static const struct field wait_until_closing_fields[] = {{"pool", OPTIONAL, a_text}, END_OF_FIELDS};
static const struct field calls_fields[] = {
    {"pool", OPTIONAL, a_text}, {"native", OPTIONAL, pairs_of_tags}, {"fixup", OPTIONAL, pairs_of_tags}, END_OF_FIELDS};
static const struct field start_fields[] = {{"thread", REQUIRED, a_text}, {"steps", REQUIRED, steps}, END_OF_FIELDS};
static const struct field await_fields[] = {{"thread", REQUIRED, a_text}, END_OF_FIELDS};
static const struct field storm_fields[] = {{"pool", OPTIONAL, a_text},
                                            {"threads", REQUIRED, a_count},
                                            {"rounds", REQUIRED, a_count},
                                            {"tags", REQUIRED, tags},
                                            END_OF_FIELDS};

static const struct {
    const char *name;
    const struct field *fields;
} known_steps[] = {
    {"create", create_fields},       {"open", open_fields},
    {"reconfigure", reconfigure_fields}, {"close", close_fields},
    {"get", get_fields},             {"release", release_fields},
    {"set_tag", release_fields},     {"check_tag", check_tag_fields},
    {"execute", execute_fields},     {"query", query_fields},
    {"commit", session_call_fields}, {"rollback", session_call_fields},
    {"ping", session_call_fields},   {"kill", kill_fields},
    {"stats", stats_fields},         {"wait_until", wait_until_fields},
    {"wait_until_closing", wait_until_closing_fields}, {"calls", calls_fields},
    {"start", start_fields},         {"await", await_fields},
    {"storm", storm_fields},
};

const char *step_name(json_t *step)
{
    return json_object_iter_key(json_object_iter(step));
}

json_t *step_fields(json_t *step)
{
    return json_object_iter_value(json_object_iter(step));
}

bool check_step_format(json_t *step, struct text *why)
{
    size_t i;
    if (!json_is_object(step) || json_object_size(step) != 1)
        return failed(why, "a step is an object with one key, the name of the step");
    for (i = 0; i < sizeof known_steps / sizeof *known_steps; i++) {
        if (strcmp(known_steps[i].name, step_name(step)) == 0)
            return check_object(step_fields(step), known_steps[i].fields, why)
                   || failed(why, "in a step `%s`", step_name(step));
    }
    return failed(why, "there is no step `%s`", step_name(step));
}

/* ---- Files --------------------------------------------------------------------------------------------------- */

static const struct field source_fields[] = {
    {"kind", REQUIRED, a_kind_of_source}, {"where", REQUIRED, a_text}, END_OF_FIELDS};

static bool a_source(json_t *value, struct text *why)
{
    return check_object(value, source_fields, why);
}

static const struct field setup_item_fields[] = {
    {"sql", OPTIONAL, a_text}, {"include", OPTIONAL, a_text}, END_OF_FIELDS};

static bool a_setup_item(json_t *value, struct text *why)
{
    if (json_is_object(value) && json_object_size(value) != 1)
        return failed(why, "it is a statement or a list's name, one of them");
    return check_object(value, setup_item_fields, why);
}

static bool setup_items(json_t *value, struct text *why)
{
    return check_array(value, a_setup_item, why);
}

static const struct field scenario_fields[] = {{"id", REQUIRED, a_text},
                                               {"title", REQUIRED, a_text},
                                               {"source", REQUIRED, a_source},
                                               {"needs", OPTIONAL, list_of_needs},
                                               {"setup", OPTIONAL, setup_items},
                                               {"pool", OPTIONAL, settings},
                                               {"steps", REQUIRED, steps},
                                               END_OF_FIELDS};

/* Checked one by one, so that a report names the scenario. */
static bool a_list(json_t *value, struct text *why)
{
    return json_is_array(value) || failed(why, "it is no list");
}

static const struct field file_fields[] = {
    {"format", REQUIRED, a_number}, {"title", REQUIRED, a_text}, {"scenarios", REQUIRED, a_list}, END_OF_FIELDS};

bool check_file(json_t *file, json_t *setup, struct text *why)
{
    size_t i;
    json_t *scenario;
    if (!check_object(file, file_fields, why))
        return false;
    if (json_integer_value(json_object_get(file, "format")) != FORMAT)
        return failed(why, "the format is not %d, which is what this runner reads", FORMAT);
    if (json_string_length(json_object_get(file, "title")) == 0
        || json_array_size(json_object_get(file, "scenarios")) == 0)
        return failed(why, "a file has a title and scenarios");
    json_array_foreach (json_object_get(file, "scenarios"), i, scenario) {
        if (!check_object(scenario, scenario_fields, why) || !check_rules(scenario, setup, why)) {
            const char *id = json_string_value(json_object_get(scenario, "id"));
            return failed(why, "in the scenario %zu, `%s`", i + 1, id != NULL ? id : "?");
        }
    }
    return true;
}

/* A statement, in one line or in several. */
static bool a_statement(json_t *value, struct text *why)
{
    return json_is_array(value) ? texts(value, why) : a_text(value, why);
}

bool check_setup(json_t *setup, struct text *why)
{
    const char *name;
    json_t *list;
    if (!json_is_object(setup))
        return failed(why, "it is no object");
    json_object_foreach (setup, name, list) {
        if (!check_array(list, a_statement, why))
            return failed(why, "in the list `%s`", name);
    }
    return true;
}
