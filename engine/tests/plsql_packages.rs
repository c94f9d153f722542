//! The supplied packages.

mod support;

use support::{check_blocks, check_values, get, run, session, with_show};

#[test]
fn dbms_assert() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &["create user hr identified by hr"]);
    let (simple, qualified) = ("ORA-44003: invalid SQL name", "ORA-44004: invalid qualified SQL name");
    check_values(
        &mut session,
        &[
            ("dbms_assert.noop('a''b')", "a'b"),
            ("sys.dbms_assert.enquote_literal('it''''s')", "'it''s'"),
            ("dbms_assert.enquote_literal('''x''')", "'x'"),
            ("dbms_assert.enquote_literal('it''s')", "ORA-06502: PL/SQL: numeric or value error"),
            ("dbms_assert.enquote_literal('x'' or ''1''=''1')", "ORA-06502: PL/SQL: numeric or value error"),
            ("dbms_assert.enquote_name('emp')", "\"EMP\""),
            ("dbms_assert.enquote_name('emp', false)", "\"emp\""),
            ("dbms_assert.enquote_name('\"emp\"')", "\"emp\""),
            ("dbms_assert.enquote_name('e\"p')", simple),
            ("dbms_assert.simple_sql_name(' emp_1$# ')", "emp_1$#"),
            ("dbms_assert.simple_sql_name('\"any thing\"')", "\"any thing\""),
            ("dbms_assert.simple_sql_name('1a')", simple),
            ("dbms_assert.simple_sql_name('a b')", simple),
            ("dbms_assert.simple_sql_name('a.b')", simple),
            ("dbms_assert.simple_sql_name(null)", simple),
            ("dbms_assert.qualified_sql_name('hr.\"Emp\"')", "hr.\"Emp\""),
            ("dbms_assert.qualified_sql_name('hr..emp')", qualified),
            ("dbms_assert.qualified_sql_name('hr.emp;drop')", qualified),
            ("dbms_assert.schema_name('HR')", "HR"),
            ("dbms_assert.schema_name('hr')", "ORA-44001: invalid schema"),
            ("dbms_assert.sql_object_name('show')", "show"),
            ("dbms_assert.sql_object_name('scott.shown_texts')", "scott.shown_texts"),
            ("dbms_assert.sql_object_name('nothing')", "ORA-44002: invalid object name"),
        ],
    );
}

#[test]
fn dbms_output() {
    let mut session = session();
    with_show(&mut session);
    check_blocks(
        &mut session,
        &[
            (
                "declare l varchar2(100); s integer; begin dbms_output.put_line('lost'); dbms_output.get_line(l, s); show(nvl(l, 'nothing') || s); end;",
                "nothing1",
            ),
            (
                "declare l varchar2(100); s integer; begin dbms_output.enable; dbms_output.put('a'); dbms_output.put(1); dbms_output.new_line; \
                 dbms_output.put_line('b'); loop dbms_output.get_line(line => l, status => s); exit when s != 0; show(l); end loop; end;",
                "a1;b",
            ),
            (
                "begin dbms_output.enable(2000); for i in 1..300 loop dbms_output.put_line('0123456789'); end loop; exception when others then show(sqlerrm); end;",
                "ORA-20000: ORU-10027: buffer overflow, limit of 2000 bytes",
            ),
            (
                "declare l varchar2(100); s integer; begin dbms_output.disable; dbms_output.get_line(l, s); show(s); end;",
                "1",
            ),
        ],
    );
}

#[test]
fn session_settings() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "begin dbms_session.set_nls('NLS_DATE_FORMAT', '''DD-MM-YYYY'''); dbms_session.set_identifier('client 7'); \
             dbms_application_info.set_module(module_name => 'm', action_name => 'a'); dbms_application_info.set_client_info('info'); end;",
        ],
    );
    assert_eq!(get(&mut session, "select to_char(date '2024-01-02') from dual"), "02-01-2024");
    assert_eq!(
        get(&mut session, "select client_identifier, module, action, client_info from v$session"),
        "client 7|m|a|info"
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare m varchar2(48); a varchar2(32); begin dbms_application_info.set_action('b'); dbms_application_info.read_module(m, a); show(m || a); end;",
                "mb",
            ),
            (
                "begin dbms_session.set_nls('NLS_NOTHING', 'x'); exception when others then show('refused'); end;",
                "refused",
            ),
            (
                "begin dbms_session.set_nls('NLS_DATE_FORMAT = ''YY'' NLS_CURRENCY', '''x'''); exception when others then show(sqlcode); end;",
                "-2248",
            ),
            (
                "begin dbms_session.clear_identifier; dbms_session.sleep(0); dbms_lock.sleep(0.001); show(nvl(sys_context('userenv', 'client_identifier'), 'none')); end;",
                "none",
            ),
            ("begin dbms_session.sleep(-1); exception when others then show(sqlcode); end;", "-38148"),
        ],
    );
}

#[test]
fn set_nls_takes_one_parameter() {
    let mut session = session();
    with_show(&mut session);
    check_blocks(
        &mut session,
        &[(
            "begin dbms_session.set_nls('nls_date_format = ''YYYY'' --', 'x'); exception when others then show(sqlcode); end;",
            "-2248",
        )],
    );
}
