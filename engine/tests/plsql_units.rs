//! Stored units: creating, replacing, dropping, calling; packages and their state.

mod support;

use orapool_engine::{Instance, InstanceOptions};
use support::{
    check, check_blocks, check_errors, fails, get, instance, log_on, run, session, shown, with_show,
};

#[test]
fn procedures_and_functions() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "CREATE OR REPLACE EDITIONABLE PROCEDURE p(a IN VARCHAR2, b NUMBER := 2, c IN VARCHAR2 DEFAULT 'c' || 'd') AUTHID CURRENT_USER AS\nBEGIN\n  show(a || b || c);\nEND p;",
            "create function twice(n number) return number deterministic is begin return n * 2; end twice;",
            "create or replace procedure swap(a in out varchar2, b in out nocopy varchar2) is t varchar2(100) := a; begin a := b; b := t; end;",
            "create procedure outs(a out number, b out varchar2) is begin show(nvl(b, 'null')); a := 5; b := 'x'; end;",
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "begin p('x'); p('x', 3); p('x', c => 'z'); p(c => 'c', a => 'a', b => 1); scott.p('s'); end;",
                "x2cd;x3cd;x2z;a1c;s2cd",
            ),
            ("begin show(twice(twice(3)) + scott.twice(n => 1)); end;", "14"),
            (
                "declare x varchar2(3) := '1'; y varchar2(3) := '2'; begin swap(x, y); show(x || y); end;",
                "21",
            ),
            ("declare n number; v varchar2(3) := 'old'; begin outs(n, v); show(n || v); end;", "null;5x"),
            ("declare n number; v varchar2(1); begin outs(n, v); show(n || v); end;", "null;5x"),
            (
                "declare type t is table of number index by pls_integer; a t; v varchar2(3); begin outs(a(7), v); show(a.first || a(7)); end;",
                "null;75",
            ),
            (
                "declare x number := 1; procedure fails(a in out number) is begin a := 2; raise zero_divide; end; begin fails(x); exception when zero_divide then show(x); end;",
                "1",
            ),
        ],
    );
    run(&mut session, &["call p('called', 1, '!')"]);
    assert_eq!(get(&mut session, "select v from shown_texts"), "called1!");
    check_errors(
        &mut session,
        &[
            ("create procedure p is begin null; end;", 955),
            ("create function p return number is begin return 1; end;", 955),
            ("create or replace function p return number is begin return 1; end;", 955),
            ("create table p (x number)", 955),
            ("create procedure shown_texts is begin null; end;", 955),
            ("create procedure nobody.p is begin null; end;", 1918),
            ("drop procedure nothing", 4043),
            ("drop function p", 4043),
            ("drop package p", 4043),
            ("call p", 6576),
            ("call twice(1)", 6576),
            ("begin show(twice(null) || 1/0); end;", 1476),
        ],
    );
    run(&mut session, &["drop procedure p", "drop function scott.twice"]);
    assert_eq!(fails(&mut session, "begin p('x'); end;"), 6550);
    run(&mut session, &["create table p (x number)"]);
}

#[test]
fn creating_commits() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create table t (x number)",
            "insert into t values (1)",
            "create procedure p is begin null; end;",
            "rollback",
        ],
    );
    assert_eq!(get(&mut session, "select count(*) from t"), "1");
    run(&mut session, &["insert into t values (2)", "drop procedure p", "rollback"]);
    assert_eq!(get(&mut session, "select count(*) from t"), "2");
}

const COUNTER: &str = "create or replace package counter as start_at constant number := 10; calls number := 0; procedure count; function value return number; end;";
const COUNTER_BODY: &str = "create or replace package body counter as current_value number; function twice return number; \
    procedure count is begin calls := calls + 1; current_value := current_value + 1; end; \
    function value return number is begin return current_value; end; function twice return number is begin return current_value * 2; end; \
    begin current_value := start_at; exception when others then raise; end counter;";

