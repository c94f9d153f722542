"""Statements, binds and columns."""

import datetime
import gc
import threading
from decimal import Decimal

from support import TestCase

import orapool

DAY = datetime.datetime(2026, 1, 31, 23, 59, 58)


class WithSession(TestCase):
    def setUp(self):
        self.session = self.pool().get()
        self.addCleanup(lambda: self.session.is_on_loan() and self.session.release())

    def one(self, sql, *binds, types=None):
        return self.session.query_one(sql, binds, types=types)


class Binds(WithSession):
    def test_values_come_back(self):
        for value, kind in (
            (0, int),
            (-(2**63), int),
            (2**63 - 1, int),
            (12345678901234567890123456789012345678, int),
            (1.5, float),
            (Decimal("1.5"), Decimal),
            (Decimal("0.1"), Decimal),
            (Decimal("-123456789012345678.25"), Decimal),
            ("käse", str),
            ("\U0001f600 \U0010ffff", str),
            ("a\0b", str),
            ("x" * 3000, str),
            (None, str),
            (None, int),
            (None, Decimal),
            (None, datetime.datetime),
        ):
            with self.subTest(value=value):
                (came,) = self.one("select :1 from dual", value, types=[kind])
                self.assertEqual((came, type(came)), (value, type(value)))

    def test_bool_is_a_number(self):
        self.assertEqual(self.one("select :1, :2 from dual", True, False, types=[int, int]), (1, 0))

    def test_nothing_is_null(self):
        self.assertEqual(self.one("select :1, :2 from dual", "", b""), (None, None))

    def test_bytes(self):
        self.session.execute("create table t (r raw(100))")
        self.session.execute("insert into t values (:1)", [b"\x00\xff\x80"])
        self.assertEqual(self.one("select r from t", types=[bytes]), (b"\x00\xff\x80",))
        self.assertEqual(self.one("select r from t"), ("00FF80",))
        self.session.execute("update t set r = :1", [bytearray(b"\x01")])
        self.session.execute("update t set r = :1", [memoryview(b"\x02")])
        self.assertEqual(self.one("select r from t"), ("02",))

    def test_dates(self):
        sql = "select to_char(to_date(:1, 'YYYY-MM-DD HH24:MI:SS'), 'YYYY-MM-DD HH24:MI:SS') from dual"
        self.assertEqual(self.one(sql, DAY, types=[datetime.datetime]), (DAY,))
        self.assertEqual(self.one(sql, DAY.date(), types=[datetime.date]), (DAY.date(),))
        zoned = DAY.replace(tzinfo=datetime.timezone.utc, microsecond=120000)
        self.assertEqual(self.one("select :1 from dual", zoned), ("2026-01-31 23:59:58.120000+00:00",))
        self.assertEqual(self.one("select :1 from dual", zoned, types=[datetime.datetime]), (zoned,))

    def test_what_can_not_be_bound(self):
        for value, kind in (
            (float("nan"), orapool.InvalidArgument),
            (float("inf"), orapool.InvalidArgument),
            (Decimal("NaN"), orapool.InvalidArgument),
            (Decimal("-Infinity"), orapool.InvalidArgument),
            ("\ud800", orapool.InvalidArgument),
            ([1], TypeError),
            (1j, TypeError),
            (datetime.timedelta(1), TypeError),
            (object(), TypeError),
        ):
            with self.subTest(value=value), self.assertRaises(kind):
                self.one("select :1 from dual", value)

    def test_positions(self):
        with self.session.prepare("select :1, :2 from dual") as statement:
            with self.fails(orapool.DatabaseError, 1036):
                statement.bind(3, 1)
            with self.fails(orapool.DatabaseError, 1036):
                statement.bind(0, 1)
            for position, kind in (
                (-1, orapool.InvalidArgument),
                (2**32 + 1, orapool.InvalidArgument),
                ("1", TypeError),
            ):
                with self.assertRaises(kind):
                    statement.bind(position, 1)
            statement.bind(1, 1)
            with self.fails(orapool.DatabaseError, 1008):
                statement.execute()
            statement.bind(2, "b")
            statement.execute()
            self.assertEqual(statement.fetchone(), ("1", "b"))

    def test_binds_are_a_sequence(self):
        with self.session.prepare("select :1 from dual") as statement:
            for binds in ("a", b"a", {"1": 1}, 7, iter([1])):
                with self.assertRaises(TypeError):
                    statement.execute(binds)

    def test_names_stand_for_positions(self):
        self.assertEqual(self.one("select :a, :b from dual", "x", "y"), ("x", "y"))


