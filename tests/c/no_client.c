/* A process without Oracle's client library: the embedded engine does not need it, and what does says so. */

#include "harness.h"

/* Whether a file of that name, or with that in its name, is mapped into this process. */
static int is_loaded(const char *part) {
    char line[1000];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!CHECK(maps != NULL)) {
        return 0;
    }
    while (fgets(line, sizeof line, maps) != NULL) {
        found = found || strstr(line, part) != NULL;
    }
    fclose(maps);
    return found;
}

static void works(orapool *pool) {
    orapool_session *session = GET(pool);
    TEXT_EQUAL(QUERY(session, "select 1 from dual"), "1");
    RELEASE(session);
}

/* A pool of the OCI driver fails: with this folder, or NULL, and with these words. */
static void can_not_be_made(const char *folder, const char *const *words) {
    orapool_attrs *attrs = bag_of("scott", PASSWORD, NULL);
    orapool *pool = POISON(orapool);
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, "//db.example/service");
    SET_TEXT(attrs, ORAPOOL_ATTR_DRIVER, "oci");
    if (folder != NULL) {
        SET_TEXT(attrs, ORAPOOL_ATTR_CLIENT_LIB_DIR, folder);
    }
    for (; *words != NULL; words++) {
        FAILS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err), ORAPOOL_ERROR, 0, *words);
        CHECK(pool == NULL);
    }
    orapool_attrs_free(attrs);
}

/* The library is there, and of Oracle's nothing. */
static void the_embedded_engine_needs_none(void) {
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    works(pool);
    CHECK(is_loaded("liborapool.so"));
    CHECK(!is_loaded("clntsh"));
    CLOSE(pool);
}

static void one_that_is_nowhere(void) {
    static const char *const words[] = {"DPI-1047", "Instant Client", "ORAPOOL_ATTR_CLIENT_LIB_DIR", "LD_LIBRARY_PATH",
                                        "CLIENT_LIB_DIR is not set", NULL};
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    can_not_be_made(NULL, words);
    works(pool);
    CLOSE(pool);
}

static void one_that_is_not_in_its_folder(void) {
    static const char *const words[] = {"DPI-1047", "`/nonexistent/instantclient`", "Instant Client", NULL};
    orapool *pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    can_not_be_made("/nonexistent/instantclient", words);
    works(pool);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(the_embedded_engine_needs_none),
    TEST(one_that_is_nowhere),
    TEST(one_that_is_not_in_its_folder),
};

MAIN(tests)
