//! What SQL gives, as text: the places where SQLite by itself would differ from Oracle first.

mod support;

use orapool_engine::Value;
use support::{check, get, query, run, session};

#[test]
fn values_without_tables() {
    check(
        &mut session(),
        &[
            ("select 1 from dual", "1"),
            ("select * from dual", "X"),
            ("select dummy from sys.dual", "X"),
            ("select 0.1 + 0.2 from dual", "0.3"),
            ("select 1/3 from dual", ".3333333333333333333333333333333333333333"),
            ("select 10/3 from dual", "3.33333333333333333333333333333333333333"),
            ("select 7/2 from dual", "3.5"),
            ("select 9223372036854775807 + 1 from dual", "9223372036854775808"),
            ("select 99999999999999999999 * 2 from dual", "199999999999999999998"),
            ("select 1e3 from dual", "1000"),
            ("select -5 - -3 from dual", "-2"),
            ("select 'a' || null || 'b' from dual", "ab"),
            ("select null || null from dual", "NULL"),
            ("select '' from dual", "NULL"),
            ("select nvl('', 'empty') from dual", "empty"),
            ("select length('') from dual", "NULL"),
            ("select 1 || 'x' from dual", "1x"),
            ("select '5' + 3 from dual", "8"),
            ("select 'it''s' from dual", "it's"),
            ("select q'[it's]' from dual", "it's"),
            ("select case when '' is null then 'null' else 'text' end from dual", "null"),
            ("select case 2 when 1 then 'one' when 2 then 'two' end from dual", "two"),
            ("select decode(null, null, 'same', 'other') from dual", "same"),
            ("select decode(3, 1, 'one', 2, 'two', 'many') from dual", "many"),
            ("select nvl2(null, 1, 2), nullif(1, 1), coalesce(null, null, 3) from dual", "2|NULL|3"),
            ("select greatest(1, 10, 9), least('b', 'a') from dual", "10|a"),
            ("select 1 from dual where 10 > '9'", "1"),
            ("select 1 from dual where 'a' = 'a ' ", ""),
            ("select (select 2 from dual) from dual", "2"),
            ("select (select 2 from dual where 1 = 0) from dual", "NULL"),
            ("select user from dual", "SCOTT"),
            ("select 1 from dual where null = null", ""),
            ("select 1 from dual where not (1 = 2)", "1"),
            ("select /*+ full(x) */ 1 -- comment\n from dual", "1"),
        ],
    );
}

#[test]
fn functions() {
    check(
        &mut session(),
        &[
            ("select upper('aé'), lower('AÉ'), initcap('hello wORLD') from dual", "AÉ|aé|Hello World"),
            (
                "select substr('abcdef', 2, 3), substr('abcdef', -2), substr('abc', 0, 2), substr('abc', 5) from dual",
                "bcd|ef|ab|NULL",
            ),
            (
                "select instr('banana', 'a'), instr('banana', 'a', 1, 2), instr('banana', 'a', -1) from dual",
                "2|4|6",
            ),
            ("select length('äöü'), lengthb('äöü') from dual", "3|6"),
            (
                "select trim('  x  '), ltrim('xxy', 'x'), rtrim('yxx', 'x'), trim(both 'x' from 'xax') from dual",
                "x|y|y|a",
            ),
            ("select lpad('7', 3, '0'), rpad('a', 3) || '.', lpad('abc', 2) from dual", "007|a  .|ab"),
            ("select replace('aXbX', 'X', '--'), replace('aXb', 'X') from dual", "a--b--|ab"),
            ("select translate('abc', 'ab', 'x') from dual", "xc"),
            (
                "select round(2.5), round(-2.5), round(1234.567, -2), trunc(1.99), trunc(-1.99) from dual",
                "3|-3|1200|1|-1",
            ),
            ("select mod(7, 3), mod(-7, 3), mod(7, 0), abs(-1.5), sign(-3) from dual", "1|-1|7|1.5|-1"),
            (
                "select ceil(1.1), floor(-1.1), power(2, 10), power(2, -1), sqrt(16) from dual",
                "2|-2|1024|0.5|4",
            ),
            (
                "select to_char(1234.5, '9,999.00'), to_char(0.5), to_char(-0.5), to_char(0.5, '0.9') from dual",
                " 1,234.50|.5|-.5| 0.5",
            ),
            (
                "select to_char(12, '9'), to_char(7, 'FM000'), to_char(-5, '99'), to_char(5, 'S99') from dual",
                "##|007| -5| +5",
            ),
            ("select to_number('1,234.5', '9,999.9'), to_number(' 42 ') from dual", "1234.5|42"),
            ("select ascii('A'), chr(66), concat('a', 'b') from dual", "65|B|ab"),
            ("select rawtohex(hextoraw('0aFF')) from dual", "0AFF"),
            ("select length(rawtohex(sys_guid())) from dual", "32"),
            ("select cast('12.345' as number(5, 2)), cast(5 as varchar2(3)) || 'x' from dual", "12.35|5x"),
        ],
    );
}

