#include "files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format.h"

/* The lists of statements that scenarios include by name; no scenario file. */
#define SETUP_FILE "setup.json"

json_t *read_json(const char *text, size_t len, struct text *why)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        failed(why, "line %d, column %d: %s", error.line, error.column, error.text);
    return json;
}

static json_t *load(const char *folder, const char *name, struct text *why)
{
    struct text path = {NULL, 0};
    json_error_t error;
    json_t *json;
    text_add(&path, "%s/%s", folder, name);
    json = json_load_file(text_of(&path), JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        failed(why, "%s:%d:%d: %s", text_of(&path), error.line, error.column, error.text);
    text_free(&path);
    return json;
}

static bool is_scenario_file(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".json") == 0 && strcmp(name, SETUP_FILE) != 0;
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The names of the files, in their order. The caller frees each and the list; NULL with the reason. */
static char **list_names(const char *folder, size_t *len, struct text *why)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char **names = NULL;
    *len = 0;
    if (dir == NULL) {
        failed(why, "%s can not be read", folder);
        return NULL;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (is_scenario_file(entry->d_name)) {
            char **longer = realloc(names, (*len + 1) * sizeof *names);
            if (longer == NULL)
                abort();
            names = longer;
            names[(*len)++] = copy_of(entry->d_name);
        }
    }
    closedir(dir);
    if (*len > 0)
        qsort(names, *len, sizeof *names, compare_names);
    else
        failed(why, "%s has no scenarios", folder);
    return names;
}

/* Names of tests, and of databases, must be told apart without case. */
static bool is_there(const struct files *files, const char *name)
{
    size_t i;
    for (i = 0; i < files->found_len; i++) {
        if (strcasecmp(files->found[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool add_scenario(struct files *files, const char *file, json_t *scenario, struct text *why)
{
    struct text name = {NULL, 0};
    struct found *found;
    text_add(&name, "%.*s::%s", (int)(strlen(file) - 5), file, json_string_value(json_object_get(scenario, "id")));
    if (is_there(files, text_of(&name))) {
        failed(why, "%s is there twice", text_of(&name));
        text_free(&name);
        return false;
    }
    found = realloc(files->found, (files->found_len + 1) * sizeof *found);
    if (found == NULL)
        abort();
    files->found = found;
    found[files->found_len].name = name.at;
    found[files->found_len++].scenario = scenario;
    return true;
}

static bool read_file(const char *folder, const char *name, struct files *files, struct text *why)
{
    json_t *file = load(folder, name, why);
    size_t i;
    json_t *scenario;
    if (file == NULL)
        return false;
    json_array_append_new(files->texts, file);
    if (!check_file(file, files->setup, why))
        return failed(why, "in %s", name);
    json_array_foreach (json_object_get(file, "scenarios"), i, scenario) {
        if (!add_scenario(files, name, scenario, why))
            return false;
    }
    return true;
}

bool read_files(const char *folder, struct files *files, struct text *why)
{
    char **names;
    size_t len;
    size_t i;
    bool ok;
    memset(files, 0, sizeof *files);
    files->texts = json_array();
    files->setup = load(folder, SETUP_FILE, why);
    if (files->setup == NULL)
        return false;
    if (!check_setup(files->setup, why))
        return failed(why, "in " SETUP_FILE);
    names = list_names(folder, &len, why);
    ok = names != NULL;
    for (i = 0; i < len; i++) {
        ok = ok && read_file(folder, names[i], files, why);
        free(names[i]);
    }
    free(names);
    return ok;
}

void files_free(struct files *files)
{
    while (files->found_len > 0)
        free(files->found[--files->found_len].name);
    free(files->found);
    json_decref(files->texts);
    json_decref(files->setup);
}
