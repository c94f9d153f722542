/* Lesson 6: the session callback, which puts sessions into the right state in one place.
 *
 * Lesson 5 sets the state after each get. A large program has hundreds of gets, and the one that forgets is found when
 * a date is wrong. With a callback the pool sees to it: it is called inside the get, for a session that nobody has had
 * and for one whose tag is not what was asked for, and for no other. Three ways to use it:
 *
 *     1. All sessions are alike       The callback sets everything, once in the life of a session. No tags.
 *     2. Sessions differ              The gets say by tags what they need. The callback compares that with what the
 *                                     session has, sets what differs, and says so with orapool_session_set_tag.
 *     3. Sessions differ, in PL/SQL   A procedure in the database does it, in one round trip for all properties. It is
 *                                     the same for all programs, in whatever language. Lesson 7 goes on from there.
 *
 * Runs on any database, see lesson 1. The user needs the privilege to create a procedure. */

#include <inttypes.h>

#include "example.h"

static const uint32_t PROPERTIES = ORAPOOL_SESSGET_MULTIPROPERTY_TAG;
static const uint32_t NEAREST = ORAPOOL_SESSGET_MULTIPROPERTY_TAG | ORAPOOL_SESSGET_MATCHANY;

/* ---- What the callbacks share -------------------------------------------------------------------------------- */

/* The context. Gets of several threads call the callback at the same time, so what it changes has a lock. */
struct tally {
    pthread_mutex_t lock;
    unsigned calls;
    unsigned statements;
};

static struct tally *new_tally(void)
{
    struct tally *tally = (struct tally *)calloc(1, sizeof *tally);
    if (tally == NULL) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    pthread_mutex_init(&tally->lock, NULL);
    return tally;
}

/* The pool calls this when it can not call the callback any more. Before that nobody can know that the context is not
 * in use, after it nobody is left to free it. */
static void free_tally(void *ctx)
{
    struct tally *tally = (struct tally *)ctx;
    printf("  the context goes: %u calls, %u statements\n", tally->calls, tally->statements);
    pthread_mutex_destroy(&tally->lock);
    free(tally);
}

static void count(struct tally *tally, unsigned calls, unsigned statements)
{
    pthread_mutex_lock(&tally->lock);
    tally->calls += calls;
    tally->statements += statements;
    pthread_mutex_unlock(&tally->lock);
}

static unsigned calls_of(struct tally *tally)
{
    unsigned calls;
    pthread_mutex_lock(&tally->lock);
    calls = tally->calls;
    pthread_mutex_unlock(&tally->lock);
    return calls;
}

/* What a callback returns reaches the user of the get in the error's message, so a number that says something is
 * better than 0. The whole error does not: whoever needs it writes it down here. */
static int32_t run_in_callback(struct tally *tally, orapool_session *session, const char *sql)
{
    orapool_error *error;
    int32_t result = ORAPOOL_CALLBACK_OK;
    count(tally, 0, 1);
    if (orapool_session_execute(session, sql, ORAPOOL_NTS, NULL, &error) < 0) {
        print_error(stdout, "      callback", error);
        result = -orapool_error_code(error);
    }
    orapool_error_free(error);
    return result;
}

static orapool *pool_with(orapool_session_callback callback, struct tally *tally, const char *procedure, int64_t max)
{
    orapool_error *error;
    orapool_attrs *attrs = new_attrs("embedded:callback");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, max);
    if (callback != NULL)
        check(orapool_attrs_set_callback(attrs, callback, tally, free_tally, &error), &error, "set the callback");
    if (procedure != NULL)
        set_text(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, procedure);
    return new_pool(attrs);
}

/* ---- 1. All sessions are alike ------------------------------------------------------------------------------- */

static int32_t make_alike(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len,
                          const char *actual, size_t actual_len)
{
    struct tally *tally = (struct tally *)ctx;
    /* Nobody asks for a tag here, so this runs for new sessions and does not need to compare. */
    (void)wanted, (void)wanted_len, (void)actual, (void)actual_len;
    count(tally, 1, 0);
    /* A block takes one round trip, whatever is in it. */
    return run_in_callback(tally, session,
                           "begin\n"
                           "  execute immediate\n"
                           "    'alter session set nls_date_format = ''YYYY-MM-DD'' nls_numeric_characters = '',.''';\n"
                           "  execute immediate 'alter session set time_zone = ''+00:00''';\n"
                           "  dbms_application_info.set_client_info('lesson 6');\n"
                           "end;");
}

