/* Lesson 5: tags, or how a get finds a session in the right state.
 *
 * ALTER SESSION changes a session, and the pool keeps the session: whoever gets it next has the time zone and the date
 * format of somebody else. A program that sets all of it after each get is right, and pays a round trip for each
 * statement although most of the sessions were right before.
 *
 * A tag is a label that says in what state a session is. A release puts it on, a get asks for it. The pool only
 * compares tags: it knows neither what they mean nor whether they are true, so whoever changes a session's state
 * changes its tag as well.
 *
 *     single tag           Any bytes. It fits as a whole or not at all.
 *     multi-property tag   name=value;name=value, the most important property first. A get may find a session that has
 *                          these properties in another order, or more of them, or a part.
 *
 * Runs on any database, see lesson 1. By default on the embedded engine, told to take 1 ms for a call and 10 ms for a
 * log-on: a real log-on costs more. */

#include <inttypes.h>

#include "example.h"

enum { GETS = 60 };

static const uint32_t PROPERTIES = ORAPOOL_SESSGET_MULTIPROPERTY_TAG;
static const uint32_t NEAREST = ORAPOOL_SESSGET_MULTIPROPERTY_TAG | ORAPOOL_SESSGET_MATCHANY;

static orapool *sized_pool(int64_t max)
{
    orapool_attrs *attrs = new_attrs("embedded:tags?call_delay_ms=1&connect_delay_ms=10");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    return new_pool(attrs);
}

static uint32_t sid_of(orapool_session *session)
{
    orapool_error *error;
    uint32_t sid;
    check(orapool_session_identity(session, &sid, NULL, &error), &error, "ask for the SID");
    return sid;
}

/* "found" is the answer that matters: 1 = the state is there, 0 = set it. */
static void print_get(const char *what, struct tagged got)
{
    printf("  %-50s session %u, found %d, tag %s\n", what, sid_of(got.session), got.found, shown(got.tag));
}

static void single_tag(orapool *pool)
{
    orapool_error *error;
    struct tagged got;

    printf("1. A single tag\n\n");
    /* Behind the tag and its length come two answers: the tag that the session has, which is NULL for none, and whether
     * it is the one that was asked for. */
    check(orapool_session_get(pool, &got.session, NULL, "month end", ORAPOOL_NTS, &got.tag, NULL, &got.found, 0,
                              &error),
          &error, "get a session");
    print_get("get 'month end', which nobody has set yet", got);
    execute(got.session, "alter session set nls_date_format = 'YYYY-MM'");
    /* RETAG says that the tag is meant. Without it a release keeps the tag that the session has, or none. */
    check(orapool_session_release(got.session, "month end", ORAPOOL_NTS, ORAPOOL_SESSRLS_RETAG, &error), &error,
          "release the session with a tag");

    got = get_tagged(pool, "month end", 0);
    print_get("get 'month end' again: nothing to set", got);
    release_session(got.session);

    got = get_tagged(pool, "month end", 0);
    print_get("a plain release has kept the tag", got);
    release_session(got.session);

    /* No tag means a session of which nothing is said: never one that somebody has tagged. */
    got = get_tagged(pool, NULL, 0);
    print_get("get without a tag: another session", got);
    release_session(got.session);

    /* NULL takes the tag off, for a state that nobody should ask for any more. That changes the label alone and not
     * the session: so put the state back first, or drop the session. */
    got = get_tagged(pool, "month end", 0);
    execute(got.session, "alter session set nls_date_format = 'DD-MON-RR'");
    check(orapool_session_release(got.session, NULL, 0, ORAPOOL_SESSRLS_RETAG, &error), &error, "take the tag off");
    got = get_tagged(pool, "month end", 0);
    print_get("get 'month end' when the tag is off", got);
    release_session(got.session);
}

static void properties(orapool *pool)
{
    orapool_error *error;
    struct tagged got;
    struct tagged other;

    printf("\n2. Properties\n\n");
    /* Two sessions and what is said of them; part 4 shows the ALTER SESSION that belongs to it. Names and values are
     * the program's own: they need not be those of Oracle's parameters. */
    got = get_tagged(pool, NULL, 0);
    other = get_tagged(pool, NULL, 0);
    release_tagged(got.session, "ZONE=UTC;DATES=ISO");
    release_tagged(other.session, "ZONE=INDIA;DATES=ISO;LANG=EN");

    got = get_tagged(pool, "DATES=ISO;ZONE=UTC", PROPERTIES);
    print_get("get DATES=ISO;ZONE=UTC: the order does not count", got);
    release_session(got.session);

    /* Without MATCHANY it must be these properties and no others: more of them may mean more than is wanted. */
    got = get_tagged(pool, "ZONE=INDIA;DATES=ISO", PROPERTIES);
    print_get("get ZONE=INDIA;DATES=ISO", got);
    release_session(got.session);

    got = get_tagged(pool, NULL, 0);
    printf("\n  Now with MATCHANY, and with no untagged session left: that would come before the nearest.\n\n");
    other = get_tagged(pool, "ZONE=INDIA;DATES=ISO", NEAREST);
    print_get("get ZONE=INDIA;DATES=ISO: more is right as well", other);
    release_session(other.session);

    /* The nearest is the one that matches furthest to the left. "found" is 0, so there is something to do, and the tag
     * tells what: here only the date format differs. */
    other = get_tagged(pool, "ZONE=INDIA;DATES=US", NEAREST);
    print_get("get ZONE=INDIA;DATES=US: the nearest", other);
    /* Who sets it says so. The tag may be told at once instead of at the release. */
    check(orapool_session_set_tag(other.session, "ZONE=INDIA;DATES=US;LANG=EN", ORAPOOL_NTS,
                                  ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &error),
          &error, "set the tag");
    release_session(other.session);
    other = get_tagged(pool, "ZONE=MARS", NEAREST);
    print_get("get ZONE=MARS: nothing fits, and any is better", other);
    release_session(other.session);
    release_session(got.session);
}

