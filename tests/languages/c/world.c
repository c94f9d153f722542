#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "outcome.h"

struct named_pool {
    struct named_pool *next;
    char *name;
    orapool *handle;
};

struct named_loan {
    struct named_loan *next;
    char *name;
    struct loan loan;
};

struct position {
    struct position *next;
    char *path;
    char *text;
};

struct thread {
    struct thread *next;
    char *name;
    pthread_t id;
    struct world *world;
    char *path;
    json_t *steps;
    bool ok;
    struct text why;
};

struct world {
    const struct target *target;
    char *scenario;
    orapool *owner_pool;
    orapool_session *owner;
    /* Guards all below; held for no call of the library. */
    pthread_mutex_t lock;
    struct named_pool *pools;
    struct named_loan *loans;
    struct callback *callbacks;
    struct thread *threads;
    struct position *positions;
    struct text problems;
};

static void lock(struct world *world)
{
    pthread_mutex_lock(&world->lock);
}

static void unlock(struct world *world)
{
    pthread_mutex_unlock(&world->lock);
}

/* ---- The owner ------------------------------------------------------------------------------------------------- */

static bool open_owner(struct world *world, struct text *why)
{
    orapool_attrs *bag = new_bag(why);
    struct outcome outcome;
    if (bag == NULL)
        return false;
    if (!fill_owner_bag(bag, world, &outcome)) {
        orapool_attrs_free(bag);
        return expect_done(&outcome, "the owner's attributes", why);
    }
    CALL(&outcome, orapool_create(NULL, 0, bag, ORAPOOL_CREATE_NEW, &world->owner_pool, &error));
    orapool_attrs_free(bag);
    if (!expect_done(&outcome, "the owner's pool", why))
        return false;
    CALL(&outcome,
         orapool_session_get(world->owner_pool, &world->owner, NULL, NULL, 0, NULL, NULL, NULL, 0, &error));
    return expect_done(&outcome, "the owner's session", why);
}

struct world *world_new(const struct target *target, const char *scenario, struct text *why)
{
    struct world *world = allocate(sizeof *world);
    world->target = target;
    world->scenario = copy_of(scenario);
    pthread_mutex_init(&world->lock, NULL);
    if (open_owner(world, why))
        return world;
    orapool_close(world->owner_pool, ORAPOOL_CLOSE_FORCE, 0, NULL);
    world_free(world);
    return NULL;
}

const struct target *world_target(const struct world *world)
{
    return world->target;
}

const char *world_scenario(const struct world *world)
{
    return world->scenario;
}

orapool_session *world_owner(const struct world *world)
{
    return world->owner;
}

/* ---- Pools ----------------------------------------------------------------------------------------------------- */

static struct named_pool *pool_named(struct world *world, const char *name)
{
    struct named_pool *pool = world->pools;
    while (pool != NULL && strcmp(pool->name, name) != 0)
        pool = pool->next;
    return pool;
}

void add_pool(struct world *world, const char *name, orapool *handle)
{
    struct named_pool *pool = allocate(sizeof *pool);
    pool->name = copy_of(name);
    pool->handle = handle;
    lock(world);
    pool->next = world->pools;
    world->pools = pool;
    unlock(world);
}

bool has_pool(struct world *world, const char *name)
{
    bool has;
    lock(world);
    has = pool_named(world, name) != NULL;
    unlock(world);
    return has;
}

bool find_pool(struct world *world, const char *name, orapool **handle, struct text *why)
{
    struct named_pool *pool;
    lock(world);
    pool = pool_named(world, name);
    *handle = pool != NULL ? pool->handle : NULL;
    unlock(world);
    return pool != NULL || failed(why, "the scenario has no pool `%s`", name);
}

/* ---- Sessions -------------------------------------------------------------------------------------------------- */

static struct named_loan *loan_named(struct world *world, const char *name)
{
    struct named_loan *loan = world->loans;
    while (loan != NULL && strcmp(loan->name, name) != 0)
        loan = loan->next;
    return loan;
}

bool add_session(struct world *world, const char *name, orapool_session *handle, struct text *why)
{
    struct outcome outcome;
    struct loan loan = {NULL, false, 0, 0, true};
    struct named_loan *named;
    bool was_out;
    loan.handle = handle;
    CALL(&outcome, orapool_session_identity(handle, &loan.sid, &loan.serial, &error));
    loan.knows_identity = outcome_is_done(&outcome);
    outcome_free(&outcome);
    lock(world);
    named = loan_named(world, name);
    was_out = named != NULL && named->loan.is_out;
    if (named == NULL) {
        named = allocate(sizeof *named);
        named->name = copy_of(name);
        named->next = world->loans;
        world->loans = named;
    }
    named->loan = loan;
    unlock(world);
    return !was_out || failed(why, "the session `%s` is still on loan", name);
}

