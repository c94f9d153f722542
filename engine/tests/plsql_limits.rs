//! What stops PL/SQL from outside, and the limits that keep it from taking all memory or the whole stack.

mod support;

use std::thread;
use std::time::{Duration, Instant};

use orapool_engine::{Session, check_plsql, classify, split_script};
use support::{broken, check_blocks, fails, get, instance, log_on, run, session, shown, with_show};

const STUBBORN: &str =
    "begin loop begin loop null; end loop; exception when others then null; end; end loop; end;";
const SLEEPY: &str =
    "begin loop begin dbms_session.sleep(600); exception when others then null; end; end loop; end;";
const QUERYING: &str = "declare n number; begin loop begin select count(*) into n from n a, n b, n c, n d; exception when others then null; end; end loop; end;";

fn busy(session: &mut Session) {
    run(session, &["create table n (x number)", "insert into n values (1)"]);
    for _ in 0..8 {
        run(session, &["insert into n select x from n"]);
    }
    session.commit().expect("commit");
}

#[test]
fn a_break_gets_out_of_every_loop() {
    for sql in [STUBBORN, SLEEPY, QUERYING] {
        let mut session = session();
        busy(&mut session);
        run(&mut session, &["create table t (x number)", "insert into t values (1)"]);
        let (code, mut session) = broken(session, sql);
        assert_eq!(code, 1013);
        assert!(session.in_transaction(), "what the call did is undone, and no more");
        assert_eq!(get(&mut session, "select count(*) from t"), "1");
    }
}

#[test]
fn a_break_undoes_the_block() {
    let mut session = session();
    run(&mut session, &["create table t (x number)", "insert into t values (1)"]);
    let (code, mut session) = broken(session, "begin insert into t values (2); loop null; end loop; end;");
    assert_eq!(code, 1013);
    assert_eq!(get(&mut session, "select x from t"), "1");
}

#[test]
fn a_timeout_gets_out_of_every_loop() {
    let mut session = session();
    busy(&mut session);
    for sql in [STUBBORN, SLEEPY, QUERYING] {
        session.set_call_timeout(Some(Duration::from_millis(30)));
        let error = session.execute(sql).expect_err("timed out");
        assert_eq!((error.code(), error.session_dead()), (3136, false));
        session.set_call_timeout(None);
        assert_eq!(get(&mut session, "select count(*) from n"), "256");
    }
}

#[test]
fn a_kill_gets_out_of_every_loop() {
    for sql in [STUBBORN, SLEEPY] {
        let instance = instance();
        let (mut victim, mut killer) = (log_on(&instance), log_on(&instance));
        let (sid, serial) = (victim.sid(), victim.serial());
        run(&mut victim, &["create table t (x number)", "insert into t values (1)"]);
        let runner = thread::spawn(move || (victim.execute(sql).expect_err("killed").code(), victim));
        let deadline = Instant::now() + Duration::from_secs(30);
        while get(&mut killer, &format!("select status from v$session where sid = {sid}")) != "ACTIVE" {
            assert!(Instant::now() < deadline, "the victim never became active");
            thread::yield_now();
        }
        run(
            &mut killer,
            &[&format!("alter system kill session '{sid},{serial}'"), "insert into t values (2)", "commit"],
        );
        let (code, victim) = runner.join().expect("the victim's thread ends");
        assert_eq!(code, 28);
        drop(victim);
        assert_eq!(get(&mut killer, "select x from t"), "2");
    }
}

#[test]
fn a_kill_inside_an_autonomous_routine() {
    let instance = instance();
    let (mut victim, mut killer) = (log_on(&instance), log_on(&instance));
    run(
        &mut victim,
        &[
            "create table t (x number)",
            "create procedure p is pragma autonomous_transaction; begin loop null; end loop; end;",
            "insert into t values (1)",
        ],
    );
    let (sid, serial) = (victim.sid(), victim.serial());
    let runner = thread::spawn(move || (victim.execute("begin p; end;").expect_err("killed").code(), victim));
    let deadline = Instant::now() + Duration::from_secs(30);
    while get(&mut killer, &format!("select status from v$session where sid = {sid}")) != "ACTIVE" {
        assert!(Instant::now() < deadline, "the victim never became active");
        thread::yield_now();
    }
    run(&mut killer, &[&format!("alter system kill session '{sid},{serial}'")]);
    assert_eq!(runner.join().expect("the victim's thread ends").0, 28);
    run(&mut killer, &["insert into t values (2)", "commit"]);
    assert_eq!(get(&mut killer, "select x from t"), "2");
}

#[test]
fn recursion_without_end() {
    let mut session = session();
    with_show(&mut session);
    run(
        &mut session,
        &[
            "create procedure down(n number) is begin down(n + 1); end;",
            "create function depth(n number) return number is begin return 1 + depth(n + 1); exception when storage_error then return 1; end;",
            "create package a as procedure p; end;",
            "create package b as procedure p; end;",
            "create package body a as procedure p is begin b.p; end; end;",
            "create package body b as procedure p is begin a.p; end; end;",
        ],
    );
    assert_eq!(fails(&mut session, "begin down(1); end;"), 6500);
    assert_eq!(fails(&mut session, "begin a.p; end;"), 6500);
    assert_eq!(shown(&mut session, "begin if depth(1) > 1000 then show('deep'); end if; end;"), "deep");
    let locally = "declare procedure p is procedure q is begin p; end; begin q; end; begin p; end;";
    assert_eq!(fails(&mut session, locally), 6500);
}

