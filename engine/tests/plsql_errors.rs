//! What does not compile: the number, the line and the column.

mod support;

use support::{check_messages, get, run, session, with_show};

#[test]
fn places() {
    let mut session = session();
    with_show(&mut session);
    check_messages(
        &mut session,
        &[
            (
                "begin nope(:1, :2); end;",
                "ORA-06550: line 1, column 7:\nPLS-00201: identifier 'NOPE' must be declared",
            ),
            (
                "begin\n  null;\n  nope.x(1);\nend;",
                "ORA-06550: line 3, column 3:\nPLS-00201: identifier 'NOPE.X' must be declared",
            ),
            (
                "declare\n ä number;\nbegin ä := y; end;",
                "ORA-06550: line 3, column 12:\nPLS-00201: identifier 'Y' must be declared",
            ),
            (
                "begin null; end",
                "ORA-06550: line 1, column 16:\nPLS-00103: Encountered the symbol \"end-of-file\" when expecting one of the following: ;",
            ),
            ("begin null; end;\n/", "ORA-06550: line 2, column 1:\nPLS-00103: Encountered the symbol \"/\""),
            (
                "begin x = 1; end;",
                "line 1, column 9:\nPLS-00103: Encountered the symbol \"=\" when expecting one of the following: :=",
            ),
            ("begin end;", "PLS-00103: Encountered the symbol \"END\""),
            (
                "begin if 1 = 1 null; end if; end;",
                "PLS-00103: Encountered the symbol \"NULL\" when expecting one of the following: THEN",
            ),
            ("create procedure p is\nbegin\n  nope;\nend;", "ORA-06550: line 3, column 3:\nPLS-00201"),
            (
                "create or replace procedure p(a varchar2(10)) is begin null; end;",
                "PLS-00103: Encountered the symbol \"(\"",
            ),
            ("create procedure p is begin null; end q;", "PLS-00113: END identifier 'Q' must match 'P'"),
            ("create procedure p is begin return 1; end;", "PLS-00372"),
            ("create function f return number is begin return; end;", "PLS-00503"),
            (
                "create procedure p is begin insert into nowhere values (1); end;",
                "line 1, column 22:\nPL/SQL: ORA-00942: table or view does not exist",
            ),
            ("begin select nothing from shown_texts; end;", "PLS-00428"),
            ("declare n number; begin select nothing into n from shown_texts; end;", "PL/SQL: ORA-00904"),
            ("declare n number; begin select n, v into n from shown_texts; end;", "PL/SQL: ORA-00947"),
            (
                "declare a number; b number; begin select n into a, b from shown_texts; end;",
                "PL/SQL: ORA-00913",
            ),
            ("create procedure p is begin show(:x); end;", "PLS-00049: bad bind variable 'X'"),
        ],
    );
    assert_eq!(get(&mut session, "select count(*) from user_objects where object_name in ('P', 'F')"), "0");
}

