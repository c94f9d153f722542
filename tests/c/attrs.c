/* Attributes and text arguments: what is out of range, of the wrong kind, unknown, not UTF-8, too long or not there. */

#include "harness.h"

static const uint32_t TEXTS[] = {
    ORAPOOL_ATTR_USER,       ORAPOOL_ATTR_PASSWORD,    ORAPOOL_ATTR_CONNECT_STRING, ORAPOOL_ATTR_DRIVER,
    ORAPOOL_ATTR_CONNECTION_CLASS, ORAPOOL_ATTR_EDITION, ORAPOOL_ATTR_DRIVER_NAME,  ORAPOOL_ATTR_CLIENT_LIB_DIR,
    ORAPOOL_ATTR_CONFIG_DIR, ORAPOOL_ATTR_CONTEXT,
};

/* A number attribute with the numbers around its range, and its name, which the message must tell. */
typedef struct {
    uint32_t attr;
    const char *name;
    int64_t least;
    int64_t most;
} int_attr;

/* The longest time that is surely taken: a year. The header names no upper limit for times. */
#define LONG_TIME ((int64_t)365 * 24 * 3600 * 1000)

static const int_attr INTS[] = {
    {ORAPOOL_ATTR_SESSIONS_MIN, "SESSIONS_MIN", 0, 65535},
    {ORAPOOL_ATTR_SESSIONS_MAX, "SESSIONS_MAX", 0, 65535},
    {ORAPOOL_ATTR_SESSIONS_INCREMENT, "SESSIONS_INCREMENT", 0, 65535},
    {ORAPOOL_ATTR_GET_MODE, "GET_MODE", 0, 3},
    {ORAPOOL_ATTR_WAIT_TIMEOUT_MS, "WAIT_TIMEOUT_MS", -1, LONG_TIME},
    {ORAPOOL_ATTR_WAITERS_MAX, "WAITERS_MAX", -1, INT32_MAX},
    {ORAPOOL_ATTR_HOMOGENEOUS, "HOMOGENEOUS", 0, 1},
    {ORAPOOL_ATTR_EXTERNAL_AUTH, "EXTERNAL_AUTH", 0, 1},
    {ORAPOOL_ATTR_PURITY, "PURITY", 0, 2},
    {ORAPOOL_ATTR_IDLE_TIMEOUT_MS, "IDLE_TIMEOUT_MS", 0, LONG_TIME},
    {ORAPOOL_ATTR_LIFETIME_MAX_MS, "LIFETIME_MAX_MS", 0, LONG_TIME},
    {ORAPOOL_ATTR_USES_MAX, "USES_MAX", 0, INT32_MAX},
    {ORAPOOL_ATTR_PING_INTERVAL_MS, "PING_INTERVAL_MS", -1, LONG_TIME},
    {ORAPOOL_ATTR_PING_TIMEOUT_MS, "PING_TIMEOUT_MS", -1, LONG_TIME},
    {ORAPOOL_ATTR_CONNECT_TIMEOUT_MS, "CONNECT_TIMEOUT_MS", -1, LONG_TIME},
    {ORAPOOL_ATTR_STATEMENT_CACHE_SIZE, "STATEMENT_CACHE_SIZE", 0, 1000},
    {ORAPOOL_ATTR_LEAK_AFTER_MS, "LEAK_AFTER_MS", 0, LONG_TIME},
    {ORAPOOL_ATTR_CONNECTS_MAX, "CONNECTS_MAX", 1, 64},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void numbers_in_and_out_of_range(void) {
    orapool_attrs *attrs = empty_bag();
    size_t at;
    for (at = 0; at < COUNT(INTS); at++) {
        const int_attr *attr = &INTS[at];
        SET_INT(attrs, attr->attr, attr->least);
        SET_INT(attrs, attr->attr, attr->most);
        FAILS(orapool_attrs_set_int(attrs, attr->attr, -2, &err), ORAPOOL_INVALID_ARGUMENT, 0, attr->name);
        FAILS(orapool_attrs_set_int(attrs, attr->attr, INT64_MIN, &err), ORAPOOL_INVALID_ARGUMENT, 0, attr->name);
        FAILS(orapool_attrs_set_int(attrs, attr->attr, INT64_MAX, &err), ORAPOOL_INVALID_ARGUMENT, 0, "from ");
    }
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 65536, &err), ORAPOOL_INVALID_ARGUMENT, 0, "65535");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, -1, &err), ORAPOOL_INVALID_ARGUMENT, 0, "from 0");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_GET_MODE, 4, &err), ORAPOOL_INVALID_ARGUMENT, 0, "to 3");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_PURITY, 3, &err), ORAPOOL_INVALID_ARGUMENT, 0, "to 2");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 2, &err), ORAPOOL_INVALID_ARGUMENT, 0, "to 1");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_CONNECTS_MAX, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, "from 1 to 64");
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_CONNECTS_MAX, 65, &err), ORAPOOL_INVALID_ARGUMENT, 0, "from 1 to 64");
    orapool_attrs_free(attrs);
}

