/* Lesson 7: a fix-up procedure, which puts sessions into the right state inside the database.
 *
 * The callback of lesson 6 makes a round trip for each statement, and each language writes it again. A PL/SQL procedure
 * takes one round trip for all, with DRCP none, and serves every program on that database. The pool calls it as
 *
 *     procedure (wanted in varchar2, actual in varchar2)
 *
 * in a get that asks for properties which its session has not. When it returns, the state is as wanted. If it raises,
 * the get fails and the session is dropped.
 *
 * Such a procedure runs with the rights of its owner on texts that come from outside. Three things make it a good one:
 *
 *     It compares wanted with actual and sets only what differs.
 *     It knows the properties that it takes, and raises for all others: a state that nobody set must not pass as set.
 *     It checks values. Names are translated, and what becomes part of a statement has no quote to break out with.
 *
 * Runs on any database, see lesson 1. The user needs the privileges to create tables, sequences and procedures. */

#include <inttypes.h>

#include "example.h"

static const uint32_t PROPERTIES = ORAPOOL_SESSGET_MULTIPROPERTY_TAG;
static const uint32_t NEAREST = ORAPOOL_SESSGET_MULTIPROPERTY_TAG | ORAPOOL_SESSGET_MATCHANY;

static const char create_package[] =
    "create or replace package lesson_state as\n"
    "  procedure fix_up (wanted in varchar2, actual in varchar2);\n"
    "end lesson_state;";

static const char create_body[] =
    "create or replace package body lesson_state as\n"
    "\n"
    "  -- The pool rolls back what a fix-up leaves uncommitted, and after a failure the session is gone. The line in\n"
    "  -- the log is a transaction of its own and stays.\n"
    "  procedure note (wanted in varchar2, actual in varchar2, message in varchar2) is\n"
    "    pragma autonomous_transaction;\n"
    "  begin\n"
    "    insert into lesson_state_log (line, asked_for, found_as, outcome)\n"
    "    values (lesson_state_line.nextval, substr(wanted, 1, 200), substr(actual, 1, 200), substr(message, 1, 200));\n"
    "    commit;\n"
    "  end note;\n"
    "\n"
    "  -- The value of a property. Null if there is none of that name.\n"
    "  function value_of (properties in varchar2, name in varchar2) return varchar2 is\n"
    "    pos pls_integer := instr(';' || properties, ';' || name || '=');\n"
    "  begin\n"
    "    if pos = 0 then\n"
    "      return null;\n"
    "    end if;\n"
    "    pos := pos + length(name) + 1;\n"
    "    return substr(properties, pos, instr(properties || ';', ';', pos) - pos);\n"
    "  end value_of;\n"
    "\n"
    "  procedure set_one (name in varchar2, value in varchar2) is\n"
    "  begin\n"
    "    if name = 'DATES' then\n"
    "      -- A name out of a list: no byte of it gets into a statement.\n"
    "      if value = 'ISO' then\n"
    "        execute immediate 'alter session set nls_date_format = ''YYYY-MM-DD''';\n"
    "      elsif value = 'GERMAN' then\n"
    "        execute immediate 'alter session set nls_date_format = ''DD.MM.YYYY''';\n"
    "      else\n"
    "        raise_application_error(-20002, 'DATES is ISO or GERMAN, not ' || value);\n"
    "      end if;\n"
    "    elsif name = 'TZ' then\n"
    "      -- Too many to list. ltrim leaves nothing of a text that has only characters with which zones are\n"
    "      -- written. Should that list be wrong one day, enquote_literal still raises for a quote.\n"
    "      if ltrim(upper(value), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-:/_') is not null then\n"
    "        raise_application_error(-20003, 'not a time zone: ' || value);\n"
    "      end if;\n"
    "      execute immediate 'alter session set time_zone = ' || dbms_assert.enquote_literal(value);\n"
    "    else\n"
    "      raise_application_error(-20001, 'DATES and TZ can be set, not ' || name);\n"
    "    end if;\n"
    "  end set_one;\n"
    "\n"
    "  procedure fix_up (wanted in varchar2, actual in varchar2) is\n"
    "    rest varchar2(4001) := wanted || ';';\n"
    "    name varchar2(4000);\n"
    "    value varchar2(4000);\n"
    "    changes varchar2(4000);\n"
    "  begin\n"
    "    while rest is not null loop\n"
    "      name := substr(rest, 1, instr(rest, '=') - 1);\n"
    "      value := value_of(rest, name);\n"
    "      rest := substr(rest, instr(rest, ';') + 1);\n"
    "      -- For a property that it has not, value_of is null, and a comparison with null is never true.\n"
    "      if value_of(actual, name) = value then\n"
    "        null;\n"
    "      else\n"
    "        set_one(name, value);\n"
    "        changes := changes || ' ' || name;\n"
    "      end if;\n"
    "    end loop;\n"
    "    note(wanted, actual, 'set' || changes);\n"
    "  exception\n"
    "    when others then\n"
    "      note(wanted, actual, sqlerrm);\n"
    "      raise;\n"
    "  end fix_up;\n"
    "\n"
    "end lesson_state;";

