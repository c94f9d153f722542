#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "words.h"

struct bytes read_text(const char *at, size_t len, const char *what, struct text *flaws)
{
    struct bytes none = {NULL, 0};
    if (at == NULL) {
        if (len != 0)
            failed(flaws, "%s is NULL with the length %zu", what, len);
        return none;
    }
    if (at == POISONED(char) || len == POISON) {
        failed(flaws, "%s was not written", what);
        return none;
    }
    if (at[len] != '\0')
        failed(flaws, "%s has no NUL behind it", what);
    return bytes_copy(at, len);
}

static struct error_record record_of(const orapool_error *error, struct text *flaws)
{
    struct error_record record;
    size_t len = POISON;
    const char *message = orapool_error_message(error, &len);
    record.message = read_text(message, len, "an error's message", flaws).at;
    if (record.message == NULL)
        record.message = copy_of("");
    record.status = orapool_error_status(error);
    record.code = orapool_error_code(error);
    record.is_session_dead = orapool_error_is_session_dead(error) != 0;
    record.is_transient = orapool_error_is_transient(error) != 0;
    return record;
}

static void read_chain(struct outcome *outcome, const orapool_error *error)
{
    for (; error != NULL; error = orapool_error_next(error)) {
        size_t size = (outcome->errors_len + 1) * sizeof *outcome->errors;
        struct error_record *errors = realloc(outcome->errors, size);
        if (errors == NULL)
            abort();
        outcome->errors = errors;
        errors[outcome->errors_len++] = record_of(error, &outcome->flaws);
    }
}

static bool begins_with_its_number(const struct error_record *error)
{
    char number[24];
    snprintf(number, sizeof number, "ORA-%05d", (int)error->code);
    return error->code == 0 || strncmp(error->message, number, strlen(number)) == 0;
}

/* A success has no error; all else has one, of the same status, and every message begins with its number. */
static void check_error_rule(struct outcome *outcome)
{
    bool is_plain_success = outcome->status == ORAPOOL_SUCCESS || outcome->status == ORAPOOL_NO_DATA;
    size_t i;
    if (is_plain_success && outcome->errors_len > 0)
        failed(&outcome->flaws, "a success has an error");
    if (!is_plain_success && outcome->errors_len == 0)
        failed(&outcome->flaws, "status %d has no error", (int)outcome->status);
    if (outcome->errors_len > 0 && outcome->errors[0].status != outcome->status)
        failed(&outcome->flaws, "status %d, but that of its error is %d", (int)outcome->status,
               (int)outcome->errors[0].status);
    for (i = 0; i < outcome->errors_len; i++) {
        const struct error_record *error = &outcome->errors[i];
        if (!begins_with_its_number(error))
            failed(&outcome->flaws, "a message does not begin with ORA-%05d: %s", (int)error->code, error->message);
    }
}

struct outcome outcome_of(int32_t status, orapool_error *error)
{
    struct outcome outcome = {0, NULL, 0, {NULL, 0}};
    outcome.status = status;
    if (error == POISONED(orapool_error)) {
        failed(&outcome.flaws, "*error was not written");
        return outcome;
    }
    read_chain(&outcome, error);
    orapool_error_free(error);
    check_error_rule(&outcome);
    return outcome;
}

void outcome_free(struct outcome *outcome)
{
    while (outcome->errors_len > 0)
        free(outcome->errors[--outcome->errors_len].message);
    free(outcome->errors);
    outcome->errors = NULL;
    text_free(&outcome->flaws);
}

int32_t outcome_code(const struct outcome *outcome)
{
    return outcome->errors_len > 0 ? outcome->errors[0].code : 0;
}

bool outcome_is_done(const struct outcome *outcome)
{
    return outcome->status >= 0;
}

void show_outcome(struct text *to, const struct outcome *outcome)
{
    size_t i;
    text_add(to, "%s (%d)", orapool_status_name(outcome->status), (int)outcome->status);
    for (i = 0; i < outcome->errors_len; i++) {
        const struct error_record *error = &outcome->errors[i];
        text_add(to, "\n      [%d / %d] %s", (int)error->status, (int)error->code, error->message);
    }
}

