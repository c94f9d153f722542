//! SQL inside PL/SQL: static with variables, dynamic, transactions, sequences.

mod support;

use support::{check_blocks, check_messages, fails, get, instance, log_on, run, session, with_show};

#[test]
fn variables_in_sql() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create table emp (id number primary key, name varchar2(20), pay number, hired date)",
            "insert into emp values (1, 'Ann', 100, date '2024-01-01')",
            "insert into emp values (2, 'Bob', 200, date '2024-02-01')",
            "create sequence ids start with 10",
            "create package lim as most constant number := 150; wanted varchar2(20) := 'Bob'; end;",
            "commit",
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare n varchar2(20); p number; begin select name, pay into n, p from emp where id = 2; show(n || p); end;",
                "Bob200",
            ),
            (
                "declare v number := 1; n varchar2(20); begin select name into n from emp where id = v; show(n); end;",
                "Ann",
            ),
            (
                "declare pay number := 1; n number; begin select count(*) into n from emp where pay = pay; show(n); end;",
                "2",
            ),
            (
                "<<b>> declare pay number := 200; n number; begin select count(*) into n from emp where emp.pay = b.pay; show(n); end;",
                "1",
            ),
            (
                "declare n number; begin select count(*) into n from emp e where e.pay > lim.most or name = lim.wanted; show(n); end;",
                "1",
            ),
            (
                "declare procedure p(id number) is n number; begin select count(*) into n from emp where emp.id = p.id; show(n); end; begin p(7); p(1); end;",
                "0;1",
            ),
            (
                "declare v number := 5; begin update emp set pay = pay + v where id in (1, v) returning; end;",
                "ORA-06550: line 1, column 78:\nPLS-00999: implementation restriction (may be temporary): the embedded engine does not have RETURNING … INTO",
            ),
            (
                "declare v number := 5; c number; begin update emp set pay = pay + v where id in (1, v); c := sql%rowcount; delete from emp where id = v; if sql%notfound and not sql%found then c := c * 10 + sql%rowcount; end if; rollback; show(c); end;",
                "10",
            ),
            (
                "declare type t is table of number index by varchar2(5); a t; n number; begin a('k') := 2; select pay into n from emp where id = a('k'); show(n); end;",
                "200",
            ),
            (
                "declare id number := 3; name varchar2(5) := 'Cid'; begin insert into emp (id, name, pay, hired) values (id, upper(name), ids.nextval, sysdate); select pay into id from emp where name = 'CID'; rollback; show(id); end;",
                "10",
            ),
            ("declare n number := ids.nextval; begin show(n || ids.nextval || ids.currval); end;", "111212"),
            (
                "begin for r in (select id, name as n, pay * 2 p2 from emp order by id desc) loop show(r.id || r.n || r.p2); end loop; end;",
                "2Bob400;1Ann200",
            ),
            (
                "declare most number := 1; begin for r in (select name from emp where id <= most) loop update emp set pay = 0 where name = r.name; most := most + sql%rowcount; end loop; rollback; show(most); end;",
                "2",
            ),
            (
                "begin for r in (select 1 x from dual where 1 = 2) loop show(r.x); end loop; show('none'); end;",
                "none",
            ),
            (
                "begin for r in (select hired from emp where id = 1) loop show(to_char(r.hired + 1, 'DD.MM.')); end loop; end;",
                "02.01.",
            ),
            (
                "declare x varchar2(9) := ' x '; y varchar2(9); begin select trim(both ' ' from x) || 'y' y into y from dual; show(y); end;",
                "xy",
            ),
            (
                "declare n number; begin select count(*) into n from emp where id in (select id from emp where id = 2) and exists (select 1 from dual); show(n); end;",
                "1",
            ),
            (
                "declare a number; b date; begin select max(pay), min(hired) into a, b from emp; show(a || to_char(b, 'YYYY')); end;",
                "2002024",
            ),
            (
                "declare y number := 9; n number; begin select count(*) into n from (select 1 y from dual) where y = 1; show(n); end;",
                "1",
            ),
            (
                "declare y number := 9; n number; begin select count(*) into n from (select id as y from emp) q where q.y < y; show(n); end;",
                "0",
            ),
            (
                "declare y number := 9; n number; begin with q (y) as (select 1 from dual) select count(*) into n from q where y = 1; show(n); end;",
                "1",
            ),
            (
                "declare p number := 1; begin for r in (select pay p from emp where pay > p order by p desc) loop show(r.p); end loop; end;",
                "200;100",
            ),
            (
                "declare p number := 100; n number; begin select id p into n from emp where pay = p; show(n); end;",
                "1",
            ),
            (
                "declare type t is table of number not null index by pls_integer; a t; begin a(1) := null; exception when value_error then show('not null'); end;",
                "not null",
            ),
            (
                "declare n number; function f(a number) return number is begin return a * 2; end; begin insert into emp (id, pay) values (f(50), lim.most + f(f(1))); select pay into n from emp where id = 100; rollback; show(n); end;",
                "154",
            ),
            (
                "declare n number; function f return number is begin return 1; end; begin select f into n from dual; exception when others then show('refused'); end;",
                "ORA-06550: line 1, column 74:\nPL/SQL: ORA-00904: \"F\": invalid identifier",
            ),
            (
                "declare v varchar2(2); begin select name into v from emp where id = 1; exception when value_error then show('too small'); end;",
                "too small",
            ),
            (
                "declare n number; begin select 1 into n from dual where 'a' = ':x' or 'q''' = '''' or 1 = 1 /* :y */; show(n); end;",
                "1",
            ),
        ],
    );
    check_messages(
        &mut session,
        &[
            (
                "declare b boolean; n number; begin select count(*) into n from emp where id = b; end;",
                "PLS-00457",
            ),
            (
                "begin merge into emp using dual on (1 = 1) when matched then update set pay = 1; end;",
                "PL/SQL: ORA-03001",
            ),
            ("begin for r in (select id from emp) loop show(r.name); end loop; end;", "PLS-00302"),
        ],
    );
}