/* Whoever installs the package does this once, and it is no part of the programs that use it. */
static void install(orapool *pool)
{
    orapool_session *session = get_session(pool, NULL);
    execute(session, "create sequence lesson_state_line");
    execute(session, "create table lesson_state_log (line number, asked_for varchar2(200), found_as varchar2(200), "
                     "outcome varchar2(200))");
    execute(session, create_package);
    execute(session, create_body);
    release_session(session);
}

static void uninstall(orapool *pool)
{
    orapool_session *session = get_session(pool, NULL);
    execute(session, "drop package lesson_state");
    execute(session, "drop table lesson_state_log");
    execute(session, "drop sequence lesson_state_line");
    release_session(session);
}

static orapool_attrs *attrs_with(const char *procedure)
{
    orapool_attrs *attrs = new_attrs("embedded:fixup");
    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, 2);
    if (procedure != NULL)
        set_text(attrs, ORAPOOL_ATTR_FIXUP_CALLBACK, procedure);
    return attrs;
}

/* A program can not see whether the procedure ran, and has no need to. The statistics know. */
static void show_get(orapool *pool, const char *tag, uint32_t mode)
{
    uint64_t fixups = get_stats(pool).fixups;
    struct tagged got = get_tagged(pool, tag, mode);
    char sample[80];
    query_text(got.session, "select to_char(date '2026-02-28') || ' ' || sessiontimezone from dual", sample,
               sizeof sample);
    printf("  %-22s %-9s %-10s %-24s %s\n", shown(tag), mode == NEAREST ? "MATCHANY" : "",
           get_stats(pool).fixups > fixups ? "called" : "-", shown(got.tag), sample);
    /* A plain release: the pool knows the tag already. */
    release_session(got.session);
}

static void show_gets(orapool *pool)
{
    printf("1. Gets\n\n");
    printf("  %-22s %-9s %-10s %-24s %s\n", "wanted", "", "procedure", "tag afterwards", "state");
    /* Without a tag nothing is wanted, so there is nothing to put right. */
    show_get(pool, NULL, 0);
    show_get(pool, "TZ=UTC;DATES=ISO", PROPERTIES);
    show_get(pool, "TZ=UTC;DATES=ISO", PROPERTIES);
    show_get(pool, "DATES=ISO;TZ=UTC", PROPERTIES);
    /* More properties than wanted are right as well. */
    show_get(pool, "DATES=ISO", NEAREST);
    show_get(pool, "TZ=UTC;DATES=GERMAN", PROPERTIES);
    /* The procedure sets what is wanted and leaves the rest alone. So the rest is true still, and the pool writes it
     * behind what was asked for. */
    show_get(pool, "TZ=+05:30", NEAREST);
}

