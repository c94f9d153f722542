//! Expressions of PL/SQL: NULL and the empty text, numbers, dates, conversions, functions.

mod support;

use support::{check_blocks, check_messages, check_values, get, run, session, with_show};

#[test]
fn values() {
    let mut session = session();
    with_show(&mut session);
    check_values(
        &mut session,
        &[
            ("1 + 2 * 3", "7"),
            ("(1 + 2) * 3", "9"),
            ("-2 ** 2", "-4"),
            ("2 ** 3 ** 1", "8"),
            ("2 * -3", "-6"),
            ("10 - 4 - 3", "3"),
            ("7 / 2", "3.5"),
            ("1 / 3 * 3", ".9999999999999999999999999999999999999999"),
            ("1e3 + .5", "1000.5"),
            ("1.5E-2", ".015"),
            ("mod(-7, 3)", "-1"),
            ("1 || 2 || 'x'", "12x"),
            ("'a' || null || ''", "a"),
            ("nvl('', 'null')", "null"),
            ("nvl(length(''), -1)", "-1"),
            ("coalesce(null, '', 'c', 1/0)", "c"),
            ("nvl(nullif(1, 1), 9)", "9"),
            ("nullif('a', 'b')", "a"),
            ("to_char('12' + '3')", "15"),
            ("'3' * 4", "12"),
            ("instr('a;b;c', ';', 1, 2)", "4"),
            ("instr('abcabc', 'b', -1)", "5"),
            ("substr('abcdef', -3, 2)", "de"),
            ("substr('abcdef', 3)", "cdef"),
            ("trim('  x ') || '|'", "x|"),
            ("trim(leading 'x' from 'xxaxx')", "axx"),
            ("trim(trailing 'x' from 'xxaxx')", "xxa"),
            ("trim(both 'x' from 'xxaxx')", "a"),
            ("trim('x' from 'xxaxx')", "a"),
            ("trim(leading from ' a')", "a"),
            ("ltrim('xya', 'xy') || rtrim('ayx', 'xy')", "aa"),
            ("replace(upper('abc'), 'B', '-') || lower('D')", "A-Cd"),
            ("lpad('7', 3, '0')", "007"),
            ("to_char(to_date('2024-02-28', 'YYYY-MM-DD') + 2, 'DD.MM.YYYY')", "01.03.2024"),
            ("date '2024-03-01' - date '2024-02-01'", "29"),
            ("to_char(timestamp '2024-03-01 12:30:00.5', 'HH24:MI:SS.FF3')", "12:30:00.500"),
            ("extract(month from date '2024-03-01')", "3"),
            ("cast('12.7' as number(3))", "13"),
            ("to_char(1234.5, '9G999D00')", " 1,234.50"),
            ("sys_context('userenv', 'session_user') || user", "SCOTTSCOTT"),
            ("case when 1 = 1 then 'a' else 'b' end", "a"),
            ("case 3 when 1 then 'a' end || 'x'", "x"),
            ("greatest(1, 3, 2) || least('b', 'a')", "3a"),
            ("N'x' || q'{a'b}' || Q'!c!'", "xa'bc"),
            ("standard.upper('a')", "A"),
        ],
    );
}

#[test]
fn conditions() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create function truth(b boolean) return varchar2 is begin return case when b then 'true' when not b then 'false' else 'null' end; end;",
        ],
    );
    check_values(
        &mut session,
        &[
            ("truth(1 = 1)", "true"),
            ("truth(null)", "null"),
            ("truth('' = '')", "null"),
            ("truth('' is null)", "true"),
            ("truth(1 is not null)", "true"),
            ("truth(null and false)", "false"),
            ("truth(null and true)", "null"),
            ("truth(null or true)", "true"),
            ("truth(false or null)", "null"),
            ("truth(not null)", "null"),
            ("truth(false and 1/0 = 1)", "false"),
            ("truth(true or 1/0 = 1)", "true"),
            ("truth(1 != 2 and 1 <> 2 and 1 ^= 2 and 1 ~= 2)", "true"),
            ("truth(2 between 1 and 3 and 4 not between 1 and 3)", "true"),
            ("truth(null between 1 and 3)", "null"),
            ("truth(0 between 1 and null)", "false"),
            ("truth('b' in ('a', 'b'))", "true"),
            ("truth('c' in ('a', null))", "null"),
            ("truth('a' not in ('a', null))", "false"),
            ("truth('abc' like 'a%' and 'abc' not like '_c')", "true"),
            ("truth('a%c' like 'a\\%c' escape '\\')", "true"),
            ("truth(true = false)", "false"),
            ("truth((1 = 1) != (1 = 2))", "true"),
            ("truth('10' > 9)", "true"),
            ("truth(not 1 = 2)", "true"),
            ("truth(date '2024-01-01' < sysdate)", "true"),
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare c char(5) := 'ab'; begin if c = 'ab' then show('padded' || length(c)); end if; end;",
                "padded5",
            ),
            (
                "declare c char(5) := 'ab'; v varchar2(5) := 'ab'; begin if c != v then show('not padded'); end if; end;",
                "not padded",
            ),
            (
                "declare n number := 0; function f return number is begin n := n + 1; return n; end; begin if f in (1, 2) and n = 1 then show(n); end if; end;",
                "1",
            ),
        ],
    );
}

