/* Tests of the runner itself: what it must refuse, and what it must notice. Each breaks right.json in one place.
 *
 *     self_tests DIR      DIR is where right.json is; the lists of statements are those of tests/scenarios
 *
 * One line on stdout for each: `ok NAME` or `not ok NAME: why`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "files.h"
#include "format.h"

/* What is replaced in right.json, by what, and what the refusal must speak of. */
struct broken {
    const char *name;
    const char *from;
    const char *to;
    const char *part;
};

/* Typos and the like, which must be refused before anything runs. */
static const struct broken refused[] = {
    {"a_step_with_a_typo", "{\"release\"", "{\"relaese\"", "relaese"},
    {"a_step_with_two_names", "{\"await\": {\"thread\": \"t1\"}}", "{\"await\": {\"thread\": \"t1\"}, \"x\": 1}",
     "one key"},
    {"a_field_with_a_typo", "\"expect\": {\"rows\": 1}", "\"expct\": {\"rows\": 1}", "expct"},
    {"an_expectation_with_a_typo", "\"is_new\": true", "\"is_knew\": true", "is_knew"},
    {"an_expectation_twice", "\"is_new\": true", "\"is_new\": true, \"is_new\": false", "duplicate"},
    {"an_expectation_in_a_thread", "\"not_same_as\"", "\"not_sama_as\"", "not_sama_as"},
    {"an_expectation_in_a_callback", "{\"session\": \"callback\"", "{\"session\": \"callback\", \"x\": 1", "`x`"},
    {"an_argument_with_a_typo", "\"argument\": \"wanted\"", "\"argument\": \"wonted\"", "wonted"},
    {"a_setting_with_a_typo", "\"max\": 2", "\"maxx\": 2", "maxx"},
    {"a_setting_of_another_kind", "\"max\": 2", "\"max\": \"2\"", "whole number"},
    {"a_pool_without_sizes", "\"max\": 2", "\"increment\": 2", "min and max"},
    {"a_mode_with_a_typo", "\"NOWAIT\"", "\"NOWIAT\"", "NOWIAT"},
    {"a_mode_of_a_release", "\"mode\": [\"MULTIPROPERTY_TAG\"]", "\"mode\": [\"RETAG\"]", "RETAG"},
    {"bytes_made_of_nothing", "{\"repeat\": [\"=\", 1]}", "{}", "made in one way"},
    {"bytes_that_are_no_hexadecimal", "{\"repeat\": [\"=\", 1]}", "{\"hex\": \"3g\"}", "hexadecimal"},
    {"a_tag_that_is_missing", ", \"tag\": {\"join\": [\"A\", {\"repeat\": [\"=\", 1]}, \"1\"]}", "", "`tag` is missing"},
    {"a_statistic_with_a_typo", "\"open\": 2", "\"opne\": 2", "opne"},
    {"a_bound_with_a_typo", "at_least", "at_lest", "at_lest"},
    {"no_statistic", "\"open\": 2, \"gets\": {\"at_least\": 3}", "", "names no number"},
    {"a_status_with_a_typo", "ORAPOOL_INVALID_HANDLE", "ORAPOOL_INVALID_HANDEL", "HANDEL"},
    {"a_failure_without_a_code", ", \"code\": 0", "", "names its code"},
    {"found_of_a_release", "\"code\": 0", "\"code\": 0, \"found\": true", "only a get"},
    {"rows_of_a_get", "\"is_new\": true", "\"rows\": 1", "only an execute"},
    {"calls_of_nothing", "\"native\": [[\"A=1\", \"A=1\"]], \"fixup\": [[\"A=1\", null]]", "", "checks nothing"},
    {"a_session_from_nowhere", "\"same_as\": \"a\"", "\"same_as\": \"z\"", "`z`"},
    {"a_session_with_a_name_that_is_taken", "\"as\": \"x\"", "\"as\": \"owner\"", "taken"},
    {"a_need_too_many", "\"threads\"]", "\"threads\", \"knobs\"]", "needs"},
    {"a_need_twice", "\"threads\"]", "\"threads\", \"threads\"]", "needs"},
    {"a_need_too_few", ", \"threads\"]", "]", "needs"},
    {"an_unknown_need", "\"threads\"]", "\"thread\"]", "thread"},
    {"a_setup_from_nowhere", "{\"sql\": \"create table t (n number)\"}", "{\"include\": \"x\"}", "`x`"},
    {"a_setup_of_two_things", "{\"include\": \"fixup\"}", "{\"include\": \"fixup\", \"sql\": \"x\"}", "one of them"},
    {"no_source", "\"where\": \"the tests of the runner\"", "\"where\": \"\"", "source"},
    {"an_unknown_kind_of_source", "\"decision\"", "\"guess\"", "guess"},
    {"another_format", "\"format\": 1", "\"format\": 2", "format"},
    {"an_id_of_strange_letters", "self-ID", "self ID", "an id"},
    {"no_json", "\"format\": 1,", "\"format\": 1", "line 3"},
};

