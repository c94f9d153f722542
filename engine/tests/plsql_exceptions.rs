//! Exceptions: raising, handling, numbers, texts, and where they came through.

mod support;

use support::{check_blocks, check_messages, fails, run, session, shown, with_show};

#[test]
fn handlers() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &["create table one (x number primary key)", "insert into one values (1)", "commit"]);
    check_blocks(
        &mut session,
        &[
            (
                "declare n number; begin select x into n from one where x = 9; exception when no_data_found then show(sqlcode || ' ' || sqlerrm); end;",
                "100 ORA-01403: no data found",
            ),
            (
                "declare n number; begin select 1 into n from (select 1 from dual union all select 2 from dual); exception when too_many_rows then show(sqlcode); end;",
                "-1422",
            ),
            (
                "begin insert into one values (1); exception when dup_val_on_index then show(sqlcode); end;",
                "-1",
            ),
            (
                "declare n number := 0; begin n := 1 / n; exception when value_error or zero_divide then show(sqlerrm); end;",
                "ORA-01476: divisor is equal to zero",
            ),
            (
                "declare n number; begin select to_number('x') into n from dual; exception when invalid_number then show('sql'); end;",
                "sql",
            ),
            (
                "declare e exception; begin raise e; exception when e then show(sqlcode || sqlerrm); end;",
                "1User-Defined Exception",
            ),
            (
                "declare e exception; pragma exception_init(e, -20007); begin raise_application_error(-20007, 'seven'); exception when e then show(sqlerrm); end;",
                "ORA-20007: seven",
            ),
            (
                "declare e exception; pragma exception_init(e, -942); begin execute immediate 'select 1 from nowhere'; exception when e then show('no table'); end;",
                "no table",
            ),
            (
                "begin begin raise zero_divide; exception when no_data_found then show('wrong'); end; exception when others then show('outer' || sqlcode); end;",
                "outer-1476",
            ),
            (
                "begin begin raise zero_divide; exception when others then show('inner'); raise; end; exception when zero_divide then show('again'); end;",
                "inner;again",
            ),
            (
                "begin begin raise zero_divide; exception when others then raise no_data_found; end; exception when no_data_found then show('another'); end;",
                "another",
            ),
            (
                "begin begin raise zero_divide; exception when others then show(sqlcode); begin raise no_data_found; exception when others then show(sqlcode); end; show(sqlcode); end; show(sqlcode || sqlerrm); end;",
                "-1476;100;-1476;0ORA-0000: normal, successful completion",
            ),
            (
                "begin for i in 1..3 loop begin if i = 2 then raise zero_divide; end if; show(i); exception when others then show('x'); continue; end; end loop; show(sqlcode); end;",
                "1;x;3;0",
            ),
            (
                "begin loop begin raise zero_divide; exception when others then exit; end; end loop; show('out' || sqlcode); end;",
                "out0",
            ),
            (
                "declare function f return number is begin raise zero_divide; exception when others then return sqlcode; end; begin show(f || '/' || sqlcode); end;",
                "-1476/0",
            ),
            (
                "declare procedure p is begin show(sqlcode); end; begin raise zero_divide; exception when others then p; end;",
                "-1476",
            ),
            (
                "declare n number; begin declare m number := 1 / 0; begin null; exception when others then show('wrong'); end; exception when others then show('declared'); end;",
                "declared",
            ),
            (
                "declare e exception; begin declare e exception; begin raise e; end; exception when e then show('wrong'); when others then show('another e'); end;",
                "another e",
            ),
            (
                "begin case 5 when 1 then null; end case; exception when case_not_found then show(sqlcode); end;",
                "-6592",
            ),
            (
                "declare function f return number is begin null; end; begin show(f); exception when others then show(sqlcode); end;",
                "-6503",
            ),
            (
                "begin show(sqlerrm(-1403) || '|' || sqlerrm(0) || '|' || sqlerrm(100)); end;",
                "ORA-01403: no data found|ORA-0000: normal, successful completion|ORA-01403: no data found",
            ),
            (
                "begin raise login_denied; exception when others then show(sqlerrm); end;",
                "ORA-01017: invalid username/password; logon denied",
            ),
            (
                "begin insert into one values (2); raise zero_divide; exception when others then show('kept'); end;",
                "kept",
            ),
        ],
    );
    assert_eq!(
        shown(&mut session, "declare n number; begin select count(*) into n from one; show(n); end;"),
        "2"
    );
}

#[test]
fn unhandled() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create package pk as procedure outer_one; procedure inner_one(n number); end;",
            "create package body pk as\nprocedure inner_one(n number) is\nbegin\n  show(1 / n);\nend;\nprocedure outer_one is\nbegin\n  inner_one(0);\nend;\nend;",
        ],
    );
    assert_eq!(
        shown(&mut session, "begin\n  pk.outer_one;\nend;"),
        "ORA-01476: divisor is equal to zero\nORA-06512: at \"SCOTT.PK\", line 4\nORA-06512: at \"SCOTT.PK\", line 8\nORA-06512: at line 2"
    );
    check_messages(
        &mut session,
        &[
            (
                "declare e exception; begin raise e; end;",
                "ORA-06510: PL/SQL: unhandled user-defined exception\nORA-06512: at line 1",
            ),
            ("begin raise_application_error(-20999, 'text'); end;", "ORA-20999: text\nORA-06512: at line 1"),
            (
                "begin raise_application_error(-21000, 'text'); end;",
                "ORA-21000: error number argument to raise_application_error of -21000 is out of range",
            ),
            ("begin raise_application_error(20000, 'text'); end;", "ORA-21000"),
            (
                "begin raise zero_divide; exception when others then raise_application_error(-20001, 'new', true); end;",
                "ORA-20001: new\nORA-01476: divisor is equal to zero",
            ),
            (
                "begin raise zero_divide; exception when others then raise_application_error(-20001, 'new'); end;",
                "ORA-20001: new\nORA-06512",
            ),
            ("begin raise no_data_found; end;", "ORA-01403: no data found"),
            ("begin raise program_error; end;", "ORA-06501: PL/SQL: program error"),
        ],
    );
    assert_eq!(fails(&mut session, "begin execute immediate 'begin raise zero_divide; end;'; end;"), 1476);
}
