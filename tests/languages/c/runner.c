/* Runs the scenarios of tests/scenarios through the C interface, one after the other:
 *
 *     runner --driver embedded|oci --scenarios DIR [--client-lib-dir DIR] [--list] [FILE::ID | PREFIX ...]
 *
 * For each, as it ends, one line of JSON on stdout: {"scenario":"tags::T11","status":"passed","ms":12,"detail":""}; the
 * status is `passed` or `failed`: C has all that scenarios need. Exit status 0: none failed; 1: one failed; 2: the runner
 * could not run, with the reason on stderr. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actions.h"
#include "files.h"

enum { NONE_FAILED = 0, ONE_FAILED = 1, CAN_NOT_RUN = 2 };

struct settings {
    struct target target;
    const char *scenarios;
    bool only_lists;
    char **wanted; /* names and beginnings of names; none: all */
    int wanted_len;
};

static bool takes_value(const char *option, struct settings *settings, const char *value)
{
    if (strcmp(option, "--driver") == 0)
        settings->target.driver = value;
    else if (strcmp(option, "--scenarios") == 0)
        settings->scenarios = value;
    else if (strcmp(option, "--client-lib-dir") == 0)
        settings->target.client_lib_dir = value;
    else
        return false;
    return true;
}

static bool read_arguments(int argc, char **argv, struct settings *settings, struct text *why)
{
    int i;
    memset(settings, 0, sizeof *settings);
    for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--list") == 0)
            settings->only_lists = true;
        else if (i + 1 == argc)
            return failed(why, "%s: is no option, or its value is missing", argv[i]);
        else if (takes_value(argv[i], settings, argv[i + 1]))
            i++;
        else
            return failed(why, "%s: there is no such option", argv[i]);
    }
    settings->wanted = argv + i;
    settings->wanted_len = argc - i;
    if (settings->target.driver == NULL
        || (strcmp(settings->target.driver, "embedded") != 0 && strcmp(settings->target.driver, "oci") != 0))
        return failed(why, "--driver embedded or --driver oci is missing");
    return settings->scenarios != NULL || failed(why, "--scenarios DIR is missing");
}

static bool is_wanted(const struct settings *settings, const char *name)
{
    int i;
    for (i = 0; i < settings->wanted_len; i++) {
        if (strncmp(name, settings->wanted[i], strlen(settings->wanted[i])) == 0)
            return true;
    }
    return settings->wanted_len == 0;
}

static long long now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Reports are UTF-8, because the library's texts are; should one not be, its strange bytes are escaped. */
static json_t *detail_of(const struct text *why)
{
    json_t *detail = json_string(text_of(why));
    struct bytes bytes;
    struct text shown = {NULL, 0};
    if (detail != NULL)
        return detail;
    bytes.at = why->at;
    bytes.len = why->len;
    show_bytes(&shown, bytes);
    detail = json_string(text_of(&shown));
    text_free(&shown);
    return detail;
}

static void report(const char *name, bool ok, long long ms, const struct text *why)
{
    json_t *line = json_pack("{s:s, s:s, s:I, s:o}", "scenario", name, "status", ok ? "passed" : "failed", "ms",
                             (json_int_t)ms, "detail", detail_of(why));
    char *text = json_dumps(line, JSON_COMPACT);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

static bool run_one(const struct settings *settings, json_t *setup, const struct found *found)
{
    struct text why = {NULL, 0};
    long long began = now_ms();
    bool ok = run_scenario(&settings->target, setup, found->name, found->scenario, &why);
    report(found->name, ok, now_ms() - began, &why);
    text_free(&why);
    return ok;
}

/* How many were wanted; `failures` is how many of them failed. */
static size_t run_all(const struct settings *settings, const struct files *files, size_t *failures)
{
    size_t count = 0;
    size_t i;
    for (i = 0; i < files->found_len; i++) {
        if (!is_wanted(settings, files->found[i].name))
            continue;
        count++;
        if (settings->only_lists)
            puts(files->found[i].name);
        else
            *failures += !run_one(settings, files->setup, &files->found[i]);
    }
    return count;
}

static int run(const struct settings *settings, struct text *why)
{
    struct files files;
    size_t failures = 0;
    size_t count;
    bool ok = read_files(settings->scenarios, &files, why);
    count = ok ? run_all(settings, &files, &failures) : 0;
    /* A thread that was left behind goes on using the scenarios. */
    if (has_left_threads()) {
        fflush(NULL);
        _exit(ONE_FAILED);
    }
    files_free(&files);
    if (ok && count == 0)
        ok = failed(why, "no scenario has a name that begins so");
    if (!ok)
        return CAN_NOT_RUN;
    return failures == 0 ? NONE_FAILED : ONE_FAILED;
}

int main(int argc, char **argv)
{
    struct text why = {NULL, 0};
    struct settings settings;
    int status = CAN_NOT_RUN;
    json_object_seed(0);
    if (read_arguments(argc, argv, &settings, &why))
        status = run(&settings, &why);
    if (status == CAN_NOT_RUN)
        fprintf(stderr, "runner: %s\n", text_of(&why));
    text_free(&why);
    return status;
}