bool find_loan(struct world *world, const char *name, struct loan *loan, struct text *why)
{
    struct named_loan *named;
    lock(world);
    named = loan_named(world, name);
    if (named != NULL)
        *loan = named->loan;
    unlock(world);
    return named != NULL || failed(why, "the scenario has no session `%s`", name);
}

void mark_released(struct world *world, const char *name)
{
    struct named_loan *named;
    lock(world);
    named = loan_named(world, name);
    if (named != NULL)
        named->loan.is_out = false;
    unlock(world);
}

bool find_session(const struct scope *scope, const char *name, orapool_session **handle, struct text *why)
{
    struct loan loan;
    *handle = NULL;
    if (strcmp(name, "null") == 0)
        return true;
    if (strcmp(name, "owner") == 0) {
        *handle = scope->world->owner;
        return true;
    }
    if (strcmp(name, "callback") == 0) {
        if (scope->run == NULL)
            return failed(why, "there is a session `callback` inside a callback alone");
        *handle = scope->run->session;
        return true;
    }
    if (!find_loan(scope->world, name, &loan, why))
        return false;
    *handle = loan.handle;
    return true;
}

/* ---- Callbacks ------------------------------------------------------------------------------------------------- */

void ran_add(struct ran_list *list, struct bytes wanted, struct bytes actual)
{
    struct ran *at = realloc(list->at, (list->len + 1) * sizeof *at);
    if (at == NULL)
        abort();
    at[list->len].wanted = wanted;
    at[list->len].actual = actual;
    list->at = at;
    list->len++;
}

void ran_free(struct ran_list *list)
{
    while (list->len > 0) {
        struct ran *last = &list->at[--list->len];
        bytes_free(&last->wanted);
        bytes_free(&last->actual);
    }
    free(list->at);
    list->at = NULL;
}

struct callback *add_callback(struct world *world, const char *pool, json_t *runs)
{
    struct callback *callback = allocate(sizeof *callback);
    callback->world = world;
    callback->pool = copy_of(pool);
    callback->runs = runs;
    lock(world);
    callback->next = world->callbacks;
    world->callbacks = callback;
    unlock(world);
    return callback;
}

static struct bytes duplicate(struct bytes bytes)
{
    return bytes.at != NULL ? bytes_copy(bytes.at, bytes.len) : bytes;
}

size_t note_run(struct callback *callback, const struct callback_run *run)
{
    size_t number;
    lock(callback->world);
    ran_add(&callback->log, duplicate(run->wanted), duplicate(run->actual));
    number = callback->runs_begun++;
    unlock(callback->world);
    return number;
}

bool take_log(struct world *world, const char *pool, struct ran_list *log)
{
    struct callback *callback;
    log->at = NULL;
    log->len = 0;
    lock(world);
    callback = world->callbacks;
    while (callback != NULL && strcmp(callback->pool, pool) != 0)
        callback = callback->next;
    if (callback != NULL) {
        *log = callback->log;
        callback->log.at = NULL;
        callback->log.len = 0;
    }
    unlock(world);
    return callback != NULL;
}

void note_freed(struct callback *callback)
{
    lock(callback->world);
    callback->times_freed++;
    unlock(callback->world);
}

bool is_freed(struct callback *callback)
{
    bool is;
    lock(callback->world);
    is = callback->times_freed > 0;
    unlock(callback->world);
    return is;
}

/* ---- Threads --------------------------------------------------------------------------------------------------- */

static void *run_thread(void *data)
{
    struct thread *thread = data;
    struct scope scope;
    scope.world = thread->world;
    scope.path = thread->path;
    scope.run = NULL;
    thread->ok = run_steps(&scope, thread->steps, &thread->why);
    return NULL;
}

static void free_thread(struct thread *thread)
{
    free(thread->name);
    free(thread->path);
    text_free(&thread->why);
    free(thread);
}

