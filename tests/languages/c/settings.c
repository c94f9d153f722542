/* From the settings of a scenario to bags of attributes. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "target.h"
#include "words.h"

const struct user owner = {"scott", "tigerSecret9"};
const struct user second = {"blake", "lionSecret9"};

/* A setting, the attribute that it is, and the words that it chooses from, if it does. */
struct number_setting {
    const char *name;
    uint32_t attr;
    const struct word *words;
};

static const struct number_setting numbers[] = {
    {"min", ORAPOOL_ATTR_SESSIONS_MIN, NULL},
    {"max", ORAPOOL_ATTR_SESSIONS_MAX, NULL},
    {"increment", ORAPOOL_ATTR_SESSIONS_INCREMENT, NULL},
    {"get_mode", ORAPOOL_ATTR_GET_MODE, get_modes},
    {"wait_timeout_ms", ORAPOOL_ATTR_WAIT_TIMEOUT_MS, NULL},
    {"waiters_max", ORAPOOL_ATTR_WAITERS_MAX, NULL},
    {"connects_max", ORAPOOL_ATTR_CONNECTS_MAX, NULL},
    {"homogeneous", ORAPOOL_ATTR_HOMOGENEOUS, NULL},
    {"purity", ORAPOOL_ATTR_PURITY, purities},
    {"idle_timeout_ms", ORAPOOL_ATTR_IDLE_TIMEOUT_MS, NULL},
    {"lifetime_max_ms", ORAPOOL_ATTR_LIFETIME_MAX_MS, NULL},
    {"uses_max", ORAPOOL_ATTR_USES_MAX, NULL},
    {"ping_interval_ms", ORAPOOL_ATTR_PING_INTERVAL_MS, NULL},
    {"ping_timeout_ms", ORAPOOL_ATTR_PING_TIMEOUT_MS, NULL},
};

static bool taken(struct outcome *outcome)
{
    bool ok = outcome->status == ORAPOOL_SUCCESS && outcome->flaws.len == 0;
    if (ok)
        outcome_free(outcome);
    return ok;
}

static bool set_text(orapool_attrs *bag, uint32_t attr, const char *text, struct outcome *refusal)
{
    if (text == NULL)
        return true;
    CALL(refusal, orapool_attrs_set_text(bag, attr, text, strlen(text), &error));
    return taken(refusal);
}

bool set_int(orapool_attrs *bag, uint32_t attr, int64_t value, struct outcome *refusal)
{
    CALL(refusal, orapool_attrs_set_int(bag, attr, value, &error));
    return taken(refusal);
}

static int64_t number_of(const struct number_setting *setting, json_t *value)
{
    if (setting->words != NULL)
        return word_value(setting->words, value, 0);
    return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

static bool set_numbers(orapool_attrs *bag, json_t *settings, struct outcome *refusal)
{
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_t *value = json_object_get(settings, numbers[i].name);
        if (value != NULL && !set_int(bag, numbers[i].attr, number_of(&numbers[i], value), refusal))
            return false;
    }
    return true;
}

static bool set_log_on(orapool_attrs *bag, const struct user *user, const char *password, struct outcome *refusal)
{
    return set_text(bag, ORAPOOL_ATTR_USER, user->name, refusal)
           && set_text(bag, ORAPOOL_ATTR_PASSWORD, password != NULL ? password : user->password, refusal);
}

static bool set_user(orapool_attrs *bag, json_t *settings, int64_t otherwise, struct outcome *refusal)
{
    int64_t user = word_value(users, json_object_get(settings, "user"), otherwise);
    const char *password = json_string_value(json_object_get(settings, "password"));
    if (user == USER_NONE)
        return true;
    return set_log_on(bag, user == USER_OWNER ? &owner : &second, password, refusal);
}

