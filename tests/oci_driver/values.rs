//! What goes in as binds and comes out as columns.

use orapool::driver::{Session, Value};
use orapool::error::Kind;

use super::{all_rows, code, rows, session, text, value};
use crate::support::oci_standin::in_own_process;

fn number(digits: &str) -> Value {
    Value::Number(digits.to_owned())
}

fn table(session: &mut dyn Session, columns: &str) {
    session.execute(&format!("create table t ({columns})")).unwrap();
}

#[test]
fn a_query_gives_its_names_and_rows() {
    in_own_process("values::a_query_gives_its_names_and_rows", &[], || {
        let mut session = session();
        let mut statement = session.prepare("select 'hello' as greeting, 42 as answer from dual").unwrap();
        assert_eq!(statement.execute().unwrap(), 0);
        assert_eq!(statement.columns(), ["GREETING", "ANSWER"]);
        assert!(statement.value(0).is_none(), "nothing is fetched yet");
        assert!(statement.fetch().unwrap());
        assert_eq!((statement.value(0), statement.value(1)), (Some(&text("hello")), Some(&Value::Int(42))));
        assert!(statement.value(2).is_none());
        assert!(!statement.fetch().unwrap() && !statement.fetch().unwrap());
        assert!(statement.value(0).is_none());
        drop(statement);
        session.close();
    });
}

#[test]
fn numbers_are_exact() {
    in_own_process("values::numbers_are_exact", &[], || {
        let mut session = session();
        table(session.as_mut(), "n number");
        let cases = [
            (Value::Int(i64::MAX), Value::Int(i64::MAX)),
            (Value::Int(i64::MIN), Value::Int(i64::MIN)),
            (Value::Int(0), Value::Int(0)),
            (Value::Double(0.5), number("0.5")),
            (Value::Double(-1234.25), number("-1234.25")),
            (Value::Double(1e20), number("100000000000000000000")),
            (
                number("12345678901234567890123456789012345678"),
                number("12345678901234567890123456789012345678"),
            ),
        ];
        for (given, expected) in cases {
            session.execute("delete from t").unwrap();
            let mut insert = session.prepare("insert into t values (:1)").unwrap();
            insert.bind(1, given.clone()).unwrap();
            assert_eq!(insert.execute().unwrap(), 1);
            drop(insert);
            assert_eq!(value(session.as_mut(), "select n from t"), expected, "{given:?}");
        }
        session.rollback().unwrap();
        session.close();
    });
}

#[test]
fn values_of_every_kind_come_back() {
    in_own_process("values::values_of_every_kind_come_back", &[], || {
        let mut session = session();
        table(session.as_mut(), "i number, d number, v varchar2(4000), r raw(10)");
        let given = [Value::Int(7), number("0.25"), text("Grüße, 世界"), Value::Bytes(vec![0, 255, 1])];
        let mut insert = session.prepare("insert into t values (:1, :2, :3, :4)").unwrap();
        for (position, value) in (1..).zip(&given) {
            insert.bind(position, value.clone()).unwrap();
        }
        assert_eq!(insert.execute().unwrap(), 1);
        for position in 1..=4 {
            insert.bind(position, Value::Null).unwrap();
        }
        assert_eq!(insert.execute().unwrap(), 1);
        drop(insert);
        let found = rows(session.as_mut(), "select i, d, v, r from t order by i", &[]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], given);
        assert_eq!(found[1], vec![Value::Null; 4]);
        session.rollback().unwrap();
        session.close();
    });
}

#[test]
fn long_values_come_back_whole() {
    in_own_process("values::long_values_come_back_whole", &[], || {
        let mut session = session();
        table(session.as_mut(), "c clob, b blob");
        let given = [text(&"ä".repeat(40_000)), Value::Bytes(vec![9; 100_000])];
        let mut insert = session.prepare("insert into t values (:1, :2)").unwrap();
        for (position, value) in (1..).zip(&given) {
            insert.bind(position, value.clone()).unwrap();
        }
        assert_eq!(insert.execute().unwrap(), 1);
        drop(insert);
        assert_eq!(rows(session.as_mut(), "select c, b from t", &[]), [given]);
        session.rollback().unwrap();
        session.close();
    });
}