static void all_alike(void)
{
    enum { SESSIONS = 3, ROUNDS = 20 };
    struct tally *tally = new_tally();
    orapool *pool = pool_with(make_alike, tally, NULL, SESSIONS);
    orapool_session *sessions[SESSIONS];
    char sample[80];
    int round;
    int i;

    printf("1. All sessions are alike\n\n");
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < SESSIONS; i++)
            sessions[i] = get_session(pool, NULL);
        for (i = 0; i < SESSIONS; i++)
            release_session(sessions[i]);
    }
    printf("  %d gets of %d sessions: the callback was called %u times\n", ROUNDS * SESSIONS, SESSIONS,
           calls_of(tally));
    sessions[0] = get_session(pool, NULL);
    query_text(sessions[0],
               "select to_char(date '2026-02-28') || ', ' || to_char(0.5, 'fm0d0') || ', ' || sessiontimezone "
               "from dual",
               sample, sizeof sample);
    printf("  a session of the pool: %s\n", sample);
    release_session(sessions[0]);
    /* The bag is gone already, so the pool is the last that has the context. */
    close_pool(pool);
}

/* ---- 2. Sessions differ -------------------------------------------------------------------------------------- */

/* All properties that gets may ask for. A tag may come from far away, from a user's profile perhaps. Here it chooses
 * among statements and never becomes a part of one, so nobody can write SQL into it. */
static const struct {
    const char *property;
    const char *sql;
} states[] = {
    {"DATES=ISO", "alter session set nls_date_format = 'YYYY-MM-DD'"},
    {"DATES=GERMAN", "alter session set nls_date_format = 'DD.MM.YYYY'"},
    {"ZONE=UTC", "alter session set time_zone = '+00:00'"},
    {"ZONE=INDIA", "alter session set time_zone = '+05:30'"},
    /* A mistake, to see what comes of it. */
    {"ZONE=MARS", "alter session set time_zone = 'Mars/Olympus'"},
};

struct property {
    const char *text;
    size_t len;
};

/* Cuts the first property off a list. 0 = the list is at its end. The texts are not copied: lengths tell their ends. */
static int next_property(struct property *list, struct property *property)
{
    const char *end;
    if (list->len == 0)
        return 0;
    end = (const char *)memchr(list->text, ';', list->len);
    property->text = list->text;
    property->len = end != NULL ? (size_t)(end - list->text) : list->len;
    list->text += property->len + (end != NULL);
    list->len -= property->len + (end != NULL);
    return 1;
}

static int has_property(struct property list, struct property wanted)
{
    struct property property;
    while (next_property(&list, &property))
        if (property.len == wanted.len && memcmp(property.text, wanted.text, wanted.len) == 0)
            return 1;
    return 0;
}

static const char *sql_for(struct property property)
{
    size_t i;
    for (i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strlen(states[i].property) == property.len && memcmp(states[i].property, property.text, property.len) == 0)
            return states[i].sql;
    return NULL;
}

static int32_t set_what_differs(void *ctx, orapool_session *session, const char *wanted, size_t wanted_len,
                                const char *actual, size_t actual_len)
{
    struct tally *tally = (struct tally *)ctx;
    struct property rest = {wanted, wanted_len};
    struct property present = {actual, actual_len};
    struct property property;
    int32_t result;

    count(tally, 1, 0);
    printf("      callback: has %s\n", shown(actual));
    /* For a get without a tag both are NULL and 0, and there is nothing to do. */
    while (next_property(&rest, &property)) {
        const char *sql = sql_for(property);
        if (has_property(present, property))
            continue;
        if (sql == NULL) {
            printf("      callback: nobody knows %.*s\n", (int)property.len, property.text);
            return 0;
        }
        printf("      callback: %s\n", sql);
        result = run_in_callback(tally, session, sql);
        /* After a failure the state may be half of each. That does no harm: the pool drops the session. */
        if (result != ORAPOOL_CALLBACK_OK)
            return result;
    }
    /* From now on the session is found by this tag, without a RETAG at the release. Properties that it had besides are
     * not in it: who asks for these alone has said that the others do not matter. */
    if (orapool_session_set_tag(session, wanted, wanted_len, ORAPOOL_SESSRLS_MULTIPROPERTY_TAG, NULL) < 0)
        return 0;
    return ORAPOOL_CALLBACK_OK;
}