/* On an error the bag is as it was. */
static void a_refused_value_changes_nothing(void) {
    orapool_attrs *attrs = sized_bag(NULL, 2, 5, 1, ORAPOOL_GET_NOWAIT);
    orapool *pool;
    FAILS(orapool_attrs_set_int(attrs, ORAPOOL_ATTR_SESSIONS_MIN, -5, &err), ORAPOOL_INVALID_ARGUMENT, 0, NULL);
    FAILS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "a\377b", 3, &err), ORAPOOL_INVALID_ARGUMENT, 0, "UTF-8");
    pool = CREATE(attrs);
    COUNTS(pool, 2, 0);
    CLOSE(pool);
}

static void attributes_of_the_wrong_kind(void) {
    orapool_attrs *attrs = empty_bag();
    size_t at;
    for (at = 0; at < COUNT(TEXTS); at++) {
        FAILS(orapool_attrs_set_int(attrs, TEXTS[at], 1, &err), ORAPOOL_INVALID_ARGUMENT, 0, "orapool_attrs_set_text");
    }
    for (at = 0; at < COUNT(INTS); at++) {
        FAILS(orapool_attrs_set_text(attrs, INTS[at].attr, "1", ORAPOOL_NTS, &err), ORAPOOL_INVALID_ARGUMENT, 0,
              "orapool_attrs_set_int");
        FAILS(orapool_attrs_set_text(attrs, INTS[at].attr, NULL, 0, &err), ORAPOOL_INVALID_ARGUMENT, 0, INTS[at].name);
    }
    orapool_attrs_free(attrs);
}

static void unknown_attributes(void) {
    static const uint32_t numbers[] = {0, 12, 13, 19, 29, 40, 100, 0x80000000u, UINT32_MAX};
    orapool_attrs *attrs = empty_bag();
    size_t at;
    for (at = 0; at < COUNT(numbers); at++) {
        FAILS(orapool_attrs_set_int(attrs, numbers[at], 1, &err), ORAPOOL_UNSUPPORTED, 24315, NULL);
        FAILS(orapool_attrs_set_text(attrs, numbers[at], "x", ORAPOOL_NTS, &err), ORAPOOL_UNSUPPORTED, 24315, NULL);
    }
    orapool_attrs_free(attrs);
}

static void text_that_is_not_utf8(void) {
    static const char *const wrong[] = {"\377", "abc\200", "\300\257", "\355\240\200", "\364\220\200\200", "x\303"};
    orapool_attrs *attrs = empty_bag();
    size_t at, which;
    for (which = 0; which < COUNT(TEXTS); which++) {
        for (at = 0; at < COUNT(wrong); at++) {
            FAILS(orapool_attrs_set_text(attrs, TEXTS[which], wrong[at], ORAPOOL_NTS, &err), ORAPOOL_INVALID_ARGUMENT, 0,
                  "UTF-8");
        }
    }
    FAILS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, WORD_OF_PASSWORDS "\377", ORAPOOL_NTS, &err),
          ORAPOOL_INVALID_ARGUMENT, 0, "offset 7");
    SUCCEEDS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "\303\244\342\202\254\360\237\220\230", ORAPOOL_NTS, &err));
    orapool_attrs_free(attrs);
}

/* NULL is absent with the lengths 0 and ORAPOOL_NTS, and wrong with any other. Empty text is absent. */
static void text_that_is_not_there(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = POISON(orapool);
    FAILS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, NULL, 1, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, NULL, ORAPOOL_NTS - 1, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    SUCCEEDS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, NULL, ORAPOOL_NTS, &err));
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_ERROR, 24415, NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    SUCCEEDS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "garbage", 0, &err));
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_ERROR, 24415, NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_ERROR, 24415, NULL);
    SET_TEXT(attrs, ORAPOOL_ATTR_USER, "scott");
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, NULL);
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_ERROR, 1005, NULL);
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
}

