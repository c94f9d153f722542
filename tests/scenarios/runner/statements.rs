//! Statements of a session.

use super::errors::{Checked, Findings, failure};
use super::format::Expect;
use super::library::Handle;
use super::outcome::Outcome;
use super::sessions::identity;
use super::world::World;

pub fn execute(
    world: &World,
    session: Handle,
    sql: &str,
    binds: &[Option<String>],
) -> Checked<(Outcome, u64)> {
    let sql = world.target.fill_in(sql);
    if binds.is_empty() {
        return Ok(world.library.execute(session, &sql));
    }
    let (outcome, stmt) = prepare(world, session, &sql, binds);
    let ran = if outcome.is_done() { world.library.stmt_execute(stmt) } else { (outcome, 0) };
    world.library.stmt_free(stmt);
    Ok(ran)
}

fn prepare(world: &World, session: Handle, sql: &str, binds: &[Option<String>]) -> (Outcome, Handle) {
    let (mut outcome, stmt) = world.library.prepare(session, sql);
    for (position, bind) in (1..).zip(binds) {
        if outcome.is_done() {
            outcome = world.library.bind_text(stmt, position, bind.as_deref());
        }
    }
    (outcome, stmt)
}

pub fn query(
    world: &World,
    session: Handle,
    sql: &str,
    binds: &[Option<String>],
) -> Checked<Vec<Vec<Option<String>>>> {
    let sql = world.target.fill_in(sql);
    let (prepared, stmt) = prepare(world, session, &sql, binds);
    let rows = done(prepared, &sql).and_then(|()| {
        done(world.library.stmt_execute(stmt).0, &sql)?;
        fetch_all(world, stmt, &sql)
    });
    world.library.stmt_free(stmt);
    rows
}

fn fetch_all(world: &World, stmt: Handle, sql: &str) -> Checked<Vec<Vec<Option<String>>>> {
    const NO_DATA: i32 = 100;
    let mut rows = Vec::new();
    loop {
        let fetched = world.library.fetch(stmt);
        if fetched.status == NO_DATA {
            return Ok(rows);
        }
        done(fetched, sql)?;
        let columns = 0..world.library.column_count(stmt);
        let row = columns.map(|column| {
            let (outcome, text) = world.library.column_text(stmt, column);
            done(outcome, sql).map(|()| text)
        });
        rows.push(row.collect::<Checked<Vec<_>>>()?);
    }
}

pub fn done(outcome: Outcome, sql: &str) -> Checked {
    if outcome.is_done() && outcome.flaws.is_empty() { Ok(()) } else { failure(format!("{sql}: {outcome}")) }
}

pub fn check_rows(expect: &Expect, rows: u64) -> Checked {
    let mut findings = Findings::default();
    if let Some(expected) = expect.rows {
        findings.equal("rows", rows, expected);
    }
    findings.into_result()
}

/// Runs a statement of the scenario's own doing.
pub fn run_owner(world: &World, sql: &str) -> Checked {
    run(world, world.owner(), sql)
}

pub fn run(world: &World, session: Handle, sql: &str) -> Checked {
    done(execute(world, session, sql, &[])?.0, sql)
}

pub fn kill(world: &World, session: &str) -> Checked {
    let (sid, serial) = identity(world, session)?;
    run(world, world.administrator(), &format!("alter system kill session '{sid},{serial}'"))
}