#[test]
fn dates() {
    let mut session = session();
    run(&mut session, &["alter session set nls_date_format = 'YYYY-MM-DD HH24:MI:SS'"]);
    check(
        &mut session,
        &[
            ("select date '2024-02-29' from dual", "2024-02-29 00:00:00"),
            ("select date '2024-02-28' + 1.5 from dual", "2024-02-29 12:00:00"),
            ("select date '2024-03-01' - date '2024-02-01' from dual", "29"),
            ("select to_date('24.12.1999 18:30', 'DD.MM.YYYY HH24:MI') from dual", "1999-12-24 18:30:00"),
            (
                "select to_char(date '2024-02-05', 'Day, DD Month YYYY') from dual",
                "Monday   , 05 February  2024",
            ),
            (
                "select to_char(date '2024-02-05', 'FMDay, DD Month YYYY') from dual",
                "Monday, 5 February 2024",
            ),
            (
                "select to_char(date '2024-12-30', 'IYYY-IW DDD D Q WW J') from dual",
                "2025-01 365 2 4 53 2460675",
            ),
            ("select to_char(to_date('13:05', 'HH24:MI'), 'HH:MI AM') from dual", "01:05 PM"),
            (
                "select add_months(date '2024-01-31', 1), last_day(date '2023-02-01') from dual",
                "2024-02-29 00:00:00|2023-02-28 00:00:00",
            ),
            ("select months_between(date '2024-03-31', date '2024-02-29') from dual", "1"),
            ("select next_day(date '2024-02-05', 'MON') from dual", "2024-02-12 00:00:00"),
            (
                "select trunc(date '2024-02-29', 'YYYY'), trunc(date '2024-02-29', 'MM') from dual",
                "2024-01-01 00:00:00|2024-02-01 00:00:00",
            ),
            ("select extract(year from date '2024-02-29') from dual", "2024"),
            ("select 1 from dual where date '2024-01-01' < '2024-01-02 00:00:00'", "1"),
            (
                "select to_char(timestamp '2024-01-02 03:04:05.678', 'HH24:MI:SS.FF3') from dual",
                "03:04:05.678",
            ),
            ("select case when sysdate - (sysdate - 1) = 1 then 'ok' end from dual", "ok"),
            ("select case when sysdate = sysdate then 'same' end from dual", "same"),
            ("select to_char(to_date('05-FEB-99', 'DD-MON-RR'), 'YYYY') from dual", "1999"),
        ],
    );
}

fn people() -> orapool_engine::Session {
    let mut session = session();
    run(
        &mut session,
        &[
            "create table dept (id number primary key, name varchar2(20) not null)",
            "create table emp (id number(6) primary key, name varchar2(20), dept number references dept, pay number(8,2))",
            "insert into dept values (1, 'A')",
            "insert into dept values (2, 'B')",
            "insert into emp values (1, 'ann', 1, 10.5)",
            "insert into emp values (2, 'bob', 1, 20)",
            "insert into emp values (3, 'Cid', 2, null)",
            "insert into emp values (4, 'dan', null, 5)",
            "commit",
        ],
    );
    session
}

