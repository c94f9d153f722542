/*
 * The library through its C interface, as any program uses it: the shared object, the header, no attributes and no
 * tag in the get, and nothing known of its inside. The sessions belong to the embedded engine, and all of them are
 * open at the start. Timed by direct calls from C, in every cell: what a pair costs includes the boundary, its
 * checks of the handles, and the call through the dynamic linker's table.
 */
#include "common.h"
#include "orapool.h"

/* With -DBENCH_OCI on the OCI driver, and the client library that ORAPOOL_BENCH_CLIENT names. */
#ifdef BENCH_OCI
#define BENCH_NAME "orapool_oci"
#define CONNECT_STRING "//standin/bench"
#else
#define BENCH_NAME "orapool"
#define CONNECT_STRING "embedded:bench"
#endif
#define BENCH_CAN_WAIT 1

typedef struct {
    orapool_session *session;
} bench_loan;

__attribute__((noreturn, cold, noinline))
static void fail_with(const char *what, orapool_status status, orapool_error *error)
{
    const char *message = error ? orapool_error_message(error, NULL) : NULL;
    bench_fail("%s: %s: %s", what, orapool_status_name(status), message ? message : "no message");
}

/* The error's address, as the call stands in the same argument list: C does not say which is evaluated first. */
static void check(const char *what, orapool_status status, orapool_error **error)
{
    if (status != ORAPOOL_SUCCESS)
        fail_with(what, status, *error);
}

static void set_text(orapool_attrs *attrs, uint32_t attr, const char *text)
{
    orapool_error *error = NULL;
    check("orapool_attrs_set_text", orapool_attrs_set_text(attrs, attr, text, ORAPOOL_NTS, &error), &error);
}

static void set_int(orapool_attrs *attrs, uint32_t attr, int64_t value)
{
    orapool_error *error = NULL;
    check("orapool_attrs_set_int", orapool_attrs_set_int(attrs, attr, value, &error), &error);
}

static void *bench_create(uint32_t sessions)
{
    orapool *pool = NULL;
    orapool_attrs *attrs = NULL;
    orapool_error *error = NULL;
    check("orapool_attrs_new", orapool_attrs_new(&attrs, &error), &error);
    set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, CONNECT_STRING);
#ifdef BENCH_OCI
    set_text(attrs, ORAPOOL_ATTR_CLIENT_LIB_DIR, getenv("ORAPOOL_BENCH_CLIENT"));
#endif
    set_text(attrs, ORAPOOL_ATTR_USER, "bench");
    set_text(attrs, ORAPOOL_ATTR_PASSWORD, "bench");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, sessions);
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, sessions);
    check("orapool_create", orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error);
    orapool_attrs_free(attrs);
    return pool;
}

static void bench_destroy(void *pool)
{
    orapool_error *error = NULL;
    check("orapool_close", orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error), &error);
}

/* The timed calls ask for no error object, as a program does that looks at the status first. */
static inline void bench_get(void *pool, bench_loan *loan)
{
    orapool_status status = orapool_session_get(pool, &loan->session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);
    if (status != ORAPOOL_SUCCESS)
        fail_with("orapool_session_get", status, NULL);
}

static inline void bench_release(void *pool, bench_loan *loan)
{
    orapool_status status = orapool_session_release(loan->session, NULL, 0, 0, NULL);
    (void)pool;
    if (status != ORAPOOL_SUCCESS)
        fail_with("orapool_session_release", status, NULL);
}

static void bench_run(void *pool, uint64_t pairs)
{
    bench_loan loan;
    for (uint64_t i = 0; i < pairs; i++) {
        bench_get(pool, &loan);
        bench_release(pool, &loan);
    }
}

/* The SID: the handle is another one at each loan, so it cannot show a session that was handed out twice. */
static uint32_t bench_id(void *pool, bench_loan *loan)
{
    uint32_t sid = 0;
    uint32_t serial = 0;
    orapool_error *error = NULL;
    (void)pool;
    check("orapool_session_identity", orapool_session_identity(loan->session, &sid, &serial, &error), &error);
    return sid;
}

#include "harness.h"