#[test]
fn packages_that_need_each_other() {
    let mut session = session();
    run(&mut session, &["create package a as x number; end;", "create package b as y number := a.x; end;"]);
    assert_eq!(fails(&mut session, "create or replace package a as x number := b.y; end;"), 6550);
    run(&mut session, &["begin a.x := 1; end;"]);
    assert!(session.execute("create or replace package c as t c.t%type; end;").is_err());
}

#[test]
fn an_array_without_end() {
    let mut session = session();
    let block = "declare type t is table of number index by pls_integer; a t; n pls_integer := 0; begin loop a(n) := n; n := n + 1; end loop; end;";
    assert_eq!(fails(&mut session, block), 6500);
}

fn hostile() -> Vec<String> {
    let many = 20_000;
    vec![
        format!("begin x := {}1{}; end;", "(".repeat(many), ")".repeat(many)),
        format!("begin x := {}1; end;", "- ".repeat(many)),
        format!("begin x := {} true; end;", "not ".repeat(many)),
        format!("begin {} null; {} end;", "begin ".repeat(many), "end; ".repeat(many)),
        format!("begin {} null; {} end;", "if true then ".repeat(many), "end if; ".repeat(many)),
        format!("begin {} null; {} end;", "loop ".repeat(many), "end loop; ".repeat(many)),
        format!("begin x := {} 1 {}; end;", "case when true then ".repeat(many), "end ".repeat(many)),
        format!("begin x := {}1{}; end;", "f(".repeat(many), ")".repeat(many)),
        format!("declare {} begin null; end;", "procedure p is ".repeat(many)),
        format!("begin x{}; end;", ".a".repeat(many)),
        format!("begin select {}1{} into x from dual; end;", "(".repeat(many), ")".repeat(many)),
        format!("begin for r in ({} loop null; end loop; end;", "(select 1 from ".repeat(many)),
        format!("begin x := 1{}; end;", " ** 2".repeat(many)),
        format!("begin x := 1{}; end;", " between 1 and 2".repeat(many)),
        format!("begin {} end;", "/* ".repeat(many)),
        format!("begin p({}) end;", (0..many).map(|n| format!(":b{n}, ")).collect::<String>()),
        "begin x := 'a".to_owned(),
        "begin x := q'[a".to_owned(),
        "begin x := \"".to_owned(),
        "begin x := \"\"; end;".to_owned(),
        "begin x := 1.; y := .; end;".to_owned(),
        "begin x := 1e; end;".to_owned(),
        "begin x := 1e99999999999; end;".to_owned(),
        "begin x := date 'x'; end;".to_owned(),
        "begin :; end;".to_owned(),
        "begin x := :".to_owned(),
        "begin x(".to_owned(),
        "<<".to_owned(),
        "<<a>>".to_owned(),
        "declare".to_owned(),
        "call".to_owned(),
        "call p(".to_owned(),
        "create procedure".to_owned(),
        "create or replace package body".to_owned(),
        "create package a.b.c.d as end;".to_owned(),
        "declare x number(999999999999999999999); begin null; end;".to_owned(),
        "declare x varchar2(99999999999999999999); begin null; end;".to_owned(),
        "declare x timestamp(99); begin null; end;".to_owned(),
        "declare pragma exception_init(x, -99999999999); begin null; end;".to_owned(),
        format!("declare {} number; begin null; end;", "x".repeat(200)),
        "begin \u{1F600} := 1; end;".to_owned(),
        "begin x := '\u{1F600}' \u{FEFF}; end;".to_owned(),
    ]
}

#[test]
fn hostile_text_is_an_error() {
    let mut session = session();
    for text in hostile() {
        let shown: String = text.chars().take(60).collect();
        drop(check_plsql(&text));
        assert!(session.execute(&text).is_err(), "{shown}");
        drop((classify(&text), split_script(&text)));
    }
}

#[test]
fn every_beginning_of_a_text_is_safe() {
    let text = "create or replace package body p as type t is table of varchar2(9) index by pls_integer; e exception; pragma exception_init(e, -20001); \
        function f(a in out nocopy number, b varchar2 := q'[x]') return p.t is pragma autonomous_transaction; x a.b%type not null := 1e-5; begin \
        <<l>> for i in reverse 1..2 loop exit l when i is not null and not (a between 1 and 2 or b like 'x' escape '!'); end loop l; \
        for r in (select a, trim(both 'x' from b) from t where x = :y) loop null; end loop; execute immediate 'x' || y into z using in 1, 2; \
        case a when 1 then null; else raise e; end case; select 1 into x from dual; t(1) := case when 1 = 1 then 2 end; return null; exception when e or x.y then \
        raise; when others then null; end f; begin null; end p;";
    check_plsql(text).expect("the whole of it");
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        drop(check_plsql(&text[..end]));
        drop(check_plsql(&text[end..]));
        drop(check_plsql(&format!("begin {} end;", &text[end..])));
    }
}