#[test]
fn names_and_arguments() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create function f(a number, b number default 2) return number is begin return a + b; end;",
            "create package k as c constant number := 1; e exception; subtype s is number; procedure p; end;",
        ],
    );
    check_messages(
        &mut session,
        &[
            ("begin show; end;", "PLS-00306: wrong number or types of arguments in call to 'SHOW'"),
            ("begin show('a', 'b'); end;", "PLS-00306"),
            ("begin show(w => 'a'); end;", "PLS-00306"),
            ("begin show(v => 'a', v => 'b'); end;", "PLS-00306"),
            ("begin f(1); end;", "PLS-00221: 'F' is not a procedure or is undefined"),
            ("declare n number; begin n := show('a'); end;", "PLS-00222"),
            ("declare n number; begin n := f(b => 1); end;", "PLS-00306"),
            ("begin k.nothing; end;", "PLS-00302: component 'NOTHING' must be declared"),
            ("begin k.c := 2; end;", "PLS-00363: expression 'K.C' cannot be used as an assignment target"),
            ("declare n constant number := 1; begin n := 2; end;", "PLS-00363"),
            ("begin for i in 1..2 loop i := 3; end loop; end;", "PLS-00363"),
            ("create procedure p(a number) is begin a := 1; end;", "PLS-00363"),
            ("declare procedure o(x out number) is begin x := 1; end; begin o(1); end;", "PLS-00363"),
            (
                "declare n number; n number; begin null; end;",
                "PLS-00371: at most one declaration for 'N' is permitted",
            ),
            ("declare n nothing; begin null; end;", "PLS-00201: identifier 'NOTHING' must be declared"),
            ("declare n k.e; begin null; end;", "PLS-00488"),
            ("declare n shown_texts.nothing%type; begin null; end;", "PLS-00302"),
            ("begin raise nothing; end;", "PLS-00201"),
            ("begin raise k.s; end;", "PLS-00485"),
            ("begin raise; end;", "PLS-00367"),
            ("begin exit; end;", "PLS-00376"),
            ("begin loop exit nowhere; end loop; end;", "PLS-00201"),
            ("declare procedure fwd; begin fwd; end;", "PLS-00328"),
            ("declare c constant number; begin null; end;", "PLS-00322"),
            ("declare n number not null; begin null; end;", "PLS-00218"),
            ("begin null; exception when others then null; when no_data_found then null; end;", "PLS-00370"),
            ("declare procedure p(a number, a number) is begin null; end; begin p(1, 2); end;", "PLS-00410"),
            ("create package body k as end;", "PLS-00323"),
            ("create package body nothing as end;", "PLS-00304"),
            ("begin dbms_session.nothing; end;", "PLS-00302"),
            (
                "create package body k as procedure p authid current_user is begin null; end; end;",
                "PLS-00157",
            ),
            ("declare pragma exception_init(e, -1); begin null; end;", "PLS-00109"),
            ("declare type t is table of number index by pls_integer; a t; begin a := 1; end;", "PLS-00382"),
            (
                "declare type t is table of number index by pls_integer; a t; begin a.nothing; end;",
                "PLS-00302",
            ),
            ("declare type t is table of number index by date; begin null; end;", "PLS-00315"),
        ],
    );
}

#[test]
fn what_the_engine_does_not_have_is_refused() {
    let mut session = session();
    with_show(&mut session);
    for text in [
        "begin goto x; end;",
        "declare cursor c is select 1 from dual; begin null; end;",
        "declare r shown_texts%rowtype; begin null; end;",
        "declare type t is table of number; begin null; end;",
        "declare type r is record (a number); begin null; end;",
        "declare type t is varray(3) of number; begin null; end;",
        "declare procedure p is begin null; end; procedure p(a number) is begin null; end; begin p; end;",
        "declare n number; begin select 1 bulk collect into n from dual; end;",
        "begin forall i in 1..2 delete from shown_texts; end;",
        "declare n number; begin delete from shown_texts returning n into n; end;",
        "begin execute immediate 'x' using out show; end;",
        "declare f binary_double; begin null; end;",
        "declare pragma serially_reusable; begin null; end;",
        "begin null@remote; end;",
        "create trigger t before insert on shown_texts begin null; end;",
        "create type t as object (a number);",
        "create function f return number pipelined is begin return 1; end;",
    ] {
        let error = session.execute(text).expect_err(text);
        assert!(matches!(error.code(), 6550 | 3001), "{text}: {error}");
    }
}

#[test]
fn handlers_that_take_the_same() {
    let mut session = session();
    check_messages(
        &mut session,
        &[
            (
                "begin null; exception when no_data_found then null; when no_data_found then null; end;",
                "ORA-06550: line 1, column 58:\nPLS-00483: exception 'NO_DATA_FOUND' may appear in at most one exception handler in this block",
            ),
            ("begin null; exception when no_data_found or no_data_found then null; end;", "PLS-00483"),
            (
                "declare e exception; pragma exception_init(e, -1476); begin null; exception when e then null; when zero_divide then null; end;",
                "PLS-00484: redundant exceptions 'E' and 'ZERO_DIVIDE' must appear in same exception handler",
            ),
            ("declare t timestamp := sysdate; begin if t - sysdate > 1 then null; end if; end;", "PLS-00999"),
            ("declare b boolean; begin execute immediate 'select 1 from dual' into b; end;", "PLS-00457"),
        ],
    );
    run(
        &mut session,
        &[
            "declare e exception; pragma exception_init(e, -1476); begin raise e; exception when e or zero_divide then null; end;",
        ],
    );
}
