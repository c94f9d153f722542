/* Reading the scenario files. */

#ifndef FILES_H
#define FILES_H

#include <jansson.h>
#include <stdbool.h>

#include "bytes.h"

struct found {
    char *name; /* of the test: file::id */
    json_t *scenario;
};

struct files {
    json_t *setup;
    json_t *texts; /* owns the scenarios */
    struct found *found;
    size_t found_len;
};

/* Every scenario of the folder, checked. */
bool read_files(const char *folder, struct files *files, struct text *why);
void files_free(struct files *files);
/* A text of JSON in which no key stands twice; NULL with the reason. */
json_t *read_json(const char *text, size_t len, struct text *why);

#endif
