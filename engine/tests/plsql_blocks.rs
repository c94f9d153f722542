//! Anonymous blocks: control flow, nesting, binds.

mod support;

use orapool_engine::Value;
use support::{check_blocks, fails, get, run, session, shown, with_show};

#[test]
fn control_flow() {
    let mut session = session();
    with_show(&mut session);
    check_blocks(
        &mut session,
        &[
            ("begin null; end;", ""),
            ("declare x number := 2; begin x := x * 21; show(x); end;", "42"),
            (
                "begin if 1 > 2 then show('a'); elsif null then show('b'); elsif 2 > 1 then show('c'); else show('d'); end if; end;",
                "c",
            ),
            ("begin if null = null then show('yes'); else show('no'); end if; end;", "no"),
            ("begin for i in 1..3 loop show(i); end loop; end;", "1;2;3"),
            ("begin for i in reverse 1..3 loop show(i); end loop; end;", "3;2;1"),
            ("begin for i in 3..1 loop show(i); end loop; show('none'); end;", "none"),
            (
                "declare n pls_integer := 0; begin loop n := n + 1; exit when n = 3; end loop; show(n); end;",
                "3",
            ),
            ("declare n number := 5; begin while n > 3 loop show(n); n := n - 1; end loop; end;", "5;4"),
            ("begin for i in 1..4 loop continue when mod(i, 2) = 0; show(i); end loop; end;", "1;3"),
            (
                "begin <<outside>> for i in 1..3 loop for j in 1..3 loop continue outside when j = 2; exit outside when i = 3; show(i || '/' || j); \
                 end loop; end loop outside; end;",
                "1/1;2/1",
            ),
            (
                "begin case 2 when 1 then show('one'); when 2 then show('two'); else show('more'); end case; end;",
                "two",
            ),
            (
                "declare x number := 7; begin case when x < 5 then show('low'); when x < 10 then show('mid'); end case; end;",
                "mid",
            ),
            ("declare x number; begin show(case x when null then 'null' else 'other' end); end;", "other"),
            (
                "<<me>> declare x number := 1; begin declare x number := 2; begin show(x || me.x); end; end me;",
                "21",
            ),
            (
                "declare procedure p(n number) is begin if n > 0 then show(n); p(n - 1); end if; end; begin p(3); end;",
                "3;2;1",
            ),
            (
                "declare function even(n number) return boolean; function odd(n number) return boolean is begin if n = 0 then return false; end if; \
                 return even(n - 1); end; function even(n number) return boolean is begin if n = 0 then return true; end if; return odd(n - 1); end; \
                 begin if even(10) and not even(7) then show('right'); end if; end;",
                "right",
            ),
            (
                "declare total number := 0; procedure add(n number) is procedure twice is begin total := total + 2 * n; end; begin twice; twice(); end; \
                 begin add(5); show(total); end;",
                "20",
            ),
            ("begin return; show('never'); end;", ""),
            (
                "begin begin show('a'); end; show(q'[it's]'); /* ; end; */ -- end;\n show('b'); end;",
                "a;it's;b",
            ),
            ("declare \"Mixed\" number := 1; begin \"Mixed\" := 3; show(\"Mixed\"); end;", "3"),
            (
                "declare c constant number := 9; d date := date '2024-02-29'; begin show(c || to_char(d + 1, 'YYYYMMDD')); end;",
                "920240301",
            ),
            (
                "declare type t is table of number index by pls_integer; a t; b t; begin a(3) := 1; b := a; b(3) := 2; show(a(3) || b(3)); end;",
                "12",
            ),
        ],
    );
}

#[test]
fn arrays() {
    let mut session = session();
    with_show(&mut session);
    check_blocks(
        &mut session,
        &[
            (
                "declare type t is table of varchar2(10) index by varchar2(20); a t; k varchar2(20); begin a('b') := '2'; a('a') := '1'; a('c') := '3'; \
                 k := a.first; while k is not null loop show(k || a(k)); k := a.next(k); end loop; end;",
                "a1;b2;c3",
            ),
            (
                "declare type t is table of number index by binary_integer; a t; begin for i in -2..2 loop a(i) := i * i; end loop; \
                 show(a.count || ' ' || a.first || ' ' || a.last || ' ' || a.prior(0) || ' ' || a.next(0)); a.delete(0); a.delete(1, 2); \
                 show(a.count); if not a.exists(0) and a.exists(-1) then show('gone'); end if; a.delete; show(a.count || nvl(a.first, 99)); end;",
                "5 -2 2 -1 1;2;gone;099",
            ),
            (
                "declare type t is table of number index by varchar2(5); a t; begin show(a('x')); exception when no_data_found then show('missing'); end;",
                "missing",
            ),
            (
                "declare type t is table of number index by varchar2(5); a t; m number; procedure fill(x in out nocopy t, n out number) is begin \
                 x('k') := 5; n := x.count; end; begin fill(a, m); show(a('k') || m); end;",
                "51",
            ),
            (
                "declare type t is table of varchar2(3) index by pls_integer; a t; begin a(1) := 'four'; exception when value_error then show(sqlerrm); end;",
                "ORA-06502: PL/SQL: numeric or value error: character string buffer too small",
            ),
        ],
    );
}