#[test]
fn variables_in_every_clause() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create table t (id number, k varchar2(5), z number)",
            "create table u (id number, k varchar2(5))",
            "begin for i in 1..5 loop insert into t values (i, 'k' || mod(i, 2), i * 10); insert into u values (i, 'u' || i); end loop; commit; end;",
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare v varchar2(5) := 'u2'; w number := 30; a number; b varchar2(5); begin select x.id, y.k into a, b from t x join u y on x.id = y.id and y.k = v where x.z < w; show(a || b); end;",
                "2u2",
            ),
            (
                "declare v number := 3; n number; begin select count(*) into n from t a, (select max(id) m from u where id <= v) b where b.m >= a.id; show(n); end;",
                "3",
            ),
            (
                "declare v number := 2; begin for r in (select k, count(*) c from t group by k having count(*) > v) loop show(r.k || r.c); end loop; end;",
                "k13",
            ),
            (
                "declare v number := 1; w number := 7; n number; begin select sum(case when id = v then w else z - z + v end) into n from t; show(n); end;",
                "11",
            ),
            (
                "declare v varchar2(5) := 'u4'; n number; begin select count(*) into n from t where exists (select null from u where u.id = t.id and u.k = v) and not id between v_low.x and 1; show(n); exception when others then null; end;",
                "ORA-06550: line 1, column 48:\nPL/SQL: ORA-00904: \"V_LOW\".\"X\": invalid identifier",
            ),
            (
                "declare v number := 3; begin insert into t select id + v, k, v from u where id > v; show(sql%rowcount); insert into t (id, z) values ((select max(id) from t where id < v), v + 1); delete t where id > v; show(sql%rowcount); update t set z = v, k = nvl(null, v) where id = v or id - 1 = v; show(sql%rowcount); end;",
                "2;4;1",
            ),
            (
                "declare v number := 1; n number; begin select id into n from t where id = v for update; lock table t in exclusive mode nowait; show(n); end;",
                "1",
            ),
            (
                "declare d number := 1; n number; begin select count(*) into n from u where sysdate - d < sysdate and k like 'u' || '%' and k not in ('x', to_char(d)); show(n); end;",
                "5",
            ),
            (
                "declare n number := 2; begin for r in (select id from u order by id fetch first n rows only) loop show(r.id); end loop; end;",
                "1;2",
            ),
            (
                "begin for r in (select id from u where id < 3) loop for r in (select id from u where id = r.id + 1) loop show(r.id); end loop; show('-' || r.id); end loop; end;",
                "2;-1;3;-2",
            ),
            (
                "declare n number; procedure p(n number) is m number; begin select count(*) into m from u where id < n; p.m := m + 1; show(m); end; begin p(3); end;",
                "3",
            ),
            (
                "declare id number := 5; n number; begin select count(*) into n from u where id = id; show(n); end;",
                "5",
            ),
            (
                "declare n number; begin with q as (select id w from u where id > 3) select count(*) into n from q where w > 4; show(n); end;",
                "1",
            ),
            (
                "declare a number; b number; begin select min(id), max(id) into a, b from (select id from t union all select 99 from dual); show(b); end;",
                "99",
            ),
        ],
    );
}

