/* Sessions: got, released, tagged, and what must be true of them. */

#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "words.h"

/* ---- Tags that a scenario describes ------------------------------------------------------------------------------ */

static void add_hex(struct text *to, const char *digits)
{
    for (; digits[0] != '\0'; digits += 2) {
        char pair[3] = {0};
        char byte;
        memcpy(pair, digits, 2);
        byte = (char)strtol(pair, NULL, 16);
        text_add_bytes(to, &byte, 1);
    }
}

static void add_repeated(struct text *to, json_t *repetition)
{
    json_t *text = json_array_get(repetition, 0);
    json_int_t times = json_integer_value(json_array_get(repetition, 1));
    for (; times > 0; times--)
        text_add_bytes(to, json_string_value(text), json_string_length(text));
}

static bool add_argument(struct text *to, const char *which, const struct callback_run *run, struct text *why)
{
    struct bytes argument;
    if (run == NULL)
        return failed(why, "the scenario uses an argument of a callback outside of one");
    argument = strcmp(which, "wanted") == 0 ? run->wanted : run->actual;
    text_add_bytes(to, argument.at, argument.len);
    return true;
}

static bool add_tag(struct text *to, json_t *tag, const struct callback_run *run, struct text *why)
{
    json_t *made;
    json_t *part;
    size_t i;
    if (json_is_string(tag)) {
        text_add_bytes(to, json_string_value(tag), json_string_length(tag));
    } else if ((made = json_object_get(tag, "hex")) != NULL) {
        add_hex(to, json_string_value(made));
    } else if ((made = json_object_get(tag, "repeat")) != NULL) {
        add_repeated(to, made);
    } else if ((made = json_object_get(tag, "argument")) != NULL) {
        return add_argument(to, json_string_value(made), run, why);
    } else {
        json_array_foreach (json_object_get(tag, "join"), i, part) {
            if (!add_tag(to, part, run, why))
                return false;
        }
    }
    return true;
}

bool tag_bytes(json_t *tag, const struct callback_run *run, struct bytes *bytes, struct text *why)
{
    struct text made = {NULL, 0};
    bytes->at = NULL;
    bytes->len = 0;
    if (tag == NULL || json_is_null(tag))
        return true;
    text_add(&made, "%s", "");
    if (!add_tag(&made, tag, run, why)) {
        text_free(&made);
        return false;
    }
    bytes->at = made.at;
    bytes->len = made.len;
    return true;
}

/* ---- A get ------------------------------------------------------------------------------------------------------- */

/* NULL with ORAPOOL_NTS is as absent as NULL with 0. */
static size_t length_of(struct bytes tag)
{
    return tag.at != NULL ? tag.len : ORAPOOL_NTS;
}

struct got get_session(orapool *pool, const orapool_attrs *attrs, struct bytes tag, uint32_t mode)
{
    struct got got = {{0, NULL, 0, {NULL, 0}}, NULL, {NULL, 0}, 0};
    orapool_session *session = POISONED(orapool_session);
    const char *ret_tag = POISONED(char);
    size_t ret_tag_len = POISON;
    int32_t found = (int32_t)POISON;
    CALL(&got.outcome, orapool_session_get(pool, &session, attrs, tag.at, length_of(tag), &ret_tag, &ret_tag_len,
                                           &found, mode, &error));
    got.session = checked_handle(&got.outcome, session);
    got.found = found;
    if (outcome_is_done(&got.outcome))
        got.tag = read_text(ret_tag, ret_tag_len, "ret_tag", &got.outcome.flaws);
    else if (ret_tag != NULL || ret_tag_len != 0 || found != 0)
        failed(&got.outcome.flaws, "a get that failed left OUT parameters that are not NULL or 0");
    return got;
}

void got_free(struct got *got)
{
    outcome_free(&got->outcome);
    bytes_free(&got->tag);
}

static bool same_tag(const char *what, struct bytes expected, struct bytes came, struct text *why)
{
    if (bytes_equal(expected, came))
        return true;
    failed(why, "%s: expected ", what);
    show_bytes(why, expected);
    text_add(why, ", came ");
    show_bytes(why, came);
    return false;
}