#[test]
fn the_checker_knows_what_is_plsql() {
    for good in [
        "begin null; end;",
        "call p(1)",
        "create procedure p is begin unknown_one; end;",
        "<<x>> begin null; end;",
    ] {
        check_plsql(good).expect(good);
    }
    for (bad, code) in [("select 1 from dual", 900), ("", 900), ("begin null end;", 6550), ("begin 'x", 1756)]
    {
        assert_eq!(check_plsql(bad).expect_err(bad).code(), code);
    }
}

#[test]
fn blocks_inside_blocks_inside_the_stack() {
    let mut session = session();
    let (open, close) = ("(".repeat(80), ")".repeat(80));
    let inner = format!(
        "declare x number; begin begin begin x := {open}1{close}; if x = 1 then deeper(:1); end if; end; end; end;"
    );
    run(
        &mut session,
        &[&format!(
            "create procedure deeper(n number) is begin execute immediate '{inner}' using n + 1; end;"
        )
        .replace("deeper(:1)", "execute immediate ''begin deeper(:1); end;'' using 1 + :1")],
    );
    assert_eq!(fails(&mut session, "begin deeper(1); end;"), 36);
}

#[test]
fn deep_but_within_the_limit() {
    let mut session = session();
    with_show(&mut session);
    let around = |open: &str, close: &str, count: usize, inner: &str| {
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    for statement in [
        around("if true then ", " end if;", 90, "show('in');"),
        around("begin ", " end;", 90, "show('in');"),
        around("for i in 1..1 loop ", " end loop;", 90, "show('in');"),
        around("begin raise zero_divide; exception when others then ", " end;", 90, "show('in');"),
        format!("show({});", around("(", ")", 90, "'in'")),
        format!("show({});", around("upper(", ")", 45, "'in'").replace("upper", "lower")),
        format!("show({});", around("case when true then ", " end", 45, "'in'")),
        format!("if {} true then show('in'); end if;", "not ".repeat(90)),
        format!("show(length({}) - 1998 || 'n');", vec!["'x'"; 1999].join(" || ")),
    ] {
        let text = shown(&mut session, &format!("begin {statement} end;"));
        assert!(text == "in" || text == "1n", "{text}");
    }
}

#[test]
fn lines_and_arrays_are_bounded_in_bytes() {
    let mut session = session();
    with_show(&mut session);
    check_blocks(
        &mut session,
        &[
            (
                "begin dbms_output.enable(2000); for i in 1..3000 loop dbms_output.new_line; end loop; exception when others then show(sqlcode); end;",
                "-20000",
            ),
            (
                "declare type t is table of varchar2(32767) index by pls_integer; a t; x varchar2(32767) := rpad('x', 30000); \
                 begin for i in 1..20000 loop a(i) := x; end loop; exception when storage_error then show(case when a.count between 5000 and 10000 then 'bounded' end); end;",
                "bounded",
            ),
            (
                "declare type i is table of varchar2(30000) index by pls_integer; type o is table of i index by pls_integer; a o; b i; \
                 begin for k in 1..100 loop b(k) := rpad('x', 30000); end loop; for k in 1..1000 loop a(k) := b; end loop; \
                 exception when storage_error then show('bounded'); a.delete(1, 90); a(1) := b; a.delete; a(1) := b; show(a.count); end;",
                "bounded;1",
            ),
        ],
    );
}

#[test]
fn a_statement_of_many_variables() {
    let mut session = session();
    let list = vec!["v"; 20_000].join(",");
    // Not how long it takes is tested, but that it ends: it grew with the square.
    let block = format!(
        "declare v number := 1; n number; begin select count(*) into n from dual where 1 in ({list}); end;"
    );
    assert_eq!(fails(&mut session, &block), 6550, "ORA-01795 inside");
}

#[test]
fn types_inside_types() {
    let arrays = |count: usize| -> String {
        (1..count).map(|n| format!("type t{n} is table of t{} index by pls_integer; ", n - 1)).collect()
    };
    let subtypes: String = (1..30_000).map(|n| format!("subtype s{n} is s{} not null; ", n - 1)).collect();
    let base = "declare type t0 is table of number index by pls_integer;";
    // Each drops its types on a thread's small stack.
    let runner = thread::spawn(move || {
        let mut session = session();
        with_show(&mut session);
        assert_eq!(
            fails(&mut session, &format!("{base} {} x t29999; begin null; end;", arrays(30_000))),
            6550
        );
        assert_eq!(
            shown(&mut session, &format!("{base} {} x t49; begin show(x.count); end;", arrays(50))),
            "0"
        );
        let block = format!("declare subtype s0 is number; {subtypes} x s29999 := 1; begin show(x); end;");
        assert_eq!(shown(&mut session, &block), "1");
    });
    runner.join().expect("no stack overflow");
}
