//! Which ORA number which mistake gives; and that hostile text is an error, not a panic or a hang.

mod support;

use support::{check_errors, fails, get, run, session};

#[test]
fn numbers_of_mistakes() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create table p (id number primary key)",
            "create table t (id number(3) constraint t_pk primary key, name varchar2(3) not null, n number constraint n_check check (n > 0), \
             p number constraint t_p references p, u1 number, u2 number, d date, constraint t_u unique (u1, u2))",
            "insert into p values (1)",
            "insert into t (id, name, p, u1) values (1, 'a', 1, 1)",
            "create view v as select id from p",
            "commit",
        ],
    );
    check_errors(
        &mut session,
        &[
            ("", 900),
            ("   -- nothing", 900),
            ("bogus", 900),
            ("select", 936),
            ("select 1", 923),
            ("select 1 from nowhere", 942),
            ("select nothing from t", 904),
            ("select t.nothing from t", 904),
            ("select \"id\" from t", 904),
            ("select x.id from t", 904),
            ("select id from t, p", 918),
            ("select id i from t where i = 1", 904),
            ("select nofunc(1) from dual", 904),
            ("select substr('a') from dual", 938),
            ("select upper('a', 'b') from dual", 939),
            ("select 1 from dual;", 933),
            ("select 1 from dual limit 1", 933),
            ("select 1 from dual where 1", 920),
            ("select 1 = 1 from dual", 923),
            ("select (1 from dual", 907),
            ("select id, count(*) from t", 937),
            ("select id, count(*) from t group by name", 979),
            ("select id from t where count(*) > 1", 934),
            ("select id from t group by id having max(count(*)) > 1", 934),
            ("select 1/0 from dual", 1476),
            ("select 'a' + 1 from dual", 1722),
            ("select 1 from dual where 1 = 'a'", 1722),
            ("select to_number('x') from dual", 1722),
            ("select power(10, 200) from dual", 1426),
            ("select (select id from p union all select 2 from dual) from dual", 1427),
            ("select 1, 2 from dual union select 1 from dual", 1789),
            ("select 1 from dual union select 'a' from dual", 1790),
            ("select case when 1 = 1 then 1 else 'a' end from dual", 932),
            ("select sysdate + sysdate from dual", 975),
            ("select sum(sysdate) from dual", 932),
            ("select distinct id from t order by name", 1791),
            ("select id from t order by 2", 1785),
            ("select to_date('2020-13-01', 'YYYY-MM-DD') from dual", 1843),
            ("select to_date('2020-02-30', 'YYYY-MM-DD') from dual", 1839),
            ("select to_date('x', 'YYYY') from dual", 1858),
            ("select to_char(sysdate, 'QQQX?Z') from dual", 1821),
            ("select to_date('2020-01-01 1', 'YYYY-MM-DD') from dual", 1830),
            ("select sys_context('USERENV', 'NOTHING') from dual", 2003),
            ("select 'a' like 'b' from dual", 923),
            ("select 1 from dual where 'a' like 'a' escape 'xy'", 1425),
            ("select :1 from dual", 1008),
            ("select 'abc from dual", 1756),
            ("select \"abc from dual", 1740),
            ("select 1 /* from dual", 1742),
            ("select 1 from dual for update of", 933),
            ("insert into t (id, name) values (1, 'b')", 1),
            ("insert into t (id, name, u1) values (2, 'b', 1)", 1),
            ("insert into t (id) values (2)", 1400),
            ("insert into t (id, name) values (2, '')", 1400),
            ("update t set name = null", 1407),
            ("insert into t (id, name) values (2, 'abcd')", 12899),
            ("insert into t (id, name) values (1000, 'b')", 1438),
            ("insert into t (id, name) values ('x', 'b')", 1722),
            ("insert into t (id, name, n) values (2, 'b', 0)", 2290),
            ("insert into t (id, name, p) values (2, 'b', 9)", 2291),
            ("delete from p", 2292),
            ("insert into t (id, name) values (2)", 947),
            ("insert into t (id, name) values (2, 'b', 3)", 913),
            ("insert into t (id, id) values (2, 3)", 957),
            ("insert into t (nothing) values (2)", 904),
            ("insert into v values (2)", 3001),
            ("update nothing set x = 1", 942),
            ("insert into t (id, name) values (2, 'b') returning id into :1", 3001),
            ("insert into t (d, id, name) values ('nonsense', 2, 'b')", 1858),
            ("create table t (x number)", 955),
            ("create table q (x number, x number)", 957),
            ("create table q (x nonsense)", 902),
            ("create table q (x varchar2)", 906),
            ("create table q (x varchar2(5000))", 910),
            ("create table q (x number(50))", 1727),
            ("create table q (number number)", 904),
            ("create table table (x number)", 903),
            ("create table q (x number references t (name))", 2270),
            ("create table q (x date references p)", 2267),
            ("create table q (x number, constraint t_pk check (x > 1))", 2264),
            ("create table q (x number check (x > sysdate))", 2436),
            ("create table nobody.q (x number)", 1918),
            ("drop table nothing", 942),
            ("drop table p", 2449),
            ("truncate table p", 2266),
            ("drop view t", 942),
            ("drop index nothing", 1418),
            ("create index i on t (nothing)", 904),
            ("alter table t add (id number)", 1430),
            ("begin null", 6550),
            ("call p()", 6576),
            ("merge into t using p on (t.id = p.id) when matched then update set n = 1", 3001),
            ("select level from dual connect by level < 3", 3001),
            ("select row_number() over (order by id) from t", 3001),
            ("select id from t where t.p = p.id(+)", 3001),
            ("grant select on t to x", 3001),
            ("rollback to nowhere", 1086),
            ("set transaction read only", 3001),
            ("select id from t where (id, n) in (select 1, 2 from dual)", 3001),
            ("select rownum from t where rownum > 1", 3001),
            ("select distinct id from t for update", 2014),
            ("select * from t as x", 933),
            ("select true from dual", 904),
            ("select 1 from dual where 1 == 1", 936),
            ("select substring('abc', 1) from dual", 3001),
            ("select trim('ab' from 'abc') from dual", 30001),
            ("select 1.5f from dual", 3001),
            ("select 2e3d from dual", 3001),
            ("select dept from t group by rollup(id)", 3001),
            ("select 'a' 'b' from dual", 911),
            ("select 1 from dual where 1 is true", 920),
            ("select 1 from dual where 'a' ilike 'a'", 920),
            ("select 1::number from dual", 3001),
            ("select * from t natural join p", 3001),
            ("select * from t where id in (select 1, 2 from dual)", 913),
            ("select interval '1' day from dual", 3001),
            ("drop user nobody", 1918),
            ("create user scott identified by x", 1920),
            ("drop user scott", 1940),
        ],
    );
    assert_eq!(get(&mut session, "select count(*) from t"), "1");
}

