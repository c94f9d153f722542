/* What the steps do. Each function is true, or says why not. */

#ifndef ACTIONS_H
#define ACTIONS_H

#include <jansson.h>
#include <stdbool.h>

#include "outcome.h"
#include "world.h"

/* Seconds that a scenario may take; a step looks for half of that for what must come. Generous: they must never end what
 * goes on, on however loaded a machine. ORAPOOL_TEST_LIMIT_S says more where all is slow, as under valgrind. watchdog.c. */
enum { LIMIT_S = 60 };
unsigned limit_s(void);

/* Runs steps in their order, up to the first that fails: steps.c. */
bool run_steps(const struct scope *scope, json_t *steps, struct text *why);

/* Runs a scenario in a database of its own, which is called after it, within limit_s: scenario.c. */
bool run_scenario(const struct target *target, json_t *setup, const char *name, json_t *scenario, struct text *why);

/* Runs work on a thread of its own; a thread that hangs is left behind with all that it uses: watchdog.c. */
typedef bool (*watched_work)(void *data, struct text *why);
typedef void (*watched_place)(void *data, struct text *to);
bool run_within(unsigned limit_ms, watched_work work, watched_place place, void *data, struct text *why);
/* Whether a thread was left behind: then the process must not end as if nothing were running. */
bool has_left_threads(void);

/* From a scenario's settings to bags of attributes: settings.c. What fills a bag is false if the library refuses
 * something, and then `refusal` is the outcome, the caller's to free. */
orapool_attrs *new_bag(struct text *why);
bool fill_owner_bag(orapool_attrs *bag, const struct world *world, struct outcome *refusal);
bool fill_pool_bag(orapool_attrs *bag, const struct world *world, json_t *settings, struct outcome *refusal);
bool fill_change_bag(orapool_attrs *bag, json_t *settings, struct outcome *refusal);
bool fill_get_bag(orapool_attrs *bag, json_t *attrs, struct outcome *refusal);
bool set_int(orapool_attrs *bag, uint32_t attr, int64_t value, struct outcome *refusal);
/* A text of a scenario with the names of the users in it; the caller's to free. */
char *fill_in(const char *text);

/* The pool that a step is about. */
const char *pool_of(json_t *fields);
/* pools.c */
bool create_pool(struct world *world, const char *pool, const char *name, json_t *settings, json_t *expect,
                 struct text *why);
bool step_create(const struct scope *scope, json_t *fields, struct text *why);
bool step_open(const struct scope *scope, json_t *fields, struct text *why);
bool step_reconfigure(const struct scope *scope, json_t *fields, struct text *why);
bool step_close(const struct scope *scope, json_t *fields, struct text *why);

/* sessions.c */
bool step_get(const struct scope *scope, json_t *fields, struct text *why);
bool step_release(const struct scope *scope, json_t *fields, struct text *why);
bool step_set_tag(const struct scope *scope, json_t *fields, struct text *why);
bool step_check_tag(const struct scope *scope, json_t *fields, struct text *why);
/* The bytes that a scenario describes; absent for NULL and null. An argument is there inside a callback alone. */
bool tag_bytes(json_t *tag, const struct callback_run *run, struct bytes *bytes, struct text *why);
/* The OUT parameters of a get that matter to all who get, checked. `tag` is the caller's to free. */
struct got {
    struct outcome outcome;
    orapool_session *session;
    struct bytes tag;
    int32_t found;
};
struct got get_session(orapool *pool, const orapool_attrs *attrs, struct bytes tag, uint32_t mode);
void got_free(struct got *got);

/* statements.c */
bool step_execute(const struct scope *scope, json_t *fields, struct text *why);
bool step_query(const struct scope *scope, json_t *fields, struct text *why);
bool step_commit(const struct scope *scope, json_t *fields, struct text *why);
bool step_rollback(const struct scope *scope, json_t *fields, struct text *why);
bool step_ping(const struct scope *scope, json_t *fields, struct text *why);
bool step_kill(const struct scope *scope, json_t *fields, struct text *why);
/* Runs a statement of the runner's own doing as the owner. */
bool run_owner(struct world *world, const char *sql, struct text *why);
/* All rows of a query, as lists of texts and nulls; NULL with the reason. */
json_t *query_rows(orapool_session *session, const char *sql, json_t *binds, struct text *why);

/* waiting.c */
bool step_stats(const struct scope *scope, json_t *fields, struct text *why);
bool step_wait_until(const struct scope *scope, json_t *fields, struct text *why);
bool step_wait_until_closing(const struct scope *scope, json_t *fields, struct text *why);

/* callbacks.c */
bool hook_up(struct world *world, const char *pool, json_t *callback, orapool_attrs *bag, struct outcome *refusal);
bool step_calls(const struct scope *scope, json_t *fields, struct text *why);

/* storm.c */
bool step_storm(const struct scope *scope, json_t *fields, struct text *why);

#endif