#[test]
fn dynamic_sql() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &["create table t (x number, y varchar2(10))"]);
    check_blocks(
        &mut session,
        &[
            (
                "begin execute immediate 'insert into t values (:1, :2)' using 1, 'a'; show(sql%rowcount); end;",
                "1",
            ),
            (
                "declare n number; v varchar2(10); begin execute immediate 'select x, y from t where x = :x' into n, v using in 1; show(n || v); end;",
                "1a",
            ),
            (
                "declare n number; begin execute immediate 'select x from t where x = 99' into n; exception when no_data_found then show('none'); end;",
                "none",
            ),
            (
                "begin execute immediate 'create table made (x number)'; execute immediate 'insert into made values (7)'; end;",
                "",
            ),
            (
                "declare n number; begin execute immediate 'select x from made' into n; show(n); execute immediate 'drop table made'; end;",
                "7",
            ),
            ("begin execute immediate 'begin show(:a || :b || :a); end;' using 'x', 'y'; end;", "xyx"),
            ("begin execute immediate 'select 1/0 from dual'; show('not fetched'); end;", "not fetched"),
            (
                "begin execute immediate 'alter session set nls_date_format = ''YYYY'''; show(to_char(date '2024-01-01')); end;",
                "2024",
            ),
            ("begin execute immediate null; exception when others then show(sqlcode); end;", "-6535"),
            (
                "begin execute immediate 'insert into t values (:1, :2)' using 1; exception when others then show(sqlcode); end;",
                "-1008",
            ),
            (
                "begin execute immediate 'insert into t values (1, 2)' using 1; exception when others then show(sqlcode); end;",
                "-1006",
            ),
            (
                "begin execute immediate 'select 1 from dual;'; exception when others then show(sqlcode); end;",
                "-933",
            ),
            (
                "declare n number; begin execute immediate 'delete from t' into n; exception when others then show(sqlcode); end;",
                "-1007",
            ),
            (
                "begin execute immediate 'begin nope; end;'; exception when others then show(sqlcode); end;",
                "-6550",
            ),
            (
                "begin execute immediate 'create procedure made_one is begin show(''made''); end;'; execute immediate 'call made_one()'; end;",
                "made",
            ),
        ],
    );
    run(
        &mut session,
        &[
            "create procedure deeper(n number) is begin execute immediate 'begin deeper(:1); end;' using n + 1; end;",
        ],
    );
    assert_eq!(fails(&mut session, "begin deeper(1); end;"), 36);
}

#[test]
fn transactions_inside_blocks() {
    let instance = instance();
    let (mut session, mut other) = (log_on(&instance), log_on(&instance));
    run(&mut session, &["create table t (x number)"]);
    run(
        &mut session,
        &[
            "begin insert into t values (1); commit work; insert into t values (2); savepoint a; insert into t values (3); rollback to savepoint a; end;",
        ],
    );
    assert_eq!(get(&mut other, "select x from t"), "1", "a COMMIT inside is a real one");
    assert_eq!(get(&mut session, "select x from t order by x"), "1;2");
    run(&mut session, &["begin rollback; end;"]);
    assert!(!session.in_transaction());
    run(&mut session, &["begin set transaction read write; lock table t in exclusive mode; rollback; end;"]);
    assert_eq!(fails(&mut session, "begin rollback to nowhere; end;"), 1086);
}