/* Wrong expectations, which must fail when they are run. */
static const struct broken noticed[] = {
    {"is-new", "\"is_new\": true", "\"is_new\": false", "is_new"},
    {"tag", "\"is_new\": true, \"tag\": \"A=1\"", "\"is_new\": true, \"tag\": null", "tag: expected NULL"},
    {"found", "\"found\": true", "\"found\": false", "found"},
    {"status", "\"status\": \"ORAPOOL_INVALID_HANDLE\"", "\"status\": \"ORAPOOL_CLOSED\"", "status"},
    {"code", "\"code\": 24496", "\"code\": 24457", "code: expected 24457, came 24496"},
    {"cause-code", "\"cause_code\": 20001", "\"cause_code\": 20002", "cause_code"},
    {"message", "fix-up procedure\"]", "no such words\"]", "no such words"},
    {"transient", "\"transient\": true", "\"transient\": false", "transient"},
    {"session-dead", "\"session_dead\": true", "\"session_dead\": false", "session_dead"},
    {"session-alive", "\"session_dead\": false", "\"session_dead\": true", "session_dead"},
    {"a-success", ", \"expect\": {\"rows\": 1}", ", \"expect\": {\"status\": \"ORAPOOL_ERROR\", \"code\": 1}", "status"},
    {"rows-of-execute", "{\"rows\": 1}", "{\"rows\": 2}", "rows"},
    {"rows-of-query", "[[\"1\", null]]", "[[\"1\", \"0\"]]", "rows"},
    {"check-tag", "[\"A\", {\"repeat\": [\"=\", 1]}, \"1\"]", "[\"A\", {\"repeat\": [\"=\", 2]}, \"1\"]", "A==1"},
    {"calls-native", "\"native\": [[\"A=1\", \"A=1\"]]", "\"native\": [[\"A=1\", null]]", "native callback"},
    {"calls-fixup", "\"fixup\": [[\"A=1\", null]]", "\"fixup\": []", "PL/SQL fix-up"},
    {"in-a-callback", "{\"argument\": \"wanted\"}", "\"A=2\"", "callback of p, run 1"},
    {"not-same-as", "\"expect\": {\"same_as\": \"a\"}", "\"expect\": {\"not_same_as\": [\"a\"]}", "not_same_as"},
    {"same-as", "\"expect\": {\"same_as\": \"a\"}", "\"expect\": {\"same_as\": \"b\"}", "same_as"},
    {"in-a-thread", "{\"not_same_as\": [\"a\"]}", "{\"is_new\": false}", "thread t1"},
    {"statistics", "\"open\": 2", "\"open\": 3", "open"},
    {"bound", "\"at_least\": 3", "\"at_least\": 4", "at least"},
    {"a-thread-not-awaited", "{\"await\": {\"thread\": \"t1\"}},", "{\"ping\": {\"session\": \"a\"}},", "await"},
    {"setup", "create table t (n number)", "create table", "setup"},
    {"the-pool", "\"max\": 2", "\"max\": 0", "the scenario's pool"},
    {"a-loan-renamed", "\"as\": \"c\"", "\"as\": \"b\"", "still on loan"},
};

static const struct target embedded = {"embedded", NULL};

static int failures;

static void print_on_one_line(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs(" / ", stdout);
        else
            putchar(*text);
    }
}

/* A case is right if it was refused, and for the reason that is meant. */
static void tell(const char *group, const char *name, bool accepted, const char *part, const struct text *why)
{
    bool is_meant = strstr(text_of(why), part) != NULL;
    printf("%s %s::%s", !accepted && is_meant ? "ok" : "not ok", group, name);
    if (accepted)
        printf(": it was accepted");
    else if (!is_meant) {
        printf(": `%s` is not in: ", part);
        print_on_one_line(text_of(why));
    }
    putchar('\n');
    failures += accepted || !is_meant;
}

static void tell_accepted(const char *name, bool ok, const struct text *why)
{
    printf(ok ? "ok %s" : "not ok %s: ", name);
    print_on_one_line(text_of(why));
    putchar('\n');
    failures += !ok;
}

/* right.json with the first `from` replaced; empty if there is none. */
static struct text replaced(const struct text *right, const char *from, const char *to)
{
    struct text text = {NULL, 0};
    const char *at = strstr(right->at, from);
    if (at != NULL) {
        text_add_bytes(&text, right->at, (size_t)(at - right->at));
        text_add(&text, "%s%s", to, at + strlen(from));
    }
    return text;
}