#[test]
fn types_and_sizes() {
    let mut session = session();
    with_show(&mut session);
    run(&mut session, &["create table t (name varchar2(3), n number(4, 1), d date)"]);
    let too_small = "ORA-06502: PL/SQL: numeric or value error: character string buffer too small";
    check_blocks(
        &mut session,
        &[
            (
                "declare v varchar2(3) := 'abcd'; begin null; exception when others then show('not here'); end;",
                &format!("{too_small}\nORA-06512: at line 1"),
            ),
            (
                "declare v varchar2(3); begin v := 'äb'; v := v || 'c'; exception when value_error then show(sqlerrm); end;",
                too_small,
            ),
            ("declare v varchar2(3 char); begin v := 'äöü'; show(v); end;", "äöü"),
            (
                "declare n number(3, 1) := 12.35; begin show(n); n := 100; exception when value_error then show(sqlcode); end;",
                "12.4;-6502",
            ),
            (
                "declare n pls_integer := 2.5; begin show(n); n := 3000000000; exception when others then show(sqlerrm); end;",
                "3;ORA-01426: numeric overflow",
            ),
            (
                "declare n natural; begin n := -1; exception when value_error then show('negative'); end;",
                "negative",
            ),
            (
                "declare n positive := 1; begin n := n - 1; exception when value_error then show('zero'); end;",
                "zero",
            ),
            (
                "declare n number not null := 1; begin n := null; exception when value_error then show(sqlerrm); end;",
                "ORA-06502: PL/SQL: numeric or value error",
            ),
            (
                "declare n number; begin n := 'x'; exception when value_error then show(sqlerrm); end;",
                "ORA-06502: PL/SQL: numeric or value error: character to number conversion error",
            ),
            (
                "declare n number; begin n := to_number('x'); exception when value_error then show('value'); end;",
                "value",
            ),
            (
                "declare v t.name%type; w v%type; begin w := 'abc'; show(w); v := 'abcd'; exception when value_error then show('size of the column'); end;",
                "abc;size of the column",
            ),
            ("declare n scott.t.n%type := 12.34; begin show(n); end;", "12.3"),
            (
                "declare subtype code is varchar2(2); c code; begin c := 'ab'; show(c); c := 'abc'; exception when value_error then show('subtype'); end;",
                "ab;subtype",
            ),
            (
                "declare v varchar2(32767); begin v := rpad('x', 4000); for i in 1..20 loop v := v || v; end loop; exception when value_error then show(length(v)); end;",
                "32000",
            ),
            ("declare d date; begin d := 'x'; exception when others then show(sqlcode); end;", "-1858"),
            ("declare r raw(2) := hextoraw('0aFF'); begin show(r); end;", "0AFF"),
            (
                "declare b boolean; begin if b is null then show('null'); end if; b := 1 = 1; b := not b; if b then null; else show('false'); end if; end;",
                "null;false",
            ),
            ("declare c char(3); begin show(nvl(c, 'null')); c := 'x'; show(c || '|'); end;", "null;x  |"),
        ],
    );
    check_messages(
        &mut session,
        &[
            ("declare v varchar2; begin null; end;", "PLS-00215"),
            ("declare v varchar2(0); begin null; end;", "PLS-00215"),
            ("declare n boolean := 1; begin null; end;", "PLS-00382"),
            ("declare n number := true; begin null; end;", "PLS-00382"),
            ("declare n number := sysdate; begin null; end;", "PLS-00382"),
            ("begin if 1 then null; end if; end;", "PLS-00382"),
            ("begin show(1 = 1); end;", "PLS-00306"),
            ("declare n number := sysdate * 2; begin null; end;", "PLS-00306"),
            ("begin show(decode(1, 1, 2)); end;", "PLS-00204"),
            ("begin show(substr('a')); end;", "PLS-00306"),
        ],
    );
}