void *checked_handle(struct outcome *outcome, void *handle)
{
    if (handle == (void *)POISON) {
        failed(&outcome->flaws, "the OUT handle was not written");
        return NULL;
    }
    if (outcome_is_done(outcome) == (handle == NULL))
        failed(&outcome->flaws, "the OUT handle is %s with status %d", handle == NULL ? "NULL" : "there",
               (int)outcome->status);
    return handle;
}

uint64_t checked_number(struct outcome *outcome, uint64_t number)
{
    if (number == POISON)
        failed(&outcome->flaws, "the OUT number was not written");
    else if (!outcome_is_done(outcome) && number != 0)
        failed(&outcome->flaws, "the OUT number is not 0 with status %d", (int)outcome->status);
    return number;
}

/* ---- Expectations ---------------------------------------------------------------------------------------------- */

static bool check_flag(json_t *expect, const char *name, bool came, struct text *why)
{
    json_t *expected = json_object_get(expect, name);
    if (expected == NULL || json_is_true(expected) == came)
        return true;
    return failed(why, "%s: expected %s, came %s", name, came ? "false" : "true", came ? "true" : "false");
}

static bool check_message(const struct outcome *outcome, json_t *expect, struct text *why)
{
    const char *message = outcome->errors_len > 0 ? outcome->errors[0].message : "";
    bool ok = true;
    size_t i;
    json_t *part;
    json_array_foreach (json_object_get(expect, "message_contains"), i, part) {
        if (strstr(message, json_string_value(part)) == NULL)
            ok = failed(why, "message: expected to find `%s` in `%s`", json_string_value(part), message);
    }
    return ok;
}

/* No message ever holds a password, whatever the step is about. */
static bool check_passwords(const struct outcome *outcome, struct text *why)
{
    size_t i;
    for (i = 0; i < outcome->errors_len; i++) {
        if (strstr(outcome->errors[i].message, owner.password) != NULL
            || strstr(outcome->errors[i].message, second.password) != NULL)
            return failed(why, "a message holds a password");
    }
    return true;
}

static bool check_number(const char *name, int64_t expected, int64_t came, struct text *why)
{
    return expected == came || failed(why, "%s: expected %lld, came %lld", name, (long long)expected, (long long)came);
}

bool check_outcome(const struct outcome *outcome, json_t *expect, struct text *why)
{
    int64_t status = word_value(statuses, json_object_get(expect, "status"), ORAPOOL_SUCCESS);
    json_t *cause = json_object_get(expect, "cause_code");
    const struct error_record *error = outcome->errors_len > 0 ? &outcome->errors[0] : NULL;
    bool ok = check_number("code", json_integer_value(json_object_get(expect, "code")), outcome_code(outcome), why);
    if (outcome->status != status)
        ok = failed(why, "status: expected %s, came %s", orapool_status_name((orapool_status)status),
                    orapool_status_name(outcome->status));
    if (cause != NULL) {
        int32_t came = outcome->errors_len > 1 ? outcome->errors[1].code : 0;
        ok = check_number("cause_code", json_integer_value(cause), came, why) && ok;
    }
    ok = check_message(outcome, expect, why) && ok;
    ok = check_passwords(outcome, why) && ok;
    ok = check_flag(expect, "session_dead", error != NULL && error->is_session_dead, why) && ok;
    ok = check_flag(expect, "transient", error != NULL && error->is_transient, why) && ok;
    if (outcome->flaws.len > 0)
        ok = failed(why, "a rule of the interface is broken: %s", text_of(&outcome->flaws));
    if (!ok) {
        failed(why, "came: ");
        show_outcome(why, outcome);
    }
    return ok;
}

bool check_and_free(struct outcome *outcome, json_t *expect, struct text *why)
{
    bool ok = check_outcome(outcome, expect, why);
    outcome_free(outcome);
    return ok;
}

bool expect_done(struct outcome *outcome, const char *what, struct text *why)
{
    bool ok = outcome_is_done(outcome) && outcome->flaws.len == 0;
    if (!ok) {
        failed(why, "%s: ", what);
        show_outcome(why, outcome);
        if (outcome->flaws.len > 0)
            failed(why, "a rule of the interface is broken: %s", text_of(&outcome->flaws));
    }
    outcome_free(outcome);
    return ok;
}