#[test]
fn queries_on_tables() {
    check(
        &mut people(),
        &[
            ("select name from emp order by pay", "dan;ann;bob;Cid"),
            ("select name from emp order by pay desc", "Cid;bob;ann;dan"),
            ("select name from emp order by pay desc nulls last, 1", "bob;ann;dan;Cid"),
            ("select name from emp order by name", "Cid;ann;bob;dan"),
            (
                "select e.name, d.name from emp e join dept d on d.id = e.dept order by e.id",
                "ann|A;bob|A;Cid|B",
            ),
            (
                "select e.name, d.name from emp e left join dept d on d.id = e.dept order by e.id",
                "ann|A;bob|A;Cid|B;dan|NULL",
            ),
            ("select e.name from emp e, dept d where e.dept = d.id and d.name = 'B'", "Cid"),
            (
                "select count(*), count(pay), sum(pay), avg(pay), min(name), max(pay) from emp",
                "4|3|35.5|11.83333333333333333333333333333333333333|Cid|20",
            ),
            ("select dept, count(*) from emp group by dept having count(*) > 1", "1|2"),
            (
                "select d.name, sum(e.pay) s from dept d left join emp e on e.dept = d.id group by d.name order by s nulls first",
                "B|NULL;A|30.5",
            ),
            (
                "select upper(name), count(*) from emp group by upper(name) order by 1",
                "ANN|1;BOB|1;CID|1;DAN|1",
            ),
            ("select distinct dept from emp order by dept", "1;2;NULL"),
            (
                "select name from emp where dept in (select id from dept where name = 'A') order by 1",
                "ann;bob",
            ),
            ("select name from emp where dept not in (select id from dept where name = 'A')", "Cid"),
            ("select name from emp where dept not in (select dept from emp)", ""),
            (
                "select name from emp e where exists (select 1 from dept d where d.id = e.dept and d.name = 'B')",
                "Cid",
            ),
            (
                "select name, (select d.name from dept d where d.id = e.dept) dn from emp e order by id",
                "ann|A;bob|A;Cid|B;dan|NULL",
            ),
            ("select name from emp where name like '%n' order by 1", "ann;dan"),
            ("select name from emp where name like 'C%'", "Cid"),
            ("select name from emp where name like 'c%'", ""),
            ("select name from emp where pay between 5 and 10.5 order by pay", "dan;ann"),
            (
                "select name from (select name from emp order by pay desc nulls last) where rownum <= 2",
                "bob;ann",
            ),
            ("select count(*) from emp where rownum < 3", "2"),
            ("select rownum, name from emp where rownum <= 2", "1|ann;2|bob"),
            ("select name from emp order by id offset 1 rows fetch next 2 rows only", "bob;Cid"),
            ("select name from emp order by id fetch first row only", "ann"),
            ("select id from emp union select id from dept order by 1 desc", "4;3;2;1"),
            ("select id from emp minus select id from dept order by 1", "3;4"),
            ("select id from emp intersect select id from dept order by 1", "1;2"),
            ("select 1 x from dual union all select 1 from dual", "1;1"),
            (
                "with a as (select dept, sum(pay) s from emp group by dept) select s from a where dept = 1",
                "30.5",
            ),
            ("with a (x) as (select 1 from dual), b as (select x + 1 y from a) select x, y from a, b", "1|2"),
            ("select listagg(name, ',') within group (order by name desc) from emp", "dan,bob,ann,Cid"),
            ("select count(distinct dept) from emp", "2"),
            ("select e.* from emp e where id = 1", "1|ann|1|10.5"),
            ("select scott.emp.name from scott.emp where id = 2", "bob"),
            ("select name from emp where id = '2'", "bob"),
            ("select d.name from emp e join dept d using (id) order by 1", "A;B"),
            ("select max(pay) - min(pay) from emp", "15"),
            ("select name from emp where (pay > 10 or dept is null) and id <> 2 order by id", "ann;dan"),
            ("select sum(case when dept = 1 then 1 else 0 end) from emp", "2"),
            ("select dept d, count(*) c from emp group by dept order by c desc, d", "1|2;2|1;NULL|1"),
        ],
    );
}

#[test]
fn column_names() {
    let mut session = people();
    let names = |session: &mut orapool_engine::Session, sql: &str| -> Vec<String> {
        session.prepare(sql).expect(sql).columns().iter().map(|column| column.name.clone()).collect()
    };
    assert_eq!(names(&mut session, "select * from emp"), ["ID", "NAME", "DEPT", "PAY"]);
    assert_eq!(
        names(&mut session, "select id, e.name, id as x, id \"Mixed\" from emp e"),
        ["ID", "NAME", "X", "Mixed"]
    );
    assert_eq!(names(&mut session, "select 1 + 1, count(*) from dual"), ["1+1", "COUNT(*)"]);
}