static void show_get(orapool *pool, const char *tag, uint32_t mode)
{
    struct tagged got;
    char sample[80];
    printf("    get %s%s\n", tag, mode == NEAREST ? ", MATCHANY" : "");
    got = get_tagged(pool, tag, mode);
    query_text(got.session, "select to_char(date '2026-02-28') || ' ' || sessiontimezone from dual", sample,
               sizeof sample);
    /* "found" tells how the pool found the session, before the callback. Afterwards the state is right either way:
     * otherwise the get would have failed. */
    printf("      found %d, tag %s, sample %s\n", got.found, shown(got.tag), sample);
    release_session(got.session);
}

static void failing_get(orapool *pool, const char *tag)
{
    orapool_error *error;
    orapool_session *session;
    orapool_status status;
    printf("    get %s\n", tag);
    status = orapool_session_get(pool, &session, NULL, tag, ORAPOOL_NTS, NULL, NULL, NULL, PROPERTIES, &error);
    printf("  ");
    expect_error(ORAPOOL_CALLBACK_FAILED, 0, status, &error);
}

static void sessions_differ(void)
{
    orapool_stats before;
    orapool_stats after;
    orapool *pool = pool_with(set_what_differs, new_tally(), NULL, 2);

    printf("\n2. Sessions differ\n\n  Without MATCHANY a session is the right one, or has no tag:\n\n");
    show_get(pool, "DATES=ISO;ZONE=UTC", PROPERTIES);
    show_get(pool, "DATES=ISO;ZONE=UTC", PROPERTIES);
    show_get(pool, "ZONE=UTC;DATES=ISO", PROPERTIES);
    show_get(pool, "DATES=GERMAN;ZONE=UTC", PROPERTIES);
    printf("\n  With MATCHANY it may be the nearest one, and the callback sets the rest:\n\n");
    show_get(pool, "DATES=ISO;ZONE=INDIA", NEAREST);
    show_get(pool, "DATES=ISO", NEAREST);

    printf("\n  A callback that fails:\n\n");
    before = get_stats(pool);
    failing_get(pool, "ZONE=MARS");
    failing_get(pool, "WEATHER=FINE");
    after = get_stats(pool);
    /* The sessions are gone and their places are free: the next get logs on. */
    printf("    callbacks that failed: %" PRIu64 ", sessions made: %" PRIu64 ", open now: %" PRIu64 "\n",
           after.callback_failures - before.callback_failures, after.connects - before.connects, after.open);
    show_get(pool, "ZONE=UTC;DATES=ISO", PROPERTIES);
    close_pool(pool);
}

/* ---- 3. Sessions differ, in PL/SQL --------------------------------------------------------------------------- */

static void in_plsql(orapool *administrator)
{
    orapool_session *session = get_session(administrator, NULL);
    orapool *pool;
    orapool_stats stats;

    printf("\n3. Sessions differ, in PL/SQL\n\n");
    /* Short, for a first sight. Lesson 7 has one that reads any list of properties. */
    execute(session, "create or replace procedure lesson_set_dates (wanted in varchar2, actual in varchar2) is\n"
                     "begin\n"
                     "  if wanted = 'DATES=ISO' then\n"
                     "    execute immediate 'alter session set nls_date_format = ''YYYY-MM-DD''';\n"
                     "  elsif wanted = 'DATES=GERMAN' then\n"
                     "    execute immediate 'alter session set nls_date_format = ''DD.MM.YYYY''';\n"
                     "  else\n"
                     "    raise_application_error(-20001, 'DATES is ISO or GERMAN');\n"
                     "  end if;\n"
                     "end;");

    /* The attribute is all: no function, no context. When the procedure comes back without an error, its state is what
     * was asked for, so the pool sets the tag and "found" is 1. */
    pool = pool_with(NULL, NULL, "lesson_set_dates", 1);
    show_get(pool, "DATES=ISO", PROPERTIES);
    show_get(pool, "DATES=ISO", PROPERTIES);
    show_get(pool, "DATES=GERMAN", NEAREST);
    stats = get_stats(pool);
    printf("  %" PRIu64 " gets, %" PRIu64 " calls of the procedure, %" PRIu64 " log-on\n", stats.gets, stats.fixups,
           stats.connects);
    close_pool(pool);
    execute(session, "drop procedure lesson_set_dates");
    release_session(session);
}

int main(void)
{
    /* The embedded engine keeps a database, and so a procedure in it, while a pool on it is open. */
    orapool *administrator = pool_with(NULL, NULL, NULL, 1);
    all_alike();
    sessions_differ();
    in_plsql(administrator);
    close_pool(administrator);
    return EXIT_SUCCESS;
}