#[test]
fn hostile_text() {
    let mut session = session();
    run(&mut session, &["create table t (x number)"]);
    let mut texts = vec![
        "select 1 \0 from dual".to_owned(),
        "\0".to_owned(),
        "select '\u{1F600}".to_owned(),
        "q'".to_owned(),
        "select q'".to_owned(),
        "select q'[".to_owned(),
        "select nq'é".to_owned(),
        "'".to_owned(),
        "/*".to_owned(),
        "select \"\" from dual".to_owned(),
        "alter session set".to_owned(),
        "alter session set x =".to_owned(),
        "alter system kill session".to_owned(),
        "alter system kill session ''".to_owned(),
        "alter user".to_owned(),
        "create sequence".to_owned(),
        "create table".to_owned(),
        "create table t2 (".to_owned(),
        "create table t2 (x number default".to_owned(),
        "create table t2 (x number default )".to_owned(),
        "create view".to_owned(),
        "create view v as".to_owned(),
        "lock table".to_owned(),
        "insert into t".to_owned(),
        "insert into t values".to_owned(),
        "update t set".to_owned(),
        "select to_date('1', '\"') from dual".to_owned(),
        "select to_date('é', 'AM') from dual".to_owned(),
        "select to_date('AM', 'A.M.') || 1/0 from dual".to_owned(),
        "select next_day(sysdate, 'éé') from dual".to_owned(),
        "select to_char(1, 'é') from dual".to_owned(),
        "select 1e99999999999 from dual".to_owned(),
        "select '1e999999999' + 1 from dual".to_owned(),
        "select power(1.0000001, 1e30) from dual".to_owned(),
        "select replace(rpad('a', 4000, 'a'), 'a', rpad('b', 4000, 'b')) from dual".to_owned(),
        "select add_months(sysdate, 1e18) from dual".to_owned(),
        "select sysdate + 1e30 from dual".to_owned(),
        "select sysdate - 1e15 from dual".to_owned(),
        "select instr('a', 'a', -9223372036854775808) / 0 from dual".to_owned(),
        "select substr('a', -9223372036854775808) || 1/0 from dual".to_owned(),
        "select round(1, 1e10) / 0 from dual".to_owned(),
    ];
    for depth in [100, 10_000] {
        texts.push(format!("select {}1{} from dual", "(".repeat(depth), ")".repeat(depth)));
        texts.push(format!("select {}1 from dual", "- ".repeat(depth)));
        texts.push(format!("select 1 from dual where {} 1 = 1", "not ".repeat(depth)));
        texts.push(format!(
            "select {}1{} from dual",
            "case when 1 = 1 then ".repeat(depth),
            " end".repeat(depth)
        ));
        texts.push(format!("select {}1 from dual{}", "(select ".repeat(depth), " from dual)".repeat(depth)));
        texts.push(format!("select {}1{} from dual", "upper(".repeat(depth), ")".repeat(depth)));
    }
    texts.push(format!("select 1{} from dual", " + 1".repeat(100_000)));
    texts.push(format!("select 1{} from dual", " || 1".repeat(100_000)));
    texts.push(format!("select 1 from dual where 1 = 1{}", " or 1 = 1".repeat(100_000)));
    texts.push(format!("select 1 from dual{}", " union select 1 from dual".repeat(30_000)));
    texts.push(format!("select 1 from dual where 1 in (1{})", ", 1".repeat(100_000)));
    texts.push(format!("select {}", "x".repeat(1 << 20)));
    texts.push("(".repeat(1 << 20));
    texts.push(format!("select '{}", "'".repeat((1 << 20) + 1)));
    for text in &texts {
        fails(&mut session, text);
    }
    assert_eq!(get(&mut session, "select count(*) from t"), "0");
}

#[test]
fn long_text_that_is_right() {
    let mut session = session();
    let sql = format!("select length('{}') from dual", "x".repeat(1 << 20));
    assert_eq!(get(&mut session, &sql), (1 << 20).to_string());
    let sum = format!("select 1{} from dual", " + 1".repeat(500));
    assert_eq!(get(&mut session, &sum), "501");
    let any = format!("select 1 from dual where 1 = 2{}", " or 1 = 1".repeat(500));
    assert_eq!(get(&mut session, &any), "1");
    let list = format!(
        "select 1 from dual where 1000 in (1{})",
        (2..=1000).map(|n| format!(", {n}")).collect::<String>()
    );
    assert_eq!(get(&mut session, &list), "1");
    let columns = format!("select 1{} from dual", ", 1".repeat(999));
    assert_eq!(get(&mut session, &columns).len(), 1999);
}
