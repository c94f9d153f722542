/* Many threads that get and release with tags, and what must hold whatever they meet. */

#include <stdlib.h>
#include <string.h>

#include "actions.h"

struct storm {
    orapool *pool;
    size_t rounds;
    struct bytes *tags;
    size_t tags_len;
};

struct storm_thread {
    pthread_t id;
    const struct storm *storm;
    size_t number;
    bool ok;
    struct text why;
};

/* Whether one of the properties of `tag` is this. */
static bool has_property(struct bytes tag, const char *property, size_t len)
{
    size_t from = 0;
    while (from <= tag.len) {
        const char *end = memchr(tag.at + from, ';', tag.len - from);
        size_t to = end != NULL ? (size_t)(end - tag.at) : tag.len;
        if (to - from == len && memcmp(tag.at + from, property, len) == 0)
            return true;
        from = to + 1;
    }
    return false;
}

static bool has_properties(struct bytes tag, struct bytes wanted)
{
    size_t from = 0;
    while (from <= wanted.len) {
        const char *end = memchr(wanted.at + from, ';', wanted.len - from);
        size_t to = end != NULL ? (size_t)(end - wanted.at) : wanted.len;
        if (!has_property(tag, wanted.at + from, to - from))
            return false;
        from = to + 1;
    }
    return true;
}

/* Found means: all that was wanted is in the tag. Not found means, without MATCHANY and fix-up: no tag at all. */
static bool check_found(struct bytes wanted, const struct got *got, struct text *why)
{
    bool holds = got->tag.at != NULL ? got->found == 1 && has_properties(got->tag, wanted) : got->found == 0;
    if (holds)
        return true;
    failed(why, "wanted ");
    show_bytes(why, wanted);
    text_add(why, ", found %d, tag ", (int)got->found);
    show_bytes(why, got->tag);
    return false;
}

static bool one_loan(const struct storm *storm, struct bytes wanted, struct text *why)
{
    struct got got = get_session(storm->pool, NULL, wanted, ORAPOOL_SESSGET_MULTIPROPERTY_TAG);
    struct outcome released;
    bool ok;
    ok = check_outcome(&got.outcome, NULL, why) && check_found(wanted, &got, why);
    if (got.session == NULL) {
        got_free(&got);
        return false;
    }
    CALL(&released, orapool_session_release(got.session, wanted.at, wanted.len,
                                            ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &error));
    got_free(&got);
    return check_and_free(&released, NULL, why) && ok;
}

/* Each thread goes through the tags, each from another one on. */
static void *run_storm_thread(void *data)
{
    struct storm_thread *thread = data;
    const struct storm *storm = thread->storm;
    size_t round;
    thread->ok = true;
    for (round = 0; round < storm->rounds && thread->ok; round++) {
        struct bytes wanted = storm->tags[(thread->number + round) % storm->tags_len];
        thread->ok = one_loan(storm, wanted, &thread->why);
    }
    return NULL;
}

/* All are waited for before a failure is told: none may run on into the end of the scenario. */
static bool run_threads(const struct storm *storm, size_t count, struct text *why)
{
    struct storm_thread *threads = allocate(count * sizeof *threads);
    size_t started = 0;
    bool ok = true;
    size_t i;
    for (; started < count && ok; started++) {
        threads[started].storm = storm;
        threads[started].number = started;
        ok = pthread_create(&threads[started].id, NULL, run_storm_thread, &threads[started]) == 0;
        if (!ok) {
            failed(why, "no thread could be started");
            break;
        }
    }
    for (i = 0; i < started; i++) {
        pthread_join(threads[i].id, NULL);
        if (!threads[i].ok)
            ok = failed(why, "thread %zu of the storm: %s", i + 1, text_of(&threads[i].why));
        text_free(&threads[i].why);
    }
    free(threads);
    return ok;
}

bool step_storm(const struct scope *scope, json_t *fields, struct text *why)
{
    json_t *tags = json_object_get(fields, "tags");
    size_t threads = (size_t)json_integer_value(json_object_get(fields, "threads"));
    struct storm storm;
    bool ok;
    size_t i;
    json_t *tag;
    storm.rounds = (size_t)json_integer_value(json_object_get(fields, "rounds"));
    storm.tags_len = json_array_size(tags);
    storm.tags = allocate(storm.tags_len * sizeof *storm.tags);
    ok = find_pool(scope->world, pool_of(fields), &storm.pool, why);
    json_array_foreach (tags, i, tag)
        ok = ok && tag_bytes(tag, NULL, &storm.tags[i], why);
    ok = ok && run_threads(&storm, threads, why);
    for (i = 0; i < storm.tags_len; i++)
        bytes_free(&storm.tags[i]);
    free(storm.tags);
    return ok;
}