#[test]
fn packages_have_state_per_session() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    with_show(&mut one);
    run(&mut one, &[COUNTER, COUNTER_BODY]);
    run(&mut one, &["begin counter.count; counter.count; end;"]);
    assert_eq!(shown(&mut one, "begin show(counter.value || '/' || counter.calls); end;"), "12/2");
    assert_eq!(shown(&mut two, "begin show(counter.value || '/' || scott.counter.calls); end;"), "10/0");
    run(&mut two, &["begin counter.calls := 7; end;"]);
    assert_eq!(shown(&mut two, "begin show(counter.calls); end;"), "7");
    assert_eq!(shown(&mut one, "begin show(counter.calls); end;"), "2");
    run(&mut one, &["begin dbms_session.reset_package; counter.count; end;"]);
    assert_eq!(shown(&mut one, "begin show(counter.value); end;"), "10");
    run(&mut one, &[&COUNTER_BODY.replace(":= start_at", ":= start_at * 2")]);
    assert_eq!(shown(&mut one, "begin show(counter.value); end;"), "20", "who replaced it has it new");
    assert_eq!(fails(&mut two, "begin show(counter.value); end;"), 4068);
    assert_eq!(shown(&mut two, "begin show(counter.value); end;"), "20");
    run(&mut one, &["drop package body counter"]);
    assert_eq!(fails(&mut one, "begin counter.count; end;"), 6508);
    assert_eq!(
        shown(&mut one, "begin show(counter.start_at); end;"),
        "10",
        "the specification is still there"
    );
    run(&mut one, &["drop package counter"]);
    assert_eq!(fails(&mut one, "begin counter.count; end;"), 6550);
    assert_eq!(fails(&mut two, "begin counter.count; end;"), 6550);
}

#[test]
fn what_a_package_hides_and_shows() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &[COUNTER, COUNTER_BODY]);
    assert_eq!(fails(&mut session, "begin show(counter.twice); end;"), 6550, "it is private");
    run(
        &mut session,
        &[
            "create package types as type list_t is table of number index by pls_integer; subtype word is varchar2(4); failed exception; \
             pragma exception_init(failed, -20123); other exception; procedure fail(how number); function sum_of(l list_t) return number; end;",
            "create package body types as procedure fail(how number) is begin if how = 1 then raise failed; end if; raise other; end; \
             function sum_of(l list_t) return number is s number := 0; i pls_integer := l.first; begin while i is not null loop s := s + l(i); \
             i := l.next(i); end loop; return s; end; end types;",
            "create procedure uses(l types.list_t) is begin show(types.sum_of(l)); end;",
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare l types.list_t; w types.word := 'four'; begin l(1) := 5; l(-3) := 6; uses(l); show(w); end;",
                "11;four",
            ),
            ("begin types.fail(1); exception when types.failed then show(sqlcode); end;", "-20123"),
            (
                "begin types.fail(2); exception when types.failed then show('wrong'); when types.other then show(sqlcode || sqlerrm); end;",
                "1User-Defined Exception",
            ),
        ],
    );
}

#[test]
fn the_owners_names() {
    let instance = instance();
    let mut scott = log_on(&instance);
    with_show(&mut scott);
    run(
        &mut scott,
        &[
            "create table mine (x number)",
            "insert into mine values (1)",
            "create user hr identified by hr",
            "create table hr.mine (x number)",
            "create function mine_count return number is n number; m number; begin select count(*) into n from mine; \
             execute immediate 'select count(*) from mine' into m; return n * 10 + m; end;",
            "create function schema_now return varchar2 is begin return sys_context('userenv', 'current_schema'); end;",
            "create function callers_count return number authid current_user is n number; m number; begin select count(*) into n from mine; \
             execute immediate 'select count(*) from mine' into m; return n * 10 + m; end;",
            "create function through_owner return number is begin return callers_count; end;",
            "alter session set current_schema = hr",
        ],
    );
    run(
        &mut scott,
        &[
            "begin scott.show(scott.mine_count || ' ' || scott.callers_count || ' ' || scott.through_owner || ' ' || scott.schema_now); end;",
        ],
    );
    assert_eq!(get(&mut scott, "select v from scott.shown_texts"), "11 0 11 SCOTT");
    assert_eq!(get(&mut scott, "select sys_context('userenv', 'current_schema') from dual"), "HR");
    assert_eq!(fails(&mut scott, "begin show('x'); end;"), 6550, "SHOW is not HR's");
    run(&mut scott, &["alter session set current_schema = scott"]);
    assert_eq!(get(&mut scott, "select count(*) from mine"), "1");
}

