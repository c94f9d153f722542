/*
 * Gets that ask for a tag, through the library's C interface. All sessions are idle and tagged before the clock starts;
 * each figure is the cost of a pair of get and release, which leaves the tag as it is.
 *
 * Cells: t10 = 10 sessions under 10 tags, t1000 = 1,000 under 100, t10000 = 10,000 under as many.
 */
#include "common.h"
#include "orapool.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MULTI ORAPOOL_SESSGET_MULTIPROPERTY_TAG
#define EXIT_USAGE 64
#define TAG_ROOM 64

typedef struct {
    uint32_t sessions;
    uint32_t tags;
    orapool *pool;
    char (*tag)[TAG_ROOM];
    size_t *tag_len;
} setting;

static void check(const char *what, orapool_status status)
{
    if (status < 0)
        bench_fail("%s: %s", what, orapool_status_name(status));
}

static void set_int(orapool_attrs *attrs, uint32_t attr, int64_t value)
{
    check("orapool_attrs_set_int", orapool_attrs_set_int(attrs, attr, value, NULL));
}

static void set_text(orapool_attrs *attrs, uint32_t attr, const char *text)
{
    check("orapool_attrs_set_text", orapool_attrs_set_text(attrs, attr, text, ORAPOOL_NTS, NULL));
}

static orapool *create(uint32_t sessions)
{
    orapool *pool = NULL;
    orapool_attrs *attrs = NULL;
    check("orapool_attrs_new", orapool_attrs_new(&attrs, NULL));
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:bench");
    set_text(attrs, ORAPOOL_ATTR_USER, "bench");
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, "bench");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, sessions);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, sessions);
    check("orapool_create", orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, NULL));
    orapool_attrs_free(attrs);
    return pool;
}

static inline orapool_session *get(const setting *s, const char *tag, size_t len, uint32_t mode, int32_t *found)
{
    orapool_session *session = NULL;
    const char *ret_tag;
    size_t ret_len;
    orapool_status status = orapool_session_get(s->pool, &session, NULL, tag, len, &ret_tag, &ret_len, found, mode, NULL);
    if (status != ORAPOOL_SUCCESS)
        check("orapool_session_get", status < 0 ? status : ORAPOOL_ERROR);
    return session;
}

static inline void give_back(orapool_session *session)
{
    orapool_status status = orapool_session_release(session, NULL, 0, 0, NULL);
    if (status != ORAPOOL_SUCCESS)
        check("orapool_session_release", status);
}

/* Every session gets its tag: two properties, of which the first is shared by many tags. */
static void tag_all(setting *s)
{
    orapool_session **sessions = calloc(s->sessions, sizeof *sessions);
    s->tag = calloc(s->tags, sizeof *s->tag);
    s->tag_len = calloc(s->tags, sizeof *s->tag_len);
    if (!sessions || !s->tag || !s->tag_len)
        bench_fail("out of memory");
    for (uint32_t i = 0; i < s->tags; i++)
        s->tag_len[i] = (size_t)snprintf(s->tag[i], TAG_ROOM, "SCHEMA=APP%u;TENANT=%u", i % 10, i);
    for (uint32_t i = 0; i < s->sessions; i++) {
        int32_t found;
        sessions[i] = get(s, NULL, 0, 0, &found);
    }
    for (uint32_t i = 0; i < s->sessions; i++) {
        uint32_t t = i % s->tags;
        check("orapool_session_release",
              orapool_session_release(sessions[i], s->tag[t], s->tag_len[t],
                                      ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, NULL));
    }
    free(sessions);
}

/* One pair. Answers whether the get found what it was to find. */
typedef int (*pair)(const setting *s, uint64_t round);

/* The tag that this thread asked for last, as a program does that has one. */
static int same_tag(const setting *s, uint64_t round)
{
    int32_t found;
    (void)round;
    give_back(get(s, s->tag[0], s->tag_len[0], MULTI, &found));
    return found == 1;
}

/* Another tag at each get: none is where this thread left a session. */
static int next_tag(const setting *s, uint64_t round)
{
    uint32_t t = (uint32_t)(round * 7 % s->tags);
    int32_t found;
    give_back(get(s, s->tag[t], s->tag_len[t], MULTI, &found));
    return found == 1;
}

/* A tag that no session has, and of which many have the first half. */
static int partial(const setting *s, uint64_t round)
{
    static const char wanted[] = "SCHEMA=APP3;TENANT=none";
    int32_t found;
    (void)round;
    give_back(get(s, wanted, sizeof wanted - 1, MULTI | ORAPOOL_SESSGET_MATCHANY, &found));
    return found == 0;
}

/* A tag of which no session has anything, so that all are alike. */
static int unrelated(const setting *s, uint64_t round)
{
    static const char wanted[] = "LANG=none";
    int32_t found;
    (void)round;
    give_back(get(s, wanted, sizeof wanted - 1, MULTI | ORAPOOL_SESSGET_MATCHANY, &found));
    return found == 0;
}

static int untagged(const setting *s, uint64_t round)
{
    int32_t found;
    (void)round;
    give_back(get(s, NULL, 0, 0, &found));
    return found == 0;
}

static uint64_t time_pairs(const setting *s, pair body, uint64_t pairs)
{
    uint64_t began = now_ns();
    for (uint64_t i = 0; i < pairs; i++)
        if (!body(s, i))
            bench_fail("a get found what it should not have, or did not");
    return now_ns() - began;
}

static void measure(const setting *s, const char *name, pair body)
{
    uint64_t least = quick ? NS_PER_MS : 200 * NS_PER_MS;
    uint64_t pairs = 100;
    uint64_t time;
    while ((time = time_pairs(s, body, pairs)) < least)
        pairs *= 2;
    figure(name, (double)time / (double)pairs);
}

static void run(setting s)
{
    s.pool = create(s.sessions);
    measure(&s, "untagged_ns", untagged);
    tag_all(&s);
    measure(&s, "same_tag_ns", same_tag);
    measure(&s, "next_tag_ns", next_tag);
    measure(&s, "partial_ns", partial);
    measure(&s, "unrelated_ns", unrelated);
    check("orapool_close", orapool_close(s.pool, ORAPOOL_CLOSE_DEFAULT, 0, NULL));
    free(s.tag);
    free(s.tag_len);
}

int main(int argc, char **argv)
{
    setting s = {0, 0, NULL, NULL, NULL};
    bench_begin("tags", argc > 1 ? argv[1] : "", argc > 2 && strcmp(argv[2], "quick") == 0);
    signal(SIGALRM, SIG_DFL);
    alarm(300);
    if (sscanf(bench_cell, "t%u", &s.sessions) != 1 || s.sessions < 10) {
        fprintf(stderr, "usage: %s t10|t1000|t10000 [quick]\n", argv[0]);
        return EXIT_USAGE;
    }
    s.tags = s.sessions == 1000 ? 100 : s.sessions;
    run(s);
    return 0;
}
