/* A second copy of the library in one process: it shares nothing with the first, both say so, and it can be let go of at
 * any moment. The environment names its file. */

#include <dlfcn.h>

#include "harness.h"

/* The functions of the other copy that the tests call. */
typedef struct {
    void *handle;
    uint64_t (*instance_id)(void);
    orapool_status (*attrs_new)(orapool_attrs **, orapool_error **);
    orapool_status (*attrs_set_text)(orapool_attrs *, uint32_t, const char *, size_t, orapool_error **);
    orapool_status (*create)(const char *, size_t, const orapool_attrs *, uint32_t, orapool **, orapool_error **);
    orapool_status (*open)(const char *, size_t, orapool **, orapool_error **);
    orapool_status (*get)(orapool *, orapool_session **, const orapool_attrs *, const char *, size_t, const char **,
                          size_t *, int32_t *, uint32_t, orapool_error **);
    orapool_status (*close)(orapool *, uint32_t, int64_t, orapool_error **);
    const char *(*error_message)(const orapool_error *, size_t *);
    int32_t (*error_code)(const orapool_error *);
    void (*error_free)(orapool_error *);
} copy;

static void look_up(copy *other, const char *name, void *to) {
    void *symbol = dlsym(other->handle, name);
    check_at(__FILE__, __LINE__, symbol != NULL, name);
    memcpy(to, &symbol, sizeof symbol);
}

static const char *path_of_other(void) {
    const char *path = getenv("ORAPOOL_TEST_COPY");
    return path == NULL ? "" : path;
}

static copy load(void) {
    copy other;
    memset(&other, 0, sizeof other);
    other.handle = dlopen(path_of_other(), RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(other.handle != NULL)) {
        exit(1);
    }
    look_up(&other, "orapool_instance_id", &other.instance_id);
    look_up(&other, "orapool_attrs_new", &other.attrs_new);
    look_up(&other, "orapool_attrs_set_text", &other.attrs_set_text);
    look_up(&other, "orapool_create", &other.create);
    look_up(&other, "orapool_open", &other.open);
    look_up(&other, "orapool_session_get", &other.get);
    look_up(&other, "orapool_close", &other.close);
    look_up(&other, "orapool_error_message", &other.error_message);
    look_up(&other, "orapool_error_code", &other.error_code);
    look_up(&other, "orapool_error_free", &other.error_free);
    return other;
}

static orapool *create_in(const copy *other, const char *name, orapool_status expected, orapool_error **error) {
    orapool_attrs *attrs = NULL;
    orapool *pool = NULL;
    EQUAL(other->attrs_new(&attrs, NULL), ORAPOOL_SUCCESS);
    EQUAL(other->attrs_set_text(attrs, ORAPOOL_ATTR_USER, "scott", ORAPOOL_NTS, NULL), ORAPOOL_SUCCESS);
    EQUAL(other->attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD, ORAPOOL_NTS, NULL), ORAPOOL_SUCCESS);
    EQUAL(other->attrs_set_text(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:copies", ORAPOOL_NTS, NULL),
          ORAPOOL_SUCCESS);
    EQUAL(other->create(name, ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &pool, error), expected);
    CHECK(pool != NULL);
    return pool;
}

/* Alone, nobody is warned. With another copy both are, with its path; and who looks in vain is told where to look. */
static void a_second_copy_is_told(void) {
    orapool *first = CREATE_NAMED("hr", bag(NULL));
    orapool *later = NULL;
    orapool *pool = NULL;
    orapool *theirs;
    orapool_error *error = NULL;
    orapool_attrs *attrs = bag(NULL);
    copy other = load();
    CHECK(other.instance_id() != orapool_instance_id());
    EQUAL(other.open("hr", ORAPOOL_NTS, &pool, &error), ORAPOOL_ERROR);
    EQUAL(other.error_code(error), 24416);
    CONTAINS(other.error_message(error, NULL), "another copy of the library is loaded, from ");
    CONTAINS(other.error_message(error, NULL), "liborapool.so");
    other.error_free(error);
    error = NULL;
    EQUAL(orapool_create("sales", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &later, &error), ORAPOOL_SUCCESS_WITH_INFO);
    EQUAL(orapool_error_code(error), 0);
    CONTAINS(orapool_error_message(error, NULL), path_of_other());
    orapool_error_free(error);
    error = NULL;
    theirs = create_in(&other, "hr", ORAPOOL_SUCCESS_WITH_INFO, &error);
    CONTAINS(other.error_message(error, NULL), "liborapool.so");
    CHECK(strstr(other.error_message(error, NULL), path_of_other()) == NULL);
    other.error_free(error);
    /* A pool without a name is nobody else's to open. */
    CLOSE(CREATE(bag(NULL)));
    EQUAL(other.close(theirs, ORAPOOL_CLOSE_DEFAULT, 0, NULL), ORAPOOL_SUCCESS);
    orapool_attrs_free(attrs);
    CLOSE(later);
    CLOSE(first);
    dlclose(other.handle);
}

typedef struct {
    pthread_t thread;
    copy other;
    orapool *pool;
    orapool_status status;
} waiting;

static void *run_waiting(void *argument) {
    waiting *self = (waiting *)argument;
    int at;
    for (at = 0; at < 5; at++) {
        /* The fifth waits, and is the one that the close ends. */
        orapool_session *session = NULL;
        self->status = self->other.get(self->pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL);
    }
    return NULL;
}

/* With loans out, and a thread inside a call: the code stays, the call goes on, and the process ends. */
static void a_copy_is_let_go_of_while_it_works(void) {
    waiting waits;
    orapool_error *error = NULL;
    orapool_session *session = NULL;
    memset(&waits, 0, sizeof waits);
    waits.other = load();
    waits.pool = create_in(&waits.other, NULL, ORAPOOL_SUCCESS, &error);
    CHECK(pthread_create(&waits.thread, NULL, run_waiting, &waits) == 0);
    sleep_ms(5);
    EQUAL(dlclose(waits.other.handle), 0);
    sleep_ms(5);
    EQUAL(waits.other.close(waits.pool, ORAPOOL_CLOSE_FORCE, 0, NULL), ORAPOOL_SUCCESS);
    pthread_join(waits.thread, NULL);
    EQUAL(waits.status, ORAPOOL_CLOSED);
    EQUAL(waits.other.get(waits.pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL), ORAPOOL_INVALID_HANDLE);
}

static void a_copy_is_let_go_of_with_loans_out(void) {
    copy other = load();
    orapool_error *error = NULL;
    orapool_session *session = NULL;
    orapool *pool = create_in(&other, NULL, ORAPOOL_SUCCESS, &error);
    EQUAL(other.get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL), ORAPOOL_SUCCESS);
    EQUAL(dlclose(other.handle), 0);
}

static const test_case tests[] = {
    TEST(a_second_copy_is_told),
    TEST(a_copy_is_let_go_of_while_it_works),
    TEST(a_copy_is_let_go_of_with_loans_out),
};

MAIN(tests)
