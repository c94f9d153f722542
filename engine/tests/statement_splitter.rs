//! What kind of statement a text is, and where scripts are cut.

use orapool_engine::{StatementKind, classify, split_script};

#[test]
fn kinds() {
    let cases = [
        ("select 1 from dual", StatementKind::Query),
        (" -- c\n /* d */ With x as (select 1 from dual) select * from x", StatementKind::Query),
        ("(select 1 from dual) union (select 2 from dual)", StatementKind::Query),
        ("insert into t values (1)", StatementKind::Dml),
        ("MERGE into t", StatementKind::Dml),
        ("create table begin_t (x number)", StatementKind::Ddl),
        ("create or replace view v as select 1 from dual", StatementKind::Ddl),
        ("create or replace editionable package body p as end;", StatementKind::CreateUnit),
        ("CREATE PROCEDURE p AS BEGIN NULL; END;", StatementKind::CreateUnit),
        ("create user u identified by x", StatementKind::User),
        ("drop sequence s", StatementKind::Sequence),
        ("alter session set x = 1", StatementKind::AlterSession),
        ("alter system kill session '1,1'", StatementKind::AlterSystem),
        ("alter table t add x number", StatementKind::Ddl),
        ("commit", StatementKind::Transaction),
        ("set transaction read only", StatementKind::Transaction),
        ("set role none", StatementKind::Unknown),
        ("lock table t in share mode", StatementKind::Lock),
        ("begin null; end;", StatementKind::Block),
        ("<<here>> declare x number; begin null; end;", StatementKind::Block),
        ("call p(1)", StatementKind::Call),
        ("", StatementKind::Empty),
        ("/* nothing */ -- at all", StatementKind::Empty),
        ("123", StatementKind::Unknown),
        ("\"select\" 1", StatementKind::Unknown),
    ];
    for (sql, kind) in cases {
        assert_eq!(classify(sql), Ok(kind), "{sql}");
    }
    assert_eq!(classify("select 'abc").expect_err("open literal").code(), 1756);
}

#[test]
fn scripts() {
    let script = "
-- a script; with a semicolon in a comment
create table t (x varchar2(9) default ';');
insert into t values (q'[it's; fine]');
insert into t values (nq'{a;'b}') /* ; */ ;
begin
  insert into t values (';');
  x := 1 / 2;
end;
/
select x
from t
/

create or replace procedure p as
begin
  null; -- /
end;
  /
;;
commit";
    let statements = split_script(script).expect("splits");
    let starts: Vec<&str> =
        statements.iter().map(|statement| statement.split_whitespace().next().unwrap_or_default()).collect();
    assert_eq!(starts, ["create", "insert", "insert", "begin", "select", "create", "commit"]);
    assert!(statements[0].ends_with("';')"));
    assert!(statements[1].ends_with("')"));
    assert!(statements[3].ends_with("end;") && statements[3].contains("1 / 2"));
    assert_eq!(statements[4], "select x\nfrom t");
    assert!(statements[5].ends_with("end;"));
    assert_eq!(split_script(" ; / ; \n/\n"), Ok(vec!["/"]));
    assert_eq!(split_script("select '").expect_err("open literal").code(), 1756);
}
