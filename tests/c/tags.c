/* Tags where the scenarios of tests/scenarios can not look: who owns which text for how long, what a thread finds again
 * without the pool's lock, and sessions that other threads have had meanwhile. */

#include "harness.h"

#define MULTI ORAPOOL_SESSGET_MULTIPROPERTY_TAG
#define RETAG ORAPOOL_SESSRLS_RETAG
#define RETAG_MULTI (ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG)

typedef struct {
    orapool_session *session;
    const char *ret_tag;
    size_t ret_tag_len;
    int32_t found;
} tagged;

static tagged get_tagged_at(int line, orapool *pool, const char *tag, uint32_t mode) {
    tagged got = {POISON(orapool_session), POISON(const char), POISONED_NUMBER, POISONED_NUMBER};
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_get(pool, &got.session, NULL, tag, ORAPOOL_NTS, &got.ret_tag, &got.ret_tag_len,
                                                &got.found, mode, &error);
    succeeded_at(__FILE__, line, "orapool_session_get", status, error);
    return got;
}

#define GET_TAGGED(pool, tag, mode) get_tagged_at(__LINE__, pool, tag, mode)

static void release_as_at(int line, orapool_session *session, const char *tag, uint32_t mode) {
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_session_release(session, tag, ORAPOOL_NTS, mode, &error);
    succeeded_at(__FILE__, line, "orapool_session_release", status, error);
}

#define RELEASE_AS(session, tag, mode) release_as_at(__LINE__, session, tag, mode)