/* The session's tag is `expected`, and was given as a text is given. */
static bool session_has_tag(const char *what, orapool_session *session, struct bytes expected, struct text *why)
{
    size_t len = POISON;
    const char *at = orapool_session_tag(session, &len);
    struct text flaws = {NULL, 0};
    struct bytes tag = read_text(at, len, "orapool_session_tag", &flaws);
    bool ok = same_tag(what, expected, tag, why);
    if (flaws.len > 0)
        ok = failed(why, "%s", text_of(&flaws));
    text_free(&flaws);
    bytes_free(&tag);
    return ok;
}

static bool check_flag(const char *what, json_t *expected, bool came, struct text *why)
{
    if (expected == NULL || json_is_true(expected) == came)
        return true;
    return failed(why, "%s: expected %s, came %s", what, came ? "false" : "true", came ? "true" : "false");
}

static bool check_tag(const struct scope *scope, const struct got *got, json_t *expect, struct text *why)
{
    struct bytes expected;
    bool ok = session_has_tag("the tag that the get returned is not the session's", got->session, got->tag, why);
    if (json_object_get(expect, "tag") == NULL)
        return ok;
    if (!tag_bytes(json_object_get(expect, "tag"), scope->run, &expected, why))
        return false;
    ok = same_tag("tag", expected, got->tag, why) && ok;
    bytes_free(&expected);
    return ok;
}

/* The SID and serial number behind a name. */
static bool identity_of(struct world *world, const char *name, struct loan *loan, struct text *why)
{
    if (!find_loan(world, name, loan, why))
        return false;
    return loan->knows_identity || failed(why, "the session `%s` did not tell its identity", name);
}

static bool check_identity(struct world *world, const char *name, const char *other, bool should_be, struct text *why)
{
    struct loan one;
    struct loan two;
    bool is_same;
    if (!identity_of(world, name, &one, why) || !identity_of(world, other, &two, why))
        return false;
    is_same = one.sid == two.sid && one.serial == two.serial;
    if (is_same == should_be)
        return true;
    return failed(why, "%s %s: it is the session %u,%u, the other is %u,%u", should_be ? "same_as" : "not_same_as",
                  other, (unsigned)one.sid, (unsigned)one.serial, (unsigned)two.sid, (unsigned)two.serial);
}

static bool check_identities(struct world *world, const char *name, json_t *expect, struct text *why)
{
    json_t *same_as = json_object_get(expect, "same_as");
    bool ok = same_as == NULL || check_identity(world, name, json_string_value(same_as), true, why);
    size_t i;
    json_t *other;
    json_array_foreach (json_object_get(expect, "not_same_as"), i, other)
        ok = check_identity(world, name, json_string_value(other), false, why) && ok;
    return ok;
}

static bool check_got(const struct scope *scope, const char *name, const struct got *got, json_t *expect,
                      struct text *why)
{
    bool ok = check_outcome(&got->outcome, expect, why);
    if (!ok || got->session == NULL)
        return ok;
    ok = check_tag(scope, got, expect, why);
    if (got->found != 0 && got->found != 1)
        ok = failed(why, "found is %d, not 0 or 1", (int)got->found);
    ok = check_flag("found", json_object_get(expect, "found"), got->found == 1, why) && ok;
    ok = check_flag("is_new", json_object_get(expect, "is_new"), orapool_session_is_new(got->session) != 0, why) && ok;
    return check_identities(scope->world, name, expect, why) && ok;
}

static void show_got(struct text *to, const struct got *got)
{
    failed(to, "got: status %d, found %d, tag ", (int)got->outcome.status, (int)got->found);
    show_bytes(to, got->tag);
}