#[test]
fn a_specification_may_come_before_its_body() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package k as procedure a; end;",
            "create package body k as procedure a is begin show('a'); end; end;",
            "create or replace package k as body number; procedure a; procedure b; end;",
        ],
    );
    assert_eq!(fails(&mut session, "begin k.a; end;"), 4063);
    run(
        &mut session,
        &[
            "create or replace package body k as procedure b is begin show('b'); end; procedure a is begin b; end; end;",
        ],
    );
    assert_eq!(shown(&mut session, "begin k.a; end;"), "b");
}

#[test]
fn dependencies_that_go() {
    let instance = instance();
    let (mut one, mut two) = (log_on(&instance), log_on(&instance));
    with_show(&mut one);
    run(
        &mut one,
        &[
            "create table t (x number)",
            "create procedure inner_one is begin insert into t values (1); end;",
            "create procedure outer_one is begin inner_one; end;",
            "begin outer_one; end;",
            "commit",
        ],
    );
    run(&mut two, &["begin outer_one; end;", "commit", "drop table t"]);
    let error = one.execute("begin outer_one; end;").expect_err("the table is gone");
    assert_eq!(error.code(), 4063);
    assert!(
        error.message().contains("\"SCOTT.INNER_ONE\" has errors") && error.message().contains("ORA-00942"),
        "{error}"
    );
    run(&mut two, &["create table t (x number)"]);
    run(&mut one, &["begin outer_one; end;", "commit"]);
    run(&mut two, &["create or replace procedure inner_one(a number) is begin null; end;"]);
    assert_eq!(fails(&mut one, "begin outer_one; end;"), 4063);
    run(&mut two, &["drop procedure inner_one"]);
    assert_eq!(fails(&mut one, "begin outer_one; end;"), 4063);
}

#[test]
fn what_runs_can_not_be_replaced_by_itself() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package k as v number := 1; procedure p; end;",
            "create package body k as procedure p is begin v := 5; begin execute immediate 'create or replace package k as a number; procedure p; end;'; \
             exception when others then show(sqlcode); end; show(v); execute immediate 'create or replace procedure other is begin null; end;'; end; end;",
        ],
    );
    assert_eq!(shown(&mut session, "begin k.p; show(k.v); end;"), "-4020;5;5");
}

#[test]
fn the_dictionary_shows_them() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create procedure p as\nbegin\n  null;\nend;",
            "create package k as procedure x; end;",
            "create package body k as procedure x is begin null; end; end;",
            "create function f return number is begin return 1; end;",
        ],
    );
    check(
        &mut session,
        &[
            (
                "select object_name, object_type from user_objects order by 1, 2",
                "F|FUNCTION;K|PACKAGE;K|PACKAGE BODY;P|PROCEDURE",
            ),
            ("select owner, object_type from all_objects where object_name = 'F'", "SCOTT|FUNCTION"),
            (
                "select name, type, line, text from user_source where name = 'P' order by line",
                "P|PROCEDURE|1|procedure p as\n;P|PROCEDURE|2|begin\n;P|PROCEDURE|3|  null;\n;P|PROCEDURE|4|end;",
            ),
            ("select type from user_source where name = 'K' order by type", "PACKAGE;PACKAGE BODY"),
            ("select count(*) from user_errors", "0"),
        ],
    );
}