/* NULL, empty text and length 0 are no tag; NULL with a length is a mistake. */
static void tags_that_are_absent(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = POISON(orapool_session);
    const char *ret_tag = POISON(const char);
    size_t len = POISONED_NUMBER;
    int32_t found = POISONED_NUMBER;
    FAILS(orapool_session_get(pool, &session, NULL, NULL, 3, &ret_tag, &len, &found, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "tag");
    CHECK(session == NULL && ret_tag == NULL && len == 0 && found == 0);
    SUCCEEDS(orapool_session_get(pool, &session, NULL, "", ORAPOOL_NTS, NULL, NULL, NULL, MULTI, &err));
    FAILS(orapool_session_release(session, NULL, 3, RETAG, &err), ORAPOOL_INVALID_ARGUMENT, 0, "tag");
    FAILS(orapool_session_set_tag(session, NULL, 3, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "tag");
    SUCCEEDS(orapool_session_release(session, NULL, 3, 0, &err));
    SUCCEEDS(orapool_session_get(pool, &session, NULL, "x", 0, NULL, NULL, NULL, MULTI, &err));
    SUCCEEDS(orapool_session_release(session, "no properties", ORAPOOL_NTS, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &err));
    SUCCEEDS(orapool_session_get(pool, &session, NULL, NULL, ORAPOOL_NTS, NULL, NULL, NULL, 0, &err));
    CHECK(orapool_session_tag(session, NULL) == NULL);
    SUCCEEDS(orapool_session_release(session, NULL, 0, 0, &err));
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* The text of a tag is the session's: it is there until the tag changes, with a NUL behind it. */
static void the_text_of_a_tag(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_NOWAIT);
    tagged got = GET_TAGGED(pool, "LANG=de;TZ=UTC", MULTI);
    size_t len = POISONED_NUMBER;
    const char *tag;
    CHECK(got.found == 0 && got.ret_tag == NULL && got.ret_tag_len == 0);
    SUCCEEDS(orapool_session_set_tag(got.session, "LANG=de;TZ=UTC", 7, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &err));
    tag = orapool_session_tag(got.session, &len);
    EQUAL(len, 7);
    TEXT_EQUAL(tag, "LANG=de");
    FAILS(orapool_session_set_tag(got.session, "LANG=", ORAPOOL_NTS, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &err), ORAPOOL_ERROR,
          24488, "byte 5");
    TEXT_EQUAL(tag, "LANG=de");
    RELEASE_AS(got.session, "a\xff=1", RETAG);
    got = GET_TAGGED(pool, "a\xff=1", 0);
    CHECK(got.found == 1);
    TEXT_EQUAL(got.ret_tag, "a\xff=1");
    CHECK(got.ret_tag == orapool_session_tag(got.session, &len) && len == got.ret_tag_len);
    EXECUTE(got.session, "select 1 from dual");
    TEXT_EQUAL(got.ret_tag, "a\xff=1");
    SUCCEEDS(orapool_session_set_tag(got.session, NULL, 0, 0, &err));
    CHECK(orapool_session_tag(got.session, &len) == NULL && len == 0);
    RELEASE(got.session);
    CLOSE(pool);
}

/* A single tag may have NULs in it; its length counts. */
static void a_tag_with_nuls(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_NOWAIT);
    orapool_session *session = GET(pool);
    const char *ret_tag = NULL;
    size_t len = 0;
    int32_t found = 0;
    SUCCEEDS(orapool_session_release(session, "a\0b", 3, RETAG, &err));
    SUCCEEDS(orapool_session_get(pool, &session, NULL, "a", 1, NULL, NULL, &found, 0, &err));
    EQUAL(found, 0);
    RELEASE(session);
    SUCCEEDS(orapool_session_get(pool, &session, NULL, "a\0b", 3, &ret_tag, &len, &found, 0, &err));
    CHECK(found == 1 && len == 3 && memcmp(ret_tag, "a\0b", 4) == 0);
    RELEASE(session);
    CLOSE(pool);
}

/* What a thread left tagged it finds again, used or not; a get that wishes for no tag or for another passes it over. */
static void a_thread_finds_its_tag_again(void) {
    orapool *pool = POOL(0, 3, 1, ORAPOOL_GET_NOWAIT);
    tagged got = GET_TAGGED(pool, "A=1", MULTI);
    uint32_t sid = 0;
    uint32_t again = 0;
    int round;
    SUCCEEDS(orapool_session_identity(got.session, &sid, NULL, &err));
    RELEASE_AS(got.session, "A=1", RETAG_MULTI);
    for (round = 0; round < 6; round++) {
        got = GET_TAGGED(pool, "A=1", MULTI);
        CHECK(got.found == 1 && got.ret_tag_len == 3);
        TEXT_EQUAL(got.ret_tag, "A=1");
        CHECK(!orapool_session_is_new(got.session));
        if (round % 3 == 2) {
            SUCCEEDS(orapool_session_identity(got.session, &again, NULL, &err));
            EQUAL(again, sid);
        }
        RELEASE(got.session);
    }
    got = GET_TAGGED(pool, NULL, 0);
    CHECK(got.found == 0 && got.ret_tag == NULL);
    SUCCEEDS(orapool_session_identity(got.session, &again, NULL, &err));
    CHECK(again != sid);
    RELEASE(got.session);
    got = GET_TAGGED(pool, "A=1", MULTI);
    CHECK(got.found == 1);
    RELEASE(got.session);
    got = GET_TAGGED(pool, "A=2", MULTI);
    CHECK(got.found == 0 && got.ret_tag == NULL);
    RELEASE(got.session);
    EQUAL(STATS(pool).gets_tag_exact, 7);
    CLOSE(pool);
}

/* A tag that was left as bytes can not be asked for as properties if it is none. */
static void a_single_tag_is_no_list_of_properties(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_NOWAIT);
    tagged got = GET_TAGGED(pool, NULL, 0);
    orapool_session *session = POISON(orapool_session);
    RELEASE_AS(got.session, "CUSTOM", RETAG);
    got = GET_TAGGED(pool, "CUSTOM", 0);
    CHECK(got.found == 1);
    RELEASE(got.session);
    FAILS(orapool_session_get(pool, &session, NULL, "CUSTOM", ORAPOOL_NTS, NULL, NULL, NULL, MULTI, &err), ORAPOOL_ERROR, 24487,
          "byte 0");
    CHECK(session == NULL);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

typedef struct {
    orapool *pool;
    const char *wanted;
    const char *left;
    int32_t found;
} visitor;

static void *run_visitor(void *arg) {
    visitor *visit = (visitor *)arg;
    tagged got = GET_TAGGED(visit->pool, visit->wanted, MULTI);
    visit->found = got.found;
    RELEASE_AS(got.session, visit->left, RETAG_MULTI);
    return NULL;
}

static int32_t visit(orapool *pool, const char *wanted, const char *left) {
    visitor visit;
    pthread_t thread;
    visit.pool = pool;
    visit.wanted = wanted;
    visit.left = left;
    visit.found = POISONED_NUMBER;
    CHECK(pthread_create(&thread, NULL, run_visitor, &visit) == 0);
    pthread_join(thread, NULL);
    return visit.found;
}

/* Another thread may have the session that this one left; when it has given it another tag, this one must not take it
 * for what it was. */
static void another_thread_changes_the_tag(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_NOWAIT);
    tagged got = GET_TAGGED(pool, NULL, 0);
    RELEASE_AS(got.session, "A=1", RETAG_MULTI);
    got = GET_TAGGED(pool, "A=1", MULTI);
    RELEASE(got.session);
    EQUAL(visit(pool, "A=1", "B=1"), 1);
    got = GET_TAGGED(pool, "B=1", MULTI);
    EQUAL(got.found, 1);
    RELEASE(got.session);
    EQUAL(visit(pool, "B=1", "B=1"), 1);
    got = GET_TAGGED(pool, "B=1", MULTI);
    EQUAL(got.found, 1);
    RELEASE_AS(got.session, NULL, RETAG);
    EQUAL(visit(pool, "B=1", "A=1"), 0);
    got = GET_TAGGED(pool, "A=1", MULTI);
    EQUAL(got.found, 1);
    RELEASE(got.session);
    EQUAL(STATS(pool).evictions, 0);
    CLOSE(pool);
}