#[test]
fn a_dynamic_block_is_atomic_too() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create table t (x number)",
            "create procedure fails(n number) is begin insert into t values (n); raise zero_divide; end;",
            "begin begin execute immediate 'begin fails(1); end;'; exception when zero_divide then null; end; insert into t values (2); \
             begin execute immediate 'call fails(3)'; exception when zero_divide then null; end; \
             begin fails(4); exception when zero_divide then null; end; end;",
        ],
    );
    assert_eq!(
        get(&mut session, "select x from t order by x"),
        "2;4",
        "a call inside a block is no statement by itself"
    );
    assert!(session.in_transaction());
}

#[test]
fn autonomous_transactions() {
    let instance = instance();
    let mut session = log_on(&instance);
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create table log (v varchar2(20))",
            "create procedure note(v varchar2) is pragma autonomous_transaction; begin insert into log values (v); commit; end;",
            "create procedure forgets is pragma autonomous_transaction; begin insert into log values ('forgotten'); end;",
            "create procedure fails is pragma autonomous_transaction; begin insert into log values ('failed'); raise zero_divide; end;",
            "create function seen return number is pragma autonomous_transaction; n number; begin select count(*) into n from log; return n; end;",
            "savepoint before_all",
            "begin note('one'); end;",
        ],
    );
    assert!(!session.in_transaction());
    run(&mut session, &["rollback to before_all"]);
    assert_eq!(fails(&mut session, "begin note('two'); raise zero_divide; end;"), 1476);
    assert_eq!(get(&mut session, "select count(*) from log"), "2");
    assert_eq!(fails(&mut session, "begin forgets; end;"), 6519);
    assert_eq!(fails(&mut session, "begin fails; end;"), 1476);
    assert_eq!(get(&mut session, "select count(*) from log"), "2");
    run(&mut session, &["insert into log values ('mine')"]);
    assert_eq!(fails(&mut session, "begin note('three'); end;"), 60, "one writer: the caller has changes");
    assert!(session.in_transaction());
    run(&mut session, &["declare n number := seen; begin if n != 2 then raise program_error; end if; end;"]);
    assert_eq!(get(&mut session, "select count(*) from log"), "3", "the caller's transaction is as it was");
    run(
        &mut session,
        &[
            "rollback",
            "declare pragma autonomous_transaction; begin insert into log values ('block'); commit; end;",
            "declare procedure p is pragma autonomous_transaction; begin note('nested'); insert into log values ('local'); rollback; end; begin p; end;",
        ],
    );
    assert_eq!(
        get(&mut session, "select v from log where v not in ('one', 'two') order by v"),
        "block;nested"
    );
    assert_eq!(
        fails(&mut session, "begin declare pragma autonomous_transaction; begin null; end; end;"),
        6550
    );
    let mut other = log_on(&instance);
    run(&mut other, &["begin note('other'); end;"]);
}

#[test]
fn row_counts() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create table t (id number primary key, v varchar2(5))",
            "insert into t values (1, 'a')",
            "insert into t values (2, 'b')",
            "commit",
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare a number; b number; c number; begin update t set v = 'x' where id = 1; a := sql%rowcount; \
                 begin insert into t (id) values (1); exception when dup_val_on_index then b := sql%rowcount; end; rollback; c := sql%rowcount; show(a || b || c); end;",
                "100",
            ),
            (
                "declare n number; begin update t set v = v; for r in (select 1 from t where id = 1) loop null; end loop; n := sql%rowcount; rollback; show(n); end;",
                "2",
            ),
            (
                "declare n number; begin update t set v = v where id = 9; begin select id into n from t; exception when too_many_rows then n := sql%rowcount; end; show(n); \
                 update t set v = v; begin select id into n from t where id = 9; exception when no_data_found then n := sql%rowcount; end; show(n); end;",
                "1;0",
            ),
        ],
    );
}

#[test]
fn savepoints_of_before_a_block_that_began_twice() {
    let mut session = session();
    run(&mut session, &["create table t (id number)", "savepoint s"]);
    assert_eq!(
        fails(&mut session, "begin delete from t; insert into t values (1); raise zero_divide; end;"),
        1476,
        "the DELETE of nothing is no transaction"
    );
    run(&mut session, &["rollback to s"]);
    assert_eq!(get(&mut session, "select count(*) from t"), "0");
}
