//! Session fix-ups in the shapes that Oracle's manual and driver samples have.

mod support;

use orapool_engine::{Session, Value, split_script};
use support::{fails, get, instance, log_on, run, session};

fn script(session: &mut Session, text: &str) {
    for statement in split_script(text).expect("the script splits") {
        session.execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

fn call(
    session: &mut Session,
    sql: &str,
    wanted: Value,
    actual: Value,
) -> Result<u64, orapool_engine::Error> {
    let mut block = session.prepare(sql)?;
    block.bind(1, wanted)?;
    block.bind(2, actual)?;
    block.execute(session)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// As the manual of OCI has it, Example 23-2.
const MANUAL: &str = "CREATE OR REPLACE PACKAGE mycb_pack AS
PROCEDURE mycallback (
desired_props IN VARCHAR2,
actual_props IN VARCHAR2
);
END;
/
CREATE OR REPLACE PACKAGE BODY mycb_pack AS
PROCEDURE mycallback (
desired_props IN VARCHAR2,
actual_props IN VARCHAR2
) IS
property VARCHAR2(64);
key VARCHAR2(64);
value VARCHAR2(64);
pos number;
pos2 number;
pos3 number;
idx1 number;
BEGIN
idx1:=1;
pos:=1;
pos2:=1;
pos3:=1;
property := 'tmp';
-- To check if desired properties are part of actual properties
while (pos > 0 and length(desired_props)>pos)
loop
pos := instr (desired_props, ';', 1, idx1);
if (pos=0)
then
property := substr (desired_props, pos2);
else
property := substr (desired_props, pos2, pos-pos2);
end if ;
pos2 := pos+1;
pos3 := instr (property, '=', 1, 1);
key := substr (property, 1, pos3-1);
value := substr (property, pos3+1);
if (key = 'CURRENCY') then
EXECUTE IMMEDIATE 'ALTER SESSION SET NLS_CURRENCY=''' || value || '''';
elsif (key = 'SCHEMA') then
EXECUTE IMMEDIATE 'ALTER SESSION SET CURRENT_SCHEMA=' || value;
end if;
idx1 := idx1+1;
end loop;
END; -- mycallback
END mycb_pack;
/
";

#[test]
fn the_manuals_callback() {
    let mut session = session();
    script(&mut session, MANUAL);
    run(&mut session, &["create user hr identified by hr"]);
    let sql = "BEGIN mycb_pack.mycallback(:1, :2); END;";
    call(&mut session, sql, text("CURRENCY=@;SCHEMA=hr"), Value::Null).expect("the callback runs");
    assert_eq!(get(&mut session, "select sys_context('userenv', 'nls_currency') from dual"), "@");
    assert_eq!(get(&mut session, "select sys_context('userenv', 'current_schema') from dual"), "HR");
    run(&mut session, &["alter session set current_schema = scott"]);
    call(&mut session, sql, text("CURRENCY=£;"), text("x")).expect("the callback runs");
    assert_eq!(get(&mut session, "select sys_context('userenv', 'nls_currency') from dual"), "£");
    let error = call(&mut session, sql, text("SCHEMA=nobody"), Value::Null).expect_err("no such schema");
    assert_eq!(error.code(), 1435);
    assert!(error.message().contains("ORA-06512: at \"SCOTT.MYCB_PACK\", line 36"), "{error}");
    let long = "K".repeat(70);
    let error = call(&mut session, sql, text(&long), Value::Null).expect_err("longer than 64");
    assert_eq!(error.code(), 6502);
    call(&mut session, sql, Value::Null, Value::Null).expect("nothing to do");
}

/// Tags into arrays, differences applied one by one, each call in a log that survives a rollback.
const TAGS: &str = "
create table fixup_log (wanted varchar2(250), had varchar2(250), called timestamp)
/
create or replace package fixup as
  type property_t is table of varchar2(64) index by varchar2(64);
  function build_tab(tag varchar2) return property_t;
  procedure apply_tag(requested varchar2, actual varchar2);
end;
/
create or replace package body fixup as

  type allowed_t is table of varchar2(64) index by varchar2(64);

  procedure note(requested varchar2, actual varchar2) is
    pragma autonomous_transaction;
  begin
    insert into fixup_log values (requested, actual, systimestamp);
    commit;
  end note;

  procedure split(a_pair varchar2, a_name out nocopy varchar2, a_value out nocopy varchar2) is
    at pls_integer;
  begin
    at := instr(a_pair, '=');
    if at = 0 then
      raise_application_error(-20000, 'A tag has pairs of key=value');
    end if;
    a_name := substr(a_pair, 1, at - 1);
    a_value := substr(a_pair, at + 1);
  end;

  function build_tab(tag varchar2) return property_t is
    t_table property_t;
    t_rest varchar2(4000) := tag;
    t_pair varchar2(200);
    t_key varchar2(64);
    t_value varchar2(64);
  begin
    while t_rest is not null loop
      t_pair := substr(t_rest, 1, instr(t_rest || ';', ';') - 1);
      t_rest := substr(t_rest, instr(t_rest || ';', ';') + 1);
      if t_pair is not null then
        split(t_pair, t_key, t_value);
        t_table(t_key) := t_value;
      end if;
    end loop;
    return t_table;
  end;

  procedure set_one(key varchar2, value varchar2) is
    allowed allowed_t;
  begin
    if key = 'TIME_ZONE' then
      allowed('UTC') := 'UTC';
      allowed('MST') := '-07:00';
    elsif key = 'NLS_DATE_FORMAT' then
      allowed('SIMPLE') := 'YYYY-MM-DD HH24:MI';
      allowed('FULL') := 'YYYY-MM-DD HH24:MI:SS';
    else
      raise_application_error(-20000, 'Unknown key ' || key);
    end if;
    if not allowed.exists(value) then
      raise_application_error(-20001, 'Unknown value ' || value);
    end if;
    execute immediate 'ALTER SESSION SET ' || key || '=''' || allowed(value) || '''';
  end;

  procedure apply_tag(requested varchar2, actual varchar2) is
    wanted property_t;
    had property_t;
    key varchar2(64);
  begin
    note(requested, actual);
    wanted := build_tab(requested);
    had := build_tab(actual);
    key := wanted.first;
    while key is not null loop
      if not had.exists(key) or had(key) != wanted(key) then
        set_one(key, wanted(key));
      end if;
      key := wanted.next(key);
    end loop;
  end;
end fixup;
/
";

#[test]
fn a_callback_with_tags_in_arrays() {
    let instance = instance();
    let mut session = log_on(&instance);
    script(&mut session, TAGS);
    let sql = "begin fixup.apply_tag(:wanted, :had); end;";
    call(&mut session, sql, text("TIME_ZONE=MST;NLS_DATE_FORMAT=FULL"), Value::Null).expect("applied");
    assert_eq!(get(&mut session, "select sessiontimezone from dual"), "-07:00");
    assert_eq!(get(&mut session, "select to_char(date '2024-05-06') from dual"), "2024-05-06 00:00:00");
    run(&mut session, &["alter session set time_zone = 'UTC'"]);
    call(&mut session, sql, text("TIME_ZONE=MST;NLS_DATE_FORMAT=SIMPLE"), text("TIME_ZONE=MST"))
        .expect("applied");
    assert_eq!(
        get(&mut session, "select sessiontimezone from dual"),
        "UTC",
        "what is set already is left alone"
    );
    assert_eq!(get(&mut session, "select to_char(date '2024-05-06') from dual"), "2024-05-06 00:00");
    let error = call(&mut session, sql, text("COLOUR=RED"), Value::Null).expect_err("unknown key");
    assert_eq!(error.code(), 20000);
    assert!(
        error.message().starts_with("ORA-20000: Unknown key COLOUR\nORA-06512: at \"SCOTT.FIXUP\", line "),
        "{error}"
    );
    assert!(error.message().ends_with("ORA-06512: at line 1"), "{error}");
    let error = call(&mut session, sql, text("TIME_ZONE=MARS"), Value::Null).expect_err("unknown value");
    assert_eq!(error.code(), 20001);
    assert_eq!(call(&mut session, sql, text("nonsense"), Value::Null).expect_err("no pair").code(), 20000);
    session.rollback().expect("rollback");
    assert_eq!(get(&mut session, "select count(*) from fixup_log"), "5", "the log is of its own transaction");
    assert_eq!(get(&mut session, "select had from fixup_log where had is not null"), "TIME_ZONE=MST");
}

#[test]
fn a_callback_that_is_not_there() {
    let mut session = session();
    let error =
        call(&mut session, "BEGIN nope(:1, :2); END;", text("a"), text("b")).expect_err("nothing there");
    assert_eq!(
        error.message(),
        "ORA-06550: line 1, column 7:\nPLS-00201: identifier 'NOPE' must be declared"
    );
    assert_eq!(fails(&mut session, "call nope('a', 'b')"), 6576);
}

#[test]
fn a_callback_that_kills_its_own_session() {
    let mut session = session();
    run(
        &mut session,
        &[
            "create procedure suicide(a varchar2, b varchar2) is begin execute immediate 'alter system kill session ''' || a || ''''; end;",
        ],
    );
    let own = format!("{},{}", session.sid(), session.serial());
    let error =
        call(&mut session, "begin suicide(:1, :2); end;", text(&own), Value::Null).expect_err("own session");
    assert_eq!(error.code(), 27);
    assert_eq!(get(&mut session, "select 1 from dual"), "1");
}
