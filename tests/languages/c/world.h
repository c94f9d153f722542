/* All that a running scenario has: its pools, sessions, threads and what its callbacks saw. */

#ifndef WORLD_H
#define WORLD_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>

#include "bytes.h"
#include "orapool.h"
#include "target.h"

struct world;

/* One run of a session callback: its session and arguments. */
struct callback_run {
    orapool_session *session;
    struct bytes wanted;
    struct bytes actual;
};

/* Where a step runs. */
struct scope {
    struct world *world;
    const char *path;                 /* such as "step 3, thread t1, " */
    const struct callback_run *run;   /* inside a callback, else NULL */
};

/* A session under its name in the scenario. It stays here after its release, so that what is said of it later finds the
 * used-up handle and the identity. */
struct loan {
    orapool_session *handle;
    bool knows_identity;
    uint32_t sid;
    uint32_t serial;
    bool is_out;
};

/* What both kinds of callbacks were called with. */
struct ran {
    struct bytes wanted;
    struct bytes actual;
};

struct ran_list {
    struct ran *at;
    size_t len;
};

void ran_add(struct ran_list *list, struct bytes wanted, struct bytes actual);
void ran_free(struct ran_list *list);

/* The callback of a pool: the context that the library has, and what it was called with. */
struct callback {
    struct callback *next;
    struct world *world;
    char *pool;
    json_t *runs;
    size_t runs_begun;
    struct ran_list log;
    int times_freed;
};

/* A world with a session of the owner, in a pool of its own, which keeps the database alive; NULL with the reason. */
struct world *world_new(const struct target *target, const char *scenario, struct text *why);
/* Closes everything and reports what shows only at the end. */
bool world_finish(struct world *world, struct text *why);
void world_free(struct world *world);

const struct target *world_target(const struct world *world);
const char *world_scenario(const struct world *world);
orapool_session *world_owner(const struct world *world);

void add_pool(struct world *world, const char *name, orapool *handle);
bool has_pool(struct world *world, const char *name);
bool find_pool(struct world *world, const char *name, orapool **handle, struct text *why);

/* Takes a session over under its name. A name that still has a loan must not lose it. */
bool add_session(struct world *world, const char *name, orapool_session *handle, struct text *why);
bool find_loan(struct world *world, const char *name, struct loan *loan, struct text *why);
void mark_released(struct world *world, const char *name);
/* The handle behind a name, `owner`, `callback` and `null` among them. */
bool find_session(const struct scope *scope, const char *name, orapool_session **handle, struct text *why);

/* A context for a session callback, which the world keeps to its end. */
struct callback *add_callback(struct world *world, const char *pool, json_t *runs);
/* Writes a run down; its number, from 0. */
size_t note_run(struct callback *callback, const struct callback_run *run);
/* What the newest callback of the pool was called with since the last look; false if it has none. */
bool take_log(struct world *world, const char *pool, struct ran_list *log);
void note_freed(struct callback *callback);
bool is_freed(struct callback *callback);

/* Starts a thread that does the steps; it has a scope of its own. */
bool start_thread(const struct scope *scope, const char *name, json_t *steps, struct text *why);
/* Waits for it; its failure is the caller's. */
bool await_thread(struct world *world, const char *name, struct text *why);

/* Failures inside callbacks, which the callback's caller can not see. */
void add_problem(struct world *world, const char *problem);

/* The step that each thread is in, for the report of a hang. */
void enter_step(struct world *world, const char *path, const char *position);
void leave_steps(struct world *world, const char *path);
void show_whereabouts(struct text *to, struct world *world);

#endif
