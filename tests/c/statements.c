/* Statements: binds, executions, fetches and columns. */

#include "calls.h"

typedef struct {
    orapool *pool;
    orapool_session *session;
} loan;

static loan borrow(void) {
    loan made;
    made.pool = POOL(1, 2, 1, ORAPOOL_GET_WAIT);
    made.session = GET(made.pool);
    return made;
}

static void give_back(loan *made) {
    RELEASE(made->session);
    COUNTS(made->pool, 1, 0);
    CLOSE(made->pool);
}

static orapool_stmt *prepare_at(int line, orapool_session *session, const char *sql) {
    orapool_stmt *stmt = POISON(orapool_stmt);
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_prepare(session, sql, ORAPOOL_NTS, &stmt, &error);
    succeeded_at(__FILE__, line, sql, status, error);
    return stmt;
}

#define PREPARE(session, sql) prepare_at(__LINE__, session, sql)

/* Executes a query and moves to its first row. */
static void first_row_at(int line, orapool_stmt *stmt) {
    uint64_t rows = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_execute(stmt, &rows, &error);
    succeeded_at(__FILE__, line, "orapool_stmt_execute", status, error);
    equal_at(__FILE__, line, "rows", (int64_t)rows, 0);
    error = POISON(orapool_error);
    status = orapool_stmt_fetch(stmt, &error);
    succeeded_at(__FILE__, line, "orapool_stmt_fetch", status, error);
}

#define FIRST_ROW(stmt) first_row_at(__LINE__, stmt)

static orapool_stmt *query_row_at(int line, orapool_session *session, const char *sql) {
    orapool_stmt *stmt = prepare_at(line, session, sql);
    first_row_at(line, stmt);
    return stmt;
}

#define QUERY_ROW(session, sql) query_row_at(__LINE__, session, sql)

static void no_more_rows_at(int line, orapool_stmt *stmt) {
    orapool_error *error = POISON(orapool_error);
    equal_at(__FILE__, line, "orapool_stmt_fetch", orapool_stmt_fetch(stmt, &error), ORAPOOL_NO_DATA);
    check_at(__FILE__, line, error == NULL, "the end of the rows is no error");
}

#define NO_MORE_ROWS(stmt) no_more_rows_at(__LINE__, stmt)

static void text_at(int line, orapool_stmt *stmt, uint32_t column, const char *expected) {
    const char *text = POISON(const char);
    size_t len = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_column_text(stmt, column, &text, &len, &error);
    succeeded_at(__FILE__, line, "orapool_stmt_column_text", status, error);
    text_equal_at(__FILE__, line, "the column's text", text, expected);
    equal_at(__FILE__, line, "its length", (int64_t)len, expected == NULL ? 0 : (int64_t)strlen(expected));
    equal_at(__FILE__, line, "whether it is NULL", orapool_stmt_column_is_null(stmt, column), expected == NULL);
}

#define TEXT(stmt, column, expected) text_at(__LINE__, stmt, column, expected)

static void int_at(int line, orapool_stmt *stmt, uint32_t column, int64_t expected) {
    int64_t number = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_column_int(stmt, column, &number, &error);
    succeeded_at(__FILE__, line, "orapool_stmt_column_int", status, error);
    equal_at(__FILE__, line, "the column's number", number, expected);
}

#define INT(stmt, column, expected) int_at(__LINE__, stmt, column, expected)

static void int_fails_at(int line, orapool_stmt *stmt, uint32_t column, int32_t code) {
    int64_t number = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_column_int(stmt, column, &number, &error);
    failed_at(__FILE__, line, "orapool_stmt_column_int", status, error, ORAPOOL_ERROR, code, NULL, 0);
    equal_at(__FILE__, line, "the number of a failure", number, 0);
}

#define INT_FAILS(stmt, column, code) int_fails_at(__LINE__, stmt, column, code)

static void double_at(int line, orapool_stmt *stmt, uint32_t column, double expected) {
    double number = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_column_double(stmt, column, &number, &error);
    char detail[80];
    succeeded_at(__FILE__, line, "orapool_stmt_column_double", status, error);
    if (!(number >= expected && number <= expected)) {
        snprintf(detail, sizeof detail, "is %.17g, not %.17g", number, expected);
        fail_at(__FILE__, line, "the column's number", detail);
    }
}

#define DOUBLE(stmt, column, expected) double_at(__LINE__, stmt, column, expected)