static struct thread *take_thread(struct world *world, const char *name)
{
    struct thread **at;
    struct thread *thread;
    lock(world);
    at = &world->threads;
    while (*at != NULL && name != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    thread = *at;
    if (thread != NULL)
        *at = thread->next;
    unlock(world);
    return thread;
}

static bool has_thread(struct world *world, const char *name)
{
    struct thread *thread;
    lock(world);
    thread = world->threads;
    while (thread != NULL && strcmp(thread->name, name) != 0)
        thread = thread->next;
    unlock(world);
    return thread != NULL;
}

bool start_thread(const struct scope *scope, const char *name, json_t *steps, struct text *why)
{
    struct world *world = scope->world;
    struct text path = {NULL, 0};
    struct thread *thread;
    if (has_thread(world, name))
        return failed(why, "the thread `%s` was started before and not awaited", name);
    text_add(&path, "%sthread %s, ", scope->path, name);
    thread = allocate(sizeof *thread);
    thread->name = copy_of(name);
    thread->world = world;
    thread->path = path.at;
    thread->steps = steps;
    if (pthread_create(&thread->id, NULL, run_thread, thread) != 0) {
        free_thread(thread);
        return failed(why, "no thread could be started");
    }
    lock(world);
    thread->next = world->threads;
    world->threads = thread;
    unlock(world);
    return true;
}

bool await_thread(struct world *world, const char *name, struct text *why)
{
    struct thread *thread = take_thread(world, name);
    bool ok;
    if (thread == NULL)
        return failed(why, "there is no thread `%s`", name);
    pthread_join(thread->id, NULL);
    ok = thread->ok || failed(why, "%s", text_of(&thread->why));
    free_thread(thread);
    return ok;
}

/* ---- Whereabouts ----------------------------------------------------------------------------------------------- */

void add_problem(struct world *world, const char *problem)
{
    lock(world);
    failed(&world->problems, "%s", problem);
    unlock(world);
}

static struct position **position_at(struct world *world, const char *path)
{
    struct position **at = &world->positions;
    while (*at != NULL && strcmp((*at)->path, path) != 0)
        at = &(*at)->next;
    return at;
}

void enter_step(struct world *world, const char *path, const char *position)
{
    struct position **at;
    lock(world);
    at = position_at(world, path);
    if (*at == NULL) {
        *at = allocate(sizeof **at);
        (*at)->path = copy_of(path);
    }
    free((*at)->text);
    (*at)->text = copy_of(position);
    unlock(world);
}

void leave_steps(struct world *world, const char *path)
{
    struct position **at;
    lock(world);
    at = position_at(world, path);
    if (*at != NULL) {
        struct position *left = *at;
        *at = left->next;
        free(left->path);
        free(left->text);
        free(left);
    }
    unlock(world);
}

void show_whereabouts(struct text *to, struct world *world)
{
    struct position *position;
    lock(world);
    for (position = world->positions; position != NULL; position = position->next)
        failed(to, "%s", position->text);
    unlock(world);
}

/* ---- The end --------------------------------------------------------------------------------------------------- */

static bool check_threads(struct world *world, struct text *why)
{
    struct thread *thread;
    bool ok = true;
    lock(world);
    for (thread = world->threads; thread != NULL; thread = thread->next)
        ok = failed(why, "the scenario does not await its thread %s", thread->name);
    unlock(world);
    return ok;
}

static bool check_contexts(struct world *world, struct text *why)
{
    struct callback *callback;
    bool ok = true;
    lock(world);
    for (callback = world->callbacks; callback != NULL; callback = callback->next) {
        if (callback->times_freed != 1)
            ok = failed(why, "the callback's context of the pool `%s` was freed %d times", callback->pool,
                        callback->times_freed);
    }
    unlock(world);
    return ok;
}

/* Ended by the close of the pools that they wait for. */
static void join_threads(struct world *world)
{
    struct thread *thread;
    while ((thread = take_thread(world, NULL)) != NULL) {
        pthread_join(thread->id, NULL);
        free_thread(thread);
    }
}

bool world_finish(struct world *world, struct text *why)
{
    bool ok = check_threads(world, why);
    struct named_pool *pool;
    for (pool = world->pools; pool != NULL; pool = pool->next)
        orapool_close(pool->handle, ORAPOOL_CLOSE_FORCE, 0, NULL);
    join_threads(world);
    orapool_close(world->owner_pool, ORAPOOL_CLOSE_FORCE, 0, NULL);
    if (world->problems.len > 0)
        ok = failed(why, "%s", text_of(&world->problems));
    return check_contexts(world, why) && ok;
}

void world_free(struct world *world)
{
    while (world->positions != NULL)
        leave_steps(world, world->positions->path);
    while (world->pools != NULL) {
        struct named_pool *pool = world->pools;
        world->pools = pool->next;
        free(pool->name);
        free(pool);
    }
    while (world->loans != NULL) {
        struct named_loan *loan = world->loans;
        world->loans = loan->next;
        free(loan->name);
        free(loan);
    }
    while (world->callbacks != NULL) {
        struct callback *callback = world->callbacks;
        world->callbacks = callback->next;
        ran_free(&callback->log);
        free(callback->pool);
        free(callback);
    }
    text_free(&world->problems);
    pthread_mutex_destroy(&world->lock);
    free(world->scenario);
    free(world);
}