/* A session with the wrong tag that was left near a thread makes room for a waiter that it does not fit. */
static void a_waiter_evicts_what_does_not_fit(void) {
    orapool *pool = POOL(0, 1, 1, ORAPOOL_GET_WAIT);
    tagged got = GET_TAGGED(pool, NULL, 0);
    visitor waiting;
    pthread_t thread;
    RELEASE_AS(got.session, "A=1", RETAG_MULTI);
    got = GET_TAGGED(pool, "A=1", MULTI);
    waiting.pool = pool;
    waiting.wanted = "B=1";
    waiting.left = "B=1";
    CHECK(pthread_create(&thread, NULL, run_visitor, &waiting) == 0);
    WAIT_FOR(STATS(pool).waiting == 1);
    RELEASE(got.session);
    pthread_join(thread, NULL);
    EQUAL(waiting.found, 0);
    EQUAL(STATS(pool).evictions, 1);
    COUNTS(pool, 1, 0);
    CLOSE(pool);
}

/* Threads with tags of their own and of others: whoever is told that the tag was found has that tag. */
static void *run_mixed(void *arg) {
    orapool *pool = (orapool *)arg;
    static const char *const tags[] = {"T=0", "T=1", "T=2", "T=3", "T=4", "T=5", "T=6", "T=7"};
    unsigned state = (unsigned)(uintptr_t)&state;
    int round;
    for (round = 0; round < 1000; round++) {
        const char *tag;
        tagged got;
        state = state * 1103515245u + 12345u;
        tag = tags[(state >> 16) % 8];
        got = GET_TAGGED(pool, tag, MULTI);
        if (got.found != (got.ret_tag != NULL && strcmp(got.ret_tag, tag) == 0)) {
            CHECK(!"found tells whether the tag is the one asked for");
        }
        if (got.found) {
            RELEASE(got.session);
        } else {
            RELEASE_AS(got.session, tag, RETAG_MULTI);
        }
    }
    return NULL;
}

static void many_threads_and_tags(void) {
    orapool *pool = POOL(4, 16, 2, ORAPOOL_GET_WAIT);
    pthread_t threads[32];
    orapool_stats stats;
    int at;
    for (at = 0; at < 32; at++) {
        CHECK(pthread_create(&threads[at], NULL, run_mixed, pool) == 0);
    }
    for (at = 0; at < 32; at++) {
        pthread_join(threads[at], NULL);
    }
    stats = SETTLED(pool);
    EQUAL(stats.gets, 32000);
    CHECK(stats.open <= 16);
    EQUAL(stats.gets_tag_exact + stats.gets_untagged + stats.gets_new, 32000);
    COUNTS(pool, stats.open, 0);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(tags_that_are_absent),
    TEST(the_text_of_a_tag),
    TEST(a_tag_with_nuls),
    TEST(a_thread_finds_its_tag_again),
    TEST(a_single_tag_is_no_list_of_properties),
    TEST(another_thread_changes_the_tag),
    TEST(a_waiter_evicts_what_does_not_fit),
    SLOW_TEST(many_threads_and_tags),
};

MAIN(tests)
