/* Statements of a session. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"

/* A statement with its binds; NULL if that failed, and then the outcome says why. */
static orapool_stmt *prepare(orapool_session *session, const char *sql, json_t *binds, struct outcome *outcome)
{
    orapool_stmt *stmt = POISONED(orapool_stmt);
    size_t i;
    json_t *bind;
    CALL(outcome, orapool_stmt_prepare(session, sql, strlen(sql), &stmt, &error));
    stmt = checked_handle(outcome, stmt);
    json_array_foreach (binds, i, bind) {
        if (!outcome_is_done(outcome) || outcome->flaws.len > 0)
            break;
        outcome_free(outcome);
        CALL(outcome, orapool_stmt_bind_text(stmt, (uint32_t)i + 1, json_string_value(bind),
                                             json_is_null(bind) ? ORAPOOL_NTS : json_string_length(bind), &error));
    }
    if (!outcome_is_done(outcome)) {
        orapool_stmt_free(stmt);
        return NULL;
    }
    return stmt;
}

static struct outcome execute_prepared(orapool_stmt *stmt, uint64_t *rows)
{
    struct outcome outcome;
    *rows = POISON;
    CALL(&outcome, orapool_stmt_execute(stmt, rows, &error));
    checked_number(&outcome, *rows);
    return outcome;
}

static struct outcome execute(orapool_session *session, const char *text, json_t *binds, uint64_t *rows)
{
    char *sql = fill_in(text);
    struct outcome outcome;
    *rows = POISON;
    if (json_array_size(binds) == 0) {
        CALL(&outcome, orapool_session_execute(session, sql, strlen(sql), rows, &error));
        checked_number(&outcome, *rows);
    } else {
        orapool_stmt *stmt = prepare(session, sql, binds, &outcome);
        if (stmt != NULL) {
            outcome_free(&outcome);
            outcome = execute_prepared(stmt, rows);
            orapool_stmt_free(stmt);
        }
    }
    free(sql);
    return outcome;
}

bool run_owner(struct world *world, const char *sql, struct text *why)
{
    uint64_t rows;
    struct outcome outcome = execute(world_owner(world), sql, NULL, &rows);
    return expect_done(&outcome, sql, why);
}

static bool find_session_of(const struct scope *scope, json_t *fields, orapool_session **session, struct text *why)
{
    return find_session(scope, json_string_value(json_object_get(fields, "session")), session, why);
}

bool step_execute(const struct scope *scope, json_t *fields, struct text *why)
{
    json_t *expect = json_object_get(fields, "expect");
    json_t *expected = json_object_get(expect, "rows");
    struct outcome outcome;
    orapool_session *session;
    uint64_t rows;
    if (!find_session_of(scope, fields, &session, why))
        return false;
    outcome = execute(session, json_string_value(json_object_get(fields, "sql")), json_object_get(fields, "binds"),
                      &rows);
    if (!check_and_free(&outcome, expect, why))
        return false;
    if (expected != NULL && (uint64_t)json_integer_value(expected) != rows)
        return failed(why, "rows: expected %" JSON_INTEGER_FORMAT ", came %" PRIu64, json_integer_value(expected),
                      rows);
    return true;
}

/* ---- Queries ----------------------------------------------------------------------------------------------------- */

static json_t *column(orapool_stmt *stmt, uint32_t number, struct text *why)
{
    const char *at = POISONED(char);
    size_t len = POISON;
    struct outcome outcome;
    struct bytes text;
    json_t *value;
    CALL(&outcome, orapool_stmt_column_text(stmt, number, &at, &len, &error));
    text = read_text(at, len, "orapool_stmt_column_text", &outcome.flaws);
    value = text.at != NULL ? json_stringn(text.at, text.len) : json_null();
    if (value == NULL)
        failed(&outcome.flaws, "a column's text is no UTF-8");
    bytes_free(&text);
    if (expect_done(&outcome, "a column", why))
        return value;
    json_decref(value);
    return NULL;
}

static json_t *row_of(orapool_stmt *stmt, struct text *why)
{
    json_t *row = json_array();
    uint32_t columns = orapool_stmt_column_count(stmt);
    uint32_t i;
    for (i = 0; i < columns; i++) {
        if (json_array_append_new(row, column(stmt, i, why)) != 0) {
            json_decref(row);
            return NULL;
        }
    }
    return row;
}

static json_t *fetch_all(orapool_stmt *stmt, struct text *why)
{
    json_t *rows = json_array();
    for (;;) {
        struct outcome outcome;
        bool is_end;
        CALL(&outcome, orapool_stmt_fetch(stmt, &error));
        is_end = outcome.status == ORAPOOL_NO_DATA;
        if (!expect_done(&outcome, "a fetch", why))
            break;
        if (is_end)
            return rows;
        if (json_array_append_new(rows, row_of(stmt, why)) != 0)
            break;
    }
    json_decref(rows);
    return NULL;
}

json_t *query_rows(orapool_session *session, const char *text, json_t *binds, struct text *why)
{
    char *sql = fill_in(text);
    struct outcome outcome;
    orapool_stmt *stmt = prepare(session, sql, binds, &outcome);
    json_t *rows = NULL;
    uint64_t count;
    if (expect_done(&outcome, sql, why)) {
        outcome = execute_prepared(stmt, &count);
        if (expect_done(&outcome, sql, why))
            rows = fetch_all(stmt, why);
    }
    orapool_stmt_free(stmt);
    free(sql);
    return rows;
}

static bool same_rows(json_t *expected, json_t *came, struct text *why)
{
    char *one;
    char *other;
    if (json_equal(expected, came))
        return true;
    one = json_dumps(expected, JSON_COMPACT);
    other = json_dumps(came, JSON_COMPACT);
    failed(why, "rows: expected %s, came %s", one, other);
    free(one);
    free(other);
    return false;
}

bool step_query(const struct scope *scope, json_t *fields, struct text *why)
{
    orapool_session *session;
    json_t *rows;
    bool ok;
    if (!find_session_of(scope, fields, &session, why))
        return false;
    rows = query_rows(session, json_string_value(json_object_get(fields, "sql")), json_object_get(fields, "binds"),
                      why);
    if (rows == NULL)
        return false;
    ok = same_rows(json_object_get(fields, "rows"), rows, why);
    json_decref(rows);
    return ok;
}

/* ---- Calls without arguments --------------------------------------------------------------------------------------- */

typedef orapool_status (*session_call)(orapool_session *session, orapool_error **error);

static bool call_session(const struct scope *scope, json_t *fields, session_call call, struct text *why)
{
    struct outcome outcome;
    orapool_session *session;
    if (!find_session_of(scope, fields, &session, why))
        return false;
    CALL(&outcome, call(session, &error));
    return check_and_free(&outcome, json_object_get(fields, "expect"), why);
}

bool step_commit(const struct scope *scope, json_t *fields, struct text *why)
{
    return call_session(scope, fields, orapool_session_commit, why);
}

bool step_rollback(const struct scope *scope, json_t *fields, struct text *why)
{
    return call_session(scope, fields, orapool_session_rollback, why);
}

bool step_ping(const struct scope *scope, json_t *fields, struct text *why)
{
    return call_session(scope, fields, orapool_session_ping, why);
}