#[test]
fn a_file_keeps_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = InstanceOptions { file: Some(directory.path().join("kept.db")) };
    let instance = Instance::open("plsql-kept", &options).expect("open");
    let mut session = log_on(&instance);
    with_show(&mut session);
    run(
        &mut session,
        &[
            COUNTER,
            COUNTER_BODY,
            "create table gone (x number)",
            "create procedure uses_gone is begin delete from gone; end;",
            "create procedure dropped is begin null; end;",
            "drop procedure dropped",
            "drop table gone",
            "begin counter.count; end;",
        ],
    );
    drop((session, instance));
    let instance = Instance::open("plsql-kept-again", &options).expect("open again");
    let mut session = log_on(&instance);
    assert_eq!(shown(&mut session, "begin counter.count; show(counter.value); end;"), "11");
    assert_eq!(fails(&mut session, "begin uses_gone; end;"), 4063);
    assert_eq!(fails(&mut session, "begin dropped; end;"), 6550);
}

#[test]
fn blocks_in_a_package_initialisation_have_variables_of_their_own() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package p is procedure q; end;",
            "create package body p is procedure q is begin show('q'); end; \
             begin declare x number := 5; procedure q is begin show('own' || x); x := x + 1; end; begin q; q; show(x); end; q; end;",
        ],
    );
    check_blocks(&mut session, &[("begin p.q; end;", "own5;own6;7;q;q")]);
}

#[test]
fn a_specification_keeps_its_own_length_semantics() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package p is subtype s is varchar2(3); v varchar2(3); function f return s; end;",
            "create package body p is function f return s is begin return 'f'; end; end;",
            "alter session set nls_length_semantics = char",
        ],
    );
    check_blocks(
        &mut session,
        &[
            ("begin show(p.f); end;", "f"),
            ("begin p.v := 'äöü'; exception when value_error then show('three bytes'); end;", "three bytes"),
        ],
    );
}

#[test]
fn the_same_place_in_two_texts_of_a_package() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package p is              e exception; procedure q; end;",
            "create package body p is procedure q is  e exception; begin raise e; end; end;",
        ],
    );
    let places = [
        "package p is              e exception".find("e exception"),
        "package body p is procedure q is  e exception".find("e exception"),
    ];
    let [Some(one), Some(two)] = places else { panic!("the names are there") };
    let blanks = " ".repeat(two - one);
    run(
        &mut session,
        &[&format!("create or replace package p is              {blanks}e exception; procedure q; end;")],
    );
    check_blocks(
        &mut session,
        &[(
            "begin p.q; exception when p.e then show('the wrong one'); when others then show('another'); end;",
            "another",
        )],
    );
}

#[test]
fn users_that_own_units_are_not_dropped() {
    let instance = instance();
    let mut session = log_on(&instance);
    run(
        &mut session,
        &["create user worker identified by x", "create procedure worker.p is begin null; end;"],
    );
    assert_eq!(fails(&mut session, "drop user worker"), 1922);
    assert_eq!(fails(&mut session, "create sequence worker.p"), 955, "one name space");
    run(&mut session, &["drop procedure worker.p", "drop user worker"]);
}

#[test]
fn current_user_is_the_definer() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create user hr identified by x",
            "create procedure hr.defined is begin scott.show(sys_context('userenv', 'current_user') || sys_context('userenv', 'session_user')); end;",
            "create procedure hr.invoked authid current_user is begin scott.show(sys_context('userenv', 'current_user') || user); end;",
            "create procedure hr.both is begin invoked; end;",
        ],
    );
    check_blocks(
        &mut session,
        &[
            ("begin hr.defined; hr.invoked; hr.both; end;", "HRSCOTT;SCOTTSCOTT;HRSCOTT"),
            (
                "declare v varchar2(20); begin execute immediate 'alter session set current_schema = hr'; \
                 select sys_context('userenv', 'current_user') into v from dual; execute immediate 'alter session set current_schema = scott'; show(v); end;",
                "SCOTT",
            ),
        ],
    );
}

#[test]
fn a_package_that_is_replaced_under_a_running_block() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &["create package p is n number := 1; end;"]);
    check_blocks(
        &mut session,
        &[
            (
                "begin execute immediate 'create or replace package p is other number := 7; n number := 2; end;'; show(p.n); exception when others then show(sqlcode); end;",
                "-4065",
            ),
            ("begin show(p.n); end;", "2"),
        ],
    );
}