static void double_fails_at(int line, orapool_stmt *stmt, uint32_t column, int32_t code) {
    double number = POISONED_NUMBER;
    orapool_error *error = POISON(orapool_error);
    orapool_status status = orapool_stmt_column_double(stmt, column, &number, &error);
    failed_at(__FILE__, line, "orapool_stmt_column_double", status, error, ORAPOOL_ERROR, code, NULL, 0);
    check_at(__FILE__, line, number <= 0 && number >= 0, "the number of a failure is 0");
}

#define DOUBLE_FAILS(stmt, column, code) double_fails_at(__LINE__, stmt, column, code)

/* -- binds ------------------------------------------------------------------------------------------------------ */

static void binds_of_all_types(void) {
    static const unsigned char raw[] = {0, 1, 255, 0};
    loan made = borrow();
    orapool_stmt *stmt;
    const void *bytes = NULL;
    size_t len = 0;
    uint64_t rows = POISONED_NUMBER;
    EXECUTE(made.session, "create table t (i number, d number, c varchar2(100), r raw(100), e varchar2(10), n number)");
    stmt = PREPARE(made.session, "insert into t values (:i, :d, :c, :r, :e, :n)");
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, INT64_MIN, &err));
    SUCCEEDS(orapool_stmt_bind_double(stmt, 2, 1.25, &err));
    SUCCEEDS(orapool_stmt_bind_text(stmt, 3, "gr\303\274n", ORAPOOL_NTS, &err));
    SUCCEEDS(orapool_stmt_bind_bytes(stmt, 4, raw, sizeof raw, &err));
    SUCCEEDS(orapool_stmt_bind_text(stmt, 5, "", ORAPOOL_NTS, &err));
    SUCCEEDS(orapool_stmt_bind_null(stmt, 6, &err));
    SUCCEEDS(orapool_stmt_execute(stmt, &rows, &err));
    EQUAL(rows, 1);
    EQUAL(orapool_stmt_column_count(stmt), 0);
    orapool_stmt_free(stmt);
    stmt = QUERY_ROW(made.session, "select i, d, c, r, e, n from t");
    EQUAL(orapool_stmt_column_count(stmt), 6);
    INT(stmt, 0, INT64_MIN);
    TEXT(stmt, 0, "-9223372036854775808");
    DOUBLE(stmt, 1, 1.25);
    TEXT(stmt, 1, "1.25");
    INT_FAILS(stmt, 1, 1455);
    TEXT(stmt, 2, "gr\303\274n");
    TEXT(stmt, 3, "0001FF00");
    SUCCEEDS(orapool_stmt_column_bytes(stmt, 3, &bytes, &len, &err));
    CHECK(len == sizeof raw && memcmp(bytes, raw, sizeof raw) == 0);
    TEXT(stmt, 4, NULL);
    TEXT(stmt, 5, NULL);
    INT(stmt, 5, 0);
    DOUBLE(stmt, 5, 0);
    SUCCEEDS(orapool_stmt_column_bytes(stmt, 5, &bytes, &len, &err));
    CHECK(bytes == NULL && len == 0);
    NO_MORE_ROWS(stmt);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* What is absent binds NULL; what can not be is refused, and the bind stays as it was. */
