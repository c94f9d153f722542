/* Lesson 1: the first query.
 *
 * A program opens its pool once and keeps it. Whoever has work for the database gets a session, has it alone, and
 * gives it back as soon as the work is done: a log-on costs the server far more than a get from the pool, and a
 * session that is held without need is one that others wait for.
 *
 * Runs on any database: ORAPOOL_EXAMPLE_DSN, ORAPOOL_EXAMPLE_USER and ORAPOOL_EXAMPLE_PASSWORD say on which. Without
 * them it is the embedded engine, a small database inside this process that needs no server. */

#include <inttypes.h>

#include "example.h"

int main(void)
{
    static const char *const names[] = {"Earth", "Mars", "Neptune"};
    static const int64_t moons[] = {1, 2, 16};
    orapool_error *error;
    orapool_attrs *attrs;
    orapool *pool;
    orapool_session *session;
    orapool_stmt *stmt;
    uint32_t i;

    /* One bag holds all that can be set. The number of parameters of a call never changes; new attributes come. */
    check(orapool_attrs_new(&attrs, &error), &error, "make a bag of attributes");
    /* CONNECT_STRING, USER and PASSWORD: all that a pool must be told. The other lessons do it alike, so it is in
     * example.h. */
    set_database(attrs, "embedded:demo");

    /* The pool opens its minimum of sessions, 1 unless told otherwise, before it returns. So a wrong password is
     * found here and not by the first user. */
    check(orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &pool, &error), &error, "create the pool");
    /* The pool has a copy. The sooner the bag goes, the sooner its password is wiped. */
    orapool_attrs_free(attrs);

    /* The zeros and NULLs are for what this get does not ask for: attributes of its own, tags, modes. */
    check(orapool_session_get(pool, &session, NULL, NULL, 0, NULL, NULL, NULL, 0, &error), &error,
          "get a session");

    check(orapool_session_execute(session, "create table lesson_planets (name varchar2(20), moons number)",
                                  ORAPOOL_NTS, NULL, &error),
          &error, "create the table");

    /* Values travel as binds, never inside the text: the database parses the statement once, and no value can be
     * taken for SQL. */
    check(orapool_stmt_prepare(session, "insert into lesson_planets (name, moons) values (:name, :moons)",
                               ORAPOOL_NTS, &stmt, &error),
          &error, "prepare the insert");
    for (i = 0; i < 3; i++) {
        check(orapool_stmt_bind_text(stmt, 1, names[i], ORAPOOL_NTS, &error), &error, "bind the name");
        check(orapool_stmt_bind_int(stmt, 2, moons[i], &error), &error, "bind the moons");
        check(orapool_stmt_execute(stmt, NULL, &error), &error, "insert");
    }
    orapool_stmt_free(stmt);
    /* A release rolls back what was not committed: nobody gets a session with somebody else's transaction in it. */
    check(orapool_session_commit(session, &error), &error, "commit");

    check(orapool_stmt_prepare(session, "select name, moons from lesson_planets where moons > :1 order by moons",
                               ORAPOOL_NTS, &stmt, &error),
          &error, "prepare the query");
    check(orapool_stmt_bind_int(stmt, 1, 1, &error), &error, "bind");
    check(orapool_stmt_execute(stmt, NULL, &error), &error, "run the query");
    for (i = 0; i < orapool_stmt_column_count(stmt); i++)
        printf("%-12s", orapool_stmt_column_name(stmt, i, NULL));
    printf("\n");
    while (check(orapool_stmt_fetch(stmt, &error), &error, "fetch") != ORAPOOL_NO_DATA) {
        const char *name;
        int64_t count;
        /* The text belongs to the statement and is gone with the next fetch. NULL would be SQL's NULL. */
        check(orapool_stmt_column_text(stmt, 0, &name, NULL, &error), &error, "read the name");
        check(orapool_stmt_column_int(stmt, 1, &count, &error), &error, "read the moons");
        printf("%-12s%" PRId64 "\n", name != NULL ? name : "(null)", count);
    }
    orapool_stmt_free(stmt);

    execute(session, "drop table lesson_planets");
    check(orapool_session_release(session, NULL, 0, 0, &error), &error, "release the session");

    /* Fails while sessions are on loan: a close that pulled them away would hide that somebody forgot a release. */
    check(orapool_close(pool, ORAPOOL_CLOSE_DEFAULT, 0, &error), &error, "close the pool");
    return EXIT_SUCCESS;
}