#[test]
fn binds_of_a_block_are_by_name() {
    let mut session = session();
    with_show(&mut session);
    let mut block = session
        .prepare("begin show(:b || :a || :b); insert into shown_texts values (99, :a); end;")
        .expect("prepare");
    assert_eq!(block.bind_count(), 2);
    block.bind(1, Value::Text("x".into())).expect("bind");
    block.bind(2, Value::Integer(7)).expect("bind");
    block.execute(&mut session).expect("execute");
    assert_eq!(get(&mut session, "select v from shown_texts order by n"), "x7x;7");
    assert_eq!(fails(&mut session, "begin show(:1); end;"), 1008);
    let mut call = session.prepare("call show(:1)").expect("prepare");
    call.bind(1, Value::Null).expect("bind");
    call.execute(&mut session).expect("execute");
    assert_eq!(get(&mut session, "select count(*) from shown_texts where v is null"), "1");
    for text in ["begin :1 := 2; end;", "begin select 1 into :1 from dual; end;"] {
        let error = session.prepare(text).expect_err("OUT binds");
        assert!(error.message().contains("OUT binds"), "{error}");
    }
}

#[test]
fn a_failing_block_undoes_itself_alone() {
    let mut session = session();
    run(&mut session, &["create table t (x number)", "insert into t values (1)"]);
    assert_eq!(fails(&mut session, "begin insert into t values (2); raise no_data_found; end;"), 1403);
    assert!(session.in_transaction());
    assert_eq!(get(&mut session, "select x from t"), "1");
    session.rollback().expect("rollback");
    assert_eq!(fails(&mut session, "begin insert into t values (3); raise no_data_found; end;"), 1403);
    assert!(!session.in_transaction(), "a transaction that the block began ends with it");
    run(&mut session, &["savepoint a", "insert into t values (1)", "savepoint b"]);
    let block =
        "begin insert into t values (4); rollback to a; insert into t values (5); raise zero_divide; end;";
    assert_eq!(fails(&mut session, block), 1476);
    assert_eq!(
        get(&mut session, "select count(*) from t"),
        "0",
        "what the block's own ROLLBACK undid stays undone"
    );
    run(&mut session, &["insert into t values (6)", "savepoint c"]);
    let block = "begin savepoint c; insert into t values (7); savepoint d; raise zero_divide; end;";
    assert_eq!(fails(&mut session, block), 1476);
    run(&mut session, &["insert into t values (8)", "rollback to c"]);
    assert_eq!(get(&mut session, "select x from t"), "6");
    run(
        &mut session,
        &["begin insert into t values (9); commit; insert into t values (10); end;", "rollback"],
    );
    assert_eq!(get(&mut session, "select x from t order by x"), "6;9");
    let block = "begin insert into t values (11); commit; insert into t values (12); raise zero_divide; end;";
    assert_eq!(fails(&mut session, block), 1476);
    assert!(!session.in_transaction());
    assert_eq!(get(&mut session, "select x from t order by x"), "6;9;11");
}

#[test]
fn the_clock_goes_on_inside_a_block() {
    let mut session = session();
    with_show(&mut session);
    let block = "declare t timestamp := systimestamp; n number := 0; begin while systimestamp <= t loop n := n + 1; end loop; show('later'); end;";
    assert_eq!(shown(&mut session, block), "later");
}

#[test]
fn a_block_that_was_kept_follows_the_length_semantics() {
    let mut session = session();
    let block = "declare v varchar2(3) := 'äöü'; begin null; end;";
    assert_eq!(fails(&mut session, block), 6502);
    run(&mut session, &["alter session set nls_length_semantics = char", block]);
    run(&mut session, &["alter session set nls_length_semantics = byte"]);
    assert_eq!(fails(&mut session, block), 6502);
}