static void binds_of_nothing_and_of_nonsense(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select :1 from dual");
    double zero = 0;
    SUCCEEDS(orapool_stmt_bind_text(stmt, 1, NULL, 0, &err));
    FIRST_ROW(stmt);
    TEXT(stmt, 0, NULL);
    SUCCEEDS(orapool_stmt_bind_text(stmt, 1, NULL, ORAPOOL_NTS, &err));
    SUCCEEDS(orapool_stmt_bind_bytes(stmt, 1, NULL, 0, &err));
    FIRST_ROW(stmt);
    TEXT(stmt, 0, NULL);
    SUCCEEDS(orapool_stmt_bind_bytes(stmt, 1, "x", 0, &err));
    SUCCEEDS(orapool_stmt_bind_text(stmt, 1, "kept", ORAPOOL_NTS, &err));
    FAILS(orapool_stmt_bind_text(stmt, 1, NULL, 4, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_bind_text(stmt, 1, "a\377", 2, &err), ORAPOOL_INVALID_ARGUMENT, 0, "UTF-8");
    FAILS(orapool_stmt_bind_bytes(stmt, 1, NULL, 4, &err), ORAPOOL_INVALID_ARGUMENT, 0, "NULL");
    FAILS(orapool_stmt_bind_bytes(stmt, 1, "x", ORAPOOL_NTS, &err), ORAPOOL_INVALID_ARGUMENT, 0, "ORAPOOL_NTS");
    FAILS(orapool_stmt_bind_double(stmt, 1, 1 / zero, &err), ORAPOOL_INVALID_ARGUMENT, 0, "finite");
    FAILS(orapool_stmt_bind_double(stmt, 1, -1 / zero, &err), ORAPOOL_INVALID_ARGUMENT, 0, "finite");
    FAILS(orapool_stmt_bind_double(stmt, 1, zero / zero, &err), ORAPOOL_INVALID_ARGUMENT, 0, "finite");
    FIRST_ROW(stmt);
    TEXT(stmt, 0, "kept");
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Copied when they are bound: what becomes of the caller's memory is of no matter. */
static void binds_are_copied(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select :1, :2 from dual");
    char text[] = "before";
    SUCCEEDS(orapool_stmt_bind_text(stmt, 1, text, 6, &err));
    SUCCEEDS(orapool_stmt_bind_bytes(stmt, 2, text, 6, &err));
    memcpy(text, "after!", 6);
    FIRST_ROW(stmt);
    TEXT(stmt, 0, "before");
    TEXT(stmt, 1, "6265666F7265");
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Text with a NUL inside goes in and comes out by its length. */
static void a_bind_with_a_nul_inside(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select :1 from dual");
    const char *text = NULL;
    size_t len = 0;
    SUCCEEDS(orapool_stmt_bind_text(stmt, 1, "a\0b", 3, &err));
    FIRST_ROW(stmt);
    SUCCEEDS(orapool_stmt_column_text(stmt, 0, &text, &len, &err));
    EQUAL(len, 3);
    CHECK(text != NULL && memcmp(text, "a\0b", 4) == 0);
    orapool_stmt_free(stmt);
    FAILS(orapool_session_execute(made.session, "select 1\0 from dual", 19, NULL, &err), ORAPOOL_ERROR, 911, NULL);
    give_back(&made);
}

/* Only the text's length counts; what stands behind it is not read. */
static void sql_by_its_length(void) {
    loan made = borrow();
    orapool_stmt *stmt = NULL;
    SUCCEEDS(orapool_stmt_prepare(made.session, "select 1 from dualXXX", 18, &stmt, &err));
    FIRST_ROW(stmt);
    INT(stmt, 0, 1);
    orapool_stmt_free(stmt);
    SUCCEEDS(orapool_session_execute(made.session, "select 1 from dualXXX", 18, NULL, &err));
    FAILS(orapool_stmt_prepare(made.session, "select '\377' from dual", ORAPOOL_NTS, &stmt, &err), ORAPOOL_INVALID_ARGUMENT, 0,
          "UTF-8");
    CHECK(stmt == NULL);
    FAILS(orapool_stmt_prepare(made.session, NULL, 0, &stmt, &err), ORAPOOL_INVALID_ARGUMENT, 0, "sql");
    FAILS(orapool_stmt_prepare(made.session, "", 0, &stmt, &err), ORAPOOL_INVALID_ARGUMENT, 0, "sql");
    give_back(&made);
}

/* Where the prepare asks the server, it finds what is wrong with the text. */
static void errors_of_a_prepare(void) {
    loan made = borrow();
    orapool_stmt *stmt = POISON(orapool_stmt);
    FAILS(orapool_stmt_prepare(made.session, "select 1\0 from dual", 19, &stmt, &err), ORAPOOL_ERROR, 911, NULL);
    CHECK(stmt == NULL);
    FAILS(orapool_stmt_prepare(made.session, "selec 1 from dual", ORAPOOL_NTS, &stmt, &err), ORAPOOL_ERROR, 900, NULL);
    CHECK(stmt == NULL);
    FAILS(orapool_stmt_prepare(made.session, "select * from nonesuch", ORAPOOL_NTS, &stmt, &err), ORAPOOL_ERROR, 942, NULL);
    CHECK(stmt == NULL);
    give_back(&made);
}

/* What is wrong with the text is told by the execute at the latest. */
static void errors_of_an_execute(void) {
    static const struct {
        const char *sql;
        size_t len;
        int32_t code;
    } wrong[] = {
        {"select 1\0 from dual", 19, 911},
        {"selec 1 from dual", ORAPOOL_NTS, 900},
        {"select * from nonesuch", ORAPOOL_NTS, 942},
    };
    loan made = borrow();
    size_t at;
    for (at = 0; at < sizeof wrong / sizeof wrong[0]; at++) {
        orapool_stmt *stmt = NULL;
        orapool_error *error = NULL;
        orapool_status status = orapool_stmt_prepare(made.session, wrong[at].sql, wrong[at].len, &stmt, &error);
        if (status == ORAPOOL_SUCCESS) {
            status = orapool_stmt_execute(stmt, NULL, &error);
        }
        failed_at(__FILE__, __LINE__, wrong[at].sql, status, error, ORAPOOL_ERROR, wrong[at].code, NULL, -1);
        orapool_stmt_free(stmt);
    }
    give_back(&made);
}

static void positions_that_there_are_not(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select :a, :b from dual");
    FAILS(orapool_stmt_bind_int(stmt, 0, 1, &err), ORAPOOL_ERROR, 1036, NULL);
    FAILS(orapool_stmt_bind_int(stmt, 3, 1, &err), ORAPOOL_ERROR, 1036, NULL);
    FAILS(orapool_stmt_bind_null(stmt, UINT32_MAX, &err), ORAPOOL_ERROR, 1036, NULL);
    FAILS(orapool_stmt_bind_double(stmt, 3, 1, &err), ORAPOOL_ERROR, 1036, NULL);
    FAILS(orapool_stmt_bind_text(stmt, 3, "x", 1, &err), ORAPOOL_ERROR, 1036, NULL);
    FAILS(orapool_stmt_bind_bytes(stmt, 3, "x", 1, &err), ORAPOOL_ERROR, 1036, NULL);
    SUCCEEDS(orapool_stmt_bind_int(stmt, 2, 2, &err));
    FAILS(orapool_stmt_execute(stmt, NULL, &err), ORAPOOL_ERROR, 1008, NULL);
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, 1, &err));
    FIRST_ROW(stmt);
    INT(stmt, 0, 1);
    INT(stmt, 1, 2);
    orapool_stmt_free(stmt);
    stmt = PREPARE(made.session, "select 1 from dual");
    FAILS(orapool_stmt_bind_int(stmt, 1, 1, &err), ORAPOOL_ERROR, 1036, NULL);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Positions are counted in the order of the text, each occurrence of a name by itself. */
static void positions_follow_the_text(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select :b, ':no', :a, :b from dual -- :none");
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, 1, &err));
    SUCCEEDS(orapool_stmt_bind_int(stmt, 2, 2, &err));
    SUCCEEDS(orapool_stmt_bind_int(stmt, 3, 3, &err));
    FAILS(orapool_stmt_bind_int(stmt, 4, 4, &err), ORAPOOL_ERROR, 1036, NULL);
    FIRST_ROW(stmt);
    INT(stmt, 0, 1);
    INT(stmt, 2, 2);
    INT(stmt, 3, 3);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* -- executions and fetches ------------------------------------------------------------------------------------- */

static void executed_again_and_again(void) {
    loan made = borrow();
    orapool_stmt *insert, *query;
    uint64_t rows;
    int64_t at;
    EXECUTE(made.session, "create table t (n number, c varchar2(10))");
    insert = PREPARE(made.session, "insert into t values (:1, :2)");
    SUCCEEDS(orapool_stmt_bind_text(insert, 2, "same", ORAPOOL_NTS, &err));
    for (at = 1; at <= 5; at++) {
        SUCCEEDS(orapool_stmt_bind_int(insert, 1, at, &err));
        SUCCEEDS(orapool_stmt_execute(insert, &rows, &err));
        EQUAL(rows, 1);
    }
    query = PREPARE(made.session, "select n, c from t where n > :1 order by n");
    for (at = 0; at <= 5; at++) {
        int64_t row;
        SUCCEEDS(orapool_stmt_bind_int(query, 1, at, &err));
        SUCCEEDS(orapool_stmt_execute(query, &rows, &err));
        EQUAL(rows, 0);
        for (row = at + 1; row <= 5; row++) {
            SUCCEEDS(orapool_stmt_fetch(query, &err));
            INT(query, 0, row);
            TEXT(query, 1, "same");
        }
        NO_MORE_ROWS(query);
        NO_MORE_ROWS(query);
    }
    /* Rows of a former execution that were not fetched are gone. */
    SUCCEEDS(orapool_stmt_bind_int(query, 1, 0, &err));
    FIRST_ROW(query);
    SUCCEEDS(orapool_stmt_bind_int(query, 1, 4, &err));
    FIRST_ROW(query);
    INT(query, 0, 5);
    NO_MORE_ROWS(query);
    orapool_stmt_free(insert);
    orapool_stmt_free(query);
    give_back(&made);
}

/* Several statements of one session side by side. */
static void statements_side_by_side(void) {
    loan made = borrow();
    orapool_stmt *outer, *inner;
    int64_t at;
    EXECUTE(made.session, "create table t (n number)");
    EXECUTE(made.session, "insert into t values (1)");
    EXECUTE(made.session, "insert into t select n + 1 from t");
    EXECUTE(made.session, "insert into t select n + 2 from t");
    outer = PREPARE(made.session, "select n from t order by n");
    inner = PREPARE(made.session, "select :1 * 10 from dual");
    SUCCEEDS(orapool_stmt_execute(outer, NULL, &err));
    for (at = 1; at <= 4; at++) {
        SUCCEEDS(orapool_stmt_fetch(outer, &err));
        SUCCEEDS(orapool_stmt_bind_int(inner, 1, at, &err));
        FIRST_ROW(inner);
        INT(outer, 0, at);
        INT(inner, 0, at * 10);
        EXECUTE(made.session, "delete from t");
    }
    NO_MORE_ROWS(outer);
    orapool_stmt_free(outer);
    orapool_stmt_free(inner);
    give_back(&made);
}

/* Fetching and reading in the wrong order. */
static void out_of_sequence(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select 7 as n from dual");
    const char *text = POISON(const char);
    const void *bytes = POISON(const void);
    FAILS(orapool_stmt_fetch(stmt, &err), ORAPOOL_ERROR, 1002, NULL);
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    INT_FAILS(stmt, 0, 1002);
    DOUBLE_FAILS(stmt, 0, 1002);
    FAILS(orapool_stmt_column_text(stmt, 0, &text, NULL, &err), ORAPOOL_ERROR, 1002, NULL);
    FAILS(orapool_stmt_column_bytes(stmt, 0, &bytes, NULL, &err), ORAPOOL_ERROR, 1002, NULL);
    CHECK(text == NULL && bytes == NULL);
    EQUAL(orapool_stmt_column_is_null(stmt, 0), 0);
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    INT(stmt, 0, 7);
    INT_FAILS(stmt, 1, 1007);
    DOUBLE_FAILS(stmt, 1, 1007);
    text = POISON(const char);
    bytes = POISON(const void);
    FAILS(orapool_stmt_column_text(stmt, 1, &text, NULL, &err), ORAPOOL_ERROR, 1007, NULL);
    FAILS(orapool_stmt_column_bytes(stmt, UINT32_MAX, &bytes, NULL, &err), ORAPOOL_ERROR, 1007, NULL);
    CHECK(text == NULL && bytes == NULL);
    EQUAL(orapool_stmt_column_is_null(stmt, 1), 0);
    NO_MORE_ROWS(stmt);
    INT_FAILS(stmt, 0, 1002);
    orapool_stmt_free(stmt);
    EXECUTE(made.session, "create table t (n number)");
    stmt = PREPARE(made.session, "insert into t values (1)");
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    FAILS(orapool_stmt_fetch(stmt, &err), ORAPOOL_ERROR, 1002, NULL);
    INT_FAILS(stmt, 0, 1007);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* An execution that fails leaves a statement that can be executed again, and no rows of before. */
static void an_execution_that_fails(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select 1 / :1 from dual");
    uint64_t rows = POISONED_NUMBER;
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, 1, &err));
    FIRST_ROW(stmt);
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, 0, &err));
    FAILS(orapool_stmt_execute(stmt, &rows, &err), ORAPOOL_ERROR, 1476, NULL);
    EQUAL(rows, 0);
    INT_FAILS(stmt, 0, 1002);
    SUCCEEDS(orapool_stmt_bind_int(stmt, 1, 2, &err));
    FIRST_ROW(stmt);
    DOUBLE(stmt, 0, 0.5);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* -- columns ---------------------------------------------------------------------------------------------------- */

