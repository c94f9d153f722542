//! The PL/SQL parser: sources of anybody, read and not run.

use orapool_engine::check_plsql;
use orapool_fuzz::{deep_text_of, text_of};

fn check(source: &str) {
    // Whatever it is, it is right or it has an ORA number and a text.
    if let Err(error) = check_plsql(source) {
        assert!(error.code() > 0 && !error.message().is_empty());
    }
}

/// Within a unit, so that not every text ends at its first word.
fn check_in_unit(body: &str) {
    check(body);
    check(&format!("begin {body} end;"));
    check(&format!("create or replace procedure p(a in varchar2) is {body} begin null; end;"));
    check(&format!("create package body k as procedure p is begin {body} end; end k;"));
}

#[test]
fn bytes() {
    bolero::check!().for_each(|bytes: &[u8]| check(&String::from_utf8_lossy(bytes)));
}

#[test]
fn words() {
    bolero::check!().with_type::<Vec<u16>>().for_each(|picks| check_in_unit(&text_of(picks)));
}

#[test]
fn depths() {
    bolero::check!()
        .with_type::<(Vec<u16>, u16)>()
        .with_iterations(200)
        .for_each(|(picks, times)| check_in_unit(&deep_text_of(picks, *times)));
}

/// Nothing is too deep for an error.
#[test]
fn nesting() {
    for (open, close) in [
        ("(", ")"),
        ("begin ", " end;"),
        ("if true then ", " end if;"),
        ("loop ", " end loop;"),
        ("case when true then ", " end case;"),
        ("declare procedure p is begin ", " end; begin null; end;"),
        ("not ", ""),
        ("- ", ""),
        ("f(", ")"),
        ("/*", "*/"),
        ("<<a>> ", ""),
    ] {
        for depth in [99, 101, 5000] {
            check_in_unit(&format!("x := {}1{};", open.repeat(depth), close.repeat(depth)));
            check_in_unit(&format!("{}null;{}", open.repeat(depth), close.repeat(depth)));
        }
    }
}
