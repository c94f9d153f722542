/* Lesson 10: one pool for every runtime of a process.
 *
 * A process may hold a JVM and a Python beside its C code. With a pool in each of them there are three limits that do not
 * know of one another, and a session that is idle in one pool is of no use to the other two. Here the C program creates a
 * pool under a name. Whatever else runs in the process opens it by that name, gets sessions that others have left, and
 * counts in the same statistics.
 *
 * It works as long as all have the same copy of liborapool.so: each copy that is loaded has pools of its own, as if the
 * others were in another process. orapool_instance_id tells copies apart, and the environment variable ORAPOOL_LIBRARY
 * tells the bindings which file to load; the host sets it before it starts the others.
 *
 * The JVM is started by JNI's invocation API (10_shared_pool/java.c), Python by its four functions for embedding
 * (10_shared_pool/python.c). Where there is no JDK, or no Python with a shared library, that part is left out and said to
 * be. Node.js can not be started inside another program: there Node is the host, and C comes in as a shared library. That
 * is 10_shared_pool/node_host.mjs, which `make run-10_shared_pool` runs next, if there is a Node.
 *
 * Runs on the embedded engine alone: it lives in the library, so that a runtime with another copy would not even find the
 * database. */

#include <dlfcn.h>
#include <inttypes.h>

#include "10_shared_pool/runtimes.h"
#include "example.h"

#define NAME "hr"

static const uint32_t PROPERTIES = ORAPOOL_SESSGET_MULTIPROPERTY_TAG;

/* Each gets the session that the one before it has left, and leaves it to the next in a language of its own. */
static const struct {
    const struct runtime *runtime;
    const char *language;
    const char *tag;
} relay[] = {
    {&python, "GERMAN", "LANGUAGE=GERMAN"},
    {&java, "ENGLISH", "LANGUAGE=ENGLISH"},
};

enum { RUNTIMES = sizeof relay / sizeof *relay };

static void fail(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static void ensure(int is_so, const struct runtime *runtime, const char *what)
{
    char text[80];
    snprintf(text, sizeof text, "%s could not %s", runtime->name, what);
    if (!is_so)
        fail(text);
}

/* The file that this program's own calls go to, for all who come later. A path of its own for each runtime would be a
 * library of its own for each, even if the files were the same byte for byte. */
static void tell_where_the_library_is(void)
{
    Dl_info info;
    char *path;
    uint32_t (*version)(void) = orapool_version;
    void *address;
    /* ISO C has no cast from code to data; POSIX says that the bytes are the same. */
    memcpy(&address, &version, sizeof address);
    if (dladdr(address, &info) == 0 || (path = realpath(info.dli_fname, NULL)) == NULL)
        fail("where is liborapool.so?");
    setenv("ORAPOOL_LIBRARY", path, 1);
    free(path);
}

static orapool *create_shared_pool(void)
{
    orapool_error *error;
    orapool_attrs *attrs;
    orapool *pool;
    check(orapool_attrs_new(&attrs, &error), &error, "make a bag of attributes");
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:shared_pool");
    set_text(attrs, ORAPOOL_ATTR_USER, "scott");
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, "tiger");
    /* One session for all of them: who gets it has it from another runtime. */
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 1);
    check(orapool_create(NAME, ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error, "create the pool");
    orapool_attrs_free(attrs);
    return pool;
}

static uint32_t sid_of(orapool_session *session)
{
    orapool_error *error;
    uint32_t sid;
    check(orapool_session_identity(session, &sid, NULL, &error), &error, "ask for the SID");
    return sid;
}

/* Left out, and why; the count of those that are here. */
static int start_runtimes(void)
{
    int count = 0;
    int i;
    for (i = 0; i < RUNTIMES; i++) {
        const struct runtime *runtime = relay[i].runtime;
        const char *why = runtime->missing();
        if (why != NULL) {
            printf("  %s is left out: %s.\n", runtime->name, why);
            continue;
        }
        fflush(stdout);
        ensure(runtime->start(), runtime, "be started");
        printf("  %s is started.\n", runtime->name);
        count++;
    }
    return count;
}

/* C begins and C ends; gives the SID that all of them had. */
static uint32_t pass_a_session_on(orapool *pool)
{
    const char *tag = "LANGUAGE=FRENCH";
    struct tagged got = get_tagged(pool, NULL, 0);
    uint32_t sid = sid_of(got.session);
    char state[8];
    int i;

    printf("  C:      instance %" PRIu64 ", session %u, leaves %s\n", orapool_instance_id(), sid, tag);
    execute(got.session, "alter session set nls_language = 'FRENCH'");
    release_tagged(got.session, tag);

    for (i = 0; i < RUNTIMES; i++) {
        if (relay[i].runtime->missing() != NULL)
            continue;
        /* What C has printed comes before what the others print. */
        fflush(stdout);
        ensure(relay[i].runtime->work(NAME, orapool_instance_id(), tag, relay[i].language), relay[i].runtime,
               "work with the pool");
        tag = relay[i].tag;
    }

    got = get_tagged(pool, tag, PROPERTIES);
    query_text(got.session, "select sys_context('userenv', 'lang') from dual", state, sizeof state);
    printf("  C:      instance %" PRIu64 ", session %u, wanted %s, found %d, its language is %s\n",
           orapool_instance_id(), sid_of(got.session), tag, got.found, state);
    if (!got.found || sid_of(got.session) != sid)
        fail("the last did not find what was left, or it is another session");
    release_session(got.session);
    return sid;
}

/* The pool's maximum is the process's. */
static void meet_the_limit(orapool *pool)
{
    struct tagged held = get_tagged(pool, NULL, 0);
    int i;
    for (i = 0; i < RUNTIMES; i++) {
        if (relay[i].runtime->missing() != NULL)
            continue;
        fflush(stdout);
        ensure(relay[i].runtime->meet_the_limit(NAME), relay[i].runtime, "be refused as it should");
    }
    release_session(held.session);
}

/* Each runtime has got once and was refused once; C has got three times. */
static void check_statistics(orapool *pool, uint64_t runtimes)
{
    orapool_stats stats = get_stats(pool);
    printf("  %" PRIu64 " gets, %" PRIu64 " of them found their tag; %" PRIu64 " refused; %" PRIu64
           " session open, %" PRIu64 " on loan.\n",
           stats.gets, stats.gets_tag_exact, stats.timeouts, stats.open, stats.busy);
    if (stats.gets != 3 + runtimes || stats.gets_tag_exact != 1 + runtimes || stats.timeouts != runtimes
        || stats.open != 1 || stats.busy != 0)
        fail("the statistics do not count all of them");
}

static void stop_runtimes(void)
{
    int i;
    for (i = RUNTIMES - 1; i >= 0; i--) {
        if (relay[i].runtime->missing() == NULL)
            ensure(relay[i].runtime->stop(), relay[i].runtime, "be stopped");
    }
}

int main(void)
{
    orapool *pool;
    int runtimes;

    tell_where_the_library_is();
    printf("1. Who is here\n\n");
    runtimes = start_runtimes();
    pool = create_shared_pool();
    printf("\n2. One session, from hand to hand\n\n");
    pass_a_session_on(pool);
    printf("\n3. One limit: C has the only session, and the others do not wait\n\n");
    meet_the_limit(pool);
    if (runtimes == 0)
        printf("  There are no others.\n");
    printf("\n4. One account\n\n");
    check_statistics(pool, (uint64_t)runtimes);
    /* The others have closed their handles. This is the last, and closes the pool. */
    close_pool(pool);
    stop_runtimes();
    return EXIT_SUCCESS;
}