static void names_of_columns(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select 1 as n, 2 \"Mixed\", dummy from dual");
    size_t len = POISONED_NUMBER;
    const char *name;
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    EQUAL(orapool_stmt_column_count(stmt), 3);
    name = orapool_stmt_column_name(stmt, 0, &len);
    TEXT_EQUAL(name, "N");
    EQUAL(len, 1);
    CHECK(orapool_stmt_column_name(stmt, 0, NULL) == name);
    TEXT_EQUAL(orapool_stmt_column_name(stmt, 1, NULL), "Mixed");
    TEXT_EQUAL(orapool_stmt_column_name(stmt, 2, NULL), "DUMMY");
    TEXT_EQUAL(name, "N");
    CHECK(orapool_stmt_column_name(stmt, 3, &len) == NULL);
    EQUAL(len, 0);
    FIRST_ROW(stmt);
    name = orapool_stmt_column_name(stmt, 1, &len);
    EQUAL(len, 5);
    NO_MORE_ROWS(stmt);
    TEXT_EQUAL(name, "Mixed");
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Where the prepare asks the server, the columns are known before the execute. */
static void columns_of_a_prepare(void) {
    loan made = borrow();
    orapool_stmt *stmt = PREPARE(made.session, "select 1 as n, 2 \"Mixed\", dummy from dual");
    size_t len = POISONED_NUMBER;
    const char *name;
    EQUAL(orapool_stmt_column_count(stmt), 3);
    name = orapool_stmt_column_name(stmt, 0, &len);
    TEXT_EQUAL(name, "N");
    EQUAL(len, 1);
    CHECK(orapool_stmt_column_name(stmt, 0, NULL) == name);
    TEXT_EQUAL(orapool_stmt_column_name(stmt, 2, NULL), "DUMMY");
    TEXT_EQUAL(name, "N");
    INT_FAILS(stmt, 0, 1002);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Texts and bytes stay where they are until the next fetch, whatever else is read meanwhile. */
static void columns_stay_where_they_are(void) {
    loan made = borrow();
    orapool_stmt *stmt;
    const char *texts[4];
    const char *again;
    const void *bytes[4];
    size_t len;
    uint32_t at;
    stmt = QUERY_ROW(made.session, "select 'one', hextoraw('00FF'), 3, 'four' from dual union all select 'x', hextoraw('AA'), 4, 'y' from dual");
    for (at = 0; at < 4; at++) {
        SUCCEEDS(orapool_stmt_column_bytes(stmt, 3 - at, &bytes[3 - at], &len, &err));
        SUCCEEDS(orapool_stmt_column_text(stmt, at, &texts[at], &len, &err));
    }
    EXECUTE(made.session, "select 1 from dual");
    for (at = 0; at < 4; at++) {
        SUCCEEDS(orapool_stmt_column_text(stmt, at, &again, &len, &err));
        CHECK(again == texts[at]);
    }
    TEXT_EQUAL(texts[0], "one");
    TEXT_EQUAL(texts[1], "00FF");
    TEXT_EQUAL(texts[2], "3");
    TEXT_EQUAL(texts[3], "four");
    CHECK(memcmp(bytes[0], "one", 4) == 0);
    CHECK(memcmp(bytes[1], "\0\377", 2) == 0);
    CHECK(memcmp(bytes[2], "3", 2) == 0);
    CHECK(memcmp(bytes[3], "four", 5) == 0);
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    TEXT(stmt, 0, "x");
    TEXT(stmt, 1, "AA");
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Whole numbers are exact, or an error. */
static void whole_numbers(void) {
    loan made = borrow();
    orapool_stmt *stmt = QUERY_ROW(made.session,
                                   "select 9223372036854775807, -9223372036854775808, 9223372036854775808, "
                                   "-9223372036854775809, 1.5, 1e20, 123456789012345678901234567890, 2.0 from dual");
    INT(stmt, 0, INT64_MAX);
    INT(stmt, 1, INT64_MIN);
    INT_FAILS(stmt, 2, 1455);
    INT_FAILS(stmt, 3, 1455);
    INT_FAILS(stmt, 4, 1455);
    INT_FAILS(stmt, 5, 1455);
    INT_FAILS(stmt, 6, 1455);
    INT(stmt, 7, 2);
    TEXT(stmt, 0, "9223372036854775807");
    TEXT(stmt, 2, "9223372036854775808");
    TEXT(stmt, 3, "-9223372036854775809");
    TEXT(stmt, 5, "100000000000000000000");
    TEXT(stmt, 6, "123456789012345678901234567890");
    DOUBLE(stmt, 2, 9223372036854775808.0);
    DOUBLE(stmt, 6, 123456789012345678901234567890.0);
    DOUBLE(stmt, 4, 1.5);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* `0.5` without the zero in front, which Oracle leaves out. */
static const char *without_zero(const char *number) {
    static char text[100];
    int sign;
    if (number == NULL) {
        return NULL;
    }
    sign = number[0] == '-';
    number += sign;
    snprintf(text, sizeof text, "%s%.90s", sign ? "-" : "", strncmp(number, "0.", 2) == 0 ? number + 1 : number);
    return text;
}

/* Numbers as text: all of their digits and no more, whichever way the driver holds them. */
static void numbers_as_text(void) {
    static const char *const numbers[] = {"0", "0.5", "-0.5", "0.1", "-0.1", "1.25", "100", "1e10", "0.001", "0.0009765625",
                                          "12345678901234567890.5"};
    loan made = borrow();
    char sql[200];
    size_t at;
    for (at = 0; at < sizeof numbers / sizeof numbers[0]; at++) {
        orapool_stmt *stmt;
        const char *plain = NULL;
        const char *by_to_char = NULL;
        snprintf(sql, sizeof sql, "select %s, to_char(%s) from dual", numbers[at], numbers[at]);
        stmt = QUERY_ROW(made.session, sql);
        SUCCEEDS(orapool_stmt_column_text(stmt, 0, &plain, NULL, &err));
        SUCCEEDS(orapool_stmt_column_text(stmt, 1, &by_to_char, NULL, &err));
        TEXT_EQUAL(without_zero(plain), by_to_char);
        orapool_stmt_free(stmt);
    }
    give_back(&made);
}

/* Text is read as a number if it is one. */
static void text_as_a_number(void) {
    loan made = borrow();
    orapool_stmt *stmt = QUERY_ROW(made.session,
                                   "select '42', ' -7 ', '7.00', 'x', '12abc', '1.5', '+5', '' , '99999999999999999999' from dual");
    INT(stmt, 0, 42);
    INT(stmt, 1, -7);
    INT(stmt, 2, 7);
    INT_FAILS(stmt, 3, 1722);
    INT_FAILS(stmt, 4, 1722);
    INT_FAILS(stmt, 5, 1455);
    INT(stmt, 6, 5);
    INT(stmt, 7, 0);
    INT_FAILS(stmt, 8, 1455);
    DOUBLE(stmt, 0, 42);
    DOUBLE(stmt, 1, -7);
    DOUBLE_FAILS(stmt, 3, 1722);
    DOUBLE_FAILS(stmt, 4, 1722);
    DOUBLE(stmt, 5, 1.5);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Words that C and Rust read as numbers, and Oracle does not. */
static void words_are_no_numbers(void) {
    loan made = borrow();
    orapool_stmt *stmt = QUERY_ROW(made.session, "select 'nan', 'inf', '-infinity', 'Infinity' from dual");
    uint32_t at;
    for (at = 0; at < 4; at++) {
        INT_FAILS(stmt, at, 1722);
        DOUBLE_FAILS(stmt, at, 1722);
    }
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Text that is a whole number in another notation. */
static void whole_numbers_in_other_notations(void) {
    loan made = borrow();
    orapool_stmt *stmt = QUERY_ROW(made.session, "select '1e3', '.0', '5.', '15e-1', '1.5E1' from dual");
    INT(stmt, 0, 1000);
    INT(stmt, 1, 0);
    INT(stmt, 2, 5);
    INT_FAILS(stmt, 3, 1455);
    INT(stmt, 4, 15);
    DOUBLE(stmt, 0, 1000);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* -- ends ------------------------------------------------------------------------------------------------------- */

/* The statement ends with the loan; only its free is of use then, and a statement of the next loan is another. */
static void a_statement_ends_with_its_loan(void) {
    loan made = borrow();
    orapool_stmt *stmt = QUERY_ROW(made.session, "select 'kept' from dual");
    const char *text = NULL;
    SUCCEEDS(orapool_stmt_column_text(stmt, 0, &text, NULL, &err));
    RELEASE(made.session);
    refuse_stmt(stmt, INVALID_HANDLE);
    made.session = GET(made.pool);
    refuse_stmt(stmt, INVALID_HANDLE);
    orapool_stmt_free(stmt);
    refuse_stmt(stmt, INVALID_HANDLE);
    give_back(&made);
}

static void *free_statement(void *argument) {
    orapool_stmt_free((orapool_stmt *)argument);
    return NULL;
}

/* Statements are freed in any order, before and after the release and the close, on any thread then, and twice. */
static void frees_in_any_order(void) {
    orapool *pool = POOL(0, 2, 1, ORAPOOL_GET_WAIT);
    orapool_session *session = GET(pool);
    orapool_stmt *stmts[6];
    pthread_t thread;
    int at;
    for (at = 0; at < 6; at++) {
        stmts[at] = QUERY_ROW(session, "select 1 from dual");
    }
    orapool_stmt_free(stmts[3]);
    orapool_stmt_free(stmts[3]);
    orapool_stmt_free(stmts[0]);
    INT(stmts[1], 0, 1);
    RELEASE(session);
    orapool_stmt_free(stmts[1]);
    CHECK(pthread_create(&thread, NULL, free_statement, stmts[2]) == 0);
    pthread_join(thread, NULL);
    session = GET(pool);
    EXECUTE(session, "select 1 from dual");
    orapool_stmt_free(stmts[4]);
    RELEASE(session);
    CLOSE(pool);
    orapool_stmt_free(stmts[5]);
    orapool_stmt_free(NULL);
}

/* A free after the session came to another holder leaves that holder's statements alone. */
static void a_late_free_hurts_nobody(void) {
    loan made = borrow();
    orapool_stmt *late = QUERY_ROW(made.session, "select 1 from dual");
    orapool_stmt *stmt;
    RELEASE(made.session);
    made.session = GET(made.pool);
    stmt = QUERY_ROW(made.session, "select 2 from dual");
    orapool_stmt_free(late);
    INT(stmt, 0, 2);
    orapool_stmt_free(stmt);
    give_back(&made);
}

/* Many statements that nobody frees do not outlive the loan in the database's session. */
static void statements_that_nobody_frees(void) {
    orapool *pool = POOL(1, 1, 1, ORAPOOL_GET_WAIT);
    orapool_stmt *stmts[50];
    orapool_session *session = GET(pool);
    int at;
    for (at = 0; at < 50; at++) {
        stmts[at] = QUERY_ROW(session, "select 1 from dual");
    }
    DROP(session);
    RELEASE(GET(pool));
    CLOSE(pool);
    for (at = 0; at < 50; at++) {
        orapool_stmt_free(stmts[at]);
    }
}

/* A break and the call timeout hit the statements' calls as well. */
static void a_call_timeout_of_a_statement(void) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=300", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    orapool_stmt *stmt = PREPARE(session, "select 1 from dual");
    SUCCEEDS(orapool_session_set_call_timeout(session, 30, &err));
    FAILS(orapool_stmt_execute(stmt, NULL, &err), ORAPOOL_ERROR, 3136, NULL);
    SUCCEEDS(orapool_session_set_call_timeout(session, 0, &err));
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    INT(stmt, 0, 1);
    orapool_stmt_free(stmt);
    RELEASE(session);
    CLOSE(pool);
}

/* Where the fetch asks the server. */
static void a_call_timeout_of_a_fetch(void) {
    orapool *pool = CREATE(sized_bag("call_delay_ms=300", 1, 1, 1, ORAPOOL_GET_WAIT));
    orapool_session *session = GET(pool);
    orapool_stmt *stmt = PREPARE(session, "select 1 from dual");
    SUCCEEDS(orapool_stmt_execute(stmt, NULL, &err));
    SUCCEEDS(orapool_session_set_call_timeout(session, 30, &err));
    FAILS(orapool_stmt_fetch(stmt, &err), ORAPOOL_ERROR, 3136, NULL);
    SUCCEEDS(orapool_session_set_call_timeout(session, -1, &err));
    SUCCEEDS(orapool_stmt_fetch(stmt, &err));
    INT(stmt, 0, 1);
    orapool_stmt_free(stmt);
    RELEASE(session);
    CLOSE(pool);
}

static const test_case tests[] = {
    TEST(binds_of_all_types),
    TEST(binds_of_nothing_and_of_nonsense),
    TEST(binds_are_copied),
    TEST(a_bind_with_a_nul_inside),
    TEST(sql_by_its_length),
    TEST(errors_of_a_prepare),
    TEST(errors_of_an_execute),
    TEST(positions_that_there_are_not),
    TEST(positions_follow_the_text),
    TEST(executed_again_and_again),
    TEST(statements_side_by_side),
    TEST(out_of_sequence),
    TEST(an_execution_that_fails),
    TEST(names_of_columns),
    TEST(columns_of_a_prepare),
    TEST(columns_stay_where_they_are),
    TEST(whole_numbers),
    TEST(numbers_as_text),
    TEST(text_as_a_number),
    TEST(words_are_no_numbers),
    TEST(whole_numbers_in_other_notations),
    TEST(a_statement_ends_with_its_loan),
    TEST(frees_in_any_order),
    TEST(a_late_free_hurts_nobody),
    TEST(statements_that_nobody_frees),
    TEST(a_call_timeout_of_a_statement),
    TEST(a_call_timeout_of_a_fetch),
};

MAIN(tests)
