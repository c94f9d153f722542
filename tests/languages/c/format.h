/* The format of the scenario files, as tests/scenarios/README.md describes it. It is closed: what is not in the tables
 * of format.c is refused, so that no typo makes a check vanish. What has passed is read without further checks. */

#ifndef FORMAT_H
#define FORMAT_H

#include <jansson.h>
#include <stdbool.h>

#include "bytes.h"

enum { FORMAT = 1 };

/* Whether a file of scenarios keeps to the format and to the rules beyond it. `setup` is what setup.json holds. */
bool check_file(json_t *file, json_t *setup, struct text *why);
/* Whether setup.json is lists of statements by name. */
bool check_setup(json_t *setup, struct text *why);

/* A step is an object with one key. */
const char *step_name(json_t *step);
json_t *step_fields(json_t *step);

/* What the fields of a step are: true if there is a step of that name. */
bool check_step_format(json_t *step, struct text *why);

/* The rules beyond the format: rules.c. */
bool check_rules(json_t *scenario, json_t *setup, struct text *why);

#endif