#[test]
fn blanks_at_the_end_of_chars() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &["create table t (c char(5), v varchar2(5))", "insert into t values ('ab', 'ab')", "commit"],
    );
    check_values(
        &mut session,
        &[
            ("case when 'a' = 'a  ' then 'T' else 'F' end", "T"),
            ("case 'a  ' when 'a' then 'T' else 'F' end", "T"),
            ("case when 'a ' in ('b', 'a') then 'T' else 'F' end", "T"),
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "begin for r in (select c, v from t) loop if r.c = 'ab' then show('eq'); end if; if r.c = r.v then show('no'); end if; show('[' || r.c || ']'); end loop; end;",
                "eq;[ab   ]",
            ),
            (
                "declare x t.c%type := 'ab'; procedure p(c char) is begin if c = 'ab' then show('eq'); end if; show(length(c)); end; begin p(x); p('ab '); end;",
                "eq;5;eq;3",
            ),
            (
                "declare function f return char is begin return 'ab   '; end; begin if f = 'ab' then show('eq'); end if; show(length(f)); end;",
                "eq;5",
            ),
            (
                "declare x char(5) := 'ab'; y varchar2(5) := 'ab'; begin show(case when x = y then 'eq' else 'ne' end); end;",
                "ne",
            ),
        ],
    );
}

#[test]
fn nvl_evaluates_both() {
    let mut session = session();
    with_show(&mut session);
    check_values(
        &mut session,
        &[
            ("nvl(1, 1/0)", "ORA-01476: divisor is equal to zero"),
            ("coalesce(1, 1/0)", "1"),
            ("nvl(null, 2)", "2"),
            ("nvl('a', 2) || nvl('', 2)", "a2"),
        ],
    );
    check_blocks(
        &mut session,
        &[(
            "declare n number := 0; function f return number is begin n := n + 1; return n; end; begin show(nvl(nvl(f, f), f) || n); end;",
            "13",
        )],
    );
}

#[test]
fn padding_reaches_as_far_as_a_variable() {
    let mut session = session();
    with_show(&mut session);
    check_values(
        &mut session,
        &[
            ("length(rpad('x', 10000, 'x'))", "10000"),
            ("length(lpad('x', 32767, 'y'))", "32767"),
            (
                "length(rpad('x', 32768))",
                "ORA-06502: PL/SQL: numeric or value error: character string buffer too small",
            ),
            (
                "length(rpad('x', 20000, 'é'))",
                "ORA-06502: PL/SQL: numeric or value error: character string buffer too small",
            ),
            (
                "length(concat(rpad('x', 20000), rpad('x', 20000)))",
                "ORA-06502: PL/SQL: numeric or value error: character string buffer too small",
            ),
            ("sqlerrm(7)", " -7: non-ORACLE exception"),
        ],
    );
    assert_eq!(
        get(&mut session, "select length(rpad('x', 10000, 'x')) from dual"),
        "4000",
        "SQL has its own limit"
    );
}

#[test]
fn integers_overflow() {
    let mut session = session();
    with_show(&mut session);
    let overflow = "ORA-01426: numeric overflow";
    check_values(
        &mut session,
        &[
            ("24 * 60 * 60 * 1000 * 1000", overflow),
            ("24.0 * 60 * 60 * 1000 * 1000", "86400000000"),
            ("1e3 * 1000 * 1000 * 1000", "1000000000000"),
            ("2147483647 + 1", overflow),
            ("-2147483647 - 1", "-2147483648"),
            ("-2147483647 - 2", overflow),
            ("2147483648 + 1", "2147483649"),
            ("2147483647 / 1 + 1", "2147483648"),
            ("1 / 2 * 4000000 * 1000000", "2000000000000"),
            ("2 ** 31", "2147483648"),
            ("'2147483647' + 1", "2147483648"),
        ],
    );
    check_blocks(
        &mut session,
        &[
            (
                "declare i pls_integer := 2147483647; n number; begin n := i + 1; exception when others then show(sqlcode); end;",
                "-1426",
            ),
            ("declare i pls_integer := 2147483647; n number := 1; begin show(i + n); end;", "2147483648"),
            ("declare i pls_integer; begin show(nvl(i + 1, 0)); end;", "0"),
            (
                "begin for i in 2147483647..2147483647 loop show(i); show(-i); show(i + 1.0); show(i + 1); end loop; exception when others then show(sqlcode); end;",
                "2147483647;-2147483647;2147483648;-1426",
            ),
            (
                "declare type t is table of number index by pls_integer; a t; begin a(2147483647) := 1; show(a(a.last) + 1); show(a.last + a.count); exception when others then show(sqlcode); end;",
                "2;-1426",
            ),
            (
                "declare function f return pls_integer is begin return 2000000000; end; begin show(f + (f)); exception when others then show(sqlcode); end;",
                "-1426",
            ),
        ],
    );
}

#[test]
fn translate_of_long_texts() {
    let mut session = session();
    with_show(&mut session);
    check_values(
        &mut session,
        &[
            ("translate('abcab', 'aba', 'xyz')", "xycxy"),
            ("translate('abc', 'abc', 'x')", "x"),
            ("length(translate(rpad('a', 32767, 'b'), rpad('x', 32766, 'y') || 'b', 'z'))", "1"),
        ],
    );
}