#[test]
fn changes() {
    let mut session = people();
    assert_eq!(session.execute("update emp set pay = pay + 1 where dept = 1").expect("update"), 2);
    assert_eq!(get(&mut session, "select pay from emp where id = 1"), "11.5");
    assert_eq!(session.execute("update emp set pay = (select max(pay) from emp)").expect("update"), 4);
    assert_eq!(get(&mut session, "select distinct pay from emp"), "21");
    run(&mut session, &["update emp e set pay = (select count(*) from emp x where x.pay >= e.pay)"]);
    assert_eq!(
        get(&mut session, "select distinct pay from emp"),
        "4",
        "a statement sees the table as it was before it"
    );
    assert_eq!(session.execute("delete from emp where rownum <= 1").expect("delete"), 1);
    assert_eq!(
        session.execute("insert into emp (id, name) select id + 10, upper(name) from dept").expect("insert"),
        2
    );
    assert_eq!(session.execute("update emp set name = default where id = 11").expect("update"), 1);
    assert_eq!(get(&mut session, "select name from emp where id > 10 order by id"), "NULL;B");
    run(&mut session, &["rollback"]);
    assert_eq!(get(&mut session, "select count(*) from emp"), "4");
}

#[test]
fn types_of_columns() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create table t (n number(5,2), i integer, v varchar2(3), c char(4), d date default date '2020-01-02', r raw(2), ts timestamp(3))",
            "alter session set nls_date_format = 'YYYY-MM-DD'",
            "insert into t (n, i, v, c, r, ts) values (1.005, 2.5, 'äb', 'ab', 'FF', timestamp '2020-01-01 00:00:00.1239')",
            "insert into t (n) values ('12.34')",
        ],
    );
    check(
        &mut session,
        &[
            ("select n, i, v, c || '.', d, r from t where i = 3", "1.01|3|äb|ab  .|2020-01-02|FF"),
            ("select n from t where n = 12.34", "12.34"),
            ("select count(*) from t where c = 'ab'", "1"),
            ("select to_char(ts, 'FF3') from t where i = 3", "124"),
            ("select v from t where v is null", "NULL"),
        ],
    );
    assert_eq!(
        query(&mut session, "select i from t where n = :x", &[Value::Text("1.01".into())]).expect("query"),
        "3"
    );
}

#[test]
fn binds_by_position() {
    let mut session = session();
    let statement = session.prepare("select :a, :b, :a, ':c' from dual -- :d").expect("prepares");
    assert_eq!(statement.bind_count(), 3);
    let binds = [Value::Integer(1), Value::Text("two".into()), Value::Double(0.5)];
    assert_eq!(query(&mut session, "select :1, :1, :x from dual", &binds).expect("query"), "1|two|0.5");
    assert_eq!(
        query(&mut session, "select 1 from dual where :1 is null", &[Value::Text(String::new())])
            .expect("query"),
        "1"
    );
    assert_eq!(
        query(&mut session, "select :1 + 1 from dual", &[Value::Text("41".into())]).expect("query"),
        "42"
    );
    assert_eq!(
        query(
            &mut session,
            "select 1 from dual where 2 > :1 and :2 = 'a'",
            &[Value::Integer(1), Value::Text("a".into())]
        )
        .expect("query"),
        "1"
    );
}

#[test]
fn views_and_the_dictionary() {
    let mut session = people();
    run(&mut session, &["create or replace view rich as select name, pay * 2 twice from emp where pay > 9"]);
    check(
        &mut session,
        &[
            ("select * from rich order by twice", "ann|21;bob|40"),
            ("select r.name from rich r join emp e on e.name = r.name where e.id = 2", "bob"),
            ("select table_name from user_tables order by 1", "DEPT;EMP"),
            (
                "select column_name, data_type, nullable from user_tab_columns where table_name = 'DEPT'",
                "ID|NUMBER|N;NAME|VARCHAR2|N",
            ),
            ("select count(*) from all_tables where owner = user", "2"),
            ("select view_name from user_views", "RICH"),
            ("select count(*) from v$version where banner like '%not an Oracle database%'", "1"),
        ],
    );
    run(
        &mut session,
        &[
            "drop view rich",
            "rename emp to people",
            "alter table people add (city varchar2(9) default 'here')",
        ],
    );
    assert_eq!(get(&mut session, "select distinct city from people"), "here");
    run(
        &mut session,
        &["alter table people rename column city to town", "alter table people drop column pay"],
    );
    assert_eq!(get(&mut session, "select * from people where id = 1"), "1|ann|1|here");
    run(
        &mut session,
        &[
            "create table copy as select id, name from people",
            "truncate table people",
            "drop table people",
            "drop table dept",
        ],
    );
    assert_eq!(get(&mut session, "select count(*) from copy"), "4");
}