/* The file, if it is one that the runner accepts. */
static json_t *accepted(const struct text *text, json_t *setup, struct text *why)
{
    json_t *file;
    if (text->len == 0) {
        failed(why, "right.json has no such text");
        return NULL;
    }
    file = read_json(text->at, text->len, why);
    if (file != NULL && !check_file(file, setup, why)) {
        json_decref(file);
        file = NULL;
    }
    return file;
}

static bool run_file(json_t *file, json_t *setup, const char *name, struct text *why)
{
    json_t *scenario = json_array_get(json_object_get(file, "scenarios"), 0);
    return run_scenario(&embedded, setup, name, scenario, why);
}

static void test_refused(const struct text *right, json_t *setup, const struct broken *broken)
{
    struct text text = replaced(right, broken->from, broken->to);
    struct text why = {NULL, 0};
    json_t *file = accepted(&text, setup, &why);
    tell("refuses", broken->name, file != NULL, broken->part, &why);
    json_decref(file);
    text_free(&text);
    text_free(&why);
}

static void test_noticed(const struct text *right, json_t *setup, const struct broken *broken)
{
    struct text text = replaced(right, broken->from, broken->to);
    struct text why = {NULL, 0};
    json_t *file = accepted(&text, setup, &why);
    bool passed = false;
    if (file == NULL)
        failed(&why, "it was refused before it ran; nothing was noticed");
    else
        passed = run_file(file, setup, broken->name, &why);
    tell("notices", broken->name, passed, file != NULL ? broken->part : "\n", &why);
    json_decref(file);
    text_free(&text);
    text_free(&why);
}

static void test_right(const struct text *right, json_t *setup)
{
    struct text why = {NULL, 0};
    json_t *file = accepted(right, setup, &why);
    tell_accepted("accepts_what_is_right", file != NULL, &why);
    tell_accepted("passes_what_is_right", file != NULL && run_file(file, setup, "right", &why), &why);
    json_decref(file);
    text_free(&why);
}

/* ---- A hang ---------------------------------------------------------------------------------------------------------- */

/* A thread that waits until the test lets it go on. */
struct door {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool is_open;
    bool has_passed;
};

static bool wait_at_door(void *data, struct text *why)
{
    struct door *door = data;
    (void)why;
    pthread_mutex_lock(&door->lock);
    while (!door->is_open)
        pthread_cond_wait(&door->opened, &door->lock);
    door->has_passed = true;
    pthread_cond_signal(&door->opened);
    pthread_mutex_unlock(&door->lock);
    return true;
}

static void at_door(void *data, struct text *to)
{
    (void)data;
    failed(to, "step 7: {\"await\"}");
}

static void test_hang(void)
{
    static struct door door = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct text why = {NULL, 0};
    bool passed = run_within(1, wait_at_door, at_door, &door, &why);
    tell("notices", "a-hang-and-names-its-step", passed, "step 7", &why);
    text_free(&why);
    pthread_mutex_lock(&door.lock);
    door.is_open = true;
    pthread_cond_signal(&door.opened);
    while (!door.has_passed)
        pthread_cond_wait(&door.opened, &door.lock);
    pthread_mutex_unlock(&door.lock);
}

/* ---- Files ----------------------------------------------------------------------------------------------------------- */

static bool read_right(const char *folder, struct text *right, struct text *why)
{
    struct text path = {NULL, 0};
    FILE *file;
    int letter;
    text_add(&path, "%s/right.json", folder);
    file = fopen(text_of(&path), "r");
    if (file == NULL) {
        failed(why, "%s can not be read", text_of(&path));
        text_free(&path);
        return false;
    }
    while ((letter = fgetc(file)) != EOF) {
        char byte = (char)letter;
        text_add_bytes(right, &byte, 1);
    }
    fclose(file);
    text_free(&path);
    return true;
}

static void test_all(const struct text *right, json_t *setup)
{
    size_t i;
    test_right(right, setup);
    for (i = 0; i < sizeof refused / sizeof *refused; i++)
        test_refused(right, setup, &refused[i]);
    for (i = 0; i < sizeof noticed / sizeof *noticed; i++)
        test_noticed(right, setup, &noticed[i]);
    test_hang();
}

int main(int argc, char **argv)
{
    struct text right = {NULL, 0};
    struct text why = {NULL, 0};
    struct text scenarios = {NULL, 0};
    struct files files;
    json_object_seed(0);
    text_add(&scenarios, "%s/../../scenarios", argc == 2 ? argv[1] : "");
    if (argc != 2 || !read_right(argv[1], &right, &why) || !read_files(text_of(&scenarios), &files, &why)) {
        fprintf(stderr, "self_tests: %s\n", argc == 2 ? text_of(&why) : "needs the folder of right.json");
        return 2;
    }
    test_all(&right, files.setup);
    files_free(&files);
    text_free(&right);
    text_free(&scenarios);
    text_free(&why);
    return failures == 0 ? 0 : 1;
}
