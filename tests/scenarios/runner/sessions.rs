//! Sessions: got, released, tagged, and what must be true of them.

use std::sync::Arc;

use super::errors::{Checked, Failure, Findings};
use super::expect::check_outcome;
use super::format::{Expect, GetAttrs, GetBit, ReleaseBit, Text};
use super::library::{GetCall, Got, Handle, NULL};
use super::outcome::Outcome;
use super::settings::Bag;
use super::text::{Arguments, optional_bytes, show};
use super::world::{Scope, World};

/// What a get asks for.
pub struct Wish<'a> {
    pub pool: &'a str,
    pub tag: Option<&'a Text>,
    pub mode: &'a [GetBit],
    pub attrs: &'a GetAttrs,
}

pub fn get(world: &Arc<World>, name: &str, wish: &Wish<'_>, expect: &Expect, scope: &Scope) -> Checked {
    let bag = Bag::new(&world.library)?;
    if let Err(refusal) = bag.get_attrs(&world.target, wish.attrs) {
        return check_outcome(&world.target, expect, &refusal);
    }
    let tag = optional_bytes(wish.tag, arguments(scope))?;
    // Most programs give none; the library must not treat them worse.
    let attrs = if wish.attrs.is_empty() { NULL } else { bag.handle };
    let call = GetCall { attrs, tag: tag.as_deref(), mode: get_bits(wish.mode) };
    let got = world.library.get(world.pool(wish.pool)?, &call);
    // Before the checks: after a failed one the scenario still has to give the session back.
    let loan = if got.session == NULL { None } else { Some(world.add_session(name, got.session)?) };
    let came = describe(&got);
    let checked = check_outcome(&world.target, expect, &got.outcome).and_then(|()| match loan {
        Some(_) => check_got(world, name, &got, expect, scope),
        None => Ok(()),
    });
    checked.map_err(|why| Failure(format!("{why}\ngot: {came}")))
}

fn describe(got: &Got) -> String {
    format!("status {}, found {}, tag {}", got.outcome.status, got.found, show(got.ret_tag.as_deref()))
}

fn check_got(world: &World, name: &str, got: &Got, expect: &Expect, scope: &Scope) -> Checked {
    let mut findings = Findings::default();
    let (tag, flaws) = world.library.tag(got.session);
    flaws.into_iter().for_each(|flaw| findings.note(flaw));
    if tag != got.ret_tag {
        findings.note(format!(
            "the get returned the tag {}, but the session's is {}",
            show(got.ret_tag.as_deref()),
            show(tag.as_deref())
        ));
    }
    if let Some(expected) = &expect.tag {
        findings.equal(
            "tag",
            show(tag.as_deref()),
            show(optional_bytes(expected.as_ref(), arguments(scope))?.as_deref()),
        );
    }
    if let Some(expected) = expect.found {
        findings.equal("found", got.found, i32::from(expected));
    }
    if let Some(expected) = expect.is_new {
        findings.equal("is_new", world.library.is_new(got.session), expected);
    }
    check_identity(world, name, expect, &mut findings)?;
    findings.into_result()
}

/// Compares the session of the database behind the loan with those behind other names.
fn check_identity(world: &World, name: &str, expect: &Expect, findings: &mut Findings) -> Checked {
    if let Some(other) = &expect.same_as {
        findings.equal(
            &format!("same_as {other}: SID and serial#"),
            identity(world, name)?,
            identity(world, other)?,
        );
    }
    for other in &expect.not_same_as {
        if identity(world, name)? == identity(world, other)? {
            findings.note(format!("not_same_as {other}: it is the very session"));
        }
    }
    Ok(())
}

pub fn identity(world: &World, name: &str) -> Checked<(u32, u32)> {
    world
        .loan(name)?
        .identity
        .ok_or_else(|| Failure(format!("the session `{name}` did not tell its identity")))
}

pub fn release(
    world: &World,
    session: &str,
    tag: Option<&Text>,
    mode: &[ReleaseBit],
    expect: &Expect,
    scope: &Scope,
) -> Checked {
    let bytes = optional_bytes(tag, arguments(scope))?;
    let outcome = world.library.release(world.session(session, scope)?, bytes.as_deref(), release_bits(mode));
    if !leaves_on_loan(&outcome) {
        world.mark_released(session);
    }
    check_outcome(&world.target, expect, &outcome)
}

/// A release consumes the session, unless an argument or the tag was bad.
fn leaves_on_loan(outcome: &Outcome) -> bool {
    const INVALID_ARGUMENT: i32 = -3;
    const BAD_TAG: i32 = 24488;
    outcome.status == INVALID_ARGUMENT || outcome.code() == BAD_TAG
}

pub fn check_tag(world: &World, session: Handle, expected: Option<&Text>, scope: &Scope) -> Checked {
    let (tag, flaws) = world.library.tag(session);
    let mut findings = Findings::default();
    flaws.into_iter().for_each(|flaw| findings.note(flaw));
    findings.equal("tag", show(tag.as_deref()), show(optional_bytes(expected, arguments(scope))?.as_deref()));
    findings.into_result()
}

pub fn arguments(scope: &Scope) -> Option<&Arguments> {
    scope.callback.as_ref().map(|(_, arguments)| arguments)
}

fn get_bits(mode: &[GetBit]) -> u32 {
    let value = |bit: &GetBit| match bit {
        GetBit::Matchany => 0x20,
        GetBit::PurityNew => 0x40,
        GetBit::PuritySelf => 0x80,
        GetBit::MultipropertyTag => 0x400,
    };
    mode.iter().map(value).fold(0, |bits, bit| bits | bit)
}

pub fn release_bits(mode: &[ReleaseBit]) -> u32 {
    let value = |bit: &ReleaseBit| match bit {
        ReleaseBit::Dropsess => 1,
        ReleaseBit::Retag => 2,
        ReleaseBit::MultipropertyTag => 4,
    };
    mode.iter().map(value).fold(0, |bits, bit| bits | bit)
}