/* Each scenario has a database of its own, which goes with its last pool. */
static void add_connect_string(struct text *to, const struct world *world, json_t *settings)
{
    const char *letter;
    const char *separator = "?";
    const char *name;
    json_t *value;
    text_add(to, "%sscenario_", strcmp(world_target(world)->driver, "oci") == 0 ? "//standin/" : "embedded:");
    for (letter = world_scenario(world); *letter != '\0'; letter++)
        text_add(to, "%c", isalnum((unsigned char)*letter) ? *letter : '_');
    json_object_foreach (json_object_get(settings, "knobs"), name, value) {
        text_add(to, "%s%s=%" JSON_INTEGER_FORMAT, separator, name, json_integer_value(value));
        separator = "&";
    }
}

static bool set_database(orapool_attrs *bag, const struct world *world, json_t *settings, struct outcome *refusal)
{
    struct text connect_string = {NULL, 0};
    const struct target *target = world_target(world);
    bool is_oci = strcmp(target->driver, "oci") == 0;
    bool ok;
    add_connect_string(&connect_string, world, settings);
    ok = set_text(bag, ORAPOOL_ATTR_CONNECT_STRING, text_of(&connect_string), refusal)
         && (!is_oci || set_text(bag, ORAPOOL_ATTR_DRIVER, "oci", refusal))
         && (!is_oci || set_text(bag, ORAPOOL_ATTR_CLIENT_LIB_DIR, target->client_lib_dir, refusal));
    text_free(&connect_string);
    return ok;
}

char *fill_in(const char *text)
{
    struct text filled = {NULL, 0};
    while (*text != '\0') {
        if (strncmp(text, "${owner}", 8) == 0) {
            text_add(&filled, "%s", owner.name);
            text += 8;
        } else if (strncmp(text, "${second}", 9) == 0) {
            text_add(&filled, "%s", second.name);
            text += 9;
        } else {
            text_add_bytes(&filled, text++, 1);
        }
    }
    return filled.at != NULL ? filled.at : copy_of("");
}

static bool set_fixup(orapool_attrs *bag, json_t *settings, struct outcome *refusal)
{
    json_t *fixup = json_object_get(settings, "fixup");
    char *name;
    bool ok;
    if (fixup == NULL)
        return true;
    name = fill_in(json_string_value(fixup));
    ok = set_text(bag, ORAPOOL_ATTR_FIXUP_CALLBACK, name, refusal);
    free(name);
    return ok;
}

orapool_attrs *new_bag(struct text *why)
{
    orapool_attrs *bag = POISONED(orapool_attrs);
    struct outcome outcome;
    CALL(&outcome, orapool_attrs_new(&bag, &error));
    bag = checked_handle(&outcome, bag);
    return expect_done(&outcome, "orapool_attrs_new", why) ? bag : NULL;
}

bool fill_owner_bag(orapool_attrs *bag, const struct world *world, struct outcome *refusal)
{
    return set_database(bag, world, NULL, refusal) && set_log_on(bag, &owner, NULL, refusal)
           && set_int(bag, ORAPOOL_ATTR_SESSIONS_MIN, 1, refusal)
           && set_int(bag, ORAPOOL_ATTR_SESSIONS_MAX, 1, refusal);
}

bool fill_change_bag(orapool_attrs *bag, json_t *settings, struct outcome *refusal)
{
    const char *connection_class = json_string_value(json_object_get(settings, "connection_class"));
    return set_numbers(bag, settings, refusal)
           && set_text(bag, ORAPOOL_ATTR_CONNECTION_CLASS, connection_class, refusal)
           && set_fixup(bag, settings, refusal);
}

bool fill_pool_bag(orapool_attrs *bag, const struct world *world, json_t *settings, struct outcome *refusal)
{
    return set_database(bag, world, settings, refusal) && set_user(bag, settings, USER_OWNER, refusal)
           && fill_change_bag(bag, settings, refusal);
}

bool fill_get_bag(orapool_attrs *bag, json_t *attrs, struct outcome *refusal)
{
    const char *connection_class = json_string_value(json_object_get(attrs, "connection_class"));
    return set_user(bag, attrs, USER_NONE, refusal)
           && set_text(bag, ORAPOOL_ATTR_CONNECTION_CLASS, connection_class, refusal)
           && set_numbers(bag, attrs, refusal);
}