/* Only as much as the length says is read: the text need not end with a NUL. */
static void text_by_its_length(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool;
    orapool_session *session;
    SUCCEEDS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "adamsXYZ", 5, &err));
    SUCCEEDS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_PASSWORD, PASSWORD "XYZ", strlen(PASSWORD), &err));
    pool = CREATE(attrs);
    session = GET(pool);
    TEXT_EQUAL(USER_OF(session), "ADAMS");
    RELEASE(session);
    attrs = bag_of("adams", PASSWORD, NULL);
    CLOSE(CREATE(attrs));
    CLOSE(pool);
}

/* A length beyond a NUL: attributes refuse it, because no database client could take it. */
static void text_with_a_nul_inside(void) {
    static const char text[] = "sco\0tt";
    orapool_attrs *attrs = bag(NULL);
    orapool *pool;
    size_t which;
    for (which = 0; which < COUNT(TEXTS); which++) {
        FAILS(orapool_attrs_set_text(attrs, TEXTS[which], text, 6, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NUL");
        FAILS(orapool_attrs_set_text(attrs, TEXTS[which], text, 4, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NUL");
    }
    pool = CREATE(attrs);
    CLOSE(pool);
}

/* Lengths that no object can have. ORAPOOL_NTS itself is the largest number, so that those below it are tried. */
static void lengths_that_can_not_be(void) {
    static const size_t lengths[] = {ORAPOOL_NTS - 1, ORAPOOL_NTS / 2 + 1, ORAPOOL_NTS / 2 + 2};
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = POISON(orapool);
    orapool_session *session;
    orapool_stmt *stmt = POISON(orapool_stmt);
    size_t at;
    for (at = 0; at < COUNT(lengths); at++) {
        size_t len = lengths[at];
        FAILS(orapool_attrs_set_text(attrs, ORAPOOL_ATTR_USER, "x", len, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
        FAILS(orapool_create("x", len, attrs, 0, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
        CHECK(pool == NULL);
        FAILS(orapool_open("x", len, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
    }
    pool = CREATE(attrs);
    session = GET(pool);
    for (at = 0; at < COUNT(lengths); at++) {
        size_t len = lengths[at];
        FAILS(orapool_session_execute(session, "x", len, NULL, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
        FAILS(orapool_stmt_prepare(session, "x", len, &stmt, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
        CHECK(stmt == NULL);
    }
    SUCCEEDS(orapool_stmt_prepare(session, "select :1 from dual", ORAPOOL_NTS, &stmt, &err));
    for (at = 0; at < COUNT(lengths); at++) {
        size_t len = lengths[at];
        FAILS(orapool_stmt_bind_text(stmt, 1, "x", len, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
        FAILS(orapool_stmt_bind_bytes(stmt, 1, "x", len, &err), ORAPOOL_INVALID_ARGUMENT, 0, NULL);
    }
    orapool_stmt_free(stmt);
    RELEASE(session);
    CLOSE(pool);
}

static void set_repeated(orapool_attrs *attrs, uint32_t attr, size_t len, int is_fine) {
    char *text = (char *)malloc(len);
    memset(text, 'x', len);
    if (attr == ORAPOOL_ATTR_PASSWORD) {
        memcpy(text, WORD_OF_PASSWORDS, strlen(WORD_OF_PASSWORDS));
    }
    if (is_fine) {
        SUCCEEDS(orapool_attrs_set_text(attrs, attr, text, len, &err));
    } else {
        FAILS(orapool_attrs_set_text(attrs, attr, text, len, &err), ORAPOOL_INVALID_ARGUMENT, 0, "at most");
    }
    free(text);
}

/* 1024 bytes; connect string, directories and context 32768. */
static void text_that_is_too_long(void) {
    orapool_attrs *attrs = empty_bag();
    size_t which;
    for (which = 0; which < COUNT(TEXTS); which++) {
        uint32_t attr = TEXTS[which];
        int is_long = attr == ORAPOOL_ATTR_CONNECT_STRING || attr == ORAPOOL_ATTR_CLIENT_LIB_DIR ||
                      attr == ORAPOOL_ATTR_CONFIG_DIR || attr == ORAPOOL_ATTR_CONTEXT;
        size_t limit = is_long ? 32768 : 1024;
        set_repeated(attrs, attr, limit, 1);
        set_repeated(attrs, attr, limit + 1, 0);
    }
    orapool_attrs_free(attrs);
}

/* The pool has its own copy: what becomes of the bag is of no matter to it. */
static void a_pool_does_not_need_its_bag(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 2, 1, ORAPOOL_GET_WAIT);
    orapool *pool = NULL;
    SUCCEEDS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    SET_TEXT(attrs, ORAPOOL_ATTR_PASSWORD, WRONG_PASSWORD);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 1);
    orapool_attrs_free(attrs);
    RELEASE(GET(pool));
    CLOSE(pool);
}

/* One bag serves create and get: a get passes over what is not for it. */
static void a_get_passes_over_the_rest(void) {
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = NULL;
    orapool_session *session;
    SET_INT(attrs, ORAPOOL_ATTR_HOMOGENEOUS, 0);
    SET_INT(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 3);
    SET_INT(attrs, ORAPOOL_ATTR_GET_MODE, ORAPOOL_GET_NOWAIT);
    SET_INT(attrs, ORAPOOL_ATTR_IDLE_TIMEOUT_MS, 100000);
    SET_TEXT(attrs, ORAPOOL_ATTR_DRIVER, is_over_oci() ? "oci" : "embedded");
    SET_TEXT(attrs, ORAPOOL_ATTR_DRIVER_NAME, "some driver");
    SUCCEEDS(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &err));
    session = GET_WITH(pool, attrs);
    TEXT_EQUAL(USER_OF(session), "SCOTT");
    TEXT_EQUAL(QUERY(session, "select client_driver from v$session_connect_info"), "some driver");
    RELEASE(session);
    session = GET(pool);
    COUNTS(pool, 1, 1);
    RELEASE(session);
    orapool_attrs_free(attrs);
    CLOSE(pool);
}

/* Connect strings and drivers that there are not. */
static void connect_strings_that_can_not_be_used(void) {
    static const char *const wrong[] = {"embedded:",        "embedded:a b",        "embedded:a?x=1",
                                        "embedded:a?file=", "embedded:a?connect_delay_ms=-1", "embedded:a?call_delay_ms"};
    orapool_attrs *attrs = bag(NULL);
    orapool *pool = POISON(orapool);
    size_t at;
    for (at = 0; at < COUNT(wrong); at++) {
        SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, wrong[at]);
        FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 0, wrong[at]);
        CHECK(pool == NULL);
    }
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:a:shared");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_UNSUPPORTED, 0, ":pooled");
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:a:pooled?pool_boundary=call");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 24545, "transaction");
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:a:pooled?drcp_maxsize=0");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_ERROR, 56505, "maxsize");
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, database(NULL));
    SET_TEXT(attrs, ORAPOOL_ATTR_DRIVER, "nonesuch");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_UNSUPPORTED, 0, "nonesuch");
    SET_TEXT(attrs, ORAPOOL_ATTR_CONNECT_STRING, "embedded:a");
    SET_TEXT(attrs, ORAPOOL_ATTR_DRIVER, "oci");
    FAILS(orapool_create(NULL, 0, attrs, 0, &pool, &err), ORAPOOL_INVALID_ARGUMENT, 0, "embedded:");
    CHECK(pool == NULL);
    orapool_attrs_free(attrs);
}

/* The edition goes to the database, which has one. */
static void an_edition(void) {
    orapool_attrs *attrs = sized_bag(NULL, 0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_attrs *other = empty_bag();
    orapool *pool = CREATE(attrs);
    SET_TEXT(other, ORAPOOL_ATTR_EDITION, "nonesuch");
    GET_FAILS(pool, other, ORAPOOL_ERROR, 38802, NULL);
    SET_TEXT(other, ORAPOOL_ATTR_EDITION, "ora$base");
    RELEASE(GET_WITH(pool, other));
    COUNTS(pool, 1, 0);
    orapool_attrs_free(other);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(numbers_in_and_out_of_range),
    TEST(a_refused_value_changes_nothing),
    TEST(attributes_of_the_wrong_kind),
    TEST(unknown_attributes),
    TEST(text_that_is_not_utf8),
    TEST(text_that_is_not_there),
    TEST(text_by_its_length),
    TEST(text_with_a_nul_inside),
    TEST(lengths_that_can_not_be),
    TEST(text_that_is_too_long),
    TEST(a_pool_does_not_need_its_bag),
    TEST(a_get_passes_over_the_rest),
    TEST(connect_strings_that_can_not_be_used),
    TEST(an_edition),
};

MAIN(tests)