static bool get_with(const struct scope *scope, json_t *fields, const orapool_attrs *attrs, struct text *why)
{
    const char *name = json_string_value(json_object_get(fields, "as"));
    uint32_t mode = bits_of(get_bits, json_object_get(fields, "mode"));
    struct bytes tag;
    struct got got;
    orapool *pool;
    bool ok;
    if (!find_pool(scope->world, pool_of(fields), &pool, why)
        || !tag_bytes(json_object_get(fields, "tag"), scope->run, &tag, why))
        return false;
    got = get_session(pool, attrs, tag, mode);
    bytes_free(&tag);
    /* Before the checks: after a failed one the scenario still has to give the session back. */
    ok = got.session == NULL || add_session(scope->world, name, got.session, why);
    ok = ok && check_got(scope, name, &got, json_object_get(fields, "expect"), why);
    if (!ok)
        show_got(why, &got);
    got_free(&got);
    return ok;
}

bool step_get(const struct scope *scope, json_t *fields, struct text *why)
{
    json_t *attrs = json_object_get(fields, "attrs");
    struct outcome refusal;
    orapool_attrs *bag;
    bool ok;
    /* Most programs give none; the library must not treat them worse. */
    if (json_object_size(attrs) == 0)
        return get_with(scope, fields, NULL, why);
    bag = new_bag(why);
    if (bag == NULL)
        return false;
    if (fill_get_bag(bag, attrs, &refusal))
        ok = get_with(scope, fields, bag, why);
    else
        ok = check_and_free(&refusal, json_object_get(fields, "expect"), why);
    orapool_attrs_free(bag);
    return ok;
}

/* ---- Releases and tags ------------------------------------------------------------------------------------------- */

/* A release consumes the session, unless an argument or the tag was bad. */
static bool leaves_on_loan(const struct outcome *outcome)
{
    enum { BAD_TAG = 24488 };
    return outcome->status == ORAPOOL_INVALID_ARGUMENT || outcome_code(outcome) == BAD_TAG;
}

/* The session and the tag of a step. The tag is the caller's to free. */
static bool session_and_tag(const struct scope *scope, json_t *fields, orapool_session **session, struct bytes *tag,
                            struct text *why)
{
    const char *name = json_string_value(json_object_get(fields, "session"));
    return find_session(scope, name, session, why) && tag_bytes(json_object_get(fields, "tag"), scope->run, tag, why);
}

bool step_release(const struct scope *scope, json_t *fields, struct text *why)
{
    uint32_t mode = bits_of(release_bits, json_object_get(fields, "mode"));
    struct outcome outcome;
    orapool_session *session;
    struct bytes tag;
    if (!session_and_tag(scope, fields, &session, &tag, why))
        return false;
    CALL(&outcome, orapool_session_release(session, tag.at, length_of(tag), mode, &error));
    bytes_free(&tag);
    if (!leaves_on_loan(&outcome))
        mark_released(scope->world, json_string_value(json_object_get(fields, "session")));
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}

bool step_set_tag(const struct scope *scope, json_t *fields, struct text *why)
{
    uint32_t mode = bits_of(release_bits, json_object_get(fields, "mode"));
    struct outcome outcome;
    orapool_session *session;
    struct bytes tag;
    if (!session_and_tag(scope, fields, &session, &tag, why))
        return false;
    CALL(&outcome, orapool_session_set_tag(session, tag.at, length_of(tag), mode, &error));
    bytes_free(&tag);
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}

bool step_check_tag(const struct scope *scope, json_t *fields, struct text *why)
{
    orapool_session *session;
    struct bytes tag;
    bool ok;
    if (!session_and_tag(scope, fields, &session, &tag, why))
        return false;
    ok = session_has_tag("tag", session, tag, why);
    bytes_free(&tag);
    return ok;
}

bool step_kill(const struct scope *scope, json_t *fields, struct text *why)
{
    struct loan loan;
    struct text sql = {NULL, 0};
    bool ok;
    if (!identity_of(scope->world, json_string_value(json_object_get(fields, "session")), &loan, why))
        return false;
    text_add(&sql, "alter system kill session '%u,%u'", (unsigned)loan.sid, (unsigned)loan.serial);
    ok = run_owner(scope->world, text_of(&sql), why);
    text_free(&sql);
    return ok;
}
