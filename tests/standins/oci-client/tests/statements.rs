//! Queries, binds, DML and PL/SQL through crate `oracle`.

mod support;

use oracle::sql_type::{OracleType, Timestamp};
use oracle::{Connection, StatementType};

use support::{code, connect, start};

#[test]
fn a_query_of_many_rows_gives_all_of_them() {
    let control = start();
    let session = connect("rows");
    session.execute("create table t (n number, name varchar2(20))", &[]).unwrap();
    let mut insert = session.statement("insert into t values (:1, :2)").build().unwrap();
    for number in 1..=250i64 {
        let name = (number % 3 != 0).then(|| format!("name {number} ä"));
        insert.execute(&[&number, &name]).unwrap();
        assert_eq!(insert.row_count().unwrap(), 1);
    }
    insert.close().unwrap();
    for array_size in [1, 7, 100, 250, 251] {
        let mut query = session
            .statement("select n, name from t order by n")
            .fetch_array_size(array_size)
            .build()
            .unwrap();
        let rows = query.query_as::<(i64, Option<String>)>(&[]).unwrap();
        let rows: Vec<_> = rows.map(Result::unwrap).collect();
        assert_eq!(rows.len(), 250);
        for (expected, (number, name)) in (1..).zip(rows) {
            assert_eq!(number, expected);
            assert_eq!(name, (number % 3 != 0).then(|| format!("name {number} ä")));
        }
    }
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn numbers_are_exact() {
    let control = start();
    let session = connect("numbers");
    session.execute("create table t (n number)", &[]).unwrap();
    let digits = [
        "0",
        "-1",
        "0.5",
        "-0.001",
        "9223372036854775807",
        "12345678901234567890123456789012345678",
        "-99999999999999999999999999999999999999",
        "0.12345678901234567890123456789012345678",
    ];
    for text in digits {
        session.execute("delete from t", &[]).unwrap();
        session.execute("insert into t values (:1)", &[&(&text, &OracleType::Number(0, -127))]).unwrap();
        let row = session.query_row("select n from t", &[]).unwrap();
        assert!(matches!(row.column_info()[0].oracle_type(), OracleType::Number(_, _)), "{text}");
        assert_eq!(row.get::<_, String>(0).unwrap(), text);
    }
    for number in [i64::MIN, -1, 0, 1, i64::MAX] {
        assert_eq!(session.query_row_as::<i64>("select :1 + 0 from dual", &[&number]).unwrap(), number);
    }
    assert_eq!(session.query_row_as::<f64>("select :1 * 2 from dual", &[&0.125f64]).unwrap(), 0.25);
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn columns_have_their_types() {
    let control = start();
    let session = connect("types");
    session.execute("create table t (n number, v varchar2(10), d date, s timestamp, r raw(4))", &[]).unwrap();
    let types = |sql: &str| -> Vec<String> {
        let row = session.query_row(sql, &[]).unwrap();
        row.column_info().iter().map(|column| column.oracle_type().to_string()).collect()
    };
    session.execute("insert into t values (1, '12', sysdate, systimestamp, hextoraw('0aff'))", &[]).unwrap();
    assert_eq!(types("select * from t"), ["NUMBER", "VARCHAR2(4000)", "DATE", "TIMESTAMP(9)", "RAW(2000)"]);
    // Without a value the parser's knowledge holds.
    session.execute("update t set n = null, v = null, d = null, s = null, r = null", &[]).unwrap();
    assert_eq!(
        types("select * from t for update"),
        ["NUMBER", "VARCHAR2(4000)", "DATE", "TIMESTAMP(9)", "RAW(2000)"]
    );
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn dates_and_timestamps_keep_all_they_have() {
    let control = start();
    let session = connect("dates");
    session.execute("create table t (d date, s timestamp(9))", &[]).unwrap();
    let date = Timestamp::new(2026, 1, 31, 23, 59, 58, 0).unwrap();
    let time = Timestamp::new(1999, 12, 1, 0, 0, 1, 123_456_789).unwrap();
    session
        .execute(
            "insert into t values (:1, :2)",
            &[&(&date, &OracleType::Date), &(&time, &OracleType::Timestamp(9))],
        )
        .unwrap();
    let (found_date, found_time): (Timestamp, Timestamp) =
        session.query_row_as("select d, s from t", &[]).unwrap();
    assert_eq!((found_date, found_time), (date, time));
    let none: Option<Timestamp> = session.query_row_as("select max(d) from t where 1 = 0", &[]).unwrap();
    assert_eq!(none, None);
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn values_of_each_type_are_bound() {
    let control = start();
    let session = connect("binds");
    let same = |sql: &str, bind: &dyn oracle::sql_type::ToSql| {
        session.query_row_as::<Option<String>>(sql, &[bind]).unwrap()
    };
    assert_eq!(same("select :1 from dual", &"text").as_deref(), Some("text"));
    assert_eq!(same("select :a || 'x' from dual", &"").as_deref(), Some("x"));
    assert_eq!(same("select :1 from dual", &None::<i64>), None);
    assert_eq!(same("select to_char(:1 / 4) from dual", &1i32).as_deref(), Some(".25"));
    assert_eq!(same("select rawtohex(:1) from dual", &vec![0u8, 255]).as_deref(), Some("00FF"));
    let named =
        session.query_row_as_named::<String>("select :a || :b || :a from dual", &[("a", &"1"), ("b", &"2")]);
    assert_eq!(named.unwrap(), "121");
    let long = "ö".repeat(20_000);
    session.execute("create table t (c clob)", &[]).unwrap();
    session.execute("insert into t values (:1)", &[&long]).unwrap();
    assert_eq!(session.query_row_as::<String>("select c from t", &[]).unwrap(), long);
    let error = session.execute("begin null; end;", &[&1]).unwrap_err();
    assert!(error.to_string().contains("bind"), "{error}");
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn blocks_take_binds_by_name_and_by_position() {
    let control = start();
    let session = connect("blocks");
    session.execute("create table t (a number, b varchar2(10), c number)", &[]).unwrap();
    let block = "begin insert into t values (:a, :b, :a); end;";
    session.execute(block, &[&1, &"one"]).unwrap();
    session.execute_named(block, &[("b", &"two"), ("a", &2)]).unwrap();
    let mut query = session.statement("select a, b, c from t order by a").build().unwrap();
    let rows: Vec<(i64, String, i64)> = query.query_as(&[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, [(1, "one".to_owned(), 1), (2, "two".to_owned(), 2)]);
    query.close().unwrap();
    let statement = session.statement(block).build().unwrap();
    assert_eq!((statement.statement_type(), statement.bind_count()), (StatementType::Begin, 2));
    assert_eq!(statement.bind_names(), ["A", "B"]);
    drop(statement);
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

fn changed(session: &Connection, sql: &str) -> u64 {
    session.execute(sql, &[]).unwrap().row_count().unwrap()
}

#[test]
fn dml_tells_how_many_rows_it_changed() {
    let control = start();
    let session = connect("dml");
    session.execute("create table t (n number primary key)", &[]).unwrap();
    let mut batch = session.batch("insert into t values (:1)", 10).build().unwrap();
    for number in 0..10 {
        batch.append_row(&[&number]).unwrap();
    }
    batch.execute().unwrap();
    batch.close().unwrap();
    assert_eq!(changed(&session, "update t set n = n + 100 where n >= 6"), 4);
    assert_eq!(changed(&session, "delete from t where n < 3"), 3);
    assert_eq!(changed(&session, "begin update t set n = n; end;"), 0);
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_batch_tells_its_errors_by_row() {
    let control = start();
    let session = connect("batch");
    session.execute("create table t (n number primary key)", &[]).unwrap();
    let mut batch =
        session.batch("insert into t values (:1)", 4).with_batch_errors().with_row_counts().build().unwrap();
    for number in [1, 2, 2, 3] {
        batch.append_row(&[&number]).unwrap();
    }
    let error = batch.execute().unwrap_err();
    let errors = error.batch_errors().expect("errors by row");
    assert_eq!(errors.iter().map(|error| (error.code(), error.offset())).collect::<Vec<_>>(), [(1, 2)]);
    assert_eq!(batch.row_counts().unwrap(), [1, 1, 0, 1]);
    batch.close().unwrap();
    session.rollback().unwrap();
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn errors_keep_their_numbers() {
    let control = start();
    let session = connect("errors");
    for (sql, expected) in [
        ("select * from nonesuch", 942),
        ("selec 1", 900),
        ("select 1/0 from dual", 1476),
        ("begin x; end;", 6550),
    ] {
        let outcome = match sql.starts_with("select ") {
            true => session.query(sql, &[]).map(drop),
            false => session.execute(sql, &[]).map(drop),
        };
        let error = outcome.unwrap_err();
        assert_eq!(code(&error), expected, "{sql}: {error}");
    }
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let control = start();
    let session = connect("refused");
    let error = session.object_type("SOME_TYPE").unwrap_err();
    assert_eq!(code(&error), 3001, "{error:?}");
    assert!(
        error.to_string().contains("OCITypeByFullName") || error.to_string().contains("OCIHandleAlloc"),
        "{error}"
    );
    session.close().unwrap();
    control.assert_clean();
}

#[test]
fn a_query_for_update_of_dates_locks_and_a_sequence_counts_once() {
    let control = start();
    let (session, other) = (connect("update"), connect("update"));
    session.execute("create table t (d date)", &[]).unwrap();
    session.execute("create sequence s", &[]).unwrap();
    session.execute("insert into t values (sysdate)", &[]).unwrap();
    session.commit().unwrap();
    session.query_row_as::<Timestamp>("select d from t for update", &[]).unwrap();
    let error = other.query_row_as::<Timestamp>("select d from t for update nowait", &[]).unwrap_err();
    assert_eq!(code(&error), 54, "{error}");
    session.rollback().unwrap();
    for expected in 1..=3 {
        let (number, _): (i64, String) =
            session.query_row_as("select s.nextval, sysdate from dual", &[]).unwrap();
        assert_eq!(number, expected);
    }
    let now: Timestamp = session.query_row_as("select systimestamp from dual", &[]).unwrap();
    assert!(now.year() >= 2024);
    session.close().unwrap();
    other.close().unwrap();
    control.assert_clean();
}
