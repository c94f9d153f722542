package org.orapool.tests;

import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.fails;
import static org.orapool.tests.Support.isTrue;
import static org.orapool.tests.Support.pool;
import static org.orapool.tests.Support.throwsA;

import java.util.Arrays;
import org.orapool.OraPool;
import org.orapool.OraPoolException.Status;
import org.orapool.OraSession;
import org.orapool.OraStatement;

/** Statements: binds and columns of every kind. */
final class StatementTests {
    private StatementTests() {}

    static void addTo(Harness harness) {
        harness.add("statement::binds_and_columns_of_every_kind", StatementTests::everyKind);
        harness.add("statement::nulls", StatementTests::nulls);
        harness.add("statement::texts_beyond_the_first_plane", StatementTests::strangeTexts);
        harness.add("statement::long_texts_and_bytes", StatementTests::longTexts);
        harness.add("statement::executed_again", StatementTests::executedAgain);
        harness.add("statement::numbers_that_do_not_fit", StatementTests::numbersThatDoNotFit);
        harness.add("statement::bad_positions_and_columns", StatementTests::badPositions);
        harness.add("statement::closed_twice_and_used_after", StatementTests::usedAfterClose);
    }

    private static void everyKind() throws Exception {
        byte[] bytes = {0, 1, (byte) 0xff};
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            session.execute("create table t (i number, d number, s varchar2(40), b raw(10))");
            try (OraStatement insert = session.prepare("insert into t values (:i, :d, :s, :b)")) {
                insert.bind(1, Long.MIN_VALUE).bind(2, 0.5).bind(3, "text").bind(4, bytes);
                equal(insert.execute(), 1L);
            }
            try (OraStatement select = session.prepare("select i, d, s, b from t")) {
                isTrue(select.session() == session, "a statement knows its session");
                select.execute();
                isTrue(select.fetch(), "a row");
                equal(select.columnCount(), 4);
                equal(select.columnName(0), "I");
                equal(select.columnLong(0), Long.MIN_VALUE);
                equal(select.columnText(0), Long.toString(Long.MIN_VALUE));
                equal(select.columnDouble(1), 0.5);
                equal(select.columnText(2), "text");
                isTrue(Arrays.equals(select.columnBytes(3), bytes), "the bytes");
                equal(select.columnText(3), "0001FF");
                isTrue(!select.columnIsNull(3), "not NULL");
                isTrue(!select.fetch(), "one row");
            }
        }
    }

    private static void nulls() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select = session.prepare("select :1, :2, :3, :4 from dual")) {
            select.bindNull(1).bind(2, (String) null).bind(3, "").bind(4, (byte[]) null);
            select.execute();
            isTrue(select.fetch(), "a row");
            for (int column = 0; column < 4; column++) {
                isTrue(select.columnIsNull(column), "NULL in column " + column);
                isTrue(select.columnText(column) == null && select.columnBytes(column) == null, "null");
                equal(select.columnLong(column), 0L);
                equal(select.columnDouble(column), 0.0);
            }
        }
    }

    private static void strangeTexts() throws Exception {
        String text = "a\u00fc\u20ac\uD83C\uDF0D\uDBFF\uDFFD";
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select =
                        session.prepare("select :1, '" + text + "', length(:2) as \"L\u00e4nge\" from dual")) {
            select.bind(1, text).bind(2, text);
            throwsA(IllegalArgumentException.class, () -> select.bind(1, "\uDF0D"));
            select.execute();
            isTrue(select.fetch(), "a row");
            equal(select.columnText(0), text);
            equal(select.columnText(1), text);
            equal(select.columnLong(2), 5L);
            equal(select.columnName(2), "L\u00e4nge");
            equal(select.columnBytes(0).length, 1 + 2 + 3 + 4 + 4);
        }
    }

    /** Below, at and beyond what the glue has room for without an allocation. */
    private static void longTexts() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select = session.prepare("select :1, :2 from dual")) {
            for (int length : new int[] {1, 254, 255, 256, 257, 4000}) {
                String text = "x".repeat(length);
                byte[] bytes = new byte[Math.min(length, 2000)];
                Arrays.fill(bytes, (byte) 0xa5);
                select.bind(1, text).bind(2, bytes).execute();
                isTrue(select.fetch(), "a row");
                equal(select.columnText(0), text);
                isTrue(Arrays.equals(select.columnBytes(1), bytes), "the bytes");
            }
        }
    }

    private static void executedAgain() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select = session.prepare("select :1 + :2 from dual")) {
            select.bind(1, 1).bind(2, 10).execute();
            isTrue(select.fetch(), "a row");
            equal(select.columnLong(0), 11L);
            select.bind(1, 2L).execute();
            isTrue(select.fetch(), "a row");
            equal(select.columnLong(0), 12L);
        }
    }

    private static void numbersThatDoNotFit() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select = session.prepare("select 1.5, 1e30, 'x', 1 from dual")) {
            select.execute();
            fails(Status.ERROR, 1002, () -> select.columnLong(0));
            isTrue(select.fetch(), "a row");
            fails(Status.ERROR, 1455, () -> select.columnLong(0));
            fails(Status.ERROR, 1455, () -> select.columnLong(1));
            fails(Status.ERROR, 1722, () -> select.columnLong(2));
            fails(Status.ERROR, 1722, () -> select.columnDouble(2));
            equal(select.columnDouble(0), 1.5);
            equal(select.columnText(1), "1" + "0".repeat(30));
        }
    }

    private static void badPositions() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire();
                OraStatement select = session.prepare("select :1 from dual")) {
            fails(Status.ERROR, 1036, () -> select.bind(0, 1));
            fails(Status.ERROR, 1036, () -> select.bind(2, "x"));
            fails(Status.ERROR, 1036, () -> select.bind(-1, 0.5));
            fails(Status.INVALID_ARGUMENT, 0, () -> select.bind(1, Double.NaN));
            fails(Status.INVALID_ARGUMENT, 0, () -> select.bind(1, Double.POSITIVE_INFINITY));
            fails(Status.ERROR, 1008, select::execute);
            select.bind(1, 1).execute();
            isTrue(select.fetch(), "a row");
            fails(Status.ERROR, 1007, () -> select.columnLong(1));
            fails(Status.ERROR, 1007, () -> select.columnText(-1));
            isTrue(select.columnName(7) == null && !select.columnIsNull(7), "no such column");
        }
    }

    private static void usedAfterClose() throws Exception {
        try (OraPool pool = pool(1);
                OraSession session = pool.acquire()) {
            OraStatement statement = session.prepare("select :1 from dual");
            statement.close();
            statement.close();
            fails(Status.INVALID_HANDLE, 0, () -> statement.bind(1, 1));
            fails(Status.INVALID_HANDLE, 0, statement::execute);
            fails(Status.INVALID_HANDLE, 0, statement::fetch);
            fails(Status.INVALID_HANDLE, 0, () -> statement.columnText(0));
            isTrue(statement.columnCount() == 0 && statement.columnName(0) == null, "nothing to tell");
        }
    }
}