class Columns(WithSession):
    def test_without_types_all_is_text(self):
        row = self.one("select 1, 1.5, 'a', null, 12345678901234567890123 from dual")
        self.assertEqual(row, ("1", "1.5", "a", None, "12345678901234567890123"))

    def test_number(self):
        sql = "select 7, 1.5, 12345678901234567890.25, 12345678901234567890, null from dual"
        self.assertEqual(
            self.one(sql, types=[orapool.NUMBER] * 5),
            (7, Decimal("1.5"), Decimal("12345678901234567890.25"), 12345678901234567890, None),
        )

    def test_int_is_never_rounded(self):
        with self.fails(orapool.DatabaseError, 1455):
            self.one("select 1.5 from dual", types=[int])
        self.assertEqual(self.one("select 12345678901234567890 from dual", types=[int]), (12345678901234567890,))

    def test_what_is_no_number(self):
        for kind in (int, float, Decimal, orapool.NUMBER):
            with self.subTest(kind=kind), self.fails(orapool.DatabaseError, 1722):
                self.one("select 'x' from dual", types=[kind])

    def test_what_is_no_date(self):
        for kind in (datetime.datetime, datetime.date):
            with self.subTest(kind=kind), self.fails(orapool.InvalidArgument):
                self.one("select 'x' from dual", types=[kind])

    def test_nine_digits_of_a_second(self):
        text = "2026-01-31 23:59:58.123456789"
        (came,) = self.one("select :1 from dual", text, types=[datetime.datetime])
        self.assertEqual(came, DAY.replace(microsecond=123456))

    def test_names_and_count(self):
        with self.session.prepare('select 1 n, 2 "Mixed" from dual') as statement:
            statement.execute()
            self.assertEqual((statement.column_count, statement.column_names), (2, ["N", "Mixed"]))
            statement.fetch()
            self.assertEqual((statement.column_int(0), statement.column_float(1)), (1, 2.0))
            self.assertFalse(statement.is_null(0))
            self.assertEqual(statement.column_bytes(0), b"1")

    def test_columns_that_there_are_not(self):
        with self.session.prepare("select 1 from dual") as statement:
            statement.execute()
            with self.fails(orapool.DatabaseError, 1002):
                statement.column_text(0)
            statement.fetch()
            with self.fails(orapool.DatabaseError, 1007):
                statement.column_text(1)
            with self.fails(orapool.InvalidArgument):
                statement.column_text(-1)
            with self.fails(orapool.InvalidArgument):
                statement.column_int(2**32)
            with self.assertRaises(TypeError):
                statement.column(0, list)

    def test_as_many_types_as_columns(self):
        with self.fails(orapool.InvalidArgument):
            self.one("select 1, 2 from dual", types=[int])


class Rows(WithSession):
    def setUp(self):
        super().setUp()
        self.session.execute("create table t (n number)")
        for number in range(3):
            self.session.execute("insert into t values (:1)", [number])

    def test_all_ways(self):
        sql, rows = "select n from t order by n", [(0,), (1,), (2,)]
        self.assertEqual(self.session.query(sql, types=[int]), rows)
        self.assertEqual(list(self.session.rows(sql, types=[int])), rows)
        self.assertEqual(self.session.query_one(sql, types=[int]), rows[0])
        self.assertIsNone(self.session.query_one("select n from t where n > :1", [7]))
        with self.session.prepare(sql) as statement:
            statement.execute()
            self.assertEqual(list(statement), [("0",), ("1",), ("2",)])
            self.assertIsNone(statement.fetchone())
            statement.execute()
            self.assertEqual(statement.fetchone([int]), (0,))
            self.assertEqual(statement.fetchall([int]), rows[1:])

    def test_rows_that_are_not_read_to_the_end(self):
        next(self.session.rows("select n from t"))
        self.assertEqual(self.session.execute("delete from t"), 3)


class Ends(WithSession):
    def test_a_closed_statement(self):
        statement = self.session.prepare("select 1 from dual")
        statement.close()
        statement.close()
        for work in (
            statement.execute,
            statement.fetch,
            statement.fetchone,
            lambda: statement.bind(1, 1),
            lambda: statement.column_text(0),
            lambda: statement.column_count,
            lambda: statement.column_names,
            lambda: statement.is_null(0),
        ):
            with self.fails(orapool.InvalidHandle):
                work()

    def test_it_ends_with_the_loan(self):
        statement = self.session.prepare("select 1 from dual")
        self.session.release()
        with self.fails(orapool.InvalidHandle):
            statement.execute()
        statement.close()

    def test_forgotten_ones_are_freed(self):
        for _ in range(2000):
            self.session.prepare("select 1 from dual")
        self.assertLess(len(self.session._statements), 3)

    def test_the_collector_may_run_on_another_thread(self):
        """It only takes a note: the session's next call frees the statement."""
        for _ in range(20):
            cycle = [self.session.prepare("select 1 from dual")]
            cycle.append(cycle)
            del cycle
            collecting = threading.Thread(target=gc.collect)
            collecting.start()
            for _ in range(20):
                self.session.query("select 1 from dual")
            collecting.join()
        gc.collect()
        self.session.prepare("select 1 from dual").close()
        self.assertEqual(len(self.session._statements), 0)

    def test_wrong_text(self):
        with self.fails(orapool.DatabaseError, 942):
            self.session.query("select * from nonesuch")
        self.assertEqual(self.session.query("select 1 from dual"), [("1",)])