#[test]
fn dates_are_text() {
    in_own_process("values::dates_are_text", &[], || {
        let mut session = session();
        let day = value(
            session.as_mut(),
            "select to_date('2026-01-31 23:59:58', 'YYYY-MM-DD HH24:MI:SS') from dual",
        );
        assert_eq!(day, text("2026-01-31 23:59:58"));
        let Value::Text(now) = value(session.as_mut(), "select sysdate from dual") else { panic!("no text") };
        assert_eq!(now.len(), "2026-01-31 23:59:58".len(), "{now}");
        session.close();
    });
}

#[test]
fn binds_are_checked_and_may_change_their_kind() {
    in_own_process("values::binds_are_checked_and_may_change_their_kind", &[], || {
        let mut session = session();
        let mut statement = session.prepare("select :1 from dual").unwrap();
        assert_eq!(code(statement.bind(0, Value::Int(1))), 1036);
        assert_eq!(code(statement.bind(2, Value::Int(1))), 1036);
        assert_eq!(code(statement.execute()), 1008);
        for given in [text("a"), text(""), Value::Null, text("longer than before"), text("b")] {
            let expected = if given == text("") { Value::Null } else { given.clone() };
            statement.bind(1, given).unwrap();
            statement.execute().unwrap();
            assert_eq!(all_rows(statement.as_mut()), [[expected]]);
        }
        drop(statement);
        session.close();
    });
}

#[test]
fn a_name_that_stands_twice_is_two_positions() {
    in_own_process("values::a_name_that_stands_twice_is_two_positions", &[], || {
        let mut session = session();
        let sql = "select :x || '-' || :y || '-' || :x || ':x' from dual -- :x";
        let found = rows(session.as_mut(), sql, &[text("1"), text("2"), text("3")]);
        assert_eq!(found, [[text("1-2-3:x")]]);
        session.close();
    });
}

#[test]
fn a_statement_is_executed_again_with_other_binds() {
    in_own_process("values::a_statement_is_executed_again_with_other_binds", &[], || {
        let mut session = session();
        table(session.as_mut(), "n number");
        let mut insert = session.prepare("insert into t values (:n)").unwrap();
        for number in 1..=250 {
            insert.bind(1, Value::Int(number)).unwrap();
            assert_eq!(insert.execute().unwrap(), 1);
        }
        drop(insert);
        let mut query = session.prepare("select n from t where n > :low order by n").unwrap();
        for low in [0, 249, 240] {
            query.bind(1, Value::Int(low)).unwrap();
            query.execute().unwrap();
            let expected: Vec<Vec<Value>> = (low + 1..=250).map(|number| vec![Value::Int(number)]).collect();
            assert_eq!(all_rows(query.as_mut()), expected);
        }
        // Half-way through is as good a place to begin anew.
        query.execute().unwrap();
        assert!(query.fetch().unwrap());
        query.execute().unwrap();
        assert_eq!(all_rows(query.as_mut()).len(), 10);
        drop(query);
        assert_eq!(session.execute("update t set n = 0 where n > 200").unwrap(), 50);
        assert_eq!(session.execute("select n from t").unwrap(), 250);
        session.rollback().unwrap();
        session.close();
    });
}

#[test]
fn a_fetch_out_of_turn_is_an_error() {
    in_own_process("values::a_fetch_out_of_turn_is_an_error", &[], || {
        let mut session = session();
        let mut query = session.prepare("select 1 from dual").unwrap();
        assert_eq!(code(query.fetch()), 1002);
        drop(query);
        let mut block = session.prepare("begin null; end;").unwrap();
        block.execute().unwrap();
        assert_eq!(code(block.fetch()), 1002);
        assert!(block.columns().is_empty());
        drop(block);
        session.close();
    });
}

#[test]
fn errors_keep_their_numbers() {
    in_own_process("values::errors_keep_their_numbers", &[], || {
        let mut session = session();
        for (sql, expected) in
            [("select * from nonesuch", 942), ("selec 1", 900), ("select 1/0 from dual", 1476)]
        {
            let error = session.execute(sql).unwrap_err();
            assert_eq!((error.kind(), error.code()), (Kind::Oracle, expected), "{sql}: {error}");
            assert!(error.message().starts_with(&format!("ORA-{expected:05}: ")), "{error}");
        }
        assert!(!session.is_dead());
        session.close();
    });
}