static void bad_tags(orapool *pool)
{
    orapool_error *error;
    orapool_session *session;
    orapool_status status;

    printf("\n3. Tags that are no list of properties\n\n");
    printf("  get ZONE=UTC;DATES=\n");
    status = orapool_session_get(pool, &session, NULL, "ZONE=UTC;DATES=", ORAPOOL_NTS, NULL, NULL, NULL, PROPERTIES,
                                 &error);
    expect_error(ORAPOOL_ERROR, 24487, status, &error);

    printf("  release ZONE=UTC;UTC\n");
    session = get_session(pool, NULL);
    status = orapool_session_release(session, "ZONE=UTC;UTC", ORAPOOL_NTS,
                                     ORAPOOL_SESSRLS_RETAG | ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, &error);
    expect_error(ORAPOOL_ERROR, 24488, status, &error);
    /* A session with the wrong tag would be worse than none. So it is on loan still, and is released once more. */
    release_session(session);
}

/* ---- What it is good for ------------------------------------------------------------------------------------- */

/* The tag, how to get into the state that it names, and how to see that a session is in it. For Berlin one would say
 * 'Europe/Berlin', which knows of summer time; the embedded engine has no list of cities. */
struct kind {
    const char *tag;
    const char *set_zone;
    const char *set_dates;
    const char *sample;
};

static const struct kind kinds[] = {
    {"ZONE=BERLIN;DATES=GERMAN", "alter session set time_zone = '+01:00'",
     "alter session set nls_date_format = 'DD.MM.YYYY'", "+01:00 28.02.2026"},
    {"ZONE=NEWYORK;DATES=US", "alter session set time_zone = '-05:00'",
     "alter session set nls_date_format = 'MM/DD/YYYY'", "-05:00 02/28/2026"},
};

/* Users of two kinds, in turn, and each gets a session for one query. */
static void serve(const char *how, int64_t sessions_max, int uses_tags, uint32_t mode)
{
    orapool *pool = sized_pool(sessions_max);
    orapool_stats stats;
    double began = now_ms();
    unsigned altered = 0;
    unsigned found = 0;
    int i;

    for (i = 0; i < GETS; i++) {
        const struct kind *kind = &kinds[i % 2];
        struct tagged got = get_tagged(pool, uses_tags ? kind->tag : NULL, mode);
        char sample[40];
        found += (unsigned)got.found;
        if (!got.found) {
            execute(got.session, kind->set_zone);
            execute(got.session, kind->set_dates);
            altered += 2;
        }
        query_text(got.session, "select sessiontimezone || ' ' || to_char(date '2026-02-28') from dual", sample,
                   sizeof sample);
        if (strcmp(sample, kind->sample) != 0) {
            fprintf(stderr, "%s: a session is not in the state that its user needs: %s\n", how, sample);
            exit(EXIT_FAILURE);
        }
        if (uses_tags)
            release_tagged(got.session, kind->tag);
        else
            release_session(got.session);
    }
    stats = get_stats(pool);
    printf("  %-34s %8d %8u %15u %9" PRIu64 " %8.0f\n", how, GETS, found, altered, stats.connects, now_ms() - began);
    close_pool(pool);
}

static void why(void)
{
    printf("\n4. Users in Berlin and in New York, in turn\n\n");
    printf("  %-34s %8s %8s %15s %9s %8s\n", "", "gets", "found", "ALTER SESSION", "log-ons", "ms");
    serve("2 sessions, no tags", 2, 0, PROPERTIES);
    serve("2 sessions, tags", 2, 1, PROPERTIES);
    /* A pool that is full of other tags closes a session and logs on anew, to have one of which nothing is said. That
     * is worse than no tags at all: MATCHANY changes a session instead of throwing it away. */
    serve("1 session, tags", 1, 1, PROPERTIES);
    serve("1 session, tags, MATCHANY", 1, 1, NEAREST);
    printf("\n  Tags pay if the pool has room for a session of each kind. If it may not, use MATCHANY.\n");
}

int main(void)
{
    orapool *pool = sized_pool(4);
    single_tag(pool);
    close_pool(pool);
    pool = sized_pool(3);
    properties(pool);
    bad_tags(pool);
    close_pool(pool);
    why();
    return EXIT_SUCCESS;
}