#[test]
fn binds_of_any_type_among_known_types() {
    let mut session = people();
    let one = [Value::Text("1".into())];
    for sql in [
        "select name from emp where id = case when 1 = 1 then :1 else 0 end",
        "select name from emp where coalesce(null, :1, 7) = id",
        "select name from emp where nvl(:1, 7) = id",
        "select e.name from emp e join (select :1 x from dual union all select 99 from dual) q on q.x = e.id",
        "select name from emp where id in (select :1 from dual)",
        "select name from emp where id in (:1, 77)",
        "select name from emp where id between :1 and 1",
        "select name from emp where decode(id, :1, 'yes', 'no') = 'yes'",
    ] {
        assert_eq!(query(&mut session, sql, &one).expect(sql), "ann", "{sql}");
    }
}

#[test]
fn harder_queries() {
    check(
        &mut people(),
        &[
            (
                "select name from emp e where pay = (select max(x.pay) from emp x where x.dept = e.dept)",
                "bob",
            ),
            ("select name from emp where pay = (select max(pay) from emp where dept = 9)", ""),
            ("select sum(distinct dept), count(*) from emp", "3|4"),
            ("select dept + 1, count(*) from emp where dept is not null group by dept order by 1", "2|2;3|1"),
            ("select max(c) from (select dept, count(*) c from emp group by dept)", "2"),
            (
                "select e.name, d.name from emp e full join dept d on e.dept = d.id and e.pay > 15 order by e.id, d.id",
                "ann|NULL;bob|A;Cid|NULL;dan|NULL;NULL|B",
            ),
            (
                "select d.name, x.n from dept d left join (select dept, count(*) n from emp where pay > 15 group by dept) x on x.dept = d.id order by 1",
                "A|1;B|NULL",
            ),
            ("select count(*) from emp where name not in ('ann', null)", "0"),
            ("select count(*) from emp where name in ('ann', null)", "1"),
            ("select count(*) from emp where dept not in (select id from dept where 1 = 0)", "4"),
            ("select 1 from dual where 1 = any (select id from dept)", "1"),
            (
                "select name from (select rownum r, name from (select name from emp order by id)) where r between 2 and 3",
                "bob;Cid",
            ),
            ("select name from emp where rownum <= 3 order by id desc fetch first 1 row only", "Cid"),
            (
                "select distinct upper(substr(name, 1, 1)) i from emp order by i desc fetch first 2 rows only",
                "D;C",
            ),
            ("select id from dept union all select id from emp order by id offset 4 rows", "3;4"),
            ("(select id from dept) minus (select 1 from dual)", "2"),
            ("select id from dept where id = 1 union (select 5 from dual minus select 6 from dual)", "1;5"),
            ("select case when count(*) > 3 then 'many' else 'few' end from emp", "many"),
            ("select max(name) keep_, min(id) from emp having count(*) > 3", "dan|1"),
            (
                "select nvl(dept, 0) d, listagg(name, '/') within group (order by id) from emp group by nvl(dept, 0) order by 1",
                "0|dan;1|ann/bob;2|Cid",
            ),
            ("select x.* from (select 1 a, 2 \"b\" from dual) x", "1|2"),
            ("select count(*) from emp a cross join dept b", "8"),
            ("select (select count(*) from emp e where e.dept = d.id) n from dept d order by n desc", "2;1"),
            ("select name from emp where (select count(*) from dept where dept.id = emp.dept) = 0", "dan"),
            ("select 'ä' || chr(10) from dual where 'ä' like '_'", "ä\n"),
            ("select name from emp where name like 'a\\_%' escape '\\'", ""),
        ],
    );
}

#[test]
fn two_sessions_make_tables_at_once() {
    let instance = support::instance();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let mut session = support::log_on(&instance);
            std::thread::spawn(move || {
                for table in 0..5 {
                    run(&mut session, &[&format!("create table t{thread}_{table} (x number)")]);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("a thread ends"));
    assert_eq!(get(&mut support::log_on(&instance), "select count(*) from user_tables"), "20");
}