static void failing_get(orapool *pool, const char *tag)
{
    orapool_error *error;
    orapool_session *session;
    orapool_status status;
    printf("  get %s\n", tag);
    status = orapool_session_get(pool, &session, NULL, tag, ORAPOOL_NTS, NULL, NULL, NULL, PROPERTIES, &error);
    /* 56610 says that it was the fix-up. The procedure's own error, which tells why, comes next in the chain. */
    expect_error(ORAPOOL_ERROR, 56610, status, &error);
}

static void what_the_procedure_refuses(orapool *pool)
{
    printf("\n2. What the procedure refuses\n\n");
    failing_get(pool, "DATES=KLINGON");
    failing_get(pool, "WEATHER=FINE");
    /* With 'alter session set time_zone = ''' || value || '''' this one would have set the language too. */
    failing_get(pool, "TZ=UTC' NLS_LANGUAGE='FRENCH");
    /* Written as a zone is, and none: that is the database's to say. */
    failing_get(pool, "TZ=Mars/Olympus");
    printf("  %" PRIu64 " fix-ups failed, and each took its session along\n", get_stats(pool).fixup_failures);
}

static void what_the_pool_refuses(orapool *pool)
{
    orapool_error *error;
    orapool_attrs *attrs;
    orapool *none;
    orapool_session *session;
    orapool_status status;

    printf("\n3. What the pool refuses\n\n");
    /* A single tag may be anything, and the procedure reads lists of properties. */
    printf("  get TZ=UTC, without ORAPOOL_SESSGET_MULTIPROPERTY_TAG\n");
    status = orapool_session_get(pool, &session, NULL, "TZ=UTC", ORAPOOL_NTS, NULL, NULL, NULL, 0, &error);
    expect_error(ORAPOOL_ERROR, 56612, status, &error);
    /* The name becomes part of a PL/SQL block, so it must be a name. That there is such a procedure is not looked up:
     * it shows at the first call. */
    printf("  create a pool with another text than a name\n");
    attrs = attrs_with("lesson_state.fix_up; delete from lesson_state_log; --");
    status = orapool_create(NULL, 0, attrs, ORAPOOL_CREATE_NEW, &none, &error);
    orapool_attrs_free(attrs);
    expect_error(ORAPOOL_INVALID_ARGUMENT, 0, status, &error);
}

static void print_log(orapool *pool)
{
    orapool_error *error;
    orapool_session *session = get_session(pool, NULL);
    orapool_stmt *stmt = prepare(session, "select asked_for, nvl(found_as, '(none)'), outcome from lesson_state_log "
                                          "order by line");
    printf("\n4. The log: all calls of the procedure, also those that failed\n\n");
    printf("  %-30s %-22s %s\n", "wanted", "actual", "outcome");
    check(orapool_stmt_execute(stmt, NULL, &error), &error, "read the log");
    while (check(orapool_stmt_fetch(stmt, &error), &error, "fetch") != ORAPOOL_NO_DATA) {
        const char *column[3];
        uint32_t i;
        for (i = 0; i < 3; i++)
            check(orapool_stmt_column_text(stmt, i, &column[i], NULL, &error), &error, "read a column");
        printf("  %-30s %-22s %s\n", shown(column[0]), shown(column[1]), shown(column[2]));
    }
    orapool_stmt_free(stmt);
    release_session(session);
}

int main(void)
{
    orapool *administrator = new_pool(attrs_with(NULL));
    orapool *pool;

    /* The embedded engine keeps a database, and so the package in it, while a pool on it is open. */
    install(administrator);
    /* The name is all that a program has to know of it. */
    pool = new_pool(attrs_with("lesson_state.fix_up"));
    show_gets(pool);
    what_the_procedure_refuses(pool);
    what_the_pool_refuses(pool);
    print_log(pool);
    close_pool(pool);
    uninstall(administrator);
    close_pool(administrator);
    return EXIT_SUCCESS;
}
